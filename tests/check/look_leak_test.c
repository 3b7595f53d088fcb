/* SPDX-License-Identifier: BSD-2-Clause */
/* Only-to-Customer and leaks, by all evidence; the expectations are those of the RFCs named. */

#include "test.h"

#include "check/desk.h"

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

Suite *look_leak_suite(void)
{
	Suite *s = suite_create("look_leak");

	ADD_TEST(s, rfc9234_otc_of_a_peer_whose_as_is_not_known, 1);
	ADD_TEST(s, rfc7908_learned_from_holds_for_a_path_of_our_own_as, 1);
	ADD_TEST(s, leaks_name_their_evidence, 1);
	ADD_TEST(s, egress_rfc7908_rfc9234_rfc8893, 1);
	return s;
}
