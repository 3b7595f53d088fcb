/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_BASE_BYTES_H
#define LIB_BASE_BYTES_H

/*
 * Numbers in network order, and the view through which decoders read what came from outside. A view is bounded, and bad for
 * good from the first read past its end: that one and all later ones give zeros. So a decoder reads what belongs together
 * and asks once:
 *
 *     type = bytes_get8(&in);
 *     value = bytes_part(&in, bytes_get16(&in));
 *     if (in.bad)
 *             return fault_set(fault, MANRS_ESYNTAX, bytes_at(&in), "...");
 *
 * Invariants: at <= end; a bad view is at its end.
 */

#include "base/cc.h"
#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* ---- numbers of which it is known that they are there ---- */

static inline unsigned get16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static inline uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline uint64_t get64(const uint8_t *p)
{
	return (uint64_t)get32(p) << 32 | get32(p + 4);
}

static inline void put32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

static inline void put64(uint8_t *p, uint64_t v)
{
	put32(p, (uint32_t)(v >> 32));
	put32(p + 4, (uint32_t)v);
}

/* ---- the view ---- */

struct bytes {
	/* of the whole message, also in a part of it: offsets count from here */
	const uint8_t *from;
	size_t at, end;
	bool bad;
};

static inline struct bytes bytes_of(const uint8_t *bytes, size_t n)
{
	return (struct bytes){.from = n ? bytes : (const uint8_t *)"", .end = n};
}

static inline size_t bytes_left(const struct bytes *b)
{
	return b->end - b->at;
}

/* The offset of the next byte in the message; once bad, of the read that had too few. */
static inline size_t bytes_at(const struct bytes *b)
{
	return b->at;
}

/* Past the next n bytes; false: there are not so many. */
static inline bool bytes_skip(struct bytes *b, size_t n)
{
	assert(b->at <= b->end);
	assert(!b->bad || b->at == b->end);
	if (cc_unlikely(n > bytes_left(b))) {
		b->bad = true;
		b->end = b->at;
		return false;
	}
	b->at += n;
	return true;
}

/* The next n bytes, borrowed; NULL: there are not so many. */
static inline const uint8_t *bytes_take(struct bytes *b, size_t n)
{
	return bytes_skip(b, n) ? b->from + b->at - n : NULL;
}

static inline unsigned bytes_get8(struct bytes *b)
{
	return bytes_skip(b, 1) ? b->from[b->at - 1] : 0;
}

static inline unsigned bytes_get16(struct bytes *b)
{
	return bytes_skip(b, 2) ? get16(b->from + b->at - 2) : 0;
}

static inline uint32_t bytes_get32(struct bytes *b)
{
	return bytes_skip(b, 4) ? get32(b->from + b->at - 4) : 0;
}

static inline uint64_t bytes_get64(struct bytes *b)
{
	return bytes_skip(b, 8) ? get64(b->from + b->at - 8) : 0;
}

/* The next n bytes into an array of the caller's, zeros if there are not so many. */
static inline void bytes_copy(struct bytes *b, void *to, size_t n)
{
	const uint8_t *p = bytes_take(b, n);

	if (p)
		memcpy(to, p, n);
	else
		memset(to, 0, n);
}

/* The next n bytes as a view of their own, an empty bad one if there are not so many. What is bad in it is so in it alone. */
static inline struct bytes bytes_part(struct bytes *b, size_t n)
{
	size_t at = b->at;

	bytes_take(b, n);
	return (struct bytes){b->from, at, b->at, b->bad};
}

#endif
