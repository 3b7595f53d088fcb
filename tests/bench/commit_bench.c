/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Small changes of the whole set: the commit, the difference, and the routes whose state changes (P6), for a real delta and
 * over delta sizes; memory while two snapshots live; and what readers feel meanwhile. Random deltas are VRPs of the set
 * taken out and put back with other AS numbers, so that the shape of the set stays real.
 */

#include "bench/bench.h"

#include <pthread.h>
#include <stdatomic.h>

static manrs_db_owner *owner;
static manrs_db *db;
static struct bench_routes routes, vrps;

static void fail(const char *what)
{
	fprintf(stderr, "commit bench: %s\n", what);
	exit(1);
}

struct timing {
	double feed, commit, diff, reclaim, affected;
	size_t changes, looked_at, changed;
};

/* The routes under a changed prefix: a binary search in the sorted table, then onward while it is covered. */
static size_t route_from(const manrs_prefix *p)
{
	size_t lo = 0, hi = routes.n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (manrs_prefix_cmp(&routes.at[mid].prefix, p) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void look_again(const manrs_db *old, const manrs_change *c, size_t n, struct timing *t)
{
	for (size_t i = 0; i < n; i++)
		for (size_t r = route_from(&c[i].prefix);
		     r < routes.n && manrs_prefix_covers(&c[i].prefix, &routes.at[r].prefix); r++) {
			t->looked_at++;
			t->changed += manrs_rov_check(old, &routes.at[r]) !=
				      manrs_rov_check(db, &routes.at[r]);
		}
}

static struct timing change(const manrs_route *add, size_t nadd, const manrs_route *del,
			    size_t ndel)
{
	static manrs_change changes[300000];
	struct timing t = {0};
	manrs_cursor cursor = {{0}};
	manrs_db *next;
	manrs_edit *e;
	double start = bench_now(), now;

	if (manrs_edit_begin(&e, owner, db) ||
	    manrs_edit_vrps(e, 0, MANRS_ADD, add, nadd, NULL, NULL) ||
	    manrs_edit_vrps(e, 0, MANRS_REMOVE, del, ndel, NULL, NULL))
		fail("edit");
	t.feed = (now = bench_now()) - start;
	if (manrs_edit_commit(e, &next))
		fail("commit");
	t.commit = (start = bench_now()) - now;
	t.changes = manrs_db_diff(db, next, &cursor, changes, 300000);
	t.diff = (now = bench_now()) - start;
	manrs_db *old = db;
	db = next;
	look_again(old, changes, t.changes, &t);
	t.affected = (start = bench_now()) - now;
	manrs_db_unref(old);
	manrs_db_reclaim(owner, 0);
	t.reclaim = bench_now() - start;
	return t;
}

/* A delta of n: two fifths of them removals, as in reality (9 added, 6 removed). */
static struct timing delta(size_t n, uint64_t *seed)
{
	size_t ndel = n * 2 / 5, nadd = n - ndel;
	manrs_route *add = malloc((nadd + ndel + 1) * sizeof *add), *del = add + nadd;
	struct timing t;

	for (size_t i = 0; i < nadd; i++) {
		add[i] = vrps.at[bench_random(seed) % vrps.n];
		add[i].asn = 1 + (uint32_t)(bench_random(seed) % 400000);
	}
	for (size_t i = 0; i < ndel; i++)
		del[i] = vrps.at[bench_random(seed) % vrps.n];
	t = change(add, nadd, del, ndel);
	change(del, ndel, add, nadd);
	free(add);
	return t;
}

/* ---- a real delta ---- */

/* What half an hour of 2025-07-20 changed: rpki-client exports of 09:31 and 10:01 UTC. */
static const struct {
	const char *prefix;
	uint8_t maxlen;
	uint32_t asn;
} added[] = {{"116.118.64.0/22", 24, 135944},   {"163.61.248.0/23", 24, 133190},
	     {"165.99.255.0/24", 24, 133551},   {"2605:9cc0:d00::/40", 48, 14618},
	     {"2605:9cc0:d00::/40", 48, 16509}, {"82.21.153.0/24", 24, 834},
	     {"82.22.187.0/24", 24, 834},       {"82.26.198.0/24", 24, 834},
	     {"94.183.162.0/24", 24, 214957}},
  removed[] = {{"165.99.254.0/24", 24, 133551}, {"199.36.120.0/24", 24, 400098},
	       {"82.21.153.0/24", 24, 3320},    {"82.22.187.0/24", 24, 3320},
	       {"82.26.198.0/24", 24, 3320},    {"94.183.162.0/24", 24, 202678}};

#define ADDED   (sizeof added / sizeof *added)
#define REMOVED (sizeof removed / sizeof *removed)

static manrs_route vrp_of(const char *prefix, uint8_t maxlen, uint32_t asn)
{
	manrs_route r = {.asn = asn};

	if (manrs_prefix_parse(&r.prefix, prefix, strlen(prefix), NULL) != MANRS_OK)
		fail("a prefix of the delta");
	r.prefix.maxlen = maxlen;
	return r;
}

/* How many of all routes are judged otherwise: the slow way. */
static size_t all_routes(const uint8_t *before)
{
	uint8_t *after = malloc(routes.n);
	size_t n = 0;

	manrs_rov_check_many(db, routes.at, routes.n, after);
	for (size_t i = 0; i < routes.n; i++)
		n += before[i] != after[i];
	free(after);
	return n;
}

static void real_delta(void)
{
	manrs_route add[ADDED], del[REMOVED];
	static double took[301];
	uint8_t *before = malloc(routes.n);
	size_t found = 0, wanted = 0;

	for (size_t i = 0; i < ADDED; i++)
		add[i] = vrp_of(added[i].prefix, added[i].maxlen, added[i].asn);
	for (size_t i = 0; i < REMOVED; i++)
		del[i] = vrp_of(removed[i].prefix, removed[i].maxlen, removed[i].asn);
	change(del, 0, add, ADDED); /* where the tables hold them already */
	change(del, REMOVED, add, 0);
	manrs_rov_check_many(db, routes.at, routes.n, before);
	for (size_t i = 0; i < 301; i++) {
		struct timing t = change(add, ADDED, del, REMOVED);

		took[i] = 1e6 * (t.feed + t.commit + t.diff + t.affected);
		found = t.changed;
		if (i == 0)
			wanted = all_routes(before);
		change(del, REMOVED, add, ADDED);
	}
	printf("the real delta: %zu routes change, %zu by judging all\n", found, wanted);
	if (found == wanted)
		bench_most("P6", "real delta +9 -6: feed, commit, diff, routes, us",
			   bench_median(took, 301), 0, 150);
	else
		bench_void("P6", "real delta +9 -6");
	free(before);
}

static double field(const struct timing *t, size_t n, size_t offset)
{
	double v[1001];

	for (size_t i = 0; i < n; i++)
		memcpy(&v[i], (const char *)&t[i] + offset, sizeof v[i]);
	return bench_median(v, n);
}

#define MEDIAN(t, n, f) (1e6 * field(t, n, offsetof(struct timing, f)))

static void sizes(void)
{
	static const struct {
		size_t n, rounds;
	} at[] = {{1, 301}, {15, 301}, {100, 101}, {1000, 51}, {10000, 11}, {100000, 5}};
	static struct timing t[1001];
	uint64_t seed = 15;

	printf("%8s %10s %10s %10s %10s %10s %9s %9s  (medians, us)\n", "delta", "feed", "commit",
	       "diff", "affected", "reclaim", "prefixes", "routes");
	for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
		double both;

		for (size_t r = 0; r < at[i].rounds; r++)
			t[r] = delta(at[i].n, &seed);
		printf("%8zu %10.1f %10.1f %10.1f %10.1f %10.1f %9zu %9zu\n", at[i].n,
		       MEDIAN(t, at[i].rounds, feed), MEDIAN(t, at[i].rounds, commit),
		       MEDIAN(t, at[i].rounds, diff), MEDIAN(t, at[i].rounds, affected),
		       MEDIAN(t, at[i].rounds, reclaim), t[0].changes, t[0].changed);
		for (size_t r = 0; r < at[i].rounds; r++)
			t[r].commit += t[r].diff + t[r].feed;
		both = MEDIAN(t, at[i].rounds, commit);
		if (at[i].n == 15)
			bench_most("P6", "15 random VRPs: feed, commit, diff, us", both, 0, 150);
		if (at[i].n == 100)
			bench_most("P6", "100 random VRPs: feed, commit, diff, us", both, 0, 1000);
	}
}

/* ---- two snapshots at once ---- */

static size_t live;

static void *counting_resize(void *arg, void *ptr, size_t old_size, size_t new_size)
{
	void *at = NULL;

	(void)arg;
	if (new_size)
		at = realloc(ptr, new_size);
	else
		free(ptr);
	live += at || !new_size ? new_size - old_size : 0;
	return at;
}

/* What an older snapshot costs while it is held, by the size of the delta between the two. */
static void two_snapshots(void)
{
	static const size_t sizes[] = {15, 1000, 100000};
	uint64_t seed = 33;

	for (size_t i = 0; i < 3; i++) {
		size_t n = sizes[i], before = live, both;
		manrs_route *add = malloc(n * sizeof *add);
		char text[64];
		manrs_db *next = NULL;
		manrs_edit *e;

		for (size_t k = 0; k < n; k++) {
			add[k] = vrps.at[bench_random(&seed) % vrps.n];
			add[k].asn = 1 + (uint32_t)(bench_random(&seed) % 400000);
		}
		if (manrs_edit_begin(&e, owner, db) ||
		    manrs_edit_vrps(e, 0, MANRS_ADD, add, n, NULL, NULL) ||
		    manrs_edit_commit(e, &next))
			fail("commit");
		both = live;
		manrs_db_unref(db);
		manrs_db_reclaim(owner, 0);
		db = next;
		snprintf(text, sizeof text, "MB while two snapshots live, %zu apart (one)", n);
		bench_figure(text, (double)both / 1e6, (double)before / 1e6);
		free(add);
	}
}

/* ---- what readers feel ---- */

static manrs_cell *cell;
static atomic_bool stop;

#define SAMPLES 2000000
static double *sample;
static size_t samples;

/* Blocks of 64 random routes, each on the newest snapshot, timed one by one. */
static void *reader(void *arg)
{
	uint8_t states[64];
	uint64_t seed = 3;

	(void)arg;
	while (!atomic_load(&stop) && samples < SAMPLES) {
		size_t at = bench_below(&seed, routes.n - 64);
		double start = bench_now();
		const manrs_db *now = manrs_cell_enter(cell, 0);

		manrs_rov_check_many(now, routes.at + at, 64, states);
		manrs_cell_leave(cell, 0);
		sample[samples++] = bench_now() - start;
	}
	return NULL;
}

static struct quantiles {
	double p50, p99, most;
} quantiles(void)
{
	double p50 = bench_median(sample, samples); /* puts them in order */

	return (struct quantiles){1e6 * p50, 1e6 * sample[samples * 99 / 100],
				  1e6 * sample[samples - 1]};
}

/* One reader for a second beside a writer: idle, then committing without a pause. */
static struct quantiles latency(bool writing)
{
	uint64_t seed = 99;
	pthread_t thread;
	size_t commits = 0;
	double end = bench_now() + 1;

	samples = 0;
	atomic_store(&stop, false);
	if (pthread_create(&thread, NULL, reader, NULL))
		fail("thread");
	while (bench_now() < end) {
		struct timespec ms = {0, 1000000};
		manrs_route r = vrps.at[bench_random(&seed) % vrps.n];
		manrs_edit *e;
		manrs_db *next = NULL;

		if (!writing) {
			nanosleep(&ms, NULL);
			continue;
		}
		r.asn = 1 + (uint32_t)(bench_random(&seed) % 400000);
		if (manrs_edit_begin(&e, owner, db) ||
		    manrs_edit_vrps(e, 1, MANRS_ADD, &r, 1, NULL, NULL) ||
		    manrs_edit_commit(e, &next))
			fail("commit");
		manrs_db_ref(next);
		manrs_cell_publish(cell, next);
		manrs_db_unref(db);
		db = next;
		manrs_cell_reclaim(cell);
		manrs_db_reclaim(owner, 1000);
		commits++;
	}
	atomic_store(&stop, true);
	pthread_join(thread, NULL);
	printf("%zu blocks of 64 beside %zu commits\n", samples, commits);
	return quantiles();
}

int main(void)
{
	manrs_alloc alloc = {counting_resize, NULL};
	struct quantiles alone, beside;
	manrs_db_config config;
	manrs_edit *e;

	bench_pin();
	bench_tables(&routes, &vrps);
	manrs_db_config_init(&config, sizeof config);
	config.alloc = &alloc;
	qsort(routes.at, routes.n, sizeof *routes.at, bench_route_cmp);
	if (manrs_db_owner_new(&owner, &config) || manrs_edit_begin(&e, owner, NULL) ||
	    manrs_edit_vrps(e, 0, MANRS_ADD, vrps.at, vrps.n, NULL, NULL) ||
	    manrs_edit_commit(e, &db))
		fail("load");
	real_delta();
	sizes();
	two_snapshots();
	bench_unpin();
	sample = malloc(SAMPLES * sizeof *sample);
	if (!sample || manrs_cell_new(&cell, 1, NULL))
		fail("cell");
	manrs_db_ref(db);
	manrs_cell_publish(cell, db);
	alone = latency(false);
	beside = latency(true);
	bench_most("", "reader's block of 64 beside a writer, p50, us (alone)", beside.p50,
		   alone.p50, 0);
	bench_most("", "reader's block of 64 beside a writer, p99, us (alone)", beside.p99,
		   alone.p99, 0);
	bench_most("", "reader's block of 64 beside a writer, max, us (alone)", beside.most,
		   alone.most, 0);
	manrs_cell_free(cell);
	manrs_db_unref(db);
	return manrs_db_owner_free(owner) == MANRS_OK ? 0 : 1;
}
