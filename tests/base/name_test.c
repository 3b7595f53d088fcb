/* SPDX-License-Identifier: BSD-2-Clause */
/* Near misses of names: spellings of real files (RPKI exports, bgpdump users), distances counted by hand. */

#include "../test.h"
#include "base/name.h"

static const char *const known[] = {"asn",     "prefix",    "maxPrefixLength",
				    "as_path", "neighbour", "providerAsns"};

static int near(const char *name)
{
	return name_near(name, strlen(name), known, sizeof known / sizeof *known);
}

START_TEST(same_but_for_case_and_dashes)
{
	ck_assert(name_same("max_prefix-LENGTH", 17, "maxPrefixLength"));
	ck_assert(name_same("aspath", 6, "as_path") && name_same("AS-Path", 7, "as_path"));
	ck_assert(name_same("prefixes", 6, "prefix")); /* n bytes, no NUL */
	ck_assert(!name_same("maxLength", 9, "maxPrefixLength"));
	ck_assert(!name_same("prefix", 5, "prefix") && !name_same("prefixe", 7, "prefix"));
	ck_assert(!name_same("", 0, "") && !name_same("_-", 2, "-_"));
	ck_assert(!name_same("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 35,
			     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"));
}
END_TEST

START_TEST(nearest_within_two_changes_and_a_third)
{
	static const struct {
		const char *name;
		int near;
	} cases[] = {
		{"ASN", 0},
		{"as", 0},
		{"asnx", 0},
		{"ax", -1},
		{"prefx", 1},
		{"Prefixes", 1},
		{"suffix", -1},
		{"pre_fix", 1},
		{"maxPrefixLen", -1},
		{"maxPrefixLenght", 2},
		{"AS_PATHS", 3},
		{"path", 3},
		{"neighbor", 4},
		{"naighbor", 4},
		{"providerAsn", 5},
		{"providerAsids", 5},
		{"source", -1},
		{"mnt-by", -1},
		{"", -1},
		{"---", -1},
		{"neighbouraaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", -1},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_msg(near(cases[i].name) == cases[i].near, "%s: %d", cases[i].name,
			      near(cases[i].name));
}
END_TEST

START_TEST(the_first_name_that_is_the_same_tells)
{
	static const struct name_of table[] = {{"maxLength", 7}, {"max-length", 8}, {"asn", 0}};

	ck_assert_int_eq(name_find("MAX_LENGTH", 10, table, 3), 7);
	ck_assert_int_eq(name_find("asns", 3, table, 3), 0); /* n bytes, no NUL */
	ck_assert_int_eq(name_find("asns", 4, table, 3), -1);
	ck_assert_int_eq(name_find("asn", 3, table, 2), -1);
	ck_assert_int_eq(name_find("", 0, table, 3), -1);
	ck_assert(name_is("asns", 3, "asn") && !name_is("asn", 3, "ASN") &&
		  !name_is("asn", 3, "as"));
}
END_TEST

Suite *name_suite(void)
{
	Suite *s = suite_create("name");

	ADD_TEST(s, same_but_for_case_and_dashes, 1);
	ADD_TEST(s, the_first_name_that_is_the_same_tells, 1);
	ADD_TEST(s, nearest_within_two_changes_and_a_third, 1);
	return s;
}
