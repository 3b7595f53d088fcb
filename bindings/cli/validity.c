/* SPDX-License-Identifier: BSD-2-Clause */
/* Routinator's JSON of one route; see validity.h. */

#include "validity.h"

#include <stdlib.h>

const char *validity_reason(int reason)
{
	static const char *const words[] = {
		[MANRS_ROV_REASON_NONE] = "",
		[MANRS_ROV_REASON_AS] = "as",
		[MANRS_ROV_REASON_LENGTH] = "length",
	};

	return words[reason];
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
static int reason_of(const struct validity *v, const manrs_route *route, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (said(route, &v->covering[i]) == MANRS_ROV_UNMATCHED_AS)
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

static size_t covering(struct validity *v, const manrs_route *route)
{
	size_t n = manrs_rov_covering(v->db, &route->prefix, v->covering, v->cap);

	if (n > v->cap) {
		v->cap = n;
		v->covering = must_resize(v->covering, n, sizeof *v->covering);
		manrs_rov_covering(v->db, &route->prefix, v->covering, n);
	}
	return n;
}

/* Text of the document as it is laid out over lines; for jsonl without line breaks, indents and the gap after ':'. */
static void layout(struct validity *v, const char *text)
{
	if (v->lines) {
		out_text(v->out, text);
		return;
	}
	for (; *text; text++) {
		if (*text == '\n' || *text == ' ')
			continue;
		out_bytes(v->out, text, 1);
	}
}

static void json_vrp(struct validity *v, const manrs_route *vrp)
{
	layout(v, "\n            {\n              \"asn\": \"");
	out_asn(v->out, vrp->asn);
	layout(v, "\",\n              \"prefix\": \"");
	out_prefix(v->out, &vrp->prefix);
	layout(v, "\",\n              \"max_length\": \"");
	out_number(v->out, vrp->prefix.maxlen);
	layout(v, "\"\n            }");
}

/* One of the three lists: the covering VRPs that say `which` to the route. */
static void json_list(struct validity *v, const manrs_route *route, size_t n, int which)
{
	bool first = true;

	for (size_t i = 0; i < n; i++) {
		if (said(route, &v->covering[i]) != which)
			continue;
		layout(v, first ? "" : ",");
		json_vrp(v, &v->covering[i]);
		first = false;
	}
	layout(v, "\n          ]");
}

void validity_write(struct validity *v, const manrs_route *route, int state)
{
	size_t n = covering(v, route);
	int reason = state == MANRS_ROV_INVALID ? reason_of(v, route, n) : MANRS_ROV_REASON_NONE;

	layout(v, "    {\n      \"route\": {\n        \"origin_asn\": \"");
	out_asn(v->out, route->asn);
	layout(v, "\",\n        \"prefix\": \"");
	out_prefix(v->out, &route->prefix);
	layout(v, "\"\n      },\n      \"validity\": {\n        \"state\": \"");
	out_text(v->out, manrs_rov_text(state));
	if (reason != MANRS_ROV_REASON_NONE) {
		layout(v, "\",\n        \"reason\": \"");
		out_text(v->out, validity_reason(reason));
	}
	layout(v, "\",\n        \"description\": \"");
	out_text(v->out, description(state, reason));
	layout(v, "\",\n        \"VRPs\": {\n          \"matched\": [");
	json_list(v, route, n, MANRS_ROV_MATCHED);
	layout(v, ",\n          \"unmatched_as\": [");
	json_list(v, route, n, MANRS_ROV_UNMATCHED_AS);
	layout(v, ",\n          \"unmatched_length\": [");
	json_list(v, route, n, MANRS_ROV_UNMATCHED_LENGTH);
	layout(v, "\n        }");
	if (reason != MANRS_ROV_REASON_NONE) {
		layout(v, ",\n        \"manrs_reason\": \"");
		out_text(v->out, validity_reason(manrs_rov_reason(v->db, route)));
		layout(v, "\"");
	}
	layout(v, "\n      }\n    }");
}

void validity_free(struct validity *v)
{
	free(v->covering);
	v->covering = NULL;
}
