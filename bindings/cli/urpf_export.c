/* SPDX-License-Identifier: BSD-2-Clause */
/* manrs urpf export: the lists of interfaces as filters of other programs. */

#include "urpf_verb.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The name of an interface in an export: other characters than a list's name may have become _. */
static void export_name(const struct port *p, char *name, size_t room)
{
	snprintf(name, room, "%s", p->name);
	for (char *c = name; *c; c++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.",
			    *c))
			*c = '_';
}

void export_port(struct urpf *u, const struct port *p, int format)
{
	manrs_cursor cursor = {{0}};
	char name[33];
	char *room;
	int n;

	export_name(p, name, sizeof name);
	for (;;) {
		room = out_room(&u->rows.out, 4096);
		n = manrs_urpf_export(u->snapshot, p->handle, format, name, &cursor, room, 4096);
		if (n <= 0)
			return;
		out_used(&u->rows.out, (size_t)n);
	}
}

static int name_order(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* returns: false after a complaint. */
static bool names_differ(char (*name)[33], size_t n)
{
	qsort(name, n, sizeof *name, name_order);
	for (size_t i = 1; i < n; i++)
		if (!strcmp(name[i - 1], name[i])) {
			complain("two interfaces would have the list %s", name[i]);
			return false;
		}
	return true;
}

bool export_names_fit(const struct urpf *u, int format)
{
	char(*name)[33] = must_resize(NULL, u->n_ports, sizeof *name);
	size_t n = 0, bare = 0;
	bool fit = true;

	for (size_t i = 0; i < u->n_ports && fit; i++) {
		const struct port *p = u->port[i];

		if (!p->chosen)
			continue;
		export_name(p, name[n], sizeof *name);
		bare += !p->linked;
		fit = format != MANRS_URPF_NFT ||
		      (!strcmp(name[n], p->name) && strlen(p->name) < 16);
		if (!fit)
			complain("%s: no name of an interface of Linux", p->name);
		n++;
	}
	fit = fit && names_differ(name, n);
	if (fit && bare && (format == MANRS_URPF_NFT || format == MANRS_URPF_EBPF))
		complain(
			"%zu of %zu interfaces without --link: of the neighbours' own addresses the "
			"link-local ones alone are sure to pass",
			bare, n);
	free(name);
	return fit;
}

int export_format(const char *name)
{
	static const char *const formats[] = {"", "text", "nft", "ebpf", "bird", "cisco", "junos"};

	for (int f = MANRS_URPF_TEXT; f <= MANRS_URPF_JUNOS; f++)
		if (!strcmp(formats[f], name))
			return f;
	return 0;
}
