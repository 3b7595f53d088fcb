/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_BASE_POOL_H
#define LIB_BASE_POOL_H

/*
 * Blocks of many sizes inside a few large regions of the host's memory, so that millions of small immutable blocks
 * cost no header each, and all of them can be thrown away region by region.
 *
 * threads: one writer. Blocks that readers hold are simply not freed yet; the pool never looks inside them.
 */

#include "base/mem.h"

#define POOL_CLASSES 56

struct slab;
struct region;
struct big;

struct pool {
	manrs_alloc mem;
	struct slab *open[POOL_CLASSES]; /* slabs of a class with room */
	struct slab *idle;               /* slabs of no class */
	struct region *regions;
	struct big *bigs;
	size_t used;  /* bytes in blocks, as handed out */
	size_t taken; /* bytes taken from the host */
};

void pool_init(struct pool *pool, const manrs_alloc *mem);
/* At least size bytes, aligned to 16; NULL: refused. Not zeroed. */
void *pool_alloc(struct pool *pool, size_t size);
/* size as it was asked for. Memory of an empty region goes back to the host. */
void pool_free(struct pool *pool, void *ptr, size_t size);
/* What a block of this size takes. */
size_t pool_block(size_t size);
/* Give everything back, at most budget regions and big blocks a call (0: all). returns: whether all is gone. */
bool pool_destroy(struct pool *pool, size_t *budget);

#endif
