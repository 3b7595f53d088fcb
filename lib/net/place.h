/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_NET_PLACE_H
#define LIB_NET_PLACE_H

/* The cursor of a listing of prefixes: the last one that was listed; all zero: none was yet (record.h). */

#include "net/bits.h"
#include <manrs/record.h>

/* out: *last, family 0 at the start. false: no cursor of such a listing. */
static inline bool place_get(const manrs_cursor *cursor, manrs_prefix *last)
{
	memcpy(last, cursor, sizeof *last);
	return last->family == 0 || prefix_ok(last);
}

static inline void place_set(manrs_cursor *cursor, const manrs_prefix *last)
{
	memcpy(cursor, last, sizeof *last);
}

#endif
