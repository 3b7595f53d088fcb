/* SPDX-License-Identifier: BSD-2-Clause */
/* A flat copy of rows marks what it does not hold by a word; a row may be just that, at once or by a later commit. */

#include "test.h"

#include "urpf/router.h"
#include "urpf/urpf_flat.h"
#include "urpf/urpf_state.h"

enum { N = 64 };

static void open_flat(uint16_t *on)
{
	open_with(0, 0);
	owner->flat_min = 0;
	owner->flat_width = FLAT_BITS;
	for (unsigned i = 0; i < N; i++) /* without options: rows are of the routes alone */
		on[i] = iface(MANRS_URPF_FEASIBLE, MANRS_ROLE_NONE, 0, 0);
}

static void mark_routes(const uint16_t *on)
{
	for (unsigned i = 0; i < N; i++)
		if (FLAT_MARK >> i & 1) {
			route(on[i], "50.0.0.0/8", "", MANRS_URPF_BEST);
			route(on[i], "2a00::/24", "", MANRS_URPF_BEST);
		}
}

/* The mark is on two rows, 60.2.3.8/29 on the third interface alone. */
static void rows_are(const manrs_urpf *u, const uint16_t *on)
{
	static const struct {
		const char *source;
		uint64_t allow;
	} want[] = {{"50.1.2.3", FLAT_MARK},  {"60.2.3.7", 0},  {"60.2.3.8", 4},
		    {"60.2.3.15", 4},         {"60.2.3.16", 0}, {"70.0.0.1", 0},
		    {"2a00:1::1", FLAT_MARK}, {"2a01::1", 0}};

	ck_assert(u->flat && u->flat->store->width == FLAT_BITS && u->flat->store->n_longs == 1);
	for (size_t k = 0; k < sizeof want / sizeof *want; k++) {
		manrs_prefix p = test_address(want[k].source);
		uint8_t six[16 * N], allow[N];
		uint32_t src[N];

		for (unsigned i = 0; i < N; i++) {
			memcpy(&src[i], p.addr, 4);
			memcpy(six + 16 * i, p.addr, 16);
		}
		if (p.family == 4)
			manrs_urpf_check4(u, src, on, N, allow);
		else
			manrs_urpf_check6(u, six, on, N, allow);
		for (unsigned i = 0; i < N; i++)
			ck_assert_uint_eq(allow[i], want[k].allow >> i & 1);
	}
}

START_TEST(a_row_may_look_like_the_mark_of_none)
{
	uint16_t on[N];
	manrs_urpf *u;

	open_flat(on);
	route(on[2], "60.2.3.8/29", "", MANRS_URPF_BEST);
	mark_routes(on);
	u = commit(0);
	rows_are(u, on);
	close_all(u);
}
END_TEST

START_TEST(a_later_row_may_look_like_the_mark_of_none)
{
	uint16_t on[N];
	manrs_urpf *u, *older;

	open_flat(on);
	route(on[2], "60.2.3.8/29", "", MANRS_URPF_BEST);
	older = commit(0);
	begin(older);
	mark_routes(on);
	u = commit(0);
	ck_assert_ptr_eq(u->flat->store, older->flat->store);
	ck_assert(u->flat->store->none == FLAT_MARK);
	manrs_urpf_unref(older);
	rows_are(u, on);
	close_all(u);
}
END_TEST

Suite *urpf_flat_suite(void)
{
	Suite *s = suite_create("urpf_flat");

	ADD_TEST(s, a_row_may_look_like_the_mark_of_none, 1);
	ADD_TEST(s, a_later_row_may_look_like_the_mark_of_none, 1);
	return s;
}
