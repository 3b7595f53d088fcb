/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which ASes stand behind which interface, for BAR-SAV: indexes kept up to date route by route.
 *
 *   edges    asn -> its customers by the usable AS paths                   (BAR-SAV section 4: the sets B)
 *   cones    asn -> the interfaces whose D it is in; Du under NO_IFACE     (the closure over ASPAs and edges jointly)
 *
 * In a path, the AS that follows z towards the origin is a customer of z, wherever the route came in: z is in a
 * customer's cone, and a route that z passed up or across is one of its customers'.
 */

#include "urpf/urpf_work.h"

#include "base/merge.h"
#include "base/slots.h"
#include "urpf/urpf_rule.h"
#include "urpf/urpf_view.h"

#include <assert.h>

/* ---- edges: customers by AS paths ---- */

struct urpf_edge {
	struct heap_obj obj;
	int64_t n;
};

struct delta {
	uint64_t edge;
	int64_t n;
};

static bool deltas_path(struct urpf_work *w, struct vec *deltas, const struct urpf_path *path,
			int sign)
{
	for (uint32_t i = 0; path && i + 1 < path->n; i++) {
		struct delta *d;

		if (path->asn[i] == path->asn[i + 1] || !path->asn[i] || !path->asn[i + 1])
			continue;
		d = vec_push(&w->o->heap.mem, deltas, sizeof *d);
		if (!d)
			return false;
		*d = (struct delta){(uint64_t)path->asn[i] << 32 | path->asn[i + 1], sign};
	}
	return true;
}

static int delta_cmp(const void *a, const void *b)
{
	const struct delta *x = a, *y = b;

	return (x->edge > y->edge) - (x->edge < y->edge);
}

/* Add up equal ones. */
static bool deltas_fold(struct urpf_work *w, struct vec *v)
{
	struct delta *d = v->at;
	size_t n = 0;

	if (!merge_items(&w->o->heap.mem, d, v->n, sizeof *d, delta_cmp))
		return false;
	for (size_t i = 0; i < v->n; i++) {
		if (n && d[n - 1].edge == d[i].edge)
			d[n - 1].n += d[i].n;
		else
			d[n++] = d[i];
	}
	v->n = n;
	return true;
}

static bool deltas_rec(struct urpf_work *w, struct vec *v, const manrs_urpf *s,
		       const manrs_prefix *p, int sign)
{
	const struct urpf_record *r = urpf_record_get(s->rib, p);

	for (uint32_t i = 0; r && i < r->n; i++)
		if (r->entry[i].path && urpf_usable(s, p, &r->entry[i]) &&
		    !deltas_path(w, v, r->entry[i].path, sign))
			return false;
	/* a long load is folded as it goes, so that it stays as small as the set of edges */
	return v->n < v->cap || v->n < 65536 || deltas_fold(w, v);
}

/* Apply one sum. returns 1 when the edge came or went. */
static int edge_apply(struct urpf_work *w, const struct delta *d)
{
	struct ptrie_key k = {.bits = 64};
	const struct ptrie_node *old;
	struct urpf_edge *e;
	int64_t was, is;
	int rc;

	put64(k.at, d->edge);
	old = ptrie_get(w->s->edges, &k);
	was = old ? ((const struct urpf_edge *)old->val)->n : 0;
	is = was + d->n;
	assert(!old || was > 0);
	assert(is >= 0); /* nothing is taken away that was not counted */
	if (is == was)
		return 0;
	if (is <= 0) {
		rc = ptrie_del(&w->o->heap, &w->s->edges, &k);
		return rc == MANRS_ENOMEM ? rc : was > 0;
	}
	e = heap_new(&w->o->heap, sizeof *e, URPF_PLAIN);
	if (!e)
		return MANRS_ENOMEM;
	e->n = is;
	rc = ptrie_set(&w->o->heap, &w->s->edges, &k, e);
	if (rc < 0)
		heap_drop(&w->o->heap, e);
	return rc < 0 ? rc : was == 0;
}

/* returns 1 when some edge came or went, 0, or MANRS_ENOMEM. */
static int edges_update(struct urpf_work *w, const struct vec *touched, bool whole)
{
	struct vec v = {0};
	int rc = MANRS_OK, changed = whole;

	for (unsigned f = 0; whole && f < 2; f++)
		for (const struct ptrie_node *n = ptrie_next(w->s->rib[f], NULL);
		     n && rc == MANRS_OK;) {
			manrs_prefix p = ptrie_key_prefix(n->key, n->bits, f ? 6 : 4);

			rc = deltas_rec(w, &v, w->s, &p, 1) ? MANRS_OK : MANRS_ENOMEM;
			n = ptrie_after(w->s->rib[f], n);
		}
	for (size_t i = 0; !whole && i < touched->n && rc == MANRS_OK; i++) {
		const manrs_prefix *p = (const manrs_prefix *)touched->at + i;

		if (!deltas_rec(w, &v, w->base, p, -1) || !deltas_rec(w, &v, w->s, p, 1))
			rc = MANRS_ENOMEM;
	}
	if (rc == MANRS_OK && !deltas_fold(w, &v))
		rc = MANRS_ENOMEM;
	for (size_t i = 0; i < v.n && rc == MANRS_OK; i++) {
		int one = edge_apply(w, (const struct delta *)v.at + i);

		if (one < 0)
			rc = one;
		else
			changed |= one;
	}
	vec_free(&w->o->heap.mem, &v, sizeof(struct delta));
	return rc == MANRS_OK ? changed : rc;
}

/* ---- cones: BAR-SAV section 4, procedure X ---- */

/* A set of AS numbers in the order they came: the queue of the rounds. */
struct asns {
	struct vec q; /* uint32_t */
	struct slots index;
};

/* The numbers are other people's: of paths and of ASPAs. */
static uint64_t asn_hash(const struct asns *a, uint32_t asn)
{
	uint64_t word = asn;

	return slots_hash(a->index.seed, &word, sizeof word);
}

/* returns false: no memory. */
static bool asns_add(struct urpf_work *w, struct asns *a, uint32_t asn)
{
	const manrs_alloc *mem = &w->o->heap.mem;
	size_t at, i;
	uint64_t hash;
	uint32_t *new;

	if (asn == 0)
		return true;
	if (!slots_reserve(mem, &a->index, a->q.n + 1))
		return false;
	hash = asn_hash(a, asn);
	for (at = slots_home(&a->index, hash); slots_next(&a->index, hash, &at, &i);)
		if (((const uint32_t *)a->q.at)[i] == asn)
			return true;
	new = vec_push(mem, &a->q, sizeof *new);
	if (!new)
		return false;
	*new = asn;
	slots_put(&a->index, hash, a->q.n - 1);
	return true;
}

static void asns_free(struct urpf_work *w, struct asns *a)
{
	vec_free(&w->o->heap.mem, &a->q, sizeof(uint32_t));
	slots_free(&w->o->heap.mem, &a->index);
}

static bool seed(struct urpf_work *w, struct asns *a, const struct urpf_iface *f)
{
	bool ok = asns_add(w, a, f->asn);

	for (uint32_t i = 0; i < f->n_acl && ok; i++)
		ok = asns_add(w, a, f->acl[i]);
	return ok;
}

/* A of a round: whose ASPA lists z as a provider, special-purpose numbers dropped. */
static bool grow_aspa(struct urpf_work *w, struct asns *a, uint32_t z)
{
	const struct urpf_view *v = w->s->view;
	const uint32_t *at = v->customers.at;
	const manrs_aspa_pair *pair = v->aspas.at;
	bool ok = true;

	for (size_t i = view_customers(v, z); ok && i < v->customers.n && pair[at[i]].provider == z;
	     i++)
		if (manrs_asn_class(pair[at[i]].customer) == MANRS_ASN_PUBLIC)
			ok = asns_add(w, a, pair[at[i]].customer);
	return ok;
}

/* B of a round: the customers of z by AS paths. */
static bool grow_paths(struct urpf_work *w, struct asns *a, uint32_t z)
{
	struct ptrie_key k = urpf_key_asn(z);
	const struct ptrie_node *n = ptrie_first_in(w->s->edges, &k);
	bool ok = true;

	for (; n && get32(n->key) == z && ok; n = ptrie_after(w->s->edges, n))
		ok = asns_add(w, a, get32(n->key + 4));
	return ok;
}

/* The rounds: every AS of the queue is asked once, for A and B together. */
static bool closure(struct urpf_work *w, struct asns *a, bool paths)
{
	bool ok = true;

	for (size_t i = 0; i < a->q.n && ok; i++) {
		uint32_t z = ((const uint32_t *)a->q.at)[i];

		ok = grow_aspa(w, a, z) && (!paths || grow_paths(w, a, z));
	}
	return ok;
}

static bool cone_out(struct urpf_work *w, struct vec *out, const struct asns *a, uint16_t iface)
{
	if (!vec_reserve(&w->o->heap.mem, out, a->q.n, sizeof(struct urpf_cone)))
		return false;
	for (size_t i = 0; i < a->q.n; i++)
		((struct urpf_cone *)out->at)[out->n++] =
			(struct urpf_cone){((const uint32_t *)a->q.at)[i], iface, 0};
	return true;
}

static int cone_cmp(const void *a, const void *b)
{
	const struct urpf_cone *x = a, *y = b;

	if (x->asn != y->asn)
		return x->asn < y->asn ? -1 : 1;
	return (x->iface > y->iface) - (x->iface < y->iface);
}

static bool cones_all(struct urpf_work *w, struct vec *out)
{
	struct asns du = {0};
	bool ok = true;

	slots_seed(&du.index, w->o->hash_seed);
	for (uint32_t i = 0; i < w->s->ifaces->n && ok; i++) {
		const struct urpf_iface *f = &w->s->ifaces->at[i];
		struct asns d = {0};

		slots_seed(&d.index, w->o->hash_seed);
		if (f->live && f->role == MANRS_ROLE_CUSTOMER && w->pi)
			ok = seed(w, &du, f);
		if (!ok || !f->live || !mode_in(f->effective, MODES_CONE))
			continue;
		ok = seed(w, &d, f) && closure(w, &d, mode_in(f->effective, MODES_CONE_ROUTES)) &&
		     cone_out(w, out, &d, (uint16_t)i);
		asns_free(w, &d);
	}
	/* the closure of the union is the union of the closures: BAR-SAV-PI step 2 */
	ok = ok && closure(w, &du, true) && cone_out(w, out, &du, MANRS_URPF_NO_IFACE);
	asns_free(w, &du);
	return ok &&
	       merge_items(&w->o->heap.mem, out->at, out->n, sizeof(struct urpf_cone), cone_cmp);
}

/* What stands in one of two sorted lists of cones and not in the other. */
static int cones_diff(struct urpf_work *w, const struct urpf_cones *was,
		      const struct urpf_cones *is)
{
	uint64_t i = 0, j = 0, n = was ? was->n : 0;
	uint32_t last = 0;
	int rc = MANRS_OK;

	while ((i < n || j < is->n) && rc == MANRS_OK && !w->all) {
		int c = i >= n ? 1 : j >= is->n ? -1 : cone_cmp(&was->at[i], &is->at[j]);
		const struct urpf_cone *x = c <= 0 ? &was->at[i] : &is->at[j];

		i += c <= 0;
		j += c >= 0;
		if (c == 0)
			continue;
		if (x->iface == MANRS_URPF_NO_IFACE)
			w->all = true; /* step 5 looks at every hop of every path */
		else if (x->asn != last)
			rc = urpf_dirty_asn(w, x->asn);
		last = x->asn;
	}
	return rc;
}

int urpf_index_cones(struct urpf_work *w, const struct vec *touched)
{
	/* Which routes count follows from the db and from the role and AS of their interfaces. */
	bool whole = !w->base || !w->base->has_edges || w->base->view != w->s->view ||
		     w->base->ifaces != w->s->ifaces;
	struct vec out = {0};
	struct urpf_cones *c;
	int rc;

	if (!w->cones)
		return MANRS_OK;
	w->s->has_edges = 1;
	if (!whole)
		w->s->edges = heap_ref(w->base->edges);
	rc = edges_update(w, touched, whole);
	if (rc < 0)
		return rc;
	if (!rc && w->base->ifaces == w->s->ifaces) {
		w->s->cones = heap_ref(w->base->cones);
		return MANRS_OK;
	}
	assert(!w->s->cones);
	c = cones_all(w, &out)
		    ? heap_new(&w->o->heap, sizeof *c + out.n * sizeof *c->at, URPF_PLAIN)
		    : NULL;
	if (c) {
		c->n = out.n;
		if (out.n)
			memcpy(c->at, out.at, out.n * sizeof *c->at);
		for (uint64_t i = 1; i < c->n; i++)
			assert(cone_cmp(&c->at[i - 1], &c->at[i]) <
			       0); /* an AS is in a cone once */
		w->s->cones = c;
	}
	vec_free(&w->o->heap.mem, &out, sizeof *c->at);
	return c ? cones_diff(w, w->base ? w->base->cones : NULL, c) : MANRS_ENOMEM;
}

const struct urpf_cone *urpf_cones_of(const manrs_urpf *s, uint32_t asn, size_t *n)
{
	const struct urpf_cones *c = s->cones;
	uint64_t lo = 0, hi = c ? c->n : 0, end;

	while (lo < hi) {
		uint64_t mid = lo + (hi - lo) / 2;

		if (c->at[mid].asn < asn)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (end = lo; c && end < c->n && c->at[end].asn == asn; end++)
		;
	*n = (size_t)(end - lo);
	return *n ? &c->at[lo] : NULL;
}

bool urpf_in_du(const manrs_urpf *s, uint32_t asn)
{
	size_t n;
	const struct urpf_cone *c = urpf_cones_of(s, asn, &n);

	return c && c[n - 1].iface == MANRS_URPF_NO_IFACE;
}
