/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ordered routes of a family against a plain table of which keys are there, on seeded walks that fill, thin out and empty
 * trees of three levels; and with memory refused: then the tree stays as it was.
 */

#include "rib/rib_tree.h"
#include "test.h"

#include "base/mem.h"

#define ADDRESSES 6000
#define SESSIONS  4

struct walk {
	struct test_alloc count;
	struct pool pool;
	struct rib_tree tree;
	bool there[ADDRESSES][SESSIONS];
	uint64_t seed;
};

static struct rib_key key_at(const struct walk *w, size_t at, size_t session)
{
	bool wide = w->tree.stride > sizeof(struct rib_rec);

	/* neighbours share an address, or all but its last bits; a third is a longer prefix of the one before */
	return (struct rib_key){(uint64_t)(at / 3 * 256) << 32, wide ? at % 2 : 0,
				(uint64_t)(24 + at % 3) << 48 | (uint64_t)session << 32 | at % 7};
}

static bool put(struct walk *w, size_t at, size_t session)
{
	struct rib_key key = key_at(w, at, session);
	struct rib_pos pos;
	struct rib_rec *rec;

	ck_assert_int_eq(rib_tree_find(&w->tree, &key, &pos), w->there[at][session]);
	if (w->there[at][session])
		return true;
	rec = rib_tree_insert(&w->tree, &pos, &key);
	if (!rec)
		return false;
	rec->attrs = (uint32_t)at;
	return w->there[at][session] = true;
}

static void take(struct walk *w, size_t at, size_t session)
{
	struct rib_key key = key_at(w, at, session);
	struct rib_pos pos;

	ck_assert_int_eq(rib_tree_find(&w->tree, &key, &pos), w->there[at][session]);
	if (!w->there[at][session])
		return;
	ck_assert_uint_eq(rib_rec_at(&w->tree, pos.leaf, pos.i)->attrs, at);
	rib_tree_erase(&w->tree, &pos);
	rib_tree_settle(&w->tree, &pos);
	w->there[at][session] = false;
}

/* All records of a leaf go at once, as the sweep takes them. */
static void clear_leaf(struct walk *w, size_t at)
{
	struct rib_key key = key_at(w, at, 0);
	struct rib_pos pos;

	rib_tree_find(&w->tree, &key, &pos);
	if (!pos.leaf)
		return;
	while (pos.leaf->n > 0) {
		const struct rib_rec *rec;

		pos.i = pos.leaf->n - 1u;
		rec = rib_rec_at(&w->tree, pos.leaf, pos.i);
		w->there[rec->attrs][rib_session_of(rec->rest)] = false;
		rib_tree_erase(&w->tree, &pos);
	}
	rib_tree_settle(&w->tree, &pos);
}

static int key_order(const void *a, const void *b)
{
	return rib_key_cmp(a, b);
}

/* The row of leaves has the keys that are there, in order, and the counts are theirs. */
static void same(const struct walk *w)
{
	struct rib_key *want = malloc(ADDRESSES * SESSIONS * sizeof *want);
	size_t n = 0, i = 0, prefixes = 0;

	for (size_t at = 0; at < ADDRESSES; at++) {
		bool any = false;

		for (size_t s = 0; s < SESSIONS; s++) {
			if (!w->there[at][s])
				continue;
			want[n++] = key_at(w, at, s);
			any = true;
		}
		prefixes += any;
	}
	qsort(want, n, sizeof *want, key_order);
	for (const struct rib_leaf *leaf = w->tree.first; leaf; leaf = leaf->next) {
		ck_assert_uint_gt(leaf->n, 0);
		ck_assert(!leaf->next || leaf->next->prev == leaf);
		for (unsigned k = 0; k < leaf->n; k++, i++) {
			const struct rib_rec *rec = rib_rec_at(&w->tree, leaf, k);
			struct rib_key key = rib_rec_key(&w->tree, rec);

			ck_assert_uint_lt(i, n);
			ck_assert_int_eq(rib_key_cmp(&key, &want[i]), 0);
			ck_assert(leaf->sessions >> rib_session_of(rec->rest) & 1);
		}
	}
	ck_assert_uint_eq(i, n);
	ck_assert_uint_eq(w->tree.n, n);
	ck_assert_uint_eq(w->tree.prefixes, prefixes);
	free(want);
}

static void walk_begin(struct walk *w, unsigned family, uint64_t seed)
{
	manrs_alloc alloc;

	memset(w, 0, sizeof *w);
	alloc = test_alloc_of(&w->count);
	pool_init(&w->pool, &alloc);
	rib_tree_init(&w->tree, &w->pool, family);
	w->seed = seed;
}

static void walk_end(struct walk *w)
{
	size_t all = SIZE_MAX;

	for (size_t at = 0; at < ADDRESSES; at++)
		for (size_t s = 0; s < SESSIONS; s++)
			take(w, at, s);
	same(w);
	ck_assert_ptr_null(w->tree.root);
	ck_assert_uint_eq(w->pool.used, 0);
	pool_destroy(&w->pool, &all);
	ck_assert_uint_eq(w->count.live, 0);
	free(w);
}

START_TEST(fills_thins_out_and_empties)
{
	struct walk *w = malloc(sizeof *w);
	unsigned high = 0;

	walk_begin(w, _i ? 6 : 4, 1);
	for (unsigned round = 0; round < 12; round++) {
		size_t puts = round % 3 == 2 ? 1 : 4; /* of five */

		for (size_t i = 0; i < 12000; i++) {
			size_t at = test_below(&w->seed, ADDRESSES),
			       s = test_below(&w->seed, SESSIONS);

			if (test_below(&w->seed, 5) < puts)
				put(w, at, s);
			else if (test_below(&w->seed, 20))
				take(w, at, s);
			else
				clear_leaf(w, at);
		}
		same(w);
		high = w->tree.height > high ? w->tree.height : high;
	}
	ck_assert_uint_ge(high, 2);
	walk_end(w);
}
END_TEST

START_TEST(sorted_input_leaves_full_leaves)
{
	struct walk *w = malloc(sizeof *w);
	size_t leaves = 0;

	walk_begin(w, 4, 2);
	for (size_t at = 0; at < ADDRESSES; at++)
		ck_assert(put(w, at, 0));
	same(w);
	for (const struct rib_leaf *leaf = w->tree.first; leaf; leaf = leaf->next, leaves++)
		ck_assert(leaf->n == RIB_LEAF_MOST || !leaf->next);
	ck_assert_uint_eq(leaves, (ADDRESSES + RIB_LEAF_MOST - 1) / RIB_LEAF_MOST);
	walk_end(w);
}
END_TEST

START_TEST(memory_refused_leaves_the_tree_as_it_was)
{
	struct walk *w = malloc(sizeof *w);
	size_t refused = 0;

	walk_begin(w, 6, 3);
	for (size_t i = 0; i < 40000; i++) {
		w->count.fail_at = test_below(&w->seed, 3) ? w->count.calls + 1 : 0;
		if (test_below(&w->seed, 5))
			refused += !put(w, test_below(&w->seed, ADDRESSES),
					test_below(&w->seed, SESSIONS));
		else
			take(w, test_below(&w->seed, ADDRESSES), test_below(&w->seed, SESSIONS));
	}
	w->count.fail_at = 0;
	ck_assert_uint_gt(refused, 0);
	same(w);
	walk_end(w);
}
END_TEST

Suite *rib_tree_suite(void)
{
	Suite *s = suite_create("rib_tree");
	TCase *tc = tcase_create("fills_thins_out_and_empties");

	tcase_set_timeout(tc, 20 * TEST_SLOW);
	tcase_add_loop_test(tc, fills_thins_out_and_empties, 0, 2);
	suite_add_tcase(s, tc);
	ADD_TEST(s, sorted_input_leaves_full_leaves, 10);
	ADD_TEST(s, memory_refused_leaves_the_tree_as_it_was, 10);
	return s;
}
