/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Adj-RIB-Ins as text, one route a line: interface, role, prefix, AS path, flags.
 *
 * A line with a TAB has its columns between TABs, blanks around them left out. One without has words: the first three are
 * interface, role and prefix, the last one the flags if it is a word of letters, and what stands between is the path.
 */

#include "base/mem.h"
#include "base/name.h"
#include "text/lines.h"
#include <assert.h>
#include <manrs/rib_line.h>
#include <string.h>

enum { IFACE, ROLE, PREFIX, PATH, FLAGS, FIELDS };

/* A column; from: its offset in the line. */
struct field {
	const char *at;
	size_t n, from;
};

/* What stands between two offsets, without the blanks at its ends. */
static struct field between(const char *text, size_t from, size_t end)
{
	assert(from <= end);
	while (end > from && line_blank(text[end - 1]))
		end--;
	while (from < end && line_blank(text[from]))
		from++;
	return (struct field){text + from, end - from, from};
}

/* returns: the offset of a column too many; n: none. */
static size_t by_tabs(struct field *f, const char *text, size_t n)
{
	size_t from = 0, i = 0;

	for (; i < FIELDS && from <= n; i++) {
		const char *tab = from < n ? memchr(text + from, '\t', n - from) : NULL;
		size_t end = tab ? (size_t)(tab - text) : n;

		f[i] = between(text, from, end);
		from = end + 1;
	}
	return from <= n ? from : n;
}

/* Flags are words of letters; a path has numbers, also as AS64496, and brackets. */
static bool like_flags(struct field f)
{
	bool as = f.n > 2 && (f.at[0] | 32) == 'a' && (f.at[1] | 32) == 's' && f.at[2] >= '0' &&
		  f.at[2] <= '9';

	return f.n && !as && (f.at[0] | 32) >= 'a' && (f.at[0] | 32) <= 'z';
}

static void by_blanks(struct field *f, const char *text, size_t n)
{
	struct field rest = between(text, 0, n), last;
	size_t i, end = rest.from + rest.n, cut = end;

	for (i = IFACE; i < PATH && rest.n; i++) {
		size_t stop = rest.from;

		while (stop < end && !line_blank(text[stop]))
			stop++;
		f[i] = between(text, rest.from, stop);
		rest = between(text, stop, end);
	}
	while (cut > rest.from && !line_blank(text[cut - 1]))
		cut--;
	last = between(text, cut, end);
	if (rest.n && like_flags(last)) {
		f[FLAGS] = last;
		rest = between(text, rest.from, cut);
	}
	f[PATH] = rest;
}

static int flags_parse(uint32_t *flags, struct field f, manrs_fault *fault)
{
	size_t from = 0;

	while (from < f.n) {
		const char *comma = memchr(f.at + from, ',', f.n - from);
		size_t n = comma ? (size_t)(comma - f.at) - from : f.n - from;

		if (name_is(f.at + from, n, "best"))
			*flags |= MANRS_URPF_BEST;
		else if (name_is(f.at + from, n, "discard"))
			*flags |= MANRS_URPF_DISCARD;
		else if (name_is(f.at + from, n, "leaked"))
			*flags |= MANRS_URPF_LEAKED;
		else
			return fault_set(fault, MANRS_ESYNTAX, f.from + from, "no such flag");
		from += n + 1;
	}
	return 1;
}

/* Offsets of a fault count from the line's start. */
static int moved(int rc, struct field f, manrs_fault *fault)
{
	if (rc < 0 && rc != MANRS_ELIMIT && fault)
		fault->at += f.from;
	return rc < 0 ? rc : 1;
}

/*
 * The columns of a line, n for those that are not there. *more: the offset of one too many, n: there is none.
 * returns: false: an empty line, or a comment
 */
static bool columns(struct field *f, size_t *more, const char *text, size_t n)
{
	struct field all = between(text, 0, n);

	for (size_t i = 0; i < FIELDS; i++)
		f[i] = (struct field){text + n, 0, n};
	*more = n;
	if (!all.n || *all.at == '#')
		return false;
	if (memchr(text, '\t', n))
		*more = by_tabs(f, text, n);
	else
		by_blanks(f, text, n);
	return true;
}

/* Interface and role, which every line has. */
static int link_parse(manrs_urpf_line *l, const struct field *f, manrs_fault *fault)
{
	int role;

	if (!f[IFACE].n)
		return fault_set(fault, MANRS_ESYNTAX, 0, "no interface");
	role = name_is(f[ROLE].at, f[ROLE].n, "none") ? MANRS_ROLE_NONE
						      : manrs_role_parse(f[ROLE].at, f[ROLE].n);
	if (role < 0)
		return fault_set(fault, MANRS_ESYNTAX, f[ROLE].from, "no such role");
	l->iface = f[IFACE].at;
	l->n_iface = f[IFACE].n;
	l->role = (uint32_t)role;
	return 1;
}

int manrs_urpf_line_parse(manrs_urpf_line *line, uint32_t *asn, uint8_t *kind, size_t cap,
			  const char *text, size_t n, manrs_fault *fault)
{
	manrs_urpf_line l = {0};
	struct field f[FIELDS];
	size_t more;
	int rc;

	n = line_without_cr(text, n);
	if (!columns(f, &more, text, n))
		return 0;
	rc = link_parse(&l, f, fault);
	if (rc > 0 && !f[PREFIX].n && (f[PATH].n || f[FLAGS].n))
		rc = fault_set(fault, MANRS_ESYNTAX, f[PREFIX].from,
			       "a path or flags without a prefix");
	if (rc > 0 && f[PREFIX].n)
		rc = moved(manrs_prefix_parse(&l.prefix, f[PREFIX].at, f[PREFIX].n, fault),
			   f[PREFIX], fault);
	if (rc > 0)
		rc = moved(manrs_path_parse(&l.path, asn, kind, cap, f[PATH].at, f[PATH].n, fault),
			   f[PATH], fault);
	if (rc > 0)
		rc = flags_parse(&l.flags, f[FLAGS], fault);
	if (rc > 0 && more < n)
		rc = fault_set(fault, MANRS_ESYNTAX, more, "more than five columns");
	if (rc > 0)
		*line = l;
	return rc;
}
