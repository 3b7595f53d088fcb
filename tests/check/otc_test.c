/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Only-to-Customer: every row of the shared truth table (RFC 9234 section 5, checked against the code of FRR and BIRD),
 * and the rows that the RFC states in so many words.
 */

#include "test.h"

static int role_number(const char *name)
{
	static const char *const names[] = {"provider", "rs", "rs-client", "customer", "peer"};

	for (int i = 0; i < 5; i++)
		if (!strcmp(name, names[i]))
			return i;
	return -1;
}

/* direction, local role, OTC in, result, OTC after */
static void check_flow(char *const field[5], bool ingress)
{
	int role = manrs_role_from_rfc9234(role_number(field[1]));
	uint32_t in = (uint32_t)strtoul(field[2], NULL, 10), value = 77, expected;
	const uint32_t *otc = field[2][0] == '-' ? NULL : &in;
	int action = ingress ? manrs_otc_ingress(role, 64501, otc, &value)
			     : manrs_otc_egress(role, 64500, otc, &value);
	bool drop = !strcmp(field[3], "leak") || !strcmp(field[3], "suppress");

	ck_assert_int_eq(action == MANRS_OTC_LEAK, drop);
	if (drop) {
		ck_assert_uint_eq(value, 0);
		return;
	}
	expected = field[4][0] == '-' ? 0 : (uint32_t)strtoul(field[4], NULL, 10);
	ck_assert_int_eq(action == MANRS_OTC_ADD, !otc && expected != 0);
	ck_assert_uint_eq(action == MANRS_OTC_ADD ? value : in, expected);
}

START_TEST(rfc9234_s5_shared_truth_table)
{
	const char *path = test_data("otc/otc_vectors.tsv");
	char line[256], *field[5];
	int rows = 0;
	FILE *f;

	if (!path) {
		test_skip("otc/otc_vectors.tsv is not there");
		return;
	}
	f = fopen(path, "r");
	while (fgets(line, sizeof line, f)) {
		if (line[0] == '#')
			continue;
		line[strcspn(line, "\n")] = '\0';
		field[0] = strtok(line, "\t");
		for (int i = 1; i < 5; i++)
			ck_assert_ptr_nonnull(field[i] = strtok(NULL, "\t"));
		if (!strcmp(field[0], "rolepair"))
			ck_assert_int_eq(
				manrs_role_pair(role_number(field[1]), role_number(field[2])),
				!strcmp(field[3], "ok"));
		else
			check_flow(field, !strcmp(field[0], "ingress"));
		rows++;
	}
	fclose(f);
	ck_assert_int_eq(rows, 65);
}
END_TEST

START_TEST(rfc9234_s5_peer_may_set_its_own_as_only)
{
	uint32_t own = 4200000001, other = 4200000002, value;

	ck_assert_int_eq(manrs_otc_ingress(MANRS_ROLE_PEER, own, &own, &value), MANRS_OTC_KEEP);
	ck_assert_int_eq(manrs_otc_ingress(MANRS_ROLE_PEER, own, &other, &value), MANRS_OTC_LEAK);
	ck_assert_int_eq(manrs_otc_ingress(MANRS_ROLE_PEER, own, NULL, &value), MANRS_OTC_ADD);
	ck_assert_uint_eq(value, own);
}
END_TEST

START_TEST(unknown_roles_are_refused)
{
	uint32_t otc = 1;

	for (int role = -2; role < 9; role++) {
		if (role >= 1 && role <= 5)
			continue;
		ck_assert_int_eq(manrs_otc_ingress(role, 1, NULL, NULL), MANRS_OTC_MALFORMED);
		ck_assert_int_eq(manrs_otc_egress(role, 1, &otc, NULL), MANRS_OTC_MALFORMED);
	}
	ck_assert_int_eq(manrs_role_pair(5, 0), 0);
	ck_assert_int_eq(manrs_role_pair(-1, -1), 0);
	ck_assert_int_eq(manrs_role_pair(0, 5), 0);
}
END_TEST

/* AS 0 is nobody's (RFC 7607 section 2): no value is the neighbour's by it, and it is never put into an attribute. */
START_TEST(as0_is_neither_compared_with_nor_added)
{
	uint32_t zero = 0, some = 64500, value;

	for (int i = 0; i < 2; i++) {
		const uint32_t *otc = i ? &some : &zero;

		ck_assert_int_eq(manrs_otc_ingress(MANRS_ROLE_PEER, 0, otc, &value),
				 MANRS_OTC_MALFORMED);
		ck_assert_int_eq(manrs_otc_ingress(MANRS_ROLE_CUSTOMER, 0, otc, &value),
				 MANRS_OTC_LEAK);
		ck_assert_int_eq(manrs_otc_ingress(MANRS_ROLE_PROVIDER, 0, otc, &value),
				 MANRS_OTC_KEEP);
		ck_assert_int_eq(manrs_otc_egress(MANRS_ROLE_PEER, 0, otc, &value), MANRS_OTC_LEAK);
	}
	ck_assert_int_eq(manrs_otc_ingress(MANRS_ROLE_PROVIDER, 0, NULL, &value),
			 MANRS_OTC_MALFORMED);
	ck_assert_int_eq(manrs_otc_egress(MANRS_ROLE_CUSTOMER, 0, NULL, &value),
			 MANRS_OTC_MALFORMED);
	ck_assert_int_eq(manrs_otc_egress(MANRS_ROLE_PROVIDER, 0, NULL, &value), MANRS_OTC_KEEP);
	ck_assert_uint_eq(value, 0);
}
END_TEST

START_TEST(batch_is_the_single_call)
{
	uint8_t role[12], has[12], actions[12];
	uint32_t asn[12], otc[12], values[12], value;

	for (uint8_t i = 0; i < 12; i++) {
		role[i] = i / 2;
		has[i] = i & 1;
		asn[i] = 64500u + i;
		otc[i] = i % 4 == 1 ? asn[i] : 1;
	}
	manrs_otc_ingress_many(role, asn, has, otc, 12, actions, values);
	for (int i = 0; i < 12; i++) {
		ck_assert_int_eq(actions[i], manrs_otc_ingress(role[i], asn[i],
							       has[i] ? &otc[i] : NULL, &value));
		ck_assert_uint_eq(values[i], value);
	}
	manrs_otc_egress_many(role, 64499, has, otc, 12, actions, NULL);
	for (int i = 0; i < 12; i++)
		ck_assert_int_eq(actions[i],
				 manrs_otc_egress(role[i], 64499, has[i] ? &otc[i] : NULL, &value));
}
END_TEST

Suite *otc_suite(void)
{
	Suite *s = suite_create("otc");

	ADD_TEST(s, rfc9234_s5_shared_truth_table, 1);
	ADD_TEST(s, rfc9234_s5_peer_may_set_its_own_as_only, 1);
	ADD_TEST(s, unknown_roles_are_refused, 1);
	ADD_TEST(s, as0_is_neither_compared_with_nor_added, 1);
	ADD_TEST(s, batch_is_the_single_call, 1);
	return s;
}
