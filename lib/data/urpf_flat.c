/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A flat copy of a big IPv4 lookup: two loads an address, as in the longest match of lib/table. For the first 18 bits `at`
 * says where their chunk is, in words. A chunk stands for 64 addresses of 24 bits:
 *
 *      starts               bit i: a run starts at i; bit 0 is set
 *      row1 row2 ...        the number of each run's row, in 1, 2 or 3 bytes, the most significant first; or where rows
 *                           are many and have one word, the row itself
 *
 * Rows themselves are more bytes, but a load less: with 83,477 rows, random order went from 0.67 to 0.84 of a longest match's
 * speed on a Zen 4, table order from 0.70 to 1.0. Chunks lie within a cache line where they can, and those of a single run
 * are shared.
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

/* A word that no row is. */
static uint64_t no_row(const struct urows *rows, uint32_t n_rows)
{
	uint64_t none = UINT64_C(0xa5c3a5c3a5c3a5c3);

	for (uint32_t i = 0; i < n_rows; i++)
		if (rows->bits[i] == none) {
			none++;
			i = UINT32_MAX; /* from the first */
		}
	return none;
}

static void put_bits(uint64_t *word, const struct runs *r, const struct uflat *f,
		     const struct urows *rows)
{
	*word++ = r->starts;
	for (unsigned i = 0; i < r->n; i++)
		*word++ = r->row[i] == UFLAT_NONE ? f->none : rows->bits[r->row[i]];
}

/* Numbers of three bytes are read as four, from the byte before; the first has the last of the starts there. */
static void put_numbers(uint64_t *word, const struct runs *r, unsigned width)
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
static size_t make_chunks(struct uflat *f, const struct utop *top, const struct urows *rows,
			  uint64_t *word)
{
	struct maker m = {.pack = {0}};
	struct runs r;

	for (uint32_t c = 0; c < UFLAT_CHUNKS; c++) {
		uint32_t at;

		runs_of(top, c, &r);
		at = r.row[0] % PLAIN;
		if (r.n == 1 && m.plain[at].made && m.plain[at].row == r.row[0]) {
			f->at[c] = m.plain[at].at;
			continue;
		}
		f->at[c] = (uint32_t)pack_place(&m.pack, 1 + (r.n * f->width + 7) / 8);
		if (word && f->width == UFLAT_BITS)
			put_bits(word + f->at[c], &r, f, rows);
		else if (word)
			put_numbers(word + f->at[c], &r, f->width);
		if (r.n == 1) {
			m.plain[at].row = r.row[0];
			m.plain[at].at = f->at[c];
			m.plain[at].made = true;
		}
	}
	return m.pack.words;
}

static unsigned width_of(const struct urows *rows, uint32_t n_rows, unsigned least)
{
	unsigned width = n_rows <= 0xff ? 1 : n_rows <= 0xffff ? 2 : 3; /* all ones is no row */

	if (rows->words == 1 && n_rows > UFLAT_FAR)
		return UFLAT_BITS;
	if (least == UFLAT_BITS && rows->words > 1)
		least = 3;
	return width > least ? width : least;
}

struct uflat *uflat_new(struct uheap *h, const struct utop *top, const struct urows *rows,
			uint32_t n_rows, unsigned least)
{
	unsigned width = width_of(rows, n_rows, least);
	struct uflat *head, *f;
	size_t words;

	if (n_rows > UFLAT_NONE >> 8)
		return NULL;
	head = uheap_new(h, sizeof *head, UOBJ_PLAIN);
	if (!head)
		return NULL;
	head->width = width;
	words = make_chunks(head, top, rows, NULL);
	uheap_drop(h, head);
	f = uheap_new(h, sizeof *f + 8 * (words + PACK_LINE), UOBJ_PLAIN);
	if (!f)
		return NULL;
	f->width = width;
	f->none = width == UFLAT_BITS ? no_row(rows, n_rows) : UFLAT_NONE >> (32 - 8 * width);
	f->word = (uint64_t *)(((uintptr_t)f->store + 63) & ~(uintptr_t)63);
	make_chunks(f, top, rows, (uint64_t *)(uintptr_t)f->word);
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
