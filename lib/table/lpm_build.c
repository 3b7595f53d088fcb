/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From entries in order to the tables of lpm.h.
 *
 * One routine cuts a window of the address line into runs of equal longest match: entries come in
 * preorder, so the one that is open on top is always the longest, and where it ends its parent goes
 * on. Entries longer than the window's resolution form a group for each slot, to be cut further:
 *
 *      window   |-------------------------------|     runs: start, match
 *      entries   [---1----------------)                0:0  1:1  3:2  4:1  7:(group)  8:1  12:0
 *                    [2)       x 3, 4, 5 in one slot
 *
 * IPv4 cuts 24 bits, then 8; IPv6 cuts 16, then 32 again and again behind what a group has in
 * common. Each step down leaves at least 32 bits behind, so nothing is deeper than five; a group
 * costs a gate and a leaf, and there are no more groups than entries. That bounds the memory for any
 * table.
 */

#include "base/pack.h"
#include "net/bits.h"
#include "table/lpm.h"

struct run {
	uint32_t start, match;
};

struct group {
	uint32_t first, end; /* entries */
	uint32_t outer;	     /* the match around them */
	uint32_t place;	     /* IPv6: its gate line */
};

/* A chunk of one run, to be used again. */
struct plain {
	uint32_t match, at;
	bool made;
};
#define PLAIN 1024

struct build {
	manrs_lpm *lpm;
	int failed; /* MANRS_ENOMEM or MANRS_ELIMIT */
	struct vec runs;
	struct vec groups; /* of the window that is cut */
	struct vec todo;   /* groups that wait */
	struct plain plain[PLAIN];
	struct pack chunks;
};

static const struct run *run_at(const struct build *b, size_t i)
{
	return (const struct run *)b->runs.at + i;
}

/* ---- cutting ---- */

/* From `start` on the match is another. Of two with one start the later is the longer one. */
static void emit(struct build *b, uint64_t start, uint64_t size, uint32_t match)
{
	struct run *last = b->runs.n ? (struct run *)b->runs.at + b->runs.n - 1 : NULL;

	if (start >= size)
		return;
	if (last && last->start == start) {
		last->match = match;
		return;
	}
	if (last && last->match == match)
		return;
	last = vec_push(&b->lpm->mem, &b->runs, sizeof *last);
	if (last)
		*last = (struct run){(uint32_t)start, match};
	else
		b->failed = MANRS_ENOMEM;
}

struct window {
	unsigned base, width; /* bits */
	uint32_t outer;	      /* the match where no entry of the window is open */
};

static uint64_t slot_of(const struct build *b, const struct window *w, uint32_t entry)
{
	return lpm_bits(lpm_addr_of(b->lpm, entry), w->base, w->width);
}

/* End what is open on top and ends at or before `slot`; returns the new top. */
static uint32_t close_until(struct build *b, const struct window *w, uint32_t top, uint64_t slot)
{
	while (top != w->outer) {
		uint64_t end = slot_of(b, w, top);

		end += UINT64_C(1) << (w->base + w->width - b->lpm->len[top]);
		if (end > slot)
			break;
		top = b->lpm->parent[top];
		emit(b, end, UINT64_C(1) << w->width, top);
	}
	return top;
}

/* Cut a window: the runs of entries first..end-1, which lie in it, and the groups too long for it. */
static void cut(struct build *b, const struct window *w, uint32_t first, uint32_t end)
{
	uint64_t size = UINT64_C(1) << w->width;
	uint32_t top = w->outer, e = first;

	b->runs.n = b->groups.n = 0;
	emit(b, 0, size, top);
	while (e < end && !b->failed) {
		uint64_t slot = slot_of(b, w, e);
		struct group *group;

		top = close_until(b, w, top, slot);
		if (b->lpm->len[e] <= w->base + w->width) {
			top = e++;
			emit(b, slot, size, top);
			continue;
		}
		emit(b, slot, size, LPM_MORE | (uint32_t)b->groups.n);
		group = vec_push(&b->lpm->mem, &b->groups, sizeof *group);
		if (!group) {
			b->failed = MANRS_ENOMEM;
			return;
		}
		*group = (struct group){.first = e, .outer = top};
		while (e < end && slot_of(b, w, e) == slot)
			e++;
		group->end = e;
		emit(b, slot + 1, size, top);
	}
	close_until(b, w, top, size);
}

/* ---- IPv4 ---- */

/* The part of the runs that lies in one chunk. */
struct part {
	size_t first, n; /* runs */
	uint32_t from;	 /* slot */
	unsigned bits;	 /* of the prefix that the chunk is */
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

	more_words(b, &b->lpm->vchunk4, 8 * (b->chunks.words - had));
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

	for (size_t i = 1; i < p->n; i++)
		starts |= UINT64_C(1) << (run_at(b, p->first + i)->start - p->from);
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

/* A chunk of one match: its only byte is the last one of the second base, which is 0 (lpm.h). */
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
	chunk = chunk_at(b, at);
	*chunk = (struct lpm_chunk){starts_of(b, p), {outer, first}};
	for (size_t i = 0; i < p->n; i++) {
		uint32_t v = run_at(b, p->first + i)->match - first;

		chunk->v[i] = v <= UINT8_MAX ? (uint8_t)v : 0;
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

static void build4(struct build *b)
{
	manrs_lpm *lpm = b->lpm;
	struct window w = {0, 24, 0};
	size_t blocks, slots;

	cut(b, &w, 1, lpm->n4 + 1);
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
		cut(b, &w, g->first, g->end);
		if (!b->failed)
			make_slots(b, LPM_SLOTS4 + 4 * i, 4, 26);
	}
	b->todo.n = 0;
}

/* ---- IPv6 ---- */

/* n lines more; returns the first's number. */
static uint32_t new_lines(struct build *b, size_t n)
{
	struct vec *lines = &b->lpm->vline6;
	size_t first = lines->n;

	if (n > LPM_MAX - first)
		b->failed = MANRS_ELIMIT;
	else if (!vec_reserve(&b->lpm->mem, lines, n, sizeof(struct lpm_line)))
		b->failed = MANRS_ENOMEM;
	if (b->failed)
		return 0;
	lines->n += n;
	memset((struct lpm_line *)lines->at + first, 0, n * sizeof(struct lpm_line));
	return (uint32_t)first;
}

static uint32_t *line_at(const struct build *b, size_t i)
{
	return ((struct lpm_line *)b->lpm->vline6.at)[i].word;
}

/* Keys 1..n-1 of a line: the last number before each run stride * i from `first` on. */
static void fill_keys(struct build *b, uint32_t *key, size_t n, size_t first, size_t stride)
{
	for (size_t i = 1; i < n; i++) {
		size_t run = first + i * stride;

		key[i - 1] = run < b->runs.n ? (run_at(b, run)->start - 1) ^ LPM_MORE : INT32_MAX;
	}
}

/* The runs as a tree; returns the way to it. */
static uint32_t build_tree(struct build *b)
{
	size_t stride = 8, n = (b->runs.n + 7) / 8;
	uint32_t line = new_lines(b, n), height = 0;

	for (size_t i = 0; i < n && !b->failed; i++) {
		uint32_t *leaf = line_at(b, line + i);

		fill_keys(b, leaf + LINE_KEY, 8, i * 8, 1);
		for (size_t k = 0; k < 8 && i * 8 + k < b->runs.n; k++)
			leaf[LINE_MATCH + k] = run_at(b, i * 8 + k)->match;
	}
	for (; n > 1 && !b->failed; stride *= 16, height++) {
		uint32_t below = line;

		n = (n + 15) / 16;
		line = new_lines(b, n);
		for (size_t i = 0; i < n && !b->failed; i++) {
			uint32_t *inner = line_at(b, line + i);

			inner[LINE_DOWN] = below + 16 * (uint32_t)i;
			fill_keys(b, inner + LINE_KEY, 16, i * 16 * stride, stride);
		}
	}
	return LPM_MORE | height << LPM_HEIGHT | line;
}

/* Give each group of the last cut a gate, name it in the runs, and let it wait. */
static void make_gates(struct build *b)
{
	size_t n = b->groups.n;
	uint32_t first = new_lines(b, n);
	struct group *todo;

	if (b->failed || !vec_reserve(&b->lpm->mem, &b->todo, n, sizeof *todo)) {
		b->failed = MANRS_ENOMEM;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		todo = (struct group *)b->todo.at + b->todo.n++;
		*todo = ((const struct group *)b->groups.at)[i];
		todo->place = first + (uint32_t)i;
	}
	for (size_t i = 0; i < b->runs.n; i++) {
		struct run *run = (struct run *)b->runs.at + i;

		if (run->match & LPM_MORE)
			run->match = LPM_MORE | (uint32_t)LPM_GATE << LPM_HEIGHT |
				     (first + (run->match & ~LPM_MORE));
	}
}

/* The tree of a group whose prefixes share `base` bits. */
static uint32_t group_tree(struct build *b, const struct group *g, unsigned base)
{
	struct window w = {base, 32, g->outer};

	cut(b, &w, g->first, g->end);
	if (!b->failed)
		make_gates(b);
	return b->failed ? 0 : build_tree(b);
}

/* How many bits a group has in common before any of it ends; at most 96, for 32 to follow. */
static unsigned common_bits(const struct build *b, const struct group *g)
{
	struct lpm_addr x = lpm_addr_of(b->lpm, g->first), y = lpm_addr_of(b->lpm, g->end - 1);
	unsigned bits = x.hi != y.hi   ? cc_clz64(x.hi ^ y.hi)
			: x.lo != y.lo ? 64 + cc_clz64(x.lo ^ y.lo)
				       : 96;

	for (uint32_t e = g->first; e < g->end; e++)
		if (b->lpm->len[e] < bits)
			bits = b->lpm->len[e];
	return bits < 96 ? bits : 96;
}

static void build_gate(struct build *b, struct group g)
{
	unsigned bits = common_bits(b, &g);
	struct lpm_addr a = lpm_addr_of(b->lpm, g.first);
	uint32_t way = group_tree(b, &g, bits), *gate;

	if (b->failed)
		return;
	gate = line_at(b, g.place);
	a.hi &= mask64(bits);
	a.lo &= mask64(bits > 64 ? bits - 64 : 0);
	gate[GATE_WAY] = way;
	gate[GATE_BITS] = bits;
	gate[GATE_OUTSIDE] = g.outer;
	memcpy(gate + GATE_ADDR, &a, sizeof a);
}

static void build6(struct build *b)
{
	manrs_lpm *lpm = b->lpm;
	struct window w = {0, 16, 0};
	struct vec buckets;
	uint32_t *dir;
	size_t at = 0;

	new_lines(b, 1); /* a line for ways that lead nowhere */
	cut(b, &w, lpm->n4 + 1, lpm->n + 1);
	if (b->failed || !vec_reserve(&lpm->mem, &lpm->vdir6, 65536, sizeof *dir)) {
		b->failed = MANRS_ENOMEM;
		return;
	}
	dir = lpm->vdir6.at;
	lpm->vdir6.n = 65536;
	for (size_t i = 0; i < b->runs.n; i++)
		for (; at < (i + 1 < b->runs.n ? run_at(b, i + 1)->start : 65536); at++)
			dir[at] = run_at(b, i)->match;
	buckets = b->groups;
	b->groups = (struct vec){0};
	for (size_t i = 0; i < buckets.n && !b->failed; i++) {
		const struct group *g = (const struct group *)buckets.at + i;
		struct lpm_addr a = lpm_addr_of(lpm, g->first);

		dir[a.hi >> 48] = group_tree(b, g, 16);
		while (b->todo.n > 0 && !b->failed)
			build_gate(b, ((const struct group *)b->todo.at)[--b->todo.n]);
	}
	vec_free(&lpm->mem, &buckets, sizeof(struct group));
}

/* ---- the whole ---- */

/* Give back what an array has too much; an allocator may refuse that. */
static void fit(const manrs_alloc *mem, struct vec *v, size_t item)
{
	void *at = v->n && v->n < v->cap ? mem->resize(mem->arg, v->at, v->cap * item, v->n * item)
					 : NULL;

	if (at) {
		v->at = at;
		v->cap = v->n;
	}
}

/* Move an array to a cache line's boundary, with no more room than it needs. */
static const void *align(struct build *b, struct vec *v, size_t item)
{
	struct vec aligned = {0};
	uintptr_t at;

	if (v->n == 0 || b->failed)
		return NULL;
	if (!vec_reserve(&b->lpm->mem, &aligned, v->n + 64 / item, item)) {
		b->failed = MANRS_ENOMEM;
		return NULL;
	}
	at = ((uintptr_t)aligned.at + 63) & ~(uintptr_t)63;
	memcpy((void *)at, v->at, v->n * item);
	aligned.n = aligned.cap;
	vec_free(&b->lpm->mem, v, item);
	*v = aligned;
	return (const void *)at;
}

int lpm_build(manrs_lpm *lpm)
{
	struct build b = {.lpm = lpm};

	if (lpm->n4 > 0)
		build4(&b);
	if (lpm->n > lpm->n4 && !b.failed)
		build6(&b);
	fit(&lpm->mem, &lpm->vwide4, sizeof(uint64_t));
	lpm->dir4 = lpm->vdir4.at;
	lpm->chunk4 = align(&b, &lpm->vchunk4, sizeof(uint64_t));
	lpm->wide4 = lpm->vwide4.at;
	lpm->line6 = align(&b, &lpm->vline6, sizeof(struct lpm_line));
	lpm->dir6 = lpm->vdir6.at;
	vec_free(&lpm->mem, &b.runs, sizeof(struct run));
	vec_free(&lpm->mem, &b.groups, sizeof(struct group));
	vec_free(&lpm->mem, &b.todo, sizeof(struct group));
	return b.failed;
}
