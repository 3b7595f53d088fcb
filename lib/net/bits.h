/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_NET_BITS_H
#define LIB_NET_BITS_H

/* Bits of addresses in network order. */

#include "base/bytes.h"
#include "base/cc.h"
#include <assert.h>
#include <manrs/prefix.h>
#include <stdbool.h>
#include <string.h>

/* The width of a family in bits; 0 for what is no family. */
static inline unsigned family_bits(unsigned family)
{
	return family == 4 ? 32 : family == 6 ? 128 : 0;
}

/* The first `bits` bits of 64 set, 0 <= bits <= 64. */
static inline uint64_t mask64(unsigned bits)
{
	return bits == 0 ? 0 : ~UINT64_C(0) << (64 - (bits > 64 ? 64 : bits));
}

/* Bit `i` of an address, counted from its first. */
static inline unsigned addr_bit(const uint8_t *addr, unsigned i)
{
	return (unsigned)addr[i / 8] >> (7 - i % 8) & 1u;
}

/* How many leading bits two addresses share, at most max. */
static inline unsigned addr_common(const uint8_t *a, const uint8_t *b, unsigned max)
{
	uint64_t x = get64(a) ^ get64(b);
	unsigned n = 64;

	if (x) {
		n = cc_clz64(x);
	} else if (max > 64) {
		x = get64(a + 8) ^ get64(b + 8);
		n = 64 + (x ? cc_clz64(x) : 64);
	}
	assert(max <= 128);
	return n < max ? n : max;
}

/* Clear every bit of an address from `len` on. */
static inline void addr_mask(uint8_t *addr, unsigned len)
{
	assert(len <= 128);
	put64(addr, get64(addr) & mask64(len));
	put64(addr + 8, get64(addr + 8) & mask64(len > 64 ? len - 64 : 0));
}

/* Whether a prefix keeps its contract (prefix.h): shifting the prefix itself out must leave nothing. */
static inline bool prefix_ok(const manrs_prefix *p)
{
	uint64_t hi = get64(p->addr), lo = get64(p->addr + 8);

	if (p->zero)
		return false;
	if (p->family == 4)
		return p->len <= 32 && (hi << p->len | lo) == 0;
	if (p->family != 6 || p->len > 128)
		return false;
	return p->len < 64 ? (hi << p->len | lo) == 0 : p->len == 128 || lo << (p->len - 64) == 0;
}

#endif
