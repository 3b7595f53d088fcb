/* SPDX-License-Identifier: BSD-2-Clause */
/* manrs explain: why an announcement passes or fails, a sentence a test. */

#include "session.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct explain {
	struct session session;
	struct out out;
	enum format format;
	struct wanted tests;
	char neighbour[16]; /* the number; "": not given */
	bool all, findings, rows;
	uint64_t bad;
	char *path; /* as text, for the rows of csv */
	uint32_t *asn;
	uint8_t *kind;
	size_t cap;
};

static const char *const states[] = {"", "pass", "FAIL", "unknown"};

static void tell_plain(struct explain *e, int state, int test, const char *text)
{
	char line[64];

	snprintf(line, sizeof line, "  %-7s %-14s ", states[state], manrs_test_text(test));
	out_text(&e->out, line);
	out_text(&e->out, text);
	out_text(&e->out, "\n");
}

static void tell_csv(struct explain *e, const manrs_announcement *a, const manrs_finding *f,
		     const char *text)
{
	if (manrs_prefix_check(&a->prefix) == MANRS_OK)
		out_prefix(&e->out, &a->prefix);
	out_text(&e->out, ",");
	out_csv(&e->out, e->path, strlen(e->path));
	out_text(&e->out, ",");
	out_text(&e->out, manrs_test_text((int)f->test));
	out_text(&e->out, f->state == 1 ? ",pass," : f->state == 2 ? ",fail," : ",unknown,");
	out_text(&e->out, manrs_code_text((int)f->code));
	out_text(&e->out, ",");
	out_csv(&e->out, text, strlen(text));
	out_text(&e->out, "\n");
}

/* What a test found, unless it is not asked about. */
static void tell(struct explain *e, const manrs_announcement *a, int test, const char **before)
{
	char text[MANRS_EXPLAIN_MAX];
	manrs_finding f;
	int state = manrs_finding_get(e->session.set.db, &e->session.policy, a, test, &f);

	if (state <= 0 || !(e->tests.tests >> test & 1) || (!e->all && state == 1))
		return;
	e->findings |= state == 2;
	if (e->format == FORMAT_CSV) {
		manrs_explain(e->session.set.db, &e->session.policy, a, test, text, sizeof text);
		tell_csv(e, a, &f, text);
		return;
	}
	if (e->format == FORMAT_PLAIN) {
		manrs_explain(e->session.set.db, &e->session.policy, a, test, text, sizeof text);
		tell_plain(e, state, test, text);
		return;
	}
	manrs_explain_json(e->session.set.db, &e->session.policy, a, test, text, sizeof text);
	out_text(&e->out, *before);
	out_text(&e->out, text);
	*before = ",";
}

/* Once, as it says the same of every test. */
static void tell_malformed(struct explain *e)
{
	const char *words = "The announcement is malformed, so it fails every test [RFC 7606].";
	const char *code = manrs_code_text(MANRS_CODE_MALFORMED);
	char text[256];

	if (e->format == FORMAT_PLAIN)
		snprintf(text, sizeof text, "  %-7s %-14s %s\n", states[2], code, words);
	else
		snprintf(text, sizeof text,
			 "{\"test\":\"any\",\"state\":\"fail\",\"code\":\"%s\",\"source\":\"RFC "
			 "7606\","
			 "\"text\":\"%s\"}",
			 code, words);
	out_text(&e->out, text);
}

static void title(struct explain *e, const manrs_announcement *a)
{
	char *text = must_resize(NULL, a->path.n + 1, 13);

	if (manrs_prefix_check(&a->prefix) == MANRS_OK)
		out_prefix(&e->out, &a->prefix);
	if (e->format != FORMAT_PLAIN)
		out_text(&e->out, "\",\"as_path\":\"");
	else
		out_text(&e->out, " path ");
	if (manrs_path_format(&a->path, text, 13 * ((size_t)a->path.n + 1)) > 0)
		out_text(&e->out, text);
	free(text);
}

/* A row a test. */
static void explain_csv(struct explain *e, const manrs_announcement *a)
{
	const char *before = "";
	size_t cap = 13 * ((size_t)a->path.n + 1);

	e->path = must_resize(NULL, cap, 1);
	if (manrs_path_format(&a->path, e->path, cap) < 0)
		*e->path = '\0';
	for (int test = 0; test < MANRS_TESTS; test++)
		tell(e, a, test, &before);
	free(e->path);
}

static void explain(struct explain *e, const manrs_announcement *a)
{
	const char *before = "";

	if (e->format == FORMAT_CSV) {
		explain_csv(e, a);
		return;
	}
	if (e->format == FORMAT_PLAIN) {
		out_text(&e->out, e->rows ? "\n" : "");
	} else {
		out_text(&e->out, e->format == FORMAT_JSON && e->rows ? ",\n" : "");
		out_text(&e->out, "{\"prefix\":\"");
	}
	title(e, a);
	out_text(&e->out, e->format == FORMAT_PLAIN ? "\n" : "\",\"findings\":[");
	if (a->flags & MANRS_ANNOUNCE_MALFORMED)
		tell_malformed(e);
	for (int test = 0; test < MANRS_TESTS && !(a->flags & MANRS_ANNOUNCE_MALFORMED); test++)
		tell(e, a, test, &before);
	if (e->format != FORMAT_PLAIN)
		out_text(&e->out, e->format == FORMAT_JSONL ? "]}\n" : "]}");
	e->rows = true;
}

static void take(struct explain *e, const char *text, size_t n, const char *file, uint64_t line)
{
	manrs_announcement a;
	manrs_fault fault = {0};
	const char *why;
	int rc;

	if (e->cap < n / 2 + 1) {
		e->cap = n + 1;
		e->asn = must_resize(e->asn, e->cap, sizeof *e->asn);
		e->kind = must_resize(e->kind, e->cap, 1);
	}
	rc = manrs_announce_parse(&a, e->asn, e->kind, e->cap, text, n, &fault);
	if (rc < 0)
		complain_text(file, line, &fault, text, n);
	else if (rc > 0 && (why = session_mark(&e->session, &a)))
		complain_at(file, line, "AS%u: %s", a.neighbour_asn, why);
	e->bad += (a.flags & MANRS_ANNOUNCE_MALFORMED) != 0;
	if (rc != 0)
		explain(e, &a);
}

static bool explain_line(void *arg, const struct lines *at, const char *text, size_t n)
{
	struct explain *e = arg;

	if (line_whole(at, text, &e->bad))
		take(e, text, n, input_name(at->in), at->number);
	return !e->out.failed;
}

/* PREFIX PATH... as the JSON that the reader takes. */
static void explain_arguments(struct explain *e, int argc, char **argv)
{
	const char *neighbour = e->neighbour;
	size_t n = 96 + strlen(neighbour);
	char *text;
	int at;

	for (int i = 0; i < argc; i++)
		n += strlen(argv[i]) + 1;
	text = must_resize(NULL, n, 1);
	if (argc == 1 && (argv[0][0] == '{' || strchr(argv[0], '|'))) {
		at = snprintf(text, n, "%s", argv[0]);
	} else {
		at = snprintf(text, n, "{\"prefix\":\"%s\",\"as_path\":\"", argv[0]);
		for (int i = 1; i < argc; i++)
			at += snprintf(text + at, n - (size_t)at, "%s%s", i > 1 ? " " : "",
				       argv[i]);
		at += snprintf(text + at, n - (size_t)at, "\"%s%s}",
			       *neighbour ? ",\"neighbour\":" : "", neighbour);
	}
	take(e, text, (size_t)at, "the announcement", 0);
	free(text);
}

enum { OPT_TEST = 256, OPT_ALL, OPT_NEIGHBOUR };

static const struct option options[] = {
	SESSION_OPTIONS,
	{"test", required_argument, NULL, OPT_TEST},
	{"all", no_argument, NULL, OPT_ALL},
	{"neighbour", required_argument, NULL, OPT_NEIGHBOUR},
	{"neighbor", required_argument, NULL, OPT_NEIGHBOUR},
	SHARED_OPTIONS,
	{NULL, 0, NULL, 0},
};

static int option(void *arg, int which)
{
	struct explain *e = arg;
	uint32_t asn = 0;

	switch (which) {
	case OPT_TEST:
		e->all = true;
		if (wanted_parse(&e->tests, optarg) && !e->tests.some_codes)
			return EXIT_DONE;
		return usage_error(&verb_explain, "%s: --test takes names of tests", optarg);
	case OPT_ALL:
		e->all = true;
		return EXIT_DONE;
	case OPT_NEIGHBOUR:
		if (manrs_asn_parse(&asn, optarg, strlen(optarg), NULL) == MANRS_OK && asn) {
			snprintf(e->neighbour, sizeof e->neighbour, "%u", asn);
			return EXIT_DONE;
		}
		return usage_error(&verb_explain, "%s: --neighbour takes an AS number", optarg);
	}
	return session_option(&e->session, which, optarg) ? EXIT_DONE : OPTION_OTHER;
}

static int run(struct explain *e, const struct settings *s)
{
	bool good = true;

	if (!out_open(&e->out, s->output))
		return EXIT_ERROR;
	if (e->format == FORMAT_CSV)
		out_text(&e->out, "prefix,path,test,state,code,text\n");
	out_text(&e->out, e->format == FORMAT_JSON ? "[\n" : "");
	if (s->argc)
		explain_arguments(e, s->argc, s->argv);
	else
		good = lines_each(input_open(s->input ? s->input : "-"), explain_line, e);
	out_text(&e->out, e->format == FORMAT_JSON ? "\n]\n" : "");
	if (!good)
		out_spoil(&e->out);
	good &= out_close(&e->out);
	free(e->asn);
	free(e->kind);
	return good && !e->bad ? EXIT_DONE : EXIT_ERROR;
}

static int cmd_explain(int argc, char **argv)
{
	struct explain *e = must_resize(NULL, 1, sizeof *e);
	struct settings s = {
		.verb = &verb_explain,
		.options = options,
		.option = option,
		.arg = e,
		.formats = ROW_FORMATS,
		.format = FORMAT_PLAIN,
	};
	int status;

	memset(e, 0, sizeof *e);
	if (options_read(&s, argc, argv, &status)) {
		e->format = s.format;
		e->session.expiry = s.load.expiry;
		if (!e->tests.tests)
			e->tests.tests = MANRS_TESTS_ALL;
		if (s.argc && s.input)
			status = usage_error(&verb_explain, "an announcement or -i FILE, not both");
		else if ((status = session_open(&e->session, &verb_explain)) == EXIT_DONE)
			status = run(e, &s);
	}
	session_close(&e->session);
	free(e);
	return status;
}

const struct verb verb_explain = {
	"explain",
	cmd_explain,
	"say why an announcement passes or fails",
	"explain " SESSION_USAGE "\n"
	"                     [PREFIX PATH...]\n\n"
	"One sentence for each test that failed or is unknown. The announcement as PREFIX\n"
	"and PATH (the neighbour first), as one line of `bgpdump -m` or one JSON object,\n"
	"or lines of a file.\n\n" SESSION_HELP
	"      --neighbour ASN    of PREFIX and PATH; else the first AS is not compared\n"
	"      --test LIST        for these tests\n"
	"      --all              for every test\n"
	"  -f, --format FORMAT    plain (default), csv, json, jsonl\n"
	"  -i, --input FILE       the announcements; - or none: stdin\n" SHARED_HELP,
};
