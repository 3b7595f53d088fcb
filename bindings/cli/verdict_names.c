/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests and findings by name: `manrs check --list-tests`, each with what it asks or means in one line, and the lists of
 * --fail-on and --test.
 */

#include "verdict_names.h"

#include "rows.h"

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

struct about {
	const char *kind, *name, *test, *state, *meaning;
};

static void put_plain(struct out *out, const struct about *about)
{
	char line[96];

	snprintf(line, sizeof line, "  %-26s %-7s ", about->name, about->state);
	out_text(out, line);
	out_text(out, about->meaning);
}

static void put(struct rows *rows, const struct about *about)
{
	row_start(rows);
	if (rows->format == FORMAT_PLAIN) {
		put_plain(&rows->out, about);
	} else {
		member_word(rows, "kind", "", about->kind);
		member_word(rows, "name", "", about->name);
		member_word(rows, "test", "", about->test);
		member_word(rows, "state", "", about->state);
		member_word(rows, "meaning", "", about->meaning);
	}
	row_end(rows);
}

/* The findings of a test, -1: of none. */
static void put_codes(struct rows *rows, int test)
{
	static const char *const states[] = {"", "pass", "fail", "unknown"};
	char meaning[MANRS_EXPLAIN_MAX];

	for (int code = 1; code < MANRS_CODES; code++) {
		const char *name = manrs_code_text(code);

		if (test_of(name) != test)
			continue;
		manrs_code_about(code, meaning, sizeof meaning);
		put(rows, &(struct about){"finding", name, test < 0 ? "" : manrs_test_text(test),
					  states[manrs_code_state(code)], meaning});
	}
}

static void put_test(struct rows *rows, int test)
{
	const char *name = manrs_test_text(test), *meaning = manrs_test_about(test);

	if (rows->format != FORMAT_PLAIN) {
		put(rows, &(struct about){"test", name, name, "", meaning});
		return;
	}
	out_text(&rows->out, test ? "\n" : "");
	out_text(&rows->out, name);
	out_text(&rows->out, ": ");
	out_text(&rows->out, meaning);
	out_text(&rows->out, "\n");
}

static bool put_all(void *arg, struct input *in)
{
	struct rows *rows = arg;

	(void)in;
	rows_head(rows, "kind,name,test,state,meaning\n", "[\n");
	for (int test = 0; test < MANRS_TESTS; test++) {
		put_test(rows, test);
		put_codes(rows, test);
	}
	out_text(&rows->out, rows->format == FORMAT_PLAIN ? "\nof any test:\n" : "");
	put_codes(rows, -1);
	rows_foot(rows, "]\n");
	return true;
}

int list_tests(enum format format, const char *output)
{
	struct rows rows = {.format = format == FORMAT_SUMMARY ? FORMAT_PLAIN : format};

	return rows_run(&rows, NULL, output, put_all, &rows);
}

/* ---- --fail-on, --test ---- */

static bool wanted_word(struct wanted *w, const char *word, size_t n)
{
	int test = manrs_test_parse(word, n);

	if (n == 3 && !memcmp(word, "any", 3)) {
		w->tests = MANRS_TESTS_ALL;
		return true;
	}
	if (test >= 0) {
		w->tests |= MANRS_TEST_BIT(test);
		return true;
	}
	for (int code = 1; code < MANRS_CODES; code++)
		if (strlen(manrs_code_text(code)) == n && !memcmp(word, manrs_code_text(code), n)) {
			w->codes[code] = w->some_codes = true;
			return true;
		}
	return false;
}

bool wanted_parse(struct wanted *w, const char *list)
{
	if (!*list)
		return false;
	while (*list) {
		size_t n = strcspn(list, ",");

		if (!wanted_word(w, list, n))
			return false;
		list += n + (list[n] == ',');
	}
	return true;
}
