/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_RIB_H
#define MANRS_RIB_H

/*
 * PROVISIONAL. Routes of many sessions, each with its verdict, which stays true while routes, policies and published data change.
 *
 *     manrs_rib_session_add, _announce, _withdraw, _session_down     the routes come and go, judged at once
 *     manrs_rib_follow(db), manrs_rib_session_set_policy             what they are judged by changes; then
 *     manrs_rib_work(budget)                                         looks at what this touches, in slices, until it returns 0
 *     manrs_rib_changes                                              what became of which route, each change once
 *
 * A verdict is always that of manrs_check by the session's policy and the snapshot followed last, or work is left to do. A new
 * snapshot costs what manrs_db_diff names: routes under a changed prefix, and routes whose path holds a changed customer.
 *
 * No callback, no thread. Changes wait in the rib until they are pulled; while too many wait, calls that would make more return
 * MANRS_EBUSY and have done a part. threads: one at a time uses a rib; snapshots are unref'd by it.
 */

#include <manrs/check.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct manrs_rib manrs_rib;

/* manrs_rib_config.report: which changes are told */
#define MANRS_RIB_CHANGED   1u /* a route that stays has another verdict */
#define MANRS_RIB_ANNOUNCED 2u /* a route that was not there */
#define MANRS_RIB_WITHDRAWN 4u /* a route that is gone: withdrawn, or its session is down */

/* Grows at its end: size is set by manrs_rib_config_init, bytes past what the library knows must be zero. */
typedef struct manrs_rib_config {
	size_t size;
	const manrs_alloc *alloc; /* NULL: the C library's */
	uint64_t max_bytes;       /* of all it takes; 0: no bound; init: 2 GiB */
	uint64_t max_routes;      /* init: 40000000 */
	uint32_t max_sessions;    /* at most 65535; init: 4096 */
	uint32_t report;          /* MANRS_RIB_* above; init: all */
	uint32_t max_changes;     /* that wait; init: 65536 */
	uint32_t zero;
	uint64_t hash_seed[2]; /* as manrs_db_config's */
} manrs_rib_config;
/* Set size, and every member to its default. returns: MANRS_OK; MANRS_EINVAL: no such size. */
MANRS_API int manrs_rib_config_init(manrs_rib_config *config, size_t size);

/* returns: MANRS_OK, MANRS_ENOMEM, MANRS_EINVAL. owns: freed with manrs_rib_free. config may be NULL. */
MANRS_API int manrs_rib_new(manrs_rib **rib, const manrs_rib_config *config);
MANRS_API void manrs_rib_free(manrs_rib *rib); /* NULL is allowed */

/* ---- sessions ---- */

/* Grows at its end: size is set by manrs_rib_session_init, bytes past what the library knows must be zero. */
typedef struct manrs_rib_session {
	size_t size;
	/* copied; what it points to is borrowed until another is set or the session removed */
	const manrs_policy *policy;
	uint32_t neighbour_asn; /* in the place of an announcement's */
	manrs_prefix neighbour_address;
	/* MANRS_ANNOUNCE_ANY_NEIGHBOUR, _INTERNAL, _EGRESS: of all its announcements */
	uint32_t flags;
	uint32_t zero;
} manrs_rib_session;
/* Set size, and every member to 0. returns: MANRS_OK; MANRS_EINVAL: no such size. */
MANRS_API int manrs_rib_session_init(manrs_rib_session *session, size_t size);

/* returns: its handle; MANRS_EINVAL (the session, its policy), MANRS_ELIMIT, MANRS_ENOMEM */
MANRS_API int manrs_rib_session_add(manrs_rib *rib, const manrs_rib_session *session);
/* Judge its routes by another policy, as manrs_rib_work comes to them. returns: MANRS_OK, MANRS_EINVAL, MANRS_ENOENT */
MANRS_API int manrs_rib_session_set_policy(manrs_rib *rib, uint32_t session,
					   const manrs_policy *policy);
/*
 * The session will send everything again: what it has is stale until it does so, and goes at manrs_rib_end_of_rib.
 * returns: MANRS_OK, MANRS_ENOENT; MANRS_EBUSY: four billion of these, and never without a route
 */
MANRS_API int manrs_rib_session_refresh(manrs_rib *rib, uint32_t session);
/* All its routes are gone: for readers now, as changes as manrs_rib_work comes to them. returns: as _refresh */
MANRS_API int manrs_rib_session_down(manrs_rib *rib, uint32_t session);
/* End of RIB (RFC 4724) of family 4 or 6: stale routes of it go, as for _down. returns: as _refresh; MANRS_EINVAL: the family */
MANRS_API int manrs_rib_end_of_rib(manrs_rib *rib, uint32_t session, int family);
/* Take it out, with its routes; its handle is used again once manrs_rib_work has come to all of them. returns: as _refresh */
MANRS_API int manrs_rib_session_remove(manrs_rib *rib, uint32_t session);

/* ---- routes ---- */

/*
 * Put routes in, in the place of those with the same prefix and path id, and judge them. What was stale, or gone and not yet
 * told so, is replaced too: that is one change, if the verdict differs.
 * in:      announcements[n]: their paths are copied; path_ids[n], NULL: all 0
 * out:     *done: so many of them are in the rib
 * returns: MANRS_OK; MANRS_EINVAL: some were malformed (in the rib and failing; those without a prefix that can be read are not
 *          in it, and count as done); MANRS_EBUSY: pull the changes and come again with the rest; MANRS_ELIMIT, MANRS_ENOMEM: no
 *          more routes fit; MANRS_ENOENT
 */
MANRS_API int manrs_rib_announce(manrs_rib *rib, uint32_t session,
				 const manrs_announcement *announcements, const uint32_t *path_ids,
				 size_t n, size_t *done);
/* Take routes out; those that are not there count as done. returns: MANRS_OK, MANRS_EINVAL, MANRS_EBUSY, MANRS_ENOENT */
MANRS_API int manrs_rib_withdraw(manrs_rib *rib, uint32_t session, const manrs_prefix *prefixes,
				 const uint32_t *path_ids, size_t n, size_t *done);

/* ---- staying true ---- */

/*
 * Judge by this snapshot from now on, of the same owner as the last; NULL: an empty one.
 * owns:    the rib holds a reference until all that it touches was looked at, and to the newest
 * returns: MANRS_OK
 * cost:    O(sessions); the work is manrs_rib_work's
 */
MANRS_API int manrs_rib_follow(manrs_rib *rib, const manrs_db *db);

/*
 * Do what is left to do. Snapshots, and sessions that are down or have another policy, have an equal share of the budget.
 * in:      budget: routes to look at, about; 0: all. An event loop gives some hundreds a turn
 * returns: 1: there is more to do; 0: every verdict is true; MANRS_EBUSY: pull the changes first; MANRS_ENOMEM: come again
 */
MANRS_API int manrs_rib_work(manrs_rib *rib, size_t budget);

/* What became of a route. A frozen record of 112 bytes. */
typedef struct manrs_rib_change {
	manrs_verdict before, after; /* all 0: there was none, there is none */
	manrs_prefix prefix;
	uint32_t session;
	uint32_t path_id;
	uint32_t kind;   /* MANRS_RIB_CHANGED, _ANNOUNCED or _WITHDRAWN */
	uint32_t origin; /* of manrs_path_origin; after a withdrawal that of before */
	/*
	 * enum manrs_test, manrs_code: the first test that fails now and did not, else that passes now and did not, else that
	 * differs; code 0: it is not asked any more. 0, 0 after a withdrawal
	 */
	uint32_t test, code;
	uint32_t zero[5];
} manrs_rib_change;

/*
 * Pull changes, in the order in which they came about. A route that changes and changes back between two pulls is told twice.
 * returns: how many were written; fewer than cap: no more wait
 */
MANRS_API size_t manrs_rib_changes(manrs_rib *rib, manrs_rib_change *changes, size_t cap);

/* ---- reading ---- */

/* A route with its verdict; the path's arrays are valid until the next call that changes the rib. */
typedef struct manrs_rib_route {
	manrs_announcement announcement;
	manrs_verdict verdict;
	uint32_t session;
	uint32_t path_id;
	uint32_t flags; /* MANRS_RIB_STALE: its session has not sent it again yet */
	uint32_t zero;
} manrs_rib_route;
#define MANRS_RIB_STALE 1u /* not sent again since manrs_rib_session_refresh */

/* manrs_rib_routes: which */
#define MANRS_RIB_EXACT 0u /* of this prefix */
#define MANRS_RIB_UNDER 1u /* and of all under it */

/*
 * List routes in manrs_prefix_cmp order, then by session and path id.
 * in:      prefix: NULL: all there are; which: MANRS_RIB_EXACT, _UNDER; cursor: all zero at the start; it outlives changes of the rib
 * returns: how many were written; fewer than cap: the end
 */
MANRS_API size_t manrs_rib_routes(const manrs_rib *rib, const manrs_prefix *prefix, uint32_t which,
				  manrs_cursor *cursor, manrs_rib_route *out, size_t cap);
/* One route. returns: MANRS_OK, MANRS_ENOENT */
MANRS_API int manrs_rib_route_get(const manrs_rib *rib, uint32_t session,
				  const manrs_prefix *prefix, uint32_t path_id,
				  manrs_rib_route *route);

/* What its routes are judged by, for manrs_explain. NULL: no such session; an empty snapshot. owns: borrowed */
MANRS_API const manrs_policy *manrs_rib_policy(const manrs_rib *rib, uint32_t session);
MANRS_API const manrs_db *manrs_rib_db(const manrs_rib *rib);

/* How much there is. Grows at its end; set size before the call. */
typedef struct manrs_rib_stats {
	size_t size;
	uint64_t sessions;     /* open */
	uint64_t routes;       /* with those that are on their way out */
	uint64_t prefixes;     /* that have a route */
	uint64_t paths;        /* each once; with another next hop or OTC it is another one */
	uint64_t bytes;        /* taken from the allocator */
	uint64_t judged, told; /* routes judged and changes told, since the start */
	uint64_t waiting;      /* changes to be pulled */
} manrs_rib_stats;
/* returns: MANRS_OK; MANRS_EINVAL: no such size */
MANRS_API int manrs_rib_stats_get(const manrs_rib *rib, manrs_rib_stats *stats);
/* Routes of one session. returns: MANRS_OK, MANRS_ENOENT. fail: those that fail a test */
MANRS_API int manrs_rib_session_routes(const manrs_rib *rib, uint32_t session, uint64_t *routes,
				       uint64_t *fail);

#ifdef __cplusplus
}
#endif

#endif
