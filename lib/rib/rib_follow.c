/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Following the database: what differs between two snapshots, and which routes that touches.
 *
 *     manrs_db_diff -> VRPs, route objects of a prefix -> the routes of the prefix and under it, judged at once
 *                      a customer's ASPA -> by the index, the routes whose path holds it, judged at once
 *                                        or -> the attributes whose path holds it and whose ASPA state is another now:
 *                                           marked, and their routes are judged in the next lap of the sweep
 *
 * Routes are judged by the newest snapshot, whatever job names them: so a verdict is that of some snapshot between the
 * first job's and the newest, and all later jobs look at it again where they must. What a path test reads of the snapshot is
 * the ASPA state of the path, up and down (look_path.c, look_leak.c): where both are as before, nothing of it changes. The
 * other thing it reads is whether there is any ASPA at all, and IRR whether there is any route object: a session for which
 * that turns is judged again as a whole.
 *
 * The second way is a scan of all paths for all customers of a job at once, and a lap. It is taken while there is no index
 * (rib_index.h), which is asked for then; for networks that are nearly everywhere; and when the places of a job's customers
 * together have more routes than are worth it.
 */

#include "rib/rib_state.h"

#include "base/order.h"
#include <manrs/aspa.h>
#include <manrs/db_delta.h>
#include <manrs/irr.h>

/* More changes than an eighth of the routes, and some: then a lap over all costs less. */
#define MANY 1024u

/* More customers than this are not put in order in one slice: a lap over all takes their place. */
#define CUSTOMERS 4096u

/*
 * Two snapshots that share nothing, one built from its files again, are compared as a whole: their difference comes in slices
 * too.
 * So many of its records cost what a route does, and so many are looked at in one step at most.
 */
#define A_ROUTE  4u
#define COMPARED 4096u

static struct rib_job *first_job(manrs_rib *rib)
{
	return &rib->follow.job[rib->follow.first];
}

/* The first job is done. */
static void job_end(manrs_rib *rib)
{
	struct rib_follow *f = &rib->follow;

	manrs_db_unref(first_job(rib)->from);
	manrs_db_unref(first_job(rib)->to);
	f->first = (f->first + 1) % RIB_JOBS;
	f->n--;
	f->cursor = (manrs_cursor){{0}};
	f->at = f->got = 0;
	f->last = f->listed = f->inside = false;
	f->seen = 0;
	f->under.family = 0;
	f->customers.n = f->places.n = 0;
	f->only = false;
	f->looked = 0;
	f->id = 0;
	memset(f->filter, 0, sizeof f->filter);
}

void rib_follow_drop(manrs_rib *rib)
{
	while (rib->follow.n)
		job_end(rib);
}

static void give_up(manrs_rib *rib)
{
	rib_follow_drop(rib);
	rib_sweep_all(rib);
}

/* Sessions for which a kind of data comes or goes that their tests rest on. ROV without VRPs is as ROV with none that cover. */
static void turn_sessions(manrs_rib *rib, const manrs_db *from, const manrs_db *to)
{
	const uint64_t whole = MANRS_TEST_BIT(MANRS_TEST_ASPA) | MANRS_TEST_BIT(MANRS_TEST_IRR);

	for (uint32_t i = 0; i < rib->sessions.n; i++) {
		struct rib_session *s = rib_session_at(rib, i);
		uint64_t turned;

		if (s->state != RIB_SESSION_OPEN || !s->held)
			continue;
		turned = manrs_tests_with_data(from, &s->policy) ^
			 manrs_tests_with_data(to, &s->policy);
		if (turned & whole & s->policy.tests)
			s->lap = rib_sweep_ask(rib);
	}
}

int manrs_rib_follow(manrs_rib *rib, const manrs_db *db)
{
	struct rib_follow *f = &rib->follow;
	const manrs_db *from = rib->db, *to = db ? db : rib->empty;

	if (from == to)
		return MANRS_OK;
	manrs_db_ref(to);
	rib->db = to;
	turn_sessions(rib, from, to);
	if (rib_n(rib) == 0 || f->n == RIB_JOBS) {
		manrs_db_unref(from);
		give_up(rib);
		return MANRS_OK;
	}
	manrs_db_ref(to);
	f->job[(f->first + f->n++) % RIB_JOBS] = (struct rib_job){from, to};
	return MANRS_OK;
}

/* ---- prefixes ---- */

static void range_begin(struct rib_follow *f, const manrs_prefix *prefix)
{
	if (f->under.family && manrs_prefix_covers(&f->under, prefix))
		return; /* this job has judged all under it */
	f->under = *prefix;
	f->family = prefix->family == 6;
	f->key = rib_key_of(prefix, 0, 0);
	f->end = rib_key_end(prefix);
	f->inside = true;
	f->only = false;
}

/* The last of the places. */
static void place_begin(struct rib_follow *f)
{
	uint32_t place = ((uint32_t *)f->places.at)[--f->places.n];
	unsigned v6 = place >> 31, bits = v6 ? 33 : 48;

	f->family = v6;
	f->key = (struct rib_key){(uint64_t)(v6 ? place & 0x7fffffff : place - 1) << bits, 0, 0};
	f->end = (struct rib_key){f->key.hi | ((UINT64_C(1) << bits) - 1), UINT64_MAX, UINT64_MAX};
	f->inside = f->only = true;
}

static bool wanted(const manrs_rib *rib, const struct rib_rec *rec)
{
	manrs_announcement a = {0};

	if (!rib->follow.only)
		return true;
	rib_attrs_give(rib_attrs_at(&rib->attrs, rec->attrs), &a);
	for (uint32_t i = 0; i < a.path.n; i++)
		if (a.path.asn[i] == rib->follow.customer)
			return true;
	return false;
}

/* The next routes of the range that are not dead. returns: how many; *end: there are no more */
static size_t range_next(manrs_rib *rib, struct rib_item *items, size_t most, struct rib_key *next,
			 bool *end, size_t *left)
{
	struct rib_follow *f = &rib->follow;
	const struct rib_tree *tree = &rib->tree[f->family];
	struct rib_pos pos;
	size_t n = 0, looked = 0;

	*end = true;
	rib_tree_find(tree, &f->key, &pos);
	for (; pos.leaf; pos.leaf = pos.leaf->next, pos.i = 0) {
		for (; pos.i < pos.leaf->n; pos.i++, looked++) {
			struct rib_item item = {.rec = rib_rec_at(tree, pos.leaf, pos.i)};

			item.family = f->family;
			item.key = rib_rec_key(tree, item.rec);
			if (rib_key_cmp(&item.key, &f->end) > 0)
				return n;
			*next = item.key;
			if (n == most || looked == 8 * RIB_BATCH) {
				*end = false;
				return n;
			}
			if (looked % 4 == 3)
				rib_pay(left, 1);
			f->looked += f->only;
			item.session = rib_session_at(rib, rib_session_of(item.key.rest));
			if (!rib_dead(item.session, f->family, item.rec) && wanted(rib, item.rec))
				items[n++] = item;
		}
	}
	return n;
}

static int range_step(manrs_rib *rib, size_t *left)
{
	struct rib_follow *f = &rib->follow;
	struct rib_item items[RIB_BATCH];
	size_t n = rib_room(rib, *left < RIB_BATCH ? *left : RIB_BATCH);
	struct rib_key next = f->key;
	bool end;
	int rc;

	if (!n)
		return MANRS_EBUSY;
	n = range_next(rib, items, n, &next, &end, left);
	rib_pay(left, n + 1);
	rc = rib_judge(rib, items, n);
	if (rc != MANRS_OK)
		return rc;
	f->key = next;
	f->inside = !end;
	return MANRS_OK;
}

/* ---- customers ---- */

static unsigned filter_bit(uint32_t asn)
{
	return asn * 2654435769u >> 20;
}

static int customer_put(manrs_rib *rib, uint32_t asn)
{
	struct rib_follow *f = &rib->follow;
	uint32_t *at = vec_push(&rib->mem, &f->customers, sizeof *at);
	unsigned bit = filter_bit(asn);

	if (!at) {
		rib_refused(rib);
		return MANRS_ENOMEM;
	}
	*at = asn;
	f->filter[bit / 64] |= UINT64_C(1) << bit % 64;
	return MANRS_OK;
}

/* The places of his routes. returns: MANRS_OK; MANRS_ENOMEM; 1: all paths must be looked at */
static int places_of(manrs_rib *rib, uint32_t asn)
{
	struct rib_follow *f = &rib->follow;
	const struct rib_places *p;

	if (rib->index.state != RIB_INDEX_WHOLE || f->looked > MANY + rib_n(rib) / 8)
		return 1;
	p = rib_index_of(&rib->index, asn);
	if (!p)
		return MANRS_OK;
	if (p->everywhere)
		return 1;
	f->places.n = 0;
	f->customer = asn;
	if (!vec_reserve(&rib->mem, &f->places, p->n, sizeof(uint32_t))) {
		rib_refused(rib);
		return MANRS_ENOMEM;
	}
	for (uint32_t i = 0; i < UINT32_C(1) << p->order; i++)
		if (p->at[i])
			((uint32_t *)f->places.at)[f->places.n++] = p->at[i];
	order_u32(f->places.at, f->places.n);
	return MANRS_OK;
}

/* Its rows are cleared: so many of them cost what a route does. */
#define ROWS_A_ROUTE 128u

static void index_wanted(manrs_rib *rib, size_t *left)
{
	if (rib->index.state != RIB_INDEX_NONE)
		return;
	if (!rib_index_begin(&rib->index, rib_n(rib))) {
		rib_refused(rib);
		return;
	}
	rib->index.lap = rib_sweep_ask(rib);
	rib_pay(left, rib->index.rows / ROWS_A_ROUTE);
}

static bool holds_customer(const struct rib_follow *f, const manrs_path *path)
{
	for (uint32_t i = 0; i < path->n; i++) {
		unsigned bit = filter_bit(path->asn[i]);

		if ((f->filter[bit / 64] >> bit % 64 & 1) &&
		    manrs_asn_in(f->customers.at, f->customers.n, path->asn[i]))
			return true;
	}
	return false;
}

/* Whether the ASPA state of a path is another in the second snapshot, in either direction. */
static bool state_turns(const struct rib_job *job, const manrs_path *path)
{
	uint8_t up[2], down[2];

	manrs_aspa_both(job->from, path, MANRS_ASPA_CONFED, &up[0], &down[0]);
	manrs_aspa_both(job->to, path, MANRS_ASPA_CONFED, &up[1], &down[1]);
	return up[0] != up[1] || down[0] != down[1];
}

static void paths_step(manrs_rib *rib, size_t *left)
{
	struct rib_follow *f = &rib->follow;
	uint32_t end = f->id + RIB_PAGE / 4;

	end = end < rib->attrs.n ? end : rib->attrs.n;
	rib_pay(left, 1 + (end - f->id) / 4);
	for (; f->id < end; f->id++) {
		const struct rib_attrs *attrs = rib_attrs_maybe(&rib->attrs, f->id);
		manrs_announcement a = {0};

		if (!attrs)
			continue;
		rib_attrs_give(attrs, &a);
		if (!holds_customer(f, &a.path) || !state_turns(first_job(rib), &a.path))
			continue;
		/* a lap may begin before all are looked at: it takes those that are marked so far */
		rib_attrs_mark(&rib->attrs, 1, f->id);
		rib->sweep.next = true;
		rib_sweep_ask(rib);
	}
	if (f->id == rib->attrs.n)
		job_end(rib);
}

/* ---- the job ---- */

/* List some more of the difference, as much of it as the budget has room for. */
static void diff_more(manrs_rib *rib, size_t *left)
{
	struct rib_follow *f = &rib->follow;
	size_t most = *left < COMPARED / A_ROUTE ? *left * A_ROUTE : COMPARED, budget = most;

	f->at = f->got = 0;
	if (f->last) {
		f->listed = true;
		f->customers.n = order_u32(f->customers.at, f->customers.n);
		if (f->customers.n)
			index_wanted(rib, left);
		return;
	}
	f->got = (unsigned)manrs_db_diff_some(first_job(rib)->from, first_job(rib)->to, &f->cursor,
					      f->change, &budget, RIB_DIFF);
	f->last = f->got < RIB_DIFF && budget > 0;
	f->seen += f->got;
	rib_pay(left, 1 + (most - budget) / A_ROUTE);
}

static int diff_step(manrs_rib *rib, size_t *left)
{
	struct rib_follow *f = &rib->follow;
	const manrs_change *c;

	if (f->at == f->got) {
		diff_more(rib, left);
		return MANRS_OK;
	}
	rib_pay(left, 1);
	c = &f->change[f->at];
	if (c->kind == MANRS_CHANGE_ASPA) {
		int rc = places_of(rib, c->asn);

		if (rc == 1)
			rc = customer_put(rib, c->asn);
		if (rc != MANRS_OK)
			return rc;
	} else if (c->kind != MANRS_CHANGE_KEY) {
		range_begin(f, &c->prefix);
	}
	f->at++;
	return MANRS_OK;
}

int rib_follow_step(manrs_rib *rib, size_t *left)
{
	struct rib_follow *f = &rib->follow;

	if (!f->inside && f->places.n)
		place_begin(f);
	if (f->inside)
		return range_step(rib, left);
	if (f->seen > MANY + rib_n(rib) / 8 || f->customers.n > CUSTOMERS) {
		give_up(rib);
		return MANRS_OK;
	}
	if (!f->listed)
		return diff_step(rib, left);
	if (f->customers.n) {
		paths_step(rib, left);
		return MANRS_OK;
	}
	job_end(rib);
	return MANRS_OK;
}
