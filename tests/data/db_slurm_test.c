/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Local exceptions from a file to the snapshot: what StayRTR makes of 7,997 real VRPs, withdrawals under a filter, and every
 * member of version 2 in both spellings.
 */

#include "../check/real.h"

#include "content.h"

static manrs_db_owner *owner_of(void)
{
	manrs_db_config config;
	manrs_db_owner *owner;

	manrs_db_config_init(&config, sizeof config);
	config.isa = test_isa();
	pass(manrs_db_owner_new(&owner, &config));
	return owner;
}

/* Lines "PREFIX MAXLEN ASN". */
static bool read_vrps(struct real_routes *r, const char *name)
{
	const char *path = test_data(name);
	char prefix[64];
	unsigned maxlen, asn;
	FILE *f = path ? fopen(path, "r") : NULL;

	while (f && fscanf(f, "%63s %u %u", prefix, &maxlen, &asn) == 3) {
		manrs_route v = {.asn = asn};

		pass(manrs_prefix_parse(&v.prefix, prefix, strlen(prefix), NULL));
		v.prefix.maxlen = (uint8_t)maxlen;
		real_push(r, &v, 0);
	}
	if (f)
		fclose(f);
	if (r->n)
		qsort(r->at, r->n, sizeof *r->at, real_cmp);
	return r->n > 0;
}

static manrs_slurm_file *read_slurm(const char *name)
{
	const char *path = test_data(name);
	char bytes[65536];
	manrs_slurm_file *doc = NULL;
	FILE *f = path ? fopen(path, "rb") : NULL;
	size_t n = f ? fread(bytes, 1, sizeof bytes, f) : 0;

	if (f) {
		fclose(f);
		pass(manrs_slurm_file_read(&doc, bytes, n, NULL, NULL));
	}
	return doc;
}

static void lists(const manrs_db *db, const manrs_route *want, size_t n)
{
	manrs_route *out = calloc(n + 1, sizeof *out);
	manrs_cursor c = {{0}};

	ck_assert_uint_eq(manrs_db_vrps(db, &c, out, n + 1), n);
	ck_assert(!memcmp(out, want, n * sizeof *out));
	free(out);
}

/* In one edit or two, the VRPs or the exceptions first: the union less the filters, and the assertions. */
static manrs_db *with_exceptions(manrs_db_owner *owner, const struct real_routes *in,
				 const manrs_slurm *s, int order)
{
	bool first[2][2] = {{order != 2, order != 0},
			    {order == 2, order == 0}}; /* VRPs, exceptions */
	manrs_db *db = NULL, *next;
	manrs_edit *e;

	for (int edit = 0; edit < 2; edit++) {
		pass(manrs_edit_begin(&e, owner, db));
		if (first[edit][1])
			pass(manrs_edit_slurm(e, s, NULL));
		if (first[edit][0])
			pass(manrs_edit_vrps(e, 0, MANRS_ADD, in->at, in->n, NULL, NULL));
		pass(manrs_edit_commit(e, &next));
		manrs_db_unref(db);
		db = next;
	}
	return db;
}

/* They are taken back: the VRPs are as they were. */
static void without_exceptions(manrs_db_owner *owner, const manrs_db *base, struct real_routes *in)
{
	manrs_edit *e;
	manrs_db *db;

	pass(manrs_edit_begin(&e, owner, base));
	pass(manrs_edit_slurm(e, NULL, NULL));
	pass(manrs_edit_commit(e, &db));
	lists(db, in->at, in->n);
	manrs_db_unref(db);
}

/* The VRPs go, those that are filtered too: the assertions are left. */
static void assertions_alone(manrs_db_owner *owner, const manrs_db *base,
			     const struct real_routes *in, size_t n)
{
	manrs_route *left = malloc((in->n + 1) * sizeof *left);
	manrs_counts c;
	manrs_edit *e;
	manrs_db *db;

	pass(manrs_edit_begin(&e, owner, base));
	pass(manrs_edit_vrps(e, 0, MANRS_REMOVE, in->at, in->n, &c, NULL));
	ck_assert_uint_eq(c.removed, in->n);
	pass(manrs_edit_commit(e, &db));
	ck_assert_uint_eq(manrs_db_vrps(db, &(manrs_cursor){{0}}, left, in->n + 1), n);
	free(left);
	manrs_db_unref(db);
}

/* The file first or the VRPs first, one edit or two; then without the file again; then every VRP withdrawn under it. */
START_TEST(stayrtr_answer_through_the_database)
{
	struct real_routes in = {0}, want = {0};
	manrs_slurm_file *doc = read_slurm("slurm/slurm.json");

	if (!read_vrps(&in, "slurm/in_vrps.txt") ||
	    !read_vrps(&want, "slurm/expected_stayrtr.txt") || !doc) {
		test_skip("no SLURM files");
		return;
	}
	ck_assert_uint_eq(in.n, 7997);
	ck_assert_uint_eq(want.n, 6417);
	for (int order = 0; order < 3; order++) {
		const manrs_slurm *s = manrs_slurm_file_slurm(doc);
		manrs_db_owner *owner = owner_of();
		manrs_db *db = with_exceptions(owner, &in, s, order);

		lists(db, want.at, want.n);
		without_exceptions(owner, db, &in);
		assertions_alone(owner, db, &in, s->n_vrps);
		manrs_db_unref(db);
		pass(manrs_db_owner_free(owner));
	}
	manrs_slurm_file_free(doc);
	free(in.at), free(in.state);
	free(want.at), free(want.state);
}
END_TEST

/* Everything a file of version 2 can say, over records that each of its parts meets. */
static char *through(const char *text)
{
	static const char *const vrp[] = {"192.0.2.0/24 AS1",        "192.0.2.0/25 AS2",
					  "203.0.113.0/24 AS64496",  "198.51.100.0/24 AS64497",
					  "198.51.100.0/24 AS64498", "2001:db8::/32 AS5"};
	manrs_router_key key[3] = {{.asn = 64496, .spki_len = 1, .spki = {1}},
				   {.asn = 64497, .spki_len = 1, .spki = {2}},
				   {.asn = 64499, .spki_len = 1, .spki = {3}}};
	manrs_aspa aspa[2] = {{(const uint32_t[]){1, 2}, 64496, 2},
			      {(const uint32_t[]){3}, 64499, 1}};
	manrs_db_owner *owner = owner_of();
	manrs_slurm_file *doc;
	const manrs_fault *issues;
	manrs_edit *e;
	manrs_db *db;
	char *content;

	memcpy(key[2].ski, "12345678901234567890", 20);
	pass(manrs_edit_begin(&e, owner, NULL));
	for (size_t i = 0; i < sizeof vrp / sizeof *vrp; i++) {
		manrs_route r;

		pass(manrs_route_parse(&r, vrp[i], strlen(vrp[i]), NULL));
		pass(manrs_edit_vrps(e, 0, MANRS_ADD, &r, 1, NULL, NULL));
	}
	pass(manrs_edit_keys(e, 0, MANRS_ADD, key, 3, NULL, NULL));
	pass(manrs_edit_aspas(e, 0, MANRS_ADD, aspa, 2, NULL, NULL));
	pass(manrs_slurm_file_read(&doc, text, strlen(text), NULL, NULL));
	ck_assert_uint_eq(manrs_slurm_file_issues(doc, &issues, NULL), 0);
	pass(manrs_edit_slurm(e, manrs_slurm_file_slurm(doc), NULL));
	manrs_slurm_file_free(doc); /* nothing of it is held */
	pass(manrs_edit_commit(e, &db));
	content = content_of(db);
	manrs_db_unref(db);
	pass(manrs_db_owner_free(owner));
	return content;
}

#define DOCUMENT(filter_customer, customer)                                                     \
	"{\"slurmVersion\":2,\"validationOutputFilters\":{\"prefixFilters\":["                  \
	"{\"prefix\":\"192.0.2.0/24\"},{\"asn\":64496},{\"prefix\":\"198.51.100.0/"             \
	"24\",\"asn\":64497}],"                                                                 \
	"\"bgpsecFilters\":[{\"asn\":64496},{\"SKI\":\"MTIzNDU2Nzg5MDEyMzQ1Njc4OTA\"}],"        \
	"\"aspaFilters\":[{\"" filter_customer "\":64496}]},"                                   \
	"\"locallyAddedAssertions\":{\"prefixAssertions\":[{\"asn\":64496,\"prefix\":\"198.51." \
	"100.0/24\"},"                                                                          \
	"{\"asn\":64496,\"prefix\":\"2001:db8::/32\",\"maxPrefixLength\":48}],"                 \
	"\"bgpsecAssertions\":[{\"asn\":64496,\"SKI\":\"MTIzNDU2Nzg5MDEyMzQ1Njc4OTA\","         \
	"\"routerPublicKey\":\"Ymx1YmI\"}],"                                                    \
	"\"aspaAssertions\":[{\"" customer "\":64496,\"providerAsns\":[64497,64498]}]}}"

START_TEST(slurm2_every_member_in_both_spellings)
{
	char *one = through(DOCUMENT("customerAsn", "customerAsn")),
	     *two = through(DOCUMENT("customerAsid", "customerAsn")),
	     *three = through(DOCUMENT("customerAsid", "customerAsid"));
	const char *want;

	ck_assert_str_eq(one, two);
	ck_assert_str_eq(one, three);
	/* Counted by hand from RFC 8416 section 3 and the draft. */
	want = "vrp 198.51.100.0/24 AS64496-24\nvrp 198.51.100.0/24 AS64498-24\n"
	       "vrp 2001:db8::/32 AS5-32\nvrp 2001:db8::/32 AS64496-48\n"
	       "aspa 64496 64497\naspa 64496 64498\naspa 64499 3\n"
	       "key 64496 49 5 98\nkey 64497 0 1 2\n"
	       "2 2 0 0 2 3 2\n";
	ck_assert(!strncmp(one, want, strlen(want)));
	free(one);
	free(two);
	free(three);
}
END_TEST

/* A host's own exceptions: what init leaves is none; a size that holds less than the first release is refused. */
START_TEST(exceptions_of_a_host_start_as_none)
{
	manrs_route vrp, asserted;
	manrs_db_owner *owner = owner_of();
	manrs_slurm slurm;
	manrs_edit *e;
	manrs_db *db;

	pass(manrs_route_parse(&vrp, "192.0.2.0/24 AS1", 16, NULL));
	pass(manrs_route_parse(&asserted, "198.51.100.0/24 AS2", 19, NULL));
	memset(&slurm, 0xaa, sizeof slurm);
	pass(manrs_slurm_init(&slurm, sizeof slurm));
	pass(manrs_edit_begin(&e, owner, NULL));
	pass(manrs_edit_vrps(e, 0, MANRS_ADD, &vrp, 1, NULL, NULL));
	pass(manrs_edit_slurm(e, &slurm, NULL));
	pass(manrs_edit_commit(e, &db));
	lists(db, &vrp, 1);
	pass(manrs_edit_begin(&e, owner, db));
	manrs_db_unref(db);
	slurm.vrps = &asserted;
	slurm.n_vrps = 1;
	pass(manrs_edit_slurm(e, &slurm, NULL));
	pass(manrs_edit_commit(e, &db));
	lists(db, (manrs_route[]){vrp, asserted}, 2);
	manrs_db_unref(db);
	pass(manrs_db_owner_free(owner));
	ck_assert_int_eq(manrs_slurm_init(&slurm, sizeof slurm - 1), MANRS_EINVAL);
	ck_assert(slurm.n_vrps == 1);
}
END_TEST

Suite *db_slurm_suite(void)
{
	Suite *s = suite_create("data/db_slurm");

	ADD_TEST(s, stayrtr_answer_through_the_database, 5);
	ADD_TEST(s, slurm2_every_member_in_both_spellings, 5);
	ADD_TEST(s, exceptions_of_a_host_start_as_none, 1);
	return s;
}
