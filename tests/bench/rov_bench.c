/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Origin validation beside librtr's table, in one run on the same VRPs and routes: batch and single, table order and random,
 * both families (P1, P2, P3), loading in any order (P5) and memory (P4). The answers of both must agree, or a row is void.
 */

#include "bench.h"

#ifdef HAVE_RTRLIB
#include <rtrlib/rtrlib.h>
#endif
#include <malloc.h>
#include <sys/mman.h>

#define ROUNDS 5

struct tally {
	size_t live, peak;
};

static void *tally_resize(void *arg, void *ptr, size_t old_size, size_t new_size)
{
	struct tally *t = arg;
	void *at;

	if (new_size == 0) {
		t->live -= old_size;
		free(ptr);
		return NULL;
	}
	at = realloc(ptr, new_size);
	t->live += at ? new_size - old_size : 0;
	t->peak = t->live > t->peak ? t->live : t->peak;
	return at;
}

static double ours_load(manrs_owner *owner, const struct bench_routes *vrps, manrs_db **db)
{
	double start = bench_now();
	manrs_edit *e;

	if (manrs_edit_begin(&e, owner, NULL) ||
	    manrs_edit_vrps(e, 0, MANRS_ADD, vrps->at, vrps->n, NULL, NULL) ||
	    manrs_edit_commit(e, db))
		exit(1);
	return bench_now() - start;
}

static double ours_many(const manrs_db *db, const manrs_route *r, size_t n, uint8_t *states)
{
	double start = bench_now();

	manrs_rov_check_many(db, r, n, states);
	return bench_now() - start;
}

static double ours_single(const manrs_db *db, const manrs_route *r, size_t n, uint8_t *states)
{
	double start = bench_now();

	for (size_t i = 0; i < n; i++)
		states[i] = (uint8_t)manrs_rov_check(db, &r[i]);
	return bench_now() - start;
}

#ifdef HAVE_RTRLIB
static struct lrtr_ip_addr address(const manrs_prefix *p)
{
	struct lrtr_ip_addr a = {0};
	uint32_t w[4];

	for (int i = 0; i < 4; i++)
		w[i] = (uint32_t)p->addr[4 * i] << 24 | (uint32_t)p->addr[4 * i + 1] << 16 |
		       (uint32_t)p->addr[4 * i + 2] << 8 | p->addr[4 * i + 3];
	a.ver = p->family == 4 ? LRTR_IPV4 : LRTR_IPV6;
	if (p->family == 4)
		a.u.addr4.addr = w[0];
	else
		memcpy(a.u.addr6.addr, w, sizeof w);
	return a;
}

static double peer_load(struct pfx_table *t, const struct bench_routes *vrps)
{
	double start = bench_now();

	pfx_table_init(t, NULL);
	for (size_t i = 0; i < vrps->n; i++) {
		struct pfx_record rec = {.asn = vrps->at[i].asn,
					 .prefix = address(&vrps->at[i].prefix),
					 .min_len = vrps->at[i].prefix.len,
					 .max_len = vrps->at[i].prefix.maxlen};

		pfx_table_add(t, &rec);
	}
	return bench_now() - start;
}

static double peer_check(struct pfx_table *t, const manrs_route *r, size_t n, uint8_t *states)
{
	static const uint8_t map[] = {[BGP_PFXV_STATE_VALID] = MANRS_ROV_VALID,
				      [BGP_PFXV_STATE_NOT_FOUND] = MANRS_ROV_NOT_FOUND,
				      [BGP_PFXV_STATE_INVALID] = MANRS_ROV_INVALID};
	struct lrtr_ip_addr *a = malloc(n * sizeof *a);
	double start;

	for (size_t i = 0; i < n; i++)
		a[i] = address(&r[i].prefix);
	start = bench_now();
	for (size_t i = 0; i < n; i++) {
		enum pfxv_state s;

		pfx_table_validate(t, r[i].asn, &a[i], r[i].prefix.len, &s);
		states[i] = map[s];
	}
	start = bench_now() - start;
	free(a);
	return start;
}
#endif

/*
 * One row of a rate: rounds of ours and of the peer in turn. Each side goes over the routes once untimed before its round, so
 * that neither pays for what the other left in the caches.
 */
static void rate_row(const char *goal, double target, const manrs_db *db, void *peer,
		     const manrs_route *r, size_t n, bool single)
{
	uint8_t *a = malloc(n), *b = malloc(n);
	double ours[ROUNDS], theirs[ROUNDS] = {0}, o, p, ratio;
	bool same = true;

	for (int i = 0; i < ROUNDS; i++) {
		ours_many(db, r, n, a);
		ours[i] = single ? ours_single(db, r, n, a) : ours_many(db, r, n, a);
#ifdef HAVE_RTRLIB
		peer_check(peer, r, n, b);
		theirs[i] = peer_check(peer, r, n, b);
		same = same && !memcmp(a, b, n);
#else
		(void)peer;
#endif
	}
	o = (double)n / bench_median(ours, ROUNDS) / 1e6;
	p = theirs[0] > 0 ? (double)n / bench_median(theirs, ROUNDS) / 1e6 : 0;
	ratio = p > 0 ? o / p : 0;
	bench_row(goal, o, p, ratio, target,
		  p <= 0	    ? "skipped"
		  : !same	    ? "void"
		  : ratio >= target ? "met"
				    : "missed");
	free(a);
	free(b);
}

/* ---- what 2 MB pages give: a host's allocator that carves everything out of one advised mapping ---- */

struct arena {
	char *at;
	size_t used, size;
};

static void *arena_resize(void *arg, void *ptr, size_t old_size, size_t new_size)
{
	struct arena *a = arg;
	void *at = a->at + a->used;

	if (new_size == 0 || a->size - a->used < new_size + 64)
		return NULL;
	a->used += (new_size + 63) & ~(size_t)63;
	if (ptr)
		memcpy(at, ptr, old_size < new_size ? old_size : new_size);
	return at;
}

static void huge_pages(const struct bench_routes *vrps, const manrs_route *r, size_t n)
{
	size_t size = (size_t)1 << 30;
	uint8_t *states = malloc(n);
	double rate[2];

	for (int huge = 0; huge < 2; huge++) {
		char *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
				 -1, 0);
		struct arena arena = {map, 0, size};
		manrs_alloc alloc = {arena_resize, &arena};
		manrs_db_config config;
		manrs_owner *owner;
		manrs_db *db;
		double t[ROUNDS];

		if (map == MAP_FAILED)
			return;
		madvise(map, size, huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
		manrs_db_config_init(&config);
		config.alloc = &alloc;
		if (manrs_owner_new(&owner, &config))
			return;
		ours_load(owner, vrps, &db);
		for (int i = 0; i < ROUNDS; i++)
			t[i] = ours_many(db, r, n, states);
		rate[huge] = (double)n / bench_median(t, ROUNDS) / 1e6;
		munmap(map, size);
	}
	bench_row("rov batch random ipv4, 2 MB against 4 KB pages", rate[1], rate[0],
		  rate[1] / rate[0], 0, "reference");
	free(states);
}

static void rate_rows(const manrs_db *db, void *peer, const struct bench_routes *routes,
		      const struct bench_routes *vrps)
{
	struct bench_routes shuffled = {malloc(routes->n * sizeof *routes->at), routes->n,
					routes->n};
	size_t n4 = 0;

	while (n4 < routes->n && routes->at[n4].prefix.family == 4)
		n4++;
	memcpy(shuffled.at, routes->at, routes->n * sizeof *routes->at);
	bench_shuffle(shuffled.at, n4, 1);
	bench_shuffle(shuffled.at + n4, routes->n - n4, 2);
	rate_row("P1 rov batch random ipv4 (M/s)", 80, db, peer, shuffled.at, n4, false);
	rate_row("P1 rov batch random ipv6 (M/s)", 80, db, peer, shuffled.at + n4, routes->n - n4,
		 false);
	rate_row("P2 rov batch table order ipv4 (M/s)", 120, db, peer, routes->at, n4, false);
	rate_row("P2 rov batch table order ipv6 (M/s)", 120, db, peer, routes->at + n4,
		 routes->n - n4, false);
	rate_row("P3 rov single random ipv4 (M/s)", 30, db, peer, shuffled.at, n4, true);
	rate_row("P3 rov single random ipv6 (M/s)", 30, db, peer, shuffled.at + n4, routes->n - n4,
		 true);
	rate_row("P3 rov single table order ipv4 (M/s)", 60, db, peer, routes->at, n4, true);
	rate_row("P3 rov single table order ipv6 (M/s)", 60, db, peer, routes->at + n4,
		 routes->n - n4, true);
	huge_pages(vrps, shuffled.at, n4);
	free(shuffled.at);
}

int main(void)
{
	struct bench_routes routes = {0}, vrps = {0};
	bool real = bench_tables(&routes, &vrps);
	struct tally tally = {0};
	manrs_alloc alloc = {tally_resize, &tally};
	manrs_db_config config;
	manrs_db_stats stats = {.size = sizeof stats};
	manrs_owner *owner;
	manrs_db *db;
	double t[3], load = 0, peer_time = 0, n = (double)vrps.n;
	void *peer = NULL;

	printf("data: %s, %zu routes, %zu VRPs\n", real ? "real" : "generated", routes.n, vrps.n);
	bench_shuffle(vrps.at, vrps.n, 3);
	manrs_db_config_init(&config);
	config.alloc = &alloc;
	for (int i = 0; i < 3; i++) {
		manrs_owner_new(&owner, &config);
		t[i] = ours_load(owner, &vrps, &db);
		if (i == 2)
			break;
		manrs_db_unref(db);
		manrs_owner_free(owner);
	}
	load = bench_median(t, 3);
	manrs_db_counts(db, &stats);
#ifdef HAVE_RTRLIB
	struct pfx_table table;
	size_t before = mallinfo2().uordblks;

	peer_time = peer_load(&table, &vrps);
	peer = &table;
	before = mallinfo2().uordblks - before;
	bench_row("P4 peer bytes a VRP", (double)tally.live / n, (double)before / n,
		  (double)before / (double)tally.live, 2,
		  (double)before / (double)tally.live >= 2 ? "met" : "missed");
#endif
	bench_row("P4 bytes a VRP that readers touch", (double)stats.bytes_read / n, 0, 0, 24,
		  (double)stats.bytes_read / n <= 24 ? "met" : "missed");
	bench_row("P4 bytes a VRP in all", (double)tally.live / n, 0, 0, 64,
		  (double)tally.live / n <= 64 ? "met" : "missed");
	bench_row("P5 records to snapshot, shuffled (s)", load, peer_time, peer_time / load, 0.15,
		  load <= 0.15 ? "met" : "missed");
	rate_rows(db, peer, &routes, &vrps);
	manrs_db_unref(db);
	return manrs_owner_free(owner) == MANRS_OK ? 0 : 1;
}
