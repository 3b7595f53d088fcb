/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_URPF_URPF_MATCH_H
#define LIB_URPF_URPF_MATCH_H

/*
 * A big IPv6 lookup: a longest match of the prefixes that there were when it was made, and what the addresses of each of its
 * entries get; urpf_match.c has the picture.
 */

#include "urpf/urpf_flat.h"
#include <manrs/lpm.h>

/* A compiled longest match. */
struct urpf_lpm {
	struct heap_obj obj;
	manrs_lpm *lpm;
};

#define MATCH_PAGE 512u
#define MATCH_ASK  FLAT_MARK /* the blocks know */

struct match_page {
	struct heap_obj obj;
	uint64_t at[MATCH_PAGE]; /* rows; where they have more than a word, their numbers */
};

struct urpf_match {
	struct heap_obj obj;
	struct urpf_lpm *lpm;
	uint64_t n_ask; /* entries that say so */
	uint64_t n_pages;
	struct match_page *page[];
};

static cc_inline uint64_t match_at(const struct urpf_match *m, uint32_t entry)
{
	return m->page[entry / MATCH_PAGE]->at[entry % MATCH_PAGE];
}

/* The longest match of all IPv6 candidates; NULL: no memory, and then it is done without. */
struct urpf_match *match_new(manrs_urpf_owner *o, const manrs_urpf *s);
/* The next version of one, with what is dirty as it is in s. NULL: no memory, or too much to ask. */
struct urpf_match *match_next(manrs_urpf_owner *o, const manrs_urpf *s,
			      const struct urpf_match *old, const manrs_prefix *dirty, size_t n);

#endif
