/* SPDX-License-Identifier: BSD-2-Clause */
/* The manrs command: a table of verbs, and what is said about them. */

#include "input.h"
#include "options.h"
#include "progress.h"
#include "http.h"
#include "tls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct verb *const verbs[] = {
#define VERB(name) &verb_##name,
#include "verbs.h"
#undef VERB
};

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
	printf("\nTLS: %s\nHTTP: %s\n", tls_library() ? tls_library() : "none",
	       http_library() ? http_library() : "none");
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
		return verb ? verb_help(verb) : EXIT_ERROR;
	}
	verb = find(name);
	argv[1] = self;
	return verb ? verb_run(verb, argc - 1, argv + 1) : EXIT_ERROR;
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
