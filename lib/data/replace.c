/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sources that an edit replaces (db_source.h). What the base has is numbered once, and each replaced source has a bit a number:
 *
 *     tree       own  own  own  ...        node by node; cover_own.mark: the number of its first record
 *     numbers    0..4 5..6 7..30
 *     unseen     1101 00   0010..          the base has it under this source, and the edit has not listed it again
 *     place      0               ...       every STRIDE numbers or so: where to enter the tree to find a number again
 *
 * For a record that the base has under the source its bit alone says whether the edit has it; for every other one the pending
 * change does. So a record that is listed again costs a lookup and nothing else, and a commit looks for the bits that stand.
 * The numbers lie in blocks that readers share, in a word that none of them looks at; an owner has one edit at a time.
 */

#include "data/store.h"

#include <assert.h>
#include <manrs/db_source.h>
#include <string.h>

#define STRIDE 256u
#define CHUNK  256u

struct place {
	uint8_t addr[16]; /* of a tree's node; of the map of customers: the order, to go on from */
	uint32_t first, depth;
};

static uint32_t *scratch(const uint32_t *mark)
{
	return (uint32_t *)(uintptr_t)mark;
}

struct replaced *replaced_of(const manrs_edit *e, uint64_t bit)
{
	struct replaced *r = e->replaced.at;

	for (size_t i = 0; i < e->replaced.n; i++)
		if (r[i].bit == bit)
			return &r[i];
	return NULL;
}

bool replaced_unseen(const struct replaced *r, unsigned kind, uint32_t number)
{
	const uint64_t *word = r->unseen[kind].at;

	assert(number / 64 < r->unseen[kind].n);
	return word[number / 64] >> number % 64 & 1;
}

void replaced_set(struct replaced *r, unsigned kind, uint32_t number, bool unseen)
{
	uint64_t *word = r->unseen[kind].at, mask = UINT64_C(1) << number % 64;

	assert(number / 64 < r->unseen[kind].n);
	word[number / 64] = unseen ? word[number / 64] | mask : word[number / 64] & ~mask;
}

static void bits_free(const manrs_alloc *mem, struct replaced *r)
{
	for (unsigned k = 0; k < KINDS; k++)
		vec_free(mem, &r->unseen[k], sizeof(uint64_t));
}

static void numbers_free(manrs_edit *e)
{
	for (unsigned k = 0; k < KINDS; k++) {
		vec_free(&e->owner->mem, &e->numbered[k].place, sizeof(struct place));
		e->numbered[k].n = 0;
	}
	e->numbers = false;
}

void replaced_free(manrs_edit *e)
{
	struct replaced *r = e->replaced.at;

	for (size_t i = 0; i < e->replaced.n; i++)
		bits_free(&e->owner->mem, &r[i]);
	vec_free(&e->owner->mem, &e->replaced, sizeof *r);
	numbers_free(e);
}

/* ---- numbering, and the bits as they are at first ---- */

struct pass {
	manrs_edit *edit;
	struct replaced *of;
	unsigned kind;
	bool refused;
};

/* Give n numbers from here on, and bits for them. returns: false when memory was refused. */
static bool give(struct pass *p, uint32_t *mark, uint32_t n, const uint8_t *addr, unsigned depth)
{
	const manrs_alloc *mem = &p->edit->owner->mem;
	struct numbered *all = &p->edit->numbered[p->kind];
	struct vec *bits = &p->of->unseen[p->kind];
	const struct place *last = all->place.at;
	size_t words;

	if (!p->edit->numbers) {
		struct place *at;

		if (n > UINT32_MAX - all->n)
			return false;
		if (!all->place.n || all->n - last[all->place.n - 1].first >= STRIDE) {
			at = vec_push(mem, &all->place, sizeof *at);
			if (!at)
				return false;
			*at = (struct place){.first = all->n, .depth = depth};
			memcpy(at->addr, addr, 16);
		}
		*mark = all->n;
		all->n += n;
	}
	words = ((size_t)*mark + n + 63) / 64;
	if (words <= bits->n)
		return true;
	if (!vec_reserve(mem, bits, words - bits->n, sizeof(uint64_t)))
		return false;
	memset((uint64_t *)bits->at + bits->n, 0, (words - bits->n) * sizeof(uint64_t));
	bits->n = words;
	return true;
}

static bool pass_own(void *arg, const uint8_t *addr, unsigned depth, const struct cover_own *own)
{
	struct pass *p = arg;

	p->refused = !give(p, scratch(&own->mark), own->n, addr, depth);
	for (uint32_t i = 0; i < own->n && !p->refused; i++)
		if (own->rec[i].sources & p->of->bit)
			replaced_set(p->of, p->kind, own->mark + i, true);
	return !p->refused;
}

static bool has(const struct aspa_raw *raw, uint64_t bit)
{
	for (uint32_t i = 0; i < raw->n; i++)
		if (raw->pair[i].sources & bit)
			return true;
	return false;
}

static bool pass_aspa(void *arg, uint64_t order, const void *a, const void *b)
{
	struct pass *p = arg;
	const struct aspa_record *block = a;
	uint8_t before[16] = {0};

	(void)b;
	put64(before, order - 1);
	p->refused = !give(p, scratch(&block->raw->mark), 1, before, 0);
	if (!p->refused && has(block->raw, p->of->bit))
		replaced_set(p->of, p->kind, block->raw->mark, true);
	return !p->refused;
}

static bool pass_keys(struct pass *p, const struct key_set *set)
{
	static const uint8_t none[16];
	uint32_t mark = 0;

	if (!set)
		return true;
	if (set->n > UINT32_MAX || !give(p, &mark, (uint32_t)set->n, none, 0))
		return false;
	for (uint32_t i = 0; i < set->n; i++)
		if (set->rec[i].sources & p->of->bit)
			replaced_set(p->of, p->kind, i, true);
	return true;
}

/* Set the bits of all that the base has under a source; the first time for an edit, number it too. */
static bool mark_all(manrs_edit *e, struct replaced *r)
{
	const struct content *c = &e->base->view.c;
	struct pass p = {.edit = e, .of = r};

	for (; p.kind < TREES && !p.refused; p.kind++)
		cover_owns(c->root[p.kind], NULL, pass_own, &p);
	p.kind = KIND_ASPA;
	if (!p.refused)
		asnmap_walk(c->aspas, 0, 0, pass_aspa, &p);
	p.kind = KIND_KEY;
	return !p.refused && pass_keys(&p, c->keys);
}

int manrs_edit_replace(manrs_edit *e, uint32_t source)
{
	const manrs_alloc *mem = &e->owner->mem;
	uint64_t bit;
	struct replaced r;

	if (source >= MANRS_SOURCES)
		return MANRS_EINVAL;
	bit = UINT64_C(1) << source;
	if (e->fed & bit || replaced_of(e, bit))
		return MANRS_ESTATE;
	if (!vec_reserve(mem, &e->replaced, 1, sizeof r))
		return MANRS_ENOMEM;
	r = (struct replaced){.bit = bit};
	if (e->base && !mark_all(e, &r)) {
		bits_free(mem, &r);
		if (!e->numbers)
			numbers_free(e);
		return MANRS_ENOMEM;
	}
	e->numbers = e->base;
	((struct replaced *)e->replaced.at)[e->replaced.n++] = r;
	return MANRS_OK;
}

/* ---- feeding ---- */

struct feed {
	manrs_edit *edit;
	struct replaced *of;
	unsigned kind; /* KIND_KEY, or a TREE of family 4 */
	int op;
	const void *records;
};

/* Where it is said whether the edit has a record: a bit, or (NULL) a pending change. */
struct spot {
	uint64_t *word, mask;
	bool ok;
};

static struct pending *pending_at(const struct feed *f)
{
	return f->kind == TREE_VRP4 ? &f->edit->vrp : &f->edit->irr;
}

/* Of route objects a copy, whose maxlen is none of theirs. */
static const manrs_route *route_at(const struct feed *f, size_t i, manrs_route *copy)
{
	const manrs_route *r = (const manrs_route *)f->records + i;

	if (f->kind != TREE_IRR4)
		return r;
	*copy = *r;
	copy->prefix.maxlen = r->prefix.len;
	return copy;
}

static struct spot spot_of(const struct feed *f, unsigned kind, uint32_t number)
{
	return (struct spot){(uint64_t *)f->of->unseen[kind].at + number / 64,
			     UINT64_C(1) << number % 64, true};
}

static struct spot find_key(const struct feed *f, size_t i, manrs_fault *fault)
{
	const manrs_router_key *key = (const manrs_router_key *)f->records + i;
	const struct key_rec *base;

	if (!key_ok(key)) {
		fault_set(fault, MANRS_EINVAL, i, "malformed router key");
		return (struct spot){0};
	}
	base = key_base(f->edit, key);
	if (!base || !(base->sources & f->of->bit))
		return (struct spot){.ok = true};
	return spot_of(f, KIND_KEY, (uint32_t)(base - f->edit->base->view.c.keys->rec));
}

static struct spot route_spot(const struct feed *f, size_t i, const struct cover_own *own)
{
	manrs_route copy;
	const manrs_route *r = route_at(f, i, &copy);
	const struct cover_rec *base =
		cover_pick(own, r->prefix.addr, r->prefix.len, r->asn, r->prefix.maxlen);

	if (!base || !(base->sources & f->of->bit))
		return (struct spot){.ok = true};
	return spot_of(f, f->kind + (r->prefix.family == 6),
		       own->mark + (uint32_t)(base - own->rec));
}

/* Whether a prefix ends in the same node as the one before it: neighbours in order mostly do. */
static bool same_node(const manrs_prefix *a, const manrs_prefix *b)
{
	unsigned depth = cover_depth(a->len);

	return a->family == b->family && depth == cover_depth(b->len) &&
	       !((get64(a->addr) ^ get64(b->addr)) & mask64(8 * depth)) &&
	       !(depth > 8 && (get64(a->addr + 8) ^ get64(b->addr + 8)) & mask64(8 * depth - 64));
}

/* Find n records: the nodes in which they end side by side, then the records in them. */
static void find_routes(const struct feed *f, size_t at, size_t n, struct spot *spot,
			manrs_fault *fault)
{
	const manrs_route *routes = (const manrs_route *)f->records + at;
	struct cover_seek seek[CHUNK];
	const manrs_prefix *last = NULL;
	uint16_t node[CHUNK];
	size_t nodes = 0;
	manrs_route copy;

	for (size_t i = 0; i < n; i++) {
		const manrs_prefix *p = &routes[i].prefix;

		spot[i] = (struct spot){.ok = route_ok(route_at(f, at + i, &copy), fault, at + i)};
		if (!spot[i].ok) {
			fault = NULL;
			continue;
		}
		if (!last || !same_node(last, p))
			seek[nodes++] =
				(struct cover_seek){.addr = p->addr,
						    .entry = edit_root(f->edit, f->kind, p->family),
						    .len = p->len};
		node[i] = (uint16_t)(nodes - 1);
		last = p;
	}
	cover_seek_many(seek, nodes);
	for (size_t i = 0; i < n; i++)
		if (spot[i].ok)
			spot[i] = route_spot(f, at + i, seek[node[i]].own);
}

static void find(const struct feed *f, size_t at, size_t n, struct spot *spot, manrs_fault *fault)
{
	if (f->kind != KIND_KEY)
		find_routes(f, at, n, spot, fault);
	for (size_t i = 0; i < n && f->kind == KIND_KEY; i++) {
		spot[i] = find_key(f, at + i, fault);
		if (!spot[i].ok)
			fault = NULL;
	}
}

static bool reserve(const struct feed *f, size_t n)
{
	return !n ||
	       (f->kind == KIND_KEY ? key_reserve(f->edit, n)
				    : pending_reserve(&f->edit->owner->mem, pending_at(f), n));
}

/* The sources of the pending change of a record; there is room for one. */
static uint64_t *sources_of(const struct feed *f, size_t i)
{
	const manrs_route *r;
	manrs_route copy;

	if (f->kind == KIND_KEY)
		return &key_touch(f->edit, (const manrs_router_key *)f->records + i)->sources;
	r = route_at(f, i, &copy);
	return &pending_of(pending_at(f), r, edit_root(f->edit, f->kind, r->prefix.family))->now;
}

/* returns: whether anything changed */
static bool apply(const struct feed *f, size_t i, const struct spot *s, manrs_counts *c)
{
	uint64_t bit = f->of->bit, *sources = s->word ? NULL : sources_of(f, i);
	bool had = s->word ? !(*s->word & s->mask) : (*sources & bit) != 0;
	bool now = edit_sources(had ? bit : 0, bit, f->op, c) != 0;

	if (s->word)
		*s->word = now ? *s->word & ~s->mask : *s->word | s->mask;
	else
		*sources = now ? *sources | bit : *sources & ~bit;
	return had != now;
}

/* Memory was refused behind the first n records: those that changed something change back. */
static void undo(const struct feed *f, const uint64_t *changed, size_t n)
{
	struct feed back = *f;
	manrs_counts none = {0};

	back.op = f->op == MANRS_ADD ? MANRS_REMOVE : MANRS_ADD;
	for (size_t i = 0; i < n; i++)
		if (changed[i / 64] >> i % 64 & 1) {
			struct spot s;

			find(&back, i, 1, &s, NULL);
			apply(&back, i, &s, &none);
		}
}

/* One chunk from `at` on: look all up, then make room for those that need it, then apply. */
static bool feed_chunk(const struct feed *f, size_t at, size_t n, uint64_t *changed,
		       manrs_counts *c, manrs_fault *fault, size_t *first)
{
	struct spot spot[CHUNK];
	size_t need = 0;

	find(f, at, n, spot, c->refused ? NULL : fault);
	for (size_t i = 0; i < n; i++)
		need += spot[i].ok && !spot[i].word;
	if (!reserve(f, need))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (!spot[i].ok)
			c->refused++;
		else if (apply(f, at + i, &spot[i], c) && changed)
			changed[(at + i) / 64] |= UINT64_C(1) << (at + i) % 64;
		edit_note(c, at + i, first);
	}
	return true;
}

bool replaced_feed(manrs_edit *e, struct replaced *r, unsigned kind, int op, const void *records,
		   size_t n, manrs_counts *c, manrs_fault *fault, size_t *first)
{
	const struct feed f = {e, r, kind, op, records};
	size_t words = n > CHUNK ? n / 64 + 1 : 0, at = 0;
	uint64_t *changed = words ? mem_zalloc(&e->owner->mem, words * sizeof *changed) : NULL;
	bool ok = !words || changed;

	for (; at < n && ok; at += ok ? CHUNK : 0)
		ok = feed_chunk(&f, at, n - at < CHUNK ? n - at : CHUNK, changed, c, fault, first);
	if (!ok && changed)
		undo(&f, changed, at);
	mem_free(&e->owner->mem, changed, words * sizeof *changed);
	return ok;
}

static size_t standing(const struct replaced *r)
{
	size_t n = 0;

	for (unsigned k = 0; k < KINDS; k++)
		for (size_t i = 0; i < r->unseen[k].n; i++)
			n += cc_popcount64(((const uint64_t *)r->unseen[k].at)[i]);
	return n;
}

static size_t forget_routes(struct pending *p, uint64_t bit)
{
	struct pend *pend = p->pend.at;
	size_t n = 0;

	for (size_t i = 0; i < p->pend.n; i++) {
		n += (pend[i].now & ~pend[i].was & bit) != 0;
		pend[i].now &= ~bit;
	}
	return n;
}

static size_t forget_keys(manrs_edit *e, uint64_t bit)
{
	struct key_rec *rec = e->key.at;
	size_t n = 0;

	for (size_t i = 0; i < e->key.n; i++) {
		const struct key_rec *base = key_base(e, &rec[i].key);

		n += (rec[i].sources & bit) && !(base && base->sources & bit);
		rec[i].sources &= ~bit;
	}
	return n;
}

void replaced_drop(manrs_edit *e, struct replaced *r, manrs_counts *c)
{
	size_t before = standing(r);
	/* The numbers and the words are there from the first time, so no memory is asked for. */
	bool done = !e->base || mark_all(e, r);

	assert(done);
	(void)done;
	c->removed = standing(r) - before + forget_routes(&e->vrp, r->bit) +
		     forget_routes(&e->irr, r->bit) + aspa_forget(e, r) + forget_keys(e, r->bit);
}

/* ---- commit ---- */

/* Whether any replaced source has a bit at these numbers; *at moves to the first of them. */
static bool next_unseen(const manrs_edit *e, unsigned kind, uint32_t *at, uint32_t end)
{
	const struct replaced *r = e->replaced.at;

	while (*at < end) {
		uint64_t word = 0;

		for (size_t i = 0; i < e->replaced.n; i++)
			if (*at / 64 < r[i].unseen[kind].n)
				word |= ((const uint64_t *)r[i].unseen[kind].at)[*at / 64];
		word >>= *at % 64;
		if (word) {
			*at += cc_ctz64(word);
			return *at < end;
		}
		if (end - *at <= 64 - *at % 64)
			break;
		*at += 64 - *at % 64;
	}
	return false;
}

/* The numbers from one place to the next. */
struct stretch {
	manrs_edit *edit;
	unsigned kind;
	uint32_t end;
	bool refused;
};

static bool gather_route(struct stretch *s, const uint8_t *addr, unsigned depth,
			 const struct cover_rec *rec)
{
	struct pending *p = s->kind < TREE_IRR4 ? &s->edit->vrp : &s->edit->irr;
	manrs_route r = {.asn = rec->asn};

	r.prefix.family = s->kind % 2 ? 6 : 4;
	r.prefix.len = rec->len;
	r.prefix.maxlen = rec->maxlen;
	memcpy(r.prefix.addr, addr, depth);
	r.prefix.addr[depth] = rec->slot;
	if (!pending_reserve(&s->edit->owner->mem, p, 1))
		return false;
	pending_of(p, &r, s->edit->base->view.c.root[s->kind]);
	return true;
}

static bool gather_own(void *arg, const uint8_t *addr, unsigned depth, const struct cover_own *own)
{
	struct stretch *s = arg;
	uint32_t end = own->mark + own->n;

	for (uint32_t at = own->mark; next_unseen(s->edit, s->kind, &at, end); at++)
		if (!gather_route(s, addr, depth, &own->rec[at - own->mark])) {
			s->refused = true;
			return false;
		}
	return end < s->end;
}

static bool gather_aspa(void *arg, uint64_t order, const void *a, const void *b)
{
	struct stretch *s = arg;
	const struct aspa_record *block = a;
	uint32_t at = block->raw->mark;

	(void)order, (void)b;
	s->refused =
		next_unseen(s->edit, s->kind, &at, at + 1) && !aspa_touch(s->edit, block->customer);
	return !s->refused && block->raw->mark + 1 < s->end;
}

static void gather_stretch(struct stretch *s, const struct place *place)
{
	const struct content *c = &s->edit->base->view.c;
	struct cover_from from = {.len = place->depth ? 8 * place->depth + 1 : 0};

	memcpy(from.addr, place->addr, 16);
	if (s->kind == KIND_ASPA)
		asnmap_walk(c->aspas, 0, get64(place->addr), gather_aspa, s);
	else
		cover_owns(c->root[s->kind], &from, gather_own, s);
}

static bool gather_keys(manrs_edit *e)
{
	for (uint32_t at = 0; next_unseen(e, KIND_KEY, &at, e->numbered[KIND_KEY].n); at++) {
		if (!key_reserve(e, 1))
			return false;
		key_touch(e, &e->base->view.c.keys->rec[at].key);
	}
	return true;
}

bool replaced_gather(manrs_edit *e, unsigned kind)
{
	const struct numbered *all = &e->numbered[kind];
	const struct place *place = all->place.at;
	struct stretch s = {.edit = e, .kind = kind};

	if (kind == KIND_KEY)
		return gather_keys(e);
	for (size_t i = 0; i < all->place.n && !s.refused; i++) {
		uint32_t at = place[i].first;

		s.end = i + 1 < all->place.n ? place[i + 1].first : all->n;
		if (next_unseen(e, kind, &at, s.end))
			gather_stretch(&s, &place[i]);
	}
	return !s.refused;
}

/* Pending changes of records that the base has under a replaced source: their bits decide. */
void replaced_settle(manrs_edit *e, enum tree tree)
{
	struct pending *p = tree == TREE_VRP4 ? &e->vrp : &e->irr;
	const struct replaced *r = e->replaced.at;
	struct pend *pend = p->pend.at;
	const struct cover_own *own;

	for (size_t i = 0; i < p->pend.n && e->replaced.n; i++) {
		unsigned family = pend[i].route.prefix.family;
		const struct cover_rec *base =
			pend[i].was ? pending_base(edit_root(e, tree, family), &pend[i].route, &own)
				    : NULL;

		for (size_t j = 0; base && j < e->replaced.n; j++) {
			uint32_t at = own->mark + (uint32_t)(base - own->rec);

			if (!(pend[i].was & r[j].bit))
				continue;
			pend[i].now |= r[j].bit;
			if (replaced_unseen(&r[j], tree + (family == 6), at))
				pend[i].now &= ~r[j].bit;
		}
	}
}
