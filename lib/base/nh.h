/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_BASE_NH_H
#define LIB_BASE_NH_H

/*
 * A hash for items that come from outside and have some dozens of bytes: NH, the first step of UMAC (Black, Halevi, Krawczyk,
 * Krovetz, Rogaway 1999), with words of 64 bits, then one multiplication that takes 128 bits to 64. Who does not know the keys
 * makes two items equal in the 128 bits with a chance of about 2^-64, whatever he chooses: the keys are SipHash's of the seed,
 * one a word. A third of SipHash's time; items that have more words than there are keys are left to that (slots.h).
 *
 *     (n + key)(with + key) + (word + key)(word + key) + ...    modulo 2^128; the last two words end with the item
 */

#include "base/cc.h"
#include "base/slots.h"

#include <string.h>

#define NH_MOST 256u /* bytes */

struct nh {
	uint64_t seed[2];
	uint64_t key[4 + NH_MOST / 8];
};

static inline void nh_seed(struct nh *nh, const uint64_t seed[2])
{
	nh->seed[0] = seed[0];
	nh->seed[1] = seed[1];
	for (uint64_t i = 0; i < sizeof nh->key / sizeof *nh->key; i++)
		nh->key[i] = slots_hash(seed, &i, sizeof i);
}

struct nh_sum {
	uint64_t high, low;
};

static cc_inline void nh_add(struct nh_sum *sum, uint64_t a, uint64_t b)
{
	uint64_t high, low = cc_mul128(a, b, &high);

	sum->low += low;
	sum->high += high + (sum->low < low);
}

static cc_inline void nh_pair(struct nh_sum *sum, const uint64_t key[2], const char *p)
{
	uint64_t word[2];

	memcpy(word, p, sizeof word);
	nh_add(sum, word[0] + key[0], word[1] + key[1]);
}

/* Of n bytes, and of what else parts items. */
static cc_inline uint64_t nh_hash(const struct nh *nh, uint64_t with, const void *bytes, size_t n)
{
	const uint64_t *key = nh->key + 4;
	const char *p = bytes;
	char few[16] = {0};
	struct nh_sum sum = {0, 0};

	if (cc_unlikely(n > NH_MOST))
		return slots_hash((const uint64_t[2]){nh->seed[0] ^ with, nh->seed[1]}, bytes, n);
	nh_add(&sum, n + nh->key[0], with + nh->key[1]);
	if (cc_likely(n >= 16)) {
		for (size_t left = n; left > 16; left -= 16, p += 16, key += 2)
			nh_pair(&sum, key, p);
		nh_pair(&sum, key, (const char *)bytes + n - 16);
	} else if (n) {
		memcpy(few, bytes, n);
		nh_pair(&sum, key, few);
	}
	sum.low = cc_mul128(sum.low ^ nh->key[2], sum.high ^ nh->key[3], &sum.high);
	return sum.low ^ sum.high;
}

#endif
