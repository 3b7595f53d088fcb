/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What calls on arrays return, one meaning for all: MANRS_OK, or MANRS_EINVAL if any item was malformed; then the item has
 * the state that the header names, and all others are answered as they are without it. The answers follow from the world
 * below by the RFC that each header names: every sound item is 8.8.8.0/24 (or 2001:4860::/32) from AS15169, one hop away.
 */

#include "../test.h"

#define MOST 200u /* more than the blocks in which batches go: 64 */
#define ASN  15169u

static struct world {
	manrs_db_owner *owner;
	manrs_db *db;
	manrs_trie *trie;
	manrs_lpm *lpm;
	manrs_rel *rel;
	/* the items, one of which may be made malformed */
	size_t n;
	manrs_route route[MOST];
	manrs_prefix prefix[MOST];
	uint32_t hop[MOST], start[MOST + 1], neighbour[MOST];
	uint8_t kind[MOST], role[MOST], has_otc[MOST];
	manrs_announcement announcement[MOST];
	manrs_paths paths;
	manrs_policy policy;
} w;

static void make_world(void)
{
	static const manrs_route routes[] = {{{4, 24, 24, 0, {8, 8, 8}}, ASN},
					     {{6, 32, 32, 0, {0x20, 0x01, 0x48, 0x60}}, ASN}};
	static const manrs_as_rel upstream = {ASN, 3356, MANRS_REL_PROVIDER};
	const uint32_t none = 0;
	const manrs_aspa aspa = {.customer = ASN, .n = 1, .provider = &none};
	manrs_edit *edit;

	ck_assert_int_eq(manrs_db_owner_new(&w.owner, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_edit_begin(&edit, w.owner, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_edit_vrps(edit, 0, MANRS_ADD, routes, 2, NULL, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_edit_irr(edit, 0, MANRS_ADD, routes, 2, NULL, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_edit_aspas(edit, 0, MANRS_ADD, &aspa, 1, NULL, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_edit_commit(edit, &w.db), MANRS_OK);
	ck_assert_int_eq(manrs_trie_new(&w.trie, NULL), MANRS_OK);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(manrs_trie_set(w.trie, &routes[i].prefix, 7), 1);
	ck_assert_int_eq(manrs_lpm_new(&w.lpm, w.trie, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_rel_new(&w.rel, &upstream, 1, NULL, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_policy_init(&w.policy, sizeof w.policy, MANRS_ROLE_CUSTOMER),
			 MANRS_OK);
	w.policy.tests = MANRS_TEST_BIT(MANRS_TEST_ROV);
	for (size_t i = 0; i < MOST; i++)
		w.route[i] = routes[i % 2];
}

static void free_world(void)
{
	manrs_rel_free(w.rel);
	manrs_lpm_free(w.lpm);
	manrs_trie_free(w.trie);
	manrs_db_unref(w.db);
	ck_assert_int_eq(manrs_db_owner_free(w.owner), MANRS_OK);
}

/* n items, of which number bad is malformed in every way there is; bad = n: none. */
static void make_items(size_t n, size_t bad)
{
	w.n = n;
	for (size_t i = 0; i < n; i++) {
		w.route[i].prefix.zero = i == bad;
		w.prefix[i] = w.route[i].prefix;
		w.hop[i] = w.neighbour[i] = ASN;
		w.kind[i] = i == bad ? 7 : 0x80 | MANRS_SEGMENT_SEQUENCE;
		w.role[i] = i == bad ? 99 : MANRS_ROLE_CUSTOMER;
		w.start[i] = (uint32_t)i;
		w.announcement[i] =
			(manrs_announcement){.prefix = w.prefix[i], .neighbour_asn = ASN};
		w.announcement[i].path = (manrs_path){.asn = &w.hop[i], .kind = &w.kind[i], .n = 1};
	}
	w.start[n] = (uint32_t)n;
	w.paths = (manrs_paths){w.hop, w.kind, w.start, n};
}

/* Each call's answers as numbers. */
static int32_t answer[MOST];
static uint8_t byte[MOST];
static uint64_t value[MOST];

static int bytes(int rc)
{
	for (size_t i = 0; i < w.n; i++)
		answer[i] = byte[i];
	return rc;
}

static int rov(void)
{
	return bytes(manrs_rov_check_many(w.db, w.route, w.n, byte));
}
static int irr(void)
{
	return bytes(manrs_irr_check_many(w.db, w.route, w.n, 0, byte));
}
static int bogon(void)
{
	return bytes(manrs_bogon_prefix_many(w.prefix, w.n, NULL, byte));
}
static int trie_get(void)
{
	return manrs_trie_get_many(w.trie, w.prefix, w.n, value, answer);
}
static int trie_match(void)
{
	return manrs_trie_match_many(w.trie, w.prefix, w.n, NULL, value, answer);
}
static int lpm_match(void)
{
	return manrs_lpm_match_many(w.lpm, w.prefix, w.n, NULL, value, answer);
}

static int aspa(void)
{
	return bytes(manrs_aspa_check_many(w.db, &w.paths, w.neighbour, w.role, 0, byte));
}

static int aspa_up(void)
{
	uint8_t down[MOST];

	return bytes(manrs_aspa_both_many(w.db, &w.paths, 0, byte, down));
}

static int aspa_down(void)
{
	uint8_t up[MOST];

	return bytes(manrs_aspa_both_many(w.db, &w.paths, 0, up, byte));
}

static int leak(void)
{
	return bytes(
		manrs_leak_check_many(w.rel, &w.paths, 64496, MANRS_ROLE_CUSTOMER, byte, NULL));
}

static int otc_in(void)
{
	return bytes(
		manrs_otc_ingress_many(w.role, w.neighbour, w.has_otc, w.hop, w.n, byte, NULL));
}

static int otc_out(void)
{
	return bytes(manrs_otc_egress_many(w.role, 64496, w.has_otc, w.hop, w.n, byte, NULL));
}

static int origin(void)
{
	uint32_t origins[MOST];
	int rc = manrs_path_origin_many(&w.paths, 64496, origins);

	for (size_t i = 0; i < w.n; i++)
		answer[i] = (int32_t)origins[i];
	return rc;
}

static int path(void)
{
	static manrs_path_report report[MOST];
	manrs_path_rules rules;
	int rc;

	manrs_path_rules_init(&rules, sizeof rules);
	rules.neighbour_asn = ASN;
	rc = manrs_path_check_many(&w.paths, &rules, report);
	for (size_t i = 0; i < w.n; i++)
		answer[i] = report[i].findings >> MANRS_PATH_MALFORMED & 1
				    ? -1
				    : (int32_t)report[i].findings;
	return rc;
}

static int check(void)
{
	static manrs_verdict verdict[MOST];
	int rc = manrs_check(w.db, &w.policy, w.announcement, w.n, verdict);

	for (size_t i = 0; i < w.n; i++)
		answer[i] = verdict[i].pass ? 1 : verdict[i].fail ? 2 : 0;
	return rc;
}

static const struct call {
	const char *name;
	int (*run)(void);
	int32_t sound, malformed; /* the answers */
} calls[] = {
	{"manrs_rov_check_many", rov, MANRS_ROV_VALID, MANRS_ROV_MALFORMED},
	{"manrs_irr_check_many", irr, MANRS_IRR_REGISTERED, MANRS_IRR_MALFORMED},
	{"manrs_bogon_prefix_many", bogon, MANRS_BOGON_NONE, MANRS_BOGON_MALFORMED},
	{"manrs_trie_get_many", trie_get, MANRS_OK, MANRS_EINVAL},
	{"manrs_trie_match_many", trie_match, MANRS_OK, MANRS_EINVAL},
	{"manrs_lpm_match_many", lpm_match, MANRS_OK, MANRS_EINVAL},
	{"manrs_aspa_check_many", aspa, MANRS_ASPA_VALID, MANRS_ASPA_MALFORMED},
	{"manrs_aspa_both_many, up", aspa_up, MANRS_ASPA_VALID, MANRS_ASPA_MALFORMED},
	{"manrs_aspa_both_many, down", aspa_down, MANRS_ASPA_VALID, MANRS_ASPA_MALFORMED},
	{"manrs_leak_check_many", leak, MANRS_LEAK_NONE, MANRS_LEAK_MALFORMED},
	{"manrs_otc_ingress_many", otc_in, MANRS_OTC_KEEP, MANRS_OTC_MALFORMED},
	{"manrs_otc_egress_many", otc_out, MANRS_OTC_ADD, MANRS_OTC_MALFORMED},
	{"manrs_path_origin_many", origin, ASN, 0},
	{"manrs_path_check_many", path, 0, -1},
	{"manrs_check", check, 1, 2},
};

/* One malformed item: first, last, in the middle of one of two blocks, among too few for a block, alone; and none. */
START_TEST(a_malformed_item_is_told_and_the_rest_answered)
{
	static const struct {
		size_t n, bad;
	} trials[] = {{MOST, 70}, {MOST, 0}, {MOST, MOST - 1}, {MOST, MOST}, {3, 1},
		      {1, 0},     {3, 3},    {64, 63},         {0, 0}};

	make_world();
	for (size_t c = 0; c < sizeof calls / sizeof *calls; c++)
		for (size_t t = 0; t < sizeof trials / sizeof *trials; t++) {
			size_t n = trials[t].n, bad = trials[t].bad;
			int rc;

			make_items(n, bad);
			rc = calls[c].run();
			ck_assert_msg(rc == (bad < n ? MANRS_EINVAL : MANRS_OK),
				      "%s: %zu of %zu: returns %d", calls[c].name, bad, n, rc);
			for (size_t i = 0; i < n; i++)
				ck_assert_msg(answer[i] == (i == bad ? calls[c].malformed
								     : calls[c].sound),
					      "%s: %zu of %zu malformed: item %zu is %d",
					      calls[c].name, bad, n, i, answer[i]);
		}
	free_world();
}
END_TEST

/* Items that cannot be malformed: any number is an AS number, and what is not known of two is UNKNOWN. */
START_TEST(numbers_are_never_malformed)
{
	static const uint32_t a[] = {ASN, 0, ASN, 23456}, b[] = {3356, ASN, ASN, ASN};
	static const uint8_t kinds[] = {MANRS_REL_PROVIDER, MANRS_REL_UNKNOWN, MANRS_REL_UNKNOWN,
					MANRS_REL_UNKNOWN},
			     bogons[] = {0, 1, 0, 1}; /* RFC 7607, RFC 6793 */
	uint8_t out[4];

	make_world();
	ck_assert_int_eq(manrs_rel_get_many(w.rel, a, b, 4, out), MANRS_OK);
	ck_assert_mem_eq(out, kinds, 4);
	ck_assert_int_eq(manrs_bogon_asn_many(a, 4, out), MANRS_OK);
	ck_assert_mem_eq(out, bogons, 4);
	free_world();
}
END_TEST

Suite *batch_suite(void)
{
	Suite *s = suite_create("batch");

	ADD_TEST(s, a_malformed_item_is_told_and_the_rest_answered, 5);
	ADD_TEST(s, numbers_are_never_malformed, 5);
	return s;
}
