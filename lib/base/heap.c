/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Counted objects (heap.h): from the allocator one by one, or cut from slabs.
 *
 *     slab:  next | .. | head body body | head body | head ...       a body begins on a cache line, its head before it
 */

#include "base/heap.h"

#include <assert.h>
#include <string.h>

#define SLAB_BYTES (UINT32_C(1) << 16)

struct heap_slab {
	struct heap_slab *next;
};

const struct heap_type heap_plain;

void heap_init(struct heap *h, const manrs_alloc *mem, const struct heap_type *const *types,
	       size_t n)
{
	assert(n > 0 && types[HEAP_PLAIN] == &heap_plain);
	*h = (struct heap){.mem = *mem, .types = types, .n_types = n};
}

void heap_free(struct heap *h)
{
	assert(!h->dead);
	while (h->slabs) {
		struct heap_slab *s = h->slabs;

		h->slabs = s->next;
		mem_free(&h->mem, s, SLAB_BYTES);
	}
}

/*
 * An object of so many cache lines: its head is the last quarter of a line, so that what follows begins on the next.
 * Zeroed. From the spare ones of that size, or the newest slab, or a new one.
 */
static void *slab_take(struct heap *h, size_t lines)
{
	size_t bytes = lines * 64;
	struct heap_obj *o = h->spare[lines];
	struct heap_slab *s;
	uintptr_t at;

	if (o) {
		h->spare[lines] = o->next;
		return memset(o, 0, bytes);
	}
	if (!h->slabs || h->used + bytes > SLAB_BYTES) {
		s = mem_alloc(&h->mem, SLAB_BYTES);
		if (!s)
			return NULL;
		s->next = h->slabs;
		h->slabs = s;
		h->bytes += SLAB_BYTES;
		at = (uintptr_t)s + sizeof *s + 16;
		h->used = (at + 63) / 64 * 64 - 16 - (uintptr_t)s;
		return slab_take(h, lines);
	}
	assert(((uintptr_t)h->slabs + h->used) % 64 == 64 - 16);
	o = (void *)((char *)h->slabs + h->used);
	h->used += bytes;
	return memset(o, 0, bytes);
}

static void *born(struct heap_obj *o, size_t units, size_t lines, unsigned type)
{
	assert(units > 0 && (lines == 0 || units == 4 * lines));
	o->refs = 1;
	o->units = (uint32_t)units;
	o->lines = (uint16_t)lines;
	o->type = (uint16_t)type;
	return o;
}

void *heap_new(struct heap *h, size_t size, unsigned type)
{
	size_t units = size / 16 + (size % 16 != 0);
	struct heap_obj *o = units <= UINT32_MAX ? mem_zalloc(&h->mem, units * 16) : NULL;

	assert(type < h->n_types);
	if (!o)
		return NULL;
	h->bytes += units * 16;
	return born(o, units, 0, type);
}

void *heap_new_close(struct heap *h, size_t size, unsigned type)
{
	size_t lines = size / 64 + (size % 64 != 0);
	struct heap_obj *o;

	assert(type < h->n_types);
	if (lines > HEAP_SLAB_LINES)
		return heap_new(h, size, type);
	o = slab_take(h, lines);
	return o ? born(o, 4 * lines, lines, type) : NULL;
}

static void obj_free(struct heap *h, struct heap_obj *o)
{
	if (o->lines) {
		o->next = h->spare[o->lines];
		h->spare[o->lines] = o;
		return;
	}
	assert(h->bytes >= (uint64_t)o->units * 16);
	h->bytes -= (uint64_t)o->units * 16;
	mem_free(&h->mem, o, (size_t)o->units * 16);
}

bool heap_drain(struct heap *h, size_t budget)
{
	for (size_t n = 0; h->dead && (!budget || n < budget); n++) {
		struct heap_obj *o = h->dead;
		const struct heap_type *type;

		assert(o->type < h->n_types);
		type = h->types[o->type];
		h->dead = o->next;
		if (type->drop)
			type->drop(h, o);
		obj_free(h, o);
	}
	return h->dead != NULL;
}
