/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_TEXT_LINES_H
#define LIB_TEXT_LINES_H

/*
 * Text cut into lines. A line ends with LF; the CR that may stand before it and the blanks around are the reader's to
 * leave out, since their offsets count. A whole text ends with its last line, ended or not; of a slice of a text that
 * line is the part of one (load_text.c keeps it).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lines {
	const char *text;
	size_t n, next;	 /* where the next line starts */
	size_t from, to; /* this line, without its LF */
	uint32_t number; /* of it, from 1 */
	bool ended;	 /* its LF is there */
};

/* From text[at..n) on, whose first line has this number. */
void lines_start(struct lines *l, const char *text, size_t at, size_t n, uint32_t number);
/* The next line. false: the text is used up. */
bool lines_next(struct lines *l);

static inline bool line_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The offset behind the blanks at s[at..n). */
static inline size_t line_blanks(const char *s, size_t at, size_t n)
{
	while (at < n && line_blank(s[at]))
		at++;
	return at;
}

/* The length of a line without the CR of its end. */
static inline size_t line_without_cr(const char *s, size_t n)
{
	return n && s[n - 1] == '\r' ? n - 1 : n;
}

#endif
