/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_IRR_H
#define MANRS_IRR_H

/*
 * Is a route registered? Origins against the IRR route objects of a snapshot, and against a neighbour's AS-SET.
 *
 * threads: all calls: any thread, on one snapshot
 * cost:    no call allocates or locks
 */

#include <manrs/db.h>

#ifdef __cplusplus
extern "C" {
#endif

enum manrs_irr_state {
	MANRS_IRR_NOT_FOUND = 0,  /* no route object covers it */
	MANRS_IRR_REGISTERED = 1, /* a route object allows it */
	MANRS_IRR_MISMATCH = 2,   /* route objects cover it, and none of them allows it */
	MANRS_IRR_MALFORMED = 3,  /* the route breaks its contract, or a flag is unknown */
};

/*
 * Flags. With ROA (RFC 6811 section 2) also where the snapshot has no route object at all, which to manrs_check is unknown.
 */
#define MANRS_IRR_COVERING 1u /* a route object of a covering prefix will do */
#define MANRS_IRR_ROA      2u /* a route that is Valid by its VRPs counts as registered */

/*
 * Is this route registered?
 * in:      route: asn 0 = origin NONE, which no object matches; flags
 * returns: enum manrs_irr_state, always >= 0; MALFORMED also for unknown flags
 * source:  RFC 2622 section 4 (route), RFC 4012 section 3 (route6)
 */
MANRS_API int manrs_irr_check(const manrs_db *db, const manrs_route *route, uint32_t flags);

/* The same for n routes. out: states[n]. returns: MANRS_OK; MANRS_EINVAL if any was malformed. */
MANRS_API int manrs_irr_check_many(const manrs_db *db, const manrs_route *routes, size_t n,
				   uint32_t flags, uint8_t *states);

/* All route objects whose prefix covers this one, as manrs_rov_covering lists VRPs. */
MANRS_API size_t manrs_irr_covering(const manrs_db *db, const manrs_prefix *prefix,
				    manrs_route *out, size_t cap);

/*
 * Whether an AS number is in a set: an expanded AS-SET, a list of this library.
 * in:      set[n], ascending
 * returns: 1 or 0
 * cost:    O(log n)
 */
MANRS_API int manrs_asn_in(const uint32_t *set, size_t n, uint32_t asn);

/* "not-found", "registered", "mismatch", "malformed"; "" for other numbers. owns: a constant. */
MANRS_API const char *manrs_irr_text(int state);

#ifdef __cplusplus
}
#endif

#endif
