/* SPDX-License-Identifier: BSD-2-Clause */
/* Routes come and go: announcements judged in slices as they are put in, withdrawals. */

#include "rib/rib_state.h"

#define SLICE 64u

static const manrs_verdict no_verdict;

/* Let go of what a record holds but its place. */
static void rec_drop(manrs_rib *rib, const struct rib_rec *rec)
{
	rib_attrs_drop(&rib->attrs, rec->attrs);
	rib_verdict_drop(&rib->verdicts, rec->verdict);
}

/* ---- announcements ---- */

/* An announcement as it is judged and kept: of its session. */
static void take_over(const struct rib_session *s, const manrs_announcement *from,
		      manrs_announcement *a)
{
	const uint32_t of_session =
		MANRS_ANNOUNCE_EGRESS | MANRS_ANNOUNCE_ANY_NEIGHBOUR | MANRS_ANNOUNCE_INTERNAL;

	*a = *from;
	a->prefix.maxlen = a->prefix.len;
	a->neighbour_asn = s->neighbour_asn;
	a->neighbour_address = s->neighbour_address;
	a->flags = (a->flags & ~of_session) | s->flags;
	rib_attrs_mend(a);
}

static bool full(const manrs_rib *rib)
{
	return rib->config.max_routes && rib_n(rib) >= rib->config.max_routes;
}

/* A new record with its attributes and verdict. */
static int route_new(manrs_rib *rib, struct rib_session *s, struct rib_pos *pos,
		     const struct rib_key *key, unsigned family, const struct rib_rec *as)
{
	struct rib_rec *rec;

	if (full(rib))
		return MANRS_ELIMIT;
	rec = rib_tree_insert(&rib->tree[family], pos, key);
	if (!rec)
		return rib_refused(rib);
	rec->attrs = as->attrs;
	rec->verdict = as->verdict;
	rec->generation = as->generation;
	s->held++;
	return MANRS_OK;
}

/* Put one route in, or in the place of the one that is there. returns: MANRS_OK, MANRS_ELIMIT, MANRS_ENOMEM */
static int route_put(manrs_rib *rib, struct rib_session *s, const manrs_announcement *a,
		     uint32_t path_id, const manrs_verdict *verdict)
{
	struct rib_key key = rib_key_of(&a->prefix, s->handle, path_id);
	unsigned family = a->prefix.family == 6;
	struct rib_rec new = {.generation = s->generation}, gone = {0}, *old;
	manrs_verdict before = no_verdict;
	struct rib_pos pos;
	bool there;
	int rc = MANRS_OK;

	new.attrs = rib_attrs_take(&rib->attrs, a);
	if (new.attrs == RIB_ATTRS_NONE)
		return rib_refused(rib);
	new.verdict = rib_verdict_take(&rib->verdicts, verdict);
	if (new.verdict == RIB_VERDICT_NONE) {
		rib_attrs_drop(&rib->attrs, new.attrs);
		return rib_refused(rib);
	}
	there = rib_tree_find(&rib->tree[family], &key, &pos);
	if (there) {
		old = rib_rec_at(&rib->tree[family], pos.leaf, pos.i);
		before = *rib_verdict_at(&rib->verdicts, old->verdict);
		if (!rib_dead(s, family, old))
			rib_session_count(s, family, old, &before, -1);
		gone = *old; /* until all is told: the announcement may be one that was read from it */
		old->attrs = new.attrs;
		old->verdict = new.verdict;
		old->generation = new.generation;
	} else {
		rc = route_new(rib, s, &pos, &key, family, &new);
	}
	if (rc != MANRS_OK) {
		rec_drop(rib, &new);
		return rc;
	}
	rib_index_route(rib, family, &key, &a->path);
	rib_session_count(s, family, &new, verdict, 1);
	if (!there)
		rib_tell(rib, s, a, path_id, &before, verdict, MANRS_RIB_ANNOUNCED);
	else if (!rib_verdict_same(&before, verdict))
		rib_tell(rib, s, a, path_id, &before, verdict, MANRS_RIB_CHANGED);
	if (there)
		rec_drop(rib, &gone);
	return MANRS_OK;
}

/* n <= SLICE of them. returns: MANRS_OK, MANRS_EINVAL: some were malformed; else *done says how many went in */
static int announce_slice(manrs_rib *rib, struct rib_session *s, const manrs_announcement *given,
			  const uint32_t *path_ids, size_t n, size_t *done)
{
	manrs_announcement a[SLICE];
	manrs_verdict verdicts[SLICE];
	size_t taken = 0;
	int rc;

	assert(n > 0 && n <= SLICE);
	do
		take_over(s, &given[taken], &a[taken]);
	while (++taken < n);
	rc = manrs_check(rib->db, &s->policy, a, n, verdicts);
	rib->judged += n;
	for (size_t i = 0; i < n; i++) {
		int put = MANRS_OK;

		if (prefix_ok(&a[i].prefix))
			put = route_put(rib, s, &a[i], path_ids ? path_ids[i] : 0, &verdicts[i]);
		if (put != MANRS_OK)
			return put;
		++*done;
	}
	return rc;
}

int manrs_rib_announce(manrs_rib *rib, uint32_t session, const manrs_announcement *announcements,
		       const uint32_t *path_ids, size_t n, size_t *done)
{
	struct rib_session *s = rib_session_find(rib, session);
	int rc = MANRS_OK;

	*done = 0;
	if (!s)
		return MANRS_ENOENT;
	while (*done < n) {
		size_t slice = rib_room(rib, n - *done < SLICE ? n - *done : SLICE);
		int put = slice == 0
				  ? MANRS_EBUSY
				  : announce_slice(rib, s, announcements + *done,
						   path_ids ? path_ids + *done : NULL, slice, done);

		if (put == MANRS_EINVAL)
			rc = MANRS_EINVAL;
		else if (put != MANRS_OK &&
			 (put == MANRS_EBUSY || full(rib) || !rib_index_drop(&rib->index)))
			return put; /* what routes have no room for, the index has none for either */
	}
	return rc;
}

/* ---- withdrawals ---- */

void rib_route_out(manrs_rib *rib, struct rib_item *item, struct rib_pos *pos)
{
	manrs_verdict before = *rib_verdict_at(&rib->verdicts, item->rec->verdict);
	manrs_announcement a;

	rib_announcement(rib, item, &a);
	rib_tell(rib, item->session, &a, (uint32_t)item->key.rest, &before, &no_verdict,
		 MANRS_RIB_WITHDRAWN);
	if (!rib_dead(item->session, item->family, item->rec))
		rib_session_count(item->session, item->family, item->rec, &before, -1);
	rec_drop(rib, item->rec);
	rib_tree_erase(&rib->tree[item->family], pos);
	rib_session_let_go(item->session);
}

static void withdraw_one(manrs_rib *rib, struct rib_session *s, const manrs_prefix *prefix,
			 uint32_t path_id)
{
	struct rib_item item = {.key = rib_key_of(prefix, s->handle, path_id),
				.session = s,
				.family = prefix->family == 6};
	struct rib_tree *tree = &rib->tree[item.family];
	struct rib_pos pos;

	if (!rib_tree_find(tree, &item.key, &pos))
		return;
	item.rec = rib_rec_at(tree, pos.leaf, pos.i);
	if (rib_dead(s, item.family, item.rec))
		return; /* it is gone already, which the sweep tells */
	rib_route_out(rib, &item, &pos);
	rib_tree_settle(tree, &pos);
}

int manrs_rib_withdraw(manrs_rib *rib, uint32_t session, const manrs_prefix *prefixes,
		       const uint32_t *path_ids, size_t n, size_t *done)
{
	struct rib_session *s = rib_session_find(rib, session);
	int rc = MANRS_OK;

	*done = 0;
	if (!s)
		return MANRS_ENOENT;
	for (size_t i = 0; i < n; i++, ++*done) {
		if (!prefix_ok(&prefixes[i]))
			rc = MANRS_EINVAL;
		else if (!rib_room(rib, 1))
			return MANRS_EBUSY;
		else
			withdraw_one(rib, s, &prefixes[i], path_ids ? path_ids[i] : 0);
	}
	return rc;
}
