/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_RTR_FETCH_H
#define CLI_RTR_FETCH_H

/* Caches that are asked once, side by side, for what would else be read from files. */

#include "cli.h"
#include "rtr_session.h"

/* --timeout and so on. */
struct rtr_options {
	uint64_t timeout_s;                /* for all of them together; 0: RTR_TIMEOUT */
	uint64_t min_version, max_version; /* max: 1 + the version, 0: the highest that there is */
	const char *ca, *cert, *key, *connect;
};
#define RTR_TIMEOUT 30

struct rtr_fetch {
	const struct rtr_options *options;
	struct tls_context *tls;
	struct rtr_session *session[MANRS_SOURCES];
	uint64_t built[MANRS_SOURCES]; /* when its data was whole, Unix seconds */
	size_t n;
};

/* A session by the options, with the source's number. returns: NULL: said why */
struct rtr_session *rtr_open(struct rtr_fetch *f, const char *url, uint32_t source);
/*
 * names[n], of which those that are URLs get a session: wait until each has its first response, whole, which then waits in
 * its engine. returns: EXIT_DONE; EXIT_ERROR: one cannot be reached or is wrong, EXIT_STALE: the time is up; said why
 */
int rtr_fetch(struct rtr_fetch *f, const struct rtr_options *options, const char *const *names,
	      size_t n);
/* A response that an edit found wrong: it is said, and told to the cache. */
void rtr_fetch_wrong(struct rtr_session *session, const struct rtr_applied *wrong);
void rtr_fetch_end(struct rtr_fetch *f);

uint64_t rtr_timeout_ms(const struct rtr_options *options);
void rtr_complain_late(const struct rtr_session *session, const struct rtr_options *options);

#endif
