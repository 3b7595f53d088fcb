/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_TEXT_UPDATE_FORM_H
#define LIB_TEXT_UPDATE_FORM_H

/* The two forms of a line that tells of updates, for the calls of manrs/update_line.h: of bgpdump, and JSON. */

#include "text/update_list.h"

#include <manrs/update_line.h>

/* Read line->text from start, whose other members are 0. returns, asn, kind, cap: as manrs_update_line_parse */
int update_dump_read(manrs_update_line *line, uint32_t *asn, uint8_t *kind, size_t cap,
		     size_t start, manrs_fault *fault);
int update_json_read(manrs_update_line *line, uint32_t *asn, uint8_t *kind, size_t cap,
		     size_t start, manrs_fault *fault);

/* The one route of a line of bgpdump, once. */
bool update_dump_next(const manrs_update_line *line, manrs_cursor *cursor, manrs_prefix *prefix,
		      uint32_t *id);

/* How the prefixes of a JSON message stand in it. */
enum update_shape update_shape_of(const manrs_update_line *line, bool announced);

/* Seconds since 1970, with a fraction or without, in microseconds; 0: it is none. */
uint64_t update_micros(const char *text, size_t n);
/* rc of a reader of a part of the line that starts at `at`: if it refused, its offset counts from the line's start now. */
int update_moved(int rc, uint64_t at, manrs_fault *fault);

#endif
