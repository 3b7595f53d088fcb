/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_WATCH_POLICY_H
#define CLI_WATCH_POLICY_H

/*
 * The policies of many sessions, of one file. A section is the text of a policy (manrs_policy_file(3)) under a heading, which
 * is a peer, or the name of a group whose peers are listed in it; a peer is an address, a prefix of addresses or an AS:
 *
 *     [default]                            whoever is not named; so is what stands before the first heading, or under [policy]
 *     role = provider
 *
 *     [transit]
 *     peers = 192.0.2.1 2001:db8::/48 AS64500
 *     role = provider
 *
 *     [AS64501]
 *     role = customer
 *     origins = 64501 64502
 *
 * Of a session's sections the one with the longest prefix of its address counts, else that of its AS, else the default: of the
 * file, or that of --policy and --role. Twice the same peer is an error. Without any the session's routes are not judged.
 */

#include "session.h"

/* What some sessions are judged by. */
struct watch_policy {
	struct watch_policy *next;
	char name[64]; /* its heading; "" for that of the options */
	manrs_policy_file *file;
	manrs_policy policy; /* its tests are those that count now */
	uint64_t asked;      /* tests that it may have */
	uint64_t named;      /* those that it has, with their data or not */
	manrs_trie *bogons;  /* its own with those of --bogons; NULL: it has no own ones */
};

struct watch_peer {
	uint32_t asn; /* 0: the prefix says it */
	manrs_prefix prefix;
	struct watch_policy *policy;
};

struct watch_policies {
	struct watch_policy *first;     /* of the sections */
	struct watch_policy *otherwise; /* the default; NULL: none */
	/* of --policy and --role; its file is NULL: neither was given */
	struct watch_policy options;
	struct watch_peer *peer; /* in order of search */
	size_t n, cap;
	manrs_trie *bogons; /* of --bogons alone, for those who have no own ones */
};

/* The file of --sessions (NULL: none) and what the options say. returns: false: said why, and nothing is to be freed */
bool policies_read(struct watch_policies *p, const struct session *s, const char *path);
void policies_free(struct watch_policies *p);
/* The policy of a peer. returns: NULL: it has none */
struct watch_policy *policies_of(struct watch_policies *p, const manrs_prefix *address,
				 uint32_t asn);
/*
 * The tests that have their data in a snapshot. What was asked once is asked from then on: data that goes makes it unknown.
 * returns: whether the policy has another set of tests now
 */
bool policy_follow(struct watch_policy *policy, const manrs_db *db);

#endif
