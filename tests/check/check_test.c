/* SPDX-License-Identifier: BSD-2-Clause */
/* The check of one announcement, a case a rule; the expectations are those of the RFCs named. */

#include "test.h"

#include "check/desk.h"

static int code(struct desk *d, int test, const char *prefix, const char *path, uint32_t neighbour)
{
	announce(d, prefix, path, neighbour);
	return code_of(d, test);
}

START_TEST(rfc6811_origins_and_reasons)
{
	struct desk d;

	open_desk(&d, MANRS_ROLE_CUSTOMER);
	ck_assert_int_eq(code(&d, MANRS_TEST_ROV, "193.0.0.0/24", "100 101", 100),
			 MANRS_CODE_ROV_VALID);
	ck_assert_int_eq(code(&d, MANRS_TEST_ROV, "193.0.0.0/25", "100 101", 100),
			 MANRS_CODE_ROV_INVALID_LENGTH);
	ck_assert_int_eq(code(&d, MANRS_TEST_ROV, "193.0.0.0/24", "101 100", 101),
			 MANRS_CODE_ROV_INVALID_AS);
	ck_assert_int_eq(code(&d, MANRS_TEST_ROV, "193.0.0.0/24", "100 {101}", 100),
			 MANRS_CODE_ROV_INVALID_NO_ORIGIN);
	ck_assert_int_eq(code(&d, MANRS_TEST_ROV, "194.0.0.0/24", "100 {101}", 100),
			 MANRS_CODE_ROV_NOT_FOUND);
	ck_assert_int_eq(code(&d, MANRS_TEST_ROV, "194.0.0.0/24", "100 101", 100),
			 MANRS_CODE_ROV_NOT_FOUND);
	close_desk(&d);
}
END_TEST

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

START_TEST(irr_by_object_by_roa_and_strict)
{
	struct desk d;

	open_desk(&d, MANRS_ROLE_CUSTOMER);
	ck_assert_int_eq(code(&d, MANRS_TEST_IRR, "193.0.0.0/24", "101", 101),
			 MANRS_CODE_IRR_REGISTERED);
	ck_assert_int_eq(code(&d, MANRS_TEST_IRR, "193.0.1.0/24", "101", 101),
			 MANRS_CODE_IRR_BY_ROA);
	ck_assert_int_eq(code(&d, MANRS_TEST_IRR, "193.2.1.0/24", "103", 103),
			 MANRS_CODE_IRR_MISMATCH_LENGTH);
	ck_assert_int_eq(code(&d, MANRS_TEST_IRR, "193.2.0.0/16", "104", 104),
			 MANRS_CODE_IRR_MISMATCH_AS);
	ck_assert_int_eq(code(&d, MANRS_TEST_IRR, "194.2.0.0/16", "104", 104),
			 MANRS_CODE_IRR_NOT_FOUND);
	d.policy.strict = MANRS_TEST_BIT(MANRS_TEST_IRR);
	ck_assert_int_eq(code(&d, MANRS_TEST_IRR, "194.2.0.0/16", "104", 104),
			 MANRS_CODE_IRR_NOT_FOUND);
	d.policy.flags &= ~MANRS_POLICY_IRR_ROA;
	ck_assert_int_eq(code(&d, MANRS_TEST_IRR, "194.0.1.0/24", "101", 101),
			 MANRS_CODE_IRR_NOT_FOUND);
	d.policy.flags |= MANRS_POLICY_IRR_COVERING;
	ck_assert_int_eq(code(&d, MANRS_TEST_IRR, "193.2.1.0/24", "103", 103),
			 MANRS_CODE_IRR_REGISTERED);
	close_desk(&d);
}
END_TEST

START_TEST(prefixes_bogons_lengths_families)
{
	struct desk d;

	open_desk(&d, MANRS_ROLE_PEER);
	ck_assert_int_eq(code(&d, MANRS_TEST_BOGON_PREFIX, "10.0.0.0/16", "101", 101),
			 MANRS_CODE_BOGON_PREFIX_SPECIAL);
	ck_assert_int_eq(code(&d, MANRS_TEST_BOGON_PREFIX, "4000::/16", "101", 101),
			 MANRS_CODE_BOGON_PREFIX_OUTSIDE);
	ck_assert_int_eq(code(&d, MANRS_TEST_PREFIX_LEN, "193.0.0.0/25", "101", 101),
			 MANRS_CODE_PREFIX_LEN_LONG);
	ck_assert_int_eq(code(&d, MANRS_TEST_PREFIX_LEN, "193.0.0.0/24", "101", 101),
			 MANRS_CODE_PREFIX_LEN_OK);
	ck_assert_int_eq(code(&d, MANRS_TEST_PREFIX_LEN, "0.0.0.0/0", "101", 101),
			 MANRS_CODE_PREFIX_LEN_SHORT);
	ck_assert_int_eq(code(&d, MANRS_TEST_PREFIX_LEN, "192.0.0.0/7", "101", 101),
			 MANRS_CODE_PREFIX_LEN_SHORT);
	ck_assert_int_eq(code(&d, MANRS_TEST_PREFIX_LEN, "2a00::/48", "101", 101),
			 MANRS_CODE_PREFIX_LEN_OK);
	ck_assert_int_eq(code(&d, MANRS_TEST_PREFIX_LEN, "2a00::/49", "101", 101),
			 MANRS_CODE_PREFIX_LEN_LONG);
	ck_assert_int_eq(code(&d, MANRS_TEST_PREFIX_LEN, "2a00::/11", "101", 101),
			 MANRS_CODE_PREFIX_LEN_SHORT);
	d.policy.flags &= ~MANRS_POLICY_FAMILY6;
	ck_assert_int_eq(code(&d, MANRS_TEST_FAMILY, "2a00::/48", "101", 101),
			 MANRS_CODE_FAMILY_OTHER);
	ck_assert_int_eq(code(&d, MANRS_TEST_FAMILY, "193.0.0.0/24", "101", 101),
			 MANRS_CODE_FAMILY_OK);
	close_desk(&d);
}
END_TEST

START_TEST(paths_and_their_numbers)
{
	struct desk d;

	open_desk(&d, MANRS_ROLE_PEER);
	d.policy.max_repeat = 3;
	d.policy.max_path = 6;
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
	ck_assert_int_eq(code(&d, MANRS_TEST_PATH_LOOP, "193.0.0.0/24", "101 102 101", 101),
			 MANRS_CODE_PATH_LOOP_AGAIN);
	ck_assert_int_eq(code(&d, MANRS_TEST_PATH_LOOP, "193.0.0.0/24", "101 101 102", 101),
			 MANRS_CODE_PATH_LOOP_NONE);
	ck_assert_int_eq(code(&d, MANRS_TEST_PATH_LOOP, "193.0.0.0/24", "101 200", 101),
			 MANRS_CODE_PATH_LOOP_LOCAL);
	ck_assert_int_eq(code(&d, MANRS_TEST_PATH_LEN, "193.0.0.0/24", "", 101),
			 MANRS_CODE_PATH_LEN_EMPTY);
	ck_assert_int_eq(code(&d, MANRS_TEST_PATH_LEN, "193.0.0.0/24", "1 2 3 4 5 6", 1),
			 MANRS_CODE_PATH_LEN_OK);
	ck_assert_int_eq(code(&d, MANRS_TEST_PATH_LEN, "193.0.0.0/24", "1 2 3 4 5 6 7", 1),
			 MANRS_CODE_PATH_LEN_LONG);
	ck_assert_int_eq(code(&d, MANRS_TEST_PATH_LEN, "193.0.0.0/24", "1 1 1 1", 1),
			 MANRS_CODE_PATH_LEN_PREPENDS);
	ck_assert_int_eq(code(&d, MANRS_TEST_PATH_SET, "193.0.0.0/24", "1 {2,3}", 1),
			 MANRS_CODE_PATH_SET_AS_SET);
	ck_assert_int_eq(code(&d, MANRS_TEST_PATH_SET, "193.0.0.0/24", "1 [2,3]", 1),
			 MANRS_CODE_PATH_SET_CONFED_SET);
	ck_assert_int_eq(code(&d, MANRS_TEST_PATH_SET, "193.0.0.0/24", "(2 3) 1", 2),
			 MANRS_CODE_PATH_SET_CONFED_SEQUENCE);
	d.policy.flags |= MANRS_POLICY_CONFED | MANRS_POLICY_PRIVATE_ASN;
	ck_assert_int_eq(code_of(&d, MANRS_TEST_PATH_SET), MANRS_CODE_PATH_SET_NONE);
	ck_assert_int_eq(code(&d, MANRS_TEST_BOGON_ASN, "193.0.0.0/24", "101 64512", 101),
			 MANRS_CODE_BOGON_ASN_NONE);
	close_desk(&d);
}
END_TEST

/* RFC 4271 sections 5.1.2, 5.1.3 and 6.3, RFC 9234 section 5, RFC 7908, the ASPA draft: all speak of external sessions. */
START_TEST(internal_sessions_are_asked_about_the_route_alone)
{
	static const int stay[] = {
		MANRS_TEST_ROV,	      MANRS_TEST_IRR,	     MANRS_TEST_BOGON_PREFIX,
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
	d.a.flags = 0; /* a session without an external role takes nothing from outside */
	ck_assert_int_eq(manrs_check(d.db, &d.policy, &d.a, 1, &v), MANRS_EINVAL);
	ck_assert_uint_eq(v.pass | v.unknown, 0);
	ck_assert_uint_eq(v.fail, d.policy.tests);
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

/* RFC 9234 section 5, ingress 2: from a Peer the value is compared with the remote AS; one that is not known is not 0. */
START_TEST(rfc9234_otc_of_a_peer_whose_as_is_not_known)
{
	struct desk d;
	char text[MANRS_EXPLAIN_MAX];

	open_desk(&d, MANRS_ROLE_PEER);
	for (int i = 0; i < 2; i++) {
		announce(&d, "193.0.0.0/24", "100 101", i ? 100 : 0);
		d.a.flags = MANRS_ANNOUNCE_ANY_NEIGHBOUR | MANRS_ANNOUNCE_OTC;
		d.a.otc = 100;
		ck_assert_int_eq(code_of(&d, MANRS_TEST_OTC), MANRS_CODE_OTC_UNKNOWN);
		ck_assert_int_eq(code_of(&d, MANRS_TEST_LEAK), MANRS_CODE_LEAK_NONE);
		d.a.flags = MANRS_ANNOUNCE_ANY_NEIGHBOUR;
		d.a.otc = 0;
		ck_assert_int_eq(code_of(&d, MANRS_TEST_OTC), MANRS_CODE_OTC_ADD);
		manrs_explain(d.db, &d.policy, &d.a, MANRS_TEST_OTC, text, sizeof text);
		ck_assert_ptr_nonnull(strstr(text, "it gets one of its AS"));
	}
	d.a.flags |= MANRS_ANNOUNCE_OTC;
	d.policy.role = MANRS_ROLE_CUSTOMER; /* from him any value is one */
	ck_assert_int_eq(code_of(&d, MANRS_TEST_OTC), MANRS_CODE_OTC_LEAK);
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

START_TEST(next_hops)
{
	struct desk d;
	manrs_prefix own = test_address("193.9.0.1");

	open_desk(&d, MANRS_ROLE_RS_CLIENT);
	d.policy.addresses = &own;
	d.policy.n_addresses = 1;
	ck_assert_int_eq(code(&d, MANRS_TEST_NEXT_HOP, "193.0.0.0/24", "101", 101),
			 MANRS_CODE_NEXT_HOP_UNKNOWN);
	d.a.next_hop = own;
	ck_assert_int_eq(code_of(&d, MANRS_TEST_NEXT_HOP), MANRS_CODE_NEXT_HOP_OWN);
	d.a.next_hop = test_address("193.9.0.2");
	ck_assert_int_eq(code_of(&d, MANRS_TEST_NEXT_HOP), MANRS_CODE_NEXT_HOP_UNKNOWN);
	d.a.neighbour_address = test_address("193.9.0.2");
	ck_assert_int_eq(code_of(&d, MANRS_TEST_NEXT_HOP), MANRS_CODE_NEXT_HOP_OK);
	d.a.neighbour_address = test_address("193.9.0.3");
	ck_assert_int_eq(code_of(&d, MANRS_TEST_NEXT_HOP), MANRS_CODE_NEXT_HOP_OTHER);
	d.policy.flags &= ~MANRS_POLICY_NEXT_HOP_NEIGHBOUR;
	ck_assert_int_eq(code_of(&d, MANRS_TEST_NEXT_HOP), MANRS_CODE_NEXT_HOP_OK);
	for (int i = 0; i < 8; i++) {
		static const char *const bogons[] = {"10.1.2.3",    "172.31.0.1", "192.168.3.4",
						     "100.127.0.1", "fd00::1",	  "fe80::1",
						     "127.0.0.1",   "224.0.0.5"};

		d.policy.flags &= ~MANRS_POLICY_NEXT_HOP_PRIVATE;
		d.a.next_hop = test_address(bogons[i]);
		ck_assert_int_eq(code_of(&d, MANRS_TEST_NEXT_HOP), MANRS_CODE_NEXT_HOP_BOGON);
		d.policy.flags |= MANRS_POLICY_NEXT_HOP_PRIVATE;
		ck_assert_int_eq(code_of(&d, MANRS_TEST_NEXT_HOP),
				 i < 6 ? MANRS_CODE_NEXT_HOP_OK : MANRS_CODE_NEXT_HOP_BOGON);
	}
	d.a.flags = MANRS_ANNOUNCE_EGRESS;
	d.a.next_hop = d.a.neighbour_address;
	ck_assert_int_eq(code_of(&d, MANRS_TEST_NEXT_HOP), MANRS_CODE_NEXT_HOP_OWN);
	close_desk(&d);
}
END_TEST

START_TEST(lists_of_the_session)
{
	static const uint32_t nobody[1] = {0}, set[] = {101, 103}, shy[] = {104};
	manrs_prefix block = {4, 16, 16, 0, {193, 0}}, single = {4, 24, 24, 0, {193, 1}};
	manrs_trie *list;
	struct desk d;

	open_desk(&d, MANRS_ROLE_RS_CLIENT);
	d.policy.tests = MANRS_TESTS_ALL;
	ck_assert_int_eq(code(&d, MANRS_TEST_ORIGIN_SET, "193.0.0.0/24", "101", 101),
			 MANRS_CODE_NO_LIST);
	ck_assert_int_eq(code_of(&d, MANRS_TEST_PREFIX_LIST), MANRS_CODE_NO_LIST);
	ck_assert_int_eq(code_of(&d, MANRS_TEST_DENY_LIST), MANRS_CODE_NO_LIST);
	ck_assert_int_eq(code_of(&d, MANRS_TEST_NEVER_VIA_RS), MANRS_CODE_NO_LIST);
	ck_assert_int_eq(code_of(&d, MANRS_TEST_PEERLOCK), MANRS_CODE_NO_LIST);
	d.policy.origins = nobody;
	ck_assert_int_eq(code_of(&d, MANRS_TEST_ORIGIN_SET), MANRS_CODE_ORIGIN_SET_OUT);
	d.policy.origins = set;
	d.policy.n_origins = 2;
	ck_assert_int_eq(code_of(&d, MANRS_TEST_ORIGIN_SET), MANRS_CODE_ORIGIN_SET_IN);
	ck_assert_int_eq(code(&d, MANRS_TEST_ORIGIN_SET, "193.0.0.0/24", "101 102", 101),
			 MANRS_CODE_ORIGIN_SET_OUT);
	ck_assert_int_eq(code(&d, MANRS_TEST_ORIGIN_SET, "193.0.0.0/24", "101 {103}", 101),
			 MANRS_CODE_ORIGIN_SET_OUT);
	d.policy.never_via_rs = shy;
	d.policy.n_never_via_rs = 1;
	ck_assert_int_eq(code(&d, MANRS_TEST_NEVER_VIA_RS, "193.0.0.0/24", "101 104", 101),
			 MANRS_CODE_NEVER_VIA_RS_FOUND);
	ck_assert_int_eq(code(&d, MANRS_TEST_NEVER_VIA_RS, "193.0.0.0/24", "101 105", 101),
			 MANRS_CODE_NEVER_VIA_RS_NONE);
	ck_assert_int_eq(manrs_trie_new(&list, NULL), MANRS_OK);
	manrs_trie_set(list, &block, 22);
	manrs_trie_set(list, &single, 0);
	d.policy.allowed = d.policy.denied = d.policy.bogons = list;
	ck_assert_int_eq(code(&d, MANRS_TEST_PREFIX_LIST, "193.0.4.0/22", "101", 101),
			 MANRS_CODE_PREFIX_LIST_IN);
	ck_assert_int_eq(code(&d, MANRS_TEST_PREFIX_LIST, "193.0.4.0/23", "101", 101),
			 MANRS_CODE_PREFIX_LIST_OUT);
	ck_assert_int_eq(code(&d, MANRS_TEST_PREFIX_LIST, "193.1.0.0/24", "101", 101),
			 MANRS_CODE_PREFIX_LIST_IN);
	ck_assert_int_eq(code(&d, MANRS_TEST_PREFIX_LIST, "193.1.0.0/25", "101", 101),
			 MANRS_CODE_PREFIX_LIST_OUT);
	ck_assert_int_eq(code(&d, MANRS_TEST_PREFIX_LIST, "193.0.0.0/15", "101", 101),
			 MANRS_CODE_PREFIX_LIST_OUT);
	ck_assert_int_eq(code(&d, MANRS_TEST_DENY_LIST, "193.0.4.0/23", "101", 101),
			 MANRS_CODE_DENY_LIST_IN);
	ck_assert_int_eq(code(&d, MANRS_TEST_DENY_LIST, "193.0.0.0/15", "101", 101),
			 MANRS_CODE_DENY_LIST_OUT);
	ck_assert_int_eq(code(&d, MANRS_TEST_BOGON_PREFIX, "193.0.4.0/23", "101", 101),
			 MANRS_CODE_BOGON_PREFIX_LISTED);
	manrs_trie_free(list);
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

/* RFC 7908 sections 3.1 to 3.4 on egress: what the host says of whom it has a route from holds for every path. */
START_TEST(rfc7908_learned_from_holds_for_a_path_of_our_own_as)
{
	static const char *const paths[] = {"200", "200 200 200", ""};
	struct desk d;
	char text[MANRS_EXPLAIN_MAX];

	open_desk(&d, MANRS_ROLE_PROVIDER);
	for (int i = 0; i < 3; i++) {
		announce(&d, "194.0.0.0/24", paths[i], 100);
		d.a.flags = MANRS_ANNOUNCE_EGRESS;
		ck_assert_int_eq(code_of(&d, MANRS_TEST_LEAK), MANRS_CODE_LEAK_NONE);
		d.a.learned_from = MANRS_ROLE_CUSTOMER;
		ck_assert_int_eq(code_of(&d, MANRS_TEST_LEAK), MANRS_CODE_LEAK_NONE);
		d.a.learned_from = MANRS_ROLE_PEER;
		ck_assert_int_eq(code_of(&d, MANRS_TEST_LEAK), MANRS_CODE_LEAK_BY_ROLE);
		manrs_explain(d.db, &d.policy, &d.a, MANRS_TEST_LEAK, text, sizeof text);
		ck_assert_str_eq(text, "194.0.0.0/24 would be a leak (type 4, from a peer to a "
				       "provider): learned from a neighbour that is our peer, it "
				       "may not go from AS200 to AS100 [RFC 7908 section 3].");
		d.a.learned_from = MANRS_ROLE_PROVIDER;
		ck_assert_int_eq(code_of(&d, MANRS_TEST_LEAK), MANRS_CODE_LEAK_BY_ROLE);
		d.a.learned_from = 0;
		d.a.flags |= MANRS_ANNOUNCE_OWN;
		ck_assert_int_eq(code_of(&d, MANRS_TEST_LEAK), MANRS_CODE_LEAK_NONE);
	}
	close_desk(&d);
}
END_TEST

/* Only what was asked can be answered: no record of a kind, or no list, is unknown and never a pass. */
START_TEST(tests_without_their_data_never_pass)
{
	const uint64_t rest =
		MANRS_TEST_BIT(MANRS_TEST_ROV) | MANRS_TEST_BIT(MANRS_TEST_ASPA) |
		MANRS_TEST_BIT(MANRS_TEST_IRR) | MANRS_TEST_BIT(MANRS_TEST_PEERLOCK) |
		MANRS_TEST_BIT(MANRS_TEST_TRANSIT_FREE) | MANRS_TEST_BIT(MANRS_TEST_NEVER_VIA_RS) |
		MANRS_TEST_BIT(MANRS_TEST_ORIGIN_SET) | MANRS_TEST_BIT(MANRS_TEST_PREFIX_LIST) |
		MANRS_TEST_BIT(MANRS_TEST_DENY_LIST);
	manrs_route valid = vrp("193.0.0.0/24 101", 0);
	static const uint32_t of_101[] = {100};
	manrs_aspa aspa = {of_101, 101, 1};
	manrs_edit *edit;
	manrs_db *db;
	struct desk d;

	open_desk(&d, MANRS_ROLE_RS_CLIENT);
	ck_assert_uint_eq(manrs_tests_with_data(d.db, &d.policy) & rest,
			  MANRS_TEST_BIT(MANRS_TEST_ROV) | MANRS_TEST_BIT(MANRS_TEST_ASPA) |
				  MANRS_TEST_BIT(MANRS_TEST_IRR) |
				  MANRS_TEST_BIT(MANRS_TEST_TRANSIT_FREE));
	manrs_db_unref(d.db);
	for (int loaded = 0; loaded < 4; loaded++) { /* nothing, VRPs, ASPAs, route objects */
		manrs_verdict v;

		ck_assert_int_eq(manrs_edit_begin(&edit, d.owner, NULL), MANRS_OK);
		if (loaded == 1)
			manrs_edit_vrps(edit, 0, MANRS_ADD, &valid, 1, NULL, NULL);
		if (loaded == 2)
			manrs_edit_aspas(edit, 0, MANRS_ADD, &aspa, 1, NULL, NULL);
		if (loaded == 3)
			manrs_edit_irr(edit, 0, MANRS_ADD, &valid, 1, NULL, NULL);
		ck_assert_int_eq(manrs_edit_commit(edit, &db), MANRS_OK);
		d.db = db;
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
		manrs_db_unref(db);
	}
	d.policy.size = 1;
	ck_assert_int_eq(manrs_edit_begin(&edit, d.owner, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_edit_commit(edit, &d.db), MANRS_OK);
	ck_assert_uint_eq(manrs_tests_with_data(d.db, &d.policy), 0);
	close_desk(&d);
}
END_TEST

START_TEST(leaks_name_their_evidence)
{
	static const manrs_as_rel rows[] = {{700, 701001, MANRS_REL_CUSTOMER},
					    {710, 701001, MANRS_REL_CUSTOMER}};
	static const manrs_peerlock rules[] = {{500, 100}};
	manrs_rel *rel;
	manrs_finding f;
	struct desk d;

	open_desk(&d, MANRS_ROLE_CUSTOMER);
	d.policy.tests |= MANRS_TEST_BIT(MANRS_TEST_PEERLOCK);
	d.policy.peerlocks = rules;
	d.policy.n_peerlocks = 1;
	ck_assert_int_eq(manrs_rel_new(&rel, rows, 2, NULL, NULL), MANRS_OK);
	d.policy.rel = rel;
	announce(&d, "194.0.0.0/24", "100 105", 100);
	ck_assert_int_eq(code_of(&d, MANRS_TEST_LEAK), MANRS_CODE_LEAK_UNKNOWN);
	d.a.flags |= MANRS_ANNOUNCE_OTC;
	d.a.otc = 105;
	ck_assert_int_eq(code_of(&d, MANRS_TEST_OTC), MANRS_CODE_OTC_LEAK);
	ck_assert_int_eq(code_of(&d, MANRS_TEST_LEAK), MANRS_CODE_LEAK_BY_OTC);
	ck_assert_int_eq(code(&d, MANRS_TEST_LEAK, "194.0.0.0/24", "700 701001 710", 700),
			 MANRS_CODE_LEAK_BY_RELATIONSHIP);
	manrs_finding_get(d.db, &d.policy, &d.a, MANRS_TEST_LEAK, &f);
	ck_assert_uint_eq(f.leak_type, MANRS_LEAK_HAIRPIN);
	ck_assert_uint_eq(f.asn[0], 710);
	ck_assert_uint_eq(f.asn[1], 701001);
	ck_assert_uint_eq(f.asn[2], 700);
	ck_assert_uint_eq(f.hop, 1);
	ck_assert_int_eq(code(&d, MANRS_TEST_LEAK, "194.0.0.0/24", "700 701001", 700),
			 MANRS_CODE_LEAK_NONE);
	ck_assert_int_eq(code(&d, MANRS_TEST_LEAK, "194.0.0.0/24", "103 101", 103),
			 MANRS_CODE_LEAK_BY_ASPA);
	ck_assert_int_eq(code(&d, MANRS_TEST_LEAK, "194.0.0.0/24", "100 101", 100),
			 MANRS_CODE_LEAK_NONE);
	ck_assert_int_eq(code(&d, MANRS_TEST_LEAK, "194.0.0.0/24", "100 3356 105", 100),
			 MANRS_CODE_LEAK_BY_TRANSIT_FREE);
	ck_assert_int_eq(code(&d, MANRS_TEST_LEAK, "194.0.0.0/24", "103 500", 103),
			 MANRS_CODE_LEAK_BY_PEERLOCK);
	ck_assert_int_eq(code(&d, MANRS_TEST_LEAK, "193.0.0.0/24", "100 105", 100),
			 MANRS_CODE_LEAK_MAYBE_REORIGINATION);
	ck_assert_int_eq(code(&d, MANRS_TEST_LEAK, "193.0.0.0/25", "100 101", 100),
			 MANRS_CODE_LEAK_MAYBE_INTERNAL);
	manrs_rel_free(rel);
	close_desk(&d);
}
END_TEST

START_TEST(egress_rfc7908_rfc9234_rfc8893)
{
	struct desk d;

	open_desk(&d, MANRS_ROLE_PROVIDER);
	announce(&d, "194.0.0.0/24", "200 100 105", 300);
	d.a.flags = MANRS_ANNOUNCE_EGRESS;
	ck_assert_int_eq(code_of(&d, MANRS_TEST_FIRST_AS), MANRS_CODE_FIRST_AS_OK);
	ck_assert_int_eq(code_of(&d, MANRS_TEST_PATH_LOOP), MANRS_CODE_PATH_LOOP_NONE);
	ck_assert_int_eq(code_of(&d, MANRS_TEST_ASPA), 0);
	ck_assert_int_eq(code_of(&d, MANRS_TEST_LEAK), MANRS_CODE_LEAK_UNKNOWN);
	d.a.learned_from = MANRS_ROLE_CUSTOMER;
	ck_assert_int_eq(code_of(&d, MANRS_TEST_LEAK), MANRS_CODE_LEAK_NONE);
	for (int from = MANRS_ROLE_PEER; from <= MANRS_ROLE_PROVIDER; from++)
		for (int to = MANRS_ROLE_PEER; to <= MANRS_ROLE_PROVIDER; to++) {
			static const int type[2][2] = {
				{MANRS_LEAK_PEER_TO_PEER, MANRS_LEAK_PEER_TO_PROVIDER},
				{MANRS_LEAK_PROVIDER_TO_PEER, MANRS_LEAK_HAIRPIN}};
			manrs_finding f;

			d.policy.role = (uint32_t)to;
			d.a.learned_from = (uint32_t)from;
			ck_assert_int_eq(code_of(&d, MANRS_TEST_LEAK), MANRS_CODE_LEAK_BY_ROLE);
			manrs_finding_get(d.db, &d.policy, &d.a, MANRS_TEST_LEAK, &f);
			ck_assert_int_eq((int)f.leak_type,
					 type[from - MANRS_ROLE_PEER][to - MANRS_ROLE_PEER]);
		}
	d.policy.role = MANRS_ROLE_CUSTOMER;
	ck_assert_int_eq(code_of(&d, MANRS_TEST_LEAK), MANRS_CODE_LEAK_NONE);
	ck_assert_int_eq(code_of(&d, MANRS_TEST_OTC), MANRS_CODE_OTC_ADD);
	d.policy.role = MANRS_ROLE_PEER;
	d.a.learned_from = MANRS_ROLE_CUSTOMER;
	d.a.flags |= MANRS_ANNOUNCE_OTC;
	d.a.otc = 105;
	ck_assert_int_eq(code_of(&d, MANRS_TEST_OTC), MANRS_CODE_OTC_LEAK);
	/* RFC 8893: the origin is the one on the wire, here ours */
	announce(&d, "193.0.0.0/24", "200", 300);
	d.a.flags = MANRS_ANNOUNCE_EGRESS | MANRS_ANNOUNCE_OWN;
	ck_assert_int_eq(code_of(&d, MANRS_TEST_ROV), MANRS_CODE_ROV_INVALID_AS);
	ck_assert_int_eq(code_of(&d, MANRS_TEST_LEAK), MANRS_CODE_LEAK_MAYBE_REORIGINATION);
	close_desk(&d);
}
END_TEST

Suite *check_suite(void)
{
	Suite *s = suite_create("check");

	ADD_TEST(s, rfc6811_origins_and_reasons, 1);
	ADD_TEST(s, aspa_draft28_states_and_first_checks, 1);
	ADD_TEST(s, aspa_finding_and_hops_give_one_reason, 1);
	ADD_TEST(s, irr_by_object_by_roa_and_strict, 1);
	ADD_TEST(s, internal_sessions_are_asked_about_the_route_alone, 1);
	ADD_TEST(s, rfc7705_one_as_number_on_both_sides_of_an_external_session, 1);
	ADD_TEST(s, rfc9234_otc_of_a_peer_whose_as_is_not_known, 1);
	ADD_TEST(s, rfc7908_learned_from_holds_for_a_path_of_our_own_as, 1);
	ADD_TEST(s, tests_without_their_data_never_pass, 1);
	ADD_TEST(s, prefixes_bogons_lengths_families, 1);
	ADD_TEST(s, paths_and_their_numbers, 1);
	ADD_TEST(s, rfc4271_s6_3_first_as_and_rfc7947_waiver, 1);
	ADD_TEST(s, next_hops, 1);
	ADD_TEST(s, lists_of_the_session, 1);
	ADD_TEST(s, transit_free_and_peerlock_behind_the_neighbour, 1);
	ADD_TEST(s, peerlock_of_a_neighbour_that_is_not_known, 1);
	ADD_TEST(s, leaks_name_their_evidence, 1);
	ADD_TEST(s, egress_rfc7908_rfc9234_rfc8893, 1);
	return s;
}
