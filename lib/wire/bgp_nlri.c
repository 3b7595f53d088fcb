/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prefixes as BGP has them, one body for both families:
 *
 *     | path identifier: 4, with ADD-PATH alone | length in bits: 1 | as many bytes as the bits need |
 *
 * Bits of the last byte past the length are of no meaning (RFC 4271 section 4.3): they are cleared.
 *
 * source: RFC 4271 section 4.3; RFC 4760 section 5; RFC 7606 section 5.3; RFC 7911 section 3
 */

#include "wire/bgp_wire.h"

#include "net/bits.h"

/* in becomes bad at the byte before its place. */
static bool refuse(struct bytes *in)
{
	in->at--;
	bytes_skip(in, SIZE_MAX);
	return false;
}

bool bgp_nlri_next(struct bytes *in, int family, bool path_ids, manrs_prefix *prefix,
		   uint32_t *path_id)
{
	const uint8_t *p;
	unsigned len;

	if (!bytes_left(in))
		return false;
	*path_id = path_ids ? bytes_get32(in) : 0;
	len = bytes_get8(in);
	if (len > family_bits((unsigned)family))
		return refuse(in);
	p = bytes_take(in, (len + 7) / 8);
	if (in->bad)
		return false;
	*prefix = (manrs_prefix){
		.family = (uint8_t)family, .len = (uint8_t)len, .maxlen = (uint8_t)len};
	memcpy(prefix->addr, p, (len + 7) / 8);
	addr_mask(prefix->addr, len);
	return true;
}
