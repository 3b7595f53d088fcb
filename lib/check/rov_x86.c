/* SPDX-License-Identifier: BSD-2-Clause */
/* The code paths of x86-64. */

#include "check/rov_list.h"

const struct rov_path *rov_choose(uint32_t isa)
{
	return isa == MANRS_ISA_AVX512 ? &rov_avx512
	       : isa == MANRS_ISA_AVX2 ? &rov_avx2
				       : &rov_portable;
}
