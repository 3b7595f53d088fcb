/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bogons. The expectations are the IANA special-purpose registries of 2026-07-18 (typed here a second time, as two flat
 * lists), the rule of RFC 6890 section 2.2.1 that the more specific entry wins, NLNOG's bogon guide, and Team Cymru's
 * full bogons where the shared data is there.
 */

#include "test.h"

static int kind(const char *text)
{
	manrs_prefix prefix = test_prefix(text);

	return manrs_bogon_prefix(&prefix, NULL, NULL);
}

static const char *const not_global[] = {
	"0.0.0.0/8",          "10.0.0.0/8",     "100.64.0.0/10",  "127.0.0.0/8",
	"169.254.0.0/16",     "172.16.0.0/12",  "192.0.0.0/24",   "192.0.2.0/24",
	"192.88.99.0/24",     "192.88.99.2/32", "192.168.0.0/16", "198.18.0.0/15",
	"198.51.100.0/24",    "203.0.113.0/24", "240.0.0.0/4",    "224.0.0.0/4",
	"255.255.255.255/32", "::/128",         "::1/128",        "::ffff:0.0.0.0/96",
	"64:ff9b:1::/48",     "100::/64",       "100:0:0:1::/64", "2001::/23",
	"2001:2::/48",        "2001:10::/28",   "2001:db8::/32",  "2002::/16",
	"3fff::/20",          "5f00::/16",      "fc00::/7",       "fe80::/10",
	"ff00::/8",           "3ffe::/16",      "fec0::/10",
};

static const char *const global[] = {
	"192.0.0.9/32",  "192.0.0.10/32", "64:ff9b::/96",    "2001:1::1/128", "2001:1::2/128",
	"2001:1::3/128", "2001:3::/32",   "2001:4:112::/48", "2001:20::/28",  "2001:30::/28",
};

START_TEST(iana_blocks_are_bogons_and_their_exceptions_are_not)
{
	for (size_t i = 0; i < sizeof not_global / sizeof *not_global; i++)
		ck_assert_msg(kind(not_global[i]) != MANRS_BOGON_NONE, "%s", not_global[i]);
	for (size_t i = 0; i < sizeof global / sizeof *global; i++)
		ck_assert_msg(kind(global[i]) == MANRS_BOGON_NONE, "%s", global[i]);
	/* Ordinary blocks beside special ones, and special ones that are global (AS112, RFC 7534). */
	ck_assert_int_eq(kind("192.31.196.0/24"), MANRS_BOGON_NONE);
	ck_assert_int_eq(kind("192.52.193.0/24"), MANRS_BOGON_NONE);
	ck_assert_int_eq(kind("192.175.48.0/24"), MANRS_BOGON_NONE);
	ck_assert_int_eq(kind("2620:4f:8000::/48"), MANRS_BOGON_NONE);
	ck_assert_int_eq(kind("192.0.1.0/24"), MANRS_BOGON_NONE);
	ck_assert_int_eq(kind("11.0.0.0/8"), MANRS_BOGON_NONE);
	ck_assert_int_eq(kind("2001:200::/23"), MANRS_BOGON_NONE);
	ck_assert_int_eq(kind("2001:db9::/32"), MANRS_BOGON_NONE);
}
END_TEST

START_TEST(rfc6890_s2_2_1_a_covering_route_is_no_bogon)
{
	ck_assert_int_eq(kind("0.0.0.0/0"), MANRS_BOGON_NONE);
	ck_assert_int_eq(kind("::/0"), MANRS_BOGON_NONE);
	ck_assert_int_eq(kind("10.0.0.0/7"), MANRS_BOGON_NONE);
	ck_assert_int_eq(kind("192.0.0.0/16"), MANRS_BOGON_NONE);
	ck_assert_int_eq(kind("2001::/16"), MANRS_BOGON_NONE);
	ck_assert_int_eq(kind("2000::/3"), MANRS_BOGON_NONE);
	ck_assert_int_eq(kind("::/2"), MANRS_BOGON_NONE);
}
END_TEST

START_TEST(more_specifics_fall_under_the_longest_block)
{
	ck_assert_int_eq(kind("10.1.2.0/24"), MANRS_BOGON_SPECIAL);
	ck_assert_int_eq(kind("192.0.0.8/30"),
			 MANRS_BOGON_SPECIAL); /* .9 and .10 inside are global, the /30 is not */
	ck_assert_int_eq(kind("192.0.0.170/32"), MANRS_BOGON_SPECIAL);
	ck_assert_int_eq(kind("192.88.99.128/25"), MANRS_BOGON_FORMER);
	ck_assert_int_eq(kind("192.88.99.2/32"), MANRS_BOGON_SPECIAL);
	ck_assert_int_eq(kind("232.0.0.0/8"), MANRS_BOGON_MULTICAST);
	ck_assert_int_eq(kind("255.255.255.255/32"), MANRS_BOGON_SPECIAL);
	ck_assert_int_eq(kind("2001:3:1::/48"), MANRS_BOGON_NONE);
	ck_assert_int_eq(kind("2001:2:0:1::/64"), MANRS_BOGON_SPECIAL);
	ck_assert_int_eq(kind("ff02::/16"), MANRS_BOGON_MULTICAST);
	ck_assert_int_eq(kind("fd00:1::/32"), MANRS_BOGON_SPECIAL);
}
END_TEST

START_TEST(rfc7454_s6_1_ipv6_outside_global_unicast)
{
	ck_assert_int_eq(kind("4000::/16"), MANRS_BOGON_OUTSIDE);
	ck_assert_int_eq(kind("8000::/1"), MANRS_BOGON_OUTSIDE);
	ck_assert_int_eq(kind("::/8"), MANRS_BOGON_OUTSIDE);
	ck_assert_int_eq(kind("64:ff9b::/95"), MANRS_BOGON_OUTSIDE);
	ck_assert_int_eq(kind("64:ff9b::c000:0/104"), MANRS_BOGON_NONE);
	ck_assert_int_eq(kind("3fff:ffff::/32"), MANRS_BOGON_NONE);
}
END_TEST

/* The longest typed block that covers it decides. */
static bool oracle(const manrs_prefix *prefix)
{
	manrs_prefix unicast = test_prefix("2000::/3");
	int best = -1;
	bool bogon = false;

	for (size_t i = 0; i < sizeof not_global / sizeof *not_global; i++) {
		manrs_prefix block = test_prefix(not_global[i]);

		if (manrs_prefix_covers(&block, prefix) && block.len > best) {
			best = block.len;
			bogon = true;
		}
	}
	for (size_t i = 0; i < sizeof global / sizeof *global; i++) {
		manrs_prefix block = test_prefix(global[i]);

		if (manrs_prefix_covers(&block, prefix) && block.len > best) {
			best = block.len;
			bogon = false;
		}
	}
	if (best < 0 && prefix->family == 6)
		return !manrs_prefix_covers(&unicast, prefix) &&
		       !manrs_prefix_covers(prefix, &unicast);
	return bogon;
}

/* A prefix near a typed block: one of its bits flipped, its length changed. */
static manrs_prefix near_block(uint64_t *seed)
{
	size_t n = sizeof not_global / sizeof *not_global, m = sizeof global / sizeof *global;
	size_t pick = test_below(seed, n + m);
	manrs_prefix prefix = test_prefix(pick < n ? not_global[pick] : global[pick - n]);
	unsigned bits = prefix.family == 4 ? 32 : 128, flip = (unsigned)(test_random(seed) % bits);
	int len = prefix.len + (int)(test_random(seed) % 9) - 4;

	if (test_random(seed) % 2)
		prefix.addr[flip / 8] ^= (uint8_t)(0x80 >> flip % 8);
	len = test_random(seed) % 8 == 0 ? (int)(test_random(seed) % (bits + 1)) : len;
	prefix.len = prefix.maxlen = (uint8_t)(len < 0 ? 0 : len > (int)bits ? (int)bits : len);
	for (unsigned i = prefix.len; i < 128; i++)
		prefix.addr[i / 8] &= (uint8_t) ~(0x80 >> i % 8);
	return prefix;
}

START_TEST(random_walk_against_flat_lists)
{
	uint64_t seed = 9;
	int bogons = 0;

	for (int i = 0; i < 100000; i++) {
		manrs_prefix prefix = near_block(&seed);
		char text[MANRS_PREFIX_TEXT];
		bool bogon = oracle(&prefix);

		manrs_prefix_format(&prefix, text, sizeof text);
		ck_assert_msg((manrs_bogon_prefix(&prefix, NULL, NULL) != MANRS_BOGON_NONE) ==
				      bogon,
			      "%s", text);
		bogons += bogon;
	}
	ck_assert_int_gt(bogons, 20000);
	ck_assert_int_lt(bogons, 80000);
}
END_TEST

START_TEST(an_entry_names_the_block_and_the_rfc)
{
	manrs_prefix prefix = test_prefix("172.20.0.0/16"), block = test_prefix("172.16.0.0/12"),
		     good = test_prefix("193.0.0.0/21");
	manrs_bogon_entry entry;

	ck_assert_int_eq(manrs_bogon_prefix(&prefix, NULL, &entry), MANRS_BOGON_SPECIAL);
	ck_assert_int_eq(manrs_prefix_cmp(&entry.prefix, &block), 0);
	ck_assert_str_eq(entry.name, "Private-Use");
	ck_assert_str_eq(entry.source, "RFC 1918");
	ck_assert_int_eq(manrs_bogon_prefix(&good, NULL, &entry), MANRS_BOGON_NONE);
	ck_assert_str_eq(entry.name, "");
	ck_assert_uint_eq(entry.prefix.family, 0);
}
END_TEST

START_TEST(malformed_is_never_in_order)
{
	manrs_prefix prefix = test_prefix("193.0.0.0/21");

	prefix.addr[3] = 1;
	ck_assert_int_eq(manrs_bogon_prefix(&prefix, NULL, NULL), MANRS_BOGON_MALFORMED);
	prefix = (manrs_prefix){0};
	ck_assert_int_eq(manrs_bogon_prefix(&prefix, NULL, NULL), MANRS_BOGON_MALFORMED);
	ck_assert_str_eq(manrs_bogon_text(MANRS_BOGON_NONE), "none");
	ck_assert_str_eq(manrs_bogon_text(MANRS_BOGON_LISTED), "listed");
	ck_assert_str_eq(manrs_bogon_text(MANRS_BOGON_LISTED + 1), "");
	ck_assert_str_eq(manrs_bogon_text(-1), "");
}
END_TEST

START_TEST(batches_are_the_single_calls)
{
	static const char *const texts[] = {"10.0.0.0/8", "193.0.0.0/21", "4000::/16", "2a00::/12"};
	static const uint32_t asn[] = {0,     112,    23456,       64496,       65551,
				       65552, 131072, 4199999999u, 4200000000u, UINT32_MAX};
	static const uint8_t bogon[] = {1, 0, 1, 1, 1, 1, 0, 0, 1, 1};
	manrs_prefix prefixes[4];
	uint8_t kinds[4], out[10];

	for (int i = 0; i < 4; i++)
		prefixes[i] = test_prefix(texts[i]);
	ck_assert_int_eq(manrs_bogon_prefix_many(prefixes, 4, NULL, kinds), MANRS_OK);
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(kinds[i], kind(texts[i]));
	ck_assert_int_eq(manrs_bogon_asn_many(asn, 10, out), MANRS_OK);
	for (int i = 0; i < 10; i++) {
		ck_assert_int_eq(out[i], bogon[i]);
		ck_assert_int_eq(manrs_bogon_asn(asn[i]), bogon[i]);
	}
}
END_TEST

/* A file of the shared lists into a trie. */
static size_t load(manrs_trie *trie, const char *path)
{
	char command[4200], line[256];
	size_t n = 0;
	FILE *f;

	snprintf(command, sizeof command, "xz -dcf '%s'", path);
	f = popen(command, "r");
	while (fgets(line, sizeof line, f)) {
		manrs_prefix prefix;
		int rc;

		rc = manrs_prefix_list_parse(&prefix, line, strcspn(line, "\n"), NULL);
		ck_assert_msg(rc >= 0, "%s", line);
		if (rc == 1 && manrs_trie_set(trie, &prefix, 0) == 1)
			n++;
	}
	pclose(f);
	return n;
}

START_TEST(full_bogons_of_team_cymru)
{
	const char *v4 = test_data("bogons/fullbogons-ipv4-20260822.txt");
	manrs_prefix in = test_prefix("14.102.240.0/24"), out = test_prefix("14.102.0.0/16"),
		     six = test_prefix("2001:201::/32");
	manrs_bogon_entry entry;
	manrs_trie *trie;

	if (!v4) {
		test_skip("bogons/fullbogons-ipv4-20260822.txt is not there");
		return;
	}
	ck_assert_int_eq(manrs_trie_new(&trie, NULL), MANRS_OK);
	ck_assert_uint_eq(load(trie, v4), 3021);
	ck_assert_uint_eq(load(trie, test_data("bogons/fullbogons-ipv6-20260822.txt.xz")), 156815);
	ck_assert_int_eq(manrs_bogon_prefix(&in, trie, &entry), MANRS_BOGON_LISTED);
	ck_assert_uint_eq(entry.prefix.len, 20);
	ck_assert_int_eq(manrs_bogon_prefix(&out, trie, NULL), MANRS_BOGON_NONE);
	ck_assert_int_eq(manrs_bogon_prefix(&six, trie, NULL), MANRS_BOGON_LISTED);
	manrs_trie_free(trie);
}
END_TEST

START_TEST(list_lines)
{
	static const struct {
		const char *text;
		int rc;
		uint64_t at;
	} lines[] = {
		{"", 0, 0},
		{"   ", 0, 0},
		{"# last updated", 0, 0},
		{"10.0.0.0/8", 1, 0},
		{" ::/10 # x\r", 1, 0},
		{"10.0.0.0/8 11.0.0.0/8", MANRS_ESYNTAX, 11},
		{"10.0.0.1/8", MANRS_EINVAL, 0},
		{"10.0.0.0", MANRS_ESYNTAX, 8},
		{" 1.0.0.0/33", MANRS_ERANGE, 9},
	};

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		manrs_fault fault = {0};
		manrs_prefix prefix;

		ck_assert_int_eq(manrs_prefix_list_parse(&prefix, lines[i].text,
							 strlen(lines[i].text), &fault),
				 lines[i].rc);
		ck_assert_uint_eq(fault.at, lines[i].at);
	}
}
END_TEST

Suite *bogon_suite(void)
{
	Suite *s = suite_create("bogon");

	ADD_TEST(s, iana_blocks_are_bogons_and_their_exceptions_are_not, 1);
	ADD_TEST(s, rfc6890_s2_2_1_a_covering_route_is_no_bogon, 1);
	ADD_TEST(s, more_specifics_fall_under_the_longest_block, 1);
	ADD_TEST(s, rfc7454_s6_1_ipv6_outside_global_unicast, 1);
	ADD_TEST(s, random_walk_against_flat_lists, 10);
	ADD_TEST(s, an_entry_names_the_block_and_the_rfc, 1);
	ADD_TEST(s, malformed_is_never_in_order, 1);
	ADD_TEST(s, batches_are_the_single_calls, 1);
	ADD_TEST(s, full_bogons_of_team_cymru, 10);
	ADD_TEST(s, list_lines, 1);
	return s;
}
