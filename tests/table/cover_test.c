/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The covering index by itself, against an array of records: random commits with records that do not count, lists, walks
 * from any place, and the promise that the same set gives the same tree, block by block, whatever led to it.
 */

#include "../test.h"
#include "table/cover_work.h"

#define MOST 3000

struct tree {
	struct pool pool[2];
	struct test_alloc counter;
	manrs_alloc alloc;
	uint64_t root;
	int64_t count;
};

static void tree_init(struct tree *t)
{
	memset(t, 0, sizeof *t);
	t->alloc = test_alloc_of(&t->counter);
	pool_init(&t->pool[0], &t->alloc);
	pool_init(&t->pool[1], &t->alloc);
}

static void tree_free(struct tree *t)
{
	size_t all = SIZE_MAX;

	ck_assert(pool_destroy(&t->pool[0], &all) && pool_destroy(&t->pool[1], &all));
	ck_assert_uint_eq(t->counter.live, 0);
}

/* One commit, and what it retired freed at once. */
static bool apply(struct tree *t, const struct cover_op *ops, size_t n)
{
	struct txn txn = {.pool = {&t->pool[0], &t->pool[1]}};
	struct vec retired;
	uint64_t root;
	int64_t more = 0;

	if (!cover_apply(&txn, t->root, ops, n, &root, &more)) {
		txn_rollback(&txn);
		return false;
	}
	txn_done(&txn, &retired);
	for (size_t i = 0; i < retired.n; i++)
		txn_free_block(txn.pool, (struct txn_block *)retired.at + i);
	vec_free(&t->alloc, &retired, sizeof(struct txn_block));
	t->root = root;
	t->count += more;
	return true;
}

/* ---- the array ---- */

struct array {
	struct cover_op rec[MOST]; /* in order */
	size_t n;
};

static int op_cmp(const struct cover_op *a, const struct cover_op *b)
{
	int d = memcmp(a->addr, b->addr, 16);

	if (d || a->len != b->len)
		return d ? d : (int)a->len - (int)b->len;
	if (a->asn != b->asn)
		return a->asn < b->asn ? -1 : 1;
	return (int)a->maxlen - (int)b->maxlen;
}

static int op_order(const void *a, const void *b)
{
	return op_cmp(a, b);
}

static bool counts(const struct cover_op *r)
{
	return (r->flags & COVER_ASSERTED) || (r->sources && !(r->flags & COVER_FILTERED));
}

static void array_set(struct array *a, const struct cover_op *op)
{
	size_t i = 0;
	bool gone = !op->sources && !(op->flags & COVER_ASSERTED);

	while (i < a->n && op_cmp(&a->rec[i], op) < 0)
		i++;
	if (i < a->n && !op_cmp(&a->rec[i], op)) {
		if (gone)
			memmove(&a->rec[i], &a->rec[i + 1], (--a->n - i) * sizeof *op);
		else
			a->rec[i] = *op;
	} else if (!gone) {
		memmove(&a->rec[i + 1], &a->rec[i], (a->n++ - i) * sizeof *op);
		a->rec[i] = *op;
	}
}

/* Few addresses, all lengths, bursts at one prefix; width 32 or 128. */
static struct cover_op random_op(uint64_t *seed, unsigned width, unsigned spread)
{
	struct cover_op op = {.sources = test_random(seed) % 3 ? test_random(seed) % 4 : 0};
	uint64_t x = test_random(seed);
	unsigned len = (unsigned)(x >> 8) % (width + 1);

	for (unsigned i = 0; i < width / 8; i++)
		op.addr[i] = test_random(seed) % spread ? (uint8_t)(i % 2 ? 0x55 : 0)
							: (uint8_t)test_random(seed);
	for (unsigned i = len; i < 128; i++)
		op.addr[i / 8] &= (uint8_t) ~(0x80 >> i % 8);
	op.len = (uint8_t)len;
	op.depth = (uint8_t)cover_depth(len);
	op.maxlen = (uint8_t)(len + (x >> 20) % (width - len + 1));
	op.asn = (uint32_t)(x >> 40) % 5;
	op.flags = x >> 60 == 0 ? COVER_ASSERTED : x >> 60 < 3 ? COVER_FILTERED : 0;
	return op;
}

/* A sorted batch, no record twice; some from the array, some of one prefix. */
static size_t random_batch(const struct array *a, struct cover_op *ops, size_t most, unsigned width,
			   unsigned spread, uint64_t *seed)
{
	size_t n = test_below(seed, most), left = 0;

	for (size_t i = 0; i < n; i++) {
		ops[i] = random_op(seed, width, spread);
		if (a->n && test_random(seed) % 2) {
			struct cover_op old = a->rec[test_random(seed) % a->n];

			old.sources = ops[i].sources;
			old.flags = ops[i].flags;
			ops[i] = old;
		} else if (i && test_random(seed) % 3 == 0) {
			uint32_t asn = ops[i].asn + (uint32_t)test_random(seed) % 20;

			ops[i] = ops[i - 1];
			ops[i].asn = asn;
		}
	}
	if (n)
		qsort(ops, n, sizeof *ops, op_order);
	for (size_t i = 0; i < n; i++)
		if (!left || op_cmp(&ops[left - 1], &ops[i]))
			ops[left++] = ops[i];
	return left;
}

/* ---- comparing with the array ---- */

struct words {
	uint64_t at[MOST];
	size_t n;
};

static void put(void *arg, uint64_t word)
{
	struct words *w = arg;

	w->at[w->n++] = word;
}

static bool over(const struct cover_op *r, const uint8_t *addr, unsigned len)
{
	if (r->len > len)
		return false;
	for (unsigned i = 0; i < r->len; i++)
		if ((r->addr[i / 8] ^ addr[i / 8]) >> (7 - i % 8) & 1)
			return false;
	return true;
}

/* Lists at random places and at records: shortest first, then by asn and maxlen, which for nested prefixes is their order. */
static void check_lists(const struct tree *t, const struct array *a, unsigned width,
			unsigned spread, uint64_t *seed)
{
	static struct words got;

	for (unsigned round = 0; round < 60; round++) {
		struct cover_op at = random_op(seed, width, spread);
		size_t n = 0;

		if (a->n && round % 2)
			at = a->rec[test_random(seed) % a->n];
		got.n = 0;
		cover_list(t->root, at.addr, at.len, put, &got);
		for (size_t i = 0; i < a->n; i++) {
			const struct cover_op *r = &a->rec[i];

			if (!counts(r) || !over(r, at.addr, at.len))
				continue;
			if (n >= got.n || cover_word_asn(got.at[n]) != r->asn ||
			    cover_word_len(got.at[n]) != r->len ||
			    cover_word_maxlen(got.at[n]) != r->maxlen)
				ck_abort_msg("word %zu of the list over /%u", n, at.len);
			n++;
		}
		ck_assert_uint_eq(got.n, n);
		if (a->n) {
			const struct cover_op *r = &a->rec[test_random(seed) % a->n];
			const struct cover_rec *rec =
				cover_pick(cover_own_of(t->root, r->addr, r->len), r->addr, r->len,
					   r->asn, r->maxlen);

			ck_assert(rec && rec->sources == r->sources && rec->flags == r->flags);
			ck_assert_ptr_null(cover_pick(cover_own_of(t->root, r->addr, r->len),
						      r->addr, r->len, r->asn + 99, r->maxlen));
		}
	}
}

struct visit {
	const struct array *a;
	size_t next;
	size_t stop; /* after so many prefixes */
};

static bool see(void *arg, const uint8_t *addr, unsigned len, const struct cover_rec *a, size_t na,
		const struct cover_rec *b, size_t nb)
{
	struct visit *v = arg;

	ck_assert(!b && !nb && na);
	for (size_t i = 0; i < na; i++, v->next++) {
		const struct cover_op *r = &v->a->rec[v->next];

		if (v->next >= v->a->n || memcmp(r->addr, addr, 16) || r->len != len ||
		    r->asn != a[i].asn || r->maxlen != a[i].maxlen || r->sources != a[i].sources ||
		    r->flags != a[i].flags)
			ck_abort_msg("record %zu of the walk", v->next);
	}
	return v->stop-- != 1;
}

/* The whole walk, and from a random place in bites. */
static void check_walk(const struct tree *t, const struct array *a, unsigned width, unsigned spread,
		       uint64_t *seed)
{
	struct visit v = {a, 0, 0};
	struct cover_op at = random_op(seed, width, spread);
	struct cover_from from = {.len = at.len};

	cover_walk(t->root, 0, NULL, see, &v);
	ck_assert_uint_eq(v.next, a->n);
	memcpy(from.addr, at.addr, 16);
	v.next = 0;
	while (v.next < a->n &&
	       (memcmp(a->rec[v.next].addr, from.addr, 16) < 0 ||
		(!memcmp(a->rec[v.next].addr, from.addr, 16) && a->rec[v.next].len < from.len)))
		v.next++;
	while (v.next < a->n) {
		size_t before = v.next;

		v.stop = 1 + test_below(seed, 50);
		memcpy(from.addr, a->rec[v.next].addr, 16);
		from.len = a->rec[v.next].len;
		cover_walk(t->root, 0, &from, see, &v);
		ck_assert_uint_gt(v.next, before);
	}
}

/* ---- the same tree ---- */

static bool same(uint64_t x, uint64_t y);

static bool same_words(const uint64_t *x, const uint64_t *y, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (x[i] != y[i])
			return false;
	return true;
}

static bool same_many(const struct cover_many *x, const struct cover_many *y)
{
	return x->few == y->few && x->own == y->own &&
	       same_words(x->word, y->word, (size_t)x->few + x->own) && same(x->up, y->up);
}

static bool same_node(const struct cover_node *x, const struct cover_node *y)
{
	const struct cover_own *a = cover_tail_of(x)->own, *b = cover_tail_of(y)->own;

	if (memcmp(x->starts, y->starts, sizeof x->starts) || x->runs != y->runs ||
	    x->words != y->words || !a != !b)
		return false;
	if (a && (a->n != b->n || memcmp(a->rec, b->rec, a->n * sizeof *a->rec)))
		return false;
	for (unsigned i = 0; i < x->runs; i++)
		if (!same(x->entry[i], y->entry[i]))
			return false;
	return true;
}

static bool same(uint64_t x, uint64_t y)
{
	const struct cover_skip *s, *u;
	const uint64_t *a, *b;
	size_t n = 0;

	if (cover_tag(x) != cover_tag(y))
		return false;
	switch (cover_tag(x)) {
	case COVER_LIST:
		for (a = cover_at(x), b = cover_at(y); a[n] == b[n] && !(a[n] & COVER_ONE); n++)
			;
		return a[n] == b[n];
	case COVER_MANY:
		return same_many(cover_at(x), cover_at(y));
	case COVER_NODE:
	case COVER_FLAT:
		return same_node(cover_node_of(x), cover_node_of(y));
	case COVER_SKIP:
		s = cover_at(x);
		u = cover_at(y);
		return s->hi == u->hi && s->lo == u->lo && s->to == u->to && s->words == u->words &&
		       same(s->miss, u->miss) && same(s->child, u->child);
	default:
		return x == y;
	}
}

/* ---- spare words ---- */

/* A list ends COVER_SPARE words before its block does. */
static void check_list_spare(uint64_t entry, const void *block, size_t size)
{
	const uint64_t *word = cover_at(entry);

	while (!(*word & COVER_ONE))
		word++;
	ck_assert((const char *)(word + 1 + COVER_SPARE) <= (const char *)block + size);
}

static void check_spare(uint64_t entry)
{
	const struct cover_node *node = cover_node_of(entry);

	if (cover_tag(entry) == COVER_SKIP) {
		const struct cover_skip *s = cover_at(entry);

		if (cover_tag(s->miss) == COVER_LIST)
			check_list_spare(s->miss, s, cover_skip_size(s->words));
		check_spare(s->child);
		return;
	}
	for (unsigned i = 0; i < node->runs; i++)
		if (cover_is_child(node->entry[i]))
			check_spare(node->entry[i]);
		else if (cover_tag(node->entry[i]) == COVER_LIST)
			check_list_spare(node->entry[i], node, cover_node_bytes(node));
}

/* A tree made at once of what the array holds: the same shape, as many bytes. */
static void check_same(const struct tree *t, const struct array *a)
{
	struct tree fresh;

	tree_init(&fresh);
	ck_assert(apply(&fresh, a->rec, a->n));
	ck_assert_int_eq(fresh.count, t->count);
	ck_assert(same(fresh.root, t->root));
	ck_assert_uint_eq(fresh.pool[0].used, t->pool[0].used);
	ck_assert_uint_eq(fresh.pool[1].used, t->pool[1].used);
	tree_free(&fresh);
}

static void random_walk(uint64_t seed, unsigned width, unsigned spread, size_t batch,
			unsigned commits)
{
	static struct array a;
	static struct cover_op ops[MOST];
	unsigned refused = 0;
	struct tree t;

	a.n = 0;
	tree_init(&t);
	for (unsigned i = 0; i < commits; i++) {
		bool done = false;
		size_t n;

		if (a.n > MOST - batch) { /* clear it all */
			memcpy(ops, a.rec, a.n * sizeof *ops);
			for (n = 0; n < a.n; n++)
				ops[n].sources = ops[n].flags = 0;
		} else {
			n = random_batch(&a, ops, batch, width, spread, &seed);
		}
		/* Now and then memory is refused first: nothing changes. */
		if (i % 5 == 0) {
			uint64_t root = t.root;
			size_t used = t.pool[0].used + t.pool[1].used;

			t.counter.calls = 0;
			t.counter.fail_at = 1 + test_below(&seed, 12);
			done = apply(&t, ops, n);
			t.counter.fail_at = 0;
			ck_assert(done ||
				  (t.root == root && used == t.pool[0].used + t.pool[1].used));
			refused += !done;
		}
		ck_assert(done || apply(&t, ops, n));
		for (size_t j = 0; j < n; j++)
			array_set(&a, &ops[j]);
		check_lists(&t, &a, width, spread, &seed);
		check_walk(&t, &a, width, spread, &seed);
		check_same(&t, &a);
		if (t.root)
			check_spare(t.root);
	}
	ck_assert_uint_gt(refused, 0);
	tree_free(&t);
}

START_TEST(small_commits_equal_an_array)
{
	for (uint64_t seed = 1; seed <= test_rounds(4); seed++) {
		random_walk(seed, 32, 3 + (unsigned)seed, 8, 250);
		random_walk(seed + 100, 128, 5 + 2 * (unsigned)seed, 8, 250);
	}
}
END_TEST

START_TEST(large_commits_equal_an_array)
{
	for (uint64_t seed = 1; seed <= test_rounds(3); seed++) {
		random_walk(seed + 200, 32, 4, 700, 40);
		random_walk(seed + 300, 128, 9, 700, 40);
	}
}
END_TEST

/* Hosts far apart: skips are made, cut in two, and put together again. */
START_TEST(far_apart_records_equal_an_array)
{
	for (uint64_t seed = 1; seed <= test_rounds(3); seed++)
		random_walk(seed + 400, 128, 40, 5, 250);
}
END_TEST

Suite *cover_suite(void)
{
	Suite *s = suite_create("table/cover");

	ADD_TEST(s, small_commits_equal_an_array, 10);
	ADD_TEST(s, large_commits_equal_an_array, 10);
	ADD_TEST(s, far_apart_records_equal_an_array, 10);
	return s;
}
