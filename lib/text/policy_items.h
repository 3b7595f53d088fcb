/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_TEXT_POLICY_ITEMS_H
#define LIB_TEXT_POLICY_ITEMS_H

/*
 * A policy file (manrs/policy_file.h) as records: one for each key, then one for each item of its value.
 *
 *     tests = default -irr      KEY of tests, START default, WORD irr with its sign
 *     origins =                 KEY of origins: an empty list is one
 *     peerlock = 64504: 64505   KEY of peerlock, PAIR 64504 64504, PAIR 64504 64505
 *
 * Each has its place, so that who makes a policy of them refuses what it cannot use as the reader would. Names of tests
 * and options are words here: what they stand for is not the text's.
 */

#include "text/lines.h"
#include "text/value_items.h"

enum policy_key {
	POLICY_ROLE,
	POLICY_LOCAL_AS,
	POLICY_TESTS,
	POLICY_STRICT,
	POLICY_FAMILIES,
	POLICY_LENGTHS4,
	POLICY_LENGTHS6,
	POLICY_MAX_PATH,
	POLICY_MAX_REPEAT,
	POLICY_OPTIONS,
	POLICY_TRANSIT_FREE,
	POLICY_NEVER_VIA_RS,
	POLICY_ORIGINS,
	POLICY_PEERLOCK,
	POLICY_ADDRESS,
	POLICY_ALLOW,
	POLICY_DENY,
	POLICY_BOGON,
	POLICY_KEYS,
};

enum policy_kind {
	POLICY_KEY,    /* the key itself: its value starts */
	POLICY_NUMBER, /* number: a role (enum manrs_role), an AS, a family (4 or 6), a bound */
	POLICY_RANGE,  /* number to other: lengths */
	POLICY_PAIR,   /* number and other: an AS and one that it may be heard from, itself first */
	POLICY_START,  /* number: enum policy_start, before the tests by name */
	POLICY_WORD,   /* word[n], with its sign */
	POLICY_PREFIX, /* prefix, and number: the longest length allowed under it, 0: none was given */
};

enum policy_start { POLICY_START_DEFAULT, POLICY_START_ALL, POLICY_START_NONE };

struct policy_item {
	size_t at, end; /* in the text: where it starts, and how far the value has been read */
	uint32_t line;
	uint8_t key, kind;
	bool first; /* of its value */
	char sign;  /* '+', '-' or 0 */
	size_t n;
	const char *word;
	uint64_t number, other;
	manrs_prefix prefix;
};

struct policy_reader {
	struct lines lines;
	struct items value; /* of this line */
	int key;            /* of this line; POLICY_KEYS: it is used up */
	size_t given;       /* items of the value so far */
	uint32_t seen;      /* bit per key */
	uint32_t locked;    /* the AS of a peerlock line */
	bool first;         /* no line had content */
};

/* fault must be there: that of a refusal. */
void policy_read(struct policy_reader *r, const char *text, size_t n, manrs_fault *fault);
/* returns: 1: *item is set; 0: the file is complete; an error, with the fault's place */
int policy_next(struct policy_reader *r, struct policy_item *item);

#endif
