/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An UPDATE seen whole. Its attributes are judged by the store; what only the whole message can tell is judged here:
 *
 *     the lengths inside it overrun it               RESET 3/1   RFC 7606 section 3 b
 *     NLRI or withdrawn routes that cannot be read   RESET 3/10  sections 3 i, 3 j, 5.3; RFC 4271 section 6.3
 *     the same in MP_REACH or MP_UNREACH             DISABLE 3/9 sections 3 j, 5.3; RFC 4760 section 7
 *     a mandatory attribute is missing               WITHDRAW    section 3 d
 *     an error, and nothing announced                RESET 3/1   section 5.2
 *
 * Its prefixes lie in up to four fields, each of one family and read by one function.
 */

#include "wire/bgp_wire.h"

#include "base/mem.h"

/* Code and subcodes of NOTIFICATIONs. */
enum { UPDATE_ERROR = 3, ATTRIBUTE_LIST = 1, OPTIONAL_ATTRIBUTE = 9, NETWORK_FIELD = 10 };

/* The fields of prefixes, in the order in which they are listed. */
enum { WITHDRAWN, UNREACH, NLRI, REACH, FIELDS };

struct field {
	struct bytes in; /* offsets count from the body */
	int family;      /* 0: nothing that comes out */
};

/* ---- where the prefixes lie ---- */

static struct field field_of(const manrs_bgp_message *m, const uint8_t *from, size_t n, int family)
{
	struct bytes in = bytes_of(m->body, m->n_body);

	if (!n)
		return (struct field){.family = 0};
	bytes_skip(&in, (size_t)(from - m->body));
	return (struct field){bytes_part(&in, n), family};
}

/* MP_REACH or MP_UNREACH. returns: false: too short for its own lengths, or there is none */
static bool mp_read(const manrs_bgp_update *u, bool reach, struct bgp_reach *mp)
{
	const manrs_bgp_message *m = &u->message;

	return reach ? m->reach && bgp_reach_read(mp, &u->session, m->reach, m->n_reach)
		     : m->unreach && bgp_unreach_read(mp, m->unreach, m->n_unreach);
}

static struct field field(const manrs_bgp_update *u, int which)
{
	const manrs_bgp_message *m = &u->message;
	struct bgp_reach mp;

	if (which == WITHDRAWN)
		return field_of(m, m->withdrawn, m->n_withdrawn, 4);
	if (which == NLRI)
		return field_of(m, m->nlri, m->n_nlri, 4);
	if (!mp_read(u, which == REACH, &mp))
		return (struct field){.family = 0};
	return field_of(m, mp.nlri.from + mp.nlri.at, bytes_left(&mp.nlri), mp.family);
}

/* ---- errors ---- */

static void worsen(manrs_bgp_update *u, uint32_t action, int subcode, const manrs_fault *fault)
{
	if (u->action >= action)
		return;
	u->action = action;
	u->fault = *fault;
	u->notify_code = subcode ? UPDATE_ERROR : 0;
	u->notify_subcode = (uint8_t)subcode;
}

static manrs_fault fault_at(const manrs_bgp_update *u, const uint8_t *at, int type,
			    const char *what)
{
	return (manrs_fault){
		.at = at ? (uint64_t)(at - u->message.body) : 0, .what = what, .code = type};
}

/* What the store found in the attributes. */
static void judge_attributes(manrs_bgp_update *u)
{
	manrs_fault fault;

	if (!u->attrs)
		return;
	u->notes = u->attrs->notes;
	if (u->attrs->action <= u->action)
		return;
	fault = u->attrs->more->fault;
	fault.at += (uint64_t)(u->message.attributes - u->message.body);
	worsen(u, u->attrs->action, u->attrs->more->notify_subcode, &fault);
}

/* ---- prefixes that can be read, or not ---- */

/* How well a field's bytes fit a way to read them. */
enum fit {
	UNREADABLE,
	ODD, /* bits past a length, or default routes among others: as of path identifiers read for prefixes */
	FITS,
};

static enum fit fit_field(struct bytes *in, int family, bool path_ids)
{
	size_t n = 0, defaults = 0;
	enum fit fit = FITS;
	manrs_prefix prefix;
	uint32_t path_id;

	for (; bgp_nlri_next(in, family, path_ids, &prefix, &path_id); n++) {
		unsigned bits = prefix.len % 8u;

		if (bits && in->from[in->at - 1] & 0xffu >> bits)
			fit = ODD;
		defaults += !prefix.len;
	}
	/* one among others is usual; small identifiers read as several */
	if (n > 1 && defaults > (path_ids ? 0 : 1))
		fit = ODD;
	return in->bad ? UNREADABLE : fit;
}

/* Of all fields of a family. */
static enum fit fit_family(const manrs_bgp_update *u, int family, bool path_ids)
{
	enum fit worst = FITS;

	for (int i = 0; i < FIELDS; i++) {
		struct field f = field(u, i);
		enum fit fit = f.family == family ? fit_field(&f.in, family, path_ids) : FITS;

		if (fit < worst)
			worst = fit;
	}
	return worst;
}

/* Archives do not say whether a session has path identifiers: what fits better is taken. */
static void guess_path_ids(manrs_bgp_update *u, int family)
{
	uint32_t flag = family == 4 ? MANRS_BGP_PATHS4 : MANRS_BGP_PATHS6;
	bool said = u->session.flags & flag;
	enum fit fit = fit_family(u, family, said);

	if (fit == FITS || fit_family(u, family, !said) <= fit)
		return;
	u->session.flags ^= flag;
	u->notes |= MANRS_BGP_NOTE_GUESSED;
}

static void judge_field(manrs_bgp_update *u, int which)
{
	static const struct {
		uint32_t action;
		int type, subcode;
		const char *what;
	} rules[FIELDS] = {
		[WITHDRAWN] = {MANRS_BGP_RESET, 0, NETWORK_FIELD,
			       "withdrawn routes cannot be read"},
		[NLRI] = {MANRS_BGP_RESET, 0, NETWORK_FIELD, "NLRI cannot be read"},
		[UNREACH] = {MANRS_BGP_DISABLE, MANRS_BGP_MP_UNREACH, OPTIONAL_ATTRIBUTE,
			     "the prefixes of MP_UNREACH cannot be read"},
		[REACH] = {MANRS_BGP_DISABLE, MANRS_BGP_MP_REACH, OPTIONAL_ATTRIBUTE,
			   "the prefixes of MP_REACH cannot be read"},
	};
	struct field f = field(u, which);
	manrs_prefix prefix;
	uint32_t path_id;
	manrs_fault fault;

	if (!f.family)
		return;
	while (bgp_nlri_next(&f.in, f.family, bgp_has_path_ids(&u->session, f.family), &prefix,
			     &path_id))
		;
	if (!f.in.bad)
		return;
	fault = fault_at(u, f.in.from + f.in.at, rules[which].type, rules[which].what);
	worsen(u, rules[which].action, rules[which].subcode, &fault);
}

static void judge_prefixes(manrs_bgp_update *u)
{
	if (u->session.flags & MANRS_BGP_GUESS) {
		guess_path_ids(u, 4);
		guess_path_ids(u, 6);
	}
	for (int i = 0; i < FIELDS; i++)
		judge_field(u, i);
}

/* ---- the message as a whole ---- */

/* Whether it announces prefixes, of whatever family. */
static bool announces(const manrs_bgp_update *u)
{
	struct bgp_reach mp;

	return u->message.n_nlri || (mp_read(u, true, &mp) && bytes_left(&mp.nlri));
}

/* Whether MP_UNREACH is its one attribute. */
static bool only_unreach(const manrs_bgp_message *m)
{
	return m->unreach && m->unreach - m->attributes <= 4 &&
	       m->unreach + m->n_unreach == m->attributes + m->n_attributes;
}

/* RFC 4760 section 3: NEXT_HOP belongs to the NLRI outside MP_REACH. */
static void judge_missing(manrs_bgp_update *u)
{
	static const uint8_t mandatory[] = {MANRS_BGP_ORIGIN, MANRS_BGP_AS_PATH,
					    MANRS_BGP_NEXT_HOP};
	uint64_t has = u->attrs ? u->attrs->has | u->attrs->more->discarded : 0;

	for (size_t i = 0; i < sizeof mandatory; i++) {
		manrs_fault fault = fault_at(u, u->message.attributes, mandatory[i],
					     "a mandatory attribute is missing");

		if (has & MANRS_BGP_HAS(mandatory[i]))
			continue;
		if (mandatory[i] != MANRS_BGP_NEXT_HOP || u->message.n_nlri)
			worsen(u, MANRS_BGP_WITHDRAW, 0, &fault);
	}
}

/* Where nothing is announced, prefixes of a broken attribute may have been lost. */
static void judge_whole(manrs_bgp_update *u)
{
	manrs_fault fault = u->fault;

	if (announces(u))
		judge_missing(u);
	else if (u->action > MANRS_BGP_DISCARD && !only_unreach(&u->message))
		worsen(u, MANRS_BGP_RESET, ATTRIBUTE_LIST, &fault);
}

/* RFC 4724 section 2: nothing at all, or an MP_UNREACH without prefixes alone. */
static uint32_t end_of_rib(const manrs_bgp_update *u)
{
	const manrs_bgp_message *m = &u->message;
	struct bgp_reach mp;

	if (u->action != MANRS_BGP_KEEP || m->n_withdrawn || m->n_nlri)
		return 0;
	if (!m->n_attributes)
		return 4;
	if (!only_unreach(m) || !mp_read(u, false, &mp) || bytes_left(&mp.nlri))
		return 0;
	return (uint32_t)mp.family;
}

int manrs_bgp_update_decode(manrs_bgp_update *update, manrs_bgp_store *store,
			    const manrs_bgp_session *session, const manrs_bgp_message *message)
{
	const manrs_bgp_attrs *attrs = NULL;
	int rc;

	if (message->type != MANRS_BGP_UPDATE)
		return MANRS_EINVAL;
	if (message->n_attributes) {
		rc = manrs_bgp_store_get(store, &attrs, session, message->attributes,
					 message->n_attributes);
		if (rc < 0)
			return rc;
	}
	*update = (manrs_bgp_update){
		.message = *message, .session = *session, .attrs = attrs, .action = MANRS_BGP_KEEP};
	if (message->notify_code) { /* manrs_bgp_decode refused it */
		manrs_fault fault = {.what = "the message is malformed"};

		worsen(update, MANRS_BGP_RESET, message->notify_subcode, &fault);
		update->notify_code = message->notify_code;
		return MANRS_OK;
	}
	judge_attributes(update);
	judge_prefixes(update);
	judge_whole(update);
	update->end_of_rib = end_of_rib(update);
	return MANRS_OK;
}

/* ---- listing ---- */

/* The place in a listing: the field, and where in it. */
enum { AT_FIELD, AT_BYTE };

/* Begin or go on in the field of the cursor. returns: false: it has no prefixes that come out */
static bool resume(const manrs_bgp_update *u, const manrs_cursor *cursor, int which,
		   struct field *f)
{
	*f = field(u, which);
	if (!f->family)
		return false;
	if (cursor->state[AT_BYTE])
		f->in.at = (size_t)cursor->state[AT_BYTE];
	return true;
}

static void announcement_of(const manrs_bgp_update *u, int which, manrs_announcement *a)
{
	const manrs_bgp_attrs *attrs = u->attrs;

	*a = (manrs_announcement){
		.neighbour_asn = u->session.neighbour_asn,
		.neighbour_address = u->session.neighbour_address,
		.next_hop = which == NLRI ? attrs->next_hop4 : attrs->next_hop,
		.path = attrs->path,
	};
	if (attrs->has & MANRS_BGP_HAS(MANRS_BGP_OTC)) {
		a->otc = attrs->otc;
		a->flags |= MANRS_ANNOUNCE_OTC;
	}
	if (!u->session.neighbour_asn)
		a->flags |= MANRS_ANNOUNCE_ANY_NEIGHBOUR;
	if (u->session.flags & MANRS_BGP_INTERNAL)
		a->flags |= MANRS_ANNOUNCE_INTERNAL;
}

size_t manrs_bgp_announced(const manrs_bgp_update *update, manrs_cursor *cursor,
			   manrs_announcement *out, uint32_t *path_ids, size_t cap)
{
	static const uint8_t fields[] = {NLRI, REACH};
	size_t n = 0;

	if (!update->attrs || update->action > MANRS_BGP_DISCARD)
		return 0;
	for (; cursor->state[AT_FIELD] < 2; cursor->state[AT_FIELD]++, cursor->state[AT_BYTE] = 0) {
		int which = fields[cursor->state[AT_FIELD]];
		manrs_announcement a;
		uint32_t path_id;
		struct field f;
		bool ids;

		if (!resume(update, cursor, which, &f))
			continue;
		announcement_of(update, which, &a);
		ids = bgp_has_path_ids(&update->session, f.family);
		while (n < cap && bgp_nlri_next(&f.in, f.family, ids, &a.prefix, &path_id)) {
			if (path_ids)
				path_ids[n] = path_id;
			out[n++] = a;
		}
		cursor->state[AT_BYTE] = f.in.at;
		if (n == cap)
			break;
	}
	return n;
}

size_t manrs_bgp_withdrawn(const manrs_bgp_update *update, manrs_cursor *cursor, manrs_prefix *out,
			   uint32_t *path_ids, size_t cap)
{
	uint64_t fields = update->action == MANRS_BGP_WITHDRAW ? FIELDS : NLRI;
	size_t n = 0;

	if (update->action > MANRS_BGP_WITHDRAW)
		return 0;
	for (; cursor->state[AT_FIELD] < fields;
	     cursor->state[AT_FIELD]++, cursor->state[AT_BYTE] = 0) {
		uint32_t path_id;
		struct field f;
		bool ids;

		if (!resume(update, cursor, (int)cursor->state[AT_FIELD], &f))
			continue;
		ids = bgp_has_path_ids(&update->session, f.family);
		while (n < cap && bgp_nlri_next(&f.in, f.family, ids, &out[n], &path_id)) {
			if (path_ids)
				path_ids[n] = path_id;
			n++;
		}
		cursor->state[AT_BYTE] = f.in.at;
		if (n == cap)
			break;
	}
	return n;
}
