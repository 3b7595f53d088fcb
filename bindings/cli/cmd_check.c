/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * manrs check: announcements against a policy, a row each, in order, and a summary. Announcements stream through in
 * batches whose hops lie in one arena, so the memory does not depend on how many they are. A line that cannot be read
 * is one finding, `malformed`, whatever tests it fails, and an error at the end.
 */

#include "check_tails.h"
#include "lines.h"
#include "mrt_read.h"
#include "progress.h"
#include "rows.h"
#include "session.h"
#include "verdict_names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS  4096
#define ARENA (1u << 20) /* hops: more than those of the longest line */

#define TALLIES 256
struct tally {
	manrs_verdict verdict;
	uint64_t n;
};

struct check {
	struct session session;
	struct rows rows;
	struct wanted fail_on;
	bool findings, list;
	uint64_t total, malformed, bad;   /* bad: of lines and records */
	struct tally tally[TALLIES];      /* not yet in by_test */
	uint64_t by_test[MANRS_TESTS][3]; /* pass, fail, unknown */
	uint64_t by_code[MANRS_CODES];    /* of fail and unknown */
	manrs_announcement a[ROWS];
	size_t n, hops;
	/* Of a batch. */
	manrs_verdict *v;
	uint8_t (*codes)[MANRS_TESTS];
	size_t cap;
	struct tails tails;
	/* The last prefix of an archive as text: the entries of a record have it in common. */
	manrs_prefix prefix;
	size_t n_prefix;
	char prefix_text[MANRS_PREFIX_TEXT];
	uint64_t clears;
	uint64_t strangers; /* external routes where the session is internal */
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
		out_prefix(&c->rows.out, &a->prefix);
	else
		out_text(&c->rows.out, "-");
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

/* The codes of those tests that did not pass; counted. */
static void put_codes(struct check *c, const uint8_t *codes, uint64_t tests, const char *between,
		      bool failed)
{
	const char *before = "";

	for (; tests; tests &= tests - 1) {
		int code = codes[__builtin_ctzll(tests)];

		c->by_code[code]++;
		c->findings |= failed && c->fail_on.codes[code];
		if (c->rows.format == FORMAT_SUMMARY)
			continue;
		out_text(&c->rows.out, before);
		out_text(&c->rows.out, manrs_code_text(code));
		before = between;
	}
}

/* The codes of tests that failed. A line that cannot be read is one finding, not one a test. */
static void put_failed(struct check *c, const manrs_announcement *a, const manrs_verdict *v,
		       const uint8_t *codes, const char *between)
{
	if (!is_malformed(a)) {
		put_codes(c, codes, v->fail, between, true);
		return;
	}
	c->by_code[MANRS_CODE_MALFORMED]++;
	c->findings |= c->fail_on.tests || c->fail_on.codes[MANRS_CODE_MALFORMED];
	if (c->rows.format != FORMAT_SUMMARY)
		out_text(&c->rows.out, manrs_code_text(MANRS_CODE_MALFORMED));
}

static void row_plain(struct check *c, const manrs_announcement *a, const manrs_verdict *v,
		      const uint8_t *codes)
{
	bool fail = v->fail || is_malformed(a);

	put_prefix(c, a);
	out_text(&c->rows.out, " ");
	out_path(&c->rows.out, c->text, path_text(c, a));
	if (fail) {
		out_text(&c->rows.out, ": fail ");
		put_failed(c, a, v, codes, ",");
	}
	if (v->unknown) {
		out_text(&c->rows.out, fail ? "; unknown " : ": unknown ");
		put_codes(c, codes, v->unknown, ",", false);
	}
	out_text(&c->rows.out, fail || v->unknown ? "" : ": pass");
}

/* Behind the prefix. */
static void tail_csv(struct check *c, const manrs_announcement *a, const manrs_verdict *v,
		     const uint8_t *codes)
{
	out_text(&c->rows.out, ",");
	if (!(a->flags & MANRS_ANNOUNCE_ANY_NEIGHBOUR))
		out_as_number(&c->rows.out, a->neighbour_asn);
	out_text(&c->rows.out, ",");
	out_csv_path(&c->rows.out, c->text, path_text(c, a));
	out_text(&c->rows.out, ",");
	put_failed(c, a, v, codes, " ");
	out_text(&c->rows.out, ",");
	put_codes(c, codes, v->unknown, " ", false);
}

static void row_csv(struct check *c, const manrs_announcement *a, const manrs_verdict *v,
		    const uint8_t *codes)
{
	put_prefix(c, a);
	tail_csv(c, a, v, codes);
}

static void put_prefix_again(struct check *c, const manrs_announcement *a)
{
	struct out *out = &c->rows.out;
	const char *at = out_room(out, sizeof c->prefix_text);
	size_t before = out->n;

	if (c->n_prefix && !memcmp(&c->prefix, &a->prefix, sizeof c->prefix)) {
		out_bytes(out, c->prefix_text, c->n_prefix);
		return;
	}
	put_prefix(c, a);
	c->prefix = a->prefix;
	c->n_prefix = out->n - before;
	memcpy(c->prefix_text, at, c->n_prefix);
}

/* What is counted of a row whose tail was written before. */
static void count_codes(struct check *c, const uint8_t *codes, uint64_t tests)
{
	for (; tests; tests &= tests - 1)
		c->by_code[codes[__builtin_ctzll(tests)]]++;
}

#define TAIL_ROOM 4096 /* bytes that a tail of so many hops has at most */
#define TAIL_HOPS 256

/* A row of CSV whose tail may have been written before. */
static void row_again(struct check *c, const manrs_announcement *a, const manrs_verdict *v,
		      const uint8_t *codes, uint32_t path)
{
	struct out *out = &c->rows.out;
	struct tail_key key;
	struct tail *tail = NULL;
	size_t at;

	put_prefix_again(c, a);
	if (!is_malformed(a) && a->path.n <= TAIL_HOPS) {
		tail_key_of(&key, a, v, codes);
		tail = tail_of(&c->tails, path, &key);
	}
	if (tail && tail->n) {
		out_bytes(out, c->tails.text + tail->at, tail->n);
		count_codes(c, codes, v->fail | v->unknown);
		return;
	}
	out_room(out, TAIL_ROOM); /* so that the text stays in one piece */
	at = out->n;
	tail_csv(c, a, v, codes);
	out_text(out, "\n");
	if (tail && out->n > at)
		tail_keep(&c->tails, tail, out->buf + at, out->n - at);
}

static void put_names(struct check *c, uint64_t tests)
{
	const char *before = "\"";

	for (int test = 0; test < MANRS_TESTS; test++) {
		if (!(tests >> test & 1))
			continue;
		out_text(&c->rows.out, before);
		out_text(&c->rows.out, manrs_test_text(test));
		before = "\",\"";
	}
	out_text(&c->rows.out, tests ? "\"" : "");
}

static void row_json(struct check *c, const manrs_announcement *a, const manrs_verdict *v,
		     const uint8_t *codes)
{
	bool fail = v->fail || is_malformed(a);

	out_text(&c->rows.out, "{\"prefix\":\"");
	put_prefix(c, a);
	if (!(a->flags & MANRS_ANNOUNCE_ANY_NEIGHBOUR)) {
		out_text(&c->rows.out, "\",\"neighbour\":");
		out_number(&c->rows.out, a->neighbour_asn);
		out_text(&c->rows.out, ",\"as_path\":\"");
	} else {
		out_text(&c->rows.out, "\",\"as_path\":\"");
	}
	out_bytes(&c->rows.out, c->text, path_text(c, a));
	out_text(&c->rows.out, fail ? "\",\"fail\":[\"" : "\",\"fail\":[");
	put_failed(c, a, v, codes, "\",\"");
	out_text(&c->rows.out, fail ? "\"],\"unknown\":[" : "],\"unknown\":[");
	out_text(&c->rows.out, v->unknown ? "\"" : "");
	put_codes(c, codes, v->unknown, "\",\"", false);
	out_text(&c->rows.out, v->unknown ? "\"],\"pass\":[" : "],\"pass\":[");
	put_names(c, v->pass);
	out_text(&c->rows.out, "]}");
}

static void row(struct check *c, const manrs_announcement *a, const manrs_verdict *v,
		const uint8_t *codes)
{
	if (c->rows.format == FORMAT_SUMMARY) {
		put_failed(c, a, v, codes, "");
		put_codes(c, codes, v->unknown, "", false);
		return;
	}
	row_start(&c->rows);
	if (c->rows.format == FORMAT_PLAIN)
		row_plain(c, a, v, codes);
	else if (c->rows.format == FORMAT_CSV)
		row_csv(c, a, v, codes);
	else
		row_json(c, a, v, codes);
	row_end(&c->rows);
}

/* ---- the summary ---- */

/* Verdicts that were counted together: there are few that differ. */
static void count_out(struct check *c, struct tally *t)
{
	const manrs_verdict *v = &t->verdict;

	c->findings |= t->n && (v->fail & c->fail_on.tests);
	for (int test = 0; test < MANRS_TESTS; test++) {
		c->by_test[test][PASS] += (v->pass >> test & 1) * t->n;
		c->by_test[test][FAIL] += (v->fail >> test & 1) * t->n;
		c->by_test[test][UNKNOWN] += (v->unknown >> test & 1) * t->n;
	}
	t->n = 0;
}

static void count_all(struct check *c)
{
	for (size_t i = 0; i < TALLIES; i++)
		count_out(c, &c->tally[i]);
}

static void count(struct check *c, const manrs_verdict *v)
{
	uint64_t mix = (v->fail * 3 + v->unknown) * UINT64_C(0x9e3779b97f4a7c15);
	struct tally *t = &c->tally[mix >> 32 & (TALLIES - 1)];

	if (t->verdict.fail != v->fail || t->verdict.unknown != v->unknown ||
	    t->verdict.pass != v->pass) {
		count_out(c, t);
		t->verdict = *v;
	}
	t->n++;
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
		exit(complain_error(MANRS_ENOMEM));
	table(c, to);
	fclose(to);
	out_bytes(&c->rows.out, text, n);
	free(text);
}

/* "name":{"pass":1,"fail":0,"unknown":0} of each test that ran. */
static void json_tests(struct check *c)
{
	struct out *out = &c->rows.out;
	const char *before = "\"";

	for (int test = 0; test < MANRS_TESTS; test++) {
		if (!ran(c, test))
			continue;
		out_text(out, before);
		out_text(out, manrs_test_text(test));
		for (int state = PASS; state <= UNKNOWN; state++) {
			out_text(out, state ? ",\"" : "\":{\"");
			out_text(out, states[state]);
			out_text(out, "\":");
			out_number(out, c->by_test[test][state]);
		}
		out_text(out, "}");
		before = ",\"";
	}
}

static void json_codes(struct check *c)
{
	struct out *out = &c->rows.out;
	const char *before = "\"";

	for (int code = 1; code < MANRS_CODES; code++) {
		if (!c->by_code[code])
			continue;
		out_text(out, before);
		out_text(out, manrs_code_text(code));
		out_text(out, "\":");
		out_number(out, c->by_code[code]);
		before = ",\"";
	}
}

static void json_summary(struct check *c)
{
	struct out *out = &c->rows.out;

	out_text(out, "{\"announcements\":");
	out_number(out, c->total);
	out_text(out, ",\"malformed\":");
	out_number(out, c->malformed);
	out_text(out, ",\"tests\":{");
	json_tests(c);
	out_text(out, "},\"findings\":{");
	json_codes(c);
	out_text(out, "}}}\n");
}

/* A table would spoil CSV: there it goes to stderr. */
static void foot(struct check *c)
{
	count_all(c);
	rows_foot(&c->rows, "],\n\"summary\":");
	if (c->rows.format == FORMAT_CSV) {
		progress_clear();
		table(c, stderr);
	} else if (in_json(&c->rows)) {
		out_text(&c->rows.out, c->rows.format == FORMAT_JSONL ? "{\"summary\":" : "");
		json_summary(c);
	} else {
		table_out(c);
	}
}

/* ---- the run ---- */

static void room_for(struct check *c, size_t n)
{
	if (n <= c->cap)
		return;
	c->cap = n;
	c->v = must_resize(c->v, n, sizeof *c->v);
	c->codes = must_resize(c->codes, n, sizeof *c->codes);
}

/* notes: of an archive, else NULL. */
static void judge(struct check *c, const manrs_announcement *a, const manrs_mrt_note *notes,
		  size_t n)
{
	bool again = notes && c->rows.format == FORMAT_CSV;

	room_for(c, n);
	manrs_check_codes(c->session.set.db, &c->session.policy, a, n, c->v, (uint8_t *)c->codes,
			  MANRS_TESTS);
	for (size_t i = 0; i < n; i++) {
		if (!is_malformed(&a[i])) /* those are counted by themselves */
			count(c, &c->v[i]);
		if (again && i + 16 < n)
			tail_ahead(&c->tails, notes[i + 16].path, notes[i + 8].path);
		if (again)
			row_again(c, &a[i], &c->v[i], c->codes[i], notes[i].path);
		else
			row(c, &a[i], &c->v[i], c->codes[i]);
	}
	c->total += n;
}

static void flush(void *arg)
{
	struct check *c = arg;

	judge(c, c->a, NULL, c->n);
	c->n = c->hops = 0;
}

static enum line_kind take(void *arg, const struct line *line, manrs_fault *fault)
{
	struct check *c = arg;
	int rc;

	if (c->n == ROWS || ARENA - c->hops < line->n / 2 + 1)
		flush(c);
	rc = session_announcement(&c->session, &c->a[c->n], c->asn + c->hops, c->kind + c->hops,
				  ARENA - c->hops, line, fault);
	if (rc == 0)
		return LINE_NOTHING;
	c->malformed += is_malformed(&c->a[c->n]);
	c->hops += c->a[c->n].path.n;
	c->n++;
	return rc < 0 ? LINE_BAD : LINE_TAKEN;
}

static bool answer_lines(struct check *c, struct input *in)
{
	struct lines lines = {.rule = take, .arg = c, .out = &c->rows.out, .idle = flush};
	bool whole = lines_each(&lines, in);

	flush(c);
	c->bad = lines.bad;
	return whole;
}

/* ---- MRT ---- */

static void take_batch(void *arg, const struct mrt_batch *batch)
{
	struct check *c = arg;

	if (c->clears != batch->clears)
		tails_forget(&c->tails);
	c->clears = batch->clears;
	for (size_t i = 0; i < batch->n; i++) {
		if (!session_has(&c->session, &batch->at[i]) && !c->strangers++)
			complain("AS%u: " NOT_INTERNAL, batch->at[i].neighbour_asn);
		c->malformed += is_malformed(&batch->at[i]);
	}
	judge(c, batch->at, batch->note, batch->n);
}

static bool answer_archive(struct check *c, struct input *in)
{
	struct mrt_read read = {.take = take_batch, .arg = c, .out = &c->rows.out};
	bool whole;

	whole = mrt_each(&read, in);
	if (c->strangers > 1)
		complain_at(read.name, 0, "%llu announcements: " NOT_INTERNAL,
			    (unsigned long long)c->strangers);
	c->bad = read.bad + read.lost;
	tails_free(&c->tails);
	return whole;
}

static bool answer(void *arg, struct input *in)
{
	struct check *c = arg;
	bool whole;

	c->asn = must_resize(NULL, ARENA, sizeof *c->asn);
	c->kind = must_resize(NULL, ARENA, 1);
	c->text = must_resize(NULL, ARENA, 13);
	rows_head(&c->rows, "prefix,neighbour,path,fail,unknown\n", "{\"announcements\":[\n");
	whole = input_is_mrt(in) ? answer_archive(c, in) : answer_lines(c, in);
	foot(c);
	if (!whole)
		out_spoil(&c->rows.out);
	free(c->v);
	free(c->codes);
	free(c->asn);
	free(c->kind);
	free(c->text);
	return whole && !c->bad && !c->malformed;
}

static int check(void *self)
{
	struct check *c = self;
	struct settings *s = &c->session.s;
	int status;

	c->rows.format = s->format;
	if (s->argc)
		return usage_error(&verb_check, "%s: announcements come by -i FILE or on stdin",
				   s->argv[0]);
	if (c->list)
		return list_tests(s->format, s->output);
	if (!s->input)
		s->input = "-";
	status = session_open(&c->session);
	if (status == EXIT_DONE)
		status = rows_run(&c->rows, s->input, s->output, answer, c);
	session_close(&c->session);
	return status == EXIT_DONE && c->findings ? EXIT_FINDINGS : status;
}

/* ---- options ---- */

static bool take_fail_on(void *self, const char *list)
{
	return wanted_parse(&((struct check *)self)->fail_on, list);
}

/* clang-format off */
static const struct option_row options[] = {
	SESSION_ROWS,
	{"fail-on", .kind = OPTION_CALL, .call = take_fail_on, .value = "LIST",
	 .help = "exit with 1 where one of LIST fails: names of tests, of\n"
		 "findings (rov-invalid-as), or any",
	 .wrong = "%s: --fail-on takes names of tests or findings, or any"},
	{"list-tests", .kind = OPTION_FLAG, .at = offsetof(struct check, list),
	 .help = "the tests and what they find"},
	FORMAT_ROW("plain (default), csv, json, jsonl, summary"),
	INPUT_ROW("the announcements; - or none: stdin"),
	ASDOT_ROW,
	SHARED_ROWS,
};
/* clang-format on */

const struct verb verb_check = {
	.name = "check",
	.summary = "hold announcements against a policy: every finding",
	.usage = "check " SESSION_USAGE "\n"
		 "       manrs check --list-tests [-f FORMAT]\n\n"
		 "Announcements, a line each: `bgpdump -m` (RIB or updates), or JSON objects\n"
		 "with prefix, as_path, neighbour, next_hop, neighbour_address, otc, direction,\n"
		 "learned_from, own, internal. The summary of csv goes to stderr.\n"
		 "The tests, and --list-tests for what they ask and find: rov aspa irr\n"
		 "bogon-prefix bogon-asn prefix-len path-loop path-set path-len path-reserved\n"
		 "first-as next-hop otc leak peerlock transit-free never-via-rs origin-set\n"
		 "prefix-list deny-list family.\n",
	.options = options,
	.size = sizeof(struct check),
	.formats = ROW_FORMATS | 1u << FORMAT_SUMMARY,
	.asdot = ASDOT_FORMATS,
	.format = FORMAT_PLAIN,
	.run = check,
};
