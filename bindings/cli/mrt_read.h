/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_MRT_READ_H
#define CLI_MRT_READ_H

/*
 * The records of an MRT archive: of an input (mrt_each), or of bytes as they come (mrt_start, mrt_feed, mrt_finish). Bad ones
 * are told with their place and passed over; after lost framing the next record is looked for.
 */

#include "big_pages.h"
#include "input.h"
#include "mrt_ring.h"
#include "output.h"

struct mrt_read {
	/* ---- set by the caller, the rest zeros: one of record and take ---- */
	/* Each record that could be read, to be pulled from here and now. */
	void (*record)(void *arg, manrs_mrt *mrt, const manrs_mrt_record *record);
	/* All announcements, gathered; maybe on another thread, and never after mrt_free. */
	void (*take)(void *arg, const struct mrt_batch *batch);
	/* After the last one. NULL: nothing. */
	void (*end)(void *arg, manrs_mrt *mrt);
	void *arg;
	const char *name; /* the input's in errors; mrt_each sets it */
	/* As of struct lines. */
	struct out *out;
	uint32_t more_flags; /* for manrs_mrt_config.flags */
	/* ---- counted: not 0 means exit 2 in the end ---- */
	uint64_t bad, lost; /* records that cannot be read; places where the framing was lost */
	/* ---- its own ---- */
	uint64_t read; /* records */
	manrs_mrt *mrt;
	struct big_pages pages; /* of the store */
	bool failed;            /* nobody takes the output any more, as far as is known */
	bool searching;         /* for the next record */
	char *held;             /* the record that began in an earlier chunk */
	size_t n_held, cap_held, need;
	struct mrt_ring *ring; /* with take */
};

bool mrt_start(struct mrt_read *r); /* false: no memory, said */
/* returns: false: it does not go on, said why. */
bool mrt_feed(struct mrt_read *r, const char *bytes, size_t n);
/* The end of the bytes: what is held is all there is. returns: false: it does not go on, said why. */
bool mrt_finish(struct mrt_read *r);
void mrt_free(struct mrt_read *r); /* in any case, also after a failure */
/* All four of an input, which is closed in the end. in NULL: said why. returns: false: a fault of the input, said why. */
bool mrt_each(struct mrt_read *r, struct input *in);

#endif
