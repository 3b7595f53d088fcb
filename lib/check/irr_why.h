/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_CHECK_IRR_WHY_H
#define LIB_CHECK_IRR_WHY_H

/* The answer of manrs_irr_check with its reason, for the check and its explanation. */

#include <manrs/irr.h>

enum irr_reason {
	IRR_NOT_FOUND,
	IRR_REGISTERED,
	IRR_BY_ROA,
	IRR_MISMATCH_AS,
	IRR_MISMATCH_LENGTH,
	IRR_MALFORMED,
};

enum irr_reason irr_reason(const manrs_db *db, const manrs_route *route, uint32_t flags);

#endif
