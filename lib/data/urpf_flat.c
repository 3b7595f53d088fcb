/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A flat copy of a big IPv4 lookup: two loads an address, as in the longest match of lib/table.
 *
 *     value[ node[a >> 14].before + popcount(node.starts, bits 0..a >> 8 & 63) ]
 *
 * It is made when everything is compiled, and shared by the commits after: those mark the /16s that they touch as stale,
 * and a stale address, or one with prefixes longer than /24, takes the way through the blocks. When too many are stale
 * a commit makes it anew, so that its cost is that of a few blocks when spread over the changes.
 */

#include "data/urpf.h"

/* How many runs there are at most. */
static size_t runs_of(const struct utop *top)
{
	size_t runs = 1;

	for (int c = 0; c < 256; c++)
		for (int j = 0; j < 256; j++) {
			uint64_t v = top->chunk[c]->at[j];

			runs += uval_is_block(v) ? uval_block(v)->runs : 1;
		}
	return runs;
}

struct uflat *uflat_new(struct uheap *h, const struct utop *top, uint32_t n_rows)
{
	bool wide = n_rows >= UINT16_MAX;
	struct uflat *f = uheap_new(h, sizeof *f + (runs_of(top) + 4) * (wide ? 4 : 2), UOBJ_PLAIN);
	uint32_t n = 0, last = UINT32_MAX - 1;

	if (!f)
		return NULL;
	f->wide = wide;
	for (uint32_t slot = 0; slot < UINT32_C(1) << 24; slot++) {
		uint64_t v = top->chunk[slot >> 16]->at[slot >> 8 & 255];
		struct uflat_node *k = &f->node[slot >> 6];
		uint32_t row;

		if (slot % 64 == 0)
			k->before = n - 1;
		if (uval_is_block(v)) {
			v = ublock_value(uval_block(v), ublock_place(uval_block(v), slot & 255));
			row = uval_is_block(v) ? UINT32_MAX : (uint32_t)(v >> 1);
		} else {
			row = (uint32_t)(v >> 1);
			if (row == last && slot % 64 == 0) {
				slot += 63; /* nothing starts here */
				continue;
			}
		}
		if (row == last)
			continue;
		k->starts |= UINT64_C(1) << (slot & 63);
		if (wide)
			((uint32_t *)(void *)f->value)[n++] = row;
		else
			f->value[n++] = (uint16_t)row;
		last = row;
	}
	return f;
}

static void mark(struct ustale *s, uint32_t i)
{
	s->n += !(s->bits[i / 64] >> i % 64 & 1);
	s->bits[i / 64] |= UINT64_C(1) << i % 64;
}

struct ustale *ustale_new(struct uheap *h, const struct ustale *old, const manrs_prefix *dirty,
			  size_t n)
{
	struct ustale *s = uheap_new(h, sizeof *s, UOBJ_PLAIN);

	if (!s)
		return NULL;
	if (old) {
		s->n = old->n;
		memcpy(s->bits, old->bits, sizeof s->bits);
	}
	for (size_t i = 0; i < n; i++) {
		uint32_t first = get32(dirty[i].addr) >> 16;
		uint32_t some = dirty[i].len < 16 ? UINT32_C(1) << (16 - dirty[i].len) : 1;

		for (uint32_t k = 0; k < some; k++)
			mark(s, first + k);
	}
	return s;
}

struct ustale6 *ustale6_new(struct uheap *h, const struct ustale6 *old, const manrs_prefix *dirty,
			    size_t n)
{
	struct ustale6 *s = uheap_new(h, sizeof *s, UOBJ_PLAIN);

	if (!s)
		return NULL;
	if (old) {
		memcpy(s->by16, old->by16, sizeof s->by16);
		memcpy(s->by32, old->by32, sizeof s->by32);
	}
	for (size_t i = 0; i < n; i++) {
		uint32_t first = get32(dirty[i].addr), at = ustale6_hash(first);
		uint32_t some = dirty[i].len < 16 ? UINT32_C(1) << (16 - dirty[i].len) : 1;

		if (dirty[i].len >= 32)
			s->by32[at / 64] |= UINT64_C(1) << at % 64;
		for (uint32_t k = first >> 16; dirty[i].len < 32 && k < (first >> 16) + some; k++)
			s->by16[k / 64] |= UINT64_C(1) << k % 64;
	}
	return s;
}
