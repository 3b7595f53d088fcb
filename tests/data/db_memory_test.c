/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Refused memory: every call of an edit, and its commit, with allocation k and all after it refused, for each k until it
 * passes. Then nothing of the call is applied, the base says what it said, the same call passes, and in the end nothing
 * is left.
 */

#include "data/content.h"

#define LOTS 1200

struct fixture {
	struct test_alloc counter;
	manrs_alloc alloc;
	manrs_db_owner *owner;
	manrs_db *old, *base; /* two snapshots in a row */
	manrs_route vrps[LOTS], irr[300];
	uint32_t providers[60];
	manrs_aspa aspas[40];
	manrs_router_key keys[30];
	manrs_slurm slurm;
	manrs_slurm_filter filters[3], key_filter, aspa_filter;
};

static manrs_route route_of(const char *text, unsigned maxlen)
{
	manrs_route r = test_route(text);

	r.prefix.maxlen = (uint8_t)maxlen;
	return r;
}

/* Nested prefixes, one prefix with enough VRPs for blocks of their own, both families. */
static void make_records(struct fixture *x)
{
	uint64_t seed = 11;

	for (size_t i = 0; i < LOTS; i++) {
		manrs_route r =
			route_of(i % 3 ? "10.0.0.0/8 AS1" : "2001:db8::/32 AS7", i % 3 ? 24 : 64);

		if (i % 2) {
			r.asn = (uint32_t)i;
		} else {
			r.prefix.addr[i % 3 ? 1 : 4] = (uint8_t)test_random(&seed);
			r.prefix.addr[i % 3 ? 2 : 5] = (uint8_t)test_random(&seed);
			r.prefix.len = i % 3 ? 24 : 48;
		}
		x->vrps[i] = r;
	}
	x->vrps[0] = route_of("0.0.0.0/0 AS0", 0);
	for (size_t i = 0; i < 300; i++)
		x->irr[i] = x->vrps[4 * i];
	for (uint32_t i = 0; i < 60; i++)
		x->providers[i] = 1000 + i;
	for (uint32_t i = 0; i < 40; i++)
		x->aspas[i] = (manrs_aspa){x->providers + i % 20, 1 + i % 33, 1 + i % 40};
	for (uint32_t i = 0; i < 30; i++)
		x->keys[i] = (manrs_router_key){
			.asn = i / 3, .ski = {(uint8_t)i}, .spki_len = 91, .spki = {(uint8_t)i}};
}

static void make_slurm(struct fixture *x)
{
	x->filters[0] = (manrs_slurm_filter){.asn = 7, .has_asn = 1};
	x->filters[1].prefix = route_of("10.128.0.0/9 AS1", 9).prefix;
	x->filters[2] =
		(manrs_slurm_filter){.asn = 1, .has_asn = 1, .prefix = x->filters[1].prefix};
	x->key_filter = (manrs_slurm_filter){.asn = 3, .has_asn = 1};
	x->aspa_filter = (manrs_slurm_filter){.asn = 5, .has_asn = 1};
	x->slurm = (manrs_slurm){.size = sizeof x->slurm,
				 .prefix_filters = x->filters,
				 .n_prefix_filters = 3,
				 .key_filters = &x->key_filter,
				 .n_key_filters = 1,
				 .aspa_filters = &x->aspa_filter,
				 .n_aspa_filters = 1,
				 .vrps = x->vrps + 700,
				 .n_vrps = 30,
				 .keys = x->keys + 20,
				 .n_keys = 10,
				 .aspas = x->aspas + 30,
				 .n_aspas = 10};
}

/* Two commits: half of everything, then some more under another source, with local exceptions. */
static void setup(struct fixture *x)
{
	manrs_db_config config;
	manrs_edit *e;

	memset(x, 0, sizeof *x);
	make_records(x);
	make_slurm(x);
	x->alloc = test_alloc_of(&x->counter);
	manrs_db_config_init(&config, sizeof config);
	config.alloc = &x->alloc;
	config.isa = test_isa();
	pass(manrs_db_owner_new(&x->owner, &config));
	pass(manrs_edit_begin(&e, x->owner, NULL));
	pass(manrs_edit_vrps(e, 1, MANRS_ADD, x->vrps, LOTS / 2, NULL, NULL));
	pass(manrs_edit_irr(e, 1, MANRS_ADD, x->irr, 150, NULL, NULL));
	pass(manrs_edit_aspas(e, 1, MANRS_ADD, x->aspas, 20, NULL, NULL));
	pass(manrs_edit_keys(e, 1, MANRS_ADD, x->keys, 15, NULL, NULL));
	pass(manrs_edit_commit(e, &x->old));
	pass(manrs_edit_begin(&e, x->owner, x->old));
	pass(manrs_edit_vrps(e, 2, MANRS_ADD, x->vrps + 300, LOTS / 2, NULL, NULL));
	pass(manrs_edit_aspas(e, 2, MANRS_ADD, x->aspas + 10, 20, NULL, NULL));
	pass(manrs_edit_slurm(e, &x->slurm, NULL));
	pass(manrs_edit_commit(e, &x->base));
}

static void done(struct fixture *x)
{
	manrs_db_unref(x->old);
	manrs_db_unref(x->base);
	pass(manrs_db_owner_free(x->owner));
	ck_assert_uint_eq(x->counter.live, 0);
}

/* ---- the calls of an edit ---- */

static int add_vrps(struct fixture *x, manrs_edit *e, manrs_counts *c)
{
	return manrs_edit_vrps(e, 3, MANRS_ADD, x->vrps + 200, 900, c, NULL);
}

static int remove_vrps(struct fixture *x, manrs_edit *e, manrs_counts *c)
{
	return manrs_edit_vrps(e, 1, MANRS_REMOVE, x->vrps + 100, 900, c, NULL);
}

static int add_irr(struct fixture *x, manrs_edit *e, manrs_counts *c)
{
	return manrs_edit_irr(e, 1, MANRS_ADD, x->irr + 50, 250, c, NULL);
}

/* More than 8 and more than 16 customers, several times the same: what a call grows must be at hand before it acts. */
static int add_aspas(struct fixture *x, manrs_edit *e, manrs_counts *c)
{
	manrs_aspa a[80];

	memcpy(a, x->aspas, 40 * sizeof *a);
	for (size_t i = 40; i < 80; i++)
		a[i] = (manrs_aspa){x->providers + 40, 20, x->aspas[i % 7].customer};
	return manrs_edit_aspas(e, 1, MANRS_ADD, a, 80, c, NULL);
}

static int eight_aspas(struct fixture *x, manrs_edit *e, manrs_counts *c)
{
	return manrs_edit_aspas(e, 4, MANRS_ADD, x->aspas, 8, c, NULL);
}

static int remove_aspas(struct fixture *x, manrs_edit *e, manrs_counts *c)
{
	return manrs_edit_aspas(e, 2, MANRS_REMOVE, x->aspas, 40, c, NULL);
}

static int add_keys(struct fixture *x, manrs_edit *e, manrs_counts *c)
{
	return manrs_edit_keys(e, 5, MANRS_ADD, x->keys + 7, 23, c, NULL);
}

static int remove_keys(struct fixture *x, manrs_edit *e, manrs_counts *c)
{
	return manrs_edit_keys(e, 1, MANRS_REMOVE, x->keys, 20, c, NULL);
}

static int drop_one(struct fixture *x, manrs_edit *e, manrs_counts *c)
{
	(void)x;
	return manrs_edit_drop(e, 1, c);
}

static int drop_other(struct fixture *x, manrs_edit *e, manrs_counts *c)
{
	(void)x;
	return manrs_edit_drop(e, 2, c);
}

/* Who asks for no counts may have his records put down unseen, to be united at the commit. */
static int add_uncounted(struct fixture *x, manrs_edit *e, manrs_counts *c)
{
	memset(c, 0, sizeof *c);
	return manrs_edit_vrps(e, 6, MANRS_ADD, x->vrps, LOTS, NULL, NULL);
}

static int slurm_again(struct fixture *x, manrs_edit *e, manrs_counts *c)
{
	manrs_slurm s = x->slurm;

	memset(c, 0, sizeof *c);
	s.n_prefix_filters = 1;
	s.vrps = x->vrps + 1100;
	s.aspas = x->aspas + 3;
	s.n_keys = 4;
	return manrs_edit_slurm(e, &s, NULL);
}

static int slurm_away(struct fixture *x, manrs_edit *e, manrs_counts *c)
{
	(void)x;
	memset(c, 0, sizeof *c);
	return manrs_edit_slurm(e, NULL, NULL);
}

static int (*const calls[])(struct fixture *x, manrs_edit *e, manrs_counts *c) = {
	add_vrps,    remove_vrps, add_irr,    add_aspas,     eight_aspas, remove_aspas, add_keys,
	remove_keys, drop_one,    drop_other, add_uncounted, slurm_again, slurm_away,
};
#define N_CALLS (sizeof calls / sizeof *calls)

/* What one call alone (or, first set, two) makes of a base, with all the memory in the world. */
static char *wanted(struct fixture *x, const manrs_db *base, const size_t *call, size_t n,
		    manrs_counts *counts)
{
	manrs_edit *e;
	manrs_db *db;
	char *text;

	pass(manrs_edit_begin(&e, x->owner, base));
	for (size_t i = 0; i < n; i++)
		pass(calls[call[i]](x, e, counts));
	pass(manrs_edit_commit(e, &db));
	text = content_of(db);
	manrs_db_unref(db);
	return text;
}

/* Refuse memory in a call after another one; then try again and compare. returns: whether memory was refused. */
static bool refused_call(struct fixture *x, const manrs_db *base, const size_t *call, size_t k,
			 const char *want, const manrs_counts *counts, const char *before)
{
	manrs_counts c = {77, 77, 77, 77, 77}, untouched = c;
	manrs_edit *e;
	manrs_db *db;
	int rc;

	pass(manrs_edit_begin(&e, x->owner, base));
	pass(calls[call[0]](x, e, &c));
	c = untouched;
	x->counter.calls = 0;
	x->counter.fail_at = k;
	rc = calls[call[1]](x, e, &c);
	x->counter.fail_at = 0;
	if (rc == MANRS_ENOMEM) {
		pass(calls[call[1]](x, e, &c));
	} else {
		pass(rc);
	}
	ck_assert_mem_eq(&c, counts, sizeof c);
	pass(manrs_edit_commit(e, &db));
	ck_assert(content_same(db, want));
	if (base)
		ck_assert(content_same(base, before));
	manrs_db_unref(db);
	manrs_db_reclaim(x->owner, 0);
	return rc == MANRS_ENOMEM;
}

static void sweep_calls(struct fixture *x, const manrs_db *base)
{
	char *before = base ? content_of(base) : NULL;

	for (size_t i = 0; i < N_CALLS; i++)
		for (size_t j = i % 4; j < N_CALLS; j += 4) {
			size_t call[2] = {j, i}, k = 1;
			manrs_counts counts;
			char *want = wanted(x, base, call, 2, &counts);

			for (; refused_call(x, base, call, k, want, &counts, before);
			     k = k < 40 ? k + 1 : k + k / 7)
				;
			free(want);
		}
	free(before);
}

START_TEST(every_edit_call_with_allocation_k_refused)
{
	static struct fixture x;

	setup(&x);
	sweep_calls(&x, x.base);
	done(&x);
}
END_TEST

START_TEST(every_edit_call_on_nothing_with_allocation_k_refused)
{
	static struct fixture x;

	setup(&x);
	sweep_calls(&x, NULL);
	done(&x);
}
END_TEST

/* A call that was refused memory has changed nothing: what is committed without it is the same. */
START_TEST(a_refused_call_is_not_applied)
{
	static struct fixture x;
	manrs_edit *e;
	manrs_db *db;
	char *want;

	setup(&x);
	for (size_t i = 0; i < N_CALLS; i++) {
		size_t first = (i + 3) % N_CALLS;
		manrs_counts c;

		want = wanted(&x, x.base, &first, 1, &c);
		for (size_t k = 1, rc = 1; rc; k++) {
			pass(manrs_edit_begin(&e, x.owner, x.base));
			pass(calls[first](&x, e, &c));
			x.counter.calls = 0;
			x.counter.fail_at = k;
			rc = calls[i](&x, e, &c) == MANRS_ENOMEM;
			x.counter.fail_at = 0;
			pass(manrs_edit_commit(e, &db));
			if (rc)
				ck_assert(content_same(db, want));
			manrs_db_unref(db);
		}
		free(want);
	}
	done(&x);
}
END_TEST

/* ---- commits ---- */

static void feed(struct fixture *x, manrs_edit *e, unsigned set)
{
	manrs_counts c;

	for (size_t i = 0; i < N_CALLS; i++)
		if (set >> i & 1)
			pass(calls[i](x, e, &c));
}

/* after: 0 commit again, 1 feed more and commit, 2 abort. returns: whether memory was refused. */
static bool refused_commit(struct fixture *x, const manrs_db *base, unsigned set, size_t k,
			   const char *want, int after, const char *more)
{
	manrs_db *db = NULL;
	manrs_counts c;
	manrs_edit *e;
	int rc;

	pass(manrs_edit_begin(&e, x->owner, base));
	feed(x, e, set);
	x->counter.calls = 0;
	x->counter.fail_at = k;
	rc = manrs_edit_commit(e, &db);
	x->counter.fail_at = 0;
	if (rc == MANRS_OK) {
		ck_assert(content_same(db, want));
	} else {
		ck_assert_int_eq(rc, MANRS_ENOMEM);
		ck_assert_ptr_null(db);
		if (after == 1)
			pass(slurm_away(x, e, &c));
		if (after == 2)
			manrs_edit_abort(e);
		else
			pass(manrs_edit_commit(e, &db));
		ck_assert(after == 2 || content_same(db, after ? more : want));
	}
	manrs_db_unref(db);
	manrs_db_reclaim(x->owner, 0);
	return rc != MANRS_OK;
}

static void sweep_commits(struct fixture *x, const manrs_db *base)
{
	static const unsigned sets[] = {0x001, 0x002, 0x0ff,  0x800, 0x1000, 0x900,
					0x148, 0xfff, 0x13ff, 0x400, 0x402,  0};
	char *before = base ? content_of(base) : NULL;

	for (size_t s = 0; s < sizeof sets / sizeof *sets; s++) {
		size_t call[N_CALLS + 1], n = 0;
		manrs_counts c;
		char *want, *more;

		for (size_t i = 0; i < N_CALLS; i++)
			if (sets[s] >> i & 1)
				call[n++] = i;
		want = wanted(x, base, call, n, &c);
		call[n] = N_CALLS - 1;
		more = wanted(x, base, call, n + 1, &c);
		for (int after = 0; after < 3; after++) {
			for (size_t k = 1; refused_commit(x, base, sets[s], k, want, after, more);
			     k = k < 60 ? k + 1 : k + k / 9)
				;
			ck_assert(!base || content_same(base, before));
		}
		free(want);
		free(more);
	}
	free(before);
}

START_TEST(commit_with_allocation_k_refused)
{
	static struct fixture x;

	setup(&x);
	sweep_commits(&x, x.base);
	done(&x);
}
END_TEST

/* An older snapshot is copied whole. */
START_TEST(commit_on_an_older_snapshot_with_allocation_k_refused)
{
	static struct fixture x;

	setup(&x);
	sweep_commits(&x, x.old);
	done(&x);
}
END_TEST

START_TEST(first_commit_with_allocation_k_refused)
{
	static struct fixture x;

	setup(&x);
	sweep_commits(&x, NULL);
	done(&x);
}
END_TEST

START_TEST(owner_and_edit_with_allocation_k_refused)
{
	struct test_alloc counter = {.fail_at = 1};
	manrs_alloc alloc = test_alloc_of(&counter);
	manrs_db_owner *owner = NULL;
	manrs_db_config config;
	manrs_edit *e = NULL;

	manrs_db_config_init(&config, sizeof config);
	config.alloc = &alloc;
	ck_assert_int_eq(manrs_db_owner_new(&owner, &config), MANRS_ENOMEM);
	ck_assert_ptr_null(owner);
	counter.fail_at = 0;
	pass(manrs_db_owner_new(&owner, &config));
	counter = (struct test_alloc){.live = counter.live, .fail_at = 1};
	ck_assert_int_eq(manrs_edit_begin(&e, owner, NULL), MANRS_ENOMEM);
	counter.fail_at = 0;
	pass(manrs_edit_begin(&e, owner, NULL));
	manrs_edit_abort(e);
	pass(manrs_db_owner_free(owner));
	ck_assert_uint_eq(counter.live, 0);
}
END_TEST

Suite *db_memory_suite(void)
{
	Suite *s = suite_create("data/db_memory");

	ADD_LONG_TEST(s, every_edit_call_with_allocation_k_refused, 10);
	ADD_LONG_TEST(s, every_edit_call_on_nothing_with_allocation_k_refused, 10);
	ADD_LONG_TEST(s, a_refused_call_is_not_applied, 10);
	ADD_LONG_TEST(s, commit_with_allocation_k_refused, 10);
	ADD_LONG_TEST(s, commit_on_an_older_snapshot_with_allocation_k_refused, 10);
	ADD_LONG_TEST(s, first_commit_with_allocation_k_refused, 10);
	ADD_TEST(s, owner_and_edit_with_allocation_k_refused, 10);
	return s;
}
