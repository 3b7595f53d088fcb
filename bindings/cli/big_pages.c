/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Regions of whole large pages, from which pieces are cut one behind the other:
 *
 *     region  |piece|piece|piece|   free   |     goes back when the last piece of it does
 *
 * A piece of a large page or more has a region of its own. What is small is malloc's. The first region stays in small pages: an
 * archive that fits there would pay for a large one, which the kernel zeroes at once.
 */

#include "big_pages.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define PAGE   ((size_t)2 << 20)
#define REGION (2 * PAGE)
#define PIECE  ((size_t)64 << 10) /* below it malloc does */
#define ALIGN  ((size_t)64)

struct big_region {
	char *at;
	size_t size, used, live; /* bytes; live: pieces */
};

#ifdef MADV_HUGEPAGE
static void want_large(void *at, size_t size)
{
	madvise(at, size, MADV_HUGEPAGE); /* without it, it is slower */
}
#else
static void want_large(void *at, size_t size)
{
	(void)at;
	(void)size;
}
#endif

/* In small pages the first one, behind all others; NULL: no memory. */
static struct big_region *region_add(struct big_pages *pages, size_t size)
{
	struct big_region *r;
	char *at;

	pages->region = must_room(pages->region, pages->n, &pages->cap, sizeof *r);
	at = aligned_alloc(PAGE, size);
	if (!at)
		return NULL;
	if (pages->n)
		want_large(at, size);
	r = pages->region + pages->n++;
	*r = (struct big_region){.at = at, .size = size};
	return r;
}

/* Of one piece. The last one stays the last: there is room in it. */
static struct big_region *region_of_one(struct big_pages *pages, size_t size)
{
	struct big_region *r = region_add(pages, size), own;

	if (!r || pages->n == 1)
		return r;
	own = *r;
	r[0] = r[-1];
	r[-1] = own;
	return r - 1;
}

static void *take(struct big_pages *pages, size_t n)
{
	struct big_region *r = pages->n ? &pages->region[pages->n - 1] : NULL;

	if (n > SIZE_MAX - PAGE)
		return NULL;
	n = (n + ALIGN - 1) & ~(ALIGN - 1);
	if (n >= PAGE)
		r = region_of_one(pages, (n + PAGE - 1) & ~(PAGE - 1));
	else if (!r || r->size - r->used < n)
		r = region_add(pages, REGION);
	if (!r)
		return NULL;
	r->used += n;
	r->live++;
	return r->at + r->used - n;
}

static void release(struct big_pages *pages, const char *piece)
{
	struct big_region *r = pages->region;

	while ((uintptr_t)piece - (uintptr_t)r->at >= r->size)
		r++;
	if (--r->live)
		return;
	free(r->at);
	memmove(r, r + 1, (size_t)(pages->region + --pages->n - r) * sizeof *r);
}

static void *resize(void *arg, void *ptr, size_t old, size_t n)
{
	struct big_pages *pages = arg;
	void *to;

	if (old < PIECE && n < PIECE) {
		if (n)
			return realloc(ptr, n);
		free(ptr);
		return NULL;
	}
	to = n >= PIECE ? take(pages, n) : n ? malloc(n) : NULL;
	if (n && !to)
		return NULL;
	if (n && old)
		memcpy(to, ptr, old < n ? old : n);
	if (old >= PIECE)
		release(pages, ptr);
	else
		free(ptr);
	return to;
}

manrs_alloc big_pages_alloc(struct big_pages *pages)
{
	return (manrs_alloc){resize, pages};
}

void big_pages_free(struct big_pages *pages)
{
	for (size_t i = 0; i < pages->n; i++)
		free(pages->region[i].at);
	free(pages->region);
	*pages = (struct big_pages){0};
}
