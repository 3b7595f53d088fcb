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
 *
 * The first deviation ends the reading (section 3.1).
 */

#include "base/cc.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/name.h"
#include "base/utf8.h"
#include "net/bits.h"
#include "text/text_values.h"
#include "text/slurm_names.h"

#include <assert.h>
#include <manrs/slurm.h>
#include <string.h>

enum where { OUTSIDE, TOP, GROUP, LIST, ENTRY, PROVIDERS, SKIP };
#define BIT(x)    (1u << (x))
#define VRP_MUST  (BIT(PREFIX) | BIT(ASN))
#define KEY_ANY   (BIT(ASN) | BIT(SKI))
#define KEY_MUST  (KEY_ANY | BIT(SPKI))
#define ASPA_MUST (BIT(CUSTOMER) | BIT(PROVIDER_ASNS))

static const struct rule {
	size_t size; /* of what is kept of an entry */
	uint32_t may, must;
	const char *all; /* what an entry is told without any of `may`; NULL: it may have none */
} rules[LISTS] = {
	[PREFIX_FILTERS] = {sizeof(manrs_slurm_filter), VRP_MUST, 0,
			    "a filter without prefix and asn would drop every VRP"},
	[KEY_FILTERS] = {sizeof(manrs_slurm_filter), KEY_ANY, 0,
			 "a filter without asn and SKI would drop every router key"},
	[ASPA_FILTERS] = {sizeof(manrs_slurm_filter), BIT(CUSTOMER), BIT(CUSTOMER), NULL},
	[VRPS] = {sizeof(manrs_route), VRP_MUST | BIT(MAXLEN), VRP_MUST, NULL},
	[KEYS] = {sizeof(manrs_router_key), KEY_MUST, KEY_MUST, NULL},
	[ASPAS] = {sizeof(manrs_aspa), ASPA_MUST, ASPA_MUST, NULL},
};

/* An entry as far as it has been read. */
struct entry {
	uint64_t at, maxlen_at;
	uint32_t line;
	uint32_t met, seen; /* members by name, and those of them that were not null */
	manrs_prefix prefix;
	uint32_t asn, customer, maxlen;
	uint16_t spki_len;
	uint8_t ski[20];
	uint8_t spki[MANRS_SPKI_MAX];
	size_t providers; /* the first of its providers */
};

struct manrs_slurm_file {
	manrs_alloc mem;
	manrs_fault fault;
	struct js scan;
	struct vec list[LISTS]; /* of ASPAS: provider NULL until the end */
	struct vec providers;
	manrs_fault issues[OTHER + REGISTRY]; /* the first of each kind */
	size_t n_issues;
	uint64_t all_issues, version;
	uint64_t told; /* bit per field, then per name of `registry` */
	uint32_t met;  /* bit per enum member */
	uint32_t skip;
	uint8_t where, group, member, field;
	struct entry entry;
	manrs_slurm slurm;
};

static bool fail(manrs_slurm_file *d, int code, uint64_t at, const char *what)
{
	d->fault = (manrs_fault){.at = at, .what = what, .code = code, .line = d->scan.line};
	return false;
}

_Static_assert(OTHER + REGISTRY <= 64, "a bit each");

static bool refuse(manrs_slurm_file *d, const struct js_token *t, const char *what)
{
	return fail(d, MANRS_ESYNTAX, t->at, what);
}

static void *push(manrs_slurm_file *d, struct vec *v, size_t size)
{
	void *item = vec_push(&d->mem, v, size);

	if (item)
		memset(item, 0, size);
	else
		fail(d, MANRS_ENOMEM, d->entry.at, "out of memory");
	return item;
}

/* Say what is passed over, once a kind. */
static bool pass_over(manrs_slurm_file *d, size_t kind, const struct js_token *t, int code,
		      const char *what)
{
	assert(kind < OTHER + REGISTRY);
	assert(d->told >> kind & 1 || d->n_issues < OTHER + REGISTRY);
	d->all_issues++;
	if (!(d->told >> kind & 1))
		d->issues[d->n_issues++] = (manrs_fault){
			.at = t->at, .what = what, .code = code, .line = d->scan.line};
	d->told |= (uint64_t)1 << kind;
	return true;
}

static bool named(const struct js_token *t, const char *name)
{
	return name_is(t->text, t->n, name);
}

/* A registry's own value, whatever it is. */
static bool pass(manrs_slurm_file *d, int kind)
{
	if (kind == JS_OBJECT || kind == JS_ARRAY) {
		d->where = SKIP;
		d->skip = 1;
	}
	return true;
}

static bool in_skip(manrs_slurm_file *d, int kind, const struct js_token *t)
{
	(void)t;
	assert(d->skip > 0);
	if (kind == JS_OBJECT || kind == JS_ARRAY)
		d->skip++;
	else if ((kind == JS_OBJECT_END || kind == JS_ARRAY_END) && --d->skip == 0)
		d->where = ENTRY;
	return true;
}

/* ---- entries ---- */

static bool add_filter(manrs_slurm_file *d)
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

static bool add_vrp(manrs_slurm_file *d)
{
	manrs_route *r = push(d, &d->list[VRPS], sizeof *r);

	if (!r)
		return false;
	*r = (manrs_route){d->entry.prefix, d->entry.asn};
	if (d->entry.seen & BIT(MAXLEN))
		r->prefix.maxlen = (uint8_t)d->entry.maxlen;
	return true;
}

static bool add_key(manrs_slurm_file *d)
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

static bool add_aspa(manrs_slurm_file *d)
{
	manrs_aspa *a = push(d, &d->list[ASPAS], sizeof *a);

	if (!a)
		return false;
	assert(d->providers.n > d->entry.providers); /* AS0 at least */
	a->customer = d->entry.customer;
	a->n = (uint32_t)(d->providers.n - d->entry.providers);
	d->entry.providers = d->providers.n;
	return true;
}

/* What is wrong with an entry as a whole, NULL if nothing. */
static const char *entry_fault(manrs_slurm_file *d)
{
	const struct rule *rule = &rules[d->member];
	struct entry *e = &d->entry;
	uint32_t missing = rule->must & ~e->seen;
	size_t n = d->providers.n - e->providers;
	const char *what = NULL;

	for (int i = 0; missing && i < OTHER; i++)
		if (missing & BIT(i))
			return fields[i].missing;
	if (rule->all && !(e->seen & rule->may))
		return rule->all;
	if (d->member == ASPAS)
		what = value_providers(e->customer, (uint32_t *)d->providers.at + e->providers, &n);
	d->providers.n = e->providers + n;
	return what;
}

static bool end_entry(manrs_slurm_file *d)
{
	static bool (*const add[LISTS])(manrs_slurm_file *) = {
		[PREFIX_FILTERS] = add_filter,
		[KEY_FILTERS] = add_filter,
		[ASPA_FILTERS] = add_filter,
		[VRPS] = add_vrp,
		[KEYS] = add_key,
		[ASPAS] = add_aspa,
	};
	const struct entry *e = &d->entry;
	const char *what = entry_fault(d);

	d->where = LIST;
	if (!what && e->seen & BIT(MAXLEN) &&
	    (e->maxlen < e->prefix.len || e->maxlen > family_bits(e->prefix.family)))
		return fail(d, MANRS_EINVAL, e->maxlen_at,
			    "maxPrefixLength is shorter than the prefix or longer than an address");
	if (!what)
		return add[d->member](d);
	fail(d, MANRS_EINVAL, e->at, what);
	d->fault.line = e->line;
	return false;
}

static bool wrong(manrs_slurm_file *d, const struct js_token *t)
{
	return refuse(d, t, fields[d->field].wrong);
}

static bool set_number(manrs_slurm_file *d, uint32_t *number, uint32_t min, uint32_t max, int kind,
		       const struct js_token *t)
{
	if (kind != JS_NUMBER || !t->integer || t->number < min || t->number > max)
		return wrong(d, t);
	*number = (uint32_t)t->number;
	return true;
}

static bool set_prefix(manrs_slurm_file *d, int kind, const struct js_token *t)
{
	manrs_fault fault = {0};

	if (kind != JS_STRING)
		return wrong(d, t);
	return manrs_prefix_parse(&d->entry.prefix, t->text, t->n, &fault) == MANRS_OK ||
	       fail(d, fault.code, t->at, fault.what);
}

static bool set_ski(manrs_slurm_file *d, int kind, const struct js_token *t)
{
	if (kind == JS_STRING && value_base64(d->entry.ski, 20, t->text, t->n, BASE64_URL) == 20)
		return true;
	return wrong(d, t);
}

static bool set_spki(manrs_slurm_file *d, int kind, const struct js_token *t)
{
	long n = kind == JS_STRING
			 ? value_base64(d->entry.spki, MANRS_SPKI_MAX, t->text, t->n, BASE64_URL)
			 : -1;

	if (n <= 0)
		return wrong(d, t);
	d->entry.spki_len = (uint16_t)n;
	return true;
}

static bool entry_value(manrs_slurm_file *d, int kind, const struct js_token *t)
{
	if (kind == JS_NULL && !(rules[d->member].must & BIT(d->field)))
		return pass_over(d, d->field, t, MANRS_OK, fields[d->field].null);
	d->entry.seen |= BIT(d->field);
	switch (d->field) {
	case ASN:
		return set_number(d, &d->entry.asn, 0, UINT32_MAX, kind, t);
	case CUSTOMER:
		return set_number(d, &d->entry.customer, 1, UINT32_MAX, kind, t);
	case PREFIX:
		return set_prefix(d, kind, t);
	case MAXLEN:
		d->entry.maxlen_at = t->at;
		return set_number(d, &d->entry.maxlen, 0, 128, kind, t);
	case SKI:
		return set_ski(d, kind, t);
	case SPKI:
		return set_spki(d, kind, t);
	case PROVIDER_ASNS:
		d->where = PROVIDERS;
		return kind == JS_ARRAY || wrong(d, t);
	default:
		return kind == JS_STRING || wrong(d, t);
	}
}

/* A name that no entry of this list has: a registry's own, or an error. */
static bool foreign_key(manrs_slurm_file *d, const struct js_token *t, uint32_t may)
{
	int synonym = name_find(t->text, t->n, synonyms, sizeof synonyms / sizeof *synonyms), near;
	const char *candidates[OTHER];

	for (size_t i = 0; i < REGISTRY; i++)
		if (name_same(t->text, t->n, registry[i].name))
			return pass_over(d, OTHER + i, t, MANRS_EUNSUP, registry[i].passed);
	if (synonym >= 0 && may & BIT(synonym))
		return refuse(d, t, fields[synonym].meant);
	for (size_t i = 0; i < OTHER; i++)
		candidates[i] = may & BIT(i) ? fields[i].name : "";
	near = name_near(t->text, t->n, candidates, OTHER);
	return refuse(d, t, near < 0 ? foreign : fields[near].meant);
}

static bool entry_key(manrs_slurm_file *d, const struct js_token *t)
{
	uint32_t may = rules[d->member].may | BIT(COMMENT);

	for (d->field = 0; d->field < OTHER; d->field++)
		if (may & BIT(d->field) && (named(t, fields[d->field].name) ||
					    (d->field == CUSTOMER && named(t, "customerAsid"))))
			break;
	if (d->field == OTHER)
		return foreign_key(d, t, may);
	if (d->entry.met & BIT(d->field))
		return refuse(d, t, "a member twice");
	d->entry.met |= BIT(d->field);
	return true;
}

static bool in_entry(manrs_slurm_file *d, int kind, const struct js_token *t)
{
	if (kind == JS_KEY)
		return entry_key(d, t);
	if (kind == JS_OBJECT_END)
		return end_entry(d);
	return d->field == OTHER ? pass(d, kind) : entry_value(d, kind, t);
}

static bool in_providers(manrs_slurm_file *d, int kind, const struct js_token *t)
{
	uint32_t number = 0, *provider;

	if (kind == JS_ARRAY_END) {
		d->where = ENTRY;
		return true;
	}
	if (!set_number(d, &number, 0, UINT32_MAX, kind, t))
		return false;
	if (d->providers.n - d->entry.providers == MANRS_PROVIDERS_MAX)
		return fail(d, MANRS_ELIMIT, t->at, "more than 10000 providers");
	provider = push(d, &d->providers, sizeof *provider);
	if (provider)
		*provider = number;
	return provider != NULL;
}

/* ---- the document ---- */

static bool in_list(manrs_slurm_file *d, int kind, const struct js_token *t)
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
	return refuse(d, t, "an entry is not an object");
}

/* A member of the document that comes once. */
static bool meet(manrs_slurm_file *d, const struct js_token *t, uint8_t member)
{
	if (d->met & BIT(member))
		return refuse(d, t, "a member twice");
	d->met |= BIT(member);
	d->member = member;
	return true;
}

/* A member of the document or of a group: one of three, outer[first] on. */
static bool outer_key(manrs_slurm_file *d, const struct js_token *t, uint8_t first)
{
	const char *candidates[3];
	int near;

	for (uint8_t i = 0; i < 3; i++) {
		if (named(t, outer[first + i].name))
			return meet(d, t, (uint8_t)(first + i));
		candidates[i] = outer[first + i].name;
	}
	near = name_near(t->text, t->n, candidates, 3);
	return refuse(d, t, near < 0 ? foreign : outer[first + near].meant);
}

static bool in_group(manrs_slurm_file *d, int kind, const struct js_token *t)
{
	uint8_t first = d->group == FILTERS ? PREFIX_FILTERS : VRPS;

	if (kind == JS_OBJECT_END) {
		d->where = TOP;
		return true;
	}
	if (kind == JS_KEY) {
		return outer_key(d, t, first);
	}
	if (kind != JS_ARRAY)
		return refuse(d, t, "not a list");
	d->where = LIST;
	return true;
}

static bool in_top(manrs_slurm_file *d, int kind, const struct js_token *t)
{
	if (kind == JS_OBJECT_END) {
		d->where = OUTSIDE;
		return true;
	}
	if (kind == JS_KEY) {
		return outer_key(d, t, VERSION);
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

static bool in_nothing(manrs_slurm_file *d, int kind, const struct js_token *t)
{
	if (kind != JS_OBJECT)
		return refuse(d, t, "a SLURM file is an object");
	d->where = TOP;
	return true;
}

/* RFC 8416 section 3.2: exactly these members. */
static bool complete(manrs_slurm_file *d)
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

static bool run(manrs_slurm_file *d)
{
	static bool (*const take[])(manrs_slurm_file *, int, const struct js_token *) = {
		[OUTSIDE] = in_nothing, [TOP] = in_top,     [GROUP] = in_group,
		[LIST] = in_list,       [ENTRY] = in_entry, [PROVIDERS] = in_providers,
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
static void expose(manrs_slurm_file *d)
{
	const uint32_t *provider = d->providers.at;
	manrs_aspa *aspas = d->list[ASPAS].at;

	for (size_t i = 0; i < d->list[ASPAS].n; i++) {
		aspas[i].provider = provider;
		provider += aspas[i].n;
	}
	assert(!d->list[ASPAS].n || provider == (uint32_t *)d->providers.at + d->providers.n);
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

int manrs_slurm_file_read(manrs_slurm_file **doc, const void *bytes, size_t n,
			  const manrs_alloc *alloc, manrs_fault *fault)
{
	manrs_alloc mem = mem_of(alloc);
	manrs_slurm_file *d = mem_zalloc(&mem, sizeof *d);
	int code;

	if (!d)
		return fault_set(fault, MANRS_ENOMEM, 0, "out of memory");
	d->mem = mem;
	js_init(&d->scan, &mem);
	d->scan.offset = utf8_mark(bytes, n); /* RFC 8259 section 8.1: it may be passed over */
	js_feed(&d->scan, (const char *)bytes + d->scan.offset, n - (size_t)d->scan.offset);
	if (run(d)) {
		expose(d);
		*doc = d;
		return MANRS_OK;
	}
	code = d->fault.code;
	if (fault)
		*fault = d->fault;
	manrs_slurm_file_free(d);
	return code;
}

void manrs_slurm_file_free(manrs_slurm_file *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < LISTS; i++)
		vec_free(&d->mem, &d->list[i], rules[i].size);
	vec_free(&d->mem, &d->providers, sizeof(uint32_t));
	js_free(&d->scan);
	mem_free(&d->mem, d, sizeof *d);
}

const manrs_slurm *manrs_slurm_file_slurm(const manrs_slurm_file *d)
{
	return &d->slurm;
}

size_t manrs_slurm_file_issues(const manrs_slurm_file *d, const manrs_fault **issues, uint64_t *all)
{
	*issues = d->issues;
	if (all)
		*all = d->all_issues;
	return d->n_issues;
}
