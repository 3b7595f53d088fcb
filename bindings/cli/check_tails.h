/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_CHECK_TAILS_H
#define CLI_CHECK_TAILS_H

/*
 * What stands behind the prefix in rows of manrs check, kept by the path of an archive: of the routes of one path most have
 * the same verdict, and then the same text and the same findings.
 */

#include "cli.h"

/* All that the text depends on. */
struct tail_key {
	manrs_verdict verdict;
	uint32_t neighbour, flags, otc;
	uint16_t family, reason; /* reason: of ROV where it fails */
};

struct tail {
	struct tail_key key;
	size_t at; /* of its text */
	uint32_t n;
	uint8_t n_codes;
	uint8_t code[MANRS_TESTS];
};

struct tails {
	struct tail *tail; /* by the path's number; n 0: none yet */
	size_t n_tails;
	char *text;
	size_t n_text, cap_text;
};

/*
 * Of an announcement with a verdict. returns: false: its findings depend on more, or it is malformed: it has no key.
 */
bool tail_key_of(struct tail_key *key, const manrs_db *db, const manrs_policy *policy,
		 const manrs_announcement *a, const manrs_verdict *v);
/* The tail of a path, empty where its last one had another key. NULL: there is no place for it. */
struct tail *tail_of(struct tails *t, uint32_t path, const struct tail_key *key);
/* One path is asked for soon, another one sooner: they come nearer. */
void tail_ahead(const struct tails *t, uint32_t soon, uint32_t sooner);
void tail_keep(struct tails *t, struct tail *tail, const char *text, size_t n);
void tails_forget(struct tails *t); /* before the numbers of paths mean others */
void tails_free(struct tails *t);

#endif
