/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_CODE_H
#define MANRS_CODE_H

/*
 * What a test can find, as stable numbers with stable names: MANRS_CODE_ROV_INVALID_AS is "rov-invalid-as". Never
 * reused. Each belongs to one test (manrs_check) and one state, but MALFORMED and NO_LIST.
 * manrs_code_state (explain.h) tells the state, manrs_code_about the sentence.
 */

#ifdef __cplusplus
extern "C" {
#endif

enum manrs_code {
	MANRS_CODE_MALFORMED = 1, /* it breaks its contract, or the host could not read it */
	MANRS_CODE_NO_LIST = 2,   /* no such list in the policy, no such data in the snapshot */

	MANRS_CODE_ROV_VALID = 3,             /* a VRP has this origin and allows this length */
	MANRS_CODE_ROV_NOT_FOUND = 4,         /* no VRP covers the prefix */
	MANRS_CODE_ROV_INVALID_AS = 5,        /* VRPs cover it, none of this origin */
	MANRS_CODE_ROV_INVALID_LENGTH = 6,    /* VRPs of this origin, none of this length */
	MANRS_CODE_ROV_INVALID_NO_ORIGIN = 7, /* covered, and there is no origin (an AS_SET...) */

	MANRS_CODE_ASPA_VALID = 8,              /* every hop that must be is attested */
	MANRS_CODE_ASPA_UNKNOWN = 9,            /* attestations are missing */
	MANRS_CODE_ASPA_INVALID_HOPS = 10,      /* NotProvider+ hops stand in the way */
	MANRS_CODE_ASPA_INVALID_EMPTY = 11,     /* an empty path */
	MANRS_CODE_ASPA_INVALID_NEIGHBOUR = 12, /* the first AS is not the neighbour */
	MANRS_CODE_ASPA_INVALID_SET = 13,       /* AS_SET or AS_CONFED_SET */

	MANRS_CODE_IRR_REGISTERED = 14,      /* a route object has this origin */
	MANRS_CODE_IRR_BY_ROA = 15,          /* its VRPs make it Valid: MANRS_POLICY_IRR_ROA */
	MANRS_CODE_IRR_NOT_FOUND = 16,       /* no route object covers it */
	MANRS_CODE_IRR_MISMATCH_AS = 17,     /* route objects cover it, none of this origin */
	MANRS_CODE_IRR_MISMATCH_LENGTH = 18, /* the origin has only a covering object */

	MANRS_CODE_BOGON_PREFIX_NONE = 19,      /* not a bogon */
	MANRS_CODE_BOGON_PREFIX_SPECIAL = 20,   /* IANA special-purpose, not globally reachable */
	MANRS_CODE_BOGON_PREFIX_MULTICAST = 21, /* 224.0.0.0/4, ff00::/8 */
	MANRS_CODE_BOGON_PREFIX_FORMER = 22,    /* given back: 6to4 relays, 6bone, ORCHID... */
	MANRS_CODE_BOGON_PREFIX_OUTSIDE = 23,   /* IPv6 outside 2000::/3 */
	MANRS_CODE_BOGON_PREFIX_LISTED = 24,    /* on the policy's list of full bogons */

	MANRS_CODE_BOGON_ASN_NONE = 25,  /* every AS number of the path is public */
	MANRS_CODE_BOGON_ASN_FOUND = 26, /* one is reserved, private or for documentation */

	MANRS_CODE_PREFIX_LEN_OK = 27,    /* within the policy's lengths */
	MANRS_CODE_PREFIX_LEN_LONG = 28,  /* longer than max_len4 or max_len6 */
	MANRS_CODE_PREFIX_LEN_SHORT = 29, /* shorter than min_len4 or min_len6 */

	MANRS_CODE_PATH_LOOP_NONE = 30,  /* no AS comes again after another */
	MANRS_CODE_PATH_LOOP_AGAIN = 31, /* an AS does */
	MANRS_CODE_PATH_LOOP_LOCAL = 32, /* our own AS is on it */

	MANRS_CODE_PATH_SET_NONE = 33,            /* AS_SEQUENCE alone */
	MANRS_CODE_PATH_SET_AS_SET = 34,          /* an AS_SET */
	MANRS_CODE_PATH_SET_CONFED_SET = 35,      /* an AS_CONFED_SET */
	MANRS_CODE_PATH_SET_CONFED_SEQUENCE = 36, /* an AS_CONFED_SEQUENCE from outside */

	MANRS_CODE_PATH_LEN_OK = 37,       /* not empty, nor too long */
	MANRS_CODE_PATH_LEN_EMPTY = 38,    /* no AS, from an external neighbour */
	MANRS_CODE_PATH_LEN_LONG = 39,     /* longer than max_path */
	MANRS_CODE_PATH_LEN_PREPENDS = 40, /* one AS more than max_repeat times in a row */

	MANRS_CODE_PATH_RESERVED_NONE = 41,  /* no AS number that may never be in a path */
	MANRS_CODE_PATH_RESERVED_ZERO = 42,  /* AS 0 */
	MANRS_CODE_PATH_RESERVED_TRANS = 43, /* AS_TRANS, 23456 */
	MANRS_CODE_PATH_RESERVED_FOUND = 44, /* another reserved one */

	MANRS_CODE_FIRST_AS_OK = 45,      /* the neighbour's, on egress ours */
	MANRS_CODE_FIRST_AS_WAIVED = 46,  /* a route server does not put itself on the path */
	MANRS_CODE_FIRST_AS_UNKNOWN = 47, /* the neighbour's AS number is not known */
	MANRS_CODE_FIRST_AS_OTHER = 48,   /* neither the neighbour's, nor on egress ours */

	MANRS_CODE_NEXT_HOP_OK = 49,      /* nothing against it */
	MANRS_CODE_NEXT_HOP_UNKNOWN = 50, /* not told, or what to compare it with is not */
	MANRS_CODE_NEXT_HOP_OWN = 51,     /* the receiver's own address */
	MANRS_CODE_NEXT_HOP_OTHER = 52,   /* not the neighbour's */
	MANRS_CODE_NEXT_HOP_BOGON = 53,   /* an address in a special-purpose block */

	MANRS_CODE_OTC_OK = 54,   /* the attribute fits the role, or there is none */
	MANRS_CODE_OTC_ADD = 55,  /* there is none, and it is to be added */
	MANRS_CODE_OTC_LEAK = 56, /* it came, or would go, where only a customer may have it */

	MANRS_CODE_LEAK_NONE = 57,            /* valley-free by the evidence at hand */
	MANRS_CODE_LEAK_UNKNOWN = 58,         /* no evidence for or against one */
	MANRS_CODE_LEAK_BY_OTC = 59,          /* the OTC attribute says so */
	MANRS_CODE_LEAK_BY_ROLE = 60,         /* egress: from a provider or peer, to another */
	MANRS_CODE_LEAK_BY_RELATIONSHIP = 61, /* a valley by the AS relationships loaded */
	MANRS_CODE_LEAK_BY_ASPA = 62,         /* a valley by the ASPAs */
	MANRS_CODE_LEAK_BY_TRANSIT_FREE = 63, /* a transit-free AS behind one that is no provider */
	MANRS_CODE_LEAK_BY_PEERLOCK = 64,     /* a locked AS from others than its rules name */
	MANRS_CODE_LEAK_MAYBE_REORIGINATION = 65, /* RFC 7908 type 5, or a hijack: by ROV */
	MANRS_CODE_LEAK_MAYBE_INTERNAL = 66,      /* type 6: ROV invalid by its length alone */

	MANRS_CODE_PEERLOCK_OK = 67,     /* no locked AS, or from one that its rules name */
	MANRS_CODE_PEERLOCK_BROKEN = 68, /* a locked AS from another neighbour */

	MANRS_CODE_TRANSIT_FREE_NONE = 69,  /* no transit-free AS behind the neighbour */
	MANRS_CODE_TRANSIT_FREE_FOUND = 70, /* a transit-free AS is behind it */

	MANRS_CODE_NEVER_VIA_RS_NONE = 71,  /* no AS that uses no route servers */
	MANRS_CODE_NEVER_VIA_RS_FOUND = 72, /* one, by way of a route server */

	MANRS_CODE_ORIGIN_SET_IN = 73,  /* the origin is in the neighbour's AS-SET */
	MANRS_CODE_ORIGIN_SET_OUT = 74, /* the origin is not in it */

	MANRS_CODE_PREFIX_LIST_IN = 75,  /* the prefix is allowed */
	MANRS_CODE_PREFIX_LIST_OUT = 76, /* the prefix is not on the list of those allowed */

	MANRS_CODE_DENY_LIST_OUT = 77, /* the prefix is on no list of those refused */
	MANRS_CODE_DENY_LIST_IN = 78,  /* the prefix is on a list of those refused */

	MANRS_CODE_FAMILY_OK = 79,    /* the session carries this address family */
	MANRS_CODE_FAMILY_OTHER = 80, /* the session does not */

	MANRS_CODE_ASPA_INVALID_CONFED = 81, /* a confederation segment from outside */
	MANRS_CODE_ASPA_SAME_AS = 82,     /* an external neighbour with our AS number, RFC 7705 */
	MANRS_CODE_FIRST_AS_SAME_AS = 83, /* an external neighbour with our AS number, RFC 7705 */
	MANRS_CODE_OTC_UNKNOWN = 84, /* from a peer whose AS is not known: the value may be his */
	MANRS_CODE_PEERLOCK_UNKNOWN = 85, /* a locked AS, and who sent it is not known */
};

#define MANRS_CODES 86 /* one more than the last */

#ifdef __cplusplus
}
#endif

#endif
