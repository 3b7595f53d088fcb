/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which origins stand behind which interface, for EFP-uRPF: indexes kept up to date route by route.
 *
 *   origins  asn -> its prefixes in all Adj-RIB-Ins                        (RFC 8704: the sets X)
 *   efp      asn -> in the set A? and the EFP-A interfaces that got one of X (RFC 8704 section 3.1 steps 1-3)
 *
 * And entries judged by the db, for BAR-SAV.
 */

#include "urpf/urpf_work.h"

#include "base/merge.h"
#include "urpf/urpf_view.h"

#include <assert.h>
#include <manrs/aspa.h>
#include <manrs/rov.h>

/* ---- entries against the db ---- */

int urpf_rov(const manrs_urpf *s, const manrs_prefix *p, uint32_t origin)
{
	manrs_route r = {*p, origin};

	return s->view ? manrs_rov_check(s->view->db, &r) : MANRS_ROV_NOT_FOUND;
}

int urpf_aspa(const manrs_urpf *s, const struct urpf_entry *x)
{
	const struct urpf_iface *f;
	manrs_path path;

	if (!s->view || !x->path || !urpf_sent(s, x))
		return -1;
	f = &s->ifaces->at[x->iface];
	path = (manrs_path){x->path->asn,
			    x->path->kinds ? (const uint8_t *)(x->path->asn + x->path->n) : NULL,
			    x->path->n, 0};
	return manrs_aspa_check(s->view->db, &path, f->asn, f->role,
				f->asn ? 0 : MANRS_ASPA_ANY_NEIGHBOUR);
}

bool urpf_usable(const manrs_urpf *s, const manrs_prefix *p, const struct urpf_entry *x)
{
	int aspa;

	if (!urpf_sent(s, x) || x->flags & MANRS_URPF_LEAKED ||
	    urpf_rov(s, p, x->origin) == MANRS_ROV_INVALID)
		return false;
	aspa = urpf_aspa(s, x);
	return aspa != MANRS_ASPA_INVALID && aspa != MANRS_ASPA_MALFORMED;
}

/* ---- the index of origins ---- */

static struct ptrie_key key_origin(uint32_t asn, const manrs_prefix *p)
{
	struct ptrie_key k = {.bits = 176};

	put32(k.at, asn);
	k.at[4] = p->family;
	memcpy(k.at + 5, p->addr, 16);
	k.at[21] = p->len;
	return k;
}

static manrs_prefix key_to_prefix(const uint8_t *at)
{
	return ptrie_key_prefix(at + 5, at[21], at[4]);
}

/* Whether one of the first entries was sent with this origin. */
static bool sent_origin(const manrs_urpf *s, const struct urpf_record *r, uint32_t upto,
			uint32_t asn)
{
	for (uint32_t i = 0; i < upto; i++)
		if (r->entry[i].origin == asn && urpf_sent(s, &r->entry[i]))
			return true;
	return false;
}

/* Take what `from` has sent and `other` has not out of the index, or put it in. */
static int origins_move(struct urpf_work *w, const manrs_prefix *p, const manrs_urpf *of,
			const struct urpf_record *from, const manrs_urpf *than,
			const struct urpf_record *other, bool in)
{
	struct heap *h = &w->o->heap;
	int rc = MANRS_OK;

	for (uint32_t i = 0; from && i < from->n && rc >= 0; i++) {
		uint32_t asn = from->entry[i].origin;
		struct ptrie_key k = key_origin(asn, p);

		if (!asn || !urpf_sent(of, &from->entry[i]) || sent_origin(of, from, i, asn) ||
		    (other && sent_origin(than, other, other->n, asn)))
			continue;
		rc = in ? ptrie_set(h, &w->s->origins, &k, NULL) : ptrie_del(h, &w->s->origins, &k);
		if (rc == MANRS_ENOENT)
			rc = MANRS_OK;
	}
	return rc < 0 ? rc : MANRS_OK;
}

static int origins_update(struct urpf_work *w, const manrs_prefix *p)
{
	const struct urpf_record *was = w->origins_whole ? NULL : urpf_record_get(w->base->rib, p);
	const struct urpf_record *is = urpf_record_get(w->s->rib, p);
	int rc = origins_move(w, p, w->base, was, w->s, is, false);

	return rc == MANRS_OK ? origins_move(w, p, w->s, is, w->base, was, true) : rc;
}

/* Call one for every touched prefix, or for all in the RIB when the index is not there yet. */
static int for_touched(struct urpf_work *w, const struct vec *touched, bool whole,
		       int (*one)(struct urpf_work *, const manrs_prefix *))
{
	int rc = MANRS_OK;

	for (size_t i = 0; !whole && i < touched->n && rc == MANRS_OK; i++)
		rc = one(w, (const manrs_prefix *)touched->at + i);
	for (unsigned f = 0; whole && f < 2; f++) {
		const struct ptrie_node *n = ptrie_next(w->s->rib[f], NULL);

		while (n && rc == MANRS_OK) {
			manrs_prefix p = ptrie_key_prefix(n->key, n->bits, f ? 6 : 4);

			rc = one(w, &p);
			n = ptrie_after(w->s->rib[f], n);
		}
	}
	return rc;
}

int urpf_index_origins(struct urpf_work *w, const struct vec *touched)
{
	/* whose interfaces have a neighbour follows from the interfaces */
	w->origins_whole = !w->base || !w->base->has_origins || w->base->ifaces != w->s->ifaces;
	if (!w->efp && !w->cones)
		return MANRS_OK;
	w->s->has_origins = 1;
	if (!w->origins_whole)
		w->s->origins = heap_ref(w->base->origins);
	return for_touched(w, touched, w->origins_whole, origins_update);
}

static int dirty_add(struct urpf_work *w, const manrs_prefix *p)
{
	manrs_prefix *d = vec_push(&w->o->heap.mem, &w->dirty, sizeof *d);

	if (!d)
		return MANRS_ENOMEM;
	*d = *p;
	d->maxlen = p->len;
	return MANRS_OK;
}

static int dirty_index(struct urpf_work *w, const struct vec *routes, const struct vec *index,
		       uint32_t asn)
{
	size_t n, at = view_by_asn(routes, index, asn, &n);
	int rc = MANRS_OK;

	for (size_t i = 0; i < n && rc == MANRS_OK; i++)
		rc = dirty_add(
			w, &((const manrs_route *)routes->at)[((const uint32_t *)index->at)[at + i]]
				    .prefix);
	return rc;
}

int urpf_dirty_asn(struct urpf_work *w, uint32_t asn)
{
	struct ptrie_key k = urpf_key_asn(asn);
	const struct ptrie_node *n = ptrie_first_in(w->s->origins, &k);
	int rc = MANRS_OK;

	for (; n && get32(n->key) == asn && rc == MANRS_OK; n = ptrie_after(w->s->origins, n)) {
		manrs_prefix p = key_to_prefix(n->key);

		rc = dirty_add(w, &p);
	}
	if (rc == MANRS_OK && w->s->view && (w->cones || w->augment_roa))
		rc = dirty_index(w, &w->s->view->vrp, &w->s->view->vrp_asn, asn);
	if (rc == MANRS_OK && w->s->view && w->augment_irr)
		rc = dirty_index(w, &w->s->view->irr, &w->s->view->irr_asn, asn);
	return rc;
}

/* ---- EFP: RFC 8704 section 3.1 ---- */

const struct urpf_efp *urpf_efp_of(const manrs_urpf *s, uint32_t asn)
{
	struct ptrie_key k = urpf_key_asn(asn);
	const struct ptrie_node *n = asn ? ptrie_get(s->efp, &k) : NULL;

	return n ? n->val : NULL;
}

/* Steps 1 to 3 for one origin: whether it is in A, and the interfaces that received one of its prefixes. */
static int efp_gather(struct urpf_work *w, uint32_t asn, uint64_t *got, bool *in_a)
{
	const manrs_urpf *s = w->s;
	struct ptrie_key k = urpf_key_asn(asn);
	const struct ptrie_node *n = ptrie_first_in(s->origins, &k);
	int ifaces = 0;

	for (; n && get32(n->key) == asn; n = ptrie_after(s->origins, n)) {
		manrs_prefix p = key_to_prefix(n->key);
		const struct urpf_record *r = urpf_record_get(s->rib, &p);

		for (uint32_t i = 0; r && i < r->n; i++) {
			const struct urpf_entry *x = &r->entry[i];

			if (x->iface >= s->ifaces->n ||
			    s->ifaces->at[x->iface].role != MANRS_ROLE_CUSTOMER)
				continue;
			*in_a |= x->origin == asn;
			if (s->ifaces->at[x->iface].effective != MANRS_URPF_EFP_A)
				continue;
			assert(urpf_iface_of(s,
					     x->iface)); /* those of removed ones were swept out */
			ifaces += !(got[x->iface / 64] >> x->iface % 64 & 1);
			got[x->iface / 64] |= UINT64_C(1) << x->iface % 64;
		}
	}
	return *in_a ? ifaces : 0;
}

static int efp_update(struct urpf_work *w, uint32_t asn)
{
	size_t words = w->s->ifaces->n / 64 + 1;
	uint64_t *got = mem_zalloc(&w->o->heap.mem, words * 8);
	const struct urpf_efp *was = w->base ? urpf_efp_of(w->base, asn) : NULL;
	struct ptrie_key k = urpf_key_asn(asn);
	struct urpf_efp *is = NULL;
	bool in_a = false, same;
	int n, rc = MANRS_OK;

	if (!got)
		return MANRS_ENOMEM;
	n = efp_gather(w, asn, got, &in_a);
	if (in_a) {
		is = heap_new(&w->o->heap, sizeof *is + (size_t)n * 2, URPF_PLAIN);
		rc = is ? MANRS_OK : MANRS_ENOMEM;
	}
	for (size_t i = 0; is && n && i < words; i++)
		for (uint64_t bits = got[i]; bits; bits &= bits - 1)
			is->iface[is->n++] = (uint16_t)(64 * i + cc_ctz64(bits));
	mem_free(&w->o->heap.mem, got, words * 8);
	assert(!is || is->n == (uint32_t)n);
	if (rc != MANRS_OK)
		return rc;
	same = !was == !is &&
	       (!is || (was->n == is->n && !memcmp(was->iface, is->iface, 2 * (size_t)is->n)));
	if (is) {
		is->in_a = 1;
		rc = ptrie_set(&w->o->heap, &w->s->efp, &k, is);
		if (rc < 0)
			heap_drop(&w->o->heap, is);
	} else {
		rc = ptrie_del(&w->o->heap, &w->s->efp, &k);
	}
	if (rc == MANRS_ENOMEM)
		return rc;
	return same || w->all ? MANRS_OK : urpf_dirty_asn(w, asn);
}

static int asn_cmp(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static bool any_origin(const struct urpf_record *r, uint32_t upto, uint32_t asn)
{
	for (uint32_t i = 0; i < upto; i++)
		if (r->entry[i].origin == asn)
			return true;
	return false;
}

static int asns_of(struct urpf_work *w, const struct urpf_record *r)
{
	for (uint32_t i = 0; r && i < r->n; i++) {
		uint32_t *asn;

		if (!r->entry[i].origin || any_origin(r, i, r->entry[i].origin))
			continue;
		asn = vec_push(&w->o->heap.mem, &w->asns, sizeof *asn);
		if (!asn)
			return MANRS_ENOMEM;
		*asn = r->entry[i].origin;
	}
	return MANRS_OK;
}

static int asns_touched(struct urpf_work *w, const manrs_prefix *p)
{
	int rc = asns_of(w, urpf_record_get(w->s->rib, p));

	return rc == MANRS_OK && w->base ? asns_of(w, urpf_record_get(w->base->rib, p)) : rc;
}

int urpf_index_efp(struct urpf_work *w, const struct vec *touched)
{
	bool whole = !w->base || !w->base->has_efp || w->s->ifaces != w->base->ifaces;
	const uint32_t *asn;
	int rc;

	if (!w->efp)
		return MANRS_OK;
	w->s->has_efp = 1;
	if (!whole)
		w->s->efp = heap_ref(w->base->efp);
	w->asns.n = 0;
	rc = for_touched(w, touched, whole, asns_touched);
	if (rc != MANRS_OK ||
	    !merge_items(&w->o->heap.mem, w->asns.at, w->asns.n, sizeof *asn, asn_cmp))
		return MANRS_ENOMEM;
	asn = w->asns.at;
	for (size_t i = 0; i < w->asns.n && rc == MANRS_OK; i++)
		if (i == 0 || asn[i] != asn[i - 1])
			rc = efp_update(w, asn[i]);
	return rc;
}
