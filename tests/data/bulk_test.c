/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A first load without counts against the same records given one by one with counts, whatever comes after it; and the memory
 * that it takes beside the snapshot.
 */

#include "../test.h"
#include "content.h"

#define RECORDS 20000

/* A small world: the same prefixes, AS numbers and maxlens again and again, nested; some break the contract. */
static void fill(manrs_route *r, size_t n, uint64_t seed)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t x = test_random(&seed);
		unsigned bits = x & 1 ? 32 : 128, len = (unsigned)(x >> 1) % (bits + 1);

		r[i] = (manrs_route){.asn = (uint32_t)(x >> 40) % 5 << 20};
		r[i].prefix.family = x & 1 ? 4 : 6;
		for (unsigned b = 0; b < bits / 8; b++)
			r[i].prefix.addr[b] = (uint8_t)(b < 2 ? x >> (16 + 8 * b) : x >> 32 & 3);
		for (unsigned b = len; b < 128 && x >> 50 & 63; b++)
			r[i].prefix.addr[b / 8] &= (uint8_t) ~(0x80 >> b % 8);
		r[i].prefix.len = (uint8_t)len;
		r[i].prefix.maxlen = (uint8_t)(len + (x >> 56) % 3);
	}
	for (size_t i = n / 2; i < n; i++)
		r[i] = r[(size_t)(test_random(&seed) % (n / 2))];
}

enum after { NOTHING, COUNTED, REMOVED, DROPPED, SLURM, BEFORE, AFTERS };

/* Feed the world to an edit; then what comes after it in both ways alike. */
static void feed(manrs_edit *e, const manrs_route *r, bool bulk, enum after after)
{
	manrs_slurm_filter filter = {.asn = 1 << 20, .has_asn = 1};
	manrs_slurm slurm = {.size = sizeof slurm,
			     .prefix_filters = &filter,
			     .n_prefix_filters = 1,
			     .vrps = r,
			     .n_vrps = 1};
	size_t third = RECORDS / 3;
	manrs_counts c;

	if (after == BEFORE)
		pass(manrs_edit_vrps(e, 3, MANRS_ADD, r, 2000, &c, NULL));
	for (uint32_t source = 0; source < 3; source++)
		for (size_t i = 0; i < third; i += bulk ? third : 1)
			pass(manrs_edit_vrps(e, source * 31, MANRS_ADD, r + source * third + i,
					     bulk ? third : 1, bulk ? NULL : &c, NULL));
	pass(manrs_edit_irr(e, 5, MANRS_ADD, r, third, bulk ? NULL : &c, NULL));
	if (after == COUNTED)
		pass(manrs_edit_vrps(e, 3, MANRS_ADD, r, 100, &c, NULL));
	if (after == REMOVED)
		pass(manrs_edit_vrps(e, 31, MANRS_REMOVE, r, RECORDS, NULL, NULL));
	if (after == DROPPED)
		pass(manrs_edit_drop(e, 31, NULL));
	if (after == SLURM)
		pass(manrs_edit_slurm(e, &slurm, NULL));
}

/* What it says with all sources, and once the first is gone: which sources have a record shows then. */
static void contents(const manrs_route *r, bool bulk, enum after after, char *text[2])
{
	manrs_db_owner *o;
	manrs_edit *e;
	manrs_db *db, *next;

	pass(manrs_db_owner_new(&o, NULL));
	pass(manrs_edit_begin(&e, o, NULL));
	feed(e, r, bulk, after);
	pass(manrs_edit_commit(e, &db));
	text[0] = content_of(db);
	pass(manrs_edit_begin(&e, o, db));
	pass(manrs_edit_drop(e, 0, NULL));
	pass(manrs_edit_commit(e, &next));
	text[1] = content_of(next);
	manrs_db_unref(db);
	manrs_db_unref(next);
	pass(manrs_db_owner_free(o));
}

START_TEST(a_first_load_equals_one_by_one)
{
	manrs_route *r = calloc(RECORDS, sizeof *r);

	for (uint64_t seed = 1; seed <= test_rounds(2); seed++) {
		fill(r, RECORDS, seed);
		for (enum after after = NOTHING; after < AFTERS; after++) {
			char *one[2], *bulk[2];

			contents(r, false, after, one);
			contents(r, true, after, bulk);
			for (int i = 0; i < 2; i++) {
				ck_assert_msg(!strcmp(one[i], bulk[i]), "what came after: %u",
					      after);
				free(one[i]);
				free(bulk[i]);
			}
		}
	}
	free(r);
}
END_TEST

START_TEST(a_refused_first_load_can_be_committed_again)
{
	manrs_route *r = calloc(RECORDS, sizeof *r);
	struct test_alloc count = {0};
	manrs_alloc alloc = test_alloc_of(&count);
	manrs_db_config config;
	size_t refusals = 0;
	manrs_db_owner *o;
	manrs_edit *e;
	manrs_db *db;
	char *one[2];

	fill(r, RECORDS, 7);
	contents(r, false, NOTHING, one);
	manrs_db_config_init(&config, sizeof config);
	config.alloc = &alloc;
	pass(manrs_db_owner_new(&o, &config));
	pass(manrs_edit_begin(&e, o, NULL));
	feed(e, r, true, NOTHING);
	for (size_t k = 1;; k = k + 1 + k / 4) {
		count.calls = 0;
		count.fail_at = k;
		if (manrs_edit_commit(e, &db) == MANRS_OK)
			break;
		refusals++;
	}
	count.fail_at = 0;
	ck_assert_uint_gt(refusals, 5);
	ck_assert(content_same(db, one[0]));
	manrs_db_unref(db);
	pass(manrs_db_owner_free(o));
	ck_assert_uint_eq(count.live, 0);
	free(one[0]);
	free(one[1]);
	free(r);
}
END_TEST

/* 8192 is what it applies at a time: the last of those may come again, from another source. */
START_TEST(a_record_comes_again_where_a_piece_ends)
{
	size_t n = 8192 + 10;
	manrs_route *r = calloc(n, sizeof *r), got[3];
	manrs_db_stats stats = {.size = sizeof stats};
	manrs_cursor cursor = {{0}};
	manrs_db_owner *o;
	manrs_edit *e;
	manrs_db *db;

	for (size_t i = 0; i < n; i++)
		r[i] = (manrs_route){{4, 24, 24, 0, {10, (uint8_t)(i >> 8), (uint8_t)i}}, 64496};
	pass(manrs_db_owner_new(&o, NULL));
	pass(manrs_edit_begin(&e, o, NULL));
	pass(manrs_edit_vrps(e, 3, MANRS_ADD, r, n, NULL, NULL));
	pass(manrs_edit_vrps(e, 4, MANRS_ADD, r, n, NULL, NULL));
	pass(manrs_edit_commit(e, &db));
	pass(manrs_db_stats_get(db, &stats));
	ck_assert_uint_eq(stats.vrps4, n);
	ck_assert_uint_eq(manrs_db_vrps(db, &cursor, got, 3), 3);
	ck_assert_uint_eq(got[2].prefix.addr[2], 2);
	manrs_db_unref(db);
	pass(manrs_db_owner_free(o));
	free(r);
}
END_TEST

/*
 * Memory on fresh pages costs more time than the work on it. Beside the snapshot a load takes 12 bytes an IPv4 VRP and 24 an
 * IPv6 VRP, once, and what one piece of it needs.
 */
START_TEST(a_first_load_takes_little_beside_its_snapshot)
{
	size_t n = 300000;
	manrs_route *r = calloc(n, sizeof *r);

	for (unsigned family = 4; family <= 6; family += 2) {
		struct test_alloc count = {0};
		manrs_alloc alloc = test_alloc_of(&count);
		manrs_db_config config;
		manrs_db_owner *o;
		manrs_edit *e;
		manrs_db *db;

		for (size_t i = 0; i < n; i++) {
			uint32_t x = (uint32_t)(i * 7919 % n);

			r[i] = (manrs_route){{(uint8_t)family, 24, 24, 0, {0}}, x};
			for (int b = 0; b < 3; b++)
				r[i].prefix.addr[b] = (uint8_t)(x >> (16 - 8 * b));
		}
		manrs_db_config_init(&config, sizeof config);
		config.alloc = &alloc;
		pass(manrs_db_owner_new(&o, &config));
		pass(manrs_edit_begin(&e, o, NULL));
		pass(manrs_edit_vrps(e, 0, MANRS_ADD, r, n, NULL, NULL));
		ck_assert_uint_le(count.live, n * (family == 4 ? 12 : 24) + 4096);
		pass(manrs_edit_commit(e, &db));
		ck_assert_uint_le(count.peak - count.live, n * (family == 4 ? 12 : 24) + (1 << 20));
		manrs_db_unref(db);
		pass(manrs_db_owner_free(o));
		ck_assert_uint_eq(count.live, 0);
	}
	free(r);
}
END_TEST

Suite *bulk_suite(void)
{
	Suite *s = suite_create("data/bulk");

	ADD_TEST(s, a_first_load_equals_one_by_one, 20);
	ADD_TEST(s, a_record_comes_again_where_a_piece_ends, 10);
	ADD_LONG_TEST(s, a_refused_first_load_can_be_committed_again, 20);
	ADD_LONG_TEST(s, a_first_load_takes_little_beside_its_snapshot, 10);
	return s;
}
