/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two pipes between a router and a cache, each with a buffer that is filled only when it is empty:
 *
 *     stdin --> up --> socket        the router's end: the socket is half-closed, so that what is under way still comes
 *     socket --> down --> stdout     the cache's end, once it is written: the relay ends
 *
 * Either side's error ends both. The descriptors stay blocking where they came so: stdin and stdout may be shared with others,
 * and poll says when one call on each will not wait.
 */

#include "rtrd_relay.h"

#include "listen.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A write of at most this to a pipe that poll calls writable does not wait (POSIX: PIPE_BUF). */
enum { RELAY_PART = 4096 };

struct pipe_state {
	int from, to;
	size_t at, n;
	bool ended;
	char buf[64 << 10];
};

/* returns: false: the other side does not take it. */
static bool pipe_write(struct pipe_state *p, bool socket)
{
	size_t left = p->n - p->at, part = !socket && left > RELAY_PART ? RELAY_PART : left;
	ssize_t n = socket ? send(p->to, p->buf + p->at, part, MSG_NOSIGNAL | MSG_DONTWAIT)
			   : write(p->to, p->buf + p->at, part);

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	p->at += (size_t)n;
	return true;
}

/* returns: false: an error. */
static bool pipe_read(struct pipe_state *p)
{
	ssize_t n = read(p->from, p->buf, sizeof p->buf);

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	p->at = 0;
	p->n = (size_t)n;
	p->ended = n == 0;
	return true;
}

static short wanted(const struct pipe_state *p, bool writing)
{
	if (writing)
		return p->at < p->n ? POLLOUT : 0;
	return p->at == p->n && !p->ended ? POLLIN : 0;
}

/* What poll found, done. returns: false: an error, in errno. */
static bool relay_move(struct pipe_state *up, struct pipe_state *down, const struct pollfd fds[3])
{
	const short readable = POLLIN | POLLHUP | POLLERR, writable = POLLOUT | POLLHUP | POLLERR;

	if (fds[1].events && fds[1].revents & writable && !pipe_write(down, false))
		return false;
	if (fds[2].events & POLLOUT && fds[2].revents & writable && !pipe_write(up, true))
		return false;
	if (fds[2].events & POLLIN && fds[2].revents & readable && !pipe_read(down))
		return false;
	if (fds[0].events && fds[0].revents & readable) {
		if (!pipe_read(up))
			return false;
		if (up->ended)
			shutdown(up->to, SHUT_WR);
	}
	return true;
}

/* One wait. returns: 1: go on; 0: it has ended; -1: it failed, in errno. */
static int relay_turn(struct pipe_state *up, struct pipe_state *down)
{
	short in = wanted(up, false), net = (short)(wanted(down, false) | wanted(up, true));
	/*
	 * One of which nothing is wanted is left out, else its hang-up would wake us again and again. Not so stdout: when sshd
	 * has gone, nobody else says it.
	 */
	struct pollfd fds[] = {{in ? up->from : -1, in, 0},
			       {down->to, wanted(down, true), 0},
			       {net ? up->to : -1, net, 0}};

	if (poll(fds, 3, -1) < 0)
		return errno == EINTR ? 1 : -1;
	if (fds[1].revents & (POLLERR | POLLHUP | POLLNVAL))
		return 0;
	if (!relay_move(up, down, fds))
		return errno == EPIPE || errno == ECONNRESET ? 0 : -1;
	return !(down->ended && down->at == down->n);
}

int relay_run(const char *to)
{
	static struct pipe_state up, down;
	int fd = unix_connect(to), on = 1;

	if (fd < 0)
		return EXIT_ERROR;
	up = (struct pipe_state){.from = STDIN_FILENO, .to = fd};
	down = (struct pipe_state){.from = fd, .to = STDOUT_FILENO};
	signal(SIGPIPE, SIG_IGN);
	while (on > 0)
		on = relay_turn(&up, &down);
	if (on < 0)
		complain_at(to, 0, "%s", strerror(errno));
	close(fd);
	return on < 0 ? EXIT_ERROR : EXIT_DONE;
}
