/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A controller: one writer commits a change after the other and asks each time which routes to look at again; reader
 * threads judge all the while and never wait for it, nor it for them.
 *
 *     writer:  edit -> commit -> diff -> publish -> reclaim        readers:  enter -> judge a batch -> leave
 */

#include <manrs/cell.h>
#include <manrs/rov.h>

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define READERS 3
#define CHANGES 1000
#define BATCH   64

static manrs_cell *cell;
static atomic_bool finished;
static atomic_int reading; /* how many readers have judged something */

struct reader {
	pthread_t thread;
	uint32_t seat;
	unsigned long batches, torn;
};

/* 192.0.2.0/24 as a route or a VRP of an AS. */
static manrs_route example(uint32_t asn)
{
	static const uint8_t bytes[4] = {192, 0, 2, 0};
	manrs_route route = {.asn = asn};

	manrs_prefix_set(&route.prefix, 4, bytes, 24, 0);
	return route;
}

/* The writer moves the one VRP between AS1 and AS2: in every snapshot exactly one of the two is valid. */
static void *read_on(void *arg)
{
	struct reader *r = arg;
	manrs_route routes[BATCH];
	uint8_t states[BATCH];

	for (size_t i = 0; i < BATCH; i++)
		routes[i] = example(1 + i % 2);
	while (!atomic_load(&finished)) {
		const manrs_db *db = manrs_cell_enter(cell, r->seat);

		manrs_rov_check_many(db, routes, BATCH, states);
		manrs_cell_leave(cell, r->seat);
		for (size_t i = 0; i < BATCH; i++)
			r->torn += states[i] != states[i % 2];
		r->torn += (states[0] == MANRS_ROV_VALID) == (states[1] == MANRS_ROV_VALID);
		if (!r->batches++)
			atomic_fetch_add(&reading, 1);
	}
	return NULL;
}

/* One RTR delta: withdraw a VRP, announce another, as one commit. returns: how many prefixes to look at again. */
static long change(manrs_db_owner *owner, manrs_db **db, uint32_t from, uint32_t to)
{
	manrs_route old = example(from), new = example(to);
	manrs_cursor cursor = {0};
	manrs_change changes[16];
	manrs_edit *edit;
	manrs_db *next;
	long n;

	if (manrs_edit_begin(&edit, owner, *db) < 0)
		return -1;
	if (from)
		manrs_edit_vrps(edit, 0, MANRS_REMOVE, &old, 1, NULL, NULL);
	manrs_edit_vrps(edit, 0, MANRS_ADD, &new, 1, NULL, NULL);
	if (manrs_edit_commit(edit, &next) < 0)
		return -1;
	n = *db ? (long)manrs_db_diff(*db, next, &cursor, changes, 16) : 0;

	/* The cell holds a reference of its own; ours stays for the next diff. */
	manrs_db_ref(next);
	if (manrs_cell_publish(cell, next) < 0)
		return -1;
	manrs_db_unref(*db);
	*db = next;
	manrs_cell_reclaim(cell);
	manrs_db_reclaim(owner, 100); /* a slice: the event loop goes on */
	return n;
}

int main(void)
{
	struct reader readers[READERS] = {{0}};
	manrs_db_owner *owner;
	manrs_db *db = NULL;
	long changed = 0;
	unsigned long torn = 0;

	if (manrs_db_owner_new(&owner, NULL) < 0 || manrs_cell_new(&cell, READERS, NULL) < 0)
		return 1;
	if (change(owner, &db, 0, 1) < 0)
		return 1;
	for (uint32_t i = 0; i < READERS; i++) {
		readers[i].seat = i;
		if (pthread_create(&readers[i].thread, NULL, read_on, &readers[i]))
			return 1;
	}
	while (atomic_load(&reading) < READERS)
		sched_yield();
	for (uint32_t i = 0; i < CHANGES; i++)
		changed += change(owner, &db, 1 + i % 2, 2 - i % 2);
	atomic_store(&finished, true);
	for (int i = 0; i < READERS; i++) {
		pthread_join(readers[i].thread, NULL);
		torn += readers[i].torn;
	}
	printf("%d commits, %ld prefixes to look at again\n", CHANGES, changed);
	printf("answers from half a change: %lu\n", torn);
	manrs_cell_publish(cell, NULL);
	manrs_cell_reclaim(cell);
	manrs_db_unref(db);
	printf("all given back: %s\n",
	       manrs_cell_free(cell) == MANRS_OK && manrs_db_owner_free(owner) == MANRS_OK ? "yes"
											   : "no");
	return torn != 0;
}
