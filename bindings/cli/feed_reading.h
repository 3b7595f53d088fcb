/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_FEED_READING_H
#define CLI_FEED_READING_H

/*
 * The reading thread's own: feed.c reads, feed_consider.c says what of it is served.
 *
 * raw is all that was read last of each source with the local exceptions that were read last; served is what routers have.
 */

#include "feed.h"
#include "feed_source.h"
#include "feed_state.h"

#include <manrs/db_source.h>

#include <pthread.h>

struct feed_reading {
	struct feed *feed;
	const struct feed_options *options;
	pthread_t thread;
	bool started;          /* there is one */
	int asked;             /* an eventfd: look at asks */
	struct loop_wake wake; /* look at the posts */

	pthread_mutex_t lock; /* of these: */
	unsigned asks;
	bool ended;
	struct feed_set *sets, **sets_end;
	struct feed_news news;
	struct feed_start start;

	/* of the reading thread alone: */
	manrs_db_owner *owner;
	manrs_db *raw, *served;
	manrs_db *kept; /* the set of the state file, until another is served */
	bool kept_fits; /* it was made of the same files */
	struct source *sources;
	size_t n, n_records; /* records first, then SLURM */
	struct feed_state state;
	struct feed_news said;
	const manrs_db *considered; /* the raw that was looked at last; only compared */
	uint64_t considered_built;
	uint64_t held_ms;        /* since when the guard holds; 0: it does not */
	bool tell;               /* there is something to tell the serving thread */
	bool open;               /* the first looks are over: it may serve */
	bool gone;               /* what is served must not be used any more */
	uint64_t looked_ms;      /* at files */
	struct rtr_fetch caches; /* what their sessions share */
	size_t n_caches;
};

/* News for the serving thread, and with them a set, which is its from now on; NULL: none. It is not woken. */
void set_post(struct feed_reading *x, struct feed_set *set);
/* Serve what was read last, if it is to be served; else what is served stays. release: what the guard holds is let through. */
void set_consider(struct feed_reading *x, bool release);
/* What came of a cache is not served any more; what other sources have has nothing to do with it. */
void set_serve_no_more(struct feed_reading *x);
/* After the first look: what was kept serves where nothing else does. */
void set_stand_in(struct feed_reading *x);
/* Whether there is good data of every source. */
bool set_whole(const struct feed_reading *x);
/* A digest of the names of all files: a set that was made of others is no stand-in for that of these. */
uint64_t set_made_of(const struct feed_reading *x);
/* Until what is held is let through. */
uint64_t set_hold_left_ms(const struct feed_reading *x);

#endif
