/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Longest-prefix match beside DPDK's rte_fib and rte_fib6, on a real table: a random address of each
 * prefix in the table's order, the same shuffled ("random"), and drawn by Zipf's law over the
 * prefixes. Both sides answer the same queries in turns, in bulks of 64 or one by one; medians of
 * the rounds (LPM_BEST=1: the best, on a machine that others use); the answers must be equal. DPDK's memory is in 4 KB pages, as ours; with LPM_THP=1 it
 * is asked to be in transparent huge pages.
 */

#include <manrs/manrs.h>

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <zlib.h>

#ifdef HAVE_DPDK
#include <rte_eal.h>
#include <rte_fib.h>
#include <rte_fib6.h>
#include <rte_malloc.h>
#include <rte_memory.h>
#endif

#define ROUNDS 25
#define BULK   64

static manrs_prefix *table;
static size_t n_table;

static uint64_t seed = 1;
static uint64_t next_random(void)
{
	uint64_t z = (seed += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- the table and the queries ---- */

static bool read_table(void)
{
	const char *root = getenv("MANRS_DATA");
	char path[4096], line[128];
	size_t cap = 0;
	gzFile in;

	snprintf(path, sizeof path, "%s/bench/prefixes-2024-01.txt.gz",
		 root ? root : "../shared/data");
	in = gzopen(path, "rb");
	while (in && gzgets(in, line, sizeof line)) {
		if (n_table == cap)
			table = realloc(table, (cap = cap ? 2 * cap : 1 << 16) * sizeof *table);
		if (manrs_prefix_parse(&table[n_table], line, strcspn(line, "\r\n"), NULL) ==
		    MANRS_OK)
			n_table++;
	}
	if (in)
		gzclose(in);
	return n_table > 0;
}

struct queries {
	const char *name;
	size_t n;
	uint8_t (*six)[16];
	uint32_t *four, *host; /* network and host order */
};

static void address_in(const manrs_prefix *p, uint8_t *addr)
{
	for (unsigned i = 0; i < 16; i++) {
		unsigned keep = p->len >= 8 * i + 8 ? 0
				: p->len <= 8 * i   ? 255
						    : 255u >> p->len % 8;

		addr[i] = (uint8_t)(p->addr[i] | (next_random() & keep));
	}
}

/* order: 0 the table's, 1 shuffled, 2 Zipf with exponent 1. */
static struct queries make_queries(unsigned family, int order)
{
	struct queries q = {order == 0	 ? "table"
			    : order == 1 ? "random"
					 : "zipf",
			    0, NULL, NULL, NULL};
	const manrs_prefix **p = malloc(n_table * sizeof *p);
	size_t n = 0;

	for (size_t i = 0; i < n_table; i++)
		if (table[i].family == family)
			p[n++] = &table[i];
	for (size_t i = n - 1; order && i > 0; i--) {
		size_t j = next_random() % (i + 1);
		const manrs_prefix *t = p[i];

		p[i] = p[j];
		p[j] = t;
	}
	q.n = n / BULK * BULK;
	q.six = malloc(q.n * 16);
	q.four = malloc(q.n * 4);
	q.host = malloc(q.n * 4);
	for (size_t i = 0; i < q.n; i++) {
		double u = (double)(next_random() >> 11) * 0x1p-53;
		size_t k = order == 2 ? (size_t)exp(u * log((double)n)) - 1 : i;

		address_in(p[k < n ? k : n - 1], q.six[i]);
		memcpy(&q.four[i], q.six[i], 4);
		q.host[i] = (uint32_t)q.six[i][0] << 24 | (uint32_t)q.six[i][1] << 16 |
			    (uint32_t)q.six[i][2] << 8 | q.six[i][3];
	}
	free(p);
	return q;
}

static void free_queries(struct queries *q)
{
	free(q->six);
	free(q->four);
	free(q->host);
}

/* ---- results ---- */

/* Goals that cannot be measured here. */
static void skip(const char *why)
{
	const char *path = getenv("BENCH_JSON");
	FILE *out = path ? fopen(path, "a") : NULL;

	printf("skipped: %s\n", why);
	for (int goal = 7; out && goal <= 8; goal++)
		fprintf(out, "{\"goal\":\"P%d\",\"status\":\"skipped\"}\n", goal);
	if (out)
		fclose(out);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *v, size_t n)
{
	qsort(v, n, sizeof *v, by_value);
	return v[getenv("LPM_BEST") ? n - 1 : n / 2];
}

/* ---- one side each: all queries once, in bulks ---- */

struct side {
	void (*run)(void *object, unsigned family, const struct queries *q, size_t bulk);
	void *object;
};

static uint32_t sink[BULK];

static void run_ours(void *object, unsigned family, const struct queries *q, size_t bulk)
{
	for (size_t i = 0; i < q->n; i += bulk) {
		if (family == 4)
			manrs_lpm_lookup4(object, q->four + i, bulk, sink);
		else
			manrs_lpm_lookup6(object, q->six[i], bulk, sink);
	}
}

static double rate(struct side side, unsigned family, const struct queries *q, size_t bulk)
{
	size_t times = 1 + 1600000 / q->n;
	double start;

	side.run(side.object, family, q, bulk); /* the other side has had the caches */
	start = now();
	for (size_t i = 0; i < times; i++)
		side.run(side.object, family, q, bulk);
	return (double)(q->n * times) / (now() - start) / 1e6;
}

#define SIDES 4
/* All sides in turns; rates[] are medians in millions a second. */
static void race(const struct side *side, size_t sides, unsigned family, const struct queries *q,
		 size_t bulk, double *rates)
{
	double got[SIDES][ROUNDS];

	for (size_t r = 0; r < ROUNDS; r++)
		for (size_t s = 0; s < sides; s++)
			got[s][r] = rate(side[s], family, q, bulk);
	for (size_t s = 0; s < sides; s++)
		rates[s] = median(got[s], ROUNDS);
}

static manrs_lpm *compile(const manrs_trie *trie, uint32_t isa)
{
	manrs_lpm_config config;
	manrs_lpm *lpm = NULL;

	manrs_lpm_config_init(&config);
	config.isa = isa;
	return manrs_lpm_new(&lpm, trie, &config) == MANRS_OK ? lpm : NULL;
}

#ifdef HAVE_DPDK

static void report(const char *goal, double ours, double peer, double target)
{
	const char *path = getenv("BENCH_JSON");
	FILE *out = path ? fopen(path, "a") : NULL;
	double ratio = ours / peer;
	const char *status = ratio >= target ? "met" : "missed";

	printf("%-28s ours %9.1f  peer %9.1f  ratio %5.2f  target %.2f  %s\n", goal, ours, peer,
	       ratio, target, status);
	if (out) {
		fprintf(out,
			"{\"goal\":\"%s\",\"ours\":%.1f,\"peer\":%.1f,\"ratio\":%.2f,\"target\":%."
			"2f,"
			"\"status\":\"%s\"}\n",
			goal, ours, peer, ratio, target, status);
		fclose(out);
	}
}

static uint64_t wide[BULK];

static void run_fib(void *object, unsigned family, const struct queries *q, size_t bulk)
{
	for (size_t i = 0; i < q->n; i += bulk) {
		if (family == 4)
			rte_fib_lookup_bulk(object, q->host + i, wide, (int)bulk);
		else
			rte_fib6_lookup_bulk(object, q->six + i, wide, (int)bulk);
	}
}

static int advise(const struct rte_memseg_list *list, const struct rte_memseg *seg, size_t len,
		  void *arg)
{
	(void)list;
	(void)arg;
	madvise(seg->addr, len, MADV_HUGEPAGE);
	return 0;
}

static size_t dpdk_bytes(void)
{
	struct rte_malloc_socket_stats s;
	size_t sum = 0;

	for (int i = 0; i < 2; i++)
		if (rte_malloc_get_socket_stats(i, &s) == 0)
			sum += s.heap_allocsz_bytes;
	return sum;
}

/* DPDK's tables with our entries' numbers as next hops. */
static bool fill_fib(const manrs_lpm *lpm, struct rte_fib *fib, struct rte_fib6 *fib6)
{
	for (uint32_t i = 1; i <= manrs_lpm_count(lpm); i++) {
		manrs_prefix p;
		uint32_t host;
		int rc;

		manrs_lpm_entry(lpm, i, &p, NULL);
		host = (uint32_t)p.addr[0] << 24 | (uint32_t)p.addr[1] << 16 |
		       (uint32_t)p.addr[2] << 8 | p.addr[3];
		rc = p.family == 4 ? rte_fib_add(fib, host, p.len, i)
				   : rte_fib6_add(fib6, p.addr, p.len, i);
		if (rc) {
			fprintf(stderr, "lpm_bench: DPDK refuses an IPv%d entry: %d\n", p.family,
				rc);
			return false;
		}
	}
	return true;
}

static void same_answers(const manrs_lpm *lpm, void *fib, unsigned family, const struct queries *q)
{
	for (size_t i = 0; i < q->n; i += BULK) {
		struct queries part = {q->name, BULK, q->six + i, q->four + i, q->host + i};

		run_ours((void *)(uintptr_t)lpm, family, &part, BULK);
		run_fib(fib, family, &part, BULK);
		for (size_t k = 0; k < BULK; k++)
			if (sink[k] != wide[k]) {
				fprintf(stderr, "lpm_bench: the answers differ\n");
				exit(1);
			}
	}
}

static void race4(manrs_lpm *best, manrs_lpm *portable, struct rte_fib *fib)
{
	static const double target[] = {1.2, 2, 0.8};

	for (int order = 0; order < 3; order++) {
		struct queries q = make_queries(4, order);
		struct side side[] = {{run_ours, best}, {run_fib, fib}, {run_ours, portable}};
		double rates[SIDES];
		char goal[64];

		rte_fib_select_lookup(fib, RTE_FIB_LOOKUP_DEFAULT);
		same_answers(best, fib, 4, &q);
		same_answers(portable, fib, 4, &q);
		race(side, 2, 4, &q, BULK, rates);
		snprintf(goal, sizeof goal, "P7 %s", q.name);
		report(goal, rates[0], rates[1], target[order]);
		rte_fib_select_lookup(fib, RTE_FIB_LOOKUP_DIR24_8_SCALAR_INLINE);
		race(side + 1, 2, 4, &q, BULK, rates);
		snprintf(goal, sizeof goal, "P7 %s portable, scalar", q.name);
		report(goal, rates[1], rates[0], 1);
		race(side, 2, 4, &q, 1, rates);
		printf("%-28s ours %9.1f  peer %9.1f\n", "  one by one", rates[0], rates[1]);
		free_queries(&q);
	}
}

static void race6(manrs_lpm *best, manrs_lpm *portable, struct rte_fib6 *fib)
{
	for (int order = 0; order < 3; order++) {
		struct queries q = make_queries(6, order);
		struct side side[] = {{run_ours, best}, {run_fib, fib}, {run_ours, portable}};
		double rates[SIDES];
		char goal[64];

		rte_fib6_select_lookup(fib, RTE_FIB6_LOOKUP_DEFAULT);
		same_answers(best, fib, 6, &q);
		same_answers(portable, fib, 6, &q);
		race(side, 3, 6, &q, BULK, rates);
		snprintf(goal, sizeof goal, "P8 batch %s", q.name);
		if (order == 0)
			report(goal, rates[0], rates[1], 1);
		else
			printf("%-28s ours %9.1f  peer %9.1f\n", goal, rates[0], rates[1]);
		printf("%-28s ours %9.1f\n", "  portable", rates[2]);
		race(side, 3, 6, &q, 1, rates);
		snprintf(goal, sizeof goal, "P8 single %s", q.name);
		if (order < 2)
			report(goal, rates[0], rates[1], 2);
		free_queries(&q);
	}
}

static int beside_dpdk(manrs_lpm *best, manrs_lpm *portable)
{
	static char *args[] = {"lpm_bench",
			       "--no-huge",
			       "--no-pci",
			       "--no-shconf",
			       "-m",
			       "2048",
			       "--no-telemetry",
			       "--log-level=error",
			       "--force-max-simd-bitwidth=512",
			       NULL};
	struct rte_fib_conf four = {.type = RTE_FIB_DIR24_8, .max_routes = 1 << 20};
	struct rte_fib6_conf six = {.type = RTE_FIB6_TRIE, .max_routes = 1 << 18};
	struct rte_fib *fib;
	struct rte_fib6 *fib6;
	size_t before, used4, ours4, ours6, used6;

	if (rte_eal_init(sizeof args / sizeof *args - 1, args) < 0)
		return 1;
	if (getenv("LPM_THP"))
		rte_memseg_contig_walk(advise, NULL);
	four.dir24_8.nh_sz = RTE_FIB_DIR24_8_4B;
	four.dir24_8.num_tbl8 = 1024;
	six.trie.nh_sz = RTE_FIB6_TRIE_4B;
	six.trie.num_tbl8 = 1 << 18;
	before = dpdk_bytes();
	fib = rte_fib_create("four", 0, &four);
	used4 = dpdk_bytes() - before;
	fib6 = rte_fib6_create("six", 0, &six);
	used6 = dpdk_bytes() - before - used4;
	if (!fib || !fib6 || !fill_fib(best, fib, fib6))
		return 1;
	race4(best, portable, fib);
	race6(best, portable, fib6);
	manrs_lpm_memory(best, &ours4, &ours6);
	/* Their tables without the RIB against ours without the entries. */
	report("P7 memory, KB the other way", 65536 + 1024, (double)ours4 / 1024, 6);
	printf("with the routes themselves: IPv4 and IPv6 ours %zu KB, DPDK %zu KB + %zu KB\n",
	       manrs_lpm_memory(best, NULL, NULL) / 1024, used4 / 1024, used6 / 1024);
	return 0;
}

#else

static int beside_dpdk(manrs_lpm *best, manrs_lpm *portable)
{
	skip("libdpdk is not installed: our side alone");
	for (unsigned family = 4; family <= 6; family += 2)
		for (int order = 0; order < 3; order++) {
			struct queries q = make_queries(family, order);
			struct side side[] = {{run_ours, best}, {run_ours, portable}};
			double rates[SIDES];

			race(side, 2, family, &q, BULK, rates);
			printf("IPv%u %-28s ours %9.1f portable %9.1f\n", family, q.name, rates[0],
			       rates[1]);
			free_queries(&q);
		}
	return 0;
}

#endif

int main(void)
{
	manrs_lpm *best, *portable;
	manrs_trie *trie;
	double start;
	int rc;

	if (!read_table()) {
		skip("bench/prefixes-2024-01.txt.gz is not there");
		return 0;
	}
	if (manrs_trie_new(&trie, NULL) != MANRS_OK)
		return 1;
	for (size_t i = 0; i < n_table; i++)
		manrs_trie_set(trie, &table[i], i);
	start = now();
	best = compile(trie, MANRS_ISA_AUTO);
	printf("%zu prefixes compiled in %.3f s\n", manrs_trie_count(trie), now() - start);
	portable = compile(trie, MANRS_ISA_PORTABLE);
	manrs_trie_free(trie);
	if (!best || !portable)
		return 1;
	rc = beside_dpdk(best, portable);
	manrs_lpm_free(best);
	manrs_lpm_free(portable);
	free(table);
	return rc;
}
