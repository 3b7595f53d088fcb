/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_MRT_RING_H
#define CLI_MRT_RING_H

/*
 * Batches of announcements from the thread that decodes an archive to one that judges them. There is no second thread before
 * the first full batch, nor on one processor, nor where none can be had: then a batch is judged where it was filled.
 */

#include "cli.h"

/* Announcements of many records, in order. What they borrow is good for this call alone. */
struct mrt_batch {
	manrs_announcement *at;
	manrs_mrt_note *note; /* [n] too */
	size_t n;
	/* How often the store was cleared: numbers of paths and sets in a batch with another count mean others. */
	uint64_t clears;
};

/* The library judges equal paths once, however they lie in a batch; more at a time leave the cache. */
#define MRT_BATCH 8192

struct mrt_ring;
/* take: of each batch, in order. returns: false: no more of them */
typedef bool mrt_ring_take(void *arg, const struct mrt_batch *batch);
struct mrt_ring *mrt_ring_new(mrt_ring_take *take, void *arg);
/* The batch in hand, to be filled. */
struct mrt_batch *mrt_ring_filling(struct mrt_ring *ring);
/* The batch in hand goes on and an empty one takes its place, as soon as one is free. returns: false: no more are taken */
bool mrt_ring_give(struct mrt_ring *ring);
/* All that was given is judged, and nobody but the caller is at work. */
void mrt_ring_settle(struct mrt_ring *ring);
void mrt_ring_free(struct mrt_ring *ring); /* settles first; NULL is allowed */

#endif
