/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * manrs check: announcements against a policy, a row each, in order, and a summary. Announcements stream through in
 * batches whose hops lie in one arena, so the memory does not depend on how many they are. A line that cannot be read
 * is one finding, `malformed`, whatever tests it fails, and an error at the end.
 */

#include "session.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS  4096
#define ARENA (1u << 20) /* hops: more than those of the longest line */

struct check {
	struct session session;
	struct out out;
	enum format format;
	struct wanted fail_on;
	bool findings, rows, list;
	uint64_t total, malformed, bad;
	uint64_t by_test[MANRS_TESTS][3]; /* pass, fail, unknown */
	uint64_t by_code[MANRS_CODES];	  /* of fail and unknown */
	manrs_announcement a[ROWS];
	manrs_verdict v[ROWS];
	size_t n, hops;
	uint32_t *asn;
	uint8_t *kind;
	char *text;
};

enum { PASS, FAIL, UNKNOWN };
static const char *const states[] = {"pass", "fail", "unknown"};

/* ---- rows ---- */

static void put_prefix(struct check *c, const manrs_announcement *a)
{
	if (manrs_prefix_check(&a->prefix) == MANRS_OK)
		out_prefix(&c->out, &a->prefix);
	else
		out_text(&c->out, "-");
}

/* The path as text in c->text; "" when it cannot be read. */
static size_t path_text(struct check *c, const manrs_announcement *a)
{
	int n = manrs_path_format(&a->path, c->text, 13 * (size_t)ARENA);

	return n < 0 ? 0 : (size_t)n;
}

static bool is_malformed(const manrs_announcement *a)
{
	return a->flags & MANRS_ANNOUNCE_MALFORMED;
}

/* The codes of tests that did not pass; counted. */
static void put_codes(struct check *c, const manrs_announcement *a, uint64_t tests,
		      const char *between, bool failed)
{
	manrs_finding found[MANRS_TESTS];
	size_t n = tests ? manrs_findings(c->session.set.db, &c->session.policy, a, tests, found,
					  MANRS_TESTS)
			 : 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t code = found[i].code;

		c->by_code[code]++;
		c->findings |= failed && c->fail_on.codes[code];
		if (c->format == FORMAT_SUMMARY)
			continue;
		out_text(&c->out, i ? between : "");
		out_text(&c->out, manrs_code_text((int)code));
	}
}

/* The codes of tests that failed. A line that cannot be read is one finding, not one a test. */
static void put_failed(struct check *c, const manrs_announcement *a, const manrs_verdict *v,
		       const char *between)
{
	if (!is_malformed(a)) {
		put_codes(c, a, v->fail, between, true);
		return;
	}
	c->by_code[MANRS_CODE_MALFORMED]++;
	c->findings |= c->fail_on.tests || c->fail_on.codes[MANRS_CODE_MALFORMED];
	if (c->format != FORMAT_SUMMARY)
		out_text(&c->out, manrs_code_text(MANRS_CODE_MALFORMED));
}

static void row_plain(struct check *c, const manrs_announcement *a, const manrs_verdict *v)
{
	bool fail = v->fail || is_malformed(a);

	put_prefix(c, a);
	out_text(&c->out, " ");
	out_path(&c->out, c->text, path_text(c, a));
	if (fail) {
		out_text(&c->out, ": fail ");
		put_failed(c, a, v, ",");
	}
	if (v->unknown) {
		out_text(&c->out, fail ? "; unknown " : ": unknown ");
		put_codes(c, a, v->unknown, ",", false);
	}
	out_text(&c->out, fail || v->unknown ? "\n" : ": pass\n");
}

static void row_csv(struct check *c, const manrs_announcement *a, const manrs_verdict *v)
{
	put_prefix(c, a);
	out_text(&c->out, ",");
	if (!(a->flags & MANRS_ANNOUNCE_ANY_NEIGHBOUR))
		out_as_number(&c->out, a->neighbour_asn);
	out_text(&c->out, ",");
	out_csv_path(&c->out, c->text, path_text(c, a));
	out_text(&c->out, ",");
	put_failed(c, a, v, " ");
	out_text(&c->out, ",");
	put_codes(c, a, v->unknown, " ", false);
	out_text(&c->out, "\n");
}

static void put_names(struct check *c, uint64_t tests)
{
	const char *before = "\"";

	for (int test = 0; test < MANRS_TESTS; test++) {
		if (!(tests >> test & 1))
			continue;
		out_text(&c->out, before);
		out_text(&c->out, manrs_test_text(test));
		before = "\",\"";
	}
	out_text(&c->out, tests ? "\"" : "");
}

static void row_json(struct check *c, const manrs_announcement *a, const manrs_verdict *v)
{
	bool fail = v->fail || is_malformed(a);

	out_text(&c->out, "{\"prefix\":\"");
	put_prefix(c, a);
	if (!(a->flags & MANRS_ANNOUNCE_ANY_NEIGHBOUR)) {
		out_text(&c->out, "\",\"neighbour\":");
		out_number(&c->out, a->neighbour_asn);
		out_text(&c->out, ",\"as_path\":\"");
	} else {
		out_text(&c->out, "\",\"as_path\":\"");
	}
	out_bytes(&c->out, c->text, path_text(c, a));
	out_text(&c->out, fail ? "\",\"fail\":[\"" : "\",\"fail\":[");
	put_failed(c, a, v, "\",\"");
	out_text(&c->out, fail ? "\"],\"unknown\":[" : "],\"unknown\":[");
	out_text(&c->out, v->unknown ? "\"" : "");
	put_codes(c, a, v->unknown, "\",\"", false);
	out_text(&c->out, v->unknown ? "\"],\"pass\":[" : "],\"pass\":[");
	put_names(c, v->pass);
	out_text(&c->out, "]}");
}

static void row(struct check *c, const manrs_announcement *a, const manrs_verdict *v)
{
	switch (c->format) {
	case FORMAT_CSV:
		row_csv(c, a, v);
		break;
	case FORMAT_JSON:
		out_text(&c->out, c->rows ? ",\n" : "");
		row_json(c, a, v);
		break;
	case FORMAT_JSONL:
		row_json(c, a, v);
		out_text(&c->out, "\n");
		break;
	case FORMAT_SUMMARY:
		put_failed(c, a, v, "");
		put_codes(c, a, v->unknown, "", false);
		break;
	default:
		row_plain(c, a, v);
	}
	c->rows = true;
}

/* ---- the summary ---- */

static void count(struct check *c, const manrs_verdict *v)
{
	c->findings |= (v->fail & c->fail_on.tests) != 0;
	for (int test = 0; test < MANRS_TESTS; test++) {
		c->by_test[test][PASS] += v->pass >> test & 1;
		c->by_test[test][FAIL] += v->fail >> test & 1;
		c->by_test[test][UNKNOWN] += v->unknown >> test & 1;
	}
}

static bool ran(const struct check *c, int test)
{
	return c->by_test[test][PASS] || c->by_test[test][FAIL] || c->by_test[test][UNKNOWN];
}

static void table(struct check *c, FILE *to)
{
	fprintf(to, "\n%-16s %10s %10s %10s\n", "test", states[PASS], states[FAIL],
		states[UNKNOWN]);
	for (int test = 0; test < MANRS_TESTS; test++)
		if (ran(c, test))
			fprintf(to, "%-16s %10llu %10llu %10llu\n", manrs_test_text(test),
				(unsigned long long)c->by_test[test][PASS],
				(unsigned long long)c->by_test[test][FAIL],
				(unsigned long long)c->by_test[test][UNKNOWN]);
	fprintf(to, "\n%-28s %10s\n", "finding", "count");
	for (int code = 1; code < MANRS_CODES; code++)
		if (c->by_code[code])
			fprintf(to, "%-28s %10llu\n", manrs_code_text(code),
				(unsigned long long)c->by_code[code]);
	fprintf(to, "\n%llu announcements, %llu malformed\n", (unsigned long long)c->total,
		(unsigned long long)c->malformed);
}

static void table_out(struct check *c)
{
	char *text = NULL;
	size_t n = 0;
	FILE *to = open_memstream(&text, &n);

	if (!to)
		return;
	table(c, to);
	fclose(to);
	out_bytes(&c->out, text, n);
	free(text);
}

static void json_summary(struct check *c)
{
	const char *before = "";

	out_text(&c->out, "{\"announcements\":");
	out_number(&c->out, c->total);
	out_text(&c->out, ",\"malformed\":");
	out_number(&c->out, c->malformed);
	out_text(&c->out, ",\"tests\":{");
	for (int test = 0; test < MANRS_TESTS; test++) {
		if (!ran(c, test))
			continue;
		out_text(&c->out, before);
		out_text(&c->out, "\"");
		out_text(&c->out, manrs_test_text(test));
		for (int state = PASS; state <= UNKNOWN; state++) {
			out_text(&c->out, state ? ",\"" : "\":{\"");
			out_text(&c->out, states[state]);
			out_text(&c->out, "\":");
			out_number(&c->out, c->by_test[test][state]);
		}
		out_text(&c->out, "}");
		before = ",";
	}
	out_text(&c->out, "},\"findings\":{");
	before = "";
	for (int code = 1; code < MANRS_CODES; code++) {
		if (!c->by_code[code])
			continue;
		out_text(&c->out, before);
		out_text(&c->out, "\"");
		out_text(&c->out, manrs_code_text(code));
		out_text(&c->out, "\":");
		out_number(&c->out, c->by_code[code]);
		before = ",";
	}
	out_text(&c->out, "}}");
}

static void head(struct check *c)
{
	if (c->format == FORMAT_CSV)
		out_text(&c->out, "prefix,neighbour,path,fail,unknown\n");
	if (c->format == FORMAT_JSON)
		out_text(&c->out, "{\"announcements\":[\n");
}

/* A table would spoil CSV: there it goes to stderr. */
static void foot(struct check *c)
{
	switch (c->format) {
	case FORMAT_CSV:
		progress_clear();
		table(c, stderr);
		break;
	case FORMAT_JSON:
		out_text(&c->out, c->rows ? "\n],\n\"summary\":" : "],\n\"summary\":");
		json_summary(c);
		out_text(&c->out, "}\n");
		break;
	case FORMAT_JSONL:
		out_text(&c->out, "{\"summary\":");
		json_summary(c);
		out_text(&c->out, "}\n");
		break;
	default:
		table_out(c);
	}
}

/* ---- the run ---- */

static void flush(struct check *c)
{
	manrs_check(c->session.set.db, &c->session.policy, c->a, c->n, c->v);
	for (size_t i = 0; i < c->n; i++) {
		if (!is_malformed(&c->a[i])) /* those are counted by themselves */
			count(c, &c->v[i]);
		row(c, &c->a[i], &c->v[i]);
	}
	c->total += c->n;
	c->n = c->hops = 0;
	progress_items(c->total);
}

static void take(struct check *c, const char *text, size_t n, const char *file, uint64_t line)
{
	manrs_fault fault = {0};
	const char *why;
	int rc;

	if (c->n == ROWS || ARENA - c->hops < n / 2 + 1)
		flush(c);
	rc = manrs_announce_parse(&c->a[c->n], c->asn + c->hops, c->kind + c->hops, ARENA - c->hops,
				  text, n, &fault);
	if (rc == 0)
		return;
	if (rc < 0)
		complain_text(file, line, &fault, text, n);
	else if ((why = session_mark(&c->session, &c->a[c->n])))
		complain_at(file, line, "AS%u: %s", c->a[c->n].neighbour_asn, why);
	c->malformed += is_malformed(&c->a[c->n]);
	c->hops += c->a[c->n].path.n;
	c->n++;
}

static bool check_line(void *arg, const struct lines *at, const char *text, size_t n)
{
	struct check *c = arg;

	if (line_whole(at, text, &c->bad))
		take(c, text, n, input_name(at->in), at->number);
	return !c->out.failed;
}

static int run(struct check *c, const char *input, const char *output)
{
	struct input *in = input_open(input);
	bool good;

	if (!in)
		return EXIT_ERROR;
	if (!out_open(&c->out, output)) {
		input_close(in);
		return EXIT_ERROR;
	}
	c->asn = must_resize(NULL, ARENA, sizeof *c->asn);
	c->kind = must_resize(NULL, ARENA, 1);
	c->text = must_resize(NULL, ARENA, 13);
	head(c);
	good = lines_each(in, check_line, c);
	flush(c);
	foot(c);
	if (!good)
		out_spoil(&c->out);
	good &= !c->bad && !c->malformed;
	good &= out_close(&c->out);
	free(c->asn);
	free(c->kind);
	free(c->text);
	return !good ? EXIT_ERROR : c->findings ? EXIT_FINDINGS : EXIT_DONE;
}

/* ---- options ---- */

enum { OPT_FAIL = 256, OPT_LIST };

static const struct option options[] = {
	SESSION_OPTIONS,
	{"fail-on", required_argument, NULL, OPT_FAIL},
	{"list-tests", no_argument, NULL, OPT_LIST},
	SHARED_OPTIONS,
	{NULL, 0, NULL, 0},
};

static int option(void *arg, int which)
{
	struct check *c = arg;

	if (which == OPT_LIST) {
		c->list = true;
		return EXIT_DONE;
	}
	if (which != OPT_FAIL)
		return session_option(&c->session, which, optarg) ? EXIT_DONE : OPTION_OTHER;
	if (wanted_parse(&c->fail_on, optarg))
		return EXIT_DONE;
	return usage_error(&verb_check, "%s: --fail-on takes names of tests or findings, or any",
			   optarg);
}

static int cmd_check(int argc, char **argv)
{
	struct check *c = must_resize(NULL, 1, sizeof *c);
	struct settings s = {
		.verb = &verb_check,
		.options = options,
		.option = option,
		.arg = c,
		.formats = ROW_FORMATS | 1u << FORMAT_SUMMARY,
		.asdot = 1u << FORMAT_PLAIN | 1u << FORMAT_CSV,
		.format = FORMAT_PLAIN,
		.input = "-",
	};
	int status;

	memset(c, 0, sizeof *c);
	if (options_read(&s, argc, argv, &status)) {
		c->format = s.format;
		c->session.expiry = s.load.expiry;
		if (s.argc)
			status = usage_error(&verb_check,
					     "%s: announcements come by -i FILE or on stdin",
					     s.argv[0]);
		else if (c->list)
			status = list_tests(s.format, s.output);
		else if ((status = session_open(&c->session, &verb_check)) == EXIT_DONE)
			status = run(c, s.input, s.output);
	}
	session_close(&c->session);
	free(c);
	return status;
}

const struct verb verb_check = {
	"check",
	cmd_check,
	"hold announcements against a policy: every finding",
	"check " SESSION_USAGE "\n"
	"       manrs check --list-tests [-f FORMAT]\n\n"
	"Announcements, a line each: `bgpdump -m` (RIB or updates), or JSON objects\n"
	"with prefix, as_path, neighbour, next_hop, neighbour_address, otc, direction,\n"
	"learned_from, own, internal. The summary of csv goes to stderr.\n"
	"The tests, and --list-tests for what they ask and find: rov aspa irr\n"
	"bogon-prefix bogon-asn prefix-len path-loop path-set path-len path-reserved\n"
	"first-as next-hop otc leak peerlock transit-free never-via-rs origin-set\n"
	"prefix-list deny-list family.\n\n" SESSION_HELP
	"      --fail-on LIST     exit with 1 where one of LIST fails: names of tests, of\n"
	"                         findings (rov-invalid-as), or any\n"
	"      --list-tests       the tests and what they find\n"
	"  -f, --format FORMAT    plain (default), csv, json, jsonl, summary\n"
	"  -i, --input FILE       the announcements; - or none: stdin\n" ASDOT_HELP SHARED_HELP,
};
