/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exports as packet filters: the text of every format is read back as its own software reads it and asked for many sources,
 * martians, special-purpose ones and the edges of every prefix among them; manrs_urpf_check4 and _check6 must say the same.
 */

#include "test.h"

#include "oracle/map.h"
#include "urpf/router.h"

#define NAME "eth0.1"

/* What a filter passes. */
struct filter {
	manrs_prefix at[4096];
	size_t n;
	bool drops; /* nft: it has a rule that drops */
};

static manrs_prefix P(const char *text, size_t n)
{
	manrs_prefix p;

	ck_assert_msg(manrs_prefix_parse(&p, text, n, NULL) == MANRS_OK, "%.*s", (int)n, text);
	return p;
}

static bool passes(const struct filter *f, const manrs_prefix *source)
{
	for (size_t i = 0; i < f->n; i++)
		if (map_covers(&f->at[i], source))
			return true;
	return false;
}

/* ---- readers: a line each ---- */

static const char *after(const char *line, const char *head)
{
	return strncmp(line, head, strlen(head)) ? NULL : line + strlen(head);
}

static size_t upto(const char *at, const char *any)
{
	return strcspn(at, any);
}

static const char *read_text(const char *line, size_t *n)
{
	*n = strlen(line);
	return line;
}

/* "elements" of the sets allow4 and allow6 of the table, which the chain's two rules ask. */
static const char *read_nft(const char *line, size_t *n)
{
	if (line[0] != '\t' || line[1] != '\t' || line[2] != '\t')
		return NULL;
	*n = upto(line + 3, ",");
	return line + 3;
}

/* "define NAME = [" and prefixes with + for all that is in them; a host has none. */
static const char *read_bird(const char *line, size_t *n)
{
	manrs_prefix p;

	if (*line != '\t')
		return NULL;
	*n = upto(line + 1, "+,");
	p = P(line + 1, *n);
	ck_assert_msg((line[1 + *n] == '+') == (p.len < (p.family == 4 ? 32 : 128)), "%s", line);
	return line + 1;
}

static const char *read_cisco(const char *line, size_t *n)
{
	const char *four = after(line, "ip prefix-list " NAME " seq "),
		   *six = after(line, "ipv6 prefix-list " NAME " seq ");
	const char *at = four ? four : six;
	manrs_prefix p;

	ck_assert_msg(at && (at = strstr(at, " permit ")) != NULL, "%s", line);
	at += 8;
	*n = upto(at, " ");
	p = P(at, *n);
	ck_assert_uint_eq(p.family, four ? 4 : 6);
	ck_assert_str_eq(at + *n, p.len == (four ? 32 : 128) ? "" : four ? " le 32" : " le 128");
	return at;
}

static const char *read_junos(const char *line, size_t *n)
{
	const char *at = after(line, "set policy-options prefix-list " NAME " ");

	ck_assert_msg(at, "%s", line);
	return read_text(at, n);
}

/* The key of an LPM_TRIE map: the length in the machine's order, the address. */
static const char *read_ebpf(const char *line, size_t *n)
{
	static char text[64];
	const char *at = after(line, "map update name " NAME "_4 key hex"),
		   *six = after(line, "map update name " NAME "_6 key hex");
	manrs_prefix p = {.family = at ? 4 : 6};
	uint8_t byte[20];
	uint32_t len;
	char *end;

	at = at ? at : six;
	ck_assert_msg(at, "%s", line);
	for (size_t i = 0; i < (p.family == 4 ? 8u : 20u); i++, at = end)
		byte[i] = (uint8_t)strtoul(at, &end, 16);
	ck_assert_str_eq(at, " value hex 01");
	memcpy(&len, byte, 4);
	p.len = p.maxlen = (uint8_t)len;
	memcpy(p.addr, byte + 4, p.family == 4 ? 4 : 16);
	*n = (size_t)manrs_prefix_format(&p, text, sizeof text);
	return text;
}

static const struct {
	int format;
	const char *(*read)(const char *line, size_t *n); /* NULL: no prefix in it */
} formats[] = {
	{MANRS_URPF_TEXT, read_text},   {MANRS_URPF_NFT, read_nft},
	{MANRS_URPF_EBPF, read_ebpf},   {MANRS_URPF_BIRD, read_bird},
	{MANRS_URPF_CISCO, read_cisco}, {MANRS_URPF_JUNOS, read_junos},
};

static void filter_read(struct filter *f, const manrs_urpf *u, uint16_t iface, size_t which)
{
	static char text[1 << 20];
	manrs_cursor c = {{0}};
	size_t at = 0;
	int n;

	while ((n = manrs_urpf_export(u, iface, formats[which].format, NAME, &c, text + at, 512)) >
	       0)
		at += (size_t)n;
	ck_assert_int_eq(n, 0);
	text[at] = 0;
	f->n = 0;
	if (formats[which].format == MANRS_URPF_NFT) {
		ck_assert_ptr_nonnull(strstr(text, "table inet manrs_urpf_" NAME " {\n"));
		ck_assert_ptr_nonnull(strstr(text, "iifname != \"" NAME
						   "\" return\n\t\tip saddr @allow4 return\n"
						   "\t\tip6 saddr @allow6 return\n"));
	}
	f->drops = strstr(text, "counter drop") != NULL;
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		const char *p = formats[which].read(line, &at);

		if (p)
			f->at[f->n++] = P(p, at);
	}
}

/* ---- a world ---- */

static const struct {
	uint32_t mode, options;
} kinds[] = {
	{MANRS_URPF_OFF, 0},
	{MANRS_URPF_STRICT, MANRS_URPF_LINK_LOCAL | MANRS_URPF_UNSPECIFIED},
	{MANRS_URPF_STRICT, MANRS_URPF_DEFAULT_ROUTE},
	{MANRS_URPF_LOOSE, MANRS_URPF_DEFAULT_ROUTE | MANRS_URPF_LINK_LOCAL},
	{MANRS_URPF_LOOSE, MANRS_URPF_UNSPECIFIED | MANRS_URPF_DISCARD_PASS},
	{MANRS_URPF_FEASIBLE, 0},
	{MANRS_URPF_LIST, MANRS_URPF_LINK_LOCAL},
	{MANRS_URPF_LIST, MANRS_URPF_COUNT_ONLY},
	{MANRS_URPF_EFP_B, MANRS_URPF_UNSPECIFIED},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* Routes and prefixes by hand across the special-purpose blocks (the IANA registries; RFC 6890) and their edges. */
static const char *const blocks[] = {
	"0.0.0.0/0",      "11.0.0.0/8",    "11.1.0.0/16",     "11.1.2.3/32",    "127.0.0.0/8",
	"169.254.0.0/16", "192.0.0.0/8",   "192.0.0.0/24",    "192.0.0.8/32",   "192.0.2.0/24",
	"192.0.2.128/25", "198.51.0.0/16", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",
	"240.0.0.0/4",    "::/0",          "::/128",          "::1/128",        "100:0:0:1::/64",
	"2000::/3",       "2001::/16",     "2001::/23",       "2001:db8::/32",  "2001:db8:1::/48",
	"2a00::/16",      "2a00:1::/32",   "3fff::/20",       "fe80::/10",      "fe80::1/128",
	"fc00::/7",       "ff00::/8",
};
enum { BLOCKS = sizeof blocks / sizeof *blocks };

static manrs_prefix block(uint64_t *seed)
{
	const char *text = blocks[test_random(seed) % BLOCKS];

	return P(text, strlen(text));
}

static manrs_urpf *world(manrs_urpf_owner *o, uint64_t *seed)
{
	manrs_urpf_edit *e;
	manrs_urpf *u;

	ck_assert_int_eq(manrs_urpf_edit_begin(&e, o, NULL), MANRS_OK);
	for (uint16_t i = 0; i < KINDS; i++) {
		manrs_urpf_iface f;
		uint16_t handle = MANRS_URPF_NO_IFACE;

		manrs_urpf_iface_init(&f, sizeof f);
		f.mode = kinds[i].mode;
		f.options = kinds[i].options;
		f.role = MANRS_ROLE_CUSTOMER;
		f.asn = 65001u + i;
		ck_assert_int_eq(manrs_urpf_edit_iface_add(e, &handle, &f), MANRS_OK);
		ck_assert_uint_eq(handle, i);
	}
	for (int i = 0; i < 24; i++) {
		manrs_urpf_entry x = {.route = {block(seed), 65001},
				      .iface = (uint16_t)(test_random(seed) % KINDS),
				      .flags = test_random(seed) % 4 ? MANRS_URPF_BEST
								     : MANRS_URPF_DISCARD};

		manrs_urpf_edit_rib(e, MANRS_ADD, &x, 1, NULL, NULL, NULL);
	}
	for (int i = 0; i < 12; i++) {
		uint32_t kind = 1 + (uint32_t)(test_random(seed) % 5);
		uint16_t on = test_random(seed) % 3 || kind == MANRS_URPF_PREFIX_LINK
				      ? (uint16_t)(test_random(seed) % KINDS)
				      : MANRS_URPF_NO_IFACE;
		manrs_prefix p = block(seed);

		if (p.len)
			ck_assert_int_eq(
				manrs_urpf_edit_prefixes(e, MANRS_ADD, kind, on, &p, 1, NULL, NULL),
				MANRS_OK);
	}
	ck_assert_int_eq(manrs_urpf_edit_commit(e, &u, NULL, 0), MANRS_OK);
	return u;
}

/* A source in a block or beside its edge. */
static manrs_prefix source(uint64_t *seed)
{
	manrs_prefix p = block(seed);
	unsigned bits = p.family == 4 ? 32 : 128, way = (unsigned)(test_random(seed) % 5);

	for (unsigned b = p.len; b < bits; b++)
		if (way == 1 || (way >= 2 && test_random(seed) & 1))
			p.addr[b / 8] |= (uint8_t)(0x80u >> b % 8);
	for (int b = (int)bits / 8 - 1; way >= 3 && b >= 0; b--) {
		/* the address before the first or after the last, when all that is left is 0 or 1 */
		uint8_t was = p.addr[b];

		p.addr[b] = (uint8_t)(way == 3 ? was - 1 : was + 1);
		if (way == 3 ? was != 0 : was != 255)
			break;
	}
	p.len = p.maxlen = (uint8_t)bits;
	return p;
}

static int answer(const manrs_urpf *u, uint16_t on, const manrs_prefix *p)
{
	uint32_t four;
	uint8_t allow;

	memcpy(&four, p->addr, 4);
	if (p->family == 4)
		manrs_urpf_check4(u, &four, &on, 1, &allow);
	else
		manrs_urpf_check6(u, p->addr, &on, 1, &allow);
	return allow;
}

START_TEST(every_format_is_the_whole_decision)
{
	static struct filter f;
	uint64_t seed = (uint64_t)_i + 1;
	manrs_urpf_owner *o;
	manrs_urpf *u;
	size_t passed = 0, all = 0;

	ck_assert_int_eq(manrs_urpf_owner_new(&o, NULL), MANRS_OK);
	for (int round = 0; round < 25; round++) {
		u = world(o, &seed);
		for (uint16_t i = 0; i < KINDS; i++)
			for (size_t which = 0; which < sizeof formats / sizeof *formats; which++) {
				bool counts = kinds[i].options & MANRS_URPF_COUNT_ONLY;

				filter_read(&f, u, i, which);
				ck_assert(formats[which].format != MANRS_URPF_NFT ||
					  f.drops == !counts);
				for (int k = 0; k < 150; k++) {
					manrs_prefix p = source(&seed);
					int want = answer(u, i, &p);
					char text[64] = "";

					manrs_prefix_format(&p, text, sizeof text);
					ck_assert_msg(passes(&f, &p) ==
							      (want == MANRS_URPF_ALLOWED),
						      "format %d interface %u %s: check says %d",
						      formats[which].format, i, text, want);
					passed += want == MANRS_URPF_ALLOWED;
					all++;
				}
			}
		manrs_urpf_unref(u);
	}
	ck_assert(passed > all / 8 && passed < all - all / 8);
	ck_assert_int_eq(manrs_urpf_owner_free(o), MANRS_OK);
}
END_TEST

/* ---- what a link needs to work ---- */

/* One with prefixes of its own, one without options, one without such prefixes. */
static manrs_urpf *links(void)
{
	manrs_urpf_iface defaults;

	manrs_urpf_iface_init(&defaults, sizeof defaults);
	ck_assert_uint_eq(defaults.options, MANRS_URPF_LINK_LOCAL | MANRS_URPF_UNSPECIFIED);
	open_with(0, 0);
	for (uint16_t i = 0; i < 3; i++)
		ck_assert_uint_eq(
			iface(MANRS_URPF_STRICT, MANRS_ROLE_NONE, 0, i == 1 ? 0 : defaults.options),
			i);
	by_hand(MANRS_URPF_PREFIX_LINK, 0, "192.0.2.0/30");
	by_hand(MANRS_URPF_PREFIX_LINK, 0, "2001:db8::/64");
	by_hand(MANRS_URPF_PREFIX_DENY, MANRS_URPF_NO_IFACE, "2001:db8::66/128");
	return commit(0);
}

/*
 * A filter on a link lets the link work: link-local sources (RFC 4861 neighbour discovery, RFC 4862 5.4 duplicate address
 * detection from ::, RFC 2131 from 0.0.0.0) by the default options, the neighbour's other addresses by the link's prefixes
 * (RFC 8704 3.7), on that interface alone and where no always-deny is.
 */
START_TEST(a_links_own_sources_pass_by_default)
{
	static struct filter f;
	static const struct {
		const char *source;
		int passes[3];
	} want[] = {
		{"fe80::1", {1, 0, 1}},
		{"169.254.7.7", {1, 0, 1}},
		{"::", {1, 0, 1}},
		{"0.0.0.0", {1, 0, 1}},
		{"192.0.2.2", {1, 0, 0}},
		{"192.0.2.4", {0, 0, 0}},
		{"2001:db8::2", {1, 0, 0}},
		{"2001:db8::66", {0, 0, 0}},
		{"2001:db8:0:1::2", {0, 0, 0}},
		{"12.0.0.1", {0, 0, 0}},
		{"127.0.0.1", {0, 0, 0}},
	};
	manrs_urpf *u = links();

	for (uint16_t k = 0; k < 3; k++)
		for (size_t i = 0; i < sizeof want / sizeof *want; i++)
			ck_assert_msg(check(u, k, want[i].source) == want[i].passes[k], "%s on %u",
				      want[i].source, k);
	for (uint16_t k = 0; k < 3; k++)
		for (size_t which = 0; which < sizeof formats / sizeof *formats; which++) {
			filter_read(&f, u, k, which);
			for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
				manrs_prefix p = test_address(want[i].source);

				ck_assert_msg(passes(&f, &p) == want[i].passes[k],
					      "%s on %u, format %d", want[i].source, k,
					      formats[which].format);
			}
		}
	close_all(u);
}
END_TEST

START_TEST(rfc8704_s3_7_prefixes_of_a_link_are_of_one_interface)
{
	manrs_urpf_explanation why = {.size = sizeof why};
	manrs_prefix link = test_prefix("192.0.2.0/30"), from = test_address("192.0.2.2");
	manrs_urpf *u = links();

	ck_assert_int_eq(manrs_urpf_explain(u, &from, 0, &why, NULL, 0), MANRS_OK);
	ck_assert_str_eq(manrs_urpf_step_text(why.step), "link");
	ck_assert_uint_eq(why.prefix.len, 30);
	begin(u);
	ck_assert_int_eq(manrs_urpf_edit_prefixes(edit, MANRS_ADD, MANRS_URPF_PREFIX_LINK,
						  MANRS_URPF_NO_IFACE, &link, 1, NULL, NULL),
			 MANRS_EINVAL);
	manrs_urpf_edit_abort(edit);
	close_all(u);
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

static manrs_urpf *listed_blocks(uint16_t *on)
{
	static const char *const prefixes[] = {"11.0.0.0/9", "11.128.0.0/9", "11.1.0.0/16",
					       "192.0.2.0/24", "2a00::/16"};

	open_with(0, 0);
	*on = iface(MANRS_URPF_LIST, MANRS_ROLE_NONE, 0, 0);
	for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
		by_hand(MANRS_URPF_PREFIX_LIST, *on, prefixes[i]);
	return commit(0);
}

/* Two halves are joined, a part of another is left out; nft and eBPF leave what is always denied out. */
START_TEST(exports_aggregate_and_keep_the_covered_set)
{
	manrs_urpf *u;
	uint16_t a;

	u = listed_blocks(&a);
	ck_assert_str_eq(list(u, a), "11.0.0.0/9 11.1.0.0/16 11.128.0.0/9 192.0.2.0/24 2a00::/16");
	ck_assert_str_eq(export_all(u, a, MANRS_URPF_TEXT), "11.0.0.0/8\n2a00::/16\n");
	ck_assert_str_eq(export_all(u, a, MANRS_URPF_CISCO),
			 "ip prefix-list if-1 seq 5 permit 11.0.0.0/8 le 32\n"
			 "ipv6 prefix-list if-1 seq 5 permit 2a00::/16 le 128\n");
	ck_assert_str_eq(export_all(u, a, MANRS_URPF_BIRD),
			 "# urpf_if_1_4\ndefine urpf_if_1_4 = [\n\t11.0.0.0/8+\n];\n"
			 "# urpf_if_1_6\ndefine urpf_if_1_6 = [\n\t2a00::/16+\n];\n");
	ck_assert_str_eq(export_all(u, a, MANRS_URPF_JUNOS),
			 "set policy-options prefix-list if-1 11.0.0.0/8\n"
			 "set policy-options prefix-list if-1 2a00::/16\n");
	ck_assert_ptr_null(strstr(export_all(u, a, MANRS_URPF_NFT), "192.0.2"));
	ck_assert_ptr_null(strstr(export_all(u, a, MANRS_URPF_EBPF), "c0 00 02 00"));
	close_all(u);
}
END_TEST

START_TEST(what_is_allowed_is_listed_in_parts)
{
	manrs_cursor c = {{0}};
	manrs_prefix p[4];
	manrs_urpf *u;
	uint16_t a;

	u = listed_blocks(&a);
	ck_assert_uint_eq(manrs_urpf_allowed(u, a, 0, &c, p, 4), 3);
	c = (manrs_cursor){{0}};
	ck_assert_uint_eq(manrs_urpf_allowed(u, a, 1, &c, p, 4), 2);
	ck_assert_uint_eq(manrs_urpf_allowed(u, a, 1, &c, p, 4), 0);
	close_all(u);
}
END_TEST

START_TEST(an_export_needs_a_format_a_name_and_room)
{
	manrs_cursor c = {{0}};
	char text[600];
	manrs_urpf *u;
	uint16_t a;

	u = listed_blocks(&a);
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

Suite *urpf_export_suite(void)
{
	Suite *s = suite_create("urpf_export");
	TCase *c = tcase_create("every_format_is_the_whole_decision");

	tcase_set_timeout(c, 5 * TEST_SLOW);
	tcase_add_loop_test(c, every_format_is_the_whole_decision, 0, 2);
	suite_add_tcase(s, c);
	ADD_TEST(s, a_links_own_sources_pass_by_default, 1);
	ADD_TEST(s, rfc8704_s3_7_prefixes_of_a_link_are_of_one_interface, 1);
	ADD_TEST(s, exports_aggregate_and_keep_the_covered_set, 1);
	ADD_TEST(s, what_is_allowed_is_listed_in_parts, 1);
	ADD_TEST(s, an_export_needs_a_format_a_name_and_room, 1);
	return s;
}
