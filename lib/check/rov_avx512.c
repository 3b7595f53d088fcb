/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Origin validation with AVX-512: blocks of 32 routes as four vectors of eight 64-bit lanes.
 *
 *     load      three registers hold eight 24-byte routes; permutations take out header, address halves and asn
 *     check     a sound prefix leaves nothing when its own bits are shifted out, all eight at once
 *     descend   each level of the tree is three gathers a vector: the bitmap's word, its ranks, the entry of the run
 *     judge     one gather a word of the lists; lanes whose list has ended are masked
 *
 * Where all lanes stand at one node, as in table order, its bitmap and ranks are loaded once instead of gathered.
 * The four vectors do not depend on each other, so their gathers overlap. A skip and a MANY are rare: scalar code, lane by
 * lane. What is left of a batch below 32 goes through rov_batch.h.
 */

#define ROV_PATH rov_avx512
#define ROV_MANY many_avx512
#include "check/rov_batch.h"

#include <immintrin.h>
#include <stddef.h>

#define VECTORS 4u

struct lanes {
	__m512i hi, lo, origin, len; /* of the routes */
	__m512i entry, depth;
	__mmask8 bad;
};

static inline __m512i gather(__mmask8 lanes, __m512i address)
{
	return _mm512_mask_i64gather_epi64(_mm512_setzero_si512(), lanes, address, NULL, 1);
}

static inline __m512i all(uint64_t x)
{
	return _mm512_set1_epi64((long long)x);
}

static inline __m512i all_at(const void *p)
{
	return all((uint64_t)(uintptr_t)p);
}

static inline __m512i swap_bytes(__m512i x)
{
	const __m512i order = _mm512_set_epi64(
		0x08090a0b0c0d0e0f, 0x0001020304050607, 0x08090a0b0c0d0e0f, 0x0001020304050607,
		0x08090a0b0c0d0e0f, 0x0001020304050607, 0x08090a0b0c0d0e0f, 0x0001020304050607);

	return _mm512_shuffle_epi8(x, order);
}

static inline __m512i byte_of(__m512i x, unsigned shift)
{
	return _mm512_and_si512(_mm512_srli_epi64(x, shift), all(0xff));
}

static inline __m512i target(__m512i entry)
{
	return _mm512_and_si512(entry, all(~UINT64_C(7)));
}

static inline __mmask8 has_tag(__m512i entry, uint64_t tag)
{
	return _mm512_cmpeq_epi64_mask(_mm512_and_si512(entry, all(7)), all(tag));
}

/* Quadwords k, k + 3, k + 6, ... of the eight routes: k is 0, 1 or 2. */
static inline __m512i take(const __m512i q[3], int k)
{
	const __m512i third = _mm512_set_epi64(21, 18, 15, 12, 9, 6, 3, 0);
	__m512i at = _mm512_add_epi64(third, all((uint64_t)k));
	__mmask8 last = _mm512_cmpgt_epu64_mask(at, all(15));

	return _mm512_mask_permutexvar_epi64(_mm512_permutex2var_epi64(q[0], at, q[1]), last, at,
					     q[2]);
}

static inline uint64_t lane0(__m512i x)
{
	return (uint64_t)_mm_cvtsi128_si64(_mm512_castsi512_si128(x));
}

/* Whether all lanes are equal, as they often are in table order: then one load serves all. */
static inline bool same(__m512i x)
{
	return _mm512_cmpeq_epi64_mask(x, all(lane0(x))) == 0xff;
}

/* Both levels of FLAT for one address. */
static inline uint64_t two_steps(const uint64_t *top, uint64_t hi)
{
	uint64_t entry = top[hi >> 56];

	return cover_tag(entry) == COVER_FLAT ? cover_node_of(entry)->entry[hi >> 48 & 0xff]
					      : entry;
}

/* Eight routes into lanes, each at its entry of the root; or of level 1 where they agree so far. */
static inline void load(struct lanes *v, const manrs_route *r, const uint64_t *const top[2])
{
	const __m512i q[3] = {_mm512_loadu_si512(r), _mm512_loadu_si512((const char *)r + 64),
			      _mm512_loadu_si512((const char *)r + 128)};
	__m512i head = take(q, 0), middle = take(q, 1), tail = take(q, 2), past, asn, base;
	__m512i family = _mm512_and_si512(head, all(0xff));
	__mmask8 six = _mm512_cmpeq_epi64_mask(family, all(6)),
		 four = _mm512_cmpeq_epi64_mask(family, all(4));

	v->len = byte_of(head, 8);
	v->hi = swap_bytes(
		_mm512_or_si512(_mm512_srli_epi64(head, 32), _mm512_slli_epi64(middle, 32)));
	v->lo = swap_bytes(
		_mm512_or_si512(_mm512_srli_epi64(middle, 32), _mm512_slli_epi64(tail, 32)));
	asn = _mm512_srli_epi64(tail, 32);
	v->origin = _mm512_mask_mov_epi64(asn, _mm512_testn_epi64_mask(asn, asn), all(UINT64_MAX));
	past = _mm512_sub_epi64(_mm512_max_epu64(v->len, all(64)), all(64));
	past = _mm512_or_si512(_mm512_sllv_epi64(v->hi, v->len), _mm512_sllv_epi64(v->lo, past));
	past = _mm512_or_si512(past, _mm512_and_si512(head, all(0xff000000)));
	v->bad = (__mmask8)(~(six | four) | _mm512_test_epi64_mask(past, past) |
			    _mm512_cmpgt_epu64_mask(v->len,
						    _mm512_mask_mov_epi64(all(32), six, all(128))));
	if (same(_mm512_srli_epi64(v->hi, 48)) && (six == 0 || six == 0xff)) {
		v->entry = all(two_steps(top[six != 0], lane0(v->hi)));
		v->depth = all(2);
		return;
	}
	base = _mm512_mask_mov_epi64(all_at(top[0]), six, all_at(top[1]));
	v->entry = gather(
		0xff, _mm512_add_epi64(base, _mm512_slli_epi64(_mm512_srli_epi64(v->hi, 56), 3)));
	v->depth = all(2);
}

static inline __m512i entries_of(__m512i node, __m512i index)
{
	return _mm512_add_epi64(_mm512_add_epi64(node, all(offsetof(struct cover_node, entry))),
				_mm512_slli_epi64(index, 3));
}

/* The entry of level 1. */
static inline void second(struct lanes *v)
{
	__mmask8 flat = has_tag(v->entry, COVER_FLAT);
	__m512i next = gather(flat, entries_of(target(v->entry), byte_of(v->hi, 48)));

	v->entry = _mm512_mask_mov_epi64(v->entry, flat, next);
}

/* Lanes at a skip, one by one. */
static void skip(struct lanes *v, __mmask8 lanes)
{
	uint64_t hi[8], lo[8], entry[8], depth[8];

	_mm512_storeu_si512(hi, v->hi);
	_mm512_storeu_si512(lo, v->lo);
	_mm512_storeu_si512(entry, v->entry);
	_mm512_storeu_si512(depth, v->depth);
	for (unsigned left = lanes; left; left &= left - 1) {
		unsigned i = cc_ctz64(left);
		const struct cover_skip *s = cover_at(entry[i]);

		entry[i] = cover_skip_step(s, hi[i], lo[i]);
		depth[i] = s->to;
	}
	v->entry = _mm512_loadu_si512(entry);
	v->depth = _mm512_loadu_si512(depth);
}

/* One level down for the lanes at a node. returns: whether any lane is still at a child. */
static inline bool step(struct lanes *v)
{
	__mmask8 child = _mm512_test_epi64_mask(v->entry, all(4)),
		 node = has_tag(v->entry, COVER_NODE);
	__m512i at = target(v->entry), shift = _mm512_slli_epi64(v->depth, 3), slot, word, starts,
		rank, run, next;

	if (!child)
		return false;
	/* A shift of 64 or more, as of the other half, gives 0. */
	slot = _mm512_or_si512(_mm512_srlv_epi64(v->hi, _mm512_sub_epi64(all(56), shift)),
			       _mm512_srlv_epi64(v->lo, _mm512_sub_epi64(all(120), shift)));
	slot = _mm512_and_si512(slot, all(0xff));
	word = _mm512_slli_epi64(_mm512_srli_epi64(slot, 6), 3);
	if (node == 0xff && same(v->entry)) {
		const struct cover_node *one_node = cover_node_of(lane0(v->entry));
		__m512i words =
			_mm512_castsi256_si512(_mm256_loadu_si256((const void *)one_node->starts));
		uint32_t ranks;

		memcpy(&ranks, one_node->rank, sizeof ranks);
		starts = _mm512_permutexvar_epi64(_mm512_srli_epi64(slot, 6), words);
		rank = all(ranks);
	} else {
		starts = gather(node, _mm512_add_epi64(at, word));
		rank = gather(node, _mm512_add_epi64(at, all(offsetof(struct cover_node, rank))));
	}
	rank = _mm512_srlv_epi64(rank, word);
	rank = _mm512_and_si512(rank, all(0xff));
	run = _mm512_srlv_epi64(all(UINT64_MAX),
				_mm512_sub_epi64(all(63), _mm512_and_si512(slot, all(63))));
	run = _mm512_popcnt_epi64(_mm512_and_si512(starts, run));
	run = _mm512_sub_epi64(_mm512_add_epi64(rank, run), all(1));
	next = gather(node, entries_of(at, run));
	if (child != node)
		skip(v, child & (__mmask8)~node);
	v->entry = _mm512_mask_mov_epi64(v->entry, node, next);
	v->depth = _mm512_mask_add_epi64(v->depth, node, v->depth, all(1));
	return true;
}

static inline void judge_lanes(const struct lanes *v, const manrs_route *r, uint8_t *states)
{
	__mmask8 list = has_tag(v->entry, COVER_LIST), left = list | has_tag(v->entry, COVER_ONE);
	__mmask8 many = has_tag(v->entry, COVER_MANY), covered = 0, matched = 0;
	__m512i at = target(v->entry),
		word = _mm512_mask_mov_epi64(v->entry, list, gather(list, at)), state;

	while (left) {
		__mmask8 covers = _mm512_mask_cmple_epu64_mask(left, byte_of(word, 16), v->len);
		__mmask8 fits = _mm512_mask_cmple_epu64_mask(covers, v->len, byte_of(word, 8));

		covered |= covers;
		matched |=
			_mm512_mask_cmpeq_epi64_mask(fits, _mm512_srli_epi64(word, 32), v->origin);
		left &= _mm512_testn_epi64_mask(word, all(COVER_ONE));
		at = _mm512_add_epi64(at, all(8));
		word = gather(left, at);
	}
	state = _mm512_maskz_mov_epi64(covered, all(MANRS_ROV_INVALID));
	state = _mm512_mask_mov_epi64(state, matched, all(MANRS_ROV_VALID));
	state = _mm512_mask_mov_epi64(state, v->bad, all(MANRS_ROV_MALFORMED));
	_mm_storel_epi64((__m128i *)(void *)states, _mm512_cvtepi64_epi8(state));
	for (unsigned i = many & (__mmask8)~v->bad; i; i &= i - 1) {
		const manrs_route *one_of = &r[cc_ctz64(i)];
		uint64_t entry[8];

		_mm512_storeu_si512(entry, v->entry);
		states[cc_ctz64(i)] = rov_state(
			rov_many(cover_at(entry[cc_ctz64(i)]), one_of->prefix.len, one_of->asn));
	}
}

static int many_avx512(const manrs_db *db, const manrs_route *routes, size_t n, uint8_t *states)
{
	const uint64_t *const top[2] = {top_of(db->c.root[TREE_VRP4]),
					top_of(db->c.root[TREE_VRP6])};
	bool any = false;
	size_t i = 0;

	for (; i + 8 * VECTORS <= n; i += 8 * VECTORS) {
		struct lanes v[VECTORS];
		bool more = true;

		for (unsigned k = 0; k < VECTORS; k++)
			load(&v[k], routes + i + 8 * k, top);
		for (unsigned k = 0; k < VECTORS; k++)
			second(&v[k]);
		while (more) {
			more = false;
			for (unsigned k = 0; k < VECTORS; k++)
				more |= step(&v[k]);
		}
		for (unsigned k = 0; k < VECTORS; k++) {
			judge_lanes(&v[k], routes + i + 8 * k, states + i + 8 * k);
			any |= v[k].bad != 0;
		}
	}
	if (i < n)
		any |= many(db, routes + i, n - i, states + i) != MANRS_OK;
	return any ? MANRS_EINVAL : MANRS_OK;
}
