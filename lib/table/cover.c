/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The covering index: how a commit makes a new tree out of an old one (cover.h has the picture).
 *
 * merge() goes down with the changes of one subtree, and with the list of all that covers it from above (`inh`):
 *
 *     1 settle at which byte the subtree's first node stands: where the old one does, or before, if a change leaves its path
 *     2 merge the changes of this byte into the node's records; note which of its prefixes changed
 *     3 group the records by prefix and find the innermost group over each of the 256 slots
 *     4 go down into each slot that has changes below, or whose covering list changed
 *     5 write the node: patch a copy if only children changed, else compile it; put a skip before it where its path is long
 *
 * Every block is made and retired through the transaction, so that a commit that runs out of memory leaves nothing
 * behind.
 */

#include "table/cover_work.h"

#include <string.h>

/* ---- step 2: the node's own records ---- */

static int rec_cmp(const struct cover_rec *a, const struct cover_rec *b)
{
	uint64_t x = cover_rec_order(a), y = cover_rec_order(b);

	return x < y ? -1 : x > y;
}

static struct cover_rec rec_of(const struct cover_op *op, unsigned depth)
{
	assert(op->depth == depth);
	return (struct cover_rec){op->sources, op->asn,    op->addr[depth],
				  op->len,     op->maxlen, op->flags};
}

static bool gone(const struct cover_rec *r)
{
	return !r->sources && !(r->flags & COVER_ASSERTED);
}

/* Note that a prefix of this node changed in what counts; recs come sorted, so its repeats are neighbours. */
static void note_change(struct work *k, const struct cover_rec *r)
{
	uint16_t key = (uint16_t)(r->slot << 8 | r->len);
	unsigned span = r->len >= 8 * k->depth + 8 ? 1 : 256u >> (r->len - 8 * k->depth);

	assert(cover_depth(r->len) == k->depth);
	assert(r->slot % span == 0);
	if (k->changes && k->change[k->changes - 1] == key)
		return;
	assert(k->changes < GROUPS);
	assert(!k->changes || k->change[k->changes - 1] < key);
	k->change[k->changes++] = key;
	for (unsigned s = r->slot; s < r->slot + span; s++)
		k->stale[s] = true;
}

/* The first of the records from `at` on that is not before r. */
static size_t rec_lower(const struct cover_own *old, size_t at, const struct cover_rec *r)
{
	size_t hi = old ? old->n : 0;

	while (at < hi) {
		size_t mid = at + (hi - at) / 2;

		if (rec_cmp(&old->rec[mid], r) < 0)
			at = mid + 1;
		else
			hi = mid;
	}
	assert(!old || at == old->n || rec_cmp(&old->rec[at], r) >= 0);
	return at;
}

/* A node's records: in order, each once, of prefixes that end in its byte, and none that is gone. */
static cc_proof bool own_ok(const struct cover_own *own, unsigned depth)
{
	for (size_t i = 0; own && i < own->n; i++) {
		const struct cover_rec *r = &own->rec[i];

		if (cover_depth(r->len) != depth || r->maxlen < r->len || r->maxlen > 128 ||
		    gone(r))
			return false;
		if (r->slot & (r->len == 0 ? 0xff : 0xffu >> (r->len - 8 * depth)))
			return false;
		if (i && rec_cmp(r - 1, r) >= 0)
			return false;
	}
	return !own || own->n;
}

/*
 * Merge old records with the ops of this depth: into out[], or only count when it is NULL. The pass that writes notes what
 * changed and how many more records count.
 */
static size_t merge_own(struct cover_txn *t, struct work *k, const struct cover_own *old,
			struct cover_rec *out)
{
	size_t from = 0, n = 0, m = old ? old->n : 0;

	for (size_t j = 0; j < k->n; j++) {
		struct cover_rec now;
		bool was, before, after;
		size_t at;

		if (k->ops[j].depth != k->depth)
			continue;
		now = rec_of(&k->ops[j], k->depth);
		at = rec_lower(old, from, &now);
		assert(at >= from && at <= m);
		was = at < m && rec_cmp(&old->rec[at], &now) == 0;
		before = was && cover_effective(&old->rec[at]);
		after = cover_effective(&now);
		if (out && at > from)
			memcpy(out + n, old->rec + from, (at - from) * sizeof *out);
		n += at - from;
		from = at + was;
		if (out && before != after) {
			if (k->old || k->hung)
				note_change(k, &now);
			t->effective += after ? 1 : -1;
		}
		if (gone(&now))
			continue;
		if (out)
			out[n] = now;
		n++;
	}
	if (out && m > from)
		memcpy(out + n, old->rec + from, (m - from) * sizeof *out);
	assert(n + m - from <= m + k->n);
	return n + m - from;
}

static bool own_step(struct cover_txn *t, struct work *k)
{
	const struct cover_own *old = k->old ? cover_tail_of(k->old)->own : NULL;
	struct cover_rec none; /* stands for an empty array: nothing is written there */
	bool mine = false;
	size_t n;

	for (size_t j = 0; j < k->n && !mine; j++)
		mine = k->ops[j].depth == k->depth;
	k->own = (struct cover_own *)(uintptr_t)old;
	if (!mine)
		return true;
	memset(k->stale, 0, sizeof k->stale);
	n = merge_own(t, k, old, NULL);
	if (n > UINT32_MAX)
		return false;
	k->reshaped = n == 0; /* the node may have nothing left, also when none of it counted */
	k->own = n ? txn_alloc(t->txn, TXN_RAW, cover_own_size(n)) : NULL;
	if (n && !k->own)
		return false;
	if (n)
		*k->own = (struct cover_own){.n = (uint32_t)n};
	merge_own(t, k, old, n ? k->own->rec : &none);
	assert(own_ok(k->own, k->depth));
	return !old || txn_retire(t->txn, TXN_RAW, old, cover_own_size(old->n));
}

/* ---- step 1: where the first node of a subtree stands ---- */

static void skip_key(const struct cover_skip *s, uint8_t *key)
{
	put64(key, s->hi);
	put64(key + 8, s->lo);
}

static unsigned first_depth(uint64_t old, unsigned depth, const struct cover_op *ops, size_t n,
			    uint8_t *key)
{
	const struct cover_skip *s = cover_tag(old) == COVER_SKIP ? cover_at(old) : NULL;
	unsigned f = s ? s->to : old ? depth : 16, common;

	if (s)
		skip_key(s, key);
	if (depth <= 1) {
		if (n)
			memcpy(key, ops->addr, 16);
		return depth;
	}
	if (n) {
		common = addr_common(ops[0].addr, ops[n - 1].addr, 128) / 8;
		f = common < f ? common : f;
		if (s) {
			common = addr_common(ops[0].addr, key, 128) / 8;
			f = common < f ? common : f;
		} else {
			memcpy(key, ops->addr, 16);
		}
	}
	for (size_t i = 0; i < n; i++)
		f = ops[i].depth < f ? ops[i].depth : f;
	return f;
}

/* Set k->old, or hang the old subtree under its slot when the node stands before it. */
static bool old_step(struct cover_txn *t, struct work *k, uint64_t old)
{
	const struct cover_skip *s = cover_tag(old) == COVER_SKIP ? cover_at(old) : NULL;
	uint8_t key[16];
	bool next;

	k->hung = 0;
	k->hung_slot = 0;
	k->old = NULL;
	if (!old)
		return true;
	assert(!s || s->to >= k->depth);
	if (!s || s->to == k->depth) {
		k->old = cover_node_of(s ? s->child : old);
		return !s || txn_retire(t->txn, TXN_READ, s, cover_skip_size(s->words));
	}
	skip_key(s, key);
	next = s->to == k->depth + 1;
	k->hung = next ? s->child : old;
	k->hung_slot = key[k->depth];
	return !next || txn_retire(t->txn, TXN_READ, s, cover_skip_size(s->words));
}

/* The old child of a slot. */
static uint64_t old_child(const struct work *k, unsigned s)
{
	uint64_t entry = k->old              ? k->old->entry[cover_run(k->old, s)]
			 : s == k->hung_slot ? k->hung
					     : 0;

	return cover_is_child(entry) ? entry : 0;
}

static void set_kid(struct work *k, unsigned s, uint64_t entry)
{
	assert(s < 256);
	assert(!entry || cover_is_child(entry));
	if (entry)
		cover_set_slot(k->kids, s);
	else
		k->kids[s / 64] &= ~(UINT64_C(1) << s % 64);
	k->kid[s] = entry;
}

/* Have all children at hand, merged or as they were. returns: how many there are. */
static unsigned children_step(struct work *k)
{
	unsigned n = 0;

	memset(k->kids, 0, sizeof k->kids);
	for (unsigned w = 0, r = 0; k->old && w < 4; w++)
		for (uint64_t bits = k->old->starts[w]; bits; bits &= bits - 1, r++)
			if (cover_is_child(k->old->entry[r]))
				set_kid(k, 64 * w + cc_ctz64(bits), k->old->entry[r]);
	if (k->hung)
		set_kid(k, k->hung_slot, k->hung);
	for (unsigned i = 0; i < k->merged; i++)
		set_kid(k, k->slot[i], k->child[i]);
	for (unsigned w = 0; w < 4; w++)
		n += cc_popcount64(k->kids[w]);
	return n;
}

static bool merge(struct cover_txn *t, uint64_t old, unsigned depth, const struct cover_op *ops,
		  size_t n, const struct inherited *inh, bool dirty, uint64_t *out);

/* Go down into one slot; what the node looks like changes when its first child comes or the last goes. */
static bool child_merge(struct cover_txn *t, struct work *k, unsigned s, const struct cover_op *ops,
			size_t n, const struct inherited *inh)
{
	bool stale = k->dirty || (k->changes && k->stale[s]);
	uint64_t was = old_child(k, s), now;
	struct inherited list;

	if (k->grouped)
		cover_list_of(k, k->inner[s], inh, &list);
	else
		cover_list_under(k, s, inh, &list);
	if (!merge(t, was, k->depth + 1, ops, n, &list, stale, &now))
		return false;
	assert(k->merged < 256);
	assert(!now || cover_is_child(now));
	k->reshaped |= !was != !now;
	k->slot[k->merged] = (uint8_t)s;
	k->child[k->merged++] = now;
	return true;
}

/*
 * Step 4. The changes of a slot's subtree are neighbours; those of this node's own prefixes stand before them. Then the
 * slots without changes below whose covering list changed.
 */
static bool child_step(struct cover_txn *t, struct work *k, const struct inherited *inh)
{
	unsigned with_ops;

	for (size_t i = 0, j; i < k->n; i = j) {
		unsigned s = k->ops[i].addr[k->depth];

		j = i + 1;
		if (k->ops[i].depth <= k->depth)
			continue;
		while (j < k->n && k->ops[j].addr[k->depth] == s)
			j++;
		assert(!k->merged || k->slot[k->merged - 1] < s);
		if (!child_merge(t, k, s, k->ops + i, j - i, inh))
			return false;
	}
	with_ops = k->merged;
	for (unsigned s = 0, i = 0; (k->dirty || k->changes) && s < 256; s++) {
		if (i < with_ops && k->slot[i] == s)
			i++;
		else if ((k->dirty || k->stale[s]) && old_child(k, s) &&
			 !child_merge(t, k, s, NULL, 0, inh))
			return false;
	}
	return true;
}

static struct work *work_at(struct cover_txn *t, unsigned depth)
{
	if (!t->scratch[depth])
		t->scratch[depth] = mem_alloc(&t->txn->pool[0]->mem, sizeof(struct work));
	return t->scratch[depth];
}

/* What a node with one child and no records comes down to: a skip to what its child leads to. */
static uint64_t collapse(struct cover_txn *t, struct work *k, const struct inherited *inh)
{
	unsigned w = 0, s;

	while (!k->kids[w])
		w++;
	s = 64 * w + cc_ctz64(k->kids[w]);
	assert((k->kids[w] & (k->kids[w] - 1)) == 0);
	assert(k->depth > 1 && !k->own);
	k->key[k->depth] = (uint8_t)s;
	return cover_tag(k->kid[s]) == COVER_SKIP
		       ? k->kid[s]
		       : cover_make_skip(t, k->key, k->depth + 1, k->kid[s], inh);
}

/* Step 5: the node of a finished work, or what stands for it when it has nothing of its own. */
static bool finish(struct cover_txn *t, struct work *k, unsigned depth, const struct inherited *inh,
		   uint64_t *out)
{
	unsigned children;

	assert(k->depth >= depth);
	if (k->old && !txn_retire(t->txn, TXN_READ, k->old, cover_node_bytes(k->old)))
		return false;
	if (k->grouped) {
		children = children_step(k);
		*out = 0;
		if (!k->own && !children)
			return true;
		if (!k->own && children == 1 && k->depth > 1) {
			*out = collapse(t, k, inh);
			return *out != 0;
		}
	}
	*out = k->grouped ? cover_compile(t, k, inh) : cover_patch(t, k);
	if (*out && k->depth > depth)
		*out = cover_make_skip(t, k->key, k->depth, *out, inh);
	return *out != 0;
}

static bool merge(struct cover_txn *t, uint64_t old, unsigned depth, const struct cover_op *ops,
		  size_t n, const struct inherited *inh, bool dirty, uint64_t *out)
{
	uint8_t key[16] = {0};
	unsigned f = first_depth(old, depth, ops, n, key);
	struct work *k;

	*out = old;
	if ((!n && !dirty) || (!n && !old))
		return true;
	assert(f >= depth && f < 16);
	assert(!n || addr_common(ops[0].addr, ops[n - 1].addr, 8 * f) == 8 * f);
	assert(!n || addr_common(ops[0].addr, key, 8 * f) == 8 * f);
	k = work_at(t, f);
	if (!k)
		return false;
	k->ops = ops;
	k->n = n;
	k->depth = f;
	k->dirty = dirty;
	k->reshaped = k->grouped = false;
	k->groups = k->changes = k->merged = 0;
	memcpy(k->key, key, sizeof key);
	if (!old_step(t, k, old) || !own_step(t, k))
		return false;
	if ((dirty || k->changes || !k->old) && !cover_group(t, k, inh))
		return false;
	if (!child_step(t, k, inh) || (k->reshaped && !k->grouped && !cover_group(t, k, inh)))
		return false;
	return finish(t, k, depth, inh, out);
}

/* In order, no two for one record, no bit past a prefix's length. */
static cc_proof bool ops_ok(const struct cover_op *ops, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct cover_op *a = &ops[i], *b = a + 1;
		uint8_t masked[16];
		int d;

		memcpy(masked, a->addr, 16);
		addr_mask(masked, a->len);
		if (memcmp(masked, a->addr, 16) || a->depth != cover_depth(a->len))
			return false;
		if (i + 1 == n)
			break;
		d = memcmp(a->addr, b->addr, 16);
		if (d > 0 || (d == 0 && cover_order(0, a->len, a->asn, a->maxlen) >=
						cover_order(0, b->len, b->asn, b->maxlen)))
			return false;
	}
	return true;
}

bool cover_apply(struct txn *txn, uint64_t root, const struct cover_op *ops, size_t n,
		 uint64_t *out, int64_t *effective)
{
	static const struct inherited nothing;
	struct cover_txn t = {.txn = txn};
	bool ok;

	assert(ops_ok(ops, n));
	assert(!root || cover_tag(root) == COVER_FLAT);
	ok = merge(&t, root, 0, ops, n, &nothing, false, out);
	assert(!ok || !*out || cover_tag(*out) == COVER_FLAT);
	for (unsigned i = 0; i < 16; i++)
		mem_free(&txn->pool[0]->mem, t.scratch[i], sizeof(struct work));
	*effective = t.effective;
	return ok;
}
