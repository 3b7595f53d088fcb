/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * manrs urpf: source address validation from Adj-RIB-Ins as text. The routes are read line by line into one edit; the
 * mode goes to the customers' interfaces (BAR-SAV to peers' too, BAR-SAV-PI to providers'), the rest are loose.
 */

#include "urpf_verb.h"

#include <string.h>

/* ---- what is asked ---- */

static void list_port(struct urpf *u, const struct port *p)
{
	manrs_cursor cursor = {{0}};
	manrs_prefix got[1024];
	size_t n;

	while ((n = manrs_urpf_list(u->snapshot, p->handle, &cursor, got, 1024)) > 0)
		for (size_t i = 0; i < n; i++)
			urpf_list_row(&u->rows, p->name, &got[i]);
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

static void check_source(struct urpf *u, const char *name, size_t n_name, const char *source,
			 size_t n_source, const manrs_prefix *address)
{
	manrs_urpf_explanation why = {.size = sizeof why};

	manrs_urpf_explain(u->snapshot, address, handle_of(u, name, n_name), &why, NULL, 0);
	u->denied |= why.allow == MANRS_URPF_DENIED;
	urpf_check_row(&u->rows, name, n_name, source, n_source, &why);
}

static enum line_kind check_line(void *arg, const struct line *line, manrs_fault *fault)
{
	struct columns c = columns_of(line);
	const char *name, *source, *more;
	size_t n_name, n_source, n_more;
	manrs_prefix address;

	if (line_is_empty(line))
		return LINE_NOTHING;
	fault->what = "an interface and an address expected";
	if (!column_next(&c, &name, &n_name) || !column_next(&c, &source, &n_source))
		return LINE_BAD;
	if (manrs_address_parse(&address, source, n_source, fault) < 0) {
		fault->at += (uint64_t)(source - line->text);
		return LINE_BAD;
	}
	if (column_next(&c, &more, &n_more)) {
		fault->at = (uint64_t)(more - line->text);
		return LINE_BAD;
	}
	check_source(arg, name, n_name, source, n_source, &address);
	return LINE_TAKEN;
}

static bool explain(struct urpf *u, struct input *in)
{
	manrs_urpf_explanation why = {.size = sizeof why};
	uint16_t handle[64];

	(void)in;
	manrs_urpf_explain(u->snapshot, &u->address, handle_of(u, u->one, strlen(u->one)), &why,
			   handle, 64);
	u->denied |= why.allow == MANRS_URPF_DENIED;
	urpf_explain_row(u, &why, handle, why.n_ifaces < 64 ? why.n_ifaces : 64);
	return true;
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
static bool ports_choose(struct urpf *u)
{
	const char *name = u->one;
	size_t n = 0;

	for (size_t i = 0; i < u->n_ports; i++) {
		struct port *p = u->port[i];

		p->chosen = name ? !strcmp(p->name, name) : has_list(u, p);
		n += p->chosen;
		if (name && p->chosen && !u->exported && !has_list(u, p))
			complain("%s has no list: it is loose or off", name);
	}
	if (n)
		return true;
	if (name)
		complain_port(u, name, strlen(name));
	else
		complain("no interface has a list: all are loose or off");
	return !name && !u->exported;
}

/* Their lists, as rows or as filters. */
static bool ports_out(struct urpf *u, struct input *in)
{
	(void)in;
	for (size_t i = 0; i < u->n_ports; i++)
		if (u->port[i]->chosen && u->exported)
			export_port(u, u->port[i], u->exported);
		else if (u->port[i]->chosen)
			list_port(u, u->port[i]);
	return true;
}

/*
 * ---- the four questions: whether one has an answer (false: after a complaint), and the answer (false: not all was good)
 */

static bool export_ready(struct urpf *u)
{
	return ports_choose(u) && export_names_fit(u, u->exported);
}

static bool check(struct urpf *u, struct input *in)
{
	struct lines lines = {.rule = check_line, .arg = u, .out = &u->rows.out};

	if (!lines_each(&lines, in))
		out_spoil(&u->rows.out);
	if (u->strangers > 1)
		complain("%llu sources on unknown interfaces: denied",
			 (unsigned long long)u->strangers);
	return !lines.bad && !u->rows.out.failed;
}

static bool explain_ready(struct urpf *u)
{
	manrs_fault fault = {0};

	if (!port_find(u, u->one, strlen(u->one)))
		complain_port(u, u->one, strlen(u->one));
	else if (manrs_address_parse(&u->address, u->two, strlen(u->two), &fault) < 0)
		complain("%s: %s", u->two, fault.what);
	else
		return true;
	return false;
}

static const struct question {
	const char *name;
	int least, most;        /* arguments */
	const char *csv, *json; /* head of the rows; NULL: it has none */
	bool (*ready)(struct urpf *u);
	bool (*answer)(struct urpf *u, struct input *in);
} questions[] = {
	{"list", 0, 1, "interface,prefix\n", "{\"prefixes\":[\n", ports_choose, ports_out},
	{"check", 0, 0, "interface,source,verdict,mode,step\n", "{\"sources\":[\n", NULL, check},
	{"explain", 2, 2, "interface,source,verdict,mode,effective,step,asn,prefix,feasible_on\n",
	 "{\"sources\":[\n", explain_ready, explain},
	{"export", 0, 1, NULL, NULL, export_ready, ports_out},
};

/* ---- the verb ---- */

static bool answer(void *arg, struct input *in)
{
	struct urpf *u = arg;
	bool good;

	if (u->question->csv)
		rows_head(&u->rows, u->question->csv, u->question->json);
	good = u->question->answer(u, in);
	if (u->question->csv)
		rows_foot(&u->rows, "]}\n");
	return good;
}

static int run(struct urpf *u)
{
	int status = EXIT_DONE;

	u->s.load.all_records = true;
	if (u->s.load.files.n || u->s.load.aspas.n)
		status = vrpset_open(&u->set, NULL, &u->s.load);
	if (status != EXIT_DONE)
		return status;
	if (!urpf_load(u) || (u->question->ready && !u->question->ready(u)))
		return EXIT_ERROR;
	status = rows_run(&u->rows, u->s.input, u->s.output, answer, u);
	return status == EXIT_DONE && u->fail_on && u->denied ? EXIT_FINDINGS : status;
}

/* A format's name means another thing for exports than for rows. */
static bool format_fits(struct urpf *u, const struct question *q)
{
	u->rows.format = u->format && q->csv ? format_of(u->format) : FORMAT_PLAIN;
	u->exported = q->csv ? 0 : u->format ? export_format(u->format) : MANRS_URPF_TEXT;
	return q->csv ? ROW_FORMATS >> u->rows.format & 1 : u->exported != 0;
}

static const struct question *question_of(const struct settings *s)
{
	for (size_t i = 0; i < sizeof questions / sizeof *questions && s->argc; i++)
		if (!strcmp(s->argv[0], questions[i].name))
			return &questions[i];
	return NULL;
}

/* Options and arguments. Returns EXIT_DONE, EXIT_ERROR. */
static int usage_check(struct urpf *u, const struct question *q)
{
	int n = u->s.argc - 1;

	if (n > 2)
		return usage_error(&verb_urpf, "too many arguments");
	if (!q)
		return usage_error(&verb_urpf, "list, check, explain or export expected");
	if (!u->ribs.n)
		return usage_error(&verb_urpf, "--rib FILE is missing");
	if (n < q->least || n > q->most)
		return usage_error(&verb_urpf, "wrong arguments for %s", q->name);
	if (!format_fits(u, q))
		return usage_error(&verb_urpf, "%s: no such format of %s", u->format, q->name);
	if (q->answer == check && !u->s.input)
		u->s.input = "-";
	else if (q->answer != check && u->s.input)
		return usage_error(&verb_urpf, "-i FILE is for check");
	if (stdins(&u->s) > 1)
		return usage_error(&verb_urpf, STDIN_ONCE);
	u->one = n > 0 ? u->s.argv[1] : NULL;
	u->two = n > 1 ? u->s.argv[2] : NULL;
	u->question = q;
	return EXIT_DONE;
}

static int urpf(void *self)
{
	struct urpf *u = self;
	int status = usage_check(u, question_of(&u->s));

	if (status == EXIT_DONE)
		status = run(u);
	manrs_urpf_edit_abort(u->edit);
	manrs_urpf_unref(u->snapshot);
	manrs_urpf_owner_free(u->owner);
	ports_free(u);
	vrpset_free(&u->set);
	return status;
}

static bool take_deny(void *self, const char *word)
{
	return ((struct urpf *)self)->fail_on = !strcmp(word, "deny");
}

#define IN_URPF(member) .at = offsetof(struct urpf, member)
/* clang-format off */
static const struct option_row options[] = {
	{"rib", .kind = OPTION_FILES, IN_URPF(ribs), .value = "FILE", .help = "routes, lines or MRT; may be repeated"},
	{"sessions", .kind = OPTION_FILE, IN_URPF(sessions), .value = "FILE",
	 .help = "of RIBs in MRT: lines `peer interface role`, the peer\n"
		 "an address or AS number; `peer -` leaves it out"},
	VRPS_ROW("VRPs and ASPAs of any format; may be repeated"),
	{"aspas", .kind = OPTION_FILES, IN_SETTINGS(load.aspas), .value = "FILE",
	 .help = "ASPAs alone; may be repeated"},
	SLURM_ROW("local exceptions"),
	{"mode", .kind = OPTION_WORD, .parse = manrs_urpf_mode_parse, .otherwise = MANRS_URPF_EFP_B,
	 IN_URPF(mode), .value = "MODE",
	 .help = "off, strict, loose, feasible, efp-a, efp-b (default),\n"
		 "bar-sav, bar-sav-pi, procedure-x, list: of customers'\n"
		 "interfaces, bar-sav of peers' too, bar-sav-pi of\n"
		 "providers'; the rest are loose",
	 .wrong = "%s: no such mode"},
	{"prefixes", .kind = OPTION_FILE, IN_URPF(prefixes), .value = "FILE",
	 .help = "lines `interface|* deny|allow|list|local|link prefix`"},
	{"link", .rank = 1, .kind = OPTION_LIST, IN_URPF(links), .value = "IFACE=PREFIX",
	 .help = "the link's own prefix: the neighbour's addresses on it\n"
		 "pass; may be repeated"},
	{"no-link-local", .kind = OPTION_BIT, .bit = MANRS_URPF_LINK_LOCAL, IN_URPF(options_off),
	 .help = "169.254.0.0/16 and fe80::/10 do not pass"},
	{"no-unspecified", .kind = OPTION_BIT, .bit = MANRS_URPF_UNSPECIFIED, IN_URPF(options_off),
	 .help = "0.0.0.0 and :: do not pass (DHCP, duplicate address\n"
		 "detection)"},
	{"local-as", .kind = OPTION_ASN, IN_URPF(local_as), .value = "ASN",
	 .help = "ours; bar-sav-pi is loose without it", LOCAL_AS_WRONG},
	{"allow-default", .kind = OPTION_BIT, .bit = MANRS_URPF_DEFAULT_ROUTE, IN_URPF(options),
	 .help = "the default route counts for strict, loose and feasible"},
	{"discard-pass", .kind = OPTION_BIT, .bit = MANRS_URPF_DISCARD_PASS, IN_URPF(options),
	 .help = "sources of discard routes do not fail: for null-routed\n"
		 "aggregates (RFC 5635 needs that they do)"},
	{"augment", .kind = OPTION_BIT, .bit = MANRS_URPF_AUGMENT_ROA, IN_URPF(options),
	 .help = "EFP lists hold the VRPs of their ASes too"},
	{"format", .letter = 'f', .rank = 1, .kind = OPTION_STRING, IN_URPF(format), .value = "FORMAT",
	 .help = "plain (default), csv, json, jsonl; of export: text\n"
		 "(default), nft, ebpf, bird, cisco, junos"},
	{"fail-on", .kind = OPTION_CALL, .call = take_deny, .value = "deny",
	 .help = "exit with 1 when a source was denied", .wrong = "%s: --fail-on takes deny"},
	INPUT_ROW("what to check; - or none: stdin"),
	NO_ASDOT_ROW,
	SHARED_ROWS,
};
/* clang-format on */

const struct verb verb_urpf = {
	.name = "urpf",
	.summary = "which sources may come in on which interface, and why not",
	.usage = "urpf --rib FILE [options] list [INTERFACE]\n"
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
		 "interface that no RIB has is denied and told in check, exit 2 elsewhere.\n",
	.options = options,
	.size = sizeof(struct urpf),
	.format = FORMAT_PLAIN,
	.run = urpf,
};
