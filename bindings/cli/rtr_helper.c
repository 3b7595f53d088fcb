/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A helper is the leader of a group, so that all that its command starts ends with it. A signal of the terminal does not come
 * to that group, and not every command ends with its stdin: who ends by a signal takes its helpers along.
 */

#include "rtr_helper.h"

#include <manrs/db.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* ---- however this process ends ---- */

static atomic_int running[MANRS_SOURCES]; /* 0: none */

static void interrupted(int number)
{
	for (size_t i = 0; i < MANRS_SOURCES; i++) {
		int helper = atomic_load(&running[i]);

		if (helper)
			kill(-helper, SIGTERM);
	}
	signal(number, SIG_DFL);
	raise(number);
}

/* Who has a handler of its own ends in order. */
static void watch_ends(void)
{
	static const int ends[] = {SIGHUP, SIGINT, SIGTERM};
	struct sigaction now;

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (sigaction(ends[i], NULL, &now) == 0 && now.sa_handler == SIG_DFL)
			signal(ends[i], interrupted);
}

static void change(int from, int to)
{
	for (size_t i = 0; i < MANRS_SOURCES; i++) {
		int found = from;

		if (atomic_compare_exchange_strong(&running[i], &found, to))
			return;
	}
}

/* ---- one helper ---- */

char *helper_command(const char *connect, const struct rtr_url *url)
{
	size_t cap = 1, n = 0;
	char *text;

	for (const char *c = connect; *c; c++)
		cap += *c == '%' ? sizeof url->host : 1;
	text = malloc(cap);
	if (!text)
		return NULL;
	for (const char *c = connect; *c; c++) {
		const char *with = NULL;

		if (*c == '%')
			with = c[1] == 'h'   ? url->host
			       : c[1] == 'p' ? url->port
			       : c[1] == '%' ? "%"
					     : NULL;
		if (with)
			n += (size_t)snprintf(text + n, cap - n, "%s", with);
		else
			text[n++] = *c;
		c += with != NULL;
	}
	text[n] = '\0';
	return text;
}

/*
 * sh -c with fd as its stdin and stdout, no signal blocked, SIGPIPE as it is by default; leader of a group, so that all that
 * the command starts can be ended with it. returns: an errno
 */
static int spawn_shell(pid_t *pid, char *command, int fd)
{
	static char sh[] = "sh", minus_c[] = "-c";
	char *argv[] = {sh, minus_c, command, NULL};
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, pipes;
	int error;

	sigemptyset(&none);
	sigemptyset(&pipes);
	sigaddset(&pipes, SIGPIPE);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, fd, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&files, fd, STDOUT_FILENO);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
						POSIX_SPAWN_SETPGROUP);
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &pipes);
	error = posix_spawn(pid, "/bin/sh", &files, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return error;
}

int helper_start(pid_t *helper, int *fd, char *command)
{
	int pair[2], error;
	sigset_t all, before;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
		return errno;
	watch_ends();
	fcntl(pair[1], F_SETFL, 0); /* the command's own end waits */
	/* no signal ends us between its start and the note of it */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = spawn_shell(helper, command, pair[1]);
	if (!error)
		change(0, *helper);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	close(pair[1]);
	if (error) {
		close(pair[0]);
		*helper = 0;
		return error;
	}
	*fd = pair[0];
	return 0;
}

int helper_ended(pid_t helper, int *status)
{
	siginfo_t info = {0};

	*status = 0;
	if (waitid(P_PID, (id_t)helper, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && !info.si_pid)
		return 0;
	change(helper, 0);
	kill(-helper, SIGKILL);
	waitpid(helper, status, 0);
	return 1;
}
