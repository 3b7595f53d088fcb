/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Leaks by the shape of the path. The triples are the definitions of RFC 7908 section 3; the oracle asks every triple of
 * a deduplicated path by a linear list of relationships. Transit-free and peerlock cases are typed from their rules.
 */

#include "test.h"

/* 1 and 2 are peers at the top; 10, 11 customers of 1; 20 of 2; 12 of 10 and 11; 10 and 20 peers. */
static const manrs_as_rel rows[] = {
	{1, 2, MANRS_REL_PEER},      {1, 10, MANRS_REL_CUSTOMER},  {11, 1, MANRS_REL_PROVIDER},
	{2, 20, MANRS_REL_CUSTOMER}, {10, 12, MANRS_REL_CUSTOMER}, {12, 11, MANRS_REL_PROVIDER},
	{20, 10, MANRS_REL_PEER},
};
#define ROWS (sizeof rows / sizeof *rows)
#define US   64999

static manrs_rel *relations(void)
{
	manrs_rel *rel;

	ck_assert_int_eq(manrs_rel_new(&rel, rows, ROWS, NULL, NULL), MANRS_OK);
	return rel;
}

static manrs_path path_of(const char *text, uint32_t *asn, uint8_t *kind)
{
	manrs_path path;

	ck_assert_int_eq(manrs_path_parse(&path, asn, kind, 64, text, strlen(text), NULL),
			 MANRS_OK);
	return path;
}

START_TEST(relationships_are_known_from_both_sides)
{
	manrs_rel *rel = relations();

	ck_assert_uint_eq(manrs_rel_count(rel), ROWS);
	ck_assert_int_eq(manrs_rel_get(rel, 1, 10), MANRS_REL_CUSTOMER);
	ck_assert_int_eq(manrs_rel_get(rel, 10, 1), MANRS_REL_PROVIDER);
	ck_assert_int_eq(manrs_rel_get(rel, 1, 11), MANRS_REL_CUSTOMER);
	ck_assert_int_eq(manrs_rel_get(rel, 10, 20), MANRS_REL_PEER);
	ck_assert_int_eq(manrs_rel_get(rel, 20, 10), MANRS_REL_PEER);
	ck_assert_int_eq(manrs_rel_get(rel, 1, 20), MANRS_REL_UNKNOWN);
	ck_assert_int_eq(manrs_rel_get(rel, 0, 1), MANRS_REL_UNKNOWN);
	ck_assert_int_eq(manrs_rel_get(rel, 1, 1), MANRS_REL_UNKNOWN);
	manrs_rel_free(rel);
}
END_TEST

START_TEST(rows_that_are_none_are_refused)
{
	static const manrs_as_rel bad[][2] = {
		{{1, 2, 1}, {0, 5, 1}}, {{1, 2, 1}, {5, 5, 1}}, {{1, 2, 1}, {5, 6, 0}},
		{{1, 2, 1}, {5, 6, 4}}, {{1, 2, 1}, {1, 2, 2}}, {{1, 2, 1}, {2, 1, 1}},
	};
	manrs_as_rel twice[2] = {{1, 2, MANRS_REL_CUSTOMER}, {2, 1, MANRS_REL_PROVIDER}};
	manrs_rel *rel = NULL;
	manrs_fault fault;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		ck_assert_int_eq(manrs_rel_new(&rel, bad[i], 2, NULL, &fault), MANRS_EINVAL);
		ck_assert_uint_eq(fault.at, 1);
		ck_assert_ptr_null(rel);
	}
	ck_assert_int_eq(manrs_rel_new(&rel, twice, 2, NULL, NULL), MANRS_OK);
	ck_assert_uint_eq(manrs_rel_count(rel), 1);
	manrs_rel_free(rel);
	manrs_rel_free(NULL);
}
END_TEST

START_TEST(memory_refused_leaves_nothing)
{
	struct test_alloc a = {.fail_at = 1};
	manrs_alloc alloc = test_alloc_of(&a);
	manrs_rel *rel = NULL;

	ck_assert_int_eq(manrs_rel_new(&rel, rows, ROWS, &alloc, NULL), MANRS_ENOMEM);
	ck_assert_ptr_null(rel);
	a = (struct test_alloc){.fail_at = 0};
	ck_assert_int_eq(manrs_rel_new(&rel, rows, ROWS, &alloc, NULL), MANRS_OK);
	manrs_rel_free(rel);
	ck_assert_uint_eq(a.live, 0);
}
END_TEST

START_TEST(rfc7908_s3_1_to_3_4_types_and_triples)
{
	static const struct {
		const char *path;
		int role, state, type;
		uint32_t from, leaker, to;
	} cases[] = {
		/* 12 gives 11's route to 10: a hairpin */
		{"10 12 11", MANRS_ROLE_CUSTOMER, MANRS_LEAK_FOUND, 1, 11, 12, 10},
		/* prepends do not hide it */
		{"10 12 12 12 11 11", MANRS_ROLE_CUSTOMER, MANRS_LEAK_FOUND, 1, 11, 12, 10},
		/* 10 gives its peer 20's route to its provider 1: type 4 */
		{"1 10 20", MANRS_ROLE_CUSTOMER, MANRS_LEAK_FOUND, 4, 20, 10, 1},
		/* 10 gives its provider 1's route to its peer 20: type 3 */
		{"20 10 1", MANRS_ROLE_CUSTOMER, MANRS_LEAK_FOUND, 3, 1, 10, 20},
		/* the last step is to us: 1, our peer, gives us its peer 2's: type 2 */
		{"1 2", MANRS_ROLE_PEER, MANRS_LEAK_FOUND, 2, 2, 1, US},
		{"1 2", MANRS_ROLE_RS, MANRS_LEAK_FOUND, 2, 2, 1, US},
		{"1 2", MANRS_ROLE_RS_CLIENT, MANRS_LEAK_FOUND, 2, 2, 1, US},
		/* 1, our customer, gives us its peer's: type 4; 10, our customer, gives us its provider's: type 1 */
		{"1 2 20", MANRS_ROLE_CUSTOMER, MANRS_LEAK_FOUND, 4, 2, 1, US},
		{"10 1 2 20", MANRS_ROLE_CUSTOMER, MANRS_LEAK_FOUND, 1, 1, 10, US},
		{"10 1", MANRS_ROLE_PEER, MANRS_LEAK_FOUND, 3, 1, 10, US},
		/* in order */
		{"10 12", MANRS_ROLE_CUSTOMER, MANRS_LEAK_NONE, 0, 0, 0, 0},
		{"1 10 12", MANRS_ROLE_PEER, MANRS_LEAK_NONE, 0, 0, 0, 0},
		{"20 10 12", MANRS_ROLE_PROVIDER, MANRS_LEAK_NONE, 0, 0, 0, 0},
		{"12 10 1 2 20", MANRS_ROLE_PROVIDER, MANRS_LEAK_NONE, 0, 0, 0, 0},
		{"12 12 10 10 1", MANRS_ROLE_PROVIDER, MANRS_LEAK_NONE, 0, 0, 0, 0},
		{"10", MANRS_ROLE_PEER, MANRS_LEAK_NONE, 0, 0, 0, 0},
		/* not known */
		{"10 99", MANRS_ROLE_PEER, MANRS_LEAK_UNKNOWN, 0, 0, 0, 0},
		{"", MANRS_ROLE_PEER, MANRS_LEAK_UNKNOWN, 0, 0, 0, 0},
		{"10 {12,13}", MANRS_ROLE_PEER, MANRS_LEAK_UNKNOWN, 0, 0, 0, 0},
		/* a set or a confederation segment is an AS of which nothing is known, also alone */
		{"{7}", MANRS_ROLE_CUSTOMER, MANRS_LEAK_UNKNOWN, 0, 0, 0, 0},
		{"(7)", MANRS_ROLE_CUSTOMER, MANRS_LEAK_UNKNOWN, 0, 0, 0, 0},
		{"[7]", MANRS_ROLE_PROVIDER, MANRS_LEAK_UNKNOWN, 0, 0, 0, 0},
		{"{10} 12", MANRS_ROLE_PEER, MANRS_LEAK_UNKNOWN, 0, 0, 0, 0},
		/* a leak behind an unknown step is a leak */
		{"99 10 12 11", MANRS_ROLE_PROVIDER, MANRS_LEAK_FOUND, 1, 11, 12, 10},
		{"10", MANRS_ROLE_NONE, MANRS_LEAK_MALFORMED, 0, 0, 0, 0},
		{"10", 6, MANRS_LEAK_MALFORMED, 0, 0, 0, 0},
	};
	manrs_rel *rel = relations();

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint32_t asn[64];
		uint8_t kind[64];
		manrs_path path = path_of(cases[i].path, asn, kind);
		manrs_leak leak;

		ck_assert_msg(manrs_leak_check(rel, &path, US, cases[i].role, &leak) ==
				      cases[i].state,
			      "%s", cases[i].path);
		ck_assert_int_eq(leak.type, cases[i].type);
		ck_assert_uint_eq(leak.from, cases[i].from);
		ck_assert_uint_eq(leak.leaker, cases[i].leaker);
		ck_assert_uint_eq(leak.to, cases[i].to);
		if (leak.type)
			ck_assert_uint_eq(path.asn[leak.at], leak.leaker);
	}
	manrs_rel_free(rel);
}
END_TEST

/* ---- a linear twin ---- */

static int find(const manrs_as_rel *list, size_t n, uint32_t a, uint32_t b)
{
	for (size_t i = 0; i < n; i++) {
		if (list[i].a == a && list[i].b == b)
			return (int)list[i].kind;
		if (list[i].a == b && list[i].b == a)
			return list[i].kind == MANRS_REL_PEER ? MANRS_REL_PEER
							      : 4 - (int)list[i].kind;
	}
	return MANRS_REL_UNKNOWN;
}

/* Every triple of the path with us in front and prepends taken out. */
static int oracle(const manrs_as_rel *list, size_t n, const manrs_path *path, int role)
{
	static const int us[] = {0,
				 MANRS_REL_PROVIDER,
				 MANRS_REL_PEER,
				 MANRS_REL_CUSTOMER,
				 MANRS_REL_PEER,
				 MANRS_REL_PEER};
	uint32_t hop[66];
	size_t hops = 0;
	bool known = path->n > 0;

	hop[hops++] = US;
	for (uint32_t i = 0; i < path->n; i++)
		if (hop[hops - 1] != path->asn[i])
			hop[hops++] = path->asn[i];
	for (size_t i = 1; i < hops; i++) {
		int to = i == 1 ? us[role] : find(list, n, hop[i], hop[i - 1]);
		int from = i + 1 < hops ? find(list, n, hop[i], hop[i + 1]) : MANRS_REL_CUSTOMER;

		known &= to != MANRS_REL_UNKNOWN;
		if ((from == MANRS_REL_PEER || from == MANRS_REL_PROVIDER) &&
		    (to == MANRS_REL_PEER || to == MANRS_REL_PROVIDER))
			return MANRS_LEAK_FOUND;
	}
	return known ? MANRS_LEAK_NONE : MANRS_LEAK_UNKNOWN;
}

#define ASES 24

static size_t random_rows(manrs_as_rel *list, uint64_t *seed)
{
	size_t n = 0;

	for (uint32_t a = 1; a <= ASES; a++)
		for (uint32_t b = a + 1; b <= ASES; b++) {
			bool swap = test_random(seed) % 2;

			if (test_random(seed) % 4 == 0)
				continue;
			list[n++] = (manrs_as_rel){(swap ? b : a) << 27, (swap ? a : b) << 27,
						   1 + (uint32_t)(test_random(seed) % 3)};
		}
	return n;
}

START_TEST(random_walk_against_all_triples)
{
	manrs_as_rel list[ASES * ASES];
	uint64_t seed = 41;
	int seen[4] = {0};

	for (int round = 0; round < 300; round++) {
		size_t n = random_rows(list, &seed);
		manrs_rel *rel;

		ck_assert_int_eq(manrs_rel_new(&rel, list, n, NULL, NULL), MANRS_OK);
		for (int i = 0; i < 300; i++) {
			uint32_t asn[6];
			manrs_path path = {asn, NULL, (uint32_t)(test_random(&seed) % 7), 0};
			int role = 1 + (int)(test_random(&seed) % 5), state;

			for (int j = 0; j < 6; j++)
				asn[j] = (1 + (uint32_t)(test_random(&seed) % ASES)) << 27;
			state = manrs_leak_check(rel, &path, US, role, NULL);
			ck_assert_int_eq(state, oracle(list, n, &path, role));
			seen[state]++;
		}
		manrs_rel_free(rel);
	}
	ck_assert_int_gt(seen[MANRS_LEAK_FOUND], 1000);
	ck_assert_int_gt(seen[MANRS_LEAK_NONE], 1000);
	ck_assert_int_gt(seen[MANRS_LEAK_UNKNOWN], 1000);
}
END_TEST

START_TEST(batches_are_the_single_calls)
{
	static const uint32_t asn[] = {10, 12, 11, 10, 12, 1, 2}, start[] = {0, 3, 5, 5, 7};
	static const uint32_t a[] = {1, 10, 5}, b[] = {10, 1, 6};
	manrs_paths paths = {asn, NULL, start, 4};
	manrs_rel *rel = relations();
	manrs_leak leaks[4], leak;
	uint8_t states[4], kinds[3];

	ck_assert_int_eq(manrs_leak_check_many(rel, &paths, US, MANRS_ROLE_PEER, states, leaks),
			 MANRS_OK);
	for (int i = 0; i < 4; i++) {
		manrs_path path = {asn + start[i], NULL, start[i + 1] - start[i], 0};

		ck_assert_int_eq(states[i],
				 manrs_leak_check(rel, &path, US, MANRS_ROLE_PEER, &leak));
		ck_assert_mem_eq(&leak, &leaks[i], sizeof leak);
	}
	manrs_rel_get_many(rel, a, b, 3, kinds);
	ck_assert_int_eq(kinds[0], MANRS_REL_CUSTOMER);
	ck_assert_int_eq(kinds[1], MANRS_REL_PROVIDER);
	ck_assert_int_eq(kinds[2], MANRS_REL_UNKNOWN);
	manrs_rel_free(rel);
	ck_assert_str_eq(manrs_leak_text(MANRS_LEAK_FOUND), "leak");
	ck_assert_str_eq(manrs_leak_text(4), "");
}
END_TEST

START_TEST(caida_serial_1_and_2_lines)
{
	static const struct {
		const char *text;
		int rc;
		manrs_as_rel row;
		uint64_t at;
	} lines[] = {
		{"1|11537|0", 1, {1, 11537, MANRS_REL_PEER}, 0},
		{"3356|4294967295|-1", 1, {3356, 4294967295u, MANRS_REL_CUSTOMER}, 0},
		{"1|21616|-1|bgp", 1, {1, 21616, MANRS_REL_CUSTOMER}, 0},
		{"1|2|0\r", 1, {1, 2, MANRS_REL_PEER}, 0},
		{"# source:topology|BGP", 0, {0}, 0},
		{"", 0, {0}, 0},
		{"1|2|1", MANRS_ESYNTAX, {0}, 4},
		{"1|2|-2", MANRS_ESYNTAX, {0}, 4},
		{"1|2|00", MANRS_ESYNTAX, {0}, 5},
		{"1|2", MANRS_ESYNTAX, {0}, 3},
		{"1 2 0", MANRS_ESYNTAX, {0}, 1},
		{"AS1|2|0", MANRS_ESYNTAX, {0}, 0},
		{"1|4294967296|0", MANRS_ERANGE, {0}, 2},
		{"5|5|0", MANRS_EINVAL, {0}, 0},
		{"0|5|0", MANRS_EINVAL, {0}, 0},
	};

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		manrs_fault fault = {0};
		manrs_as_rel row = {0};

		ck_assert_int_eq(
			manrs_rel_parse(&row, lines[i].text, strlen(lines[i].text), &fault),
			lines[i].rc);
		ck_assert_mem_eq(&row, &lines[i].row, sizeof row);
		ck_assert_uint_eq(fault.at, lines[i].at);
	}
}
END_TEST

START_TEST(peerlock_lite_from_the_second_hop_on)
{
	size_t n;
	const uint32_t *list = manrs_transit_free(&n);
	uint32_t asn[64];
	uint8_t kind[64];
	manrs_path path = path_of("64500 64501 3356 64502", asn, kind);

	ck_assert_uint_eq(n, 14);
	for (size_t i = 1; i < n; i++)
		ck_assert_uint_lt(list[i - 1], list[i]);
	ck_assert_int_eq(manrs_path_find(&path, 1, list, n), 2);
	path = path_of("3356 64501", asn, kind);
	ck_assert_int_eq(manrs_path_find(&path, 1, list, n), MANRS_ENOENT);
	ck_assert_int_eq(manrs_path_find(&path, 0, list, n), 0);
	path = path_of("64500 {64501,12956}", asn, kind);
	ck_assert_int_eq(manrs_path_find(&path, 1, list, n), 2);
	ck_assert_int_eq(manrs_path_find(&path, 9, list, n), MANRS_ENOENT);
	ck_assert_int_eq(manrs_path_find(&path, 0, NULL, 0), MANRS_ENOENT);
	path = (manrs_path){.asn = NULL, .n = 2}; /* hops without numbers */
	ck_assert_int_eq(manrs_path_find(&path, 0, list, n), MANRS_EINVAL);
}
END_TEST

START_TEST(peerlock_only_from_itself_and_those_named)
{
	static const manrs_peerlock rules[] = {
		{2914, 2914}, {3356, 64500}, {3356, 64501}, {4200000000u, 64502}};
	uint32_t asn[64];
	uint8_t kind[64];
	manrs_path path = path_of("64500 3356 64510", asn, kind);

	ck_assert_int_eq(manrs_peerlock_check(&path, 64500, rules, 4), MANRS_ENOENT);
	ck_assert_int_eq(manrs_peerlock_check(&path, 64501, rules, 4), MANRS_ENOENT);
	ck_assert_int_eq(manrs_peerlock_check(&path, 64502, rules, 4), 1);
	ck_assert_int_eq(manrs_peerlock_check(&path, 64502, rules, 1), MANRS_ENOENT);
	path = path_of("3356 64510", asn, kind);
	ck_assert_int_eq(manrs_peerlock_check(&path, 3356, rules, 4), MANRS_ENOENT);
	path = path_of("64500 2914", asn, kind);
	ck_assert_int_eq(manrs_peerlock_check(&path, 64500, rules, 4), 1);
	path = path_of("64500 3356 2914", asn, kind);
	ck_assert_int_eq(manrs_peerlock_check(&path, 64500, rules, 4), 2);
	path = (manrs_path){.asn = NULL, .n = 2};
	ck_assert_int_eq(manrs_peerlock_check(&path, 64500, rules, 4), MANRS_EINVAL);
	path = path_of("64500 4200000000", asn, kind);
	ck_assert_int_eq(manrs_peerlock_check(&path, 64500, rules, 4), 1);
}
END_TEST

Suite *leak_suite(void)
{
	Suite *s = suite_create("leak");

	ADD_TEST(s, relationships_are_known_from_both_sides, 1);
	ADD_TEST(s, rows_that_are_none_are_refused, 1);
	ADD_TEST(s, memory_refused_leaves_nothing, 1);
	ADD_TEST(s, rfc7908_s3_1_to_3_4_types_and_triples, 1);
	ADD_TEST(s, random_walk_against_all_triples, 10);
	ADD_TEST(s, batches_are_the_single_calls, 1);
	ADD_TEST(s, caida_serial_1_and_2_lines, 1);
	ADD_TEST(s, peerlock_lite_from_the_second_hop_on, 1);
	ADD_TEST(s, peerlock_only_from_itself_and_those_named, 1);
	return s;
}
