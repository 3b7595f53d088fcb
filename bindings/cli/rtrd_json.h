/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_RTRD_JSON_H
#define CLI_RTRD_JSON_H

/* A snapshot as rpki-client's JSON, in slices: never whole in memory. */

#include "output.h"

struct json_stream;
/* Holds the snapshot until json_stream_free. built: Unix seconds; 0: not known, and not said. */
struct json_stream *json_stream_new(const manrs_db *db, uint64_t built);
/* The next bytes, at most cap. returns: how many; 0: that was all. */
size_t json_stream_next(struct json_stream *s, char *bytes, size_t cap);
void json_stream_free(struct json_stream *s);

#endif
