/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_POLICY_H
#define MANRS_POLICY_H

/*
 * What a session's routes are held to: the tests, and the policy that says which of them to ask, with their bounds and lists.
 *
 * threads: all calls: any thread. A policy and what it points to are only read.
 */

#include <manrs/bogon.h>
#include <manrs/db.h>
#include <manrs/leak.h>
#include <manrs/otc.h>
#include <manrs/role.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The tests, as bit numbers of the masks; never reused. In brackets: unknown instead of pass or fail when. A test without
 * the data it rests on (no VRP, ASPA or route object in the snapshot, no list in the policy) is unknown, and never passes;
 * FIRST_AS, NEXT_HOP and PEERLOCK also where the neighbour is not known.
 */
enum manrs_test {
	MANRS_TEST_ROV = 0,  /* RFC 6811; egress: the origin on the wire, RFC 8893 [not found] */
	MANRS_TEST_ASPA = 1, /* ASPA path verification; ingress only [unknown] */
	MANRS_TEST_IRR = 2,  /* a route object has this prefix and origin [none covers it] */
	MANRS_TEST_BOGON_PREFIX = 3,  /* special-purpose, outside 2000::/3, on the caller's list */
	MANRS_TEST_BOGON_ASN = 4,     /* any AS number that is not public on the path */
	MANRS_TEST_PREFIX_LEN = 5,    /* within the policy's lengths, RFC 7454 section 6.1.3 */
	MANRS_TEST_PATH_LOOP = 6,     /* an AS again after another; ingress: our own AS */
	MANRS_TEST_PATH_SET = 7,      /* AS_SET, AS_CONFED_SET, confederation (RFC 9774, 5065) */
	MANRS_TEST_PATH_LEN = 8,      /* empty, too long, too many prepends */
	MANRS_TEST_PATH_RESERVED = 9, /* AS 0, AS_TRANS, reserved; private ones may be there */
	MANRS_TEST_FIRST_AS = 10, /* the first AS is the neighbour, on egress ours [not known] */
	MANRS_TEST_NEXT_HOP = 11, /* ours, on egress theirs, another's, a bogon [not known] */
	MANRS_TEST_OTC = 12,      /* RFC 9234 [from a peer whose AS is not known] */
	MANRS_TEST_LEAK = 13,     /* RFC 7908, by all evidence [no evidence for or against] */
	MANRS_TEST_PEERLOCK = 14, /* an AS from others than its rules say; ingress [no rules] */
	MANRS_TEST_TRANSIT_FREE = 15, /* a transit-free AS behind one who is not our provider */
	MANRS_TEST_NEVER_VIA_RS = 16, /* an AS that uses no route servers, over one [no list] */
	MANRS_TEST_ORIGIN_SET = 17,   /* the origin is in the neighbour's AS-SET [no set] */
	MANRS_TEST_PREFIX_LIST = 18,  /* the prefix is on the list of those allowed [no list] */
	MANRS_TEST_DENY_LIST = 19,    /* the prefix is on a list of those refused [no list] */
	MANRS_TEST_FAMILY = 20,       /* the session carries this address family */
};

/*
 * Which of them an announcement with MANRS_ANNOUNCE_INTERNAL is asked: those about the route. Those about an external
 * session are in no mask of its verdict, as are those that do not apply to a direction:
 *
 *     ASPA           draft-ietf-sidrops-aspa-verification-28: on eBGP ingress
 *     FIRST_AS       RFC 4271 section 6.3: of an external peer; an internal one adds no AS (5.1.2)
 *     NEXT_HOP       RFC 4271 section 5.1.3: internally it is that of the border, often in private space
 *     OTC            RFC 9234 section 5: by the role of an eBGP session
 *     LEAK           RFC 7908 section 3: between ASes; the border has judged it
 *     PEERLOCK, TRANSIT_FREE, NEVER_VIA_RS   who the external neighbour is, and over what it may send an AS
 *     ORIGIN_SET, PREFIX_LIST   RFC 7454 sections 6.1.2 and 6.2: what an external neighbour may send
 *
 * Of those that stay, PATH_LEN passes the empty path (RFC 4271 section 5.1.2), and PATH_SET the AS_CONFED_SEQUENCE of the
 * confederation that an internal neighbour is in as we are (RFC 5065 section 5). ROV stays by RFC 8481 section 4.
 *
 * A neighbour that has our own AS number without that flag is on an external session in an AS migration (RFC 7705): it
 * may or may not put itself on the path, so FIRST_AS and ASPA are unknown, the latter unless a segment makes it Invalid.
 */
#define MANRS_TESTS          21                                 /* how many there are */
#define MANRS_TEST_BIT(test) (UINT64_C(1) << (test))            /* its bit in the masks */
#define MANRS_TESTS_ALL      ((UINT64_C(1) << MANRS_TESTS) - 1) /* every bit */

/* manrs_policy.flags */
#define MANRS_POLICY_IRR_COVERING       1u   /* MANRS_IRR_COVERING: a covering object will do */
#define MANRS_POLICY_IRR_ROA            16u  /* MANRS_IRR_ROA: what is Valid is registered */
#define MANRS_POLICY_NEXT_HOP_NEIGHBOUR 4u   /* the next hop must be the neighbour's address */
#define MANRS_POLICY_NEXT_HOP_PRIVATE   8u   /* or private (RFC 1918, 6598, 4193), or link-local */
#define MANRS_POLICY_CONFED             2u   /* the neighbour is in our confederation */
#define MANRS_POLICY_PRIVATE_ASN        32u  /* private AS numbers are in order on this session */
#define MANRS_POLICY_FAMILY4            64u  /* the session carries IPv4 */
#define MANRS_POLICY_FAMILY6            128u /* and IPv6 */

/*
 * What a session's routes are held to. Set by manrs_policy_init, then changed; grows at its end, bytes past what the
 * library knows must be zero. Arrays and handles are borrowed. Lists of AS numbers are ascending.
 */
typedef struct manrs_policy {
	size_t size;
	uint64_t tests;  /* which to run: MANRS_TEST_BIT */
	uint64_t strict; /* of these, unknown counts as failed */
	/* enum manrs_role: what the neighbour is to us; NONE: an internal session, all others' fail */
	uint32_t role;
	uint32_t local_as;
	uint32_t flags;                                 /* MANRS_POLICY_* */
	uint8_t min_len4, max_len4, min_len6, max_len6; /* bits; init: 8-24 and 12-48 */
	/* longest path, prepends included, RFC 4271 section 9.1.2.2; 0: any; init: 32 */
	uint32_t max_path;
	uint32_t max_repeat;          /* one AS in a row; 0: any; init: 0 */
	const uint32_t *transit_free; /* init: manrs_transit_free */
	size_t n_transit_free;
	const uint32_t *never_via_rs;
	size_t n_never_via_rs;
	const uint32_t *origins; /* the AS-SET; NULL: none given. Not NULL and n 0: nobody */
	size_t n_origins;
	const manrs_peerlock *peerlocks;
	size_t n_peerlocks;
	const manrs_prefix *addresses; /* our own */
	size_t n_addresses;
	const manrs_rel *rel;     /* NULL: no relationships loaded */
	const manrs_trie *bogons; /* full bogons; values ignored */
	/* prefixes; value: the longest length allowed under it, 0: itself alone */
	const manrs_trie *allowed;
	const manrs_trie *denied; /* prefixes, and all under them; values ignored */
} manrs_policy;

/*
 * A policy for a session with a neighbour of this role, and the tests that make sense there and need no list of the policy:
 *
 *     always                       ROV ASPA BOGON_PREFIX BOGON_ASN PREFIX_LEN PATH_LOOP PATH_SET PATH_LEN PATH_RESERVED
 *                                  FIRST_AS NEXT_HOP OTC LEAK FAMILY
 *     customer, peer, rs-client    IRR
 *     all but a provider           TRANSIT_FREE, with the usual list
 *
 * ROV, ASPA and IRR rest on the snapshot, which this call does not see: a host that may have none of their data takes
 * them out by manrs_tests_with_data, else they are unknown.
 * in:      role: MANRS_ROLE_NONE: an internal session, see MANRS_ANNOUNCE_INTERNAL
 * returns: MANRS_OK; MANRS_EINVAL for a role (policy is then one that fails everything)
 */
MANRS_API int manrs_policy_init(manrs_policy *policy, size_t size, int role);

/*
 * The tests that have what they rest on in this snapshot and policy: all but ROV without a VRP, ASPA without an ASPA, IRR
 * without a route object, and those of a list that the policy has not. LEAK weighs whatever there is, and rests on nothing:
 * `policy.tests &= manrs_tests_with_data(db, &policy)` asks for what can be told.
 * returns: a mask of MANRS_TEST_BIT; 0 for a policy that is not in order
 * cost:    O(1)
 */
MANRS_API uint64_t manrs_tests_with_data(const manrs_db *db, const manrs_policy *policy);

/* Whether a policy keeps its contract: size, role, tests, lengths, ascending lists. returns: MANRS_OK, MANRS_EINVAL. */
MANRS_API int manrs_policy_check(const manrs_policy *policy, manrs_fault *fault);

/* A test's name, "bogon-prefix", and back. returns: a constant, "" for other numbers; the test or MANRS_ESYNTAX. */
MANRS_API const char *manrs_test_text(int test);
MANRS_API int manrs_test_parse(const char *text, size_t n);

/* What a test asks, in one line; "" for other numbers. owns: a constant. */
MANRS_API const char *manrs_test_about(int test);

#ifdef __cplusplus
}
#endif

#endif
