/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hash over items that come from outside: the function against another implementation, and how far the items of
 * structured sets lie from where they belong, counted in slots.
 */

#include "../test.h"
#include "base/slots.h"
#include "data/store.h"

/* What Python 3.11 gives for hash(bytes(range(n))) under PYTHONHASHSEED=0: its SipHash-1-3 with a key of zeros. */
START_TEST(the_hash_is_siphash_1_3)
{
	const uint64_t words[] = {UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908),
				  UINT64_C(0x1716151413121110)};

	const uint64_t zero[2] = {0, 0}, one[2] = {1, 0}, other[2] = {0, 1};

	ck_assert_uint_eq(slots_hash(zero, words, 8), UINT64_C(0xead411e67ebe2eea));
	ck_assert_uint_eq(slots_hash(zero, words, 16), UINT64_C(0x8972188433a5c5b7));
	ck_assert_uint_eq(slots_hash(zero, words, 24), UINT64_C(0x31185a47af932f3a));
	ck_assert_uint_ne(slots_hash(one, words, 24), slots_hash(zero, words, 24));
	ck_assert_uint_ne(slots_hash(other, words, 24), slots_hash(zero, words, 24));
}
END_TEST

#define MOST 4096u

/* Slots between an item's own and where it lies: of all together, and the most of one. */
static void displaced(const struct pending *p, uint64_t *sum, uint64_t *most)
{
	const struct pend *pend = p->pend.at;

	*sum = *most = 0;
	for (size_t at = 0; at < p->index.n; at++) {
		uint32_t i = (uint32_t)p->index.slot[at];
		uint64_t home, far;

		if (!i)
			continue;
		home = slots_home(&p->index, slots_hash(p->index.seed, &pend[i - 1].route,
							sizeof pend->route));
		far = (at - home) & (p->index.n - 1);
		*sum += far;
		*most = far > *most ? far : *most;
	}
}

/*
 * A table that is half full lets an item lie half a slot away in the mean (Knuth 6.4, linear probing: an unsuccessful
 * search looks at 2.5 slots). Sets made by one who knows the library, or just regular: AS numbers that are multiples of a
 * power of two, addresses in steps of one.
 */
START_TEST(regular_records_lie_where_they_belong)
{
	manrs_alloc mem = mem_of(NULL);

	for (unsigned kind = 0; kind < 4; kind++)
		for (unsigned shift = 0; shift <= 20; shift++) {
			struct pending p = {0};
			uint64_t sum, most;

			ck_assert(pending_reserve(&mem, &p, MOST));
			for (uint32_t i = 0; i < MOST; i++) {
				manrs_route r = {{4, 32, 32, 0, {10}}, 64496};
				uint32_t x = i << shift;

				if (kind == 0 || kind == 3)
					r.asn = x;
				for (unsigned b = 0; kind && b < 4; b++)
					r.prefix.addr[b + (kind == 2 ? 12 : 0)] =
						(uint8_t)(x >> (24 - 8 * b));
				if (kind == 2)
					r.prefix.family = 6;
				pending_of(&p, &r, 0);
			}
			displaced(&p, &sum, &most);
			ck_assert_msg(sum < 2 * p.pend.n && most < 100,
				      "kind %u, steps of 2^%u: %u slots in all, %u at most", kind,
				      shift, (unsigned)sum, (unsigned)most);
			pending_free(&mem, &p);
		}
}
END_TEST

/* Pairs of AS numbers as a file of relationships has them, in steps of a power of two on either side or on both. */
START_TEST(regular_pairs_are_mixed)
{
	static uint8_t taken[2 * MOST];

	for (unsigned kind = 1; kind < 4; kind++)
		for (unsigned shift = 0; shift <= 20; shift++) {
			uint64_t sum = 0;

			memset(taken, 0, sizeof taken);
			for (uint32_t i = 0; i < MOST; i++) {
				uint32_t low = kind & 1 ? i << shift : 64496,
					 high = kind & 2 ? (i << shift) + 1 : 4200000000u;
				size_t at = (size_t)(slots_mix((uint64_t)low << 32 | high) >> 32) %
					    (2 * MOST);

				for (; taken[at]; at = (at + 1) % (2 * MOST))
					sum++;
				taken[at] = 1;
			}
			ck_assert_msg(sum < 2 * MOST, "kind %u, steps of 2^%u: %u slots in all",
				      kind, shift, (unsigned)sum);
		}
}
END_TEST

START_TEST(a_table_finds_what_was_put_and_nothing_else)
{
	manrs_alloc mem = mem_of(NULL);
	struct slots s = {0};
	uint64_t item[1000];

	for (size_t i = 0; i < 1000; i++) {
		ck_assert(slots_reserve(&mem, &s, i + 1));
		item[i] = i * i;
		slots_put(&s, slots_hash(s.seed, &item[i], 8), i);
		ck_assert_uint_ge(s.n, 2 * (i + 1));
	}
	for (uint64_t x = 0; x < 2000; x++) {
		uint64_t key = x < 1000 ? x * x : x * x + 1, hash = slots_hash(s.seed, &key, 8);
		size_t at = slots_home(&s, hash), i, found = 0;

		while (slots_next(&s, hash, &at, &i))
			found += item[i] == key;
		ck_assert_uint_eq(found, x < 1000);
	}
	ck_assert(!slots_reserve(&mem, &s, (size_t)UINT32_MAX));
	slots_free(&mem, &s);
}
END_TEST

/* Routes of one prefix whose origins all have one home in a table of `n` slots under a seed: what an attacker feeds. */
#define COLLIDING 512u
static void colliding(manrs_route routes[COLLIDING], const uint64_t seed[2], size_t n)
{
	const struct slots s = {.n = n};
	uint32_t asn = 0;

	for (size_t i = 0; i < COLLIDING; asn++) {
		routes[i] = (manrs_route){{4, 24, 24, 0, {192, 0, 2}}, asn};
		i += slots_home(&s, slots_hash(seed, &routes[i], sizeof routes[i])) == 7;
	}
}

/* Feed an edit of an owner with this seed; what lies where, and how far from its home in all. */
static uint64_t feed(const manrs_route *routes, const uint64_t seed[2],
		     uint64_t slot[4 * COLLIDING])
{
	manrs_db_config config;
	manrs_db_owner *owner;
	manrs_edit *edit;
	uint64_t sum, most;

	manrs_db_config_init(&config, sizeof config);
	memcpy(config.hash_seed, seed, sizeof config.hash_seed);
	ck_assert_int_eq(manrs_db_owner_new(&owner, &config), MANRS_OK);
	ck_assert_int_eq(manrs_edit_begin(&edit, owner, NULL), MANRS_OK);
	for (size_t i = 0; i < COLLIDING; i++) {
		manrs_counts counts;

		ck_assert_int_eq(manrs_edit_vrps(edit, 0, MANRS_ADD, &routes[i], 1, &counts, NULL),
				 MANRS_OK);
		ck_assert_uint_eq(counts.added, 1);
	}
	ck_assert_uint_eq(edit->vrp.index.n, 2 * COLLIDING);
	memcpy(slot, edit->vrp.index.slot, 2 * COLLIDING * sizeof *slot);
	displaced(&edit->vrp, &sum, &most);
	ck_assert_int_eq(manrs_db_owner_free(owner), MANRS_OK);
	return sum;
}

/*
 * Who knows the seed can make every search look at all records, n * n / 2 slots in all; under another seed, be it one that
 * differs in a bit, the same records lie as any do (see above), and under one seed always alike.
 */
START_TEST(records_that_collide_under_one_seed_do_not_under_another)
{
	const uint64_t known[2] = {UINT64_C(0x0123456789abcdef), 42}, other[2] = {known[0], 43};
	static uint64_t one[4 * COLLIDING], two[4 * COLLIDING];
	static manrs_route routes[COLLIDING];

	colliding(routes, known, 2 * COLLIDING);
	ck_assert_uint_eq(feed(routes, known, one), COLLIDING * (COLLIDING - 1) / 2);
	ck_assert_uint_lt(feed(routes, other, one), 2 * COLLIDING);
	feed(routes, other, two);
	ck_assert_mem_eq(one, two, 2 * COLLIDING * sizeof *one);
}
END_TEST

Suite *slots_suite(void)
{
	Suite *s = suite_create("slots");

	ADD_TEST(s, the_hash_is_siphash_1_3, 5);
	ADD_TEST(s, regular_records_lie_where_they_belong, 10);
	ADD_TEST(s, regular_pairs_are_mixed, 5);
	ADD_TEST(s, a_table_finds_what_was_put_and_nothing_else, 5);
	ADD_TEST(s, records_that_collide_under_one_seed_do_not_under_another, 10);
	return s;
}
