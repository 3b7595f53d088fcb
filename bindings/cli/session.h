/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SESSION_H
#define SESSION_H

/* What `manrs check` and `manrs explain` judge by: the database, and the policy of one BGP session. */

#include "cli.h"

struct session {
	struct words vrps, aspas, irr, bogons, relationships;
	const char *policy_path, *role, *local_as, *tests;
	struct expiry expiry;
	struct vrpset set;
	manrs_policy_file *file;
	manrs_policy policy;
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

/* Lines of --help. */
#define SESSION_USAGE "--vrps FILE... (--policy FILE | --role ROLE) [options]"
#define SESSION_HELP                                                                       \
	"      --vrps FILE        VRPs of any format; may be repeated; - is stdin\n"         \
	"      --aspas FILE       ASPAs; without it those of the VRP files count\n"         \
	"      --irr FILE         route objects: lines of PREFIX ASN\n"                     \
	"      --policy FILE      the session's policy, see manrs_policy(3)\n"              \
	"      --role ROLE        what the neighbour is to us, and the policy that fits:\n" \
	"                         customer, peer, provider, rs, rs-client; internal: iBGP\n" \
	"      --local-as ASN     ours\n"                                                   \
	"      --tests LIST       default, all or none, then names of tests, with + or -;\n" \
	"                         the default leaves out those without their data\n"        \
	"      --bogons FILE      prefixes, one a line\n"                                   \
	"      --relationships FILE\n"                                                      \
	"                         CAIDA serial-1\n"

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
