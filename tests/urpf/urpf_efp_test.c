/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Enhanced feasible-path uRPF: the scenarios of RFC 8704's figures, prefixes P1 = 11.1/16, P2 = 11.2/16, P3 = 11.3/16, and the
 * lists of another implementation on real routes.
 */

#include "test.h"

#include "urpf/router.h"

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

/* Section 3.5: ROA and IRR prefixes of the cone's ASes. */
START_TEST(rfc8704_s35_lists_may_be_augmented)
{
	static const char *const vrps[] = {"12.0.0.0/16 1", "12.1.0.0/16 2", NULL};
	manrs_route irr = {test_prefix("12.2.0.0/16"), 1};
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

/* ---- another implementation's lists on real routes ---- */

enum { LINES = 20000, NEIGHBOURS = 64 };

struct lines {
	char *at[LINES];
	size_t n;
};

static int line_cmp(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void lines_add(struct lines *lines, const char *line)
{
	ck_assert_uint_lt(lines->n, LINES);
	lines->at[lines->n++] = strdup(line);
}

static void lines_read(struct lines *lines, FILE *f)
{
	char line[256];

	while (fgets(line, sizeof line, f))
		if (line[0] != '#')
			lines_add(lines, line);
	fclose(f);
}

/* Every neighbour of the file gets an interface, and its routes. returns: how many there are */
static size_t read_ribs(FILE *f, int mode, uint32_t *asn, uint16_t *handle)
{
	char line[1024];
	size_t n = 0;

	while (fgets(line, sizeof line, f)) {
		char who[32], what[32], prefix[64] = "", hops[800] = "";
		size_t i = 0;

		if (line[0] == '#' || sscanf(line, "%31[^\t]\t%31[^\t\n]\t%63[^\t]\t%799[^\n]", who,
					     what, prefix, hops) < 2)
			continue;
		while (i < n && asn[i] != (uint32_t)atoi(who))
			i++;
		if (i == n) {
			int role = manrs_role_parse(what, strlen(what));

			ck_assert_uint_lt(n, NEIGHBOURS);
			asn[n] = (uint32_t)atoi(who);
			handle[n] = iface(role == MANRS_ROLE_CUSTOMER ? mode : MANRS_URPF_LOOSE,
					  role, asn[n], 0);
			n++;
		}
		if (*prefix)
			route_op(MANRS_ADD, handle[i], prefix, hops, 0, path_ids++);
	}
	fclose(f);
	return n;
}

static void lines_of_list(struct lines *lines, const manrs_urpf *u, uint32_t asn, uint16_t on)
{
	manrs_cursor cursor = {{0}};
	manrs_prefix p[100];
	size_t n;

	while ((n = manrs_urpf_list(u, on, &cursor, p, 100)) > 0)
		for (size_t i = 0; i < n; i++) {
			char text[MANRS_PREFIX_TEXT], line[128];

			manrs_prefix_format(&p[i], text, sizeof text);
			snprintf(line, sizeof line, "%u\t%s\n", asn, text);
			lines_add(lines, line);
		}
}

static void real_lists(int mode, const char *expected)
{
	static struct lines want, got;
	const char *path = test_data("urpf/ribs_in.tsv");
	uint32_t asn[NEIGHBOURS];
	uint16_t handle[NEIGHBOURS];
	manrs_urpf *u;
	size_t n;

	if (!path) {
		test_skip("no urpf/ribs_in.tsv");
		return;
	}
	open_with(0, 0);
	n = read_ribs(fopen(path, "r"), mode, asn, handle);
	u = commit(0);
	for (size_t i = 0; i < n; i++)
		lines_of_list(&got, u, asn[i], handle[i]);
	lines_read(&want, fopen(test_data(expected), "r"));
	ck_assert_uint_eq(got.n, want.n);
	qsort(got.at, got.n, sizeof *got.at, line_cmp);
	qsort(want.at, want.n, sizeof *want.at, line_cmp);
	for (size_t i = 0; i < got.n; i++) {
		ck_assert_str_eq(got.at[i], want.at[i]);
		free(got.at[i]);
		free(want.at[i]);
	}
	got.n = want.n = 0;
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

Suite *urpf_efp_suite(void)
{
	Suite *s = suite_create("urpf_efp");

	ADD_TEST(s, rfc8704_figure2_algorithm_a_on_a_peer_is_loose_here, 1);
	ADD_TEST(s, rfc8704_figure3_feasible_fails_algorithm_a_works, 1);
	ADD_TEST(s, rfc8704_figure4_algorithm_a_fails_b_works, 1);
	ADD_TEST(s, rfc8704_s34_q_needs_an_origin_of_the_cone, 1);
	ADD_TEST(s, rfc8704_s31_s34_what_no_neighbour_sent_is_on_no_list, 1);
	ADD_TEST(s, rfc8704_s35_lists_may_be_augmented, 1);
	ADD_TEST(s, efp_a_equals_another_implementation_on_real_routes, 2);
	ADD_TEST(s, efp_b_equals_another_implementation_on_real_routes, 2);
	return s;
}
