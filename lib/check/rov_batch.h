/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_CHECK_ROV_BATCH_H
#define LIB_CHECK_ROV_BATCH_H

/*
 * Origin validation, one route and many: compiled once for each code path. The file that includes this defines ROV_PATH, the
 * path's name, before it, and behind it
 *
 *     rov_list(at, len, origin)    what a list says of a route; four words may be read at once (cover.h)
 *     rov_ones(r, entry, states)   the states of LANES routes by the entries that are a word or NONE, and what is left
 *     rov_children(entry, lanes)   which of the LANES entries are children; none is outside lanes
 *
 * A batch goes in blocks of LANES routes, and a block in two steps: first all routes find their entries, then all are judged.
 * What a route's entry is cannot be predicted, so that nothing branches on it where it can be helped: sets of lanes are words
 * of a bit each, and a loop goes over the bits that are set.
 *
 *     find     the root's two levels, and prefetch what the entries point to; then a level a round for the lanes still at a
 *              node: find the run in its bitmap, prefetch the entry; load it, prefetch on
 *     judge    words and NONE for all lanes at once; then each list; then the MANYs, which are rare
 *
 * A block in table order finds its entries route by route: neighbours need the same nodes, so these are in the cache, and
 * their branches go alike.
 */

#include "check/rov_list.h"

#define LANES     64u
#define ALL_LANES UINT64_MAX

/* What rov_ones leaves to be judged, and the malformed: bit i is lane i. */
struct rov_left {
	uint64_t bad, list, many;
};

/* The lanes that are at a child, and of these those that are at a skip. */
struct rov_down {
	uint64_t child, skip;
};

static cc_inline unsigned rov_list(const uint64_t *at, unsigned len, uint64_t origin);
static cc_inline struct rov_left rov_ones(const manrs_route *r, const uint64_t *entry,
					  uint8_t *states);
static cc_inline struct rov_down rov_children(const uint64_t *entry, uint64_t lanes);

/* ---- finding ---- */

/* An entry's target, if it has one. */
static cc_inline void prefetch_entry(uint64_t entry)
{
	static const uint64_t nowhere;

	cc_prefetch(entry & 6 ? cover_at(entry) : &nowhere);
}

/* The entries of a root, by the first byte; of an empty tree, nothing. */
static cc_inline const uint64_t *top_of(uint64_t root)
{
	static const uint64_t nothing[256];

	return root ? cover_node_of(root)->entry : nothing;
}

/* The entry of a root's two levels. */
static cc_inline uint64_t two_levels(const uint64_t *top, const uint8_t *addr)
{
	uint64_t entry = top[addr[0]];

	return cover_tag(entry) == COVER_FLAT ? cover_node_of(entry)->entry[addr[1]] : entry;
}

/* From an entry of two_levels all the way, alone. */
static cc_inline uint64_t find_alone(uint64_t entry, const uint8_t *addr)
{
	if (cover_tag(entry) == COVER_NODE)
		entry = *cover_step(cover_node_of(entry), addr[2]);
	else if (cover_tag(entry) == COVER_SKIP)
		entry = cover_find_from(entry, addr, 2);
	return cover_is_child(entry) ? cover_find_from(entry, addr, 3) : entry;
}

static cc_inline const uint64_t *from_skip(const struct cover_skip *s, const uint8_t *addr,
					   uint8_t *depth)
{
	uint64_t differ =
		((get64(addr) ^ s->hi) & s->mask_hi) | ((get64(addr + 8) ^ s->lo) & s->mask_lo);

	assert(*depth <= s->to);
	*depth = (uint8_t)s->to;
	return &s->child + (differ != 0); /* miss is behind it */
}

static cc_inline void children_add(struct rov_down *d, uint64_t entry, unsigned lane)
{
	uint64_t child = entry >> 2 & 1;

	d->child |= child << lane;
	d->skip |= (child & entry >> 1) << lane;
}

/* rov_children lane by lane. */
static cc_inline struct rov_down rov_children_plain(const uint64_t *entry, uint64_t lanes)
{
	struct rov_down d = {0, 0};

	if (lanes == ALL_LANES)
		for (unsigned i = 0; i < LANES; i++)
			children_add(&d, entry[i], i);
	else
		for (; lanes; lanes &= lanes - 1)
			children_add(&d, entry[cc_ctz64(lanes)], cc_ctz64(lanes));
	return d;
}

/* From entries of two_levels, all lanes together. */
static cc_inline void find_together(const manrs_route *r, uint64_t *entry)
{
	struct rov_down now = rov_children(entry, ALL_LANES);
	const uint64_t *at[LANES];
	uint8_t depth[LANES];

	memset(depth, 2, sizeof depth);
	while (now.child) {
		for (uint64_t left = now.child & ~now.skip; left; left &= left - 1) {
			unsigned i = cc_ctz64(left);

			at[i] = cover_step(cover_node_of(entry[i]), r[i].prefix.addr[depth[i]++]);
			cc_prefetch(at[i]);
		}
		for (uint64_t left = now.skip; left; left &= left - 1) {
			unsigned i = cc_ctz64(left);

			at[i] = from_skip(cover_at(entry[i]), r[i].prefix.addr, &depth[i]);
		}
		for (uint64_t left = now.child; left; left &= left - 1) {
			unsigned i = cc_ctz64(left);

			entry[i] = *at[i];
			prefetch_entry(entry[i]);
		}
		now = rov_children(entry, now.child);
	}
}

/* ---- judging ---- */

/* The words of a list one by one. */
static cc_inline unsigned rov_list_plain(const uint64_t *at, unsigned len, uint64_t origin)
{
	unsigned said = rov_rule(*at, len, origin);

	while (!(*at & COVER_ONE))
		said |= rov_rule(*++at, len, origin);
	return said;
}

/* The state by an entry, if it is a word or NONE. */
static cc_inline uint8_t rov_one(uint64_t entry, const manrs_route *r, uint64_t bad)
{
	unsigned one = 0u - (cover_tag(entry) == COVER_ONE);
	unsigned said = rov_rule(entry, r->prefix.len, rov_origin(r->asn)) & one;

	return bad ? MANRS_ROV_MALFORMED : rov_state(said);
}

/* rov_ones lane by lane. */
static cc_inline struct rov_left rov_ones_plain(const manrs_route *r, const uint64_t *entry,
						uint8_t *states)
{
	struct rov_left left = {0, 0, 0};

	for (unsigned i = 0; i < LANES; i++) {
		uint64_t bad = !prefix_ok(&r[i].prefix);

		left.bad |= bad << i;
		left.list |= (uint64_t)(cover_tag(entry[i]) == COVER_LIST) << i;
		left.many |= (uint64_t)(cover_tag(entry[i]) == COVER_MANY) << i;
		states[i] = rov_one(entry[i], &r[i], bad);
	}
	return left;
}

static cc_inline unsigned entry_says(uint64_t entry, const manrs_route *r)
{
	uint64_t origin = rov_origin(r->asn);

	if (cover_tag(entry) == COVER_ONE)
		return rov_rule(entry, r->prefix.len, origin);
	if (entry == 0)
		return 0;
	if (cc_unlikely(cover_tag(entry) == COVER_MANY))
		return rov_many(cover_at(entry), r->prefix.len, r->asn);
	return rov_list(cover_at(entry), r->prefix.len, origin);
}

/* MANYs, and what is above them, a block a round. */
static cc_noinline void judge_manys(const manrs_route *r, const uint64_t *entry, uint64_t lanes,
				    uint8_t *states)
{
	uint64_t at[LANES];
	unsigned said[LANES];

	for (uint64_t left = lanes; left; left &= left - 1) {
		at[cc_ctz64(left)] = entry[cc_ctz64(left)];
		said[cc_ctz64(left)] = 0;
	}
	while (lanes) {
		for (uint64_t left = lanes; left; left &= left - 1) {
			const struct cover_many *m = cover_at(at[cc_ctz64(left)]);

			cc_prefetch(m->word + 6); /* its first line is on the way */
			cc_prefetch(m->word + 14);
		}
		for (uint64_t left = lanes; left; left &= left - 1) {
			unsigned i = cc_ctz64(left);
			const struct cover_many *m = cover_at(at[i]);

			assert(cover_tag(at[i]) == COVER_MANY);
			said[i] |= rov_many_here(m, r[i].prefix.len, r[i].asn);
			at[i] = m->up;
			prefetch_entry(m->up);
			lanes &= ~((uint64_t)!m->up << i);
			states[i] = rov_state(said[i]);
		}
	}
}

/* The states by entries that are no children. returns: whether a route is malformed. */
static cc_inline bool judge(const manrs_route *r, const uint64_t *entry, uint8_t *states)
{
	struct rov_left left = rov_ones(r, entry, states);

	assert(!(left.list & left.many));
	for (uint64_t list = left.list & ~left.bad; list; list &= list - 1) {
		unsigned i = cc_ctz64(list);

		states[i] = rov_state(
			rov_list(cover_at(entry[i]), r[i].prefix.len, rov_origin(r[i].asn)));
	}
	if (cc_unlikely(left.many & ~left.bad))
		judge_manys(r, entry, left.many & ~left.bad, states);
	return left.bad != 0;
}

/* ---- blocks ---- */

/* The first two bytes of an address, as this machine reads them. */
static cc_inline unsigned first16(const manrs_route *r)
{
	uint16_t x;

	memcpy(&x, r->prefix.addr, sizeof x);
	return x;
}

/* Whether a block seems to be in table order: of every eighth route, most begin as the one behind it. */
static cc_inline bool in_order(const manrs_route *r)
{
	unsigned same = 0;

	for (unsigned i = 0; i < LANES; i += 8)
		same += first16(&r[i]) == first16(&r[i + 1]);
	return same > LANES / 16;
}

static cc_inline bool block(const uint64_t *const top[2], const manrs_route *r, uint8_t *states)
{
	bool alone = in_order(r);
	uint64_t entry[LANES];

	for (unsigned i = 0; i < LANES; i++) {
		const manrs_prefix *p = &r[i].prefix;

		entry[i] = two_levels(top[p->family == 6], p->addr);
		if (alone)
			entry[i] = find_alone(entry[i], p->addr);
		else
			prefetch_entry(entry[i]);
	}
	if (!alone)
		find_together(r, entry);
	for (unsigned i = 0; i < LANES; i++)
		assert(!cover_is_child(entry[i]));
	return judge(r, entry, states);
}

/* Fewer routes than a block: those that lack are nobody's, and their states thrown away. */
static bool part(const uint64_t *const top[2], const manrs_route *r, size_t n, uint8_t *states)
{
	static const manrs_route nobody = {.prefix = {.family = 4}};
	manrs_route all[LANES];
	uint8_t all_states[LANES];
	bool any;

	assert(n < LANES);
	memcpy(all, r, n * sizeof *r);
	for (size_t i = n; i < LANES; i++)
		all[i] = nobody;
	any = block(top, all, all_states);
	memcpy(states, all_states, n);
	return any;
}

static int check(const manrs_db *db, const manrs_route *r)
{
	const uint64_t *top = top_of(db_vrp_index(db, r->prefix.family));
	uint64_t entry = find_alone(two_levels(top, r->prefix.addr), r->prefix.addr);

	assert(prefix_ok(&r->prefix) && !cover_is_child(entry));
	return rov_state(entry_says(entry, r));
}

/* A part costs as much as a block. */
#define PART_LEAST 8u

static int many(const manrs_db *db, const manrs_route *routes, size_t n, uint8_t *states)
{
	const uint64_t *const top[2] = {top_of(db_vrp_index(db, 4)), top_of(db_vrp_index(db, 6))};
	bool any = false;
	size_t i = 0;

	for (; n - i >= LANES; i += LANES)
		any |= block(top, routes + i, states + i);
	if (n - i >= PART_LEAST)
		any |= part(top, routes + i, n - i, states + i);
	else
		for (; i < n; i++) {
			bool bad = !prefix_ok(&routes[i].prefix);

			states[i] = bad ? MANRS_ROV_MALFORMED : (uint8_t)check(db, &routes[i]);
			any |= bad;
		}
	return any ? MANRS_EINVAL : MANRS_OK;
}

const struct rov_path ROV_PATH = {check, many};

#endif
