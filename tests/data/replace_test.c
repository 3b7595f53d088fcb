/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sources that are replaced, put in reserve, counted; the first record that a strict feed may not have; the difference as
 * records. Random walks against arrays (tests/oracle/db_oracle.h for routes; here for ASPAs and keys), in which replacing a
 * source is emptying it: what db_source.h promises is that nobody can tell the two apart but by what they cost. The difference
 * is checked against that of two listings.
 */

#include "../oracle/db_oracle.h"
#include "../test.h"
#include "content.h"

#define SOURCES   4
#define CUSTOMERS 40
#define PROVIDERS 12 /* AS0, and 1001 to 1011 */
#define MOST      6  /* providers of a customer that counts */
#define KEYS      24
#define ROUTES    3000

static uint32_t source_of(size_t s)
{
	static const uint32_t numbers[SOURCES] = {0, 1, 31, 63};

	return numbers[s];
}

/* ---- the world, and what the oracle holds of it ---- */

struct model {
	struct db_oracle routes;
	uint16_t list[SOURCES][CUSTOMERS]; /* a bit a provider */
	bool fed[SOURCES][CUSTOMERS];      /* in this edit */
	bool key[SOURCES][KEYS];
	bool slurm;
	uint64_t unused;
};

struct world {
	uint64_t seed;
	size_t n; /* routes in use */
	manrs_route route[ROUTES];
	manrs_router_key keys[KEYS];
	manrs_slurm slurm;
	manrs_slurm_filter filter[2], key_filter, aspa_filter;
	uint32_t asserted[2];
	manrs_aspa assert_aspa;
	struct model now, base;
	bool touched[SOURCES], replaced[SOURCES]; /* in this edit */
	manrs_db_owner *owner;
	manrs_db *db;
	manrs_edit *edit;
	struct test_alloc counter;
	manrs_alloc alloc;
};

static struct model copy_model(const struct model *m)
{
	struct model c = *m;

	c.routes = db_oracle_copy(&m->routes);
	return c;
}

/* Nested prefixes of both families, and one with very many VRPs. */
static void make_world(struct world *w, size_t n, uint64_t seed)
{
	memset(w, 0, sizeof *w);
	w->seed = seed;
	w->n = n;
	for (size_t i = 0; i < n; i++) {
		uint64_t x = test_random(&w->seed);
		manrs_route *r = &w->route[i];
		unsigned bits = x & 1 ? 32 : 128, len = (unsigned)(x >> 1 & 127) % (bits + 1);

		r->prefix.family = x & 1 ? 4 : 6;
		for (unsigned b = 0; b < bits / 8; b++)
			r->prefix.addr[b] = (uint8_t)(b < 3 ? x >> (16 + 8 * b) & 7 : 0);
		if (i % 4 == 0)
			len = 24;
		for (unsigned b = len; b < 128; b++)
			r->prefix.addr[b / 8] &= (uint8_t) ~(0x80 >> b % 8);
		r->prefix.len = (uint8_t)len;
		r->prefix.maxlen =
			(uint8_t)(len + (x >> 56) % 3 > bits ? len : len + (x >> 56) % 3);
		r->asn = (uint32_t)(x >> 60);
		if (i % 3 == 0) {
			*r = test_route("10.0.0.0/8 AS1");
			r->asn = (uint32_t)i;
		}
	}
	for (uint32_t i = 0; i < KEYS; i++)
		w->keys[i] = (manrs_router_key){
			.asn = i / 3, .ski = {(uint8_t)i}, .spki_len = 91, .spki = {(uint8_t)i}};
	w->filter[0] = (manrs_slurm_filter){.asn = 3, .has_asn = 1};
	w->filter[1].prefix = test_prefix("10.0.0.0/8");
	w->filter[1].asn = 9;
	w->filter[1].has_asn = 1;
	w->key_filter = (manrs_slurm_filter){.asn = 2, .has_asn = 1};
	w->aspa_filter = (manrs_slurm_filter){.asn = 5, .has_asn = 1};
	w->asserted[0] = 1003;
	w->asserted[1] = 1004;
	w->assert_aspa = (manrs_aspa){w->asserted, 7, 2};
	pass(manrs_slurm_init(&w->slurm, sizeof w->slurm));
	w->slurm.prefix_filters = w->filter;
	w->slurm.n_prefix_filters = 2;
	w->slurm.key_filters = &w->key_filter;
	w->slurm.n_key_filters = 1;
	w->slurm.aspa_filters = &w->aspa_filter;
	w->slurm.n_aspa_filters = 1;
	w->slurm.vrps = w->route;
	w->slurm.n_vrps = 5;
	w->slurm.keys = w->keys + 6;
	w->slurm.n_keys = 2;
	w->slurm.aspas = &w->assert_aspa;
	w->slurm.n_aspas = 1;
}

static void open_world(struct world *w)
{
	manrs_db_config config;

	w->alloc = test_alloc_of(&w->counter);
	pass(manrs_db_config_init(&config, sizeof config));
	config.alloc = &w->alloc;
	config.isa = test_isa();
	config.max_providers = MOST;
	pass(manrs_db_owner_new(&w->owner, &config));
}

static void close_world(struct world *w)
{
	manrs_edit_abort(w->edit);
	manrs_db_unref(w->db);
	pass(manrs_db_owner_free(w->owner));
	ck_assert_uint_eq(w->counter.live, 0);
	free(w->now.routes.rec);
	free(w->base.routes.rec);
}

/* ---- one call on both sides ---- */

/* The library's answer is the oracle's: the counts, and the index of the first that is wrong for a strict feed. */
static void agree(const struct world *w, const manrs_counts *got, const manrs_counts *want,
		  size_t first, bool counted)
{
	size_t at = SIZE_MAX;
	int rc = manrs_edit_first(w->edit, &at);

	if (!counted) {
		ck_assert_int_eq(rc, MANRS_ESTATE);
		return;
	}
	ck_assert_uint_eq(got->added, want->added);
	ck_assert_uint_eq(got->present, want->present);
	ck_assert_uint_eq(got->removed, want->removed);
	ck_assert_uint_eq(got->unknown, want->unknown);
	ck_assert_uint_eq(got->refused, want->refused);
	ck_assert_int_eq(rc, first == SIZE_MAX ? MANRS_ENOENT : MANRS_OK);
	ck_assert_uint_eq(at, first);
}

static void sum(manrs_counts *all, const manrs_counts *one)
{
	all->added += one->added;
	all->present += one->present;
	all->removed += one->removed;
	all->unknown += one->unknown;
	all->refused += one->refused;
}

static void do_routes(struct world *w, size_t s, int op, size_t n, int kind, bool counted)
{
	manrs_route *r = malloc((n + 1) * sizeof *r);
	manrs_counts got, want = {0};
	size_t first = SIZE_MAX;

	for (size_t i = 0; i < n; i++) {
		manrs_counts one;

		r[i] = w->route[test_below(&w->seed, w->n)];
		if (!test_below(&w->seed, 60))
			r[i].prefix.family = 5;
		db_oracle_edit(&w->now.routes, kind, source_of(s), op, &r[i], 1, &one);
		if (first == SIZE_MAX && one.present + one.unknown + one.refused)
			first = i;
		sum(&want, &one);
	}
	pass((kind ? manrs_edit_irr : manrs_edit_vrps)(w->edit, source_of(s), op, r, n,
						       counted ? &got : NULL, NULL));
	agree(w, &got, &want, first, counted);
	free(r);
}

static unsigned real_providers(uint16_t list)
{
	unsigned n = 0;

	for (unsigned i = 1; i < PROVIDERS; i++)
		n += list >> i & 1;
	return n;
}

/* db.h on manrs_edit_aspas. returns: whether a strict feed may not have it */
static bool oracle_aspa(struct world *w, size_t s, int op, uint32_t c, uint16_t list,
			manrs_counts *want)
{
	uint16_t *own = &w->now.list[s][c];
	bool *fed = &w->now.fed[s][c], first = !*fed, same = *own == list, had = *own != 0;

	if (op == MANRS_REMOVE) {
		want->removed += had;
		want->unknown += !had;
		*own = 0;
		*fed = false;
		return !had;
	}
	*own = first ? list : *own | list;
	*fed = true;
	if (real_providers(*own) > MOST) {
		want->refused++;
		return true;
	}
	want->added += first && !same;
	want->present += !first || same;
	return !first;
}

static void do_aspas(struct world *w, size_t s, int op, size_t n, bool counted)
{
	uint32_t provider[8][PROVIDERS];
	manrs_aspa aspa[8];
	manrs_counts got, want = {0};
	size_t first = SIZE_MAX;

	for (size_t i = 0; i < n; i++) {
		uint32_t c = (uint32_t)test_below(&w->seed, CUSTOMERS);
		uint16_t list = w->base.list[s][c];

		/* Often what was there, or what another source has, so that lists are the same. */
		if (!list || !test_below(&w->seed, 3))
			list = w->now.list[test_below(&w->seed, SOURCES)][c];
		if (!list || (list & 1 && list > 1) || !test_below(&w->seed, 3))
			list = (uint16_t)(2u << test_below(&w->seed, PROVIDERS - 1) |
					  2u << test_below(&w->seed, PROVIDERS - 1));
		if (!test_below(&w->seed, 12))
			list = 1;
		if (!test_below(&w->seed, 12))
			list = 0x1fe;
		aspa[i] = (manrs_aspa){provider[i], 1 + c, 0};
		for (uint32_t p = 0; p < PROVIDERS; p++)
			if (list >> p & 1)
				provider[i][aspa[i].n++] = p ? 1000 + p : 0;
		if (oracle_aspa(w, s, op, c, list, &want) && first == SIZE_MAX)
			first = i;
	}
	pass(manrs_edit_aspas(w->edit, source_of(s), op, aspa, n, counted ? &got : NULL, NULL));
	agree(w, &got, &want, first, counted);
}

static void do_keys(struct world *w, size_t s, int op, size_t n, bool counted)
{
	manrs_router_key keys[8];
	manrs_counts got, want = {0};
	size_t first = SIZE_MAX;

	for (size_t i = 0; i < n; i++) {
		size_t k = test_below(&w->seed, KEYS + 1);
		bool had = k < KEYS && w->now.key[s][k];

		keys[i] = w->keys[k < KEYS ? k : 0];
		keys[i].zero = k == KEYS;
		want.refused += k == KEYS;
		if (k < KEYS) {
			want.present += op == MANRS_ADD && had;
			want.added += op == MANRS_ADD && !had;
			want.removed += op == MANRS_REMOVE && had;
			want.unknown += op == MANRS_REMOVE && !had;
			w->now.key[s][k] = op == MANRS_ADD;
		}
		if (first == SIZE_MAX && want.present + want.unknown + want.refused)
			first = i;
	}
	pass(manrs_edit_keys(w->edit, source_of(s), op, keys, n, counted ? &got : NULL, NULL));
	agree(w, &got, &want, first, counted);
}

/* Empty a source on the oracle's side. returns: how many records it had */
static size_t empty(struct world *w, size_t s)
{
	size_t n = db_oracle_drop(&w->now.routes, source_of(s));

	for (size_t c = 0; c < CUSTOMERS; c++) {
		n += w->now.list[s][c] != 0;
		w->now.list[s][c] = 0;
		w->now.fed[s][c] = false;
	}
	for (size_t k = 0; k < KEYS; k++) {
		n += w->now.key[s][k];
		w->now.key[s][k] = false;
	}
	return n;
}

static void do_replace(struct world *w, size_t s)
{
	bool may = !w->touched[s] && !w->replaced[s];

	ck_assert_int_eq(manrs_edit_replace(w->edit, source_of(s)), may ? MANRS_OK : MANRS_ESTATE);
	if (!may)
		return;
	w->replaced[s] = true;
	empty(w, s);
}

static void do_drop(struct world *w, size_t s)
{
	manrs_counts got;

	pass(manrs_edit_drop(w->edit, source_of(s), &got));
	ck_assert_uint_eq(got.removed, empty(w, s));
	w->touched[s] = true;
}

/* ---- listings ---- */

struct listing {
	manrs_route *vrp, *irr;
	size_t vrps, irrs, keys;
	uint16_t list[CUSTOMERS];
	bool key[KEYS];
};

static struct listing oracle_listing(const struct world *w)
{
	const struct model *m = &w->now;
	struct listing l = {0};
	struct db_oracle o = m->routes;

	o.slurm = m->slurm ? &w->slurm : NULL;
	o.unused = m->unused;
	l.vrp = db_oracle_list(&o, 0, &l.vrps);
	l.irr = db_oracle_list(&o, 1, &l.irrs);
	for (uint32_t c = 0; c < CUSTOMERS; c++) {
		for (size_t s = 0; s < SOURCES; s++)
			if (!(m->unused >> source_of(s) & 1) && !(m->slurm && 1 + c == 5))
				l.list[c] |= m->list[s][c];
		if (m->slurm && 1 + c == 7)
			l.list[c] |= 1 << 3 | 1 << 4;
		if (real_providers(l.list[c]) > MOST)
			l.list[c] = 0;
		if (l.list[c] > 1)
			l.list[c] &= 0xfffe;
	}
	for (size_t k = 0; k < KEYS; k++) {
		for (size_t s = 0; s < SOURCES; s++)
			l.key[k] |= m->key[s][k] && !(m->unused >> source_of(s) & 1) &&
				    !(m->slurm && w->keys[k].asn == 2);
		l.key[k] |= m->slurm && (k == 6 || k == 7);
		l.keys += l.key[k];
	}
	return l;
}

static size_t key_at(const struct world *w, const manrs_router_key *key)
{
	size_t k = 0;

	while (memcmp(&w->keys[k], key, sizeof *key))
		ck_assert(++k < KEYS);
	return k;
}

static struct listing library_listing(const struct world *w, const manrs_db *db)
{
	struct listing l = {0};
	manrs_cursor c[4] = {{{0}}};
	manrs_aspa_pair pair[7];
	manrs_router_key key[5];
	size_t n;

	l.vrp = malloc((ROUTES + 1) * sizeof *l.vrp);
	l.irr = malloc((ROUTES + 1) * sizeof *l.irr);
	if (!db)
		return l;
	l.vrps = manrs_db_vrps(db, &c[0], l.vrp, ROUTES + 1);
	l.irrs = manrs_db_irr(db, &c[1], l.irr, ROUTES + 1);
	while ((n = manrs_db_aspas(db, &c[2], pair, 7)) > 0)
		for (size_t i = 0; i < n; i++)
			l.list[pair[i].customer - 1] |=
				(uint16_t)(1u << (pair[i].provider ? pair[i].provider - 1000 : 0));
	while ((n = manrs_db_keys(db, &c[3], key, 5)) > 0)
		for (size_t i = 0; i < n; i++, l.keys++)
			l.key[key_at(w, &key[i])] = true;
	return l;
}

static void free_listing(struct listing *l)
{
	free(l->vrp);
	free(l->irr);
}

static void same_listings(const struct listing *a, const struct listing *b)
{
	ck_assert_uint_eq(a->vrps, b->vrps);
	ck_assert_uint_eq(a->irrs, b->irrs);
	ck_assert_uint_eq(a->keys, b->keys);
	for (size_t i = 0; i < a->vrps; i++)
		ck_assert(db_oracle_route_eq(&a->vrp[i], &b->vrp[i]));
	for (size_t i = 0; i < a->irrs; i++)
		ck_assert(db_oracle_route_eq(&a->irr[i], &b->irr[i]));
	ck_assert_mem_eq(a->list, b->list, sizeof a->list);
	ck_assert_mem_eq(a->key, b->key, sizeof a->key);
}

/* ---- the difference as records, applied to the listing before ---- */

static size_t find_route(const struct listing *l, const manrs_route *r)
{
	size_t i = 0;

	while (i < l->vrps && !db_oracle_route_eq(&l->vrp[i], r))
		i++;
	return i;
}

static int vrp_order(const manrs_route *a, const manrs_route *b)
{
	int d = manrs_prefix_cmp(&a->prefix, &b->prefix);

	if (!d && a->asn != b->asn)
		d = a->asn < b->asn ? -1 : 1;
	return d ? d : (int)a->prefix.maxlen - (int)b->prefix.maxlen;
}

static void check_delta_vrp(const manrs_delta *d, struct listing *before,
			    const struct listing *after)
{
	bool add = d->op == MANRS_ADD;

	ck_assert_uint_eq(d->kind,
			  d->vrp.prefix.family == 4 ? MANRS_CHANGE_VRP4 : MANRS_CHANGE_VRP6);
	ck_assert((find_route(before, &d->vrp) == before->vrps) == add);
	ck_assert((find_route(after, &d->vrp) == after->vrps) == !add);
}

static void check_delta_aspa(const manrs_delta *d, const struct listing *before,
			     const struct listing *after)
{
	uint16_t list = 0;
	size_t c = d->aspa.customer - 1;

	for (uint32_t i = 0; i < d->aspa.n; i++) {
		ck_assert(!i || d->aspa.provider[i - 1] < d->aspa.provider[i]);
		list |= (uint16_t)(1u << (d->aspa.provider[i] ? d->aspa.provider[i] - 1000 : 0));
	}
	ck_assert(before->list[c] != after->list[c]);
	ck_assert_uint_eq(d->op, after->list[c] ? MANRS_ADD : MANRS_REMOVE);
	ck_assert_uint_eq(list, after->list[c] ? after->list[c] : before->list[c]);
}

/* How many records of two listings differ, by comparing each with each. */
static size_t differences(const struct listing *a, const struct listing *b)
{
	size_t n = 0;

	for (size_t i = 0; i < a->vrps; i++)
		n += find_route(b, &a->vrp[i]) == b->vrps;
	for (size_t i = 0; i < b->vrps; i++)
		n += find_route(a, &b->vrp[i]) == a->vrps;
	for (size_t c = 0; c < CUSTOMERS; c++)
		n += a->list[c] != b->list[c];
	for (size_t k = 0; k < KEYS; k++)
		n += a->key[k] != b->key[k];
	return n;
}

/* Each record that is told differs as it says, none is told twice, and they are as many as differ. */
static void check_delta(struct world *w, const manrs_db *from, const manrs_db *to)
{
	struct listing before = library_listing(w, from), after = library_listing(w, to);
	size_t cap = 1 + test_below(&w->seed, 9), n, all = 0, seen = 0;
	bool aspa[CUSTOMERS] = {0}, key[KEYS] = {0};
	manrs_delta out[9], last = {0};
	manrs_cursor cursor = {{0}};

	do {
		n = manrs_db_delta(from, to, &cursor, out, cap);
		for (size_t i = 0; i < n; i++, all++) {
			const manrs_delta *d = &out[i];

			ck_assert(d->kind >= last.kind);
			if (d->kind <= MANRS_CHANGE_VRP6) {
				ck_assert(d->kind != last.kind ||
					  vrp_order(&last.vrp, &d->vrp) < 0);
				check_delta_vrp(d, &before, &after);
			} else if (d->kind == MANRS_CHANGE_ASPA) {
				seen += aspa[d->aspa.customer - 1];
				aspa[d->aspa.customer - 1] = true;
				check_delta_aspa(d, &before, &after);
			} else {
				size_t k = key_at(w, d->key);

				ck_assert_uint_eq(d->kind, MANRS_CHANGE_KEY);
				seen += key[k];
				key[k] = true;
				ck_assert(before.key[k] == (d->op == MANRS_REMOVE));
				ck_assert(after.key[k] == (d->op == MANRS_ADD));
			}
			last = *d;
		}
	} while (n == cap);
	ck_assert_uint_eq(seen, 0);
	ck_assert_uint_eq(all, differences(&before, &after));
	free_listing(&before);
	free_listing(&after);
}

/* ---- commits ---- */

static void check_counts(const struct world *w, const manrs_db *db)
{
	for (size_t s = 0; s < SOURCES; s++) {
		manrs_db_source_stats got = {.size = sizeof got};
		size_t n[2] = {0, 0}, aspas = 0, keys = 0;

		for (size_t i = 0; i < w->now.routes.n; i++)
			n[w->now.routes.rec[i].kind] +=
				(w->now.routes.rec[i].sources >> source_of(s) & 1) != 0;
		for (size_t c = 0; c < CUSTOMERS; c++)
			aspas += w->now.list[s][c] != 0;
		for (size_t k = 0; k < KEYS; k++)
			keys += w->now.key[s][k];
		pass(manrs_db_source_stats_get(db, source_of(s), &got));
		ck_assert_uint_eq(got.vrps, n[0]);
		ck_assert_uint_eq(got.irr, n[1]);
		ck_assert_uint_eq(got.aspas, aspas);
		ck_assert_uint_eq(got.keys, keys);
	}
}

/* What one record is fed as: an ADD under each of its sources, whose bits are those of source_of. */
static void add_again(manrs_edit *edit, uint64_t sources, const manrs_route *vrp,
		      const manrs_route *irr, const manrs_aspa_pair *pair,
		      const manrs_router_key *key)
{
	manrs_aspa aspa = {pair ? &pair->provider : NULL, pair ? pair->customer : 0, 1};

	ck_assert_uint_ne(sources, 0);
	for (size_t s = 0; s < SOURCES; s++) {
		uint32_t source = source_of(s);

		if (!(sources >> source & 1))
			continue;
		sources &= ~(UINT64_C(1) << source);
		if (vrp)
			pass(manrs_edit_vrps(edit, source, MANRS_ADD, vrp, 1, NULL, NULL));
		if (irr)
			pass(manrs_edit_irr(edit, source, MANRS_ADD, irr, 1, NULL, NULL));
		if (pair)
			pass(manrs_edit_aspas(edit, source, MANRS_ADD, &aspa, 1, NULL, NULL));
		if (key)
			pass(manrs_edit_keys(edit, source, MANRS_ADD, key, 1, NULL, NULL));
	}
	ck_assert_uint_eq(sources, 0);
}

static void list_again(struct world *w, manrs_edit *edit, size_t cap)
{
	manrs_cursor c[4] = {{{0}}};
	uint64_t sources[9];
	manrs_aspa_pair pair[9];
	manrs_router_key key[9];
	manrs_route route[9];
	size_t n;

	do
		for (size_t i = n = manrs_db_source_vrps(w->db, &c[0], route, sources, cap); i--;)
			add_again(edit, sources[i], &route[i], NULL, NULL, NULL);
	while (n == cap);
	do
		for (size_t i = n = manrs_db_source_irr(w->db, &c[1], route, sources, cap); i--;)
			add_again(edit, sources[i], NULL, &route[i], NULL, NULL);
	while (n == cap);
	do
		for (size_t i = n = manrs_db_source_aspas(w->db, &c[2], pair, sources, cap); i--;)
			add_again(edit, sources[i], NULL, NULL, &pair[i], NULL);
	while (n == cap);
	do
		for (size_t i = n = manrs_db_source_keys(w->db, &c[3], key, sources, cap); i--;)
			add_again(edit, sources[i], NULL, NULL, NULL, &key[i]);
	while (n == cap);
}

/* What the sources have, fed to an empty edit under the same exceptions, is what the arrays say of the first one. */
static void check_again(struct world *w)
{
	struct listing want = oracle_listing(w), got;
	manrs_edit *edit;
	manrs_db *db;

	pass(manrs_edit_begin(&edit, w->owner, NULL));
	pass(manrs_edit_slurm(edit, w->now.slurm ? &w->slurm : NULL, NULL));
	pass(manrs_edit_use(edit, ~w->now.unused));
	list_again(w, edit, 1 + test_below(&w->seed, 9));
	pass(manrs_edit_commit(edit, &db));
	got = library_listing(w, db);
	same_listings(&want, &got);
	check_counts(w, db);
	free_listing(&want);
	free_listing(&got);
	manrs_db_unref(db);
}

static void begin(struct world *w)
{
	free(w->base.routes.rec);
	memset(w->now.fed, 0, sizeof w->now.fed);
	w->base = copy_model(&w->now);
	memset(w->touched, 0, sizeof w->touched);
	memset(w->replaced, 0, sizeof w->replaced);
	pass(manrs_edit_begin(&w->edit, w->owner, w->db));
}

static void check_db(struct world *w)
{
	struct listing want = oracle_listing(w), got = library_listing(w, w->db);

	same_listings(&want, &got);
	free_listing(&want);
	free_listing(&got);
	check_counts(w, w->db);
	if (!test_below(&w->seed, 4))
		check_again(w);
}

/* Commit; sometimes memory is refused at first, and sometimes more is fed before it is tried again. */
static void commit(struct world *w)
{
	manrs_db *old = w->db, *next;
	size_t k = test_below(&w->seed, 3) ? 0 : 1 + test_below(&w->seed, 30);
	int rc;

	w->counter.calls = 0;
	w->counter.fail_at = k;
	rc = manrs_edit_commit(w->edit, &next);
	w->counter.fail_at = 0;
	if (rc != MANRS_OK) {
		ck_assert_int_eq(rc, MANRS_ENOMEM);
		for (size_t s = 0; s < SOURCES; s++) {
			int op = test_below(&w->seed, 3) ? MANRS_ADD : MANRS_REMOVE;

			if (test_below(&w->seed, 2))
				continue;
			do_routes(w, s, op, 1 + test_below(&w->seed, 20), 0, true);
			do_aspas(w, s, op, 6, true);
			do_keys(w, s, op, 6, true);
		}
		pass(manrs_edit_commit(w->edit, &next));
	}
	w->edit = NULL;
	w->db = next;
	check_db(w);
	check_delta(w, old, next);
	check_delta(w, next, old);
	if (old && !test_below(&w->seed, 6)) {
		/* The older snapshot again: the next edit makes a lineage of its own. */
		struct model keep = w->now;

		w->now = w->base;
		w->base = keep;
		w->db = old;
		manrs_db_unref(next);
	} else {
		manrs_db_unref(old);
	}
	manrs_db_reclaim(w->owner, test_below(&w->seed, 2) ? 0 : 5);
}

static void abandon(struct world *w)
{
	struct model keep = w->now;

	manrs_edit_abort(w->edit);
	w->edit = NULL;
	w->now = w->base;
	w->base = keep;
	if (w->db)
		check_db(w);
}

/* All that a source had, in another order, but for a few: a reset of a cache. */
static void do_reset(struct world *w, size_t s, size_t but)
{
	struct db_oracle old = db_oracle_copy(&w->now.routes);
	manrs_counts got, want;

	if (w->touched[s] || w->replaced[s]) {
		free(old.rec);
		return;
	}
	do_replace(w, s);
	for (size_t i = old.n; i-- > 0;)
		if (old.rec[i].sources >> source_of(s) & 1 &&
		    !(but && !test_below(&w->seed, but))) {
			db_oracle_edit(&w->now.routes, old.rec[i].kind, source_of(s), MANRS_ADD,
				       &old.rec[i].route, 1, &want);
			pass((old.rec[i].kind ? manrs_edit_irr
					      : manrs_edit_vrps)(w->edit, source_of(s), MANRS_ADD,
								 &old.rec[i].route, 1, &got, NULL));
			agree(w, &got, &want, SIZE_MAX, true);
		}
	free(old.rec);
}

static void do_something(struct world *w, size_t most)
{
	size_t s = test_below(&w->seed, SOURCES), n = 1 + test_below(&w->seed, most);
	int op = test_below(&w->seed, 3) ? MANRS_ADD : MANRS_REMOVE;
	bool counted = test_below(&w->seed, 6), feeds = true;

	switch (test_below(&w->seed, 14)) {
	case 0:
	case 1:
	case 2:
		do_routes(w, s, op, n, 0, counted);
		break;
	case 3:
		do_routes(w, s, op, n, 1, counted);
		break;
	case 4:
	case 5:
		do_aspas(w, s, op, 1 + n % 8, counted);
		break;
	case 6:
		do_keys(w, s, op, 1 + n % 8, counted);
		break;
	case 7:
		do_drop(w, s);
		break;
	case 8:
		w->now.slurm = test_below(&w->seed, 2);
		pass(manrs_edit_slurm(w->edit, w->now.slurm ? &w->slurm : NULL, NULL));
		feeds = false;
		break;
	case 9:
		w->now.unused =
			test_below(&w->seed, 3) ? test_random(&w->seed) & test_random(&w->seed) : 0;
		pass(manrs_edit_use(w->edit, ~w->now.unused));
		feeds = false;
		break;
	case 10:
		do_reset(w, s, test_below(&w->seed, 2) ? 0 : 5);
		feeds = false;
		break;
	default:
		do_replace(w, s);
		feeds = false;
	}
	w->touched[s] |= feeds;
}

static void walk(size_t routes, size_t most, size_t steps, uint64_t seed)
{
	static struct world w;

	make_world(&w, routes, seed);
	open_world(&w);
	begin(&w);
	for (size_t i = 0; i < steps; i++) {
		size_t dice = test_below(&w.seed, 12);

		if (dice == 0)
			abandon(&w);
		if (dice == 1 || dice == 2)
			commit(&w);
		if (dice < 3)
			begin(&w);
		else
			do_something(&w, most);
	}
	abandon(&w);
	close_world(&w);
}

START_TEST(small_sets_at_random)
{
	for (size_t seed = 1; seed < 9; seed++)
		walk(40 + 10 * seed, 30, 900, seed);
}
END_TEST

/* Enough for many stretches of numbers (replace.c), one of them in a single node. */
START_TEST(large_sets_at_random)
{
	walk(ROUTES, 900, 150, 77);
	walk(ROUTES, 900, 150, 78);
}
END_TEST

/* The first records of an empty base are sorted, not looked up: what was first wrong is what it is one by one. */
START_TEST(a_first_large_load)
{
	static struct world w;

	for (uint64_t seed = 1; seed < 13; seed++) {
		make_world(&w, ROUTES, seed);
		/* Sometimes nothing is refused, and few or none are there twice. */
		for (size_t i = 0; seed % 3 == 0 && i < ROUTES; i++)
			w.route[i].asn = (uint32_t)i;
		open_world(&w);
		begin(&w);
		if (seed % 2)
			do_replace(&w, 1);
		do_routes(&w, 1, MANRS_ADD, 1024 + test_below(&w.seed, 300), seed & 1, true);
		do_routes(&w, 1, MANRS_ADD, 1024, !(seed & 1), true);
		do_routes(&w, 1, MANRS_ADD, 20, seed & 1, true);
		commit(&w);
		close_world(&w);
	}
}
END_TEST

/* ASPAs as long as may be, and keys: one a call, and each once, to and fro. */
START_TEST(a_delta_of_the_longest_lists)
{
	enum { LONG = MANRS_PROVIDERS_MAX, MANY = 9 };
	static uint32_t providers[LONG + 1];
	manrs_db_owner *owner;
	manrs_db *from, *to;
	manrs_edit *e;
	manrs_router_key keys[MANY] = {{.asn = 0}};
	manrs_aspa aspas[MANY];

	pass(manrs_db_owner_new(&owner, NULL));
	for (uint32_t i = 0; i <= LONG; i++)
		providers[i] = 100000 + i;
	for (uint32_t i = 0; i < MANY; i++) {
		aspas[i] = (manrs_aspa){providers, 1 + i, LONG};
		keys[i].asn = i;
		keys[i].spki_len = MANRS_SPKI_MAX;
		memset(keys[i].spki, 0xff, MANRS_SPKI_MAX);
	}
	pass(manrs_edit_begin(&e, owner, NULL));
	pass(manrs_edit_aspas(e, 0, MANRS_ADD, aspas, MANY, NULL, NULL));
	pass(manrs_edit_keys(e, 0, MANRS_ADD, keys, MANY, NULL, NULL));
	pass(manrs_edit_commit(e, &from));
	/* The last provider of every other list is another one; the last byte of every other key. */
	for (uint32_t i = 0; i < MANY; i += 2) {
		static uint32_t other[LONG];

		memcpy(other, providers, sizeof other);
		other[LONG - 1] = providers[LONG];
		aspas[i].provider = other;
		keys[i].spki[MANRS_SPKI_MAX - 1] = 0;
	}
	pass(manrs_edit_begin(&e, owner, from));
	pass(manrs_edit_replace(e, 0));
	pass(manrs_edit_aspas(e, 0, MANRS_ADD, aspas, MANY, NULL, NULL));
	pass(manrs_edit_keys(e, 0, MANRS_ADD, keys, MANY, NULL, NULL));
	pass(manrs_edit_commit(e, &to));
	for (int back = 0; back < 2; back++) {
		manrs_cursor cursor = {{0}};
		size_t n_aspas = 0, n_adds = 0, n_removes = 0;
		manrs_delta d;

		while (manrs_db_delta(back ? to : from, back ? from : to, &cursor, &d, 1) == 1) {
			if (d.kind == MANRS_CHANGE_KEY) {
				n_adds += d.op == MANRS_ADD;
				n_removes += d.op == MANRS_REMOVE;
				ck_assert_uint_eq(d.key->asn % 2, 0);
				ck_assert((d.key->spki[MANRS_SPKI_MAX - 1] == 0) ==
					  ((d.op == MANRS_ADD) != back));
				continue;
			}
			ck_assert_uint_eq(d.kind, MANRS_CHANGE_ASPA);
			ck_assert_uint_eq(d.op, MANRS_ADD);
			ck_assert_uint_eq(d.aspa.customer % 2, 1);
			ck_assert_uint_eq(d.aspa.n, LONG);
			ck_assert_uint_eq(d.aspa.provider[LONG - 1],
					  providers[back ? LONG - 1 : LONG]);
			n_aspas++;
		}
		ck_assert_uint_eq(n_aspas, 5);
		ck_assert_uint_eq(n_adds, 5);
		ck_assert_uint_eq(n_removes, 5);
	}
	manrs_db_unref(from);
	manrs_db_unref(to);
	pass(manrs_db_owner_free(owner));
}
END_TEST

/* ---- refused memory ---- */

/* Lists and keys of a reset: some as they were, some new, some twice. */
struct feed {
	const manrs_route *routes;
	const manrs_router_key *keys;
	manrs_aspa aspas[30];
	uint32_t providers[4];
};

static void make_feed(struct feed *f, const struct world *w)
{
	f->routes = w->route;
	f->keys = w->keys;
	for (uint32_t i = 0; i < 4; i++)
		f->providers[i] = 1001 + i;
	for (uint32_t i = 0; i < 30; i++)
		f->aspas[i] = (manrs_aspa){f->providers + i % 2, 1 + i % 20, 1 + i % 3};
}

enum { REPLACE, ROUTES_IN, IRR_IN, ASPAS_IN, KEYS_IN, CALLS };

static int one_call(const struct feed *f, manrs_edit *e, int call, manrs_counts *c)
{
	memset(c, 0, sizeof *c);
	switch (call) {
	case REPLACE:
		return manrs_edit_replace(e, 1);
	case ROUTES_IN:
		return manrs_edit_vrps(e, 1, MANRS_ADD, f->routes + 300, 1500, c, NULL);
	case IRR_IN:
		return manrs_edit_irr(e, 1, MANRS_ADD, f->routes + 100, 700, c, NULL);
	case ASPAS_IN:
		return manrs_edit_aspas(e, 1, MANRS_ADD, f->aspas, 30, c, NULL);
	}
	return manrs_edit_keys(e, 1, MANRS_ADD, f->keys + 5, 15, c, NULL);
}

static char *committed(manrs_edit *e)
{
	manrs_db *db;
	char *text;

	pass(manrs_edit_commit(e, &db));
	text = content_of(db);
	manrs_db_unref(db);
	return text;
}

/* Memory is refused from allocation k on in one call of a reset. again: then it is tried again. returns: whether it was */
static bool refused(struct world *w, const struct feed *f, int call, size_t k, bool again,
		    const manrs_counts *want, const char *whole, const char *without)
{
	manrs_counts c;
	manrs_edit *e;
	char *text;
	int rc = MANRS_OK;

	pass(manrs_edit_begin(&e, w->owner, w->db));
	for (int i = 0; i < CALLS; i++) {
		w->counter.calls = 0;
		w->counter.fail_at = i == call ? k : 0;
		if (i != call) {
			pass(one_call(f, e, i, &c));
			continue;
		}
		rc = one_call(f, e, i, &c);
		w->counter.fail_at = 0;
		if (rc == MANRS_ENOMEM && again)
			pass(one_call(f, e, i, &c));
		else if (rc != MANRS_ENOMEM)
			pass(rc);
		if (rc == MANRS_OK || again)
			ck_assert_mem_eq(&c, &want[i], sizeof c);
	}
	text = committed(e);
	ck_assert_str_eq(text, rc == MANRS_OK || again ? whole : without);
	free(text);
	manrs_db_reclaim(w->owner, 0);
	return rc == MANRS_ENOMEM;
}

START_TEST(a_reset_with_allocation_k_refused)
{
	static struct world w;
	static struct feed f;
	manrs_counts want[CALLS];
	manrs_edit *e;
	char *whole = NULL, *without = NULL;

	make_world(&w, ROUTES, 5);
	open_world(&w);
	make_feed(&f, &w);
	pass(manrs_edit_begin(&e, w.owner, NULL));
	for (uint32_t s = 1; s < 3; s++) {
		pass(manrs_edit_vrps(e, s, MANRS_ADD, w.route + 700 * (s - 1), 1500, NULL, NULL));
		pass(manrs_edit_irr(e, s, MANRS_ADD, w.route + 300 * (s - 1), 600, NULL, NULL));
		pass(manrs_edit_aspas(e, s, MANRS_ADD, f.aspas + 5 * (s - 1), 18, NULL, NULL));
		pass(manrs_edit_keys(e, s, MANRS_ADD, w.keys + 4 * (s - 1), 12, NULL, NULL));
	}
	pass(manrs_edit_commit(e, &w.db));
	for (int call = 0; call < CALLS; call++) {
		for (int left = 0; left < 2; left++) {
			pass(manrs_edit_begin(&e, w.owner, w.db));
			for (int i = 0; i < CALLS; i++)
				if (!left || i != call)
					pass(one_call(&f, e, i, &want[i]));
			*(left ? &without : &whole) = committed(e);
		}
		for (int again = 0; again < 2; again++)
			for (size_t k = 1; refused(&w, &f, call, k, again, want, whole, without);
			     k++)
				;
		free(whole);
		free(without);
	}
	close_world(&w);
}
END_TEST

Suite *replace_suite(void)
{
	Suite *s = suite_create("data/replace");

	ADD_TEST(s, small_sets_at_random, 10);
	ADD_LONG_TEST(s, large_sets_at_random, 10);
	ADD_LONG_TEST(s, a_first_large_load, 10);
	ADD_TEST(s, a_delta_of_the_longest_lists, 10);
	ADD_LONG_TEST(s, a_reset_with_allocation_k_refused, 10);
	return s;
}
