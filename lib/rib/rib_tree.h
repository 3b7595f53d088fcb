/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_RIB_RIB_TREE_H
#define LIB_RIB_RIB_TREE_H

/*
 * The routes of one family in order: a B+-tree of records, by prefix, session and path id.
 *
 *     node ---- up to 32 children, and for each but the first the lowest key that may be under it
 *       leaf -- up to 68 records; its memory grows with them. Leaves are linked in order
 *         rec - 24 bytes for IPv4, 40 for IPv6
 *
 * The order of keys is manrs_prefix_cmp's, then session and path id. So the routes of a prefix stand side by side, and a
 * prefix with all under it is one run: what a changed VRP touches, and what a reader asks for.
 *
 * Invariants
 * - A leaf has a record, a node a child; neighbours under one node together have more than half of what one holds, unless
 *   memory was refused to join them.
 * - Sorted input leaves full leaves behind it.
 * - What a call cannot have memory for leaves the tree as it was.
 */

#include "base/pool.h"
#include "net/bits.h"

#define RIB_LEAF_MOST 68u
#define RIB_NODE_MOST 32u
#define RIB_DEPTH \
	12u /* a node has over a quarter of its most, but for few: deeper than 2^32 leaves ever are */

/* The address, then len << 48 | session << 32 | path id. */
struct rib_key {
	uint64_t hi, lo, rest;
};

/* A route. IPv4 ends here; IPv6 has its address behind it, as rib_rec6. */
struct rib_rec {
	uint64_t rest;
	uint32_t attrs;      /* rib_attrs.h */
	uint32_t verdict;    /* rib_verdict.h */
	uint32_t generation; /* of its session, when it was announced */
	uint32_t addr;       /* IPv4 */
};

struct rib_rec6 {
	struct rib_rec rec;
	uint64_t hi, lo;
};

struct rib_leaf {
	struct rib_leaf *prev, *next;
	uint64_t sessions; /* bit (session % 64) of all that are in it; maybe of some that were */
	uint16_t n, cap;
	uint32_t zero;
	_Alignas(8) unsigned char at[];
};

struct rib_node;

struct rib_tree {
	struct pool *pool;
	void *root; /* a leaf at height 0, else a node; NULL: no route */
	struct rib_leaf *first;
	uint64_t n;
	uint64_t prefixes; /* with a route */
	unsigned height;
	unsigned stride; /* bytes a record */
};

/* A place: before record i of the leaf, or behind its last one; with the nodes over it, the root first. */
struct rib_pos {
	struct rib_leaf *leaf; /* NULL: the tree is empty */
	unsigned i;
	struct {
		struct rib_node *node;
		unsigned i;
	} up[RIB_DEPTH];
};

void rib_tree_init(struct rib_tree *tree, struct pool *pool, unsigned family);

/* The first place whose record is not below a key. returns: whether it is the key's. */
bool rib_tree_find(const struct rib_tree *tree, const struct rib_key *key, struct rib_pos *pos);
/*
 * Put a record where find found none; its key is set, all else zero. pos is used up.
 * returns: it; NULL: refused
 */
struct rib_rec *rib_tree_insert(struct rib_tree *tree, struct rib_pos *pos,
				const struct rib_key *key);
/* Take the record at a place out. The leaf may be empty then: rib_tree_settle must follow, after others of it went. */
void rib_tree_erase(struct rib_tree *tree, struct rib_pos *pos);
void rib_tree_settle(struct rib_tree *tree, struct rib_pos *pos);

static inline struct rib_rec *rib_rec_at(const struct rib_tree *tree, const struct rib_leaf *leaf,
					 unsigned i)
{
	assert(i < leaf->cap);
	return (struct rib_rec *)(void *)(uintptr_t)(leaf->at + (size_t)i * tree->stride);
}

static inline struct rib_key rib_rec_key(const struct rib_tree *tree, const struct rib_rec *rec)
{
	const struct rib_rec6 *wide = (const void *)rec;

	if (tree->stride == sizeof *rec)
		return (struct rib_key){(uint64_t)rec->addr << 32, 0, rec->rest};
	return (struct rib_key){wide->hi, wide->lo, rec->rest};
}

static inline int rib_key_cmp(const struct rib_key *a, const struct rib_key *b)
{
	if (a->hi != b->hi)
		return a->hi < b->hi ? -1 : 1;
	if (a->lo != b->lo)
		return a->lo < b->lo ? -1 : 1;
	return a->rest < b->rest ? -1 : a->rest > b->rest;
}

static inline struct rib_key rib_key_of(const manrs_prefix *p, uint32_t session, uint32_t path_id)
{
	return (struct rib_key){get64(p->addr), get64(p->addr + 8),
				(uint64_t)p->len << 48 | (uint64_t)session << 32 | path_id};
}

/* The last key that can be under a prefix. */
static inline struct rib_key rib_key_end(const manrs_prefix *p)
{
	return (struct rib_key){get64(p->addr) | ~mask64(p->len),
				get64(p->addr + 8) | ~mask64(p->len > 64 ? p->len - 64u : 0),
				UINT64_MAX};
}

/* The one right behind it. */
static inline struct rib_key rib_key_after(struct rib_key key)
{
	if (++key.rest == 0 && ++key.lo == 0)
		key.hi++;
	return key;
}

static inline uint32_t rib_session_of(uint64_t rest)
{
	return (uint32_t)(rest >> 32) & 0xffff;
}

static inline unsigned rib_len_of(uint64_t rest)
{
	return (unsigned)(rest >> 48);
}

#endif
