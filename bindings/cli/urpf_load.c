/* SPDX-License-Identifier: BSD-2-Clause */
/* manrs urpf: Adj-RIB-Ins as text, line by line into one edit; the interfaces by their names. */

#include "cmd_urpf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOPS 4096

/* ---- interfaces ---- */

static size_t hash_of(const char *name, size_t n)
{
	uint64_t h = 14695981039346656037u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)name[i]) * 1099511628211u;
	return (size_t)(h ^ h >> 29);
}

struct port *port_find(const struct urpf *u, const char *name, size_t n)
{
	for (size_t i = hash_of(name, n); u->cap_hash; i++) {
		size_t at = u->hash[i & (u->cap_hash - 1)];

		if (!at)
			return NULL;
		if (strlen(u->port[at - 1].name) == n && !memcmp(u->port[at - 1].name, name, n))
			return &u->port[at - 1];
	}
	return NULL;
}

static void port_hash(struct urpf *u, size_t at)
{
	size_t i = hash_of(u->port[at].name, strlen(u->port[at].name));

	while (u->hash[i & (u->cap_hash - 1)])
		i++;
	u->hash[i & (u->cap_hash - 1)] = at + 1;
}

int mode_for(const struct urpf *u, int role)
{
	bool ours = role == MANRS_ROLE_CUSTOMER;

	if (u->mode == MANRS_URPF_BAR_SAV_PI)
		ours = role == MANRS_ROLE_PROVIDER;
	else if (u->mode == MANRS_URPF_BAR_SAV)
		ours |= role == MANRS_ROLE_PEER;
	return ours ? u->mode : MANRS_URPF_LOOSE;
}

static int port_set(struct urpf *u, struct port *p)
{
	manrs_urpf_iface iface;

	manrs_urpf_iface_init(&iface);
	iface.mode = (uint32_t)mode_for(u, p->role);
	iface.role = (uint32_t)p->role;
	iface.asn = p->asn ? p->asn : p->first;
	iface.options = u->options;
	return manrs_urpf_edit_iface(u->edit, &p->handle, &iface);
}

static struct port *port_add(struct urpf *u, const manrs_urpf_line *line)
{
	struct port *p;

	if (u->n_ports == u->cap_ports) {
		u->cap_ports = u->cap_ports ? u->cap_ports * 2 : 32;
		u->port = must_resize(u->port, u->cap_ports, sizeof *u->port);
		free(u->hash);
		u->cap_hash = u->cap_ports * 4;
		u->hash = must_resize(NULL, u->cap_hash, sizeof *u->hash);
		memset(u->hash, 0, u->cap_hash * sizeof *u->hash);
		for (size_t i = 0; i < u->n_ports; i++)
			port_hash(u, i);
	}
	p = &u->port[u->n_ports];
	*p = (struct port){.name = must_resize(NULL, line->n_iface + 1, 1),
			   .role = (int)line->role,
			   .handle = MANRS_URPF_NO_IFACE};
	memcpy(p->name, line->iface, line->n_iface);
	p->name[line->n_iface] = 0;
	if (manrs_asn_parse(&p->asn, p->name, line->n_iface, NULL) < 0)
		p->asn = 0;
	if (port_set(u, p) < 0) {
		free(p->name);
		return NULL;
	}
	port_hash(u, u->n_ports++);
	return p;
}

/* ---- reading ---- */

/* One good line. returns NULL, or what is wrong with it after all. */
static const char *line_apply(struct urpf *u, const manrs_urpf_line *line, uint64_t number)
{
	struct port *p = port_find(u, line->iface, line->n_iface);
	manrs_urpf_entry entry = {.route = {.prefix = line->prefix},
				  .path_id = (uint32_t)number,
				  .flags = (uint8_t)line->flags};
	uint32_t start[2] = {0, line->path.n};
	manrs_paths paths = {line->path.asn, line->path.kind, start, 1};
	manrs_counts counts;
	manrs_fault fault = {0};
	int rc;

	if (p && (uint32_t)p->role != line->role)
		return "the interface had another role before";
	if (!p)
		p = port_add(u, line);
	if (!p)
		return "too many interfaces";
	if (!line->prefix.family)
		return NULL;
	if (!p->first && line->path.n)
		p->first = line->path.asn[0];
	entry.iface = p->handle;
	entry.neighbour = line->path.n ? line->path.asn[0] : 0;
	rc = manrs_urpf_edit_rib(u->edit, MANRS_ADD, &entry, 1, line->path.n ? &paths : NULL,
				 &counts, &fault);
	return rc < 0 ? manrs_strerror(rc) : counts.refused ? fault.what : NULL;
}

static const char *rib_line(struct urpf *u, const char *text, size_t n, uint64_t number)
{
	static uint32_t asn[HOPS];
	static uint8_t kind[HOPS];
	manrs_urpf_line line;
	manrs_fault fault = {0};
	int rc;

	if (!text)
		return "line too long";
	rc = manrs_urpf_line_parse(&line, asn, kind, HOPS, text, n, &fault);
	if (rc < 0)
		return fault.what ? fault.what : manrs_strerror(rc);
	return rc ? line_apply(u, &line, number) : NULL;
}

bool urpf_lines(struct urpf *u, const char *path, urpf_line_rule *rule, bool all, uint64_t *bad)
{
	struct input *in = input_open(path);
	struct lines lines;
	const char *text, *what;
	size_t n;
	int more;

	if (!in)
		return false;
	lines_open(&lines, in);
	while ((more = lines_next(&lines, &text, &n)) > 0) {
		what = rule(u, text, n, lines.number);
		if (what && ((*bad)++ < 10 || all))
			complain_at(input_name(in), lines.number, "%s", what);
	}
	if (*bad && !all)
		complain_at(input_name(in), 0, "%llu bad lines skipped", (unsigned long long)*bad);
	lines_close(&lines);
	return more == 0;
}

/* A word of a line, parted by blanks and tabs. */
bool word_at(const char **at, const char *end, const char **word, size_t *n)
{
	while (*at < end && (**at == ' ' || **at == '\t' || **at == '\r'))
		++*at;
	*word = *at;
	while (*at < end && **at != ' ' && **at != '\t' && **at != '\r')
		++*at;
	*n = (size_t)(*at - *word);
	return *n > 0;
}

static int kind_parse(const char *at, size_t n)
{
	static const char *const kinds[] = {"", "deny", "allow", "list", "local"};

	for (int k = MANRS_URPF_PREFIX_DENY; k <= MANRS_URPF_PREFIX_LOCAL; k++)
		if (strlen(kinds[k]) == n && !memcmp(kinds[k], at, n))
			return k;
	return 0;
}

/* "INTERFACE KIND PREFIX", interface * for all. */
static const char *prefix_line(struct urpf *u, const char *text, size_t len, uint64_t number)
{
	const char *end = text ? text + len : NULL, *word;
	const struct port *p;
	uint16_t handle = MANRS_URPF_NO_IFACE;
	manrs_prefix prefix;
	size_t n;
	int kind, rc;

	(void)number;
	if (!text)
		return "line too long";
	if (!word_at(&text, end, &word, &n) || *word == '#')
		return NULL;
	if (n != 1 || *word != '*') {
		p = port_find(u, word, n);
		if (!p)
			return "no such interface";
		handle = p->handle;
	}
	kind = word_at(&text, end, &word, &n) ? kind_parse(word, n) : 0;
	if (!kind)
		return "deny, allow, list or local expected";
	if (!word_at(&text, end, &word, &n) || manrs_prefix_parse(&prefix, word, n, NULL) < 0)
		return "no prefix";
	rc = manrs_urpf_edit_prefixes(u->edit, MANRS_ADD, (uint32_t)kind, handle, &prefix, 1, NULL,
				      NULL);
	return rc < 0 ? manrs_strerror(rc) : NULL;
}

bool urpf_load(struct urpf *u, const struct words *ribs, const char *prefixes, uint32_t local_as)
{
	manrs_urpf_stats stats = {.size = sizeof stats};
	manrs_urpf_config config;
	int rc;

	manrs_urpf_config_init(&config);
	config.local_as = local_as;
	rc = manrs_urpf_owner_new(&u->owner, &config);
	if (rc == MANRS_OK)
		rc = manrs_urpf_edit_begin(&u->edit, u->owner, NULL);
	for (size_t i = 0; i < ribs->n && rc == MANRS_OK; i++)
		if (!urpf_lines(u, ribs->at[i], rib_line, false, &u->bad))
			return false;
	if (rc == MANRS_OK && prefixes && !urpf_lines(u, prefixes, prefix_line, true, &u->bad))
		return false;
	for (size_t i = 0; i < u->n_ports && rc == MANRS_OK; i++)
		if (!u->port[i].asn && u->port[i].first)
			rc = port_set(u, &u->port[i]);
	if (rc == MANRS_OK)
		rc = manrs_urpf_edit_commit(u->edit, u->set.db, 0, &u->snapshot);
	if (rc < 0) {
		complain("%s", manrs_strerror(rc));
		return false;
	}
	u->edit = NULL;
	manrs_urpf_counts(u->snapshot, &stats);
	if (stats.fallbacks)
		complain("no VRPs and no ASPAs: %llu %s interfaces are loose",
			 (unsigned long long)stats.fallbacks, manrs_urpf_mode_text(u->mode));
	return true;
}
