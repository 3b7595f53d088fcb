/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * manrs aspa: verification of AS paths, a row each, in order. Nothing is written before all ASPAs are there; then the
 * paths stream through. The ramps are those of the draft; plain and JSON also name the hops that stand in the way.
 */

#include "cli.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOPS_SHOWN 64

struct aspa {
	struct words files;
	struct vrpset set;
	struct out out;
	enum format format;
	uint32_t fail_on; /* a bit a state */
	int role;
	uint32_t neighbour, flags;
	bool findings, rows;
	uint64_t bad;  /* lines */
	uint32_t *asn; /* the path at hand */
	uint8_t *kind;
	char *text; /* in canonical form */
	size_t cap, n_text;
	manrs_aspa_hop hop[HOPS_SHOWN];
	size_t hops; /* all there are */
};

static const char *const reasons[] = {
	[MANRS_ASPA_REASON_NONE] = "",
	[MANRS_ASPA_REASON_MALFORMED] = "malformed path",
	[MANRS_ASPA_REASON_EMPTY] = "empty path",
	[MANRS_ASPA_REASON_NEIGHBOUR] = "the first AS is not the neighbour",
	[MANRS_ASPA_REASON_SET] = "AS_SET in the path",
	[MANRS_ASPA_REASON_CONFED] = "confederation segment in the path",
	[MANRS_ASPA_REASON_HOPS] = "not a provider",
	[MANRS_ASPA_REASON_NO_ATTESTATION] = "attestations are missing",
};

static const char *const reason_codes[] = {
	[MANRS_ASPA_REASON_NONE] = "none",
	[MANRS_ASPA_REASON_MALFORMED] = "malformed",
	[MANRS_ASPA_REASON_EMPTY] = "empty",
	[MANRS_ASPA_REASON_NEIGHBOUR] = "neighbour",
	[MANRS_ASPA_REASON_SET] = "as-set",
	[MANRS_ASPA_REASON_CONFED] = "confederation",
	[MANRS_ASPA_REASON_HOPS] = "not-provider",
	[MANRS_ASPA_REASON_NO_ATTESTATION] = "no-attestation",
};

static const char *const auths[] = {
	[MANRS_ASPA_NO_ATTESTATION] = "no-attestation",
	[MANRS_ASPA_PROVIDER] = "provider",
	[MANRS_ASPA_NOT_PROVIDER] = "not-provider",
};

static size_t shown(const struct aspa *a)
{
	return a->hops < HOPS_SHOWN ? a->hops : HOPS_SHOWN;
}

/* ---- rows ---- */

static void row_csv(struct aspa *a, const manrs_aspa_ramps *ramps)
{
	const uint32_t ramp[] = {ramps->max_up, ramps->min_up, ramps->max_down, ramps->min_down};

	out_csv_path(&a->out, a->text, a->n_text);
	out_text(&a->out, ",");
	out_text(&a->out, manrs_aspa_text(ramps->state));
	for (size_t i = 0; i < 4; i++) {
		out_text(&a->out, ",");
		out_number(&a->out, ramp[i]);
	}
	out_text(&a->out, "\n");
}

/*
 * Whether the line of a path tells of hop i: what would alone make it valid; of an invalid path what an ASPA denies, and
 * of two ramps only where each ends, the up-ramp at its first from the origin, the down-ramp from the neighbour.
 */
static bool worth_telling(const struct aspa *a, size_t i, int state)
{
	const manrs_aspa_hop *hop = &a->hop[i];

	if (state != MANRS_ASPA_INVALID)
		return hop->would == MANRS_ASPA_VALID;
	if (hop->auth != MANRS_ASPA_NOT_PROVIDER)
		return false;
	if (a->role != MANRS_ROLE_PROVIDER)
		return true;
	for (size_t j = hop->down ? 0 : i + 1; j < (hop->down ? i : shown(a)); j++)
		if (a->hop[j].down == hop->down && a->hop[j].auth == MANRS_ASPA_NOT_PROVIDER)
			return false;
	return true;
}

static void row_plain(struct aspa *a, const manrs_aspa_ramps *ramps)
{
	const char *before = ": ";

	out_path(&a->out, a->text, a->n_text);
	out_text(&a->out, ": ");
	out_text(&a->out, manrs_aspa_text(ramps->state));
	for (size_t i = 0; i < shown(a); i++) {
		const manrs_aspa_hop *hop = &a->hop[i];

		if (!worth_telling(a, i, ramps->state))
			continue;
		out_text(&a->out, before);
		out_asn(&a->out, hop->customer);
		out_text(&a->out, hop->auth == MANRS_ASPA_NOT_PROVIDER ? " does not list "
								       : " has no ASPA for ");
		out_asn(&a->out, hop->provider);
		before = ", ";
	}
	if (*before == ':' && *reasons[ramps->reason]) {
		out_text(&a->out, ": ");
		out_text(&a->out, reasons[ramps->reason]);
	}
	out_text(&a->out, "\n");
}

static void json_number(struct aspa *a, const char *name, uint32_t number)
{
	out_text(&a->out, ",\"");
	out_text(&a->out, name);
	out_text(&a->out, "\":");
	out_number(&a->out, number);
}

static void json_word(struct aspa *a, const char *name, const char *word)
{
	out_text(&a->out, ",\"");
	out_text(&a->out, name);
	out_text(&a->out, "\":\"");
	out_text(&a->out, word);
	out_text(&a->out, "\"");
}

static void json_hop(struct aspa *a, const manrs_aspa_hop *hop)
{
	out_text(&a->out, "{\"customer\":");
	out_number(&a->out, hop->customer);
	json_number(a, "provider", hop->provider);
	json_number(a, "customer_at", hop->customer_at);
	json_number(a, "provider_at", hop->provider_at);
	json_word(a, "ramp", hop->down ? "down" : "up");
	json_word(a, "authorized", auths[hop->auth]);
	json_word(a, "state_if_attested", manrs_aspa_text(hop->would));
	out_text(&a->out, "}");
}

static void row_json(struct aspa *a, const manrs_aspa_ramps *ramps)
{
	out_text(&a->out, "{\"path\":");
	out_json(&a->out, a->text, a->n_text);
	json_word(a, "state", manrs_aspa_text(ramps->state));
	json_word(a, "reason", reason_codes[ramps->reason]);
	json_number(a, "ases", ramps->n);
	json_number(a, "max_up", ramps->max_up);
	json_number(a, "min_up", ramps->min_up);
	json_number(a, "max_down", ramps->max_down);
	json_number(a, "min_down", ramps->min_down);
	out_text(&a->out, ",\"hops\":[");
	for (size_t i = 0; i < shown(a); i++) {
		out_text(&a->out, i ? "," : "");
		json_hop(a, &a->hop[i]);
	}
	out_text(&a->out, "]}");
}

static void row(struct aspa *a, const manrs_path *path)
{
	bool told = a->format != FORMAT_CSV;
	manrs_aspa_ramps ramps;

	a->hops = manrs_aspa_hops(a->set.db, path, a->neighbour, a->role, a->flags, &ramps,
				  told ? a->hop : NULL, told ? HOPS_SHOWN : 0);
	a->findings |= a->fail_on >> ramps.state & 1;
	if (a->format == FORMAT_JSON)
		out_text(&a->out, a->rows ? ",\n" : "");
	if (a->format == FORMAT_CSV)
		row_csv(a, &ramps);
	else if (a->format == FORMAT_PLAIN)
		row_plain(a, &ramps);
	else
		row_json(a, &ramps);
	if (a->format == FORMAT_JSONL)
		out_text(&a->out, "\n");
	a->rows = true;
}

/* ---- the run ---- */

static void make_room(struct aspa *a, size_t n)
{
	size_t hops = n / 2 + 1;

	if (hops <= a->cap)
		return;
	a->cap = 2 * hops;
	a->asn = must_resize(a->asn, a->cap, sizeof *a->asn);
	a->kind = must_resize(a->kind, a->cap, sizeof *a->kind);
	a->text = must_resize(a->text, a->cap, 13);
}

/* A line as a path. false: it is none, said so. */
static bool judge(struct aspa *a, const char *text, size_t n, const char *file, uint64_t line)
{
	manrs_fault fault = {0};
	manrs_path path;

	if (n && text[n - 1] == '\r')
		n--;
	make_room(a, n);
	if (manrs_path_parse(&path, a->asn, a->kind, a->cap, text, n, &fault) != MANRS_OK) {
		complain_text(file, line, &fault, text, n);
		return false;
	}
	a->n_text = (size_t)manrs_path_format(&path, a->text, 13 * a->cap);
	row(a, &path);
	return true;
}

static bool judge_line(void *arg, const struct lines *at, const char *text, size_t n)
{
	struct aspa *a = arg;

	if (line_whole(at, text, &a->bad))
		a->bad += !judge(a, text, n, input_name(at->in), at->number);
	return !a->out.failed;
}

static int run(struct aspa *a, const char *output, const char *input, const char *one)
{
	struct input *in = one ? NULL : input_open(input);
	bool good;

	if (!one && !in)
		return EXIT_ERROR;
	good = out_open(&a->out, output);
	if (good) {
		if (a->format == FORMAT_CSV)
			out_text(&a->out, "path,state,max_up,min_up,max_down,min_down\n");
		if (a->format == FORMAT_JSON)
			out_text(&a->out, "{\"paths\":[\n");
		good = one ? judge(a, one, strlen(one), one, 0) : lines_each(in, judge_line, a);
		if (!good)
			out_spoil(&a->out);
		good &= !a->bad;
		if (a->format == FORMAT_JSON)
			out_text(&a->out, a->rows ? "\n]}\n" : "]}\n");
		good &= out_close(&a->out);
	} else {
		input_close(in);
	}
	return !good ? EXIT_ERROR : a->findings ? EXIT_FINDINGS : EXIT_DONE;
}

/* ---- options ---- */

enum { OPT_FAIL = 256, OPT_CONFED };

static const struct option options[] = {
	{"aspas", required_argument, NULL, 'a'},
	{"role", required_argument, NULL, 'r'},
	{"neighbour", required_argument, NULL, 'n'},
	{"neighbor", required_argument, NULL, 'n'},
	{"confederation", no_argument, NULL, OPT_CONFED},
	{"fail-on", required_argument, NULL, OPT_FAIL},
	SHARED_OPTIONS,
	{NULL, 0, NULL, 0},
};

static int option(void *arg, int which)
{
	struct aspa *a = arg;

	switch (which) {
	case 'a':
		words_add(&a->files, optarg);
		return EXIT_DONE;
	case 'r':
		a->role = manrs_role_parse(optarg, strlen(optarg));
		if (a->role > MANRS_ROLE_NONE)
			return EXIT_DONE;
		return usage_error(&verb_aspa,
				   "%s: --role takes customer, peer, provider, rs or rs-client",
				   optarg);
	case 'n':
		a->flags &= ~MANRS_ASPA_ANY_NEIGHBOUR;
		if (manrs_asn_parse(&a->neighbour, optarg, strlen(optarg), NULL) == MANRS_OK &&
		    a->neighbour)
			return EXIT_DONE;
		return usage_error(&verb_aspa, "%s: --neighbour takes an AS number", optarg);
	case OPT_CONFED:
		a->flags |= MANRS_ASPA_CONFED;
		return EXIT_DONE;
	case OPT_FAIL:
		if (states_parse(&a->fail_on, optarg, manrs_aspa_text, MANRS_ASPA_MALFORMED))
			return EXIT_DONE;
		return usage_error(&verb_aspa, "%s: --fail-on takes valid, invalid, unknown",
				   optarg);
	}
	return OPTION_OTHER;
}

/* Several words are one path: `manrs aspa ... 64501 64500` as well as "64501 64500". */
static char *path_of_arguments(int argc, char **argv)
{
	size_t n = 1, at = 0;
	char *text;

	for (int i = 0; i < argc; i++)
		n += strlen(argv[i]) + 1;
	text = must_resize(NULL, n, 1);
	for (int i = 0; i < argc; i++)
		at += (size_t)snprintf(text + at, n - at, "%s%s", i ? " " : "", argv[i]);
	return text;
}

/* With the options read. */
static int start(struct aspa *a, const struct settings *s)
{
	struct vrpset_options load = {.aspas = &a->files, .expiry = s->load.expiry};
	char *path;
	int status;

	a->format = s->format;
	if (!a->files.n)
		return usage_error(&verb_aspa, "--aspas FILE is missing");
	if (a->role == MANRS_ROLE_NONE)
		return usage_error(&verb_aspa, "--role is missing: what the neighbour is to us");
	if (s->argc && s->input)
		return usage_error(&verb_aspa, "a path or -i FILE, not both");
	status = vrpset_open(&a->set, NULL, &load);
	if (status != EXIT_DONE)
		return status;
	path = s->argc ? path_of_arguments(s->argc, s->argv) : NULL;
	status = run(a, s->output, s->input ? s->input : "-", path);
	free(path);
	vrpset_free(&a->set);
	return status;
}

static int cmd_aspa(int argc, char **argv)
{
	struct aspa *a = must_resize(NULL, 1, sizeof *a);
	struct settings s = {
		.verb = &verb_aspa,
		.options = options,
		.option = option,
		.arg = a,
		.formats = ROW_FORMATS,
		.asdot = 1u << FORMAT_PLAIN | 1u << FORMAT_CSV,
		.format = FORMAT_PLAIN,
	};
	int status;

	memset(a, 0, sizeof *a);
	a->flags = MANRS_ASPA_ANY_NEIGHBOUR;
	if (options_read(&s, argc, argv, &status))
		status = start(a, &s);
	free(a->files.at);
	free(a->asn);
	free(a->kind);
	free(a->text);
	free(a);
	return status;
}

const struct verb verb_aspa = {
	"aspa",
	cmd_aspa,
	"verify AS paths (ASPA)",
	"aspa --aspas FILE... --role ROLE [options] [PATH]\n\n"
	"Paths, one a line, the neighbour first: `64497 64496`, a set in {}, a blank line\n"
	"is the empty path. Without -i and PATH they come from stdin. ASPAs as JSON\n"
	"(rpki-client, Routinator) or lines of `customer TAB provider...`, 0 for AS0.\n"
	"Any file may be compressed.\n\n"
	"      --aspas FILE       may be repeated; - is stdin\n"
	"      --role ROLE        what the neighbour is to us: customer, peer, provider,\n"
	"                         rs (a route server whose client we are) or rs-client\n"
	"                         (a client of ours)\n"
	"      --neighbour ASN    its AS number; without it the first AS is not compared\n"
	"      --confederation    strip the segments of our own confederation\n"
	"      --fail-on LIST     exit with 1 where a path is of LIST: invalid,unknown\n"
	"  -f, --format FORMAT    plain (default), csv, json, jsonl\n"
	"  -i, --input FILE       the paths; - is stdin\n" ASDOT_HELP SHARED_HELP,
};
