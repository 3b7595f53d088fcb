/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BAR-SAV-PI steps 1 to 5: whether a prefix is provably the customers' alone, so that nobody else may be its source.
 */

#include "urpf/urpf_view.h"
#include "urpf/urpf_work.h"
#include <manrs/aspa.h>
#include <manrs/rov.h>

/* Steps 1, 2: p is in Qu, the union of the customers' allow lists. */
static bool pi_in_qu(const struct urpf_work *w, const manrs_prefix *p, const struct urpf_record *r)
{
	size_t n;
	const manrs_route *v = view_at_prefix(&w->s->view->vrp, p, &n);

	for (size_t i = 0; i < n; i++)
		if (urpf_in_du(w->s, v[i].asn))
			return true;
	for (uint32_t i = 0; i < r->n; i++)
		if (urpf_in_du(w->s, r->entry[i].origin) && urpf_usable(w->s, p, &r->entry[i]))
			return true;
	for (uint32_t i = 0; i < r->n_hand; i++) {
		const struct urpf_iface *f = urpf_iface_of(w->s, urpf_record_manual(r)[i].iface);

		if (urpf_record_manual(r)[i].kind == MANRS_URPF_PREFIX_LIST && f &&
		    f->role == MANRS_ROLE_CUSTOMER)
			return true;
	}
	return false;
}

/* Step 3: the routes from customers are all ROV-Valid and ASPA-Valid. */
static bool pi_valid(const struct urpf_work *w, const manrs_prefix *p, const struct urpf_record *r)
{
	for (uint32_t i = 0; i < r->n; i++) {
		const struct urpf_entry *x = &r->entry[i];
		const struct urpf_iface *f = urpf_iface_of(w->s, x->iface);

		if (!f || f->role != MANRS_ROLE_CUSTOMER)
			continue;
		if (x->flags & MANRS_URPF_LEAKED ||
		    urpf_rov(w->s, p, x->origin) != MANRS_ROV_VALID ||
		    urpf_aspa(w->s, x) != MANRS_ASPA_VALID)
			return false;
	}
	return true;
}

/* Step 4: every origin that ROAs allow for p is in Du. A list that does not fit is not all looked at: no. */
static bool pi_origins(const struct urpf_work *w, const manrs_prefix *p)
{
	manrs_route v[128];
	size_t n = manrs_rov_covering(w->s->view->db, p, v, 128);

	for (size_t i = 0; i < n && i < 128; i++)
		if (v[i].prefix.maxlen >= p->len && v[i].asn && !urpf_in_du(w->s, v[i].asn))
			return false;
	return n <= 128;
}

/*
 * An AS of step 5: in Du, and all its providers too, or we. Du itself has never us in it, whom our customers' ASPAs name;
 * and of an AS without an ASPA no more is known than that it may have other providers.
 */
static bool pi_enclosed(const struct urpf_work *w, uint32_t asn)
{
	const struct urpf_view *v = w->s->view;
	const manrs_aspa_pair *a = v->aspas.at;
	const uint32_t *at = v->providers.at;
	size_t i = view_providers(v, asn), first = i;

	for (; i < v->providers.n && a[at[i]].customer == asn; i++) {
		uint32_t provider = a[at[i]].provider;

		if (provider && provider != w->o->local_as && !urpf_in_du(w->s, provider))
			return false;
	}
	return i > first && urpf_in_du(w->s, asn);
}

/*
 * Step 5: so for every AS of every feasible route, of which there is one. Feasible are those of the Adj-RIB-Ins: our own
 * null route of an aggregate says nothing about who sends from it, and must not take it out of S. A route that a neighbour
 * sent without a path proves nothing.
 */
static bool pi_routes(const struct urpf_work *w, const struct urpf_record *r)
{
	bool any = false;

	for (uint32_t i = 0; i < r->n; i++) {
		const struct urpf_path *path = r->entry[i].path;

		if (!urpf_sent(w->s, &r->entry[i]))
			continue;
		any = true;
		if (!path || !path->n)
			return false;
		for (uint32_t k = 0; k < path->n; k++)
			if ((!k || path->asn[k] != path->asn[k - 1]) &&
			    !pi_enclosed(w, path->asn[k]))
				return false;
	}
	return any;
}

bool urpf_pi_cone(const struct urpf_work *w, const manrs_prefix *p, const struct urpf_record *r)
{
	return w->o->local_as && pi_in_qu(w, p, r) && pi_valid(w, p, r) && pi_origins(w, p) &&
	       pi_routes(w, r);
}
