/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prefixes and AS numbers as text: RFC 4291 section 2.2 in, RFC 5952 out, each refusal with its
 * place; inet_pton and inet_ntop are the outside opinion on random and on damaged text.
 */

#include "net/bits.h"
#include "net/text.h"
#include "test.h"

#include <arpa/inet.h>

/* What a text is refused with, and where. */
struct refusal {
	const char *text;
	int code;
	unsigned at;
};

typedef int (*parser)(manrs_prefix *, const char *, size_t, manrs_fault *);

/* The output stays as it was; the fault is set, and may be NULL. */
static void refuse_all(parser parse, const struct refusal *t, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		manrs_prefix p = {.family = 99}, before = p;
		manrs_fault fault = {0};
		int rc = parse(&p, t[i].text, strlen(t[i].text), &fault);

		ck_assert_msg(rc == t[i].code && fault.code == rc && fault.at == t[i].at,
			      "'%s': %d at %d, not %d at %u", t[i].text, rc, (int)fault.at,
			      t[i].code, t[i].at);
		ck_assert_ptr_nonnull(fault.what);
		ck_assert_mem_eq(&p, &before, sizeof p);
		ck_assert_int_eq(parse(&p, t[i].text, strlen(t[i].text), NULL), t[i].code);
	}
}
#define REFUSE_ALL(parse, table) refuse_all(parse, table, sizeof(table) / sizeof *(table))

START_TEST(ipv4_prefix_is_strict)
{
	static const struct refusal t[] = {
		{"", MANRS_ESYNTAX, 0},
		{"/", MANRS_ESYNTAX, 0},
		{"1", MANRS_ESYNTAX, 1},
		{"1.2.3.4", MANRS_ESYNTAX, 7},
		{"1.2.3.4/", MANRS_ESYNTAX, 8},
		{"1.2.3/24", MANRS_ESYNTAX, 5},
		{"1.2.3./24", MANRS_ESYNTAX, 6},
		{"1.2.3.4.5/32", MANRS_ESYNTAX, 7},
		{"1..3.4/32", MANRS_ESYNTAX, 2},
		{".1.2.3/32", MANRS_ESYNTAX, 0},
		{"999.1.1.1/32", MANRS_ERANGE, 0},
		{"1.256.1.1/32", MANRS_ERANGE, 2},
		{"1.2.3.18446744073709551617/32", MANRS_ERANGE, 6},
		{"01.2.3.4/32", MANRS_ESYNTAX, 0},
		{"1.2.3.00/32", MANRS_ESYNTAX, 6},
		{"1.2.3.4garbage", MANRS_ESYNTAX, 7},
		{"1.2.3.4/32garbage", MANRS_ESYNTAX, 10},
		{"1.2.3.4/32 ", MANRS_ESYNTAX, 10},
		{" 1.2.3.4/32", MANRS_ESYNTAX, 0},
		{"+1.2.3.4/32", MANRS_ESYNTAX, 0},
		{"-1.2.3.4/32", MANRS_ESYNTAX, 0},
		{"0x1.2.3.4/32", MANRS_ESYNTAX, 1},
		{"1,2,3,4/32", MANRS_ESYNTAX, 1},
		{"10.0.0.0/33", MANRS_ERANGE, 9},
		{"10.0.0.0/264", MANRS_ERANGE, 9}, /* 264 mod 256 = 8 */
		{"10.0.0.0/4294967304", MANRS_ERANGE, 9},
		{"10.0.0.0/08", MANRS_ESYNTAX, 9},
		{"10.0.0.0/-8", MANRS_ESYNTAX, 9},
		{"10.0.0.0/+8", MANRS_ESYNTAX, 9},
		{"10.0.0.0/ 8", MANRS_ESYNTAX, 9},
		{"10.0.0.0//8", MANRS_ESYNTAX, 9},
		{"10.0.0.0/8/8", MANRS_ESYNTAX, 10},
		{"10.0.0.0/255.0.0.0", MANRS_ERANGE, 9},
		{"10.0.0.1/31", MANRS_EINVAL, 0},
		{"128.0.0.0/0", MANRS_EINVAL, 0},
		{"192.0.2.128/24", MANRS_EINVAL, 0},
	};

	REFUSE_ALL(manrs_prefix_parse, t);
}
END_TEST

START_TEST(rfc4291_s2_2_prefix_is_strict)
{
	static const struct refusal t[] = {
		{":", MANRS_ESYNTAX, 0},
		{":/0", MANRS_ESYNTAX, 0},
		{":::/0", MANRS_ESYNTAX, 2},
		{"::", MANRS_ESYNTAX, 2},
		{"::/", MANRS_ESYNTAX, 3},
		{"::/129", MANRS_ERANGE, 3},
		{"::/00", MANRS_ESYNTAX, 3},
		{"1::2::3/128", MANRS_ESYNTAX, 4},
		{"1:::2/128", MANRS_ESYNTAX, 3},
		{":1:2:3:4:5:6:7/128", MANRS_ESYNTAX, 0},
		{"1:2:3:4:5:6:7/128", MANRS_ESYNTAX, 13},
		{"1:2:3:4:5:6:7:/128", MANRS_ESYNTAX, 14},
		{"1:2:3:4:5:6:7:8:9/128", MANRS_ESYNTAX, 15},
		{"1:2:3:4:5:6:7:8::/128", MANRS_ESYNTAX, 15},
		{"::1:2:3:4:5:6:7:8/128", MANRS_ESYNTAX, 17},
		{"1:2:3:4::5:6:7:8/128", MANRS_ESYNTAX, 16},
		{"12345::/128", MANRS_ESYNTAX, 4},
		{"::12345/128", MANRS_ESYNTAX, 6},
		{"::00001/128", MANRS_ESYNTAX, 6},
		{"::g/128", MANRS_ESYNTAX, 2},
		{"::1.2.3/128", MANRS_ESYNTAX, 7},
		{"::1.2.3.4.5/128", MANRS_ESYNTAX, 9},
		{"::256.2.3.4/128", MANRS_ERANGE, 2},
		{"::1.2.3.04/128", MANRS_ESYNTAX, 8},
		{"::1.2.3.4:5/128", MANRS_ESYNTAX, 9},
		{"::1.2.3.4::/128", MANRS_ESYNTAX, 9},
		{"1:2:3:4:5:6:7:1.2.3.4/128", MANRS_ESYNTAX, 15},
		{"1:2:3:4:5:6::1.2.3.4/128", MANRS_ESYNTAX, 20},
		{"1:2:3:4:5:1.2.3.4/128", MANRS_ESYNTAX, 17},
		{"fe80::1%eth0/128", MANRS_ESYNTAX, 7},
		{"[::1]/128", MANRS_ESYNTAX, 0},
		{"::1 /128", MANRS_ESYNTAX, 3},
		{"::/0 ", MANRS_ESYNTAX, 4},
		{"2001:db8::1/64", MANRS_EINVAL, 0},
		{"2001:db8:8000::/32", MANRS_EINVAL, 0},
		{"::1/127", MANRS_EINVAL, 0},
		{"8000::/0", MANRS_EINVAL, 0},
	};

	REFUSE_ALL(manrs_prefix_parse, t);
}
END_TEST

START_TEST(address_has_no_length)
{
	static const struct refusal t[] = {
		{"192.0.2.1/32", MANRS_ESYNTAX, 9}, {"::1/128", MANRS_ESYNTAX, 3},
		{"192.0.2.1 ", MANRS_ESYNTAX, 9},   {"", MANRS_ESYNTAX, 0},
		{"192.0.2", MANRS_ESYNTAX, 7},      {"2001:db8", MANRS_ESYNTAX, 8},
	};
	manrs_prefix p;

	REFUSE_ALL(manrs_address_parse, t);
	ck_assert_int_eq(manrs_address_parse(&p, "192.0.2.1", 9, NULL), MANRS_OK);
	ck_assert(p.family == 4 && p.len == 32 && p.maxlen == 32 && p.addr[3] == 1);
	ck_assert_int_eq(manrs_address_parse(&p, "::1", 3, NULL), MANRS_OK);
	ck_assert(p.family == 6 && p.len == 128 && p.maxlen == 128 && p.addr[15] == 1);
}
END_TEST

/* A length ends the text, not a NUL; a NUL inside is a byte like others. */
START_TEST(text_needs_no_nul)
{
	manrs_fault fault;
	manrs_prefix p;

	ck_assert_int_eq(manrs_prefix_parse(&p, "10.0.0.0/89", 10, NULL), MANRS_OK);
	ck_assert_int_eq(p.len, 8);
	ck_assert_int_eq(manrs_prefix_parse(&p, "10.0.0.0/8\0", 11, &fault), MANRS_ESYNTAX);
	ck_assert_uint_eq(fault.at, 10);
	for (size_t n = 0; n < 9; n++) {
		char *cut = malloc(n + 1); /* for the sanitizer to see a byte read too far */

		memcpy(cut, "10.0.0.0/8", n);
		cut = realloc(cut, n ? n : 1);
		ck_assert_int_eq(manrs_prefix_parse(&p, cut, n, &fault), MANRS_ESYNTAX);
		ck_assert_uint_le(fault.at, n);
		free(cut);
	}
}
END_TEST

/* text in, the same prefix's canonical text out. Section numbers are RFC 5952's. */
START_TEST(rfc5952_s4_canonical_text)
{
	static const char *t[][2] = {
		{"0.0.0.0/0", "0.0.0.0/0"},
		{"255.255.255.255/32", "255.255.255.255/32"},
		{"::/0", "::/0"},
		{"0:0:0:0:0:0:0:0/0", "::/0"},
		{"0000:0000::0000/128", "::/128"},
		{"2001:0db8::0001/128", "2001:db8::1/128"},              /* 4.1 */
		{"2001:db8:0:0:0:0:2:1/128", "2001:db8::2:1/128"},       /* 4.2.1 */
		{"2001:db8::1:1:1:1:1/128", "2001:db8:0:1:1:1:1:1/128"}, /* 4.2.2 */
		{"2001:0:0:1:0:0:0:1/128", "2001:0:0:1::1/128"},         /* 4.2.3 */
		{"2001:db8:0:0:1:0:0:1/128", "2001:db8::1:0:0:1/128"},   /* 4.2.3 */
		{"2001:DB8:AAAA::ABCD/128", "2001:db8:aaaa::abcd/128"},  /* 4.3 */
		{"::ffff:c000:0201/128", "::ffff:192.0.2.1/128"},        /* 5 */
		{"::ffff:0:0/96", "::ffff:0.0.0.0/96"},                  /* 5 */
		{"::192.0.2.1/128", "::c000:201/128"},
		{"64:ff9b::192.0.2.33/128", "64:ff9b::c000:221/128"},
		{"1:2:3:4:5:6:192.0.2.1/128", "1:2:3:4:5:6:c000:201/128"},
		{"1:2:3:4:5:6:7::/128", "1:2:3:4:5:6:7:0/128"},
		{"::2:3:4:5:6:7:8/128", "0:2:3:4:5:6:7:8/128"},
		{"1:0:0:2:3:0:0:4/128", "1::2:3:0:0:4/128"},
		{"::1:0:0:0:0/128", "0:0:0:1::/128"},
		{"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128",
		 "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"},
	};

	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		char text[MANRS_PREFIX_TEXT];
		manrs_prefix p = test_prefix(t[i][0]);

		ck_assert_int_eq(p.maxlen, p.len);
		ck_assert_int_eq(manrs_prefix_format(&p, text, sizeof text), (int)strlen(t[i][1]));
		ck_assert_str_eq(text, t[i][1]);
	}
}
END_TEST

START_TEST(format_says_when_room_is_short)
{
	manrs_route r = {test_prefix("192.0.2.0/24"), 4294967295u};
	char text[MANRS_ROUTE_TEXT];

	for (size_t cap = 0; cap <= 12; cap++) {
		memset(text, '#', sizeof text);
		ck_assert_int_eq(manrs_prefix_format(&r.prefix, text, cap), MANRS_ELIMIT);
		ck_assert_int_eq(text[0], '#');
	}
	ck_assert_int_eq(manrs_prefix_format(&r.prefix, text, 13), 12);
	ck_assert_int_eq(text[12], '\0');
	ck_assert_int_eq(text[13], '#');
	ck_assert_int_eq(manrs_route_format(&r, text, 25), MANRS_ELIMIT);
	ck_assert_int_eq(manrs_route_format(&r, text, 26), 25);
	ck_assert_str_eq(text, "192.0.2.0/24 AS4294967295");
	ck_assert_int_eq(manrs_asn_format(0, text, 3), MANRS_ELIMIT);
	ck_assert_int_eq(manrs_asn_format(0, text, 4), 3);
	ck_assert_str_eq(text, "AS0");
	ck_assert_int_eq(manrs_asn_format(4294967295u, text, MANRS_ASN_TEXT), 12);
	r.prefix.family = 2;
	ck_assert_int_eq(manrs_prefix_format(&r.prefix, text, sizeof text), MANRS_EINVAL);
	ck_assert_int_eq(manrs_route_format(&r, text, sizeof text), MANRS_EINVAL);
	r.prefix = test_prefix("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128");
	ck_assert_int_eq(manrs_route_format(&r, text, MANRS_ROUTE_TEXT), MANRS_ROUTE_TEXT - 1);
}
END_TEST

/* ---- AS numbers and routes ---- */

START_TEST(rfc5396_s2_asplain_and_asdot)
{
	static const struct {
		const char *text;
		uint32_t asn;
	} good[] = {
		{"0", 0},
		{"AS0", 0},
		{"13335", 13335},
		{"AS13335", 13335},
		{"as65536", 65536},
		{"aS4294967295", 4294967295u},
		/* RFC 5396 section 2: 65526 is 0.65526 in asdot+, 65546 is 1.10 */
		{"1.10", 65546},
		{"AS1.10", 65546},
		{"0.65526", 65526},
		{"65535.65535", 4294967295u},
		{"AS0.0", 0},
		{"as1.0", 65536},
	};
	uint32_t asn;

	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		ck_assert_int_eq(manrs_asn_parse(&asn, good[i].text, strlen(good[i].text), NULL),
				 MANRS_OK);
		ck_assert_uint_eq(asn, good[i].asn);
	}
}
END_TEST

START_TEST(rfc5396_s2_other_texts_are_no_as_number)
{
	static const struct refusal bad[] = {
		{"", MANRS_ESYNTAX, 0},
		{"AS", MANRS_ESYNTAX, 2},
		{"A1", MANRS_ESYNTAX, 0},
		{"S1", MANRS_ESYNTAX, 0},
		{"AS AS1", MANRS_ESYNTAX, 2},
		{"ASAS1", MANRS_ESYNTAX, 2},
		{"AS-1", MANRS_ESYNTAX, 2},
		{"-1", MANRS_ESYNTAX, 0},
		{"+1", MANRS_ESYNTAX, 0},
		{" 1", MANRS_ESYNTAX, 0},
		{"1 ", MANRS_ESYNTAX, 1},
		{"01", MANRS_ESYNTAX, 0},
		{"AS00", MANRS_ESYNTAX, 2},
		{"1.", MANRS_ESYNTAX, 2},
		{".1", MANRS_ESYNTAX, 0},
		{"1.65536", MANRS_ERANGE, 2},
		{"65536.1", MANRS_ERANGE, 5},
		{"1.01", MANRS_ESYNTAX, 2},
		{"1.2.3", MANRS_ESYNTAX, 3},
		{"1.-2", MANRS_ESYNTAX, 2},
		{"1. 2", MANRS_ESYNTAX, 2},
		{"13335.0", MANRS_ESYNTAX, 5}, /* a float that was 13335 */
		{"0x10", MANRS_ESYNTAX, 1},
		{"4294967296", MANRS_ERANGE, 0},
		{"AS4294967296", MANRS_ERANGE, 2},
		{"AS42949672950", MANRS_ERANGE, 2},
		{"18446744073709551616", MANRS_ERANGE, 0},
		{"99999999999999999999999999", MANRS_ERANGE, 0},
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		manrs_fault fault = {0};
		uint32_t asn = 7;

		ck_assert_int_eq(manrs_asn_parse(&asn, bad[i].text, strlen(bad[i].text), &fault),
				 bad[i].code);
		ck_assert_uint_eq(fault.at, bad[i].at);
		ck_assert_uint_eq(asn, 7);
	}
}
END_TEST

START_TEST(route_is_a_prefix_and_an_asn)
{
	static const char *good[] = {"192.0.2.0/24 64496", "192.0.2.0/24\tAS64496",
				     "192.0.2.0/24 => AS64496", "192.0.2.0/24  \t =>\t 64496",
				     "192.0.2.0/24 =>as64496"};
	static const struct refusal bad[] = {
		{"192.0.2.0/24", MANRS_ESYNTAX, 12},
		{"192.0.2.0/24 ", MANRS_ESYNTAX, 13},
		{"192.0.2.0/24=>1", MANRS_ESYNTAX, 12},
		{"192.0.2.0/24 = 1", MANRS_ESYNTAX, 13},
		{"192.0.2.0/24 =>", MANRS_ESYNTAX, 15},
		{"192.0.2.0/24 => => 1", MANRS_ESYNTAX, 16},
		{"192.0.2.0/24 1 ", MANRS_ESYNTAX, 14},
		{"192.0.2.0/24 1 2", MANRS_ESYNTAX, 14},
		{"192.0.2.0/24,1", MANRS_ESYNTAX, 12},
		{"192.0.2.0/33 1", MANRS_ERANGE, 10},
		{"192.0.2.1/24 1", MANRS_EINVAL, 0},
		{"1 192.0.2.0/24", MANRS_ESYNTAX, 1},
		{"192.0.2.0/24 4294967296", MANRS_ERANGE, 13},
	};
	manrs_route r;
	char text[MANRS_ROUTE_TEXT];

	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		ck_assert_int_eq(manrs_route_parse(&r, good[i], strlen(good[i]), NULL), MANRS_OK);
		ck_assert_int_eq(manrs_route_format(&r, text, sizeof text), 20);
		ck_assert_str_eq(text, "192.0.2.0/24 AS64496");
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		manrs_fault fault = {0};

		r.asn = 7;
		ck_assert_int_eq(manrs_route_parse(&r, bad[i].text, strlen(bad[i].text), &fault),
				 bad[i].code);
		ck_assert_msg(fault.at == bad[i].at, "%s: at %d", bad[i].text, (int)fault.at);
		ck_assert_uint_eq(r.asn, 7);
	}
}
END_TEST

/* ---- order, cover ---- */

START_TEST(order_is_family_address_length)
{
	static const char *sorted[] = {
		"0.0.0.0/0",    "0.0.0.0/32",    "10.0.0.0/8",     "10.0.0.0/9",
		"10.128.0.0/9", "255.0.0.0/8",   "::/0",           "::/128",
		"::1/128",      "2001:db8::/32", "2001:db8::/128", "8000::/1",
	};
	const int n = sizeof sorted / sizeof *sorted;

	for (int i = 0; i < n; i++)
		for (int j = 0; j < n; j++) {
			manrs_prefix a = test_prefix(sorted[i]), b = test_prefix(sorted[j]);

			a.maxlen = 128; /* does not count */
			ck_assert_int_eq(manrs_prefix_cmp(&a, &b), (i > j) - (i < j));
		}
}
END_TEST

START_TEST(covers_means_every_address)
{
	static const struct {
		const char *outer, *inner;
		int covers;
	} t[] = {
		{"0.0.0.0/0", "255.255.255.255/32", 1},
		{"0.0.0.0/0", "::/0", 0},
		{"::/0", "0.0.0.0/0", 0},
		{"10.0.0.0/8", "10.0.0.0/8", 1},
		{"10.0.0.0/8", "10.255.0.0/16", 1},
		{"10.0.0.0/8", "11.0.0.0/16", 0},
		{"10.0.0.0/16", "10.0.0.0/8", 0},
		{"10.0.0.0/9", "10.128.0.0/9", 0},
		{"2001:db8::/32", "2001:db8::1/128", 1},
		{"2001:db8::/65", "2001:db8::/64", 0},
		{"2001:db8::/65", "2001:db8::8000:0:0:0/66", 0},
		{"2001:db8::/127", "2001:db8::1/128", 1},
	};
	manrs_prefix bad = test_prefix("10.0.0.0/8"), good = bad;

	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		manrs_prefix a = test_prefix(t[i].outer), b = test_prefix(t[i].inner);

		ck_assert_int_eq(manrs_prefix_covers(&a, &b), t[i].covers);
	}
	bad.addr[3] = 1;
	ck_assert_int_eq(manrs_prefix_covers(&bad, &good), 0);
	ck_assert_int_eq(manrs_prefix_covers(&good, &bad), 0);
}
END_TEST

/* Bytes as they stand in a packet, typed by hand, and the text of RFC 4632 section 3.1 and RFC 4291 section 2.2 for them. */
static const struct {
	uint8_t bytes[16];
	const char *text;
	uint8_t family, len;
} packed[] = {
	{{192, 0, 2, 0}, "192.0.2.0/24", 4, 24},
	{{198, 51, 100, 200}, "198.51.100.200/32", 4, 32},
	{{0}, "0.0.0.0/0", 4, 0},
	{{0x80}, "128.0.0.0/1", 4, 1},
	{{255, 255, 255, 254}, "255.255.255.254/31", 4, 31},
	{{0x20, 0x01, 0x0d, 0xb8}, "2001:db8::/32", 6, 32},
	{{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, "2001:db8::1/128", 6, 128},
	{{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0x80}, "2001:db8::8000:0:0:0/65", 6, 65},
	{{0}, "::/0", 6, 0},
	{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1}, "::ffff:192.0.2.1/128", 6, 128},
};

START_TEST(bytes_are_the_text_and_back)
{
	for (size_t i = 0; i < sizeof packed / sizeof *packed; i++) {
		manrs_prefix p, want = test_prefix(packed[i].text);
		uint8_t room[18], n = packed[i].family == 4 ? 4 : 16;
		uint32_t len = 999;

		memset(&p, 0xaa, sizeof p); /* every byte is set */
		ck_assert_int_eq(
			manrs_prefix_set(&p, packed[i].family, packed[i].bytes, packed[i].len, 0),
			MANRS_OK);
		ck_assert_mem_eq(&p, &want, sizeof p);
		memset(room, 0xaa, sizeof room);
		ck_assert_int_eq(manrs_prefix_get(&p, room + 1, &len), packed[i].family);
		ck_assert_uint_eq(len, packed[i].len);
		ck_assert_mem_eq(room + 1, packed[i].bytes, n);
		ck_assert(room[0] == 0xaa && room[n + 1] == 0xaa);
		ck_assert_int_eq(manrs_prefix_get(&p, NULL, NULL), packed[i].family);
	}
}
END_TEST

/* All ones at every length: host bits are there but at the full one; cleared, len ones are left. */
START_TEST(host_bits_are_refused_or_cleared)
{
	uint8_t ones[16], back[16];
	uint32_t len;

	memset(ones, 0xff, sizeof ones);
	for (int family = 4; family <= 6; family += 2)
		for (unsigned bits = family == 4 ? 32 : 128, n = 0; n <= bits; n++) {
			manrs_prefix p = {.family = 99}, before = p;
			unsigned left = 0;

			if (n < bits) {
				ck_assert_int_eq(manrs_prefix_set(&p, family, ones, n, 0),
						 MANRS_EINVAL);
				ck_assert_mem_eq(&p, &before, sizeof p);
			}
			ck_assert_int_eq(manrs_prefix_set(&p, family, ones, n, MANRS_PREFIX_CLEAR),
					 MANRS_OK);
			ck_assert(p.family == family && p.len == n && p.maxlen == n && p.zero == 0);
			for (unsigned at = 0; at < 128; at++) {
				ck_assert_uint_eq(p.addr[at / 8] >> (7 - at % 8) & 1, at < n);
				left += at < n;
			}
			ck_assert_int_eq(manrs_prefix_get(&p, back, &len), family);
			ck_assert(len == n && left == n);
			ck_assert_int_eq(manrs_prefix_set(&p, family, back, len, 0), MANRS_OK);
		}
}
END_TEST

START_TEST(bytes_with_bad_arguments_change_nothing)
{
	static const struct {
		int family;
		uint32_t len, flags;
		int rc;
	} bad[] = {
		{4, 33, 0, MANRS_ERANGE},
		{4, 128, MANRS_PREFIX_CLEAR, MANRS_ERANGE},
		{4, UINT32_MAX, 0, MANRS_ERANGE},
		{4, 256, 0, MANRS_ERANGE}, /* no 0 by its low byte */
		{6, 129, 0, MANRS_ERANGE},
		{6, UINT32_MAX, MANRS_PREFIX_CLEAR, MANRS_ERANGE},
		{0, 0, 0, MANRS_EINVAL},
		{-4, 0, 0, MANRS_EINVAL},
		{5, 0, 0, MANRS_EINVAL},
		{260, 0, 0, MANRS_EINVAL}, /* no 4 by its low byte */
		{AF_INET, 0, 0, MANRS_EINVAL},
		{AF_INET6, 0, 0, MANRS_EINVAL},
		{4, 0, 2, MANRS_EINVAL},
		{6, 0, MANRS_PREFIX_CLEAR | 0x80000000u, MANRS_EINVAL},
	};
	static const uint8_t bytes[16];
	manrs_prefix p = {.family = 99}, before = p;
	uint8_t room[16] = {1};
	uint32_t len = 7;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		ck_assert_int_eq(
			manrs_prefix_set(&p, bad[i].family, bytes, bad[i].len, bad[i].flags),
			bad[i].rc);
		ck_assert_mem_eq(&p, &before, sizeof p);
	}
	ck_assert_int_eq(manrs_prefix_get(&p, room, &len), MANRS_EINVAL);
	p = test_prefix("10.0.0.0/8");
	p.addr[3] = 1;
	ck_assert_int_eq(manrs_prefix_get(&p, room, &len), MANRS_EINVAL);
	ck_assert(room[0] == 1 && len == 7);
}
END_TEST

START_TEST(check_sees_every_stray_bit)
{
	for (unsigned family = 0; family < 256; family++) {
		manrs_prefix p = {.family = (uint8_t)family};
		bool is = family == 4 || family == 6;

		ck_assert_int_eq(manrs_prefix_check(&p), is ? MANRS_OK : MANRS_EINVAL);
		p.maxlen = 255; /* not looked at */
		ck_assert_int_eq(manrs_prefix_check(&p), is ? MANRS_OK : MANRS_EINVAL);
		p.zero = 1;
		ck_assert_int_eq(manrs_prefix_check(&p), MANRS_EINVAL);
	}
	for (unsigned len = 0; len < 256; len++)
		for (unsigned bit = 0; bit < 128; bit++)
			for (unsigned family = 4; family <= 6; family += 2) {
				manrs_prefix p = {.family = (uint8_t)family, .len = (uint8_t)len};
				bool ok = len <= (family == 4 ? 32u : 128u) && bit < len;

				p.addr[bit / 8] = (uint8_t)(0x80 >> bit % 8);
				if ((manrs_prefix_check(&p) == MANRS_OK) != ok)
					ck_abort_msg("family %u len %u bit %u", family, len, bit);
			}
}
END_TEST

/* ---- the outside opinion ---- */

static manrs_prefix random_address(uint64_t *seed, unsigned family)
{
	manrs_prefix p = {.family = (uint8_t)family};
	uint64_t zeros = test_random(seed);

	zeros &= test_random(seed);
	p.len = p.maxlen = family == 4 ? 32 : 128;
	for (int i = 0; i < p.len / 8; i++) /* groups of zero are frequent */
		p.addr[i] = zeros >> i / 2 & 1 ? 0 : (uint8_t)(test_random(seed) >> 20);
	return p;
}

/* inet_ntop writes ::/96 in dotted form, which RFC 5952 section 5 does not ask for. */
static bool ipv4_compatible(const manrs_prefix *p)
{
	static const uint8_t zero[12];

	return p->family == 6 && !memcmp(p->addr, zero, 12);
}

static unsigned groups(const char *text)
{
	unsigned n = 0;

	for (const char *c = text; *c; c++)
		n += *c != ':' && (c == text || c[-1] == ':');
	return n;
}

/*
 * Of two runs of zeros of one length the first is shortened (RFC 5952 section 4.2.3). The inet_ntop of musl takes the later one
 * where the first opens the address.
 */
static bool later_run(const char *ours, const char *theirs)
{
	return !strncmp(ours, "::", 2) && !strncmp(theirs, "0:0:", 4) && strstr(theirs, "::") &&
	       groups(ours) <= groups(theirs);
}

START_TEST(random_addresses_as_inet_pton_and_ntop)
{
	uint64_t seed = 21;

	for (int i = 0; i < 40000; i++) {
		manrs_prefix p = random_address(&seed, i & 1 ? 4 : 6), back;
		char ours[MANRS_PREFIX_TEXT], theirs[INET6_ADDRSTRLEN];
		int n = manrs_prefix_format(&p, ours, sizeof ours);

		ck_assert_ptr_nonnull(
			inet_ntop(i & 1 ? AF_INET : AF_INET6, p.addr, theirs, sizeof theirs));
		if (manrs_prefix_parse(&back, ours, (size_t)n, NULL) != MANRS_OK ||
		    memcmp(&back, &p, sizeof p))
			ck_abort_msg("%s does not come back", ours);
		ours[strcspn(ours, "/")] = '\0';
		if (!ipv4_compatible(&p) && strcmp(ours, theirs) && !later_run(ours, theirs))
			ck_abort_msg("ours %s, inet_ntop %s", ours, theirs);
		if (manrs_address_parse(&back, theirs, strlen(theirs), NULL) != MANRS_OK ||
		    memcmp(&back, &p, sizeof p))
			ck_abort_msg("%s is read otherwise", theirs);
	}
}
END_TEST

/* One to three bytes put in, taken out or changed. */
static void damage(char *text, uint64_t *seed)
{
	static const char with[] = "0123456789abcdefABCDEF:::...:0:.gx/% -";
	uint64_t times = 1 + test_random(seed) % 3;

	while (times-- > 0) {
		size_t n = strlen(text), at = test_below(seed, n + 1);
		char c = with[test_random(seed) % (sizeof with - 1)];

		switch (test_random(seed) % 3) {
		case 0:
			memmove(text + at + 1, text + at, n + 1 - at);
			text[at] = c;
			break;
		case 1:
			if (at < n)
				memmove(text + at, text + at + 1, n - at);
			break;
		default:
			if (at < n)
				text[at] = c;
		}
	}
}

START_TEST(damaged_addresses_as_inet_pton)
{
	uint64_t seed = 22;
	int accepted = 0;

	for (int i = 0; i < 200000; i++) {
		manrs_prefix p = random_address(&seed, i & 1 ? 4 : 6), ours;
		uint8_t theirs[16] = {0};
		char text[128];
		bool six, they;

		inet_ntop(i & 1 ? AF_INET : AF_INET6, p.addr, text, 64);
		damage(text, &seed);
		six = strchr(text, ':') != NULL;
		they = inet_pton(six ? AF_INET6 : AF_INET, text, theirs) == 1;
		if ((manrs_address_parse(&ours, text, strlen(text), NULL) == MANRS_OK) != they)
			ck_abort_msg("'%s': inet_pton says %d", text, they);
		if (they && (memcmp(ours.addr, theirs, 16) || ours.family != (six ? 6 : 4)))
			ck_abort_msg("'%s' is read otherwise", text);
		accepted += they;
	}
	ck_assert_int_gt(accepted, 10000); /* both sides are exercised */
	ck_assert_int_lt(accepted, 190000);
}
END_TEST

/* ---- the readers of lib/net/text.h, the bits of lib/net/bits.h ---- */

START_TEST(readers_start_and_stop_inside_a_text)
{
	static const char text[] = "x10.0.0.0/8,AS7;2001:db8::/32]";
	size_t n = sizeof text - 1, at;
	manrs_fault fault = {0};
	uint64_t number;
	manrs_prefix p;
	uint32_t asn;

	at = text_prefix(&p, text, 1, n, NULL);
	ck_assert_uint_eq(at, 11);
	ck_assert(p.family == 4 && p.len == 8);
	at = text_asn(&asn, text, at + 1, n, NULL);
	ck_assert_uint_eq(at, 15);
	ck_assert_uint_eq(asn, 7);
	at = text_prefix(&p, text, at + 1, n, NULL);
	ck_assert_uint_eq(at, n - 1);
	ck_assert(p.family == 6 && p.len == 32);
	ck_assert_uint_eq(text_prefix(&p, text, 0, n, &fault), 0);
	ck_assert_uint_eq(fault.at, 0);
	ck_assert_uint_eq(text_number(&number, 99, "100", 0, 3, &fault), 0);
	ck_assert_int_eq(fault.code, MANRS_ERANGE);
	ck_assert_uint_eq(text_number(&number, 5, "7", 0, 1, &fault), 0);
	ck_assert_int_eq(fault.code, MANRS_ERANGE);
	ck_assert_uint_eq(text_number(&number, UINT64_MAX, "18446744073709551615", 0, 20, NULL),
			  20);
	ck_assert(number == UINT64_MAX);
	ck_assert_uint_eq(text_number(&number, UINT64_MAX, "18446744073709551616", 0, 20, NULL), 0);
}
END_TEST

START_TEST(bits_one_by_one)
{
	uint64_t seed = 23;

	for (int i = 0; i < 2000; i++) {
		manrs_prefix a = random_address(&seed, 6), b = a, c = a;
		unsigned len = (unsigned)(test_random(&seed) % 129), same = 0;
		uint64_t at = test_random(&seed) % 16;

		b.addr[at] ^= (uint8_t)(test_random(&seed) >> 40);
		while (same < len && addr_bit(a.addr, same) == addr_bit(b.addr, same))
			same++;
		ck_assert_uint_eq(addr_common(a.addr, b.addr, len), same);
		addr_mask(c.addr, len);
		for (unsigned k = 0; k < 128; k++)
			ck_assert_uint_eq(addr_bit(c.addr, k), k < len ? addr_bit(a.addr, k) : 0);
		put64(b.addr, get64(a.addr));
		put32(b.addr + 8, get32(a.addr + 8));
		ck_assert_mem_eq(a.addr, b.addr, 12);
	}
	ck_assert(get64((const uint8_t *)"\1\2\3\4\5\6\7\10") == UINT64_C(0x0102030405060708));
	ck_assert(mask64(0) == 0 && mask64(1) == UINT64_C(1) << 63 && mask64(64) == UINT64_MAX);
	ck_assert(family_bits(4) == 32 && family_bits(6) == 128 && family_bits(2) == 0);
}
END_TEST

Suite *prefix_suite(void)
{
	Suite *s = suite_create("prefix");

	ADD_TEST(s, ipv4_prefix_is_strict, 1);
	ADD_TEST(s, rfc4291_s2_2_prefix_is_strict, 1);
	ADD_TEST(s, address_has_no_length, 1);
	ADD_TEST(s, text_needs_no_nul, 1);
	ADD_TEST(s, rfc5952_s4_canonical_text, 1);
	ADD_TEST(s, format_says_when_room_is_short, 1);
	ADD_TEST(s, rfc5396_s2_asplain_and_asdot, 1);
	ADD_TEST(s, rfc5396_s2_other_texts_are_no_as_number, 1);
	ADD_TEST(s, route_is_a_prefix_and_an_asn, 1);
	ADD_TEST(s, order_is_family_address_length, 1);
	ADD_TEST(s, covers_means_every_address, 1);
	ADD_TEST(s, bytes_are_the_text_and_back, 1);
	ADD_TEST(s, host_bits_are_refused_or_cleared, 1);
	ADD_TEST(s, bytes_with_bad_arguments_change_nothing, 1);
	ADD_TEST(s, check_sees_every_stray_bit, 1);
	ADD_TEST(s, random_addresses_as_inet_pton_and_ntop, 2);
	ADD_TEST(s, damaged_addresses_as_inet_pton, 2);
	ADD_TEST(s, readers_start_and_stop_inside_a_text, 1);
	ADD_TEST(s, bits_one_by_one, 1);
	return s;
}
