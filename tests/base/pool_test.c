/* SPDX-License-Identifier: BSD-2-Clause */
/* Blocks of all sizes: aligned, apart, counted, and all given back; whole changes that are rolled back or kept. */

#include "../test.h"
#include "base/pool.h"
#include "base/txn.h"

#define BLOCKS 3000

struct block {
	unsigned char *at;
	size_t size;
	unsigned char mark;
};

static void fill(struct block *b, size_t size, unsigned char mark)
{
	b->size = size;
	b->mark = mark;
	memset(b->at, mark, size);
}

static bool intact(const struct block *b)
{
	for (size_t i = 0; i < b->size; i++)
		if (b->at[i] != b->mark)
			return false;
	return true;
}

/* Sizes around each class, most small, some in blocks of their own. */
static size_t random_size(uint64_t *seed)
{
	uint64_t x = test_random(seed);

	return x % 50 == 0 ? x >> 20 & 0x1ffff : x % 5 == 0 ? x >> 20 & 0x3fff : x >> 20 & 0x1ff;
}

START_TEST(every_size_has_room_and_bounded_waste)
{
	struct test_alloc counter = {0};
	manrs_alloc alloc = test_alloc_of(&counter);
	struct pool pool;
	size_t all = SIZE_MAX;

	pool_init(&pool, &alloc);
	for (size_t size = 0; size <= 20000; size++) {
		size_t before = pool.used, takes = pool_block(size);
		struct block b = {.at = pool_alloc(&pool, size)};

		ck_assert_ptr_nonnull(b.at);
		ck_assert_uint_eq((uintptr_t)b.at % 16, 0);
		fill(&b, size, 0xa5);
		ck_assert_uint_eq(pool.used - before, takes);
		ck_assert_uint_ge(takes, size);
		ck_assert_uint_le(takes, size + size / 8 + 32);
		pool_free(&pool, b.at, size);
		ck_assert_uint_eq(pool.used, before);
	}
	ck_assert(pool_destroy(&pool, &all));
	ck_assert_uint_eq(counter.live, 0);
}
END_TEST

START_TEST(random_blocks_keep_what_they_hold)
{
	static struct block b[BLOCKS];
	struct test_alloc counter = {0};
	manrs_alloc alloc = test_alloc_of(&counter);
	uint64_t seed = 5;
	size_t used = 0, all = SIZE_MAX;
	struct pool pool;

	memset(b, 0, sizeof b);
	pool_init(&pool, &alloc);
	for (unsigned i = 0; i < 60000; i++) {
		struct block *x = &b[test_random(&seed) % (i < 30000 ? BLOCKS : BLOCKS / 4)];

		if (x->at) {
			ck_assert(intact(x));
			used -= pool_block(x->size);
			pool_free(&pool, x->at, x->size);
			x->at = NULL;
		} else {
			size_t size = random_size(&seed);

			x->at = pool_alloc(&pool, size);
			fill(x, size, (unsigned char)i);
			used += pool_block(size);
		}
		ck_assert_uint_eq(pool.used, used);
		ck_assert_uint_eq(pool.taken, counter.live);
	}
	for (size_t i = 0; i < BLOCKS; i++)
		if (b[i].at) {
			ck_assert(intact(&b[i]));
			pool_free(&pool, b[i].at, b[i].size);
		}
	ck_assert_uint_eq(pool.used, 0);
	/* Empty regions went back to the host, but for one. */
	ck_assert_uint_le(pool.taken, 33 * 32768 + 4096);
	ck_assert(pool_destroy(&pool, &all));
	ck_assert_uint_eq(counter.live, 0);
}
END_TEST

START_TEST(destroy_goes_in_slices)
{
	struct test_alloc counter = {0};
	manrs_alloc alloc = test_alloc_of(&counter);
	struct pool pool;
	unsigned slices = 0;
	size_t live;

	pool_init(&pool, &alloc);
	for (unsigned i = 0; i < 500; i++) {
		ck_assert_ptr_nonnull(pool_alloc(&pool, 9000));
		ck_assert_ptr_nonnull(pool_alloc(&pool, 8000));
	}
	for (bool gone = false; !gone; slices++) {
		size_t budget = 7;

		live = counter.live;
		gone = pool_destroy(&pool, &budget);
		ck_assert(gone || (budget == 0 && counter.live < live));
	}
	ck_assert_uint_ge(slices, 500 / 7);
	ck_assert_uint_eq(counter.live, 0);
}
END_TEST

START_TEST(a_refused_block_changes_nothing)
{
	struct test_alloc counter = {0};
	manrs_alloc alloc = test_alloc_of(&counter);
	size_t all = SIZE_MAX;
	struct pool pool;
	void *at;

	pool_init(&pool, &alloc);
	counter.fail_at = 1;
	ck_assert_ptr_null(pool_alloc(&pool, 1));
	ck_assert_ptr_null(pool_alloc(&pool, 100000));
	ck_assert_ptr_null(pool_alloc(&pool, SIZE_MAX));
	ck_assert_ptr_null(pool_alloc(&pool, SIZE_MAX - 20));
	ck_assert_uint_eq(pool.used + pool.taken + counter.live, 0);
	counter.fail_at = 0;
	at = pool_alloc(&pool, 1);
	ck_assert_ptr_nonnull(at);
	pool_free(&pool, at, 1);
	ck_assert(pool_destroy(&pool, &all));
	ck_assert_uint_eq(counter.live, 0);
}
END_TEST

/* ---- whole changes (base/txn.h) ---- */

START_TEST(a_change_rolled_back_leaves_nothing)
{
	struct test_alloc counter = {0};
	manrs_alloc alloc = test_alloc_of(&counter);
	struct pool read, raw;
	size_t all = SIZE_MAX, refused = 0;

	pool_init(&read, &alloc);
	pool_init(&raw, &alloc);
	for (size_t k = 1; k < 60; k++) {
		struct txn t = {.pool = {&read, &raw}};
		unsigned done = 0;

		counter.calls = 0;
		counter.fail_at = k;
		for (; done < 200; done++)
			if (!txn_alloc(&t, done % 2 ? TXN_RAW : TXN_READ,
				       10 * (size_t)done * done) ||
			    !txn_retire(&t, TXN_RAW, &t, 1))
				break;
		counter.fail_at = 0;
		refused += done < 200;
		txn_rollback(&t);
		ck_assert_uint_eq(read.used, 0);
		ck_assert_uint_eq(raw.used, 0);
		ck_assert_uint_eq(counter.live, read.taken + raw.taken);
	}
	ck_assert_uint_gt(refused, 10);
	ck_assert(pool_destroy(&read, &all) && pool_destroy(&raw, &all));
	ck_assert_uint_eq(counter.live, 0);
}
END_TEST

START_TEST(a_change_kept_hands_over_what_it_retired)
{
	struct test_alloc counter = {0};
	manrs_alloc alloc = test_alloc_of(&counter);
	struct pool read, raw;
	struct txn one = {.pool = {&read, &raw}}, two = one;
	struct vec retired;
	void *a, *b, *c;
	size_t all = SIZE_MAX;

	pool_init(&read, &alloc);
	pool_init(&raw, &alloc);
	a = txn_alloc(&one, TXN_READ, 100);
	b = txn_alloc(&one, TXN_RAW, 9000);
	txn_done(&one, &retired);
	ck_assert_uint_eq(retired.n, 0);
	c = txn_alloc(&two, TXN_READ, 50);
	ck_assert(a && b && c && txn_retire(&two, TXN_READ, a, 100) &&
		  txn_retire(&two, TXN_RAW, b, 9000));
	txn_done(&two, &retired);
	ck_assert_uint_eq(retired.n, 2);
	/* Nothing is freed before the one who took it over does. */
	ck_assert_uint_eq(read.used, pool_block(100) + pool_block(50));
	for (size_t i = 0; i < 2; i++)
		txn_free_block(two.pool, (struct txn_block *)retired.at + i);
	ck_assert_uint_eq(read.used, pool_block(50));
	ck_assert_uint_eq(raw.used, 0);
	vec_free(&alloc, &retired, sizeof(struct txn_block));
	ck_assert(pool_destroy(&read, &all) && pool_destroy(&raw, &all));
	ck_assert_uint_eq(counter.live, 0);
}
END_TEST

Suite *pool_suite(void)
{
	Suite *s = suite_create("base/pool");

	ADD_TEST(s, every_size_has_room_and_bounded_waste, 5);
	ADD_TEST(s, random_blocks_keep_what_they_hold, 5);
	ADD_TEST(s, destroy_goes_in_slices, 5);
	ADD_TEST(s, a_refused_block_changes_nothing, 5);
	ADD_TEST(s, a_change_rolled_back_leaves_nothing, 5);
	ADD_TEST(s, a_change_kept_hands_over_what_it_retired, 5);
	return s;
}
