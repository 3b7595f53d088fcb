/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The uRPF check with AVX-512 (F, BW, DQ, VL): a lane a packet, eight lanes a vector, four vectors side by side so that 32
 * cache misses are under way at once. Every lane goes down its blocks by gathers until it has a row.
 *
 * A gather reads eight bytes: narrow values are padded so that the last one may be read so.
 */

#include "urpf/urpf_words.h"

/* Shifted by 64 or more a word is 0. */
static cc_inline unsigned row_bits8(const uint64_t *first, const uint32_t *at,
				    const uint16_t *iface, uint64_t none, uint8_t *allow)
{
	__m512i word = _mm512_inserti64x4(_mm512_castsi256_si512(words4(first, at)),
					  words4(first, at + 4), 1);
	__m512i shift = _mm512_cvtepu16_epi64(_mm_loadu_si128((const void *)iface));
	__mmask8 bits =
		_mm512_test_epi64_mask(_mm512_srlv_epi64(word, shift), _mm512_set1_epi64(1));

	_mm_storel_epi64((void *)allow, _mm_maskz_set1_epi8(bits, 1));
	return _mm512_cmpeq_epi64_mask(word, _mm512_set1_epi64((long long)none));
}

#include "urpf/urpf_lookup.h"

#define VECTORS 4
#define LANES   (8 * VECTORS)

/* Where the parts of the structs stand. */
#define AT_CHUNKS ((long long)offsetof(struct urpf_top, chunk))
#define AT_VALUES ((long long)offsetof(struct urpf_chunk, at))
#define AT_STARTS ((long long)offsetof(struct urpf_block, start))
#define AT_RANKS  ((long long)offsetof(struct urpf_block, rank))
#define AT_WIDE                                              \
	(8 * ((long long)offsetof(struct urpf_block, wide) - \
	      (long long)offsetof(struct urpf_block, rank)))
#define AT_VALS ((long long)offsetof(struct urpf_block, val))

static inline __m512i set1(long long x)
{
	return _mm512_set1_epi64(x);
}

/* Eight 64-bit words at addresses, where the mask says so. */
static inline __m512i load8(__mmask8 m, __m512i at)
{
	return _mm512_mask_i64gather_epi64(_mm512_setzero_si512(), m, at, NULL, 1);
}

/* Bits set in each 64-bit lane: a table of nibbles, then the sum of the bytes. */
static inline __m512i popcount8(__m512i x)
{
	const __m512i table = _mm512_broadcast_i32x4(
		_mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4));
	const __m512i low = _mm512_set1_epi8(15);
	__m512i a = _mm512_shuffle_epi8(table, _mm512_and_si512(x, low));
	__m512i b = _mm512_shuffle_epi8(table, _mm512_and_si512(_mm512_srli_epi16(x, 4), low));

	return _mm512_sad_epu8(_mm512_add_epi8(a, b), _mm512_setzero_si512());
}

/* The value of a slot in each lane's block, as block_place and block_value. */
static inline __m512i descend(__mmask8 m, __m512i block, __m512i slot)
{
	__m512i word = _mm512_srli_epi64(slot, 6);
	__m512i starts = load8(m, _mm512_add_epi64(_mm512_add_epi64(block, set1(AT_STARTS)),
						   _mm512_slli_epi64(word, 3)));
	__m512i tail = load8(m, _mm512_add_epi64(block, set1(AT_RANKS)));
	__m512i shift = _mm512_sub_epi64(set1(63), _mm512_and_si512(slot, set1(63)));
	__m512i upto = _mm512_and_si512(starts, _mm512_srlv_epi64(set1(-1), shift));
	__m512i rank =
		_mm512_and_si512(_mm512_srlv_epi64(tail, _mm512_slli_epi64(word, 3)), set1(255));
	__m512i at = _mm512_sub_epi64(_mm512_add_epi64(rank, popcount8(upto)), set1(1));
	__mmask8 wide = _mm512_test_epi64_mask(tail, set1(1LL << AT_WIDE));
	__m512i place = _mm512_mask_slli_epi64(_mm512_slli_epi64(at, 1), wide, at, 3);
	__m512i v = load8(m, _mm512_add_epi64(_mm512_add_epi64(block, set1(AT_VALS)), place));
	__m512i row =
		_mm512_or_si512(_mm512_slli_epi64(_mm512_and_si512(v, set1(0xffff)), 1), set1(1));

	return _mm512_mask_mov_epi64(row, wide, v);
}

/* Byte `depth` of addresses whose first eight are in hi and the rest in lo, most significant first. */
static inline __m512i byte_of(__m512i hi, __m512i lo, unsigned depth)
{
	__m512i x = depth < 8 ? hi : lo;

	return _mm512_and_si512(_mm512_srl_epi64(x, _mm_cvtsi32_si128((int)(56 - 8 * (depth & 7)))),
				set1(255));
}

/* Whether the interface's bit is set in the row, as bytes. */
static inline void test8(const manrs_urpf *s, __m512i value, const uint16_t *iface, uint8_t *allow)
{
	__m512i words = set1((long long)s->rows->words);
	__m512i f = _mm512_cvtepu16_epi64(_mm_loadu_si128((const __m128i *)(const void *)iface));
	__m512i w = _mm512_srli_epi64(f, 6);
	__mmask8 known = _mm512_cmplt_epu64_mask(w, words);
	__m512i index = _mm512_add_epi64(_mm512_mullo_epi64(_mm512_srli_epi64(value, 1), words), w);
	__m512i bits = load8(known, _mm512_add_epi64(set1((long long)(intptr_t)s->rows->bits),
						     _mm512_slli_epi64(index, 3)));
	__m512i bit = _mm512_srlv_epi64(bits, _mm512_and_si512(f, set1(63)));
	uint64_t out =
		(uint64_t)_mm_cvtsi128_si64(_mm512_cvtepi64_epi8(_mm512_and_si512(bit, set1(1))));

	memcpy(allow, &out, 8);
}

/* LANES packets. */
static inline void lanes_check(const manrs_urpf *s, const struct urpf_top *top, const __m512i *hi,
			       const __m512i *lo, const uint16_t *iface, uint8_t *allow)
{
	__m512i value[VECTORS];
	__mmask8 block[VECTORS];
	unsigned left = 0;

	for (int i = 0; i < VECTORS; i++) {
		__m512i at = _mm512_add_epi64(set1((long long)(intptr_t)top + AT_CHUNKS),
					      _mm512_slli_epi64(_mm512_srli_epi64(hi[i], 56), 3));
		__m512i chunk = load8(0xff, at);

		at = _mm512_add_epi64(_mm512_add_epi64(chunk, set1(AT_VALUES)),
				      _mm512_slli_epi64(byte_of(hi[i], hi[i], 1), 3));
		value[i] = load8(0xff, at);
		block[i] = _mm512_testn_epi64_mask(value[i], set1(1));
		left |= block[i];
	}
	for (unsigned depth = 2; left; depth++) {
		left = 0;
		for (int i = 0; i < VECTORS; i++) {
			__m512i v;

			if (!block[i])
				continue;
			v = descend(block[i], value[i], byte_of(hi[i], lo[i], depth));
			value[i] = _mm512_mask_mov_epi64(value[i], block[i], v);
			block[i] = _mm512_mask_testn_epi64_mask(block[i], value[i], set1(1));
			left |= block[i];
		}
	}
	for (int i = 0; i < VECTORS; i++)
		test8(s, value[i], iface + 8 * i, allow + 8 * i);
}

static inline __m512i swapped(__m512i x)
{
	const __m512i order = _mm512_broadcast_i32x4(
		_mm_setr_epi8(7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8));

	return _mm512_shuffle_epi8(x, order);
}

static void check4(const manrs_urpf *s, const uint8_t *src, const uint16_t *iface, uint8_t *allow)
{
	__m512i hi[VECTORS];

	for (int i = 0; i < VECTORS; i++) {
		__m256i a = _mm256_loadu_si256((const __m256i *)(const void *)(src + 32 * i));

		hi[i] = swapped(
			_mm512_cvtepu32_epi64(a)); /* the four bytes are the first of eight */
	}
	lanes_check(s, s->top[0], hi, hi, iface, allow);
}

static void check6(const manrs_urpf *s, const uint8_t *src, const uint16_t *iface, uint8_t *allow)
{
	const __m512i even = _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14),
		      odd = _mm512_setr_epi64(1, 3, 5, 7, 9, 11, 13, 15);
	__m512i hi[VECTORS], lo[VECTORS];

	for (int i = 0; i < VECTORS; i++) {
		__m512i a = swapped(_mm512_loadu_si512(src + 128 * i)),
			b = swapped(_mm512_loadu_si512(src + 128 * i + 64));

		hi[i] = _mm512_permutex2var_epi64(a, even, b);
		lo[i] = _mm512_permutex2var_epi64(a, odd, b);
	}
	lanes_check(s, s->top[1], hi, lo, iface, allow);
}

/* What the next packets begin with is fetched while these are checked. */
static inline void ahead(const struct urpf_top *top, const uint8_t *src, unsigned bytes)
{
	for (unsigned i = 0; i < LANES; i++)
		cc_prefetch(&top->chunk[src[i * bytes]]->at[src[i * bytes + 1]]);
}

void urpf_check_avx512(const manrs_urpf *s, unsigned f, const uint8_t *src, const uint16_t *iface,
		       size_t n, uint8_t *allow)
{
	unsigned bytes = f ? 16 : 4;
	size_t i = 0;

	if (f ? s->match6 != NULL : s->flat != NULL) {
		check_all(s, f, src, iface, n, allow);
		return;
	}
	for (; n - i >= LANES; i += LANES) {
		if (n - i >= 2 * LANES)
			ahead(s->top[f], src + (i + LANES) * bytes, bytes);
		if (f)
			check6(s, src + i * bytes, iface + i, allow + i);
		else
			check4(s, src + i * bytes, iface + i, allow + i);
	}
	if (i < n)
		check_all(s, f, src + i * bytes, iface + i, n - i, allow + i);
}
