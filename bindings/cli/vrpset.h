/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_VRPSET_H
#define CLI_VRPSET_H

/* Files and caches of VRPs as one snapshot, and what they said beside their records. */

#include "expiry.h"
#include "rtr_fetch.h"

/* What a file said beside a record. */
struct note {
	uint64_t expires; /* Unix seconds; 0: not said */
	uint32_t ta;      /* index into vrpset.ta, 0: not said */
	/* in the order of reading: no two are equal, so every qsort has one outcome */
	uint32_t number;
};

/* A record with its note; the note stands first in each. */
struct noted {
	struct note note;
	manrs_route route;
};
struct noted_aspa {
	struct note note;
	uint32_t customer;
	bool filtered; /* what was said of the customer before is void */
};
struct noted_key {
	struct note note;
	manrs_router_key key;
};

struct vrpset {
	manrs_db_owner *owner;
	bool owned;
	manrs_db *db;
	struct noted *noted; /* only when asked for: sorted as the database lists */
	struct noted_aspa *noted_aspa;
	struct noted_key *noted_key;
	size_t n_noted, cap_noted, n_noted_aspa, cap_noted_aspa, n_noted_key, cap_noted_key;
	struct words ta;
	uint64_t bad;
	/* the oldest of the files that say it, and when a cache's data was whole, Unix seconds; 0: none does */
	uint64_t built;
	uint32_t lists; /* enum manrs_load_list: what any of them has, if only an empty list */
};

struct vrpset_options {
	struct words files; /* or URLs of caches; of these the VRPs count */
	struct words aspas; /* of these only the ASPAs */
	struct rtr_options rtr;
	const char *slurm; /* NULL: none */
	struct expiry expiry;
	bool all_records; /* of files the ASPAs and router keys too */
	bool keep_notes;
};

/*
 * All files whole, each as a source of its own in the order given, in one edit. owner NULL: one is made, and goes with
 * vrpset_free. returns: EXIT_DONE; EXIT_ERROR, EXIT_STALE: said why, nothing to free.
 */
int vrpset_open(struct vrpset *set, manrs_db_owner *owner, const struct vrpset_options *options);
void vrpset_free(struct vrpset *set);
/*
 * One file into an edit, without notes. out: stats: what it holds, when that is EXIT_DONE; .bad: all entries that do not count.
 * returns: an exit status; else than EXIT_DONE: said why, and the edit is to be aborted
 */
int vrpset_read(manrs_edit *edit, uint32_t source, const char *file, bool aspas_only,
		const struct vrpset_options *options, manrs_load_stats *stats);
/* A file of local exceptions; its issues were told. returns: NULL: said why. owns: freed with manrs_slurm_file_free */
manrs_slurm_file *slurm_read(const char *path);
/* Local exceptions of a file into an edit, and into the notes of a set (NULL: of none). returns: false: said why. */
bool slurm_load(manrs_edit *edit, struct vrpset *noted, const char *path);
/* --allow-bad: the percentage of unreadable entries that fails a file; more than 10 must be. */
extern uint64_t load_allow_bad;
#define ISSUES_SHOWN 20 /* bad entries of a file that are reported one by one */

/* ---- notes ---- */

void note_vrp(struct vrpset *set, const manrs_route *vrp, uint64_t expires, uint32_t ta);
void note_aspa(struct vrpset *set, uint32_t customer, uint64_t expires, uint32_t ta);
void note_no_aspa(struct vrpset *set, uint32_t customer); /* a filter takes what files have of it */
void note_key(struct vrpset *set, const manrs_router_key *key, uint64_t expires, uint32_t ta);
void notes_sort(struct vrpset *set); /* before the first look */

struct said {
	uint64_t expires; /* Unix seconds; 0: not said */
	const char *ta;   /* the trust anchor; NULL: not said */
};
struct said noted_of_aspa(const struct vrpset *set, uint32_t customer);
struct said noted_of_key(const struct vrpset *set, const manrs_router_key *key);

/* What a set judges by, in the database's order, each with its note where notes were kept. */
struct listing {
	const struct vrpset *set;
	manrs_cursor cursor;
	manrs_route route[1024];
	size_t at, n, noted;
	struct said said; /* of the VRP that came last */
};
void listing_start(struct listing *list, const struct vrpset *set);
const manrs_route *listing_next(struct listing *list); /* NULL: the end */
/* Order of a listing: prefix, then AS number, then maxLength. */
int vrp_order(const manrs_route *a, const manrs_route *b);

#endif
