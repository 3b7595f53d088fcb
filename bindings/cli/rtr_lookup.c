/* SPDX-License-Identifier: BSD-2-Clause */
/* The thread owns its struct and its end of the socket: who asked can go away at any time. */

#include "rtr_lookup.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct question {
	int fd;
	char host[256], port[6];
};

struct answer {
	int rc;
	struct addrinfo *found;
};

int rtr_lookup_address(const char *host, const char *port, struct addrinfo **found)
{
	const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
				       .ai_socktype = SOCK_STREAM};

	return getaddrinfo(host, port, &hints, found);
}

static void *look_up(void *arg)
{
	const struct addrinfo hints = {.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV,
				       .ai_socktype = SOCK_STREAM};
	struct question *q = arg;
	struct answer a = {0};

	a.rc = getaddrinfo(q->host, q->port, &hints, &a.found);
	if (send(q->fd, &a, sizeof a, MSG_NOSIGNAL) != (ssize_t)sizeof a && a.rc == 0)
		freeaddrinfo(a.found);
	close(q->fd);
	free(q);
	return NULL;
}

/* A thread that no signal goes to. returns: an errno */
static int start_thread(struct question *q)
{
	pthread_attr_t attr;
	sigset_t all, before;
	pthread_t thread;
	int error;

	sigfillset(&all);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&thread, &attr, look_up, q);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	return error;
}

int rtr_lookup_start(const char *host, const char *port)
{
	struct question *q = calloc(1, sizeof *q);
	int pair[2], error;

	if (!q)
		return -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
		free(q);
		return -1;
	}
	q->fd = pair[1];
	snprintf(q->host, sizeof q->host, "%s", host);
	snprintf(q->port, sizeof q->port, "%s", port);
	error = start_thread(q);
	if (!error)
		return pair[0];
	close(pair[0]);
	close(pair[1]);
	free(q);
	errno = error;
	return -1;
}

int rtr_lookup_take(int fd, struct addrinfo **found)
{
	struct answer a;

	*found = NULL;
	if (recv(fd, &a, sizeof a, MSG_DONTWAIT) != (ssize_t)sizeof a)
		return EAI_AGAIN;
	*found = a.found;
	return a.rc;
}

void rtr_lookup_end(int fd)
{
	struct addrinfo *found;

	if (rtr_lookup_take(fd, &found) == 0)
		freeaddrinfo(found);
	close(fd);
}
