/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_RTR_H
#define MANRS_RTR_H

/*
 * PROVISIONAL. The router's side of RPKI-to-Router: RFC 6810 (v0), RFC 8210 (v1), draft-ietf-sidrops-8210bis (v2). No socket,
 * no clock, no database:
 *
 *     host                                            engine, one a cache
 *       a connection stands, or has ended        ->     manrs_rtr_opened, _closed
 *       what was read                            ->     manrs_rtr_input
 *       manrs_rtr_deadline has come              ->     manrs_rtr_tick
 *       connect, close, nothing                 <-      manrs_rtr_want
 *       bytes to write; so many were            <-->    manrs_rtr_output, _sent
 *       a whole response, after its End of Data <-->    manrs_rtr_delta_get, _run, _done
 *
 * Nothing of a response is shown before its End of Data. What was applied stays through a lost connection, a response that
 * stalls, a Cache Reset, Error Reports 2, 4 and 12, a lower version and a lack of memory or of room, until a whole
 * replacement is there or it expires. A changed session flushes it and, in v2, any other fatal error (8210bis section 12);
 * but Error 0 in answer to a Serial Query, which some caches give for a session they do not know, only makes all be asked
 * for. The engine keeps no copy of what was applied, only how much there is: the host's edit is the set, and its counts are
 * errors 6 and 7.
 *
 * Whatever a cache does: a connection at most each three quarters of a second, slower with each failure up to Retry; 6
 * queries at once, then one a second; one Error Report a fault, which quotes bytes that were received, and none in answer
 * to one.
 *
 * now_ms: a clock that does not go back; a step back of it changes nothing and is passed over.
 * threads: one at a time uses an engine. cost: bounded by the bytes given; memory by the limits of the config and 64 KiB.
 */

#include <manrs/record.h>
#include <manrs/rtr_code.h>
#include <manrs/rtr_config.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct manrs_rtr manrs_rtr;

/* returns: MANRS_OK, MANRS_ENOMEM, MANRS_EINVAL (source, versions, timers). owns: freed with manrs_rtr_free. */
MANRS_API int manrs_rtr_new(manrs_rtr **rtr, const manrs_rtr_config *config);
MANRS_API void manrs_rtr_free(manrs_rtr *rtr); /* NULL is allowed */

/* ---- the connection ---- */

enum manrs_rtr_want {
	MANRS_RTR_WANT_NOTHING = 0, /* let it be as it is */
	MANRS_RTR_WANT_CONNECT = 1, /* open a connection, then _opened; failed: _closed */
	MANRS_RTR_WANT_CLOSE = 2,   /* write what _output has, close, then _closed */
};

/* What the host is to do about the connection now; asked after every other call. returns: enum manrs_rtr_want. */
MANRS_API int manrs_rtr_want(const manrs_rtr *rtr);
/* When to call _tick at the latest; UINT64_MAX: not at all. */
MANRS_API uint64_t manrs_rtr_deadline(const manrs_rtr *rtr);
/* Time has passed; calling too often does no harm. */
MANRS_API void manrs_rtr_tick(manrs_rtr *rtr, uint64_t now_ms);
MANRS_API void manrs_rtr_opened(manrs_rtr *rtr, uint64_t now_ms);
/*
 * A connection that ended before an answer in a version that we speak counts against the version that was tried: the next
 * one is lower, or in the version of an Error Report 4, and after the lowest the highest again. After an answer it is the
 * version of the data; but the highest when all is to be asked for, or an hour after it was last tried.
 */
MANRS_API void manrs_rtr_closed(manrs_rtr *rtr, uint64_t now_ms);

/*
 * Feed what was read, in any split. All of it is used, none kept by reference.
 * returns: MANRS_OK; MANRS_ESYNTAX, MANRS_ERANGE, MANRS_EINVAL, MANRS_ELIMIT, MANRS_EUNSUP: the cache is wrong, the Error
 *          Report is in _output (never one in answer to one) and _want says close; MANRS_ENOMEM the same, with error 1.
 *          fault->at = byte of this connection where the PDU starts
 * source:  RFC 8210 sections 5, 8, 12; 8210bis sections 5, 7, 12
 */
MANRS_API int manrs_rtr_input(manrs_rtr *rtr, const void *bytes, size_t n, uint64_t now_ms,
			      manrs_fault *fault);

/* What is to be written: n bytes at *bytes, valid until the next call but _want, _deadline. */
MANRS_API size_t manrs_rtr_output(const manrs_rtr *rtr, const uint8_t **bytes);
MANRS_API void manrs_rtr_sent(manrs_rtr *rtr, size_t n);

/* ---- responses ---- */

/* manrs_rtr_delta.flags */
#define MANRS_RTR_WHOLE 1u /* all that the cache has: what is not in it is gone */
#define MANRS_RTR_DROP  2u /* no runs: take the source out (manrs_edit_drop) */

typedef struct manrs_rtr_delta {
	uint32_t source;
	uint32_t flags;
	uint32_t serial;
	uint16_t session;
	uint8_t version;
	uint8_t zero;
	uint64_t added, removed; /* records in the runs */
} manrs_rtr_delta;

/*
 * Records of one kind and operation, one behind the other as they came; runs are fed in order, so that withdraw and announce
 * of one record in one response (which v0 and v1 allow) count rightly. A run is never empty. Of a WHOLE one all are ADDs.
 * The host finds what its edit counts as present (7) or unknown (6), but for ADDs of ASPAs: a list may replace an equal one,
 * and a customer that comes twice in one response is found here.
 */
typedef struct manrs_rtr_run {
	uint32_t op; /* enum manrs_op */
	uint32_t zero;
	size_t n;
	const manrs_route *vrps; /* one of the three is not NULL */
	const manrs_aspa *aspas;
	const manrs_router_key *keys;
} manrs_rtr_run;

/*
 * The response that waits, if any; the same one until _done. One that the guard holds is not given.
 * returns: 1 delta is set, 0 nothing waits
 */
MANRS_API int manrs_rtr_delta_get(const manrs_rtr *rtr, manrs_rtr_delta *delta);
/* Run `at` of it, from 0. returns: 1, 0: there is no such run. owns: valid until _done, whatever comes meanwhile. */
MANRS_API int manrs_rtr_delta_run(const manrs_rtr *rtr, size_t at, manrs_rtr_run *run);

/*
 * What became of it. MANRS_OK: committed; session and serial move on. MANRS_RTR_DUPLICATE or _WITHDRAWAL_OF_UNKNOWN: the
 * host threw it away because of record `record` of run `run`; the Error Report quotes that PDU, from the values received:
 * reserved bits and cleared host bits are 0 in it. Until this call nothing is asked for and nothing expires.
 * in:      code: MANRS_OK, or one of these two codes; records: how many the source has now, for the guard, or UINT64_MAX: what
 *          added and removed make of it, where an ASPA that replaces one counts as one more until the next WHOLE
 * returns: MANRS_OK; MANRS_ESTATE (nothing waits), MANRS_EINVAL
 */
MANRS_API int manrs_rtr_delta_done(manrs_rtr *rtr, int code, size_t run, size_t record,
				   uint64_t records, uint64_t now_ms);

/*
 * Let a held response through, or throw it away: then all is asked for again after Retry. It is held, and nothing else asked
 * for, also without a connection, until this call or until what it would change is flushed or expires: then it goes too, and
 * with nothing left to guard the next response is taken.
 * returns: MANRS_OK; MANRS_ESTATE: none is held
 */
MANRS_API int manrs_rtr_release(manrs_rtr *rtr, int accept, uint64_t now_ms);

/* The host asks for the data now, or after the response that is on its way or waits; whole = 1: with a Reset Query. */
MANRS_API void manrs_rtr_refresh(manrs_rtr *rtr, int whole, uint64_t now_ms);

/* ---- how it stands ---- */

/* manrs_rtr_status.flags */
#define MANRS_RTR_CONNECTED 1u /* there is a connection, and a query was sent on it */
#define MANRS_RTR_USABLE    2u /* a whole set was applied and has not expired */
#define MANRS_RTR_HELD      4u /* the guard holds a response */
#define MANRS_RTR_FROZEN    8u /* the serial stands still for frozen_s */

/* Grows at its end; set size before the call. */
typedef struct manrs_rtr_status {
	size_t size;
	uint32_t flags;
	uint32_t serial;
	uint16_t session;
	uint8_t version; /* negotiated; else the one that is tried next */
	int8_t code;     /* of the last fault, ours to report or the cache's report; -1: none */
	uint32_t refresh_s, retry_s, expire_s;
	uint64_t records; /* applied, as manrs_rtr_delta_done was told */
	uint64_t held_added, held_removed;
	uint64_t last_ms, expires_ms; /* last End of Data; when the data goes */
	uint64_t serial_ms;           /* when the serial last moved */
	uint64_t responses, errors, connects, bytes_in;
	char text[128]; /* what that fault was, made printable, closed with a NUL */
} manrs_rtr_status;
/* returns: MANRS_OK; MANRS_EINVAL when status->size is too small */
MANRS_API int manrs_rtr_status_get(const manrs_rtr *rtr, manrs_rtr_status *status);

#ifdef __cplusplus
}
#endif

#endif
