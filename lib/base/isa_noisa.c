/* SPDX-License-Identifier: BSD-2-Clause */
/* Processors for which there is no code of their own. */

#include "base/isa.h"

int isa_choose(uint32_t wish)
{
	if (wish > MANRS_ISA_AVX512)
		return MANRS_EINVAL;
	return wish <= MANRS_ISA_PORTABLE ? MANRS_ISA_PORTABLE : MANRS_EUNSUP;
}
