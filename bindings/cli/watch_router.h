/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_WATCH_ROUTER_H
#define CLI_WATCH_ROUTER_H

/* A router that speaks BMP to a watch: its connection, and what of its messages cannot be used (watch_bad.c). */

#include "watch.h"

#include <manrs/bmp.h>

struct router {
	struct loop_watch watch; /* the first member */
	struct watch *w;
	struct router *next, **at;
	manrs_bmp *bmp;
	char peer[PEER_TEXT];
	char name[64]; /* its sysName, else its address */
	manrs_prefix address;
	uint8_t *bytes;
	size_t n, cap;
	size_t need;       /* bytes of the message at hand, as far as known */
	uint64_t begun_ms; /* when it began */
	uint64_t bad, mirrored;
	bool paused; /* not read from, for rows wait */
	/* by handle of the peer and view */
	struct watch_session **session;
	size_t n_sessions;
	uint8_t *kind; /* of the path at hand, where its own AS was taken off it */
	bool own_as;   /* it was, and was said */
};

/* A peer of it, as it is said. */
const char *router_peer_name(const struct router *r, uint32_t peer, char text[SESSION_TEXT]);

/* A message that cannot be read. */
void router_bad(struct router *r, const manrs_bmp_event *event);
/* An UPDATE that would have ended the session: its routes are lost. */
void router_lost_update(struct router *r, const manrs_bmp_event *event);
/* A mirrored message: its routes come by Route Monitoring; what is malformed does so only here. */
void router_mirrored(struct router *r, const manrs_bmp_event *event);
/* How many there were, where not all were said. */
void router_bad_all(const struct router *r);

#endif
