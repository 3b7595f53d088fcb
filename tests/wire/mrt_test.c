/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * MRT record by record: typed by hand from RFC 6396 sections 2, 4 and appendix B, and RFC 8050 section 4. Each case is a rule.
 */

#include "../test.h"

#include "wire/mrt_reader.h"

/* ---- bytes from hex, blanks left out ---- */

struct buffer {
	uint8_t at[1 << 16];
	size_t n;
};

static void put(struct buffer *b, const char *hex)
{
	unsigned v;
	int used;

	for (; *hex; hex += used) {
		ck_assert_int_eq(sscanf(hex, " %2x%n", &v, &used), 1);
		b->at[b->n++] = (uint8_t)v;
	}
}

/* A record: 386fb1ba is 2 January 2000, 20:14:50 UTC. */
static void record(struct buffer *b, unsigned type, unsigned subtype, const char *body)
{
	size_t head = b->n, n;
	char hex[32];

	snprintf(hex, sizeof hex, "386fb1ba %04x %04x 00000000", type, subtype);
	put(b, hex);
	put(b, body);
	n = b->n - head - 12;
	for (int i = 0; i < 4; i++)
		b->at[head + 8 + (size_t)i] = (uint8_t)(n >> (24 - 8 * i));
}

/* Two peers: 192.0.2.1 of AS 64497 in 2 octets, 2001:db8::2 of AS 4200000001 in 4. The view is "lab". */
#define PEERS                                                             \
	"c6336401 0003 6c6162 0002 00 0a000001 c0000201 fbf1 03 0a000002" \
	" 20010db8000000000000000000000002 fa56ea01"
/* ORIGIN IGP, AS_PATH 64497 64496 in 4 octets, NEXT_HOP 192.0.2.1: 24 bytes. */
#define ATTRS "40010100 40020a02020000fbf10000fbf0 400304c0000201"
/* The same in 2 octets: 20 bytes. */
#define ATTRS2 "40010100 4002060202fbf1fbf0 400304c0000201"
#define MARKER "ffffffff ffffffff ffffffff ffffffff"
/* From 192.0.2.1 of AS 64497 to 192.0.2.9 of AS 64509. */
#define ENDS  "fbf1 fbfd 0000 0001 c0000201 c0000209"
#define ENDS4 "0000fbf1 0000fbfd 0000 0001 c0000201 c0000209"

struct world {
	manrs_mrt *mrt;
	const manrs_mrt_record *record;
	manrs_announcement a[64];
	manrs_mrt_note notes[64];
	manrs_prefix gone[64];
	uint32_t ids[64];
	size_t n, n_gone;
	manrs_fault fault;
	struct buffer b;
};

static struct world w;

static void begin(void)
{
	memset(&w, 0, sizeof w);
	pass(manrs_mrt_new(&w.mrt, NULL));
}

static int decode(const uint8_t *bytes, size_t n)
{
	int used = manrs_mrt_decode(w.mrt, &w.record, bytes, n, NULL, &w.fault);

	w.n = w.n_gone = 0;
	if (used > 0) {
		w.n = manrs_mrt_announced(w.mrt, w.a, w.notes, 64);
		w.n_gone = manrs_mrt_withdrawn(w.mrt, w.gone, w.ids, 64);
	}
	return used;
}

/* One record; returns: its kind */
static int take(unsigned type, unsigned subtype, const char *body)
{
	w.b.n = 0;
	record(&w.b, type, subtype, body);
	ck_assert_int_eq(decode(w.b.at, w.b.n), (int)w.b.n);
	ck_assert_uint_eq(w.record->type, type);
	ck_assert_uint_eq(w.record->subtype, subtype);
	ck_assert_uint_eq(w.record->n, w.b.n);
	ck_assert_uint_eq(w.record->time_s, 0x386fb1ba);
	return (int)w.record->kind;
}

/* One that cannot be read, with the fault at a byte of it. */
static void bad(unsigned type, unsigned subtype, const char *body, int code, size_t at)
{
	ck_assert_int_eq(take(type, subtype, body), MANRS_MRT_BAD);
	ck_assert_int_eq(w.record->fault.code, code);
	ck_assert_uint_eq(w.record->fault.at - w.record->at, at);
	ck_assert_ptr_nonnull(w.record->fault.what);
	ck_assert_uint_eq(w.n + w.n_gone, 0);
}

static bool is(const manrs_prefix *p, const char *text)
{
	manrs_prefix q = strchr(text, '/') ? test_prefix(text) : test_address(text);

	return !memcmp(p, &q, sizeof q);
}

static void has_path(const manrs_announcement *a, const char *text)
{
	char path[256];

	ck_assert_int_ge(manrs_path_format(&a->path, path, sizeof path), 0);
	ck_assert_str_eq(path, text);
}

/* ---- records ---- */

START_TEST(rfc6396_s2_a_record_is_taken_whole)
{
	size_t need;

	begin();
	record(&w.b, 13, 1, PEERS);
	for (size_t n = 0; n < w.b.n; n++) {
		need = 0;
		ck_assert_int_eq(manrs_mrt_decode(w.mrt, &w.record, w.b.at, n, &need, &w.fault), 0);
		ck_assert_uint_eq(need, n < 12 ? 12 : w.b.n);
		/* And when nothing more comes it is cut. */
		ck_assert_int_eq(decode(w.b.at, n), n ? MANRS_ESYNTAX : 0);
		ck_assert_uint_eq(w.fault.at, 0);
	}
	ck_assert_int_eq(decode(w.b.at, w.b.n), (int)w.b.n);
	manrs_mrt_free(w.mrt);
}
END_TEST

START_TEST(rfc6396_s4_other_types_are_passed_over)
{
	/* OSPFv2, BGP4PLUS and _01, ISIS and ISIS_ET, OSPFv3 and OSPFv3_ET; control types of appendix B.1 */
	static const unsigned types[] = {11, 9, 10, 32, 33, 48, 49, 1, 2, 3, 4, 6, 7, 8};

	begin();
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		ck_assert_int_eq(take(types[i], 0, "010203"), MANRS_MRT_OTHER);
	/* multicast, GEO_PEER_TABLE (RFC 6397), subtypes that nobody gave out */
	ck_assert_int_eq(take(13, 3, "00"), MANRS_MRT_OTHER);
	ck_assert_int_eq(take(13, 5, "00"), MANRS_MRT_OTHER);
	ck_assert_int_eq(take(13, 7, "00"), MANRS_MRT_OTHER);
	ck_assert_int_eq(take(13, 9, "00"), MANRS_MRT_OTHER);
	ck_assert_int_eq(take(13, 11, "00"), MANRS_MRT_OTHER);
	ck_assert_int_eq(take(13, 13, "00"), MANRS_MRT_OTHER);
	ck_assert_int_eq(take(12, 7, "00"), MANRS_MRT_OTHER);
	ck_assert_int_eq(take(16, 2, "00"), MANRS_MRT_OTHER); /* BGP4MP_ENTRY */
	ck_assert_int_eq(take(16, 3, "00"), MANRS_MRT_OTHER); /* BGP4MP_SNAPSHOT */
	ck_assert_int_eq(take(16, 12, "00"), MANRS_MRT_OTHER);
	manrs_mrt_free(w.mrt);
}
END_TEST

/* What bytes are by their first twelve: RFC 6396 section 2, and what else is fed to a reader of archives. */
START_TEST(what_an_archive_begins_with)
{
	static const struct {
		const char *bytes;
		size_t n;
	} others[] = {
		{"192.0.2.0/24 64496\n", 19},
		{"TABLE_DUMP2|1|B|192.0.2.1|64497|", 32},
		{"{\"type\":\"ris_message\"}", 22},
		{"ASN,IP Prefix,Max", 17},
		{"AAAA\n\r\n\r\n\n\n\n\n", 13}, /* 0x0a0d is no type, nor 0x0d0a */
		{"1\0,\0\n\0001\0,\0\n\0", 12}, /* text in UTF-16, both ways */
		{"\0001\0000\0001\0000\0001\0000", 12},
		{"\xa1\xb2\xc3\xd4\0\2\0\4\0\0\0\0", 12}, /* pcap of big-endian machines */
		{"\xd4\xc3\xb2\xa1\2\0\4\0\0\0\0\0", 12},
		{"\1\0\0\0\0\0\0\14\0\0\0\1", 12},  /* Serial Notify of RTR */
		{"\3\0\0\0\x44\0\0\0\0\0\0\0", 12}, /* BMP */
		{"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12},
		{"\x7f"
		 "ELF\2\1\1\0\0\0\0\0",
		 12},
		{"PK\3\4\24\0\0\0\10\0\0\0", 12},
		{"\0\0\0\0\0\0\0\0\0\0\0\0", 12},
		{"", 0},
	};
	/* BGP and its like of appendix B.2, then those of section 4 */
	static const unsigned types[] = {5, 6, 7, 8, 9, 10, 11, 12, 13, 16, 17, 32, 33, 48, 49};

	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		ck_assert_msg(manrs_mrt_is(others[i].bytes, others[i].n) == 0, "%zu", i);
	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		memset(&w, 0, sizeof w);
		record(&w.b, types[i], 4, "00");
		ck_assert_int_eq(manrs_mrt_is(w.b.at, 12), 1);
		ck_assert_int_eq(manrs_mrt_is(w.b.at, 11), 0);
		ck_assert_ptr_nonnull(manrs_load_foreign(w.b.at, w.b.n));
		w.b.at[7] = 32; /* no type has so many subtypes */
		ck_assert_int_eq(manrs_mrt_is(w.b.at, 12), 0);
		w.b.at[7] = 4;
		w.b.at[8] = ' '; /* half a gigabyte */
		ck_assert_int_eq(manrs_mrt_is(w.b.at, 12), 0);
	}
}
END_TEST

START_TEST(what_is_no_record_is_refused)
{
	manrs_mrt_config config;
	size_t need;

	begin();
	record(&w.b, 14, 0, "00");
	ck_assert_int_eq(decode(w.b.at, w.b.n), MANRS_ESYNTAX);
	ck_assert_uint_eq(w.fault.at, 4);
	w.b.n = 0;
	record(&w.b, 16, 256, "00");
	ck_assert_int_eq(decode(w.b.at, w.b.n), MANRS_ESYNTAX);
	w.b.n = 0;
	put(&w.b, "00000000 00000000 00000000"); /* a hole in a file */
	ck_assert_int_eq(decode(w.b.at, w.b.n), MANRS_ESYNTAX);
	w.b.n = 0;
	put(&w.b, "386fb1ba 00100001 00fffff5"); /* one byte more than 16 MiB in all */
	ck_assert_int_eq(decode(w.b.at, w.b.n), MANRS_ELIMIT);
	ck_assert_uint_eq(w.fault.at, 8);
	w.b.at[w.b.n - 1]--;
	ck_assert_int_eq(manrs_mrt_decode(w.mrt, &w.record, w.b.at, w.b.n, &need, &w.fault), 0);
	ck_assert_uint_eq(need, 16 << 20);
	manrs_mrt_free(w.mrt);

	pass(manrs_mrt_config_init(&config, sizeof config));
	config.max_record = 11;
	ck_assert_int_eq(manrs_mrt_new(&w.mrt, &config), MANRS_EINVAL);
	config.max_record = 12;
	config.flags = MANRS_BGP_AS4; /* the file says that itself */
	ck_assert_int_eq(manrs_mrt_new(&w.mrt, &config), MANRS_EINVAL);
	config.flags = 0;
	pass(manrs_mrt_new(&w.mrt, &config));
	w.b.n = 0;
	record(&w.b, 11, 0, "");
	ck_assert_int_eq(decode(w.b.at, w.b.n), 12);
	record(&w.b, 11, 0, "00");
	ck_assert_int_eq(decode(w.b.at + 12, 13), MANRS_ELIMIT);
	ck_assert_uint_eq(w.fault.at, 20);
	manrs_mrt_free(w.mrt);
}
END_TEST

/* ---- TABLE_DUMP_V2 ---- */

START_TEST(rfc6396_s4_3_1_peer_index_table)
{
	manrs_mrt_peer peer;
	const char *view;
	uint32_t collector;
	size_t n;

	begin();
	ck_assert_uint_eq(manrs_mrt_peers(w.mrt, &view, &n, &collector), 0);
	ck_assert_uint_eq(n, 0);
	ck_assert_int_eq(take(13, 1, PEERS), MANRS_MRT_PEERS);
	ck_assert_uint_eq(manrs_mrt_peers(w.mrt, &view, &n, &collector), 2);
	ck_assert_uint_eq(collector, 0xc6336401);
	ck_assert_uint_eq(n, 3);
	ck_assert_mem_eq(view, "lab", 3);
	pass(manrs_mrt_peer_get(w.mrt, 0, &peer));
	ck_assert(is(&peer.address, "192.0.2.1") && peer.asn == 64497 && peer.bgp_id == 0x0a000001);
	pass(manrs_mrt_peer_get(w.mrt, 1, &peer));
	ck_assert(is(&peer.address, "2001:db8::2") && peer.asn == 4200000001 &&
		  peer.bgp_id == 0x0a000002);
	ck_assert_int_eq(manrs_mrt_peer_get(w.mrt, 2, &peer), MANRS_ENOENT);

	/* Behind one that cannot be read the entries are of no peer that is known; another one replaces it. */
	bad(13, 1, "c6336401 0000 0001 00 0a000001 c00002", MANRS_ESYNTAX, 12 + 8 + 5);
	bad(13, 1, "c6336401 0000 0000 00", MANRS_ESYNTAX, 12 + 8);
	bad(13, 1, "c6336401 0001", MANRS_ESYNTAX, 12 + 6);
	ck_assert_uint_eq(manrs_mrt_peers(w.mrt, &view, &n, &collector), 0);
	ck_assert(n == 0 && collector == 0);
	ck_assert_int_eq(manrs_mrt_peer_get(w.mrt, 0, &peer), MANRS_ENOENT);
	bad(13, 2, "00000000 00 0000", MANRS_ESTATE, 12 + 4);
	/* types 1 and 2: IPv6 and 2 octets, IPv4 and 4 */
	ck_assert_int_eq(take(13, 1,
			      "01020304 0000 0002 01 0a000003 20010db8000000000000000000000003 fbf3"
			      " 02 0a000004 c0000204 0000fbf4"),
			 MANRS_MRT_PEERS);
	ck_assert_uint_eq(manrs_mrt_peers(w.mrt, &view, &n, &collector), 2);
	ck_assert(n == 0 && collector == 0x01020304);
	pass(manrs_mrt_peer_get(w.mrt, 0, &peer));
	ck_assert(is(&peer.address, "2001:db8::3") && peer.asn == 64499);
	pass(manrs_mrt_peer_get(w.mrt, 1, &peer));
	ck_assert(is(&peer.address, "192.0.2.4") && peer.asn == 64500);
	manrs_mrt_free(w.mrt);
}
END_TEST

START_TEST(rfc6396_s4_3_2_rib_of_ipv4)
{
	const manrs_bgp_attrs *attrs;

	begin();
	take(13, 1, PEERS);
	/* 198.51.100.0/24 with a host bit where /22 ends, from both peers */
	ck_assert_int_eq(take(13, 2,
			      "00000007 16 c63367 0002 0000 386fb000 0018 " ATTRS
			      " 0001 386fb001 0018 " ATTRS),
			 MANRS_MRT_RIB);
	ck_assert_uint_eq(w.record->sequence, 7);
	ck_assert_uint_eq(w.record->entries, 2);
	ck_assert(is(&w.record->prefix, "198.51.100.0/22"));
	ck_assert_uint_eq(w.n, 2);
	ck_assert_uint_eq(w.n_gone, 0);
	for (size_t i = 0; i < 2; i++) {
		ck_assert(is(&w.a[i].prefix, "198.51.100.0/22"));
		ck_assert(is(&w.a[i].next_hop, "192.0.2.1"));
		has_path(&w.a[i], "64497 64496");
		ck_assert_uint_eq(w.a[i].flags, 0);
		ck_assert_uint_eq(w.notes[i].peer, i);
		ck_assert_uint_eq(w.notes[i].time_s, 0x386fb000 + i);
		ck_assert_uint_eq(w.notes[i].action, MANRS_BGP_KEEP);
		ck_assert_uint_eq(w.notes[i].path_id + w.notes[i].flags, 0);
	}
	ck_assert(is(&w.a[0].neighbour_address, "192.0.2.1") && w.a[0].neighbour_asn == 64497);
	ck_assert(is(&w.a[1].neighbour_address, "2001:db8::2") &&
		  w.a[1].neighbour_asn == 4200000001);
	/* Equal attributes are one set. */
	ck_assert_uint_eq(w.notes[0].attrs, w.notes[1].attrs);
	ck_assert_ptr_eq(w.a[0].path.asn, w.a[1].path.asn);
	attrs = manrs_bgp_store_at(manrs_mrt_store(w.mrt), w.notes[0].attrs);
	ck_assert_ptr_nonnull(attrs);
	ck_assert_uint_eq(attrs->path_id, w.notes[0].path);
	manrs_mrt_free(w.mrt);
}
END_TEST

START_TEST(rfc6396_s4_3_4_mp_reach_of_a_rib_is_short_or_whole)
{
	/* 8 bytes and 17 of next hop; AFI and SAFI before it, and NLRI behind it, as early writers did */
	static const char *const mp[] = {
		"00000001 20 20010db8 0001 0001 386fb000 0025"
		" 40010100 40020a02020000fbf10000fbf0"
		" 800e11 10 20010db8000000000000000000000009",
		"00000001 20 20010db8 0001 0001 386fb000 002e"
		" 40010100 40020a02020000fbf10000fbf0"
		" 800e1a 0002 01 10 20010db8000000000000000000000009 00 20 20010db8",
	};

	begin();
	take(13, 1, PEERS);
	for (size_t i = 0; i < 2; i++) {
		ck_assert_int_eq(take(13, 4, mp[i]), MANRS_MRT_RIB);
		ck_assert_uint_eq(w.n, 1);
		ck_assert(is(&w.a[0].prefix, "2001:db8::/32"));
		ck_assert(is(&w.a[0].next_hop, "2001:db8::9"));
		ck_assert_uint_eq(w.a[0].flags, 0);
		has_path(&w.a[0], "64497 64496");
	}
	manrs_mrt_free(w.mrt);
}
END_TEST

START_TEST(rfc8050_s4_entries_have_path_identifiers)
{
	begin();
	take(13, 1, PEERS);
	ck_assert_int_eq(take(13, 8,
			      "00000001 18 c63364 0002 0000 386fb000 00000009 0018 " ATTRS
			      " 0000 386fb000 fffffffe 0018 " ATTRS),
			 MANRS_MRT_RIB);
	ck_assert_uint_eq(w.n, 2);
	ck_assert_uint_eq(w.notes[0].path_id, 9);
	ck_assert_uint_eq(w.notes[1].path_id, 0xfffffffe);
	ck_assert_uint_eq(w.notes[0].flags, MANRS_MRT_NOTE_PATH_ID);
	ck_assert_int_eq(
		take(13, 10, "00000001 20 20010db8 0001 0001 386fb000 00000005 0018 " ATTRS),
		MANRS_MRT_RIB);
	ck_assert(is(&w.a[0].prefix, "2001:db8::/32") && w.notes[0].path_id == 5);
	ck_assert_int_eq(
		take(13, 12, "00000001 0001 01 18 c63364 0001 0001 386fb000 00000006 0018 " ATTRS),
		MANRS_MRT_RIB);
	ck_assert(is(&w.a[0].prefix, "198.51.100.0/24") && w.notes[0].path_id == 6);
	manrs_mrt_free(w.mrt);
}
END_TEST

START_TEST(rfc6396_s4_3_3_rib_generic)
{
	begin();
	take(13, 1, PEERS);
	ck_assert_int_eq(take(13, 6, "00000001 0001 01 18 c63364 0001 0000 386fb000 0018 " ATTRS),
			 MANRS_MRT_RIB);
	ck_assert(w.n == 1 && is(&w.a[0].prefix, "198.51.100.0/24"));
	ck_assert_int_eq(take(13, 6, "00000001 0002 01 20 20010db8 0001 0000 386fb000 0018 " ATTRS),
			 MANRS_MRT_RIB);
	ck_assert(w.n == 1 && is(&w.a[0].prefix, "2001:db8::/32"));
	/* VPNv4, multicast, L2VPN: "SHOULD discard the remainder of the MRT record" */
	ck_assert_int_eq(take(13, 6, "00000001 0001 80 ff"), MANRS_MRT_OTHER);
	ck_assert_int_eq(take(13, 6, "00000001 0001 02 ff"), MANRS_MRT_OTHER);
	ck_assert_int_eq(take(13, 6, "00000001 0019 41 ff"), MANRS_MRT_OTHER);
	bad(13, 6, "00000001 0001", MANRS_ESYNTAX, 12 + 6);
	manrs_mrt_free(w.mrt);
}
END_TEST

START_TEST(a_rib_that_cannot_be_read_costs_itself)
{
	begin();
	bad(13, 2, "00000001 18 c63364 0001 0000 386fb000 0018 " ATTRS, MANRS_ESTATE, 16);
	take(13, 1, PEERS);
	bad(13, 2, "00000001 18 c63364 0001 0002 386fb000 0018 " ATTRS, MANRS_ERANGE, 12 + 10);
	bad(13, 2, "00000001 21 c633640000 0001 0000 386fb000 0018 " ATTRS, MANRS_ESYNTAX, 16);
	bad(13, 4, "00000001 81 c63364 0001 0000 386fb000 0018 " ATTRS, MANRS_ESYNTAX, 16);
	bad(13, 2, "00000001 18 c63364 0001 0000 386fb000 0019 " ATTRS, MANRS_ESYNTAX, 12 + 18);
	bad(13, 2, "00000001 18 c63364 0001 0000 386fb000 0018 " ATTRS "00", MANRS_ESYNTAX,
	    12 + 18 + 24);
	bad(13, 2, "00000001 18 c63364 0002 0000 386fb000 0018 " ATTRS, MANRS_ESYNTAX, 12 + 42);
	bad(13, 2, "00000001 18 c63364 ffff 0000 386fb000 0018 " ATTRS, MANRS_ESYNTAX, 12 + 10);
	bad(13, 2, "00000001 18 c63364", MANRS_ESYNTAX, 12 + 8);
	bad(13, 2, "0000", MANRS_ESYNTAX, 12);
	/* And the next one is read. A prefix without entries is one. */
	ck_assert_int_eq(take(13, 2, "00000001 18 c63364 0001 0000 386fb000 0018 " ATTRS),
			 MANRS_MRT_RIB);
	ck_assert_uint_eq(w.n, 1);
	ck_assert_int_eq(take(13, 2, "00000001 00 0000"), MANRS_MRT_RIB);
	ck_assert(w.n == 0 && is(&w.record->prefix, "0.0.0.0/0"));
	manrs_mrt_free(w.mrt);
}
END_TEST

/* RFC 7606: an ORIGIN of 3 is malformed, and what it costs is this entry. */
START_TEST(malformed_entries_stay_entries)
{
	manrs_mrt_stats stats = {.size = sizeof stats};

	begin();
	take(13, 1, PEERS);
	ck_assert_int_eq(
		take(13, 2,
		     "00000001 18 c63364 0003 0000 386fb000 0018 " ATTRS
		     " 0001 386fb000 0018 40010103 40020a02020000fbf10000fbf0 400304c0000201"
		     " 0000 386fb000 0018 " ATTRS),
		MANRS_MRT_RIB);
	ck_assert_uint_eq(w.n, 3);
	ck_assert_uint_eq(w.a[0].flags, 0);
	ck_assert_uint_eq(w.a[1].flags, MANRS_ANNOUNCE_MALFORMED);
	ck_assert_uint_eq(w.notes[1].action, MANRS_BGP_WITHDRAW);
	ck_assert_uint_eq(w.a[2].flags, 0);
	pass(manrs_mrt_stats_get(w.mrt, &stats));
	ck_assert_uint_eq(stats.malformed, 1);
	ck_assert_uint_eq(stats.announced, 3);
	manrs_mrt_free(w.mrt);
}
END_TEST

START_TEST(otc_and_unknown_neighbours_are_said)
{
	begin();
	take(13, 1, "c6336401 0000 0001 00 0a000001 c0000201 0000");
	ck_assert_int_eq(
		take(13, 2, "00000001 18 c63364 0001 0000 386fb000 001f " ATTRS " c023040000fbf1"),
		MANRS_MRT_RIB);
	ck_assert_uint_eq(w.a[0].flags, MANRS_ANNOUNCE_OTC | MANRS_ANNOUNCE_ANY_NEIGHBOUR);
	ck_assert_uint_eq(w.a[0].otc, 64497);
	manrs_mrt_free(w.mrt);
}
END_TEST

/* ---- TABLE_DUMP ---- */

#define ROW "c6336400 18 01 386fb000 c0000201 fbf1 0014 " ATTRS2

START_TEST(rfc6396_s4_2_table_dump)
{
	begin();
	ck_assert_int_eq(take(12, 1, "0000 0007 " ROW), MANRS_MRT_RIB);
	ck_assert_uint_eq(w.n, 1);
	ck_assert_uint_eq(w.record->sequence, 7);
	ck_assert(is(&w.record->prefix, "198.51.100.0/24"));
	ck_assert(is(&w.a[0].prefix, "198.51.100.0/24"));
	ck_assert(is(&w.a[0].neighbour_address, "192.0.2.1") && w.a[0].neighbour_asn == 64497);
	ck_assert(is(&w.a[0].next_hop, "192.0.2.1"));
	has_path(&w.a[0], "64497 64496");
	ck_assert_uint_eq(w.notes[0].peer, UINT32_MAX);
	ck_assert_uint_eq(w.notes[0].time_s, 0x386fb000);
	/* IPv6: the peer too */
	ck_assert_int_eq(take(12, 2,
			      "0000 0008 20010db8000000000000000000000001 20 01 386fb000"
			      " 20010db8000000000000000000000002 fbf1 0014 " ATTRS2),
			 MANRS_MRT_RIB);
	ck_assert(is(&w.a[0].prefix, "2001:db8::/32"));
	ck_assert(is(&w.a[0].neighbour_address, "2001:db8::2"));
	/* bgpdump's subtype 3: 4 octets an AS */
	ck_assert_int_eq(
		take(12, 3, "0000 0007 c6336400 18 01 386fb000 c0000201 0000fbf1 0018 " ATTRS),
		MANRS_MRT_RIB);
	ck_assert_uint_eq(w.a[0].neighbour_asn, 64497);
	has_path(&w.a[0], "64497 64496");
	bad(12, 1, "0000 0007 c6336400 21 01 386fb000 c0000201 fbf1 0014 " ATTRS2, MANRS_ERANGE,
	    12 + 8);
	bad(12, 1, "0000 0007 c6336400 18 01 386fb000 c0000201 fbf1 0015 " ATTRS2, MANRS_ESYNTAX,
	    12 + 22);
	bad(12, 1, "0000", MANRS_ESYNTAX, 12 + 2);
	manrs_mrt_free(w.mrt);
}
END_TEST

/* MRTd wrote many entries under one head, the view and the sequence once. */
START_TEST(table_dump_in_batches)
{
	begin();
	ck_assert_int_eq(take(12, 1,
			      "0000 0007 " ROW
			      " cb007100 10 01 386fb001 c0000202 fbf2 0014 " ATTRS2 ROW),
			 MANRS_MRT_RIB);
	ck_assert_uint_eq(w.record->entries, 3);
	ck_assert_uint_eq(w.n, 3);
	ck_assert(is(&w.a[1].prefix, "203.0.0.0/16"));
	ck_assert(is(&w.a[1].neighbour_address, "192.0.2.2") && w.a[1].neighbour_asn == 64498);
	ck_assert_uint_eq(w.notes[1].time_s, 0x386fb001);
	ck_assert(is(&w.a[2].prefix, "198.51.100.0/24"));
	bad(12, 1, "0000 0007 " ROW "cb", MANRS_ESYNTAX, 12 + 4 + 18 + 20);
	manrs_mrt_free(w.mrt);
}
END_TEST

/* ---- BGP4MP ---- */

/* 203.0.113.0/24 is withdrawn, 198.51.100.0/24 announced. */
#define UPDATE2 MARKER " 0033 02 0004 18cb0071 0014 " ATTRS2 " 18c63364"
#define UPDATE4 MARKER " 0037 02 0004 18cb0071 0018 " ATTRS " 18c63364"

static void expect_update(void)
{
	ck_assert_uint_eq(w.record->update.action, MANRS_BGP_KEEP);
	ck_assert_uint_eq(w.n, 1);
	ck_assert(is(&w.a[0].prefix, "198.51.100.0/24"));
	ck_assert(is(&w.a[0].next_hop, "192.0.2.1"));
	has_path(&w.a[0], "64497 64496");
	ck_assert_uint_eq(w.notes[0].peer, UINT32_MAX);
	ck_assert_uint_eq(w.notes[0].time_s, 0x386fb1ba);
	ck_assert_uint_eq(w.notes[0].action, MANRS_BGP_KEEP);
	ck_assert_uint_eq(w.n_gone, 1);
	ck_assert(is(&w.gone[0], "203.0.113.0/24"));
}

/* Who sent it to whom. */
static void expect_ends(const char *peer, uint32_t asn, const char *local, uint32_t local_asn)
{
	ck_assert(is(&w.record->session.neighbour_address, peer));
	ck_assert_uint_eq(w.record->session.neighbour_asn, asn);
	ck_assert(is(&w.record->local_address, local));
	ck_assert_uint_eq(w.record->local_asn, local_asn);
}

START_TEST(rfc6396_s4_4_2_messages)
{
	begin();
	ck_assert_int_eq(take(16, 1, ENDS UPDATE2), MANRS_MRT_UPDATE);
	expect_update();
	expect_ends("192.0.2.1", 64497, "192.0.2.9", 64509);
	ck_assert_uint_eq(w.record->local, 0);
	ck_assert(is(&w.a[0].neighbour_address, "192.0.2.1") && w.a[0].neighbour_asn == 64497);
	ck_assert_int_eq(take(16, 4, ENDS4 UPDATE4), MANRS_MRT_UPDATE);
	expect_update();
	/* over IPv6 */
	ck_assert_int_eq(take(16, 1,
			      "fbf1 fbfd 0000 0002 20010db8000000000000000000000001"
			      " 20010db8000000000000000000000009" UPDATE2),
			 MANRS_MRT_UPDATE);
	expect_update();
	expect_ends("2001:db8::1", 64497, "2001:db8::9", 64509);
	/* the collector's own: who sent it comes first */
	ck_assert_int_eq(take(16, 6, ENDS UPDATE2), MANRS_MRT_UPDATE);
	ck_assert_uint_eq(w.record->local, 1);
	expect_ends("192.0.2.9", 64509, "192.0.2.1", 64497);
	ck_assert_int_eq(take(16, 7, ENDS4 UPDATE4), MANRS_MRT_UPDATE);
	ck_assert_uint_eq(w.record->local, 1);
	/* of one AS; AS_TRANS at both ends says nothing (RFC 6793) */
	ck_assert_int_eq(take(16, 1, "fbf1 fbf1 0000 0001 c0000201 c0000209" UPDATE2),
			 MANRS_MRT_UPDATE);
	ck_assert_uint_eq(w.a[0].flags, MANRS_ANNOUNCE_INTERNAL);
	ck_assert_int_eq(take(16, 1, "5ba0 5ba0 0000 0001 c0000201 c0000209" UPDATE2),
			 MANRS_MRT_UPDATE);
	ck_assert_uint_eq(w.a[0].flags, 0);
	/* what is no UPDATE */
	ck_assert_int_eq(take(16, 1, ENDS MARKER "0013 04"), MANRS_MRT_MESSAGE);
	ck_assert_uint_eq(w.record->message.type, MANRS_BGP_KEEPALIVE);
	ck_assert_int_eq(take(16, 1, ENDS MARKER "0015 03 0602"), MANRS_MRT_MESSAGE);
	ck_assert_uint_eq(w.record->message.type, MANRS_BGP_NOTIFICATION);
	ck_assert_int_eq(take(16, 1, ENDS MARKER "001d 01 04 fbf1 00b4 0a000001 00"),
			 MANRS_MRT_MESSAGE);
	ck_assert_uint_eq(w.record->message.type, MANRS_BGP_OPEN);
	ck_assert_int_eq(take(16, 1, ENDS MARKER "0017 05 00010001"), MANRS_MRT_MESSAGE);
	manrs_mrt_free(w.mrt);
}
END_TEST

START_TEST(rfc8050_s3_messages_with_path_identifiers)
{
	static const char body[] =
		ENDS4 MARKER " 003f 02 0008 00000003 18cb0071 0018 " ATTRS " 00000004 18c63364";
	static const char body2[] =
		ENDS MARKER " 003b 02 0008 00000003 18cb0071 0014 " ATTRS2 " 00000004 18c63364";

	begin();
	for (unsigned subtype = 8; subtype <= 11; subtype++) {
		ck_assert_int_eq(take(16, subtype, subtype & 1 ? body : body2), MANRS_MRT_UPDATE);
		expect_update();
		ck_assert_uint_eq(w.record->local, subtype >= 10);
		ck_assert_uint_eq(w.ids[0], 3);
		ck_assert_uint_eq(w.notes[0].path_id, 4);
		ck_assert_uint_eq(w.notes[0].flags, MANRS_MRT_NOTE_PATH_ID);
	}
	manrs_mrt_free(w.mrt);
}
END_TEST

START_TEST(rfc6396_s3_extended_timestamp)
{
	begin();
	ck_assert_int_eq(take(17, 1, "000f423f" ENDS UPDATE2), MANRS_MRT_UPDATE);
	ck_assert_uint_eq(w.record->time_us, 999999);
	expect_update();
	ck_assert_int_eq(take(17, 5, "00000001" ENDS4 "0005 0006"), MANRS_MRT_STATE);
	bad(17, 1, "0000ff", MANRS_ESYNTAX, 12);
	manrs_mrt_free(w.mrt);
}
END_TEST

START_TEST(rfc6396_s4_4_1_states)
{
	begin();
	ck_assert_int_eq(take(16, 0, ENDS "0005 0006"), MANRS_MRT_STATE);
	ck_assert(w.record->old_state == 5 && w.record->new_state == 6);
	expect_ends("192.0.2.1", 64497, "192.0.2.9", 64509);
	ck_assert_int_eq(take(16, 5, ENDS4 "0007 0008"), MANRS_MRT_STATE); /* Quagga's */
	ck_assert(w.record->old_state == 7 && w.record->new_state == 8);
	ck_assert_uint_eq(w.record->session.neighbour_asn, 64497);
	bad(16, 0, ENDS "0005", MANRS_ESYNTAX, 12 + 18);
	bad(16, 0, ENDS "0005 0006 00", MANRS_ESYNTAX, 12 + 20);
	bad(16, 0, "fbf1 fbfd 0000 0003 c0000201 c0000209 0005 0006", MANRS_ERANGE, 12 + 6);
	manrs_mrt_free(w.mrt);
}
END_TEST

/* Zebra of 2000, before a session was there: the states, or an OPEN, right behind the AS numbers. */
START_TEST(zebras_shortened_records)
{
	begin();
	ck_assert_int_eq(take(16, 0, "fbf1 fbfd 0001 0002"), MANRS_MRT_STATE);
	ck_assert(w.record->old_state == 1 && w.record->new_state == 2);
	ck_assert_uint_eq(w.record->session.neighbour_asn, 64497);
	ck_assert_uint_eq(w.record->session.neighbour_address.family, 0);
	ck_assert_int_eq(take(16, 1, "fbf1 fbfd " MARKER "001d 01 04 fbf1 00b4 0a000001 00"),
			 MANRS_MRT_MESSAGE);
	ck_assert_uint_eq(w.record->message.type, MANRS_BGP_OPEN);
	ck_assert_uint_eq(w.record->local_address.family, 0);
	manrs_mrt_free(w.mrt);
}
END_TEST

START_TEST(a_message_that_cannot_be_read_costs_itself)
{
	begin();
	bad(16, 1, "fbf1", MANRS_ESYNTAX, 12 + 2);
	bad(16, 1, "fbf1 fbfd 0000 0001 c00002", MANRS_ESYNTAX, 12 + 8);
	bad(16, 1, ENDS "ff", MANRS_ESYNTAX, 12 + 16);
	bad(16, 1, ENDS "fffffffe ffffffff ffffffff ffffffff 0013 04", MANRS_ESYNTAX, 12 + 16 + 3);
	bad(16, 1, ENDS MARKER "0012 04", MANRS_ERANGE, 12 + 16 + 16);
	bad(16, 1, ENDS MARKER "0013 04 00", MANRS_ESYNTAX, 12 + 16 + 19);
	bad(16, 1, ENDS MARKER "0013 63", MANRS_EUNSUP, 12 + 16 + 18);
	ck_assert_int_eq(take(16, 1, ENDS MARKER "0017 02 0001 0000"), MANRS_MRT_BAD);
	ck_assert_int_eq(take(16, 1, ENDS UPDATE2), MANRS_MRT_UPDATE);
	expect_update();
	manrs_mrt_free(w.mrt);
}
END_TEST

/* RFC 7606: the UPDATE is treated as if it withdrew what it announces. */
START_TEST(a_malformed_update_withdraws)
{
	manrs_mrt_stats stats = {.size = sizeof stats};

	begin();
	ck_assert_int_eq(take(16, 1,
			      ENDS MARKER " 0033 02 0004 18cb0071 0014"
					  " 40010103 4002060202fbf1fbf0 400304c0000201 18c63364"),
			 MANRS_MRT_UPDATE);
	ck_assert_uint_eq(w.record->update.action, MANRS_BGP_WITHDRAW);
	ck_assert_uint_eq(w.n, 0);
	ck_assert_uint_eq(w.n_gone, 2);
	pass(manrs_mrt_stats_get(w.mrt, &stats));
	ck_assert_uint_eq(stats.malformed, 1);
	ck_assert_uint_eq(stats.withdrawn, 2);
	manrs_mrt_free(w.mrt);
}
END_TEST

/* ---- the old type 5 ---- */

#define ENDS5 "fbf1 c0000201 fbfd c0000209"

START_TEST(rfc6396_b2_type_5)
{
	begin();
	ck_assert_int_eq(take(5, 1, ENDS5 "0004 18cb0071 0014 " ATTRS2 " 18c63364"),
			 MANRS_MRT_UPDATE);
	expect_update();
	expect_ends("192.0.2.1", 64497, "192.0.2.9", 64509);
	ck_assert_int_eq(take(5, 3, "fbf1 c0000201 0003 0002"), MANRS_MRT_STATE);
	ck_assert(w.record->old_state == 3 && w.record->new_state == 2);
	ck_assert(is(&w.record->session.neighbour_address, "192.0.2.1"));
	ck_assert_int_eq(take(5, 7, ENDS5), MANRS_MRT_MESSAGE);
	ck_assert_uint_eq(w.record->message.type, MANRS_BGP_KEEPALIVE);
	ck_assert_int_eq(take(5, 5, ENDS5 "04 fbf1 00b4 0a000001 00"), MANRS_MRT_MESSAGE);
	ck_assert_uint_eq(w.record->message.type, MANRS_BGP_OPEN);
	ck_assert_int_eq(take(5, 6, ENDS5 "06 02"), MANRS_MRT_MESSAGE);
	ck_assert_uint_eq(w.record->message.type, MANRS_BGP_NOTIFICATION);
	/* NULL, PREF_UPDATE, SYNC: "there are no known implementations of this subtype" */
	ck_assert_int_eq(take(5, 0, ""), MANRS_MRT_OTHER);
	ck_assert_int_eq(take(5, 2, "00"), MANRS_MRT_OTHER);
	ck_assert_int_eq(take(5, 4, "0001 666f6f00"), MANRS_MRT_OTHER);
	ck_assert_int_eq(take(5, 8, "00"), MANRS_MRT_OTHER);
	bad(5, 3, "fbf1 c0000201 0003", MANRS_ESYNTAX, 12 + 8);
	bad(5, 1, "fbf1 c0000201 fbfd", MANRS_ESYNTAX, 12 + 8);
	ck_assert_int_eq(take(5, 1, ENDS5 "0004 18cb00"), MANRS_MRT_BAD);
	ck_assert_int_eq(take(5, 7, ENDS5 "00"), MANRS_MRT_BAD);
	manrs_mrt_free(w.mrt);
}
END_TEST

/* ---- the framing ---- */

/* A file in which `torn` bytes of a record stand before three whole ones; returns: how many were read and how many bytes passed over */
static size_t read_through(struct buffer *b, size_t *skipped)
{
	size_t at = 0, n = 0, skip;
	int used;

	*skipped = 0;
	while ((used = decode(b->at + at, b->n - at)) != 0) {
		if (used > 0) {
			ck_assert_uint_eq(w.record->at, at);
			n++;
			at += (size_t)used;
			continue;
		}
		ck_assert(used == MANRS_ESYNTAX || used == MANRS_ELIMIT);
		used = manrs_mrt_resync(w.mrt, b->at + at, b->n - at, 1, &skip);
		ck_assert_int_eq(used, skip < b->n - at ? 1 : MANRS_ENOENT);
		*skipped += skip;
		at += skip;
	}
	ck_assert_uint_eq(at, b->n);
	return n;
}

START_TEST(a_torn_write_costs_what_was_torn)
{
	manrs_mrt_stats stats = {.size = sizeof stats};
	struct buffer whole = {.n = 0};
	size_t skipped, n;

	record(&whole, 16, 1, ENDS MARKER "0013 04");
	for (size_t torn = 1; torn < whole.n; torn++) {
		begin();
		record(&w.b, 16, 1, ENDS MARKER "0013 04");
		memcpy(w.b.at + w.b.n, whole.at, torn);
		w.b.n += torn;
		for (int i = 0; i < 4; i++)
			record(&w.b, 16, 1, ENDS MARKER "0013 04");
		n = read_through(&w.b, &skipped);
		ck_assert_uint_eq(n, 5);
		ck_assert_uint_eq(skipped, torn);
		pass(manrs_mrt_stats_get(w.mrt, &stats));
		ck_assert_uint_eq(stats.skipped, torn);
		ck_assert_uint_eq(stats.bytes + torn, w.b.n);
		ck_assert_uint_eq(stats.messages, 5);
		manrs_mrt_free(w.mrt);
	}
}
END_TEST

START_TEST(fewer_records_that_end_with_the_input_are_enough)
{
	size_t skipped;

	begin();
	put(&w.b, "386fb1ba 0010");
	record(&w.b, 16, 1, ENDS MARKER "0013 04");
	ck_assert_uint_eq(read_through(&w.b, &skipped), 1);
	ck_assert_uint_eq(skipped, 6);
	manrs_mrt_free(w.mrt);
	begin();
	put(&w.b, "00112233 44556677 8899aabb ccddeeff 00000000 00000000 0000");
	ck_assert_uint_eq(read_through(&w.b, &skipped), 0);
	ck_assert_uint_eq(skipped, w.b.n);
	manrs_mrt_free(w.mrt);
}
END_TEST

/* Bytes that come one by one lead to the same place. */
START_TEST(resynchronisation_over_chunks)
{
	struct buffer b = {.n = 0};
	size_t at = 0, n = 0, skip;
	int rc = 0;

	begin();
	put(&b, "386fb1ba 0010 0001 0000");     /* a torn head */
	put(&b, "386fb1ba 000d 0001 00000010"); /* and one that leads nowhere */
	for (int i = 0; i < 3; i++)
		record(&b, 16, 1, ENDS MARKER "0013 04");
	while (rc == 0) {
		ck_assert_uint_lt(n, b.n);
		n++;
		rc = manrs_mrt_resync(w.mrt, b.at + at, n - at, n == b.n, &skip);
		at += skip;
	}
	ck_assert_int_eq(rc, 1);
	ck_assert_uint_eq(at, 22);
	ck_assert_int_eq(decode(b.at + at, b.n - at), 47);
	ck_assert_uint_eq(w.record->at, 22);
	manrs_mrt_free(w.mrt);
}
END_TEST

/* A record that cannot be read is given out once it is known that another one follows. */
START_TEST(what_cannot_be_read_waits_for_what_follows)
{
	size_t need = 0, n;

	begin();
	record(&w.b, 16, 1, ENDS "ff");
	n = w.b.n;
	record(&w.b, 16, 1, ENDS MARKER "0013 04");
	for (size_t k = n; k < n + 12; k++) {
		ck_assert_int_eq(manrs_mrt_decode(w.mrt, &w.record, w.b.at, k, &need, &w.fault), 0);
		ck_assert_uint_eq(need, n + 12);
	}
	ck_assert_int_eq(manrs_mrt_decode(w.mrt, &w.record, w.b.at, n + 12, &need, &w.fault),
			 (int)n);
	ck_assert_uint_eq(w.record->kind, MANRS_MRT_BAD);
	ck_assert_int_eq(decode(w.b.at + n, w.b.n - n), 47);
	ck_assert_uint_eq(w.record->kind, MANRS_MRT_MESSAGE);
	manrs_mrt_free(w.mrt);
}
END_TEST

/* ---- every record above once more: cut, split, and without memory ---- */

/* One of each kind, a table of peers first. */
static void all_records(struct buffer *b)
{
	b->n = 0;
	record(b, 13, 1, PEERS);
	record(b, 13, 2,
	       "00000007 16 c63367 0002 0000 386fb000 0018 " ATTRS " 0001 386fb001 0018 " ATTRS);
	record(b, 13, 8, "00000001 18 c63364 0001 0000 386fb000 00000009 0018 " ATTRS);
	record(b, 13, 6, "00000001 0002 01 20 20010db8 0001 0000 386fb000 0018 " ATTRS);
	record(b, 12, 1, "0000 0007 " ROW ROW);
	record(b, 16, 1, ENDS UPDATE2);
	record(b, 17, 4, "00000001" ENDS4 UPDATE4);
	record(b, 16, 0, ENDS "0005 0006");
	record(b, 16, 5, ENDS4 "0005 0006");
	record(b, 16, 6, ENDS MARKER "0013 04");
	record(b, 5, 1, ENDS5 "0004 18cb0071 0014 " ATTRS2 " 18c63364");
	record(b, 5, 3, "fbf1 c0000201 0003 0002");
	record(b, 5, 6, ENDS5 "06 02");
	record(b, 11, 0, "00");
}
#define RECORDS 14

static size_t length_at(const struct buffer *b, size_t at)
{
	const uint8_t *p = b->at + at + 8;

	return 12 + ((size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3]);
}

/*
 * Each record with its body cut at every byte, and a length that fits: it is BAD, but where what is left is a shorter record (the
 * states of Zebra in place of addresses, a batch with an entry less, NLRI that are not there). The next one is read.
 */
START_TEST(every_record_cut_at_every_byte)
{
	struct buffer b, cut;
	size_t used = 0;

	all_records(&b);
	for (size_t at = 0, n; at < b.n; at += n) {
		n = length_at(&b, at);
		for (size_t keep = 0; keep < n - 12; keep++) {
			uint8_t *exact;

			begin();
			cut.n = 0;
			if (at)
				record(&cut, 13, 1, PEERS);
			memcpy(cut.at + cut.n, b.at + at, 12 + keep);
			cut.at[cut.n + 10] = 0;
			cut.at[cut.n + 11] = (uint8_t)keep;
			cut.n += 12 + keep;
			exact = malloc(cut.n); /* nothing is read behind it */
			ck_assert_ptr_nonnull(exact);
			memcpy(exact, cut.at, cut.n);
			if (at)
				ck_assert_int_eq(decode(exact, cut.n), (int)length_at(&cut, 0));
			used = cut.n - 12 - keep;
			ck_assert_int_eq(decode(exact + used, 12 + keep), (int)(12 + keep));
			if (w.record->kind != MANRS_MRT_OTHER && w.record->kind != MANRS_MRT_BAD)
				ck_assert(w.record->type == 16 || w.record->type == 17 ||
					  w.record->type == 5 || w.record->type == 12);
			free(exact);
			ck_assert_int_eq(decode(b.at, length_at(&b, 0)), (int)length_at(&b, 0));
			ck_assert_uint_eq(w.record->kind, MANRS_MRT_PEERS);
			manrs_mrt_free(w.mrt);
		}
	}
}
END_TEST

/* What came out of a stream, as one number (FNV-1a over the records' and announcements' bytes, without pointers). */
static uint64_t mix(uint64_t h, const void *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		h = (h ^ ((const uint8_t *)p)[i]) * UINT64_C(0x100000001b3);
	return h;
}

static uint64_t mix_record(uint64_t h)
{
	h = mix(h, &w.record->at, sizeof w.record->at);
	h = mix(h, &w.record->kind, sizeof w.record->kind);
	h = mix(h, w.notes, w.n * sizeof *w.notes);
	h = mix(h, w.gone, w.n_gone * sizeof *w.gone);
	for (size_t i = 0; i < w.n; i++) {
		h = mix(h, &w.a[i], offsetof(manrs_announcement, path));
		h = mix(h, w.a[i].path.asn, w.a[i].path.n * sizeof(uint32_t));
	}
	return h;
}

/* The stream in chunks that end at the places given; what is not used is kept, as a host does. */
static uint64_t stream(const struct buffer *b, size_t first)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	size_t at = 0, have = first, need;
	int used;

	begin();
	for (;;) {
		used = manrs_mrt_decode(w.mrt, &w.record, b->at + at, have - at,
					have == b->n ? NULL : &need, &w.fault);
		ck_assert_int_ge(used, 0);
		if (used == 0 && have == b->n)
			break;
		if (used == 0) {
			ck_assert_uint_gt(need, have - at);
			have = b->n;
			continue;
		}
		w.n = manrs_mrt_announced(w.mrt, w.a, w.notes, 64);
		w.n_gone = manrs_mrt_withdrawn(w.mrt, w.gone, w.ids, 64);
		h = mix_record(h);
		at += (size_t)used;
	}
	ck_assert_uint_eq(at, b->n);
	manrs_mrt_free(w.mrt);
	return h;
}

START_TEST(two_chunks_split_at_every_byte)
{
	struct buffer b;
	uint64_t whole;

	all_records(&b);
	record(&b, 16, 1, ENDS "ff"); /* and one that is BAD */
	record(&b, 16, 1, ENDS UPDATE2);
	whole = stream(&b, b.n);
	for (size_t i = 0; i < b.n; i++)
		ck_assert_uint_eq(stream(&b, i), whole);
}
END_TEST

/* Pulled one at a time or many: the same. */
START_TEST(announcements_are_pulled_in_pieces)
{
	manrs_announcement a;
	manrs_mrt_note note;

	begin();
	take(13, 1, PEERS);
	take(13, 2,
	     "00000007 16 c63367 0002 0000 386fb000 0018 " ATTRS " 0001 386fb001 0018 " ATTRS);
	ck_assert_uint_eq(manrs_mrt_announced(w.mrt, &a, &note, 1), 0); /* take pulled them */
	ck_assert_int_eq(manrs_mrt_decode(w.mrt, &w.record, w.b.at, w.b.n, NULL, &w.fault),
			 (int)w.b.n);
	for (uint32_t i = 0; i < 2; i++) {
		ck_assert_uint_eq(manrs_mrt_announced(w.mrt, &a, &note, 1), 1);
		ck_assert_mem_eq(&a, &w.a[i], sizeof a);
		ck_assert_mem_eq(&note, &w.notes[i], sizeof note);
	}
	ck_assert_uint_eq(manrs_mrt_announced(w.mrt, &a, NULL, 1), 0);
	manrs_mrt_free(w.mrt);
}
END_TEST

/* A stream read with an allocator that refuses call number k: MANRS_ENOMEM, and the same record again when there is memory. */
START_TEST(without_memory_nothing_is_lost)
{
	struct test_alloc memory = {.fail_at = 0};
	manrs_alloc alloc = test_alloc_of(&memory);
	manrs_mrt_config config;
	size_t refused = 1, n = 0;
	struct buffer b;

	all_records(&b);
	pass(manrs_mrt_config_init(&config, sizeof config));
	config.alloc = &alloc;
	for (size_t k = 1; refused; k++) {
		size_t at = 0;
		int used;

		memory = (struct test_alloc){.fail_at = k};
		refused = n = 0;
		w.mrt = NULL;
		if (manrs_mrt_new(&w.mrt, &config) == MANRS_ENOMEM) {
			ck_assert_uint_eq(memory.live, 0);
			refused++;
			continue;
		}
		while ((used = manrs_mrt_decode(w.mrt, &w.record, b.at + at, b.n - at, NULL,
						&w.fault)) != 0) {
			if (used > 0) {
				ck_assert_uint_ne(w.record->kind, MANRS_MRT_BAD);
				at += (size_t)used;
				n++;
				continue;
			}
			ck_assert_int_eq(used, MANRS_ENOMEM);
			refused++;
			memory.fail_at = 0;
		}
		ck_assert_uint_eq(n, RECORDS);
		manrs_mrt_free(w.mrt);
		ck_assert_uint_eq(memory.live, 0);
	}
	ck_assert_uint_eq(n, RECORDS);
}
END_TEST

/* The least store that a reader can have, and RIBs whose sets are all different. */
START_TEST(a_full_store_is_let_go_of_between_two_records)
{
	manrs_bgp_store_stats stats = {.size = sizeof stats};
	manrs_mrt_config config;
	size_t asked = 0, n = 0;
	char body[256];
	int used;

	pass(manrs_mrt_config_init(&config, sizeof config));
	config.max_store = 2 << 20;
	memset(&w, 0, sizeof w);
	pass(manrs_mrt_new(&w.mrt, &config));
	take(13, 1, PEERS);
	for (unsigned i = 0; i < test_rounds(80000); i++) {
		snprintf(body, sizeof body,
			 "%08x 18 c63364 0001 0000 386fb000 0018 40010100"
			 " 40020a0202 0000fbf1 %08x 400304c0000201",
			 i, i + 1);
		w.b.n = 0;
		record(&w.b, 13, 2, body);
		used = decode(w.b.at, w.b.n);
		if (used == MANRS_EBUSY) {
			asked++;
			used = decode(w.b.at, w.b.n);
		}
		ck_assert_int_eq(used, (int)w.b.n);
		ck_assert_uint_eq(w.record->kind, MANRS_MRT_RIB);
		ck_assert_uint_eq(w.n, 1);
		ck_assert_uint_eq(w.a[0].path.asn[1], i + 1);
		n++;
	}
	pass(manrs_bgp_store_stats_get(manrs_mrt_store(w.mrt), &stats));
	ck_assert_uint_gt(asked, 1);
	ck_assert_uint_eq(stats.clears, asked);
	ck_assert_uint_le(stats.bytes, 2 << 20);
	manrs_mrt_free(w.mrt);
}
END_TEST

/* An announcement's path is that of its set in the store as it is now. */
static void lent_now(size_t i, uint64_t sets)
{
	const manrs_bgp_attrs *attrs = manrs_bgp_store_at(manrs_mrt_store(w.mrt), w.notes[i].attrs);

	ck_assert_uint_lt(w.notes[i].attrs, sets);
	ck_assert_ptr_nonnull(attrs);
	ck_assert_ptr_eq(w.a[i].path.asn, attrs->path.asn);
	ck_assert_uint_eq(w.notes[i].path, attrs->path_id);
}

/*
 * Records of two entries through the least store: the first is the same in all of them, the second another in each, so the store
 * fills between an entry that the reader had and one that it had not. What was lent before the store was cleared is not used
 * after it: the first two sets of a new store are those of the record that came again. Between two clears the tables of the
 * store grow from nothing to thousands of sets.
 */
static void equal_entries(unsigned type, unsigned subtype, const char *format)
{
	manrs_bgp_store_stats stats = {.size = sizeof stats};
	size_t cleared = 0;
	manrs_mrt_config config;
	char body[512];
	int used;

	pass(manrs_mrt_config_init(&config, sizeof config));
	config.max_store = 2 << 20;
	memset(&w, 0, sizeof w);
	pass(manrs_mrt_new(&w.mrt, &config));
	take(13, 1, PEERS);
	for (unsigned i = 1; cleared < test_rounds(3); i++) {
		snprintf(body, sizeof body, format, i);
		w.b.n = 0;
		record(&w.b, type, subtype, body);
		used = decode(w.b.at, w.b.n);
		if (used == MANRS_EBUSY) {
			ck_assert_uint_gt(stats.sets, 3000);
			ck_assert_uint_eq(manrs_mrt_announced(w.mrt, w.a, w.notes, 64), 0);
			used = decode(w.b.at, w.b.n);
			cleared++;
			ck_assert_uint_lt(w.notes[0].attrs, 2);
			ck_assert_uint_lt(w.notes[1].attrs, 2);
		}
		ck_assert_int_eq(used, (int)w.b.n);
		ck_assert_uint_eq(w.n, 2);
		pass(manrs_bgp_store_stats_get(manrs_mrt_store(w.mrt), &stats));
		ck_assert_uint_eq(stats.clears, cleared);
		has_path(&w.a[0], "64497 64496");
		ck_assert_uint_eq(w.a[1].path.n, 2);
		ck_assert_uint_eq(w.a[1].path.asn[1], i);
		lent_now(0, stats.sets);
		lent_now(1, stats.sets);
	}
	manrs_mrt_free(w.mrt);
}

/* MED 7 behind the second's attributes: it has another length. */
START_TEST(a_cleared_store_lends_nothing_of_before)
{
	equal_entries(13, 2,
		      "00000007 18 c63364 0002 0000 386fb000 0018 " ATTRS
		      " 0001 386fb000 001f 40010100 40020a0202 0000fbf1 %08x 400304c0000201"
		      " 80040400000007");
	equal_entries(12, 3,
		      "0000 0007 c6336400 18 01 386fb000 c0000201 0000fbf1 0018 " ATTRS
		      " c6336400 18 01 386fb000 c0000202 0000fbf1 001f 40010100"
		      " 40020a0202 0000fbf1 %08x 400304c0000201 80040400000007");
}
END_TEST

/* ---- what is looked at ahead of its turn ---- */

#define RIB2                                                \
	"00000007 18 c63364 0002 0000 386fb000 0018 " ATTRS \
	" 0001 386fb000 0018 40010100 40020a0202 0000fbf1 %08x 400304c0000201"

/* A record whose second path ends in AS 64496 + i, of set `id`; the first entry is the same in all. */
static void ends_in(size_t i, size_t id)
{
	ck_assert_uint_eq(w.record->kind, MANRS_MRT_RIB);
	ck_assert_uint_eq(w.n, 2);
	has_path(&w.a[0], "64497 64496");
	ck_assert_uint_eq(w.a[1].path.n, 2);
	ck_assert_uint_eq(w.a[1].path.asn[0], 64497);
	ck_assert_uint_eq(w.a[1].path.asn[1], 64496 + i);
	ck_assert_uint_eq(w.notes[0].attrs, 0);
	ck_assert_uint_eq(w.notes[1].attrs, id);
}

static void add_ribs(struct buffer *b, unsigned first, unsigned last)
{
	char body[256];

	for (unsigned i = first;; i += first < last ? 1u : -1u) {
		snprintf(body, sizeof body, RIB2, 64496 + i);
		record(b, 13, 2, body);
		if (i == last)
			return;
	}
}

/*
 * Sixteen records that the store knows come again, and behind the first of them the host gives others than were there when it
 * was read: in the other order, which the store knows too, or of paths that it does not know. What counts is what is there when
 * a record's turn comes, and equal bytes have the ids that they had.
 */
START_TEST(a_record_is_what_it_is_in_its_turn)
{
	static struct buffer seen, given;
	manrs_bgp_store_stats stats = {.size = sizeof stats};

	for (unsigned other = 0; other < 2; other++) {
		begin();
		seen.n = 0;
		record(&seen, 13, 1, PEERS);
		add_ribs(&seen, 1, 16);
		add_ribs(&seen, 1, 16);
		given.n = 0;
		record(&given, 13, 1, PEERS);
		add_ribs(&given, 1, 16);
		if (other)
			add_ribs(&given, 17, 32);
		else
			add_ribs(&given, 16, 1);
		ck_assert_uint_eq(given.n, seen.n);
		for (size_t at = 0, i = 0; at < seen.n; at += length_at(&seen, at), i++) {
			const struct buffer *b = i > 17 ? &given : &seen;

			ck_assert_int_eq(decode(b->at + at, b->n - at), (int)length_at(&seen, at));
			if (i > 17 && other)
				ends_in(i, i - 1);
			else if (i > 17)
				ends_in(33 - i, 33 - i);
			else if (i > 0)
				ends_in((i - 1) % 16 + 1, (i - 1) % 16 + 1);
		}
		pass(manrs_bgp_store_stats_get(manrs_mrt_store(w.mrt), &stats));
		ck_assert_uint_eq(stats.asked, 64);
		ck_assert_uint_eq(stats.sets, 17 + (other ? 15 : 0));
		ck_assert_uint_eq(stats.hits, stats.asked - stats.sets);
		manrs_mrt_free(w.mrt);
	}
}
END_TEST

/*
 * Two thousand records without an entry behind one that has one: the call that reads that one does not walk all of them, and
 * each of them comes out.
 */
START_TEST(to_look_ahead_has_an_end)
{
	static struct buffer b;
	int used;

	begin();
	b.n = 0;
	record(&b, 13, 1, PEERS);
	record(&b, 13, 2, "00000007 18 c63364 0001 0000 386fb000 0018 " ATTRS);
	for (int i = 0; i < 2000; i++)
		record(&b, 13, 2, "00000008 18 c63364 0000");
	for (size_t at = 0; at < b.n; at += (size_t)used) {
		used = decode(b.at + at, b.n - at);
		ck_assert_int_eq(used, (int)length_at(&b, at));
		ck_assert_uint_le(w.mrt->ahead.at, at + (size_t)used + 1000);
	}
	ck_assert_uint_eq(w.mrt->stats.rib, 2001);
	ck_assert_uint_eq(w.mrt->stats.announced, 1);
	manrs_mrt_free(w.mrt);
}
END_TEST

/* A stream through the least store, all of it at once or a record at a time. returns: what came out, as above */
static uint64_t through(const uint8_t *bytes, size_t n, bool whole, size_t *clears)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	manrs_mrt_config config;
	int used;

	pass(manrs_mrt_config_init(&config, sizeof config));
	config.max_store = 2 << 20;
	memset(&w, 0, sizeof w);
	pass(manrs_mrt_new(&w.mrt, &config));
	*clears = 0;
	for (size_t at = 0; at < n; at += (size_t)used) {
		size_t there = 12 + ((size_t)bytes[at + 10] << 8 | bytes[at + 11]);

		used = decode(bytes + at, whole ? n - at : there);
		if (used == MANRS_EBUSY) {
			++*clears;
			used = decode(bytes + at, whole ? n - at : there);
		}
		ck_assert_int_eq(used, (int)there);
		h = mix_record(h);
	}
	manrs_mrt_free(w.mrt);
	return h;
}

/*
 * Twenty thousand sets, each in two records that stand three apart, with a record in between whose second entry is cut short,
 * one of a peer that is not in the table, and one of another type: the same ids, paths and verdicts come out, and the store is
 * cleared as often, whether the records behind are there when one is read or not.
 */
START_TEST(records_that_are_there_change_nothing)
{
	enum { SETS = 20000, ROOM = 256 };
	uint8_t *bytes = malloc((size_t)SETS * 2 * ROOM);
	size_t n = 0, clears[2];
	struct buffer one;
	char body[256];
	uint64_t h;

	ck_assert_ptr_nonnull(bytes);
	one.n = 0;
	record(&one, 13, 1, PEERS);
	memcpy(bytes, one.at, one.n);
	n = one.n;
	for (unsigned i = 3; i < SETS; i++) {
		one.n = 0;
		for (unsigned back = 0; back <= 3; back += 3) {
			snprintf(body, sizeof body, RIB2, 64496 + i - back);
			record(&one, 13, 2, body);
		}
		if (i % 7 == 1)
			record(&one, 13, 2,
			       "00000007 18 c63364 0002 0000 386fb000 0018 " ATTRS " 00");
		if (i % 7 == 3)
			record(&one, 13, 2, "00000007 18 c63364 0001 0002 386fb000 0018 " ATTRS);
		if (i % 7 == 5)
			record(&one, 16, 0, ENDS "0005 0006");
		ck_assert_uint_le(one.n, 2 * ROOM);
		memcpy(bytes + n, one.at, one.n);
		n += one.n;
	}
	h = through(bytes, n, true, &clears[0]);
	ck_assert_uint_eq(through(bytes, n, false, &clears[1]), h);
	ck_assert_uint_eq(clears[0], clears[1]);
	ck_assert_uint_ge(clears[0], 2);
	free(bytes);
}
END_TEST

/* Forty sets of 60,000 bytes are more than 2 MiB: no store that is cleared for them holds them either. */
START_TEST(a_record_with_more_sets_than_the_store_holds_costs_itself)
{
	enum { ENTRIES = 40, EACH = 8 + 60000 };
	/* a peer, a time, 60,000 bytes: of attribute 200 59,996 */
	static const uint8_t entry[] = {0, 0, 0, 0, 0, 1, 0xea, 0x60, 0xd0, 200, 0xea, 0x5c};
	const size_t head = 12 + 7, n = head + ENTRIES * EACH;
	uint8_t *all = calloc(1, n);
	manrs_mrt_config config;

	ck_assert_ptr_nonnull(all);
	memset(&w, 0, sizeof w);
	record(&w.b, 13, 2, "00000001 00 0028");
	memcpy(all, w.b.at, head);
	for (int i = 0; i < 4; i++)
		all[8 + i] = (uint8_t)((n - 12) >> (24 - 8 * i));
	for (size_t i = 0; i < ENTRIES; i++) {
		memcpy(all + head + i * EACH, entry, sizeof entry);
		all[head + i * EACH + sizeof entry] = (uint8_t)i;
	}
	pass(manrs_mrt_config_init(&config, sizeof config));
	config.max_store = 2 << 20;
	pass(manrs_mrt_new(&w.mrt, &config));
	take(13, 1, PEERS);
	ck_assert_int_eq(decode(all, n), MANRS_EBUSY);
	ck_assert_int_eq(decode(all, n), (int)n);
	ck_assert_uint_eq(w.record->kind, MANRS_MRT_BAD);
	ck_assert_int_eq(w.record->fault.code, MANRS_ELIMIT);
	ck_assert_uint_eq(w.n, 0);
	free(all);
	ck_assert_int_eq(take(16, 4, ENDS4 UPDATE4), MANRS_MRT_UPDATE);
	expect_update();
	manrs_mrt_free(w.mrt);
}
END_TEST

START_TEST(statistics)
{
	manrs_mrt_stats stats = {.size = sizeof stats};
	size_t at = 0;
	int used;

	begin();
	all_records(&w.b);
	record(&w.b, 16, 1, ENDS "ff");
	while ((used = decode(w.b.at + at, w.b.n - at)) > 0)
		at += (size_t)used;
	pass(manrs_mrt_stats_get(w.mrt, &stats));
	ck_assert_uint_eq(stats.size, sizeof stats);
	ck_assert_uint_eq(stats.bytes, w.b.n);
	ck_assert_uint_eq(stats.records, RECORDS + 1);
	ck_assert_uint_eq(stats.peers, 1);
	ck_assert_uint_eq(stats.rib, 4);
	ck_assert_uint_eq(stats.updates, 3);
	ck_assert_uint_eq(stats.states, 3);
	ck_assert_uint_eq(stats.messages, 2);
	ck_assert_uint_eq(stats.other, 1);
	ck_assert_uint_eq(stats.bad, 1);
	ck_assert_uint_eq(stats.announced, 2 + 1 + 1 + 2 + 3);
	ck_assert_uint_eq(stats.withdrawn, 3);
	ck_assert_uint_eq(stats.malformed + stats.skipped, 0);
	manrs_mrt_free(w.mrt);
	manrs_mrt_free(NULL);
}
END_TEST

Suite *mrt_suite(void)
{
	Suite *s = suite_create("mrt");

	ADD_TEST(s, rfc6396_s2_a_record_is_taken_whole, 5);
	ADD_TEST(s, rfc6396_s4_other_types_are_passed_over, 5);
	ADD_TEST(s, what_an_archive_begins_with, 5);
	ADD_TEST(s, what_is_no_record_is_refused, 5);
	ADD_TEST(s, rfc6396_s4_3_1_peer_index_table, 5);
	ADD_TEST(s, rfc6396_s4_3_2_rib_of_ipv4, 5);
	ADD_TEST(s, rfc6396_s4_3_4_mp_reach_of_a_rib_is_short_or_whole, 5);
	ADD_TEST(s, rfc8050_s4_entries_have_path_identifiers, 5);
	ADD_TEST(s, rfc6396_s4_3_3_rib_generic, 5);
	ADD_TEST(s, a_rib_that_cannot_be_read_costs_itself, 5);
	ADD_TEST(s, malformed_entries_stay_entries, 5);
	ADD_TEST(s, otc_and_unknown_neighbours_are_said, 5);
	ADD_TEST(s, rfc6396_s4_2_table_dump, 5);
	ADD_TEST(s, table_dump_in_batches, 5);
	ADD_TEST(s, rfc6396_s4_4_2_messages, 5);
	ADD_TEST(s, rfc8050_s3_messages_with_path_identifiers, 5);
	ADD_TEST(s, rfc6396_s3_extended_timestamp, 5);
	ADD_TEST(s, rfc6396_s4_4_1_states, 5);
	ADD_TEST(s, zebras_shortened_records, 5);
	ADD_TEST(s, a_message_that_cannot_be_read_costs_itself, 5);
	ADD_TEST(s, a_malformed_update_withdraws, 5);
	ADD_TEST(s, rfc6396_b2_type_5, 5);
	ADD_TEST(s, a_torn_write_costs_what_was_torn, 5);
	ADD_TEST(s, fewer_records_that_end_with_the_input_are_enough, 5);
	ADD_TEST(s, resynchronisation_over_chunks, 5);
	ADD_TEST(s, what_cannot_be_read_waits_for_what_follows, 5);
	ADD_TEST(s, every_record_cut_at_every_byte, 10);
	ADD_TEST(s, two_chunks_split_at_every_byte, 10);
	ADD_TEST(s, announcements_are_pulled_in_pieces, 5);
	ADD_TEST(s, without_memory_nothing_is_lost, 10);
	ADD_TEST(s, a_full_store_is_let_go_of_between_two_records, 5);
	ADD_TEST(s, a_cleared_store_lends_nothing_of_before, 10);
	ADD_TEST(s, a_record_is_what_it_is_in_its_turn, 5);
	ADD_TEST(s, to_look_ahead_has_an_end, 5);
	ADD_TEST(s, records_that_are_there_change_nothing, 10);
	ADD_TEST(s, a_record_with_more_sets_than_the_store_holds_costs_itself, 5);
	ADD_TEST(s, statistics, 5);
	return s;
}
