/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_BOGON_H
#define MANRS_BOGON_H

/*
 * Prefixes and AS numbers that have no business in the public routing table, from the IANA special-purpose
 * registries as of MANRS_BOGON_DATE. A route equal to a special block or more specific is a bogon; one that covers it
 * (a default route) is not. More specific blocks that are globally reachable are not either.
 *
 * threads: all calls: any thread; a caller's list is only read
 */

#include <manrs/path.h>
#include <manrs/trie.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The day of the registries that the tables were made from. */
#define MANRS_BOGON_DATE "2026-07-18" /* when the registries were looked at */

enum manrs_bogon {
	MANRS_BOGON_NONE = 1,      /* not a bogon */
	MANRS_BOGON_SPECIAL = 2,   /* IANA special-purpose, not globally reachable */
	MANRS_BOGON_MALFORMED = 3, /* not a prefix */
	MANRS_BOGON_MULTICAST = 4, /* 224.0.0.0/4, ff00::/8 */
	MANRS_BOGON_FORMER = 5,    /* given back: 6to4 relays, 6bone, ORCHID, site-local */
	MANRS_BOGON_OUTSIDE = 6,   /* IPv6 outside global unicast, 2000::/3 */
	MANRS_BOGON_LISTED = 7,    /* on the caller's list */
};

/* The entry that says so. */
typedef struct manrs_bogon_entry {
	manrs_prefix prefix;
	uint32_t kind;      /* enum manrs_bogon */
	const char *name;   /* "Private-Use"; a constant; "" when there is none */
	const char *source; /* "RFC 1918"; a constant; "" when there is none */
} manrs_bogon_entry;

/*
 * Whether a prefix is a bogon.
 * in:      listed: the caller's full-bogon list, its values ignored; NULL: none
 * out:     entry: why; may be NULL; all zero, with empty texts, when the prefix is none or malformed
 * returns: enum manrs_bogon: anything but MANRS_BOGON_NONE is to be refused
 * cost:    no allocation; a few compares, and a match in the list
 * source:  RFC 6890 section 2.2.1; IANA special-purpose and multicast address registries; RFC 7454 section 6.1
 */
MANRS_API int manrs_bogon_prefix(const manrs_prefix *prefix, const manrs_trie *listed,
				 manrs_bogon_entry *entry);

/* The same for n prefixes: kinds[i] answers prefixes[i]. returns: MANRS_OK; MANRS_EINVAL if any was malformed. */
MANRS_API int manrs_bogon_prefix_many(const manrs_prefix *prefixes, size_t n,
				      const manrs_trie *listed, uint8_t *kinds);

/*
 * Whether an AS number is a bogon: any that manrs_asn_class does not call public. AS112 is none.
 * returns: 1 or 0
 * source:  RFC 7607, 6793, 6996, 7300, 5398; IANA special-purpose AS numbers
 */
MANRS_API int manrs_bogon_asn(uint32_t asn);

/* The same for n AS numbers. out: bogon[n], 1 or 0. returns: MANRS_OK. */
MANRS_API int manrs_bogon_asn_many(const uint32_t *asn, size_t n, uint8_t *bogon);

/* "none", "special-purpose", "multicast", "former", "outside-global-unicast", "listed", "malformed"; "" for others.
 * owns: a constant. */
MANRS_API const char *manrs_bogon_text(int kind);

#ifdef __cplusplus
}
#endif

#endif
