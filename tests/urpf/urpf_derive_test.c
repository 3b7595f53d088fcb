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

/* BAR-SAV-PI: what nobody but the customers announces any longer is refused from the end of the hold time on, no sooner. */
START_TEST(a_refusal_of_bar_sav_pi_waits_for_the_hold_time)
{
	static const char *const vrps[] = {"11.40.0.0/16 40", NULL};
	static const uint32_t aspas[][4] = {{20, 10}, {40, 20}};
	manrs_urpf_explanation why = {.size = sizeof why};
	manrs_prefix source = test_address("11.40.0.1");
	manrs_urpf *u, *v;
	uint16_t c20, p30;

	open_with(1000, 10);
	make_db(vrps, aspas, 2);
	c20 = iface(MANRS_URPF_BAR_SAV, MANRS_ROLE_CUSTOMER, 20, 0);
	p30 = iface(MANRS_URPF_BAR_SAV_PI, MANRS_ROLE_PROVIDER, 30, 0);
	route(c20, "11.40.0.0/16", "20 40", MANRS_URPF_BEST);
	route(p30, "11.40.0.0/16", "30 20 40", 0);
	u = commit(0);
	ck_assert_int_eq(step(u, p30, "11.40.0.1"), MANRS_URPF_STEP_LOOSE);
	begin(u);
	ck_assert_int_eq(route_op(MANRS_REMOVE, p30, "11.40.0.0/16", "", 0, 0), 1);
	v = commit(100);
	ck_assert_int_eq(manrs_urpf_explain(v, &source, p30, &why, NULL, 0), MANRS_OK);
	ck_assert_uint_eq(why.allow, 1);
	manrs_urpf_unref(u);
	begin(v);
	u = commit(1099);
	ck_assert_int_eq(check(u, p30, "11.40.0.1"), 1);
	manrs_urpf_unref(v);
	begin(u);
	v = commit(1100);
	ck_assert_int_eq(step(v, p30, "11.40.0.1"), MANRS_URPF_STEP_PI_CONE);
	ck_assert_int_eq(check(v, p30, "11.40.0.1"), 0);
	manrs_urpf_unref(u);
	close_all(v);
}
END_TEST

Suite *urpf_derive_suite(void)
{
	Suite *s = suite_create("urpf_derive");

	ADD_TEST(s, a_prefix_that_leaves_a_list_stays_for_the_hold_time, 1);
	ADD_TEST(s, a_prefix_is_held_from_each_time_it_leaves, 1);
	ADD_TEST(s, a_refusal_of_bar_sav_pi_waits_for_the_hold_time, 1);
	return s;
}
