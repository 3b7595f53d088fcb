/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How cost grows: the same figures at a tenth, once, four times and sixteen times today's table and VRP set, of origin
 * validation and of the compiled longest match. The tables are generated (bench.h), so that only their size differs. They
 * pass the caches one after another; that is the slope. IPv4 has no room for sixteen times as many prefixes as today: what
 * comes twice is one entry of the longest match. And the interfaces of a uRPF table, up to as many as there are handles.
 */

#include "bench/bench.h"

static double rate(const manrs_db *db, const manrs_route *r, size_t n, uint8_t *states)
{
	double t[5];

	for (int i = 0; i < 5; i++) {
		double start = bench_now();

		manrs_rov_check_many(db, r, n, states);
		t[i] = bench_now() - start;
	}
	return (double)n / bench_median(t, 5) / 1e6;
}

static double delta(manrs_db_owner *owner, manrs_db **db, const struct bench_routes *vrps,
		    uint64_t *seed)
{
	double t[101];

	for (int i = 0; i < 101; i++) {
		manrs_route add[9], del[6];
		manrs_change changes[64];
		manrs_cursor cursor = {{0}};
		manrs_edit *e;
		manrs_db *next;
		double start;

		for (int k = 0; k < 9; k++) {
			add[k] = vrps->at[bench_random(seed) % vrps->n];
			add[k].asn = 1 + (uint32_t)(bench_random(seed) % 400000);
		}
		for (int k = 0; k < 6; k++)
			del[k] = vrps->at[bench_random(seed) % vrps->n];
		start = bench_now();
		if (manrs_edit_begin(&e, owner, *db) ||
		    manrs_edit_vrps(e, 0, MANRS_ADD, add, 9, NULL, NULL) ||
		    manrs_edit_vrps(e, 0, MANRS_REMOVE, del, 6, NULL, NULL) ||
		    manrs_edit_commit(e, &next))
			exit(1);
		manrs_db_diff(*db, next, &cursor, changes, 64);
		t[i] = bench_now() - start;
		manrs_db_unref(*db);
		manrs_db_reclaim(owner, 0);
		*db = next;
	}
	return bench_median(t, 101) * 1e6;
}

static void figure(double scale, const char *what, double value)
{
	char text[80];

	snprintf(text, sizeof text, "%g times: %s", scale, what);
	bench_figure(text, value, 0);
}

/* The longest match of IPv4 routes, in their order and shuffled. */
static void longest_match(double scale, const struct bench_routes *routes)
{
	size_t n = 0, index4;
	manrs_trie *trie;
	manrs_lpm *lpm;
	uint32_t *addr = malloc(routes->n * sizeof *addr),
		 *index = malloc(routes->n * sizeof *index);
	double start;

	if (manrs_trie_new(&trie, NULL))
		exit(1);
	for (size_t i = 0; i < routes->n; i++) {
		manrs_trie_set(trie, &routes->at[i].prefix, i);
		if (routes->at[i].prefix.family == 4)
			memcpy(&addr[n++], routes->at[i].prefix.addr, 4);
	}
	start = bench_now();
	if (manrs_lpm_new(&lpm, trie, NULL))
		exit(1);
	figure(scale, "longest match compiled, s", bench_now() - start);
	manrs_lpm_memory(lpm, &index4, NULL);
	figure(scale, "longest match, entries", (double)manrs_lpm_count(lpm));
	figure(scale, "longest match, MB that IPv4 lookups touch", (double)index4 / 1e6);
	for (int random = 0; random < 2; random++) {
		uint64_t seed = 3;
		double t[5];

		for (size_t i = n; random && i > 1; i--) {
			size_t j = bench_below(&seed, i);
			uint32_t x = addr[i - 1];

			addr[i - 1] = addr[j];
			addr[j] = x;
		}
		for (int i = 0; i < 5; i++) {
			start = bench_now();
			manrs_lpm_lookup4(lpm, addr, n, index);
			t[i] = bench_now() - start;
		}
		figure(scale,
		       random ? "longest match random, M/s" : "longest match table order, M/s",
		       (double)n / bench_median(t, 5) / 1e6);
	}
	manrs_lpm_free(lpm);
	manrs_trie_free(trie);
	free(addr);
	free(index);
}

/* The same snapshot in memory of 2 MB pages: what a host's allocator can give. */
static double in_huge_pages(const struct bench_routes *routes, const struct bench_routes *vrps,
			    uint8_t *states)
{
	struct bench_arena arena;
	manrs_alloc alloc = bench_arena_open(&arena, (size_t)12 << 30, true);
	manrs_db_config config;
	manrs_db_owner *owner;
	manrs_edit *e;
	manrs_db *db;
	double random;

	manrs_db_config_init(&config, sizeof config);
	config.alloc = &alloc;
	if (manrs_db_owner_new(&owner, &config) || manrs_edit_begin(&e, owner, NULL) ||
	    manrs_edit_vrps(e, 0, MANRS_ADD, vrps->at, vrps->n, NULL, NULL) ||
	    manrs_edit_commit(e, &db))
		exit(1);
	random = rate(db, routes->at, routes->n, states);
	bench_arena_close(&arena);
	return random;
}

static void at_scale(double scale)
{
	struct bench_routes routes = {0}, vrps = {0};
	manrs_db_stats stats = {.size = sizeof stats};
	uint64_t seed = 7;
	uint8_t *states;
	double start, load, table, random, huge, commit;
	char text[80];
	manrs_db_owner *owner;
	manrs_edit *e;
	manrs_db *db;

	bench_generate((size_t)(900000 * scale), (size_t)(160000 * scale), &routes, &vrps);
	longest_match(scale, &routes);
	bench_shuffle(vrps.at, vrps.n, 1);
	start = bench_now();
	if (manrs_db_owner_new(&owner, NULL) || manrs_edit_begin(&e, owner, NULL) ||
	    manrs_edit_vrps(e, 0, MANRS_ADD, vrps.at, vrps.n, NULL, NULL) ||
	    manrs_edit_commit(e, &db))
		exit(1);
	load = bench_now() - start;
	manrs_db_stats_get(db, &stats);
	states = malloc(routes.n);
	table = rate(db, routes.at, routes.n, states);
	bench_shuffle(routes.at, routes.n, 2);
	random = rate(db, routes.at, routes.n, states);
	huge = in_huge_pages(&routes, &vrps, states);
	commit = delta(owner, &db, &vrps, &seed);
	printf("%6.1f %10zu %10zu %9.3f %9.1f %9.1f %12.1f %12.1f %12.1f\n", scale, routes.n,
	       vrps.n, load, (double)stats.bytes_read / (double)vrps.n,
	       (double)stats.bytes_all / (double)vrps.n, table, random, commit);
	figure(scale, "rov table order, M/s", table);
	figure(scale, "rov random, M/s", random);
	snprintf(text, sizeof text, "%g times: rov random, 2 MB pages / 4 KB pages, M/s", scale);
	bench_figure(text, huge, random);
	figure(scale, "snapshot, MB", (double)stats.bytes_all / 1e6);
	figure(scale, "load, s", load);
	figure(scale, "15 VRPs fed, committed, listed, us", commit);
	free(states);
	free(routes.at);
	free(vrps.at);
	manrs_db_unref(db);
	manrs_db_owner_free(owner);
}

/* The interfaces of one uRPF table: added, published with a route each, removed, published. */
static void interfaces(unsigned n)
{
	manrs_urpf_stats stats = {.size = sizeof stats};
	double at[5];
	char text[80];
	manrs_urpf_owner *owner;
	manrs_urpf_edit *e;
	manrs_urpf *with, *without;
	uint16_t handle;
	int bad = manrs_urpf_owner_new(&owner, NULL) || manrs_urpf_edit_begin(&e, owner, NULL);

	at[0] = bench_now();
	for (unsigned i = 0; i < n && !bad; i++) {
		manrs_urpf_iface f;

		manrs_urpf_iface_init(&f, sizeof f);
		f.mode = MANRS_URPF_STRICT;
		handle = MANRS_URPF_NO_IFACE;
		bad = manrs_urpf_edit_iface_add(e, &handle, &f) != MANRS_OK;
	}
	at[1] = bench_now();
	for (unsigned i = 0; i < n && !bad; i++) {
		manrs_urpf_entry x = {
			.route = {{4, 24, 24, 0, {11, (uint8_t)(i >> 8), (uint8_t)i}}, 1},
			.iface = (uint16_t)i,
			.flags = MANRS_URPF_BEST};

		bad = manrs_urpf_edit_rib(e, MANRS_ADD, &x, 1, NULL, NULL, NULL) != MANRS_OK;
	}
	at[2] = bench_now();
	if (bad || manrs_urpf_edit_commit(e, &with, NULL, 0) ||
	    manrs_urpf_edit_begin(&e, owner, with))
		exit(1);
	manrs_urpf_stats_get(with, &stats);
	at[3] = bench_now();
	for (unsigned i = 0; i < n && !bad; i++) {
		handle = (uint16_t)i;
		bad = manrs_urpf_edit_iface_remove(e, handle) != MANRS_OK;
	}
	if (bad || manrs_urpf_edit_commit(e, &without, NULL, 0))
		exit(1);
	at[4] = bench_now();
	snprintf(text, sizeof text, "%u interfaces: added, us each", n);
	bench_figure(text, (at[1] - at[0]) * 1e6 / n, 0);
	snprintf(text, sizeof text, "%u interfaces: with a route each, committed, s", n);
	bench_figure(text, at[3] - at[2], 0);
	snprintf(text, sizeof text, "%u interfaces: with a route each, MB", n);
	bench_figure(text, (double)stats.bytes_all / 1e6, 0);
	snprintf(text, sizeof text, "%u interfaces: removed and committed, s", n);
	bench_figure(text, at[4] - at[3], 0);
	manrs_urpf_unref(with);
	manrs_urpf_unref(without);
	manrs_urpf_owner_free(owner);
}

/* ---- what one source, or one who means harm, can make large: 10 times as many should cost 10 times as much ---- */

static manrs_edit *edit_on(manrs_db_owner *owner, const manrs_db *db)
{
	manrs_edit *e;

	if (manrs_edit_begin(&e, owner, db))
		exit(1);
	return e;
}

static manrs_db *commit(manrs_edit *e)
{
	manrs_db *db;

	if (manrs_edit_commit(e, &db))
		exit(1);
	return db;
}

static void count_figure(size_t n, const char *what, double value)
{
	char text[80];

	snprintf(text, sizeof text, "%zu %s", n, what);
	bench_figure(text, value, 0);
}

/* Router keys in no order, in calls of 16 as a reader gives them. */
static void router_keys(size_t n)
{
	manrs_router_key *key = calloc(n, sizeof *key);
	manrs_db_owner *owner;
	manrs_edit *e;
	double start;

	for (size_t i = 0; i < n; i++) {
		key[i] = (manrs_router_key){.asn = (uint32_t)(i * 2654435761u), .spki_len = 91};
		key[i].spki[0] = (uint8_t)i;
	}
	if (manrs_db_owner_new(&owner, NULL))
		exit(1);
	start = bench_now();
	e = edit_on(owner, NULL);
	for (size_t i = 0; i < n; i += 16)
		if (manrs_edit_keys(e, 0, MANRS_ADD, key + i, n - i < 16 ? n - i : 16, NULL, NULL))
			exit(1);
	manrs_db_unref(commit(e));
	count_figure(n, "router keys fed and committed, s", bench_now() - start);
	manrs_db_owner_free(owner);
	free(key);
}

/* VRPs of one prefix: listed in bites of 64, and one that comes beside them. */
static void one_prefix(size_t n)
{
	manrs_route *r = calloc(n, sizeof *r), out[64], one = {{4, 8, 8, 0, {10}}, 5};
	manrs_cursor cursor = {{0}};
	manrs_db_owner *owner;
	manrs_db *db, *next;
	manrs_edit *e;
	double start, t[11];

	for (size_t i = 0; i < n; i++)
		r[i] = (manrs_route){{4, 8, 8, 0, {10}}, (uint32_t)(i * 2654435761u) | 8};
	if (manrs_db_owner_new(&owner, NULL))
		exit(1);
	e = edit_on(owner, NULL);
	if (manrs_edit_vrps(e, 0, MANRS_ADD, r, n, NULL, NULL))
		exit(1);
	db = commit(e);
	start = bench_now();
	while (manrs_db_vrps(db, &cursor, out, 64) == 64)
		;
	count_figure(n, "VRPs of one prefix listed, ms", (bench_now() - start) * 1e3);
	for (int i = 0; i < 11; i++) {
		start = bench_now();
		e = edit_on(owner, db);
		if (manrs_edit_vrps(e, 0, i % 2 ? MANRS_REMOVE : MANRS_ADD, &one, 1, NULL, NULL))
			exit(1);
		next = commit(e);
		t[i] = bench_now() - start;
		manrs_db_unref(db);
		manrs_db_reclaim(owner, 0);
		db = next;
	}
	count_figure(n, "VRPs of one prefix: one more committed, ms", bench_median(t, 11) * 1e3);
	manrs_db_unref(db);
	manrs_db_owner_free(owner);
	free(r);
}

/* ASPAs of one customer with one provider each: at 10,000 providers the list stops growing. */
static void one_customer(size_t n)
{
	manrs_db_owner *owner;
	manrs_edit *e;
	double start;

	if (manrs_db_owner_new(&owner, NULL))
		exit(1);
	start = bench_now();
	e = edit_on(owner, NULL);
	for (size_t i = 0; i < n; i++) {
		uint32_t provider = (uint32_t)(i * 2654435761u) | 8;
		manrs_aspa aspa = {&provider, 5, 1};

		if (manrs_edit_aspas(e, 0, MANRS_ADD, &aspa, 1, NULL, NULL))
			exit(1);
	}
	manrs_db_unref(commit(e));
	count_figure(n, "ASPAs of one customer fed and committed, ms", (bench_now() - start) * 1e3);
	manrs_db_owner_free(owner);
}

static void crowds(void)
{
	static const size_t many[] = {10000, 100000, 1000000};

	router_keys(80000);
	for (size_t i = 0; i < 3; i++) {
		router_keys(many[i]);
		one_prefix(many[i]);
		one_customer(many[i] / 10);
	}
}

int main(void)
{
	static const double scales[] = {0.1, 1, 4, 16};

	bench_pin();
	for (unsigned n = 1024; n < MANRS_URPF_NO_IFACE; n *= 4)
		interfaces(n);
	interfaces(MANRS_URPF_NO_IFACE);
	bench_generated();
	crowds();
	printf("%6s %10s %10s %9s %9s %9s %12s %12s %12s\n", "scale", "routes", "VRPs", "load s",
	       "B read", "B all", "table M/s", "random M/s", "delta us");
	for (size_t i = 0; i < sizeof scales / sizeof *scales; i++)
		at_scale(scales[i]);
	return 0;
}
