/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_PREFIX_H
#define MANRS_PREFIX_H

/*
 * Prefixes, AS numbers, and the two of them together. Plain records, without pointers or holes, that files,
 * protocols, arrays of other languages and every batch call exchange.
 */

#include <manrs/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Text lengths with the closing NUL: "ffff:...:ffff/128", "AS4294967295", and both with a space between. */
#define MANRS_PREFIX_TEXT 44 /* bytes that manrs_prefix_format needs at most */
#define MANRS_ASN_TEXT    13 /* manrs_asn_format */
#define MANRS_ROUTE_TEXT  57 /* manrs_route_format */

/*
 * An IPv4 or IPv6 prefix. Every bit of addr past len is zero, so bytes 4..15 of an IPv4 prefix are too.
 * maxlen is a VRP's maxLength (RFC 6482): len <= maxlen <= 32 or 128. Lookups and keys ignore it; parsers set
 * it to len. zero is 0.
 */
typedef struct manrs_prefix {
	uint8_t family; /* 4 or 6, never AF_INET */
	uint8_t len;    /* bits */
	uint8_t maxlen; /* bits */
	uint8_t zero;
	uint8_t addr[16]; /* network order */
} manrs_prefix;

/*
 * A prefix and an AS number in host order: a BGP route and its origin, a VRP, an IRR route object.
 * asn 0 is "origin NONE" in a route (an AS_SET, RFC 6811 section 2) and AS0 in a VRP (RFC 6483 section 4); it
 * never matches anything.
 */
typedef struct manrs_route {
	manrs_prefix prefix;
	uint32_t asn;
} manrs_route;

/*
 * Read "192.0.2.0/24" or "2001:db8::/32". Strict: nothing before or after, four decimal octets without leading
 * zeros, RFC 4291 section 2.2 for IPv6 (an embedded IPv4 tail is read), a length, no host bits.
 * in:      text[n], no NUL needed
 * out:     prefix, maxlen = len
 * returns: MANRS_OK; MANRS_ESYNTAX; MANRS_ERANGE for an octet or a length too large, MANRS_EINVAL for host bits;
 *          fault->at = offset of the first byte refused (of the number; of the address). fault may be NULL.
 * threads: any
 */
MANRS_API int manrs_prefix_parse(manrs_prefix *prefix, const char *text, size_t n,
				 manrs_fault *fault);

/* Read an address without a length, a /32 or /128, as manrs_prefix_parse does. returns: likewise. threads: any */
MANRS_API int manrs_address_parse(manrs_prefix *prefix, const char *text, size_t n,
				  manrs_fault *fault);

/* manrs_prefix_set.flags */
#define MANRS_PREFIX_CLEAR 1u /* bits of the address past len are cleared; else they are an error */

/*
 * Make a prefix of an address in bytes, for hosts that have no text.
 * in:      family: 4 or 6, never AF_INET; bytes: 4 or 16 of them by the family, whatever len is, in network order as in
 *          a packet, a struct in_addr or in6_addr; len: bits; flags: MANRS_PREFIX_CLEAR
 * out:     prefix, every byte of it; maxlen = len
 * returns: MANRS_OK; MANRS_ERANGE for a len past 32 or 128; MANRS_EINVAL for a family, for flags, for host bits
 * threads: any
 */
MANRS_API int manrs_prefix_set(manrs_prefix *prefix, int family, const void *bytes, uint32_t len,
			       uint32_t flags);

/*
 * And back.
 * out:     bytes: 4 or 16 of them by the family, in network order; len; each may be NULL
 * returns: the family, 4 or 6; MANRS_EINVAL if the prefix is malformed
 * threads: any
 */
MANRS_API int manrs_prefix_get(const manrs_prefix *prefix, void *bytes, uint32_t *len);

/*
 * Write a prefix as text, IPv6 by RFC 5952.
 * out:     text[cap], closed with a NUL; MANRS_PREFIX_TEXT always suffices
 * returns: bytes written without the NUL; MANRS_EINVAL if the prefix is malformed, MANRS_ELIMIT if cap is short
 * threads: any
 */
MANRS_API int manrs_prefix_format(const manrs_prefix *prefix, char *text, size_t cap);

/*
 * Whether a prefix keeps its contract: family, len, host bits, zero. maxlen is not looked at.
 * returns: MANRS_OK or MANRS_EINVAL
 * threads: any
 */
MANRS_API int manrs_prefix_check(const manrs_prefix *prefix);

/*
 * Order: IPv4 before IPv6, then address, then the shorter first; maxlen does not count. A prefix comes right before
 * those that it covers.
 * returns: -1, 0 or 1
 * threads: any
 */
MANRS_API int manrs_prefix_cmp(const manrs_prefix *a, const manrs_prefix *b);

/*
 * Whether every address of inner is in outer (equal prefixes cover each other).
 * returns: 1 or 0
 * threads: any
 */
MANRS_API int manrs_prefix_covers(const manrs_prefix *outer, const manrs_prefix *inner);

/*
 * Read "13335", "AS13335" (any case), or "1.10", which is AS65546: decimal, no sign, no leading zeros, at most 4294967295,
 * and 65535 on either side of a dot. With .0 it must be "AS1.0": 13335.0 is how programs that take AS numbers for floats
 * write AS13335. Written is asplain.
 * returns: MANRS_OK; MANRS_ESYNTAX or MANRS_ERANGE, fault->at = offset. fault may be NULL.
 * threads: any
 * source:  RFC 5396 section 2 (asplain, asdot, asdot+)
 */
MANRS_API int manrs_asn_parse(uint32_t *asn, const char *text, size_t n, manrs_fault *fault);

/* Write "AS13335". returns: bytes without the NUL, or MANRS_ELIMIT; MANRS_ASN_TEXT always suffices. threads: any */
MANRS_API int manrs_asn_format(uint32_t asn, char *text, size_t cap);

/*
 * Read "PREFIX ASN" or "PREFIX => ASN", spaces or tabs between.
 * returns: as manrs_prefix_parse and manrs_asn_parse
 * threads: any
 */
MANRS_API int manrs_route_parse(manrs_route *route, const char *text, size_t n, manrs_fault *fault);

/* Write "192.0.2.0/24 AS64496". returns: as manrs_prefix_format; MANRS_ROUTE_TEXT always suffices. threads: any */
MANRS_API int manrs_route_format(const manrs_route *route, char *text, size_t cap);

/*
 * Read one line of a list of prefixes: a prefix, blanks, `#` to the end of the line a comment, as Team Cymru's full
 * bogons are.
 * in:      text[n]: the line, without its end
 * returns: 1: *prefix is set; 0: an empty line or a comment; else as manrs_prefix_parse
 */
MANRS_API int manrs_prefix_list_parse(manrs_prefix *prefix, const char *text, size_t n,
				      manrs_fault *fault);

#ifdef __cplusplus
}
#endif

#endif
