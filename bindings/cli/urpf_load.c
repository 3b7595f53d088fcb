/* SPDX-License-Identifier: BSD-2-Clause */
/* manrs urpf: Adj-RIB-Ins as text, line by line into one edit; the interfaces by their names. */

#include "cmd_urpf.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOPS 4096

/* ---- interfaces ---- */

/* FNV-1a: the names are the operator's own. */
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

/* How many letters at both ends a name has in common with another, whatever their case. */
static size_t shared_ends(const char *name, size_t n, const char *other)
{
	size_t n_other = strlen(other), least = n < n_other ? n : n_other, head = 0, tail = 0;

	while (head < least && tolower((unsigned char)name[head]) == tolower((unsigned char)other[head]))
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
		size_t shared = shared_ends(name, n, u->port[i].name);

		if (shared > most)
			found = used = 0;
		most = shared > most ? shared : most;
		if (shared < most || found++ > 4)
			continue;
		used += (size_t)snprintf(text + used, 128 - used, "%s%.24s", found > 1 ? ", " : "",
					 found > 4 ? "..." : u->port[i].name);
	}
	return text;
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

	manrs_urpf_iface_init(&iface, sizeof iface);
	iface.mode = (uint32_t)mode_for(u, p->role);
	iface.role = (uint32_t)p->role;
	iface.asn = p->asn ? p->asn : p->first;
	iface.options = (iface.options | u->options) & ~u->options_off;
	if (p->handle == MANRS_URPF_NO_IFACE)
		return manrs_urpf_edit_iface_add(u->edit, &p->handle, &iface);
	return manrs_urpf_edit_iface_set(u->edit, p->handle, &iface);
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

static bool wrong(manrs_fault *fault, const char *what, const char *line, const char *at)
{
	*fault = (manrs_fault){.at = (uint64_t)(at - line), .what = what, .code = MANRS_ESYNTAX};
	return false;
}

/* One good line, from byte 0 of its text: what is wrong with it after all is told there. */
static bool line_apply(struct urpf *u, const manrs_urpf_line *line, const char *text,
		       manrs_fault *fault)
{
	struct port *p = port_find(u, line->iface, line->n_iface);
	/* a file may have several routes of a neighbour for a prefix: each line is a path of its own */
	manrs_urpf_entry entry = {.route = {.prefix = line->prefix},
				  .path_id = (uint32_t)++u->lines,
				  .flags = (uint8_t)line->flags};
	uint32_t start[2] = {0, line->path.n};
	manrs_paths paths = {line->path.asn, line->path.kind, start, 1};
	manrs_counts counts;
	int rc;

	if (p && (uint32_t)p->role != line->role)
		return wrong(fault, "the interface had another role before", text, line->iface);
	if (!p)
		p = port_add(u, line);
	if (!p)
		return wrong(fault, "too many interfaces", text, line->iface);
	if (!line->prefix.family)
		return true;
	u->routes++;
	if (!p->first && line->path.n)
		p->first = line->path.asn[0];
	entry.iface = p->handle;
	entry.neighbour = line->path.n ? line->path.asn[0] : 0;
	rc = manrs_urpf_edit_rib(u->edit, MANRS_ADD, &entry, 1, line->path.n ? &paths : NULL,
				 &counts, fault);
	if (rc < 0)
		return wrong(fault, manrs_strerror(rc), text, text);
	if (counts.refused)
		return wrong(fault, fault->what, text, text);
	return true;
}

static bool rib_line(struct urpf *u, const char *text, size_t n, manrs_fault *fault)
{
	static uint32_t asn[HOPS];
	static uint8_t kind[HOPS];
	manrs_urpf_line line;
	int rc = manrs_urpf_line_parse(&line, asn, kind, HOPS, text, n, fault);

	if (rc < 0 && !fault->what)
		fault->what = manrs_strerror(rc);
	return rc < 0 ? false : rc ? line_apply(u, &line, text, fault) : true;
}

bool urpf_lines(struct urpf *u, const char *path, urpf_line_rule *rule, bool all, uint64_t *bad)
{
	struct input *in = input_open(path);
	struct lines lines;
	const char *text;
	size_t n;
	int more;

	if (!in)
		return false;
	lines_open(&lines, in);
	while ((more = lines_next(&lines, &text, &n)) > 0) {
		manrs_fault fault = {0};

		if (!line_whole(&lines, text, bad) || rule(u, text, n, &fault))
			continue;
		if ((*bad)++ < 10 || all)
			complain_text(input_name(in), lines.number, &fault, text, n);
	}
	if (*bad > 10 && !all)
		complain_at(input_name(in), 0, "%llu bad lines", (unsigned long long)*bad);
	lines_close(&lines);
	return more == 0;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

bool line_is_empty(const char *text, size_t n)
{
	size_t i = 0;

	while (i < n && blank(text[i]))
		i++;
	return i == n || text[i] == '#';
}

struct columns columns_of(const char *text, size_t n)
{
	return (struct columns){text, text + n, memchr(text, '\t', n) != NULL};
}

bool column_next(struct columns *c, const char **word, size_t *n)
{
	const char *stop;

	while (c->at < c->end && blank(*c->at) && !(c->tabs && *c->at == '\t'))
		c->at++;
	stop = *word = c->at;
	while (stop < c->end && (c->tabs ? *stop != '\t' : !blank(*stop)))
		stop++;
	c->at = stop + (c->tabs && stop < c->end);
	while (stop > *word && blank(stop[-1]))
		stop--;
	*n = (size_t)(stop - *word);
	return *n > 0;
}

static int kind_parse(const char *at, size_t n)
{
	static const char *const kinds[] = {"", "deny", "allow", "list", "local", "link"};

	for (int k = MANRS_URPF_PREFIX_DENY; k <= MANRS_URPF_PREFIX_LINK; k++)
		if (strlen(kinds[k]) == n && !memcmp(kinds[k], at, n))
			return k;
	return 0;
}

/* "INTERFACE KIND PREFIX", interface * for all. */
static bool prefix_line(struct urpf *u, const char *text, size_t len, manrs_fault *fault)
{
	struct columns c = columns_of(text, len);
	const char *word;
	struct port *p = NULL;
	manrs_prefix prefix;
	size_t n;
	int kind, rc;

	if (line_is_empty(text, len))
		return true;
	if (!column_next(&c, &word, &n))
		return wrong(fault, "an interface expected", text, word);
	if (n != 1 || *word != '*') {
		p = port_find(u, word, n);
		if (!p)
			return wrong(fault, "no such interface", text, word);
	}
	kind = column_next(&c, &word, &n) ? kind_parse(word, n) : 0;
	if (!kind)
		return wrong(fault, "deny, allow, list, local or link expected", text, word);
	if (!column_next(&c, &word, &n))
		return wrong(fault, "no prefix", text, word);
	if (manrs_prefix_parse(&prefix, word, n, fault) < 0) {
		fault->at += (uint64_t)(word - text);
		return false;
	}
	if (column_next(&c, &word, &n))
		return wrong(fault, "more than three columns", text, word);
	rc = manrs_urpf_edit_prefixes(u->edit, MANRS_ADD, (uint32_t)kind,
				      p ? p->handle : MANRS_URPF_NO_IFACE, &prefix, 1, NULL, fault);
	if (p)
		p->linked |= kind == MANRS_URPF_PREFIX_LINK;
	return rc < 0 ? wrong(fault, fault->what, text, text) : true;
}

/* INTERFACE=PREFIX of --link. returns: false after a complaint. */
static bool link_read(struct urpf *u, const char *text)
{
	const char *equals = strrchr(text, '=');
	size_t n = equals ? (size_t)(equals - text) : 0;
	struct port *p = equals ? port_find(u, text, n) : NULL;
	manrs_fault fault = {0};
	manrs_prefix prefix;
	char near[128];

	if (equals && !p) {
		complain("--link %s: no such interface; there are %s", text, ports_near(u, text, n, near));
		return false;
	}
	if (!p)
		fault.what = "INTERFACE=PREFIX expected";
	else if (manrs_prefix_parse(&prefix, equals + 1, strlen(equals + 1), &fault) == MANRS_OK &&
		 manrs_urpf_edit_prefixes(u->edit, MANRS_ADD, MANRS_URPF_PREFIX_LINK, p->handle,
					  &prefix, 1, NULL, &fault) == MANRS_OK)
		return p->linked = true;
	complain("--link %s: %s", text, fault.what);
	return false;
}

/* All the files into the edit. returns: false after a complaint. */
static bool read_all(struct urpf *u, const struct words *ribs, const char *prefixes)
{
	uint64_t bad = 0;

	for (size_t i = 0; i < ribs->n; i++) {
		uint64_t had = u->lines, wrong_here = 0;

		if (!urpf_lines(u, ribs->at[i], rib_line, false, &wrong_here))
			return false;
		if (u->lines == had && !wrong_here) {
			complain_at(ribs->at[i], 0, "no entry");
			return false;
		}
		bad += wrong_here;
	}
	if (!bad && !u->routes) {
		complain("no route in %s", ribs->n > 1 ? "any RIB" : ribs->at[0]);
		return false;
	}
	if (prefixes && !bad && !urpf_lines(u, prefixes, prefix_line, true, &bad))
		return false;
	for (size_t i = 0; i < u->links.n && !bad; i++)
		if (!link_read(u, u->links.at[i]))
			return false;
	if (bad)
		complain("%llu bad %s: nothing done", (unsigned long long)bad,
			 bad == 1 ? "line" : "lines");
	return !bad;
}

bool urpf_load(struct urpf *u, const struct words *ribs, const char *prefixes, uint32_t local_as)
{
	manrs_urpf_stats stats = {.size = sizeof stats};
	manrs_urpf_config config;
	int rc;

	manrs_urpf_config_init(&config, sizeof config);
	config.local_as = local_as;
	rc = manrs_urpf_owner_new(&u->owner, &config);
	if (rc == MANRS_OK)
		rc = manrs_urpf_edit_begin(&u->edit, u->owner, NULL);
	if (rc == MANRS_OK && !read_all(u, ribs, prefixes))
		return false;
	for (size_t i = 0; i < u->n_ports && rc == MANRS_OK; i++)
		if (!u->port[i].asn && u->port[i].first)
			rc = port_set(u, &u->port[i]);
	if (rc == MANRS_OK)
		rc = manrs_urpf_edit_commit(u->edit, &u->snapshot, u->set.db, 0);
	if (rc < 0) {
		complain("%s", manrs_strerror(rc));
		return false;
	}
	u->edit = NULL;
	manrs_urpf_stats_get(u->snapshot, &stats);
	if (stats.fallbacks)
		complain("no VRPs and no ASPAs: %llu %s interfaces are loose",
			 (unsigned long long)stats.fallbacks, manrs_urpf_mode_text(u->mode));
	else if (u->mode == MANRS_URPF_BAR_SAV_PI && !local_as)
		complain("bar-sav-pi without --local-as: providers' interfaces are loose");
	return true;
}
