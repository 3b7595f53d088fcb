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

/* Plain digits, no more than max. */
static bool take_number(uint64_t *number, const char *text, uint64_t max)
{
	uint64_t n = 0;

	if (!*text)
		return false;
	for (; *text >= '0' && *text <= '9'; text++) {
		n = n * 10 + (uint64_t)(*text - '0');
		if (n > max)
			return false;
	}
	*number = n;
	return !*text;
}

int shared_option(struct settings *s, int which, const char *value)
{
	uint64_t number;

	switch (which) {
	case 'f':
		return take_format(s, value) ? EXIT_DONE : EXIT_ERROR;
	case 'i':
		s->input = value;
		return EXIT_DONE;
	case 'o':
		s->output = value;
		return EXIT_DONE;
	case OPT_DROP_EXPIRED:
		s->load.expiry.drop = true;
		return EXIT_DONE;
	case OPT_MAX_AGE:
		s->load.expiry.limited = true;
		if (take_number(&s->load.expiry.max_age, value, UINT32_MAX))
			return EXIT_DONE;
		return usage_error(s->verb, "%s: --max-age takes seconds", value);
	case OPT_ASDOT:
		out_asdot = s->asdot != 0;
		return out_asdot ? EXIT_DONE
				 : usage_error(s->verb, "--asdot: an option that this verb does not have");
	case OPT_MEMORY:
		if (take_number(&input_memory, value, 1u << 20) && input_memory)
			return EXIT_DONE;
		return usage_error(s->verb, "%s: --memory takes MiB, from 1 to 1048576", value);
	case OPT_ALLOW_BAD:
		if (!take_number(&number, value, 100))
			return usage_error(s->verb, "%s: --allow-bad takes a percentage", value);
		load_allow_bad = (uint32_t)number;
		return EXIT_DONE;
	}
	return usage_error(s->verb, NULL);
}

bool options_read(struct settings *s, int argc, char **argv, int *status)
{
	int c;

	while ((c = getopt_long(argc, argv, s->short_options ? s->short_options : SHARED_SHORT,
				s->options, NULL)) != -1) {
		if (c == 'h') {
			*status = usage_help(s->verb);
			return false;
		}
		*status = s->option(s->arg, c);
		if (*status == OPTION_OTHER)
			*status = shared_option(s, c, optarg);
		if (*status != EXIT_DONE)
			return false;
	}
	s->argc = argc - optind;
	s->argv = argv + optind;
	if (!out_asdot || s->asdot >> s->format & 1)
		return true;
	*status = usage_error(s->verb, "--asdot goes with plain and csv, whose readers are people");
	return false;
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

enum { OPT_VRPS = 'v', OPT_SLURM = 's', OPT_FAIL = 'F', OPT_LOCAL_AS = 'l' };

static const struct option options[] = {
	{"vrps", required_argument, NULL, OPT_VRPS},
	{"slurm", required_argument, NULL, OPT_SLURM},
	{"fail-on", required_argument, NULL, OPT_FAIL},
	{"local-as", required_argument, NULL, OPT_LOCAL_AS},
	{"asn", required_argument, NULL, 'a'},
	{"prefix", required_argument, NULL, 'p'},
	{"json", no_argument, NULL, 'j'},
	SHARED_OPTIONS,
	{NULL, 0, NULL, 0},
};

static int option(void *arg, int c)
{
	struct settings *s = arg;

	if (c != '?' && c < OPT_DROP_EXPIRED && !strchr(s->accepts, c))
		return usage_error(s->verb, "an option that this verb does not have");
	switch (c) {
	case OPT_VRPS:
		words_add(&s->files, optarg);
		return EXIT_DONE;
	case OPT_SLURM:
		s->load.slurm = optarg;
		return EXIT_DONE;
	case OPT_FAIL:
		s->fail_on = optarg;
		return EXIT_DONE;
	case OPT_LOCAL_AS:
		if (manrs_asn_parse(&s->local_as, optarg, strlen(optarg), NULL) == MANRS_OK)
			return EXIT_DONE;
		return usage_error(s->verb, "%s: --local-as takes an AS number", optarg);
	case 'a':
		s->asn = optarg;
		return EXIT_DONE;
	case 'p':
		s->prefix = optarg;
		return EXIT_DONE;
	case 'j':
		s->format = FORMAT_JSON;
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
	if (!s->input && s->routes && !s->argc && !s->asn && !s->prefix)
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
