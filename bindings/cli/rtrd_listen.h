/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_RTRD_LISTEN_H
#define CLI_RTRD_LISTEN_H

/*
 * The sockets that a cache listens on, and who may connect: by --listen, --tls-listen and --http, or handed over by the
 * service manager (LISTEN_FDS, sd_listen_fds(3)), where the name of a socket says what it is for: "tls", "http", else RTR.
 *
 * Addresses are in digits, ADDR:PORT or [ADDR]:PORT; a host name is refused: where a cache listens shall not hang on what a
 * resolver answers while it starts. unix:PATH is a socket for --stdio.
 */

#include "rtrd.h"

struct listen_socket;

/* All that listens, and what its connections are held against. */
struct listening {
	struct listen_socket *first;
	int *http; /* of --http and of the service manager, for rtrd_http */
	size_t n_http;
	manrs_trie *allow;       /* NULL: all may connect */
	struct tls_context *tls; /* NULL: no TLS is asked for */
	uint64_t complained_ms;  /* when one that is not in --allow was last spoken of */
};

/* All of them listen when this has returned. returns: false: said why, nothing is left open. */
bool listen_open(struct listening *l, struct rtrd *d);
/* After the connections; unix:PATH is taken away. */
void listen_close(struct listening *l);

/* A connection to "unix:PATH", blocking. returns: -1: said why. */
int unix_connect(const char *to);

#endif
