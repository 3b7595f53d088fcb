/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_NET_MRT_HEAD_H
#define LIB_NET_MRT_HEAD_H

/*
 * The head of an MRT record (RFC 6396 section 2), and by it what an archive is known by: for the reader of archives, and for
 * those of text, who say what they were given.
 *
 *     time(4) type(2) subtype(2) length(4)
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MRT_HEAD 12 /* bytes */

struct mrt_head {
	uint32_t time, type, subtype, length;
};

/* in: bytes[MRT_HEAD]. returns: false: no such type */
bool mrt_head_read(struct mrt_head *head, const uint8_t *bytes);
/* Whether what begins with bytes[n] is an archive. */
bool mrt_head_begins(const uint8_t *bytes, size_t n);

#endif
