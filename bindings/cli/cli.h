/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_H
#define CLI_H

/* What the verbs of the command share. Errors go to stderr as "manrs: FILE:LINE: what"; a call that failed has said why. */

#include <manrs/manrs.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- verbs: each cmd_<name>.c defines `const struct verb verb_<name>` and is found by its file name ---- */

struct verb {
	const char *name;
	int (*run)(int argc, char **argv); /* argv[0] is the verb; returns the exit status */
	const char *summary;
	const char *usage; /* the lines of --help */
};
#define VERB(name) extern const struct verb verb_##name;
#include "verbs.h"
#undef VERB

enum { EXIT_DONE = 0, EXIT_FINDINGS = 1, EXIT_ERROR = 2, EXIT_STALE = 3 };

/* "manrs: " and the message; one line. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* "manrs: FILE:LINE: what"; line 0 leaves it out. */
void complain_at(const char *file, uint64_t line, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* "manrs: FILE:LINE: byte N: what: value", as a parser of the library has it on text[n]. */
void complain_text(const char *file, uint64_t line, const manrs_fault *fault, const char *text,
		   size_t n);
/* The usage of a verb after a wrong option: a line on stderr. Returns EXIT_ERROR. */
int usage_error(const struct verb *verb, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* The verb's help on stdout. Returns EXIT_DONE. */
int usage_help(const struct verb *verb);

enum format {
	FORMAT_NONE,
	FORMAT_PLAIN,
	FORMAT_CSV,
	FORMAT_JSON,
	FORMAT_JSONL,
	FORMAT_OPENBGPD,
	FORMAT_BIRD2,
	FORMAT_SLURM,
	FORMAT_SUMMARY,
};
/* A format by its name; FORMAT_NONE if there is none. */
enum format format_of(const char *name);

/* A growing list of strings that options collect. */
struct words {
	const char **at;
	size_t n;
};
void words_add(struct words *words, const char *word);

/* Memory of the command itself: ends the process when there is none. */
void *must_resize(void *ptr, size_t n, size_t size);

/* ---- input: a file or "-", compressed or not ---- */

struct input;
struct input *input_open(const char *path); /* NULL: said why */
/* The next bytes, valid until the next call. returns: how many, 0 at the end, -1: said why. */
ptrdiff_t input_read(struct input *in, const char **bytes);
const char *input_name(const struct input *in);
void input_close(struct input *in);

/* Lines of an input, without their ends. A line too long comes as text NULL. */
struct lines {
	struct input *in;
	const char *at, *end; /* what is left of the last chunk */
	char *held;	      /* a line that began in an earlier chunk */
	size_t n_held, cap_held;
	uint64_t number; /* of the line that came last, from 1 */
	bool skipping, ended;
};
#define LINE_LIMIT (1u << 20)
void lines_open(struct lines *lines, struct input *in);
/* returns: 1, 0 at the end, -1: said why. */
int lines_next(struct lines *lines, const char **text, size_t *n);
void lines_close(struct lines *lines);
/*
 * Feed every line of an input, which is closed in the end, until `take` says to stop. text NULL: too long. in NULL: said
 * why. returns: false: not read to the end, said why.
 */
bool lines_each(struct input *in,
		bool (*take)(void *arg, const struct lines *at, const char *text, size_t n),
		void *arg);
/* Whether a line came whole; said so and counted when not. */
bool line_whole(const struct lines *at, const char *text, uint64_t *bad);

/* ---- progress: on a terminal's stderr, when something takes over a second ---- */

void progress_start(const char *what, uint64_t total); /* total bytes, 0: unknown */
void progress_at(uint64_t bytes);
void progress_items(uint64_t items);
void progress_off(void);   /* for good: the data goes to the same terminal */
void progress_clear(void); /* before a line on stderr */
void progress_end(void);

/* ---- output: buffered bytes to a file or stdout ---- */

struct out {
	int fd;
	const char *path;
	char *buf;
	size_t n, cap;
	bool failed;
};
bool out_open(struct out *out, const char *path); /* NULL or "-": stdout */
bool out_close(struct out *out);	   /* false: something was not written, and said so */
char *out_room(struct out *out, size_t n); /* n free bytes, n <= 4096; then out_used */
static inline void out_used(struct out *out, size_t n)
{
	out->n += n;
}
void out_text(struct out *out, const char *text);
void out_bytes(struct out *out, const char *bytes, size_t n);
void out_number(struct out *out, uint64_t number);
void out_prefix(struct out *out, const manrs_prefix *prefix);
void out_asn(struct out *out, uint32_t asn);		    /* "AS13335" */
void out_csv(struct out *out, const char *text, size_t n);  /* RFC 4180: quoted where it must be */
void out_json(struct out *out, const char *text, size_t n); /* quoted and escaped */

/* ---- VRP files ---- */

/* A VRP with what its file said beside it. */
struct noted {
	manrs_route route;
	uint64_t expires;
	uint32_t ta; /* index into vrpset.ta, 0: not said */
	uint32_t file, line;
};

struct vrpset {
	manrs_owner *owner;
	bool owned;
	manrs_db *db;
	struct noted *noted; /* only when asked for: sorted as the database lists */
	size_t n_noted, cap_noted;
	struct words ta;
	uint64_t bad, expired;
};

struct vrpset_options {
	const struct words *files; /* of these the VRPs count; NULL: none */
	const struct words *aspas; /* of these only the ASPAs; NULL: none */
	const char *slurm;	   /* NULL: none */
	bool drop_expired;	   /* VRPs whose time has passed are left out */
	bool all_records;	   /* of files the ASPAs and router keys too */
	bool keep_notes;
};

/*
 * All files whole, each as a source of its own in the order given, in one edit. owner NULL: one is made, and goes with
 * vrpset_free. returns: false: said why, nothing to free.
 */
bool vrpset_load(struct vrpset *set, manrs_owner *owner, const struct vrpset_options *options);
void vrpset_free(struct vrpset *set);
/* Local exceptions of a file into an edit. returns: false: said why. */
bool slurm_load(manrs_edit *edit, const char *path);
#define ISSUES_SHOWN 20 /* bad entries of a file that are reported one by one */

/* What a set judges by, in the database's order, each with its trust anchor where the notes were kept. */
struct listing {
	const struct vrpset *set;
	manrs_cursor cursor;
	manrs_route route[1024];
	size_t at, n, noted;
	const char *ta; /* of the VRP that came last; NULL: not known */
};
void listing_start(struct listing *list, const struct vrpset *set);
const manrs_route *listing_next(struct listing *list); /* NULL: the end */
/* Order of a listing: prefix, then AS number, then maxLength. */
int vrp_order(const manrs_route *a, const manrs_route *b);

/* ---- options ---- */

/* What nearly every verb takes, for its table of getopt_long. */
#define SHARED_OPTIONS                                                                     \
	{"format", required_argument, NULL, 'f'}, {"input", required_argument, NULL, 'i'}, \
		{"output", required_argument, NULL, 'o'},                                  \
	{                                                                                  \
		"help", no_argument, NULL, 'h'                                             \
	}
enum { OPTION_OTHER = -1 };

/* What a verb takes (from verb to the default format: set before) and what it was given. */
struct settings {
	const struct verb *verb;
	const struct option *options; /* its own and the shared ones */
	/* Its own first: EXIT_DONE; OPTION_OTHER: not its own; else it has said why, and the verb ends with that. */
	int (*option)(void *arg, int which);
	void *arg;
	const char *
		accepts; /* of v (--vrps), f, i, o, s (--slurm), d (--drop-expired), F (--fail-on) */
	uint32_t formats; /* 1u << FORMAT_... */
	bool routes;	  /* without -i and arguments the input is stdin */
	enum format format;
	struct words files; /* --vrps */
	struct vrpset_options load;
	const char *input, *output, *fail_on; /* NULL: not given */
	int argc;			      /* what follows the options */
	char **argv;
};
/* returns: false: the verb ends with *status. */
bool options_read(struct settings *s, int argc, char **argv, int *status);
/* "invalid,unknown" as bits of the states 0..n-1. false: not such a list. */
bool states_parse(uint32_t *bits, const char *list, const char *(*text)(int state), int n);
/* For verbs over VRPs: options and option are given. false: the same. Call settings_free in any case. */
bool settings_read(struct settings *s, int argc, char **argv, int *status);
void settings_free(struct settings *s);

/* ---- routes as text ---- */

enum line_kind { LINE_ROUTE, LINE_NOTHING, LINE_BAD };
/*
 * A line as a route: "PREFIX ASN", "PREFIX => ASN", or a line of `bgpdump -m`. Blank lines, comments (#), withdrawals
 * and state changes announce nothing. An origin that is no single AS (AS_SET) is asn 0.
 */
enum line_kind route_of_line(manrs_route *route, const char *text, size_t n, manrs_fault *fault);

/* Routes of a file in batches: false at the end or after an error that ends the reading (failed is set). */
#define BATCH 4096
struct route_reader {
	struct lines lines;
	manrs_route route[BATCH];
	size_t n;
	uint64_t total, bad;
	bool failed;
};
bool route_reader_open(struct route_reader *reader, const char *path);
bool route_reader_next(struct route_reader *reader);
void route_reader_close(struct route_reader *reader);

#endif
