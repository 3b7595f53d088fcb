/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_URPF_URPF_BLOCK_H
#define LIB_URPF_URPF_BLOCK_H

/* The compiled lookup, and its answers; urpf_block.c and urpf_row.c have the pictures. */

#include "base/cc.h"
#include "base/heap.h"
#include <assert.h>
#include <manrs/urpf.h>

/* The answers: row r is bits[r * words ..]. Rows are only added, so that older snapshots stay right. */
struct urpf_rows {
	struct heap_obj obj;
	uint32_t words, cap;
	uint64_t bits[];
};

/*
 * A value is what all addresses of a slot share: row << 1 | 1, or a block, whose slots the next byte tells apart. A block
 * keeps runs of equal slots: a bit where a run starts, the runs before each word, a value a run; narrow ones are
 * uint16_t rows. Its bits begin on a cache line.
 */
struct urpf_block {
	struct heap_obj obj;
	uint64_t start[4];
	uint8_t rank[4];
	uint16_t runs;
	uint8_t wide;
	uint8_t zero;
	uint64_t val[];
};

struct urpf_chunk {
	struct heap_obj obj;
	uint64_t at[256]; /* values */
};

struct urpf_top {
	struct heap_obj obj;
	struct urpf_chunk *chunk[256];
};

static inline bool value_is_block(uint64_t v)
{
	return !(v & 1);
}

static inline struct urpf_block *value_block(uint64_t v)
{
	assert(v && value_is_block(v));
	return (struct urpf_block *)(uintptr_t)v;
}

/* Where the value of slot i stands. */
static cc_inline const void *block_place(const struct urpf_block *k, unsigned i)
{
	uint64_t upto = k->start[i / 64] & ~UINT64_C(0) >> (63 - i % 64);
	size_t at = k->rank[i / 64] + cc_popcount64(upto) - 1;

	return (const char *)k->val + (at << (k->wide ? 3 : 1));
}

static cc_inline uint64_t block_value(const struct urpf_block *k, const void *place)
{
	return cc_likely(!k->wide) ? (uint64_t) * (const uint16_t *)place << 1 | 1
				   : *(const uint64_t *)place;
}

/* The number of a row, made if new. returns false: no memory. */
bool row_intern(manrs_urpf_owner *o, const uint64_t *bits, uint32_t *row);
/* Begin a new table of rows of so many words: older snapshots keep theirs. */
bool row_reset(manrs_urpf_owner *o, uint32_t words);

/*
 * The lookup of one family for snapshot s from its candidates.
 * in:      old: the lookup of an older snapshot on the same rows and masks, or NULL for all; dirty[n]: prefixes whose
 *          candidates changed since, in order
 */
struct urpf_top *block_compile(manrs_urpf_owner *o, const manrs_urpf *s, unsigned family,
			       const struct urpf_top *old, const manrs_prefix *dirty, size_t n);

/* The row of what a prefix covers and no longer one does, made if new; false: no memory. NULL: no memory. */
struct urpf_build *build_new(manrs_urpf_owner *o, const manrs_urpf *s, unsigned family);
bool build_row(struct urpf_build *b, const uint8_t *addr, unsigned bits, uint32_t *row);
void build_free(struct urpf_build *b);

#endif
