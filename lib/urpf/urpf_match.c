/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lookup of a big IPv6 table: a longest match of all prefixes, and for each of its entries what the addresses get that
 * match it.
 *
 *      address -> entry -> page[entry / 512] -> row
 *
 * The match is made when everything is compiled, and the commits after share it. A commit computes again the rows of the entries
 * inside what changed; a version has pages of its own for those. A prefix that is gone still has its entry, whose addresses
 * get what those around get. One that is new has none: the entry around it says MATCH_ASK from then on, and its addresses
 * are asked of the blocks. When many do, a commit builds a new match, so that its cost is small when spread over the
 * prefixes that came.
 */

#include "table/lpm_entries.h"
#include "urpf/urpf_match.h"
#include "urpf/urpf_state.h"

#include <assert.h>

static void lpm_drop(struct heap *h, void *obj)
{
	(void)h;
	manrs_lpm_free(((struct urpf_lpm *)obj)->lpm);
}

static void match_drop(struct heap *h, void *obj)
{
	struct urpf_match *m = obj;

	heap_drop(h, m->lpm);
	for (uint64_t i = 0; i < m->n_pages; i++)
		heap_drop(h, m->page[i]);
}

const struct heap_type urpf_lpm_type = {.drop = lpm_drop};
const struct heap_type urpf_match_type = {.drop = match_drop};

/* New prefixes that a match of so many entries may have. */
static uint64_t ask_most(const manrs_lpm *lpm)
{
	return 256 + manrs_lpm_count(lpm) / 16;
}

static struct urpf_match *alloc_match(struct heap *h, uint64_t n_pages)
{
	struct urpf_match *m =
		heap_new(h, sizeof *m + (size_t)n_pages * sizeof *m->page, URPF_MATCH);

	if (m)
		m->n_pages = n_pages;
	return m;
}

/* All IPv6 candidates. */
static bool candidates(const manrs_urpf *s, manrs_trie *trie)
{
	const struct ptrie_node *n = ptrie_next(s->cand[1], NULL);

	while (n) {
		manrs_prefix p = ptrie_key_prefix(n->key, n->bits, 6);

		if (manrs_trie_set(trie, &p, 0) < 0)
			return false;
		n = ptrie_after(s->cand[1], n);
	}
	return true;
}

static bool match_lpm(manrs_urpf_owner *o, const manrs_urpf *s, manrs_lpm **lpm)
{
	manrs_lpm_config config;
	manrs_trie *trie;
	bool ok;

	manrs_lpm_config_init(&config, sizeof config);
	config.alloc = &o->heap.mem;
	config.isa = o->isa;
	if (manrs_trie_new(&trie, &o->heap.mem) != MANRS_OK)
		return false;
	ok = candidates(s, trie) && manrs_lpm_new(lpm, trie, &config) == MANRS_OK;
	manrs_trie_free(trie);
	return ok;
}

/* What the addresses of an entry get; of no entry, 0, those that nothing covers. */
static bool entry_row(struct urpf_build *b, const manrs_urpf_owner *o, const manrs_lpm *lpm,
		      uint32_t entry, uint64_t *at)
{
	manrs_prefix p = {.family = 6};
	uint32_t row;

	assert(entry <= manrs_lpm_count(lpm));
	(void)manrs_lpm_entry(lpm, entry, &p, NULL);
	if (!build_row(b, p.addr, p.len, &row))
		return false;
	*at = o->rows->words == 1 ? o->rows->bits[row] : row;
	return true;
}

struct urpf_match *match_new(manrs_urpf_owner *o, const manrs_urpf *s)
{
	struct heap *h = &o->heap;
	struct urpf_lpm *l = heap_new(h, sizeof *l, URPF_LPM);
	struct urpf_build *b = build_new(o, s, 6);
	struct urpf_match *m = NULL;
	bool ok = l && b && match_lpm(o, s, &l->lpm) &&
		  (m = alloc_match(h, manrs_lpm_count(l->lpm) / MATCH_PAGE + 1)) != NULL;

	for (uint64_t i = 0; ok && i < m->n_pages; i++) {
		m->page[i] = heap_new(h, sizeof *m->page[i], URPF_PLAIN);
		ok = m->page[i] != NULL;
	}
	for (uint32_t e = 0; ok && e <= manrs_lpm_count(l->lpm); e++)
		ok = entry_row(b, o, l->lpm, e, &m->page[e / MATCH_PAGE]->at[e % MATCH_PAGE]);
	if (m)
		m->lpm = heap_ref(l);
	heap_drop(h, l);
	if (b)
		build_free(b);
	if (ok)
		return m;
	heap_drop(h, m);
	return NULL;
}

/* ---- the next version ---- */

struct next {
	manrs_urpf_owner *o;
	const manrs_urpf *s;
	const struct urpf_match *old;
	struct urpf_match *m;
	struct urpf_build *b;
	uint32_t upto; /* entries before this are as they should be */
	uint32_t made;
};

/* The place of an entry, in a page of ours alone; NULL: no memory. */
static uint64_t *entry_own(struct next *x, uint32_t entry)
{
	struct match_page **page = &x->m->page[entry / MATCH_PAGE];

	assert(entry / MATCH_PAGE < x->m->n_pages);
	assert(x->old->n_pages == x->m->n_pages);
	if (*page == x->old->page[entry / MATCH_PAGE]) {
		struct match_page *own = heap_new(&x->o->heap, sizeof *own, URPF_PLAIN);

		if (!own)
			return NULL;
		memcpy(own->at, (*page)->at, sizeof own->at);
		heap_drop(&x->o->heap, *page);
		*page = own;
	}
	return &(*page)->at[entry % MATCH_PAGE];
}

static bool ask(struct next *x, uint32_t entry)
{
	uint64_t *at = entry_own(x, entry);

	if (!at)
		return false;
	x->m->n_ask += *at != MATCH_ASK;
	assert(x->m->n_ask <= (uint64_t)manrs_lpm_count(x->m->lpm->lpm) + 1);
	*at = MATCH_ASK;
	return x->m->n_ask <= ask_most(x->m->lpm->lpm);
}

/* The entries inside a prefix. */
static bool entries_again(struct next *x, uint32_t first, uint32_t end)
{
	const manrs_lpm *lpm = x->m->lpm->lpm;

	for (uint32_t e = first > x->upto ? first : x->upto; e < end; e++) {
		uint64_t *at;

		if (match_at(x->m, e) == MATCH_ASK)
			continue;
		at = entry_own(x, e);
		if (!at || ++x->made > manrs_lpm_count(lpm) / 4 ||
		    !entry_row(x->b, x->o, lpm, e, at))
			return false;
	}
	x->upto = end > x->upto ? end : x->upto;
	return true;
}

static bool prefix_again(struct next *x, const manrs_prefix *p)
{
	const manrs_lpm *lpm = x->m->lpm->lpm;
	uint32_t first, end, around;
	manrs_prefix found;

	lpm_inside(lpm, p, &first, &end);
	if (!entries_again(x, first, end))
		return false;
	if (first < end && manrs_lpm_entry(lpm, first, &found, NULL) == MANRS_OK &&
	    found.len == p->len)
		return true; /* it has an entry */
	if (first < end)
		around = lpm_parent(lpm, first);
	else
		manrs_lpm_lookup6(lpm, p->addr, 1, &around);
	return !urpf_candidate_get(x->s, p) || ask(x, around);
}

struct urpf_match *match_next(manrs_urpf_owner *o, const manrs_urpf *s,
			      const struct urpf_match *old, const manrs_prefix *dirty, size_t n)
{
	struct heap *h = &o->heap;
	struct next x = {.o = o, .s = s, .old = old};
	bool ok;

	x.m = alloc_match(h, old->n_pages);
	x.b = build_new(o, s, 6);
	ok = x.m && x.b;
	if (x.m) {
		x.m->lpm = heap_ref(old->lpm);
		x.m->n_ask = old->n_ask;
		for (uint64_t i = 0; i < old->n_pages; i++)
			x.m->page[i] = heap_ref(old->page[i]);
	}
	for (size_t i = 0; i < n && ok; i++)
		ok = prefix_again(&x, &dirty[i]);
	if (x.b)
		build_free(x.b);
	if (ok)
		return x.m;
	heap_drop(h, x.m);
	return NULL;
}
