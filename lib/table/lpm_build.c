/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From entries in order to the tables of lpm_tables.h.
 *
 * One routine cuts a window of the address line into runs of equal longest match: entries come in
 * preorder, so the one that is open on top is always the longest, and where it ends its parent goes
 * on. Entries longer than the window's resolution form a group for each slot, to be cut further:
 *
 *      window   |-------------------------------|     runs: start, match
 *      entries   [---1----------------)                0:0  1:1  3:2  4:1  7:(group)  8:1  12:0
 *                    [2)       x 3, 4, 5 in one slot
 *
 * IPv4 (lpm_build4.c) cuts 24 bits, then 8; IPv6 (lpm_build6.c) cuts 16, then 32 again and again behind what a group has
 * in common. Each step down leaves at least 32 bits behind, so nothing is deeper than five; a group costs a gate and a
 * leaf, and there are no more groups than entries. That bounds the memory for any table.
 */

#include "table/lpm_build.h"

#include <assert.h>

/* ---- cutting ---- */

/* From `start` on the match is another. Of two with one start the later is the longer one. */
static void emit(struct build *b, uint64_t start, uint64_t size, uint32_t match)
{
	struct run *last = b->runs.n ? (struct run *)b->runs.at + b->runs.n - 1 : NULL;

	if (start >= size)
		return;
	assert(!last || last->start <= start);
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

static uint64_t slot_of(const struct build *b, const struct window *w, uint32_t entry)
{
	return lpm_bits(lpm_addr_of(b->lpm, entry), w->base, w->width);
}

/* End what is open on top and ends at or before `slot`; returns the new top. */
static uint32_t close_until(struct build *b, const struct window *w, uint32_t top, uint64_t slot)
{
	while (top != w->outer) {
		uint64_t end = slot_of(b, w, top);

		assert(top > 0 && b->lpm->parent[top] < top);
		assert(b->lpm->len[top] >= w->base && b->lpm->len[top] <= w->base + w->width);
		end += UINT64_C(1) << (w->base + w->width - b->lpm->len[top]);
		if (end > slot)
			break;
		top = b->lpm->parent[top];
		emit(b, end, UINT64_C(1) << w->width, top);
	}
	return top;
}

/* Runs begin with the window, ascend, stay in it, and each is another match than the one before or a group of its own. */
static cc_proof bool runs_ok(const struct build *b, uint64_t size)
{
	for (size_t i = 0; i < b->runs.n; i++) {
		const struct run *run = run_at(b, i);

		if (i ? run->start <= run[-1].start : run->start != 0)
			return false;
		if (run->start >= size)
			return false;
		if (run->match & LPM_MORE ? (run->match & ~LPM_MORE) >= b->groups.n
					  : run->match > b->lpm->n)
			return false;
	}
	return b->runs.n > 0;
}

void lpm_cut(struct build *b, const struct window *w, uint32_t first, uint32_t end)
{
	uint64_t size = UINT64_C(1) << w->width;
	uint32_t top = w->outer, e = first;

	assert(w->width <= 32 && w->base + w->width <= 128);
	assert(first <= end && end <= b->lpm->n + 1 && w->outer < first);
	b->runs.n = b->groups.n = 0;
	emit(b, 0, size, top);
	while (e < end && !b->failed) {
		uint64_t slot = slot_of(b, w, e);
		struct group *group;

		assert(slot < size && b->lpm->len[e] >= w->base);
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
		assert(group->first < group->end);
		emit(b, slot + 1, size, top);
	}
	close_until(b, w, top, size);
	assert(b->failed || runs_ok(b, size));
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
	assert(at + v->n * item <= (uintptr_t)aligned.at + aligned.cap * item);
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
		lpm_build4(&b);
	if (lpm->n > lpm->n4 && !b.failed)
		lpm_build6(&b);
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
