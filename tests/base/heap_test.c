/* SPDX-License-Identifier: BSD-2-Clause */
/* Counted objects: what is held stays, what is let go comes back in slices, whatever hangs on it, and memory may be refused. */

#include "../test.h"
#include "base/heap.h"

enum { PLAIN = HEAP_PLAIN, PAIR, TYPES };

/* Holds two others; how often its drop ran is counted, as the expectations are counts of objects that a test made. */
struct pair {
	struct heap_obj obj;
	void *of[2];
};

static unsigned drops;

static void pair_drop(struct heap *h, void *obj)
{
	struct pair *p = obj;

	drops++;
	heap_drop(h, p->of[0]);
	heap_drop(h, p->of[1]);
}

static const struct heap_type pair_type = {.drop = pair_drop};
static const struct heap_type *const types[TYPES] = {&heap_plain, &pair_type};

static struct heap heap_of(struct test_alloc *counter)
{
	manrs_alloc alloc = test_alloc_of(counter);
	struct heap h;

	heap_init(&h, &alloc, types, TYPES);
	drops = 0;
	return h;
}

static struct pair *pair_of(struct heap *h, void *a, void *b)
{
	struct pair *p = heap_new(h, sizeof *p, PAIR);

	ck_assert_ptr_nonnull(p);
	p->of[0] = a;
	p->of[1] = b;
	return p;
}

START_TEST(heads_are_small)
{
	/* which a pointer to the type would make 24; less, where pointers are short, would put bodies across cache lines */
	ck_assert_uint_eq(sizeof(struct heap_obj), 16);
}
END_TEST

START_TEST(what_somebody_holds_stays)
{
	struct test_alloc counter = {.fail_at = SIZE_MAX}; /* it counts then */
	struct heap h = heap_of(&counter);
	struct pair *leaf = pair_of(&h, NULL, NULL), *a, *b;

	ck_assert(heap_alone(leaf));
	ck_assert_ptr_eq(heap_ref(leaf), leaf);
	ck_assert(!heap_alone(leaf));
	ck_assert_ptr_null(heap_ref(NULL));
	a = pair_of(&h, leaf, NULL);
	b = pair_of(&h, leaf, NULL);
	heap_drop(&h, NULL);
	heap_drop(&h, a);
	ck_assert(!heap_drain(&h, 0));
	ck_assert_uint_eq(drops, 1);
	ck_assert(heap_alone(leaf));
	ck_assert_uint_eq(counter.live, 2 * ((sizeof *leaf + 15) / 16 * 16));
	heap_drop(&h, b);
	ck_assert_uint_eq(counter.live,
			  2 * ((sizeof *leaf + 15) / 16 * 16)); /* a drop frees nothing */
	ck_assert(!heap_drain(&h, 0));
	ck_assert_uint_eq(drops, 3);
	ck_assert_uint_eq(h.bytes, 0);
	heap_free(&h);
	ck_assert_uint_eq(counter.live, 0);
}
END_TEST

/* A chain of n is let go in slices of any size, one object each, without memory or recursion. */
START_TEST(slices_free_as_many_as_they_may)
{
	enum { N = 100000 };
	for (size_t budget = 1; budget <= N; budget = budget * 7 + 3) {
		struct test_alloc counter = {.fail_at = SIZE_MAX};
		struct heap h = heap_of(&counter);
		struct pair *p = NULL;

		for (unsigned i = 0; i < N; i++)
			p = pair_of(&h, p, NULL);
		heap_drop(&h, p);
		counter.fail_at = 1;
		for (size_t slice = 1; heap_drain(&h, budget); slice++)
			ck_assert_uint_eq(drops, slice * budget);
		ck_assert_uint_eq(drops, N);
		ck_assert_uint_eq(counter.live, 0);
		ck_assert(!heap_drain(&h, budget));
	}
}
END_TEST

START_TEST(all_bytes_after_the_head_are_zero_also_of_a_second_use)
{
	struct test_alloc counter = {.fail_at = SIZE_MAX}; /* it counts then */
	struct heap h = heap_of(&counter);

	for (int close = 0; close < 2; close++)
		for (size_t size = sizeof(struct heap_obj); size < 6000; size += 37) {
			for (int use = 0; use < 2; use++) {
				unsigned char *at = close ? heap_new_close(&h, size, PLAIN)
							  : heap_new(&h, size, PLAIN);

				ck_assert_ptr_nonnull(at);
				for (size_t i = sizeof(struct heap_obj); i < size; i++)
					ck_assert_uint_eq(at[i], 0);
				memset(at + sizeof(struct heap_obj), 0xa5,
				       size - sizeof(struct heap_obj));
				heap_drop(&h, at);
				heap_drain(&h, 0);
			}
		}
	heap_free(&h);
	ck_assert_uint_eq(counter.live, 0);
}
END_TEST

/* Objects of slabs: bodies on cache lines, apart from each other, used again, few allocations. */
START_TEST(small_close_ones_lie_on_lines_of_slabs)
{
	enum { N = 2000, HEAD = sizeof(struct heap_obj) };
	static unsigned char *at[N];
	static size_t size[N];
	struct test_alloc counter = {.fail_at = SIZE_MAX}; /* it counts then */
	struct heap h = heap_of(&counter);
	uint64_t seed = 11;
	size_t live;

	for (unsigned i = 0; i < N; i++) {
		size[i] = HEAD + 1 + test_below(&seed, HEAP_SLAB_LINES * 64 - HEAD);
		at[i] = heap_new_close(&h, size[i], PLAIN);
		ck_assert_ptr_nonnull(at[i]);
		ck_assert_uint_eq(((uintptr_t)at[i] + HEAD) % 64, 0);
		memset(at[i] + HEAD, (int)(i % 251), size[i] - HEAD);
	}
	for (unsigned i = 0; i < N; i++)
		for (size_t k = HEAD; k < size[i]; k++)
			ck_assert_uint_eq(at[i][k], i % 251);
	ck_assert_uint_lt(counter.calls, N / 10);
	ck_assert_uint_eq(h.bytes, counter.live);
	live = counter.live;
	for (unsigned i = 0; i < N; i++)
		heap_drop(&h, at[i]);
	heap_drain(&h, 0);
	for (unsigned i = 0; i < N; i++)
		ck_assert_ptr_nonnull(heap_new_close(&h, size[i], PLAIN));
	ck_assert_uint_eq(counter.live, live); /* all from what was freed */
	heap_free(&h);
	ck_assert_uint_eq(counter.live, 0);
}
END_TEST

START_TEST(large_close_ones_come_from_the_allocator)
{
	struct test_alloc counter = {.fail_at = SIZE_MAX}; /* it counts then */
	struct heap h = heap_of(&counter);
	void *large = heap_new_close(&h, HEAP_SLAB_LINES * 64 + 1, PLAIN), *small;

	ck_assert_uint_eq(counter.live, HEAP_SLAB_LINES * 64 + 16);
	ck_assert_uint_eq(h.bytes, counter.live);
	small = heap_new_close(&h, HEAP_SLAB_LINES * 64, PLAIN);
	ck_assert_uint_gt(counter.live, HEAP_SLAB_LINES * 64 + 16);
	ck_assert_uint_eq(h.bytes, counter.live);
	heap_drop(&h, small);
	heap_drop(&h, large);
	heap_drain(&h, 0);
	ck_assert_uint_ge(counter.live, HEAP_SLAB_LINES * 64); /* the slab */
	ck_assert_uint_eq(h.bytes, counter.live);
	heap_free(&h);
	ck_assert_uint_eq(counter.live, 0);
}
END_TEST

START_TEST(refused_memory_is_null_and_changes_nothing)
{
	struct test_alloc counter = {.fail_at = SIZE_MAX}; /* it counts then */
	struct heap h = heap_of(&counter);
	struct pair *p = pair_of(&h, NULL, NULL);
	uint64_t bytes = h.bytes;

	counter.fail_at = counter.calls + 1;
	ck_assert_ptr_null(heap_new(&h, sizeof *p, PAIR));
	ck_assert_ptr_null(heap_new_close(&h, 100, PLAIN));
	ck_assert_ptr_null(heap_new_close(&h, HEAP_SLAB_LINES * 64 + 1, PLAIN));
	ck_assert_uint_eq(h.bytes, bytes);
	counter.fail_at = SIZE_MAX;
	heap_drop(&h, p);
	heap_drain(&h, 0);
	heap_free(&h);
	ck_assert_uint_eq(counter.live, 0);
}
END_TEST

#if SIZE_MAX > UINT32_MAX
START_TEST(an_object_too_large_for_its_head_is_refused)
{
	struct test_alloc counter = {.fail_at = SIZE_MAX}; /* it counts then */
	struct heap h = heap_of(&counter);

	ck_assert_ptr_null(heap_new(&h, ((size_t)1 << 36) + 1, PLAIN));
	ck_assert_uint_eq(counter.calls, 0);
	heap_free(&h);
}
END_TEST
#endif

Suite *heap_suite(void)
{
	Suite *s = suite_create("heap");

	ADD_TEST(s, heads_are_small, 4);
	ADD_TEST(s, what_somebody_holds_stays, 4);
	ADD_TEST(s, slices_free_as_many_as_they_may, 10);
	ADD_TEST(s, all_bytes_after_the_head_are_zero_also_of_a_second_use, 10);
	ADD_TEST(s, small_close_ones_lie_on_lines_of_slabs, 4);
	ADD_TEST(s, large_close_ones_come_from_the_allocator, 4);
	ADD_TEST(s, refused_memory_is_null_and_changes_nothing, 4);
#if SIZE_MAX > UINT32_MAX
	ADD_TEST(s, an_object_too_large_for_its_head_is_refused, 4);
#endif
	return s;
}
