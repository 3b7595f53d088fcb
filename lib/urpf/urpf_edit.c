/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The writer's side of uRPF: owners, edits, and who frees what.
 *
 * An edit holds roots of its own. They begin as those of the base and part from it one path at a time, so abort lets
 * go of them, and a call that runs out of memory goes back to the roots that it kept at its start. Snapshots hang in
 * the owner's list until their count is 0 and manrs_urpf_reclaim comes by.
 */

#include "urpf/urpf_edit.h"

#include "base/grow.h"
#include "base/isa.h"
#include "net/path_walk.h"

#include <assert.h>

#define ENTRY_FLAGS (MANRS_URPF_BEST | MANRS_URPF_DISCARD | MANRS_URPF_LEAKED)

static const manrs_urpf_config defaults;

static void record_drop(struct heap *h, void *obj)
{
	struct urpf_record *r = obj;

	for (uint32_t i = 0; i < r->n; i++)
		heap_drop(h, r->entry[i].path);
}

static const struct heap_type record_type = {.drop = record_drop};

static const struct heap_type *const types[URPF_OBJECTS] = {
	[URPF_PLAIN] = &heap_plain,        [URPF_NODE] = &ptrie_node_type,
	[URPF_RECORD] = &record_type,      [URPF_TOP] = &urpf_top_type,
	[URPF_CHUNK] = &urpf_chunk_type,   [URPF_BLOCK] = &urpf_block_type,
	[URPF_IFACES] = &urpf_ifaces_type, [URPF_VIEW] = &urpf_view_type,
	[URPF_LPM] = &urpf_lpm_type,       [URPF_FLAT] = &urpf_flat_type,
	[URPF_MATCH] = &urpf_match_type,
};

int manrs_urpf_config_init(manrs_urpf_config *config, size_t size)
{
	return grow_init(config, size, GROW_LEAST(manrs_urpf_config, hash_seed), &defaults,
			 sizeof defaults)
		       ? MANRS_OK
		       : MANRS_EINVAL;
}

int manrs_urpf_owner_new(manrs_urpf_owner **owner, const manrs_urpf_config *config)
{
	manrs_urpf_config c = defaults;
	manrs_urpf_owner *o;
	manrs_alloc mem;
	int isa;

	if (config && !grow_take(&c, sizeof c, GROW_LEAST(manrs_urpf_config, hash_seed), config))
		return MANRS_EINVAL;
	isa = isa_choose(c.isa);
	if (isa < 0)
		return isa;
	mem = mem_of(c.alloc);
	o = mem_zalloc(&mem, sizeof *o);
	if (!o)
		return MANRS_ENOMEM;
	heap_init(&o->heap, &mem, types, URPF_OBJECTS);
	o->isa = (uint32_t)isa;
	o->local_as = c.local_as;
	o->hold_ms = c.hold_ms;
	memcpy(o->hash_seed, c.hash_seed, sizeof o->hash_seed);
	o->flat_min = 65536;
	o->flat_width = 1;
	*owner = o;
	return MANRS_OK;
}

void urpf_content_drop(manrs_urpf_owner *o, manrs_urpf *s)
{
	void *held[] = {s->ifaces, s->rib[0], s->rib[1], s->cand[0], s->cand[1], s->origins,
			s->edges,  s->efp,    s->holds,  s->cones,   s->view,    s->masks,
			s->rows,   s->top[0], s->top[1], s->flat,    s->match6};

	for (size_t i = 0; i < sizeof held / sizeof *held; i++)
		heap_drop(&o->heap, held[i]);
}

/* Take what nobody holds out of the list. */
static bool retire(manrs_urpf_owner *o, size_t budget)
{
	manrs_urpf **at = &o->newest;
	size_t n = 0;

	while (*at && (!budget || n < budget)) {
		manrs_urpf *s = *at;

		n++;
		if (counted_by(&s->counted)) {
			at = &s->older;
			continue;
		}
		*at = s->older;
		urpf_content_drop(o, s);
		mem_free(&o->heap.mem, s, sizeof *s);
	}
	return *at != NULL && budget && n >= budget;
}

int manrs_urpf_reclaim(manrs_urpf_owner *o, size_t budget)
{
	bool more = retire(o, budget);

	return heap_drain(&o->heap, budget) || more;
}

int manrs_urpf_owner_free(manrs_urpf_owner *o)
{
	manrs_alloc mem;

	if (!o)
		return MANRS_OK;
	for (const manrs_urpf *s = o->newest; s; s = s->older) {
		size_t own = o->edit && o->edit->base == s;

		if (counted_by(&s->counted) > own)
			return MANRS_EBUSY;
	}
	manrs_urpf_edit_abort(o->edit);
	heap_drop(&o->heap, o->rows);
	manrs_urpf_reclaim(o, 0);
	heap_free(&o->heap);
	mem = o->heap.mem;
	slots_free(&mem, &o->row_index);
	mem_free(&mem, o, sizeof *o);
	return MANRS_OK;
}

void manrs_urpf_ref(const manrs_urpf *s)
{
	counted_hold(&s->counted);
}

void manrs_urpf_unref(const manrs_urpf *s)
{
	counted_let_go((const void *)s);
}

int manrs_urpf_edit_begin(manrs_urpf_edit **edit, manrs_urpf_owner *o, const manrs_urpf *base)
{
	manrs_urpf_edit *e;

	if (base && base->owner != o)
		return MANRS_EINVAL;
	if (o->edit)
		return MANRS_ESTATE;
	e = mem_zalloc(&o->heap.mem, sizeof *e);
	if (!e)
		return MANRS_ENOMEM;
	e->owner = o;
	if (base) {
		manrs_urpf_ref(base);
		e->base = base;
		e->ifaces = heap_ref(base->ifaces);
		e->rib[0] = heap_ref(base->rib[0]);
		e->rib[1] = heap_ref(base->rib[1]);
		e->n_rib = base->n_rib;
	}
	*edit = o->edit = e;
	return MANRS_OK;
}

void manrs_urpf_edit_abort(manrs_urpf_edit *e)
{
	struct heap *h;

	if (!e)
		return;
	assert(e->owner->edit == e);
	h = &e->owner->heap;
	heap_drop(h, e->ifaces);
	heap_drop(h, e->rib[0]);
	heap_drop(h, e->rib[1]);
	vec_free(&h->mem, &e->touched, sizeof(manrs_prefix));
	manrs_urpf_unref(e->base);
	e->owner->edit = NULL;
	mem_free(&h->mem, e, sizeof *e);
}

/* ---- calls that can be taken back ---- */

struct urpf_mark urpf_mark_set(const manrs_urpf_edit *e)
{
	return (struct urpf_mark){
		{heap_ref(e->rib[0]), heap_ref(e->rib[1])}, e->n_rib, e->touched.n};
}

/* End a call: keep what it did, or go back to the mark. */
int urpf_mark_end(manrs_urpf_edit *e, struct urpf_mark *m, int rc, size_t n)
{
	struct heap *h = &e->owner->heap;

	for (int f = 0; f < 2; f++) {
		heap_drop(h, rc < 0 ? e->rib[f] : m->rib[f]);
		if (rc < 0)
			e->rib[f] = m->rib[f];
	}
	if (rc < 0) {
		e->n_rib = m->n_rib;
		e->touched.n = m->touched;
	}
	heap_drain(h, 256 + 64 * n);
	return rc;
}

static int touch(manrs_urpf_edit *e, const manrs_prefix *p)
{
	manrs_prefix *t = vec_push(&e->owner->heap.mem, &e->touched, sizeof *t);

	if (!t)
		return MANRS_ENOMEM;
	*t = *p;
	t->maxlen = p->len;
	return MANRS_OK;
}

struct urpf_record *urpf_record_new(struct heap *h, uint32_t n, uint32_t n_hand)
{
	struct urpf_record *r = heap_new(
		h, sizeof *r + n * sizeof(struct urpf_entry) + n_hand * sizeof(struct urpf_manual),
		URPF_RECORD);

	if (r) {
		r->n = n;
		r->n_hand = n_hand;
	}
	return r;
}

static int entry_cmp(const struct urpf_entry *a, const struct urpf_entry *b)
{
	if (a->iface != b->iface)
		return a->iface < b->iface ? -1 : 1;
	if (a->neighbour != b->neighbour)
		return a->neighbour < b->neighbour ? -1 : 1;
	return (a->path_id > b->path_id) - (a->path_id < b->path_id);
}

/* Put a new record in the place of the old one; r with nothing in it takes the prefix out. r is taken over. */
int urpf_record_put(manrs_urpf_edit *e, const manrs_prefix *p, struct urpf_record *r)
{
	struct heap *h = &e->owner->heap;
	struct ptrie_key k = ptrie_key_of(p);
	struct ptrie_node **root = &e->rib[family_index(p)];
	int rc;

	assert(heap_alone(r));
	for (uint32_t i = 1; i < r->n; i++)
		assert(entry_cmp(&r->entry[i - 1], &r->entry[i]) < 0);
	for (uint32_t i = 0; i < r->n; i++)
		heap_ref(r->entry[i].path);
	if (r->n || r->n_hand) {
		rc = ptrie_set(h, root, &k, r);
		if (rc < 0)
			heap_drop(h, r);
		else
			e->n_rib += (uint64_t)rc;
	} else {
		heap_drop(h, r);
		rc = ptrie_del(h, root, &k);
		assert(rc != MANRS_OK || e->n_rib > 0);
		e->n_rib -= rc == MANRS_OK;
	}
	return rc < 0 ? rc : touch(e, p);
}

/* ---- entries ---- */

static bool entry_same(const struct urpf_entry *a, const struct urpf_entry *b)
{
	if (a->origin != b->origin || a->flags != b->flags || !a->path != !b->path)
		return false;
	return !a->path ||
	       (a->path->n == b->path->n && a->path->kinds == b->path->kinds &&
		!memcmp(a->path->asn, b->path->asn, (a->path->kinds ? 5 : 4) * (size_t)a->path->n));
}

/* What came of a record. */
enum done { DONE_NOTHING, DONE_CHANGED };

static int entry_apply(manrs_urpf_edit *e, int op, const manrs_prefix *p,
		       const struct urpf_entry *x)
{
	const struct urpf_record *old = urpf_record_get(e->rib, p);
	uint32_t n = old ? old->n : 0, hand = old ? old->n_hand : 0, at = 0;
	bool there;
	struct urpf_record *r;

	while (at < n && entry_cmp(&old->entry[at], x) < 0)
		at++;
	there = at < n && entry_cmp(&old->entry[at], x) == 0;
	if (op == MANRS_REMOVE ? !there : there && entry_same(&old->entry[at], x))
		return DONE_NOTHING;
	r = urpf_record_new(&e->owner->heap, op == MANRS_REMOVE ? n - 1 : n + !there, hand);
	if (!r)
		return MANRS_ENOMEM;
	if (old) {
		uint32_t to = op == MANRS_REMOVE ? at : at + 1;

		memcpy(r->entry, old->entry, at * sizeof *x);
		memcpy(r->entry + to, old->entry + at + there, (n - at - there) * sizeof *x);
		memcpy((void *)(uintptr_t)urpf_record_manual(r), urpf_record_manual(old),
		       hand * sizeof(struct urpf_manual));
	}
	if (op == MANRS_ADD)
		r->entry[at] = *x;
	int rc = urpf_record_put(e, p, r);
	return rc < 0 ? rc : DONE_CHANGED;
}

static struct urpf_path *path_new(struct heap *h, const manrs_path *path)
{
	struct urpf_path *kept =
		heap_new(h, sizeof *kept + (path->kind ? 5 : 4) * (size_t)path->n, URPF_PLAIN);

	if (!kept)
		return NULL;
	kept->n = path->n;
	kept->kinds = path->kind != NULL;
	if (path->n)
		memcpy(kept->asn, path->asn, 4 * (size_t)path->n);
	if (path->kind)
		memcpy(kept->asn + path->n, path->kind, path->n);
	return kept;
}

bool urpf_iface_live(const manrs_urpf_edit *e, uint16_t iface)
{
	return e->ifaces && iface < e->ifaces->n && e->ifaces->at[iface].live;
}

/* One that entries may name: live, or none at all. */
static bool iface_known(const manrs_urpf_edit *e, uint16_t iface)
{
	return iface == MANRS_URPF_NO_IFACE || urpf_iface_live(e, iface);
}

/* returns NULL, or why an entry is refused. */
static const char *entry_fault(const manrs_urpf_edit *e, int op, const manrs_urpf_entry *x)
{
	if (!prefix_ok(&x->route.prefix))
		return "malformed prefix";
	if (x->zero || x->flags & ~ENTRY_FLAGS)
		return "unknown flag";
	if (op == MANRS_ADD && !iface_known(e, x->iface))
		return "unknown interface";
	return NULL;
}

static int entry_edit(manrs_urpf_edit *e, int op, const manrs_urpf_entry *x,
		      const manrs_paths *paths, size_t i, const char **why)
{
	struct urpf_entry put = {.origin = x->route.asn,
				 .neighbour = x->neighbour,
				 .path_id = x->path_id,
				 .iface = x->iface,
				 .flags = x->flags};
	int rc;

	*why = entry_fault(e, op, x);
	if (*why)
		return MANRS_EINVAL;
	if (op == MANRS_REMOVE && !iface_known(e, x->iface))
		return DONE_NOTHING;
	if (paths && op == MANRS_ADD) {
		manrs_path path = path_at(paths, i);

		if (manrs_path_origin(&path, e->owner->local_as, &put.origin) != MANRS_OK) {
			*why = "malformed path";
			return MANRS_EINVAL;
		}
		put.path = path_new(&e->owner->heap, &path);
		if (!put.path)
			return MANRS_ENOMEM;
	}
	rc = entry_apply(e, op, &x->route.prefix, &put);
	heap_drop(&e->owner->heap, put.path);
	return rc;
}

/* Count what came of record i. returns false: the call has failed. */
static bool counted(int rc, int op, size_t i, const char *why, manrs_counts *c, manrs_fault *fault)
{
	if (rc == MANRS_ENOMEM)
		return false;
	if (rc < 0) {
		if (!c->refused++)
			fault_set(fault, rc, i, why);
	} else if (op == MANRS_ADD) {
		*(rc == DONE_CHANGED ? &c->added : &c->present) += 1;
	} else {
		*(rc == DONE_CHANGED ? &c->removed : &c->unknown) += 1;
	}
	return true;
}

int manrs_urpf_edit_rib(manrs_urpf_edit *e, int op, const manrs_urpf_entry *entries, size_t n,
			const manrs_paths *paths, manrs_counts *counts, manrs_fault *fault)
{
	manrs_counts c = {0};
	struct urpf_mark m;
	const char *why = NULL;
	int rc = MANRS_OK;

	if ((op != MANRS_ADD && op != MANRS_REMOVE) || (paths && paths->n != n))
		return fault_set(fault, MANRS_EINVAL, 0,
				 "no such operation, or not a path an entry");
	m = urpf_mark_set(e);
	for (size_t i = 0; i < n && rc == MANRS_OK; i++)
		if (!counted(entry_edit(e, op, &entries[i], paths, i, &why), op, i, why, &c, fault))
			rc = fault_set(fault, MANRS_ENOMEM, i, "out of memory");
	if (rc == MANRS_OK && counts)
		*counts = c;
	return urpf_mark_end(e, &m, rc, n);
}

/* ---- prefixes by hand ---- */

static int hand_apply(manrs_urpf_edit *e, int op, const manrs_prefix *p, struct urpf_manual x)
{
	const struct urpf_record *old = urpf_record_get(e->rib, p);
	uint32_t n = old ? old->n : 0, hand = old ? old->n_hand : 0, at = 0;
	struct urpf_record *r;
	struct urpf_manual *to;
	int rc;

	while (at < hand && (urpf_record_manual(old)[at].iface != x.iface ||
			     urpf_record_manual(old)[at].kind != x.kind))
		at++;
	if ((op == MANRS_ADD) == (at < hand))
		return DONE_NOTHING;
	r = urpf_record_new(&e->owner->heap, n, op == MANRS_ADD ? hand + 1 : hand - 1);
	if (!r)
		return MANRS_ENOMEM;
	if (n)
		memcpy(r->entry, old->entry, n * sizeof *r->entry);
	to = (struct urpf_manual *)(uintptr_t)urpf_record_manual(r);
	for (uint32_t i = 0; i < hand; i++)
		if (i != at)
			*to++ = urpf_record_manual(old)[i];
	if (op == MANRS_ADD)
		*to = x;
	rc = urpf_record_put(e, p, r);
	return rc < 0 ? rc : DONE_CHANGED;
}

int manrs_urpf_edit_prefixes(manrs_urpf_edit *e, int op, uint32_t kind, uint16_t iface,
			     const manrs_prefix *prefixes, size_t n, manrs_counts *counts,
			     manrs_fault *fault)
{
	struct urpf_manual x = {iface, (uint16_t)kind};
	manrs_counts c = {0};
	struct urpf_mark m;
	int rc = MANRS_OK;

	if ((op != MANRS_ADD && op != MANRS_REMOVE) || kind < MANRS_URPF_PREFIX_DENY ||
	    kind > MANRS_URPF_PREFIX_LINK)
		return fault_set(fault, MANRS_EINVAL, 0, "no such operation or kind");
	if (kind == MANRS_URPF_PREFIX_LINK && iface == MANRS_URPF_NO_IFACE)
		return fault_set(fault, MANRS_EINVAL, 0, "a link's own prefix is of one interface");
	if (op == MANRS_ADD && !iface_known(e, iface))
		return fault_set(fault, MANRS_ENOENT, 0, "unknown interface");
	m = urpf_mark_set(e);
	for (size_t i = 0; i < n && rc == MANRS_OK; i++) {
		int done = !prefix_ok(&prefixes[i]) ? MANRS_EINVAL
			   : !iface_known(e, iface) ? DONE_NOTHING
						    : hand_apply(e, op, &prefixes[i], x);

		if (!counted(done, op, i, "malformed prefix", &c, fault))
			rc = fault_set(fault, MANRS_ENOMEM, i, "out of memory");
	}
	if (rc == MANRS_OK && counts)
		*counts = c;
	return urpf_mark_end(e, &m, rc, n);
}
