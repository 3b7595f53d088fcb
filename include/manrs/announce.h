/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_ANNOUNCE_H
#define MANRS_ANNOUNCE_H

/* A BGP announcement as a record, and its readers from text. */

#include <manrs/path.h>

#ifdef __cplusplus
extern "C" {
#endif

/* manrs_announcement.flags */
#define MANRS_ANNOUNCE_OTC           4u  /* it has the OTC attribute, in `otc` */
#define MANRS_ANNOUNCE_EGRESS        2u  /* about to be sent; path as it will stand on the wire */
#define MANRS_ANNOUNCE_ANY_NEIGHBOUR 1u  /* its ASN is not known: not compared with the path */
#define MANRS_ANNOUNCE_OWN           8u  /* egress: we originate it */
#define MANRS_ANNOUNCE_MALFORMED     16u /* a part of it could not be read: every test fails */
#define MANRS_ANNOUNCE_INTERNAL      32u /* iBGP: tests of external sessions do not apply */

/*
 * One announcement. 128 bytes; all that is not used is 0. Arrays of the path are borrowed.
 */
typedef struct manrs_announcement {
	manrs_prefix prefix;
	uint32_t neighbour_asn; /* who sent it, or on egress gets it */
	manrs_prefix next_hop;  /* an address, /32 or /128; family 0: not known */
	uint32_t otc;
	manrs_prefix neighbour_address; /* an address; family 0: not known */
	uint32_t flags;                 /* MANRS_ANNOUNCE_* */
	manrs_path path;                /* as received; AS4_PATH merged */
	/* egress: enum manrs_role of whom we have it from, 0: not known or our own */
	uint32_t learned_from;
	uint8_t zero[52 - sizeof(manrs_path)];
} manrs_announcement;

/*
 * Read one line of `bgpdump -m` or `bgpdump -M` (RIBs: TABLE_DUMP, TABLE_DUMP2; updates: BGP, BGP4MP, BGP4MP_ET with A;
 * of these also _LOCAL and _AP) or a JSON object:
 *
 *     {"prefix": "192.0.2.0/24", "as_path": "64497 64496", "neighbour": 64497, "next_hop": "198.51.100.1",
 *      "neighbour_address": "198.51.100.1", "otc": 64497, "direction": "egress", "learned_from": "customer"}
 *
 * `"own": true`, on egress, and `"internal": true` set the flags of these names. as_path may be a JSON array of numbers;
 * prefix alone is required (without as_path: the empty path); null means that the member is absent. Members are also
 * known by names that differ in case, '_' and '-' alone, and by usual ones (path, neighbor, peer_asn, peer_ip...); any
 * other name is an error that says which may be meant; twice the same is an error.
 *
 * 255.255.255.255, which bgpdump writes as the next hop of a route that has none, is none.
 * An empty set `{}` is an error wherever it stands, as it is on the wire (RFC 7606 section 7.2); an empty path is a path.
 * A byte order mark is passed over.
 * in:      text[n]: the line, without its end; asn[cap], kind[cap]: where the hops go, of the caller; (n + 1) / 2 hops
 *          are always enough
 * out:     announcement
 * returns: 1: it is set; 0: a line that announces nothing (a withdrawal, a state change, empty, a `#` comment);
 *          MANRS_ESYNTAX, MANRS_ERANGE, MANRS_EINVAL (host bits), MANRS_ELIMIT with fault->at = offset; after an
 *          error announcement holds what was read before, with MANRS_ANNOUNCE_MALFORMED
 * threads: any
 */
MANRS_API int manrs_announce_parse(manrs_announcement *announcement, uint32_t *asn, uint8_t *kind,
				   size_t cap, const char *text, size_t n, manrs_fault *fault);

/*
 * Read a line as manrs_announce_parse does, for origin validation alone: the prefix and the origin of manrs_path_origin.
 * in:      local_as: the speaker's own AS, which is the origin of an empty path and of one that ends in a confederation
 *          segment; 0: not known, and these have none
 * out:     route: maxlen = len; asn 0: no origin
 * returns: as manrs_announce_parse, but never MANRS_ELIMIT: no hop is kept
 * threads: any
 * source:  RFC 6811 section 2
 */
MANRS_API int manrs_announce_route(manrs_route *route, uint32_t local_as, const char *text,
				   size_t n, manrs_fault *fault);

#ifdef __cplusplus
}
#endif

#endif
