/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Longest-prefix match beside DPDK's rte_fib and rte_fib6 (P7, P8), on a full table: a random address of each prefix in
 * the table's order, the same shuffled ("random"), and drawn by Zipf's law over the prefixes. Both sides answer the same
 * queries in bulks of 64 or one by one, and must answer alike. DPDK takes the fastest lookup that it has for this
 * processor (AVX-512, or scalar code). Its memory is in 4 KB pages, as ours; LPM_THP=1 asks for huge ones for it.
 *
 * Beside rte_lpm and rte_lpm6 too. rte_lpm looks for each new rule among all of its length, which takes hours for a full
 * table, so it gets every tenth prefix, as we do then; rte_lpm6 gets all.
 */

#include "bench/bench.h"
#include "table/lpm_tables.h"

#include <math.h>
#include <sys/mman.h>

#ifdef HAVE_DPDK
#include <rte_cpuflags.h>
#include <rte_eal.h>
#include <rte_fib.h>
#include <rte_fib6.h>
#include <rte_lpm.h>
#include <rte_lpm6.h>
#include <rte_malloc.h>
#include <rte_memory.h>
#endif

#define ROUNDS 25
#define BULK   64

static struct bench_routes table;
static uint64_t seed = 1;

/* ---- the queries ---- */

struct queries {
	const char *name;
	size_t n;
	uint8_t (*six)[16];
	uint32_t *four, *host; /* network and host order */
};

/* order: 0 the table's, 1 shuffled, 2 Zipf with exponent 1. */
static struct queries make_queries(unsigned family, int order)
{
	struct queries q = {order == 0   ? "table"
			    : order == 1 ? "random"
					 : "zipf",
			    0, NULL, NULL, NULL};
	const manrs_prefix **p = malloc(table.n * sizeof *p);
	size_t n = 0;

	for (size_t i = 0; i < table.n; i++)
		if (table.at[i].prefix.family == family)
			p[n++] = &table.at[i].prefix;
	for (size_t i = n - 1; order && i > 0; i--) {
		size_t j = bench_below(&seed, i + 1);
		const manrs_prefix *t = p[i];

		p[i] = p[j];
		p[j] = t;
	}
	q.n = n / BULK * BULK;
	q.six = malloc(q.n * 16);
	q.four = malloc(q.n * 4);
	q.host = malloc(q.n * 4);
	for (size_t i = 0; i < q.n; i++) {
		double u = (double)(bench_random(&seed) >> 11) * 0x1p-53;
		size_t k = order == 2 ? (size_t)exp(u * log((double)n)) - 1 : i;

		bench_address(p[k < n ? k : n - 1], &seed, q.six[i]);
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

/* ---- one side each: all queries once, in bulks ---- */

struct work {
	void *object;
	unsigned family;
	const struct queries *q;
	size_t bulk;
};

static uint32_t sink[BULK];

static void run_ours(void *arg)
{
	const struct work *w = arg;
	const struct queries *q = w->q;

	for (size_t i = 0; i < q->n; i += w->bulk) {
		if (w->family == 4)
			manrs_lpm_lookup4(w->object, q->four + i, w->bulk, sink);
		else
			manrs_lpm_lookup6(w->object, q->six[i], w->bulk, sink);
	}
}

/* The loads of a lookup and nothing else: the slot, then the first word of its chunk, a bulk's in flight together. */
static void run_least(void *arg)
{
	const struct work *w = arg;
	const manrs_lpm *lpm = w->object;
	const struct queries *q = w->q;
	const uint64_t *at[BULK];
	uint64_t sum = 0;

	for (size_t i = 0; i < q->n; i += BULK) {
		for (size_t k = 0; k < BULK; k++) {
			at[k] = lpm->chunk4 + lpm->dir4[q->host[i + k] >> 14];
			cc_prefetch(at[k]);
		}
		for (size_t k = 0; k < BULK; k++)
			sum += *at[k];
	}
	sink[0] = (uint32_t)sum;
}

static manrs_lpm *compile(const manrs_trie *trie, uint32_t isa)
{
	manrs_lpm_config config;
	manrs_lpm *lpm = NULL;

	manrs_lpm_config_init(&config, sizeof config);
	config.isa = isa;
	return manrs_lpm_new(&lpm, trie, &config) == MANRS_OK ? lpm : NULL;
}

#ifdef HAVE_DPDK

static uint64_t wide[BULK];

static void run_fib(void *arg)
{
	const struct work *w = arg;
	const struct queries *q = w->q;

	for (size_t i = 0; i < q->n; i += w->bulk) {
		if (w->family == 4)
			rte_fib_lookup_bulk(w->object, q->host + i, wide, (int)w->bulk);
		else
			rte_fib6_lookup_bulk(w->object, q->six + i, wide, (int)w->bulk);
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

static bool differ(const manrs_lpm *lpm, void (*run)(void *), void *peer, unsigned family,
		   const struct queries *q)
{
	for (size_t i = 0; i < q->n; i += BULK) {
		struct queries part = {q->name, BULK, q->six + i, q->four + i, q->host + i};
		struct work ours = {(void *)(uintptr_t)lpm, family, &part, BULK};
		struct work theirs = {peer, family, &part, BULK};

		run_ours(&ours);
		run(&theirs);
		for (size_t k = 0; k < BULK; k++)
			if (sink[k] != wide[k])
				return true;
	}
	return false;
}

/* Their answers as numbers of 64 bits, and 0 for none, outside of what is timed: last_lpm has them as they come. */
static uint32_t last_lpm[BULK];
static int32_t last_lpm6[BULK];

static void run_lpm(void *arg)
{
	const struct work *w = arg;
	const struct queries *q = w->q;

	for (size_t i = 0; i < q->n; i += w->bulk) {
		if (w->family == 4)
			rte_lpm_lookup_bulk(w->object, q->host + i, last_lpm, (unsigned)w->bulk);
		else
			rte_lpm6_lookup_bulk_func(w->object, q->six + i, last_lpm6,
						  (unsigned)w->bulk);
	}
}

static void run_lpm_wide(void *arg)
{
	const struct work *w = arg;

	run_lpm(arg);
	for (size_t k = 0; k < BULK; k++)
		if (w->family == 4)
			wide[k] = last_lpm[k] & RTE_LPM_LOOKUP_SUCCESS ? last_lpm[k] & 0xffffff : 0;
		else
			wide[k] = last_lpm6[k] < 0 ? 0 : (uint64_t)last_lpm6[k];
}

static void race(const char *goal, const char *what, const char *unit, double target,
		 manrs_lpm *lpm, void *fib, unsigned family, const struct queries *q, size_t bulk)
{
	struct work work[2] = {{lpm, family, q, bulk}, {fib, family, q, bulk}};
	struct bench_side side[3] = {{.run = run_ours, .arg = &work[0]},
				     {.run = run_fib, .arg = &work[1]},
				     {.run = run_least, .arg = &work[0]}};
	bool least = family == 4 && bulk == BULK;
	char text[96];

	snprintf(text, sizeof text, "lpm ipv%u %s %s, %s", family, what, q->name, unit);
	bench_race(side, least ? 3 : 2, ROUNDS);
	bench_rate(&(struct bench_rate){.goal = goal,
					.what = text,
					.items = (double)q->n,
					.target = target,
					.ours = &side[0],
					.peer = &side[1],
					.bound = least ? &side[2] : NULL,
					.differ = differ(lpm, run_fib, fib, family, q)});
}

/* DPDK's vector lookup needs AVX-512; without it the default is scalar code. */
static const char *peer_name(void)
{
	return rte_cpu_get_flag_enabled(RTE_CPUFLAG_AVX512F) > 0 ? "M/s (rte_fib AVX-512)"
								 : "M/s (rte_fib scalar)";
}

static void race4(manrs_lpm *best, manrs_lpm *portable, struct rte_fib *fib)
{
	static const double target[] = {1.2, 2, 0.8};

	for (int order = 0; order < 3; order++) {
		struct queries q = make_queries(4, order);

		rte_fib_select_lookup(fib, RTE_FIB_LOOKUP_DEFAULT);
		race("P7", "batch", peer_name(), target[order], best, fib, 4, &q, BULK);
		race("", "single", peer_name(), 0, best, fib, 4, &q, 1);
		rte_fib_select_lookup(fib, RTE_FIB_LOOKUP_DIR24_8_SCALAR_INLINE);
		race("P7", "portable", "M/s (rte_fib scalar)", 1, portable, fib, 4, &q, BULK);
		free_queries(&q);
	}
}

static void race6(manrs_lpm *best, manrs_lpm *portable, struct rte_fib6 *fib)
{
	for (int order = 0; order < 3; order++) {
		struct queries q = make_queries(6, order);
		bool goal = order == 0;

		rte_fib6_select_lookup(fib, RTE_FIB6_LOOKUP_DEFAULT);
		race(goal ? "P8" : "", "batch", peer_name(), goal, best, fib, 6, &q, BULK);
		race(order < 2 ? "P8" : "", "single", peer_name(), order < 2 ? 2 : 0, best, fib, 6,
		     &q, 1);
		rte_fib6_select_lookup(fib, RTE_FIB6_LOOKUP_TRIE_SCALAR);
		race("", "portable", "M/s (rte_fib scalar)", 0, portable, fib, 6, &q, BULK);
		free_queries(&q);
	}
}

/* Every tenth prefix, IPv4. */
static manrs_lpm *tenth(void)
{
	manrs_trie *trie;
	manrs_lpm *lpm;

	if (manrs_trie_new(&trie, NULL) != MANRS_OK)
		return NULL;
	for (size_t i = 0; i < table.n; i += 10)
		if (table.at[i].prefix.family == 4)
			manrs_trie_set(trie, &table.at[i].prefix, i);
	lpm = compile(trie, MANRS_ISA_AUTO);
	manrs_trie_free(trie);
	return lpm;
}

/* A rule of length 0 is refused by both. */
static bool fill_lpm(const manrs_lpm *lpm, struct rte_lpm *four, struct rte_lpm6 *six)
{
	for (uint32_t i = 1; i <= manrs_lpm_count(lpm); i++) {
		manrs_prefix p;
		int rc = 0;

		manrs_lpm_entry(lpm, i, &p, NULL);
		if (four && p.family == 4 && p.len)
			rc = rte_lpm_add(four,
					 (uint32_t)p.addr[0] << 24 | (uint32_t)p.addr[1] << 16 |
						 (uint32_t)p.addr[2] << 8 | p.addr[3],
					 p.len, i);
		else if (six && p.family == 6 && p.len)
			rc = rte_lpm6_add(six, p.addr, p.len, i);
		if (rc < 0)
			return false;
	}
	return true;
}

static void race_lpm(const char *what, manrs_lpm *lpm, void *peer, unsigned family)
{
	for (int order = 0; order < 2; order++) {
		struct queries q = make_queries(family, order);
		struct work work[2] = {{lpm, family, &q, BULK}, {peer, family, &q, BULK}};
		struct bench_side side[2] = {{.run = run_ours, .arg = &work[0]},
					     {.run = run_lpm, .arg = &work[1]}};
		char text[96];

		snprintf(text, sizeof text, "lpm ipv%u batch %s, M/s (%s)", family, q.name, what);
		bench_race(side, 2, ROUNDS);
		bench_rate(&(struct bench_rate){
			.goal = "",
			.what = text,
			.items = (double)q.n,
			.ours = &side[0],
			.peer = &side[1],
			.differ = differ(lpm, run_lpm_wide, peer, family, &q)});
		free_queries(&q);
	}
}

static bool beside_lpm(manrs_lpm *best)
{
	struct rte_lpm_config four = {.max_rules = 1 << 17, .number_tbl8s = 1 << 12};
	struct rte_lpm6_config six = {.max_rules = 1 << 18, .number_tbl8s = 1 << 18};
	struct rte_lpm *lpm = rte_lpm_create("lpm", 0, &four);
	struct rte_lpm6 *lpm6 = rte_lpm6_create("lpm6", 0, &six);
	manrs_lpm *few = tenth();

	if (!lpm || !lpm6 || !few || !fill_lpm(few, lpm, NULL) || !fill_lpm(best, NULL, lpm6))
		return false;
	race_lpm("rte_lpm, a tenth of the prefixes", few, lpm, 4);
	race_lpm("rte_lpm6", best, lpm6, 6);
	rte_lpm_free(lpm);
	rte_lpm6_free(lpm6);
	manrs_lpm_free(few);
	return true;
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
	if (!beside_lpm(best))
		return 1;
	manrs_lpm_memory(best, &ours4, &ours6);
	/* Their tables without the RIB (dir24 and the groups) against ours without the entries: at most a sixth. */
	bench_most("P7", "lpm ipv4 memory, KB (a sixth of rte_fib's tables)", (double)ours4 / 1024,
		   65536 + 1024, (65536 + 1024) / 6.0);
	printf("with the routes themselves: IPv4 and IPv6 ours %zu KB, DPDK %zu KB + %zu KB\n",
	       manrs_lpm_memory(best, NULL, NULL) / 1024, used4 / 1024, used6 / 1024);
	return 0;
}

#else

static int beside_dpdk(manrs_lpm *best, manrs_lpm *portable)
{
	bench_skip("P7", "lpm ipv4", "libdpdk is not installed: our side alone");
	bench_skip("P8", "lpm ipv6", "");
	for (unsigned family = 4; family <= 6; family += 2)
		for (int order = 0; order < 3; order++) {
			struct queries q = make_queries(family, order);
			struct work work[2] = {{best, family, &q, BULK},
					       {portable, family, &q, BULK}};
			struct bench_side side[2] = {{.run = run_ours, .arg = &work[0]},
						     {.run = run_ours, .arg = &work[1]}};
			char text[96];

			snprintf(text, sizeof text, "lpm ipv%u %s, M/s (our portable path)", family,
				 q.name);
			bench_race(side, 2, ROUNDS);
			bench_rate(&(struct bench_rate){.goal = "",
							.what = text,
							.items = (double)q.n,
							.ours = &side[0],
							.peer = &side[1]});
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

	bench_pin();
	bench_prefixes(&table);
	if (manrs_trie_new(&trie, NULL) != MANRS_OK)
		return 1;
	for (size_t i = 0; i < table.n; i++)
		manrs_trie_set(trie, &table.at[i].prefix, i);
	start = bench_now();
	best = compile(trie, MANRS_ISA_AUTO);
	bench_figure("lpm compile, s", bench_now() - start, 0);
	portable = compile(trie, MANRS_ISA_PORTABLE);
	manrs_trie_free(trie);
	if (!best || !portable)
		return 1;
	rc = beside_dpdk(best, portable);
	manrs_lpm_free(best);
	manrs_lpm_free(portable);
	free(table.at);
	return rc;
}
