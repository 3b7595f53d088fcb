/* SPDX-License-Identifier: BSD-2-Clause */
/* A turn of events at a time, over epoll. */

#include "loop.h"

#include "cli.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

/* Called in one turn, before deadlines are looked at again. */
enum { EVENTS = 256 };

static bool fail(const char *what)
{
	complain("%s: %s", what, strerror(errno));
	return false;
}

static uint64_t clock_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

uint64_t loop_clock(void)
{
	return clock_us() / 1000;
}

bool loop_open(struct loop *loop)
{
	*loop = (struct loop){.now_ms = loop_clock(), .signals.fd = -1};
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll < 0)
		return fail("epoll");
	loop->events = must_resize(NULL, EVENTS, sizeof *loop->events);
	return true;
}

void loop_close(struct loop *loop)
{
	if (loop->signals.fd >= 0)
		close(loop->signals.fd);
	if (loop->epoll >= 0)
		close(loop->epoll);
	free(loop->events);
	*loop = (struct loop){.epoll = -1, .signals.fd = -1};
}

void loop_end(struct loop *loop)
{
	loop->ended = true;
}

/* ---- watches ---- */

static bool control(struct loop *loop, int op, struct loop_watch *watch, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = watch};

	return epoll_ctl(loop->epoll, op, watch->fd, &event) == 0;
}

bool loop_add(struct loop *loop, struct loop_watch *watch, uint32_t events)
{
	return control(loop, EPOLL_CTL_ADD, watch, events);
}

bool loop_mod(struct loop *loop, struct loop_watch *watch, uint32_t events)
{
	return control(loop, EPOLL_CTL_MOD, watch, events);
}

void loop_del(struct loop *loop, struct loop_watch *watch)
{
	control(loop, EPOLL_CTL_DEL, watch, 0);
	for (int i = loop->at; i < loop->n; i++)
		if (loop->events[i].data.ptr == watch)
			loop->events[i].data.ptr = NULL;
}

/* ---- a turn ---- */

void loop_task_add(struct loop *loop, struct loop_task *task)
{
	task->next = loop->tasks;
	loop->tasks = task;
}

static uint64_t run_tasks(struct loop *loop)
{
	uint64_t first = LOOP_NEVER;

	loop->now_ms = loop_clock();
	for (struct loop_task *task = loop->tasks; task && !loop->ended; task = task->next) {
		uint64_t at = task->turn(task, loop->now_ms);

		if (at < first)
			first = at;
	}
	return first;
}

static int until(uint64_t at_ms)
{
	uint64_t now_ms = loop_clock();

	if (at_ms == LOOP_NEVER)
		return -1;
	if (at_ms <= now_ms)
		return 0;
	return at_ms - now_ms < INT_MAX ? (int)(at_ms - now_ms) : INT_MAX;
}

static void count_turn(struct loop_turns *turns, uint64_t us)
{
	turns->n++;
	turns->slow += us > 1000;
	if (us > turns->longest_us)
		turns->longest_us = us;
}

bool loop_run(struct loop *loop)
{
	uint64_t woke_us = clock_us();

	while (!loop->ended) {
		uint64_t at_ms = run_tasks(loop);

		if (loop->ended)
			break;
		count_turn(&loop->turns, clock_us() - woke_us);
		loop->n = epoll_wait(loop->epoll, loop->events, EVENTS, until(at_ms));
		if (loop->n < 0 && errno != EINTR)
			return fail("epoll");
		woke_us = clock_us();
		loop->now_ms = woke_us / 1000;
		for (loop->at = 0; loop->at < loop->n;) {
			struct epoll_event *event = &loop->events[loop->at++];
			struct loop_watch *watch = event->data.ptr;

			if (watch)
				watch->ready(watch, event->events);
		}
		loop->at = loop->n = 0;
	}
	return true;
}

/* ---- signals ---- */

static void signal_ready(struct loop_watch *watch, uint32_t events)
{
	struct loop *loop = (struct loop *)(void *)((char *)watch - offsetof(struct loop, signals));
	struct signalfd_siginfo info;

	(void)events;
	while (read(watch->fd, &info, sizeof info) == (ssize_t)sizeof info)
		loop->signalled(loop, (int)info.ssi_signo);
}

bool loop_signals(struct loop *loop, const int *numbers, size_t n,
		  void (*signalled)(struct loop *loop, int number))
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < n; i++)
		sigaddset(&set, numbers[i]);
	loop->signalled = signalled;
	loop->signals.ready = signal_ready;
	loop->signals.fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (loop->signals.fd < 0 || sigprocmask(SIG_BLOCK, &set, NULL) < 0 ||
	    !loop_add(loop, &loop->signals, EPOLLIN))
		return fail("signals");
	return true;
}

/* ---- other threads ---- */

static void wake_ready(struct loop_watch *watch, uint32_t events)
{
	struct loop_wake *wake = (struct loop_wake *)(void *)watch; /* its first member */
	uint64_t count;

	(void)events;
	if (read(watch->fd, &count, sizeof count) == (ssize_t)sizeof count)
		wake->woken(wake);
}

bool loop_wake_open(struct loop *loop, struct loop_wake *wake)
{
	wake->watch.ready = wake_ready;
	wake->watch.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (wake->watch.fd < 0 || !loop_add(loop, &wake->watch, EPOLLIN))
		return fail("eventfd");
	return true;
}

void loop_wake(struct loop_wake *wake)
{
	uint64_t one = 1;

	/* It fails only when 2^64 - 2 calls wait, and then there is one to see. */
	(void)!write(wake->watch.fd, &one, sizeof one);
}

void loop_wake_close(struct loop *loop, struct loop_wake *wake)
{
	if (wake->watch.fd < 0)
		return;
	loop_del(loop, &wake->watch);
	close(wake->watch.fd);
	wake->watch.fd = -1;
}
