/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_FEED_UPSTREAM_H
#define CLI_FEED_UPSTREAM_H

/* Another cache as a source of this one (rtr://, rtrs://). The reading thread's. */

#include "rtr_fetch.h"
#include "feed_source.h"

/* returns: false: said why */
bool upstream_open(struct source *s, struct rtr_fetch *fetch);
void upstream_free(struct source *s);

enum upstream_result {
	UPSTREAM_NOTHING, /* nothing new; the edit, if one was begun, is aborted */
	UPSTREAM_TAKEN,   /* the edit is to be committed, then upstream_done */
	UPSTREAM_GONE,    /* its data has expired, or it took it back: it must not be used */
};
/* Whether a response waits: then an edit is worth to begin. */
bool upstream_waits(const struct source *s);
/* The response that waits, into an edit. */
enum upstream_result upstream_read(struct source *s, manrs_edit *edit, uint64_t now_ms);
/* It is committed, or could not be. db: the snapshot it is in. */
void upstream_done(struct source *s, const manrs_db *db, uint64_t now_ms);
/* What `said` tells of time: when the data was last known to be right stands for the time of building. */
void upstream_look(struct source *s, uint64_t now_ms, uint64_t now);

#endif
