/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ASPA verification against what others answered: the published vectors of OpenBGPD, RTRlib, BIRD and the draft's
 * authors, with the ramp lengths of their table, and the states that OpenBGPD, BIRD and a transcription of the draft gave
 * alike to 40,000 real paths.
 */

#include "check/aspa_table.h"

static struct path_sample real;

static int state_named(const char *name)
{
	for (int s = MANRS_ASPA_UNKNOWN; s <= MANRS_ASPA_INVALID; s++)
		if (!strcmp(name, manrs_aspa_text(s)))
			return s;
	ck_abort_msg("no state %s", name);
}

/* One row of aspa_vectors.tsv. */
struct vector {
	char *set, *id, *procedure, *neighbour, *client, *path, *expected, *note;
};

static void split(struct vector *v, char *line)
{
	char **field[] = {&v->set,    &v->id,   &v->procedure, &v->neighbour,
			  &v->client, &v->path, &v->expected,  &v->note};

	line[strcspn(line, "\n")] = '\0';
	for (size_t i = 0; i < 8; i++) {
		*field[i] = line;
		line += strcspn(line, "\t");
		if (*line)
			*line++ = '\0';
	}
}

static void check_ramps(const struct vector *v, const manrs_aspa_ramps *r)
{
	const struct {
		const char *key;
		uint32_t value;
	} ramp[] = {{"max_up=", r->max_up},
		    {"max_down=", r->max_down},
		    {"min_up=", r->min_up},
		    {"min_down=", r->min_down}};

	for (size_t i = 0; i < 4; i++) {
		const char *at = strstr(v->note, ramp[i].key);

		ck_assert_ptr_nonnull(at);
		at += strlen(ramp[i].key);
		if (*at != '-')
			ck_assert_msg(strtoul(at, NULL, 10) == ramp[i].value, "%s %s: %s%u", v->set,
				      v->id, ramp[i].key, ramp[i].value);
	}
}

static void check_vector(const struct vector *v)
{
	static const int ups[] = {MANRS_ROLE_CUSTOMER, MANRS_ROLE_PEER, MANRS_ROLE_RS_CLIENT,
				  MANRS_ROLE_RS};
	static const int downs[] = {MANRS_ROLE_PROVIDER}, clients[] = {MANRS_ROLE_RS};
	bool client = *v->client == '1', upstream = !strcmp(v->procedure, "up"),
	     any = *v->neighbour == '-';
	const int *role = client ? clients : upstream ? ups : downs;
	size_t roles = client || !upstream ? 1
		       : any               ? 4
					   : 3; /* the fourth, an RS, waives the neighbour */
	uint32_t flags = any ? MANRS_ASPA_ANY_NEIGHBOUR : 0,
		 neighbour = any ? 0 : (uint32_t)strtoul(v->neighbour, NULL, 10);
	int want = state_named(v->expected);
	manrs_path path = parsed(v->path);

	for (size_t i = 0; i < roles; i++) {
		uint32_t start[2] = {0, path.n};
		manrs_paths batch = {path.asn, path.kind, start, 1};
		uint8_t role8 = (uint8_t)role[i], state = 9;
		manrs_aspa_ramps ramps;

		ck_assert_msg(manrs_aspa_check(db, &path, neighbour, role[i], flags) == want,
			      "%s %s: not %s", v->set, v->id, v->expected);
		ck_assert_int_eq(
			manrs_aspa_check_many(db, &batch, &neighbour, &role8, flags, &state),
			MANRS_OK);
		ck_assert_int_eq(state, want);
		manrs_aspa_hops(db, &path, neighbour, role[i], flags, &ramps, NULL, 0);
		ck_assert_int_eq(ramps.state, want);
		if (!strncmp(v->set, "ksriram", 7))
			check_ramps(v, &ramps);
	}
}

START_TEST(published_vectors_and_ramps)
{
	static char line[4096], set[128], tables[4096];
	const char *name = test_data("aspa/aspa_tables.tsv");
	size_t checked = 0, disputed = 0;
	FILE *f;

	if (!name) {
		test_skip("no aspa/aspa_tables.tsv");
		return;
	}
	strcpy(tables, name);
	f = fopen(test_data("aspa/aspa_vectors.tsv"), "r");
	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof line, f)) {
		struct vector v;

		if (*line == '#')
			continue;
		split(&v, line);
		if (!strncmp(v.note, "DISPUTED", 8)) {
			disputed++;
			continue;
		}
		if (strcmp(set, v.set)) {
			strcpy(set, v.set);
			ck_assert(sample_read(&table, tables, set));
			open_table();
		}
		check_vector(&v);
		checked++;
	}
	fclose(f);
	close_table();
	ck_assert_uint_eq(checked, 214);
	ck_assert_uint_eq(disputed, 2);
}
END_TEST

START_TEST(published_hops_of_openbgpd)
{
	static char line[256];
	const char *name = test_data("aspa/aspa_tables.tsv");
	size_t checked = 0;
	FILE *f;

	if (!name) {
		test_skip("no aspa/aspa_tables.tsv");
		return;
	}
	ck_assert(sample_read(&table, name, "openbgpd"));
	open_table();
	f = fopen(test_data("aspa/openbgpd_hops.tsv"), "r");
	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof line, f)) {
		char text[64];
		unsigned customer, provider;
		uint32_t hops[2];
		manrs_path path = {hops, NULL, 2, 0};
		manrs_aspa_hop hop = {.auth = MANRS_ASPA_PROVIDER};
		manrs_aspa_ramps ramps;
		int want;

		if (sscanf(line, "%u %u %63s", &customer, &provider, text) != 3)
			continue;
		hops[0] = provider;
		hops[1] = customer;
		want = !strcmp(text, "provider")  ? MANRS_ASPA_PROVIDER
		       : !strcmp(text, "unknown") ? MANRS_ASPA_NO_ATTESTATION
						  : MANRS_ASPA_NOT_PROVIDER;
		manrs_aspa_hops(db, &path, 0, MANRS_ROLE_CUSTOMER, MANRS_ASPA_ANY_NEIGHBOUR, &ramps,
				&hop, 1);
		ck_assert_msg(hop.auth == want, "%u %u: %u", customer, provider, hop.auth);
		checked++;
	}
	fclose(f);
	close_table();
	ck_assert_uint_eq(checked, 49);
}
END_TEST

/* Real paths against the states that three implementations agreed upon. */
static void check_real(const char *aspas, const char *expected)
{
	static uint8_t state[SAMPLE_PATHS], both[2][SAMPLE_PATHS];
	static const uint8_t roles[] = {MANRS_ROLE_CUSTOMER, MANRS_ROLE_PROVIDER};
	char *want;
	manrs_paths batch;

	if (!sample_paths(&real, test_data("aspa/paths-40000.txt.xz"))) {
		test_skip("no aspa/paths-40000.txt.xz");
		return;
	}
	ck_assert(sample_read(&table, test_data(aspas), NULL));
	want = sample_unpack(test_data(expected));
	ck_assert_ptr_nonnull(want);
	ck_assert_uint_eq(real.n, 40000);
	ck_assert_uint_eq(strlen(want), 3 * real.n);
	open_table();
	batch = (manrs_paths){real.asn, NULL, real.start, real.n};
	ck_assert_int_eq(manrs_aspa_both_many(db, &batch, 0, both[0], both[1]), MANRS_OK);
	for (int d = 0; d < 2; d++) {
		ck_assert_int_eq(manrs_aspa_check_many(db, &batch, NULL, &roles[d],
						       MANRS_ASPA_COMMON | MANRS_ASPA_ANY_NEIGHBOUR,
						       state),
				 MANRS_OK);
		for (size_t i = 0; i < real.n; i++) {
			manrs_path path = {real.asn + real.start[i], NULL,
					   real.start[i + 1] - real.start[i], 0};

			ck_assert("uvi"[state[i]] == want[3 * i + (size_t)d]);
			ck_assert(both[d][i] == state[i]);
			ck_assert_int_eq(manrs_aspa_check(db, &path, path.asn[0], roles[d], 0),
					 state[i]);
		}
	}
	free(want);
	close_table();
}

START_TEST(real_paths_with_the_real_table)
{
	check_real("aspa/aspa-20250720-real100.tsv",
		   "aspa/expected/aspa-20250720-real100.up_down.xz");
}
END_TEST

START_TEST(real_paths_with_a_big_table)
{
	check_real("aspa/aspa-prepdev2023-6647.tsv",
		   "aspa/expected/aspa-prepdev2023-6647.up_down.xz");
}
END_TEST

Suite *aspa_vectors_suite(void)
{
	Suite *s = suite_create("aspa_vectors");

	ADD_TEST(s, published_vectors_and_ramps, 2);
	ADD_TEST(s, published_hops_of_openbgpd, 1);
	ADD_TEST(s, real_paths_with_the_real_table, 5);
	ADD_TEST(s, real_paths_with_a_big_table, 5);
	return s;
}
