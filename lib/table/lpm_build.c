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

/* Room for a chunk, within one cache line if it can be. */
static struct lpm_chunk *new_chunk(struct build *b, size_t runs)
{
	struct vec *chunks = &b->lpm->vchunk4;
	size_t bytes = sizeof(struct lpm_chunk) + runs, used = chunks->n % 8 * 8;

	if (used + bytes > 64 && used > 0 && !more_words(b, chunks, 64 - used))
		return NULL;
	return more_words(b, chunks, bytes);
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
 * The match around and the first entry of a chunk. Without prefixes too long for it (then: false) it
 * has at most 126 entries, 2 + 4 + ... + 64, so a byte tells them apart.
 */
static bool narrow_frame(const struct build *b, const struct part *p, uint32_t *outer,
			 uint32_t *first)
{
	uint32_t low = UINT32_MAX;

	*outer = 0;
	for (size_t i = 0; i < p->n; i++) {
		uint32_t match = run_at(b, p->first + i)->match;

		if (match & LPM_MORE)
			return false;
		if (match == 0 || b->lpm->len[match] <= p->bits)
			*outer = match;
		else if (match < low)
			low = match;
	}
	*first = low - 1;
	return true;
}

/* A chunk of one match. */
static void make_plain(struct build *b, uint32_t match)
{
	struct lpm_chunk *chunk = new_chunk(b, 1);

	if (chunk)
		*chunk = (struct lpm_chunk){1, {match, 0}};
}

static void make_narrow(struct build *b, const struct part *p, uint32_t outer, uint32_t first)
{
	struct lpm_chunk *chunk = new_chunk(b, p->n);

	if (!chunk)
		return;
	*chunk = (struct lpm_chunk){starts_of(b, p), {outer, first}};
	for (size_t i = 0; i < p->n; i++) {
		uint32_t match = run_at(b, p->first + i)->match;

		chunk->v[i] = match == outer ? 0 : (uint8_t)(match - first);
	}
}

static void make_wide(struct build *b, const struct part *p)
{
	uint32_t at = (uint32_t)b->lpm->vwide4.n;
	struct lpm_wide *wide;

	wide = more_words(b, &b->lpm->vwide4, sizeof *wide + p->n * sizeof *wide->match);
	if (!wide)
		return;
	wide->starts = starts_of(b, p);
	for (size_t i = 0; i < p->n; i++)
		wide->match[i] = run_at(b, p->first + i)->match;
	make_plain(b, LPM_MORE | at);
}

/* A part of one run whose match is an entry or none. */
static bool is_plain(const struct build *b, const struct part *p)
{
	return p->n == 1 && !(run_at(b, p->first)->match & LPM_MORE);
}

/* The runs of a slot that is the same all over: one chunk, perhaps an older one. */
static uint32_t plain_slot(struct build *b, uint32_t match)
{
	struct plain *plain = &b->plain[match % PLAIN];

	if (!plain->made || plain->match != match) {
		make_plain(b, match);
		*plain = (struct plain){match, (uint32_t)b->lpm->vchunk4.n - 3, true};
	}
	return plain->at;
}

/* The place of a part's chunk: that of an equal one of the three parts before it, or a new one. */
static size_t place_of(struct build *b, const struct part *part, unsigned k, const size_t *at)
{
	uint32_t match = run_at(b, part[k].first)->match, outer, first;

	if (is_plain(b, &part[k])) {
		for (unsigned i = 0; i < k; i++)
			if (is_plain(b, &part[i]) && run_at(b, part[i].first)->match == match)
				return at[i];
		make_plain(b, match);
		return b->lpm->vchunk4.n - 3;
	}
	if (!narrow_frame(b, &part[k], &outer, &first)) {
		make_wide(b, &part[k]);
		return b->lpm->vchunk4.n - 3;
	}
	make_narrow(b, &part[k], outer, first);
	return b->lpm->vchunk4.n - 2 - (part[k].n + 7) / 8;
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

/* Four chunks for 256 addresses of the runs. */
static struct lpm_slot make_slot(struct build *b, const struct part *part)
{
	struct lpm_slot slot = {0, {0}};
	size_t at[4];

	for (unsigned k = 0; k < 4 && !b->failed; k++) {
		at[k] = place_of(b, part, k, at);
		slot.at = (uint32_t)at[0];
		slot.more[k] = (uint8_t)(at[k] - at[0]);
	}
	return slot;
}

/* Two bytes in network order as this machine reads them. */
static size_t slot_number(size_t n)
{
	uint8_t bytes[2] = {(uint8_t)(n >> 8), (uint8_t)n};
	uint16_t slot;

	memcpy(&slot, bytes, sizeof slot);
	return slot;
}

/* The runs as n slots from dir4[at] on, all 2^16 in the machine's order; chunks of `bits` bits. */
static void make_slots(struct build *b, size_t at, size_t n, unsigned bits)
{
	struct lpm_slot *dir = (struct lpm_slot *)b->lpm->vdir4.at + at;
	size_t next = 1; /* the run behind the one at the first address */

	for (size_t i = 0; i < n && !b->failed; i++) {
		struct lpm_slot *slot = &dir[n == LPM_SLOTS4 ? slot_number(i) : i];
		uint32_t from = (uint32_t)i * 256, match;
		struct part part[4];

		while (next < b->runs.n && run_at(b, next)->start <= from)
			next++;
		match = run_at(b, next - 1)->match;
		if ((next == b->runs.n || run_at(b, next)->start >= from + 256) &&
		    !(match & LPM_MORE)) {
			*slot = (struct lpm_slot){plain_slot(b, match), {0}};
			continue;
		}
		for (unsigned k = 0; k < 4; k++)
			part[k] = part_of(b, &next, from + 64 * k, bits);
		*slot = make_slot(b, part);
	}
}

static void build4(struct build *b)
{
	manrs_lpm *lpm = b->lpm;
	struct window w = {0, 24, 0};
	size_t blocks;

	cut(b, &w, 1, lpm->n4 + 1);
	blocks = b->groups.n;
	if (b->failed ||
	    !vec_reserve(&lpm->mem, &lpm->vdir4, LPM_SLOTS4 + blocks, sizeof(struct lpm_slot))) {
		b->failed = MANRS_ENOMEM;
		return;
	}
	lpm->vdir4.n = LPM_SLOTS4 + blocks;
	make_slots(b, 0, LPM_SLOTS4, 18);
	b->todo = b->groups; /* cutting the blocks makes no groups */
	b->groups = (struct vec){0};
	for (size_t i = 0; i < blocks && !b->failed; i++) {
		const struct group *g = (const struct group *)b->todo.at + i;

		w = (struct window){24, 8, g->outer};
		cut(b, &w, g->first, g->end);
		if (!b->failed)
			make_slots(b, LPM_SLOTS4 + i, 1, 26);
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
