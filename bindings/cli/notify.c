/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sd_notify(3)'s protocol without its library: the path of a datagram socket, where a leading @ stands for the NUL of the
 * abstract namespace, and lines in one datagram.
 */

#include "notify.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_MS = 1000 };

/* Of the process: there is one manager. */
static struct {
	struct loop_task task;
	const struct feed *feed;
	notify_stands *stands;
	void *arg;
	struct sockaddr_un manager;
	socklen_t manager_len;
	int fd;                                /* -1: nobody is to be told */
	uint64_t watchdog_ms, watchdog_due_ms; /* 0: none */
	uint64_t look_due_ms;
	uint64_t rounds; /* of feed->news, when the reload was asked for */
	bool ready, reloading;
	char status[NOTIFY_TEXT];
} notify = {.fd = -1};

static void tell(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void tell(const char *format, ...)
{
	char text[2 * NOTIFY_TEXT];
	va_list args;
	int n;

	if (notify.fd < 0)
		return;
	va_start(args, format);
	n = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (n > 0 && (size_t)n < sizeof text)
		(void)!sendto(notify.fd, text, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT,
			      (struct sockaddr *)&notify.manager, notify.manager_len);
}

/* ---- in the loop ---- */

/* How it stands is told where that has changed. */
static void look(void)
{
	bool again = notify.reloading && notify.feed->news.rounds != notify.rounds;
	char text[NOTIFY_TEXT];

	if (!notify.stands(notify.arg, text))
		return;
	if (!notify.ready || again)
		tell("READY=1\n");
	notify.ready = true;
	notify.reloading = notify.reloading && !again;
	if (strcmp(text, notify.status) != 0)
		tell("STATUS=%s\n", text);
	memcpy(notify.status, text, sizeof text);
}

/* That it has begun, or read its files again, is told at once; all else once a second. */
static uint64_t turn(struct loop_task *task, uint64_t now_ms)
{
	(void)task;
	if (!notify.ready || notify.reloading || now_ms >= notify.look_due_ms) {
		look();
		notify.look_due_ms = now_ms + LOOK_MS;
	}
	if (notify.watchdog_ms && now_ms >= notify.watchdog_due_ms) {
		tell("WATCHDOG=1\n");
		notify.watchdog_due_ms = now_ms + notify.watchdog_ms;
	}
	return notify.watchdog_ms && notify.watchdog_due_ms < notify.look_due_ms
		       ? notify.watchdog_due_ms
		       : notify.look_due_ms;
}

/* Half of what the manager waits, where it waits for this process. */
static void watchdog_open(void)
{
	const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");

	if (usec && (!pid || strtoll(pid, NULL, 10) == (long long)getpid()))
		notify.watchdog_ms = strtoull(usec, NULL, 10) / 2000;
}

static void manager_open(const char *path)
{
	size_t n = path ? strlen(path) : 0;

	if (n < 2 || n >= sizeof notify.manager.sun_path || (*path != '/' && *path != '@'))
		return;
	notify.manager.sun_family = AF_UNIX;
	memcpy(notify.manager.sun_path, path, n);
	if (*path == '@')
		notify.manager.sun_path[0] = '\0';
	notify.manager_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
	notify.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

void notify_open(struct loop *loop, const struct feed *feed, notify_stands *stands, void *arg)
{
	watchdog_open();
	manager_open(getenv("NOTIFY_SOCKET"));
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	notify.feed = feed;
	notify.stands = stands;
	notify.arg = arg;
	notify.task.turn = turn;
	if (notify.fd >= 0)
		loop_task_add(loop, &notify.task);
}

/* The time tells a manager of Type=notify-reload that this answers its own signal. */
void notify_reloading(void)
{
	struct timespec now;

	if (notify.fd < 0)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	notify.rounds = notify.feed->news.rounds;
	notify.reloading = true;
	tell("RELOADING=1\nMONOTONIC_USEC=%llu\n",
	     (unsigned long long)now.tv_sec * 1000000 + (unsigned long long)now.tv_nsec / 1000);
}

void notify_stopping(void)
{
	tell("STOPPING=1\n");
}
