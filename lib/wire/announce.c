/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Announcements as text, a line each: what `bgpdump -m` prints, and JSON objects.
 *
 *     TABLE_DUMP2|1400824800|B|196.7.106.245|2905|1.0.0.0/24|2905 65023 16637|IGP|196.7.106.245|0|0||NAG||
 *     type        time       B neighbour     AS   prefix     path             -   next hop
 *     TABLE_DUMP2_AP has a path identifier (RFC 8050) behind the prefix; BGP4MP has A, W or STATE for B.
 *
 * A reader never allocates: JSON strings with escapes, which no value here needs, are refused.
 */

#include "base/json.h"
#include "base/mem.h"
#include "net/path.h"
#include "net/text.h"

#include <manrs/announce.h>
#include <manrs/role.h>
#include <string.h>

struct reader {
	manrs_announcement *a;
	uint32_t *asn;
	uint8_t *kind;
	size_t cap;
	const char *text;
	size_t n;
	manrs_fault *fault;
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

static bool same(const char *text, size_t n, const char *word)
{
	return strlen(word) == n && !memcmp(text, word, n);
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

static int read_path(struct reader *r, const char *text, size_t n, uint64_t from)
{
	manrs_fault inner;
	int rc = manrs_path_parse(&r->a->path, r->asn, r->kind, r->cap, text, n, &inner);

	if (rc == MANRS_ELIMIT)
		return refuse(r, rc, from, "too many hops");
	return rc == MANRS_OK ? rc : refuse_part(r, &inner, from);
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

#define FIELDS 10

struct field {
	size_t at, n;
};

static size_t split(struct field *fields, const char *text, size_t n)
{
	size_t count = 0, start = 0;

	for (size_t i = 0; i <= n && count < FIELDS; i++) {
		if (i < n && text[i] != '|')
			continue;
		fields[count++] = (struct field){start, i - start};
		start = i + 1;
	}
	return count;
}

/* Neighbour 0 is a route of the dumping router itself: nobody sent it. */
static int read_neighbour(struct reader *r, struct field f)
{
	manrs_fault inner;
	uint32_t asn;

	if (manrs_asn_parse(&asn, r->text + f.at, f.n, &inner) != MANRS_OK)
		return refuse_part(r, &inner, f.at);
	return asn ? set_neighbour(r, asn, f.at) : MANRS_OK;
}

static int read_dump(struct reader *r, const struct field *f, bool path_id)
{
	const char *text = r->text;
	int rc = read_prefix(r, &r->a->prefix, text + f[5].at, f[5].n, f[5].at);

	if (rc == MANRS_OK)
		rc = read_address(r, &r->a->neighbour_address, text + f[3].at, f[3].n, f[3].at);
	if (rc == MANRS_OK)
		rc = read_neighbour(r, f[4]);
	f += path_id;
	if (rc == MANRS_OK)
		rc = read_path(r, text + f[6].at, f[6].n, f[6].at);
	if (rc == MANRS_OK && f[8].n)
		rc = read_address(r, &r->a->next_hop, text + f[8].at, f[8].n, f[8].at);
	return rc == MANRS_OK ? 1 : rc;
}

static int parse_dump(struct reader *r)
{
	struct field f[FIELDS];
	size_t count = split(f, r->text, r->n);
	bool path_id, rib;

	if (count < 3)
		return refuse(r, MANRS_ESYNTAX, 0,
			      "neither a line of bgpdump -m nor a JSON object");
	path_id = same(r->text + f[0].at, f[0].n, "TABLE_DUMP2_AP");
	rib = path_id || same(r->text + f[0].at, f[0].n, "TABLE_DUMP2") ||
	      same(r->text + f[0].at, f[0].n, "TABLE_DUMP");
	if (!rib && !same(r->text + f[0].at, f[0].n, "BGP4MP") &&
	    !same(r->text + f[0].at, f[0].n, "BGP4MP_AP"))
		return refuse(r, MANRS_ESYNTAX, 0, "no type of a line of bgpdump -m");
	path_id = path_id || same(r->text + f[0].at, f[0].n, "BGP4MP_AP");
	if (!rib &&
	    (same(r->text + f[2].at, f[2].n, "W") || same(r->text + f[2].at, f[2].n, "STATE")))
		return 0;
	if (!same(r->text + f[2].at, f[2].n, rib ? "B" : "A"))
		return refuse(r, MANRS_ESYNTAX, f[2].at, "no kind of a line of bgpdump -m");
	if (count < (path_id ? 10u : 9u))
		return refuse(r, MANRS_ESYNTAX, r->n, "the line of bgpdump -m is cut");
	return read_dump(r, f, path_id);
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

static const char *const members[] = {
	"prefix", "as_path",   "neighbour",    "next_hop", "neighbour_address",
	"otc",	  "direction", "learned_from", "own",	   "internal"};

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
	for (int m = 0; m < OTHER; m++)
		if (same(t->text, t->n, members[m]))
			return (enum member)m;
	return OTHER;
}

static int read_direction(struct reader *r, const struct js_token *t)
{
	if (same(t->text, t->n, "egress"))
		r->a->flags |= MANRS_ANNOUNCE_EGRESS;
	else if (!same(t->text, t->n, "ingress"))
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
static int read_hops(struct reader *r, struct js *scan)
{
	struct path_out out = {.asn = r->asn, .kind = r->kind, .cap = r->cap};
	struct js_token t;
	bool set = false, fresh = true;

	for (int kind;;) {
		kind = js_next(scan, &t);
		if (kind == JS_ARRAY && !set) {
			set = fresh = true;
		} else if (kind == JS_ARRAY_END) {
			if (!set)
				break;
			if (fresh)
				return refuse(r, MANRS_ESYNTAX, t.at, "an empty AS_SET");
			set = false;
			fresh = true;
		} else if (kind == JS_NUMBER && t.integer && t.number <= UINT32_MAX) {
			path_put(&out, (uint32_t)t.number,
				 set ? MANRS_SEGMENT_SET : MANRS_SEGMENT_SEQUENCE, fresh);
			fresh = false;
		} else {
			return refuse(r, MANRS_ESYNTAX, kind == JS_BAD ? scan->fault.at : t.at,
				      "an AS path holds AS numbers");
		}
	}
	return path_done(&out, &r->a->path, NULL) == MANRS_OK
		       ? MANRS_OK
		       : refuse(r, MANRS_ELIMIT, t.at, "too many hops");
}

/* Past a value of a member that is not known; its first token has been read. */
static bool pass(struct js *scan, int kind)
{
	struct js_token t;
	size_t depth = 0;

	for (;;) {
		depth += kind == JS_OBJECT || kind == JS_ARRAY;
		depth -= kind == JS_OBJECT_END || kind == JS_ARRAY_END;
		if (depth == 0)
			return kind > JS_END;
		kind = js_next(scan, &t);
		if (kind <= JS_END)
			return false;
	}
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
	if (m == OTHER)
		return pass(scan, kind) ? MANRS_OK : bad_json(r, scan);
	if (kind == JS_STRING)
		return read_string(r, m, &t);
	if (kind == JS_NUMBER)
		return read_number(r, m, &t);
	if (kind == JS_ARRAY && m == AS_PATH)
		return read_hops(r, scan);
	if ((m == OWN || m == INTERNAL) && (kind == JS_TRUE || kind == JS_FALSE)) {
		uint32_t flag = m == OWN ? MANRS_ANNOUNCE_OWN : MANRS_ANNOUNCE_INTERNAL;

		r->a->flags |= kind == JS_TRUE ? flag : 0;
		return MANRS_OK;
	}
	return kind == JS_NULL ? MANRS_OK
			       : refuse(r, MANRS_ESYNTAX, t.at, "not what this member takes");
}

static int read_members(struct reader *r, struct js *scan)
{
	uint32_t seen = 0;
	struct js_token t;
	int kind, rc;

	while ((kind = js_next(scan, &t)) == JS_KEY) {
		enum member m = member_of(&t);

		if (m != OTHER && (seen >> m & 1))
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
	js_feed(&scan, r->text, r->n);
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

int manrs_announce_parse(manrs_announcement *announcement, uint32_t *asn, uint8_t *kind, size_t cap,
			 const char *text, size_t n, manrs_fault *fault)
{
	struct reader r = {announcement, asn, kind, cap, text, n, fault};
	size_t at = 0;

	memset(announcement, 0, sizeof *announcement);
	if (n && text[n - 1] == '\r')
		r.n = --n;
	while (at < n && (text[at] == ' ' || text[at] == '\t'))
		at++;
	if (at == n || text[at] == '#')
		return 0;
	announcement->flags = MANRS_ANNOUNCE_ANY_NEIGHBOUR;
	return text[at] == '{' ? parse_json(&r) : parse_dump(&r);
}
