/* SPDX-License-Identifier: BSD-2-Clause */
/* manrs urpf: Adj-RIB-Ins as text, line by line into one edit. */

#include "urpf_verb.h"

#include <string.h>

#define HOPS 4096

enum line_kind urpf_wrong(manrs_fault *fault, const char *what, const char *line, const char *at)
{
	*fault = (manrs_fault){.at = (uint64_t)(at - line), .what = what, .code = MANRS_ESYNTAX};
	return LINE_BAD;
}

struct port *urpf_port_of(struct urpf *u, const manrs_urpf_line *line, const char *text,
			  manrs_fault *fault)
{
	struct port *p = port_find(u, line->iface, line->n_iface);

	if (p && (uint32_t)p->role != line->role) {
		urpf_wrong(fault, "the interface had another role before", text, line->iface);
		return NULL;
	}
	if (!p && !(p = port_add(u, line)))
		urpf_wrong(fault, "too many interfaces", text, line->iface);
	return p;
}

const char *urpf_route_add(struct urpf *u, struct port *p, const manrs_prefix *prefix,
			   const manrs_path *path, uint32_t flags)
{
	/* a file may have several routes of a neighbour for a prefix: each is a path of its own */
	manrs_urpf_entry entry = {.route = {.prefix = *prefix},
				  .path_id = (uint32_t)++u->lines,
				  .flags = (uint8_t)flags};
	uint32_t start[2] = {0, path->n};
	manrs_paths paths = {path->asn, path->kind, start, 1};
	manrs_fault fault = {0};
	manrs_counts counts;
	int rc;

	u->routes++;
	if (!p->first && path->n)
		p->first = path->asn[0];
	entry.iface = p->handle;
	entry.neighbour = path->n ? path->asn[0] : 0;
	rc = manrs_urpf_edit_rib(u->edit, MANRS_ADD, &entry, 1, path->n ? &paths : NULL, &counts,
				 &fault);
	if (rc < 0)
		return manrs_strerror(rc);
	return counts.refused ? fault.what : NULL;
}

/* One good line, from byte 0 of its text: what is wrong with it after all is told there. */
static enum line_kind line_apply(struct urpf *u, const manrs_urpf_line *line, const char *text,
				 manrs_fault *fault)
{
	struct port *p = urpf_port_of(u, line, text, fault);
	const char *what;

	if (!p)
		return LINE_BAD;
	if (!line->prefix.family)
		return LINE_TAKEN;
	what = urpf_route_add(u, p, &line->prefix, &line->path, line->flags);
	return what ? urpf_wrong(fault, what, text, text) : LINE_TAKEN;
}

static enum line_kind rib_line(void *arg, const struct line *line, manrs_fault *fault)
{
	static uint32_t asn[HOPS];
	static uint8_t kind[HOPS];
	manrs_urpf_line entry;
	int rc = manrs_urpf_line_parse(&entry, asn, kind, HOPS, line->text, line->n, fault);

	if (rc < 0 && !fault->what)
		fault->what = manrs_strerror(rc);
	if (rc <= 0)
		return rc < 0 ? LINE_BAD : LINE_NOTHING;
	return line_apply(arg, &entry, line->text, fault);
}

static int kind_parse(const char *at, size_t n)
{
	static const char *const kinds[] = {"", "deny", "allow", "list", "local", "link"};

	for (int k = MANRS_URPF_PREFIX_DENY; k <= MANRS_URPF_PREFIX_LINK; k++)
		if (strlen(kinds[k]) == n && !memcmp(kinds[k], at, n))
			return k;
	return 0;
}

/* The two first columns of a list of prefixes. p NULL: of all. returns: LINE_TAKEN, LINE_BAD. */
static enum line_kind prefix_head(const struct urpf *u, struct columns *c, struct port **p,
				  int *kind, const char *text, manrs_fault *fault)
{
	const char *word;
	size_t n;

	*p = NULL;
	if (!column_next(c, &word, &n))
		return urpf_wrong(fault, "an interface expected", text, word);
	if ((n != 1 || *word != '*') && !(*p = port_find(u, word, n)))
		return urpf_wrong(fault, "no such interface", text, word);
	*kind = column_next(c, &word, &n) ? kind_parse(word, n) : 0;
	if (!*kind)
		return urpf_wrong(fault, "deny, allow, list, local or link expected", text, word);
	return LINE_TAKEN;
}

/* "INTERFACE KIND PREFIX", interface * for all. */
static enum line_kind prefix_line(void *arg, const struct line *line, manrs_fault *fault)
{
	struct urpf *u = arg;
	struct columns c = columns_of(line);
	const char *text = line->text, *word;
	struct port *p;
	manrs_prefix prefix;
	size_t n;
	int kind, rc;

	if (line_is_empty(line))
		return LINE_NOTHING;
	if (prefix_head(u, &c, &p, &kind, text, fault) == LINE_BAD)
		return LINE_BAD;
	if (!column_next(&c, &word, &n))
		return urpf_wrong(fault, "no prefix", text, word);
	if (manrs_prefix_parse(&prefix, word, n, fault) < 0) {
		fault->at += (uint64_t)(word - text);
		return LINE_BAD;
	}
	if (column_next(&c, &word, &n))
		return urpf_wrong(fault, "more than three columns", text, word);
	rc = manrs_urpf_edit_prefixes(u->edit, MANRS_ADD, (uint32_t)kind,
				      p ? p->handle : MANRS_URPF_NO_IFACE, &prefix, 1, NULL, fault);
	if (p)
		p->linked |= kind == MANRS_URPF_PREFIX_LINK;
	return rc < 0 ? urpf_wrong(fault, fault->what, text, text) : LINE_TAKEN;
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
		complain("--link %s: no such interface; there are %s", text,
			 ports_near(u, text, n, near));
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

/* One RIB; its bad lines are counted, the first ten told. returns: false after a complaint. */
static bool read_rib(struct urpf *u, const char *path, uint64_t *bad)
{
	struct lines lines = {.rule = rib_line, .arg = u, .told = 10};
	struct input *in = input_open(path);
	bool whole;

	if (in && input_is_mrt(in))
		return urpf_archive_read(u, in, bad);
	whole = lines_some(&lines, in);
	if (lines.bad > lines.told)
		complain_at(lines.name, 0, "%llu bad lines", (unsigned long long)lines.bad);
	*bad += lines.bad;
	return whole;
}

/* What goes with the RIBs: prefixes of a file, and of --link. */
static bool read_prefixes(struct urpf *u, uint64_t *bad)
{
	struct lines lines = {.rule = prefix_line, .arg = u};
	bool whole = !u->prefixes || lines_some(&lines, input_open(u->prefixes));

	*bad += lines.bad;
	for (size_t i = 0; i < u->links.n && whole && !*bad; i++)
		whole = link_read(u, u->links.at[i]);
	return whole;
}

/* All the files into the edit. returns: false after a complaint. */
static bool read_all(struct urpf *u)
{
	uint64_t bad = 0;

	if (u->sessions && !urpf_sessions_read(u))
		return false;
	for (size_t i = 0; i < u->ribs.n; i++)
		if (!read_rib(u, u->ribs.at[i], &bad))
			return false;
	if (!bad && !u->routes) {
		complain("no route in %s RIB", u->ribs.n > 1 ? "any" : "the");
		return false;
	}
	if (!bad && !read_prefixes(u, &bad))
		return false;
	if (bad)
		complain("%llu bad %s: nothing done", (unsigned long long)bad,
			 u->archives ? "entries"
			 : bad == 1  ? "line"
				     : "lines");
	return !bad;
}

/* What the modes lack to be more than loose. */
static void tell_loose(const struct urpf *u)
{
	manrs_urpf_stats stats = {.size = sizeof stats};

	manrs_urpf_stats_get(u->snapshot, &stats);
	if (stats.fallbacks)
		complain("no VRPs and no ASPAs: %llu %s interfaces are loose",
			 (unsigned long long)stats.fallbacks, manrs_urpf_mode_text(u->mode));
	else if (u->mode == MANRS_URPF_BAR_SAV_PI && !u->local_as)
		complain("bar-sav-pi without --local-as: providers' interfaces are loose");
}

bool urpf_load(struct urpf *u)
{
	manrs_urpf_config config;
	int rc;

	manrs_urpf_config_init(&config, sizeof config);
	config.local_as = u->local_as;
	random_seed(config.hash_seed);
	rc = manrs_urpf_owner_new(&u->owner, &config);
	if (rc == MANRS_OK)
		rc = manrs_urpf_edit_begin(&u->edit, u->owner, NULL);
	if (rc == MANRS_OK && !read_all(u))
		return false;
	for (size_t i = 0; i < u->n_ports && rc == MANRS_OK; i++)
		if (!u->port[i]->asn && u->port[i]->first)
			rc = port_set(u, u->port[i]);
	if (rc == MANRS_OK)
		rc = manrs_urpf_edit_commit(u->edit, &u->snapshot, u->set.db, 0);
	if (rc < 0) {
		complain_error(rc);
		return false;
	}
	u->edit = NULL;
	tell_loose(u);
	return true;
}
