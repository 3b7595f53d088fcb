/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows of answers in every format. */

#include "rows.h"

#include <string.h>

bool in_json(const struct rows *r)
{
	return r->format == FORMAT_JSON || r->format == FORMAT_JSONL;
}

void rows_head(struct rows *r, const char *csv, const char *json)
{
	if (r->format == FORMAT_CSV)
		out_text(&r->out, csv);
	if (r->format == FORMAT_JSON)
		out_text(&r->out, json);
}

void rows_foot(struct rows *r, const char *json)
{
	if (r->format != FORMAT_JSON)
		return;
	out_text(&r->out, r->any ? "\n" : "");
	out_text(&r->out, json);
}

void row_start(struct rows *r)
{
	if (r->format == FORMAT_JSON && r->any)
		out_text(&r->out, ",\n");
	r->any = true;
	r->members = 0;
}

void row_end(struct rows *r)
{
	if (r->members && in_json(r))
		out_text(&r->out, "}");
	if (r->format != FORMAT_JSON)
		out_text(&r->out, "\n");
}

void member(struct rows *r, const char *name, const char *gap)
{
	bool first = !r->members++;

	if (in_json(r)) {
		out_text(&r->out, first ? "{\"" : ",\"");
		out_text(&r->out, name);
		out_text(&r->out, "\":");
	} else if (!first) {
		out_text(&r->out, r->format == FORMAT_CSV ? "," : gap);
	}
}

void member_text(struct rows *r, const char *name, const char *gap, const char *text, size_t n)
{
	member(r, name, gap);
	if (r->format == FORMAT_CSV)
		out_csv(&r->out, text, n);
	else if (in_json(r))
		out_json(&r->out, text, n);
	else
		out_bytes(&r->out, text, n);
}

void member_word(struct rows *r, const char *name, const char *gap, const char *word)
{
	if (word) {
		member_text(r, name, gap, word, strlen(word));
		return;
	}
	member(r, name, gap);
	out_text(&r->out, in_json(r) ? "null" : r->format == FORMAT_CSV ? "" : "-");
}

void member_prefix(struct rows *r, const char *name, const char *gap, const manrs_prefix *prefix)
{
	const char *quote = in_json(r) ? "\"" : "";

	member(r, name, gap);
	out_text(&r->out, quote);
	out_prefix(&r->out, prefix);
	out_text(&r->out, quote);
}

void member_number(struct rows *r, const char *name, const char *gap, uint64_t number)
{
	member(r, name, gap);
	out_number(&r->out, number);
}

void member_as_number(struct rows *r, const char *name, const char *gap, uint32_t asn)
{
	member(r, name, gap);
	out_as_number(&r->out, asn);
}

int rows_run(struct rows *r, const char *input, const char *output,
	     bool (*answer)(void *arg, struct input *in), void *arg)
{
	struct input *in = input ? input_open(input) : NULL;
	bool good;

	if (input && !in)
		return EXIT_ERROR;
	if (!out_open(&r->out, output)) {
		input_close(in);
		return EXIT_ERROR;
	}
	good = answer(arg, in);
	good &= out_close(&r->out);
	return good ? EXIT_DONE : EXIT_ERROR;
}
