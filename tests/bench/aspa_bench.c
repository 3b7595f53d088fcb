/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ASPA verification of 40,000 real paths, both directions, beside the draft word by word over sorted arrays: customers
 * and the providers of each found by binary search, a loop for each of the four ramps.
 *
 * The attestations are made from the paths: of two neighbours the one with more neighbours is the provider; an AS with
 * none above it attests AS0. Of all ASes 10 % or 100 % attest. Both sides must give the same states.
 */

#include "bench/bench.h"
#include "check/aspa_sample.h"

static struct path_sample paths;
static struct aspa_sample table;
static manrs_db_owner *owner;
static manrs_db *db;
static uint8_t ours[2][SAMPLE_PATHS], theirs[2][SAMPLE_PATHS];

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

static void peer_both(void *none)
{
	static uint32_t a[SAMPLE_HOPS];

	(void)none;
	for (size_t i = 0; i < paths.n; i++) {
		uint32_t N = reversed(a, paths.asn + paths.start[i],
				      paths.start[i + 1] - paths.start[i]);

		theirs[0][i] = draft_up(a, N);
		theirs[1][i] = draft_down(a, N);
	}
}

/* ---- ours ---- */

static void our_both(void *none)
{
	manrs_paths batch = {paths.asn, NULL, paths.start, paths.n};

	(void)none;
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

static void our_singles(void *none)
{
	(void)none;
	our_single(0, MANRS_ROLE_CUSTOMER);
	our_single(1, MANRS_ROLE_PROVIDER);
}

static void our_batches(void *none)
{
	static const uint8_t up = MANRS_ROLE_CUSTOMER, down = MANRS_ROLE_PROVIDER;
	manrs_paths batch = {paths.asn, NULL, paths.start, paths.n};
	uint32_t flags = MANRS_ASPA_ANY_NEIGHBOUR | MANRS_ASPA_COMMON;

	(void)none;
	manrs_aspa_check_many(db, &batch, NULL, &up, flags, ours[0]);
	manrs_aspa_check_many(db, &batch, NULL, &down, flags, ours[1]);
}

static void race(const char *goal, const char *what, unsigned percent, void (*run)(void *),
		 double target)
{
	struct bench_side side[2] = {{.run = run}, {.run = peer_both}};
	char text[80];

	bench_race(side, 2, 15);
	snprintf(text, sizeof text, "aspa %u %%, %s, M paths/s (the draft, sorted arrays)", percent,
		 what);
	bench_rate(&(struct bench_rate){.goal = goal,
					.what = text,
					.items = (double)paths.n,
					.target = target,
					.ours = &side[0],
					.peer = &side[1],
					.differ = memcmp(ours, theirs, sizeof ours) != 0});
}

/* Paths as from 70,000 ASes of which few have many neighbours: each hop's provider is one of the better connected. */
static void generate_paths(void)
{
	uint64_t seed = 5;

	bench_generated();
	for (paths.n = 0; paths.n < SAMPLE_PATHS; paths.n++) {
		uint32_t at = paths.start[paths.n], n = 3 + (uint32_t)(bench_random(&seed) % 4);
		uint32_t asn = 1 + (uint32_t)(bench_random(&seed) % 70000);

		if (at + n > SAMPLE_HOPS)
			break;
		for (uint32_t h = n; h-- > 0;
		     asn = 1 + asn / (3 + (uint32_t)(bench_random(&seed) % 8)))
			paths.asn[at + h] = asn;
		paths.start[paths.n + 1] = at + n;
	}
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
		size_t j = (size_t)((seed = seed * UINT64_C(6364136223846793005) +
					    1442695040888963407u) >>
				    33);
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
	const char *root = getenv("MANRS_DATA");
	char file[4096];

	bench_pin();
	snprintf(file, sizeof file, "%s/aspa/paths-40000.txt.xz", root ? root : "../shared/data");
	if (!sample_paths(&paths, file))
		generate_paths();
	find_edges();
	printf("%zu paths, %zu ASes\n", paths.n, ases);
	shuffle_paths();
	for (size_t i = 0; i < 2; i++) {
		make_table(adoption[i]);
		if (manrs_db_owner_new(&owner, NULL) != MANRS_OK ||
		    !(db = sample_db(&table, owner)))
			return 2;
		race("P10", "both directions at once", adoption[i], our_both, 3);
		race("", "a batch each way", adoption[i], our_batches, 0);
		race("", "single calls", adoption[i], our_singles, 0);
		manrs_db_unref(db);
		manrs_db_owner_free(owner);
	}
	return 0;
}
