/* SPDX-License-Identifier: BSD-2-Clause */
/* IRR origins: the cases are the meaning of a route object (RFC 2622 section 4: this prefix, this origin); the walk is against a list. */

#include "test.h"

static manrs_db *db_of(manrs_db_owner **owner, const manrs_route *irr, size_t n,
		       const manrs_route *vrps, size_t m)
{
	manrs_edit *edit;
	manrs_db *db;

	ck_assert_int_eq(manrs_db_owner_new(owner, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_edit_begin(&edit, *owner, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_edit_irr(edit, 0, MANRS_ADD, irr, n, NULL, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_edit_vrps(edit, 0, MANRS_ADD, vrps, m, NULL, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_edit_commit(edit, &db), MANRS_OK);
	return db;
}

static void done(manrs_db_owner *owner, manrs_db *db)
{
	manrs_db_unref(db);
	ck_assert_int_eq(manrs_db_owner_free(owner), MANRS_OK);
}

START_TEST(rfc2622_s4_an_object_is_for_its_prefix_and_origin)
{
	manrs_route irr[] = {test_route("192.0.0.0/16 64500"), test_route("192.0.2.0/24 64501"),
			     test_route("2001:db8::/32 64500")};
	manrs_route vrp = test_route("192.0.3.0/24 64509");
	manrs_db *db;
	static const struct {
		const char *route;
		uint32_t flags;
		int state;
	} cases[] = {
		{"192.0.2.0/24 64501", 0, MANRS_IRR_REGISTERED},
		{"192.0.2.0/24 64500", 0, MANRS_IRR_MISMATCH},
		{"192.0.2.0/24 64500", MANRS_IRR_COVERING, MANRS_IRR_REGISTERED},
		{"192.0.2.0/24 64502", MANRS_IRR_COVERING, MANRS_IRR_MISMATCH},
		{"192.0.2.0/25 64501", 0, MANRS_IRR_MISMATCH},
		{"192.0.2.0/25 64501", MANRS_IRR_COVERING, MANRS_IRR_REGISTERED},
		{"192.0.0.0/15 64500", MANRS_IRR_COVERING, MANRS_IRR_NOT_FOUND},
		{"198.51.100.0/24 64500", 0, MANRS_IRR_NOT_FOUND},
		{"2001:db8::/32 64500", 0, MANRS_IRR_REGISTERED},
		{"2001:db8::/33 64500", 0, MANRS_IRR_MISMATCH},
		{"192.0.2.0/24 0", MANRS_IRR_COVERING, MANRS_IRR_MISMATCH},
		{"192.0.3.0/24 64509", 0, MANRS_IRR_MISMATCH},
		{"192.0.3.0/24 64509", MANRS_IRR_ROA, MANRS_IRR_REGISTERED},
		{"192.0.3.0/25 64509", MANRS_IRR_ROA, MANRS_IRR_MISMATCH},
		{"192.0.2.0/24 64501", 4, MANRS_IRR_MALFORMED},
	};
	manrs_db_owner *owner;

	irr[1].prefix.maxlen = 28; /* an object has none */
	db = db_of(&owner, irr, 3, &vrp, 1);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		manrs_route route = test_route(cases[i].route);
		uint8_t state;

		ck_assert_msg(manrs_irr_check(db, &route, cases[i].flags) == cases[i].state,
			      "%s %u", cases[i].route, cases[i].flags);
		manrs_irr_check_many(db, &route, 1, cases[i].flags, &state);
		ck_assert_int_eq(state, cases[i].state);
	}
	done(owner, db);
}
END_TEST

START_TEST(malformed_routes_and_the_covering_list)
{
	manrs_route irr[] = {test_route("192.0.0.0/16 64500"), test_route("192.0.2.0/24 64501"),
			     test_route("192.0.2.0/24 64499")},
		    found[3];
	manrs_route bad = test_route("192.0.2.0/24 64500");
	manrs_db_owner *owner;
	manrs_db *db = db_of(&owner, irr, 3, NULL, 0);
	uint8_t state;

	ck_assert_uint_eq(manrs_irr_covering(db, &bad.prefix, found, 3), 3);
	ck_assert_uint_eq(found[0].prefix.len, 16);
	ck_assert_uint_eq(found[1].asn, 64499);
	ck_assert_uint_eq(found[2].asn, 64501);
	ck_assert_uint_eq(manrs_irr_covering(db, &bad.prefix, NULL, 0), 3);
	bad.prefix.addr[3] = 1;
	ck_assert_int_eq(manrs_irr_check(db, &bad, 0), MANRS_IRR_MALFORMED);
	ck_assert_int_eq(manrs_irr_check_many(db, &bad, 1, 0, &state), MANRS_EINVAL);
	ck_assert_uint_eq(manrs_irr_covering(db, &bad.prefix, found, 3), 0);
	ck_assert_str_eq(manrs_irr_text(MANRS_IRR_MISMATCH), "mismatch");
	ck_assert_str_eq(manrs_irr_text(4), "");
	done(owner, db);
}
END_TEST

/* An object of each of n origins, from 1000 on, 2 apart, for 192.0.2.0/24; the first `above` of them for the /23. */
static manrs_route *objects_of(uint32_t n, uint32_t above)
{
	manrs_route *irr = calloc(n, sizeof *irr);

	for (uint32_t i = 0; i < n; i++) {
		irr[i] = test_route(i < above ? "192.0.2.0/23 1" : "192.0.2.0/24 1");
		irr[i].asn = 1000 + 2 * i;
		irr[i].prefix.maxlen = 32; /* an object has none */
	}
	return irr;
}

/* Many origins of one prefix: the list is longer than any short cut. */
START_TEST(long_lists_are_read_to_their_end)
{
	manrs_route *irr = objects_of(900, 450);
	manrs_db_owner *owner;
	manrs_db *db = db_of(&owner, irr, 900, NULL, 0);

	for (uint32_t i = 0; i < 900; i++) {
		manrs_route route = test_route("192.0.2.0/24 1");

		route.asn = irr[i].asn;
		ck_assert_int_eq(manrs_irr_check(db, &route, 0),
				 i < 450 ? MANRS_IRR_MISMATCH : MANRS_IRR_REGISTERED);
	}
	free(irr);
	done(owner, db);
}
END_TEST

/* One route under 3,000 objects: the one of its origin first, in the middle, last, or none; alone, and below 3,000 more. */
START_TEST(any_number_of_objects_is_judged_exactly)
{
	enum { N = 3000 };

	for (uint32_t above = 0; above <= N; above += N) {
		manrs_route *irr = objects_of(N + above, above);
		manrs_route route = test_route("192.0.2.0/24 1");
		manrs_db_owner *owner;
		manrs_db *db = db_of(&owner, irr, N + above, NULL, 0);

		ck_assert_uint_eq(manrs_irr_covering(db, &route.prefix, NULL, 0), N + above);
		for (uint32_t i = 0; i < N + above; i++) {
			bool exact = i >= above;

			route.asn = irr[i].asn;
			ck_assert_int_eq(manrs_irr_check(db, &route, 0),
					 exact ? MANRS_IRR_REGISTERED : MANRS_IRR_MISMATCH);
			ck_assert_int_eq(manrs_irr_check(db, &route, MANRS_IRR_COVERING),
					 MANRS_IRR_REGISTERED);
			route.asn++;
			ck_assert_int_eq(manrs_irr_check(db, &route, MANRS_IRR_COVERING),
					 MANRS_IRR_MISMATCH);
		}
		route.asn = 999;
		ck_assert_int_eq(manrs_irr_check(db, &route, MANRS_IRR_COVERING),
				 MANRS_IRR_MISMATCH);
		free(irr);
		done(owner, db);
	}
}
END_TEST

START_TEST(random_walk_against_a_list)
{
	static manrs_route irr[300];
	uint64_t seed = 6;
	manrs_db_owner *owner;
	manrs_db *db;
	int seen[4] = {0};

	for (int i = 0; i < 300; i++) {
		irr[i] = test_route("0.0.0.0/0 1");
		irr[i].prefix.len = (uint8_t)(2 + test_random(&seed) % 7);
		irr[i].prefix.maxlen = irr[i].prefix.len;
		irr[i].prefix.addr[0] =
			(uint8_t)(test_random(&seed) & 0xffu << (8 - irr[i].prefix.len));
		irr[i].asn = 1 + (uint32_t)(test_random(&seed) % 40);
	}
	db = db_of(&owner, irr, 300, NULL, 0);
	for (int i = 0; i < 20000; i++) {
		manrs_route route = irr[test_random(&seed) % 300];
		uint32_t flags = test_random(&seed) % 2 ? MANRS_IRR_COVERING : 0;
		int expected = MANRS_IRR_NOT_FOUND;

		route.prefix.len = (uint8_t)(test_random(&seed) % 2 ? 9 : route.prefix.len);
		route.asn = (uint32_t)(test_random(&seed) % 41);
		for (int j = 0; j < 300; j++) {
			if (!manrs_prefix_covers(&irr[j].prefix, &route.prefix))
				continue;
			if (irr[j].asn == route.asn &&
			    (flags || irr[j].prefix.len == route.prefix.len))
				expected = MANRS_IRR_REGISTERED;
			else if (expected == MANRS_IRR_NOT_FOUND)
				expected = MANRS_IRR_MISMATCH;
		}
		ck_assert_int_eq(manrs_irr_check(db, &route, flags), expected);
		seen[expected]++;
	}
	ck_assert_int_gt(seen[MANRS_IRR_REGISTERED], 500);
	ck_assert_int_gt(seen[MANRS_IRR_MISMATCH], 500);
	done(owner, db);
}
END_TEST

START_TEST(sets_of_as_numbers)
{
	static const uint32_t set[] = {1, 5, 23456, 64500, 4200000000u, UINT32_MAX};

	for (size_t n = 0; n <= 6; n++)
		for (size_t i = 0; i < 6; i++) {
			ck_assert_int_eq(manrs_asn_in(set, n, set[i]), i < n);
			ck_assert_int_eq(manrs_asn_in(set, n, set[i] - 1), 0);
		}
}
END_TEST

Suite *irr_suite(void)
{
	Suite *s = suite_create("irr");

	ADD_TEST(s, rfc2622_s4_an_object_is_for_its_prefix_and_origin, 1);
	ADD_TEST(s, malformed_routes_and_the_covering_list, 1);
	ADD_TEST(s, long_lists_are_read_to_their_end, 2);
	ADD_TEST(s, any_number_of_objects_is_judged_exactly, 2);
	ADD_TEST(s, random_walk_against_a_list, 5);
	ADD_TEST(s, sets_of_as_numbers, 1);
	return s;
}
