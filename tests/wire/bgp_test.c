/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The frame of BGP's messages. Bytes are typed from the pictures of RFC 4271 section 4; what is refused, and with which
 * NOTIFICATION, is from its section 6.1, RFC 7606 section 3 b and RFC 8654 section 4.
 */

#include "bgp_bytes.h"

static const manrs_bgp_session plain, extended = {.flags = MANRS_BGP_EXTENDED};

#define MARKER "ffffffff ffffffff ffffffff ffffffff"

static int decode(manrs_bgp_message *m, const manrs_bgp_session *session, const char *hex,
		  size_t *need, manrs_fault *fault)
{
	static struct bgp_bytes b;

	b.n = 0;
	bgp_hex(&b, hex);
	return manrs_bgp_decode(m, session, b.at, b.n, need, fault);
}

START_TEST(rfc4271_s4_4_keepalive)
{
	manrs_bgp_message m;
	size_t need;

	ck_assert_int_eq(decode(&m, &plain, MARKER "0013 04", &need, NULL), 19);
	ck_assert_uint_eq(m.type, MANRS_BGP_KEEPALIVE);
	ck_assert_uint_eq(m.n, 19);
	ck_assert_uint_eq(m.n_body, 0);
	ck_assert_int_eq(decode(&m, &plain, MARKER "0013 04 ffff", &need, NULL), 19);
}
END_TEST

/* Where the parts lie: two withdrawn, ORIGIN and MP_UNREACH, one announced. */
START_TEST(rfc4271_s4_3_parts_of_an_update)
{
	static struct bgp_bytes b;
	manrs_bgp_message m;
	size_t need;

	b.n = 0;
	bgp_update(&b, "08 0a 10 ac10", "40 01 01 00 80 0f 03 0002 01", "18 c00002");
	ck_assert_int_eq(manrs_bgp_decode(&m, &plain, b.at, b.n, &need, NULL), (int)b.n);
	ck_assert_uint_eq(m.type, MANRS_BGP_UPDATE);
	ck_assert_ptr_eq(m.body, b.at + 19);
	ck_assert_uint_eq(m.n_body, b.n - 19);
	ck_assert_ptr_eq(m.withdrawn, b.at + 21);
	ck_assert_uint_eq(m.n_withdrawn, 5);
	ck_assert_ptr_eq(m.attributes, b.at + 28);
	ck_assert_uint_eq(m.n_attributes, 10);
	ck_assert_ptr_eq(m.nlri, b.at + 38);
	ck_assert_uint_eq(m.n_nlri, 4);
	ck_assert_ptr_null(m.reach);
	ck_assert_ptr_eq(m.unreach, b.at + 35);
	ck_assert_uint_eq(m.n_unreach, 3);
	ck_assert_uint_eq(m.mp_twice, 0);
	ck_assert_uint_eq(m.notify_code, 0);
}
END_TEST

/* The first of each counts; with two octets of length (flag 0x10) as with one. */
START_TEST(rfc7606_s3_g_mp_attributes_twice)
{
	static struct bgp_bytes b;
	manrs_bgp_message m;
	size_t need;

	b.n = 0;
	bgp_update(&b, "", "90 0e 0005 0002 01 00 00  80 0f 03 0002 01  80 0e 05 0001 01 00 00",
		   "");
	ck_assert_int_eq(manrs_bgp_decode(&m, &plain, b.at, b.n, &need, NULL), (int)b.n);
	ck_assert_uint_eq(m.mp_twice, 1);
	ck_assert_ptr_eq(m.reach, b.at + 23 + 4);
	ck_assert_uint_eq(m.n_reach, 5);
	b.n = 0;
	bgp_update(&b, "", "80 0f 03 0002 01  80 0f 04 0001 01 00  80 0f 03 0002 01", "");
	ck_assert_int_eq(manrs_bgp_decode(&m, &plain, b.at, b.n, &need, NULL), (int)b.n);
	ck_assert_uint_eq(m.mp_twice, 2);
	ck_assert_uint_eq(m.n_unreach, 3);
}
END_TEST

START_TEST(rfc4271_s6_1_marker)
{
	manrs_bgp_message m;
	manrs_fault fault = {0};
	size_t need;

	ck_assert_int_eq(
		decode(&m, &plain, "ffffffff fffffffe ffffffff ffffffff 0013 04", &need, &fault),
		MANRS_ESYNTAX);
	ck_assert_uint_eq(m.notify_code, 1);
	ck_assert_uint_eq(m.notify_subcode, 1);
	ck_assert_uint_eq(fault.at, 7);
}
END_TEST

START_TEST(rfc4271_s6_1_type)
{
	static const char *const types[] = {"00", "06", "07", "80", "ff"};

	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		char hex[64];
		manrs_bgp_message m;
		manrs_fault fault = {0};
		size_t need;

		snprintf(hex, sizeof hex, MARKER "0017 %s", types[i]);
		ck_assert_int_eq(decode(&m, &plain, hex, &need, &fault), MANRS_EUNSUP);
		ck_assert_uint_eq(m.notify_code, 1);
		ck_assert_uint_eq(m.notify_subcode, 3);
		ck_assert_uint_eq(fault.at, 18);
	}
}
END_TEST

/* Whether a type may have this length, as each section says it. */
static bool may(unsigned type, unsigned n, bool is_extended)
{
	unsigned most = is_extended && type != 1 ? 65535 : 4096;

	return type == 4 ? n == 19 : n <= most && n >= (type == 1 ? 29 : type == 3 ? 21 : 23);
}

/* A header alone is enough to refuse a length; of one that may be, the rest is asked for. */
START_TEST(rfc4271_s6_1_and_rfc8654_s4_lengths)
{
	static const unsigned far[] = {255, 256, 4095, 4096, 4097, 32768, 65534, 65535};

	for (unsigned type = 1; type <= 5; type++)
		for (unsigned i = 0; i < 40 + sizeof far / sizeof *far; i++)
			for (int ext = 0; ext < 2; ext++) {
				unsigned n = i < 40 ? i : far[i - 40];
				char hex[64];
				manrs_bgp_message m;
				manrs_fault fault = {0};
				size_t need = 0;
				int rc;

				snprintf(hex, sizeof hex, MARKER "%04x %02x", n, type);
				rc = decode(&m, ext ? &extended : &plain, hex, &need, &fault);
				if (may(type, n, ext)) {
					ck_assert_int_eq(rc, n == 19 ? 19 : 0);
					ck_assert_uint_eq(need, n);
					continue;
				}
				ck_assert_int_eq(rc, MANRS_ERANGE);
				ck_assert_uint_eq(m.notify_code, 1);
				ck_assert_uint_eq(m.notify_subcode, 2);
				ck_assert_uint_eq(fault.at, 16);
			}
}
END_TEST

START_TEST(rfc7606_s3_b_lengths_inside_an_update)
{
	static const struct {
		const char *hex;
		unsigned at;
	} rows[] = {
		/* one or two withdrawn bytes, and too few are left for the attributes' length */
		{MARKER "0017 02 0001 0000", 22},      {MARKER "0017 02 0002 0000", 23},
		{MARKER "0017 02 0003 0000", 19},      {MARKER "0017 02 ffff 0000", 19},
		{MARKER "0017 02 0000 0001", 21},      {MARKER "0018 02 0001 00 0001", 22},
		{MARKER "0019 02 0000 0003 0000", 21}, {MARKER "0019 02 0000 ffff 0000", 21},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		manrs_bgp_message m;
		manrs_fault fault = {0};
		size_t need;

		ck_assert_int_eq(decode(&m, &plain, rows[i].hex, &need, &fault), MANRS_ESYNTAX);
		ck_assert_uint_eq(m.notify_code, 3);
		ck_assert_uint_eq(m.notify_subcode, 1);
		ck_assert_uint_eq(m.n_withdrawn + m.n_attributes + m.n_nlri, 0);
		ck_assert_msg(fault.at == rows[i].at, "%s: at %u", rows[i].hex, (unsigned)fault.at);
	}
}
END_TEST

/* Two messages, cut at every byte: what is wanted grows from the header to the whole, and then it is taken. */
START_TEST(cut_at_every_byte)
{
	static struct bgp_bytes b;
	manrs_bgp_message m;
	manrs_fault fault;
	size_t need, first;

	b.n = 0;
	bgp_update(&b, "08 0a", "40 01 01 00", "18 c00002");
	first = b.n;
	bgp_end(&b, bgp_begin(&b, 4));
	for (size_t n = 0; n <= b.n; n++) {
		uint8_t *copy = malloc(n + 1); /* nothing behind the end is read */
		int rc;

		memcpy(copy, b.at, n);
		rc = manrs_bgp_decode(&m, &plain, copy, n, &need, NULL);
		ck_assert_int_eq(rc, n < first ? 0 : (int)first);
		ck_assert_uint_eq(need, n < 19 ? 19 : first);
		/* no more will come: it is cut, and that is no error of the other side */
		fault = (manrs_fault){0};
		rc = manrs_bgp_decode(&m, &plain, copy, n, NULL, &fault);
		ck_assert_int_eq(rc, n >= first ? (int)first : n ? MANRS_ESYNTAX : 0);
		ck_assert_uint_eq(fault.at, n < first ? n : 0);
		ck_assert_uint_eq(m.notify_code, 0);
		rc = rc < 0 ? 0 : rc;
		if (rc) {
			int more = manrs_bgp_decode(&m, &plain, copy + rc, n - (size_t)rc, &need,
						    NULL);

			ck_assert_int_eq(more, n < b.n ? 0 : 19);
		}
		free(copy);
	}
	ck_assert_int_eq(manrs_bgp_decode(&m, &plain, NULL, 0, &need, NULL), 0);
	ck_assert_uint_eq(need, 19);
}
END_TEST

Suite *bgp_suite(void);
Suite *bgp_suite(void)
{
	Suite *suite = suite_create("bgp");

	ADD_TEST(suite, rfc4271_s4_4_keepalive, 2);
	ADD_TEST(suite, rfc4271_s4_3_parts_of_an_update, 2);
	ADD_TEST(suite, rfc7606_s3_g_mp_attributes_twice, 2);
	ADD_TEST(suite, rfc4271_s6_1_marker, 2);
	ADD_TEST(suite, rfc4271_s6_1_type, 2);
	ADD_TEST(suite, rfc4271_s6_1_and_rfc8654_s4_lengths, 2);
	ADD_TEST(suite, rfc7606_s3_b_lengths_inside_an_update, 2);
	ADD_TEST(suite, cut_at_every_byte, 2);
	return suite;
}
