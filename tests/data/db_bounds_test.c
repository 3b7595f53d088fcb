/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How large a database may grow on tables made to hurt it, in bytes a VRP, and how much a commit of one VRP writes again on
 * top of them. The limits are stated, not found: a change that passes one has to say why.
 *
 *     read   what lookups touch                 all    everything that the owner holds, the host's view
 *     one    blocks that lookups touch, written again by a commit of one VRP elsewhere
 */

#include "../test.h"

/* What even an empty database takes: the first regions of its pools. */
#define SMALL 524288

struct limits {
	double read, all; /* bytes a VRP */
	size_t one, calls;
};

struct grown {
	struct test_alloc counter;
	manrs_alloc alloc;
	manrs_db_owner *owner;
	manrs_db *db;
	size_t vrps;
};

static manrs_db_stats stats_of(const manrs_db *db)
{
	manrs_db_stats s = {.size = sizeof s};

	pass(manrs_db_stats_get(db, &s));
	return s;
}

static manrs_route host_of(uint64_t *seed, unsigned family)
{
	manrs_route r = {.asn = (uint32_t)test_random(seed) % 100000};
	unsigned bits = family == 4 ? 32 : 128;

	r.prefix.family = (uint8_t)family;
	r.prefix.len = r.prefix.maxlen = (uint8_t)bits;
	for (unsigned i = 0; i < bits / 8; i++)
		r.prefix.addr[i] = (uint8_t)test_random(seed);
	return r;
}

static void cut(manrs_route *r, unsigned len)
{
	for (unsigned i = len; i < 128; i++)
		r->prefix.addr[i / 8] &= (uint8_t) ~(0x80 >> i % 8);
	r->prefix.len = r->prefix.maxlen = (uint8_t)len;
}

static manrs_db *commit(struct grown *g, const manrs_db *base, int op, const manrs_route *r,
			size_t n)
{
	manrs_edit *e;
	manrs_db *db;

	pass(manrs_edit_begin(&e, g->owner, base));
	pass(manrs_edit_vrps(e, 0, op, r, n, NULL, NULL));
	pass(manrs_edit_commit(e, &db));
	return db;
}

/* The table's own memory, whole. Then single VRPs come and go at random hosts. */
static void grow(const char *name, const manrs_route *r, size_t n, struct limits limit)
{
	struct grown g = {{0}, {0}, NULL, NULL, 0};
	size_t most = 0, most_calls = 0;
	manrs_db_config config;
	manrs_db_stats s;
	uint64_t seed = 4;

	g.alloc = test_alloc_of(&g.counter);
	manrs_db_config_init(&config, sizeof config);
	config.alloc = &g.alloc;
	config.isa = test_isa();
	pass(manrs_db_owner_new(&g.owner, &config));
	g.db = commit(&g, NULL, MANRS_ADD, r, n);
	s = stats_of(g.db);
	g.vrps = (size_t)(s.vrps4 + s.vrps6);
	if ((double)g.counter.live > limit.all * (double)g.vrps + SMALL ||
	    (double)s.bytes_read > limit.read * (double)g.vrps + SMALL / 8)
		ck_abort_msg("%s: %.1f bytes read, %.1f in all a VRP (%zu)", name,
			     (double)s.bytes_read / (double)g.vrps,
			     (double)g.counter.live / (double)g.vrps, g.vrps);
	for (unsigned i = 0; i < 40; i++) {
		manrs_route one = host_of(&seed, i % 2 ? 4 : 6);
		manrs_db *next;

		manrs_db_reclaim(g.owner, 0);
		s = stats_of(g.db);
		g.counter.calls = 0;
		g.counter.fail_at = SIZE_MAX; /* count calls, refuse none */
		next = commit(&g, g.db, i % 4 < 2 ? MANRS_ADD : MANRS_REMOVE,
			      i % 4 < 2 ? &one : &r[i * 7 % n], 1);
		g.counter.fail_at = 0;
		if (i % 4 < 2) {
			size_t made = (size_t)(stats_of(next).bytes_read - s.bytes_read);

			most = made > most ? made : most;
			most_calls = g.counter.calls > most_calls ? g.counter.calls : most_calls;
		}
		manrs_db_unref(g.db);
		g.db = next;
	}
	if (most > limit.one || most_calls > limit.calls)
		ck_abort_msg(
			"%s: a commit of one VRP wrote %zu bytes again in %zu calls of the allocator",
			name, most, most_calls);
	manrs_db_unref(g.db);
	pass(manrs_db_owner_free(g.owner));
	ck_assert_uint_eq(g.counter.live, 0);
}

/* ---- the tables ---- */

/* n VRPs of one prefix: every maxLength of an AS, then the next AS. */
static void one_prefix(const char *text, size_t n, struct limits limit)
{
	manrs_route *r = calloc(n, sizeof *r);
	manrs_prefix p;
	unsigned room;

	pass(manrs_prefix_parse(&p, text, strlen(text), NULL));
	room = (p.family == 4 ? 32u : 128u) - p.len + 1;
	for (size_t i = 0; i < n; i++) {
		r[i] = (manrs_route){p, (uint32_t)(i / room)};
		r[i].prefix.maxlen = (uint8_t)(p.len + i % room);
	}
	grow(text, r, n, limit);
	free(r);
}

START_TEST(a_default_route_with_a_million_maxlens)
{
	one_prefix("0.0.0.0/0", 1000000, (struct limits){9, 60, 12000, 24});
	one_prefix("::/0", 1000000, (struct limits){9, 60, 12000, 24});
}
END_TEST

START_TEST(two_to_the_sixteenth_vrps_of_one_prefix)
{
	one_prefix("10.0.0.0/8", 65536, (struct limits){10, 65, 12000, 24});
	one_prefix("192.0.2.0/24", 65536, (struct limits){10, 65, 12000, 24});
	one_prefix("2001:db8::1/128", 65536, (struct limits){10, 65, 12000, 24});
}
END_TEST

/*
 * One more VRP of a prefix that has many copies that prefix's records (16 bytes each) and its list (8 bytes each): a cost that
 * its own records bound, wherever else the table is large.
 */
START_TEST(one_more_vrp_of_a_crowded_prefix)
{
	struct test_alloc counter = {0};
	manrs_alloc alloc = test_alloc_of(&counter);
	struct grown g = {.alloc = alloc};
	size_t n = 65536, before;
	manrs_route *r = calloc(n + 1, sizeof *r);
	manrs_db_config config;
	manrs_db *next;

	manrs_db_config_init(&config, sizeof config);
	config.alloc = &g.alloc;
	pass(manrs_db_owner_new(&g.owner, &config));
	for (size_t i = 0; i <= n; i++)
		r[i] = (manrs_route){{4, 24, 24, 0, {192, 0, 2}}, (uint32_t)i};
	g.db = commit(&g, NULL, MANRS_ADD, r, n);
	before = counter.live;
	next = commit(&g, g.db, MANRS_ADD, r + n, 1);
	ck_assert_uint_le(counter.live - before, 24 * (n + 1) + 65536);
	manrs_db_unref(g.db);
	manrs_db_reclaim(g.owner, 0);
	ck_assert_uint_le(counter.live, before + 4096);
	manrs_db_unref(next);
	pass(manrs_db_owner_free(g.owner));
	ck_assert_uint_eq(counter.live, 0);
	free(r);
}
END_TEST

/* Whole chains, every length over each of `hosts` addresses, `each` VRPs a prefix. */
static void chains(const char *name, unsigned family, size_t hosts, unsigned each,
		   struct limits limit)
{
	unsigned bits = family == 4 ? 32 : 128;
	manrs_route *r = calloc(hosts * (bits + 1) * each, sizeof *r);
	uint64_t seed = 6;
	size_t n = 0;

	for (size_t h = 0; h < hosts; h++) {
		manrs_route host = host_of(&seed, family);

		for (unsigned len = 0; len <= bits; len++)
			for (unsigned i = 0; i < each; i++) {
				r[n] = host;
				r[n].asn = i;
				cut(&r[n++], len);
			}
	}
	grow(name, r, n, limit);
	free(r);
}

START_TEST(nested_chains)
{
	chains("2,000 chains of 129", 6, 2000, 1, (struct limits){80, 130, 12000, 24});
	chains("100 chains of 129 with 20 a prefix", 6, 100, 20,
	       (struct limits){15, 60, 12000, 24});
	chains("3,000 chains of 33", 4, 3000, 1, (struct limits){85, 200, 12000, 24});
	chains("one VRP at each length", 6, 1, 1, (struct limits){80, 130, 12000, 24});
	chains("one VRP at each length of IPv4", 4, 1, 1, (struct limits){85, 200, 12000, 24});
}
END_TEST

START_TEST(a_million_random_hosts)
{
	size_t n = 1000000;
	manrs_route *r = calloc(n, sizeof *r);
	uint64_t seed = 12;

	for (unsigned family = 4; family <= 6; family += 2) {
		for (size_t i = 0; i < n; i++)
			r[i] = host_of(&seed, family);
		grow(family == 4 ? "a million random /32" : "a million random /128", r, n,
		     (struct limits){190, 250, 12000, 24});
	}
	free(r);
}
END_TEST

/* Prefixes that differ in their last bits alone, under as many short ones as lists hold: each run copies a list. */
START_TEST(dense_leaves_under_full_lists)
{
	size_t n = 0, hosts = 65536;
	manrs_route *r = calloc(hosts + 12, sizeof *r);

	for (unsigned i = 0; i < hosts; i++) {
		manrs_route one = {{4, 32, 32, 0, {10, 0, (uint8_t)(i >> 8), (uint8_t)i}}, i};

		r[n++] = one;
	}
	for (unsigned len = 5; len < 16; len++) {
		r[n] = (manrs_route){{4, 0, 0, 0, {10}}, len};
		cut(&r[n++], len);
	}
	grow("2^16 hosts under 11 prefixes", r, n, (struct limits){125, 175, 12000, 24});
	free(r);
}
END_TEST

Suite *db_bounds_suite(void)
{
	Suite *s = suite_create("data/db_bounds");

	ADD_LONG_TEST(s, a_default_route_with_a_million_maxlens, 10);
	ADD_TEST(s, two_to_the_sixteenth_vrps_of_one_prefix, 10);
	ADD_TEST(s, one_more_vrp_of_a_crowded_prefix, 10);
	ADD_TEST(s, nested_chains, 10);
	ADD_LONG_TEST(s, a_million_random_hosts, 10);
	ADD_LONG_TEST(s, dense_leaves_under_full_lists, 10);
	return s;
}
