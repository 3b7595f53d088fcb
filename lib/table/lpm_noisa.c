/* SPDX-License-Identifier: BSD-2-Clause */
/* The lookups of processors for which there is no code of their own. */

#include "table/lpm_tables.h"

void lpm_choose(manrs_lpm *lpm, int isa)
{
	(void)isa;
	lpm->lookup4 = lpm_portable4;
	lpm->lookup6 = lpm_portable6;
}
