/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_URPF_URPF_WORDS_H
#define LIB_URPF_URPF_WORDS_H

/* What the uRPF checks of x86-64 share: words from several places in a vector, and how far urpf_lookup.h fetches ahead. */

#include "base/cc.h"

#include <immintrin.h>

#define ROWS_BLOCK  8u
#define ROWS_AHEAD  7u
#define rows_unroll cc_unroll8

/* Two words: loads that go into a vector need no store that a wider load would wait for. */
static inline __m128i words2(const uint64_t *first, const uint32_t *at)
{
	__m128i low = _mm_loadl_epi64((const void *)(first + at[0]));

	return _mm_castpd_si128(_mm_loadh_pd(_mm_castsi128_pd(low), (const void *)(first + at[1])));
}

static inline __m256i words4(const uint64_t *first, const uint32_t *at)
{
	return _mm256_inserti128_si256(_mm256_castsi128_si256(words2(first, at)),
				       words2(first, at + 2), 1);
}

#endif
