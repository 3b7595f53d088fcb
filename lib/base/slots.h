/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_BASE_SLOTS_H
#define LIB_BASE_SLOTS_H

/*
 * A hash over the items of an array that its owner keeps: half of an item's hash and its index, in open addressing. The
 * items come from outside, so the hash is SipHash-1-3 (Aumasson, Bernstein), whose bits depend on every bit of an item, with
 * the host's seed; where he gave none, the address of the first table: the library has no random numbers.
 *
 *     slot ---- upper half of the hash | index + 1        0: free
 *     home ---- the lowest bits of that half, so that a table grows without asking for the items again
 *
 * A set of items is slow only for one who knows the seed: then all may have one home.
 */

#include "base/mem.h"

struct slots {
	uint64_t *slot;
	size_t n; /* a power of two, or 0; at most half are taken */
	uint64_t seed[2];
};

/* More items than this are refused: their homes would not lie everywhere. */
#define SLOTS_MOST (UINT32_C(1) << 31)

/* Of n bytes, as the machine's words of 64 bits; the last of them from what is left, then n. */
uint64_t slots_hash(const uint64_t seed[2], const void *bytes, size_t n);

/* The seed of an empty table; {0, 0}: the address. */
static inline void slots_seed(struct slots *s, const uint64_t seed[2])
{
	s->seed[0] = seed[0];
	s->seed[1] = seed[1];
}

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

/* Room for so many items in all; the seed is what it stays. false: refused, and the table is as it was. */
bool slots_reserve(const manrs_alloc *mem, struct slots *s, size_t items);
void slots_free(const manrs_alloc *mem, struct slots *s);

static inline size_t slots_home(const struct slots *s, uint64_t hash)
{
	return (size_t)(hash >> 32) & (s->n - 1);
}

/* Put item i, which is not there yet. */
static inline void slots_put(struct slots *s, uint64_t hash, size_t i)
{
	size_t at = slots_home(s, hash);

	while (s->slot[at])
		at = (at + 1) & (s->n - 1);
	s->slot[at] = (hash & ~UINT64_C(0xffffffff)) | (i + 1);
}

/*
 * The next item that may have this hash, and whether there is one: *at starts at slots_home. Only items with half of it equal
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

/* Take item i out, which is there. Those behind it move up to where they are looked for. */
static inline void slots_take(struct slots *s, uint64_t hash, size_t i)
{
	size_t mask = s->n - 1, at = slots_home(s, hash);

	while ((uint32_t)s->slot[at] != (uint32_t)(i + 1))
		at = (at + 1) & mask;
	for (size_t next = (at + 1) & mask; s->slot[next]; next = (next + 1) & mask) {
		size_t home = slots_home(s, s->slot[next]);

		if (((next - home) & mask) < ((next - at) & mask))
			continue;
		s->slot[at] = s->slot[next];
		at = next;
	}
	s->slot[at] = 0;
}

#endif
