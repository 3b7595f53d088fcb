/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory through the host's allocator, and the one growing array. */

#include "base/mem.h"

#include "test.h"

START_TEST(null_means_the_c_library)
{
	manrs_alloc none = {NULL, NULL}, mem = mem_of(NULL), also = mem_of(&none);
	unsigned char *at = mem_zalloc(&mem, 100);

	ck_assert_ptr_nonnull(at);
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(at[i], 0);
	mem_free(&mem, at, 100);
	mem_free(&mem, NULL, 0);
	at = mem_alloc(&also, 0);
	ck_assert_ptr_nonnull(at); /* nothing asked is no refusal */
	mem_free(&also, at, 0);
}
END_TEST

START_TEST(sizes_balance)
{
	struct test_alloc count = {0};
	manrs_alloc mem = test_alloc_of(&count);
	struct vec v = {0};
	void *at = mem_alloc(&mem, 0), *other = mem_zalloc(&mem, 17);

	for (int i = 0; i < 1000; i++) {
		uint64_t *item = vec_push(&mem, &v, sizeof *item);

		ck_assert_ptr_nonnull(item);
		*item = (uint64_t)i;
	}
	for (uint64_t i = 0; i < 1000; i++)
		ck_assert_uint_eq(((uint64_t *)v.at)[i], i);
	ck_assert_uint_eq(v.n, 1000);
	ck_assert_uint_ge(v.cap, 1000);
	ck_assert_uint_le(v.cap, 1500);
	ck_assert_uint_eq(count.live, v.cap * 8 + 1 + 17);
	vec_free(&mem, &v, 8);
	vec_free(&mem, &v, 8);
	mem_free(&mem, at, 0);
	mem_free(&mem, other, 17);
	ck_assert_uint_eq(count.live, 0);
}
END_TEST

/* RTRlib counted bytes where it meant items and overran; here neither the sum nor the product may wrap. */
START_TEST(growth_never_wraps)
{
	struct test_alloc count = {0};
	manrs_alloc mem = test_alloc_of(&count);
	struct vec v = {0}, before;
	size_t n = 0;

	ck_assert(!vec_reserve(&mem, &v, SIZE_MAX, 8));
	ck_assert(!vec_reserve(&mem, &v, SIZE_MAX / 8 + 1, 8));
	ck_assert(!vec_reserve(&mem, &v, 2, SIZE_MAX / 2 + 1));
	ck_assert_uint_eq(count.live, 0);
	ck_assert(vec_reserve(&mem, &v, 3, 24));
	v.n = 3;
	before = v;
	n = SIZE_MAX / 24;
	ck_assert(!vec_reserve(&mem, &v, n - 2, 24));
	ck_assert(!vec_reserve(&mem, &v, SIZE_MAX - 2, 24));
	ck_assert_mem_eq(&v, &before, sizeof v);
	ck_assert(vec_reserve(&mem, &v, 0, 24));
	vec_free(&mem, &v, 24);
	ck_assert_uint_eq(count.live, 0);
}
END_TEST

START_TEST(refusal_leaves_the_array)
{
	struct test_alloc count = {0};
	manrs_alloc mem = test_alloc_of(&count);
	struct vec v = {0}, before;

	for (uint32_t i = 0; i < 8; i++)
		*(uint32_t *)vec_push(&mem, &v, 4) = i;
	before = v;
	count.calls = 0;
	count.fail_at = 1;
	ck_assert_ptr_null(vec_push(&mem, &v, 4));
	ck_assert_mem_eq(&v, &before, sizeof v);
	for (uint32_t i = 0; i < 8; i++)
		ck_assert_uint_eq(((uint32_t *)v.at)[i], i);
	ck_assert_ptr_null(mem_alloc(&mem, 1));
	ck_assert_ptr_null(mem_zalloc(&mem, 1));
	vec_free(&mem, &v, 4);
	ck_assert_uint_eq(count.live, 0);
}
END_TEST

START_TEST(fault_may_be_null)
{
	manrs_fault fault = {9, "old", 9, 9};

	ck_assert_int_eq(fault_set(NULL, MANRS_ELIMIT, 1, "x"), MANRS_ELIMIT);
	ck_assert_int_eq(fault_set(&fault, MANRS_ELIMIT, 5, "x"), MANRS_ELIMIT);
	ck_assert(fault.at == 5 && fault.code == MANRS_ELIMIT && fault.line == 0);
	ck_assert_str_eq(fault.what, "x");
}
END_TEST

Suite *mem_suite(void)
{
	Suite *s = suite_create("mem");

	ADD_TEST(s, null_means_the_c_library, 1);
	ADD_TEST(s, sizes_balance, 1);
	ADD_TEST(s, growth_never_wraps, 1);
	ADD_TEST(s, refusal_leaves_the_array, 1);
	ADD_TEST(s, fault_may_be_null, 1);
	return s;
}
