/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Forms that real exports and people give their files: names, absent values, times, marks, blanks. Expectations are typed;
 * the names are those that the writers named beside them use.
 */

#include "loading.h"

#define P         "\"prefix\":\"10.0.0.0/8\""
#define R(member) "{\"roas\":[{\"asn\":1," P "," member "}]}"

struct form {
	const char *text, *want;
};

static void typed(struct result *r, const char *text)
{
	load(r, text, strlen(text), 0);
}

/* The outcome at every cut, up to the order of the queues. */
static void judge(const struct form *forms, size_t n)
{
	static struct result r;

	for (size_t i = 0; i < n; i++)
		for (size_t cut = 0; cut < strlen(forms[i].text); cut++) {
			load(&r, forms[i].text, strlen(forms[i].text), cut);
			ck_assert_msg(r.rc == MANRS_OK, "%s: %s", forms[i].text, r.fault.what);
			ck_assert_msg(!strcmp(r.text, forms[i].want), "%s cut %zu:\n%s",
				      forms[i].text, cut, r.text);
		}
}
#define JUDGE(forms) judge(forms, sizeof forms / sizeof *forms)

/* RFC 6482 section 3.3: an absent maxLength is the prefix's length. */
START_TEST(null_and_an_empty_field_are_absent)
{
	static const char bare[] = "vrp 10.0.0.0/8 8 1 ta= expires=0 line=1\n";
	static const struct form forms[] = {
		{R("\"maxLength\":null"), bare},
		{R("\"maxLength\":\"\""), bare},
		{R("\"expires\":null"), bare},
		{R("\"expires\":\"\""), bare},
		{R("\"ta\":null"), bare},
		{R("\"ta\":\"\""), bare},
		{R("\"source\":null"), bare},
		{R("\"maxLength\":null,\"max_length\":9"),
		 "vrp 10.0.0.0/8 9 1 ta= expires=0 line=1\n"},
		/* RIPE's roas.csv leaves Max Length empty where a ROA has none */
		{"URI,ASN,IP Prefix,Max Length,Not Before,Not After\n"
		 "rsync://a/b.roa,AS1,10.0.0.0/8,,2025-01-01 00:00:00,1970-01-02 00:00:00\n",
		 "vrp 10.0.0.0/8 8 1 ta= expires=86400 line=2\n"},
		{"ASN,IP Prefix,Max Length,Trust "
		 "Anchor\nAS1,10.0.0.0/8,,\n\"AS2\",\"10.0.0.0/8\",\"\",\"\"\n",
		 "vrp 10.0.0.0/8 8 1 ta= expires=0 line=2\nvrp 10.0.0.0/8 8 2 ta= expires=0 "
		 "line=3\n"},
		{"{\"roas\":[{\"asn\":1," P
		 ",\"source\":[{\"tal\":null,\"validity\":{\"notAfter\":null}}]}]}",
		 bare},
	};

	JUDGE(forms);
}
END_TEST

/* An entry whose maxLength is absent must not teach the quick reader a form without one. */
START_TEST(an_absent_value_is_of_its_entry_alone)
{
	static const char text[] =
		"{\"roas\":[{\"asn\":1," P ",\"maxLength\":\"\"},{\"asn\":1," P
		",\"maxLength\":\"9\"},"
		"{\"asn\":1," P ",\"maxLength\":\"10\"},{\"asn\":1," P ",\"maxLength\":\"\"}]}";
	static struct result r;

	load(&r, text, sizeof text - 1, sizeof text - 1);
	ck_assert_str_eq(
		r.text,
		"vrp 10.0.0.0/8 8 1 ta= expires=0 line=1\nvrp 10.0.0.0/8 9 1 ta= expires=0 line=1\n"
		"vrp 10.0.0.0/8 10 1 ta= expires=0 line=1\nvrp 10.0.0.0/8 8 1 ta= expires=0 "
		"line=1\n");
}
END_TEST

/* date -u -d 2025-07-20T09:31:33Z +%s gives 1753003893, of that day's start 1752969600. */
#define T(text) "vrp 10.0.0.0/8 8 1 ta= expires=" text " line=1\n"
#define NO_TIME(at, value)                                       \
	"vrp 10.0.0.0/8 8 1 ta= expires=0 line=1\nremark at=" at \
	" line=1 code=-1 an expiry that is not a time is left out: expires \"" value "\"\n"
START_TEST(an_expiry_never_costs_the_vrp)
{
	static const struct form forms[] = {
		{R("\"expires\":1753003893"), T("1753003893")},
		{R("\"expires\":\"1753003893\""), T("1753003893")},
		{R("\"expires\":\"2025-07-20T09:31:33Z\""), T("1753003893")},
		{R("\"expires\":\"2025-07-20T11:31:33+02:00\""), T("1753003893")},
		{R("\"expires\":\"2025-07-20T04:01:33.250-05:30\""), T("1753003893")},
		{R("\"expires\":\"2025-07-20 09:31:33\""), T("1753003893")},
		{R("\"expires\":\"2025-07-20\""), T("1752969600")},
		{R("\"expires\":\"soon\""), NO_TIME("50", "soon")},
		{R("\"expires\":-5"), NO_TIME("50", "-5")},
		{R("\"expires\":1.5e9"), NO_TIME("50", "1.5e9")},
		{R("\"expires\":true"), NO_TIME("50", "true")},
		{R("\"expires\":[1]"), NO_TIME("50", "[]")},
		{R("\"expires\":\"2025-02-30T00:00:00Z\""), NO_TIME("50", "2025-02-30T00:00:00Z")},
		{R("\"ta\":5"), "vrp 10.0.0.0/8 8 1 ta= expires=0 line=1\n"
				"remark at=45 line=1 code=-1 a trust anchor that is not a string "
				"is left out: ta \"5\"\n"},
		{"1,10.0.0.0/8,8,x,soon\n", "vrp 10.0.0.0/8 8 1 ta=x expires=0 line=1\n"
					    "remark at=17 line=1 code=-1 an expiry that is not a "
					    "time is left out: expires \"soon\"\n"},
		{"1,10.0.0.0/8,8,x,2025-07-20\n",
		 "vrp 10.0.0.0/8 8 1 ta=x expires=1752969600 line=1\n"},
		{"roa-set {\n10.0.0.0/8 source-as 1 expires never\n}\n",
		 "vrp 10.0.0.0/8 8 1 ta= expires=0 line=2\n"
		 "remark at=41 line=2 code=-1 an expiry that is not a time is left out: expires "
		 "\"never\"\n"},
		{"{\"aspas\":[{\"customer\":1,\"providers\":[2],\"expires\":\"x\"}]}",
		 "aspa 1: 2 ta= expires=0 line=1\n"
		 "remark at=50 line=1 code=-1 an expiry that is not a time is left out: expires "
		 "\"x\"\n"},
		/* each is counted, the first is told */
		{"{\"roas\":[{\"asn\":1," P ",\"expires\":\"x\"},{\"asn\":2," P
		 ",\"expires\":\"y\"}]}",
		 "vrp 10.0.0.0/8 8 1 ta= expires=0 line=1\nvrp 10.0.0.0/8 8 2 ta= expires=0 "
		 "line=1\n"
		 "remark at=50 line=1 code=-1 an expiry that is not a time is left out: expires "
		 "\"x\"\n"},
	};
	static struct result r;

	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		load(&r, forms[i].text, strlen(forms[i].text), strlen(forms[i].text));
		ck_assert_msg(r.rc == MANRS_OK && !strcmp(r.text, forms[i].want), "%s:\n%s",
			      forms[i].text, r.text);
		ck_assert_uint_eq(r.stats.bad, 0);
	}
	ck_assert_uint_eq(r.stats.remarks, 2);
}
END_TEST

/* jsonext's sources: one whose time cannot be read holds for ever, as one without a time does. */
START_TEST(expiries_of_aspas_and_keys_are_reported)
{
	static const struct form forms[] = {
		{"{\"provider_authorizations\":{\"ipv4\":[{\"customer_asid\":7,\"providers\":[9],"
		 "\"expires\":50}],"
		 "\"ipv6\":[{\"customer_asid\":7,\"providers\":[8],\"expires\":60},{\"customer_"
		 "asid\":8,\"providers\":[1],\"expires\":5},"
		 "{\"customer_asid\":9,\"providers\":[1],\"expires\":5},{\"customer_asid\":9,"
		 "\"providers\":[2]}]}}",
		 "aspa 7: 8 9 ta= expires=60 line=0\naspa 8: 1 ta= expires=5 line=0\naspa 9: 1 2 "
		 "ta= expires=0 line=0\n"},
		{"{\"aspas\":[{\"customer\":1,\"providers\":[2],\"source\":[{\"tal\":\"ripe\","
		 "\"validity\":"
		 "{\"notAfter\":\"1970-01-02T00:00:00Z\"}}]}]}",
		 "aspa 1: 2 ta=ripe expires=86400 line=1\n"},
	};
	static const char keys[] =
		"{\"bgpsec_keys\":[{\"asn\":1,\"ski\":\"0000000000000000000000000000000000000000\","
		"\"pubkey\":\"AAAA\",\"expires\":77}]}";
	manrs_load_note note;
	manrs_router_key key;
	manrs_load *l;

	JUDGE(forms);
	ck_assert_int_eq(manrs_load_new(&l, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_load_push(l, keys, sizeof keys - 1, NULL), MANRS_OK);
	ck_assert_uint_eq(manrs_load_keys(l, &key, &note, 1), 1);
	ck_assert_uint_eq(note.expires, 77);
	manrs_load_free(l);
}
END_TEST

#define FULL "vrp 10.0.0.0/8 9 1 ta=x expires=5 line=1\n"
START_TEST(names_of_other_exports_are_read)
{
	static const struct form forms[] = {
		/* Routinator's validity output and RIPEstat, with quoted numbers */
		{"{\"roas\":[{\"asn\":\"AS1\"," P
		 ",\"max_length\":\"9\",\"ta\":\"x\",\"expires\":5}]}",
		 FULL},
		{"{\"roas\":[{\"origin\":\"1\"," P
		 ",\"max_length\":9,\"tal\":\"x\",\"expiry\":5}]}",
		 FULL},
		{"{\"roas\":[{\"ASN\":1,\"Prefix\":\"10.0.0.0/"
		 "8\",\"MaxLength\":9,\"TA\":\"x\",\"Expires\":5}]}",
		 FULL},
		{"{\"roas\":[{\"asn\":1,\"ip-prefix\":\"10.0.0.0/"
		 "8\",\"max-len\":9,\"trust_anchor\":\"x\",\"not_after\":5}]}",
		 FULL},
		{"{\"roas\":[{\"asn\":1," P
		 ",\"maxPrefixLength\":9,\"trustAnchor\":\"x\",\"notAfter\":5}]}",
		 FULL},
		{"ASN,Prefix,Max prefix length,TAL,Expires\n1,10.0.0.0/8,9,x,5\n",
		 "vrp 10.0.0.0/8 9 1 ta=x expires=5 line=2\n"},
		{"prefix,max_length,origin_as\n10.0.0.0/8,9,AS1\n",
		 "vrp 10.0.0.0/8 9 1 ta= expires=0 line=2\n"},
		{"{\"aspas\":[{\"customer_asn\":1,\"provider_asns\":[2]},{\"customerAsid\":1,"
		 "\"providerSet\":[3]}]}",
		 "aspa 1: 2 ta= expires=0 line=1\naspa 1: 3 ta= expires=0 line=1\n"},
		/* the member's own name counts, before and after, whatever the other holds */
		{"{\"roas\":[{\"asn\":1," P
		 ",\"maxLength\":9,\"max_length\":24,\"ta\":\"x\",\"tal\":\"y\",\"expires\":5}]}",
		 FULL},
		{"{\"roas\":[{\"origin\":\"IGP\",\"asn\":1,\"ip_prefix\":7," P
		 ",\"max_length\":24,\"maxLength\":9,\"tal\":\"y\",\"ta\":\"x\",\"expires\":5}]}",
		 FULL},
		{"{\"aspas\":[{\"customer\":1,\"provider_set\":[9,\"x\"],\"providers\":[2]}]}",
		 "aspa 1: 2 ta= expires=0 line=1\n"},
	};
	static struct result r;

	JUDGE(forms);
	/* a doubt that nothing resolves costs the entry, also beside one that is resolved */
	typed(&r, "{\"roas\":[" GOOD ",{\"origin\":\"IGP\"," P
		  "},{\"origin\":\"x\",\"ip_prefix\":\"y\",\"asn\":1}]}");
	ck_assert_uint_eq(r.stats.vrps, 1);
	ck_assert_ptr_nonnull(strstr(r.text, "not an AS number: asn \"IGP\""));
	ck_assert_uint_eq(r.stats.bad, 2);
}
END_TEST

#define NEAR "a name that is not read is near to that of a member which is absent: "
START_TEST(a_near_miss_is_a_remark_and_no_refusal)
{
	static const struct {
		const char *text, *remark; /* NULL: none */
	} cases[] = {
		{R("\"maxLenght\":9"),
		 "remark at=9 line=1 code=-1 " NEAR "maxLength \"maxLenght\"\n"},
		{R("\"expire\":9,\"maxLength\":8"),
		 "remark at=9 line=1 code=-1 " NEAR "expires \"expire\"\n"},
		{"ASN,IP Prefix,Max Lenght,Trust Anchor\n1,10.0.0.0/8,9,x\n",
		 "remark at=0 line=1 code=-1 " NEAR "maxLength \"MaxLenght\"\n"},
		/* the member is there, or the name is far from it; ta and tal are both real */
		{R("\"maxLenght\":9,\"maxLength\":8"), NULL},
		{R("\"mnt-by\":9,\"length\":8,\"type\":1"), NULL},
		{R("\"tal\":\"x\""), NULL},
	};
	static struct result r;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		typed(&r, cases[i].text);
		ck_assert_msg(r.rc == MANRS_OK && r.stats.vrps == 1, "%s", cases[i].text);
		ck_assert_msg(cases[i].remark ? strstr(r.text, cases[i].remark) != NULL
					      : r.stats.remarks == 0,
			      "%s:\n%s", cases[i].text, r.text);
		ck_assert_uint_eq(r.stats.remarks, cases[i].remark != NULL);
	}
	/* where the entry cannot do without the member, the error says what stands there */
	typed(&r, "{\"roas\":[{\"asn\":1,\"prefx\":\"10.0.0.0/8\"}]}");
	ck_assert_ptr_nonnull(strstr(r.text, "no prefix: prefix \"prefx\"\n"));
}
END_TEST

START_TEST(marks_blanks_and_bare_lists)
{
	static const struct form forms[] = {
		/* a byte order mark before the content, behind comments, and where files were put together */
		{"\xef\xbb\xbf"
		 "1,10.0.0.0/8\n",
		 "vrp 10.0.0.0/8 8 1 ta= expires=0 line=1\n"},
		{"# by hand\n\xef\xbb\xbf{\"roas\":[" GOOD "]}",
		 "vrp 10.0.0.0/8 9 1 ta= expires=0 line=2\n"},
		{"1,10.0.0.0/8\n\xef\xbb\xbf"
		 "2,10.0.0.0/8\n",
		 "vrp 10.0.0.0/8 8 1 ta= expires=0 line=1\nvrp 10.0.0.0/8 8 2 ta= expires=0 "
		 "line=2\n"},
		/* blanks around CSV fields and columns */
		{"ASN, IP Prefix, Max Length , Trust Anchor\nAS1, 10.0.0.0/8 , 9,\ta b \n\"AS2\" , "
		 "\"10.0.0.0/8\", \"9\" ,\"c\"\n",
		 "vrp 10.0.0.0/8 9 1 ta=a b expires=0 line=2\nvrp 10.0.0.0/8 9 2 ta=c expires=0 "
		 "line=3\n"},
		{"AS1, 10.0.0.0/8\n", "vrp 10.0.0.0/8 8 1 ta= expires=0 line=1\n"},
		/* BGPalerter's file of VRPs is a bare list */
		{"[" GOOD ",\n{" P ",\"asn\":2,\"maxLength\":8,\"ta\":\"x\"}]\n",
		 "vrp 10.0.0.0/8 9 1 ta= expires=0 line=1\nvrp 10.0.0.0/8 8 2 ta=x expires=0 "
		 "line=2\n"},
		/* asdot, RFC 5396 section 2 */
		{"AS1.10,10.0.0.0/8\n", "vrp 10.0.0.0/8 8 65546 ta= expires=0 line=1\n"},
		{"1.10 0.65526 AS1.0\n", "aspa 65546: 65526 65536 ta= expires=0 line=1\n"},
		/* blanks for tabs */
		{"945   13213 150369\n970 54874\n",
		 "aspa 945: 13213 150369 ta= expires=0 line=1\naspa 970: 54874 ta= expires=0 "
		 "line=2\n"},
	};
	JUDGE(forms);
}
END_TEST

START_TEST(an_address_without_a_length_is_a_host)
{
	static const char host[] = "an address without a length is taken for a host's: prefix ";
	static struct result r;

	typed(&r, "AS1,192.0.2.1,32\nAS1,2001:db8::1,\n");
	ck_assert_ptr_nonnull(strstr(r.text, "vrp 192.0.2.1/32 32 1 "));
	ck_assert_ptr_nonnull(strstr(r.text, "vrp 2001:db8::1/128 128 1 "));
	ck_assert_ptr_nonnull(strstr(r.text, host));
	ck_assert_uint_eq(r.stats.remarks, 2);
	typed(&r, "{\"roas\":[{\"asn\":1,\"prefix\":\"192.0.2.1\",\"maxLength\":32}]}");
	ck_assert_ptr_nonnull(strstr(r.text, "vrp 192.0.2.1/32 32 1 "));
	ck_assert_uint_eq(r.stats.remarks, 1);
	typed(&r, "roa-set {\n192.0.2.1 source-as 1\n}\n");
	ck_assert_ptr_nonnull(strstr(r.text, "vrp 192.0.2.1/32 32 1 "));
	/* what is no good entry draws no remark: one finding an entry */
	typed(&r, "{\"roas\":[" GOOD ",{\"asn\":1,\"prefix\":\"192.0.2.1\",\"maxLength\":24}]}");
	ck_assert_uint_eq(r.stats.bad, 1);
	ck_assert_uint_eq(r.stats.remarks, 0);
}
END_TEST

Suite *load_forms_suite(void)
{
	Suite *s = suite_create("load_forms");

	ADD_TEST(s, null_and_an_empty_field_are_absent, 10);
	ADD_TEST(s, an_absent_value_is_of_its_entry_alone, 10);
	ADD_TEST(s, an_expiry_never_costs_the_vrp, 10);
	ADD_TEST(s, expiries_of_aspas_and_keys_are_reported, 10);
	ADD_TEST(s, names_of_other_exports_are_read, 10);
	ADD_TEST(s, a_near_miss_is_a_remark_and_no_refusal, 10);
	ADD_TEST(s, marks_blanks_and_bare_lists, 10);
	ADD_TEST(s, an_address_without_a_length_is_a_host, 10);
	return s;
}
