/* SPDX-License-Identifier: BSD-2-Clause */
/* The lookups for processors with AVX-512 (F, BW, VL, DQ, CD): one comparison a line. */

#include "table/lpm_tables.h"

#include <immintrin.h>

#define look_popcount(x) ((uint32_t)__builtin_popcountll(x))

static inline uint64_t look_more(const uint32_t *index)
{
	uint64_t more = 0;

	for (unsigned i = 0; i < 64; i += 16)
		more |= (uint64_t)_mm512_movepi32_mask(_mm512_loadu_si512(index + i)) << i;
	return more;
}

static inline uint32_t look_inner(const struct lpm_line *line, int32_t x)
{
	__m512i keys = _mm512_load_si512(line->word);

	return (uint32_t)__builtin_popcount(
		_mm512_mask_cmplt_epi32_mask(0xfffe, keys, _mm512_set1_epi32(x)));
}

static inline uint32_t look_leaf(const struct lpm_line *line, int32_t x)
{
	__m256i keys = _mm256_load_si256((const void *)line->word);

	return (uint32_t)__builtin_popcount(
		_mm256_mask_cmplt_epi32_mask(0xfe, keys, _mm256_set1_epi32(x)));
}

#include "table/lpm_look.h"

void lpm_avx512_4(const manrs_lpm *lpm, const uint32_t *addr, size_t n, uint32_t *index)
{
	look_all4(lpm, addr, n, index);
}

void lpm_avx512_6(const manrs_lpm *lpm, const uint8_t *addr, size_t n, uint32_t *index)
{
	look_all6(lpm, addr, n, index);
}
