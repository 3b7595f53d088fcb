/* SPDX-License-Identifier: BSD-2-Clause */
/* The lookups of x86-64. */

#include "table/lpm_tables.h"

void lpm_choose(manrs_lpm *lpm, int isa)
{
	lpm->lookup4 = isa == MANRS_ISA_AVX512 ? lpm_avx512_4
		       : isa == MANRS_ISA_AVX2 ? lpm_avx2_4
					       : lpm_portable4;
	lpm->lookup6 = isa == MANRS_ISA_AVX512 ? lpm_avx512_6
		       : isa == MANRS_ISA_AVX2 ? lpm_avx2_6
					       : lpm_portable6;
}
