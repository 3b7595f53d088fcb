/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_LINES_H
#define CLI_LINES_H

/* The one loop over the lines of an input: each goes to a rule, and the bad ones are told and counted here. */

#include "input.h"
#include "output.h"

struct line {
	/* without its end, be it LF or CR LF, and the first without a byte order mark */
	const char *text;
	size_t n;
	uint64_t number; /* from 1; 0: it is no line of a file */
	const char *file;
};

enum line_kind { LINE_BAD = -1, LINE_NOTHING, LINE_TAKEN };
/* What a line is to its reader; LINE_BAD: the fault says what is wrong and where in the line. */
typedef enum line_kind line_rule(void *arg, const struct line *line, manrs_fault *fault);

struct lines {
	line_rule *rule;
	void *arg;
	/* where the answers go, at the latest before a wait for lines; when it has failed the reading ends; NULL: nowhere */
	struct out *out;
	void (*idle)(
		void *arg); /* before such a wait: what is gathered becomes answers; NULL: nothing is */
	uint64_t told;      /* so many bad lines are told one by one; 0: all */
	bool strict;        /* the first bad line ends the reading */
	bool some;          /* by lines_some: nothing in it is an error */
	const char *name;    /* the input's in errors, by lines_each */
	uint64_t taken, bad; /* counted */
};
#define LINE_LIMIT (1u << 20) /* bytes; a longer line is bad */

/*
 * All lines of an input, which is closed in the end; one without a byte is told. in NULL: said why. returns: false: a fault of
 * the input, said why.
 */
bool lines_each(struct lines *lines, struct input *in);
/* As lines_each, of a list that is not empty: a failed download must not open a gate. */
bool lines_some(struct lines *lines, struct input *in);
/* The same of a file, up to a bad line. returns: false: said why. */
bool lines_list(const char *path, line_rule *rule, void *arg);
/* One line, wherever it comes from. */
void lines_take(struct lines *lines, const struct line *line);

/* An empty line or a comment. */
bool line_is_empty(const struct line *line);

/* The columns of a line: between its TABs, or, where it has none, its words. */
struct columns {
	const char *at, *end;
	bool tabs;
};
struct columns columns_of(const struct line *line);
/* The next column, without the blanks at its ends. returns: false: none, or an empty one. */
bool column_next(struct columns *c, const char **word, size_t *n);

#endif
