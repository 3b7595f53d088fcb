/* SPDX-License-Identifier: BSD-2-Clause */
/* AS numbers of a path in JSON: 64496, [64497, 64498], 64499. */

#include "text/json_hops.h"

int json_hops(struct path_out *path, struct js *scan, unsigned kind, manrs_fault *fault)
{
	const unsigned outer = kind;
	bool inside = false, fresh = true;
	struct js_token t;

	for (;;) {
		int token = js_next(scan, &t);

		if (token == JS_ARRAY && !inside && outer == MANRS_SEGMENT_SEQUENCE) {
			inside = fresh = true;
			kind = MANRS_SEGMENT_SET;
		} else if (token == JS_ARRAY_END) {
			if (!inside)
				return MANRS_OK;
			if (fresh)
				return fault_set(fault, MANRS_ESYNTAX, t.at, "an empty AS_SET");
			inside = false;
			fresh = true;
			kind = outer;
		} else if (token == JS_NUMBER && t.integer && t.number <= UINT32_MAX) {
			path_put(path, (uint32_t)t.number, kind, fresh);
			fresh = false;
		} else {
			uint64_t at = token > JS_END ? t.at : js_at(scan);

			return fault_set(fault, MANRS_ESYNTAX,
					 token == JS_BAD ? scan->fault.at : at,
					 "an AS path holds AS numbers");
		}
	}
}
