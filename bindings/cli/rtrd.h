/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_RTRD_H
#define CLI_RTRD_H

/*
 * What the parts of `manrs rtrd` share. Two threads:
 *
 *     serving   the loop: listeners, routers, HTTP, signals; it alone uses the engine, and all of struct rtrd
 *     reading   rtrd_data: files, upstream caches, SLURM, the guard, the state file; it alone edits
 *
 * A finished set goes from the second to the first as a snapshot with its difference to the one before.
 */

#include "loop.h"
#include "options.h"

#include <sys/socket.h>
#include <sys/uio.h>

typedef struct manrs_rtrd manrs_rtrd;

/* ---- configuration: the options, cmd_rtrd.c ---- */

struct rtrd_options {
	struct settings s; /* --vrps, --aspas; s.load.expiry.max_age where .limited */
	struct words slurm;
	struct words listen, tls_listen, allow, md5;
	const char *tls_cert, *tls_key, *tls_ca;
	const char *http, *state;
	const char *relay_to; /* --to, of --stdio */
	bool stdio;           /* relay, and nothing else of this */
	bool shutdown;        /* the end is code 13, routers flush */
	uint64_t guard;       /* percent; 100: none */
	uint64_t guard_least; /* of a kind, of fewer records the guard says nothing */
	uint64_t guard_hold_s;
	uint64_t notify_s, refresh_s, retry_s, expire_s;
	uint64_t max_clients;
	uint64_t timeout_s; /* of an upstream cache, at the start */
};

/* ---- how the data stands: filled by rtrd_data for the serving thread ---- */

/* A file of VRPs, ASPAs or SLURM, or an upstream cache. Strings are valid until the next news. */
struct rtrd_source {
	const char *name;
	const char *kind; /* "vrps", "aspas", "slurm" */
	bool good;        /* there is data of it */
	uint64_t built;   /* of that data, Unix seconds; 0: it does not say */
	uint64_t read_at; /* when that was read, Unix seconds */
	uint64_t vrps, aspas, keys, bad;
	uint64_t reads, failures;
	char problem[200]; /* why the last reading was not taken; "": it was */
};

enum rtrd_health {
	RTRD_STARTING, /* the first reading has not ended */
	RTRD_SERVING,
	RTRD_HELD,    /* serving, while a newer set takes away more than --guard */
	RTRD_OLD,     /* serving, while what was read last is not taken */
	RTRD_EXPIRED, /* queries get Error 2: the data is older than --max-age */
	RTRD_NO_DATA, /* queries get Error 2: there never was data */
};
const char *rtrd_health_text(enum rtrd_health health);

/* What the reading thread says, a copy for the serving one. */
struct rtrd_news {
	struct rtrd_source *source;
	size_t n_sources;
	uint64_t built; /* the oldest build time of what is served; 0: none says it */
	uint64_t held_removed,
		held_of; /* by a set that the guard holds: so many records of so many; 0: none is held */
	uint64_t held_since; /* Unix seconds */
	uint64_t rounds;     /* readings that ended */
	uint64_t guarded;    /* sets that the guard held */
	bool state_good;     /* the state is on disk */
};

/* ---- the daemon ---- */

struct rtrd_data;
struct rtrd_listener;
enum { RTRD_CODES = 14 }; /* 8210bis section 12: 0 to 13 */

struct rtrd {
	struct loop loop; /* the first member */
	const struct rtrd_options *options;
	manrs_rtrd *engine;
	struct rtrd_data *data;
	struct rtrd_news news;
	const manrs_db *db; /* what is served, SLURM in it; NULL: nothing yet */
	uint64_t expires;   /* when that is too old, Unix seconds; 0: never */
	enum rtrd_health health;
	uint64_t started;                   /* Unix seconds */
	uint64_t accepted, refused, closed; /* connections */
	/* of these that were closed, by the code of the last Error Report either way */
	uint64_t errors[RTRD_CODES];
	uint16_t session[3];
	struct rtrd_listener *listeners;
	uint64_t most; /* connections at a time that there are descriptors for */
	bool ending;
};

/* Whether what is served is not too old. */
bool rtrd_current(const struct rtrd *d);

/* ---- connections: rtrd_serve.c ---- */

/* How the bytes of an accepted socket go, where they do not go plainly (TLS). */
struct rtrd_wire {
	/*
	 * As read(2) and write(2) on the non-blocking socket. returns: bytes; 0: the peer has ended; -1: errno, EAGAIN with
	 * *events = what to wait for (EPOLLIN, EPOLLOUT); a handshake goes on inside of both
	 */
	ssize_t (*read)(void *arg, void *bytes, size_t n, uint32_t *events);
	ssize_t (*write)(void *arg, const void *bytes, size_t n, uint32_t *events);
	void (*close)(void *arg); /* not the socket */
	void *arg;                /* NULL: plain */
};

/* A listening socket, bound and non-blocking: rtrd_listen makes it, rtrd_serve accepts from it. */
struct rtrd_listener {
	struct loop_watch watch;
	struct rtrd *rtrd;
	struct rtrd_listener *next;
	char name[120]; /* "127.0.0.1:323", "unix:/run/manrs/rtr", for the log */
	/* Whether this peer may speak; said why not. NULL: all may. */
	bool (*allow)(struct rtrd_listener *listener, const struct sockaddr *from, socklen_t n);
	/* Make the wire of an accepted socket; false: said why, the socket is closed by the caller. NULL: plain. */
	bool (*wrap)(struct rtrd_listener *listener, int fd, struct rtrd_wire *wire);
	bool paused;
};
/* Known from now on; accepted from as soon as the first reading has ended, until then connections wait in the kernel. */
void rtrd_listener_add(struct rtrd *d, struct rtrd_listener *listener);

/* A router, by any way: the socket is non-blocking and ours from now on. returns: false: closed, said why */
bool rtrd_accept(struct rtrd *d, int fd, const char *name, const struct rtrd_wire *wire);

/* "192.0.2.1:323", "[2001:db8::1]:323", "unix" */
#define RTRD_PEER_TEXT 64
const char *rtrd_peer_text(char text[RTRD_PEER_TEXT], const struct sockaddr *from, socklen_t n);

#endif
