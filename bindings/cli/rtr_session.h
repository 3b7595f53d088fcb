/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_RTR_SESSION_H
#define CLI_RTR_SESSION_H

/*
 * A cache and the connection to it: the engine of manrs/rtr.h with a socket, TLS, or a helper command in place of both. A
 * poll loop holds as many as it likes, nothing waits or ends the process:
 *
 *     fd = rtr_session_fd(s, &events), until rtr_session_deadline(s)   ->  poll
 *     rtr_session_turn(s, revents, loop_clock())
 *     manrs_rtr_delta_get(rtr_session_engine(s), ...) ... manrs_rtr_delta_done
 *
 * threads: one at a time uses a session. A name is looked up by a thread of its own, which ends by itself.
 */

#include "rtr_url.h"
#include "tls.h"

#include <manrs/db.h>
#include <manrs/load.h>
#include <manrs/rtr.h>

struct rtr_session;

struct rtr_session_config {
	struct rtr_url url;
	struct tls_context *tls; /* of a client; for rtrs:// */
	/* A command for `sh -c` whose stdin and stdout are the connection: %h, %p and %% in it are host, port and %. NULL: none */
	const char *connect;
	const manrs_rtr_config *engine; /* NULL: the defaults */
	/* What happened that somebody may want to read: one line, without the URL. */
	void (*say)(void *arg, const char *what);
	void *arg;
};

/* returns: MANRS_OK; MANRS_ENOMEM, MANRS_EINVAL as manrs_rtr_new. owns: freed with rtr_session_free; config is copied. */
int rtr_session_new(struct rtr_session **session, const struct rtr_session_config *config);
/* NULL is allowed. Closes, and ends and reaps a helper: that may take up to a second. */
void rtr_session_free(struct rtr_session *s);
manrs_rtr *rtr_session_engine(const struct rtr_session *s);
const struct rtr_url *rtr_session_url(const struct rtr_session *s);

/* What to poll for. returns: -1: nothing, time alone goes on */
int rtr_session_fd(const struct rtr_session *s, short *events);
uint64_t rtr_session_deadline(const struct rtr_session *s); /* UINT64_MAX: none */
void rtr_session_turn(struct rtr_session *s, short revents, uint64_t now_ms);
/* How often it came to no connection (no name, refused, no TLS, a helper that failed), and how often the cache was wrong. */
unsigned rtr_session_refused(const struct rtr_session *s);
unsigned rtr_session_wrong(const struct rtr_session *s);

/*
 * The runs of the response that waits, into an edit; a whole one replaces what the source had. What the cache may not do is
 * wrong in it: then the edit is to be aborted, and manrs_rtr_delta_done told of code, run and record.
 * in:      kinds: enum manrs_load_list, of which records count; fresh: the source was never fed, there is nothing to replace
 * returns: MANRS_OK: commit, or abort when *code is not MANRS_OK; MANRS_ENOMEM, MANRS_ELIMIT and so on: abort
 */
struct rtr_applied {
	int code; /* MANRS_OK, MANRS_RTR_DUPLICATE, MANRS_RTR_WITHDRAWAL_OF_UNKNOWN */
	size_t run, record;
	uint64_t refused; /* records that the database does not take */
};
int rtr_apply(manrs_edit *edit, const manrs_rtr *engine, const manrs_rtr_delta *delta,
	      uint32_t kinds, bool fresh, struct rtr_applied *applied);

#endif
