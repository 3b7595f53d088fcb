/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * manrs urpf: source address validation from Adj-RIB-Ins as text. The routes are read line by line into one edit; the
 * mode goes to the customers' interfaces (BAR-SAV to peers' too, BAR-SAV-PI to providers'), the rest are loose.
 */

#include "cmd_urpf.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what is asked ---- */

static void list_port(struct urpf *u, const struct port *p)
{
	manrs_cursor cursor = {{0}};
	manrs_prefix got[1024];
	size_t n;

	while ((n = manrs_urpf_list(u->snapshot, p->handle, &cursor, got, 1024)) > 0)
		for (size_t i = 0; i < n; i++)
			urpf_list_row(u, p->name, &got[i]);
}

static void complain_port(const struct urpf *u, const char *name, size_t n)
{
	char near[128];

	complain("no such interface: %.*s; there are %s", (int)(n < 64 ? n : 64), name,
		 ports_near(u, name, n, near));
}

/* An interface that no RIB has is denied all; it may be a typo, so the first one is told. */
static uint16_t handle_of(struct urpf *u, const char *name, size_t n)
{
	const struct port *p = port_find(u, name, n);

	if (!p && u->strangers++ == 0)
		complain_port(u, name, n);
	return p ? p->handle : MANRS_URPF_NO_IFACE;
}

static void check_row(struct urpf *u, const char *name, size_t n_name, const char *source,
		      size_t n_source, const manrs_prefix *address)
{
	manrs_urpf_explanation why = {.size = sizeof why};

	manrs_urpf_explain(u->snapshot, address, handle_of(u, name, n_name), &why, NULL, 0);
	u->denied |= why.allow == MANRS_URPF_DENIED;
	urpf_check_row(u, name, n_name, source, n_source, &why);
}

static bool check_line(struct urpf *u, const char *text, size_t n, manrs_fault *fault)
{
	struct columns c = columns_of(text, n);
	const char *name, *source, *more;
	size_t n_name, n_source, n_more;
	manrs_prefix address;

	if (line_is_empty(text, n))
		return true;
	fault->what = "an interface and an address expected";
	if (!column_next(&c, &name, &n_name) || !column_next(&c, &source, &n_source))
		return false;
	if (manrs_address_parse(&address, source, n_source, fault) < 0) {
		fault->at += (uint64_t)(source - text);
		return false;
	}
	if (column_next(&c, &more, &n_more)) {
		fault->at = (uint64_t)(more - text);
		return false;
	}
	check_row(u, name, n_name, source, n_source, &address);
	return true;
}

static void explain(struct urpf *u, const char *name, const char *source,
		    const manrs_prefix *address)
{
	manrs_urpf_explanation why = {.size = sizeof why};
	uint16_t handle[64];

	manrs_urpf_explain(u->snapshot, address, handle_of(u, name, strlen(name)), &why, handle,
			   64);
	u->denied |= why.allow == MANRS_URPF_DENIED;
	urpf_explain_row(u, name, source, &why, handle, why.n_ifaces < 64 ? why.n_ifaces : 64);
}

/* The name of an interface in an export: other characters than a list's name may have become _. */
static void export_name(const struct port *p, char *name, size_t room)
{
	snprintf(name, room, "%s", p->name);
	for (char *c = name; *c; c++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.",
			    *c))
			*c = '_';
}

static void export_port(struct urpf *u, const struct port *p, int format)
{
	manrs_cursor cursor = {{0}};
	char name[33];
	char *room;
	int n;

	export_name(p, name, sizeof name);
	for (;;) {
		room = out_room(&u->out, 4096);
		n = manrs_urpf_export(u->snapshot, p->handle, format, name, &cursor, room, 4096);
		if (n <= 0)
			return;
		out_used(&u->out, (size_t)n);
	}
}

static int name_order(const void *a, const void *b)
{
	return strcmp(a, b);
}

/*
 * A filter under another name filters nothing, and two lists under one name are one: both in silence. returns: false after
 * a complaint.
 */
static bool names_fit(const struct urpf *u, int format)
{
	char(*name)[33] = must_resize(NULL, u->n_ports, sizeof *name);
	size_t n = 0, bare = 0;
	bool fit = true;

	for (size_t i = 0; i < u->n_ports && fit; i++) {
		const struct port *p = &u->port[i];

		if (!p->chosen)
			continue;
		export_name(p, name[n], sizeof *name);
		bare += !p->linked;
		fit = format != MANRS_URPF_NFT || (!strcmp(name[n], p->name) && strlen(p->name) < 16);
		if (!fit)
			complain("%s: no name of an interface of Linux", p->name);
		n++;
	}
	qsort(name, n, sizeof *name, name_order);
	for (size_t i = 1; i < n && fit; i++)
		if (!strcmp(name[i - 1], name[i])) {
			complain("two interfaces would have the list %s", name[i]);
			fit = false;
		}
	if (fit && bare && (format == MANRS_URPF_NFT || format == MANRS_URPF_EBPF))
		complain("%zu of %zu interfaces without --link: of the neighbours' own addresses the "
			 "link-local ones alone are sure to pass",
			 bare, n);
	free(name);
	return fit;
}

static int export_format(const char *name)
{
	static const char *const formats[] = {"", "text", "nft", "ebpf", "bird", "cisco", "junos"};

	for (int f = MANRS_URPF_TEXT; f <= MANRS_URPF_JUNOS; f++)
		if (!strcmp(formats[f], name))
			return f;
	return 0;
}

/* Whether an interface has a list of its own: not off, and not loose, also where BAR-SAV fell back to that. */
static bool has_list(const struct urpf *u, const struct port *p)
{
	manrs_urpf_explanation why = {.size = sizeof why};
	static const uint8_t zeros[4];
	manrs_prefix any;

	manrs_prefix_set(&any, 4, zeros, 32, 0);
	manrs_urpf_explain(u->snapshot, &any, p->handle, &why, NULL, 0);
	return why.effective > MANRS_URPF_LOOSE || why.effective == MANRS_URPF_STRICT;
}

/* The interfaces asked for: the one named, or all that have a list. returns: false after a complaint. */
static bool ports_choose(struct urpf *u, const char *name, bool exports)
{
	size_t n = 0;

	for (size_t i = 0; i < u->n_ports; i++) {
		struct port *p = &u->port[i];

		p->chosen = name ? !strcmp(p->name, name) : has_list(u, p);
		n += p->chosen;
		if (name && p->chosen && !exports && !has_list(u, p))
			complain("%s has no list: it is loose or off", name);
	}
	if (n)
		return true;
	if (name)
		complain_port(u, name, strlen(name));
	else
		complain("no interface has a list: all are loose or off");
	return !name && !exports;
}

static void for_ports(struct urpf *u, int format)
{
	for (size_t i = 0; i < u->n_ports; i++)
		if (u->port[i].chosen && format)
			export_port(u, &u->port[i], format);
		else if (u->port[i].chosen)
			list_port(u, &u->port[i]);
}

/* ---- the verb ---- */

static void urpf_free(struct urpf *u)
{
	manrs_urpf_edit_abort(u->edit);
	manrs_urpf_unref(u->snapshot);
	manrs_urpf_owner_free(u->owner);
	for (size_t i = 0; i < u->n_ports; i++)
		free(u->port[i].name);
	free(u->port);
	free(u->hash);
	free(u->links.at);
	vrpset_free(&u->set);
}

static const struct option long_options[] = {
	{"rib", required_argument, NULL, 'r'},
	{"vrps", required_argument, NULL, 'v'},
	{"aspas", required_argument, NULL, 'a'},
	{"mode", required_argument, NULL, 'm'},
	{"prefixes", required_argument, NULL, 'p'},
	{"local-as", required_argument, NULL, 'l'},
	{"fail-on", required_argument, NULL, 'F'},
	{"allow-default", no_argument, NULL, 'd'},
	{"augment", no_argument, NULL, 'A'},
	{"discard-pass", no_argument, NULL, 'D'},
	{"link", required_argument, NULL, 'k'},
	{"no-link-local", no_argument, NULL, 'L'},
	{"no-unspecified", no_argument, NULL, 'U'},
	{"slurm", required_argument, NULL, 's'},
	SHARED_OPTIONS,
	{NULL, 0, NULL, 0},
};

struct args {
	struct settings shared; /* --drop-expired and its like */
	struct words ribs, vrps, aspas;
	const char *form, *prefixes, *input, *output, *slurm, *what, *one, *two;
	uint32_t local_as;
	int format;
	bool fail_on;
};

/* returns: EXIT_DONE to go on; -1: help was asked for. */
static int parse(struct urpf *u, struct args *a, int argc, char **argv)
{
	int c;

	optind = 0;
	while ((c = getopt_long(argc, argv, SHARED_SHORT, long_options, NULL)) != -1) {
		if (c == 'r')
			words_add(&a->ribs, optarg);
		else if (c == 'v')
			words_add(&a->vrps, optarg);
		else if (c == 'a')
			words_add(&a->aspas, optarg);
		else if (c == 'p')
			a->prefixes = optarg;
		else if (c == 's')
			a->slurm = optarg;
		else if (c == 'i')
			a->input = optarg;
		else if (c == 'o')
			a->output = optarg;
		else if (c == 'd')
			u->options |= MANRS_URPF_DEFAULT_ROUTE;
		else if (c == 'A')
			u->options |= MANRS_URPF_AUGMENT_ROA;
		else if (c == 'D')
			u->options |= MANRS_URPF_DISCARD_PASS;
		else if (c == 'k')
			words_add(&u->links, optarg);
		else if (c == 'L')
			u->options_off |= MANRS_URPF_LINK_LOCAL;
		else if (c == 'U')
			u->options_off |= MANRS_URPF_UNSPECIFIED;
		else if (c == 'h')
			return -1;
		else if (c == 'm' && (u->mode = manrs_urpf_mode_parse(optarg, strlen(optarg))) < 0)
			return usage_error(&verb_urpf, "no such mode: %s", optarg);
		else if (c == 'l' &&
			 manrs_asn_parse(&a->local_as, optarg, strlen(optarg), NULL) < 0)
			return usage_error(&verb_urpf, "not an AS number: %s", optarg);
		else if (c == 'f')
			a->form = optarg;
		else if (c == 'F' && !(a->fail_on = !strcmp(optarg, "deny")))
			return usage_error(&verb_urpf, "--fail-on takes deny");
		else if (c >= OPT_DROP_EXPIRED && shared_option(&a->shared, c, optarg) != EXIT_DONE)
			return EXIT_ERROR;
		else if (c == '?')
			return usage_error(&verb_urpf, "wrong option");
	}
	a->what = optind < argc ? argv[optind++] : "";
	a->one = optind < argc ? argv[optind++] : NULL;
	a->two = optind < argc ? argv[optind++] : NULL;
	if (optind < argc)
		return usage_error(&verb_urpf, "too many arguments");
	return EXIT_DONE;
}

/* A format's name means another thing for exports than for rows. */
static bool format_check(struct urpf *u, struct args *a, bool exports)
{
	u->format = FORMAT_PLAIN;
	if (!a->form)
		return true;
	if (exports)
		return (a->format = export_format(a->form)) != 0;
	u->format = format_of(a->form);
	return ROW_FORMATS >> u->format & 1;
}

static int args_check(struct urpf *u, struct args *a)
{
	bool list = !strcmp(a->what, "list"), check = !strcmp(a->what, "check"),
	     exports = !strcmp(a->what, "export");

	if (!list && !check && !exports && strcmp(a->what, "explain") != 0)
		return usage_error(&verb_urpf, "list, check, explain or export expected");
	if (!a->ribs.n)
		return usage_error(&verb_urpf, "--rib is missing");
	if (check ? a->one != NULL : list || exports ? a->two != NULL : !a->two)
		return usage_error(&verb_urpf, "wrong arguments for %s", a->what);
	if (!format_check(u, a, exports))
		return usage_error(&verb_urpf, "no such format of %s: %s", a->what, a->form);
	return EXIT_DONE;
}

/* What is asked has an answer. returns: false after a complaint. */
static bool prepare(struct urpf *u, const struct args *a, manrs_prefix *address)
{
	manrs_fault fault = {0};

	if (!strcmp(a->what, "list"))
		return ports_choose(u, a->one, false);
	if (!strcmp(a->what, "export"))
		return ports_choose(u, a->one, true) && names_fit(u, a->format);
	if (strcmp(a->what, "explain") != 0)
		return true;
	if (!port_find(u, a->one, strlen(a->one)))
		complain_port(u, a->one, strlen(a->one));
	else if (manrs_address_parse(address, a->two, strlen(a->two), &fault) < 0)
		complain("%s: %s", a->two, fault.what);
	else
		return true;
	return false;
}

/* returns: false: the input was not read to the end, said why. */
static bool answer(struct urpf *u, const struct args *a, const manrs_prefix *address, uint64_t *bad)
{
	bool good = true;

	if (!strcmp(a->what, "export")) {
		for_ports(u, a->format ? a->format : MANRS_URPF_TEXT);
	} else if (!strcmp(a->what, "list")) {
		urpf_head(u, "interface,prefix\n", "prefixes");
		for_ports(u, 0);
		urpf_foot(u);
	} else if (!strcmp(a->what, "check")) {
		urpf_head(u, "interface,source,verdict,mode,step\n", "sources");
		good = urpf_lines(u, a->input ? a->input : "-", check_line, true, bad);
		urpf_foot(u);
		if (u->strangers > 1)
			complain("%llu sources on unknown interfaces: denied",
				 (unsigned long long)u->strangers);
	} else {
		urpf_head(u, "interface,source,verdict,mode,effective,step,asn,prefix,feasible_on\n",
			  "sources");
		explain(u, a->one, a->two, address);
		urpf_foot(u);
	}
	return good;
}

static int run(struct urpf *u, const struct args *a)
{
	struct vrpset_options options = {.files = &a->vrps,
					 .aspas = &a->aspas,
					 .slurm = a->slurm,
					 .all_records = true,
					 .expiry = a->shared.load.expiry};
	manrs_prefix address = {0};
	uint64_t bad = 0;
	bool good;
	int status = EXIT_DONE;

	if (a->vrps.n || a->aspas.n)
		status = vrpset_open(&u->set, NULL, &options);
	if (status != EXIT_DONE)
		return status;
	if (!urpf_load(u, &a->ribs, a->prefixes, a->local_as) || !prepare(u, a, &address) ||
	    !out_open(&u->out, a->output))
		return EXIT_ERROR;
	good = answer(u, a, &address, &bad);
	if (!good)
		out_spoil(&u->out);
	if (!out_close(&u->out) || !good || bad)
		return EXIT_ERROR;
	return a->fail_on && u->denied ? EXIT_FINDINGS : EXIT_DONE;
}

static int urpf_run(int argc, char **argv)
{
	struct urpf u = {.mode = MANRS_URPF_EFP_B};
	struct args a = {.shared = {.verb = &verb_urpf}};
	int status = parse(&u, &a, argc, argv);

	if (status == -1)
		status = usage_help(&verb_urpf);
	else if (status == EXIT_DONE)
		status = args_check(&u, &a);
	if (status == EXIT_DONE && a.what && *a.what)
		status = run(&u, &a);
	urpf_free(&u);
	free(a.ribs.at);
	free(a.vrps.at);
	free(a.aspas.at);
	return status;
}

const struct verb verb_urpf = {
	"urpf",
	urpf_run,
	"which sources may come in on which interface, and why not",
	"urpf --rib FILE [options] list [INTERFACE]\n"
	"       manrs urpf --rib FILE [options] check [-i FILE]\n"
	"       manrs urpf --rib FILE [options] explain INTERFACE SOURCE\n"
	"       manrs urpf --rib FILE [options] export [--format FORMAT] [INTERFACE]\n\n"
	"A RIB file has lines `interface TAB role TAB prefix TAB AS path [TAB flags]`;\n"
	"the interface is a name or the neighbour's AS number, the role what the\n"
	"neighbour is to us: customer, peer, provider, rs, rs-client, none. Flags: best,\n"
	"discard, leaked, with commas. `interface TAB role` alone declares one without\n"
	"routes. A line without a TAB has its columns parted by blanks. One bad line, or\n"
	"no route at all, and nothing is done: exit 2.\n"
	"check reads lines `interface source` and prints `interface source allow|deny\n"
	"mode reason`; bad ones are told, the others answered, exit 2 in the end. An\n"
	"interface that no RIB has is denied and told in check, exit 2 elsewhere.\n\n"
	"      --rib FILE         routes; may be repeated\n"
	"      --vrps FILE        VRPs and ASPAs of any format; may be repeated\n"
	"      --aspas FILE       ASPAs alone; may be repeated\n"
	"      --slurm FILE       local exceptions\n"
	"      --mode MODE        off, strict, loose, feasible, efp-a, efp-b (default),\n"
	"                         bar-sav, bar-sav-pi, procedure-x, list: of customers'\n"
	"                         interfaces, bar-sav of peers' too, bar-sav-pi of\n"
	"                         providers'; the rest are loose\n"
	"      --prefixes FILE    lines `interface|* deny|allow|list|local|link prefix`\n"
	"      --link IFACE=PREFIX\n"
	"                         the link's own prefix: the neighbour's addresses on it\n"
	"                         pass; may be repeated\n"
	"      --no-link-local    169.254.0.0/16 and fe80::/10 do not pass\n"
	"      --no-unspecified   0.0.0.0 and :: do not pass (DHCP, duplicate address\n"
	"                         detection)\n"
	"      --local-as ASN     ours; bar-sav-pi is loose without it\n"
	"      --allow-default    the default route counts for strict, loose and feasible\n"
	"      --discard-pass     sources of discard routes do not fail: for null-routed\n"
	"                         aggregates (RFC 5635 needs that they do)\n"
	"      --augment          EFP lists hold the VRPs of their ASes too\n"
	"  -f, --format FORMAT    plain (default), csv, json, jsonl; of export: text\n"
	"                         (default), nft, ebpf, bird, cisco, junos\n"
	"      --fail-on deny     exit with 1 when a source was denied\n"
	"  -i, --input FILE       what to check; - or none: stdin\n" SHARED_HELP,
};
