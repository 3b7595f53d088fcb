/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The persistent trie (ptrie.h): path-compressed and binary.
 *
 * A node's key extends its parent's, by the bit of the child that it is; a node without `has` has two children. A node is
 * changed in place when the path to it has no second owner (every count on the way is 1), so a long edit copies each node
 * at most once.
 */

#include "table/ptrie.h"

#include <assert.h>
#include <manrs/base.h>
#include <string.h>

static void node_drop(struct heap *h, void *obj)
{
	struct ptrie_node *n = obj;

	heap_drop(h, n->child[0]);
	heap_drop(h, n->child[1]);
	heap_drop(h, n->val);
}

const struct heap_type ptrie_node_type = {.drop = node_drop};

struct ptrie_key ptrie_key_of(const manrs_prefix *p)
{
	struct ptrie_key k = {.bits = p->len};

	assert(prefix_ok(p));
	memcpy(k.at, p->addr, 16);
	return k;
}

manrs_prefix ptrie_key_prefix(const uint8_t *key, unsigned bits, unsigned family)
{
	manrs_prefix p = {.family = (uint8_t)family, .len = (uint8_t)bits, .maxlen = (uint8_t)bits};

	memcpy(p.addr, key, 16);
	assert(prefix_ok(&p));
	return p;
}

/* How many leading bits two keys share, at most max. */
static unsigned common(const uint8_t *a, const uint8_t *b, unsigned max)
{
	assert(max <= PTRIE_KEY_BITS);
	for (unsigned at = 0; at < max; at += 64) {
		uint64_t x = get64(a + at / 8) ^ get64(b + at / 8);

		if (x) {
			unsigned n = at + cc_clz64(x);

			return n < max ? n : max;
		}
	}
	return max;
}

static bool covers(const struct ptrie_node *n, const struct ptrie_key *k)
{
	return n->bits <= k->bits && common(n->key, k->at, n->bits) == n->bits;
}

/* No bit of a key past its length; a child's key goes on with the bit of its place; without a key, two children. */
static cc_proof bool node_ok(const struct ptrie_node *n)
{
	for (unsigned i = n->bits; i < PTRIE_KEY_BITS; i = i % 8 ? i + 1 : i + 8)
		if (i % 8 ? addr_bit(n->key, i) : n->key[i / 8])
			return false;
	for (unsigned b = 0; b < 2; b++) {
		const struct ptrie_node *c = n->child[b];

		if (c && (c->bits <= n->bits || common(c->key, n->key, n->bits) != n->bits ||
			  addr_bit(c->key, n->bits) != b))
			return false;
	}
	return n->has ? n->has == 1 : !n->val && n->child[0] && n->child[1];
}

static struct ptrie_node *node_new(struct heap *h, const uint8_t *key, unsigned bits)
{
	struct ptrie_node *n = heap_new(h, sizeof *n, PTRIE_NODE);

	if (!n)
		return NULL;
	memcpy(n->key, key, PTRIE_KEY_BYTES);
	for (unsigned i = bits / 8 + (bits % 8 != 0); i < PTRIE_KEY_BYTES; i++)
		n->key[i] = 0;
	if (bits % 8)
		n->key[bits / 8] &= (uint8_t)(0xff00u >> bits % 8);
	n->bits = (uint8_t)bits;
	assert(bits <= PTRIE_KEY_BITS);
	return n;
}

/* Make the node in this slot ours alone; the slot is. */
static struct ptrie_node *node_own(struct heap *h, struct ptrie_node **slot)
{
	struct ptrie_node *old = *slot, *n;

	if (heap_alone(old))
		return old;
	n = node_new(h, old->key, old->bits);
	if (!n)
		return NULL;
	n->has = old->has;
	n->val = heap_ref(old->val);
	n->child[0] = heap_ref(old->child[0]);
	n->child[1] = heap_ref(old->child[1]);
	heap_drop(h, old);
	return *slot = n;
}

int ptrie_set(struct heap *h, struct ptrie_node **root, const struct ptrie_key *key, void *val)
{
	struct ptrie_node **slot = root, *n, *leaf, *fork;

	while (*slot && covers(*slot, key)) {
		n = node_own(h, slot);
		if (!n)
			return MANRS_ENOMEM;
		assert(heap_alone(n) && node_ok(n));
		if (n->bits == key->bits) {
			int fresh = !n->has;

			heap_drop(h, n->val);
			n->val = val;
			n->has = 1;
			return fresh;
		}
		slot = &n->child[addr_bit(key->at, n->bits)];
	}
	leaf = node_new(h, key->at, key->bits);
	if (!leaf)
		return MANRS_ENOMEM;
	leaf->has = 1;
	n = *slot;
	if (n) {
		unsigned max = n->bits < key->bits ? n->bits : key->bits;
		unsigned at = common(n->key, key->at, max);

		if (at == key->bits) {
			leaf->child[addr_bit(n->key, at)] = n;
		} else {
			fork = node_new(h, key->at, at);
			if (!fork) {
				heap_drop(h, leaf);
				return MANRS_ENOMEM;
			}
			fork->child[addr_bit(n->key, at)] = n;
			fork->child[addr_bit(key->at, at)] = leaf;
			leaf->val = val;
			assert(node_ok(fork) && node_ok(leaf));
			*slot = fork;
			return 1;
		}
	}
	leaf->val = val;
	assert(node_ok(leaf));
	*slot = leaf;
	return 1;
}

/* Take a node that holds nothing and has one child or none out of its slot. */
static void node_splice(struct heap *h, struct ptrie_node **slot)
{
	struct ptrie_node *n = *slot;

	if (n->has || (n->child[0] && n->child[1]))
		return;
	assert(!n->val && heap_alone(n));
	*slot = heap_ref(n->child[0] ? n->child[0] : n->child[1]);
	heap_drop(h, n);
}

int ptrie_del(struct heap *h, struct ptrie_node **root, const struct ptrie_key *key)
{
	struct ptrie_node **slot = root, **above = NULL, *n;

	if (!ptrie_get(*root, key))
		return MANRS_ENOENT;
	for (;;) {
		n = node_own(h, slot);
		if (!n)
			return MANRS_ENOMEM;
		if (n->bits == key->bits)
			break;
		assert(node_ok(n) && covers(n, key));
		above = slot;
		slot = &n->child[addr_bit(key->at, n->bits)];
	}
	heap_drop(h, n->val);
	n->val = NULL;
	n->has = 0;
	node_splice(h, slot);
	if (above)
		node_splice(h, above);
	return MANRS_OK;
}

const struct ptrie_node *ptrie_get(const struct ptrie_node *n, const struct ptrie_key *key)
{
	while (n && n->bits < key->bits)
		n = n->child[addr_bit(key->at, n->bits)];
	return n && n->has && n->bits == key->bits && covers(n, key) ? n : NULL;
}

unsigned ptrie_covering(const struct ptrie_node *n, const struct ptrie_key *key,
			const struct ptrie_node **out)
{
	unsigned found = 0;

	while (n && covers(n, key)) {
		assert(node_ok(n));
		assert(found <= n->bits);
		if (n->has)
			out[found++] = n;
		if (n->bits == key->bits)
			break;
		n = n->child[addr_bit(key->at, n->bits)];
	}
	return found;
}

const struct ptrie_node *ptrie_under(const struct ptrie_node *n, const struct ptrie_key *key)
{
	while (n && n->bits < key->bits)
		n = n->child[addr_bit(key->at, n->bits)];
	return n && common(n->key, key->at, key->bits) == key->bits ? n : NULL;
}

/* The first node with a key at n or below. */
static const struct ptrie_node *first(const struct ptrie_node *n)
{
	while (n && !n->has) {
		assert(n->child[0] && n->child[1]);
		n = n->child[0];
	}
	return n;
}

const struct ptrie_node *ptrie_next(const struct ptrie_node *n, const struct ptrie_key *after)
{
	const struct ptrie_node *later = NULL; /* the nearest subtree that is wholly after */

	if (!after)
		return first(n);
	while (n) {
		unsigned max = n->bits < after->bits ? n->bits : after->bits;
		unsigned at = common(n->key, after->at, max);

		if (at < max) /* they part: all of n is before or after */
			return addr_bit(n->key, at) ? first(n) : first(later);
		if (n->bits > after->bits)
			return first(n);
		if (n->bits == after->bits)
			return n->child[0]   ? first(n->child[0])
			       : n->child[1] ? first(n->child[1])
					     : first(later);
		if (!addr_bit(after->at, n->bits) && n->child[1])
			later = n->child[1];
		n = n->child[addr_bit(after->at, n->bits)];
	}
	return first(later);
}

const struct ptrie_node *ptrie_after(const struct ptrie_node *root, const struct ptrie_node *node)
{
	struct ptrie_key k = {.bits = node->bits};

	assert(node_ok(node));
	memcpy(k.at, node->key, PTRIE_KEY_BYTES);
	return ptrie_next(root, &k);
}

const struct ptrie_node *ptrie_first_in(const struct ptrie_node *root, const struct ptrie_key *key)
{
	return first(ptrie_under(root, key));
}
