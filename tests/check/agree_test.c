/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every combination of an announcement's flags, of a role, of what it was learned from, of paths and neighbours, with data
 * and without: the verdict alone and in a batch, the findings, the sentence and the JSON say one thing, ASPA's own calls say
 * it too, and what the headers say of a whole class holds: malformed passes nothing, an internal session is asked nothing
 * of external ones, and what is not known, or has no data, does not pass.
 */

#include "test.h"

#include "check/desk.h"

#define BIT      MANRS_TEST_BIT
#define FLAGS    (MANRS_ANNOUNCE_INTERNAL * 2)
#define ROLES    6
#define COUNT(a) (sizeof(a) / sizeof *(a))

/* The table of manrs/policy.h. */
#define EXTERNAL                                                                      \
	(BIT(MANRS_TEST_ASPA) | BIT(MANRS_TEST_FIRST_AS) | BIT(MANRS_TEST_NEXT_HOP) | \
	 BIT(MANRS_TEST_OTC) | BIT(MANRS_TEST_LEAK) | BIT(MANRS_TEST_PEERLOCK) |      \
	 BIT(MANRS_TEST_TRANSIT_FREE) | BIT(MANRS_TEST_NEVER_VIA_RS) |                \
	 BIT(MANRS_TEST_ORIGIN_SET) | BIT(MANRS_TEST_PREFIX_LIST))

static const char *const paths[] = {"100 101", "100 500 101", "103 101",       "200",
				    "",        "100 {101}",   "(300) 100 101", "{101}"};
static const uint32_t neighbours[] = {100, LOCAL, 0};

static bool has(const manrs_path *path, uint32_t asn)
{
	for (uint32_t i = 0; i < path->n; i++)
		if (path->asn[i] == asn)
			return true;
	return false;
}

static int state_in(const manrs_verdict *v, int test)
{
	return v->pass >> test & 1 ? 1 : v->fail >> test & 1 ? 2 : v->unknown >> test & 1 ? 3 : 0;
}

/* What one test found, told four ways. */
static void one_test(const manrs_db *db, const manrs_policy *p, const manrs_announcement *a,
		     const manrs_verdict *v, int test)
{
	static const char *const states[] = {"", "pass", "fail", "unknown"};
	char text[MANRS_EXPLAIN_MAX], wanted[160];
	manrs_finding f, same;
	int state = manrs_finding_get(db, p, a, test, &f);

	ck_assert_msg(state == state_in(v, test), "flags %u role %u: %s", a->flags, p->role,
		      manrs_test_text(test));
	ck_assert_int_eq(manrs_findings(db, p, a, BIT(test), &same, 1) == 1, state > 0);
	ck_assert_int_eq(manrs_explain(db, p, a, test, text, sizeof text) > 0, state > 0);
	ck_assert_int_eq(manrs_explain_json(db, p, a, test, text, sizeof text) > 0, state > 0);
	if (!state)
		return;
	ck_assert_mem_eq(&f, &same, sizeof f);
	ck_assert_int_eq(manrs_code_state((int)f.code),
			 state); /* the policy is strict about nothing */
	snprintf(wanted, sizeof wanted, "{\"test\":\"%s\",\"state\":\"%s\",\"code\":\"%s\"",
		 manrs_test_text(test), states[state], manrs_code_text((int)f.code));
	ck_assert_msg(!strncmp(text, wanted, strlen(wanted)), "%s, not %s", text, wanted);
}

static bool same_as(const manrs_announcement *a)
{
	return a->neighbour_asn == LOCAL && !(a->flags & MANRS_ANNOUNCE_ANY_NEIGHBOUR);
}

/* ASPA by its own calls, where it is asked and the neighbour is another AS. */
static void aspa_by_itself(const manrs_db *db, const manrs_policy *p, const manrs_announcement *a,
			   const manrs_verdict *v, bool data)
{
	static const int states[] = {
		[MANRS_ASPA_UNKNOWN] = 3, [MANRS_ASPA_VALID] = 1, [MANRS_ASPA_INVALID] = 2};
	uint32_t flags = a->flags & MANRS_ANNOUNCE_ANY_NEIGHBOUR ? MANRS_ASPA_ANY_NEIGHBOUR : 0;
	manrs_aspa_ramps ramps;
	int state = manrs_aspa_check(db, &a->path, a->neighbour_asn, (int)p->role, flags);

	manrs_aspa_hops(db, &a->path, a->neighbour_asn, (int)p->role, flags, &ramps, NULL, 0);
	ck_assert_int_eq(ramps.state, state);
	if (!data &&
	    (ramps.reason == MANRS_ASPA_REASON_NONE || ramps.reason >= MANRS_ASPA_REASON_HOPS))
		state = MANRS_ASPA_UNKNOWN; /* what the attestations would have to say */
	ck_assert_int_eq(state_in(v, MANRS_TEST_ASPA), states[state]);
}

/* What holds of whole classes. */
static void classes(const manrs_policy *p, const manrs_announcement *a, const manrs_verdict *v,
		    int rc, bool data)
{
	uint64_t all = v->pass | v->fail | v->unknown;
	bool any = a->flags & MANRS_ANNOUNCE_ANY_NEIGHBOUR,
	     egress = a->flags & MANRS_ANNOUNCE_EGRESS;
	bool internal = a->flags & MANRS_ANNOUNCE_INTERNAL;

	ck_assert_uint_eq((v->pass & v->fail) | (v->pass & v->unknown) | (v->fail & v->unknown), 0);
	if (internal)
		ck_assert_uint_eq(all & EXTERNAL, 0);
	if (egress)
		ck_assert_uint_eq(all & (BIT(MANRS_TEST_ASPA) | BIT(MANRS_TEST_PEERLOCK)), 0);
	if (rc != MANRS_OK)
		ck_assert_uint_eq(v->pass | v->unknown, 0);
	if ((a->flags & MANRS_ANNOUNCE_MALFORMED) || (!internal && p->role == MANRS_ROLE_NONE) ||
	    (!any && !a->neighbour_asn) ||
	    (!egress && (a->learned_from || (a->flags & MANRS_ANNOUNCE_OWN))) ||
	    ((a->flags & MANRS_ANNOUNCE_OWN) && a->learned_from))
		ck_assert_int_eq(rc, MANRS_EINVAL);
	else
		ck_assert_int_eq(rc, MANRS_OK);
	if (!data)
		ck_assert_uint_eq(v->pass & (BIT(MANRS_TEST_ROV) | BIT(MANRS_TEST_ASPA) |
					     BIT(MANRS_TEST_IRR)),
				  0);
	ck_assert_uint_eq(v->pass & (BIT(MANRS_TEST_DENY_LIST) | BIT(MANRS_TEST_PREFIX_LIST) |
				     BIT(MANRS_TEST_ORIGIN_SET) | BIT(MANRS_TEST_NEVER_VIA_RS) |
				     BIT(MANRS_TEST_NEXT_HOP)),
			  0); /* no lists, no next hop */
	if (any && !egress && p->role != MANRS_ROLE_RS) {
		ck_assert_uint_eq(v->pass & BIT(MANRS_TEST_FIRST_AS), 0);
		if (has(&a->path, 500))
			ck_assert_uint_eq(v->pass & BIT(MANRS_TEST_PEERLOCK), 0);
	}
	if (any && !egress && p->role == MANRS_ROLE_PEER && rc == MANRS_OK &&
	    (a->flags & MANRS_ANNOUNCE_OTC))
		ck_assert_uint_eq((v->pass | v->fail) & BIT(MANRS_TEST_OTC), 0);
	if (same_as(a) && !egress)
		ck_assert_uint_eq(
			v->pass & ((p->role == MANRS_ROLE_RS ? 0 : BIT(MANRS_TEST_FIRST_AS)) |
				   BIT(MANRS_TEST_ASPA)),
			0);
}

/* All of one role and path; `data`: the snapshot has any. */
static void all_of(struct desk *d, const manrs_db *db, const char *path, bool data)
{
	static manrs_announcement a[FLAGS * ROLES * COUNT(neighbours)];
	static manrs_verdict v[COUNT(a)];
	size_t n = 0;

	announce(d, "193.0.0.0/24", path, 0);
	for (uint32_t flags = 0; flags < FLAGS; flags++)
		for (uint32_t from = 0; from < ROLES; from++)
			for (size_t i = 0; i < COUNT(neighbours); i++) {
				a[n] = d->a;
				a[n].flags = flags;
				a[n].learned_from = from;
				a[n].neighbour_asn = neighbours[i];
				a[n++].otc = flags & MANRS_ANNOUNCE_OTC ? 100 : 0;
			}
	ck_assert_int_eq(manrs_check(db, &d->policy, a, n, v), MANRS_EINVAL);
	for (size_t i = 0; i < n; i++) {
		manrs_verdict alone;
		int rc = manrs_check(db, &d->policy, &a[i], 1, &alone);

		ck_assert_mem_eq(&alone, &v[i], sizeof alone);
		classes(&d->policy, &a[i], &v[i], rc, data);
		if (rc == MANRS_OK &&
		    !(a[i].flags & (MANRS_ANNOUNCE_INTERNAL | MANRS_ANNOUNCE_EGRESS)) &&
		    !same_as(&a[i]))
			aspa_by_itself(db, &d->policy, &a[i], &v[i], data);
		for (int test = 0; test < MANRS_TESTS; test++)
			one_test(db, &d->policy, &a[i], &v[i], test);
	}
}

START_TEST(every_combination_is_told_alike)
{
	static const manrs_peerlock rules[] = {{500, 100}};
	manrs_edit *edit;
	manrs_db *empty;
	struct desk d;

	open_desk(&d, MANRS_ROLE_PEER);
	ck_assert_int_eq(manrs_edit_begin(&edit, d.owner, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_edit_commit(edit, &empty), MANRS_OK);
	d.policy.peerlocks = rules;
	d.policy.n_peerlocks = 1;
	d.policy.role = (uint32_t)_i;
	d.policy.tests = MANRS_TESTS_ALL;
	for (size_t i = 0; i < test_rounds(COUNT(paths)); i++) {
		all_of(&d, d.db, paths[i], true);
		all_of(&d, empty, paths[i], false);
	}
	manrs_db_unref(empty);
	close_desk(&d);
}
END_TEST

Suite *agree_suite(void)
{
	Suite *s = suite_create("agree");
	TCase *t = tcase_create("every_combination_is_told_alike");

	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, every_combination_is_told_alike, 0, test_short() ? 1 : ROLES);
	suite_add_tcase(s, t);
	return s;
}
