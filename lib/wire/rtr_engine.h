/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_WIRE_RTR_ENGINE_H
#define LIB_WIRE_RTR_ENGINE_H

/*
 * The inside of the router's side of RTR: what rtr.c (the host's calls), rtr_talk.c (the cache's bytes),
 * rtr_ask.c (what is written) and rtr_plan.c share.
 *
 *     IDLE ----time----> WANTED --opened--> ASKED --Cache Response--> FILLING --End of Data--> SYNCED
 *       ^                                    ^ |  \                                              |
 *       |                                    | |   `--Cache Reset: ask for all                    |
 *       |                                    `-+------ Serial Notify, refresh: when it may -------'
 *       `------- closed <--- CLOSING <--- an error, ours or the cache's
 *
 * What holds:
 *   - A response is the host's to take only after its End of Data; until then it can be thrown away without a trace.
 *   - session and serial are those of what the host has committed, under data_version; they move in delta_done alone.
 *   - Nothing is asked while a response waits for the host, so there is one response at most, and while one waits that is not
 *     held its records stay where they are.
 *   - All that is written fits into out: what the cache does is answered with one query a second, and one Error Report.
 */

#include "wire/rtr_response.h"

enum rtr_state {
	RTR_IDLE,
	RTR_WANTED,
	RTR_ASKED,
	RTR_FILLING,
	RTR_SYNCED,
	RTR_CLOSING,
	RTR_STATES
};

#define RTR_QUOTE      512  /* bytes of a PDU that an Error Report quotes */
#define RTR_OUT        1024 /* bytes: an Error Report, and queries that a host does not write */
#define RTR_NO_VERSION 255

struct manrs_rtr {
	manrs_alloc mem;
	manrs_rtr_config config;
	enum rtr_state state;
	/* this connection */
	uint8_t version;      /* what we speak, or try */
	uint8_t next_version; /* what the cache told for the next connection, or RTR_NO_VERSION */
	bool negotiated;      /* an answer settled the version */
	bool whole;           /* everything was asked for */
	bool again;           /* ask when this is done */
	bool all;             /* ... for everything: the host wants it */
	bool here;            /* the response that waits came on it */
	struct vec in;        /* bytes of a PDU that is not whole yet */
	uint64_t stream;      /* bytes of this connection before in[0] */
	uint8_t out[RTR_OUT]; /* to be written: from sent to n_out */
	size_t sent, n_out;
	/* what the host has */
	bool usable, has_session;
	uint8_t data_version, try_version;
	uint16_t session;
	uint32_t serial;
	uint64_t records;
	/* of the response: session and version */
	uint16_t answer;
	uint8_t answer_version;
	/*
	 * What waits for the host, held by the guard or not; drop: that all goes, behind: and then a response; flush_next: all
	 * goes after the response
	 */
	bool waits, held, drop, behind, flush_next;
	struct rtr_response response;
	struct rtr_end end;
	/* time */
	uint64_t now_ms;
	uint64_t next_ms;  /* IDLE: connect; SYNCED: ask */
	uint64_t stall_ms; /* ASKED, FILLING: the bytes stand still */
	uint64_t limit_ms; /* ... and the response as a whole */
	uint64_t paid_ms;  /* up to when queries have used the budget up */
	uint64_t end_ms, last_ms, expires_ms, serial_ms;
	uint64_t bare_ms; /* since when there is no data */
	uint64_t top_ms;  /* when max_version was last tried */
	uint32_t refresh_s, retry_s, expire_s;
	unsigned failures; /* connections since the last response */
	uint64_t responses, errors, connects, bytes_in;
	int code;
	char text[128];
};

/* Time goes on; a step back is passed over. */
void rtr_now(manrs_rtr *r, uint64_t now_ms);
uint64_t rtr_after_s(const manrs_rtr *r, uint64_t s);

/* Ask now, or as soon as the budget of queries lets: for what changed if that can be, whole: for everything. */
void rtr_ask(manrs_rtr *r, bool whole);

/* What the host has of this cache goes: in its next delta. */
void rtr_flush(manrs_rtr *r);

/* The connection is at its end: no more is read, what is in out may still be written. */
void rtr_end(manrs_rtr *r);

/* What the host is told of the last fault. */
void rtr_note(manrs_rtr *r, int code, const void *text, size_t n);

/* A fault is known, and what it flushes goes. version: of the session it was found in. */
void rtr_fault(manrs_rtr *r, unsigned version, int code, const char *why);

/*
 * A fault of the cache, or ours (MANRS_RTR_INTERNAL): an Error Report that quotes pdu[n], if the version has the
 * code, and the connection's end. returns: the enum manrs_error
 */
int rtr_fatal(manrs_rtr *r, int code, const uint8_t *pdu, size_t n, const char *why,
	      manrs_fault *fault);

/* The response is the host's: what is applied moves on. */
void rtr_applied(manrs_rtr *r, uint64_t records);

#endif
