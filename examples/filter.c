/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A neighbour's policy: what a customer may announce to us, and why not. Everything is in this file; a daemon takes the
 * VRPs from RTR, the AS-SET from the IRR, and calls manrs_check for each UPDATE.
 */

#include <manrs/explain.h>
#include <stdio.h>
#include <string.h>

#define US       4200000001u
#define CUSTOMER 65000001u

static const uint32_t as_set[] = {CUSTOMER, 65000002u}; /* AS-CUSTOMER, expanded and sorted */

/* prefix, AS path */
static const char *const updates[][2] = {
	{"193.0.0.0/21", "65000001"},
	{"193.0.0.0/24", "65000001"},
	{"10.0.0.0/8", "65000001"},
	{"193.0.8.0/21", "65000001 65000003"},
	{"195.0.0.0/16", "65000001 3356 9000"},
	{"193.0.16.0/21", "65000001 65000002"},
};

static int load(manrs_db_owner *owner, manrs_db **db)
{
	manrs_route vrp;
	manrs_edit *edit;

	manrs_prefix_parse(&vrp.prefix, "193.0.0.0/21", 12, NULL);
	vrp.asn = CUSTOMER;
	return manrs_edit_begin(&edit, owner, NULL) ||
	       manrs_edit_vrps(edit, 0, MANRS_ADD, &vrp, 1, NULL, NULL) ||
	       manrs_edit_commit(edit, db);
}

static void judge(const manrs_db *db, const manrs_policy *policy, const char *prefix,
		  const char *path)
{
	manrs_announcement a = {.neighbour_asn = CUSTOMER};
	uint32_t asn[64];
	uint8_t kind[64];
	manrs_verdict verdict;
	char why[MANRS_EXPLAIN_MAX];

	manrs_prefix_parse(&a.prefix, prefix, strlen(prefix), NULL);
	manrs_path_parse(&a.path, asn, kind, 64, path, strlen(path), NULL);
	manrs_check(db, policy, &a, 1, &verdict);
	printf("%s %s: %s\n", prefix, path, verdict.fail ? "refused" : "accepted");
	for (int test = 0; test < MANRS_TESTS; test++)
		if (verdict.fail & MANRS_TEST_BIT(test) &&
		    manrs_explain(db, policy, &a, test, why, sizeof why) > 0)
			printf("    %s\n", why);
}

int main(void)
{
	manrs_policy policy;
	manrs_db_owner *owner;
	manrs_db *db;

	manrs_policy_init(&policy, sizeof policy, MANRS_ROLE_CUSTOMER);
	policy.local_as = US;
	policy.origins = as_set;
	policy.n_origins = 2;
	policy.tests |= MANRS_TEST_BIT(MANRS_TEST_ORIGIN_SET);
	policy.tests &= ~MANRS_TEST_BIT(MANRS_TEST_IRR); /* the AS-SET answers for it */
	if (manrs_policy_check(&policy, NULL) || manrs_db_owner_new(&owner, NULL) ||
	    load(owner, &db))
		return 1;
	for (size_t i = 0; i < sizeof updates / sizeof *updates; i++)
		judge(db, &policy, updates[i][0], updates[i][1]);
	manrs_db_unref(db);
	return manrs_db_owner_free(owner) ? 1 : 0;
}
