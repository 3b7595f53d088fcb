/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The options that verbs share, read once for all of them: a verb brings a table and a function of its own, or, over
 * VRPs, says which of those here it takes.
 */

#include "cli.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static bool take_format(struct settings *s, const char *name)
{
	s->format = format_of(name);
	if (s->format != FORMAT_NONE && (s->formats >> s->format & 1))
		return true;
	usage_error(s->verb, "%s: no such format", name);
	return false;
}

/* One of those that all take. returns: false: said why. */
static bool shared(struct settings *s, int c)
{
	switch (c) {
	case 'f':
		return take_format(s, optarg);
	case 'i':
		s->input = optarg;
		return true;
	case 'o':
		s->output = optarg;
		return true;
	}
	usage_error(s->verb, NULL);
	return false;
}

bool options_read(struct settings *s, int argc, char **argv, int *status)
{
	int c;

	while ((c = getopt_long(argc, argv, "f:i:o:h", s->options, NULL)) != -1) {
		if (c == 'h') {
			*status = usage_help(s->verb);
			return false;
		}
		*status = s->option(s->arg, c);
		if (*status == OPTION_OTHER)
			*status = shared(s, c) ? EXIT_DONE : EXIT_ERROR;
		if (*status != EXIT_DONE)
			return false;
	}
	s->argc = argc - optind;
	s->argv = argv + optind;
	return true;
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

/* ---- verbs over VRPs ---- */

enum { OPT_VRPS = 'v', OPT_SLURM = 's', OPT_DROP = 'd', OPT_FAIL = 'F' };

static const struct option options[] = {
	{"vrps", required_argument, NULL, OPT_VRPS},
	{"slurm", required_argument, NULL, OPT_SLURM},
	{"drop-expired", no_argument, NULL, OPT_DROP},
	{"fail-on", required_argument, NULL, OPT_FAIL},
	SHARED_OPTIONS,
	{NULL, 0, NULL, 0},
};

static int option(void *arg, int c)
{
	struct settings *s = arg;

	if (c != '?' && !strchr(s->accepts, c))
		return usage_error(s->verb, "an option that this verb does not have");
	switch (c) {
	case OPT_VRPS:
		words_add(&s->files, optarg);
		return EXIT_DONE;
	case OPT_SLURM:
		s->load.slurm = optarg;
		return EXIT_DONE;
	case OPT_DROP:
		s->load.drop_expired = true;
		return EXIT_DONE;
	case OPT_FAIL:
		s->fail_on = optarg;
		return EXIT_DONE;
	}
	return OPTION_OTHER;
}

/* How often stdin is named: it can be read once. */
static size_t stdins(const struct settings *s)
{
	size_t n = s->input && !strcmp(s->input, "-");

	n += s->load.slurm && !strcmp(s->load.slurm, "-");
	for (size_t i = 0; i < s->files.n; i++)
		n += !strcmp(s->files.at[i], "-");
	return n;
}

bool settings_read(struct settings *s, int argc, char **argv, int *status)
{
	s->options = options;
	s->option = option;
	s->arg = s;
	s->load.files = &s->files;
	if (!options_read(s, argc, argv, status))
		return false;
	*status = EXIT_ERROR;
	if (!s->input && s->routes && !s->argc)
		s->input = "-";
	if (!s->files.n)
		usage_error(s->verb, "--vrps FILE is missing");
	else if (stdins(s) > 1)
		usage_error(s->verb, "stdin can be read only once");
	else
		return true;
	return false;
}

void settings_free(struct settings *s)
{
	free(s->files.at);
	s->files = (struct words){0};
}
