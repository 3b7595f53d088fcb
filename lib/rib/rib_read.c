/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading: a route as a record, and listings whose cursor is the last key listed. */

#include "rib/rib_state.h"

static manrs_prefix prefix_of(const struct rib_key *key, unsigned family)
{
	manrs_prefix p = {.family = family ? 6 : 4};

	p.len = p.maxlen = (uint8_t)rib_len_of(key->rest);
	put64(p.addr, key->hi);
	put64(p.addr + 8, key->lo);
	return p;
}

void rib_announcement(const manrs_rib *rib, const struct rib_item *item, manrs_announcement *a)
{
	const struct rib_session *s = item->session;

	*a = (manrs_announcement){.prefix = prefix_of(&item->key, item->family),
				  .neighbour_asn = s->neighbour_asn,
				  .neighbour_address = s->neighbour_address,
				  .flags = s->flags};
	rib_attrs_give(rib_attrs_at(&rib->attrs, item->rec->attrs), a);
}

static void give(const manrs_rib *rib, const struct rib_item *item, manrs_rib_route *out)
{
	*out = (manrs_rib_route){.verdict = *rib_verdict_at(&rib->verdicts, item->rec->verdict),
				 .session = item->session->handle,
				 .path_id = (uint32_t)item->key.rest};
	if (item->rec->generation != item->session->generation)
		out->flags = MANRS_RIB_STALE;
	rib_announcement(rib, item, &out->announcement);
}

int manrs_rib_route_get(const manrs_rib *rib, uint32_t session, const manrs_prefix *prefix,
			uint32_t path_id, manrs_rib_route *route)
{
	struct rib_session *s = rib_session_find(rib, session);
	struct rib_item item = {.session = s, .family = prefix->family == 6};
	const struct rib_tree *tree = &rib->tree[item.family];
	struct rib_pos pos;

	if (!s || !prefix_ok(prefix))
		return MANRS_ENOENT;
	item.key = rib_key_of(prefix, session, path_id);
	if (!rib_tree_find(tree, &item.key, &pos))
		return MANRS_ENOENT;
	item.rec = rib_rec_at(tree, pos.leaf, pos.i);
	if (rib_dead(s, item.family, item.rec))
		return MANRS_ENOENT;
	give(rib, &item, route);
	return MANRS_OK;
}

/* ---- listings ---- */

/* What is listed of one family: from a key to an end. */
struct span {
	struct rib_key key, end;
};

static size_t list(const manrs_rib *rib, unsigned family, const struct span *span,
		   manrs_rib_route *out, size_t cap, struct rib_key *last)
{
	const struct rib_tree *tree = &rib->tree[family];
	struct rib_item item = {.family = family};
	struct rib_pos pos;
	size_t n = 0;

	if (cap == 0)
		return 0;
	rib_tree_find(tree, &span->key, &pos);
	for (const struct rib_leaf *leaf = pos.leaf; leaf; leaf = leaf->next, pos.i = 0) {
		for (; pos.i < leaf->n; pos.i++) {
			item.rec = rib_rec_at(tree, leaf, pos.i);
			item.key = rib_rec_key(tree, item.rec);
			if (rib_key_cmp(&item.key, &span->end) > 0)
				return n;
			item.session = rib_session_at(rib, rib_session_of(item.key.rest));
			if (rib_dead(item.session, family, item.rec))
				continue;
			give(rib, &item, &out[n++]);
			*last = item.key;
			if (n == cap)
				return n;
		}
	}
	return n;
}

/* The cursor: state[0] is 0 at the start, else 1 + the index of the family of the key that was listed last. */
size_t manrs_rib_routes(const manrs_rib *rib, const manrs_prefix *prefix, uint32_t which,
			manrs_cursor *cursor, manrs_rib_route *out, size_t cap)
{
	uint64_t *state = cursor->state;
	struct rib_key last = {state[1], state[2], state[3]};
	size_t n = 0;

	if ((prefix && !prefix_ok(prefix)) || which > MANRS_RIB_UNDER)
		return 0;
	for (unsigned family = 0; family < 2 && n < cap; family++) {
		struct span span = {.end = {UINT64_MAX, UINT64_MAX, UINT64_MAX}};
		size_t more;

		if ((prefix && (prefix->family == 6) != family) || state[0] > family + UINT64_C(1))
			continue;
		if (prefix) {
			span.key = rib_key_of(prefix, 0, 0);
			span.end = which == MANRS_RIB_EXACT
					   ? rib_key_of(prefix, UINT16_MAX, UINT32_MAX)
					   : rib_key_end(prefix);
		}
		if (state[0] == family + UINT64_C(1))
			span.key = rib_key_after(last);
		more = list(rib, family, &span, out + n, cap - n, &last);
		if (more) {
			state[0] = family + UINT64_C(1);
			state[1] = last.hi;
			state[2] = last.lo;
			state[3] = last.rest;
		}
		n += more;
	}
	return n;
}
