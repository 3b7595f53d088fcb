/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A packet's source on an interface: strict, feasible and loose mode (RFC 3704), discard routes (RFC 5635), and every edge of
 * the order of decision.
 */

#include "test.h"

#include "urpf/router.h"

START_TEST(rfc3704_s2_strict_feasible_loose)
{
	manrs_urpf *u;
	uint16_t a, b, c, d, e;

	open_with(0, 0);
	a = iface(MANRS_URPF_STRICT, MANRS_ROLE_CUSTOMER, 65001, 0);
	b = iface(MANRS_URPF_STRICT, MANRS_ROLE_CUSTOMER, 65002, 0);
	c = iface(MANRS_URPF_FEASIBLE, MANRS_ROLE_CUSTOMER, 65003, 0);
	d = iface(MANRS_URPF_LOOSE, MANRS_ROLE_PEER, 65004, 0);
	e = iface(MANRS_URPF_STRICT, MANRS_ROLE_PROVIDER, 65005, MANRS_URPF_DEFAULT_ROUTE);
	route(a, "11.0.0.0/8", "65001", MANRS_URPF_BEST);
	route(c, "11.0.0.0/8", "65003 65001", 0);
	route(b, "11.1.0.0/16", "65002", MANRS_URPF_BEST);
	route(a, "11.2.0.0/16", "65001", MANRS_URPF_BEST); /* ECMP */
	route(b, "11.2.0.0/16", "65002", MANRS_URPF_BEST);
	route(a, "11.3.0.0/16", "65001",
	      0); /* kept, but nothing is selected: the /8 is what packets follow */
	route(e, "0.0.0.0/0", "65005", MANRS_URPF_BEST);
	u = commit(0);
	ck_assert_int_eq(step(u, a, "11.9.0.1"), MANRS_URPF_STEP_BEST_ROUTE);
	ck_assert_int_eq(step(u, b, "11.9.0.1"), MANRS_URPF_STEP_OTHER_IFACE);
	ck_assert_int_eq(step(u, c, "11.9.0.1"), MANRS_URPF_STEP_FEASIBLE);
	ck_assert_int_eq(step(u, c, "11.1.0.1"), MANRS_URPF_STEP_OTHER_IFACE);
	ck_assert_int_eq(check(u, a, "11.1.0.1"), 0);
	ck_assert_int_eq(check(u, b, "11.1.0.1"), 1);
	ck_assert_int_eq(check(u, a, "11.2.255.255"), 1);
	ck_assert_int_eq(check(u, b, "11.2.0.0"), 1);
	ck_assert_int_eq(check(u, a, "11.3.0.1"), 1);
	ck_assert_int_eq(step(u, d, "11.3.0.1"), MANRS_URPF_STEP_LOOSE);
	ck_assert_int_eq(step(u, d, "12.0.0.1"), MANRS_URPF_STEP_NO_ROUTE);
	ck_assert_int_eq(check(u, e, "12.0.0.1"), 1);
	ck_assert_int_eq(check(u, e, "11.9.0.1"), 0);
	ck_assert_int_eq(step(u, 77, "11.9.0.1"), MANRS_URPF_STEP_UNKNOWN_IFACE);
	ck_assert_int_eq(check(u, MANRS_URPF_NO_IFACE, "11.9.0.1"), 0);
	ck_assert_str_eq(list(u, a), "11.0.0.0/8 11.2.0.0/16");
	ck_assert_str_eq(list(u, c), "11.0.0.0/8");
	ck_assert_str_eq(list(u, d), "");
	ck_assert_str_eq(list(u, e), "0.0.0.0/0");
	close_all(u);
}
END_TEST

START_TEST(rfc5635_sources_of_discard_routes_fail)
{
	manrs_urpf *u;
	uint16_t a, b, c;

	open_with(0, 0);
	a = iface(MANRS_URPF_LOOSE, MANRS_ROLE_PEER, 65001, 0);
	b = iface(MANRS_URPF_LOOSE, MANRS_ROLE_PEER, 65002, MANRS_URPF_DISCARD_PASS);
	c = iface(MANRS_URPF_LIST, MANRS_ROLE_CUSTOMER, 65003, 0);
	by_hand(MANRS_URPF_PREFIX_LIST, c, "11.0.0.0/8");
	route(a, "11.0.0.0/8", "65001", MANRS_URPF_BEST);
	route(MANRS_URPF_NO_IFACE, "11.0.0.1/32", "", MANRS_URPF_BEST | MANRS_URPF_DISCARD);
	u = commit(0);
	ck_assert_int_eq(step(u, a, "11.0.0.1"), MANRS_URPF_STEP_DISCARD);
	ck_assert_int_eq(step(u, b, "11.0.0.1"), MANRS_URPF_STEP_LOOSE);
	ck_assert_int_eq(step(u, c, "11.0.0.1"), MANRS_URPF_STEP_DISCARD);
	ck_assert_int_eq(check(u, a, "11.0.0.2"), 1);
	ck_assert_int_eq(check(u, c, "11.0.0.2"), 1);
	close_all(u);
}
END_TEST

/* All sources have a route here. */
static uint16_t loose(uint32_t options)
{
	uint16_t on = iface(MANRS_URPF_LOOSE, MANRS_ROLE_NONE, 0, options);

	route(on, "0.0.0.0/0", "", MANRS_URPF_BEST);
	route(on, "::/0", "", MANRS_URPF_BEST);
	return on;
}

START_TEST(order_is_off_deny_allow_martian_mode)
{
	manrs_urpf *u;
	uint16_t off, a, c, other;

	open_with(0, 0);
	off = iface(MANRS_URPF_OFF, MANRS_ROLE_NONE, 0, 0);
	a = loose(MANRS_URPF_DEFAULT_ROUTE);
	c = iface(MANRS_URPF_LOOSE, MANRS_ROLE_NONE, 0, MANRS_URPF_COUNT_ONLY);
	other = iface(MANRS_URPF_LOOSE, MANRS_ROLE_NONE, 0,
		      MANRS_URPF_UNSPECIFIED | MANRS_URPF_LINK_LOCAL);
	by_hand(MANRS_URPF_PREFIX_DENY, MANRS_URPF_NO_IFACE, "127.0.0.0/8");
	by_hand(MANRS_URPF_PREFIX_ALLOW, a, "127.0.0.0/24");
	by_hand(MANRS_URPF_PREFIX_ALLOW, a, "192.0.2.0/24");
	by_hand(MANRS_URPF_PREFIX_DENY, a, "192.0.2.128/25");
	u = commit(0);
	ck_assert_int_eq(step(u, off, "127.0.0.1"), MANRS_URPF_STEP_OFF);
	ck_assert_int_eq(step(u, a, "127.0.0.1"), MANRS_URPF_STEP_ALWAYS_DENY);
	ck_assert_int_eq(step(u, a, "192.0.2.127"), MANRS_URPF_STEP_ALWAYS_ALLOW);
	ck_assert_int_eq(step(u, a, "192.0.2.128"), MANRS_URPF_STEP_ALWAYS_DENY);
	ck_assert_int_eq(step(u, other, "192.0.2.127"), MANRS_URPF_STEP_MARTIAN);
	ck_assert_int_eq(check(u, c, "192.0.2.127"), MANRS_URPF_COUNTED);
	ck_assert_int_eq(check(u, c, "127.0.0.1"), MANRS_URPF_COUNTED);
	close_all(u);
}
END_TEST

/* Duplicate address detection comes from :: (RFC 4862 5.4), DHCP from 0.0.0.0 (RFC 2131): where the options say so. */
START_TEST(sources_of_a_link_pass_by_option)
{
	manrs_urpf *u;
	uint16_t a, dhcp;

	open_with(0, 0);
	a = loose(MANRS_URPF_DEFAULT_ROUTE);
	dhcp = iface(MANRS_URPF_LOOSE, MANRS_ROLE_NONE, 0,
		     MANRS_URPF_UNSPECIFIED | MANRS_URPF_LINK_LOCAL);
	u = commit(0);
	ck_assert_int_eq(check(u, a, "0.0.0.0"), 0);
	ck_assert_int_eq(check(u, dhcp, "0.0.0.0"), 1);
	ck_assert_int_eq(check(u, dhcp, "::"), 1);
	ck_assert_int_eq(check(u, a, "::"), 0);
	ck_assert_int_eq(check(u, dhcp, "fe80::1"), 1);
	ck_assert_int_eq(step(u, a, "fe80::1"), MANRS_URPF_STEP_SPECIAL);
	ck_assert_int_eq(check(u, dhcp, "169.254.1.1"), 1);
	close_all(u);
}
END_TEST

/* The IANA registries: Source False, and the more specific blocks where it is True. */
START_TEST(rfc6890_martians_are_no_source)
{
	static const char *const denied[] = {
		"127.255.255.255", "192.0.0.170",     "192.0.0.171", "192.0.0.11",
		"198.51.100.1",    "203.0.113.255",   "224.0.0.1",   "239.1.1.1",
		"240.0.0.1",       "255.255.255.255", "::1",         "::ffff:1.2.3.4",
		"2001:100::1",     "2001:db8::1",     "3fff:fff::1", "ff02::1",
		"2001:10::1",      "2001:1::4",
	};
	static const char *const passed[] = {
		"192.0.0.1",  "192.0.0.9",     "192.0.0.10", "0.0.0.1",      "10.1.1.1",
		"100.64.0.1", "192.168.1.1",   "2001::1",    "2001:1::1",    "2001:2::1",
		"2001:3::1",  "2001:4:112::1", "2001:20::1", "2001:30::1",   "2002::1",
		"fd00::1",    "64:ff9b::1",    "4000::1",    "3fff:1000::1",
	};
	manrs_urpf *u;
	uint16_t a;

	open_with(0, 0);
	a = loose(MANRS_URPF_DEFAULT_ROUTE);
	u = commit(0);
	for (size_t i = 0; i < sizeof denied / sizeof *denied; i++)
		ck_assert_msg(check(u, a, denied[i]) == 0, "%s", denied[i]);
	for (size_t i = 0; i < sizeof passed / sizeof *passed; i++)
		ck_assert_msg(check(u, a, passed[i]) == 1, "%s", passed[i]);
	close_all(u);
}
END_TEST

/* Routes of the longest prefix alone, each interface once, ascending; a size that is none writes nothing. */
START_TEST(explanations_name_the_interfaces_with_a_route)
{
	manrs_urpf_explanation why = {.size = sizeof why};
	manrs_prefix p = test_address("11.2.0.1");
	uint16_t a, b, c, on[4] = {9, 9, 9, 9};
	manrs_urpf *u;

	open_with(0, 0);
	a = iface(MANRS_URPF_STRICT, MANRS_ROLE_CUSTOMER, 65001, 0);
	b = iface(MANRS_URPF_STRICT, MANRS_ROLE_CUSTOMER, 65002, 0);
	c = iface(MANRS_URPF_LOOSE, MANRS_ROLE_PEER, 65003, 0);
	route(c, "11.0.0.0/8", "65003", MANRS_URPF_BEST);
	route(b, "11.2.0.0/16", "65002", MANRS_URPF_BEST);
	route(a, "11.2.0.0/16", "65001", 0);
	u = commit(0);
	ck_assert_int_eq(manrs_urpf_explain(u, &p, c, &why, on, 4), MANRS_OK);
	ck_assert_uint_eq(why.n_ifaces, 2);
	ck_assert(on[0] == a && on[1] == b && on[2] == 9);
	on[0] = on[1] = 9;
	ck_assert_int_eq(manrs_urpf_explain(u, &p, c, &why, on, 1), MANRS_OK);
	ck_assert_uint_eq(why.n_ifaces, 2);
	ck_assert(on[0] == a && on[1] == 9);
	on[0] = 9;
	why.size = 8;
	ck_assert_int_eq(manrs_urpf_explain(u, &p, c, &why, on, 4), MANRS_EINVAL);
	ck_assert_uint_eq(on[0], 9);
	close_all(u);
}
END_TEST

START_TEST(names_go_both_ways)
{
	for (int m = MANRS_URPF_OFF; m <= MANRS_URPF_LIST; m++)
		ck_assert_int_eq(manrs_urpf_mode_parse(manrs_urpf_mode_text(m),
						       strlen(manrs_urpf_mode_text(m))),
				 m);
	ck_assert_int_eq(manrs_urpf_mode_parse("strictly", 8), MANRS_ESYNTAX);
	ck_assert_int_eq(manrs_urpf_mode_parse("", 0), MANRS_ESYNTAX);
	ck_assert_str_eq(manrs_urpf_mode_text(0), "");
	ck_assert_str_eq(manrs_urpf_mode_text(11), "");
	ck_assert_str_eq(manrs_urpf_step_text(MANRS_URPF_STEP_MARTIAN), "martian");
	ck_assert_str_eq(manrs_urpf_step_text(MANRS_URPF_STEP_PI_LOCAL), "pi-local");
	ck_assert_str_eq(manrs_urpf_step_text(-1), "");
	ck_assert_str_eq(manrs_urpf_step_text(99), "");
}
END_TEST

Suite *urpf_suite(void)
{
	Suite *s = suite_create("urpf");

	ADD_TEST(s, rfc3704_s2_strict_feasible_loose, 1);
	ADD_TEST(s, rfc5635_sources_of_discard_routes_fail, 1);
	ADD_TEST(s, order_is_off_deny_allow_martian_mode, 1);
	ADD_TEST(s, sources_of_a_link_pass_by_option, 1);
	ADD_TEST(s, rfc6890_martians_are_no_source, 1);
	ADD_TEST(s, explanations_name_the_interfaces_with_a_route, 1);
	ADD_TEST(s, names_go_both_ways, 1);
	return s;
}
