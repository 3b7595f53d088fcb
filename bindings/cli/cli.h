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
	int (*run)(int argc, char **argv); /* argv[0]: for getopt; returns the exit status */
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
/* What every verb that answers in rows writes. */
#define ROW_FORMATS \
	(1u << FORMAT_PLAIN | 1u << FORMAT_CSV | 1u << FORMAT_JSON | 1u << FORMAT_JSONL)
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
/* What the dictionary or window of one compressed input may take, in MiB: a small file can ask for gigabytes. */
#define INPUT_MEMORY 256
extern uint64_t input_memory;
struct input *input_open(const char *path); /* NULL: said why */
/* The next bytes, valid until the next call. returns: how many, 0 at the end, -1: said why. */
ptrdiff_t input_read(struct input *in, const char **bytes);
const char *input_name(const struct input *in);
/* The names of the compressions that this build reads, NULL at the end. */
const char *const *input_codecs(void);
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

/* ---- output: buffered bytes to a file or stdout; one at a time ---- */

struct out {
	int fd;
	const char *path;
	char *target; /* the file that is replaced in the end; NULL: written as it comes */
	char *buf;
	size_t n, cap;
	bool failed;
};
bool out_open(struct out *out, const char *path); /* NULL or "-": stdout */
/* Only now does a file take the new content. false: something was not written, said so. */
bool out_close(struct out *out);
void out_spoil(struct out *out); /* the input failed, said so: a file shall stay as it was */
char *out_room(struct out *out, size_t n); /* n free bytes, n <= 4096; then out_used */
static inline void out_used(struct out *out, size_t n)
{
	out->n += n;
}
void out_text(struct out *out, const char *text);
void out_bytes(struct out *out, const char *bytes, size_t n);
void out_number(struct out *out, uint64_t number);
void out_prefix(struct out *out, const manrs_prefix *prefix);
/* AS numbers of four octets as RFC 5396's asdot, "1.10" for 65546; options_read lets it be with plain and csv only. */
extern bool out_asdot;
void out_as_number(struct out *out, uint32_t asn);
void out_asn(struct out *out, uint32_t asn);		    /* "AS13335" */
void out_path(struct out *out, const char *text, size_t n); /* of manrs_path_format */
void out_csv_path(struct out *out, const char *text, size_t n);
void out_csv(struct out *out, const char *text, size_t n);  /* RFC 4180: quoted where it must be */
void out_json(struct out *out, const char *text, size_t n); /* quoted and escaped */

/* ---- VRP files ---- */

/* A VRP with what its file said beside it. */
struct noted {
	manrs_route route;
	uint64_t expires;
	uint32_t ta; /* index into vrpset.ta, 0: not said */
	uint32_t number; /* in the order of reading: no two are equal, so every qsort has one outcome */
};

struct noted_aspa {
	uint64_t expires;
	uint32_t customer, ta;
	size_t number; /* in the order of reading */
	bool filtered; /* what was said of the customer before is void */
};
struct noted_key {
	manrs_router_key key;
	uint64_t expires;
	uint32_t ta, number;
};

struct vrpset {
	manrs_db_owner *owner;
	bool owned;
	manrs_db *db;
	struct noted *noted; /* only when asked for: sorted as the database lists */
	struct noted_aspa *noted_aspa;
	struct noted_key *noted_key;
	size_t n_noted, cap_noted, n_noted_aspa, cap_noted_aspa, n_noted_key, cap_noted_key;
	struct words ta;
	uint64_t bad;
	uint64_t built; /* the oldest of the files that say it, Unix seconds; 0: none does */
};

/* What is done about files and records that are old. */
struct expiry {
	bool drop;	  /* records whose time has passed are left out */
	bool limited;	  /* files must have been built... */
	uint64_t max_age; /* ...so many seconds ago, or later */
};

struct vrpset_options {
	const struct words *files; /* of these the VRPs count; NULL: none */
	const struct words *aspas; /* of these only the ASPAs; NULL: none */
	const char *slurm;	   /* NULL: none */
	struct expiry expiry;
	bool all_records;	   /* of files the ASPAs and router keys too */
	bool keep_notes;
};

/*
 * All files whole, each as a source of its own in the order given, in one edit. owner NULL: one is made, and goes with
 * vrpset_free. returns: EXIT_DONE; EXIT_ERROR, EXIT_STALE: said why, nothing to free.
 */
int vrpset_open(struct vrpset *set, manrs_db_owner *owner, const struct vrpset_options *options);
void vrpset_free(struct vrpset *set);
/* Local exceptions of a file into an edit, and into the notes of a set (NULL: of none). returns: false: said why. */
bool slurm_load(manrs_edit *edit, struct vrpset *noted, const char *path);
/* --allow-bad: the percentage of unreadable entries that fails a file; more than 10 must be. */
extern uint32_t load_allow_bad;
#define ISSUES_SHOWN 20 /* bad entries of a file that are reported one by one */

/* ---- notes: what files said beside their records ---- */

void note_vrp(struct vrpset *set, const struct noted *noted);
void note_aspa(struct vrpset *set, uint32_t customer, uint64_t expires, uint32_t ta);
void note_no_aspa(struct vrpset *set, uint32_t customer); /* a filter takes what files have of it */
void note_key(struct vrpset *set, const manrs_router_key *key, uint64_t expires, uint32_t ta);
void notes_sort(struct vrpset *set); /* before the first look */

struct said {
	uint64_t expires; /* Unix seconds; 0: not said */
	const char *ta;	  /* the trust anchor; NULL: not said */
};
struct said noted_of_aspa(const struct vrpset *set, uint32_t customer);
struct said noted_of_key(const struct vrpset *set, const manrs_router_key *key);

/* What a set judges by, in the database's order, each with its note where notes were kept. */
struct listing {
	const struct vrpset *set;
	manrs_cursor cursor;
	manrs_route route[1024];
	size_t at, n, noted;
	struct said said; /* of the VRP that came last */
};
void listing_start(struct listing *list, const struct vrpset *set);
const manrs_route *listing_next(struct listing *list); /* NULL: the end */
/* Order of a listing: prefix, then AS number, then maxLength. */
int vrp_order(const manrs_route *a, const manrs_route *b);

/* ---- age: of a file, and of its records ---- */

enum { AGING_VRPS, AGING_ASPAS, AGING_KEYS, AGING_KINDS };
struct aging {
	const struct expiry *rule;
	uint64_t now, seen[AGING_KINDS], expired[AGING_KINDS];
};
void aging_start(struct aging *a, const struct expiry *rule);
/* Count a record. returns: whether it is to be left out. */
bool aging_drops(struct aging *a, int kind, uint64_t expires);
/* When the file has ended: what is to be said of it. wanted: what it was named for. returns: EXIT_DONE, EXIT_STALE. */
int aging_judge(const struct aging *a, const char *file, uint64_t built, int wanted);

#define TIME_TEXT 32
/* "2025-07-20T09:31:35Z" */
const char *time_text(char text[TIME_TEXT], uint64_t seconds);

/* ---- options ---- */

/* What nearly every verb takes, for its table of getopt_long, and its lines of --help. */
enum { OPT_DROP_EXPIRED = 1024, OPT_MAX_AGE, OPT_MEMORY, OPT_ALLOW_BAD, OPT_ASDOT };
#define SHARED_OPTIONS                                                                     \
	{"format", required_argument, NULL, 'f'}, {"input", required_argument, NULL, 'i'}, \
		{"output", required_argument, NULL, 'o'},                                  \
		{"drop-expired", no_argument, NULL, OPT_DROP_EXPIRED},                     \
		{"max-age", required_argument, NULL, OPT_MAX_AGE},                         \
		{"memory", required_argument, NULL, OPT_MEMORY},                           \
		{"allow-bad", required_argument, NULL, OPT_ALLOW_BAD},                     \
		{"asdot", no_argument, NULL, OPT_ASDOT},                                   \
	{                                                                                  \
		"help", no_argument, NULL, 'h'                                             \
	}
#define SHARED_HELP                                                                      \
	"  -o, --output FILE      replaced in the end; - or none: stdout\n"               \
	"      --drop-expired     leave out what has expired; exit 3 if nothing is left\n" \
	"      --max-age SECONDS  exit 3 if a file was built before, or does not say when\n" \
	"      --memory MIB       what uncompressing a file may take (256)\n"             \
	"      --allow-bad N      percent of a list's entries that may be unreadable (1)\n" \
	"  -h, --help\n"
#define ASDOT_HELP "      --asdot            AS numbers above 65535 as 1.0, in plain and csv\n"
enum { OPTION_OTHER = -1 };

/* What a verb takes (from verb to the default format: set before) and what it was given. */
struct settings {
	const struct verb *verb;
	const struct option *options; /* its own and the shared ones */
	/* Its own first: EXIT_DONE; OPTION_OTHER: not its own; else it has said why, and the verb ends with that. */
	int (*option)(void *arg, int which);
	void *arg;
	const char *short_options; /* NULL: those that all have */
	const char *accepts;	   /* of v (--vrps), f, i, o, s (--slurm), F (--fail-on), l (--local-as), a, p, j */
	uint32_t formats; /* 1u << FORMAT_... */
	uint32_t asdot;	  /* of these may have --asdot */
	bool routes;	  /* without -i and arguments the input is stdin */
	enum format format;
	struct words files; /* --vrps */
	struct vrpset_options load;
	const char *input, *output, *fail_on, *asn, *prefix; /* NULL: not given */
	uint32_t local_as;				     /* 0: not given */
	int argc;			      /* what follows the options */
	char **argv;
};
#define SHARED_SHORT "f:i:o:h"
/* One of SHARED_OPTIONS. returns: EXIT_DONE, EXIT_ERROR: said why. */
int shared_option(struct settings *s, int which, const char *value);
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
 * A line as a route: "PREFIX ASN", "PREFIX => ASN", or an announcement as manrs_announce_route reads it. Blank lines,
 * comments (#), withdrawals and state changes announce nothing. No origin (an AS_SET, an empty path where local_as is 0)
 * is asn 0.
 */
enum line_kind route_of_line(manrs_route *route, uint32_t local_as, const char *text, size_t n, manrs_fault *fault);

/* Routes of a file in batches: false at the end or after an error that ends the reading (failed is set). */
#define BATCH 4096
struct route_reader {
	struct lines lines;
	manrs_route route[BATCH];
	size_t n;
	uint64_t total, bad;
	uint32_t local_as; /* the origin of an empty path; 0: not known */
	bool failed;
};
bool route_reader_open(struct route_reader *reader, const char *path, uint32_t local_as);
bool route_reader_next(struct route_reader *reader);
void route_reader_close(struct route_reader *reader);

#endif
