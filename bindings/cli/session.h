/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SESSION_H
#define SESSION_H

/* What `manrs check` and `manrs explain` judge by: the database, and the policy of one BGP session. */

#include "lines.h"
#include "options.h"

/* The head of their structs: settings, the options of a session, and what was loaded by them. */
struct session {
	struct settings s;
	struct words irr, bogons, relationships;
	const char *policy_path, *role, *tests;
	uint32_t local_as; /* 0: not given */
	struct vrpset set;
	manrs_policy_file *file;
	manrs_policy policy;
	manrs_trie *own_bogons;
	manrs_rel *rel;
};

#define SESSION_USAGE      "--vrps FILE... (--policy FILE | --role ROLE) [options]"
#define IN_SESSION(member) .at = offsetof(struct session, member)
/* clang-format off */
#define SESSION_ROWS \
	VRPS_ROW("VRPs of any format; may be repeated; - is stdin"), \
	{"aspas", .kind = OPTION_FILES, IN_SETTINGS(load.aspas), .value = "FILE", \
	 .help = "ASPAs; without it those of the VRP files count"}, \
	{"irr", .kind = OPTION_FILES, IN_SESSION(irr), .value = "FILE", \
	 .help = "route objects: lines of PREFIX ASN"}, \
	{"policy", .kind = OPTION_FILE, IN_SESSION(policy_path), .value = "FILE", \
	 .help = "the session's policy, see manrs_policy_file(3)"}, \
	{"role", .kind = OPTION_STRING, IN_SESSION(role), .value = "ROLE", \
	 .help = "what the neighbour is to us, and the policy that fits:\n" \
		 "customer, peer, provider, rs, rs-client; internal: iBGP"}, \
	{"local-as", .kind = OPTION_ASN, IN_SESSION(local_as), .value = "ASN", .help = "ours", \
	 LOCAL_AS_WRONG}, \
	{"tests", .kind = OPTION_STRING, IN_SESSION(tests), .value = "LIST", \
	 .help = "default, all or none, then names of tests, with + or -;\n" \
		 "the default leaves out those without their data"}, \
	{"bogons", .kind = OPTION_FILES, IN_SESSION(bogons), .value = "FILE", \
	 .help = "prefixes, one a line"}, \
	{"relationships", .kind = OPTION_FILES, IN_SESSION(relationships), .value = "FILE", \
	 .help = "CAIDA serial-1"}
/* clang-format on */

/* Load all of it. returns: EXIT_DONE; else it has said why. session_close in any case. */
int session_open(struct session *s);
void session_close(struct session *s);
/* The policy of --policy, or of --role, --local-as and --tests. returns: false: said why. */
bool session_policy(struct session *s);
/* The prefixes of --bogons with those that a policy has, in its place. returns: false: said why; *own is to be freed */
bool session_bogons(const struct session *s, manrs_policy *policy, manrs_trie **own);
/* The files of --bogons and --relationships into the policy. returns: false: said why. */
bool session_lists(struct session *s);
/* The files of --irr, --bogons and --relationships: session_files.c. returns: false: said why. */
bool session_files(struct session *s);
/*
 * What the session knows: that an announcement is internal, where the session has no external role and the peer's AS is ours.
 * returns: false: it cannot have come over it, and is marked as malformed
 */
bool session_has(const struct session *s, manrs_announcement *a);
#define NOT_INTERNAL "the peer's AS is not ours, and the session is internal"
/*
 * manrs_announce_parse of a line, and session_has, which is said.
 */
int session_announcement(const struct session *s, manrs_announcement *a, uint32_t *asn,
			 uint8_t *kind, size_t cap, const struct line *line, manrs_fault *fault);

#endif
