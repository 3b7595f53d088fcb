/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Route origin validation against OpenBGPD's regression vectors 5 and 6 (rde_trie_test.*): rules
 * "prefix P [maxlen N] source-as A", and its answers "P source-as A is VALID|invalid|not found".
 */

#include "test.h"

static FILE *open_part(int number, const char *part)
{
	char name[64];
	const char *path;

	snprintf(name, sizeof name, "rov/openbgpd-trie/rde_trie_test.%d.%s", number, part);
	path = test_data(name);
	return path ? fopen(path, "r") : NULL;
}

/* maxlen may stand before or behind source-as, or be absent. */
static manrs_route rule_of(char *line)
{
	manrs_route vrp = {0};
	char *word = strtok(line, " \n");

	ck_assert_str_eq(word, "prefix");
	vrp.prefix = test_prefix(strtok(NULL, " \n"));
	while ((word = strtok(NULL, " \n"))) {
		unsigned long number = strtoul(strtok(NULL, " \n"), NULL, 10);

		if (!strcmp(word, "source-as"))
			vrp.asn = (uint32_t)number;
		else if (!strcmp(word, "maxlen"))
			vrp.prefix.maxlen = (uint8_t)number;
		else
			ck_abort_msg("a rule with %s", word);
	}
	return vrp;
}

static int state_of(const char *text)
{
	return !strncmp(text, "VALID", 5)     ? MANRS_ROV_VALID
	       : !strncmp(text, "invalid", 7) ? MANRS_ROV_INVALID
					      : MANRS_ROV_NOT_FOUND;
}

static manrs_db *read_rules(manrs_db_owner *owner, FILE *in)
{
	manrs_counts counts;
	manrs_edit *edit;
	manrs_db *db;
	char line[256];

	ck_assert_int_eq(manrs_edit_begin(&edit, owner, NULL), MANRS_OK);
	while (fgets(line, sizeof line, in)) {
		manrs_route vrp = rule_of(line);

		ck_assert_int_eq(manrs_edit_vrps(edit, 0, MANRS_ADD, &vrp, 1, &counts, NULL),
				 MANRS_OK);
		ck_assert_uint_eq(counts.refused, 0);
	}
	ck_assert_int_eq(manrs_edit_commit(edit, &db), MANRS_OK);
	return db;
}

static void run_set(int number)
{
	FILE *in = open_part(number, "in"), *out = open_part(number, "out");
	manrs_db_owner *owner;
	char line[256];
	int checked = 0;
	manrs_db *db;

	if (!in || !out) {
		test_skip("rov/openbgpd-trie is not there");
		if (in)
			fclose(in);
		return;
	}
	ck_assert_int_eq(manrs_db_owner_new(&owner, NULL), MANRS_OK);
	db = read_rules(owner, in);
	while (fgets(line, sizeof line, out)) {
		char prefix[64], answer[16];
		manrs_route route;

		ck_assert_int_eq(
			sscanf(line, "%63s source-as %u is %15s", prefix, &route.asn, answer), 3);
		route.prefix = test_prefix(prefix);
		ck_assert_msg(manrs_rov_check(db, &route) == state_of(answer), "%s", line);
		checked++;
	}
	ck_assert_int_gt(checked, 10);
	manrs_db_unref(db);
	ck_assert_int_eq(manrs_db_owner_free(owner), MANRS_OK);
	fclose(in);
	fclose(out);
}

START_TEST(openbgpd_set_5_roas)
{
	run_set(5);
}
END_TEST
START_TEST(openbgpd_set_6_as0)
{
	run_set(6);
}
END_TEST

Suite *openbgpd_suite(void)
{
	Suite *s = suite_create("openbgpd");

	ADD_TEST(s, openbgpd_set_5_roas, 1);
	ADD_TEST(s, openbgpd_set_6_as0, 1);
	return s;
}
