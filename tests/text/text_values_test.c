/* SPDX-License-Identifier: BSD-2-Clause */
/* Base64, hex, times and provider lists; and the sort below them. */

#include "text/text_values.h"

#include "base/order.h"
#include "test.h"

/* RFC 4648 section 10, and the two alphabets of sections 4 and 5. */
START_TEST(rfc4648_s10_vectors)
{
	static const struct {
		const char *text, *bytes;
		long any, url;
	} cases[] = {
		{"", "", 0, 0},
		{"Zg==", "f", 1, -1},
		{"Zm8=", "fo", 2, -1},
		{"Zm9v", "foo", 3, 3},
		{"Zm9vYg==", "foob", 4, -1},
		{"Zm9vYmE=", "fooba", 5, -1},
		{"Zm9vYmFy", "foobar", 6, 6},
		{"Zg", "f", 1, 1},
		{"Zm8", "fo", 2, 2},
		{"Zm9vYmE", "fooba", 5, 5},
		{"-_-_", "\xfb\xff\xbf", 3, 3},
		{"+/+/", "\xfb\xff\xbf", 3, -1},
		{"+_AA", "", -1, -1},
		{"-/AA", "", -1, -1},
		{"Z", "", -1, -1},
		{"Zg=", "", -1, -1},
		{"Zg===", "", -1, -1},
		{"====", "", -1, -1},
		{"=", "", -1, -1},
		{"Zh==", "", -1, -1},
		{"Zh", "", -1, -1},
		{"Zm9=", "", -1, -1},
		{"Zm 9v", "", -1, -1},
		{"Zm9v\n", "", -1, -1},
		{"Zm9=v", "", -1, -1},
		{"Zm9vZg=a", "", -1, -1},
	};
	uint8_t out[16];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *text = cases[i].text;

		ck_assert_msg(value_base64(out, sizeof out, text, strlen(text), BASE64_ANY) ==
				      cases[i].any,
			      "%s", text);
		ck_assert(cases[i].any < 0 || !memcmp(out, cases[i].bytes, (size_t)cases[i].any));
		ck_assert_msg(value_base64(out, sizeof out, text, strlen(text), BASE64_URL) ==
				      cases[i].url,
			      "%s", text);
	}
	ck_assert_int_eq(value_base64(out, 5, "Zm9vYmFy", 8, BASE64_ANY), -1);
	ck_assert_int_eq(value_base64(out, 6, "Zm9vYmFy", 8, BASE64_ANY), 6);
}
END_TEST

START_TEST(hex_is_whole)
{
	uint8_t out[2];

	ck_assert(value_hex(out, 2, "00fF", 4));
	ck_assert(out[0] == 0 && out[1] == 0xff);
	ck_assert(!value_hex(out, 2, "00fg", 4));
	ck_assert(!value_hex(out, 2, "00f", 3));
	ck_assert(!value_hex(out, 2, "00ff0", 5));
	ck_assert(!value_hex(out, 2, "0x00", 4));
}
END_TEST

/* The seconds are those of date -u -d TEXT +%s. */
START_TEST(times_of_iso8601)
{
	static const struct {
		const char *text;
		uint64_t seconds;
	} good[] = {{"1970-01-01T00:00:00Z", 0},          {"1970-01-01 00:00:01", 1},
		    {"2000-02-29T23:59:59Z", 951868799},  {"2000-03-01 00:00:00Z", 951868800},
		    {"2025-07-20T09:31:33Z", 1753003893}, {"2100-02-28T00:00:00Z", 4107456000},
		    {"2100-03-01T00:00:00Z", 4107542400}};
	static const char *const bad[] = {"",
					  "2025-07-20",
					  "2025-07-20T09:31:33",
					  "2025-13-01T00:00:00Z",
					  "2025-00-01T00:00:00Z",
					  "2025-01-00T00:00:00Z",
					  "2025-02-29T00:00:00Z",
					  "2100-02-29T00:00:00Z",
					  "2025-04-31T00:00:00Z",
					  "2025-01-01T24:00:00Z",
					  "2025-01-01T00:60:00Z",
					  "1969-12-31T23:59:59Z",
					  "2025-01-01T00:00:00+",
					  "2025-1-01T00:00:00ZZ",
					  "2025-01-01X00:00:00Z",
					  "N/A"};
	uint64_t seconds;

	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		ck_assert_msg(value_time(&seconds, good[i].text, strlen(good[i].text)), "%s",
			      good[i].text);
		ck_assert_uint_eq(seconds, good[i].seconds);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		ck_assert_msg(!value_time(&seconds, bad[i], strlen(bad[i])), "%s", bad[i]);
}
END_TEST

/* A list in, the same in order out, by counting. */
START_TEST(order_is_that_of_a_count)
{
	uint64_t seed = 5;

	for (int round = 0; round < 3000; round++) {
		uint32_t v[64];
		uint64_t w[64];
		size_t n = test_below(&seed, 64), k = 0, range = 1 + test_below(&seed, 99);
		bool there[100] = {false};

		for (size_t i = 0; i < n; i++) {
			v[i] = (uint32_t)(test_random(&seed) % range);
			w[i] = (uint64_t)v[i] << 40;
			there[v[i]] = true;
		}
		ck_assert_uint_eq(order_u32(v, n), order_u64(w, n));
		for (uint32_t x = 0; x < 100; x++)
			if (there[x]) {
				ck_assert_uint_eq(v[k], x);
				ck_assert_uint_eq(w[k++], (uint64_t)x << 40);
			}
		ck_assert_uint_eq(order_u32(v, k), k);
	}
}
END_TEST

/* draft-ietf-sidrops-aspa-profile section 3; AS0 beside others has no effect (aspa-verification section 4). */
START_TEST(providers_come_into_order)
{
	uint32_t list[] = {7, 0, 3, 7, 0}, none[] = {0, 0}, own[] = {3, 2};
	size_t n = 5;

	ck_assert_ptr_null(value_providers(1, list, &n));
	ck_assert(n == 2 && list[0] == 3 && list[1] == 7);
	n = 2;
	ck_assert_ptr_null(value_providers(1, none, &n));
	ck_assert(n == 1 && none[0] == 0);
	n = 2;
	ck_assert_ptr_nonnull(value_providers(2, own, &n));
	ck_assert_ptr_nonnull(value_providers(0, list, &n));
	n = 0;
	ck_assert_ptr_nonnull(value_providers(1, list, &n));
}
END_TEST

Suite *text_values_suite(void)
{
	Suite *s = suite_create("text_values");

	ADD_TEST(s, rfc4648_s10_vectors, 5);
	ADD_TEST(s, hex_is_whole, 5);
	ADD_TEST(s, times_of_iso8601, 5);
	ADD_TEST(s, order_is_that_of_a_count, 5);
	ADD_TEST(s, providers_come_into_order, 5);
	return s;
}
