/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A flat copy of a big IPv4 lookup: two loads an address, as in the longest match of lib/table. For the first 18 bits `at`
 * says where their chunk is, in words. A chunk stands for 64 addresses of 24 bits:
 *
 *      starts               bit i: a run starts at i; bit 0 is set
 *      row1 row2 ...        the row of each run, in 1, 2 or 3 bytes, the first the most significant
 *
 * Chunks lie within a cache line where they can, and those of a single run are shared.
 *
 * It is made when everything is compiled, and shared by the commits after: those mark the /16s that they touch as stale,
 * and a stale address, or one with prefixes longer than /24, takes the way through the blocks. When too many are stale
 * a commit makes it anew, so that its cost is that of a few blocks when spread over the changes.
 */

#include "base/pack.h"
#include "data/urpf.h"

struct runs {
	uint64_t starts;
	uint32_t row[64];
	unsigned n;
};

/* The rows of chunk c. */
static void runs_of(const struct utop *top, uint32_t c, struct runs *r)
{
	uint64_t v = top->chunk[c >> 10]->at[c >> 2 & 255];
	const struct ublock *block = uval_block(v);

	*r = (struct runs){.starts = 1, .row = {(uint32_t)(v >> 1)}, .n = 1};
	if (!uval_is_block(v))
		return;
	r->n = 0;
	for (unsigned i = 0; i < 64; i++) {
		uint64_t value = ublock_value(block, ublock_place(block, c % 4 * 64 + i));
		uint32_t row = uval_is_block(value) ? UFLAT_NONE : (uint32_t)(value >> 1);

		if (i > 0 && row == r->row[r->n - 1])
			continue;
		r->starts |= UINT64_C(1) << i;
		r->row[r->n++] = row;
	}
}

/* Rows of three bytes are read as four, from the byte before; the first has the last of the starts there. */
static void put_runs(uint64_t *word, const struct runs *r, unsigned width)
{
	uint8_t *at = (uint8_t *)(word + 1);

	*word = r->starts;
	for (unsigned i = 0; i < r->n; i++)
		for (unsigned k = 0; k < width; k++)
			*at++ = (uint8_t)(r->row[i] >> 8 * (width - 1 - k));
}

#define PLAIN 256

struct maker {
	struct pack pack;
	struct {
		uint32_t row, at;
		bool made;
	} plain[PLAIN];
};

/* Make all chunks; without words, only find how many they are. */
static size_t make_chunks(struct uflat *f, const struct utop *top, uint64_t *word)
{
	struct maker m = {.pack = {0}};
	struct runs r;

	for (uint32_t c = 0; c < UFLAT_CHUNKS; c++) {
		bool plain;

		runs_of(top, c, &r);
		plain = r.n == 1;
		if (plain && m.plain[r.row[0] % PLAIN].made &&
		    m.plain[r.row[0] % PLAIN].row == r.row[0]) {
			f->at[c] = m.plain[r.row[0] % PLAIN].at;
			continue;
		}
		f->at[c] = (uint32_t)pack_place(&m.pack, 1 + (r.n * f->width + 7) / 8);
		if (word)
			put_runs(word + f->at[c], &r, f->width);
		if (plain) {
			m.plain[r.row[0] % PLAIN].row = r.row[0];
			m.plain[r.row[0] % PLAIN].at = f->at[c];
			m.plain[r.row[0] % PLAIN].made = true;
		}
	}
	return m.pack.words;
}

struct uflat *uflat_new(struct uheap *h, const struct utop *top, uint32_t n_rows, unsigned width)
{
	unsigned need = n_rows <= 0xff ? 1 : n_rows <= 0xffff ? 2 : 3; /* all ones is no row */
	struct uflat *head, *f;
	size_t words;

	width = width > need ? width : need;
	if (n_rows > UFLAT_NONE >> 8)
		return NULL;
	head = uheap_new(h, sizeof *head, UOBJ_PLAIN);
	if (!head)
		return NULL;
	head->width = width;
	words = make_chunks(head, top, NULL);
	uheap_drop(h, head);
	f = uheap_new(h, sizeof *f + 8 * (words + PACK_LINE), UOBJ_PLAIN);
	if (!f)
		return NULL;
	f->width = width;
	f->word = (uint64_t *)(((uintptr_t)f->store + 63) & ~(uintptr_t)63);
	make_chunks(f, top, (uint64_t *)(uintptr_t)f->word);
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
