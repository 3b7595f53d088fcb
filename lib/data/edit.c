/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Edits: begin, feed, commit or abort.
 *
 * Feeding only gathers: each call first makes sure of all the memory that it may need, then changes the pending records
 * without failing, so a call that is refused memory has changed nothing. A commit sorts what is pending, makes new trees
 * inside one transaction, and publishes them or leaves no trace.
 */

#include "base/grow.h"
#include "data/store.h"

#include <assert.h>
#include <manrs/db_source.h>
#include <string.h>

#define SLURM_LEAST GROW_LEAST(manrs_slurm, n_aspas)

int manrs_edit_begin(manrs_edit **edit, manrs_db_owner *o, const manrs_db *base)
{
	manrs_edit *e;

	if (base && base->owner != o)
		return MANRS_EINVAL;
	if (o->edit)
		return MANRS_ESTATE;
	e = mem_zalloc(&o->mem, sizeof *e);
	if (!e)
		return MANRS_ENOMEM;
	if (base)
		manrs_db_ref(base);
	e->owner = o;
	e->base = (manrs_db *)(uintptr_t)base;
	e->first = FIRST_NONE;
	slots_seed(&e->vrp.index, o->hash_seed);
	slots_seed(&e->irr.index, o->hash_seed);
	slots_seed(&e->by_customer.index, o->hash_seed);
	slots_seed(&e->key_index, o->hash_seed);
	o->edit = e;
	*edit = e;
	return MANRS_OK;
}

static void edit_free(manrs_edit *e)
{
	const manrs_alloc *mem = &e->owner->mem;
	struct pend_aspa *a = e->aspa.at;

	assert(e->owner->edit == e);
	replaced_free(e);
	pending_free(mem, &e->vrp);
	pending_free(mem, &e->irr);
	pending_free(mem, &e->by_customer);
	for (size_t i = 0; i < e->aspa.n; i++)
		vec_free(mem, &a[i].pair, sizeof(struct aspa_pair));
	vec_free(mem, &e->aspa, sizeof *a);
	vec_free(mem, &e->key, sizeof(struct key_rec));
	slots_free(mem, &e->key_index);
	if (e->slurm)
		mem_free(mem, e->slurm, slurm_bytes(e->slurm));
	manrs_db_unref(e->base);
	e->owner->edit = NULL;
	mem_free(mem, e, sizeof *e);
}

void manrs_edit_abort(manrs_edit *e)
{
	if (e)
		edit_free(e);
}

/* ---- VRPs and IRR routes ---- */

uint64_t edit_sources(uint64_t sources, uint64_t bit, int op, manrs_counts *c)
{
	bool has = sources & bit;

	c->present += op == MANRS_ADD && has;
	c->added += op == MANRS_ADD && !has;
	c->removed += op == MANRS_REMOVE && has;
	c->unknown += op == MANRS_REMOVE && !has;
	return op == MANRS_ADD ? sources | bit : sources & ~bit;
}

uint64_t edit_root(const manrs_edit *e, enum tree tree, unsigned family)
{
	return e->base ? e->base->view.c.root[tree + (family == 6)] : 0;
}

/* From here on sorting beats looking up one by one. */
#define BULK 1024u

/* The first records of an empty base need no looking up. returns: false when it is not that, or memory was refused. */
static bool feed_empty(manrs_edit *e, enum tree tree, uint32_t source, const manrs_route *routes,
		       size_t n, manrs_counts *counts, manrs_fault *fault, size_t *first, bool *ok)
{
	struct pending *p = tree == TREE_VRP4 ? &e->vrp : &e->irr;
	const manrs_alloc *mem = &e->owner->mem;
	bool irr = tree == TREE_IRR4;

	if (edit_root(e, tree, 4) || edit_root(e, tree, 6) || p->index.n)
		return false;
	if (!counts) {
		*ok = bulk_append(mem, &p->bulk, routes, n, source, irr, fault);
		return true;
	}
	if (n < BULK || p->pend.n || bulk_count(&p->bulk))
		return false;
	*ok = pending_bulk(mem, p, routes, n, UINT64_C(1) << source, irr, counts, fault, first);
	return true;
}

/* Records one by one. returns: false when memory was refused. */
static bool feed_each(manrs_edit *e, enum tree tree, uint64_t bit, int op,
		      const manrs_route *routes, size_t n, manrs_counts *c, manrs_fault *fault,
		      size_t *first)
{
	struct pending *p = tree == TREE_VRP4 ? &e->vrp : &e->irr;

	if (!pending_reserve(&e->owner->mem, p, n))
		return false;
	for (size_t i = 0; i < n; i++) {
		manrs_route r = routes[i];

		if (i + 16 < n)
			pending_prefetch(p, &routes[i + 16]);
		if (tree == TREE_IRR4)
			r.prefix.maxlen = r.prefix.len;
		if (route_ok(&r, c->refused ? NULL : fault, i)) {
			struct pend *pend = pending_of(p, &r, edit_root(e, tree, r.prefix.family));

			pend->now = edit_sources(pend->now, bit, op, c);
		} else {
			c->refused++;
		}
		edit_note(c, i, first);
	}
	return true;
}

void edit_fed(manrs_edit *e, uint64_t bit, size_t n, const manrs_counts *c, size_t first,
	      manrs_counts *counts)
{
	if (n)
		e->fed |= bit;
	e->first = counts ? first : FIRST_UNASKED;
	if (counts)
		*counts = *c;
}

static int edit_routes(manrs_edit *e, enum tree tree, uint32_t source, int op,
		       const manrs_route *routes, size_t n, manrs_counts *counts,
		       manrs_fault *fault)
{
	size_t first = FIRST_NONE;
	struct replaced *r = NULL;
	manrs_counts c = {0};
	bool ok = false;
	uint64_t bit;

	if (source >= MANRS_SOURCES || (op != MANRS_ADD && op != MANRS_REMOVE))
		return fault_set(fault, MANRS_EINVAL, 0, "no such source or operation");
	bit = UINT64_C(1) << source;
	if (edit_root(e, tree, 4) || edit_root(e, tree, 6))
		r = replaced_of(e, bit);
	if (r)
		ok = replaced_feed(e, r, tree, op, routes, n, &c, fault, &first);
	else if (op != MANRS_ADD ||
		 !feed_empty(e, tree, source, routes, n, counts ? &c : NULL, fault, &first, &ok))
		ok = feed_each(e, tree, bit, op, routes, n, &c, fault, &first);
	if (!ok)
		return fault_set(fault, MANRS_ENOMEM, 0, "out of memory");
	edit_fed(e, bit, n, &c, first, counts);
	return MANRS_OK;
}

int manrs_edit_vrps(manrs_edit *e, uint32_t source, int op, const manrs_route *routes, size_t n,
		    manrs_counts *counts, manrs_fault *fault)
{
	return edit_routes(e, TREE_VRP4, source, op, routes, n, counts, fault);
}

int manrs_edit_irr(manrs_edit *e, uint32_t source, int op, const manrs_route *routes, size_t n,
		   manrs_counts *counts, manrs_fault *fault)
{
	return edit_routes(e, TREE_IRR4, source, op, routes, n, counts, fault);
}

/* ---- going over what the base has ---- */

struct sweep {
	manrs_edit *edit;
	struct pending *pending;
	unsigned family;
	bool (*each)(struct sweep *, const manrs_route *, const struct cover_rec *);
	uint64_t bit;
	bool refused;
};

static bool sweep_prefix(void *arg, const uint8_t *addr, unsigned len, const struct cover_rec *a,
			 size_t na, const struct cover_rec *b, size_t nb)
{
	struct sweep *s = arg;

	(void)b, (void)nb;
	for (size_t i = 0; i < na; i++) {
		manrs_route r = {.asn = a[i].asn};

		r.prefix.family = (uint8_t)s->family;
		r.prefix.len = (uint8_t)len;
		r.prefix.maxlen = a[i].maxlen;
		memcpy(r.prefix.addr, addr, 16);
		if (!s->each(s, &r, &a[i])) {
			s->refused = true;
			return false;
		}
	}
	return true;
}

static bool sweep_tree(struct sweep *s, unsigned tree)
{
	for (s->family = 4; s->family <= 6; s->family += 2)
		cover_walk(edit_root(s->edit, tree, s->family), 0, NULL, sweep_prefix, s);
	return !s->refused;
}

static struct pend *sweep_pend(struct sweep *s, const manrs_route *r)
{
	/* The record is at hand, but pending_of finds it again: a sweep is rare. */
	unsigned tree = s->pending == &s->edit->vrp ? TREE_VRP4 : TREE_IRR4;

	if (!pending_reserve(&s->edit->owner->mem, s->pending, 1))
		return NULL;
	return pending_of(s->pending, r, edit_root(s->edit, tree, r->prefix.family));
}

static bool each_of_source(struct sweep *s, const manrs_route *r, const struct cover_rec *rec)
{
	return !(rec->sources & s->bit) || sweep_pend(s, r);
}

static void drop_pending(struct pending *p, uint64_t bit, manrs_counts *c)
{
	struct pend *pend = p->pend.at;

	for (size_t i = 0; i < p->pend.n; i++) {
		c->removed += (pend[i].now & bit) != 0;
		pend[i].now &= ~bit;
	}
}

static bool drop_source(struct sweep *s, manrs_counts *c)
{
	manrs_edit *e = s->edit;

	s->pending = &e->vrp;
	if (!sweep_tree(s, TREE_VRP4))
		return false;
	s->pending = &e->irr;
	if (!sweep_tree(s, TREE_IRR4) || !key_touch_source(e, s->bit) ||
	    !aspa_touch_source(e, s->bit))
		return false;
	drop_pending(&e->vrp, s->bit, c);
	drop_pending(&e->irr, s->bit, c);
	aspa_drop(e, s->bit, c);
	key_drop(e, s->bit, c);
	return true;
}

int manrs_edit_drop(manrs_edit *e, uint32_t source, manrs_counts *counts)
{
	manrs_counts c = {0};
	struct sweep s = {.edit = e, .each = each_of_source};
	struct replaced *r;

	if (source >= MANRS_SOURCES)
		return MANRS_EINVAL;
	if (!pending_reserve(&e->owner->mem, &e->vrp, 0) ||
	    !pending_reserve(&e->owner->mem, &e->irr, 0))
		return MANRS_ENOMEM;
	s.bit = UINT64_C(1) << source;
	r = replaced_of(e, s.bit);
	if (r)
		replaced_drop(e, r, &c);
	else if (!drop_source(&s, &c))
		return MANRS_ENOMEM;
	e->fed |= s.bit;
	if (counts)
		*counts = c;
	return MANRS_OK;
}

/* ---- SLURM and the sources that are judged: their effect on routes ---- */

const struct slurm_set *edit_slurm(const manrs_edit *e)
{
	return e->slurm_changed ? e->slurm : e->base ? e->base->view.c.slurm : NULL;
}

uint64_t edit_unused(const manrs_edit *e)
{
	return e->unused_changed ? e->unused : e->base ? e->base->view.c.unused : 0;
}

int manrs_edit_use(manrs_edit *e, uint64_t sources)
{
	e->unused = ~sources;
	e->unused_changed = true;
	return MANRS_OK;
}

int manrs_edit_first(const manrs_edit *e, size_t *record)
{
	if (e->first == FIRST_NONE)
		return MANRS_ENOENT;
	if (e->first == FIRST_UNASKED)
		return MANRS_ESTATE;
	*record = e->first;
	return MANRS_OK;
}

int manrs_slurm_init(manrs_slurm *slurm, size_t size)
{
	static const manrs_slurm none;

	return grow_init(slurm, size, SLURM_LEAST, &none, sizeof none) ? MANRS_OK : MANRS_EINVAL;
}

int manrs_edit_slurm(manrs_edit *e, const manrs_slurm *slurm, manrs_fault *fault)
{
	struct slurm_set *set = NULL;
	manrs_slurm own;
	int rc;

	if (slurm) {
		if (!grow_take(&own, sizeof own, SLURM_LEAST, slurm))
			return fault_set(fault, MANRS_EINVAL, 0,
					 "SLURM of no such size, or of a newer kind");
		rc = slurm_check(&own, fault);
		if (rc != MANRS_OK)
			return rc;
		set = slurm_make(&e->owner->mem, &own);
		if (!set)
			return fault_set(fault, MANRS_ENOMEM, 0, "out of memory");
	}
	if (e->slurm)
		mem_free(&e->owner->mem, e->slurm, slurm_bytes(e->slurm));
	e->slurm = set;
	e->slurm_changed = true;
	return MANRS_OK;
}

/* What is said of a record beside its sources: one whose sources are all in reserve does not count either. */
static uint8_t flags_of(const manrs_edit *e, bool irr, const manrs_route *r, uint64_t sources)
{
	uint8_t flags = irr ? 0 : slurm_vrp(edit_slurm(e), r);

	if (sources && !(sources & ~edit_unused(e)))
		flags |= COVER_FILTERED;
	return flags;
}

static bool each_refiltered(struct sweep *s, const manrs_route *r, const struct cover_rec *rec)
{
	bool irr = s->pending == &s->edit->irr;

	return flags_of(s->edit, irr, r, rec->sources) == rec->flags || sweep_pend(s, r);
}

static bool each_one(struct sweep *s, const manrs_route *r, const struct cover_rec *rec)
{
	(void)rec;
	return sweep_pend(s, r) != NULL;
}

/* Every record of a tree whose state changes is pending, with its flags, before the tree is made. */
static bool gather(manrs_edit *e, enum tree tree, bool rebuild)
{
	bool irr = tree == TREE_IRR4, slurm = !irr && edit_slurm(e);
	bool refilter = e->unused_changed || (!irr && e->slurm_changed);
	struct pending *p = irr ? &e->irr : &e->vrp;
	struct sweep s = {.edit = e, .pending = p, .each = rebuild ? each_one : each_refiltered};
	const manrs_route *asserted;
	struct pend *pend;
	size_t n;

	if ((rebuild || refilter) && !sweep_tree(&s, tree))
		return false;
	if (!replaced_gather(e, tree) || !replaced_gather(e, tree + 1))
		return false;
	/* Packed records go into a tree as they are, unless others are pending beside them or they may be filtered. */
	if ((p->pend.n || slurm || edit_unused(e)) && bulk_count(&p->bulk) &&
	    !pending_reserve(&e->owner->mem, p, 0))
		return false;
	n = !irr && e->slurm_changed ? slurm_vrps(edit_slurm(e), &asserted) : 0;
	for (size_t i = 0; i < n; i++)
		if (!sweep_pend(&s, &asserted[i]))
			return false;
	replaced_settle(e, tree);
	pend = p->pend.at;
	for (size_t i = 0; (refilter || slurm || edit_unused(e)) && i < p->pend.n; i++)
		pend[i].flags = flags_of(e, irr, &pend[i].route, pend[i].now);
	return true;
}

static bool commit_routes(manrs_edit *e, struct txn *t, struct content *c, bool rebuild)
{
	if (!gather(e, TREE_VRP4, rebuild) || !gather(e, TREE_IRR4, rebuild))
		return false;
	for (unsigned tree = 0; tree < TREES; tree++) {
		struct pending *p = tree < TREE_IRR4 ? &e->vrp : &e->irr;
		int64_t more = 0;
		struct vec ops;
		bool ok;

		if (bulk_count(&p->bulk)) {
			if (!bulk_apply(&e->owner->mem, t, &p->bulk, tree % 2 ? 6 : 4,
					&c->root[tree], &more))
				return false;
			c->count[tree] += (uint64_t)more;
			continue;
		}
		if (!pending_ops(&e->owner->mem, p, tree % 2 ? 6 : 4, rebuild, &ops))
			return false;
		ok = !ops.n || cover_apply(t, c->root[tree], ops.at, ops.n, &c->root[tree], &more);
		vec_free(&e->owner->mem, &ops, sizeof(struct cover_op));
		if (!ok)
			return false;
		assert(more >= 0 || c->count[tree] >= (uint64_t)-more);
		c->count[tree] += (uint64_t)more;
		assert(!c->count[tree] || c->root[tree]);
	}
	return true;
}

/* ---- commit ---- */

static bool commit_slurm(manrs_edit *e, struct txn *t, struct content *c, bool rebuild)
{
	const struct slurm_set *set = edit_slurm(e);
	void *at;

	if (!e->slurm_changed && !rebuild)
		return true;
	if (!rebuild && c->slurm && !txn_retire(t, TXN_RAW, c->slurm, slurm_bytes(c->slurm)))
		return false;
	c->slurm = NULL;
	if (!set)
		return true;
	at = txn_alloc(t, TXN_RAW, slurm_bytes(set));
	if (!at)
		return false;
	c->slurm = slurm_copy(at, set);
	return true;
}

static struct lineage *lineage_new(manrs_db_owner *o)
{
	struct lineage *l = mem_zalloc(&o->mem, sizeof *l);

	if (l) {
		pool_init(&l->pool[TXN_READ], &o->mem);
		pool_init(&l->pool[TXN_RAW], &o->mem);
	}
	return l;
}

static void lineage_drop(manrs_db_owner *o, struct lineage *l)
{
	size_t all = SIZE_MAX;

	pool_destroy(&l->pool[0], &all);
	pool_destroy(&l->pool[1], &all);
	mem_free(&o->mem, l, sizeof *l);
}

/* Put the new snapshot at the end of its lineage. */
static void publish(manrs_edit *e, struct txn *t, struct lineage *l, manrs_db *db)
{
	manrs_db_owner *o = e->owner;

	txn_recycle(t);
	db->serial = ++o->serial;
	assert(!l->newest ||
	       (l->newest == e->base && !l->newest->next && l->newest->serial < db->serial));
	db->lineage = l;
	if (l->newest) {
		txn_done(t, &l->newest->retired);
		l->newest->next = db;
	} else {
		struct vec none;

		txn_done(t, &none);
		vec_free(&o->mem, &none, sizeof(struct txn_block));
		l->oldest = db;
		l->next = o->lineages;
		o->lineages = l;
	}
	l->newest = db;
	edit_free(e);
}

int manrs_edit_commit(manrs_edit *e, manrs_db **out)
{
	manrs_db_owner *o = e->owner;
	bool own = e->base && e->base == e->base->lineage->newest, rebuild = e->base && !own;
	struct lineage *l = own ? e->base->lineage : lineage_new(o);
	manrs_db *db = mem_zalloc(&o->mem, sizeof *db);
	struct txn t = {0};

	assert(o->edit == e);
	if (l && db) {
		t.pool[TXN_READ] = &l->pool[TXN_READ];
		t.pool[TXN_RAW] = &l->pool[TXN_RAW];
		t.new_pools = !own;
		if (own)
			db->view.c = e->base->view.c;
		db->view.c.unused = edit_unused(e);
		db->owner = o;
		db->view.isa = o->isa;
		counted_init(&db->view.counted);
		if (commit_routes(e, &t, &db->view.c, rebuild) &&
		    commit_aspas(e, &t, &db->view.c, rebuild) &&
		    commit_keys(e, &t, &db->view.c, rebuild) &&
		    commit_slurm(e, &t, &db->view.c, rebuild)) {
			publish(e, &t, l, db);
			*out = db;
			return MANRS_OK;
		}
		txn_rollback(&t);
	}
	mem_free(&o->mem, db, sizeof *db);
	if (l && !own)
		lineage_drop(o, l);
	return MANRS_ENOMEM;
}
