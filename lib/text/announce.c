/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Announcements as text, a line each: what `bgpdump -m` and `bgpdump -M` print (dump_line.h), and JSON objects.
 *
 * A reader never allocates: JSON strings with escapes, which no value here needs, are refused.
 */

#include "base/json.h"
#include "base/mem.h"
#include "base/name.h"
#include "base/utf8.h"
#include "net/path_walk.h"
#include "text/dump_line.h"
#include "text/json_hops.h"
#include "text/lines.h"

#include <assert.h>
#include <manrs/announce.h>
#include <manrs/role.h>
#include <string.h>

struct reader {
	manrs_announcement *a;
	struct path_out path; /* the caller's arrays; with none only its last hop is asked for */
	const char *text;
	size_t start, n; /* start: behind a byte order mark */
	manrs_fault *fault;
	bool last_only;
};

static int refuse(struct reader *r, int code, uint64_t at, const char *what)
{
	r->a->flags |= MANRS_ANNOUNCE_MALFORMED;
	return fault_set(r->fault, code, at, what);
}

/* A reader of part of the line has refused: its fault counts from `start`. */
static int refuse_part(struct reader *r, const manrs_fault *inner, uint64_t start)
{
	return refuse(r, inner->code, start + inner->at, inner->what);
}

/* ---- values, each from text[from..from + n) of the line ---- */

static int read_prefix(struct reader *r, manrs_prefix *prefix, const char *text, size_t n,
		       uint64_t from)
{
	manrs_fault inner;
	int rc = manrs_prefix_parse(prefix, text, n, &inner);

	return rc == MANRS_OK ? rc : refuse_part(r, &inner, from);
}

static int read_address(struct reader *r, manrs_prefix *address, const char *text, size_t n,
			uint64_t from)
{
	manrs_fault inner;
	int rc = manrs_address_parse(address, text, n, &inner);

	return rc == MANRS_OK ? rc : refuse_part(r, &inner, from);
}

/* The path is whole: hand it over, if that is asked for. */
static int give_path(struct reader *r, uint64_t from)
{
	if (r->last_only || path_done(&r->path, &r->a->path, NULL) == MANRS_OK)
		return MANRS_OK;
	return refuse(r, MANRS_ELIMIT, from, "too many hops");
}

/*
 * The last AS of a path of plain numbers, which nearly all are, each of one to nine digits, so that none is out of range:
 * without hops to keep only its form matters. false: path_read tells.
 */
static bool plain_last(uint32_t *asn, const char *text, size_t n)
{
	uint32_t last = 0;
	size_t digits = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned digit = (unsigned)(text[i] - '0');

		if (digit <= 9) {
			if (digits == 9 || (digits == 1 && last == 0))
				return false;
			last = digits++ ? last * 10 + digit : digit;
		} else if (text[i] == ' ') {
			digits = 0;
		} else {
			return false;
		}
	}
	*asn = last;
	return n > 0 && text[n - 1] != ' ';
}

static int read_path(struct reader *r, const char *text, size_t n, uint64_t from)
{
	manrs_fault inner;
	int rc;

	if (r->last_only && plain_last(&r->path.last_asn, text, n)) {
		r->path.last = MANRS_SEGMENT_SEQUENCE;
		r->path.n = 1;
		return MANRS_OK;
	}
	rc = path_read(&r->path, text, n, &inner);

	return rc == MANRS_OK ? give_path(r, from) : refuse_part(r, &inner, from);
}

static int set_neighbour(struct reader *r, uint64_t asn, uint64_t at)
{
	if (asn == 0 || asn > UINT32_MAX)
		return refuse(r, MANRS_ERANGE, at, "not the AS number of a neighbour");
	r->a->neighbour_asn = (uint32_t)asn;
	r->a->flags &= ~MANRS_ANNOUNCE_ANY_NEIGHBOUR;
	return MANRS_OK;
}

/* ---- bgpdump -m ---- */

/* Neighbour 0 is a route of the dumping router itself: nobody sent it. */
static int read_neighbour(struct reader *r, struct dump_field f)
{
	manrs_fault inner;
	uint32_t asn;

	if (manrs_asn_parse(&asn, r->text + f.at, f.n, &inner) != MANRS_OK)
		return refuse_part(r, &inner, f.at);
	return asn ? set_neighbour(r, asn, f.at) : MANRS_OK;
}

static int read_field(struct reader *r, manrs_prefix *address, struct dump_field f)
{
	return read_address(r, address, r->text + f.at, f.n, f.at);
}

/* bgpdump writes 255.255.255.255 where a route has none. */
static bool no_next_hop(const char *text, size_t n)
{
	static const char none[] = "255.255.255.255";

	return n == 0 || (n == sizeof none - 1 && !memcmp(text, none, n));
}

static int read_dump(struct reader *r, const struct dump_field *f, struct dump_field path,
		     struct dump_field next_hop)
{
	const struct dump_field prefix = f[DUMP_PREFIX], peer = f[DUMP_PEER];
	const char *text = r->text;
	int rc = read_prefix(r, &r->a->prefix, text + prefix.at, prefix.n, prefix.at);

	if (rc == MANRS_OK)
		rc = read_field(r, &r->a->neighbour_address, peer);
	if (rc == MANRS_OK)
		rc = read_neighbour(r, f[DUMP_ASN]);
	if (rc == MANRS_OK)
		rc = read_path(r, text + path.at, path.n, path.at);
	if (rc != MANRS_OK || no_next_hop(text + next_hop.at, next_hop.n))
		return rc == MANRS_OK ? 1 : rc;
	if (next_hop.n == peer.n && !memcmp(text + next_hop.at, text + peer.at, peer.n))
		r->a->next_hop = r->a->neighbour_address; /* of eBGP, as a rule */
	else
		rc = read_field(r, &r->a->next_hop, next_hop);
	return rc == MANRS_OK ? 1 : rc;
}

static int parse_dump(struct reader *r)
{
	struct dump_line l;
	manrs_fault inner;
	int kind = dump_split(&l, r->text, r->start, r->n, &inner);

	if (kind < 0)
		return refuse_part(r, &inner, 0);
	if (kind != DUMP_ROUTE)
		return 0;
	return read_dump(r, l.field, l.field[DUMP_PATH + l.path_id],
			 l.field[DUMP_NEXT_HOP + l.path_id]);
}

/* ---- JSON ---- */

enum member {
	PREFIX,
	AS_PATH,
	NEIGHBOUR,
	NEXT_HOP,
	NEIGHBOUR_ADDRESS,
	OTC,
	DIRECTION,
	LEARNED_FROM,
	OWN,
	INTERNAL,
	OTHER
};

/* Members, and what an unknown one is told when one of them is near; then other names for them. */
#define MEMBER(name)                                                     \
	{                                                                \
		name, "no member of an announcement: " name " is meant?" \
	}
static const struct {
	const char *name, *meant;
} members[] = {
	MEMBER("prefix"),    MEMBER("as_path"),           MEMBER("neighbour"),
	MEMBER("next_hop"),  MEMBER("neighbour_address"), MEMBER("otc"),
	MEMBER("direction"), MEMBER("learned_from"),      MEMBER("own"),
	MEMBER("internal"),
};
static const struct name_of synonyms[] = {
	{"path", AS_PATH},
	{"neighbor", NEIGHBOUR},
	{"neighbour_as", NEIGHBOUR},
	{"neighbor_as", NEIGHBOUR},
	{"neighbour_asn", NEIGHBOUR},
	{"neighbor_asn", NEIGHBOUR},
	{"peer_as", NEIGHBOUR},
	{"peer_asn", NEIGHBOUR},
	{"neighbor_address", NEIGHBOUR_ADDRESS},
	{"neighbour_ip", NEIGHBOUR_ADDRESS},
	{"neighbor_ip", NEIGHBOUR_ADDRESS},
	{"peer_address", NEIGHBOUR_ADDRESS},
	{"peer_ip", NEIGHBOUR_ADDRESS},
	{"only_to_customer", OTC},
	{"learnt_from", LEARNED_FROM},
};

static void *no_memory(void *arg, void *ptr, size_t old_size, size_t new_size)
{
	(void)arg;
	(void)ptr;
	(void)old_size;
	(void)new_size;
	return NULL;
}

static enum member member_of(const struct js_token *t)
{
	int synonym;

	for (int m = 0; m < OTHER; m++)
		if (name_same(t->text, t->n, members[m].name))
			return (enum member)m;
	synonym = name_find(t->text, t->n, synonyms, sizeof synonyms / sizeof *synonyms);
	return synonym < 0 ? OTHER : (enum member)synonym;
}

static int refuse_member(struct reader *r, const struct js_token *t)
{
	const char *names[OTHER];
	int near;

	for (int m = 0; m < OTHER; m++)
		names[m] = members[m].name;
	near = name_near(t->text, t->n, names, OTHER);
	return refuse(r, MANRS_ESYNTAX, t->at,
		      near < 0 ? "no member of an announcement" : members[near].meant);
}

static int read_direction(struct reader *r, const struct js_token *t)
{
	if (name_is(t->text, t->n, "egress"))
		r->a->flags |= MANRS_ANNOUNCE_EGRESS;
	else if (!name_is(t->text, t->n, "ingress"))
		return refuse(r, MANRS_ESYNTAX, t->at, "a direction is ingress or egress");
	return MANRS_OK;
}

static int read_role(struct reader *r, const struct js_token *t)
{
	int role = manrs_role_parse(t->text, t->n);

	if (role < 0)
		return refuse(r, MANRS_ESYNTAX, t->at, "not a role");
	r->a->learned_from = (uint32_t)role;
	return MANRS_OK;
}

/* A string: the offset behind its quote is t->at + 1, as there are no escapes. */
static int read_string(struct reader *r, enum member m, const struct js_token *t)
{
	switch (m) {
	case PREFIX:
		return read_prefix(r, &r->a->prefix, t->text, t->n, t->at + 1);
	case AS_PATH:
		return read_path(r, t->text, t->n, t->at + 1);
	case NEXT_HOP:
		return read_address(r, &r->a->next_hop, t->text, t->n, t->at + 1);
	case NEIGHBOUR_ADDRESS:
		return read_address(r, &r->a->neighbour_address, t->text, t->n, t->at + 1);
	case DIRECTION:
		return read_direction(r, t);
	case LEARNED_FROM:
		return read_role(r, t);
	default:
		return refuse(r, MANRS_ESYNTAX, t->at, "a string is not what this member takes");
	}
}

static int read_number(struct reader *r, enum member m, const struct js_token *t)
{
	if ((m != NEIGHBOUR && m != OTC) || !t->integer)
		return refuse(r, MANRS_ESYNTAX, t->at, "a number is not what this member takes");
	if (m == NEIGHBOUR)
		return set_neighbour(r, t->number, t->at);
	if (t->number > UINT32_MAX)
		return refuse(r, MANRS_ERANGE, t->at, "number too large");
	r->a->otc = (uint32_t)t->number;
	r->a->flags |= MANRS_ANNOUNCE_OTC;
	return MANRS_OK;
}

/* as_path as an array: numbers, and arrays of numbers that are AS_SETs. */
static int read_hops(struct reader *r, struct js *scan, uint64_t from)
{
	manrs_fault inner;
	int rc = json_hops(&r->path, scan, MANRS_SEGMENT_SEQUENCE, &inner);

	return rc == MANRS_OK ? give_path(r, from) : refuse_part(r, &inner, 0);
}

static int bad_json(struct reader *r, const struct js *scan)
{
	const char *what =
		scan->fault.code == MANRS_ENOMEM ? "escapes in a string" : scan->fault.what;

	return refuse(r, MANRS_ESYNTAX, (size_t)scan->fault.at, what ? what : "JSON is cut");
}

static int read_value(struct reader *r, struct js *scan, enum member m)
{
	struct js_token t;
	int kind = js_next(scan, &t);

	if (kind <= JS_END)
		return bad_json(r, scan);
	if (kind == JS_STRING)
		return read_string(r, m, &t);
	if (kind == JS_NUMBER)
		return read_number(r, m, &t);
	if (kind == JS_ARRAY && m == AS_PATH)
		return read_hops(r, scan, t.at);
	if ((m == OWN || m == INTERNAL) && (kind == JS_TRUE || kind == JS_FALSE)) {
		uint32_t flag = m == OWN ? MANRS_ANNOUNCE_OWN : MANRS_ANNOUNCE_INTERNAL;

		r->a->flags |= kind == JS_TRUE ? flag : 0;
		return MANRS_OK;
	}
	return kind == JS_NULL && m != PREFIX /* absent */
		       ? MANRS_OK
		       : refuse(r, MANRS_ESYNTAX, t.at, "not what this member takes");
}

static int read_members(struct reader *r, struct js *scan)
{
	uint32_t seen = 0;
	struct js_token t;
	int kind, rc;

	while ((kind = js_next(scan, &t)) == JS_KEY) {
		enum member m = member_of(&t);

		if (m == OTHER)
			return refuse_member(r, &t);
		if (seen >> m & 1)
			return refuse(r, MANRS_ESYNTAX, t.at, "twice the same member");
		seen |= 1u << m;
		rc = read_value(r, scan, m);
		if (rc != MANRS_OK)
			return rc;
	}
	if (kind != JS_OBJECT_END)
		return bad_json(r, scan);
	if (!(seen >> PREFIX & 1))
		return refuse(r, MANRS_ESYNTAX, t.at, "no prefix");
	if (!(r->a->flags & MANRS_ANNOUNCE_EGRESS) &&
	    (r->a->learned_from || (r->a->flags & MANRS_ANNOUNCE_OWN)))
		return refuse(r, MANRS_EINVAL, t.at,
			      "own and learned_from are of direction egress");
	if (r->a->learned_from && (r->a->flags & MANRS_ANNOUNCE_OWN))
		return refuse(r, MANRS_EINVAL, t.at, "both own and learned_from");
	return MANRS_OK;
}

static int parse_json(struct reader *r)
{
	const manrs_alloc none = {no_memory, NULL};
	struct js_token t;
	struct js scan;
	int rc, kind;

	js_init(&scan, &none);
	scan.offset = r->start;
	js_feed(&scan, r->text + r->start, r->n - r->start);
	kind = js_next(&scan, &t);
	rc = kind == JS_OBJECT ? read_members(r, &scan)
			       : refuse(r, MANRS_ESYNTAX, 0, "not a JSON object");
	if (rc == MANRS_OK) {
		kind = js_next(&scan, &t);
		if (kind == JS_MORE) {
			js_eof(&scan);
			kind = js_next(&scan, &t);
		}
		rc = kind == JS_END ? 1 : bad_json(r, &scan);
	}
	js_free(&scan);
	return rc;
}

static int parse(struct reader *r)
{
	size_t at = utf8_mark(r->text, r->n);

	memset(r->a, 0, sizeof *r->a);
	r->start = at;
	r->n = line_without_cr(r->text, r->n);
	at = line_blanks(r->text, at, r->n);
	if (at == r->n || r->text[at] == '#')
		return 0;
	r->a->flags = MANRS_ANNOUNCE_ANY_NEIGHBOUR;
	return r->text[at] == '{' ? parse_json(r) : parse_dump(r);
}

int manrs_announce_parse(manrs_announcement *announcement, uint32_t *asn, uint8_t *kind, size_t cap,
			 const char *text, size_t n, manrs_fault *fault)
{
	struct reader r = {.a = announcement,
			   .path = {.asn = asn, .kind = kind, .cap = cap},
			   .text = text,
			   .n = n,
			   .fault = fault};

	return parse(&r);
}

/* As manrs_path_origin has it, asked about the last hop alone. */
static int origin_of(manrs_route *route, const struct path_out *path, uint32_t local_as)
{
	uint8_t kind = (uint8_t)(path->last | MANRS_SEGMENT_START);
	manrs_path last = {&path->last_asn, &kind, path->n > 0, 0};

	return manrs_path_origin(&last, local_as, &route->asn) == MANRS_OK;
}

int manrs_announce_route(manrs_route *route, uint32_t local_as, const char *text, size_t n,
			 manrs_fault *fault)
{
	manrs_announcement a;
	struct reader r = {.a = &a, .text = text, .n = n, .fault = fault, .last_only = true};
	int rc = parse(&r);

	if (rc != 1)
		return rc;
	route->prefix = a.prefix;
	return origin_of(route, &r.path, local_as);
}
