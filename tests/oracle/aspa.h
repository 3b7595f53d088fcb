/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_ORACLE_ASPA_H
#define TESTS_ORACLE_ASPA_H

/* ASPA verification as draft-ietf-sidrops-aspa-verification-28 words it, over an unsorted list of attestations. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One provider of one customer, in any order; provider 0 is AS0. */
struct draft_pair {
	uint32_t customer, provider;
};

struct draft_ramps {
	uint32_t n, max_up, min_up, max_down, min_down;
};

enum draft_state { DRAFT_UNKNOWN, DRAFT_VALID, DRAFT_INVALID };

#define DRAFT_HOPS 4096

/* The ramps of a path given in wire order, prepends not yet taken out, 1 <= n <= DRAFT_HOPS. */
struct draft_ramps draft_ramps(const struct draft_pair *table, size_t pairs, const uint32_t *wire,
			       uint32_t n);

/*
 * The procedures. neighbour is not compared when `any`; sets: there is an AS_SET in the path; downstream: the route came
 * from a provider; client: we are a route server's client and this came from it.
 */
enum draft_state draft_verify(const struct draft_pair *table, size_t pairs, const uint32_t *wire,
			      uint32_t n, bool sets, bool downstream, bool client, bool any,
			      uint32_t neighbour);

#endif
