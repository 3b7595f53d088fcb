/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_CHECK_ALIKE_H
#define LIB_CHECK_ALIKE_H

/*
 * Announcements that have their path in common, however they lie in a batch. The links between them stand in the verdicts
 * that the batch is about to get:
 *
 *     verdicts    0      1      2      3      4             all ones with path A: 0 -> 2 -> 3; with path B: 1 -> 4
 *     path        A      B      A      A      B
 *
 *     .fail       low: the next one with this path, + 1; 0: none. High, of a first one: the last, + 1
 *     .unknown    ALIKE_FIRST of the first one of each; low: the next first one in its bucket, + 1
 *     .pass       of verdict b: the first one that bucket b of a hash table begins with, + 1
 *
 * A true verdict has no bit at ALIKE_FIRST, so that one can be told from a first one that was not judged yet.
 */

#include <manrs/check.h>
#include <stdbool.h>

#define ALIKE_WINDOW 4096 /* announcements that are linked at once: they stay in the cache */
#define ALIKE_LEAST  16   /* fewer are not worth it */
#define ALIKE_FIRST  (UINT64_C(1) << 63)

/* Whether all that the tests of the path alone look at is the same; a path is known by its arrays. */
static inline bool alike(const manrs_announcement *a, const manrs_announcement *b)
{
	const uint32_t seen =
		MANRS_ANNOUNCE_EGRESS | MANRS_ANNOUNCE_ANY_NEIGHBOUR | MANRS_ANNOUNCE_INTERNAL;

	return a->path.asn == b->path.asn && a->path.kind == b->path.kind &&
	       a->path.n == b->path.n && a->path.flags == b->path.flags &&
	       a->neighbour_asn == b->neighbour_asn && ((a->flags ^ b->flags) & seen) == 0;
}

/*
 * Link 2 <= n <= ALIKE_WINDOW announcements.
 * out:     verdicts[n], as above, whatever was in them
 * returns: how many are first ones
 */
size_t alike_link(const manrs_announcement *a, size_t n, manrs_verdict *verdicts);

/* The one after i; n: it was the last. */
static inline size_t alike_next(const manrs_verdict *verdicts, size_t i, size_t n)
{
	uint32_t next = (uint32_t)verdicts[i].fail;

	return next ? next - 1 : n;
}

#endif
