/* SPDX-License-Identifier: BSD-2-Clause */
/* Edits of uRPF: on any snapshot, counted, refused, given up. */

#include "test.h"

#include "urpf/router.h"

START_TEST(an_edit_on_an_older_snapshot_and_abort)
{
	manrs_urpf *u, *v, *w;
	uint16_t a;

	open_with(0, 0);
	a = iface(MANRS_URPF_STRICT, MANRS_ROLE_NONE, 0, 0);
	route(a, "11.1.0.0/16", "", MANRS_URPF_BEST);
	u = commit(0);
	begin(u);
	route(a, "11.2.0.0/16", "", MANRS_URPF_BEST);
	v = commit(0);
	begin(u);
	route(a, "11.3.0.0/16", "", MANRS_URPF_BEST);
	w = commit(0);
	ck_assert_str_eq(list(u, a), "11.1.0.0/16");
	ck_assert_str_eq(list(v, a), "11.1.0.0/16 11.2.0.0/16");
	ck_assert_str_eq(list(w, a), "11.1.0.0/16 11.3.0.0/16");
	ck_assert_int_eq(check(w, a, "11.2.0.1"), 0);
	ck_assert_int_eq(check(v, a, "11.2.0.1"), 1);
	begin(v);
	route(a, "11.4.0.0/16", "", MANRS_URPF_BEST);
	ck_assert_int_eq(manrs_urpf_edit_begin(&edit, owner, v), MANRS_ESTATE);
	manrs_urpf_edit_abort(edit);
	ck_assert_str_eq(list(v, a), "11.1.0.0/16 11.2.0.0/16");
	ck_assert_int_eq(manrs_urpf_owner_free(owner), MANRS_EBUSY);
	manrs_urpf_unref(u);
	manrs_urpf_unref(v);
	while (manrs_urpf_reclaim(owner, 3))
		;
	ck_assert_int_eq(check(w, a, "11.3.0.1"), 1);
	close_all(w);
}
END_TEST

START_TEST(edits_count_and_refuse)
{
	manrs_urpf_entry e[3] = {
		{.route = {test_prefix("11.0.0.0/8"), 1}, .flags = MANRS_URPF_BEST}};
	manrs_counts c;
	manrs_fault fault;
	manrs_urpf_iface f;
	manrs_urpf *u;
	uint16_t a, h = 9;

	open_with(0, 0);
	manrs_urpf_iface_init(&f, sizeof f);
	ck_assert_int_eq(manrs_urpf_edit_iface_set(edit, h, &f), MANRS_ENOENT);
	h = MANRS_URPF_NO_IFACE;
	ck_assert_int_eq(manrs_urpf_edit_iface_add(edit, &h, &f), MANRS_EINVAL); /* mode 0 */
	a = iface(MANRS_URPF_STRICT, MANRS_ROLE_NONE, 0, 0);
	e[1] = e[0];
	e[2] = e[0];
	e[2].route.prefix.addr[1] = 1;
	ck_assert_int_eq(manrs_urpf_edit_rib(edit, MANRS_ADD, e, 3, NULL, &c, &fault), MANRS_OK);
	ck_assert_uint_eq(c.added, 1);
	ck_assert_uint_eq(c.present, 1);
	ck_assert_uint_eq(c.refused, 1);
	ck_assert_uint_eq(fault.at, 2);
	e[0].flags = 0;
	e[1].iface = 5;
	ck_assert_int_eq(manrs_urpf_edit_rib(edit, MANRS_ADD, e, 2, NULL, &c, &fault), MANRS_OK);
	ck_assert_uint_eq(c.added, 1);
	ck_assert_uint_eq(c.refused, 1);
	ck_assert_int_eq(manrs_urpf_edit_rib(edit, MANRS_REMOVE, e, 2, NULL, &c, &fault), MANRS_OK);
	ck_assert_uint_eq(c.removed, 1);
	ck_assert_uint_eq(c.unknown, 1);
	ck_assert_int_eq(manrs_urpf_edit_rib(edit, 7, e, 2, NULL, &c, &fault), MANRS_EINVAL);
	route(a, "11.5.0.0/16", "", MANRS_URPF_BEST);
	h = a;
	ck_assert_int_eq(manrs_urpf_edit_iface_remove(edit, h), MANRS_OK); /* with its routes */
	u = commit(0);
	ck_assert_int_eq(check(u, a, "11.5.0.1"), 0);
	ck_assert_int_eq(manrs_urpf_iface_get(u, a, &f), MANRS_ENOENT);
	close_all(u);
}
END_TEST

/* A batch of paths has no numbers: every one with a hop is malformed, as in all calls on batches. */
START_TEST(paths_without_numbers_are_refused_but_for_empty_ones)
{
	manrs_urpf_entry e[3] = {
		{.route = {test_prefix("11.0.0.0/16"), 1}, .flags = MANRS_URPF_BEST},
		{.route = {test_prefix("11.1.0.0/16"), 1}, .flags = MANRS_URPF_BEST},
		{.route = {test_prefix("11.2.0.0/16"), 1}, .flags = MANRS_URPF_BEST}};
	static const uint32_t start[] = {0, 0, 2, 3};
	manrs_paths paths = {.start = start, .n = 3};
	manrs_counts c;
	manrs_fault fault;

	open_with(0, 0);
	e[0].iface = e[1].iface = e[2].iface = iface(MANRS_URPF_STRICT, MANRS_ROLE_NONE, 0, 0);
	ck_assert_int_eq(manrs_urpf_edit_rib(edit, MANRS_ADD, e, 3, &paths, &c, &fault), MANRS_OK);
	ck_assert_uint_eq(c.added, 1);
	ck_assert_uint_eq(c.refused, 2);
	ck_assert_uint_eq(fault.at, 1);
	close_all(commit(0));
}
END_TEST

Suite *urpf_edit_suite(void)
{
	Suite *s = suite_create("urpf_edit");

	ADD_TEST(s, an_edit_on_an_older_snapshot_and_abort, 1);
	ADD_TEST(s, edits_count_and_refuse, 1);
	ADD_TEST(s, paths_without_numbers_are_refused_but_for_empty_ones, 1);
	return s;
}
