/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Path attributes, rule by rule. The bytes are written down from RFC 4271 section 4.3 and the RFC that a case is named after; what
 * is to be done with them is what that section says. At the end a second reader, a switch over lists, is asked the same about
 * attributes that were damaged at random.
 */

#include "../oracle/attrs.h"
#include "../test.h"

#include "wire/bgp_wire.h"

#define AS4      MANRS_BGP_AS4
#define INTERNAL MANRS_BGP_INTERNAL
#define HAS(x)   MANRS_BGP_HAS(MANRS_BGP_##x)

static manrs_bgp_store *store;

static void setup(void)
{
	pass(manrs_bgp_store_new(&store, NULL));
}

static void teardown(void)
{
	manrs_bgp_store_free(store);
}

static size_t bytes(uint8_t *out, const char *hex)
{
	size_t n = 0;
	unsigned byte;

	for (hex += strspn(hex, " "); *hex; hex += strspn(hex, " ")) {
		ck_assert_int_eq(sscanf(hex, "%2x", &byte), 1);
		out[n++] = (uint8_t)byte;
		hex += 2;
	}
	return n;
}

static const manrs_bgp_attrs *get(uint32_t flags, const uint8_t *in, size_t n)
{
	const manrs_bgp_session session = {.flags = flags};
	const manrs_bgp_attrs *attrs;

	pass(manrs_bgp_store_get(store, &attrs, &session, in, n));
	return attrs;
}

static const manrs_bgp_attrs *read_hex(uint32_t flags, const char *hex)
{
	uint8_t in[1024];

	return get(flags, in, bytes(in, hex));
}

/* The attributes, their action, and the type and place of the first error that made it. */
static const manrs_bgp_attrs *judged(uint32_t flags, const char *hex, int action, int type, int at)
{
	const manrs_bgp_attrs *attrs = read_hex(flags, hex);

	ck_assert_msg((int)attrs->action == action, "%s: %s", hex,
		      manrs_bgp_action_text((int)attrs->action));
	ck_assert_msg(attrs->more->fault.code == type, "%s: fault of type %d", hex,
		      attrs->more->fault.code);
	ck_assert_msg(attrs->more->fault.at == (uint64_t)at, "%s: fault at %d", hex,
		      (int)attrs->more->fault.at);
	ck_assert_int_eq(attrs->more->fault.what != NULL, action > MANRS_BGP_KEEP);
	return attrs;
}

static const manrs_bgp_attrs *kept(uint32_t flags, const char *hex)
{
	return judged(flags, hex, MANRS_BGP_KEEP, 0, 0);
}

static void path_is(const manrs_bgp_attrs *attrs, const char *text)
{
	char got[1024];

	ck_assert_int_ge(manrs_path_format(&attrs->path, got, sizeof got), 0);
	ck_assert_str_eq(got, text);
}

static void address_is(const manrs_prefix *p, const char *text)
{
	manrs_prefix want = {0};

	if (*text)
		want = test_address(text);
	ck_assert_mem_eq(p, &want, sizeof want);
}

/* ---- what a good set says ---- */

START_TEST(rfc4271_s4_3_every_attribute_is_read)
{
	const manrs_bgp_attrs *a =
		kept(AS4 | INTERNAL,
		     "40 01 01 02  40 02 0a 02 02 00 00 fb f1 00 01 00 00  40 03 04 c0 00 02 01"
		     "80 04 04 00 00 00 07  40 05 04 00 00 00 64  40 06 00"
		     "c0 07 08 00 01 00 01 c0 00 02 09  c0 08 08 fb f1 00 01 ff ff ff 01"
		     "80 09 04 c0 00 02 05  80 0a 08 c0 00 02 06 c0 00 02 07"
		     "c0 10 08 00 02 fb f1 00 00 00 05"
		     "c0 20 0c 00 00 fb f1 00 00 00 01 00 00 00 02  c0 23 04 00 00 fb f1");

	ck_assert_uint_eq(a->has, HAS(ORIGIN) | HAS(AS_PATH) | HAS(NEXT_HOP) | HAS(MED) |
					  HAS(LOCAL_PREF) | HAS(ATOMIC_AGGREGATE) |
					  HAS(AGGREGATOR) | HAS(COMMUNITIES) | HAS(ORIGINATOR_ID) |
					  HAS(CLUSTER_LIST) | HAS(EXTENDED_COMMUNITIES) |
					  HAS(LARGE_COMMUNITIES) | HAS(OTC));
	ck_assert_uint_eq(a->more->discarded, 0);
	ck_assert_uint_eq(a->origin, 2);
	path_is(a, "64497 65536");
	address_is(&a->next_hop, "192.0.2.1");
	address_is(&a->next_hop4, "192.0.2.1");
	address_is(&a->more->next_hop_local, "");
	ck_assert_uint_eq(a->med, 7);
	ck_assert_uint_eq(a->local_pref, 100);
	ck_assert_uint_eq(a->more->aggregator_asn, 65537);
	ck_assert_uint_eq(a->more->aggregator_id, 0xc0000209);
	ck_assert_uint_eq(a->more->originator_id, 0xc0000205);
	ck_assert_uint_eq(a->otc, 64497);
	ck_assert_uint_eq(a->n_communities, 2);
	ck_assert_mem_eq(a->communities, "\xfb\xf1\x00\x01\xff\xff\xff\x01", 8);
	ck_assert_uint_eq(a->more->n_clusters, 2);
	ck_assert_mem_eq(a->more->clusters, "\xc0\x00\x02\x06\xc0\x00\x02\x07", 8);
	ck_assert_uint_eq(a->more->n_extended, 1);
	ck_assert_mem_eq(a->more->extended, "\x00\x02\xfb\xf1\x00\x00\x00\x05", 8);
	ck_assert_uint_eq(a->more->n_large, 1);
	ck_assert_mem_eq(a->more->large, "\0\0\xfb\xf1\0\0\0\1\0\0\0\2", 12);
}
END_TEST

START_TEST(rfc4271_s4_3_no_attributes_are_well)
{
	const manrs_bgp_attrs *a = kept(0, "");

	ck_assert_uint_eq(a->has, 0);
	ck_assert_uint_eq(a->path.n, 0);
}
END_TEST

START_TEST(rfc4271_s4_3_a_length_of_two_bytes)
{
	path_is(kept(AS4, "50 02 00 06 02 01 00 00 fb f1"), "64497");
}
END_TEST

START_TEST(rfc4271_s4_3_partial_is_no_conflict)
{
	ck_assert_uint_eq(kept(0, "e0 08 04 00 01 00 02")->n_communities, 1);
}
END_TEST

/* ---- RFC 7606 section 3 ---- */

START_TEST(rfc7606_s3c_flags_in_conflict)
{
	static const struct {
		const char *right, *optional, *transitive;
		int type;
	} cases[] = {
		{"40 01 01 00", "c0 01 01 00", "00 01 01 00", 1},
		{"40 02 00", "c0 02 00", "00 02 00", 2},
		{"40 03 04 c0 00 02 01", "c0 03 04 c0 00 02 01", "00 03 04 c0 00 02 01", 3},
		{"80 04 04 00 00 00 01", "00 04 04 00 00 00 01", "c0 04 04 00 00 00 01", 4},
		{"40 05 04 00 00 00 01", "c0 05 04 00 00 00 01", "00 05 04 00 00 00 01", 5},
		{"40 06 00", "c0 06 00", "00 06 00", 6},
		{"c0 07 06 fb f1 00 00 00 01", "40 07 06 fb f1 00 00 00 01",
		 "80 07 06 fb f1 00 00 00 01", 7},
		{"c0 08 04 00 00 00 01", "40 08 04 00 00 00 01", "80 08 04 00 00 00 01", 8},
		{"80 09 04 00 00 00 01", "00 09 04 00 00 00 01", "c0 09 04 00 00 00 01", 9},
		{"80 0a 04 00 00 00 01", "00 0a 04 00 00 00 01", "c0 0a 04 00 00 00 01", 10},
		{"80 0f 03 00 02 01", "00 0f 03 00 02 01", "c0 0f 03 00 02 01", 15},
		{"c0 10 08 00 00 00 00 00 00 00 01", "40 10 08 00 00 00 00 00 00 00 01",
		 "80 10 08 00 00 00 00 00 00 00 01", 16},
		{"c0 11 06 02 01 00 00 00 01", "40 11 06 02 01 00 00 00 01",
		 "80 11 06 02 01 00 00 00 01", 17},
		{"c0 12 08 00 00 00 01 00 00 00 01", "40 12 08 00 00 00 01 00 00 00 01",
		 "80 12 08 00 00 00 01 00 00 00 01", 18},
		{"c0 20 0c 00 00 00 00 00 00 00 00 00 00 00 01",
		 "40 20 0c 00 00 00 00 00 00 00 00 00 00 00 01",
		 "80 20 0c 00 00 00 00 00 00 00 00 00 00 00 01", 32},
		{"c0 23 04 00 00 00 01", "40 23 04 00 00 00 01", "80 23 04 00 00 00 01", 35},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		kept(INTERNAL, cases[i].right);
		judged(INTERNAL, cases[i].optional, MANRS_BGP_WITHDRAW, cases[i].type, 0);
		judged(INTERNAL, cases[i].transitive, MANRS_BGP_WITHDRAW, cases[i].type, 0);
		/* a RIB's writer may put what he likes */
		if (cases[i].type < 17)
			kept(MANRS_BGP_DUMP, cases[i].transitive);
	}
}
END_TEST

START_TEST(rfc7606_s3g_the_first_of_two_counts)
{
	const manrs_bgp_attrs *a = judged(0, "80 04 04 00 00 00 01  80 04 04 00 00 00 02",
					  MANRS_BGP_DISCARD, MANRS_BGP_MED, 7);

	ck_assert_uint_eq(a->has, HAS(MED));
	ck_assert_uint_eq(a->med, 1);
	ck_assert_uint_eq(a->more->discarded, HAS(MED));
	/* what the second says is not looked at */
	judged(0, "80 04 04 00 00 00 01  80 04 01 00", MANRS_BGP_DISCARD, MANRS_BGP_MED, 7);
	/* "whether recognized or unrecognized" */
	judged(0, "80 c8 01 00  80 c8 01 00", MANRS_BGP_DISCARD, 0xc8, 4);
	judged(0, "80 0b 00  80 0b 00", MANRS_BGP_DISCARD, 11, 3);
}
END_TEST

START_TEST(rfc7606_s3g_mp_twice_ends_the_session)
{
	const manrs_bgp_attrs *a = judged(0, "80 0f 03 00 02 01  80 0f 03 00 01 01",
					  MANRS_BGP_RESET, MANRS_BGP_MP_UNREACH, 6);

	ck_assert_uint_eq(a->more->notify_code, 3);
	ck_assert_uint_eq(a->more->notify_subcode, 1);
	a = judged(0, "80 0e 09 00 01 01 04 c0 00 02 01 00  80 0e 09 00 01 01 04 c0 00 02 01 00",
		   MANRS_BGP_RESET, MANRS_BGP_MP_REACH, 12);
	ck_assert_uint_eq(a->more->notify_subcode, 1);
}
END_TEST

START_TEST(rfc7606_s3h_the_strongest_wins)
{
	/* AGGREGATOR of 1 byte: discard; ORIGIN 3: withdraw; unknown well-known: reset */
	const manrs_bgp_attrs *a;

	judged(0, "c0 07 01 00  40 01 01 03", MANRS_BGP_WITHDRAW, MANRS_BGP_ORIGIN, 4);
	judged(0, "40 01 01 03  c0 07 01 00", MANRS_BGP_WITHDRAW, MANRS_BGP_ORIGIN, 0);
	a = judged(0, "40 01 01 00  40 63 00  c0 07 01 00  40 03 01 00", MANRS_BGP_RESET, 0x63, 4);
	ck_assert_uint_eq(a->more->discarded, HAS(AGGREGATOR));
	ck_assert_uint_eq(a->has, HAS(ORIGIN));
	/* the NOTIFICATION and the place are those of the strongest: DISABLE of a next hop of 3, then RESET */
	a = judged(0, "80 0e 08 00 01 01 03 c0 00 02 00  40 63 00", MANRS_BGP_RESET, 0x63, 11);
	ck_assert_uint_eq(a->more->notify_subcode, 2);
}
END_TEST

START_TEST(rfc4271_s6_3_unknown_well_known)
{
	const manrs_bgp_attrs *a = judged(0, "40 63 01 00", MANRS_BGP_RESET, 0x63, 0);

	ck_assert_uint_eq(a->more->notify_code, 3);
	ck_assert_uint_eq(a->more->notify_subcode, 2);
	judged(0, "40 00 00", MANRS_BGP_RESET, 0, 0);
	kept(0, "80 00 00");
}
END_TEST

START_TEST(rfc4271_s5_unknown_optional_passes)
{
	ck_assert_uint_eq(kept(0, "c0 3f 00")->has, UINT64_C(1) << 63);
	ck_assert_uint_eq(kept(0, "80 14 03 01 02 03")->has, UINT64_C(1) << 20);
	ck_assert_uint_eq(kept(0, "c0 40 01 02")->has, 0);
	ck_assert_uint_eq(kept(0, "c0 ff 01 02")->has, 0);
}
END_TEST

/* ---- RFC 7606 section 4 ---- */

START_TEST(rfc7606_s4_a_length_that_overruns)
{
	judged(0, "40 01 01 00  40 03 05 c0 00 02 01", MANRS_BGP_WITHDRAW, MANRS_BGP_NEXT_HOP, 4);
	judged(0, "40 01 01 00  40 03", MANRS_BGP_WITHDRAW, MANRS_BGP_NEXT_HOP, 4);
	judged(0, "40 01 01 00  40", MANRS_BGP_WITHDRAW, 0, 4);
	/* fewer than four octets, with the Extended Length bit */
	judged(0, "40 01 01 00  50 03 00", MANRS_BGP_WITHDRAW, MANRS_BGP_NEXT_HOP, 4);
	ck_assert_uint_eq(read_hex(0, "40 01 01 00  50 03 00")->has, HAS(ORIGIN));
	/* "unless some other, more severe error": the prefixes themselves are torn (section 3 j) */
	judged(0, "80 0e 10 00 02 01", MANRS_BGP_RESET, MANRS_BGP_MP_REACH, 0);
	judged(0, "80 0f 04 00 02 01", MANRS_BGP_RESET, MANRS_BGP_MP_UNREACH, 0);
}
END_TEST

/* Of all, only AS_PATH and ATOMIC_AGGREGATE may be empty; an error then is what any error of the attribute is. */
START_TEST(rfc7606_s4_length_zero)
{
	static const struct {
		const char *hex;
		int type, action;
	} cases[] = {
		{"40 01 00", 1, MANRS_BGP_WITHDRAW},  {"40 02 00", 2, MANRS_BGP_KEEP},
		{"40 03 00", 3, MANRS_BGP_WITHDRAW},  {"80 04 00", 4, MANRS_BGP_WITHDRAW},
		{"40 05 00", 5, MANRS_BGP_WITHDRAW},  {"40 06 00", 6, MANRS_BGP_KEEP},
		{"c0 07 00", 7, MANRS_BGP_DISCARD},   {"c0 08 00", 8, MANRS_BGP_WITHDRAW},
		{"80 09 00", 9, MANRS_BGP_WITHDRAW},  {"80 0a 00", 10, MANRS_BGP_WITHDRAW},
		{"80 0e 00", 14, MANRS_BGP_RESET},    {"80 0f 00", 15, MANRS_BGP_RESET},
		{"c0 10 00", 16, MANRS_BGP_WITHDRAW}, {"c0 11 00", 17, MANRS_BGP_DISCARD},
		{"c0 12 00", 18, MANRS_BGP_DISCARD},  {"c0 19 00", 25, MANRS_BGP_WITHDRAW},
		{"c0 20 00", 32, MANRS_BGP_WITHDRAW}, {"c0 23 00", 35, MANRS_BGP_WITHDRAW},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		judged(INTERNAL, cases[i].hex, cases[i].action,
		       cases[i].action == MANRS_BGP_KEEP ? 0 : cases[i].type, 0);
}
END_TEST

/* ---- RFC 7606 section 7: lengths ---- */

/* May a type have this length, on a 4-octet session inside? Of AS_PATH and the MPs the bytes decide, not the length. */
static bool length_may(unsigned type, unsigned n)
{
	switch (type) {
	case MANRS_BGP_ORIGIN: /* 7.1 */
		return n == 1;
	case MANRS_BGP_NEXT_HOP:      /* 7.3 */
	case MANRS_BGP_MED:           /* 7.4 */
	case MANRS_BGP_LOCAL_PREF:    /* 7.5 */
	case MANRS_BGP_ORIGINATOR_ID: /* 7.9 */
	case MANRS_BGP_OTC:           /* RFC 9234 section 5 */
		return n == 4;
	case MANRS_BGP_ATOMIC_AGGREGATE: /* 7.6 */
		return n == 0;
	case MANRS_BGP_AGGREGATOR: /* 7.7 */
		return n == 8;
	case MANRS_BGP_COMMUNITIES:  /* 7.8 */
	case MANRS_BGP_CLUSTER_LIST: /* 7.10 */
		return n > 0 && n % 4 == 0;
	case MANRS_BGP_EXTENDED_COMMUNITIES: /* 7.14 */
		return n > 0 && n % 8 == 0;
	case 25: /* 7.15 */
		return n > 0 && n % 20 == 0;
	case MANRS_BGP_LARGE_COMMUNITIES: /* RFC 8092 section 6 */
		return n > 0 && n % 12 == 0;
	}
	ck_abort_msg("no such type");
}

START_TEST(rfc7606_s7_every_length_of_every_attribute)
{
	static const struct {
		uint8_t flags, type;
		int action;
	} types[] = {
		{0x40, 1, MANRS_BGP_WITHDRAW},  {0x40, 3, MANRS_BGP_WITHDRAW},
		{0x80, 4, MANRS_BGP_WITHDRAW},  {0x40, 5, MANRS_BGP_WITHDRAW},
		{0x40, 6, MANRS_BGP_DISCARD},   {0xc0, 7, MANRS_BGP_DISCARD},
		{0xc0, 8, MANRS_BGP_WITHDRAW},  {0x80, 9, MANRS_BGP_WITHDRAW},
		{0x80, 10, MANRS_BGP_WITHDRAW}, {0xc0, 16, MANRS_BGP_WITHDRAW},
		{0xc0, 25, MANRS_BGP_WITHDRAW}, {0xc0, 32, MANRS_BGP_WITHDRAW},
		{0xc0, 35, MANRS_BGP_WITHDRAW},
	};
	uint8_t in[300];

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		for (unsigned n = 0; n <= 255; n++) {
			const manrs_bgp_attrs *a;
			bool may = length_may(types[i].type, n);

			memset(in, 1, sizeof in);
			in[0] = types[i].flags;
			in[1] = types[i].type;
			in[2] = (uint8_t)n;
			a = get(AS4 | INTERNAL, in, 3 + n);
			ck_assert_msg((int)a->action == (may ? MANRS_BGP_KEEP : types[i].action),
				      "type %d, length %u", types[i].type, n);
			ck_assert_uint_eq(a->has, may ? MANRS_BGP_HAS(types[i].type) : 0);
			ck_assert_uint_eq(a->more->discarded, a->action == MANRS_BGP_DISCARD
								      ? MANRS_BGP_HAS(types[i].type)
								      : 0);
		}
}
END_TEST

START_TEST(rfc7606_s7_1_origin)
{
	for (unsigned i = 0; i <= 255; i++) {
		uint8_t in[4] = {0x40, 1, 1, (uint8_t)i};
		const manrs_bgp_attrs *a = get(0, in, 4);

		ck_assert_int_eq((int)a->action, i > 2 ? MANRS_BGP_WITHDRAW : MANRS_BGP_KEEP);
		ck_assert_uint_eq(a->origin, i > 2 ? 0 : i);
	}
}
END_TEST

START_TEST(rfc7606_s7_2_as_path)
{
	static const char *const bad[] = {
		"40 02 06 05 01 00 00 fb f1", /* unknown type of a segment */
		"40 02 06 00 01 00 00 fb f1",
		"40 02 06 02 02 00 00 fb f1",    /* overrun */
		"40 02 07 02 01 00 00 fb f1 02", /* one byte left over */
		"40 02 02 02 00",                /* length 0 */
		"40 02 08 02 01 00 00 fb f1 02 00",
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		const manrs_bgp_attrs *a =
			judged(AS4, bad[i], MANRS_BGP_WITHDRAW, MANRS_BGP_AS_PATH, 0);

		ck_assert_uint_eq(a->path.n, 0);
		ck_assert_uint_eq(a->has, 0);
	}
	/* 2 octets */
	path_is(kept(0, "40 02 06 02 02 fb f1 fb f0"), "64497 64496");
	/* RFC 9774's sets are for who judges the path */
	path_is(kept(AS4, "40 02 0c 02 01 00 00 fb f1 01 01 00 00 fb f0"), "64497 {64496}");
}
END_TEST

START_TEST(rfc5065_s5_confederation_from_outside)
{
	static const char sequence[] = "40 02 0c 03 01 00 00 fd e9 02 01 00 00 fb f1",
			  set[] = "40 02 06 04 01 00 00 fd e9";

	ck_assert_uint_eq(judged(AS4, sequence, MANRS_BGP_WITHDRAW, 2, 0)->path.n, 0);
	judged(AS4, set, MANRS_BGP_WITHDRAW, 2, 0);
	path_is(kept(AS4 | MANRS_BGP_CONFED, sequence), "(65001) 64497");
	path_is(kept(AS4 | INTERNAL, set), "[65001]");
	path_is(kept(AS4 | MANRS_BGP_DUMP, sequence), "(65001) 64497");
}
END_TEST

/* LOCAL_PREF, ORIGINATOR_ID, CLUSTER_LIST: sections 7.5, 7.9, 7.10. */
START_TEST(rfc7606_s7_5_not_from_an_external_neighbour)
{
	static const struct {
		const char *hex, *bad;
		int type;
	} cases[] = {
		{"40 05 04 00 00 00 64", "40 05 01 00", 5},
		{"80 09 04 c0 00 02 01", "80 09 01 00", 9},
		{"80 0a 04 c0 00 02 01", "80 0a 01 00", 10},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const manrs_bgp_attrs *a =
			judged(0, cases[i].hex, MANRS_BGP_DISCARD, cases[i].type, 0);

		ck_assert_uint_eq(a->has, 0);
		ck_assert_uint_eq(a->more->discarded, MANRS_BGP_HAS(cases[i].type));
		ck_assert_uint_eq(a->local_pref + a->more->originator_id + a->more->n_clusters, 0);
		judged(0, cases[i].bad, MANRS_BGP_DISCARD, cases[i].type, 0);
		judged(INTERNAL, cases[i].bad, MANRS_BGP_WITHDRAW, cases[i].type, 0);
		kept(INTERNAL, cases[i].hex);
		kept(MANRS_BGP_CONFED, cases[i].hex);
		kept(MANRS_BGP_DUMP, cases[i].hex);
	}
}
END_TEST

START_TEST(rfc7606_s7_7_aggregator_by_the_width)
{
	static const char two[] = "c0 07 06 fb f1 c0 00 02 01",
			  four[] = "c0 07 08 00 00 fb f1 c0 00 02 01";

	ck_assert_uint_eq(kept(0, two)->more->aggregator_asn, 64497);
	ck_assert_uint_eq(kept(0, two)->more->aggregator_id, 0xc0000201);
	ck_assert_uint_eq(kept(AS4, four)->more->aggregator_asn, 64497);
	ck_assert_uint_eq(judged(AS4, two, MANRS_BGP_DISCARD, 7, 0)->more->aggregator_asn, 0);
	ck_assert_uint_eq(judged(0, four, MANRS_BGP_DISCARD, 7, 0)->more->aggregator_id, 0);
	ck_assert_uint_eq(kept(AS4 | MANRS_BGP_GUESS, two)->notes, MANRS_BGP_NOTE_GUESSED);
	ck_assert_uint_eq(kept(MANRS_BGP_GUESS, four)->more->aggregator_asn, 64497);
	ck_assert_uint_eq(kept(MANRS_BGP_GUESS, two)->notes, 0);
}
END_TEST

/* ---- MP_REACH and MP_UNREACH ---- */

#define V6 "20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 01"
#define LL "fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 02"

START_TEST(rfc2545_s3_next_hops_of_16_and_32)
{
	const manrs_bgp_attrs *a =
		kept(0, "80 0e 1a 00 02 01 10" V6 "00 20 20 01 0d b8  40 03 04 c0 00 02 01");

	ck_assert_uint_eq(a->has, HAS(MP_REACH) | HAS(NEXT_HOP));
	ck_assert_uint_eq(a->reach_family, 6);
	address_is(&a->next_hop, "2001:db8::1");
	address_is(&a->more->next_hop_local, "");
	address_is(&a->next_hop4, "192.0.2.1");
	a = kept(0, "80 0e 25 00 02 01 20" V6 LL "00");
	address_is(&a->next_hop, "2001:db8::1");
	address_is(&a->more->next_hop_local, "fe80::2");
	address_is(&a->next_hop4, "");
}
END_TEST

START_TEST(rfc8950_s3_ipv4_over_ipv6)
{
	const manrs_bgp_attrs *a = kept(0, "80 0e 15 00 01 01 10" V6 "00");

	ck_assert_uint_eq(a->reach_family, 4);
	address_is(&a->next_hop, "2001:db8::1");
	a = kept(0, "80 0e 09 00 01 01 04 c0 00 02 01 00");
	ck_assert_uint_eq(a->reach_family, 4);
	address_is(&a->next_hop, "192.0.2.1");
	a = kept(0, "80 0e 25 00 01 01 20" V6 LL "00");
	address_is(&a->more->next_hop_local, "fe80::2");
}
END_TEST

START_TEST(rfc7606_s7_11_every_next_hop_length)
{
	uint8_t in[300] = {0x80, 14};

	for (unsigned afi = 1; afi <= 2; afi++)
		for (unsigned n = 0; n <= 250; n++) {
			bool may = n == 16 || n == 32 || (afi == 1 && n == 4);
			const manrs_bgp_attrs *a;

			in[2] = (uint8_t)(5 + n);
			in[4] = (uint8_t)afi;
			in[5] = 1;
			in[6] = (uint8_t)n;
			a = get(0, in, 8 + n);
			ck_assert_int_eq((int)a->action, may ? MANRS_BGP_KEEP : MANRS_BGP_DISABLE);
			ck_assert_uint_eq(a->has, may ? HAS(MP_REACH) : 0);
			ck_assert_uint_eq(a->reach_family, may ? afi == 1 ? 4 : 6 : 0);
			ck_assert_uint_eq(a->more->notify_code, may ? 0 : 3);
			ck_assert_uint_eq(a->more->notify_subcode, may ? 0 : 9);
		}
	/* longer than the attribute; its family is known from 3 bytes on */
	judged(0, "80 0e 09 00 02 01 10 20 01 0d b8 00", MANRS_BGP_DISABLE, 14, 0);
	judged(0, "80 0e 03 00 02 01", MANRS_BGP_DISABLE, 14, 0);
	judged(0, "80 0e 02 00 02", MANRS_BGP_RESET, 14, 0);
	judged(0, "80 0f 02 00 02", MANRS_BGP_RESET, 15, 0);
}
END_TEST

START_TEST(rfc4760_s3_other_families_pass)
{
	/* VPN-IPv4: a distinguisher before the address, 12 octets; VPN-IPv6 twice that: 48 (RFC 4659 section 3.2.1.1) */
	const manrs_bgp_attrs *a =
		kept(0, "80 0e 11 00 01 80 0c 00 00 00 00 00 00 00 00 c0 00 02 01 00");

	ck_assert_uint_eq(a->notes, MANRS_BGP_NOTE_FAMILY);
	ck_assert_uint_eq(a->has, HAS(MP_REACH));
	ck_assert_uint_eq(a->reach_family, 0);
	address_is(&a->next_hop, "");
	a = kept(0, "80 0e 1d 00 02 80 18 00 00 00 00 00 00 00 00" V6 "00");
	ck_assert_uint_eq(a->notes, MANRS_BGP_NOTE_FAMILY);
	ck_assert_uint_eq(kept(0, "80 0f 03 00 02 80")->notes, MANRS_BGP_NOTE_FAMILY);
	ck_assert_uint_eq(kept(0, "80 0f 03 00 02 01")->notes, 0);
	ck_assert_uint_eq(kept(0, "80 0f 03 00 02 02")->notes, MANRS_BGP_NOTE_FAMILY);
}
END_TEST

START_TEST(rfc6396_s4_3_4_the_short_mp_reach)
{
	const manrs_bgp_attrs *a = kept(MANRS_BGP_DUMP, "80 0e 11 10" V6);

	ck_assert_uint_eq(a->notes, MANRS_BGP_NOTE_SHORT_MP);
	ck_assert_uint_eq(a->reach_family, 6);
	address_is(&a->next_hop, "2001:db8::1");
	a = kept(MANRS_BGP_DUMP, "80 0e 21 20" V6 LL);
	address_is(&a->more->next_hop_local, "fe80::2");
	a = kept(MANRS_BGP_DUMP, "80 0e 05 04 c0 00 02 01");
	ck_assert_uint_eq(a->reach_family, 4);
	address_is(&a->next_hop, "192.0.2.1");
	/* the full one, with and without what stands behind the next hop */
	a = kept(MANRS_BGP_DUMP, "80 0e 15 00 02 01 10" V6 "00");
	ck_assert_uint_eq(a->notes, 0);
	address_is(&a->next_hop, "2001:db8::1");
	address_is(&kept(MANRS_BGP_DUMP, "80 0e 14 00 02 01 10" V6)->next_hop, "2001:db8::1");
	judged(0, "80 0e 14 00 02 01 10" V6, MANRS_BGP_DISABLE, 14, 0);
	/* in a message there is none */
	judged(0, "80 0e 11 10" V6, MANRS_BGP_DISABLE, 14, 0);
	judged(MANRS_BGP_DUMP, "80 0e 12 10" V6 "00", MANRS_BGP_DISABLE, 14, 0);
	judged(MANRS_BGP_DUMP, "80 0e 02 03 00", MANRS_BGP_RESET, 14, 0);
}
END_TEST

/* ---- RFC 6793 ---- */

#define TRANS "5b a0 "

START_TEST(rfc6793_s4_2_3_merged)
{
	/* the example of the section in numbers of today: two hops of old speakers before three that are known */
	const manrs_bgp_attrs *a = kept(0, "40 02 0a 02 04 fb f1 fb f2" TRANS TRANS
					   "c0 11 0a 02 02 00 01 00 02 00 01 00 03");

	path_is(a, "64497 64498 65538 65539");
	ck_assert_uint_eq(a->has, HAS(AS_PATH) | HAS(AS4_PATH));
	/* the AS4_PATH comes first in the bytes */
	path_is(kept(0, "c0 11 06 02 01 00 01 00 02  40 02 06 02 02 fb f1" TRANS), "64497 65538");
	/* "less than": the AS4_PATH is ignored */
	path_is(kept(0, "40 02 04 02 01 fb f1  c0 11 0a 02 02 00 01 00 02 00 01 00 03"), "64497");
	/* a set counts as one */
	path_is(kept(0, "40 02 0a 02 01 fb f1 01 02" TRANS "fb f2"
			"c0 11 0a 01 02 00 01 00 02 00 00 fb f2"),
		"64497 {65538,64498}");
}
END_TEST

START_TEST(rfc6793_s4_2_3_aggregators)
{
	static const char path[] = "40 02 06 02 02 fb f1" TRANS "c0 11 06 02 01 00 01 00 02";
	char hex[256];
	const manrs_bgp_attrs *a;

	/* AGGREGATOR from AS_TRANS: AS4_AGGREGATOR says who */
	snprintf(hex, sizeof hex, "%s c0 07 06 5b a0 c0 00 02 01  c0 12 08 00 01 00 05 c0 00 02 02",
		 path);
	a = kept(0, hex);
	ck_assert_uint_eq(a->more->aggregator_asn, 65541);
	ck_assert_uint_eq(a->more->aggregator_id, 0xc0000202);
	path_is(a, "64497 65538");
	/* not from AS_TRANS: both new ones are ignored, without an error */
	snprintf(hex, sizeof hex, "%s c0 07 06 fb f4 c0 00 02 01  c0 12 08 00 01 00 05 c0 00 02 02",
		 path);
	a = kept(0, hex);
	ck_assert_uint_eq(a->more->aggregator_asn, 64500);
	ck_assert_uint_eq(a->more->aggregator_id, 0xc0000201);
	path_is(a, "64497 23456");
	ck_assert_uint_eq(a->has, HAS(AS_PATH) | HAS(AGGREGATOR));
	ck_assert_uint_eq(a->more->discarded, HAS(AS4_PATH) | HAS(AS4_AGGREGATOR));
	/* without an AS4_AGGREGATOR that does not matter */
	snprintf(hex, sizeof hex, "%s c0 07 06 fb f4 c0 00 02 01", path);
	path_is(kept(0, hex), "64497 65538");
}
END_TEST

START_TEST(rfc6793_s6_not_from_a_new_speaker)
{
	const manrs_bgp_attrs *a = judged(AS4,
					  "40 02 06 02 01 00 00 fb f1  c0 11 06 02 01 00 01 00 02"
					  "c0 12 08 00 01 00 05 c0 00 02 02",
					  MANRS_BGP_DISCARD, 17, 9);

	path_is(a, "64497");
	ck_assert_uint_eq(a->has, HAS(AS_PATH));
	ck_assert_uint_eq(a->more->discarded, HAS(AS4_PATH) | HAS(AS4_AGGREGATOR));
	ck_assert_uint_eq(a->more->aggregator_asn, 0);
}
END_TEST

START_TEST(rfc6793_s6_malformed_as4)
{
	static const char *const bad[] = {
		"c0 11 04 02 01 00 01",          /* too small */
		"c0 11 07 02 01 00 01 00 02 00", /* not a multiple of two */
		"c0 11 06 02 02 00 01 00 02",    /* a segment that overruns */
		"c0 11 06 02 00 02 01 00 01",    "c0 11 06 05 01 00 01 00 02", /* an unknown type */
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		char hex[128];
		const manrs_bgp_attrs *a;

		snprintf(hex, sizeof hex, "40 02 04 02 01 5b a0 %s", bad[i]);
		a = judged(0, hex, MANRS_BGP_DISCARD, 17, 7);
		path_is(a, "23456");
		ck_assert_uint_eq(a->more->discarded, HAS(AS4_PATH));
	}
	judged(0, "c0 12 07 00 01 00 05 c0 00 02", MANRS_BGP_DISCARD, 18, 0);
	/* "MUST discard these path segments": a confederation's, in the AS4_PATH */
	path_is(kept(0,
		     "40 02 06 02 02 fb f1" TRANS "c0 11 0c 03 01 00 00 fd e9 02 01 00 01 00 02"),
		"64497 65538");
}
END_TEST

/* ---- archives ---- */

START_TEST(guess_the_other_width_where_one_does_not_fit)
{
	static const char two[] = "40 02 06 02 02 fb f1 fb f0",
			  four[] = "40 02 0a 02 02 00 00 fb f1 00 00 fb f0";
	const uint32_t guess = MANRS_BGP_GUESS;

	judged(AS4, two, MANRS_BGP_WITHDRAW, 2, 0);
	judged(0, four, MANRS_BGP_WITHDRAW, 2, 0);
	path_is(kept(AS4 | guess, two), "64497 64496");
	ck_assert_uint_eq(kept(AS4 | guess, two)->notes, MANRS_BGP_NOTE_GUESSED);
	path_is(kept(guess, four), "64497 64496");
	ck_assert_uint_eq(kept(guess, four)->notes, MANRS_BGP_NOTE_GUESSED);
	ck_assert_uint_eq(kept(guess, two)->notes, 0);
	ck_assert_uint_eq(kept(AS4 | guess, four)->notes, 0);
	judged(AS4 | guess, "40 02 03 02 05 fb", MANRS_BGP_WITHDRAW, 2, 0);
	/* who turns out to have 2 octets may send an AS4_PATH, who has 4 may not */
	path_is(kept(AS4 | guess, "40 02 06 02 02 fb f1" TRANS "c0 11 06 02 01 00 01 00 02"),
		"64497 65538");
	judged(guess, "40 02 0a 02 02 00 00 fb f1 00 00 fb f0  c0 11 06 02 01 00 01 00 02",
	       MANRS_BGP_DISCARD, 17, 13);
}
END_TEST

/* ---- the pieces that the other readers use ---- */

START_TEST(rfc4271_s4_3_heads_one_by_one)
{
	uint8_t in[16];
	size_t n = bytes(in, "40 01 01 00  d0 08 00 02 05 06  40 06 00");
	struct bytes view = bytes_of(in, n);
	struct bgp_attr attr;

	ck_assert(bgp_attr_next(&view, &attr));
	ck_assert_uint_eq(attr.at, 0);
	ck_assert_uint_eq(attr.type, 1);
	ck_assert_uint_eq(attr.n, 1);
	ck_assert(bgp_attr_next(&view, &attr));
	ck_assert_uint_eq(attr.at, 4);
	ck_assert_uint_eq(attr.flags, 0xd0);
	ck_assert_uint_eq(attr.n, 2);
	ck_assert_ptr_eq(attr.value, in + 8);
	ck_assert(bgp_attr_next(&view, &attr));
	ck_assert_uint_eq(attr.at, 10);
	ck_assert_uint_eq(attr.n, 0);
	ck_assert(!bgp_attr_next(&view, &attr));
	ck_assert(!view.bad);
	/* cut anywhere inside the second */
	for (size_t cut = 5; cut < 10; cut++) {
		view = bytes_of(in, cut);
		ck_assert(bgp_attr_next(&view, &attr));
		ck_assert(!bgp_attr_next(&view, &attr));
		ck_assert(view.bad);
		ck_assert_uint_eq(attr.at, 4);
	}
}
END_TEST

START_TEST(rfc4760_s3_nlri_is_what_is_left)
{
	const manrs_bgp_session session = {0};
	uint8_t in[64];
	size_t n = bytes(in, "00 02 01 10" V6 "00 20 20 01 0d b8");
	struct bgp_reach reach;

	ck_assert(bgp_reach_read(&reach, &session, in, n));
	ck_assert_uint_eq(reach.afi, 2);
	ck_assert_uint_eq(reach.safi, 1);
	ck_assert_int_eq(reach.family, 6);
	ck_assert_uint_eq(reach.n_next_hop, 16);
	ck_assert_ptr_eq(reach.next_hop, in + 4);
	ck_assert_uint_eq(bytes_at(&reach.nlri), 21);
	ck_assert_uint_eq(bytes_left(&reach.nlri), 5);
	n = bytes(in, "00 01 01 18 c0 00 02");
	ck_assert(bgp_unreach_read(&reach, in, n));
	ck_assert_int_eq(reach.family, 4);
	ck_assert_uint_eq(reach.n_next_hop, 0);
	ck_assert_uint_eq(bytes_at(&reach.nlri), 3);
	ck_assert_uint_eq(bytes_left(&reach.nlri), 4);
	ck_assert(!bgp_unreach_read(&reach, in, 2));
}
END_TEST

/* ---- against a second reader ---- */

static struct oracle_attrs oracle;

static void agree(uint32_t flags, const uint8_t *in, size_t n)
{
	const manrs_bgp_attrs *attrs = get(flags, in, n);
	const char *what;

	oracle_attrs_read(&oracle, flags, in, n);
	what = oracle_attrs_differ(&oracle, attrs);
	if (!what)
		return;
	fprintf(stderr, "flags %u:", flags);
	for (size_t i = 0; i < n; i++)
		fprintf(stderr, " %02x", in[i]);
	ck_abort_msg("%s differs", what);
}

/* All that have a value here, for both widths. */
static const char *const whole[] = {
	"80 0e 1a 00 02 01 10" V6 "00 20 20 01 0d b8"
	"40 01 01 02  40 02 0a 02 02 00 00 fb f1 00 01 00 00  40 03 04 c0 00 02 01"
	"80 04 04 00 00 00 07  40 05 04 00 00 00 64  40 06 00"
	"c0 07 08 00 01 00 01 c0 00 02 09  c0 08 08 fb f1 00 01 ff ff ff 01"
	"80 09 04 c0 00 02 05  80 0a 08 c0 00 02 06 c0 00 02 07  80 0f 07 00 02 01 18 20 01 0d"
	"c0 10 08 00 02 fb f1 00 00 00 05  c0 20 0c 00 00 fb f1 00 00 00 01 00 00 00 02"
	"c0 23 04 00 00 fb f1  c0 63 02 01 02",
	"40 01 01 00  40 02 0c 02 03 fb f1 fb f2 5b a0 01 01 fb f3  40 03 04 c0 00 02 01"
	"c0 07 06 5b a0 c0 00 02 09  c0 11 0c 02 01 00 01 00 02 01 01 00 00 fb f3"
	"c0 12 08 00 01 00 02 c0 00 02 09  80 0e 09 00 01 01 04 c0 00 02 01 00",
	"80 0e 11 10" V6 "40 01 01 00  40 02 06 02 01 00 00 fb f1  d0 08 00 04 00 01 00 02",
};

static const uint32_t sessions[] = {
	0,
	AS4,
	AS4 | INTERNAL,
	MANRS_BGP_CONFED,
	MANRS_BGP_GUESS,
	AS4 | MANRS_BGP_GUESS | MANRS_BGP_DUMP,
	MANRS_BGP_DUMP,
};
#define SESSIONS (sizeof sessions / sizeof *sessions)

START_TEST(cut_at_every_byte)
{
	uint8_t in[512];

	for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
		size_t n = bytes(in, whole[i]);

		for (size_t s = 0; s < SESSIONS; s++)
			for (size_t cut = 0; cut <= n; cut++)
				agree(sessions[s], in, cut);
	}
}
END_TEST

START_TEST(every_byte_with_every_value)
{
	uint8_t in[512];

	for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
		size_t n = bytes(in, whole[i]);

		for (size_t at = 0; at < n; at++) {
			uint8_t was = in[at];

			for (unsigned v = 0; v < 256; v++) {
				in[at] = (uint8_t)v;
				agree(sessions[(at + v) % SESSIONS], in, n);
			}
			in[at] = was;
		}
		manrs_bgp_store_clear(store);
	}
}
END_TEST

/* Change a byte, cut, copy a piece behind another: n stays below `room`. */
static size_t damage(uint8_t *in, size_t n, size_t room, uint64_t *seed)
{
	size_t at = n ? test_below(seed, n) : 0, piece;

	switch (n ? test_below(seed, 4) : 3) {
	case 0:
		in[at] = (uint8_t)test_random(seed);
		return n;
	case 1:
		in[at] = (uint8_t)(in[at] + test_below(seed, 5) - 2);
		return n;
	case 2:
		piece = test_below(seed, n - at) + 1;
		memmove(in + at, in + at + piece, n - at - piece);
		return n - piece;
	default:
		piece = n ? test_below(seed, n - at) + 1 : 0;
		if (n + piece > room)
			return n;
		memmove(in + at + piece, in + at, n - at);
		return n + piece;
	}
}

static void damaged(const uint8_t *whole_bytes, size_t n_whole, size_t rounds, uint64_t *seed)
{
	uint8_t in[1024];

	for (size_t round = 0; round < rounds; round++) {
		size_t n = n_whole < 512 ? n_whole : 512;

		memcpy(in, whole_bytes, n);
		for (size_t k = test_below(seed, 4); k > 0; k--)
			n = damage(in, n, sizeof in, seed);
		agree(sessions[test_below(seed, SESSIONS)], in, n);
	}
}

START_TEST(damaged_at_random)
{
	uint8_t in[512];
	uint64_t seed = 7606;

	for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
		damaged(in, bytes(in, whole[i]), 20000, &seed);
}
END_TEST

/* A path of up to five segments of any kind, each with up to three numbers. returns: its bytes */
static size_t random_path(uint8_t *out, unsigned type, size_t octets, uint64_t *seed)
{
	size_t n = 3;

	for (size_t segments = test_below(seed, 6); segments > 0; segments--) {
		size_t count = 1 + test_below(seed, 3);

		out[n++] = (uint8_t)(1 + test_below(seed, 4));
		out[n++] = (uint8_t)count;
		memset(out + n, 0, count * octets);
		for (; count > 0; count--, n += octets)
			out[n + octets - 1] = (uint8_t)test_random(seed);
	}
	out[0] = type == MANRS_BGP_AS_PATH ? 0x40 : 0xc0;
	out[1] = (uint8_t)type;
	out[2] = (uint8_t)(n - 3);
	return n;
}

/* Two paths that hardly ever fit each other: every edge of what goes before an AS4_PATH. */
START_TEST(rfc6793_s4_2_3_paths_at_random)
{
	uint64_t seed = 6793;
	uint8_t in[256];

	for (int i = 0; i < 50000; i++) {
		size_t n = random_path(in, MANRS_BGP_AS_PATH, 2, &seed);

		n += random_path(in + n, MANRS_BGP_AS4_PATH, 4, &seed);
		agree(MANRS_BGP_CONFED, in, n);
		if (i % 1000 == 0)
			manrs_bgp_store_clear(store);
	}
}
END_TEST

/* The attributes of the UPDATEs of another speaker's own tests, whole and damaged. */
START_TEST(damaged_real_attributes)
{
	const char *name = test_data("wire/exabgp-updates.tsv");
	FILE *file = name ? fopen(name, "r") : NULL;
	static char line[65536];
	static uint8_t in[32768];
	uint64_t seed = 4271;
	size_t updates = 0;

	if (!file) {
		test_skip("no wire/exabgp-updates.tsv");
		return;
	}
	while (fgets(line, sizeof line, file)) {
		char *hex = line;
		size_t n, withdrawn, attrs;

		for (int tab = 0; tab < 3 && hex; tab++)
			if ((hex = strchr(hex, '\t')))
				hex++;
		if (*line == '#' || !hex)
			continue;
		hex[strcspn(hex, "\t\n")] = '\0';
		n = bytes(in, hex);
		ck_assert_uint_ge(n, 23);
		withdrawn = get16(in + 19);
		attrs = get16(in + 21 + withdrawn);
		agree(AS4 | INTERNAL, in + 23 + withdrawn, attrs);
		damaged(in + 23 + withdrawn, attrs, 300, &seed);
		updates++;
	}
	fclose(file);
	ck_assert_uint_eq(updates, 147);
}
END_TEST

Suite *bgp_attrs_suite(void)
{
	Suite *s = suite_create("bgp_attrs");
	TCase *c = tcase_create("rules");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_set_timeout(c, 20 * TEST_SLOW);
	tcase_add_test(c, rfc4271_s4_3_every_attribute_is_read);
	tcase_add_test(c, rfc4271_s4_3_no_attributes_are_well);
	tcase_add_test(c, rfc4271_s4_3_a_length_of_two_bytes);
	tcase_add_test(c, rfc4271_s4_3_partial_is_no_conflict);
	tcase_add_test(c, rfc7606_s3c_flags_in_conflict);
	tcase_add_test(c, rfc7606_s3g_the_first_of_two_counts);
	tcase_add_test(c, rfc7606_s3g_mp_twice_ends_the_session);
	tcase_add_test(c, rfc7606_s3h_the_strongest_wins);
	tcase_add_test(c, rfc4271_s6_3_unknown_well_known);
	tcase_add_test(c, rfc4271_s5_unknown_optional_passes);
	tcase_add_test(c, rfc7606_s4_a_length_that_overruns);
	tcase_add_test(c, rfc7606_s4_length_zero);
	tcase_add_test(c, rfc7606_s7_every_length_of_every_attribute);
	tcase_add_test(c, rfc7606_s7_1_origin);
	tcase_add_test(c, rfc7606_s7_2_as_path);
	tcase_add_test(c, rfc5065_s5_confederation_from_outside);
	tcase_add_test(c, rfc7606_s7_5_not_from_an_external_neighbour);
	tcase_add_test(c, rfc7606_s7_7_aggregator_by_the_width);
	tcase_add_test(c, rfc2545_s3_next_hops_of_16_and_32);
	tcase_add_test(c, rfc8950_s3_ipv4_over_ipv6);
	tcase_add_test(c, rfc7606_s7_11_every_next_hop_length);
	tcase_add_test(c, rfc4760_s3_other_families_pass);
	tcase_add_test(c, rfc6396_s4_3_4_the_short_mp_reach);
	tcase_add_test(c, rfc6793_s4_2_3_merged);
	tcase_add_test(c, rfc6793_s4_2_3_aggregators);
	tcase_add_test(c, rfc6793_s6_not_from_a_new_speaker);
	tcase_add_test(c, rfc6793_s6_malformed_as4);
	tcase_add_test(c, guess_the_other_width_where_one_does_not_fit);
	tcase_add_test(c, rfc4271_s4_3_heads_one_by_one);
	tcase_add_test(c, rfc4760_s3_nlri_is_what_is_left);
	tcase_add_test(c, cut_at_every_byte);
	tcase_add_test(c, every_byte_with_every_value);
	tcase_add_test(c, damaged_at_random);
	tcase_add_test(c, rfc6793_s4_2_3_paths_at_random);
	tcase_add_test(c, damaged_real_attributes);
	suite_add_tcase(s, c);
	return s;
}
