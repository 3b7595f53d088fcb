/* SPDX-License-Identifier: BSD-2-Clause */
/* Which form of the uRPF check an x86-64 processor runs. */

#include "base/isa.h"
#include "urpf/urpf_work.h"

urpf_check_fn *urpf_check_of(uint32_t isa)
{
	int path = isa_choose(isa);

	return path == MANRS_ISA_AVX512 ? urpf_check_avx512
	       : path == MANRS_ISA_AVX2 ? urpf_check_avx2
					: urpf_check_portable;
}
