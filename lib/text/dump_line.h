/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_TEXT_DUMP_LINE_H
#define LIB_TEXT_DUMP_LINE_H

/*
 * A line of `bgpdump -m` or `bgpdump -M`, parted into its fields:
 *
 *     TABLE_DUMP2|1400824800|B|196.7.106.245|2905|1.0.0.0/24|2905 65023 16637|IGP|196.7.106.245|0|0||NAG||
 *     BGP4MP_AP|10/15/07 15:05:00|A|192.0.2.1|64497|198.51.100.0/24|7|64497 64496|IGP
 *     BGP4MP_ET|1192460700.968234|W|192.0.2.1|64497|198.51.100.0/24
 *     BGP4MP|1192460702|STATE|192.0.2.1|64497|6|1
 *     type      time             kind neighbour AS  prefix        path id path   origin attribute, next hop
 *
 * Types are TABLE_DUMP and TABLE_DUMP2 (kind B), BGP, BGP4MP and BGP4MP_ET (A, W, STATE), then perhaps _LOCAL (a message
 * that the dumping router sent itself), then perhaps _AP (a path identifier behind the prefix, RFC 8050). -M writes its
 * time with slashes and ends behind the origin attribute.
 */

#include <manrs/base.h>
#include <stdbool.h>

/* The fields in order; PATH and what follows stand one further where there is a path identifier. */
enum {
	DUMP_TYPE,
	DUMP_TIME,
	DUMP_KIND,
	DUMP_PEER,
	DUMP_ASN,
	DUMP_PREFIX,
	DUMP_PATH,
	DUMP_ORIGIN,
	DUMP_NEXT_HOP,
	DUMP_FIELDS = DUMP_NEXT_HOP + 2,
	DUMP_OLD_STATE = DUMP_PREFIX, /* of a STATE */
	DUMP_NEW_STATE,
	DUMP_PATH_ID = DUMP_PATH /* where there is one */
};

enum dump_kind { DUMP_ROUTE = 1, DUMP_WITHDRAWAL, DUMP_STATE };

struct dump_field {
	size_t at, n; /* in the line */
};

struct dump_line {
	struct dump_field field[DUMP_FIELDS + 1]; /* those that are not there are empty */
	size_t count;
	bool path_id, local;
};

/* returns: enum dump_kind, a route with all fields up to its origin attribute or next hop; MANRS_ESYNTAX with the fault */
int dump_split(struct dump_line *line, const char *text, size_t start, size_t n,
	       manrs_fault *fault);

#endif
