/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * OPENs and sessions. Bytes are typed from RFC 4271 section 4.2, RFC 5492 section 4, RFC 9072 section 2 and, for capabilities,
 * the RFCs that the cases are named after; errors are from RFC 4271 section 6.2.
 */

#include "bgp_bytes.h"

/* Version 4, AS 64496, 180 seconds, 192.0.2.1. */
#define FIXED "04 fbf0 00b4 c0000201 "

static struct bgp_bytes b;
static manrs_bgp_open o;
static manrs_fault fault;

static int read_open(const char *hex)
{
	const manrs_bgp_session session = {0};
	manrs_bgp_message m;
	size_t need;

	b.n = 0;
	bgp_begin(&b, 1);
	bgp_hex(&b, hex);
	bgp_end(&b, 0);
	ck_assert_int_eq(manrs_bgp_decode(&m, &session, b.at, b.n, &need, NULL), (int)b.n);
	memset(&o, 0x55, sizeof o);
	fault = (manrs_fault){0};
	return manrs_bgp_open_decode(&o, &m, &fault);
}

static void refused(const char *hex, int error, int subcode, unsigned at)
{
	ck_assert_int_eq(read_open(hex), error);
	ck_assert_int_eq(fault.code, subcode);
	ck_assert_msg(fault.at == at, "%s: at %u", hex, (unsigned)fault.at);
	ck_assert_ptr_nonnull(fault.what);
}

START_TEST(rfc4271_s4_2_fixed_part)
{
	pass(read_open(FIXED "00"));
	ck_assert_uint_eq(o.version, 4);
	ck_assert_uint_eq(o.asn, 64496);
	ck_assert_uint_eq(o.hold_s, 180);
	ck_assert_uint_eq(o.bgp_id, 0xc0000201);
	ck_assert_uint_eq(o.caps, MANRS_BGP_CAP_IPV4);
	ck_assert_int_eq(o.role, -1);
	ck_assert_uint_eq(o.paths4, 0);
	ck_assert_uint_eq(o.paths6, 0);
	for (size_t i = 0; i < sizeof o.zero; i++)
		ck_assert_uint_eq(o.zero[i], 0);
	pass(read_open("04 fbf0 0000 c0000201 00"));
	pass(read_open("04 fbf0 0003 c0000201 00"));
}
END_TEST

START_TEST(rfc4271_s6_2_fixed_part)
{
	refused("03 fbf0 00b4 c0000201 00", MANRS_ERANGE, 1, 0);
	refused("05 fbf0 00b4 c0000201 00", MANRS_ERANGE, 1, 0);
	refused("04 0000 00b4 c0000201 00", MANRS_ERANGE, 2, 1);
	refused("04 fbf0 0001 c0000201 00", MANRS_ERANGE, 6, 3);
	refused("04 fbf0 0002 c0000201 00", MANRS_ERANGE, 6, 3);
	refused("04 fbf0 00b4 00000000 00", MANRS_ERANGE, 3, 5);
	/* the first is told, and what follows is read */
	refused("05 fbf0 0001 c0000201 06 02 04 41 02 0000", MANRS_ERANGE, 1, 0);
	ck_assert_uint_eq(o.hold_s, 1);
	ck_assert_uint_eq(o.bgp_id, 0xc0000201);
}
END_TEST

/* Every capability that is known, in one parameter, and each in one of its own. */
START_TEST(rfc5492_s4_capabilities)
{
	static const char *const forms[] = {
		FIXED
		"35 02 33 "
		"01 04 0001 00 01  01 04 0002 00 01  02 00  05 06 0001 0001 0002  06 00 "
		"09 01 03  40 06 8078 0002 01 80  41 04 fffffff0  45 08 0001 01 03 0002 01 02",
		FIXED "45 02 06 01 04 0001 00 01  02 06 01 04 0002 00 01  02 02 02 00 "
		      "02 08 05 06 0001 0001 0002  02 02 06 00  02 03 09 01 03 "
		      "02 08 40 06 8078 0002 01 80  02 06 41 04 fffffff0 "
		      "02 0a 45 08 0001 01 03 0002 01 02",
	};

	for (int i = 0; i < 2; i++) {
		pass(read_open(forms[i]));
		ck_assert_uint_eq(o.caps, MANRS_BGP_CAP_AS4 | MANRS_BGP_CAP_EXTENDED |
						  MANRS_BGP_CAP_IPV4 | MANRS_BGP_CAP_IPV6 |
						  MANRS_BGP_CAP_REFRESH | MANRS_BGP_CAP_NH6 |
						  MANRS_BGP_CAP_GRACEFUL);
		ck_assert_uint_eq(o.asn, 0xfffffff0);
		ck_assert_int_eq(o.role, 3);
		ck_assert_uint_eq(o.paths4, 3);
		ck_assert_uint_eq(o.paths6, 2);
	}
}
END_TEST

/* What is not known is ignored, whatever its length. */
START_TEST(rfc5492_s3_unknown_capabilities)
{
	pass(read_open(FIXED "0f 02 0d 80 00 49 05 0102030405 fe 02 ffff"));
	ck_assert_uint_eq(o.caps, MANRS_BGP_CAP_IPV4);
}
END_TEST

/* IPv4 unicast goes without saying only where no family is said. */
START_TEST(rfc4760_s8_families)
{
	pass(read_open(FIXED "08 02 06 01 04 0002 00 01"));
	ck_assert_uint_eq(o.caps, MANRS_BGP_CAP_IPV6);
	pass(read_open(FIXED "08 02 06 01 04 0001 ff 01")); /* the reserved byte is not looked at */
	ck_assert_uint_eq(o.caps, MANRS_BGP_CAP_IPV4);
	pass(read_open(FIXED "08 02 06 01 04 0001 00 80")); /* VPNs alone */
	ck_assert_uint_eq(o.caps, 0);
}
END_TEST

START_TEST(rfc9072_s2_extended_lengths)
{
	char text[2048];
	size_t n;

	/* the first length says nothing but 0 */
	pass(read_open(FIXED "ff ff 0009 02 0006 41 04 0000fbf1"));
	ck_assert_uint_eq(o.asn, 64497);
	pass(read_open(FIXED "01 ff 0009 02 0006 41 04 0000fbf1"));
	ck_assert_uint_eq(o.asn, 64497);
	pass(read_open(FIXED "ff ff 0000"));
	/* a parameter of 300 bytes: 50 capabilities of 6 */
	n = (size_t)sprintf(text, FIXED "ff ff 012f 02 012c");
	for (int i = 0; i < 50; i++)
		n += (size_t)sprintf(text + n, "41 04 0000 %02x %02x", i + 1, i + 1);
	pass(read_open(text));
	ck_assert_uint_eq(o.asn, 0x3232);
	/* an ordinary length of 255 is none of this */
	n = (size_t)sprintf(text, FIXED "ff 02 fd 80 fb");
	for (int i = 0; i < 251; i++)
		n += (size_t)sprintf(text + n, "ff");
	pass(read_open(text));
	refused(FIXED "ff ff 0009 02 0007 41 04 0000fbf1", MANRS_ESYNTAX, 0, 16);
	refused(FIXED "ff ff 0008 02 0006 41 04 0000fbf1", MANRS_ESYNTAX, 0, 11);
}
END_TEST

START_TEST(rfc9234_s4_2_roles)
{
	pass(read_open(FIXED "05 02 03 09 01 00"));
	ck_assert_int_eq(o.role, 0);
	pass(read_open(FIXED "08 02 06 09 01 04 09 01 04")); /* twice the same is one */
	ck_assert_int_eq(o.role, 4);
	ck_assert_uint_eq(o.caps, MANRS_BGP_CAP_IPV4);
	pass(read_open(FIXED "08 02 06 09 01 04 09 01 00"));
	ck_assert_int_eq(o.role, 4);
	ck_assert_uint_eq(o.caps, MANRS_BGP_CAP_IPV4 | MANRS_BGP_CAP_ROLES);
}
END_TEST

/* "If any other value is received, then the capability SHOULD be treated as not understood" */
START_TEST(rfc7911_s4_send_and_receive)
{
	pass(read_open(FIXED "0c 02 0a 45 08 0001 01 01 0002 01 03"));
	ck_assert_uint_eq(o.paths4, 1);
	ck_assert_uint_eq(o.paths6, 3);
	pass(read_open(FIXED "0c 02 0a 45 08 0001 01 01 0002 01 04"));
	ck_assert_uint_eq(o.paths4, 0);
	ck_assert_uint_eq(o.paths6, 0);
	pass(read_open(FIXED "08 02 06 45 04 0001 80 03"));
	ck_assert_uint_eq(o.paths4, 0);
}
END_TEST

START_TEST(rfc4271_s6_2_parameters)
{
	refused(FIXED "02 01 00", MANRS_EUNSUP, 4, 10);
	refused(FIXED "08 01 00 02 04 41 02 fbf1", MANRS_EUNSUP, 4, 10);
	refused(FIXED "05 02 00", MANRS_ESYNTAX, 0, 9);        /* more than there is */
	refused(FIXED "01 02 00", MANRS_ESYNTAX, 0, 9);        /* and less */
	refused(FIXED "03 02 05 41", MANRS_ESYNTAX, 0, 12);    /* a parameter overruns */
	refused(FIXED "04 02 02 41 04", MANRS_ESYNTAX, 0, 14); /* a capability does */
	refused(FIXED "03 02 01 41", MANRS_ESYNTAX, 0, 13);
	refused(FIXED "07 02 05 41 03 00fbf1", MANRS_ESYNTAX, 0, 14);
	refused(FIXED "05 02 03 02 01 00", MANRS_ESYNTAX, 0, 14);
	refused(FIXED "06 02 04 09 02 0000", MANRS_ESYNTAX, 0, 14);
	refused(FIXED "08 02 06 41 04 00000000", MANRS_ERANGE, 2, 14); /* RFC 7607 */
	/* what follows an error is read */
	refused(FIXED "0f 02 0d 41 03 00fbf1 06 00 41 04 0000fbf1", MANRS_ESYNTAX, 0, 14);
	ck_assert_uint_eq(o.asn, 64497);
	ck_assert_uint_eq(o.caps, MANRS_BGP_CAP_AS4 | MANRS_BGP_CAP_EXTENDED | MANRS_BGP_CAP_IPV4);
}
END_TEST

/* An OPEN of every kind of part, cut at every byte and read from memory that ends there. */
START_TEST(cut_at_every_byte)
{
	b.n = 0;
	bgp_hex(&b, FIXED "1b 02 19 01 04 0001 00 01  09 01 03  41 04 fffffff0  45 08 0001 01 03 "
			  "0002 01 02");
	for (size_t n = 10; n <= b.n; n++) {
		uint8_t *copy = malloc(n);
		const manrs_bgp_message m = {
			.type = MANRS_BGP_OPEN, .body = copy, .n_body = (uint32_t)n};

		memcpy(copy, b.at, n);
		ck_assert_int_eq(manrs_bgp_open_decode(&o, &m, NULL),
				 n == b.n ? MANRS_OK : MANRS_ESYNTAX);
		copy[9] = (uint8_t)(n - 10);
		if (n > 11)
			copy[11] = (uint8_t)(n - 12);
		manrs_bgp_open_decode(&o, &m, NULL);
		free(copy);
	}
}
END_TEST

START_TEST(no_open)
{
	const manrs_bgp_session session = {0};
	manrs_bgp_message m;
	size_t need;

	b.n = 0;
	bgp_end(&b, bgp_begin(&b, 4));
	ck_assert_int_eq(manrs_bgp_decode(&m, &session, b.at, b.n, &need, NULL), 19);
	ck_assert_int_eq(manrs_bgp_open_decode(&o, &m, NULL), MANRS_EINVAL);
}
END_TEST

/* ---- both together ---- */

static manrs_bgp_session both(manrs_bgp_open sent, manrs_bgp_open received)
{
	manrs_bgp_session s;

	memset(&s, 0x55, sizeof s);
	s.neighbour_address = test_address("192.0.2.9");
	manrs_bgp_session_of(&s, &sent, &received);
	ck_assert_uint_eq(s.zero, 0);
	ck_assert_int_eq(s.neighbour_address.addr[3], 9);
	return s;
}

START_TEST(rfc6793_s3_both_have_4_octets)
{
	manrs_bgp_open old = {.asn = 1}, new = {.asn = 2, .caps = MANRS_BGP_CAP_AS4};

	ck_assert_uint_eq(both(old, new).flags, 0);
	ck_assert_uint_eq(both(new, old).flags, 0);
	ck_assert_uint_eq(both(old, new).neighbour_asn, 2);
	old.caps = MANRS_BGP_CAP_AS4;
	ck_assert_uint_eq(both(old, new).flags, MANRS_BGP_AS4);
	new.asn = 1;
	ck_assert_uint_eq(both(old, new).flags, MANRS_BGP_AS4 | MANRS_BGP_INTERNAL);
}
END_TEST

/* Every pair of 0 none, 1 receive, 2 send, 3 both: he sends and we receive. */
START_TEST(rfc7911_s5_who_sends_path_identifiers)
{
	for (uint8_t ours = 0; ours < 4; ours++)
		for (uint8_t his = 0; his < 4; his++) {
			bool may = (ours == 1 || ours == 3) && (his == 2 || his == 3);
			manrs_bgp_open sent = {.asn = 1, .paths4 = ours};
			manrs_bgp_open received = {.asn = 2, .paths4 = his};

			ck_assert_uint_eq(both(sent, received).flags, may ? MANRS_BGP_PATHS4 : 0);
			sent = (manrs_bgp_open){.asn = 1, .paths6 = ours};
			received = (manrs_bgp_open){.asn = 2, .paths6 = his};
			ck_assert_uint_eq(both(sent, received).flags, may ? MANRS_BGP_PATHS6 : 0);
		}
}
END_TEST

/* Who says that he takes long messages may be sent them, whatever he sends himself. */
START_TEST(rfc8654_s4_who_sends_long_messages)
{
	const manrs_bgp_open with = {.asn = 1, .caps = MANRS_BGP_CAP_EXTENDED},
			     without = {.asn = 2};

	ck_assert_uint_eq(both(with, without).flags, MANRS_BGP_EXTENDED);
	ck_assert_uint_eq(both(without, with).flags, 0);
}
END_TEST

Suite *bgp_open_suite(void);
Suite *bgp_open_suite(void)
{
	Suite *suite = suite_create("bgp_open");

	ADD_TEST(suite, rfc4271_s4_2_fixed_part, 2);
	ADD_TEST(suite, rfc4271_s6_2_fixed_part, 2);
	ADD_TEST(suite, rfc5492_s4_capabilities, 2);
	ADD_TEST(suite, rfc5492_s3_unknown_capabilities, 2);
	ADD_TEST(suite, rfc4760_s8_families, 2);
	ADD_TEST(suite, rfc9072_s2_extended_lengths, 2);
	ADD_TEST(suite, rfc9234_s4_2_roles, 2);
	ADD_TEST(suite, rfc7911_s4_send_and_receive, 2);
	ADD_TEST(suite, rfc4271_s6_2_parameters, 2);
	ADD_TEST(suite, cut_at_every_byte, 2);
	ADD_TEST(suite, no_open, 2);
	ADD_TEST(suite, rfc6793_s3_both_have_4_octets, 2);
	ADD_TEST(suite, rfc7911_s5_who_sends_path_identifiers, 2);
	ADD_TEST(suite, rfc8654_s4_who_sends_long_messages, 2);
	return suite;
}
