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
 *     last      judge each lane by its list
 *
 * Lanes that have arrived are left out of the next round by compaction, not by a branch that would be mispredicted.
 */

#include "check/rov.h"

#define LANES 32u

/* An entry's target, if it has one. */
static cc_inline void prefetch_entry(uint64_t entry)
{
	if (entry & 6)
		cc_prefetch(cover_at(entry));
}

/* The entries of a root, by the first byte; of an empty tree, nothing. */
static cc_inline const uint64_t *top_of(uint64_t root)
{
	static const uint64_t nothing[256];

	return root ? cover_node_of(root)->entry : nothing;
}

/*
 * The state by an entry that is no child. With COVERED and MATCHED as bits c and m (rov.h), and m only with c:
 * (c << 1) >> m is NOT_FOUND 0, INVALID 2, VALID 1.
 */
static cc_inline uint8_t judge(uint64_t entry, unsigned len, uint32_t asn)
{
	uint64_t one = entry ? entry : ROV_NOTHING, origin = rov_origin(asn);
	const uint64_t *w = cover_tag(entry) == COVER_LIST ? cover_at(entry) : &one;
	unsigned covered = 0, matched = 0;
	uint64_t word;

	if (cc_unlikely(cover_tag(entry) == COVER_MANY))
		return rov_state(rov_many(cover_at(entry), len, asn));
	do {
		unsigned covers = (uint8_t)(word = *w++, word >> 16) <= len;

		covered |= covers;
		matched |= covers & (len <= (uint8_t)(word >> 8)) & (word >> 32 == origin);
	} while (!(word & COVER_ONE));
	return (uint8_t)(covered << 1 >> matched);
}

/* Go down until all lanes have arrived. lane[n] are those that have not; all stand at byte 2. */
static cc_inline void descend(const manrs_route *r, uint64_t *entry, uint8_t *lane, unsigned n)
{
	const uint64_t *at[LANES];
	uint8_t depth[LANES];

	memset(depth, 2, sizeof depth);
	while (n) {
		unsigned left = 0;

		for (unsigned k = 0; k < n; k++) {
			unsigned i = lane[k];
			const uint8_t *addr = r[i].prefix.addr;

			if (cover_tag(entry[i]) == COVER_NODE) {
				const struct cover_node *node = cover_node_of(entry[i]);

				at[i] = &node->entry[cover_run(node, addr[depth[i]++])];
			} else {
				const struct cover_skip *s = cover_at(entry[i]);

				depth[i] = (uint8_t)s->to;
				at[i] = (((get64(addr) ^ s->hi) & s->mask_hi) |
					 ((get64(addr + 8) ^ s->lo) & s->mask_lo))
						? &s->miss
						: &s->child;
			}
			cc_prefetch(at[i]);
		}
		for (unsigned k = 0; k < n; k++) {
			unsigned i = lane[k];

			entry[i] = *at[i];
			prefetch_entry(entry[i]);
			lane[left] = (uint8_t)i;
			left += cover_is_child(entry[i]);
		}
		n = left;
	}
}

static cc_inline bool block(const uint64_t *const top[2], const manrs_route *r, unsigned n,
			    uint8_t *states)
{
	uint64_t entry[LANES];
	uint8_t lane[LANES], bad[LANES];
	unsigned left = 0, any = 0;

	for (unsigned i = 0; i < n; i++) {
		const manrs_prefix *p = &r[i].prefix;

		bad[i] = !prefix_ok(p);
		any |= bad[i];
		entry[i] = top[p->family == 6][p->addr[0]];
		if (cover_tag(entry[i]) == COVER_FLAT)
			cc_prefetch(&cover_node_of(entry[i])->entry[p->addr[1]]);
	}
	for (unsigned i = 0; i < n; i++) {
		if (cover_tag(entry[i]) == COVER_FLAT)
			entry[i] = cover_node_of(entry[i])->entry[r[i].prefix.addr[1]];
		prefetch_entry(entry[i]);
		lane[left] = (uint8_t)i;
		left += cover_is_child(entry[i]);
	}
	descend(r, entry, lane, left);
	for (unsigned i = 0; i < n; i++)
		states[i] = judge(entry[i], r[i].prefix.len, r[i].asn);
	for (unsigned i = 0; any && i < n; i++)
		states[i] = bad[i] ? MANRS_ROV_MALFORMED : states[i];
	return any;
}

static int many(const manrs_db *db, const manrs_route *routes, size_t n, uint8_t *states)
{
	const uint64_t *const top[2] = {top_of(db->c.root[TREE_VRP4]),
					top_of(db->c.root[TREE_VRP6])};
	bool any = false;
	size_t i = 0;

	for (; i + LANES <= n; i += LANES)
		any |= block(top, routes + i, LANES, states + i);
	if (i < n)
		any |= block(top, routes + i, (unsigned)(n - i), states + i);
	return any ? MANRS_EINVAL : MANRS_OK;
}

static unsigned one(const manrs_db *db, const manrs_route *r)
{
	uint64_t root = db->c.root[TREE_VRP4 + (r->prefix.family == 6)];

	return rov_entry(cover_find(root, r->prefix.addr), r->prefix.len, r->asn);
}

#ifdef ROV_MANY
static int ROV_MANY(const manrs_db *db, const manrs_route *routes, size_t n, uint8_t *states);
#else
#define ROV_MANY many
#endif

const struct rov_path ROV_PATH = {one, ROV_MANY};
