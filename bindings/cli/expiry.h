/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_EXPIRY_H
#define CLI_EXPIRY_H

/* Age: of a file, and of its records. */

#include "cli.h"

/* What is done about files and records that are old. */
struct expiry {
	bool drop;        /* records whose time has passed are left out */
	bool limited;     /* files must have been built... */
	uint64_t max_age; /* ...so many seconds ago, or later */
};

enum { AGING_VRPS, AGING_ASPAS, AGING_KEYS, AGING_KINDS };
struct aging {
	const struct expiry *rule;
	uint64_t now, seen[AGING_KINDS], expired[AGING_KINDS];
};
void aging_start(struct aging *a, const struct expiry *rule);
/* Count a record. returns: whether it is to be left out. */
bool aging_drops(struct aging *a, int kind, uint64_t expires);
/* When the file has ended: what is to be said of it. wanted: what it was named for. returns: EXIT_DONE, EXIT_STALE. */
int aging_judge(const struct aging *a, const char *file, uint64_t built, int wanted);

#define TIME_TEXT 32
/* "2025-07-20T09:31:35Z" */
const char *time_text(char text[TIME_TEXT], uint64_t seconds);

#endif
