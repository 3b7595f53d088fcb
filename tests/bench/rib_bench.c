/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The RIB (P15): the real table in one session and in more, each with paths of the real RIB of 2010 that end in the route's
 * origin; bytes a route; announcements and a collector's updates judged and stored; what a new snapshot, a policy and a session
 * that goes down cost, whole and in slices. Nobody else does this: what stands beside is judging all again, in the same run.
 * Slices are of processor time, so that they do not count who else had the processor.
 */

#include "bench/bench.h"

#include <time.h>

#define SLICE   1024
#define CHANGES 65536

static struct bench_routes routes, vrps;
static manrs_db_owner *owner;
static manrs_db *base;
static manrs_policy policy;
static manrs_announcement *table; /* routes.n: of the first session */
static uint32_t *hops;

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "rib bench: %s\n", what);
	exit(1);
}

static double cpu_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- the table ---- */

struct paths {
	uint32_t *hop;
	struct path_at {
		size_t at, n;
	} * at;
	size_t n, n_hop, cap, cap_hop;
};

static void path_push(struct paths *p, const uint32_t *hop, size_t n)
{
	if (p->n == p->cap)
		p->at = realloc(p->at, (p->cap = p->cap ? 2 * p->cap : 1 << 16) * sizeof *p->at);
	while (p->n_hop + n > p->cap_hop)
		p->hop = realloc(p->hop, (p->cap_hop = p->cap_hop ? 2 * p->cap_hop : 1 << 18) *
						 sizeof *p->hop);
	memcpy(p->hop + p->n_hop, hop, n * sizeof *hop);
	p->at[p->n++] = (struct path_at){p->n_hop, n};
	p->n_hop += n;
}

/* Each path of the real RIB once, without sets; drawn ones where it is not there. */
static struct paths real_paths(void)
{
	size_t n, got;
	char *bytes = bench_file("mrt/rrc06-20100701-reencoded.mrt.gz", &n);
	static manrs_announcement a[512];
	static manrs_mrt_note note[512];
	struct paths p = {0};
	const manrs_mrt_record *record;
	uint32_t next = 0, draw[8];
	uint64_t seed = 4;
	manrs_mrt *mrt;

	if (!bytes)
		bench_generated();
	for (int i = 0; !bytes && i < 100000; i++) {
		for (int h = 0; h < 8; h++)
			draw[h] = 1 + (uint32_t)bench_below(&seed, h < 3 ? 100 : 75000);
		path_push(&p, draw, 2 + bench_below(&seed, 6));
	}
	if (!bytes)
		return p;
	if (manrs_mrt_new(&mrt, NULL))
		fail("manrs_mrt_new");
	for (size_t at = 0; at < n;) {
		int used = manrs_mrt_decode(mrt, &record, bytes + at, n - at, NULL, NULL);

		if (used <= 0)
			fail("a record");
		at += (size_t)used;
		got = manrs_mrt_announced(mrt, a, note, 512);
		for (size_t i = 0; i < got; i++)
			if (note[i].path == next) { /* ids are dense: seen for the first time */
				next++;
				if (a[i].path.n > 1 && !a[i].path.kind)
					path_push(&p, a[i].path.asn, a[i].path.n);
			}
	}
	manrs_mrt_free(mrt);
	free(bytes);
	return p;
}

static uint64_t mix(uint64_t x)
{
	return bench_random(&x);
}

/* As a neighbour has it: three in four routes of an origin by one path, the others by a second one. */
static void table_make(void)
{
	struct paths p = real_paths();
	size_t kept = 0, at = 0;

	for (size_t i = 0; i < routes.n; i++) /* a prefix once */
		if (!kept || manrs_prefix_cmp(&routes.at[kept - 1].prefix, &routes.at[i].prefix))
			routes.at[kept++] = routes.at[i];
	routes.n = kept;
	table = calloc(routes.n, sizeof *table);
	hops = malloc(routes.n * 64 * sizeof *hops);
	for (size_t i = 0; i < routes.n; i++) {
		const manrs_route *r = &routes.at[i];
		uint64_t which = mix(r->asn) + (mix(i) % 4 == 0);
		const struct path_at *from = &p.at[which % p.n];
		size_t n = from->n < 64 ? from->n : 64;

		memcpy(hops + at, p.hop + from->at, n * sizeof *hops);
		hops[at] = 64500;
		hops[at + n - 1] = r->asn;
		table[i] = (manrs_announcement){.prefix = r->prefix,
						.next_hop = {.addr = {203, 0, 113, 1},
							     .len = 32,
							     .maxlen = 32,
							     .family = 4},
						.path = {.asn = hops + at, .n = (uint32_t)n}};
		at += n;
	}
	free(p.at);
	free(p.hop);
}

/* ---- ribs ---- */

static manrs_rib_change changes[CHANGES];

static manrs_rib *rib_make(uint32_t report, uint32_t sessions)
{
	manrs_rib_config config;
	manrs_rib_session session;
	manrs_rib *rib;

	manrs_rib_config_init(&config, sizeof config);
	config.report = report;
	config.max_bytes = 0;
	manrs_rib_session_init(&session, sizeof session);
	session.policy = &policy;
	if (manrs_rib_new(&rib, &config) || manrs_rib_follow(rib, base))
		fail("a rib");
	for (uint32_t i = 0; i < sessions; i++) {
		session.neighbour_asn = 64500 + i;
		if (manrs_rib_session_add(rib, &session) != (int)i)
			fail("a session");
	}
	return rib;
}

static void announce(manrs_rib *rib, uint32_t session, const manrs_announcement *a, size_t n)
{
	size_t done;
	int rc;

	for (; n > 0; a += done, n -= done) {
		rc = manrs_rib_announce(rib, session, a, NULL, n < SLICE ? n : SLICE, &done);
		if (rc == MANRS_EBUSY)
			manrs_rib_changes(rib, changes, CHANGES);
		else if (rc)
			fail(manrs_strerror(rc));
	}
}

/* The table by another neighbour: the first hop and the next hop are his. */
static void fill(manrs_rib *rib, uint32_t session)
{
	for (size_t i = 0; i < routes.n; i++) {
		hops[table[i].path.asn - hops] = 64500 + session;
		table[i].next_hop.addr[3] = (uint8_t)(1 + session);
	}
	announce(rib, session, table, routes.n);
}

static manrs_rib_stats stats_of(const manrs_rib *rib)
{
	manrs_rib_stats s = {.size = sizeof s};

	manrs_rib_stats_get(rib, &s);
	return s;
}

/* Work until all is true, in slices or at once. returns: the longest slice; *all: seconds; *told: changes */
static double work(manrs_rib *rib, size_t budget, double *all, size_t *told)
{
	double most = 0, start = cpu_now(), from;
	int rc;

	*told = 0;
	do {
		from = cpu_now();
		rc = manrs_rib_work(rib, budget);
		from = cpu_now() - from;
		most = from > most ? from : most;
		if (rc < 0 && rc != MANRS_EBUSY)
			fail("work");
		*told += manrs_rib_changes(rib, changes, CHANGES);
	} while (rc != 0);
	*all = cpu_now() - start;
	return most;
}

/* Whether all verdicts are those of manrs_check by a snapshot. */
static bool all_true(const manrs_rib *rib, const manrs_db *db, size_t want)
{
	manrs_cursor cursor = {{0}};
	static manrs_rib_route r[256];
	size_t n, seen = 0;

	do {
		n = manrs_rib_routes(rib, NULL, MANRS_RIB_UNDER, &cursor, r, 256);
		for (size_t i = 0; i < n; i++) {
			manrs_verdict v;

			manrs_check(db, manrs_rib_policy(rib, r[i].session), &r[i].announcement, 1,
				    &v);
			if (memcmp(&v, &r[i].verdict, sizeof v))
				return false;
		}
		seen += n;
	} while (n == 256);
	return seen == want;
}

/* ---- snapshots ---- */

/* VRPs, or ASPAs of customers by one provider, that come and go. */
struct delta {
	const manrs_route *add, *del;
	size_t nadd, ndel;
	const uint32_t *customers;
	size_t n_customers;
};

/* The next snapshot, always on the newest one, as a cache's are: a difference to an older one's copy looks at everything. */
static manrs_db *next(const struct delta *d, bool back)
{
	static uint32_t provider = 64999;
	manrs_edit *e;
	manrs_db *db;

	if (manrs_edit_begin(&e, owner, base) ||
	    manrs_edit_vrps(e, 0, back ? MANRS_REMOVE : MANRS_ADD, d->add, d->nadd, NULL, NULL) ||
	    manrs_edit_vrps(e, 0, back ? MANRS_ADD : MANRS_REMOVE, d->del, d->ndel, NULL, NULL))
		fail("an edit");
	for (size_t i = 0; i < d->n_customers; i++) {
		manrs_aspa aspa = {&provider, d->customers[i], 1};

		if (manrs_edit_aspas(e, 1, back ? MANRS_REMOVE : MANRS_ADD, &aspa, 1, NULL, NULL))
			fail("an ASPA");
	}
	if (manrs_edit_commit(e, &db))
		fail("a commit");
	return db;
}

/* What half an hour of 2025-07-20 changed, as in commit_bench.c: base is without what it adds. */
static const struct {
	const char *prefix;
	uint8_t maxlen;
	uint32_t asn;
} real[] = {{"116.118.64.0/22", 24, 135944},   {"163.61.248.0/23", 24, 133190},
	    {"165.99.255.0/24", 24, 133551},   {"2605:9cc0:d00::/40", 48, 14618},
	    {"2605:9cc0:d00::/40", 48, 16509}, {"82.21.153.0/24", 24, 834},
	    {"82.22.187.0/24", 24, 834},       {"82.26.198.0/24", 24, 834},
	    {"94.183.162.0/24", 24, 214957},   {"165.99.254.0/24", 24, 133551},
	    {"199.36.120.0/24", 24, 400098},   {"82.21.153.0/24", 24, 3320},
	    {"82.22.187.0/24", 24, 3320},      {"82.26.198.0/24", 24, 3320},
	    {"94.183.162.0/24", 24, 202678}};

#define ADDED   9
#define REMOVED 6

static manrs_route delta[ADDED + REMOVED];

static void real_delta(void)
{
	for (size_t i = 0; i < ADDED + REMOVED; i++) {
		if (manrs_prefix_parse(&delta[i].prefix, real[i].prefix, strlen(real[i].prefix),
				       NULL))
			fail("a prefix of the delta");
		delta[i].prefix.maxlen = real[i].maxlen;
		delta[i].asn = real[i].asn;
	}
}

static void load(void)
{
	uint32_t provider = 3356;
	manrs_edit *e;

	real_delta();
	if (manrs_db_owner_new(&owner, NULL) || manrs_edit_begin(&e, owner, NULL) ||
	    manrs_edit_vrps(e, 0, MANRS_ADD, vrps.at, vrps.n, NULL, NULL) ||
	    manrs_edit_vrps(e, 0, MANRS_REMOVE, delta, ADDED, NULL, NULL) ||
	    manrs_edit_vrps(e, 0, MANRS_ADD, delta + ADDED, REMOVED, NULL, NULL))
		fail("load");
	for (uint32_t customer = 5000; customer < 25000; customer += 3) {
		manrs_aspa aspa = {&provider, customer, 1};

		manrs_edit_aspas(e, 0, MANRS_ADD, &aspa, 1, NULL, NULL);
	}
	if (manrs_edit_commit(e, &base))
		fail("load");
}

/* ---- rows ---- */

/* Follow one snapshot. returns: us; *most: the longest slice, in us; *told: changes */
static double follow_one(manrs_rib *rib, const struct delta *d, bool back, double *most,
			 size_t *told)
{
	manrs_db *to = next(d, back);
	double start = cpu_now(), all;

	manrs_rib_follow(rib, to);
	*most = 1e6 * work(rib, SLICE, &all, told);
	all = 1e6 * (cpu_now() - start);
	manrs_db_unref(base);
	base = to;
	manrs_db_reclaim(owner, 0);
	return all;
}

/* A delta there and back, many times. returns: the median of a way, in us */
static double follow(manrs_rib *rib, const struct delta *d, size_t rounds, double *most,
		     size_t *told)
{
	static double took[402], slice[402];
	size_t back;

	for (size_t i = 0; i < rounds; i++) {
		took[2 * i] = follow_one(rib, d, false, &slice[2 * i], told);
		took[2 * i + 1] = follow_one(rib, d, true, &slice[2 * i + 1], &back);
	}
	*most = bench_median(slice, 2 * rounds);
	return bench_median(took, 2 * rounds);
}

/* Once more there and back, and the whole rib beside manrs_check each time. */
static bool follow_true(manrs_rib *rib, const struct delta *d)
{
	double most;
	size_t told[2];
	bool same;

	follow_one(rib, d, false, &most, &told[0]);
	same = all_true(rib, base, routes.n);
	follow_one(rib, d, true, &most, &told[1]);
	return same && told[0] == told[1] && all_true(rib, base, routes.n);
}

/* The same policy again: all of the session is judged. returns: seconds; 0: something changed */
static double judge_all(manrs_rib *rib)
{
	double again[5], slice[5];
	size_t told = 0, n;

	for (size_t i = 0; i < 5; i++) {
		manrs_rib_session_set_policy(rib, 0, &policy);
		slice[i] = work(rib, SLICE, &again[i], &n);
		told += n;
	}
	if (told) {
		bench_void("P15", "a policy changed");
		return 0;
	}
	bench_most("P15", "a policy changed: longest slice of 1024, us",
		   1e6 * bench_median(slice, 5), 0, 1000);
	return bench_median(again, 5);
}

static void the_real_delta(manrs_rib *rib, double all)
{
	struct delta d = {.add = delta, .nadd = ADDED, .del = delta + ADDED, .ndel = REMOVED};
	size_t told;
	double most, us = follow(rib, &d, 201, &most, &told);

	printf("the real delta: %zu routes change; all again %.1f ms\n", told, 1e3 * all);
	if (!follow_true(rib, &d)) {
		bench_void("P15", "the real delta +9 -6 followed");
		return;
	}
	bench_most("P15", "the real delta +9 -6 followed, us (all again)", us, 1e6 * all, 100);
	bench_most("P15", "the same as a part of judging all again, 1/1000", 1e-3 * us / all, 0, 1);
}

static void random_deltas(manrs_rib *rib, double all)
{
	double took[31], most;
	uint64_t seed = 15;
	size_t told = 0, n;
	bool same = true;

	for (size_t i = 0; i < 31; i++) {
		manrs_route r[100];
		struct delta d = {.add = r, .nadd = 60, .del = r + 60, .ndel = 40};

		for (size_t k = 0; k < 100; k++) {
			r[k] = vrps.at[bench_below(&seed, vrps.n)];
			if (k < 60)
				r[k].asn = 1 + (uint32_t)bench_below(&seed, 400000);
		}
		took[i] = follow(rib, &d, 3, &most, &n);
		told += n;
		same &= i > 0 || follow_true(rib, &d);
	}
	printf("100 random VRPs: %zu routes change a time\n", told / 31);
	if (same)
		bench_most("P15", "100 random VRPs followed, us (all again)",
			   bench_median(took, 31), 1e6 * all, 2000);
	else
		bench_void("P15", "100 random VRPs followed");
}

static void aspas(manrs_rib *rib)
{
	static const uint32_t customers[] = {1299, 2914, 3257, 6762, 174};
	struct delta d = {.customers = customers, .n_customers = 5};
	double most, us;
	size_t told;

	us = follow(rib, &d, 5, &most, &told);
	printf("5 ASPAs of transit networks: %zu routes change\n", told);
	if (!follow_true(rib, &d)) {
		bench_void("P15", "5 ASPAs of transit networks");
		return;
	}
	bench_most("P15", "5 ASPAs of transit networks: longest slice of 1024, us", most, 0, 1000);
	bench_most("", "5 ASPAs of transit networks, all of it, ms", 1e-3 * us, 0, 0);
}

/* What a snapshot has, in one that shares nothing with it, without its first VRPs. */
static manrs_db *afresh(const manrs_db *full, size_t without)
{
	static manrs_route r[4096];
	manrs_cursor c[2] = {{{0}}};
	manrs_aspa_pair pair;
	manrs_edit *e;
	manrs_db *db;
	size_t n, out;

	if (manrs_edit_begin(&e, owner, NULL))
		fail("an edit");
	for (; (n = manrs_db_vrps(full, &c[0], r, 4096)) > 0; without -= out) {
		out = n < without ? n : without;
		if (manrs_edit_vrps(e, 0, MANRS_ADD, r + out, n - out, NULL, NULL))
			fail("VRPs");
	}
	while (manrs_db_aspas(full, &c[1], &pair, 1)) {
		manrs_aspa aspa = {&pair.provider, pair.customer, 1};

		if (manrs_edit_aspas(e, 0, MANRS_ADD, &aspa, 1, NULL, NULL))
			fail("an ASPA");
	}
	if (manrs_edit_commit(e, &db))
		fail("a commit");
	return db;
}

/* Loaded again without 50 VRPs, and with them again; one call of manrs_db_diff stands beside. */
static void share_nothing(manrs_rib *rib)
{
	double slice[10], took[10], one[10], start;
	static manrs_change change[256];
	manrs_db *full = base;
	size_t told[2];

	manrs_db_ref(full);
	for (size_t i = 0; i < 10; i++) {
		manrs_db *to = afresh(full, i % 2 ? 0 : 50);

		start = cpu_now();
		manrs_db_diff(base, to, &(manrs_cursor){{0}}, change, 256);
		one[i] = 1e6 * (cpu_now() - start);
		manrs_rib_follow(rib, to);
		slice[i] = 1e6 * work(rib, SLICE, &took[i], &told[i % 2]);
		manrs_db_unref(base);
		base = to;
		manrs_db_reclaim(owner, 0);
	}
	manrs_db_unref(full);
	printf("50 VRPs go in a set that shares nothing: %zu routes change; %.1f ms in all\n",
	       told[0], 1e3 * bench_median(took, 10));
	if (told[0] == 0 || told[0] != told[1] || !all_true(rib, base, routes.n))
		bench_void("P15", "a set that shares nothing followed");
	else
		bench_most("P15", "a set that shares nothing: longest slice, us (its diff)",
			   bench_median(slice, 10), bench_median(one, 10), 1000);
}

/* The origins of routes that are drawn, one at a time: after a first one, which builds the index. */
static void one_aspa(manrs_rib *rib, double all)
{
	double took[31], most;
	uint64_t seed = 31, judged = stats_of(rib).judged;
	size_t told = 0, n;
	bool same = true;

	for (size_t i = 0; i < 31; i++) {
		const manrs_path *path = &table[bench_below(&seed, routes.n)].path;
		struct delta d = {.customers = &path->asn[path->n - 1], .n_customers = 1};

		took[i] = follow(rib, &d, 3, &most, &n);
		told += n;
		same &= i % 10 > 0 || follow_true(rib, &d);
	}
	judged = stats_of(rib).judged - judged;
	printf("ASPAs of single origins: %.0f routes judged, %.1f change a time; %.1f bytes a route\n",
	       (double)judged / (31 * 6), (double)told / 31,
	       (double)stats_of(rib).bytes / (double)routes.n);
	if (same)
		bench_most("P15", "the ASPA of one origin followed, us (all again)",
			   bench_median(took, 31), 1e6 * all, 2000);
	else
		bench_void("P15", "the ASPA of one origin followed");
}

static void one_session(void)
{
	double took[5], slice[3], all, again;
	struct bench_side ours;
	manrs_rib_stats s = {0};
	manrs_rib *rib = NULL;
	size_t told;
	bool same;

	fill(rib = rib_make(MANRS_RIB_CHANGED, 1), 0);
	for (size_t i = 0; i < 5; i++) {
		double start;

		manrs_rib_free(rib);
		rib = rib_make(MANRS_RIB_CHANGED, 1);
		start = cpu_now();
		announce(rib, 0, table, routes.n);
		took[i] = cpu_now() - start;
	}
	s = stats_of(rib);
	same = s.routes == routes.n && all_true(rib, base, routes.n);
	printf("%llu routes, %llu paths, %.1f MB\n", (unsigned long long)s.routes,
	       (unsigned long long)s.paths, (double)s.bytes / 1e6);
	ours = (struct bench_side){.median = bench_median(took, 5)};
	ours.spread = 50 * (took[3] - took[1]) / ours.median;
	bench_most("P15", "bytes a route, one session", (double)s.bytes / (double)s.routes, 0, 60);
	if (same)
		bench_most("P15", "a route announced, judged, stored, us",
			   1e6 * ours.median / (double)routes.n, 0, 1);
	else
		bench_void("P15", "a route announced, judged, stored");
	again = judge_all(rib);
	if (again > 0) {
		the_real_delta(rib, again);
		random_deltas(rib, again);
	}
	aspas(rib);
	one_aspa(rib, again);
	share_nothing(rib);
	manrs_rib_free(rib);
	for (size_t i = 0; i < 3; i++) {
		rib = rib_make(MANRS_RIB_CHANGED | MANRS_RIB_WITHDRAWN, 1);
		announce(rib, 0, table, routes.n);
		manrs_rib_changes(rib, changes, CHANGES);
		manrs_rib_session_down(rib, 0);
		slice[i] = work(rib, SLICE, &all, &told);
		same &= told == routes.n && stats_of(rib).routes == 0;
		manrs_rib_free(rib);
	}
	if (same)
		bench_most("P15", "a session down: longest slice of 1024, us",
			   1e6 * bench_median(slice, 3), 0, 1000);
	else
		bench_void("P15", "a session down");
}

/* With the index of AS numbers, which the first changed ASPA builds. */
static void indexed(manrs_rib *rib)
{
	struct delta d = {.customers = &(uint32_t){4199999999u}, .n_customers = 1};
	double most;
	size_t told;

	follow_one(rib, &d, false, &most, &told);
	bench_most("", "bytes a route, 10 sessions, with the index",
		   (double)stats_of(rib).bytes / (10 * (double)routes.n), 0, 60);
	bench_most("", "the index of 10 sessions built: longest slice, us", most, 0, 1000);
	follow_one(rib, &d, true, &most, &told);
}

/* Bytes of more sessions, and from them of thirty. */
static void many_sessions(void)
{
	manrs_rib *rib = rib_make(MANRS_RIB_CHANGED, 10);
	double five = 0, ten;
	manrs_rib_stats s;

	for (uint32_t i = 0; i < 10; i++) {
		fill(rib, i);
		s = stats_of(rib);
		if (i == 4)
			five = (double)s.bytes;
	}
	ten = (double)s.bytes;
	if (s.routes != 10 * (uint64_t)routes.n) {
		bench_void("P15", "ten sessions");
		return;
	}
	printf("10 sessions: %llu routes, %llu paths\n", (unsigned long long)s.routes,
	       (unsigned long long)s.paths);
	bench_most("", "bytes a route, 5 sessions", five / (5 * (double)routes.n), 0, 60);
	bench_most("", "bytes a route, 10 sessions", ten / (10 * (double)routes.n), 0, 60);
	bench_most("P15", "30 full tables, GB: from 5 and 10 sessions",
		   (ten + 4 * (ten - five)) / 1e9, 0, 2.147);
	indexed(rib);
	manrs_rib_free(rib);
}

/* ---- a collector's updates ---- */

struct updates {
	uint64_t announced, withdrawn, messages;
	double took;
};

static struct updates updates_run(const char *bytes, size_t n, bool judge, manrs_rib_stats *stats)
{
	static manrs_announcement a[4096];
	static manrs_prefix gone[4096];
	static manrs_prefix peers[1024];
	uint32_t n_peers = 0;
	struct updates u = {0};
	const manrs_mrt_record *r;
	manrs_rib *rib = rib_make(7, 0);
	manrs_rib_session session;
	manrs_mrt *mrt;
	size_t got, done;
	double start;

	manrs_rib_session_init(&session, sizeof session);
	session.policy = &policy;
	if (manrs_mrt_new(&mrt, NULL))
		fail("manrs_mrt_new");
	start = cpu_now();
	for (size_t at = 0; at < n;) {
		int used = manrs_mrt_decode(mrt, &r, bytes + at, n - at, NULL, NULL);
		uint32_t p = 0;

		if (used <= 0)
			fail("a record");
		at += (size_t)used;
		if (r->kind != MANRS_MRT_UPDATE)
			continue;
		u.messages++;
		while (p < n_peers &&
		       memcmp(&peers[p], &r->session.neighbour_address, sizeof *peers))
			p++;
		if (p == n_peers) {
			peers[n_peers++] = r->session.neighbour_address;
			session.neighbour_asn = r->session.neighbour_asn;
			session.neighbour_address = r->session.neighbour_address;
			if (manrs_rib_session_add(rib, &session) != (int)p)
				fail("a session");
		}
		got = manrs_mrt_withdrawn(mrt, gone, NULL, 4096);
		u.withdrawn += got;
		if (judge && got && manrs_rib_withdraw(rib, p, gone, NULL, got, &done))
			fail("withdraw");
		got = manrs_mrt_announced(mrt, a, NULL, 4096);
		u.announced += got;
		if (judge && got && manrs_rib_announce(rib, p, a, NULL, got, &done))
			fail("announce");
		if (judge && u.messages % 256 == 0)
			manrs_rib_changes(rib, changes, CHANGES);
	}
	u.took = cpu_now() - start;
	manrs_rib_changes(rib, changes, CHANGES);
	*stats = stats_of(rib);
	if (judge && !all_true(rib, base, stats->routes))
		u.messages = 0;
	manrs_rib_free(rib);
	manrs_mrt_free(mrt);
	return u;
}

static void updates(void)
{
	size_t n;
	char *bytes = bench_file("mrt/ris-updates.20190101.0000.gz", &n);
	double took[7], alone[7], items;
	struct updates u, d;
	manrs_rib_stats s, none;

	if (!bytes) {
		bench_skip("P15", "updates decoded, judged, stored", "no archive of updates here");
		return;
	}
	for (size_t i = 0; i < 7; i++) {
		d = updates_run(bytes, n, false, &none);
		u = updates_run(bytes, n, true, &s);
		took[i] = u.took;
		alone[i] = d.took;
	}
	items = (double)(u.announced + u.withdrawn);
	printf("updates: %llu messages, %llu announced, %llu withdrawn; %llu routes stay, %llu paths\n",
	       (unsigned long long)d.messages, (unsigned long long)u.announced,
	       (unsigned long long)u.withdrawn, (unsigned long long)s.routes,
	       (unsigned long long)s.paths);
	if (!u.messages || u.announced != d.announced || u.withdrawn != d.withdrawn) {
		bench_void("P15", "updates decoded, judged, stored");
		return;
	}
	bench_most("P15", "an update decoded, judged, stored, us (decoded)",
		   1e6 * bench_median(took, 7) / items, 1e6 * bench_median(alone, 7) / items, 1);
	free(bytes);
}

int main(void)
{
	bench_pin();
	bench_tables(&routes, &vrps);
	qsort(routes.at, routes.n, sizeof *routes.at, bench_route_cmp);
	table_make();
	load();
	manrs_policy_init(&policy, sizeof policy, MANRS_ROLE_PROVIDER);
	policy.local_as = 4210000000u;
	one_session();
	updates();
	many_sessions();
	manrs_db_unref(base);
	return manrs_db_owner_free(owner) == MANRS_OK ? 0 : 1;
}
