/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The order of PDUs, draft-ietf-sidrops-8210bis section 11.2:
 *
 *     prefixes      addr, mlen, plen, asn; descending when announced, ascending when withdrawn
 *     router keys   ski, length of the key, the key, asn; ascending
 *     ASPAs         customer; ascending
 *
 * Numbers are in network order, so bytes compare as they do.
 */

#include "wire/rtrd_record.h"

/* Descending. */
static int prefix_cmp(const uint8_t *a, const uint8_t *b, size_t width)
{
	int c = memcmp(b + 12, a + 12, width);

	if (!c)
		c = b[10] - a[10];
	if (!c)
		c = b[9] - a[9];
	return c ? c : memcmp(b + 12 + width, a + 12 + width, 4);
}

static int length_cmp(const uint8_t *a, const uint8_t *b)
{
	return memcmp(a + 4, b + 4, 4);
}

static int key_cmp(const uint8_t *a, const uint8_t *b)
{
	int c = memcmp(a + 8, b + 8, 20);

	if (!c)
		c = length_cmp(a, b);
	if (!c)
		c = memcmp(a + 32, b + 32, rtrd_length(a) - 32);
	return c ? c : memcmp(a + 28, b + 28, 4);
}

int rtrd_cmp_key(unsigned kind, const uint8_t *a, const uint8_t *b)
{
	switch (kind) {
	case RTRD_V4:
		return prefix_cmp(a, b, 4);
	case RTRD_V6:
		return prefix_cmp(a, b, 16);
	case RTRD_KEY:
		return key_cmp(a, b);
	default:
		return memcmp(a + 8, b + 8, 4);
	}
}

int rtrd_cmp(unsigned kind, const uint8_t *a, const uint8_t *b)
{
	int c = rtrd_cmp_key(kind, a, b);

	if (c || kind != RTRD_ASPA)
		return c;
	c = length_cmp(a, b);
	return c ? c : memcmp(a + 12, b + 12, rtrd_length(a) - 12);
}

uint64_t rtrd_sort_key(unsigned kind, const uint8_t *pdu)
{
	switch (kind) {
	case RTRD_V4:
		return ~((uint64_t)get32(pdu + 12) << 32 | (uint64_t)pdu[10] << 24 |
			 (uint64_t)pdu[9] << 16 | get16(pdu + 16));
	case RTRD_V6:
		return ~get64(pdu + 12);
	case RTRD_KEY:
		return get64(pdu + 8);
	default:
		return get32(pdu + 8);
	}
}
