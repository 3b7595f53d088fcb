/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VRP files in JSON: rpki-client, Routinator (json, jsonext), gortr, StayRTR.
 *
 *     TOP {  "roas": LIST [ ENTRY { "asn": 13335, "prefix": "1.0.0.0/24", "maxLength": 24, "ta": "apnic", "expires": 1 },
 *                           ENTRY { ..., "source": SOURCES [ SOURCE { "tal": "ripe",
 *                                                                     "validity": TIMES { "notAfter": "2025-.." } } ] } ],
 *            "bgpsec_keys" | "routerKeys" | "router_keys": LIST [ ENTRY { "asn", "ski" | "SKI",
 *                                                                         "pubkey" | "routerPublicKey" } ],
 *            "aspas": LIST [ ENTRY { "customer_asid" | "customer": 1, "providers": PROVIDERS [ 2, "AS3" ] } ],
 *            "provider_authorizations": PAIRS { "ipv4": LIST [ ENTRY ], "ipv6": LIST [ ENTRY ] },
 *            "metadata": META { "buildtime" | "generatedTime": "2025-07-20T09:31:33Z", "generated": 1753003893 } }
 *
 * `where` names the container that the reader is in, and each has a function that takes the next token. Members of
 * other names are skipped, whatever they hold. A list that is not one, or that comes twice, makes the file bad; all
 * that is wrong inside an entry makes that entry an issue. null stands for an empty list (Go writes it for one), but as
 * "roas" it is none: a set without VRPs must be meant.
 */

#include "text/load_state.h"

#include "base/cc.h"
#include "base/name.h"
#include "net/text.h"
#include "text/text_values.h"

#include <assert.h>
#include <string.h>

enum where { OUTSIDE, TOP, LIST, ENTRY, PROVIDERS, SOURCES, SOURCE, TIMES, PAIRS, META, SKIP };

/* What the value of a member of TOP or PAIRS is; those of an entry are enum load_field. */
enum top { TOP_ROAS, TOP_ASPAS, TOP_KEYS, TOP_IPV4, TOP_IPV6, TOP_PAIRS, TOP_META, TOP_OTHER };

static uint32_t line_of(const manrs_load *l)
{
	return l->json.scan.line;
}

static bool named(const struct js_token *t, const char *name)
{
	return name_is(t->text, t->n, name);
}

static struct load_place place_of(const manrs_load *l, int kind, const struct js_token *t,
				  const char *member)
{
	static const char *const words[] = {
		[JS_OBJECT] = "{}",   [JS_ARRAY] = "[]",  [JS_TRUE] = "true",
		[JS_FALSE] = "false", [JS_NULL] = "null",
	};
	struct load_place p = {t->at, line_of(l), member, t->text, t->n};

	if (kind != JS_KEY && kind != JS_STRING && kind != JS_NUMBER) {
		p.value = words[kind];
		p.n = strlen(p.value);
	}
	return p;
}

static bool refuse(manrs_load *l, int kind, const struct js_token *t, const char *member,
		   const char *what)
{
	struct load_place p = place_of(l, kind, t, member);

	return load_fail_at(l, &p, MANRS_ESYNTAX, what);
}

/* The place of the value of an entry's member. */
static struct load_place here(const manrs_load *l, int kind, const struct js_token *t)
{
	return place_of(l, kind, t, load_field_name(l->json.field));
}

static bool bad(manrs_load *l, int kind, const struct js_token *t, const char *what)
{
	struct load_place p = here(l, kind, t);

	load_entry_bad(l, &p, MANRS_ESYNTAX, what);
	return true;
}

static bool opens(int kind)
{
	return kind == JS_OBJECT || kind == JS_ARRAY;
}

/* A value that nobody asked for: when it is a container, all of it. */
static bool pass(manrs_load *l, int kind)
{
	assert(l->json.where != SKIP);
	if (opens(kind)) {
		l->json.back = l->json.where;
		l->json.where = SKIP;
		l->json.skip = 1;
	}
	return true;
}

static bool in_skip(manrs_load *l, int kind, const struct js_token *t)
{
	(void)t;
	assert(l->json.skip > 0);
	if (opens(kind))
		l->json.skip++;
	else if ((kind == JS_OBJECT_END || kind == JS_ARRAY_END) && --l->json.skip == 0)
		l->json.where = l->json.back;
	return true;
}

/* ---- values of an entry ---- */

static bool read_asn(uint32_t *asn, int kind, const struct js_token *t)
{
	manrs_fault fault;

	if (kind == JS_NUMBER && t->integer && t->number <= UINT32_MAX) {
		*asn = (uint32_t)t->number;
		return true;
	}
	return kind == JS_STRING && t->n && text_asn(asn, t->text, 0, t->n, &fault) == t->n;
}

static bool set_asn(manrs_load *l, uint32_t *asn, int kind, const struct js_token *t)
{
	return read_asn(asn, kind, t) || bad(l, kind, t, "not an AS number");
}

static bool set_prefix(manrs_load *l, int kind, const struct js_token *t)
{
	struct load_place p = here(l, kind, t);

	if (kind != JS_STRING)
		return bad(l, kind, t, "not a prefix");
	load_entry_prefix(l, &p);
	return true;
}

/* null and an empty string are how writers say that there is none. */
static bool is_absent(int kind, const struct js_token *t)
{
	return kind == JS_NULL || (kind == JS_STRING && t->n == 0);
}

static bool set_maxlen(manrs_load *l, int kind, const struct js_token *t)
{
	manrs_fault fault;

	l->entry.maxlen = t->number;
	l->entry.maxlen_at = t->at;
	if (is_absent(kind, t))
		load_entry_absent(l, FIELD_MAXLEN);
	else if ((kind != JS_NUMBER || !t->integer) &&
		 (kind != JS_STRING ||
		  text_number(&l->entry.maxlen, UINT64_MAX, t->text, 0, t->n, &fault) != t->n))
		bad(l, kind, t, "maxLength is not an integer");
	return true;
}

static bool set_ta(manrs_load *l, int kind, const struct js_token *t)
{
	struct load_place p = here(l, kind, t);

	if (kind == JS_STRING)
		l->entry.ta = load_ta_index(l, t->text, t->n);
	else if (kind != JS_NULL)
		load_entry_remark(l, &p, "a trust anchor that is not a string is left out");
	return !l->fault.code;
}

static void set_expires(manrs_load *l, int kind, const struct js_token *t)
{
	struct load_place p = here(l, kind, t);

	if (is_absent(kind, t))
		load_entry_absent(l, FIELD_EXPIRES);
	else if (kind == JS_NUMBER && t->integer)
		l->entry.expires = t->number;
	else
		load_entry_expires(l, &p);
}

static bool set_ski(manrs_load *l, int kind, const struct js_token *t)
{
	return (kind == JS_STRING && value_hex(l->entry.ski, sizeof l->entry.ski, t->text, t->n)) ||
	       bad(l, kind, t, "a subject key identifier is not 40 hex digits");
}

static bool set_spki(manrs_load *l, int kind, const struct js_token *t)
{
	long n = kind == JS_STRING
			 ? value_base64(l->entry.spki, MANRS_SPKI_MAX, t->text, t->n, BASE64_ANY)
			 : -1;

	if (n <= 0)
		return bad(l, kind, t, "a public key is not 1 to 228 bytes in base64");
	assert(n <= MANRS_SPKI_MAX);
	l->entry.spki_len = (uint16_t)n;
	return true;
}

static bool set_providers(manrs_load *l, int kind, const struct js_token *t)
{
	if (kind == JS_NULL)
		return true; /* an empty list, as Go writes it */
	if (kind != JS_ARRAY)
		return bad(l, kind, t, "providers are not a list");
	l->json.where = PROVIDERS;
	return true;
}

static bool set_source(manrs_load *l, int kind)
{
	if (kind != JS_ARRAY)
		return true; /* unknown to Routinator's form, so skipped */
	l->json.where = SOURCES;
	l->json.source_expires = 0;
	l->json.source_forever = false;
	return true;
}

static bool entry_value(manrs_load *l, int kind, const struct js_token *t)
{
	switch (l->json.field) {
	case FIELD_ASN:
		return set_asn(l, &l->entry.route.asn, kind, t);
	case FIELD_PREFIX:
		return set_prefix(l, kind, t);
	case FIELD_MAXLEN:
		return set_maxlen(l, kind, t);
	case FIELD_TA:
		return set_ta(l, kind, t);
	case FIELD_EXPIRES:
		set_expires(l, kind, t);
		return true;
	case FIELD_CUSTOMER:
		return set_asn(l, &l->entry.customer, kind, t);
	case FIELD_PROVIDERS:
		return set_providers(l, kind, t);
	case FIELD_SKI:
		return set_ski(l, kind, t);
	case FIELD_SPKI:
		return set_spki(l, kind, t);
	case FIELD_SOURCE:
		return set_source(l, kind);
	default:
		return true;
	}
}

/* ---- containers ---- */

/* Lists of VRPs are long and all of one form: see load_json_fast.c. */
static bool entry_end(manrs_load *l)
{
	l->json.where = LIST;
	if (!load_entry_end(l, l->json.list))
		return false;
	if (l->json.list != LIST_ROAS)
		return true;
	if (l->form.lead && !l->entry.bad.fault.code && !l->entry.odd)
		load_fast_end(l);
	if (l->form.known)
		return load_fast_run(l);
	load_fast_start(l);
	return true;
}

/* Of the names of a member its own counts before those that other exports have for it, and of these the first. */
static bool entry_key(manrs_load *l, const struct js_token *t)
{
	struct load_entry *e = &l->entry;
	unsigned field = load_field_exact(t->text, t->n);

	l->json.synonym = false;
	if (field == FIELD_OTHER) {
		field = load_field_known(t->text, t->n);
		l->json.synonym = field != FIELD_OTHER && !(e->seen >> field & 1);
		l->json.field = (uint8_t)(l->json.synonym ? field : FIELD_OTHER);
		if (field == FIELD_OTHER)
			load_field_skip(l, l->json.list, t->text, t->n);
		if (l->json.synonym)
			e->synonyms |= 1u << field;
		e->seen |= 1u << l->json.field;
		return true;
	}
	l->json.field = (uint8_t)field;
	if (e->synonyms >> field & 1) {
		e->synonyms &= ~(1u << field);
		e->doubtful &= ~(1u << field);
		if (field == FIELD_PROVIDERS)
			l->providers.n = e->providers;
	} else if (e->seen >> field & 1) {
		bad(l, JS_KEY, t, "a member twice");
	}
	e->seen |= 1u << field;
	return true;
}

static bool in_entry(manrs_load *l, int kind, const struct js_token *t)
{
	if (kind == JS_KEY)
		return entry_key(l, t);
	if (kind == JS_OBJECT_END)
		return entry_end(l);
	if (l->form.lead)
		load_fast_value(l, kind, t);
	if (!entry_value(l, kind, t))
		return false;
	return l->json.where == ENTRY ? pass(l, kind) : true;
}

static bool in_list(manrs_load *l, int kind, const struct js_token *t)
{
	if (kind == JS_ARRAY_END) {
		l->json.where = l->json.bare ? OUTSIDE : l->json.list == LIST_PAIRS ? PAIRS : TOP;
		l->form.lead = NULL;
		return true;
	}
	load_entry_start(l, t->at, line_of(l));
	l->json.synonym = false;
	if (kind == JS_OBJECT) {
		l->json.where = ENTRY;
		return true;
	}
	l->form.lead = NULL;
	l->json.field = FIELD_OTHER;
	bad(l, kind, t, "an entry is not an object");
	return load_issue(l, l->json.list) && pass(l, kind);
}

static bool in_providers(manrs_load *l, int kind, const struct js_token *t)
{
	uint32_t asn;

	if (kind == JS_ARRAY_END) {
		l->json.where = ENTRY;
		return true;
	}
	if (read_asn(&asn, kind, t))
		return load_entry_provider(l, asn);
	bad(l, kind, t, "a provider is not an AS number");
	return pass(l, kind);
}

/* A VRP holds as long as one of its sources does; one without a time (a local exception) holds for ever. */
static bool in_sources(manrs_load *l, int kind, const struct js_token *t)
{
	(void)t;
	if (kind == JS_ARRAY_END) {
		l->json.where = ENTRY;
		if (!l->json.source_forever && l->json.source_expires)
			l->entry.expires = l->json.source_expires;
		return true;
	}
	if (kind != JS_OBJECT)
		return pass(l, kind);
	l->json.where = SOURCE;
	l->json.field = FIELD_OTHER;
	l->json.this_expires = 0;
	return true;
}

static bool in_source(manrs_load *l, int kind, const struct js_token *t)
{
	if (kind == JS_KEY) {
		l->json.field = named(t, "tal")                                     ? FIELD_TA
				: named(t, "validity") || named(t, "chainValidity") ? FIELD_EXPIRES
										    : FIELD_OTHER;
		return true;
	}
	if (kind == JS_OBJECT_END) {
		l->json.where = SOURCES;
		if (l->json.this_expires > l->json.source_expires)
			l->json.source_expires = l->json.this_expires;
		l->json.source_forever |= l->json.this_expires == 0;
		return true;
	}
	if (l->json.field == FIELD_TA && kind == JS_STRING && !l->entry.ta)
		return set_ta(l, kind, t);
	if (l->json.field == FIELD_EXPIRES && kind == JS_OBJECT) {
		l->json.where = TIMES;
		return true;
	}
	return pass(l, kind);
}

/* Of the validity of the object and that of its chain the earlier end counts. */
static bool in_times(manrs_load *l, int kind, const struct js_token *t)
{
	if (kind == JS_OBJECT_END) {
		l->json.where = SOURCE;
		return true;
	}
	if (kind == JS_KEY) {
		l->json.field = named(t, "notAfter") ? FIELD_EXPIRES : FIELD_OTHER;
		return true;
	}
	if (l->json.field == FIELD_EXPIRES && kind != JS_NULL) {
		uint64_t before = l->entry.expires, end;

		set_expires(l, kind, t);
		end = l->entry.expires;
		l->entry.expires = before;
		if (end && (!l->json.this_expires || end < l->json.this_expires))
			l->json.this_expires = end;
	}
	return pass(l, kind);
}

/* The list of a member of TOP or PAIRS starts. */
static bool start_list(manrs_load *l, int kind, const struct js_token *t, enum load_list list)
{
	static const char *const of[] = {
		[LIST_ROAS] = "roas",
		[LIST_ASPAS] = "aspas",
		[LIST_KEYS] = "router keys",
		[LIST_PAIRS] = "provider_authorizations",
	};

	if (kind != JS_NULL || list != LIST_ROAS)
		load_has(l, list);
	if (kind == JS_NULL)
		return true;
	if (kind != JS_ARRAY)
		return refuse(l, kind, t, of[list], "a list of records is not a list");
	l->json.where = LIST;
	l->json.list = (uint8_t)list;
	return true;
}

/* When the export was made: what says it first and says it well. */
static bool in_meta(manrs_load *l, int kind, const struct js_token *t)
{
	uint64_t built = 0;

	if (kind == JS_OBJECT_END) {
		l->json.where = TOP;
		return true;
	}
	if (kind == JS_KEY) {
		l->json.field =
			named(t, "buildtime") || named(t, "generated") || named(t, "generatedTime");
		return true;
	}
	if (l->json.field && kind == JS_STRING)
		value_time(&built, t->text, t->n);
	else if (l->json.field && kind == JS_NUMBER && t->integer)
		built = t->number;
	if (!l->stats.built)
		l->stats.built = built;
	return pass(l, kind);
}

static bool once(manrs_load *l, const struct js_token *t, unsigned field)
{
	l->json.field = (uint8_t)field;
	if (l->json.lists >> field & 1)
		return refuse(l, JS_KEY, t, "", "a list of records twice");
	if (field < TOP_META)
		l->json.lists |= 1u << field;
	return true;
}

static bool in_pairs(manrs_load *l, int kind, const struct js_token *t)
{
	if (kind == JS_KEY)
		return once(l, t,
			    named(t, "ipv4")   ? TOP_IPV4
			    : named(t, "ipv6") ? TOP_IPV6
					       : TOP_OTHER);
	if (kind == JS_OBJECT_END) {
		l->json.where = TOP;
		return load_pairs_end(l);
	}
	return l->json.field == TOP_OTHER ? pass(l, kind) : start_list(l, kind, t, LIST_PAIRS);
}

/* Another name of the top, for manrs_load_members: as much as there is room for. */
static void note_member(manrs_load *l, const struct js_token *t)
{
	size_t n = strlen(l->members), comma = n ? 2 : 0;

	if (t->n == 0 || t->n + comma >= sizeof l->members - n)
		return;
	assert(n + comma + t->n < sizeof l->members);
	memcpy(l->members + n, ", ", comma);
	for (size_t i = 0; i < t->n; i++)
		l->members[n + comma + i] =
			t->text[i] >= ' ' && t->text[i] <= '~' ? t->text[i] : '?';
}

static bool top_key(manrs_load *l, const struct js_token *t)
{
	unsigned field;

	if (named(t, "slurmVersion"))
		return refuse(l, JS_KEY, t, "", "local exceptions (SLURM), not validated records");
	field = named(t, "roas")    ? TOP_ROAS
		: named(t, "aspas") ? TOP_ASPAS
		: named(t, "bgpsec_keys") || named(t, "routerKeys") || named(t, "router_keys")
			? TOP_KEYS
		: named(t, "provider_authorizations") ? TOP_PAIRS
		: named(t, "metadata")                ? TOP_META
						      : TOP_OTHER;
	if (field >= TOP_META)
		note_member(l, t);
	return once(l, t, field);
}

static bool in_top(manrs_load *l, int kind, const struct js_token *t)
{
	switch (kind) {
	case JS_KEY:
		return top_key(l, t);
	case JS_OBJECT_END:
		l->json.where = OUTSIDE;
		return true;
	default:
		break;
	}
	switch (l->json.field) {
	case TOP_ROAS:
		return start_list(l, kind, t, LIST_ROAS);
	case TOP_ASPAS:
		return start_list(l, kind, t, LIST_ASPAS);
	case TOP_KEYS:
		return start_list(l, kind, t, LIST_KEYS);
	case TOP_PAIRS:
		load_has(l, LIST_PAIRS);
		if (kind == JS_NULL)
			return true;
		if (kind != JS_OBJECT)
			return refuse(l, kind, t, "provider_authorizations", "not an object");
		l->json.where = PAIRS;
		return true;
	case TOP_META:
		if (kind != JS_OBJECT)
			return pass(l, kind);
		l->json.where = META;
		return true;
	default:
		return pass(l, kind);
	}
}

/* An object with lists, or a bare list of VRPs (BGPalerter). */
static bool in_nothing(manrs_load *l, int kind, const struct js_token *t)
{
	l->json.bare = kind == JS_ARRAY;
	if (kind == JS_ARRAY)
		return start_list(l, kind, t, LIST_ROAS);
	if (kind != JS_OBJECT)
		return refuse(l, kind, t, "", "a VRP file in JSON is an object or a list");
	l->json.where = TOP;
	return true;
}

static bool run(manrs_load *l)
{
	static bool (*const take[])(manrs_load *, int, const struct js_token *) = {
		[OUTSIDE] = in_nothing,     [TOP] = in_top,
		[LIST] = in_list,           [ENTRY] = in_entry,
		[PROVIDERS] = in_providers, [SOURCES] = in_sources,
		[SOURCE] = in_source,       [TIMES] = in_times,
		[PAIRS] = in_pairs,         [META] = in_meta,
		[SKIP] = in_skip,
	};
	struct js_token t;
	int kind;

	while ((kind = js_next(&l->json.scan, &t)) > JS_END)
		if (cc_unlikely(!take[l->json.where](l, kind, &t)))
			return false;
	if (kind != JS_BAD)
		return true;
	l->fault = l->json.scan.fault;
	return false;
}

bool load_json_push(manrs_load *l, const char *bytes, size_t n, uint64_t offset, uint32_t line)
{
	if (line) {
		l->json.scan.offset = offset;
		l->json.scan.line = line;
	}
	l->form.lead = NULL;
	js_feed(&l->json.scan, bytes, n);
	return run(l);
}

bool load_json_finish(manrs_load *l)
{
	js_eof(&l->json.scan);
	return run(l);
}
