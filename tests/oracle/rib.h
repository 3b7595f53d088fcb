/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_ORACLE_RIB_H
#define TESTS_ORACLE_RIB_H

/*
 * The rib as it would be without thought: a place for every route that can be, each judged alone by manrs_check whenever one
 * asks. What was told of a route is kept beside it, so that each change must begin where the one before ended.
 */

#include <manrs/manrs.h>
#include <stdbool.h>

#define TWIN_SESSIONS 6
#define TWIN_PREFIXES 48
#define TWIN_IDS      2
#define TWIN_HOPS     6

struct twin_route {
	bool there, stale;
	manrs_announcement a;
	uint32_t hops[TWIN_HOPS];
	uint8_t kinds[TWIN_HOPS];
	bool told; /* of this verdict */
	manrs_verdict verdict;
};

struct twin_session {
	bool open;
	manrs_policy policy;
	uint32_t neighbour_asn, flags;
	manrs_prefix neighbour_address;
};

struct rib_twin {
	manrs_prefix prefix[TWIN_PREFIXES]; /* in order */
	struct twin_session session[TWIN_SESSIONS];
	struct twin_route route[TWIN_PREFIXES][TWIN_SESSIONS][TWIN_IDS];
	uint64_t changes;
	manrs_rib_change *log; /* the first `room` changes, as they were told */
	uint64_t room;
};

/* The place of a prefix; TWIN_PREFIXES: none. */
size_t twin_prefix(const struct rib_twin *twin, const manrs_prefix *prefix);
void twin_announce(struct rib_twin *twin, uint32_t s, const manrs_announcement *a, uint32_t id);
void twin_withdraw(struct rib_twin *twin, uint32_t s, const manrs_prefix *prefix, uint32_t id);
/* All of a session are stale; then those of a family (0: both) that are still so go. */
void twin_refresh(struct rib_twin *twin, uint32_t s);
void twin_end(struct rib_twin *twin, uint32_t s, int family);

/*
 * Pull all changes: each must begin where its route was told to be. code: those that change without an announcement must
 * also name the test and the code that the newest snapshot gives.
 */
void twin_pull(struct rib_twin *twin, manrs_rib *rib, bool code);
/* After all work: what was told, what is listed and what is true are the same, and so are the counts. */
void twin_same(const struct rib_twin *twin, const manrs_rib *rib, const manrs_db *db);

#endif
