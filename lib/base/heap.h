/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_BASE_HEAP_H
#define LIB_BASE_HEAP_H

/*
 * Counted objects that share each other: persistent trees, whose versions have most of their nodes in common.
 *
 *     struct thing {
 *             struct heap_obj obj;      first: the head
 *             ...                       what it holds references to is let go by its type's drop
 *     };
 *
 * What dies is put on a list in O(1), through its own head; heap_drain takes one object at a time, lets go what it holds
 * and frees it: no recursion, no memory, any budget.
 *
 * A type is told by its number in a table that the heap is given, not by a pointer: the head has 16 bytes, and with a
 * pointer it would have 24, in each of the millions of nodes of a full table. Number 0 is that of objects which hold
 * nothing; the other numbers are the owner's.
 *
 * threads: the writer's alone. Readers look at objects that somebody holds, and never at a head.
 */

#include "base/mem.h"

#include <assert.h>

struct heap;

struct heap_type {
	void (*drop)(struct heap *heap,
		     void *obj); /* lets go what an object holds; NULL: it holds nothing */
};

#define HEAP_PLAIN 0u
extern const struct heap_type heap_plain;

/* The head of every object. */
struct heap_obj {
	union {
		uint32_t refs;
		struct heap_obj *next; /* of the dead, or of the spare */
		uint64_t whole;        /* where pointers are shorter the head is as long */
	};
	uint32_t units; /* of 16 bytes, for the allocator */
	uint16_t lines; /* of 64 bytes, of a slab; 0: from the allocator itself */
	uint16_t type;
};

_Static_assert(sizeof(struct heap_obj) == 16,
	       "what follows a head on the last quarter of a line begins the next");

#define HEAP_SLAB_LINES 40 /* the largest object of a slab */

struct heap {
	manrs_alloc mem;
	const struct heap_type *const *types; /* by number */
	size_t n_types;
	struct heap_obj *dead;
	uint64_t bytes;          /* taken from the allocator: for objects and slabs */
	struct heap_slab *slabs; /* the newest first; they go back with the heap */
	size_t used;             /* bytes of the newest */
	struct heap_obj *spare[HEAP_SLAB_LINES + 1]; /* freed objects of slabs, by lines */
};

/* types: n of them, which stay where they are; the first is heap_plain. */
void heap_init(struct heap *heap, const manrs_alloc *mem, const struct heap_type *const *types,
	       size_t n);
/* Give the slabs back. All objects are dropped and drained. */
void heap_free(struct heap *heap);

/* An object with one reference, all else zero; NULL: refused. size: with its head. type: its number. */
void *heap_new(struct heap *heap, size_t size, unsigned type);
/* The same for what lookups read: small ones lie close together, with the bytes after the head on a cache line. */
void *heap_new_close(struct heap *heap, size_t size, unsigned type);
/* Free what is dead, at most budget objects (0: all). returns: whether there is more. */
bool heap_drain(struct heap *heap, size_t budget);

/* One reference more; NULL stays NULL. */
static inline void *heap_ref(void *obj)
{
	if (obj)
		((struct heap_obj *)obj)->refs++;
	return obj;
}

/* One reference less; NULL is allowed. O(1), no memory. */
static inline void heap_drop(struct heap *heap, void *obj)
{
	struct heap_obj *o = obj;

	assert(!o || o->refs > 0);
	if (!o || --o->refs)
		return;
	o->next = heap->dead;
	heap->dead = o;
}

/* Whether nobody but the one who asks holds it: then he may change it. */
static inline bool heap_alone(const void *obj)
{
	return ((const struct heap_obj *)obj)->refs == 1;
}

#endif
