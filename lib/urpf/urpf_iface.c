/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The interfaces of an edit. They are one counted array, the base's until one of them changes, then the edit's own. An
 * interface that goes takes its entries and prefixes with it before its handle is given out again: not one by one, each
 * in a walk through the table, but all of them in one. gen tells the users of a handle apart.
 */

#include "base/grow.h"
#include "urpf/urpf_edit.h"

#include <assert.h>

#define OPTIONS                                                                       \
	(MANRS_URPF_DEFAULT_ROUTE | MANRS_URPF_DISCARD_PASS | MANRS_URPF_COUNT_ONLY | \
	 MANRS_URPF_AUGMENT_ROA | MANRS_URPF_AUGMENT_IRR | MANRS_URPF_UNSPECIFIED |   \
	 MANRS_URPF_LINK_LOCAL)

int manrs_urpf_iface_init(manrs_urpf_iface *iface, size_t size)
{
	static const manrs_urpf_iface defaults = {.options = MANRS_URPF_UNSPECIFIED |
							     MANRS_URPF_LINK_LOCAL};

	return grow_init(iface, size, GROW_LEAST(manrs_urpf_iface, n_asn_acl), &defaults,
			 sizeof defaults)
		       ? MANRS_OK
		       : MANRS_EINVAL;
}

static void ifaces_drop(struct heap *h, void *obj)
{
	struct urpf_ifaces *f = obj;

	for (uint32_t i = 0; i < f->n; i++)
		mem_free(&h->mem, f->at[i].acl, f->at[i].n_acl * sizeof *f->at[i].acl);
}

const struct heap_type urpf_ifaces_type = {.drop = ifaces_drop};

/* Room for n interfaces: the edit's own array, made from the base's at the first change, grown twofold from then on. */
static bool ifaces_reserve(manrs_urpf_edit *e, uint32_t n)
{
	struct heap *h = &e->owner->heap;
	struct urpf_ifaces *from = e->ifaces, *to;
	uint32_t had = from ? from->n : 0, cap = had;

	if (e->ifaces_changed && from->cap >= n)
		return true;
	while (cap < n)
		cap = cap ? cap * 2 : 8;
	to = heap_new(h, sizeof *to + cap * sizeof *to->at, URPF_IFACES);
	if (!to)
		return false;
	to->cap = cap;
	for (; to->n < had; to->n++) {
		struct urpf_iface *f = &to->at[to->n];

		*f = from->at[to->n];
		if (e->ifaces_changed || !f->n_acl)
			continue; /* its list moves with it */
		f->acl = mem_alloc(&h->mem, f->n_acl * sizeof *f->acl);
		if (!f->acl) {
			heap_drop(h, to);
			return false;
		}
		memcpy(f->acl, from->at[to->n].acl, f->n_acl * sizeof *f->acl);
	}
	assert(to->n == had && had <= cap);
	if (e->ifaces_changed)
		from->n = 0;
	heap_drop(h, from);
	e->ifaces = to;
	e->ifaces_changed = true;
	return true;
}

static bool is_gone(const manrs_urpf_edit *e, uint16_t iface)
{
	return iface < e->ifaces->n && !e->ifaces->at[iface].live && e->ifaces->at[iface].gen;
}

/* Take the entries and prefixes of removed interfaces out of one prefix. */
static int rec_sweep(manrs_urpf_edit *e, const manrs_prefix *p, const struct urpf_record *old)
{
	struct urpf_record *r;
	struct urpf_manual *to;
	uint32_t n = 0, hand = 0;

	for (uint32_t i = 0; i < old->n; i++)
		n += !is_gone(e, old->entry[i].iface);
	for (uint32_t i = 0; i < old->n_hand; i++)
		hand += !is_gone(e, urpf_record_manual(old)[i].iface);
	if (n == old->n && hand == old->n_hand)
		return MANRS_OK;
	r = urpf_record_new(&e->owner->heap, n, hand);
	if (!r)
		return MANRS_ENOMEM;
	n = 0;
	for (uint32_t i = 0; i < old->n; i++)
		if (!is_gone(e, old->entry[i].iface))
			r->entry[n++] = old->entry[i];
	to = (struct urpf_manual *)(uintptr_t)urpf_record_manual(r);
	for (uint32_t i = 0; i < old->n_hand; i++)
		if (!is_gone(e, urpf_record_manual(old)[i].iface))
			*to++ = urpf_record_manual(old)[i];
	return urpf_record_put(e, p, r);
}

static int rib_sweep(manrs_urpf_edit *e)
{
	int rc = MANRS_OK;

	for (unsigned f = 0; f < 2; f++) {
		const struct ptrie_node *n = ptrie_next(e->rib[f], NULL);

		while (n && rc == MANRS_OK) {
			manrs_prefix p = ptrie_key_prefix(n->key, n->bits, f ? 6 : 4);
			struct ptrie_key k = ptrie_key_of(&p);

			rc = rec_sweep(e, &p, n->val); /* which may take the node out */
			n = ptrie_next(e->rib[f], &k);
		}
	}
	return rc;
}

int urpf_ifaces_sweep(manrs_urpf_edit *e)
{
	struct urpf_mark m;
	int rc;

	if (!e->n_gone)
		return MANRS_OK;
	m = urpf_mark_set(e);
	rc = urpf_mark_end(e, &m, rib_sweep(e), 0);
	if (rc != MANRS_OK)
		return rc;
	for (uint32_t i = 0; i < e->ifaces->n; i++)
		if (is_gone(e, (uint16_t)i))
			e->ifaces->at[i].gen = 0;
	e->n_gone = e->free_from = 0;
	return MANRS_OK;
}

static int iface_ok(const manrs_urpf_iface *f)
{
	if (f->mode < MANRS_URPF_OFF || f->mode > MANRS_URPF_LIST ||
	    f->role > MANRS_ROLE_RS_CLIENT || f->options & ~OPTIONS ||
	    f->n_asn_acl > UINT32_MAX / 8)
		return MANRS_EINVAL;
	return MANRS_OK;
}

/* The lowest handle that is free. */
static uint32_t iface_free_slot(manrs_urpf_edit *e)
{
	uint32_t i = e->free_from, n = e->ifaces ? e->ifaces->n : 0;

	while (i < n && (e->ifaces->at[i].live || e->ifaces->at[i].gen))
		i++;
	assert(i >= e->free_from && i <= n);
	e->free_from = i;
	return i;
}

static int iface_put(manrs_urpf_edit *e, uint32_t at, const manrs_urpf_iface *f)
{
	struct heap *h = &e->owner->heap;
	uint32_t *acl = NULL;
	struct urpf_iface *i;

	if (f->n_asn_acl) {
		acl = mem_alloc(&h->mem, f->n_asn_acl * sizeof *acl);
		if (!acl)
			return MANRS_ENOMEM;
		memcpy(acl, f->asn_acl, f->n_asn_acl * sizeof *acl);
	}
	if (!ifaces_reserve(e, at + 1)) {
		mem_free(&h->mem, acl, f->n_asn_acl * sizeof *acl);
		return MANRS_ENOMEM;
	}
	if (at >= e->ifaces->n)
		e->ifaces->n = at + 1;
	assert(at < e->ifaces->n && e->ifaces->n <= e->ifaces->cap);
	i = &e->ifaces->at[at];
	mem_free(&h->mem, i->acl, i->n_acl * sizeof *i->acl);
	*i = (struct urpf_iface){.live = 1,
				 .mode = (uint8_t)f->mode,
				 .role = (uint8_t)f->role,
				 .asn = f->asn,
				 .options = f->options,
				 .n_acl = (uint32_t)f->n_asn_acl,
				 .acl = acl,
				 .gen = i->live ? i->gen : (e->owner->serial << 20) + ++e->gens};
	return MANRS_OK;
}

static int iface_remove(manrs_urpf_edit *e, uint16_t handle)
{
	struct urpf_iface *i;

	if (!ifaces_reserve(e, e->ifaces->n))
		return MANRS_ENOMEM;
	i = &e->ifaces->at[handle];
	mem_free(&e->owner->heap.mem, i->acl, i->n_acl * sizeof *i->acl);
	*i = (struct urpf_iface){.gen = i->gen};
	e->n_gone++;
	return MANRS_OK;
}

/* What is asked for, of any version. */
static int iface_take(manrs_urpf_iface *f, const manrs_urpf_iface *iface)
{
	return grow_take(f, sizeof *f, GROW_LEAST(manrs_urpf_iface, n_asn_acl), iface)
		       ? iface_ok(f)
		       : MANRS_EINVAL;
}

int manrs_urpf_edit_iface_add(manrs_urpf_edit *e, uint16_t *handle, const manrs_urpf_iface *iface)
{
	manrs_urpf_iface f;
	uint32_t at;
	int rc = iface_take(&f, iface);

	if (rc != MANRS_OK)
		return rc;
	at = iface_free_slot(e);
	if (at >= MANRS_URPF_NO_IFACE) {
		rc = urpf_ifaces_sweep(e);
		if (rc != MANRS_OK)
			return rc;
		at = iface_free_slot(e);
	}
	if (at >= MANRS_URPF_NO_IFACE)
		return MANRS_ELIMIT;
	rc = iface_put(e, at, &f);
	if (rc == MANRS_OK)
		*handle = (uint16_t)at;
	return rc;
}

int manrs_urpf_edit_iface_set(manrs_urpf_edit *e, uint16_t handle, const manrs_urpf_iface *iface)
{
	manrs_urpf_iface f;
	int rc;

	if (!urpf_iface_live(e, handle))
		return MANRS_ENOENT;
	rc = iface_take(&f, iface);
	return rc == MANRS_OK ? iface_put(e, handle, &f) : rc;
}

int manrs_urpf_edit_iface_remove(manrs_urpf_edit *e, uint16_t handle)
{
	return urpf_iface_live(e, handle) ? iface_remove(e, handle) : MANRS_ENOENT;
}

/* ---- names ---- */

static const char *const modes[] = {
	"",      "off",     "strict",     "loose",       "feasible", "efp-a",
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
