/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_FEED_SOURCE_H
#define CLI_FEED_SOURCE_H

/* One file that a cache is fed with: read when it has changed, taken whole or not at all. The reading thread's. */

#include "feed.h"

#include <sys/stat.h>

enum source_kind { SOURCE_VRPS, SOURCE_ASPAS, SOURCE_IRR, SOURCE_SLURM, SOURCE_CACHE };

struct source {
	struct feed_source said;
	enum source_kind kind;
	uint32_t number;              /* of the database, but of SLURM */
	bool fed;                     /* the database has had data of it */
	struct stat seen;             /* when it was last read; zeros: it was not there */
	struct stat looked;           /* at the last look */
	manrs_slurm_file *slurm;      /* the last good one */
	manrs_slurm_file *slurm_read; /* a newer one that is not yet taken */
	struct rtr_session *session;  /* of SOURCE_CACHE */
	uint64_t last_ms;             /* of that, the last End of Data that said.built is of */
};

void source_init(struct source *s, enum source_kind kind, const char *name, uint32_t number);
void source_free(struct source *s);
/*
 * Whether it is another file than that which was last read, and the one of the last look: a file that grows is left until it
 * stands still, for half a file of lines is a whole one. at_once: whatever it is.
 */
bool source_due(struct source *s, bool at_once);
/* Whether it is still the file that its reading began with. returns: false: said why */
bool source_stands(struct source *s);
/*
 * Read a file of records into an edit, in the place of what it had. returns: false: said why, also in s->said.problem; the edit
 * is to be aborted, and what was good before still is
 */
bool source_read(struct source *s, manrs_edit *edit, const struct feed_options *options,
		 uint64_t now);
/* A file of local exceptions into slurm_read. returns: false: said why, also in s->said.problem */
bool source_read_slurm(struct source *s);
/* All of these files, the newer ones in the place of those before, into an edit. returns: false: said why */
bool sources_slurm(struct source *sources, size_t n, manrs_edit *edit);
/* What became of the edit: the newer ones are good from now on, or wait for others that they agree with. */
void sources_slurm_done(struct source *sources, size_t n, bool taken, uint64_t now);
/* What the reading came to; "": it is good. */
void source_problem(struct source *s, const char *problem);
/* Whether data built then is too old, or from a time that has not come: by --max-age, and never where it does not say. */
bool source_stale(const struct feed_options *options, uint64_t built, uint64_t now);

#endif
