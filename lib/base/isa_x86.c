/* SPDX-License-Identifier: BSD-2-Clause */
/* What an x86-64 processor can run; the flags are those that the Makefile compiles *_avx2.c and *_avx512.c with. */

#include "base/isa.h"

static int best(void)
{
	__builtin_cpu_init();
	if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("bmi") ||
	    !__builtin_cpu_supports("bmi2") || !__builtin_cpu_supports("popcnt"))
		return MANRS_ISA_PORTABLE;
	if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") ||
	    !__builtin_cpu_supports("avx512vl") || !__builtin_cpu_supports("avx512dq") ||
	    !__builtin_cpu_supports("avx512cd") || !__builtin_cpu_supports("avx512vpopcntdq"))
		return MANRS_ISA_AVX2;
	return MANRS_ISA_AVX512;
}

int isa_choose(uint32_t wish)
{
	if (wish > MANRS_ISA_AVX512)
		return MANRS_EINVAL;
	if (wish == MANRS_ISA_AUTO)
		return best();
	return (int)wish <= best() ? (int)wish : MANRS_EUNSUP;
}
