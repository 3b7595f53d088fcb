/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * uRPF checks a second on the full table of 2024 with 64 interfaces, beside our own longest match (P9) and DPDK's rte_fib
 * with a comparison of the next hop, which is strict uRPF as a data plane without us would do it; the commit of one
 * changed route.
 */

#include "bench/bench.h"

#ifdef HAVE_DPDK
#include <rte_eal.h>
#include <rte_fib.h>
#include <rte_fib6.h>
#endif

#define IFACES  64
#define QUERIES (1u << 20)
#define ROUNDS  11

static struct bench_routes table;
static uint16_t *port; /* of the table's routes */
static uint16_t handle[IFACES];

struct queries {
	uint32_t *src4, *host4;
	uint8_t *src6;
	uint16_t *iface;
	uint8_t *allow;
	uint32_t *index;
	uint64_t *next;
	size_t n;
};

/* The modes in turn, or one. */
static manrs_urpf *build(manrs_urpf_owner *owner, int mode)
{
	manrs_urpf_edit *edit;
	manrs_urpf *u;
	double t = bench_now();

	manrs_urpf_edit_begin(&edit, owner, NULL);
	for (int i = 0; i < IFACES; i++) {
		static const int modes[] = {MANRS_URPF_STRICT, MANRS_URPF_FEASIBLE,
					    MANRS_URPF_LOOSE, MANRS_URPF_EFP_A, MANRS_URPF_EFP_B};
		manrs_urpf_iface f;

		manrs_urpf_iface_init(&f, sizeof f);
		f.mode = (uint32_t)(mode ? mode : modes[i % 5]);
		f.role = MANRS_ROLE_CUSTOMER;
		f.asn = (uint32_t)i + 1;
		handle[i] = MANRS_URPF_NO_IFACE;
		manrs_urpf_edit_iface_add(edit, &handle[i], &f);
	}
	for (size_t i = 0; i < table.n; i += 1024) {
		manrs_urpf_entry e[1024];
		size_t n = table.n - i < 1024 ? table.n - i : 1024;

		for (size_t k = 0; k < n; k++)
			e[k] = (manrs_urpf_entry){
				.route = {table.at[i + k].prefix, 1 + (uint32_t)(i + k) / 12},
				.iface = port[i + k],
				.flags = MANRS_URPF_BEST};
		manrs_urpf_edit_rib(edit, MANRS_ADD, e, n, NULL, NULL, NULL);
	}
	printf("%s: %.2f s to feed, ", mode ? manrs_urpf_mode_text(mode) : "all modes",
	       bench_now() - t);
	t = bench_now();
	if (manrs_urpf_edit_commit(edit, &u, NULL, 0) != MANRS_OK)
		exit(1);
	manrs_urpf_stats st = {.size = sizeof st};

	manrs_urpf_stats_get(u, &st);
	printf("%.2f s to compile, %llu rows, %.0f MB\n", bench_now() - t,
	       (unsigned long long)st.rows, (double)st.bytes_all / 1e6);
	return u;
}

/* A snapshot as they mostly are: since all was compiled, that many routes of each family came by a second interface. */
#define CHANGES 4096
#define COMMIT  64

static manrs_urpf *lived(manrs_urpf_owner *owner, manrs_urpf *u)
{
	size_t start[2] = {0, 0}, n[2];
	uint64_t seed = 5;

	while (table.at[start[1]].prefix.family == 4)
		start[1]++;
	n[0] = start[1];
	n[1] = table.n - start[1];
	for (int done = 0; done < CHANGES; done += COMMIT) {
		manrs_urpf_edit *edit;
		manrs_urpf *next;

		manrs_urpf_edit_begin(&edit, owner, u);
		for (int i = 0; i < 2 * COMMIT; i++) {
			size_t k = start[i % 2] + bench_below(&seed, n[i % 2]);
			manrs_urpf_entry e = {.route = {table.at[k].prefix, 1 + (uint32_t)k / 12},
					      .iface = (uint16_t)((port[k] + 1) % IFACES),
					      .flags = MANRS_URPF_BEST};

			manrs_urpf_edit_rib(edit, MANRS_ADD, &e, 1, NULL, NULL, NULL);
		}
		if (manrs_urpf_edit_commit(edit, &next, NULL, 1) != MANRS_OK)
			exit(1);
		manrs_urpf_unref(u);
		manrs_urpf_reclaim(owner, 0);
		u = next;
	}
	return u;
}

/* An address in each of QUERIES routes of a family, in the table's order or shuffled; the interface is right for half. */
static struct queries ask(unsigned family, bool shuffled)
{
	struct queries q = {.n = 0};
	uint64_t seed = 9;
	size_t *at = malloc(table.n * sizeof *at), n = 0;

	q.src4 = malloc(QUERIES * 4);
	q.host4 = malloc(QUERIES * 4);
	q.src6 = malloc(QUERIES * 16);
	q.iface = malloc(QUERIES * 2);
	q.allow = malloc(QUERIES);
	q.index = malloc(QUERIES * 4);
	q.next = malloc(QUERIES * 8);
	for (size_t i = 0; i < table.n; i++)
		if (table.at[i].prefix.family == family)
			at[n++] = i;
	for (size_t i = n; shuffled && i > 1; i--) {
		size_t j = bench_below(&seed, i), t = at[i - 1];

		at[i - 1] = at[j];
		at[j] = t;
	}
	for (; q.n < QUERIES; q.n++) {
		const manrs_prefix *p = &table.at[at[q.n % n]].prefix;
		uint64_t r[2] = {bench_random(&seed), bench_random(&seed)};
		uint8_t a[16];

		memcpy(a, p->addr, 16);
		for (unsigned b = p->len; b < (family == 4 ? 32 : 128); b++)
			a[b / 8] |= (uint8_t)((r[b / 64] >> b % 64 & 1) << (7 - b % 8));
		memcpy(&q.src4[q.n], a, 4);
		q.host4[q.n] =
			(uint32_t)a[0] << 24 | (uint32_t)a[1] << 16 | (uint32_t)a[2] << 8 | a[3];
		memcpy(q.src6 + 16 * q.n, a, 16);
		q.iface[q.n] = r[1] >> 63 ? port[at[q.n % n]] : (uint16_t)(r[0] % IFACES);
	}
	free(at);
	return q;
}

static void queries_free(struct queries *q)
{
	free(q->src4);
	free(q->host4);
	free(q->src6);
	free(q->iface);
	free(q->allow);
	free(q->index);
	free(q->next);
}

/* One side: answer all queries. */
struct work {
	const void *what;
	unsigned family;
	struct queries *q;
};

static void side_batch(void *arg)
{
	const struct work *w = arg;
	struct queries *q = w->q;

	if (w->family == 4)
		manrs_urpf_check4(w->what, q->src4, q->iface, q->n, q->allow);
	else
		manrs_urpf_check6(w->what, q->src6, q->iface, q->n, q->allow);
}

static void side_single(void *arg)
{
	const struct work *w = arg;
	struct queries *q = w->q;

	for (size_t i = 0; i < q->n; i++)
		if (w->family == 4)
			manrs_urpf_check4(w->what, q->src4 + i, q->iface + i, 1, q->allow + i);
		else
			manrs_urpf_check6(w->what, q->src6 + 16 * i, q->iface + i, 1, q->allow + i);
}

static void side_lpm(void *arg)
{
	const struct work *w = arg;
	struct queries *q = w->q;

	if (w->family == 4)
		manrs_lpm_lookup4(w->what, q->src4, q->n, q->index);
	else
		manrs_lpm_lookup6(w->what, q->src6, q->n, q->index);
}

#ifdef HAVE_DPDK
static struct rte_fib *fib4;
static struct rte_fib6 *fib6;

static bool dpdk_open(void)
{
	char *args[] = {"bench", "--no-huge", "--no-pci", "--no-shconf", "-m", "2048", NULL};
	struct rte_fib_conf c4 = {
		.type = RTE_FIB_DIR24_8, .default_nh = 0xffff, .max_routes = 2000000};
	struct rte_fib6_conf c6 = {
		.type = RTE_FIB6_TRIE, .default_nh = 0xffff, .max_routes = 500000};

	c4.dir24_8.nh_sz = RTE_FIB_DIR24_8_4B;
	c4.dir24_8.num_tbl8 = 1 << 16;
	c6.trie.nh_sz = RTE_FIB6_TRIE_4B;
	c6.trie.num_tbl8 = 1 << 18;
	if (rte_eal_init(6, args) < 0)
		return false;
	fib4 = rte_fib_create("4", -1, &c4);
	fib6 = rte_fib6_create("6", -1, &c6);
	for (size_t i = 0; fib4 && fib6 && i < table.n; i++) {
		const manrs_prefix *p = &table.at[i].prefix;
		uint32_t a = (uint32_t)p->addr[0] << 24 | (uint32_t)p->addr[1] << 16 |
			     (uint32_t)p->addr[2] << 8 | p->addr[3];

		if (p->family == 4)
			rte_fib_add(fib4, a, p->len, port[i]);
		else
			rte_fib6_add(fib6, p->addr, p->len, port[i]);
	}
	return fib4 && fib6;
}

static void side_dpdk(void *arg)
{
	const struct work *w = arg;
	struct queries *q = w->q;

	for (size_t i = 0; i < q->n; i += 64) {
		if (w->family == 4)
			rte_fib_lookup_bulk(fib4, q->host4 + i, q->next + i, 64);
		else
			rte_fib6_lookup_bulk(fib6, (uint8_t(*)[16])(q->src6 + 16 * i), q->next + i,
					     64);
		for (size_t k = i; k < i + 64; k++)
			q->allow[k] = q->next[k] == q->iface[k];
	}
}

/* Strict answers of both, but for sources that are martian to us. */
static size_t dpdk_differs(const manrs_urpf *u, unsigned family, struct queries *q)
{
	struct work work = {u, family, q};
	uint8_t *ours = malloc(q->n);
	size_t wrong = 0;

	side_batch(&work);
	memcpy(ours, q->allow, q->n);
	side_dpdk(&work);
	for (size_t i = 0; i < q->n; i++) {
		manrs_urpf_explanation why = {.size = sizeof why};
		manrs_prefix p = {.family = (uint8_t)family, .len = family == 4 ? 32 : 128};

		if (ours[i] == q->allow[i])
			continue;
		memcpy(p.addr, q->src6 + 16 * i, family == 4 ? 4 : 16);
		manrs_urpf_explain(u, &p, q->iface[i], &why, NULL, 0);
		wrong += why.step != MANRS_URPF_STEP_MARTIAN;
	}
	free(ours);
	return wrong;
}
#endif

static manrs_lpm *lpm_of_table(void)
{
	manrs_trie *trie;
	manrs_lpm *l;

	manrs_trie_new(&trie, NULL);
	for (size_t i = 0; i < table.n; i++)
		manrs_trie_set(trie, &table.at[i].prefix, port[i]);
	manrs_lpm_new(&l, trie, NULL);
	manrs_trie_free(trie);
	return l;
}

/* The next hop of a longest match says no more than a row: both sides look at the same tables, ours tests a bit as well. */
static void beside_lpm(const manrs_urpf *u, const char *modes)
{
	manrs_lpm *l = lpm_of_table();
	char text[80];

	for (unsigned family = 4; family <= 6; family += 2)
		for (int shuffled = 0; shuffled < 2; shuffled++) {
			struct queries q = ask(family, shuffled);
			struct work ours = {u, family, &q}, own = {l, family, &q};
			struct bench_side side[3] = {{.run = side_batch, .arg = &ours},
						     {.run = side_lpm, .arg = &own},
						     {.run = side_single, .arg = &ours}};

			bench_race(side, 3, ROUNDS);
			snprintf(text, sizeof text, "urpf %s v%u %s, M/s (our lpm)", modes, family,
				 shuffled ? "random" : "table");
			bench_rate(&(struct bench_rate){.goal = "P9",
							.what = text,
							.items = (double)q.n,
							.target = 0.8,
							.ours = &side[0],
							.peer = &side[1]});
			snprintf(text, sizeof text, "urpf %s v%u %s single, M/s", modes, family,
				 shuffled ? "random" : "table");
			bench_rate(&(struct bench_rate){
				.goal = "", .what = text, .items = (double)q.n, .ours = &side[2]});
			queries_free(&q);
		}
	manrs_lpm_free(l);
}

static void beside_dpdk(const manrs_urpf *strict)
{
#ifdef HAVE_DPDK
	char text[80];

	if (!dpdk_open()) {
		printf("DPDK does not start here\n");
		return;
	}
	for (unsigned family = 4; family <= 6; family += 2)
		for (int shuffled = 0; shuffled < 2; shuffled++) {
			struct queries q = ask(family, shuffled);
			size_t wrong = dpdk_differs(strict, family, &q);
			struct work work = {strict, family, &q};
			struct bench_side side[2] = {{.run = side_batch, .arg = &work},
						     {.run = side_dpdk, .arg = &work}};

			bench_race(side, 2, ROUNDS);
			snprintf(text, sizeof text,
				 "urpf strict v%u %s, M/s (rte_fib and a compare)", family,
				 shuffled ? "random" : "table");
			bench_rate(&(struct bench_rate){.goal = "",
							.what = text,
							.items = (double)q.n,
							.ours = &side[0],
							.peer = &side[1],
							.differ = wrong > 0});
			queries_free(&q);
		}
#else
	(void)strict;
	printf("libdpdk is not installed: no rte_fib beside uRPF\n");
#endif
}

/* One route flaps. */
static void one_route(manrs_urpf_owner *owner, manrs_urpf *u, const char *what)
{
	double t[200];
	uint64_t seed = 3;

	for (size_t i = 0; i < 200; i++) {
		size_t k = bench_below(&seed, table.n);
		manrs_urpf_entry e = {.route = {table.at[k].prefix, 1 + (uint32_t)k / 12},
				      .iface = port[k],
				      .flags = MANRS_URPF_BEST};
		manrs_urpf_edit *edit;
		manrs_urpf *old = u;

		t[i] = bench_now();
		manrs_urpf_edit_begin(&edit, owner, old);
		manrs_urpf_edit_rib(edit, MANRS_REMOVE, &e, 1, NULL, NULL, NULL);
		if (manrs_urpf_edit_commit(edit, &u, NULL, i) != MANRS_OK)
			exit(1);
		t[i] = 1e6 * (bench_now() - t[i]);
		manrs_urpf_unref(old);
		manrs_urpf_reclaim(owner, 0);
	}
	char text[80];

	snprintf(text, sizeof text, "urpf commit of one route, %s, us", what);
	bench_figure(text, bench_median(t, 200), 0);
	manrs_urpf_unref(u);
}

int main(void)
{
	manrs_urpf_owner *owner;
	manrs_urpf *u;
	uint64_t seed = 1;

	bench_pin();
	bench_prefixes(&table);
	port = malloc(table.n * sizeof *port);
	for (size_t i = 0; i < table.n; i++)
		port[i] = (uint16_t)(bench_random(&seed) % IFACES);
	for (int mode = MANRS_URPF_STRICT; mode >= 0; mode -= MANRS_URPF_STRICT) {
		manrs_urpf_owner_new(&owner, NULL);
		u = build(owner, mode);
		if (mode)
			beside_dpdk(u);
		u = lived(owner, u);
		beside_lpm(u, mode ? "strict" : "all modes");
		one_route(owner, u, mode ? "strict" : "all modes");
		manrs_urpf_owner_free(owner);
	}
	free(port);
	free(table.at);
	return 0;
}
