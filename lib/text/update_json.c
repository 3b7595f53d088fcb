/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A JSON message of RIS Live or ExaBGP. It is looked over once as a whole: what its members are is told by the object they
 * stand in (`members`), lists of prefixes and parts of the path are kept as places. Then the path is put together, in the
 * order in which its parts belong, and the lists are gone through as they will be when they are pulled (update_list.c). So
 * all of it was read when the first prefix comes out.
 */

#include "base/name.h"
#include "text/json_hops.h"
#include "text/update_form.h"

#include <string.h>

/* The objects of a message, and their members that count. */
enum object { TOP, DATA, NEIGHBOUR, ADDRESS, ASN, MESSAGE, EOR, UPDATE, ATTRIBUTE };
enum member {
	OTHER,
	M_TYPE,
	M_DATA_TYPE,
	M_DATA,
	M_NEIGHBOUR,
	M_TIME,
	M_PEER,
	M_PEER_ASN,
	M_LOCAL_ASN,
	M_STATE,
	M_PATH,
	M_SET,
	M_CONFED_PATH,
	M_CONFED_SET,
	M_ANNOUNCED,
	M_WITHDRAWN,
	M_DIRECTION,
	M_ADDRESS,
	M_ASN,
	M_MESSAGE,
	M_UPDATE,
	M_EOR,
	M_AFI,
	M_SAFI,
	M_ATTRIBUTE,
	M_OTC,
};

static const struct {
	uint8_t in, is;
	const char *name;
} members[] = {
	{TOP, M_TYPE, "type"},
	{TOP, M_DATA, "data"},
	{TOP, M_NEIGHBOUR, "neighbor"},
	{TOP, M_TIME, "time"},
	{DATA, M_DATA_TYPE, "type"},
	{DATA, M_TIME, "timestamp"},
	{DATA, M_PEER, "peer"},
	{DATA, M_PEER_ASN, "peer_asn"},
	{DATA, M_STATE, "state"},
	{DATA, M_PATH, "path"},
	{DATA, M_ANNOUNCED, "announcements"},
	{DATA, M_WITHDRAWN, "withdrawals"},
	{NEIGHBOUR, M_ADDRESS, "address"},
	{NEIGHBOUR, M_ASN, "asn"},
	{NEIGHBOUR, M_DIRECTION, "direction"},
	{NEIGHBOUR, M_STATE, "state"},
	{NEIGHBOUR, M_MESSAGE, "message"},
	{ADDRESS, M_PEER, "peer"},
	{ASN, M_PEER_ASN, "peer"},
	{ASN, M_LOCAL_ASN, "local"},
	{MESSAGE, M_UPDATE, "update"},
	{MESSAGE, M_EOR, "eor"},
	{EOR, M_AFI, "afi"},
	{EOR, M_SAFI, "safi"},
	{UPDATE, M_ATTRIBUTE, "attribute"},
	{UPDATE, M_ANNOUNCED, "announce"},
	{UPDATE, M_WITHDRAWN, "withdraw"},
	{ATTRIBUTE, M_PATH, "as-path"},
	{ATTRIBUTE, M_SET, "as-set"},
	{ATTRIBUTE, M_CONFED_PATH, "confederation-path"},
	{ATTRIBUTE, M_CONFED_SET, "confederation-set"},
	{ATTRIBUTE, M_OTC, "attribute-0x23-0xC0"},
	{ATTRIBUTE, M_OTC, "attribute-0x23-0xE0"}, /* with the Partial bit */
};

/* What a message is, by the types of RIS Live and ExaBGP. */
enum type { T_OTHER, T_ENVELOPE, T_UPDATE, T_STATE };
static const struct name_of types[] = {
	{"ris_message", T_ENVELOPE},
	{"update", T_UPDATE},
	{"state", T_STATE},
	{"ris_peer_state", T_STATE},
};
/* ExaBGP's "connected" is TCP alone, RIS Live's is the session. */
static const struct name_of states[] = {
	{"up", MANRS_UPDATE_UP},
	{"connected", MANRS_UPDATE_UP},
	{"down", MANRS_UPDATE_DOWN},
};

struct reader {
	manrs_update_line *line;
	struct js scan;
	struct update_room room;
	struct path_out path;
	manrs_fault *fault;
	uint32_t seen; /* 1 << enum member */
	enum type type;
	uint32_t state; /* what it would be if the message is one of states */
	uint32_t local_asn;
	bool connected, sent, unicast;
	uint32_t afi;
	/* where the arrays of the path are: M_PATH, M_SET, M_CONFED_PATH, M_CONFED_SET; 0: not there */
	uint64_t hops[4];
	bool segments; /* M_PATH is an object of segments */
};

static int refuse(struct reader *r, int code, uint64_t at, const char *what)
{
	return fault_set(r->fault, code, at, what);
}

static bool saw(const struct reader *r, enum member m)
{
	return r->seen >> m & 1;
}

/* The data alone of RIS Live stand at the top. */
static enum member member_of(enum object in, const struct js_token *t)
{
	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		if (members[i].in == in && name_is(t->text, t->n, members[i].name))
			return (enum member)members[i].is;
	return in == TOP ? member_of(DATA, t) : OTHER;
}

static int known(const struct js_token *t, const struct name_of *table, size_t count)
{
	int is = name_find(t->text, t->n, table, count);

	return is < 0 ? 0 : is;
}

static int read_asn(struct reader *r, uint32_t *asn, const struct js_token *t, bool number)
{
	if (!number)
		return update_moved(manrs_asn_parse(asn, t->text, t->n, r->fault), t->at + 1,
				    r->fault);
	if (!t->integer || t->number > UINT32_MAX)
		return refuse(r, MANRS_ERANGE, t->at, "not an AS number");
	*asn = (uint32_t)t->number;
	return MANRS_OK;
}

/* "0x0000fbf4" */
static int read_otc(struct reader *r, const struct js_token *t)
{
	uint32_t value = 0;

	for (size_t i = 2; i < t->n && t->n == 10; i++) {
		char c = t->text[i];
		unsigned digit = (unsigned)(c - '0'), letter = (unsigned)((c | 32) - 'a');

		if (digit > 9 && letter > 5)
			return refuse(r, MANRS_ESYNTAX, t->at + 1 + i, "not a hexadecimal number");
		value = value << 4 | (digit <= 9 ? digit : letter + 10);
	}
	if (t->n != 10) /* RFC 9234 section 5: a malformed one is treated as a withdrawal */
		return refuse(r, MANRS_ESYNTAX, t->at, "OTC has four octets");
	r->line->announcement.otc = value;
	r->line->announcement.flags |= MANRS_ANNOUNCE_OTC;
	return MANRS_OK;
}

/* The type in the data is what counts, if they are of a ris_message. */
static void read_type(struct reader *r, enum member m, const struct js_token *t)
{
	enum type type = (enum type)known(t, types, sizeof types / sizeof *types);

	if (m == M_TYPE && saw(r, M_DATA) && type == T_ENVELOPE)
		return;
	r->type = m == M_TYPE && saw(r, M_DATA) ? T_OTHER : type;
}

static int read_string(struct reader *r, enum member m, const struct js_token *t)
{
	manrs_announcement *a = &r->line->announcement;

	switch (m) {
	case M_TYPE:
	case M_DATA_TYPE:
		read_type(r, m, t);
		return MANRS_OK;
	case M_STATE:
		r->state = (uint32_t)known(t, states, sizeof states / sizeof *states);
		r->connected = name_is(t->text, t->n, "connected");
		return MANRS_OK;
	case M_DIRECTION:
		r->sent = name_is(t->text, t->n, "send");
		return MANRS_OK;
	case M_AFI:
		r->afi = name_is(t->text, t->n, "ipv4")   ? 4
			 : name_is(t->text, t->n, "ipv6") ? 6
							  : 0;
		return MANRS_OK;
	case M_SAFI:
		r->unicast = name_is(t->text, t->n, "unicast");
		return MANRS_OK;
	case M_PEER:
		return update_moved(
			manrs_address_parse(&a->neighbour_address, t->text, t->n, r->fault),
			t->at + 1, r->fault);
	case M_PEER_ASN:
		return read_asn(r, &a->neighbour_asn, t, false);
	case M_LOCAL_ASN:
		return read_asn(r, &r->local_asn, t, false);
	case M_OTC:
		return read_otc(r, t);
	default:
		return refuse(r, MANRS_ESYNTAX, t->at, "a string is not what this member takes");
	}
}

static int read_number(struct reader *r, enum member m, const struct js_token *t)
{
	switch (m) {
	case M_TIME:
		r->line->time_us = update_micros(t->text, t->n);
		return MANRS_OK;
	case M_PEER_ASN:
		return read_asn(r, &r->line->announcement.neighbour_asn, t, true);
	case M_LOCAL_ASN:
		return read_asn(r, &r->local_asn, t, true);
	default:
		return refuse(r, MANRS_ESYNTAX, t->at, "a number is not what this member takes");
	}
}

static int read_object(struct reader *r, enum object in);

/* What an object that is a member holds; TOP: it is passed over. */
static enum object object_of(const struct reader *r, enum member m)
{
	switch (m) {
	case M_DATA: /* of an error, or of what was asked for, its members mean other things */
		return r->type == T_ENVELOPE || !saw(r, M_TYPE) ? DATA : TOP;
	case M_NEIGHBOUR:
		return NEIGHBOUR;
	case M_ADDRESS:
		return ADDRESS;
	case M_ASN:
		return ASN;
	case M_MESSAGE:
		return MESSAGE;
	case M_UPDATE:
		return UPDATE;
	case M_EOR:
		return EOR;
	case M_ATTRIBUTE:
		return ATTRIBUTE;
	default:
		return TOP;
	}
}

/* An array or an object, or what a member has that does not count. */
static int read_inside(struct reader *r, enum member m, int kind, const struct js_token *t)
{
	const bool array = kind == JS_ARRAY;
	enum object in = kind == JS_OBJECT ? object_of(r, m) : TOP;

	if (in != TOP)
		return read_object(r, in);
	if (m >= M_PATH && m <= M_CONFED_SET && (array || m == M_PATH)) {
		r->hops[m - M_PATH] = t->at;
		r->segments |= !array;
	} else if (m == M_ANNOUNCED) {
		r->line->at_announced = t->at;
	} else if (m == M_WITHDRAWN) {
		r->line->at_withdrawn = t->at;
	} else if (m != OTHER && m != M_DATA) {
		return refuse(r, MANRS_ESYNTAX, t->at, "not what this member takes");
	}
	return update_skip(&r->scan, kind) ? MANRS_OK : update_bad_json(&r->scan, r->fault);
}

static int read_value(struct reader *r, enum member m)
{
	struct js_token t;
	int kind = js_next(&r->scan, &t);

	if (kind <= JS_END)
		return update_bad_json(&r->scan, r->fault);
	if (kind == JS_OBJECT || kind == JS_ARRAY)
		return read_inside(r, m, kind, &t);
	if (m == OTHER || kind == JS_NULL)
		return MANRS_OK;
	if (kind == JS_STRING)
		return read_string(r, m, &t);
	if (kind == JS_NUMBER)
		return read_number(r, m, &t);
	return refuse(r, MANRS_ESYNTAX, t.at, "not what this member takes");
}

/* An object whose { was the last token. */
static int read_object(struct reader *r, enum object in)
{
	struct js_token t;
	int kind, rc;

	while ((kind = js_next(&r->scan, &t)) == JS_KEY) {
		enum member m = member_of(in, &t);

		if (m != OTHER && saw(r, m))
			return refuse(r, MANRS_ESYNTAX, t.at, "twice the same member");
		rc = read_value(r, m);
		r->seen |= 1u << m;
		if (rc != MANRS_OK)
			return rc;
	}
	return kind == JS_OBJECT_END ? MANRS_OK : update_bad_json(&r->scan, r->fault);
}

/* ---- the path ---- */

static void scan_at(struct reader *r, uint64_t at)
{
	manrs_alloc mem = update_room(&r->room);

	js_init(&r->scan, &mem);
	r->scan.offset = at;
	js_feed(&r->scan, r->line->text + at, r->line->n_text - (size_t)at);
}

/* {"0": {"element": "as-sequence", "value": [64496, 64497]}, ..} of ExaBGP 5, in which "element" goes first. */
static int read_segment(struct reader *r)
{
	unsigned segment = MANRS_SEGMENT_SEQUENCE;
	struct js_token t;
	int kind;

	while ((kind = js_next(&r->scan, &t)) == JS_KEY) {
		bool element = name_is(t.text, t.n, "element");
		bool value = name_is(t.text, t.n, "value");
		int rc = MANRS_OK;

		kind = js_next(&r->scan, &t);
		if (element && kind == JS_STRING && name_is(t.text, t.n, "as-set"))
			segment = MANRS_SEGMENT_SET;
		else if (element && kind == JS_STRING && !name_is(t.text, t.n, "as-sequence"))
			return refuse(r, MANRS_ESYNTAX, t.at, "not a kind of segment");
		else if (value && kind == JS_ARRAY)
			rc = json_hops(&r->path, &r->scan, segment, r->fault);
		else if (!update_skip(&r->scan, kind))
			return update_bad_json(&r->scan, r->fault);
		if (rc != MANRS_OK)
			return rc;
	}
	return kind == JS_OBJECT_END ? MANRS_OK : update_bad_json(&r->scan, r->fault);
}

static int read_segments(struct reader *r)
{
	struct js_token t;
	int kind;

	while ((kind = js_next(&r->scan, &t)) == JS_KEY) {
		int rc = MANRS_OK;

		kind = js_next(&r->scan, &t);
		rc = kind == JS_OBJECT ? read_segment(r)
				       : refuse(r, MANRS_ESYNTAX, t.at, "not a segment of a path");
		if (rc != MANRS_OK)
			return rc;
	}
	return kind == JS_OBJECT_END ? MANRS_OK : update_bad_json(&r->scan, r->fault);
}

/* The parts of the path; ExaBGP 4 does not say how they followed each other: those of confederations go first (RFC 5065). */
static int read_path(struct reader *r)
{
	static const struct {
		uint8_t member, kind;
	} parts[] = {
		{M_CONFED_PATH, MANRS_SEGMENT_CONFED_SEQUENCE},
		{M_CONFED_SET, MANRS_SEGMENT_CONFED_SET},
		{M_PATH, MANRS_SEGMENT_SEQUENCE},
		{M_SET, MANRS_SEGMENT_SET},
	};
	uint64_t at = 0;

	for (size_t i = 0; i < 4; i++) {
		struct js_token t;
		int rc;

		if (!r->hops[parts[i].member - M_PATH])
			continue;
		at = r->hops[parts[i].member - M_PATH];
		scan_at(r, at);
		js_next(&r->scan, &t);
		rc = parts[i].member == M_PATH && r->segments
			     ? read_segments(r)
			     : json_hops(&r->path, &r->scan, parts[i].kind, r->fault);
		if (rc != MANRS_OK)
			return rc;
	}
	if (path_done(&r->path, &r->line->announcement.path, NULL) == MANRS_OK)
		return MANRS_OK;
	return refuse(r, MANRS_ELIMIT, at, "too many hops");
}

/* ---- what it all means ---- */

enum update_shape update_shape_of(const manrs_update_line *line, bool announced)
{
	if (line->form == MANRS_UPDATE_RIS)
		return announced ? RIS_ANNOUNCED : RIS_WITHDRAWN;
	return announced ? EXABGP_ANNOUNCED : EXABGP_WITHDRAWN;
}

/* Go through a list as it will be pulled. */
static int count_list(manrs_update_line *line, bool announced, manrs_fault *fault)
{
	uint64_t at = announced ? line->at_announced : line->at_withdrawn, n = 0;
	manrs_cursor cursor = {{0}};
	struct update_list list;
	manrs_prefix prefix;
	uint32_t id;
	int rc;

	if (!at)
		return MANRS_OK;
	update_list_open(&list, update_shape_of(line, announced), line->text, line->n_text, at,
			 &cursor, fault);
	while ((rc = update_list_next(&list, &prefix, &id)) > 0)
		n++;
	*(announced ? &line->n_announced : &line->n_withdrawn) = n;
	line->foreign |= list.foreign;
	if (list.end_of_rib)
		line->end_of_rib = list.end_of_rib;
	return rc;
}

static int read_routes(struct reader *r)
{
	manrs_update_line *line = r->line;
	int rc = read_path(r);

	if (rc == MANRS_OK)
		rc = count_list(line, true, r->fault);
	if (rc == MANRS_OK)
		rc = count_list(line, false, r->fault);
	if (rc != MANRS_OK)
		return rc;
	if (saw(r, M_EOR) && r->unicast)
		line->end_of_rib = r->afi;
	if (line->n_announced || line->n_withdrawn)
		line->what = MANRS_UPDATE_ROUTES;
	else if (line->end_of_rib)
		line->what = MANRS_UPDATE_END_OF_RIB;
	return line->what != MANRS_UPDATE_NOTHING;
}

static int understand(struct reader *r)
{
	manrs_update_line *line = r->line;
	manrs_announcement *a = &line->announcement;

	if (!saw(r, M_NEIGHBOUR) && !saw(r, M_TYPE) && !saw(r, M_TIME))
		return refuse(r, MANRS_ESYNTAX, 0, "no message of RIS Live or ExaBGP");
	line->form = saw(r, M_NEIGHBOUR) ? MANRS_UPDATE_EXABGP : MANRS_UPDATE_RIS;
	if (a->neighbour_asn == 0)
		a->flags |= MANRS_ANNOUNCE_ANY_NEIGHBOUR;
	else if (a->neighbour_asn == r->local_asn)
		a->flags |= MANRS_ANNOUNCE_INTERNAL;
	if (r->sent || (r->type != T_UPDATE && r->type != T_STATE))
		return 0;
	if (!a->neighbour_address.family)
		return refuse(r, MANRS_ESYNTAX, 0, "no address of a peer");
	if (r->type == T_UPDATE)
		return read_routes(r);
	if (!r->state)
		return refuse(r, MANRS_ESYNTAX, 0, "no state of a session");
	if (line->form == MANRS_UPDATE_EXABGP && r->connected)
		return 0;
	line->what = r->state;
	return 1;
}

int update_json_read(manrs_update_line *line, uint32_t *asn, uint8_t *kind, size_t cap,
		     size_t start, manrs_fault *fault)
{
	struct reader r = {
		.line = line, .path = {.asn = asn, .kind = kind, .cap = cap}, .fault = fault};
	struct js_token t;
	int rc;

	scan_at(&r, start);
	js_eof(&r.scan);
	js_next(&r.scan, &t);
	rc = read_object(&r, TOP);
	if (rc == MANRS_OK && js_next(&r.scan, &t) != JS_END)
		rc = update_bad_json(&r.scan, fault);
	return rc == MANRS_OK ? understand(&r) : rc;
}
