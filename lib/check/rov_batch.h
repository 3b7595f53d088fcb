/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Origin validation, one route and many: compiled once for each code path, with ROV_PATH as its name. A path that
 * has a batch of its own names it ROV_MANY.
 *
 * One lookup is a chain of loads, each of which may miss the caches; so LANES routes go down side by side, one load each a
 * round, and what the next round needs is prefetched:
 *
 *     round 0   check the record, step through the root (in the cache) and prefetch its level-1 entry
 *     round 1   load that entry, prefetch the node or list it points to
 *     rounds    of the lanes still at a node: find the run in its bitmap, prefetch the entry; load it, prefetch on
 *     last      judge all lanes, a word of their lists each a round
 *
 * What a lane needs next cannot be foretold, so nothing branches on it: each round writes down the lanes of the next one,
 * by kind (a cursor that moves or not), and a list that has ended is just not written down.
 */

#include "check/rov.h"

#define LANES 64u

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

/* The lanes that stand at a node, and those that stand at a skip. */
struct todo {
	uint8_t node[LANES], skip[LANES];
	unsigned nodes, skips;
};

/* With `apart` the two kinds are told apart at once; else, as skips are rare, all go with the nodes. */
static cc_inline void todo_add(struct todo *t, unsigned i, uint64_t entry, bool apart)
{
	t->node[t->nodes] = (uint8_t)i;
	if (!apart) {
		t->nodes += entry >> 2 & 1;
		return;
	}
	t->nodes += cover_tag(entry) == COVER_NODE;
	t->skip[t->skips] = (uint8_t)i;
	t->skips += cover_tag(entry) == COVER_SKIP;
}

static cc_inline const uint64_t *from_skip(const struct cover_skip *s, const uint8_t *addr,
					   uint8_t *depth)
{
	uint64_t differ =
		((get64(addr) ^ s->hi) & s->mask_hi) | ((get64(addr + 8) ^ s->lo) & s->mask_lo);

	*depth = (uint8_t)s->to;
	return &s->child + (differ != 0); /* miss is behind it */
}

/* The entries that the lanes have found, and what there is to do next. */
static cc_inline void load_entries(uint64_t *entry, const uint64_t *const *at, const uint8_t *lane,
				   unsigned n, struct todo *next, bool apart)
{
	for (unsigned k = 0; k < n; k++) {
		unsigned i = lane[k];

		entry[i] = *at[i];
		prefetch_entry(entry[i]);
		todo_add(next, i, entry[i], apart);
	}
}

/* Go down until all lanes have arrived; those of t have not, and stand at byte 2. */
static cc_inline void descend(const manrs_route *r, uint64_t *entry, struct todo *t, bool apart)
{
	const uint64_t *at[LANES];
	uint8_t depth[LANES];

	memset(depth, 2, sizeof depth);
	while (t->nodes + t->skips) {
		struct todo next;

		next.nodes = next.skips = 0;
		for (unsigned k = 0; k < t->nodes; k++) {
			unsigned i = t->node[k];
			const uint8_t *addr = r[i].prefix.addr;

			if (!apart && cc_unlikely(cover_tag(entry[i]) == COVER_SKIP)) {
				at[i] = from_skip(cover_at(entry[i]), addr, &depth[i]);
				continue;
			}
			at[i] = cover_step(cover_node_of(entry[i]), addr[depth[i]++]);
			cc_prefetch(at[i]);
		}
		for (unsigned k = 0; k < t->skips; k++) {
			unsigned i = t->skip[k];

			at[i] = from_skip(cover_at(entry[i]), r[i].prefix.addr, &depth[i]);
		}
		load_entries(entry, at, t->node, t->nodes, &next, apart);
		load_entries(entry, at, t->skip, t->skips, &next, apart);
		*t = next;
	}
}

static cc_inline unsigned word_says(uint64_t word, const manrs_route *r)
{
	return rov_rule(word, r->prefix.len, r->asn);
}

/* What of a block has rules of its own. */
static void judge_odd(const manrs_route *r, uint64_t entry, uint8_t *said)
{
	if (!prefix_ok(&r->prefix))
		*said = 4;
	else if (cover_tag(entry) == COVER_MANY)
		*said = (uint8_t)(rov_many(cover_at(entry), r->prefix.len, r->asn) & 3);
	else if (!r->asn)
		*said &= ROV_COVERED;
}

/*
 * The states by entries that are no children. An entry that is no pointer is its own word, and NONE is 0. A state is
 * twice the covered less the matched: NOT_FOUND 0, INVALID 2, VALID 1; and 4 makes it MALFORMED.
 */
static cc_inline void judge(const manrs_route *r, const uint64_t *entry, unsigned n, bool odd,
			    uint8_t *states)
{
	const uint64_t *at[LANES];
	uint8_t said[LANES], lane[LANES];
	unsigned left = 0, many = 0;

	for (unsigned i = 0; i < n; i++) {
		uint64_t e = entry[i], list = (uint64_t)0 - (cover_tag(e) == COVER_LIST), word;

		/* A mask, or compilers make a branch of it. */
		at[i] = (const void *)(uintptr_t)(((e & ~UINT64_C(7)) & list) |
						  ((uintptr_t)&entry[i] & ~list));
		word = *at[i];
		said[i] = (uint8_t)(word_says(word, &r[i]) & (0u - (e != 0)));
		lane[left] = (uint8_t)i;
		left += (unsigned)(list & ~word & COVER_ONE);
		many |= cover_tag(e) == COVER_MANY;
	}
	while (left) {
		unsigned more = 0;

		for (unsigned k = 0; k < left; k++) {
			unsigned i = lane[k];
			uint64_t word = *++at[i];

			said[i] |= (uint8_t)word_says(word, &r[i]);
			lane[more] = (uint8_t)i;
			more += !(word & COVER_ONE);
		}
		left = more;
	}
	for (unsigned i = 0; (odd | many) && i < n; i++)
		judge_odd(&r[i], entry[i], &said[i]);
	for (unsigned i = 0; i < n; i++)
		states[i] = (uint8_t)(2 * (said[i] & 1) - (said[i] >> 1 & 1) +
				      (said[i] >> 2) * MANRS_ROV_MALFORMED);
}

static cc_inline unsigned entry_says(uint64_t entry, const manrs_route *r)
{
	const uint64_t *w;
	unsigned said;

	if (cover_tag(entry) == COVER_ONE)
		return word_says(entry, r);
	if (entry == 0)
		return 0;
	if (cc_unlikely(cover_tag(entry) == COVER_MANY))
		return rov_many(cover_at(entry), r->prefix.len, r->asn);
	w = cover_at(entry);
	said = word_says(*w, r);
	while (!(*w & COVER_ONE))
		said |= word_says(*++w, r);
	return said;
}

/* From an entry of the root all the way, alone. */
static cc_inline unsigned says_alone(uint64_t entry, const manrs_route *r)
{
	const uint8_t *addr = r->prefix.addr;

	if (cover_tag(entry) == COVER_FLAT)
		entry = cover_node_of(entry)->entry[addr[1]];
	if (cover_tag(entry) == COVER_NODE)
		entry = *cover_step(cover_node_of(entry), addr[2]);
	else if (cover_tag(entry) == COVER_SKIP)
		entry = cover_find_from(entry, addr, 2);
	if (cover_is_child(entry))
		entry = cover_find_from(entry, addr, 3);
	return entry_says(entry, r);
}

/* The first two bytes of an address, as this machine reads them. */
static cc_inline unsigned first16(const manrs_route *r)
{
	uint16_t x;

	memcpy(&x, r->prefix.addr, sizeof x);
	return x;
}

/* Whether a whole block seems to be in table order: of every eighth route, most begin as the one behind it. */
static cc_inline bool in_order(const manrs_route *r)
{
	unsigned same = 0;

	for (unsigned i = 0; i < LANES; i += 8)
		same += first16(&r[i]) == first16(&r[i + 1]);
	return same > LANES / 16;
}

/*
 * Neighbours, as in table order: what one route needs is in the cache since the last, and its branches go as that one's
 * did, so each goes its way to the end alone.
 */
static cc_inline bool neighbours(const uint64_t *const top[2], const manrs_route *r,
				 uint8_t *states)
{
	bool any = false;

	for (unsigned i = 0; i < LANES; i++) {
		const manrs_prefix *p = &r[i].prefix;
		unsigned said;

		if (cc_unlikely(!prefix_ok(p))) {
			states[i] = MANRS_ROV_MALFORMED;
			any = true;
			continue;
		}
		said = says_alone(top[p->family == 6][p->addr[0]], &r[i]);
		states[i] = rov_state(cc_likely(r[i].asn) ? said : said & ROV_COVERED);
	}
	return any;
}

static cc_inline bool block(const uint64_t *const top[2], const manrs_route *r, unsigned n,
			    uint8_t *states)
{
	uint64_t entry[LANES];
	unsigned bad = 0, none = 0, families = 0;
	struct todo todo;

	for (unsigned i = 0; i < n; i++) {
		const manrs_prefix *p = &r[i].prefix;

		bad |= !prefix_ok(p);
		none |= r[i].asn == 0;
		families |= p->family;
		entry[i] = top[p->family == 6][p->addr[0]];
		if (cover_tag(entry[i]) == COVER_FLAT)
			cc_prefetch(&cover_node_of(entry[i])->entry[p->addr[1]]);
	}
	todo.nodes = todo.skips = 0;
	for (unsigned i = 0; i < n; i++) {
		if (cover_tag(entry[i]) == COVER_FLAT)
			entry[i] = cover_node_of(entry[i])->entry[r[i].prefix.addr[1]];
		prefetch_entry(entry[i]);
		todo_add(&todo, i, entry[i], true);
	}
	if (families & 2) /* 6: some are IPv6 */
		descend(r, entry, &todo, true);
	else
		descend(r, entry, &todo, false);
	judge(r, entry, n, bad | none, states);
	return bad;
}

static int many(const manrs_db *db, const manrs_route *routes, size_t n, uint8_t *states)
{
	const uint64_t *const top[2] = {top_of(db->c.root[TREE_VRP4]),
					top_of(db->c.root[TREE_VRP6])};
	bool any = false;
	size_t i = 0;

	for (; i + LANES <= n; i += LANES)
		any |= in_order(routes + i) ? neighbours(top, routes + i, states + i)
					    : block(top, routes + i, LANES, states + i);
	if (i < n)
		any |= block(top, routes + i, (unsigned)(n - i), states + i);
	return any ? MANRS_EINVAL : MANRS_OK;
}

static int check(const manrs_db *db, const manrs_route *r)
{
	const uint64_t *top = top_of(db->c.root[TREE_VRP4 + (r->prefix.family == 6)]);
	unsigned said = says_alone(top[r->prefix.addr[0]], r);

	return rov_state(r->asn ? said : said & ROV_COVERED);
}

#ifdef ROV_MANY
static int ROV_MANY(const manrs_db *db, const manrs_route *routes, size_t n, uint8_t *states);
#else
#define ROV_MANY many
#endif

const struct rov_path ROV_PATH = {check, ROV_MANY};
