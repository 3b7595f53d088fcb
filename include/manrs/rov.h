/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_ROV_H
#define MANRS_ROV_H

/*
 * Route origin validation (RFC 6811) against a snapshot.
 *
 * threads: all calls: any thread, on one snapshot
 * cost:    no call allocates or locks (tests/bench/rov_bench.c)
 */

#include <manrs/db.h>

#ifdef __cplusplus
extern "C" {
#endif

/* RFC 6811 section 2; MALFORMED is ours: a route that breaks its contract is never "not found". */
enum manrs_rov {
	MANRS_ROV_NOT_FOUND = 0, /* no VRP covers it */
	MANRS_ROV_VALID = 1,     /* a VRP matches */
	MANRS_ROV_INVALID = 2,   /* covered, and none matches */
	MANRS_ROV_MALFORMED = 3, /* the route breaks its contract */
};

/* Why a route is invalid. */
enum manrs_rov_reason {
	MANRS_ROV_REASON_NONE = 0,   /* it is not */
	MANRS_ROV_REASON_AS = 1,     /* no covering VRP has its origin */
	MANRS_ROV_REASON_LENGTH = 2, /* those of its origin allow no prefix this long */
};

/* What one covering VRP says to a route. */
enum manrs_rov_match {
	MANRS_ROV_MATCHED = 1,          /* makes it Valid */
	MANRS_ROV_UNMATCHED_AS = 2,     /* of another origin */
	MANRS_ROV_UNMATCHED_LENGTH = 3, /* of its origin, with a shorter maxLength */
};

/*
 * Validate one announcement.
 * in:      route: host bits zero; asn 0 = origin NONE (AS_SET), which no VRP matches; maxlen ignored
 * returns: enum manrs_rov, always >= 0
 * cost:    O(1) for ordinary tables
 * source:  RFC 6811 section 2; RFC 6483 section 4 (AS0)
 */
MANRS_API int manrs_rov_check(const manrs_db *db, const manrs_route *route);

/*
 * Validate n announcements: states[i] answers routes[i] as manrs_rov_check does.
 * out:     states[n], enum manrs_rov
 * returns: MANRS_OK; MANRS_EINVAL if any route was malformed (its state is MANRS_ROV_MALFORMED)
 */
MANRS_API int manrs_rov_check_many(const manrs_db *db, const manrs_route *routes, size_t n,
				   uint8_t *states);

/*
 * All VRPs whose prefix covers this one, whatever their maxLength, shortest first, then by asn and maxlen.
 * out:     vrps[cap] is filled up to cap; may be NULL when cap is 0
 * returns: how many there are, even where cap is less; 0 for a malformed prefix
 */
MANRS_API size_t manrs_rov_covering(const manrs_db *db, const manrs_prefix *prefix,
				    manrs_route *vrps, size_t cap);

/* What a covering VRP says to a route: the three lists of an explanation. returns: enum manrs_rov_match. */
MANRS_API int manrs_rov_match(const manrs_route *route, const manrs_route *vrp);

/* Why a route is invalid. returns: enum manrs_rov_reason; NONE unless the route is invalid. */
MANRS_API int manrs_rov_reason(const manrs_db *db, const manrs_route *route);

/* "not-found", "valid", "invalid", "malformed"; "" for other numbers. owns: a constant. */
MANRS_API const char *manrs_rov_text(int state);

#ifdef __cplusplus
}
#endif

#endif
