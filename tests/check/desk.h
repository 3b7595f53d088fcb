/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_CHECK_DESK_H
#define TESTS_CHECK_DESK_H

/* A small snapshot, a policy and one announcement, for the cases of the check and of its explanations. */

#include "test.h"

#define LOCAL 200

struct desk {
	manrs_db_owner *owner;
	manrs_db *db;
	manrs_policy policy;
	manrs_announcement a;
	uint32_t asn[64];
	uint8_t kind[64];
};

static inline manrs_route vrp(const char *text, uint8_t maxlen)
{
	manrs_route route = test_route(text);

	route.prefix.maxlen = maxlen ? maxlen : route.prefix.len;
	return route;
}

static inline void open_desk(struct desk *d, int role)
{
	static const uint32_t of_101[] = {100}, of_102[] = {0};
	manrs_aspa aspas[] = {{of_101, 101, 1}, {of_102, 102, 1}};
	manrs_route vrps[] = {vrp("193.0.0.0/20 101", 24), vrp("193.1.0.0/16 102", 0),
			      vrp("2a00:1::/32 101", 48)};
	manrs_route irr[] = {vrp("193.0.0.0/24 101", 0), vrp("193.2.0.0/16 103", 0)};
	manrs_edit *edit;

	memset(d, 0, sizeof *d);
	ck_assert_int_eq(manrs_db_owner_new(&d->owner, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_edit_begin(&edit, d->owner, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_edit_vrps(edit, 0, MANRS_ADD, vrps, 3, NULL, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_edit_irr(edit, 0, MANRS_ADD, irr, 2, NULL, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_edit_aspas(edit, 0, MANRS_ADD, aspas, 2, NULL, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_edit_commit(edit, &d->db), MANRS_OK);
	manrs_policy_init(&d->policy, sizeof d->policy, role);
	d->policy.local_as = LOCAL;
}

static inline void close_desk(struct desk *d)
{
	manrs_db_unref(d->db);
	ck_assert_int_eq(manrs_db_owner_free(d->owner), MANRS_OK);
}

static inline void announce(struct desk *d, const char *prefix, const char *path,
			    uint32_t neighbour)
{
	memset(&d->a, 0, sizeof d->a);
	d->a.prefix = test_prefix(prefix);
	ck_assert_int_eq(
		manrs_path_parse(&d->a.path, d->asn, d->kind, 64, path, strlen(path), NULL),
		MANRS_OK);
	d->a.neighbour_asn = neighbour;
}

/* The code of one test of the desk's announcement; the verdict must say the same. */
static inline int code_of(struct desk *d, int test)
{
	manrs_finding f;
	manrs_verdict v;
	int state = manrs_finding_get(d->db, &d->policy, &d->a, test, &f);
	uint64_t bit = MANRS_TEST_BIT(test);

	manrs_check(d->db, &d->policy, &d->a, 1, &v);
	ck_assert_uint_eq(v.pass & v.fail, 0);
	ck_assert_uint_eq(v.pass & v.unknown, 0);
	ck_assert_uint_eq(v.fail & v.unknown, 0);
	ck_assert_int_eq(state, v.pass & bit ? 1 : v.fail & bit ? 2 : v.unknown & bit ? 3 : 0);
	if (state)
		ck_assert_int_eq((int)f.test, test);
	return (int)f.code;
}

/* And of another announcement. */
static inline int code(struct desk *d, int test, const char *prefix, const char *path,
		       uint32_t neighbour)
{
	announce(d, prefix, path, neighbour);
	return code_of(d, test);
}

#endif
