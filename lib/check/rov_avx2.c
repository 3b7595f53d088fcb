/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Origin validation with AVX2: four words of a list at once. Its comparisons are signed, so the asn, which takes all 32 bits,
 * is only asked for equality.
 */

#define ROV_PATH rov_avx2
#include "check/rov_batch.h"

#include <immintrin.h>

static inline unsigned lanes_of(__m256i x)
{
	return (unsigned)_mm256_movemask_pd(_mm256_castsi256_pd(x));
}

static cc_inline unsigned rov_list(const uint64_t *at, unsigned len, uint64_t origin)
{
	const __m256i byte = _mm256_set1_epi64x(0xff), l = _mm256_set1_epi64x(len),
		      as = _mm256_set1_epi64x((long long)origin);
	unsigned said = 0, ends;

	do {
		__m256i word = _mm256_loadu_si256((const void *)at);
		__m256i beyond =
			_mm256_cmpgt_epi64(_mm256_and_si256(_mm256_srli_epi64(word, 16), byte), l);
		__m256i tight = _mm256_or_si256(
			beyond,
			_mm256_cmpgt_epi64(l, _mm256_and_si256(_mm256_srli_epi64(word, 8), byte)));
		__m256i match = _mm256_andnot_si256(
			tight, _mm256_cmpeq_epi64(_mm256_srli_epi64(word, 32), as));
		unsigned in;

		ends = lanes_of(_mm256_slli_epi64(word, 63));
		in = ends ^ (ends - 1); /* up to the first that ends the list; all if none does */
		said |= (~lanes_of(beyond) & in & 0xf) != 0;
		said |= (unsigned)((lanes_of(match) & in) != 0) << 1;
		at += 4;
	} while (cc_unlikely(!ends));
	return said;
}

static cc_inline struct rov_left rov_ones(const manrs_route *r, const uint64_t *entry,
					  uint8_t *states)
{
	struct rov_left left = {0, 0, 0};

	/* No entry is a child: of the low bits ONE has bit 0, LIST bit 1 and MANY both. */
	for (unsigned i = 0; i < LANES; i += 4) {
		__m256i e = _mm256_loadu_si256((const void *)(entry + i));
		uint64_t one = lanes_of(_mm256_slli_epi64(e, 63)),
			 two = lanes_of(_mm256_slli_epi64(e, 62));

		left.list |= (two & ~one) << i;
		left.many |= (two & one) << i;
	}
	for (unsigned i = 0; i < LANES; i++) {
		uint64_t bad = !prefix_ok(&r[i].prefix);

		left.bad |= bad << i;
		states[i] = rov_one(entry[i], &r[i], bad);
	}
	return left;
}

static cc_inline struct rov_down rov_children(const uint64_t *entry, uint64_t lanes)
{
	struct rov_down d = {0, 0};

	(void)lanes;
	for (unsigned i = 0; i < LANES; i += 4) {
		__m256i child =
			_mm256_slli_epi64(_mm256_loadu_si256((const void *)(entry + i)), 61);

		d.child |= (uint64_t)lanes_of(child) << i;
		d.skip |= (uint64_t)lanes_of(_mm256_and_si256(child, _mm256_slli_epi64(child, 1)))
			  << i;
	}
	return d;
}
