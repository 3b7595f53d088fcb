/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sorting by 64-bit keys: radix passes of 11 bits from the lowest, leaving out those in which all keys agree, then the
 * runs of equal keys by comparison (insertion for short ones, a heap for long ones).
 */

#include "base/sort.h"

#include "base/cc.h"

#include <assert.h>
#include <string.h>

#define DIGIT  11u
#define DIGITS 6u
#define BINS   (1u << DIGIT)

static void heap_down(struct sort_item *v, size_t i, size_t n, sort_cmp *cmp, const void *arg)
{
	struct sort_item x = v[i];

	for (size_t c; (c = 2 * i + 1) < n; i = c) {
		if (c + 1 < n && cmp(arg, v[c].at, v[c + 1].at) < 0)
			c++;
		if (cmp(arg, x.at, v[c].at) >= 0)
			break;
		v[i] = v[c];
	}
	v[i] = x;
}

static void sort_run(struct sort_item *v, size_t n, sort_cmp *cmp, const void *arg)
{
	if (n <= 16) {
		for (size_t i = 1; i < n; i++) {
			struct sort_item x = v[i];
			size_t j = i;

			for (; j && cmp(arg, v[j - 1].at, x.at) > 0; j--)
				v[j] = v[j - 1];
			v[j] = x;
		}
		return;
	}
	for (size_t i = n / 2; i-- > 0;)
		heap_down(v, i, n, cmp, arg);
	for (size_t i = n; i-- > 1;) {
		struct sort_item x = v[0];

		v[0] = v[i];
		v[i] = x;
		heap_down(v, 0, i, cmp, arg);
	}
}

static void radix(struct sort_item *items, struct sort_item *tmp, size_t n)
{
	struct sort_item *from = items, *to = tmp;

	for (unsigned d = 0; d < DIGITS; d++) {
		size_t bin[BINS] = {0}, sum = 0;
		unsigned shift = d * DIGIT;

		for (size_t i = 0; i < n; i++)
			bin[from[i].key >> shift & (BINS - 1)]++;
		if (bin[from[0].key >> shift & (BINS - 1)] == n)
			continue;
		for (unsigned b = 0; b < BINS; b++) {
			size_t count = bin[b];

			bin[b] = sum;
			sum += count;
		}
		for (size_t i = 0; i < n; i++)
			to[bin[from[i].key >> shift & (BINS - 1)]++] = from[i];
		from = to;
		to = from == items ? tmp : items;
	}
	if (from != items)
		memcpy(items, from, n * sizeof *items);
}

static bool in_order(const struct sort_item *v, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (v[i - 1].key > v[i].key)
			return false;
	return true;
}

static cc_proof bool run_in_order(const struct sort_item *v, size_t n, sort_cmp *cmp,
				  const void *arg)
{
	for (size_t i = 1; i < n; i++)
		if (cmp(arg, v[i - 1].at, v[i].at) > 0)
			return false;
	return true;
}

void sort_items(struct sort_item *items, struct sort_item *tmp, size_t n, sort_cmp *cmp,
		const void *arg)
{
	if (n > 64 && !in_order(items, n))
		radix(items, tmp, n);
	else if (n <= 64)
		for (size_t i = 1; i < n; i++) {
			struct sort_item x = items[i];
			size_t j = i;

			for (; j && items[j - 1].key > x.key; j--)
				items[j] = items[j - 1];
			items[j] = x;
		}
	assert(in_order(items, n));
	for (size_t i = 0, j; i < n; i = j) {
		for (j = i + 1; j < n && items[j].key == items[i].key; j++)
			;
		sort_run(items + i, j - i, cmp, arg);
		assert(run_in_order(items + i, j - i, cmp, arg));
	}
}
