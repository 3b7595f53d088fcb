/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The compiled longest-prefix match on the code path of test_isa(), against the linear scan on
 * random tables, and against the trie (which has its own tests) on large ones.
 */

#include "oracle/map.h"
#include "test.h"

#include "table/lpm_entries.h"
#include "table/lpm_tables.h"
#include "table/sample.h"

#include <arpa/inet.h>

static manrs_trie *new_trie(void)
{
	manrs_trie *trie;

	ck_assert_int_eq(manrs_trie_new(&trie, NULL), MANRS_OK);
	return trie;
}

/* Compile on the path under test; NULL, and skipped, where the processor has it not. */
static manrs_lpm *compile(const manrs_trie *trie, const manrs_alloc *alloc)
{
	manrs_lpm_config config;
	manrs_lpm *lpm = NULL;
	int rc;

	manrs_lpm_config_init(&config, sizeof config);
	config.isa = test_isa();
	config.alloc = alloc;
	rc = manrs_lpm_new(&lpm, trie, &config);
	if (rc == MANRS_EUNSUP)
		test_skip("the processor has no such instructions");
	else if (!alloc)
		ck_assert_int_eq(rc, MANRS_OK);
	return lpm;
}

static void put(manrs_trie *trie, struct map *map, manrs_prefix p, uint64_t value)
{
	ck_assert_int_ge(manrs_trie_set(trie, &p, value), 0);
	if (map)
		map_set(map, &p, value);
}

/* ---- queries ---- */

/* The address before (-1) or after (+1) an address of a family, going round at the ends. */
static manrs_prefix step(manrs_prefix p, int by)
{
	for (int i = (p.family == 4 ? 4 : 16) - 1; i >= 0; i--) {
		p.addr[i] = (uint8_t)(p.addr[i] + by);
		if (p.addr[i] != (by > 0 ? 0 : 255))
			break;
	}
	return p;
}

/* Where matches change: first and last address of a prefix, and the neighbours of both; host prefixes. */
#define EDGES 4
static void edges(const manrs_prefix *p, manrs_prefix *out)
{
	uint8_t bits = p->family == 4 ? 32 : 128;
	manrs_prefix first = *p, last = *p;

	first.len = first.maxlen = last.len = last.maxlen = bits;
	for (unsigned i = p->len; i < bits; i++)
		last.addr[i / 8] |= (uint8_t)(0x80 >> i % 8);
	out[0] = first;
	out[1] = last;
	out[2] = step(first, -1);
	out[3] = step(last, 1);
}

/* Raw lookups of n host prefixes of one family as a batch. */
static void look_up(const manrs_lpm *lpm, const manrs_prefix *keys, size_t n, uint32_t *index)
{
	uint8_t *addr = calloc(n + 1, 16);
	size_t width = n && keys[0].family == 4 ? 4 : 16;

	for (size_t i = 0; i < n; i++)
		memcpy(addr + i * width, keys[i].addr, width);
	memset(index, 0xee, n * sizeof *index);
	if (width == 4)
		manrs_lpm_lookup4(lpm, (const uint32_t *)(const void *)addr, n, index);
	else
		manrs_lpm_lookup6(lpm, addr, n, index);
	free(addr);
}

/* Single, batch and raw answers to n keys must be what `want` says. */
static void check_keys(const manrs_lpm *lpm, const manrs_prefix *keys, size_t n,
		       const manrs_prefix *want, const uint64_t *want_value, const int32_t *want_rc)
{
	manrs_prefix *found = malloc(n * sizeof *found), one;
	uint64_t *values = malloc(n * sizeof *values), value;
	int32_t *rc = malloc(n * sizeof *rc);
	int all = manrs_lpm_match_many(lpm, keys, n, found, values, rc), malformed = MANRS_OK;

	for (size_t i = 0; i < n; i++) {
		if (want_rc[i] == MANRS_EINVAL)
			malformed = MANRS_EINVAL;
		if (rc[i] != want_rc[i] || manrs_lpm_match(lpm, &keys[i], &one, &value) != rc[i])
			ck_abort_msg("result %zu: %d, not %d", i, rc[i], want_rc[i]);
		if (rc[i] != MANRS_OK) {
			ck_assert(values[i] == 0 && found[i].family == 0);
			continue;
		}
		if (map_order(&found[i], &want[i]) || values[i] != want_value[i] ||
		    found[i].maxlen != found[i].len || memcmp(&one, &found[i], sizeof one) ||
		    value != values[i])
			ck_abort_msg("match %zu: length %d, not %d", i, found[i].len, want[i].len);
	}
	ck_assert_int_eq(all, malformed);
	free(found);
	free(values);
	free(rc);
}

/* Raw lookups of host prefixes against the single match. */
static void check_raw(const manrs_lpm *lpm, const manrs_prefix *keys, size_t n)
{
	uint32_t *index = malloc(n * sizeof *index + 1);

	look_up(lpm, keys, n, index);
	for (size_t i = 0; i < n; i++) {
		manrs_prefix a = {0}, b = {0};
		uint64_t x = 0, y = 0;
		int rc = manrs_lpm_match(lpm, &keys[i], &a, &x);

		if (rc != manrs_lpm_entry(lpm, index[i], &b, &y) || memcmp(&a, &b, sizeof a) ||
		    x != y)
			ck_abort_msg("raw lookup %zu: entry %u", i, index[i]);
	}
	free(index);
}

/* ---- against the linear scan ---- */

static void compare_map(const manrs_lpm *lpm, const struct map *map, const manrs_prefix *keys,
			size_t n)
{
	manrs_prefix *want = calloc(n, sizeof *want);
	uint64_t *values = calloc(n, sizeof *values);
	int32_t *rc = calloc(n, sizeof *rc);

	for (size_t i = 0; i < n; i++) {
		const struct map_entry *e = map_match(map, &keys[i]);

		rc[i] = e ? MANRS_OK : MANRS_ENOENT;
		if (e) {
			want[i] = e->prefix;
			values[i] = e->value;
		}
	}
	check_keys(lpm, keys, n, want, values, rc);
	free(want);
	free(values);
	free(rc);
}

static void compare_entries(const manrs_lpm *lpm, const struct map *map)
{
	const struct map_entry *e = NULL;
	manrs_prefix p;
	uint64_t value;

	ck_assert_uint_eq(manrs_lpm_count(lpm), map->n);
	for (uint32_t i = 1; i <= map->n; i++) {
		e = map_next(map, e ? &e->prefix : NULL);
		ck_assert_int_eq(manrs_lpm_entry(lpm, i, &p, &value), MANRS_OK);
		ck_assert(map_order(&p, &e->prefix) == 0 && value == e->value && p.maxlen == p.len);
	}
	ck_assert_int_eq(manrs_lpm_entry(lpm, 0, &p, &value), MANRS_ENOENT);
	ck_assert_int_eq(manrs_lpm_entry(lpm, (uint32_t)map->n + 1, &p, &value), MANRS_ENOENT);
	ck_assert_int_eq(manrs_lpm_entry(lpm, UINT32_MAX, NULL, NULL), MANRS_ENOENT);
}

/* How the entries lie, by the linear scan: those before a prefix, those inside it, and what covers one most closely. */
static void compare_places(const manrs_lpm *lpm, const struct map *map, const manrs_prefix *keys,
			   size_t n)
{
	struct map_entry *found = calloc(map->n + 1, sizeof *found);
	uint32_t first, end;

	for (size_t i = 0; i < n; i++) {
		uint32_t before = 0;

		for (size_t k = 0; k < map->n; k++)
			before += map_order(&map->at[k].prefix, &keys[i]) < 0;
		lpm_inside(lpm, &keys[i], &first, &end);
		ck_assert_uint_eq(first, before + 1);
		ck_assert_uint_eq(end - first, map_related(map, &keys[i], true, found));
		if (map_get(map, &keys[i])) {
			size_t covering = map_related(map, &keys[i], false, found);
			uint32_t parent = lpm_parent(lpm, first);
			manrs_prefix p;

			ck_assert_int_eq(manrs_lpm_entry(lpm, parent, &p, NULL),
					 covering > 1 ? MANRS_OK : MANRS_ENOENT);
			if (covering > 1)
				ck_assert_int_eq(map_order(&p, &found[covering - 2].prefix), 0);
		}
	}
	free(found);
}

/* Everything there is to ask of a table: random prefixes, its own, and all edges of its own. */
static void compare_table(const manrs_trie *trie, const struct map *map, uint64_t *seed,
			  unsigned spread)
{
	size_t cap = 200 + map->n * (1 + EDGES), n = 0, n4 = 0, n6 = 0;
	manrs_prefix *keys = malloc(cap * sizeof *keys), *hosts = malloc(2 * cap * sizeof *hosts);
	manrs_lpm *lpm = compile(trie, NULL);

	while (n < 200)
		keys[n++] = sample_prefix(seed, spread);
	for (size_t i = 0; i < map->n; i++) {
		keys[n++] = map->at[i].prefix;
		edges(&map->at[i].prefix, keys + n);
		n += EDGES;
	}
	for (size_t i = 0; i < n; i++) {
		if (keys[i].family == 4 && keys[i].len == 32)
			hosts[n4++] = keys[i];
		else if (keys[i].len == 128)
			hosts[cap + n6++] = keys[i];
	}
	if (lpm) {
		compare_map(lpm, map, keys, n);
		compare_entries(lpm, map);
		compare_places(lpm, map, keys, n < 500 ? n : 500);
		check_raw(lpm, hosts, n4);
		check_raw(lpm, hosts + cap, n6);
		manrs_lpm_free(lpm);
	}
	free(keys);
	free(hosts);
}

static void random_tables(uint64_t seed, unsigned spread, unsigned tables, size_t most)
{
	for (unsigned t = 0; t < test_rounds(tables); t++) {
		size_t n = test_below(&seed, most);
		manrs_trie *trie = new_trie();
		struct map map = {0};

		for (size_t i = 0; i < n; i++) {
			manrs_prefix p = sample_prefix(&seed, spread);

			put(trie, &map, p, test_random(&seed));
		}
		compare_table(trie, &map, &seed, spread);
		manrs_trie_free(trie);
		map_free(&map);
	}
}

START_TEST(random_tables_dense)
{
	random_tables(31, 4, 60, 120);
}
END_TEST
START_TEST(random_tables_nested)
{
	random_tables(32, 12, 40, 300);
}
END_TEST
START_TEST(random_tables_sparse)
{
	random_tables(33, 128, 40, 300);
}
END_TEST

/* Prefixes that part late: all of them in one /24 and in one /112, so that blocks and gates are full. */
START_TEST(random_tables_deep)
{
	uint64_t seed = 34;

	for (unsigned t = 0; t < test_rounds(40); t++) {
		manrs_trie *trie = new_trie();
		struct map map = {0};
		unsigned shared = (unsigned)t % 8 * 16;

		for (int i = 0; i < 150; i++) {
			uint64_t r = test_random(&seed), lo = test_random(&seed);
			bool four = r & 1;
			unsigned from = four ? 22 : shared, bits = four ? 32 : 128;
			unsigned len = from + (unsigned)(r >> 8) % (bits + 1 - from);
			uint64_t hi = UINT64_C(0x2001067c2e840000);

			if (four)
				hi = (hi & ~UINT64_C(0x3ff00000000)) |
				     (lo & UINT64_C(0x3ff00000000));
			else if (shared < 64)
				hi ^= (lo * 77) >> shared;
			else
				lo >>= shared - 64;
			put(trie, &map, sample_bits(four ? 4 : 6, len, hi, lo), r);
		}
		compare_table(trie, &map, &seed, 128);
		manrs_trie_free(trie);
		map_free(&map);
	}
}
END_TEST

START_TEST(empty_and_default_only)
{
	static const char *tables[][2] = {
		{NULL, NULL},
		{"0.0.0.0/0", NULL},
		{"::/0", NULL},
		{"0.0.0.0/0", "::/0"},
		{"255.255.255.255/32", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"},
		{"0.0.0.0/32", "::/128"},
		{"128.0.0.0/1", "8000::/1"},
		{"10.1.2.0/24", "2001:db8::/48"},
	};
	uint64_t seed = 35;

	for (size_t t = 0; t < sizeof tables / sizeof *tables; t++) {
		manrs_trie *trie = new_trie();
		struct map map = {0};

		for (int i = 0; i < 2; i++)
			if (tables[t][i])
				put(trie, &map, test_prefix(tables[t][i]), t);
		compare_table(trie, &map, &seed, 128);
		manrs_trie_free(trie);
		map_free(&map);
	}
	manrs_lpm_free(NULL);
}
END_TEST

/* Every length of both families, nested in each other: 162 entries. */
START_TEST(chain_of_every_length)
{
	for (int side = 0; side < 3; side++) {
		manrs_trie *trie = new_trie();
		struct map map = {0};
		uint64_t seed = 36, bits = side == 0   ? 0
					   : side == 1 ? UINT64_MAX
						       : 0x5a5a5a5a5a5a5a5a;

		for (unsigned len = 0; len <= 128; len++) {
			put(trie, &map, sample_bits(6, len, bits, bits), len);
			if (len <= 32)
				put(trie, &map, sample_bits(4, len, bits, 0), len);
		}
		compare_table(trie, &map, &seed, 8);
		manrs_trie_free(trie);
		map_free(&map);
	}
}
END_TEST

/* A key shorter than what is stored below it matches only what is not longer than itself. */
START_TEST(key_may_be_shorter_than_the_longest_match)
{
	manrs_trie *trie = new_trie();
	manrs_prefix key, found;
	manrs_lpm *lpm;
	uint64_t value;

	put(trie, NULL, test_prefix("10.0.0.0/8"), 8);
	put(trie, NULL, test_prefix("10.0.0.0/16"), 16);
	put(trie, NULL, test_prefix("10.0.0.0/24"), 24);
	put(trie, NULL, test_prefix("10.0.0.0/32"), 32);
	lpm = compile(trie, NULL);
	for (unsigned len = 0; lpm && len <= 32; len++) {
		key = sample_bits(4, len, UINT64_C(10) << 56, 0);
		if (len < 8) {
			ck_assert_int_eq(manrs_lpm_match(lpm, &key, &found, &value), MANRS_ENOENT);
			continue;
		}
		ck_assert_int_eq(manrs_lpm_match(lpm, &key, &found, &value), MANRS_OK);
		ck_assert_uint_eq(value, len / 8 * 8);
		ck_assert_int_eq(found.len, len / 8 * 8);
		ck_assert_int_eq(manrs_lpm_match(lpm, &key, NULL, NULL), MANRS_OK);
	}
	manrs_lpm_free(lpm);
	manrs_trie_free(trie);
}
END_TEST

/* Each batch size, at each alignment, gives what single lookups give; nothing is written behind. */
START_TEST(batches_of_every_size)
{
	manrs_trie *trie = new_trie();
	uint8_t raw[16 * 130 + 1], *addr = raw + 1;
	uint32_t addr4[130], index[131], one;
	uint64_t seed = 37;
	manrs_lpm *lpm;

	for (int i = 0; i < 3000; i++)
		put(trie, NULL, sample_prefix(&seed, 14), 0);
	lpm = compile(trie, NULL);
	for (size_t n = 0; lpm && n <= 130; n++) {
		for (size_t i = 0; i < n; i++) {
			manrs_prefix p = sample_prefix(&seed, 14);

			memcpy(addr + 16 * i, p.addr, 16);
			memcpy(&addr4[i], p.addr, 4);
		}
		index[n] = 0xabcdef;
		manrs_lpm_lookup6(lpm, addr, n, index);
		for (size_t i = 0; i < n; i++) {
			manrs_lpm_lookup6(lpm, addr + 16 * i, 1, &one);
			ck_assert_uint_eq(index[i], one);
		}
		manrs_lpm_lookup4(lpm, addr4, n, index);
		for (size_t i = 0; i < n; i++) {
			manrs_lpm_lookup4(lpm, addr4 + i, 1, &one);
			ck_assert_uint_eq(index[i], one);
		}
		ck_assert_uint_eq(index[n], 0xabcdef);
	}
	manrs_lpm_free(lpm);
	manrs_trie_free(trie);
}
END_TEST

START_TEST(malformed_keys_and_configs_are_refused)
{
	struct {
		manrs_lpm_config config;
		uint64_t more;
	} longer;
	manrs_prefix bad[SAMPLE_BAD], found[SAMPLE_BAD];
	uint64_t values[SAMPLE_BAD];
	int32_t rc[SAMPLE_BAD];
	manrs_trie *trie = new_trie();
	manrs_lpm *lpm, *none = NULL;

	put(trie, NULL, test_prefix("0.0.0.0/0"), 4);
	put(trie, NULL, test_prefix("::/0"), 6);
	ck_assert_int_eq(manrs_lpm_new(&lpm, trie, NULL), MANRS_OK);
	sample_bad(bad);
	ck_assert_int_eq(manrs_lpm_match_many(lpm, bad, SAMPLE_BAD, found, values, rc),
			 MANRS_EINVAL);
	for (int i = 0; i < SAMPLE_BAD; i++) {
		ck_assert(rc[i] == MANRS_EINVAL && values[i] == 0 && found[i].family == 0);
		ck_assert_int_eq(manrs_lpm_match(lpm, &bad[i], found, values), MANRS_EINVAL);
	}
	manrs_lpm_free(lpm);
	memset(&longer, 0, sizeof longer);
	manrs_lpm_config_init(&longer.config, sizeof longer.config);
	longer.config.size = sizeof longer;
	ck_assert_int_eq(manrs_lpm_new(&lpm, trie, &longer.config), MANRS_OK);
	manrs_lpm_free(lpm);
	longer.more = 1; /* of a newer library: what it asks for is not known here */
	ck_assert_int_eq(manrs_lpm_new(&none, trie, &longer.config), MANRS_EINVAL);
	manrs_lpm_config_init(&longer.config, sizeof longer.config);
	longer.config.isa = 99;
	ck_assert_int_eq(manrs_lpm_new(&none, trie, &longer.config), MANRS_EINVAL);
	manrs_lpm_config_init(&longer.config, sizeof longer.config);
	longer.config.zero = 1;
	ck_assert_int_eq(manrs_lpm_new(&none, trie, &longer.config), MANRS_EINVAL);
	longer.config.size = 0;
	ck_assert_int_eq(manrs_lpm_new(&none, trie, &longer.config), MANRS_EINVAL);
	ck_assert_ptr_null(none);
	manrs_trie_free(trie);
}
END_TEST

/* ---- large tables, against the trie ---- */

static void compare_trie(const manrs_lpm *lpm, const manrs_trie *trie, manrs_prefix *keys, size_t n)
{
	manrs_prefix *want = malloc(n * sizeof *want);
	uint64_t *values = malloc(n * sizeof *values);
	int32_t *rc = malloc(n * sizeof *rc);

	manrs_trie_match_many(trie, keys, n, want, values, rc);
	check_keys(lpm, keys, n, want, values, rc);
	free(want);
	free(values);
	free(rc);
}

/* All edges of n prefixes, and the prefixes themselves, in slices. */
static void compare_edges(const manrs_lpm *lpm, const manrs_trie *trie, const manrs_prefix *keys,
			  size_t n)
{
	manrs_prefix slice[1000 * (EDGES + 1)];

	for (size_t at = 0; at < n; at += 1000) {
		size_t m = n - at < 1000 ? n - at : 1000, k = 0;

		for (size_t i = 0; i < m; i++) {
			edges(&keys[at + i], slice + k);
			k += EDGES;
			slice[k++] = keys[at + i];
		}
		compare_trie(lpm, trie, slice, k);
	}
}

static void adversary(manrs_prefix (*make)(uint64_t *seed, uint64_t i), size_t n, size_t bytes_each)
{
	manrs_prefix *keys = malloc(n * sizeof *keys);
	struct test_alloc count = {0};
	manrs_alloc alloc = test_alloc_of(&count);
	manrs_trie *trie = new_trie();
	uint64_t seed = 41;
	manrs_lpm *lpm;

	for (size_t i = 0; i < n; i++) {
		keys[i] = make(&seed, i);
		if (manrs_trie_set(trie, &keys[i], i) < 0)
			ck_abort();
	}
	lpm = compile(trie, &alloc);
	if (lpm) {
		size_t each =
			(manrs_lpm_memory(lpm, NULL, NULL) - (512u << 10)) / manrs_trie_count(trie);

		ck_assert_uint_eq(manrs_lpm_memory(lpm, NULL, NULL), count.live);
		ck_assert_msg(each <= bytes_each, "%zu bytes an entry", each);
		compare_edges(lpm, trie, keys, n < 20000 ? n : 20000);
	}
	manrs_lpm_free(lpm);
	ck_assert_uint_eq(count.live, 0);
	manrs_trie_free(trie);
	free(keys);
}

static manrs_prefix hosts6(uint64_t *seed, uint64_t i)
{
	uint64_t hi = test_random(seed);

	(void)i;
	return sample_bits(6, 128, hi, test_random(seed));
}

static manrs_prefix hosts4(uint64_t *seed, uint64_t i)
{
	(void)i;
	return sample_bits(4, 32, test_random(seed), 0);
}

/* All of two /16, every other address, so that there is no run longer than one. */
static manrs_prefix hosts_of_16s(uint64_t *seed, uint64_t i)
{
	(void)seed;
	return sample_bits(4, 32, (UINT64_C(0x0a010000) + 2 * i) << 32, 0);
}

/* Chains of 128 lengths under random addresses. */
static manrs_prefix chains(uint64_t *seed, uint64_t i)
{
	uint64_t mine = 43 + i / 128, hi = test_random(&mine), lo = test_random(&mine);

	(void)seed;
	return sample_bits(6, (unsigned)(1 + i % 128), hi, lo);
}

/* One long prefix in each of many slots of each resolution: the most gates. */
static manrs_prefix gates(uint64_t *seed, uint64_t i)
{
	unsigned at = (unsigned)(i % 3) * 32 + 49;
	uint64_t hi = UINT64_C(0x2001) << 48 | i << 16, lo = test_random(seed);

	return sample_bits(6, at < 128 ? at : 128, hi, lo);
}

START_TEST(adversary_random_hosts6)
{
	adversary(hosts6, 100000, 220);
}
END_TEST
START_TEST(adversary_random_hosts4)
{
	adversary(hosts4, 100000, 180);
}
END_TEST
START_TEST(adversary_all_hosts_of_two_16s)
{
	adversary(hosts_of_16s, 65536, 40);
}
END_TEST
START_TEST(adversary_chains)
{
	adversary(chains, 128 * 300, 120);
}
END_TEST
START_TEST(adversary_gates)
{
	adversary(gates, 100000, 220);
}
END_TEST

START_TEST(real_table_edges)
{
	size_t n, four, six;
	manrs_prefix *keys = sample_table(&n);
	manrs_trie *trie = new_trie();
	manrs_lpm *lpm;

	if (!keys) {
		test_skip("bench/prefixes-2024-01.txt.gz is not there");
		manrs_trie_free(trie);
		return;
	}
	for (size_t i = 0; i < n; i++)
		if (manrs_trie_set(trie, &keys[i], i) < 0)
			ck_abort();
	lpm = compile(trie, NULL);
	if (lpm) {
		compare_edges(lpm, trie, keys, n);
		manrs_lpm_memory(lpm, &four, &six);
		ck_assert_uint_lt(four, 5u << 20);
		ck_assert_uint_lt(six, 6u << 20);
	}
	manrs_lpm_free(lpm);
	manrs_trie_free(trie);
	free(keys);
}
END_TEST

/* ---- memory ---- */

START_TEST(every_allocation_fails_once)
{
	manrs_trie *trie = new_trie();
	uint64_t seed = 51;
	manrs_lpm *lpm = NULL;

	for (int i = 0; i < 2000; i++)
		put(trie, NULL, sample_prefix(&seed, 14), 0);
	for (size_t k = 1; k < 500; k++) {
		struct test_alloc count = {.fail_at = k};
		manrs_alloc alloc = test_alloc_of(&count);
		manrs_lpm_config config;
		int rc;

		manrs_lpm_config_init(&config, sizeof config);
		config.alloc = &alloc;
		rc = manrs_lpm_new(&lpm, trie, &config);
		if (rc == MANRS_OK) {
			ck_assert_uint_gt(k, 10);
			ck_assert_uint_eq(manrs_lpm_memory(lpm, NULL, NULL), count.live);
			manrs_lpm_free(lpm);
			ck_assert_uint_eq(count.live, 0);
			manrs_trie_free(trie);
			return;
		}
		ck_assert_int_eq(rc, MANRS_ENOMEM);
		ck_assert_ptr_null(lpm);
		ck_assert_uint_eq(count.live, 0);
	}
	ck_abort_msg("never done");
}
END_TEST

Suite *lpm_suite(void)
{
	Suite *s = suite_create("lpm");

	ADD_TEST(s, empty_and_default_only, 1);
	ADD_TEST(s, key_may_be_shorter_than_the_longest_match, 1);
	ADD_TEST(s, chain_of_every_length, 2);
	ADD_TEST(s, random_tables_dense, 3);
	ADD_TEST(s, random_tables_nested, 3);
	ADD_TEST(s, random_tables_sparse, 3);
	ADD_TEST(s, random_tables_deep, 3);
	ADD_TEST(s, batches_of_every_size, 1);
	ADD_TEST(s, malformed_keys_and_configs_are_refused, 1);
	ADD_LONG_TEST(s, adversary_random_hosts6, 3);
	ADD_LONG_TEST(s, adversary_random_hosts4, 3);
	ADD_LONG_TEST(s, adversary_all_hosts_of_two_16s, 3);
	ADD_TEST(s, adversary_chains, 3);
	ADD_TEST(s, adversary_gates, 3);
	ADD_LONG_TEST(s, real_table_edges, 10);
	ADD_TEST(s, every_allocation_fails_once, 2);
	return s;
}
