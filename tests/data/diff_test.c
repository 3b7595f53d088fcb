/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The difference of two snapshots in slices: sets of records that are drawn, each loaded for itself so that two share nothing, or
 * edited so that they share much; against the difference of the sets as plain arrays, and against manrs_db_diff in one.
 */

#include "../test.h"
#include "manrs/db_delta.h"

#define PREFIXES  600
#define ASNS      4
#define CUSTOMERS 60
#define KEYS      12
#define MOST      4000

/* What is in a snapshot: of a prefix a bit an AS number, VRPs and route objects; of a customer its provider. */
struct set {
	uint8_t vrp[PREFIXES], irr[PREFIXES];
	uint8_t provider[CUSTOMERS]; /* 0: none */
	bool key[KEYS];
};

struct world {
	uint64_t seed;
	manrs_prefix prefix[PREFIXES];
	manrs_db_owner *owner;
};

static int prefix_order(const void *a, const void *b)
{
	return manrs_prefix_cmp(a, b);
}

/* Dense ones, so that nodes have many records, and far ones of all lengths. */
static void draw_prefixes(struct world *w)
{
	for (size_t n = 0; n < PREFIXES;) {
		bool v6 = n % 3 == 2, dense = test_below(&w->seed, 2);
		uint8_t addr[16] = {v6 ? 0x20 : 10, dense ? 1 : (uint8_t)test_random(&w->seed),
				    (uint8_t)test_random(&w->seed), (uint8_t)test_random(&w->seed)};
		unsigned len = dense ? 24 : (unsigned)test_below(&w->seed, v6 ? 129 : 33);
		size_t i = 0;

		pass(manrs_prefix_set(&w->prefix[n], v6 ? 6 : 4, addr, len, MANRS_PREFIX_CLEAR));
		while (i < n && manrs_prefix_cmp(&w->prefix[i], &w->prefix[n]) != 0)
			i++;
		n += i == n;
	}
	qsort(w->prefix, PREFIXES, sizeof *w->prefix, prefix_order);
}

static void draw_set(struct world *w, struct set *s)
{
	for (size_t i = 0; i < PREFIXES; i++) {
		s->vrp[i] = (uint8_t)(test_random(&w->seed) & test_random(&w->seed) & 15);
		s->irr[i] = (uint8_t)(test_below(&w->seed, 4) ? 0 : test_below(&w->seed, 16));
	}
	for (size_t i = 0; i < CUSTOMERS; i++)
		s->provider[i] = (uint8_t)test_below(&w->seed, 3);
	for (size_t i = 0; i < KEYS; i++)
		s->key[i] = test_below(&w->seed, 2);
}

/* So many places of a set are drawn once more. */
static void change_some(struct world *w, struct set *s, size_t n)
{
	struct set other;

	for (; n > 0; n--) {
		size_t p = test_below(&w->seed, PREFIXES), c = test_below(&w->seed, CUSTOMERS);

		draw_set(w, &other);
		s->vrp[p] = other.vrp[p];
		s->irr[p] = other.irr[p];
		s->provider[c] = other.provider[c];
		s->key[n % KEYS] = other.key[n % KEYS];
	}
}

static void edit_routes(struct world *w, manrs_edit *e, const struct set *s, const struct set *was)
{
	for (size_t i = 0; i < PREFIXES; i++)
		for (uint32_t a = 0; a < ASNS; a++) {
			manrs_route r = {w->prefix[i], a};
			bool vrp = s->vrp[i] >> a & 1, irr = s->irr[i] >> a & 1;

			if (vrp != (was->vrp[i] >> a & 1))
				pass(manrs_edit_vrps(e, 0, vrp ? MANRS_ADD : MANRS_REMOVE, &r, 1,
						     NULL, NULL));
			if (irr != (was->irr[i] >> a & 1))
				pass(manrs_edit_irr(e, 1, irr ? MANRS_ADD : MANRS_REMOVE, &r, 1,
						    NULL, NULL));
		}
}

static manrs_router_key key_of(size_t i)
{
	manrs_router_key key = {.asn = (uint32_t)(i / 3), .spki_len = 4};

	key.ski[0] = (uint8_t)i;
	key.spki[0] = 0x30;
	return key;
}

static void edit_others(manrs_edit *e, const struct set *s, const struct set *was)
{
	for (uint32_t i = 0; i < CUSTOMERS; i++) {
		uint32_t provider = 1000u + s->provider[i];
		manrs_aspa aspa = {&provider, i + 1, 1};

		if (s->provider[i] == was->provider[i])
			continue;
		provider = 1000u + was->provider[i];
		if (was->provider[i])
			pass(manrs_edit_aspas(e, 0, MANRS_REMOVE, &aspa, 1, NULL, NULL));
		provider = 1000u + s->provider[i];
		if (s->provider[i])
			pass(manrs_edit_aspas(e, 0, MANRS_ADD, &aspa, 1, NULL, NULL));
	}
	for (size_t i = 0; i < KEYS; i++) {
		manrs_router_key key = key_of(i);

		if (s->key[i] != was->key[i])
			pass(manrs_edit_keys(e, 0, s->key[i] ? MANRS_ADD : MANRS_REMOVE, &key, 1,
					     NULL, NULL));
	}
}

/* A snapshot with this in it; base NULL: from nothing, else that of `was`. */
static manrs_db *load(struct world *w, const struct set *s, const manrs_db *base,
		      const struct set *was)
{
	static const struct set nothing;
	manrs_edit *e;
	manrs_db *db;

	pass(manrs_edit_begin(&e, w->owner, base));
	edit_routes(w, e, s, base ? was : &nothing);
	edit_others(e, s, base ? was : &nothing);
	pass(manrs_edit_commit(e, &db));
	return db;
}

/* How often the difference of two sets must name something: each prefix, customer and key once. */
static size_t naive(const struct set *a, const struct set *b)
{
	size_t n = 0;

	for (size_t i = 0; i < PREFIXES; i++)
		n += (size_t)(a->vrp[i] != b->vrp[i]) + (size_t)(a->irr[i] != b->irr[i]);
	for (size_t i = 0; i < CUSTOMERS; i++)
		n += a->provider[i] != b->provider[i];
	for (size_t i = 0; i < KEYS; i++)
		n += a->key[i] != b->key[i];
	return n;
}

/* Whether the sets differ at what a change names. */
static bool named(const struct world *w, const struct set *a, const struct set *b,
		  const manrs_change *c)
{
	const manrs_prefix *p;
	size_t i;

	if (c->kind == MANRS_CHANGE_ASPA)
		return a->provider[c->asn - 1] != b->provider[c->asn - 1];
	if (c->kind == MANRS_CHANGE_KEY)
		return true; /* an AS number has three, of which the change names none */
	p = bsearch(&c->prefix, w->prefix, PREFIXES, sizeof *p, prefix_order);
	ck_assert_ptr_nonnull(p);
	i = (size_t)(p - w->prefix);
	return c->kind == MANRS_CHANGE_IRR ? a->irr[i] != b->irr[i] : a->vrp[i] != b->vrp[i];
}

/* returns: how many calls it took */
static size_t in_slices(const manrs_db *a, const manrs_db *b, size_t budget, size_t cap,
			manrs_change *out, size_t *n)
{
	manrs_cursor cursor = {{0}};
	size_t left, got, calls = 0;

	*n = 0;
	do {
		left = budget;
		ck_assert_uint_le(*n + cap, MOST);
		got = manrs_db_diff_some(a, b, &cursor, out + *n, &left, cap);
		ck_assert_uint_le(got, cap);
		ck_assert_uint_le(left, budget);
		*n += got;
		calls++;
		ck_assert_uint_lt(calls, 1000000);
	} while (got == cap || left == 0);
	return calls;
}

static void differ(struct world *w, const struct set *sa, const struct set *sb, const manrs_db *a,
		   const manrs_db *b)
{
	static const size_t budgets[] = {1, 7, 1000, SIZE_MAX}, caps[] = {1, 8, 300};
	static manrs_change whole[MOST], got[MOST];
	size_t n = manrs_db_diff(a, b, &(manrs_cursor){{0}}, whole, MOST), m;

	ck_assert_uint_eq(n, naive(sa, sb));
	for (size_t i = 0; i < n; i++)
		ck_assert(named(w, sa, sb, &whole[i]));
	for (size_t i = 0; i < 4; i++)
		for (size_t k = 0; k < 3; k++) {
			in_slices(a, b, budgets[i], caps[k], got, &m);
			ck_assert_uint_eq(m, n);
			for (size_t j = 0; j < n; j++) {
				ck_assert_uint_eq(got[j].kind, whole[j].kind);
				ck_assert_uint_eq(got[j].asn, whole[j].asn);
				ck_assert_int_eq(memcmp(&got[j].prefix, &whole[j].prefix,
							sizeof got->prefix),
						 0);
			}
		}
}

static struct world world(uint64_t seed)
{
	struct world w = {.seed = seed};

	draw_prefixes(&w);
	pass(manrs_db_owner_new(&w.owner, NULL));
	return w;
}

START_TEST(slices_list_what_one_call_lists)
{
	for (uint64_t seed = 1; seed <= test_rounds(2); seed++) {
		struct world w = world(seed);
		struct set s[4];
		manrs_db *db[5];

		draw_set(&w, &s[0]);
		draw_set(&w, &s[1]);
		s[2] = s[3] = s[0];
		change_some(&w, &s[2], 5);
		db[0] = load(&w, &s[0], NULL, NULL);
		db[1] = load(&w, &s[1], NULL, NULL);   /* nothing is the same */
		db[2] = load(&w, &s[2], db[0], &s[0]); /* much is shared */
		db[3] = load(&w, &s[3], NULL, NULL);   /* all is the same, nothing shared */
		db[4] = load(&w, &s[2], NULL, NULL);   /* much is the same, nothing shared */
		for (size_t a = 0; a < 5; a++)
			for (size_t b = 0; b < 5; b++)
				differ(&w, &s[a < 4 ? a : 2], &s[b < 4 ? b : 2], db[a], db[b]);
		for (size_t i = 0; i < 5; i++)
			manrs_db_unref(db[i]);
		pass(manrs_db_owner_free(w.owner));
	}
}
END_TEST

static manrs_db *load_routes(manrs_db_owner *owner, const manrs_route *r, size_t n)
{
	manrs_edit *e;
	manrs_db *db;

	pass(manrs_edit_begin(&e, owner, NULL));
	pass(manrs_edit_vrps(e, 0, MANRS_ADD, r, n, NULL, NULL));
	pass(manrs_edit_commit(e, &db));
	return db;
}

#define MANY 40000u

/* Two snapshots of these routes that share nothing, the second without the last. returns: calls */
static size_t calls_of(const manrs_route *r, size_t budget)
{
	manrs_db_owner *owner;
	manrs_db *a, *b;
	manrs_change out[MOST];
	size_t n, calls;

	pass(manrs_db_owner_new(&owner, NULL));
	a = load_routes(owner, r, MANY);
	b = load_routes(owner, r, MANY - 1);
	calls = in_slices(a, b, budget, 8, out, &n);
	ck_assert_uint_eq(n, 1);
	ck_assert_int_eq(manrs_prefix_cmp(&out[0].prefix, &r[MANY - 1].prefix), 0);
	manrs_db_unref(a);
	manrs_db_unref(b);
	pass(manrs_db_owner_free(owner));
	return calls;
}

/* One call looks at no more than its budget and 16, of one prefix: 40,000 records at 100 are 345 calls at the least. */
START_TEST(the_records_of_one_prefix_are_many_slices)
{
	manrs_route *r = calloc(MANY, sizeof *r);

	for (uint32_t i = 0; i < MANY; i++)
		r[i] = (manrs_route){test_prefix("10.0.0.0/8"), i};
	ck_assert_uint_ge(calls_of(r, 100), 345);
	free(r);
}
END_TEST

/* 40,000 prefixes of 160 nodes and more that share nothing: no call passes a node for nothing. */
START_TEST(the_nodes_of_equal_tables_are_many_slices)
{
	manrs_route *r = calloc(MANY, sizeof *r);

	for (uint32_t i = 0; i < MANY; i++) {
		uint8_t addr[16] = {10, (uint8_t)(i >> 8), (uint8_t)i};

		pass(manrs_prefix_set(&r[i].prefix, 4, addr, 24, 0));
		r[i].asn = 1;
	}
	ck_assert_uint_ge(calls_of(r, 1), 156);
	free(r);
}
END_TEST

Suite *diff_suite(void)
{
	Suite *s = suite_create("diff");

	ADD_TEST(s, slices_list_what_one_call_lists, 20);
	ADD_TEST(s, the_records_of_one_prefix_are_many_slices, 20);
	ADD_TEST(s, the_nodes_of_equal_tables_are_many_slices, 20);
	return s;
}
