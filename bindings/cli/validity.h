/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_VALIDITY_H
#define CLI_VALIDITY_H

/*
 * A route with its validity as JSON, member for member that of Routinator (`routinator validate --json`, /api/v1/validity), and
 * `manrs_reason` behind them: the two do not mean the same by a reason.
 */

#include "output.h"

struct validity {
	struct out *out;
	const manrs_db *db;
	bool lines; /* laid out over lines, as an entry of a document; else without blanks */
	manrs_route *covering;
	size_t cap;
};
/* The object of one route, whose state the database has said. */
void validity_write(struct validity *v, const manrs_route *route, int state);
void validity_free(struct validity *v);
/* Of enum manrs_rov_reason: "as", "length", "". */
const char *validity_reason(int reason);

#endif
