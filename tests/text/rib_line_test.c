/* SPDX-License-Identifier: BSD-2-Clause */
/* A line of a RIB dump: INTERFACE ROLE PREFIX PATH FLAGS, parted by TABs, or else by blanks. */

#include "test.h"

static uint32_t asn[4];

static int parse(manrs_urpf_line *line, const char *text, manrs_fault *fault)
{
	static uint8_t kind[4];

	return manrs_urpf_line_parse(line, asn, kind, 4, text, strlen(text), fault);
}

START_TEST(empty_lines_and_remarks_say_nothing)
{
	manrs_urpf_line l;

	ck_assert_int_eq(parse(&l, "", NULL), 0);
	ck_assert_int_eq(parse(&l, "# x", NULL), 0);
	ck_assert_int_eq(parse(&l, " \t ", NULL), 0);
	ck_assert_int_eq(parse(&l, "  # x", NULL), 0);
}
END_TEST

START_TEST(an_interface_may_have_no_route)
{
	manrs_urpf_line l;

	ck_assert_int_eq(parse(&l, "eth0\tnone", NULL), 1);
	ck_assert_uint_eq(l.n_iface, 4);
	ck_assert_uint_eq(l.role, MANRS_ROLE_NONE);
	ck_assert_uint_eq(l.prefix.family, 0);
	ck_assert_int_eq(parse(&l, "eth0 none", NULL), 1);
	ck_assert_uint_eq(l.prefix.family, 0);
}
END_TEST

START_TEST(tabs_part_a_line)
{
	manrs_urpf_line l;

	ck_assert_int_eq(parse(&l, "7\tcustomer\t10.0.0.0/8\t7 8\tdiscard,best\r", NULL), 1);
	ck_assert_uint_eq(l.role, MANRS_ROLE_CUSTOMER);
	ck_assert_uint_eq(l.flags, MANRS_URPF_BEST | MANRS_URPF_DISCARD);
	ck_assert_uint_eq(l.path.n, 2);
	ck_assert_uint_eq(asn[1], 8);
	ck_assert_uint_eq(l.prefix.len, 8);
}
END_TEST

/* The path is what stands between the prefix and the flags. */
START_TEST(blanks_part_a_line_without_tabs)
{
	static const struct {
		const char *text;
		unsigned hops, flags;
	} good[] = {
		{"eth0 peer 10.0.0.0/8", 0, 0},
		{" eth0   peer  10.0.0.0/8  ", 0, 0},
		{"eth0 peer 10.0.0.0/8 7", 1, 0},
		{"eth0 peer 10.0.0.0/8 7 8 {1,2}", 4, 0},
		{"eth0 peer 10.0.0.0/8 7 AS8", 2, 0},
		{"eth0 peer 10.0.0.0/8 best", 0, MANRS_URPF_BEST},
		{"eth0 peer 10.0.0.0/8 7 8 best,leaked ", 2, MANRS_URPF_BEST | MANRS_URPF_LEAKED},
		{"eth0 \t peer\t10.0.0.0/8 \t 7 8 \t discard", 2, MANRS_URPF_DISCARD},
	};
	manrs_urpf_line l;

	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		int rc = parse(&l, good[i].text, NULL);

		ck_assert_msg(rc == 1, "%s: %d", good[i].text, rc);
		ck_assert_msg(l.n_iface == 4 && !memcmp(l.iface, "eth0", 4), "%s", good[i].text);
		ck_assert_uint_eq(l.role, MANRS_ROLE_PEER);
		ck_assert_uint_eq(l.prefix.len, 8);
		ck_assert_msg(l.path.n == good[i].hops && l.flags == good[i].flags, "%s: %u %u",
			      good[i].text, (unsigned)l.path.n, (unsigned)l.flags);
	}
}
END_TEST

START_TEST(a_refusal_says_where)
{
	static const struct {
		const char *text;
		int rc;
		unsigned at;
	} bad[] = {
		{"a", MANRS_ESYNTAX, 1},
		{"\tpeer", MANRS_ESYNTAX, 0},
		{"a\tfriend", MANRS_ESYNTAX, 2},
		{"a\tpeer\t10.0.0.1/8", MANRS_EINVAL, 7},
		{"a\tpeer\t10.0.0.0/8\t1 x", MANRS_ESYNTAX, 20},
		{"a\tpeer\t10.0.0.0/8\t1\tbest,worst", MANRS_ESYNTAX, 25},
		{"a\tpeer\t10.0.0.0/8\t1\tbest\tmore", MANRS_ESYNTAX, 25},
		{"a\tpeer\t10.0.0.0/8\t1 2 3 4 5", MANRS_ELIMIT, 5},
		{"a\tpeer\t\t1", MANRS_ESYNTAX, 7},
		{"a\tpeer\t\t\tbest", MANRS_ESYNTAX, 7},
		{"a peer\t10.0.0.0/8", MANRS_ESYNTAX, 7}, /* a TAB: then TABs alone part */
		{"a", MANRS_ESYNTAX, 1},
		{"a friend", MANRS_ESYNTAX, 2},
		{"a  peer 10.0.0.1/8", MANRS_EINVAL, 8},
		{"a peer 10.0.0.0/8 1 x", MANRS_ESYNTAX, 20},
		{"a peer 10.0.0.0/8 1 x 2", MANRS_ESYNTAX, 20},
		{"a peer 10.0.0.0/8 best, discard", MANRS_ESYNTAX, 18},
		{"a peer 1 2", MANRS_ESYNTAX, 8},
	};
	manrs_urpf_line l;
	manrs_fault fault;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		ck_assert_int_eq(parse(&l, bad[i].text, &fault), bad[i].rc);
		ck_assert_msg(fault.at == bad[i].at, "%s: %u", bad[i].text, (unsigned)fault.at);
	}
}
END_TEST

Suite *rib_line_suite(void)
{
	Suite *s = suite_create("rib_line");

	ADD_TEST(s, empty_lines_and_remarks_say_nothing, 1);
	ADD_TEST(s, an_interface_may_have_no_route, 1);
	ADD_TEST(s, tabs_part_a_line, 1);
	ADD_TEST(s, blanks_part_a_line_without_tabs, 1);
	ADD_TEST(s, a_refusal_says_where, 1);
	return s;
}
