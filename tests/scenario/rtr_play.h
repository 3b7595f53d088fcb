/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_SCENARIO_RTR_PLAY_H
#define TESTS_SCENARIO_RTR_PLAY_H

/*
 * Plays a scenario on an engine of RTR, on simulated time. A scenario is lines; # begins a comment. What the engine does and no
 * line expects is a fault, so a scenario is the whole of a conversation. Both sides:
 *
 *     == NAME                     a scenario begins; `client` or `cache` is its first line: the side that is tested
 *     version 1                   of the PDUs below that do not say theirs
 *     set NAME NUMBER             of the engine's config, before anything else
 *     < PDU                       the engine reads it (rtr_words.h); lines one behind the other are read in one piece
 *     > PDU [within A..B s]       the engine writes it
 *     > error CODE [vN] [quoting N [M]]   an Error Report, which quotes the N-th PDU of those read last, or M octets of it
 *     wait 60 s, wait 5 ms        time passes, and nothing happens before its end
 *     memory below 100 kB         what the engine holds now, and has held
 *     NAME: LINE                  of several caches or routers, the one that the line is about
 *
 * The client (rtr_play_client.c), with its host, which keeps the set:
 *
 *     connect, refused [within A..B s]    it wants a connection; it stands, or there is none
 *     close; closed                       it wants to close, and we do; the cache has closed
 *     fault NAME [at N]                   what manrs_rtr_input returned last: syntax range value limit support memory, state
 *     apply whole|delta [serial N] [+N] [-N]   a response waits, and the host takes it in
 *     apply duplicate|unknown; apply drop  ... and finds that it cannot; the engine says that all goes
 *     pending                             a response waits, and the host leaves it there
 *     data RECORD; RECORD ... | none      what the host has
 *     release accept|refuse; refresh [whole]
 *     plan union|preference connect NAME... use NAME...   manrs_rtr_plan of all caches so far
 *     status [connected] [usable] [held] [frozen] [serial N] [version N] [session N] [code N] [expires N s] ...
 *
 * The cache (rtr_play_cache.c), of the sessions 10, 11 and 12 in versions 0, 1 and 2:
 *
 *     begin whole|change; + RECORD; - RECORD; refuses RECORD; publish new|same; abort; fresh
 *     open [limit|state]; closed          a router connects, or is refused; it has closed
 *     close [within A..B s]               the engine wants to close, and we do
 *     asleep                              this router does not read: what is written to it is no news
 *     shutdown 12
 *     status [serial N] [clients N] ...; fault NAME [at N]
 *
 * Run with the input in one piece, cut in two at any byte, byte by byte, and with allocations that fail.
 */

#include "rtr_words.h"

#include <manrs/manrs.h>
#include <manrs/rtr.h>
#include <manrs/rtrd.h>
#include <manrs/rtrd_status.h>

#define PEERS 6
#define READS 64 /* PDUs read in one piece */

/* A set of records: each as its announcement in version 2 (rtr_words_record). */
struct record {
	uint8_t *bytes;
	size_t n;
};
struct records {
	struct record *at;
	size_t n;
};
bool records_add(struct records *set, const uint8_t *bytes, size_t n);
bool records_remove(struct records *set, const uint8_t *bytes, size_t n);
/* Where the record, or the ASPA of its customer, stands; set->n: it is not there. */
size_t records_find(const struct records *set, const uint8_t *bytes, size_t n);
void records_copy(struct records *to, const struct records *from);
void records_free(struct records *set);
bool records_equal(const struct records *a, const struct records *b);

/* What is read in one piece. */
struct reads {
	uint8_t *bytes;
	size_t n, from[READS], to[READS], pdus;
};

struct peer {
	char name[16];
	struct reads reads;
	bool asleep; /* does not read what is written to it */
	/* the client's side */
	manrs_rtr_config config;
	manrs_rtr *rtr;
	bool open, pending, left; /* left: the plan does not want a connection */
	unsigned ends;            /* Ends of Data read since the last response was taken */
	int rc;
	manrs_fault fault;
	struct records set;
	/* the cache's side */
	manrs_rtrd_client *client;
	bool ready; /* had news before a call that was not on it */
};

/* How a scenario is played. */
struct how {
	bool bytewise;
	size_t cut; /* the piece that this byte of all that is read is in, is read in two; 0: none */
	size_t fail_at; /* this allocation and all after it fail; 0: none */
};

struct heap {
	size_t live, calls, fail_at, peak;
};

struct play {
	const struct side *side;
	struct how how;
	struct heap heap;
	manrs_alloc alloc;
	struct peer peers[PEERS];
	size_t n_peers, read; /* bytes read by the engine */
	unsigned version;
	uint64_t now_ms, begin_ms;
	bool soft; /* the fault may come from an allocation that failed */
	/* the cache's side */
	manrs_rtrd_config cache;
	manrs_rtrd *engine;
	struct records published, next;
	bool has_data, broken;
	char why[600];
};

/* What the two engines differ in. Those that return false have said why. */
struct side {
	bool (*set)(struct play *p, struct peer *peer, const char *name, uint64_t value);
	bool (*begin)(struct play *p, struct peer *peer); /* the engine, if it is not there yet */
	bool (*input)(struct play *p, struct peer *peer, const uint8_t *bytes, size_t n);
	size_t (*output)(struct play *p, struct peer *peer, const uint8_t **bytes);
	void (*sent)(struct play *p, struct peer *peer, size_t n);
	uint64_t (*deadline)(struct play *p);
	void (*tick)(struct play *p);
	/* What it wants of its host and no line has said yet; NULL: nothing. */
	const char *(*restless)(struct play *p, struct peer *peer);
	/* returns: 1 done, 0 no such line, -1 a fault */
	int (*line)(struct play *p, struct peer *peer, const char *words);
	/* An allocation has failed and the scenario is not what it was: whether the engine goes on when there is memory again. */
	bool (*starved)(struct play *p);
	void (*end)(struct play *p);
};

extern const struct side rtr_client_side, rtr_cache_side;

struct scenario {
	const char *file;
	char name[80];
	unsigned line; /* of its first */
	const char *text;
	size_t n;
};

/* returns: 0 all as it says; the number of the line that is not, with why[600] set */
unsigned rtr_play(const struct scenario *s, const struct how *how, char *why, size_t *read,
		  size_t *calls);

/* For the sides. */
bool play_fault(struct play *p, const char *form, ...) __attribute__((format(printf, 2, 3)));
/* A fault that a failed allocation can bring. */
bool play_miss(struct play *p, const char *form, ...) __attribute__((format(printf, 2, 3)));
/* Time passes up to `to`, or to where the engine wants something. */
bool play_until(struct play *p, uint64_t to, bool *restless);
/* "within A..B s" at the end of a line: waits for it. Nothing there: it is now. */
bool play_within(struct play *p, const char *words);
/* Whether it writes, or wants something; what, for a message. */
const char *play_restless(struct play *p, struct peer *peer);
/* Take n bytes of the output, fewer if there are fewer. */
size_t play_take(struct play *p, struct peer *peer, uint8_t *out, size_t n);

/* The next PDU that it writes, by the length in its head. returns: its bytes, fewer if there are fewer */
size_t play_take_pdu(struct play *p, struct peer *peer, uint8_t *out);
/* "fault NAME [at N]" */
bool play_fault_line(struct play *p, struct peer *peer, const char *words);

#endif
