/* SPDX-License-Identifier: BSD-2-Clause */
/* Which tests an announcement is asked: by the session, and by what there is to test against. */

#include "test.h"

#include "check/desk.h"

/* RFC 4271 sections 5.1.2, 5.1.3 and 6.3, RFC 9234 section 5, RFC 7908, the ASPA draft: all speak of external sessions. */
START_TEST(internal_sessions_are_asked_about_the_route_alone)
{
	static const int stay[] = {
		MANRS_TEST_ROV,       MANRS_TEST_IRR,        MANRS_TEST_BOGON_PREFIX,
		MANRS_TEST_BOGON_ASN, MANRS_TEST_PREFIX_LEN, MANRS_TEST_PATH_LOOP,
		MANRS_TEST_PATH_SET,  MANRS_TEST_PATH_LEN,   MANRS_TEST_PATH_RESERVED,
		MANRS_TEST_DENY_LIST, MANRS_TEST_FAMILY,
	};
	struct desk d;
	uint64_t asked = 0;
	manrs_verdict v;

	for (size_t i = 0; i < sizeof stay / sizeof *stay; i++)
		asked |= MANRS_TEST_BIT(stay[i]);
	for (int role = MANRS_ROLE_NONE; role <= MANRS_ROLE_RS_CLIENT; role++) {
		open_desk(&d, role);
		d.policy.tests = MANRS_TESTS_ALL;
		announce(&d, "193.0.0.0/24", "100 101", LOCAL);
		d.a.flags = MANRS_ANNOUNCE_INTERNAL;
		for (int egress = 0; egress < 2; egress++) {
			ck_assert_int_eq(manrs_check(d.db, &d.policy, &d.a, 1, &v), MANRS_OK);
			ck_assert_uint_eq(v.pass | v.fail | v.unknown, asked);
			ck_assert_uint_eq(v.fail, 0);
			d.a.flags |= MANRS_ANNOUNCE_EGRESS;
		}
		close_desk(&d);
	}
}
END_TEST

/* An empty path is our own route, confederation segments are our own; a set is nobody's. */
START_TEST(paths_of_internal_sessions)
{
	struct desk d;

	open_desk(&d, MANRS_ROLE_NONE);
	announce(&d, "193.0.0.0/24", "", LOCAL);
	d.a.flags = MANRS_ANNOUNCE_INTERNAL;
	ck_assert_int_eq(code_of(&d, MANRS_TEST_PATH_LEN), MANRS_CODE_PATH_LEN_OK);
	announce(&d, "193.0.0.0/25", "(65001) 100 {101}", LOCAL);
	d.a.flags = MANRS_ANNOUNCE_INTERNAL;
	ck_assert_int_eq(code_of(&d, MANRS_TEST_PATH_SET), MANRS_CODE_PATH_SET_AS_SET);
	ck_assert_int_eq(code_of(&d, MANRS_TEST_PREFIX_LEN), MANRS_CODE_PREFIX_LEN_LONG);
	announce(&d, "193.0.0.0/24", "(65001) 100 101", LOCAL);
	d.a.flags = MANRS_ANNOUNCE_INTERNAL;
	ck_assert_int_eq(code_of(&d, MANRS_TEST_PATH_SET), MANRS_CODE_PATH_SET_NONE);
	close_desk(&d);
}
END_TEST

START_TEST(a_session_without_an_external_role_takes_nothing_from_outside)
{
	manrs_verdict v;
	struct desk d;

	open_desk(&d, MANRS_ROLE_NONE);
	announce(&d, "193.0.0.0/24", "(65001) 100 101", LOCAL);
	ck_assert_int_eq(manrs_check(d.db, &d.policy, &d.a, 1, &v), MANRS_EINVAL);
	ck_assert_uint_eq(v.pass | v.unknown, 0);
	ck_assert_uint_eq(v.fail, d.policy.tests);
	close_desk(&d);
}
END_TEST

/* The tests that need a record or a list. */
static const uint64_t rest =
	MANRS_TEST_BIT(MANRS_TEST_ROV) | MANRS_TEST_BIT(MANRS_TEST_ASPA) |
	MANRS_TEST_BIT(MANRS_TEST_IRR) | MANRS_TEST_BIT(MANRS_TEST_PEERLOCK) |
	MANRS_TEST_BIT(MANRS_TEST_TRANSIT_FREE) | MANRS_TEST_BIT(MANRS_TEST_NEVER_VIA_RS) |
	MANRS_TEST_BIT(MANRS_TEST_ORIGIN_SET) | MANRS_TEST_BIT(MANRS_TEST_PREFIX_LIST) |
	MANRS_TEST_BIT(MANRS_TEST_DENY_LIST);

/* Instead of the desk's snapshot one of nothing, a VRP, an ASPA or a route object. */
static void load(struct desk *d, int what)
{
	static const uint32_t of_101[] = {100};
	manrs_route valid = vrp("193.0.0.0/24 101", 0);
	manrs_aspa aspa = {of_101, 101, 1};
	manrs_edit *edit;

	ck_assert_int_eq(manrs_edit_begin(&edit, d->owner, NULL), MANRS_OK);
	if (what == 1)
		manrs_edit_vrps(edit, 0, MANRS_ADD, &valid, 1, NULL, NULL);
	if (what == 2)
		manrs_edit_aspas(edit, 0, MANRS_ADD, &aspa, 1, NULL, NULL);
	if (what == 3)
		manrs_edit_irr(edit, 0, MANRS_ADD, &valid, 1, NULL, NULL);
	ck_assert_int_eq(manrs_edit_commit(edit, &d->db), MANRS_OK);
}

/* Only what was asked can be answered: no record of a kind, or no list, is unknown and never a pass. */
START_TEST(tests_without_their_data_never_pass)
{
	struct desk d;

	open_desk(&d, MANRS_ROLE_RS_CLIENT);
	ck_assert_uint_eq(manrs_tests_with_data(d.db, &d.policy) & rest,
			  MANRS_TEST_BIT(MANRS_TEST_ROV) | MANRS_TEST_BIT(MANRS_TEST_ASPA) |
				  MANRS_TEST_BIT(MANRS_TEST_IRR) |
				  MANRS_TEST_BIT(MANRS_TEST_TRANSIT_FREE));
	manrs_db_unref(d.db);
	for (int loaded = 0; loaded < 4; loaded++) {
		manrs_verdict v;

		load(&d, loaded);
		d.policy.tests = MANRS_TESTS_ALL;
		d.policy.n_transit_free = 0;
		announce(&d, "193.0.0.0/24", "101", 101);
		manrs_check(d.db, &d.policy, &d.a, 1, &v);
		ck_assert_uint_eq(v.fail, 0);
		ck_assert_uint_eq(v.pass & rest, loaded == 1   ? MANRS_TEST_BIT(MANRS_TEST_ROV)
						 : loaded == 2 ? MANRS_TEST_BIT(MANRS_TEST_ASPA)
						 : loaded == 3 ? MANRS_TEST_BIT(MANRS_TEST_IRR)
							       : 0);
		ck_assert_uint_eq(v.unknown & rest, rest & ~v.pass);
		ck_assert_uint_eq(manrs_tests_with_data(d.db, &d.policy),
				  MANRS_TESTS_ALL & ~(rest & ~v.pass));
		if (loaded == 1)
			ck_assert_int_eq(code_of(&d, MANRS_TEST_IRR), MANRS_CODE_NO_LIST);
		manrs_db_unref(d.db);
	}
	d.policy.size = 1;
	load(&d, 0);
	ck_assert_uint_eq(manrs_tests_with_data(d.db, &d.policy), 0);
	close_desk(&d);
}
END_TEST

Suite *check_suite(void)
{
	Suite *s = suite_create("check");

	ADD_TEST(s, internal_sessions_are_asked_about_the_route_alone, 1);
	ADD_TEST(s, paths_of_internal_sessions, 1);
	ADD_TEST(s, a_session_without_an_external_role_takes_nothing_from_outside, 1);
	ADD_TEST(s, tests_without_their_data_never_pass, 1);
	return s;
}
