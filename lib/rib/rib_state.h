/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_RIB_RIB_STATE_H
#define LIB_RIB_RIB_STATE_H

/*
 * The rib inside, and what its files share.
 *
 *     rib.c          made and freed, statistics, its allocator that counts
 *     rib_session.c  sessions: which of their routes are stale or dead
 *     rib_route.c    routes come and go
 *     rib_tell.c     changes wait to be pulled
 *     rib_read.c     listings
 *     rib_judge.c    routes judged again
 *     rib_follow.c   what a new snapshot touches
 *     rib_sweep.c    laps over all routes
 *     rib_index.c    where routes are whose path holds an AS number
 *
 * What makes a verdict untrue marks what it touches before it returns, and manrs_rib_work takes marks away as it judges:
 *
 *     a new snapshot          a job (from, to): prefixes and customers that differ; in the queue until all are looked at
 *     a customer of a job     his places in the index, one after the other; without it, or if he is everywhere,
 *                             marks on the attributes whose ASPA states differ, for the next lap
 *     a policy, or a kind of data that was not there and is, or the other way round: the session, for the next lap
 *     a session that is down  its routes are dead by their generation: taken out by the next lap
 *
 * A lap goes over all routes once. What is marked while it runs is for the one after.
 *
 * Generations: a route has that of its session when it was announced. Older than its session's: stale. At most
 * dead[family]: dead, which readers do not see. They have 32 bits and never wrap: a session that would come to the end, after
 * four billion refreshes without once being empty, is told to work first.
 */

#include "rib/rib_attrs.h"
#include "rib/rib_index.h"
#include "rib/rib_tree.h"
#include "rib/rib_verdict.h"

#include <manrs/rib.h>

#define RIB_BATCH 128u
#define RIB_JOBS  32u
#define RIB_DIFF  8u /* differences asked for at once */

enum rib_session_state { RIB_SESSION_FREE, RIB_SESSION_OPEN, RIB_SESSION_REMOVED };

struct rib_count {
	uint64_t routes, fail;
};

struct rib_session {
	manrs_policy policy;
	manrs_prefix neighbour_address;
	uint32_t neighbour_asn;
	uint32_t flags;
	uint32_t state; /* enum rib_session_state */
	uint32_t handle;
	uint32_t generation; /* of what is announced now, from 1 */
	uint32_t dead[2];    /* by family: routes of this generation and before it are dead */
	uint64_t held;       /* records, dead ones too */
	uint64_t lap;        /* in which its routes are judged again; 0: never yet */
	struct rib_count fresh[2], stale[2]; /* by family; without the dead */
};

/* A change of the database that is being followed. */
struct rib_job {
	const manrs_db *from, *to;
};

struct rib_follow {
	struct rib_job job[RIB_JOBS]; /* a ring: the first is being worked on */
	unsigned first, n;
	/* of the first one */
	manrs_cursor cursor;
	manrs_change change[RIB_DIFF];
	unsigned at, got;
	bool last;       /* no change comes after these */
	bool listed;     /* all were looked at */
	uint64_t seen;   /* changes */
	bool inside;     /* a range is being looked at: from key to end */
	unsigned family; /* its index */
	struct rib_key key, end;
	manrs_prefix under; /* the last range of this job; family 0: none */
	/* uint32_t, descending: runs left to be looked at, of the routes that hold the customer */
	struct vec places;
	uint32_t customer;
	bool only;       /* the range is of these */
	uint64_t looked; /* records of such runs, in this job */
	/* uint32_t, ascending: those for which all paths are looked at */
	struct vec customers;
	uint64_t filter[64]; /* a bit a customer */
	uint32_t id;         /* attributes looked at so far */
};

struct rib_sweep {
	uint64_t lap; /* that runs, or ran last */
	bool on;
	bool again;        /* another one is wanted */
	bool next;         /* attributes are marked for it */
	bool marked;       /* attributes are marked for this one */
	bool indexing;     /* it builds the index */
	uint64_t sessions; /* of leaves that hold anything for this lap */
	unsigned family;
	struct rib_key key;
};

struct manrs_rib {
	manrs_alloc host, mem;
	uint64_t bytes, max_bytes;
	bool over; /* max_bytes, not the host, refused last */
	manrs_rib_config config;
	struct pool pool;
	struct rib_tree tree[2];
	struct rib_attrs_store attrs;
	struct rib_index index;
	struct rib_verdict_store verdicts;
	struct vec sessions; /* struct rib_session * */
	uint32_t open;
	manrs_db_owner *owner; /* of the empty snapshot */
	manrs_db *empty;
	const manrs_db *db;
	struct rib_follow follow;
	struct rib_sweep sweep;
	int64_t ahead; /* so much more of the budget jobs have had than the sweep, while both have work */
	/* changes: a ring */
	manrs_rib_change *change;
	uint32_t change_cap, change_first, change_n;
	uint64_t judged, told;
};

/* A route being looked at. */
struct rib_item {
	struct rib_rec *rec;
	struct rib_key key;
	struct rib_session *session;
	unsigned family; /* index: 0 IPv4, 1 IPv6 */
};

static inline uint64_t rib_n(const manrs_rib *rib)
{
	return rib->tree[0].n + rib->tree[1].n;
}

/* rib.c: MANRS_ENOMEM, or MANRS_ELIMIT where the bound of bytes refused. */
int rib_refused(manrs_rib *rib);
/* A route into the index of AS numbers, if there is one. */
void rib_index_route(manrs_rib *rib, unsigned family, const struct rib_key *key,
		     const manrs_path *path);

/* rib_session.c */
struct rib_session *rib_session_find(const manrs_rib *rib,
				     uint32_t handle); /* NULL: none is open */
/* A record of it has gone: the handle of a removed one is free with the last. */
void rib_session_let_go(struct rib_session *session);
/* Count a verdict of a live record in or out; n: 1 or -1. */
void rib_session_count(struct rib_session *session, unsigned family, const struct rib_rec *rec,
		       const manrs_verdict *verdict, int n);

static inline struct rib_session *rib_session_at(const manrs_rib *rib, uint32_t handle)
{
	return ((struct rib_session **)rib->sessions.at)[handle];
}

static inline bool rib_dead(const struct rib_session *session, unsigned family,
			    const struct rib_rec *rec)
{
	return session->state != RIB_SESSION_OPEN || rec->generation <= session->dead[family];
}

/* rib_tell.c */
bool rib_tell_init(manrs_rib *rib); /* false: refused */
/* How many changes have room now, at most want; 0: others must be pulled first. */
size_t rib_room(manrs_rib *rib, size_t want);
/* Tell what became of a route, if that is wanted; there is room. a: the route as it is, or was. */
void rib_tell(manrs_rib *rib, const struct rib_session *session, const manrs_announcement *a,
	      uint32_t path_id, const manrs_verdict *before, const manrs_verdict *after,
	      uint32_t kind);

/* rib_route.c: tell that a route is gone and take its record out; rib_tree_settle must follow */
void rib_route_out(manrs_rib *rib, struct rib_item *item, struct rib_pos *pos);

/* rib_read.c */
void rib_announcement(const manrs_rib *rib, const struct rib_item *item, manrs_announcement *a);

/* rib_judge.c */
/*
 * Judge routes by the newest snapshot and tell what changed. items[n]: n <= RIB_BATCH, in any order, none dead, and there is
 * room for as many changes; they are sorted by session. returns: MANRS_OK, MANRS_ENOMEM: some are as they were
 */
int rib_judge(manrs_rib *rib, struct rib_item *items, size_t n);

/* rib_follow.c: a slice of the first job; *left: what is left of the budget. returns: MANRS_OK, MANRS_EBUSY, MANRS_ENOMEM */
int rib_follow_step(manrs_rib *rib, size_t *left);
/* Let go of all jobs. */
void rib_follow_drop(manrs_rib *rib);

/* rib_sweep.c: a lap is wanted. returns: its number */
uint64_t rib_sweep_ask(manrs_rib *rib);
/* Judge all routes of all sessions again. */
void rib_sweep_all(manrs_rib *rib);
int rib_sweep_step(manrs_rib *rib, size_t *left);

static inline void rib_pay(size_t *left, size_t cost)
{
	*left -= cost < *left ? cost : *left;
}

#endif
