/* SPDX-License-Identifier: BSD-2-Clause */
/* The uRPF check with AVX2: the bits of four packets a vector. */

#include "urpf/urpf_words.h"

/* Shifted by 64 or more a word is 0. */
static inline __m256i bits_of(__m256i word, const uint16_t *iface)
{
	__m256i shift = _mm256_cvtepu16_epi64(_mm_loadl_epi64((const void *)iface));

	return _mm256_and_si256(_mm256_srlv_epi64(word, shift), _mm256_set1_epi64x(1));
}

static inline unsigned equal(__m256i word, uint64_t none)
{
	__m256i same = _mm256_cmpeq_epi64(word, _mm256_set1_epi64x((long long)none));

	return (unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(same));
}

static cc_inline unsigned row_bits8(const uint64_t *first, const uint32_t *at,
				    const uint16_t *iface, uint64_t none, uint8_t *allow)
{
	__m256i a = words4(first, at), b = words4(first, at + 4);
	__m256i bits =
		_mm256_or_si256(bits_of(a, iface), _mm256_slli_epi64(bits_of(b, iface + 4), 32));
	/* Of each half the bytes 0 and 8 are from a, 4 and 12 from b. */
	__m128i low = _mm_shuffle_epi8(_mm256_castsi256_si128(bits),
				       _mm_set_epi64x(-1, (long long)0x80800c0480800800)),
		high = _mm_shuffle_epi8(_mm256_extracti128_si256(bits, 1),
					_mm_set_epi64x(-1, (long long)0x0c04808008008080));

	_mm_storel_epi64((void *)allow, _mm_or_si128(low, high));
	return equal(a, none) | equal(b, none) << 4;
}

#include "urpf/urpf_lookup.h"

void urpf_check_avx2(const manrs_urpf *s, unsigned f, const uint8_t *src, const uint16_t *iface,
		     size_t n, uint8_t *allow)
{
	check_all(s, f, src, iface, n, allow);
}
