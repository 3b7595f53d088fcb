/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_CHECK_TAILS_H
#define CLI_CHECK_TAILS_H

/*
 * What stands behind the prefix in rows of manrs check, kept by the path of an archive: of the routes of one path most have
 * the same verdict, and then the same text and the same findings.
 */

#include "cli.h"

/* All that the text depends on, but for the path. */
struct tail_key {
	uint64_t fail, unknown;
	uint32_t neighbour, flags;
	uint8_t code[MANRS_TESTS];
	uint8_t zero[3];
};

struct tail {
	struct tail_key key;
	size_t at;  /* of its text */
	uint32_t n; /* 0: none yet */
};

struct tails {
	struct tail *tail; /* by the path's number */
	size_t n_tails;
	char *text;
	size_t n_text, cap_text;
};

void tail_key_of(struct tail_key *key, const manrs_announcement *a, const manrs_verdict *v,
		 const uint8_t codes[MANRS_TESTS]);
/* The tail of a path, empty where its last one had another key. NULL: there is no place for it. */
struct tail *tail_of(struct tails *t, uint32_t path, const struct tail_key *key);
/* One path is asked for soon, another one sooner: they come nearer. */
void tail_ahead(const struct tails *t, uint32_t soon, uint32_t sooner);
void tail_keep(struct tails *t, struct tail *tail, const char *text, size_t n);
void tails_forget(struct tails *t); /* before the numbers of paths mean others */
void tails_free(struct tails *t);

#endif
