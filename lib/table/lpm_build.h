/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_TABLE_LPM_BUILD_H
#define LIB_TABLE_LPM_BUILD_H

/* What the makers of the tables of lpm_tables.h share: cutting a window of the address line into runs (lpm_build.c). */

#include "base/pack.h"
#include "net/bits.h"
#include "table/lpm_tables.h"

struct run {
	uint32_t start, match;
};

/* Entries too long for a window, in one slot of it. */
struct group {
	uint32_t first, end; /* entries */
	uint32_t outer;      /* the match around them */
	uint32_t place;      /* IPv6: its gate line */
};

struct window {
	unsigned base, width; /* bits */
	uint32_t outer;       /* the match where no entry of the window is open */
};

/* A chunk of one run, to be used again. */
struct plain {
	uint32_t match, at;
	bool made;
};
#define PLAIN 1024

struct build {
	manrs_lpm *lpm;
	int failed; /* MANRS_ENOMEM or MANRS_ELIMIT */
	struct vec runs;
	struct vec groups; /* of the window that is cut */
	struct vec todo;   /* groups that wait */
	struct plain plain[PLAIN];
	struct pack chunks;
};

static inline const struct run *run_at(const struct build *b, size_t i)
{
	return (const struct run *)b->runs.at + i;
}

/* Cut a window: the runs of entries first..end-1, which lie in it, and the groups too long for it. */
void lpm_cut(struct build *b, const struct window *w, uint32_t first, uint32_t end);

/* The tables of a family: dir4, chunk4, wide4; dir6, line6. */
void lpm_build4(struct build *b);
void lpm_build6(struct build *b);

#endif
