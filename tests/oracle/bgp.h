/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_ORACLE_BGP_H
#define TESTS_ORACLE_BGP_H

/*
 * An UPDATE read a second time, byte by byte into lists, and judged by RFC 7606 as it is worded. What its attributes are worth by
 * themselves is given (attrs.h has their second reader).
 */

#include <manrs/bgp.h>
#include <stdbool.h>

#define ORACLE_PREFIXES 33000 /* more than a message of 65535 bytes has */

struct oracle_prefix {
	uint32_t id;
	uint8_t family, len, addr[16];
	bool mp; /* of MP_REACH or MP_UNREACH */
};

struct oracle_bgp {
	bool framed; /* the lengths inside it are right; nothing else is set if not */
	int action, subcode, end_of_rib;
	size_t n_announced, n_withdrawn;
	struct oracle_prefix announced[ORACLE_PREFIXES], withdrawn[ORACLE_PREFIXES];
};

/* body[n]: behind the header; action, has: of its attributes, KEEP and 0 without. */
void oracle_bgp_read(struct oracle_bgp *o, uint32_t flags, const uint8_t *body, size_t n,
		     int action, uint64_t has);

/*
 * Decode a message from the front of in[n], read it as an UPDATE if it is one, list it in portions of cap, and compare all of it
 * with o. returns: what differs, NULL: nothing; *used as manrs_bgp_decode.
 */
const char *oracle_bgp_differ(struct oracle_bgp *o, manrs_bgp_store *store,
			      const manrs_bgp_session *session, const uint8_t *in, size_t n,
			      size_t cap, int *used);

#endif
