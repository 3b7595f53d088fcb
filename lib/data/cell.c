/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The hand-over cell: epochs with a seat for each reader.
 *
 *     line 0     current, epoch                     written by the writer alone
 *     line 1..   seat[r].inside                     written by reader r alone: 0, or the epoch in which it came in
 *
 *     enter:  inside = epoch, then load current     publish:  current = next, then epoch + 2; the old one waits with the
 *     leave:  inside = 0                                      new epoch as its number
 *
 * A waiting snapshot goes when no seat has an epoch before its number. Why that is safe: let the writer look at a seat.
 * If it sees 0 though the reader comes in, then its look stands before the reader's store in the one order of all
 * sequentially consistent operations, so the reader's load of current, after its store, sees what was published before
 * the look. If it sees the snapshot's number or a later one, then the reader had read that epoch, which was written after
 * current was. The number is compared by distance, so that it may wrap; it is odd and thus never 0.
 *
 * To give a snapshot back is to count it down (base/counted.h), so the cell need not know of what it is one.
 */

#include "base/mem.h"
#include "data/cell_any.h"

#include <assert.h>

#define LINE 64u

struct head {
	_Atomic(const struct counted *) current;
	atomic_uintptr_t epoch;
	char rest[LINE - 2 * sizeof(uintptr_t)];
};

struct seat {
	atomic_uintptr_t inside;
	char rest[LINE - sizeof(uintptr_t)];
};

struct waiting {
	const struct counted *snapshot;
	uintptr_t number;
};

struct manrs_cell {
	manrs_alloc mem;
	enum cell_kind kind;
	uint32_t readers;
	struct vec waiting; /* struct waiting, oldest first */
	void *lines;        /* as allocated; head and seat lie inside, on lines of their own */
	struct head *head;
	struct seat *seat;
};

_Static_assert(sizeof(struct head) == LINE && sizeof(struct seat) == LINE, "one cache line each");

static size_t lines_size(uint32_t readers)
{
	return ((size_t)readers + 2) * LINE;
}

int cell_new(manrs_cell **out, const manrs_alloc *alloc, uint32_t readers, enum cell_kind kind)
{
	manrs_alloc mem = mem_of(alloc);
	manrs_cell *c;

	if (readers < 1 || readers > MANRS_CELL_READERS)
		return MANRS_EINVAL;
	c = mem_zalloc(&mem, sizeof *c);
	if (!c)
		return MANRS_ENOMEM;
	c->lines = mem_zalloc(&mem, lines_size(readers));
	if (!c->lines) {
		mem_free(&mem, c, sizeof *c);
		return MANRS_ENOMEM;
	}
	c->mem = mem;
	c->kind = kind;
	c->readers = readers;
	c->head = (struct head *)(((uintptr_t)c->lines + LINE - 1) & ~(uintptr_t)(LINE - 1));
	c->seat = (struct seat *)(void *)(c->head + 1);
	assert((char *)(c->seat + readers) <= (char *)c->lines + lines_size(readers));
	atomic_init(&c->head->current, NULL);
	atomic_init(&c->head->epoch, 1);
	for (uint32_t i = 0; i < readers; i++)
		atomic_init(&c->seat[i].inside, 0);
	*out = c;
	return MANRS_OK;
}

const struct counted *cell_enter(manrs_cell *c, uint32_t reader, enum cell_kind kind)
{
	if (reader >= c->readers || c->kind != kind)
		return NULL;
	atomic_store(&c->seat[reader].inside, atomic_load(&c->head->epoch));
	return atomic_load(&c->head->current);
}

int cell_publish(manrs_cell *c, const struct counted *snapshot, enum cell_kind kind)
{
	struct waiting *w;
	const struct counted *old;
	uintptr_t number;

	if (c->kind != kind)
		return MANRS_EINVAL;
	if (!vec_reserve(&c->mem, &c->waiting, 1, sizeof *w))
		return MANRS_ENOMEM;
	old = atomic_exchange(&c->head->current, snapshot);
	number = atomic_load(&c->head->epoch) + 2;
	assert(number & 1); /* never 0, which says that nobody is inside */
	atomic_store(&c->head->epoch, number);
	if (old) {
		w = vec_push(&c->mem, &c->waiting, sizeof *w);
		assert(w); /* reserved */
		*w = (struct waiting){old, number};
	}
	return MANRS_OK;
}

void manrs_cell_leave(manrs_cell *cell, uint32_t reader)
{
	if (reader < cell->readers)
		atomic_store_explicit(&cell->seat[reader].inside, 0, memory_order_release);
}

size_t manrs_cell_reclaim(manrs_cell *c)
{
	uintptr_t now = atomic_load(&c->head->epoch), oldest = 0;
	struct waiting *w = c->waiting.at;
	size_t gone = 0;

	for (uint32_t i = 0; i < c->readers; i++) {
		uintptr_t inside = atomic_load(&c->seat[i].inside);

		if (inside && now - inside > oldest)
			oldest = now - inside;
	}
	while (gone < c->waiting.n && now - w[gone].number >= oldest)
		counted_let_go(w[gone++].snapshot);
	for (size_t i = 1; i < c->waiting.n; i++)
		assert(w[i].number - w[i - 1].number - 1 < UINTPTR_MAX / 2); /* oldest first */
	c->waiting.n -= gone;
	for (size_t i = 0; gone && i < c->waiting.n; i++)
		w[i] = w[i + gone];
	return c->waiting.n;
}

int manrs_cell_free(manrs_cell *c)
{
	if (!c)
		return MANRS_OK;
	for (uint32_t i = 0; i < c->readers; i++)
		if (atomic_load(&c->seat[i].inside))
			return MANRS_EBUSY;
	manrs_cell_reclaim(c);
	assert(c->waiting.n == 0); /* nobody is inside */
	counted_let_go(atomic_load(&c->head->current));
	vec_free(&c->mem, &c->waiting, sizeof(struct waiting));
	mem_free(&c->mem, c->lines, lines_size(c->readers));
	mem_free(&c->mem, c, sizeof *c);
	return MANRS_OK;
}

/* ---- for databases; those for forwarding tables: lib/urpf/urpf_cell.c ---- */

int manrs_cell_new(manrs_cell **cell, uint32_t readers, const manrs_alloc *alloc)
{
	return cell_new(cell, alloc, readers, CELL_DATABASES);
}

const manrs_db *manrs_cell_enter(manrs_cell *cell, uint32_t reader)
{
	return (const void *)cell_enter(cell, reader, CELL_DATABASES);
}

int manrs_cell_publish(manrs_cell *cell, const manrs_db *db)
{
	return cell_publish(cell, (const void *)db, CELL_DATABASES);
}
