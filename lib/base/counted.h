/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_BASE_COUNTED_H
#define LIB_BASE_COUNTED_H

/*
 * What a snapshot begins with, whatever it is of: the count of those who hold it. The count is the one thing of a snapshot
 * that readers change. To let go is to count down and no more: the memory waits for the owner, who looks at the count. So
 * whoever holds a snapshot can let go of it without knowing what it is, and nothing of a higher floor need be called.
 */

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct counted {
	atomic_size_t holders;
};

/* One holder: who made it. */
static inline void counted_init(struct counted *c)
{
	atomic_init(&c->holders, 1);
}

static inline atomic_size_t *counted_holders(const struct counted *c)
{
	return &((struct counted *)(uintptr_t)c)->holders;
}

/* By one who holds it already, so that nothing needs to be ordered. */
static inline void counted_hold(const struct counted *c)
{
	atomic_fetch_add_explicit(counted_holders(c), 1, memory_order_relaxed);
}

/* What this thread read of the snapshot stands before the owner's look that finds nobody; NULL is allowed. */
static inline void counted_let_go(const struct counted *c)
{
	if (c)
		atomic_fetch_sub_explicit(counted_holders(c), 1, memory_order_release);
}

/* For the owner: how many hold it. Once it is 0, it stays 0. */
static inline size_t counted_by(const struct counted *c)
{
	return atomic_load_explicit(counted_holders(c), memory_order_acquire);
}

#endif
