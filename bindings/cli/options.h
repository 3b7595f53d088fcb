/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

/*
 * What a verb takes: a table of rows, one an option, in the order of --help. One function reads all of them, and --help is
 * made of the same rows. Each cmd_<name>.c defines `const struct verb verb_<name>` and is found by its file name.
 */

#include "input.h"
#include "output.h"
#include "vrpset.h"

enum format {
	FORMAT_NONE,
	FORMAT_PLAIN,
	FORMAT_CSV,
	FORMAT_JSON,
	FORMAT_JSONL,
	FORMAT_RPKI_CLIENT,
	FORMAT_OPENBGPD,
	FORMAT_BIRD2,
	FORMAT_SLURM,
	FORMAT_SUMMARY,
};
/* What every verb that answers in rows writes, and what of it may have --asdot: its readers are people. */
#define ROW_FORMATS   (1u << FORMAT_PLAIN | 1u << FORMAT_CSV | 1u << FORMAT_JSON | 1u << FORMAT_JSONL)
#define ASDOT_FORMATS (1u << FORMAT_PLAIN | 1u << FORMAT_CSV)
/* A format by its name; FORMAT_NONE if there is none. */
enum format format_of(const char *name);

enum option_kind {
	OPTION_FLAG,   /* bool: true */
	OPTION_BIT,    /* uint32_t: `bit` is set in it */
	OPTION_STRING, /* const char * */
	OPTION_FILE,   /* the same, of a file that is read; - is stdin */
	OPTION_FILES,  /* struct words: the same, repeated; freed when the verb has ended */
	OPTION_LIST,   /* struct words of other kinds */
	OPTION_ASN,    /* uint32_t, `least` or above */
	OPTION_NUMBER, /* uint64_t in plain digits, least..most */
	OPTION_WORD,   /* int: what `parse` has of it, `least` or above */
	OPTION_CALL,   /* `call` takes it */
	OPTION_HELP,
	OPTION_REFUSED, /* one that verbs of its kind have, and this has not */
};

struct option_row {
	const char *name; /* NULL: the end of the table */
	const char *also; /* another spelling of it */
	char letter;      /* -l */
	uint8_t kind;
	/* where it stands among what an abbreviation may mean: those of rank 0 first */
	uint8_t rank;
	size_t at;         /* where it goes: a place in the verb's struct... */
	void *to;          /* ...or a variable of its own */
	const char *value; /* what stands for its value in --help; NULL: it takes none */
	const char *help;  /* its lines there; NULL: none */
	/* what is said of a wrong value, which is its %s; of a refused option, NULL: the usual */
	const char *wrong;
	uint32_t bit;
	uint64_t least, most;
	int otherwise; /* of a word that is not given, or of a number, where that is not 0 */
	int (*parse)(const char *text, size_t n); /* < 0: it is none */
	bool (*call)(void *self, const char *value);
};

struct verb {
	const char *name, *summary;
	const char *usage; /* the lines of --help above those of the options */
	const struct option_row *options;
	size_t size;        /* of its struct, which begins with struct settings */
	uint32_t formats;   /* 1u << FORMAT_... */
	uint32_t asdot;     /* of these may have --asdot */
	enum format format; /* without --format */
	int (*run)(
		void *self); /* its struct was zeros, then the options; returns the exit status */
};
#define VERB(name) extern const struct verb verb_##name;
#include "verbs.h"
#undef VERB

/* What verbs share: the head of their structs. */
struct settings {
	const struct verb *verb;
	enum format format;
	const char *input, *output; /* NULL: not given */
	struct vrpset_options load; /* --vrps, --aspas, --slurm, and what is done with old ones */
	int argc;                   /* what follows the options */
	char **argv;
};
#define IN_SETTINGS(member) .at = offsetof(struct settings, member)

/* clang-format off */
#define VRPS_ROW(text) \
	{"vrps", .kind = OPTION_FILES, IN_SETTINGS(load.files), .value = "FILE", .help = text}
#define SLURM_ROW(text) \
	{"slurm", .kind = OPTION_FILE, IN_SETTINGS(load.slurm), .value = "FILE", .help = text}
#define LOCAL_AS_WRONG .wrong = "%s: --local-as takes an AS number"
#define LOCAL_AS_TEXTS .help = "ours, the origin of an empty path, which else has none", LOCAL_AS_WRONG
#define FORMAT_ROW(text) \
	{"format", .letter = 'f', .rank = 1, .kind = OPTION_CALL, .call = take_format, \
	 .value = "FORMAT", .help = text, .wrong = "%s: no such format"}
#define INPUT_ROW(text) \
	{"input", .letter = 'i', .rank = 1, .kind = OPTION_FILE, IN_SETTINGS(input), \
	 .value = "FILE", .help = text}
#define ASDOT_ROW \
	{"asdot", .rank = 2, .kind = OPTION_FLAG, .to = &out_asdot, \
	 .help = "AS numbers above 65535 as 1.0, in plain and csv"}
#define NO_ASDOT_ROW \
	{"asdot", .rank = 2, .kind = OPTION_REFUSED, \
	 .wrong = "--asdot: an option that this verb does not have"}
#define OUTPUT_ROW \
	{"output", .letter = 'o', .rank = 1, .kind = OPTION_STRING, IN_SETTINGS(output), \
	 .value = "FILE", .help = "replaced in the end; - or none: stdout"}
#define MEMORY_ROW \
	{"memory", .rank = 1, .kind = OPTION_NUMBER, .to = &input_memory, .least = 1, .most = 1u << 20, \
	 .value = "MIB", .help = "what uncompressing a file may take (256)", \
	 .wrong = "%s: --memory takes MiB, from 1 to 1048576"}
#define HELP_ROW \
	{"help", .letter = 'h', .rank = 2, .kind = OPTION_HELP, .help = ""}
/* The last of the table of a verb that reads data to judge by. */
#define SHARED_ROWS \
	OUTPUT_ROW, \
	{"drop-expired", .rank = 1, .kind = OPTION_FLAG, IN_SETTINGS(load.expiry.drop), \
	 .help = "leave out what has expired; exit 3 if nothing is left"}, \
	{"max-age", .rank = 1, .kind = OPTION_CALL, .call = take_max_age, .value = "SECONDS", \
	 .help = "exit 3 if a file was built before, or does not say when", \
	 .wrong = "%s: --max-age takes seconds"}, \
	MEMORY_ROW, \
	{"allow-bad", .rank = 1, .kind = OPTION_NUMBER, .to = &load_allow_bad, .most = 100, .value = "N", \
	 .help = "percent of a list's entries that may be unreadable (1)", \
	 .wrong = "%s: --allow-bad takes a percentage"}, \
	{"timeout", .rank = 2, .kind = OPTION_NUMBER, IN_SETTINGS(load.rtr.timeout_s), .least = 1, .most = 86400, \
	 .value = "SECONDS", .help = "exit 3 if a cache (rtr://HOST[:PORT] or rtrs:// for a\nFILE) has not given its data by then (30)", \
	 .wrong = "%s: --timeout takes seconds, from 1 to 86400"}, \
	{"ca", .rank = 2, .kind = OPTION_STRING, IN_SETTINGS(load.rtr.ca), .value = "FILE", \
	 .help = "who signs the certificates of caches, PEM; without it\nthose whom the system trusts"}, \
	{"cert", .rank = 2, .kind = OPTION_STRING, IN_SETTINGS(load.rtr.cert), .value = "FILE", \
	 .help = "our certificate for them, PEM"}, \
	{"key", .rank = 2, .kind = OPTION_STRING, IN_SETTINGS(load.rtr.key), .value = "FILE", \
	 .help = "its key"}, \
	{"connect", .rank = 2, .kind = OPTION_STRING, IN_SETTINGS(load.rtr.connect), .value = "COMMAND", \
	 .help = "speaks to a cache by its stdin and stdout, as\n'ssh -s %h rpki-rtr' (%h: host, %p: port)"}, \
	HELP_ROW, \
	{0}
/* clang-format on */
bool take_format(void *self, const char *name);
bool take_max_age(void *self, const char *seconds);

/* A verb with its options: the struct is made, filled and freed. Returns the exit status. */
int verb_run(const struct verb *verb, int argc, char **argv);
/* Its help on stdout. Returns EXIT_DONE. */
int verb_help(const struct verb *verb);
/* What is wrong with the usage of a verb, if not NULL, and where its help is. Returns EXIT_ERROR. */
int usage_error(const struct verb *verb, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* How often stdin is named by options: more than once is a usage error, as it can be read once. */
size_t stdins(const struct settings *s);
#define STDIN_ONCE "stdin can be read only once"
/* Of a verb over VRPs: files were given, and stdin once. Returns EXIT_DONE, EXIT_ERROR. */
int vrps_given(const struct settings *s);
/* "invalid,unknown" as bits of the states 0..n-1. false: not such a list. */
bool states_parse(uint32_t *bits, const char *list, const char *(*text)(int state), int n);

#endif
