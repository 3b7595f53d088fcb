/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SESSION_H
#define SESSION_H

/* What `manrs check` and `manrs explain` judge by: the database, and the policy of one BGP session. */

#include "cli.h"

struct session {
	struct words vrps, aspas, irr, bogons, relationships;
	const char *policy_path, *role, *local_as, *tests;
	struct vrpset set;
	manrs_policy_file *file;
	manrs_policy *policy;
	manrs_trie *own_bogons;
	manrs_rel *rel;
};

enum {
	SESSION_VRPS = 512,
	SESSION_ASPAS,
	SESSION_IRR,
	SESSION_POLICY,
	SESSION_ROLE,
	SESSION_LOCAL_AS,
	SESSION_TESTS,
	SESSION_BOGONS,
	SESSION_RELATIONSHIPS,
	SESSION_END,
};

/* For the table of getopt_long. */
#define SESSION_OPTIONS                                                         \
	{"vrps", required_argument, NULL, SESSION_VRPS},                        \
		{"aspas", required_argument, NULL, SESSION_ASPAS},              \
		{"irr", required_argument, NULL, SESSION_IRR},                  \
		{"policy", required_argument, NULL, SESSION_POLICY},            \
		{"role", required_argument, NULL, SESSION_ROLE},                \
		{"local-as", required_argument, NULL, SESSION_LOCAL_AS},        \
		{"tests", required_argument, NULL, SESSION_TESTS},              \
		{"bogons", required_argument, NULL, SESSION_BOGONS},            \
	{                                                                       \
		"relationships", required_argument, NULL, SESSION_RELATIONSHIPS \
	}

#define SESSION_USAGE                                                                      \
	"--vrps FILE... [--aspas FILE]... [--irr FILE]...\n"                               \
	"                   --policy FILE | --role ROLE [--local-as ASN] [--tests LIST]\n" \
	"                   [--bogons FILE]... [--relationships FILE]..."

/* Take an option. false: it is none of these. */
bool session_option(struct session *s, int option, const char *value);
/* Load all of it. returns: EXIT_DONE; else it has said why, and there is nothing to close. */
int session_open(struct session *s, const struct verb *verb);
void session_close(struct session *s);
/*
 * Say of an announcement that was read what the session knows: that it is internal, where the session has no external role
 * and the peer's AS is ours. NULL: done; else why it cannot have come over this session: it is marked as malformed.
 */
const char *session_mark(const struct session *s, manrs_announcement *a);
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
