/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_TABLE_PTRIE_H
#define LIB_TABLE_PTRIE_H

/*
 * The persistent trie: a root is a version, and versions share what they have in common.
 *
 *     old root --> a --> b --> c          set(c') copies the path alone: the new root shares everything beside it
 *     new root --> a'--> b'--> c'
 *
 * Keys have up to 192 bits: a prefix, or numbers put one behind the other. A root is a reference to a node, NULL when it
 * is empty: another version is made with heap_ref(root), and let go with heap_drop. Values are objects of the same heap,
 * or NULL.
 *
 * threads: the writer changes roots; readers walk what somebody holds.
 */

#include "base/heap.h"
#include "net/bits.h"

/* Nodes' number in the heap's table of types. */
#define PTRIE_NODE 1u
extern const struct heap_type ptrie_node_type;

#define PTRIE_KEY_BYTES 24
#define PTRIE_KEY_BITS  (8u * PTRIE_KEY_BYTES)

struct ptrie_key {
	uint8_t at[PTRIE_KEY_BYTES]; /* bits past `bits` are zero */
	uint32_t bits;
};

struct ptrie_node {
	struct heap_obj obj;
	struct ptrie_node *child[2];
	void *val; /* an object, or NULL */
	uint8_t key[PTRIE_KEY_BYTES];
	uint8_t bits;
	uint8_t has; /* a key, not only a fork */
};

struct ptrie_key ptrie_key_of(const manrs_prefix *p);
manrs_prefix ptrie_key_prefix(const uint8_t *key, unsigned bits, unsigned family);

/* Put val (one reference is taken over on success) at key. returns: 1 new, 0 replaced, MANRS_ENOMEM: as it was. */
int ptrie_set(struct heap *h, struct ptrie_node **root, const struct ptrie_key *key, void *val);
/* returns: MANRS_OK, MANRS_ENOENT, MANRS_ENOMEM: as it was. */
int ptrie_del(struct heap *h, struct ptrie_node **root, const struct ptrie_key *key);

const struct ptrie_node *ptrie_get(const struct ptrie_node *root, const struct ptrie_key *key);
/* Keys that cover key, itself included, shortest first; out has room for bits + 1. */
unsigned ptrie_covering(const struct ptrie_node *root, const struct ptrie_key *key,
			const struct ptrie_node **out);
/* The topmost node inside key, at it included, which may be a fork; NULL: none. */
const struct ptrie_node *ptrie_under(const struct ptrie_node *root, const struct ptrie_key *key);
/* The first key after `after` (NULL: of all) in order, a covering key before what it covers; NULL: none. */
const struct ptrie_node *ptrie_next(const struct ptrie_node *root, const struct ptrie_key *after);
/* The first key after that of a node, which may be of another version. */
const struct ptrie_node *ptrie_after(const struct ptrie_node *root, const struct ptrie_node *node);
/* The first key inside one, itself included; NULL: none. */
const struct ptrie_node *ptrie_first_in(const struct ptrie_node *root, const struct ptrie_key *key);

#endif
