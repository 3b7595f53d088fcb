/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Linking the announcements of a batch that have their path in common: one pass, a bucket of a hash table each. Where the
 * arrays lie is the host's doing, not that of who sent the paths; a chain is followed for CHAIN all the same, and what is not
 * found there is a first one again.
 */

#include "check/alike.h"

#include "base/cc.h"

#include <assert.h>
#include <string.h>

#define CHAIN 8

static size_t bucket(const manrs_announcement *a, unsigned bits)
{
	uint64_t key = (uint64_t)(uintptr_t)a->path.asn ^ (uint64_t)a->neighbour_asn << 32;

	return (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> (64 - bits));
}

/* The first one that is like a[i]; i: it is the first itself, and put into its bucket. */
static size_t first_of(const manrs_announcement *a, size_t i, unsigned bits, manrs_verdict *v)
{
	uint64_t *head = &v[bucket(&a[i], bits)].pass;
	uint64_t at = *head;

	for (unsigned k = 0; at && k < CHAIN; k++) {
		size_t first = (size_t)at - 1;

		assert(first < i);
		if (alike(&a[first], &a[i]))
			return first;
		at = (uint32_t)v[first].unknown;
	}
	cc_prefetch(a[i].path.asn); /* it is looked at soon */
	cc_prefetch(a[i].path.kind);
	v[i].fail = (uint64_t)(i + 1) << 32;
	v[i].unknown = ALIKE_FIRST | *head;
	*head = i + 1;
	return i;
}

size_t alike_link(const manrs_announcement *a, size_t n, manrs_verdict *v)
{
	unsigned bits = 63 - cc_clz64(n);
	size_t first = 0, firsts = 0;

	assert(n >= 2 && n <= ALIKE_WINDOW);
	memset(v, 0, n * sizeof *v);
	for (size_t i = 0; i < n; i++) {
		size_t last;

		if (i == 0 || !alike(&a[i - 1], &a[i]))
			first = first_of(a, i, bits, v);
		if (first == i) {
			firsts++;
			continue;
		}
		last = (size_t)(v[first].fail >> 32) - 1;
		v[last].fail |= i + 1;
		v[first].fail = (v[first].fail & UINT32_MAX) | (uint64_t)(i + 1) << 32;
	}
	return firsts;
}
