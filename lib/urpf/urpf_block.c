/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The compiled lookup: from the candidates of all prefixes to one answer for every address.
 *
 *     top[256] -> chunk of 256 blocks -> 256 slots as runs -> a row, or a block of 256 slots further down
 *      8 bits         8 bits                 8 bits                   8 bits each
 *
 * A slot's value is the row of all its addresses, or a block when a longer prefix lies inside. Going down, a level for each
 * prefix on the way gathers what the covering ones say, and the rule (urpf_rule.c) makes a row of it, one bit an interface.
 * Equal rows have one number. A block is built again only where a dirty prefix meets it; everything else is shared with the
 * older lookup.
 *
 * The recursion is bounded by the family's bits: at most 15 blocks deep and 129 keys.
 */

#include "urpf/urpf_block.h"
#include "urpf/urpf_rule.h"

#include <assert.h>

static void value_drop(struct heap *h, uint64_t v)
{
	if (value_is_block(v))
		heap_drop(h, value_block(v));
}

static void top_drop(struct heap *h, void *obj)
{
	struct urpf_top *top = obj;

	for (int i = 0; i < 256; i++)
		heap_drop(h, top->chunk[i]);
}

static void chunk_drop(struct heap *h, void *obj)
{
	struct urpf_chunk *c = obj;

	for (int i = 0; i < 256; i++)
		value_drop(h, c->at[i]);
}

static void block_drop(struct heap *h, void *obj)
{
	struct urpf_block *k = obj;

	for (uint32_t i = 0; k->wide && i < k->runs; i++)
		value_drop(h, k->val[i]);
}

const struct heap_type urpf_top_type = {.drop = top_drop};
const struct heap_type urpf_chunk_type = {.drop = chunk_drop};
const struct heap_type urpf_block_type = {.drop = block_drop};

struct urpf_build {
	manrs_urpf_owner *o;
	const manrs_urpf *s;
	const manrs_prefix *dirty;
	uint64_t *sets; /* SETS bitsets for each level, and one row */
	struct urpf_said level[130];
	struct urpf_rule rule;
	uint32_t words;
	bool failed;
	struct urpf_chunk *chunk; /* the last uniform one, and its value */
	uint64_t chunk_row;
	unsigned family;
};

static size_t sets_bytes(const struct urpf_build *b)
{
	return ((size_t)130 * SETS + 1) * b->words * sizeof(uint64_t);
}

static uint64_t *sets_at(struct urpf_build *b, unsigned level)
{
	return b->sets + (size_t)level * SETS * b->words;
}

/* Level + 1 is level and what c says. */
static void level_push(struct urpf_build *b, unsigned level, const struct urpf_candidate *c,
		       unsigned len)
{
	uint64_t *set = sets_at(b, level + 1);

	assert(level < 129); /* a key for each length */
	b->level[level + 1] = b->level[level];
	memcpy(set, sets_at(b, level), SETS * b->words * sizeof *set);
	rule_say(&b->rule, &b->level[level + 1], set, c, len);
}

/* The value of a slot whose addresses all have this state. */
static uint64_t slot_row(struct urpf_build *b, unsigned level)
{
	uint64_t *row = sets_at(b, 130);
	uint32_t n = 0;

	rule_row(&b->rule, &b->level[level], sets_at(b, level), row);
	if (!row_intern(b->o, row, &n))
		b->failed = true;
	assert(b->failed || n < b->o->n_rows);
	return (uint64_t)n << 1 | 1;
}

static uint64_t slot_get(const struct urpf_block *k, unsigned i)
{
	return block_value(k, block_place(k, i));
}

static uint64_t value_ref(uint64_t v)
{
	assert(v);
	if (value_is_block(v))
		heap_ref(value_block(v));
	return v;
}

/* A block's runs are where it says, each unlike the one before, and narrow if no value needs more. */
static cc_proof bool block_ok(const struct urpf_block *k, const uint64_t slot[256])
{
	unsigned runs = 0;

	for (unsigned i = 0; i < 4; i++) {
		if (k->rank[i] != (uint8_t)runs)
			return false;
		runs += cc_popcount64(k->start[i]);
	}
	for (unsigned i = 0; i < 256; i++)
		if (slot_get(k, i) != slot[i] ||
		    (i && (k->start[i / 64] >> i % 64 & 1) != (slot[i] != slot[i - 1])))
			return false;
	return k->start[0] & 1 && runs == k->runs && runs <= 256;
}

/* The value of 256 slots, whose blocks are taken over: a block, or their row where they are all alike. 0: no memory. */
static uint64_t pack(struct urpf_build *b, const uint64_t slot[256])
{
	uint32_t runs = 0, at = 0;
	bool wide = false;
	struct urpf_block *k;

	for (int i = 0; i < 256; i++) {
		runs += i == 0 || slot[i] != slot[i - 1];
		wide |= value_is_block(slot[i]) || slot[i] >> 1 > UINT16_MAX;
	}
	if (runs == 1 && !value_is_block(slot[0]))
		return slot[0];
	/* narrow values may be read eight bytes at a time */
	k = heap_new_close(&b->o->heap,
			   sizeof *k + (wide ? 8 * (size_t)runs : 2 * (size_t)runs + 6),
			   URPF_BLOCK);
	if (!k)
		return 0;
	k->runs = (uint16_t)runs;
	k->wide = wide;
	for (unsigned i = 0; i < 256; i++) {
		if (i % 64 == 0)
			k->rank[i / 64] = (uint8_t)at;
		if (i && slot[i] == slot[i - 1])
			continue;
		k->start[i / 64] |= UINT64_C(1) << i % 64;
		if (wide)
			k->val[at] = slot[i];
		else
			((uint16_t *)k->val)[at] = (uint16_t)(slot[i] >> 1);
		at++;
	}
	assert(block_ok(k, slot));
	assert(((uintptr_t)k + sizeof k->obj) % 64 == 0 || !k->obj.lines);
	return (uint64_t)(uintptr_t)k;
}

/* One block being built: the addresses that share `depth` bits with base. */
struct frame {
	uint64_t slot[256];
	const struct urpf_block *old; /* NULL: nothing to share */
	size_t lo, hi;                /* the dirty prefixes inside */
	unsigned depth;
	bool all; /* a dirty prefix covers it */
	uint8_t base[16];
};

static uint64_t block_build(struct urpf_build *b, const struct ptrie_node *sub, unsigned level,
			    struct frame *f);

/* The first dirty prefix at or after addr/len. */
static size_t dirty_at(const struct urpf_build *b, size_t lo, size_t hi, const uint8_t *addr,
		       unsigned len)
{
	assert(lo <= hi);
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = memcmp(b->dirty[mid].addr, addr, 16);

		if (c < 0 || (c == 0 && b->dirty[mid].len < len))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Narrow the dirty range of a parent to a block at base/depth: those at least so long that lie in it. */
static void frame_dirty(const struct urpf_build *b, size_t lo, size_t hi, struct frame *f)
{
	uint8_t last[16];

	assert(f->depth % 8 == 0 && f->depth < 128);
	f->lo = dirty_at(b, lo, hi, f->base, 0);
	memcpy(last, f->base, 16);
	for (unsigned i = f->depth; i < 128; i++)
		last[i / 8] |= (uint8_t)(0x80u >> i % 8);
	f->hi = dirty_at(b, f->lo, hi, last, 255);
	/* at the very base shorter ones come first: they cover the block */
	while (f->lo < f->hi && b->dirty[f->lo].len <= f->depth) {
		f->all = true;
		f->lo++;
	}
}

/* The value of slot i of a block, where longer prefixes lie inside. */
static uint64_t sub_build(struct urpf_build *b, const struct ptrie_node *sub, unsigned level,
			  const struct frame *up, unsigned i)
{
	struct frame *f = mem_alloc(&b->o->heap.mem, sizeof *f);
	uint64_t old = up->old ? slot_get(up->old, i) : 1, v = 1;

	assert(i < 256);
	assert(up->depth + 8 < (b->family == 6 ? 128u : 32u)); /* something longer lies inside */
	if (!f) {
		b->failed = true;
		return v;
	}
	*f = (struct frame){.depth = up->depth + 8, .all = up->all};
	memcpy(f->base, up->base, 16);
	f->base[up->depth / 8] = (uint8_t)i;
	for (size_t d = up->lo; !f->all && d < up->hi && memcmp(b->dirty[d].addr, f->base, 16) <= 0;
	     d++)
		f->all = b->dirty[d].len <= f->depth &&
			 addr_common(b->dirty[d].addr, f->base, b->dirty[d].len) == b->dirty[d].len;
	frame_dirty(b, up->lo, up->hi, f);
	f->old = up->old && value_is_block(old) ? value_block(old) : NULL;
	if (up->old && !f->all && f->lo == f->hi)
		v = value_ref(old);
	else
		v = block_build(b, sub, level, f);
	mem_free(&b->o->heap.mem, f, sizeof *f);
	return v;
}

/* Paint what node t and those below it say of a block's slots. t->bits > f->depth. */
static void paint(struct urpf_build *b, const struct ptrie_node *t, unsigned level, struct frame *f)
{
	unsigned end = f->depth + 8, i = t->key[f->depth / 8];

	assert(t->bits > f->depth);
	assert(addr_common(t->key, f->base, f->depth) == f->depth);
	if (b->failed)
		return;
	if (t->bits > end) {
		f->slot[i] = sub_build(b, t, level, f, i);
		return;
	}
	if (t->has) {
		uint64_t v;

		level_push(b, level++, t->val, t->bits);
		v = slot_row(b, level);
		assert(i % (1u << (end - t->bits)) == 0);
		for (unsigned k = i; k < i + (1u << (end - t->bits)); k++)
			f->slot[k] = v;
	}
	if (t->bits == end) {
		if (t->child[0] || t->child[1])
			f->slot[i] = sub_build(b, t, level, f, i);
		return;
	}
	for (int c = 0; c < 2; c++)
		if (t->child[c])
			paint(b, t->child[c], level, f);
}

/*
 * The value of f's addresses. sub: the topmost node inside, or one at its base that the state already holds; NULL: none.
 * Without memory: b->failed, and a row that means nothing.
 */
static uint64_t block_build(struct urpf_build *b, const struct ptrie_node *sub, unsigned level,
			    struct frame *f)
{
	uint64_t v = slot_row(b, level);

	assert(!sub || sub->bits >= f->depth);
	assert(!f->old || f->old->runs > 0);
	if (!sub || (sub->bits == f->depth && !sub->child[0] && !sub->child[1]))
		return v;
	for (int i = 0; i < 256; i++)
		f->slot[i] = v;
	if (sub->bits > f->depth)
		paint(b, sub, level, f);
	else
		for (int c = 0; c < 2; c++)
			if (sub->child[c])
				paint(b, sub->child[c], level, f);
	v = b->failed ? 0 : pack(b, f->slot);
	if (v)
		return v;
	for (int i = 0; i < 256; i++)
		value_drop(&b->o->heap, f->slot[i]);
	b->failed = true;
	return 1;
}

/* Gather what covers base/depth into the levels. returns the level. */
static unsigned level_above(struct urpf_build *b, const uint8_t *base, unsigned depth)
{
	const struct ptrie_node *cover[130];
	struct ptrie_key k = {.bits = depth};
	unsigned n, level = 0;

	memcpy(k.at, base, 16);
	n = ptrie_covering(b->s->cand[b->family == 6], &k, cover);
	memset(&b->level[0], 0, sizeof b->level[0]);
	memset(sets_at(b, 0), 0, SETS * b->words * sizeof(uint64_t));
	for (unsigned i = 0; i < n; i++)
		level_push(b, level++, cover[i]->val, cover[i]->bits);
	return level;
}

/* A chunk of one row: all those of a lookup are the same object. */
static struct urpf_chunk *chunk_uniform(struct urpf_build *b, unsigned level)
{
	uint64_t v = slot_row(b, level);
	struct urpf_chunk *c;

	if (b->chunk && b->chunk_row == v)
		return heap_ref(b->chunk);
	c = heap_new(&b->o->heap, sizeof *c, URPF_CHUNK);
	if (!c)
		return NULL;
	for (int i = 0; i < 256; i++)
		c->at[i] = v;
	assert(!value_is_block(v));
	heap_drop(&b->o->heap, b->chunk);
	b->chunk = heap_ref(c);
	b->chunk_row = v;
	return c;
}

/* Chunk i: its values made again where a dirty prefix of [lo, hi) meets them. */
static struct urpf_chunk *chunk_build(struct urpf_build *b, unsigned i,
				      const struct urpf_chunk *old, size_t lo, size_t hi, bool all)
{
	struct frame *f = mem_alloc(&b->o->heap.mem, sizeof *f);
	struct urpf_chunk *c = f ? heap_new(&b->o->heap, sizeof *c, URPF_CHUNK) : NULL;
	struct ptrie_key k = {.at = {(uint8_t)i}, .bits = 16};
	const struct ptrie_node *root = b->s->cand[b->family == 6];

	for (unsigned j = 0; c && j < 256; j++)
		c->at[j] = 1;
	for (unsigned j = 0; c && j < 256 && !b->failed; j++) {
		*f = (struct frame){.depth = 16, .all = all, .base = {(uint8_t)i, (uint8_t)j}};
		k.at[1] = (uint8_t)j;
		for (size_t d = lo; !f->all && d < hi && b->dirty[d].addr[1] <= j; d++)
			f->all = b->dirty[d].len < 16 &&
				 addr_common(b->dirty[d].addr, f->base, b->dirty[d].len) ==
					 b->dirty[d].len;
		frame_dirty(b, lo, hi, f);
		if (old && !f->all && f->lo == f->hi) {
			c->at[j] = value_ref(old->at[j]);
			continue;
		}
		f->old = old && value_is_block(old->at[j]) ? value_block(old->at[j]) : NULL;
		c->at[j] = block_build(b, ptrie_under(root, &k), level_above(b, f->base, 16), f);
	}
	mem_free(&b->o->heap.mem, f, sizeof *f);
	if (!c || b->failed) {
		b->failed = true;
		heap_drop(&b->o->heap, c);
		return NULL;
	}
	for (unsigned j = 0; j < 256; j++)
		assert(c->at[j]);
	return c;
}

static struct urpf_chunk *chunk_get(struct urpf_build *b, unsigned i, const struct urpf_top *old,
				    size_t n, bool all)
{
	const struct ptrie_node *root = b->s->cand[b->family == 6], *under;
	struct frame f = {.depth = 8, .base = {(uint8_t)i}, .all = all};
	struct ptrie_key k = {.at = {(uint8_t)i}, .bits = 8};

	frame_dirty(b, 0, n, &f);
	if (old && !f.all && f.lo == f.hi)
		return heap_ref(old->chunk[i]);
	under = ptrie_under(root, &k);
	if (!under || (under->bits == 8 && !under->child[0] && !under->child[1]))
		return chunk_uniform(b, level_above(b, f.base, 8));
	return chunk_build(b, i, old ? old->chunk[i] : NULL, f.lo, f.hi, f.all || !old);
}

static bool covered_by_short(const struct urpf_build *b, size_t n, unsigned i)
{
	for (size_t d = 0; d < n && b->dirty[d].addr[0] <= i; d++) {
		if (b->dirty[d].len < 8 && (b->dirty[d].addr[0] ^ i) >> (8 - b->dirty[d].len) == 0)
			return true;
		if (b->dirty[d].len >=
		    8) { /* skip to the next first byte: short ones stand at its start */
			uint8_t next[16] = {b->dirty[d].addr[0], 0xff};

			memset(next + 1, 0xff, 15);
			d = dirty_at(b, d, n, next, 255) - 1;
		}
	}
	return false;
}

struct urpf_top *block_compile(manrs_urpf_owner *o, const manrs_urpf *s, unsigned family,
			       const struct urpf_top *old, const manrs_prefix *dirty, size_t n)
{
	struct urpf_build b = {.o = o,
			       .s = s,
			       .dirty = dirty,
			       .words = s->masks->words,
			       .family = family,
			       .rule = rule_of(s->masks, 0, s->masks->words)};
	struct urpf_top *top = heap_new(&o->heap, sizeof *top, URPF_TOP);

	assert(o->rows->words == s->masks->words);
	for (size_t i = 1; i < n; i++)
		assert(manrs_prefix_cmp(&dirty[i - 1], &dirty[i]) < 0);
	b.sets = mem_alloc(&o->heap.mem, sets_bytes(&b));
	b.failed = !top || !b.sets;
	for (unsigned i = 0; i < 256 && !b.failed; i++) {
		top->chunk[i] = chunk_get(&b, i, old, n, !old || covered_by_short(&b, n, i));
		b.failed |= !top->chunk[i];
	}
	heap_drop(&o->heap, b.chunk);
	mem_free(&o->heap.mem, b.sets, sets_bytes(&b));
	if (b.failed) {
		heap_drop(&o->heap, top);
		return NULL;
	}
	return top;
}

/* ---- one row ---- */

struct urpf_build *build_new(manrs_urpf_owner *o, const manrs_urpf *s, unsigned family)
{
	struct urpf_build *b = mem_alloc(&o->heap.mem, sizeof *b);

	if (!b)
		return NULL;
	*b = (struct urpf_build){.o = o,
				 .s = s,
				 .words = s->masks->words,
				 .family = family,
				 .rule = rule_of(s->masks, 0, s->masks->words)};
	b->sets = mem_alloc(&o->heap.mem, sets_bytes(b));
	if (b->sets)
		return b;
	build_free(b);
	return NULL;
}

void build_free(struct urpf_build *b)
{
	const manrs_alloc *mem = &b->o->heap.mem;

	mem_free(mem, b->sets, sets_bytes(b));
	mem_free(mem, b, sizeof *b);
}

bool build_row(struct urpf_build *b, const uint8_t *addr, unsigned bits, uint32_t *row)
{
	*row = (uint32_t)(slot_row(b, level_above(b, addr, bits)) >> 1);
	return !b->failed;
}
