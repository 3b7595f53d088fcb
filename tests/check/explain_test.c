/* SPDX-License-Identifier: BSD-2-Clause */
/* Explanations: whole sentences as they must read, and that every finding of a random world can be told within bounds. */

#include "test.h"

#include "check/desk.h"
#include "oracle/check.h"

START_TEST(every_finding_can_be_told)
{
	uint64_t seed = 78;
	struct check_world *world = check_world_new();
	bool told[MANRS_CODES] = {false};
	int codes = 0;

	for (unsigned round = 0; round < test_rounds(4000); round++) {
		manrs_policy policy;
		manrs_announcement a;

		check_world_policy(world, &policy, &seed);
		check_world_announcement(world, &a, 0, &seed);
		for (int test = 0; test < MANRS_TESTS; test++) {
			char text[MANRS_EXPLAIN_MAX], again[MANRS_EXPLAIN_MAX];
			manrs_finding f;
			int state = manrs_finding_get(world->db, &policy, &a, test, &f), n;

			n = manrs_explain(world->db, &policy, &a, test, text, sizeof text);
			ck_assert_int_eq(n > 0, state > 0);
			ck_assert_int_eq((int)strlen(text), n);
			ck_assert_ptr_null(strchr(text, '%'));
			if (n > 0)
				ck_assert_int_eq(manrs_explain(world->db, &policy, &a, test, again,
							       (size_t)n),
						 MANRS_ELIMIT);
			n = manrs_explain_json(world->db, &policy, &a, test, text, sizeof text);
			ck_assert_int_eq(n > 0, state > 0);
			check_json(text, (size_t)n);
			told[f.code] = true;
		}
	}
	for (int code = 1; code < MANRS_CODES; code++)
		codes += told[code];
	ck_assert_int_ge(codes, 70);
	check_world_free(world);
}
END_TEST

START_TEST(sentences_name_vrps_hops_and_rfcs)
{
	static const struct {
		int test;
		const char *prefix, *path, *text;
	} cases[] = {
		{MANRS_TEST_ROV, "193.0.0.0/25", "100 101",
		 "193.0.0.0/25 with origin AS101 is Invalid: it is longer than the VRPs of this "
		 "origin allow; VRP "
		 "193.0.0.0/20-24 AS101 (too short a maxLength) [RFC 6811 section 2]."},
		{MANRS_TEST_ROV, "193.1.0.0/16", "100 101",
		 "193.1.0.0/16 with origin AS101 is Invalid: no covering VRP has this origin; VRP "
		 "193.1.0.0/16-16 AS102 "
		 "(other origin) [RFC 6811 section 2]."},
		{MANRS_TEST_ASPA, "193.0.0.0/24", "100 101 103",
		 "The path `100 101 103` from the customer AS100 is Unknown: AS103 has no ASPA "
		 "that could list AS101 (if it "
		 "did, the path would be valid) [draft-ietf-sidrops-aspa-verification-28]."},
		{MANRS_TEST_BOGON_PREFIX, "10.1.0.0/16", "100",
		 "10.1.0.0/16 is a bogon: it lies in 10.0.0.0/8 (Private-Use), which is not "
		 "globally reachable [RFC 6890 "
		 "section 2.2, IANA special-purpose registries of 2026-07-18]."},
		{MANRS_TEST_BOGON_ASN, "193.0.0.0/24", "100 64512",
		 "AS64512, hop 2 of the path `100 64512`, is no public AS number: for private use "
		 "(RFC 6996) [IANA "
		 "special-purpose AS numbers, RFC 5398, 6996, 7300]."},
		{MANRS_TEST_TRANSIT_FREE, "193.0.0.0/24", "100 174 101",
		 "The transit-free AS174 is at hop 2 of the path `100 174 101`, behind the first "
		 "AS, on a session with a "
		 "customer [NLNOG BGP filter guide, transit leaks]."},
		{MANRS_TEST_IRR, "193.2.0.0/16", "100",
		 "193.2.0.0/16 with origin AS100 is not registered: the route objects name other "
		 "origins: 193.2.0.0/16 AS103 "
		 "[RFC 2622 section 4, RFC 4012 section 3]."},
	};
	struct desk d;
	char text[MANRS_EXPLAIN_MAX];

	open_desk(&d, MANRS_ROLE_CUSTOMER);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		announce(&d, cases[i].prefix, cases[i].path, 100);
		ck_assert_int_gt(
			manrs_explain(d.db, &d.policy, &d.a, cases[i].test, text, sizeof text), 0);
		ck_assert_str_eq(text, cases[i].text);
	}
	close_desk(&d);
}
END_TEST

START_TEST(json_has_the_members_of_a_finding_and_its_sentence)
{
	struct desk d;
	char text[MANRS_EXPLAIN_MAX];

	open_desk(&d, MANRS_ROLE_CUSTOMER);
	announce(&d, "193.0.0.0/25", "100 101", 100);
	ck_assert_int_gt(
		manrs_explain_json(d.db, &d.policy, &d.a, MANRS_TEST_ROV, text, sizeof text), 0);
	ck_assert_str_eq(text, "{\"test\":\"rov\",\"state\":\"fail\",\"code\":\"rov-invalid-"
			       "length\",\"origin\":101,"
			       "\"covering\":1,\"vrps\":[{\"prefix\":\"193.0.0.0/"
			       "20\",\"max_length\":24,\"asn\":101,"
			       "\"match\":\"unmatched_length\"}],\"source\":\"RFC 6811 section 2\","
			       "\"arouteserver_reject_cause\":14,\"euroix_1101\":13,"
			       "\"text\":\"193.0.0.0/25 with origin AS101 is Invalid: it is longer "
			       "than the VRPs of this "
			       "origin allow; VRP 193.0.0.0/20-24 AS101 (too short a maxLength) "
			       "[RFC 6811 section 2].\"}");
	close_desk(&d);
}
END_TEST

START_TEST(a_test_that_is_none_has_no_sentence)
{
	struct desk d;
	char text[MANRS_EXPLAIN_MAX];

	open_desk(&d, MANRS_ROLE_CUSTOMER);
	announce(&d, "193.0.0.0/25", "100 101", 100);
	ck_assert_int_eq(manrs_explain(d.db, &d.policy, &d.a, 99, text, sizeof text), MANRS_EINVAL);
	close_desk(&d);
}
END_TEST

Suite *explain_suite(void)
{
	Suite *s = suite_create("explain");

	ADD_TEST(s, every_finding_can_be_told, 20);
	ADD_TEST(s, sentences_name_vrps_hops_and_rfcs, 1);
	ADD_TEST(s, json_has_the_members_of_a_finding_and_its_sentence, 1);
	ADD_TEST(s, a_test_that_is_none_has_no_sentence, 1);
	return s;
}
