/* SPDX-License-Identifier: BSD-2-Clause */
/* manrs urpf: the interfaces by their names. */

#include "urpf_verb.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The slot of a name (FNV-1a, then the next ones): its own, or the free one where it would stand. */
static size_t slot_of(const struct urpf *u, const char *name, size_t n)
{
	const size_t slots = sizeof u->by_name / sizeof *u->by_name;
	uint64_t hash = UINT64_C(14695981039346656037);
	size_t at;

	for (size_t i = 0; i < n; i++)
		hash = (hash ^ (unsigned char)name[i]) * UINT64_C(1099511628211);
	for (at = (size_t)(hash ^ hash >> 29) % slots; u->by_name[at]; at = (at + 1) % slots) {
		const struct port *p = u->by_name[at];

		if (p->n_name == n && !memcmp(p->name, name, n))
			break;
	}
	return at;
}

struct port *port_find(const struct urpf *u, const char *name, size_t n)
{
	return u->by_name[slot_of(u, name, n)];
}

/* How many letters at both ends a name has in common with another, whatever their case. */
static size_t shared_ends(const char *name, size_t n, const char *other)
{
	size_t n_other = strlen(other), least = n < n_other ? n : n_other, head = 0, tail = 0;

	while (head < least &&
	       tolower((unsigned char)name[head]) == tolower((unsigned char)other[head]))
		head++;
	while (head + tail < least && tolower((unsigned char)name[n - 1 - tail]) ==
					      tolower((unsigned char)other[n_other - 1 - tail]))
		tail++;
	return head + tail;
}

const char *ports_near(const struct urpf *u, const char *name, size_t n, char text[128])
{
	size_t most = 0, found = 0, used = 0;

	for (size_t i = 0; i < u->n_ports; i++) {
		size_t shared = shared_ends(name, n, u->port[i]->name);

		if (shared > most)
			found = used = 0;
		most = shared > most ? shared : most;
		if (shared < most || found++ > 4)
			continue;
		used += (size_t)snprintf(text + used, 128 - used, "%s%.24s", found > 1 ? ", " : "",
					 found > 4 ? "..." : u->port[i]->name);
	}
	return text;
}

/* The mode goes to customers' interfaces, BAR-SAV's to peers' too, BAR-SAV-PI's to providers'. */
static int mode_for(const struct urpf *u, int role)
{
	bool ours = role == MANRS_ROLE_CUSTOMER;

	if (u->mode == MANRS_URPF_BAR_SAV_PI)
		ours = role == MANRS_ROLE_PROVIDER;
	else if (u->mode == MANRS_URPF_BAR_SAV)
		ours |= role == MANRS_ROLE_PEER;
	return ours ? u->mode : MANRS_URPF_LOOSE;
}

int port_set(struct urpf *u, struct port *p)
{
	manrs_urpf_iface iface;

	manrs_urpf_iface_init(&iface, sizeof iface);
	iface.mode = (uint32_t)mode_for(u, p->role);
	iface.role = (uint32_t)p->role;
	iface.asn = p->asn ? p->asn : p->first;
	iface.options = (iface.options | u->options) & ~u->options_off;
	if (p->handle == MANRS_URPF_NO_IFACE)
		return manrs_urpf_edit_iface_add(u->edit, &p->handle, &iface);
	return manrs_urpf_edit_iface_set(u->edit, p->handle, &iface);
}

struct port *port_add(struct urpf *u, const manrs_urpf_line *line)
{
	struct port *p;

	if (u->n_ports == UINT16_MAX)
		return NULL;
	p = must_resize(NULL, 1, sizeof *p + line->n_iface + 1);
	*p = (struct port){
		.n_name = line->n_iface, .role = (int)line->role, .handle = MANRS_URPF_NO_IFACE};
	memcpy(p->name, line->iface, line->n_iface);
	p->name[line->n_iface] = 0;
	if (manrs_asn_parse(&p->asn, p->name, line->n_iface, NULL) < 0)
		p->asn = 0;
	u->port = must_room(u->port, u->n_ports, &u->cap_ports, sizeof *u->port);
	u->by_name[slot_of(u, p->name, p->n_name)] = p;
	u->port[u->n_ports++] = p;
	return port_set(u, p) < 0 ? NULL : p;
}

void ports_free(struct urpf *u)
{
	for (size_t i = 0; i < u->n_ports; i++)
		free(u->port[i]);
	free(u->port);
	free(u->session);
}
