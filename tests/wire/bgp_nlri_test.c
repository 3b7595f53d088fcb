/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prefixes as they stand in NLRI. The bytes are typed from RFC 4271 section 4.3 and RFC 7911 section 3; what cannot be read is
 * from RFC 7606 section 5.3.
 */

#include "bgp_bytes.h"

#include "wire/bgp_wire.h"

/* The prefixes of hex, as "PREFIX PREFIX" or "ID:PREFIX"; then " !" and the place where one cannot be read. */
static const char *listed(const char *hex, int family, bool ids)
{
	static struct bgp_bytes b;
	static char text[1024];
	uint8_t *copy;
	struct bytes in;
	manrs_prefix p;
	uint32_t id;
	size_t n = 0;

	b.n = 0;
	bgp_hex(&b, hex);
	copy = malloc(b.n + 1); /* nothing behind the end is read */
	memcpy(copy, b.at, b.n);
	in = bytes_of(copy, b.n);
	text[0] = '\0';
	while (bgp_nlri_next(&in, family, ids, &p, &id)) {
		char prefix[MANRS_PREFIX_TEXT];

		ck_assert_int_eq(manrs_prefix_check(&p), MANRS_OK);
		ck_assert_uint_eq(p.maxlen, p.len);
		ck_assert_int_eq(p.family, family);
		ck_assert_int_gt(manrs_prefix_format(&p, prefix, sizeof prefix), 0);
		if (ids)
			n += (size_t)snprintf(text + n, sizeof text - n, "%u:", (unsigned)id);
		else
			ck_assert_uint_eq(id, 0);
		n += (size_t)snprintf(text + n, sizeof text - n, "%s ", prefix);
	}
	if (in.bad)
		snprintf(text + n, sizeof text - n, "!%u", (unsigned)bytes_at(&in));
	else if (n)
		text[n - 1] = '\0';
	free(copy);
	return text;
}

START_TEST(rfc4271_s4_3_prefixes)
{
	ck_assert_str_eq(listed("", 4, false), "");
	ck_assert_str_eq(listed("00", 4, false), "0.0.0.0/0");
	ck_assert_str_eq(listed("18 c00002  08 0a  20 c6336401", 4, false),
			 "192.0.2.0/24 10.0.0.0/8 198.51.100.1/32");
	ck_assert_str_eq(listed("00 00", 6, false), "::/0 ::/0");
	ck_assert_str_eq(
		listed("20 20010db8  80 20010db8 00000000 00000000 00000001  03 20", 6, false),
		"2001:db8::/32 2001:db8::1/128 2000::/3");
}
END_TEST

/* "the value of trailing bits is irrelevant" */
START_TEST(rfc4271_s4_3_bits_past_the_length)
{
	ck_assert_str_eq(listed("09 0aff", 4, false), "10.128.0.0/9");
	ck_assert_str_eq(listed("01 ff", 4, false), "128.0.0.0/1");
	ck_assert_str_eq(listed("1f c00002ff", 4, false), "192.0.2.254/31");
	ck_assert_str_eq(listed("1d 20010dbf", 6, false), "2001:db8::/29");
	ck_assert_str_eq(listed("41 ffffffff ffffffff ff", 6, false),
			 "ffff:ffff:ffff:ffff:8000::/65");
}
END_TEST

START_TEST(rfc7911_s3_path_identifiers)
{
	ck_assert_str_eq(listed("00000001 18 c00002  ffffffff 00", 4, true),
			 "1:192.0.2.0/24 4294967295:0.0.0.0/0");
	ck_assert_str_eq(listed("0000000a 20 20010db8", 6, true), "10:2001:db8::/32");
}
END_TEST

/* The place is that of the length that is too great, and of the bytes that are too few. */
START_TEST(rfc7606_s5_3_what_cannot_be_read)
{
	ck_assert_str_eq(listed("21 c000020100", 4, false), "!0");
	ck_assert_str_eq(listed("08 0a 21 c000020100", 4, false), "10.0.0.0/8 !2");
	ck_assert_str_eq(listed("ff", 4, false), "!0");
	ck_assert_str_eq(listed("81 ffffffff ffffffff ffffffff ffffffff ff", 6, false), "!0");
	ck_assert_str_eq(listed("18 c000", 4, false), "!1");
	ck_assert_str_eq(listed("09 0a", 4, false), "!1");
	ck_assert_str_eq(listed("08 0a 18 c000", 4, false), "10.0.0.0/8 !3");
	ck_assert_str_eq(listed("000001", 4, true), "!0");
	ck_assert_str_eq(listed("00000001", 4, true), "!4");
	ck_assert_str_eq(listed("00000001 18 c000", 4, true), "!5");
	ck_assert_str_eq(listed("00000001 21 c000020100", 4, true), "!4");
}
END_TEST

/* Every length of each family: so many bytes are read, and no more. */
START_TEST(every_length)
{
	for (int family = 4; family <= 6; family += 2)
		for (unsigned len = 0; len < 256; len++) {
			unsigned width = family == 4 ? 32 : 128, n = (len + 7) / 8;
			uint8_t bytes[64];
			struct bytes in = bytes_of(bytes, sizeof bytes);
			manrs_prefix p;
			uint32_t id;

			memset(bytes, 0xff, sizeof bytes);
			bytes[0] = (uint8_t)len;
			if (len > width) {
				ck_assert(!bgp_nlri_next(&in, family, false, &p, &id));
				ck_assert(in.bad);
				continue;
			}
			ck_assert(bgp_nlri_next(&in, family, false, &p, &id));
			ck_assert_uint_eq(bytes_at(&in), 1 + n);
			ck_assert_uint_eq(p.len, len);
			for (unsigned i = 0; i < 128; i++)
				ck_assert_uint_eq((unsigned)p.addr[i / 8] >> (7 - i % 8) & 1u,
						  i < len);
		}
}
END_TEST

Suite *bgp_nlri_suite(void);
Suite *bgp_nlri_suite(void)
{
	Suite *suite = suite_create("bgp_nlri");

	ADD_TEST(suite, rfc4271_s4_3_prefixes, 2);
	ADD_TEST(suite, rfc4271_s4_3_bits_past_the_length, 2);
	ADD_TEST(suite, rfc7911_s3_path_identifiers, 2);
	ADD_TEST(suite, rfc7606_s5_3_what_cannot_be_read, 2);
	ADD_TEST(suite, every_length, 2);
	return suite;
}
