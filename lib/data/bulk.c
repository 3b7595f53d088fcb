/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A first load for a caller who does not ask for counts. On fresh memory every page that is touched costs a page fault, more
 * than the work on what it holds; so records are kept as short as they can be, sorted where they lie, and made into
 * a tree a piece at a time:
 *
 *     IPv4   addr 4    len  asn 4  maxlen | source  0       12 bytes, the first 10 in big-endian order: memcmp's order of
 *     IPv6   addr 16   len  asn 4  maxlen | source  0       24        them is the order of the tree
 *
 * Pieces in order never change what stands under a finished prefix, since a covering prefix comes before what it covers; only
 * the nodes on the way to the border between two pieces are made twice.
 */

#include "data/store.h"

#include <assert.h>

#include <string.h>

#define PIECE 8192u
#define FEW   24u

struct form {
	unsigned addr, key, size; /* bytes: of the address, of what is compared, of all */
};

static const struct form form4 = {4, 10, 12}, form6 = {16, 22, 24};

static void pack(uint8_t *to, const manrs_route *r, unsigned maxlen, uint32_t source, struct form f)
{
	const uint8_t rest[8] = {r->prefix.len,           (uint8_t)(r->asn >> 24),
				 (uint8_t)(r->asn >> 16), (uint8_t)(r->asn >> 8),
				 (uint8_t)r->asn,         (uint8_t)maxlen,
				 (uint8_t)source,         0};

	memcpy(to, r->prefix.addr, f.addr);
	memcpy(to + f.addr, rest, 8);
}

static uint32_t asn_of(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

bool bulk_append(const manrs_alloc *mem, struct bulk *b, const manrs_route *routes, size_t n,
		 uint32_t source, bool irr, manrs_fault *fault)
{
	bool refused = false;
	size_t n6 = 0;

	for (size_t i = 0; i < n; i++)
		n6 += routes[i].prefix.family == 6;
	if (n > UINT32_MAX - 1 - b->v4.n - b->v6.n ||
	    (n > n6 && !vec_reserve(mem, &b->v4, n - n6, form4.size)) ||
	    (n6 && !vec_reserve(mem, &b->v6, n6, form6.size)))
		return false;
	for (size_t i = 0; i < n; i++) {
		manrs_route r = routes[i];
		bool four = r.prefix.family == 4;
		struct form f = four ? form4 : form6;
		struct vec *v = four ? &b->v4 : &b->v6;

		assert(!route_ok(&r, NULL, i) || v->n < v->cap);
		if (irr)
			r.prefix.maxlen = r.prefix.len;
		if (route_ok(&r, refused ? NULL : fault, i))
			pack((uint8_t *)v->at + v->n++ * f.size, &r, r.prefix.maxlen, source, f);
		else
			refused = true;
	}
	return true;
}

void bulk_free(const manrs_alloc *mem, struct bulk *b)
{
	vec_free(mem, &b->v4, form4.size);
	vec_free(mem, &b->v6, form6.size);
}

uint64_t bulk_get(const struct bulk *b, size_t i, manrs_route *r)
{
	bool four = i < b->v4.n;
	struct form f = four ? form4 : form6;
	const uint8_t *at;

	assert(i < bulk_count(b));
	at = four ? (const uint8_t *)b->v4.at + i * f.size
		  : (const uint8_t *)b->v6.at + (i - b->v4.n) * f.size;

	*r = (manrs_route){
		.prefix = {.family = four ? 4 : 6, .len = at[f.addr], .maxlen = at[f.key - 1]},
		.asn = asn_of(at + f.addr + 1)};
	memcpy(r->prefix.addr, at, f.addr);
	return UINT64_C(1) << at[f.key];
}

/* ---- sorting in place: by one byte after another from the first ---- */

static cc_inline void swap(uint8_t *a, uint8_t *b, unsigned size)
{
	uint8_t t[24];

	memcpy(t, a, size);
	memcpy(a, b, size);
	memcpy(b, t, size);
}

static cc_inline void sort_few(uint8_t *v, size_t n, unsigned d, unsigned key, unsigned size)
{
	for (size_t i = 1; i < n; i++) {
		uint8_t x[24], *at = v + i * size;

		memcpy(x, at, size);
		for (; at > v && memcmp(at - size + d, x + d, key - d) > 0; at -= size)
			memcpy(at, at - size, size);
		memcpy(at, x, size);
	}
}

/* Bring every item to its bin: where[b] is the next place of bin b, end[b] where it ends. */
static cc_inline void permute(uint8_t *v, unsigned d, unsigned size, uint32_t *where,
			      const uint32_t *end)
{
	for (unsigned b = 0; b < 256; b++)
		while (where[b] < end[b]) {
			uint8_t *at = v + (size_t)where[b] * size;
			unsigned to = at[d];

			assert(where[to] < end[to]);
			if (to != b)
				swap(at, v + (size_t)where[to] * size, size);
			where[to]++;
		}
}

/* Count the bins of a byte. returns: whether all items are in one. */
static cc_inline bool bins(const uint8_t *v, size_t n, unsigned d, unsigned size, uint32_t *where,
			   uint32_t *end)
{
	uint32_t sum = 0;

	memset(end, 0, 256 * sizeof *end);
	for (size_t i = 0; i < n; i++)
		end[v[i * size + d]]++;
	assert(n);
	if (end[v[d]] == n)
		return true;
	for (unsigned b = 0; b < 256; b++) {
		where[b] = sum;
		end[b] = sum += end[b];
	}
	return false;
}

static void sort_packed(uint8_t *v, size_t n, unsigned d, bool four);

/* n items that agree before byte d; one body for both sizes, which the compiler knows. */
static cc_inline void sort_level(uint8_t *v, size_t n, unsigned d, unsigned key, unsigned size)
{
	uint32_t where[256], end[256];

	while (n > FEW && d < key && bins(v, n, d, size, where, end))
		d++;
	if (d == key)
		return;
	if (n <= FEW) {
		sort_few(v, n, d, key, size);
		return;
	}
	permute(v, d, size, where, end);
	for (unsigned b = 0, at = 0; b < 256; at = end[b++])
		if (end[b] - at > 1)
			sort_packed(v + (size_t)at * size, end[b] - at, d + 1, size == form4.size);
}

/* As deep as a key has bytes, whatever the input. */
static void sort_packed(uint8_t *v, size_t n, unsigned d, bool four)
{
	if (four)
		sort_level(v, n, d, 10, 12);
	else
		sort_level(v, n, d, 22, 24);
}

/* ---- commit ---- */

static void expand(struct cover_op *op, const uint8_t *at, struct form f)
{
	*op = (struct cover_op){.sources = UINT64_C(1) << at[f.key],
				.asn = asn_of(at + f.addr + 1),
				.len = at[f.addr],
				.maxlen = at[f.key - 1],
				.depth = (uint8_t)cover_depth(at[f.addr])};
	memcpy(op->addr, at, f.addr);
}

bool bulk_apply(const manrs_alloc *mem, struct txn *t, struct bulk *b, unsigned family,
		uint64_t *root, int64_t *effective)
{
	struct form f = family == 4 ? form4 : form6;
	struct vec *v = family == 4 ? &b->v4 : &b->v6, ops = {0};
	const uint8_t *at = v->at;
	size_t n = v->n;
	bool ok = !n || vec_reserve(mem, &ops, n < PIECE ? n : PIECE, sizeof(struct cover_op));
	int64_t more;

	*effective = 0;
	if (n && ok)
		sort_packed(v->at, n, 0, family == 4);
	for (size_t i = 0; ok && i < n; i++) {
		struct cover_op *op = (struct cover_op *)ops.at +
				      ops.n; /* past a full piece's end: only op[-1] */

		assert(!i || memcmp(at + (i - 1) * f.size, at + i * f.size, f.key) <= 0);
		if (ops.n && !memcmp(at + (i - 1) * f.size, at + i * f.size, f.key)) {
			op[-1].sources |= UINT64_C(1) << at[i * f.size + f.key];
		} else {
			assert(ops.n < ops.cap);
			expand(op, at + i * f.size, f);
			ops.n++;
		}
		if (i + 1 < n &&
		    (ops.n < PIECE || !memcmp(at + i * f.size, at + (i + 1) * f.size, f.key)))
			continue;
		ok = cover_apply(t, *root, ops.at, ops.n, root, &more);
		*effective += more;
		assert(!ok || more >= 0);
		txn_recycle(t);
		ops.n = 0;
	}
	vec_free(mem, &ops, sizeof(struct cover_op));
	return ok;
}
