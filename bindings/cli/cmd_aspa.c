/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * manrs aspa: verification of AS paths, a row each, in order. Nothing is written before all ASPAs are there; then the
 * paths stream through. The ramps are those of the draft; plain and JSON also name the hops that stand in the way.
 */

#include "lines.h"
#include "mrt_read.h"
#include "rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOPS_SHOWN 64

struct aspa {
	struct settings s;
	struct vrpset set;
	struct rows rows;
	uint32_t fail_on; /* a bit a state */
	int role;
	uint32_t neighbour, flags;
	bool findings;
	uint64_t malformed; /* announcements of archives */
	char *one;          /* the path of the arguments; NULL: of an input */
	uint32_t *asn;      /* the path at hand */
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

	out_csv_path(&a->rows.out, a->text, a->n_text);
	out_text(&a->rows.out, ",");
	out_text(&a->rows.out, manrs_aspa_text(ramps->state));
	for (size_t i = 0; i < 4; i++) {
		out_text(&a->rows.out, ",");
		out_number(&a->rows.out, ramp[i]);
	}
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

	out_path(&a->rows.out, a->text, a->n_text);
	out_text(&a->rows.out, ": ");
	out_text(&a->rows.out, manrs_aspa_text(ramps->state));
	for (size_t i = 0; i < shown(a); i++) {
		const manrs_aspa_hop *hop = &a->hop[i];

		if (!worth_telling(a, i, ramps->state))
			continue;
		out_text(&a->rows.out, before);
		out_asn(&a->rows.out, hop->customer);
		out_text(&a->rows.out, hop->auth == MANRS_ASPA_NOT_PROVIDER ? " does not list "
									    : " has no ASPA for ");
		out_asn(&a->rows.out, hop->provider);
		before = ", ";
	}
	if (*before == ':' && *reasons[ramps->reason]) {
		out_text(&a->rows.out, ": ");
		out_text(&a->rows.out, reasons[ramps->reason]);
	}
}

static void json_hop(struct rows *rows, const manrs_aspa_hop *hop)
{
	member_number(rows, "customer", "", hop->customer);
	member_number(rows, "provider", "", hop->provider);
	member_number(rows, "customer_at", "", hop->customer_at);
	member_number(rows, "provider_at", "", hop->provider_at);
	member_word(rows, "ramp", "", hop->down ? "down" : "up");
	member_word(rows, "authorized", "", auths[hop->auth]);
	member_word(rows, "state_if_attested", "", manrs_aspa_text(hop->would));
}

static void row_json(struct aspa *a, const manrs_aspa_ramps *ramps)
{
	struct rows *rows = &a->rows;

	member_text(rows, "path", "", a->text, a->n_text);
	member_word(rows, "state", "", manrs_aspa_text(ramps->state));
	member_word(rows, "reason", "", reason_codes[ramps->reason]);
	member_number(rows, "ases", "", ramps->n);
	member_number(rows, "max_up", "", ramps->max_up);
	member_number(rows, "min_up", "", ramps->min_up);
	member_number(rows, "max_down", "", ramps->max_down);
	member_number(rows, "min_down", "", ramps->min_down);
	member(rows, "hops", "");
	out_text(&rows->out, "[");
	for (size_t i = 0; i < shown(a); i++) {
		out_text(&rows->out, i ? "," : "");
		rows->members = 0;
		json_hop(rows, &a->hop[i]);
		out_text(&rows->out, "}");
	}
	out_text(&rows->out, "]");
	rows->members = 1;
}

static void row(struct aspa *a, const manrs_path *path)
{
	bool told = a->rows.format != FORMAT_CSV;
	manrs_aspa_ramps ramps;

	a->hops = manrs_aspa_hops(a->set.db, path, a->neighbour, a->role, a->flags, &ramps,
				  told ? a->hop : NULL, told ? HOPS_SHOWN : 0);
	a->findings |= a->fail_on >> ramps.state & 1;
	row_start(&a->rows);
	if (a->rows.format == FORMAT_CSV)
		row_csv(a, &ramps);
	else if (a->rows.format == FORMAT_PLAIN)
		row_plain(a, &ramps);
	else
		row_json(a, &ramps);
	row_end(&a->rows);
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

static enum line_kind judge(void *arg, const struct line *line, manrs_fault *fault)
{
	struct aspa *a = arg;
	size_t n = line->n;
	manrs_path path;

	n -= a->one && n && line->text[n - 1] == '\r'; /* an argument's; a file's is off */
	make_room(a, n);
	if (manrs_path_parse(&path, a->asn, a->kind, a->cap, line->text, n, fault) != MANRS_OK)
		return LINE_BAD;
	a->n_text = (size_t)manrs_path_format(&path, a->text, 13 * a->cap);
	row(a, &path);
	return LINE_TAKEN;
}

static void take_batch(void *arg, const struct mrt_batch *batch)
{
	struct aspa *a = arg;

	for (size_t i = 0; i < batch->n; i++) {
		const manrs_announcement *route = &batch->at[i];

		if (route->flags & MANRS_ANNOUNCE_MALFORMED) {
			a->malformed++;
			continue;
		}
		make_room(a, 2 * (size_t)route->path.n);
		a->n_text = (size_t)manrs_path_format(&route->path, a->text, 13 * a->cap);
		row(a, &route->path);
	}
}

/* The paths of an archive's announcements. */
static bool answer_archive(struct aspa *a, struct input *in)
{
	struct mrt_read read = {.take = take_batch, .arg = a, .out = &a->rows.out};
	bool whole = mrt_each(&read, in);

	if (a->malformed)
		complain_at(read.name, 0, "%llu announcements are malformed",
			    (unsigned long long)a->malformed);
	if (!whole)
		out_spoil(&a->rows.out);
	return whole && !read.bad && !read.lost && !a->malformed;
}

static bool answer_lines(struct aspa *a, struct input *in)
{
	struct lines lines = {.rule = judge, .arg = a, .out = &a->rows.out};
	bool whole = true;

	if (in)
		whole = lines_each(&lines, in);
	else
		lines_take(&lines, &(struct line){a->one, strlen(a->one), 0, a->one});
	if (!whole || (a->one && lines.bad))
		out_spoil(&a->rows.out);
	return whole && !lines.bad;
}

static bool answer(void *arg, struct input *in)
{
	struct aspa *a = arg;
	bool good;

	rows_head(&a->rows, "path,state,max_up,min_up,max_down,min_down\n", "{\"paths\":[\n");
	good = in && input_is_mrt(in) ? answer_archive(a, in) : answer_lines(a, in);
	rows_foot(&a->rows, "]}\n");
	return good;
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

static int aspa(void *self)
{
	struct aspa *a = self;
	int status;

	if (!a->s.load.aspas.n)
		return usage_error(&verb_aspa, "--aspas FILE is missing");
	if (a->role == MANRS_ROLE_NONE)
		return usage_error(&verb_aspa, "--role is missing: what the neighbour is to us");
	if (a->s.argc && a->s.input)
		return usage_error(&verb_aspa, "a path or -i FILE, not both");
	if (!a->s.argc && !a->s.input)
		a->s.input = "-";
	if (stdins(&a->s) > 1)
		return usage_error(&verb_aspa, STDIN_ONCE);
	status = vrpset_open(&a->set, NULL, &a->s.load);
	if (status != EXIT_DONE)
		return status;
	a->flags |= a->neighbour ? 0 : MANRS_ASPA_ANY_NEIGHBOUR;
	a->rows.format = a->s.format;
	if (a->s.argc)
		a->one = path_of_arguments(a->s.argc, a->s.argv);
	status = rows_run(&a->rows, a->s.input, a->s.output, answer, a);
	vrpset_free(&a->set);
	free(a->one);
	free(a->asn);
	free(a->kind);
	free(a->text);
	return status == EXIT_DONE && a->findings ? EXIT_FINDINGS : status;
}

static bool take_states(void *self, const char *list)
{
	return states_parse(&((struct aspa *)self)->fail_on, list, manrs_aspa_text,
			    MANRS_ASPA_MALFORMED);
}

/* clang-format off */
static const struct option_row options[] = {
	{"aspas", .kind = OPTION_FILES, IN_SETTINGS(load.aspas), .value = "FILE",
	 .help = "may be repeated; - is stdin"},
	{"role", .kind = OPTION_WORD, .parse = manrs_role_parse, .least = MANRS_ROLE_NONE + 1,
	 .at = offsetof(struct aspa, role), .value = "ROLE",
	 .help = "what the neighbour is to us: customer, peer, provider,\n"
		 "rs (a route server whose client we are) or rs-client\n"
		 "(a client of ours)",
	 .wrong = "%s: --role takes customer, peer, provider, rs or rs-client"},
	{"neighbour", .also = "neighbor", .kind = OPTION_ASN, .least = 1,
	 .at = offsetof(struct aspa, neighbour), .value = "ASN",
	 .help = "its AS number; without it the first AS is not compared",
	 .wrong = "%s: --neighbour takes an AS number"},
	{"confederation", .kind = OPTION_BIT, .bit = MANRS_ASPA_CONFED, .at = offsetof(struct aspa, flags),
	 .help = "strip the segments of our own confederation"},
	{"fail-on", .kind = OPTION_CALL, .call = take_states, .value = "LIST",
	 .help = "exit with 1 where a path is of LIST: invalid,unknown",
	 .wrong = "%s: --fail-on takes valid, invalid, unknown"},
	FORMAT_ROW("plain (default), csv, json, jsonl"),
	INPUT_ROW("the paths, or an MRT archive; - is stdin"),
	ASDOT_ROW,
	SHARED_ROWS,
};
/* clang-format on */

const struct verb verb_aspa = {
	.name = "aspa",
	.summary = "verify AS paths (ASPA)",
	.usage =
		"aspa --aspas FILE... --role ROLE [options] [PATH]\n\n"
		"Paths, one a line, the neighbour first: `64497 64496`, a set in {}, a blank line\n"
		"is the empty path. Without -i and PATH they come from stdin. ASPAs as JSON\n"
		"(rpki-client, Routinator) or lines of `customer TAB provider...`, 0 for AS0.\n"
		"Any file may be compressed.\n",
	.options = options,
	.size = sizeof(struct aspa),
	.formats = ROW_FORMATS,
	.asdot = ASDOT_FORMATS,
	.format = FORMAT_PLAIN,
	.run = aspa,
};
