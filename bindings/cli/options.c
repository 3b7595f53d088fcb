/* SPDX-License-Identifier: BSD-2-Clause */
/* The options that verbs share, read once for all of them; a verb says which it takes. */

#include "cli.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum { OPT_VRPS = 'v', OPT_SLURM = 's', OPT_DROP = 'd', OPT_FAIL = 'F' };

static const struct option options[] = {
	{"vrps", required_argument, NULL, OPT_VRPS},
	{"format", required_argument, NULL, 'f'},
	{"input", required_argument, NULL, 'i'},
	{"output", required_argument, NULL, 'o'},
	{"slurm", required_argument, NULL, OPT_SLURM},
	{"drop-expired", no_argument, NULL, OPT_DROP},
	{"fail-on", required_argument, NULL, OPT_FAIL},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

static bool take_format(struct settings *s, const char *name)
{
	s->format = format_of(name);
	if (s->format != FORMAT_NONE && (s->formats >> s->format & 1))
		return true;
	usage_error(s->verb, "%s: no such format", name);
	return false;
}

/* One option. returns: false: said why. */
static bool take(struct settings *s, int c)
{
	if (c != '?' && c != 'h' && !strchr(s->accepts, c)) {
		usage_error(s->verb, "an option that this verb does not have");
		return false;
	}
	switch (c) {
	case OPT_VRPS:
		words_add(&s->files, optarg);
		return true;
	case 'f':
		return take_format(s, optarg);
	case 'i':
		s->input = optarg;
		return true;
	case 'o':
		s->output = optarg;
		return true;
	case OPT_SLURM:
		s->load.slurm = optarg;
		return true;
	case OPT_DROP:
		s->load.drop_expired = true;
		return true;
	case OPT_FAIL:
		s->fail_on = optarg;
		return true;
	}
	usage_error(s->verb, NULL);
	return false;
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
	int c;

	s->load.files = &s->files;
	*status = EXIT_ERROR;
	while ((c = getopt_long(argc, argv, "f:i:o:h", options, NULL)) != -1) {
		if (c == 'h') {
			*status = usage_help(s->verb);
			return false;
		}
		if (!take(s, c))
			return false;
	}
	s->argc = argc - optind;
	s->argv = argv + optind;
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
