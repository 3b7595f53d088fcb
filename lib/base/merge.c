/* SPDX-License-Identifier: BSD-2-Clause */
/* A merge sort of records: runs of 1, 2, 4... items are merged from one array into another and back. */

#include "base/merge.h"

#include "base/cc.h"

#include <assert.h>
#include <string.h>

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Merge from[lo..mid) and from[mid..hi) into to[lo..hi). */
static void merge(char *to, const char *from, size_t lo, size_t mid, size_t hi, size_t size,
		  int (*cmp)(const void *, const void *))
{
	size_t a = lo, b = mid;

	assert(lo <= mid && mid <= hi);
	for (size_t i = lo; i < hi; i++) {
		bool left = a < mid && (b >= hi || cmp(from + a * size, from + b * size) <= 0);

		memcpy(to + i * size, from + (left ? a++ : b++) * size, size);
	}
}

static cc_proof bool in_order(const char *items, size_t n, size_t size,
			      int (*cmp)(const void *, const void *))
{
	for (size_t i = 1; i < n; i++)
		if (cmp(items + (i - 1) * size, items + i * size) > 0)
			return false;
	return true;
}

bool merge_items(const manrs_alloc *mem, void *items, size_t n, size_t size,
		 int (*cmp)(const void *, const void *))
{
	char *from = items, *to, *spare;
	size_t sorted = 1;

	while (sorted < n && cmp(from + (sorted - 1) * size, from + sorted * size) <= 0)
		sorted++;
	if (sorted >= n)
		return true;
	spare = n <= SIZE_MAX / size ? mem_alloc(mem, n * size) : NULL;
	if (!spare)
		return false;
	to = spare;
	for (size_t run = 1; run < n; run *= 2) {
		char *t = from;

		for (size_t lo = 0; lo < n; lo += 2 * run)
			merge(to, from, lo, least(lo + run, n), least(lo + 2 * run, n), size, cmp);
		from = to;
		to = t;
	}
	if (from != items)
		memcpy(items, from, n * size);
	mem_free(mem, spare, n * size);
	assert(in_order(items, n, size, cmp));
	return true;
}
