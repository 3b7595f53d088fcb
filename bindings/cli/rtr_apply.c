/* SPDX-License-Identifier: BSD-2-Clause */
/* What a cache answered, into an edit: which record broke the rules is found by the database's counts. */

#include "rtr_session.h"

#include <manrs/db_source.h>

static int feed(manrs_edit *edit, uint32_t source, const manrs_rtr_run *run, manrs_counts *counts)
{
	int op = (int)run->op;

	if (run->vrps)
		return manrs_edit_vrps(edit, source, op, run->vrps, run->n, counts, NULL);
	if (run->aspas)
		return manrs_edit_aspas(edit, source, op, run->aspas, run->n, counts, NULL);
	return manrs_edit_keys(edit, source, op, run->keys, run->n, counts, NULL);
}

static uint32_t kind_of(const manrs_rtr_run *run)
{
	return run->vrps ? MANRS_LOAD_VRPS : run->aspas ? MANRS_LOAD_ASPAS : MANRS_LOAD_KEYS;
}

/*
 * What a cache may not do: announce twice, withdraw what it had not announced. A list of providers may stand in the place of
 * an equal one, and a customer that comes twice in a response was found by the engine.
 */
static int wrong(const manrs_rtr_run *run, const manrs_counts *counts)
{
	if (run->op == MANRS_ADD && counts->present && !run->aspas)
		return MANRS_RTR_DUPLICATE;
	return run->op == MANRS_REMOVE && counts->unknown ? MANRS_RTR_WITHDRAWAL_OF_UNKNOWN
							  : MANRS_OK;
}

int rtr_apply(manrs_edit *edit, const manrs_rtr *engine, const manrs_rtr_delta *delta,
	      uint32_t kinds, bool fresh, struct rtr_applied *applied)
{
	manrs_counts counts;
	manrs_rtr_run run;
	int rc = MANRS_OK;

	*applied = (struct rtr_applied){0};
	if (delta->flags & MANRS_RTR_DROP)
		return manrs_edit_drop(edit, delta->source, NULL);
	if (delta->flags & MANRS_RTR_WHOLE && !fresh)
		rc = manrs_edit_replace(edit, delta->source);
	for (size_t at = 0; rc >= 0 && manrs_rtr_delta_run(engine, at, &run); at++) {
		if (!(kinds & kind_of(&run)))
			continue;
		rc = feed(edit, delta->source, &run, &counts);
		if (rc < 0)
			break;
		applied->refused += counts.refused;
		applied->code = wrong(&run, &counts);
		applied->run = at;
		if (applied->code) {
			manrs_edit_first(edit, &applied->record);
			break;
		}
	}
	return rc < 0 ? rc : MANRS_OK;
}
