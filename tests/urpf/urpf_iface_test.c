/* SPDX-License-Identifier: BSD-2-Clause */
/* The interfaces of a uRPF edit: as many as there are handles, in memory of their own size; what a removal takes along. */

#include "test.h"

#include "urpf/urpf_state.h"

static uint16_t add(manrs_urpf_edit *e, uint32_t asn)
{
	manrs_urpf_iface f;
	uint16_t handle = MANRS_URPF_NO_IFACE;

	manrs_urpf_iface_init(&f, sizeof f);
	f.mode = MANRS_URPF_FEASIBLE;
	f.role = MANRS_ROLE_CUSTOMER;
	f.asn = asn;
	f.asn_acl = &asn;
	f.n_asn_acl = 1;
	ck_assert_int_eq(manrs_urpf_edit_iface_add(e, &handle, &f), MANRS_OK);
	return handle;
}

static manrs_urpf_entry route_of(uint16_t iface)
{
	return (manrs_urpf_entry){
		.route = {{4, 24, 24, 0, {11, (uint8_t)(iface >> 8), (uint8_t)iface}}, 1},
		.iface = iface};
}

static int add_route(manrs_urpf_edit *e, uint16_t iface)
{
	manrs_urpf_entry x = route_of(iface);
	manrs_counts c;

	ck_assert_int_eq(manrs_urpf_edit_rib(e, MANRS_ADD, &x, 1, NULL, &c, NULL), MANRS_OK);
	return (int)c.added;
}

static bool allowed(const manrs_urpf *u, uint16_t iface)
{
	manrs_prefix p = route_of(iface).route.prefix;
	uint32_t src;
	uint8_t allow;

	memcpy(&src, p.addr, 4);
	manrs_urpf_check4(u, &src, &iface, 1, &allow);
	return allow == MANRS_URPF_ALLOWED;
}

/* A record of an interface is some 40 bytes and its list 4; with a copy of all a call, 2,048 of them took 80 MB. */
START_TEST(every_handle_in_memory_of_its_own_size)
{
	manrs_urpf_owner *o;
	manrs_urpf_edit *e;
	manrs_urpf_iface f;
	uint16_t handle = MANRS_URPF_NO_IFACE;
	manrs_urpf *u, *v;

	ck_assert_int_eq(manrs_urpf_owner_new(&o, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_urpf_edit_begin(&e, o, NULL), MANRS_OK);
	for (uint32_t i = 0; i < 2048; i++)
		ck_assert_uint_eq(add(e, i + 1), i);
	ck_assert_uint_lt(o->heap.bytes, 1 << 20);
	for (uint32_t i = 2048; i < MANRS_URPF_NO_IFACE; i++)
		ck_assert_uint_eq(add(e, i + 1), i);
	ck_assert_uint_lt(o->heap.bytes, 16 << 20);
	manrs_urpf_iface_init(&f, sizeof f);
	f.mode = MANRS_URPF_LOOSE;
	ck_assert_int_eq(manrs_urpf_edit_iface_add(e, &handle, &f), MANRS_ELIMIT);
	for (uint32_t i = 0; i < MANRS_URPF_NO_IFACE; i += 257)
		ck_assert_int_eq(add_route(e, (uint16_t)i), 1);
	ck_assert_int_eq(manrs_urpf_edit_commit(e, &u, NULL, 0), MANRS_OK);
	ck_assert(allowed(u, 257) && !allowed(u, 1));
	/* all of them go, and one comes for which there is room at once */
	ck_assert_int_eq(manrs_urpf_edit_begin(&e, o, u), MANRS_OK);
	for (uint32_t i = 0; i < MANRS_URPF_NO_IFACE; i++) {
		handle = (uint16_t)i;
		ck_assert_int_eq(manrs_urpf_edit_iface_remove(e, handle), MANRS_OK);
	}
	ck_assert_uint_eq(add(e, 7), 0);
	ck_assert_int_eq(manrs_urpf_edit_commit(e, &v, NULL, 0), MANRS_OK);
	ck_assert(!allowed(v, 0) && !allowed(v, 257) && allowed(u, 257));
	manrs_urpf_unref(u);
	manrs_urpf_unref(v);
	ck_assert_int_eq(manrs_urpf_owner_free(o), MANRS_OK);
}
END_TEST

/* The header: it goes "with its entries and prefixes", and nobody finds them: not to remove, not under the next user. */
START_TEST(a_removed_interface_takes_its_entries_along)
{
	manrs_prefix listed = {4, 16, 16, 0, {12}};
	manrs_urpf_owner *o;
	manrs_urpf_edit *e;
	manrs_urpf *u;
	manrs_urpf_entry x;
	manrs_counts c;
	manrs_urpf_stats st = {.size = sizeof st};
	uint16_t a, b;

	ck_assert_int_eq(manrs_urpf_owner_new(&o, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_urpf_edit_begin(&e, o, NULL), MANRS_OK);
	a = add(e, 1);
	b = add(e, 2);
	add_route(e, a);
	add_route(e, b);
	ck_assert_int_eq(manrs_urpf_edit_prefixes(e, MANRS_ADD, MANRS_URPF_PREFIX_ALLOW, a, &listed,
						  1, NULL, NULL),
			 MANRS_OK);
	ck_assert_int_eq(manrs_urpf_edit_iface_remove(e, a), MANRS_OK);
	ck_assert_int_eq(manrs_urpf_edit_iface_remove(e, a), MANRS_ENOENT);
	x = route_of(a);
	ck_assert_int_eq(manrs_urpf_edit_rib(e, MANRS_REMOVE, &x, 1, NULL, &c, NULL), MANRS_OK);
	ck_assert_uint_eq(c.unknown, 1);
	ck_assert_int_eq(manrs_urpf_edit_rib(e, MANRS_ADD, &x, 1, NULL, &c, NULL), MANRS_OK);
	ck_assert_uint_eq(c.refused, 1);
	ck_assert_int_eq(manrs_urpf_edit_prefixes(e, MANRS_REMOVE, MANRS_URPF_PREFIX_ALLOW, a,
						  &listed, 1, &c, NULL),
			 MANRS_OK);
	ck_assert_uint_eq(c.unknown, 1);
	ck_assert_uint_eq(add(e, 3), 2);
	ck_assert_int_eq(manrs_urpf_edit_commit(e, &u, NULL, 0), MANRS_OK);
	manrs_urpf_stats_get(u, &st);
	ck_assert_uint_eq(st.prefixes, 1);
	ck_assert_uint_eq(st.ifaces, 2);
	/* from the commit on the handle is free, and what its last user had is not there */
	ck_assert_int_eq(manrs_urpf_edit_begin(&e, o, u), MANRS_OK);
	manrs_urpf_unref(u);
	ck_assert_uint_eq(add(e, 4), a);
	ck_assert_int_eq(manrs_urpf_edit_commit(e, &u, NULL, 0), MANRS_OK);
	ck_assert(!allowed(u, a) && allowed(u, b));
	manrs_urpf_unref(u);
	ck_assert_int_eq(manrs_urpf_owner_free(o), MANRS_OK);
}
END_TEST

Suite *urpf_iface_suite(void)
{
	Suite *s = suite_create("urpf_iface");

	ADD_TEST(s, every_handle_in_memory_of_its_own_size, 2);
	ADD_TEST(s, a_removed_interface_takes_its_entries_along, 1);
	return s;
}
