/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Blocks inside slabs inside regions.
 *
 *     region   one piece of host memory: slabs aligned to their own size, which we do ourselves
 *       slab   32 KiB, all blocks of one size class; its header is found by masking a block's address
 *         block
 *     big      a block over POOL_BIGGEST is a piece of host memory of its own
 *
 * Invariants: a slab is on open[class] exactly while it has room and a block in use; on idle while it has none in use.
 * A region whose slabs are all idle goes back to the host, but for the last one.
 */

#include "base/pool.h"

#include <assert.h>
#include <string.h>

#define SLAB_SIZE    32768u
#define SLAB_HEAD    64u
#define POOL_BIGGEST 8192u
#define REGION_MOST  32u

struct slab {
	struct slab *next, *prev;
	struct region *region;
	void *freed;    /* blocks given back, linked through their first word */
	uint32_t used;  /* blocks */
	uint32_t fresh; /* blocks never handed out start at this index */
	uint32_t most;  /* blocks that fit */
	uint32_t size;  /* bytes a block; 0: idle */
	uint32_t class;
};

struct region {
	struct region *next, *prev;
	size_t size;
	uint32_t slabs, idle;
	char *first; /* the first aligned slab */
};

struct big {
	struct big *next, *prev;
	size_t size;
	size_t zero;
};

_Static_assert(sizeof(struct slab) <= SLAB_HEAD, "a slab's header fits before its first block");
_Static_assert(sizeof(struct big) % 16 == 0, "a big block is aligned as malloc aligns");

/* Classes: steps of 16 up to 256, then eight to the doubling up to 8192. */
static uint32_t class_of(size_t size, uint32_t *block)
{
	uint32_t shift = 8, steps;

	assert(size <= POOL_BIGGEST);
	if (size <= 256) {
		steps = (uint32_t)((size + 15) / 16);
		steps = steps ? steps : 1;
		*block = steps * 16;
		return steps - 1;
	}
	while (size > (size_t)2 << shift)
		shift++;
	steps = (uint32_t)((size - ((size_t)1 << shift) + ((size_t)1 << (shift - 3)) - 1) >>
			   (shift - 3));
	*block = (1u << shift) + (steps << (shift - 3));
	assert(*block >= size && *block <= POOL_BIGGEST && *block % 16 == 0);
	assert(16 + (shift - 8) * 8 + steps - 1 < POOL_CLASSES);
	return 16 + (shift - 8) * 8 + steps - 1;
}

size_t pool_block(size_t size)
{
	uint32_t block;

	if (size > POOL_BIGGEST)
		return size + sizeof(struct big);
	class_of(size, &block);
	return block;
}

void pool_init(struct pool *pool, const manrs_alloc *mem)
{
	*pool = (struct pool){.mem = *mem};
}

static void slab_link(struct slab **list, struct slab *s)
{
	assert(((uintptr_t)s & (SLAB_SIZE - 1)) == 0);
	s->prev = NULL;
	s->next = *list;
	if (*list)
		(*list)->prev = s;
	*list = s;
}

static void slab_unlink(struct slab **list, struct slab *s)
{
	assert(s->prev ? s->prev->next == s : *list == s);
	assert(!s->next || s->next->prev == s);
	if (s->prev)
		s->prev->next = s->next;
	else
		*list = s->next;
	if (s->next)
		s->next->prev = s->prev;
}

/* Regions double from 64 KiB, so that a small database stays small. */
static bool region_add(struct pool *pool)
{
	uint32_t slabs = pool->regions ? pool->regions->slabs * 2 : 2;
	struct region *r;
	size_t size;

	slabs = slabs > REGION_MOST ? REGION_MOST : slabs;
	size = sizeof *r + SLAB_SIZE - 1 + (size_t)slabs * SLAB_SIZE;
	r = mem_alloc(&pool->mem, size);
	if (!r)
		return false;
	*r = (struct region){.next = pool->regions, .size = size, .slabs = slabs, .idle = slabs};
	r->first = (char *)(((uintptr_t)(r + 1) + SLAB_SIZE - 1) & ~(uintptr_t)(SLAB_SIZE - 1));
	assert(r->first + (size_t)slabs * SLAB_SIZE <= (char *)r + size);
	if (pool->regions)
		pool->regions->prev = r;
	pool->regions = r;
	pool->taken += size;
	for (uint32_t i = slabs; i-- > 0;) {
		struct slab *s = (struct slab *)(void *)(r->first + (size_t)i * SLAB_SIZE);

		*s = (struct slab){.region = r};
		slab_link(&pool->idle, s);
	}
	return true;
}

static void region_drop(struct pool *pool, struct region *r)
{
	assert(pool->taken >= r->size);
	if (r->prev)
		r->prev->next = r->next;
	else
		pool->regions = r->next;
	if (r->next)
		r->next->prev = r->prev;
	pool->taken -= r->size;
	mem_free(&pool->mem, r, r->size);
}

static void *big_alloc(struct pool *pool, size_t size)
{
	struct big *b =
		size > SIZE_MAX - sizeof *b ? NULL : mem_alloc(&pool->mem, size + sizeof *b);

	if (!b)
		return NULL;
	*b = (struct big){.next = pool->bigs, .size = size + sizeof *b};
	if (pool->bigs)
		pool->bigs->prev = b;
	pool->bigs = b;
	pool->taken += b->size;
	pool->used += b->size;
	return b + 1;
}

static void big_free(struct pool *pool, struct big *b)
{
	assert(b->prev ? b->prev->next == b : pool->bigs == b);
	assert(pool->used >= b->size && pool->taken >= b->size);
	if (b->prev)
		b->prev->next = b->next;
	else
		pool->bigs = b->next;
	if (b->next)
		b->next->prev = b->prev;
	pool->taken -= b->size;
	pool->used -= b->size;
	mem_free(&pool->mem, b, b->size);
}

void *pool_alloc(struct pool *pool, size_t size)
{
	uint32_t block, class;
	struct slab *s;
	char *at;

	if (size > POOL_BIGGEST)
		return big_alloc(pool, size);
	class = class_of(size, &block);
	s = pool->open[class];
	if (!s) {
		if (!pool->idle && !region_add(pool))
			return NULL;
		s = pool->idle;
		assert(s->size == 0 && s->used == 0 && s->region->idle > 0);
		slab_unlink(&pool->idle, s);
		*s = (struct slab){.region = s->region, .size = block, .class = class};
		s->most = (SLAB_SIZE - SLAB_HEAD) / block;
		s->region->idle--;
		slab_link(&pool->open[class], s);
	}
	assert(s->class == class && s->size == block && s->used < s->most);
	if (s->freed) {
		at = s->freed;
		memcpy(&s->freed, at, sizeof s->freed);
	} else {
		at = (char *)s + SLAB_HEAD + (size_t)s->fresh++ * block;
	}
	assert(at >= (char *)s + SLAB_HEAD && at + block <= (char *)s + SLAB_SIZE);
	assert(((size_t)(at - (char *)s) - SLAB_HEAD) % block == 0);
	if (++s->used == s->most)
		slab_unlink(&pool->open[class], s);
	pool->used += block;
	return at;
}

void pool_free(struct pool *pool, void *ptr, size_t size)
{
	struct slab *s;
	struct region *r;

	if (size > POOL_BIGGEST) {
		assert(((struct big *)ptr - 1)->size == size + sizeof(struct big));
		big_free(pool, (struct big *)ptr - 1);
		return;
	}
	s = (struct slab *)((uintptr_t)ptr & ~(uintptr_t)(SLAB_SIZE - 1));
	assert(s->size == pool_block(size) && s->used > 0 && s->used <= s->most);
	assert(((size_t)((char *)ptr - (char *)s) - SLAB_HEAD) % s->size == 0);
	assert(((size_t)((char *)ptr - (char *)s) - SLAB_HEAD) / s->size < s->fresh);
	assert(pool->used >= s->size);
	memcpy(ptr, &s->freed, sizeof s->freed);
	s->freed = ptr;
	pool->used -= s->size;
	if (s->used-- == s->most)
		slab_link(&pool->open[s->class], s);
	if (s->used)
		return;
	slab_unlink(&pool->open[s->class], s);
	s->size = 0;
	slab_link(&pool->idle, s);
	r = s->region;
	if (++r->idle < r->slabs || (!r->next && !r->prev))
		return;
	for (uint32_t i = 0; i < r->slabs; i++)
		slab_unlink(&pool->idle, (struct slab *)(void *)(r->first + (size_t)i * SLAB_SIZE));
	region_drop(pool, r);
}

bool pool_destroy(struct pool *pool, size_t *budget)
{
	memset(pool->open, 0, sizeof pool->open);
	pool->idle = NULL;
	while (pool->bigs && *budget) {
		big_free(pool, pool->bigs);
		--*budget;
	}
	while (pool->regions && *budget) {
		region_drop(pool, pool->regions);
		--*budget;
	}
	return !pool->bigs && !pool->regions;
}
