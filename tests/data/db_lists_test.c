/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ASPAs and router keys of a database: random edits of several sources with local exceptions
 * against plain tables: counts of each call, listings, differences, branches from older snapshots.
 */

#include "../oracle/lists.h"
#include "../test.h"

/* ---- the walk ---- */

/* Both sides of a walk. */
struct state {
	struct lists lists;
	manrs_db *db;
};

struct walk {
	uint64_t seed;
	manrs_db_owner *owner;
	manrs_edit *edit;
	struct lists *now;
};

static unsigned roll(struct walk *w, unsigned n)
{
	return (unsigned)(test_random(&w->seed) % n);
}

/* A list of providers as a mask: AS0 alone, or some of the others, never the customer. */
static uint16_t random_mask(struct walk *w, unsigned customer)
{
	unsigned mask = 0;

	if (roll(w, 6) == 0)
		return 1;
	while (!(mask & ~1u)) {
		for (unsigned n = 1 + roll(w, 5); n--;)
			mask |= 1u << (1 + roll(w, LISTS_PROVIDERS - 1));
		for (unsigned p = 1; p < LISTS_PROVIDERS; p++)
			if (lists_provider[p] == lists_customer[customer])
				mask &= ~(1u << p);
	}
	return (uint16_t)mask;
}

static manrs_aspa aspa_of(unsigned customer, unsigned mask, uint32_t *room)
{
	manrs_aspa a = {room, lists_customer[customer], 0};

	for (unsigned p = 0; p < LISTS_PROVIDERS; p++)
		if (mask >> p & 1)
			room[a.n++] = lists_provider[p];
	return a;
}

static void edit_aspas(struct walk *w)
{
	static uint32_t room[64][LISTS_PROVIDERS];
	manrs_counts want = {0}, got;
	manrs_aspa a[64];
	size_t n = roll(w, 30);
	unsigned s = roll(w, LISTS_SOURCES);
	int op = roll(w, 3) ? MANRS_ADD : MANRS_REMOVE;

	for (size_t i = 0; i < n; i++) {
		unsigned c = roll(w, LISTS_CUSTOMERS);
		uint16_t mask = random_mask(w, c);

		a[i] = aspa_of(c, mask, room[i]);
		if (roll(w, 20) == 0) {
			a[i].customer = 0;
			want.refused++;
		} else {
			lists_edit(w->now, s, c, op == MANRS_ADD ? mask : 0, &want);
		}
	}
	pass(manrs_edit_aspas(w->edit, lists_source[s], op, a, n, &got, NULL));
	ck_assert_mem_eq(&got, &want, sizeof got);
}

static void edit_keys(struct walk *w)
{
	manrs_counts want = {0}, got;
	manrs_router_key key[16];
	size_t n = roll(w, 8);
	unsigned s = roll(w, LISTS_SOURCES);
	int op = roll(w, 3) ? MANRS_ADD : MANRS_REMOVE;

	for (size_t i = 0; i < n; i++) {
		unsigned k = roll(w, LISTS_KEYS);
		bool has = w->now->key[k] >> s & 1;

		key[i] = lists_key(k);
		if (roll(w, 15) == 0) {
			key[i].spki_len = roll(w, 2) ? 0 : 89; /* bytes behind it are not 0 then */
			want.refused++;
			continue;
		}
		want.added += op == MANRS_ADD && !has;
		want.present += op == MANRS_ADD && has;
		want.removed += op == MANRS_REMOVE && has;
		want.unknown += op == MANRS_REMOVE && !has;
		w->now->key[k] =
			(uint8_t)((w->now->key[k] & ~(1u << s)) | (unsigned)(op == MANRS_ADD) << s);
	}
	pass(manrs_edit_keys(w->edit, lists_source[s], op, key, n, &got, NULL));
	ck_assert_mem_eq(&got, &want, sizeof got);
}

static void edit_drop(struct walk *w)
{
	unsigned s = roll(w, LISTS_SOURCES);
	manrs_counts got;
	uint64_t removed = 0;

	for (unsigned c = 0; c < LISTS_CUSTOMERS; c++) {
		removed += w->now->list[s][c] != 0;
		w->now->list[s][c] = 0;
		w->now->fed[s][c] = false;
	}
	for (unsigned k = 0; k < LISTS_KEYS; k++) {
		removed += w->now->key[k] >> s & 1;
		w->now->key[k] &= (uint8_t) ~(1u << s);
	}
	pass(manrs_edit_drop(w->edit, lists_source[s], &got));
	ck_assert_uint_eq(got.removed, removed);
}

static void no_exceptions(struct lists *l)
{
	memset(l->filter, 0, sizeof l->filter);
	memset(l->assert_list, 0, sizeof l->assert_list);
	memset(l->assert_key, 0, sizeof l->assert_key);
	l->key_filters = 0;
}

/* A filter of router keys by AS, by SKI or by both, on both sides. */
static manrs_slurm_filter random_key_filter(struct walk *w)
{
	struct lists_filter *f = &w->now->key_filter[w->now->key_filters++];
	manrs_slurm_filter filter;

	f->asn = (int)roll(w, 4) - 1;
	f->ski = (int)roll(w, 3) - 1;
	if (f->asn < 0 && f->ski < 0)
		f->asn = 1;
	memset(&filter, 0, sizeof filter);
	filter.has_asn = f->asn >= 0;
	filter.has_ski = f->ski >= 0;
	if (filter.has_asn)
		filter.asn = f->asn ? (uint32_t)f->asn : 4294967295u;
	if (filter.has_ski)
		filter.ski[19] = (uint8_t)f->ski;
	return filter;
}

static void edit_slurm(struct walk *w)
{
	static uint32_t room[8][LISTS_PROVIDERS];
	manrs_slurm_filter key_filter[4], aspa_filter[8];
	manrs_router_key key[4];
	manrs_aspa aspa[8];
	manrs_slurm s = {.size = sizeof s,
			 .key_filters = key_filter,
			 .aspa_filters = aspa_filter,
			 .keys = key,
			 .aspas = aspa};
	struct lists *l = w->now;

	no_exceptions(l);
	if (roll(w, 4) == 0) {
		pass(manrs_edit_slurm(w->edit, NULL, NULL));
		return;
	}
	for (unsigned n = roll(w, 8); n--; s.n_aspa_filters++) {
		unsigned c = roll(w, LISTS_CUSTOMERS);

		l->filter[c] = true;
		aspa_filter[s.n_aspa_filters] =
			(manrs_slurm_filter){.asn = lists_customer[c], .has_asn = 1};
	}
	for (unsigned n = roll(w, 8); n--; s.n_aspas++) {
		unsigned c = roll(w, LISTS_CUSTOMERS);
		uint16_t mask = random_mask(w, c);

		l->assert_list[c] |= mask;
		aspa[s.n_aspas] = aspa_of(c, mask, room[s.n_aspas]);
	}
	for (unsigned n = roll(w, 3); n--;)
		key_filter[s.n_key_filters++] = random_key_filter(w);
	for (unsigned n = roll(w, 4); n--; s.n_keys++) {
		unsigned k = roll(w, LISTS_KEYS);

		l->assert_key[k] = true;
		key[s.n_keys] = lists_key(k);
	}
	pass(manrs_edit_slurm(w->edit, &s, NULL));
}

/* ---- comparing ---- */

static unsigned customer_index(uint32_t asn)
{
	for (unsigned c = 0; c < LISTS_CUSTOMERS; c++)
		if (lists_customer[c] == asn)
			return c;
	ck_abort_msg("AS%u was never a customer", asn);
	return 0;
}

static unsigned provider_index(uint32_t asn)
{
	for (unsigned p = 0; p < LISTS_PROVIDERS; p++)
		if (lists_provider[p] == asn)
			return p;
	ck_abort_msg("AS%u was never a provider", asn);
	return 0;
}

/* The listing, pulled in random bites: each customer once, its pairs together, providers ascending. */
static void check_aspas(struct walk *w, const struct state *s)
{
	uint16_t mask[LISTS_CUSTOMERS] = {0};
	manrs_db_stats stats = {.size = sizeof stats};
	manrs_cursor cursor = {{0}};
	manrs_aspa_pair pair[9], last = {0, 0};
	uint64_t n = 0, customers = 0;
	size_t got, cap;

	do {
		cap = 1 + roll(w, 9);
		got = manrs_db_aspas(s->db, &cursor, pair, cap);
		for (size_t i = 0; i < got; i++) {
			unsigned c = customer_index(pair[i].customer);

			ck_assert(pair[i].customer == last.customer
					  ? pair[i].provider > last.provider
					  : !mask[c]);
			customers += pair[i].customer != last.customer;
			mask[c] |= (uint16_t)(1u << provider_index(pair[i].provider));
			last = pair[i];
			n++;
		}
	} while (got == cap);
	for (unsigned c = 0; c < LISTS_CUSTOMERS; c++)
		ck_assert_uint_eq(mask[c], lists_effective(&s->lists, c));
	pass(manrs_db_stats_get(s->db, &stats));
	ck_assert_uint_eq(stats.aspas, customers);
	ck_assert_uint_eq(stats.aspa_providers, n);
}

static void check_keys(struct walk *w, const struct state *s)
{
	manrs_db_stats stats = {.size = sizeof stats};
	manrs_cursor cursor = {{0}};
	manrs_router_key key[5];
	size_t got, cap, n = 0, want = 0;
	uint32_t last = 0;

	for (unsigned k = 0; k < LISTS_KEYS; k++)
		want += lists_key_effective(&s->lists, k);
	do {
		cap = 1 + roll(w, 5);
		got = manrs_db_keys(s->db, &cursor, key, cap);
		for (size_t i = 0; i < got; i++, n++) {
			unsigned k = 0;

			for (manrs_router_key x = lists_key(0); memcmp(&x, &key[i], sizeof x);
			     x = lists_key(k))
				ck_assert_uint_lt(++k, LISTS_KEYS);
			ck_assert(lists_key_effective(&s->lists, k));
			ck_assert_uint_ge(key[i].asn, last);
			last = key[i].asn;
		}
	} while (got == cap);
	ck_assert_uint_eq(n, want);
	pass(manrs_db_stats_get(s->db, &stats));
	ck_assert_uint_eq(stats.keys, want);
}

static void check_diff(struct walk *w, const struct state *a, const struct state *b)
{
	manrs_cursor cursor = {{0}};
	manrs_change change[7];
	bool aspa[LISTS_CUSTOMERS] = {false};
	size_t got, cap, keys[4] = {0};
	uint32_t kind = 0;

	do {
		cap = 1 + roll(w, 7);
		got = manrs_db_diff(a->db, b->db, &cursor, change, cap);
		for (size_t i = 0; i < got; i++) {
			ck_assert_uint_ge(change[i].kind, kind);
			kind = change[i].kind;
			ck_assert_uint_eq(change[i].prefix.family, 0);
			if (kind == MANRS_CHANGE_KEY) {
				keys[change[i].asn == UINT32_MAX ? 0 : change[i].asn]++;
				continue;
			}
			ck_assert_uint_eq(kind, MANRS_CHANGE_ASPA);
			ck_assert(!aspa[customer_index(change[i].asn)]);
			aspa[customer_index(change[i].asn)] = true;
		}
	} while (got == cap);
	for (unsigned c = 0; c < LISTS_CUSTOMERS; c++)
		ck_assert_int_eq(aspa[c],
				 lists_effective(&a->lists, c) != lists_effective(&b->lists, c));
	for (unsigned k = 0; k < LISTS_KEYS; k++)
		keys[k % 3] -=
			lists_key_effective(&a->lists, k) != lists_key_effective(&b->lists, k);
	ck_assert(!keys[0] && !keys[1] && !keys[2]);
}

/* ---- random edits ---- */

#define KEPT 6

static void random_walk(uint64_t seed, unsigned max_providers, unsigned commits)
{
	static struct state kept[KEPT];
	struct walk w = {.seed = seed};
	struct test_alloc counter = {0};
	manrs_alloc alloc = test_alloc_of(&counter);
	manrs_db_config config;

	memset(kept, 0, sizeof kept);
	manrs_db_config_init(&config, sizeof config);
	config.alloc = &alloc;
	config.max_providers = max_providers;
	pass(manrs_db_owner_new(&w.owner, &config));
	for (unsigned i = 0; i < commits; i++) {
		/* Mostly on the newest; at times on one of the older ones, which starts a branch. */
		const struct state *base =
			&kept[roll(&w, 8) ? (i + KEPT - 1) % KEPT : roll(&w, KEPT)];
		struct state next = *base;

		w.now = &next.lists;
		w.now->max_providers = max_providers;
		lists_begin(w.now);
		pass(manrs_edit_begin(&w.edit, w.owner, base->db));
		for (unsigned calls = roll(&w, 5); calls--;)
			(roll(&w, 2) ? edit_aspas : edit_keys)(&w);
		if (roll(&w, 5) == 0)
			edit_slurm(&w);
		if (roll(&w, 12) == 0)
			edit_drop(&w);
		if (roll(&w, 3) == 0)
			edit_aspas(&w);
		pass(manrs_edit_commit(w.edit, &next.db));
		check_aspas(&w, &next);
		check_keys(&w, &next);
		manrs_db_unref(kept[i % KEPT].db);
		kept[i % KEPT] = next;
		for (unsigned k = 0; k < KEPT; k++)
			if (kept[k].db && roll(&w, 3) == 0) {
				check_aspas(&w, &kept[k]);
				check_keys(&w, &kept[k]);
				check_diff(&w, &kept[k], &next);
				check_diff(&w, &next, &kept[k]);
			}
		manrs_db_reclaim(w.owner, 1 + roll(&w, 30));
	}
	for (unsigned k = 0; k < KEPT; k++)
		manrs_db_unref(kept[k].db);
	pass(manrs_db_owner_free(w.owner));
	ck_assert_uint_eq(counter.live, 0);
}

START_TEST(random_edits_equal_plain_tables)
{
	for (uint64_t seed = 1; seed <= 10; seed++)
		random_walk(seed * 104729, 1000, 150);
}
END_TEST

START_TEST(random_edits_with_a_bound_on_providers)
{
	for (uint64_t seed = 1; seed <= 6; seed++)
		random_walk(seed * 7907, 4, 150);
}
END_TEST

Suite *db_lists_suite(void)
{
	Suite *s = suite_create("data/db_lists");

	ADD_TEST(s, random_edits_equal_plain_tables, 10);
	ADD_TEST(s, random_edits_with_a_bound_on_providers, 10);
	return s;
}
