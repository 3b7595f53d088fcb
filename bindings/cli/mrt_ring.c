/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A ring of batches between two threads:
 *
 *     slot     | judged | waits | filled |
 *               taken             given         both count up; given - taken is below SLOTS while one is filled
 *
 * Who fills never waits while who judges does: the one waits for a ring that is full or not yet settled, the other for one
 * that is empty. So one condition does for both.
 */

#include "mrt_ring.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define SLOTS 3
#define STACK ((size_t)1 << 20) /* some C libraries give a thread far less than a process */

struct mrt_ring {
	mrt_ring_take *take;
	void *arg;
	struct mrt_batch slot[SLOTS];
	bool threaded, alone; /* alone: a thread is not to be had */
	pthread_t thread;
	pthread_mutex_t lock; /* of these: */
	pthread_cond_t changed;
	size_t given, taken;
	bool ended, refused; /* refused: no more are taken */
};

static struct mrt_batch *slot_at(struct mrt_ring *ring, size_t count)
{
	return &ring->slot[count % SLOTS];
}

static void *judging(void *arg)
{
	struct mrt_ring *ring = arg;
	bool good = !ring->refused;
	size_t taken = 0;

	pthread_mutex_lock(&ring->lock);
	for (;;) {
		while (ring->given == ring->taken && !ring->ended)
			pthread_cond_wait(&ring->changed, &ring->lock);
		if (ring->given == ring->taken)
			break;
		pthread_mutex_unlock(&ring->lock);
		good = good && ring->take(ring->arg, slot_at(ring, taken));
		pthread_mutex_lock(&ring->lock);
		ring->taken = ++taken;
		ring->refused = !good;
		pthread_cond_signal(&ring->changed);
	}
	pthread_mutex_unlock(&ring->lock);
	return NULL;
}

static void slot_make(struct mrt_batch *batch)
{
	batch->at = must_resize(NULL, MRT_BATCH, sizeof *batch->at);
	batch->note = must_resize(NULL, MRT_BATCH, sizeof *batch->note);
}

/* Signals are the first thread's, as before; but for the one of a pipe that nobody reads, which is the writer's. */
static bool start(struct mrt_ring *ring)
{
	sigset_t all, before;
	pthread_attr_t attr;
	bool good;

	if (ring->threaded || ring->alone)
		return ring->threaded;
	ring->alone = true;
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2 || pthread_attr_init(&attr))
		return false;
	sigfillset(&all);
	sigdelset(&all, SIGPIPE);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	good = !pthread_attr_setstacksize(&attr, STACK) &&
	       !pthread_create(&ring->thread, &attr, judging, ring);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	for (size_t i = 1; good && i < SLOTS; i++)
		slot_make(&ring->slot[i]);
	ring->threaded = good;
	return good;
}

struct mrt_ring *mrt_ring_new(mrt_ring_take *take, void *arg)
{
	struct mrt_ring *ring = must_resize(NULL, 1, sizeof *ring);

	*ring = (struct mrt_ring){.take = take, .arg = arg};
	pthread_mutex_init(&ring->lock, NULL);
	pthread_cond_init(&ring->changed, NULL);
	slot_make(&ring->slot[0]);
	return ring;
}

struct mrt_batch *mrt_ring_filling(struct mrt_ring *ring)
{
	return slot_at(ring, ring->given); /* which nobody else changes */
}

/* To the other thread. returns: whether it still takes any */
static bool hand_over(struct mrt_ring *ring)
{
	bool good;

	pthread_mutex_lock(&ring->lock);
	ring->given++;
	pthread_cond_signal(&ring->changed);
	while (ring->given - ring->taken == SLOTS)
		pthread_cond_wait(&ring->changed, &ring->lock);
	good = !ring->refused;
	pthread_mutex_unlock(&ring->lock);
	return good;
}

bool mrt_ring_give(struct mrt_ring *ring)
{
	struct mrt_batch *batch = mrt_ring_filling(ring);
	uint64_t clears = batch->clears;
	bool good;

	if (ring->threaded || (batch->n == MRT_BATCH && start(ring))) {
		good = !batch->n || hand_over(ring);
	} else {
		if (batch->n && !ring->refused)
			ring->refused = !ring->take(ring->arg, batch);
		good = !ring->refused;
	}
	batch = mrt_ring_filling(ring);
	batch->n = 0;
	batch->clears = clears;
	return good;
}

void mrt_ring_settle(struct mrt_ring *ring)
{
	if (!ring->threaded)
		return;
	pthread_mutex_lock(&ring->lock);
	while (ring->given != ring->taken)
		pthread_cond_wait(&ring->changed, &ring->lock);
	pthread_mutex_unlock(&ring->lock);
}

void mrt_ring_free(struct mrt_ring *ring)
{
	if (!ring)
		return;
	if (ring->threaded) {
		pthread_mutex_lock(&ring->lock);
		ring->ended = true;
		pthread_cond_signal(&ring->changed);
		pthread_mutex_unlock(&ring->lock);
		pthread_join(ring->thread, NULL);
	}
	pthread_mutex_destroy(&ring->lock);
	pthread_cond_destroy(&ring->changed);
	for (size_t i = 0; i < SLOTS; i++) {
		free(ring->slot[i].at);
		free(ring->slot[i].note);
	}
	free(ring);
}
