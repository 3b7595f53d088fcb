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
	manrs_prefix own = address("193.9.0.1");

	open_desk(&d, MANRS_ROLE_RS_CLIENT);
	d.policy.addresses = &own;
	d.policy.n_addresses = 1;
	ck_assert_int_eq(code(&d, MANRS_TEST_NEXT_HOP, "193.0.0.0/24", "101", 101),
			 MANRS_CODE_NEXT_HOP_UNKNOWN);
	d.a.next_hop = own;
	ck_assert_int_eq(code_of(&d, MANRS_TEST_NEXT_HOP), MANRS_CODE_NEXT_HOP_OWN);
	d.a.next_hop = address("193.9.0.2");
	ck_assert_int_eq(code_of(&d, MANRS_TEST_NEXT_HOP), MANRS_CODE_NEXT_HOP_UNKNOWN);
	d.a.neighbour_address = address("193.9.0.2");
	ck_assert_int_eq(code_of(&d, MANRS_TEST_NEXT_HOP), MANRS_CODE_NEXT_HOP_OK);
	d.a.neighbour_address = address("193.9.0.3");
	ck_assert_int_eq(code_of(&d, MANRS_TEST_NEXT_HOP), MANRS_CODE_NEXT_HOP_OTHER);
	d.policy.flags &= ~MANRS_POLICY_NEXT_HOP_NEIGHBOUR;
	ck_assert_int_eq(code_of(&d, MANRS_TEST_NEXT_HOP), MANRS_CODE_NEXT_HOP_OK);
	for (int i = 0; i < 8; i++) {
		static const char *const bogons[] = {"10.1.2.3",    "172.31.0.1", "192.168.3.4",
						     "100.127.0.1", "fd00::1",	  "fe80::1",
						     "127.0.0.1",   "224.0.0.5"};

		d.policy.flags &= ~MANRS_POLICY_NEXT_HOP_PRIVATE;
		d.a.next_hop = address(bogons[i]);
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
	d.policy.role = MANRS_ROLE_PROVIDER;
	ck_assert_int_eq(code(&d, MANRS_TEST_TRANSIT_FREE, "193.0.0.0/24", "100 1299 101", 100), 0);
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
	ADD_TEST(s, irr_by_object_by_roa_and_strict, 1);
	ADD_TEST(s, prefixes_bogons_lengths_families, 1);
	ADD_TEST(s, paths_and_their_numbers, 1);
	ADD_TEST(s, rfc4271_s6_3_first_as_and_rfc7947_waiver, 1);
	ADD_TEST(s, next_hops, 1);
	ADD_TEST(s, lists_of_the_session, 1);
	ADD_TEST(s, transit_free_and_peerlock_behind_the_neighbour, 1);
	ADD_TEST(s, leaks_name_their_evidence, 1);
	ADD_TEST(s, egress_rfc7908_rfc9234_rfc8893, 1);
	return s;
}
