/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ASPA verification of 40,000 real paths, both directions, beside the draft word by word over sorted arrays: customers
 * and the providers of each found by binary search, a loop for each of the four ramps.
 *
 * The attestations are made from the paths: of two neighbours the one with more neighbours is the provider; an AS with
 * none above it attests AS0. Of all ASes 10 % or 100 % attest. Both sides must give the same states.
 */

#include "check/aspa_sample.h"

#include <time.h>

static struct path_sample paths;
static struct aspa_sample table;
static manrs_owner *owner;
static manrs_db *db;
static uint8_t ours[2][SAMPLE_PATHS], theirs[2][SAMPLE_PATHS];

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---- the attestations ---- */

struct edge {
	uint32_t from, to;
};
static struct edge edge[2 * SAMPLE_HOPS];
static size_t edges;
static uint32_t as[SAMPLE_HOPS], degree[SAMPLE_HOPS];
static size_t ases;

static int edge_order(const void *a, const void *b)
{
	const struct edge *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return x->to < y->to ? -1 : x->to > y->to;
}

static size_t place(uint32_t asn)
{
	const uint32_t *at = bsearch(&asn, as, ases, sizeof *as, sample_order);

	return (size_t)(at - as);
}

static void find_edges(void)
{
	size_t kept = 0;

	for (size_t i = 0; i < paths.n; i++)
		for (uint32_t h = paths.start[i]; h + 1 < paths.start[i + 1]; h++)
			if (paths.asn[h] != paths.asn[h + 1]) {
				edge[edges++] = (struct edge){paths.asn[h], paths.asn[h + 1]};
				edge[edges++] = (struct edge){paths.asn[h + 1], paths.asn[h]};
			}
	qsort(edge, edges, sizeof *edge, edge_order);
	for (size_t i = 0; i < edges; i++)
		if (!kept || edge_order(&edge[i], &edge[kept - 1]))
			edge[kept++] = edge[i];
	edges = kept;
	for (size_t i = 0; i < edges; i++) {
		if (!ases || as[ases - 1] != edge[i].from)
			as[ases++] = edge[i].from;
		degree[ases - 1]++;
	}
}

static void make_table(unsigned percent)
{
	static uint32_t provider[SAMPLE_HOPS];
	size_t e = 0;

	table.n = table.pairs = 0;
	for (size_t i = 0; i < ases; i++) {
		size_t n = 0;

		for (; e < edges && edge[e].from == as[i]; e++)
			if (degree[place(edge[e].to)] > degree[i])
				provider[n++] = edge[e].to;
		if (as[i] * 2654435761u % 100 < percent && as[i])
			sample_row(&table, as[i], provider, n);
	}
}

/* ---- the peer ---- */

enum { NO_ATTESTATION, PROVIDER_PLUS, NOT_PROVIDER_PLUS };

static int authorized(uint32_t x, uint32_t y)
{
	size_t lo = 0, hi = table.n;
	const manrs_aspa *row;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (table.row[mid].customer < x)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == table.n || table.row[lo].customer != x)
		return NO_ATTESTATION;
	row = &table.row[lo];
	lo = 0;
	hi = row->n;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (row->provider[mid] < y)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < row->n && row->provider[lo] == y ? PROVIDER_PLUS : NOT_PROVIDER_PLUS;
}

static uint32_t reversed(uint32_t *a, const uint32_t *wire, uint32_t n)
{
	uint32_t count = 0;

	for (uint32_t i = n; i > 0; i--)
		if (count == 0 || a[count] != wire[i - 1])
			a[++count] = wire[i - 1];
	return count;
}

static uint8_t draft_up(const uint32_t *a, uint32_t N)
{
	uint32_t i;

	for (i = 1; i < N && authorized(a[i], a[i + 1]) != NOT_PROVIDER_PLUS; i++)
		continue;
	if (i < N)
		return MANRS_ASPA_INVALID;
	for (i = 1; i < N && authorized(a[i], a[i + 1]) == PROVIDER_PLUS; i++)
		continue;
	return i < N ? MANRS_ASPA_UNKNOWN : MANRS_ASPA_VALID;
}

static uint8_t draft_down(const uint32_t *a, uint32_t N)
{
	uint32_t i, j;

	for (i = 1; i < N && authorized(a[i], a[i + 1]) != NOT_PROVIDER_PLUS; i++)
		continue;
	for (j = N; j > 1 && authorized(a[j], a[j - 1]) != NOT_PROVIDER_PLUS; j--)
		continue;
	if (i + (N - j + 1) < N)
		return MANRS_ASPA_INVALID;
	for (i = 1; i < N && authorized(a[i], a[i + 1]) == PROVIDER_PLUS; i++)
		continue;
	for (j = N; j > 1 && authorized(a[j], a[j - 1]) == PROVIDER_PLUS; j--)
		continue;
	return i + (N - j + 1) < N ? MANRS_ASPA_UNKNOWN : MANRS_ASPA_VALID;
}

static void peer_both(void)
{
	static uint32_t a[SAMPLE_HOPS];

	for (size_t i = 0; i < paths.n; i++) {
		uint32_t N = reversed(a, paths.asn + paths.start[i],
				      paths.start[i + 1] - paths.start[i]);

		theirs[0][i] = draft_up(a, N);
		theirs[1][i] = draft_down(a, N);
	}
}

/* ---- ours ---- */

static void our_both(void)
{
	manrs_paths batch = {paths.asn, NULL, paths.start, paths.n};

	manrs_aspa_both_many(db, &batch, 0, ours[0], ours[1]);
}

static void our_single(int d, int role)
{
	for (size_t i = 0; i < paths.n; i++) {
		manrs_path path = {paths.asn + paths.start[i], NULL,
				   paths.start[i + 1] - paths.start[i], 0};

		ours[d][i] =
			(uint8_t)manrs_aspa_check(db, &path, 0, role, MANRS_ASPA_ANY_NEIGHBOUR);
	}
}

static void our_singles(void)
{
	our_single(0, MANRS_ROLE_CUSTOMER);
	our_single(1, MANRS_ROLE_PROVIDER);
}

static void our_batches(void)
{
	static const uint8_t up = MANRS_ROLE_CUSTOMER, down = MANRS_ROLE_PROVIDER;
	manrs_paths batch = {paths.asn, NULL, paths.start, paths.n};
	uint32_t flags = MANRS_ASPA_ANY_NEIGHBOUR | MANRS_ASPA_COMMON;

	manrs_aspa_check_many(db, &batch, NULL, &up, flags, ours[0]);
	manrs_aspa_check_many(db, &batch, NULL, &down, flags, ours[1]);
}

/* ---- the race: turns, the median of each side ---- */

#define ROUNDS 15

static int double_order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double timed(void (*run)(void))
{
	double start = now();

	run();
	return now() - start;
}

static int race(const char *goal, void (*run)(void), double target)
{
	double us[ROUNDS], them[ROUNDS], ratio;
	const char *file = getenv("BENCH_JSON");
	FILE *out = file ? fopen(file, "a") : NULL;

	for (int i = -1; i < ROUNDS; i++) {
		double u = timed(run), t = timed(peer_both);

		us[i < 0 ? 0 : i] = u;
		them[i < 0 ? 0 : i] = t;
	}
	if (memcmp(ours, theirs, sizeof ours)) {
		fprintf(stderr, "%s: the states differ\n", goal);
		return 1;
	}
	qsort(us, ROUNDS, sizeof *us, double_order);
	qsort(them, ROUNDS, sizeof *them, double_order);
	ratio = them[ROUNDS / 2] / us[ROUNDS / 2];
	printf("%-28s %6.2f M paths/s, draft word by word %6.2f: %.2f\n", goal,
	       1e-6 * (double)paths.n / us[ROUNDS / 2], 1e-6 * (double)paths.n / them[ROUNDS / 2],
	       ratio);
	if (out) {
		fprintf(out,
			"{\"goal\":\"%s\",\"ours\":\"%.2f M/s\",\"peer\":\"%.2f "
			"M/s\",\"ratio\":%.2f,\"target\":\"%s%g\",\"status\":\"%s\"}\n",
			goal, 1e-6 * (double)paths.n / us[ROUNDS / 2],
			1e-6 * (double)paths.n / them[ROUNDS / 2], ratio, target > 0 ? ">= " : "",
			target,
			target <= 0	  ? "-"
			: ratio >= target ? "met"
					  : "missed");
		fclose(out);
	}
	return 0;
}

static void shuffle_paths(void)
{
	static struct path_sample from;
	static uint32_t order[SAMPLE_PATHS];
	uint64_t seed = 1;

	from = paths;
	for (size_t i = 0; i < paths.n; i++)
		order[i] = (uint32_t)i;
	for (size_t i = paths.n; i > 1; i--) {
		size_t j =
			(seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u) >> 33;
		uint32_t swap = order[i - 1];

		order[i - 1] = order[j % i];
		order[j % i] = swap;
	}
	for (size_t i = 0; i < paths.n; i++) {
		uint32_t at = from.start[order[i]], n = from.start[order[i] + 1] - at;

		memcpy(paths.asn + paths.start[i], from.asn + at, n * sizeof *paths.asn);
		paths.start[i + 1] = paths.start[i] + n;
	}
}

int main(void)
{
	static const unsigned adoption[] = {10, 100};
	int failed = 0;
	char file[4096], goal[64];

	snprintf(file, sizeof file, "%s/aspa/paths-40000.txt.xz",
		 getenv("MANRS_DATA") ? getenv("MANRS_DATA") : "../shared/data");
	if (!sample_paths(&paths, file)) {
		printf("skipped: no %s\n", file);
		return 0;
	}
	find_edges();
	printf("%zu paths, %zu ASes\n", paths.n, ases);
	shuffle_paths();
	for (size_t i = 0; i < 2; i++) {
		make_table(adoption[i]);
		if (manrs_owner_new(&owner, NULL) != MANRS_OK || !(db = sample_db(&table, owner)))
			return 2;
		snprintf(goal, sizeof goal, "P10 ASPA %u %%, both at once", adoption[i]);
		failed |= race(goal, our_both, 3);
		snprintf(goal, sizeof goal, "ASPA %u %%, a batch each way", adoption[i]);
		failed |= race(goal, our_batches, 0);
		snprintf(goal, sizeof goal, "ASPA %u %%, single calls", adoption[i]);
		failed |= race(goal, our_singles, 0);
		manrs_db_unref(db);
		manrs_owner_free(owner);
	}
	return failed;
}
