/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_CHECK_URPF_LOOKUP_H
#define LIB_CHECK_URPF_LOOKUP_H

/*
 * The check itself, compiled for more than one instruction set: groups of packets go down the blocks side by side, so
 * that their cache misses overlap. Included by the file of each instruction set.
 */

#include "data/urpf.h"

#define GROUP	  64
#define ROWS_NEAR 8192 /* words of rows that stay in the caches */

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

/* The interface's bit of a row. words: as in l, or 1 where the caller knows that there is one. */
static cc_inline uint8_t row_test(const struct ulook *l, uint64_t row, uint16_t iface,
				  uint32_t words)
{
	uint32_t w = iface / 64u, known = w < words;
	uint64_t at = words == 1 ? row : row * words + (known ? w : 0);

	return (uint8_t)(l->bits[at] >> iface % 64 & known);
}

/* Where the run of a /24 stands in a flat copy. */
static cc_inline uint32_t flat_run(const struct uflat_node *k, uint32_t slot)
{
	return k->before + cc_popcount64(k->starts << (~slot & 63));
}

static cc_inline const void *flat_place(const struct uflat *f, uint32_t run, bool wide)
{
	return wide ? (const void *)((const uint32_t *)(const void *)f->value + run)
		    : &f->value[run];
}

/*
 * One group of IPv4 addresses by the flat copy, the answers of few rows: those are at hand. What waits for the blocks is
 * counted, and its indexes are in slow.
 */
static cc_inline unsigned flat_group(const struct ulook *l, const struct uflat *f,
				     const uint64_t *stale, bool wide, uint32_t words,
				     const uint8_t *src, const uint16_t *iface, unsigned n,
				     uint8_t *allow, uint8_t *slow)
{
	const uint32_t none = wide ? UINT32_MAX : UINT16_MAX;
	const void *place[GROUP];
	uint32_t slot[GROUP];
	unsigned waits = 0;

	for (unsigned i = 0; i < n; i++) {
		slot[i] = get32(src + 4 * i) >> 8;
		place[i] = flat_place(f, flat_run(&f->node[slot[i] >> 6], slot[i]), wide);
		cc_prefetch(place[i]);
	}
	for (unsigned i = 0; i < n; i++) {
		uint32_t row = wide ? *(const uint32_t *)place[i] : *(const uint16_t *)place[i];
		uint32_t block = slot[i] >> 8;

		if (cc_unlikely(row == none || (stale && stale[block / 64] >> block % 64 & 1)))
			slow[waits++] = (uint8_t)i;
		else
			allow[i] = row_test(l, row, iface[i], words);
	}
	return waits;
}

/* The nodes of the next group are fetched while this one is answered. */
static cc_inline void flat_ahead(const struct uflat *f, const uint8_t *src, size_t n)
{
	for (size_t i = 0; i < n && i < GROUP; i++)
		cc_prefetch(&f->node[get32(src + 4 * i) >> 14]);
}

static cc_inline void flat_some(const struct ulook *l, const struct uflat *f, const uint64_t *stale,
				bool wide, uint32_t words, const uint8_t *src,
				const uint16_t *iface, size_t n, uint8_t *allow)
{
	uint8_t slow[GROUP];
	uint64_t value;

	flat_ahead(f, src, n);
	for (size_t i = 0; i < n; i += GROUP) {
		unsigned some = n - i < GROUP ? (unsigned)(n - i) : GROUP;
		unsigned waits;

		if (n - i > GROUP)
			flat_ahead(f, src + 4 * (i + GROUP), n - i - GROUP);
		waits = flat_group(l, f, stale, wide, words, src + 4 * i, iface + i, some,
				   allow + i, slow);

		for (unsigned k = 0; k < waits; k++) {
			size_t at = i + slow[k];

			group_values(l, src + 4 * at, 1, &value);
			group_test(l, &value, iface + at, 1, allow + at);
		}
	}
}

static cc_inline void flat_all(const manrs_urpf *s, const uint8_t *src, const uint16_t *iface,
			       size_t n, uint8_t *allow)
{
	const struct ulook l = {s->top[0], s->rows->bits, s->rows->words, 4};
	const uint64_t *stale = s->stale ? s->stale->bits : NULL;

	if (s->flat->wide)
		flat_some(&l, s->flat, stale, true, l.words, src, iface, n, allow);
	else if (l.words > 1 || stale)
		flat_some(&l, s->flat, stale, false, l.words, src, iface, n, allow);
	else
		flat_some(&l, s->flat, NULL, false, 1, src, iface, n, allow);
}

static cc_inline bool stale6(const struct ustale6 *stale, const uint8_t *src)
{
	uint32_t first = get32(src), at = ustale6_hash(first);

	return (stale->by16[first >> 22] >> (first >> 16 & 63) & 1) |
	       (stale->by32[at / 64] >> at % 64 & 1);
}

/* IPv6 by the longest match, and by the blocks where that is out of date. */
static cc_inline void match6_all(const manrs_urpf *s, const uint8_t *src, const uint16_t *iface,
				 size_t n, uint8_t *allow)
{
	const struct ulook l = {s->top[1], s->rows->bits, s->rows->words, 16};
	const struct ustale6 *stale = s->stale6;
	bool near = s->n_rows * (size_t)l.words <= ROWS_NEAR;
	uint32_t row[8 * GROUP];
	uint64_t value[GROUP];

	for (size_t i = 0; i < n; i += GROUP) {
		size_t at = i % (8 * GROUP), some = n - i < GROUP ? n - i : GROUP;

		if (at == 0)
			manrs_lpm_lookup6(s->lpm6->lpm, src + 16 * i,
					  n - i < 8 * GROUP ? n - i : 8 * GROUP, row);
		if (cc_likely(!stale)) {
			for (size_t k = 0; !near && k < some; k++)
				cc_prefetch(&l.bits[(size_t)row[at + k] * l.words]);
			for (size_t k = 0; k < some; k++)
				allow[i + k] = row_test(&l, row[at + k], iface[i + k], l.words);
			continue;
		}
		for (size_t k = 0; k < some; k++)
			value[k] = (uint64_t)row[at + k] << 1;
		for (size_t k = 0; stale && k < some; k++)
			if (cc_unlikely(stale6(stale, src + 16 * (i + k))))
				group_values(&l, src + 16 * (i + k), 1, &value[k]);
		group_test(&l, value, iface + i, (unsigned)some, allow + i);
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
