/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_BASE_PACK_H
#define LIB_BASE_PACK_H

#include "base/mem.h"

/*
 * Places for pieces of an array of 64-bit words that begins on a cache line: a piece of up to eight words lies within one
 * line, a longer one begins one. A piece goes into the line with the least room that is enough, of the last few.
 */

#define PACK_LINE 8u
#define PACK_OPEN 16u

struct pack {
	size_t words; /* of all lines */
	struct pack_open {
		size_t at; /* the first free word */
		size_t room;
	} open[PACK_OPEN];
	unsigned next; /* the oldest of the open */
};

/* The place of the next piece; words grows by the lines that it takes. Begin with a pack of zeros. */
size_t pack_place(struct pack *p, size_t words);

#endif
