/* SPDX-License-Identifier: BSD-2-Clause */
/* The uRPF check for every processor. */

#include "urpf/urpf_state.h"

/* Interfaces of 64 and more are few where rows have one word: what they all are is asked once. */
static cc_inline unsigned row_bits8(const uint64_t *first, const uint32_t *at,
				    const uint16_t *iface, uint64_t none, uint8_t *allow)
{
	unsigned is_none = 0;
	uint64_t all[2];

	cc_unroll8 for (unsigned i = 0; i < 8; i++)
	{
		uint64_t word = first[at[i]];

		if (cc_unlikely(word == none))
			is_none |= 1u << i;
		allow[i] = (uint8_t)(word >> iface[i] % 64 & 1);
	}
	memcpy(all, iface, sizeof all);
	if (cc_unlikely((all[0] | all[1]) & UINT64_C(0xffc0ffc0ffc0ffc0)))
		for (unsigned i = 0; i < 8; i++)
			allow[i] &= iface[i] < 64;
	return is_none;
}

#define ROWS_BLOCK  64u
#define ROWS_AHEAD  0u
#define rows_unroll cc_unroll4
#include "urpf/urpf_lookup.h"

void urpf_check_portable(const manrs_urpf *s, unsigned f, const uint8_t *src, const uint16_t *iface,
			 size_t n, uint8_t *allow)
{
	check_all(s, f, src, iface, n, allow);
}
