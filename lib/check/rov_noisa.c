/* SPDX-License-Identifier: BSD-2-Clause */
/* Processors for which there is no code of their own. */

#include "check/rov_list.h"

const struct rov_path *rov_choose(uint32_t isa)
{
	(void)isa;
	return &rov_portable;
}
