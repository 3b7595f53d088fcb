/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AS relationships and the valley-free rule (RFC 7908 section 3). A path is walked from its origin towards us; at each
 * AS in between, the triple tells whether it gave on what it should have kept to its customers:
 *
 *        from ----> leaker ----> to          `from` is the leaker's   and `to` is its    type
 *     (origin side)          (our side)       provider                 provider           1 hairpin
 *                                             peer                     peer               2
 *     The last `to` is us: what we are to     provider                 peer               3
 *     the neighbour is the other side of      peer                     provider           4
 *     what he is to us.
 *
 * Relationships are an open-addressing table of (low AS, high AS) with what the high one is to the low one, never more
 * than half full; a slot with the low AS 0 is free. A lookup is one line of memory: base/slots.h, which keeps items apart
 * from the table, takes two, and 76 ns where this takes 40 (700,000 pairs in random order, medians).
 */

#include "check/leak_kind.h"

#include "base/cc.h"
#include "base/slots.h"
#include "net/path_walk.h"

#include <assert.h>

struct slot {
	uint32_t low, high, kind;
};

struct manrs_rel {
	manrs_alloc mem;
	size_t count;
	size_t slots; /* a power of two */
	struct slot at[];
};

static uint32_t other_side(uint32_t kind)
{
	return kind == MANRS_REL_CUSTOMER   ? MANRS_REL_PROVIDER
	       : kind == MANRS_REL_PROVIDER ? MANRS_REL_CUSTOMER
					    : kind;
}

/* The slot of a pair, or the free one where it would be. */
static size_t place(const manrs_rel *rel, uint32_t low, uint32_t high)
{
	size_t i = (size_t)(slots_mix((uint64_t)low << 32 | high) >> 32) & (rel->slots - 1);

	assert(low && low < high && rel->count <= rel->slots / 2); /* so one is free */
	while (rel->at[i].low != 0 && (rel->at[i].low != low || rel->at[i].high != high))
		i = (i + 1) & (rel->slots - 1);
	return i;
}

static bool row_ok(const manrs_as_rel *row)
{
	return row->a != 0 && row->b != 0 && row->a != row->b && row->kind >= MANRS_REL_CUSTOMER &&
	       row->kind <= MANRS_REL_PROVIDER;
}

/* false: it contradicts an earlier row */
static bool put(manrs_rel *rel, const manrs_as_rel *row)
{
	bool up = row->a < row->b;
	struct slot new = {up ? row->a : row->b, up ? row->b : row->a,
			   up ? row->kind : other_side(row->kind)};
	struct slot *slot = &rel->at[place(rel, new.low, new.high)];

	if (slot->low != 0)
		return slot->kind == new.kind;
	assert(new.kind >= MANRS_REL_CUSTOMER &&new.kind <= MANRS_REL_PROVIDER);
	*slot = new;
	rel->count++;
	return true;
}

static size_t rel_size(size_t slots)
{
	return sizeof(manrs_rel) + slots * sizeof(struct slot);
}

int manrs_rel_new(manrs_rel **rel, const manrs_as_rel *rows, size_t n, const manrs_alloc *alloc,
		  manrs_fault *fault)
{
	manrs_alloc mem = mem_of(alloc);
	size_t slots = 16;
	manrs_rel *new;

	while (slots / 2 < n && slots <= SIZE_MAX / 64)
		slots *= 2;
	if (slots / 2 < n)
		return fault_set(fault, MANRS_ENOMEM, 0, "too many relationships");
	new = mem_zalloc(&mem, rel_size(slots));
	if (!new)
		return fault_set(fault, MANRS_ENOMEM, 0, "out of memory");
	new->mem = mem;
	new->slots = slots;
	for (size_t i = 0; i < n; i++) {
		const char *what = !row_ok(&rows[i]) ? "not a relationship of two ASes" : NULL;

		if (!what && !put(new, &rows[i]))
			what = "contradicts an earlier relationship";
		if (what) {
			manrs_rel_free(new);
			return fault_set(fault, MANRS_EINVAL, i, what);
		}
	}
	*rel = new;
	return MANRS_OK;
}

void manrs_rel_free(manrs_rel *rel)
{
	manrs_alloc mem;

	if (!rel)
		return;
	mem = rel->mem;
	mem_free(&mem, rel, rel_size(rel->slots));
}

size_t manrs_rel_count(const manrs_rel *rel)
{
	return rel->count;
}

int manrs_rel_get(const manrs_rel *rel, uint32_t a, uint32_t b)
{
	uint32_t low = a < b ? a : b, high = a < b ? b : a, kind;

	if (low == 0 || low == high)
		return MANRS_REL_UNKNOWN;
	kind = rel->at[place(rel, low, high)].kind;
	return (int)(a < b ? kind : other_side(kind));
}

int manrs_rel_get_many(const manrs_rel *rel, const uint32_t *a, const uint32_t *b, size_t n,
		       uint8_t *kinds)
{
	for (size_t i = 0; i < n; i++)
		kinds[i] = (uint8_t)manrs_rel_get(rel, a[i], b[i]);
	return MANRS_OK;
}

/* ---- the valley-free test ---- */

/* What we are to a neighbour of this role, enum manrs_rel_kind; UNKNOWN for no role. */
static int leak_we_are(int role)
{
	static const uint8_t us[] = {
		[MANRS_ROLE_CUSTOMER] = MANRS_REL_PROVIDER, [MANRS_ROLE_PEER] = MANRS_REL_PEER,
		[MANRS_ROLE_PROVIDER] = MANRS_REL_CUSTOMER, [MANRS_ROLE_RS] = MANRS_REL_PEER,
		[MANRS_ROLE_RS_CLIENT] = MANRS_REL_PEER,
	};

	return role > 0 && role < (int)sizeof us ? us[role] : MANRS_REL_UNKNOWN;
}

int leak_type(int from_is, int to_is)
{
	if (from_is == MANRS_REL_PROVIDER && to_is == MANRS_REL_PROVIDER)
		return MANRS_LEAK_HAIRPIN;
	if (from_is == MANRS_REL_PEER && to_is == MANRS_REL_PEER)
		return MANRS_LEAK_PEER_TO_PEER;
	if (from_is == MANRS_REL_PROVIDER && to_is == MANRS_REL_PEER)
		return MANRS_LEAK_PROVIDER_TO_PEER;
	if (from_is == MANRS_REL_PEER && to_is == MANRS_REL_PROVIDER)
		return MANRS_LEAK_PEER_TO_PROVIDER;
	return MANRS_LEAK_TYPE_NONE;
}

/* The AS of a hop; 0 where the hop is one of several (a set) or of a confederation. */
static uint32_t hop_asn(const manrs_path *path, size_t i)
{
	return path_kind(path, i) == MANRS_SEGMENT_SEQUENCE ? path->asn[i] : 0;
}

static int relation(const manrs_rel *rel, uint32_t a, uint32_t b)
{
	return a && b ? manrs_rel_get(rel, a, b) : MANRS_REL_UNKNOWN;
}

/* The first hop of the run of one AS that ends at hop `last`, looking towards us. */
static size_t run_start(const manrs_path *path, size_t last)
{
	while (last > 0 && hop_asn(path, last) && hop_asn(path, last - 1) == hop_asn(path, last))
		last--;
	return last;
}

int manrs_leak_check(const manrs_rel *rel, const manrs_path *path, uint32_t local_as, int role,
		     manrs_leak *leak)
{
	int from_is = MANRS_REL_CUSTOMER; /* the origin's own routes are as a customer's */
	int state = path->n ? MANRS_LEAK_NONE : MANRS_LEAK_UNKNOWN;
	uint32_t from = 0;

	if (leak)
		*leak = (manrs_leak){0};
	if (!path_ok(path) || leak_we_are(role) == MANRS_REL_UNKNOWN)
		return MANRS_LEAK_MALFORMED;
	for (size_t i = path->n; i > 0;) {
		size_t at = run_start(path, i - 1);
		uint32_t leaker = hop_asn(path, at), to = at ? hop_asn(path, at - 1) : local_as;
		int to_is = at ? relation(rel, leaker, to) : leak_we_are(role);
		int type = leak_type(from_is, to_is);

		assert(at < i && from_is >= 0 && from_is <= MANRS_REL_PROVIDER);
		if (type) {
			if (leak)
				*leak = (manrs_leak){.from = from,
						     .leaker = leaker,
						     .to = to,
						     .at = (uint32_t)at,
						     .type = (uint8_t)type,
						     .from_is = (uint8_t)from_is,
						     .to_is = (uint8_t)to_is};
			return MANRS_LEAK_FOUND;
		}
		if (to_is == MANRS_REL_UNKNOWN || !leaker)
			state = MANRS_LEAK_UNKNOWN;
		from = leaker;
		from_is = at ? relation(rel, to, leaker) : 0;
		i = at;
	}
	return state;
}

int manrs_leak_check_many(const manrs_rel *rel, const manrs_paths *paths, uint32_t local_as,
			  int role, uint8_t *states, manrs_leak *leaks)
{
	int rc = MANRS_OK;

	for (size_t i = 0; i < paths->n; i++) {
		manrs_path path = path_at(paths, i);

		states[i] = (uint8_t)manrs_leak_check(rel, &path, local_as, role,
						      leaks ? &leaks[i] : NULL);
		if (states[i] == MANRS_LEAK_MALFORMED)
			rc = MANRS_EINVAL;
	}
	return rc;
}

const char *manrs_leak_text(int state)
{
	static const char *const texts[] = {"unknown", "none", "leak", "malformed"};

	return state >= 0 && state < 4 ? texts[state] : "";
}
