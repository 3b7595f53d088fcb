/* SPDX-License-Identifier: BSD-2-Clause */
/* ASPAs, router keys and their local exceptions in a database: the rules one by one. */

#include "../test.h"

struct one {
	manrs_db_owner *owner;
	manrs_edit *edit;
	manrs_db *db;
};

static struct one start(uint32_t max_providers)
{
	struct one o = {NULL, NULL, NULL};
	manrs_db_config config;

	manrs_db_config_init(&config, sizeof config);
	config.max_providers = max_providers;
	pass(manrs_db_owner_new(&o.owner, &config));
	pass(manrs_edit_begin(&o.edit, o.owner, NULL));
	return o;
}

static void commit(struct one *o)
{
	manrs_db_unref(o->db);
	pass(manrs_edit_commit(o->edit, &o->db));
	pass(manrs_edit_begin(&o->edit, o->owner, o->db));
}

static void stop(struct one *o)
{
	manrs_edit_abort(o->edit);
	manrs_db_unref(o->db);
	pass(manrs_db_owner_free(o->owner));
}

static manrs_counts give(struct one *o, uint32_t source, int op, uint32_t customer, uint32_t n,
			 const uint32_t *provider)
{
	manrs_aspa a = {provider, customer, n};
	manrs_counts c;

	pass(manrs_edit_aspas(o->edit, source, op, &a, 1, &c, NULL));
	return c;
}

#define GIVE(o, source, customer, ...)             \
	give((o), (source), MANRS_ADD, (customer), \
	     sizeof((uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t), (uint32_t[]){__VA_ARGS__})

/* Whether the providers of the one customer are these. */
static bool says(const struct one *o, uint32_t customer, size_t n, const uint32_t *provider)
{
	manrs_cursor cursor = {{0}};
	manrs_aspa_pair pair[20];
	size_t got = manrs_db_aspas(o->db, &cursor, pair, 20), at = 0;

	for (size_t i = 0; i < got; i++)
		if (pair[i].customer == customer && (at == n || provider[at++] != pair[i].provider))
			return false;
	return at == n;
}

#define SAYS(o, customer, ...)                                                                \
	ck_assert(says((o), (customer), sizeof((uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t), \
		       (uint32_t[]){__VA_ARGS__}))

/* db.h: at most MANRS_PROVIDERS_MAX, for a loader gives no more than one over it; 10,000 is the draft's upper suggestion. */
START_TEST(the_bound_has_a_bound)
{
	manrs_db_config config;
	manrs_db_owner *owner = NULL;

	manrs_db_config_init(&config, sizeof config);
	config.max_providers = 10001;
	ck_assert_int_eq(manrs_db_owner_new(&owner, &config), MANRS_EINVAL);
	ck_assert_ptr_null(owner);
	config.max_providers = 10000;
	ck_assert_int_eq(manrs_db_owner_new(&owner, &config), MANRS_OK);
	manrs_db_owner_free(owner);
}
END_TEST

/* draft-ietf-sidrops-8210bis 5.12: an announcement replaces what there was of the customer. */
START_TEST(an_aspa_replaces_the_list_of_an_earlier_edit)
{
	struct one o = start(0);

	ck_assert_uint_eq(GIVE(&o, 1, 64500, 10, 20).added, 1);
	commit(&o);
	ck_assert_uint_eq(GIVE(&o, 1, 64500, 20, 30).added, 1);
	commit(&o);
	SAYS(&o, 64500, 20, 30);
	ck_assert_uint_eq(GIVE(&o, 1, 64500, 20, 30).present, 1);
	ck_assert_uint_eq(give(&o, 1, MANRS_REMOVE, 64500, 0, NULL).removed, 1);
	ck_assert_uint_eq(give(&o, 1, MANRS_REMOVE, 64500, 0, NULL).unknown, 1);
	commit(&o);
	ck_assert(says(&o, 64500, 0, NULL));
	stop(&o);
}
END_TEST

/*
 * draft-ietf-sidrops-aspa-verification section 3: the providers of a customer are the union of its valid ASPAs, and a file
 * lists them one by one. draft-ietf-sidrops-8210bis section 12: the same customer twice in one response is error 7, so a
 * host must be told.
 */
START_TEST(several_aspas_of_a_customer_in_one_edit_unite)
{
	struct one o = start(0);
	manrs_aspa two[] = {{(const uint32_t[]){10, 30}, 64500, 2},
			    {(const uint32_t[]){20}, 64500, 1}};
	manrs_counts c;

	pass(manrs_edit_aspas(o.edit, 1, MANRS_ADD, two, 2, &c, NULL));
	ck_assert_uint_eq(c.added, 1);
	ck_assert_uint_eq(c.present, 1);
	ck_assert_uint_eq(GIVE(&o, 1, 64500, 10, 40).present, 1);
	ck_assert_uint_eq(GIVE(&o, 2, 64500, 50).added, 1);
	commit(&o);
	SAYS(&o, 64500, 10, 20, 30, 40, 50);
	/* The next edit: the first replaces, the second unites. */
	ck_assert_uint_eq(GIVE(&o, 1, 64500, 10).added, 1);
	ck_assert_uint_eq(GIVE(&o, 1, 64500, 60).present, 1);
	commit(&o);
	SAYS(&o, 64500, 10, 50, 60);
	/* The list of before, in two parts: the first differs from it. */
	ck_assert_uint_eq(GIVE(&o, 1, 64500, 60).added, 1);
	ck_assert_uint_eq(GIVE(&o, 1, 64500, 10).present, 1);
	commit(&o);
	SAYS(&o, 64500, 10, 50, 60);
	stop(&o);
}
END_TEST

START_TEST(a_removal_begins_a_customer_anew_within_its_edit)
{
	struct one o = start(0);

	GIVE(&o, 1, 64500, 10, 20);
	commit(&o);
	ck_assert_uint_eq(give(&o, 1, MANRS_REMOVE, 64500, 0, NULL).removed, 1);
	ck_assert_uint_eq(GIVE(&o, 1, 64500, 30).added, 1);
	ck_assert_uint_eq(GIVE(&o, 1, 64500, 40).present, 1);
	commit(&o);
	SAYS(&o, 64500, 30, 40);
	/* What the edit itself added goes too. */
	ck_assert_uint_eq(GIVE(&o, 1, 64500, 50).added, 1);
	ck_assert_uint_eq(give(&o, 1, MANRS_REMOVE, 64500, 0, NULL).removed, 1);
	ck_assert_uint_eq(give(&o, 1, MANRS_REMOVE, 64500, 0, NULL).unknown, 1);
	commit(&o);
	ck_assert(says(&o, 64500, 0, NULL));
	/* And so it does when the whole source is dropped. */
	GIVE(&o, 1, 64500, 60);
	pass(manrs_edit_drop(o.edit, 1, NULL));
	ck_assert_uint_eq(GIVE(&o, 1, 64500, 70).added, 1);
	commit(&o);
	SAYS(&o, 64500, 70);
	stop(&o);
}
END_TEST

/*
 * draft-ietf-sidrops-aspa-profile, on the relying party's bound: above it the customer has no valid ASPA, and that is said.
 * The bound here is 3.
 */
START_TEST(lists_that_are_too_long_together_do_not_count)
{
	struct one o = start(3);
	manrs_aspa more = {(const uint32_t[]){30, 40}, 64500, 2};
	manrs_fault fault = {0};
	manrs_counts c;

	ck_assert_uint_eq(GIVE(&o, 1, 64500, 10, 20, 30).added, 1);
	ck_assert_uint_eq(GIVE(&o, 1, 64500, 10, 30).present, 1);
	pass(manrs_edit_aspas(o.edit, 1, MANRS_ADD, &more, 1, &c, &fault));
	ck_assert_uint_eq(c.refused, 1);
	ck_assert_uint_eq(c.present, 0);
	ck_assert_int_eq(fault.code, MANRS_ELIMIT);
	ck_assert_uint_eq(GIVE(&o, 1, 64500, 10).refused, 1);
	commit(&o);
	ck_assert(says(&o, 64500, 0, NULL));
	/* A list that is too long by itself takes the place of one that was not. */
	ck_assert_uint_eq(GIVE(&o, 1, 64500, 10).added, 1);
	ck_assert_uint_eq(GIVE(&o, 1, 64501, 10).added, 1);
	commit(&o);
	SAYS(&o, 64500, 10);
	ck_assert_uint_eq(GIVE(&o, 1, 64500, 1, 2, 3, 4, 5, 6, 7).refused, 1);
	commit(&o);
	ck_assert(says(&o, 64500, 0, NULL));
	SAYS(&o, 64501, 10);
	/* Its source has it: a withdrawal finds it (8210bis error 6 otherwise). */
	ck_assert_uint_eq(give(&o, 1, MANRS_REMOVE, 64500, 0, NULL).removed, 1);
	commit(&o);
	stop(&o);
}
END_TEST

START_TEST(aspas_of_two_sources_unite_and_part_again)
{
	struct one o = start(0);

	GIVE(&o, 1, 64500, 10, 20);
	GIVE(&o, 2, 64500, 20, 30);
	commit(&o);
	SAYS(&o, 64500, 10, 20, 30);
	give(&o, 2, MANRS_REMOVE, 64500, 0, NULL);
	commit(&o);
	SAYS(&o, 64500, 10, 20);
	/* The same list twice: a withdrawal leaves the other's. */
	GIVE(&o, 3, 64500, 10, 20);
	commit(&o);
	give(&o, 3, MANRS_REMOVE, 64500, 0, NULL);
	commit(&o);
	SAYS(&o, 64500, 10, 20);
	pass(manrs_edit_drop(o.edit, 1, NULL));
	commit(&o);
	ck_assert(says(&o, 64500, 0, NULL));
	stop(&o);
}
END_TEST

/* draft-ietf-sidrops-aspa-profile: a list of AS0 alone says "no providers"; beside others it says nothing. */
START_TEST(as0_counts_only_alone)
{
	struct one o = start(0);
	manrs_db_stats stats = {.size = sizeof stats};

	GIVE(&o, 1, 64500, 0);
	commit(&o);
	SAYS(&o, 64500, 0);
	GIVE(&o, 2, 64500, 7);
	commit(&o);
	SAYS(&o, 64500, 7);
	give(&o, 2, MANRS_REMOVE, 64500, 0, NULL);
	commit(&o);
	SAYS(&o, 64500, 0);
	pass(manrs_db_stats_get(o.db, &stats));
	ck_assert_uint_eq(stats.aspas, 1);
	ck_assert_uint_eq(stats.aspa_providers, 1);
	/* The same within one source and edit, in either order. */
	GIVE(&o, 1, 64501, 0);
	GIVE(&o, 1, 64501, 7);
	GIVE(&o, 1, 64502, 7);
	GIVE(&o, 1, 64502, 0);
	commit(&o);
	SAYS(&o, 64501, 7);
	SAYS(&o, 64502, 7);
	stop(&o);
}
END_TEST

/* The contract of a record (record.h); 77 is good beside each. */
static const struct {
	manrs_aspa aspa;
	int code;
} bad_aspas[] = {
	{{(const uint32_t[]){1}, 0, 1}, MANRS_EINVAL},          /* customer AS0 */
	{{NULL, 5, 0}, MANRS_EINVAL},                           /* no provider */
	{{(const uint32_t[]){0, 1}, 5, 2}, MANRS_EINVAL},       /* AS0 beside others */
	{{(const uint32_t[]){2, 1}, 5, 2}, MANRS_EINVAL},       /* descending */
	{{(const uint32_t[]){1, 1}, 5, 2}, MANRS_EINVAL},       /* twice */
	{{(const uint32_t[]){1, 5}, 5, 2}, MANRS_EINVAL},       /* the customer itself */
	{{(const uint32_t[]){1, 2, 3, 4}, 5, 4}, MANRS_ELIMIT}, /* more than the bound */
};

START_TEST(aspas_that_break_their_contract_are_refused)
{
	struct one o = start(3);

	for (size_t i = 0; i < sizeof bad_aspas / sizeof *bad_aspas; i++) {
		manrs_aspa two[2] = {{(const uint32_t[]){9}, 77, 1}, bad_aspas[i].aspa};
		manrs_fault fault = {0};
		manrs_counts c;

		pass(manrs_edit_aspas(o.edit, 1, MANRS_ADD, two, 2, &c, &fault));
		ck_assert_uint_eq(c.refused, 1);
		ck_assert_uint_eq(fault.at, 1);
		ck_assert_int_eq(fault.code, bad_aspas[i].code);
	}
	commit(&o);
	SAYS(&o, 77, 9);
	ck_assert(says(&o, 5, 0, NULL));
	stop(&o);
}
END_TEST

/* The same rules for local assertions, but for the bound, which is on the union. */
START_TEST(slurm_aspas_that_break_their_contract_are_refused)
{
	struct one o = start(3);

	for (size_t i = 0; i < sizeof bad_aspas / sizeof *bad_aspas; i++) {
		manrs_slurm s = {.size = sizeof s, .aspas = &bad_aspas[i].aspa, .n_aspas = 1};

		ck_assert_int_eq(manrs_edit_slurm(o.edit, &s, NULL),
				 bad_aspas[i].code == MANRS_ELIMIT ? MANRS_OK : MANRS_EINVAL);
	}
	pass(manrs_edit_slurm(o.edit, NULL, NULL));
	commit(&o);
	ck_assert(says(&o, 5, 0, NULL));
	stop(&o);
}
END_TEST

START_TEST(the_bound_holds_for_the_union_of_sources)
{
	struct one o = start(3);

	GIVE(&o, 1, 6, 1, 2, 3);
	commit(&o);
	SAYS(&o, 6, 1, 2, 3);
	GIVE(&o, 2, 6, 4);
	commit(&o);
	ck_assert(says(&o, 6, 0, NULL));
	give(&o, 2, MANRS_REMOVE, 6, 0, NULL);
	commit(&o);
	SAYS(&o, 6, 1, 2, 3);
	stop(&o);
}
END_TEST

START_TEST(no_such_source_or_operation)
{
	struct one o = start(3);

	ck_assert_int_eq(manrs_edit_aspas(o.edit, 64, MANRS_ADD, NULL, 0, NULL, NULL),
			 MANRS_EINVAL);
	ck_assert_int_eq(manrs_edit_aspas(o.edit, 0, 3, NULL, 0, NULL, NULL), MANRS_EINVAL);
	stop(&o);
}
END_TEST

/* draft-ietf-sidrops-aspa-slurm: a filter takes a customer's ASPAs away, an assertion stands beside them. */
START_TEST(slurm2_filters_come_before_assertions)
{
	manrs_slurm_filter filter = {.asn = 64500, .has_asn = 1};
	manrs_aspa asserted = {(const uint32_t[]){40}, 64500, 1};
	manrs_slurm s = {
		.size = sizeof s, .aspa_filters = &filter, .aspas = &asserted, .n_aspas = 1};
	struct one o = start(0);

	GIVE(&o, 1, 64500, 10, 20);
	GIVE(&o, 1, 64501, 10);
	pass(manrs_edit_slurm(o.edit, &s, NULL));
	commit(&o);
	SAYS(&o, 64500, 10, 20, 40);
	s.n_aspa_filters = 1;
	pass(manrs_edit_slurm(o.edit, &s, NULL));
	commit(&o);
	SAYS(&o, 64500, 40);
	SAYS(&o, 64501, 10);
	/* What the source says goes on being known under the filter. */
	ck_assert_uint_eq(GIVE(&o, 1, 64500, 10, 20).present, 1);
	commit(&o);
	ck_assert_uint_eq(GIVE(&o, 1, 64500, 10, 21).added, 1);
	commit(&o);
	SAYS(&o, 64500, 40);
	pass(manrs_edit_slurm(o.edit, NULL, NULL));
	commit(&o);
	SAYS(&o, 64500, 10, 21);
	stop(&o);
}
END_TEST

START_TEST(slurm_that_breaks_its_contract_is_refused)
{
	manrs_slurm_filter f = {.has_asn = 1, .asn = 1};
	manrs_route vrp = {{4, 8, 7, 0, {10}}, 1};
	manrs_router_key key = {.asn = 1};
	manrs_aspa aspa = {(const uint32_t[]){1}, 1, 1};
	manrs_slurm s = {.size = sizeof s,
			 .prefix_filters = &f,
			 .key_filters = &f,
			 .aspa_filters = &f,
			 .vrps = &vrp,
			 .keys = &key,
			 .aspas = &aspa};
	struct one o = start(0);
	manrs_fault fault;

#define REFUSED(count)                                                                \
	do {                                                                          \
		s.count = 1;                                                          \
		fault = (manrs_fault){.at = 9};                                       \
		ck_assert_int_eq(manrs_edit_slurm(o.edit, &s, &fault), MANRS_EINVAL); \
		ck_assert_uint_eq(fault.at, 0);                                       \
		s.count = 0;                                                          \
	} while (0)
	REFUSED(n_vrps);
	REFUSED(n_keys);
	REFUSED(n_aspas);
	f.has_asn = 0;
	REFUSED(n_prefix_filters);
	REFUSED(n_key_filters);
	REFUSED(n_aspa_filters);
	f.has_ski = 1;
	REFUSED(n_prefix_filters);
	REFUSED(n_aspa_filters);
	f.prefix = (manrs_prefix){4, 33, 33, 0, {0}};
	REFUSED(n_prefix_filters);
	s.size = 8;
	ck_assert_int_eq(manrs_edit_slurm(o.edit, &s, &fault), MANRS_EINVAL);
	commit(&o);
	stop(&o);
}
END_TEST

START_TEST(keys_are_equal_when_all_three_members_are)
{
	struct one o = start(0);
	manrs_router_key k[5], out[5];
	manrs_cursor cursor = {{0}};
	manrs_counts c;

	for (size_t i = 0; i < 5; i++)
		k[i] = (manrs_router_key){
			.asn = 7, .ski = {1}, .spki_len = 4, .spki = {1, 2, 3, 4}};
	k[1].asn = 8;
	k[2].ski[19] = 1;
	k[3].spki[3] = 5;
	k[4].spki_len = 5;
	pass(manrs_edit_keys(o.edit, 0, MANRS_ADD, k, 5, &c, NULL));
	ck_assert_uint_eq(c.added, 5);
	pass(manrs_edit_keys(o.edit, 0, MANRS_ADD, k, 5, &c, NULL));
	ck_assert_uint_eq(c.present, 5);
	commit(&o);
	ck_assert_uint_eq(manrs_db_keys(o.db, &cursor, out, 5), 5);
	ck_assert_uint_eq(manrs_db_keys(o.db, &cursor, out, 5), 0);
	pass(manrs_edit_keys(o.edit, 1, MANRS_REMOVE, k, 5, &c, NULL));
	ck_assert_uint_eq(c.unknown, 5);
	pass(manrs_edit_keys(o.edit, 0, MANRS_REMOVE, k, 4, &c, NULL));
	commit(&o);
	cursor = (manrs_cursor){{0}};
	ck_assert_uint_eq(manrs_db_keys(o.db, &cursor, out, 5), 1);
	ck_assert_mem_eq(out, &k[4], sizeof *out);
	stop(&o);
}
END_TEST

/* Keys of two sources in small calls, in no order, over two edits: counts, and the listing in order. */
START_TEST(many_keys_in_no_order)
{
	enum { KEYS = 3000 };
	struct one o = start(0);
	manrs_router_key *k = calloc(KEYS, sizeof *k), out[7];
	manrs_cursor cursor = {{0}};
	manrs_counts c, sum = {0};
	size_t n, all = 0;

	for (uint32_t i = 0; i < KEYS; i++) {
		k[i] = (manrs_router_key){.asn = i * 7919 % 1000 << 16, .spki_len = 1, .spki = {1}};
		k[i].ski[19] = (uint8_t)(i / 1000);
	}
	for (uint32_t i = 0; i < KEYS; i += 10) {
		pass(manrs_edit_keys(o.edit, 1, MANRS_ADD, k + i, 10, &c, NULL));
		sum.added += c.added;
		pass(manrs_edit_keys(o.edit, 1, MANRS_ADD, k + i / 2, 5, &c, NULL));
		sum.present += c.present;
	}
	ck_assert_uint_eq(sum.added, KEYS);
	ck_assert_uint_eq(sum.present, KEYS / 2);
	commit(&o);
	pass(manrs_edit_keys(o.edit, 2, MANRS_ADD, k, KEYS / 3, &c, NULL));
	ck_assert_uint_eq(c.added, KEYS / 3);
	pass(manrs_edit_keys(o.edit, 1, MANRS_REMOVE, k, KEYS / 2, &c, NULL));
	ck_assert_uint_eq(c.removed, KEYS / 2);
	commit(&o);
	pass(manrs_edit_drop(o.edit, 2, &c));
	ck_assert_uint_eq(c.removed, KEYS / 3);
	while ((n = manrs_db_keys(o.db, &cursor, out, 7)) > 0)
		for (size_t i = 0; i < n; i++, all++)
			ck_assert(!i || out[i - 1].asn < out[i].asn ||
				  (out[i - 1].asn == out[i].asn &&
				   out[i - 1].ski[19] < out[i].ski[19]));
	ck_assert_uint_eq(all, KEYS - KEYS / 2 + KEYS / 3);
	commit(&o);
	cursor = (manrs_cursor){{0}};
	for (all = 0; (n = manrs_db_keys(o.db, &cursor, out, 7)) > 0;)
		all += n;
	ck_assert_uint_eq(all, KEYS - KEYS / 2);
	free(k);
	stop(&o);
}
END_TEST

Suite *db_aspa_suite(void)
{
	Suite *s = suite_create("data/db_aspa");

	ADD_TEST(s, the_bound_has_a_bound, 10);
	ADD_TEST(s, an_aspa_replaces_the_list_of_an_earlier_edit, 5);
	ADD_TEST(s, several_aspas_of_a_customer_in_one_edit_unite, 5);
	ADD_TEST(s, a_removal_begins_a_customer_anew_within_its_edit, 5);
	ADD_TEST(s, lists_that_are_too_long_together_do_not_count, 5);
	ADD_TEST(s, aspas_of_two_sources_unite_and_part_again, 5);
	ADD_TEST(s, as0_counts_only_alone, 5);
	ADD_TEST(s, aspas_that_break_their_contract_are_refused, 5);
	ADD_TEST(s, slurm_aspas_that_break_their_contract_are_refused, 5);
	ADD_TEST(s, the_bound_holds_for_the_union_of_sources, 5);
	ADD_TEST(s, no_such_source_or_operation, 5);
	ADD_TEST(s, slurm2_filters_come_before_assertions, 5);
	ADD_TEST(s, slurm_that_breaks_its_contract_is_refused, 5);
	ADD_TEST(s, keys_are_equal_when_all_three_members_are, 5);
	ADD_TEST(s, many_keys_in_no_order, 5);
	return s;
}
