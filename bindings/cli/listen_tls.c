/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TLS between the loop and a router's socket. The handshake goes on inside of the first reads and writes and so never waits;
 * who does not come to an end with it is a client without a query, which the engine closes in its time.
 */

#include "listen_tls.h"

#include <errno.h>
#include <stdlib.h>

struct tls_peer {
	struct tls *tls;
	bool stands; /* the handshake is over */
	char name[PEER_TEXT];
};

/*
 * What tls.h says, as read(2) and write(2) would. usual: what the loop waits for by itself; only the other direction is told, else a
 * read without news would keep what is to be written waiting.
 */
static ssize_t as_errno(struct tls_peer *p, ptrdiff_t result, enum tls_result usual,
			uint32_t *events)
{
	if (result >= 0)
		return result;
	errno = EAGAIN;
	if (result == TLS_FAILED) {
		/* Later ones are routers that have gone, most without TLS's own farewell. */
		if (!p->stands)
			complain("warning: %s: TLS: %s", p->name, tls_why(p->tls));
		errno = EPROTO;
	} else if (result != (ptrdiff_t)usual) {
		*events = result == TLS_WANT_WRITE ? EPOLLOUT : EPOLLIN;
	}
	return -1;
}

/* returns: 1: it stands; else as read(2). */
static ssize_t handshake(struct tls_peer *p, enum tls_result usual, uint32_t *events)
{
	int result = p->stands ? 1 : tls_handshake(p->tls);

	p->stands = result == 1;
	return result == 1 ? 1 : as_errno(p, result, usual, events);
}

static ssize_t wire_read(void *arg, void *bytes, size_t n, uint32_t *events)
{
	struct tls_peer *p = arg;
	ssize_t stands = handshake(p, TLS_WANT_READ, events);

	return stands == 1 ? as_errno(p, tls_read(p->tls, bytes, n), TLS_WANT_READ, events)
			   : stands;
}

static ssize_t wire_write(void *arg, const void *bytes, size_t n, uint32_t *events)
{
	struct tls_peer *p = arg;
	ssize_t done = handshake(p, TLS_WANT_WRITE, events);

	if (done == 1)
		done = as_errno(p, tls_write(p->tls, bytes, n), TLS_WANT_WRITE, events);
	if (done == 0)
		errno = EPIPE;
	return done ? done : -1;
}

static void wire_close(void *arg)
{
	struct tls_peer *p = arg;

	if (p->stands)
		tls_end(p->tls);
	tls_free(p->tls);
	free(p);
}

bool tls_wire_open(struct wire *wire, struct tls_context *context, int fd)
{
	struct sockaddr_storage peer = {0};
	socklen_t n = sizeof peer;
	struct tls_peer *p;
	struct tls *tls = NULL;

	if (getpeername(fd, (struct sockaddr *)&peer, &n) == 0)
		tls = tls_server(context, fd, (struct sockaddr *)&peer);
	if (!tls) {
		complain("warning: TLS: no memory for a connection, or it has no IP address");
		return false;
	}
	p = must_resize(NULL, 1, sizeof *p);
	*p = (struct tls_peer){.tls = tls};
	peer_text(p->name, (struct sockaddr *)&peer, n);
	*wire = (struct wire){wire_read, wire_write, wire_close, p};
	return true;
}
