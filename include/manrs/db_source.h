/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_DB_SOURCE_H
#define MANRS_DB_SOURCE_H

/*
 * PROVISIONAL. A source of the database (db.h) as a whole: put another set in its place at the cost of the difference, say
 * which ones are judged, count what each has. It is what an RTR client needs beside manrs_edit_vrps:
 *
 *     whole response   manrs_edit_replace, then every run is fed with MANRS_ADD
 *     delta            every run is fed as it came
 *     after each run   counts.present or .unknown or .refused: manrs_edit_first is the PDU that errors 6 and 7 quote
 *     End of Data      manrs_edit_commit
 */

#include <manrs/db.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Replace a source: what this edit ADDs to it from now on is all that it has when the edit is committed, of every kind of
 * record. What it had counts as not there until it is listed again:
 *   ADD     added, also of what the source had before the edit; present if this edit has added it already. The second list of
 *           a customer's ASPA is present, and united with the first, as ever.
 *   REMOVE  takes what this edit added; anything else is unknown
 *   drop    (manrs_edit_drop) takes all that this edit added; the source stays replaced
 * Other sources, and the SLURM exceptions, are not touched. Abort leaves everything as it was.
 * returns: MANRS_OK, MANRS_ENOMEM, MANRS_EINVAL; MANRS_ESTATE: this source was fed, dropped or replaced in this edit already
 * cost:    one pass over the records; one lookup for each that is listed again, and a commit in proportion to the
 *          difference. Memory of the edit: two bits a record of the database, not a copy of the source. (bench: reset)
 */
MANRS_API int manrs_edit_replace(manrs_edit *edit, uint32_t source);

/*
 * Where the last call of manrs_edit_vrps, _irr, _aspas or _keys on this edit that returned MANRS_OK first met what a strict
 * feed may not have: an ADD that was present, a REMOVE that was unknown, a record that was refused. An ASPA that repeats
 * the list of an earlier edit is counted as present, but is none of these: it stands in the place of that list.
 * out:     *record = its index in that call's array
 * returns: MANRS_OK; MANRS_ENOENT: there was none; MANRS_ESTATE: that call was given no counts, so nobody looked
 * source:  RFC 8210 section 12, errors 6 and 7; draft-ietf-sidrops-8210bis 5.12
 */
MANRS_API int manrs_edit_first(const manrs_edit *edit, size_t *record);

/*
 * Which sources are judged from the commit on: bit s of sources for source s. The others are kept and fed as ever, like a
 * second cache in reserve, but do not count: they are not listed, not in a difference and in no verdict. What SLURM asserts
 * always counts. Edits that follow keep it; a database that was made from nothing judges all (UINT64_MAX).
 * cost:    one pass over the records, and a commit of the difference
 */
MANRS_API int manrs_edit_use(manrs_edit *edit, uint64_t sources);

/* What a source has, raw: judged or not, filtered or not. Grows at its end; set size before the call. */
typedef struct manrs_db_source_stats {
	size_t size;
	uint64_t vrps, irr;
	uint64_t aspas; /* customers */
	uint64_t keys;
} manrs_db_source_stats;
/* returns: MANRS_OK; MANRS_EINVAL: no such source, stats->size is too small. cost: one pass over the records */
MANRS_API int manrs_db_source_stats_get(const manrs_db *db, uint32_t source,
					manrs_db_source_stats *stats);

/*
 * List what the sources have, raw: judged or not, filtered or not, without what SLURM asserts. In the orders of manrs_db_vrps and
 * its like. Fed to an empty edit it is the same database again: who may not stop for long changes in parts what else takes
 * a commit over everything (manrs_edit_drop, _replace, _use, _slurm), and has the last part be what is judged.
 * out:     out[cap], sources[cap]: bit s for source s, never 0
 * returns: how many were written; fewer than cap means the end
 * cost:    in proportion to what is written
 */
MANRS_API size_t manrs_db_source_vrps(const manrs_db *db, manrs_cursor *cursor, manrs_route *out,
				      uint64_t *sources, size_t cap);
MANRS_API size_t manrs_db_source_irr(const manrs_db *db, manrs_cursor *cursor, manrs_route *out,
				     uint64_t *sources, size_t cap);
MANRS_API size_t manrs_db_source_aspas(const manrs_db *db, manrs_cursor *cursor,
				       manrs_aspa_pair *out, uint64_t *sources, size_t cap);
MANRS_API size_t manrs_db_source_keys(const manrs_db *db, manrs_cursor *cursor,
				      manrs_router_key *out, uint64_t *sources, size_t cap);

#ifdef __cplusplus
}
#endif

#endif
