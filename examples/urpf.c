/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A packet filter: which of these packets may come in?
 *
 *     urpf ribs.tsv < packets.txt
 *
 * ribs.tsv has lines `interface TAB role TAB prefix TAB AS path`; packets.txt, like a dump of captured headers, lines
 * `interface source`. Customers' interfaces run enhanced feasible-path uRPF, algorithm B (RFC 8704), the rest loose mode.
 */

#include <manrs/packet_explain.h>
#include <manrs/rib_line.h>
#include <stdio.h>
#include <string.h>

#define PORTS 256

static struct {
	char name[32];
	uint16_t handle;
} port[PORTS];
static size_t n_ports;

/* The handle of an interface; it is made when it comes up for the first time with a role. */
static uint16_t find(manrs_urpf_edit *edit, const char *name, size_t n, uint32_t role)
{
	manrs_urpf_iface iface;
	uint16_t handle = MANRS_URPF_NO_IFACE;

	for (size_t i = 0; i < n_ports; i++)
		if (strlen(port[i].name) == n && !memcmp(port[i].name, name, n))
			return port[i].handle;
	if (!edit || n_ports == PORTS || n >= sizeof port->name)
		return MANRS_URPF_NO_IFACE; /* every check denies it */
	manrs_urpf_iface_init(&iface, sizeof iface);
	iface.mode = role == MANRS_ROLE_CUSTOMER ? MANRS_URPF_EFP_B : MANRS_URPF_LOOSE;
	iface.role = role;
	if (manrs_urpf_edit_iface_add(edit, &handle, &iface) != MANRS_OK)
		return MANRS_URPF_NO_IFACE;
	memcpy(port[n_ports].name, name, n);
	port[n_ports++].handle = handle;
	return handle;
}

/* Read the routes into an edit, one a line. A list with a hole denies or accepts in silence: no line is skipped. */
static int read_ribs(manrs_urpf_edit *edit, FILE *file)
{
	char text[4096];
	uint32_t asn[512];
	uint8_t kind[512];
	uint32_t routes = 0;

	for (uint32_t number = 1; fgets(text, sizeof text, file); number++) {
		manrs_urpf_line line;
		manrs_fault fault = {0};
		size_t n = strcspn(text, "\n");
		int rc = manrs_urpf_line_parse(&line, asn, kind, 512, text, n, &fault);

		if (rc < 0 || n + 1 == sizeof text) {
			fprintf(stderr, "line %u: %s\n", number, rc < 0 ? fault.what : "too long");
			return 0;
		}
		if (rc == 0)
			continue;

		manrs_urpf_entry entry = {.route = {.prefix = line.prefix}, .path_id = number};
		uint32_t start[2] = {0, line.path.n};
		manrs_paths paths = {line.path.asn, line.path.kind, start, 1};

		entry.iface = find(edit, line.iface, line.n_iface, line.role);
		entry.flags = (uint8_t)line.flags;
		if (line.prefix.family) {
			manrs_counts counts;

			if (manrs_urpf_edit_rib(edit, MANRS_ADD, &entry, 1, &paths, &counts,
						NULL) ||
			    counts.refused)
				return 0;
			routes++;
		}
	}
	return routes > 0;
}

int main(int argc, char **argv)
{
	FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;
	manrs_urpf_owner *owner;
	manrs_urpf_edit *edit;
	manrs_urpf *urpf;
	char name[32], source[64];

	if (!file || manrs_urpf_owner_new(&owner, NULL) ||
	    manrs_urpf_edit_begin(&edit, owner, NULL))
		return 2;
	if (!read_ribs(edit, file) || manrs_urpf_edit_commit(edit, &urpf, NULL, 0))
		return 2;
	fclose(file);
	while (scanf("%31s %63s", name, source) == 2) {
		manrs_urpf_explanation why = {.size = sizeof why};
		manrs_prefix address;

		if (manrs_address_parse(&address, source, strlen(source), NULL))
			continue;
		manrs_urpf_explain(urpf, &address, find(NULL, name, strlen(name), 0), &why, NULL,
				   0);
		printf("%s %s: %s, %s\n", name, source, why.allow ? "pass" : "drop",
		       manrs_urpf_step_text(why.step));
	}
	manrs_urpf_unref(urpf);
	return manrs_urpf_owner_free(owner) ? 2 : 0;
}
