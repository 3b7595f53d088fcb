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

/*
 * The address of a prefix whose bytes begin at p. Where the view has 16 bytes from there, these are read whatever they are, and
 * cut down to the prefix: to copy as many as it has, and then to mask them, waits for the copy.
 */
static void read_address(uint8_t *addr, const uint8_t *p, size_t there, unsigned len)
{
	if (cc_likely(there >= 16)) {
		put64(addr, get64(p) & mask64(len));
		put64(addr + 8, get64(p + 8) & mask64(len > 64 ? len - 64 : 0));
		return;
	}
	memset(addr, 0, 16);
	memcpy(addr, p, (len + 7) / 8);
	addr_mask(addr, len);
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
	prefix->family = (uint8_t)family;
	prefix->len = prefix->maxlen = (uint8_t)len;
	prefix->zero = 0;
	read_address(prefix->addr, p, bytes_left(in) + (len + 7) / 8, len);
	return true;
}
