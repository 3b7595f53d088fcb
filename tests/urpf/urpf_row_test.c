/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows of interfaces: more interfaces than a word has bits, and more rows than a narrow value. */

#include "test.h"

#include "urpf/router.h"

enum { N = 300, PREFIXES = 90000 };

/* 11.x.y.0/24 of number k; it is on k % N and k / N % N: over 70,000 pairs, all kept by 11.x/16 and 12.x/16. */
static manrs_prefix prefix_at(unsigned k)
{
	return (manrs_prefix){
		4, 24, 24, 0, {(uint8_t)(11 + (k >> 16)), (uint8_t)(k >> 8), (uint8_t)k}};
}

static bool is_on(unsigned k, uint16_t on)
{
	return on == k % N || on == k / N % N;
}

START_TEST(many_interfaces)
{
	manrs_urpf_stats st = {.size = sizeof st};
	uint64_t seed = 9;
	manrs_urpf *u;

	open_with(0, 0);
	for (uint16_t i = 0; i < N; i++)
		ck_assert_uint_eq(iface(MANRS_URPF_FEASIBLE, MANRS_ROLE_NONE, 0, 0), i);
	for (unsigned k = 0; k < PREFIXES; k++)
		for (unsigned j = 0; j < 2; j++) {
			manrs_urpf_entry x = {.route.prefix = prefix_at(k),
					      .iface = (uint16_t)((j ? k / N : k) % N)};

			ck_assert_int_eq(
				manrs_urpf_edit_rib(edit, MANRS_ADD, &x, 1, NULL, NULL, NULL),
				MANRS_OK);
		}
	u = commit(0);
	ck_assert_int_eq(manrs_urpf_stats_get(u, &st), MANRS_OK);
	ck_assert_uint_gt(st.rows, 40000);
	for (unsigned i = 0; i < 20000; i++) {
		unsigned k = (unsigned)test_below(&seed, PREFIXES);
		uint16_t on = (uint16_t)test_below(&seed, 320);
		manrs_prefix p = prefix_at(k);
		uint8_t allow;
		uint32_t a;

		if (i % 2)
			on = (uint16_t)(i % 4 == 1 ? k % N : k / N % N);
		p.addr[3] = 5;
		memcpy(&a, p.addr, 4);
		manrs_urpf_check4(u, &a, &on, 1, &allow);
		ck_assert_uint_eq(allow, is_on(k, on));
	}
	close_all(u);
}
END_TEST

Suite *urpf_row_suite(void)
{
	Suite *s = suite_create("urpf_row");

	ADD_TEST(s, many_interfaces, 10);
	return s;
}
