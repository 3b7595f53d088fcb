/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A changed ASPA costs a look at the routes whose path holds its customer, and at no others, once there is an index; how many
 * were judged is what manrs_rib_stats says, how many hold it is what the test announced. All verdicts stand beside manrs_check.
 */

#include "test.h"

#define ROUTES 2000u /* each in a /16 of its own: more than a number may have places */

struct desk {
	manrs_db_owner *owner;
	manrs_db *db;
	manrs_policy policy;
	manrs_rib *rib;
	uint32_t session;
	uint64_t most; /* bytes, while there was work */
};

static manrs_rib_stats stats(const struct desk *d)
{
	manrs_rib_stats s = {.size = sizeof s};

	pass(manrs_rib_stats_get(d->rib, &s));
	return s;
}

static void pull(struct desk *d)
{
	manrs_rib_change c;

	while (manrs_rib_changes(d->rib, &c, 1))
		continue;
}

static manrs_prefix prefix_of(uint32_t i)
{
	manrs_prefix p;
	uint8_t addr[16] = {(uint8_t)(10 + (i >> 8)), (uint8_t)i, 1};

	pass(manrs_prefix_set(&p, 4, addr, 24, 0));
	return p;
}

/* By the path 64499 64498 hop ORIGIN. */
static void announce(struct desk *d, uint32_t i, uint32_t hop, uint32_t origin)
{
	uint32_t hops[4] = {64499, 64498, hop, origin};
	manrs_announcement a = {.prefix = prefix_of(i), .path = {.asn = hops, .n = 4}};
	size_t done;

	pass(manrs_rib_announce(d->rib, d->session, &a, NULL, 1, &done));
	pull(d);
}

static void withdraw(struct desk *d, uint32_t i)
{
	manrs_prefix p = prefix_of(i);
	size_t done;

	pass(manrs_rib_withdraw(d->rib, d->session, &p, NULL, 1, &done));
}

/* The customer's ASPA comes, naming AS1 alone, or goes. returns: how many routes were judged again */
static uint64_t aspa(struct desk *d, int op, uint32_t customer)
{
	uint32_t provider = 1;
	manrs_aspa a = {&provider, customer, 1};
	uint64_t before = stats(d).judged;
	manrs_edit *edit;
	manrs_db *db;
	int rc;

	pass(manrs_edit_begin(&edit, d->owner, d->db));
	pass(manrs_edit_aspas(edit, 0, op, &a, 1, NULL, NULL));
	pass(manrs_edit_commit(edit, &db));
	manrs_db_unref(d->db);
	d->db = db;
	pass(manrs_rib_follow(d->rib, db));
	while ((rc = manrs_rib_work(d->rib, 40)) != 0) {
		ck_assert(rc == 1 || rc == MANRS_EBUSY);
		if (stats(d).bytes > d->most)
			d->most = stats(d).bytes;
		pull(d);
	}
	return stats(d).judged - before;
}

static void all_true(struct desk *d, uint64_t routes)
{
	manrs_cursor cursor = {{0}};
	manrs_rib_route r;
	manrs_verdict v;
	uint64_t n = 0;

	for (; manrs_rib_routes(d->rib, NULL, MANRS_RIB_UNDER, &cursor, &r, 1); n++) {
		pass(manrs_check(d->db, &d->policy, &r.announcement, 1, &v));
		ck_assert_int_eq(memcmp(&v, &r.verdict, sizeof v), 0);
	}
	ck_assert_uint_eq(n, routes);
}

/* Route i by the hop 5 and the origin 1000 + i. The next ASPA builds the index: that of AS 999, which is in no path. */
static void desk_new(struct desk *d, uint64_t max_bytes)
{
	manrs_rib_config config;
	manrs_rib_session s;
	manrs_edit *edit;

	d->most = 0;
	pass(manrs_db_owner_new(&d->owner, NULL));
	pass(manrs_edit_begin(&edit, d->owner, NULL));
	pass(manrs_edit_commit(edit, &d->db));
	pass(manrs_policy_init(&d->policy, sizeof d->policy, MANRS_ROLE_CUSTOMER));
	d->policy.tests = MANRS_TEST_BIT(MANRS_TEST_ASPA);
	d->policy.local_as = 64510;
	pass(manrs_rib_config_init(&config, sizeof config));
	config.max_bytes = max_bytes ? max_bytes : config.max_bytes;
	config.max_changes = 64;
	config.report = MANRS_RIB_CHANGED;
	config.hash_seed[0] = 1; /* tables as large in each run */
	pass(manrs_rib_new(&d->rib, &config));
	pass(manrs_rib_session_init(&s, sizeof s));
	s.policy = &d->policy;
	s.neighbour_asn = 64499;
	d->session = (uint32_t)manrs_rib_session_add(d->rib, &s);
	aspa(d, MANRS_ADD, 998);
	for (uint32_t i = 0; i < ROUTES; i++)
		announce(d, i, 5, 1000 + i);
}

static void desk_free(struct desk *d)
{
	manrs_rib_free(d->rib);
	manrs_db_unref(d->db);
	pass(manrs_db_owner_free(d->owner));
}

START_TEST(only_routes_that_hold_the_customer_are_judged)
{
	struct desk d;

	desk_new(&d, 0);
	ck_assert_uint_eq(aspa(&d, MANRS_ADD, 999), 0);
	ck_assert_uint_eq(aspa(&d, MANRS_ADD, 1007), 1);
	all_true(&d, ROUTES);
	ck_assert_uint_eq(aspa(&d, MANRS_REMOVE, 1007), 1);
	ck_assert_uint_eq(aspa(&d, MANRS_ADD, 999999), 0);
	all_true(&d, ROUTES);
	desk_free(&d);
}
END_TEST

/* What is dropped and announced by another path has another set, maybe with the number of the one before. */
START_TEST(sets_that_are_dropped_and_used_again)
{
	struct desk d;

	desk_new(&d, 0);
	ck_assert_uint_eq(aspa(&d, MANRS_ADD, 999), 0);
	for (uint32_t round = 0; round < 3; round++) {
		withdraw(&d, 7);
		ck_assert_uint_eq(aspa(&d, MANRS_ADD, 1007), 0);
		announce(&d, 7, 6 + round, 77 + round);
		announce(&d, 8, 1007, 1008);
		ck_assert_uint_eq(aspa(&d, MANRS_REMOVE, 1007), 1);
		ck_assert_uint_eq(aspa(&d, MANRS_ADD, 77 + round), 1);
		announce(&d, 8, 5, 1008);
		announce(&d, 7, 1007, 1007); /* in the place of the one that is there */
		ck_assert_uint_eq(aspa(&d, MANRS_ADD, 1007), 1);
		ck_assert_uint_eq(aspa(&d, MANRS_REMOVE, 1007), 1);
		all_true(&d, ROUTES);
	}
	desk_free(&d);
}
END_TEST

/* AS 5 is in 2,000 places: the lap finds all of its routes. */
START_TEST(a_network_that_is_everywhere)
{
	struct desk d;

	desk_new(&d, 0);
	ck_assert_uint_eq(aspa(&d, MANRS_ADD, 999), 0);
	ck_assert_uint_eq(aspa(&d, MANRS_ADD, 5), ROUTES);
	all_true(&d, ROUTES);
	ck_assert_uint_eq(aspa(&d, MANRS_REMOVE, 5), ROUTES);
	all_true(&d, ROUTES);
	ck_assert_uint_eq(aspa(&d, MANRS_ADD, 1999), 1);
	desk_free(&d);
}
END_TEST

/* Paths that never come twice: the index goes when it has more than its bytes, is built again, and misses nothing. */
START_TEST(an_index_of_what_is_long_gone_is_built_again)
{
	uint64_t most = 0, bytes;
	struct desk d;

	desk_new(&d, 0);
	ck_assert_uint_eq(aspa(&d, MANRS_ADD, 999), 0);
	bytes = stats(&d).bytes;
	for (uint32_t i = 0; i < 60000; i++) {
		announce(&d, i % 50, 100000 + i, 1000 + i % 50);
		most = stats(&d).bytes > most ? stats(&d).bytes : most;
	}
	/* 1 MiB and 8 bytes a route are the index's; 60,000 numbers would take 1.9 MB and more */
	ck_assert_uint_lt(most, bytes + (UINT64_C(1) << 20) + 8 * ROUTES + (1 << 18));
	ck_assert_uint_lt(stats(&d).bytes, most);
	aspa(&d, MANRS_ADD, 1007);
	all_true(&d, ROUTES);
	ck_assert_uint_eq(aspa(&d, MANRS_REMOVE, 1007), 1);
	all_true(&d, ROUTES);
	desk_free(&d);
}
END_TEST

/* 2,000 paths of 60 numbers that no other has do not fit into its bytes: it is tried once, and then no more. */
START_TEST(an_index_that_does_not_fit_is_not_tried_again)
{
	uint32_t hops[60];
	uint64_t bytes;
	struct desk d;
	size_t done;

	desk_new(&d, 0);
	ck_assert_uint_eq(aspa(&d, MANRS_ADD, 999), 0);
	for (uint32_t i = 0; i < ROUTES; i++) {
		manrs_announcement a = {.prefix = prefix_of(i), .path = {.asn = hops, .n = 60}};

		for (uint32_t h = 0; h < 60; h++)
			hops[h] = 200000 + 60 * i + h;
		pass(manrs_rib_announce(d.rib, d.session, &a, NULL, 1, &done));
		pull(&d);
	}
	bytes = stats(&d).bytes; /* it is gone by now */
	for (unsigned i = 0; i < 4; i++) {
		aspa(&d, i % 2 ? MANRS_REMOVE : MANRS_ADD, 200000);
		if (i == 0)
			d.most = 0;
	}
	ck_assert_uint_lt(d.most, bytes + 65536);
	all_true(&d, ROUTES);
	desk_free(&d);
}
END_TEST

/* How many routes fit into a rib of so many bytes, with an index at first or without any. */
static uint32_t fit(uint64_t max_bytes, bool index)
{
	uint32_t n = ROUTES, hops[2] = {64499, 5};
	struct desk d;
	size_t done;
	int rc;

	desk_new(&d, max_bytes);
	if (index)
		ck_assert_uint_eq(aspa(&d, MANRS_ADD, 999), 0);
	do {
		manrs_announcement a = {.prefix = prefix_of(n), .path = {.asn = hops, .n = 2}};

		rc = manrs_rib_announce(d.rib, d.session, &a, NULL, 1, &done);
		n += rc == MANRS_OK;
		pull(&d);
	} while (rc == MANRS_OK && n < 60000);
	ck_assert_int_eq(rc, MANRS_ELIMIT);
	all_true(&d, n);
	desk_free(&d);
	return n;
}

/*
 * Routes go before the index: it gives its bytes up, and as many come in as without it. Memory comes in large regions, so that
 * a few bytes may make one of these bounds differ; an index that stays does so at more of them.
 */
START_TEST(routes_have_the_room_of_the_index)
{
	struct desk d;
	uint64_t bytes;
	unsigned differ = 0;

	desk_new(&d, 0);
	ck_assert_uint_eq(aspa(&d, MANRS_ADD, 999), 0);
	bytes = stats(&d).bytes;
	desk_free(&d);
	for (uint64_t more = 0; more < 1200000; more += 1200000 / test_rounds(24))
		differ += fit(bytes + more, true) != fit(bytes + more, false);
	ck_assert_uint_le(differ, 1);
}
END_TEST

Suite *rib_index_suite(void)
{
	Suite *s = suite_create("rib_index");

	ADD_TEST(s, only_routes_that_hold_the_customer_are_judged, 20);
	ADD_TEST(s, sets_that_are_dropped_and_used_again, 20);
	ADD_TEST(s, a_network_that_is_everywhere, 20);
	ADD_TEST(s, an_index_of_what_is_long_gone_is_built_again, 20);
	ADD_TEST(s, an_index_that_does_not_fit_is_not_tried_again, 20);
	ADD_TEST(s, routes_have_the_room_of_the_index, 20);
	return s;
}
