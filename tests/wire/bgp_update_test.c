/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * UPDATEs seen whole. Bytes are typed from RFC 4271 section 4.3, RFC 4760 sections 3 and 4 and RFC 7911 section 3; what is to be
 * done about errors is from the sections of RFC 7606 that the cases are named after.
 */

#include "bgp_bytes.h"

static manrs_bgp_store *store;
static struct bgp_bytes b;
static manrs_bgp_message message;
static manrs_bgp_update update;

static void setup(void)
{
	pass(manrs_bgp_store_new(&store, NULL));
}

static void teardown(void)
{
	manrs_bgp_store_free(store);
}

#define AS4_SESSION                                            \
	{                                                      \
		.flags = MANRS_BGP_AS4, .neighbour_asn = 64496 \
	}
static const manrs_bgp_session session = AS4_SESSION;

/* Attributes. */
#define ORIGIN   "40 01 01 00 "
#define AS_PATH  "40 02 0a 02 02 0000fbf0 0000fbf1 " /* 64496 64497 */
#define NEXT_HOP "40 03 04 c6336401 "                /* 198.51.100.1 */
#define GOOD     ORIGIN AS_PATH NEXT_HOP
#define HOP6     "20010db8 00000000 00000000 00000001 "
/* MP_REACH of 2001:db8:1::/48, and of nothing; MP_UNREACH of 2001:db8:2::/48. */
#define REACH6   "80 0e 1c 0002 01 10 " HOP6 "00 30 20010db80001 "
#define REACH0   "80 0e 15 0002 01 10 " HOP6 "00 "
#define UNREACH6 "80 0f 0a 0002 01 30 20010db80002 "

static void read_as(const manrs_bgp_session *s, const char *withdrawn, const char *attributes,
		    const char *nlri)
{
	size_t need;
	int rc;

	b.n = 0;
	bgp_update(&b, withdrawn, attributes, nlri);
	rc = manrs_bgp_decode(&message, s, b.at, b.n, &need, NULL);
	ck_assert_int_eq(rc, (int)b.n);
	pass(manrs_bgp_update_decode(&update, store, s, &message));
}

static void read_update(const char *withdrawn, const char *attributes, const char *nlri)
{
	read_as(&session, withdrawn, attributes, nlri);
}

static size_t put(char *text, size_t n, const manrs_prefix *p, uint32_t id)
{
	ck_assert_int_eq(manrs_prefix_check(p), MANRS_OK);
	if (n)
		text[n++] = ' ';
	if (id)
		n += (size_t)sprintf(text + n, "%u:", (unsigned)id);
	return n + (size_t)manrs_prefix_format(p, text + n, MANRS_PREFIX_TEXT);
}

/* What is announced, cap at a time. */
static const char *announced(size_t cap)
{
	static char text[2048];
	manrs_announcement out[8];
	uint32_t ids[8];
	manrs_cursor cursor = {{0}};
	size_t n = 0, got;

	text[0] = '\0';
	do {
		got = manrs_bgp_announced(&update, &cursor, out, ids, cap);
		for (size_t i = 0; i < got; i++)
			n = put(text, n, &out[i].prefix, ids[i]);
	} while (got == cap);
	ck_assert_uint_eq(manrs_bgp_announced(&update, &cursor, out, ids, cap), 0);
	return text;
}

static const char *withdrawn(size_t cap)
{
	static char text[2048];
	manrs_prefix out[8];
	uint32_t ids[8];
	manrs_cursor cursor = {{0}};
	size_t n = 0, got;

	text[0] = '\0';
	do {
		got = manrs_bgp_withdrawn(&update, &cursor, out, ids, cap);
		for (size_t i = 0; i < got; i++)
			n = put(text, n, &out[i], ids[i]);
	} while (got == cap);
	ck_assert_uint_eq(manrs_bgp_withdrawn(&update, &cursor, out, ids, cap), 0);
	return text;
}

/* The same in whatever portions it is taken. */
static void lists(const char *want_announced, const char *want_withdrawn)
{
	for (size_t cap = 1; cap <= 8; cap++) {
		ck_assert_str_eq(announced(cap), want_announced);
		ck_assert_str_eq(withdrawn(cap), want_withdrawn);
	}
}

static void judged(uint32_t action, unsigned code, unsigned subcode)
{
	ck_assert_msg(update.action == action, "%u for %u: %s", (unsigned)update.action,
		      (unsigned)action, update.fault.what);
	ck_assert_uint_eq(update.notify_code, code);
	ck_assert_uint_eq(update.notify_subcode, subcode);
	ck_assert_int_eq(update.fault.what != NULL, action > MANRS_BGP_KEEP);
}

/* And the attribute, 0 for NLRI, and its place in the body. */
static void blamed(int type, unsigned at)
{
	ck_assert_int_eq(update.fault.code, type);
	ck_assert_uint_eq(update.fault.at, at);
}

/* ---- what is right ---- */

START_TEST(rfc4271_s4_3_announced_and_withdrawn)
{
	read_update("08 0a 10 ac10", GOOD, "18 c00002 19 cb007180 00");
	judged(MANRS_BGP_KEEP, 0, 0);
	ck_assert_uint_eq(update.end_of_rib, 0);
	lists("192.0.2.0/24 203.0.113.128/25 0.0.0.0/0", "10.0.0.0/8 172.16.0.0/16");
	read_update("08 0a", "", "");
	judged(MANRS_BGP_KEEP, 0, 0);
	ck_assert_ptr_null(update.attrs);
	ck_assert_uint_eq(update.end_of_rib, 0);
	lists("", "10.0.0.0/8");
}
END_TEST

/* Every field of a record, of NLRI and of MP_REACH, which have their own next hops. */
START_TEST(the_record_of_an_announcement)
{
	manrs_bgp_session s = AS4_SESSION;
	manrs_announcement a[2];
	manrs_cursor cursor = {{0}};
	uint32_t ids[2] = {9, 9};

	s.neighbour_address = test_address("192.0.2.9");
	read_as(&s, "", GOOD REACH6 "c0 23 04 0000fbf0 ", "18 c00002");
	ck_assert_uint_eq(manrs_bgp_announced(&update, &cursor, a, ids, 2), 2);
	for (int i = 0; i < 2; i++) {
		const manrs_prefix prefix = test_prefix(i ? "2001:db8:1::/48" : "192.0.2.0/24");
		const manrs_prefix hop = test_address(i ? "2001:db8::1" : "198.51.100.1");

		ck_assert_mem_eq(&a[i].prefix, &prefix, sizeof prefix);
		ck_assert_mem_eq(&a[i].next_hop, &hop, sizeof hop);
		ck_assert_mem_eq(&a[i].neighbour_address, &s.neighbour_address, sizeof hop);
		ck_assert_uint_eq(a[i].neighbour_asn, 64496);
		ck_assert_uint_eq(a[i].flags, MANRS_ANNOUNCE_OTC);
		ck_assert_uint_eq(a[i].otc, 64496);
		ck_assert_uint_eq(a[i].path.n, 2);
		ck_assert_uint_eq(a[i].path.asn[0], 64496);
		ck_assert_uint_eq(a[i].path.asn[1], 64497);
		ck_assert_uint_eq(a[i].learned_from, 0);
		ck_assert_uint_eq(ids[i], 0);
		for (size_t k = 0; k < sizeof a[i].zero; k++)
			ck_assert_uint_eq(a[i].zero[k], 0);
	}
	ck_assert_ptr_eq(a[0].path.asn, a[1].path.asn);
	s = (manrs_bgp_session){.flags = MANRS_BGP_AS4 | MANRS_BGP_INTERNAL};
	read_as(&s, "", GOOD, "18 c00002");
	cursor = (manrs_cursor){{0}};
	ck_assert_uint_eq(manrs_bgp_announced(&update, &cursor, a, NULL, 2), 1);
	ck_assert_uint_eq(a[0].flags, MANRS_ANNOUNCE_ANY_NEIGHBOUR | MANRS_ANNOUNCE_INTERNAL);
	ck_assert_uint_eq(a[0].neighbour_asn, 0);
}
END_TEST

START_TEST(rfc4760_both_families_in_one_update)
{
	read_update("08 0a", UNREACH6 REACH6 GOOD, "18 c00002");
	judged(MANRS_BGP_KEEP, 0, 0);
	lists("192.0.2.0/24 2001:db8:1::/48", "10.0.0.0/8 2001:db8:2::/48");
	/* IPv4 in MP attributes */
	read_update(
		"",
		"80 0e 0d 0001 01 04 c6336402 00 18 c00002 80 0f 05 0001 01 08 0a " ORIGIN AS_PATH,
		"");
	judged(MANRS_BGP_KEEP, 0, 0);
	lists("192.0.2.0/24", "10.0.0.0/8");
}
END_TEST

/* An MP_UNREACH needs no other attribute; other families are passed over. */
START_TEST(rfc4760_s4_unreach_alone)
{
	read_update("", UNREACH6, "");
	judged(MANRS_BGP_KEEP, 0, 0);
	ck_assert_uint_eq(update.end_of_rib, 0);
	ck_assert_uint_eq(update.notes, 0);
	lists("", "2001:db8:2::/48");
	read_update("", "90 0f 0009 0001 80 ff ffff ffff ff", "");
	judged(MANRS_BGP_KEEP, 0, 0);
	ck_assert_uint_eq(update.notes, MANRS_BGP_NOTE_FAMILY);
	lists("", "");
	read_update("", "80 0e 0a 0001 04 04 c6336402 00 ff " GOOD, "18 c00002");
	judged(MANRS_BGP_KEEP, 0, 0);
	ck_assert_uint_eq(update.notes, MANRS_BGP_NOTE_FAMILY);
	lists("192.0.2.0/24", "");
}
END_TEST

START_TEST(rfc4724_s2_end_of_rib)
{
	read_update("", "", "");
	judged(MANRS_BGP_KEEP, 0, 0);
	ck_assert_uint_eq(update.end_of_rib, 4);
	ck_assert_uint_eq(b.n, 23);
	read_update("", "80 0f 03 0002 01", "");
	judged(MANRS_BGP_KEEP, 0, 0);
	ck_assert_uint_eq(update.end_of_rib, 6);
	read_update("", "90 0f 0003 0002 01", "");
	ck_assert_uint_eq(update.end_of_rib, 6);
	read_update("", "80 0f 03 0001 01", "");
	ck_assert_uint_eq(update.end_of_rib, 4);
	/* of another family; with other attributes; with withdrawn routes; with announced ones */
	read_update("", "80 0f 03 0001 80", "");
	ck_assert_uint_eq(update.end_of_rib, 0);
	read_update("", "80 0f 03 0002 01" ORIGIN, "");
	ck_assert_uint_eq(update.end_of_rib, 0);
	read_update("", ORIGIN "80 0f 03 0002 01", "");
	ck_assert_uint_eq(update.end_of_rib, 0);
	read_update("08 0a", "80 0f 03 0002 01", "");
	ck_assert_uint_eq(update.end_of_rib, 0);
	read_update("", ORIGIN AS_PATH REACH0, "");
	ck_assert_uint_eq(update.end_of_rib, 0);
	lists("", "");
}
END_TEST

/* Path identifiers of one family alone, and of both. */
START_TEST(rfc7911_s3_path_identifiers)
{
	manrs_bgp_session s = AS4_SESSION;

	s.flags |= MANRS_BGP_PATHS4;
	read_as(&s, "00000007 08 0a", REACH6 UNREACH6 GOOD,
		"00000001 18 c00002 00000002 18 c00002");
	judged(MANRS_BGP_KEEP, 0, 0);
	lists("1:192.0.2.0/24 2:192.0.2.0/24 2001:db8:1::/48", "7:10.0.0.0/8 2001:db8:2::/48");
	s.flags |= MANRS_BGP_PATHS6;
	read_as(&s, "",
		"80 0e 20 0002 01 10 " HOP6 "00 00000003 30 20010db80001 "
		"80 0f 0e 0002 01 00000004 30 20010db80002 " ORIGIN AS_PATH,
		"");
	judged(MANRS_BGP_KEEP, 0, 0);
	lists("3:2001:db8:1::/48", "4:2001:db8:2::/48");
}
END_TEST

/* "as though the WITHDRAWN ROUTES do not contain the address prefix": withdrawals are taken first. */
START_TEST(rfc4271_s4_3_announced_and_withdrawn_in_one)
{
	read_update("18 c00002 08 0a", GOOD, "18 c00002");
	judged(MANRS_BGP_KEEP, 0, 0);
	lists("192.0.2.0/24", "192.0.2.0/24 10.0.0.0/8");
}
END_TEST

/* ---- what is missing ---- */

/* Body: 2 bytes of length, nothing withdrawn, 2 bytes of length: the attributes begin at 4. */
START_TEST(rfc7606_s3_d_mandatory_attributes)
{
	read_update("", AS_PATH NEXT_HOP, "18 c00002");
	judged(MANRS_BGP_WITHDRAW, 0, 0);
	blamed(MANRS_BGP_ORIGIN, 4);
	lists("", "192.0.2.0/24");
	read_update("08 0a", ORIGIN NEXT_HOP, "18 c00002");
	judged(MANRS_BGP_WITHDRAW, 0, 0);
	blamed(MANRS_BGP_AS_PATH, 6);
	lists("", "10.0.0.0/8 192.0.2.0/24");
	read_update("", ORIGIN AS_PATH, "18 c00002");
	judged(MANRS_BGP_WITHDRAW, 0, 0);
	blamed(MANRS_BGP_NEXT_HOP, 4);
	lists("", "192.0.2.0/24");
	read_update("", "", "18 c00002");
	judged(MANRS_BGP_WITHDRAW, 0, 0);
	blamed(MANRS_BGP_ORIGIN, 4);
	lists("", "192.0.2.0/24");
}
END_TEST

/* NEXT_HOP belongs to NLRI, and MP_REACH has its own. */
START_TEST(rfc4760_s3_next_hop_with_mp_reach)
{
	read_update("", REACH6 ORIGIN AS_PATH, "");
	judged(MANRS_BGP_KEEP, 0, 0);
	lists("2001:db8:1::/48", "");
	read_update("", REACH6 ORIGIN AS_PATH, "18 c00002");
	judged(MANRS_BGP_WITHDRAW, 0, 0);
	blamed(MANRS_BGP_NEXT_HOP, 4);
	lists("", "192.0.2.0/24 2001:db8:1::/48");
	read_update("", REACH6 ORIGIN, "");
	judged(MANRS_BGP_WITHDRAW, 0, 0);
	blamed(MANRS_BGP_AS_PATH, 4);
	lists("", "2001:db8:1::/48");
}
END_TEST

/* Nothing is announced: nothing is missing. */
START_TEST(rfc4271_s5_attributes_without_nlri)
{
	read_update("08 0a", ORIGIN, "");
	judged(MANRS_BGP_KEEP, 0, 0);
	lists("", "10.0.0.0/8");
	read_update("", UNREACH6 ORIGIN, "");
	judged(MANRS_BGP_KEEP, 0, 0);
	lists("", "2001:db8:2::/48");
}
END_TEST

/* ---- prefixes that cannot be read ---- */

START_TEST(rfc7606_s5_3_nlri)
{
	read_update("", GOOD, "18 c00002 21 c000020100");
	judged(MANRS_BGP_RESET, 3, 10);
	blamed(0, 4 + 4 + 13 + 7 + 4);
	lists("", "");
	read_update("", GOOD, "18 c000");
	judged(MANRS_BGP_RESET, 3, 10);
	blamed(0, 4 + 4 + 13 + 7 + 1);
	lists("", "");
}
END_TEST

START_TEST(rfc7606_s3_i_withdrawn_routes)
{
	read_update("08 0a ff", GOOD, "18 c00002");
	judged(MANRS_BGP_RESET, 3, 10);
	blamed(0, 4);
	lists("", "");
}
END_TEST

START_TEST(rfc7606_s5_3_mp_attributes)
{
	read_update("08 0a", "80 0e 17 0002 01 10 " HOP6 "00 81 ff " GOOD, "18 c00002");
	judged(MANRS_BGP_DISABLE, 3, 9);
	blamed(MANRS_BGP_MP_REACH, 6 + 3 + 21);
	lists("", "");
	read_update("", "80 0e 17 0002 01 10 " HOP6 "00 10 20 " ORIGIN AS_PATH, "");
	judged(MANRS_BGP_DISABLE, 3, 9);
	blamed(MANRS_BGP_MP_REACH, 4 + 3 + 22);
	read_update("", "80 0f 05 0002 01 10 20", "");
	judged(MANRS_BGP_DISABLE, 3, 9);
	blamed(MANRS_BGP_MP_UNREACH, 4 + 3 + 4);
	lists("", "");
	read_update("", "80 0f 05 0001 01 21 20", "");
	judged(MANRS_BGP_DISABLE, 3, 9);
	blamed(MANRS_BGP_MP_UNREACH, 4 + 3 + 3);
	/* "less than 3 ... less than 5" */
	read_update("", "80 0f 02 0002", "");
	judged(MANRS_BGP_RESET, 3, 9); /* of which family it is cannot be told */
	ck_assert_int_eq(update.fault.code, MANRS_BGP_MP_UNREACH);
	read_update("", "80 0e 04 0002 01 00 " GOOD, "18 c00002");
	judged(MANRS_BGP_DISABLE, 3, 9);
	ck_assert_int_eq(update.fault.code, MANRS_BGP_MP_REACH);
	lists("", "");
}
END_TEST

/* ---- several errors, and those of attributes ---- */

START_TEST(rfc7606_s3_g_mp_attributes_twice)
{
	read_update("", REACH6 REACH6 GOOD, "18 c00002");
	judged(MANRS_BGP_RESET, 3, 1);
	ck_assert_int_eq(update.fault.code, MANRS_BGP_MP_REACH);
	lists("", "");
	read_update("", UNREACH6 "80 0f 03 0001 01", "");
	judged(MANRS_BGP_RESET, 3, 1);
	ck_assert_int_eq(update.fault.code, MANRS_BGP_MP_UNREACH);
	lists("", "");
}
END_TEST

/* An ORIGIN of 3 is treat-as-withdraw (section 7.1): path identifiers are kept. */
START_TEST(rfc7606_s2_treat_as_withdraw)
{
	manrs_bgp_session s = AS4_SESSION;

	s.flags |= MANRS_BGP_PATHS4;
	read_as(&s, "00000007 08 0a", UNREACH6 REACH6 "40 01 01 03" AS_PATH NEXT_HOP,
		"00000001 18 c00002");
	judged(MANRS_BGP_WITHDRAW, 0, 0);
	ck_assert_int_eq(update.fault.code, MANRS_BGP_ORIGIN);
	lists("", "7:10.0.0.0/8 2001:db8:2::/48 1:192.0.2.0/24 2001:db8:1::/48");
}
END_TEST

/* An ATOMIC_AGGREGATE of one byte is left out (section 7.6), and the rest stands. */
START_TEST(rfc7606_s2_attribute_discard)
{
	read_update("08 0a", GOOD "40 06 01 00", "18 c00002");
	judged(MANRS_BGP_DISCARD, 0, 0);
	ck_assert_int_eq(update.fault.code, MANRS_BGP_ATOMIC_AGGREGATE);
	ck_assert_uint_eq(update.attrs->more->discarded, MANRS_BGP_HAS(MANRS_BGP_ATOMIC_AGGREGATE));
	lists("192.0.2.0/24", "10.0.0.0/8");
}
END_TEST

/* The strongest wins, whatever the order. */
START_TEST(rfc7606_s3_h_the_strongest)
{
	read_update("", "40 06 01 00 40 01 01 03" AS_PATH NEXT_HOP, "18 c00002");
	judged(MANRS_BGP_WITHDRAW, 0, 0);
	blamed(MANRS_BGP_ORIGIN, 8); /* not ATOMIC_AGGREGATE, which came first */
	read_update("", "40 01 01 03" AS_PATH NEXT_HOP "40 06 01 00", "18 c00002");
	judged(MANRS_BGP_WITHDRAW, 0, 0);
	read_update("", "40 01 01 03" AS_PATH NEXT_HOP, "21");
	judged(MANRS_BGP_RESET, 3, 10);
	read_update("", "80 0f 04 0002 01 ff 40 01 01 03" AS_PATH NEXT_HOP, "18 c00002");
	judged(MANRS_BGP_DISABLE, 3, 9);
	read_update("", "80 0f 04 0002 01 ff " GOOD, "21");
	judged(MANRS_BGP_RESET, 3, 10);
}
END_TEST

/* The last attribute overruns them: the length of all is believed, and finds the NLRI. */
START_TEST(rfc7606_s4_lengths_of_attributes)
{
	read_update("", GOOD "c0 08 08 fbf00001", "18 c00002");
	judged(MANRS_BGP_WITHDRAW, 0, 0);
	lists("", "192.0.2.0/24");
	read_update("", GOOD "c0", "18 c00002");
	judged(MANRS_BGP_WITHDRAW, 0, 0);
	lists("", "192.0.2.0/24");
}
END_TEST

/* Attributes with an error, and nothing announced: prefixes may be lost. What is left out harms nobody. */
START_TEST(rfc7606_s5_2_nothing_announced)
{
	read_update("08 0a", "40 01 01 03", "");
	judged(MANRS_BGP_RESET, 3, 1);
	ck_assert_int_eq(update.fault.code, MANRS_BGP_ORIGIN);
	lists("", "");
	read_update("", "40 01 01 03" AS_PATH REACH0, "");
	judged(MANRS_BGP_RESET, 3, 1);
	read_update("", GOOD "c0 0e 40 0002", "");
	judged(MANRS_BGP_RESET, 3, 1);
	read_update("08 0a", "40 06 01 00", "");
	judged(MANRS_BGP_DISCARD, 0, 0);
	lists("", "10.0.0.0/8");
}
END_TEST

/* ---- archives: whether there are path identifiers is not said ---- */

START_TEST(guessed_path_identifiers)
{
	manrs_bgp_session s = {.flags = MANRS_BGP_AS4 | MANRS_BGP_GUESS, .neighbour_asn = 64496};

	read_as(&s, "00000007 08 0a", GOOD, "00000001 18 c00002 00000002 18 c00002");
	judged(MANRS_BGP_KEEP, 0, 0);
	ck_assert_uint_eq(update.notes, MANRS_BGP_NOTE_GUESSED);
	lists("1:192.0.2.0/24 2:192.0.2.0/24", "7:10.0.0.0/8");
	read_as(&s, "08 0a", GOOD, "18 c00002 00");
	judged(MANRS_BGP_KEEP, 0, 0);
	ck_assert_uint_eq(update.notes, 0);
	lists("192.0.2.0/24 0.0.0.0/0", "10.0.0.0/8");
	/* a default route and others, whose bytes are an identifier and a prefix too */
	read_as(&s, "", GOOD, "00 10 0a0b 08 0a");
	ck_assert_uint_eq(update.notes, 0);
	lists("0.0.0.0/0 10.11.0.0/16 10.0.0.0/8", "");
	/* said, and not there */
	s.flags |= MANRS_BGP_PATHS4;
	read_as(&s, "", GOOD, "10 c000 18 c63364");
	judged(MANRS_BGP_KEEP, 0, 0);
	ck_assert_uint_eq(update.notes, MANRS_BGP_NOTE_GUESSED);
	lists("192.0.0.0/16 198.51.100.0/24", "");
	/* neither reads */
	read_as(&s, "", GOOD, "ff ffffffff ff");
	judged(MANRS_BGP_RESET, 3, 10);
	ck_assert_uint_eq(update.notes, 0);
}
END_TEST

/* ---- what is no UPDATE ---- */

START_TEST(other_messages)
{
	size_t need;

	b.n = 0;
	bgp_end(&b, bgp_begin(&b, 4));
	ck_assert_int_eq(manrs_bgp_decode(&message, &session, b.at, b.n, &need, NULL), 19);
	ck_assert_int_eq(manrs_bgp_update_decode(&update, store, &session, &message), MANRS_EINVAL);
	/* one that was refused is a RESET, if it is handed on all the same */
	b.n = 0;
	bgp_update(&b, "08 0a", "", "");
	b.at[20] = 9;
	ck_assert_int_eq(manrs_bgp_decode(&message, &session, b.at, b.n, &need, NULL),
			 MANRS_ESYNTAX);
	pass(manrs_bgp_update_decode(&update, store, &session, &message));
	judged(MANRS_BGP_RESET, 3, 1);
	lists("", "");
}
END_TEST

/* A message is never read past its end, whatever its lengths say: every byte of it cut off, the lengths set to match or not. */
START_TEST(cut_at_every_byte)
{
	static struct bgp_bytes whole;
	size_t need;

	whole.n = 0;
	bgp_update(&whole, "08 0a", UNREACH6 REACH6 GOOD "c0 23 04 0000fbf0 ", "18 c00002");
	for (size_t n = 23; n <= whole.n; n++) {
		uint8_t *copy = malloc(n);
		manrs_announcement a[4];
		manrs_prefix p[4];
		manrs_cursor cursor = {{0}};
		size_t got;
		int rc;

		memcpy(copy, whole.at, n);
		copy[16] = (uint8_t)(n >> 8);
		copy[17] = (uint8_t)n;
		rc = manrs_bgp_decode(&message, &session, copy, n, &need, NULL);
		if (n < whole.n - 4) {
			ck_assert_int_eq(rc, MANRS_ESYNTAX);
			free(copy);
			continue;
		}
		ck_assert_int_eq(rc, (int)n);
		pass(manrs_bgp_update_decode(&update, store, &session, &message));
		got = manrs_bgp_announced(&update, &cursor, a, NULL, 4);
		cursor = (manrs_cursor){{0}};
		ck_assert_uint_eq(manrs_bgp_withdrawn(&update, &cursor, p, NULL, 4),
				  update.action == MANRS_BGP_KEEP ? 2 : 0);
		/* at its end, and before its NLRI, whose NEXT_HOP then is too many alone */
		ck_assert_uint_eq(got, n == whole.n ? 2 : n == whole.n - 4 ? 1 : 0);
		free(copy);
	}
}
END_TEST

START_TEST(no_memory)
{
	for (size_t k = 1;; k++) {
		struct test_alloc t = {.fail_at = k};
		manrs_alloc alloc = test_alloc_of(&t);
		manrs_bgp_store_config config;
		manrs_bgp_store *s = NULL;
		manrs_bgp_update was;
		int rc;

		pass(manrs_bgp_store_config_init(&config, sizeof config));
		config.alloc = &alloc;
		rc = manrs_bgp_store_new(&s, &config);
		if (rc == MANRS_OK) {
			read_update("08 0a", REACH6 GOOD, "18 c00002");
			memset(&update, 0x55, sizeof update);
			memcpy(&was, &update, sizeof was);
			rc = manrs_bgp_update_decode(&update, s, &session, &message);
			if (rc == MANRS_OK)
				lists("192.0.2.0/24 2001:db8:1::/48", "10.0.0.0/8");
			else
				ck_assert_mem_eq(&was, &update, sizeof was);
		}
		manrs_bgp_store_free(s);
		ck_assert_uint_eq(t.live, 0);
		if (rc == MANRS_OK && t.calls < k)
			return;
		ck_assert(rc == MANRS_OK || rc == MANRS_ENOMEM);
	}
}
END_TEST

Suite *bgp_update_suite(void);
Suite *bgp_update_suite(void)
{
	Suite *suite = suite_create("bgp_update");
	TCase *tc = tcase_create("cases");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 5 * TEST_SLOW);
	tcase_add_test(tc, rfc4271_s4_3_announced_and_withdrawn);
	tcase_add_test(tc, the_record_of_an_announcement);
	tcase_add_test(tc, rfc4760_both_families_in_one_update);
	tcase_add_test(tc, rfc4760_s4_unreach_alone);
	tcase_add_test(tc, rfc4724_s2_end_of_rib);
	tcase_add_test(tc, rfc7911_s3_path_identifiers);
	tcase_add_test(tc, rfc4271_s4_3_announced_and_withdrawn_in_one);
	tcase_add_test(tc, rfc7606_s3_d_mandatory_attributes);
	tcase_add_test(tc, rfc4760_s3_next_hop_with_mp_reach);
	tcase_add_test(tc, rfc4271_s5_attributes_without_nlri);
	tcase_add_test(tc, rfc7606_s5_3_nlri);
	tcase_add_test(tc, rfc7606_s3_i_withdrawn_routes);
	tcase_add_test(tc, rfc7606_s5_3_mp_attributes);
	tcase_add_test(tc, rfc7606_s3_g_mp_attributes_twice);
	tcase_add_test(tc, rfc7606_s2_treat_as_withdraw);
	tcase_add_test(tc, rfc7606_s2_attribute_discard);
	tcase_add_test(tc, rfc7606_s3_h_the_strongest);
	tcase_add_test(tc, rfc7606_s4_lengths_of_attributes);
	tcase_add_test(tc, rfc7606_s5_2_nothing_announced);
	tcase_add_test(tc, guessed_path_identifiers);
	tcase_add_test(tc, other_messages);
	tcase_add_test(tc, cut_at_every_byte);
	tcase_add_test(tc, no_memory);
	suite_add_tcase(suite, tc);
	return suite;
}
