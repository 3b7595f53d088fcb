/* SPDX-License-Identifier: BSD-2-Clause */
/* The IPv6 tables of lpm_tables.h: for the first 16 bits a slot of dir6, then trees of lines, gates, and so on. */

#include "table/lpm_build.h"

#include <assert.h>

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
	assert(i < b->lpm->vline6.n);
	return ((struct lpm_line *)b->lpm->vline6.at)[i].word;
}

/* Keys 1..n-1 of a line: the last number before each run stride * i from `first` on. */
static void fill_keys(struct build *b, uint32_t *key, size_t n, size_t first, size_t stride)
{
	for (size_t i = 1; i < n; i++) {
		size_t run = first + i * stride;

		assert(run > 0);
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
	assert(b->failed || (n == 1 && height < LPM_GATE && line <= LPM_LINES));
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

	assert(g->first < g->end);
	lpm_cut(b, &w, g->first, g->end);
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
	assert(bits <= 128);
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
	assert(gate[GATE_WAY] == 0); /* not built before */
	a.hi &= mask64(bits);
	a.lo &= mask64(bits > 64 ? bits - 64 : 0);
	gate[GATE_WAY] = way;
	gate[GATE_BITS] = bits;
	gate[GATE_OUTSIDE] = g.outer;
	memcpy(gate + GATE_ADDR, &a, sizeof a);
}

void lpm_build6(struct build *b)
{
	manrs_lpm *lpm = b->lpm;
	struct window w = {0, 16, 0};
	struct vec buckets;
	uint32_t *dir;
	size_t at = 0;

	new_lines(b, 1); /* a line for ways that lead nowhere */
	lpm_cut(b, &w, lpm->n4 + 1, lpm->n + 1);
	if (b->failed || !vec_reserve(&lpm->mem, &lpm->vdir6, 65536, sizeof *dir)) {
		b->failed = MANRS_ENOMEM;
		return;
	}
	dir = lpm->vdir6.at;
	lpm->vdir6.n = 65536;
	for (size_t i = 0; i < b->runs.n; i++)
		for (; at < (i + 1 < b->runs.n ? run_at(b, i + 1)->start : 65536); at++)
			dir[at] = run_at(b, i)->match;
	assert(at == 65536);
	buckets = b->groups;
	b->groups = (struct vec){0};
	for (size_t i = 0; i < buckets.n && !b->failed; i++) {
		const struct group *g = (const struct group *)buckets.at + i;
		struct lpm_addr a = lpm_addr_of(lpm, g->first);

		assert(dir[a.hi >> 48] & LPM_MORE);
		dir[a.hi >> 48] = group_tree(b, g, 16);
		while (b->todo.n > 0 && !b->failed)
			build_gate(b, ((const struct group *)b->todo.at)[--b->todo.n]);
	}
	vec_free(&lpm->mem, &buckets, sizeof(struct group));
}
