/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_TEXT_LINES_H
#define LIB_TEXT_LINES_H

/*
 * Text cut into lines. A line ends with LF; the CR that may stand before it and the blanks around are the reader's to
 * leave out, since their offsets count. A whole text ends with its last line, ended or not; of a slice of a text that
 * line is the part of one (load_text.c keeps it).
 */

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct lines {
	const char *text;
	size_t n, next;  /* where the next line starts */
	size_t from, to; /* this line, without its LF */
	uint32_t number; /* of it, from 1 */
	bool ended;      /* its LF is there */
};

/* From text[at..n) on, whose first line has this number. */
static inline void lines_start(struct lines *l, const char *text, size_t at, size_t n,
			       uint32_t number)
{
	assert(at <= n);
	*l = (struct lines){.text = text, .n = n, .next = at, .number = number};
}

/* The next line. false: the text is used up. */
static inline bool lines_next(struct lines *l)
{
	const char *end;

	if (l->next == l->n)
		return false;
	l->number += l->ended;
	end = memchr(l->text + l->next, '\n', l->n - l->next);
	l->ended = end != NULL;
	l->from = l->next;
	l->to = end ? (size_t)(end - l->text) : l->n;
	l->next = l->to + l->ended;
	assert(l->from <= l->to && l->next <= l->n);
	assert(l->next > l->from); /* it comes to an end */
	return true;
}

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
