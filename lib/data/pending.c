/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pending changes of an edit: an array of records with the sources they had and will have, and a hash over it.
 * A first large load has no hash: it is sorted, which takes out its repeats and saves sorting at the commit.
 */

#include "base/sort.h"
#include "data/store.h"

#include <assert.h>
#include <string.h>

static uint64_t hash_of(const struct pending *p, const manrs_route *route)
{
	return slots_hash(p->index.seed, route, sizeof *route);
}

static struct pend *find(const struct pending *p, uint64_t hash, const manrs_route *route)
{
	struct pend *pend = p->pend.at;
	size_t at = slots_home(&p->index, hash), i;

	while (slots_next(&p->index, hash, &at, &i))
		if (!memcmp(&pend[i].route, route, sizeof *route))
			return &pend[i];
	return NULL;
}

const struct cover_rec *pending_base(uint64_t root, const manrs_route *r,
				     const struct cover_own **own)
{
	*own = root ? cover_own_of(root, r->prefix.addr, r->prefix.len) : NULL;
	return cover_pick(*own, r->prefix.addr, r->prefix.len, r->asn, r->prefix.maxlen);
}

struct pend *pending_of(struct pending *p, const manrs_route *route, uint64_t root)
{
	uint64_t hash = hash_of(p, route);
	struct pend *pend = find(p, hash, route);
	const struct cover_own *own;
	const struct cover_rec *rec;

	if (pend)
		return pend;
	rec = pending_base(root, route, &own);
	assert(p->pend.n < p->pend.cap && 2 * (p->pend.n + 1) <= p->index.n); /* pending_reserve */
	slots_put(&p->index, hash, p->pend.n);
	pend = (struct pend *)p->pend.at + p->pend.n++;
	*pend = (struct pend){.route = *route};
	if (rec) {
		pend->was = pend->now = rec->sources;
		pend->flags_was = pend->flags = rec->flags;
	}
	return pend;
}

struct pend *pending_find(const struct pending *p, const manrs_route *route)
{
	return p->index.n ? find(p, hash_of(p, route), route) : NULL;
}

bool pending_reserve(const manrs_alloc *mem, struct pending *p, size_t n)
{
	size_t packed = bulk_count(&p->bulk);
	const struct pend *pend;
	size_t indexed = p->index.n ? p->pend.n : 0; /* pending_bulk indexes nothing */

	if (n > SIZE_MAX - packed || !vec_reserve(mem, &p->pend, packed + n, sizeof *pend) ||
	    !slots_reserve(mem, &p->index, p->pend.n + packed + n))
		return false;
	pend = p->pend.at;
	for (size_t i = indexed; i < p->pend.n; i++)
		slots_put(&p->index, hash_of(p, &pend[i].route), i);
	for (size_t i = 0; i < packed; i++) {
		manrs_route r;
		uint64_t bit = bulk_get(&p->bulk, i, &r);

		pending_of(p, &r, 0)->now |= bit;
	}
	assert(p->pend.n + n <= p->pend.cap);
	bulk_free(mem, &p->bulk);
	return true;
}

void pending_prefetch(const struct pending *p, const manrs_route *route)
{
	cc_prefetch(&p->index.slot[slots_home(&p->index, hash_of(p, route))]);
}

void pending_free(const manrs_alloc *mem, struct pending *p)
{
	slots_free(mem, &p->index);
	bulk_free(mem, &p->bulk);
	vec_free(mem, &p->pend, sizeof(struct pend));
	*p = (struct pending){0};
}

/* ---- in order ---- */

/* An array of things that start with a route, some bytes apart. */
struct routes {
	const char *first;
	size_t stride;
};

static const manrs_route *route_at(const struct routes *r, uint64_t i)
{
	return (const void *)(r->first + i * r->stride);
}

int route_order(const manrs_route *a, const manrs_route *b)
{
	int d = manrs_prefix_cmp(&a->prefix, &b->prefix);

	if (d)
		return d;
	if (a->asn != b->asn)
		return a->asn < b->asn ? -1 : 1;
	return (int)a->prefix.maxlen - (int)b->prefix.maxlen;
}

static int route_cmp(const void *arg, uint64_t x, uint64_t y)
{
	return route_order(route_at(arg, x), route_at(arg, y));
}

/* The first 64 bits of the order: for IPv4 the address, the length and most of the asn; for IPv6 the half address. */
static uint64_t key_of(const manrs_route *r)
{
	uint64_t hi = get64(r->prefix.addr);

	return r->prefix.family == 4 ? hi | (uint64_t)r->prefix.len << 24 | r->asn >> 8 : hi;
}

bool route_ok(const manrs_route *r, manrs_fault *fault, uint64_t at)
{
	const manrs_prefix *p = &r->prefix;

	if (prefix_ok(p) && p->maxlen >= p->len && p->maxlen <= family_bits(p->family))
		return true;
	fault_set(fault, MANRS_EINVAL, at,
		  prefix_ok(p) ? "maxLength out of range" : "malformed prefix");
	return false;
}

static void earlier(size_t at, size_t *first)
{
	*first = at < *first ? at : *first;
}

/*
 * Take items in order over as pending ADDs, repeats once. Repeats stand together, not as they came: all but the earliest
 * of them were present, of which the first is the later one of some two.
 */
static void take_sorted(struct pending *p, const struct sort_item *item, size_t n,
			const manrs_route *routes, uint64_t bit, bool irr, manrs_counts *c,
			size_t *first)
{
	struct pend *pend = p->pend.at;
	size_t lead = 0;

	for (size_t i = 0; i < n; i++) {
		size_t at = (size_t)item[i].at;
		manrs_route r = routes[at];

		cc_prefetch(&routes[item[i + 16 < n ? i + 16 : i].at]);
		if (irr)
			r.prefix.maxlen = r.prefix.len;
		assert(!i || (irr ? manrs_prefix_cmp(&pend[p->pend.n - 1].route.prefix, &r.prefix)
				  : route_order(&pend[p->pend.n - 1].route, &r)) <= 0);
		if (i && !memcmp(&pend[p->pend.n - 1].route, &r, sizeof r)) {
			c->present++;
			earlier(lead > at ? lead : at, first);
			earlier(at, &lead);
			continue;
		}
		c->added++;
		lead = at;
		assert(p->pend.n < p->pend.cap);
		pend[p->pend.n++] = (struct pend){.route = r, .now = bit};
	}
}

bool pending_bulk(const manrs_alloc *mem, struct pending *p, const manrs_route *routes, size_t n,
		  uint64_t bit, bool irr, manrs_counts *counts, manrs_fault *fault, size_t *first)
{
	struct routes in = {(const char *)routes, sizeof *routes};
	struct vec items = {0};

	assert(!p->index.n && !p->pend.n && !bulk_count(&p->bulk));
	if (!vec_reserve(mem, &p->pend, n, sizeof(struct pend)) ||
	    !vec_reserve(mem, &items, 2 * n, sizeof(struct sort_item)))
		return false;
	for (unsigned family = 4; family <= 6; family += 2) {
		struct sort_item *item = items.at;
		size_t m = 0;

		for (size_t i = 0; i < n; i++) {
			manrs_route r = routes[i];

			if (irr)
				r.prefix.maxlen = r.prefix.len;
			if (r.prefix.family == family && route_ok(&r, NULL, 0))
				item[m++] = (struct sort_item){key_of(&r), i};
			else if (family == 4 && !route_ok(&r, counts->refused ? NULL : fault, i) &&
				 !counts->refused++)
				earlier(i, first);
		}
		sort_items(item, item + n, m, route_cmp, &in);
		take_sorted(p, item, m, routes, bit, irr, counts, first);
	}
	vec_free(mem, &items, sizeof(struct sort_item));
	return true;
}

bool pending_ops(const manrs_alloc *mem, const struct pending *p, unsigned family, bool all,
		 struct vec *ops)
{
	const struct pend *pend = p->pend.at;
	struct routes in = {(const char *)pend, sizeof *pend};
	struct vec items = {0};
	struct sort_item *item;
	size_t n = 0;

	for (size_t i = 0; i < p->pend.n; i++)
		n += pend[i].route.prefix.family == family;
	*ops = (struct vec){0};
	if (!n)
		return true;
	if (!vec_reserve(mem, &items, 2 * n, sizeof *item))
		return false;
	item = items.at;
	for (size_t i = 0; i < p->pend.n; i++)
		if (pend[i].route.prefix.family == family &&
		    (all || pend[i].was != pend[i].now || pend[i].flags_was != pend[i].flags))
			item[items.n++] = (struct sort_item){key_of(&pend[i].route), i};
	n = items.n;
	if (!vec_reserve(mem, ops, n, sizeof(struct cover_op))) {
		vec_free(mem, &items, sizeof *item);
		return false;
	}
	sort_items(item, item + n, n, route_cmp, &in);
	for (size_t i = 0; i < n; i++) {
		const struct pend *q = &pend[item[i].at];
		struct cover_op *op = (struct cover_op *)ops->at + ops->n;

		assert(!i || route_order(&pend[item[i - 1].at].route, &q->route) <
				     0); /* each record once */
		cc_prefetch(&pend[item[i + 16 < n ? i + 16 : i].at]);
		memcpy(op->addr, q->route.prefix.addr, 16);
		op->sources = q->now;
		op->asn = q->route.asn;
		op->len = q->route.prefix.len;
		op->maxlen = q->route.prefix.maxlen;
		op->flags = q->flags;
		op->depth = (uint8_t)cover_depth(q->route.prefix.len);
		ops->n++;
	}
	vec_free(mem, &items, sizeof *item);
	return true;
}
