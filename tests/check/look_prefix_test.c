/* SPDX-License-Identifier: BSD-2-Clause */
/* What a prefix, its origin and its next hop are asked; the expectations are those of the RFCs named. */

#include "test.h"

#include "check/desk.h"

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
						     "100.127.0.1", "fd00::1",    "fe80::1",
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

START_TEST(a_session_without_a_list_says_so)
{
	struct desk d;

	open_desk(&d, MANRS_ROLE_RS_CLIENT);
	d.policy.tests = MANRS_TESTS_ALL;
	ck_assert_int_eq(code(&d, MANRS_TEST_ORIGIN_SET, "193.0.0.0/24", "101", 101),
			 MANRS_CODE_NO_LIST);
	ck_assert_int_eq(code_of(&d, MANRS_TEST_PREFIX_LIST), MANRS_CODE_NO_LIST);
	ck_assert_int_eq(code_of(&d, MANRS_TEST_DENY_LIST), MANRS_CODE_NO_LIST);
	ck_assert_int_eq(code_of(&d, MANRS_TEST_NEVER_VIA_RS), MANRS_CODE_NO_LIST);
	ck_assert_int_eq(code_of(&d, MANRS_TEST_PEERLOCK), MANRS_CODE_NO_LIST);
	close_desk(&d);
}
END_TEST

START_TEST(origins_of_the_session)
{
	static const uint32_t nobody[1] = {0}, set[] = {101, 103};
	struct desk d;

	open_desk(&d, MANRS_ROLE_RS_CLIENT);
	d.policy.tests = MANRS_TESTS_ALL;
	d.policy.origins = nobody;
	ck_assert_int_eq(code(&d, MANRS_TEST_ORIGIN_SET, "193.0.0.0/24", "101", 101),
			 MANRS_CODE_ORIGIN_SET_OUT);
	d.policy.origins = set;
	d.policy.n_origins = 2;
	ck_assert_int_eq(code_of(&d, MANRS_TEST_ORIGIN_SET), MANRS_CODE_ORIGIN_SET_IN);
	ck_assert_int_eq(code(&d, MANRS_TEST_ORIGIN_SET, "193.0.0.0/24", "101 102", 101),
			 MANRS_CODE_ORIGIN_SET_OUT);
	ck_assert_int_eq(code(&d, MANRS_TEST_ORIGIN_SET, "193.0.0.0/24", "101 {103}", 101),
			 MANRS_CODE_ORIGIN_SET_OUT);
	close_desk(&d);
}
END_TEST

START_TEST(ases_that_are_never_heard_over_a_route_server)
{
	static const uint32_t shy[] = {104};
	struct desk d;

	open_desk(&d, MANRS_ROLE_RS_CLIENT);
	d.policy.tests = MANRS_TESTS_ALL;
	d.policy.never_via_rs = shy;
	d.policy.n_never_via_rs = 1;
	ck_assert_int_eq(code(&d, MANRS_TEST_NEVER_VIA_RS, "193.0.0.0/24", "101 104", 101),
			 MANRS_CODE_NEVER_VIA_RS_FOUND);
	ck_assert_int_eq(code(&d, MANRS_TEST_NEVER_VIA_RS, "193.0.0.0/24", "101 105", 101),
			 MANRS_CODE_NEVER_VIA_RS_NONE);
	close_desk(&d);
}
END_TEST

/* A prefix is on a list with all that is in it up to the length that the list says; 0: itself alone. */
START_TEST(prefix_lists_of_the_session)
{
	manrs_prefix block = {4, 16, 16, 0, {193, 0}}, single = {4, 24, 24, 0, {193, 1}};
	manrs_trie *list;
	struct desk d;

	open_desk(&d, MANRS_ROLE_RS_CLIENT);
	d.policy.tests = MANRS_TESTS_ALL;
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

Suite *look_prefix_suite(void)
{
	Suite *s = suite_create("look_prefix");

	ADD_TEST(s, rfc6811_origins_and_reasons, 1);
	ADD_TEST(s, irr_by_object_by_roa_and_strict, 1);
	ADD_TEST(s, prefixes_bogons_lengths_families, 1);
	ADD_TEST(s, next_hops, 1);
	ADD_TEST(s, a_session_without_a_list_says_so, 1);
	ADD_TEST(s, origins_of_the_session, 1);
	ADD_TEST(s, ases_that_are_never_heard_over_a_route_server, 1);
	ADD_TEST(s, prefix_lists_of_the_session, 1);
	return s;
}
