/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * UPDATEs put together at random, and the same with bytes changed, against their second reader (tests/oracle/bgp.h): frame,
 * action, NOTIFICATION, End-of-RIB and every prefix with its path identifier.
 */

#include "../oracle/bgp.h"
#include "bgp_bytes.h"

static struct bgp_bytes b;
static uint64_t seed;

/* Prefixes, most of them right. */
static void add_prefixes(int family, bool ids, size_t most)
{
	size_t n = test_below(&seed, most + 1);
	unsigned width = family == 4 ? 32 : 128;

	for (size_t i = 0; i < n; i++) {
		unsigned len = (unsigned)test_below(&seed, width + 1);

		if (ids)
			for (int k = 0; k < 4; k++)
				b.at[b.n++] = (uint8_t)(k < 3 ? 0 : test_random(&seed));
		b.at[b.n++] = (uint8_t)len;
		for (unsigned k = 0; k < (len + 7) / 8; k++)
			b.at[b.n++] = (uint8_t)test_random(&seed);
	}
}

static void add_mp(bool reach, uint32_t flags)
{
	static const char *const heads[] = {"0001 01", "0002 01", "0002 01", "0001 80", "4004 47"};
	size_t which = test_below(&seed, 5), at;
	int family = which == 0 ? 4 : 6;
	bool ids = flags & (family == 4 ? MANRS_BGP_PATHS4 : MANRS_BGP_PATHS6);

	bgp_hex(&b, reach ? "90 0e 0000" : "90 0f 0000");
	at = b.n;
	bgp_hex(&b, heads[which]);
	if (reach)
		bgp_hex(&b, which ? "10 20010db8 00000000 00000000 00000001 00" : "04 c0000201 00");
	add_prefixes(family, ids, 4);
	bgp_set16(&b, at - 2, b.n - at);
}

static void add_attributes(uint32_t flags)
{
	static const char *const known[] = {
		"40 01 01 00", "40 02 06 02 01 0000fbf0", "40 03 04 c0000201", "80 04 04 00000001",
		"40 06 00",    "c0 08 04 fbf00001",       "c0 23 04 0000fbf0",
	};
	static const char *const wrong[] = {
		"40 01 01 07",     "40 06 01 00", "c0 01 01 00",
		"c0 08 03 fbf000", "40 7f 00",    "c0 08 40 00",
	};

	if (test_below(&seed, 3) == 0)
		add_mp(true, flags);
	if (test_below(&seed, 3) == 0)
		add_mp(false, flags);
	if (test_below(&seed, 4) == 0)
		return;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (test_below(&seed, 12))
			bgp_hex(&b, known[i]);
	if (test_below(&seed, 8) == 0)
		bgp_hex(&b, wrong[test_below(&seed, sizeof wrong / sizeof *wrong)]);
	if (test_below(&seed, 20) == 0)
		add_mp(test_below(&seed, 2), flags);
}

static void make_update(uint32_t flags)
{
	size_t begun, at;
	bool ids = flags & MANRS_BGP_PATHS4;

	b.n = 0;
	begun = bgp_begin(&b, 2);
	at = b.n;
	bgp_hex(&b, "0000");
	if (test_below(&seed, 3) == 0)
		add_prefixes(4, ids, 5);
	bgp_set16(&b, at, b.n - at - 2);
	at = b.n;
	bgp_hex(&b, "0000");
	if (test_below(&seed, 8))
		add_attributes(flags);
	bgp_set16(&b, at, b.n - at - 2);
	if (test_below(&seed, 2))
		add_prefixes(4, ids, 6);
	bgp_end(&b, begun);
}

static void change_bytes(void)
{
	size_t from = test_below(&seed, 4) ? 19 : 0;

	for (size_t n = 1 + test_below(&seed, 3); n > 0 && b.n > from; n--)
		b.at[from + test_below(&seed, b.n - from)] =
			(uint8_t)(test_below(&seed, 2) ? test_random(&seed)
						       : test_below(&seed, 34));
	if (test_below(&seed, 6) == 0 && b.n > 23) {
		b.n = 23 + test_below(&seed, b.n - 23);
		bgp_end(&b, 0);
	}
}

static void tally(const struct oracle_bgp *o, int used, size_t seen[])
{
	seen[used < 0 ? 0 : o->action]++;
	seen[6] += o->n_announced > 0;
	seen[7] += o->n_withdrawn > 0;
	seen[8] += o->end_of_rib > 0;
}

/* guess: the second reader is told how the session was taken, and holds the rest to that. */
static void walk(uint32_t guess)
{
	struct oracle_bgp *o = calloc(1, sizeof *o);
	manrs_bgp_store *store;
	size_t seen[9] = {0};

	ck_assert_ptr_nonnull(o);
	pass(manrs_bgp_store_new(&store, NULL));
	for (unsigned i = 0; i < test_rounds(60000); i++) {
		manrs_bgp_session session = {.flags = MANRS_BGP_AS4 | guess |
						      (uint32_t)(test_random(&seed) & 12)};
		const char *differ;
		uint8_t *copy;
		int used;

		make_update(session.flags ^ (guess ? (uint32_t)(test_random(&seed) & 12) : 0));
		if (i & 1)
			change_bytes();
		copy = malloc(b.n); /* nothing behind the end is read */
		memcpy(copy, b.at, b.n);
		differ = oracle_bgp_differ(o, store, &session, copy, b.n, 1 + test_below(&seed, 7),
					   &used);
		ck_assert_msg(!differ, "%u: %s", i, differ ? differ : "");
		tally(o, used, seen);
		free(copy);
	}
	for (int i = 0; i < 9; i++) /* 0: refused, then every action */
		ck_assert_msg(seen[i] > test_rounds(100), "only %u of %d", (unsigned)seen[i], i);
	manrs_bgp_store_free(store);
	free(o);
}

START_TEST(random_updates)
{
	seed = 7;
	walk(0);
}
END_TEST

START_TEST(random_updates_guessed)
{
	seed = 8;
	walk(MANRS_BGP_GUESS);
}
END_TEST

Suite *bgp_random_suite(void);
Suite *bgp_random_suite(void)
{
	Suite *suite = suite_create("bgp_random");

	ADD_TEST(suite, random_updates, 10);
	ADD_TEST(suite, random_updates_guessed, 10);
	return suite;
}
