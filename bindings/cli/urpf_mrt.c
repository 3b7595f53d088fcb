/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * manrs urpf: RIBs in MRT. They name sessions, not interfaces, so a file says which session is on which interface and what
 * the neighbour is to us:
 *
 *     198.51.100.1   eth0   customer     a peer by its address,
 *     AS64497        eth1   peer         or all of an AS whose addresses are not there
 *     198.51.100.9   -                   not on an interface of ours: its routes are left out
 *
 * A session that the file does not have would be a hole in the lists, which denies in silence: it is refused, as a bad line is.
 */

#include "mrt_read.h"
#include "urpf_verb.h"

#include <string.h>

#define PART 256
#define TOLD 10

static struct session_port *session_find(const struct urpf *u, const manrs_prefix *address,
					 uint32_t asn)
{
	struct session_port *of_asn = NULL;

	for (size_t i = 0; i < u->n_sessions; i++) {
		struct session_port *s = &u->session[i];

		if (s->address.family && !manrs_prefix_cmp(&s->address, address))
			return s;
		if (!s->address.family && s->asn == asn)
			of_asn = s;
	}
	return of_asn;
}

/* ---- the file of sessions ---- */

static bool peer_parse(struct session_port *s, const char *word, size_t n)
{
	manrs_fault fault = {0};

	if (manrs_address_parse(&s->address, word, n, &fault) == MANRS_OK)
		return true;
	s->address = (manrs_prefix){0};
	return manrs_asn_parse(&s->asn, word, n, &fault) == MANRS_OK;
}

/* The interface and the role. returns: false: the fault says why. */
static bool port_parse(struct urpf *u, struct session_port *s, struct columns *c, const char *text,
		       manrs_fault *fault)
{
	manrs_urpf_line line = {0};
	const char *word;
	size_t n;
	int role;

	if (!column_next(c, &line.iface, &line.n_iface)) {
		urpf_wrong(fault, "an interface expected", text, line.iface);
		return false;
	}
	if (line.n_iface == 1 && *line.iface == '-')
		return true;
	role = column_next(c, &word, &n) ? manrs_role_parse(word, n) : -1;
	if (role <= MANRS_ROLE_NONE) {
		urpf_wrong(fault, "customer, peer, provider, rs or rs-client expected", text, word);
		return false;
	}
	line.role = (uint32_t)role;
	return (s->port = urpf_port_of(u, &line, text, fault)) != NULL;
}

static enum line_kind session_line(void *arg, const struct line *line, manrs_fault *fault)
{
	struct urpf *u = arg;
	struct columns c = columns_of(line);
	struct session_port s = {.asn = 0};
	const char *text = line->text, *word;
	size_t n;

	if (line_is_empty(line))
		return LINE_NOTHING;
	if (!column_next(&c, &word, &n) || !peer_parse(&s, word, n))
		return urpf_wrong(fault, "an address or AS number of a peer expected", text, word);
	for (size_t i = 0; i < u->n_sessions; i++)
		if (u->session[i].asn == s.asn &&
		    !memcmp(&u->session[i].address, &s.address, sizeof s.address))
			return urpf_wrong(fault, "this peer was there before", text, word);
	if (!port_parse(u, &s, &c, text, fault))
		return LINE_BAD;
	if (column_next(&c, &word, &n))
		return urpf_wrong(fault, "too many columns", text, word);
	u->session = must_room(u->session, u->n_sessions, &u->cap_sessions, sizeof *u->session);
	u->session[u->n_sessions++] = s;
	return LINE_TAKEN;
}

bool urpf_sessions_read(struct urpf *u)
{
	struct lines lines = {.rule = session_line, .arg = u, .told = TOLD};

	return lines_some(&lines, input_open(u->sessions)) && !lines.bad;
}

/* ---- the archive ---- */

struct archive {
	struct urpf *u;
	struct mrt_read read;
	uint64_t bad;
	manrs_announcement a[PART];
};

static void tell(struct archive *ar, const manrs_announcement *a, const char *what)
{
	char address[MANRS_PREFIX_TEXT] = "";

	if (ar->bad++ >= TOLD)
		return;
	manrs_prefix_format(&a->neighbour_address, address, sizeof address);
	address[strcspn(address, "/")] = '\0';
	complain_at(ar->read.name, 0, "peer %s AS%u: %s", address, a->neighbour_asn, what);
}

/* A peer that is not in the file is one error, however many routes it has. */
static void tell_stranger(struct archive *ar, const manrs_announcement *a)
{
	struct urpf *u = ar->u;

	tell(ar, a, "no such session in --sessions");
	u->session = must_room(u->session, u->n_sessions, &u->cap_sessions, sizeof *u->session);
	u->session[u->n_sessions++] =
		(struct session_port){.address = a->neighbour_address, .asn = a->neighbour_asn};
}

static void route_take(struct archive *ar, const manrs_announcement *a)
{
	struct session_port *s = session_find(ar->u, &a->neighbour_address, a->neighbour_asn);
	const char *what = NULL;

	if (!s)
		tell_stranger(ar, a);
	else if (s->port && a->flags & MANRS_ANNOUNCE_MALFORMED)
		what = "a route that cannot be read";
	else if (s->port)
		what = urpf_route_add(ar->u, s->port, &a->prefix, &a->path, 0);
	if (what)
		tell(ar, a, what);
}

static void record_take(void *arg, manrs_mrt *mrt, const manrs_mrt_record *record)
{
	struct archive *ar = arg;
	size_t n;

	if (record->kind == MANRS_MRT_UPDATE && !ar->bad++)
		complain_at(ar->read.name, 0, "byte %llu: updates: this is no RIB",
			    (unsigned long long)record->at + 1);
	if (record->kind != MANRS_MRT_RIB)
		return;
	do {
		n = manrs_mrt_announced(mrt, ar->a, NULL, PART);
		for (size_t i = 0; i < n; i++)
			route_take(ar, &ar->a[i]);
	} while (n == PART);
}

bool urpf_archive_read(struct urpf *u, struct input *in, uint64_t *bad)
{
	struct archive ar = {.u = u};
	bool whole;

	if (!u->sessions) {
		complain_at(
			input_name(in), 0,
			"a RIB in MRT has no interfaces: --sessions FILE says on which one each peer is");
		input_close(in);
		return false;
	}
	u->archives = true;
	ar.read.record = record_take;
	ar.read.arg = &ar;
	whole = mrt_each(&ar.read, in);
	*bad += ar.bad + ar.read.bad + ar.read.lost;
	return whole;
}
