/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_CHECK_ROV_LIST_H
#define LIB_CHECK_ROV_LIST_H

/*
 * Judging one route by the list over its address.
 *
 * The covering index gives, for the route's address, the list of all VRPs over it (lib/table/cover.h). The list may also
 * hold VRPs longer than the route, which do not cover it: they are passed over by their length. So with a route of length L
 * and origin A, and a VRP of length l, maxLength m and AS a (RFC 6811 section 2):
 *
 *     covering  l <= L
 *     matching  l <= L <= m and a == A and A != 0          (AS0 never matches: RFC 6483 section 4)
 *     Valid if any matches; else Invalid if any covers; else NotFound
 */

#include "base/cc.h"
#include "data/snapshot.h"
#include "table/cover.h"
#include <assert.h>
#include <manrs/rov.h>

/* What the VRPs over a route say of it. */
enum rov_said {
	ROV_COVERED = 1,
	ROV_MATCHED = 2,
	ROV_TOO_LONG = 4, /* the right AS, but the route is longer than its maxLength */
};

/* The origin as words have it: none of them has more than 32 bits, so NONE matches nothing. */
static inline uint64_t rov_origin(uint32_t asn)
{
	return asn ? asn : UINT64_MAX;
}

/* The rule above for one VRP, but that a VRP of AS0 matches an origin of 0: COVERED, or COVERED | MATCHED, or nothing. */
static inline unsigned rov_rule(uint64_t word, unsigned len, uint64_t origin)
{
	unsigned covers = cover_word_len(word) <= len;
	unsigned fits = len <= cover_word_maxlen(word);

	return covers | (covers & fits & (word >> 32 == origin)) << 1;
}

/* And why not: TOO_LONG too. origin: rov_origin. */
static inline unsigned rov_word(uint64_t word, unsigned len, uint64_t origin)
{
	unsigned said = rov_rule(word, len, origin);

	return said | (unsigned)(said == ROV_COVERED && word >> 32 == origin) << 2;
}

/* The words of a MANY, with those of what is above it or without (rov.c). */
unsigned rov_many(const struct cover_many *m, unsigned len, uint32_t asn);
unsigned rov_many_here(const struct cover_many *m, unsigned len, uint32_t asn);

/* No list at all, as a list of one word that covers nothing: its length is longer than any route's. */
#define ROV_NOTHING (UINT64_C(255) << 16 | COVER_ONE)

/* An entry that is no child. */
static inline unsigned rov_entry(uint64_t entry, unsigned len, uint32_t asn)
{
	uint64_t one = entry ? entry : ROV_NOTHING, origin = rov_origin(asn);
	const uint64_t *w = cover_tag(entry) == COVER_LIST ? cover_at(entry) : &one;
	unsigned said = 0;

	if (cc_unlikely(cover_tag(entry) == COVER_MANY))
		return rov_many(cover_at(entry), len, asn);
	do
		said |= rov_word(*w, len, origin);
	while (!(*w++ & COVER_ONE));
	return said;
}

/* The state of what was said: NOT_FOUND 0, INVALID 2, VALID 1. What matches also covers. */
static inline uint8_t rov_state(unsigned said)
{
	assert(said & ROV_COVERED || !said);
	return (uint8_t)(2 * (said & ROV_COVERED) - (said >> 1 & 1));
}

/* The same code compiled for each path that isa_choose can give (rov_batch.h); chosen in rov_x86.c, rov_noisa.c. */
struct rov_path {
	/* the state of a sound route */
	int (*check)(const manrs_db *db, const manrs_route *route);
	int (*many)(const manrs_db *db, const manrs_route *routes, size_t n, uint8_t *states);
};
extern const struct rov_path rov_portable, rov_avx2, rov_avx512;
const struct rov_path *rov_choose(uint32_t isa);

#endif
