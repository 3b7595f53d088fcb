/* SPDX-License-Identifier: BSD-2-Clause */
/* What a path says against itself. Ranges of AS numbers: the IANA registry of special-purpose AS numbers. */

#include "test.h"

#define B(finding) (1u << MANRS_PATH_##finding)

/* Findings of a path under rules, 0 those of manrs_path_rules_init with any first AS. */
static manrs_path_report look(const char *text, const manrs_path_rules *rules)
{
	uint32_t a[2000];
	uint8_t k[2000];
	manrs_path path;
	manrs_path_rules plain;
	manrs_path_report report;

	manrs_path_rules_init(&plain, sizeof plain);
	plain.flags = MANRS_PATH_ANY_NEIGHBOUR;
	ck_assert_int_eq(manrs_path_parse(&path, a, k, 2000, text, strlen(text), NULL), MANRS_OK);
	ck_assert_int_eq(manrs_path_check(&path, rules ? rules : &plain, &report), MANRS_OK);
	for (int f = 0; f < MANRS_PATH_FINDINGS; f++)
		if (!(report.findings >> f & 1))
			ck_assert_uint_eq(report.at[f], 0);
	return report;
}

/* A path whose only finding is this one, at this hop. */
static void only(const char *text, int finding, uint32_t at)
{
	manrs_path_report r = look(text, NULL);

	ck_assert_msg(r.findings == 1u << finding, "%s: findings %x", text, r.findings);
	ck_assert_msg(r.at[finding] == at, "%s: at %u", text, r.at[finding]);
}

START_TEST(an_ordinary_path_has_no_finding)
{
	ck_assert_uint_eq(look("1 2 3 112", NULL).findings, 0); /* AS112: RFC 7534 */
	ck_assert_uint_eq(look("1 1 1 2 2 3 3 3 3", NULL).findings, 0);
}
END_TEST

START_TEST(loop_is_an_as_again_after_another)
{
	only("1 2 1", MANRS_PATH_LOOP, 2);
	only("1 2 2 3 4 2 1", MANRS_PATH_LOOP, 5);
	only("4294967294 1 2", MANRS_PATH_PRIVATE, 0);
	ck_assert_uint_eq(look("1 1 2 2", NULL).findings, 0);
	ck_assert_uint_eq(look("1 2 {2,1}", NULL).findings,
			  B(SET)); /* members of a set have no order */
	ck_assert_uint_eq(look("1 {2} 1", NULL).findings, B(SET) | B(LOOP));
}
END_TEST

static bool in_order(const manrs_path *path, uint32_t i)
{
	unsigned kind = path->kind ? path->kind[i] & 7u : MANRS_SEGMENT_SEQUENCE;

	return kind == MANRS_SEGMENT_SEQUENCE || kind == MANRS_SEGMENT_CONFED_SEQUENCE;
}

/* The first hop whose AS stands in order before it, but not just before it; n: none. */
static uint32_t plain_search(const manrs_path *path)
{
	for (uint32_t i = 1; i < path->n; i++) {
		if (!in_order(path, i) ||
		    (path->asn[i - 1] == path->asn[i] && in_order(path, i - 1)))
			continue;
		for (uint32_t j = 0; j < i; j++)
			if (path->asn[j] == path->asn[i] && in_order(path, j))
				return i;
	}
	return path->n;
}

/* Hops all apart, some repeated; in half of the paths a set or a confederation here and there. */
static manrs_path random_path(uint64_t *seed, uint32_t n)
{
	static uint32_t hops[4000];
	static uint8_t kinds[4000];
	uint32_t repeats = (uint32_t)(test_random(seed) % 3);

	for (uint32_t i = 0; i < n; i++) {
		hops[i] = 131072 + (i * 2654435761u) % 4000000000u;
		if (i && test_random(seed) % 16 == 0)
			hops[i] = hops[i - 1];
		kinds[i] = (uint8_t)(test_random(seed) % 32 ? 0x82 : 0x81 + test_random(seed) % 4);
	}
	for (; n && repeats; repeats--) {
		uint64_t from = test_random(seed) % n;

		hops[test_random(seed) % n] = hops[from];
	}
	return (manrs_path){hops, test_random(seed) % 2 ? kinds : NULL, n, 0};
}

START_TEST(loops_are_found_as_a_plain_search_finds_them)
{
	uint64_t seed = 7;

	for (int round = 0; round < 10000; round++) {
		manrs_path path = random_path(
			&seed, (uint32_t)(test_random(&seed) % (round % 100 ? 90 : 4000)));
		uint32_t want = plain_search(&path);
		manrs_path_rules rules;
		manrs_path_report r;

		manrs_path_rules_init(&rules, sizeof rules);
		ck_assert_int_eq(manrs_path_check(&path, &rules, &r), MANRS_OK);
		ck_assert_int_eq(r.findings >> MANRS_PATH_LOOP & 1, want < path.n);
		if (want < path.n)
			ck_assert_uint_eq(r.at[MANRS_PATH_LOOP], want);
	}
}
END_TEST

START_TEST(rfc9774_s3_sets_of_both_kinds)
{
	only("1 2 {3,4}", MANRS_PATH_SET, 2);
	only("1 [2] 3", MANRS_PATH_CONFED_SET, 1);
	ck_assert_uint_eq(look("1 {2} {3} [4]", NULL).findings, B(SET) | B(CONFED_SET));
}
END_TEST

START_TEST(rfc5065_s5_confederation_sequence)
{
	only("(65001 65002) 1", MANRS_PATH_CONFED_SEQUENCE, 0); /* members are private by right */
	only("1 (65001)", MANRS_PATH_CONFED_SEQUENCE, 1);
}
END_TEST

START_TEST(rfc7607_as0_is_wrong_everywhere)
{
	only("1 0 2", MANRS_PATH_ZERO, 1);
	ck_assert_uint_eq(look("(0) 1", NULL).findings, B(CONFED_SEQUENCE) | B(ZERO));
	ck_assert_uint_eq(look("1 {2,0}", NULL).findings, B(SET) | B(ZERO));
	ck_assert_uint_eq(look("1 {2,0}", NULL).at[MANRS_PATH_ZERO], 2);
}
END_TEST

START_TEST(iana_special_purpose_as_numbers)
{
	static const struct {
		uint32_t first, last;
		int class;
	} range[] = {
		{0, 0, MANRS_ASN_ZERO},
		{1, 23455, MANRS_ASN_PUBLIC},
		{23456, 23456, MANRS_ASN_TRANS},
		{23457, 64495, MANRS_ASN_PUBLIC},
		{64496, 64511, MANRS_ASN_DOCUMENTATION},
		{64512, 65534, MANRS_ASN_PRIVATE},
		{65535, 65535, MANRS_ASN_RESERVED},
		{65536, 65551, MANRS_ASN_DOCUMENTATION},
		{65552, 131071, MANRS_ASN_RESERVED},
		{131072, 4199999999u, MANRS_ASN_PUBLIC},
		{4200000000u, 4294967294u, MANRS_ASN_PRIVATE},
		{4294967295u, 4294967295u, MANRS_ASN_RESERVED},
	};

	for (size_t i = 0; i < sizeof range / sizeof *range; i++) {
		uint64_t count = (uint64_t)range[i].last - range[i].first + 1,
			 step = count / 100000 + 1;

		for (uint64_t asn = range[i].first; asn <= range[i].last; asn += step)
			if (manrs_asn_class((uint32_t)asn) != range[i].class)
				ck_abort_msg("AS%u", (uint32_t)asn);
		ck_assert_int_eq(manrs_asn_class(range[i].last), range[i].class);
	}
	only("1 23456 2", MANRS_PATH_TRANS, 1);
	only("1 64512", MANRS_PATH_PRIVATE, 1);
	only("1 2 65535", MANRS_PATH_RESERVED, 2);
	only("65551 1", MANRS_PATH_DOCUMENTATION, 0);
}
END_TEST

START_TEST(limits_of_length_and_prepends)
{
	manrs_path_rules rules;
	manrs_path_report r;

	manrs_path_rules_init(&rules, sizeof rules);
	rules.flags = MANRS_PATH_ANY_NEIGHBOUR;
	rules.max_length = 3;
	ck_assert_uint_eq(look("1 2 3", &rules).findings, 0);
	r = look("1 2 3 4 5", &rules);
	ck_assert_uint_eq(r.findings, B(LENGTH));
	ck_assert_uint_eq(r.at[MANRS_PATH_LENGTH], 3);
	ck_assert_uint_eq(r.length, 5);
	/* RFC 4271 section 9.1.2.2, RFC 5065 section 5.3: a set counts one, confederations nothing */
	ck_assert_uint_eq(look("(65001 65002) 1 2 {3,4,5}", &rules).length, 3);
	ck_assert_uint_eq(look("(65001 65002) 1 2 {3,4,5}", &rules).findings,
			  B(SET) | B(CONFED_SEQUENCE));
	rules.max_length = 0;
	rules.max_repeat = 2;
	ck_assert_uint_eq(look("1 1 2 2 3", &rules).findings, 0);
	r = look("1 2 2 2 2", &rules);
	ck_assert_uint_eq(r.findings, B(PREPEND));
	ck_assert_uint_eq(r.at[MANRS_PATH_PREPEND], 3);
	ck_assert_uint_eq(look("1 1 {1} 1", &rules).findings, B(SET) | B(LOOP));
}
END_TEST

START_TEST(rfc4271_s6_3_first_as_is_the_neighbour)
{
	manrs_path_rules rules;

	manrs_path_rules_init(&rules, sizeof rules);
	rules.neighbour_asn = 1;
	ck_assert_uint_eq(look("1 2", &rules).findings, 0);
	ck_assert_uint_eq(look("2 1", &rules).findings, B(FIRST_AS));
	ck_assert_uint_eq(look("", &rules).findings, B(FIRST_AS) | B(EMPTY));
	ck_assert_uint_eq(look("{1} 2", &rules).findings, B(FIRST_AS) | B(SET));
	ck_assert_uint_eq(look("(1) 2", &rules).findings, B(CONFED_SEQUENCE));
	rules.neighbour_asn = 0; /* forgotten: never an approval */
	ck_assert_uint_eq(look("2 1", &rules).findings, B(FIRST_AS));
	rules.flags =
		/* RFC 7947 section 2.2.2.1: a route server may not put itself there */
		MANRS_PATH_ANY_NEIGHBOUR;
	ck_assert_uint_eq(look("2 1", &rules).findings, 0);
}
END_TEST

START_TEST(local_as_is_seen_anywhere)
{
	manrs_path_rules rules;

	manrs_path_rules_init(&rules, sizeof rules);
	rules.flags = MANRS_PATH_ANY_NEIGHBOUR;
	rules.local_as = 5;
	ck_assert_uint_eq(look("1 2", &rules).findings, 0);
	ck_assert_uint_eq(look("1 5 5", &rules).findings, B(LOCAL_AS));
	ck_assert_uint_eq(look("1 5 5", &rules).at[MANRS_PATH_LOCAL_AS], 1);
	ck_assert_uint_eq(look("1 {2,5}", &rules).findings, B(LOCAL_AS) | B(SET));
	ck_assert_uint_eq(look("(5) 1", &rules).findings, B(LOCAL_AS) | B(CONFED_SEQUENCE));
}
END_TEST

START_TEST(a_malformed_path_or_rule_fails_everything)
{
	static const uint32_t hops[] = {1, 2};
	static const uint8_t bad[] = {2, 2};
	static const uint32_t start[] = {0, 2, 1, 2};
	manrs_path path = {hops, bad, 2, 0}, good = {hops, NULL, 2, 0};
	struct {
		manrs_path_rules rules;
		uint64_t tail;
	} newer = {.tail = 0};
	manrs_path_report r, many[3];

	manrs_path_rules_init(&newer.rules, sizeof newer.rules);
	newer.rules.neighbour_asn = 1;
	ck_assert_int_eq(manrs_path_check(&path, &newer.rules, &r), MANRS_EINVAL);
	ck_assert_uint_eq(r.findings, UINT32_MAX);
	ck_assert_int_eq(
		manrs_path_check_many(&(manrs_paths){hops, NULL, start, 3}, &newer.rules, many),
		MANRS_EINVAL);
	ck_assert_uint_eq(many[0].findings, 0);
	ck_assert_uint_eq(many[1].findings, UINT32_MAX);
	ck_assert_uint_eq(many[2].findings, B(FIRST_AS));
	newer.rules.size += 8; /* a caller of a later release */
	ck_assert_int_eq(manrs_path_check(&good, &newer.rules, &r), MANRS_OK);
	newer.tail = 1;
	ck_assert_int_eq(manrs_path_check(&good, &newer.rules, &r), MANRS_EINVAL);
	ck_assert_uint_eq(r.findings, UINT32_MAX);
	ck_assert_int_eq(
		manrs_path_check_many(&(manrs_paths){hops, NULL, start, 1}, &newer.rules, many),
		MANRS_EINVAL);
	ck_assert_uint_eq(many[0].findings, UINT32_MAX);
	manrs_path_rules_init(&newer.rules, sizeof newer.rules);
	newer.rules.flags = 2;
	ck_assert_int_eq(manrs_path_check(&good, &newer.rules, &r), MANRS_EINVAL);
}
END_TEST

START_TEST(every_finding_has_a_word)
{
	for (int f = 0; f <= MANRS_PATH_MALFORMED; f++)
		ck_assert_int_gt((int)strlen(manrs_path_finding_text(f)), 2);
	ck_assert_str_eq(manrs_path_finding_text(MANRS_PATH_LOCAL_AS), "local-as");
	ck_assert_str_eq(manrs_path_finding_text(MANRS_PATH_MALFORMED), "malformed");
	ck_assert_str_eq(manrs_path_finding_text(15), "");
	ck_assert_str_eq(manrs_path_finding_text(-1), "");
}
END_TEST

Suite *path_check_suite(void)
{
	Suite *s = suite_create("path_check");

	ADD_TEST(s, an_ordinary_path_has_no_finding, 1);
	ADD_TEST(s, loop_is_an_as_again_after_another, 1);
	ADD_TEST(s, loops_are_found_as_a_plain_search_finds_them, 2);
	ADD_TEST(s, rfc9774_s3_sets_of_both_kinds, 1);
	ADD_TEST(s, rfc5065_s5_confederation_sequence, 1);
	ADD_TEST(s, rfc7607_as0_is_wrong_everywhere, 1);
	ADD_TEST(s, iana_special_purpose_as_numbers, 2);
	ADD_TEST(s, limits_of_length_and_prepends, 1);
	ADD_TEST(s, rfc4271_s6_3_first_as_is_the_neighbour, 1);
	ADD_TEST(s, local_as_is_seen_anywhere, 1);
	ADD_TEST(s, a_malformed_path_or_rule_fails_everything, 1);
	ADD_TEST(s, every_finding_has_a_word, 1);
	return s;
}
