/* SPDX-License-Identifier: BSD-2-Clause */
/* The rib as a whole: made and freed, its memory, its figures (rib_state.h has the plan of the floor). */

#include "base/grow.h"
#include "rib/rib_state.h"

int manrs_rib_config_init(manrs_rib_config *config, size_t size)
{
	manrs_rib_config defaults = {
		.max_bytes = UINT64_C(2) << 30,
		.max_routes = 40000000,
		.max_sessions = 4096,
		.report = MANRS_RIB_CHANGED | MANRS_RIB_ANNOUNCED | MANRS_RIB_WITHDRAWN,
		.max_changes = 65536,
	};

	return grow_init(config, size, GROW_LEAST(manrs_rib_config, hash_seed), &defaults,
			 sizeof defaults)
		       ? MANRS_OK
		       : MANRS_EINVAL;
}

static bool config_ok(const manrs_rib_config *c)
{
	const uint32_t known = MANRS_RIB_CHANGED | MANRS_RIB_ANNOUNCED | MANRS_RIB_WITHDRAWN;

	return !(c->report & ~known) && c->max_sessions > 0 && c->max_sessions <= UINT16_MAX &&
	       c->max_changes > 0 && c->zero == 0;
}

/* ---- memory ---- */

static void *resize(void *arg, void *ptr, size_t old_size, size_t new_size)
{
	manrs_rib *rib = arg;
	void *new;

	if (new_size > old_size && rib->max_bytes &&
	    rib->bytes + (new_size - old_size) > rib->max_bytes) {
		rib->over = true;
		return NULL;
	}
	new = rib->host.resize(rib->host.arg, ptr, old_size, new_size);
	if (new || new_size == 0)
		rib->bytes = rib->bytes - old_size + new_size;
	return new;
}

int rib_refused(manrs_rib *rib)
{
	bool over = rib->over;

	rib->over = false;
	return over ? MANRS_ELIMIT : MANRS_ENOMEM;
}

void rib_index_route(manrs_rib *rib, unsigned family, const struct rib_key *key,
		     const manrs_path *path)
{
	if (rib->index.state == RIB_INDEX_NONE)
		return;
	rib_index_put(&rib->index, rib_place(family, key->hi), path, rib_n(rib));
	rib->over = false; /* whatever it was refused: nobody is told */
}

/* An owner of the library's own has the snapshot with nothing in it. */
static int empty_new(manrs_rib *rib)
{
	manrs_db_config config;
	manrs_edit *edit;
	int rc = manrs_db_config_init(&config, sizeof config);

	config.alloc = &rib->mem;
	rc = rc == MANRS_OK ? manrs_db_owner_new(&rib->owner, &config) : rc;
	rc = rc == MANRS_OK ? manrs_edit_begin(&edit, rib->owner, NULL) : rc;
	if (rc != MANRS_OK)
		return rc;
	rc = manrs_edit_commit(edit, &rib->empty);
	if (rc != MANRS_OK)
		manrs_edit_abort(edit);
	return rc;
}

int manrs_rib_new(manrs_rib **out, const manrs_rib_config *given)
{
	manrs_rib_config config;
	manrs_alloc host;
	manrs_rib *rib;
	int rc;

	*out = NULL;
	manrs_rib_config_init(&config, sizeof config);
	if (given &&
	    !grow_take(&config, sizeof config, GROW_LEAST(manrs_rib_config, hash_seed), given))
		return MANRS_EINVAL;
	if (!config_ok(&config))
		return MANRS_EINVAL;
	host = mem_of(config.alloc);
	rib = mem_zalloc(&host, sizeof *rib);
	if (!rib)
		return MANRS_ENOMEM;
	rib->host = host;
	rib->mem = (manrs_alloc){resize, rib};
	rib->bytes = sizeof *rib;
	rib->max_bytes = config.max_bytes;
	rib->config = config;
	if (!config.hash_seed[0] && !config.hash_seed[1])
		config.hash_seed[0] = (uint64_t)(uintptr_t)rib;
	pool_init(&rib->pool, &rib->mem);
	rib_tree_init(&rib->tree[0], &rib->pool, 4);
	rib_tree_init(&rib->tree[1], &rib->pool, 6);
	rib_attrs_init(&rib->attrs, &rib->pool, &rib->mem, config.hash_seed);
	rib_index_init(&rib->index, &rib->mem, config.hash_seed);
	rib_verdict_init(&rib->verdicts, &rib->mem, config.hash_seed);
	rc = rib_tell_init(rib) ? empty_new(rib) : rib_refused(rib);
	if (rc != MANRS_OK) {
		manrs_rib_free(rib);
		return rc;
	}
	rib->db = rib->empty;
	manrs_db_ref(rib->db);
	*out = rib;
	return MANRS_OK;
}

void manrs_rib_free(manrs_rib *rib)
{
	size_t all = SIZE_MAX;
	manrs_alloc host;

	if (!rib)
		return;
	rib_follow_drop(rib);
	vec_free(&rib->mem, &rib->follow.customers, sizeof(uint32_t));
	vec_free(&rib->mem, &rib->follow.places, sizeof(uint32_t));
	for (size_t i = 0; i < rib->sessions.n; i++)
		mem_free(&rib->mem, rib_session_at(rib, (uint32_t)i), sizeof(struct rib_session));
	vec_free(&rib->mem, &rib->sessions, sizeof(struct rib_session *));
	mem_free(&rib->mem, rib->change, rib->change_cap * sizeof *rib->change);
	rib_verdict_free(&rib->verdicts);
	rib_attrs_free(&rib->attrs);
	rib_index_drop(&rib->index);
	pool_destroy(&rib->pool, &all);
	manrs_db_unref(rib->db);
	manrs_db_unref(rib->empty);
	if (rib->owner)
		manrs_db_owner_free(rib->owner);
	host = rib->host;
	mem_free(&host, rib, sizeof *rib);
}

/* What has work takes turns, by what it has spent: snapshots without end must not keep a lap from its end, nor the reverse. */
static int work_step(manrs_rib *rib, size_t *left)
{
	bool sweeps = rib->sweep.on || rib->sweep.again;
	bool both = rib->follow.n && sweeps, sweep = !rib->follow.n || (sweeps && rib->ahead > 0);
	size_t before = *left;
	int rc = sweep ? rib_sweep_step(rib, left) : rib_follow_step(rib, left);
	int64_t spent = (int64_t)(before - *left);

	rib->ahead = !both ? 0 : rib->ahead + (sweep ? -spent : spent);
	return rc;
}

int manrs_rib_work(manrs_rib *rib, size_t budget)
{
	size_t left = budget ? budget : SIZE_MAX;
	int rc = MANRS_OK;

	while (rc == MANRS_OK && left > 0 && (rib->follow.n || rib->sweep.on || rib->sweep.again))
		rc = work_step(rib, &left);
	if (rc != MANRS_OK)
		return rc;
	return rib->follow.n || rib->sweep.on || rib->sweep.again;
}

const manrs_db *manrs_rib_db(const manrs_rib *rib)
{
	return rib->db;
}

int manrs_rib_stats_get(const manrs_rib *rib, manrs_rib_stats *stats)
{
	manrs_rib_stats now = {
		.sessions = rib->open,
		.routes = rib->tree[0].n + rib->tree[1].n,
		.prefixes = rib->tree[0].prefixes + rib->tree[1].prefixes,
		.paths = rib->attrs.live,
		.bytes = rib->bytes,
		.judged = rib->judged,
		.told = rib->told,
		.waiting = rib->change_n,
	};

	return grow_give(stats, GROW_LEAST(manrs_rib_stats, waiting), &now, sizeof now)
		       ? MANRS_OK
		       : MANRS_EINVAL;
}
