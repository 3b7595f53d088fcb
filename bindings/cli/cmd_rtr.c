/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * manrs rtr: what an RTR cache has, what changes in it, and what two of them differ in. All goes through the set of VRPs that
 * other verbs judge by; a cache is asked as one of their sources.
 */

#include "rtr_watch.h"
#include "vrps_formats.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct rtr {
	struct settings s;
	bool watch;
	struct rows rows;
	manrs_db_owner *owner;
	struct vrpset a, b;
	uint64_t differences;
};

/* The format that was asked for, or `otherwise`; one of `formats`, or it is no format of this. */
static bool choose(struct rtr *r, uint32_t formats, enum format otherwise, const char *of)
{
	if (r->s.format == FORMAT_NONE)
		r->s.format = otherwise;
	r->rows.format = r->s.format;
	if (formats >> r->s.format & 1)
		return true;
	usage_error(&verb_rtr, "this format is not one of %s", of);
	return false;
}

/* ---- one cache ---- */

static int dump(struct rtr *r, const char *url)
{
	int status;

	if (!choose(r, VRPS_FORMATS, FORMAT_CSV, "a cache as a whole"))
		return EXIT_ERROR;
	words_add(&r->s.load.files, url);
	r->s.load.all_records = true;
	status = vrpset_open(&r->a, NULL, &r->s.load);
	if (status == EXIT_DONE) {
		status = vrps_write(&r->a, r->s.format, VRPS_ASPAS | VRPS_BY_PREFIX, r->s.output);
		vrpset_free(&r->a);
	}
	free(r->s.load.files.at);
	return status;
}

static int watch(struct rtr *r, const char *url)
{
	if (!choose(r, ROW_FORMATS & ~(1u << FORMAT_JSON), FORMAT_PLAIN, "--watch"))
		return EXIT_ERROR;
	if (r->s.output && strcmp(r->s.output, "-") != 0)
		return usage_error(&verb_rtr, "--watch writes to stdout, row by row");
	return rtr_watch(&r->rows, url, &r->s.load.rtr);
}

static int one(struct rtr *r, const char *text)
{
	struct rtr_url url;
	manrs_fault fault;

	if (!rtr_url_parse(&url, text, true, &fault)) {
		complain_text(text, 0, &fault, NULL, 0);
		return EXIT_ERROR;
	}
	return r->watch ? watch(r, url.text) : dump(r, url.text);
}

/* ---- two ---- */

/* What only one of the two can have is no difference: a cache of version 1 has no ASPAs, a CSV file VRPs alone. */
static uint32_t both_have(const struct rtr *r)
{
	static const char *const names[] = {"VRPs", "ASPAs", "router keys"};
	uint32_t one = r->a.lists ^ r->b.lists;

	for (unsigned i = 0; i < 3; i++)
		if (one >> i & 1)
			complain("warning: %s are not compared: %s has no list of them", names[i],
				 r->s.argv[r->a.lists >> i & 1 ? 2 : 1]);
	return r->a.lists & r->b.lists;
}

static bool answer(void *arg, struct input *in)
{
	struct rtr *r = arg;

	(void)in;
	changes_head(&r->rows);
	r->differences = changes_write(&r->rows, r->a.db, r->b.db, both_have(r));
	changes_foot(&r->rows);
	return true;
}

/*
 * A URL, a file that is there, or HOST:PORT; the port must be there, so that a mistyped file is not a host of that name.
 * returns: the URL or the file; NULL: said why
 */
static const char *source(struct rtr_url *url, const char *text)
{
	const char *port = strrchr(text, ':');
	manrs_fault fault;

	if (rtr_url_is(text) || !strcmp(text, "-") || access(text, F_OK) == 0)
		return text;
	if (errno != ENOENT &&
	    errno != ENOTDIR) /* there may be one: let its reader say what is wrong */
		return text;
	if (port && !strchr(port, ']') && !strchr(text, '/') &&
	    (*text == '[' || strchr(text, ':') == port) && rtr_url_parse(url, text, true, &fault))
		return url->text;
	complain_at(text, 0, "no such file, and no HOST:PORT of a cache");
	return NULL;
}

static int compare(struct rtr *r)
{
	struct vrpset_options a = r->s.load, b = r->s.load;
	struct rtr_url urls[2];
	const char *names[] = {source(&urls[0], r->s.argv[1]), source(&urls[1], r->s.argv[2])};
	int rc, status;

	if (!names[0] || !names[1])
		return EXIT_ERROR;
	rc = db_owner_new(&r->owner);
	if (rc < 0)
		return complain_error(rc);
	a.all_records = b.all_records = true;
	a.files = (struct words){names, 1};
	b.files = (struct words){names + 1, 1};
	status = vrpset_open(&r->a, r->owner, &a);
	if (status == EXIT_DONE)
		status = vrpset_open(&r->b, r->owner, &b);
	if (status == EXIT_DONE)
		status = rows_run(&r->rows, NULL, r->s.output, answer, r);
	if (status == EXIT_DONE && r->differences)
		status = EXIT_FINDINGS;
	vrpset_free(&r->a);
	vrpset_free(&r->b);
	manrs_db_owner_free(r->owner);
	return status;
}

static int two(struct rtr *r)
{
	if (r->watch)
		return usage_error(&verb_rtr, "--watch goes with one cache");
	if (!strcmp(r->s.argv[1], "-") && !strcmp(r->s.argv[2], "-"))
		return usage_error(&verb_rtr, STDIN_ONCE);
	if (!choose(r, ROW_FORMATS, FORMAT_PLAIN, "compare"))
		return EXIT_ERROR;
	return compare(r);
}

/* ---- the run ---- */

static int rtr(void *self)
{
	struct rtr *r = self;
	bool compared = r->s.argc && !strcmp(r->s.argv[0], "compare");
	const struct rtr_options *o = &r->s.load.rtr;

	if (o->max_version && o->min_version >= o->max_version)
		return usage_error(&verb_rtr, "--min-version is above --max-version");
	if (compared && r->s.argc == 3)
		return two(r);
	if (compared)
		return usage_error(&verb_rtr, "compare takes two caches or files");
	if (r->s.argc != 1)
		return usage_error(&verb_rtr, r->s.argc ? "%s: unexpected" : "which cache?",
				   r->s.argc ? r->s.argv[1] : "");
	return one(r, r->s.argv[0]);
}

static bool take_max_version(void *self, const char *text)
{
	struct rtr_options *o = &((struct settings *)self)->load.rtr;

	if (*text < '0' || *text > '2' || text[1])
		return false;
	o->max_version = (uint64_t)(*text - '0') + 1;
	return true;
}

/* clang-format off */
static const struct option_row options[] = {
	{"watch", .kind = OPTION_FLAG, .at = offsetof(struct rtr, watch),
	 .help = "a row a change, from the first response on, until SIGINT\nor SIGTERM"},
	{"max-version", .kind = OPTION_CALL, .call = take_max_version, .value = "0|1|2",
	 .help = "of the protocol, asked for first (2)",
	 .wrong = "%s: --max-version takes 0, 1 or 2"},
	{"min-version", .kind = OPTION_NUMBER, IN_SETTINGS(load.rtr.min_version), .most = 2, .value = "0|1|2",
	 .help = "below it there is no agreement (0)",
	 .wrong = "%s: --min-version takes 0, 1 or 2"},
	FORMAT_ROW(VRPS_FORMATS_TEXT ";\n--watch: plain (default), csv, jsonl; compare: json too"),
	ASDOT_ROW,
	SHARED_ROWS,
};
/* clang-format on */

const struct verb verb_rtr = {
	.name = "rtr",
	.summary = "what an RTR cache has, and what changes in it",
	.usage =
		"rtr HOST[:PORT] [options]\n"
		"       manrs rtr HOST[:PORT] --watch [options]\n"
		"       manrs rtr compare A B [options]\n\n"
		"HOST[:PORT], rtr://HOST[:PORT] or, with TLS, rtrs://HOST[:PORT] is a cache. A and B are\n"
		"such URLs or HOST:PORT, or files; exit 1 if they differ.\n",
	.options = options,
	.size = sizeof(struct rtr),
	.formats = VRPS_FORMATS | ROW_FORMATS,
	.asdot = ASDOT_FORMATS | 1u << FORMAT_NONE,
	.format = FORMAT_NONE,
	.run = rtr,
};
