/* SPDX-License-Identifier: BSD-2-Clause */
/* Adj-RIB-Ins as text, one route a line, its fields apart by tabs: interface, role, prefix, AS path, flags. */

#include "base/mem.h"
#include <manrs/urpf.h>
#include <string.h>

/* A field and where the next one begins; n + 1: there is none. */
struct field {
	const char *at;
	size_t n, from, next;
};

static struct field field_at(const char *text, size_t n, size_t from)
{
	const char *tab = from < n ? memchr(text + from, '\t', n - from) : NULL;
	size_t end = tab ? (size_t)(tab - text) : n;

	if (from > n)
		return (struct field){text + n, 0, n, n + 1};
	return (struct field){text + from, end - from, from, tab ? end + 1 : n + 1};
}

static bool is(const char *at, size_t n, const char *word)
{
	return strlen(word) == n && !memcmp(at, word, n);
}

static int flags_parse(uint32_t *flags, struct field f, manrs_fault *fault)
{
	size_t from = 0;

	while (from < f.n) {
		const char *comma = memchr(f.at + from, ',', f.n - from);
		size_t n = comma ? (size_t)(comma - f.at) - from : f.n - from;

		if (is(f.at + from, n, "best"))
			*flags |= MANRS_URPF_BEST;
		else if (is(f.at + from, n, "discard"))
			*flags |= MANRS_URPF_DISCARD;
		else if (is(f.at + from, n, "leaked"))
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

int manrs_urpf_line_parse(manrs_urpf_line *line, uint32_t *asn, uint8_t *kind, size_t cap,
			  const char *text, size_t n, manrs_fault *fault)
{
	manrs_urpf_line l = {0};
	struct field f;
	int rc;

	if (n && text[n - 1] == '\r')
		n--;
	if (!n || text[0] == '#')
		return 0;
	f = field_at(text, n, 0);
	l.iface = f.at;
	l.n_iface = f.n;
	if (!f.n)
		return fault_set(fault, MANRS_ESYNTAX, 0, "no interface");
	f = field_at(text, n, f.next);
	rc = is(f.at, f.n, "none") ? MANRS_ROLE_NONE : manrs_role_parse(f.at, f.n);
	if (rc < 0)
		return fault_set(fault, MANRS_ESYNTAX, f.from, "no such role");
	l.role = (uint32_t)rc;
	f = field_at(text, n, f.next);
	rc = f.n ? moved(manrs_prefix_parse(&l.prefix, f.at, f.n, fault), f, fault) : 1;
	f = field_at(text, n, f.next);
	if (rc > 0)
		rc = moved(manrs_path_parse(&l.path, asn, kind, cap, f.at, f.n, fault), f, fault);
	f = field_at(text, n, f.next);
	if (rc > 0)
		rc = flags_parse(&l.flags, f, fault);
	if (rc > 0 && f.next <= n)
		rc = fault_set(fault, MANRS_ESYNTAX, f.next, "more than five fields");
	if (rc > 0)
		*line = l;
	return rc;
}
