/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The loop over lines. A line that lies whole in one chunk of the input is given where it stands; one that goes over its end
 * is held until its own end comes, or is skipped when it grows past LINE_LIMIT.
 */

#include "lines.h"

#include "progress.h"

#include <stdlib.h>
#include <string.h>

struct reader {
	struct input *in;
	const char *at, *end; /* what is left of the last chunk */
	char *held;           /* a line that began in an earlier chunk */
	size_t n_held, cap_held;
	bool skipping, ended;
};

/* Keep part of a line until its end comes; past the limit it is only skipped. */
static void hold(struct reader *r, const char *text, size_t n)
{
	if (r->skipping || n > LINE_LIMIT - r->n_held) {
		r->skipping = true;
		r->n_held = 0;
		return;
	}
	if (r->cap_held - r->n_held < n) {
		r->cap_held = 2 * (r->n_held + n);
		r->held = must_resize(r->held, r->cap_held, 1);
	}
	if (n)
		memcpy(r->held + r->n_held, text, n);
	r->n_held += n;
}

/* What was held is the line; one too long has no text. */
static void take_held(struct reader *r, struct line *line)
{
	line->text = r->skipping ? NULL : r->held;
	line->n = r->n_held;
	r->skipping = false;
	r->n_held = 0;
}

/* Up to the end of a line in the chunk at hand. returns: false: there is none, all of it is held. */
static bool take_chunk(struct reader *r, struct line *line)
{
	size_t left = (size_t)(r->end - r->at);
	const char *end = left ? memchr(r->at, '\n', left) : NULL;

	line->text = r->at;
	line->n = end ? (size_t)(end - r->at) : left;
	if (end)
		r->at = end + 1;
	if (end && !r->n_held && !r->skipping)
		return true;
	hold(r, line->text, line->n);
	if (end)
		take_held(r, line);
	return end;
}

/* The next line with its CR or mark still on. returns: 1, 0 at the end, -1: said why. */
static int next_raw(struct reader *r, struct line *line)
{
	ptrdiff_t got;

	while (!take_chunk(r, line)) {
		got = r->ended ? 0 : input_read(r->in, &r->at);
		if (got < 0)
			return -1;
		r->end = got ? r->at + got : r->at;
		if (got)
			continue;
		r->ended = true;
		r->at = r->end = NULL;
		if (!r->n_held && !r->skipping)
			return 0;
		complain_at(input_name(r->in), line->number + 1,
			    "warning: the last line has no end: the file may have been cut");
		take_held(r, line);
		return 1;
	}
	return 1;
}

static int next(struct reader *r, struct line *line)
{
	int rc = next_raw(r, line);

	if (rc <= 0)
		return rc;
	line->number++;
	if (!line->text) {
		line->n = 0;
		return 1;
	}
	if (line->number == 1 && line->n >= 3 && !memcmp(line->text, "\xef\xbb\xbf", 3)) {
		line->text += 3; /* a byte order mark */
		line->n -= 3;
	}
	line->n -= line->n && line->text[line->n - 1] == '\r';
	return 1;
}

void lines_take(struct lines *lines, const struct line *line)
{
	manrs_fault fault = {0};
	enum line_kind kind = LINE_BAD;

	if (line->text)
		kind = lines->rule(lines->arg, line, &fault);
	lines->taken += kind == LINE_TAKEN;
	if (kind != LINE_BAD)
		return;
	lines->bad++;
	if (!line->text)
		complain_at(line->file, line->number, "byte 1: the line is too long");
	else if (!lines->told || lines->bad <= lines->told)
		complain_text(line->file, line->number, &fault, line->text, line->n);
}

static void before_wait(void *arg)
{
	struct lines *lines = arg;

	if (lines->idle)
		lines->idle(lines->arg);
	out_flush(lines->out);
}

bool lines_each(struct lines *lines, struct input *in)
{
	struct reader reader = {.in = in};
	struct line line = {0};
	int rc = 0;

	if (!in)
		return false;
	line.file = lines->name = input_name(in);
	if (lines->out)
		input_idle(in, before_wait, lines);
	while (!(lines->out && lines->out->failed) && !(lines->strict && lines->bad) &&
	       (rc = next(&reader, &line)) > 0) {
		lines_take(lines, &line);
		progress_items(lines->taken);
	}
	if (rc == 0 && !line.number && !lines->some)
		complain_at(lines->name, 0, INPUT_NOTHING);
	free(reader.held);
	input_close(in);
	return rc >= 0;
}

bool lines_some(struct lines *lines, struct input *in)
{
	bool whole;

	lines->some = true;
	whole = lines_each(lines, in);
	if (!whole || lines->taken || lines->bad)
		return whole;
	complain_at(lines->name, 0, "nothing in it");
	return false;
}

bool lines_list(const char *path, line_rule *rule, void *arg)
{
	struct lines lines = {.rule = rule, .arg = arg, .strict = true};

	return lines_some(&lines, input_open(path)) && !lines.bad;
}

/* ---- columns ---- */

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

bool line_is_empty(const struct line *line)
{
	size_t i = 0;

	while (i < line->n && blank(line->text[i]))
		i++;
	return i == line->n || line->text[i] == '#';
}

struct columns columns_of(const struct line *line)
{
	return (struct columns){line->text, line->text + line->n,
				memchr(line->text, '\t', line->n) != NULL};
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
