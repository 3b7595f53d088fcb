/* SPDX-License-Identifier: BSD-2-Clause */
/* The blocks of one atomic change. */

#include "base/txn.h"

#include <assert.h>

void *txn_alloc(struct txn *t, enum txn_pool pool, size_t size)
{
	const manrs_alloc *mem = &t->pool[0]->mem;
	struct txn_block *b;
	void *at;

	if (!t->new_pools && !vec_reserve(mem, &t->fresh, 1, sizeof *b))
		return NULL;
	at = pool_alloc(t->pool[pool], size);
	if (!at || t->new_pools)
		return at;
	assert(((uintptr_t)at & 1) == 0);
	b = vec_push(mem, &t->fresh, sizeof *b);
	assert(b); /* reserved above */
	*b = (struct txn_block){(uint64_t)(uintptr_t)at | pool, size};
	return at;
}

bool txn_retire(struct txn *t, enum txn_pool pool, const void *at, size_t size)
{
	struct txn_block *b = vec_push(&t->pool[0]->mem, &t->retired, sizeof *b);

	assert(at && ((uintptr_t)at & 1) == 0);
	if (b)
		*b = (struct txn_block){(uint64_t)(uintptr_t)at | pool, size};
	return b != NULL;
}

void txn_free_block(struct pool *const pool[2], const struct txn_block *b)
{
	pool_free(pool[b->at & 1], (void *)(uintptr_t)(b->at & ~UINT64_C(1)), (size_t)b->size);
}

void txn_recycle(struct txn *t)
{
	const struct txn_block *b = t->retired.at;

	for (size_t i = 0; t->new_pools && i < t->retired.n; i++)
		txn_free_block(t->pool, &b[i]);
	if (t->new_pools)
		t->retired.n = 0;
}

void txn_rollback(struct txn *t)
{
	struct txn_block *b = t->fresh.at;

	for (size_t i = 0; i < t->fresh.n; i++)
		txn_free_block(t->pool, &b[i]);
	vec_free(&t->pool[0]->mem, &t->fresh, sizeof *b);
	vec_free(&t->pool[0]->mem, &t->retired, sizeof *b);
}

void txn_done(struct txn *t, struct vec *retired)
{
	vec_free(&t->pool[0]->mem, &t->fresh, sizeof(struct txn_block));
	*retired = t->retired;
	t->retired = (struct vec){0};
}
