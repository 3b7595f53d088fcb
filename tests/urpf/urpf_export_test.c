/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exports as packet filters: the text of every format is read back as its own software reads it and asked for many sources,
 * martians, special-purpose ones and the edges of every prefix among them; manrs_urpf_check4 and _check6 must say the same.
 */

#include "test.h"

#include "oracle/map.h"

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
	{MANRS_URPF_TEXT, read_text}, {MANRS_URPF_NFT, read_nft},     {MANRS_URPF_EBPF, read_ebpf},
	{MANRS_URPF_BIRD, read_bird}, {MANRS_URPF_CISCO, read_cisco}, {MANRS_URPF_JUNOS, read_junos},
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
		ck_assert_ptr_nonnull(
			strstr(text, "iifname != \"" NAME "\" return\n\t\tip saddr @allow4 return\n"
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
	"0.0.0.0/0",	"11.0.0.0/8",	  "11.1.0.0/16",   "11.1.2.3/32",     "127.0.0.0/8",
	"169.254.0.0/16", "192.0.0.0/8",  "192.0.0.0/24",  "192.0.0.8/32",    "192.0.2.0/24",
	"192.0.2.128/25", "198.51.0.0/16", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",
	"240.0.0.0/4",	"::/0",		  "::/128",	   "::1/128",	      "100:0:0:1::/64",
	"2000::/3",	"2001::/16",	  "2001::/23",	   "2001:db8::/32",   "2001:db8:1::/48",
	"2a00::/16",	"2a00:1::/32",	  "3fff::/20",	   "fe80::/10",	      "fe80::1/128",
	"fc00::/7",	"ff00::/8",
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
			ck_assert_int_eq(manrs_urpf_edit_prefixes(e, MANRS_ADD, kind, on, &p, 1,
								  NULL, NULL),
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

static int check(const manrs_urpf *u, uint16_t iface, const manrs_prefix *p)
{
	uint32_t four;
	uint8_t allow;

	memcpy(&four, p->addr, 4);
	if (p->family == 4)
		manrs_urpf_check4(u, &four, &iface, 1, &allow);
	else
		manrs_urpf_check6(u, p->addr, &iface, 1, &allow);
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
					int want = check(u, i, &p);
					char text[64] = "";

					manrs_prefix_format(&p, text, sizeof text);
					ck_assert_msg(passes(&f, &p) == (want == MANRS_URPF_ALLOWED),
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
		int first, bare, other; /* the link's interface, one without options, one without the prefix */
	} want[] = {
		{"fe80::1", 1, 0, 1},	   {"169.254.7.7", 1, 0, 1},  {"::", 1, 0, 1},
		{"0.0.0.0", 1, 0, 1},	   {"192.0.2.2", 1, 0, 0},    {"192.0.2.4", 0, 0, 0},
		{"2001:db8::2", 1, 0, 0}, {"2001:db8::66", 0, 0, 0}, {"2001:db8:0:1::2", 0, 0, 0},
		{"12.0.0.1", 0, 0, 0},	   {"127.0.0.1", 0, 0, 0},
	};
	manrs_urpf_owner *o;
	manrs_urpf_edit *e;
	manrs_urpf *u;
	manrs_urpf_explanation why = {.size = sizeof why};
	manrs_prefix link[] = {P("192.0.2.0/30", 12), P("2001:db8::/64", 13)},
		     deny = P("2001:db8::66/128", 16), from = P("192.0.2.2/32", 12);
	manrs_fault fault;

	ck_assert_int_eq(manrs_urpf_owner_new(&o, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_urpf_edit_begin(&e, o, NULL), MANRS_OK);
	for (uint16_t i = 0; i < 3; i++) {
		manrs_urpf_iface set;
		uint16_t handle = MANRS_URPF_NO_IFACE;

		manrs_urpf_iface_init(&set, sizeof set);
		ck_assert_uint_eq(set.options, MANRS_URPF_LINK_LOCAL | MANRS_URPF_UNSPECIFIED);
		set.mode = MANRS_URPF_STRICT;
		if (i == 1)
			set.options = 0;
		ck_assert_int_eq(manrs_urpf_edit_iface_add(e, &handle, &set), MANRS_OK);
	}
	ck_assert_int_eq(manrs_urpf_edit_prefixes(e, MANRS_ADD, MANRS_URPF_PREFIX_LINK,
						  MANRS_URPF_NO_IFACE, link, 2, NULL, &fault),
			 MANRS_EINVAL);
	ck_assert_int_eq(manrs_urpf_edit_prefixes(e, MANRS_ADD, MANRS_URPF_PREFIX_LINK, 0, link, 2,
						  NULL, NULL),
			 MANRS_OK);
	ck_assert_int_eq(manrs_urpf_edit_prefixes(e, MANRS_ADD, MANRS_URPF_PREFIX_DENY,
						  MANRS_URPF_NO_IFACE, &deny, 1, NULL, NULL),
			 MANRS_OK);
	ck_assert_int_eq(manrs_urpf_edit_commit(e, &u, NULL, 0), MANRS_OK);
	for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
		int is[] = {want[i].first, want[i].bare, want[i].other};
		manrs_prefix p;

		manrs_address_parse(&p, want[i].source, strlen(want[i].source), NULL);
		for (uint16_t k = 0; k < 3; k++) {
			ck_assert_msg(check(u, k, &p) == is[k], "%s on %u", want[i].source, k);
			for (size_t which = 0; which < sizeof formats / sizeof *formats; which++) {
				filter_read(&f, u, k, which);
				ck_assert_msg(passes(&f, &p) == is[k], "%s on %u", want[i].source,
					      k);
			}
		}
	}
	ck_assert_int_eq(manrs_urpf_explain(u, &from, 0, &why, NULL, 0), MANRS_OK);
	ck_assert_str_eq(manrs_urpf_step_text(why.step), "link");
	ck_assert_uint_eq(why.prefix.len, 30);
	manrs_urpf_unref(u);
	ck_assert_int_eq(manrs_urpf_owner_free(o), MANRS_OK);
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
	return s;
}
