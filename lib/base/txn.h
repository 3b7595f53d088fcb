/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_BASE_TXN_H
#define LIB_BASE_TXN_H

/*
 * One atomic change of immutable trees: the blocks that it made and those that they stand in for. Nothing is freed
 * before the change is published; if it fails, what it made is freed and the rest was never touched.
 */

#include "base/pool.h"

enum txn_pool {
	TXN_READ = 0, /* blocks that lookups touch */
	TXN_RAW = 1,  /* blocks that only the writer and listings touch */
};

struct txn_block {
	uint64_t at; /* the address, bit 0: enum txn_pool */
	uint64_t size;
};

struct txn {
	struct pool *pool[2];
	struct vec fresh, retired; /* struct txn_block */
	/* what they hold is of this change alone: if it fails they go whole, so fresh stays empty */
	bool new_pools;
};

void *txn_alloc(struct txn *txn, enum txn_pool pool, size_t size); /* NULL: refused */
bool txn_retire(struct txn *txn, enum txn_pool pool, const void *at, size_t size);
void txn_free_block(struct pool *const pool[2], const struct txn_block *block);
/* With pools of its own: what it made and retired again goes back to them now. */
void txn_recycle(struct txn *txn);
/* It failed: free what it made, forget the rest. */
void txn_rollback(struct txn *txn);
/* It is published: retired now belongs to the caller's *retired. */
void txn_done(struct txn *txn, struct vec *retired);

#endif
