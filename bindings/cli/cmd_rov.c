/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * manrs rov: origin validation of routes, a row each, in order. Nothing is written before all VRPs are there; then the
 * routes stream through in batches, so the memory does not depend on how many they are.
 */

#include "routes.h"
#include "rows.h"
#include "validity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rov {
	struct settings s;
	const char *asn, *prefix; /* of options; NULL: not given */
	uint32_t local_as;
	manrs_route one; /* of the arguments */
	struct vrpset set;
	struct rows rows;
	uint32_t fail_on; /* a bit a state */
	bool findings;
	struct validity validity;
	uint8_t state[BATCH];
};

/* ---- rows ---- */

static void row_plain(struct rov *r, const manrs_route *route, int state)
{
	out_prefix(&r->rows.out, &route->prefix);
	out_text(&r->rows.out, " => ");
	out_asn(&r->rows.out, route->asn);
	out_text(&r->rows.out, ": ");
	out_text(&r->rows.out, manrs_rov_text(state));
}

static void row_csv(struct rov *r, const manrs_route *route, int state)
{
	out_prefix(&r->rows.out, &route->prefix);
	out_text(&r->rows.out, ",");
	out_as_number(&r->rows.out, route->asn);
	out_text(&r->rows.out, ",");
	out_text(&r->rows.out, manrs_rov_text(state));
	out_text(&r->rows.out, ",");
	if (state == MANRS_ROV_INVALID)
		out_text(&r->rows.out, validity_reason(manrs_rov_reason(r->set.db, route)));
}

static void row(struct rov *r, const manrs_route *route, int state)
{
	row_start(&r->rows);
	if (r->rows.format == FORMAT_PLAIN)
		row_plain(r, route, state);
	else if (r->rows.format == FORMAT_CSV)
		row_csv(r, route, state);
	else
		validity_write(&r->validity, route, state);
	row_end(&r->rows);
}

/* The time is that of the VRPs, as in Routinator; null: no file says when it was built. */
static void foot(struct rov *r)
{
	char text[TIME_TEXT];

	if (r->rows.format != FORMAT_JSON)
		return;
	rows_foot(&r->rows, "  ],\n  \"generatedTime\": ");
	if (r->set.built) {
		out_text(&r->rows.out, "\"");
		out_text(&r->rows.out, time_text(text, r->set.built));
		out_text(&r->rows.out, "\"\n}\n");
	} else {
		out_text(&r->rows.out, "null\n}\n");
	}
}

/* ---- the run ---- */

static void judge(void *arg, manrs_route *routes, size_t n)
{
	struct rov *r = arg;

	manrs_rov_check_many(r->set.db, routes, n, r->state);
	for (size_t i = 0; i < n; i++) {
		r->findings |= r->fail_on >> r->state[i] & 1;
		row(r, &routes[i], r->state[i]);
	}
}

/* Routes of a file, or the one of the arguments. */
static bool answer(void *arg, struct input *in)
{
	struct rov *r = arg;
	struct routes *routes = must_resize(NULL, 1, sizeof *routes);
	bool whole = true, good;

	*routes = (struct routes){
		.take = judge, .arg = r, .out = &r->rows.out, .local_as = r->local_as};
	rows_head(&r->rows, "prefix,asn,state,reason\n", "{\n  \"validated_routes\": [\n");
	if (in)
		whole = routes_each(routes, in);
	else
		judge(r, &r->one, 1);
	foot(r);
	if (!whole)
		out_spoil(&r->rows.out);
	good = whole && !routes->bad;
	free(routes);
	return good;
}

/* PREFIX ASN, PREFIX => ASN or the two in one argument. */
static int route_of_arguments(manrs_route *route, int argc, char **argv)
{
	manrs_fault fault = {0};
	char text[160];
	size_t n = 0;

	for (int i = 0; i < argc; i++) {
		size_t part = strlen(argv[i]);

		if (part + n + 2 > sizeof text)
			return usage_error(&verb_rov, "%s: no route", argv[i]);
		text[n] = ' ';
		memcpy(text + n + (i > 0), argv[i], part);
		n += part + (i > 0);
	}
	text[n] = '\0';
	if (manrs_route_parse(route, text, n, &fault) == MANRS_OK)
		return EXIT_DONE;
	complain_text(text, 0, &fault, text, n);
	return EXIT_ERROR;
}

static int route_of_options(struct rov *r)
{
	char *both[] = {(char *)(uintptr_t)r->prefix, (char *)(uintptr_t)r->asn};

	if (!r->asn && !r->prefix)
		return route_of_arguments(&r->one, r->s.argc, r->s.argv);
	if (r->s.argc)
		return usage_error(&verb_rov, "%s: unexpected beside -p and -a", r->s.argv[0]);
	if (!r->asn || !r->prefix)
		return usage_error(&verb_rov, "-p PREFIX and -a ASN go together");
	return route_of_arguments(&r->one, 2, both);
}

/* Options and arguments; s.input NULL after it: there is one route. Returns EXIT_DONE, EXIT_ERROR. */
static int usage_check(struct rov *r)
{
	bool many = !r->s.argc && !r->asn && !r->prefix, given = r->s.input;
	int status;

	if (!given && many)
		r->s.input = "-";
	status = vrps_given(&r->s);
	if (status != EXIT_DONE)
		return status;
	if (many)
		return EXIT_DONE;
	if (given)
		return usage_error(&verb_rov, "a route or -i FILE, not both");
	return route_of_options(r);
}

static int rov(void *self)
{
	struct rov *r = self;
	int status = usage_check(r);

	if (status == EXIT_DONE)
		status = vrpset_open(&r->set, NULL, &r->s.load);
	if (status != EXIT_DONE)
		return status;
	r->rows.format = r->s.format;
	r->validity = (struct validity){
		.out = &r->rows.out, .db = r->set.db, .lines = r->s.format == FORMAT_JSON};
	status = rows_run(&r->rows, r->s.input, r->s.output, answer, r);
	vrpset_free(&r->set);
	validity_free(&r->validity);
	return status == EXIT_DONE && r->findings ? EXIT_FINDINGS : status;
}

static bool take_states(void *self, const char *list)
{
	return states_parse(&((struct rov *)self)->fail_on, list, manrs_rov_text,
			    MANRS_ROV_MALFORMED + 1);
}

static bool take_json(void *self, const char *value)
{
	(void)value;
	((struct rov *)self)->s.format = FORMAT_JSON;
	return true;
}

/* clang-format off */
static const struct option_row options[] = {
	VRPS_ROW("VRPs of any format; may be repeated; - is stdin"),
	SLURM_ROW("local exceptions"),
	{"local-as", .kind = OPTION_ASN, .at = offsetof(struct rov, local_as), .value = "ASN", LOCAL_AS_TEXTS},
	{"fail-on", .kind = OPTION_CALL, .call = take_states, .value = "LIST",
	 .help = "exit with 1 where a route is of LIST: invalid,not-found",
	 .wrong = "%s: --fail-on takes valid, invalid, not-found"},
	{"asn", .letter = 'a', .kind = OPTION_STRING, .at = offsetof(struct rov, asn),
	 .value = "ASN, -p, --prefix PREFIX", .help = "one route, as Routinator has it"},
	{"prefix", .letter = 'p', .kind = OPTION_STRING, .at = offsetof(struct rov, prefix), .value = "PREFIX"},
	{"json", .letter = 'j', .kind = OPTION_CALL, .call = take_json},
	FORMAT_ROW("plain (default), csv, json, jsonl; -j, --json: json"),
	INPUT_ROW("the routes; - is stdin"),
	ASDOT_ROW,
	SHARED_ROWS,
};
/* clang-format on */

const struct verb verb_rov = {
	.name = "rov",
	.summary = "validate the origins of routes (RFC 6811)",
	.usage = "rov --vrps FILE... [options] [PREFIX ASN | -p PREFIX -a ASN]\n\n"
		 "Routes, a line each: `PREFIX ASN`, `PREFIX => ASN`, lines of `bgpdump -m`, or\n"
		 "JSON objects as `manrs check` takes them.\n"
		 "Without -i and PREFIX they come from stdin. Any file may be compressed.\n",
	.options = options,
	.size = sizeof(struct rov),
	.formats = ROW_FORMATS,
	.asdot = ASDOT_FORMATS,
	.format = FORMAT_PLAIN,
	.run = rov,
};
