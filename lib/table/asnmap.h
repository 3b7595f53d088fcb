/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_TABLE_ASNMAP_H
#define LIB_TABLE_ASNMAP_H

/*
 * A map from AS numbers to blocks, as an immutable tree that versions share: six bits of the mixed number a level, each
 * node a bitmap and the entries of its set bits. The mix is a bijection of 32 bits, so no two numbers ever share a path,
 * and it is at most six levels deep whatever the numbers.
 *
 *     entry 0: nothing    bit 0 set: -> node    else: -> a block that starts with its key: { uint32_t asn; ... }
 *
 * It is not base/slots.h: that one changes in place and belongs to one writer, while this is read by any thread as it was,
 * a commit copies only the path to what changed, and two versions are compared by passing over what they share. It needs no
 * seed, since no choice of numbers makes it deeper.
 */

#include "base/cc.h"
#include "base/txn.h"

struct asnmap_node {
	uint64_t bits;
	uint64_t entry[];
};

static inline uint32_t asnmap_mix(uint32_t asn)
{
	asn *= UINT32_C(0x9e3779b1);
	return asn ^ asn >> 15;
}

/* The block of an AS number, or NULL. */
static inline const void *asnmap_get(uint64_t root, uint32_t asn)
{
	uint32_t mix = asnmap_mix(asn);
	const uint32_t *block;

	for (; root & 1; mix >>= 6) {
		const struct asnmap_node *node = (const void *)(uintptr_t)(root - 1);
		uint64_t bit = UINT64_C(1) << (mix & 63);

		if (!(node->bits & bit))
			return NULL;
		root = node->entry[cc_popcount64(node->bits & (bit - 1))];
	}
	block = (const void *)(uintptr_t)root;
	return block && *block == asn ? block : NULL;
}

/* Where a number stands in the map's order, from 1. */
uint64_t asnmap_order(uint32_t asn);

struct asnmap_op {
	uint64_t order;    /* asnmap_order(asn) */
	const void *block; /* NULL: take it out */
	uint32_t asn, zero;
};

/* Set and take out: ops[n] by order, no number twice. returns: false when memory was refused. */
bool asnmap_apply(struct txn *txn, uint64_t root, const struct asnmap_op *ops, size_t n,
		  uint64_t *out);

/*
 * Visit what differs between two maps, in an order that depends on the numbers alone: a and b are the blocks of one number,
 * NULL where a map has none. Only numbers whose order is greater than `from` (0: all). visit returns false to stop.
 */
typedef bool asnmap_visit(void *arg, uint64_t order, const void *a, const void *b);
void asnmap_walk(uint64_t a, uint64_t b, uint64_t from, asnmap_visit *visit, void *arg);

#endif
