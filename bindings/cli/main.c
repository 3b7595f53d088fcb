/* SPDX-License-Identifier: BSD-2-Clause */
/* The manrs command: a table of verbs, and what is said about them. */

#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct verb *const verbs[] = {
#define VERB(name) &verb_##name,
#include "verbs.h"
#undef VERB
};

static void say(const char *file, uint64_t line, const char *format, va_list args)
{
	char text[1024];

	progress_clear();
	vsnprintf(text, sizeof text, format, args);
	if (!file)
		fprintf(stderr, "manrs: %s\n", text);
	else if (line)
		fprintf(stderr, "manrs: %s:%llu: %s\n", file, (unsigned long long)line, text);
	else
		fprintf(stderr, "manrs: %s: %s\n", file, text);
}

void complain(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(NULL, 0, format, args);
	va_end(args);
}

void complain_at(const char *file, uint64_t line, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(file, line, format, args);
	va_end(args);
}

void complain_text(const char *file, uint64_t line, const manrs_fault *fault, const char *text,
		   size_t n)
{
	char what[MANRS_FAULT_TEXT];

	manrs_fault_text(fault, text, n, what, sizeof what);
	complain_at(file, line, "byte %llu: %s", (unsigned long long)fault->at + 1, what);
}

int usage_error(const struct verb *verb, const char *format, ...)
{
	va_list args;

	if (format) {
		va_start(args, format);
		say(verb->name, 0, format, args);
		va_end(args);
	}
	fprintf(stderr, "manrs: see `manrs %s --help`\n", verb->name);
	return EXIT_ERROR;
}

int usage_help(const struct verb *verb)
{
	printf("usage: manrs %s\n", verb->usage);
	return EXIT_DONE;
}

enum format format_of(const char *name)
{
	static const struct {
		const char *name;
		enum format format;
	} formats[] = {
		{"plain", FORMAT_PLAIN},       {"csv", FORMAT_CSV},	    {"json", FORMAT_JSON},
		{"jsonl", FORMAT_JSONL},       {"bird2", FORMAT_BIRD2},	    {"slurm", FORMAT_SLURM},
		{"openbgpd", FORMAT_OPENBGPD}, {"summary", FORMAT_SUMMARY},
	};

	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
		if (!strcmp(name, formats[i].name))
			return formats[i].format;
	return FORMAT_NONE;
}

void *must_resize(void *ptr, size_t n, size_t size)
{
	void *at = reallocarray(ptr, n ? n : 1, size);

	if (!at) {
		complain("%s", strerror(ENOMEM));
		exit(EXIT_ERROR);
	}
	return at;
}

void words_add(struct words *words, const char *word)
{
	words->at = must_resize(words->at, words->n + 1, sizeof *words->at);
	words->at[words->n++] = word;
}

static int help(void)
{
	printf("manrs %s: judge routes against what the world has published.\n\n"
	       "usage: manrs VERB [OPTIONS]\n\n",
	       manrs_version());
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		printf("  %-10s %s\n", verbs[i]->name, verbs[i]->summary);
	printf("\n`manrs help VERB`, `manrs VERB --help` and manrs(1) say more.\n"
	       "Exit: 0 done, 1 findings (where asked), 2 usage or input error, 3 data stale.\n");
	return EXIT_DONE;
}

static int version(void)
{
	const char *const *name = input_codecs();

	printf("manrs %s (%d)\ncompression:%s", manrs_version(), manrs_version_number(),
	       *name ? "" : " none");
	for (; *name; name++)
		printf(" %s", *name);
	printf("\n");
	return EXIT_DONE;
}

static const struct verb *find(const char *name)
{
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (!strcmp(name, verbs[i]->name))
			return verbs[i];
	complain("%s: no such verb; see `manrs --help`", name);
	return NULL;
}

static int run(int argc, char **argv)
{
	static char self[] = "manrs"; /* what getopt says before an error */
	const char *name = argc > 1 ? argv[1] : NULL;
	const struct verb *verb;

	if (!name) {
		complain("which verb? see `manrs --help`");
		return EXIT_ERROR;
	}
	if (!strcmp(name, "--version") || !strcmp(name, "-V"))
		return version();
	if (!strcmp(name, "--help") || !strcmp(name, "-h") || !strcmp(name, "help")) {
		if (argc == 2)
			return help();
		verb = find(argv[2]);
		return verb ? usage_help(verb) : EXIT_ERROR;
	}
	verb = find(name);
	argv[1] = self;
	return verb ? verb->run(argc - 1, argv + 1) : EXIT_ERROR;
}

/*
 * A file that is opened must not get the number of a standard stream that the caller closed: rows would go into it. What
 * stands in for the stream fails as the closed one would.
 */
static void hold_standard_streams(void)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

int main(int argc, char **argv)
{
	int status;

	hold_standard_streams();
	status = run(argc, argv);
	progress_end();
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	complain_at("stdout", 0, "%s", strerror(errno));
	return EXIT_ERROR;
}
