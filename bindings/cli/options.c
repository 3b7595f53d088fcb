/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tables of options, read. getopt_long takes them apart, with abbreviations and options behind arguments, and says what
 * is wrong with their spelling; a row says where a value goes and what is wrong with that.
 */

#include "options.h"

#include <assert.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPTIONS_MAX = 64, RANKS = 3, LETTERS_END = 256 };

enum format format_of(const char *name)
{
	static const char *const names[] = {
		[FORMAT_PLAIN] = "plain",
		[FORMAT_CSV] = "csv",
		[FORMAT_JSON] = "json",
		[FORMAT_JSONL] = "jsonl",
		[FORMAT_BIRD2] = "bird2",
		[FORMAT_OPENBGPD] = "openbgpd",
		[FORMAT_SLURM] = "slurm",
		[FORMAT_SUMMARY] = "summary",
		[FORMAT_RPKI_CLIENT] = "rpki-client",
	};

	for (enum format f = FORMAT_PLAIN; f <= FORMAT_SUMMARY; f++)
		if (!strcmp(name, names[f]))
			return f;
	return FORMAT_NONE;
}

int usage_error(const struct verb *verb, const char *format, ...)
{
	char text[1024];
	va_list args;

	if (format) {
		va_start(args, format);
		vsnprintf(text, sizeof text, format, args);
		va_end(args);
		complain_at(verb->name, 0, "%s", text);
	}
	fprintf(stderr, "manrs: see `manrs %s --help`\n", verb->name);
	return EXIT_ERROR;
}

/* ---- help ---- */

#define HELP_COLUMN 25

/* "  -l, --name VALUE    help", on a line of its own where it is too wide, and further lines below the first. */
static void help_row(const struct option_row *row)
{
	int n = row->letter ? printf("  -%c, --%s", row->letter, row->name)
			    : printf("      --%s", row->name);

	if (row->value)
		n += printf(" %s", row->value);
	if (*row->help)
		printf("%s%*s", n > HELP_COLUMN - 2 ? "\n" : "",
		       n > HELP_COLUMN - 2 ? HELP_COLUMN : HELP_COLUMN - n, "");
	for (const char *c = row->help; *c; c++)
		*c == '\n' ? printf("\n%*s", HELP_COLUMN, "") : putchar(*c);
	putchar('\n');
}

int verb_help(const struct verb *verb)
{
	printf("usage: manrs %s\n", verb->usage);
	for (const struct option_row *row = verb->options; row->name; row++)
		if (row->help)
			help_row(row);
	putchar('\n');
	return EXIT_DONE;
}

/* ---- for getopt_long ---- */

struct getopt_table {
	struct option options[OPTIONS_MAX]; /* val: LETTERS_END + the row's place in the table */
	char letters[2 * OPTIONS_MAX];
	size_t n;
};

static void add_name(struct getopt_table *t, const struct option_row *row, size_t at,
		     const char *name)
{
	assert(t->n < OPTIONS_MAX - 1);
	t->options[t->n++] = (struct option){name, row->value ? required_argument : no_argument,
					     NULL, LETTERS_END + (int)at};
}

static void make_table(struct getopt_table *t, const struct option_row *rows)
{
	char *letter = t->letters;

	memset(t, 0, sizeof *t);
	for (int rank = 0; rank < RANKS; rank++)
		for (size_t i = 0; rows[i].name; i++) {
			if (rows[i].rank != rank)
				continue;
			add_name(t, &rows[i], i, rows[i].name);
			if (rows[i].also)
				add_name(t, &rows[i], i, rows[i].also);
			if (rows[i].letter)
				*letter++ = rows[i].letter;
			if (rows[i].letter && rows[i].value)
				*letter++ = ':';
		}
}

/* The row of what getopt_long returned; NULL: it has said what is wrong. */
static const struct option_row *row_of(const struct option_row *rows, int got)
{
	if (got >= LETTERS_END)
		return &rows[got - LETTERS_END];
	while (rows->name && rows->letter != got)
		rows++;
	return rows->name ? rows : NULL;
}

/* ---- values ---- */

/* Plain digits, no more than most. */
static bool take_number(uint64_t *number, const char *text, uint64_t least, uint64_t most)
{
	uint64_t n = 0;

	if (!*text)
		return false;
	for (; *text >= '0' && *text <= '9'; text++) {
		n = n * 10 + (uint64_t)(*text - '0');
		if (n > most)
			return false;
	}
	*number = n;
	return !*text && n >= least;
}

static bool take_asn(uint32_t *asn, const char *text, uint64_t least)
{
	return manrs_asn_parse(asn, text, strlen(text), NULL) == MANRS_OK && *asn >= least;
}

static bool take_word(int *word, const struct option_row *row, const char *text)
{
	*word = row->parse(text, strlen(text));
	return *word >= (int)row->least;
}

static void *place_of(const struct option_row *row, const void *self)
{
	return row->to ? row->to : (char *)(uintptr_t)self + row->at;
}

/* returns: false: a wrong value. */
static bool take(const struct option_row *row, void *self, const char *value)
{
	void *place = place_of(row, self);

	switch (row->kind) {
	case OPTION_FLAG:
		return *(bool *)place = true;
	case OPTION_BIT:
		*(uint32_t *)place |= row->bit;
		return true;
	case OPTION_STRING:
	case OPTION_FILE:
		*(const char **)place = value;
		return true;
	case OPTION_FILES:
	case OPTION_LIST:
		words_add(place, value);
		return true;
	case OPTION_ASN:
		return take_asn(place, value, row->least);
	case OPTION_NUMBER:
		return take_number(place, value, row->least, row->most);
	case OPTION_WORD:
		return take_word(place, row, value);
	case OPTION_CALL:
		return row->call(self, value);
	default:
		return false;
	}
}

bool take_format(void *self, const char *name)
{
	struct settings *s = self;

	s->format = format_of(name);
	return s->format != FORMAT_NONE && (s->verb->formats >> s->format & 1);
}

bool take_max_age(void *self, const char *seconds)
{
	struct expiry *expiry = &((struct settings *)self)->load.expiry;

	expiry->limited = true;
	return take_number(&expiry->max_age, seconds, 0, UINT32_MAX);
}

/* ---- the reading ---- */

/* returns: false: the verb ends with *status. */
static bool take_row(struct settings *s, const struct option_row *row, int *status)
{
	if (!row)
		*status = usage_error(s->verb, NULL);
	else if (row->kind == OPTION_HELP)
		*status = verb_help(s->verb);
	else if (row->kind == OPTION_REFUSED && !row->wrong)
		*status = usage_error(s->verb, "an option that this verb does not have");
	else if (!take(row, s, optarg))
		*status = usage_error(s->verb, row->wrong, optarg);
	else
		return true;
	return false;
}

static bool options_read(struct settings *s, int argc, char **argv, int *status)
{
	const struct option_row *rows = s->verb->options;
	struct getopt_table table;
	int got;

	make_table(&table, rows);
	for (const struct option_row *row = rows; row->name; row++)
		if (row->kind == OPTION_WORD)
			*(int *)place_of(row, s) = row->otherwise;
		else if (row->kind == OPTION_NUMBER && row->otherwise)
			*(uint64_t *)place_of(row, s) = (uint64_t)row->otherwise;
	while ((got = getopt_long(argc, argv, table.letters, table.options, NULL)) != -1)
		if (!take_row(s, row_of(rows, got), status))
			return false;
	s->argc = argc - optind;
	s->argv = argv + optind;
	if (!out_asdot || s->verb->asdot >> s->format & 1)
		return true;
	*status = usage_error(s->verb, "--asdot goes with plain and csv, whose readers are people");
	return false;
}

int verb_run(const struct verb *verb, int argc, char **argv)
{
	struct settings *s = must_resize(NULL, 1, verb->size);
	int status;

	memset(s, 0, verb->size);
	s->verb = verb;
	s->format = verb->format;
	if (options_read(s, argc, argv, &status))
		status = verb->run(s);
	for (const struct option_row *row = verb->options; row->name; row++)
		if (row->kind == OPTION_LIST || row->kind == OPTION_FILES)
			free(((struct words *)place_of(row, s))->at);
	free(s);
	return status;
}

/* ---- what is asked of several verbs ---- */

static size_t stdins_of(const struct option_row *row, const struct settings *s)
{
	const struct words *words = place_of(row, s);
	const char *const *file = place_of(row, s);
	size_t n = 0;

	if (row->kind == OPTION_FILE)
		return *file && !strcmp(*file, "-");
	for (size_t i = 0; row->kind == OPTION_FILES && i < words->n; i++)
		n += !strcmp(words->at[i], "-");
	return n;
}

size_t stdins(const struct settings *s)
{
	size_t n = 0;

	for (const struct option_row *row = s->verb->options; row->name; row++)
		n += stdins_of(row, s);
	return n;
}

int vrps_given(const struct settings *s)
{
	if (!s->load.files.n)
		return usage_error(s->verb, "--vrps FILE is missing");
	if (stdins(s) > 1)
		return usage_error(s->verb, STDIN_ONCE);
	return EXIT_DONE;
}

bool states_parse(uint32_t *bits, const char *list, const char *(*text)(int state), int n)
{
	while (*list) {
		size_t len = strcspn(list, ",");
		int state = 0;

		while (state < n && (strlen(text(state)) != len || memcmp(list, text(state), len)))
			state++;
		if (state == n)
			return false;
		*bits |= 1u << state;
		list += len + (list[len] == ',');
	}
	return *bits != 0;
}
