/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_TEST_H
#define TESTS_TEST_H

/* What every test file uses. tests/<floor>/<file>_test.c defines `Suite *<file>_suite(void)`; run.c finds it by name. */

#include <check.h>
#include <manrs/manrs.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An assertion that holds costs a comparison. libcheck's own writes to a pipe each time, to know the line before a crash. */
#undef ck_assert_msg
#define ck_assert_msg(truth, ...)                                                         \
	((truth) ? (void)0                                                                \
		 : _ck_assert_failed(__FILE__, __LINE__, "Assertion '" #truth "' failed", \
				     __VA_ARGS__))

/* A call that must go well, told with its line. */
#define pass(call) ck_assert_int_eq(call, MANRS_OK)

/* Say why a test cannot run here; then return from it. Counted apart from passed and failed. */
void test_skip(const char *why);

/* The path of a file of the shared data (MANRS_DATA, else ../shared/data), NULL if it is not there. Static buffer. */
const char *test_data(const char *path);

/* A prefix, an address as one, a route ("PREFIX ASN") from their text; one that cannot be read fails the test. */
manrs_prefix test_prefix(const char *text);
manrs_prefix test_address(const char *text);
manrs_route test_route(const char *text);

/* MANRS_ISA=auto|portable|avx2|avx512 as the config field. */
uint32_t test_isa(void);

/* The next of a seeded sequence (splitmix64). */
uint64_t test_random(uint64_t *seed);
/* The same, as one of 0 to n - 1; n is not 0. */
size_t test_below(uint64_t *seed, size_t n);

/*
 * Under MANRS_SHORT, where an emulated processor takes ten times as long: a walk of n rounds takes a quarter of them, and the
 * tests added as ADD_LONG_TEST, of whole real tables and of every refused allocation, are left out.
 */
bool test_short(void);
unsigned test_rounds(unsigned n);

/*
 * An allocator that counts, and refuses the call number fail_at and all after it (0: never). After a test live must be 0.
 */
struct test_alloc {
	size_t live, calls, fail_at, peak;
};
manrs_alloc test_alloc_of(struct test_alloc *a);

/* Add a test with a limit of a number of seconds to a suite, as a case named after it. */
#define ADD_TEST(suite, test, seconds)                       \
	do {                                                 \
		TCase *tc_ = tcase_create(#test);            \
		tcase_set_timeout(tc_, (seconds)*TEST_SLOW); \
		tcase_add_test(tc_, test);                   \
		suite_add_tcase((suite), tc_);               \
	} while (0)

#define ADD_LONG_TEST(suite, test, seconds)             \
	do {                                            \
		if (!test_short())                      \
			ADD_TEST(suite, test, seconds); \
	} while (0)

/* Sanitizers and valgrind take their time. */
#define TEST_SLOW 30

#endif
