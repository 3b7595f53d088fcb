/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The router keys of an edit: those that it touches, in the order in which they came, with a hash over them. A commit sorts
 * them and merges them with the base's sorted array into a new one.
 */

#include "base/sort.h"
#include "data/store.h"

#include <assert.h>
#include <string.h>

_Static_assert(sizeof(manrs_router_key) % 8 == 0, "a key is hashed by words");

int key_cmp(const manrs_router_key *a, const manrs_router_key *b)
{
	int d;

	if (a->asn != b->asn)
		return a->asn < b->asn ? -1 : 1;
	d = memcmp(a->ski, b->ski, sizeof a->ski);
	if (!d)
		d = (int)a->spki_len - (int)b->spki_len;
	return d ? d : memcmp(a->spki, b->spki, sizeof a->spki);
}

bool key_ok(const manrs_router_key *k)
{
	if (k->spki_len < 1 || k->spki_len > MANRS_SPKI_MAX || k->zero)
		return false;
	for (size_t i = k->spki_len; i < MANRS_SPKI_MAX; i++)
		if (k->spki[i])
			return false;
	return true;
}

static const struct key_set *base_keys(const manrs_edit *e)
{
	return e->base ? e->base->view.c.keys : NULL;
}

const struct key_rec *key_base(const manrs_edit *e, const manrs_router_key *key)
{
	const struct key_set *set = base_keys(e);
	size_t lo = 0, hi = set ? (size_t)set->n : 0;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int d = key_cmp(&set->rec[mid].key, key);

		if (!d)
			return &set->rec[mid];
		if (d < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

static uint64_t hash_of(const manrs_edit *e, const manrs_router_key *key)
{
	return slots_hash(e->key_index.seed, key, sizeof *key);
}

/* Make sure of room for n more; then touch_key cannot fail n times. */
bool key_reserve(manrs_edit *e, size_t n)
{
	const manrs_alloc *mem = &e->owner->mem;

	return vec_reserve(mem, &e->key, n, sizeof(struct key_rec)) &&
	       slots_reserve(mem, &e->key_index, e->key.n + n);
}

struct key_rec *key_touch(manrs_edit *e, const manrs_router_key *key)
{
	uint64_t hash = hash_of(e, key);
	struct key_rec *rec = e->key.at;
	const struct key_rec *base;
	size_t at = slots_home(&e->key_index, hash), i;

	while (slots_next(&e->key_index, hash, &at, &i))
		if (!memcmp(&rec[i].key, key, sizeof *key))
			return &rec[i];
	base = key_base(e, key);
	assert(e->key.n < e->key.cap && 2 * (e->key.n + 1) <= e->key_index.n); /* key_reserve */
	slots_put(&e->key_index, hash, e->key.n);
	rec += e->key.n++;
	assert(!base || !key_cmp(&base->key, key));
	*rec = base ? *base : (struct key_rec){.key = *key};
	return rec;
}

int manrs_edit_keys(manrs_edit *e, uint32_t source, int op, const manrs_router_key *keys, size_t n,
		    manrs_counts *counts, manrs_fault *fault)
{
	size_t first = FIRST_NONE;
	manrs_counts c = {0};
	struct replaced *r;
	uint64_t bit;

	if (source >= MANRS_SOURCES || (op != MANRS_ADD && op != MANRS_REMOVE))
		return fault_set(fault, MANRS_EINVAL, 0, "no such source or operation");
	bit = UINT64_C(1) << source;
	r = replaced_of(e, bit);
	if (r ? !replaced_feed(e, r, KIND_KEY, op, keys, n, &c, fault, &first) : !key_reserve(e, n))
		return fault_set(fault, MANRS_ENOMEM, 0, "out of memory");
	for (size_t i = 0; i < n && !r; i++) {
		if (key_ok(&keys[i])) {
			struct key_rec *k = key_touch(e, &keys[i]);

			k->sources = edit_sources(k->sources, bit, op, &c);
		} else if (!c.refused++) {
			fault_set(fault, MANRS_EINVAL, i, "malformed router key");
		}
		edit_note(&c, i, &first);
	}
	edit_fed(e, bit, n, &c, first, counts);
	return MANRS_OK;
}

bool key_touch_source(manrs_edit *e, uint64_t bit)
{
	const struct key_set *set = base_keys(e);
	size_t n = 0;

	for (uint64_t i = 0; set && i < set->n; i++)
		n += (set->rec[i].sources & bit) != 0;
	if (n && !key_reserve(e, n))
		return false;
	for (uint64_t i = 0; n && i < set->n; i++)
		if (set->rec[i].sources & bit)
			key_touch(e, &set->rec[i].key);
	return true;
}

void key_drop(manrs_edit *e, uint64_t bit, manrs_counts *c)
{
	struct key_rec *rec = e->key.at;

	for (size_t i = 0; i < e->key.n; i++) {
		c->removed += (rec[i].sources & bit) != 0;
		rec[i].sources &= ~bit;
	}
}

/* ---- commit ---- */

static int order(const void *arg, uint64_t a, uint64_t b)
{
	const struct key_rec *rec = arg;

	return key_cmp(&rec[a].key, &rec[b].key);
}

/* The touched keys in order of key_cmp: what comes first of it decides most. */
static void sort_touched(const manrs_edit *e, struct sort_item *item)
{
	const struct key_rec *rec = e->key.at;
	size_t n = e->key.n;

	for (size_t i = 0; i < n; i++)
		item[i] = (struct sort_item){
			(uint64_t)rec[i].key.asn << 32 | (uint64_t)rec[i].key.ski[0] << 24 |
				(uint64_t)rec[i].key.ski[1] << 16 |
				(uint64_t)rec[i].key.ski[2] << 8 | rec[i].key.ski[3],
			i};
	if (n)
		sort_items(item, item + n, n, order, rec);
	for (size_t i = 1; i < n; i++)
		assert(order(rec, item[i - 1].at, item[i].at) < 0); /* each key once */
}

static uint8_t flags_of(const manrs_edit *e, const struct key_rec *k)
{
	uint8_t flags = slurm_key(edit_slurm(e), &k->key);

	if (k->sources && !(k->sources & ~edit_unused(e)))
		flags |= COVER_FILTERED;
	return flags;
}

/* Touched keys that the base has under a replaced source: their bits decide. */
static void settle(manrs_edit *e)
{
	const struct replaced *r = e->replaced.at;
	struct key_rec *rec = e->key.at;

	for (size_t i = 0; i < e->key.n && e->replaced.n; i++) {
		const struct key_rec *base = key_base(e, &rec[i].key);

		for (size_t j = 0; base && j < e->replaced.n; j++) {
			if (!(base->sources & r[j].bit))
				continue;
			rec[i].sources |= r[j].bit;
			if (replaced_unseen(&r[j], KIND_KEY, (uint32_t)(base - base_keys(e)->rec)))
				rec[i].sources &= ~r[j].bit;
		}
	}
}

/* Merge the base's keys with the touched ones, which stand for theirs; only count when set is NULL. */
static size_t merge_keys(const manrs_edit *e, const struct sort_item *item, struct key_set *set)
{
	bool refilter = e->slurm_changed || e->unused_changed;
	const struct key_set *base = base_keys(e);
	const struct key_rec *touched = e->key.at;
	size_t i = 0, j = 0, n = 0, all = base ? (size_t)base->n : 0;

	while (i < all || j < e->key.n) {
		const struct key_rec *b = i < all ? &base->rec[i] : NULL;
		const struct key_rec *t = j < e->key.n ? &touched[item[j].at] : NULL;
		int d = !b ? 1 : !t ? -1 : key_cmp(&b->key, &t->key);
		struct key_rec now = d < 0 ? *b : *t;

		i += d <= 0;
		j += d >= 0;
		if (d >= 0 || refilter)
			now.flags = flags_of(e, &now);
		if (!now.sources && !(now.flags & COVER_ASSERTED))
			continue;
		assert(!set || (n < set->n && (!n || key_cmp(&set->rec[n - 1].key, &now.key) < 0)));
		if (set)
			set->rec[n] = now;
		n++;
	}
	return n;
}

static bool make_keys(const manrs_edit *e, struct txn *t, struct content *c, struct sort_item *item)
{
	struct key_set *set;
	size_t n;

	sort_touched(e, item);
	n = merge_keys(e, item, NULL);
	c->keys = NULL;
	c->key_count = 0;
	if (!n)
		return true;
	set = txn_alloc(t, TXN_RAW, sizeof *set + n * sizeof *set->rec);
	if (!set)
		return false;
	set->n = n;
	n = merge_keys(e, item, set);
	assert(n == set->n);
	for (size_t i = 0; i < n; i++)
		c->key_count += key_effective(&set->rec[i]);
	c->keys = set;
	return true;
}

bool commit_keys(manrs_edit *e, struct txn *t, struct content *c, bool rebuild)
{
	const struct key_set *base = base_keys(e);
	const manrs_router_key *asserted;
	size_t m = slurm_keys(edit_slurm(e), &asserted);
	struct vec items = {0};
	bool ok;

	if (!replaced_gather(e, KIND_KEY))
		return false;
	settle(e);
	if (!e->key.n && !e->slurm_changed && !e->unused_changed && !rebuild)
		return true;
	if (e->slurm_changed && !key_reserve(e, m))
		return false;
	for (size_t i = 0; e->slurm_changed && i < m; i++)
		key_touch(e, &asserted[i]);
	ok = vec_reserve(&e->owner->mem, &items, 2 * e->key.n, sizeof(struct sort_item)) &&
	     (rebuild || !base ||
	      txn_retire(t, TXN_RAW, base, sizeof *base + (size_t)base->n * sizeof *base->rec)) &&
	     make_keys(e, t, c, items.at);
	vec_free(&e->owner->mem, &items, sizeof(struct sort_item));
	return ok;
}
