/* SPDX-License-Identifier: BSD-2-Clause */
/* The lookups for processors with AVX2, BMI and a population count. */

#include "table/lpm_tables.h"

#include <immintrin.h>

#define look_popcount(x) ((uint32_t)__builtin_popcountll(x))

static inline uint64_t look_more(const uint32_t *index)
{
	uint64_t more = 0;

	for (unsigned i = 0; i < 64; i += 8) {
		__m256i eight = _mm256_loadu_si256((const void *)(index + i));

		more |= (uint64_t)(uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(eight)) << i;
	}
	return more;
}

static inline uint32_t less8(const uint32_t *key, int32_t x)
{
	__m256i keys = _mm256_load_si256((const void *)key);

	return (uint32_t)_mm256_movemask_ps(
		_mm256_castsi256_ps(_mm256_cmpgt_epi32(_mm256_set1_epi32(x), keys)));
}

static inline uint32_t look_inner(const struct lpm_line *line, int32_t x)
{
	uint32_t less = less8(line->word, x) | less8(line->word + 8, x) << 8;

	return (uint32_t)__builtin_popcount(less & ~1u);
}

static inline uint32_t look_leaf(const struct lpm_line *line, int32_t x)
{
	return (uint32_t)__builtin_popcount(less8(line->word, x) & ~1u);
}

#include "table/lpm_look.h"

void lpm_avx2_4(const manrs_lpm *lpm, const uint32_t *addr, size_t n, uint32_t *index)
{
	look_all4(lpm, addr, n, index);
}

void lpm_avx2_6(const manrs_lpm *lpm, const uint8_t *addr, size_t n, uint32_t *index)
{
	look_all6(lpm, addr, n, index);
}
