/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An RTR client: HOST PORT, a cache over TCP. The engine says when to connect, what to write and what has come; the host has
 * the socket, the clock and the database, and joins them: a response is one edit, so that nobody judges with half of it.
 * With a third argument it ends after so many responses.
 */

#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <manrs/db_source.h>
#include <manrs/rtr.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* returns: 0, an RTR code when the cache is wrong, < 0 enum manrs_error */
static int feed(manrs_edit *edit, uint32_t source, const manrs_rtr_run *run)
{
	manrs_counts counts;
	int rc, op = (int)run->op;

	if (run->vrps)
		rc = manrs_edit_vrps(edit, source, op, run->vrps, run->n, &counts, NULL);
	else if (run->aspas)
		rc = manrs_edit_aspas(edit, source, op, run->aspas, run->n, &counts, NULL);
	else
		rc = manrs_edit_keys(edit, source, op, run->keys, run->n, &counts, NULL);
	if (rc == 0 && counts.present && !run->aspas)
		return MANRS_RTR_DUPLICATE;
	return rc == 0 && counts.unknown ? MANRS_RTR_WITHDRAWAL_OF_UNKNOWN : rc;
}

/* A response becomes a snapshot. returns: 1, 0: there is none, or it is wrong, or memory lacks and it waits */
static int take(manrs_rtr *rtr, manrs_db_owner *owner, manrs_db **db)
{
	manrs_rtr_delta delta;
	manrs_rtr_run run;
	manrs_edit *edit;
	manrs_db *next;
	size_t at, record = 0;
	int rc = 0;

	if (!manrs_rtr_delta_get(rtr, &delta) || manrs_edit_begin(&edit, owner, *db) < 0)
		return 0;
	if (delta.flags & MANRS_RTR_DROP)
		rc = manrs_edit_drop(edit, delta.source, NULL);
	else if (delta.flags & MANRS_RTR_WHOLE)
		rc = manrs_edit_replace(edit, delta.source);
	for (at = 0; rc == 0 && manrs_rtr_delta_run(rtr, at, &run); at++)
		rc = feed(edit, delta.source, &run);
	if (rc > 0) /* the record whose PDU the Error Report quotes */
		manrs_edit_first(edit, &record);
	if (rc || (rc = manrs_edit_commit(edit, &next)) < 0)
		manrs_edit_abort(edit);
	if (rc >= 0)
		manrs_rtr_delta_done(rtr, rc, at - 1, record, UINT64_MAX, now_ms());
	if (rc)
		return 0;
	manrs_db_unref(*db);
	*db = next;
	printf("%s: %u added, %u removed\n", delta.flags ? "a set" : "a difference",
	       (unsigned)delta.added, (unsigned)delta.removed);
	return 1;
}

static int hang_up(manrs_rtr *rtr, int fd)
{
	if (fd >= 0)
		close(fd);
	manrs_rtr_closed(rtr, now_ms());
	return -1;
}

static int connect_to(manrs_rtr *rtr, const struct addrinfo *where)
{
	int fd = socket(where->ai_family, SOCK_STREAM, 0);

	if (fd < 0 || connect(fd, where->ai_addr, where->ai_addrlen) < 0)
		return hang_up(rtr, fd);
	manrs_rtr_opened(rtr, now_ms());
	return fd;
}

/* What the engine wants, then what the socket or the clock brings. returns: the socket, -1: there is none */
static int turn(manrs_rtr *rtr, const struct addrinfo *where, int fd)
{
	static uint8_t in[65536];
	const uint8_t *out;
	size_t left;
	ssize_t n = 0;
	uint64_t now, at;
	struct pollfd p = {.events = POLLIN};

	if (manrs_rtr_want(rtr) == MANRS_RTR_WANT_CONNECT)
		fd = connect_to(rtr, where);
	if (fd >= 0 && (left = manrs_rtr_output(rtr, &out)) > 0)
		n = send(fd, out, left, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n > 0)
		manrs_rtr_sent(rtr, (size_t)n);
	left = manrs_rtr_output(rtr, &out);
	if ((n < 0 && errno != EAGAIN) || (manrs_rtr_want(rtr) == MANRS_RTR_WANT_CLOSE && !left))
		fd = hang_up(rtr, fd);
	p.fd = fd;
	p.events |= left ? POLLOUT : 0;
	at = manrs_rtr_deadline(rtr);
	now = now_ms();
	at = at > now ? at - now : 0;
	if (poll(&p, 1, at < 60000 ? (int)at : 60000) > 0 && p.revents & ~POLLOUT) {
		n = recv(fd, in, sizeof in, MSG_DONTWAIT);
		if (n > 0)
			manrs_rtr_input(rtr, in, (size_t)n, now_ms(), NULL);
		else if (n == 0 || errno != EAGAIN)
			fd = hang_up(rtr, fd);
	}
	manrs_rtr_tick(rtr, now_ms());
	return fd;
}

int main(int argc, char **argv)
{
	long left = argc > 3 ? atol(argv[3]) : -1;
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *where;
	manrs_db_owner *owner;
	manrs_db *db = NULL;
	manrs_rtr *rtr;
	int fd = -1;

	if (argc < 3 || getaddrinfo(argv[1], argv[2], &hints, &where) ||
	    manrs_rtr_new(&rtr, NULL) < 0 || manrs_db_owner_new(&owner, NULL) < 0)
		return 1;
	for (; left; left -= take(rtr, owner, &db), manrs_db_reclaim(owner, 1000))
		fd = turn(rtr, where, fd);
	manrs_rtr_free(rtr);
	manrs_db_unref(db);
	freeaddrinfo(where);
	return manrs_db_owner_free(owner) < 0;
}
