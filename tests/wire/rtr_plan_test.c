/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Several caches: which to be connected to, whose data to judge by. What is right is RFC 8210 section 10: the most preferred
 * cache that has data; a less preferred one only while none is; and the contract in rtr_plan.h.
 */

#include "../test.h"

/* Version 1: a Cache Response of session 7, 192.0.2.0/24-24 AS64496, End of Data: serial 1, timers 3600, 600, 7200. */
static const uint8_t whole[] = {
	1, 3, 0, 7, 0, 0, 0, 8,                                                  /* */
	1, 4, 0, 0, 0, 0, 0, 20, 1, 24, 24, 0, 192, 0, 2,  0,  0, 0, 0xfb, 0xf0, /* */
	1, 7, 0, 7, 0, 0, 0, 24, 0, 0,  0,  1, 0,   0, 14, 16, 0, 0, 2,    88,   0, 0, 28, 32};
static const uint8_t no_data[] = {1, 10, 0, 2, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0};

static manrs_rtr *cache(uint32_t source, uint32_t preference)
{
	manrs_rtr_config config;
	manrs_rtr *rtr;

	pass(manrs_rtr_config_init(&config, sizeof config));
	config.max_version = 1;
	config.source = source;
	config.preference = preference;
	pass(manrs_rtr_new(&rtr, &config));
	return rtr;
}

static void connect_to(manrs_rtr *rtr, uint64_t now_ms)
{
	const uint8_t *out;

	manrs_rtr_tick(rtr, now_ms);
	ck_assert_int_eq(manrs_rtr_want(rtr), MANRS_RTR_WANT_CONNECT);
	manrs_rtr_opened(rtr, now_ms);
	manrs_rtr_sent(rtr, manrs_rtr_output(rtr, &out));
}

static void answer(manrs_rtr *rtr, uint64_t now_ms)
{
	manrs_rtr_delta delta;

	pass(manrs_rtr_input(rtr, whole, sizeof whole, now_ms, NULL));
	ck_assert_int_eq(manrs_rtr_delta_get(rtr, &delta), 1);
	pass(manrs_rtr_delta_done(rtr, MANRS_OK, 0, 0, 1, now_ms));
}

static void expect(manrs_rtr *const *caches, size_t n, int mode, uint64_t connect, uint64_t use)
{
	uint64_t c = ~UINT64_C(0), u = c;

	pass(manrs_rtr_plan((const manrs_rtr *const *)caches, n, mode, &c, &u));
	ck_assert_uint_eq(c, connect);
	ck_assert_uint_eq(u, use);
}

/* Sources 3 and 5 are the best level, 63 is in reserve. */
START_TEST(rfc8210_s10_the_best_with_data)
{
	manrs_rtr *c[3] = {cache(63, 20), cache(3, 10), cache(5, 10)};
	const uint64_t best = 1u << 3 | 1u << 5, reserve = UINT64_C(1) << 63;

	for (size_t i = 0; i < 3; i++)
		manrs_rtr_tick(c[i], 1000);
	expect(c, 3, MANRS_RTR_PREFERENCE, best, 0);
	expect(c, 3, MANRS_RTR_UNION, best | reserve, 0);
	/* one of the best fails, the other may still come; then it says that it has nothing */
	manrs_rtr_closed(c[1], 1000);
	expect(c, 3, MANRS_RTR_PREFERENCE, best, 0);
	connect_to(c[2], 1000);
	pass(manrs_rtr_input(c[2], no_data, sizeof no_data, 1000, NULL));
	expect(c, 3, MANRS_RTR_PREFERENCE, best | reserve, 0);
	/* the reserve stands in */
	connect_to(c[0], 2000);
	answer(c[0], 2000);
	expect(c, 3, MANRS_RTR_PREFERENCE, best | reserve, reserve);
	/* until a better one has data: from one to the other with nothing between */
	connect_to(c[1], 3000);
	expect(c, 3, MANRS_RTR_PREFERENCE, best | reserve, reserve);
	answer(c[1], 3000);
	expect(c, 3, MANRS_RTR_PREFERENCE, best, 1u << 3);
	expect(c, 3, MANRS_RTR_UNION, best | reserve, 1u << 3 | reserve);
	/* a lost connection takes no data away; its expiry does, and the reserve has expired before it */
	manrs_rtr_closed(c[1], 4000);
	expect(c, 3, MANRS_RTR_PREFERENCE, best, 1u << 3);
	/* when it is not reached again the reserve is made ready, so that it stands in by then */
	manrs_rtr_tick(c[1], 8000);
	ck_assert_int_eq(manrs_rtr_want(c[1]), MANRS_RTR_WANT_CONNECT);
	manrs_rtr_closed(c[1], 8000);
	expect(c, 3, MANRS_RTR_PREFERENCE, best | reserve, 1u << 3);
	manrs_rtr_tick(c[0], 2000 + 7200000);
	manrs_rtr_tick(c[1], 2000 + 7200000);
	expect(c, 3, MANRS_RTR_PREFERENCE, best | reserve, 1u << 3);
	manrs_rtr_tick(c[1], 3000 + 7200000);
	expect(c, 3, MANRS_RTR_PREFERENCE, best | reserve, 0);
	for (size_t i = 0; i < 3; i++)
		manrs_rtr_free(c[i]);
}
END_TEST

START_TEST(a_minute_without_data_is_enough)
{
	manrs_rtr *c[2] = {cache(0, 1), cache(1, 2)};

	connect_to(c[0], 5000);
	expect(c, 2, MANRS_RTR_PREFERENCE, 1, 0);
	manrs_rtr_tick(c[0], 64999);
	expect(c, 2, MANRS_RTR_PREFERENCE, 1, 0);
	manrs_rtr_tick(c[0], 65000);
	expect(c, 2, MANRS_RTR_PREFERENCE, 3, 0);
	manrs_rtr_free(c[0]);
	manrs_rtr_free(c[1]);
}
END_TEST

START_TEST(frozen_counts_only_if_no_other_does)
{
	manrs_rtr *c[2] = {cache(0, 1), cache(1, 2)};
	uint64_t now_ms = 1000;

	connect_to(c[0], now_ms);
	answer(c[0], now_ms);
	/* the same serial for six hours, which is frozen_s, each time within expire */
	for (int i = 0; i < 6; i++) {
		expect(c, 2, MANRS_RTR_PREFERENCE, 1, 1);
		now_ms += 3600000;
		manrs_rtr_tick(c[0], now_ms);
		manrs_rtr_sent(c[0], 12);
		pass(manrs_rtr_input(c[0], whole, 8, now_ms, NULL));
		pass(manrs_rtr_input(c[0], whole + 28, 24, now_ms, NULL));
	}
	expect(c, 2, MANRS_RTR_PREFERENCE, 3, 1);
	expect(c, 2, MANRS_RTR_UNION, 3, 1);
	connect_to(c[1], now_ms);
	answer(c[1], now_ms);
	expect(c, 2, MANRS_RTR_PREFERENCE, 3, 2);
	expect(c, 2, MANRS_RTR_UNION, 3, 2);
	manrs_rtr_free(c[0]);
	manrs_rtr_free(c[1]);
}
END_TEST

START_TEST(what_is_no_plan)
{
	manrs_rtr *c[2] = {cache(4, 1), cache(4, 2)};
	uint64_t connect = 9, use = 9;

	ck_assert_int_eq(
		manrs_rtr_plan((const manrs_rtr *const *)c, 2, MANRS_RTR_UNION, &connect, &use),
		MANRS_EINVAL);
	ck_assert_uint_eq(connect | use, 0);
	ck_assert_int_eq(manrs_rtr_plan((const manrs_rtr *const *)c, 1, 0, &connect, &use),
			 MANRS_EINVAL);
	ck_assert_int_eq(manrs_rtr_plan((const manrs_rtr *const *)c, 1, 3, &connect, &use),
			 MANRS_EINVAL);
	expect(c, 0, MANRS_RTR_PREFERENCE, 0, 0);
	expect(c, 1, MANRS_RTR_PREFERENCE, 16, 0);
	manrs_rtr_free(c[0]);
	manrs_rtr_free(c[1]);
}
END_TEST

Suite *rtr_plan_suite(void)
{
	Suite *s = suite_create("rtr_plan");

	ADD_TEST(s, rfc8210_s10_the_best_with_data, 10);
	ADD_TEST(s, a_minute_without_data_is_enough, 10);
	ADD_TEST(s, frozen_counts_only_if_no_other_does, 10);
	ADD_TEST(s, what_is_no_plan, 10);
	return s;
}
