/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_BASE_MEM_H
#define LIB_BASE_MEM_H

/* Memory through the host's allocator, and the one growing array of the library. */

#include <assert.h>
#include <manrs/base.h>
#include <stdbool.h>

/* A copy of the host's allocator, or the C library's for NULL. */
manrs_alloc mem_of(const manrs_alloc *alloc);

void *mem_alloc(const manrs_alloc *mem, size_t size);          /* NULL: refused. Not zeroed */
void *mem_zalloc(const manrs_alloc *mem, size_t size);         /* NULL: refused. Zeroed */
void mem_free(const manrs_alloc *mem, void *ptr, size_t size); /* NULL is allowed */

/*
 * A growing array: vec_reserve is the only way in which memory grows in items. n and cap count items of `item` bytes.
 * A failed call leaves the array as it was.
 */
struct vec {
	void *at;
	size_t n, cap;
};

bool vec_grow(const manrs_alloc *mem, struct vec *v, size_t more,
	      size_t item); /* where there is no room */
static inline bool vec_reserve(const manrs_alloc *mem, struct vec *v, size_t more, size_t item)
{
	assert(item > 0 && v->n <= v->cap && !v->at == (v->cap == 0));
	return more <= v->cap - v->n || vec_grow(mem, v, more, item);
}
/* One item more, uninitialised; NULL: refused. */
void *vec_push(const manrs_alloc *mem, struct vec *v, size_t item);
void vec_free(const manrs_alloc *mem, struct vec *v, size_t item);

/* Set *fault if there is one; returns code, so that `return fault_set(...)` reads well. */
int fault_set(manrs_fault *fault, int code, uint64_t at, const char *what);

#endif
