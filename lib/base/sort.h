/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_BASE_SORT_H
#define LIB_BASE_SORT_H

#include "base/mem.h"

/* An item to be put in order by its key; `at` says which it is. */
struct sort_item {
	uint64_t key;
	uint64_t at;
};

typedef int sort_cmp(const void *arg, uint64_t a, uint64_t b);

/*
 * Sort items[n] by key, then by cmp(arg, at, at) among equal keys. tmp[n] is scratch. Neither allocates nor recurses;
 * n log n at worst, whatever the input.
 */
void sort_items(struct sort_item *items, struct sort_item *tmp, size_t n, sort_cmp *cmp,
		const void *arg);

#endif
