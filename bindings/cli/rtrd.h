/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_RTRD_H
#define CLI_RTRD_H

/*
 * What the parts of `manrs rtrd` share. Two threads:
 *
 *     serving   the loop: listeners, routers, HTTP, signals; it alone uses the engine, and all of struct rtrd
 *     reading   feed: files, upstream caches, SLURM, the guard, the state file; it alone edits
 *
 * A finished set goes from the second to the first as a snapshot with its difference to the one before.
 */

#include "feed.h"
#include "listen.h"

typedef struct manrs_rtrd manrs_rtrd;

/* ---- configuration: the options, cmd_rtrd.c ---- */

struct rtrd_options {
	struct settings s;        /* --vrps, --aspas; s.load.expiry.max_age where .limited */
	struct feed_options feed; /* of which load is s.load */
	struct listen_options listen;
	const char *relay_to; /* --to, of --stdio */
	bool stdio;           /* relay, and nothing else of this */
	bool shutdown;        /* the end is code 13, routers flush */
	uint64_t notify_s, refresh_s, retry_s, expire_s;
	uint64_t max_clients;
};

/* ---- how it stands ---- */

enum rtrd_health {
	RTRD_STARTING, /* the first reading has not ended */
	RTRD_SERVING,
	RTRD_HELD,    /* serving, while a newer set takes away more than --guard */
	RTRD_OLD,     /* serving, while what was read last is not taken */
	RTRD_EXPIRED, /* queries get Error 2: the data is older than --max-age */
	RTRD_NO_DATA, /* queries get Error 2: there never was data */
};
const char *rtrd_health_text(enum rtrd_health health);

/* ---- the daemon ---- */

enum { RTRD_CODES = 14 }; /* 8210bis section 12: 0 to 13 */

struct rtrd {
	struct loop loop; /* the first member */
	const struct rtrd_options *options;
	manrs_rtrd *engine;
	struct feed feed;
	struct listening listening; /* who is connected is counted there */
	const manrs_db *db;         /* what is served, SLURM in it; NULL: nothing yet */
	uint64_t expires;           /* when that is too old, Unix seconds; 0: never */
	enum rtrd_health health;
	uint64_t started; /* Unix seconds */
	/* of these that were closed, by the code of the last Error Report either way */
	uint64_t errors[RTRD_CODES];
	uint16_t session[3];
	bool ending;
};

/* Whether what is served is not too old. */
bool rtrd_current(const struct rtrd *d);

/* ---- connections: rtrd_serve.c ---- */

/* A router, by any way: the socket is non-blocking and ours from now on. returns: false: closed, said why */
bool rtrd_accept(struct rtrd *d, int fd, const char *name, const struct wire *wire);

#endif
