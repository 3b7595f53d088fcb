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
	bool chosen; /* to be listed or exported */
	bool linked; /* its link's own prefix was given */
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
	uint64_t lines, routes; /* of RIBs: good ones, and those with a route */
	struct words links; /* of --link */
	uint32_t options, options_off;
	int mode;
	bool denied;
	uint64_t strangers; /* sources asked on interfaces that no RIB has */
	enum format format; /* of rows */
	bool rows;
	unsigned members; /* of the row at hand */
};

/* Rows: a head that names the columns of CSV and the list of JSON, the rows, a foot. */
void urpf_head(struct urpf *u, const char *csv, const char *json);
void urpf_list_row(struct urpf *u, const char *name, const manrs_prefix *prefix);
void urpf_check_row(struct urpf *u, const char *name, size_t n_name, const char *source,
		    size_t n_source, const manrs_urpf_explanation *why);
/* handle[n]: the interfaces that are feasible, the first of why->n_ifaces. */
void urpf_explain_row(struct urpf *u, const char *name, const char *source,
		      const manrs_urpf_explanation *why, const uint16_t *handle, size_t n);
void urpf_foot(struct urpf *u);

/* Take a line (NULL: too long). returns: whether it was good; else fault says what and where in the line. */
typedef bool urpf_line_rule(struct urpf *u, const char *text, size_t n, manrs_fault *fault);
/*
 * Feed every line of a file to a rule. Bad ones are told of, one by one, or the first ten, and counted; the caller says
 * what they cost. returns: false: not read to the end, said why.
 */
bool urpf_lines(struct urpf *u, const char *path, urpf_line_rule *rule, bool all, uint64_t *bad);
/*
 * Read the Adj-RIB-Ins and the lists of prefixes, and commit. One bad line, a file without a line and RIBs without a
 * route are refused: a list with a hole denies or accepts in silence. returns: false after a complaint.
 */
bool urpf_load(struct urpf *u, const struct words *ribs, const char *prefixes, uint32_t local_as);
/* An interface by its name; NULL: none. */
struct port *port_find(const struct urpf *u, const char *name, size_t n);
/* Which interfaces there are, for a name that is none: those that share most with it, or the first. returns text. */
const char *ports_near(const struct urpf *u, const char *name, size_t n, char text[128]);
/* The mode of a neighbour's role. */
int mode_for(const struct urpf *u, int role);

/* The columns of a line: between its TABs, or, where it has none, its words. */
struct columns {
	const char *at, *end;
	bool tabs;
};
struct columns columns_of(const char *text, size_t n);
/* The next column, without the blanks at its ends. returns: false: none, or an empty one. */
bool column_next(struct columns *c, const char **word, size_t *n);
/* An empty line or a comment. */
bool line_is_empty(const char *text, size_t n);

#endif
