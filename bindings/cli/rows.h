/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_ROWS_H
#define CLI_ROWS_H

/*
 * Answers as rows: lines of plain text or CSV, objects of JSON, each on a line (jsonl) or together in one document (json).
 * A row is made of members with names, in order, or of text of the verb's own between row_start and row_end.
 */

#include "input.h"
#include "options.h"
#include "output.h"

struct rows {
	struct out out;
	enum format format;
	bool any;         /* a row was written */
	unsigned members; /* of the row at hand */
};
/* What stands before all rows of CSV, and of JSON. */
void rows_head(struct rows *r, const char *csv, const char *json);
void rows_foot(struct rows *r, const char *json);
void row_start(struct rows *r);
void row_end(struct rows *r);

/* `gap` stands before a member in plain text, but for the first; its name only in JSON. */
void member(struct rows *r, const char *name, const char *gap);
void member_text(struct rows *r, const char *name, const char *gap, const char *text, size_t n);
/* NULL: there is none: "-" in plain text, nothing in CSV, null. */
void member_word(struct rows *r, const char *name, const char *gap, const char *word);
void member_prefix(struct rows *r, const char *name, const char *gap, const manrs_prefix *prefix);
void member_number(struct rows *r, const char *name, const char *gap, uint64_t number);
void member_as_number(struct rows *r, const char *name, const char *gap, uint32_t asn);
bool in_json(const struct rows *r); /* or jsonl */

/*
 * Answers to an output about what is in an input (NULL: none is read): both are opened, `answer` takes the input and closes
 * it, and says whether all was good; out_spoil is its own to call. returns: EXIT_DONE, EXIT_ERROR.
 */
int rows_run(struct rows *r, const char *input, const char *output,
	     bool (*answer)(void *arg, struct input *in), void *arg);

#endif
