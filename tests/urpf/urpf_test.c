/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * uRPF: the worked examples of RFC 8704 and BAR-SAV, the lists of another implementation on real routes, every edge of
 * the order of decision, hold times on simulated time, memory.
 */

#include "test.h"

/* ---- a world in few words ---- */

static manrs_urpf_owner *owner;
static manrs_urpf_edit *edit;
static manrs_db_owner *db_owner;
static manrs_db *db;
static uint32_t path_ids;

static manrs_prefix P(const char *text)
{
	manrs_prefix p;

	ck_assert_msg(manrs_prefix_parse(&p, text, strlen(text), NULL) == MANRS_OK, "%s", text);
	return p;
}

static void open_with(uint64_t hold_ms, uint32_t local_as)
{
	manrs_urpf_config c;

	manrs_urpf_config_init(&c, sizeof c);
	c.hold_ms = hold_ms;
	c.local_as = local_as;
	c.isa = test_isa();
	ck_assert_int_eq(manrs_urpf_owner_new(&owner, &c), MANRS_OK);
	ck_assert_int_eq(manrs_urpf_edit_begin(&edit, owner, NULL), MANRS_OK);
	db = NULL;
	db_owner = NULL;
	path_ids = 0;
}

static uint16_t iface(int mode, int role, uint32_t asn, uint32_t options)
{
	manrs_urpf_iface f;
	uint16_t handle = MANRS_URPF_NO_IFACE;

	manrs_urpf_iface_init(&f, sizeof f);
	f.mode = (uint32_t)mode;
	f.role = (uint32_t)role;
	f.asn = asn;
	f.options = options;
	ck_assert_int_eq(manrs_urpf_edit_iface_add(edit, &handle, &f), MANRS_OK);
	return handle;
}

/* path "": no path. */
static int route_op(int op, uint16_t on, const char *prefix, const char *path, uint8_t flags,
		    uint32_t path_id)
{
	manrs_urpf_entry e = {
		.route = {P(prefix), 0}, .iface = on, .flags = flags, .path_id = path_id};
	uint32_t asn[64], start[2] = {0};
	uint8_t kind[64];
	manrs_path p;
	manrs_counts c;
	manrs_paths paths;

	ck_assert_int_eq(manrs_path_parse(&p, asn, kind, 64, path, strlen(path), NULL), MANRS_OK);
	start[1] = p.n;
	paths = (manrs_paths){p.asn, p.kind, start, 1};
	ck_assert_int_eq(manrs_urpf_edit_rib(edit, op, &e, 1, *path ? &paths : NULL, &c, NULL),
			 MANRS_OK);
	ck_assert_uint_eq(c.refused, 0);
	return op == MANRS_ADD ? (int)c.added : (int)c.removed;
}

static void route(uint16_t on, const char *prefix, const char *path, uint8_t flags)
{
	ck_assert_int_eq(route_op(MANRS_ADD, on, prefix, path, flags, 0), 1);
}

static void by_hand(uint32_t kind, uint16_t on, const char *prefix)
{
	manrs_prefix p = P(prefix);

	ck_assert_int_eq(manrs_urpf_edit_prefixes(edit, MANRS_ADD, kind, on, &p, 1, NULL, NULL),
			 MANRS_OK);
}

static manrs_urpf *commit(uint64_t now_ms)
{
	manrs_urpf *u;

	ck_assert_int_eq(manrs_urpf_edit_commit(edit, &u, db, now_ms), MANRS_OK);
	edit = NULL;
	return u;
}

static void begin(const manrs_urpf *base)
{
	ck_assert_int_eq(manrs_urpf_edit_begin(&edit, owner, base), MANRS_OK);
}

static void close_all(manrs_urpf *u)
{
	manrs_urpf_unref(u);
	ck_assert_int_eq(manrs_urpf_owner_free(owner), MANRS_OK);
	manrs_db_unref(db);
	if (db_owner)
		ck_assert_int_eq(manrs_db_owner_free(db_owner), MANRS_OK);
}

/* VRPs "PREFIX ASN" and ASPAs customer, providers..., 0-ended rows, NULL-ended lists. */
static void make_db(const char *const *vrps, const uint32_t (*aspas)[4], size_t n_aspas)
{
	manrs_edit *e;
	manrs_route r;

	ck_assert_int_eq(manrs_db_owner_new(&db_owner, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_edit_begin(&e, db_owner, NULL), MANRS_OK);
	for (; *vrps; vrps++) {
		ck_assert_int_eq(manrs_route_parse(&r, *vrps, strlen(*vrps), NULL), MANRS_OK);
		ck_assert_int_eq(manrs_edit_vrps(e, 0, MANRS_ADD, &r, 1, NULL, NULL), MANRS_OK);
	}
	for (size_t i = 0; i < n_aspas; i++) {
		manrs_aspa a = {aspas[i] + 1, aspas[i][0], 0};
		manrs_counts c;

		while (a.n < 3 && aspas[i][a.n + 1])
			a.n++;
		ck_assert_int_eq(manrs_edit_aspas(e, 0, MANRS_ADD, &a, 1, &c, NULL), MANRS_OK);
		ck_assert_uint_eq(c.added, 1);
	}
	ck_assert_int_eq(manrs_edit_commit(e, &db), MANRS_OK);
}

static int check(const manrs_urpf *u, uint16_t on, const char *source)
{
	manrs_urpf_explanation why = {.size = sizeof why};
	manrs_prefix p;
	uint8_t allow = 9;

	ck_assert_int_eq(manrs_address_parse(&p, source, strlen(source), NULL), MANRS_OK);
	if (p.family == 4) {
		uint32_t a;

		memcpy(&a, p.addr, 4);
		manrs_urpf_check4(u, &a, &on, 1, &allow);
	} else {
		manrs_urpf_check6(u, p.addr, &on, 1, &allow);
	}
	ck_assert_int_eq(manrs_urpf_explain(u, &p, on, &why, NULL, 0), MANRS_OK);
	ck_assert_uint_eq(why.allow, allow);
	return allow;
}

static int step(const manrs_urpf *u, uint16_t on, const char *source)
{
	manrs_urpf_explanation why = {.size = sizeof why};
	manrs_prefix p;

	ck_assert_int_eq(manrs_address_parse(&p, source, strlen(source), NULL), MANRS_OK);
	ck_assert_int_eq(manrs_urpf_explain(u, &p, on, &why, NULL, 0), MANRS_OK);
	ck_assert_uint_eq(why.allow, (unsigned)check(u, on, source));
	return why.step;
}

/* The list as one line. */
static const char *list(const manrs_urpf *u, uint16_t on)
{
	static char text[4096];
	manrs_cursor start = {{0}};
	manrs_prefix p[128];
	size_t n = manrs_urpf_list(u, on, &start, p, 128), at = 0;

	text[0] = 0;
	for (size_t i = 0; i < n; i++) {
		at += (size_t)manrs_prefix_format(&p[i], text + at, sizeof text - at);
		if (i + 1 < n)
			text[at++] = ' ';
		text[at] = 0;
	}
	return text;
}

/* ---- RFC 3704 ---- */

START_TEST(rfc3704_s2_strict_feasible_loose)
{
	manrs_urpf *u;
	uint16_t a, b, c, d, e;

	open_with(0, 0);
	a = iface(MANRS_URPF_STRICT, MANRS_ROLE_CUSTOMER, 65001, 0);
	b = iface(MANRS_URPF_STRICT, MANRS_ROLE_CUSTOMER, 65002, 0);
	c = iface(MANRS_URPF_FEASIBLE, MANRS_ROLE_CUSTOMER, 65003, 0);
	d = iface(MANRS_URPF_LOOSE, MANRS_ROLE_PEER, 65004, 0);
	e = iface(MANRS_URPF_STRICT, MANRS_ROLE_PROVIDER, 65005, MANRS_URPF_DEFAULT_ROUTE);
	route(a, "11.0.0.0/8", "65001", MANRS_URPF_BEST);
	route(c, "11.0.0.0/8", "65003 65001", 0);
	route(b, "11.1.0.0/16", "65002", MANRS_URPF_BEST);
	route(a, "11.2.0.0/16", "65001", MANRS_URPF_BEST); /* ECMP */
	route(b, "11.2.0.0/16", "65002", MANRS_URPF_BEST);
	route(a, "11.3.0.0/16", "65001",
	      0); /* kept, but nothing is selected: the /8 is what packets follow */
	route(e, "0.0.0.0/0", "65005", MANRS_URPF_BEST);
	u = commit(0);
	ck_assert_int_eq(step(u, a, "11.9.0.1"), MANRS_URPF_STEP_BEST_ROUTE);
	ck_assert_int_eq(step(u, b, "11.9.0.1"), MANRS_URPF_STEP_OTHER_IFACE);
	ck_assert_int_eq(step(u, c, "11.9.0.1"), MANRS_URPF_STEP_FEASIBLE);
	ck_assert_int_eq(step(u, c, "11.1.0.1"), MANRS_URPF_STEP_OTHER_IFACE);
	ck_assert_int_eq(check(u, a, "11.1.0.1"), 0);
	ck_assert_int_eq(check(u, b, "11.1.0.1"), 1);
	ck_assert_int_eq(check(u, a, "11.2.255.255"), 1);
	ck_assert_int_eq(check(u, b, "11.2.0.0"), 1);
	ck_assert_int_eq(check(u, a, "11.3.0.1"), 1);
	ck_assert_int_eq(step(u, d, "11.3.0.1"), MANRS_URPF_STEP_LOOSE);
	ck_assert_int_eq(step(u, d, "12.0.0.1"), MANRS_URPF_STEP_NO_ROUTE);
	ck_assert_int_eq(check(u, e, "12.0.0.1"), 1);
	ck_assert_int_eq(check(u, e, "11.9.0.1"), 0);
	ck_assert_int_eq(step(u, 77, "11.9.0.1"), MANRS_URPF_STEP_UNKNOWN_IFACE);
	ck_assert_int_eq(check(u, MANRS_URPF_NO_IFACE, "11.9.0.1"), 0);
	ck_assert_str_eq(list(u, a), "11.0.0.0/8 11.2.0.0/16");
	ck_assert_str_eq(list(u, c), "11.0.0.0/8");
	ck_assert_str_eq(list(u, d), "");
	ck_assert_str_eq(list(u, e), "0.0.0.0/0");
	close_all(u);
}
END_TEST

START_TEST(rfc5635_sources_of_discard_routes_fail)
{
	manrs_urpf *u;
	uint16_t a, b, c;

	open_with(0, 0);
	a = iface(MANRS_URPF_LOOSE, MANRS_ROLE_PEER, 65001, 0);
	b = iface(MANRS_URPF_LOOSE, MANRS_ROLE_PEER, 65002, MANRS_URPF_DISCARD_PASS);
	c = iface(MANRS_URPF_LIST, MANRS_ROLE_CUSTOMER, 65003, 0);
	by_hand(MANRS_URPF_PREFIX_LIST, c, "11.0.0.0/8");
	route(a, "11.0.0.0/8", "65001", MANRS_URPF_BEST);
	route(MANRS_URPF_NO_IFACE, "11.0.0.1/32", "", MANRS_URPF_BEST | MANRS_URPF_DISCARD);
	u = commit(0);
	ck_assert_int_eq(step(u, a, "11.0.0.1"), MANRS_URPF_STEP_DISCARD);
	ck_assert_int_eq(step(u, b, "11.0.0.1"), MANRS_URPF_STEP_LOOSE);
	ck_assert_int_eq(step(u, c, "11.0.0.1"), MANRS_URPF_STEP_DISCARD);
	ck_assert_int_eq(check(u, a, "11.0.0.2"), 1);
	ck_assert_int_eq(check(u, c, "11.0.0.2"), 1);
	close_all(u);
}
END_TEST

START_TEST(order_is_off_deny_allow_martian_mode)
{
	manrs_urpf *u;
	uint16_t off, a, c, dhcp;

	open_with(0, 0);
	off = iface(MANRS_URPF_OFF, MANRS_ROLE_NONE, 0, 0);
	a = iface(MANRS_URPF_LOOSE, MANRS_ROLE_NONE, 0, MANRS_URPF_DEFAULT_ROUTE);
	c = iface(MANRS_URPF_LOOSE, MANRS_ROLE_NONE, 0, MANRS_URPF_COUNT_ONLY);
	dhcp = iface(MANRS_URPF_LOOSE, MANRS_ROLE_NONE, 0,
		     MANRS_URPF_UNSPECIFIED | MANRS_URPF_LINK_LOCAL);
	by_hand(MANRS_URPF_PREFIX_DENY, MANRS_URPF_NO_IFACE, "127.0.0.0/8");
	by_hand(MANRS_URPF_PREFIX_ALLOW, a, "127.0.0.0/24");
	by_hand(MANRS_URPF_PREFIX_ALLOW, a, "192.0.2.0/24");
	by_hand(MANRS_URPF_PREFIX_DENY, a, "192.0.2.128/25");
	route(a, "0.0.0.0/0", "", MANRS_URPF_BEST);
	route(a, "::/0", "", MANRS_URPF_BEST);
	u = commit(0);
	ck_assert_int_eq(step(u, off, "127.0.0.1"), MANRS_URPF_STEP_OFF);
	ck_assert_int_eq(step(u, a, "127.0.0.1"), MANRS_URPF_STEP_ALWAYS_DENY);
	ck_assert_int_eq(step(u, a, "192.0.2.127"), MANRS_URPF_STEP_ALWAYS_ALLOW);
	ck_assert_int_eq(step(u, a, "192.0.2.128"), MANRS_URPF_STEP_ALWAYS_DENY);
	ck_assert_int_eq(step(u, dhcp, "192.0.2.127"), MANRS_URPF_STEP_MARTIAN);
	ck_assert_int_eq(check(u, c, "192.0.2.127"), MANRS_URPF_COUNTED);
	ck_assert_int_eq(check(u, c, "127.0.0.1"), MANRS_URPF_COUNTED);
	ck_assert_int_eq(check(u, a, "0.0.0.0"), 0);
	ck_assert_int_eq(check(u, dhcp, "0.0.0.0"), 1);
	ck_assert_int_eq(check(u, dhcp, "::"), 1);
	ck_assert_int_eq(check(u, a, "::"), 0);
	ck_assert_int_eq(check(u, dhcp, "fe80::1"), 1);
	ck_assert_int_eq(step(u, a, "fe80::1"), MANRS_URPF_STEP_SPECIAL);
	ck_assert_int_eq(check(u, dhcp, "169.254.1.1"), 1);
	/* the IANA registries: Source False, and the more specific blocks where it is True */
	static const char *const denied[] = {
		"127.255.255.255", "192.0.0.170",     "192.0.0.171", "192.0.0.11",
		"198.51.100.1",	   "203.0.113.255",   "224.0.0.1",   "239.1.1.1",
		"240.0.0.1",	   "255.255.255.255", "::1",	     "::ffff:1.2.3.4",
		"2001:100::1",	   "2001:db8::1",     "3fff:fff::1", "ff02::1",
		"2001:10::1",	   "2001:1::4",
	};
	static const char *const passed[] = {
		"192.0.0.1",  "192.0.0.9",     "192.0.0.10", "0.0.0.1",	     "10.1.1.1",
		"100.64.0.1", "192.168.1.1",   "2001::1",    "2001:1::1",    "2001:2::1",
		"2001:3::1",  "2001:4:112::1", "2001:20::1", "2001:30::1",   "2002::1",
		"fd00::1",    "64:ff9b::1",    "4000::1",    "3fff:1000::1",
	};

	for (size_t i = 0; i < sizeof denied / sizeof *denied; i++)
		ck_assert_msg(check(u, a, denied[i]) == 0, "%s", denied[i]);
	for (size_t i = 0; i < sizeof passed / sizeof *passed; i++)
		ck_assert_msg(check(u, a, passed[i]) == 1, "%s", passed[i]);
	close_all(u);
}
END_TEST

/* ---- RFC 8704: the scenarios of its figures, prefixes P1 = 11.1/16, P2 = 11.2/16, P3 = 11.3/16 ---- */

/* Figure 2: at AS2, a customer AS1 and a peer AS3 that also sends P1 and P2, prepended the other way round. */
START_TEST(rfc8704_figure2_algorithm_a_on_a_peer_is_loose_here)
{
	manrs_urpf *u;
	uint16_t as1, as3, as1f;

	open_with(0, 2);
	as1 = iface(MANRS_URPF_EFP_A, MANRS_ROLE_CUSTOMER, 1, 0);
	as3 = iface(MANRS_URPF_LOOSE, MANRS_ROLE_PEER, 3, 0);
	as1f = iface(MANRS_URPF_FEASIBLE, MANRS_ROLE_CUSTOMER, 1, 0);
	route(as1, "11.1.0.0/16", "1", MANRS_URPF_BEST);
	route(as1, "11.2.0.0/16", "1 1 1", MANRS_URPF_BEST);
	route(as3, "11.1.0.0/16", "3 1 1 1", 0);
	route(as3, "11.2.0.0/16", "3 1", 0);
	u = commit(0);
	ck_assert_str_eq(list(u, as1), "11.1.0.0/16 11.2.0.0/16");
	ck_assert_int_eq(check(u, as3, "11.1.0.1"), 1);
	ck_assert_int_eq(check(u, as1f, "11.1.0.1"), 0);
	close_all(u);
}
END_TEST

/* Figure 3: AS1 sends P1 to AS2, P2 to AS3, P3 to AS5; AS2 and AS3 are customers of AS4, AS5 its peer. */
static void figure3(int mode, uint16_t *as2, uint16_t *as3)
{
	uint16_t as5;

	open_with(0, 4);
	*as2 = iface(mode, MANRS_ROLE_CUSTOMER, 2, 0);
	*as3 = iface(mode, MANRS_ROLE_CUSTOMER, 3, 0);
	as5 = iface(MANRS_URPF_LOOSE, MANRS_ROLE_PEER, 5, 0);
	route(*as2, "11.1.0.0/16", "2 1", MANRS_URPF_BEST);
	route(*as3, "11.2.0.0/16", "3 1", MANRS_URPF_BEST);
	route(as5, "11.3.0.0/16", "5 1", MANRS_URPF_BEST);
}

START_TEST(rfc8704_figure3_feasible_fails_algorithm_a_works)
{
	manrs_urpf *u;
	uint16_t as2, as3;

	figure3(MANRS_URPF_FEASIBLE, &as2, &as3);
	u = commit(0);
	ck_assert_int_eq(check(u, as2, "11.2.0.1"), 0);
	close_all(u);
	figure3(MANRS_URPF_EFP_A, &as2, &as3);
	u = commit(0);
	ck_assert_str_eq(list(u, as2), "11.1.0.0/16 11.2.0.0/16 11.3.0.0/16");
	ck_assert_str_eq(list(u, as3), "11.1.0.0/16 11.2.0.0/16 11.3.0.0/16");
	ck_assert_int_eq(step(u, as2, "11.3.0.1"), MANRS_URPF_STEP_EFP_A);
	ck_assert_int_eq(step(u, as2, "11.4.0.1"), MANRS_URPF_STEP_NOT_LISTED);
	close_all(u);
}
END_TEST

/* Figure 4: AS1 sends P1 and P2 to AS2 with NO_EXPORT, and P1, P2 to AS3, whose routes AS4 sees. */
static void figure4(int mode, uint16_t *as2, uint16_t *as3)
{
	open_with(0, 4);
	*as2 = iface(mode, MANRS_ROLE_CUSTOMER, 2, 0);
	*as3 = iface(mode, MANRS_ROLE_CUSTOMER, 3, 0);
	route(*as3, "11.1.0.0/16", "3 1", MANRS_URPF_BEST);
	route(*as3, "11.2.0.0/16", "3 1", MANRS_URPF_BEST);
}

START_TEST(rfc8704_figure4_algorithm_a_fails_b_works)
{
	manrs_urpf *u;
	uint16_t as2, as3;

	figure4(MANRS_URPF_EFP_A, &as2, &as3);
	u = commit(0);
	ck_assert_str_eq(list(u, as2), "");
	ck_assert_int_eq(check(u, as2, "11.1.0.1"), 0);
	ck_assert_int_eq(check(u, as3, "11.1.0.1"), 1);
	close_all(u);
	figure4(MANRS_URPF_EFP_B, &as2, &as3);
	u = commit(0);
	ck_assert_str_eq(list(u, as2), "11.1.0.0/16 11.2.0.0/16");
	ck_assert_int_eq(step(u, as2, "11.2.0.1"), MANRS_URPF_STEP_EFP_B_P);
	close_all(u);
}
END_TEST

/* Section 3.4: Q brings in what peers and providers announce with an origin of the cone, and nothing else. */
START_TEST(rfc8704_s34_q_needs_an_origin_of_the_cone)
{
	manrs_urpf *u;
	uint16_t c, p;

	open_with(0, 0);
	c = iface(MANRS_URPF_EFP_B, MANRS_ROLE_CUSTOMER, 7, 0);
	p = iface(MANRS_URPF_LOOSE, MANRS_ROLE_PROVIDER, 8, 0);
	route(c, "11.1.0.0/16", "7", 0);
	route(c, "11.9.0.0/16", "7 {9,10}", 0); /* no origin, but received: in P */
	route(p, "11.2.0.0/16", "8 7", 0);
	route(p, "11.3.0.0/16", "8 6", 0);
	u = commit(0);
	ck_assert_str_eq(list(u, c), "11.1.0.0/16 11.2.0.0/16 11.9.0.0/16");
	ck_assert_int_eq(step(u, c, "11.2.0.1"), MANRS_URPF_STEP_EFP_B_Q);
	ck_assert_int_eq(check(u, p, "11.3.0.1"), 1);
	close_all(u);
}
END_TEST

/* Section 3.5: ROA and IRR prefixes of the cone's ASes. */
/*
 * RFC 8704 3.1 step 2: X is made of the Adj-RIBs-In of "all interfaces (customer, lateral peer, and transit provider)";
 * 3.4: Q of those of lateral peers and transit providers. A static route to a customer's AS, or our own null-routed
 * aggregate, came from no neighbour. draft-ietf-sidrops-bar-sav-09 section 4 reads Adj-RIBs-In as well.
 */
START_TEST(rfc8704_s31_s34_what_no_neighbour_sent_is_on_no_list)
{
	static const int modes[] = {MANRS_URPF_EFP_A, MANRS_URPF_EFP_B, MANRS_URPF_BAR_SAV};
	static const char *const vrps[] = {"198.18.0.0/16 65009", NULL};

	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
		uint16_t as1, peer, local;
		manrs_urpf *u, *v;

		open_with(0, 64500);
		make_db(vrps, NULL, 0);
		as1 = iface(modes[i], MANRS_ROLE_CUSTOMER, 65001, 0);
		peer = iface(MANRS_URPF_LOOSE, MANRS_ROLE_PEER, 65003, 0);
		local = iface(MANRS_URPF_LOOSE, MANRS_ROLE_NONE, 0, 0);
		route(as1, "11.1.0.0/16", "65001", 0);
		route(peer, "11.2.0.0/16", "65003 65001", 0);
		route(local, "11.3.0.0/16", "65001", 0);
		route(MANRS_URPF_NO_IFACE, "11.4.0.0/16", "65001", MANRS_URPF_DISCARD);
		u = commit(0);
		ck_assert_str_eq(list(u, as1), "11.1.0.0/16 11.2.0.0/16");
		/* the interface gets a neighbour: what stands there was sent now; and loses it again */
		for (int sends = 1; sends >= 0; sends--) {
			manrs_urpf_iface f;

			manrs_urpf_iface_init(&f, sizeof f);
			f.mode = MANRS_URPF_LOOSE;
			f.role = sends ? MANRS_ROLE_PEER : MANRS_ROLE_NONE;
			f.asn = sends ? 65001 : 0;
			begin(u);
			ck_assert_int_eq(manrs_urpf_edit_iface_set(edit, local, &f), MANRS_OK);
			v = commit(0);
			ck_assert_str_eq(list(v, as1), sends ? "11.1.0.0/16 11.2.0.0/16 11.3.0.0/16"
							     : "11.1.0.0/16 11.2.0.0/16");
			manrs_urpf_unref(u);
			u = v;
		}
		close_all(u);
	}
}
END_TEST

START_TEST(rfc8704_s35_lists_may_be_augmented)
{
	static const char *const vrps[] = {"12.0.0.0/16 1", "12.1.0.0/16 2", NULL};
	manrs_route irr = {P("12.2.0.0/16"), 1};
	manrs_edit *e;
	manrs_db *more;
	manrs_urpf *u;
	uint16_t a, b, plain;

	open_with(0, 0);
	make_db(vrps, NULL, 0);
	ck_assert_int_eq(manrs_edit_begin(&e, db_owner, db), MANRS_OK);
	ck_assert_int_eq(manrs_edit_irr(e, 1, MANRS_ADD, &irr, 1, NULL, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_edit_commit(e, &more), MANRS_OK);
	manrs_db_unref(db);
	db = more;
	a = iface(MANRS_URPF_EFP_A, MANRS_ROLE_CUSTOMER, 1, MANRS_URPF_AUGMENT_ROA);
	b = iface(MANRS_URPF_EFP_B, MANRS_ROLE_CUSTOMER, 3,
		  MANRS_URPF_AUGMENT_ROA | MANRS_URPF_AUGMENT_IRR);
	plain = iface(MANRS_URPF_EFP_B, MANRS_ROLE_CUSTOMER, 4, 0);
	route(a, "11.1.0.0/16", "1", 0);
	u = commit(0);
	ck_assert_str_eq(list(u, a), "11.1.0.0/16 12.0.0.0/16");
	ck_assert_str_eq(list(u, b), "11.1.0.0/16 12.0.0.0/16 12.2.0.0/16");
	ck_assert_str_eq(list(u, plain), "11.1.0.0/16");
	ck_assert_int_eq(step(u, a, "12.0.0.1"), MANRS_URPF_STEP_ROA);
	ck_assert_int_eq(step(u, b, "12.2.0.1"), MANRS_URPF_STEP_IRR);
	ck_assert_int_eq(check(u, plain, "12.0.0.1"), 0);
	close_all(u);
}
END_TEST

/* ---- BAR-SAV ---- */

/*
 * The draft's worked example, at AS4 for the interface to AS3: D = {1,2,3,5,6,7,8}, the list P2 P2a P5 P6 P7 P8.
 * Prefixes: Pn = 11.n.0.0/16, P2a = 12.2.0.0/16.
 */
static void worked_example(int mode, uint16_t *as3)
{
	static const char *const vrps[] = {"12.2.0.0/16 2", "11.5.0.0/16 5", "11.6.0.0/16 6",
					   "11.8.0.0/16 8", NULL};
	static const uint32_t aspas[][4] = {{3, 4, 9}, {5, 1}, {6, 1}, {8, 2}};
	uint16_t as9;

	open_with(0, 4);
	make_db(vrps, aspas, 4);
	*as3 = iface(mode, MANRS_ROLE_CUSTOMER, 3, 0);
	as9 = iface(MANRS_URPF_LOOSE, MANRS_ROLE_PROVIDER, 9, 0);
	route(*as3, "11.6.0.0/16", "3 1 6", MANRS_URPF_BEST);
	route(*as3, "11.7.0.0/16", "3 1 7", MANRS_URPF_BEST);
	route(as9, "11.2.0.0/16", "9 3 2", MANRS_URPF_BEST);
}

START_TEST(bar_sav_s4_worked_example)
{
	manrs_urpf *u;
	uint16_t as3;

	worked_example(MANRS_URPF_BAR_SAV, &as3);
	u = commit(0);
	ck_assert_str_eq(list(u, as3),
			 "11.2.0.0/16 11.5.0.0/16 11.6.0.0/16 11.7.0.0/16 11.8.0.0/16 12.2.0.0/16");
	ck_assert_int_eq(step(u, as3, "11.7.0.1"), MANRS_URPF_STEP_BAR_ROUTE);
	ck_assert_int_eq(step(u, as3, "11.8.0.1"), MANRS_URPF_STEP_BAR_ROA);
	ck_assert_int_eq(check(u, as3, "11.9.0.1"), 0);
	close_all(u);
}
END_TEST

/* By ASPAs and ROAs alone nobody names 3 as a provider: D = {3}, which has no ROA. */
START_TEST(bar_sav_procedure_x_sees_aspas_and_roas_alone)
{
	static const char *const vrps[] = {"11.1.0.0/16 1", "11.3.0.0/16 3", "11.5.0.0/16 5",
					   "11.6.0.0/16 6", NULL};
	static const uint32_t aspas[][4] = {{1, 3}, {5, 1, 7}, {6, 7}, {64500, 3}};
	manrs_urpf *u;
	uint16_t as3;

	worked_example(MANRS_URPF_PROCEDURE_X, &as3);
	u = commit(0);
	ck_assert_str_eq(list(u, as3), "");
	close_all(u);
	/* 3 <- 1 <- 5; 6 hangs on 7 alone; 7, in a path below 3, does not count; 64500 is dropped */
	open_with(0, 4);
	make_db(vrps, aspas, 4);
	as3 = iface(MANRS_URPF_PROCEDURE_X, MANRS_ROLE_CUSTOMER, 3, 0);
	route(as3, "11.7.0.0/16", "3 7", MANRS_URPF_BEST);
	u = commit(0);
	ck_assert_str_eq(list(u, as3), "11.1.0.0/16 11.3.0.0/16 11.5.0.0/16");
	close_all(u);
}
END_TEST

/* Cones grow jointly: 3 -path- 1 -ASPA- 5 -path- 7; neither source alone reaches 7. */
START_TEST(bar_sav_cone_grows_jointly)
{
	static const char *const vrps[] = {"12.0.0.0/8 99", NULL};
	static const uint32_t aspas[][4] = {{5, 1}};
	manrs_urpf *u;
	uint16_t as3, as9;

	open_with(0, 4);
	make_db(vrps, aspas, 1);
	as3 = iface(MANRS_URPF_BAR_SAV, MANRS_ROLE_CUSTOMER, 3, 0);
	as9 = iface(MANRS_URPF_LOOSE, MANRS_ROLE_PROVIDER, 9, 0);
	route(as3, "11.1.0.0/16", "3 1", 0);
	route(as9, "11.7.0.0/16", "9 8 5 7", 0);
	route(as9, "11.8.0.0/16", "9 8", 0);
	u = commit(0);
	ck_assert_str_eq(list(u, as3), "11.1.0.0/16 11.7.0.0/16");
	close_all(u);
}
END_TEST

/* Section 4, inputs: ROV-Invalid, ASPA-Invalid and leaked routes are left out; ACLs are put in. */
START_TEST(bar_sav_s4_inputs_and_acls)
{
	static const char *const vrps[] = {"11.1.0.0/16 99", NULL};
	static const uint32_t aspas[][4] = {{6, 99}};
	manrs_urpf_iface f;
	manrs_urpf *u;
	uint32_t acl = 20;
	uint16_t as3, as9;

	open_with(0, 4);
	make_db(vrps, aspas, 1);
	as3 = iface(MANRS_URPF_BAR_SAV, MANRS_ROLE_PEER, 3, 0);
	as9 = iface(MANRS_URPF_LOOSE, MANRS_ROLE_PROVIDER, 9, 0);
	manrs_urpf_iface_init(&f, sizeof f);
	f.mode = MANRS_URPF_BAR_SAV;
	f.role = MANRS_ROLE_PEER;
	f.asn = 3;
	f.asn_acl = &acl;
	f.n_asn_acl = 1;
	ck_assert_int_eq(manrs_urpf_edit_iface_set(edit, as3, &f), MANRS_OK);
	route(as3, "11.1.0.0/16", "3", 0);   /* ROV-Invalid */
	route(as3, "11.2.0.0/16", "3 6", 0); /* ASPA-Invalid: 3 is no provider of 6 */
	route(as3, "11.3.0.0/16", "3 7", MANRS_URPF_LEAKED);
	route(as3, "11.4.0.0/16", "3 8", 0);
	route(as9, "11.20.0.0/16", "9 20", 0); /* by the ASN ACL */
	by_hand(MANRS_URPF_PREFIX_LIST, as3, "11.30.0.0/16");
	u = commit(0);
	ck_assert_str_eq(list(u, as3), "11.4.0.0/16 11.20.0.0/16 11.30.0.0/16");
	ck_assert_int_eq(step(u, as3, "11.30.0.1"), MANRS_URPF_STEP_LISTED);
	close_all(u);
}
END_TEST

/* What 3's interface lists once the neighbour of another has this role and AS. */
static const char *list_when(manrs_urpf **u, uint16_t as3, uint16_t other, int role, uint32_t asn)
{
	manrs_urpf *base = *u;
	manrs_urpf_iface f;

	begin(base);
	manrs_urpf_iface_init(&f, sizeof f);
	f.mode = MANRS_URPF_LOOSE;
	f.role = (uint32_t)role;
	f.asn = asn;
	ck_assert_int_eq(manrs_urpf_edit_iface_set(edit, other, &f), MANRS_OK);
	*u = commit(1);
	manrs_urpf_unref(base);
	return list(*u, as3);
}

/*
 * 2 is behind 3 by one path alone, 9 3 2, and 12.2/16 is 2's by a ROA alone. 2's ASPA names another provider: from a
 * provider the path may come, from a customer it is invalid (ASPA verification sections 5.4, 5.5), and so is any path
 * that does not begin with its neighbour. No route is touched when the interface changes.
 */
START_TEST(bar_sav_an_interface_of_another_role_or_as_forgets_its_adjacencies)
{
	static const char *const vrps[] = {"12.2.0.0/16 2", NULL};
	static const uint32_t aspas[][4] = {{2, 5}};
	manrs_urpf *u, *base;
	uint16_t as3, as9;

	open_with(0, 4);
	make_db(vrps, aspas, 1);
	as3 = iface(MANRS_URPF_BAR_SAV, MANRS_ROLE_CUSTOMER, 3, 0);
	as9 = iface(MANRS_URPF_LOOSE, MANRS_ROLE_PROVIDER, 9, 0);
	route(as3, "11.3.0.0/16", "3", 0);
	route(as9, "11.2.0.0/16", "9 3 2", 0);
	u = commit(0);
	ck_assert_str_eq(list(u, as3), "11.2.0.0/16 11.3.0.0/16 12.2.0.0/16");
	ck_assert_str_eq(list_when(&u, as3, as9, MANRS_ROLE_CUSTOMER, 9), "11.3.0.0/16");
	ck_assert_str_eq(list_when(&u, as3, as9, MANRS_ROLE_PROVIDER, 9),
			 "11.2.0.0/16 11.3.0.0/16 12.2.0.0/16");
	ck_assert_str_eq(list_when(&u, as3, as9, MANRS_ROLE_PROVIDER, 8), "11.3.0.0/16");
	ck_assert_str_eq(list_when(&u, as3, as9, MANRS_ROLE_PROVIDER, 9),
			 "11.2.0.0/16 11.3.0.0/16 12.2.0.0/16");
	/* and each route is counted once: it goes with its adjacency */
	begin(base = u);
	ck_assert_int_eq(route_op(MANRS_REMOVE, as9, "11.2.0.0/16", "", 0, 0), 1);
	u = commit(2);
	manrs_urpf_unref(base);
	ck_assert_str_eq(list(u, as3), "11.3.0.0/16");
	close_all(u);
}
END_TEST

START_TEST(bar_sav_without_a_db_is_loose_and_says_so)
{
	manrs_urpf_explanation why = {.size = sizeof why};
	manrs_urpf_stats st = {.size = sizeof st};
	manrs_prefix p = P("11.7.0.1/32");
	manrs_db *full;
	manrs_urpf *u, *v;
	uint16_t as3;

	worked_example(MANRS_URPF_BAR_SAV, &as3);
	full = db;
	db = NULL;
	u = commit(0);
	ck_assert_str_eq(list(u, as3), "");
	ck_assert_int_eq(manrs_urpf_explain(u, &p, as3, &why, NULL, 0), MANRS_OK);
	ck_assert_uint_eq(why.mode, MANRS_URPF_BAR_SAV);
	ck_assert_uint_eq(why.effective, MANRS_URPF_LOOSE);
	ck_assert_int_eq(check(u, as3, "11.2.0.1"), 1);
	ck_assert_int_eq(check(u, as3, "12.2.0.1"), 0);
	ck_assert_int_eq(manrs_urpf_stats_get(u, &st), MANRS_OK);
	ck_assert_uint_eq(st.fallbacks, 1);
	begin(u);
	db = full;
	v = commit(1);
	ck_assert_int_eq(check(v, as3, "12.2.0.1"), 1);
	manrs_urpf_unref(u);
	begin(v);
	db = NULL;
	u = commit(2);
	ck_assert_str_eq(list(u, as3), "");
	manrs_urpf_unref(v);
	db = full;
	close_all(u);
}
END_TEST

/*
 * BAR-SAV-PI at AS 10: customers 20 and 21, provider 30. ASPAs: 20{10} 21{10,31} 40{20} 41{20} 42{20,50} 43{20}.
 * Du = {20,21,40,41,42,43,44} (44 by a path alone). What becomes of each prefix:
 *   11.40/16 of 40, ROA, 20 40 from 20 alone          step 5 keeps it: all of 20, 40 hang on 10, 20: in S, refused
 *   11.41/16 of 41, no ROA                            step 3: not ROV-Valid: passes
 *   11.42/16 of 42, ROA; 42 has a provider 50         step 5: 50 is not in Du: passes
 *   11.43/16 of 43, ROAs of 43 and of 99              step 4: 99 is not in Du: passes
 *   11.44/16 of 44, ROA, no ASPA                      step 3: the path is unknown, not valid: passes
 *   11.45/16 of 40, ROA, from 20 and from 30 as well  step 5: 30 is on a route and not in Du: passes
 *   11.21/16 of 21, ROA; 21 has a provider 31         step 5: passes
 *   11.46/16 of 40, ROA, from 20, and routed by hand  the draft's routes are those of Adj-RIB-Ins: as 11.40/16
 *   11.47/16 of 40, ROA, routed by hand alone         no neighbour's route is in the cone: passes
 *   11.60/16 of 60, from 30                           step 6: loose: passes
 *   11.10/16 ours, with 11.10.1/24 internal           step 7: refused by hand
 *   11.40.9/24 within S, by the interface's ACL       step 8: passes
 */
START_TEST(bar_sav_pi_each_step)
{
	static const char *const vrps[] = {
		"11.40.0.0/16 40", "11.42.0.0/16 42", "11.43.0.0/16 43", "11.43.0.0/16 99",
		"11.44.0.0/16 44", "11.45.0.0/16 40", "11.21.0.0/16 21", "11.46.0.0/16 40",
		"11.47.0.0/16 40", NULL};
	static const uint32_t aspas[][4] = {{20, 10}, {21, 10, 31}, {40, 20},
					    {41, 20}, {42, 20, 50}, {43, 20}};
	manrs_urpf *u;
	uint16_t c20, c21, p30, none;

	open_with(0, 10);
	make_db(vrps, aspas, 6);
	c20 = iface(MANRS_URPF_BAR_SAV, MANRS_ROLE_CUSTOMER, 20, 0);
	c21 = iface(MANRS_URPF_BAR_SAV, MANRS_ROLE_CUSTOMER, 21, 0);
	p30 = iface(MANRS_URPF_BAR_SAV_PI, MANRS_ROLE_PROVIDER, 30, 0);
	route(c20, "11.40.0.0/16", "20 40", MANRS_URPF_BEST);
	route(c20, "11.41.0.0/16", "20 41", MANRS_URPF_BEST);
	route(c20, "11.42.0.0/16", "20 42", MANRS_URPF_BEST);
	route(c20, "11.43.0.0/16", "20 43", MANRS_URPF_BEST);
	route(c20, "11.44.0.0/16", "20 44", MANRS_URPF_BEST);
	route(c20, "11.45.0.0/16", "20 40", MANRS_URPF_BEST);
	route(p30, "11.45.0.0/16", "30 20 40", 0);
	route(c21, "11.21.0.0/16", "21", MANRS_URPF_BEST);
	none = iface(MANRS_URPF_OFF, MANRS_ROLE_NONE, 0, 0);
	route(c20, "11.46.0.0/16", "20 40", MANRS_URPF_BEST);
	route(none, "11.46.0.0/16", "", 0);
	route(MANRS_URPF_NO_IFACE, "11.46.0.0/16", "", MANRS_URPF_DISCARD);
	route(none, "11.47.0.0/16", "", MANRS_URPF_BEST);
	route(p30, "11.60.0.0/16", "30 60", MANRS_URPF_BEST);
	route(MANRS_URPF_NO_IFACE, "11.10.0.0/16", "", MANRS_URPF_BEST);
	by_hand(MANRS_URPF_PREFIX_LOCAL, MANRS_URPF_NO_IFACE, "11.10.1.0/24");
	by_hand(MANRS_URPF_PREFIX_LIST, p30, "11.40.9.0/24");
	u = commit(0);
	ck_assert_str_eq(
		list(u, p30),
		"11.10.0.0/16 11.21.0.0/16 11.40.9.0/24 11.41.0.0/16 11.42.0.0/16 11.43.0.0/16 "
		"11.44.0.0/16 11.45.0.0/16 11.47.0.0/16 11.60.0.0/16");
	ck_assert_int_eq(step(u, p30, "11.40.0.1"), MANRS_URPF_STEP_PI_CONE);
	ck_assert_int_eq(step(u, p30, "11.46.0.1"), MANRS_URPF_STEP_PI_CONE);
	ck_assert_int_eq(step(u, p30, "11.40.9.1"), MANRS_URPF_STEP_LISTED);
	ck_assert_int_eq(step(u, p30, "11.10.1.1"), MANRS_URPF_STEP_PI_LOCAL);
	ck_assert_int_eq(step(u, p30, "11.10.2.1"), MANRS_URPF_STEP_LOOSE);
	ck_assert_int_eq(step(u, p30, "11.45.0.1"), MANRS_URPF_STEP_LOOSE);
	ck_assert_int_eq(step(u, p30, "11.61.0.1"), MANRS_URPF_STEP_NO_ROUTE);
	ck_assert_int_eq(check(u, c20, "11.40.0.1"), 1);
	ck_assert_int_eq(check(u, c21, "11.40.0.1"), 0);
	close_all(u);
}
END_TEST

/* ---- hold times: RFC 8704 section 3.2, BAR-SAV section 5 ---- */

START_TEST(a_prefix_that_leaves_a_list_stays_for_the_hold_time)
{
	manrs_urpf_stats st = {.size = sizeof st};
	manrs_urpf *u, *v;
	uint16_t a, s;

	open_with(1000, 0);
	a = iface(MANRS_URPF_EFP_A, MANRS_ROLE_CUSTOMER, 1, 0);
	s = iface(MANRS_URPF_STRICT, MANRS_ROLE_CUSTOMER, 2, 0);
	route(a, "11.1.0.0/16", "1", MANRS_URPF_BEST);
	route(s, "11.2.0.0/16", "2", MANRS_URPF_BEST);
	u = commit(10);
	begin(u);
	ck_assert_int_eq(route_op(MANRS_REMOVE, a, "11.1.0.0/16", "", 0, 0), 1);
	ck_assert_int_eq(route_op(MANRS_REMOVE, s, "11.2.0.0/16", "", 0, 0), 1);
	v = commit(100);
	ck_assert_int_eq(check(v, a, "11.1.0.1"), 1);
	ck_assert_str_eq(list(v, a), "11.1.0.0/16");
	ck_assert_int_eq(check(v, s, "11.2.0.1"), 0); /* strict is no list */
	ck_assert_int_eq(manrs_urpf_stats_get(v, &st), MANRS_OK);
	ck_assert_uint_eq(st.held, 1);
	ck_assert_uint_eq(st.deadline_ms, 1100);
	manrs_urpf_unref(u);
	begin(v);
	u = commit(1099);
	ck_assert_int_eq(check(u, a, "11.1.0.1"), 1);
	manrs_urpf_unref(v);
	begin(u);
	v = commit(1100);
	ck_assert_int_eq(check(v, a, "11.1.0.1"), 0);
	ck_assert_int_eq(manrs_urpf_stats_get(v, &st), MANRS_OK);
	ck_assert_uint_eq(st.held, 0);
	ck_assert_uint_eq(st.deadline_ms, UINT64_MAX);
	ck_assert_int_eq(check(u, a, "11.1.0.1"), 1); /* a snapshot does not age */
	manrs_urpf_unref(u);
	close_all(v);
}
END_TEST

START_TEST(a_prefix_that_comes_back_is_held_anew_when_it_leaves_again)
{
	manrs_urpf_stats st = {.size = sizeof st};
	manrs_urpf *u[6];
	uint16_t a;

	open_with(1000, 0);
	a = iface(MANRS_URPF_EFP_B, MANRS_ROLE_CUSTOMER, 1, 0);
	route(a, "11.1.0.0/16", "1", 0);
	u[0] = commit(0);
	for (int i = 1; i < 5; i++) {
		begin(u[i - 1]);
		if (i % 2)
			ck_assert_int_eq(route_op(MANRS_REMOVE, a, "11.1.0.0/16", "", 0, 0), 1);
		else
			route(a, "11.1.0.0/16", "1", 0);
		u[i] = commit(600 * (uint64_t)i);
		ck_assert_int_eq(check(u[i], a, "11.1.0.1"), 1);
		ck_assert_int_eq(manrs_urpf_stats_get(u[i], &st), MANRS_OK);
		ck_assert_uint_eq(st.deadline_ms, i % 2 ? 600 * (uint64_t)i + 1000 : UINT64_MAX);
	}
	for (int i = 0; i < 4; i++)
		manrs_urpf_unref(u[i]);
	close_all(u[4]);
}
END_TEST

/* ---- edits ---- */

START_TEST(an_edit_on_an_older_snapshot_and_abort)
{
	manrs_urpf *u, *v, *w;
	uint16_t a;

	open_with(0, 0);
	a = iface(MANRS_URPF_STRICT, MANRS_ROLE_NONE, 0, 0);
	route(a, "11.1.0.0/16", "", MANRS_URPF_BEST);
	u = commit(0);
	begin(u);
	route(a, "11.2.0.0/16", "", MANRS_URPF_BEST);
	v = commit(0);
	begin(u);
	route(a, "11.3.0.0/16", "", MANRS_URPF_BEST);
	w = commit(0);
	ck_assert_str_eq(list(u, a), "11.1.0.0/16");
	ck_assert_str_eq(list(v, a), "11.1.0.0/16 11.2.0.0/16");
	ck_assert_str_eq(list(w, a), "11.1.0.0/16 11.3.0.0/16");
	ck_assert_int_eq(check(w, a, "11.2.0.1"), 0);
	ck_assert_int_eq(check(v, a, "11.2.0.1"), 1);
	begin(v);
	route(a, "11.4.0.0/16", "", MANRS_URPF_BEST);
	ck_assert_int_eq(manrs_urpf_edit_begin(&edit, owner, v), MANRS_ESTATE);
	manrs_urpf_edit_abort(edit);
	ck_assert_str_eq(list(v, a), "11.1.0.0/16 11.2.0.0/16");
	ck_assert_int_eq(manrs_urpf_owner_free(owner), MANRS_EBUSY);
	manrs_urpf_unref(u);
	manrs_urpf_unref(v);
	while (manrs_urpf_reclaim(owner, 3))
		;
	ck_assert_int_eq(check(w, a, "11.3.0.1"), 1);
	close_all(w);
}
END_TEST

START_TEST(edits_count_and_refuse)
{
	manrs_urpf_entry e[3] = {{.route = {P("11.0.0.0/8"), 1}, .flags = MANRS_URPF_BEST}};
	manrs_counts c;
	manrs_fault fault;
	manrs_urpf_iface f;
	manrs_urpf *u;
	uint16_t a, h = 9;

	open_with(0, 0);
	manrs_urpf_iface_init(&f, sizeof f);
	ck_assert_int_eq(manrs_urpf_edit_iface_set(edit, h, &f), MANRS_ENOENT);
	h = MANRS_URPF_NO_IFACE;
	ck_assert_int_eq(manrs_urpf_edit_iface_add(edit, &h, &f), MANRS_EINVAL); /* mode 0 */
	a = iface(MANRS_URPF_STRICT, MANRS_ROLE_NONE, 0, 0);
	e[1] = e[0];
	e[2] = e[0];
	e[2].route.prefix.addr[1] = 1;
	ck_assert_int_eq(manrs_urpf_edit_rib(edit, MANRS_ADD, e, 3, NULL, &c, &fault), MANRS_OK);
	ck_assert_uint_eq(c.added, 1);
	ck_assert_uint_eq(c.present, 1);
	ck_assert_uint_eq(c.refused, 1);
	ck_assert_uint_eq(fault.at, 2);
	e[0].flags = 0;
	e[1].iface = 5;
	ck_assert_int_eq(manrs_urpf_edit_rib(edit, MANRS_ADD, e, 2, NULL, &c, &fault), MANRS_OK);
	ck_assert_uint_eq(c.added, 1);
	ck_assert_uint_eq(c.refused, 1);
	ck_assert_int_eq(manrs_urpf_edit_rib(edit, MANRS_REMOVE, e, 2, NULL, &c, &fault), MANRS_OK);
	ck_assert_uint_eq(c.removed, 1);
	ck_assert_uint_eq(c.unknown, 1);
	ck_assert_int_eq(manrs_urpf_edit_rib(edit, 7, e, 2, NULL, &c, &fault), MANRS_EINVAL);
	route(a, "11.5.0.0/16", "", MANRS_URPF_BEST);
	h = a;
	ck_assert_int_eq(manrs_urpf_edit_iface_remove(edit, h), MANRS_OK); /* with its routes */
	u = commit(0);
	ck_assert_int_eq(check(u, a, "11.5.0.1"), 0);
	ck_assert_int_eq(manrs_urpf_iface_get(u, a, &f), MANRS_ENOENT);
	close_all(u);
}
END_TEST

/* ---- text ---- */

START_TEST(names_go_both_ways)
{
	for (int m = MANRS_URPF_OFF; m <= MANRS_URPF_LIST; m++)
		ck_assert_int_eq(manrs_urpf_mode_parse(manrs_urpf_mode_text(m),
						       strlen(manrs_urpf_mode_text(m))),
				 m);
	ck_assert_int_eq(manrs_urpf_mode_parse("strictly", 8), MANRS_ESYNTAX);
	ck_assert_int_eq(manrs_urpf_mode_parse("", 0), MANRS_ESYNTAX);
	ck_assert_str_eq(manrs_urpf_mode_text(0), "");
	ck_assert_str_eq(manrs_urpf_mode_text(11), "");
	ck_assert_str_eq(manrs_urpf_step_text(MANRS_URPF_STEP_MARTIAN), "martian");
	ck_assert_str_eq(manrs_urpf_step_text(MANRS_URPF_STEP_PI_LOCAL), "pi-local");
	ck_assert_str_eq(manrs_urpf_step_text(-1), "");
	ck_assert_str_eq(manrs_urpf_step_text(99), "");
}
END_TEST

START_TEST(lines_of_ribs)
{
	manrs_urpf_line l;
	uint32_t asn[4];
	uint8_t kind[4];
	manrs_fault fault;
	static const struct {
		const char *text;
		int rc;
		unsigned at;
	} bad[] = {
		{"a", MANRS_ESYNTAX, 1},
		{"\tpeer", MANRS_ESYNTAX, 0},
		{"a\tfriend", MANRS_ESYNTAX, 2},
		{"a\tpeer\t10.0.0.1/8", MANRS_EINVAL, 7},
		{"a\tpeer\t10.0.0.0/8\t1 x", MANRS_ESYNTAX, 20},
		{"a\tpeer\t10.0.0.0/8\t1\tbest,worst", MANRS_ESYNTAX, 25},
		{"a\tpeer\t10.0.0.0/8\t1\tbest\tmore", MANRS_ESYNTAX, 25},
		{"a\tpeer\t10.0.0.0/8\t1 2 3 4 5", MANRS_ELIMIT, 5},
		{"a\tpeer\t\t1", MANRS_ESYNTAX, 7},
		{"a\tpeer\t\t\tbest", MANRS_ESYNTAX, 7},
		{"a peer\t10.0.0.0/8", MANRS_ESYNTAX, 7}, /* a TAB: then TABs alone part */
		{"a", MANRS_ESYNTAX, 1},
		{"a friend", MANRS_ESYNTAX, 2},
		{"a  peer 10.0.0.1/8", MANRS_EINVAL, 8},
		{"a peer 10.0.0.0/8 1 x", MANRS_ESYNTAX, 20},
		{"a peer 10.0.0.0/8 1 x 2", MANRS_ESYNTAX, 20},
		{"a peer 10.0.0.0/8 best, discard", MANRS_ESYNTAX, 18},
		{"a peer 1 2", MANRS_ESYNTAX, 8},
	};
	/* the same with blanks: the path is what stands between the prefix and the flags */
	static const struct {
		const char *text;
		unsigned hops, flags;
	} good[] = {
		{"eth0 peer 10.0.0.0/8", 0, 0},
		{" eth0   peer  10.0.0.0/8  ", 0, 0},
		{"eth0 peer 10.0.0.0/8 7", 1, 0},
		{"eth0 peer 10.0.0.0/8 7 8 {1,2}", 4, 0},
		{"eth0 peer 10.0.0.0/8 7 AS8", 2, 0},
		{"eth0 peer 10.0.0.0/8 best", 0, MANRS_URPF_BEST},
		{"eth0 peer 10.0.0.0/8 7 8 best,leaked ", 2, MANRS_URPF_BEST | MANRS_URPF_LEAKED},
		{"eth0 \t peer\t10.0.0.0/8 \t 7 8 \t discard", 2, MANRS_URPF_DISCARD},
	};

	ck_assert_int_eq(manrs_urpf_line_parse(&l, asn, kind, 4, "", 0, NULL), 0);
	ck_assert_int_eq(manrs_urpf_line_parse(&l, asn, kind, 4, "# x", 3, NULL), 0);
	ck_assert_int_eq(manrs_urpf_line_parse(&l, asn, kind, 4, "eth0\tnone", 9, NULL), 1);
	ck_assert_uint_eq(l.n_iface, 4);
	ck_assert_uint_eq(l.role, MANRS_ROLE_NONE);
	ck_assert_uint_eq(l.prefix.family, 0);
	ck_assert_int_eq(manrs_urpf_line_parse(&l, asn, kind, 4,
					       "7\tcustomer\t10.0.0.0/8\t7 8\tdiscard,best\r", 39,
					       NULL),
			 1);
	ck_assert_uint_eq(l.role, MANRS_ROLE_CUSTOMER);
	ck_assert_uint_eq(l.flags, MANRS_URPF_BEST | MANRS_URPF_DISCARD);
	ck_assert_uint_eq(l.path.n, 2);
	ck_assert_uint_eq(asn[1], 8);
	ck_assert_uint_eq(l.prefix.len, 8);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		ck_assert_int_eq(manrs_urpf_line_parse(&l, asn, kind, 4, bad[i].text,
						       strlen(bad[i].text), &fault),
				 bad[i].rc);
		ck_assert_msg(fault.at == bad[i].at, "%s: %u", bad[i].text, (unsigned)fault.at);
	}
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		int rc = manrs_urpf_line_parse(&l, asn, kind, 4, good[i].text,
					       strlen(good[i].text), &fault);

		ck_assert_msg(rc == 1, "%s: %d", good[i].text, rc);
		ck_assert_msg(l.n_iface == 4 && !memcmp(l.iface, "eth0", 4), "%s", good[i].text);
		ck_assert_uint_eq(l.role, MANRS_ROLE_PEER);
		ck_assert_uint_eq(l.prefix.len, 8);
		ck_assert_msg(l.path.n == good[i].hops && l.flags == good[i].flags, "%s: %u %u",
			      good[i].text, (unsigned)l.path.n, (unsigned)l.flags);
	}
	ck_assert_int_eq(manrs_urpf_line_parse(&l, asn, kind, 4, "eth0 none", 9, NULL), 1);
	ck_assert_uint_eq(l.prefix.family, 0);
	ck_assert_int_eq(manrs_urpf_line_parse(&l, asn, kind, 4, " \t ", 3, NULL), 0);
	ck_assert_int_eq(manrs_urpf_line_parse(&l, asn, kind, 4, "  # x", 5, NULL), 0);
}
END_TEST

/* An export in slices, joined. */
static const char *export_all(const manrs_urpf *u, uint16_t on, int format)
{
	static char text[8192];
	manrs_cursor c = {{0}};
	size_t at = 0;
	int n;

	while ((n = manrs_urpf_export(u, on, format, "if-1", &c, text + at, 512)) > 0) {
		at += (size_t)n;
		ck_assert_uint_lt(at, sizeof text - 600);
	}
	ck_assert_int_eq(n, 0);
	text[at] = 0;
	return text;
}

/* Two halves are joined, a part of another is left out; nft and eBPF leave what is always denied out. */
START_TEST(exports_aggregate_and_keep_the_covered_set)
{
	manrs_cursor c = {{0}};
	manrs_prefix p[4];
	char text[600];
	manrs_urpf *u;
	uint16_t a;

	open_with(0, 0);
	a = iface(MANRS_URPF_LIST, MANRS_ROLE_NONE, 0, 0);
	by_hand(MANRS_URPF_PREFIX_LIST, a, "11.0.0.0/9");
	by_hand(MANRS_URPF_PREFIX_LIST, a, "11.128.0.0/9");
	by_hand(MANRS_URPF_PREFIX_LIST, a, "11.1.0.0/16");
	by_hand(MANRS_URPF_PREFIX_LIST, a, "192.0.2.0/24");
	by_hand(MANRS_URPF_PREFIX_LIST, a, "2a00::/16");
	u = commit(0);
	ck_assert_str_eq(list(u, a), "11.0.0.0/9 11.1.0.0/16 11.128.0.0/9 192.0.2.0/24 2a00::/16");
	ck_assert_str_eq(export_all(u, a, MANRS_URPF_TEXT), "11.0.0.0/8\n2a00::/16\n");
	ck_assert_str_eq(export_all(u, a, MANRS_URPF_CISCO),
			 "ip prefix-list if-1 seq 5 permit 11.0.0.0/8 le 32\n"
			 "ipv6 prefix-list if-1 seq 5 permit 2a00::/16 le 128\n");
	ck_assert_str_eq(
		export_all(u, a, MANRS_URPF_BIRD),
		"# urpf_if_1_4\ndefine urpf_if_1_4 = [\n\t11.0.0.0/8+\n];\n"
		"# urpf_if_1_6\ndefine urpf_if_1_6 = [\n\t2a00::/16+\n];\n");
	ck_assert_str_eq(export_all(u, a, MANRS_URPF_JUNOS),
			 "set policy-options prefix-list if-1 11.0.0.0/8\n"
			 "set policy-options prefix-list if-1 2a00::/16\n");
	ck_assert_ptr_null(strstr(export_all(u, a, MANRS_URPF_NFT), "192.0.2"));
	ck_assert_ptr_null(strstr(export_all(u, a, MANRS_URPF_EBPF), "c0 00 02 00"));
	ck_assert_uint_eq(manrs_urpf_allowed(u, a, 0, &c, p, 4), 3);
	c = (manrs_cursor){{0}};
	ck_assert_uint_eq(manrs_urpf_allowed(u, a, 1, &c, p, 4), 2);
	ck_assert_uint_eq(manrs_urpf_allowed(u, a, 1, &c, p, 4), 0);
	c = (manrs_cursor){{0}};
	ck_assert_int_eq(manrs_urpf_export(u, a, 9, "x", &c, text, 600), MANRS_EINVAL);
	ck_assert_int_eq(manrs_urpf_export(u, a, MANRS_URPF_TEXT, "a b", &c, text, 600),
			 MANRS_EINVAL);
	ck_assert_int_eq(manrs_urpf_export(u, a, MANRS_URPF_TEXT, "x", &c, text, 100),
			 MANRS_ELIMIT);
	manrs_urpf_ref(u);
	manrs_urpf_unref(u);
	close_all(u);
}
END_TEST

/* ---- another implementation's lists on real routes ---- */

static int line_cmp(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static size_t lines_of(const char *path, char ***out)
{
	FILE *f = fopen(path, "r");
	char line[256];
	size_t n = 0;

	*out = malloc(20000 * sizeof **out);
	while (fgets(line, sizeof line, f))
		if (line[0] != '#' && n < 20000)
			(*out)[n++] = strdup(line);
	fclose(f);
	qsort(*out, n, sizeof **out, line_cmp);
	return n;
}

static void real_lists(int mode, const char *expected)
{
	const char *path = test_data("urpf/ribs_in.tsv");
	uint32_t asn[64];
	uint16_t handle[64];
	int role[64];
	size_t n = 0, n_want, n_got = 0;
	char line[1024], **want, **got = malloc(20000 * sizeof *got);
	manrs_urpf *u;
	FILE *f;

	if (!path) {
		test_skip("no urpf/ribs_in.tsv");
		free(got);
		return;
	}
	open_with(0, 0);
	f = fopen(path, "r");
	while (fgets(line, sizeof line, f)) {
		char who[32], what[32], prefix[64] = "", hops[800] = "";
		size_t i = 0;

		if (line[0] == '#' || sscanf(line, "%31[^\t]\t%31[^\t\n]\t%63[^\t]\t%799[^\n]", who,
					     what, prefix, hops) < 2)
			continue;
		while (i < n && asn[i] != (uint32_t)atoi(who))
			i++;
		if (i == n) {
			asn[n] = (uint32_t)atoi(who);
			role[n] = manrs_role_parse(what, strlen(what));
			handle[n] = iface(role[n] == MANRS_ROLE_CUSTOMER ? mode : MANRS_URPF_LOOSE,
					  role[n], asn[n], 0);
			n++;
		}
		if (*prefix)
			route_op(MANRS_ADD, handle[i], prefix, hops, 0, path_ids++);
	}
	fclose(f);
	u = commit(0);
	for (size_t i = 0; i < n; i++) {
		manrs_cursor cursor = {{0}};
		manrs_prefix p[100];
		size_t some;

		while ((some = manrs_urpf_list(u, handle[i], &cursor, p, 100)) > 0) {
			for (size_t k = 0; k < some; k++) {
				char text[MANRS_PREFIX_TEXT];

				manrs_prefix_format(&p[k], text, sizeof text);
				snprintf(line, sizeof line, "%u\t%s\n", asn[i], text);
				got[n_got++] = strdup(line);
			}
		}
	}
	qsort(got, n_got, sizeof *got, line_cmp);
	n_want = lines_of(test_data(expected), &want);
	ck_assert_uint_eq(n_got, n_want);
	for (size_t i = 0; i < n_got; i++)
		ck_assert_str_eq(got[i], want[i]);
	for (size_t i = 0; i < n_got; i++) {
		free(got[i]);
		free(want[i]);
	}
	free(got);
	free(want);
	close_all(u);
}

START_TEST(efp_a_equals_another_implementation_on_real_routes)
{
	real_lists(MANRS_URPF_EFP_A, "urpf/expected_A.tsv");
}
END_TEST

START_TEST(efp_b_equals_another_implementation_on_real_routes)
{
	real_lists(MANRS_URPF_EFP_B, "urpf/expected_B.tsv");
}
END_TEST

Suite *urpf_suite(void)
{
	Suite *s = suite_create("urpf");

	ADD_TEST(s, rfc3704_s2_strict_feasible_loose, 1);
	ADD_TEST(s, rfc5635_sources_of_discard_routes_fail, 1);
	ADD_TEST(s, order_is_off_deny_allow_martian_mode, 1);
	ADD_TEST(s, rfc8704_figure2_algorithm_a_on_a_peer_is_loose_here, 1);
	ADD_TEST(s, rfc8704_figure3_feasible_fails_algorithm_a_works, 1);
	ADD_TEST(s, rfc8704_figure4_algorithm_a_fails_b_works, 1);
	ADD_TEST(s, rfc8704_s34_q_needs_an_origin_of_the_cone, 1);
	ADD_TEST(s, rfc8704_s31_s34_what_no_neighbour_sent_is_on_no_list, 1);
	ADD_TEST(s, rfc8704_s35_lists_may_be_augmented, 1);
	ADD_TEST(s, bar_sav_s4_worked_example, 1);
	ADD_TEST(s, bar_sav_procedure_x_sees_aspas_and_roas_alone, 1);
	ADD_TEST(s, bar_sav_cone_grows_jointly, 1);
	ADD_TEST(s, bar_sav_s4_inputs_and_acls, 1);
	ADD_TEST(s, bar_sav_an_interface_of_another_role_or_as_forgets_its_adjacencies, 1);
	ADD_TEST(s, bar_sav_without_a_db_is_loose_and_says_so, 1);
	ADD_TEST(s, bar_sav_pi_each_step, 1);
	ADD_TEST(s, a_prefix_that_leaves_a_list_stays_for_the_hold_time, 1);
	ADD_TEST(s, a_prefix_that_comes_back_is_held_anew_when_it_leaves_again, 1);
	ADD_TEST(s, an_edit_on_an_older_snapshot_and_abort, 1);
	ADD_TEST(s, edits_count_and_refuse, 1);
	ADD_TEST(s, names_go_both_ways, 1);
	ADD_TEST(s, lines_of_ribs, 1);
	ADD_TEST(s, exports_aggregate_and_keep_the_covered_set, 1);
	ADD_TEST(s, efp_a_equals_another_implementation_on_real_routes, 2);
	ADD_TEST(s, efp_b_equals_another_implementation_on_real_routes, 2);
	return s;
}
