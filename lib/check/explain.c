/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a test found, as one English sentence and as JSON, by the templates of sentences.c. Lists are cut after a bound and
 * say how much was left out, so that a sentence always fits MANRS_EXPLAIN_MAX.
 */

#include "check/look.h"

#include "base/emit.h"
#include "net/path_walk.h"

#include <string.h>

#define LIST 8  /* entries told of a list */
#define HOPS 24 /* hops told of a path */

struct say {
	struct emit out;
	const manrs_db *db;
	const manrs_policy *policy;
	const manrs_announcement *a;
	const manrs_finding *f;
	uint32_t origin;
};

static void say_prefix(struct emit *out, const manrs_prefix *prefix)
{
	char text[MANRS_PREFIX_TEXT];

	emit_text(out,
		  manrs_prefix_format(prefix, text, sizeof text) < 0 ? "a malformed prefix" : text);
}

static void say_address(struct emit *out, const manrs_prefix *prefix)
{
	char text[MANRS_PREFIX_TEXT];
	char *slash;

	if (manrs_prefix_format(prefix, text, sizeof text) < 0)
		return;
	slash = strchr(text, '/');
	emit_bytes(out, text, (size_t)(slash - text));
}

static void say_asn(struct emit *out, uint32_t asn)
{
	emit_text(out, "AS");
	emit_number(out, asn);
}

static void say_origin(struct emit *out, uint32_t asn)
{
	if (asn)
		say_asn(out, asn);
	else
		emit_text(out, "NONE");
}

/* An AS that takes part; 0 is one whose number is not known: the neighbour's, or ours. */
static void say_party(struct say *s, int which)
{
	bool us = s->f->code == MANRS_CODE_LEAK_BY_ROLE
			  ? which == 1
			  : which == 2 || s->a->flags & MANRS_ANNOUNCE_EGRESS;

	if (s->f->asn[which])
		say_asn(&s->out, s->f->asn[which]);
	else
		emit_text(&s->out, us ? "us" : "the neighbour");
}

static void say_more(struct emit *out, size_t all)
{
	if (all > LIST) {
		emit_text(out, " and ");
		emit_number(out, all - LIST);
		emit_text(out, " more");
	}
}

/* ---- lists ---- */

static void say_vrp(struct emit *out, const manrs_route *vrp)
{
	say_prefix(out, &vrp->prefix);
	emit_text(out, "-");
	emit_number(out, vrp->prefix.maxlen);
	emit_text(out, " ");
	say_asn(out, vrp->asn);
}

static void say_vrps(struct say *s)
{
	manrs_route vrps[LIST], route = {s->a->prefix, s->origin};
	size_t n = manrs_rov_covering(s->db, &s->a->prefix, vrps, LIST);

	for (size_t i = 0; i < n && i < LIST; i++) {
		int match = manrs_rov_match(&route, &vrps[i]);

		emit_text(&s->out, i ? ", " : "VRP ");
		say_vrp(&s->out, &vrps[i]);
		emit_text(&s->out, match == MANRS_ROV_MATCHED ? " (matches)"
				   : match == MANRS_ROV_UNMATCHED_LENGTH
					   ? " (too short a maxLength)"
					   : " (other origin)");
	}
	say_more(&s->out, n);
}

static void say_objects(struct say *s)
{
	manrs_route objects[LIST];
	size_t n = manrs_irr_covering(s->db, &s->a->prefix, objects, LIST);

	for (size_t i = 0; i < n && i < LIST; i++) {
		emit_text(&s->out, i ? ", " : "");
		say_prefix(&s->out, &objects[i].prefix);
		emit_text(&s->out, " ");
		say_asn(&s->out, objects[i].asn);
	}
	say_more(&s->out, n);
}

static size_t aspa_hops(const struct say *s, manrs_aspa_ramps *ramps, manrs_aspa_hop hops[LIST])
{
	uint32_t flags =
		(s->a->flags & MANRS_ANNOUNCE_ANY_NEIGHBOUR ? MANRS_ASPA_ANY_NEIGHBOUR : 0) |
		(s->policy->flags & MANRS_POLICY_CONFED ? MANRS_ASPA_CONFED : 0);

	return manrs_aspa_hops(s->db, &s->a->path, s->a->neighbour_asn, (int)s->policy->role, flags,
			       ramps, hops, LIST);
}

static void say_aspa_hop(struct emit *out, const manrs_aspa_hop *hop, int state)
{
	say_asn(out, hop->customer);
	emit_text(out, hop->auth == MANRS_ASPA_NOT_PROVIDER ? " does not list "
							    : " has no ASPA that could list ");
	say_asn(out, hop->provider);
	if (hop->would != state) {
		emit_text(out, " (if it did, the path would be ");
		emit_text(out, manrs_aspa_text(hop->would));
		emit_text(out, ")");
	}
}

static void say_aspa_hops(struct say *s)
{
	manrs_aspa_ramps ramps;
	manrs_aspa_hop hops[LIST];
	size_t n = aspa_hops(s, &ramps, hops);

	for (size_t i = 0; i < n && i < LIST; i++) {
		emit_text(&s->out, i ? ", " : "");
		say_aspa_hop(&s->out, &hops[i], ramps.state);
	}
	say_more(&s->out, n);
}

static void say_path(struct say *s)
{
	manrs_path part = s->a->path;
	char text[HOPS * 13 + 32];

	if (part.n > HOPS)
		part.n = HOPS;
	if (manrs_path_format(&part, text, sizeof text) < 0) {
		emit_text(&s->out, "(unreadable)");
		return;
	}
	emit_text(&s->out, "`");
	emit_text(&s->out, text);
	emit_text(&s->out, part.n < s->a->path.n ? " ...`" : "`");
}

/* ---- one placeholder ---- */

static const char *class_text(uint32_t asn)
{
	switch (manrs_asn_class(asn)) {
	case MANRS_ASN_ZERO:
		return "AS 0 (RFC 7607)";
	case MANRS_ASN_TRANS:
		return "AS_TRANS (RFC 6793)";
	case MANRS_ASN_PRIVATE:
		return "for private use (RFC 6996)";
	case MANRS_ASN_DOCUMENTATION:
		return "for documentation (RFC 5398)";
	case MANRS_ASN_RESERVED:
		return "reserved (RFC 7300, IANA)";
	}
	return "public";
}

static const char *bogon_name(const struct say *s)
{
	manrs_bogon_entry entry;

	manrs_bogon_prefix(s->f->test == MANRS_TEST_NEXT_HOP ? &s->a->next_hop : &s->a->prefix,
			   s->policy->bogons, &entry);
	return entry.name;
}

static const char *leak_name(uint32_t type)
{
	static const char *const names[] = {"", "RFC 7908 type 1, from a provider to a provider",
					    "type 2, from a peer to a peer",
					    "type 3, from a provider to a peer",
					    "type 4, from a peer to a provider"};

	return type < sizeof names / sizeof *names ? names[type] : "";
}

static void say_neighbour(struct say *s)
{
	if (s->a->flags & MANRS_ANNOUNCE_ANY_NEIGHBOUR)
		emit_text(&s->out, "(AS not known)");
	else
		say_asn(&s->out, s->a->neighbour_asn);
}

/* Why the path gives no origin (RFC 6811 section 2). */
static void say_no_origin(struct say *s)
{
	const manrs_path *path = &s->a->path;

	if (path->n == 0)
		emit_text(&s->out, "its path is empty and our AS is not known");
	else if (path_kind(path, path->n - 1) == MANRS_SEGMENT_SET)
		emit_text(&s->out, "its path ends in an AS_SET");
	else if (kind_confed(path_kind(path, path->n - 1)))
		emit_text(&s->out,
			  "its path ends in a confederation segment and our AS is not known");
	else
		emit_text(&s->out, "its path ends in AS0");
}

/* By AS number, or by what the host said of it. */
static void say_from(struct say *s)
{
	if (s->f->asn[0]) {
		say_asn(&s->out, s->f->asn[0]);
		return;
	}
	emit_text(&s->out, "a neighbour that is our ");
	emit_text(&s->out, manrs_role_text((int)s->a->learned_from));
}

static void say_adder(struct say *s)
{
	if (s->f->asn[0])
		say_asn(&s->out, s->f->asn[0]);
	else
		emit_text(&s->out, s->a->flags & MANRS_ANNOUNCE_EGRESS ? "our AS" : "its AS");
}

static void say_one(struct say *s, char what)
{
	struct emit *out = &s->out;

	switch (what) {
	case 'P':
		say_prefix(out, &s->a->prefix);
		break;
	case 'p':
		say_prefix(out, &s->f->prefix);
		break;
	case 'b':
		emit_text(out, bogon_name(s));
		break;
	case '0':
		say_origin(out, s->f->asn[0]);
		break;
	case '1':
	case '2':
		say_party(s, what - '0');
		break;
	case 'e':
		say_no_origin(s);
		break;
	case 'f':
		say_from(s);
		break;
	case 'o':
		say_adder(s);
		break;
	case 'h':
		emit_number(out, (uint64_t)s->f->hop + 1);
		break;
	case 'l':
		emit_number(out, s->f->limit);
		break;
	case 'c':
		emit_text(out, class_text(s->f->asn[0]));
		break;
	case 't':
		say_path(s);
		break;
	case 'N':
		say_neighbour(s);
		break;
	case 'R':
		emit_text(out, manrs_role_text((int)s->policy->role));
		break;
	case 'L':
		say_asn(out, s->policy->local_as);
		break;
	case 'x':
		say_address(out, &s->a->next_hop);
		break;
	case 'y':
		say_address(out, &s->a->neighbour_address);
		break;
	case 'T':
		emit_text(out, leak_name(s->f->leak_type));
		break;
	case 'v':
		say_vrps(s);
		break;
	case 'r':
		say_objects(s);
		break;
	case 'w':
		say_aspa_hops(s);
		break;
	}
}

static void say_source(struct emit *out, uint32_t code)
{
	const char *source = check_codes[code].source;

	if (*source) {
		emit_text(out, " [");
		emit_text(out, source);
		emit_text(out, "]");
	}
	emit_text(out, ".");
}

static void say_sentence(struct say *s)
{
	for (const char *at = check_sentences[s->f->code]; at && *at; at++) {
		if (*at == '%')
			say_one(s, *++at);
		else
			emit_bytes(&s->out, at, 1);
	}
	say_source(&s->out, s->f->code);
}

int manrs_code_about(int code, char *text, size_t cap)
{
	static const char *const names[128] = {
		['P'] = "PREFIX", ['p'] = "ENTRY",   ['b'] = "NAME",    ['0'] = "ASN",
		['1'] = "ASN",    ['2'] = "ASN",     ['h'] = "HOP",     ['l'] = "LIMIT",
		['c'] = "CLASS",  ['t'] = "PATH",    ['N'] = "ASN",     ['R'] = "ROLE",
		['L'] = "ASN",    ['x'] = "ADDRESS", ['y'] = "ADDRESS", ['T'] = "TYPE",
		['v'] = "VRPS",   ['r'] = "OBJECTS", ['w'] = "HOPS",    ['e'] = "REASON",
		['f'] = "ASN",    ['o'] = "ASN",
	};
	struct emit out = {text, cap, 0};

	if (code <= 0 || code >= MANRS_CODES)
		return emit_done(&out);
	for (const char *at = check_sentences[code]; *at; at++) {
		if (*at == '%')
			emit_text(&out, names[*++at & 127]);
		else
			emit_bytes(&out, at, 1);
	}
	return emit_done(&out);
}

/* Find out; 0: nothing to say. */
static int begin(struct say *s, manrs_finding *f, int test)
{
	int state = manrs_finding_get(s->db, s->policy, s->a, test, f);

	s->f = f;
	if (state > 0 && f->code != MANRS_CODE_MALFORMED)
		manrs_path_origin(&s->a->path, s->policy->local_as, &s->origin);
	return state;
}

int manrs_explain(const manrs_db *db, const manrs_policy *policy,
		  const manrs_announcement *announcement, int test, char *text, size_t cap)
{
	manrs_policy own;
	struct say s = {.out = {text, cap, 0},
			.db = db,
			.policy = policy_of(&own, policy),
			.a = announcement};
	manrs_finding finding;
	int state = begin(&s, &finding, test);

	if (state < 0)
		return state;
	if (state > 0)
		say_sentence(&s);
	return emit_done(&s.out);
}

/* ---- JSON ---- */

static void key(struct emit *out, const char *name)
{
	emit_text(out, ",\"");
	emit_text(out, name);
	emit_text(out, "\":");
}

static void key_text(struct emit *out, const char *name, const char *text)
{
	key(out, name);
	emit_json_string(out, text, strlen(text));
}

static void key_number(struct emit *out, const char *name, uint64_t number)
{
	key(out, name);
	emit_number(out, number);
}

static void json_vrps(struct say *s)
{
	static const char *const match[] = {"", "matched", "unmatched_as", "unmatched_length"};
	manrs_route vrps[LIST], route = {s->a->prefix, s->origin};
	size_t n = manrs_rov_covering(s->db, &s->a->prefix, vrps, LIST);

	key_number(&s->out, "covering", n);
	key(&s->out, "vrps");
	for (size_t i = 0; i < n && i < LIST; i++) {
		emit_text(&s->out, i ? ",{\"prefix\":\"" : "[{\"prefix\":\"");
		say_prefix(&s->out, &vrps[i].prefix);
		emit_text(&s->out, "\"");
		key_number(&s->out, "max_length", vrps[i].prefix.maxlen);
		key_number(&s->out, "asn", vrps[i].asn);
		key_text(&s->out, "match", match[manrs_rov_match(&route, &vrps[i])]);
		emit_text(&s->out, "}");
	}
	emit_text(&s->out, n ? "]" : "[]");
}

static void json_objects(struct say *s)
{
	manrs_route objects[LIST];
	size_t n = manrs_irr_covering(s->db, &s->a->prefix, objects, LIST);

	key_number(&s->out, "covering", n);
	key(&s->out, "objects");
	for (size_t i = 0; i < n && i < LIST; i++) {
		emit_text(&s->out, i ? ",{\"prefix\":\"" : "[{\"prefix\":\"");
		say_prefix(&s->out, &objects[i].prefix);
		emit_text(&s->out, "\"");
		key_number(&s->out, "asn", objects[i].asn);
		emit_text(&s->out, "}");
	}
	emit_text(&s->out, n ? "]" : "[]");
}

static void json_aspa(struct say *s)
{
	static const char *const auth[] = {"no-attestation", "provider", "not-provider"};
	manrs_aspa_ramps ramps;
	manrs_aspa_hop hops[LIST];
	size_t n = aspa_hops(s, &ramps, hops);

	key_number(&s->out, "max_up", ramps.max_up);
	key_number(&s->out, "min_up", ramps.min_up);
	key_number(&s->out, "max_down", ramps.max_down);
	key_number(&s->out, "min_down", ramps.min_down);
	key(&s->out, "hops");
	for (size_t i = 0; i < n && i < LIST; i++) {
		emit_text(&s->out, i ? ",{\"customer\":" : "[{\"customer\":");
		emit_number(&s->out, hops[i].customer);
		key_number(&s->out, "provider", hops[i].provider);
		key_text(&s->out, "authorized", auth[hops[i].auth]);
		key_text(&s->out, "ramp", hops[i].down ? "down" : "up");
		key_text(&s->out, "would", manrs_aspa_text(hops[i].would));
		emit_text(&s->out, "}");
	}
	emit_text(&s->out, n ? "]" : "[]");
}

static void json_details(struct say *s)
{
	const manrs_finding *f = s->f;
	const char *words = check_sentences[f->code];

	if (strstr(words, "%h")) {
		key_number(&s->out, "hop", (uint64_t)f->hop + 1);
		key_number(&s->out, "hop_asn", f->asn[0]);
	}
	if (strstr(words, "origin %0"))
		key_number(&s->out, "origin", f->asn[0]);
	if (strstr(words, "%2")) {
		static const char *const names[] = {"from", "leaker", "to"};

		for (int i = 0; i < 3; i++) /* 0: the number is not known */
			if (f->asn[i])
				key_number(&s->out, names[i], f->asn[i]);
	}
	if (f->leak_type)
		key_number(&s->out, "rfc7908_type", f->leak_type);
	if (strstr(words, "%l"))
		key_number(&s->out, "limit", f->limit);
	if (strstr(words, "%p")) {
		emit_text(&s->out, ",\"entry\":\"");
		say_prefix(&s->out, &f->prefix);
		emit_text(&s->out, "\"");
	}
	if (strstr(words, "%v") || f->code == MANRS_CODE_ROV_NOT_FOUND)
		json_vrps(s);
	if (strstr(words, "%r") || f->code == MANRS_CODE_IRR_NOT_FOUND)
		json_objects(s);
	if (strstr(words, "%w") || f->code == MANRS_CODE_ASPA_VALID)
		json_aspa(s);
}

/* The sentence as a member. */
static void json_sentence(struct say *s)
{
	char words[MANRS_EXPLAIN_MAX];
	struct say inner = *s;
	int n;

	inner.out = (struct emit){words, sizeof words, 0};
	say_sentence(&inner);
	n = emit_done(&inner.out);
	key(&s->out, "text");
	emit_json_string(&s->out, words, n > 0 ? (size_t)n : 0);
}

int manrs_explain_json(const manrs_db *db, const manrs_policy *policy,
		       const manrs_announcement *announcement, int test, char *text, size_t cap)
{
	static const char *const states[] = {"", "pass", "fail", "unknown"};
	manrs_policy own;
	struct say s = {.out = {text, cap, 0},
			.db = db,
			.policy = policy_of(&own, policy),
			.a = announcement};
	manrs_finding finding;
	int state = begin(&s, &finding, test);

	if (state <= 0)
		return state < 0 ? state : emit_done(&s.out);
	emit_text(&s.out, "{\"test\":\"");
	emit_text(&s.out, manrs_test_text(test));
	emit_text(&s.out, "\"");
	key_text(&s.out, "state", states[state]);
	key_text(&s.out, "code", manrs_code_text((int)finding.code));
	json_details(&s);
	key_text(&s.out, "source", check_codes[finding.code].source);
	if (finding.arouteserver)
		key_number(&s.out, "arouteserver_reject_cause", finding.arouteserver);
	if (finding.euroix)
		key_number(&s.out, "euroix_1101", finding.euroix);
	json_sentence(&s);
	emit_text(&s.out, "}");
	return emit_done(&s.out);
}
