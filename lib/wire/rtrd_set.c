/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sets in blocks. A block that is made holds FILL bytes and grows to MOST before it is split in two; one that shrinks below
 * LEAST is joined with what follows. So a change of a few records copies a few blocks, and never moves what comes after.
 */

#include "wire/rtrd_set.h"

#include <assert.h>

#define FILL  (UINT32_C(48) << 10)
#define MOST  (UINT32_C(64) << 10)
#define LEAST (UINT32_C(8) << 10)

/* Any form of a block: they differ in the version bytes alone. */
static const uint8_t *block_any(const struct rtrd_block *b)
{
	return b->form[0] ? b->form[0] : b->form[1] ? b->form[1] : b->form[2];
}

static void stamp(uint8_t *pdus, size_t n, unsigned version)
{
	for (size_t at = 0; at < n; at += rtrd_length(pdus + at))
		pdus[at] = (uint8_t)version;
}

const uint8_t *rtrd_block_form(const manrs_alloc *mem, struct rtrd_block *b, unsigned version,
			       unsigned spare, uint64_t *made)
{
	uint8_t *form = b->form[version];

	if (form)
		return form;
	for (unsigned v = 0; v <= RTR_VERSION_MAX && !form; v++)
		if (spare >> v & 1 && b->form[v]) {
			form = b->form[v];
			b->form[v] = NULL;
		}
	if (!form) {
		form = mem_alloc(mem, b->n);
		if (!form)
			return NULL;
		memcpy(form, block_any(b), b->n);
		*made += b->n;
	}
	stamp(form, b->n, version);
	return b->form[version] = form;
}

static void block_drop(const manrs_alloc *mem, struct rtrd_block *b, uint64_t *made)
{
	if (--b->refs)
		return;
	for (unsigned v = 0; v <= RTR_VERSION_MAX; v++) {
		*made -= b->form[v] ? b->n : 0;
		mem_free(mem, b->form[v], b->n);
	}
	mem_free(mem, b, sizeof *b);
}

/* ---- reading ---- */

struct rtrd_walk rtrd_walk_of(const struct rtrd_set *set, unsigned kind)
{
	struct rtrd_walk walk = {.set = set};

	if (set) {
		walk.block = set->from[kind];
		walk.end = set->from[kind + 1];
	}
	return walk;
}

const uint8_t *rtrd_walk_next(struct rtrd_walk *w)
{
	const uint8_t *pdu;

	if (w->at == w->to) {
		const struct rtrd_block *b;

		if (w->block == w->end)
			return NULL;
		b = w->set->block[w->block++];
		w->at = block_any(b);
		w->to = w->at + b->n;
	}
	pdu = w->at;
	w->at += rtrd_length(pdu);
	return pdu;
}

const uint8_t *rtrd_set_find(const struct rtrd_set *set, unsigned kind, const uint8_t *pdu)
{
	uint32_t low, high;
	const uint8_t *at, *to;

	if (!set)
		return NULL;
	/* The last block that does not begin after it. */
	low = set->from[kind];
	high = set->from[kind + 1];
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (rtrd_cmp_key(kind, block_any(set->block[mid]), pdu) <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == set->from[kind])
		return NULL;
	at = block_any(set->block[low - 1]);
	to = at + set->block[low - 1]->n;
	for (; at < to; at += rtrd_length(at)) {
		int c = rtrd_cmp_key(kind, at, pdu);

		if (c >= 0)
			return c ? NULL : at;
	}
	return NULL;
}

uint64_t rtrd_set_bytes(const struct rtrd_set *set)
{
	uint64_t bytes = 0;

	if (!set)
		return 0;
	for (uint32_t i = 0; i < set->n; i++)
		for (unsigned v = 0; v <= RTR_VERSION_MAX; v++)
			bytes += set->block[i]->form[v] ? set->block[i]->n : 0;
	return bytes;
}

void rtrd_set_drop(const manrs_alloc *mem, struct rtrd_set *set, uint64_t *made)
{
	if (!set || --set->refs)
		return;
	for (uint32_t i = 0; i < set->n; i++)
		block_drop(mem, set->block[i], made);
	mem_free(mem, set, sizeof *set + set->n * sizeof *set->block);
}

/* ---- making ---- */

struct builder {
	const manrs_alloc *mem;
	unsigned kind, version;
	uint64_t *made;
	struct vec bytes;  /* of the records that are not in a block yet */
	struct vec blocks; /* struct rtrd_block * */
};

/* The first block of at least `want` bytes, or of all, from the bytes that wait. */
static bool cut(struct builder *b, size_t want)
{
	struct rtrd_block *block, **place;
	uint8_t *bytes = b->bytes.at;
	size_t n = 0;
	uint32_t count = 0;

	place = vec_push(b->mem, &b->blocks, sizeof *place);
	if (!place)
		return false;
	b->blocks.n--; /* it counts when it is filled */
	for (; n < want && n < b->bytes.n; n += rtrd_length(bytes + n))
		count++;
	block = mem_zalloc(b->mem, sizeof *block);
	if (!block)
		return false;
	block->form[b->version] = mem_alloc(b->mem, n);
	if (!block->form[b->version]) {
		mem_free(b->mem, block, sizeof *block);
		return false;
	}
	block->refs = 1;
	block->n = (uint32_t)n;
	block->count = count;
	block->kind = (uint8_t)b->kind;
	memcpy(block->form[b->version], bytes, n);
	stamp(block->form[b->version], n, b->version);
	*b->made += n;
	b->bytes.n -= n;
	memmove(bytes, bytes + n, b->bytes.n);
	b->blocks.n++;
	*place = block;
	return true;
}

static bool append(struct builder *b, const uint8_t *pdus, size_t n)
{
	if (!vec_reserve(b->mem, &b->bytes, n, 1))
		return false;
	memcpy((uint8_t *)b->bytes.at + b->bytes.n, pdus, n);
	b->bytes.n += n;
	return b->bytes.n < 2 * FILL || cut(b, FILL);
}

static bool flush(struct builder *b)
{
	while (b->bytes.n > MOST)
		if (!cut(b, b->bytes.n / 2))
			return false;
	return !b->bytes.n || cut(b, b->bytes.n);
}

static bool share(struct builder *b, struct rtrd_block *block)
{
	struct rtrd_block **place = vec_push(b->mem, &b->blocks, sizeof *place);

	if (!place)
		return false;
	block->refs++;
	*place = block;
	return true;
}

/* A block, and the changes from *i on that lie before `next`, the first record of the block behind it (NULL: none is). */
static bool merge(struct builder *b, const struct rtrd_block *block,
		  const struct rtrd_change *changes, size_t n, size_t *i, const uint8_t *next)
{
	const uint8_t *at = block ? block_any(block) : NULL, *to = block ? at + block->n : NULL;

	while (*i < n && (!next || rtrd_cmp(b->kind, changes[*i].pdu, next) < 0)) {
		const struct rtrd_change *change = &changes[*i];
		int c = at == to ? 1 : rtrd_cmp(b->kind, at, change->pdu);

		if (c < 0) {
			if (!append(b, at, rtrd_length(at)))
				return false;
			at += rtrd_length(at);
			continue;
		}
		assert(change->add == (c > 0));
		if (change->add && !append(b, change->pdu, rtrd_length(change->pdu)))
			return false;
		if (!change->add)
			at += rtrd_length(at);
		++*i;
	}
	return at == to || append(b, at, (size_t)(to - at));
}

static bool build_kind(struct builder *b, const struct rtrd_set *old,
		       const struct rtrd_change *changes, size_t n)
{
	uint32_t at = old ? old->from[b->kind] : 0, end = old ? old->from[b->kind + 1] : 0;
	size_t i = 0;

	for (; at < end; at++) {
		struct rtrd_block *block = old->block[at];
		const uint8_t *next = at + 1 < end ? block_any(old->block[at + 1]) : NULL;
		bool touched = b->bytes.n ||
			       (i < n && (!next || rtrd_cmp(b->kind, changes[i].pdu, next) < 0));

		if (touched ? !merge(b, block, changes, n, &i, next) : !share(b, block))
			return false;
		if (b->bytes.n >= LEAST && !flush(b))
			return false;
	}
	return merge(b, NULL, changes, n, &i, NULL) && flush(b);
}

static struct rtrd_set *finish(struct builder *b, const uint32_t *from)
{
	struct rtrd_set *set = mem_zalloc(b->mem, sizeof *set + b->blocks.n * sizeof *set->block);

	if (!set)
		return NULL;
	set->refs = 1;
	set->n = (uint32_t)b->blocks.n;
	memcpy(set->from, from, sizeof set->from);
	if (set->n)
		memcpy(set->block, b->blocks.at, set->n * sizeof *set->block);
	for (uint32_t i = 0; i < set->n; i++)
		set->count[set->block[i]->kind] += set->block[i]->count;
	b->blocks.n = 0;
	return set;
}

struct rtrd_set *rtrd_set_change(const manrs_alloc *mem, const struct rtrd_set *old,
				 const struct rtrd_change *changes, const size_t *from,
				 unsigned version, uint64_t *made)
{
	struct builder b = {.mem = mem, .version = version, .made = made};
	uint32_t starts[RTRD_KINDS + 1] = {0};
	struct rtrd_set *set = NULL;
	bool good = true;

	for (unsigned kind = 0; good && kind < RTRD_KINDS; kind++) {
		size_t n = from[kind + 1] - from[kind];

		b.kind = kind;
		good = build_kind(&b, old, n ? changes + from[kind] : NULL, n);
		starts[kind + 1] = (uint32_t)b.blocks.n;
	}
	if (good)
		set = finish(&b, starts);
	for (size_t i = 0; i < b.blocks.n; i++)
		block_drop(mem, ((struct rtrd_block **)b.blocks.at)[i], made);
	vec_free(mem, &b.bytes, 1);
	vec_free(mem, &b.blocks, sizeof(struct rtrd_block *));
	return set;
}
