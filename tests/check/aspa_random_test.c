/* SPDX-License-Identifier: BSD-2-Clause */
/* ASPA verification of random paths over random tables against a transcription of the draft: tests/oracle/aspa.c. */

#include "check/aspa_table.h"

/* AS numbers that lie far apart, so that a difference in 32 bits turns its sign; 0 among them. */
static uint32_t pick(uint64_t *seed, uint32_t span)
{
	static const uint32_t corner[] = {0,           1,           2147483647, 2147483648u,
					  2147483649u, 4294967294u, 4294967295u};
	uint64_t r = test_random(seed);

	if (r % 64 == 0)
		return corner[r / 64 % 7];
	return (uint32_t)(1 + r / 64 % span * UINT64_C(613566753));
}

static void random_table(uint64_t *seed, uint32_t span)
{
	table.n = table.pairs = 0;
	for (uint32_t i = 0; i < span; i++) {
		uint32_t customer = (uint32_t)(1 + i * UINT64_C(613566753)), providers[8];
		size_t n = test_random(seed) % 8;

		if (!customer || test_random(seed) % 4 == 0)
			continue;
		for (size_t p = 0; p < n; p++)
			providers[p] = pick(seed, span);
		sample_row(&table, customer, providers, n);
	}
}

static uint32_t random_path(uint64_t *seed, uint32_t span, uint32_t *hops)
{
	uint32_t n = (uint32_t)(test_random(seed) % 9);

	for (uint32_t i = 0; i < n; i++)
		hops[i] = i && test_random(seed) % 8 == 0 ? hops[i - 1] : pick(seed, span);
	return n;
}

/* What would be if the customer of a told hop attested it: the oracle with one pair more. */
static void check_would(const manrs_path *path, const manrs_aspa_hop *hop, bool downstream)
{
	enum draft_state want;

	table.pair[table.pairs] = (struct draft_pair){hop->customer, hop->provider};
	want = draft_verify(table.pair, table.pairs + (hop->customer != 0), path->asn, path->n,
			    false, downstream, false, true, 0);
	ck_assert(hop->would == (int)want);
}

static void check_both(const manrs_path *path)
{
	uint8_t state[2];

	ck_assert(manrs_aspa_both(db, path, 0, &state[0], &state[1]) == MANRS_OK);
	for (int d = 0; d < 2; d++)
		ck_assert(state[d] == (int)draft_verify(table.pair, table.pairs, path->asn, path->n,
							false, d, false, true, 0));
}

static void check_random(const manrs_path *path, uint64_t *seed)
{
	int role = (int)(test_random(seed) % 5 + 1);
	bool downstream = role == MANRS_ROLE_PROVIDER, any = test_random(seed) % 4 != 0;
	uint32_t neighbour = path->n && test_random(seed) % 4 ? path->asn[0] : pick(seed, 7);
	uint32_t flags = any ? MANRS_ASPA_ANY_NEIGHBOUR : 0;
	enum draft_state want = draft_verify(table.pair, table.pairs, path->asn, path->n, false,
					     downstream, role == MANRS_ROLE_RS, any, neighbour);
	manrs_aspa_hop hop[32];
	manrs_aspa_ramps ramps;
	struct draft_ramps r;
	size_t told;

	ck_assert(manrs_aspa_check(db, path, neighbour, role, flags) == (int)want);
	check_both(path);
	told = manrs_aspa_hops(db, path, neighbour, role, flags, &ramps, hop, 32);
	ck_assert(ramps.state == (int)want);
	ck_assert(told <= 32);
	if (want == DRAFT_VALID || !ramps.n) {
		ck_assert(told == 0);
		return;
	}
	ck_assert(told >= 1);
	r = draft_ramps(table.pair, table.pairs, path->asn, path->n);
	ck_assert(r.n == ramps.n && r.max_up == ramps.max_up && r.min_up == ramps.min_up &&
		  r.max_down == ramps.max_down && r.min_down == ramps.min_down);
	for (size_t i = 0; i < told; i++)
		check_would(path, &hop[i], downstream);
}

START_TEST(a_million_random_cases_equal_the_draft)
{
	uint64_t seed = 28;

	for (unsigned t = 0; t < test_rounds(2000); t++) {
		uint32_t span = (uint32_t)(2 + test_random(&seed) % 7);

		random_table(&seed, span);
		open_table();
		for (int c = 0; c < 500; c++) {
			uint32_t hops[16];
			manrs_path path = {hops, NULL, random_path(&seed, span, hops), 0};

			check_random(&path, &seed);
		}
	}
	close_table();
}
END_TEST

START_TEST(long_random_paths_equal_the_draft)
{
	static uint32_t hops[DRAFT_HOPS];
	uint64_t seed = 4096;

	for (unsigned t = 0; t < test_rounds(200); t++) {
		uint32_t n = 1 + (uint32_t)(test_random(&seed) % DRAFT_HOPS);
		manrs_path path = {hops, NULL, n, 0};

		table.n = table.pairs = 0;
		for (uint32_t i = 0; i < n; i++)
			hops[i] = i + 1;
		for (uint32_t c = 1; c <= n;
		     c++) { /* a chain up to a top, then down, with a few holes */
			uint32_t top = n / 2, provider = c <= top ? c + 1 : c - 1;

			if (test_random(&seed) % n)
				sample_row(&table, c, test_random(&seed) % n ? &provider : &n, 1);
		}
		open_table();
		for (int role = MANRS_ROLE_PEER; role <= MANRS_ROLE_PROVIDER; role++) {
			enum draft_state want =
				draft_verify(table.pair, table.pairs, hops, n, false,
					     role == MANRS_ROLE_PROVIDER, false, true, 0);

			ck_assert_int_eq(
				manrs_aspa_check(db, &path, 0, role, MANRS_ASPA_ANY_NEIGHBOUR),
				(int)want);
		}
	}
	close_table();
}
END_TEST

Suite *aspa_random_suite(void)
{
	Suite *s = suite_create("aspa_random");

	ADD_TEST(s, a_million_random_cases_equal_the_draft, 20);
	ADD_TEST(s, long_random_paths_equal_the_draft, 20);
	return s;
}
