/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_URPF_H
#define CLI_URPF_H

/* What manrs urpf holds: its options, the snapshot and the names of its interfaces. */

#include "lines.h"
#include "rows.h"

/* An interface by its name. */
struct port {
	uint32_t asn, first; /* of its name, or else the first hop that was seen on it */
	int role;
	uint16_t handle;
	bool chosen; /* to be listed or exported */
	bool linked; /* its link's own prefix was given */
	size_t n_name;
	char name[];
};

/* A session of an MRT archive, and the interface that it is on. */
struct session_port {
	manrs_prefix address; /* family 0: any of this AS */
	uint32_t asn;
	struct port *port; /* NULL: left out */
};

struct urpf {
	struct settings s;
	struct words ribs, links; /* of options, as all up to fail_on */
	const char *format, *prefixes, *sessions;
	uint32_t local_as, options, options_off;
	int mode;
	bool fail_on;
	const struct question *question;
	const char *one, *two; /* its arguments; NULL: not given */
	manrs_prefix address;  /* that is explained */
	int exported;          /* enum manrs_urpf_export; 0: rows are asked for */
	struct vrpset set;
	manrs_urpf_owner *owner;
	manrs_urpf_edit *edit;
	manrs_urpf *snapshot;
	struct port **port; /* in the order of reading */
	size_t n_ports, cap_ports;
	struct session_port *session;
	size_t n_sessions, cap_sessions;
	uint64_t lines, routes; /* of RIBs: good ones, and those with a route */
	bool denied, archives;  /* archives: of RIBs there were such */
	uint64_t strangers;     /* sources asked on interfaces that no RIB has */
	struct rows rows;
	/* a hash table of the same: 16 bits of interfaces fill half of it */
	struct port *by_name[1 << 17];
};

/* ---- interfaces: urpf_ports.c ---- */

/* An interface by its name; NULL: none. */
struct port *port_find(const struct urpf *u, const char *name, size_t n);
/* A new one into the edit; NULL: there are too many. */
struct port *port_add(struct urpf *u, const manrs_urpf_line *line);
/* What is known of it, into the edit. */
int port_set(struct urpf *u, struct port *p);
void ports_free(struct urpf *u);
/* Which interfaces there are, for a name that is none: those that share most with it, or the first. returns text. */
const char *ports_near(const struct urpf *u, const char *name, size_t n, char text[128]);

/* ---- files: urpf_load.c ---- */

/*
 * Read the Adj-RIB-Ins and the lists of prefixes, and commit. One bad line, a file without a line and RIBs without a
 * route are refused: a list with a hole denies or accepts in silence. returns: false after a complaint.
 */
bool urpf_load(struct urpf *u);

/* What is wrong with text at a place in it. returns: LINE_BAD. */
enum line_kind urpf_wrong(manrs_fault *fault, const char *what, const char *text, const char *at);
/* Its interface, new or of before; NULL: the fault says why. */
struct port *urpf_port_of(struct urpf *u, const manrs_urpf_line *line, const char *text,
			  manrs_fault *fault);
/* A route of an interface into the edit. returns: NULL; what is wrong with it */
const char *urpf_route_add(struct urpf *u, struct port *p, const manrs_prefix *prefix,
			   const manrs_path *path, uint32_t flags);

/* ---- RIBs of MRT: urpf_mrt.c ---- */

/* The file of --sessions. returns: false after a complaint. */
bool urpf_sessions_read(struct urpf *u);
/* One RIB, and how much in it is bad; closes in. returns: false after a complaint. */
bool urpf_archive_read(struct urpf *u, struct input *in, uint64_t *bad);

/* ---- exports: urpf_export.c ---- */

/* A format by its name; 0: none. */
int export_format(const char *name);
/*
 * A filter under another name filters nothing, and two lists under one name are one: both in silence. returns: false after
 * a complaint.
 */
bool export_names_fit(const struct urpf *u, int format);
void export_port(struct urpf *u, const struct port *p, int format);

/* ---- rows: urpf_rows.c ---- */

void urpf_list_row(struct rows *rows, const char *name, const manrs_prefix *prefix);
void urpf_check_row(struct rows *rows, const char *name, size_t n_name, const char *source,
		    size_t n_source, const manrs_urpf_explanation *why);
/* handle[n]: the interfaces that are feasible, the first of why->n_ifaces. */
void urpf_explain_row(struct urpf *u, const manrs_urpf_explanation *why, const uint16_t *handle,
		      size_t n);

#endif
