/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The prefixes in a JSON message that tells of updates.
 *
 * A place in the text is gone back to by a scanner that is fed the brackets which are open there, and then the text from
 * there on: `[[]` and `,"192.0.2.0/24"]}]` is what a scanner sees that goes on behind an item. The cursor has
 *
 *     SEARCH   where the next list is looked for, behind the last one; 0: at the start
 *     ITEM     where the list goes on: at its [, or behind an item; 0: in no list
 *     HOP      the string that is its next hop; 0: it has none
 *     GLOBAL   a list had a global IPv6 next hop: one with the link-local one beside it (RFC 2545 section 3) is the same again,
 *              as RIS Live prints it
 *     START    where the whole value starts
 */

#include "text/update_list.h"

#include "base/name.h"

#include <assert.h>
#include <string.h>

enum { SEARCH, ITEM, HOP, GLOBAL, START };
#define NO_MORE UINT64_MAX /* SEARCH: that was the only list */

/* ---- the scanner ---- */

static void *room_resize(void *arg, void *ptr, size_t old_size, size_t new_size)
{
	struct update_room *room = arg;

	(void)ptr;
	(void)old_size;
	return new_size && new_size <= sizeof room->bytes ? room->bytes : NULL;
}

manrs_alloc update_room(struct update_room *room)
{
	return (manrs_alloc){room_resize, room};
}

int update_bad_json(const struct js *scan, manrs_fault *fault)
{
	const char *what = scan->fault.what;

	if (scan->fault.code == MANRS_ENOMEM)
		what = "a string that is cut, or a long one with escapes";
	return fault_set(fault, MANRS_ESYNTAX, what ? scan->fault.at : js_at(scan),
			 what ? what : "JSON is cut");
}

bool update_skip(struct js *scan, int kind)
{
	struct js_token t;

	for (size_t depth = 0;; kind = js_next(scan, &t)) {
		if (kind <= JS_END)
			return false;
		depth += kind == JS_OBJECT || kind == JS_ARRAY;
		depth -= kind == JS_OBJECT_END || kind == JS_ARRAY_END;
		if (depth == 0 && kind != JS_KEY)
			return true;
	}
}

/* Scan from text[at] on, where the brackets of `open` are open. */
static void scan_from(struct update_list *l, const char *open, uint64_t at)
{
	manrs_alloc mem = update_room(&l->room);
	struct js_token t;

	assert(at <= l->n);
	js_init(&l->scan, &mem);
	js_feed(&l->scan, open, strlen(open));
	while (js_next(&l->scan, &t) != JS_MORE)
		;
	js_feed(&l->scan, l->text + at, l->n - (size_t)at);
	l->scan.offset = at;
}

static int refuse(struct update_list *l, uint64_t at, const char *what)
{
	return fault_set(l->fault, MANRS_ESYNTAX, at, what);
}

/* A token that is not what must stand here. */
static int refuse_token(struct update_list *l, int kind, const struct js_token *t, const char *what)
{
	return kind <= JS_END ? update_bad_json(&l->scan, l->fault) : refuse(l, t->at, what);
}

/* ---- values ---- */

/* A reader of a string has refused it: its offsets count from behind the quote. */
static int moved(struct update_list *l, int rc, const struct js_token *t)
{
	if (rc < 0 && l->fault)
		l->fault->at += t->at + 1;
	return rc;
}

static bool link_local(const manrs_prefix *p)
{
	return p->family == 6 && p->addr[0] == 0xfe && (p->addr[1] & 0xc0) == 0x80;
}

/* "2001:db8::1", or with a link-local one behind a comma; "null" of ExaBGP: none. */
static int read_hop(struct update_list *l, const struct js_token *t)
{
	const char *comma = memchr(t->text, ',', t->n);
	size_t n = comma ? (size_t)(comma - t->text) : t->n;

	memset(&l->next_hop, 0, sizeof l->next_hop);
	if (name_is(t->text, n, "null"))
		return MANRS_OK;
	return moved(l, manrs_address_parse(&l->next_hop, t->text, n, l->fault), t);
}

/* A path identifier, which ExaBGP writes as an address. */
static int read_path_id(struct update_list *l, uint32_t *id, const struct js_token *t)
{
	manrs_prefix p;
	int rc = moved(l, manrs_address_parse(&p, t->text, t->n, l->fault), t);

	if (rc == MANRS_OK && p.family != 4)
		return refuse(l, t->at, "not a path identifier");
	if (rc == MANRS_OK)
		*id = (uint32_t)p.addr[0] << 24 | (uint32_t)p.addr[1] << 16 |
		      (uint32_t)p.addr[2] << 8 | p.addr[3];
	return rc;
}

/* {"nlri": "192.0.2.0/24", "path-information": "0.0.0.7"} */
static int read_object(struct update_list *l, manrs_prefix *prefix, uint32_t *id)
{
	struct js_token t;
	int kind, rc = MANRS_OK;
	bool found = false;

	while (rc == MANRS_OK && (kind = js_next(&l->scan, &t)) == JS_KEY) {
		bool nlri = name_is(t.text, t.n, "nlri");
		bool path_id = name_is(t.text, t.n, "path-information");

		kind = js_next(&l->scan, &t);
		if (kind == JS_STRING && nlri && !found)
			rc = moved(l, manrs_prefix_parse(prefix, t.text, t.n, l->fault), &t);
		else if (kind == JS_STRING && path_id)
			rc = read_path_id(l, id, &t);
		else if (nlri || path_id)
			return refuse_token(l, kind, &t, "not what this member takes");
		else if (!update_skip(&l->scan, kind))
			return update_bad_json(&l->scan, l->fault);
		found |= nlri;
	}
	if (rc != MANRS_OK)
		return rc;
	if (kind != JS_OBJECT_END)
		return update_bad_json(&l->scan, l->fault);
	return found ? 1 : refuse(l, t.at, "no nlri");
}

/* An item of the list. returns: 1; 0: the end of the list, or an item that is no prefix; < 0 */
static int read_item(struct update_list *l, manrs_prefix *prefix, uint32_t *id)
{
	struct js_token t;
	int kind = js_next(&l->scan, &t), rc;

	*id = 0;
	if (kind == JS_OBJECT)
		return read_object(l, prefix, id);
	if (kind == JS_ARRAY_END) {
		l->open = false;
		return 0;
	}
	if (kind != JS_STRING)
		return refuse_token(l, kind, &t, "not a prefix");
	if (name_is(t.text, t.n, "eor")) {
		l->end_of_rib = l->next_hop.family ? l->next_hop.family : 4;
		return 0;
	}
	rc = moved(l, manrs_prefix_parse(prefix, t.text, t.n, l->fault), &t);
	return rc < 0 ? rc : 1;
}

/* ---- lists ---- */

/* The family of "ipv4 unicast" and "ipv6 unicast", else 0. */
static int family_of(const char *name, size_t n)
{
	return name_is(name, n, "ipv4 unicast") ? 4 : name_is(name, n, "ipv6 unicast") ? 6 : 0;
}

static bool found_list(struct update_list *l, uint64_t at)
{
	l->cursor->state[ITEM] = at;
	return true;
}

/* The members of one announcement of RIS Live, in any order; its list is looked at later. */
static int ris_members(struct update_list *l)
{
	uint64_t list = 0, hop = 0;
	struct js_token t;
	int kind, rc = MANRS_OK;

	memset(&l->next_hop, 0, sizeof l->next_hop);
	while ((kind = js_next(&l->scan, &t)) == JS_KEY) {
		bool next_hop = name_is(t.text, t.n, "next_hop");
		bool prefixes = name_is(t.text, t.n, "prefixes");

		kind = js_next(&l->scan, &t);
		if (next_hop && kind == JS_STRING && !hop) {
			hop = t.at;
			rc = read_hop(l, &t);
		} else if (prefixes && kind == JS_ARRAY && !list) {
			list = t.at;
		} else if (kind > JS_END && (next_hop || prefixes)) {
			return refuse(l, t.at, "not what this member takes");
		}
		if (rc != MANRS_OK)
			return rc;
		if (!update_skip(&l->scan, kind))
			break;
	}
	if (kind != JS_OBJECT_END)
		return update_bad_json(&l->scan, l->fault);
	if (!list)
		return refuse(l, t.at, "no prefixes");
	l->cursor->state[HOP] = hop;
	l->cursor->state[SEARCH] = js_at(&l->scan);
	return found_list(l, list);
}

/* returns: 1: a list is found; 0: there is no more; < 0 */
static int next_ris(struct update_list *l)
{
	uint64_t *at = l->cursor->state;
	struct js_token t;

	for (;;) {
		int kind, rc;

		scan_from(l, at[SEARCH] ? "[{}" : "", at[SEARCH] ? at[SEARCH] : at[START]);
		kind = js_next(&l->scan, &t);
		if (kind == JS_ARRAY && !at[SEARCH])
			kind = js_next(&l->scan, &t);
		if (kind == JS_ARRAY_END)
			return 0;
		if (kind != JS_OBJECT)
			return refuse_token(l, kind, &t, "not an announcement");
		rc = ris_members(l);
		if (rc < 0)
			return rc;
		if (!link_local(&l->next_hop) || !at[GLOBAL])
			break;
	}
	at[GLOBAL] |= l->next_hop.family == 6 && !link_local(&l->next_hop);
	return 1;
}

/* The lists of a family by their next hops. returns: as next_ris, and 2: no more in this family */
static int exabgp_hops(struct update_list *l)
{
	struct js_token t;
	int kind = js_next(&l->scan, &t), rc;

	if (kind == JS_OBJECT_END)
		return 2;
	if (kind != JS_KEY)
		return update_bad_json(&l->scan, l->fault);
	l->cursor->state[HOP] = t.at;
	rc = read_hop(l, &t);
	if (rc != MANRS_OK)
		return rc;
	kind = js_next(&l->scan, &t);
	return kind == JS_ARRAY ? found_list(l, t.at)
				: refuse_token(l, kind, &t, "not a list of prefixes");
}

static int next_exabgp(struct update_list *l)
{
	const bool announced = l->shape == EXABGP_ANNOUNCED;
	const char *inside = announced ? "{\"\":{\"\":[]" : "{\"\":[]";
	uint64_t *at = l->cursor->state;
	struct js_token t;
	int kind, rc;

	scan_from(l, at[SEARCH] ? inside : "", at[SEARCH] ? at[SEARCH] : at[START]);
	rc = at[SEARCH] && announced ? exabgp_hops(l) : 2;
	if (!at[SEARCH] && (kind = js_next(&l->scan, &t)) != JS_OBJECT)
		return refuse_token(l, kind, &t, "not an object of families");
	while (rc == 2) {
		int family;

		kind = js_next(&l->scan, &t);
		if (kind == JS_OBJECT_END)
			return 0;
		if (kind != JS_KEY)
			return update_bad_json(&l->scan, l->fault);
		family = family_of(t.text, t.n);
		kind = js_next(&l->scan, &t);
		if (!family && update_skip(&l->scan, kind))
			l->foreign = true;
		else if (kind == JS_OBJECT && announced)
			rc = exabgp_hops(l);
		else if (kind == JS_ARRAY && !announced)
			rc = found_list(l, t.at);
		else
			return refuse_token(l, kind, &t, "not a list of prefixes");
	}
	return rc;
}

static int next_list(struct update_list *l)
{
	uint64_t *at = l->cursor->state;

	if (at[SEARCH] == NO_MORE)
		return 0;
	if (l->shape == RIS_ANNOUNCED)
		return next_ris(l);
	if (l->shape != RIS_WITHDRAWN)
		return next_exabgp(l);
	at[SEARCH] = NO_MORE;
	return found_list(l, at[START]);
}

/* Go into the list at ITEM: at its [, or behind one of its items. */
static void enter(struct update_list *l)
{
	uint64_t at = l->cursor->state[ITEM];
	struct js_token t;

	if (l->text[at] == '[') {
		scan_from(l, "", at);
		js_next(&l->scan, &t);
	} else {
		scan_from(l, "[[]", at);
	}
	l->open = true;
}

void update_list_open(struct update_list *l, enum update_shape shape, const char *text, size_t n,
		      uint64_t at, manrs_cursor *cursor, manrs_fault *fault)
{
	struct js_token t;

	l->text = text;
	l->n = n;
	l->shape = shape;
	l->cursor = cursor;
	l->fault = fault;
	l->open = l->foreign = false;
	l->end_of_rib = 0;
	memset(&l->next_hop, 0, sizeof l->next_hop);
	cursor->state[START] = at;
	if (cursor->state[HOP]) {
		scan_from(l, "[", cursor->state[HOP]);
		if (js_next(&l->scan, &t) == JS_STRING)
			read_hop(l, &t);
	}
	if (cursor->state[ITEM])
		enter(l);
}

int update_list_next(struct update_list *l, manrs_prefix *prefix, uint32_t *path_id)
{
	uint64_t *at = l->cursor->state;

	for (;;) {
		int rc;

		if (!l->open) {
			rc = next_list(l);
			if (rc <= 0)
				return rc;
			enter(l);
		}
		rc = read_item(l, prefix, path_id);
		if (rc < 0)
			return rc;
		at[ITEM] = l->open ? js_at(&l->scan) : 0;
		if (!l->open && (l->shape == EXABGP_ANNOUNCED || l->shape == EXABGP_WITHDRAWN))
			at[SEARCH] = js_at(&l->scan);
		if (rc > 0)
			return rc;
	}
}
