/* SPDX-License-Identifier: BSD-2-Clause */
/* Exact sums of address space by hand-countable cases; space_test.py has random ones against Python's integers. */

#include "../test.h"

#define ALL6 "340282366920938463463374607431768211456" /* 2^128 */

/* A set of the prefixes in a list with spaces between. */
static manrs_space *space_of(const char *list)
{
	manrs_space *s;
	char one[64];
	int used;

	ck_assert_int_eq(manrs_space_new(&s, NULL), MANRS_OK);
	for (; sscanf(list, "%63s%n", one, &used) == 1; list += used) {
		manrs_prefix p = test_prefix(one);

		ck_assert_int_eq(manrs_space_add(s, &p, 1, NULL), MANRS_OK);
	}
	return s;
}

static void counts(const char *list, const char *four, const char *six)
{
	manrs_space *s = space_of(list);
	char text[MANRS_NUMBER_TEXT];

	ck_assert_int_eq(manrs_space_count(s, 4, text, sizeof text), (int)strlen(four));
	ck_assert_str_eq(text, four);
	ck_assert_int_eq(manrs_space_count(s, 6, text, sizeof text), (int)strlen(six));
	ck_assert_str_eq(text, six);
	manrs_space_free(s);
}

START_TEST(each_address_once)
{
	counts("", "0", "0");
	counts("192.0.2.0/24", "256", "0");
	counts("192.0.2.0/24 192.0.2.0/24 192.0.2.128/25 192.0.2.7/32", "256", "0");
	counts("192.0.2.128/25 192.0.2.0/25", "256", "0");
	counts("10.0.0.0/8 10.0.0.0/9 11.0.0.0/8 9.255.255.255/32", "33554433", "0");
	counts("2001:db8::/32 2001:db8::1/128", "0", "79228162514264337593543950336");
	counts("2001:db8::1/128 ::/128 10.0.0.1/32", "1", "2");
}
END_TEST

START_TEST(whole_families)
{
	counts("0.0.0.0/0", "4294967296", "0");
	counts("::/0", "0", ALL6);
	counts("0.0.0.0/0 ::/0 10.0.0.0/8 2001:db8::/32", "4294967296", ALL6);
	counts("0.0.0.0/1 128.0.0.0/1 ::/1 8000::/1", "4294967296", ALL6);
}
END_TEST

START_TEST(a_set_grows_between_questions)
{
	manrs_space *s = space_of("10.0.0.0/8");
	manrs_route r = {test_prefix("10.1.0.0/16"), 1}, t = {test_prefix("12.0.0.0/8"), 0};
	char text[MANRS_NUMBER_TEXT];

	r.prefix.maxlen = 24; /* of no account */
	ck_assert_int_gt(manrs_space_count(s, 4, text, sizeof text), 0);
	ck_assert_int_eq(manrs_space_add_routes(s, &r, 1, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_space_count(s, 4, text, sizeof text), 8);
	ck_assert_str_eq(text, "16777216");
	ck_assert_int_eq(manrs_space_add_routes(s, &t, 1, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_space_count(s, 4, text, sizeof text), 8);
	ck_assert_str_eq(text, "33554432");
	manrs_space_free(s);
}
END_TEST

static void common(const char *a, const char *b, int family, const char *want)
{
	manrs_space *x = space_of(a), *y = space_of(b);
	char text[MANRS_NUMBER_TEXT];

	ck_assert_int_gt(manrs_space_common(x, y, family, text, sizeof text), 0);
	ck_assert_str_eq(text, want);
	ck_assert_int_gt(manrs_space_common(y, x, family, text, sizeof text), 0);
	ck_assert_str_eq(text, want);
	manrs_space_free(x);
	manrs_space_free(y);
}

START_TEST(what_two_sets_share)
{
	common("", "10.0.0.0/8", 4, "0");
	common("10.0.0.0/8 192.0.2.0/24", "10.0.0.0/24 10.0.1.0/24 9.0.0.0/8 192.0.0.0/16", 4,
	       "768");
	common("::/0 0.0.0.0/0", "2001:db8::/32 10.0.0.0/8 ::1/128", 6,
	       "79228162514264337593543950337");
	common("::/0", "::/0", 6, ALL6);
	common("10.0.0.0/8 10.0.0.0/30", "10.0.0.2/32 10.0.0.2/31 10.255.255.255/32", 4, "3");
}
END_TEST

START_TEST(numbers_beyond_every_c_integer)
{
	char text[MANRS_NUMBER_TEXT];
	int order;

	ck_assert_int_eq(manrs_number_sum(ALL6, ALL6, text, sizeof text), 39);
	ck_assert_str_eq(text, "680564733841876926926749214863536422912");
	ck_assert_int_eq(manrs_number_sum(ALL6, "4294967296", text, sizeof text), 39);
	ck_assert_str_eq(text, "340282366920938463463374607436063178752");
	ck_assert_int_eq(manrs_number_sum("0", "0", text, sizeof text), 1);
	ck_assert_str_eq(text, "0");
	ck_assert_int_eq(manrs_number_cmp(ALL6, "340282366920938463463374607431768211455", &order),
			 MANRS_OK);
	ck_assert_int_eq(order, 1);
	ck_assert_int_eq(manrs_number_cmp("007", "7", &order), MANRS_OK);
	ck_assert_int_eq(order, 0);
	ck_assert_int_eq(manrs_number_cmp("9", "10", &order), MANRS_OK);
	ck_assert_int_eq(order, -1);
}
END_TEST

static void ratio(const char *part, const char *whole, unsigned digits, const char *want)
{
	char text[128];

	ck_assert_int_eq(manrs_number_ratio(part, whole, digits, text, sizeof text),
			 (int)strlen(want));
	ck_assert_str_eq(text, want);
}

START_TEST(ratios_are_cut_not_rounded)
{
	ratio("1", "3", 4, "0.3333");
	ratio("2", "3", 4, "0.6666");
	ratio("4294967295", "4294967296", 6, "0.999999");
	ratio("4294967296", "4294967296", 6, "1.000000");
	ratio("0", "7", 3, "0.000");
	ratio("7", "7", 0, "1");
	ratio("6", "7", 0, "0");
	ratio("5", "2", 2, "2.50");
	ratio("1", ALL6, 39, "0.000000000000000000000000000000000000002");
	ratio("79228162514264337593543950336", ALL6, 12, "0.000000000232");
}
END_TEST

START_TEST(what_is_no_number_or_does_not_fit_is_refused)
{
	static const char *const bad[] = {"",    "-1",  "+1",  " 1",      "1 ",
					  "1.0", "0x1", "1e3", "\xd9\xa1"};
	manrs_prefix p[2] = {test_prefix("10.0.0.0/8"), test_prefix("10.0.0.0/8")};
	char text[MANRS_NUMBER_TEXT], many[102];
	manrs_space *s = space_of("192.0.2.0/24");
	manrs_fault fault;
	int order;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		ck_assert_int_eq(manrs_number_sum(bad[i], "1", text, sizeof text), MANRS_ESYNTAX);
		ck_assert_int_eq(manrs_number_cmp("1", bad[i], &order), MANRS_ESYNTAX);
		ck_assert_int_eq(manrs_number_ratio("1", bad[i], 1, text, sizeof text),
				 MANRS_ESYNTAX);
	}
	memset(many, '9', 101);
	many[101] = 0;
	ck_assert_int_eq(manrs_number_sum(many, "1", text, sizeof text), MANRS_ESYNTAX);
	many[100] = 0;
	ck_assert_int_eq(manrs_number_sum(many, many, text, sizeof text), MANRS_ELIMIT);
	ck_assert_int_eq(manrs_number_ratio("1", "0", 1, text, sizeof text), MANRS_ERANGE);
	ck_assert_int_eq(manrs_number_ratio("1", "1", 61, text, sizeof text), MANRS_ERANGE);
	ck_assert_int_eq(manrs_number_ratio("1", "3", 4, text, 6), MANRS_ELIMIT);
	ck_assert_int_eq(manrs_number_ratio("1", "3", 4, text, 7), 6);
	ck_assert_int_eq(manrs_space_count(s, 4, text, 3), MANRS_ELIMIT);
	ck_assert_int_eq(manrs_space_count(s, 4, text, 4), 3);
	ck_assert_int_eq(manrs_space_count(s, 5, text, sizeof text), MANRS_EINVAL);
	ck_assert_int_eq(manrs_space_common(s, s, 0, text, sizeof text), MANRS_EINVAL);
	/* One bad prefix keeps all of the call out. */
	p[1].addr[3] = 1;
	ck_assert_int_eq(manrs_space_add(s, p, 2, &fault), MANRS_EINVAL);
	ck_assert_uint_eq(fault.at, 1);
	ck_assert_int_eq(manrs_space_count(s, 4, text, sizeof text), 3);
	manrs_space_free(s);
	manrs_space_free(NULL);
}
END_TEST

START_TEST(refused_memory_changes_nothing)
{
	struct test_alloc counter = {.fail_at = 1};
	manrs_alloc alloc = test_alloc_of(&counter);
	manrs_prefix p[3] = {test_prefix("10.0.0.0/8"), test_prefix("10.0.0.0/9"),
			     test_prefix("::/0")};
	manrs_space *s;
	char text[MANRS_NUMBER_TEXT];
	size_t refused = 0;

	ck_assert_int_eq(manrs_space_new(&s, &alloc), MANRS_ENOMEM);
	counter.fail_at = 0;
	ck_assert_int_eq(manrs_space_new(&s, &alloc), MANRS_OK);
	counter = (struct test_alloc){.live = counter.live, .fail_at = 1};
	ck_assert_int_eq(manrs_space_add(s, p, 3, NULL), MANRS_ENOMEM);
	counter.fail_at = 0;
	ck_assert_int_eq(manrs_space_add(s, p, 3, NULL), MANRS_OK);
	for (size_t k = 1; counter.fail_at || !refused || k < 4; k++) {
		int rc;

		counter.calls = 0;
		counter.fail_at = k;
		rc = manrs_space_count(s, 4, text, sizeof text);
		counter.fail_at = 0;
		if (rc >= 0)
			break;
		ck_assert_int_eq(rc, MANRS_ENOMEM);
		refused++;
	}
	ck_assert_uint_eq(refused, 2);
	ck_assert_str_eq(text, "16777216");
	manrs_space_free(s);
	ck_assert_uint_eq(counter.live, 0);
}
END_TEST

Suite *space_suite(void)
{
	Suite *s = suite_create("audit/space");

	ADD_TEST(s, each_address_once, 5);
	ADD_TEST(s, whole_families, 5);
	ADD_TEST(s, a_set_grows_between_questions, 5);
	ADD_TEST(s, what_two_sets_share, 5);
	ADD_TEST(s, numbers_beyond_every_c_integer, 5);
	ADD_TEST(s, ratios_are_cut_not_rounded, 5);
	ADD_TEST(s, what_is_no_number_or_does_not_fit_is_refused, 5);
	ADD_TEST(s, refused_memory_changes_nothing, 5);
	return s;
}
