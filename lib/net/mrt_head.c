/* SPDX-License-Identifier: BSD-2-Clause */
/* The head of an MRT record. No text has one: in each of its numbers the upper octets are zeros. */

#include "net/mrt_head.h"

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
