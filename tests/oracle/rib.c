/* SPDX-License-Identifier: BSD-2-Clause */
/* The twin of the rib (rib.h). */

#include "oracle/rib.h"

#include "test.h"

static bool same(const manrs_verdict *a, const manrs_verdict *b)
{
	return a->pass == b->pass && a->fail == b->fail && a->unknown == b->unknown;
}

size_t twin_prefix(const struct rib_twin *twin, const manrs_prefix *prefix)
{
	size_t p = 0;

	while (p < TWIN_PREFIXES && manrs_prefix_cmp(&twin->prefix[p], prefix) != 0)
		p++;
	return p;
}

void twin_announce(struct rib_twin *twin, uint32_t s, const manrs_announcement *a, uint32_t id)
{
	struct twin_route *r = &twin->route[twin_prefix(twin, &a->prefix)][s][id];
	const struct twin_session *of = &twin->session[s];

	ck_assert_uint_le(a->path.n, TWIN_HOPS);
	r->there = true;
	r->stale = false;
	r->a = *a;
	r->a.neighbour_asn = of->neighbour_asn;
	r->a.neighbour_address = of->neighbour_address;
	r->a.flags |= of->flags;
	if (a->path.asn) {
		memcpy(r->hops, a->path.asn, a->path.n * sizeof r->hops[0]);
		r->a.path.asn = r->hops;
	}
	if (a->path.kind) {
		memcpy(r->kinds, a->path.kind, a->path.n);
		r->a.path.kind = r->kinds;
	}
}

void twin_withdraw(struct rib_twin *twin, uint32_t s, const manrs_prefix *prefix, uint32_t id)
{
	twin->route[twin_prefix(twin, prefix)][s][id].there = false;
}

void twin_refresh(struct rib_twin *twin, uint32_t s)
{
	for (size_t p = 0; p < TWIN_PREFIXES; p++)
		for (size_t id = 0; id < TWIN_IDS; id++)
			twin->route[p][s][id].stale = true;
}

void twin_end(struct rib_twin *twin, uint32_t s, int family)
{
	for (size_t p = 0; p < TWIN_PREFIXES; p++)
		for (size_t id = 0; id < TWIN_IDS; id++)
			if (twin->route[p][s][id].stale &&
			    (!family || twin->prefix[p].family == family))
				twin->route[p][s][id].there = false;
}

/* ---- changes ---- */

static unsigned first_bit(uint64_t mask)
{
	unsigned bit = 0;

	while (!(mask >> bit & 1))
		bit++;
	return bit;
}

static void check_code(const struct rib_twin *twin, const manrs_rib *rib, const manrs_rib_change *c,
		       const struct twin_route *r)
{
	uint64_t fail = c->after.fail & ~c->before.fail, pass = c->after.pass & ~c->before.pass;
	uint64_t any = (c->after.fail ^ c->before.fail) | (c->after.pass ^ c->before.pass) |
		       (c->after.unknown ^ c->before.unknown);
	manrs_finding f;

	ck_assert_uint_eq(c->test, first_bit(fail ? fail : pass ? pass : any));
	manrs_finding_get(manrs_rib_db(rib), &twin->session[c->session].policy, &r->a, (int)c->test,
			  &f);
	ck_assert_uint_eq(c->code, f.code);
}

static void check_change(struct rib_twin *twin, const manrs_rib *rib, const manrs_rib_change *c,
			 bool code)
{
	static const manrs_verdict none;
	size_t p = twin_prefix(twin, &c->prefix);
	struct twin_route *r;

	ck_assert_uint_lt(p, TWIN_PREFIXES);
	ck_assert_uint_lt(c->session, TWIN_SESSIONS);
	ck_assert_uint_lt(c->path_id, TWIN_IDS);
	r = &twin->route[p][c->session][c->path_id];
	ck_assert(r->told == (c->kind != MANRS_RIB_ANNOUNCED));
	ck_assert(same(&c->before, r->told ? &r->verdict : &none));
	if (c->kind == MANRS_RIB_WITHDRAWN)
		ck_assert(same(&c->after, &none));
	else if (c->kind == MANRS_RIB_CHANGED)
		ck_assert(!same(&c->before, &c->after));
	else
		ck_assert_uint_eq(c->kind, MANRS_RIB_ANNOUNCED);
	if (code && c->kind == MANRS_RIB_CHANGED && r->there)
		check_code(twin, rib, c, r);
	r->told = c->kind != MANRS_RIB_WITHDRAWN;
	r->verdict = c->after;
	if (twin->changes < twin->room)
		twin->log[twin->changes] = *c;
	twin->changes++;
}

void twin_pull(struct rib_twin *twin, manrs_rib *rib, bool code)
{
	manrs_rib_change c[5];
	size_t n;

	do {
		n = manrs_rib_changes(rib, c, 5);
		for (size_t i = 0; i < n; i++)
			check_change(twin, rib, &c[i], code);
	} while (n == 5);
}

/* ---- the whole ---- */

static void check_route(const struct rib_twin *twin, const manrs_rib *rib, const manrs_db *db,
			const struct twin_route *r, uint32_t s, uint32_t id, manrs_cursor *cursor)
{
	manrs_rib_route listed, got;
	manrs_verdict verdict;

	manrs_check(db, &twin->session[s].policy, &r->a, 1, &verdict);
	ck_assert(r->told && same(&r->verdict, &verdict));
	ck_assert_uint_eq(manrs_rib_routes(rib, NULL, MANRS_RIB_UNDER, cursor, &listed, 1), 1);
	ck_assert_int_eq(manrs_prefix_cmp(&listed.announcement.prefix, &r->a.prefix), 0);
	ck_assert_uint_eq(listed.session, s);
	ck_assert_uint_eq(listed.path_id, id);
	ck_assert_uint_eq(listed.flags, r->stale ? MANRS_RIB_STALE : 0);
	ck_assert(same(&listed.verdict, &verdict));
	manrs_check(db, &twin->session[s].policy, &listed.announcement, 1, &verdict);
	ck_assert(same(&listed.verdict, &verdict));
	pass(manrs_rib_route_get(rib, s, &r->a.prefix, id, &got));
	ck_assert(!memcmp(&got, &listed, sizeof got));
}

void twin_same(const struct rib_twin *twin, const manrs_rib *rib, const manrs_db *db)
{
	uint64_t routes[TWIN_SESSIONS] = {0}, fail[TWIN_SESSIONS] = {0}, n = 0, prefixes = 0;
	manrs_rib_stats stats = {.size = sizeof stats};
	manrs_cursor cursor = {{0}};
	manrs_rib_route more;

	for (size_t p = 0; p < TWIN_PREFIXES; p++) {
		bool any = false;

		for (uint32_t s = 0; s < TWIN_SESSIONS; s++) {
			for (uint32_t id = 0; id < TWIN_IDS; id++) {
				const struct twin_route *r = &twin->route[p][s][id];

				if (!r->there) {
					ck_assert(!r->told);
					continue;
				}
				check_route(twin, rib, db, r, s, id, &cursor);
				routes[s]++;
				fail[s] += r->verdict.fail != 0;
				any = true;
				n++;
			}
		}
		prefixes += any;
	}
	ck_assert_uint_eq(manrs_rib_routes(rib, NULL, MANRS_RIB_UNDER, &cursor, &more, 1), 0);
	pass(manrs_rib_stats_get(rib, &stats));
	ck_assert_uint_eq(stats.routes, n);
	ck_assert_uint_eq(stats.prefixes, prefixes);
	for (uint32_t s = 0; s < TWIN_SESSIONS; s++) {
		uint64_t have, bad;

		if (!twin->session[s].open)
			continue;
		pass(manrs_rib_session_routes(rib, s, &have, &bad));
		ck_assert_uint_eq(have, routes[s]);
		ck_assert_uint_eq(bad, fail[s]);
	}
}
