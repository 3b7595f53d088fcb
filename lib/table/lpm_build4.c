/* SPDX-License-Identifier: BSD-2-Clause */
/* The IPv4 tables of lpm_tables.h: a slot of dir4 and a chunk for each 64 addresses of 24 bits, whole matches where those go on. */

#include "table/lpm_build.h"

#include <assert.h>

/* The part of the runs that lies in one chunk. */
struct part {
	size_t first, n; /* runs */
	uint32_t from;   /* slot */
	unsigned bits;   /* of the prefix that the chunk is */
};

/* n bytes, zero, behind an array of words; NULL when that fails. */
static void *more_words(struct build *b, struct vec *words, size_t bytes)
{
	size_t n = (bytes + 7) / 8;
	uint64_t *at;

	if (words->n + n >= LPM_MORE || !vec_reserve(&b->lpm->mem, words, n, sizeof *at)) {
		b->failed = words->n + n >= LPM_MORE ? MANRS_ELIMIT : MANRS_ENOMEM;
		return NULL;
	}
	at = (uint64_t *)words->at + words->n;
	memset(at, 0, n * sizeof *at);
	words->n += n;
	return at;
}

/* The place of a chunk. */
static uint32_t new_chunk(struct build *b, size_t runs)
{
	size_t words = (sizeof(struct lpm_chunk) + (runs > 1 ? runs : 0) + 7) / 8;
	size_t had = b->chunks.words, at = pack_place(&b->chunks, words);

	assert(had == b->lpm->vchunk4.n);
	more_words(b, &b->lpm->vchunk4, 8 * (b->chunks.words - had));
	assert(b->failed || at + words <= b->lpm->vchunk4.n);
	assert(words > PACK_LINE || at / PACK_LINE == (at + words - 1) / PACK_LINE);
	return (uint32_t)at;
}

static struct lpm_chunk *chunk_at(const struct build *b, uint32_t at)
{
	return (struct lpm_chunk *)(void *)((uint64_t *)b->lpm->vchunk4.at + at);
}

/* Bit i: a run of the part starts at slot i. The first may have started earlier. */
static uint64_t starts_of(const struct build *b, const struct part *p)
{
	uint64_t starts = 1;

	for (size_t i = 1; i < p->n; i++) {
		assert(run_at(b, p->first + i)->start - p->from < 64);
		starts |= UINT64_C(1) << (run_at(b, p->first + i)->start - p->from);
	}
	assert(cc_popcount64(starts) == p->n);
	return starts;
}

/*
 * The matches of a part that a byte shall tell apart are those longer than `len`, and with len < 0 all. They are first + 1
 * to first + 255; false if that is too few. Of prefixes that are no longer than its resolution a chunk has at most 126 in
 * it, 2 + 4 + ... + 64, and their indexes follow one another.
 */
static bool byte_frame(const struct build *b, const struct part *p, int len, uint32_t *first)
{
	uint32_t low = UINT32_MAX, high = 0;

	for (size_t i = 0; i < p->n; i++) {
		uint32_t match = run_at(b, p->first + i)->match;

		if (match & LPM_MORE || (match ? b->lpm->len[match] : 0) <= len)
			continue;
		low = match < low ? match : low;
		high = match > high ? match : high;
	}
	*first = low - 1;
	return low <= high && high - low < 255;
}

/* A chunk of one match: its only byte is the last one of the second base, which is 0 (lpm_tables.h). */
static uint32_t make_plain(struct build *b, uint32_t match)
{
	uint32_t at = new_chunk(b, 1);

	if (!b->failed)
		*chunk_at(b, at) = (struct lpm_chunk){0, {match, 0}};
	return at;
}

/* All but the matches of byte_frame are `outer`. */
static uint32_t make_narrow(struct build *b, const struct part *p, uint32_t outer, uint32_t first)
{
	uint32_t at = new_chunk(b, p->n);
	struct lpm_chunk *chunk;

	if (b->failed)
		return at;
	assert(p->n > 1 && p->n <= 64);
	chunk = chunk_at(b, at);
	*chunk = (struct lpm_chunk){starts_of(b, p), {outer, first}};
	for (size_t i = 0; i < p->n; i++) {
		uint32_t v = run_at(b, p->first + i)->match - first;

		chunk->v[i] = v <= UINT8_MAX ? (uint8_t)v : 0;
		assert(chunk->v[i] || outer & LPM_MORE || run_at(b, p->first + i)->match == outer);
	}
	return at;
}

/*
 * Where there are prefixes that are too long: whole matches. Only what has no room in bytes goes on to them, and that is
 * these prefixes and at most the match around.
 */
static uint32_t make_wide(struct build *b, const struct part *p)
{
	uint32_t at = (uint32_t)b->lpm->vwide4.n, first;
	struct lpm_wide *wide;

	wide = more_words(b, &b->lpm->vwide4, sizeof *wide + p->n * sizeof *wide->match);
	if (!wide)
		return 0;
	wide->starts = starts_of(b, p);
	for (size_t i = 0; i < p->n; i++)
		wide->match[i] = run_at(b, p->first + i)->match;
	return p->n > 1 && (byte_frame(b, p, -1, &first) || byte_frame(b, p, (int)p->bits, &first))
		       ? make_narrow(b, p, LPM_MORE | at, first)
		       : make_plain(b, LPM_MORE | at);
}

/* The match around the prefixes of a part; LPM_MORE if some of these are too long. */
static uint32_t outer_of(const struct build *b, const struct part *p)
{
	uint32_t outer = 0;

	for (size_t i = 0; i < p->n; i++) {
		uint32_t match = run_at(b, p->first + i)->match;

		if (match & LPM_MORE)
			return LPM_MORE;
		if (match && b->lpm->len[match] <= p->bits)
			outer = match;
	}
	return outer;
}

/* A chunk of one match, perhaps an older one. */
static uint32_t share_plain(struct build *b, uint32_t match)
{
	struct plain *plain = &b->plain[match % PLAIN];

	if (!plain->made || plain->match != match)
		*plain = (struct plain){match, make_plain(b, match), true};
	return plain->at;
}

/* The chunk of a part. */
static uint32_t place_of(struct build *b, const struct part *p)
{
	uint32_t outer = outer_of(b, p), first;

	if (p->n == 1 && !(outer & LPM_MORE))
		return share_plain(b, run_at(b, p->first)->match);
	if (outer & LPM_MORE || !byte_frame(b, p, (int)p->bits, &first))
		return make_wide(b, p);
	return make_narrow(b, p, outer, first);
}

/* The part of the runs in 64 addresses; *next is the first run behind `from`, and moves on. */
static struct part part_of(const struct build *b, size_t *next, uint32_t from, unsigned bits)
{
	struct part p = {.from = from, .bits = bits};

	while (*next < b->runs.n && run_at(b, *next)->start <= from)
		++*next;
	p.first = *next - 1; /* the run that goes on, or starts, at the first */
	while (*next < b->runs.n && run_at(b, *next)->start < from + 64)
		++*next;
	p.n = *next - p.first;
	assert(p.n > 0 && p.n <= 64 && p.first + p.n <= b->runs.n);
	return p;
}

/* The runs as n slots from dir4[at] on; chunks of `bits` bits. */
static void make_slots(struct build *b, size_t at, size_t n, unsigned bits)
{
	uint32_t *slot = (uint32_t *)b->lpm->vdir4.at + at;
	size_t next = 1; /* the run behind the one at the first address */

	for (size_t i = 0; i < n && !b->failed; i++) {
		struct part part = part_of(b, &next, (uint32_t)i * 64, bits);

		slot[i] = place_of(b, &part);
	}
}

/* Every slot leads to a chunk whose bytes are there; what goes on goes to whole matches. */
static cc_proof bool slots_ok(const struct build *b)
{
	const manrs_lpm *lpm = b->lpm;

	for (size_t i = 0; i < lpm->vdir4.n; i++) {
		size_t at = ((const uint32_t *)lpm->vdir4.at)[i];
		const struct lpm_chunk *chunk = chunk_at(b, (uint32_t)at);
		unsigned runs = cc_popcount64(chunk->starts);

		if (8 * at + sizeof *chunk + runs > 8 * lpm->vchunk4.n ||
		    (runs && !(chunk->starts & 1)))
			return false;
		if (chunk->base[0] & LPM_MORE ? (chunk->base[0] & ~LPM_MORE) >= lpm->vwide4.n
					      : chunk->base[0] > lpm->n4)
			return false;
	}
	return true;
}

void lpm_build4(struct build *b)
{
	manrs_lpm *lpm = b->lpm;
	struct window w = {0, 24, 0};
	size_t blocks, slots;

	lpm_cut(b, &w, 1, lpm->n4 + 1);
	blocks = b->groups.n;
	slots = LPM_SLOTS4 + 4 * blocks;
	if (b->failed || !vec_reserve(&lpm->mem, &lpm->vdir4, slots, sizeof(uint32_t))) {
		b->failed = MANRS_ENOMEM;
		return;
	}
	lpm->vdir4.n = slots;
	make_slots(b, 0, LPM_SLOTS4, 18);
	b->todo = b->groups; /* cutting the blocks makes no groups */
	b->groups = (struct vec){0};
	for (size_t i = 0; i < blocks && !b->failed; i++) {
		const struct group *g = (const struct group *)b->todo.at + i;

		w = (struct window){24, 8, g->outer};
		lpm_cut(b, &w, g->first, g->end);
		assert(b->failed || b->groups.n == 0);
		if (!b->failed)
			make_slots(b, LPM_SLOTS4 + 4 * i, 4, 26);
	}
	b->todo.n = 0;
	assert(b->failed || slots_ok(b));
}
