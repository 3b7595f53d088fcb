/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

/*
 * What the benches share: data, the race between sides, rows.
 *
 * A race pins the process to one processor and lets the sides run in turn, round after round. Before each of its rounds a
 * side runs once untimed, so that it does not pay for what the other left in the caches. A row gives medians; the spread is
 * half of what lies between the quarters, in percent of the median.
 *
 * A row is void unless both sides gave the same answers. Its status is met, missed, skipped (no peer or no data here),
 * void, bound (missed, and the work that no lookup can do without, measured in the same race, misses it too, by more than
 * the spread), or - for a figure without a goal.
 */

#include <manrs/manrs.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bench_side {
	void (*run)(void *arg);
	void *arg;
	double median, spread; /* of a race: seconds a run; percent */
};

/* All on one processor from now on; with all, on every one again. */
void bench_pin(void);
void bench_unpin(void);

double bench_now(void);
uint64_t bench_random(uint64_t *seed);
size_t bench_below(uint64_t *seed, size_t n); /* 0 to n - 1 */
double bench_median(double *v, size_t n);

void bench_race(struct bench_side *side, size_t sides, size_t rounds);

/* Rates of a race: so many items a run on both sides; target: ours against the peer's, 0: no goal. peer, bound: or NULL. */
struct bench_rate {
	const char *goal, *what;
	double items, target;
	const struct bench_side *ours, *peer, *bound;
	bool differ; /* the answers */
};
void bench_rate(const struct bench_rate *r);

/* A figure of which less is better. limit: the goal, 0: none. peer: or 0. */
void bench_most(const char *goal, const char *what, double ours, double peer, double limit);
/* A figure without a goal. */
void bench_figure(const char *what, double ours, double peer);
/* The sides differ: nothing was measured. */
void bench_void(const char *goal, const char *what);
/* A goal that cannot be measured here; why goes to the terminal. */
void bench_skip(const char *goal, const char *what, const char *why);

/*
 * A host's allocator that carves everything out of one mapping and gives nothing back before its end, on pages of 2 MB if
 * huge, else of 4 KB.
 */
struct bench_arena {
	char *at;
	size_t used, size;
};
manrs_alloc bench_arena_open(struct bench_arena *arena, size_t size, bool huge);
void bench_arena_close(struct bench_arena *arena);

/* ---- data: the shared data where it is, else seeded tables of its shape; the rows say which ---- */

struct bench_routes {
	manrs_route *at;
	size_t n, cap;
};

/* The whole of a file of the shared data, unpacked by its ending; NULL when it is not there. */
char *bench_file(const char *name, size_t *size);
void bench_add(struct bench_routes *r, const manrs_route *route);
void bench_shuffle(manrs_route *r, size_t n, uint64_t seed);
int bench_route_cmp(const void *a, const void *b);
/* Tables with the lengths and the neighbourhood of the real ones, in order. */
void bench_generate(size_t n4, size_t n6, struct bench_routes *routes, struct bench_routes *vrps);
/* VRPs as rpki-client's export in JSON. */
void bench_write_vrps(FILE *f, const struct bench_routes *vrps);
/* Say that what follows is not on real data. */
void bench_generated(void);

/* Routes with origins, IPv4 first, and VRPs. */
void bench_tables(struct bench_routes *routes, struct bench_routes *vrps);
/* The VRPs alone. */
void bench_vrps(struct bench_routes *vrps);
/* The full table of 2024-01: prefixes, IPv4 first. */
void bench_prefixes(struct bench_routes *routes);
/* An address in it, host bits drawn. */
void bench_address(const manrs_prefix *p, uint64_t *seed, uint8_t addr[16]);

#endif
