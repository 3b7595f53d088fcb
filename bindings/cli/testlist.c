/* SPDX-License-Identifier: BSD-2-Clause */
/* `manrs check --list-tests`: every test and every finding by name, with what it asks or means, in one line. */

#include "session.h"

#include <stdio.h>
#include <string.h>

/* The test whose name a finding begins with; the longest, as "rov" is not the test of every "rov...". -1: any test's. */
static int test_of(const char *code)
{
	int best = -1;

	for (int test = 0; test < MANRS_TESTS; test++) {
		const char *name = manrs_test_text(test);
		size_t n = strlen(name);

		if (!strncmp(code, name, n) && code[n] == '-' &&
		    (best < 0 || n > strlen(manrs_test_text(best))))
			best = test;
	}
	return best;
}

/* One line: kind, name, of which test, state, meaning. */
static void put(struct out *out, enum format format, bool *rows, const char *const field[5])
{
	static const char *const names[] = {"kind", "name", "test", "state", "meaning"};
	char line[96];

	if (format == FORMAT_JSON || format == FORMAT_JSONL) {
		out_text(out, format == FORMAT_JSON && *rows ? ",\n" : "");
		for (int i = 0; i < 5; i++) {
			out_text(out, i ? ",\"" : "{\"");
			out_text(out, names[i]);
			out_text(out, "\":");
			out_json(out, field[i], strlen(field[i]));
		}
		out_text(out, format == FORMAT_JSON ? "}" : "}\n");
	} else if (format == FORMAT_CSV) {
		for (int i = 0; i < 5; i++) {
			out_text(out, i ? "," : "");
			out_csv(out, field[i], strlen(field[i]));
		}
		out_text(out, "\n");
	} else {
		snprintf(line, sizeof line, "  %-26s %-7s ", field[1], field[3]);
		out_text(out, line);
		out_text(out, field[4]);
		out_text(out, "\n");
	}
	*rows = true;
}

static void put_code(struct out *out, enum format format, bool *rows, int code, const char *test)
{
	static const char *const states[] = {"", "pass", "fail", "unknown"};
	char about[MANRS_EXPLAIN_MAX];
	const char *const field[] = {"finding", manrs_code_text(code), test,
				     states[manrs_code_state(code)], about};

	manrs_code_about(code, about, sizeof about);
	put(out, format, rows, field);
}

static void put_all(struct out *out, enum format format)
{
	bool rows = false;

	for (int test = 0; test < MANRS_TESTS; test++) {
		const char *name = manrs_test_text(test);
		const char *const field[] = {"test", name, name, "", manrs_test_about(test)};

		if (format == FORMAT_PLAIN) {
			out_text(out, test ? "\n" : "");
			out_text(out, name);
			out_text(out, ": ");
			out_text(out, field[4]);
			out_text(out, "\n");
		} else {
			put(out, format, &rows, field);
		}
		for (int code = 1; code < MANRS_CODES; code++)
			if (test_of(manrs_code_text(code)) == test)
				put_code(out, format, &rows, code, name);
	}
	out_text(out, format == FORMAT_PLAIN ? "\nof any test:\n" : "");
	for (int code = 1; code < MANRS_CODES; code++)
		if (test_of(manrs_code_text(code)) < 0)
			put_code(out, format, &rows, code, "");
}

int list_tests(enum format format, const char *output)
{
	struct out out = {0};

	if (!out_open(&out, output))
		return EXIT_ERROR;
	if (format == FORMAT_SUMMARY)
		format = FORMAT_PLAIN;
	if (format == FORMAT_CSV)
		out_text(&out, "kind,name,test,state,meaning\n");
	if (format == FORMAT_JSON)
		out_text(&out, "[\n");
	put_all(&out, format);
	if (format == FORMAT_JSON)
		out_text(&out, "\n]\n");
	return out_close(&out) ? EXIT_DONE : EXIT_ERROR;
}
