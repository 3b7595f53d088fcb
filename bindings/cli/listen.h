/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_LISTEN_H
#define CLI_LISTEN_H

/*
 * The sockets that a daemon listens on, who may connect, and the taking of connections in bursts. They are named by options,
 * or handed over by the service manager (LISTEN_FDS, sd_listen_fds(3)), where the name of a socket says what it is for: "tls",
 * "http", else the daemon's own protocol.
 *
 * Addresses are in digits, ADDR:PORT or [ADDR]:PORT; a host name is refused: where a daemon listens shall not hang on what a
 * resolver answers while it starts. unix:PATH is a Unix socket.
 *
 * Without a descriptor for one more connection (some are kept for files) the sockets rest for a second: the connection stays in
 * the kernel's queue, where it would else wake us up for nothing, again and again.
 */

#include "loop.h"
#include "options.h"

#include <sys/socket.h>
#include <sys/uio.h>

struct listen_options {
	struct words plain, tls, allow, md5;
	const char *tls_cert, *tls_key, *tls_ca;
	const char *http;
};

/* How the bytes of an accepted socket go, where they do not go plainly (TLS). */
struct wire {
	/*
	 * As read(2) and write(2) on the non-blocking socket. returns: bytes; 0: the peer has ended; -1: errno, EAGAIN with
	 * *events = what to wait for (EPOLLIN, EPOLLOUT); a handshake goes on inside of both
	 */
	ssize_t (*read)(void *arg, void *bytes, size_t n, uint32_t *events);
	ssize_t (*write)(void *arg, const void *bytes, size_t n, uint32_t *events);
	void (*close)(void *arg); /* not the socket */
	void *arg;                /* NULL: plain */
};

struct listen_socket;
struct tls_context;

/* All that listens, and what its connections are held against. */
struct listening {
	/* set before listen_open: */
	struct loop *loop;
	const char *what; /* "RTR", for the log */
	/* A connection: the socket is non-blocking, and the callee's from now on. It counts `accepted` or `refused`. */
	bool (*take)(struct listening *l, int fd, const char *name, const struct wire *wire);
	uint64_t accepted, refused, closed; /* connections; closed: by who took them */

	uint64_t most; /* connections at a time that there are descriptors for */
	struct listen_socket *first;
	int *http; /* of --http and of the service manager, for http_open */
	size_t n_http;
	manrs_trie *allow;       /* NULL: all may connect */
	struct tls_context *tls; /* NULL: no TLS is asked for */
	uint64_t complained_ms;  /* when one that is not in --allow was last spoken of */
	struct loop_task task;
	uint64_t rest_until; /* 0: the sockets do not rest */
};

/*
 * All of them listen when this has returned; connections wait in the kernel until listen_start.
 * returns: false: said why, nothing is left open.
 */
bool listen_open(struct listening *l, const struct listen_options *o);
/* Descriptors for so many connections, as `option` names them, and others that they cannot take away: for files and HTTP. */
void listen_descriptors(struct listening *l, uint64_t connections, const char *option);
void listen_start(struct listening *l);
/* No new connections. */
void listen_stop(struct listening *l);
/* After the connections; unix:PATH is taken away. */
void listen_close(struct listening *l);

/* A connection to "unix:PATH", blocking. returns: -1: said why. */
int unix_connect(const char *to);

/* "192.0.2.1:323", "[2001:db8::1]:323", "unix" */
#define PEER_TEXT 64
const char *peer_text(char text[PEER_TEXT], const struct sockaddr *from, socklen_t n);
/* An IPv4 or IPv6 address as a prefix of all its bits, v4-mapped as IPv4. returns: false: another family. */
bool peer_prefix(manrs_prefix *prefix, const struct sockaddr *address);

#endif
