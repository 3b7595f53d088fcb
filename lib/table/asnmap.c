/* SPDX-License-Identifier: BSD-2-Clause */
/* The map of AS numbers (asnmap.h has the picture): a change copies the nodes above it. */

#include "table/asnmap.h"

#include <assert.h>

#define LEVELS 6u

static size_t node_size(unsigned n)
{
	return sizeof(struct asnmap_node) + 8 * (size_t)n;
}

static const struct asnmap_node *node_of(uint64_t entry)
{
	assert(entry & 1);
	return (const void *)(uintptr_t)(entry - 1);
}

static uint64_t under(const struct asnmap_node *node, unsigned bit)
{
	uint64_t mask = UINT64_C(1) << bit;

	return node->bits & mask ? node->entry[cc_popcount64(node->bits & (mask - 1))] : 0;
}

static uint32_t key_of(uint64_t entry)
{
	assert(entry && !(entry & 1));
	return *(const uint32_t *)(uintptr_t)entry;
}

uint64_t asnmap_order(uint32_t asn)
{
	uint32_t mix = asnmap_mix(asn);
	uint64_t order = 0;

	for (unsigned i = 0; i < LEVELS; i++, mix >>= 6)
		order = order << 6 | (mix & 63);
	return order + 1;
}

static unsigned digit(uint64_t order, unsigned level)
{
	assert(level < LEVELS);
	assert(order > 0 && (order - 1) >> 6 * LEVELS == 0);
	return (unsigned)((order - 1) >> 6 * (LEVELS - 1 - level) & 63);
}

/* What stands under a slot; a lone block stands for the nodes down to its own. */
static uint64_t slot_of(uint64_t entry, unsigned slot, unsigned level)
{
	if (entry & 1)
		return under(node_of(entry), slot);
	return entry && digit(asnmap_order(key_of(entry)), level) == slot ? entry : 0;
}

/* A child of a node at `level`: a node, or a block whose number leads to its slot. */
static cc_proof bool child_ok(uint64_t entry, unsigned slot, unsigned level)
{
	return entry & 1 ? level + 1 < LEVELS : digit(asnmap_order(key_of(entry)), level) == slot;
}

/* In order, no number twice, each block under its own. */
static cc_proof bool ops_ok(const struct asnmap_op *ops, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (ops[i].order != asnmap_order(ops[i].asn) ||
		    (i && ops[i - 1].order >= ops[i].order))
			return false;
		if (ops[i].block && key_of((uint64_t)(uintptr_t)ops[i].block) != ops[i].asn)
			return false;
	}
	return true;
}

/* The entry of a set of children: nothing, the lone block itself, or a node. */
static bool node_for(struct txn *t, const uint64_t *child, uint64_t *out)
{
	struct asnmap_node *node;
	unsigned n = 0, last = 0;

	for (unsigned s = 0; s < 64; s++)
		if (child[s]) {
			last = s;
			n++;
		}
	*out = n ? child[last] : 0;
	if (n == 0 || (n == 1 && !(child[last] & 1)))
		return true;
	node = txn_alloc(t, TXN_READ, node_size(n));
	if (!node)
		return false;
	node->bits = 0;
	n = 0;
	for (unsigned s = 0; s < 64; s++)
		if (child[s]) {
			node->bits |= UINT64_C(1) << s;
			node->entry[n++] = child[s];
		}
	assert(n == cc_popcount64(node->bits));
	assert(((uintptr_t)node & 7) == 0);
	*out = (uint64_t)(uintptr_t)node + 1;
	return true;
}

static bool merge(struct txn *t, uint64_t old, unsigned level, const struct asnmap_op *ops,
		  size_t n, uint64_t *out)
{
	uint64_t child[64];

	assert(n > 0);
	if (n == 1 && !(old & 1) && (!old || key_of(old) == ops->asn)) {
		*out = (uint64_t)(uintptr_t)ops->block;
		return true;
	}
	for (unsigned s = 0; s < 64; s++)
		child[s] = slot_of(old, s, level);
	for (size_t i = 0, j; i < n; i = j) {
		unsigned s = digit(ops[i].order, level);

		for (j = i + 1; j < n && digit(ops[j].order, level) == s; j++)
			;
		if (!merge(t, child[s], level + 1, ops + i, j - i, &child[s]))
			return false;
	}
	if (old & 1 &&
	    !txn_retire(t, TXN_READ, node_of(old), node_size(cc_popcount64(node_of(old)->bits))))
		return false;
	for (unsigned s = 0; s < 64; s++)
		assert(!child[s] || child_ok(child[s], s, level));
	return node_for(t, child, out);
}

bool asnmap_apply(struct txn *t, uint64_t root, const struct asnmap_op *ops, size_t n,
		  uint64_t *out)
{
	assert(ops_ok(ops, n));
	*out = root;
	return n == 0 || merge(t, root, 0, ops, n, out);
}

/* ---- the walk ---- */

struct walk {
	asnmap_visit *visit;
	void *arg;
	uint64_t from;
};

static bool visit_one(struct walk *w, uint64_t a, uint64_t b)
{
	uint64_t order = asnmap_order(key_of(a ? a : b));

	return order <= w->from ||
	       w->visit(w->arg, order, (const void *)(uintptr_t)a, (const void *)(uintptr_t)b);
}

static bool visit_blocks(struct walk *w, uint64_t a, uint64_t b)
{
	if (!a || !b || key_of(a) == key_of(b))
		return visit_one(w, a, b);
	if (asnmap_order(key_of(a)) < asnmap_order(key_of(b)))
		return visit_one(w, a, 0) && visit_one(w, 0, b);
	return visit_one(w, 0, b) && visit_one(w, a, 0);
}

static bool walk(struct walk *w, uint64_t a, uint64_t b, unsigned level, uint64_t order)
{
	assert(level <= LEVELS);
	if (a == b)
		return true;
	if (!(a & 1) && !(b & 1))
		return visit_blocks(w, a, b);
	for (unsigned s = 0; s < 64; s++) {
		uint64_t here = order << 6 | s;
		uint64_t ca, cb;

		if (w->from && here < (w->from - 1) >> 6 * (LEVELS - 1 - level))
			continue;
		ca = slot_of(a, s, level);
		cb = slot_of(b, s, level);
		if (ca != cb && !walk(w, ca, cb, level + 1, here))
			return false;
	}
	return true;
}

void asnmap_walk(uint64_t a, uint64_t b, uint64_t from, asnmap_visit *visit, void *arg)
{
	struct walk w = {visit, arg, from};

	walk(&w, a, b, 0, 0);
}
