/* SPDX-License-Identifier: BSD-2-Clause */
/* What an AS path is asked; the expectations are those of the RFCs named. */

#include "test.h"

#include "check/desk.h"

START_TEST(aspa_draft28_states_and_first_checks)
{
	struct desk d;

	open_desk(&d, MANRS_ROLE_CUSTOMER);
	ck_assert_int_eq(code(&d, MANRS_TEST_ASPA, "193.0.0.0/24", "100 101", 100),
			 MANRS_CODE_ASPA_VALID);
	ck_assert_int_eq(code(&d, MANRS_TEST_ASPA, "193.0.0.0/24", "103 101", 103),
			 MANRS_CODE_ASPA_INVALID_HOPS);
	ck_assert_int_eq(code(&d, MANRS_TEST_ASPA, "193.0.0.0/24", "103 104", 103),
			 MANRS_CODE_ASPA_UNKNOWN);
	ck_assert_int_eq(code(&d, MANRS_TEST_ASPA, "193.0.0.0/24", "100 101", 101),
			 MANRS_CODE_ASPA_INVALID_NEIGHBOUR);
	ck_assert_int_eq(code(&d, MANRS_TEST_ASPA, "193.0.0.0/24", "", 101),
			 MANRS_CODE_ASPA_INVALID_EMPTY);
	ck_assert_int_eq(code(&d, MANRS_TEST_ASPA, "193.0.0.0/24", "100 {101}", 100),
			 MANRS_CODE_ASPA_INVALID_SET);
	d.policy.role = MANRS_ROLE_PROVIDER;
	ck_assert_int_eq(code(&d, MANRS_TEST_ASPA, "193.0.0.0/24", "103 101", 103),
			 MANRS_CODE_ASPA_VALID);
	close_desk(&d);
}
END_TEST

/*
 * One rule for manrs_aspa_hops, the finding and its words. Expected: the order of the draft's first checks (empty, neighbour,
 * AS_SET), RFC 9774 section 3 for both kinds of set, RFC 5065 section 5 for the confederation's segments.
 */
START_TEST(aspa_finding_and_hops_give_one_reason)
{
	static const struct {
		const char *path;
		uint32_t neighbour;
		bool confed;
		int reason, code;
		const char *words;
	} cases[] = {
		{"", 100, false, MANRS_ASPA_REASON_EMPTY, MANRS_CODE_ASPA_INVALID_EMPTY, "empty"},
		{"(65001)", 65001, true, MANRS_ASPA_REASON_EMPTY, MANRS_CODE_ASPA_INVALID_EMPTY,
		 "empty"},
		{"(65001)", 100, true, MANRS_ASPA_REASON_NEIGHBOUR,
		 MANRS_CODE_ASPA_INVALID_NEIGHBOUR, "not the neighbour AS100"},
		{"(65001) 101", 65001, false, MANRS_ASPA_REASON_CONFED,
		 MANRS_CODE_ASPA_INVALID_CONFED, "from outside the confederation"},
		{"(65001) [65002] 101", 65001, false, MANRS_ASPA_REASON_SET,
		 MANRS_CODE_ASPA_INVALID_SET, "AS_CONFED_SET"},
		{"[65001] 101", 65001, true, MANRS_ASPA_REASON_SET, MANRS_CODE_ASPA_INVALID_SET,
		 "AS_CONFED_SET"},
		{"{7}", 7, false, MANRS_ASPA_REASON_SET, MANRS_CODE_ASPA_INVALID_SET, "AS_SET"},
		{"{7} 101", 7, false, MANRS_ASPA_REASON_SET, MANRS_CODE_ASPA_INVALID_SET, "AS_SET"},
		{"{7}", 8, false, MANRS_ASPA_REASON_NEIGHBOUR, MANRS_CODE_ASPA_INVALID_NEIGHBOUR,
		 "not the neighbour AS8"},
		{"101 {7}", 102, false, MANRS_ASPA_REASON_NEIGHBOUR,
		 MANRS_CODE_ASPA_INVALID_NEIGHBOUR, "not the neighbour AS102"},
		{"103 101", 103, false, MANRS_ASPA_REASON_HOPS, MANRS_CODE_ASPA_INVALID_HOPS,
		 "AS101 does not list AS103"},
		{"103 104", 103, false, MANRS_ASPA_REASON_NO_ATTESTATION, MANRS_CODE_ASPA_UNKNOWN,
		 "AS104 has no ASPA"},
		{"100 101", 100, false, MANRS_ASPA_REASON_NONE, MANRS_CODE_ASPA_VALID, "Valid"},
	};
	char text[MANRS_EXPLAIN_MAX];
	manrs_aspa_ramps ramps;
	struct desk d;

	open_desk(&d, MANRS_ROLE_CUSTOMER);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint32_t flags = cases[i].confed ? MANRS_ASPA_CONFED : 0;

		d.policy.flags &= ~MANRS_POLICY_CONFED;
		d.policy.flags |= cases[i].confed ? MANRS_POLICY_CONFED : 0;
		ck_assert_msg(code(&d, MANRS_TEST_ASPA, "193.0.0.0/24", cases[i].path,
				   cases[i].neighbour) == cases[i].code,
			      "finding on %s", cases[i].path);
		manrs_aspa_hops(d.db, &d.a.path, cases[i].neighbour, MANRS_ROLE_CUSTOMER, flags,
				&ramps, NULL, 0);
		ck_assert_msg(ramps.reason == cases[i].reason, "hops of %s", cases[i].path);
		manrs_explain(d.db, &d.policy, &d.a, MANRS_TEST_ASPA, text, sizeof text);
		ck_assert_msg(strstr(text, cases[i].words) != NULL, "%s", text);
	}
	close_desk(&d);
}
END_TEST

/* RFC 6996, 7300, 7607, 6793, IANA: private numbers are bogons by the policy, the others in no path. */
START_TEST(numbers_that_are_not_public)
{
	struct desk d;

	open_desk(&d, MANRS_ROLE_PEER);
	ck_assert_int_eq(code(&d, MANRS_TEST_BOGON_ASN, "193.0.0.0/24", "101 64512", 101),
			 MANRS_CODE_BOGON_ASN_FOUND);
	ck_assert_int_eq(code(&d, MANRS_TEST_PATH_RESERVED, "193.0.0.0/24", "101 64512", 101),
			 MANRS_CODE_PATH_RESERVED_NONE);
	ck_assert_int_eq(code(&d, MANRS_TEST_BOGON_ASN, "193.0.0.0/24", "101 112", 101),
			 MANRS_CODE_BOGON_ASN_NONE);
	ck_assert_int_eq(code(&d, MANRS_TEST_PATH_RESERVED, "193.0.0.0/24", "101 0", 101),
			 MANRS_CODE_PATH_RESERVED_ZERO);
	ck_assert_int_eq(code(&d, MANRS_TEST_PATH_RESERVED, "193.0.0.0/24", "101 23456", 101),
			 MANRS_CODE_PATH_RESERVED_TRANS);
	ck_assert_int_eq(code(&d, MANRS_TEST_PATH_RESERVED, "193.0.0.0/24", "101 65535", 101),
			 MANRS_CODE_PATH_RESERVED_FOUND);
	d.policy.flags |= MANRS_POLICY_PRIVATE_ASN;
	ck_assert_int_eq(code(&d, MANRS_TEST_BOGON_ASN, "193.0.0.0/24", "101 64512", 101),
			 MANRS_CODE_BOGON_ASN_NONE);
	close_desk(&d);
}
END_TEST

START_TEST(rfc4271_s9_1_2_loops)
{
	struct desk d;

	open_desk(&d, MANRS_ROLE_PEER);
	ck_assert_int_eq(code(&d, MANRS_TEST_PATH_LOOP, "193.0.0.0/24", "101 102 101", 101),
			 MANRS_CODE_PATH_LOOP_AGAIN);
	ck_assert_int_eq(code(&d, MANRS_TEST_PATH_LOOP, "193.0.0.0/24", "101 101 102", 101),
			 MANRS_CODE_PATH_LOOP_NONE);
	ck_assert_int_eq(code(&d, MANRS_TEST_PATH_LOOP, "193.0.0.0/24", "101 200", 101),
			 MANRS_CODE_PATH_LOOP_LOCAL);
	close_desk(&d);
}
END_TEST

START_TEST(lengths_and_prepends)
{
	struct desk d;

	open_desk(&d, MANRS_ROLE_PEER);
	d.policy.max_repeat = 3;
	d.policy.max_path = 6;
	ck_assert_int_eq(code(&d, MANRS_TEST_PATH_LEN, "193.0.0.0/24", "", 101),
			 MANRS_CODE_PATH_LEN_EMPTY);
	ck_assert_int_eq(code(&d, MANRS_TEST_PATH_LEN, "193.0.0.0/24", "1 2 3 4 5 6", 1),
			 MANRS_CODE_PATH_LEN_OK);
	ck_assert_int_eq(code(&d, MANRS_TEST_PATH_LEN, "193.0.0.0/24", "1 2 3 4 5 6 7", 1),
			 MANRS_CODE_PATH_LEN_LONG);
	ck_assert_int_eq(code(&d, MANRS_TEST_PATH_LEN, "193.0.0.0/24", "1 1 1 1", 1),
			 MANRS_CODE_PATH_LEN_PREPENDS);
	close_desk(&d);
}
END_TEST

START_TEST(rfc9774_sets_and_rfc5065_segments)
{
	struct desk d;

	open_desk(&d, MANRS_ROLE_PEER);
	ck_assert_int_eq(code(&d, MANRS_TEST_PATH_SET, "193.0.0.0/24", "1 {2,3}", 1),
			 MANRS_CODE_PATH_SET_AS_SET);
	ck_assert_int_eq(code(&d, MANRS_TEST_PATH_SET, "193.0.0.0/24", "1 [2,3]", 1),
			 MANRS_CODE_PATH_SET_CONFED_SET);
	ck_assert_int_eq(code(&d, MANRS_TEST_PATH_SET, "193.0.0.0/24", "(2 3) 1", 2),
			 MANRS_CODE_PATH_SET_CONFED_SEQUENCE);
	d.policy.flags |= MANRS_POLICY_CONFED;
	ck_assert_int_eq(code_of(&d, MANRS_TEST_PATH_SET), MANRS_CODE_PATH_SET_NONE);
	close_desk(&d);
}
END_TEST

START_TEST(rfc4271_s6_3_first_as_and_rfc7947_waiver)
{
	struct desk d;

	open_desk(&d, MANRS_ROLE_PEER);
	ck_assert_int_eq(code(&d, MANRS_TEST_FIRST_AS, "193.0.0.0/24", "101", 101),
			 MANRS_CODE_FIRST_AS_OK);
	ck_assert_int_eq(code(&d, MANRS_TEST_FIRST_AS, "193.0.0.0/24", "101", 102),
			 MANRS_CODE_FIRST_AS_OTHER);
	ck_assert_int_eq(code(&d, MANRS_TEST_FIRST_AS, "193.0.0.0/24", "", 102),
			 MANRS_CODE_FIRST_AS_OTHER);
	announce(&d, "193.0.0.0/24", "101", 0);
	d.a.flags = MANRS_ANNOUNCE_ANY_NEIGHBOUR;
	ck_assert_int_eq(code_of(&d, MANRS_TEST_FIRST_AS), MANRS_CODE_FIRST_AS_UNKNOWN);
	d.policy.role = MANRS_ROLE_RS;
	ck_assert_int_eq(code(&d, MANRS_TEST_FIRST_AS, "193.0.0.0/24", "101", 102),
			 MANRS_CODE_FIRST_AS_WAIVED);
	d.policy.role = MANRS_ROLE_RS_CLIENT;
	ck_assert_int_eq(code(&d, MANRS_TEST_FIRST_AS, "193.0.0.0/24", "101", 102),
			 MANRS_CODE_FIRST_AS_OTHER);
	close_desk(&d);
}
END_TEST

/* RFC 7705: a migrating AS has our number and keeps its external role; whether it is on the path is not known. */
START_TEST(rfc7705_one_as_number_on_both_sides_of_an_external_session)
{
	static const char *const paths[] = {"100 101", "200 100 101", "103 101", ""};
	struct desk d;
	char text[MANRS_EXPLAIN_MAX];

	open_desk(&d, MANRS_ROLE_CUSTOMER);
	for (int i = 0; i < 4; i++) {
		ck_assert_int_eq(code(&d, MANRS_TEST_FIRST_AS, "193.0.0.0/24", paths[i], LOCAL),
				 MANRS_CODE_FIRST_AS_SAME_AS);
		ck_assert_int_eq(code_of(&d, MANRS_TEST_ASPA), MANRS_CODE_ASPA_SAME_AS);
		ck_assert_int_gt(
			manrs_explain(d.db, &d.policy, &d.a, MANRS_TEST_ASPA, text, sizeof text),
			0);
		ck_assert_ptr_nonnull(strstr(text, "AS migration [RFC 7705]"));
	}
	ck_assert_int_eq(code(&d, MANRS_TEST_ASPA, "193.0.0.0/24", "100 {101}", LOCAL),
			 MANRS_CODE_ASPA_INVALID_SET);
	d.policy.local_as = 0; /* ours is not known: nothing to compare with */
	ck_assert_int_eq(code(&d, MANRS_TEST_FIRST_AS, "193.0.0.0/24", "200 101", LOCAL),
			 MANRS_CODE_FIRST_AS_OK);
	close_desk(&d);
}
END_TEST

START_TEST(transit_free_and_peerlock_behind_the_neighbour)
{
	static const manrs_peerlock rules[] = {{500, 100}};
	struct desk d;

	open_desk(&d, MANRS_ROLE_PEER);
	d.policy.tests |= MANRS_TEST_BIT(MANRS_TEST_PEERLOCK);
	d.policy.peerlocks = rules;
	d.policy.n_peerlocks = 1;
	ck_assert_int_eq(code(&d, MANRS_TEST_TRANSIT_FREE, "193.0.0.0/24", "1299 1299 101", 1299),
			 MANRS_CODE_TRANSIT_FREE_NONE);
	ck_assert_int_eq(code(&d, MANRS_TEST_TRANSIT_FREE, "193.0.0.0/24", "100 1299 101", 100),
			 MANRS_CODE_TRANSIT_FREE_FOUND);
	ck_assert_int_eq(code(&d, MANRS_TEST_PEERLOCK, "193.0.0.0/24", "100 500 101", 100),
			 MANRS_CODE_PEERLOCK_OK);
	ck_assert_int_eq(code(&d, MANRS_TEST_PEERLOCK, "193.0.0.0/24", "102 500", 102),
			 MANRS_CODE_PEERLOCK_BROKEN);
	ck_assert_int_eq(code(&d, MANRS_TEST_PEERLOCK, "193.0.0.0/24", "500 101", 500),
			 MANRS_CODE_PEERLOCK_OK);
	d.policy.role = MANRS_ROLE_RS; /* its own AS is not on the path: the first AS sent it */
	ck_assert_int_eq(code(&d, MANRS_TEST_PEERLOCK, "193.0.0.0/24", "100 500", 777),
			 MANRS_CODE_PEERLOCK_OK);
	d.a.flags = MANRS_ANNOUNCE_ANY_NEIGHBOUR; /* nor is it asked whose it is */
	ck_assert_int_eq(code_of(&d, MANRS_TEST_PEERLOCK), MANRS_CODE_PEERLOCK_OK);
	d.policy.role = MANRS_ROLE_PROVIDER;
	ck_assert_int_eq(code(&d, MANRS_TEST_TRANSIT_FREE, "193.0.0.0/24", "100 1299 101", 100), 0);
	close_desk(&d);
}
END_TEST

/* NANOG 67, Peer Locking: from whom an AS may be heard. Who is not known may be none of these, whatever the path says. */
START_TEST(peerlock_of_a_neighbour_that_is_not_known)
{
	static const manrs_peerlock rules[] = {{500, 100}};
	static const struct {
		const char *path;
		int code;
		uint32_t hop;
	} cases[] = {
		{"100 500 101", MANRS_CODE_PEERLOCK_UNKNOWN, 1},
		{"500 101", MANRS_CODE_PEERLOCK_UNKNOWN, 0},
		{"102 500", MANRS_CODE_PEERLOCK_BROKEN, 1},
		{"102 101", MANRS_CODE_PEERLOCK_OK, 0},
		{"", MANRS_CODE_PEERLOCK_OK, 0},
	};
	const uint64_t bit = MANRS_TEST_BIT(MANRS_TEST_PEERLOCK);
	struct desk d;
	char text[MANRS_EXPLAIN_MAX];

	open_desk(&d, MANRS_ROLE_PEER);
	d.policy.tests |= bit;
	d.policy.peerlocks = rules;
	d.policy.n_peerlocks = 1;
	for (size_t i = 0; i < 10; i++) { /* a number beside the flag does not count */
		manrs_finding f;
		manrs_verdict v;
		int wanted = cases[i / 2].code;

		announce(&d, "193.0.0.0/24", cases[i / 2].path, i % 2 ? 100 : 0);
		d.a.flags = MANRS_ANNOUNCE_ANY_NEIGHBOUR;
		manrs_finding_get(d.db, &d.policy, &d.a, MANRS_TEST_PEERLOCK, &f);
		ck_assert_msg((int)f.code == wanted, "%s: %u", cases[i / 2].path, f.code);
		ck_assert_uint_eq(f.hop, cases[i / 2].hop);
		ck_assert_int_eq(manrs_check(d.db, &d.policy, &d.a, 1, &v), MANRS_OK);
		ck_assert_int_eq((v.unknown & bit) != 0, wanted == MANRS_CODE_PEERLOCK_UNKNOWN);
		ck_assert_int_eq((v.pass & bit) != 0, wanted == MANRS_CODE_PEERLOCK_OK);
		ck_assert_int_eq(code_of(&d, MANRS_TEST_LEAK) == MANRS_CODE_LEAK_BY_PEERLOCK,
				 wanted == MANRS_CODE_PEERLOCK_BROKEN);
	}
	announce(&d, "193.0.0.0/24", "100 500", 0);
	d.a.flags = MANRS_ANNOUNCE_ANY_NEIGHBOUR;
	manrs_explain(d.db, &d.policy, &d.a, MANRS_TEST_PEERLOCK, text, sizeof text);
	ck_assert_ptr_nonnull(
		strstr(text, "AS500, hop 2 of the path `100 500`, is to be heard from some alone"));
	close_desk(&d);
}
END_TEST

Suite *look_path_suite(void)
{
	Suite *s = suite_create("look_path");

	ADD_TEST(s, aspa_draft28_states_and_first_checks, 1);
	ADD_TEST(s, aspa_finding_and_hops_give_one_reason, 1);
	ADD_TEST(s, numbers_that_are_not_public, 1);
	ADD_TEST(s, rfc4271_s9_1_2_loops, 1);
	ADD_TEST(s, lengths_and_prepends, 1);
	ADD_TEST(s, rfc9774_sets_and_rfc5065_segments, 1);
	ADD_TEST(s, rfc4271_s6_3_first_as_and_rfc7947_waiver, 1);
	ADD_TEST(s, rfc7705_one_as_number_on_both_sides_of_an_external_session, 1);
	ADD_TEST(s, transit_free_and_peerlock_behind_the_neighbour, 1);
	ADD_TEST(s, peerlock_of_a_neighbour_that_is_not_known, 1);
	return s;
}
