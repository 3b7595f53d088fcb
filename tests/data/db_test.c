/* SPDX-License-Identifier: BSD-2-Clause */
/* Snapshots and edits against their linear twin: random walks of edits, SLURM and differences over nasty tables. */

#include "../oracle/db_oracle.h"
#include "../test.h"

/* Prefixes that collide: few addresses, every length, nested chains; small AS numbers with 0 and the largest. */
static manrs_route random_route(uint64_t *seed, unsigned spread)
{
	manrs_route r = {0};
	uint64_t x = test_random(seed);
	unsigned bits, len;

	r.prefix.family = x & 1 ? 4 : 6;
	bits = r.prefix.family == 4 ? 32 : 128;
	len = (unsigned)(x >> 8) % (bits + 1);
	if (x >> 20 & 1)
		len = bits == 32 ? 16 + len % 17 : 24 + len % 41;
	for (unsigned i = 0; i < bits / 8; i++)
		r.prefix.addr[i] = (uint8_t)(test_random(seed) % spread == 0 ? test_random(seed)
									     : 0x11 * (i % 2));
	for (unsigned i = len; i < 128; i++)
		r.prefix.addr[i / 8] &= (uint8_t) ~(0x80 >> i % 8);
	r.prefix.len = (uint8_t)len;
	r.prefix.maxlen = (uint8_t)(len + test_random(seed) % (bits - len + 1));
	if (x >> 21 & 1)
		r.prefix.maxlen = r.prefix.len;
	r.asn = (uint32_t)(test_random(seed) % 6);
	if (r.asn == 5)
		r.asn = UINT32_MAX;
	return r;
}

static void check_list(const manrs_db *db, const struct db_oracle *o, int kind, uint64_t *seed)
{
	size_t n, got = 0, step;
	manrs_route *want = db_oracle_list(o, kind, &n), *out = calloc(n + 8, sizeof *out);
	manrs_cursor c = {{0}};

	do {
		size_t cap = 1 + test_below(seed, 7);

		ck_assert(got + cap <= n + 8);
		step = kind ? manrs_db_irr(db, &c, out + got, cap)
			    : manrs_db_vrps(db, &c, out + got, cap);
		got += step;
		if (step < cap)
			break;
	} while (got <= n);
	ck_assert_uint_eq(got, n);
	for (size_t i = 0; i < n; i++)
		ck_assert(db_oracle_route_eq(&want[i], &out[i]));
	free(want);
	free(out);
}

static void check_rov(const manrs_db *db, const struct db_oracle *o, uint64_t *seed,
		      unsigned spread, size_t queries)
{
	size_t n;
	manrs_route *vrps = db_oracle_list(o, 0, &n), *q = calloc(queries, sizeof *q), cover[600];
	uint8_t *states = calloc(queries, 1);
	manrs_db_stats stats = {.size = sizeof stats};
	bool bad = false;

	ck_assert_int_eq(manrs_db_stats_get(db, &stats), MANRS_OK);
	ck_assert_uint_eq(stats.vrps4 + stats.vrps6, n);
	for (size_t i = 0; i < queries; i++) {
		q[i] = random_route(seed, spread);
		if (n && test_random(seed) % 2)
			q[i] = vrps[test_random(seed) % n];
		if (test_random(seed) % 50 == 0)
			q[i].prefix.zero = 1;
		if (test_random(seed) % 50 == 0)
			q[i].prefix.len = 200;
	}
	for (size_t i = 0; i < queries; i++) {
		int want = db_oracle_rov(vrps, n, &q[i]);
		size_t covering = 0, got;

		bad |= want == MANRS_ROV_MALFORMED;
		ck_assert_int_eq(manrs_rov_check(db, &q[i]), want);
		got = manrs_rov_covering(db, &q[i].prefix, cover, 600);
		for (size_t j = 0; j < n; j++)
			covering += manrs_prefix_covers(&vrps[j].prefix, &q[i].prefix) == 1;
		ck_assert_uint_eq(got, covering);
		for (size_t j = 0; j < got && j < 600; j++) {
			ck_assert(manrs_prefix_covers(&cover[j].prefix, &q[i].prefix));
			ck_assert(!j || cover[j - 1].prefix.len < cover[j].prefix.len ||
				  cover[j - 1].asn < cover[j].asn ||
				  (cover[j - 1].asn == cover[j].asn &&
				   cover[j - 1].prefix.maxlen < cover[j].prefix.maxlen));
		}
	}
	ck_assert_int_eq(manrs_rov_check_many(db, q, queries, states),
			 bad ? MANRS_EINVAL : MANRS_OK);
	for (size_t i = 0; i < queries; i++)
		ck_assert_int_eq(states[i], db_oracle_rov(vrps, n, &q[i]));
	free(vrps);
	free(q);
	free(states);
}

/* The prefixes whose counting VRPs differ, found by scanning both lists. */
static size_t brute_diff(const struct db_oracle *a, const struct db_oracle *b, int kind,
			 manrs_prefix *out)
{
	size_t na, nb, n = 0;
	manrs_route *la = db_oracle_list(a, kind, &na), *lb = db_oracle_list(b, kind, &nb);

	for (int side = 0; side < 2; side++) {
		manrs_route *x = side ? lb : la, *y = side ? la : lb;
		size_t nx = side ? nb : na, ny = side ? na : nb;

		for (size_t i = 0; i < nx; i++) {
			bool there = false, seen = false;

			for (size_t j = 0; j < ny && !there; j++)
				there = db_oracle_route_eq(&x[i], &y[j]);
			for (size_t j = 0; j < n && !seen; j++)
				seen = !manrs_prefix_cmp(&out[j], &x[i].prefix);
			if (!there && !seen)
				out[n++] = x[i].prefix;
		}
	}
	free(la);
	free(lb);
	return n;
}

static void check_diff(const manrs_db *a, const manrs_db *b, const struct db_oracle *oa,
		       const struct db_oracle *ob, uint64_t *seed)
{
	static manrs_prefix want[20000];
	static manrs_change got[20000];
	size_t n = brute_diff(oa, ob, 0, want), m = 0, irr, cap, step;
	manrs_cursor c = {{0}};

	irr = brute_diff(oa, ob, 1, want + n);
	do {
		cap = 1 + test_below(seed, 9);
		step = manrs_db_diff(a, b, &c, got + m, cap);
		m += step;
	} while (step == cap);
	ck_assert_uint_eq(m, n + irr);
	for (size_t i = 0; i < m; i++) {
		bool found = false;

		if (i && got[i].kind == got[i - 1].kind)
			ck_assert(manrs_prefix_cmp(&got[i - 1].prefix, &got[i].prefix) < 0);
		for (size_t j = got[i].kind == MANRS_CHANGE_IRR ? n : 0;
		     j < (got[i].kind == MANRS_CHANGE_IRR ? n + irr : n) && !found; j++)
			found = !manrs_prefix_cmp(&want[j], &got[i].prefix);
		ck_assert(found);
	}
	ck_assert_uint_eq(manrs_db_diff(a, a, &(manrs_cursor){{0}}, got, 10), 0);
}

/* A route whose state differs between the two lies under a prefix of the difference; found by judging all of them. */
static void check_affected(const manrs_db *a, const manrs_db *b, const struct db_oracle *oa,
			   const struct db_oracle *ob, uint64_t *seed, unsigned spread)
{
	static manrs_change change[20000];
	size_t na, nb, n = manrs_db_diff(a, b, &(manrs_cursor){{0}}, change, 20000);
	manrs_route *la = db_oracle_list(oa, 0, &na), *lb = db_oracle_list(ob, 0, &nb);

	for (unsigned i = 0; i < 100; i++) {
		manrs_route r = random_route(seed, spread);
		bool listed = false;

		if (nb && i % 2)
			r = lb[test_random(seed) % nb];
		for (size_t j = 0; j < n && !listed; j++)
			listed = change[j].kind != MANRS_CHANGE_IRR &&
				 manrs_prefix_covers(&change[j].prefix, &r.prefix);
		ck_assert(listed || db_oracle_rov(la, na, &r) == db_oracle_rov(lb, nb, &r));
	}
	free(la);
	free(lb);
}

static manrs_slurm random_slurm(uint64_t *seed, unsigned spread, manrs_slurm_filter *filters,
				manrs_route *vrps)
{
	manrs_slurm s = {.size = sizeof s, .prefix_filters = filters, .vrps = vrps};

	s.n_prefix_filters = test_below(seed, 5);
	s.n_vrps = test_below(seed, 5);
	for (size_t i = 0; i < s.n_prefix_filters; i++) {
		manrs_route r = random_route(seed, spread);

		filters[i] = (manrs_slurm_filter){.asn = r.asn, .has_asn = test_random(seed) % 2};
		if (!filters[i].has_asn || test_random(seed) % 2)
			filters[i].prefix = r.prefix;
	}
	for (size_t i = 0; i < s.n_vrps; i++)
		vrps[i] = random_route(seed, spread);
	return s;
}

struct walk {
	uint64_t seed;
	unsigned spread;
	size_t batch;
	struct db_oracle oracle;
	manrs_db_owner *owner;
	manrs_slurm slurm;
	manrs_slurm_filter filters[8];
	manrs_route asserted[8];
	manrs_route pool[4000];
	size_t pooled;
};

/* Random edit calls on both, with equal counts. */
static void walk_edit(struct walk *w, manrs_edit *e)
{
	for (unsigned calls = 1 + (unsigned)(test_random(&w->seed) % 4); calls--;) {
		int op = test_random(&w->seed) % 3 ? MANRS_ADD : MANRS_REMOVE,
		    kind = test_random(&w->seed) % 4 == 0;
		uint32_t source = (uint32_t)(test_random(&w->seed) % 3) * 31;
		size_t n = test_below(&w->seed, w->batch);
		manrs_route *r = calloc(n + 1, sizeof *r);
		manrs_counts got, want;

		for (size_t i = 0; i < n; i++) {
			r[i] = random_route(&w->seed, w->spread);
			if (w->pooled && test_random(&w->seed) % 2)
				r[i] = w->pool[test_random(&w->seed) % w->pooled];
			if (w->pooled < 4000)
				w->pool[w->pooled++] = r[i];
			if (test_random(&w->seed) % 40 == 0)
				r[i].prefix.maxlen = (uint8_t)test_random(&w->seed);
		}
		db_oracle_edit(&w->oracle, kind, source, op, r, n, &want);
		bool counted = test_random(&w->seed) % 2;

		ck_assert_int_eq((kind ? manrs_edit_irr : manrs_edit_vrps)(
					 e, source, op, r, n, counted ? &got : NULL, NULL),
				 MANRS_OK);
		if (counted)
			ck_assert_mem_eq(&got, &want, sizeof got);
		free(r);
	}
	if (test_random(&w->seed) % 15 == 0) {
		manrs_counts got;

		ck_assert_int_eq(manrs_edit_drop(e, 31, &got), MANRS_OK);
		ck_assert_uint_eq(got.removed, db_oracle_drop(&w->oracle, 31));
	}
	if (test_random(&w->seed) % 8 == 0) {
		w->slurm = random_slurm(&w->seed, w->spread, w->filters, w->asserted);
		w->oracle.slurm = test_random(&w->seed) % 3 ? &w->slurm : NULL;
		ck_assert_int_eq(manrs_edit_slurm(e, w->oracle.slurm, NULL), MANRS_OK);
	}
}

static void random_walk(uint64_t start, unsigned spread, size_t batch, unsigned commits)
{
	static struct walk w;
	struct test_alloc counter = {0};
	manrs_alloc alloc = test_alloc_of(&counter);
	manrs_db_config config;
	manrs_db *db = NULL;

	w = (struct walk){.seed = start, .spread = spread, .batch = batch};
	manrs_db_config_init(&config, sizeof config);
	config.alloc = &alloc;
	config.isa = test_isa();
	ck_assert_int_eq(manrs_db_owner_new(&w.owner, &config), MANRS_OK);
	for (unsigned i = 0; i < commits; i++) {
		struct db_oracle before = db_oracle_copy(&w.oracle);
		manrs_slurm slurm_before = w.slurm;
		manrs_slurm_filter filters_before[8];
		manrs_route asserted_before[8];
		manrs_edit *e;
		manrs_db *next;

		memcpy(filters_before, w.filters, sizeof filters_before);
		memcpy(asserted_before, w.asserted, sizeof asserted_before);
		slurm_before.prefix_filters = filters_before;
		slurm_before.vrps = asserted_before;
		before.slurm = w.oracle.slurm ? &slurm_before : NULL;
		ck_assert_int_eq(manrs_edit_begin(&e, w.owner, db), MANRS_OK);
		walk_edit(&w, e);
		ck_assert_int_eq(manrs_edit_commit(e, &next), MANRS_OK);
		check_list(next, &w.oracle, 0, &w.seed);
		check_list(next, &w.oracle, 1, &w.seed);
		check_rov(next, &w.oracle, &w.seed, spread, 60);
		if (db) {
			check_diff(db, next, &before, &w.oracle, &w.seed);
			check_affected(db, next, &before, &w.oracle, &w.seed, spread);
			check_rov(db, &before, &w.seed, spread, 20);
		}
		manrs_db_unref(db);
		db = next;
		if (i % 3 == 0)
			manrs_db_reclaim(w.owner, 1 + test_below(&w.seed, 20));
		free(before.rec);
	}
	ck_assert_int_eq(manrs_db_owner_free(w.owner), MANRS_EBUSY);
	manrs_db_unref(db);
	ck_assert_int_eq(manrs_db_owner_free(w.owner), MANRS_OK);
	ck_assert_uint_eq(counter.live, 0);
	free(w.oracle.rec);
}

START_TEST(random_edits_equal_a_linear_scan)
{
	for (uint64_t seed = 1; seed <= test_rounds(12); seed++)
		random_walk(seed * 7919, 2 + (unsigned)seed % 5, 40, 40);
}
END_TEST

START_TEST(single_changes_equal_a_linear_scan)
{
	random_walk(4242, 9, 3, test_rounds(600));
}
END_TEST

START_TEST(large_batches_equal_a_linear_scan)
{
	random_walk(77, 3, 900, 6);
}
END_TEST

Suite *db_suite(void)
{
	Suite *s = suite_create("data/db");

	ADD_TEST(s, random_edits_equal_a_linear_scan, 10);
	ADD_TEST(s, single_changes_equal_a_linear_scan, 10);
	ADD_TEST(s, large_batches_equal_a_linear_scan, 10);
	return s;
}
