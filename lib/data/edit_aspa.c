/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ASPAs of an edit. A customer's block keeps, for each provider, the sources that list it; what counts is the union,
 * without AS0 beside others (draft-ietf-sidrops-aspa-verification section 3), and nothing at all when there are more than
 * max_providers (draft-ietf-sidrops-aspa-profile, the relying party's bound).
 */

#include "base/sort.h"
#include "data/store.h"

#include <assert.h>
#include <string.h>

static const struct aspa_record *block_of(const manrs_db *db, uint32_t customer)
{
	return db ? asnmap_get(db->view.c.aspas, customer) : NULL;
}

/* Have the base's pairs in a pending state that has none yet. */
static bool load(manrs_edit *e, struct pend_aspa *a)
{
	const struct aspa_record *base = block_of(e->base, a->customer);
	size_t n = base && !a->loaded ? base->raw->n : 0;

	assert(a->loaded || !a->pair.n);
	assert(!base || base->customer == a->customer);
	if (!vec_reserve(&e->owner->mem, &a->pair, n, sizeof(struct aspa_pair)))
		return false;
	if (n)
		memcpy(a->pair.at, base->raw->pair, n * sizeof(struct aspa_pair));
	a->pair.n += n;
	a->loaded = true;
	return true;
}

/* Providers but for AS0 that are kept of a customer and source: one over the bound tells that there were too many. */
static size_t kept_most(const manrs_edit *e)
{
	uint32_t most = e->owner->max_providers;

	return most < UINT32_MAX - 1 ? most + 1 : UINT32_MAX - 1;
}

/* The pending state of a customer, with room for more; made from the base when there is none. NULL: refused. */
static struct pend_aspa *touch(manrs_edit *e, uint32_t customer, size_t more)
{
	const manrs_alloc *mem = &e->owner->mem;
	manrs_route key = {.asn = customer};
	struct pend_aspa *a;
	size_t at;

	if (!pending_reserve(mem, &e->by_customer, 1) || !vec_reserve(mem, &e->aspa, 1, sizeof *a))
		return NULL;
	at = (size_t)(pending_of(&e->by_customer, &key, 0) - (struct pend *)e->by_customer.pend.at);
	a = (struct pend_aspa *)e->aspa.at + at;
	assert(at <= e->aspa.n && e->by_customer.pend.n <= e->aspa.n + 1);
	if (at == e->aspa.n) {
		*a = (struct pend_aspa){.customer = customer};
		e->aspa.n++;
	}
	/* However many lists a call has of one customer, its source keeps no more than this, and AS0. */
	if (more > kept_most(e) + 1 - a->reserved)
		more = kept_most(e) + 1 - a->reserved;
	if (!load(e, a) ||
	    !vec_reserve(mem, &a->pair, a->reserved + more, sizeof(struct aspa_pair)))
		return NULL;
	a->reserved += more;
	assert(a->customer == customer && a->pair.n + a->reserved <= a->pair.cap);
	return a;
}

/* The pending state of a customer that was touched: takes no memory. */
static struct pend_aspa *touched(manrs_edit *e, uint32_t customer)
{
	manrs_route key = {.asn = customer};

	return (struct pend_aspa *)e->aspa.at +
	       (pending_of(&e->by_customer, &key, 0) - (struct pend *)e->by_customer.pend.at);
}

int aspa_check(const manrs_aspa *a, const char **what)
{
	*what = "customer is AS0";
	if (a->customer == 0)
		return MANRS_EINVAL;
	*what = "no provider";
	if (a->n == 0)
		return MANRS_EINVAL;
	*what = "AS0 beside other providers";
	if (a->n > 1 && a->provider[0] == 0)
		return MANRS_EINVAL;
	*what = "providers not strictly ascending, or the customer among them";
	for (uint32_t i = 0; i < a->n; i++)
		if (a->provider[i] == a->customer || (i && a->provider[i - 1] >= a->provider[i]))
			return MANRS_EINVAL;
	return MANRS_OK;
}

/* A withdrawal needs only the customer. */
static int check(const manrs_aspa *a, int op, const char **what)
{
	if (op == MANRS_REMOVE && a->customer)
		return MANRS_OK;
	return aspa_check(a, what);
}

static bool same_list(const struct aspa_pair *pair, size_t pairs, uint64_t bit, const manrs_aspa *a)
{
	uint32_t n = 0;

	for (size_t i = 0; i < pairs; i++)
		if (pair[i].sources & bit) {
			if (n == a->n || a->provider[n] != pair[i].provider)
				return false;
			n++;
		}
	return n == a->n;
}

static bool clear_bit(struct pend_aspa *p, uint64_t bit)
{
	struct aspa_pair *pair = p->pair.at;
	size_t n = 0;
	bool had = false;

	for (size_t i = 0; i < p->pair.n; i++) {
		had |= (pair[i].sources & bit) != 0;
		pair[i].sources &= ~bit;
		if (pair[i].sources)
			pair[n++] = pair[i];
	}
	p->pair.n = n;
	p->own_of = 0;
	return had;
}

/* The first pair from `at` on whose provider is not before this one. */
static size_t pair_lower(const struct pend_aspa *p, size_t at, uint32_t provider)
{
	const struct aspa_pair *pair = p->pair.at;
	size_t hi = p->pair.n;

	while (at < hi) {
		size_t mid = at + (hi - at) / 2;

		if (pair[mid].provider < provider)
			at = mid + 1;
		else
			hi = mid;
	}
	return at;
}

/* Merge providers in, both ascending, from the end; there is room. source 0: asserted. */
static void set_bit(struct pend_aspa *p, uint64_t bit, const uint32_t *provider, size_t n)
{
	struct aspa_pair *pair = p->pair.at;
	size_t i = p->pair.n, extra = 0, w;

	for (size_t x = 0, j = 0; j < n; j++) {
		x = pair_lower(p, x, provider[j]);
		extra += x == i || pair[x].provider != provider[j];
	}
	assert(p->pair.n + extra <= p->pair.cap); /* touch and assert_pairs make room */
	p->pair.n += extra;
	for (w = p->pair.n; n; w--) {
		if (i && pair[i - 1].provider > provider[n - 1]) {
			pair[w - 1] = pair[--i];
			continue;
		}
		n--;
		/* The place to write may be the very place of the old pair. */
		if (i && pair[i - 1].provider == provider[n])
			pair[w - 1] = pair[--i];
		else
			pair[w - 1] = (struct aspa_pair){.provider = provider[n]};
		pair[w - 1].sources |= bit;
		pair[w - 1].asserted |= bit == 0;
	}
	for (w = 1; w < p->pair.n; w++)
		assert(pair[w - 1].provider < pair[w].provider);
}

/* Unite a list with the source's own, up to what is kept. returns: whether that is more than the bound. */
static bool unite(const manrs_edit *e, struct pend_aspa *p, uint64_t bit, const manrs_aspa *a)
{
	const struct aspa_pair *pair = p->pair.at;
	size_t own = 0, x = 0, n = 0;

	if (p->own_of != bit)
		for (size_t i = 0; i < p->pair.n; i++)
			own += pair[i].provider && pair[i].sources & bit;
	else
		own = p->own;
	for (; n < a->n; n++) {
		uint32_t provider = a->provider[n];

		x = pair_lower(p, x, provider);
		if (!provider ||
		    (x < p->pair.n && pair[x].provider == provider && pair[x].sources & bit))
			continue;
		if (own == kept_most(e))
			break;
		own++;
	}
	assert(own <= kept_most(e));
	set_bit(p, bit, a->provider, n);
	p->own_of = bit;
	p->own = own;
	return own > e->owner->max_providers;
}

/* One call. */
struct feed {
	manrs_edit *edit;
	struct replaced *replaced; /* NULL: the source is not */
	uint64_t bit;
	int op;
	const manrs_aspa *aspas;
	uint64_t *again; /* of a replaced source: a bit each that was listed again */
	size_t repeats;  /* lists that were not the first of their customer in this edit */
};

/*
 * The first list of a customer in an edit stands for what was there, the others are united with it (db.h). Of a source that is
 * replaced nothing was there.
 */
static int apply(struct feed *f, struct pend_aspa *p, const manrs_aspa *a, manrs_counts *c)
{
	bool had, first = !(p->fed & f->bit);
	bool same = first && same_list(p->pair.at, p->pair.n, f->bit, a);

	assert(p->loaded && p->customer == a->customer);
	p->reserved = 0;
	if (f->op == MANRS_REMOVE) {
		had = clear_bit(p, f->bit);
		p->fed &= ~f->bit;
		c->removed += had;
		c->unknown += !had;
		return MANRS_OK;
	}
	if (first && !same)
		clear_bit(p, f->bit);
	p->fed |= f->bit;
	f->repeats += !first;
	if (unite(f->edit, p, f->bit, a))
		return MANRS_ELIMIT;
	if (first && (!same || f->replaced))
		c->added++;
	else
		c->present++;
	return MANRS_OK;
}

/* ---- a source that is replaced (replace.c): a list that is the base's takes no memory, its bit says that it is there ---- */

/* What the base has of a customer if the source has a list in it, else NULL. */
static const struct aspa_raw *base_list(const manrs_edit *e, uint64_t bit, uint32_t customer)
{
	const struct aspa_record *b = block_of(e->base, customer);

	for (uint32_t i = 0; b && i < b->raw->n; i++)
		if (b->raw->pair[i].sources & bit)
			return b->raw;
	return NULL;
}

static struct pend_aspa *find_loaded(const manrs_edit *e, uint32_t customer)
{
	manrs_route key = {.asn = customer};
	const struct pend *pend = pending_find(&e->by_customer, &key);
	struct pend_aspa *a = e->aspa.at;

	if (!pend)
		return NULL;
	a += pend - (const struct pend *)e->by_customer.pend.at;
	return a->loaded ? a : NULL;
}

/* A first list in this edit that is the base's: nothing but its bit changes. */
static bool listed_again(const manrs_edit *e, struct replaced *r, const manrs_aspa *a)
{
	const struct aspa_raw *base = base_list(e, r->bit, a->customer);

	if (!base || !replaced_unseen(r, KIND_ASPA, base->mark) || a->n > e->owner->max_providers ||
	    find_loaded(e, a->customer) || !same_list(base->pair, base->n, r->bit, a))
		return false;
	replaced_set(r, KIND_ASPA, base->mark, false);
	return true;
}

static int apply_replaced(struct feed *f, const manrs_aspa *a, manrs_counts *c)
{
	const struct aspa_raw *base = base_list(f->edit, f->bit, a->customer);
	struct pend_aspa *p = find_loaded(f->edit, a->customer);
	bool had =
		base ? !replaced_unseen(f->replaced, KIND_ASPA, base->mark) : p && p->fed & f->bit;

	if (base)
		replaced_set(f->replaced, KIND_ASPA, base->mark, f->op == MANRS_REMOVE);
	if (f->op == MANRS_ADD) {
		p->fed = had ? p->fed | f->bit : p->fed & ~f->bit;
		return apply(f, p, a, c);
	}
	c->removed += had;
	c->unknown += !had;
	if (p) {
		clear_bit(p, f->bit);
		p->fed &= ~f->bit;
	}
	return MANRS_OK;
}

size_t aspa_forget(manrs_edit *e, const struct replaced *r)
{
	struct pend_aspa *a = e->aspa.at;
	size_t n = 0;

	for (size_t i = 0; i < e->aspa.n; i++) {
		n += (a[i].fed & r->bit) && !base_list(e, r->bit, a[i].customer);
		clear_bit(&a[i], r->bit);
		a[i].fed &= ~r->bit;
	}
	return n;
}

/* ---- feeding ---- */

static bool is_again(const struct feed *f, size_t i)
{
	return f->again && f->again[i / 64] >> i % 64 & 1;
}

/* All memory that n records may need. returns: how many have it; fewer than n: it was refused */
static size_t prepare(const struct feed *f, size_t n)
{
	const char *what;

	for (size_t i = 0; i < n; i++) {
		const manrs_aspa *a = &f->aspas[i];

		if (check(a, f->op, &what) != MANRS_OK || (f->replaced && f->op == MANRS_REMOVE))
			continue;
		if (f->replaced && listed_again(f->edit, f->replaced, a))
			f->again[i / 64] |= UINT64_C(1) << i % 64;
		else if (!touch(f->edit, a->customer, f->op == MANRS_ADD ? a->n : 0))
			return i;
	}
	return n;
}

static void undo(const struct feed *f, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_again(f, i))
			replaced_set(f->replaced, KIND_ASPA,
				     base_list(f->edit, f->bit, f->aspas[i].customer)->mark, true);
}

static int feed_one(struct feed *f, size_t i, manrs_counts *c, const char **what)
{
	const manrs_aspa *a = &f->aspas[i];
	int rc = check(a, f->op, what);

	if (rc != MANRS_OK)
		return rc;
	*what = "more providers than allowed";
	if (f->replaced && !is_again(f, i))
		return apply_replaced(f, a, c);
	if (!f->replaced)
		return apply(f, touched(f->edit, a->customer), a, c);
	c->added++;
	return MANRS_OK;
}

static void feed_all(struct feed *f, size_t n, manrs_counts *c, manrs_fault *fault, size_t *first)
{
	for (size_t i = 0; i < n; i++) {
		const char *what;
		int rc = feed_one(f, i, c, &what);

		if (rc != MANRS_OK && !c->refused++)
			fault_set(fault, rc, i, what);
		/* A list of an earlier edit that comes again is present, but no repeat. */
		if (*first == FIRST_NONE && (f->repeats || c->unknown || c->refused))
			*first = i;
	}
}

int manrs_edit_aspas(manrs_edit *e, uint32_t source, int op, const manrs_aspa *aspas, size_t n,
		     manrs_counts *counts, manrs_fault *fault)
{
	struct feed f = {.edit = e, .op = op, .aspas = aspas};
	size_t first = FIRST_NONE, words = n / 64 + 1, ready;
	manrs_counts c = {0};

	if (source >= MANRS_SOURCES || (op != MANRS_ADD && op != MANRS_REMOVE))
		return fault_set(fault, MANRS_EINVAL, 0, "no such source or operation");
	f.bit = UINT64_C(1) << source;
	f.replaced = replaced_of(e, f.bit);
	if (f.replaced)
		f.again = mem_zalloc(&e->owner->mem, words * sizeof *f.again);
	ready = f.replaced && !f.again ? 0 : prepare(&f, n);
	if (ready == n)
		feed_all(&f, n, &c, fault, &first);
	else
		undo(&f, ready);
	mem_free(&e->owner->mem, f.again, words * sizeof *f.again);
	if (ready < n)
		return fault_set(fault, MANRS_ENOMEM, ready, "out of memory");
	edit_fed(e, f.bit, n, &c, first, counts);
	return MANRS_OK;
}

/* ---- all customers of the base ---- */

struct sweep {
	manrs_edit *edit;
	uint64_t bit; /* 0: every customer */
	bool refused;
};

static bool sweep_block(void *arg, uint64_t order, const void *a, const void *b)
{
	struct sweep *s = arg;
	const struct aspa_record *block = a;
	bool want = s->bit == 0;

	(void)order, (void)b;
	for (uint32_t i = 0; i < block->raw->n && !want; i++)
		want = block->raw->pair[i].sources & s->bit;
	s->refused = want && !touch(s->edit, block->customer, 0);
	return !s->refused;
}

static bool touch_all(manrs_edit *e, uint64_t bit)
{
	struct sweep s = {e, bit, false};

	if (e->base)
		asnmap_walk(e->base->view.c.aspas, 0, 0, sweep_block, &s);
	return !s.refused;
}

bool aspa_touch_source(manrs_edit *e, uint64_t bit)
{
	return touch_all(e, bit);
}

bool aspa_touch(manrs_edit *e, uint32_t customer)
{
	return touch(e, customer, 0);
}

void aspa_drop(manrs_edit *e, uint64_t bit, manrs_counts *c)
{
	struct pend_aspa *a = e->aspa.at;

	for (size_t i = 0; i < e->aspa.n; i++) {
		c->removed += clear_bit(&a[i], bit);
		a[i].fed &= ~bit;
	}
}

/* ---- commit ---- */

/* Every customer that the old or the new SLURM speaks of. */
static bool touch_slurm(manrs_edit *e, const struct slurm_set *set)
{
	const uint32_t *customer;
	const manrs_aspa_pair *pair;
	size_t n = slurm_aspa_filters(set, &customer);

	for (size_t i = 0; i < n; i++)
		if (!touch(e, customer[i], 0))
			return false;
	n = slurm_aspas(set, &pair);
	for (size_t i = 0; i < n; i++)
		if (!touch(e, pair[i].customer, 0))
			return false;
	return true;
}

/* Mark what SLURM asserts for one customer: its pairs are neighbours in the sorted list. */
static bool assert_pairs(manrs_edit *e, const struct slurm_set *set, struct pend_aspa *p)
{
	const manrs_aspa_pair *pair;
	struct aspa_pair *own = p->pair.at;
	size_t lo = 0, hi = slurm_aspas(set, &pair), all = hi, n;

	for (size_t i = 0; i < p->pair.n; i++)
		own[i].asserted = 0;
	clear_bit(p, 0);
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (pair[mid].customer < p->customer)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (n = 0; lo + n < all && pair[lo + n].customer == p->customer; n++)
		;
	if (!vec_reserve(&e->owner->mem, &p->pair, n, sizeof *own))
		return false;
	for (size_t i = 0; i < n; i++)
		set_bit(p, 0, &pair[lo + i].provider, 1);
	return true;
}

/* The lists of replaced sources that were not listed again go. */
static void settle(manrs_edit *e, struct pend_aspa *p)
{
	const struct aspa_record *base = block_of(e->base, p->customer);
	const struct replaced *r = e->replaced.at;

	for (size_t i = 0; base && i < e->replaced.n; i++)
		if (replaced_unseen(&r[i], KIND_ASPA, base->raw->mark))
			clear_bit(p, r[i].bit);
}

static bool commit_one(manrs_edit *e, struct txn *t, struct content *c, bool rebuild,
		       struct pend_aspa *p, struct asnmap_op *op)
{
	const struct aspa_record *old = rebuild ? NULL : block_of(e->base, p->customer), *now;

	if (!load(e, p))
		return false;
	settle(e, p);
	if (!assert_pairs(e, edit_slurm(e), p) || !aspa_block_make(e, t, edit_slurm(e), p, &now))
		return false;
	*op = (struct asnmap_op){asnmap_order(p->customer), now, p->customer, 0};
	c->aspa_count += now && now->n;
	c->aspa_providers += now ? now->n : 0;
	if (!old)
		return true;
	assert(c->aspa_count >= (old->n != 0) && c->aspa_providers >= old->n);
	c->aspa_count -= old->n != 0;
	c->aspa_providers -= old->n;
	return aspa_block_retire(t, old);
}

static int op_cmp(const void *arg, uint64_t a, uint64_t b)
{
	(void)arg;
	return a < b ? -1 : a > b;
}

bool commit_aspas(manrs_edit *e, struct txn *t, struct content *c, bool rebuild)
{
	const manrs_alloc *mem = &e->owner->mem;
	uint64_t turned = e->base ? e->base->view.c.unused ^ edit_unused(e) : 0;
	struct vec items = {0}, ops = {0};
	struct pend_aspa *p;
	bool ok;

	if ((rebuild && !touch_all(e, 0)) || !replaced_gather(e, KIND_ASPA) ||
	    (turned && !touch_all(e, turned)) ||
	    (e->slurm_changed &&
	     ((e->base && !touch_slurm(e, e->base->view.c.slurm)) || !touch_slurm(e, e->slurm))))
		return false;
	p = e->aspa.at;
	ok = vec_reserve(mem, &items, 2 * e->aspa.n, sizeof(struct sort_item)) &&
	     vec_reserve(mem, &ops, 2 * e->aspa.n, sizeof(struct asnmap_op));
	for (size_t i = 0; i < e->aspa.n && ok; i++) {
		struct asnmap_op *op = (struct asnmap_op *)ops.at + i;

		ok = commit_one(e, t, c, rebuild, &p[i], op);
		if (ok)
			((struct sort_item *)items.at)[i] = (struct sort_item){op->order, i};
	}
	if (ok && e->aspa.n) {
		struct sort_item *item = items.at;
		struct asnmap_op *op = ops.at, *sorted = op + e->aspa.n;

		sort_items(item, item + e->aspa.n, e->aspa.n, op_cmp, NULL);
		for (size_t i = 0; i < e->aspa.n; i++)
			sorted[i] = op[item[i].at];
		for (size_t i = 1; i < e->aspa.n; i++)
			assert(sorted[i - 1].order < sorted[i].order); /* each customer once */
		ok = asnmap_apply(t, c->aspas, sorted, e->aspa.n, &c->aspas);
	}
	vec_free(mem, &items, sizeof(struct sort_item));
	vec_free(mem, &ops, sizeof(struct asnmap_op));
	return ok;
}
