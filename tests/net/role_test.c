/* SPDX-License-Identifier: BSD-2-Clause */
/* Roles: the pairs are those of RFC 9234 section 4.2, the numbers those of section 4.1. */

#include "test.h"

START_TEST(rfc9234_s4_2_neighbour_is_the_other_end_of_the_pair)
{
	ck_assert_int_eq(manrs_role_from_rfc9234(0), MANRS_ROLE_CUSTOMER);
	ck_assert_int_eq(manrs_role_from_rfc9234(1), MANRS_ROLE_RS_CLIENT);
	ck_assert_int_eq(manrs_role_from_rfc9234(2), MANRS_ROLE_RS);
	ck_assert_int_eq(manrs_role_from_rfc9234(3), MANRS_ROLE_PROVIDER);
	ck_assert_int_eq(manrs_role_from_rfc9234(4), MANRS_ROLE_PEER);
}
END_TEST

START_TEST(rfc9234_s4_1_other_values_are_no_role)
{
	ck_assert_int_eq(manrs_role_from_rfc9234(5), MANRS_ROLE_NONE);
	ck_assert_int_eq(manrs_role_from_rfc9234(255), MANRS_ROLE_NONE);
	ck_assert_int_eq(manrs_role_from_rfc9234(-1), MANRS_ROLE_NONE);
}
END_TEST

START_TEST(names_go_both_ways)
{
	static const char *const bad[] = {"",    "none",       "Peer",     "peer ",
					  "rs-", "rs-clients", "customers"};

	for (int role = MANRS_ROLE_CUSTOMER; role <= MANRS_ROLE_RS_CLIENT; role++) {
		const char *name = manrs_role_text(role);

		ck_assert_int_eq(manrs_role_parse(name, strlen(name)), role);
	}
	ck_assert_str_eq(manrs_role_text(MANRS_ROLE_RS_CLIENT), "rs-client");
	ck_assert_str_eq(manrs_role_text(MANRS_ROLE_NONE), "");
	ck_assert_str_eq(manrs_role_text(6), "");
	ck_assert_str_eq(manrs_role_text(-1), "");
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_int_eq(manrs_role_parse(bad[i], strlen(bad[i])), MANRS_ESYNTAX);
}
END_TEST

Suite *role_suite(void)
{
	Suite *s = suite_create("role");

	ADD_TEST(s, rfc9234_s4_2_neighbour_is_the_other_end_of_the_pair, 1);
	ADD_TEST(s, rfc9234_s4_1_other_values_are_no_role, 1);
	ADD_TEST(s, names_go_both_ways, 1);
	return s;
}
