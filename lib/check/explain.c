/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a test found, as one English sentence and as JSON. Each code has a template; %x stands for
 *
 *     %P the prefix announced   %p the entry of the finding   %b its name   %0 %1 %2 the finding's ASes
 *     %h its hop, from 1        %l its bound                  %c the class of %0
 *     %t the path               %N the neighbour              %R its role   %L our AS
 *     %x the next hop           %y the neighbour's address    %T the type of RFC 7908
 *     %v the covering VRPs      %r the covering route objects %w the hops of the path by ASPA
 *
 * Lists are cut after a bound and say how much was left out, so that a sentence always fits MANRS_EXPLAIN_MAX.
 */

#include "check/check.h"

#include "base/emit.h"

#include <string.h>

#define LIST 8	/* entries told of a list */
#define HOPS 24 /* hops told of a path */

/* clang-format off */
static const char *const sentences[MANRS_CODES] = {
	[MANRS_CODE_MALFORMED] = "The announcement of %P is malformed, so it fails every test",
	[MANRS_CODE_NO_LIST] = "The policy has nothing to hold %P against in this test",

	[MANRS_CODE_ROV_VALID] = "%P with origin %0 is Valid: %v",
	[MANRS_CODE_ROV_NOT_FOUND] = "%P with origin %0 is NotFound: no VRP covers it",
	[MANRS_CODE_ROV_INVALID_AS] = "%P with origin %0 is Invalid: no covering VRP has this origin; %v",
	[MANRS_CODE_ROV_INVALID_LENGTH] = "%P with origin %0 is Invalid: it is longer than the VRPs of this origin allow; %v",
	[MANRS_CODE_ROV_INVALID_NO_ORIGIN] = "%P is Invalid: its path ends in an AS_SET, so it has no origin, and it is covered; %v",

	[MANRS_CODE_ASPA_VALID] = "The path %t from the %R %N is Valid: every hop that must be is attested",
	[MANRS_CODE_ASPA_UNKNOWN] = "The path %t from the %R %N is Unknown: %w",
	[MANRS_CODE_ASPA_INVALID_HOPS] = "The path %t from the %R %N is Invalid: %w",
	[MANRS_CODE_ASPA_INVALID_EMPTY] = "The path from the %R %N is Invalid: it is empty",
	[MANRS_CODE_ASPA_INVALID_NEIGHBOUR] = "The path %t is Invalid: its first AS is not the neighbour %N",
	[MANRS_CODE_ASPA_INVALID_SET] = "The path %t is Invalid: it holds an AS_SET or a confederation segment",

	[MANRS_CODE_IRR_REGISTERED] = "%P with origin %0 is registered: %r",
	[MANRS_CODE_IRR_BY_ROA] = "%P with origin %0 counts as registered: it is Valid; %v",
	[MANRS_CODE_IRR_NOT_FOUND] = "%P with origin %0 is not registered: no route object covers it",
	[MANRS_CODE_IRR_MISMATCH_AS] = "%P with origin %0 is not registered: the route objects name other origins: %r",
	[MANRS_CODE_IRR_MISMATCH_LENGTH] = "%P with origin %0 is not registered: only a covering prefix is: %r",

	[MANRS_CODE_BOGON_PREFIX_NONE] = "%P is not in a special-purpose block nor on a list of bogons",
	[MANRS_CODE_BOGON_PREFIX_SPECIAL] = "%P is a bogon: it lies in %p (%b), which is not globally reachable",
	[MANRS_CODE_BOGON_PREFIX_MULTICAST] = "%P is a bogon: it lies in %p (%b)",
	[MANRS_CODE_BOGON_PREFIX_FORMER] = "%P is a bogon: it lies in %p (%b), which was given back",
	[MANRS_CODE_BOGON_PREFIX_OUTSIDE] = "%P is a bogon: it lies outside global unicast, %p",
	[MANRS_CODE_BOGON_PREFIX_LISTED] = "%P is a bogon: it lies in %p of the full-bogon list",

	[MANRS_CODE_BOGON_ASN_NONE] = "Every AS number of the path %t is public",
	[MANRS_CODE_BOGON_ASN_FOUND] = "%0, hop %h of the path %t, is no public AS number: %c",

	[MANRS_CODE_PREFIX_LEN_OK] = "The length of %P is in order",
	[MANRS_CODE_PREFIX_LEN_LONG] = "%P is longer than the /%l that the policy allows",
	[MANRS_CODE_PREFIX_LEN_SHORT] = "%P is shorter than the /%l that the policy allows",

	[MANRS_CODE_PATH_LOOP_NONE] = "No AS comes again in the path %t",
	[MANRS_CODE_PATH_LOOP_AGAIN] = "%0 comes again, after another AS, at hop %h of the path %t",
	[MANRS_CODE_PATH_LOOP_LOCAL] = "%0, hop %h of the path %t, is our own AS",

	[MANRS_CODE_PATH_SET_NONE] = "The path %t holds no AS_SET and no confederation segment",
	[MANRS_CODE_PATH_SET_AS_SET] = "The path %t holds an AS_SET at hop %h: treat-as-withdraw",
	[MANRS_CODE_PATH_SET_CONFED_SET] = "The path %t holds an AS_CONFED_SET at hop %h: treat-as-withdraw",
	[MANRS_CODE_PATH_SET_CONFED_SEQUENCE] = "The path %t holds a confederation segment at hop %h from outside the confederation",

	[MANRS_CODE_PATH_LEN_OK] = "The length of the path %t is in order",
	[MANRS_CODE_PATH_LEN_EMPTY] = "The path is empty",
	[MANRS_CODE_PATH_LEN_LONG] = "The path %t is longer than the %l ASes that the policy allows",
	[MANRS_CODE_PATH_LEN_PREPENDS] = "%0 stands more than %l times in a row in the path %t",

	[MANRS_CODE_PATH_RESERVED_NONE] = "The path %t holds no AS number that may never be there",
	[MANRS_CODE_PATH_RESERVED_ZERO] = "AS0 is at hop %h of the path %t: treat-as-withdraw",
	[MANRS_CODE_PATH_RESERVED_TRANS] = "AS_TRANS (AS23456) is at hop %h of the path %t, among 4-octet AS numbers",
	[MANRS_CODE_PATH_RESERVED_FOUND] = "%0, hop %h of the path %t, is reserved",

	[MANRS_CODE_FIRST_AS_OK] = "The path %t begins with %1",
	[MANRS_CODE_FIRST_AS_WAIVED] = "A route server does not put itself on the path, so the first AS is not asked about",
	[MANRS_CODE_FIRST_AS_UNKNOWN] = "Who sent the path %t is not known",
	[MANRS_CODE_FIRST_AS_OTHER] = "The path %t does not begin with %1",

	[MANRS_CODE_NEXT_HOP_OK] = "The next hop %x is in order",
	[MANRS_CODE_NEXT_HOP_UNKNOWN] = "The next hop, or what it must be, is not known",
	[MANRS_CODE_NEXT_HOP_OWN] = "The next hop %x is the receiver's own address",
	[MANRS_CODE_NEXT_HOP_OTHER] = "The next hop %x is not the neighbour's address %y",
	[MANRS_CODE_NEXT_HOP_BOGON] = "The next hop %x is a bogon: it lies in %p (%b)",

	[MANRS_CODE_OTC_OK] = "Only-to-Customer is in order for the %R %N",
	[MANRS_CODE_OTC_ADD] = "The route has no Only-to-Customer attribute: for the %R %N it gets one of %0",
	[MANRS_CODE_OTC_LEAK] = "The route carries Only-to-Customer of %0, which the %R %N may not send or get: a leak",

	[MANRS_CODE_LEAK_NONE] = "The path %t is no leak: it is valley-free by the evidence at hand",
	[MANRS_CODE_LEAK_UNKNOWN] = "Nothing proves the path %t a leak, and nothing proves that it is none",
	[MANRS_CODE_LEAK_BY_OTC] = "%P is a leak: its Only-to-Customer attribute may not be there for the %R %N",
	[MANRS_CODE_LEAK_BY_ROLE] = "%P would be a leak (%T): learned from %0, it may not go from %1 to %2",
	[MANRS_CODE_LEAK_BY_RELATIONSHIP] = "The path %t is a leak (%T) by %1: it took the route from %0 and gave it to %2",
	[MANRS_CODE_LEAK_BY_ASPA] = "The path %t is a leak or forged: by ASPA it is Invalid from the %R %N; %w",
	[MANRS_CODE_LEAK_BY_TRANSIT_FREE] = "The path %t is a leak: the transit-free %0 is at hop %h of what the %R %N sends",
	[MANRS_CODE_LEAK_BY_PEERLOCK] = "The path %t is a leak: %0 at hop %h is not to be heard from %1",
	[MANRS_CODE_LEAK_MAYBE_REORIGINATION] = "%P may be re-originated (RFC 7908 type 5) or hijacked by %0; one announcement cannot tell; %v",
	[MANRS_CODE_LEAK_MAYBE_INTERNAL] = "%P may be an internal more-specific of %0 let out (RFC 7908 type 6); %v",

	[MANRS_CODE_PEERLOCK_OK] = "No AS of the path %t is locked to other neighbours",
	[MANRS_CODE_PEERLOCK_BROKEN] = "%0, hop %h of the path %t, is not to be heard from %1",

	[MANRS_CODE_TRANSIT_FREE_NONE] = "No transit-free AS is behind the first of the path %t",
	[MANRS_CODE_TRANSIT_FREE_FOUND] = "The transit-free %0 is at hop %h of the path %t, behind the first AS, on a session with a %R",

	[MANRS_CODE_NEVER_VIA_RS_NONE] = "No AS of the path %t keeps away from route servers",
	[MANRS_CODE_NEVER_VIA_RS_FOUND] = "%0, hop %h of the path %t, never goes by a route server",

	[MANRS_CODE_ORIGIN_SET_IN] = "The origin %0 is in the AS-SET of the session",
	[MANRS_CODE_ORIGIN_SET_OUT] = "The origin %0 of %P is not in the AS-SET of the session",

	[MANRS_CODE_PREFIX_LIST_IN] = "%P is allowed by %p of the prefix list",
	[MANRS_CODE_PREFIX_LIST_OUT] = "%P is not allowed by the prefix list",

	[MANRS_CODE_DENY_LIST_OUT] = "%P is on no list of refused prefixes",
	[MANRS_CODE_DENY_LIST_IN] = "%P is refused by %p of the deny list",

	[MANRS_CODE_FAMILY_OK] = "The session carries the address family of %P",
	[MANRS_CODE_FAMILY_OTHER] = "The session does not carry the address family of %P",
};
/* clang-format on */

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
		say_asn(out, s->f->asn[what - '0']);
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

static void say_sentence(struct say *s)
{
	const char *source = check_codes[s->f->code].source;

	for (const char *at = sentences[s->f->code]; at && *at; at++) {
		if (*at == '%')
			say_one(s, *++at);
		else
			emit_bytes(&s->out, at, 1);
	}
	if (*source) {
		emit_text(&s->out, " [");
		emit_text(&s->out, source);
		emit_text(&s->out, "]");
	}
	emit_text(&s->out, ".");
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
	struct say s = {.out = {text, cap, 0}, .db = db, .policy = policy, .a = announcement};
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
	const char *words = sentences[f->code];

	if (strstr(words, "%h")) {
		key_number(&s->out, "hop", (uint64_t)f->hop + 1);
		key_number(&s->out, "hop_asn", f->asn[0]);
	}
	if (strstr(words, "origin %0"))
		key_number(&s->out, "origin", f->asn[0]);
	if (strstr(words, "%2")) {
		key_number(&s->out, "from", f->asn[0]);
		key_number(&s->out, "leaker", f->asn[1]);
		key_number(&s->out, "to", f->asn[2]);
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
	struct say s = {.out = {text, cap, 0}, .db = db, .policy = policy, .a = announcement};
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
