/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_URPF_H
#define CLI_URPF_H

/* What manrs urpf holds: the snapshot and the names of its interfaces. */

#include "cli.h"

/* An interface by its name. */
struct port {
	char *name;
	uint32_t asn, first; /* of its name, or else the first hop that was seen on it */
	int role;
	uint16_t handle;
};

struct urpf {
	struct vrpset set;
	struct out out;
	manrs_urpf_owner *owner;
	manrs_urpf_edit *edit;
	manrs_urpf *snapshot;
	struct port *port;
	size_t n_ports, cap_ports;
	size_t *hash; /* index + 1 */
	size_t cap_hash;
	uint64_t bad;
	uint32_t options;
	int mode;
	bool denied;
};

/* Take a line (NULL: too long). returns NULL, or what is wrong with it. */
typedef const char *urpf_line_rule(struct urpf *u, const char *text, size_t n, uint64_t number);
/*
 * Feed every line of a file to a rule. Bad ones are skipped and told of: all of them, or the first ten and in the end how
 * many they are. returns: false: not read to the end, said why.
 */
bool urpf_lines(struct urpf *u, const char *path, urpf_line_rule *rule, bool all, uint64_t *bad);
/* Read the Adj-RIB-Ins and the lists of prefixes, and commit. returns: false after a complaint. */
bool urpf_load(struct urpf *u, const struct words *ribs, const char *prefixes, uint32_t local_as);
/* An interface by its name; NULL: none. */
struct port *port_find(const struct urpf *u, const char *name, size_t n);
/* The mode of a neighbour's role. */
int mode_for(const struct urpf *u, int role);

/* The next word of a line, from *at on; *at moves behind it. returns: false at the end. */
bool word_at(const char **at, const char *end, const char **word, size_t *n);

#endif
