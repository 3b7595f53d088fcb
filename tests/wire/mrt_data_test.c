/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Archives of collectors, routers and daemons from 2000 to 2026 against bgpdump's reading of them: every line of `bgpdump -m`, by
 * the values that it means. Counts of torn and early files are those that bgpkit-parser's own tests assert.
 */

#include "mrt_files.h"

#define FIELDS 16
#define ROWS   4096

/* ---- what we read: one row a line of bgpdump ---- */

struct row {
	char kind; /* A, B, W, S */
	manrs_announcement a;
	manrs_mrt_note note;
};

struct reading {
	manrs_mrt *mrt;
	const manrs_mrt_record *record;
	struct row rows[ROWS];
	size_t n;
};

static void gather(struct reading *r)
{
	static manrs_announcement out[64];
	static manrs_mrt_note notes[64];
	static manrs_prefix gone[64];
	static uint32_t ids[64];
	char kind = r->record->kind == MANRS_MRT_RIB ? 'B' : 'A';
	size_t n;

	r->n = 0;
	if (r->record->kind == MANRS_MRT_STATE)
		r->rows[r->n++] = (struct row){.kind = 'S'};
	while ((n = manrs_mrt_withdrawn(r->mrt, gone, ids, 64)) > 0)
		for (size_t i = 0; i < n; i++) {
			r->rows[r->n] = (struct row){.kind = 'W', .a = {.prefix = gone[i]}};
			r->rows[r->n++].note.path_id = ids[i];
			ck_assert_uint_lt(r->n, ROWS);
		}
	while ((n = manrs_mrt_announced(r->mrt, out, notes, 64)) > 0)
		for (size_t i = 0; i < n; i++) {
			r->rows[r->n++] = (struct row){kind, out[i], notes[i]};
			ck_assert_uint_lt(r->n, ROWS);
		}
}

/* ---- a line of bgpdump ---- */

struct line {
	char *f[FIELDS];
	size_t n;
	const char *whole;
};

static char *next_line(struct line *line, char *at)
{
	static char copy[65536];
	char *end = strchr(at, '\n'), *p = at;

	ck_assert_ptr_nonnull(end);
	*end = 0;
	snprintf(copy, sizeof copy, "%s", at);
	line->whole = copy;
	for (line->n = 0; p && line->n < FIELDS; line->n++) {
		line->f[line->n] = p;
		p = strchr(p, '|');
		if (p)
			*p++ = 0;
	}
	return end + 1;
}

#define same(truth, line) ck_assert_msg(truth, "%s", (line)->whole)

static bool address_is(const manrs_prefix *p, const char *text)
{
	manrs_prefix q;

	return manrs_address_parse(&q, text, strlen(text), NULL) == MANRS_OK &&
	       !memcmp(p, &q, sizeof q);
}

/* Host bits are bgpdump's: it prints what was on the wire. */
static bool prefix_is(const manrs_prefix *p, char *text)
{
	char *slash = strchr(text, '/');
	uint8_t bytes[16];
	manrs_prefix q;

	if (!slash)
		return false;
	if (manrs_address_parse(&q, text, (size_t)(slash - text), NULL) != MANRS_OK)
		return false;
	manrs_prefix_get(&q, bytes, NULL);
	manrs_prefix_set(&q, q.family, bytes, (uint32_t)atoi(slash + 1), MANRS_PREFIX_CLEAR);
	return !memcmp(p, &q, sizeof q);
}

static bool path_is(const manrs_path *p, const char *text)
{
	static uint32_t asn[32768];
	static uint8_t kind[32768];
	manrs_path q;

	if (manrs_path_parse(&q, asn, kind, 32768, text, strlen(text), NULL) != MANRS_OK)
		return false;
	if (p->n != q.n || (p->n && memcmp(p->asn, q.asn, p->n * sizeof *p->asn)))
		return false;
	if (!p->kind || !q.kind)
		return p->kind == q.kind;
	return !memcmp(p->kind, q.kind, p->n);
}

static bool communities_are(const manrs_bgp_attrs *attrs, const char *text)
{
	static const struct {
		uint32_t value;
		const char *name;
	} names[] = {
		{0xffffff01, "no-export"}, {0xffffff02, "no-advertise"}, {0xffffff03, "local-AS"}};
	char out[65536] = "", *at = out;

	for (uint32_t i = 0; i < attrs->n_communities; i++) {
		const uint8_t *c = attrs->communities + 4 * (size_t)i;
		uint32_t v =
			(uint32_t)c[0] << 24 | (uint32_t)c[1] << 16 | (uint32_t)c[2] << 8 | c[3];
		const char *name = NULL;

		for (size_t k = 0; k < 3; k++)
			if (names[k].value == v)
				name = names[k].name;
		if (i)
			*at++ = ' ';
		if (name)
			at += sprintf(at, "%s", name);
		else
			at += sprintf(at, "%u:%u", v >> 16, v & 0xffff);
	}
	return !strcmp(out, text);
}

/*
 * ---- the two against each other ----
 *
 * Where bgpdump 1.6.2 is wrong:
 * - of type 5 it prints the peer's address in place of a withdrawn prefix, and no communities;
 * - a next hop that it did not find is 255.255.255.255, so for all IPv6 entries with path identifiers;
 * - OpenBGPD writes AGGREGATOR with 4 octets into TABLE_DUMP, which it reads as 2: the AS's lower half is in the address;
 * - BIRD 1 wrote messages with path identifiers under subtypes without (sample-bird_bgp, sample-bird6_bgp): it prints them as
 *   prefixes, 0.0.0.0/0 each;
 * - a prefix that is cut (updates.nlri_mask_trailing_bits has one byte of a second one) it passes over: RFC 4271 section 6.3 has
 *   an Invalid Network Field there.
 */

static void same_head(const struct reading *r, const struct row *row, const struct line *line)
{
	const manrs_mrt_record *rec = r->record;
	const char *type = rec->type == 5    ? "BGP"
			   : rec->type == 12 ? "TABLE_DUMP"
			   : rec->type == 13 ? "TABLE_DUMP2"
			   : rec->type == 16 ? "BGP4MP"
					     : "BGP4MP_ET";
	bool ids = row->kind != 'S' &&
		   (rec->type == 13 ? rec->subtype >= 8 : rec->type >= 16 && rec->subtype >= 8);
	char want[64];

	same(line->n >= 6, line);
	snprintf(want, sizeof want, "%s%s%s", type, rec->local ? "_LOCAL" : "", ids ? "_AP" : "");
	same(!strcmp(line->f[0], want), line);
	if (rec->type == 17)
		snprintf(want, sizeof want, "%u.%06u", rec->time_s, rec->time_us);
	else
		snprintf(want, sizeof want, "%u", rec->time_s);
	same(!strcmp(line->f[1], want), line);
	same(row->kind == 'S' ? !strcmp(line->f[2], "STATE")
			      : line->f[2][0] == row->kind && !line->f[2][1],
	     line);
}

static void same_peer(const manrs_prefix *address, uint32_t asn, const struct line *line)
{
	char text[16];

	same(address_is(address, line->f[3]) ||
		     (!address->family && !strcmp(line->f[3], "0.0.0.0")),
	     line);
	snprintf(text, sizeof text, "%u", asn);
	same(!strcmp(line->f[4], text), line);
}

static void same_number(uint32_t n, const char *text, const struct line *line)
{
	char want[16];

	snprintf(want, sizeof want, "%u", n);
	same(!strcmp(want, text), line);
}

/* misread: 4 octets of an AS and 4 of an address, as if the AS had 2. */
static void aggregator_text(char text[64], bool misread, const manrs_bgp_attrs *attrs)
{
	uint32_t asn = attrs->more->aggregator_asn, id = attrs->more->aggregator_id;

	if (misread) {
		id = asn << 16 | id >> 16;
		asn >>= 16;
	}
	snprintf(text, 64, "%u %u.%u.%u.%u", asn, id >> 24, id >> 16 & 255, id >> 8 & 255,
		 id & 255);
}

/* f: the fields from the path on. */
static void same_attrs(const struct reading *r, const struct row *row, char **f,
		       const struct line *line)
{
	static const char *const origins[] = {"IGP", "EGP", "INCOMPLETE"};
	const manrs_bgp_attrs *attrs = manrs_bgp_store_at(manrs_mrt_store(r->mrt), row->note.attrs);
	char text[64];

	same(attrs != NULL && attrs->action <= MANRS_BGP_DISCARD, line);
	same(path_is(&row->a.path, f[0]), line);
	/* of the collector's own routes some have none, which bgpdump says so */
	same(!strcmp(attrs->has & MANRS_BGP_HAS(MANRS_BGP_ORIGIN) ? origins[attrs->origin]
								  : "INCOMPLETE",
		     f[1]),
	     line);
	same(address_is(&row->a.next_hop, f[2]) || !strcmp(f[2], "255.255.255.255"), line);
	same_number(attrs->local_pref, f[3], line);
	same_number(attrs->med, f[4], line);
	if (r->record->type == 5)
		f--; /* it has no communities there */
	else
		same(communities_are(attrs, f[5]), line);
	same(!strcmp(f[6], attrs->has & MANRS_BGP_HAS(MANRS_BGP_ATOMIC_AGGREGATE) ? "AG" : "NAG"),
	     line);
	text[0] = 0;
	if (attrs->has & MANRS_BGP_HAS(MANRS_BGP_AGGREGATOR))
		aggregator_text(text,
				r->record->type == 12 && attrs->notes & MANRS_BGP_NOTE_GUESSED,
				attrs);
	same(!strcmp(f[7], text), line);
}

static void same_row(const struct reading *r, const struct row *row, const struct line *line)
{
	const manrs_bgp_session *s = &r->record->session;
	char **f = (char **)line->f + 6;

	same_head(r, row, line);
	if (row->kind == 'A' || row->kind == 'B')
		same_peer(&row->a.neighbour_address, row->a.neighbour_asn, line);
	else
		same_peer(&s->neighbour_address, s->neighbour_asn, line);
	if (row->kind == 'S') {
		same_number(r->record->old_state, line->f[5], line);
		same_number(r->record->new_state, line->f[6], line);
		return;
	}
	if (r->record->type == 5 && row->kind == 'W')
		same_number(row->a.prefix.len, strchr(line->f[5], '/') + 1, line);
	else
		same(prefix_is(&row->a.prefix, line->f[5]), line);
	if (strstr(line->f[0], "_AP"))
		same_number(row->note.path_id, *f++, line);
	if (row->kind != 'W')
		same_attrs(r, row, f, line);
}

static void open_reading(struct reading *r, uint32_t flags)
{
	manrs_mrt_config config;

	memset(r, 0, sizeof *r);
	pass(manrs_mrt_config_init(&config, sizeof config));
	config.flags = flags;
	pass(manrs_mrt_new(&r->mrt, &config));
}

/* Every record of the archive, every line of the text. */
static void compare(const char *archive, const char *expected, size_t lines)
{
	struct mrt_file file = mrt_file(archive), text;
	static struct reading r;
	manrs_fault fault;
	size_t at = 0, n = 0;
	struct line line;
	char *p;
	int used;

	if (!file.at) {
		test_skip(archive);
		return;
	}
	ck_assert_int_eq(manrs_mrt_is(file.at, file.n), 1);
	text = mrt_file(expected);
	ck_assert_int_eq(manrs_mrt_is(text.at, text.n), 0);
	ck_assert_ptr_nonnull(text.at);
	p = (char *)text.at;
	open_reading(&r, MANRS_BGP_GUESS);
	while (at < file.n) {
		used = manrs_mrt_decode(r.mrt, &r.record, file.at + at, file.n - at, NULL, &fault);
		ck_assert_int_gt(used, 0);
		ck_assert_uint_ne(r.record->kind, MANRS_MRT_BAD);
		at += (size_t)used;
		gather(&r);
		for (size_t i = 0; i < r.n && n < lines; i++, n++) {
			p = next_line(&line, p);
			same_row(&r, &r.rows[i], &line);
		}
	}
	ck_assert_uint_eq(n, lines);
	ck_assert_uint_eq((size_t)(p - (char *)text.at), text.n);
	manrs_mrt_free(r.mrt);
	free(file.at);
	free(text.at);
}

START_TEST(lines_of_bgpdump)
{
	static const struct {
		const char *archive, *dir;
		size_t lines;
	} files[] = {
		{"bird-2.0.12-rib.mrt", "lab-2026-11/", 6},
		{"bird-2.0.12-updates.mrt", "lab-2026-11/", 59},
		{"bview.20020722.2337.gz", "", 115521},
		{"bview.ipv4_unicast_add_path.gz", "", 62},
		{"bview.ipv6_unicast_add_path.gz", "", 62},
		{"openbgpd-7.7-rib-table-v2.mrt", "lab-2026-11/", 4},
		{"openbgpd-7.7-updates.mrt", "lab-2026-11/", 22},
		{"ris-updates.20190101.0000.gz", "", 162617},
		{"ris.rrc06.updates.1427846400.gz", "early/", 1561},
		{"route-views.jinx.updates.1427846400.bz2", "early/", 8611},
		{"rv-20140523-35peers-partial.mrt.gz", "", 269914},
		{"rv6-20151101-27peers-partial.mrt.gz", "", 149561},
		{"sample-bird-mrtdump_bgp.mrt", "", 24},
		{"sample-bird-mrtdump_rib.mrt", "", 18},
		{"sample-bird6-mrtdump_bgp.mrt", "", 24},
		{"sample-bird6-mrtdump_rib.mrt", "", 10},
		{"sample-openbgpd_bgp.mrt", "", 109},
		{"sample-openbgpd_rib_table-v2.mrt", "", 31},
		{"sample-openbgpd_rib_table.mrt", "", 31},
		{"sample-quagga_bgp.mrt", "", 38},
		{"sample-quagga_rib.mrt", "", 9},
		{"updates.20000102.2014.gz", "early/", 6359},
		{"updates.20001104.0124.gz", "early/", 883},
		{"updates.20020722.2238.gz", "", 3337},
		{"updates.20071015.1505.gz", "", 10496},
		{"updates.20100227.1600.first-796-records.gz", "early/", 1363},
	};
	char archive[256], expected[256];

	if (test_short() && files[_i].lines > 100000)
		return;
	snprintf(archive, sizeof archive, "mrt/%s%s", files[_i].dir, files[_i].archive);
	snprintf(expected, sizeof expected, "mrt/expected/%s.bgpdump-m.xz", files[_i].archive);
	compare(archive, expected, files[_i].lines);
}
END_TEST

/* ---- counts ---- */

struct counts {
	size_t framing_lost, before; /* times; records before the first */
	manrs_mrt_stats stats;
};

/* false: the archive is not there, and the test is skipped. */
static bool count(struct counts *c, const char *archive, uint32_t flags)
{
	struct mrt_file file = mrt_file(archive);
	static struct reading r;
	manrs_fault fault;
	size_t at = 0, skip;
	int used;

	*c = (struct counts){.stats.size = sizeof c->stats};
	if (!file.at) {
		test_skip(archive);
		return false;
	}
	ck_assert_int_eq(manrs_mrt_is(file.at, file.n), 1);
	open_reading(&r, flags);
	while ((used = manrs_mrt_decode(r.mrt, &r.record, file.at + at, file.n - at, NULL,
					&fault)) != 0) {
		if (used > 0) {
			c->before += !c->framing_lost;
			gather(&r);
			at += (size_t)used;
			continue;
		}
		c->framing_lost++;
		ck_assert_int_eq(manrs_mrt_resync(r.mrt, file.at + at, file.n - at, 1, &skip), 1);
		at += skip;
	}
	ck_assert_uint_eq(at, file.n);
	pass(manrs_mrt_stats_get(r.mrt, &c->stats));
	ck_assert_uint_eq(c->stats.bytes + c->stats.skipped, file.n);
	manrs_mrt_free(r.mrt);
	free(file.at);
	return true;
}

/* mrt/early/expected-bgpkit.tsv */
START_TEST(counts_of_bgpkit)
{
	struct counts c;

	if (!count(&c, "mrt/early/updates.20000102.2014.gz", 0))
		return;
	ck_assert_uint_eq(c.stats.records, 3957);
	ck_assert_uint_eq(c.stats.updates, 3818);
	ck_assert_uint_eq(c.stats.messages, 123);
	ck_assert_uint_eq(c.stats.states, 16);
	ck_assert_uint_eq(c.stats.announced + c.stats.withdrawn, 6343);

	count(&c, "mrt/early/updates.20000325.0345.gz", 0); /* two torn writes */
	ck_assert_uint_eq(c.framing_lost, 2);
	ck_assert_uint_eq(c.before, 4);
	ck_assert_uint_eq(c.stats.skipped, 24);
	ck_assert_uint_eq(c.stats.records, 2580);
	ck_assert_uint_eq(c.stats.updates, 2239);
	ck_assert_uint_eq(c.stats.states, 307);
	ck_assert_uint_eq(c.stats.messages, 34);
	ck_assert_uint_eq(c.stats.bad, 0);
	ck_assert_uint_eq(c.stats.announced + c.stats.withdrawn, 5378);

	count(&c, "mrt/early/updates.20001104.0124.gz", 0);
	ck_assert_uint_eq(c.stats.records, 1286);
	ck_assert_uint_eq(c.stats.bad, 0);

	count(&c, "mrt/early/updates.20100227.1600.first-796-records.gz", 0);
	ck_assert_uint_eq(c.stats.records, 796);
	ck_assert_uint_eq(c.stats.states, 4);
}
END_TEST

/* The same row: 42 state changes without addresses, and 21 OPENs. */
START_TEST(zebras_shortened_records_of_2000)
{
	struct mrt_file file = mrt_file("mrt/early/updates.20001104.0124.gz");
	size_t at = 0, states = 0, opens = 0;
	static struct reading r;
	manrs_fault fault;
	int used;

	if (!file.at) {
		test_skip("mrt/early/updates.20001104.0124.gz");
		return;
	}
	open_reading(&r, 0);
	while ((used = manrs_mrt_decode(r.mrt, &r.record, file.at + at, file.n - at, NULL,
					&fault)) > 0) {
		if (!r.record->session.neighbour_address.family) {
			states += r.record->kind == MANRS_MRT_STATE;
			opens += r.record->kind == MANRS_MRT_MESSAGE &&
				 r.record->message.type == MANRS_BGP_OPEN;
		}
		at += (size_t)used;
	}
	ck_assert_uint_eq(states, 42);
	ck_assert_uint_eq(opens, 21);
	manrs_mrt_free(r.mrt);
	free(file.at);
}
END_TEST

/* Quagga's state 7, Clearing: of the four states of this file three are left for Idle and one is entered. */
START_TEST(states_of_quagga)
{
	struct mrt_file file = mrt_file("mrt/early/updates.20100227.1600.first-796-records.gz");
	static struct reading r;
	manrs_fault fault;
	size_t at = 0;
	unsigned from = 0, to = 0;
	int used;

	if (!file.at) {
		test_skip("mrt/early/updates.20100227.1600.first-796-records.gz");
		return;
	}
	open_reading(&r, 0);
	while ((used = manrs_mrt_decode(r.mrt, &r.record, file.at + at, file.n - at, NULL,
					&fault)) > 0) {
		if (r.record->kind == MANRS_MRT_STATE) {
			from += r.record->old_state == 7 && r.record->new_state == 1;
			to += r.record->new_state == 7;
		}
		at += (size_t)used;
	}
	ck_assert(from == 3 && to == 1);
	manrs_mrt_free(r.mrt);
	free(file.at);
}
END_TEST

START_TEST(table_mp_of_openbgpd_is_passed_over)
{
	struct counts c;

	if (!count(&c, "mrt/sample-openbgpd_rib_table-mp.mrt", MANRS_BGP_GUESS))
		return;
	ck_assert_uint_eq(c.stats.other, 31);
	ck_assert_uint_eq(c.stats.records, 31);
	ck_assert_uint_eq(c.stats.announced, 0);
}
END_TEST

/* One byte of a second prefix is left: nothing comes out, and it is said why. */
START_TEST(a_prefix_that_is_cut)
{
	struct counts c;

	if (!count(&c, "mrt/updates.nlri_mask_trailing_bits.gz", MANRS_BGP_GUESS))
		return;
	ck_assert_uint_eq(c.stats.updates, 1);
	ck_assert_uint_eq(c.stats.malformed, 1);
	ck_assert_uint_eq(c.stats.announced, 0);
}
END_TEST

/*
 * Messages of a session with path identifiers, whose subtype says that there are none. Read by hand: three prefixes with one path,
 * the same three with another, and one of the router's own; all once more after the session came back.
 */
START_TEST(path_identifiers_are_guessed)
{
	static const struct {
		const char *archive, *prefixes[3], *own;
		uint32_t ids[2];
	} files[] = {
		{"mrt/sample-bird_bgp.mrt",
		 {"172.17.0.0/24", "172.17.1.0/24", "172.17.2.0/24"},
		 "192.168.16.0/24",
		 {2, 1}},
		{"mrt/sample-bird6_bgp.mrt",
		 {"fd01:1::/64", "fd01:1:1::/64", "fd01:1:2::/64"},
		 "fd02:17::/64",
		 {1, 2}},
	};
	struct mrt_file file = mrt_file(files[_i].archive);
	static struct reading r;
	manrs_fault fault;
	size_t at = 0, seen[2][3] = {{0}}, own = 0;
	int used;

	if (!file.at) {
		test_skip(files[_i].archive);
		return;
	}
	open_reading(&r, MANRS_BGP_GUESS);
	while ((used = manrs_mrt_decode(r.mrt, &r.record, file.at + at, file.n - at, NULL,
					&fault)) > 0) {
		gather(&r);
		for (size_t i = 0; r.record->kind == MANRS_MRT_UPDATE && i < r.n; i++) {
			const struct row *row = &r.rows[i];
			manrs_prefix q = test_prefix(files[_i].own);
			size_t k = 0;

			if (!row->a.path.n) {
				ck_assert(!memcmp(&q, &row->a.prefix, sizeof q));
				own++;
				continue;
			}
			for (; k < 3; k++) {
				q = test_prefix(files[_i].prefixes[k]);
				if (!memcmp(&q, &row->a.prefix, sizeof q))
					break;
			}
			ck_assert_uint_lt(k, 3);
			/* each identifier goes with its own path */
			ck_assert_uint_eq(row->note.path_id,
					  files[_i].ids[row->a.path.asn[0] != 4200000000]);
			seen[row->a.path.asn[0] != 4200000000][k]++;
		}
		at += (size_t)used;
	}
	ck_assert_uint_eq(own, 2);
	for (size_t i = 0; i < 6; i++)
		ck_assert_uint_eq(seen[i / 3][i % 3], 2);
	manrs_mrt_free(r.mrt);
	free(file.at);
}
END_TEST

/* The first 20,000 lines of the full table, whose 641,957 entries are all announced. */
START_TEST(the_full_table)
{
	struct counts c;

	if (!count(&c, "mrt/rrc06-20100701-reencoded.mrt.gz", MANRS_BGP_GUESS))
		return;
	ck_assert_uint_eq(c.stats.announced, 641957);
	ck_assert_uint_eq(c.stats.rib, 323487);
	ck_assert_uint_eq(c.stats.malformed + c.stats.bad + c.stats.skipped, 0);
	compare("mrt/rrc06-20100701-reencoded.mrt.gz",
		"mrt/expected/rrc06-first20000lines.bgpdump-m.xz", 20000);
}
END_TEST

Suite *mrt_data_suite(void)
{
	Suite *s = suite_create("mrt_data");
	TCase *tc = tcase_create("lines_of_bgpdump");

	tcase_set_timeout(tc, 60 * TEST_SLOW);
	tcase_add_loop_test(tc, lines_of_bgpdump, 0, 26);
	suite_add_tcase(s, tc);
	ADD_TEST(s, counts_of_bgpkit, 10);
	ADD_TEST(s, zebras_shortened_records_of_2000, 10);
	ADD_TEST(s, states_of_quagga, 10);
	ADD_TEST(s, table_mp_of_openbgpd_is_passed_over, 10);
	ADD_TEST(s, a_prefix_that_is_cut, 10);
	tc = tcase_create("path_identifiers_are_guessed");
	tcase_add_loop_test(tc, path_identifiers_are_guessed, 0, 2);
	suite_add_tcase(s, tc);
	ADD_LONG_TEST(s, the_full_table, 20);
	return s;
}
