/* SPDX-License-Identifier: BSD-2-Clause */
/* Origin validation in plain C. */

#define ROV_PATH rov_portable
#include "check/rov_batch.h"

static cc_inline unsigned rov_list(const uint64_t *at, unsigned len, uint64_t origin)
{
	return rov_list_plain(at, len, origin);
}

static cc_inline struct rov_left rov_ones(const manrs_route *r, const uint64_t *entry,
					  uint8_t *states)
{
	return rov_ones_plain(r, entry, states);
}

static cc_inline struct rov_down rov_children(const uint64_t *entry, uint64_t lanes)
{
	return rov_children_plain(entry, lanes);
}
