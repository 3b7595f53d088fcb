/* SPDX-License-Identifier: BSD-2-Clause */
/* Text cut into lines: the cases are written out by hand. */

#include "text/lines.h"

#include "test.h"

/* With an end each is whole, without one the last is what a slice has of it; an empty text has none. */
START_TEST(lines_of_a_text)
{
	static const struct {
		const char *text;
		size_t at, n, count;
		struct {
			const char *line;
			bool ended;
		} lines[3];
	} cases[] = {
		{"", 0, 0, 0, {{0}}},
		{"a", 0, 1, 1, {{"a", false}}},
		{"a\n", 0, 2, 1, {{"a", true}}},
		{"\n\nb", 0, 3, 3, {{"", true}, {"", true}, {"b", false}}},
		{"a\r\nb\n", 0, 5, 2, {{"a\r", true}, {"b", true}}},
		{"abc\nd", 2, 4, 1, {{"c", true}}},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct lines l;
		size_t seen = 0;

		lines_start(&l, cases[i].text, cases[i].at, cases[i].n, 7);
		for (; lines_next(&l); seen++) {
			ck_assert_uint_lt(seen, cases[i].count);
			ck_assert_uint_eq(l.to - l.from, strlen(cases[i].lines[seen].line));
			ck_assert_mem_eq(l.text + l.from, cases[i].lines[seen].line, l.to - l.from);
			ck_assert_int_eq(l.ended, cases[i].lines[seen].ended);
			ck_assert_uint_eq(l.number, 7 + seen);
		}
		ck_assert_uint_eq(seen, cases[i].count);
		ck_assert(!lines_next(&l));
	}
}
END_TEST

START_TEST(what_stands_around_a_line)
{
	ck_assert_uint_eq(line_without_cr("a\r\r", 3), 2);
	ck_assert_uint_eq(line_without_cr("a", 1), 1);
	ck_assert_uint_eq(line_without_cr("", 0), 0);
	ck_assert_uint_eq(line_blanks(" \t\r", 0, 3), 2);
	ck_assert_uint_eq(line_blanks("  ", 1, 2), 2);
}
END_TEST

Suite *lines_suite(void);
Suite *lines_suite(void)
{
	Suite *s = suite_create("lines");

	ADD_TEST(s, lines_of_a_text, 5);
	ADD_TEST(s, what_stands_around_a_line, 5);
	return s;
}
