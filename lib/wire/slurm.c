/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SLURM files (RFC 8416; version 2 of draft-ietf-sidrops-aspa-slurm).
 *
 *     TOP { "slurmVersion": 1 | 2,
 *           "validationOutputFilters": GROUP { "prefixFilters": LIST [ ENTRY {prefix?, asn?} ],
 *                                              "bgpsecFilters": LIST [ ENTRY {asn?, SKI?} ],
 *                                              "aspaFilters": LIST [ ENTRY {customerAsn} ] },           (2 only)
 *           "locallyAddedAssertions": GROUP { "prefixAssertions": LIST [ ENTRY {prefix, asn, maxPrefixLength?} ],
 *                                             "bgpsecAssertions": LIST [ ENTRY {asn, SKI, routerPublicKey} ],
 *                                             "aspaAssertions": LIST [ ENTRY {customerAsn, providerAsns: PROVIDERS [] } ] } }
 *
 * `rules` has a line for each list: which members an entry may have, and which it needs. An entry may have a comment.
 * The names' drafts differ on the customer (customerAsid, customerAsn): both are read.
 */

#include "base/cc.h"
#include "base/json.h"
#include "base/mem.h"
#include "net/bits.h"
#include "wire/code.h"

#include <manrs/slurm.h>
#include <string.h>

#define ISSUES	      1000
#define PROVIDERS_MAX 10000

enum where { OUTSIDE, TOP, GROUP, LIST, ENTRY, PROVIDERS, SKIP };
enum field { ASN, PREFIX, MAXLEN, SKI, SPKI, CUSTOMER, PROVIDER_ASNS, COMMENT, OTHER };
enum member {
	PREFIX_FILTERS,
	KEY_FILTERS,
	ASPA_FILTERS,
	VRPS,
	KEYS,
	ASPAS,
	LISTS,
	VERSION = LISTS,
	FILTERS,
	ASSERTIONS
};

#define BIT(x)	  (1u << (x))
#define VRP_MUST  (BIT(PREFIX) | BIT(ASN))
#define KEY_ANY	  (BIT(ASN) | BIT(SKI))
#define KEY_MUST  (KEY_ANY | BIT(SPKI))
#define ASPA_MUST (BIT(CUSTOMER) | BIT(PROVIDER_ASNS))

static const struct rule {
	const char *name;
	size_t size; /* of what is kept of an entry */
	uint32_t may, must, one_of;
} rules[LISTS] = {
	[PREFIX_FILTERS] = {"prefixFilters", sizeof(manrs_slurm_filter), VRP_MUST, 0, VRP_MUST},
	[KEY_FILTERS] = {"bgpsecFilters", sizeof(manrs_slurm_filter), KEY_ANY, 0, KEY_ANY},
	[ASPA_FILTERS] = {"aspaFilters", sizeof(manrs_slurm_filter), BIT(CUSTOMER), BIT(CUSTOMER),
			  0},
	[VRPS] = {"prefixAssertions", sizeof(manrs_route), VRP_MUST | BIT(MAXLEN), VRP_MUST, 0},
	[KEYS] = {"bgpsecAssertions", sizeof(manrs_router_key), KEY_MUST, KEY_MUST, 0},
	[ASPAS] = {"aspaAssertions", sizeof(manrs_aspa), ASPA_MUST, ASPA_MUST, 0},
};

static const char *const fields[] = {"asn",	     "prefix",		"maxPrefixLength",
				     "SKI",	     "routerPublicKey", "customerAsn",
				     "providerAsns", "comment"};

/* An entry as far as it has been read. */
struct entry {
	uint64_t at;
	uint32_t line, seen;
	manrs_fault bad;
	manrs_prefix prefix;
	uint32_t asn, customer, maxlen;
	uint16_t spki_len;
	uint8_t ski[20];
	uint8_t spki[MANRS_SPKI_MAX];
	size_t providers; /* the first of its providers */
};

struct manrs_slurm_doc {
	manrs_alloc mem;
	manrs_fault fault;
	struct js scan;
	struct vec list[LISTS]; /* of ASPAS: provider NULL until the end */
	struct vec providers, issues;
	uint64_t all_issues;
	uint64_t version;
	uint32_t met; /* bit per enum member */
	uint32_t skip;
	uint8_t where, back, group, member, field;
	bool foreign; /* a member of unknown name was passed over */
	struct entry entry;
	manrs_slurm slurm;
};

static bool fail(manrs_slurm_doc *d, int code, uint64_t at, const char *what)
{
	d->fault = (manrs_fault){.at = at, .what = what, .code = code, .line = d->scan.line};
	return false;
}

static bool refuse(manrs_slurm_doc *d, const struct js_token *t, const char *what)
{
	return fail(d, MANRS_ESYNTAX, t->at, what);
}

static void *push(manrs_slurm_doc *d, struct vec *v, size_t size)
{
	void *item = vec_push(&d->mem, v, size);

	if (item)
		memset(item, 0, size);
	else
		fail(d, MANRS_ENOMEM, d->entry.at, "out of memory");
	return item;
}

static bool issue(manrs_slurm_doc *d, const manrs_fault *bad)
{
	manrs_fault *kept;

	if (d->all_issues++ >= ISSUES)
		return true;
	kept = push(d, &d->issues, sizeof *kept);
	if (kept)
		*kept = *bad;
	return kept != NULL;
}

static bool bad(manrs_slurm_doc *d, int code, uint64_t at, const char *what)
{
	if (!d->entry.bad.code)
		d->entry.bad =
			(manrs_fault){.at = at, .what = what, .code = code, .line = d->scan.line};
	return true;
}

static bool named(const struct js_token *t, const char *name)
{
	return t->n == strlen(name) && !memcmp(t->text, name, t->n);
}

static bool pass(manrs_slurm_doc *d, int kind)
{
	if (kind == JS_OBJECT || kind == JS_ARRAY) {
		d->back = d->where;
		d->where = SKIP;
		d->skip = 1;
	}
	return true;
}

static bool in_skip(manrs_slurm_doc *d, int kind, const struct js_token *t)
{
	(void)t;
	if (kind == JS_OBJECT || kind == JS_ARRAY)
		d->skip++;
	else if ((kind == JS_OBJECT_END || kind == JS_ARRAY_END) && --d->skip == 0)
		d->where = d->back;
	return true;
}

/* ---- entries ---- */

static bool add_filter(manrs_slurm_doc *d)
{
	const struct entry *e = &d->entry;
	manrs_slurm_filter *f = push(d, &d->list[d->member], sizeof *f);

	if (!f)
		return false;
	if (e->seen & BIT(PREFIX))
		f->prefix = e->prefix;
	if (e->seen & (BIT(ASN) | BIT(CUSTOMER))) {
		f->has_asn = 1;
		f->asn = e->seen & BIT(ASN) ? e->asn : e->customer;
	}
	if (e->seen & BIT(SKI)) {
		f->has_ski = 1;
		memcpy(f->ski, e->ski, sizeof f->ski);
	}
	return true;
}

static bool add_vrp(manrs_slurm_doc *d)
{
	manrs_route *r = push(d, &d->list[VRPS], sizeof *r);

	if (!r)
		return false;
	*r = (manrs_route){d->entry.prefix, d->entry.asn};
	if (d->entry.seen & BIT(MAXLEN))
		r->prefix.maxlen = (uint8_t)d->entry.maxlen;
	return true;
}

static bool add_key(manrs_slurm_doc *d)
{
	const struct entry *e = &d->entry;
	manrs_router_key *k = push(d, &d->list[KEYS], sizeof *k);

	if (!k)
		return false;
	k->asn = e->asn;
	k->spki_len = e->spki_len;
	memcpy(k->ski, e->ski, sizeof k->ski);
	memcpy(k->spki, e->spki, e->spki_len);
	return true;
}

static bool add_aspa(manrs_slurm_doc *d)
{
	manrs_aspa *a = push(d, &d->list[ASPAS], sizeof *a);

	if (!a)
		return false;
	a->customer = d->entry.customer;
	a->n = (uint32_t)(d->providers.n - d->entry.providers);
	d->entry.providers = d->providers.n;
	return true;
}

static void check_entry(manrs_slurm_doc *d)
{
	const struct rule *rule = &rules[d->member];
	struct entry *e = &d->entry;
	size_t n = d->providers.n - e->providers;
	const char *what = NULL;

	if ((e->seen & rule->must) != rule->must || (rule->one_of && !(e->seen & rule->one_of)))
		what = "a member is missing";
	else if (e->bad.code)
		return;
	else if (e->seen & BIT(MAXLEN) &&
		 (e->maxlen < e->prefix.len || e->maxlen > family_bits(e->prefix.family)))
		what = "maxPrefixLength outside the prefix";
	else if (d->member == ASPAS)
		what = code_providers(e->customer, (uint32_t *)d->providers.at + e->providers, &n);
	else if (d->member == ASPA_FILTERS && e->customer == 0)
		what = "customer AS0";
	if (what && !e->bad.code)
		e->bad = (manrs_fault){
			.at = e->at, .what = what, .code = MANRS_EINVAL, .line = e->line};
	d->providers.n = e->providers + n;
}

static bool end_entry(manrs_slurm_doc *d)
{
	static bool (*const add[LISTS])(manrs_slurm_doc *) = {
		[PREFIX_FILTERS] = add_filter,
		[KEY_FILTERS] = add_filter,
		[ASPA_FILTERS] = add_filter,
		[VRPS] = add_vrp,
		[KEYS] = add_key,
		[ASPAS] = add_aspa,
	};

	d->where = LIST;
	check_entry(d);
	if (!d->entry.bad.code)
		return add[d->member](d);
	d->providers.n = d->entry.providers;
	return issue(d, &d->entry.bad);
}

static bool set_number(manrs_slurm_doc *d, uint32_t *number, uint32_t max, int kind,
		       const struct js_token *t)
{
	if (kind != JS_NUMBER || !t->integer || t->number > max)
		return bad(d, MANRS_ESYNTAX, t->at, "not an integer of its range");
	*number = (uint32_t)t->number;
	return true;
}

static bool set_prefix(manrs_slurm_doc *d, int kind, const struct js_token *t)
{
	manrs_fault fault = {.code = MANRS_ESYNTAX, .what = "not a prefix"};

	if (kind == JS_STRING &&
	    manrs_prefix_parse(&d->entry.prefix, t->text, t->n, &fault) == MANRS_OK)
		return true;
	return bad(d, fault.code, t->at, fault.what);
}

static bool set_ski(manrs_slurm_doc *d, int kind, const struct js_token *t)
{
	if (kind == JS_STRING && code_base64(d->entry.ski, 20, t->text, t->n, BASE64_URL) == 20)
		return true;
	return bad(d, MANRS_ESYNTAX, t->at, "an SKI is not 20 bytes in base64url");
}

static bool set_spki(manrs_slurm_doc *d, int kind, const struct js_token *t)
{
	long n = kind == JS_STRING
			 ? code_base64(d->entry.spki, MANRS_SPKI_MAX, t->text, t->n, BASE64_URL)
			 : -1;

	if (n <= 0)
		return bad(d, MANRS_ESYNTAX, t->at,
			   "a public key is not 1 to 228 bytes in base64url");
	d->entry.spki_len = (uint16_t)n;
	return true;
}

static bool entry_value(manrs_slurm_doc *d, int kind, const struct js_token *t)
{
	switch (d->field) {
	case ASN:
		return set_number(d, &d->entry.asn, UINT32_MAX, kind, t);
	case CUSTOMER:
		return set_number(d, &d->entry.customer, UINT32_MAX, kind, t);
	case PREFIX:
		return set_prefix(d, kind, t);
	case MAXLEN:
		return set_number(d, &d->entry.maxlen, 128, kind, t);
	case SKI:
		return set_ski(d, kind, t);
	case SPKI:
		return set_spki(d, kind, t);
	case COMMENT:
		return kind == JS_STRING ||
		       bad(d, MANRS_ESYNTAX, t->at, "a comment is not a string");
	case PROVIDER_ASNS:
		if (kind == JS_ARRAY)
			d->where = PROVIDERS;
		return kind == JS_ARRAY ||
		       bad(d, MANRS_ESYNTAX, t->at, "providerAsns is not a list");
	default:
		return true;
	}
}

static bool foreign(manrs_slurm_doc *d, const struct js_token *t)
{
	manrs_fault what = {
		.at = t->at,
		.what = "a member that RFC 8416 does not have, passed over here and further on",
		.code = MANRS_EUNSUP,
		.line = d->scan.line};

	d->field = OTHER;
	if (d->group == FILTERS)
		return bad(d, MANRS_EUNSUP, t->at, "a member that RFC 8416 does not have");
	if (d->foreign)
		return true;
	d->foreign = true;
	return issue(d, &what);
}

static bool entry_key(manrs_slurm_doc *d, const struct js_token *t)
{
	uint32_t may = rules[d->member].may | BIT(COMMENT);

	for (d->field = 0; d->field < OTHER; d->field++)
		if (may & BIT(d->field) && (named(t, fields[d->field]) ||
					    (d->field == CUSTOMER && named(t, "customerAsid"))))
			break;
	if (d->field == OTHER)
		return foreign(d, t);
	if (d->entry.seen & BIT(d->field))
		bad(d, MANRS_ESYNTAX, t->at, "a member twice");
	d->entry.seen |= BIT(d->field);
	return true;
}

static bool in_entry(manrs_slurm_doc *d, int kind, const struct js_token *t)
{
	if (kind == JS_KEY)
		return entry_key(d, t);
	if (kind == JS_OBJECT_END)
		return end_entry(d);
	entry_value(d, kind, t);
	return d->where != ENTRY || pass(d, kind);
}

static bool in_providers(manrs_slurm_doc *d, int kind, const struct js_token *t)
{
	uint32_t number = 0, *provider;

	if (kind == JS_ARRAY_END) {
		d->where = ENTRY;
		return true;
	}
	set_number(d, &number, UINT32_MAX, kind, t);
	if (d->providers.n - d->entry.providers == PROVIDERS_MAX)
		bad(d, MANRS_ELIMIT, t->at, "more than 10000 providers");
	if (d->entry.bad.code)
		return pass(d, kind);
	provider = push(d, &d->providers, sizeof *provider);
	if (provider)
		*provider = number;
	return provider != NULL;
}

/* ---- the document ---- */

static bool in_list(manrs_slurm_doc *d, int kind, const struct js_token *t)
{
	if (kind == JS_ARRAY_END) {
		d->where = GROUP;
		return true;
	}
	d->entry = (struct entry){.at = t->at, .line = d->scan.line, .providers = d->providers.n};
	if (kind == JS_OBJECT) {
		d->where = ENTRY;
		return true;
	}
	bad(d, MANRS_ESYNTAX, t->at, "an entry is not an object");
	return issue(d, &d->entry.bad) && pass(d, kind);
}

/* A member of the document that comes once. */
static bool meet(manrs_slurm_doc *d, const struct js_token *t, uint8_t member)
{
	if (d->met & BIT(member))
		return refuse(d, t, "a member twice");
	d->met |= BIT(member);
	d->member = member;
	return true;
}

static bool in_group(manrs_slurm_doc *d, int kind, const struct js_token *t)
{
	uint8_t first = d->group == FILTERS ? PREFIX_FILTERS : VRPS;

	if (kind == JS_OBJECT_END) {
		d->where = TOP;
		return true;
	}
	if (kind == JS_KEY) {
		for (uint8_t i = first; i < first + 3; i++)
			if (named(t, rules[i].name))
				return meet(d, t, i);
		return refuse(d, t, "a member that RFC 8416 does not have");
	}
	if (kind != JS_ARRAY)
		return refuse(d, t, "not a list");
	d->where = LIST;
	return true;
}

static bool in_top(manrs_slurm_doc *d, int kind, const struct js_token *t)
{
	static const char *const names[] = {"slurmVersion", "validationOutputFilters",
					    "locallyAddedAssertions"};

	if (kind == JS_OBJECT_END) {
		d->where = OUTSIDE;
		return true;
	}
	if (kind == JS_KEY) {
		for (uint8_t i = 0; i < 3; i++)
			if (named(t, names[i]))
				return meet(d, t, (uint8_t)(VERSION + i));
		return refuse(d, t, "a member that RFC 8416 does not have");
	}
	if (d->member == VERSION) {
		if (kind != JS_NUMBER || !t->integer)
			return refuse(d, t, "slurmVersion is not an integer");
		d->version = t->number;
		return d->version == 1 || d->version == 2 ||
		       fail(d, MANRS_EUNSUP, t->at, "a SLURM version other than 1 and 2");
	}
	if (kind != JS_OBJECT)
		return refuse(d, t, "not an object");
	d->where = GROUP;
	d->group = d->member;
	return true;
}

static bool in_nothing(manrs_slurm_doc *d, int kind, const struct js_token *t)
{
	if (kind != JS_OBJECT)
		return refuse(d, t, "a SLURM file is an object");
	d->where = TOP;
	return true;
}

/* RFC 8416 section 3.2: exactly these members. */
static bool complete(manrs_slurm_doc *d)
{
	uint32_t want = BIT(VERSION) | BIT(FILTERS) | BIT(ASSERTIONS) | BIT(PREFIX_FILTERS) |
			BIT(KEY_FILTERS) | BIT(VRPS) | BIT(KEYS);
	uint64_t at = d->scan.offset + (uint64_t)(d->scan.end - d->scan.from);

	if (d->version == 2)
		want |= BIT(ASPA_FILTERS) | BIT(ASPAS);
	if ((d->met & want) != want)
		return fail(d, MANRS_ESYNTAX, at, "a member of the document is missing");
	return d->met == want || fail(d, MANRS_ESYNTAX, at, "ASPAs in a file of version 1");
}

static bool run(manrs_slurm_doc *d)
{
	static bool (*const take[])(manrs_slurm_doc *, int, const struct js_token *) = {
		[OUTSIDE] = in_nothing, [TOP] = in_top,	    [GROUP] = in_group,
		[LIST] = in_list,	[ENTRY] = in_entry, [PROVIDERS] = in_providers,
		[SKIP] = in_skip,
	};
	struct js_token t;
	int kind;

	do {
		while ((kind = js_next(&d->scan, &t)) > JS_END)
			if (!take[d->where](d, kind, &t))
				return false;
		js_eof(&d->scan);
	} while (kind == JS_MORE);
	if (kind == JS_END)
		return complete(d);
	d->fault = d->scan.fault;
	return false;
}

/* All is read and nothing moves any more: point at it. */
static void expose(manrs_slurm_doc *d)
{
	const uint32_t *provider = d->providers.at;
	manrs_aspa *aspas = d->list[ASPAS].at;

	for (size_t i = 0; i < d->list[ASPAS].n; i++) {
		aspas[i].provider = provider;
		provider += aspas[i].n;
	}
	d->slurm = (manrs_slurm){
		.size = sizeof d->slurm,
		.prefix_filters = d->list[PREFIX_FILTERS].at,
		.key_filters = d->list[KEY_FILTERS].at,
		.aspa_filters = d->list[ASPA_FILTERS].at,
		.vrps = d->list[VRPS].at,
		.keys = d->list[KEYS].at,
		.aspas = aspas,
		.n_prefix_filters = d->list[PREFIX_FILTERS].n,
		.n_key_filters = d->list[KEY_FILTERS].n,
		.n_aspa_filters = d->list[ASPA_FILTERS].n,
		.n_vrps = d->list[VRPS].n,
		.n_keys = d->list[KEYS].n,
		.n_aspas = d->list[ASPAS].n,
	};
}

/* ---- public ---- */

int manrs_slurm_read(manrs_slurm_doc **doc, const void *bytes, size_t n, const manrs_alloc *alloc,
		     manrs_fault *fault)
{
	manrs_alloc mem = mem_of(alloc);
	manrs_slurm_doc *d = mem_zalloc(&mem, sizeof *d);
	int code;

	if (!d)
		return fault_set(fault, MANRS_ENOMEM, 0, "out of memory");
	d->mem = mem;
	js_init(&d->scan, &mem);
	js_feed(&d->scan, bytes, n);
	if (run(d)) {
		expose(d);
		*doc = d;
		return MANRS_OK;
	}
	code = d->fault.code;
	if (fault)
		*fault = d->fault;
	manrs_slurm_free(d);
	return code;
}

void manrs_slurm_free(manrs_slurm_doc *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < LISTS; i++)
		vec_free(&d->mem, &d->list[i], rules[i].size);
	vec_free(&d->mem, &d->providers, sizeof(uint32_t));
	vec_free(&d->mem, &d->issues, sizeof(manrs_fault));
	js_free(&d->scan);
	mem_free(&d->mem, d, sizeof *d);
}

const manrs_slurm *manrs_slurm_of(const manrs_slurm_doc *d)
{
	return &d->slurm;
}

size_t manrs_slurm_issues(const manrs_slurm_doc *d, const manrs_fault **issues, uint64_t *all)
{
	*issues = d->issues.at;
	if (all)
		*all = d->all_issues;
	return d->issues.n;
}
