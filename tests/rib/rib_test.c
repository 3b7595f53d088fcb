/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rib by its contract (manrs/rib.h), a case a rule. Verdicts are those of RFC 6811 on the VRPs that the test itself gives:
 * 192.0.2.0/24 AS64500 and so on; whatever more manrs_check finds is rib_random_test.c's, against the twin.
 */

#include "test.h"

#define LOCAL 64510

struct desk {
	manrs_db_owner *owner;
	manrs_db *db; /* the newest */
	manrs_policy policy;
	manrs_rib *rib;
	manrs_rib_config config;
};

static void desk_new(struct desk *d)
{
	pass(manrs_db_owner_new(&d->owner, NULL));
	d->db = NULL;
	pass(manrs_policy_init(&d->policy, sizeof d->policy, MANRS_ROLE_PEER));
	d->policy.tests = MANRS_TEST_BIT(MANRS_TEST_ROV);
	d->policy.local_as = LOCAL;
	pass(manrs_rib_config_init(&d->config, sizeof d->config));
	pass(manrs_rib_new(&d->rib, &d->config));
}

static void desk_free(struct desk *d)
{
	manrs_rib_free(d->rib);
	manrs_db_unref(d->db);
	pass(manrs_db_owner_free(d->owner));
}

/* Add or remove a VRP, and let the rib follow. */
static void vrp(struct desk *d, int op, const char *text)
{
	manrs_route r = test_route(text);
	manrs_edit *edit;
	manrs_db *db;

	pass(manrs_edit_begin(&edit, d->owner, d->db));
	pass(manrs_edit_vrps(edit, 0, op, &r, 1, NULL, NULL));
	pass(manrs_edit_commit(edit, &db));
	manrs_db_unref(d->db);
	d->db = db;
	pass(manrs_rib_follow(d->rib, db));
}

static uint32_t session(struct desk *d, uint32_t neighbour)
{
	manrs_rib_session s;
	int handle;

	pass(manrs_rib_session_init(&s, sizeof s));
	s.policy = &d->policy;
	s.neighbour_asn = neighbour;
	handle = manrs_rib_session_add(d->rib, &s);
	ck_assert_int_ge(handle, 0);
	return (uint32_t)handle;
}

/* Announce a prefix with the path 64499 ORIGIN. */
static int announce_id(struct desk *d, uint32_t s, const char *prefix, uint32_t origin, uint32_t id)
{
	uint32_t hops[2] = {64499, origin};
	manrs_announcement a = {.prefix = test_prefix(prefix), .path = {.asn = hops, .n = 2}};
	size_t done;
	int rc = manrs_rib_announce(d->rib, s, &a, &id, 1, &done);

	ck_assert_uint_eq(done, rc == MANRS_OK);
	return rc;
}

static void announce(struct desk *d, uint32_t s, const char *prefix, uint32_t origin)
{
	pass(announce_id(d, s, prefix, origin, 0));
}

static int withdraw(struct desk *d, uint32_t s, const char *prefix)
{
	manrs_prefix p = test_prefix(prefix);
	size_t done;

	return manrs_rib_withdraw(d->rib, s, &p, NULL, 1, &done);
}

/* 1 pass, 2 fail, 4 unknown of ROV; 0: there is none. */
static unsigned state(const manrs_verdict *v)
{
	return (unsigned)((v->pass & 1) | (v->fail & 1) << 1 | (v->unknown & 1) << 2);
}

/* The next change is this one. */
static void told(struct desk *d, const char *prefix, uint32_t s, uint32_t kind, unsigned before,
		 unsigned after)
{
	manrs_rib_change c;
	manrs_prefix p = test_prefix(prefix);

	ck_assert_uint_eq(manrs_rib_changes(d->rib, &c, 1), 1);
	ck_assert_int_eq(manrs_prefix_cmp(&c.prefix, &p), 0);
	ck_assert_uint_eq(c.session, s);
	ck_assert_uint_eq(c.kind, kind);
	ck_assert_uint_eq(state(&c.before), before);
	ck_assert_uint_eq(state(&c.after), after);
}

static void told_nothing(struct desk *d)
{
	manrs_rib_change c;

	ck_assert_int_eq(manrs_rib_work(d->rib, 0), 0);
	ck_assert_uint_eq(manrs_rib_changes(d->rib, &c, 1), 0);
}

static void swallow(struct desk *d)
{
	manrs_rib_change c;

	while (manrs_rib_changes(d->rib, &c, 1))
		continue;
}

static manrs_rib_stats stats(struct desk *d)
{
	manrs_rib_stats s = {.size = sizeof s};

	pass(manrs_rib_stats_get(d->rib, &s));
	return s;
}

/* 1023 changed prefixes are no more than 1024, from which on all is looked at: a route under none of them is not. */
START_TEST(a_change_counts_once)
{
	manrs_rib_stats before = {.size = sizeof before}, after = {.size = sizeof after};
	static manrs_route many[1023];
	manrs_edit *edit;
	struct desk d;
	manrs_db *db;

	desk_new(&d);
	vrp(&d, MANRS_ADD, "192.0.2.0/24 AS64500");
	announce(&d, session(&d, 64499), "192.0.2.0/24", 64500);
	pass(manrs_rib_work(d.rib, 0));
	pass(manrs_rib_stats_get(d.rib, &before));
	for (unsigned i = 0; i < 1023; i++) {
		many[i] = test_route("10.0.0.0/24 AS64500");
		many[i].prefix.addr[1] = (uint8_t)(i >> 8);
		many[i].prefix.addr[2] = (uint8_t)i;
	}
	pass(manrs_edit_begin(&edit, d.owner, d.db));
	pass(manrs_edit_vrps(edit, 0, MANRS_ADD, many, 1023, NULL, NULL));
	pass(manrs_edit_commit(edit, &db));
	manrs_db_unref(d.db);
	d.db = db;
	pass(manrs_rib_follow(d.rib, db));
	pass(manrs_rib_work(d.rib, 0));
	pass(manrs_rib_stats_get(d.rib, &after));
	ck_assert_uint_eq(after.judged, before.judged);
	desk_free(&d);
}
END_TEST

START_TEST(a_route_is_judged_when_it_comes)
{
	struct desk d;
	uint32_t s;
	manrs_rib_route r;
	manrs_prefix p = test_prefix("192.0.2.0/24");

	desk_new(&d);
	vrp(&d, MANRS_ADD, "192.0.2.0/24 AS64500");
	s = session(&d, 64499);
	announce(&d, s, "192.0.2.0/24", 64500);
	announce(&d, s, "198.51.100.0/24", 64500);
	announce(&d, s, "192.0.2.0/25", 64500);
	told(&d, "192.0.2.0/24", s, MANRS_RIB_ANNOUNCED, 0, 1);
	told(&d, "198.51.100.0/24", s, MANRS_RIB_ANNOUNCED, 0, 4);
	told(&d, "192.0.2.0/25", s, MANRS_RIB_ANNOUNCED, 0, 2);
	told_nothing(&d);
	pass(manrs_rib_route_get(d.rib, s, &p, 0, &r));
	ck_assert_uint_eq(r.announcement.path.n, 2);
	ck_assert_uint_eq(r.announcement.path.asn[1], 64500);
	ck_assert_uint_eq(r.announcement.neighbour_asn, 64499);
	ck_assert_uint_eq(state(&r.verdict), 1);
	ck_assert_int_eq(manrs_rib_route_get(d.rib, s, &p, 1, &r), MANRS_ENOENT);
	ck_assert_uint_eq(stats(&d).routes, 3);
	ck_assert_uint_eq(stats(&d).prefixes, 3);
	ck_assert_uint_eq(stats(&d).paths, 1);
	desk_free(&d);
}
END_TEST

START_TEST(a_withdrawal_is_told_with_what_was)
{
	struct desk d;
	uint32_t s;

	desk_new(&d);
	s = session(&d, 64499);
	announce(&d, s, "2001:db8::/32", 64500);
	pass(withdraw(&d, s, "2001:db8::/32"));
	pass(withdraw(&d, s, "2001:db8::/32"));
	told(&d, "2001:db8::/32", s, MANRS_RIB_ANNOUNCED, 0, 4);
	told(&d, "2001:db8::/32", s, MANRS_RIB_WITHDRAWN, 4, 0);
	told_nothing(&d);
	ck_assert_uint_eq(stats(&d).routes, 0);
	ck_assert_uint_eq(stats(&d).paths, 0);
	ck_assert_int_eq(withdraw(&d, s + 1, "2001:db8::/32"), MANRS_ENOENT);
	desk_free(&d);
}
END_TEST

START_TEST(a_vrp_touches_its_prefix_and_those_under_it)
{
	struct desk d;
	uint32_t s;

	desk_new(&d);
	s = session(&d, 64499);
	announce(&d, s, "192.0.2.0/24", 64500);
	announce(&d, s, "192.0.0.0/16", 64500);
	announce(&d, s, "192.0.2.128/25", 64500);
	announce(&d, s, "192.0.3.0/24", 64500);
	swallow(&d);
	vrp(&d, MANRS_ADD, "192.0.2.0/24 AS64500");
	ck_assert_int_eq(manrs_rib_work(d.rib, 0), 0);
	told(&d, "192.0.2.0/24", s, MANRS_RIB_CHANGED, 4, 1);
	told(&d, "192.0.2.128/25", s, MANRS_RIB_CHANGED, 4, 2);
	told_nothing(&d);
	desk_free(&d);
}
END_TEST

static size_t listed(struct desk *d, const char *prefix, uint32_t which)
{
	manrs_prefix p = prefix ? test_prefix(prefix) : (manrs_prefix){0};
	manrs_cursor cursor = {{0}};
	manrs_rib_route r;
	size_t n = 0;

	while (manrs_rib_routes(d->rib, prefix ? &p : NULL, which, &cursor, &r, 1))
		n++;
	return n;
}

static void counts(struct desk *d, uint32_t s, uint64_t want_routes, uint64_t want_fail)
{
	uint64_t routes, fail;

	pass(manrs_rib_session_routes(d->rib, s, &routes, &fail));
	ck_assert_uint_eq(routes, want_routes);
	ck_assert_uint_eq(fail, want_fail);
}

START_TEST(a_session_that_is_down_has_no_routes_at_once)
{
	struct desk d;
	uint32_t s, other;

	desk_new(&d);
	s = session(&d, 64499);
	other = session(&d, 64498);
	announce(&d, s, "192.0.2.0/24", 64500);
	announce(&d, s, "2001:db8::/32", 64500);
	announce(&d, other, "192.0.2.0/24", 64500);
	swallow(&d);
	ck_assert_uint_eq(listed(&d, NULL, MANRS_RIB_UNDER), 3);
	pass(manrs_rib_session_down(d.rib, s));
	counts(&d, s, 0, 0);
	counts(&d, other, 1, 0);
	ck_assert_uint_eq(listed(&d, NULL, MANRS_RIB_UNDER), 1);
	ck_assert_uint_eq(stats(&d).routes, 3);
	ck_assert_int_eq(manrs_rib_work(d.rib, 0), 0);
	told(&d, "192.0.2.0/24", s, MANRS_RIB_WITHDRAWN, 4, 0);
	told(&d, "2001:db8::/32", s, MANRS_RIB_WITHDRAWN, 4, 0);
	told_nothing(&d);
	ck_assert_uint_eq(stats(&d).routes, 1);
	ck_assert_int_eq(manrs_rib_session_down(d.rib, 7), MANRS_ENOENT);
	desk_free(&d);
}
END_TEST

START_TEST(what_comes_again_before_its_end_was_told_is_one_change)
{
	struct desk d;
	uint32_t s;

	desk_new(&d);
	s = session(&d, 64499);
	announce(&d, s, "192.0.2.0/24", 64500);
	announce(&d, s, "198.51.100.0/24", 64500);
	swallow(&d);
	pass(manrs_rib_session_down(d.rib, s));
	vrp(&d, MANRS_ADD, "192.0.2.0/24 AS64500");
	announce(&d, s, "192.0.2.0/24", 64500);
	announce(&d, s, "198.51.100.0/24", 64500);
	told(&d, "192.0.2.0/24", s, MANRS_RIB_CHANGED, 4, 1);
	told_nothing(&d);
	counts(&d, s, 2, 0);
	desk_free(&d);
}
END_TEST

START_TEST(end_of_rib_takes_what_was_not_sent_again)
{
	struct desk d;
	uint32_t s;
	manrs_rib_route r;
	manrs_prefix p = test_prefix("192.0.2.0/24");

	desk_new(&d);
	s = session(&d, 64499);
	announce(&d, s, "192.0.2.0/24", 64500);
	announce(&d, s, "198.51.100.0/24", 64500);
	announce(&d, s, "2001:db8::/32", 64500);
	swallow(&d);
	pass(manrs_rib_end_of_rib(d.rib, s, 4)); /* without a refresh nothing is stale */
	told_nothing(&d);
	pass(manrs_rib_session_refresh(d.rib, s));
	pass(manrs_rib_route_get(d.rib, s, &p, 0, &r));
	ck_assert_uint_eq(r.flags, MANRS_RIB_STALE);
	announce(&d, s, "192.0.2.0/24", 64500);
	pass(manrs_rib_route_get(d.rib, s, &p, 0, &r));
	ck_assert_uint_eq(r.flags, 0);
	counts(&d, s, 3, 0);
	pass(manrs_rib_end_of_rib(d.rib, s, 4));
	counts(&d, s, 2, 0);
	ck_assert_int_eq(manrs_rib_work(d.rib, 0), 0);
	told(&d, "198.51.100.0/24", s, MANRS_RIB_WITHDRAWN, 4, 0);
	told_nothing(&d);
	ck_assert_int_eq(manrs_rib_end_of_rib(d.rib, s, 5), MANRS_EINVAL);
	ck_assert_int_eq(manrs_rib_end_of_rib(d.rib, 9, 4), MANRS_ENOENT);
	ck_assert_int_eq(manrs_rib_session_refresh(d.rib, 9), MANRS_ENOENT);
	desk_free(&d);
}
END_TEST

START_TEST(a_handle_is_used_again_when_its_routes_are_gone)
{
	struct desk d;
	uint32_t s;

	desk_new(&d);
	s = session(&d, 64499);
	announce(&d, s, "192.0.2.0/24", 64500);
	swallow(&d);
	pass(manrs_rib_session_remove(d.rib, s));
	ck_assert_int_eq(manrs_rib_session_remove(d.rib, s), MANRS_ENOENT);
	ck_assert_ptr_null(manrs_rib_policy(d.rib, s));
	ck_assert_uint_eq(session(&d, 64499), s + 1);
	ck_assert_uint_eq(listed(&d, NULL, MANRS_RIB_UNDER), 0);
	ck_assert_int_eq(manrs_rib_work(d.rib, 0), 0);
	told(&d, "192.0.2.0/24", s, MANRS_RIB_WITHDRAWN, 4, 0);
	ck_assert_uint_eq(session(&d, 64499), s);
	ck_assert_uint_eq(stats(&d).sessions, 2);
	desk_free(&d);
}
END_TEST

START_TEST(another_policy_judges_the_session_again)
{
	struct desk d;
	uint32_t s, other;
	manrs_policy strict;

	desk_new(&d);
	s = session(&d, 64499);
	other = session(&d, 64499);
	announce(&d, s, "192.0.2.0/24", 64500);
	announce(&d, other, "192.0.2.0/24", 64500);
	swallow(&d);
	strict = d.policy;
	strict.strict = MANRS_TEST_BIT(MANRS_TEST_ROV);
	pass(manrs_rib_session_set_policy(d.rib, s, &strict));
	ck_assert_uint_eq(manrs_rib_policy(d.rib, s)->strict, strict.strict);
	ck_assert_int_eq(manrs_rib_work(d.rib, 0), 0);
	told(&d, "192.0.2.0/24", s, MANRS_RIB_CHANGED, 4, 2);
	told_nothing(&d);
	counts(&d, s, 1, 1);
	counts(&d, other, 1, 0);
	strict.min_len4 = 33;
	ck_assert_int_eq(manrs_rib_session_set_policy(d.rib, s, &strict), MANRS_EINVAL);
	ck_assert_int_eq(manrs_rib_session_set_policy(d.rib, 9, &d.policy), MANRS_ENOENT);
	desk_free(&d);
}
END_TEST

START_TEST(a_listing_is_in_order_and_outlives_changes)
{
	static const char *const prefixes[] = {"10.0.0.0/8",   "10.0.0.0/9", "10.0.0.0/24",
					       "10.1.0.0/16",  "11.0.0.0/8", "2001:db8::/32",
					       "2001:db8::/48"};
	struct desk d;
	uint32_t s;
	manrs_prefix ten = test_prefix("10.0.0.0/8");
	manrs_cursor cursor = {{0}};
	manrs_rib_route r;

	desk_new(&d);
	s = session(&d, 64499);
	for (size_t i = 7; i-- > 0;)
		announce(&d, s, prefixes[i], 64500);
	pass(announce_id(&d, s, "10.0.0.0/9", 64500, 9));
	ck_assert_uint_eq(listed(&d, NULL, MANRS_RIB_UNDER), 8);
	ck_assert_uint_eq(listed(&d, "10.0.0.0/8", MANRS_RIB_UNDER), 5);
	ck_assert_uint_eq(listed(&d, "10.0.0.0/9", MANRS_RIB_UNDER), 3 + 1);
	ck_assert_uint_eq(listed(&d, "10.0.0.0/9", MANRS_RIB_EXACT), 2);
	ck_assert_uint_eq(listed(&d, "10.0.0.0/10", MANRS_RIB_EXACT), 0);
	ck_assert_uint_eq(listed(&d, "::/0", MANRS_RIB_UNDER), 2);
	ck_assert_uint_eq(listed(&d, "0.0.0.0/0", MANRS_RIB_UNDER), 6);
	for (size_t i = 0; i < 2; i++)
		ck_assert_uint_eq(manrs_rib_routes(d.rib, &ten, MANRS_RIB_UNDER, &cursor, &r, 1),
				  1);
	ck_assert_uint_eq(r.path_id, 0);
	pass(withdraw(&d, s, "10.0.0.0/9"));
	ck_assert_uint_eq(manrs_rib_routes(d.rib, &ten, MANRS_RIB_UNDER, &cursor, &r, 1), 1);
	ck_assert_uint_eq(r.path_id, 9);
	ck_assert_uint_eq(stats(&d).prefixes, 7);
	desk_free(&d);
}
END_TEST

START_TEST(a_snapshot_is_held_while_it_is_judged_by)
{
	struct desk d;

	desk_new(&d);
	ck_assert_ptr_nonnull(manrs_rib_db(d.rib));
	vrp(&d, MANRS_ADD, "192.0.2.0/24 AS64500");
	ck_assert_ptr_eq(manrs_rib_db(d.rib), d.db);
	ck_assert_int_eq(manrs_db_owner_free(d.owner), MANRS_EBUSY);
	pass(manrs_rib_follow(d.rib, NULL));
	ck_assert_ptr_ne(manrs_rib_db(d.rib), d.db);
	manrs_db_unref(d.db);
	d.db = NULL;
	desk_free(&d);
}
END_TEST

START_TEST(changes_wait_and_calls_with_them)
{
	manrs_prefix p[3] = {test_prefix("10.0.0.0/24"), test_prefix("10.0.1.0/24"),
			     test_prefix("10.0.2.0/24")};
	uint32_t hops[2] = {64499, 64500};
	manrs_announcement a[3] = {{.prefix = p[0], .path = {.asn = hops, .n = 2}},
				   {.prefix = p[1], .path = {.asn = hops, .n = 2}},
				   {.prefix = p[2], .path = {.asn = hops, .n = 2}}};
	struct desk d;
	uint32_t s;
	size_t done;

	desk_new(&d);
	manrs_rib_free(d.rib);
	d.config.max_changes = 2;
	pass(manrs_rib_new(&d.rib, &d.config));
	s = session(&d, 64499);
	ck_assert_int_eq(manrs_rib_announce(d.rib, s, a, NULL, 3, &done), MANRS_EBUSY);
	ck_assert_uint_eq(done, 2);
	ck_assert_int_eq(manrs_rib_withdraw(d.rib, s, p, NULL, 1, &done), MANRS_EBUSY);
	ck_assert_uint_eq(done, 0);
	ck_assert_uint_eq(stats(&d).waiting, 2);
	swallow(&d);
	pass(manrs_rib_announce(d.rib, s, a + 2, NULL, 1, &done));
	swallow(&d);
	pass(manrs_rib_session_down(d.rib, s));
	ck_assert_int_eq(manrs_rib_work(d.rib, 0), MANRS_EBUSY);
	told(&d, "10.0.0.0/24", s, MANRS_RIB_WITHDRAWN, 4, 0);
	told(&d, "10.0.1.0/24", s, MANRS_RIB_WITHDRAWN, 4, 0);
	ck_assert_int_eq(manrs_rib_work(d.rib, 0), 0);
	told(&d, "10.0.2.0/24", s, MANRS_RIB_WITHDRAWN, 4, 0);
	told_nothing(&d);
	ck_assert_uint_eq(stats(&d).told, 6);
	desk_free(&d);
}
END_TEST

START_TEST(only_what_is_wanted_is_told)
{
	struct desk d;
	uint32_t s;

	desk_new(&d);
	manrs_rib_free(d.rib);
	d.config.report = MANRS_RIB_CHANGED;
	pass(manrs_rib_new(&d.rib, &d.config));
	s = session(&d, 64499);
	announce(&d, s, "192.0.2.0/24", 64500);
	announce(&d, s, "198.51.100.0/24", 64500);
	pass(withdraw(&d, s, "198.51.100.0/24"));
	vrp(&d, MANRS_ADD, "192.0.2.0/24 AS64501");
	ck_assert_int_eq(manrs_rib_work(d.rib, 0), 0);
	told(&d, "192.0.2.0/24", s, MANRS_RIB_CHANGED, 4, 2);
	told_nothing(&d);
	desk_free(&d);
}
END_TEST

START_TEST(a_prefix_over_everything_changes_in_slices)
{
	struct desk d;
	uint32_t s;
	unsigned turns = 0;

	desk_new(&d);
	s = session(&d, 64499);
	for (unsigned i = 0; i < 500; i++) {
		char text[48];

		snprintf(text, sizeof text, "10.%u.%u.0/24", i / 100, i % 100);
		announce(&d, s, text, 64500);
	}
	swallow(&d);
	vrp(&d, MANRS_ADD, "0.0.0.0/0 AS0");
	while (manrs_rib_work(d.rib, 10)) {
		ck_assert_uint_le(stats(&d).waiting, 10);
		swallow(&d);
		turns++;
	}
	ck_assert_uint_ge(turns, 50);
	counts(&d, s, 500, 500);
	desk_free(&d);
}
END_TEST

START_TEST(routes_and_sessions_have_bounds)
{
	manrs_rib_session more = {.size = sizeof more, .neighbour_asn = 1};
	struct desk d;
	uint32_t s;

	desk_new(&d);
	manrs_rib_free(d.rib);
	d.config.max_routes = 2;
	d.config.max_sessions = 1;
	pass(manrs_rib_new(&d.rib, &d.config));
	s = session(&d, 64499);
	more.policy = &d.policy;
	ck_assert_int_eq(manrs_rib_session_add(d.rib, &more), MANRS_ELIMIT);
	announce(&d, s, "10.0.0.0/24", 64500);
	announce(&d, s, "10.0.1.0/24", 64500);
	ck_assert_int_eq(announce_id(&d, s, "10.0.2.0/24", 64500, 0), MANRS_ELIMIT);
	announce(&d, s, "10.0.1.0/24", 64501); /* in the place of another */
	counts(&d, s, 2, 0);
	desk_free(&d);
}
END_TEST

START_TEST(bytes_have_a_bound)
{
	struct desk d;
	uint32_t s;
	unsigned n = 0;
	int rc;

	desk_new(&d);
	manrs_rib_free(d.rib);
	d.config.max_bytes = 400000;
	pass(manrs_rib_new(&d.rib, &d.config));
	s = session(&d, 64499);
	do {
		char text[48];

		snprintf(text, sizeof text, "10.%u.%u.0/24", n / 250 % 250, n % 250);
		rc = announce_id(&d, s, text, 1000 + n, 0);
		swallow(&d);
		n += rc == MANRS_OK;
		ck_assert_uint_le(stats(&d).bytes, 400000);
	} while (rc == MANRS_OK);
	ck_assert_int_eq(rc, MANRS_ELIMIT);
	ck_assert_uint_gt(n, 100);
	counts(&d, s, n, 0);
	ck_assert_uint_eq(listed(&d, NULL, MANRS_RIB_UNDER), n);
	pass(withdraw(&d, s, "10.0.0.0/24"));
	desk_free(&d);
}
END_TEST

START_TEST(what_breaks_its_contract_is_refused)
{
	struct desk d;
	manrs_rib *rib;
	manrs_rib_session in;

	desk_new(&d);
	d.config.max_sessions = 65536;
	ck_assert_int_eq(manrs_rib_new(&rib, &d.config), MANRS_EINVAL);
	d.config.max_sessions = 1;
	d.config.report = 8;
	ck_assert_int_eq(manrs_rib_new(&rib, &d.config), MANRS_EINVAL);
	d.config.report = 7;
	d.config.max_changes = 0;
	ck_assert_int_eq(manrs_rib_new(&rib, &d.config), MANRS_EINVAL);
	pass(manrs_rib_session_init(&in, sizeof in));
	in.neighbour_asn = 1;
	ck_assert_int_eq(manrs_rib_session_add(d.rib, &in), MANRS_EINVAL); /* no policy */
	in.policy = &d.policy;
	in.neighbour_asn = 0;
	ck_assert_int_eq(manrs_rib_session_add(d.rib, &in), MANRS_EINVAL);
	in.flags = MANRS_ANNOUNCE_ANY_NEIGHBOUR;
	ck_assert_int_eq(manrs_rib_session_add(d.rib, &in), 0);
	in.flags |= MANRS_ANNOUNCE_OTC;
	ck_assert_int_eq(manrs_rib_session_add(d.rib, &in), MANRS_EINVAL);
	in.flags = 0;
	in.neighbour_asn = 1;
	in.neighbour_address = test_prefix("192.0.2.0/24");
	ck_assert_int_eq(manrs_rib_session_add(d.rib, &in), MANRS_EINVAL);
	desk_free(&d);
}
END_TEST

START_TEST(without_a_prefix_that_can_be_read_it_is_not_in)
{
	uint32_t hop = 64499;
	manrs_announcement a[2] = {
		{.path = {.asn = &hop, .n = 1}},
		{.prefix = test_prefix("10.0.0.0/24"), .flags = MANRS_ANNOUNCE_MALFORMED}};
	struct desk d;
	uint32_t s;
	size_t done;

	desk_new(&d);
	s = session(&d, 64499);
	ck_assert_int_eq(manrs_rib_announce(d.rib, s, a, NULL, 2, &done), MANRS_EINVAL);
	ck_assert_uint_eq(done, 2);
	told(&d, "10.0.0.0/24", s, MANRS_RIB_ANNOUNCED, 0, 2);
	told_nothing(&d);
	ck_assert_int_eq(manrs_rib_withdraw(d.rib, s, &a[0].prefix, NULL, 1, &done), MANRS_EINVAL);
	ck_assert_uint_eq(done, 1);
	desk_free(&d);
}
END_TEST

START_TEST(more_snapshots_than_wait_are_one_lap)
{
	struct desk d;
	uint32_t s;

	desk_new(&d);
	s = session(&d, 64499);
	announce(&d, s, "192.0.2.0/24", 64500);
	announce(&d, s, "198.51.100.0/24", 64500);
	swallow(&d);
	for (unsigned i = 0; i < 100; i++)
		vrp(&d, i % 2 ? MANRS_REMOVE : MANRS_ADD, "192.0.2.0/24 AS64501");
	vrp(&d, MANRS_ADD, "192.0.2.0/24 AS64500");
	ck_assert_int_eq(manrs_rib_work(d.rib, 0), 0);
	told(&d, "192.0.2.0/24", s, MANRS_RIB_CHANGED, 4, 1);
	told_nothing(&d);
	desk_free(&d);
}
END_TEST

/* Each snapshot touches all 800 routes and a new one comes every 400: what is down goes beside them. */
START_TEST(snapshots_without_end_do_not_keep_what_is_down)
{
	struct desk d;
	manrs_rib_change c[64];
	uint32_t s, other;
	char text[32];

	desk_new(&d);
	s = session(&d, 64499);
	other = session(&d, 64498);
	for (unsigned i = 0; i < 400; i++) {
		snprintf(text, sizeof text, "10.%u.%u.0/24", i / 200, i % 200);
		announce(&d, s, text, 64500);
		announce(&d, other, text, 64500);
	}
	pass(manrs_rib_session_down(d.rib, s));
	for (unsigned i = 0; i < 30; i++) {
		if (i % 4 == 0)
			vrp(&d, i % 8 ? MANRS_REMOVE : MANRS_ADD, "10.0.0.0/8 AS64501");
		ck_assert_int_eq(manrs_rib_work(d.rib, 100), 1);
		while (manrs_rib_changes(d.rib, c, 64) == 64)
			continue;
	}
	ck_assert_uint_eq(stats(&d).routes, 400);
	desk_free(&d);
}
END_TEST

START_TEST(an_announcement_may_be_one_that_was_read)
{
	manrs_prefix p = test_prefix("192.0.2.0/24");
	manrs_rib_route r;
	struct desk d;
	uint32_t s;
	size_t done;

	desk_new(&d);
	s = session(&d, 64499);
	announce(&d, s, "192.0.2.0/24", 64500);
	swallow(&d);
	vrp(&d, MANRS_ADD, "192.0.2.0/24 AS64500");
	pass(manrs_rib_route_get(d.rib, s, &p, 0, &r));
	r.announcement.next_hop = test_address("192.0.2.9");
	pass(manrs_rib_announce(d.rib, s, &r.announcement, NULL, 1, &done));
	told(&d, "192.0.2.0/24", s, MANRS_RIB_CHANGED, 4, 1);
	pass(manrs_rib_route_get(d.rib, s, &p, 0, &r));
	ck_assert_uint_eq(r.announcement.path.asn[1], 64500);
	told_nothing(&d);
	ck_assert_uint_eq(stats(&d).paths, 1);
	desk_free(&d);
}
END_TEST

START_TEST(a_new_rib_without_memory_leaves_nothing_behind)
{
	struct test_alloc count = {0};
	manrs_alloc alloc = test_alloc_of(&count);
	manrs_rib_config config;
	manrs_rib *rib;
	int rc = MANRS_ENOMEM;

	pass(manrs_rib_config_init(&config, sizeof config));
	config.alloc = &alloc;
	for (size_t k = 1; k < 100 && rc != MANRS_OK; k++) {
		count.calls = 0;
		count.fail_at = k;
		rc = manrs_rib_new(&rib, &config);
		if (rc == MANRS_OK)
			break;
		ck_assert_int_eq(rc, MANRS_ENOMEM);
		ck_assert_uint_eq(count.live, 0);
	}
	count.fail_at = 0;
	pass(rc);
	manrs_rib_free(rib);
	manrs_rib_free(NULL);
	ck_assert_uint_eq(count.live, 0);
}
END_TEST

Suite *rib_suite(void)
{
	Suite *s = suite_create("rib");

	ADD_TEST(s, a_session_that_is_down_has_no_routes_at_once, 5);
	ADD_TEST(s, changes_wait_and_calls_with_them, 5);
	ADD_TEST(s, only_what_is_wanted_is_told, 5);
	ADD_TEST(s, a_prefix_over_everything_changes_in_slices, 5);
	ADD_TEST(s, routes_and_sessions_have_bounds, 5);
	ADD_TEST(s, bytes_have_a_bound, 5);
	ADD_TEST(s, what_breaks_its_contract_is_refused, 5);
	ADD_TEST(s, without_a_prefix_that_can_be_read_it_is_not_in, 5);
	ADD_TEST(s, more_snapshots_than_wait_are_one_lap, 5);
	ADD_TEST(s, snapshots_without_end_do_not_keep_what_is_down, 5);
	ADD_TEST(s, an_announcement_may_be_one_that_was_read, 5);
	ADD_TEST(s, a_new_rib_without_memory_leaves_nothing_behind, 5);
	ADD_TEST(s, what_comes_again_before_its_end_was_told_is_one_change, 5);
	ADD_TEST(s, end_of_rib_takes_what_was_not_sent_again, 5);
	ADD_TEST(s, a_handle_is_used_again_when_its_routes_are_gone, 5);
	ADD_TEST(s, another_policy_judges_the_session_again, 5);
	ADD_TEST(s, a_listing_is_in_order_and_outlives_changes, 5);
	ADD_TEST(s, a_snapshot_is_held_while_it_is_judged_by, 5);

	ADD_TEST(s, a_change_counts_once, 5);
	ADD_TEST(s, a_route_is_judged_when_it_comes, 5);
	ADD_TEST(s, a_withdrawal_is_told_with_what_was, 5);
	ADD_TEST(s, a_vrp_touches_its_prefix_and_those_under_it, 5);
	return s;
}
