/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_NET_PATH_WALK_H
#define LIB_NET_PATH_WALK_H

/* What the files about paths share: looking at a path that came from outside, and writing a new one. */

#include <assert.h>
#include <manrs/path.h>
#include <stdbool.h>

/* Whether a path keeps its contract; the functions below are only for one that does. */
bool path_ok(const manrs_path *path);

/* Path i of a batch; one whose start falls is malformed. */
manrs_path path_at(const manrs_paths *paths, size_t i);

/* enum manrs_segment of hop i. */
static inline unsigned path_kind(const manrs_path *path, size_t i)
{
	assert(i < path->n);
	return path->kind ? path->kind[i] & 7u : MANRS_SEGMENT_SEQUENCE;
}

static inline bool path_starts(const manrs_path *path, size_t i)
{
	assert(i < path->n);
	return path->kind ? path->kind[i] & MANRS_SEGMENT_START : i == 0;
}

/* Segments whose hops are in order, and segments of a confederation. */
static inline bool kind_ordered(unsigned kind)
{
	return kind == MANRS_SEGMENT_SEQUENCE || kind == MANRS_SEGMENT_CONFED_SEQUENCE;
}

static inline bool kind_confed(unsigned kind)
{
	return kind >= MANRS_SEGMENT_CONFED_SEQUENCE;
}

/* A path under construction in the caller's arrays: counts on beyond cap, stores up to it. */
struct path_out {
	uint32_t *asn;
	uint8_t *kind;
	size_t n, cap;
	unsigned last; /* kind of the hop before, 0 at first */
	uint32_t last_asn;
	bool mixed; /* not one AS_SEQUENCE */
};

/* Add a hop, `start`: it opens a segment. An AS_SEQUENCE goes on in the AS_SEQUENCE before it. */
void path_put(struct path_out *out, uint32_t asn, unsigned kind, bool start);

/* manrs_path_parse without its end: put the hops of text[n]. */
int path_read(struct path_out *out, const char *text, size_t n, manrs_fault *fault);

/* Hand the path over, or MANRS_ELIMIT with fault->at = the hops needed. */
int path_done(const struct path_out *out, manrs_path *path, manrs_fault *fault);

#endif
