/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The distinct answers of a uRPF lookup: rows of one bit an interface, found by content in an open table.
 *
 * A table of rows only grows: readers of older snapshots look at rows below their own count, which nobody writes. When
 * it is full a copy of twice the size takes its place for the snapshots to come.
 */

#include "urpf/urpf_state.h"

static uint32_t row_hash(const uint64_t *bits, uint32_t words)
{
	uint64_t h = words;

	for (uint32_t w = 0; w < words; w++) {
		h = (h ^ bits[w]) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 29;
	}
	return (uint32_t)(h ^ h >> 32);
}

static void hash_put(manrs_urpf_owner *o, uint32_t row)
{
	uint32_t words = o->rows->words, cap = o->hash_cap;
	uint32_t i = row_hash(o->rows->bits + (size_t)row * words, words) & (cap - 1);

	while (o->hash[i])
		i = (i + 1) & (cap - 1);
	o->hash[i] = row + 1;
}

static bool hash_grow(manrs_urpf_owner *o)
{
	uint32_t cap = o->hash_cap ? o->hash_cap * 2 : 64;
	uint32_t *hash =
		cap < UINT32_C(1) << 31 ? mem_zalloc(&o->heap.mem, cap * sizeof *hash) : NULL;

	if (!hash)
		return false;
	mem_free(&o->heap.mem, o->hash, o->hash_cap * sizeof *hash);
	o->hash = hash;
	o->hash_cap = cap;
	for (uint32_t r = 0; r < o->n_rows; r++)
		hash_put(o, r);
	return true;
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

	if (!r)
		return false;
	heap_drop(&o->heap, o->rows);
	o->rows = r;
	o->n_rows = 0;
	o->rows_gen++;
	if (o->hash)
		memset(o->hash, 0, o->hash_cap * sizeof *o->hash);
	return true;
}

bool row_intern(manrs_urpf_owner *o, const uint64_t *bits, uint32_t *row)
{
	struct urpf_rows *r = o->rows, *more;
	size_t bytes = r->words * sizeof *bits;

	for (uint32_t i = row_hash(bits, r->words); o->hash_cap; i++) {
		uint32_t found = o->hash[i & (o->hash_cap - 1)];

		if (!found)
			break;
		if (!memcmp(r->bits + (size_t)(found - 1) * r->words, bits, bytes)) {
			*row = found - 1;
			return true;
		}
	}
	if (o->n_rows >= o->hash_cap / 2 && !hash_grow(o))
		return false;
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
	hash_put(o, *row);
	return true;
}
