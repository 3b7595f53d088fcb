/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The nodes of the covering index: from records to groups, from groups to lists and runs (cover.h has the picture).
 *
 *     records   by slot, len, asn, maxlen
 *     groups    the records of one prefix that count; each has a parent, the group around it, or what covers the node (inh)
 *     lists     of a group: its parent's and its own words; too long for words: a MANY
 *     runs      neighbouring slots with the same list or child
 */

#include "table/cover_work.h"

#include <stddef.h>
#include <string.h>

/* ---- blocks ---- */

/* Words of a node's tail that a list before it may be read into. */
#define SPARE_TAIL 2u
_Static_assert(offsetof(struct cover_tail, many) == 8 * SPARE_TAIL,
	       "a tail is own and manys, at least");

size_t cover_own_size(size_t n)
{
	return sizeof(struct cover_own) + n * sizeof(struct cover_rec);
}

static size_t node_size(size_t runs, size_t words, uint64_t manys)
{
	return sizeof(struct cover_node) + 8 * (runs + words) + sizeof(struct cover_tail) +
	       (size_t)manys * sizeof(struct cover_many_at);
}

size_t cover_node_bytes(const struct cover_node *node)
{
	return node_size(node->runs, node->words, cover_tail_of(node)->manys);
}

size_t cover_skip_size(size_t words)
{
	return sizeof(struct cover_skip) + 8 * (words ? words + COVER_SPARE : 0);
}

static size_t many_size(size_t words)
{
	return sizeof(struct cover_many) + 8 * words;
}

/* ---- lists ---- */

static uint64_t word_of(const struct cover_rec *r)
{
	return (uint64_t)r->asn << 32 | (uint64_t)r->len << 16 | (uint64_t)r->maxlen << 8;
}

/* The words of a group that count. */
static unsigned group_words(const struct group *g, uint64_t *out)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < g->span; i++)
		if (cover_effective(&g->rec[i]))
			out[n++] = word_of(&g->rec[i]);
	return n;
}

/* The whole list of a group, outermost first, as what its slots inherit. */
void cover_list_of(const struct work *k, int g, const struct inherited *inh, struct inherited *out)
{
	int chain[10];
	unsigned depth = 0;

	if (g >= 0 && k->group[g].words == 0) {
		*out = (struct inherited){.many = k->group[g].entry};
		return;
	}
	*out = *inh;
	for (int up = g; up >= 0; up = k->group[up].parent) {
		assert(depth < sizeof chain / sizeof *chain);
		assert(k->group[up].parent < up);
		chain[depth++] = up;
	}
	while (depth) {
		assert(out->n + k->group[chain[depth - 1]].n <= COVER_FEW);
		out->n += group_words(&k->group[chain[--depth]], out->word + out->n);
	}
	assert(g < 0 || out->n == k->group[g].words);
}

/* A list's entry where it needs no words of its own; else LIST, to be given a place. */
static uint64_t entry_of(const struct inherited *list)
{
	if (list->many)
		return list->many;
	return list->n == 0 ? COVER_NONE : list->n == 1 ? list->word[0] | COVER_ONE : COVER_LIST;
}

static uint64_t put_list(uint64_t *at, const struct inherited *list)
{
	assert(!list->many && list->n >= 2 && list->n <= COVER_FEW);
	memcpy(at, list->word, 8 * list->n);
	at[list->n - 1] |= COVER_ONE;
	return (uint64_t)(uintptr_t)at | COVER_LIST;
}

/* ---- step 3: groups ---- */

static bool group_changed(const struct work *k, const struct group *g)
{
	for (unsigned i = 0; i < k->changes; i++) {
		unsigned slot = k->change[i] >> 8, len = k->change[i] & 0xff,
			 bits = len - 8 * k->depth;

		assert(bits <= 8);
		if (len <= g->len && (slot ^ g->slot) >> (8 - bits) == 0)
			return true;
	}
	return false;
}

void cover_set_slot(uint64_t *slots, unsigned s)
{
	slots[s / 64] |= UINT64_C(1) << s % 64;
}

static bool has_slot(const uint64_t *slots, unsigned s)
{
	return slots[s / 64] >> s % 64 & 1;
}

static void group_records(struct work *k)
{
	const struct cover_rec *r = k->own ? k->own->rec : NULL;
	size_t n = k->own ? k->own->n : 0;

	memset(k->inner, 0xff, sizeof k->inner);
	memset(k->edge, 0, sizeof k->edge);
	for (size_t i = 0, j; i < n; i = j) {
		struct group *g = &k->group[k->groups];
		unsigned span;

		assert(k->groups < GROUPS);
		*g = (struct group){.rec = &r[i], .slot = r[i].slot, .len = r[i].len, .at = -1};
		for (j = i; j < n && r[j].slot == g->slot && r[j].len == g->len; j++)
			g->n += cover_effective(&r[j]);
		g->span = (uint32_t)(j - i);
		if (!g->n)
			continue;
		g->parent = k->inner[g->slot];
		g->changed = k->dirty || !k->old || group_changed(k, g);
		assert(g->parent < 0 || k->group[g->parent].len < g->len);
		span = 256u >> (g->len - 8 * k->depth);
		assert(g->slot % span == 0);
		for (unsigned s = g->slot; s < g->slot + span; s++)
			k->inner[s] = (int16_t)k->groups;
		cover_set_slot(k->edge, g->slot);
		if (g->slot + span < 256)
			cover_set_slot(k->edge, g->slot + span);
		k->groups++;
	}
}

/* The block of a prefix in the old node, 0: none. They are in order of slot and len. */
static uint64_t find_many(const struct cover_node *old, const struct group *g)
{
	const struct cover_tail *tail = old ? cover_tail_of(old) : NULL;
	uint64_t lo = 0, hi = tail ? tail->manys : 0, key = (uint64_t)g->slot << 8 | g->len;

	while (lo < hi) {
		uint64_t mid = lo + (hi - lo) / 2;

		assert(cover_tag(tail->many[mid].entry) == COVER_MANY);
		if (tail->many[mid].key == key)
			return tail->many[mid].entry;
		if (tail->many[mid].key < key)
			lo = mid + 1;
		else
			hi = mid;
	}
	return 0;
}

static bool make_many(struct cover_txn *t, struct work *k, struct group *g,
		      const struct inherited *inh)
{
	struct inherited above;
	struct cover_many *m;

	cover_list_of(k, g->parent, inh, &above);
	assert(above.many ? above.n == 0 : above.n + (uint64_t)g->n > COVER_FEW);
	assert(!above.many || cover_tag(above.many) == COVER_MANY);
	m = txn_alloc(t->txn, TXN_READ, many_size((size_t)above.n + g->n));
	if (!m)
		return false;
	*m = (struct cover_many){.up = above.many, .few = above.n, .own = g->n};
	memcpy(m->word, above.word, 8 * above.n);
	group_words(g, m->word + above.n);
	g->entry = (uint64_t)(uintptr_t)m | COVER_MANY;
	return true;
}

/* The lists that are too long for words get their own blocks, or keep them. */
static bool many_step(struct cover_txn *t, struct work *k, const struct inherited *inh)
{
	for (unsigned i = 0; i < k->groups; i++) {
		struct group *g = &k->group[i];
		uint64_t above = g->parent < 0 ? inh->many : k->group[g->parent].words ? 0 : 1;
		uint64_t words =
			g->n + (g->parent < 0 ? inh->n : (uint64_t)k->group[g->parent].words);

		g->words = above || words > COVER_FEW ? 0 : (uint16_t)words;
		if (g->words)
			continue;
		g->entry = g->changed ? 0 : find_many(k->old, g);
		if (!g->entry && !make_many(t, k, g, inh))
			return false;
	}
	return true;
}

/*
 * The list over a slot of a node whose records stay as they are, without grouping them: those that cover the slot come
 * outermost first.
 */
void cover_list_under(const struct work *k, unsigned slot, const struct inherited *inh,
		      struct inherited *out)
{
	struct group inner = {0};
	size_t n = k->own ? k->own->n : 0;

	*out = *inh;
	for (size_t i = 0; i < n && k->own->rec[i].slot <= slot; i++) {
		const struct cover_rec *r = &k->own->rec[i];

		if ((r->slot ^ slot) >> (8 - (r->len - 8 * k->depth)) || !cover_effective(r))
			continue;
		inner.slot = r->slot;
		inner.len = r->len;
		inner.words = 1;
		if (out->n < COVER_FEW)
			out->word[out->n] = word_of(r);
		out->n++;
	}
	if (inner.words && (inh->many || out->n > COVER_FEW)) {
		*out = (struct inherited){.many = find_many(k->old, &inner)};
		assert(out->many);
	}
	assert(out->many ? out->n == 0 : out->n <= COVER_FEW);
}

/* Blocks of the old node that no group kept; groups and blocks are both in order. */
static bool retire_manys(struct cover_txn *t, struct work *k)
{
	const struct cover_tail *tail = k->old ? cover_tail_of(k->old) : NULL;
	unsigned g = 0;

	for (uint64_t i = 0; tail && i < tail->manys; i++) {
		const struct cover_many *m = cover_at(tail->many[i].entry);

		while (g < k->groups &&
		       ((uint64_t)k->group[g].slot << 8 | k->group[g].len) < tail->many[i].key)
			g++;
		if (g < k->groups && k->group[g].words == 0 &&
		    k->group[g].entry == tail->many[i].entry)
			continue;
		if (!txn_retire(t->txn, TXN_READ, m, many_size((size_t)m->few + m->own)))
			return false;
	}
	return true;
}

static bool alike(const struct work *k, const struct group *g, const struct group *h)
{
	uint64_t a[COVER_FEW], b[COVER_FEW];
	int over_g = g->parent < 0 ? -1 : k->group[g->parent].like;
	int over_h = h->parent < 0 ? -1 : k->group[h->parent].like;

	if (g->words != h->words || g->n != h->n || g->len != h->len || over_g != over_h)
		return false;
	group_words(g, a);
	group_words(h, b);
	return !memcmp(a, b, 8 * g->n);
}

/*
 * Neighbouring prefixes of one AS have equal lists, since a word does not hold its address: find them, so that they share
 * their words and their slots become one run. Of the groups with one hash only the last is remembered.
 */
static void find_alike(struct work *k)
{
	int16_t seen[64];

	memset(seen, 0xff, sizeof seen);
	for (unsigned i = 0; i < k->groups; i++) {
		struct group *g = &k->group[i];
		int16_t *last =
			&seen[(g->rec->asn * UINT32_C(0x9e3779b1) >> 26 ^ g->len ^ g->n) & 63];

		g->like = (int16_t)i;
		if (g->words == 0)
			continue;
		if (*last >= 0 && alike(k, g, &k->group[*last]))
			g->like = k->group[*last].like;
		*last = g->like;
	}
}

/* Step 3. A node in which only children change needs no groups. */
bool cover_group(struct cover_txn *t, struct work *k, const struct inherited *inh)
{
	group_records(k);
	k->grouped = true;
	if (!many_step(t, k, inh) || !retire_manys(t, k))
		return false;
	find_alike(k);
	return true;
}

/* ---- step 5: writing ---- */

/*
 * What the slots under a group (-1: under none) get while the node has no address yet: an entry without words, or LIST
 * with the offset of its words above the tag, given on first sight.
 */
static uint64_t list_entry(struct work *k, int g, const struct inherited *inh, unsigned *words)
{
	int like = g < 0 ? g : k->group[g].like;
	int32_t *at = like < 0 ? &k->inh_at : &k->group[like].at;
	unsigned n = g < 0 ? inh->n : k->group[g].words;

	assert(like <= g && n <= COVER_FEW);
	if (n <= 1) {
		struct inherited list;

		cover_list_of(k, g, inh, &list);
		return entry_of(&list);
	}
	if (*at < 0) {
		*at = (int32_t)*words;
		*words += n;
	}
	return (uint64_t)*at << 3 | COVER_LIST;
}

static void write_lists(const struct work *k, struct cover_node *node, const struct inherited *inh)
{
	uint64_t *words = node->entry + node->runs;

	if (k->inh_at >= 0)
		put_list(words + k->inh_at, inh);
	for (unsigned i = 0; i < k->groups; i++) {
		struct inherited list;

		if (k->group[i].at < 0)
			continue;
		cover_list_of(k, (int)i, inh, &list);
		put_list(words + k->group[i].at, &list);
	}
}

static void write_tail(const struct work *k, struct cover_tail *tail)
{
	tail->own = k->own;
	tail->manys = 0;
	for (unsigned i = 0; i < k->groups; i++) {
		const struct group *g = &k->group[i];

		if (g->words == 0)
			tail->many[tail->manys++] =
				(struct cover_many_at){(uint64_t)g->slot << 8 | g->len, g->entry};
	}
}

/* Turn an offset into the address of its words. */
static uint64_t settle(uint64_t entry, const uint64_t *words)
{
	return cover_tag(entry) == COVER_LIST
		       ? (uint64_t)(uintptr_t)(words + (entry >> 3)) | COVER_LIST
		       : entry;
}

/* The runs of a node: what their slots get, and where they start. Only an edge or a child can start one. */
static unsigned find_runs(struct work *k, const struct inherited *inh, uint64_t *starts,
			  uint64_t *entry, unsigned *words)
{
	unsigned runs = 0;

	k->inh_at = -1;
	for (unsigned w = 0; w < 4; w++) {
		uint64_t after = k->kids[w] << 1 | (w ? k->kids[w - 1] >> 63 : 1);

		starts[w] = 0;
		for (uint64_t bits = k->edge[w] | k->kids[w] | after; bits; bits &= bits - 1) {
			unsigned s = 64 * w + cc_ctz64(bits);
			uint64_t e = has_slot(k->kids, s) ? k->kid[s]
							  : list_entry(k, k->inner[s], inh, words);

			if (runs && e == entry[runs - 1])
				continue;
			assert(runs < 256);
			cover_set_slot(starts, s);
			entry[runs++] = e;
		}
	}
	assert(starts[0] & 1);
	return runs;
}

/* Write the entries by run, or for a FLAT by slot, and turn offsets into the addresses of their words. */
static void write_entries(struct cover_node *node, const uint64_t *starts, const uint64_t *entry,
			  bool flat)
{
	const uint64_t *words = node->entry + node->runs;

	for (unsigned w = 0, r = 0, at = 0; w < 4; w++) {
		node->rank[w] = (uint8_t)(flat ? 64 * w : r);
		node->starts[w] = flat ? ~UINT64_C(0) : starts[w];
		for (unsigned s = 0; flat && s < 64; s++, at++) {
			r += (unsigned)(starts[w] >> s & 1);
			node->entry[at] = settle(entry[r - 1], words);
		}
		for (uint64_t bits = flat ? 0 : starts[w]; bits; bits &= bits - 1, r++)
			node->entry[r] = settle(entry[r], words);
	}
}

/* ---- proofs ---- */

/* A list lies in words[n] and ends there; its words are in order, each once. */
static cc_proof bool list_ok(const uint64_t *at, const uint64_t *words, size_t n)
{
	size_t i = 0;

	if (at < words || at >= words + n)
		return false;
	for (;; i++) {
		if (at + i >= words + n || i >= COVER_FEW ||
		    cover_word_maxlen(at[i]) < cover_word_len(at[i]))
			return false;
		if (i && cover_order(0, cover_word_len(at[i - 1]), cover_word_asn(at[i - 1]),
				     cover_word_maxlen(at[i - 1])) >=
				 cover_order(0, cover_word_len(at[i]), cover_word_asn(at[i]),
					     cover_word_maxlen(at[i])))
			return false;
		if (at[i] & COVER_ONE)
			return i > 0;
	}
}

/* An entry of a node at `depth` whose words are words[n]. */
static cc_proof bool entry_ok(uint64_t entry, unsigned depth, const uint64_t *words, size_t n)
{
	switch (cover_tag(entry)) {
	case COVER_NONE:
		return entry == 0;
	case COVER_ONE:
		return cover_word_len(entry) <= 8 * (depth + 1);
	case COVER_LIST:
		return list_ok(cover_at(entry), words, n);
	case COVER_MANY:
		return entry > 7;
	case COVER_NODE:
		return depth >= 1 && depth < 15;
	case COVER_FLAT:
		return depth == 0;
	case COVER_SKIP:
		return ((const struct cover_skip *)cover_at(entry))->to > depth + 1;
	}
	return false;
}

/* What cover.h says of a node. */
static cc_proof bool node_ok(const struct cover_node *node, unsigned depth)
{
	const struct cover_tail *tail = cover_tail_of(node);
	bool flat = depth <= 1;
	unsigned runs = 0;

	if ((uintptr_t)node & 7 || !(node->starts[0] & 1))
		return false;
	for (unsigned w = 0; w < 4; w++) {
		if (node->rank[w] != runs)
			return false;
		runs += cc_popcount64(node->starts[w]);
	}
	if (runs != node->runs || (flat && runs != 256))
		return false;
	for (unsigned r = 0; r < runs; r++) {
		if (!entry_ok(node->entry[r], depth, node->entry + runs, node->words))
			return false;
		if (r && !flat && node->entry[r] == node->entry[r - 1])
			return false;
	}
	for (uint64_t i = 0; i < tail->manys; i++)
		if (cover_tag(tail->many[i].entry) != COVER_MANY ||
		    (i && tail->many[i].key <= tail->many[i - 1].key))
			return false;
	return true;
}

uint64_t cover_compile(struct cover_txn *t, struct work *k, const struct inherited *inh)
{
	bool flat = k->depth <= 1;
	uint64_t entry[256], starts[4], manys = 0;
	unsigned words = 0, runs = find_runs(k, inh, starts, entry, &words);
	struct cover_node *node;

	runs = flat ? 256 : runs;
	words += words > 0 ? COVER_SPARE - SPARE_TAIL : 0;
	for (unsigned i = 0; i < k->groups; i++)
		manys += k->group[i].words == 0;
	node = txn_alloc(t->txn, TXN_READ, node_size(runs, words, manys));
	if (!node)
		return 0;
	node->runs = (uint16_t)runs;
	node->words = (uint16_t)words;
	write_entries(node, starts, entry, flat);
	if (words)
		node->entry[runs + words - 1] = 0;
	write_lists(k, node, inh);
	write_tail(k, (struct cover_tail *)(uintptr_t)cover_tail_of(node));
	assert(cover_tail_of(node)->manys == manys);
	assert(node_ok(node, k->depth));
	return (uint64_t)(uintptr_t)node | (flat ? COVER_FLAT : COVER_NODE);
}

/* A copy of the old node with other children: its lists move with it. */
uint64_t cover_patch(struct cover_txn *t, struct work *k)
{
	size_t size = cover_node_bytes(k->old);
	struct cover_node *node = txn_alloc(t->txn, TXN_READ, size);
	uint64_t first = (uint64_t)(uintptr_t)(k->old->entry + k->old->runs), delta;

	if (!node)
		return 0;
	memcpy(node, k->old, size);
	delta = (uint64_t)(uintptr_t)(node->entry + node->runs) - first;
	for (unsigned i = 0; i < node->runs; i++)
		if (cover_tag(node->entry[i]) == COVER_LIST)
			node->entry[i] += delta;
	for (unsigned i = 0; i < k->merged; i++)
		if (k->child[i])
			node->entry[cover_run(node, k->slot[i])] = k->child[i];
	((struct cover_tail *)(uintptr_t)cover_tail_of(node))->own = k->own;
	assert(node_ok(node, k->depth));
	return (uint64_t)(uintptr_t)node | (k->depth <= 1 ? COVER_FLAT : COVER_NODE);
}

uint64_t cover_make_skip(struct cover_txn *t, const uint8_t *key, unsigned to, uint64_t child,
			 const struct inherited *inh)
{
	unsigned words = inh->n > 1 ? inh->n : 0;
	struct cover_skip *s = txn_alloc(t->txn, TXN_READ, cover_skip_size(words));

	assert(to >= 2 && to < 16);
	assert(cover_tag(child) == COVER_NODE);
	if (!s)
		return 0;
	*s = (struct cover_skip){.mask_hi = mask64(8 * to),
				 .mask_lo = mask64(to > 8 ? 8 * to - 64 : 0)};
	s->hi = get64(key) & s->mask_hi;
	s->lo = get64(key + 8) & s->mask_lo;
	s->to = to;
	s->words = words;
	s->child = child;
	s->miss = words ? put_list(s->word, inh) : entry_of(inh);
	if (words)
		memset(s->word + words, 0, 8 * COVER_SPARE);
	assert(((uintptr_t)s & 7) == 0);
	assert(!cover_is_child(s->miss));
	return (uint64_t)(uintptr_t)s | COVER_SKIP;
}
