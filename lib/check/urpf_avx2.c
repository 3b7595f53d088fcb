/* SPDX-License-Identifier: BSD-2-Clause */
/* The uRPF check with the processor's own popcount and shifts. */

#include "check/urpf_lookup.h"

void urpf_check_popcnt(const manrs_urpf *s, unsigned f, const uint8_t *src, const uint16_t *iface,
		       size_t n, uint8_t *allow)
{
	if (f)
		check_all(s, 1, src, 16, iface, n, allow);
	else
		check_all(s, 0, src, 4, iface, n, allow);
}
