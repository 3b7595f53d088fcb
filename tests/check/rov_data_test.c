/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Origin validation of real routes against all VRPs of a day: 1,888,452 states on which librtr, OpenBGPD and BIRD agree.
 * Asked of snapshots built at once from any order, and of one that a thousand random commits led to.
 */

#include "check/real.h"

#define VRPS "vrp/rpki-client-20250720T093135Z.json.bz2"

static struct real_routes vrps, asked[3];
static bool there;

static void setup(void)
{
	there = real_vrps(&vrps, VRPS) &&
		real_table(&asked[0], "routes/routes-20151101-dualstack.txt.xz",
			   "rov/expected/routes-20151101.states.xz") &&
		real_table(&asked[1], "routes/routes-2024prefix-2026origin.txt.xz",
			   "rov/expected/routes-2024prefix-2026origin.states.xz") &&
		real_lines(&asked[2], "rov/expected/stress-236876.prefix_origin_state.xz");
}

static void teardown(void)
{
	free(vrps.at);
	free(vrps.state);
	for (int i = 0; i < 3; i++) {
		free(asked[i].at);
		free(asked[i].state);
	}
}

static void shuffle(manrs_route *r, size_t n, uint64_t seed)
{
	for (size_t i = n; i > 1; i--) {
		size_t j = test_below(&seed, i);
		manrs_route x = r[i - 1];

		r[i - 1] = r[j];
		r[j] = x;
	}
}

static manrs_db_owner *owner_of(void)
{
	manrs_db_config config;
	manrs_db_owner *owner;

	manrs_db_config_init(&config, sizeof config);
	config.isa = test_isa();
	ck_assert_int_eq(manrs_db_owner_new(&owner, &config), MANRS_OK);
	return owner;
}

static manrs_db *built(manrs_db_owner *owner, const manrs_route *r, size_t n)
{
	manrs_counts c;
	manrs_edit *e;
	manrs_db *db;

	ck_assert_int_eq(manrs_edit_begin(&e, owner, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_edit_vrps(e, 3, MANRS_ADD, r, n, &c, NULL), MANRS_OK);
	ck_assert_uint_eq(c.added, n);
	ck_assert_int_eq(manrs_edit_commit(e, &db), MANRS_OK);
	return db;
}

/* Every answer, in batch and one at a time. */
static void judge_all(const manrs_db *db)
{
	size_t all = 0;

	for (int t = 0; t < 3; t++) {
		uint8_t *states = malloc(asked[t].n);

		ck_assert_int_eq(manrs_rov_check_many(db, asked[t].at, asked[t].n, states),
				 MANRS_OK);
		for (size_t i = 0; i < asked[t].n; i++) {
			if (states[i] != asked[t].state[i] ||
			    manrs_rov_check(db, &asked[t].at[i]) != asked[t].state[i])
				ck_abort_msg("table %d, route %zu: not the state that is expected",
					     t, i);
		}
		all += asked[t].n;
		free(states);
	}
	ck_assert_uint_eq(all, 1888452);
}

/* The listing is exactly the VRPs, in order. */
static void list_all(const manrs_db *db)
{
	manrs_route out[1000];
	manrs_cursor c = {{0}};
	size_t n = 0, got;

	while ((got = manrs_db_vrps(db, &c, out, 1000)) > 0) {
		ck_assert_uint_le(n + got, vrps.n);
		ck_assert(!memcmp(out, vrps.at + n, got * sizeof *out));
		n += got;
	}
	ck_assert_uint_eq(n, vrps.n);
}

static uint64_t bytes_read(const manrs_db *db)
{
	manrs_db_stats stats = {.size = sizeof stats};

	ck_assert_int_eq(manrs_db_stats_get(db, &stats), MANRS_OK);
	ck_assert_uint_eq(stats.vrps4 + stats.vrps6, vrps.n);
	return stats.bytes_read;
}

static void judged_when(void (*arrange)(manrs_route *r, size_t n))
{
	manrs_route *r;
	manrs_db_owner *owner;
	manrs_db *db;

	if (!there) {
		test_skip("no VRPs or expected states");
		return;
	}
	r = malloc(vrps.n * sizeof *r);
	memcpy(r, vrps.at, vrps.n * sizeof *r);
	arrange(r, vrps.n);
	owner = owner_of();
	db = built(owner, r, vrps.n);
	judge_all(db);
	list_all(db);
	free(r);
	manrs_db_unref(db);
	ck_assert_int_eq(manrs_db_owner_free(owner), MANRS_OK);
}

static void keep(manrs_route *r, size_t n)
{
	(void)r, (void)n;
}

static void reverse(manrs_route *r, size_t n)
{
	for (size_t i = 0; i < n / 2; i++) {
		manrs_route x = r[i];

		r[i] = r[n - 1 - i];
		r[n - 1 - i] = x;
	}
}

static void mix(manrs_route *r, size_t n)
{
	shuffle(r, n, 20250720);
}

START_TEST(all_states_with_the_vrps_sorted)
{
	judged_when(keep);
}
END_TEST

START_TEST(all_states_with_the_vrps_reversed)
{
	judged_when(reverse);
}
END_TEST

START_TEST(all_states_with_the_vrps_shuffled)
{
	judged_when(mix);
}
END_TEST

/* ---- by commits ---- */

#define COMMITS      1000
#define NOISE_SOURCE 9 /* what it says is wrong, and it is dropped now and then */

/* A record near a real one: its prefix cut or made longer, another AS, another maxLength. */
static manrs_route near(uint64_t *seed)
{
	manrs_route r = vrps.at[test_random(seed) % vrps.n];
	unsigned bits = r.prefix.family == 4 ? 32 : 128, len = r.prefix.len;
	uint64_t x = test_random(seed);

	if (x % 64 == 0 && len > 9)
		len -= 1 + (unsigned)(x >> 8) % (len - 8);
	if (x % 4 == 1)
		len += (unsigned)(x >> 8) % (bits - len + 1);
	for (unsigned i = len; i < 128; i++)
		r.prefix.addr[i / 8] &= (uint8_t) ~(0x80 >> i % 8);
	r.prefix.len = (uint8_t)len;
	r.prefix.maxlen = (uint8_t)(len + (x >> 16) % (bits - len + 1));
	if (x >> 40 & 1)
		r.asn = (uint32_t)(x >> 32) % 70000;
	return r;
}

/*
 * One step towards the VRPs: a slice of them from one source or two, some taken back and given again, and noise that is
 * withdrawn in the next step or stays until its source is dropped.
 */
static manrs_db *step(manrs_db_owner *owner, const manrs_db *base, const manrs_route *slice,
		      size_t n, unsigned at, uint64_t *seed)
{
	static manrs_route noise[64];
	static size_t noisy;
	uint32_t source = (uint32_t)(test_random(seed) % 3);
	manrs_counts c;
	manrs_edit *e;
	manrs_db *db;

	ck_assert_int_eq(manrs_edit_begin(&e, owner, base), MANRS_OK);
	ck_assert_int_eq(manrs_edit_vrps(e, source, MANRS_ADD, slice, n, &c, NULL), MANRS_OK);
	ck_assert_uint_eq(c.added, n);
	if (at % 3 == 0)
		ck_assert_int_eq(
			manrs_edit_vrps(e, source + 10, MANRS_ADD, slice, n / 2, NULL, NULL),
			MANRS_OK);
	if (at % 3 == 1) {
		ck_assert_int_eq(manrs_edit_vrps(e, source, MANRS_REMOVE, slice, n / 2, &c, NULL),
				 MANRS_OK);
		ck_assert_uint_eq(c.removed, n / 2);
		ck_assert_int_eq(
			manrs_edit_vrps(e, source + 1, MANRS_ADD, slice, n / 2, NULL, NULL),
			MANRS_OK);
	}
	if (at % 2) {
		ck_assert_int_eq(manrs_edit_vrps(e, 8, MANRS_REMOVE, noise, noisy, NULL, NULL),
				 MANRS_OK);
		noisy = 0;
	} else {
		for (noisy = 0; noisy < 64; noisy++)
			noise[noisy] = near(seed);
		ck_assert_int_eq(manrs_edit_vrps(e, 8, MANRS_ADD, noise, noisy, NULL, NULL),
				 MANRS_OK);
		ck_assert_int_eq(manrs_edit_vrps(e, NOISE_SOURCE, MANRS_ADD, noise, 7, NULL, NULL),
				 MANRS_OK);
	}
	if (at % 250 == 249)
		ck_assert_int_eq(manrs_edit_drop(e, NOISE_SOURCE, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_edit_commit(e, &db), MANRS_OK);
	return db;
}

START_TEST(all_states_after_a_thousand_commits)
{
	uint64_t seed = 3, at_once;
	manrs_db_owner *owner, *other;
	manrs_db *db = NULL, *fresh;
	manrs_cursor cursor = {{0}};
	manrs_change change;
	manrs_route *r;

	if (!there) {
		test_skip("no VRPs or expected states");
		return;
	}
	r = malloc(vrps.n * sizeof *r);
	memcpy(r, vrps.at, vrps.n * sizeof *r);
	shuffle(r, vrps.n, 77);
	owner = owner_of();
	other = owner_of();
	for (unsigned i = 0; i < COMMITS; i++) {
		size_t from = vrps.n * i / COMMITS, to = vrps.n * (i + 1) / COMMITS;
		manrs_db *next = step(owner, db, r + from, to - from, i, &seed);

		manrs_db_unref(db);
		db = next;
		manrs_db_reclaim(owner, 5000);
	}
	judge_all(db);
	list_all(db);
	fresh = built(other, r, vrps.n);
	ck_assert_uint_eq(manrs_db_diff(db, fresh, &cursor, &change, 1), 0);
	/* The same set gives the same tree, whatever led to it: byte for byte of what lookups touch. */
	at_once = bytes_read(fresh);
	manrs_db_reclaim(owner, 0);
	ck_assert_uint_eq(bytes_read(db), at_once);
	manrs_db_unref(db);
	manrs_db_unref(fresh);
	ck_assert_int_eq(manrs_db_owner_free(owner), MANRS_OK);
	ck_assert_int_eq(manrs_db_owner_free(other), MANRS_OK);
	free(r);
}
END_TEST

Suite *rov_data_suite(void)
{
	Suite *s = suite_create("check/rov_data");
	TCase *tc = tcase_create("1,888,452 answers");

	tcase_set_timeout(tc, 20 * TEST_SLOW);
	tcase_add_unchecked_fixture(tc, setup, teardown);
	tcase_add_test(tc, all_states_with_the_vrps_sorted);
	if (!test_short()) {
		tcase_add_test(tc, all_states_with_the_vrps_reversed);
		tcase_add_test(tc, all_states_with_the_vrps_shuffled);
		tcase_add_test(tc, all_states_after_a_thousand_commits);
	}
	suite_add_tcase(s, tc);
	return s;
}
