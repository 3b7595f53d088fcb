/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_ASPA_H
#define MANRS_ASPA_H

/*
 * ASPA: verification of AS paths (draft-ietf-sidrops-aspa-verification-28) against a snapshot.
 *
 * threads: all calls: any thread, on one snapshot
 * cost:    no call allocates or locks (tests/bench/aspa_bench.c)
 */

#include <manrs/db.h>
#include <manrs/path.h>
#include <manrs/role.h>

#ifdef __cplusplus
extern "C" {
#endif

/* MALFORMED is ours: a path or a role that breaks its contract is never "unknown", which operators accept. */
enum manrs_aspa_state {
	MANRS_ASPA_UNKNOWN = 0,   /* attestations are missing */
	MANRS_ASPA_VALID = 1,     /* every hop that must be is attested */
	MANRS_ASPA_INVALID = 2,   /* a leak or forged: ineligible */
	MANRS_ASPA_MALFORMED = 3, /* the path or the role breaks its contract */
};

/*
 * Flags of the calls below. AS_CONFED_SEQUENCEs are Invalid, or with CONFED stripped; an AS_CONFED_SET always is Invalid
 * (RFC 9774 section 3).
 */
#define MANRS_ASPA_ANY_NEIGHBOUR 1u /* do not compare the neighbour's ASN with the path */
#define MANRS_ASPA_CONFED        2u /* we are inside the confederation: its segments are stripped */
#define MANRS_ASPA_COMMON        4u /* batch: neighbour_asn[0] and role[0] hold for all paths */

/*
 * Verify the path of one IPv4 or IPv6 unicast route as it came in.
 * in:      path: 4-octet numbers, AS4_PATH merged; role: enum manrs_role, what the neighbour is to us; neighbour_asn:
 *          its AS number, compared with path->asn[0] unless MANRS_ASPA_ANY_NEIGHBOUR is set or it is a route server
 * returns: enum manrs_aspa_state, always >= 0; MALFORMED also for MANRS_ROLE_NONE and unknown roles or flags
 * cost:    one pass, at most one lookup an AS
 * source:  draft-ietf-sidrops-aspa-verification-28, upstream and downstream procedures
 */
MANRS_API int manrs_aspa_check(const manrs_db *db, const manrs_path *path, uint32_t neighbour_asn,
			       int role, uint32_t flags);

/*
 * Verify n paths: states[i] answers path i as manrs_aspa_check does.
 * in:      neighbour_asn[n], role[n] (enum manrs_role), or [1] with MANRS_ASPA_COMMON; neighbour_asn may be NULL with
 *          MANRS_ASPA_ANY_NEIGHBOUR
 * out:     states[n], enum manrs_aspa_state
 * returns: MANRS_OK; MANRS_EINVAL if any path or role was malformed (its state is MANRS_ASPA_MALFORMED)
 */
MANRS_API int manrs_aspa_check_many(const manrs_db *db, const manrs_paths *paths,
				    const uint32_t *neighbour_asn, const uint8_t *role,
				    uint32_t flags, uint8_t *states);

/*
 * Both answers to a path from one pass, for a host that keeps them beside each distinct path: as it would be judged from
 * a customer, a peer or by way of a route server, and as from a provider. The neighbour is not compared.
 * in:      flags: MANRS_ASPA_CONFED
 * out:     up, down: enum manrs_aspa_state
 * returns: MANRS_OK; MANRS_EINVAL for a malformed path or flags (both are MANRS_ASPA_MALFORMED)
 * cost:    one lookup an AS
 * source:  draft-ietf-sidrops-aspa-verification-28, upstream and downstream procedures
 */
MANRS_API int manrs_aspa_both(const manrs_db *db, const manrs_path *path, uint32_t flags,
			      uint8_t *up, uint8_t *down);

/* The same for n paths. out: up[n], down[n]. returns: MANRS_OK; MANRS_EINVAL if any path was malformed. */
MANRS_API int manrs_aspa_both_many(const manrs_db *db, const manrs_paths *paths, uint32_t flags,
				   uint8_t *up, uint8_t *down);

/* Why a path has its state, in the order of the procedures. */
enum manrs_aspa_reason {
	MANRS_ASPA_REASON_NONE = 0,           /* valid */
	MANRS_ASPA_REASON_MALFORMED = 1,      /* the path or the role */
	MANRS_ASPA_REASON_EMPTY = 2,          /* an empty path */
	MANRS_ASPA_REASON_NEIGHBOUR = 3,      /* the first AS is not the neighbour */
	MANRS_ASPA_REASON_SET = 4,            /* an AS_SET or an AS_CONFED_SET */
	MANRS_ASPA_REASON_CONFED = 5,         /* a confederation segment from outside */
	MANRS_ASPA_REASON_HOPS = 6,           /* invalid: NotProvider+ hops stand in the way */
	MANRS_ASPA_REASON_NO_ATTESTATION = 7, /* unknown: attestations are missing */
};

/* What the ASPAs of a customer say of a provider: authorized(customer, provider) of the draft. */
enum manrs_aspa_auth {
	MANRS_ASPA_NO_ATTESTATION = 0, /* it has none */
	MANRS_ASPA_PROVIDER = 1,       /* Provider+ */
	MANRS_ASPA_NOT_PROVIDER = 2,   /* NotProvider+ */
};

/* A hop between two neighbours of the path, as a ramp looks at it: up from the origin, down from the neighbour. */
typedef struct manrs_aspa_hop {
	uint32_t customer;
	uint32_t provider;
	uint32_t customer_at; /* index in path->asn; of prepends the one next to the other AS */
	uint32_t provider_at;
	uint8_t auth; /* enum manrs_aspa_auth of (customer, provider) */
	uint8_t down; /* 0: looked at in the up-ramp, 1: in the down-ramp */
	/* enum manrs_aspa_state of the path, if `provider` stood in an ASPA of `customer`, all else equal */
	uint8_t would;
	uint8_t zero;
} manrs_aspa_hop;

/* The ramps of a path, counted in distinct neighbouring ASes (prepends are one). */
typedef struct manrs_aspa_ramps {
	uint32_t n; /* ASes of the path, prepends and confederation segments taken out */
	uint32_t max_up, min_up, max_down, min_down;
	uint8_t state;  /* enum manrs_aspa_state */
	uint8_t reason; /* enum manrs_aspa_reason */
	uint8_t zero[2];
} manrs_aspa_ramps;

/*
 * Explain a path: both ramps, and the hops that stand in the way of a better state: not Provider+ (NotProvider+ or
 * without attestation) in a ramp of the procedure, and not covered by the other ramp. A valid path has none.
 * out:     ramps: all 0 but state and reason when the procedure ended before the ramps; hops[cap], in wire order, is
 *          filled up to cap; may be NULL when cap is 0
 * returns: how many hops there are, even where cap is less
 * cost:    two passes, and one for each hop written
 */
MANRS_API size_t manrs_aspa_hops(const manrs_db *db, const manrs_path *path, uint32_t neighbour_asn,
				 int role, uint32_t flags, manrs_aspa_ramps *ramps,
				 manrs_aspa_hop *hops, size_t cap);

/* "unknown", "valid", "invalid", "malformed"; "" for other numbers. owns: a constant. */
MANRS_API const char *manrs_aspa_text(int state);

#ifdef __cplusplus
}
#endif

#endif
