/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What one prefix says for a check: from its entries, what was put in by hand, the cones of its origins and the db.
 *
 *     entries ----> routes by interface (strict, feasible), discard
 *     by hand ----> always-deny, always-allow, lists, our own
 *     origins ----> member of the lists of EFP-A, EFP-B, BAR-SAV
 *     VRPs, IRR --> member of the lists of BAR-SAV, procedure X, and of those that augment
 *     all of it --> BAR-SAV-PI: provably the customers' alone
 *
 * An algorithm's member that the newer state no longer has is held until its time is over (RFC 8704 section 3.2).
 */

#include "urpf/urpf_work.h"

#include "base/merge.h"
#include "urpf/urpf_rule.h"
#include "urpf/urpf_view.h"

#include <assert.h>

/* ---- items ---- */

static bool item_add(struct urpf_work *w, uint16_t iface, enum urpf_kind kind, int step,
		     uint32_t asn)
{
	struct urpf_item *it = vec_push(&w->o->heap.mem, &w->items, sizeof *it);

	assert(iface == MANRS_URPF_NO_IFACE || urpf_iface_of(w->s, iface));
	assert(kind != SAYS_ROUTE || iface != MANRS_URPF_NO_IFACE);
	assert(kind != SAYS_EFP_B || iface == MANRS_URPF_NO_IFACE);
	if (!it)
		return false;
	*it = (struct urpf_item){iface, (uint8_t)kind, (uint8_t)step, asn, 0};
	return true;
}

/* What tells items of one kind apart beside the interface: whom they mean, or which refusal it is. */
static int item_class(const struct urpf_item *it)
{
	return it->kind == SAYS_PI_NO ? it->step : (int)item_mask(it);
}

static int item_cmp(const void *a, const void *b)
{
	const struct urpf_item *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->iface != y->iface)
		return x->iface < y->iface ? -1 : 1;
	if (item_class(x) != item_class(y))
		return item_class(x) < item_class(y) ? -1 : 1;
	if (x->step != y->step)
		return x->step < y->step ? -1 : 1;
	return (x->asn > y->asn) - (x->asn < y->asn);
}

static bool item_alike(const struct urpf_item *x, const struct urpf_item *y)
{
	return x->kind == y->kind && x->iface == y->iface && item_class(x) == item_class(y);
}

/* In order, one of each. */
static bool items_fold(struct urpf_work *w)
{
	struct urpf_item *it = w->items.at;
	size_t n = 0;

	if (!merge_items(&w->o->heap.mem, it, w->items.n, sizeof *it, item_cmp))
		return false;
	for (size_t i = 0; i < w->items.n; i++)
		if (!n || !item_alike(&it[n - 1], &it[i]))
			it[n++] = it[i];
	w->items.n = n;
	for (size_t i = 1; i < n; i++)
		assert(item_cmp(&it[i - 1], &it[i]) < 0);
	return true;
}

/* ---- from the entries ---- */

static uint8_t flags_of(const struct urpf_record *r)
{
	bool best = false, discard = false, best_discard = false;

	for (uint32_t i = 0; i < r->n; i++) {
		bool b = r->entry[i].flags & MANRS_URPF_BEST,
		     d = r->entry[i].flags & MANRS_URPF_DISCARD;

		best |= b;
		discard |= d;
		best_discard |= b && d;
	}
	return (uint8_t)((r->n ? CAND_ROUTE : 0) | (best ? CAND_BEST : 0) |
			 ((best ? best_discard : discard) ? CAND_DISCARD : 0));
}

static bool add_routes(struct urpf_work *w, const struct urpf_record *r)
{
	for (uint32_t i = 0; i < r->n;) {
		uint16_t iface = r->entry[i].iface;
		const struct urpf_iface *f = urpf_iface_of(w->s, iface);
		int best = 0;

		for (; i < r->n && r->entry[i].iface == iface; i++)
			best |= (r->entry[i].flags & MANRS_URPF_BEST) != 0;
		if (f && mode_in(f->effective, MODES_BY_IFACE) &&
		    !item_add(w, iface, SAYS_ROUTE, best, 0))
			return false;
	}
	return true;
}

static bool add_hand(struct urpf_work *w, const struct urpf_record *r)
{
	for (uint32_t i = 0; i < r->n_hand; i++) {
		struct urpf_manual x = urpf_record_manual(r)[i];
		const struct urpf_iface *f = urpf_iface_of(w->s, x.iface);
		bool ok = true;

		if (x.kind == MANRS_URPF_PREFIX_DENY)
			ok = item_add(w, x.iface, SAYS_DENY, MANRS_URPF_STEP_ALWAYS_DENY, 0);
		else if (x.kind == MANRS_URPF_PREFIX_ALLOW)
			ok = item_add(w, x.iface, SAYS_ALLOW, MANRS_URPF_STEP_ALWAYS_ALLOW, 0);
		else if (x.kind == MANRS_URPF_PREFIX_LINK)
			ok = item_add(w, x.iface, SAYS_ALLOW, MANRS_URPF_STEP_LINK, 0);
		else if (x.kind == MANRS_URPF_PREFIX_LOCAL)
			ok = item_add(w, x.iface, SAYS_PI_NO, MANRS_URPF_STEP_PI_LOCAL, 0);
		else if (x.iface == MANRS_URPF_NO_IFACE || (f && mode_in(f->effective, MODES_LIST)))
			ok = item_add(w, x.iface, SAYS_MEMBER, MANRS_URPF_STEP_LISTED, 0);
		if (!ok)
			return false;
	}
	return true;
}

/* ---- EFP: RFC 8704 ---- */

/* Section 3.1 step 3: the set X of this origin goes on these lists. */
static bool add_efp_a(struct urpf_work *w, const struct urpf_efp *e, uint32_t asn, int step,
		      uint32_t option)
{
	for (uint32_t i = 0; e && i < e->n; i++) {
		const struct urpf_iface *f = urpf_iface_of(w->s, e->iface[i]);

		if (f && (!option || f->options & option) &&
		    !item_add(w, e->iface[i], SAYS_MEMBER, step, asn))
			return false;
	}
	return true;
}

static bool add_efp(struct urpf_work *w, const struct urpf_record *r)
{
	bool ok = true;

	for (uint32_t i = 0; i < r->n && ok; i++) {
		const struct urpf_entry *x = &r->entry[i];
		const struct urpf_iface *f = urpf_iface_of(w->s, x->iface);
		const struct urpf_efp *e = urpf_efp_of(w->s, x->origin);

		if (!urpf_sent(w->s, x))
			continue;
		ok = add_efp_a(w, e, x->origin, MANRS_URPF_STEP_EFP_A, 0);
		if (!ok || !w->efp_b)
			continue;
		/* section 3.4: P, what customers announce; Q, what others do with an origin in A */
		if (f && f->role == MANRS_ROLE_CUSTOMER)
			ok = item_add(w, MANRS_URPF_NO_IFACE, SAYS_EFP_B, MANRS_URPF_STEP_EFP_B_P,
				      x->origin);
		else if (e)
			ok = item_add(w, MANRS_URPF_NO_IFACE, SAYS_EFP_B, MANRS_URPF_STEP_EFP_B_Q,
				      x->origin);
	}
	return ok;
}

/* Section 3.5: what the db says of the ASes in A. */
static bool add_augment(struct urpf_work *w, const manrs_prefix *p, const struct vec *routes,
			int step, uint32_t option)
{
	size_t n;
	const manrs_route *r = view_at_prefix(routes, p, &n);
	bool ok = true;

	for (size_t i = 0; i < n && ok; i++) {
		const struct urpf_efp *e = urpf_efp_of(w->s, r[i].asn);

		ok = add_efp_a(w, e, r[i].asn, step, option);
		if (ok && e && w->efp_b)
			ok = item_add(w, MANRS_URPF_NO_IFACE, SAYS_EFP_B, step, r[i].asn);
	}
	return ok;
}

/* ---- BAR-SAV section 4 ---- */

static bool add_cone(struct urpf_work *w, uint32_t asn, int step)
{
	size_t n;
	const struct urpf_cone *c = urpf_cones_of(w->s, asn, &n);

	for (size_t i = 0; i < n && c[i].iface != MANRS_URPF_NO_IFACE; i++) {
		const struct urpf_iface *f = urpf_iface_of(w->s, c[i].iface);

		if (!f || (step == MANRS_URPF_STEP_BAR_ROUTE &&
			   !mode_in(f->effective, MODES_CONE_ROUTES)))
			continue;
		if (!item_add(w, c[i].iface, SAYS_MEMBER, step, asn))
			return false;
	}
	return true;
}

static bool add_bar(struct urpf_work *w, const manrs_prefix *p, const struct urpf_record *r)
{
	size_t n;
	const manrs_route *v = view_at_prefix(&w->s->view->vrp, p, &n);
	bool ok = true;

	for (size_t i = 0; i < n && ok; i++)
		ok = add_cone(w, v[i].asn, MANRS_URPF_STEP_BAR_ROA);
	for (uint32_t i = 0; r && i < r->n && ok; i++) {
		const struct urpf_entry *x = &r->entry[i];

		if (x->origin && urpf_cones_of(w->s, x->origin, &n) && urpf_usable(w->s, p, x))
			ok = add_cone(w, x->origin, MANRS_URPF_STEP_BAR_ROUTE);
	}
	return ok;
}

/* ---- hysteresis ---- */

/* Whether an algorithm put it there, for interfaces that are what they were. */
static bool may_hold(const struct urpf_work *w, const struct urpf_item *it)
{
	const struct urpf_iface *is, *was;

	if (it->kind == SAYS_EFP_B)
		return w->efp_b;
	if (it->kind != SAYS_MEMBER || it->step == MANRS_URPF_STEP_LISTED)
		return false;
	is = urpf_iface_of(w->s, it->iface);
	was = urpf_iface_of(w->base, it->iface);
	return is && was && is->gen == was->gen && is->effective == was->effective;
}

/* Add what the older candidate had and this one has not, with the time that is left. */
static bool add_held(struct urpf_work *w, const struct urpf_candidate *was)
{
	size_t n = w->items.n;

	for (uint32_t i = 0; was && i < was->n; i++) {
		struct urpf_item it = was->item[i], *to;
		bool there = false;

		for (size_t k = 0; k < n && !there; k++)
			there = item_alike(&((struct urpf_item *)w->items.at)[k], &it);
		if (there || !may_hold(w, &it))
			continue;
		if (!it.until_ms)
			it.until_ms = w->now_ms + w->o->hold_ms;
		if (it.until_ms <= w->now_ms)
			continue;
		assert(it.kind == SAYS_MEMBER || it.kind == SAYS_EFP_B);
		to = vec_push(&w->o->heap.mem, &w->items, sizeof *to);
		if (!to)
			return false;
		*to = it;
	}
	return true;
}

/* A route that PI begins to refuse passes for the hold time. */
static void delay_pi(struct urpf_work *w, const struct urpf_candidate *was)
{
	struct urpf_item *it = w->items.at;

	for (size_t i = 0; was && i < w->items.n; i++) {
		bool found = false;

		if (it[i].kind != SAYS_PI_NO || it[i].step != MANRS_URPF_STEP_PI_CONE)
			continue;
		for (uint32_t k = 0; k < was->n; k++)
			if (item_alike(&was->item[k], &it[i])) {
				found = true;
				it[i].until_ms = was->item[k].until_ms;
			}
		if (!found && was->flags & CAND_ROUTE)
			it[i].until_ms = w->now_ms + w->o->hold_ms;
		if (it[i].until_ms <= w->now_ms)
			it[i].until_ms = 0;
	}
}

/* ---- a prefix ---- */

static bool gather(struct urpf_work *w, const manrs_prefix *p, const struct urpf_record *r)
{
	const struct urpf_view *v = w->s->view;
	bool ok = true;

	if (r) {
		ok = (!w->routes_by_iface || add_routes(w, r)) && add_hand(w, r) &&
		     (!w->efp || add_efp(w, r));
		if (ok && w->pi && v && urpf_pi_cone(w, p, r))
			ok = item_add(w, MANRS_URPF_NO_IFACE, SAYS_PI_NO, MANRS_URPF_STEP_PI_CONE,
				      0);
	}
	if (ok && w->augment_roa && v)
		ok = add_augment(w, p, &v->vrp, MANRS_URPF_STEP_ROA, MANRS_URPF_AUGMENT_ROA);
	if (ok && w->augment_irr && v)
		ok = add_augment(w, p, &v->irr, MANRS_URPF_STEP_IRR, MANRS_URPF_AUGMENT_IRR);
	if (ok && w->bar && v)
		ok = add_bar(w, p, r);
	return ok;
}

static struct ptrie_key key_hold(const manrs_prefix *p, uint64_t until)
{
	struct ptrie_key k = {.bits = 192};
	uint8_t t[8];

	put64(t, until << 16);
	memcpy(k.at, t, 6);
	k.at[6] = p->family;
	memcpy(k.at + 7, p->addr, 16);
	k.at[23] = p->len;
	return k;
}

/* Put the ends of a candidate's times into the index, or take them out. */
static int holds_set(struct urpf_work *w, const manrs_prefix *p, const struct urpf_candidate *c,
		     bool in)
{
	for (uint32_t i = 0; c && i < c->n; i++) {
		struct ptrie_key k = key_hold(p, c->item[i].until_ms);
		int rc;

		if (!c->item[i].until_ms)
			continue;
		rc = in ? ptrie_set(&w->o->heap, &w->s->holds, &k, NULL)
			: ptrie_del(&w->o->heap, &w->s->holds, &k);
		if (rc == MANRS_ENOMEM)
			return rc;
		if (in ? rc == 1 : rc == MANRS_OK)
			w->s->n_held += in ? 1 : (uint64_t)-1;
		assert(w->s->n_held != UINT64_MAX);
	}
	return MANRS_OK;
}

static bool cand_same(const struct urpf_candidate *a, const struct urpf_candidate *b)
{
	return a->n == b->n && a->flags == b->flags && a->martian == b->martian &&
	       (!a->n || !memcmp(a->item, b->item, a->n * sizeof *a->item));
}

/* Put c, or nothing, in the place of was. c is taken over. */
static int cand_put(struct urpf_work *w, const manrs_prefix *p, const struct urpf_candidate *was,
		    struct urpf_candidate *c)
{
	struct ptrie_key k = ptrie_key_of(p);
	struct ptrie_node **root = &w->s->cand[family_index(p)];
	manrs_prefix *note = vec_push(&w->o->heap.mem, &w->changed[family_index(p)], sizeof *note);
	int rc = note ? holds_set(w, p, was, false) : MANRS_ENOMEM;

	if (rc == MANRS_OK && c)
		rc = holds_set(w, p, c, true);
	if (rc == MANRS_OK)
		rc = c ? ptrie_set(&w->o->heap, root, &k, c) : ptrie_del(&w->o->heap, root, &k);
	if (rc < 0) {
		heap_drop(&w->o->heap, c);
		return rc;
	}
	*note = *p;
	assert(was || c);
	assert(c || w->s->n_cand > 0);
	w->s->n_cand += !was;
	w->s->n_cand -= !c;
	return MANRS_OK;
}

int urpf_derive(struct urpf_work *w, const manrs_prefix *p)
{
	const struct urpf_record *r = urpf_record_get(w->s->rib, p);
	const struct urpf_candidate *was = urpf_candidate_get(w->s, p);
	enum urpf_martian martian = urpf_martian_of(p);
	uint8_t flags = r ? flags_of(r) : 0;
	struct urpf_candidate *c = NULL;

	w->items.n = 0;
	if (!gather(w, p, r) || !items_fold(w))
		return MANRS_ENOMEM;
	if (w->base && w->o->hold_ms) {
		delay_pi(w, was);
		if (!add_held(w, was) || !items_fold(w))
			return MANRS_ENOMEM;
	}
	if (w->items.n || flags || martian) {
		c = heap_new(&w->o->heap, sizeof *c + w->items.n * sizeof *c->item, URPF_PLAIN);
		if (!c)
			return MANRS_ENOMEM;
		c->n = (uint32_t)w->items.n;
		c->flags = flags;
		c->martian = (uint8_t)martian;
		if (c->n)
			memcpy(c->item, w->items.at, c->n * sizeof *c->item);
	}
	if ((!c && !was) || (c && was && cand_same(c, was))) {
		heap_drop(&w->o->heap, c);
		return MANRS_OK;
	}
	return cand_put(w, p, was, c);
}
