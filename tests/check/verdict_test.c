/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Verdicts as a whole: malformed records and policies, the names and numbers of findings (ARouteServer's reject codes and
 * defaults), and random announcements and policies against a slow twin that asks each question by itself, over lists
 * (tests/oracle/check.c).
 */

#include "test.h"

#include "check/desk.h"
#include "oracle/check.h"

/* Every way to break the contract of an announcement (announce.h). Of routes from a peer NEVER_VIA_RS is not asked. */
START_TEST(a_malformed_announcement_fails_every_test_asked_for)
{
	static const uint8_t kind[] = {MANRS_SEGMENT_SEQUENCE | MANRS_SEGMENT_START, 7};
	enum { BAD = 14 };
	manrs_announcement bad[BAD];
	struct desk d;

	open_desk(&d, MANRS_ROLE_PEER);
	announce(&d, "193.0.0.0/24", "100 101", 100);
	for (int i = 0; i < BAD; i++)
		bad[i] = d.a;
	bad[0].prefix.family = 5;
	bad[1].prefix.addr[3] = 1;
	bad[2].prefix.len = 33;
	bad[3].zero[sizeof d.a.zero - 1] = 1;
	bad[4].flags = 64;
	bad[5].flags = MANRS_ANNOUNCE_MALFORMED;
	bad[6].neighbour_asn = 0;
	bad[7].otc = 1;
	bad[8].learned_from = MANRS_ROLE_PEER;
	bad[9].path.asn = NULL;
	bad[10].path.kind = kind;
	bad[11].path.flags = 1;
	bad[12].next_hop = (manrs_prefix){4, 24, 24, 0, {193}};
	bad[13].flags = MANRS_ANNOUNCE_OWN;
	for (int i = 0; i < BAD; i++) {
		manrs_verdict v;

		d.a = bad[i];
		ck_assert_int_eq(manrs_check(d.db, &d.policy, &d.a, 1, &v), MANRS_EINVAL);
		ck_assert_msg(v.fail == (d.policy.tests & ~MANRS_TEST_BIT(MANRS_TEST_NEVER_VIA_RS)),
			      "case %d", i);
		ck_assert_uint_eq(v.pass | v.unknown, 0);
		ck_assert_int_eq(code_of(&d, MANRS_TEST_OTC), MANRS_CODE_MALFORMED);
	}
	close_desk(&d);
}
END_TEST

START_TEST(a_malformed_policy_fails_every_test_asked_for)
{
	enum { BAD = 6, TOO_SHORT = 0, NO_ROLE = 1 };
	manrs_policy bad[BAD];
	struct desk d;

	open_desk(&d, MANRS_ROLE_PEER);
	announce(&d, "193.0.0.0/24", "100 101", 100);
	for (int i = 0; i < BAD; i++)
		bad[i] = d.policy;
	bad[TOO_SHORT].size = 8;
	bad[NO_ROLE].role = MANRS_ROLE_NONE;
	bad[2].role = 6;
	bad[3].flags |= 1u << 31;
	bad[4].max_len4 = 33;
	bad[5].n_origins = 1;
	for (int i = 0; i < BAD; i++) {
		manrs_verdict v;
		uint64_t asked;

		for (int egress = 0; egress < 2; egress++) {
			d.a.flags = egress ? MANRS_ANNOUNCE_EGRESS : 0;
			bad[i].tests = d.policy.tests;
			ck_assert_int_eq(manrs_check(d.db, &bad[i], &d.a, 1, &v), MANRS_EINVAL);
			/* a size too short says nothing of tests; without a role the policy is whole, and egress asks no ASPA */
			asked = i == TOO_SHORT ? MANRS_TESTS_ALL : bad[i].tests;
			if (i == NO_ROLE && egress)
				asked &= ~MANRS_TEST_BIT(MANRS_TEST_ASPA);
			ck_assert_uint_eq(v.fail, asked);
			ck_assert_uint_eq(v.pass | v.unknown, 0);
			/* the findings are those of the verdict, of every test */
			bad[i].tests = MANRS_TESTS_ALL;
			manrs_check(d.db, &bad[i], &d.a, 1, &v);
			for (int test = 0; test < MANRS_TESTS; test++)
				ck_assert_msg(manrs_finding_get(d.db, &bad[i], &d.a, test,
								&(manrs_finding){0}) ==
						      (v.fail >> test & 1 ? 2 : 0),
					      "policy %d, %s", i, manrs_test_text(test));
		}
		/* without a role it is one for internal sessions */
		ck_assert_int_eq(manrs_policy_check(&bad[i], NULL),
				 i == NO_ROLE ? MANRS_OK : MANRS_EINVAL);
	}
	close_desk(&d);
}
END_TEST

START_TEST(codes_of_what_is_refused_are_malformed)
{
	uint8_t codes[2 * MANRS_TESTS];
	manrs_announcement two[2];
	manrs_verdict v[2];
	struct desk d;

	open_desk(&d, MANRS_ROLE_CUSTOMER);
	announce(&d, "193.0.0.0/24", "103 101", 103);
	two[0] = two[1] = d.a;
	two[1].prefix.len = 33;
	d.policy.tests = MANRS_TEST_BIT(MANRS_TEST_ROV) | MANRS_TEST_BIT(MANRS_TEST_FAMILY);
	ck_assert_int_eq(manrs_check_codes(d.db, &d.policy, two, 2, v, codes, MANRS_TESTS),
			 MANRS_EINVAL);
	for (int test = 0; test < MANRS_TESTS; test++) {
		bool asked = d.policy.tests >> test & 1;

		ck_assert_int_eq(codes[test] > MANRS_CODE_MALFORMED, asked);
		ck_assert_int_eq(codes[MANRS_TESTS + test], asked ? MANRS_CODE_MALFORMED : 0);
	}
	d.policy.role = MANRS_ROLE_RS_CLIENT + 1;
	ck_assert_int_eq(manrs_check_codes(d.db, &d.policy, two, 1, v, codes, MANRS_TESTS),
			 MANRS_EINVAL);
	ck_assert_int_eq(codes[MANRS_TEST_ROV], MANRS_CODE_MALFORMED);
	d.policy.tests = 0;
	ck_assert_int_eq(manrs_check_codes(d.db, &d.policy, two, 2, v, codes, MANRS_TESTS),
			 MANRS_EINVAL);
	for (int i = 0; i < 2 * MANRS_TESTS; i++)
		ck_assert_int_eq(codes[i], 0);
	close_desk(&d);
}
END_TEST

START_TEST(a_policy_of_no_role_is_refused)
{
	static const int no_roles[] = {6, -1};
	struct desk d;

	open_desk(&d, MANRS_ROLE_PEER);
	announce(&d, "193.0.0.0/24", "100 101", 100);
	d.a.flags = MANRS_ANNOUNCE_INTERNAL;
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(manrs_policy_init(&d.policy, sizeof d.policy, no_roles[i]),
				 MANRS_EINVAL);
		ck_assert_int_eq(manrs_policy_check(&d.policy, NULL), MANRS_EINVAL);
		ck_assert_int_eq(manrs_check(d.db, &d.policy, &d.a, 1, &(manrs_verdict){0}),
				 MANRS_EINVAL);
	}
	close_desk(&d);
}
END_TEST

START_TEST(policies_by_role_and_their_lists)
{
	static const uint32_t down[] = {5, 4};
	static const manrs_peerlock twice[] = {{1, 2}, {1, 2}};
	manrs_prefix net = {4, 24, 24, 0, {193}};
	manrs_policy p;
	manrs_fault fault;

	for (int role = MANRS_ROLE_CUSTOMER; role <= MANRS_ROLE_RS_CLIENT; role++) {
		ck_assert_int_eq(manrs_policy_init(&p, sizeof p, role), MANRS_OK);
		ck_assert_int_eq(manrs_policy_check(&p, NULL), MANRS_OK);
		ck_assert_int_eq(!(p.tests & MANRS_TEST_BIT(MANRS_TEST_TRANSIT_FREE)),
				 role == MANRS_ROLE_PROVIDER);
		ck_assert_uint_eq(p.max_path, 32);
		ck_assert_uint_eq(p.max_len4, 24);
	}
	p.never_via_rs = down;
	p.n_never_via_rs = 2;
	ck_assert_int_eq(manrs_policy_check(&p, &fault), MANRS_EINVAL);
	ck_assert_uint_eq(fault.at, 1);
	manrs_policy_init(&p, sizeof p, MANRS_ROLE_PEER);
	p.peerlocks = twice;
	p.n_peerlocks = 2;
	ck_assert_int_eq(manrs_policy_check(&p, &fault), MANRS_EINVAL);
	manrs_policy_init(&p, sizeof p, MANRS_ROLE_PEER);
	p.addresses = &net;
	p.n_addresses = 1;
	ck_assert_int_eq(manrs_policy_check(&p, &fault), MANRS_EINVAL);
}
END_TEST

START_TEST(names_go_both_ways_and_every_code_has_one)
{
	for (int test = 0; test < MANRS_TESTS; test++)
		ck_assert_int_eq(
			manrs_test_parse(manrs_test_text(test), strlen(manrs_test_text(test))),
			test);
	ck_assert_int_eq(manrs_test_parse("ro", 2), MANRS_ESYNTAX);
	ck_assert_str_eq(manrs_test_text(MANRS_TESTS), "");
	ck_assert_str_eq(manrs_test_text(-1), "");
	for (int code = 1; code < MANRS_CODES; code++) {
		ck_assert_str_ne(manrs_code_text(code), "");
		for (int other = 1; other < code; other++)
			ck_assert_str_ne(manrs_code_text(code), manrs_code_text(other));
	}
	ck_assert_str_eq(manrs_code_text(MANRS_CODE_ROV_INVALID_AS), "rov-invalid-as");
	ck_assert_str_eq(manrs_code_text(0), "");
	ck_assert_str_eq(manrs_code_text(MANRS_CODES), "");
}
END_TEST

START_TEST(every_test_and_code_says_what_it_is_about)
{
	char text[MANRS_EXPLAIN_MAX];

	for (int test = 0; test < MANRS_TESTS; test++)
		ck_assert_int_gt((int)strlen(manrs_test_about(test)), 20);
	ck_assert_str_eq(manrs_test_about(MANRS_TESTS), "");
	ck_assert_str_eq(manrs_test_about(-1), "");
	for (int code = 1; code < MANRS_CODES; code++) {
		int n = manrs_code_about(code, text, sizeof text);

		ck_assert_msg(n > 10 && strlen(text) == (size_t)n && !strchr(text, '%'), "%s",
			      text);
		ck_assert_int_eq(manrs_code_about(code, text, (size_t)n), MANRS_ELIMIT);
		ck_assert_int_ge(manrs_code_state(code), 1);
		ck_assert_int_le(manrs_code_state(code), 3);
	}
	manrs_code_about(MANRS_CODE_ROV_INVALID_AS, text, sizeof text);
	ck_assert_str_eq(
		text, "PREFIX with origin ASN is Invalid: no covering VRP has this origin; VRPS");
	ck_assert_int_eq(manrs_code_state(MANRS_CODE_ROV_VALID), 1);
	ck_assert_int_eq(manrs_code_state(MANRS_CODE_ROV_INVALID_AS), 2);
	ck_assert_int_eq(manrs_code_state(MANRS_CODE_ROV_NOT_FOUND), 3);
	for (int i = 0; i < 3; i++) {
		static const int none[] = {0, -1, MANRS_CODES};

		ck_assert_int_eq(manrs_code_about(none[i], text, sizeof text), 0);
		ck_assert_int_eq(manrs_code_state(none[i]), 0);
	}
}
END_TEST

START_TEST(arouteserver_and_euroix_numbers)
{
	static const struct {
		int test;
		const char *prefix, *path;
		uint32_t arouteserver, euroix;
	} cases[] = {
		{MANRS_TEST_PATH_LEN, "193.0.0.0/24",
		 "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 "
		 "27 28 29 30 31 32 33",
		 1, 5},
		{MANRS_TEST_BOGON_PREFIX, "10.0.0.0/8", "1", 2, 3},
		{MANRS_TEST_FIRST_AS, "193.0.0.0/24", "2 1", 6, 7},
		{MANRS_TEST_BOGON_ASN, "193.0.0.0/24", "1 64512", 7, 4},
		{MANRS_TEST_TRANSIT_FREE, "193.0.0.0/24", "1 174", 8, 14},
		{MANRS_TEST_BOGON_PREFIX, "4000::/16", "1", 10, 3},
		{MANRS_TEST_PREFIX_LEN, "193.0.0.0/25", "1", 13, 1},
		{MANRS_TEST_PREFIX_LEN, "0.0.0.0/0", "1", 13, 2},
		{MANRS_TEST_ROV, "193.0.0.0/24", "1", 14, 13},
	};
	struct desk d;

	open_desk(&d, MANRS_ROLE_RS_CLIENT);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		manrs_finding f;

		announce(&d, cases[i].prefix, cases[i].path, 1);
		ck_assert_int_eq(manrs_finding_get(d.db, &d.policy, &d.a, cases[i].test, &f), 2);
		ck_assert_uint_eq(f.arouteserver, cases[i].arouteserver);
		ck_assert_uint_eq(f.euroix, cases[i].euroix);
	}
	ck_assert_int_eq(manrs_finding_get(d.db, &d.policy, &d.a, MANRS_TESTS, &(manrs_finding){0}),
			 MANRS_EINVAL);
	ck_assert_int_eq(manrs_finding_get(d.db, &d.policy, &d.a, -1, &(manrs_finding){0}),
			 MANRS_EINVAL);
	close_desk(&d);
}
END_TEST

/* ---- the walk ---- */

/* Each state, each finding and all of them in order are the twin's. */
static void same_verdict(const struct check_world *world, const manrs_policy *policy,
			 const manrs_announcement *a, const manrs_verdict *v)
{
	manrs_finding found[MANRS_TESTS];
	size_t n = manrs_findings(world->db, policy, a, MANRS_TESTS_ALL, found, MANRS_TESTS),
	       at = 0;
	uint64_t asked = 0;

	for (int test = 0; test < MANRS_TESTS; test++) {
		int expected = check_slow(world, policy, a, test);
		uint64_t bit = MANRS_TEST_BIT(test);
		int state = v->pass & bit ? 1 : v->fail & bit ? 2 : v->unknown & bit ? 3 : 0;
		manrs_finding f;

		ck_assert_msg(state == expected, "%s is %d, not %d", manrs_test_text(test), state,
			      expected);
		ck_assert_int_eq(manrs_finding_get(world->db, policy, a, test, &f), expected);
		if (expected)
			ck_assert_mem_eq(&f, &found[at++], sizeof f);
		asked |= expected ? bit : 0;
	}
	ck_assert_uint_eq(at, n);
	ck_assert_uint_eq(manrs_findings(world->db, policy, a, v->fail, NULL, 0),
			  (size_t)__builtin_popcountll(v->fail));
	ck_assert_uint_eq(v->pass | v->fail | v->unknown, asked);
	ck_assert_uint_eq((v->pass & v->fail) | (v->pass & v->unknown) | (v->fail & v->unknown), 0);
}

/* Codes beside the same verdicts: those that the findings tell one by one, whatever the stride; 0 where there is none. */
static void same_codes(const struct check_world *world, const manrs_policy *policy,
		       const manrs_announcement *a, size_t n, const manrs_verdict *v, size_t stride)
{
	manrs_finding found[MANRS_TESTS];
	manrs_verdict *again = malloc(n * sizeof *again);
	uint8_t *codes = malloc(n * stride), *want = malloc(stride);

	memset(codes, 0xee, n * stride);
	ck_assert_int_eq(manrs_check_codes(world->db, policy, a, n, again, codes, stride),
			 manrs_check(world->db, policy, a, n, again));
	ck_assert_mem_eq(again, v, n * sizeof *v);
	for (size_t i = 0; i < n; i++) {
		size_t told = manrs_findings(world->db, policy, &a[i], MANRS_TESTS_ALL, found,
					     MANRS_TESTS);

		memset(want, 0, stride);
		for (size_t k = 0; k < told; k++)
			if (found[k].test < stride)
				want[found[k].test] = (uint8_t)found[k].code;
		ck_assert_mem_eq(codes + i * stride, want, stride);
	}
	free(again);
	free(codes);
	free(want);
}

START_TEST(random_walk_against_the_slow_twin)
{
	uint64_t seed = 77;
	struct check_world *world = check_world_new();

	for (unsigned round = 0; round < test_rounds(200); round++) {
		manrs_announcement a[150];
		manrs_verdict v[150];
		manrs_policy policy;

		check_world_policy(world, &policy, &seed);
		for (int i = 0; i < 150; i++)
			check_world_announcement(world, &a[i], (size_t)i, &seed);
		manrs_check(world->db, &policy, a, 150, v);
		for (int i = 0; i < 150; i++)
			same_verdict(world, &policy, &a[i], &v[i]);
		same_codes(world, &policy, a, 150, v, 5 + (size_t)round % 40);
	}
	check_world_free(world);
}
END_TEST

Suite *verdict_suite(void)
{
	Suite *s = suite_create("verdict");

	ADD_TEST(s, a_malformed_announcement_fails_every_test_asked_for, 1);
	ADD_TEST(s, a_malformed_policy_fails_every_test_asked_for, 1);
	ADD_TEST(s, codes_of_what_is_refused_are_malformed, 1);
	ADD_TEST(s, a_policy_of_no_role_is_refused, 1);
	ADD_TEST(s, policies_by_role_and_their_lists, 1);
	ADD_TEST(s, names_go_both_ways_and_every_code_has_one, 1);
	ADD_TEST(s, every_test_and_code_says_what_it_is_about, 1);
	ADD_TEST(s, arouteserver_and_euroix_numbers, 1);
	ADD_TEST(s, random_walk_against_the_slow_twin, 20);
	return s;
}
