/* SPDX-License-Identifier: BSD-2-Clause */
/* SLURM files: RFC 8416 by its sections, version 2, real files. Expectations are typed or from outside tools. */

#include "test.h"

#define F1 "\"validationOutputFilters\":{\"prefixFilters\":[%s],\"bgpsecFilters\":[%s]}"
#define A1 "\"locallyAddedAssertions\":{\"prefixAssertions\":[%s],\"bgpsecAssertions\":[%s]}"
#define F2                                                                        \
	"\"validationOutputFilters\":{\"aspaFilters\":[%s],\"prefixFilters\":[]," \
	"\"bgpsecFilters\":[]}"
#define A2                                                                             \
	"\"locallyAddedAssertions\":{\"prefixAssertions\":[],\"aspaAssertions\":[%s]," \
	"\"bgpsecAssertions\":[]}"
#define V1  "{\"slurmVersion\":1," F1 "," A1 "}"
#define V2  "{\"slurmVersion\":2," F2 "," A2 "}"
#define SKI "\"SKI\":\"AAAAAAAAAAAAAAAAAAAAAAAAAP8\""

static int reading(manrs_slurm_doc **doc, const char *text, manrs_fault *fault)
{
	size_t n = strlen(text);
	char *copy = malloc(n ? n : 1);
	int rc;

	memcpy(copy, text, n);
	*doc = NULL;
	rc = manrs_slurm_read(doc, copy, n, NULL, fault);
	free(copy); /* nothing of the text is kept */
	return rc;
}

/* Read a good document with these four lists (version 1). */
static manrs_slurm_doc *v1(const char *prefix_filters, const char *key_filters, const char *vrps,
			   const char *keys)
{
	static char text[4096];
	manrs_slurm_doc *doc;

	snprintf(text, sizeof text, V1, prefix_filters, key_filters, vrps, keys);
	ck_assert_int_eq(reading(&doc, text, NULL), MANRS_OK);
	return doc;
}

static manrs_slurm_doc *v2(const char *filters, const char *assertions)
{
	static char text[4096];
	manrs_slurm_doc *doc;

	snprintf(text, sizeof text, V2, filters, assertions);
	ck_assert_int_eq(reading(&doc, text, NULL), MANRS_OK);
	return doc;
}

static size_t kept(const manrs_slurm_doc *doc)
{
	const manrs_slurm *s = manrs_slurm_of(doc);

	return s->n_prefix_filters + s->n_key_filters + s->n_aspa_filters + s->n_vrps + s->n_keys +
	       s->n_aspas;
}

static uint64_t issues(const manrs_slurm_doc *doc)
{
	const manrs_fault *list;
	uint64_t all;

	ck_assert_uint_le(manrs_slurm_issues(doc, &list, &all), all);
	return all;
}

START_TEST(rfc8416_s3_the_document_is_exact)
{
	static const char *const bad[] = {
		"",
		"{}",
		"[]",
		"5",
		"{\"slurmVersion\":1}",
		"{\"slurmVersion\":1,\"validationOutputFilters\":{\"prefixFilters\":[],"
		"\"bgpsecFilters\":[]}}",
		"{\"validationOutputFilters\":{\"prefixFilters\":[],\"bgpsecFilters\":[]},"
		"\"locallyAddedAssertions\":{\"prefixAssertions\":[],\"bgpsecAssertions\":[]}}",
#define FILTERS	   "\"validationOutputFilters\":{\"prefixFilters\":[],\"bgpsecFilters\":[]}"
#define ASSERTIONS "\"locallyAddedAssertions\":{\"prefixAssertions\":[],\"bgpsecAssertions\":[]}"
		"{\"slurmVersion\":1," FILTERS "," ASSERTIONS ",\"x\":1}",
		"{\"slurmVersion\":1," FILTERS "," FILTERS "," ASSERTIONS "}",
		"{\"slurmVersion\":1,\"slurmVersion\":1," FILTERS "," ASSERTIONS "}",
		"{\"slurmVersion\":\"1\"," FILTERS "," ASSERTIONS "}",
		"{\"slurmVersion\":1.0," FILTERS "," ASSERTIONS "}",
		"{\"slurmVersion\":1," FILTERS "," ASSERTIONS "} x",
		"{\"slurmVersion\":1," FILTERS "," ASSERTIONS,
		"{\"slurmVersion\":1," FILTERS
		",\"locallyAddedAssertions\":{\"prefixAssertions\":[]}}",
		"{\"slurmVersion\":1," FILTERS
		",\"locallyAddedAssertions\":{\"prefixAssertions\":[],\"bgpsecAssertions\":{}}}",
		"{\"slurmVersion\":1," FILTERS
		",\"locallyAddedAssertions\":{\"prefixAssertions\":[],\"bgpsecAssertions\":null}}",
		"{\"slurmVersion\":1," FILTERS ",\"locallyAddedAssertions\":[]}",
		"{\"slurmVersion\":1," FILTERS ",\"locallyAddedAssertions\":{\"prefixAssertions\":["
		"],\"bgpsecAssertions\":[],\"prefixFilters\":[]}}",
		"{\"slurmVersion\":1," FILTERS
		",\"locallyAddedAssertions\":{\"prefixAssertions\":[],\"prefixAssertions\":[],"
		"\"bgpsecAssertions\":[]}}",
		"{\"slurmVersion\":1," FILTERS ",\"locallyAddedAssertions\":{\"prefixAssertions\":["
		"],\"bgpsecAssertions\":[],\"aspaAssertions\":[]}}",
		"{\"slurmVersion\":2," FILTERS "," ASSERTIONS "}",
	};
	static const char *const version[] = {"{\"slurmVersion\":0}", "{\"slurmVersion\":3}",
					      "{\"slurmVersion\":18446744073709551615}"};
	manrs_fault fault = {0};
	manrs_slurm_doc *doc;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		ck_assert_msg(reading(&doc, bad[i], &fault) == MANRS_ESYNTAX && !doc, "%s", bad[i]);
		ck_assert_int_eq(fault.code, MANRS_ESYNTAX);
		ck_assert_uint_le(fault.at, strlen(bad[i]));
	}
	for (size_t i = 0; i < sizeof version / sizeof *version; i++)
		ck_assert_int_eq(reading(&doc, version[i], NULL), MANRS_EUNSUP);
	ck_assert_int_eq(
		reading(&doc, " {" ASSERTIONS ",\n" FILTERS ",\"slurmVersion\":1}\n", NULL),
		MANRS_OK);
	ck_assert_uint_eq(kept(doc) + issues(doc), 0);
	manrs_slurm_free(doc);
	manrs_slurm_free(NULL);
}
END_TEST

START_TEST(rfc8416_s3_3_1_prefix_filters)
{
	manrs_slurm_doc *doc = v1(
		"{\"prefix\":\"192.0.2.0/"
		"24\",\"comment\":\"x\"},{\"asn\":64496},{\"asn\":0,\"prefix\":\"2001:db8::/32\"}",
		"", "", "");
	const manrs_slurm_filter *f = manrs_slurm_of(doc)->prefix_filters;

	ck_assert_uint_eq(kept(doc), 3);
	ck_assert_uint_eq(manrs_slurm_of(doc)->n_prefix_filters, 3);
	ck_assert(f[0].prefix.family == 4 && f[0].prefix.len == 24 && !f[0].has_asn);
	ck_assert(f[1].prefix.family == 0 && f[1].has_asn && f[1].asn == 64496 && !f[1].has_ski);
	ck_assert(f[2].prefix.family == 6 && f[2].has_asn && f[2].asn == 0);
	manrs_slurm_free(doc);
}
END_TEST

START_TEST(rfc8416_s3_3_1_bad_prefix_filters_are_issues)
{
	static const char *const bad[] = {"{}",
					  "{\"comment\":\"x\"}",
					  "{\"asn\":\"64496\"}",
					  "{\"asn\":-1}",
					  "{\"asn\":4294967296}",
					  "{\"asn\":1,\"prefix\":null}",
					  "{\"prefix\":\"192.0.2.1/24\"}",
					  "{\"prefix\":\"192.0.2.0\"}",
					  "{\"asn\":1,\"asn\":1}",
					  "{\"asn\":1,\"comment\":5}",
					  "{\"asn\":1,\"maxPrefixLength\":24}",
					  "{\"asn\":1,\"source\":\"X\"}",
					  "{\"asn\":1,\"x\":{\"asn\":[1]}}",
					  "[]",
					  "1",
					  "{\"SKI\":\"\"}"};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		char list[256];
		manrs_slurm_doc *doc;

		snprintf(list, sizeof list, "{\"asn\":1},%s,{\"asn\":2}", bad[i]);
		doc = v1(list, "", "", "");
		ck_assert_msg(kept(doc) == 2 && issues(doc) == 1, "%s", bad[i]);
		manrs_slurm_free(doc);
	}
}
END_TEST

START_TEST(rfc8416_s3_3_2_key_filters)
{
	manrs_slurm_doc *doc =
		v1("",
		   "{" SKI "},{\"asn\":5," SKI
		   "},{},{\"SKI\":\"AAAAAAAAAAAAAAAAAAAAAAAAAP8=\"},{\"SKI\":\"AAAA\"},{\"SKI\":"
		   "\"AAAAAAAAAAAAAAAAAAAAAAAAAP9\"},{\"prefix\":\"::/0\"}",
		   "", "");
	const manrs_slurm_filter *f = manrs_slurm_of(doc)->key_filters;

	ck_assert_uint_eq(manrs_slurm_of(doc)->n_key_filters, 2);
	ck_assert_uint_eq(issues(doc), 5);
	ck_assert(f[0].has_ski && f[0].ski[18] == 0 && f[0].ski[19] == 0xff && !f[0].has_asn);
	ck_assert(f[1].has_ski && f[1].has_asn && f[1].asn == 5);
	manrs_slurm_free(doc);
}
END_TEST

START_TEST(rfc8416_s3_4_1_prefix_assertions)
{
	manrs_slurm_doc *doc =
		v1("", "",
		   "{\"asn\":64496,\"prefix\":\"198.51.100.0/"
		   "24\",\"comment\":\"x\"},{\"maxPrefixLength\":48,\"asn\":0,\"prefix\":\"2001:"
		   "db8::/32\"},"
		   "{\"asn\":1},{\"prefix\":\"::/0\"},{\"asn\":1,\"prefix\":\"10.0.0.0/"
		   "8\",\"maxPrefixLength\":7},{\"asn\":1,\"prefix\":\"10.0.0.0/"
		   "8\",\"maxPrefixLength\":33},"
		   "{\"asn\":\"\",\"prefix\":\"10.0.0.0/8\"},{\"asn\":1,\"prefix\":\"10.0.0.0/"
		   "8\",\"maxPrefixLength\":8.0}",
		   "");
	const manrs_route *r = manrs_slurm_of(doc)->vrps;

	ck_assert_uint_eq(manrs_slurm_of(doc)->n_vrps, 2);
	ck_assert_uint_eq(issues(doc), 6);
	ck_assert(r[0].asn == 64496 && r[0].prefix.maxlen == 24);
	ck_assert(r[1].asn == 0 && r[1].prefix.maxlen == 48 && r[1].prefix.len == 32);
	manrs_slurm_free(doc);
}
END_TEST

START_TEST(rfc8416_s3_4_2_key_assertions)
{
	manrs_slurm_doc *doc =
		v1("", "", "",
		   "{\"asn\":64496," SKI ",\"routerPublicKey\":\"Ymx1YmI\"},{\"asn\":1," SKI
		   "},{" SKI ",\"routerPublicKey\":\"Ymx1YmI\"},"
		   "{\"asn\":1,\"routerPublicKey\":\"Ymx1YmI\"},{\"asn\":1," SKI
		   ",\"routerPublicKey\":\"Ymx1YmI=\"},{\"asn\":1," SKI
		   ",\"routerPublicKey\":\"\"},{\"asn\":1," SKI ",\"routerPublicKey\":\"+/+/\"}");
	const manrs_router_key *k = manrs_slurm_of(doc)->keys;

	ck_assert_uint_eq(manrs_slurm_of(doc)->n_keys, 1);
	ck_assert_uint_eq(issues(doc), 6);
	ck_assert(k->asn == 64496 && k->spki_len == 5 && !memcmp(k->spki, "blubb\0", 6) &&
		  k->ski[19] == 0xff);
	manrs_slurm_free(doc);
}
END_TEST

/* draft-ietf-sidrops-aspa-slurm: the customer's member has two names. */
START_TEST(slurm2_aspas)
{
	manrs_slurm_doc *doc =
		v2("{\"customerAsid\":64496},{\"customerAsn\":5,\"comment\":\"x\"},{},{"
		   "\"customerAsn\":0},{\"asn\":1},{\"customerAsn\":1,\"customerAsid\":1}",
		   "{\"customerAsn\":64496,\"providerAsns\":[64498,64497,64498]},{\"customerAsid\":"
		   "7,\"providerAsns\":[0,9]},{\"customerAsn\":8,\"providerAsns\":[0]},"
		   "{\"customerAsn\":1,\"providerAsns\":[]},{\"customerAsn\":1,\"providerAsns\":[1,"
		   "2]},{\"customerAsn\":1,\"providerAsns\":[\"2\"]},{\"customerAsn\":1},{"
		   "\"customerAsn\":1,\"providerAsns\":2}");
	const manrs_slurm *s = manrs_slurm_of(doc);

	ck_assert_uint_eq(s->n_aspa_filters, 2);
	ck_assert(s->aspa_filters[0].has_asn && s->aspa_filters[0].asn == 64496 &&
		  s->aspa_filters[1].asn == 5);
	ck_assert_uint_eq(s->n_aspas, 3);
	ck_assert(s->aspas[0].customer == 64496 && s->aspas[0].n == 2 &&
		  s->aspas[0].provider[0] == 64497 && s->aspas[0].provider[1] == 64498);
	ck_assert(s->aspas[1].customer == 7 && s->aspas[1].n == 1 && s->aspas[1].provider[0] == 9);
	ck_assert(s->aspas[2].customer == 8 && s->aspas[2].n == 1 && s->aspas[2].provider[0] == 0);
	ck_assert_uint_eq(issues(doc), 4 + 5);
	manrs_slurm_free(doc);
}
END_TEST

START_TEST(foreign_members_of_assertions_are_one_issue)
{
	manrs_slurm_doc *doc = v1("", "",
				  "{\"asn\":1,\"prefix\":\"10.0.0.0/"
				  "8\",\"source\":\"X\"},\n{\"mnt\":[{}],\"asn\":2,\"prefix\":\"10."
				  "0.0.0/8\"},{\"asn\":3,\"x\":1}",
				  "");
	const manrs_fault *list;

	ck_assert_uint_eq(kept(doc), 2);
	ck_assert_uint_eq(manrs_slurm_issues(doc, &list, NULL), 2);
	ck_assert_int_eq(list[0].code, MANRS_EUNSUP);
	ck_assert_uint_eq(list[0].line, 1);
	ck_assert_uint_eq(list[1].line, 2);
	manrs_slurm_free(doc);
}
END_TEST

START_TEST(memory_refused_leaves_nothing)
{
	static const char text[] =
		"{\"slurmVersion\":2,\"validationOutputFilters\":{\"prefixFilters\":[{\"asn\":1},{}"
		"],\"bgpsecFilters\":[{\"asn\":2,\"comment\":\"a\\nb\"}],\"aspaFilters\":[{"
		"\"customerAsn\":3}]},"
		"\"locallyAddedAssertions\":{\"prefixAssertions\":[{\"asn\":1,\"prefix\":\"10.0.0."
		"0/8\"}],\"bgpsecAssertions\":[{\"asn\":64496," SKI
		",\"routerPublicKey\":\"Ymx1YmI\"}],"
		"\"aspaAssertions\":[{\"customerAsn\":1,\"providerAsns\":[2,3]}]}}";
	int rc = MANRS_ENOMEM;

	for (size_t k = 1; rc != MANRS_OK; k++) {
		struct test_alloc a = {.fail_at = k};
		manrs_alloc alloc = test_alloc_of(&a);
		manrs_slurm_doc *doc = NULL;
		manrs_fault fault = {0};

		rc = manrs_slurm_read(&doc, text, sizeof text - 1, &alloc, &fault);
		ck_assert(rc == MANRS_OK ? kept(doc) == 6
					 : rc == MANRS_ENOMEM && !doc && fault.code == rc);
		manrs_slurm_free(doc);
		ck_assert_uint_eq(a.live, 0);
	}
}
END_TEST

/* Every proper beginning of a document is refused. */
START_TEST(cut_documents_are_refused)
{
	static char text[1024];
	manrs_slurm_doc *doc;
	size_t n = (size_t)snprintf(text, sizeof text, V1, "{\"asn\":1}", "",
				    "{\"asn\":1,\"prefix\":\"::/0\"}", "");

	for (; n-- > 0;) {
		text[n] = '\0';
		ck_assert_int_eq(reading(&doc, text, NULL), MANRS_ESYNTAX);
	}
}
END_TEST

/* ---- real files ---- */

static manrs_slurm_doc *read_file(const char *name)
{
	const char *path = test_data(name);
	manrs_slurm_doc *doc = NULL;
	static char text[1 << 20];
	FILE *f;

	if (!path)
		return NULL;
	f = fopen(path, "rb");
	ck_assert_int_eq(manrs_slurm_read(&doc, text, fread(text, 1, sizeof text, f), NULL, NULL),
			 MANRS_OK);
	fclose(f);
	return doc;
}

/* 3,312 entries, each with two members of DN42's own; one without a prefix, two without an AS number. */
START_TEST(dn42_is_read_less_three_entries)
{
	manrs_slurm_doc *doc = read_file("slurm/dn42-20220129.slurm.json");
	const manrs_fault *list;

	if (!doc) {
		test_skip("no DN42 SLURM file");
		return;
	}
	ck_assert_uint_eq(manrs_slurm_of(doc)->n_vrps, 3309);
	ck_assert_uint_eq(kept(doc), 3309);
	ck_assert_uint_eq(manrs_slurm_issues(doc, &list, NULL), 4);
	ck_assert_int_eq(list[0].code, MANRS_EUNSUP);
	ck_assert_uint_eq(list[1].line, 873); /* "prefix": null */
	ck_assert_uint_eq(list[2].line, 10931);
	ck_assert_uint_eq(list[3].line, 23188);
	manrs_slurm_free(doc);
}
END_TEST

START_TEST(rpki_rs_files_hold_every_member)
{
	manrs_slurm_doc *one = read_file("slurm/rpki-rs-full.json"),
			*two = read_file("slurm/rpki-rs-full_v2.json");

	if (!one || !two) {
		test_skip("no SLURM files of rpki-rs");
		return;
	}
	ck_assert_uint_eq(kept(one), 3 + 3 + 2 + 1);
	ck_assert_uint_eq(kept(two), 3 + 3 + 1 + 2 + 1 + 1);
	ck_assert_uint_eq(issues(one) + issues(two), 0);
	ck_assert(!memcmp(manrs_slurm_of(one)->key_filters[1].ski, "12345678901234567890", 20));
	ck_assert(!memcmp(manrs_slurm_of(one)->key_filters[2].ski, "deadbeatdeadbeatdead", 20));
	ck_assert_uint_eq(manrs_slurm_of(one)->vrps[1].prefix.maxlen, 48);
	manrs_slurm_free(one);
	manrs_slurm_free(two);
}
END_TEST

START_TEST(routinator_output_is_read)
{
	static const char *const names[] = {"vrp/routinator-output-formats/111.slurm",
					    "vrp/routinator-output-formats/111.slurm2",
					    "vrp/routinator-output-formats/000.slurm2"};
	static const size_t want[] = {4, 6, 0};

	for (size_t i = 0; i < 3; i++) {
		manrs_slurm_doc *doc = read_file(names[i]);

		if (!doc) {
			test_skip("no Routinator output");
			return;
		}
		ck_assert_uint_eq(kept(doc), want[i]);
		ck_assert_uint_eq(issues(doc), 0);
		manrs_slurm_free(doc);
	}
}
END_TEST

/* VRPs as lines `PREFIX MAXLEN ASN`. */
static size_t read_vrps(manrs_route *out, size_t cap, const char *name)
{
	const char *path = test_data(name);
	char prefix[64];
	unsigned maxlen, asn;
	size_t n = 0;
	FILE *f;

	if (!path)
		return 0;
	f = fopen(path, "r");
	while (n < cap && fscanf(f, "%63s %u %u", prefix, &maxlen, &asn) == 3) {
		ck_assert_int_eq(manrs_prefix_parse(&out[n].prefix, prefix, strlen(prefix), NULL),
				 MANRS_OK);
		out[n].prefix.maxlen = (uint8_t)maxlen;
		out[n++].asn = asn;
	}
	fclose(f);
	return n;
}

static int route_cmp(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(manrs_route));
}

static bool dropped(const manrs_slurm *s, const manrs_route *r)
{
	for (size_t i = 0; i < s->n_prefix_filters; i++) {
		const manrs_slurm_filter *f = &s->prefix_filters[i];

		if (f->prefix.family && !manrs_prefix_covers(&f->prefix, &r->prefix))
			continue;
		if (!f->has_asn || f->asn == r->asn)
			return true;
	}
	return false;
}

/* What StayRTR makes of 7,997 real VRPs with this file; the filter here is a plain scan. */
START_TEST(stayrtr_answer_from_the_file_as_read)
{
	static manrs_route in[9000], want[9000], out[9000];
	size_t n_in = read_vrps(in, 9000, "slurm/in_vrps.txt"),
	       n_want = read_vrps(want, 9000, "slurm/expected_stayrtr.txt"), n = 0, k = 0;
	manrs_slurm_doc *doc = read_file("slurm/slurm.json");
	const manrs_slurm *s;

	if (!n_in || !n_want || !doc) {
		test_skip("no SLURM files");
		return;
	}
	s = manrs_slurm_of(doc);
	ck_assert_uint_eq(n_in, 7997);
	ck_assert_uint_eq(n_want, 6417);
	for (size_t i = 0; i < n_in; i++)
		if (!dropped(s, &in[i]))
			out[n++] = in[i];
	for (size_t i = 0; i < s->n_vrps; i++)
		out[n++] = s->vrps[i];
	qsort(out, n, sizeof *out, route_cmp);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || memcmp(&out[i], &out[k - 1], sizeof *out))
			out[k++] = out[i];
	qsort(want, n_want, sizeof *want, route_cmp);
	ck_assert_uint_eq(k, n_want);
	ck_assert(!memcmp(out, want, k * sizeof *out));
	manrs_slurm_free(doc);
}
END_TEST

Suite *slurm_suite(void)
{
	Suite *s = suite_create("slurm");

	ADD_TEST(s, rfc8416_s3_the_document_is_exact, 5);
	ADD_TEST(s, rfc8416_s3_3_1_prefix_filters, 5);
	ADD_TEST(s, rfc8416_s3_3_1_bad_prefix_filters_are_issues, 5);
	ADD_TEST(s, rfc8416_s3_3_2_key_filters, 5);
	ADD_TEST(s, rfc8416_s3_4_1_prefix_assertions, 5);
	ADD_TEST(s, rfc8416_s3_4_2_key_assertions, 5);
	ADD_TEST(s, slurm2_aspas, 5);
	ADD_TEST(s, foreign_members_of_assertions_are_one_issue, 5);
	ADD_TEST(s, memory_refused_leaves_nothing, 5);
	ADD_TEST(s, cut_documents_are_refused, 5);
	ADD_TEST(s, dn42_is_read_less_three_entries, 5);
	ADD_TEST(s, rpki_rs_files_hold_every_member, 5);
	ADD_TEST(s, routinator_output_is_read, 5);
	ADD_TEST(s, stayrtr_answer_from_the_file_as_read, 5);
	return s;
}
