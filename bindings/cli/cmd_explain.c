/* SPDX-License-Identifier: BSD-2-Clause */
/* manrs explain: why an announcement passes or fails, a sentence a test. */

#include "lines.h"
#include "rows.h"
#include "session.h"
#include "verdict_names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct explain {
	struct session session;
	struct rows rows;
	struct wanted tests;
	uint32_t neighbour; /* 0: not given */
	bool all;
	uint64_t malformed;
	char *path; /* as text */
	uint32_t *asn;
	uint8_t *kind;
	size_t cap;
};

static const char *const states[] = {"", "pass", "FAIL", "unknown"};

static void tell_plain(struct explain *e, int state, int test, const char *text)
{
	char line[64];

	snprintf(line, sizeof line, "  %-7s %-14s ", states[state], manrs_test_text(test));
	out_text(&e->rows.out, line);
	out_text(&e->rows.out, text);
	out_text(&e->rows.out, "\n");
}

static void put_prefix(struct explain *e, const manrs_announcement *a)
{
	if (manrs_prefix_check(&a->prefix) == MANRS_OK)
		out_prefix(&e->rows.out, &a->prefix);
}

static void tell_csv(struct explain *e, const manrs_announcement *a, const manrs_finding *f,
		     const char *text)
{
	put_prefix(e, a);
	out_text(&e->rows.out, ",");
	out_csv(&e->rows.out, e->path, strlen(e->path));
	out_text(&e->rows.out, ",");
	out_text(&e->rows.out, manrs_test_text((int)f->test));
	out_text(&e->rows.out, f->state == 1 ? ",pass," : f->state == 2 ? ",fail," : ",unknown,");
	out_text(&e->rows.out, manrs_code_text((int)f->code));
	out_text(&e->rows.out, ",");
	out_csv(&e->rows.out, text, strlen(text));
	out_text(&e->rows.out, "\n");
}

/* What a test found, unless it is not asked about. */
static void tell(struct explain *e, const manrs_announcement *a, int test, const char **before)
{
	char text[MANRS_EXPLAIN_MAX];
	manrs_finding f;
	int state = manrs_finding_get(e->session.set.db, &e->session.policy, a, test, &f);

	if (state <= 0 || !(e->tests.tests >> test & 1) || (!e->all && state == 1))
		return;
	if (in_json(&e->rows)) {
		manrs_explain_json(e->session.set.db, &e->session.policy, a, test, text,
				   sizeof text);
		out_text(&e->rows.out, *before);
		out_text(&e->rows.out, text);
		*before = ",";
		return;
	}
	manrs_explain(e->session.set.db, &e->session.policy, a, test, text, sizeof text);
	if (e->rows.format == FORMAT_CSV)
		tell_csv(e, a, &f, text);
	else
		tell_plain(e, state, test, text);
}

/* Once, as it says the same of every test. */
static void tell_malformed(struct explain *e)
{
	const char *words = "The announcement is malformed, so it fails every test [RFC 7606].";
	const char *code = manrs_code_text(MANRS_CODE_MALFORMED);
	char text[256];

	if (e->rows.format == FORMAT_PLAIN)
		snprintf(text, sizeof text, "  %-7s %-14s %s\n", states[2], code, words);
	else
		snprintf(text, sizeof text,
			 "{\"test\":\"any\",\"state\":\"fail\",\"code\":\"%s\",\"source\":\"RFC "
			 "7606\","
			 "\"text\":\"%s\"}",
			 code, words);
	out_text(&e->rows.out, text);
}

/* What there is to tell; of a malformed one that it is, but in csv, whose rows are of one test each. */
static void tell_all(struct explain *e, const manrs_announcement *a)
{
	const char *before = "";

	if ((a->flags & MANRS_ANNOUNCE_MALFORMED) && e->rows.format != FORMAT_CSV) {
		tell_malformed(e);
		return;
	}
	for (int test = 0; test < MANRS_TESTS; test++)
		tell(e, a, test, &before);
}

static void explain_plain(struct explain *e, const manrs_announcement *a)
{
	out_text(&e->rows.out, e->rows.any ? "\n" : "");
	e->rows.any = true;
	put_prefix(e, a);
	out_text(&e->rows.out, " path ");
	out_text(&e->rows.out, e->path);
	out_text(&e->rows.out, "\n");
	tell_all(e, a);
}

static void explain_json(struct explain *e, const manrs_announcement *a)
{
	row_start(&e->rows);
	out_text(&e->rows.out, "{\"prefix\":\"");
	put_prefix(e, a);
	out_text(&e->rows.out, "\",\"as_path\":\"");
	out_text(&e->rows.out, e->path);
	out_text(&e->rows.out, "\",\"findings\":[");
	tell_all(e, a);
	out_text(&e->rows.out, "]}");
	row_end(&e->rows);
}

/* Its path as text: "" when it cannot be read. */
static void format_path(struct explain *e, const manrs_announcement *a)
{
	size_t cap = 13 * ((size_t)a->path.n + 1);

	e->path = must_resize(e->path, cap, 1);
	if (manrs_path_format(&a->path, e->path, cap) < 0)
		*e->path = '\0';
}

static enum line_kind take(void *arg, const struct line *line, manrs_fault *fault)
{
	struct explain *e = arg;
	manrs_announcement a;
	int rc;

	if (e->cap < line->n / 2 + 1) {
		e->cap = line->n + 1;
		e->asn = must_resize(e->asn, e->cap, sizeof *e->asn);
		e->kind = must_resize(e->kind, e->cap, 1);
	}
	rc = session_announcement(&e->session, &a, e->asn, e->kind, e->cap, line, fault);
	if (rc == 0)
		return LINE_NOTHING;
	e->malformed += (a.flags & MANRS_ANNOUNCE_MALFORMED) != 0;
	format_path(e, &a);
	if (e->rows.format == FORMAT_CSV)
		tell_all(e, &a);
	else if (e->rows.format == FORMAT_PLAIN)
		explain_plain(e, &a);
	else
		explain_json(e, &a);
	return rc < 0 ? LINE_BAD : LINE_TAKEN;
}

/* Whether the arguments are one line, as files have them, and not PREFIX PATH. */
static bool is_line(int argc, char **argv)
{
	return argc == 1 && (argv[0][0] == '{' || strchr(argv[0], '|'));
}

/* As a JSON string has it: an argument ends no string and adds no member. */
static void put_escaped(FILE *to, const char *text)
{
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			putc('\\', to);
		putc(*text, to);
	}
}

/* PREFIX PATH... as the JSON that the reader takes; a line or an object as it is. returns: to be freed. */
static char *line_of_arguments(const struct explain *e, int argc, char **argv)
{
	char *text = NULL;
	size_t n = 0;
	FILE *to = open_memstream(&text, &n);

	if (!to)
		exit(complain_error(MANRS_ENOMEM));
	if (is_line(argc, argv)) {
		fputs(argv[0], to);
	} else {
		fputs("{\"prefix\":\"", to);
		put_escaped(to, argv[0]);
		fputs("\",\"as_path\":\"", to);
		for (int i = 1; i < argc; i++) {
			fputs(i > 1 ? " " : "", to);
			put_escaped(to, argv[i]);
		}
		fputs("\"", to);
		if (e->neighbour)
			fprintf(to, ",\"neighbour\":%u", e->neighbour);
		fputs("}", to);
	}
	fclose(to);
	return text;
}

static void explain_arguments(struct explain *e, struct lines *lines)
{
	char *text = line_of_arguments(e, e->session.s.argc, e->session.s.argv);

	lines_take(lines, &(struct line){text, strlen(text), 0, "the announcement"});
	free(text);
}

static bool answer(void *arg, struct input *in)
{
	struct explain *e = arg;
	struct lines lines = {.rule = take, .arg = e, .out = &e->rows.out};
	bool whole = true;

	rows_head(&e->rows, "prefix,path,test,state,code,text\n", "[\n");
	if (in)
		whole = lines_each(&lines, in);
	else
		explain_arguments(e, &lines);
	rows_foot(&e->rows, "]\n");
	if (!whole)
		out_spoil(&e->rows.out);
	free(e->asn);
	free(e->kind);
	free(e->path);
	return whole && !lines.bad && !e->malformed;
}

static int explain(void *self)
{
	struct explain *e = self;
	struct settings *s = &e->session.s;
	int status;

	e->rows.format = s->format;
	if (!e->tests.tests)
		e->tests.tests = MANRS_TESTS_ALL;
	if (s->argc && s->input)
		return usage_error(&verb_explain, "an announcement or -i FILE, not both");
	if (e->neighbour && (!s->argc || is_line(s->argc, s->argv)))
		return usage_error(&verb_explain,
				   "--neighbour goes with PREFIX PATH; a line names its own");
	if (!s->argc && !s->input)
		s->input = "-";
	status = session_open(&e->session);
	if (status == EXIT_DONE)
		status = rows_run(&e->rows, s->input, s->output, answer, e);
	session_close(&e->session);
	return status;
}

/* ---- options ---- */

static bool take_tests(void *self, const char *list)
{
	struct explain *e = self;

	e->all = true;
	return wanted_parse(&e->tests, list) && !e->tests.some_codes;
}

/* clang-format off */
static const struct option_row options[] = {
	SESSION_ROWS,
	{"neighbour", .also = "neighbor", .kind = OPTION_ASN, .least = 1,
	 .at = offsetof(struct explain, neighbour), .value = "ASN",
	 .help = "of PREFIX and PATH; else the first AS is not compared",
	 .wrong = "%s: --neighbour takes an AS number"},
	{"test", .kind = OPTION_CALL, .call = take_tests, .value = "LIST", .help = "for these tests",
	 .wrong = "%s: --test takes names of tests"},
	{"all", .kind = OPTION_FLAG, .at = offsetof(struct explain, all), .help = "for every test"},
	FORMAT_ROW("plain (default), csv, json, jsonl"),
	INPUT_ROW("the announcements; - or none: stdin"),
	NO_ASDOT_ROW,
	SHARED_ROWS,
};
/* clang-format on */

const struct verb verb_explain = {
	.name = "explain",
	.summary = "say why an announcement passes or fails",
	.usage =
		"explain " SESSION_USAGE "\n"
		"                     [PREFIX PATH...]\n\n"
		"One sentence for each test that failed or is unknown. The announcement as PREFIX\n"
		"and PATH (the neighbour first), as one line of `bgpdump -m` or one JSON object,\n"
		"or lines of a file.\n",
	.options = options,
	.size = sizeof(struct explain),
	.formats = ROW_FORMATS,
	.format = FORMAT_PLAIN,
	.run = explain,
};
