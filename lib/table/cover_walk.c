/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading the records and lists of a covering index (cover.h has the picture).
 *
 * A walk goes over two trees side by side, one byte a level. A skip is seen as the nodes that it stands for, each with no
 * records and one child. Where both trees have the same entry nothing below can differ, and the walk goes on: this is what
 * makes the difference of two neighbouring versions cost in proportion to the change. It recurses at most 16 deep.
 */

#include "table/cover.h"

const struct cover_own *cover_own_of(uint64_t entry, const uint8_t *addr, unsigned len)
{
	unsigned depth = 0, want = cover_depth(len);

	for (; cover_is_child(entry) && depth < want; depth++) {
		const struct cover_skip *s = cover_at(entry);

		if (cover_tag(entry) != COVER_SKIP) {
			entry = cover_node_of(entry)
					->entry[cover_run(cover_node_of(entry), addr[depth])];
		} else if (s->to > want ||
			   cover_skip_step(s, get64(addr), get64(addr + 8)) != s->child) {
			return NULL;
		} else {
			depth = s->to - 1;
			entry = s->child;
		}
	}
	if (!cover_is_child(entry) || cover_tag(entry) == COVER_SKIP)
		return NULL;
	assert(depth == want);
	return cover_tail_of(cover_node_of(entry))->own;
}

const struct cover_rec *cover_pick(const struct cover_own *own, const uint8_t *addr, unsigned len,
				   uint32_t asn, unsigned maxlen)
{
	uint64_t y = cover_order(addr[cover_depth(len)], len, asn, maxlen);
	uint32_t lo = 0, hi;

	for (hi = own ? own->n : 0; lo < hi;) {
		uint32_t mid = lo + (hi - lo) / 2;
		const struct cover_rec *r = &own->rec[mid];
		uint64_t x = cover_rec_order(r);

		if (x == y)
			return r;
		if (x < y)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

/* ---- lists ---- */

static void put_words(const uint64_t *words, size_t n, unsigned len, cover_put *put, void *arg)
{
	for (size_t i = 0; i < n; i++)
		if (cover_word_len(words[i]) <= len)
			put(arg, words[i] & ~UINT64_C(7));
}

void cover_list(uint64_t root, const uint8_t *addr, unsigned len, cover_put *put, void *arg)
{
	uint64_t entry = cover_find(root, addr);
	const struct cover_many *chain[130];
	size_t depth = 0;

	if (cover_tag(entry) == COVER_ONE)
		put_words(&entry, 1, len, put, arg);
	if (cover_tag(entry) == COVER_LIST) {
		const uint64_t *w = cover_at(entry);
		size_t n = 1;

		while (!(w[n - 1] & COVER_ONE))
			n++;
		assert(n >= 2 && n <= COVER_FEW);
		put_words(w, n, len, put, arg);
	}
	for (; cover_tag(entry) == COVER_MANY && depth < 130; entry = chain[depth++]->up)
		chain[depth] = cover_at(entry);
	assert(cover_tag(entry) != COVER_MANY);
	while (depth--)
		put_words(chain[depth]->word, (size_t)chain[depth]->few + chain[depth]->own, len,
			  put, arg);
}

/* ---- the walk ---- */

struct walk {
	cover_visit *visit;
	void *arg;
	const struct cover_from *from; /* NULL once reached */
	uint8_t addr[16];
	size_t *left; /* NULL: no bound */
	struct cover_from *stop;
	bool stopped;
};

/* In slices, so many records are compared at each end of a node's. */
#define TRIM_SOME 1024u

/* A subtree as the node at `depth` that it has, or stands for. */
struct view {
	const struct cover_node *node;
	const struct cover_own *own;
	uint64_t entry;
	uint32_t at, end; /* the next record, and where to stop */
	uint8_t through;  /* of a skip: its slot here */
};

static struct view view_of(uint64_t entry, unsigned depth)
{
	struct view v = {.entry = entry};
	const struct cover_skip *s;
	uint64_t half;

	if (!cover_is_child(entry)) {
		v.entry = 0;
		return v;
	}
	if (cover_tag(entry) != COVER_SKIP) {
		v.node = cover_node_of(entry);
		v.own = cover_tail_of(v.node)->own;
		v.end = v.own ? v.own->n : 0;
		return v;
	}
	s = cover_at(entry);
	assert(depth < s->to);
	half = depth < 8 ? s->hi : s->lo;
	v.through = (uint8_t)(half >> (56 - 8 * (depth % 8)));
	return v;
}

static unsigned rec_place(const struct cover_rec *r)
{
	return (unsigned)r->slot << 8 | r->len;
}

static uint64_t view_child(const struct view *v, unsigned slot, unsigned depth)
{
	const struct cover_skip *s;
	uint64_t entry;

	if (!v->entry)
		return 0;
	if (v->node) {
		entry = v->node->entry[cover_tag(v->entry) == COVER_FLAT
					       ? slot
					       : cover_run(v->node, slot)];
		return cover_is_child(entry) ? entry : 0;
	}
	s = cover_at(v->entry);
	return v->through != slot ? 0 : s->to == depth + 1 ? s->child : v->entry;
}

/*
 * The first of a view's records from its place on that is behind this slot and len; more of them than a few are leapt over,
 * since one prefix may have a million.
 */
static uint32_t behind(const struct view *v, unsigned slot, unsigned len)
{
	uint32_t lo = v->at, step = 1, hi;

	for (hi = lo; hi < v->end && rec_place(&v->own->rec[hi]) <= (slot << 8 | len); step *= 2) {
		lo = hi + 1;
		hi = v->end - lo > step ? lo + step : v->end;
	}
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (rec_place(&v->own->rec[mid]) <= (slot << 8 | len))
			lo = mid + 1;
		else
			hi = mid;
	}
	assert(lo >= v->at && lo <= v->end);
	return lo;
}

/* Leave out what stands before the start of the walk, which lies under this node. */
static void skip_to(struct view *v, const struct cover_from *from, unsigned depth)
{
	unsigned slot = from->addr[depth], len = from->len;

	for (unsigned i = depth + 1; i < 16; i++)
		if (from->addr[i])
			len = 255; /* the prefixes that start here all come before it */
	if (slot || len)
		v->at = len ? behind(v, slot, len - 1) : behind(v, slot - 1, 255);
}

static bool same_prefix(const struct cover_rec *x, const struct cover_rec *y)
{
	return x->slot == y->slot && x->len == y->len;
}

static const struct cover_rec *view_rec(const struct view *v)
{
	return v->at < v->end ? &v->own->rec[v->at] : NULL;
}

/* The records at v's place that have this slot and len; v moves behind them. */
static size_t take(struct view *v, unsigned slot, unsigned len, const struct cover_rec **recs)
{
	uint32_t start = v->at;

	*recs = view_rec(v);
	for (unsigned near = 8; near && view_rec(v) && rec_place(view_rec(v)) == (slot << 8 | len);
	     near--)
		v->at++;
	if (v->at - start == 8)
		v->at = behind(v, slot, len);
	return v->at - start;
}

/* Visit the prefixes of two nodes that start at this slot, shorter first. */
static bool visit_slot(struct walk *w, struct view *a, struct view *b, unsigned slot,
		       unsigned depth)
{
	for (;;) {
		const struct cover_rec *ra = view_rec(a), *rb = view_rec(b);
		unsigned la = ra && ra->slot == slot ? ra->len : 255,
			 lb = rb && rb->slot == slot ? rb->len : 255;
		unsigned len = la < lb ? la : lb;
		size_t na, nb;

		if (len == 255)
			return true;
		na = take(a, slot, len, &ra);
		nb = take(b, slot, len, &rb);
		assert(na + nb > 0);
		assert(cover_depth(len) == depth);
		w->addr[depth] = (uint8_t)slot;
		if (w->from && memcmp(w->addr, w->from->addr, 16) == 0 && len < w->from->len)
			continue;
		if (w->from && memcmp(w->addr, w->from->addr, 16) < 0)
			continue;
		if (!w->visit(w->arg, w->addr, len, ra, na, rb, nb))
			return false;
	}
}

/*
 * Of two arrays of records only the part in which they differ, widened to whole prefixes, is worth a visit. a->at and
 * b->at move past the common head, the returned count is what to leave out at both ends. most: records to compare at an end
 */
static uint32_t trim(struct view *a, struct view *b, uint32_t most)
{
	const struct cover_rec *x = a->own->rec + a->at, *y = b->own->rec + b->at;
	uint32_t na = a->end - a->at, nb = b->end - b->at, least = na < nb ? na : nb, head = 0,
		 tail = 0;

	assert(a->at <= a->end && b->at <= b->end);
	while (head < least && head < most && !memcmp(&x[head], &y[head], sizeof *x))
		head++;
	while (tail < least - head && tail < most &&
	       !memcmp(&x[na - 1 - tail], &y[nb - 1 - tail], sizeof *x))
		tail++;
	while (head && ((head < na && same_prefix(&x[head - 1], &x[head])) ||
			(head < nb && same_prefix(&x[head - 1], &y[head]))))
		head--;
	while (tail && ((tail < na && same_prefix(&x[na - tail], &x[na - tail - 1])) ||
			(tail < nb && same_prefix(&x[na - tail], &y[nb - tail - 1]))))
		tail--;
	assert(head + tail <= least);
	a->at += head;
	b->at += head;
	return tail;
}

/* The slots at which something may stand: starts of runs, a skip's way through, records. */
static void mark_runs(const struct view *v, uint64_t *slots)
{
	for (unsigned i = 0; v->node && i < 4; i++)
		slots[i] |= v->node->starts[i];
	if (v->entry && !v->node)
		slots[v->through / 64] |= UINT64_C(1) << v->through % 64;
}

/* Of two nodes with the same runs, only the entries that differ. */
static void mark_different(const struct cover_node *a, const struct cover_node *b, uint64_t *slots)
{
	for (unsigned i = 0, r = 0; i < 4; i++)
		for (uint64_t bits = a->starts[i]; bits; bits &= bits - 1, r++)
			if (a->entry[r] != b->entry[r])
				slots[i] |= bits & -bits;
}

static void mark_records(const struct view *v, uint64_t *slots)
{
	struct view far = *v;

	while (far.end - far.at > 512) {
		unsigned slot = far.own->rec[far.at].slot;

		slots[slot / 64] |= UINT64_C(1) << slot % 64;
		far.at = behind(&far, slot, 255);
	}
	for (uint32_t i = far.at; i < v->end; i++)
		slots[v->own->rec[i].slot / 64] |= UINT64_C(1) << v->own->rec[i].slot % 64;
}

/* The cost of a node, its records compared with those of the other. */
static void pay(const struct walk *w, uint32_t compared)
{
	size_t cost = COVER_COST + compared / 16;

	if (w->left)
		*w->left -= cost < *w->left ? cost : *w->left;
}

/* Whether to stop before this slot of a node, since the slice is used up and has come further than its start. */
static bool stop_here(struct walk *w, unsigned slot, unsigned depth)
{
	struct cover_from here = {.len = depth ? 8 * depth + 1 : 0};
	int order;

	if (!w->left || *w->left)
		return false;
	memcpy(here.addr, w->addr, depth);
	here.addr[depth] = (uint8_t)slot;
	order = w->from ? memcmp(here.addr, w->from->addr, 16) : 1;
	if (order < 0 || (order == 0 && here.len <= w->from->len))
		return false;
	*w->stop = here;
	w->stopped = true;
	return true;
}

/* Leave out the records in which two nodes do not differ. */
static void narrow(struct walk *w, struct view *a, struct view *b)
{
	uint32_t all = a->end - a->at + (b->end - b->at), tail;

	if (a->own == b->own) {
		a->at = b->at = a->end = b->end = 0;
	} else if (a->own && b->own) {
		tail = trim(a, b, w->left ? TRIM_SOME : UINT32_MAX);
		a->end -= tail;
		b->end -= tail;
		all -= a->end - a->at + (b->end - b->at);
		pay(w, all < 4 * TRIM_SOME ? all : 4 * TRIM_SOME);
		return;
	}
	pay(w, 0);
}

static bool walk(struct walk *w, uint64_t ea, uint64_t eb, unsigned depth)
{
	struct view a = view_of(ea, depth), b = view_of(eb, depth);
	uint64_t slots[4] = {0};
	/* Where the start lies in this subtree, slots before it have nothing to say but their shorter prefixes. */
	bool bounded = w->from && memcmp(w->addr, w->from->addr, depth) == 0, ok = true;
	unsigned first = bounded ? w->from->addr[depth] : 0;

	assert(depth < 16 && ea != eb);
	if (bounded) {
		skip_to(&a, w->from, depth);
		skip_to(&b, w->from, depth);
	}
	narrow(w, &a, &b);
	if (a.node && b.node && !memcmp(a.node->starts, b.node->starts, sizeof a.node->starts)) {
		mark_different(a.node, b.node, slots);
	} else {
		mark_runs(&a, slots);
		mark_runs(&b, slots);
	}
	mark_records(&a, slots);
	mark_records(&b, slots);
	for (unsigned i = 0; i < 4; i++)
		for (; slots[i] && ok; slots[i] &= slots[i] - 1) {
			unsigned s = 64 * i + cc_ctz64(slots[i]);
			uint64_t ca = view_child(&a, s, depth), cb = view_child(&b, s, depth);

			if (stop_here(w, s, depth))
				return false;
			ok = (a.at == a.end && b.at == b.end) || visit_slot(w, &a, &b, s, depth);
			if (ok && s >= first && ca != cb) {
				w->addr[depth] = (uint8_t)s;
				ok = walk(w, ca, cb, depth + 1);
			}
		}
	assert(!ok || (a.at == a.end && b.at == b.end));
	w->addr[depth] = 0;
	return ok;
}

void cover_walk(uint64_t a, uint64_t b, const struct cover_from *from, cover_visit *visit,
		void *arg)
{
	struct walk w = {.visit = visit, .arg = arg, .from = from};

	if (a != b)
		walk(&w, a, b, 0);
}

bool cover_walk_some(uint64_t a, uint64_t b, const struct cover_from *from, cover_visit *visit,
		     void *arg, size_t *left, struct cover_from *stop)
{
	struct walk w = {.visit = visit, .arg = arg, .from = from, .left = left, .stop = stop};

	if (a != b)
		walk(&w, a, b, 0);
	return w.stopped;
}

/* ---- node by node ---- */

struct owns {
	cover_visit_own *visit;
	void *arg;
	const struct cover_from *from; /* NULL once reached */
	uint8_t addr[16];
};

static bool owns(struct owns *w, uint64_t entry, unsigned depth)
{
	struct view v = view_of(entry, depth);
	uint64_t slots[4] = {0};
	unsigned start = w->from ? cover_depth(w->from->len) : 0, first = 0;

	if (w->from && depth == start)
		w->from = NULL;
	if (w->from)
		first = w->from->addr[depth];
	else if (v.own && !w->visit(w->arg, w->addr, depth, v.own))
		return false;
	mark_runs(&v, slots);
	for (unsigned i = 0; i < 4; i++)
		for (; slots[i]; slots[i] &= slots[i] - 1) {
			unsigned s = 64 * i + cc_ctz64(slots[i]);
			uint64_t child = s < first ? 0 : view_child(&v, s, depth);

			if (s > first)
				w->from = NULL;
			if (!child)
				continue;
			w->addr[depth] = (uint8_t)s;
			if (!owns(w, child, depth + 1))
				return false;
		}
	w->from = NULL;
	w->addr[depth] = 0;
	return true;
}

void cover_owns(uint64_t root, const struct cover_from *from, cover_visit_own *visit, void *arg)
{
	struct owns w = {.visit = visit, .arg = arg, .from = from};

	if (root)
		owns(&w, root, 0);
}
