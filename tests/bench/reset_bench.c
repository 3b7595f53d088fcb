/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reset of a cache (P14): all that it has comes again, and little or nothing of it changed. manrs_edit_replace beside a drop
 * and an add of the same records, in the orders in which caches send them, and shuffled.
 */

#include "bench.h"

#include <time.h>

#define RUN 4096 /* records of a feed call */

static struct bench_routes vrps;
static manrs_db_owner *owner;
static manrs_db *db;

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "reset bench: %s\n", what);
	exit(1);
}

/* Of this process, in seconds. */
static double cpu_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

struct reset {
	double feed, commit;
};

static struct reset reset(bool replace, const manrs_route *set, size_t n)
{
	struct reset t;
	manrs_counts c;
	manrs_db *next;
	manrs_edit *e;
	double start = cpu_now(), fed;

	if (manrs_edit_begin(&e, owner, db) ||
	    (replace ? manrs_edit_replace(e, 0) : manrs_edit_drop(e, 0, NULL)))
		fail("edit");
	for (size_t i = 0; i < n; i += RUN) {
		size_t run = n - i < RUN ? n - i : RUN;

		if (manrs_edit_vrps(e, 0, MANRS_ADD, set + i, run, &c, NULL) || c.added != run)
			fail("a record of the set is in it twice");
	}
	fed = cpu_now();
	if (manrs_edit_commit(e, &next))
		fail("commit");
	t = (struct reset){fed - start, cpu_now() - fed};
	manrs_db_unref(db);
	db = next;
	manrs_db_reclaim(owner, 0);
	return t;
}

#define ROUNDS 7

static void resets_of(const char *order, const manrs_route *set, const manrs_route *other)
{
	double whole[ROUNDS], same[ROUNDS], few[ROUNDS], commit[ROUNDS], commit_few[ROUNDS];
	const char *goal = strcmp(order, "shuffled") ? "P14" : ""; /* no cache sends it so */
	char what[80];
	double drop;

	for (size_t i = 0; i < ROUNDS; i++) {
		struct reset t = reset(false, set, vrps.n);

		whole[i] = t.feed + t.commit;
		t = reset(true, set, vrps.n);
		same[i] = t.feed + t.commit;
		commit[i] = 1000 * t.commit;
		t = reset(true, other, vrps.n);
		few[i] = t.feed + t.commit;
		commit_few[i] = 1000 * t.commit;
		reset(true, set, vrps.n);
	}
	drop = bench_median(whole, ROUNDS);
	drop = bench_median(whole, ROUNDS);
	snprintf(what, sizeof what, "reset, nothing changes, %s, s CPU (drop and add)", order);
	bench_most(goal, what, bench_median(same, ROUNDS), drop, *goal ? drop / 6 : 0);
	snprintf(what, sizeof what, "reset, 15 changes, %s, s CPU (drop and add)", order);
	bench_most(goal, what, bench_median(few, ROUNDS), drop, *goal ? drop / 6 : 0);
	bench_most("P14", "its commit, nothing changes, ms", bench_median(commit, ROUNDS), 0, 1);
	bench_most("P14", "its commit, 15 changes, ms", bench_median(commit_few, ROUNDS), 0, 1);
}

static void resets(void)
{
	manrs_route *set = malloc(vrps.n * sizeof *set), *other = malloc(vrps.n * sizeof *set);
	uint64_t seed = 3;

	memcpy(set, vrps.at, vrps.n * sizeof *set);
	for (unsigned order = 0; order < 3; order++) {
		if (order == 1)
			for (size_t i = 0; i < vrps.n; i++)
				set[i] = vrps.at[vrps.n - 1 - i];
		if (order == 2)
			bench_shuffle(set, vrps.n, 5);
		memcpy(other, set, vrps.n * sizeof *set);
		for (size_t i = 0; i < 8; i++)
			other[bench_below(&seed, vrps.n)].asn ^= 1 << 30;
		resets_of(order == 0   ? "ascending"
			  : order == 1 ? "descending"
				       : "shuffled",
			  set, other);
	}
	free(set);
	free(other);
}

/* A set has a record once; the file may have it twice. */
static void load_set(void)
{
	size_t n = 0;
	manrs_edit *e;

	bench_vrps(&vrps);
	qsort(vrps.at, vrps.n, sizeof *vrps.at, bench_route_cmp);
	for (size_t i = 0; i < vrps.n; i++)
		if (!n || bench_route_cmp(&vrps.at[n - 1], &vrps.at[i]))
			vrps.at[n++] = vrps.at[i];
	vrps.n = n;
	if (manrs_db_owner_new(&owner, NULL) || manrs_edit_begin(&e, owner, NULL) ||
	    manrs_edit_vrps(e, 0, MANRS_ADD, vrps.at, vrps.n, NULL, NULL) ||
	    manrs_edit_commit(e, &db))
		fail("the set");
}

int main(void)
{
	bench_pin();
	load_set();
	resets();
	manrs_db_unref(db);
	return manrs_db_owner_free(owner) != MANRS_OK;
}
