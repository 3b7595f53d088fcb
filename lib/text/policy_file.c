/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Policy files (manrs/policy_file.h) as text: lines, keys, and the items of their values.
 *
 *     line --> key --> its function, an item a call, until the value is used up --> the next line
 *
 * What comes out is told in policy_items.h; lib/audit/policy_make.c makes a policy of it.
 */

#include "text/policy_items.h"

#include "base/mem.h"
#include "base/name.h"
#include "base/utf8.h"
#include "net/text.h"

#include <assert.h>
#include <manrs/role.h>

/* ---- values: each gives its next item. returns: 1; 0: there are no more; an error ---- */

/* What a reader of one item returned, as that. */
static int one(int rc)
{
	return rc == MANRS_OK ? 1 : rc;
}

static int next_role(struct policy_reader *r, struct policy_item *i)
{
	struct items *v = &r->value;
	size_t start, n, more, rest;
	int role;

	if (r->given)
		return 0;
	if (!items_next(v, &start, &n) || items_next(v, &more, &rest))
		return items_refuse(v, MANRS_ESYNTAX, start, "one role");
	role = items_is(v, start, n, "internal") ? MANRS_ROLE_NONE
						 : manrs_role_parse(v->text + start, n);
	if (role < 0)
		return items_refuse(v, MANRS_ESYNTAX, start,
				    "customer, peer, provider, rs, rs-client or internal");
	i->number = (uint64_t)role;
	return 1;
}

static int read_asn(struct items *v, struct policy_item *i, size_t start, size_t n)
{
	uint32_t asn = 0;
	int rc = items_asn(v, start, n, &asn);

	i->at = start;
	i->number = asn;
	return one(rc);
}

static int next_local_as(struct policy_reader *r, struct policy_item *i)
{
	struct items *v = &r->value;
	size_t start, n, more, rest;
	int rc;

	if (r->given)
		return 0;
	if (!items_next(v, &start, &n))
		return items_refuse(v, MANRS_ESYNTAX, v->at, "an AS number is missing");
	rc = read_asn(v, i, start, n);
	if (rc > 0 && items_next(v, &more, &rest))
		return items_refuse(v, MANRS_ESYNTAX, more, "one AS number is enough");
	return rc;
}

static int next_number(struct policy_reader *r, struct policy_item *i)
{
	return r->given ? 0 : one(items_number(&r->value, UINT32_MAX, &i->number));
}

static int next_word(struct policy_reader *r, struct policy_item *i)
{
	if (!items_next(&r->value, &i->at, &i->n))
		return 0;
	i->word = r->value.text + i->at;
	return 1;
}

/* What the tests start from. false: the word is none of those that say it. */
static bool is_start(const struct items *v, struct policy_item *i)
{
	static const char *const names[] = {
		[POLICY_START_DEFAULT] = "default",
		[POLICY_START_ALL] = "all",
		[POLICY_START_NONE] = "none",
	};

	for (i->number = 0; i->number < sizeof names / sizeof *names; i->number++)
		if (items_is(v, i->at, i->n, names[i->number]))
			return true;
	return false;
}

static int next_test(struct policy_reader *r, struct policy_item *i)
{
	struct items *v = &r->value;

	if (!next_word(r, i))
		return r->given ? 0 : items_refuse(v, MANRS_ESYNTAX, v->at, "which tests?");
	if (r->given == 0 && is_start(v, i)) {
		i->kind = POLICY_START;
	} else if (*i->word == '+' || *i->word == '-') {
		i->sign = *i->word++;
		i->at++;
		i->n--;
	}
	return 1;
}

static int next_family(struct policy_reader *r, struct policy_item *i)
{
	struct items *v = &r->value;
	size_t n;

	if (!items_next(v, &i->at, &n))
		return r->given ? 0 : items_refuse(v, MANRS_ESYNTAX, v->at, "which families?");
	if (!items_is(v, i->at, n, "4") && !items_is(v, i->at, n, "6"))
		return items_refuse(v, MANRS_ESYNTAX, i->at, "a family is 4 or 6");
	i->number = v->text[i->at] == '4' ? 4 : 6;
	return 1;
}

static int next_lengths(struct policy_reader *r, struct policy_item *i, uint64_t bits)
{
	struct items *v = &r->value;
	manrs_fault inner = {0};
	size_t start, n, at;

	if (r->given)
		return 0;
	if (!items_next(v, &start, &n))
		return items_refuse(v, MANRS_ESYNTAX, v->at, "MIN-MAX");
	at = text_number(&i->number, bits, v->text, start, start + n, &inner);
	if (!at)
		return items_fault(v, &inner, 0);
	if (at == start + n || v->text[at] != '-')
		return items_refuse(v, MANRS_ESYNTAX, at, "MIN-MAX");
	at = text_number(&i->other, bits, v->text, at + 1, start + n, &inner);
	if (!at)
		return items_fault(v, &inner, 0);
	if (at < start + n || items_next(v, &start, &n))
		return items_refuse(v, MANRS_ESYNTAX, at, "MIN-MAX");
	if (i->number > i->other)
		return items_refuse(v, MANRS_ERANGE, start,
				    "the shortest is longer than the longest");
	return 1;
}

static int next_lengths4(struct policy_reader *r, struct policy_item *i)
{
	return next_lengths(r, i, 32);
}

static int next_lengths6(struct policy_reader *r, struct policy_item *i)
{
	return next_lengths(r, i, 128);
}

static int next_asn(struct policy_reader *r, struct policy_item *i)
{
	size_t start, n;

	return items_next(&r->value, &start, &n) ? read_asn(&r->value, i, start, n) : 0;
}

/* The AS of the line, which may be heard from itself, and then who else it is heard from. */
static int next_peerlock(struct policy_reader *r, struct policy_item *i)
{
	struct items *v = &r->value;
	size_t start, n;
	int rc;

	if (r->given) {
		rc = next_asn(r, i);
		i->other = i->number;
		i->number = r->locked;
		return rc;
	}
	if (!items_next(v, &start, &n) || v->text[start + n - 1] != ':')
		return items_refuse(v, MANRS_ESYNTAX, start, "ASN: NEIGHBOUR ...");
	rc = read_asn(v, i, start, n - 1);
	i->other = i->number;
	r->locked = (uint32_t)i->number;
	return rc;
}

static int next_address(struct policy_reader *r, struct policy_item *i)
{
	struct items *v = &r->value;
	manrs_fault inner;
	size_t n;

	if (!items_next(v, &i->at, &n))
		return 0;
	if (manrs_address_parse(&i->prefix, v->text + i->at, n, &inner) != MANRS_OK)
		return items_fault(v, &inner, i->at);
	return 1;
}

static int next_prefix(struct policy_reader *r, struct policy_item *i)
{
	size_t n;

	return items_next(&r->value, &i->at, &n)
		       ? one(items_prefix(&r->value, i->at, n, &i->prefix))
		       : 0;
}

/* A prefix, and `le N` behind it. */
static int next_allowed(struct policy_reader *r, struct policy_item *i)
{
	struct items *v = &r->value, ahead;
	manrs_fault inner = {0};
	int rc = next_prefix(r, i);
	size_t start, n, at;

	ahead = *v;
	if (rc <= 0 || !items_next(&ahead, &start, &n) || !items_is(&ahead, start, n, "le"))
		return rc;
	if (!items_next(&ahead, &start, &n))
		return items_refuse(v, MANRS_ESYNTAX, ahead.at, "le what?");
	at = text_number(&i->number, i->prefix.family == 4 ? 32 : 128, v->text, start, start + n,
			 &inner);
	if (!at)
		return items_fault(v, &inner, 0);
	if (at < start + n || i->number < i->prefix.len)
		return items_refuse(v, MANRS_ERANGE, start,
				    "le: a length from that of the prefix on");
	assert(v->at < ahead.at && ahead.at <= v->end);
	v->at = ahead.at;
	return 1;
}

/* ---- keys ---- */

#define KEY(name) name, "not a key of a policy: " name " is meant?"
static const struct {
	const char *name, *meant; /* what an unknown key near to it is told */
	int (*next)(struct policy_reader *, struct policy_item *);
	uint8_t kind; /* of its items */
	bool again;
} keys[POLICY_KEYS] = {
	[POLICY_ROLE] = {KEY("role"), next_role, POLICY_NUMBER, false},
	[POLICY_LOCAL_AS] = {KEY("local-as"), next_local_as, POLICY_NUMBER, false},
	[POLICY_TESTS] = {KEY("tests"), next_test, POLICY_WORD, false},
	[POLICY_STRICT] = {KEY("strict"), next_word, POLICY_WORD, false},
	[POLICY_FAMILIES] = {KEY("families"), next_family, POLICY_NUMBER, false},
	[POLICY_LENGTHS4] = {KEY("prefix-length-4"), next_lengths4, POLICY_RANGE, false},
	[POLICY_LENGTHS6] = {KEY("prefix-length-6"), next_lengths6, POLICY_RANGE, false},
	[POLICY_MAX_PATH] = {KEY("max-path"), next_number, POLICY_NUMBER, false},
	[POLICY_MAX_REPEAT] = {KEY("max-repeat"), next_number, POLICY_NUMBER, false},
	[POLICY_OPTIONS] = {KEY("options"), next_word, POLICY_WORD, false},
	[POLICY_TRANSIT_FREE] = {KEY("transit-free"), next_asn, POLICY_NUMBER, true},
	[POLICY_NEVER_VIA_RS] = {KEY("never-via-rs"), next_asn, POLICY_NUMBER, true},
	[POLICY_ORIGINS] = {KEY("origins"), next_asn, POLICY_NUMBER, true},
	[POLICY_PEERLOCK] = {KEY("peerlock"), next_peerlock, POLICY_PAIR, true},
	[POLICY_ADDRESS] = {KEY("address"), next_address, POLICY_PREFIX, true},
	[POLICY_ALLOW] = {KEY("allow"), next_allowed, POLICY_PREFIX, true},
	[POLICY_DENY] = {KEY("deny"), next_prefix, POLICY_PREFIX, true},
	[POLICY_BOGON] = {KEY("bogon"), next_prefix, POLICY_PREFIX, true},
};

static int unknown_key(struct items *v, size_t start, size_t n)
{
	const char *names[POLICY_KEYS];
	int near;

	for (size_t i = 0; i < POLICY_KEYS; i++)
		names[i] = keys[i].name;
	near = name_near(v->text + start, n, names, POLICY_KEYS);
	return items_refuse(v, MANRS_ESYNTAX, start,
			    near < 0 ? "not a key of a policy" : keys[near].meant);
}

static bool seen(const struct policy_reader *r, int key)
{
	return r->seen >> key & 1;
}

/* Whether a key may stand here, at `start`. */
static int take_key(struct policy_reader *r, int key, size_t start)
{
	if (!seen(r, POLICY_ROLE) && key != POLICY_ROLE)
		return items_refuse(&r->value, MANRS_ESYNTAX, start, "the role comes first");
	if (!keys[key].again && seen(r, key))
		return items_refuse(&r->value, MANRS_ESYNTAX, start, "twice the same key");
	r->seen |= 1u << key;
	r->key = key;
	r->given = 0;
	return 1;
}

/* The key of the line, up to its equals sign. returns: 1; 0: an empty line, or `[policy]`; an error */
static int read_key(struct policy_reader *r)
{
	struct items *v = &r->value;
	size_t start, n, len;
	bool first = r->first;
	int key;

	if (!items_next(v, &start, &n))
		return 0;
	r->first = false;
	if (first && items_is(v, start, n, "[policy]"))
		return items_next(v, &start, &n)
			       ? items_refuse(v, MANRS_ESYNTAX, start, "unexpected text")
			       : 0;
	for (len = 0; len < n && v->text[start + len] != '='; len++)
		;
	v->at = start + len;
	for (key = 0; key < POLICY_KEYS; key++)
		if (name_same(v->text + start, len, keys[key].name))
			break;
	if (key == POLICY_KEYS)
		return unknown_key(v, start, len);
	while (v->at < v->end && items_blank(v->text[v->at]) && v->text[v->at] != ',')
		v->at++;
	if (v->at == v->end || v->text[v->at] != '=')
		return items_refuse(v, MANRS_ESYNTAX, v->at, "KEY = VALUE");
	v->at++;
	return take_key(r, key, start);
}

/* ---- lines ---- */

void policy_read(struct policy_reader *r, const char *text, size_t n, manrs_fault *fault)
{
	*r = (struct policy_reader){
		.value = {.text = text, .fault = fault}, .key = POLICY_KEYS, .first = true};
	lines_start(&r->lines, text, utf8_mark(text, n), n, 1);
}

/* The next line, without its comment. returns: as read_key */
static int next_line(struct policy_reader *r)
{
	size_t from = r->lines.from, hash = from;

	while (hash < r->lines.to && r->lines.text[hash] != '#')
		hash++;
	assert(r->key == POLICY_KEYS); /* the value before is used up */
	r->value.at = from;
	r->value.end = hash;
	return read_key(r);
}

/* An item of the value that is being read. returns: 1; 0: it is used up; an error */
static int next_item(struct policy_reader *r, struct policy_item *i)
{
	int rc;

	if (r->key == POLICY_KEYS)
		return 0;
	assert(r->key >= 0 && r->key < POLICY_KEYS && seen(r, r->key));
	i->first = r->given == 0;
	i->kind = keys[r->key].kind;
	rc = keys[r->key].next(r, i);
	r->given++;
	if (rc == 0)
		r->key = POLICY_KEYS;
	return rc;
}

int policy_next(struct policy_reader *r, struct policy_item *item)
{
	struct policy_item i = {0};
	int rc = next_item(r, &i);

	while (rc == 0 && lines_next(&r->lines)) {
		rc = next_line(r);
		i = (struct policy_item){.kind = POLICY_KEY};
	}
	if (rc == 0 && !seen(r, POLICY_ROLE))
		return items_refuse(&r->value, MANRS_ESYNTAX, r->lines.n, "no role");
	if (rc < 0)
		r->value.fault->line = r->lines.number;
	if (rc <= 0)
		return rc;
	i.key = (uint8_t)r->key;
	i.line = r->lines.number;
	i.end = r->value.at;
	*item = i;
	return 1;
}
