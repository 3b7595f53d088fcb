/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading snapshots: listings and differences. A listing is the difference to nothing; both go over trees side by side and
 * pass what they share. A cursor holds the last key that was written out, so it needs no memory of its own:
 *
 *     state[0]  what is being listed, counted from 0 (a tree, then ASPAs, then keys for a difference)
 *     state[1]  the record within the prefix or customer to go on from (a listing); 1 once anything was written (a difference)
 *     state[2]  family and len; state[3], state[4] the address; or the map's order; or the index of a key
 */

#include "base/grow.h"
#include "data/listing.h"
#include "data/store.h"

#include <manrs/db_source.h>
#include <string.h>

/* ---- routes ---- */

struct list {
	manrs_cursor *cursor;
	manrs_route *out;
	uint64_t *sources; /* NULL: what is judged is listed, else all that sources have */
	size_t n, cap;
	unsigned family;
	struct cover_from first; /* where an earlier call stopped, */
	size_t skip;             /* behind this many of its records */
};

static bool list_prefix(void *arg, const uint8_t *addr, unsigned len, const struct cover_rec *a,
			size_t na, const struct cover_rec *b, size_t nb)
{
	struct list *l = arg;
	size_t i = l->first.len == len && !memcmp(l->first.addr, addr, 16) ? l->skip : 0;

	(void)b, (void)nb;
	for (; i < na && l->n < l->cap; i++) {
		if (l->sources ? !a[i].sources : !cover_effective(&a[i]))
			continue;
		if (l->sources)
			l->sources[l->n] = a[i].sources;
		listing_prefix(&l->out[l->n].prefix, l->family, addr, len, a[i].maxlen);
		l->out[l->n++].asn = a[i].asn;
	}
	if (l->n < l->cap)
		return true;
	listing_remember(l->cursor, len, addr);
	l->cursor->state[1] = i;
	return false;
}

static size_t list_routes(const manrs_db *db, enum tree tree, manrs_cursor *cursor,
			  manrs_route *out, uint64_t *sources, size_t cap)
{
	struct list l = {.cursor = cursor, .out = out, .sources = sources, .cap = cap};

	while (cursor->state[0] < 2 && l.n < cap) {
		l.first = listing_from(cursor);
		l.skip = (size_t)cursor->state[1];
		l.family = cursor->state[0] ? 6 : 4;
		cover_walk(db->view.c.root[tree + cursor->state[0]], 0, &l.first, list_prefix, &l);
		if (l.n == cap)
			break;
		*cursor = (manrs_cursor){.state = {cursor->state[0] + 1}};
	}
	return l.n;
}

size_t manrs_db_vrps(const manrs_db *db, manrs_cursor *cursor, manrs_route *out, size_t cap)
{
	return list_routes(db, TREE_VRP4, cursor, out, NULL, cap);
}

size_t manrs_db_irr(const manrs_db *db, manrs_cursor *cursor, manrs_route *out, size_t cap)
{
	return list_routes(db, TREE_IRR4, cursor, out, NULL, cap);
}

size_t manrs_db_source_vrps(const manrs_db *db, manrs_cursor *cursor, manrs_route *out,
			    uint64_t *sources, size_t cap)
{
	return list_routes(db, TREE_VRP4, cursor, out, sources, cap);
}

size_t manrs_db_source_irr(const manrs_db *db, manrs_cursor *cursor, manrs_route *out,
			   uint64_t *sources, size_t cap)
{
	return list_routes(db, TREE_IRR4, cursor, out, sources, cap);
}

/* ---- ASPAs and keys ---- */

struct list_aspa {
	manrs_cursor *cursor;
	manrs_aspa_pair *out;
	uint64_t *sources;
	size_t n, cap;
};

static bool list_block(void *arg, uint64_t order, const void *a, const void *b)
{
	struct list_aspa *l = arg;
	const struct aspa_record *block = a;
	uint64_t i = l->cursor->state[1];

	(void)b;
	for (; i < block->n && l->n < l->cap; i++)
		l->out[l->n++] = (manrs_aspa_pair){block->customer, block->provider[i]};
	l->cursor->state[1] = i < block->n ? i : 0;
	if (i == block->n)
		l->cursor->state[2] = order;
	return l->n < l->cap;
}

/* The same of what the sources list, judged or not. */
static bool list_raw(void *arg, uint64_t order, const void *a, const void *b)
{
	struct list_aspa *l = arg;
	const struct aspa_record *block = a;
	const struct aspa_raw *raw = block->raw;
	uint64_t i = l->cursor->state[1];

	(void)b;
	for (; i < raw->n && l->n < l->cap; i++)
		if (raw->pair[i].sources) {
			l->sources[l->n] = raw->pair[i].sources;
			l->out[l->n++] = (manrs_aspa_pair){block->customer, raw->pair[i].provider};
		}
	l->cursor->state[1] = i < raw->n ? i : 0;
	if (i == raw->n)
		l->cursor->state[2] = order;
	return l->n < l->cap;
}

size_t manrs_db_aspas(const manrs_db *db, manrs_cursor *cursor, manrs_aspa_pair *out, size_t cap)
{
	struct list_aspa l = {.cursor = cursor, .out = out, .cap = cap};

	if (cap)
		asnmap_walk(db->view.c.aspas, 0, cursor->state[2], list_block, &l);
	return l.n;
}

size_t manrs_db_source_aspas(const manrs_db *db, manrs_cursor *cursor, manrs_aspa_pair *out,
			     uint64_t *sources, size_t cap)
{
	struct list_aspa l = {cursor, out, sources, 0, cap};

	if (cap)
		asnmap_walk(db->view.c.aspas, 0, cursor->state[2], list_raw, &l);
	return l.n;
}

static size_t list_keys(const manrs_db *db, manrs_cursor *cursor, manrs_router_key *out,
			uint64_t *sources, size_t cap)
{
	const struct key_set *set = db->view.c.keys;
	size_t n = 0;

	for (; set && cursor->state[0] < set->n && n < cap; cursor->state[0]++) {
		const struct key_rec *rec = &set->rec[cursor->state[0]];

		if (sources ? !rec->sources : !key_effective(rec))
			continue;
		if (sources)
			sources[n] = rec->sources;
		out[n++] = rec->key;
	}
	return n;
}

size_t manrs_db_keys(const manrs_db *db, manrs_cursor *cursor, manrs_router_key *out, size_t cap)
{
	return list_keys(db, cursor, out, NULL, cap);
}

size_t manrs_db_source_keys(const manrs_db *db, manrs_cursor *cursor, manrs_router_key *out,
			    uint64_t *sources, size_t cap)
{
	return list_keys(db, cursor, out, sources, cap);
}

/* ---- counts ---- */

int manrs_db_stats_get(const manrs_db *db, manrs_db_stats *stats)
{
	const struct content *c = &db->view.c;
	manrs_db_stats s = {
		.vrps4 = c->count[TREE_VRP4],
		.vrps6 = c->count[TREE_VRP6],
		.irr4 = c->count[TREE_IRR4],
		.irr6 = c->count[TREE_IRR6],
		.aspas = c->aspa_count,
		.aspa_providers = c->aspa_providers,
		.keys = c->key_count,
		.serial = db->serial,
		.bytes_read = db->lineage->pool[TXN_READ].used,
		.bytes_all = db->lineage->pool[TXN_READ].taken + db->lineage->pool[TXN_RAW].taken,
	};

	return grow_give(stats, GROW_LEAST(manrs_db_stats, bytes_all), &s, sizeof s) ? MANRS_OK
										     : MANRS_EINVAL;
}

struct tally {
	uint64_t bit, routes, aspas;
};

static bool tally_own(void *arg, const uint8_t *addr, unsigned depth, const struct cover_own *own)
{
	struct tally *t = arg;

	(void)addr, (void)depth;
	for (uint32_t i = 0; i < own->n; i++)
		t->routes += (own->rec[i].sources & t->bit) != 0;
	return true;
}

static bool tally_aspa(void *arg, uint64_t order, const void *a, const void *b)
{
	const struct aspa_raw *raw = ((const struct aspa_record *)a)->raw;
	struct tally *t = arg;
	bool has = false;

	(void)order, (void)b;
	for (uint32_t i = 0; i < raw->n && !has; i++)
		has = raw->pair[i].sources & t->bit;
	t->aspas += has;
	return true;
}

static uint64_t tally_tree(const manrs_db *db, enum tree tree, uint64_t bit)
{
	struct tally t = {.bit = bit};

	cover_owns(db->view.c.root[tree], NULL, tally_own, &t);
	cover_owns(db->view.c.root[tree + 1], NULL, tally_own, &t);
	return t.routes;
}

int manrs_db_source_stats_get(const manrs_db *db, uint32_t source, manrs_db_source_stats *stats)
{
	const struct key_set *keys = db->view.c.keys;
	manrs_db_source_stats s = {0};
	struct tally t = {0};

	if (source >= MANRS_SOURCES)
		return MANRS_EINVAL;
	t.bit = UINT64_C(1) << source;
	s.vrps = tally_tree(db, TREE_VRP4, t.bit);
	s.irr = tally_tree(db, TREE_IRR4, t.bit);
	asnmap_walk(db->view.c.aspas, 0, 0, tally_aspa, &t);
	s.aspas = t.aspas;
	for (uint64_t i = 0; keys && i < keys->n; i++)
		s.keys += (keys->rec[i].sources & t.bit) != 0;
	return grow_give(stats, GROW_LEAST(manrs_db_source_stats, keys), &s, sizeof s)
		       ? MANRS_OK
		       : MANRS_EINVAL;
}

/* ---- for the check floor ---- */

bool db_has(const manrs_db *db, enum db_kind kind)
{
	switch (kind) {
	case DB_VRPS:
		return db->view.c.count[TREE_VRP4] || db->view.c.count[TREE_VRP6];
	case DB_IRR:
		return db->view.c.count[TREE_IRR4] || db->view.c.count[TREE_IRR6];
	case DB_ASPAS:
		return db->view.c.aspa_count;
	}
	return false;
}

const struct aspa_record *db_aspa(const manrs_db *db, uint32_t customer)
{
	const struct aspa_record *b = asnmap_get(db->view.c.aspas, customer);

	return b && b->n ? b : NULL;
}

struct covering {
	const manrs_prefix *prefix;
	manrs_route *out;
	size_t n, cap;
};

static void put_word(void *arg, uint64_t word)
{
	struct covering *c = arg;
	manrs_route *r;

	if (c->n++ >= c->cap)
		return;
	r = &c->out[c->n - 1];
	listing_prefix(&r->prefix, c->prefix->family, c->prefix->addr, cover_word_len(word),
		       cover_word_maxlen(word));
	addr_mask(r->prefix.addr, r->prefix.len);
	r->asn = cover_word_asn(word);
}

static size_t covering(const manrs_db *db, enum tree tree, const manrs_prefix *prefix,
		       manrs_route *out, size_t cap)
{
	struct covering c = {prefix, out, 0, cap};

	if (prefix_ok(prefix))
		cover_list(db->view.c.root[tree + (prefix->family == 6)], prefix->addr, prefix->len,
			   put_word, &c);
	return c.n;
}

size_t db_vrp_covering(const manrs_db *db, const manrs_prefix *prefix, manrs_route *out, size_t cap)
{
	return covering(db, TREE_VRP4, prefix, out, cap);
}

size_t db_irr_covering(const manrs_db *db, const manrs_prefix *prefix, manrs_route *out, size_t cap)
{
	return covering(db, TREE_IRR4, prefix, out, cap);
}
