/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which of several caches to be connected to, and which to judge by. A level is all caches of one preference; from the best on
 * levels are connected to until one is found that can be waited for.
 *
 * source: RFC 8210 section 10
 */

#include <manrs/rtr_plan.h>

#include "wire/rtr_engine.h"

#include <assert.h>

#define CACHES     64
#define PATIENT_MS 60000 /* a table takes seconds */

struct level {
	uint64_t all, good, doubtful; /* bits: its sources; usable; usable, and frozen or held */
	bool hope;                    /* one has data and goes on, or may have some soon */
};

static uint64_t bit(const manrs_rtr *r)
{
	return UINT64_C(1) << r->config.source;
}

static bool hopeful(const manrs_rtr *r)
{
	return !r->usable && !r->failures && r->code != MANRS_RTR_NO_DATA &&
	       r->now_ms - r->bare_ms < PATIENT_MS;
}

static void add(struct level *level, const manrs_rtr *r)
{
	manrs_rtr_status status = {.size = sizeof status};

	manrs_rtr_status_get(r, &status);
	level->all |= bit(r);
	level->hope |= hopeful(r);
	if (!(status.flags & MANRS_RTR_USABLE))
		return;
	if (status.flags & (MANRS_RTR_HELD | MANRS_RTR_FROZEN))
		level->doubtful |= bit(r);
	else {
		level->good |= bit(r);
		/* lost, and not reached again: the next is made ready before this data expires */
		level->hope |= r->failures < 2;
	}
}

/* The best preference worse than *preference, or the best of all for first. returns: false: there is none */
static bool next(const manrs_rtr *const *caches, size_t n, bool first, uint32_t *preference)
{
	bool found = false;
	uint32_t best = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t p = caches[i]->config.preference;

		if ((first || p > *preference) && (!found || p < best)) {
			best = p;
			found = true;
		}
	}
	*preference = best;
	return found;
}

static void prefer(const manrs_rtr *const *caches, size_t n, uint64_t *connect, uint64_t *use)
{
	uint64_t doubtful = 0;
	uint32_t preference = 0;
	bool waited = false;

	for (bool first = true; next(caches, n, first, &preference); first = false) {
		struct level level = {0, 0, 0, false};

		for (size_t i = 0; i < n; i++)
			if (caches[i]->config.preference == preference)
				add(&level, caches[i]);
		if (!waited)
			*connect |= level.all;
		waited |= level.hope;
		if (!*use)
			*use = level.good;
		if (!doubtful)
			doubtful = level.doubtful;
	}
	if (!*use)
		*use = doubtful;
}

static void unite(const manrs_rtr *const *caches, size_t n, uint64_t *connect, uint64_t *use)
{
	struct level level = {0, 0, 0, false};

	for (size_t i = 0; i < n; i++)
		add(&level, caches[i]);
	*connect = level.all;
	*use = level.good ? level.good : level.doubtful;
}

int manrs_rtr_plan(const manrs_rtr *const *caches, size_t n, int mode, uint64_t *connect,
		   uint64_t *use)
{
	uint64_t seen = 0;

	*connect = *use = 0;
	if (n > CACHES || (mode != MANRS_RTR_UNION && mode != MANRS_RTR_PREFERENCE))
		return MANRS_EINVAL;
	for (size_t i = 0; i < n; i++) {
		if (seen & bit(caches[i]))
			return MANRS_EINVAL;
		seen |= bit(caches[i]);
	}
	if (mode == MANRS_RTR_UNION)
		unite(caches, n, connect, use);
	else
		prefer(caches, n, connect, use);
	assert((*connect & ~seen) == 0 && (*use & ~seen) == 0);
	return MANRS_OK;
}
