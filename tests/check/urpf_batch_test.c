/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * uRPF batches of every length, on every form of the IPv4 copy, fresh and after a commit: whom each prefix is reached by is
 * computed here, and strict mode allows nobody else.
 */

#include "test.h"

#include "data/urpf.h"

#define IFACES	 64u
#define PREFIXES 512u
#define LONGEST	 260u

struct world {
	manrs_urpf_owner *owner;
	manrs_urpf *u;
	uint16_t by[PREFIXES]; /* MANRS_URPF_NO_IFACE: nobody */
	uint64_t seed;
};

/* /24s, and in every 16th of them only a /28. */
static manrs_prefix prefix_at(unsigned i)
{
	manrs_prefix p = {.family = 4, .len = i % 16 == 7 ? 28 : 24};

	p.maxlen = p.len;
	p.addr[0] = (uint8_t)(20 + i / 128);
	p.addr[1] = (uint8_t)(i / 64);
	p.addr[2] = (uint8_t)(i * 3);
	return p;
}

static void set_route(struct world *w, manrs_urpf_edit *edit, unsigned i, uint16_t iface)
{
	manrs_urpf_entry e = {
		.route.prefix = prefix_at(i), .iface = iface, .flags = MANRS_URPF_BEST};
	manrs_counts c;

	ck_assert_int_eq(manrs_urpf_edit_rib(edit, MANRS_ADD, &e, 1, NULL, &c, NULL), MANRS_OK);
	ck_assert_uint_eq(c.added, 1);
	w->by[i] = iface;
}

static void open_world(struct world *w, unsigned width)
{
	manrs_urpf_config config;
	manrs_urpf_edit *edit;

	*w = (struct world){.seed = width};
	manrs_urpf_config_init(&config);
	config.isa = test_isa();
	ck_assert_int_eq(manrs_urpf_owner_new(&w->owner, &config), MANRS_OK);
	w->owner->flat_min = 0;
	w->owner->flat_width = width;
	ck_assert_int_eq(manrs_urpf_edit_begin(&edit, w->owner, NULL), MANRS_OK);
	for (unsigned i = 0; i < IFACES; i++) {
		uint16_t handle = MANRS_URPF_NO_IFACE;
		manrs_urpf_iface f;

		manrs_urpf_iface_init(&f);
		f.mode = MANRS_URPF_STRICT;
		ck_assert_int_eq(manrs_urpf_edit_iface(edit, &handle, &f), MANRS_OK);
		ck_assert_uint_eq(handle, i);
	}
	for (unsigned i = 0; i < PREFIXES; i++) {
		w->by[i] = MANRS_URPF_NO_IFACE;
		if (i % 5)
			set_route(w, edit, i, (uint16_t)(test_random(&w->seed) % IFACES));
	}
	ck_assert_int_eq(manrs_urpf_edit_commit(edit, NULL, 0, &w->u), MANRS_OK);
	ck_assert(w->u->flat && w->u->flat->store->width == width);
}

/* A source in prefix i or, for a /28, perhaps beside it; whether only its interface reaches it. */
static uint32_t source_at(struct world *w, unsigned i, bool *inside)
{
	manrs_prefix p = prefix_at(i);
	uint32_t src;

	p.addr[3] = (uint8_t)test_random(&w->seed);
	if (p.len == 28 && test_random(&w->seed) % 2)
		p.addr[3] &= 15;
	*inside = p.len == 24 || p.addr[3] < 16;
	memcpy(&src, p.addr, sizeof src);
	return src;
}

static uint16_t iface_at(struct world *w, unsigned i)
{
	static const uint16_t strange[] = {64, 65, 127, 128, 65535, MANRS_URPF_NO_IFACE};
	uint64_t r = test_random(&w->seed);

	if (r % 64 == 0)
		return strange[r / 64 % (sizeof strange / sizeof *strange)];
	return r % 2 && w->by[i] < IFACES ? w->by[i] : (uint16_t)(r / 64 % IFACES);
}

static void every_length(struct world *w)
{
	uint32_t src[LONGEST];
	uint16_t iface[LONGEST];
	uint8_t allow[LONGEST + 1], want[LONGEST];
	bool inside;

	for (unsigned n = 0; n <= LONGEST; n++) {
		for (unsigned k = 0; k < n; k++) {
			unsigned i = (unsigned)(test_random(&w->seed) % PREFIXES);

			src[k] = source_at(w, i, &inside);
			iface[k] = iface_at(w, i);
			want[k] = inside && iface[k] < IFACES && iface[k] == w->by[i];
		}
		allow[n] = 0xee;
		manrs_urpf_check4(w->u, src, iface, n, allow);
		for (unsigned k = 0; k < n; k++)
			ck_assert_msg(allow[k] == want[k], "%u of %u: %u", k, n, allow[k]);
		ck_assert_uint_eq(allow[n], 0xee);
	}
}

START_TEST(batches_of_every_length)
{
	static const unsigned width[] = {1, 2, 3, UFLAT_BITS};
	struct world w;
	manrs_urpf_edit *edit;
	manrs_urpf *next;

	open_world(&w, width[_i]);
	every_length(&w);
	ck_assert_int_eq(manrs_urpf_edit_begin(&edit, w.owner, w.u), MANRS_OK);
	for (unsigned i = 0; i < PREFIXES; i += 70)
		if (w.by[i] == MANRS_URPF_NO_IFACE)
			set_route(&w, edit, i, 63);
	ck_assert_int_eq(manrs_urpf_edit_commit(edit, NULL, 1, &next), MANRS_OK);
	manrs_urpf_unref(w.u);
	w.u = next;
	ck_assert(w.u->flat && w.u->flat->n_stale > 0);
	every_length(&w);
	manrs_urpf_unref(w.u);
	ck_assert_int_eq(manrs_urpf_owner_free(w.owner), MANRS_OK);
}
END_TEST

Suite *urpf_batch_suite(void)
{
	Suite *s = suite_create("urpf_batch");
	TCase *t = tcase_create("batches_of_every_length");

	tcase_add_loop_test(t, batches_of_every_length, 0, 4);
	suite_add_tcase(s, t);
	return s;
}
