/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Announcements with one path, however they lie in a batch: each verdict of a batch is that of its announcement alone, which
 * goes without links; and of the links themselves: everyone is in one chain, in order, and a path is looked at once a window.
 */

#include "check/alike.h"
#include "check/desk.h"

#include <stdlib.h>

#define MOST  (2 * ALIKE_WINDOW + 100)
#define PATHS 40

static uint64_t seed;

static size_t below(size_t n)
{
	return (size_t)(test_random(&seed) % n);
}

static uint32_t hops[PATHS][6];
static uint8_t kinds[PATHS][6];

/* Paths of which some are the same elsewhere in memory; number 5 is malformed, numbers that end in 3 have a set. */
static void make_paths(void)
{
	static const uint32_t asns[] = {101, 102, 103, 3356, 174, LOCAL, 64512, 0, 23456};

	for (size_t p = 0; p < PATHS; p++)
		for (size_t i = 0; i < 6; i++) {
			hops[p][i] = p % 10 == 9 ? hops[p - 1][i]
				     : i == 0    ? asns[p % 2]
						 : asns[below(sizeof asns / sizeof *asns)];
			kinds[p][i] = (uint8_t)(i == 0 ? 0x82 : 0x02);
			if (i == 5 && p % 10 == 3)
				kinds[p][i] = 0x81;
			if (i == 1 && p == 5)
				kinds[p][i] = 7;
		}
}

static manrs_announcement make(void)
{
	static const char *const prefixes[] = {"193.0.0.0/24", "193.0.0.0/25", "193.1.0.0/17",
					       "10.0.0.0/8",   "2a00:1::/40",  "8.8.8.0/24",
					       "192.0.2.0/24", "2001:db8::/32"};
	static const char *const next_hops[] = {"193.9.0.1/32", "10.0.0.1/32", "2a00:9::1/128"};
	manrs_announcement a;
	size_t p = below(PATHS);

	memset(&a, 0, sizeof a);
	a.prefix = test_prefix(prefixes[below(8)]);
	a.neighbour_asn = below(10) ? 101 : 102;
	if (below(3))
		a.next_hop = test_prefix(next_hops[below(3)]);
	if (below(8) == 0) {
		a.otc = 101;
		a.flags |= MANRS_ANNOUNCE_OTC;
	}
	a.flags |= below(12) ? 0 : MANRS_ANNOUNCE_ANY_NEIGHBOUR;
	a.flags |= below(12) ? 0 : MANRS_ANNOUNCE_INTERNAL;
	if (below(12) == 0) {
		a.flags |= MANRS_ANNOUNCE_EGRESS;
		a.learned_from = (uint32_t)below(MANRS_ROLE_RS_CLIENT + 1);
	}
	a.path = (manrs_path){hops[p], p % 2 || p == 5 ? kinds[p] : NULL, (uint32_t)(p % 5) + 2, 0};
	switch (below(60)) { /* malformed */
	case 0:
		a.flags |= MANRS_ANNOUNCE_MALFORMED;
		break;
	case 1:
		a.prefix.zero = 1;
		break;
	case 2:
		a.zero[sizeof a.zero - 1] = 1;
		break;
	case 3:
		a.next_hop.len = 9;
		break;
	}
	return a;
}

static void same_as_alone(struct desk *d, const manrs_announcement *a, size_t n, manrs_verdict *v)
{
	uint8_t *codes = malloc(n * MANRS_TESTS + 1), own[MANRS_TESTS];
	int rc, wanted = MANRS_OK;

	for (size_t i = 0; i < n * sizeof *v; i++)
		((uint8_t *)v)[i] = (uint8_t)test_random(&seed);
	rc = manrs_check(d->db, &d->policy, a, n, v);
	for (size_t i = 0; i < n; i++) {
		manrs_verdict alone;

		if (manrs_check(d->db, &d->policy, &a[i], 1, &alone) != MANRS_OK)
			wanted = MANRS_EINVAL;
		ck_assert_msg(!memcmp(&alone, &v[i], sizeof alone), "%zu of %zu", i, n);
	}
	ck_assert_int_eq(rc, wanted);
	ck_assert_int_eq(manrs_check_codes(d->db, &d->policy, a, n, v, codes, MANRS_TESTS), rc);
	for (size_t i = 0; i < n; i++) {
		manrs_verdict alone;

		manrs_check_codes(d->db, &d->policy, &a[i], 1, &alone, own, MANRS_TESTS);
		ck_assert_msg(!memcmp(&alone, &v[i], sizeof alone), "%zu of %zu", i, n);
		ck_assert_msg(!memcmp(own, codes + i * MANRS_TESTS, sizeof own), "%zu of %zu", i,
			      n);
	}
	free(codes);
}

START_TEST(a_batch_answers_as_one_by_one)
{
	static const size_t sizes[] = {0,
				       1,
				       2,
				       ALIKE_LEAST - 1,
				       ALIKE_LEAST,
				       ALIKE_LEAST + 1,
				       63,
				       64,
				       65,
				       1000,
				       ALIKE_WINDOW - 1,
				       ALIKE_WINDOW,
				       ALIKE_WINDOW + 1,
				       ALIKE_WINDOW + ALIKE_LEAST,
				       2 * ALIKE_WINDOW,
				       MOST};
	static const uint32_t transit_free[] = {174, 3356};
	manrs_announcement *a = malloc(MOST * sizeof *a);
	manrs_verdict *v = malloc(MOST * sizeof *v);
	struct desk d;

	for (int role = MANRS_ROLE_NONE; role <= MANRS_ROLE_RS_CLIENT; role++) {
		open_desk(&d, role ? role : MANRS_ROLE_PEER);
		d.policy.role = (uint32_t)role;
		d.policy.tests = role % 2 ? MANRS_TESTS_ALL : MANRS_TESTS_ALL & test_random(&seed);
		d.policy.strict = test_random(&seed) & test_random(&seed) & MANRS_TESTS_ALL;
		d.policy.transit_free = transit_free;
		d.policy.n_transit_free = 2;
		make_paths();
		for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
			for (size_t k = 0; k < sizes[i]; k++)
				a[k] = make();
			same_as_alone(&d, a, sizes[i], v);
		}
		close_desk(&d);
	}
	free(a);
	free(v);
}
END_TEST

/* Follow all chains: how many first ones there are. */
static size_t follow(const manrs_announcement *a, size_t n, const manrs_verdict *v)
{
	uint8_t *seen = calloc(n, 1);
	size_t firsts = 0, all = 0;

	for (size_t i = 0; i < n; i++) {
		if (!(v[i].unknown & ALIKE_FIRST))
			continue;
		firsts++;
		for (size_t at = i, next; at < n; at = next) {
			ck_assert(!seen[at] && alike(&a[i], &a[at]));
			seen[at] = 1;
			all++;
			next = alike_next(v, at, n);
			ck_assert_uint_gt(next, at);
		}
	}
	ck_assert_uint_eq(all, n);
	free(seen);
	return firsts;
}

START_TEST(a_path_is_looked_at_once_a_window)
{
	manrs_announcement *a = malloc(ALIKE_WINDOW * sizeof *a);
	manrs_verdict *v = malloc(ALIKE_WINDOW * sizeof *v);

	make_paths();
	for (size_t n = ALIKE_LEAST; n <= ALIKE_WINDOW; n = n * 2 + (n < ALIKE_WINDOW / 2)) {
		size_t distinct = 0;

		if (n > ALIKE_WINDOW)
			n = ALIKE_WINDOW;
		for (size_t i = 0; i < n; i++) {
			size_t k = 0;

			/* numbers in place of addresses: what lies there is not looked at */
			memset(&a[i], 0, sizeof a[i]);
			a[i].neighbour_asn = 1 + (uint32_t)below(3);
			a[i].path.n = 3;
			a[i].path.asn = (const uint32_t *)(uintptr_t)(0x10000 + 24 * below(n / 8));
			while (k < i && !alike(&a[k], &a[i]))
				k++;
			distinct += k == i;
		}
		memset(v, 0xa5, n * sizeof *v);
		alike_link(a, n, v);
		ck_assert_uint_eq(follow(a, n, v), distinct);
	}
	free(a);
	free(v);
}
END_TEST

/* All in one bucket: found are those that are near the front of it, and everyone is in one chain all the same. */
START_TEST(a_crowded_bucket_costs_no_more_than_its_bound)
{
	enum { N = 512 };
	static manrs_announcement a[N];
	static manrs_verdict v[N];
	uintptr_t at = 0x10000;

	for (size_t i = 0; i < N; i++) {
		memset(&a[i], 0, sizeof a[i]);
		a[i].path.n = 1;
		a[i].path.flags = (uint32_t)(i / 2); /* the bucket does not look at it */
		a[i].path.asn = (const uint32_t *)at;
	}
	alike_link(a, N, v);
	ck_assert_uint_eq(follow(a, N, v), N / 2);
	for (size_t i = 0; i < N; i++)
		a[i].path.flags = (uint32_t)(i % 128);
	alike_link(a, N, v);
	ck_assert_uint_eq(follow(a, N, v), N);
}
END_TEST

Suite *alike_suite(void)
{
	Suite *s = suite_create("alike");

	ADD_TEST(s, a_batch_answers_as_one_by_one, 10);
	ADD_TEST(s, a_path_is_looked_at_once_a_window, 5);
	ADD_TEST(s, a_crowded_bucket_costs_no_more_than_its_bound, 1);
	return s;
}
