/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_WIRE_RTRD_ENGINE_H
#define LIB_WIRE_RTRD_ENGINE_H

/*
 * A cache and its clients from inside.
 *
 *     rtrd ---- set                                    the newest
 *       |  |--- diff[] --- answer[version]             what each publish changed; the way from its serial to the newest
 *       |  `--- whole[version], same[version]          answers that clients share
 *       `--- lists of clients: all, hello, cooling, sending, ready
 *
 * A client that is sent something holds the answer, which holds the set. Publishing forgets the answers; those that slow
 * clients still hold are old from then on.
 *
 * Lists are in the order of time: each has one waiting time for all, so its head is the first to be due.
 *     hello      has not asked yet                    since opened_ms
 *     cooling    was sent a notify                    since notified_ms; hello and cooling share a place in the client
 *     sending    has output                           since moved_ms
 */

#include "wire/rtrd_set.h"
#include <manrs/rtrd_status.h>

struct rtrd_link {
	struct rtrd_link *prev, *next; /* of a ring through the list's head; NULL: in none */
};

/* What is sent: whole PDUs in pieces, of which the first and the last may be its own. */
struct rtrd_answer {
	uint32_t refs;
	uint32_t serial;
	bool ends; /* with End of Data: the router has this serial then */
	bool old;  /* nobody new will get it */
	bool shared;
	size_t bytes;   /* of it in memory */
	uint64_t total; /* to be written */
	struct rtrd_set *set;
	size_t n;
	manrs_slice piece[];
};

/* What a publish changed: the PDUs, flags telling which way, in the order of rtrd_record.h. */
struct rtrd_diff {
	uint8_t *bytes;
	size_t n;
	size_t from[RTRD_KINDS + 1]; /* where the kinds begin */
	size_t count;
	/* from the serial before it to the newest, NULL: nobody asked yet */
	struct rtrd_answer *answer[RTR_VERSION_MAX + 1];
};

struct manrs_rtrd {
	manrs_alloc mem;
	manrs_rtrd_config config;
	uint64_t now_ms;
	bool ended;
	/* data */
	bool begun, whole_begun;
	struct vec staged[RTRD_KINDS]; /* bytes: PDUs as they came, flags telling the operation */
	size_t n_staged[RTRD_KINDS];
	struct rtrd_set *set; /* NULL: none yet */
	uint32_t serial;
	struct vec diffs; /* struct rtrd_diff, oldest first; the last one leads to serial */
	struct rtrd_answer *whole[RTR_VERSION_MAX + 1], *same[RTR_VERSION_MAX + 1];
	struct rtrd_answer *reset[RTR_VERSION_MAX + 1];
	uint64_t bytes_forms;   /* of all sets */
	uint64_t bytes_diffs;   /* of diffs */
	uint64_t bytes_answers; /* of answers made of diffs that are not old */
	uint64_t bytes_old;     /* of old answers, without their sets */
	uint64_t bytes_clients;
	/* clients */
	struct rtrd_link all, hello, cooling, sending, ready;
	manrs_rtrd_status count; /* what is counted as it happens */
};

struct manrs_rtrd_client {
	manrs_rtrd *rtrd;
	void *user;
	struct rtrd_link all, wait, sending, ready;
	/* output: small first, then now from piece and off on */
	struct rtrd_answer *now;
	size_t piece, off;
	uint8_t small[12]; /* a Serial Notify */
	uint8_t small_n, small_at;
	/* input: a PDU that is not whole yet, in `in`, or in `big` when it is longer */
	uint8_t in[12];
	uint16_t in_n, want; /* want: 0: its head is not read yet */
	uint8_t *big;
	char *text; /* TEXT bytes: the router's last Error Report */
	/* session */
	bool negotiated, refused, closing, cool;
	bool has_serial, told_any;
	bool must_reset; /* was sent a Cache Reset: a notify would name a session that is not its own yet */
	uint8_t version;
	int8_t code;
	bool waits, waits_whole; /* a query that came during an answer */
	uint16_t waits_session;
	uint32_t waits_serial;
	uint32_t serial, told; /* End of Data; what it knows of: that, or a notify */
	const char *why;
	uint64_t opened_ms, query_ms, moved_ms, notified_ms, bytes_in, bytes_out;
};

#define RTRD_TEXT 128

/* ---- lists (rtrd.c) ---- */

void rtrd_link_add(struct rtrd_link *list, struct rtrd_link *link);
void rtrd_link_cut(struct rtrd_link *link);
/* The client whose link this is. */
#define RTRD_OF(at, member) \
	((manrs_rtrd_client *)(void *)((char *)(at)-offsetof(manrs_rtrd_client, member)))

/* It is told by manrs_rtrd_ready. */
void rtrd_ready(manrs_rtrd_client *client);

/* Times go on, never back. */
void rtrd_now(manrs_rtrd *rtrd, uint64_t now_ms);
/* Whether queries are answered from the set. */
bool rtrd_has_data(const manrs_rtrd *rtrd);

/* ---- answers (rtrd_answer.c): with a reference for the caller; NULL: refused ---- */

struct rtrd_answer *rtrd_answer_whole(manrs_rtrd *rtrd, unsigned version);
struct rtrd_answer *rtrd_answer_reset(manrs_rtrd *rtrd, unsigned version);
/* *reset: there is no difference from this serial on, or none that is worth it: Cache Reset. */
struct rtrd_answer *rtrd_answer_since(manrs_rtrd *rtrd, unsigned version, uint32_t serial,
				      bool *reset);
/* rest[n_rest] first, then an Error Report on pdu[n_pdu]. */
struct rtrd_answer *rtrd_answer_error(manrs_rtrd *rtrd, const uint8_t *rest, size_t n_rest,
				      unsigned version, int code, const uint8_t *pdu, size_t n_pdu,
				      const char *text);
void rtrd_answer_drop(manrs_rtrd *rtrd, struct rtrd_answer *answer);
/* All that would be given out belongs to a set that is not the newest any more. */
void rtrd_answers_forget(manrs_rtrd *rtrd);
void rtrd_diff_free(manrs_rtrd *rtrd, struct rtrd_diff *diff);

/* ---- clients (rtrd_client.c) ---- */

/* Nothing more is read; drop: nor written. */
void rtrd_client_end(manrs_rtrd_client *client, const char *why, bool drop);
/* A version 2 router is told the code, at the next PDU. */
void rtrd_client_shutdown(manrs_rtrd_client *client, int code);
/* Tell it of the newest serial, if it does not know and may be told now. returns: whether it has something to write */
bool rtrd_client_notify(manrs_rtrd_client *client);

#endif
