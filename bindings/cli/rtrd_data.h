/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_RTRD_DATA_H
#define CLI_RTRD_DATA_H

/*
 * The reading thread: files, SLURM, the guard and the state file, all that may take long. Nothing of it is on the way of a
 * router. What it has finished comes to the serving thread as posts.
 */

#include "rtrd.h"
#include "rtrd_change.h"

/* A set to serve. */
struct rtrd_set {
	struct rtrd_set *next;
	const manrs_db *db;        /* a reference, of the serving thread's from now on */
	struct rtrd_change change; /* to the set before; of the first, all of it */
	uint32_t serial;           /* that the engine gives it */
	uint64_t expires;          /* Unix seconds; 0: never */
};

/* What the engine of a cache begins with. */
struct rtrd_start {
	uint16_t session[3];
	uint32_t serial;
};

/*
 * Start it. posted runs on the serving thread after each reading that found something, and after the first.
 * returns: false: said why
 */
bool data_open(struct rtrd *d, void (*posted)(struct rtrd *d));
/* In posted. news: replaced. returns: the sets in order, to be freed with data_set_free */
struct rtrd_set *data_take(struct rtrd *d, struct rtrd_start *start);
void data_set_free(struct rtrd_set *set);
void data_reload(struct rtrd *d);  /* read all files, changed or not */
void data_release(struct rtrd *d); /* let through what the guard holds */
/* Tell it to end. */
void data_end(struct rtrd *d);
bool data_ended(const struct rtrd *d); /* it has */
/* After that, when no snapshot is held any more; and when it did not start. */
void data_close(struct rtrd *d);

#endif
