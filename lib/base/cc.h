/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_BASE_CC_H
#define LIB_BASE_CC_H

/* Compiler extensions: the only place for them. Every one has a plain C meaning without it. */

#include <stdint.h>

#if defined(__GNUC__)
#define cc_likely(x)   __builtin_expect(!!(x), 1)
#define cc_unlikely(x) __builtin_expect(!!(x), 0)
#define cc_prefetch(p) __builtin_prefetch((p), 0, 3)
#define cc_inline      inline __attribute__((always_inline))
#define cc_noinline    __attribute__((noinline))
#define cc_proof       __attribute__((unused))        /* a function that only assert() calls */
#define cc_clz64(x)    ((unsigned)__builtin_clzll(x)) /* x != 0 */
#define cc_ctz64(x)    ((unsigned)__builtin_ctzll(x)) /* x != 0 */
/* Before a loop: four rounds in one, eight. */
#define cc_unroll4 _Pragma("GCC unroll 4")
#define cc_unroll8 _Pragma("GCC unroll 8")
/* Four numbers in one register; < gives -1 or 0 a lane. May be read from any aligned memory. */
typedef int32_t cc_i32x4 __attribute__((vector_size(16), may_alias));
#else
#error "libmanrs needs GCC or Clang"
#endif

/* Without an instruction for it the compilers call a function; counting in parallel inside the word is faster. */
static cc_inline unsigned cc_popcount64(unsigned long long x)
{
#if defined(__POPCNT__) || defined(__aarch64__)
	return (unsigned)__builtin_popcountll(x);
#else
	x -= x >> 1 & 0x5555555555555555ull;
	x = (x & 0x3333333333333333ull) + (x >> 2 & 0x3333333333333333ull);
	x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0full;
	return (unsigned)(x * 0x0101010101010101ull >> 56);
#endif
}

/* The product's lower half; *high: the upper one. */
static cc_inline uint64_t cc_mul128(uint64_t a, uint64_t b, uint64_t *high)
{
#if defined(__SIZEOF_INT128__)
	__extension__ typedef unsigned __int128 wide;
	wide product = (wide)a * b;

	*high = (uint64_t)(product >> 64);
	return (uint64_t)product;
#else
	uint64_t al = (uint32_t)a, ah = a >> 32, bl = (uint32_t)b, bh = b >> 32;
	uint64_t low = al * bl, one = ah * bl + (low >> 32), two = al * bh + (uint32_t)one;

	*high = ah * bh + (one >> 32) + (two >> 32);
	return two << 32 | (uint32_t)low;
#endif
}

#endif
