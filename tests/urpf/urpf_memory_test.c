/* SPDX-License-Identifier: BSD-2-Clause */
/* uRPF when the host's allocator refuses: every call of it once. */

#include "test.h"

#include "urpf/router.h"

static const char *const prefixes[] = {"11.0.0.0/8", "11.1.0.0/16",   "11.1.2.3/32",
				       "2a00::/16",  "2a00:1:2::/48", "0.0.0.0/0"};

/* An interface of every mode. */
static bool ten_ifaces(manrs_urpf_edit *e)
{
	static const uint32_t acl[] = {3, 5};
	bool ok = true;

	for (uint32_t i = 0; i < 10 && ok; i++) {
		uint16_t handle = MANRS_URPF_NO_IFACE;
		manrs_urpf_iface f;

		manrs_urpf_iface_init(&f, sizeof f);
		f.mode = 1 + i;
		f.role = i == 7 ? MANRS_ROLE_PROVIDER : MANRS_ROLE_CUSTOMER;
		f.asn = i + 1;
		f.asn_acl = acl;
		f.n_asn_acl = 2;
		f.options = MANRS_URPF_AUGMENT_ROA;
		ok = manrs_urpf_edit_iface_add(e, &handle, &f) == MANRS_OK;
	}
	return ok;
}

/* A route and a prefix by hand on six of them. */
static bool six_routes(manrs_urpf_edit *e)
{
	uint32_t path[2] = {0, 5}, start[2] = {0, 2};
	manrs_paths paths = {path, NULL, start, 1};
	bool ok = true;

	for (uint32_t i = 0; i < 6 && ok; i++) {
		manrs_urpf_entry x = {.route.prefix = test_prefix(prefixes[i]),
				      .iface = (uint16_t)i,
				      .flags = MANRS_URPF_BEST};

		path[0] = i + 1;
		ok = manrs_urpf_edit_rib(e, MANRS_ADD, &x, 1, &paths, NULL, NULL) == MANRS_OK &&
		     manrs_urpf_edit_prefixes(e, MANRS_ADD, 1 + i % 4, (uint16_t)i, &x.route.prefix,
					      1, NULL, NULL) == MANRS_OK;
	}
	return ok;
}

static bool take_away(manrs_urpf_edit *e)
{
	manrs_urpf_entry x = {.route.prefix = test_prefix(prefixes[1]), .iface = 1};

	return manrs_urpf_edit_rib(e, MANRS_REMOVE, &x, 1, NULL, NULL, NULL) == MANRS_OK &&
	       manrs_urpf_edit_iface_remove(e, 8) == MANRS_OK;
}

/* A failed commit leaves the snapshot that it began on as it was. */
static void first_stands(const manrs_urpf *u)
{
	uint32_t src;
	uint16_t on = 1;
	uint8_t allow;

	memcpy(&src, "\x0b\x01\x00\x01", 4);
	manrs_urpf_check4(u, &src, &on, 1, &allow);
	ck_assert_uint_eq(allow, 1);
}

/* Everything once on a small world, any call of which may fail; returns whether none did. */
static bool everything(struct test_alloc *a)
{
	manrs_alloc mem = test_alloc_of(a);
	manrs_urpf_config config;
	manrs_urpf_owner *o = NULL;
	manrs_urpf_edit *e = NULL;
	manrs_urpf *u = NULL, *v = NULL;
	bool ok;

	manrs_urpf_config_init(&config, sizeof config);
	config.alloc = &mem;
	config.local_as = 10;
	config.hold_ms = 100;
	ok = manrs_urpf_owner_new(&o, &config) == MANRS_OK;
	ok = ok && manrs_urpf_edit_begin(&e, o, NULL) == MANRS_OK && ten_ifaces(e) && six_routes(e);
	ok = ok && manrs_urpf_edit_commit(e, &u, db, 0) == MANRS_OK;
	e = ok ? NULL : e;
	ok = ok && manrs_urpf_edit_begin(&e, o, u) == MANRS_OK && take_away(e);
	ok = ok && manrs_urpf_edit_commit(e, &v, db, 50) == MANRS_OK;
	e = ok ? NULL : e;
	if (u)
		first_stands(u);
	manrs_urpf_edit_abort(e);
	manrs_urpf_unref(u);
	manrs_urpf_unref(v);
	ck_assert_int_eq(manrs_urpf_owner_free(o), MANRS_OK);
	return ok;
}

START_TEST(every_allocation_fails_once)
{
	static const char *const vrps[] = {"11.0.0.0/8 1",    "11.1.0.0/16 2", "11.1.0.0/16 5",
					   "2a00:1:2::/48 5", "12.0.0.0/16 3", NULL};
	static const uint32_t aspas[][4] = {{5, 1, 2, 3}, {7, 5}, {8, 2, 7}};
	struct test_alloc a = {0};
	size_t k = 1;
	bool ok = false;

	open_with(0, 10);
	make_db(vrps, aspas, 3);
	for (; !ok; k++) {
		a.fail_at = k;
		a.calls = 0;
		ok = everything(&a);
		ck_assert_uint_eq(a.live, 0);
		ck_assert_uint_lt(k, 100000);
	}
	ck_assert_uint_gt(k, 100);
	close_all(commit(0));
}
END_TEST

/* An edit whose call ran out of memory is as it was before, and goes on. */
START_TEST(a_call_without_memory_changes_nothing)
{
	struct test_alloc a = {0};
	manrs_alloc mem = test_alloc_of(&a);
	manrs_urpf_config config;

	for (size_t k = 1; k < 40; k++) {
		manrs_urpf_owner *o;
		manrs_urpf_edit *e;
		manrs_urpf *u;
		manrs_urpf_iface f;
		uint16_t h = MANRS_URPF_NO_IFACE;
		manrs_urpf_entry x[4] = {0};
		manrs_prefix out[8];
		int rc;

		a.fail_at = 0;
		manrs_urpf_config_init(&config, sizeof config);
		config.alloc = &mem;
		ck_assert_int_eq(manrs_urpf_owner_new(&o, &config), MANRS_OK);
		ck_assert_int_eq(manrs_urpf_edit_begin(&e, o, NULL), MANRS_OK);
		manrs_urpf_iface_init(&f, sizeof f);
		f.mode = MANRS_URPF_STRICT;
		ck_assert_int_eq(manrs_urpf_edit_iface_add(e, &h, &f), MANRS_OK);
		for (uint8_t i = 0; i < 4; i++)
			x[i] = (manrs_urpf_entry){.route = {{4, 16, 16, 0, {11, i}}, 0},
						  .flags = MANRS_URPF_BEST};
		ck_assert_int_eq(manrs_urpf_edit_rib(e, MANRS_ADD, x, 1, NULL, NULL, NULL),
				 MANRS_OK);
		a.calls = 0;
		a.fail_at = k;
		rc = manrs_urpf_edit_rib(e, MANRS_ADD, x + 1, 3, NULL, NULL, NULL);
		a.fail_at = 0;
		ck_assert_int_eq(manrs_urpf_edit_commit(e, &u, NULL, 0), MANRS_OK);
		ck_assert_uint_eq(manrs_urpf_list(u, h, &(manrs_cursor){{0}}, out, 8),
				  rc == MANRS_OK ? 4 : 1);
		manrs_urpf_unref(u);
		ck_assert_int_eq(manrs_urpf_owner_free(o), MANRS_OK);
		ck_assert_uint_eq(a.live, 0);
	}
}
END_TEST

Suite *urpf_memory_suite(void)
{
	Suite *s = suite_create("urpf_memory");

	ADD_LONG_TEST(s, every_allocation_fails_once, 20);
	ADD_TEST(s, a_call_without_memory_changes_nothing, 2);
	return s;
}
