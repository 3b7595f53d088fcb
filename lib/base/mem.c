/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory through the host's allocator. The C library's realloc and free stand in where the host gave none. */

#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void *libc_resize(void *arg, void *ptr, size_t old_size, size_t new_size)
{
	(void)arg;
	(void)old_size;
	if (new_size == 0) {
		free(ptr);
		return NULL;
	}
	return realloc(ptr, new_size);
}

manrs_alloc mem_of(const manrs_alloc *alloc)
{
	manrs_alloc libc = {libc_resize, NULL};

	return alloc && alloc->resize ? *alloc : libc;
}

void *mem_alloc(const manrs_alloc *mem, size_t size)
{
	return mem->resize(mem->arg, NULL, 0, size ? size : 1);
}

void *mem_zalloc(const manrs_alloc *mem, size_t size)
{
	void *ptr = mem_alloc(mem, size);

	if (ptr)
		memset(ptr, 0, size);
	return ptr;
}

void mem_free(const manrs_alloc *mem, void *ptr, size_t size)
{
	if (ptr)
		mem->resize(mem->arg, ptr, size ? size : 1, 0);
}

bool vec_grow(const manrs_alloc *mem, struct vec *v, size_t more, size_t item)
{
	size_t cap = v->cap + v->cap / 2;
	void *at;

	if (more > SIZE_MAX / item - v->n)
		return false;
	if (cap < v->n + more)
		cap = v->n + more;
	if (cap < 8)
		cap = 8;
	if (cap > SIZE_MAX / item)
		cap = v->n + more;
	assert(cap >= v->n + more && cap <= SIZE_MAX / item);
	at = mem->resize(mem->arg, v->at, v->cap * item, cap * item);
	if (!at)
		return false;
	v->at = at;
	v->cap = cap;
	return true;
}

void *vec_push(const manrs_alloc *mem, struct vec *v, size_t item)
{
	if (!vec_reserve(mem, v, 1, item))
		return NULL;
	return (char *)v->at + v->n++ * item;
}

void vec_free(const manrs_alloc *mem, struct vec *v, size_t item)
{
	if (v->at)
		mem->resize(mem->arg, v->at, v->cap * item, 0);
	v->at = NULL;
	v->n = v->cap = 0;
}

int fault_set(manrs_fault *fault, int code, uint64_t at, const char *what)
{
	if (fault)
		*fault = (manrs_fault){.at = at, .what = what, .code = code};
	return code;
}
