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

static int reading(manrs_slurm_file **doc, const char *text, manrs_fault *fault)
{
	size_t n = strlen(text);
	char *copy = malloc(n ? n : 1);
	int rc;

	memcpy(copy, text, n);
	*doc = NULL;
	rc = manrs_slurm_file_read(doc, copy, n, NULL, fault);
	free(copy); /* nothing of the text is kept */
	return rc;
}

/* Read a good document with these four lists (version 1). */
static manrs_slurm_file *v1(const char *prefix_filters, const char *key_filters, const char *vrps,
			    const char *keys)
{
	static char text[4096];
	manrs_slurm_file *doc;

	snprintf(text, sizeof text, V1, prefix_filters, key_filters, vrps, keys);
	ck_assert_int_eq(reading(&doc, text, NULL), MANRS_OK);
	return doc;
}

static manrs_slurm_file *v2(const char *filters, const char *assertions)
{
	static char text[4096];
	manrs_slurm_file *doc;

	snprintf(text, sizeof text, V2, filters, assertions);
	ck_assert_int_eq(reading(&doc, text, NULL), MANRS_OK);
	return doc;
}

static size_t kept(const manrs_slurm_file *doc)
{
	const manrs_slurm *s = manrs_slurm_file_slurm(doc);

	return s->n_prefix_filters + s->n_key_filters + s->n_aspa_filters + s->n_vrps + s->n_keys +
	       s->n_aspas;
}

static uint64_t issues(const manrs_slurm_file *doc)
{
	const manrs_fault *list;
	uint64_t all;

	ck_assert_uint_le(manrs_slurm_file_issues(doc, &list, &all), all);
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
#define FILTERS    "\"validationOutputFilters\":{\"prefixFilters\":[],\"bgpsecFilters\":[]}"
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
	manrs_fault fault = {0};
	manrs_slurm_file *doc;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		ck_assert_msg(reading(&doc, bad[i], &fault) == MANRS_ESYNTAX && !doc, "%s", bad[i]);
		ck_assert_int_eq(fault.code, MANRS_ESYNTAX);
		ck_assert_uint_le(fault.at, strlen(bad[i]));
	}
}
END_TEST

START_TEST(rfc8416_s3_members_stand_in_any_order)
{
	manrs_slurm_file *doc;

	ck_assert_int_eq(
		reading(&doc, " {" ASSERTIONS ",\n" FILTERS ",\"slurmVersion\":1}\n", NULL),
		MANRS_OK);
	ck_assert_uint_eq(kept(doc) + issues(doc), 0);
	manrs_slurm_file_free(doc);
	manrs_slurm_file_free(NULL);
}
END_TEST

START_TEST(rfc8416_s3_1_other_versions_are_not_read)
{
	static const char *const version[] = {"{\"slurmVersion\":0}", "{\"slurmVersion\":3}",
					      "{\"slurmVersion\":18446744073709551615}"};
	manrs_slurm_file *doc;

	for (size_t i = 0; i < sizeof version / sizeof *version; i++)
		ck_assert_int_eq(reading(&doc, version[i], NULL), MANRS_EUNSUP);
}
END_TEST

START_TEST(rfc8416_s3_3_1_prefix_filters)
{
	manrs_slurm_file *doc = v1(
		"{\"prefix\":\"192.0.2.0/"
		"24\",\"comment\":\"x\"},{\"asn\":64496},{\"asn\":0,\"prefix\":\"2001:db8::/32\"}",
		"", "", "");
	const manrs_slurm_filter *f = manrs_slurm_file_slurm(doc)->prefix_filters;

	ck_assert_uint_eq(kept(doc), 3);
	ck_assert_uint_eq(manrs_slurm_file_slurm(doc)->n_prefix_filters, 3);
	ck_assert(f[0].prefix.family == 4 && f[0].prefix.len == 24 && !f[0].has_asn);
	ck_assert(f[1].prefix.family == 0 && f[1].has_asn && f[1].asn == 64496 && !f[1].has_ski);
	ck_assert(f[2].prefix.family == 6 && f[2].has_asn && f[2].asn == 0);
	manrs_slurm_file_free(doc);
}
END_TEST

/*
 * RFC 8416 section 3.1: "an RP MUST consider any deviations from the specifications to be errors". What stands between
 * good entries refuses the file, and is shown: `shown` is typed by hand from the member and value that deviate.
 */
static void refused(const char *const lists[4], bool two, const char *entry, int code,
		    const char *shown)
{
	char text[2048], out[MANRS_FAULT_TEXT];
	manrs_fault fault = {0};
	manrs_slurm_file *doc;
	const char *l[4];

	for (int i = 0; i < 4; i++)
		l[i] = lists[i] ? lists[i] : entry;
	if (two)
		snprintf(text, sizeof text, "\n" V2, l[0], l[1]);
	else
		snprintf(text, sizeof text, "\n" V1, l[0], l[1], l[2], l[3]);
	ck_assert_msg(reading(&doc, text, &fault) == code && !doc, "%s: %d", entry, fault.code);
	manrs_fault_text(&fault, text, strlen(text), out, sizeof out);
	ck_assert_msg(strstr(out, shown), "%s: %s, not %s", entry, out, shown);
	ck_assert_int_eq(fault.code, code);
	ck_assert_uint_eq(fault.line, 2);
}

struct deviation {
	const char *entry;
	int code;
	const char *shown;
};

START_TEST(rfc8416_s3_1_a_bad_prefix_filter_refuses_the_file)
{
	static const struct deviation bad[] = {
		{"{}", MANRS_EINVAL, "drop every VRP: {}"},
		{"{\"comment\":\"x\"}", MANRS_EINVAL, "drop every VRP: {\"comment\":\"x\"}"},
		{"{\"asn\":null}", MANRS_EINVAL, "drop every VRP: {\"asn\":null}"},
		{"{\"asn\":null,\"prefix\":null}", MANRS_EINVAL, "drop every VRP"},
		{"{\"asn\":\"64496\"}", MANRS_ESYNTAX, "without quotes: \"asn\":\"64496\""},
		{"{\"asn\":\"AS64496\"}", MANRS_ESYNTAX, "without quotes: \"asn\":\"AS64496\""},
		{"{\"asn\":-1}", MANRS_ESYNTAX, "\"asn\":-1"},
		{"{\"asn\":true}", MANRS_ESYNTAX, "\"asn\":true"},
		{"{\"asn\":[64496]}", MANRS_ESYNTAX, "\"asn\":[64496]"},
		{"{\"asn\":4294967296}", MANRS_ESYNTAX, "\"asn\":4294967296"},
		{"{\"prefix\":\"192.0.2.1/24\"}", MANRS_EINVAL, "\"prefix\":\"192.0.2.1/24\""},
		{"{\"prefix\":\"192.0.2.0\"}", MANRS_ESYNTAX, "\"prefix\":\"192.0.2.0\""},
		{"{\"prefix\":\"192.0.2.0/33\"}", MANRS_ERANGE, "\"prefix\":\"192.0.2.0/33\""},
		{"{\"asn\":1,\"asn\":1}", MANRS_ESYNTAX, "twice: \"asn\""},
		{"{\"asn\":null,\"asn\":1}", MANRS_ESYNTAX, "twice: \"asn\""},
		{"{\"asn\":1,\"comment\":5}", MANRS_ESYNTAX, "\"comment\":5"},
		{"{\"asn\":1,\"maxPrefixLength\":24}", MANRS_ESYNTAX, "here: \"maxPrefixLength\""},
		{"{\"asn\":1,\"x\":{\"asn\":[1]}}", MANRS_ESYNTAX, "here: \"x\""},
		{"{\"ASN\":1}", MANRS_ESYNTAX, "asn is meant?: \"ASN\""},
		{"{\"Prefix\":\"192.0.2.0/24\"}", MANRS_ESYNTAX, "prefix is meant?: \"Prefix\""},
		{"{\"prefx\":\"192.0.2.0/24\"}", MANRS_ESYNTAX, "prefix is meant?: \"prefx\""},
		{"{\"origin\":1}", MANRS_ESYNTAX, "asn is meant?: \"origin\""},
		{"[]", MANRS_ESYNTAX, "an entry is not an object: []"},
		{"1", MANRS_ESYNTAX, "an entry is not an object: 1"},
		{"null", MANRS_ESYNTAX, "an entry is not an object: null"},
		{"{\"SKI\":\"\"}", MANRS_ESYNTAX, "here: \"SKI\""},
	};
	static const char *const lists[] = {NULL, "", "", ""};
	char list[256];

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		refused(lists, false, bad[i].entry, bad[i].code, bad[i].shown);
		snprintf(list, sizeof list, "{\"asn\":1},%s,{\"asn\":2}", bad[i].entry);
		refused(lists, false, list, bad[i].code, bad[i].shown);
	}
}
END_TEST

START_TEST(rfc8416_s3_3_2_key_filters)
{
	static const struct deviation bad[] = {
		{"{}", MANRS_EINVAL, "drop every router key: {}"},
		{"{\"SKI\":null,\"asn\":null}", MANRS_EINVAL, "drop every router key"},
		{"{\"SKI\":\"AAAAAAAAAAAAAAAAAAAAAAAAAP8=\"}", MANRS_ESYNTAX, "P8=\""},
		{"{\"SKI\":\"AAAA\"}", MANRS_ESYNTAX, "20 bytes in base64url: \"SKI\":\"AAAA\""},
		{"{\"SKI\":\"AAAAAAAAAAAAAAAAAAAAAAAAAP9\"}", MANRS_ESYNTAX, "AP9\""},
		{"{\"ski\":\"AAAAAAAAAAAAAAAAAAAAAAAAAP8\"}", MANRS_ESYNTAX,
		 "SKI is meant?: \"ski\""},
		{"{\"prefix\":\"::/0\"}", MANRS_ESYNTAX, "here: \"prefix\""},
	};
	static const char *const lists[] = {"", NULL, "", ""};
	manrs_slurm_file *doc = v1("", "{" SKI "},{\"asn\":5," SKI "}", "", "");
	const manrs_slurm_filter *f = manrs_slurm_file_slurm(doc)->key_filters;

	ck_assert_uint_eq(manrs_slurm_file_slurm(doc)->n_key_filters, 2);
	ck_assert(f[0].has_ski && f[0].ski[18] == 0 && f[0].ski[19] == 0xff && !f[0].has_asn);
	ck_assert(f[1].has_ski && f[1].has_asn && f[1].asn == 5);
	manrs_slurm_file_free(doc);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		refused(lists, false, bad[i].entry, bad[i].code, bad[i].shown);
}
END_TEST

START_TEST(rfc8416_s3_4_1_prefix_assertions)
{
	static const struct deviation bad[] = {
		{"{\"asn\":1}", MANRS_EINVAL, "prefix is missing: {\"asn\":1}"},
		{"{\"prefix\":\"::/0\"}", MANRS_EINVAL, "asn is missing: {\"prefix\":\"::/0\"}"},
		{"{\"asn\":1,\"prefix\":null}", MANRS_ESYNTAX, "\"prefix\":null"},
		{"{\"asn\":null,\"prefix\":\"::/0\"}", MANRS_ESYNTAX, "\"asn\":null"},
		{"{\"asn\":\"\",\"prefix\":\"::/0\"}", MANRS_ESYNTAX, "\"asn\":\"\""},
		{"{\"asn\":1,\"prefix\":\"10.0.0.0/8\",\"maxPrefixLength\":7}", MANRS_EINVAL,
		 "shorter than the prefix or longer than an address: \"maxPrefixLength\":7"},
		{"{\"asn\":1,\"prefix\":\"10.0.0.0/8\",\"maxPrefixLength\":33}", MANRS_EINVAL,
		 "\"maxPrefixLength\":33"},
		{"{\"asn\":1,\"prefix\":\"10.0.0.0/8\",\"maxPrefixLength\":8.0}", MANRS_ESYNTAX,
		 "\"maxPrefixLength\":8.0"},
		{"{\"asn\":1,\"prefix\":\"10.0.0.0/8\",\"maxPrefixLength\":\"9\"}", MANRS_ESYNTAX,
		 "without quotes: \"maxPrefixLength\":\"9\""},
		{"{\"asn\":1,\"prefix\":\"10.0.0.0/8\",\"maxLength\":9}", MANRS_ESYNTAX,
		 "maxPrefixLength is meant?: \"maxLength\""},
		{"{\"asn\":1,\"prefix\":\"10.0.0.0/8\",\"max-length\":9}", MANRS_ESYNTAX,
		 "maxPrefixLength is meant?: \"max-length\""},
		{"{\"asn\":1,\"prefix\":\"10.0.0.0/8\",\"max_prefix_length\":9}", MANRS_ESYNTAX,
		 "maxPrefixLength is meant?: \"max_prefix_length\""},
		{"{\"asn\":1,\"prefix\":\"10.0.0.0/8\",\"colour\":9}", MANRS_ESYNTAX,
		 "here: \"colour\""},
		{"{\"asn\":1,\"prefix\":\"10.0.0.0/8\",\"SKI\":\"\"}", MANRS_ESYNTAX,
		 "here: \"SKI\""},
	};
	static const char *const lists[] = {"", "", NULL, ""};
	manrs_slurm_file *doc =
		v1("", "",
		   "{\"asn\":64496,\"prefix\":\"198.51.100.0/24\",\"comment\":\"x\"},"
		   "{\"maxPrefixLength\":48,\"asn\":0,\"prefix\":\"2001:db8::/32\"}",
		   "");
	const manrs_route *r = manrs_slurm_file_slurm(doc)->vrps;

	ck_assert_uint_eq(manrs_slurm_file_slurm(doc)->n_vrps, 2);
	ck_assert_uint_eq(issues(doc), 0);
	ck_assert(r[0].asn == 64496 && r[0].prefix.maxlen == 24);
	ck_assert(r[1].asn == 0 && r[1].prefix.maxlen == 48 && r[1].prefix.len == 32);
	manrs_slurm_file_free(doc);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		refused(lists, false, bad[i].entry, bad[i].code, bad[i].shown);
}
END_TEST

START_TEST(rfc8416_s3_4_2_key_assertions)
{
	static const struct deviation bad[] = {
		{"{\"asn\":1," SKI "}", MANRS_EINVAL, "routerPublicKey is missing"},
		{"{" SKI ",\"routerPublicKey\":\"Ymx1YmI\"}", MANRS_EINVAL, "asn is missing"},
		{"{\"asn\":1,\"routerPublicKey\":\"Ymx1YmI\"}", MANRS_EINVAL, "SKI is missing"},
		{"{\"asn\":1," SKI ",\"routerPublicKey\":\"Ymx1YmI=\"}", MANRS_ESYNTAX,
		 "in base64url: \"routerPublicKey\":\"Ymx1YmI=\""},
		{"{\"asn\":1," SKI ",\"routerPublicKey\":\"\"}", MANRS_ESYNTAX,
		 "\"routerPublicKey\":\"\""},
		{"{\"asn\":1," SKI ",\"routerPublicKey\":\"+/+/\"}", MANRS_ESYNTAX, "\"+/+/\""},
		{"{\"asn\":1," SKI ",\"routerPublicKey\":null}", MANRS_ESYNTAX,
		 "\"routerPublicKey\":null"},
	};
	static const char *const lists[] = {"", "", "", NULL};
	manrs_slurm_file *doc =
		v1("", "", "", "{\"asn\":64496," SKI ",\"routerPublicKey\":\"Ymx1YmI\"}");
	const manrs_router_key *k = manrs_slurm_file_slurm(doc)->keys;

	ck_assert_uint_eq(manrs_slurm_file_slurm(doc)->n_keys, 1);
	ck_assert(k->asn == 64496 && k->spki_len == 5 && !memcmp(k->spki, "blubb\0", 6) &&
		  k->ski[19] == 0xff);
	manrs_slurm_file_free(doc);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		refused(lists, false, bad[i].entry, bad[i].code, bad[i].shown);
}
END_TEST

/* draft-ietf-sidrops-aspa-slurm: the customer's member has two names. */
START_TEST(slurm2_aspas)
{
	static const struct deviation filters[] = {
		{"{}", MANRS_EINVAL, "customerAsn is missing: {}"},
		{"{\"customerAsn\":0}", MANRS_ESYNTAX, "\"customerAsn\":0"},
		{"{\"customerAsn\":null}", MANRS_ESYNTAX, "\"customerAsn\":null"},
		{"{\"asn\":1}", MANRS_ESYNTAX, "here: \"asn\""},
		{"{\"customer\":1}", MANRS_ESYNTAX, "customerAsn is meant?: \"customer\""},
		{"{\"customerAsn\":1,\"customerAsid\":1}", MANRS_ESYNTAX,
		 "twice: \"customerAsid\""},
	};
	static const struct deviation assertions[] = {
		{"{\"customerAsn\":1,\"providerAsns\":[]}", MANRS_EINVAL, "{\"customerAsn\":1"},
		{"{\"customerAsn\":1,\"providerAsns\":[1,2]}", MANRS_EINVAL, "{\"customerAsn\":1"},
		{"{\"customerAsn\":1,\"providerAsns\":[\"2\"]}", MANRS_ESYNTAX,
		 "without quotes: \"2\""},
		{"{\"customerAsn\":1,\"providerAsns\":[2,null]}", MANRS_ESYNTAX,
		 "without quotes: null"},
		{"{\"customerAsn\":1,\"providerAsns\":[2,[3]]}", MANRS_ESYNTAX,
		 "without quotes: [3]"},
		{"{\"customerAsn\":1}", MANRS_EINVAL, "providerAsns is missing"},
		{"{\"customerAsn\":1,\"providerAsns\":2}", MANRS_ESYNTAX, "\"providerAsns\":2"},
		{"{\"customerAsn\":1,\"providers\":[2]}", MANRS_ESYNTAX,
		 "providerAsns is meant?: \"providers\""},
	};
	static const char *const in_filters[] = {NULL, "", "", ""};
	static const char *const in_assertions[] = {"", NULL, "", ""};
	manrs_slurm_file *doc =
		v2("{\"customerAsid\":64496},{\"customerAsn\":5,\"comment\":\"x\"}",
		   "{\"customerAsn\":64496,\"providerAsns\":[64498,64497,64498]},{\"customerAsid\":"
		   "7,\"providerAsns\":[0,9]},{\"customerAsn\":8,\"providerAsns\":[0]}");
	const manrs_slurm *s = manrs_slurm_file_slurm(doc);

	ck_assert_uint_eq(s->n_aspa_filters, 2);
	ck_assert(s->aspa_filters[0].has_asn && s->aspa_filters[0].asn == 64496 &&
		  s->aspa_filters[1].asn == 5);
	ck_assert_uint_eq(s->n_aspas, 3);
	ck_assert(s->aspas[0].customer == 64496 && s->aspas[0].n == 2 &&
		  s->aspas[0].provider[0] == 64497 && s->aspas[0].provider[1] == 64498);
	ck_assert(s->aspas[1].customer == 7 && s->aspas[1].n == 1 && s->aspas[1].provider[0] == 9);
	ck_assert(s->aspas[2].customer == 8 && s->aspas[2].n == 1 && s->aspas[2].provider[0] == 0);
	manrs_slurm_file_free(doc);
	for (size_t i = 0; i < sizeof filters / sizeof *filters; i++)
		refused(in_filters, true, filters[i].entry, filters[i].code, filters[i].shown);
	for (size_t i = 0; i < sizeof assertions / sizeof *assertions; i++)
		refused(in_assertions, true, assertions[i].entry, assertions[i].code,
			assertions[i].shown);
}
END_TEST

/* The two departures that slurm.h states: attributes of route objects (RFC 2622) and DN42's, and null where it may be. */
START_TEST(what_is_passed_over_is_told_once_a_kind)
{
	static const struct {
		int code;
		uint32_t line;
		const char *what;
	} want[] = {
		{MANRS_OK, 1, "asn"},
		{MANRS_OK, 1, "comment"},
		{MANRS_EUNSUP, 1, "source"},
		{MANRS_EUNSUP, 2, "mnt-by"},
		{MANRS_OK, 3, "maxPrefixLength"},
	};
	manrs_slurm_file *doc = v1(
		"{\"asn\":null,\"prefix\":\"192.0.2.0/24\",\"comment\":null,\"source\":\"X\"}", "",
		"{\"asn\":1,\"prefix\":\"10.0.0.0/8\",\"source\":\"X\"},\n{\"mnt-by\":[{\"a\":[]}],"
		"\"asn\":2,\"prefix\":\"10.0.0.0/8\"},\n{\"asn\":3,\"prefix\":\"10.0.0.0/8\","
		"\"maxPrefixLength\":null},{\"asn\":3,\"prefix\":\"10.0.0.0/8\",\"comment\":null}",
		"");
	const manrs_slurm *s = manrs_slurm_file_slurm(doc);
	const manrs_fault *list;
	uint64_t all;

	ck_assert_uint_eq(manrs_slurm_file_issues(doc, &list, &all), 5);
	ck_assert_uint_eq(all, 7);
	for (int i = 0; i < 5; i++) {
		ck_assert_int_eq(list[i].code, want[i].code);
		ck_assert_uint_eq(list[i].line, want[i].line);
		ck_assert_msg(!strncmp(list[i].what, want[i].what, strlen(want[i].what)), "%s",
			      list[i].what);
	}
	ck_assert(!s->prefix_filters[0].has_asn && s->prefix_filters[0].prefix.len == 24);
	ck_assert_uint_eq(s->n_vrps, 4);
	ck_assert_uint_eq(s->vrps[2].prefix.maxlen, 8);
	manrs_slurm_file_free(doc);
}
END_TEST

/* RFC 8259 section 8.1: a parser may pass over a byte order mark; offsets go on counting from the file's first byte. */
START_TEST(a_byte_order_mark_is_passed_over)
{
	char text[512] = "\xef\xbb\xbf";
	manrs_slurm_file *doc;
	manrs_fault fault;

	snprintf(text + 3, sizeof text - 3, V1, "{\"asn\":1}", "", "", "");
	ck_assert_int_eq(reading(&doc, text, NULL), MANRS_OK);
	ck_assert_uint_eq(kept(doc), 1);
	manrs_slurm_file_free(doc);
	ck_assert_int_eq(reading(&doc, "\xef\xbb\xbf{\"x\":1}", &fault), MANRS_ESYNTAX);
	ck_assert_uint_eq(fault.at, 4);
}
END_TEST

/* The names of the document and of its groups are exact, too. */
START_TEST(a_near_miss_of_an_outer_name_is_told)
{
	static const char *const cases[][2] = {
		{"{\"slurmversion\":1}", "slurmVersion is meant?: \"slurmversion\""},
		{"{\"validationOutputFilter\":{}}",
		 "validationOutputFilters is meant?: \"validationOutputFilter\""},
		{"{\"locallyAddedAssertions\":{\"prefixAssertion\":[]}}",
		 "prefixAssertions is meant?: \"prefixAssertion\""},
		{"{\"metadata\":{}}", "here: \"metadata\""},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char out[MANRS_FAULT_TEXT];
		manrs_slurm_file *doc;
		manrs_fault fault;

		ck_assert_int_eq(reading(&doc, cases[i][0], &fault), MANRS_ESYNTAX);
		manrs_fault_text(&fault, cases[i][0], strlen(cases[i][0]), out, sizeof out);
		ck_assert_msg(strstr(out, cases[i][1]), "%s", out);
	}
}
END_TEST

START_TEST(memory_refused_leaves_nothing)
{
	static const char text[] =
		"{\"slurmVersion\":2,\"validationOutputFilters\":{\"prefixFilters\":[{\"asn\":1}"
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
		manrs_slurm_file *doc = NULL;
		manrs_fault fault = {0};

		rc = manrs_slurm_file_read(&doc, text, sizeof text - 1, &alloc, &fault);
		ck_assert(rc == MANRS_OK ? kept(doc) == 6
					 : rc == MANRS_ENOMEM && !doc && fault.code == rc);
		manrs_slurm_file_free(doc);
		ck_assert_uint_eq(a.live, 0);
	}
}
END_TEST

/* Every proper beginning of a document is refused, whichever list it ends in. */
START_TEST(cut_documents_are_refused)
{
	static char text[2][1024];
	manrs_slurm_file *doc;
	size_t n[2] = {(size_t)snprintf(text[0], sizeof text[0], V1, "{\"asn\":1,\"comment\":null}",
					"{" SKI ",\"source\":{\"a\":[]}}",
					"{\"asn\":1,\"prefix\":\"::/0\",\"maxPrefixLength\":9}",
					"{\"asn\":64496," SKI ",\"routerPublicKey\":\"Ymx1YmI\"}"),
		       (size_t)snprintf(text[1], sizeof text[1], "\xef\xbb\xbf" V2,
					"{\"customerAsn\":64496}",
					"{\"customerAsn\":64496,\"providerAsns\":[64497,64498]}")};

	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(reading(&doc, text[i], NULL), MANRS_OK);
		manrs_slurm_file_free(doc);
		while (n[i]-- > 0) {
			text[i][n[i]] = '\0';
			ck_assert_int_eq(reading(&doc, text[i], NULL), MANRS_ESYNTAX);
		}
	}
}
END_TEST

/* ---- real files ---- */

static manrs_slurm_file *read_file(const char *name)
{
	const char *path = test_data(name);
	manrs_slurm_file *doc = NULL;
	static char text[1 << 20];
	FILE *f;

	if (!path)
		return NULL;
	f = fopen(path, "rb");
	ck_assert_int_eq(
		manrs_slurm_file_read(&doc, text, fread(text, 1, sizeof text, f), NULL, NULL),
		MANRS_OK);
	fclose(f);
	return doc;
}

/*
 * 3,312 entries, each with two members of DN42's own, which are passed over; line 873 has null for a prefix, which an
 * assertion must have (RFC 8416 section 3.4.1): the file is refused. Without the three entries that are wrong it is read.
 */
START_TEST(dn42_is_refused_for_its_null_prefix)
{
	const char *path = test_data("slurm/dn42-20220129.slurm.json");
	static char text[1 << 20];
	char out[MANRS_FAULT_TEXT];
	manrs_slurm_file *doc = NULL;
	const manrs_fault *list;
	manrs_fault fault;
	uint64_t all;
	size_t n;
	FILE *f;

	if (!path) {
		test_skip("no DN42 SLURM file");
		return;
	}
	f = fopen(path, "rb");
	n = fread(text, 1, sizeof text, f);
	fclose(f);
	for (unsigned k = 0; k < 3; k++) {
		static const uint32_t lines[] = {873, 10931, 23188};
		char *from, *to;

		ck_assert_int_eq(manrs_slurm_file_read(&doc, text, n, NULL, &fault), MANRS_ESYNTAX);
		ck_assert_uint_eq(fault.line, lines[k]);
		manrs_fault_text(&fault, text, n, out, sizeof out);
		ck_assert_msg(k || strstr(out, "\"prefix\": null"), "%s", out);
		for (from = text + fault.at; *from != '{';)
			from--;
		for (to = text + fault.at; *to != '}';)
			to++;
		while (*from != ',') /* before the entry */
			from--;
		for (; from <= to; from++)
			*from = *from == '\n' ? '\n' : ' ';
	}
	ck_assert_int_eq(manrs_slurm_file_read(&doc, text, n, NULL, &fault), MANRS_OK);
	ck_assert_uint_eq(manrs_slurm_file_slurm(doc)->n_vrps, 3309);
	ck_assert_uint_eq(manrs_slurm_file_issues(doc, &list, &all), 2);
	ck_assert_uint_eq(all, 2 * 3309);
	manrs_slurm_file_free(doc);
}
END_TEST

START_TEST(rpki_rs_files_hold_every_member)
{
	manrs_slurm_file *one = read_file("slurm/rpki-rs-full.json"),
			 *two = read_file("slurm/rpki-rs-full_v2.json");

	if (!one || !two) {
		test_skip("no SLURM files of rpki-rs");
		return;
	}
	ck_assert_uint_eq(kept(one), 3 + 3 + 2 + 1);
	ck_assert_uint_eq(kept(two), 3 + 3 + 1 + 2 + 1 + 1);
	ck_assert_uint_eq(issues(one) + issues(two), 0);
	ck_assert(!memcmp(manrs_slurm_file_slurm(one)->key_filters[1].ski, "12345678901234567890",
			  20));
	ck_assert(!memcmp(manrs_slurm_file_slurm(one)->key_filters[2].ski, "deadbeatdeadbeatdead",
			  20));
	ck_assert_uint_eq(manrs_slurm_file_slurm(one)->vrps[1].prefix.maxlen, 48);
	manrs_slurm_file_free(one);
	manrs_slurm_file_free(two);
}
END_TEST

START_TEST(routinator_output_is_read)
{
	static const char *const names[] = {"vrp/routinator-output-formats/111.slurm",
					    "vrp/routinator-output-formats/111.slurm2",
					    "vrp/routinator-output-formats/000.slurm2"};
	static const size_t want[] = {4, 6, 0};

	for (size_t i = 0; i < 3; i++) {
		manrs_slurm_file *doc = read_file(names[i]);

		if (!doc) {
			test_skip("no Routinator output");
			return;
		}
		ck_assert_uint_eq(kept(doc), want[i]);
		ck_assert_uint_eq(issues(doc), 0);
		manrs_slurm_file_free(doc);
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
	manrs_slurm_file *doc = read_file("slurm/slurm.json");
	const manrs_slurm *s;

	if (!n_in || !n_want || !doc) {
		test_skip("no SLURM files");
		return;
	}
	s = manrs_slurm_file_slurm(doc);
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
	manrs_slurm_file_free(doc);
}
END_TEST

Suite *slurm_file_suite(void)
{
	Suite *s = suite_create("slurm_file");

	ADD_TEST(s, rfc8416_s3_the_document_is_exact, 5);
	ADD_TEST(s, rfc8416_s3_members_stand_in_any_order, 5);
	ADD_TEST(s, rfc8416_s3_1_other_versions_are_not_read, 5);
	ADD_TEST(s, rfc8416_s3_3_1_prefix_filters, 5);
	ADD_TEST(s, rfc8416_s3_1_a_bad_prefix_filter_refuses_the_file, 5);
	ADD_TEST(s, rfc8416_s3_3_2_key_filters, 5);
	ADD_TEST(s, rfc8416_s3_4_1_prefix_assertions, 5);
	ADD_TEST(s, rfc8416_s3_4_2_key_assertions, 5);
	ADD_TEST(s, slurm2_aspas, 5);
	ADD_TEST(s, what_is_passed_over_is_told_once_a_kind, 5);
	ADD_TEST(s, a_byte_order_mark_is_passed_over, 5);
	ADD_TEST(s, a_near_miss_of_an_outer_name_is_told, 5);
	ADD_TEST(s, memory_refused_leaves_nothing, 5);
	ADD_TEST(s, cut_documents_are_refused, 5);
	ADD_TEST(s, dn42_is_refused_for_its_null_prefix, 5);
	ADD_TEST(s, rpki_rs_files_hold_every_member, 5);
	ADD_TEST(s, routinator_output_is_read, 5);
	ADD_TEST(s, stayrtr_answer_from_the_file_as_read, 5);
	return s;
}
