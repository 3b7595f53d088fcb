/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sweep: laps over all routes in order, IPv4 and then IPv6. One lap serves whatever was marked before it began: dead
 * routes are taken out, those of a marked session or with marked attributes are judged. A leaf without any session that
 * is wanted is passed over, unless attributes are marked. A lap also builds the index of AS numbers, if one is wanted: what is
 * announced meanwhile puts itself into it.
 */

#include "rib/rib_state.h"

/* A leaf passed over costs what a quarter of a route does; a record looked at, an eighth. */
#define PASSED 4u

/* A record put into the index costs what some routes do: each number of its path is another place in memory. */
#define INDEXED 3u

uint64_t rib_sweep_ask(manrs_rib *rib)
{
	rib->sweep.again = true;
	return rib->sweep.lap + 1;
}

void rib_sweep_all(manrs_rib *rib)
{
	for (uint32_t i = 0; i < rib->sessions.n; i++)
		if (rib_session_at(rib, i)->held)
			rib_session_at(rib, i)->lap = rib_sweep_ask(rib);
}

/* Marks for the next lap are now for this one. */
static void turn_marks(manrs_rib *rib)
{
	struct rib_page **pages = rib->attrs.pages.at;

	if (!rib->sweep.marked && !rib->sweep.next)
		return;
	for (size_t i = 0; i < rib->attrs.pages.n; i++) {
		memcpy(pages[i]->marks[0], pages[i]->marks[1], sizeof pages[i]->marks[0]);
		memset(pages[i]->marks[1], 0, sizeof pages[i]->marks[1]);
	}
	rib->sweep.marked = rib->sweep.next;
	rib->sweep.next = false;
}

static uint64_t live_of(const struct rib_session *s)
{
	uint64_t n = 0;

	for (unsigned f = 0; f < 2; f++)
		n += s->fresh[f].routes + s->stale[f].routes;
	return n;
}

static void lap_begin(manrs_rib *rib)
{
	struct rib_sweep *w = &rib->sweep;

	w->on = true;
	w->again = false;
	w->lap++;
	turn_marks(rib);
	w->family = 0;
	w->key = (struct rib_key){0};
	w->indexing = rib->index.state == RIB_INDEX_BUILDING && rib->index.lap == w->lap;
	w->sessions = w->marked || w->indexing ? ~UINT64_C(0) : 0;
	for (uint32_t i = 0; i < rib->sessions.n; i++) {
		const struct rib_session *s = rib_session_at(rib, i);
		bool dead = s->held && (s->state != RIB_SESSION_OPEN || s->held > live_of(s));

		if (dead || (s->held && s->lap == w->lap))
			w->sessions |= UINT64_C(1) << i % 64;
	}
}

/* The next leaf with work, from pos on. returns: false: none */
static bool leaf_find(const struct rib_sweep *w, struct rib_pos *pos, size_t *left)
{
	size_t passed = 0;

	if (pos->leaf && pos->i == pos->leaf->n) {
		pos->leaf = pos->leaf->next;
		pos->i = 0;
	}
	while (pos->leaf && !(pos->leaf->sessions & w->sessions) && passed / PASSED < *left) {
		pos->leaf = pos->leaf->next;
		pos->i = 0;
		passed++;
	}
	rib_pay(left, passed / PASSED);
	return pos->leaf;
}

/* What one look at a leaf found: routes to judge, routes to take out. */
struct found {
	struct rib_item judge[RIB_BATCH], out[RIB_BATCH];
	unsigned at[RIB_BATCH]; /* of those to take out */
	unsigned n, n_out;
	unsigned end; /* records before this one were looked at */
	uint64_t sessions;
};

static void leaf_look(const manrs_rib *rib, const struct rib_pos *pos, size_t room, struct found *f)
{
	const struct rib_sweep *w = &rib->sweep;
	const struct rib_tree *tree = &rib->tree[w->family];
	unsigned i = pos->i;

	f->n = f->n_out = 0;
	f->sessions = 0;
	for (; i < pos->leaf->n && f->n + f->n_out < room; i++) {
		struct rib_item item = {.rec = rib_rec_at(tree, pos->leaf, i), .family = w->family};
		uint32_t handle = rib_session_of(item.rec->rest);

		item.session = rib_session_at(rib, handle);
		item.key = rib_rec_key(tree, item.rec);
		if (rib_dead(item.session, w->family, item.rec)) {
			f->at[f->n_out] = i;
			f->out[f->n_out++] = item;
			continue;
		}
		f->sessions |= UINT64_C(1) << handle % 64;
		if (item.session->lap == w->lap ||
		    (w->marked && rib_attrs_marked(&rib->attrs, 0, item.rec->attrs)))
			f->judge[f->n++] = item;
	}
	f->end = i;
}

/* Take out what was found, in order: each that goes moves those behind it up. */
static void leaf_clear(manrs_rib *rib, struct rib_pos *pos, struct found *f)
{
	struct rib_tree *tree = &rib->tree[rib->sweep.family];

	for (unsigned k = 0; k < f->n_out; k++) {
		pos->i = f->at[k] - k;
		f->out[k].rec = rib_rec_at(tree, pos->leaf, pos->i);
		rib_route_out(rib, &f->out[k], pos);
	}
	if (f->n_out)
		rib_tree_settle(tree, pos);
}

/* What was looked at into the index, dead records or not: it may say too much. */
static void leaf_index(manrs_rib *rib, const struct rib_pos *pos, unsigned end, size_t *left)
{
	const struct rib_tree *tree = &rib->tree[rib->sweep.family];

	rib_pay(left, INDEXED * (size_t)(end - pos->i));
	for (unsigned i = pos->i; i < end; i++) {
		const struct rib_rec *rec = rib_rec_at(tree, pos->leaf, i);
		struct rib_key key = rib_rec_key(tree, rec);
		manrs_announcement a = {0};

		rib_attrs_give(rib_attrs_at(&rib->attrs, rec->attrs), &a);
		rib_index_route(rib, rib->sweep.family, &key, &a.path);
	}
}

/* The end of a lap by which the index was built, unless it was dropped and is for the next one. */
static void index_end(manrs_rib *rib)
{
	if (rib->sweep.indexing && rib->index.state == RIB_INDEX_BUILDING &&
	    rib->index.lap == rib->sweep.lap)
		rib->index.state = RIB_INDEX_WHOLE;
}

static int leaf_sweep(manrs_rib *rib, struct rib_pos *pos, size_t *left)
{
	struct rib_sweep *w = &rib->sweep;
	struct rib_tree *tree = &rib->tree[w->family];
	struct found f;
	size_t room = rib_room(rib, *left < RIB_LEAF_MOST ? *left : RIB_LEAF_MOST);
	bool whole;
	struct rib_key last;
	int rc;

	if (!room)
		return MANRS_EBUSY;
	leaf_look(rib, pos, room, &f);
	whole = pos->i == 0 && f.end == pos->leaf->n;
	rib_pay(left, 1 + (f.end - pos->i) / 8 + f.n + f.n_out);
	if (w->indexing)
		leaf_index(rib, pos, f.end, left);
	rc = rib_judge(rib, f.judge, f.n);
	if (rc != MANRS_OK)
		return rc;
	if (whole)
		pos->leaf->sessions = f.sessions;
	last = rib_rec_key(tree, rib_rec_at(tree, pos->leaf, f.end - 1));
	w->key = rib_key_after(last);
	leaf_clear(rib, pos, &f);
	return MANRS_OK;
}

int rib_sweep_step(manrs_rib *rib, size_t *left)
{
	struct rib_sweep *w = &rib->sweep;
	struct rib_tree *tree;
	struct rib_pos pos;

	if (!w->on)
		lap_begin(rib);
	tree = &rib->tree[w->family];
	rib_tree_find(tree, &w->key, &pos);
	if (leaf_find(w, &pos, left)) {
		if (!(pos.leaf->sessions & w->sessions)) { /* the budget is used up */
			w->key = rib_rec_key(tree, rib_rec_at(tree, pos.leaf, pos.i));
			return MANRS_OK;
		}
		w->key = rib_rec_key(tree, rib_rec_at(tree, pos.leaf, pos.i));
		rib_tree_find(tree, &w->key, &pos); /* with the nodes over it */
		return leaf_sweep(rib, &pos, left);
	}
	rib_pay(left, 1);
	w->key = (struct rib_key){0};
	if (w->family++ == 0)
		return MANRS_OK;
	w->family = 0;
	w->on = false;
	index_end(rib);
	return MANRS_OK;
}
