/* SPDX-License-Identifier: BSD-2-Clause */
/* From AS numbers to places (rib_index.h). */

#include "rib/rib_index.h"

#include "base/slots.h"

#include <assert.h>
#include <string.h>

#define ORDER_LEAST 2u

/* It may take so many bytes. Measured, it has 6.4 a route of one real table, and more sessions add little. */
#define BYTES_A_ROUTE 8u
#define BYTES_LEAST   (UINT64_C(1) << 20)

#define ROWS_LEAST ((size_t)1 << 10)
#define ROWS_MOST  ((size_t)1 << 16) /* they are cleared in one slice */

void rib_index_init(struct rib_index *index, const manrs_alloc *mem, const uint64_t seed[2])
{
	*index = (struct rib_index){.mem = mem, .seed = {seed[0], seed[1]}};
	pool_init(&index->pool, mem);
}

bool rib_index_begin(struct rib_index *index, uint64_t routes)
{
	size_t rows = ROWS_LEAST;

	assert(index->state == RIB_INDEX_NONE);
	if (index->too_many / 2 < routes && routes / 2 < index->too_many)
		return false;
	index->too_many = 0;
	while (rows < ROWS_MOST && rows < routes / 8)
		rows *= 2;
	index->row = mem_zalloc(index->mem, rows * sizeof *index->row);
	if (!index->row)
		return false;
	index->rows = rows;
	index->state = RIB_INDEX_BUILDING;
	return true;
}

bool rib_index_drop(struct rib_index *index)
{
	size_t all = SIZE_MAX;

	if (index->state == RIB_INDEX_NONE)
		return false;
	mem_free(index->mem, index->row, index->rows * sizeof *index->row);
	pool_destroy(&index->pool, &all);
	pool_init(&index->pool, index->mem);
	index->row = NULL;
	index->state = RIB_INDEX_NONE;
	return true;
}

static uint64_t bytes_of(const struct rib_index *index)
{
	return index->pool.taken + index->rows * sizeof *index->row;
}

/* ---- places of one number ---- */

static size_t places_size(unsigned order)
{
	return sizeof(struct rib_places) + (sizeof(uint32_t) << order);
}

static struct rib_places *places_new(struct rib_index *index, uint32_t asn, unsigned order)
{
	struct rib_places *p = pool_alloc(&index->pool, places_size(order));

	if (!p)
		return NULL;
	memset(p, 0, places_size(order));
	p->asn = asn;
	p->order = (uint8_t)order;
	return p;
}

/* The slot of a place, or the free one where it would stand: one is always free. */
static uint32_t *slot_of(struct rib_places *p, uint32_t place)
{
	uint32_t mask = (UINT32_C(1) << p->order) - 1, at = place * 2654435769u >> (32 - p->order);

	while (p->at[at] && p->at[at] != place)
		at = (at + 1) & mask;
	return &p->at[at];
}

/* Another one in its place, with twice the room, or one that says everywhere. */
static bool grow(struct rib_index *index, struct rib_places **link)
{
	struct rib_places *old = *link, *new;
	bool most = old->n >= RIB_PLACES_MOST;

	new = places_new(index, old->asn, most ? ORDER_LEAST : old->order + 1u);
	if (!new)
		return false;
	new->next = old->next;
	new->everywhere = most;
	for (uint32_t i = 0; !most && i < UINT32_C(1) << old->order; i++)
		if (old->at[i])
			*slot_of(new, old->at[i]) = old->at[i];
	new->n = most ? 0 : old->n;
	*link = new;
	pool_free(&index->pool, old, places_size(old->order));
	return true;
}

static struct rib_places **link_of(const struct rib_index *index, uint32_t asn)
{
	const uint64_t word = asn;
	uint64_t hash = slots_hash(index->seed, &word, sizeof word);
	struct rib_places **link = &index->row[hash & (index->rows - 1)];

	while (*link && (*link)->asn != asn)
		link = &(*link)->next;
	return link;
}

static bool put_one(struct rib_index *index, uint32_t asn, uint32_t place)
{
	struct rib_places **link = link_of(index, asn), *p;
	uint32_t *slot;

	if (!*link)
		*link = places_new(index, asn, ORDER_LEAST);
	p = *link;
	if (!p)
		return false;
	if (p->everywhere)
		return true;
	slot = slot_of(p, place);
	if (*slot == place)
		return true;
	*slot = place;
	/* a quarter stays free */
	if (++p->n < RIB_PLACES_MOST && 4u * p->n < 3u << p->order)
		return true;
	return grow(index, link);
}

void rib_index_put(struct rib_index *index, uint32_t place, const manrs_path *path, uint64_t routes)
{
	bool ok = true;

	assert(index->state != RIB_INDEX_NONE);
	for (uint32_t i = 0; ok && i < path->n; i++)
		if (i == 0 || path->asn[i] != path->asn[i - 1])
			ok = put_one(index, path->asn[i], place);
	if (ok && bytes_of(index) <= BYTES_LEAST + BYTES_A_ROUTE * routes)
		return;
	if (ok && index->state == RIB_INDEX_BUILDING)
		index->too_many = routes;
	rib_index_drop(index);
}

const struct rib_places *rib_index_of(const struct rib_index *index, uint32_t asn)
{
	assert(index->state == RIB_INDEX_WHOLE);
	return *link_of(index, asn);
}
