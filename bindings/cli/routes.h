/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_ROUTES_H
#define CLI_ROUTES_H

/* Routes as text, or of MRT archives. */

#include "lines.h"

/*
 * A line as a route: "PREFIX ASN", "PREFIX => ASN", or an announcement as manrs_announce_route reads it. Blank lines,
 * comments (#), withdrawals and state changes announce nothing. No origin (an AS_SET, an empty path where local_as is 0)
 * is asn 0.
 */
enum line_kind route_of_line(manrs_route *route, uint32_t local_as, const struct line *line,
			     manrs_fault *fault);

/* Routes of a file in batches. */
#define BATCH 4096
struct routes {
	void (*take)(void *arg, manrs_route *routes, size_t n);
	void *arg;
	struct out *out;   /* where the answers go, as lines' */
	uint32_t local_as; /* the origin of an empty path; 0: not known */
	uint64_t bad;      /* lines, records and announcements, counted */
	manrs_route route[BATCH];
	size_t n;
};
/* As lines_each, or mrt_each where the input is an archive: its announcements. */
bool routes_each(struct routes *routes, struct input *in);

#endif
