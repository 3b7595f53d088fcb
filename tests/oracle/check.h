/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_ORACLE_CHECK_H
#define TESTS_ORACLE_CHECK_H

/* A small random world of routes, paths and policies, and the check of it one question at a time, over lists. */

#include "oracle/aspa.h"

#include <manrs/manrs.h>
#include <stdbool.h>

#define WORLD_ROUTES 40
#define WORLD_PAIRS  40
#define WORLD_HOPS   40

#define WORLD_LOCAL_AS     200
#define WORLD_TRANSIT_FREE 14

/* The lists of its policies, unless they have none. */
extern const uint32_t world_transit_free[WORLD_TRANSIT_FREE], world_shy[2], world_set[4];
extern const manrs_peerlock world_locks[3];
extern manrs_prefix world_own[2];

struct check_world {
	manrs_db_owner *owner;
	manrs_db *db;
	manrs_route vrps[WORLD_ROUTES], irr[WORLD_ROUTES];
	struct draft_pair pairs[WORLD_PAIRS];
	size_t n_pairs;
	manrs_as_rel rows[64];
	size_t n_rows;
	manrs_rel *rel;
	manrs_prefix listed[6]; /* of `list`; value of entry i: listed_to[i] */
	uint8_t listed_to[6];
	manrs_trie *list;
	/* paths: announcement i has its hops at i * WORLD_HOPS */
	uint32_t hops[200 * WORLD_HOPS];
	uint8_t kinds[200 * WORLD_HOPS];
};

struct check_world *check_world_new(void);
void check_world_free(struct check_world *world);
void check_world_policy(const struct check_world *world, manrs_policy *policy, uint64_t *seed);
/* Announcement `slot` < 200; its path lives in the world until the next one in this slot. */
void check_world_announcement(struct check_world *world, manrs_announcement *a, size_t slot,
			      uint64_t *seed);

/* What one test must say: 1 pass, 2 fail, 3 unknown, 0 not asked for or not applying. */
int check_slow(const struct check_world *world, const manrs_policy *policy,
	       const manrs_announcement *a, int test);

/* Fails the test unless text[n] is one JSON value; empty text is let through. */
void check_json(const char *text, size_t n);

#endif
