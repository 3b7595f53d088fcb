/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ASPA verification rule by rule: the procedures of draft-ietf-sidrops-aspa-verification-28, the traps that were found in
 * other implementations, the hops that are told. aspa_vectors_test.c and aspa_random_test.c have the rest.
 */

#include "check/aspa_table.h"

/* A table of lines "customer providers", ended by NULL. */
static void table_of(const char *const *line)
{
	table.n = table.pairs = 0;
	for (; *line; line++) {
		uint32_t customer, providers[16];
		size_t n = 0;
		char *at = (char *)(uintptr_t)*line;

		customer = (uint32_t)strtoul(at, &at, 10);
		while (*at)
			providers[n++] = (uint32_t)strtoul(at, &at, 10);
		sample_row(&table, customer, providers, n);
	}
	open_table();
}
#define TABLE(...) table_of((const char *const[]){__VA_ARGS__, NULL})

/* A verdict without a neighbour, in one letter: u, v, i, m. */
static char verdict(const char *text, int role, uint32_t flags)
{
	manrs_path path = parsed(text);

	return "uvim"[manrs_aspa_check(db, &path, 0, role, flags | MANRS_ASPA_ANY_NEIGHBOUR)];
}
static char up(const char *text)
{
	return verdict(text, MANRS_ROLE_PEER, 0);
}
static char down(const char *text)
{
	return verdict(text, MANRS_ROLE_PROVIDER, 0);
}

START_TEST(trap_a_ramps_that_end_apart_are_invalid)
{
	TABLE("64500 64501", "64503 0"); /* RTRlib answers unknown */
	ck_assert_int_eq(down("64501 64503 64506 64500 64507"), 'i');
	close_table();
}
END_TEST

START_TEST(trap_b_two_tops_side_by_side_are_valid)
{
	TABLE("3 1 2", "5 1 2"); /* BIRD before 2.19 answered invalid */
	ck_assert_int_eq(down("5 3"), 'v');
	close_table();
}
END_TEST

START_TEST(as_numbers_more_than_2_31_apart)
{
	TABLE("1 4294967295", "4294967295 0", "2 1 3000000000 4294967294",
	      "3000000000 1 4294967295", "4294967294 2147483648", "2147483648 4294967295");
	ck_assert_int_eq(up("4294967295 1"), 'v');
	ck_assert_int_eq(up("4294967294 1"), 'i');
	ck_assert_int_eq(up("2147483647 1"), 'i');
	ck_assert_int_eq(up("1 4294967295"), 'i');
	ck_assert_int_eq(up("4294967295 1 3000000000 2"), 'v');
	ck_assert_int_eq(up("4294967295 2147483648 4294967294 2"), 'v');
	ck_assert_int_eq(up("2147483647 2147483648 4294967294 2"), 'i');
	close_table();
}
END_TEST

START_TEST(empty_path_is_invalid)
{
	TABLE("1 2");
	ck_assert_int_eq(up(""), 'i');
	ck_assert_int_eq(down(""), 'i');
	close_table();
}
END_TEST

START_TEST(a_path_of_one_as_is_valid)
{
	TABLE("1 0");
	ck_assert_int_eq(up("1"), 'v');
	ck_assert_int_eq(up("1 1 1"), 'v');
	ck_assert_int_eq(down("7"), 'v');
	close_table();
}
END_TEST

START_TEST(neighbour_must_be_the_first_as_but_for_a_route_server)
{
	manrs_path path;

	TABLE("1 2", "2 0");
	path = parsed("2 1");
	for (int role = MANRS_ROLE_CUSTOMER; role <= MANRS_ROLE_RS_CLIENT; role++) {
		bool waived = role == MANRS_ROLE_RS;

		ck_assert_int_eq(manrs_aspa_check(db, &path, 2, role, 0), MANRS_ASPA_VALID);
		ck_assert_int_eq(manrs_aspa_check(db, &path, 3, role, 0),
				 waived ? MANRS_ASPA_VALID : MANRS_ASPA_INVALID);
		ck_assert_int_eq(manrs_aspa_check(db, &path, 0, role, 0),
				 waived ? MANRS_ASPA_VALID : MANRS_ASPA_INVALID);
		ck_assert_int_eq(manrs_aspa_check(db, &path, 0, role, MANRS_ASPA_ANY_NEIGHBOUR),
				 MANRS_ASPA_VALID);
	}
	close_table();
}
END_TEST

START_TEST(an_as_set_is_invalid)
{
	TABLE("1 2", "2 3");
	ck_assert_int_eq(up("3 2 {1}"), 'i');
	ck_assert_int_eq(down("3 2 {1}"), 'i');
	ck_assert_int_eq(up("{3} 2 1"), 'i');
	ck_assert_int_eq(verdict("3 2 {1}", MANRS_ROLE_PEER, MANRS_ASPA_CONFED), 'i');
	close_table();
}
END_TEST

START_TEST(confederations_fail_outside_and_are_stripped_inside)
{
	TABLE("1 2", "2 3", "65001 0");
	ck_assert_int_eq(up("(65001 65002) 3 2 1"), 'i');
	ck_assert_int_eq(down("3 2 [65001] 1"), 'i');
	ck_assert_int_eq(verdict("(65001 65002) 3 2 1", MANRS_ROLE_PEER, MANRS_ASPA_CONFED), 'v');
	ck_assert_int_eq(
		verdict("3 (65001) 3 2 (9) 2 1 (65002)", MANRS_ROLE_PEER, MANRS_ASPA_CONFED), 'v');
	/* RFC 9774 section 3: an AS_CONFED_SET is treat-as-withdraw, inside the confederation too */
	ck_assert_int_eq(verdict("3 2 [9] 2 1", MANRS_ROLE_PEER, MANRS_ASPA_CONFED), 'i');
	ck_assert_int_eq(verdict("[65001] 3 2 1", MANRS_ROLE_PROVIDER, MANRS_ASPA_CONFED), 'i');
	ck_assert_int_eq(verdict("(65002) [65001] 1", MANRS_ROLE_PEER, MANRS_ASPA_CONFED), 'i');
	ck_assert_int_eq(verdict("3 (65001) 1", MANRS_ROLE_PEER, MANRS_ASPA_CONFED), 'i');
	ck_assert_int_eq(verdict("(65001)", MANRS_ROLE_PEER, MANRS_ASPA_CONFED),
			 'i'); /* nothing is left */
	close_table();
}
END_TEST

START_TEST(prepends_are_one_as)
{
	TABLE("1 2", "2 3", "3 0");
	ck_assert_int_eq(up("3 3 3 2 2 1 1"), 'v');
	ck_assert_int_eq(up("3 3 3 2 1 2 2 1"), 'i');
	close_table();
}
END_TEST

START_TEST(as0_is_nobodys_provider)
{
	TABLE("1 0", "2 0 3", "4 5");
	ck_assert_int_eq(up("0 1"), 'i');
	ck_assert_int_eq(up("5 1"), 'i');
	ck_assert_int_eq(up("3 2"), 'v');
	ck_assert_int_eq(up("0 2"), 'i');
	ck_assert_int_eq(up("5 0"), 'u');   /* AS 0 attests nothing */
	ck_assert_int_eq(down("0 4"), 'v'); /* two ASes may always be the top */
	close_table();
}
END_TEST

START_TEST(several_aspas_of_a_customer_are_united)
{
	static const uint32_t two[] = {2}, five[] = {5}, none[] = {0};
	const manrs_aspa first = {two, 1, 1}, second = {five, 1, 1}, third = {none, 1, 1};
	manrs_edit *edit;

	ck_assert_int_eq(manrs_db_owner_new(&owner, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_edit_begin(&edit, owner, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_edit_aspas(edit, 0, MANRS_ADD, &first, 1, NULL, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_edit_aspas(edit, 1, MANRS_ADD, &second, 1, NULL, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_edit_aspas(edit, 2, MANRS_ADD, &third, 1, NULL, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_edit_commit(edit, &db), MANRS_OK);
	ck_assert_int_eq(up("2 1"), 'v');
	ck_assert_int_eq(up("5 1"), 'v');
	ck_assert_int_eq(up("3 1"), 'i');
	ck_assert_int_eq(up("0 1"), 'i');
	close_table();
}
END_TEST

START_TEST(long_lists_of_providers)
{
	static uint32_t providers[10000];

	for (uint32_t length = 1; length <= 10000; length = length < 70 ? length + 1 : length * 3) {
		for (uint32_t i = 0; i < length; i++)
			providers[i] = 3 * i + 2 + (i > length / 2 ? 4000000000u : 0);
		table.n = table.pairs = 0;
		sample_row(&table, 1, providers, length);
		open_table();
		for (uint32_t i = 0; i < length; i += 1 + length / 97) {
			for (uint32_t off = 0; off < 3; off++) {
				uint32_t hops[] = {providers[i] - off, 1};
				manrs_path path = {hops, NULL, hops[0] == 1 ? 1 : 2, 0};
				int want = off ? MANRS_ASPA_INVALID : MANRS_ASPA_VALID;

				if (hops[0] > 1 && (i == 0 || hops[0] != providers[i - 1]))
					ck_assert_int_eq(manrs_aspa_check(db, &path, hops[0],
									  MANRS_ROLE_PEER, 0),
							 want);
			}
		}
	}
	close_table();
}
END_TEST

START_TEST(malformed_arguments_are_neither_valid_nor_unknown)
{
	static const uint32_t hops[] = {2, 1};
	static const uint8_t bad[] = {2, 2};
	static const uint32_t start[] = {0, 2, 1, 2};
	manrs_path good = {hops, NULL, 2, 0}, broken = {hops, bad, 2, 0};
	manrs_paths batch = {hops, NULL, start, 3};
	uint8_t role[] = {MANRS_ROLE_PEER, MANRS_ROLE_PEER, MANRS_ROLE_NONE}, state[3], down[3];
	manrs_aspa_ramps ramps;

	TABLE("1 2", "2 0");
	ck_assert_int_eq(manrs_aspa_check(db, &good, 2, MANRS_ROLE_NONE, 0), MANRS_ASPA_MALFORMED);
	ck_assert_int_eq(manrs_aspa_check(db, &good, 2, MANRS_ROLE_RS_CLIENT + 1, 0),
			 MANRS_ASPA_MALFORMED);
	ck_assert_int_eq(manrs_aspa_check(db, &good, 2, -1, 0), MANRS_ASPA_MALFORMED);
	ck_assert_int_eq(manrs_aspa_check(db, &good, 2, MANRS_ROLE_PEER, 8), MANRS_ASPA_MALFORMED);
	ck_assert_int_eq(manrs_aspa_check(db, &broken, 2, MANRS_ROLE_PEER, 0),
			 MANRS_ASPA_MALFORMED);
	ck_assert_int_eq(
		manrs_aspa_check_many(db, &batch, NULL, role, MANRS_ASPA_ANY_NEIGHBOUR, state),
		MANRS_EINVAL);
	ck_assert_int_eq(state[0], MANRS_ASPA_VALID);
	ck_assert_int_eq(state[1], MANRS_ASPA_MALFORMED);
	ck_assert_int_eq(state[2], MANRS_ASPA_MALFORMED);
	ck_assert_int_eq(manrs_aspa_both_many(db, &batch, 0, state, down), MANRS_EINVAL);
	ck_assert_int_eq(state[0] | state[2], MANRS_ASPA_VALID);
	ck_assert_int_eq(state[1] & down[1], MANRS_ASPA_MALFORMED);
	ck_assert_int_eq(manrs_aspa_both(db, &good, MANRS_ASPA_COMMON, state, down), MANRS_EINVAL);
	ck_assert_int_eq(state[0] & down[0], MANRS_ASPA_MALFORMED);
	ck_assert_uint_eq(manrs_aspa_hops(db, &broken, 2, MANRS_ROLE_PEER, 0, &ramps, NULL, 0), 0);
	ck_assert_int_eq(ramps.state, MANRS_ASPA_MALFORMED);
	ck_assert_int_eq(ramps.reason, MANRS_ASPA_REASON_MALFORMED);
	close_table();
}
END_TEST

START_TEST(reasons_in_the_order_of_the_procedure)
{
	static const struct {
		const char *path;
		int reason;
	} want[] = {
		{"", MANRS_ASPA_REASON_EMPTY},    {"9 {1}", MANRS_ASPA_REASON_NEIGHBOUR},
		{"3 {1}", MANRS_ASPA_REASON_SET}, {"3 (1)", MANRS_ASPA_REASON_CONFED},
		{"3 1", MANRS_ASPA_REASON_HOPS},  {"3 2 1", MANRS_ASPA_REASON_NO_ATTESTATION},
		{"3 4", MANRS_ASPA_REASON_NONE},
	};

	TABLE("1 2", "4 3");
	for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
		manrs_path path = parsed(want[i].path);
		manrs_aspa_ramps ramps;

		manrs_aspa_hops(db, &path, 3, MANRS_ROLE_CUSTOMER, 0, &ramps, NULL, 0);
		ck_assert_msg(ramps.reason == want[i].reason, "%s: %u", want[i].path, ramps.reason);
		ck_assert_int_eq(ramps.state,
				 manrs_aspa_check(db, &path, 3, MANRS_ROLE_CUSTOMER, 0));
	}
	close_table();
}
END_TEST

START_TEST(hops_name_what_stands_in_the_way)
{
	manrs_aspa_hop hop[8];
	manrs_aspa_ramps ramps;
	manrs_path path;

	/* 1 -> 2 attested, 2 -> 3 denied, 3 -> 4 not attested */
	TABLE("1 2", "2 9");
	path = parsed("4 3 3 2 2 1");
	ck_assert_uint_eq(manrs_aspa_hops(db, &path, 4, MANRS_ROLE_CUSTOMER, 0, &ramps, hop, 8), 2);
	ck_assert_uint_eq(ramps.n, 4);
	ck_assert_uint_eq(ramps.max_up, 2);
	ck_assert_uint_eq(ramps.min_up, 2);
	ck_assert_uint_eq(hop[0].customer, 3);
	ck_assert_uint_eq(hop[0].provider, 4);
	ck_assert_uint_eq(hop[0].customer_at, 1);
	ck_assert_uint_eq(hop[0].provider_at, 0);
	ck_assert_int_eq(hop[0].auth, MANRS_ASPA_NO_ATTESTATION);
	ck_assert_int_eq(hop[0].would, MANRS_ASPA_INVALID);
	ck_assert_uint_eq(hop[1].customer, 2);
	ck_assert_uint_eq(hop[1].provider, 3);
	ck_assert_uint_eq(hop[1].customer_at, 3);
	ck_assert_uint_eq(hop[1].provider_at, 2);
	ck_assert_int_eq(hop[1].auth, MANRS_ASPA_NOT_PROVIDER);
	ck_assert_int_eq(hop[1].would, MANRS_ASPA_UNKNOWN);
	ck_assert_int_eq(hop[1].down, 0);
	close_table();

	/* a leak: 1's route went up to 2, down to 3, and 3 gave it to its provider 4, which gave it to us */
	TABLE("1 2", "2 0", "3 2 4", "4 0");
	path = parsed("4 3 2 1");
	ck_assert_int_eq(manrs_aspa_check(db, &path, 4, MANRS_ROLE_PROVIDER, 0),
			 MANRS_ASPA_INVALID);
	ck_assert_uint_eq(manrs_aspa_hops(db, &path, 4, MANRS_ROLE_PROVIDER, 0, &ramps, hop, 8), 2);
	ck_assert_uint_eq(ramps.max_up + ramps.max_down, 3);
	ck_assert_int_eq(hop[0].down, 1);
	ck_assert_uint_eq(hop[0].customer, 4);
	ck_assert_uint_eq(hop[0].provider, 3);
	ck_assert_int_eq(hop[0].would, MANRS_ASPA_VALID);
	ck_assert_int_eq(hop[1].down, 0);
	ck_assert_uint_eq(hop[1].customer, 2);
	ck_assert_uint_eq(hop[1].provider, 3);
	ck_assert_int_eq(hop[1].would, MANRS_ASPA_VALID);
	close_table();
}
END_TEST

START_TEST(a_new_aspa_may_spoil_what_was_in_doubt)
{
	manrs_aspa_hop hop[8];
	manrs_aspa_ramps ramps;
	manrs_path path;

	/* 2 has no ASPA: one with 3 alone would deny that the same AS went up to 4 in a loop */
	TABLE("1 2", "3 2", "4 9");
	path = parsed("4 2 3 2 1");
	ck_assert_uint_eq(manrs_aspa_hops(db, &path, 4, MANRS_ROLE_PEER, 0, &ramps, hop, 8), 2);
	ck_assert_int_eq(ramps.state, MANRS_ASPA_UNKNOWN);
	ck_assert_int_eq(hop[0].would, MANRS_ASPA_INVALID);
	ck_assert_int_eq(hop[1].would, MANRS_ASPA_INVALID);
	close_table();
}
END_TEST

Suite *aspa_suite(void)
{
	Suite *s = suite_create("aspa");

	ADD_TEST(s, trap_a_ramps_that_end_apart_are_invalid, 1);
	ADD_TEST(s, trap_b_two_tops_side_by_side_are_valid, 1);
	ADD_TEST(s, as_numbers_more_than_2_31_apart, 1);
	ADD_TEST(s, empty_path_is_invalid, 1);
	ADD_TEST(s, a_path_of_one_as_is_valid, 1);
	ADD_TEST(s, neighbour_must_be_the_first_as_but_for_a_route_server, 1);
	ADD_TEST(s, an_as_set_is_invalid, 1);
	ADD_TEST(s, confederations_fail_outside_and_are_stripped_inside, 1);
	ADD_TEST(s, prepends_are_one_as, 1);
	ADD_TEST(s, as0_is_nobodys_provider, 1);
	ADD_TEST(s, several_aspas_of_a_customer_are_united, 1);
	ADD_TEST(s, long_lists_of_providers, 5);
	ADD_TEST(s, malformed_arguments_are_neither_valid_nor_unknown, 1);
	ADD_TEST(s, reasons_in_the_order_of_the_procedure, 1);
	ADD_TEST(s, hops_name_what_stands_in_the_way, 1);
	ADD_TEST(s, a_new_aspa_may_spoil_what_was_in_doubt, 1);
	return s;
}
