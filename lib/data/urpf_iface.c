/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The interfaces of an edit. They are one counted array, copied when one of them changes; an interface that goes takes
 * its entries and prefixes with it, so that its handle can be given out again. gen tells the users of a handle apart.
 */

#include "data/urpf_edit.h"

#define OPTIONS                                                                       \
	(MANRS_URPF_DEFAULT_ROUTE | MANRS_URPF_DISCARD_PASS | MANRS_URPF_COUNT_ONLY | \
	 MANRS_URPF_AUGMENT_ROA | MANRS_URPF_AUGMENT_IRR | MANRS_URPF_UNSPECIFIED |   \
	 MANRS_URPF_LINK_LOCAL)

void manrs_urpf_iface_init(manrs_urpf_iface *iface)
{
	*iface = (manrs_urpf_iface){.size = sizeof *iface};
}

/* A copy of the edit's interfaces with room for more, refs 1. */
static struct uifaces *ifaces_copy(manrs_urpf_edit *e, uint32_t n)
{
	struct uheap *h = &e->owner->heap;
	struct uifaces *to = uheap_new(h, sizeof *to + n * sizeof *to->at, UOBJ_IFACES);
	uint32_t had = e->ifaces ? e->ifaces->n : 0;

	if (!to)
		return NULL;
	to->n = n;
	for (uint32_t i = 0; i < had && i < n; i++) {
		const struct uiface *from = &e->ifaces->at[i];

		to->at[i] = *from;
		to->at[i].acl = NULL;
		if (!from->n_acl)
			continue;
		to->at[i].acl = mem_alloc(&h->mem, from->n_acl * sizeof *from->acl);
		if (!to->at[i].acl) {
			to->at[i].n_acl = 0;
			uheap_drop(h, to);
			return NULL;
		}
		memcpy(to->at[i].acl, from->acl, from->n_acl * sizeof *from->acl);
	}
	return to;
}

/* Take an interface's entries and prefixes out of one prefix. */
static int rec_without(manrs_urpf_edit *e, const manrs_prefix *p, const struct urec *old,
		       uint16_t iface)
{
	struct urec *r = urpf_rec_new(&e->owner->heap, old->n, old->n_hand);
	struct uhand *to;
	uint32_t n = 0, hand = 0;

	if (!r)
		return MANRS_ENOMEM;
	for (uint32_t i = 0; i < old->n; i++)
		if (old->entry[i].iface != iface)
			r->entry[n++] = old->entry[i];
	r->n = n;
	to = (struct uhand *)(uintptr_t)urec_hand(r);
	for (uint32_t i = 0; i < old->n_hand; i++)
		if (urec_hand(old)[i].iface != iface)
			to[hand++] = urec_hand(old)[i];
	r->n_hand = hand;
	if (n == old->n && hand == old->n_hand) {
		r->n = 0;
		uheap_drop(&e->owner->heap, r);
		return MANRS_OK;
	}
	return urpf_rec_put(e, p, r);
}

static int iface_empty(manrs_urpf_edit *e, uint16_t iface)
{
	int rc = MANRS_OK;

	for (unsigned f = 0; f < 2; f++) {
		const struct unode *n = utrie_next(e->rib[f], NULL);

		while (n && rc == MANRS_OK) {
			manrs_prefix p = ukey_to_prefix(n->key, n->bits, f ? 6 : 4);
			struct ukey k = ukey_prefix(&p);

			rc = rec_without(e, &p, n->val, iface);
			n = utrie_next(e->rib[f], &k);
		}
	}
	return rc;
}

static int iface_ok(const manrs_urpf_iface *f)
{
	if (f->mode < MANRS_URPF_OFF || f->mode > MANRS_URPF_LIST ||
	    f->role > MANRS_ROLE_RS_CLIENT || f->options & ~OPTIONS ||
	    f->n_asn_acl > UINT32_MAX / 8)
		return MANRS_EINVAL;
	return MANRS_OK;
}

/* The lowest handle that nobody has. */
static uint32_t iface_free_slot(const manrs_urpf_edit *e)
{
	uint32_t i = 0;

	while (e->ifaces && i < e->ifaces->n && e->ifaces->at[i].live)
		i++;
	return i;
}

static int iface_put(manrs_urpf_edit *e, uint32_t at, const manrs_urpf_iface *f, struct uifaces *to)
{
	struct uheap *h = &e->owner->heap;
	struct uiface *i = &to->at[at];
	uint64_t gen = i->live ? i->gen : (e->owner->serial << 20) + ++e->gens;
	uint32_t *acl = NULL;

	if (f->n_asn_acl) {
		acl = mem_alloc(&h->mem, f->n_asn_acl * sizeof *acl);
		if (!acl)
			return MANRS_ENOMEM;
		memcpy(acl, f->asn_acl, f->n_asn_acl * sizeof *acl);
	}
	mem_free(&h->mem, i->acl, i->n_acl * sizeof *i->acl);
	*i = (struct uiface){.live = 1,
			     .mode = (uint8_t)f->mode,
			     .role = (uint8_t)f->role,
			     .asn = f->asn,
			     .options = f->options,
			     .n_acl = (uint32_t)f->n_asn_acl,
			     .acl = acl,
			     .gen = gen};
	return MANRS_OK;
}

static int iface_remove(manrs_urpf_edit *e, uint16_t handle, struct uifaces *to)
{
	struct urpf_mark m = urpf_mark_set(e);
	struct uiface *i = &to->at[handle];
	int rc = urpf_mark_end(e, &m, iface_empty(e, handle), 0);

	if (rc != MANRS_OK)
		return rc;
	mem_free(&e->owner->heap.mem, i->acl, i->n_acl * sizeof *i->acl);
	*i = (struct uiface){0};
	return MANRS_OK;
}

int manrs_urpf_edit_iface(manrs_urpf_edit *e, uint16_t *handle, const manrs_urpf_iface *iface)
{
	bool add = *handle == MANRS_URPF_NO_IFACE;
	uint32_t at = add ? iface_free_slot(e) : *handle, had = e->ifaces ? e->ifaces->n : 0;
	manrs_urpf_iface f = {0};
	struct uifaces *to;
	int rc;

	if (!add && !urpf_iface_live(e, *handle))
		return MANRS_ENOENT;
	if (iface &&
	    (!urpf_sized_copy(&f, sizeof f, iface, iface->size) || iface_ok(&f) != MANRS_OK))
		return MANRS_EINVAL;
	if (add && !iface)
		return MANRS_EINVAL;
	if (at >= MANRS_URPF_NO_IFACE)
		return MANRS_ELIMIT;
	to = ifaces_copy(e, at >= had ? at + 1 : had);
	if (!to)
		return MANRS_ENOMEM;
	rc = iface ? iface_put(e, at, &f, to) : iface_remove(e, *handle, to);
	if (rc != MANRS_OK) {
		uheap_drop(&e->owner->heap, to);
		return rc;
	}
	uheap_drop(&e->owner->heap, e->ifaces);
	e->ifaces = to;
	e->ifaces_changed = true;
	*handle = (uint16_t)at;
	return MANRS_OK;
}

/* ---- names ---- */

static const char *const modes[] = {
	"",	 "off",	    "strict",	  "loose",	 "feasible", "efp-a",
	"efp-b", "bar-sav", "bar-sav-pi", "procedure-x", "list",
};

const char *manrs_urpf_mode_text(int mode)
{
	return mode >= 0 && mode <= MANRS_URPF_LIST ? modes[mode] : "";
}

int manrs_urpf_mode_parse(const char *text, size_t n)
{
	for (int m = MANRS_URPF_OFF; m <= MANRS_URPF_LIST; m++)
		if (strlen(modes[m]) == n && !memcmp(modes[m], text, n))
			return m;
	return MANRS_ESYNTAX;
}

const char *manrs_urpf_step_text(int step)
{
	static const char *const steps[] = {
		"unknown-interface", "off",	   "always-deny",   "always-allow",
		"martian",	     "special",	   "discard-route", "no-route",
		"not-listed",	     "best-route", "other-iface",   "feasible-route",
		"loose-route",	     "listed",	   "efp-a-x",	    "efp-b-p",
		"efp-b-q",	     "roa",	   "irr",	    "bar-roa",
		"bar-route",	     "pi-cone",	   "pi-local",
	};

	return step >= 0 && step <= MANRS_URPF_STEP_PI_LOCAL ? steps[step] : "";
}
