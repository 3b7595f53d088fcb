/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The router's side of RTR, call by call. The bytes are written down from RFC 8210 section 5.
 */

#include "../test.h"

/* Cache Response, 10.0.0.0/24-24 AS64500, End of Data of serial 1 with the timers 3600, 600, 7200; version 1, session 0x1234. */
static const uint8_t first[] = {
	1, 3, 0x12, 0x34, 0, 0, 0, 8,                                                 /* */
	1, 4, 0,    0,    0, 0, 0, 20, 1, 24, 24, 0, 10, 0, 0,  0,  0, 0, 0xfb, 0xf4, /* */
	1, 7, 0x12, 0x34, 0, 0, 0, 24, 0, 0,  0,  1, 0,  0, 14, 16, 0, 0, 2,    88,   0, 0, 28, 32};
static const uint8_t notify[] = {1, 0, 0x12, 0x34, 0, 0, 0, 12, 0, 0, 0, 2};

static manrs_rtr *client(void)
{
	manrs_rtr_config config;
	manrs_rtr *rtr;

	pass(manrs_rtr_config_init(&config, sizeof config));
	config.max_version = 1;
	config.source = 7;
	pass(manrs_rtr_new(&rtr, &config));
	return rtr;
}

static void expect_out(manrs_rtr *rtr, const void *bytes, size_t n)
{
	const uint8_t *out;

	ck_assert_uint_eq(manrs_rtr_output(rtr, &out), n);
	ck_assert_mem_eq(out, bytes, n);
	manrs_rtr_sent(rtr, n);
	ck_assert_uint_eq(manrs_rtr_output(rtr, &out), 0);
}

START_TEST(one_session)
{
	static const uint8_t reset[] = {1, 2, 0, 0, 0, 0, 0, 8},
			     query[] = {1, 1, 0x12, 0x34, 0, 0, 0, 12, 0, 0, 0, 1};
	manrs_rtr *rtr = client();
	manrs_rtr_delta delta;
	manrs_rtr_run run;
	manrs_rtr_status status = {.size = sizeof status};

	manrs_rtr_tick(rtr, 1000);
	ck_assert_int_eq(manrs_rtr_want(rtr), MANRS_RTR_WANT_CONNECT);
	manrs_rtr_opened(rtr, 1000);
	expect_out(rtr, reset, sizeof reset);
	for (size_t i = 0; i < sizeof first; i++) {
		ck_assert_int_eq(manrs_rtr_delta_get(rtr, &delta), 0);
		pass(manrs_rtr_input(rtr, first + i, 1, 1000, NULL));
	}
	ck_assert_int_eq(manrs_rtr_delta_get(rtr, &delta), 1);
	ck_assert_uint_eq(delta.source, 7);
	ck_assert_uint_eq(delta.flags, MANRS_RTR_WHOLE);
	ck_assert_uint_eq(delta.added, 1);
	ck_assert_int_eq(manrs_rtr_delta_run(rtr, 0, &run), 1);
	ck_assert_uint_eq(run.n, 1);
	ck_assert_uint_eq(run.vrps[0].asn, 64500);
	ck_assert_int_eq(manrs_rtr_delta_run(rtr, 1, &run), 0);
	pass(manrs_rtr_delta_done(rtr, MANRS_OK, 0, 0, 1, 1000));
	pass(manrs_rtr_status_get(rtr, &status));
	ck_assert_uint_eq(status.flags, MANRS_RTR_CONNECTED | MANRS_RTR_USABLE);
	ck_assert_uint_eq(status.serial, 1);
	ck_assert_uint_eq(manrs_rtr_deadline(rtr), 1000 + 3600000);
	pass(manrs_rtr_input(rtr, notify, sizeof notify, 2000, NULL));
	expect_out(rtr, query, sizeof query);
	manrs_rtr_closed(rtr, 3000);
	manrs_rtr_refresh(rtr, 1, 3000);
	ck_assert_int_eq(manrs_rtr_release(rtr, 1, 3000), MANRS_ESTATE);
	manrs_rtr_free(rtr);
}
END_TEST

Suite *rtr_suite(void)
{
	Suite *s = suite_create("rtr");

	ADD_TEST(s, one_session, 10);
	return s;
}
