/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * manrs rov: origin validation of routes, a row each, in order. Nothing is written before all VRPs are there; then the
 * routes stream through in batches, so the memory does not depend on how many they are. The JSON is that of
 * `routinator validate --json`, member for member, and `manrs_reason` behind them: the two do not mean the same by a reason.
 */

#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rov {
	struct vrpset set;
	struct out out;
	enum format format;
	uint32_t fail_on; /* a bit a state */
	bool findings, rows;
	manrs_route *covering;
	size_t cap_covering;
	uint8_t state[BATCH];
};

static const char *const reasons[] = {
	[MANRS_ROV_REASON_NONE] = "",
	[MANRS_ROV_REASON_AS] = "as",
	[MANRS_ROV_REASON_LENGTH] = "length",
};

/* ---- rows ---- */

static void row_plain(struct rov *r, const manrs_route *route, int state)
{
	out_prefix(&r->out, &route->prefix);
	out_text(&r->out, " => ");
	out_asn(&r->out, route->asn);
	out_text(&r->out, ": ");
	out_text(&r->out, manrs_rov_text(state));
	out_text(&r->out, "\n");
}

static void row_csv(struct rov *r, const manrs_route *route, int state)
{
	out_prefix(&r->out, &route->prefix);
	out_text(&r->out, ",");
	out_as_number(&r->out, route->asn);
	out_text(&r->out, ",");
	out_text(&r->out, manrs_rov_text(state));
	out_text(&r->out, ",");
	if (state == MANRS_ROV_INVALID)
		out_text(&r->out, reasons[manrs_rov_reason(r->set.db, route)]);
	out_text(&r->out, "\n");
}

/*
 * What a covering VRP says to a route, as Routinator has it (src/validity.rs): the length is looked at first, so a VRP
 * that is too short for the route goes to unmatched_length whatever its AS. Ours (manrs_rov_match) asks for the AS first. A
 * VRP of AS0 matches nothing here, also not a route without an origin (RFC 6483 section 4).
 */
static int said(const manrs_route *route, const manrs_route *vrp)
{
	if (route->prefix.len > vrp->prefix.maxlen)
		return MANRS_ROV_UNMATCHED_LENGTH;
	return manrs_rov_match(route, vrp);
}

/* Its reason for an invalid route: `as` where any VRP would allow the length, else `length`. */
static int reason_of(const struct rov *r, const manrs_route *route, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (said(route, &r->covering[i]) == MANRS_ROV_UNMATCHED_AS)
			return MANRS_ROV_REASON_AS;
	return MANRS_ROV_REASON_LENGTH;
}

/* The texts of the RIPE NCC validator, which Routinator kept. */
static const char *description(int state, int reason)
{
	if (state == MANRS_ROV_VALID)
		return "At least one VRP Matches the Route Prefix";
	if (state == MANRS_ROV_NOT_FOUND)
		return "No VRP Covers the Route Prefix";
	if (reason == MANRS_ROV_REASON_AS)
		return "At least one VRP Covers the Route Prefix, but no VRP ASN matches the route "
		       "origin ASN";
	return "At least one VRP Covers the Route Prefix, but the Route Prefix length is greater "
	       "than the maximum length "
	       "allowed by VRP(s) matching this route origin ASN";
}

static size_t covering(struct rov *r, const manrs_route *route)
{
	size_t n = manrs_rov_covering(r->set.db, &route->prefix, r->covering, r->cap_covering);

	if (n > r->cap_covering) {
		r->cap_covering = n;
		r->covering = must_resize(r->covering, n, sizeof *r->covering);
		manrs_rov_covering(r->set.db, &route->prefix, r->covering, n);
	}
	return n;
}

/* Text of the document as it is laid out over lines; for jsonl without line breaks, indents and the gap after ':'. */
static void layout(struct rov *r, const char *text)
{
	if (r->format == FORMAT_JSON) {
		out_text(&r->out, text);
		return;
	}
	for (; *text; text++) {
		if (*text == '\n' || *text == ' ')
			continue;
		out_bytes(&r->out, text, 1);
	}
}

static void json_vrp(struct rov *r, const manrs_route *vrp)
{
	layout(r, "\n            {\n              \"asn\": \"");
	out_asn(&r->out, vrp->asn);
	layout(r, "\",\n              \"prefix\": \"");
	out_prefix(&r->out, &vrp->prefix);
	layout(r, "\",\n              \"max_length\": \"");
	out_number(&r->out, vrp->prefix.maxlen);
	layout(r, "\"\n            }");
}

/* One of the three lists: the covering VRPs that say `which` to the route. */
static void json_list(struct rov *r, const manrs_route *route, size_t n, int which)
{
	bool first = true;

	for (size_t i = 0; i < n; i++) {
		if (said(route, &r->covering[i]) != which)
			continue;
		layout(r, first ? "" : ",");
		json_vrp(r, &r->covering[i]);
		first = false;
	}
	layout(r, "\n          ]");
}

static void row_json(struct rov *r, const manrs_route *route, int state)
{
	size_t n = covering(r, route);
	int reason = state == MANRS_ROV_INVALID ? reason_of(r, route, n) : MANRS_ROV_REASON_NONE;

	layout(r, "    {\n      \"route\": {\n        \"origin_asn\": \"");
	out_asn(&r->out, route->asn);
	layout(r, "\",\n        \"prefix\": \"");
	out_prefix(&r->out, &route->prefix);
	layout(r, "\"\n      },\n      \"validity\": {\n        \"state\": \"");
	out_text(&r->out, manrs_rov_text(state));
	if (reason != MANRS_ROV_REASON_NONE) {
		layout(r, "\",\n        \"reason\": \"");
		out_text(&r->out, reasons[reason]);
	}
	layout(r, "\",\n        \"description\": \"");
	out_text(&r->out, description(state, reason));
	layout(r, "\",\n        \"VRPs\": {\n          \"matched\": [");
	json_list(r, route, n, MANRS_ROV_MATCHED);
	layout(r, ",\n          \"unmatched_as\": [");
	json_list(r, route, n, MANRS_ROV_UNMATCHED_AS);
	layout(r, ",\n          \"unmatched_length\": [");
	json_list(r, route, n, MANRS_ROV_UNMATCHED_LENGTH);
	layout(r, "\n        }");
	if (reason != MANRS_ROV_REASON_NONE) {
		layout(r, ",\n        \"manrs_reason\": \"");
		out_text(&r->out, reasons[manrs_rov_reason(r->set.db, route)]);
		layout(r, "\"");
	}
	layout(r, "\n      }\n    }");
}

static void row(struct rov *r, const manrs_route *route, int state)
{
	switch (r->format) {
	case FORMAT_CSV:
		row_csv(r, route, state);
		break;
	case FORMAT_JSON:
		out_text(&r->out, r->rows ? ",\n" : "");
		row_json(r, route, state);
		break;
	case FORMAT_JSONL:
		row_json(r, route, state);
		out_text(&r->out, "\n");
		break;
	default:
		row_plain(r, route, state);
	}
	r->rows = true;
}

static void head(struct rov *r)
{
	if (r->format == FORMAT_CSV)
		out_text(&r->out, "prefix,asn,state,reason\n");
	if (r->format == FORMAT_JSON)
		out_text(&r->out, "{\n  \"validated_routes\": [\n");
}

/* The time is that of the VRPs, as in Routinator; null: no file says when it was built. */
static void foot(struct rov *r)
{
	char text[TIME_TEXT];

	if (r->format != FORMAT_JSON)
		return;
	out_text(&r->out, r->rows ? "\n  ],\n" : "  ],\n");
	out_text(&r->out, "  \"generatedTime\": ");
	if (r->set.built) {
		out_text(&r->out, "\"");
		out_text(&r->out, time_text(text, r->set.built));
		out_text(&r->out, "\"\n}\n");
	} else {
		out_text(&r->out, "null\n}\n");
	}
}

/* ---- the run ---- */

static void judge(struct rov *r, const manrs_route *routes, size_t n)
{
	manrs_rov_check_many(r->set.db, routes, n, r->state);
	for (size_t i = 0; i < n; i++) {
		r->findings |= r->fail_on >> r->state[i] & 1;
		row(r, &routes[i], r->state[i]);
	}
}

static bool judge_file(struct rov *r, struct route_reader *reader)
{
	while (!r->out.failed && route_reader_next(reader))
		judge(r, reader->route, reader->n);
	return !reader->failed && !reader->bad;
}

/* The whole run with the VRPs there: routes of a file, or the one route. */
static int run(struct rov *r, const struct settings *s, const manrs_route *one)
{
	struct route_reader *reader = one ? NULL : must_resize(NULL, 1, sizeof *reader);
	bool good = true;

	if (reader && !route_reader_open(reader, s->input, s->local_as)) {
		free(reader);
		return EXIT_ERROR;
	}
	good = out_open(&r->out, s->output);
	if (good) {
		head(r);
		if (one)
			judge(r, one, 1);
		else
			good = judge_file(r, reader);
		foot(r);
		if (reader && reader->failed)
			out_spoil(&r->out);
		good &= out_close(&r->out);
	}
	if (reader)
		route_reader_close(reader);
	free(reader);
	return !good ? EXIT_ERROR : r->findings ? EXIT_FINDINGS : EXIT_DONE;
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

static int route_of_options(manrs_route *route, const struct settings *s)
{
	char *both[] = {(char *)(uintptr_t)s->prefix, (char *)(uintptr_t)s->asn};

	if (!s->asn && !s->prefix)
		return route_of_arguments(route, s->argc, s->argv);
	if (s->argc)
		return usage_error(&verb_rov, "%s: unexpected beside -p and -a", s->argv[0]);
	if (!s->asn || !s->prefix)
		return usage_error(&verb_rov, "-p PREFIX and -a ASN go together");
	return route_of_arguments(route, 2, both);
}

static int judge_all(struct rov *r, const struct settings *s, const manrs_route *one)
{
	int status = vrpset_open(&r->set, NULL, &s->load);

	if (status != EXIT_DONE)
		return status;
	status = run(r, s, one);
	vrpset_free(&r->set);
	return status;
}

static int start(struct rov *r, const struct settings *s)
{
	manrs_route one;
	int status;

	r->format = s->format;
	if (s->fail_on &&
	    !states_parse(&r->fail_on, s->fail_on, manrs_rov_text, MANRS_ROV_MALFORMED + 1))
		return usage_error(&verb_rov, "%s: --fail-on takes valid, invalid, not-found",
				   s->fail_on);
	if (!s->argc && !s->asn && !s->prefix)
		return judge_all(r, s, NULL);
	if (s->input)
		return usage_error(&verb_rov, "a route or -i FILE, not both");
	status = route_of_options(&one, s);
	return status == EXIT_DONE ? judge_all(r, s, &one) : status;
}

static int cmd_rov(int argc, char **argv)
{
	struct settings s = {
		.verb = &verb_rov,
		.short_options = SHARED_SHORT "a:p:j",
		.accepts = "vfiosFlapj",
		.routes = true,
		.formats = ROW_FORMATS,
		.asdot = 1u << FORMAT_PLAIN | 1u << FORMAT_CSV,
		.format = FORMAT_PLAIN,
	};
	struct rov *r = must_resize(NULL, 1, sizeof *r);
	int status;

	memset(r, 0, sizeof *r);
	if (settings_read(&s, argc, argv, &status))
		status = start(r, &s);
	settings_free(&s);
	free(r->covering);
	free(r);
	return status;
}

const struct verb verb_rov = {
	"rov",
	cmd_rov,
	"validate the origins of routes (RFC 6811)",
	"rov --vrps FILE... [options] [PREFIX ASN | -p PREFIX -a ASN]\n\n"
	"Routes, a line each: `PREFIX ASN`, `PREFIX => ASN`, lines of `bgpdump -m`, or\n"
	"JSON objects as `manrs check` takes them.\n"
	"Without -i and PREFIX they come from stdin. Any file may be compressed.\n\n"
	"      --vrps FILE        VRPs of any format; may be repeated; - is stdin\n"
	"      --slurm FILE       local exceptions\n"
	"      --local-as ASN     ours, the origin of an empty path, which else has none\n"
	"      --fail-on LIST     exit with 1 where a route is of LIST: invalid,not-found\n"
	"  -a, --asn ASN, -p, --prefix PREFIX\n"
	"                         one route, as Routinator has it\n"
	"  -f, --format FORMAT    plain (default), csv, json, jsonl; -j, --json: json\n"
	"  -i, --input FILE       the routes; - is stdin\n" ASDOT_HELP SHARED_HELP,
};
