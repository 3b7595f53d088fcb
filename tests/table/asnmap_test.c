/* SPDX-License-Identifier: BSD-2-Clause */
/* The map of AS numbers against an array: random changes, numbers that share their first digits, walks of differences. */

#include "../test.h"
#include "base/sort.h"
#include "table/asnmap.h"

#define NUMBERS 600

struct entry { /* what the map points to */
	uint32_t asn, value;
};

struct map {
	struct pool pool[2];
	struct test_alloc counter;
	manrs_alloc alloc;
};

static void map_init(struct map *m)
{
	memset(m, 0, sizeof *m);
	m->alloc = test_alloc_of(&m->counter);
	pool_init(&m->pool[0], &m->alloc);
	pool_init(&m->pool[1], &m->alloc);
}

static void map_free(struct map *m)
{
	size_t all = SIZE_MAX;

	ck_assert(pool_destroy(&m->pool[0], &all) && pool_destroy(&m->pool[1], &all));
	ck_assert_uint_eq(m->counter.live, 0);
}

/* The number that mixes to this: both steps of the mix undone. */
static uint32_t unmix(uint32_t mixed)
{
	uint32_t inverse = 1;

	for (unsigned i = 0; i < 5; i++)
		inverse *= 2 - UINT32_C(0x9e3779b1) * inverse;
	return (mixed ^ mixed >> 15 ^ mixed >> 30) * inverse;
}

START_TEST(order_is_one_to_one)
{
	uint64_t seed = 1;

	for (unsigned i = 0; i < 20000; i++) {
		uint32_t x = (uint32_t)test_random(&seed);

		ck_assert_uint_eq(asnmap_mix(unmix(x)), x);
	}
	ck_assert_uint_ne(asnmap_order(0), asnmap_order(1));
	ck_assert_uint_ge(asnmap_order(0), 1);
}
END_TEST

/* Random and chosen: many agree in all digits but the last, so that chains are as deep as can be. */
static void numbers(uint32_t *asn, uint64_t *seed)
{
	for (size_t i = 0; i < NUMBERS; i++)
		asn[i] = i % 3 == 0   ? (uint32_t)test_random(seed)
			 : i % 3 == 1 ? unmix((uint32_t)(i << 26 | 0x2345678))
				      : unmix((uint32_t)(i << 30 | (i % 5) << 12));
}

struct seen {
	const struct entry *const *a, *const *b;
	const uint32_t *asn;
	uint64_t last;
	size_t n, limit;
	bool used[NUMBERS];
};

static bool see(void *arg, uint64_t order, const void *a, const void *b)
{
	struct seen *s = arg;
	uint32_t asn = *(const uint32_t *)(a ? a : b);
	size_t i = 0;

	while (s->asn[i] != asn || (s->a[i] != a || s->b[i] != b)) {
		i++;
		ck_assert_uint_lt(i, NUMBERS);
	}
	ck_assert(!s->used[i]);
	s->used[i] = true;
	ck_assert_uint_gt(order, s->last);
	ck_assert_uint_eq(order, asnmap_order(asn));
	s->last = order;
	return ++s->n < s->limit;
}

/* What differs is visited once, in order, whatever the places it is interrupted at. */
static void check_walk(uint64_t ra, uint64_t rb, const struct entry *const *a,
		       const struct entry *const *b, const uint32_t *asn, uint64_t *seed)
{
	static struct seen s;
	size_t want = 0, before = 1;

	s = (struct seen){.a = a, .b = b, .asn = asn};
	for (size_t i = 0; i < NUMBERS; i++)
		want += a[i] != b[i];
	while (before != s.n || !s.limit) {
		before = s.n;
		s.limit = s.n + 1 + test_below(seed, 90);
		asnmap_walk(ra, rb, s.last, see, &s);
	}
	ck_assert_uint_eq(s.n, want);
}

struct version {
	const struct entry *at[NUMBERS];
	uint64_t root;
};

static int nothing(const void *arg, uint64_t a, uint64_t b)
{
	(void)arg, (void)a, (void)b;
	return 0;
}

/* One change of some numbers: sets and removals. */
static void change(struct map *m, const uint32_t *asn, struct version *v, size_t most,
		   uint64_t *seed, struct vec *retired)
{
	static struct entry store[200000];
	static size_t stored;
	struct sort_item item[NUMBERS], tmp[NUMBERS];
	struct asnmap_op op[NUMBERS];
	struct txn t = {.pool = {&m->pool[0], &m->pool[1]}};
	bool chosen[NUMBERS] = {false};
	size_t n = 0;

	for (size_t i = test_below(seed, most); i--;)
		chosen[test_random(seed) % NUMBERS] = true;
	for (size_t i = 0; i < NUMBERS; i++) {
		bool again = false;

		for (size_t j = 0; j < i && chosen[i]; j++)
			again |= asn[j] == asn[i];
		if (!chosen[i] || again)
			continue;
		store[stored % 200000] = (struct entry){asn[i], (uint32_t)stored};
		v->at[i] = test_random(seed) % 3 ? &store[stored++ % 200000] : NULL;
		item[n++] = (struct sort_item){asnmap_order(asn[i]), i};
	}
	sort_items(item, tmp, n, nothing, NULL);
	for (size_t i = 0; i < n; i++)
		op[i] = (struct asnmap_op){item[i].key, v->at[item[i].at], asn[item[i].at], 0};
	ck_assert(asnmap_apply(&t, v->root, op, n, &v->root));
	txn_done(&t, retired);
}

START_TEST(random_changes_equal_an_array)
{
	static uint32_t asn[NUMBERS];
	static struct version now, before;
	struct map m;
	uint64_t seed = 31;

	map_init(&m);
	numbers(asn, &seed);
	memset(&now, 0, sizeof now);
	for (unsigned round = 0; round < 600; round++) {
		struct vec retired;
		struct txn_block *b;

		before = now;
		change(&m, asn, &now, round % 10 ? 12 : NUMBERS, &seed, &retired);
		for (size_t i = 0; i < NUMBERS; i++)
			if (now.at[i] || before.at[i])
				ck_assert_ptr_eq(asnmap_get(now.root, asn[i]), now.at[i]);
		ck_assert_ptr_null(asnmap_get(now.root, 0xdeadbeef));
		/* The version before still says what it said. */
		for (size_t i = 0; i < NUMBERS; i++)
			if (before.at[i])
				ck_assert_ptr_eq(asnmap_get(before.root, asn[i]), before.at[i]);
		check_walk(before.root, now.root, before.at, now.at, asn, &seed);
		if (round % 20 == 0) {
			static const struct entry *const none[NUMBERS];

			check_walk(now.root, 0, now.at, none, asn, &seed);
			check_walk(0, now.root, none, now.at, asn, &seed);
		}
		b = retired.at;
		for (size_t i = 0; i < retired.n; i++)
			txn_free_block((struct pool *[]){&m.pool[0], &m.pool[1]}, &b[i]);
		vec_free(&m.alloc, &retired, sizeof *b);
	}
	map_free(&m);
}
END_TEST

static void free_retired(struct map *m, struct vec *retired)
{
	struct pool *pool[] = {&m->pool[0], &m->pool[1]};

	for (size_t i = 0; i < retired->n; i++)
		txn_free_block(pool, (struct txn_block *)retired->at + i);
	vec_free(&m->alloc, retired, sizeof(struct txn_block));
}

static uint64_t apply_one(struct map *m, uint64_t root, const struct asnmap_op *op)
{
	struct txn t = {.pool = {&m->pool[0], &m->pool[1]}};
	struct vec retired;

	ck_assert(asnmap_apply(&t, root, op, 1, &root));
	txn_done(&t, &retired);
	free_retired(m, &retired);
	return root;
}

/* All removed: nothing is left of it. Built in two ways: as much memory. */
START_TEST(the_same_set_takes_the_same_memory)
{
	static uint32_t asn[NUMBERS];
	static struct version now;
	struct map m, other;
	uint64_t seed = 8;
	static struct entry entry[NUMBERS];
	struct vec retired;

	map_init(&m);
	map_init(&other);
	numbers(asn, &seed);
	memset(&now, 0, sizeof now);
	for (unsigned round = 0; round < 100; round++) {
		change(&m, asn, &now, NUMBERS, &seed, &retired);
		free_retired(&m, &retired);
	}
	now.root = 0;
	for (size_t i = 0; i < NUMBERS; i++) {
		struct asnmap_op op = {asnmap_order(asn[i]), &entry[i], asn[i], 0};

		if (!now.at[i])
			continue;
		entry[i].asn = asn[i];
		now.root = apply_one(&other, now.root, &op);
	}
	ck_assert_uint_eq(m.pool[0].used, other.pool[0].used);
	for (size_t i = 0; i < NUMBERS; i++) {
		struct asnmap_op op = {asnmap_order(asn[i]), NULL, asn[i], 0};

		now.root = apply_one(&other, now.root, &op);
	}
	ck_assert_uint_eq(now.root, 0);
	ck_assert_uint_eq(other.pool[0].used, 0);
	map_free(&m);
	map_free(&other);
}
END_TEST

Suite *asnmap_suite(void)
{
	Suite *s = suite_create("table/asnmap");

	ADD_TEST(s, order_is_one_to_one, 5);
	ADD_TEST(s, random_changes_equal_an_array, 5);
	ADD_TEST(s, the_same_set_takes_the_same_memory, 5);
	return s;
}
