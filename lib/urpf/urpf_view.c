/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What uRPF uses of a database: its VRPs, IRR objects and ASPAs as arrays in two orders, by prefix and by AS number.
 * Made once for a db and shared by the snapshots that use it.
 */

#include "urpf/urpf_state.h"
#include "urpf/urpf_view.h"

#include <assert.h>

static void view_drop(struct heap *h, void *obj)
{
	struct urpf_view *v = obj;

	manrs_db_unref(v->db);
	vec_free(&h->mem, &v->vrp, sizeof(manrs_route));
	vec_free(&h->mem, &v->irr, sizeof(manrs_route));
	vec_free(&h->mem, &v->vrp_asn, sizeof(uint32_t));
	vec_free(&h->mem, &v->irr_asn, sizeof(uint32_t));
	vec_free(&h->mem, &v->customers, sizeof(uint32_t));
	vec_free(&h->mem, &v->providers, sizeof(uint32_t));
	vec_free(&h->mem, &v->aspas, sizeof(manrs_aspa_pair));
}

const struct heap_type urpf_view_type = {.drop = view_drop};

/* List all of one kind through its cursor. */
static bool routes_list(struct heap *h, const manrs_db *db, struct vec *out,
			size_t (*list)(const manrs_db *, manrs_cursor *, manrs_route *, size_t))
{
	manrs_cursor c = {{0}};
	size_t got = 1024;

	while (got == 1024) {
		if (!vec_reserve(&h->mem, out, 1024, sizeof(manrs_route)))
			return false;
		got = list(db, &c, (manrs_route *)out->at + out->n, 1024);
		out->n += got;
	}
	return true;
}

static bool aspas_list(struct heap *h, const manrs_db *db, struct vec *out)
{
	manrs_cursor c = {{0}};
	size_t got = 1024;

	while (got == 1024) {
		if (!vec_reserve(&h->mem, out, 1024, sizeof(manrs_aspa_pair)))
			return false;
		got = manrs_db_aspas(db, &c, (manrs_aspa_pair *)out->at + out->n, 1024);
		out->n += got;
	}
	return true;
}

/* Indexes of n items in the order of the 32-bit number at `offset`, equal ones as they are: four passes by byte. */
static bool index_by(struct heap *h, const void *items, size_t n, size_t size, size_t offset,
		     struct vec *out)
{
	struct vec other = {0};
	uint32_t *a, *b;

	if (!n)
		return true;
	if (n > UINT32_MAX || !vec_reserve(&h->mem, out, n, 4) ||
	    !vec_reserve(&h->mem, &other, n, 4)) {
		vec_free(&h->mem, &other, 4);
		return false;
	}
	a = out->at;
	b = other.at;
	for (uint32_t i = 0; i < n; i++)
		a[i] = i;
	for (unsigned shift = 0; shift < 32; shift += 8) {
		size_t at[257] = {0};
		uint32_t *t = a;

		for (size_t i = 0; i < n; i++) {
			uint32_t key;

			memcpy(&key, (const char *)items + a[i] * size + offset, 4);
			at[(key >> shift & 255) + 1]++;
		}
		for (unsigned k = 0; k < 256; k++)
			at[k + 1] += at[k];
		for (size_t i = 0; i < n; i++) {
			uint32_t key;

			memcpy(&key, (const char *)items + a[i] * size + offset, 4);
			b[at[key >> shift & 255]++] = a[i];
		}
		a = b;
		b = t;
	}
	out->n = n; /* an even number of passes: the result is back in out */
	vec_free(&h->mem, &other, 4);
	return true;
}

struct urpf_view *view_new(struct heap *h, const manrs_db *db)
{
	struct urpf_view *v = heap_new(h, sizeof *v, URPF_VIEW);

	if (!v)
		return NULL;
	manrs_db_ref(db);
	v->db = db;
	if (!routes_list(h, db, &v->vrp, manrs_db_vrps) ||
	    !routes_list(h, db, &v->irr, manrs_db_irr) || !aspas_list(h, db, &v->aspas) ||
	    !index_by(h, v->vrp.at, v->vrp.n, sizeof(manrs_route), offsetof(manrs_route, asn),
		      &v->vrp_asn) ||
	    !index_by(h, v->irr.at, v->irr.n, sizeof(manrs_route), offsetof(manrs_route, asn),
		      &v->irr_asn) ||
	    !index_by(h, v->aspas.at, v->aspas.n, sizeof(manrs_aspa_pair),
		      offsetof(manrs_aspa_pair, customer), &v->providers) ||
	    !index_by(h, v->aspas.at, v->aspas.n, sizeof(manrs_aspa_pair),
		      offsetof(manrs_aspa_pair, provider), &v->customers)) {
		heap_drop(h, v);
		return NULL;
	}
	for (size_t i = 1; i < v->vrp.n; i++)
		assert(manrs_prefix_cmp(&((manrs_route *)v->vrp.at)[i - 1].prefix,
					&((manrs_route *)v->vrp.at)[i].prefix) <= 0);
	assert(v->vrp_asn.n == v->vrp.n && v->irr_asn.n == v->irr.n);
	assert(v->customers.n == v->aspas.n && v->providers.n == v->aspas.n);
	return v;
}

size_t view_by_asn(const struct vec *routes, const struct vec *index, uint32_t asn, size_t *n)
{
	const manrs_route *r = routes->at;
	const uint32_t *at = index->at;
	size_t lo = 0, hi = index->n, end;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		assert(at[mid] < routes->n);
		if (r[at[mid]].asn < asn)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (end = lo; end < index->n && r[at[end]].asn == asn; end++)
		;
	*n = end - lo;
	return lo;
}

const manrs_route *view_at_prefix(const struct vec *routes, const manrs_prefix *p, size_t *n)
{
	const manrs_route *r = routes->at;
	size_t lo = 0, hi = routes->n, end;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (manrs_prefix_cmp(&r[mid].prefix, p) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (end = lo; end < routes->n && manrs_prefix_cmp(&r[end].prefix, p) == 0; end++)
		;
	*n = end - lo;
	return *n ? r + lo : NULL;
}

size_t view_providers(const struct urpf_view *v, uint32_t customer)
{
	const manrs_aspa_pair *a = v->aspas.at;
	const uint32_t *at = v->providers.at;
	size_t lo = 0, hi = v->providers.n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (a[at[mid]].customer < customer)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

size_t view_customers(const struct urpf_view *v, uint32_t provider)
{
	const manrs_aspa_pair *a = v->aspas.at;
	const uint32_t *at = v->customers.at;
	size_t lo = 0, hi = v->customers.n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (a[at[mid]].provider < provider)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}
