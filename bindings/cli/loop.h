/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_LOOP_H
#define CLI_LOOP_H

/*
 * One thread's events: sockets, deadlines, signals, and words from other threads.
 *
 *     loop_run:   ask every task what is due and when the next thing is -> sleep -> call the watches that are ready -> again
 *
 * Watches and tasks stand inside the structs of their owners, who free them after the del. A watch may be deleted, and freed,
 * by any callback, also one whose own event is still to be called in this turn: it is not called any more.
 *
 * threads: the one that runs it; loop_wake may be called by any.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>

#define LOOP_NEVER UINT64_MAX

/* A descriptor; the events are EPOLLIN and its like, level-triggered. */
struct loop_watch {
	int fd;
	void (*ready)(struct loop_watch *watch, uint32_t events);
};

/* Something with a deadline. */
struct loop_task {
	struct loop_task *next;
	/* Do what is due. Called once a turn, so do nothing else. returns: when to be called at the latest, LOOP_NEVER */
	uint64_t (*turn)(struct loop_task *task, uint64_t now_ms);
};

/* What another thread calls up. */
struct loop_wake {
	struct loop_watch watch;
	void (*woken)(struct loop_wake *wake); /* once for any number of loop_wake before it */
};

/* How long turns took, without the sleep. */
struct loop_turns {
	uint64_t n, slow; /* slow: over 1 ms */
	uint64_t longest_us;
};

struct loop {
	int epoll;
	bool ended;
	uint64_t now_ms; /* of this turn, of a clock that does not go back */
	struct loop_task *tasks;
	struct epoll_event *events; /* of this turn: events[at..n) are still to be called */
	int at, n;
	struct loop_turns turns;
	struct loop_watch signals;
	void (*signalled)(struct loop *loop, int number);
};

/* returns: false: said why */
bool loop_open(struct loop *loop);
void loop_close(struct loop *loop);
/* Until loop_end is called. returns: false: said why. */
bool loop_run(struct loop *loop);
void loop_end(struct loop *loop);
/* Of the clock of now_ms, now. */
uint64_t loop_clock(void);

/* returns: false: errno says why */
bool loop_add(struct loop *loop, struct loop_watch *watch, uint32_t events);
bool loop_mod(struct loop *loop, struct loop_watch *watch, uint32_t events);
/* Before its descriptor is closed. */
void loop_del(struct loop *loop, struct loop_watch *watch);

void loop_task_add(struct loop *loop, struct loop_task *task);

/*
 * Signals as events: they are blocked in this thread and in those that it starts from now on.
 * in: numbers[n]. returns: false: said why
 */
bool loop_signals(struct loop *loop, const int *numbers, size_t n,
		  void (*signalled)(struct loop *loop, int number));

/* returns: false: said why */
bool loop_wake_open(struct loop *loop, struct loop_wake *wake);
void loop_wake(struct loop_wake *wake); /* any thread */
void loop_wake_close(struct loop *loop, struct loop_wake *wake);

#endif
