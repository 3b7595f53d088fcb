/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A flat copy of a big IPv4 lookup: two loads an address, as in the longest match of lib/table. For the first 18 bits a page
 * says where their chunk is, in words. A chunk stands for 64 addresses of 24 bits:
 *
 *      starts               bit i: a run starts at i; bit 0 is set
 *      row1 row2 ...        the number of each run's row, in 1, 2 or 3 bytes, the most significant first; or where rows
 *                           are many and have one word, the row itself
 *
 * Rows themselves are more bytes, but a load less: with 83,477 rows, table order runs at 0.94-1.0 of a longest match's
 * speed on a Zen 4, random order at 0.8-0.94 (0.82 and 0.75 with numbers). Chunks lie within a cache line where they can,
 * and those of a single run are shared. The /24s that have longer prefixes, the longs, are found by a binary search, and
 * have four chunks each.
 *
 * It is made when everything is compiled, with room behind its chunks. The commits after put there those that they change,
 * and share the rest: nothing that is there is written again, so older versions stay right. A version has pages of its own
 * for the /8s in which it changes something; the longs of a /16 that changed are asked of the blocks. When the room is used
 * up, or a row's number has too many bytes, a commit makes a new copy.
 */

#include "urpf/urpf_flat.h"
#include "urpf/urpf_state.h"

#include <assert.h>

static void flat_drop(struct heap *h, void *obj)
{
	struct urpf_flat *f = obj;

	heap_drop(h, f->store);
	for (int i = 0; i < 256; i++)
		heap_drop(h, f->page[i]);
}

const struct heap_type urpf_flat_type = {.drop = flat_drop};

struct runs {
	uint64_t starts;
	uint32_t row[64];
	unsigned n;
};

/* The rows of 64 slots of a block. */
static void block_runs(const struct urpf_block *block, unsigned from, struct runs *r)
{
	*r = (struct runs){.starts = 1};
	for (unsigned i = 0; i < 64; i++) {
		uint64_t value = block_value(block, block_place(block, from + i));
		uint32_t row = value_is_block(value) ? FLAT_NONE : (uint32_t)(value >> 1);

		if (i > 0 && row == r->row[r->n - 1])
			continue;
		r->starts |= UINT64_C(1) << i;
		r->row[r->n++] = row;
	}
}

/* The block of chunk c, NULL if all of its /16 is one row. */
static const struct urpf_block *block_of(const struct urpf_top *top, uint32_t c)
{
	uint64_t v = top->chunk[c >> 10]->at[c >> 2 & 255];

	return value_is_block(v) ? value_block(v) : NULL;
}

static void chunk_runs(const struct urpf_top *top, uint32_t c, struct runs *r)
{
	const struct urpf_block *block = block_of(top, c);

	if (block)
		block_runs(block, c % 4 * 64, r);
	else
		*r = (struct runs){.starts = 1,
				   .row = {(uint32_t)(top->chunk[c >> 10]->at[c >> 2 & 255] >> 1)},
				   .n = 1};
}

/* A word that no row is. */
static uint64_t no_row(const struct urpf_rows *rows, uint32_t n_rows)
{
	uint64_t none = FLAT_MARK;

	for (uint32_t i = 0; i < n_rows; i++)
		if (rows->bits[i] == none) {
			none++;
			i = UINT32_MAX; /* from the first */
		}
	return none;
}

static void put_bits(uint64_t *word, const struct runs *r, uint64_t none,
		     const struct urpf_rows *rows)
{
	*word++ = r->starts;
	for (unsigned i = 0; i < r->n; i++)
		*word++ = r->row[i] == FLAT_NONE ? none : rows->bits[r->row[i]];
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

/* Makes all chunks; without words, only finds how many they are. */
struct maker {
	struct urpf_flat *f;
	const struct urpf_rows *rows;
	unsigned width;
	uint64_t none;
	uint64_t *word;
	size_t room; /* words there are */
	uint32_t *longs, *long_at;
	size_t n_longs;
	bool full; /* a chunk had no room, or a row no number */
	struct pack pack;
	struct {
		uint32_t row, at;
		bool made;
	} plain[PLAIN];
};

/* A chunk's place; one of a single row perhaps has one. */
static uint32_t make_chunk(struct maker *m, const struct runs *r)
{
	uint32_t i = r->row[0] % PLAIN, at;

	assert(r->n >= 1 && r->n <= 64);
	assert(r->starts & 1 && cc_popcount64(r->starts) == r->n);
	assert((m->width >= 1 && m->width <= 3) || m->width == FLAT_BITS);
	if (r->n == 1 && m->plain[i].made && m->plain[i].row == r->row[0])
		return m->plain[i].at;
	at = (uint32_t)pack_place(&m->pack, 1 + (r->n * m->width + 7) / 8);
	m->full |= m->word && m->pack.words > m->room;
	if (m->full)
		return 0;
	assert(!m->word || at + 1 + (r->n * m->width + 7) / 8 <= m->room);
	if (m->word && m->width == FLAT_BITS)
		put_bits(m->word + at, r, m->none, m->rows);
	else if (m->word)
		put_numbers(m->word + at, r, m->width);
	if (r->n == 1) {
		m->plain[i].row = r->row[0];
		m->plain[i].at = at;
		m->plain[i].made = true;
	}
	return at;
}

/* The chunks of the longs in chunk c. */
static void make_longs(struct maker *m, const struct urpf_block *block, uint32_t c)
{
	for (unsigned i = 0; i < 64; i++) {
		uint64_t v = block_value(block, block_place(block, c % 4 * 64 + i));
		struct runs r;

		if (!value_is_block(v))
			continue;
		assert(!m->word || !m->n_longs || m->longs[m->n_longs - 1] < (c << 6 | i));
		if (m->word)
			m->longs[m->n_longs] = c << 6 | i;
		for (unsigned k = 0; k < 4; k++) {
			uint32_t at;

			block_runs(value_block(v), 64 * k, &r);
			at = make_chunk(m, &r);
			if (m->word)
				m->long_at[4 * m->n_longs + k] = at;
		}
		m->n_longs++;
	}
}

static void make_all(struct maker *m, const struct urpf_top *top)
{
	struct runs r;

	for (uint32_t c = 0; c < FLAT_CHUNKS; c++) {
		uint32_t at;
		bool any = false;

		chunk_runs(top, c, &r);
		at = make_chunk(m, &r);
		if (m->f)
			m->f->page[c / 1024]->at[c % 1024] = at;
		for (unsigned i = 0; i < r.n; i++)
			any |= r.row[i] == FLAT_NONE;
		if (any)
			make_longs(m, block_of(top, c), c);
	}
}

static unsigned width_of(const struct urpf_rows *rows, uint32_t n_rows, unsigned least)
{
	unsigned width = n_rows <= 0xff ? 1 : n_rows <= 0xffff ? 2 : 3; /* all ones is no row */

	if (rows->words == 1 && n_rows > FLAT_FAR)
		return FLAT_BITS;
	if (least == FLAT_BITS && rows->words > 1)
		least = 3;
	return width > least ? width : least;
}

/* All pages, empty, and room for so many chunks and longs; NULL: refused. */
static struct urpf_flat *flat_alloc(struct heap *h, size_t words, size_t n_longs)
{
	struct urpf_flat *f = heap_new(h, sizeof *f, URPF_FLAT);
	bool ok = f;

	if (ok)
		f->store = heap_new(h, sizeof *f->store + 8 * (words + PACK_LINE) + 20 * n_longs,
				    URPF_PLAIN);
	ok = ok && f->store;
	for (int i = 0; ok && i < 256; i++) {
		f->page[i] = heap_new(h, sizeof *f->page[i], URPF_PLAIN);
		ok = f->page[i];
	}
	if (ok)
		return f;
	heap_drop(h, f);
	return NULL;
}

struct urpf_flat *flat_new(struct heap *h, const struct urpf_top *top, const struct urpf_rows *rows,
			   uint32_t n_rows, unsigned least)
{
	unsigned width = width_of(rows, n_rows, least);
	struct maker count = {.rows = rows, .width = width}, m = count;
	struct flat_store *s;
	size_t spare;

	if (n_rows > FLAT_NONE >> 8)
		return NULL;
	make_all(&count, top);
	spare = count.pack.words / 4 + FLAT_SPARE;
	m.f = flat_alloc(h, count.pack.words + spare, count.n_longs);
	if (!m.f)
		return NULL;
	s = m.f->store;
	m.room = count.pack.words + spare;
	m.none = width == FLAT_BITS ? no_row(rows, n_rows) : FLAT_NONE >> (32 - 8 * width);
	m.word = (uint64_t *)(((uintptr_t)s->bytes + 63) & ~(uintptr_t)63);
	m.longs = (uint32_t *)(void *)(m.word + m.room);
	m.long_at = m.longs + count.n_longs;
	make_all(&m, top);
	/* both times the same was made */
	assert(!m.full && m.n_longs == count.n_longs && m.pack.words == count.pack.words);
	s->width = width;
	s->none = m.none;
	s->word = m.word;
	s->longs = m.longs;
	s->long_at = m.long_at;
	s->n_longs = count.n_longs;
	s->room = m.room;
	s->pack = m.pack;
	return m.f;
}

/* A page of ours alone. */
static struct flat_page *page_own(struct heap *h, struct urpf_flat *f, const struct urpf_flat *old,
				  uint32_t i)
{
	struct flat_page *page;

	if (f->page[i] != old->page[i])
		return f->page[i];
	page = heap_new(h, sizeof *page, URPF_PLAIN);
	if (!page)
		return NULL;
	memcpy(page->at, old->page[i]->at, sizeof page->at);
	heap_drop(h, f->page[i]);
	return f->page[i] = page;
}

/* Chunk c as it is now. */
static bool chunk_again(struct heap *h, struct maker *m, const struct urpf_flat *old,
			const struct urpf_top *top, uint32_t c)
{
	struct flat_page *page = page_own(h, m->f, old, c / 1024);
	struct runs r;

	if (!page)
		return false;
	chunk_runs(top, c, &r);
	for (unsigned i = 0; i < r.n; i++)
		m->full |= m->width != FLAT_BITS && r.row[i] != FLAT_NONE && r.row[i] >= m->none;
	page->at[c % 1024] = make_chunk(m, &r);
	m->f->changed[c / 256] |= UINT64_C(1) << c / 4 % 64;
	return !m->full;
}

/* All chunks of dirty prefixes, which are in order. */
static bool chunks_again(struct heap *h, struct maker *m, const struct urpf_flat *old,
			 const struct urpf_top *top, const manrs_prefix *dirty, size_t n)
{
	uint32_t next = 0, done = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t c = get32(dirty[i].addr) >> 14;
		uint32_t end = c + (dirty[i].len < 18 ? UINT32_C(1) << (18 - dirty[i].len) : 1);

		for (c = c > next ? c : next; c < end; c++)
			if (++done > FLAT_CHUNKS / 16 || !chunk_again(h, m, old, top, c))
				return false;
		next = end > next ? end : next;
	}
	return true;
}

struct urpf_flat *flat_next(struct heap *h, const struct urpf_flat *old, const struct urpf_top *top,
			    const struct urpf_rows *rows, const manrs_prefix *dirty, size_t n)
{
	struct urpf_flat *f = heap_new(h, sizeof *f, URPF_FLAT);
	struct flat_store *s = old->store;
	struct maker m = {.f = f,
			  .rows = rows,
			  .width = (unsigned)s->width,
			  .none = s->none,
			  .word = s->word,
			  .room = (size_t)s->room,
			  .pack = s->pack};
	bool ok;

	assert(rows->words == 1 || s->width != FLAT_BITS);
	if (!f)
		return NULL;
	f->store = heap_ref(s);
	for (int i = 0; i < 256; i++)
		f->page[i] = heap_ref(old->page[i]);
	memcpy(f->changed, old->changed, sizeof f->changed);
	ok = chunks_again(h, &m, old, top, dirty, n);
	if (ok) {
		assert(m.pack.words >= s->pack.words && m.pack.words <= s->room); /* only added */
		s->pack = m.pack;
		return f;
	}
	heap_drop(h, f);
	return NULL;
}
