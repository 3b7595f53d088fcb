/* SPDX-License-Identifier: BSD-2-Clause */
/* What a cache sends between Cache Response and End of Data. Nothing of it is looked at before it is whole. */

#include "wire/rtr_response.h"

#include "base/cc.h"
#include "net/bits.h"

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
	if (r->aspas.n >= c->max_aspas || a.n > c->max_providers)
		return no_more(limit, MANRS_ELIMIT);
	if (!vec_reserve(mem, &r->providers, a.n, sizeof *provider))
		return no_more(limit, MANRS_ENOMEM);
	aspa = vec_push(mem, &r->aspas, sizeof *aspa);
	if (!aspa || !count(mem, r, RTR_ASPA, a.announce, r->aspas.n - 1))
		return no_more(limit, MANRS_ENOMEM);
	provider = (uint32_t *)r->providers.at + r->providers.n;
	for (uint32_t i = 0; i < a.n; i++)
		provider[i] = get32(a.providers + 4 * (size_t)i);
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

void rtr_response_close(struct rtr_response *r)
{
	const uint32_t *provider = r->providers.at;
	manrs_aspa *aspa = r->aspas.at;

	for (size_t i = 0; i < r->aspas.n; i++) {
		aspa[i].provider = aspa[i].n ? provider : NULL;
		provider += aspa[i].n;
	}
}

bool rtr_response_run(const struct rtr_response *r, size_t at, manrs_rtr_run *run)
{
	const struct rtr_run *from = (const struct rtr_run *)r->runs.at + at;

	if (at >= r->runs.n)
		return false;
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
			  uint8_t *out)
{
	manrs_rtr_run of;
	bool announce;

	if (!rtr_response_run(r, run, &of) || record >= of.n)
		return 0;
	announce = of.op == MANRS_ADD;
	if (of.vrps)
		return rtr_prefix_encode(out, version, &of.vrps[record], announce);
	if (of.keys)
		return rtr_key_encode(out, version, &of.keys[record], announce);
	return rtr_aspa_encode(out, &of.aspas[record], announce);
}
