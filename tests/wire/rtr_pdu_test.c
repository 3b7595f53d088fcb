/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RTR's PDUs as bytes and back. The bytes are written down from the pictures of RFC 6810 section 5 (version 0), RFC 8210 section
 * 5 (version 1) and draft-ietf-sidrops-8210bis section 5 (version 2), not taken from an encoder.
 */

#include "../test.h"

#include "wire/rtr_pdu.h"

/* The bytes of "01 04 ..."; static. */
static const uint8_t *bytes(const char *hex, size_t *n)
{
	static uint8_t out[512];
	unsigned byte;

	for (*n = 0; *hex; hex += strspn(hex, " ")) {
		ck_assert_int_eq(sscanf(hex, "%2x", &byte), 1);
		out[(*n)++] = (uint8_t)byte;
		hex += 2;
	}
	return out;
}

static void same(const uint8_t *got, size_t n, const char *hex)
{
	size_t n_want;
	const uint8_t *want = bytes(hex, &n_want);

	ck_assert_uint_eq(n, n_want);
	ck_assert_mem_eq(got, want, n);
}

/* A whole PDU with a head that is right. */
static const uint8_t *pdu(const char *hex, struct rtr_head *head)
{
	size_t n;
	const uint8_t *b = bytes(hex, &n);

	ck_assert_int_eq(rtr_head_decode(head, b), RTR_GOOD);
	ck_assert_uint_eq(head->length, n);
	return b;
}

/* ---- heads ---- */

/* What each section says of Length; the most is that of 8210bis 5.12 for what has no other. */
static bool may(unsigned version, unsigned type, uint64_t length)
{
	switch (type) {
	case 0:
	case 1:
		return length == 12;
	case 2:
	case 3:
	case 8:
		return length == 8;
	case 4:
		return length == 20;
	case 6:
		return length == 32;
	case 7:
		return length == (version ? 24 : 12);
	case 9: /* 8 + 20 + 4 and a key of at least one byte; keys longer than a record takes are ours to refuse */
		return version > 0 && length >= 33 && length <= 32 + MANRS_SPKI_MAX;
	case 10:
		return length >= 16 && length <= 65535;
	case 11:
		return version > 1 && length >= 12 && length <= 65535 && length % 4 == 0;
	}
	return false;
}

static bool known(unsigned version, unsigned type)
{
	return type == 11 ? version > 1 : type == 9 ? version > 0 : type < 11 && type != 5;
}

START_TEST(s5_lengths_of_every_type_and_version)
{
	static const uint32_t far[] = {65531,      65532,      65533,      65535,
				       65536,      0x00ffffff, 0x7fffffff, 0x80000000,
				       0xfffffff4, 0xfffffffc, 0xffffffff};

	for (unsigned version = 0; version <= 2; version++)
		for (unsigned type = 0; type < 256; type++)
			for (uint32_t i = 0; i < 300 + sizeof far / sizeof *far; i++) {
				uint32_t l = i < 300 ? i : far[i - 300];
				const uint8_t b[8] = {(uint8_t)version,
						      (uint8_t)type,
						      0x12,
						      0x34,
						      (uint8_t)(l >> 24),
						      (uint8_t)(l >> 16),
						      (uint8_t)(l >> 8),
						      (uint8_t)l};
				struct rtr_head head;
				int want = !known(version, type)   ? MANRS_RTR_UNSUPPORTED_PDU
					   : may(version, type, l) ? RTR_GOOD
								   : MANRS_RTR_CORRUPT_DATA;

				ck_assert_int_eq(rtr_head_decode(&head, b), want);
				ck_assert_uint_eq(head.version, version);
				ck_assert_uint_eq(head.type, type);
				ck_assert_uint_eq(head.session, 0x1234);
				ck_assert_uint_eq(head.length, l);
			}
}
END_TEST

START_TEST(s5_2_to_5_5_queries_and_answers)
{
	uint8_t out[64];
	struct rtr_head head;

	same(out, rtr_serial_encode(out, 1, RTR_SERIAL_NOTIFY, 0x1234, 0x89abcdef),
	     "01 00 12 34 00 00 00 0c 89 ab cd ef");
	same(out, rtr_serial_encode(out, 0, RTR_SERIAL_QUERY, 0xffff, 0),
	     "00 01 ff ff 00 00 00 0c 00 00 00 00");
	same(out, rtr_head_encode(out, 2, RTR_RESET_QUERY, 0, 8), "02 02 00 00 00 00 00 08");
	same(out, rtr_head_encode(out, 2, RTR_CACHE_RESPONSE, 1, 8), "02 03 00 01 00 00 00 08");
	same(out, rtr_head_encode(out, 0, RTR_CACHE_RESET, 0, 8), "00 08 00 00 00 00 00 08");
	ck_assert_uint_eq(rtr_serial_decode(pdu("01 00 12 34 00 00 00 0c 89 ab cd ef", &head)),
			  0x89abcdef);
	ck_assert_uint_eq(head.session, 0x1234);
}
END_TEST

/* ---- prefixes ---- */

static int prefix(const char *hex, bool clear, manrs_route *vrp, bool *announce)
{
	struct rtr_head head;
	const uint8_t *b = pdu(hex, &head);

	return rtr_prefix_decode(&head, b, clear, vrp, announce);
}

START_TEST(s5_6_and_5_7_prefixes)
{
	static const struct {
		const char *hex, *text;
		unsigned maxlen, version;
		bool announce;
	} rows[] = {
		{"01 04 00 00 00 00 00 14 01 18 18 00 c0 00 02 00 00 00 fb f0",
		 "192.0.2.0/24 AS64496", 24, 1, true},
		{"00 04 00 00 00 00 00 14 00 08 20 00 0a 00 00 00 ff ff ff ff",
		 "10.0.0.0/8 AS4294967295", 32, 0, false},
		{"02 04 00 00 00 00 00 14 01 00 00 00 00 00 00 00 00 00 00 00", "0.0.0.0/0 AS0", 0,
		 2, true},
		{"02 04 00 00 00 00 00 14 01 20 20 00 ff ff ff ff 00 00 00 01",
		 "255.255.255.255/32 AS1", 32, 2, true},
		{"01 06 00 00 00 00 00 20 01 20 30 00 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 00 "
		 "00 00 fb f0",
		 "2001:db8::/32 AS64496", 48, 1, true},
		{"02 06 00 00 00 00 00 20 00 80 80 00 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01 "
		 "00 00 00 02",
		 "2001:db8::1/128 AS2", 128, 2, false},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		manrs_route vrp, want = test_route(rows[i].text);
		uint8_t out[32];
		bool announce;

		want.prefix.maxlen = (uint8_t)rows[i].maxlen;
		ck_assert_int_eq(prefix(rows[i].hex, false, &vrp, &announce), RTR_GOOD);
		ck_assert_mem_eq(&vrp, &want, sizeof vrp);
		ck_assert_int_eq(announce, rows[i].announce);
		same(out, rtr_prefix_encode(out, rows[i].version, &want, announce), rows[i].hex);
	}
}
END_TEST

START_TEST(s5_6_what_no_prefix_has)
{
	static const char *const rows[] = {
		/* max length below the length, above the width; length above the width */
		"01 04 00 00 00 00 00 14 01 18 17 00 c0 00 02 00 00 00 fb f0",
		"01 04 00 00 00 00 00 14 01 18 21 00 c0 00 02 00 00 00 fb f0",
		"01 04 00 00 00 00 00 14 01 18 ff 00 c0 00 02 00 00 00 fb f0",
		"01 04 00 00 00 00 00 14 01 21 21 00 c0 00 02 00 00 00 fb f0",
		"01 06 00 00 00 00 00 20 01 81 81 00 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 00 "
		"00 00 fb f0",
		"01 06 00 00 00 00 00 20 01 30 20 00 20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 00 "
		"00 00 fb f0",
	};
	manrs_route vrp;
	bool announce;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		ck_assert_int_eq(prefix(rows[i], true, &vrp, &announce), MANRS_RTR_CORRUPT_DATA);
}
END_TEST

START_TEST(s5_6_host_bits)
{
	static const char v1[] = "01 04 00 00 00 00 00 14 01 17 18 00 c0 00 03 ff 00 00 fb f0",
			  v2[] = "02 04 00 00 00 00 00 14 01 17 18 00 c0 00 03 ff 00 00 fb f0";
	manrs_route vrp, want = test_route("192.0.2.0/23 AS64496");
	bool announce;

	want.prefix.maxlen = 24;
	ck_assert_int_eq(prefix(v1, false, &vrp, &announce), MANRS_RTR_CORRUPT_DATA);
	ck_assert_int_eq(prefix(v1, true, &vrp, &announce), RTR_GOOD);
	ck_assert_mem_eq(&vrp, &want, sizeof vrp);
	ck_assert_int_eq(prefix(v2, true, &vrp, &announce), MANRS_RTR_CORRUPT_DATA);
}
END_TEST

/* Reserved bits are ignored: of the flags, of the byte that is zero, of the session's place. */
START_TEST(s5_6_reserved)
{
	manrs_route vrp;
	bool announce;

	ck_assert_int_eq(prefix("01 04 ff ff 00 00 00 14 81 18 18 ff c0 00 02 00 00 00 fb f0",
				false, &vrp, &announce),
			 RTR_GOOD);
	ck_assert(announce);
	ck_assert_int_eq(prefix("01 04 00 00 00 00 00 14 fe 18 18 00 c0 00 02 00 00 00 fb f0",
				false, &vrp, &announce),
			 RTR_GOOD);
	ck_assert(!announce);
}
END_TEST

/* ---- keys ---- */

START_TEST(s5_10_router_keys)
{
	static const char announced[] =
		"01 09 01 00 00 00 00 23 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10 11 12 13 "
		"00 00 fb f0 30 59 aa";
	static const char withdrawn[] =
		"02 09 fe ff 00 00 00 21 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10 11 12 13 "
		"00 00 00 00 30";
	manrs_router_key key, want = {.asn = 64496, .spki_len = 3, .spki = {0x30, 0x59, 0xaa}};
	uint8_t out[64];
	struct rtr_head head;
	const uint8_t *b;
	bool announce;

	for (uint8_t i = 0; i < 20; i++)
		want.ski[i] = i;
	b = pdu(announced, &head);
	ck_assert_int_eq(rtr_key_decode(&head, b, &key, &announce), RTR_GOOD);
	ck_assert(announce);
	ck_assert_mem_eq(&key, &want, sizeof key);
	same(out, rtr_key_encode(out, 1, &want, true), announced);
	b = pdu(withdrawn, &head);
	ck_assert_int_eq(rtr_key_decode(&head, b, &key, &announce), RTR_GOOD);
	ck_assert(!announce);
	ck_assert_uint_eq(key.asn, 0);
	ck_assert_uint_eq(key.spki_len, 1);
	same(out, rtr_key_encode(out, 2, &key, false),
	     "02 09 00 00 00 00 00 21 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 10 11 12 13 "
	     "00 00 00 00 30");
}
END_TEST

/* ---- ASPAs ---- */

static int aspa(const char *hex, struct rtr_aspa *a)
{
	struct rtr_head head;
	const uint8_t *b = pdu(hex, &head);

	return rtr_aspa_decode(&head, b, a);
}

START_TEST(bis_s5_12_aspas)
{
	static const char announced[] =
		"02 0b 01 00 00 00 00 14 00 00 fb f0 00 00 00 01 ff ff ff ff",
			  none[] = "02 0b 01 00 00 00 00 10 00 00 fb f0 00 00 00 00",
			  withdrawn[] = "02 0b 00 00 00 00 00 0c 00 00 fb f0";
	static const uint32_t providers[] = {1, 4294967295};
	const manrs_aspa record = {providers, 64496, 2}, as0 = {(const uint32_t[]){0}, 64496, 1};
	struct rtr_aspa a;
	uint8_t out[32];

	ck_assert_int_eq(aspa(announced, &a), RTR_GOOD);
	ck_assert(a.announce);
	ck_assert_uint_eq(a.customer, 64496);
	ck_assert_uint_eq(a.n, 2);
	ck_assert_mem_eq(a.providers, "\0\0\0\1\xff\xff\xff\xff", 8);
	same(out, rtr_aspa_encode(out, &record, true), announced);
	ck_assert_int_eq(aspa(none, &a), RTR_GOOD);
	ck_assert_uint_eq(a.n, 1);
	same(out, rtr_aspa_encode(out, &as0, true), none);
	ck_assert_int_eq(aspa(withdrawn, &a), RTR_GOOD);
	ck_assert(!a.announce);
	ck_assert_uint_eq(a.n, 0);
	same(out, rtr_aspa_encode(out, &record, false), withdrawn);
	/* reserved bits of the flags, and the byte after them */
	ck_assert_int_eq(aspa("02 0b ff ff 00 00 00 10 00 00 fb f0 00 00 00 01", &a), RTR_GOOD);
	ck_assert(a.announce);
	ck_assert_int_eq(aspa("02 0b fe ff 00 00 00 0c 00 00 fb f0", &a), RTR_GOOD);
	ck_assert(!a.announce);
}
END_TEST

START_TEST(bis_s5_12_what_no_aspa_has)
{
	static const struct {
		const char *hex;
		int code;
	} rows[] = {
		/* none; not ascending; twice; the customer; AS0 beside others; customer 0 */
		{"02 0b 01 00 00 00 00 0c 00 00 fb f0", MANRS_RTR_ASPA_PROVIDERS},
		{"02 0b 01 00 00 00 00 14 00 00 fb f0 00 00 00 02 00 00 00 01",
		 MANRS_RTR_ASPA_PROVIDERS},
		{"02 0b 01 00 00 00 00 14 00 00 fb f0 00 00 00 02 00 00 00 02",
		 MANRS_RTR_ASPA_PROVIDERS},
		{"02 0b 01 00 00 00 00 14 00 00 fb f0 00 00 00 02 00 00 fb f0",
		 MANRS_RTR_ASPA_PROVIDERS},
		{"02 0b 01 00 00 00 00 14 00 00 fb f0 00 00 00 00 00 00 00 01",
		 MANRS_RTR_ASPA_PROVIDERS},
		{"02 0b 01 00 00 00 00 10 00 00 00 00 00 00 00 01", MANRS_RTR_ASPA_PROVIDERS},
		/* a withdrawal with providers, of customer 0 */
		{"02 0b 00 00 00 00 00 10 00 00 fb f0 00 00 00 01", MANRS_RTR_CORRUPT_DATA},
		{"02 0b 00 00 00 00 00 0c 00 00 00 00", MANRS_RTR_CORRUPT_DATA},
		/* the form of draft -10: zero, length, flags, AFI flags, count, customer, providers */
		{"02 0b 00 00 00 00 00 18 01 03 00 02 00 00 fb f0 00 00 00 01 00 00 00 02",
		 MANRS_RTR_CORRUPT_DATA},
	};
	struct rtr_aspa a;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		ck_assert_int_eq(aspa(rows[i].hex, &a), rows[i].code);
}
END_TEST

/* ---- End of Data, Error Report ---- */

START_TEST(s5_8_end_of_data)
{
	struct rtr_head head;
	struct rtr_end end;
	const uint8_t *b = pdu("00 07 12 34 00 00 00 0c 00 00 00 05", &head);

	ck_assert_int_eq(rtr_end_decode(&head, b, &end), RTR_GOOD);
	ck_assert_uint_eq(end.serial, 5);
	ck_assert_uint_eq(end.refresh_s | end.retry_s | end.expire_s, 0);
	b = pdu("01 07 12 34 00 00 00 18 00 00 00 05 00 00 0e 10 00 00 02 58 00 00 1c 20", &head);
	ck_assert_int_eq(rtr_end_decode(&head, b, &end), RTR_GOOD);
	ck_assert_uint_eq(end.serial, 5);
	ck_assert_uint_eq(end.refresh_s, 3600);
	ck_assert_uint_eq(end.retry_s, 600);
	ck_assert_uint_eq(end.expire_s, 7200);
}
END_TEST

static int error(const char *hex, struct rtr_error *e)
{
	struct rtr_head head;
	const uint8_t *b = pdu(hex, &head);

	return rtr_error_decode(&head, b, e);
}

START_TEST(s5_11_error_reports)
{
	static const char both[] = "01 0a 00 05 00 00 00 1a 00 00 00 08 01 63 00 00 00 00 00 08 "
				   "00 00 00 02 68 69";
	struct rtr_error e;
	uint8_t out[64], long_pdu[100] = {1};
	size_t n;

	ck_assert_int_eq(error(both, &e), RTR_GOOD);
	ck_assert_uint_eq(e.code, 5);
	ck_assert_uint_eq(e.n_pdu, 8);
	ck_assert_mem_eq(e.pdu, "\1\x63\0\0\0\0\0\x8", 8);
	ck_assert_uint_eq(e.n_text, 2);
	ck_assert_mem_eq(e.text, "hi", 2);
	n = rtr_error_encode(out, sizeof out, 1, 5, (const uint8_t[]){1, 0x63, 0, 0, 0, 0, 0, 8}, 8,
			     "hi");
	same(out, n, both);
	n = rtr_error_encode(out, sizeof out, 0, 2, NULL, 0, "");
	same(out, n, "00 0a 00 02 00 00 00 10 00 00 00 00 00 00 00 00");
	ck_assert_int_eq(error("00 0a 00 02 00 00 00 10 00 00 00 00 00 00 00 00", &e), RTR_GOOD);
	/* what does not fit is cut, the text last; the lengths say what is there */
	n = rtr_error_encode(out, sizeof out, 1, 0, long_pdu, sizeof long_pdu, "text");
	ck_assert_uint_eq(n, 64);
	same(out, 12, "01 0a 00 00 00 00 00 40 00 00 00 2c");
	same(out + 56, 8, "00 00 00 04 74 65 78 74");
}
END_TEST

START_TEST(s5_11_lengths_within_an_error_report)
{
	static const char *const rows[] = {
		"01 0a 00 00 00 00 00 10 00 00 00 01 00 00 00 00", /* a PDU of 1, no place for it */
		"01 0a 00 00 00 00 00 10 ff ff ff ff 00 00 00 00",
		"01 0a 00 00 00 00 00 10 00 00 00 00 00 00 00 01",
		"01 0a 00 00 00 00 00 14 00 00 00 00 ff ff ff 00 61 62 63 64",
		"01 0a 00 00 00 00 00 14 00 00 00 00 00 00 00 03 61 62 63 64", /* a byte left over */
		"01 0a 00 00 00 00 00 14 00 00 00 04 61 62 63 64 00 00 00 00", /* good: see below */
	};
	struct rtr_error e;

	for (size_t i = 0; i < 5; i++)
		ck_assert_int_eq(error(rows[i], &e), MANRS_RTR_CORRUPT_DATA);
	ck_assert_int_eq(error(rows[5], &e), RTR_GOOD);
}
END_TEST

/* ---- numbers ---- */

START_TEST(rfc1982_s3_2_serials)
{
	ck_assert(rtr_serial_after(1, 0) && !rtr_serial_after(0, 1));
	ck_assert(!rtr_serial_after(5, 5));
	ck_assert(rtr_serial_after(0, UINT32_MAX) && !rtr_serial_after(UINT32_MAX, 0));
	ck_assert(rtr_serial_after(0x7fffffff, 0) && !rtr_serial_after(0, 0x7fffffff));
	/* two that are 2^31 apart: not defined; neither is after the other */
	ck_assert(!rtr_serial_after(0x80000000, 0) && !rtr_serial_after(0, 0x80000000));
	ck_assert(rtr_serial_after(0, 0x80000001));
}
END_TEST

/* RFC 6810 section 10: 0-7; RFC 8210 section 12: 0-8; 8210bis section 12: 0-13. */
START_TEST(s12_codes_of_each_version)
{
	for (int code = -1; code < 20; code++) {
		ck_assert_int_eq(rtr_code_known(0, code), code >= 0 && code <= 7);
		ck_assert_int_eq(rtr_code_known(1, code), code >= 0 && code <= 8);
		ck_assert_int_eq(rtr_code_known(2, code), code >= 0 && code <= 13);
		ck_assert(!rtr_code_known(3, code));
	}
}
END_TEST

Suite *rtr_pdu_suite(void)
{
	Suite *s = suite_create("rtr_pdu");

	ADD_TEST(s, s5_lengths_of_every_type_and_version, 10);
	ADD_TEST(s, s5_2_to_5_5_queries_and_answers, 10);
	ADD_TEST(s, s5_6_and_5_7_prefixes, 10);
	ADD_TEST(s, s5_6_what_no_prefix_has, 10);
	ADD_TEST(s, s5_6_host_bits, 10);
	ADD_TEST(s, s5_6_reserved, 10);
	ADD_TEST(s, s5_10_router_keys, 10);
	ADD_TEST(s, bis_s5_12_aspas, 10);
	ADD_TEST(s, bis_s5_12_what_no_aspa_has, 10);
	ADD_TEST(s, s5_8_end_of_data, 10);
	ADD_TEST(s, s5_11_error_reports, 10);
	ADD_TEST(s, s5_11_lengths_within_an_error_report, 10);
	ADD_TEST(s, rfc1982_s3_2_serials, 10);
	ADD_TEST(s, s12_codes_of_each_version, 10);
	return s;
}
