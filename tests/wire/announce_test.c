/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Announcements as text: lines of bgpdump's own printing, JSON by RFC 8259, and every line of the shared dumps, whose
 * prefix, AS path and neighbour must come out as they went in.
 */

#include "test.h"

struct read {
	manrs_announcement a;
	uint32_t asn[512];
	uint8_t kind[512];
	manrs_fault fault;
	int rc;
};

static void parse(struct read *r, const char *text)
{
	r->fault = (manrs_fault){0};
	r->rc = manrs_announce_parse(&r->a, r->asn, r->kind, 512, text, strlen(text), &r->fault);
}

static const char *path_text(const manrs_announcement *a)
{
	static char text[8192];

	ck_assert_int_ge(manrs_path_format(&a->path, text, sizeof text), 0);
	return text;
}

static const char *prefix_text(const manrs_prefix *prefix)
{
	static char text[MANRS_PREFIX_TEXT];

	ck_assert_int_ge(manrs_prefix_format(prefix, text, sizeof text), 0);
	return text;
}

START_TEST(bgpdump_rib_and_update_lines)
{
	struct read r;

	parse(&r, "TABLE_DUMP2|1400824800|B|196.7.106.245|2905|1.0.0.0/24|2905 {65023,5} "
		  "16637|IGP|196.7.106.246|0|0||NAG||");
	ck_assert_int_eq(r.rc, 1);
	ck_assert_str_eq(prefix_text(&r.a.prefix), "1.0.0.0/24");
	ck_assert_uint_eq(r.a.neighbour_asn, 2905);
	ck_assert_str_eq(prefix_text(&r.a.neighbour_address), "196.7.106.245/32");
	ck_assert_str_eq(prefix_text(&r.a.next_hop), "196.7.106.246/32");
	ck_assert_str_eq(path_text(&r.a), "2905 {65023,5} 16637");
	ck_assert_uint_eq(r.a.flags, 0);
	parse(&r, "TABLE_DUMP2_AP|1452168107|B|10.0.15.1|65015|10.0.10.0/24|36|65015 "
		  "65014|IGP|10.0.15.1|100|0||NAG||");
	ck_assert_int_eq(r.rc, 1);
	ck_assert_str_eq(path_text(&r.a), "65015 65014");
	parse(&r, "BGP4MP|1192460700|A|2001:db8::1|3257|2001:db8::/"
		  "32||IGP|2001:db8::1|0|10||AG|9835 1.2.3.4|\r");
	ck_assert_int_eq(r.rc, 1);
	ck_assert_uint_eq(r.a.path.n, 0);
	parse(&r, "BGP4MP|1192460702|W|208.51.134.248|3549|203.157.152.0/24");
	ck_assert_int_eq(r.rc, 0);
	parse(&r, "BGP4MP|1192460702|STATE|208.51.134.248|3549|6|1");
	ck_assert_int_eq(r.rc, 0);
	parse(&r, "# a comment");
	ck_assert_int_eq(r.rc, 0);
	parse(&r, "  ");
	ck_assert_int_eq(r.rc, 0);
}
END_TEST

START_TEST(json_members)
{
	struct read r;

	parse(&r, "{\"prefix\":\"192.0.2.0/24\",\"as_path\":\"64497 "
		  "64496\",\"neighbour\":64497,\"next_hop\":\"198.51.100.1\","
		  "\"neighbour_address\":\"2001:db8::1\",\"otc\":0,\"direction\":\"egress\","
		  "\"learned_from\":\"rs-client\"}");
	ck_assert_msg(r.rc == 1, "%s", r.fault.what);
	ck_assert_uint_eq(r.a.flags, MANRS_ANNOUNCE_OTC | MANRS_ANNOUNCE_EGRESS);
	ck_assert_uint_eq(r.a.learned_from, MANRS_ROLE_RS_CLIENT);
	ck_assert_str_eq(path_text(&r.a), "64497 64496");
	ck_assert_str_eq(prefix_text(&r.a.neighbour_address), "2001:db8::1/128");
	parse(&r, " { \"as_path\" : [1, 2, [3, 4], 5], \"unknown\": {\"a\":[1,{\"b\":null}]}, "
		  "\"own\": true, "
		  "\"direction\":\"egress\", \"prefix\": \"::/0\", \"otc\": null } ");
	ck_assert_msg(r.rc == 1, "%s", r.fault.what);
	ck_assert_str_eq(path_text(&r.a), "1 2 {3,4} 5");
	ck_assert_uint_eq(r.a.flags, MANRS_ANNOUNCE_ANY_NEIGHBOUR | MANRS_ANNOUNCE_OWN |
					     MANRS_ANNOUNCE_EGRESS);
	parse(&r, "{\"prefix\":\"::/0\"}");
	ck_assert_int_eq(r.rc, 1);
	ck_assert_uint_eq(r.a.path.n, 0);
	parse(&r, "{\"prefix\":\"::/0\",\"internal\":true}");
	ck_assert_uint_eq(r.a.flags, MANRS_ANNOUNCE_ANY_NEIGHBOUR | MANRS_ANNOUNCE_INTERNAL);
	parse(&r, "{\"prefix\":\"::/0\",\"internal\":false}");
	ck_assert_uint_eq(r.a.flags, MANRS_ANNOUNCE_ANY_NEIGHBOUR);
	/* what manrs/announce.h says of egress alone is no announcement on ingress, and none is both */
	parse(&r, "{\"prefix\":\"::/0\",\"own\":true}");
	ck_assert_int_eq(r.rc, MANRS_EINVAL);
	parse(&r, "{\"prefix\":\"::/0\",\"learned_from\":\"peer\"}");
	ck_assert_int_eq(r.rc, MANRS_EINVAL);
	parse(&r, "{\"prefix\":\"::/"
		  "0\",\"learned_from\":\"peer\",\"own\":true,\"direction\":\"egress\"}");
	ck_assert_int_eq(r.rc, MANRS_EINVAL);
	ck_assert_uint_ne(r.a.flags & MANRS_ANNOUNCE_MALFORMED, 0);
}
END_TEST

START_TEST(bad_lines_have_their_offset_and_are_malformed)
{
	static const struct {
		const char *text;
		int code;
		uint64_t at;
	} cases[] = {
		{"hello", MANRS_ESYNTAX, 0},
		{"A|B|C", MANRS_ESYNTAX, 0},
		{"TABLE_DUMP2|1|A|1.2.3.4|1|1.0.0.0/8|1|IGP|1.2.3.4", MANRS_ESYNTAX, 14},
		{"TABLE_DUMP2|1|B|1.2.3.4|1|1.0.0.0/8|1|IGP", MANRS_ESYNTAX, 41},
		{"TABLE_DUMP2|1|B|1.2.3.4|1|1.0.0.1/8|1|IGP|1.2.3.4", MANRS_EINVAL, 26},
		{"TABLE_DUMP2|1|B|1.2.3.400|1|1.0.0.0/8|1|IGP|1.2.3.4", MANRS_ERANGE, 22},
		{"TABLE_DUMP2|1|B|1.2.3.4|1|1.0.0.0/8|1 x|IGP|1.2.3.4", MANRS_ESYNTAX, 38},
		{"TABLE_DUMP2|1|B|1.2.3.4|1|1.0.0.0/8|1|IGP|x", MANRS_ESYNTAX, 42},
		{"{\"prefix\":\"1.0.0.0/33\"}", MANRS_ERANGE, 19},
		{"{\"as_path\":\"1\"}", MANRS_ESYNTAX, 14},
		{"{\"prefix\":\"::/0\",\"prefix\":\"::/0\"}", MANRS_ESYNTAX, 17},
		{"{\"prefix\":\"::/0\",\"neighbour\":\"1\"}", MANRS_ESYNTAX, 29},
		{"{\"prefix\":\"::/0\",\"neighbour\":0}", MANRS_ERANGE, 29},
		{"{\"prefix\":\"::/0\",\"otc\":4294967296}", MANRS_ERANGE, 23},
		{"{\"prefix\":\"::/0\",\"otc\":1.5}", MANRS_ESYNTAX, 23},
		{"{\"prefix\":\"::/0\",\"as_path\":[1,[]]}", MANRS_ESYNTAX, 31},
		{"{\"prefix\":\"::/0\",\"as_path\":[1,\"2\"]}", MANRS_ESYNTAX, 30},
		{"{\"prefix\":\"::/0\",\"learned_from\":\"us\"}", MANRS_ESYNTAX, 32},
		{"{\"prefix\":\"::/0\"} x", MANRS_ESYNTAX, 18},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct read r;

		parse(&r, cases[i].text);
		ck_assert_msg(r.rc == cases[i].code && r.fault.at == cases[i].at,
			      "%s: %d at %u: %s", cases[i].text, r.rc, (unsigned)r.fault.at,
			      r.fault.what);
		ck_assert(r.a.flags & MANRS_ANNOUNCE_MALFORMED);
	}
}
END_TEST

START_TEST(cut_anywhere_never_announces_more)
{
	static const char *const lines[] = {
		"{\"prefix\":\"192.0.2.0/24\",\"as_path\":[64497,[1,2]],\"neighbour\":64497}",
		"{\"prefix\":\"192.0.2.0/24\\n\",\"as_path\":\"64497\"}",
	};

	for (size_t i = 0; i < 2; i++)
		for (size_t n = 1; n < strlen(lines[i]); n++) {
			char *copy = malloc(n);
			struct read r;

			memcpy(copy, lines[i], n);
			ck_assert_int_lt(
				manrs_announce_parse(&r.a, r.asn, r.kind, 512, copy, n, NULL), 0);
			free(copy);
		}
}
END_TEST

START_TEST(more_hops_than_room_is_refused)
{
	manrs_announcement a;
	uint32_t asn[2];
	uint8_t kind[2];
	manrs_fault fault;
	const char *dump = "BGP4MP|1|A|1.2.3.4|1|1.0.0.0/8|1 2 3|IGP|1.2.3.4",
		   *json = "{\"prefix\":\"::/0\",\"as_path\":[1,2,3]}";

	ck_assert_int_eq(manrs_announce_parse(&a, asn, kind, 2, dump, strlen(dump), &fault),
			 MANRS_ELIMIT);
	ck_assert(a.flags & MANRS_ANNOUNCE_MALFORMED);
	ck_assert_int_eq(manrs_announce_parse(&a, asn, kind, 2, json, strlen(json), &fault),
			 MANRS_ELIMIT);
}
END_TEST

START_TEST(every_line_of_the_shared_dumps)
{
	static const char *const files[] = {
		"updates.20071015.1505.gz",	  "rv6-20151101-27peers-partial.mrt.gz",
		"bview.ipv4_unicast_add_path.gz", "bview.ipv6_unicast_add_path.gz",
		"sample-openbgpd_bgp.mrt",	  "updates.20020722.2238.gz"};
	static char line[65536], copy[65536];
	uint64_t announced = 0;

	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		char name[256], command[4400];
		const char *path;
		FILE *f;

		snprintf(name, sizeof name, "mrt/expected/%s.bgpdump-m.xz", files[i]);
		path = test_data(name);
		if (!path) {
			test_skip("mrt/expected is not there");
			return;
		}
		snprintf(command, sizeof command, "xz -dc '%s'", path);
		f = popen(command, "r");
		while (fgets(line, sizeof line, f)) {
			char *field[9], *at = copy;
			struct read r;

			line[strcspn(line, "\n")] = '\0';
			parse(&r, line);
			ck_assert_msg(r.rc >= 0, "%s: %s", line, r.fault.what);
			strcpy(copy, line);
			for (int k = 0; k < 9; k++)
				field[k] = at ? strsep(&at, "|") : NULL;
			ck_assert_int_eq(r.rc,
					 strcmp(field[2], "B") == 0 || strcmp(field[2], "A") == 0);
			if (r.rc == 0)
				continue;
			ck_assert_uint_eq(r.a.neighbour_asn, strtoul(field[4], NULL, 10));
			ck_assert_str_eq(path_text(&r.a), field[strstr(field[0], "_AP") ? 7 : 6]);
			announced++;
		}
		pclose(f);
	}
	ck_assert_uint_gt(announced, 160000);
}
END_TEST

Suite *announce_suite(void)
{
	Suite *s = suite_create("announce");

	ADD_TEST(s, bgpdump_rib_and_update_lines, 1);
	ADD_TEST(s, json_members, 1);
	ADD_TEST(s, bad_lines_have_their_offset_and_are_malformed, 1);
	ADD_TEST(s, cut_anywhere_never_announces_more, 1);
	ADD_TEST(s, more_hops_than_room_is_refused, 1);
	ADD_TEST(s, every_line_of_the_shared_dumps, 10);
	return s;
}
