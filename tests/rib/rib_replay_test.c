/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A real table and the updates of its day (RIPE's archive, July 2002: bview and the hour before it), a quarter of the prefixes, in
 * a rib beside a naive twin: a list of routes, each judged alone by manrs_check. Deltas of VRPs and ASPAs drawn from the table's own
 * routes and paths, policies and sessions that go down come between the updates at random. Each change must begin where the one
 * before of its route ended; after all work what was told is what is true; and where a single delta was followed, it is told of
 * exactly those routes whose verdict it changes, once.
 */

#include "wire/mrt_files.h"

enum { SESSIONS = 128, BUCKETS = 1 << 15, PULL = 64 };

struct event {
	manrs_announcement a;
	uint32_t session;
	int kind; /* MANRS_RIB_ANNOUNCED, MANRS_RIB_WITHDRAWN; 0: the session is down */
};

struct route {
	manrs_announcement a;
	uint32_t session;
	bool there, told;
	manrs_verdict verdict; /* as told */
	uint64_t changes;      /* since the last look */
	int32_t next;
};

struct replay {
	manrs_mrt *mrt;
	manrs_rib *rib;
	manrs_db_owner *owner;
	manrs_db *db;
	uint64_t seed;
	manrs_policy policy[SESSIONS];
	manrs_rib_session session[SESSIONS];
	uint32_t n_sessions;
	struct event *event;
	size_t n_events, cap_events;
	struct route *route;
	int32_t n_routes, cap_routes, bucket[BUCKETS];
	uint64_t single; /* deltas that were followed alone */
	uint64_t changed;
};

static bool same(const manrs_verdict *a, const manrs_verdict *b)
{
	return a->pass == b->pass && a->fail == b->fail && a->unknown == b->unknown;
}

static uint32_t prefix_hash(const manrs_prefix *p)
{
	uint32_t hash = p->len;

	for (size_t i = 0; i < 16; i++)
		hash = (hash ^ p->addr[i]) * 16777619u;
	return hash ^ hash >> 15;
}

static void policy(struct replay *r, manrs_policy *p)
{
	pass(manrs_policy_init(p, sizeof *p, 1 + (int)test_below(&r->seed, 5)));
	p->local_as = 12654; /* the collector's */
	if (test_below(&r->seed, 2))
		p->tests = MANRS_TESTS_ALL;
	if (test_below(&r->seed, 2))
		p->strict = p->tests & test_random(&r->seed);
}

static uint32_t session_of(struct replay *r, const manrs_announcement *a)
{
	manrs_rib_session *s;
	uint32_t i = 0;

	for (; i < r->n_sessions; i++)
		if (r->session[i].neighbour_asn == a->neighbour_asn &&
		    !manrs_prefix_cmp(&r->session[i].neighbour_address, &a->neighbour_address))
			return i;
	ck_assert_uint_lt(i, SESSIONS);
	s = &r->session[r->n_sessions++];
	policy(r, &r->policy[i]);
	pass(manrs_rib_session_init(s, sizeof *s));
	s->policy = &r->policy[i];
	s->neighbour_asn = a->neighbour_asn;
	s->neighbour_address = a->neighbour_address;
	ck_assert_int_eq(manrs_rib_session_add(r->rib, s), (int)i);
	return i;
}

/* ---- the archives ---- */

static void push(struct replay *r, const manrs_announcement *a, int kind)
{
	if (kind && prefix_hash(&a->prefix) % 4)
		return;
	if (r->n_events == r->cap_events) {
		r->cap_events = 2 * r->cap_events + 1024;
		r->event = realloc(r->event, r->cap_events * sizeof *r->event);
		ck_assert_ptr_nonnull(r->event);
	}
	r->event[r->n_events++] = (struct event){*a, session_of(r, a), kind};
}

static void record(struct replay *r, const manrs_mrt_record *record)
{
	manrs_announcement a[PULL], peer = {.neighbour_asn = record->session.neighbour_asn,
					    .neighbour_address = record->session.neighbour_address};
	manrs_prefix gone[PULL];
	size_t n;

	if (record->kind == MANRS_MRT_STATE && record->old_state == 6)
		push(r, &peer, 0);
	if (record->kind == MANRS_MRT_UPDATE)
		while ((n = manrs_mrt_withdrawn(r->mrt, gone, NULL, PULL)) > 0)
			for (size_t i = 0; i < n; i++) {
				peer.prefix = gone[i];
				push(r, &peer, MANRS_RIB_WITHDRAWN);
			}
	if (record->kind == MANRS_MRT_UPDATE || record->kind == MANRS_MRT_RIB)
		while ((n = manrs_mrt_announced(r->mrt, a, NULL, PULL)) > 0)
			for (size_t i = 0; i < n; i++)
				push(r, &a[i], MANRS_RIB_ANNOUNCED);
}

/* returns: false: the archive is not there */
static bool archive(struct replay *r, const char *name)
{
	struct mrt_file f = mrt_file(name);
	const manrs_mrt_record *found;
	manrs_fault fault;

	if (!f.at)
		return false;
	for (size_t at = 0; at < f.n;) {
		int n = manrs_mrt_decode(r->mrt, &found, f.at + at, f.n - at, NULL, &fault);

		ck_assert_int_gt(n, 0);
		at += (size_t)n;
		record(r, found);
	}
	free(f.at);
	return true;
}

/* ---- the twin ---- */

static struct route *find(struct replay *r, uint32_t session, const manrs_prefix *prefix)
{
	int32_t *head = &r->bucket[(prefix_hash(prefix) + session * 40503u) % BUCKETS];
	struct route *route;

	for (int32_t i = *head; i; i = r->route[i - 1].next)
		if (r->route[i - 1].session == session &&
		    !manrs_prefix_cmp(&r->route[i - 1].a.prefix, prefix))
			return &r->route[i - 1];
	if (r->n_routes == r->cap_routes) {
		r->cap_routes = 2 * r->cap_routes + 1024;
		r->route = realloc(r->route, (size_t)r->cap_routes * sizeof *r->route);
		ck_assert_ptr_nonnull(r->route);
	}
	route = &r->route[r->n_routes++];
	*route = (struct route){.session = session, .next = *head, .a.prefix = *prefix};
	*head = r->n_routes;
	return route;
}

static void pull(struct replay *r)
{
	static const manrs_verdict none;
	manrs_rib_change c[PULL];
	size_t n;

	do {
		n = manrs_rib_changes(r->rib, c, PULL);
		for (size_t i = 0; i < n; i++) {
			struct route *route = find(r, c[i].session, &c[i].prefix);

			ck_assert(route->told == (c[i].kind != MANRS_RIB_ANNOUNCED));
			ck_assert(same(&c[i].before, route->told ? &route->verdict : &none));
			ck_assert(c[i].kind != MANRS_RIB_CHANGED ||
				  !same(&c[i].before, &c[i].after));
			route->told = c[i].kind != MANRS_RIB_WITHDRAWN;
			route->verdict = c[i].after;
			route->changes++;
		}
		r->changed += n;
	} while (n == PULL);
}

/* All is judged again. once: only data or policies have changed since the last look. */
static void look(struct replay *r, bool once)
{
	manrs_rib_stats stats = {.size = sizeof stats};
	uint64_t there = 0;

	for (int32_t i = 0; i < r->n_routes; i++) {
		struct route *route = &r->route[i];
		manrs_verdict verdict;

		ck_assert(route->told == route->there);
		ck_assert(!once || route->changes <= 1);
		route->changes = 0;
		if (!route->there)
			continue;
		there++;
		manrs_check(r->db, &r->policy[route->session], &route->a, 1, &verdict);
		ck_assert(same(&verdict, &route->verdict));
	}
	pass(manrs_rib_stats_get(r->rib, &stats));
	ck_assert_uint_eq(stats.routes, there);
	r->single += once;
}

/* ---- what happens ---- */

static void happen(struct replay *r, const struct event *e)
{
	struct route *route;
	size_t done;
	int rc;

	if (!e->kind) {
		pass(manrs_rib_session_down(r->rib, e->session));
		for (int32_t i = 0; i < r->n_routes; i++)
			if (r->route[i].session == e->session)
				r->route[i].there = false;
		return;
	}
	route = find(r, e->session, &e->a.prefix);
	route->there = e->kind == MANRS_RIB_ANNOUNCED;
	if (route->there) {
		route->a = e->a;
		rc = manrs_rib_announce(r->rib, e->session, &e->a, NULL, 1, &done);
		ck_assert(rc == MANRS_OK || rc == MANRS_EINVAL);
	} else {
		pass(manrs_rib_withdraw(r->rib, e->session, &e->a.prefix, NULL, 1, &done));
	}
	ck_assert_uint_eq(done, 1);
	pull(r);
}

static const manrs_announcement *any(struct replay *r)
{
	const manrs_announcement *a;

	do
		a = &r->route[test_below(&r->seed, (size_t)r->n_routes)].a;
	while (!a->path.n);
	return a;
}

/* A VRP of a route that there is, by its origin or by another's; a provider that a path has, or another one. */
static void edit_some(struct replay *r, manrs_edit *edit)
{
	const manrs_announcement *a = any(r), *b = any(r);
	int op = test_below(&r->seed, 4) ? MANRS_ADD : MANRS_REMOVE;
	manrs_route vrp = {a->prefix, a->path.asn[a->path.n - 1]};
	uint32_t at = (uint32_t)test_below(&r->seed, a->path.n), provider;
	manrs_aspa aspa = {.customer = a->path.asn[at], .provider = &provider, .n = 1};

	if (test_below(&r->seed, 3) == 0)
		vrp.asn = b->path.asn[b->path.n - 1];
	provider = at && test_below(&r->seed, 2) ? a->path.asn[at - 1] : b->path.asn[0];
	if (test_below(&r->seed, 2) && provider != aspa.customer)
		pass(manrs_edit_aspas(edit, 1, op, &aspa, 1, NULL, NULL));
	else
		pass(manrs_edit_vrps(edit, 0, op, &vrp, 1, NULL, NULL));
}

static void delta(struct replay *r, size_t n)
{
	manrs_edit *edit;
	manrs_db *db;

	pass(manrs_edit_begin(&edit, r->owner, r->db));
	while (n--)
		edit_some(r, edit);
	pass(manrs_edit_commit(edit, &db));
	manrs_db_unref(r->db);
	r->db = db;
	pass(manrs_rib_follow(r->rib, db));
	manrs_db_reclaim(r->owner, 0);
}

/* returns: whether only data or a policy changed */
static bool something(struct replay *r, size_t *at)
{
	uint32_t s = (uint32_t)test_below(&r->seed, r->n_sessions);
	size_t what = test_below(&r->seed, 16), end = *at + test_below(&r->seed, 40);

	if (what < 6) {
		for (; *at < end && *at < r->n_events; ++*at)
			happen(r, &r->event[*at]);
		return false;
	}
	if (what < 14) {
		delta(r, 1 + test_below(&r->seed, 30));
		return true;
	}
	if (what < 15) {
		policy(r, &r->policy[s]);
		pass(manrs_rib_session_set_policy(r->rib, s, &r->policy[s]));
		return true;
	}
	happen(r, &(struct event){.session = s});
	return false;
}

static int work(struct replay *r, size_t budget)
{
	int rc = manrs_rib_work(r->rib, budget);

	pull(r);
	ck_assert(rc == 0 || rc == 1);
	return rc;
}

static void go(struct replay *r, size_t table)
{
	size_t at = 0;
	bool whole = false, once;

	while (at < table)
		happen(r, &r->event[at++]);
	delta(r, 4000);
	while (at < r->n_events) {
		once = something(r, &at) && whole;
		whole = test_below(&r->seed, 3) > 0;
		if (!whole) {
			work(r, 1 + test_below(&r->seed, 2000));
			continue;
		}
		while (work(r, 500))
			continue;
		look(r, once);
	}
}

START_TEST(a_table_and_its_updates)
{
	struct replay *r = calloc(1, sizeof *r);
	size_t table;

	r->seed = 20020722;
	pass(manrs_mrt_new(&r->mrt, NULL));
	pass(manrs_rib_new(&r->rib, NULL));
	pass(manrs_db_owner_new(&r->owner, NULL));
	if (archive(r, "mrt/bview.20020722.2337.gz")) {
		table = r->n_events;
		ck_assert_uint_gt(table, 20000);
		ck_assert(archive(r, "mrt/updates.20020722.2238.gz"));
		ck_assert_uint_gt(r->n_events - table, 500);
		go(r, table);
		ck_assert_uint_gt(r->single, 10);
		ck_assert_uint_gt(r->changed, table + 1000);
	} else {
		test_skip("no archives");
	}
	manrs_rib_free(r->rib);
	manrs_mrt_free(r->mrt);
	manrs_db_unref(r->db);
	pass(manrs_db_owner_free(r->owner));
	free(r->event);
	free(r->route);
	free(r);
}
END_TEST

Suite *rib_replay_suite(void)
{
	Suite *s = suite_create("rib_replay");

	ADD_LONG_TEST(s, a_table_and_its_updates, 30);
	return s;
}
