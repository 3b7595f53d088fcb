/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_CHECK_URPF_LOOKUP_H
#define LIB_CHECK_URPF_LOOKUP_H

/*
 * The check itself, compiled for more than one instruction set: groups of packets go down the blocks side by side, so
 * that their cache misses overlap. Included by the file of each instruction set.
 */

#include "data/urpf.h"

#define GROUP 64

/* What a check reads of a snapshot, at hand. */
struct ulook {
	const struct utop *top;
	const uint64_t *bits;
	uint32_t words;
	uint32_t bytes; /* of an address */
};

/* One group. */
static cc_inline void group_values(const struct ulook *l, const uint8_t *src, unsigned n,
				   uint64_t *value)
{
	const void *place[GROUP];
	uint8_t live[GROUP];
	unsigned left = 0;

	for (unsigned i = 0; i < n; i++) {
		value[i] = l->top->chunk[src[i * l->bytes]]->at[src[i * l->bytes + 1]];
		if (uval_is_block(value[i])) {
			cc_prefetch(uval_block(value[i])->start);
			live[left++] = (uint8_t)i;
		}
	}
	for (unsigned depth = 2; left; depth++) {
		unsigned more = 0;

		for (unsigned j = 0; j < left; j++) {
			unsigned i = live[j];

			place[i] = ublock_place(uval_block(value[i]), src[i * l->bytes + depth]);
			cc_prefetch(place[i]);
		}
		for (unsigned j = 0; j < left; j++) {
			unsigned i = live[j];
			const struct ublock *k = uval_block(value[i]);

			value[i] = ublock_value(k, place[i]);
			if (uval_is_block(value[i])) {
				cc_prefetch(uval_block(value[i])->start);
				live[more++] = (uint8_t)i;
			}
		}
		left = more;
	}
}

static cc_inline void group_ahead(const struct ulook *l, const uint8_t *src, size_t n)
{
	for (size_t i = 0; i < n && i < GROUP; i++)
		cc_prefetch(&l->top->chunk[src[i * l->bytes]]->at[src[i * l->bytes + 1]]);
}

/* The interface's bit of each row; rows may be many, so they are fetched ahead too. */
static cc_inline void group_test(const struct ulook *l, const uint64_t *value,
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

/*
 * The word of a row with the interface's bit, and the bit. plain: rows have one word, and the interface is in it
 * (group_plain); a constant, so that either is code of its own.
 */
static cc_inline const uint64_t *row_word(const struct ulook *l, uint32_t row, uint16_t iface,
					  bool plain)
{
	uint32_t w = iface / 64u;

	return plain ? l->bits + row : l->bits + (uint64_t)row * l->words + (w < l->words ? w : 0);
}

static cc_inline uint8_t row_bit(const struct ulook *l, uint64_t word, uint16_t iface, bool plain)
{
	return (uint8_t)(word >> iface % 64 & (plain || iface / 64u < l->words));
}

static cc_inline bool group_plain(const struct ulook *l, const uint16_t *iface)
{
	cc_i32x4 any = {0, 0, 0, 0}, eight;

	for (unsigned i = 0; i < GROUP; i += 8) {
		memcpy(&eight, iface + i, sizeof eight);
		any |= eight;
	}
	return l->words == 1 && !((any[0] | any[1] | any[2] | any[3]) & ~0x003f003f);
}

/*
 * One group of IPv4 addresses by the flat copy, a pass over all of them for each load. What has to look elsewhere is
 * counted, and its indexes are in slow. Here the chunks hold rows' numbers.
 */
static cc_inline unsigned flat_numbers(const struct ulook *l, const struct uflat *f, unsigned width,
				       bool plain, const uint8_t *src, const uint16_t *iface,
				       unsigned n, uint8_t *allow, uint8_t *slow)
{
	const uint32_t none = UFLAT_NONE >> (32 - 8 * width);
	const uint64_t *at[GROUP], *word = f->store->word;
	unsigned waits = 0;

	cc_unroll4 for (unsigned i = 0; i < n; i++)
	{
		at[i] = uflat_chunk(f, word, src + 4 * i);
		cc_prefetch(at[i]);
	}
	cc_unroll4 for (unsigned i = 0; i < n; i++)
	{
		uint32_t row = uflat_row(at[i], src[4 * i + 2], width);

		if (cc_unlikely(row == none))
			slow[waits++] = (uint8_t)i;
		else
			allow[i] = row_bit(l, *row_word(l, row, iface[i], plain), iface[i], plain);
	}
	return waits;
}

/* And here the rows. */
static cc_inline unsigned flat_rows(const struct ulook *l, const struct uflat *f, bool plain,
				    const uint8_t *src, const uint16_t *iface, unsigned n,
				    uint8_t *allow, uint8_t *slow)
{
	const uint64_t *at[GROUP], *first = f->store->word, none = f->store->none;
	unsigned waits = 0;

	cc_unroll4 for (unsigned i = 0; i < n; i++)
	{
		at[i] = uflat_chunk(f, first, src + 4 * i);
		cc_prefetch(at[i]);
	}
	cc_unroll4 for (unsigned i = 0; i < n; i++)
	{
		at[i] += uflat_runs(at[i], src[4 * i + 2]);
		cc_prefetch(at[i]);
	}
	cc_unroll4 for (unsigned i = 0; i < n; i++)
	{
		uint64_t word = *at[i];

		if (cc_unlikely(word == none))
			slow[waits++] = (uint8_t)i;
		else
			allow[i] = row_bit(l, word, iface[i], plain);
	}
	return waits;
}

static cc_inline unsigned flat_group(const struct ulook *l, const struct uflat *f, unsigned width,
				     bool plain, const uint8_t *src, const uint16_t *iface,
				     unsigned n, uint8_t *allow, uint8_t *slow)
{
	if (width == UFLAT_BITS)
		return flat_rows(l, f, plain, src, iface, n, allow, slow);
	return flat_numbers(l, f, width, plain, src, iface, n, allow, slow);
}

/* One that is stale, or whose /24 has longer prefixes. */
static cc_inline uint8_t flat_slow(const struct ulook *l, const struct uflat *f, unsigned width,
				   const uint8_t *src, uint16_t iface)
{
	const uint64_t *chunk;
	uint64_t word;
	uint8_t allow;

	if (uflat_is_stale(f, src)) {
		group_values(l, src, 1, &word);
		group_test(l, &word, &iface, 1, &allow);
		return allow;
	}
	chunk = uflat_long(f->store, src);
	word = width == UFLAT_BITS ? chunk[uflat_runs(chunk, src[3])]
				   : *row_word(l, uflat_row(chunk, src[3], width), iface, false);
	return row_bit(l, word, iface, false);
}

/* All groups, with rows of that width. */
static cc_inline void flat_some(const struct ulook *l, const struct uflat *f, unsigned width,
				const uint8_t *src, const uint16_t *iface, size_t n, uint8_t *allow)
{
	for (size_t i = 0; i < n; i += GROUP) {
		unsigned some = n - i < GROUP ? (unsigned)(n - i) : GROUP, waits;
		const uint8_t *from = src + 4 * i;
		uint8_t slow[GROUP];

		if (some == GROUP && group_plain(l, iface + i))
			waits = flat_group(l, f, width, true, from, iface + i, GROUP, allow + i,
					   slow);
		else
			waits = flat_group(l, f, width, false, from, iface + i, some, allow + i,
					   slow);
		for (unsigned k = 0; k < waits; k++)
			allow[i + slow[k]] =
				flat_slow(l, f, width, from + 4 * slow[k], iface[i + slow[k]]);
	}
}

static cc_inline void flat_all(const manrs_urpf *s, const uint8_t *src, const uint16_t *iface,
			       size_t n, uint8_t *allow)
{
	const struct ulook l = {s->top[0], s->rows->bits, s->rows->words, 4};

	switch (s->flat->store->width) {
	case 1:
		flat_some(&l, s->flat, 1, src, iface, n, allow);
		break;
	case 2:
		flat_some(&l, s->flat, 2, src, iface, n, allow);
		break;
	case 3:
		flat_some(&l, s->flat, 3, src, iface, n, allow);
		break;
	default:
		flat_some(&l, s->flat, UFLAT_BITS, src, iface, n, allow);
	}
}

static cc_inline bool stale6(const struct ustale6 *stale, const uint8_t *src)
{
	return (stale->first[get16(src) / 64] >> get16(src) % 64 & 1) |
	       (ustale6_second(stale, src) & 1);
}

/* Whether any of a group may be; mostly none is. */
static cc_inline bool group_stale6(const struct ustale6 *stale, const uint8_t *src, size_t n)
{
	uint64_t any = stale->any_short;

	cc_unroll4 for (size_t i = 0; i < n; i++) any |= ustale6_second(stale, src + 16 * i);
	return any & 1;
}

static cc_inline void rows_bits(const struct ulook *l, const uint32_t *row, const uint16_t *iface,
				size_t n, bool plain, uint8_t *allow)
{
	for (size_t i = 0; i < n; i++)
		allow[i] = row_bit(l, *row_word(l, row[i], iface[i], plain), iface[i], plain);
}

/* IPv6 by the longest match, and by the blocks where that is out of date. */
static cc_inline void match6_all(const manrs_urpf *s, const uint8_t *src, const uint16_t *iface,
				 size_t n, uint8_t *allow)
{
	const struct ulook l = {s->top[1], s->rows->bits, s->rows->words, 16};
	const struct ustale6 *stale = s->stale6;
	uint32_t row[32 * GROUP];
	uint64_t value;

	for (size_t i = 0; i < n; i += GROUP) {
		size_t at = i % (32 * GROUP), some = n - i < GROUP ? n - i : GROUP;

		if (at == 0)
			manrs_lpm_lookup6(s->lpm6->lpm, src + 16 * i,
					  n - i < 32 * GROUP ? n - i : 32 * GROUP, row);
		if (some == GROUP && group_plain(&l, iface + i))
			rows_bits(&l, row + at, iface + i, GROUP, true, allow + i);
		else
			rows_bits(&l, row + at, iface + i, some, false, allow + i);
		if (!stale || cc_likely(!group_stale6(stale, src + 16 * i, some)))
			continue;
		for (size_t k = i; k < i + some; k++)
			if (stale6(stale, src + 16 * k)) {
				group_values(&l, src + 16 * k, 1, &value);
				group_test(&l, &value, iface + k, 1, allow + k);
			}
	}
}

static cc_inline void check_all(const manrs_urpf *s, unsigned f, const uint8_t *src, unsigned bytes,
				const uint16_t *iface, size_t n, uint8_t *allow)
{
	const struct ulook l = {s->top[f], s->rows->bits, s->rows->words, bytes};
	uint64_t value[GROUP];

	if (f == 1 && s->lpm6) {
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

/* The instruction sets; NULL where this machine has none. */
typedef void urpf_check_fn(const manrs_urpf *s, unsigned f, const uint8_t *src,
			   const uint16_t *iface, size_t n, uint8_t *allow);
urpf_check_fn urpf_check_popcnt, urpf_check_avx512;
urpf_check_fn *urpf_check_fast(uint32_t isa);

#endif
