/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Commit of a uRPF edit: a new snapshot that shares with its base whatever the change does not reach.
 *
 *     touched prefixes --> indexes (origins, EFP sets, edges, cones) --> dirty prefixes --> candidates --> blocks
 *
 * Each arrow widens the change only where it must: an EFP set that comes out as it was dirties nothing beside the
 * touched prefix, a path of known adjacencies leaves the cones alone, a candidate that is as it was leaves the lookup
 * alone. Interfaces, the fall-back of BAR-SAV and another db change what every prefix says: then all are derived again,
 * still against the older candidates, because of the hold times.
 */

#include "urpf/urpf_work.h"

#include "base/merge.h"
#include "urpf/urpf_edit.h"
#include "urpf/urpf_match.h"
#include "urpf/urpf_rule.h"
#include "urpf/urpf_view.h"

#include <assert.h>

static int prefix_order(const void *a, const void *b)
{
	return manrs_prefix_cmp(a, b);
}

static bool prefixes_fold(struct urpf_work *w, struct vec *v)
{
	manrs_prefix *p = v->at;
	size_t n = 0;

	if (!merge_items(&w->o->heap.mem, p, v->n, sizeof *p, prefix_order))
		return false;
	for (size_t i = 0; i < v->n; i++)
		if (!n || manrs_prefix_cmp(&p[n - 1], &p[i]) != 0)
			p[n++] = p[i];
	v->n = n;
	return true;
}

static bool dirty_push(struct urpf_work *w, const manrs_prefix *p)
{
	manrs_prefix *d = vec_push(&w->o->heap.mem, &w->dirty, sizeof *d);

	if (d)
		*d = *p;
	return d != NULL;
}

/* ---- interfaces ---- */

static bool db_has_data(const manrs_db *db)
{
	manrs_db_stats st = {.size = sizeof st};

	return db && manrs_db_stats_get(db, &st) == MANRS_OK && st.vrps4 + st.vrps6 + st.aspas > 0;
}

/* A copy of the edit's interfaces with the modes that are in force. */
static struct urpf_ifaces *ifaces_effective(struct heap *h, const struct urpf_ifaces *from,
					    bool has_db)
{
	uint32_t n = from ? from->n : 0;
	struct urpf_ifaces *to = heap_new(h, sizeof *to + n * sizeof *to->at, URPF_IFACES);

	if (!to)
		return NULL;
	for (uint32_t i = 0; i < n; i++) {
		struct urpf_iface *f = &to->at[i];

		*f = from->at[i];
		f->effective = mode_in(f->mode, MODES_DB) && !has_db ? MANRS_URPF_LOOSE : f->mode;
		f->acl = NULL;
		if (f->n_acl)
			f->acl = mem_alloc(&h->mem, f->n_acl * sizeof *f->acl);
		if (f->n_acl && !f->acl) {
			heap_drop(h, to);
			return NULL;
		}
		if (f->n_acl)
			memcpy(f->acl, from->at[i].acl, f->n_acl * sizeof *f->acl);
		to->n = i + 1;
	}
	return to;
}

/* What the interfaces ask for. */
static void wants(struct urpf_work *w)
{
	for (uint32_t i = 0; i < w->s->ifaces->n; i++) {
		const struct urpf_iface *f = &w->s->ifaces->at[i];
		bool efp = mode_in(f->effective, MODES_EFP);

		if (!f->live)
			continue;
		w->s->n_ifaces++;
		w->s->counts_only |= (f->options & MANRS_URPF_COUNT_ONLY) != 0;
		w->s->fallbacks += f->effective != f->mode;
		w->routes_by_iface |= mode_in(f->effective, MODES_BY_IFACE);
		w->efp |= efp;
		w->efp_b |= f->effective == MANRS_URPF_EFP_B;
		w->augment_roa |= efp && f->options & MANRS_URPF_AUGMENT_ROA;
		w->augment_irr |= efp && f->options & MANRS_URPF_AUGMENT_IRR;
		w->bar |= mode_in(f->effective, MODES_CONE);
		w->pi |= f->effective == MANRS_URPF_BAR_SAV_PI;
	}
	w->cones = w->bar || w->pi;
}

/* Interfaces, masks and the view of the db; w->all when any of them is not the base's. */
static int settle(struct urpf_work *w, const manrs_urpf_edit *e, const manrs_db *db)
{
	struct heap *h = &w->o->heap;
	bool has_db = db_has_data(db), same_modes = w->base && !e->ifaces_changed;

	for (uint32_t i = 0; same_modes && i < w->base->ifaces->n; i++) {
		const struct urpf_iface *f = &w->base->ifaces->at[i];

		same_modes = !mode_in(f->mode, MODES_DB) || (f->effective == f->mode) == has_db;
	}
	w->s->ifaces =
		same_modes ? heap_ref(w->base->ifaces) : ifaces_effective(h, e->ifaces, has_db);
	w->s->masks = same_modes     ? heap_ref(w->base->masks)
		      : w->s->ifaces ? masks_new(h, w->s->ifaces)
				     : NULL;
	if (!w->s->masks)
		return MANRS_ENOMEM;
	w->all = !same_modes;
	wants(w);
	if (!db || !(w->cones || w->augment_roa || w->augment_irr)) {
		w->all |= w->base && w->base->view;
		return MANRS_OK;
	}
	if (w->base && w->base->view && w->base->view->db == db) {
		w->s->view = heap_ref(w->base->view);
		return MANRS_OK;
	}
	w->all = true;
	w->s->view = view_new(h, db);
	return w->s->view ? MANRS_OK : MANRS_ENOMEM;
}

/* ---- dirty prefixes ---- */

static bool dirty_trie(struct urpf_work *w, const struct ptrie_node *root, unsigned f)
{
	const struct ptrie_node *n = ptrie_next(root, NULL);
	bool ok = true;

	while (n && ok) {
		manrs_prefix p = ptrie_key_prefix(n->key, n->bits, f ? 6 : 4);

		ok = dirty_push(w, &p);
		n = ptrie_after(root, n);
	}
	return ok;
}

static bool dirty_routes(struct urpf_work *w, const struct vec *routes)
{
	const manrs_route *r = routes->at;
	bool ok = true;
	size_t n;

	for (size_t i = 0; i < routes->n && ok; i++)
		if (urpf_efp_of(w->s, r[i].asn) || urpf_cones_of(w->s, r[i].asn, &n))
			ok = dirty_push(w, &r[i].prefix);
	return ok;
}

static bool dirty_everything(struct urpf_work *w)
{
	bool ok = true;

	w->dirty.n = 0;
	for (unsigned f = 0; f < 2 && ok; f++)
		ok = dirty_trie(w, w->s->rib[f], f) && dirty_trie(w, w->s->cand[f], f);
	if (ok && w->s->view)
		ok = dirty_routes(w, &w->s->view->vrp) &&
		     (!w->augment_irr || dirty_routes(w, &w->s->view->irr));
	return ok;
}

static bool dirty_martians(struct urpf_work *w)
{
	const manrs_prefix *p;
	bool ok = true;

	for (size_t i = 0; ok && (p = urpf_martian_at(i)) != NULL; i++)
		ok = dirty_push(w, p);
	return ok;
}

/* Those whose hold time is over. */
static bool dirty_holds(struct urpf_work *w)
{
	const struct ptrie_node *n = ptrie_next(w->s->holds, NULL);
	bool ok = true;

	while (n && ok) {
		uint64_t until = get64(n->key) >> 16;
		manrs_prefix p = ptrie_key_prefix(n->key + 7, n->key[23], n->key[6]);

		if (until > w->now_ms)
			break;
		ok = dirty_push(w, &p);
		n = ptrie_after(w->s->holds, n);
	}
	return ok;
}

static int dirty_gather(struct urpf_work *w, struct vec *touched)
{
	bool ok = prefixes_fold(w, touched);
	int rc;

	for (size_t i = 0; i < touched->n && ok; i++)
		ok = dirty_push(w, (const manrs_prefix *)touched->at + i);
	if (!ok)
		return MANRS_ENOMEM;
	rc = urpf_index_origins(w, touched);
	if (rc == MANRS_OK)
		rc = urpf_index_efp(w, touched);
	if (rc == MANRS_OK)
		rc = urpf_index_cones(w, touched);
	if (rc != MANRS_OK)
		return rc;
	ok = w->all ? dirty_everything(w) && dirty_martians(w) : dirty_holds(w);
	return ok && prefixes_fold(w, &w->dirty) ? MANRS_OK : MANRS_ENOMEM;
}

/* ---- the lookup ---- */

/* Rows are never taken out; when most must be stale, all begins again. */
static bool rows_stale(const manrs_urpf_owner *o)
{
	return o->n_rows > 4096 && o->n_rows / 4 > o->rows_base;
}

/* The flat copy of a big IPv4 table: the older one with what changed, or a new one. */
static void flatten(struct urpf_work *w, bool fresh)
{
	const struct vec *v = &w->changed[0];
	const manrs_urpf *base = fresh ? NULL : w->base;
	struct heap *h = &w->o->heap;
	manrs_urpf *s = w->s;

	if (base && base->flat)
		s->flat = v->n ? flat_next(h, base->flat, s->top[0], w->o->rows, v->at, v->n)
			       : heap_ref(base->flat);
	if (!s->flat && s->n_cand >= w->o->flat_min)
		s->flat = flat_new(h, s->top[0], w->o->rows, w->o->n_rows, w->o->flat_width);
}

/* The longest match of a big IPv6 table, likewise. */
static void match(struct urpf_work *w, bool fresh)
{
	const struct vec *v = &w->changed[1];
	const manrs_urpf *base = fresh ? NULL : w->base;
	manrs_urpf *s = w->s;

	if (base && base->match6)
		s->match6 = v->n ? match_next(w->o, s, base->match6, v->at, v->n)
				 : heap_ref(base->match6);
	if (!s->match6 && s->n_cand >= w->o->flat_min)
		s->match6 = match_new(w->o, s);
}

static int compile(struct urpf_work *w)
{
	manrs_urpf_owner *o = w->o;
	manrs_urpf *s = w->s;
	bool fresh = !w->base || w->base->masks != s->masks || !o->rows ||
		     w->base->rows_gen != o->rows_gen || rows_stale(o);

	if (fresh && !row_reset(o, s->masks->words))
		return MANRS_ENOMEM;
	for (unsigned f = 0; f < 2; f++) {
		const struct vec *v = &w->changed[f];

		if (!fresh && !v->n)
			s->top[f] = heap_ref(w->base->top[f]);
		else
			s->top[f] = block_compile(o, s, f ? 6 : 4, fresh ? NULL : w->base->top[f],
						  v->at, fresh ? 0 : v->n);
		if (!s->top[f])
			return MANRS_ENOMEM;
	}
	if (fresh)
		o->rows_base = o->n_rows;
	s->rows = heap_ref(o->rows);
	s->n_rows = o->n_rows;
	s->rows_gen = o->rows_gen;
	flatten(w, fresh);
	match(w, fresh);
	/* those may have made rows */
	heap_drop(&o->heap, s->rows);
	s->rows = heap_ref(o->rows);
	s->n_rows = o->n_rows;
	assert(s->n_rows > 0 && s->n_rows <= s->rows->cap);
	assert(s->rows->words == s->masks->words);
	return MANRS_OK;
}

/* ---- the call ---- */

static int work(struct urpf_work *w, manrs_urpf_edit *e, const manrs_db *db)
{
	int rc = settle(w, e, db);

	for (int f = 0; f < 2; f++) {
		w->s->rib[f] = heap_ref(e->rib[f]);
		w->s->cand[f] = w->base ? heap_ref(w->base->cand[f]) : NULL;
	}
	w->s->n_rib = e->n_rib;
	if (w->base) {
		w->s->holds = heap_ref(w->base->holds);
		w->s->n_cand = w->base->n_cand;
		w->s->n_held = w->base->n_held;
	}
	if (rc == MANRS_OK)
		rc = dirty_gather(w, &e->touched);
	for (size_t i = 1; i < w->dirty.n && rc == MANRS_OK; i++)
		assert(prefix_order((manrs_prefix *)w->dirty.at + i - 1,
				    (manrs_prefix *)w->dirty.at + i) < 0);
	for (size_t i = 0; i < w->dirty.n && rc == MANRS_OK; i++)
		rc = urpf_derive(w, (const manrs_prefix *)w->dirty.at + i);
	return rc == MANRS_OK ? compile(w) : rc;
}

int manrs_urpf_edit_commit(manrs_urpf_edit *e, manrs_urpf **urpf, const manrs_db *db,
			   uint64_t now_ms)
{
	manrs_urpf_owner *o = e->owner;
	struct urpf_work w = {.o = o, .base = e->base, .now_ms = now_ms};
	const manrs_alloc *mem = &o->heap.mem;
	int rc = urpf_ifaces_sweep(e);

	if (rc != MANRS_OK)
		return rc;
	rc = MANRS_ENOMEM;
	w.s = mem_zalloc(mem, sizeof *w.s);
	if (w.s)
		rc = work(&w, e, db);
	vec_free(mem, &w.dirty, sizeof(manrs_prefix));
	vec_free(mem, &w.changed[0], sizeof(manrs_prefix));
	vec_free(mem, &w.changed[1], sizeof(manrs_prefix));
	vec_free(mem, &w.items, sizeof(struct urpf_item));
	vec_free(mem, &w.asns, sizeof(uint32_t));
	if (rc != MANRS_OK) {
		if (w.s)
			urpf_content_drop(o, w.s);
		mem_free(mem, w.s, sizeof *w.s);
		heap_drain(&o->heap, 0);
		return rc;
	}
	counted_init(&w.s->counted);
	w.s->owner = o;
	w.s->check = urpf_check_of(o->isa);
	w.s->bytes_all = o->heap.bytes;
	w.s->serial = ++o->serial;
	w.s->older = o->newest;
	assert(!o->newest || o->newest->serial < w.s->serial);
	o->newest = w.s;
	manrs_urpf_edit_abort(e);
	heap_drain(&o->heap, 4096);
	*urpf = w.s;
	return MANRS_OK;
}
