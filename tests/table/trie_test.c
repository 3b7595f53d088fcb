/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The radix trie against its contract, against a linear scan on seeded random walks, and with every allocation failing
 * once.
 */

#include "oracle/map.h"
#include "test.h"

#include "table/sample.h"

static manrs_trie *new_trie(void)
{
	manrs_trie *trie;

	ck_assert_int_eq(manrs_trie_new(&trie, NULL), MANRS_OK);
	return trie;
}

static void put(manrs_trie *trie, const char *text, uint64_t value)
{
	manrs_prefix p = test_prefix(text);

	ck_assert_int_eq(manrs_trie_set(trie, &p, value), 1);
}

static void same_entry(const struct map_entry *want, const manrs_prefix *found, uint64_t value)
{
	ck_assert_int_eq(map_order(&want->prefix, found), 0);
	ck_assert_int_eq(found->maxlen, found->len);
	ck_assert_int_eq(found->zero, 0);
	ck_assert_uint_eq(want->value, value);
}

/* The cursor behind a prefix; NULL: at the start. */
static manrs_cursor behind(const manrs_prefix *last)
{
	manrs_cursor cursor = {{0}};

	if (last)
		memcpy(&cursor, last, sizeof *last);
	return cursor;
}

START_TEST(empty_trie_has_nothing)
{
	manrs_trie *trie = new_trie();
	manrs_prefix any = test_prefix("0.0.0.0/0"), found;
	manrs_cursor cursor = {{0}};
	uint64_t value;

	ck_assert_uint_eq(manrs_trie_count(trie), 0);
	ck_assert_int_eq(manrs_trie_get(trie, &any, &value), MANRS_ENOENT);
	ck_assert_int_eq(manrs_trie_match(trie, &any, &found, &value), MANRS_ENOENT);
	ck_assert_int_eq(manrs_trie_del(trie, &any), MANRS_ENOENT);
	ck_assert_uint_eq(manrs_trie_covering(trie, &any, &found, &value, 1), 0);
	ck_assert_uint_eq(manrs_trie_covered(trie, &any, &cursor, &found, &value, 1), 0);
	ck_assert_uint_eq(manrs_trie_covered(trie, NULL, &cursor, &found, &value, 1), 0);
	put(trie, "0.0.0.0/0", 4); /* what comes behind the end is listed by the same cursor */
	ck_assert_uint_eq(manrs_trie_covered(trie, NULL, &cursor, &found, &value, 1), 1);
	manrs_trie_free(trie);
	manrs_trie_free(NULL);
}
END_TEST

/* The picture at the top of trie.c. */
START_TEST(branch_without_value_matches_nothing)
{
	manrs_trie *trie = new_trie();
	manrs_prefix branch = test_prefix("10.0.0.0/14"), in = test_prefix("10.3.0.0/16"), found;
	uint64_t value;

	put(trie, "10.1.0.0/16", 1);
	put(trie, "10.2.0.0/16", 2);
	ck_assert_int_eq(manrs_trie_get(trie, &branch, &value), MANRS_ENOENT);
	ck_assert_int_eq(manrs_trie_match(trie, &in, &found, &value), MANRS_ENOENT);
	ck_assert_int_eq(manrs_trie_del(trie, &branch), MANRS_ENOENT);
	put(trie, "10.0.0.0/8", 8);
	ck_assert_int_eq(manrs_trie_match(trie, &in, &found, &value), MANRS_OK);
	ck_assert_uint_eq(value, 8);
	ck_assert_int_eq(found.len, 8);
	put(trie, "10.0.0.0/14", 14);
	ck_assert_int_eq(manrs_trie_match(trie, &in, &found, &value), MANRS_OK);
	ck_assert_uint_eq(value, 14);
	ck_assert_uint_eq(manrs_trie_count(trie), 4);
	manrs_trie_free(trie);
}
END_TEST

START_TEST(maxlen_is_no_part_of_a_key)
{
	manrs_trie *trie = new_trie();
	manrs_prefix p = test_prefix("192.0.2.0/24"), found;
	uint64_t value;

	put(trie, "192.0.2.0/24", 1);
	p.maxlen = 28;
	ck_assert_int_eq(manrs_trie_set(trie, &p, 2), 0);
	ck_assert_int_eq(manrs_trie_match(trie, &p, &found, &value), MANRS_OK);
	ck_assert_int_eq(found.maxlen, 24);
	ck_assert_uint_eq(value, 2);
	ck_assert_int_eq(manrs_trie_get(trie, &p, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_trie_match(trie, &p, NULL, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_trie_del(trie, &p), MANRS_OK);
	manrs_trie_free(trie);
}
END_TEST

/* The same 32 bits in both families are two keys; so are the two default routes. */
START_TEST(families_are_apart)
{
	manrs_trie *trie = new_trie();
	manrs_prefix four = test_prefix("32.1.13.184/32"), six = test_prefix("2001:db8::/32"),
		     found;
	uint64_t value;

	put(trie, "0.0.0.0/0", 4);
	ck_assert_int_eq(manrs_trie_match(trie, &six, &found, &value), MANRS_ENOENT);
	put(trie, "::/0", 6);
	put(trie, "2001:db8::/32", 66);
	ck_assert_int_eq(manrs_trie_match(trie, &four, &found, &value), MANRS_OK);
	ck_assert_uint_eq(value, 4);
	ck_assert_int_eq(manrs_trie_match(trie, &six, &found, &value), MANRS_OK);
	ck_assert_uint_eq(value, 66);
	ck_assert_int_eq(found.family, 6);
	manrs_trie_free(trie);
}
END_TEST

START_TEST(malformed_keys_are_refused)
{
	manrs_trie *trie = new_trie();
	manrs_prefix bad[SAMPLE_BAD], good = test_prefix("0.0.0.0/0"), found[2];
	uint64_t values[SAMPLE_BAD];
	int32_t results[SAMPLE_BAD];
	manrs_cursor cursor;

	put(trie, "0.0.0.0/0", 4);
	put(trie, "::/0", 6);
	sample_bad(bad);
	for (int i = 0; i < SAMPLE_BAD; i++) {
		ck_assert_int_eq(manrs_trie_set(trie, &bad[i], 1), MANRS_EINVAL);
		ck_assert_int_eq(manrs_trie_get(trie, &bad[i], values), MANRS_EINVAL);
		ck_assert_int_eq(manrs_trie_del(trie, &bad[i]), MANRS_EINVAL);
		ck_assert_int_eq(manrs_trie_match(trie, &bad[i], found, values), MANRS_EINVAL);
		ck_assert_uint_eq(manrs_trie_covering(trie, &bad[i], found, values, 2), 0);
		cursor = behind(NULL);
		ck_assert_uint_eq(manrs_trie_covered(trie, &bad[i], &cursor, found, values, 2), 0);
		cursor = behind(&bad[i]);
		if (!bad[i].family)
			continue; /* a start */
		ck_assert_uint_eq(manrs_trie_covered(trie, &good, &cursor, found, values, 2), 0);
		ck_assert_uint_eq(manrs_trie_covered(trie, NULL, &cursor, found, values, 2), 0);
	}
	ck_assert_int_eq(manrs_trie_get_many(trie, bad, SAMPLE_BAD, values, results), MANRS_EINVAL);
	ck_assert_int_eq(manrs_trie_match_many(trie, bad, SAMPLE_BAD, NULL, values, results),
			 MANRS_EINVAL);
	for (int i = 0; i < SAMPLE_BAD; i++)
		ck_assert(results[i] == MANRS_EINVAL && values[i] == 0);
	ck_assert_uint_eq(manrs_trie_count(trie), 2);
	manrs_trie_free(trie);
}
END_TEST

/* A chain of every length of both families: the deepest path there is. */
START_TEST(chain_of_every_length)
{
	manrs_trie *trie = new_trie();

	for (unsigned family = 4; family <= 6; family += 2) {
		unsigned bits = family == 4 ? 32 : 128;
		manrs_prefix leaf, found[129];
		uint64_t values[129];
		manrs_cursor start = {{0}};

		for (unsigned i = 0; i <= bits; i++) {
			leaf = sample_ones(family,
					   i * 37 % (bits + 1)); /* 37 is coprime to 33 and 129 */
			ck_assert_int_eq(manrs_trie_set(trie, &leaf, leaf.len), 1);
		}
		leaf = sample_ones(family, bits);
		ck_assert_uint_eq(manrs_trie_covering(trie, &leaf, NULL, NULL, 0), bits + 1);
		ck_assert_uint_eq(manrs_trie_covering(trie, &leaf, found, values, 129), bits + 1);
		for (unsigned i = 0; i <= bits; i++)
			ck_assert(found[i].len == i && values[i] == i);
		leaf = sample_ones(family, 0);
		ck_assert_uint_eq(manrs_trie_covered(trie, &leaf, &start, found, values, 129),
				  bits + 1);
		for (unsigned i = 0; i <= bits; i++)
			ck_assert(found[i].len == i && values[i] == i);
	}
	manrs_trie_free(trie);
}
END_TEST

/* ---- random walks against the linear scan ---- */

static void compare_queries(const manrs_trie *trie, const struct map *map, const manrs_prefix *q)
{
	const struct map_entry *want = map_get(map, q);
	struct map_entry *list = malloc((map->n + 1) * sizeof *list);
	manrs_prefix found[129];
	manrs_cursor cursor;
	uint64_t values[129] = {0};
	size_t n;

	ck_assert_int_eq(manrs_trie_get(trie, q, values), want ? MANRS_OK : MANRS_ENOENT);
	if (want)
		ck_assert_uint_eq(values[0], want->value);
	want = map_match(map, q);
	ck_assert_int_eq(manrs_trie_match(trie, q, found, values), want ? MANRS_OK : MANRS_ENOENT);
	if (want)
		same_entry(want, found, values[0]);
	want = map_next(map, q);
	cursor = behind(q);
	ck_assert_uint_eq(manrs_trie_covered(trie, NULL, &cursor, found, values, 1), want != NULL);
	if (want)
		same_entry(want, found, values[0]);
	n = map_related(map, q, false, list);
	ck_assert_uint_eq(manrs_trie_covering(trie, q, found, values, 129), n);
	for (size_t i = 0; i < n; i++)
		same_entry(&list[i], &found[i], values[i]);
	free(list);
}

/* Read what q covers in slices of `slice`; a copy of a cursor lists the same again. */
static void compare_covered(const manrs_trie *trie, const struct map *map, const manrs_prefix *q,
			    size_t slice)
{
	struct map_entry *list = malloc((map->n + 1) * sizeof *list);
	size_t n = map_related(map, q, true, list), at = 0, got;
	manrs_cursor cursor = {{0}}, copy;
	manrs_prefix found[129];
	uint64_t values[129];

	do {
		copy = cursor;
		ck_assert_uint_eq(manrs_trie_covered(trie, q, &cursor, found, values, 0), 0);
		got = manrs_trie_covered(trie, q, &cursor, found, values, slice);
		ck_assert_uint_le(at + got, n);
		for (size_t i = 0; i < got; i++)
			same_entry(&list[at + i], &found[i], values[i]);
		ck_assert_uint_eq(manrs_trie_covered(trie, q, &copy, NULL, NULL, slice), got);
		ck_assert_mem_eq(&copy, &cursor, sizeof cursor);
		at += got;
	} while (got == slice);
	ck_assert_uint_eq(at, n);
	free(list);
}

/* What q covers, from behind any prefix. */
static void compare_after(const manrs_trie *trie, const struct map *map, const manrs_prefix *q,
			  const manrs_prefix *after)
{
	struct map_entry *list = malloc((map->n + 1) * sizeof *list);
	size_t n = map_related(map, q, true, list), at = 0;
	manrs_cursor cursor = behind(after);
	manrs_prefix found;
	uint64_t value;

	while (at < n && map_order(&list[at].prefix, after) <= 0)
		at++;
	ck_assert_uint_eq(manrs_trie_covered(trie, q, &cursor, &found, &value, 1), at < n);
	if (at < n)
		same_entry(&list[at], &found, value);
	free(list);
}

static void compare_whole(const manrs_trie *trie, const struct map *map)
{
	const struct map_entry *want = NULL;
	manrs_cursor cursor = {{0}};
	manrs_prefix found;
	uint64_t value;
	size_t n = 0;

	ck_assert_uint_eq(manrs_trie_count(trie), map->n);
	while (manrs_trie_covered(trie, NULL, &cursor, &found, &value, 1)) {
		want = map_next(map, want ? &want->prefix : NULL);
		ck_assert_ptr_nonnull(want);
		same_entry(want, &found, value);
		n++;
	}
	ck_assert_uint_eq(n, map->n);
}

static void compare_many(const manrs_trie *trie, const struct map *map, uint64_t *seed,
			 unsigned spread)
{
	manrs_prefix keys[40], found[40];
	uint64_t values[40];
	int32_t results[40];

	for (int i = 0; i < 40; i++)
		keys[i] = sample_prefix(seed, spread);
	keys[20].zero = 1;
	ck_assert_int_eq(manrs_trie_get_many(trie, keys, 20, values, results), MANRS_OK);
	ck_assert_int_eq(manrs_trie_get_many(trie, keys, 40, values, results), MANRS_EINVAL);
	for (int i = 0; i < 40; i++) {
		const struct map_entry *want = i == 20 ? NULL : map_get(map, &keys[i]);

		ck_assert_int_eq(results[i], i == 20 ? MANRS_EINVAL
					     : want  ? MANRS_OK
						     : MANRS_ENOENT);
		ck_assert_uint_eq(values[i], want ? want->value : 0);
	}
	ck_assert_int_eq(manrs_trie_match_many(trie, keys, 20, found, values, results), MANRS_OK);
	ck_assert_int_eq(manrs_trie_match_many(trie, keys, 40, found, values, results),
			 MANRS_EINVAL);
	for (int i = 0; i < 40; i++) {
		const struct map_entry *want = i == 20 ? NULL : map_match(map, &keys[i]);

		ck_assert_int_eq(results[i], i == 20 ? MANRS_EINVAL
					     : want  ? MANRS_OK
						     : MANRS_ENOENT);
		ck_assert_uint_eq(values[i], want ? want->value : 0);
		if (want)
			same_entry(want, &found[i], values[i]);
		else
			ck_assert(found[i].family == 0 && found[i].len == 0);
	}
}

/* Sets and deletions in turns of growing and shrinking; everything asked on the way. */
static void random_walk(uint64_t seed, unsigned spread, int steps)
{
	manrs_trie *trie = new_trie(), *copy;
	struct map map = {0};

	for (int i = 0; i < steps; i++) {
		manrs_prefix p = sample_prefix(&seed, spread), q;
		uint64_t value = test_random(&seed);
		bool shrink = i / 200 % 3 == 2;

		if (shrink && map.n > 0 && value % 2)
			p = map.at[value / 2 % map.n].prefix;
		if (value % 8 < (shrink ? 1 : 6))
			ck_assert_int_eq(manrs_trie_set(trie, &p, value), map_set(&map, &p, value));
		else
			ck_assert_int_eq(manrs_trie_del(trie, &p),
					 map_del(&map, &p) ? MANRS_OK : MANRS_ENOENT);
		ck_assert_uint_eq(manrs_trie_count(trie), map.n);
		q = sample_prefix(&seed, spread);
		compare_queries(trie, &map, &q);
		compare_after(trie, &map, &p, &q);
		if (i % 16 == 0)
			compare_covered(trie, &map, &q, 1 + (size_t)(value % 7));
		if (i % 100 == 0) {
			compare_whole(trie, &map);
			compare_many(trie, &map, &seed, spread);
			ck_assert_int_eq(manrs_trie_clone(&copy, trie, NULL), MANRS_OK);
			manrs_trie_free(trie);
			trie = copy;
			compare_whole(trie, &map);
		}
	}
	while (map.n > 0) {
		manrs_prefix p = map.at[test_random(&seed) % map.n].prefix;

		map_del(&map, &p);
		ck_assert_int_eq(manrs_trie_del(trie, &p), MANRS_OK);
	}
	compare_whole(trie, &map);
	manrs_trie_free(trie);
	map_free(&map);
}

/* 4 bits: few prefixes, all cases; 12: nested ones; 128: mostly apart. */
START_TEST(random_walk_dense)
{
	random_walk(1, 4, 4000);
}
END_TEST
START_TEST(random_walk_nested)
{
	random_walk(2, 12, 3000);
}
END_TEST
START_TEST(random_walk_sparse)
{
	random_walk(3, 128, 2000);
}
END_TEST

/* ---- order of insertion ---- */

static int by_order(const void *a, const void *b)
{
	return map_order(a, b);
}

/* The trie is the same whatever the order: also its memory, as the nodes depend on the keys alone. */
START_TEST(order_of_insertion_does_not_matter)
{
	enum { N = 500 };
	manrs_prefix keys[N], found;
	uint64_t seed = 5;
	struct map map = {0};
	size_t nodes[4];

	for (int i = 0; i < N; i++) {
		keys[i] = sample_prefix(&seed, 16);
		map_set(&map, &keys[i], keys[i].len);
	}
	for (int order = 0; order < 4; order++) {
		struct test_alloc count = {0};
		manrs_alloc alloc = test_alloc_of(&count);
		manrs_trie *trie, *copy;

		if (order == 1)
			qsort(keys, N, sizeof *keys, by_order);
		for (int i = 0; order == 2 && i < N / 2; i++) {
			manrs_prefix p = keys[i];

			keys[i] = keys[N - 1 - i];
			keys[N - 1 - i] = p;
		}
		ck_assert_int_eq(manrs_trie_new(&trie, NULL), MANRS_OK);
		for (int i = 0; order == 3 && i < N; i++) { /* others come and go */
			manrs_prefix p = sample_prefix(&seed, 16);

			manrs_trie_set(trie, &p, 1);
		}
		for (int i = 0; i < N; i++)
			ck_assert_int_ge(manrs_trie_set(trie, &keys[i], keys[i].len), 0);
		for (manrs_cursor c = {{0}}; manrs_trie_covered(trie, NULL, &c, &found, NULL, 1);)
			if (!map_get(&map, &found))
				ck_assert_int_eq(manrs_trie_del(trie, &found), MANRS_OK);
		compare_whole(trie, &map);
		ck_assert_int_eq(manrs_trie_clone(&copy, trie, &alloc), MANRS_OK);
		nodes[order] = count.live; /* a copy has exactly the nodes in use */
		manrs_trie_free(trie);
		manrs_trie_free(copy);
		ck_assert_uint_eq(count.live, 0);
		ck_assert_uint_eq(nodes[order], nodes[0]);
	}
	map_free(&map);
}
END_TEST

/* Two nodes of 48 bytes a key at worst, and the chunks' slack. */
START_TEST(memory_is_bounded)
{
	enum { N = 50000 };
	struct test_alloc count = {0};
	manrs_alloc alloc = test_alloc_of(&count);
	manrs_trie *trie;
	manrs_prefix p;
	uint64_t seed = 6;

	ck_assert_int_eq(manrs_trie_new(&trie, &alloc), MANRS_OK);
	for (int i = 0; i < N; i++) {
		uint64_t hi = test_random(&seed), lo = test_random(&seed);

		p = sample_bits(6, 128, hi, lo);
		ck_assert_int_eq(manrs_trie_set(trie, &p, 0), 1);
	}
	ck_assert_uint_le(count.live, N * 2 * 48 + 4096 * 48 + 8192);
	for (manrs_cursor c = {{0}}; manrs_trie_covered(trie, NULL, &c, &p, NULL, 1);)
		ck_assert_int_eq(manrs_trie_del(trie, &p), MANRS_OK);
	ck_assert_uint_le(count.live, 256); /* an empty trie holds nothing */
	manrs_trie_free(trie);
	ck_assert_uint_eq(count.live, 0);
}
END_TEST

/* ---- memory ---- */

/* 200 keys with allocation k refused: what was told as stored is there, nothing else, and nothing is lost. */
static bool fill_failing(size_t k)
{
	struct test_alloc count = {.fail_at = k};
	manrs_alloc alloc = test_alloc_of(&count);
	manrs_trie *trie, *copy = NULL;
	struct map map = {0};
	uint64_t seed = 9;
	bool whole = true;

	if (manrs_trie_new(&trie, &alloc) != MANRS_OK) {
		ck_assert_uint_eq(count.live, 0);
		return false;
	}
	for (int i = 0; i < 200; i++) {
		manrs_prefix p = sample_prefix(&seed, 20);
		int rc = manrs_trie_set(trie, &p, (uint64_t)i);

		if (rc >= 0)
			ck_assert_int_eq(rc, map_set(&map, &p, (uint64_t)i));
		else
			ck_assert_int_eq(rc, MANRS_ENOMEM);
		whole &= rc >= 0;
	}
	compare_whole(trie, &map);
	if (manrs_trie_clone(&copy, trie, &alloc) == MANRS_OK)
		compare_whole(copy, &map);
	else
		whole = false;
	manrs_trie_free(trie);
	manrs_trie_free(copy);
	map_free(&map);
	ck_assert_uint_eq(count.live, 0);
	return whole;
}

START_TEST(every_allocation_fails_once)
{
	size_t k = 1;

	while (!fill_failing(k))
		ck_assert_uint_lt(++k, 1000);
	ck_assert_uint_gt(k, 4);
}
END_TEST

/* ---- the real table ---- */

static int by_cmp(const void *a, const void *b)
{
	return manrs_prefix_cmp(a, b);
}

START_TEST(real_table_shuffled_comes_back_in_order)
{
	size_t n = 0, hits = 0;
	manrs_prefix *keys = sample_table(&n), *found;
	manrs_cursor cursor = {{0}};
	manrs_trie *trie = new_trie();
	uint64_t seed = 11;

	if (!keys) {
		test_skip("bench/prefixes-2024-01.txt.gz is not there");
		manrs_trie_free(trie);
		return;
	}
	for (size_t i = n - 1; i > 0; i--) {
		size_t j = test_below(&seed, i + 1);
		manrs_prefix p = keys[i];

		keys[i] = keys[j];
		keys[j] = p;
	}
	for (size_t i = 0; i < n; i++)
		if (manrs_trie_set(trie, &keys[i], i) < 0)
			ck_abort();
	qsort(keys, n, sizeof *keys, by_cmp);
	found = malloc(1000 * sizeof *found);
	for (size_t got = 1000; got == 1000; hits += got) {
		got = manrs_trie_covered(trie, NULL, &cursor, found, NULL, 1000);
		for (size_t i = 0; i < got; i++)
			if (manrs_prefix_cmp(&found[i], &keys[hits + i]))
				ck_abort();
	}
	ck_assert_uint_eq(hits, n);
	free(found);
	free(keys);
	manrs_trie_free(trie);
}
END_TEST

Suite *trie_suite(void)
{
	Suite *s = suite_create("trie");

	ADD_TEST(s, empty_trie_has_nothing, 1);
	ADD_TEST(s, branch_without_value_matches_nothing, 1);
	ADD_TEST(s, maxlen_is_no_part_of_a_key, 1);
	ADD_TEST(s, families_are_apart, 1);
	ADD_TEST(s, malformed_keys_are_refused, 1);
	ADD_TEST(s, chain_of_every_length, 1);
	ADD_TEST(s, random_walk_dense, 5);
	ADD_TEST(s, random_walk_nested, 5);
	ADD_TEST(s, random_walk_sparse, 5);
	ADD_TEST(s, order_of_insertion_does_not_matter, 2);
	ADD_TEST(s, memory_is_bounded, 2);
	ADD_TEST(s, every_allocation_fails_once, 2);
	ADD_LONG_TEST(s, real_table_shuffled_comes_back_in_order, 10);
	return s;
}
