/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_BASE_SLOTS_H
#define LIB_BASE_SLOTS_H

/*
 * A hash over the items of an array that its owner keeps: half of an item's hash and its index, in open addressing. The
 * items come from outside, so the hash is SipHash-1-3 (Aumasson, Bernstein), whose low bits depend on every bit of an item,
 * with the address of the table as the seed: the library has no random numbers.
 */

#include "base/mem.h"

struct slots {
	uint64_t *slot; /* half of the hash above, index + 1 below; 0: free */
	size_t n;       /* a power of two, or 0; at most half are taken */
	uint64_t seed;
};

/* bytes: of words of 64 bits, whole ones. */
uint64_t slots_hash(uint64_t seed, const void *words, size_t bytes);

/*
 * Where the items come from the operator himself, who only has regular ones and no reason to look for others: every bit of
 * the upper half depends on every bit of the word.
 */
static inline uint64_t slots_mix(uint64_t word)
{
	word *= UINT64_C(0x9e3779b97f4a7c15);
	word ^= word >> 32;
	return word * UINT64_C(0x9fb21c651e98df25);
}

enum slots_room { SLOTS_REFUSED, SLOTS_AS_BEFORE, SLOTS_EMPTIED };
/* Room for so many items in all. SLOTS_EMPTIED: the table is larger now, and every item must be put again. */
enum slots_room slots_reserve(const manrs_alloc *mem, struct slots *s, size_t items);
void slots_free(const manrs_alloc *mem, struct slots *s);

/* Put item i, which is not there yet. */
static inline void slots_put(struct slots *s, uint64_t hash, size_t i)
{
	size_t at = (size_t)hash & (s->n - 1);

	while (s->slot[at])
		at = (at + 1) & (s->n - 1);
	s->slot[at] = (hash & ~UINT64_C(0xffffffff)) | (i + 1);
}

/*
 * The next item that may have this hash, and whether there is one: *at starts at the hash. Only items with half of it equal
 * are given, which the caller compares.
 */
static inline bool slots_next(const struct slots *s, uint64_t hash, size_t *at, size_t *i)
{
	for (;;) {
		uint64_t slot = s->slot[(*at)++ & (s->n - 1)];

		if (!slot)
			return false;
		if (slot >> 32 == hash >> 32) {
			*i = (uint32_t)slot - 1;
			return true;
		}
	}
}

#endif
