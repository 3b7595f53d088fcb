/* SPDX-License-Identifier: BSD-2-Clause */
/* No other form of the uRPF check than the portable one. */

#include "check/urpf_lookup.h"

urpf_check_fn *urpf_check_fast(uint32_t isa)
{
	(void)isa;
	return NULL;
}
