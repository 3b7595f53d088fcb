/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_RIB_RIB_INDEX_H
#define LIB_RIB_RIB_INDEX_H

/*
 * Where routes are whose path holds an AS number: from the number to places, each a /16 of IPv4 or a /31 of IPv6 by which the
 * address of a route's prefix begins. A place is a run of the tree, and a customer's ASPA costs a look at the runs of his.
 *
 *     row[hash] -> places of one number -> of the next one with this row
 *                  number, how many, a table of them by open addressing; "everywhere" where they would be too many
 *
 * It says too much, never too little: what is withdrawn stays in it. So it is bounded by its bytes a route; over that it is
 * dropped, as it is where memory is short, and built again by the lap that the next changed ASPA asks for. Until there is a
 * first one it costs nothing. Sessions share it: the tenth table adds little to that of the first.
 *
 * Measured (tests/bench/rib_bench.c) over the real table of 1 M routes: the ASPA of one origin takes 0.06 ms, where a look at
 * all paths and a lap over the routes take 9.5.
 */

#include "base/pool.h"
#include <manrs/path.h>

enum rib_index_state { RIB_INDEX_NONE, RIB_INDEX_BUILDING, RIB_INDEX_WHOLE };

/* A number with more of them is everywhere: a lap over all routes costs about the same. */
#define RIB_PLACES_MOST 256u

struct rib_places {
	struct rib_places *next;
	uint32_t asn;
	uint16_t n;
	uint8_t order; /* 1 << order slots */
	uint8_t everywhere;
	uint32_t at[]; /* 0: free */
};

struct rib_index {
	struct pool pool;
	const manrs_alloc *mem;
	struct rib_places **row;
	size_t rows; /* a power of two */
	uint64_t seed[2];
	uint64_t lap; /* by which it is built */
	/* with so many routes it had too many bytes; 0: it had not. Not tried again with about as many */
	uint64_t too_many;
	enum rib_index_state state;
};

void rib_index_init(struct rib_index *index, const manrs_alloc *mem, const uint64_t seed[2]);
/* An empty one for about so many routes. returns: false: refused, or there is no use */
bool rib_index_begin(struct rib_index *index, uint64_t routes);
/* returns: whether there was one */
bool rib_index_drop(struct rib_index *index);
/* Routes of this path are at a place; routes: how many there are in all. Refused, or too many bytes: the index is dropped. */
void rib_index_put(struct rib_index *index, uint32_t place, const manrs_path *path,
		   uint64_t routes);
/* NULL: no route has it. */
const struct rib_places *rib_index_of(const struct rib_index *index, uint32_t asn);

/* The place of an address whose first 64 bits are hi; never 0. family: 0 IPv4, 1 IPv6 */
static inline uint32_t rib_place(unsigned family, uint64_t hi)
{
	return family ? UINT32_C(0x80000000) | (uint32_t)(hi >> 33) : 1 + (uint32_t)(hi >> 48);
}

#endif
