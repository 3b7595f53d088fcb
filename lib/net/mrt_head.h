/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_NET_MRT_HEAD_H
#define LIB_NET_MRT_HEAD_H

/*
 * The head of an MRT record (RFC 6396 section 2), and by it what an archive is known by: for the reader of archives, and for
 * those of text, who say what they were given.
 *
 *     time(4) type(2) subtype(2) length(4)
 */

#include "base/bytes.h"

#define MRT_HEAD 12 /* bytes */

struct mrt_head {
	uint32_t time, type, subtype, length;
};

/*
 * Read bytes[MRT_HEAD]. Types that were ever given out, 0 apart: twelve zeros are no record but a hole in a file. No type has
 * subtypes past 255, and that is most of what tells a head from other bytes.
 * returns: false: no such type
 */
static inline bool mrt_head_read(struct mrt_head *head, const uint8_t *bytes)
{
	const uint64_t known = UINT64_C(0x0003000300033ffe);

	head->time = get32(bytes);
	head->type = get16(bytes + 4);
	head->subtype = get16(bytes + 6);
	head->length = get32(bytes + 8);
	return head->type < 64 && known >> head->type & 1 && head->subtype < 256;
}

/* Whether what begins with bytes[n] is an archive. */
bool mrt_head_begins(const uint8_t *bytes, size_t n);

#endif
