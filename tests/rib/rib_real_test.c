/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Real tables in a rib while a cache's set goes on by a real half hour: nine VRPs more, six less (state1.json, state2.json of
 * the recorded StayRTR). By the files themselves, one route of each table lies under a VRP that differs: 116.118.64.0/22, for
 * which AS135944 got a VRP. In 2015 AS7602 had it: Invalid now; of 2026's origins it is AS135944: Valid now.
 */

#include "check/real.h"

/* {"roas": [["PREFIX", MAXLEN, ASN], ...], "aspas": ...}: as the recorder wrote what it served. */
static bool set_read(struct real_routes *r, const char *name)
{
	const char *path = test_data(name);
	FILE *f = path ? fopen(path, "rb") : NULL;
	char *text, *at, *end;

	if (!f)
		return false;
	text = calloc(1, 1 << 20);
	ck_assert_uint_lt(fread(text, 1, (1 << 20) - 1, f), (1 << 20) - 1);
	fclose(f);
	end = strstr(text, "\"aspas\"");
	for (at = text; (at = strstr(at, "[\"")) && at < end;) {
		char *quote = strchr(at += 2, '"');
		manrs_route route;

		pass(manrs_prefix_parse(&route.prefix, at, (size_t)(quote - at), NULL));
		route.prefix.maxlen = (uint8_t)strtoul(quote + 2, &at, 10);
		route.asn = (uint32_t)strtoul(at + 1, &at, 10);
		real_push(r, &route, 0);
	}
	free(text);
	return true;
}

static manrs_db *snapshot(manrs_db_owner *owner, const manrs_db *base, const struct real_routes *r)
{
	manrs_edit *edit;
	manrs_db *db;

	pass(manrs_edit_begin(&edit, owner, base));
	if (base)
		pass(manrs_edit_drop(edit, 0, NULL));
	pass(manrs_edit_vrps(edit, 0, MANRS_ADD, r->at, r->n, NULL, NULL));
	pass(manrs_edit_commit(edit, &db));
	return db;
}

/* How many routes that are in the rib have another verdict in the second snapshot. */
static size_t turned(const manrs_rib *rib, const manrs_policy *policy, const manrs_db *a,
		     const manrs_db *b)
{
	manrs_cursor cursor = {{0}};
	manrs_rib_route r;
	manrs_verdict v[2];
	size_t n = 0;

	while (manrs_rib_routes(rib, NULL, MANRS_RIB_UNDER, &cursor, &r, 1)) {
		manrs_check(a, policy, &r.announcement, 1, &v[0]);
		manrs_check(b, policy, &r.announcement, 1, &v[1]);
		ck_assert(!memcmp(&r.verdict, &v[0], sizeof v[0]));
		n += memcmp(&v[0], &v[1], sizeof v[0]) != 0;
	}
	return n;
}

static int work_all(manrs_rib *rib)
{
	int rc;

	while ((rc = manrs_rib_work(rib, 100)) == 1)
		continue;
	return rc;
}

/* One session has the whole table, each path the neighbour and the origin. */
static void fill(manrs_rib *rib, const struct real_routes *table)
{
	enum { SLICE = 1000 };
	manrs_announcement a[SLICE];
	uint32_t hops[SLICE][2];
	size_t n, done;

	for (size_t at = 0; at < table->n; at += n) {
		for (n = 0; n < SLICE && at + n < table->n; n++) {
			hops[n][0] = 174;
			hops[n][1] = table->at[at + n].asn;
			a[n] = (manrs_announcement){.prefix = table->at[at + n].prefix,
						    .path = {.asn = hops[n], .n = 2}};
		}
		pass(manrs_rib_announce(rib, 0, a, NULL, n, &done));
		ck_assert_uint_eq(done, n);
	}
}

/* Its routes, one a prefix: of more origins the last one stays. */
static bool table_read(struct real_routes *r, const char *name)
{
	size_t n;
	char *text = real_slurp(name, &n);

	for (char *line = text, *end; line && (end = strchr(line, '\n')); line = end + 1) {
		manrs_route route;

		pass(manrs_route_parse(&route, line, (size_t)(end - line), NULL));
		real_push(r, &route, 0);
	}
	free(text);
	return text;
}

static void half_hour(const struct real_routes *table, const struct real_routes vrps[2], bool valid)
{
	manrs_prefix the_one = test_prefix("116.118.64.0/22");
	manrs_rib_session in;
	manrs_rib_config config;
	manrs_rib_change c[2];
	manrs_policy policy;
	manrs_db_owner *owner;
	manrs_db *db[2];
	manrs_rib *rib;
	manrs_rib_stats stats = {.size = sizeof stats};
	uint64_t judged;

	pass(manrs_policy_init(&policy, sizeof policy, MANRS_ROLE_PROVIDER));
	policy.tests = MANRS_TEST_BIT(MANRS_TEST_ROV);
	pass(manrs_db_owner_new(&owner, NULL));
	db[0] = snapshot(owner, NULL, &vrps[0]);
	db[1] = snapshot(owner, db[0], &vrps[1]);
	pass(manrs_rib_config_init(&config, sizeof config));
	config.report = MANRS_RIB_CHANGED;
	pass(manrs_rib_new(&rib, &config));
	pass(manrs_rib_session_init(&in, sizeof in));
	in.policy = &policy;
	in.neighbour_asn = 174;
	ck_assert_int_eq(manrs_rib_session_add(rib, &in), 0);
	pass(manrs_rib_follow(rib, db[0]));
	fill(rib, table);
	while (manrs_rib_changes(rib, c, 2)) /* a prefix of two origins came twice */
		continue;
	ck_assert_uint_eq(turned(rib, &policy, db[0], db[1]), 1);
	pass(manrs_rib_stats_get(rib, &stats));
	judged = stats.judged;
	pass(manrs_rib_follow(rib, db[1]));
	pass(work_all(rib));
	ck_assert_uint_eq(manrs_rib_changes(rib, c, 2), 1);
	ck_assert_int_eq(manrs_prefix_cmp(&c->prefix, &the_one), 0);
	ck_assert_uint_eq(c->before.unknown, 1);
	ck_assert_uint_eq(valid ? c->after.pass : c->after.fail, 1);
	ck_assert_uint_eq(c->code, valid ? MANRS_CODE_ROV_VALID : MANRS_CODE_ROV_INVALID_AS);
	pass(manrs_rib_stats_get(rib, &stats));
	ck_assert_uint_le(stats.judged - judged, 20); /* of all those routes */
	ck_assert_uint_eq(turned(rib, &policy, db[1], db[0]), 1);
	manrs_rib_free(rib);
	manrs_db_unref(db[0]);
	manrs_db_unref(db[1]);
	pass(manrs_db_owner_free(owner));
}

START_TEST(half_hours)
{
	static const char *const tables[] = {
		"routes/routes-20151101-dualstack.txt.xz",
		"routes/routes-2024prefix-2026origin.txt.xz",
	};
	struct real_routes vrps[2] = {{0}, {0}}, table = {0};

	if (!set_read(&vrps[0], "rtr/stayrtr-0.5.1/state1.json") ||
	    !set_read(&vrps[1], "rtr/stayrtr-0.5.1/state2.json") ||
	    !table_read(&table, tables[_i])) {
		test_skip("no recorded sets and tables");
		return;
	}
	ck_assert_uint_eq(vrps[0].n, 2021); /* README.md of the data */
	ck_assert_uint_eq(vrps[1].n, 2024);
	half_hour(&table, vrps, _i == 1);
	for (size_t i = 0; i < 2; i++) {
		free(vrps[i].at);
		free(vrps[i].state);
	}
	free(table.at);
	free(table.state);
}
END_TEST

Suite *rib_real_suite(void)
{
	Suite *s = suite_create("rib_real");
	TCase *tc = tcase_create("half_hours");

	tcase_set_timeout(tc, 30 * TEST_SLOW);
	tcase_add_loop_test(tc, half_hours, 0, test_short() ? 0 : 2);
	suite_add_tcase(s, tc);
	return s;
}
