/* SPDX-License-Identifier: BSD-2-Clause */
/* The difference of two snapshots as arrays. */

#include "feed_change.h"

#include "cli.h"

#include <stdlib.h>
#include <string.h>

static void add_aspa(struct change_records *r, const manrs_aspa *aspa)
{
	r->aspas = must_room(r->aspas, r->n_aspas, &r->cap_aspas, sizeof *r->aspas);
	r->aspas[r->n_aspas++] = *aspa;
	while (r->cap_providers - r->n_providers < aspa->n)
		r->providers = must_room(r->providers, r->cap_providers, &r->cap_providers,
					 sizeof *r->providers);
	if (aspa->n)
		memcpy(r->providers + r->n_providers, aspa->provider,
		       aspa->n * sizeof *aspa->provider);
	r->n_providers += aspa->n;
}

static void add(struct feed_change *change, const manrs_delta *d)
{
	struct change_records *r = &change->of[d->op == MANRS_ADD ? CHANGE_ADD : CHANGE_REMOVE];

	if (d->kind == MANRS_CHANGE_ASPA) {
		add_aspa(r, &d->aspa);
	} else if (d->kind == MANRS_CHANGE_KEY) {
		r->keys = must_room(r->keys, r->n_keys, &r->cap_keys, sizeof *r->keys);
		r->keys[r->n_keys++] = *d->key;
	} else {
		r->vrps = must_room(r->vrps, r->n_vrps, &r->cap_vrps, sizeof *r->vrps);
		r->vrps[r->n_vrps++] = d->vrp;
	}
}

void change_make(struct feed_change *change, const manrs_db *from, const manrs_db *to)
{
	manrs_cursor cursor = {0};
	manrs_delta delta[256];
	size_t n;

	*change = (struct feed_change){0};
	do {
		n = manrs_db_delta(from, to, &cursor, delta, 256);
		for (size_t i = 0; i < n; i++)
			add(change, &delta[i]);
	} while (n == 256);
	for (int op = 0; op < CHANGE_OPS; op++) {
		struct change_records *r = &change->of[op];
		size_t at = 0;

		for (size_t i = 0; i < r->n_aspas; at += r->aspas[i++].n)
			r->aspas[i].provider = r->providers + at;
	}
}

void change_free(struct feed_change *change)
{
	for (int op = 0; op < CHANGE_OPS; op++) {
		free(change->of[op].vrps);
		free(change->of[op].aspas);
		free(change->of[op].providers);
		free(change->of[op].keys);
	}
	*change = (struct feed_change){0};
}

bool change_none(const struct feed_change *change)
{
	for (int op = 0; op < CHANGE_OPS; op++)
		if (change->of[op].n_vrps + change->of[op].n_aspas + change->of[op].n_keys)
			return false;
	return true;
}

bool change_loses(const struct feed_change *change, const manrs_db *from, uint64_t percent,
		  uint64_t least, struct change_loss *loss)
{
	const struct change_records *gone = &change->of[CHANGE_REMOVE];
	manrs_db_stats had = {.size = sizeof had};
	bool more = false;

	manrs_db_stats_get(from, &had);

	const struct change_loss all[] = {
		{"VRPs", gone->n_vrps, had.vrps4 + had.vrps6},
		{"ASPAs", gone->n_aspas, had.aspas},
		{"router keys", gone->n_keys, had.keys},
	};

	for (size_t i = 0; i < 3 && !more; i++) {
		*loss = all[i];
		more = all[i].had >= least && all[i].gone * 100 > all[i].had * percent;
	}
	return more;
}

static int feed(const struct feed_change *change, manrs_rtrd *engine)
{
	int rc = MANRS_OK;

	/* What goes first, so that the engine never holds both. */
	for (int op = CHANGE_REMOVE; op >= CHANGE_ADD && rc >= 0; op--) {
		const struct change_records *r = &change->of[op];
		int as = op == CHANGE_ADD ? MANRS_ADD : MANRS_REMOVE;

		rc = manrs_rtrd_vrps(engine, as, r->vrps, r->n_vrps, NULL, NULL);
		if (rc >= 0)
			rc = manrs_rtrd_aspas(engine, as, r->aspas, r->n_aspas, NULL, NULL);
		if (rc >= 0)
			rc = manrs_rtrd_keys(engine, as, r->keys, r->n_keys, NULL, NULL);
	}
	return rc;
}

int change_publish(const struct feed_change *change, manrs_rtrd *engine, bool whole,
		   uint64_t now_ms)
{
	int rc = manrs_rtrd_begin(engine, whole);

	if (rc < 0)
		return rc;
	rc = feed(change, engine);
	if (rc >= 0)
		rc = manrs_rtrd_publish(engine, now_ms);
	if (rc < 0)
		manrs_rtrd_discard(engine);
	return rc;
}
