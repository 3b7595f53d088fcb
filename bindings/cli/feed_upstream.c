/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A cache that feeds a cache. Its responses go into an edit whole or not at all, and each is a set to consider like a file
 * that changed. What it says of age is the time of its last End of Data. Its data is used no longer than it allows: that
 * which has expired, or was taken back, is not served on until it is there again.
 */

#include "feed_upstream.h"

#include <manrs/db_source.h>

#include <stdio.h>

bool upstream_open(struct source *s, struct rtr_fetch *fetch)
{
	s->kind = SOURCE_CACHE;
	s->session = rtr_open(fetch, s->said.name, s->number);
	if (s->session)
		source_problem(s, "no data yet");
	return s->session != NULL;
}

void upstream_free(struct source *s)
{
	rtr_session_free(s->session);
	s->session = NULL;
}

bool upstream_waits(const struct source *s)
{
	manrs_rtr *engine = rtr_session_engine(s->session);
	manrs_rtr_delta delta;

	/* What is held for it takes much away is judged by --guard, over all sources and with SLURM. */
	if (!manrs_rtr_delta_get(engine, &delta))
		manrs_rtr_release(engine, 1, loop_clock());
	return manrs_rtr_delta_get(engine, &delta);
}

static enum upstream_result gone(struct source *s, manrs_rtr *engine, uint64_t now_ms)
{
	manrs_rtr_delta_done(engine, MANRS_OK, 0, 0, 0, now_ms);
	if (!s->said.good)
		return UPSTREAM_NOTHING;
	complain_at(s->said.name, 0, "its data has expired, or it has taken it back");
	source_problem(s, complained());
	s->said.good = false;
	s->said.failures++;
	return UPSTREAM_GONE;
}

static enum upstream_result wrong(struct source *s, manrs_rtr *engine,
				  const struct rtr_applied *applied, uint64_t now_ms)
{
	complain_at(s->said.name, 0, "%s",
		    applied->code == MANRS_RTR_DUPLICATE
			    ? "it announces a record twice"
			    : "it withdraws a record that is not there");
	manrs_rtr_delta_done(engine, applied->code, applied->run, applied->record, 0, now_ms);
	source_problem(s, complained());
	s->said.failures++;
	return UPSTREAM_NOTHING;
}

enum upstream_result upstream_read(struct source *s, manrs_edit *edit, uint64_t now_ms)
{
	manrs_rtr *engine = rtr_session_engine(s->session);
	struct rtr_applied applied;
	manrs_rtr_delta delta;
	int rc;

	if (!manrs_rtr_delta_get(engine, &delta))
		return UPSTREAM_NOTHING;
	if (delta.flags & MANRS_RTR_DROP)
		return gone(s, engine, now_ms);
	s->said.reads++;
	rc = rtr_apply(edit, engine, &delta, MANRS_LOAD_VRPS | MANRS_LOAD_ASPAS | MANRS_LOAD_KEYS,
		       !s->fed, &applied);
	if (rc < 0) {
		/* It stays waiting in the engine, and is tried again at the next look. */
		complain_at(s->said.name, 0, "%s", manrs_strerror(rc));
		source_problem(s, complained());
		return UPSTREAM_NOTHING;
	}
	if (applied.code)
		return wrong(s, engine, &applied, now_ms);
	s->said.bad = applied.refused;
	return UPSTREAM_TAKEN;
}

void upstream_done(struct source *s, const manrs_db *db, uint64_t now_ms)
{
	manrs_db_source_stats stats = {.size = sizeof stats};

	manrs_db_source_stats_get(db, s->number, &stats);
	manrs_rtr_delta_done(rtr_session_engine(s->session), MANRS_OK, 0, 0,
			     stats.vrps + stats.aspas + stats.keys, now_ms);
	s->fed = true;
	s->said.vrps = stats.vrps;
	s->said.aspas = stats.aspas;
	s->said.keys = stats.keys;
	s->said.good = stats.vrps > 0;
	if (!s->said.good)
		complain_at(s->said.name, 0, "it has no VRPs: not taken");
	source_problem(s, s->said.good ? "" : complained());
}

void upstream_look(struct source *s, uint64_t now_ms, uint64_t now)
{
	manrs_rtr_status status = {.size = sizeof status};

	manrs_rtr_status_get(rtr_session_engine(s->session), &status);
	if (!s->said.good || !(status.flags & MANRS_RTR_USABLE))
		return;
	/* Once for each: the two clocks are a second apart now and then, and a set is kept on disk when its age changes. */
	if (s->said.built && s->last_ms == status.last_ms)
		return;
	s->last_ms = status.last_ms;
	/* To the minute, for the same reason. */
	s->said.built = s->said.read_at = (now - (now_ms - status.last_ms) / 1000) / 60 * 60;
}
