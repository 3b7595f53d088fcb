/* SPDX-License-Identifier: BSD-2-Clause */
/* The lookups in plain C: vectors of four as every processor has, and no instruction that not all have. */

#include "table/lpm_tables.h"

#define look_popcount(x) cc_popcount64(x)

static inline uint64_t look_more(const uint32_t *index)
{
	uint32_t any = 0;
	uint64_t more = 0;

	for (unsigned i = 0; i < 64; i++)
		any |= index[i];
	for (unsigned i = 0; i < 64 && any & LPM_MORE; i++)
		more |= (uint64_t)(index[i] >> 31) << i;
	return more;
}

/* All 16 words are compared; the first, which is no key, is taken off again. */
static inline uint32_t look_inner(const struct lpm_line *line, int32_t x)
{
	const cc_i32x4 *key = (const cc_i32x4 *)line, v = {x, x, x, x};
	cc_i32x4 less = (key[0] < v) + (key[1] < v) + (key[2] < v) + (key[3] < v);

	return (uint32_t)(-(less[0] + less[1] + less[2] + less[3]) -
			  ((int32_t)line->word[LINE_DOWN] < x));
}

/* Word 0 of a leaf is 0. */
static inline uint32_t look_leaf(const struct lpm_line *line, int32_t x)
{
	const cc_i32x4 *key = (const cc_i32x4 *)line, v = {x, x, x, x};
	cc_i32x4 less = (key[0] < v) + (key[1] < v);

	return (uint32_t)(-(less[0] + less[1] + less[2] + less[3]) - (0 < x));
}

#include "table/lpm_look.h"

void lpm_portable4(const manrs_lpm *lpm, const uint32_t *addr, size_t n, uint32_t *index)
{
	look_all4(lpm, addr, n, index);
}

void lpm_portable6(const manrs_lpm *lpm, const uint8_t *addr, size_t n, uint32_t *index)
{
	look_all6(lpm, addr, n, index);
}
