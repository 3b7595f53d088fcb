/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Readers of VRP and ASPA files: the format, the queues, and what makes an entry good.
 *
 *     push --> blanks, mark, comments --+--> load_json.c (load_json_fast.c, load_authorizations.c) --+--> an entry ends
 *              before the content       +--> load_text.c (load_csv.c, load_bird_openbgpd.c) --------+       |
 *                                                                                                           v
 *                                     pulled <-- vrps | aspas, providers | keys | issues (load_issue.c) <-- load_entry_end
 *
 * A reader fills `entry` member by member and then calls load_entry_end, which alone decides: RFC 6482 section 3.3 for
 * VRPs, draft-ietf-sidrops-aspa-profile for ASPAs, RFC 8608 for keys. What is pulled is dropped at the next push.
 */

#include "base/grow.h"
#include "text/load_state.h"

#include "base/cc.h"
#include "base/emit.h"
#include "base/order.h"
#include "net/bits.h"
#include "net/text.h"
#include "text/text_values.h"

#include <assert.h>
#include <string.h>

void load_has(manrs_load *l, enum load_list list)
{
	static const uint8_t bit[] = {
		[LIST_ROAS] = MANRS_LOAD_VRPS,
		[LIST_ASPAS] = MANRS_LOAD_ASPAS,
		[LIST_KEYS] = MANRS_LOAD_KEYS,
		[LIST_PAIRS] = MANRS_LOAD_ASPAS,
	};

	l->stats.lists |= bit[list];
}

/* ---- queues ---- */

static void *queue_push(manrs_load *l, struct load_queue *q, size_t size, manrs_load_note **note)
{
	if (!vec_reserve(&l->mem, &q->items, 1, size) ||
	    !vec_reserve(&l->mem, &q->notes, 1, sizeof **note)) {
		load_no_memory(l);
		return NULL;
	}
	assert(q->items.n == q->notes.n); /* a record and its note wait side by side */
	*note = (manrs_load_note *)q->notes.at + q->notes.n++;
	return (char *)q->items.at + q->items.n++ * size;
}

static void vec_drop(struct vec *v, size_t head, size_t size)
{
	assert(head <= v->n);
	if (head == 0)
		return;
	v->n -= head;
	memmove(v->at, (char *)v->at + head * size, v->n * size);
}

/* Forget what has been pulled. */
static void queue_drop(struct load_queue *q, size_t size)
{
	vec_drop(&q->items, q->head, size);
	vec_drop(&q->notes, q->head, sizeof(manrs_load_note));
	q->head = 0;
}

static size_t queue_take(struct load_queue *q, void *out, manrs_load_note *notes, size_t cap,
			 size_t size)
{
	size_t n = q->items.n - q->head < cap ? q->items.n - q->head : cap;

	assert(q->head <= q->items.n && q->items.n == q->notes.n);
	if (n) {
		memcpy(out, (char *)q->items.at + q->head * size, n * size);
		if (notes)
			memcpy(notes, (manrs_load_note *)q->notes.at + q->head, n * sizeof *notes);
	}
	q->head += n;
	return n;
}

static void queue_free(manrs_load *l, struct load_queue *q, size_t size)
{
	vec_free(&l->mem, &q->items, size);
	vec_free(&l->mem, &q->notes, sizeof(manrs_load_note));
}

static void drop_pulled(manrs_load *l)
{
	if (l->aspas.head) {
		const struct load_aspa *next =
			(struct load_aspa *)l->aspas.items.at + l->aspas.head;
		size_t gone = l->aspas.head < l->aspas.items.n ? next->first : l->entry.providers;

		queue_drop(&l->aspas, sizeof *next);
		vec_drop(&l->providers, gone, sizeof(uint32_t));
		l->entry.providers -= gone;
		for (size_t i = 0; i < l->aspas.items.n; i++) {
			struct load_aspa *aspa = (struct load_aspa *)l->aspas.items.at + i;

			assert(aspa->first >= gone &&
			       aspa->n <= l->providers.n + gone - aspa->first);
			aspa->first -= gone;
		}
	}
	queue_drop(&l->vrps, sizeof(manrs_route));
	queue_drop(&l->keys, sizeof(manrs_router_key));
	vec_drop(&l->issues, l->issues_head, sizeof(manrs_load_issue));
	l->issues_head = 0;
}

/* ---- trust anchors ---- */

uint16_t load_ta_index(manrs_load *l, const char *name, size_t n)
{
	const struct load_ta *tas = l->tas.at;
	struct load_ta *ta;
	char *copy;

	for (size_t i = 0; i < l->tas.n; i++)
		if (tas[i].n == n && !memcmp(tas[i].name, name, n))
			return (uint16_t)(i + 1);
	if (n == 0 || n > 255 || memchr(name, 0, n) || l->tas.n == LOAD_TAS)
		return 0;
	copy = mem_alloc(&l->mem, n + 1);
	ta = copy ? vec_push(&l->mem, &l->tas, sizeof *ta) : NULL;
	if (!ta) {
		mem_free(&l->mem, copy, n + 1);
		load_no_memory(l);
		return 0;
	}
	memcpy(copy, name, n);
	copy[n] = '\0';
	assert(l->tas.n <= LOAD_TAS && l->tas.n <= UINT16_MAX);
	*ta = (struct load_ta){copy, n};
	l->stats.tas = (uint32_t)l->tas.n;
	return (uint16_t)l->tas.n;
}

/* ---- entries ---- */

void load_entry_start(manrs_load *l, uint64_t at, uint32_t line)
{
	struct load_entry *e = &l->entry;

	e->at = at;
	e->line = line;
	e->seen = e->synonyms = e->doubtful = e->near = e->remarks = 0;
	e->odd = false;
	e->bad.fault.code = 0;
	e->expires = 0;
	e->ta = 0;
	e->providers = l->providers.n;
}

void load_entry_absent(manrs_load *l, enum load_field field)
{
	l->entry.seen &= ~(1u << field);
	l->entry.odd = true;
}

/* Each once and ascending; no more of them than tell, AS0 aside, that there are too many. */
static void providers_pack(manrs_load *l)
{
	size_t first = l->entry.providers,
	       n = order_u32((uint32_t *)l->providers.at + first, l->providers.n - first);

	assert(first + n <= l->providers.n);
	l->providers.n = first + (n < LOAD_PROVIDERS + 2 ? n : LOAD_PROVIDERS + 2);
}

bool load_entry_provider(manrs_load *l, uint32_t asn)
{
	uint32_t *provider;

	assert(l->providers.n - l->entry.providers <= 2 * LOAD_PROVIDERS);
	if (l->providers.n - l->entry.providers == 2 * LOAD_PROVIDERS)
		providers_pack(l);
	provider = vec_push(&l->mem, &l->providers, sizeof *provider);
	if (!provider)
		return load_no_memory(l);
	*provider = asn;
	return true;
}

void load_entry_prefix(manrs_load *l, const struct load_place *p)
{
	manrs_prefix *prefix = &l->entry.route.prefix;
	manrs_fault fault;

	if (manrs_prefix_parse(prefix, p->value, p->n, &fault) == MANRS_OK)
		return;
	if (manrs_address_parse(prefix, p->value, p->n, NULL) == MANRS_OK)
		load_entry_remark(l, p, "an address without a length is taken for a host's");
	else
		load_entry_bad(l, p, fault.code, fault.what);
}

void load_entry_expires(manrs_load *l, const struct load_place *p)
{
	uint64_t *expires = &l->entry.expires;
	manrs_fault fault;

	if (value_time(expires, p->value, p->n) || value_date(expires, p->value, p->n))
		return;
	if (p->n && text_number(expires, UINT64_MAX, p->value, 0, p->n, &fault) == p->n)
		return;
	*expires = 0;
	load_entry_remark(l, p, "an expiry that is not a time is left out");
}

/* What stands under a name near to it tells more than that it is not there. */
static void is_missing(manrs_load *l, unsigned field, const char *what)
{
	struct load_entry *e = &l->entry;
	struct load_place p = {.at = e->at, .line = e->line};

	if (e->near >> field & 1) {
		p.member = load_field_name(field);
		p.value = e->near_name[field];
		p.n = strlen(p.value);
	}
	load_entry_bad(l, &p, MANRS_ESYNTAX, what);
}

static void missing(manrs_load *l, unsigned field, const char *what)
{
	if (cc_unlikely(!(l->entry.seen >> field & 1)))
		is_missing(l, field, what);
}

static manrs_load_note note_of(const struct load_entry *e)
{
	return (manrs_load_note){.expires = e->expires, .line = e->line, .ta = e->ta};
}

static bool end_vrp(manrs_load *l)
{
	struct load_entry *e = &l->entry;
	manrs_load_note *note;
	manrs_route *route;

	route = queue_push(l, &l->vrps, sizeof *route, &note);
	if (!route)
		return false;
	*route = e->route;
	if (e->seen >> FIELD_MAXLEN & 1)
		route->prefix.maxlen = (uint8_t)e->maxlen;
	assert(prefix_ok(&route->prefix));
	assert(route->prefix.maxlen >= route->prefix.len &&
	       route->prefix.maxlen <= family_bits(route->prefix.family));
	*note = note_of(e);
	l->stats.vrps++;
	return true;
}

static void bad_maxlen(manrs_load *l)
{
	struct load_entry *e = &l->entry;
	struct load_place p = {.at = e->maxlen_at, .line = e->line, .member = "maxLength"};
	char text[10];

	p.value = text;
	p.n = emit_digits(text, e->maxlen < UINT32_MAX ? (uint32_t)e->maxlen : UINT32_MAX);
	load_entry_bad(l, &p, MANRS_ERANGE, "maxLength outside the prefix");
}

static void check_vrp(manrs_load *l)
{
	struct load_entry *e = &l->entry;

	missing(l, FIELD_ASN, "no AS number");
	missing(l, FIELD_PREFIX, "no prefix");
	if (!e->bad.fault.code && e->seen >> FIELD_MAXLEN & 1 &&
	    (e->maxlen < e->route.prefix.len || e->maxlen > family_bits(e->route.prefix.family)))
		bad_maxlen(l);
}

static void check_pairs(manrs_load *l)
{
	struct load_entry *e = &l->entry;
	struct load_place p = {.at = e->at, .line = e->line, .member = "customer"};
	size_t n = l->providers.n - e->providers;
	const char *what;
	char text[10];

	missing(l, FIELD_CUSTOMER, "no customer");
	missing(l, FIELD_PROVIDERS, "no providers");
	if (e->bad.fault.code)
		return;
	what = value_providers(e->customer, (uint32_t *)l->providers.at + e->providers, &n);
	if (what) {
		p.value = text;
		p.n = emit_digits(text, e->customer);
		load_entry_refuse(l, &p, MANRS_EINVAL, what);
	}
	l->providers.n = e->providers + n;
}

bool load_entry_bounded(manrs_load *l, size_t first, uint32_t customer)
{
	char text[10];
	struct load_place p = {l->entry.at, l->entry.line, "customer", text, 0};

	if (l->providers.n - first <= LOAD_PROVIDERS)
		return true;
	l->providers.n = first + LOAD_PROVIDERS + 1;
	p.n = emit_digits(text, customer);
	load_entry_refuse(l, &p, MANRS_ELIMIT, "more than 10000 providers");
	return false;
}

static void check_aspa(manrs_load *l)
{
	check_pairs(l);
	if (!l->entry.bad.fault.code)
		load_entry_bounded(l, l->entry.providers, l->entry.customer);
}

bool load_queue_aspa(manrs_load *l, uint32_t customer, size_t first, const manrs_load_note *with)
{
	manrs_load_note *note;
	struct load_aspa *aspa = queue_push(l, &l->aspas, sizeof *aspa, &note);

	if (!aspa)
		return false;
	assert(customer && first < l->providers.n); /* AS0 at least */
	*aspa = (struct load_aspa){first, customer, (uint32_t)(l->providers.n - first)};
	*note = *with;
	return true;
}

static bool end_aspa(manrs_load *l)
{
	manrs_load_note note = note_of(&l->entry);

	l->stats.aspas += l->entry.bad.fault.code == 0;
	return load_queue_aspa(l, l->entry.customer, l->entry.providers, &note);
}

static bool end_key(manrs_load *l)
{
	const struct load_entry *e = &l->entry;
	manrs_load_note *note;
	manrs_router_key *key = queue_push(l, &l->keys, sizeof *key, &note);

	if (!key)
		return false;
	assert(e->spki_len > 0 && e->spki_len <= MANRS_SPKI_MAX);
	*key = (manrs_router_key){.asn = e->route.asn, .spki_len = e->spki_len};
	memcpy(key->ski, e->ski, sizeof key->ski);
	memcpy(key->spki, e->spki, e->spki_len);
	*note = note_of(e);
	l->stats.keys++;
	return true;
}

static void check_key(manrs_load *l)
{
	missing(l, FIELD_ASN, "no AS number");
	missing(l, FIELD_SKI, "no subject key identifier");
	missing(l, FIELD_SPKI, "no public key");
}

bool load_entry_end(manrs_load *l, enum load_list list)
{
	static const struct {
		void (*check)(manrs_load *l);
		bool (*end)(manrs_load *l);
	} lists[] = {
		[LIST_ROAS] = {check_vrp, end_vrp},
		[LIST_ASPAS] = {check_aspa, end_aspa},
		[LIST_KEYS] = {check_key, end_key},
		[LIST_PAIRS] = {check_pairs, load_pairs_add},
	};

	bool ok, over;

	assert(l->entry.providers <= l->providers.n);
	l->json.synonym = false;
	if (cc_unlikely(l->entry.doubtful && !l->entry.bad.fault.code))
		l->entry.bad = l->entry.doubt;
	lists[list].check(l);
	if (cc_likely(!l->entry.bad.fault.code)) {
		if (cc_unlikely(l->entry.near))
			load_field_lacks(l);
		ok = (cc_likely(!l->entry.remarks) || load_entry_tell(l)) && lists[list].end(l);
	} else {
		/* Too many providers make the customer's other ASPAs invalid too: the edit is to hear of them. */
		over = l->entry.bad.kind == MANRS_LOAD_REFUSED &&
		       l->entry.bad.fault.code == MANRS_ELIMIT;
		if (!over)
			l->providers.n = l->entry.providers;
		ok = load_issue(l, list) && (!over || lists[list].end(l));
	}
	l->entry.providers = l->providers.n;
	return ok;
}

/* ---- the content's start ---- */

/*
 * Skip byte order marks, blanks and comment lines; the offset in bytes[n] where the content starts. Byte by byte, where all
 * else goes line by line (lines.h): slices may be cut inside a mark, and JSON that follows has lines of any length.
 */
static size_t skip_front(manrs_load *l, const char *bytes, size_t n)
{
	static const char mark[] = "\xef\xbb\xbf";
	size_t i = 0;

	for (; i < n; i++) {
		char c = bytes[i];

		if (!l->comment && c == mark[l->mark]) {
			l->mark = (uint8_t)((l->mark + 1) % 3);
		} else if (l->mark) {
			break;
		} else if (c == '\n') {
			l->text.number++;
			l->comment = false;
		} else if (c == '#') {
			l->comment = true;
		} else if (!l->comment && c != ' ' && c != '\t' && c != '\r') {
			break;
		}
	}
	return i;
}

static bool push(manrs_load *l, const char *bytes, size_t n)
{
	size_t skip = 0;

	if (l->stats.format == MANRS_FORMAT_UNKNOWN && !l->text.line.n) {
		skip = skip_front(l, bytes, n);
		l->stats.bytes += skip;
		if (skip == n)
			return true;
		if (l->mark)
			return load_fail(l, MANRS_ESYNTAX, l->stats.bytes, l->text.number,
					 "a broken byte order mark");
		if (bytes[skip] == '{' || bytes[skip] == '[') {
			l->stats.format = MANRS_FORMAT_JSON;
			return load_json_push(l, bytes + skip, n - skip, l->stats.bytes,
					      l->text.number);
		}
	}
	if (l->stats.format == MANRS_FORMAT_JSON)
		return load_json_push(l, bytes, n, 0, 0);
	return load_text_push(l, bytes + skip, n - skip);
}

static bool finish(manrs_load *l)
{
	if (l->stats.format == MANRS_FORMAT_JSON)
		return load_json_finish(l) && load_judge(l);
	if (!load_text_finish(l))
		return false;
	if (l->stats.format == MANRS_FORMAT_UNKNOWN)
		return load_fail(l, MANRS_ESYNTAX, l->stats.bytes, 0, "an empty file");
	return load_judge(l);
}

/* ---- public ---- */

int manrs_load_new(manrs_load **load, const manrs_alloc *alloc)
{
	manrs_alloc mem = mem_of(alloc);
	manrs_load *l = mem_zalloc(&mem, sizeof *l);

	if (!l)
		return MANRS_ENOMEM;
	l->mem = mem;
	l->text.number = 1;
	manrs_load_allow(l, 10, 10);
	js_init(&l->json.scan, &mem);
	*load = l;
	return MANRS_OK;
}

void manrs_load_free(manrs_load *l)
{
	if (!l)
		return;
	for (size_t i = 0; i < l->tas.n; i++) {
		struct load_ta *ta = (struct load_ta *)l->tas.at + i;

		mem_free(&l->mem, ta->name, ta->n + 1);
	}
	vec_free(&l->mem, &l->tas, sizeof(struct load_ta));
	queue_free(l, &l->vrps, sizeof(manrs_route));
	queue_free(l, &l->aspas, sizeof(struct load_aspa));
	queue_free(l, &l->keys, sizeof(manrs_router_key));
	vec_free(&l->mem, &l->providers, sizeof(uint32_t));
	vec_free(&l->mem, &l->pairs, sizeof(uint64_t));
	vec_free(&l->mem, &l->pair_times, sizeof(uint64_t));
	vec_free(&l->mem, &l->issues, sizeof(manrs_load_issue));
	vec_free(&l->mem, &l->text.line, 1);
	js_free(&l->json.scan);
	mem_free(&l->mem, l, sizeof *l);
}

static int outcome(const manrs_load *l, manrs_fault *fault)
{
	if (l->fault.code && fault)
		*fault = l->fault;
	return l->fault.code;
}

int manrs_load_push(manrs_load *l, const void *bytes, size_t n, manrs_fault *fault)
{
	uint64_t before = l->stats.bytes;

	if (l->fault.code)
		return outcome(l, fault);
	if (l->finished)
		return fault_set(fault, MANRS_ESTATE, before, "the load is finished");
	if (n) {
		drop_pulled(l);
		push(l, bytes, n);
		l->stats.bytes = before + n;
	}
	return outcome(l, fault);
}

int manrs_load_finish(manrs_load *l, manrs_fault *fault)
{
	if (!l->fault.code && !l->finished) {
		drop_pulled(l);
		finish(l);
		l->finished = true;
	}
	return outcome(l, fault);
}

size_t manrs_load_vrps(manrs_load *l, manrs_route *out, manrs_load_note *notes, size_t cap)
{
	return queue_take(&l->vrps, out, notes, cap, sizeof *out);
}

size_t manrs_load_aspas(manrs_load *l, manrs_aspa *out, manrs_load_note *notes, size_t cap)
{
	size_t n = 0;

	for (struct load_aspa aspa;
	     n < cap && queue_take(&l->aspas, &aspa, notes ? notes + n : NULL, 1, sizeof aspa); n++)
		out[n] = (manrs_aspa){(uint32_t *)l->providers.at + aspa.first, aspa.customer,
				      aspa.n};
	return n;
}

size_t manrs_load_keys(manrs_load *l, manrs_router_key *out, manrs_load_note *notes, size_t cap)
{
	return queue_take(&l->keys, out, notes, cap, sizeof *out);
}

const char *manrs_load_ta(const manrs_load *l, uint32_t ta)
{
	return ta == 0 || ta > l->tas.n ? "" : ((struct load_ta *)l->tas.at)[ta - 1].name;
}

const char *manrs_load_members(const manrs_load *l)
{
	return l->members;
}

int manrs_load_stats_get(const manrs_load *l, manrs_load_stats *stats)
{
	manrs_load_stats now = l->stats;

	now.lines = l->stats.format == MANRS_FORMAT_JSON ? l->json.scan.line : l->text.number;
	return grow_give(stats, GROW_LEAST(manrs_load_stats, zero), &now, sizeof now)
		       ? MANRS_OK
		       : MANRS_EINVAL;
}
