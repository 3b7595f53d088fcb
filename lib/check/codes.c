/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every code with its name, its meaning for the verdict, its source, and its numbers elsewhere: the reject_cause of
 * ARouteServer (arouteserver.readthedocs.io, "Reject reasons": 1 AS_PATH length, 2 bogon, 3 global blacklist, 4 AFI,
 * 5 NEXT_HOP, 6 left-most ASN, 7 ASN in AS_PATH, 8 transit-free, 9 origin not in AS-SET, 10 IPv6 outside 2000::/3,
 * 12 prefix not in AS-SET, 13 prefix length, 14 RPKI Invalid, 15 never via route servers) and the large community
 * RS:1101:y of Euro-IX as IXP Manager sets it (1 prefix too long, 2 too short, 3 bogon, 4 bogon ASN, 5 path too long,
 * 6 too short, 7 first AS, 8 next hop, 9 IRR prefix, 10 IRR origin, 11 prefix not in origin AS, 13 RPKI Invalid,
 * 14 transit-free).
 */

#include "check/look.h"

#define PASS    CHECK_PASS
#define FAIL    CHECK_FAIL
#define UNKNOWN CHECK_UNKNOWN

#define RFC6811 "RFC 6811 section 2"
#define ASPA    "draft-ietf-sidrops-aspa-verification-28"
#define IRR     "RFC 2622 section 4, RFC 4012 section 3"
#define IANA    "RFC 6890 section 2.2, IANA special-purpose registries of " MANRS_BOGON_DATE
#define RFC7454 "RFC 7454 section 6"
#define ASNS    "IANA special-purpose AS numbers, RFC 5398, 6996, 7300"
#define LENGTHS "RFC 7454 section 6.1.3"
#define LOOP    "RFC 4271 section 9.1.2"
#define RFC9774 "RFC 9774 section 3"
#define FIRST   "RFC 4271 section 6.3"
#define HOP     "RFC 4271 section 5.1.3, RFC 7454 section 6.3"
#define RFC9234 "RFC 9234 section 5"
#define RFC7908 "RFC 7908 section 3"
#define LOCK    "peer locking, NANOG 67"
#define LITE    "NLNOG BGP filter guide, transit leaks"

/* clang-format off */
const struct code check_codes[MANRS_CODES] = {
	[0] = {"", CHECK_NOT_ASKED, 0, 0, ""},
	[MANRS_CODE_MALFORMED] = {"malformed", FAIL, 0, 0, "RFC 7606"},
	[MANRS_CODE_NO_LIST] = {"no-list", UNKNOWN, 0, 0, ""},

	[MANRS_CODE_ROV_VALID] = {"rov-valid", PASS, 0, 0, RFC6811},
	[MANRS_CODE_ROV_NOT_FOUND] = {"rov-not-found", UNKNOWN, 0, 0, RFC6811},
	[MANRS_CODE_ROV_INVALID_AS] = {"rov-invalid-as", FAIL, 14, 13, RFC6811},
	[MANRS_CODE_ROV_INVALID_LENGTH] = {"rov-invalid-length", FAIL, 14, 13, RFC6811},
	[MANRS_CODE_ROV_INVALID_NO_ORIGIN] = {"rov-invalid-no-origin", FAIL, 14, 13, RFC6811},

	[MANRS_CODE_ASPA_VALID] = {"aspa-valid", PASS, 0, 0, ASPA},
	[MANRS_CODE_ASPA_UNKNOWN] = {"aspa-unknown", UNKNOWN, 0, 0, ASPA},
	[MANRS_CODE_ASPA_INVALID_HOPS] = {"aspa-invalid-hops", FAIL, 0, 0, ASPA},
	[MANRS_CODE_ASPA_INVALID_EMPTY] = {"aspa-invalid-empty", FAIL, 0, 0, ASPA},
	[MANRS_CODE_ASPA_INVALID_NEIGHBOUR] = {"aspa-invalid-neighbour", FAIL, 0, 0, ASPA},
	[MANRS_CODE_ASPA_INVALID_SET] = {"aspa-invalid-set", FAIL, 0, 0, ASPA},

	[MANRS_CODE_IRR_REGISTERED] = {"irr-registered", PASS, 0, 0, IRR},
	[MANRS_CODE_IRR_BY_ROA] = {"irr-by-roa", PASS, 0, 0, RFC6811},
	[MANRS_CODE_IRR_NOT_FOUND] = {"irr-not-found", UNKNOWN, 12, 9, IRR},
	[MANRS_CODE_IRR_MISMATCH_AS] = {"irr-mismatch-as", FAIL, 9, 11, IRR},
	[MANRS_CODE_IRR_MISMATCH_LENGTH] = {"irr-mismatch-length", FAIL, 12, 9, IRR},

	[MANRS_CODE_BOGON_PREFIX_NONE] = {"bogon-prefix-none", PASS, 0, 0, IANA},
	[MANRS_CODE_BOGON_PREFIX_SPECIAL] = {"bogon-prefix-special", FAIL, 2, 3, IANA},
	[MANRS_CODE_BOGON_PREFIX_MULTICAST] = {"bogon-prefix-multicast", FAIL, 2, 3, IANA},
	[MANRS_CODE_BOGON_PREFIX_FORMER] = {"bogon-prefix-former", FAIL, 2, 3, IANA},
	[MANRS_CODE_BOGON_PREFIX_OUTSIDE] = {"bogon-prefix-outside", FAIL, 10, 3, RFC7454},
	[MANRS_CODE_BOGON_PREFIX_LISTED] = {"bogon-prefix-listed", FAIL, 2, 3, RFC7454},

	[MANRS_CODE_BOGON_ASN_NONE] = {"bogon-asn-none", PASS, 0, 0, ASNS},
	[MANRS_CODE_BOGON_ASN_FOUND] = {"bogon-asn-found", FAIL, 7, 4, ASNS},

	[MANRS_CODE_PREFIX_LEN_OK] = {"prefix-len-ok", PASS, 0, 0, LENGTHS},
	[MANRS_CODE_PREFIX_LEN_LONG] = {"prefix-len-long", FAIL, 13, 1, LENGTHS},
	[MANRS_CODE_PREFIX_LEN_SHORT] = {"prefix-len-short", FAIL, 13, 2, LENGTHS},

	[MANRS_CODE_PATH_LOOP_NONE] = {"path-loop-none", PASS, 0, 0, LOOP},
	[MANRS_CODE_PATH_LOOP_AGAIN] = {"path-loop-again", FAIL, 0, 0, LOOP},
	[MANRS_CODE_PATH_LOOP_LOCAL] = {"path-loop-local", FAIL, 0, 0, LOOP},

	[MANRS_CODE_PATH_SET_NONE] = {"path-set-none", PASS, 0, 0, RFC9774},
	[MANRS_CODE_PATH_SET_AS_SET] = {"path-set-as-set", FAIL, 7, 0, RFC9774},
	[MANRS_CODE_PATH_SET_CONFED_SET] = {"path-set-confed-set", FAIL, 7, 0, RFC9774},
	[MANRS_CODE_PATH_SET_CONFED_SEQUENCE] = {"path-set-confed-sequence", FAIL, 7, 0, "RFC 5065 section 5"},

	[MANRS_CODE_PATH_LEN_OK] = {"path-len-ok", PASS, 0, 0, "RFC 7454 section 9"},
	[MANRS_CODE_PATH_LEN_EMPTY] = {"path-len-empty", FAIL, 1, 6, "RFC 7454 section 9"},
	[MANRS_CODE_PATH_LEN_LONG] = {"path-len-long", FAIL, 1, 5, "RFC 7454 section 9"},
	[MANRS_CODE_PATH_LEN_PREPENDS] = {"path-len-prepends", FAIL, 1, 5, "RFC 7454 section 9"},

	[MANRS_CODE_PATH_RESERVED_NONE] = {"path-reserved-none", PASS, 0, 0, ASNS},
	[MANRS_CODE_PATH_RESERVED_ZERO] = {"path-reserved-zero", FAIL, 7, 4, "RFC 7607 section 2"},
	[MANRS_CODE_PATH_RESERVED_TRANS] = {"path-reserved-trans", FAIL, 7, 4, "RFC 6793 section 4.2.2"},
	[MANRS_CODE_PATH_RESERVED_FOUND] = {"path-reserved-found", FAIL, 7, 4, "RFC 7300, IANA AS numbers"},

	[MANRS_CODE_FIRST_AS_OK] = {"first-as-ok", PASS, 0, 0, FIRST},
	[MANRS_CODE_FIRST_AS_WAIVED] = {"first-as-waived", PASS, 0, 0, "RFC 7947 section 2.2.2.1"},
	[MANRS_CODE_FIRST_AS_UNKNOWN] = {"first-as-unknown", UNKNOWN, 0, 0, FIRST},
	[MANRS_CODE_FIRST_AS_OTHER] = {"first-as-other", FAIL, 6, 7, FIRST},

	[MANRS_CODE_NEXT_HOP_OK] = {"next-hop-ok", PASS, 0, 0, HOP},
	[MANRS_CODE_NEXT_HOP_UNKNOWN] = {"next-hop-unknown", UNKNOWN, 0, 0, HOP},
	[MANRS_CODE_NEXT_HOP_OWN] = {"next-hop-own", FAIL, 5, 8, "RFC 4271 section 5.1.3"},
	[MANRS_CODE_NEXT_HOP_OTHER] = {"next-hop-other", FAIL, 5, 8, "RFC 7948 section 4.8"},
	[MANRS_CODE_NEXT_HOP_BOGON] = {"next-hop-bogon", FAIL, 5, 8, HOP},

	[MANRS_CODE_OTC_OK] = {"otc-ok", PASS, 0, 0, RFC9234},
	[MANRS_CODE_OTC_ADD] = {"otc-add", PASS, 0, 0, RFC9234},
	[MANRS_CODE_OTC_LEAK] = {"otc-leak", FAIL, 0, 0, RFC9234},

	[MANRS_CODE_LEAK_NONE] = {"leak-none", PASS, 0, 0, RFC7908},
	[MANRS_CODE_LEAK_UNKNOWN] = {"leak-unknown", UNKNOWN, 0, 0, RFC7908},
	[MANRS_CODE_LEAK_BY_OTC] = {"leak-by-otc", FAIL, 0, 0, RFC9234},
	[MANRS_CODE_LEAK_BY_ROLE] = {"leak-by-role", FAIL, 0, 0, RFC7908},
	[MANRS_CODE_LEAK_BY_RELATIONSHIP] = {"leak-by-relationship", FAIL, 0, 0, RFC7908},
	[MANRS_CODE_LEAK_BY_ASPA] = {"leak-by-aspa", FAIL, 0, 0, ASPA},
	[MANRS_CODE_LEAK_BY_TRANSIT_FREE] = {"leak-by-transit-free", FAIL, 8, 14, LITE},
	[MANRS_CODE_LEAK_BY_PEERLOCK] = {"leak-by-peerlock", FAIL, 0, 0, LOCK},
	[MANRS_CODE_LEAK_MAYBE_REORIGINATION] = {"leak-maybe-reorigination", UNKNOWN, 0, 0, "RFC 7908 section 3.5"},
	[MANRS_CODE_LEAK_MAYBE_INTERNAL] = {"leak-maybe-internal", UNKNOWN, 0, 0, "RFC 7908 section 3.6"},

	[MANRS_CODE_PEERLOCK_OK] = {"peerlock-ok", PASS, 0, 0, LOCK},
	[MANRS_CODE_PEERLOCK_BROKEN] = {"peerlock-broken", FAIL, 0, 0, LOCK},

	[MANRS_CODE_TRANSIT_FREE_NONE] = {"transit-free-none", PASS, 0, 0, LITE},
	[MANRS_CODE_TRANSIT_FREE_FOUND] = {"transit-free-found", FAIL, 8, 14, LITE},

	[MANRS_CODE_NEVER_VIA_RS_NONE] = {"never-via-rs-none", PASS, 0, 0, ""},
	[MANRS_CODE_NEVER_VIA_RS_FOUND] = {"never-via-rs-found", FAIL, 15, 0, ""},

	[MANRS_CODE_ORIGIN_SET_IN] = {"origin-set-in", PASS, 0, 0, "RFC 7454 section 6.1.2"},
	[MANRS_CODE_ORIGIN_SET_OUT] = {"origin-set-out", FAIL, 9, 10, "RFC 7454 section 6.1.2"},

	[MANRS_CODE_PREFIX_LIST_IN] = {"prefix-list-in", PASS, 0, 0, "RFC 7454 section 6.2"},
	[MANRS_CODE_PREFIX_LIST_OUT] = {"prefix-list-out", FAIL, 12, 9, "RFC 7454 section 6.2"},

	[MANRS_CODE_DENY_LIST_OUT] = {"deny-list-out", PASS, 0, 0, RFC7454},
	[MANRS_CODE_DENY_LIST_IN] = {"deny-list-in", FAIL, 3, 0, RFC7454},

	[MANRS_CODE_FAMILY_OK] = {"family-ok", PASS, 0, 0, "RFC 4760"},
	[MANRS_CODE_FAMILY_OTHER] = {"family-other", FAIL, 4, 0, "RFC 4760"},

	[MANRS_CODE_ASPA_INVALID_CONFED] = {"aspa-invalid-confed", FAIL, 0, 0, "RFC 5065 section 5"},
	[MANRS_CODE_ASPA_SAME_AS] = {"aspa-same-as", UNKNOWN, 0, 0, "RFC 7705"},
	[MANRS_CODE_FIRST_AS_SAME_AS] = {"first-as-same-as", UNKNOWN, 0, 0, "RFC 7705"},
	[MANRS_CODE_OTC_UNKNOWN] = {"otc-unknown", UNKNOWN, 0, 0, RFC9234},
	[MANRS_CODE_PEERLOCK_UNKNOWN] = {"peerlock-unknown", UNKNOWN, 0, 0, LOCK},
};
/* clang-format on */

int manrs_code_state(int code)
{
	return code > 0 && code < MANRS_CODES ? check_codes[code].state : 0;
}

const char *manrs_code_text(int code)
{
	return code > 0 && code < MANRS_CODES ? check_codes[code].text : "";
}
