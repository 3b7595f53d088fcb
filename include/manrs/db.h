/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_DB_H
#define MANRS_DB_H

/*
 * The database: what the world has published (VRPs, ASPAs, IRR route objects, router keys) as immutable snapshots.
 *
 *     owner --- the writer's side: memory, and the snapshots that are not yet given back
 *       edit -- the only thing that changes: begin on a snapshot, feed records, commit or abort
 *         db -- a snapshot: immutable, counted, read by any thread without a lock
 *
 * Records come under a source, 0..63: one cache, one file. They are kept per source; the union of all is what is
 * judged, after the SLURM filters and with the SLURM assertions. What files say beside a record, until when it stands and
 * under which trust anchor, is not in here: it stays in the host's manrs_load_note (load.h), and calls about it take notes.
 *
 * A snapshot is full of pointers: memory of this process, which no other can map.
 *
 * threads: one writer at a time uses an owner and its edits. Snapshots are read, ref'd and unref'd by any thread.
 *          Memory goes back only in manrs_db_reclaim and manrs_db_owner_free, on the writer's thread.
 */

#include <manrs/record.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct manrs_db_owner manrs_db_owner;
typedef struct manrs_edit manrs_edit;
typedef struct manrs_db manrs_db;

/* Grows at its end: size is set by manrs_db_config_init, bytes past what the library knows must be zero. */
typedef struct manrs_db_config {
	size_t size;
	const manrs_alloc *alloc; /* NULL: the C library's */
	uint32_t isa;             /* enum manrs_isa */
	/* of one customer, over all sources; at most MANRS_PROVIDERS_MAX, and 0 means that */
	uint32_t max_providers;
	/*
	 * For the tables by which an edit finds records: random bytes, from a host that has them, so that nobody can publish
	 * records that all fall on one place and make an edit slow. 0, 0: an address of the memory stands in. No answer depends
	 * on it; with one seed, the same calls do the same work.
	 */
	uint64_t hash_seed[2];
} manrs_db_config;

/* Set size, and every member to its default. returns: MANRS_OK; MANRS_EINVAL: no such size. */
MANRS_API int manrs_db_config_init(manrs_db_config *config, size_t size);

/*
 * Make the writer's side. config may be NULL.
 * returns: MANRS_OK, MANRS_ENOMEM, MANRS_EINVAL; MANRS_EUNSUP for a code path that this processor does not have
 */
MANRS_API int manrs_db_owner_new(manrs_db_owner **owner, const manrs_db_config *config);

/*
 * Free it with all its memory; NULL is allowed. An open edit is aborted.
 * returns: MANRS_OK; MANRS_EBUSY if a snapshot is still held (nothing is freed then)
 */
MANRS_API int manrs_db_owner_free(manrs_db_owner *owner);

/*
 * Give back the memory of snapshots that nobody holds, as much as the budget allows.
 * in:      budget: blocks of memory to visit, 0 = all there are; an event loop gives some hundreds a turn
 * returns: 1 if there is more to do now, 0 if not
 */
MANRS_API int manrs_db_reclaim(manrs_db_owner *owner, size_t budget);

/* ---- edits ---- */

#define MANRS_SOURCES 64 /* sources are numbered 0..63 */

/*
 * Open an edit on a snapshot of this owner (NULL: an empty one). An owner has at most one open edit. An edit on the
 * owner's newest snapshot costs nothing to begin; one on an older snapshot copies it when it is committed.
 * owns:    the edit holds a reference to base until it is committed or aborted; the caller may unref its own meanwhile
 * returns: MANRS_OK, MANRS_ENOMEM, MANRS_EINVAL (a snapshot of another owner), MANRS_ESTATE (an edit is open)
 */
MANRS_API int manrs_edit_begin(manrs_edit **edit, manrs_db_owner *owner, const manrs_db *base);

/*
 * Add or remove VRPs of a source. Order and duplicates within the array do not matter to the result.
 * in:      routes[n]: len <= maxlen <= 32 or 128, host bits zero; asn 0 is AS0
 * out:     counts (may be NULL, which makes a first load faster) is set, not added to; fault (may be NULL): the first record refused, at = its index
 * returns: MANRS_OK, also when records were refused; MANRS_ENOMEM (nothing of this call is applied);
 *          MANRS_EINVAL for source or op
 */
MANRS_API int manrs_edit_vrps(manrs_edit *edit, uint32_t source, int op, const manrs_route *routes,
			      size_t n, manrs_counts *counts, manrs_fault *fault);

/* The same for IRR route objects: prefix and origin; maxlen is ignored. */
MANRS_API int manrs_edit_irr(manrs_edit *edit, uint32_t source, int op, const manrs_route *routes,
			     size_t n, manrs_counts *counts, manrs_fault *fault);

/*
 * Set or remove a source's ASPAs. A customer may have several: what one edit brings of them is one list, their union.
 *   ADD     the first of a customer in this edit replaces the list that earlier edits left: added if the lists differ, else
 *           present. Each further one is united with it, whatever it says, and counts as present.
 *   REMOVE  looks at the customer alone and takes its list, of earlier edits and of this one; an ADD after it is a first one.
 * AS0 has no effect beside others in a union. Refused: customer 0, no provider, providers not strictly ascending or with
 * the customer, AS0 beside others. An ADD with which the list has more than max_providers counts as refused too
 * (MANRS_ELIMIT), and so does each further one; the list is then held, to be replaced or removed, but does not count.
 * A customer whose union over all sources is more than that is judged as one without an ASPA.
 * cost:    n log n in providers; single ones beside n of their customer move up to n of them
 * source:  draft-ietf-sidrops-aspa-verification section 3 (union); draft-ietf-sidrops-8210bis 5.12 (replaces) and 12 (a
 *          repeat in one response is error 7); draft-ietf-sidrops-aspa-profile, on the relying party's bound
 */
MANRS_API int manrs_edit_aspas(manrs_edit *edit, uint32_t source, int op, const manrs_aspa *aspas,
			       size_t n, manrs_counts *counts, manrs_fault *fault);

/* The same for router keys, as VRPs: an ADD replaces nothing. cost: n log n, most of it at the commit. */
MANRS_API int manrs_edit_keys(manrs_edit *edit, uint32_t source, int op,
			      const manrs_router_key *keys, size_t n, manrs_counts *counts,
			      manrs_fault *fault);

/* Remove everything of a source. out: counts->removed (may be NULL). cost: in proportion to the whole database. */
MANRS_API int manrs_edit_drop(manrs_edit *edit, uint32_t source, manrs_counts *counts);

/* Every byte of slurm: size, and zeros, which are no exceptions. returns: MANRS_OK; MANRS_EINVAL: no such size */
MANRS_API int manrs_slurm_init(manrs_slurm *slurm, size_t size);

/*
 * Replace the local exceptions: from the commit on, filters act on the union of all sources, assertions are added after
 * them. NULL takes all exceptions away. The raw records stay, so a later withdrawal still matches.
 * returns: MANRS_OK, MANRS_ENOMEM; MANRS_EINVAL with fault->at = index in the array named by fault->what
 */
MANRS_API int manrs_edit_slurm(manrs_edit *edit, const manrs_slurm *slurm, manrs_fault *fault);

/*
 * Publish the edit as a new snapshot, with one reference that the caller owns. The edit is gone afterwards.
 * returns: MANRS_OK; MANRS_ENOMEM: nothing happened, the edit stays open and can be committed again or aborted
 * cost:    in proportion to the change and what lies under the changed prefixes, and to the VRPs of a changed prefix and of
 *          its neighbours in the same byte of the address, which are copied: one VRP beside a million of its prefix takes
 *          9 to 26 ms, beside ten thousand 0.04. Where router keys change, all of them are copied. (bench: growth)
 */
MANRS_API int manrs_edit_commit(manrs_edit *edit, manrs_db **db);

/* Throw the edit away; NULL is allowed. */
MANRS_API void manrs_edit_abort(manrs_edit *edit);

/* ---- snapshots: any thread ---- */

/* One more reference, for whoever keeps the snapshot. */
MANRS_API void manrs_db_ref(const manrs_db *db);
/* NULL is allowed. Frees nothing: the memory waits for manrs_db_reclaim. */
MANRS_API void manrs_db_unref(const manrs_db *db);

/*
 * List what is judged (sources united, SLURM applied), in manrs_prefix_cmp order, then by asn and maxlen.
 * out:     out[cap]
 * returns: how many were written; fewer than cap means the end
 * cost:    in proportion to what is written, also within one prefix (bench: growth)
 */
MANRS_API size_t manrs_db_vrps(const manrs_db *db, manrs_cursor *cursor, manrs_route *out,
			       size_t cap);
MANRS_API size_t manrs_db_irr(const manrs_db *db, manrs_cursor *cursor, manrs_route *out,
			      size_t cap);

/*
 * List ASPAs as pairs: those of one customer together, its providers ascending; the customers in an order of the map's
 * own, the same for the same set. Router keys come by AS number, then by SKI.
 */
MANRS_API size_t manrs_db_aspas(const manrs_db *db, manrs_cursor *cursor, manrs_aspa_pair *out,
				size_t cap);
MANRS_API size_t manrs_db_keys(const manrs_db *db, manrs_cursor *cursor, manrs_router_key *out,
			       size_t cap);

/* What is judged, and the memory it takes. Grows at its end; set size before the call. */
typedef struct manrs_db_stats {
	size_t size;
	uint64_t vrps4, vrps6, irr4, irr6;
	uint64_t aspas; /* customers */
	uint64_t aspa_providers;
	uint64_t keys;
	uint64_t serial;     /* of this owner's commits, from 1 */
	uint64_t bytes_read; /* what lookups touch */
	uint64_t bytes_all;  /* everything that the owner holds now, older snapshots included */
} manrs_db_stats;
/* returns: MANRS_OK; MANRS_EINVAL when stats->size is too small */
MANRS_API int manrs_db_stats_get(const manrs_db *db, manrs_db_stats *stats);

/*
 * The effective difference of any two snapshots, each prefix, customer and key once, by kind and then in order.
 * Nothing is listed that is judged alike in both.
 * out:     out[cap]; cursor all zero at the start
 * returns: how many were written; fewer than cap means the end
 * cost:    in proportion to the change for neighbouring snapshots of one owner, else to the size of both
 */
MANRS_API size_t manrs_db_diff(const manrs_db *from, const manrs_db *to, manrs_cursor *cursor,
			       manrs_change *out, size_t cap);

#ifdef __cplusplus
}
#endif

#endif
