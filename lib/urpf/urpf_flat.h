/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_URPF_URPF_FLAT_H
#define LIB_URPF_URPF_FLAT_H

/* A flat copy of a big IPv4 lookup; urpf_flat.c has the picture. */

#include "base/pack.h"
#include "net/bits.h"
#include "urpf/urpf_block.h"
#include <assert.h>

#define FLAT_CHUNKS (UINT32_C(1) << 18)
#define FLAT_NONE   UINT32_MAX
#define FLAT_SPARE  8192                         /* words of room at least */
#define FLAT_FAR    8192                         /* rows past the near caches */
#define FLAT_BITS   8u                           /* a width: the row itself */
#define FLAT_MARK   UINT64_C(0xa5c3a5c3a5c3a5c3) /* for no row, if no row is that */

/* The chunks of all versions of a copy: never changed, but the writer adds some. */
struct flat_store {
	struct heap_obj obj;
	uint64_t width; /* bytes of a row's number: 1, 2, 3; or FLAT_BITS */
	uint64_t none;  /* in place of a row's number, or of a row, which none is: look elsewhere */
	/* In bytes: the chunks, on a cache line; the /24s that have longer prefixes, in order; four chunks of each. */
	uint64_t *word;
	const uint32_t *longs, *long_at;
	uint64_t n_longs;
	uint64_t room; /* words there are; the writer's, as the next */
	struct pack pack;
	uint64_t bytes[];
};

/* Where the chunks of a /8 are. */
struct flat_page {
	struct heap_obj obj;
	uint32_t at[1024];
};

struct urpf_flat {
	struct heap_obj obj;
	struct flat_store *store;
	struct flat_page *page[256];
	uint64_t changed[1024]; /* the /16s whose longs are not those of the store */
};

/* Where the chunk of an address is, in words. */
static cc_inline uint32_t flat_place(const struct urpf_flat *f, const uint8_t *addr)
{
	uint32_t x = get32(addr);

	return f->page[x >> 24]->at[x >> 14 & 1023];
}

static inline bool flat_changed(const struct urpf_flat *f, const uint8_t *addr)
{
	return f->changed[get16(addr) / 64] >> get16(addr) % 64 & 1;
}

/* The chunk of the last byte of an address whose /24 is a long. */
static inline const uint64_t *flat_long(const struct flat_store *s, const uint8_t *addr)
{
	uint32_t slot = get32(addr) >> 8;
	size_t lo = 0, hi = (size_t)s->n_longs;

	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->longs[mid] <= slot)
			lo = mid;
		else
			hi = mid;
	}
	assert(s->n_longs && s->longs[lo] == slot);
	return s->word + s->long_at[4 * lo + (addr[3] >> 6)];
}

/* How many runs of a chunk start up to an address; addr: the byte after the chunk's 18 bits, of which its last 6 are left. */
static cc_inline size_t flat_runs(const uint64_t *chunk, unsigned addr)
{
	return cc_popcount64(*chunk << (~addr & 63));
}

/* The number of a row. */
static cc_inline uint32_t flat_row(const uint64_t *chunk, unsigned addr, unsigned width)
{
	const uint8_t *end = (const uint8_t *)(chunk + 1) + width * flat_runs(chunk, addr);

	return width == 1 ? end[-1] : width == 2 ? get16(end - 2) : get32(end - 4) & 0xffffff;
}

/*
 * A flat copy, of at least the width `least` where rows have one word, and no more than 3 where they have more; NULL: no
 * memory, and then it is done without.
 */
struct urpf_flat *flat_new(struct heap *h, const struct urpf_top *top, const struct urpf_rows *rows,
			   uint32_t n_rows, unsigned least);
/* The next version of a copy, with what is dirty as it is in top. NULL: no memory, or no room for it in the copy. */
struct urpf_flat *flat_next(struct heap *h, const struct urpf_flat *old, const struct urpf_top *top,
			    const struct urpf_rows *rows, const manrs_prefix *dirty, size_t n);

#endif
