/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_TABLE_COVER_H
#define LIB_TABLE_COVER_H

/*
 * The covering index: from an address to every tagged prefix over it, as an immutable tree of one byte a level that
 * old and new versions share. A tagged prefix is (prefix, asn, maxlen) and a set of sources.
 *
 *     entry ---- 64 bits: what is known of a run of addresses; the low 3 bits say how to read it
 *       NONE     nothing covers it
 *       ONE      one word: the only prefix over it
 *       FEW      -> 2 to COVER_FEW words, shortest prefix first
 *       MANY     -> the words of one prefix, sorted by asn and maxlen, and the entry of what covers that prefix
 *       NODE     -> the next byte decides: a bitmap of where runs start, and an entry a run
 *       FLAT     -> the same node with all 256 entries, read by index: levels 0 and 1
 *       SKIP     -> some bytes must be equal, then a node; else an entry
 *
 *     word ----- asn << 32 | len << 16 | maxlen << 8 | (ONE in the last of a list, 0 in the others)
 *                A list may be read four words at a time: behind its last word its block has COVER_SPARE more.
 *
 *     10.0.0.0/8 AS1, 10.1.0.0/16 AS2 and 10.1.2.0/24 AS3:
 *
 *     FLAT 0..255   [10] -> FLAT 10.0..10.255   [0] ONE(AS1/8)  [1] -> NODE 10.1.0..10.1.255   [0] FEW(AS1/8 AS2/16)
 *                                               [2] ONE(AS1/8) ...                             [2] FEW(AS1/8 AS2/16 AS3/24)
 *                                                                                              [3] -> the list of [0]
 *
 * Each list holds everything over its run, so one walk to an entry answers all questions. A node owns the records of
 * the prefixes that end inside its byte (len 8d+1..8d+8, and 0 at the root): cover_own. These records are the truth, also
 * those that do not count now (flags); the entries are derived from them.
 *
 * Invariants
 * - A tree is a function of its records: the same set gives the same tree, whatever the order of edits.
 * - Nothing reachable from a root changes once the root is published; a commit copies the nodes above a change and
 *   rebuilds those under a changed prefix.
 * - A list of more than COVER_FEW words is a MANY, kept once at its prefix; a chain of them is at most 129 long. So
 *   memory is bounded by a constant for each record, whatever the table.
 */

#include "base/txn.h"
#include "net/bits.h"

#include <assert.h>

#define COVER_FEW   12u
#define COVER_SPARE 3u

enum cover_tag {
	COVER_NONE = 0,
	COVER_ONE = 1,
	COVER_LIST = 2, /* FEW */
	COVER_MANY = 3,
	COVER_NODE = 4,
	COVER_FLAT = 5,
	COVER_SKIP = 6,
};

enum cover_flag {
	COVER_ASSERTED = 1, /* counts without a source */
	COVER_FILTERED = 2, /* does not count for its sources */
};

struct cover_rec {
	uint64_t sources;
	uint32_t asn;
	uint8_t slot; /* the byte at the node's depth */
	uint8_t len;
	uint8_t maxlen;
	uint8_t flags;
};

struct cover_own {
	uint32_t n;
	uint32_t mark; /* the writer's scratch: no part of the tree, and no reader looks at it */
	struct cover_rec rec[]; /* by slot, len, asn, maxlen */
};

/* The end of a node, behind its entries and words: two more that are spare. */
struct cover_tail {
	_Alignas(8) struct cover_own *own; /* NULL: none */
	_Alignas(8) uint64_t manys;        /* how many follow */
	struct cover_many_at {
		uint64_t key; /* slot << 8 | len */
		uint64_t entry;
	} many[];
};

struct cover_node {
	uint64_t starts[4]; /* bit s of 256: slot s opens a run */
	uint8_t rank[4];    /* runs that open before each word */
	uint16_t runs;      /* 1..256 */
	uint16_t words;     /* of lists, behind the entries; the last one is spare */
	uint64_t entry[];
};

struct cover_skip {
	uint64_t hi, lo, mask_hi, mask_lo; /* the path to the node, as far as `to` bytes */
	uint64_t child, miss;              /* in this order: rov_batch.h */
	uint32_t to;
	uint32_t words;
	uint64_t word[];
};

struct cover_many {
	uint64_t up;  /* MANY or NONE: what covers the prefix, if it has no room in few */
	uint32_t few; /* words of covering prefixes, first */
	uint32_t own; /* words of the prefix itself, behind them */
	uint64_t word[];
};

/* What a record shall become; a deleted one has no source and is not asserted. */
struct cover_op {
	uint8_t addr[16];
	uint64_t sources;
	uint32_t asn;
	uint8_t len, maxlen, flags;
	uint8_t depth; /* cover_depth(len): the byte in which the prefix ends */
};

static inline bool cover_effective(const struct cover_rec *r)
{
	return (r->flags & COVER_ASSERTED) || (r->sources && !(r->flags & COVER_FILTERED));
}

static inline unsigned cover_depth(unsigned len)
{
	assert(len <= 128);
	return len ? (len - 1) / 8 : 0;
}

/* The order of a node's records: slot, len, asn, maxlen. */
static inline uint64_t cover_order(unsigned slot, unsigned len, uint32_t asn, unsigned maxlen)
{
	return (uint64_t)slot << 56 | (uint64_t)len << 48 | (uint64_t)asn << 8 | maxlen;
}

static inline uint64_t cover_rec_order(const struct cover_rec *r)
{
	return cover_order(r->slot, r->len, r->asn, r->maxlen);
}

static inline unsigned cover_tag(uint64_t entry)
{
	return (unsigned)(entry & 7);
}

/* Whether an entry leads on to a node. */
static inline bool cover_is_child(uint64_t entry)
{
	return (entry & 7) >= COVER_NODE;
}

static inline const void *cover_at(uint64_t entry)
{
	assert(cover_tag(entry) >= COVER_LIST && cover_tag(entry) <= COVER_SKIP);
	assert(entry > 7);
	return (const void *)(uintptr_t)(entry & ~UINT64_C(7));
}

static inline const struct cover_node *cover_node_of(uint64_t entry)
{
	return cover_at(entry);
}

static inline const struct cover_tail *cover_tail_of(const struct cover_node *node)
{
	return (const void *)(node->entry + node->runs + node->words);
}

/* The index of the run that holds a slot. */
static inline unsigned cover_run(const struct cover_node *node, unsigned slot)
{
	unsigned w = slot / 64, upto;

	assert(slot < 256);
	upto = node->rank[w] + cc_popcount64(node->starts[w] & (~UINT64_C(0) >> (63 - slot % 64)));
	assert(upto > 0 && upto <= node->runs);
	return upto - 1;
}

static inline const uint64_t *cover_step(const struct cover_node *node, unsigned slot)
{
	return &node->entry[cover_run(node, slot)];
}

/* One step down from a child entry: what its node (or its skip) says of an address. */
static inline uint64_t cover_skip_step(const struct cover_skip *s, uint64_t hi, uint64_t lo)
{
	return (((hi ^ s->hi) & s->mask_hi) | ((lo ^ s->lo) & s->mask_lo)) ? s->miss : s->child;
}

/* From an entry at a depth to the entry of an address: never a child. addr has 16 bytes, zero past the family's width. */
static inline uint64_t cover_find_from(uint64_t entry, const uint8_t *addr, unsigned depth)
{
	while (cover_is_child(entry)) {
		const struct cover_node *node = cover_node_of(entry);

		assert(depth < 16);
		if (cover_tag(entry) == COVER_FLAT) {
			entry = node->entry[addr[depth++]];
		} else if (cover_tag(entry) == COVER_NODE) {
			entry = *cover_step(node, addr[depth++]);
		} else {
			const struct cover_skip *s = cover_at(entry);

			assert(s->to > depth && s->to < 16);
			depth = s->to;
			entry = cover_skip_step(s, get64(addr), get64(addr + 8));
		}
	}
	return entry;
}

static inline uint64_t cover_find(uint64_t root, const uint8_t *addr)
{
	return cover_find_from(root, addr, 0);
}

static inline uint32_t cover_word_asn(uint64_t word)
{
	return (uint32_t)(word >> 32);
}

static inline unsigned cover_word_len(uint64_t word)
{
	return (unsigned)(word >> 16 & 0xff);
}

static inline unsigned cover_word_maxlen(uint64_t word)
{
	return (unsigned)(word >> 8 & 0xff);
}

/*
 * Make the records of a tree what the ops say. ops[n] in order of addr, len, asn, maxlen, no two for one record.
 * in:      root 0 is the empty tree
 * out:     effective: how many more records count than before
 * returns: false when memory was refused; then txn_rollback
 */
bool cover_apply(struct txn *txn, uint64_t root, const struct cover_op *ops, size_t n,
		 uint64_t *out, int64_t *effective);

/* The records of the node in which a prefix ends, NULL if there is none. */
const struct cover_own *cover_own_of(uint64_t root, const uint8_t *addr, unsigned len);
/*
 * The same for many at once: step after step for all of them, each step's memory asked for in the one before, so that they
 * wait for it together. in: addr, len, entry: the root. out: own
 */
struct cover_seek {
	const uint8_t *addr;
	uint64_t entry;
	const struct cover_own *own;
	const void *next; /* what the next step reads */
	uint8_t len, depth, step, zero[5];
};
void cover_seek_many(struct cover_seek *seek, size_t n);

/* Of a node's records the one of exactly this prefix, asn and maxlen, NULL if there is none. own NULL: none. */
const struct cover_rec *cover_pick(const struct cover_own *own, const uint8_t *addr, unsigned len,
				   uint32_t asn, unsigned maxlen);

/* All words over an address of prefixes no longer than len, shortest first, then by asn and maxlen. */
typedef void cover_put(void *arg, uint64_t word);
void cover_list(uint64_t root, const uint8_t *addr, unsigned len, cover_put *put, void *arg);

/*
 * Visit the records of two trees side by side, by prefix: each prefix that either has, with its records in both (sorted by
 * asn and maxlen; NULL, 0 where there are none). Parts that both trees share are passed over. from: start at this
 * prefix (NULL: the first). visit returns false to stop.
 */
typedef bool cover_visit(void *arg, const uint8_t *addr, unsigned len, const struct cover_rec *a,
			 size_t na, const struct cover_rec *b, size_t nb);
struct cover_from {
	uint8_t addr[16];
	unsigned len;
};
void cover_walk(uint64_t a, uint64_t b, const struct cover_from *from, cover_visit *visit,
		void *arg);
/*
 * The same in slices. *left, what this one may still cost, goes down by COVER_COST a node, and by what visit takes of it. Where
 * records of a node are too many to be compared at once, prefixes that are alike in both are visited too.
 * out:     stop: where to start the next slice, when this returns true. That is never where this one started
 * returns: whether it stopped because *left was 0
 */
#define COVER_COST 4u
bool cover_walk_some(uint64_t a, uint64_t b, const struct cover_from *from, cover_visit *visit,
		     void *arg, size_t *left, struct cover_from *stop);

/*
 * Visit the records of a tree node by node, each node before those under it, addr to the node's depth and zero behind. from:
 * start at the node in which this prefix ends (NULL: the first). visit returns false to stop.
 */
typedef bool cover_visit_own(void *arg, const uint8_t *addr, unsigned depth,
			     const struct cover_own *own);
void cover_owns(uint64_t root, const struct cover_from *from, cover_visit_own *visit, void *arg);

#endif
