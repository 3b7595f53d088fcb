/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines that tell of updates. ExaBGP's are what ExaBGP 4.2.21 wrote for the sessions of tests/lab/exabgp_test.py, with a set
 * behind one path, and shortened in what is passed over; segments as ExaBGP 5 writes them, by json() of its module aspath. RIS
 * Live's have the members of https://ris-live.ripe.net/manual/ and of the messages in bgpkit-parser's tests of rislive (two
 * announcements of one prefix for a next hop with its link-local address, a message without a type). bgpdump's lines are of
 * bgpdump 1.6.2.
 */

#include "test.h"

#define CAP 64

struct read {
	manrs_update_line line;
	uint32_t asn[CAP];
	uint8_t kind[CAP];
	manrs_announcement routes[CAP];
	uint32_t ids[CAP], gone_ids[CAP];
	manrs_prefix gone[CAP];
	size_t n, n_gone;
	manrs_fault fault;
	int rc;
};

/* Pull all, `step` at a time. */
static void pull(struct read *r, size_t step)
{
	manrs_cursor cursor = {{0}};
	size_t got;

	r->n = r->n_gone = 0;
	do {
		ck_assert_uint_le(r->n + step, CAP);
		got = manrs_update_line_announced(&r->line, &cursor, r->routes + r->n,
						  r->ids + r->n, step);
		r->n += got;
	} while (got == step);
	memset(&cursor, 0, sizeof cursor);
	do {
		ck_assert_uint_le(r->n_gone + step, CAP);
		got = manrs_update_line_withdrawn(&r->line, &cursor, r->gone + r->n_gone,
						  r->gone_ids + r->n_gone, step);
		r->n_gone += got;
	} while (got == step);
	ck_assert_uint_eq(r->n, r->line.n_announced);
	ck_assert_uint_eq(r->n_gone, r->line.n_withdrawn);
}

static void read_n(struct read *r, const char *text, size_t n)
{
	static const manrs_update_line none;

	r->fault = (manrs_fault){0};
	r->n = r->n_gone = 0;
	r->rc = manrs_update_line_parse(&r->line, r->asn, r->kind, CAP, text, n, &r->fault);
	if (r->rc >= 0) {
		pull(r, 7);
		return;
	}
	ck_assert(!memcmp(&r->line, &none, sizeof none));
	ck_assert_int_eq(r->fault.code, r->rc);
	ck_assert_uint_le(r->fault.at, n);
	ck_assert_ptr_nonnull(r->fault.what);
}

static void read_line(struct read *r, const char *text)
{
	read_n(r, text, strlen(text));
}

static const char *path_text(const struct read *r)
{
	static char text[1024];

	ck_assert_int_ge(manrs_path_format(&r->line.announcement.path, text, sizeof text), 0);
	return text;
}

static const char *prefix_text(const manrs_prefix *prefix)
{
	static char text[4][MANRS_PREFIX_TEXT];
	static int at;

	at = (at + 1) % 4;
	ck_assert_int_ge(manrs_prefix_format(prefix, text[at], sizeof text[at]), 0);
	return text[at];
}

/* All that a line tells, as text: "what announced..;withdrawn.." */
static const char *told(const struct read *r)
{
	static char text[4096];
	size_t n = 0;

	text[0] = '\0';
	for (size_t i = 0; i < r->n; i++)
		n += (size_t)snprintf(
			text + n, sizeof text - n, "+%s@%s#%x ", prefix_text(&r->routes[i].prefix),
			r->routes[i].next_hop.family ? prefix_text(&r->routes[i].next_hop) : "-",
			(unsigned)r->ids[i]);
	for (size_t i = 0; i < r->n_gone; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "-%s#%x ",
				      prefix_text(&r->gone[i]), (unsigned)r->gone_ids[i]);
	return text;
}

#define EXA(type, inside)                                                                     \
	"{ \"exabgp\": \"4.0.1\", \"time\": 1795827937.119112, \"host\" : \"vm\", "           \
	"\"pid\" : 4424, \"ppid\" : 4365, \"counter\": 6, \"type\": \"" type                  \
	"\", \"neighbor\": { \"address\": { \"local\": \"127.0.0.1\", "                       \
	"\"peer\": \"127.0.0.2\" }, \"asn\": { \"local\": 64496, \"peer\": 64500 } , " inside \
	" } }"
#define EXA_UPDATE(inside) EXA("update", "\"direction\": \"receive\", \"message\": { " inside " }")
#define RIS(inside)                                                                                     \
	"{\"type\":\"ris_message\",\"data\":{\"timestamp\":1636247118.76,\"peer\":"                     \
	"\"2001:db8:24::82\",\"peer_asn\":\"64500\",\"id\":\"20-5761-2381\",\"host\":\"rrc20\"," inside \
	"}}"

static const char set_path[] =
	EXA_UPDATE("\"update\": { \"attribute\": { \"origin\": \"igp\", \"as-path\": [ 64500, "
		   "64502 ], \"as-set\": [ 64510, 64511 ], \"confederation-path\": [] }, "
		   "\"announce\": { \"ipv4 unicast\": { \"127.0.0.2\": [ { \"nlri\": "
		   "\"198.51.100.0/24\" } ] } } }");
static const char ris_update[] = RIS(
	"\"type\":\"UPDATE\",\"path\":[64500,64501,[64510,64511]],\"community\":[[64500,1]],"
	"\"origin\":\"igp\",\"announcements\":[{\"next_hop\":\"2001:db8:24::82\",\"prefixes\":"
	"[\"2001:db8:f00::/40\",\"2001:db8:e00::/40\"]},{\"prefixes\":[\"192.0.2.0/24\"],"
	"\"next_hop\":\"198.51.100.1\"}],\"withdrawals\":[\"203.0.113.0/24\"],\"raw\":\"FFFF\"");

START_TEST(exabgp_updates)
{
	struct read r;

	read_line(&r, set_path);
	ck_assert_msg(r.rc == 1, "%s", r.fault.what);
	ck_assert_uint_eq(r.line.what, MANRS_UPDATE_ROUTES);
	ck_assert_uint_eq(r.line.form, MANRS_UPDATE_EXABGP);
	ck_assert_uint_eq(r.line.time_us, 1795827937119112);
	ck_assert_str_eq(told(&r), "+198.51.100.0/24@127.0.0.2/32#0 ");
	ck_assert_str_eq(path_text(&r), "64500 64502 {64510,64511}");
	ck_assert_uint_eq(r.routes[0].neighbour_asn, 64500);
	ck_assert_uint_eq(r.routes[0].flags, 0);
	ck_assert_str_eq(prefix_text(&r.routes[0].neighbour_address), "127.0.0.2/32");
	ck_assert_ptr_eq(r.routes[0].path.asn, r.asn);
	/* two families, of IPv6 two next hops, path identifiers as ExaBGP has them, OTC, an escape in what is passed over */
	read_line(
		&r,
		EXA_UPDATE(
			"\"update\": { \"attribute\": { \"as-path\": [ 64500 ], "
			"\"confederation-path\": [65001, 65002], \"confederation-set\": [ 65003 ], "
			"\"x\": \"\\\"\\u00e9\", \"attribute-0x23-0xE0\": \"0x0000fbf4\" }, "
			"\"announce\": { \"ipv4 unicast\": { \"127.0.0.2\": [ { \"nlri\": "
			"\"192.0.2.0/24\", \"path-information\": \"1.2.3.4\" }, \"198.51.100.0/24\" ] }, "
			"\"ipv4 flow\": { \"no-nexthop\": [ {\"string\": \"flow\"} ] }, "
			"\"ipv6 unicast\": { \"2001:db8::2\": [ { \"nlri\": \"2001:db8::/48\" } ], "
			"\"null\": [ { \"nlri\": \"::/0\" } ] } }, \"withdraw\": { "
			"\"ipv6 mpls-vpn\": [ { \"nlri\": \"10.0.0.0/8\" } ], \"ipv4 unicast\": [ { "
			"\"nlri\": \"203.0.113.0/24\", \"path-information\": \"0.0.0.9\" } ], "
			"\"ipv6 unicast\": [] } }"));
	ck_assert_msg(r.rc == 1, "%s", r.fault.what);
	ck_assert_str_eq(told(&r),
			 "+192.0.2.0/24@127.0.0.2/32#1020304 +198.51.100.0/24@127.0.0.2/32#0 "
			 "+2001:db8::/48@2001:db8::2/128#0 +::/0@-#0 -203.0.113.0/24#9 ");
	ck_assert_str_eq(path_text(&r), "(65001 65002) [65003] 64500");
	ck_assert_uint_eq(r.line.foreign, 1);
	ck_assert_uint_eq(r.routes[3].flags, MANRS_ANNOUNCE_OTC);
	ck_assert_uint_eq(r.routes[3].otc, 64500);
	/* ExaBGP 5 */
	read_line(
		&r,
		EXA_UPDATE(
			"\"update\": { \"attribute\": { \"as-path\": { \"0\": { \"element\": "
			"\"as-sequence\", \"value\": [ 1, 2 ] }, \"1\": { \"element\": \"as-set\", "
			"\"value\": [ 3, 4 ] }, \"2\": { \"element\": \"as-sequence\", \"value\": "
			"[ 5 ] } } }, \"announce\": { \"ipv4 unicast\": { \"127.0.0.2\": [ { "
			"\"nlri\": \"192.0.2.0/24\" } ] } } }"));
	ck_assert_msg(r.rc == 1, "%s", r.fault.what);
	ck_assert_str_eq(path_text(&r), "1 2 {3,4} 5");
	read_line(&r,
		  EXA_UPDATE("\"update\": { \"attribute\": { \"as-path\": { \"0\": { \"element\": "
			     "\"as-other\", \"value\": [ 1, 2 ] } } } }"));
	ck_assert_int_eq(r.rc, MANRS_ESYNTAX);
}
END_TEST

START_TEST(exabgp_states_and_what_is_passed_over)
{
	static const struct {
		const char *text;
		int rc;
		uint32_t what, family;
	} lines[] = {
		{EXA("state", "\"state\": \"up\""), 1, MANRS_UPDATE_UP, 0},
		{EXA("state", "\"state\": \"connected\""), 0, 0, 0},
		{EXA("state", "\"state\": \"down\", \"reason\": \"stop, message (\\\"x\\\")\""), 1,
		 MANRS_UPDATE_DOWN, 0},
		{EXA("state", "\"state\": \"strange\""), MANRS_ESYNTAX, 0, 0},
		{EXA("keepalive", "\"direction\": \"receive\" "), 0, 0, 0},
		{EXA("fsm", "\"state\": \"ESTABLISHED\""), 0, 0, 0},
		{EXA_UPDATE("\"eor\": { \"afi\" : \"ipv4\", \"safi\" : \"unicast\" }"), 1,
		 MANRS_UPDATE_END_OF_RIB, 4},
		{EXA_UPDATE("\"eor\": { \"afi\" : \"ipv6\", \"safi\" : \"unicast\" }"), 1,
		 MANRS_UPDATE_END_OF_RIB, 6},
		{EXA_UPDATE("\"eor\": { \"afi\" : \"ipv4\", \"safi\" : \"mpls-vpn\" }"), 0, 0, 0},
		{EXA("update",
		     "\"direction\": \"send\", \"message\": { \"update\": { \"withdraw\": "
		     "{ \"ipv4 unicast\": [ { \"nlri\": \"203.0.113.0/24\" } ] } } }"),
		 0, 0, 0},
		{"{ \"exabgp\": \"4.0.1\", \"time\": 1795827944.988644, \"host\" : \"vm\", \"pid\" : "
		 "4424, \"ppid\" : 4365, \"type\": \"notification\", \"notification\": \"shutdown\" }",
		 0, 0, 0},
	};
	struct read r;

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		read_line(&r, lines[i].text);
		ck_assert_msg(r.rc == lines[i].rc, "%s: %d %s", lines[i].text, r.rc, r.fault.what);
		ck_assert_uint_eq(r.line.what, lines[i].what);
		ck_assert_uint_eq(r.line.end_of_rib, lines[i].family);
		ck_assert_uint_eq(r.n + r.n_gone, 0);
	}
	/* both sides are one AS: iBGP */
	read_line(&r, "{\"type\":\"update\",\"neighbor\":{\"address\":{\"peer\":\"127.0.0.2\"},"
		      "\"asn\":{\"local\":1,\"peer\":1},\"message\":{\"update\":{\"announce\":"
		      "{\"ipv4 unicast\":{\"127.0.0.9\":[{\"nlri\":\"192.0.2.0/24\"}]}}}}}}");
	ck_assert_int_eq(r.rc, 1);
	ck_assert_uint_eq(r.routes[0].flags, MANRS_ANNOUNCE_INTERNAL);
	ck_assert_uint_eq(r.routes[0].path.n, 0);
}
END_TEST

START_TEST(ris_live_updates)
{
	struct read r;
	char bare[1024];

	read_line(&r, ris_update);
	ck_assert_msg(r.rc == 1, "%s", r.fault.what);
	ck_assert_uint_eq(r.line.form, MANRS_UPDATE_RIS);
	ck_assert_uint_eq(r.line.time_us, 1636247118760000);
	ck_assert_str_eq(told(&r), "+2001:db8:f00::/40@2001:db8:24::82/128#0 "
				   "+2001:db8:e00::/40@2001:db8:24::82/128#0 "
				   "+192.0.2.0/24@198.51.100.1/32#0 -203.0.113.0/24#0 ");
	ck_assert_str_eq(path_text(&r), "64500 64501 {64510,64511}");
	ck_assert_uint_eq(r.routes[0].neighbour_asn, 64500);
	ck_assert_str_eq(prefix_text(&r.routes[0].neighbour_address), "2001:db8:24::82/128");
	/* the data alone */
	snprintf(bare, sizeof bare, "%s", strstr(ris_update, "{\"timestamp\""));
	bare[strlen(bare) - 1] = '\0';
	read_line(&r, bare);
	ck_assert_msg(r.rc == 1, "%s", r.fault.what);
	ck_assert_uint_eq(r.n, 3);
	ck_assert_uint_eq(r.n_gone, 1);
	/* the link-local next hop beside a global one, in both forms of it, tells of the same route again */
	read_line(&r, RIS("\"type\":\"UPDATE\",\"path\":[64500],\"announcements\":[{\"next_hop\":"
			  "\"2001:db8:24::82\",\"prefixes\":[\"2001:db8:f00::/40\"]},{\"next_hop\":"
			  "\"fe80::768e:f8ff:fea6:b2c4\",\"prefixes\":[\"2001:db8:f00::/40\"]}]"));
	ck_assert_str_eq(told(&r), "+2001:db8:f00::/40@2001:db8:24::82/128#0 ");
	read_line(&r, RIS("\"type\":\"UPDATE\",\"path\":[64500],\"announcements\":[{\"next_hop\":"
			  "\"2001:db8:24::82,fe80::1\",\"prefixes\":[\"2001:db8:f00::/40\"]}]"));
	ck_assert_str_eq(told(&r), "+2001:db8:f00::/40@2001:db8:24::82/128#0 ");
	read_line(&r, RIS("\"type\":\"UPDATE\",\"path\":[64500],\"announcements\":[{\"next_hop\":"
			  "\"fe80::1\",\"prefixes\":[\"2001:db8:f00::/40\"]}]"));
	ck_assert_str_eq(told(&r), "+2001:db8:f00::/40@fe80::1/128#0 ");
}
END_TEST

START_TEST(ris_live_states_and_what_is_passed_over)
{
	static const struct {
		const char *text;
		int rc;
		uint32_t what, family;
	} lines[] = {
		{RIS("\"type\":\"RIS_PEER_STATE\",\"state\":\"connected\""), 1, MANRS_UPDATE_UP, 0},
		{RIS("\"type\":\"RIS_PEER_STATE\",\"state\":\"down\""), 1, MANRS_UPDATE_DOWN, 0},
		{RIS("\"type\":\"STATE\",\"state\":\"down\""), 1, MANRS_UPDATE_DOWN, 0},
		{RIS("\"type\":\"RIS_PEER_STATE\",\"state\":\"odd\""), MANRS_ESYNTAX, 0, 0},
		{RIS("\"type\":\"KEEPALIVE\""), 0, 0, 0},
		{RIS("\"type\":\"OPEN\",\"direction\":\"received\",\"asn\":64500,\"capabilities\":"
		     "{\"1\":{\"name\":\"multiprotocol\",\"families\":[\"ipv6/unicast\"]}}"),
		 0, 0, 0},
		{RIS("\"type\":\"NOTIFICATION\",\"notification\":{\"code\":6,\"subcode\":5}"), 0, 0,
		 0},
		{RIS("\"x\":1"), 0, 0, 0},
		{RIS("\"type\":\"UPDATE\",\"announcements\":[{\"next_hop\":\"2001:db8::1\","
		     "\"prefixes\":[\"eor\"]}]"),
		 1, MANRS_UPDATE_END_OF_RIB, 6},
		{RIS("\"type\":\"UPDATE\",\"path\":[],\"announcements\":[],\"withdrawals\":[]"), 0,
		 0, 0},
		{"{\"type\":\"ris_error\",\"data\":{\"message\":\"wrong\",\"type\":\"UPDATE\"}}", 0,
		 0, 0},
		{"{\"data\":{\"message\":\"wrong\",\"type\":\"UPDATE\"},\"type\":\"ris_error\"}", 0,
		 0, 0},
		{"{\"type\":\"ris_rrc_list\",\"data\":[\"rrc00\",\"rrc01\"]}", 0, 0, 0},
		{"{\"type\":\"pong\"}", 0, 0, 0},
		{"{\"prefix\":\"192.0.2.0/24\"}", MANRS_ESYNTAX, 0, 0},
		{"{\"data\":{\"peer\":\"192.0.2.1\",\"type\":\"UPDATE\",\"withdrawals\":"
		 "[\"192.0.2.0/24\"]},\"type\":\"ris_message\"}",
		 1, MANRS_UPDATE_ROUTES, 0},
	};
	struct read r;

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		read_line(&r, lines[i].text);
		ck_assert_msg(r.rc == lines[i].rc, "%s: %d %s", lines[i].text, r.rc, r.fault.what);
		ck_assert_uint_eq(r.line.what, lines[i].what);
		ck_assert_uint_eq(r.line.end_of_rib, lines[i].family);
	}
}
END_TEST

START_TEST(bgpdump_lines)
{
	struct read r;

	read_line(&r,
		  "BGP4MP_ET|1192460700.968234|A|208.51.134.248|3549|203.157.152.0/24|3549 4651 "
		  "{4750,9}|IGP|208.51.134.250|0|0||NAG||\r");
	ck_assert_int_eq(r.rc, 1);
	ck_assert_uint_eq(r.line.form, MANRS_UPDATE_BGPDUMP);
	ck_assert_uint_eq(r.line.time_us, 1192460700968234);
	ck_assert_str_eq(told(&r), "+203.157.152.0/24@208.51.134.250/32#0 ");
	ck_assert_str_eq(path_text(&r), "3549 4651 {4750,9}");
	ck_assert_uint_eq(r.routes[0].neighbour_asn, 3549);
	read_line(&r, "TABLE_DUMP2_AP|1452168107|B|10.0.15.1|65015|10.0.10.0/24|36|65015 "
		      "65014|IGP|10.0.15.1|100|0||NAG||");
	ck_assert_str_eq(told(&r), "+10.0.10.0/24@10.0.15.1/32#24 ");
	read_line(&r, "BGP4MP|1192460702|W|208.51.134.248|3549|203.157.152.0/24");
	ck_assert_str_eq(told(&r), "-203.157.152.0/24#0 ");
	ck_assert_uint_eq(r.line.announcement.neighbour_asn, 3549);
	ck_assert_uint_eq(r.line.announcement.flags, 0);
	read_line(&r, "BGP4MP_AP|1192460702|W|208.51.134.248|3549|203.157.152.0/24|7");
	ck_assert_str_eq(told(&r), "-203.157.152.0/24#7 ");
	read_line(&r, "BGP4MP|1192460702|STATE|208.51.134.248|3549|6|1");
	ck_assert_uint_eq(r.line.what, MANRS_UPDATE_DOWN);
	ck_assert_str_eq(prefix_text(&r.line.announcement.neighbour_address), "208.51.134.248/32");
	read_line(&r, "BGP4MP|1192460702|STATE|208.51.134.248|3549|5|6");
	ck_assert_uint_eq(r.line.what, MANRS_UPDATE_UP);
	/* what the dumping router sent */
	read_line(&r, "BGP4MP_LOCAL|1192460702|W|208.51.134.248|3549|203.157.152.0/24");
	ck_assert_int_eq(r.rc, 0);
	ck_assert_uint_eq(r.n_gone, 0);
	read_line(&r, "# a comment");
	ck_assert_int_eq(r.rc, 0);
	read_line(&r, "");
	ck_assert_int_eq(r.rc, 0);
	ck_assert_uint_eq(r.line.form, 0);
}
END_TEST

/* A line that was cut is never one that tells less: of JSON none, of bgpdump those whose last field may be shorter. */
START_TEST(every_line_cut_at_every_byte)
{
	static const char *const lines[] = {
		set_path,
		ris_update,
		EXA("state", "\"state\": \"down\""),
		RIS("\"type\":\"RIS_PEER_STATE\",\"state\":\"connected\""),
		"BGP4MP|1192460702|STATE|208.51.134.248|3549|6|1",
		"TABLE_DUMP2_AP|1452168107|B|10.0.15.1|65015|10.0.10.0/24|36|65015 65014|IGP|"};
	struct read r;

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		read_line(&r, lines[i]);
		ck_assert_msg(r.rc == 1, "%s: %s", lines[i], r.fault.what);
		for (size_t n = 1; n < strlen(lines[i]); n++) {
			char *copy = malloc(n);

			memcpy(copy, lines[i], n);
			read_n(&r, copy, n);
			ck_assert_msg(r.rc < 0, "%.*s", (int)n, lines[i]);
			free(copy);
		}
	}
}
END_TEST

/* The same routes however few are pulled at a time; thousands in a line. */
START_TEST(pulled_in_pieces)
{
	static const char *const lines[] = {ris_update, set_path};
	enum { MANY = 3000 };
	char *text = malloc(MANY * 32 + 256), want[4096];
	size_t n = 0, got, all = 0;
	manrs_announcement out[3];
	manrs_cursor cursor = {{0}};
	struct read r;

	for (size_t i = 0; i < 2; i++)
		for (size_t step = 1; step < 6; step++) {
			read_line(&r, lines[i]);
			snprintf(want, sizeof want, "%s", told(&r));
			pull(&r, step);
			ck_assert_str_eq(told(&r), want);
		}
	n = (size_t)sprintf(text, "{\"timestamp\":1,\"peer\":\"192.0.2.1\",\"type\":\"UPDATE\","
				  "\"announcements\":[{\"next_hop\":\"192.0.2.2\",\"prefixes\":[");
	for (int i = 0; i < MANY; i++)
		n += (size_t)sprintf(text + n, "%s\"10.%d.%d.0/24\"", i ? " , " : "", i >> 8,
				     i & 255);
	n += (size_t)sprintf(text + n, "]}]}");
	read_line(&r, "");
	r.rc = manrs_update_line_parse(&r.line, r.asn, r.kind, CAP, text, n, &r.fault);
	ck_assert_int_eq(r.rc, 1);
	ck_assert_uint_eq(r.line.n_announced, MANY);
	do {
		got = manrs_update_line_announced(&r.line, &cursor, out, NULL, 3);
		for (size_t i = 0; i < got; i++, all++) {
			ck_assert_uint_eq(
				(unsigned)(out[i].prefix.addr[1] << 8 | out[i].prefix.addr[2]),
				all);
			ck_assert_uint_eq(out[i].next_hop.addr[3], 2);
		}
	} while (got == 3);
	ck_assert_uint_eq(all, MANY);
	free(text);
}
END_TEST

START_TEST(faults_have_their_place)
{
	static const struct {
		const char *text, *told;
		int rc;
	} lines[] = {
		{RIS("\"type\":\"UPDATE\",\"announcements\":[{\"next_hop\":\"192.0.2.1\","
		     "\"prefixes\":[\"10.0.0.0/8\",\"10.0.0.0/33\"]}]"),
		 "10.0.0.0/33", MANRS_ERANGE},
		{RIS("\"type\":\"UPDATE\",\"withdrawals\":[\"10.0.0.1/8\"]"), "10.0.0.1/8",
		 MANRS_EINVAL},
		{RIS("\"type\":\"UPDATE\",\"path\":[1,\"x\"]"), "AS numbers", MANRS_ESYNTAX},
		{RIS("\"type\":\"UPDATE\",\"path\":[1,[]]"), "empty AS_SET", MANRS_ESYNTAX},
		{RIS("\"type\":\"UPDATE\",\"withdrawals\":[],\"withdrawals\":[]"), "twice",
		 MANRS_ESYNTAX},
		{RIS("\"type\":\"UPDATE\",\"announcements\":[{\"next_hop\":\"x\",\"prefixes\":[]}]"),
		 "\"next_hop\":\"x\"", MANRS_ESYNTAX},
		{RIS("\"type\":\"UPDATE\",\"announcements\":[{}]"), "no prefixes", MANRS_ESYNTAX},
		{EXA_UPDATE("\"update\": { \"withdraw\": { \"ipv4 unicast\": [ {} ] } }"),
		 "no nlri", MANRS_ESYNTAX},
		{EXA_UPDATE("\"update\": { \"attribute\": { \"attribute-0x23-0xC0\": \"0x00\" } }"),
		 "OTC", MANRS_ESYNTAX},
		{"BGP4MP|1|W|192.0.2.1|1", "cut", MANRS_ESYNTAX},
		{"BGP4MP|1|W|192.0.2.1|1|10.0.0.0/33", "10.0.0.0/33", MANRS_ERANGE},
		{"BGP4MP|1|A|192.0.2.1|1|10.0.0.0/33|1|IGP|192.0.2.1|", "10.0.0.0/33",
		 MANRS_ERANGE},
		{"BGP4MP|1|STATE|192.0.2.1|1|6|x", "x", MANRS_ESYNTAX},
	};
	struct read r;

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		char out[MANRS_FAULT_TEXT];

		read_line(&r, lines[i].text);
		ck_assert_msg(r.rc == lines[i].rc, "%s: %d", lines[i].text, r.rc);
		manrs_fault_text(&r.fault, lines[i].text, strlen(lines[i].text), out, sizeof out);
		ck_assert_msg(strstr(out, lines[i].told), "%s: %s", lines[i].text, out);
	}
	/* more hops than there is room for: (n + 1) / 2 are always enough */
	r.rc = manrs_update_line_parse(&r.line, r.asn, r.kind, 3, ris_update, strlen(ris_update),
				       &r.fault);
	ck_assert_int_eq(r.rc, MANRS_ELIMIT);
}
END_TEST

/* ExaBGP's own expected decodes: as many prefixes come out as it has "nlri" of unicast families, each named by its text. */
START_TEST(exabgp_decodes_of_the_shared_data)
{
	const char *path = test_data("wire/exabgp-updates.tsv");
	static char row[65536], line[70000];
	size_t seen = 0;
	FILE *file;

	if (!path) {
		test_skip("wire/exabgp-updates.tsv is not there");
		return;
	}
	file = fopen(path, "r");
	while (fgets(row, sizeof row, file)) {
		char *json = row, *end;
		size_t want = 0, found = 0;
		struct read r;

		for (int tab = 0; tab < 5 && json; tab++)
			json = strchr(json, '\t') ? strchr(json, '\t') + 1 : NULL;
		if (*row == '#' || !json || *json != '{')
			continue;
		end = json + strcspn(json, "\r\n");
		snprintf(
			line, sizeof line,
			"{\"exabgp\":\"5\",\"type\":\"update\",\"neighbor\":{\"address\":{\"local\":"
			"\"127.0.0.1\",\"peer\":\"127.0.0.2\"},\"message\":%.*s}}",
			(int)(end - json), json);
		for (const char *at = json; (at = strstr(at, "\"nlri\":\"")); at++)
			want++;
		read_line(&r, line);
		ck_assert_msg(r.rc >= 0, "%s: %s", line, r.fault.what);
		ck_assert_msg(r.n + r.n_gone == want, "%s: %zu of %zu", line, r.n + r.n_gone, want);
		for (size_t i = 0; i < r.n + r.n_gone; i++) {
			char item[MANRS_PREFIX_TEXT + 16];

			snprintf(item, sizeof item, "\"nlri\":\"%s\"",
				 prefix_text(i < r.n ? &r.routes[i].prefix : &r.gone[i - r.n]));
			found += strstr(json, item) != NULL;
		}
		ck_assert_msg(found == want, "%s", line);
		seen++;
	}
	ck_assert_uint_eq(seen, 113);
	fclose(file);
}
END_TEST

Suite *update_line_suite(void)
{
	Suite *s = suite_create("update_line");

	ADD_TEST(s, exabgp_updates, 1);
	ADD_TEST(s, exabgp_states_and_what_is_passed_over, 1);
	ADD_TEST(s, ris_live_updates, 1);
	ADD_TEST(s, ris_live_states_and_what_is_passed_over, 1);
	ADD_TEST(s, bgpdump_lines, 1);
	ADD_TEST(s, every_line_cut_at_every_byte, 1);
	ADD_TEST(s, pulled_in_pieces, 1);
	ADD_TEST(s, faults_have_their_place, 1);
	ADD_TEST(s, exabgp_decodes_of_the_shared_data, 1);
	return s;
}
