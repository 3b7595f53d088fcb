/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_FEED_H
#define CLI_FEED_H

/*
 * Published data for a process that goes on: files, caches, SLURM, the guard and the state file, all that may take long, in a
 * thread of its own. Nothing of it is on the way of a router. What it has finished comes to the thread of the loop as posts.
 */

#include "feed_change.h"
#include "loop.h"
#include "output.h"
#include "vrpset.h"

struct feed_options {
	struct vrpset_options *load; /* its files and ASPAs; expiry.max_age where .limited; rtr */
	struct words slurm, irr;
	const char *state;    /* NULL: none is kept */
	uint64_t guard;       /* percent; 100: none */
	uint64_t guard_least; /* of a kind, of fewer records the guard says nothing */
	uint64_t guard_hold_s;
};

/* ---- how the data stands: filled by the reading thread for the loop's ---- */

/* A file of VRPs, ASPAs or SLURM, or an upstream cache. Strings are valid until the next news. */
struct feed_source {
	const char *name;
	const char *kind; /* "vrps", "aspas", "irr", "slurm" */
	bool good;        /* there is data of it */
	uint64_t built;   /* of that data, Unix seconds; 0: it does not say */
	uint64_t read_at; /* when that was read, Unix seconds */
	uint64_t vrps, aspas, keys, irr, bad;
	uint64_t reads, failures;
	char problem[200]; /* why the last reading was not taken; "": it was */
};

/* What the reading thread says, a copy for the other one. */
struct feed_news {
	struct feed_source *source;
	size_t n_sources;
	uint64_t built; /* the oldest build time of what is served; 0: none says it */
	uint64_t held_removed,
		held_of; /* by a set that the guard holds: so many records of so many; 0: none is held */
	uint64_t held_since; /* Unix seconds */
	uint64_t rounds;     /* readings that ended */
	uint64_t guarded;    /* sets that the guard held */
	bool state_good;     /* the state is on disk */
};

struct feed_reading;
struct feed {
	struct loop *loop;
	const struct feed_options *options;
	void (*posted)(struct feed *feed); /* on the loop's thread */
	struct feed_reading *reading;
	struct feed_news news;
};

/* The sources as metrics: feed_metrics.c */
void feed_metrics(struct out *out, const struct feed_news *news);

/* ---- sets ---- */

/* A set to serve. */
struct feed_set {
	struct feed_set *next;
	const manrs_db *db;        /* a reference, of the taker's from now on */
	struct feed_change change; /* to the set before; of the first, all of it */
	uint32_t serial;           /* that the engine gives it */
	uint64_t expires;          /* Unix seconds; 0: never */
};

/* What the engine of a cache begins with. */
struct feed_start {
	uint16_t session[3];
	uint32_t serial;
};

/*
 * Start it; loop, options and posted are set. posted runs after each reading that found something, and after the first.
 * returns: false: said why
 */
bool feed_open(struct feed *feed);
/* In posted. news: replaced. returns: the sets in order, to be freed with feed_set_free */
struct feed_set *feed_take(struct feed *feed, struct feed_start *start);
void feed_set_free(struct feed_set *set);
void feed_reload(struct feed *feed);  /* read all files, changed or not */
void feed_release(struct feed *feed); /* let through what the guard holds */
/* Tell it to end. */
void feed_end(struct feed *feed);
bool feed_ended(const struct feed *feed); /* it has */
/* After that, when no snapshot is held any more; and when it did not start. */
void feed_close(struct feed *feed);

#endif
