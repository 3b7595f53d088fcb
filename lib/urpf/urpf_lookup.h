/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_URPF_URPF_LOOKUP_H
#define LIB_URPF_URPF_LOOKUP_H

/*
 * The check itself, compiled for more than one instruction set: groups of packets go down the blocks side by side, so
 * that their cache misses overlap. The file of each instruction set includes this, and before it defines
 *
 *      row_bits8(first, at, iface, none, allow)        bit iface[i] of the word first[at[i]] into allow[i], 0 if there is no
 *                                                      such bit, for eight packets; returns which words are `none`, bit
 *                                                      i for the i-th
 *      ROWS_BLOCK, ROWS_AHEAD, rows_unroll             how far ahead it fetches where chunks hold rows
 */

#include "urpf/urpf_match.h"
#include "urpf/urpf_work.h"

#define GROUP 64

/* What a check reads of a snapshot, at hand. */
struct urpf_look {
	const struct urpf_top *top;
	const uint64_t *bits;
	uint32_t words;
	uint32_t bytes; /* of an address */
};

/* One group. */
static cc_inline void group_values(const struct urpf_look *l, const uint8_t *src, unsigned n,
				   uint64_t *value)
{
	const void *place[GROUP];
	uint8_t live[GROUP];
	unsigned left = 0;

	for (unsigned i = 0; i < n; i++) {
		value[i] = l->top->chunk[src[i * l->bytes]]->at[src[i * l->bytes + 1]];
		if (value_is_block(value[i])) {
			cc_prefetch(value_block(value[i])->start);
			live[left++] = (uint8_t)i;
		}
	}
	for (unsigned depth = 2; left; depth++) {
		unsigned more = 0;

		for (unsigned j = 0; j < left; j++) {
			unsigned i = live[j];

			place[i] = block_place(value_block(value[i]), src[i * l->bytes + depth]);
			cc_prefetch(place[i]);
		}
		for (unsigned j = 0; j < left; j++) {
			unsigned i = live[j];
			const struct urpf_block *k = value_block(value[i]);

			value[i] = block_value(k, place[i]);
			if (value_is_block(value[i])) {
				cc_prefetch(value_block(value[i])->start);
				live[more++] = (uint8_t)i;
			}
		}
		left = more;
	}
}

static cc_inline void group_ahead(const struct urpf_look *l, const uint8_t *src, size_t n)
{
	for (size_t i = 0; i < n && i < GROUP; i++)
		cc_prefetch(&l->top->chunk[src[i * l->bytes]]->at[src[i * l->bytes + 1]]);
}

/* The interface's bit of each row; rows may be many, so they are fetched ahead too. */
static cc_inline void group_test(const struct urpf_look *l, const uint64_t *value,
				 const uint16_t *iface, unsigned n, uint8_t *allow)
{
	const uint64_t *word[GROUP];

	for (unsigned i = 0; i < n; i++) {
		uint32_t w = iface[i] / 64u;

		word[i] = l->bits + (value[i] >> 1) * l->words + (w < l->words ? w : 0);
		cc_prefetch(word[i]);
	}
	for (unsigned i = 0; i < n; i++)
		allow[i] = (uint8_t)((*word[i] >> iface[i] % 64 & 1) & (iface[i] / 64u < l->words));
}

/* The word of a row with the interface's bit, and the bit. */
static cc_inline const uint64_t *row_word(const struct urpf_look *l, uint32_t row, uint16_t iface)
{
	uint32_t w = iface / 64u;

	return l->bits + (uint64_t)row * l->words + (w < l->words ? w : 0);
}

static cc_inline uint8_t row_bit(const struct urpf_look *l, uint64_t word, uint16_t iface)
{
	return (uint8_t)(word >> iface % 64 & (iface / 64u < l->words));
}

static cc_inline void rows_bits(const struct urpf_look *l, const uint32_t *row,
				const uint16_t *iface, size_t n, uint8_t *allow)
{
	size_t i = 0;

	for (; l->words == 1 && n - i >= 8; i += 8)
		row_bits8(l->bits, row + i, iface + i, 0, allow + i);
	for (; i < n; i++)
		allow[i] = row_bit(l, *row_word(l, row[i], iface[i]), iface[i]);
}

/* One whose /24 has longer prefixes, or whose row looks like none. */
static cc_noinline uint8_t flat_slow(const struct urpf_look *l, const struct urpf_flat *f,
				     unsigned width, const uint8_t *src, uint16_t iface)
{
	const uint64_t *chunk;
	uint64_t word;
	uint8_t allow;

	if (flat_changed(f, src)) {
		group_values(l, src, 1, &word);
		group_test(l, &word, &iface, 1, &allow);
		return allow;
	}
	chunk = flat_long(f->store, src);
	word = width == FLAT_BITS ? chunk[flat_runs(chunk, src[3])]
				  : *row_word(l, flat_row(chunk, src[3], width), iface);
	return row_bit(l, word, iface);
}

/*
 * Groups of IPv4 addresses by the flat copy whose chunks hold rows' numbers, a pass over a group for each load. What has to
 * look elsewhere has its index in slow.
 */
static cc_inline void flat_numbers(const struct urpf_look *l, const struct urpf_flat *f,
				   unsigned width, const uint8_t *src, const uint16_t *iface,
				   size_t n, uint8_t *allow)
{
	const uint32_t none = FLAT_NONE >> (32 - 8 * width);
	const uint64_t *at[GROUP], *first = f->store->word;
	uint32_t row[GROUP];
	uint8_t slow[GROUP];
	unsigned waits = 0;

	cc_unroll4 for (unsigned i = 0; i < n; i++)
	{
		at[i] = first + flat_place(f, src + 4 * i);
		cc_prefetch(at[i]);
	}
	cc_unroll4 for (unsigned i = 0; i < n; i++)
	{
		row[i] = flat_row(at[i], src[4 * i + 2], width);
		if (cc_unlikely(row[i] == none)) {
			slow[waits++] = (uint8_t)i;
			row[i] = 0;
		}
	}
	rows_bits(l, row, iface, n, allow);
	for (unsigned k = 0; k < waits; k++)
		allow[slow[k]] = flat_slow(l, f, width, src + 4 * slow[k], iface[slow[k]]);
}

static cc_inline uint8_t numbers_one(const struct urpf_look *l, const struct urpf_flat *f,
				     unsigned width, const uint8_t *src, uint16_t iface)
{
	uint32_t row = flat_row(f->store->word + flat_place(f, src), src[2], width);

	return cc_unlikely(row == FLAT_NONE >> (32 - 8 * width))
		       ? flat_slow(l, f, width, src, iface)
		       : row_bit(l, *row_word(l, row, iface), iface);
}

static cc_inline void flat_groups(const struct urpf_look *l, const struct urpf_flat *f,
				  unsigned width, const uint8_t *src, const uint16_t *iface,
				  size_t n, uint8_t *allow)
{
	for (; n >= GROUP; n -= GROUP, src += 4 * GROUP, iface += GROUP, allow += GROUP)
		flat_numbers(l, f, width, src, iface, GROUP, allow);
	if (n >= 8)
		flat_numbers(l, f, width, src, iface, n, allow);
	else
		for (size_t i = 0; i < n; i++)
			allow[i] = numbers_one(l, f, width, src + 4 * i, iface[i]);
}

/*
 * Where the chunks hold rows, those of a big table are far apart, and a pass that waits for its loads would have its
 * instructions on top of them. So blocks of packets are fetched for at three places at once:
 *
 *      block      b                 b - ROWS_AHEAD       b - 2 ROWS_AHEAD
 *                 place of chunk    runs: place of row   bit
 *
 * The places wait in rings no longer than needed, which stay in the nearest cache under all that is fetched: rings of twice
 * that length cost a sixth to a third of the speed on a Zen 4, with the same instructions. Where the processor counts bits,
 * blocks of 8 seven ahead are best; elsewhere passes over 64, which keep the constants for it in registers.
 */
#define ROWS_RING (ROWS_BLOCK * (ROWS_AHEAD + 1))

static cc_inline void rows_chunks(const struct urpf_flat *f, const uint64_t *first,
				  const uint8_t *src, uint32_t *chunk, unsigned n)
{
	rows_unroll for (unsigned i = 0; i < n; i++)
	{
		uint32_t at = flat_place(f, src + 4 * i);

		chunk[i] = at;
		cc_prefetch(first + at);
	}
}

static cc_inline void rows_runs(const uint64_t *first, const uint8_t *src, const uint32_t *chunk,
				uint32_t *row, unsigned n)
{
	rows_unroll for (unsigned i = 0; i < n; i++)
	{
		size_t at = chunk[i];

		at += flat_runs(first + at, src[4 * i + 2]);
		row[i] = (uint32_t)at;
		cc_prefetch(first + at);
	}
}

/* n: eights. */
static cc_inline void rows_test(const struct urpf_look *l, const struct urpf_flat *f,
				const uint64_t *first, uint64_t none, const uint32_t *row,
				const uint8_t *src, const uint16_t *iface, unsigned n,
				uint8_t *allow)
{
	for (unsigned i = 0; i < n; i += 8) {
		unsigned slow = row_bits8(first, row + i, iface + i, none, allow + i);

		for (; cc_unlikely(slow); slow &= slow - 1) {
			unsigned k = i + cc_ctz64(slow);

			allow[k] = flat_slow(l, f, FLAT_BITS, src + 4 * k, iface[k]);
		}
	}
}

/* n: eights. A function of its own, as it needs all registers. */
static cc_noinline void rows_blocks(const struct urpf_look *l, const struct urpf_flat *f,
				    const uint8_t *src, const uint16_t *iface, size_t n,
				    uint8_t *allow)
{
	const uint64_t *first = f->store->word, none = f->store->none;
	_Alignas(64) uint32_t chunk[ROWS_RING], row[ROWS_RING];
	const unsigned size = ROWS_BLOCK, ring = ROWS_RING;
	size_t blocks = n / size;

	for (size_t b = 0; b < blocks + 2 * ROWS_AHEAD; b++) {
		size_t c = b - ROWS_AHEAD, d = b - 2 * ROWS_AHEAD; /* below 0: no block */

		if (b < blocks)
			rows_chunks(f, first, src + 4 * size * b, chunk + size * b % ring, size);
		if (c < blocks)
			rows_runs(first, src + 4 * size * c, chunk + size * c % ring,
				  row + size * c % ring, size);
		if (d < blocks)
			rows_test(l, f, first, none, row + size * d % ring, src + 4 * size * d,
				  iface + size * d, size, allow + size * d);
	}
	if (n % size) {
		size_t i = blocks * size;
		unsigned some = (unsigned)(n % size);

		rows_chunks(f, first, src + 4 * i, chunk, some);
		rows_runs(first, src + 4 * i, chunk, row, some);
		rows_test(l, f, first, none, row, src + 4 * i, iface + i, some, allow + i);
	}
}

static cc_inline uint8_t rows_one(const struct urpf_look *l, const struct urpf_flat *f,
				  const uint8_t *src, uint16_t iface)
{
	const uint64_t *chunk = f->store->word + flat_place(f, src);
	uint64_t word = chunk[flat_runs(chunk, src[2])];

	return cc_unlikely(word == f->store->none) ? flat_slow(l, f, FLAT_BITS, src, iface)
						   : row_bit(l, word, iface);
}

static cc_inline void flat_rows(const struct urpf_look *l, const struct urpf_flat *f,
				const uint8_t *src, const uint16_t *iface, size_t n, uint8_t *allow)
{
	size_t eights = n / 8 * 8;

	if (eights)
		rows_blocks(l, f, src, iface, eights, allow);
	for (size_t i = eights; i < n; i++)
		allow[i] = rows_one(l, f, src + 4 * i, iface[i]);
}

static cc_inline void flat_all(const manrs_urpf *s, const uint8_t *src, const uint16_t *iface,
			       size_t n, uint8_t *allow)
{
	const struct urpf_look l = {s->top[0], s->rows->bits, s->rows->words, 4};

	switch (s->flat->store->width) {
	case 1:
		flat_groups(&l, s->flat, 1, src, iface, n, allow);
		break;
	case 2:
		flat_groups(&l, s->flat, 2, src, iface, n, allow);
		break;
	case 3:
		flat_groups(&l, s->flat, 3, src, iface, n, allow);
		break;
	default:
		flat_rows(&l, s->flat, src, iface, n, allow);
	}
}

/* Those of a group whose bits are set in ask, by the blocks. */
static cc_noinline void ask_blocks6(const struct urpf_look *l, uint64_t ask, const uint8_t *src,
				    const uint16_t *iface, uint8_t *allow)
{
	uint8_t addr[16 * GROUP], at[GROUP], bit[GROUP];
	uint16_t by[GROUP];
	uint64_t value[GROUP];
	unsigned n = 0;

	for (; ask; ask &= ask - 1) {
		unsigned i = cc_ctz64(ask);

		memcpy(addr + 16 * n, src + 16 * i, 16);
		by[n] = iface[i];
		at[n++] = (uint8_t)i;
	}
	group_values(l, addr, n, value);
	group_test(l, value, by, n, bit);
	for (unsigned i = 0; i < n; i++)
		allow[at[i]] = bit[i];
}

/* The bits of a group's matches; returns which of them are to be asked. */
static cc_inline uint64_t match_bits(const struct urpf_look *l, const struct urpf_match *m,
				     const uint32_t *entry, const uint16_t *iface, unsigned n,
				     uint8_t *allow)
{
	static const uint32_t eight[] = {0, 1, 2, 3, 4, 5, 6, 7};
	uint64_t word[GROUP], ask = 0;
	unsigned i = 0;

	for (unsigned k = 0; k < n; k++)
		word[k] = match_at(m, entry[k]);
	for (; l->words == 1 && n - i >= 8; i += 8)
		ask |= (uint64_t)row_bits8(word + i, eight, iface + i, MATCH_ASK, allow + i) << i;
	for (; i < n; i++) {
		if (word[i] == MATCH_ASK)
			ask |= UINT64_C(1) << i;
		else
			allow[i] = row_bit(
				l,
				l->words == 1 ? word[i] : *row_word(l, (uint32_t)word[i], iface[i]),
				iface[i]);
	}
	return ask;
}

/* IPv6 by the longest match. */
static cc_inline void match6_all(const manrs_urpf *s, const uint8_t *src, const uint16_t *iface,
				 size_t n, uint8_t *allow)
{
	const struct urpf_look l = {s->top[1], s->rows->bits, s->rows->words, 16};
	const struct urpf_match *m = s->match6;
	uint32_t entry[32 * GROUP];

	for (size_t i = 0; i < n; i += GROUP) {
		size_t at = i % (32 * GROUP);
		unsigned some = n - i < GROUP ? (unsigned)(n - i) : GROUP;
		uint64_t ask;

		if (at == 0)
			manrs_lpm_lookup6(m->lpm->lpm, src + 16 * i,
					  n - i < 32 * GROUP ? n - i : 32 * GROUP, entry);
		ask = match_bits(&l, m, entry + at, iface + i, some, allow + i);
		if (cc_unlikely(ask))
			ask_blocks6(&l, ask, src + 16 * i, iface + i, allow + i);
	}
}

static cc_inline void check_family(const manrs_urpf *s, unsigned f, const uint8_t *src,
				   unsigned bytes, const uint16_t *iface, size_t n, uint8_t *allow)
{
	const struct urpf_look l = {s->top[f], s->rows->bits, s->rows->words, bytes};
	uint64_t value[GROUP];

	if (f == 1 && s->match6) {
		match6_all(s, src, iface, n, allow);
		return;
	}
	if (f == 0 && s->flat) {
		flat_all(s, src, iface, n, allow);
		return;
	}
	if (n > GROUP)
		group_ahead(&l, src, n);
	for (size_t i = 0; i < n; i += GROUP) {
		unsigned some = n - i < GROUP ? (unsigned)(n - i) : GROUP;

		if (n - i > GROUP)
			group_ahead(&l, src + (i + GROUP) * bytes, n - i - GROUP);
		group_values(&l, src + i * bytes, some, value);
		group_test(&l, value, iface + i, some, allow + i);
	}
}

static cc_inline void check_all(const manrs_urpf *s, unsigned f, const uint8_t *src,
				const uint16_t *iface, size_t n, uint8_t *allow)
{
	if (f)
		check_family(s, 1, src, 16, iface, n, allow);
	else
		check_family(s, 0, src, 4, iface, n, allow);
}

#endif
