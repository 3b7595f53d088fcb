/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_NET_BITS_H
#define LIB_NET_BITS_H

/* Bits of addresses in network order. */

#include "base/cc.h"
#include <manrs/prefix.h>
#include <stdbool.h>
#include <string.h>

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
	return n < max ? n : max;
}

/* Clear every bit of an address from `len` on. */
static inline void addr_mask(uint8_t *addr, unsigned len)
{
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
