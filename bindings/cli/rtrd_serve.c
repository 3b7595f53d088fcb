/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Routers over epoll. A connection gets one read and one writev a turn, so that none keeps another waiting; what the engine
 * has for it are slices of blocks that all share, and they go to the kernel as they are.
 *
 *     listener -> accept in bursts -> conn -> read -> engine -> slices -> writev
 */

#include "rtrd_serve.h"

#include <manrs/rtrd_status.h>

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	SLICES = 64,        /* of a writev */
	READ_BYTES = 16384, /* of a router a turn; a query has 12 */
	WIRE_BYTES = 65536, /* written at once where the bytes are enciphered */
	SAID_MS = 10000,    /* in which... */
	SAID_MOST = 20,     /* ...so many lines are said of connections: thousands can fail */
};

struct conn {
	struct loop_watch watch; /* the first member */
	struct rtrd *d;
	struct conn *next, **at; /* of all */
	manrs_rtrd_client *client;
	struct wire wire;
	uint32_t events; /* that are watched */
	uint32_t wants;  /* EPOLLIN, EPOLLOUT: what the wire waits for instead */
	bool ended;      /* the router sends no more */
	char name[PEER_TEXT];
};

/* What only this file knows of the daemon; one a process. */
static struct serving {
	struct loop_task task;
	struct rtrd *d;
	struct conn *all;
	uint64_t said_ms, said, unsaid;
	unsigned char bytes[READ_BYTES];
} serving;

/* Whether one more line about a connection is said. */
static bool may_say(const struct rtrd *d)
{
	if (d->loop.now_ms >= serving.said_ms + SAID_MS) {
		if (serving.unsaid)
			complain("warning: %llu more of these were not said",
				 (unsigned long long)serving.unsaid);
		serving.said_ms = d->loop.now_ms;
		serving.said = serving.unsaid = 0;
	}
	serving.unsaid += serving.said >= SAID_MOST;
	return serving.said++ < SAID_MOST;
}

/* ---- one connection ---- */

static void count_error(struct conn *c)
{
	manrs_rtrd_client_status status = {.size = sizeof status};

	if (manrs_rtrd_client_get(c->client, &status) == MANRS_OK && status.code >= 0 &&
	    status.code < RTRD_CODES)
		c->d->errors[status.code]++;
}

static void conn_close(struct conn *c)
{
	loop_del(&c->d->loop, &c->watch);
	if (c->client)
		count_error(c);
	if (c->client)
		manrs_rtrd_client_free(c->client);
	if (c->wire.close)
		c->wire.close(c->wire.arg);
	close(c->watch.fd);
	*c->at = c->next;
	if (c->next)
		c->next->at = c->at;
	c->d->listening.closed++;
	free(c);
}

static ssize_t conn_read(struct conn *c, void *bytes, size_t n)
{
	ssize_t got;

	do
		got = c->wire.read ? c->wire.read(c->wire.arg, bytes, n, &c->wants)
				   : read(c->watch.fd, bytes, n);
	while (got < 0 && errno == EINTR);
	return got;
}

static ssize_t conn_write(struct conn *c, const manrs_slice *slices, size_t n)
{
	struct iovec iov[SLICES];
	ssize_t wrote;

	for (size_t i = 0; i < n; i++)
		iov[i] = (struct iovec){(void *)(uintptr_t)slices[i].bytes, slices[i].n};
	do
		if (c->wire.write)
			wrote = c->wire.write(c->wire.arg, iov->iov_base,
					      iov->iov_len < WIRE_BYTES ? iov->iov_len : WIRE_BYTES,
					      &c->wants);
		else
			wrote = writev(c->watch.fd, iov, (int)n);
	while (wrote < 0 && errno == EINTR);
	return wrote;
}

enum flushed { FLUSHED, FLUSH_WAITS, FLUSH_BROKEN };

static enum flushed conn_flush(struct conn *c)
{
	manrs_slice slices[SLICES];
	size_t n = manrs_rtrd_client_output(c->client, slices, SLICES);
	ssize_t wrote;

	if (!n)
		return FLUSHED;
	wrote = conn_write(c, slices, n);
	if (wrote < 0)
		return errno == EAGAIN || errno == EWOULDBLOCK ? FLUSH_WAITS : FLUSH_BROKEN;
	if (!wrote)
		return FLUSH_BROKEN;
	manrs_rtrd_client_sent(c->client, (size_t)wrote, c->d->loop.now_ms);
	return manrs_rtrd_client_output(c->client, slices, 1) ? FLUSH_WAITS : FLUSHED;
}

/* Write what there is, then watch for what comes next, or close. */
static void conn_go_on(struct conn *c)
{
	enum flushed flushed = conn_flush(c);
	bool closing = c->ended || manrs_rtrd_client_closing(c->client);
	uint32_t events = 0;

	if (flushed == FLUSH_BROKEN || (flushed == FLUSHED && closing)) {
		conn_close(c);
		return;
	}
	if (!closing)
		events |= EPOLLIN;
	if (flushed == FLUSH_WAITS)
		events |= EPOLLOUT;
	if (c->wants) /* a handshake within TLS goes the other way */
		events = c->wants;
	c->wants = 0;
	if (events != c->events && loop_mod(&c->d->loop, &c->watch, events))
		c->events = events;
}

/* What a router did wrong, or says that we did; one line a connection, for it is closed. */
static void tell_fault(const struct conn *c, int rc)
{
	manrs_rtrd_client_status status = {.size = sizeof status};

	if (!may_say(c->d))
		return;
	manrs_rtrd_client_get(c->client, &status);
	if (status.why)
		complain("warning: %s: %s", c->name, status.why);
	else if (status.code >= 0)
		complain("warning: %s: it reports error %d%s%s", c->name, status.code,
			 *status.text ? ": " : "", status.text);
	else
		complain("warning: %s: %s", c->name, manrs_strerror(rc));
}

/* returns: false: it is closed */
static bool conn_take(struct conn *c)
{
	ssize_t n = conn_read(c, serving.bytes, sizeof serving.bytes);
	int rc;

	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return true;
	if (n < 0) {
		conn_close(c);
		return false;
	}
	if (n == 0) {
		c->ended = true;
		return true;
	}
	rtrd_refresh(c->d);
	rc = manrs_rtrd_client_input(c->client, serving.bytes, (size_t)n, c->d->loop.now_ms, NULL);
	if (rc < 0 || manrs_rtrd_client_closing(c->client))
		tell_fault(c, rc);
	if (rc == MANRS_ENOMEM) {
		conn_close(c);
		return false;
	}
	return true;
}

static void conn_ready(struct loop_watch *watch, uint32_t events)
{
	struct conn *c = (struct conn *)(void *)watch;

	if (events & EPOLLERR) {
		conn_close(c);
		return;
	}
	/* A socket whose both sides are shut is always ready: without a read it would be for ever. */
	if (!c->ended && !manrs_rtrd_client_closing(c->client) && !conn_take(c))
		return;
	if ((events & EPOLLHUP) && !(events & EPOLLIN)) {
		conn_close(c);
		return;
	}
	conn_go_on(c);
}

static bool refuse(struct rtrd *d, int fd, const char *name, const struct wire *wire,
		   const char *why)
{
	if (may_say(d))
		complain("warning: %s: not taken: %s", name, why);
	d->listening.refused++;
	if (wire && wire->close)
		wire->close(wire->arg);
	close(fd);
	return false;
}

bool rtrd_accept(struct rtrd *d, int fd, const char *name, const struct wire *wire)
{
	struct conn *c = calloc(1, sizeof *c);
	int on = 1, rc;

	if (!c)
		return refuse(d, fd, name, wire, strerror(ENOMEM));
	rc = manrs_rtrd_open(d->engine, &c->client, c, d->loop.now_ms);
	if (rc < 0) {
		free(c);
		return refuse(d, fd, name, wire,
			      rc == MANRS_ELIMIT ? "--max-clients are connected"
						 : manrs_strerror(rc));
	}
	c->watch = (struct loop_watch){.fd = fd, .ready = conn_ready};
	c->d = d;
	if (wire)
		c->wire = *wire;
	snprintf(c->name, sizeof c->name, "%s", name);
	c->events = EPOLLIN;
	if (!loop_add(&d->loop, &c->watch, c->events)) {
		manrs_rtrd_client_free(c->client);
		free(c);
		return refuse(d, fd, name, wire, strerror(errno));
	}
	c->next = serving.all;
	c->at = &serving.all;
	if (c->next)
		c->next->at = &c->next;
	serving.all = c;
	d->listening.accepted++;
	/* A notify is twelve bytes, and the end of a response waits for nothing. Not on unix sockets. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	return true;
}

/* ---- the whole ---- */

void rtrd_serve_ready(struct rtrd *d)
{
	manrs_rtrd_client *clients[64];
	size_t n;

	do {
		n = manrs_rtrd_ready(d->engine, clients, 64);
		for (size_t i = 0; i < n; i++)
			conn_go_on(manrs_rtrd_client_user(clients[i]));
	} while (n == 64);
}

static uint64_t serve_turn(struct loop_task *task, uint64_t now_ms)
{
	struct rtrd *d = serving.d;

	(void)task;
	if (!d->engine)
		return LOOP_NEVER;
	rtrd_refresh(d);
	if (manrs_rtrd_deadline(d->engine) <= now_ms)
		manrs_rtrd_tick(d->engine, now_ms);
	rtrd_serve_ready(d);
	return manrs_rtrd_deadline(d->engine);
}

void rtrd_serve_open(struct rtrd *d)
{
	serving = (struct serving){.d = d, .task.turn = serve_turn};
	loop_task_add(&d->loop, &serving.task);
}

void rtrd_serve_end(struct rtrd *d)
{
	listen_stop(&d->listening);
	if (!d->engine)
		return;
	manrs_rtrd_shutdown(d->engine,
			    d->options->shutdown ? MANRS_RTR_CACHE_SHUTDOWN
						 : MANRS_RTR_CACHE_RESTART,
			    d->loop.now_ms);
	rtrd_serve_ready(d);
}

bool rtrd_serve_ended(const struct rtrd *d)
{
	(void)d;
	return !serving.all;
}

void rtrd_serve_close(struct rtrd *d)
{
	(void)d;
	while (serving.all)
		conn_close(serving.all);
}
