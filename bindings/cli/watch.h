/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_WATCH_H
#define CLI_WATCH_H

/*
 * What the parts of `manrs watch` share. The loop's thread has the RIB and all of struct watch; beside it run the reading
 * threads of feed.h, which makes snapshots, and of watch_input.c, which waits for files and stdin.
 *
 *     routers (watch_bmp)  ---+
 *     files, stdin (_input) --+--> sessions (watch_session) --> RIB --> changes --> rows (watch_rows) --> stdout
 *     feed --------------------------------------------------->
 *
 * Nothing is read from routers or files while rows wait that nobody takes: what they send waits in the kernel.
 */

#include "feed.h"
#include "http.h"
#include "listen.h"
#include "rows.h"
#include "verdict_names.h"
#include "watch_policy.h"

#include <manrs/bgp.h>
#include <manrs/rib.h>

/* ---- configuration: the options, cmd_watch.c ---- */

enum watch_show { SHOW_FAILING, SHOW_CHANGES, SHOW_ALL };

struct watch_options {
	struct session session; /* the first member: settings, --vrps, --role and so on */
	struct feed_options feed;
	struct listen_options listen;
	struct words inputs;
	const char *sessions; /* NULL: none */
	struct wanted fail_on;
	uint32_t views; /* WATCH_VIEW bits; 0: the best that there is of each peer */
	int show;       /* enum watch_show */
	bool state;     /* of all routes, at the end */
	bool explain;
	uint64_t max_routes, max_mib, max_routers, hold_s, message_s;
};

/* ---- sessions: watch_session.c ---- */

enum watch_view { VIEW_PRE, VIEW_POST, VIEW_OUT, VIEW_OUT_POST, VIEW_LOC, VIEWS };
extern const char *const watch_view_names[VIEWS]; /* "pre", ... */

struct watch_session {
	int rib; /* its handle; -1: it has no policy, and its routes are not judged */
	struct watch_policy *policy;
	char router[64]; /* "": not said */
	manrs_prefix address;
	uint32_t asn;
	enum watch_view view; /* VIEWS: it is of lines or of an archive */
	uint32_t flags;       /* of all its announcements */
	uint32_t malformed; /* MANRS_ANNOUNCE_MALFORMED, where none can have come over it; else 0 */
	/* of routers, to know it again: */
	manrs_prefix station;
	uint64_t distinguisher;
	uint32_t type;
	uint64_t until_ms; /* its router has gone: its routes stay so long; 0: it is there */
	bool up, stale;    /* stale: a router that came again has not sent all of it yet... */
	uint64_t stale_ms; /* ...for which it has time until then */
	uint64_t unjudged;
	unsigned holders;                 /* the list of all, and handles of the RIB that name it */
	struct watch_session *next, **at; /* of all */
	struct watch_session *chain;      /* of the table of peers of lines */
};

struct watch;

#define SESSION_TEXT 200
/* "r1 192.0.2.1 AS64500" */
const char *session_text(char text[SESSION_TEXT], const struct watch_session *s);
#define LOST_TEXT 160
/* "session-reset: attribute 14: MP_REACH cannot be read": why the routes of an UPDATE cannot be used */
const char *lost_text(char text[LOST_TEXT], const manrs_bgp_update *update);
/* An address without a length; "-": none */
const char *watch_address(char text[MANRS_PREFIX_TEXT], const manrs_prefix *address);

/* A session as filled by the caller, but for rib and policy. returns: ours; NULL: too many, said */
struct watch_session *session_new(struct watch *w, const struct watch_session *like);
/* That of a peer of lines and archives, made where it is new. */
struct watch_session *session_of_peer(struct watch *w, const manrs_prefix *address, uint32_t asn);
/* All its routes are gone; and it, too. */
void session_down(struct watch *w, struct watch_session *s);
void session_remove(struct watch *w, struct watch_session *s);
void session_refresh(struct watch *w, struct watch_session *s);
void session_end_of_rib(struct watch *w, struct watch_session *s, int family);
/* Routes of a session, all of them, whatever waits. */
void session_announce(struct watch *w, struct watch_session *s, manrs_announcement *a,
		      const uint32_t *path_ids, size_t n);
void session_withdraw(struct watch *w, struct watch_session *s, const manrs_prefix *prefixes,
		      const uint32_t *path_ids, size_t n);
/* SIGHUP: the file of policies again. */
void sessions_reread(struct watch *w);
/* A snapshot, NULL: none that may be used. */
void sessions_follow(struct watch *w, const manrs_db *db);
void sessions_close(struct watch *w);

/* ---- rows: watch_rows.c ---- */

struct watch_counts {
	uint64_t changes[3];             /* changed, announced, withdrawn */
	uint64_t routes[MANRS_TESTS][3]; /* now: pass, fail, unknown */
};

/* Changes that wait become rows; all: however many rows wait already. returns: whether more may wait */
bool rows_changes(struct watch *w, bool all);
/* Whether more rows wait than shall: nothing more is to be read. */
bool rows_wait(const struct watch *w);
/* What stdout takes now goes there. returns: whether there is more; failed: w->rows.out.failed */
bool rows_write(struct watch *w);
/* A route with its verdict as a row. */
void rows_route(struct watch *w, struct rows *r, const manrs_rib_route *route);
/* Some of the standing routes, if no more rows wait than shall. returns: whether there are more */
bool rows_state(struct watch *w, manrs_cursor *cursor);

/* ---- routers: watch_bmp.c ---- */

struct router;
bool bmp_take(struct listening *l, int fd, const char *name, const struct wire *wire);
/* Those that were not read from for the rows that wait are read on. */
void bmp_go_on(struct watch *w);
/* Once a second: who has been away for too long, or left half a message. */
void bmp_turn(struct watch *w, uint64_t now_ms);
/* The router of a session that was not judged, and now is, shall send it again. */
void bmp_again(struct watch *w, const struct watch_session *s);
void bmp_close(struct watch *w);

/* ---- files and stdin: watch_input.c ---- */

struct watch_input;
/* returns: false: said why */
bool input_start(struct watch *w);
/* Some of what was read. returns: whether there is more now */
bool input_go_on(struct watch *w);
bool input_ended(const struct watch *w); /* all of it is in the RIB */
/* Changes so far are of the time before; those to come are of this, 0: now. */
void input_time(struct watch *w, uint64_t time_us);
/* returns: false: its thread still waits for others, and cannot be ended but with the process */
bool input_close_all(struct watch *w);

/* ---- pages: watch_pages.c ---- */

http_answer watch_answer; /* arg: struct watch */
/* "watching", or what keeps it from judging all that it is sent by current data */
const char *watch_health(const struct watch *w);

/* ---- the whole ---- */

#define PEERS_BITS 12 /* of the table of peers of lines */

struct watch {
	struct loop loop; /* the first member */
	struct watch_options *options;
	struct feed feed;
	struct listening listening;
	struct watch_policies *policies;
	const manrs_db *db; /* what is judged by; NULL: none yet */
	uint64_t expires;   /* when that is too old, Unix seconds; 0: never */
	bool followed;      /* there was a set */
	bool expired;
	manrs_rib *rib;
	bool working;     /* manrs_rib_work has more to do... */
	uint64_t rest_ms; /* ...but not before this time */
	struct watch_session *sessions;
	struct watch_session **by_rib; /* [n_by_rib] */
	size_t n_by_rib;
	struct watch_session *peers[1 << PEERS_BITS];
	struct rows rows;
	size_t written; /* of rows.out.buf */
	struct watch_counts counts;
	uint64_t time_us;          /* of the input at hand; 0: now */
	struct watch_input *input; /* NULL: none */
	struct router *routers;
	uint64_t n_routers;
	uint64_t messages, bad_messages, bytes; /* of routers */
	uint64_t mirrored;                      /* malformed messages that routers mirrored */
	uint64_t lines, bad; /* of inputs; bad ones, and what could not be judged */
	uint64_t full;       /* routes that did not fit */
	bool findings;       /* one of --fail-on */
	uint64_t lag_ms;     /* from a snapshot to the last verdict by it */
	uint64_t followed_ms;
	uint64_t started; /* Unix seconds */
};

/* "now" or the time of the input, Unix microseconds */
uint64_t watch_time_us(const struct watch *w);

#endif
