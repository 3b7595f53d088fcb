/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Local exceptions (SLURM: RFC 8416, draft-ietf-sidrops-aspa-slurm) as a snapshot keeps them: one block of sorted arrays.
 *
 * A prefix filter matches a VRP whose prefix it covers or equals (when it has one) and whose asn it has (when it has one):
 * RFC 8416 section 3.3.1. A lookup goes over the lengths that filters with a prefix have.
 */

#include "base/merge.h"
#include "data/store.h"

#include <assert.h>
#include <string.h>

struct slurm_set {
	uint64_t bytes;
	uint32_t filters;     /* with a prefix: by prefix */
	uint32_t asn_filters; /* without: by asn */
	uint32_t key_filters;
	uint32_t aspa_filters; /* customers, ascending */
	uint32_t vrps, keys, pairs, zero;
	uint8_t has_len[2][129]; /* of filters with a prefix, by family */
	/* Offsets from the start of the block. */
	uint64_t filter_at, asn_at, key_filter_at, aspa_at, vrp_at, key_at, pair_at;
};

static const void *at(const struct slurm_set *s, uint64_t offset)
{
	return (const char *)s + offset;
}

/* The same while the block is made. */
static void *part(struct slurm_set *s, uint64_t offset)
{
	return (char *)s + offset;
}

/* ---- making ---- */

static size_t pairs_of(const manrs_slurm *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n_aspas; i++)
		n += s->aspas[i].n;
	return n;
}

static size_t slurm_size(const manrs_slurm *s)
{
	return sizeof(struct slurm_set) +
	       (s->n_prefix_filters + s->n_key_filters) * sizeof(manrs_slurm_filter) +
	       (s->n_prefix_filters + s->n_aspa_filters) * sizeof(uint32_t) +
	       s->n_vrps * sizeof(manrs_route) + s->n_keys * sizeof(manrs_router_key) +
	       pairs_of(s) * sizeof(manrs_aspa_pair) + 64;
}

size_t slurm_bytes(const struct slurm_set *set)
{
	return (size_t)set->bytes;
}

struct slurm_set *slurm_copy(void *to, const struct slurm_set *set)
{
	memcpy(to, set, (size_t)set->bytes);
	return to;
}

/* By prefix, then what else they ask for, then its value: those that ask alike can be searched. */
static int filter_cmp(const void *va, const void *vb)
{
	const manrs_slurm_filter *a = va, *b = vb;
	int d = manrs_prefix_cmp(&a->prefix, &b->prefix);

	if (!d)
		d = (int)a->has_asn - (int)b->has_asn;
	if (!d)
		d = (int)a->has_ski - (int)b->has_ski;
	if (!d && a->has_asn && a->asn != b->asn)
		d = a->asn < b->asn ? -1 : 1;
	return d || !a->has_ski ? d : memcmp(a->ski, b->ski, sizeof a->ski);
}

static int asn_cmp(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static int vrp_cmp(const void *a, const void *b)
{
	return route_order(a, b);
}

static int router_key_cmp(const void *a, const void *b)
{
	return key_cmp(a, b);
}

static int pair_cmp(const void *va, const void *vb)
{
	const manrs_aspa_pair *a = va, *b = vb;

	if (a->customer != b->customer)
		return a->customer < b->customer ? -1 : 1;
	return a->provider < b->provider ? -1 : a->provider > b->provider;
}

/* Put an array behind what the block has so far, at a multiple of 8. */
static uint64_t place(struct slurm_set *s, const void *items, size_t n, size_t size)
{
	uint64_t offset = (s->bytes + 7) & ~UINT64_C(7);

	if (n && items)
		memcpy((char *)s + offset, items, n * size);
	s->bytes = offset + n * size;
	return offset;
}

static void place_filters(struct slurm_set *s, const manrs_slurm *from)
{
	manrs_slurm_filter *f;
	uint32_t *asn;

	s->filter_at = place(s, NULL, from->n_prefix_filters, sizeof *f);
	s->asn_at = place(s, NULL, from->n_prefix_filters, sizeof *asn);
	f = part(s, s->filter_at);
	asn = part(s, s->asn_at);
	for (size_t i = 0; i < from->n_prefix_filters; i++) {
		const manrs_slurm_filter *one = &from->prefix_filters[i];

		if (!one->prefix.family) {
			asn[s->asn_filters++] = one->asn;
			continue;
		}
		f[s->filters] = *one;
		f[s->filters++].has_asn = one->has_asn != 0;
		s->has_len[one->prefix.family == 6][one->prefix.len] = 1;
	}
}

/* Only what a filter of router keys asks for, so that filters which ask alike are equal. */
static void place_key_filters(struct slurm_set *s, const manrs_slurm *from)
{
	manrs_slurm_filter *f;

	s->key_filter_at = place(s, NULL, from->n_key_filters, sizeof *f);
	f = part(s, s->key_filter_at);
	for (size_t i = 0; i < from->n_key_filters; i++) {
		const manrs_slurm_filter *one = &from->key_filters[i];

		f[i] = (manrs_slurm_filter){.asn = one->asn,
					    .has_asn = one->has_asn != 0,
					    .has_ski = one->has_ski != 0};
		memcpy(f[i].ski, one->ski, sizeof f[i].ski);
	}
	s->key_filters = (uint32_t)from->n_key_filters;
}

static void place_aspas(struct slurm_set *s, const manrs_slurm *from)
{
	uint32_t *customer;
	manrs_aspa_pair *pair;

	s->aspa_at = place(s, NULL, from->n_aspa_filters, sizeof *customer);
	customer = part(s, s->aspa_at);
	for (size_t i = 0; i < from->n_aspa_filters; i++)
		customer[s->aspa_filters++] = from->aspa_filters[i].asn;
	s->pair_at = place(s, NULL, pairs_of(from), sizeof *pair);
	pair = part(s, s->pair_at);
	for (size_t i = 0; i < from->n_aspas; i++)
		for (uint32_t j = 0; j < from->aspas[i].n; j++)
			pair[s->pairs++] = (manrs_aspa_pair){from->aspas[i].customer,
							     from->aspas[i].provider[j]};
}

static bool order(const manrs_alloc *mem, struct slurm_set *s)
{
	return merge_items(mem, part(s, s->filter_at), s->filters, sizeof(manrs_slurm_filter),
			   filter_cmp) &&
	       merge_items(mem, part(s, s->key_filter_at), s->key_filters,
			   sizeof(manrs_slurm_filter), filter_cmp) &&
	       merge_items(mem, part(s, s->asn_at), s->asn_filters, sizeof(uint32_t), asn_cmp) &&
	       merge_items(mem, part(s, s->aspa_at), s->aspa_filters, sizeof(uint32_t), asn_cmp) &&
	       merge_items(mem, part(s, s->pair_at), s->pairs, sizeof(manrs_aspa_pair), pair_cmp) &&
	       merge_items(mem, part(s, s->vrp_at), s->vrps, sizeof(manrs_route), vrp_cmp) &&
	       merge_items(mem, part(s, s->key_at), s->keys, sizeof(manrs_router_key),
			   router_key_cmp);
}

struct slurm_set *slurm_make(const manrs_alloc *mem, const manrs_slurm *from)
{
	size_t size = slurm_size(from);
	struct slurm_set *s = mem_zalloc(mem, size);

	if (!s)
		return NULL;
	s->bytes = sizeof *s;
	place_filters(s, from);
	place_aspas(s, from);
	place_key_filters(s, from);
	s->vrps = (uint32_t)from->n_vrps;
	s->vrp_at = place(s, from->vrps, from->n_vrps, sizeof(manrs_route));
	s->keys = (uint32_t)from->n_keys;
	s->key_at = place(s, from->keys, from->n_keys, sizeof(manrs_router_key));
	assert(s->bytes <= size);
	s->bytes = size;
	assert(s->filters + s->asn_filters == from->n_prefix_filters && s->pairs == pairs_of(from));
	if (order(mem, s))
		return s;
	mem_free(mem, s, size);
	return NULL;
}

static int check_assertions(const manrs_slurm *s, manrs_fault *fault)
{
	const char *rule;

	for (size_t i = 0; i < s->n_vrps; i++)
		if (!route_ok(&s->vrps[i], NULL, i))
			return fault_set(fault, MANRS_EINVAL, i, "SLURM prefix assertion");
	for (size_t i = 0; i < s->n_keys; i++)
		if (!key_ok(&s->keys[i]))
			return fault_set(fault, MANRS_EINVAL, i, "SLURM router key assertion");
	for (size_t i = 0; i < s->n_aspas; i++) /* the bound is on the union, at the commit */
		if (aspa_check(&s->aspas[i], &rule) != MANRS_OK)
			return fault_set(fault, MANRS_EINVAL, i, "SLURM ASPA assertion");
	return MANRS_OK;
}

int slurm_check(const manrs_slurm *s, manrs_fault *fault)
{
	for (size_t i = 0; i < s->n_prefix_filters; i++) {
		const manrs_slurm_filter *f = &s->prefix_filters[i];

		if (f->has_ski || (!f->prefix.family && !f->has_asn) ||
		    (f->prefix.family && !prefix_ok(&f->prefix)))
			return fault_set(fault, MANRS_EINVAL, i, "SLURM prefix filter");
	}
	for (size_t i = 0; i < s->n_key_filters; i++)
		if (s->key_filters[i].prefix.family ||
		    (!s->key_filters[i].has_asn && !s->key_filters[i].has_ski))
			return fault_set(fault, MANRS_EINVAL, i, "SLURM router key filter");
	for (size_t i = 0; i < s->n_aspa_filters; i++)
		if (s->aspa_filters[i].prefix.family || !s->aspa_filters[i].has_asn ||
		    s->aspa_filters[i].has_ski)
			return fault_set(fault, MANRS_EINVAL, i, "SLURM ASPA filter");
	return check_assertions(s, fault);
}

/* ---- asking ---- */

/* The first item not before key; n when there is none. */
static size_t lower(const void *items, size_t n, size_t size, const void *key,
		    int (*cmp)(const void *, const void *))
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (cmp((const char *)items + mid * size, key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	assert(lo == n || cmp((const char *)items + lo * size, key) >= 0);
	assert(!lo || cmp((const char *)items + (lo - 1) * size, key) < 0);
	return lo;
}

static bool in(const void *items, size_t n, size_t size, const void *key,
	       int (*cmp)(const void *, const void *))
{
	size_t i = lower(items, n, size, key, cmp);

	return i < n && cmp((const char *)items + i * size, key) == 0;
}

static bool filtered(const struct slurm_set *s, const manrs_route *vrp)
{
	const manrs_slurm_filter *f = at(s, s->filter_at);
	const uint8_t *has = s->has_len[vrp->prefix.family == 6];

	if (in(at(s, s->asn_at), s->asn_filters, sizeof(uint32_t), &vrp->asn, asn_cmp))
		return true;
	for (unsigned len = 0; s->filters && len <= vrp->prefix.len; len++) {
		manrs_slurm_filter key = {.prefix = vrp->prefix};

		if (!has[len])
			continue;
		key.prefix.len = (uint8_t)len;
		addr_mask(key.prefix.addr, len);
		if (in(f, s->filters, sizeof *f, &key, filter_cmp))
			return true;
		key.has_asn = 1;
		key.asn = vrp->asn;
		if (in(f, s->filters, sizeof *f, &key, filter_cmp))
			return true;
	}
	return false;
}

uint8_t slurm_vrp(const struct slurm_set *s, const manrs_route *vrp)
{
	if (!s)
		return 0;
	return (uint8_t)((filtered(s, vrp) ? COVER_FILTERED : 0) |
			 (in(at(s, s->vrp_at), s->vrps, sizeof *vrp, vrp, vrp_cmp) ? COVER_ASSERTED
										   : 0));
}

uint8_t slurm_key(const struct slurm_set *s, const manrs_router_key *key)
{
	manrs_slurm_filter f = {.asn = key->asn};
	uint8_t flags = 0;

	memcpy(f.ski, key->ski, sizeof f.ski);
	for (unsigned asks = 1; s && asks < 4; asks++) {
		f.has_asn = (uint8_t)(asks & 1);
		f.has_ski = (uint8_t)(asks >> 1);
		if (in(at(s, s->key_filter_at), s->key_filters, sizeof f, &f, filter_cmp))
			flags = COVER_FILTERED;
	}
	if (s && in(at(s, s->key_at), s->keys, sizeof *key, key, router_key_cmp))
		flags |= COVER_ASSERTED;
	return flags;
}

bool slurm_filters_aspa(const struct slurm_set *s, uint32_t customer)
{
	return s && in(at(s, s->aspa_at), s->aspa_filters, sizeof customer, &customer, asn_cmp);
}

size_t slurm_vrps(const struct slurm_set *s, const manrs_route **vrps)
{
	*vrps = s ? at(s, s->vrp_at) : NULL;
	return s ? s->vrps : 0;
}

size_t slurm_keys(const struct slurm_set *s, const manrs_router_key **keys)
{
	*keys = s ? at(s, s->key_at) : NULL;
	return s ? s->keys : 0;
}

size_t slurm_aspas(const struct slurm_set *s, const manrs_aspa_pair **pairs)
{
	*pairs = s ? at(s, s->pair_at) : NULL;
	return s ? s->pairs : 0;
}

size_t slurm_aspa_filters(const struct slurm_set *s, const uint32_t **customers)
{
	*customers = s ? at(s, s->aspa_at) : NULL;
	return s ? s->aspa_filters : 0;
}
