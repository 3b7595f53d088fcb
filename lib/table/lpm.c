/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The compiled longest-prefix match: its entries and public calls. lpm_tables.h has the tables,
 * lpm_build.c makes them, lpm_look.h reads them.
 *
 * The longest entry that covers a prefix is found from its first address: the longest match of that,
 * or, where this is longer than the prefix, the first of those around it that is not.
 */

#include "base/grow.h"
#include "base/isa.h"
#include "net/bits.h"
#include "table/lpm_entries.h"
#include "table/lpm_tables.h"

#include <assert.h>

#define BATCH 64

/* ---- making ---- */

static const manrs_lpm_config defaults;

int manrs_lpm_config_init(manrs_lpm_config *config, size_t size)
{
	return grow_init(config, size, GROW_LEAST(manrs_lpm_config, zero), &defaults,
			 sizeof defaults)
		       ? MANRS_OK
		       : MANRS_EINVAL;
}

/* Take over a config of this or of another version of the library. */
static int config_read(manrs_lpm_config *own, const manrs_lpm_config *config)
{
	*own = defaults;
	return (!config ||
		grow_take(own, sizeof *own, GROW_LEAST(manrs_lpm_config, zero), config)) &&
			       !own->zero
		       ? MANRS_OK
		       : MANRS_EINVAL;
}

/* The longest entry before `entry`, among those open at the one before it, that covers it. */
static uint32_t parent_of(const manrs_lpm *lpm, const manrs_prefix *prefix, uint32_t entry)
{
	uint32_t p = entry - 1, family4 = prefix->family == 4;
	struct lpm_addr a = {get64(prefix->addr), get64(prefix->addr + 8)};

	assert(entry > 0);
	while (p > 0) {
		struct lpm_addr b = lpm_addr_of(lpm, p);
		unsigned len = lpm->len[p];

		if ((p <= lpm->n4) == family4 && !((a.hi ^ b.hi) & mask64(len)) &&
		    !((a.lo ^ b.lo) & mask64(len > 64 ? len - 64 : 0)))
			return p;
		assert(lpm->parent[p] < p);
		p = lpm->parent[p];
	}
	return 0;
}

static bool add_entry(manrs_lpm *lpm, const manrs_prefix *prefix, uint64_t value)
{
	uint32_t entry = lpm->n + 1;

	assert(entry < lpm->room);
	assert(prefix->family == 6 || lpm->n == lpm->n4);
	if (prefix->family == 4) {
		uint32_t *a = vec_push(&lpm->mem, &lpm->addr4, sizeof *a);

		if (!a)
			return false;
		*a = get32(prefix->addr);
		lpm->n4++;
	} else {
		struct lpm_addr *a = vec_push(&lpm->mem, &lpm->addr6, sizeof *a);

		if (!a)
			return false;
		*a = (struct lpm_addr){get64(prefix->addr), get64(prefix->addr + 8)};
	}
	lpm->n = entry;
	lpm->value[entry] = value;
	lpm->len[entry] = prefix->len;
	lpm->parent[entry] = parent_of(lpm, prefix, entry);
	assert(!lpm->parent[entry] || lpm->len[lpm->parent[entry]] < prefix->len);
	assert(lpm->n == lpm->addr4.n + lpm->addr6.n && lpm->n4 == lpm->addr4.n);
	return true;
}

/* Read the trie in order. */
static int read_entries(manrs_lpm *lpm, const manrs_trie *trie)
{
	manrs_cursor cursor = {{0}};
	manrs_prefix found[BATCH];
	uint64_t values[BATCH];
	size_t n = manrs_trie_count(trie), got;

	if (n > LPM_MAX)
		return MANRS_ELIMIT;
	lpm->room = n + 1;
	lpm->value = mem_alloc(&lpm->mem, lpm->room * sizeof *lpm->value);
	lpm->parent = mem_alloc(&lpm->mem, lpm->room * sizeof *lpm->parent);
	lpm->len = mem_alloc(&lpm->mem, lpm->room);
	if (!lpm->value || !lpm->parent || !lpm->len)
		return MANRS_ENOMEM;
	do {
		got = manrs_trie_covered(trie, NULL, &cursor, found, values, BATCH);
		for (size_t i = 0; i < got; i++)
			if (!add_entry(lpm, &found[i], values[i]))
				return MANRS_ENOMEM;
	} while (got == BATCH);
	return MANRS_OK;
}

int manrs_lpm_new(manrs_lpm **lpm, const manrs_trie *trie, const manrs_lpm_config *config)
{
	manrs_lpm_config own;
	manrs_alloc mem;
	manrs_lpm *l;
	int rc = config_read(&own, config), isa;

	if (rc != MANRS_OK)
		return rc;
	isa = isa_choose(own.isa);
	if (isa < 0)
		return isa;
	mem = mem_of(own.alloc);
	l = mem_zalloc(&mem, sizeof *l);
	if (!l)
		return MANRS_ENOMEM;
	l->mem = mem;
	lpm_choose(l, isa);
	rc = read_entries(l, trie);
	if (rc == MANRS_OK)
		rc = lpm_build(l);
	if (rc != MANRS_OK) {
		manrs_lpm_free(l);
		return rc;
	}
	*lpm = l;
	return MANRS_OK;
}

void manrs_lpm_free(manrs_lpm *lpm)
{
	manrs_alloc mem;

	if (!lpm)
		return;
	mem = lpm->mem;
	vec_free(&mem, &lpm->vdir4, sizeof(uint32_t));
	vec_free(&mem, &lpm->vwide4, sizeof(uint64_t));
	vec_free(&mem, &lpm->vchunk4, sizeof(uint64_t));
	vec_free(&mem, &lpm->vdir6, sizeof(uint32_t));
	vec_free(&mem, &lpm->vline6, sizeof(struct lpm_line));
	vec_free(&mem, &lpm->addr4, sizeof(uint32_t));
	vec_free(&mem, &lpm->addr6, sizeof(struct lpm_addr));
	mem_free(&mem, lpm->value, lpm->room * sizeof *lpm->value);
	mem_free(&mem, lpm->parent, lpm->room * sizeof *lpm->parent);
	mem_free(&mem, lpm->len, lpm->room);
	mem_free(&mem, lpm, sizeof *lpm);
}

/* ---- asking ---- */

size_t manrs_lpm_count(const manrs_lpm *lpm)
{
	return lpm->n;
}

void manrs_lpm_lookup4(const manrs_lpm *lpm, const uint32_t *addr, size_t n, uint32_t *index)
{
	lpm->lookup4(lpm, addr, n, index);
}

void manrs_lpm_lookup6(const manrs_lpm *lpm, const uint8_t *addr, size_t n, uint32_t *index)
{
	lpm->lookup6(lpm, addr, n, index);
}

int manrs_lpm_entry(const manrs_lpm *lpm, uint32_t index, manrs_prefix *prefix, uint64_t *value)
{
	if (index == 0 || index > lpm->n)
		return MANRS_ENOENT;
	if (prefix) {
		struct lpm_addr a = lpm_addr_of(lpm, index);
		uint8_t len = lpm->len[index];

		*prefix = (manrs_prefix){index <= lpm->n4 ? 4 : 6, len, len, 0, {0}};
		put64(prefix->addr, a.hi);
		put64(prefix->addr + 8, a.lo);
	}
	if (value)
		*value = lpm->value[index];
	return MANRS_OK;
}

/* The first entry of a family not before one of len bits at an address. */
static uint32_t entry_from(const manrs_lpm *lpm, unsigned family, struct lpm_addr a, unsigned len)
{
	uint32_t lo = family == 4 ? 1 : lpm->n4 + 1, hi = family == 4 ? lpm->n4 + 1 : lpm->n + 1;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		struct lpm_addr x = lpm_addr_of(lpm, mid);
		bool before = x.hi != a.hi   ? x.hi < a.hi
			      : x.lo != a.lo ? x.lo < a.lo
					     : lpm->len[mid] < len;

		lo = before ? mid + 1 : lo;
		hi = before ? hi : mid;
	}
	return lo;
}

void lpm_inside(const manrs_lpm *lpm, const manrs_prefix *prefix, uint32_t *first, uint32_t *end)
{
	struct lpm_addr a = {get64(prefix->addr), get64(prefix->addr + 8)}, last = a;

	assert(prefix_ok(prefix));
	last.hi |= ~mask64(prefix->len);
	last.lo |= ~mask64(prefix->len > 64 ? prefix->len - 64u : 0);
	*first = entry_from(lpm, prefix->family, a, prefix->len);
	*end = entry_from(lpm, prefix->family, last, 129);
	assert(*first <= *end && *end <= lpm->n + 1);
}

uint32_t lpm_parent(const manrs_lpm *lpm, uint32_t entry)
{
	assert(entry > 0 && entry <= lpm->n);
	return lpm->parent[entry];
}

/* From the match of its first address to the match of a prefix. */
static uint32_t up_to(const manrs_lpm *lpm, uint32_t index, unsigned len)
{
	assert(index <= lpm->n);
	while (index && lpm->len[index] > len) {
		assert(lpm->parent[index] < index);
		index = lpm->parent[index];
	}
	return index;
}

int manrs_lpm_match(const manrs_lpm *lpm, const manrs_prefix *key, manrs_prefix *found,
		    uint64_t *value)
{
	uint32_t index, addr;

	if (!prefix_ok(key))
		return MANRS_EINVAL;
	memcpy(&addr, key->addr, sizeof addr);
	if (key->family == 4)
		lpm->lookup4(lpm, &addr, 1, &index);
	else
		lpm->lookup6(lpm, key->addr, 1, &index);
	return manrs_lpm_entry(lpm, up_to(lpm, index, key->len), found, value);
}

/* The matches of up to BATCH keys, a family's addresses as one batch; 0 for what is malformed. */
static void match_batch(const manrs_lpm *lpm, const manrs_prefix *keys, size_t n, uint32_t *index)
{
	uint32_t addr4[BATCH], got[BATCH];
	uint8_t addr6[BATCH][16];
	size_t n4 = 0, n6 = 0;

	for (size_t i = 0; i < n; i++) {
		if (!prefix_ok(&keys[i]))
			continue;
		if (keys[i].family == 4)
			memcpy(&addr4[n4++], keys[i].addr, 4);
		else
			memcpy(addr6[n6++], keys[i].addr, 16);
	}
	lpm->lookup4(lpm, addr4, n4, got);
	lpm->lookup6(lpm, addr6[0], n6, got + n4);
	assert(n4 + n6 <= n && n <= BATCH);
	n6 = n4;
	n4 = 0;
	for (size_t i = 0; i < n; i++) {
		index[i] = 0;
		if (prefix_ok(&keys[i]))
			index[i] = up_to(lpm, got[keys[i].family == 4 ? n4++ : n6++], keys[i].len);
	}
}

int manrs_lpm_match_many(const manrs_lpm *lpm, const manrs_prefix *keys, size_t n,
			 manrs_prefix *found, uint64_t *values, int32_t *results)
{
	int rc = MANRS_OK;

	for (size_t at = 0; at < n; at += BATCH) {
		size_t m = n - at < BATCH ? n - at : BATCH;
		uint32_t index[BATCH];

		match_batch(lpm, keys + at, m, index);
		for (size_t i = 0; i < m; i++) {
			size_t k = at + i;

			values[k] = 0;
			if (found)
				found[k] = (manrs_prefix){0};
			results[k] = prefix_ok(&keys[k])
					     ? manrs_lpm_entry(lpm, index[i],
							       found ? found + k : NULL, values + k)
					     : MANRS_EINVAL;
			if (results[k] == MANRS_EINVAL)
				rc = MANRS_EINVAL;
		}
	}
	return rc;
}

size_t manrs_lpm_memory(const manrs_lpm *lpm, size_t *index4, size_t *index6)
{
	size_t four = lpm->vdir4.cap * sizeof(uint32_t) +
		      (lpm->vchunk4.cap + lpm->vwide4.cap) * sizeof(uint64_t);
	size_t six = lpm->vdir6.cap * sizeof(uint32_t) + lpm->vline6.cap * sizeof(struct lpm_line);

	if (index4)
		*index4 = four;
	if (index6)
		*index6 = six;
	return sizeof *lpm + four + six + lpm->addr4.cap * sizeof(uint32_t) +
	       lpm->addr6.cap * sizeof(struct lpm_addr) +
	       lpm->room * (sizeof *lpm->value + sizeof *lpm->parent + sizeof *lpm->len);
}
