/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_BASE_MERGE_H
#define LIB_BASE_MERGE_H

#include "base/mem.h"

/*
 * Sort n items of `size` bytes in place, equal ones as they were. Sorted input costs one pass. false: no memory, and
 * the items are as they were.
 */
bool merge_items(const manrs_alloc *mem, void *items, size_t n, size_t size,
		 int (*cmp)(const void *, const void *));

#endif
