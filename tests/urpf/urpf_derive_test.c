/* SPDX-License-Identifier: BSD-2-Clause */
/* Hold times, RFC 8704 section 3.2 and BAR-SAV section 5: what leaves a list stays on it for a while. */

#include "test.h"

#include "urpf/router.h"

START_TEST(a_prefix_that_leaves_a_list_stays_for_the_hold_time)
{
	manrs_urpf_stats st = {.size = sizeof st};
	manrs_urpf *u, *v;
	uint16_t a, s;

	open_with(1000, 0);
	a = iface(MANRS_URPF_EFP_A, MANRS_ROLE_CUSTOMER, 1, 0);
	s = iface(MANRS_URPF_STRICT, MANRS_ROLE_CUSTOMER, 2, 0);
	route(a, "11.1.0.0/16", "1", MANRS_URPF_BEST);
	route(s, "11.2.0.0/16", "2", MANRS_URPF_BEST);
	u = commit(10);
	begin(u);
	ck_assert_int_eq(route_op(MANRS_REMOVE, a, "11.1.0.0/16", "", 0, 0), 1);
	ck_assert_int_eq(route_op(MANRS_REMOVE, s, "11.2.0.0/16", "", 0, 0), 1);
	v = commit(100);
	ck_assert_int_eq(check(v, a, "11.1.0.1"), 1);
	ck_assert_str_eq(list(v, a), "11.1.0.0/16");
	ck_assert_int_eq(check(v, s, "11.2.0.1"), 0); /* strict is no list */
	ck_assert_int_eq(manrs_urpf_stats_get(v, &st), MANRS_OK);
	ck_assert_uint_eq(st.held, 1);
	ck_assert_uint_eq(st.deadline_ms, 1100);
	manrs_urpf_unref(u);
	begin(v);
	u = commit(1099);
	ck_assert_int_eq(check(u, a, "11.1.0.1"), 1);
	manrs_urpf_unref(v);
	begin(u);
	v = commit(1100);
	ck_assert_int_eq(check(v, a, "11.1.0.1"), 0);
	ck_assert_int_eq(manrs_urpf_stats_get(v, &st), MANRS_OK);
	ck_assert_uint_eq(st.held, 0);
	ck_assert_uint_eq(st.deadline_ms, UINT64_MAX);
	ck_assert_int_eq(check(u, a, "11.1.0.1"), 1); /* a snapshot does not age */
	manrs_urpf_unref(u);
	close_all(v);
}
END_TEST

START_TEST(a_prefix_is_held_from_each_time_it_leaves)
{
	manrs_urpf_stats st = {.size = sizeof st};
	manrs_urpf *u[6];
	uint16_t a;

	open_with(1000, 0);
	a = iface(MANRS_URPF_EFP_B, MANRS_ROLE_CUSTOMER, 1, 0);
	route(a, "11.1.0.0/16", "1", 0);
	u[0] = commit(0);
	for (int i = 1; i < 5; i++) {
		begin(u[i - 1]);
		if (i % 2)
			ck_assert_int_eq(route_op(MANRS_REMOVE, a, "11.1.0.0/16", "", 0, 0), 1);
		else
			route(a, "11.1.0.0/16", "1", 0);
		u[i] = commit(600 * (uint64_t)i);
		ck_assert_int_eq(check(u[i], a, "11.1.0.1"), 1);
		ck_assert_int_eq(manrs_urpf_stats_get(u[i], &st), MANRS_OK);
		ck_assert_uint_eq(st.deadline_ms, i % 2 ? 600 * (uint64_t)i + 1000 : UINT64_MAX);
	}
	for (int i = 0; i < 4; i++)
		manrs_urpf_unref(u[i]);
	close_all(u[4]);
}
END_TEST

Suite *urpf_derive_suite(void)
{
	Suite *s = suite_create("urpf_derive");

	ADD_TEST(s, a_prefix_that_leaves_a_list_stays_for_the_hold_time, 1);
	ADD_TEST(s, a_prefix_is_held_from_each_time_it_leaves, 1);
	return s;
}
