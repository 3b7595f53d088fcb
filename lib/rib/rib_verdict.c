/* SPDX-License-Identifier: BSD-2-Clause */
/* Interned verdicts (rib_verdict.h). */

#include "rib/rib_verdict.h"

#include <assert.h>

void rib_verdict_init(struct rib_verdict_store *store, const manrs_alloc *mem,
		      const uint64_t seed[2])
{
	*store = (struct rib_verdict_store){
		.mem = mem, .free = RIB_VERDICT_NONE, .last = RIB_VERDICT_NONE};
	slots_seed(&store->index, seed);
}

void rib_verdict_free(struct rib_verdict_store *store)
{
	vec_free(store->mem, &store->all, sizeof(struct rib_verdict));
	slots_free(store->mem, &store->index);
}

static uint64_t hash_of(const struct rib_verdict_store *store, const manrs_verdict *verdict)
{
	return slots_hash(store->index.seed, verdict, sizeof *verdict);
}

static struct rib_verdict *at(struct rib_verdict_store *store, uint32_t id)
{
	assert(id < store->all.n);
	return (struct rib_verdict *)store->all.at + id;
}

static uint32_t verdict_find(struct rib_verdict_store *store, const manrs_verdict *verdict,
			     uint64_t hash)
{
	size_t place = slots_home(&store->index, hash), id;

	while (slots_next(&store->index, hash, &place, &id))
		if (rib_verdict_same(&at(store, (uint32_t)id)->verdict, verdict))
			return (uint32_t)id;
	return RIB_VERDICT_NONE;
}

uint32_t rib_verdict_take(struct rib_verdict_store *store, const manrs_verdict *verdict)
{
	uint64_t hash;
	uint32_t id = store->last;

	if (id != RIB_VERDICT_NONE && at(store, id)->refs &&
	    rib_verdict_same(&at(store, id)->verdict, verdict)) {
		at(store, id)->refs++;
		return id;
	}
	/* the table takes its seed with its memory */
	if (!slots_reserve(store->mem, &store->index, store->live + (size_t)1))
		return RIB_VERDICT_NONE;
	hash = hash_of(store, verdict);
	id = verdict_find(store, verdict, hash);
	if (id != RIB_VERDICT_NONE) {
		at(store, id)->refs++;
		return store->last = id;
	}
	if (store->free == RIB_VERDICT_NONE) {
		struct rib_verdict *new = vec_push(store->mem, &store->all, sizeof *new);

		if (!new)
			return RIB_VERDICT_NONE;
		new->next = RIB_VERDICT_NONE;
		store->free = (uint32_t)(store->all.n - 1);
	}
	id = store->free;
	store->free = at(store, id)->next;
	*at(store, id) = (struct rib_verdict){.verdict = *verdict, .refs = 1};
	slots_put(&store->index, hash, id);
	store->live++;
	return store->last = id;
}

void rib_verdict_drop(struct rib_verdict_store *store, uint32_t id)
{
	struct rib_verdict *v = at(store, id);

	assert(v->refs > 0);
	if (--v->refs)
		return;
	slots_take(&store->index, hash_of(store, &v->verdict), id);
	store->live--;
	v->next = store->free;
	store->free = id;
}
