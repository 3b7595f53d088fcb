/* SPDX-License-Identifier: BSD-2-Clause */
/* The head of an MRT record. No text has one: in each of its numbers the upper octets are zeros. */

#include "net/mrt_head.h"

#include "base/bytes.h"

/*
 * Types that were ever given out, 0 apart: twelve zeros are no record but a hole in a file. No type has subtypes past 255, and
 * that is most of what tells a head from other bytes.
 */
bool mrt_head_read(struct mrt_head *head, const uint8_t *bytes)
{
	static const uint64_t known = UINT64_C(0x0003000300033ffe);

	head->time = get32(bytes);
	head->type = get16(bytes + 4);
	head->subtype = get16(bytes + 6);
	head->length = get32(bytes + 8);
	return head->type < 64 && known >> head->type & 1 && head->subtype < 256;
}

/*
 * Stricter than for a record among others. The types 1 to 4 told of the collector itself, and no archive begins with one: a
 * capture of tcpdump's from a big-endian machine looks so. The subtypes in use end at 12.
 */
bool mrt_head_begins(const uint8_t *bytes, size_t n)
{
	struct mrt_head head;

	return n >= MRT_HEAD && mrt_head_read(&head, bytes) && head.type >= 5 &&
	       head.subtype < 32 && head.length < 1u << 25;
}
