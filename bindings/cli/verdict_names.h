/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef VERDICT_NAMES_H
#define VERDICT_NAMES_H

/* Tests and findings by their names. */

#include "options.h"

/* Every test and finding with its meaning. Returns the exit status. */
int list_tests(enum format format, const char *output);

/*
 * A test or a code by name ("rov", "rov-invalid-as"), a list of them parted by commas, or "any": the masks of the
 * tests, and a flag a code. false: not such a list.
 */
struct wanted {
	uint64_t tests;
	bool codes[MANRS_CODES];
	bool some_codes;
};
bool wanted_parse(struct wanted *wanted, const char *list);

#endif
