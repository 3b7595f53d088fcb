/* SPDX-License-Identifier: BSD-2-Clause */
/* What a cache sends between Cache Response and End of Data. Nothing of it is looked at before it is whole. */

#include "wire/rtr_response.h"

#include "base/sort.h"
#include "net/bits.h"
#include <assert.h>
#include <string.h>

#define KEEP 4096 /* items that are kept from one response to the next */

static void clear(const manrs_alloc *mem, struct vec *v, size_t item)
{
	if (v->cap > KEEP)
		vec_free(mem, v, item);
	v->n = 0;
}

void rtr_response_clear(const manrs_alloc *mem, struct rtr_response *r)
{
	clear(mem, &r->vrps, sizeof(manrs_route));
	clear(mem, &r->aspas, sizeof(manrs_aspa));
	clear(mem, &r->providers, sizeof(uint32_t));
	clear(mem, &r->keys, sizeof(manrs_router_key));
	clear(mem, &r->runs, sizeof(struct rtr_run));
	r->bytes = r->added = r->removed = 0;
	memset(r->last, 0, sizeof r->last);
	memset(r->withdrawing, 0, sizeof r->withdrawing);
}

void rtr_response_free(const manrs_alloc *mem, struct rtr_response *r)
{
	vec_free(mem, &r->vrps, sizeof(manrs_route));
	vec_free(mem, &r->aspas, sizeof(manrs_aspa));
	vec_free(mem, &r->providers, sizeof(uint32_t));
	vec_free(mem, &r->keys, sizeof(manrs_router_key));
	vec_free(mem, &r->runs, sizeof(struct rtr_run));
}

/* The record that was pushed last belongs to the last run, or begins one. */
static bool count(const manrs_alloc *mem, struct rtr_response *r, unsigned type, bool announce,
		  size_t at)
{
	struct rtr_run *run = r->runs.n ? (struct rtr_run *)r->runs.at + r->runs.n - 1 : NULL;

	if (!run || run->type != type || run->announce != announce) {
		run = vec_push(mem, &r->runs, sizeof *run);
		if (!run)
			return false;
		*run = (struct rtr_run){(uint8_t)type, announce, at, 0};
	}
	run->n++;
	r->added += announce;
	r->removed += !announce;
	return true;
}

static int no_more(int *limit, int error)
{
	*limit = error;
	return MANRS_RTR_INTERNAL;
}

/* Address, max length, length (8210bis section 11.2); which AS comes first of one prefix makes no difference to a router. */
static int order_cmp(const manrs_prefix *a, const manrs_prefix *b)
{
	int c = memcmp(a->addr, b->addr, sizeof a->addr);

	if (!c)
		c = a->maxlen - b->maxlen;
	return c ? c : a->len - b->len;
}

/* Whether a prefix may come after the last one of its family. */
static bool in_order(struct rtr_response *r, const manrs_prefix *p, bool announce)
{
	unsigned f = p->family == 6;
	int after = r->last[f].family ? order_cmp(p, &r->last[f]) : 0;

	if (announce ? r->withdrawing[f] || after > 0 : r->withdrawing[f] && after < 0)
		return false;
	r->last[f] = *p;
	r->withdrawing[f] = !announce;
	return true;
}

static int take_prefix(const manrs_alloc *mem, struct rtr_response *r, const manrs_rtr_config *c,
		       const struct rtr_head *head, const uint8_t *bytes, int *limit)
{
	manrs_route *vrp;
	bool announce;
	int code;

	if (r->vrps.n >= c->max_vrps)
		return no_more(limit, MANRS_ELIMIT);
	vrp = vec_push(mem, &r->vrps, sizeof *vrp);
	if (!vrp)
		return no_more(limit, MANRS_ENOMEM);
	code = rtr_prefix_decode(head, bytes, c->flags & MANRS_RTR_HOST_BITS_OK, vrp, &announce);
	if (code == RTR_GOOD && head->version == 2 && c->flags & MANRS_RTR_CHECK_ORDER &&
	    !in_order(r, &vrp->prefix, announce))
		code = MANRS_RTR_ORDERING;
	if (code == RTR_GOOD && !count(mem, r, RTR_IPV4_PREFIX, announce, r->vrps.n - 1))
		code = no_more(limit, MANRS_ENOMEM);
	return code;
}

static int take_key(const manrs_alloc *mem, struct rtr_response *r, const manrs_rtr_config *c,
		    const struct rtr_head *head, const uint8_t *bytes, int *limit)
{
	manrs_router_key *key;
	bool announce;

	if (r->keys.n >= c->max_keys)
		return no_more(limit, MANRS_ELIMIT);
	key = vec_push(mem, &r->keys, sizeof *key);
	if (!key)
		return no_more(limit, MANRS_ENOMEM);
	rtr_key_decode(head, bytes, key, &announce);
	return count(mem, r, RTR_ROUTER_KEY, announce, r->keys.n - 1)
		       ? RTR_GOOD
		       : no_more(limit, MANRS_ENOMEM);
}

static int take_aspa(const manrs_alloc *mem, struct rtr_response *r, const manrs_rtr_config *c,
		     const struct rtr_head *head, const uint8_t *bytes, int *limit)
{
	struct rtr_aspa a;
	manrs_aspa *aspa;
	uint32_t *provider;
	int code = rtr_aspa_decode(head, bytes, &a);

	if (code != RTR_GOOD)
		return code;
	if (r->aspas.n >= c->max_aspas)
		return no_more(limit, MANRS_ELIMIT);
	if (!vec_reserve(mem, &r->providers, a.n, sizeof *provider))
		return no_more(limit, MANRS_ENOMEM);
	aspa = vec_push(mem, &r->aspas, sizeof *aspa);
	if (!aspa || !count(mem, r, RTR_ASPA, a.announce, r->aspas.n - 1))
		return no_more(limit, MANRS_ENOMEM);
	provider = r->providers.at; /* NULL until the first announcement */
	for (uint32_t i = 0; i < a.n; i++)
		provider[r->providers.n + i] = get32(a.providers + 4 * (size_t)i);
	*aspa = (manrs_aspa){.customer = a.customer, .n = a.n};
	r->providers.n += a.n;
	return RTR_GOOD;
}

int rtr_response_take(const manrs_alloc *mem, struct rtr_response *r,
		      const manrs_rtr_config *config, const struct rtr_head *head,
		      const uint8_t *bytes, int *limit)
{
	r->bytes += head->length;
	if (r->bytes > config->max_bytes)
		return no_more(limit, MANRS_ELIMIT);
	switch (head->type) {
	case RTR_ROUTER_KEY:
		return take_key(mem, r, config, head, bytes, limit);
	case RTR_ASPA:
		return take_aspa(mem, r, config, head, bytes, limit);
	default:
		return take_prefix(mem, r, config, head, bytes, limit);
	}
}

/* Which run ASPA `at` is in: in one it is. */
static size_t run_of(const struct rtr_response *r, size_t at)
{
	const struct rtr_run *runs = r->runs.at;
	size_t i = 0;

	while (runs[i].type != RTR_ASPA || at - runs[i].from >= runs[i].n) {
		i++;
		assert(i < r->runs.n);
	}
	return i;
}

static int as_they_came(const void *arg, uint64_t a, uint64_t b)
{
	(void)arg;
	return a < b ? -1 : a > b;
}

/*
 * An ASPA that is announced while the same customer's was announced before it and not withdrawn since: *at, n if there is none.
 * Caches that send them in order cost one look each. returns: false: no memory
 */
static bool find_repeat(const manrs_alloc *mem, const struct rtr_response *r, size_t *at)
{
	const manrs_aspa *aspa = r->aspas.at;
	size_t n = r->aspas.n, i = 1, bytes = 2 * n * sizeof(struct sort_item);
	struct sort_item *items;

	while (i < n && aspa[i - 1].customer < aspa[i].customer)
		i++;
	*at = n;
	if (i >= n)
		return true;
	items = n <= SIZE_MAX / (2 * sizeof *items) ? mem_alloc(mem, bytes) : NULL;
	if (!items)
		return false;
	for (i = 0; i < n; i++)
		items[i] = (struct sort_item){aspa[i].customer, i};
	sort_items(items, items + n, n, as_they_came, NULL);
	/* a withdrawal has no provider, an announcement has some */
	for (i = 1; i < n; i++)
		if (items[i - 1].key == items[i].key && aspa[items[i - 1].at].n &&
		    aspa[items[i].at].n && items[i].at < *at)
			*at = (size_t)items[i].at;
	mem_free(mem, items, bytes);
	return true;
}

int rtr_response_close(const manrs_alloc *mem, struct rtr_response *r, uint8_t *quote, size_t cap,
		       size_t *n)
{
	const uint32_t *provider = r->providers.at;
	manrs_aspa *aspa = r->aspas.at;
	size_t at, run;

	*n = 0;
	for (size_t i = 0; i < r->aspas.n; i++) {
		aspa[i].provider = aspa[i].n ? provider : NULL;
		if (aspa[i].n)
			provider += aspa[i].n;
	}
	if (!find_repeat(mem, r, &at))
		return MANRS_RTR_INTERNAL;
	if (at >= r->aspas.n)
		return RTR_GOOD;
	run = run_of(r, at);
	at -= ((const struct rtr_run *)r->runs.at)[run].from;
	*n = rtr_response_quote(r, 2, run, at, quote, cap);
	return MANRS_RTR_DUPLICATE;
}

bool rtr_response_run(const struct rtr_response *r, size_t at, manrs_rtr_run *run)
{
	const struct rtr_run *from = r->runs.at;

	if (at >= r->runs.n)
		return false;
	from += at;
	*run = (manrs_rtr_run){.op = from->announce ? MANRS_ADD : MANRS_REMOVE, .n = from->n};
	if (from->type == RTR_ASPA)
		run->aspas = (const manrs_aspa *)r->aspas.at + from->from;
	else if (from->type == RTR_ROUTER_KEY)
		run->keys = (const manrs_router_key *)r->keys.at + from->from;
	else
		run->vrps = (const manrs_route *)r->vrps.at + from->from;
	return true;
}

size_t rtr_response_quote(const struct rtr_response *r, unsigned version, size_t run, size_t record,
			  uint8_t *out, size_t cap)
{
	manrs_rtr_run of;
	manrs_aspa cut;
	bool announce;

	assert(cap >= 32 + MANRS_SPKI_MAX);
	if (!rtr_response_run(r, run, &of) || record >= of.n)
		return 0;
	announce = of.op == MANRS_ADD;
	if (of.vrps)
		return rtr_prefix_encode(out, version, &of.vrps[record], announce);
	if (of.keys)
		return rtr_key_encode(out, version, &of.keys[record], announce);
	cut = of.aspas[record];
	if (cut.n > (cap - 12) / 4)
		cut.n = (uint32_t)((cap - 12) / 4);
	rtr_aspa_encode(out, &cut, announce);
	put32(out + 4, 12 + 4 * of.aspas[record].n); /* its own length, also where it is cut */
	return 12 + 4 * (size_t)cut.n;
}
