/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_TABLE_LPM_LOOK_H
#define LIB_TABLE_LPM_LOOK_H

/*
 * The lookups over the tables of lpm_tables.h, compiled once for each kind of processor. The file that
 * includes this defines before it
 *
 *      look_popcount(x)        how many bits of a uint64_t are set
 *      look_more(index)        of LOOK_BATCH4 matches, bit i: the i-th goes on
 *      look_inner(line, x)     how many of the 15 keys of an inner line are less than x
 *      look_leaf(line, x)      how many of the 7 keys of a leaf are
 *
 * A batch goes through the loads in lockstep, so that their misses overlap. For IPv4, two passes of 64 are faster than one
 * without prefetch, a third pass for dir4, and gathers in place of either; passes of 32 and a pipeline are a little faster
 * or much slower, as the addresses of the arrays happen to be (424 or 230 M/s, random order, on a Zen 4; those of 64 are
 * 409). What goes on is rare, but one branch for each would be mispredicted each time.
 */

#include "net/bits.h"
#include "table/lpm_tables.h"
#include <assert.h>
#include <stddef.h>

#define LOOK_BATCH4 64
#define LOOK_BATCH6 32

/* ---- IPv4: addresses are four bytes as they are in a packet ---- */

/* The match of a byte's last six bits. Without a branch: which base it is cannot be predicted. */
static cc_inline uint32_t look_narrow(const uint64_t *at, uint32_t byte)
{
	const struct lpm_chunk *chunk = (const void *)at;
	size_t runs = look_popcount(chunk->starts << (~byte & 63));
	uint32_t v = ((const uint8_t *)at)[offsetof(struct lpm_chunk, v) - 1 + runs];

	return chunk->base[v > 0] + v;
}

static cc_inline const uint64_t *look_chunk(const manrs_lpm *lpm, const uint8_t *addr)
{
	return lpm->chunk4 + lpm->dir4[get32(addr) >> 14];
}

/* Where there are prefixes longer than /24. */
static inline uint32_t look_wide(const manrs_lpm *lpm, uint32_t match, const uint8_t *addr)
{
	const struct lpm_wide *wide = (const void *)(lpm->wide4 + (match & ~LPM_MORE));
	size_t runs = look_popcount(wide->starts << (~addr[2] & 63)), slot;

	assert((match & ~LPM_MORE) < lpm->vwide4.n && runs > 0);
	match = wide->match[runs - 1];
	if (!(match & LPM_MORE))
		return match;
	slot = LPM_SLOTS4 + 4 * (size_t)(match & ~LPM_MORE) + (addr[3] >> 6);
	assert(slot < lpm->vdir4.n);
	return look_narrow(lpm->chunk4 + lpm->dir4[slot], addr[3]);
}

/* Without what goes on. */
static cc_inline void look_pass4(const manrs_lpm *lpm, const uint8_t *addr, size_t n,
				 uint32_t *index)
{
	const uint64_t *at[LOOK_BATCH4];

	cc_unroll4 for (size_t i = 0; i < n; i++)
	{
		at[i] = look_chunk(lpm, addr + 4 * i);
		cc_prefetch(at[i]);
	}
	cc_unroll4 for (size_t i = 0; i < n; i++) index[i] = look_narrow(at[i], addr[4 * i + 2]);
}

static cc_inline void look_batch4(const manrs_lpm *lpm, const uint8_t *addr, uint32_t *index)
{
	look_pass4(lpm, addr, LOOK_BATCH4, index);
	for (uint64_t more = look_more(index); more; more &= more - 1) {
		unsigned i = cc_ctz64(more);

		index[i] = look_wide(lpm, index[i], addr + 4 * i);
	}
}

/* Fewer than a batch. */
static cc_inline void look_rest4(const manrs_lpm *lpm, const uint8_t *addr, size_t n,
				 uint32_t *index)
{
	if (n == 1)
		index[0] = look_narrow(look_chunk(lpm, addr), addr[2]);
	else
		look_pass4(lpm, addr, n, index);
	for (size_t i = 0; i < n; i++)
		if (cc_unlikely(index[i] & LPM_MORE))
			index[i] = look_wide(lpm, index[i], addr + 4 * i);
}

static cc_inline void look_all4(const manrs_lpm *lpm, const uint32_t *addrs, size_t n,
				uint32_t *index)
{
	const uint8_t *addr = (const uint8_t *)addrs;

	if (!lpm->dir4) {
		if (n)
			memset(index, 0, n * sizeof *index);
		return;
	}
	for (; n >= LOOK_BATCH4; n -= LOOK_BATCH4, addr += 4 * LOOK_BATCH4, index += LOOK_BATCH4)
		look_batch4(lpm, addr, index);
	look_rest4(lpm, addr, n, index);
}

/* ---- IPv6 ---- */

/* Follow a way to its end, from bit `base` of the address on. */
static inline uint32_t look_way(const manrs_lpm *lpm, uint32_t way, struct lpm_addr a,
				unsigned base)
{
	while (way & LPM_MORE) {
		const struct lpm_line *line = lpm->line6 + (way & LPM_LINES);
		uint32_t height = lpm_height(way);
		int32_t x;

		assert((way & LPM_LINES) > 0 && (way & LPM_LINES) < lpm->vline6.n);
		assert(height == LPM_GATE || base + 32 <= 128);
		if (height == LPM_GATE) {
			struct lpm_addr want;

			memcpy(&want, line->word + GATE_ADDR, sizeof want);
			base = line->word[GATE_BITS];
			if ((want.hi ^ a.hi) & mask64(base) ||
			    (want.lo ^ a.lo) & mask64(base > 64 ? base - 64 : 0))
				return line->word[GATE_OUTSIDE];
			way = line->word[GATE_WAY];
			continue;
		}
		x = (int32_t)(lpm_bits(a, base, 32) ^ LPM_MORE);
		for (; height > 0; height--)
			line = lpm->line6 + line->word[LINE_DOWN] + look_inner(line, x);
		way = line->word[LINE_MATCH + look_leaf(line, x)];
	}
	assert(way <= lpm->n);
	return way;
}

struct look6 {
	const struct lpm_line *line;
	int32_t x;
	uint32_t height;
};

/* One step down for those that are as high as this. */
static cc_inline void look_down(const manrs_lpm *lpm, struct look6 *q, size_t n, uint32_t height)
{
	for (size_t i = 0; i < n; i++) {
		const struct lpm_line *down =
			lpm->line6 + q[i].line->word[LINE_DOWN] + look_inner(q[i].line, q[i].x);

		q[i].line = q[i].height >= height ? down : q[i].line;
		cc_prefetch(q[i].line);
	}
}

static cc_inline void look_batch6(const manrs_lpm *lpm, const uint8_t *addr, size_t n,
				  uint32_t *index)
{
	struct look6 q[LOOK_BATCH6];
	uint32_t more = 0, highest = 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t hi = get64(addr + 16 * i);

		index[i] = lpm->dir6[hi >> 48];
		q[i].x = (int32_t)((uint32_t)(hi >> 16) ^ LPM_MORE);
	}
	for (size_t i = 0; i < n; i++) {
		bool is_way = index[i] & LPM_MORE;

		assert(!is_way || lpm_height(index[i]) < LPM_GATE);
		q[i].line = lpm->line6 + (is_way ? index[i] & LPM_LINES : 0);
		q[i].height = is_way ? lpm_height(index[i]) : 0;
		highest = highest > q[i].height ? highest : q[i].height;
		cc_prefetch(q[i].line);
	}
	for (; highest > 0; highest--)
		look_down(lpm, q, n, highest);
	for (size_t i = 0; i < n; i++) {
		uint32_t match = q[i].line->word[LINE_MATCH + look_leaf(q[i].line, q[i].x)];

		index[i] = index[i] & LPM_MORE ? match : index[i];
		more |= index[i];
	}
	for (size_t i = 0; i < n && more & LPM_MORE; i++) {
		struct lpm_addr a = {get64(addr + 16 * i), get64(addr + 16 * i + 8)};

		if (index[i] & LPM_MORE)
			index[i] = look_way(lpm, index[i], a, 0);
	}
}

/* One alone, without what look_way does for gates; no slot of dir6 is one. */
static cc_inline uint32_t look_one6(const manrs_lpm *lpm, const uint8_t *addr)
{
	uint64_t hi = get64(addr);
	uint32_t way = lpm->dir6[hi >> 48];

	if (way & LPM_MORE) {
		const struct lpm_line *line = lpm->line6 + (way & LPM_LINES);
		int32_t x = (int32_t)((uint32_t)(hi >> 16) ^ LPM_MORE);

		for (uint32_t height = lpm_height(way); height > 0; height--)
			line = lpm->line6 + line->word[LINE_DOWN] + look_inner(line, x);
		way = line->word[LINE_MATCH + look_leaf(line, x)];
	}
	if (cc_unlikely(way & LPM_MORE))
		way = look_way(lpm, way, (struct lpm_addr){hi, get64(addr + 8)}, 0);
	return way;
}

static cc_inline void look_all6(const manrs_lpm *lpm, const uint8_t *addr, size_t n,
				uint32_t *index)
{
	if (!lpm->dir6) {
		if (n)
			memset(index, 0, n * sizeof *index);
		return;
	}
	for (; n >= LOOK_BATCH6; n -= LOOK_BATCH6, addr += 16 * LOOK_BATCH6, index += LOOK_BATCH6)
		look_batch6(lpm, addr, LOOK_BATCH6, index);
	if (n == 1)
		index[0] = look_one6(lpm, addr);
	else if (n > 0)
		look_batch6(lpm, addr, n, index);
}

#endif
