/* SPDX-License-Identifier: BSD-2-Clause */
/* Version, phrases, sizes. */

#include "test.h"

START_TEST(version_is_the_header_s)
{
	char text[32];

	snprintf(text, sizeof text, "%d.%d.%d", MANRS_VERSION_MAJOR, MANRS_VERSION_MINOR,
		 MANRS_VERSION_PATCH);
	ck_assert_str_eq(manrs_version(), text);
}
END_TEST

START_TEST(every_error_has_its_own_phrase)
{
	for (int a = -9; a <= 0; a++) {
		ck_assert_str_ne(manrs_strerror(a), "unknown error");
		for (int b = -9; b < a; b++)
			ck_assert_str_ne(manrs_strerror(a), manrs_strerror(b));
	}
	ck_assert_str_eq(manrs_strerror(MANRS_ENOMEM), "out of memory");
	ck_assert_str_eq(manrs_strerror(1), "unknown error");
	ck_assert_str_eq(manrs_strerror(-10), "unknown error");
	ck_assert_str_eq(manrs_strerror(-2147483647 - 1), "unknown error");
}
END_TEST

START_TEST(sizes_are_the_compiler_s)
{
	ck_assert_uint_eq(manrs_sizeof("manrs_prefix"), 20);
	ck_assert_uint_eq(manrs_sizeof("manrs_route"), 24);
	ck_assert_uint_eq(manrs_sizeof("manrs_fault"), sizeof(manrs_fault));
	ck_assert_uint_eq(manrs_sizeof("manrs_alloc"), sizeof(manrs_alloc));
	ck_assert_uint_eq(manrs_sizeof("manrs_nothing"), 0);
	ck_assert_uint_eq(manrs_sizeof(""), 0);
}
END_TEST

Suite *base_suite(void)
{
	Suite *s = suite_create("base");

	ADD_TEST(s, version_is_the_header_s, 1);
	ADD_TEST(s, every_error_has_its_own_phrase, 1);
	ADD_TEST(s, sizes_are_the_compiler_s, 1);
	return s;
}
