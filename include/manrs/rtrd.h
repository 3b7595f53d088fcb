/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_RTRD_H
#define MANRS_RTRD_H

/*
 * PROVISIONAL. The cache's side of RPKI-to-Router, versions 0 to 2, for thousands of routers: no socket, no clock.
 *
 *     rtrd ------- one a cache: the newest set, encoded once for each version in use, and the differences of earlier serials
 *       client --- one a connection: a place in shared blocks; some 250 bytes, and nothing else while it is idle
 *
 *     data         manrs_rtrd_begin -> _vrps, _aspas, _keys -> _publish      (all there is, or what changes)
 *     connection   manrs_rtrd_open -> manrs_rtrd_client_input; _output -> writev -> _sent; -> _free
 *     turn         manrs_rtrd_deadline -> _tick; manrs_rtrd_ready: clients with news that no call was made on
 *
 * A router is told of a record once: the differences between its serial and ours are united before they are sent. The order
 * is 8210bis section 11.2's in every version: types ascending; of a type announcements before withdrawals; prefixes
 * descending in announcements and ascending in withdrawals. Router keys go to version 1 and 2, ASPAs to version 2 alone.
 *
 * now_ms: a clock that does not go back; a step back of it is passed over. threads: one at a time uses an rtrd with all
 * its clients.
 */

#include <manrs/record.h>
#include <manrs/rtr_code.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct manrs_rtrd manrs_rtrd;
typedef struct manrs_rtrd_client manrs_rtrd_client;

/* Grows at its end: size is set by manrs_rtrd_config_init, bytes past what the library knows must be zero. */
typedef struct manrs_rtrd_config {
	size_t size;
	const manrs_alloc *alloc;
	/*
	 * Of versions 0, 1, 2: each its own, and none that an earlier run of this cache may have had with other data (RFC
	 * 8210 section 5.1): random numbers, or numbers kept on disk. Never the time of day, of which 16 bits soon come
	 * again. They stay 0 in init, which is refused: those of the versions in use must differ.
	 */
	uint16_t session[3];
	uint8_t min_version, max_version; /* init: 0 and 2 */
	/* of the first set; init: 1. With the sessions of an earlier run, and its set published first, routers go on */
	uint32_t serial;
	/* in End of Data; init: 3600, 600, 7200 */
	uint32_t refresh_s, retry_s, expire_s;
	/* least time between Serial Notifies to one router; init: 60000 (8210bis section 8.2) */
	uint32_t notify_ms;
	/* without _publish or _fresh for so long: No Data Available; 0, init: never */
	uint32_t stale_s;
	uint32_t max_clients; /* init: 10000 */
	/* earlier serials that are answered with a difference; init: 128 */
	uint32_t max_deltas;
	/* a connection without a query is closed; 0: never; init: 30 */
	uint32_t hello_s;
	/* output that does not move is closed; 0: never; init: 300 */
	uint32_t stall_s;
	/* of the differences, and as much again of the answers made of them; init: 64 MiB */
	uint64_t max_delta_bytes;
	uint64_t max_old_bytes; /* of blocks that only slow routers hold; init: 256 MiB */
} manrs_rtrd_config;

/* Set size, and every member to its default. returns: MANRS_OK, MANRS_EINVAL (size) */
MANRS_API int manrs_rtrd_config_init(manrs_rtrd_config *config, size_t size);

/* returns: MANRS_OK, MANRS_ENOMEM, MANRS_EINVAL (sessions, versions, timers). owns: freed with manrs_rtrd_free. */
MANRS_API int manrs_rtrd_new(manrs_rtrd **rtrd, const manrs_rtrd_config *config);
/* returns: MANRS_OK; MANRS_EBUSY while clients are open. NULL is allowed. */
MANRS_API int manrs_rtrd_free(manrs_rtrd *rtrd);

/* ---- the data ---- */

/*
 * Begin a new set. whole = 1: what is fed is all there is; 0: what is fed changes the newest set.
 * returns: MANRS_OK; MANRS_ESTATE: one is begun
 */
MANRS_API int manrs_rtrd_begin(manrs_rtrd *rtrd, int whole);
/*
 * Add or remove records (op: enum manrs_op), in any order; of several calls on one record the last counts. An ADD of an
 * ASPA replaces the customer's list, a REMOVE needs the customer alone.
 * out:     counts (NULL: not wanted): added, removed = taken for it; refused = break their contract (host bits, maxlen,
 *          more than 16,380 providers), or could not be sent, and were skipped; fault: the first of those, at its index
 * returns: MANRS_OK, also when records were refused; MANRS_ENOMEM, MANRS_EINVAL (op), MANRS_ESTATE: nothing was taken
 */
MANRS_API int manrs_rtrd_vrps(manrs_rtrd *rtrd, int op, const manrs_route *vrps, size_t n,
			      manrs_counts *counts, manrs_fault *fault);
MANRS_API int manrs_rtrd_aspas(manrs_rtrd *rtrd, int op, const manrs_aspa *aspas, size_t n,
			       manrs_counts *counts, manrs_fault *fault);
MANRS_API int manrs_rtrd_keys(manrs_rtrd *rtrd, int op, const manrs_router_key *keys, size_t n,
			      manrs_counts *counts, manrs_fault *fault);
/*
 * Publish it. Routers that wait for nothing are notified, each at most once in notify_ms: the rest when that time has come.
 * One that was sent a Cache Reset is not until it asks again: its session is not ours yet.
 * returns: 1: there is a new serial; 0: nothing changed, so there is none; MANRS_ENOMEM: it stays begun; MANRS_ESTATE
 * cost:    whole: sorting what was fed and one pass over the set; else in proportion to the change. Of the blocks of a set
 *          (48 KiB) only those are made again in which something changed
 */
MANRS_API int manrs_rtrd_publish(manrs_rtrd *rtrd, uint64_t now_ms);
MANRS_API void manrs_rtrd_discard(manrs_rtrd *rtrd); /* what was begun, if anything */
/*
 * The data was looked at and is still right: stale_s starts over. Routers that were answered No Data Available, because it
 * had run out, are notified; so they are by a _publish that changes nothing. Without a set it does nothing.
 */
MANRS_API void manrs_rtrd_fresh(manrs_rtrd *rtrd, uint64_t now_ms);

/* ---- the network ---- */

/*
 * A router has connected. user comes back from manrs_rtrd_client_user.
 * returns: MANRS_OK, MANRS_ENOMEM; MANRS_ELIMIT: max_clients; MANRS_ESTATE: after _shutdown
 * owns:    the caller closes it with manrs_rtrd_client_free, whatever becomes of it
 */
MANRS_API int manrs_rtrd_open(manrs_rtrd *rtrd, manrs_rtrd_client **client, void *user,
			      uint64_t now_ms);
MANRS_API void *manrs_rtrd_client_user(const manrs_rtrd_client *client);
MANRS_API void manrs_rtrd_client_free(manrs_rtrd_client *client); /* NULL is allowed */

/*
 * Feed what was read, in any split. A query during a response waits for its end; a second that waits is error 3.
 * Answers: another session: Cache Reset; no data, or stale: error 2, not fatal; an unknown or future serial: Cache Reset; a
 * version above ours: error 4 in our highest, and one query more may come; below our lowest: error 4, and closed; another version later:
 * error 8 (version 0: closed); a known type that routers do not send: error 3; unknown types: error 5; a wrong length:
 * error 0. An Error Report is never answered: the connection is closed.
 * returns: MANRS_OK; MANRS_ESYNTAX, MANRS_EINVAL, MANRS_EUNSUP: the router was wrong; MANRS_ENOMEM. Below zero the client
 *          is closing. fault->at = byte of this connection where the PDU starts
 * source:  RFC 8210 sections 5, 7, 8, 12; 8210bis sections 5, 7, 8, 12
 */
MANRS_API int manrs_rtrd_client_input(manrs_rtrd_client *client, const void *bytes, size_t n,
				      uint64_t now_ms, manrs_fault *fault);

/* Bytes that are the engine's. */
typedef struct manrs_slice {
	const void *bytes;
	size_t n;
} manrs_slice;

/*
 * What is to be written, in order: the first slices of it.
 * returns: how many of slices[cap] were set. owns: valid until the next call on the rtrd or one of its clients
 */
MANRS_API size_t manrs_rtrd_client_output(const manrs_rtrd_client *client, manrs_slice *slices,
					  size_t cap);
/* n bytes of it were written. A query that waited may be answered by it: ask for output again. */
MANRS_API void manrs_rtrd_client_sent(manrs_rtrd_client *client, size_t n, uint64_t now_ms);
/* returns: 1: nothing more is read of it, close it once nothing is left to write; 0 */
MANRS_API int manrs_rtrd_client_closing(const manrs_rtrd_client *client);

/* When to call _tick at the latest; UINT64_MAX: not at all. Notifies and time-outs of all clients are in it. */
MANRS_API uint64_t manrs_rtrd_deadline(const manrs_rtrd *rtrd);
MANRS_API void manrs_rtrd_tick(manrs_rtrd *rtrd, uint64_t now_ms);

/*
 * Clients that got something to write, or are to be closed, by a call that was not on them; each once.
 * returns: how many of clients[cap] were set; fewer than cap: that was all
 */
MANRS_API size_t manrs_rtrd_ready(manrs_rtrd *rtrd, manrs_rtrd_client **clients, size_t cap);

/*
 * The cache is about to end: error 12 (routers keep the data until it expires) or 13 (they flush it) to version 2 routers,
 * and all are closing. A response that is being sent ends at the next PDU.
 * in:      code: MANRS_RTR_CACHE_RESTART, MANRS_RTR_CACHE_SHUTDOWN
 * returns: MANRS_OK, MANRS_EINVAL (code)
 * source:  8210bis sections 8.5, 8.6
 */
MANRS_API int manrs_rtrd_shutdown(manrs_rtrd *rtrd, int code, uint64_t now_ms);

#ifdef __cplusplus
}
#endif

#endif
