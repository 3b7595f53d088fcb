/* SPDX-License-Identifier: BSD-2-Clause */
/* Owners, their lineages, and how memory comes back (store.h has the picture). */

#include "base/grow.h"
#include "base/isa.h"
#include "data/store.h"

#include <assert.h>
#include <string.h>

static const manrs_db_config defaults;

int manrs_db_config_init(manrs_db_config *config, size_t size)
{
	return grow_init(config, size, GROW_LEAST(manrs_db_config, hash_seed), &defaults,
			 sizeof defaults)
		       ? MANRS_OK
		       : MANRS_EINVAL;
}

int manrs_db_owner_new(manrs_db_owner **owner, const manrs_db_config *config)
{
	manrs_db_config c = defaults;
	manrs_alloc mem;
	manrs_db_owner *o;
	int isa;

	if (config && !grow_take(&c, sizeof c, GROW_LEAST(manrs_db_config, hash_seed), config))
		return MANRS_EINVAL;
	isa = isa_choose(c.isa);
	if (isa < 0 || c.max_providers > MANRS_PROVIDERS_MAX)
		return isa < 0 ? isa : MANRS_EINVAL;
	mem = mem_of(c.alloc);
	o = mem_zalloc(&mem, sizeof *o);
	if (!o)
		return MANRS_ENOMEM;
	o->mem = mem;
	o->isa = (uint32_t)isa;
	o->max_providers = c.max_providers ? c.max_providers : MANRS_PROVIDERS_MAX;
	memcpy(o->hash_seed, c.hash_seed, sizeof o->hash_seed);
	*owner = o;
	return MANRS_OK;
}

static void db_free(manrs_db *db)
{
	manrs_alloc *mem = &db->owner->mem;

	vec_free(mem, &db->retired, sizeof(struct txn_block));
	mem_free(mem, db, sizeof *db);
}

/* Give back what the oldest snapshot alone had, then the snapshot. returns: false when the budget ran out first. */
static bool retire_oldest(struct lineage *l, size_t *budget)
{
	struct pool *const pools[2] = {&l->pool[0], &l->pool[1]};
	manrs_db *db = l->oldest;
	struct txn_block *b = db->retired.at;

	assert(db != l->newest && db->next && db->lineage == l && !counted_by(&db->view.counted));
	for (; db->retired.n && *budget; --*budget)
		txn_free_block(pools, &b[--db->retired.n]);
	if (db->retired.n || !*budget)
		return false;
	--*budget;
	l->oldest = db->next;
	db_free(db);
	return true;
}

/* returns: false when the budget ran out first; *gone when the lineage has nothing left. */
static bool reclaim(struct lineage *l, size_t *budget, bool *gone)
{
	assert(l->oldest && l->newest && !l->newest->next);
	while (!counted_by(&l->oldest->view.counted) && l->oldest != l->newest)
		if (!retire_oldest(l, budget))
			return false;
	*gone = false;
	/* Asked again: another thread may have let go of an older one since, and newer ones live in the same pools. */
	if (l->oldest != l->newest || counted_by(&l->oldest->view.counted))
		return true;
	if (!pool_destroy(&l->pool[0], budget) || !pool_destroy(&l->pool[1], budget))
		return false;
	assert(!l->oldest->retired.n); /* what the newest alone has went with the pools */
	db_free(l->oldest);
	*gone = true;
	return true;
}

int manrs_db_reclaim(manrs_db_owner *o, size_t budget)
{
	budget = budget ? budget : SIZE_MAX;
	for (struct lineage **at = &o->lineages; *at;) {
		struct lineage *l = *at;
		bool gone;

		if (!reclaim(l, &budget, &gone))
			return 1;
		if (!gone) {
			at = &l->next;
			continue;
		}
		*at = l->next;
		mem_free(&o->mem, l, sizeof *l);
	}
	return 0;
}

int manrs_db_owner_free(manrs_db_owner *o)
{
	if (!o)
		return MANRS_OK;
	for (struct lineage *l = o->lineages; l; l = l->next)
		for (manrs_db *db = l->oldest; db; db = db->next) {
			size_t ours = o->edit && o->edit->base == db;

			if (counted_by(&db->view.counted) > ours)
				return MANRS_EBUSY;
		}
	manrs_edit_abort(o->edit);
	manrs_db_reclaim(o, 0);
	assert(!o->lineages && !o->edit);
	mem_free(&o->mem, o, sizeof *o);
	return MANRS_OK;
}

void manrs_db_ref(const manrs_db *db)
{
	counted_hold(&db->view.counted);
}

void manrs_db_unref(const manrs_db *db)
{
	counted_let_go((const void *)db);
}
