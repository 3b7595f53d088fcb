/* SPDX-License-Identifier: BSD-2-Clause */
/* BAR-SAV and BAR-SAV-PI, draft-ietf-sidrops-bar-sav-09: the worked example, the growing cone, inputs, every step. */

#include "test.h"

#include "urpf/router.h"

/*
 * The draft's worked example, at AS4 for the interface to AS3: D = {1,2,3,5,6,7,8}, the list P2 P2a P5 P6 P7 P8.
 * Prefixes: Pn = 11.n.0.0/16, P2a = 12.2.0.0/16.
 */
static void worked_example(int mode, uint16_t *as3)
{
	static const char *const vrps[] = {"12.2.0.0/16 2", "11.5.0.0/16 5", "11.6.0.0/16 6",
					   "11.8.0.0/16 8", NULL};
	static const uint32_t aspas[][4] = {{3, 4, 9}, {5, 1}, {6, 1}, {8, 2}};
	uint16_t as9;

	open_with(0, 4);
	make_db(vrps, aspas, 4);
	*as3 = iface(mode, MANRS_ROLE_CUSTOMER, 3, 0);
	as9 = iface(MANRS_URPF_LOOSE, MANRS_ROLE_PROVIDER, 9, 0);
	route(*as3, "11.6.0.0/16", "3 1 6", MANRS_URPF_BEST);
	route(*as3, "11.7.0.0/16", "3 1 7", MANRS_URPF_BEST);
	route(as9, "11.2.0.0/16", "9 3 2", MANRS_URPF_BEST);
}

START_TEST(bar_sav_s4_worked_example)
{
	manrs_urpf *u;
	uint16_t as3;

	worked_example(MANRS_URPF_BAR_SAV, &as3);
	u = commit(0);
	ck_assert_str_eq(list(u, as3),
			 "11.2.0.0/16 11.5.0.0/16 11.6.0.0/16 11.7.0.0/16 11.8.0.0/16 12.2.0.0/16");
	ck_assert_int_eq(step(u, as3, "11.7.0.1"), MANRS_URPF_STEP_BAR_ROUTE);
	ck_assert_int_eq(step(u, as3, "11.8.0.1"), MANRS_URPF_STEP_BAR_ROA);
	ck_assert_int_eq(check(u, as3, "11.9.0.1"), 0);
	close_all(u);
}
END_TEST

/* By ASPAs and ROAs alone nobody names 3 as a provider: D = {3}, which has no ROA. */
START_TEST(bar_sav_procedure_x_sees_aspas_and_roas_alone)
{
	static const char *const vrps[] = {"11.1.0.0/16 1", "11.3.0.0/16 3", "11.5.0.0/16 5",
					   "11.6.0.0/16 6", NULL};
	static const uint32_t aspas[][4] = {{1, 3}, {5, 1, 7}, {6, 7}, {64500, 3}};
	manrs_urpf *u;
	uint16_t as3;

	worked_example(MANRS_URPF_PROCEDURE_X, &as3);
	u = commit(0);
	ck_assert_str_eq(list(u, as3), "");
	close_all(u);
	/* 3 <- 1 <- 5; 6 hangs on 7 alone; 7, in a path below 3, does not count; 64500 is dropped */
	open_with(0, 4);
	make_db(vrps, aspas, 4);
	as3 = iface(MANRS_URPF_PROCEDURE_X, MANRS_ROLE_CUSTOMER, 3, 0);
	route(as3, "11.7.0.0/16", "3 7", MANRS_URPF_BEST);
	u = commit(0);
	ck_assert_str_eq(list(u, as3), "11.1.0.0/16 11.3.0.0/16 11.5.0.0/16");
	close_all(u);
}
END_TEST

/* Cones grow jointly: 3 -path- 1 -ASPA- 5 -path- 7; neither source alone reaches 7. */
START_TEST(bar_sav_cone_grows_jointly)
{
	static const char *const vrps[] = {"12.0.0.0/8 99", NULL};
	static const uint32_t aspas[][4] = {{5, 1}};
	manrs_urpf *u;
	uint16_t as3, as9;

	open_with(0, 4);
	make_db(vrps, aspas, 1);
	as3 = iface(MANRS_URPF_BAR_SAV, MANRS_ROLE_CUSTOMER, 3, 0);
	as9 = iface(MANRS_URPF_LOOSE, MANRS_ROLE_PROVIDER, 9, 0);
	route(as3, "11.1.0.0/16", "3 1", 0);
	route(as9, "11.7.0.0/16", "9 8 5 7", 0);
	route(as9, "11.8.0.0/16", "9 8", 0);
	u = commit(0);
	ck_assert_str_eq(list(u, as3), "11.1.0.0/16 11.7.0.0/16");
	close_all(u);
}
END_TEST

/* Section 4, inputs: ROV-Invalid, ASPA-Invalid and leaked routes are left out; ACLs are put in. */
START_TEST(bar_sav_s4_inputs_and_acls)
{
	static const char *const vrps[] = {"11.1.0.0/16 99", NULL};
	static const uint32_t aspas[][4] = {{6, 99}};
	manrs_urpf_iface f;
	manrs_urpf *u;
	uint32_t acl = 20;
	uint16_t as3, as9;

	open_with(0, 4);
	make_db(vrps, aspas, 1);
	as3 = iface(MANRS_URPF_BAR_SAV, MANRS_ROLE_PEER, 3, 0);
	as9 = iface(MANRS_URPF_LOOSE, MANRS_ROLE_PROVIDER, 9, 0);
	manrs_urpf_iface_init(&f, sizeof f);
	f.mode = MANRS_URPF_BAR_SAV;
	f.role = MANRS_ROLE_PEER;
	f.asn = 3;
	f.asn_acl = &acl;
	f.n_asn_acl = 1;
	ck_assert_int_eq(manrs_urpf_edit_iface_set(edit, as3, &f), MANRS_OK);
	route(as3, "11.1.0.0/16", "3", 0);   /* ROV-Invalid */
	route(as3, "11.2.0.0/16", "3 6", 0); /* ASPA-Invalid: 3 is no provider of 6 */
	route(as3, "11.3.0.0/16", "3 7", MANRS_URPF_LEAKED);
	route(as3, "11.4.0.0/16", "3 8", 0);
	route(as9, "11.20.0.0/16", "9 20", 0); /* by the ASN ACL */
	by_hand(MANRS_URPF_PREFIX_LIST, as3, "11.30.0.0/16");
	u = commit(0);
	ck_assert_str_eq(list(u, as3), "11.4.0.0/16 11.20.0.0/16 11.30.0.0/16");
	ck_assert_int_eq(step(u, as3, "11.30.0.1"), MANRS_URPF_STEP_LISTED);
	close_all(u);
}
END_TEST

/* What 3's interface lists once the neighbour of another has this role and AS. */
static const char *list_when(manrs_urpf **u, uint16_t as3, uint16_t other, int role, uint32_t asn)
{
	manrs_urpf *base = *u;
	manrs_urpf_iface f;

	begin(base);
	manrs_urpf_iface_init(&f, sizeof f);
	f.mode = MANRS_URPF_LOOSE;
	f.role = (uint32_t)role;
	f.asn = asn;
	ck_assert_int_eq(manrs_urpf_edit_iface_set(edit, other, &f), MANRS_OK);
	*u = commit(1);
	manrs_urpf_unref(base);
	return list(*u, as3);
}

/*
 * 2 is behind 3 by one path alone, 9 3 2, and 12.2/16 is 2's by a ROA alone. 2's ASPA names another provider: from a
 * provider the path may come, from a customer it is invalid (ASPA verification sections 5.4, 5.5), and so is any path
 * that does not begin with its neighbour. No route is touched when the interface changes.
 */
START_TEST(bar_sav_an_interface_of_another_role_or_as_forgets_its_adjacencies)
{
	static const char *const vrps[] = {"12.2.0.0/16 2", NULL};
	static const uint32_t aspas[][4] = {{2, 5}};
	manrs_urpf *u, *base;
	uint16_t as3, as9;

	open_with(0, 4);
	make_db(vrps, aspas, 1);
	as3 = iface(MANRS_URPF_BAR_SAV, MANRS_ROLE_CUSTOMER, 3, 0);
	as9 = iface(MANRS_URPF_LOOSE, MANRS_ROLE_PROVIDER, 9, 0);
	route(as3, "11.3.0.0/16", "3", 0);
	route(as9, "11.2.0.0/16", "9 3 2", 0);
	u = commit(0);
	ck_assert_str_eq(list(u, as3), "11.2.0.0/16 11.3.0.0/16 12.2.0.0/16");
	ck_assert_str_eq(list_when(&u, as3, as9, MANRS_ROLE_CUSTOMER, 9), "11.3.0.0/16");
	ck_assert_str_eq(list_when(&u, as3, as9, MANRS_ROLE_PROVIDER, 9),
			 "11.2.0.0/16 11.3.0.0/16 12.2.0.0/16");
	ck_assert_str_eq(list_when(&u, as3, as9, MANRS_ROLE_PROVIDER, 8), "11.3.0.0/16");
	ck_assert_str_eq(list_when(&u, as3, as9, MANRS_ROLE_PROVIDER, 9),
			 "11.2.0.0/16 11.3.0.0/16 12.2.0.0/16");
	/* and each route is counted once: it goes with its adjacency */
	begin(base = u);
	ck_assert_int_eq(route_op(MANRS_REMOVE, as9, "11.2.0.0/16", "", 0, 0), 1);
	u = commit(2);
	manrs_urpf_unref(base);
	ck_assert_str_eq(list(u, as3), "11.3.0.0/16");
	close_all(u);
}
END_TEST

START_TEST(bar_sav_without_a_db_is_loose_and_says_so)
{
	manrs_urpf_explanation why = {.size = sizeof why};
	manrs_urpf_stats st = {.size = sizeof st};
	manrs_prefix p = test_prefix("11.7.0.1/32");
	manrs_db *full;
	manrs_urpf *u, *v;
	uint16_t as3;

	worked_example(MANRS_URPF_BAR_SAV, &as3);
	full = db;
	db = NULL;
	u = commit(0);
	ck_assert_str_eq(list(u, as3), "");
	ck_assert_int_eq(manrs_urpf_explain(u, &p, as3, &why, NULL, 0), MANRS_OK);
	ck_assert_uint_eq(why.mode, MANRS_URPF_BAR_SAV);
	ck_assert_uint_eq(why.effective, MANRS_URPF_LOOSE);
	ck_assert_int_eq(check(u, as3, "11.2.0.1"), 1);
	ck_assert_int_eq(check(u, as3, "12.2.0.1"), 0);
	ck_assert_int_eq(manrs_urpf_stats_get(u, &st), MANRS_OK);
	ck_assert_uint_eq(st.fallbacks, 1);
	begin(u);
	db = full;
	v = commit(1);
	ck_assert_int_eq(check(v, as3, "12.2.0.1"), 1);
	manrs_urpf_unref(u);
	begin(v);
	db = NULL;
	u = commit(2);
	ck_assert_str_eq(list(u, as3), "");
	manrs_urpf_unref(v);
	db = full;
	close_all(u);
}
END_TEST

/*
 * BAR-SAV-PI at AS 10: customers 20 and 21, provider 30. ASPAs: 20{10} 21{10,31} 40{20} 41{20} 42{20,50} 43{20}.
 * Du = {20,21,40,41,42,43,44} (44 by a path alone). What becomes of each prefix:
 *   11.40/16 of 40, ROA, 20 40 from 20 alone          step 5 keeps it: all of 20, 40 hang on 10, 20: in S, refused
 *   11.41/16 of 41, no ROA                            step 3: not ROV-Valid: passes
 *   11.42/16 of 42, ROA; 42 has a provider 50         step 5: 50 is not in Du: passes
 *   11.43/16 of 43, ROAs of 43 and of 99              step 4: 99 is not in Du: passes
 *   11.44/16 of 44, ROA, no ASPA                      step 3: the path is unknown, not valid: passes
 *   11.45/16 of 40, ROA, from 20 and from 30 as well  step 5: 30 is on a route and not in Du: passes
 *   11.21/16 of 21, ROA; 21 has a provider 31         step 5: passes
 *   11.46/16 of 40, ROA, from 20, and routed by hand  the draft's routes are those of Adj-RIB-Ins: as 11.40/16
 *   11.47/16 of 40, ROA, routed by hand alone         no neighbour's route is in the cone: passes
 *   11.60/16 of 60, from 30                           step 6: loose: passes
 *   11.10/16 ours, with 11.10.1/24 internal           step 7: refused by hand
 *   11.40.9/24 within S, by the interface's ACL       step 8: passes
 */
START_TEST(bar_sav_pi_each_step)
{
	static const char *const vrps[] = {"11.40.0.0/16 40", "11.42.0.0/16 42",
					   "11.43.0.0/16 43", "11.43.0.0/16 99",
					   "11.44.0.0/16 44", "11.45.0.0/16 40",
					   "11.21.0.0/16 21", "11.46.0.0/16 40",
					   "11.47.0.0/16 40", NULL};
	static const uint32_t aspas[][4] = {{20, 10}, {21, 10, 31}, {40, 20},
					    {41, 20}, {42, 20, 50}, {43, 20}};
	manrs_urpf *u;
	uint16_t c20, c21, p30, none;

	open_with(0, 10);
	make_db(vrps, aspas, 6);
	c20 = iface(MANRS_URPF_BAR_SAV, MANRS_ROLE_CUSTOMER, 20, 0);
	c21 = iface(MANRS_URPF_BAR_SAV, MANRS_ROLE_CUSTOMER, 21, 0);
	p30 = iface(MANRS_URPF_BAR_SAV_PI, MANRS_ROLE_PROVIDER, 30, 0);
	route(c20, "11.40.0.0/16", "20 40", MANRS_URPF_BEST);
	route(c20, "11.41.0.0/16", "20 41", MANRS_URPF_BEST);
	route(c20, "11.42.0.0/16", "20 42", MANRS_URPF_BEST);
	route(c20, "11.43.0.0/16", "20 43", MANRS_URPF_BEST);
	route(c20, "11.44.0.0/16", "20 44", MANRS_URPF_BEST);
	route(c20, "11.45.0.0/16", "20 40", MANRS_URPF_BEST);
	route(p30, "11.45.0.0/16", "30 20 40", 0);
	route(c21, "11.21.0.0/16", "21", MANRS_URPF_BEST);
	none = iface(MANRS_URPF_OFF, MANRS_ROLE_NONE, 0, 0);
	route(c20, "11.46.0.0/16", "20 40", MANRS_URPF_BEST);
	route(none, "11.46.0.0/16", "", 0);
	route(MANRS_URPF_NO_IFACE, "11.46.0.0/16", "", MANRS_URPF_DISCARD);
	route(none, "11.47.0.0/16", "", MANRS_URPF_BEST);
	route(p30, "11.60.0.0/16", "30 60", MANRS_URPF_BEST);
	route(MANRS_URPF_NO_IFACE, "11.10.0.0/16", "", MANRS_URPF_BEST);
	by_hand(MANRS_URPF_PREFIX_LOCAL, MANRS_URPF_NO_IFACE, "11.10.1.0/24");
	by_hand(MANRS_URPF_PREFIX_LIST, p30, "11.40.9.0/24");
	u = commit(0);
	ck_assert_str_eq(
		list(u, p30),
		"11.10.0.0/16 11.21.0.0/16 11.40.9.0/24 11.41.0.0/16 11.42.0.0/16 11.43.0.0/16 "
		"11.44.0.0/16 11.45.0.0/16 11.47.0.0/16 11.60.0.0/16");
	ck_assert_int_eq(step(u, p30, "11.40.0.1"), MANRS_URPF_STEP_PI_CONE);
	ck_assert_int_eq(step(u, p30, "11.46.0.1"), MANRS_URPF_STEP_PI_CONE);
	ck_assert_int_eq(step(u, p30, "11.40.9.1"), MANRS_URPF_STEP_LISTED);
	ck_assert_int_eq(step(u, p30, "11.10.1.1"), MANRS_URPF_STEP_PI_LOCAL);
	ck_assert_int_eq(step(u, p30, "11.10.2.1"), MANRS_URPF_STEP_LOOSE);
	ck_assert_int_eq(step(u, p30, "11.45.0.1"), MANRS_URPF_STEP_LOOSE);
	ck_assert_int_eq(step(u, p30, "11.61.0.1"), MANRS_URPF_STEP_NO_ROUTE);
	ck_assert_int_eq(check(u, c20, "11.40.0.1"), 1);
	ck_assert_int_eq(check(u, c21, "11.40.0.1"), 0);
	close_all(u);
}
END_TEST

Suite *urpf_cone_suite(void)
{
	Suite *s = suite_create("urpf_cone");

	ADD_TEST(s, bar_sav_s4_worked_example, 1);
	ADD_TEST(s, bar_sav_procedure_x_sees_aspas_and_roas_alone, 1);
	ADD_TEST(s, bar_sav_cone_grows_jointly, 1);
	ADD_TEST(s, bar_sav_s4_inputs_and_acls, 1);
	ADD_TEST(s, bar_sav_an_interface_of_another_role_or_as_forgets_its_adjacencies, 1);
	ADD_TEST(s, bar_sav_without_a_db_is_loose_and_says_so, 1);
	ADD_TEST(s, bar_sav_pi_each_step, 1);
	return s;
}
