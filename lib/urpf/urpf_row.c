/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The distinct answers of a uRPF lookup: rows of one bit an interface, found by content.
 *
 * A table of rows only grows: readers of older snapshots look at rows below their own count, which nobody writes. When
 * it is full a copy of twice the size takes its place for the snapshots to come.
 */

#include "urpf/urpf_block.h"
#include "urpf/urpf_state.h"

#include <assert.h>

/* What a row says follows from other people's routes. */
static uint64_t row_hash(const manrs_urpf_owner *o, const uint64_t *bits)
{
	return slots_hash(o->row_index.seed, bits, o->rows->words * sizeof *bits);
}

static struct urpf_rows *rows_new(manrs_urpf_owner *o, uint32_t words, uint32_t cap)
{
	struct urpf_rows *r =
		heap_new(&o->heap, sizeof *r + (size_t)cap * words * sizeof(uint64_t), URPF_PLAIN);

	if (r) {
		r->words = words;
		r->cap = cap;
	}
	return r;
}

bool row_reset(manrs_urpf_owner *o, uint32_t words)
{
	struct urpf_rows *r = rows_new(o, words, 32);

	assert(words > 0);
	if (!r)
		return false;
	heap_drop(&o->heap, o->rows);
	o->rows = r;
	o->n_rows = 0;
	o->rows_gen++;
	slots_free(&o->heap.mem, &o->row_index);
	slots_seed(&o->row_index, o->hash_seed);
	return true;
}

bool row_intern(manrs_urpf_owner *o, const uint64_t *bits, uint32_t *row)
{
	struct urpf_rows *r = o->rows, *more;
	size_t bytes = r->words * sizeof *bits, at, i;
	uint64_t hash;

	assert(o->n_rows <= r->cap);
	if (!slots_reserve(&o->heap.mem, &o->row_index, (size_t)o->n_rows + 1))
		return false;
	hash = row_hash(o, bits);
	for (at = slots_home(&o->row_index, hash); slots_next(&o->row_index, hash, &at, &i);)
		if (!memcmp(r->bits + i * r->words, bits, bytes)) {
			assert(i < o->n_rows);
			*row = (uint32_t)i;
			return true;
		}
	if (o->n_rows == r->cap) {
		more = r->cap < UINT32_MAX / 4 ? rows_new(o, r->words, r->cap * 2) : NULL;
		if (!more)
			return false;
		memcpy(more->bits, r->bits, o->n_rows * bytes);
		heap_drop(&o->heap, r);
		o->rows = r = more;
	}
	memcpy(r->bits + (size_t)o->n_rows * r->words, bits, bytes);
	*row = o->n_rows++;
	slots_put(&o->row_index, hash, *row);
	return true;
}
