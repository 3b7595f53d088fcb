/* SPDX-License-Identifier: BSD-2-Clause */
/* Version, phrases, sizes. */

#include "test.h"

START_TEST(version_is_the_header_s)
{
	char text[32];

	snprintf(text, sizeof text, "%d.%d.%d", MANRS_VERSION_MAJOR, MANRS_VERSION_MINOR,
		 MANRS_VERSION_PATCH);
	ck_assert_str_eq(manrs_version(), text);
	ck_assert_str_eq(MANRS_VERSION, text);
}
END_TEST

/* Two digits each of the minor version and the patch, as zstd.h and others number theirs. */
START_TEST(the_number_compares)
{
	int want = MANRS_VERSION_MAJOR * 100;

	want = (want + MANRS_VERSION_MINOR) * 100 + MANRS_VERSION_PATCH;
	ck_assert_int_eq(manrs_version_number(), want);
#if MANRS_VERSION_NUMBER < 100
	ck_abort_msg("0.1.0 is the first version");
#endif
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

/* The mark ^ stands before the byte that the fault points at. */
START_TEST(a_fault_shows_the_value_and_its_member)
{
	static const struct {
		const char *text, *shown;
	} cases[] = {
		{"{\"asn\":1,\"prefix\": \"10.0.0.0/^33\"}", "bad: \"prefix\": \"10.0.0.0/33\""},
		{"{\"asn\": ^\"64 496\",\"x\":1}", "bad: \"asn\": \"64 496\""},
		{"{\"asn\":^\"a\\\"b\"}", "bad: \"asn\":\"a\\\"b\""},
		{"{\"asn\":6^4x}", "bad: \"asn\":64x"},
		{"{\"prefix\":\"10.0.0.0^\"}", "bad: \"prefix\":\"10.0.0.0\""},
		{"{^\"maxLength\": 24}", "bad: \"maxLength\""},
		{"[1, ^{\"asn\": [2]}, 3]", "bad: {\"asn\": [2]}"},
		{"{\"as_path\":[1,^\"2\"]}", "bad: \"2\""},
		{"BGP4MP|1|A|192.0.2.1|1|10.0.0.^1/8|1 2|IGP", "bad: 10.0.0.1/8"},
		{"BGP4MP|1|A|192.0.2.1|1|10.0.0.0/8|1 ^{} 2|IGP", "bad: {}"},
		{"role = peer\nmax-path  =  ^many\n", "bad: max-path = many"},
		{"role = peer\ntests =^\nx = 1", "bad: tests = "},
		{"ro^le\n", "bad: role"},
		{"10.0.0.0/8 => ASX^", "bad: ASX"},
		{"^", "bad"},
		{"\x1b(2J\xc2^\x9b", "bad: ?(2J??"},
	};
	char out[MANRS_FAULT_TEXT];
	manrs_fault fault = {.what = "bad", .code = MANRS_ESYNTAX};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *mark = strchr(cases[i].text, '^');
		size_t at = (size_t)(mark - cases[i].text), n = strlen(cases[i].text) - 1;
		char *exact = malloc(n + 1);

		memcpy(exact, cases[i].text, at);
		memcpy(exact + at, mark + 1, n - at);
		fault.at = at;
		ck_assert_uint_eq(manrs_fault_text(&fault, exact, n, out, sizeof out), strlen(out));
		ck_assert_str_eq(out, cases[i].shown);
		for (fault.at = 0; fault.at <= n + 1; fault.at++)
			for (size_t cap = 0; cap < 20; cap++)
				ck_assert_uint_le(manrs_fault_text(&fault, exact, n, out, cap),
						  cap);
		free(exact);
	}
}
END_TEST

START_TEST(a_fault_without_words_has_those_of_its_code_and_is_cut)
{
	char out[MANRS_FAULT_TEXT], text[128];
	manrs_fault fault = {.code = MANRS_ENOMEM};

	ck_assert_uint_eq(manrs_fault_text(&fault, NULL, 0, out, sizeof out), 13);
	ck_assert_str_eq(out, "out of memory");
	memset(text, 'x', sizeof text);
	ck_assert_uint_eq(manrs_fault_text(&fault, text, sizeof text, out, sizeof out),
			  13 + 2 + 60 + 3);
	ck_assert_uint_eq(manrs_fault_text(&fault, text, sizeof text, out, 6), 5);
	ck_assert_str_eq(out, "out o");
}
END_TEST

Suite *base_suite(void)
{
	Suite *s = suite_create("base");

	ADD_TEST(s, version_is_the_header_s, 1);
	ADD_TEST(s, the_number_compares, 1);
	ADD_TEST(s, every_error_has_its_own_phrase, 1);
	ADD_TEST(s, sizes_are_the_compiler_s, 1);
	ADD_TEST(s, a_fault_shows_the_value_and_its_member, 1);
	ADD_TEST(s, a_fault_without_words_has_those_of_its_code_and_is_cut, 1);
	return s;
}
