/* SPDX-License-Identifier: BSD-2-Clause */
/* No other form of the uRPF check than the portable one. */

#include "urpf/urpf_work.h"

urpf_check_fn *urpf_check_of(uint32_t isa)
{
	(void)isa;
	return urpf_check_portable;
}
