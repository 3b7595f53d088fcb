/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_WIRE_BGP_BYTES_H
#define TESTS_WIRE_BGP_BYTES_H

/* BGP messages typed by hand, for the tests of their readers. */

#include "../test.h"

#define BGP_BYTES 70000

struct bgp_bytes {
	size_t n;
	uint8_t at[BGP_BYTES];
};

/* Add the bytes of "01 04ff ...", blanks where one likes. */
static inline void bgp_hex(struct bgp_bytes *b, const char *hex)
{
	for (hex += strspn(hex, " \n"); *hex; hex += strspn(hex, " \n")) {
		unsigned byte;

		ck_assert_int_eq(sscanf(hex, "%2x", &byte), 1);
		ck_assert_uint_lt(b->n, BGP_BYTES);
		b->at[b->n++] = (uint8_t)byte;
		hex += 2;
	}
}

static inline void bgp_set16(struct bgp_bytes *b, size_t at, size_t n)
{
	b->at[at] = (uint8_t)(n >> 8);
	b->at[at + 1] = (uint8_t)n;
}

/* A header; its length is set by bgp_end. returns: where it lies */
static inline size_t bgp_begin(struct bgp_bytes *b, unsigned type)
{
	size_t at = b->n;

	bgp_hex(b, "ffffffff ffffffff ffffffff ffffffff 0000");
	b->at[b->n++] = (uint8_t)type;
	return at;
}

static inline void bgp_end(struct bgp_bytes *b, size_t begun)
{
	bgp_set16(b, begun + 16, b->n - begun);
}

/* Add an UPDATE of its three parts, their lengths filled in. */
static inline void bgp_update(struct bgp_bytes *b, const char *withdrawn, const char *attributes,
			      const char *nlri)
{
	size_t begun = bgp_begin(b, 2), at = b->n;

	bgp_hex(b, "0000");
	bgp_hex(b, withdrawn);
	bgp_set16(b, at, b->n - at - 2);
	at = b->n;
	bgp_hex(b, "0000");
	bgp_hex(b, attributes);
	bgp_set16(b, at, b->n - at - 2);
	bgp_hex(b, nlri);
	bgp_end(b, begun);
}

#endif
