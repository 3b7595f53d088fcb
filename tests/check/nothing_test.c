/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arrays of nothing: every call that takes an array may get NULL with 0, as the headers say. What such a call counts is
 * what the same call with room counts; under clang's sanitizers (make fuzz has them) no pointer is made of NULL.
 */

#include "test.h"

#include "check/desk.h"

START_TEST(lists_with_no_room_are_counted)
{
	manrs_aspa_ramps ramps;
	struct desk d;

	open_desk(&d, MANRS_ROLE_CUSTOMER);
	announce(&d, "193.0.0.0/25", "103 101", 103);
	ck_assert_uint_eq(manrs_rov_covering(d.db, &d.a.prefix, NULL, 0), 1);
	ck_assert_uint_eq(manrs_irr_covering(d.db, &d.a.prefix, NULL, 0), 1);
	ck_assert_uint_eq(
		manrs_aspa_hops(d.db, &d.a.path, 103, MANRS_ROLE_CUSTOMER, 0, &ramps, NULL, 0), 1);
	ck_assert_uint_eq(
		manrs_findings(d.db, &d.policy, &d.a, MANRS_TEST_BIT(MANRS_TEST_ROV), NULL, 0), 1);
	ck_assert_int_eq(manrs_explain(d.db, &d.policy, &d.a, MANRS_TEST_ROV, NULL, 0),
			 MANRS_ELIMIT);
	ck_assert_int_eq(manrs_explain_json(d.db, &d.policy, &d.a, MANRS_TEST_ROV, NULL, 0),
			 MANRS_ELIMIT);
	ck_assert_int_eq(manrs_code_about(MANRS_CODE_ROV_VALID, NULL, 0), MANRS_ELIMIT);
	ck_assert_int_eq(manrs_prefix_format(&d.a.prefix, NULL, 0), MANRS_ELIMIT);
	ck_assert_int_eq(manrs_asn_format(1, NULL, 0), MANRS_ELIMIT);
	ck_assert_int_eq(manrs_path_format(&d.a.path, NULL, 0), MANRS_ELIMIT);
	close_desk(&d);
}
END_TEST

START_TEST(batches_of_none_are_done)
{
	static const uint32_t start[] = {0};
	manrs_paths none = {NULL, NULL, start, 0};
	manrs_path_rules rules;
	manrs_cursor cursor = {0};
	struct desk d;

	open_desk(&d, MANRS_ROLE_CUSTOMER);
	manrs_path_rules_init(&rules, sizeof rules);
	ck_assert_int_eq(manrs_rov_check_many(d.db, NULL, 0, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_irr_check_many(d.db, NULL, 0, 0, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_aspa_check_many(d.db, &none, NULL, NULL, 0, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_aspa_both_many(d.db, &none, 0, NULL, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_path_origin_many(&none, 1, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_path_check_many(&none, &rules, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_check(d.db, &d.policy, NULL, 0, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_check_codes(d.db, &d.policy, NULL, 0, NULL, NULL, 0), MANRS_OK);
	manrs_otc_ingress_many(NULL, NULL, NULL, NULL, 0, NULL, NULL);
	manrs_otc_egress_many(NULL, 1, NULL, NULL, 0, NULL, NULL);
	ck_assert_int_eq(manrs_asn_in(NULL, 0, 1), 0);
	ck_assert_uint_eq(manrs_db_vrps(d.db, &cursor, NULL, 0), 0);
	ck_assert_uint_eq(manrs_db_irr(d.db, &cursor, NULL, 0), 0);
	ck_assert_uint_eq(manrs_db_aspas(d.db, &cursor, NULL, 0), 0);
	ck_assert_uint_eq(manrs_db_keys(d.db, &cursor, NULL, 0), 0);
	ck_assert_uint_eq(manrs_db_diff(d.db, d.db, &cursor, NULL, 0), 0);
	close_desk(&d);
}
END_TEST

START_TEST(the_empty_path_and_empty_texts)
{
	manrs_path empty = {NULL, NULL, 0, 0}, path;
	manrs_announcement a;
	manrs_as_rel row;
	manrs_rel *rel;
	manrs_prefix prefix;
	manrs_route route;
	uint32_t asn;
	char text[16];

	ck_assert_int_eq(manrs_path_format(&empty, text, sizeof text), 0);
	ck_assert_int_eq(manrs_path_find(&empty, 0, NULL, 0), MANRS_ENOENT);
	ck_assert_int_eq(manrs_peerlock_check(&empty, 1, NULL, 0), MANRS_ENOENT);
	ck_assert_int_eq(manrs_path_origin(&empty, 7, &asn), MANRS_OK);
	ck_assert_uint_eq(asn, 7);
	ck_assert_int_eq(manrs_path_merge(&path, NULL, NULL, 0, &empty, &empty, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_path_decode(&path, NULL, NULL, 0, NULL, 0, 4, NULL), MANRS_OK);
	ck_assert_uint_eq(path.n, 0);
	ck_assert_int_eq(manrs_path_parse(&path, NULL, NULL, 0, NULL, 0, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_announce_parse(&a, NULL, NULL, 0, NULL, 0, NULL), 0);
	ck_assert_int_eq(manrs_rel_parse(&row, NULL, 0, NULL), 0);
	ck_assert_int_eq(manrs_prefix_parse(&prefix, NULL, 0, NULL), MANRS_ESYNTAX);
	ck_assert_int_eq(manrs_address_parse(&prefix, NULL, 0, NULL), MANRS_ESYNTAX);
	ck_assert_int_eq(manrs_route_parse(&route, NULL, 0, NULL), MANRS_ESYNTAX);
	ck_assert_int_eq(manrs_asn_parse(&asn, NULL, 0, NULL), MANRS_ESYNTAX);
	ck_assert_int_eq(manrs_test_parse(NULL, 0), MANRS_ESYNTAX);
	ck_assert_int_eq(manrs_role_parse(NULL, 0), MANRS_ESYNTAX);
	ck_assert_int_eq(manrs_rel_new(&rel, NULL, 0, NULL, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_leak_check(rel, &empty, 1, MANRS_ROLE_PEER, NULL),
			 MANRS_LEAK_UNKNOWN);
	manrs_rel_get_many(rel, NULL, NULL, 0, NULL);
	manrs_rel_free(rel);
}
END_TEST

START_TEST(edits_and_tables_of_none)
{
	manrs_prefix any = {.family = 4};
	manrs_db_owner *owner;
	manrs_edit *edit;
	manrs_trie *trie;
	manrs_space *space;
	manrs_lpm *lpm;
	manrs_db *db;

	ck_assert_int_eq(manrs_db_owner_new(&owner, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_edit_begin(&edit, owner, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_edit_vrps(edit, 0, MANRS_ADD, NULL, 0, NULL, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_edit_irr(edit, 0, MANRS_ADD, NULL, 0, NULL, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_edit_aspas(edit, 0, MANRS_ADD, NULL, 0, NULL, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_edit_keys(edit, 0, MANRS_ADD, NULL, 0, NULL, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_edit_commit(edit, &db), MANRS_OK);
	ck_assert_uint_eq(manrs_rov_covering(db, &any, NULL, 0), 0);
	manrs_db_unref(db);
	ck_assert_int_eq(manrs_db_owner_free(owner), MANRS_OK);
	ck_assert_int_eq(manrs_trie_new(&trie, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_trie_get_many(trie, NULL, 0, NULL, NULL), 0);
	ck_assert_int_eq(manrs_trie_match_many(trie, NULL, 0, NULL, NULL, NULL), 0);
	ck_assert_int_eq(manrs_trie_set(trie, &any, 1), 1);
	ck_assert_uint_eq(manrs_trie_covering(trie, &any, NULL, NULL, 0), 1);
	ck_assert_int_eq(manrs_lpm_new(&lpm, trie, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_lpm_match_many(lpm, NULL, 0, NULL, NULL, NULL), 0);
	manrs_lpm_lookup4(lpm, NULL, 0, NULL);
	manrs_lpm_lookup6(lpm, NULL, 0, NULL);
	manrs_lpm_free(lpm);
	manrs_trie_free(trie);
	ck_assert_int_eq(manrs_space_new(&space, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_space_add(space, NULL, 0, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_space_add_routes(space, NULL, 0, NULL), MANRS_OK);
	manrs_space_free(space);
}
END_TEST

Suite *nothing_suite(void)
{
	Suite *s = suite_create("nothing");

	ADD_TEST(s, lists_with_no_room_are_counted, 1);
	ADD_TEST(s, batches_of_none_are_done, 1);
	ADD_TEST(s, the_empty_path_and_empty_texts, 1);
	ADD_TEST(s, edits_and_tables_of_none, 1);
	return s;
}
