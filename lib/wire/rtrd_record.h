/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_WIRE_RTRD_RECORD_H
#define LIB_WIRE_RTRD_RECORD_H

/*
 * Records of a cache as it keeps them: each is the PDU that announces it. Their order is that in which a set is sent
 * (8210bis section 11.2): types ascending, prefixes descending, router keys and ASPAs ascending.
 */

#include "base/bytes.h"
#include "wire/rtr_pdu.h"

/* In the order of their types on the wire. */
enum rtrd_kind { RTRD_V4, RTRD_V6, RTRD_KEY, RTRD_ASPA, RTRD_KINDS };

/* How many of the kinds a version has: from the first. */
static inline unsigned rtrd_kinds(unsigned version)
{
	return version == 0 ? RTRD_KEY : version == 1 ? RTRD_ASPA : RTRD_KINDS;
}

static inline size_t rtrd_length(const uint8_t *pdu)
{
	return get32(pdu + 4);
}

/* Where the flag is that says announce. */
static inline uint8_t *rtrd_flag(unsigned kind, uint8_t *pdu)
{
	return pdu + (kind <= RTRD_V6 ? 8 : 2);
}

static inline bool rtrd_adds(unsigned kind, const uint8_t *pdu)
{
	return pdu[kind <= RTRD_V6 ? 8 : 2] & 1;
}

/* Which record two PDUs speak of: an ASPA's customer, all else of the others. */
int rtrd_cmp_key(unsigned kind, const uint8_t *a, const uint8_t *b);
/* The same, and what it says: the ASPA's providers. */
int rtrd_cmp(unsigned kind, const uint8_t *a, const uint8_t *b);
/* A number that never says the other way round what rtrd_cmp_key says. */
uint64_t rtrd_sort_key(unsigned kind, const uint8_t *pdu);

#endif
