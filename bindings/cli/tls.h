/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_TLS_H
#define CLI_TLS_H

/*
 * TLS of RTR (RFC 8210 section 9.2) over a connected socket that does not block, both sides: a router checks the name of the
 * cache, a cache the address of the router. TLS 1.2 or above, no session is resumed. OpenSSL, where the build found it.
 *
 *     tls_context_new        once, from files
 *       tls_client, _server  a connection; the socket stays the caller's
 *         tls_handshake, then tls_read and tls_write: each says what to wait for
 *
 * threads: a context is made by one and used by many; a connection by one at a time. No SIGPIPE is raised.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

/* "OpenSSL 3.0.19"; NULL: not built in, and every context says so. */
const char *tls_library(void);

/* What calls say instead of a count. */
enum tls_result {
	TLS_CLOSED = 0,      /* the other side has ended, in order */
	TLS_WANT_READ = -1,  /* again when the socket can be read */
	TLS_WANT_WRITE = -2, /* again when it can be written */
	TLS_FAILED = -3,     /* for good: tls_why */
};

struct tls_files {
	bool server;
	const char *ca;   /* who signs the other side; NULL: of a client, the system's store */
	const char *cert; /* ours with its chain, PEM; NULL: of a client, none */
	const char *key;
};

#define TLS_WHY 256
struct tls_context;
/* A server needs all three files: routers must show a certificate. returns: NULL: why, "FILE: what". */
struct tls_context *tls_context_new(const struct tls_files *files, char why[TLS_WHY]);
void tls_context_free(struct tls_context *context); /* NULL is allowed; connections go first */

struct tls;
/* name: a host name, which the certificate must have as a dNSName, or an address, as an iPAddress. returns: NULL: no memory */
struct tls *tls_client(struct tls_context *context, int fd, const char *name);
/* The router's certificate must have the peer's address as an iPAddress. returns: NULL: no memory, or no IP address */
struct tls *tls_server(struct tls_context *context, int fd, const struct sockaddr *peer);
/* returns: 1 it stands, else enum tls_result */
int tls_handshake(struct tls *tls);
/* returns: how many, above 0; else enum tls_result. What is written again must begin with the same bytes. */
ptrdiff_t tls_read(struct tls *tls, void *bytes, size_t n);
ptrdiff_t tls_write(struct tls *tls, const void *bytes, size_t n);
void tls_end(struct tls *tls); /* say that we end, if the socket takes it */
/* Why it has failed: one line. owns: until tls_free */
const char *tls_why(const struct tls *tls);
/* Whether what failed is what the other side said or showed, not that the connection was cut. */
bool tls_refused(const struct tls *tls);
void tls_free(struct tls *tls); /* NULL is allowed */

#endif
