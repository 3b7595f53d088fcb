/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The persistent trie against a stupid twin, an unsorted array of keys whose bits are compared one by one: in all its
 * versions, with memory refused at every call, and given back in slices.
 */

#include "../test.h"
#include "table/ptrie.h"

enum { PLAIN = HEAP_PLAIN, NODE = PTRIE_NODE, TYPES };

static const struct heap_type *const types[TYPES] = {&heap_plain, &ptrie_node_type};

static struct heap heap_of(struct test_alloc *counter)
{
	manrs_alloc alloc = test_alloc_of(counter);
	struct heap h;

	heap_init(&h, &alloc, types, TYPES);
	return h;
}

/* ---- the twin ---- */

#define TWIN 600

struct value {
	struct heap_obj obj;
	uint64_t number;
};

struct twin {
	struct {
		struct ptrie_key key;
		uint64_t number;
	} at[TWIN];
	unsigned n;
};

static bool bit(const struct ptrie_key *k, unsigned i)
{
	return k->at[i / 8] >> (7 - i % 8) & 1;
}

/* Whether a covers b. */
static bool over(const struct ptrie_key *a, const struct ptrie_key *b)
{
	for (unsigned i = 0; i < a->bits; i++)
		if (i >= b->bits || bit(a, i) != bit(b, i))
			return false;
	return true;
}

/* Bit by bit; what covers another comes before it. */
static int order(const struct ptrie_key *a, const struct ptrie_key *b)
{
	for (unsigned i = 0; i < a->bits && i < b->bits; i++)
		if (bit(a, i) != bit(b, i))
			return bit(a, i) ? 1 : -1;
	return (a->bits > b->bits) - (a->bits < b->bits);
}

static int twin_find(const struct twin *t, const struct ptrie_key *k)
{
	for (unsigned i = 0; i < t->n; i++)
		if (order(&t->at[i].key, k) == 0)
			return (int)i;
	return -1;
}

/* The first after k (NULL: of all) inside `in` (NULL: of all); -1: none. */
static int twin_next(const struct twin *t, const struct ptrie_key *k, const struct ptrie_key *in)
{
	int best = -1;

	for (unsigned i = 0; i < t->n; i++)
		if ((!k || order(&t->at[i].key, k) > 0) && (!in || over(in, &t->at[i].key)) &&
		    (best < 0 || order(&t->at[i].key, &t->at[best].key) < 0))
			best = (int)i;
	return best;
}

/* ---- a version and its twin ---- */

struct version {
	struct ptrie_node *root;
	struct twin twin;
};

/* Short, long and of a width beyond an address; with few values to a byte, so that keys meet. */
static struct ptrie_key key_random(uint64_t *seed)
{
	static const unsigned widths[] = {8, 32, 64, 72, 128, 176, PTRIE_KEY_BITS};
	unsigned most = widths[test_below(seed, sizeof widths / sizeof *widths)];
	struct ptrie_key k = {.bits = (uint32_t)test_below(seed, most + 1)};

	if (test_below(seed, 3) == 0)
		k.bits = most;
	for (unsigned i = 0; i < k.bits; i++)
		if (test_below(seed, i % 8 > 5 || i > most - most / 4 ? 2 : 40) == 0)
			k.at[i / 8] |= (uint8_t)(0x80u >> i % 8);
	return k;
}

static struct ptrie_key key_some(const struct version *v, uint64_t *seed)
{
	if (v->twin.n && test_below(seed, 2))
		return v->twin.at[test_below(seed, v->twin.n)].key;
	return key_random(seed);
}

static void is(const struct ptrie_node *n, const struct twin *t, int at)
{
	const struct value *val;

	if (at < 0) {
		ck_assert_ptr_null(n);
		return;
	}
	ck_assert_ptr_nonnull(n);
	ck_assert(n->has);
	ck_assert_uint_eq(n->bits, t->at[at].key.bits);
	ck_assert(!memcmp(n->key, t->at[at].key.at, PTRIE_KEY_BYTES));
	val = n->val;
	ck_assert_uint_eq(val ? val->number : 0, t->at[at].number);
}

static void all_in_order(const struct version *v)
{
	const struct ptrie_node *n = ptrie_next(v->root, NULL);
	int at = twin_next(&v->twin, NULL, NULL);
	unsigned seen = 0;

	for (; n && at >= 0; seen++) {
		is(n, &v->twin, at);
		n = ptrie_after(v->root, n);
		at = twin_next(&v->twin, &v->twin.at[at].key, NULL);
	}
	is(n, &v->twin, at);
	ck_assert_uint_eq(seen, v->twin.n);
}

static void asked(const struct version *v, const struct ptrie_key *k)
{
	const struct ptrie_node *chain[PTRIE_KEY_BITS + 1], *under;
	unsigned n = ptrie_covering(v->root, k, chain), expected = 0;

	is(ptrie_get(v->root, k), &v->twin, twin_find(&v->twin, k));
	is(ptrie_next(v->root, k), &v->twin, twin_next(&v->twin, k, NULL));
	is(ptrie_first_in(v->root, k), &v->twin, twin_next(&v->twin, NULL, k));
	for (unsigned i = 0; i < v->twin.n; i++)
		expected += over(&v->twin.at[i].key, k);
	ck_assert_uint_eq(n, expected);
	for (unsigned i = 0; i < n; i++) {
		struct ptrie_key at = {.bits = chain[i]->bits};

		memcpy(at.at, chain[i]->key, PTRIE_KEY_BYTES);
		ck_assert(over(&at, k));
		ck_assert(!i || chain[i - 1]->bits < chain[i]->bits);
		is(chain[i], &v->twin, twin_find(&v->twin, &at));
	}
	/* the topmost: all keys inside k are below it, and it is inside k */
	under = ptrie_under(v->root, k);
	ck_assert(!under == (twin_next(&v->twin, NULL, k) < 0));
	if (under) {
		struct ptrie_key at = {.bits = under->bits};

		memcpy(at.at, under->key, PTRIE_KEY_BYTES);
		ck_assert(over(k, &at));
		for (unsigned i = 0; i < v->twin.n; i++)
			ck_assert(!over(k, &v->twin.at[i].key) || over(&at, &v->twin.at[i].key));
	}
}

static struct value *value_new(struct heap *h, uint64_t number)
{
	struct value *val = heap_new(h, sizeof *val, PLAIN);

	if (val)
		val->number = number;
	return val;
}

/* Number 0: no value. returns what ptrie_set does. */
static int set(struct heap *h, struct version *v, const struct ptrie_key *k, uint64_t number)
{
	struct value *val = number ? value_new(h, number) : NULL;
	int at = twin_find(&v->twin, k), rc;

	if (number && !val)
		return MANRS_ENOMEM;
	rc = ptrie_set(h, &v->root, k, val);
	if (rc < 0) {
		heap_drop(h, val);
		return rc;
	}
	ck_assert_int_eq(rc, at < 0);
	if (at < 0)
		v->twin.at[at = (int)v->twin.n++].key = *k;
	v->twin.at[at].number = number;
	return rc;
}

static int del(struct heap *h, struct version *v, const struct ptrie_key *k)
{
	int at = twin_find(&v->twin, k), rc = ptrie_del(h, &v->root, k);

	if (rc == MANRS_ENOMEM)
		return rc;
	ck_assert_int_eq(rc, at < 0 ? MANRS_ENOENT : MANRS_OK);
	if (at >= 0)
		v->twin.at[at] = v->twin.at[--v->twin.n];
	return rc;
}

/* ---- the tests ---- */

#define VERSIONS 5

START_TEST(every_version_is_as_its_twin)
{
	static struct version v[VERSIONS];
	struct test_alloc counter = {0};
	struct heap h = heap_of(&counter);
	uint64_t seed = 3;

	memset(v, 0, sizeof v);
	for (unsigned i = 0; i < test_rounds(30000); i++) {
		struct version *x = &v[test_below(&seed, VERSIONS)],
			       *y = &v[test_below(&seed, VERSIONS)];
		struct ptrie_key k = key_some(x, &seed);
		bool grow = x->twin.n < TWIN && test_below(&seed, i / 3000 % 2 ? 3 : 2);

		if (grow)
			set(&h, x, &k, test_below(&seed, 8) ? i + 1 : 0);
		else
			del(&h, x, &k);
		if (test_below(&seed, 100) == 0 && x != y) { /* y is x from now on */
			heap_drop(&h, y->root);
			*y = *x;
			heap_ref(y->root);
		}
		if (test_below(&seed, 10) == 0)
			heap_drain(&h, test_below(&seed, 50));
		k = key_some(x, &seed);
		asked(x, &k);
		asked(y, &k);
		if (i % 500 == 0)
			for (unsigned j = 0; j < VERSIONS; j++)
				all_in_order(&v[j]);
	}
	for (unsigned j = 0; j < VERSIONS; j++)
		heap_drop(&h, v[j].root);
	heap_drain(&h, 0);
	heap_free(&h);
	ck_assert_uint_eq(counter.live, 0);
}
END_TEST

/* n different keys of 32 bits. */
static void fill(struct heap *h, struct version *v, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct ptrie_key k = {.bits = 32};

		put32(k.at, i * UINT32_C(0x9e3779b1));
		ck_assert_int_eq(set(h, v, &k, i + 1), 1);
	}
}

START_TEST(refused_memory_leaves_every_version_as_it_was)
{
	static struct version v, old;
	struct test_alloc counter = {0};
	struct heap h = heap_of(&counter);
	uint64_t seed = 9;

	memset(&v, 0, sizeof v);
	fill(&h, &v, 200);
	for (unsigned round = 0; round < 200; round++) {
		struct ptrie_key k = key_some(&v, &seed);
		int rc = MANRS_ENOMEM;

		old = v;
		heap_ref(old.root);
		for (size_t fail = 1; rc == MANRS_ENOMEM; fail++) {
			ck_assert_uint_lt(fail, 200);
			counter.calls = 0;
			counter.fail_at = fail;
			rc = round % 2 && v.twin.n < TWIN ? set(&h, &v, &k, round + 1)
							  : del(&h, &v, &k);
			counter.fail_at = 0;
			if (rc == MANRS_ENOMEM)
				all_in_order(&v);
		}
		all_in_order(&v);
		all_in_order(&old);
		heap_drop(&h, old.root);
		heap_drain(&h, 0);
	}
	heap_drop(&h, v.root);
	heap_drain(&h, 0);
	heap_free(&h);
	ck_assert_uint_eq(counter.live, 0);
}
END_TEST

/* Of a shared version a change makes the path alone, and a fork, a leaf; a second one along it changes what is its own. */
START_TEST(a_change_copies_its_path_alone)
{
	enum { NODE_BYTES = (sizeof(struct ptrie_node) + 15) / 16 * 16 };
	static struct version v;
	struct test_alloc counter = {0};
	struct heap h = heap_of(&counter);
	struct ptrie_node *old, *root;
	struct ptrie_key k = {.at = {0xab, 0xcd, 0xef}, .bits = 40};
	const struct ptrie_node *above[PTRIE_KEY_BITS + 1];
	uint64_t bytes;

	memset(&v, 0, sizeof v);
	fill(&h, &v, 500);
	heap_drain(&h, 0);
	old = heap_ref(v.root);
	bytes = h.bytes;
	ck_assert_int_eq(ptrie_set(&h, &v.root, &k, NULL), 1);
	ck_assert_ptr_ne(v.root, old);
	/* no more than one node for each bit that tells the 500 apart, about 9 to 20, and two */
	ck_assert_uint_le(h.bytes - bytes, 32 * NODE_BYTES);
	ck_assert_uint_ge(h.bytes - bytes, 3 * NODE_BYTES);
	bytes = h.bytes;
	root = v.root;
	k.at[4] = 0x80;
	ck_assert_int_eq(ptrie_set(&h, &v.root, &k, NULL), 1);
	ck_assert_ptr_eq(v.root, root);
	ck_assert_uint_eq(h.bytes - bytes, 2 * NODE_BYTES);
	ck_assert_uint_eq(ptrie_covering(old, &k, above), 0);
	heap_drop(&h, old);
	heap_drop(&h, v.root);
	heap_drain(&h, 0);
	ck_assert_uint_eq(counter.live, 0);
}
END_TEST

START_TEST(a_version_goes_in_slices_and_leaves_the_others)
{
	enum { NODE_BYTES = (sizeof(struct ptrie_node) + 15) / 16 * 16 };
	static struct version v, other;
	struct test_alloc counter = {0};
	struct heap h = heap_of(&counter);
	struct ptrie_node *root = NULL;
	uint64_t bytes;

	memset(&v, 0, sizeof v);
	fill(&h, &v, 300);
	other = v;
	heap_ref(other.root);
	for (unsigned i = 0; i < 100; i++)
		ck_assert_int_eq(del(&h, &other, &v.twin.at[i].key), MANRS_OK);
	heap_drop(&h, v.root);
	while (heap_drain(&h, 3))
		all_in_order(&other);
	all_in_order(&other);
	heap_drop(&h, other.root);
	heap_drain(&h, 0);
	ck_assert_uint_eq(counter.live, 0);

	/* without values all that there is are nodes: so many a slice */
	for (unsigned i = 0; i < 300; i++) {
		struct ptrie_key k = {.bits = 32};

		put32(k.at, i * UINT32_C(0x9e3779b1));
		ck_assert_int_eq(ptrie_set(&h, &root, &k, NULL), 1);
	}
	ck_assert_uint_ge(h.bytes, 300 * NODE_BYTES);
	ck_assert_uint_le(h.bytes, 599 * NODE_BYTES);
	heap_drop(&h, root);
	for (bytes = h.bytes; heap_drain(&h, 7); bytes = h.bytes)
		ck_assert_uint_eq(bytes - h.bytes, 7 * NODE_BYTES);
	ck_assert_uint_eq(counter.live, 0);
}
END_TEST

START_TEST(prefixes_are_keys_and_come_back)
{
	static const char *const text[] = {"0.0.0.0/0", "192.0.2.0/24",  "192.0.2.1/32",
					   "::/0",      "2001:db8::/32", "2001:db8::1/128"};

	for (unsigned i = 0; i < sizeof text / sizeof *text; i++) {
		manrs_prefix p, back;
		struct ptrie_key k;

		ck_assert_int_eq(manrs_prefix_parse(&p, text[i], strlen(text[i]), NULL), MANRS_OK);
		k = ptrie_key_of(&p);
		ck_assert_uint_eq(k.bits, p.len);
		back = ptrie_key_prefix(k.at, k.bits, p.family);
		ck_assert(!memcmp(&back, &p, sizeof p));
	}
}
END_TEST

Suite *ptrie_suite(void)
{
	Suite *s = suite_create("ptrie");

	ADD_TEST(s, every_version_is_as_its_twin, 20);
	ADD_LONG_TEST(s, refused_memory_leaves_every_version_as_it_was, 10);
	ADD_TEST(s, a_change_copies_its_path_alone, 4);
	ADD_TEST(s, a_version_goes_in_slices_and_leaves_the_others, 4);
	ADD_TEST(s, prefixes_are_keys_and_come_back, 4);
	return s;
}
