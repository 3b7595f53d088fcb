/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Origin validation beside librtr's table, in one run on the same VRPs and routes: batch and single, table order and random,
 * both families (P1, P2, P3), loading in any order (P5) and memory (P4). The answers of both must agree, or a row is void.
 */

#include "bench/bench.h"

#ifdef HAVE_RTRLIB
#include <rtrlib/rtrlib.h>
#endif
#include <malloc.h>
#include <sys/resource.h>

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

/* Pages that were touched for the first time since the process began. */
static long faults(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_minflt;
}

static double ours_load(manrs_db_owner *owner, const struct bench_routes *vrps, manrs_db **db)
{
	double start = bench_now();
	manrs_edit *e;

	if (manrs_edit_begin(&e, owner, NULL) ||
	    manrs_edit_vrps(e, 0, MANRS_ADD, vrps->at, vrps->n, NULL, NULL) ||
	    manrs_edit_commit(e, db))
		exit(1);
	return bench_now() - start;
}

/* Routes to judge, and what each side says of them. */
struct job {
	const manrs_db *db;
	const manrs_route *r;
	size_t n;
	uint8_t *states;
	void *table, *addr; /* the peer's */
};

static void ours_many(void *arg)
{
	struct job *j = arg;

	manrs_rov_check_many(j->db, j->r, j->n, j->states);
}

static void ours_single(void *arg)
{
	struct job *j = arg;

	for (size_t i = 0; i < j->n; i++)
		j->states[i] = (uint8_t)manrs_rov_check(j->db, &j->r[i]);
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

static void peer_check(void *arg)
{
	static const uint8_t map[] = {[BGP_PFXV_STATE_VALID] = MANRS_ROV_VALID,
				      [BGP_PFXV_STATE_NOT_FOUND] = MANRS_ROV_NOT_FOUND,
				      [BGP_PFXV_STATE_INVALID] = MANRS_ROV_INVALID};
	struct job *j = arg;
	struct lrtr_ip_addr *a = j->addr;

	for (size_t i = 0; i < j->n; i++) {
		enum pfxv_state s;

		pfx_table_validate(j->table, j->r[i].asn, &a[i], j->r[i].prefix.len, &s);
		j->states[i] = map[s];
	}
}
#endif

static void rate_row(const char *goal, const char *what, double target, const manrs_db *db,
		     void *table, const manrs_route *r, size_t n, bool single)
{
	struct job job[2] = {{db, r, n, malloc(n), NULL, NULL},
			     {NULL, r, n, malloc(n), table, NULL}};
	struct bench_side side[2] = {{.run = single ? ours_single : ours_many, .arg = &job[0]}};
	bool peer = false;

#ifdef HAVE_RTRLIB
	struct lrtr_ip_addr *a = malloc(n * sizeof *a);

	for (size_t i = 0; i < n; i++)
		a[i] = address(&r[i].prefix);
	job[1].addr = a;
	side[1] = (struct bench_side){.run = peer_check, .arg = &job[1]};
	peer = true;
#endif
	bench_race(side, peer ? 2 : 1, ROUNDS);
	bench_rate(&(struct bench_rate){.goal = goal,
					.what = what,
					.items = (double)n,
					.target = target,
					.ours = &side[0],
					.peer = peer ? &side[1] : NULL,
					.differ = peer && memcmp(job[0].states, job[1].states, n)});
	free(job[0].states);
	free(job[1].states);
	free(job[1].addr);
}

/* ---- what 2 MB pages give ---- */

static manrs_db *in_arena(struct bench_arena *arena, const struct bench_routes *vrps, bool huge)
{
	manrs_alloc alloc = bench_arena_open(arena, (size_t)1 << 30, huge);
	manrs_db_config config;
	manrs_db_owner *owner;
	manrs_db *db;

	manrs_db_config_init(&config, sizeof config);
	config.alloc = &alloc;
	if (manrs_db_owner_new(&owner, &config))
		exit(1);
	ours_load(owner, vrps, &db);
	return db;
}

static void huge_pages(const struct bench_routes *vrps, const manrs_route *r, size_t n)
{
	struct bench_arena arena[2];
	struct job job[2];
	struct bench_side side[2];

	for (int i = 0; i < 2; i++) {
		job[i] = (struct job){
			in_arena(&arena[i], vrps, i == 0), r, n, malloc(n), NULL, NULL};
		side[i] = (struct bench_side){.run = ours_many, .arg = &job[i]};
	}
	bench_race(side, 2, ROUNDS);
	bench_rate(&(struct bench_rate){.goal = "",
					.what = "rov random ipv4, 2 MB pages / 4 KB pages, M/s",
					.items = (double)n,
					.ours = &side[0],
					.peer = &side[1],
					.differ = memcmp(job[0].states, job[1].states, n)});
	for (int i = 0; i < 2; i++) {
		bench_arena_close(&arena[i]);
		free(job[i].states);
	}
}

static void rate_rows(const manrs_db *db, void *peer, const struct bench_routes *routes,
		      const struct bench_routes *vrps)
{
	size_t n = routes->n, n4 = 0;
	manrs_route *table = routes->at, *random = malloc(n * sizeof *random);

	while (n4 < n && table[n4].prefix.family == 4)
		n4++;
	memcpy(random, table, n * sizeof *random);
	bench_shuffle(random, n4, 1);
	bench_shuffle(random + n4, n - n4, 2);
	rate_row("P1", "rov batch random ipv4, M/s", 80, db, peer, random, n4, false);
	rate_row("P1", "rov batch random ipv6, M/s", 80, db, peer, random + n4, n - n4, false);
	rate_row("P2", "rov batch table order ipv4, M/s", 120, db, peer, table, n4, false);
	rate_row("P2", "rov batch table order ipv6, M/s", 120, db, peer, table + n4, n - n4, false);
	rate_row("P3", "rov single random ipv4, M/s", 30, db, peer, random, n4, true);
	rate_row("P3", "rov single random ipv6, M/s", 30, db, peer, random + n4, n - n4, true);
	rate_row("P3", "rov single table order ipv4, M/s", 60, db, peer, table, n4, true);
	rate_row("P3", "rov single table order ipv6, M/s", 60, db, peer, table + n4, n - n4, true);
	huge_pages(vrps, random, n4);
	free(random);
}

static void memory_rows(const manrs_db *db, const struct tally *tally, double n, double peer)
{
	manrs_db_stats stats = {.size = sizeof stats};

	manrs_db_stats_get(db, &stats);
	bench_most("P4", "bytes a VRP that readers touch", (double)stats.bytes_read / n, 0, 24);
	bench_most("P4", "bytes a VRP in all", (double)tally->live / n, peer / n, 64);
}

int main(void)
{
	struct bench_routes routes = {0}, vrps = {0};
	struct tally tally = {0};
	manrs_alloc alloc = {tally_resize, &tally};
	double t[3], peer_time = 0, peer_bytes = 0;
	manrs_db_config config;
	manrs_db_owner *owner;
	manrs_db *db;
	void *peer = NULL;
	long touched[2];

	bench_pin();
	bench_tables(&routes, &vrps);
	bench_shuffle(vrps.at, vrps.n, 3);
	manrs_db_config_init(&config, sizeof config);
	config.alloc = &alloc;
	for (int i = 0; i < 3; i++) {
		manrs_db_owner_new(&owner, &config);
		touched[i > 0] = faults();
		t[i] = ours_load(owner, &vrps, &db);
		touched[i > 0] = faults() - touched[i > 0];
		if (i == 2)
			break;
		manrs_db_unref(db);
		manrs_db_owner_free(owner);
	}
#ifdef HAVE_RTRLIB
	struct pfx_table table;
	size_t before = mallinfo2().uordblks;

	peer_time = peer_load(&table, &vrps);
	peer = &table;
	peer_bytes = (double)(mallinfo2().uordblks - before);
#endif
	memory_rows(db, &tally, (double)vrps.n, peer_bytes);
	bench_most("P5", "records to snapshot, shuffled, s", bench_median(t, 3), peer_time, 0.15);
	/* With huge pages of the system's own a page is not 4 KB, and there are fewer. */
	bench_most("P5", "page faults of the first load in the process", (double)touched[0], 0,
		   10000);
	bench_most("P5", "page faults of a later load", (double)touched[1], 0, 10000);
	rate_rows(db, peer, &routes, &vrps);
	manrs_db_unref(db);
	return manrs_db_owner_free(owner) == MANRS_OK ? 0 : 1;
}
