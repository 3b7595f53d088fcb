/* SPDX-License-Identifier: BSD-2-Clause */
/* Bad entries of VRP and ASPA files are issues, bad files fail: the same at every cut. Expectations are typed. */

#include "loading.h"

/* ---- bad entries: an issue each, the rest goes on ---- */

/* One entry of a list between two good ones: refused or not. */
static void judge_entry(const char *entry, unsigned good)
{
	static struct result r;
	char text[1024];
	int n = snprintf(text, sizeof text, "{\"roas\":[" GOOD ",\n%s,\n" GOOD "]}", entry);

	for (size_t cut = 0; cut <= (size_t)n; cut += cut ? 7 : 1) {
		load(&r, text, (size_t)n, cut);
		ck_assert_msg(r.rc == MANRS_OK, "%s: %s", entry, r.fault.what);
		ck_assert_msg(r.stats.vrps == 2 + good && r.stats.bad == !good, "%s: %s", entry,
			      r.text);
		ck_assert(good || strstr(r.text, "line=2"));
	}
}

START_TEST(bad_vrps_are_counted_and_skipped)
{
	static const char *const bad[] = {
		"{}",
		"{\"asn\":1}",
		"{\"prefix\":\"10.0.0.0/8\"}",
		"{\"asn\":1,\"prefix\":null,\"maxLength\":24}",
		"{\"asn\":1,\"prefix\":\"10.0.0.0\",\"maxLength\":24}",
		"{\"asn\":1,\"prefix\":\"10.0.0.1/8\",\"maxLength\":24}",
		"{\"asn\":1,\"prefix\":\"10.0.0.0/33\",\"maxLength\":33}",
		"{\"asn\":1,\"prefix\":\"10.0.0.0/8 \",\"maxLength\":24}",
		"{\"asn\":1,\"prefix\":\"10.0.0.0/8\\u0000\",\"maxLength\":24}",
		"{\"asn\":1,\"prefix\":\"10.0.0.0/8\",\"maxLength\":255}",
		"{\"asn\":1,\"prefix\":\"10.0.0.0/8\",\"maxLength\":33}",
		"{\"asn\":1,\"prefix\":\"10.0.0.0/8\",\"maxLength\":7}",
		"{\"maxLength\":7,\"asn\":1,\"prefix\":\"10.0.0.0/8\"}",
		"{\"asn\":1,\"prefix\":\"10.0.0.0/8\",\"maxLength\":-1}",
		"{\"asn\":1,\"prefix\":\"10.0.0.0/8\",\"maxLength\":24.0}",
		"{\"asn\":1,\"prefix\":\"10.0.0.0/8\",\"maxLength\":1e1}",
		"{\"asn\":1,\"prefix\":\"10.0.0.0/8\",\"maxLength\":\"024\"}",
		"{\"asn\":1,\"prefix\":\"10.0.0.0/8\",\"maxLength\":\"24 \"}",
		"{\"asn\":1,\"prefix\":\"10.0.0.0/8\",\"maxLength\":\"/24\"}",
		"{\"asn\":1,\"prefix\":\"10.0.0.0/8\",\"maxLength\":false}",
		"{\"asn\":null,\"prefix\":\"10.0.0.0/8\",\"maxLength\":24}",
		"{\"asn\":1,\"prefix\":\"10.0.0.0/8\",\"maxLength\":[24]}",
		"{\"asn\":1,\"prefix\":\"10.0.0.0/8\",\"maxLength\":4294967304}", /* 8 in 32 bits */
		"{\"asn\":1e3,\"prefix\":\"10.0.0.0/8\"}",
		"{\"asn\":1.0,\"prefix\":\"10.0.0.0/8\"}",
		"{\"asn\":-1,\"prefix\":\"10.0.0.0/8\"}",
		"{\"asn\":4294967296,\"prefix\":\"10.0.0.0/8\"}",
		"{\"asn\":\"AS4294967296\",\"prefix\":\"10.0.0.0/8\"}",
		"{\"asn\":\"\",\"prefix\":\"10.0.0.0/8\"}",
		"{\"asn\":\"AS\",\"prefix\":\"10.0.0.0/8\"}",
		"{\"asn\":\"AS1.65536\",\"prefix\":\"10.0.0.0/8\"}",
		"{\"asn\":1.5,\"prefix\":\"10.0.0.0/8\"}", /* a number of JSON: 1.5 and 1.50 are one */
		"{\"asn\":true,\"prefix\":\"10.0.0.0/8\"}",
		"{\"asn\":{\"asn\":1},\"prefix\":\"10.0.0.0/8\"}",
		"{\"asn\":1,\"asn\":1,\"prefix\":\"10.0.0.0/8\"}",
		"{\"asn\":1,\"prefix\":\"10.0.0.0/8\",\"prefix\":\"10.0.0.0/8\"}",
		"[]",
		"[[1],{\"asn\":1}]",
		"null",
		"5",
		"\"AS1\"",
		"true",
	};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		judge_entry(bad[i], 0);
}
END_TEST

START_TEST(odd_vrps_count)
{
	static const char *const good[] = {
		"{\"asn\":\"AS1.5\",\"prefix\":\"10.0.0.0/8\"}",
		"{\"asn\":1,\"prefix\":\"10.0.0.0/8\"}",
		"{\"asn\":0,\"prefix\":\"0.0.0.0/0\",\"maxLength\":0}",
		"{\"asn\":4294967295,\"prefix\":\"255.255.255.255/32\",\"maxLength\":32}",
		"{\"maxLength\":128,\"prefix\":\"::/0\",\"asn\":\"4294967295\"}",
		("{\"asn\":1,\"x\":{\"asn\":2,\"y\":[[{}]]},\"prefix\":\"10.0.0.0/"
		 "8\",\"ta\":null,\"z\":[],\"mnt-by\":\"\\u0000\"}"),
		"{\"x\":1,\"x\":2,\"asn\":1,\"prefix\":\"10.0.0.0/8\",\"source\":\"RIPE\"}",
	};

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		judge_entry(good[i], 1);
}
END_TEST

START_TEST(bad_aspas_and_keys_are_counted_and_skipped)
{
	static const char text[] =
		"{\"aspas\":[{\"customer\":0,\"providers\":[1]},{\"customer\":1,\"providers\":[1,2]"
		"},{\"customer\":1,\"providers\":[]},"
		"{\"customer\":1},{\"providers\":[1]},{\"customer\":1,\"providers\":{}},{"
		"\"customer\":1,\"providers\":[2,-3]},"
		"{\"customer\":1,\"providers\":[2,[3]]},{\"customer\":1,\"customer_asid\":1,"
		"\"providers\":[2]},"
		"{\"customer\":1,\"providers\":[2],\"providers\":[3]},{\"customer\":\"1x\","
		"\"providers\":[2]},\n"
		"{\"customer\":4294967295,\"providers\":[4294967294,0,0]},{\"providers\":[0,0],"
		"\"customer\":9}],"
		"\"router_keys\":[{\"asn\":1,\"ski\":\"00\",\"pubkey\":\"AAAA\"},{\"asn\":1,"
		"\"ski\":\"000000000000000000000000000000000000000g\",\"pubkey\":\"AAAA\"},"
		"{\"asn\":1,\"ski\":\"0000000000000000000000000000000000000000\"},{\"asn\":1,"
		"\"ski\":\"0000000000000000000000000000000000000000\",\"pubkey\":\"\"},"
		"{\"asn\":1,\"ski\":\"0000000000000000000000000000000000000000\",\"pubkey\":\"AAA="
		"A\"},{\"ski\":\"0000000000000000000000000000000000000000\",\"pubkey\":\"AAAA\"},"
		"{\"asn\":1,\"ski\":\"0000000000000000000000000000000000000000\",\"pubkey\":\"+_"
		"AA\"},{\"asn\":1,\"ski\":\"0000000000000000000000000000000000000000\",\"pubkey\":"
		"\"AB==\"},{\"asn\":1,\"ski\":\"0000000000000000000000000000000000000000\","
		"\"pubkey\":\"AAAA\"}]}";
	static struct result r;

	for (size_t cut = 0; cut <= sizeof text - 1; cut++) {
		load(&r, text, sizeof text - 1, cut);
		ck_assert_int_eq(r.rc, MANRS_OK);
		ck_assert_uint_eq(r.stats.bad, 8 + 8);
		ck_assert_uint_eq(r.stats.refused, 3); /* customer AS0, among its providers, none */
		ck_assert_uint_eq(r.stats.aspas, 2);
		ck_assert_uint_eq(r.stats.keys, 1);
		ck_assert(strstr(r.text, "aspa 4294967295: 4294967294 ta= expires=0 line=2\n"));
		ck_assert(strstr(r.text, "aspa 9: 0 ta= expires=0 line=2\n"));
	}
}
END_TEST

START_TEST(bad_lines_are_counted_and_skipped)
{
	static const struct {
		const char *text;
		unsigned good, bad;
	} cases[] = {
		{"roa 10.0.0.0/8 max 8 as 1;\nroa  max 112 as 64654; # X\nroa 10.0.0.0/8 max 9 as "
		 "; #\nroa 10.0.0.0/8 max 33 as 1;\n"
		 "roa 10.0.0.1/8 max 8 as 1;\nroa 10.0.0.0/8 max 8 as 1\nroa 10.0.0.0/8 as "
		 "1;\nfoo;\nroa;\nroa 10.0.0.0/8 max 8 as 1; x\n"
		 "roa 10.0.0.0/8 max 8 as 1; roa 10.0.0.0/8 max 9 as 1;\nroute aspa 1 providers "
		 "1;\nroute aspa 1 providers ;\n"
		 "route aspa 1 providers 2\nroute aspa 0 providers 2;\nroute aspa 1 2;\n",
		 4, 14},
		{"ASN,IP Prefix,Max Length,Trust "
		 "Anchor\nAS1,10.0.0.0/8,8,x\nAS1,10.0.0.0/8,8\nAS1,10.0.0.0/8,8,x,y\nASx,10.0.0.0/"
		 "8,8,x\n"
		 "AS1,10.0.0.0/8,,x\nAS1,10.0.0.0/8,7,x\nAS1,10.0.0.0/8,08,x\n\"AS1,10.0.0.0/"
		 "8,8,x\nAS1,10.0.0.0/8,8,x\"\nAS1, 10.0.0.0/8,8,x\n",
		 3, 7},
		{"roa-set {\n10.0.0.0/8 source-as 1\n10.0.0.0/8 maxlen 7 source-as "
		 "1\n10.0.0.0/8\n10.0.0.0/8 source-as\nsource-as 1\n10.0.0.0/8 source-as 1 "
		 "x\n}\nfoo\n"
		 "aspa-set {\ncustomer-as 1 provider-as { 2\ncustomer-as 1 provider-as 2 "
		 "}\ncustomer-as provider-as { 1 }\n}\n",
		 2, 9},
		{"1\t2 3\n1\n2\t2\n0\t1\n1\tx\n1 2,3\nx\t1\n", 1, 6},
	};
	static struct result r;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t n = strlen(cases[i].text);

		for (size_t cut = 0; cut <= n; cut++) {
			load(&r, cases[i].text, n, cut);
			ck_assert_int_eq(r.rc, MANRS_OK);
			ck_assert_msg(r.stats.vrps + r.stats.aspas == cases[i].good &&
					      r.stats.bad + r.stats.refused == cases[i].bad,
				      "%zu cut %zu: %s", i, cut, r.text);
		}
	}
}
END_TEST

START_TEST(an_issue_has_its_place)
{
	static const char json[] = "{\"roas\":[\n {\"asn\":1,\n  \"prefix\":\"10.0.0.1/8\"}]}",
			  bird[] = "\nroa 10.0.0.0/8 max 8 as 1;\n roa 10.0.0.0/8 max x as 1;\n";
	static struct result r;

	load(&r, json, sizeof json - 1, 3);
	ck_assert_ptr_nonnull(strstr(
		r.text, "issue at=32 line=3 code=-1 host bits set: prefix \"10.0.0.1/8\"\n"));
	load(&r, bird, sizeof bird - 1, 0);
	ck_assert_ptr_nonnull(strstr(r.text, "issue at=48 line=3 "));
}
END_TEST

START_TEST(a_thousand_issues_are_kept_and_all_counted)
{
	static char text[65536];
	static manrs_load_issue issues[2000];
	manrs_load_stats stats = {.size = sizeof stats};
	manrs_load *l;
	size_t n = 0;

	n += (size_t)sprintf(text, "{\"roas\":[" GOOD ",{}");
	for (int i = 1; i < 1500; i++)
		n += (size_t)sprintf(text + n, ",\n{\"x\":1}");
	n += (size_t)sprintf(text + n, "]}");
	ck_assert_int_eq(manrs_load_new(&l, NULL), MANRS_OK);
	manrs_load_allow(l, 0, 1000);
	ck_assert_int_eq(manrs_load_push(l, text, 5000, NULL), MANRS_OK);
	ck_assert_uint_eq(manrs_load_issues(l, issues, 100), 100);
	ck_assert_int_eq(manrs_load_push(l, text + 5000, n - 5000, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_load_finish(l, NULL), MANRS_OK);
	ck_assert_uint_eq(manrs_load_issues(l, issues, 2000), 900);
	ck_assert_uint_eq(issues[899].fault.line, 1000);
	manrs_load_stats_get(l, &stats);
	ck_assert_uint_eq(stats.bad, 1500);
	manrs_load_free(l);
}
END_TEST

/* ---- bad files: nothing of them counts ---- */

START_TEST(bad_files_fail)
{
	static const struct {
		const char *text;
		int rc;
	} cases[] = {
		{"", MANRS_ESYNTAX},
		{" \n\t# only a comment\n", MANRS_ESYNTAX},
		{"\xef\xbb\xbf", MANRS_ESYNTAX},
		{"\xef\xbb{}", MANRS_ESYNTAX},
		{"{", MANRS_ESYNTAX},
		{"{\"roas\":[", MANRS_ESYNTAX},
		{"{\"roas\":[" GOOD, MANRS_ESYNTAX},
		{"{\"roas\":[" GOOD "]", MANRS_ESYNTAX},
		{"{\"roas\":[" GOOD "]} x", MANRS_ESYNTAX},
		{"{\"roas\":[" GOOD "]}{}", MANRS_ESYNTAX},
		{"{\"roas\":[" GOOD ",]}", MANRS_ESYNTAX},
		{"{\"roas\":{}}", MANRS_ESYNTAX},
		{"{\"roas\":5}", MANRS_ESYNTAX},
		{"{\"roas\":[],\"roas\":[]}", MANRS_ESYNTAX},
		{"{\"bgpsec_keys\":[],\"routerKeys\":[]}", MANRS_ESYNTAX},
		{"{\"aspas\":\"x\"}", MANRS_ESYNTAX},
		{"{\"provider_authorizations\":[]}", MANRS_ESYNTAX},
		{"{\"provider_authorizations\":{\"ipv4\":{}}}", MANRS_ESYNTAX},
		{"{\"slurmVersion\":1}", MANRS_ESYNTAX},
		{"[1]", MANRS_ESYNTAX},
		{"[[" GOOD "]]", MANRS_ESYNTAX},
		{"[" GOOD "]]", MANRS_ESYNTAX},
		{"[" GOOD "", MANRS_ESYNTAX},
		{"{\"roas\":[\"\xff\"]}", MANRS_ESYNTAX},
		{"<html>", MANRS_ESYNTAX},
		{"\x1f\x8b\x08", MANRS_ESYNTAX},
		{"hello, world\n", MANRS_ESYNTAX},
		{"10.0.0.0/8 1\n", MANRS_ESYNTAX},
		{"ASN,IP Prefix,Max Length,Trust Anchor\n", MANRS_ESYNTAX},
		{"ASN,IP Prefix,Max Length,Trust Anchor\nx\n", MANRS_ESYNTAX},
		{"roa-set {\n}\n", MANRS_ESYNTAX},
		{"roa-set {\n10.0.0.0/8 source-as 1\n", MANRS_ESYNTAX},
		{"roa ;\n", MANRS_ESYNTAX},
		{"1\tx\n", MANRS_ESYNTAX},
		{"{\"x\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
		 MANRS_ELIMIT},
	};
	static struct result r;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t n = strlen(cases[i].text);
		manrs_fault first;

		load(&r, cases[i].text, n, n);
		ck_assert_msg(r.rc == cases[i].rc, "%s: %d", cases[i].text, r.rc);
		ck_assert_int_eq(r.fault.code, r.rc);
		first = r.fault;
		for (size_t cut = 0; cut < n; cut++) {
			load(&r, cases[i].text, n, cut);
			ck_assert_msg(r.fault.at == first.at && r.fault.line == first.line &&
					      r.fault.what == first.what,
				      "%s cut %zu: %llu %s", cases[i].text, cut,
				      (unsigned long long)r.fault.at, r.fault.what);
		}
	}
}
END_TEST

Suite *load_bad_suite(void)
{
	Suite *s = suite_create("load_bad");

	ADD_TEST(s, bad_vrps_are_counted_and_skipped, 10);
	ADD_TEST(s, odd_vrps_count, 10);
	ADD_TEST(s, bad_aspas_and_keys_are_counted_and_skipped, 10);
	ADD_TEST(s, bad_lines_are_counted_and_skipped, 10);
	ADD_TEST(s, an_issue_has_its_place, 10);
	ADD_TEST(s, a_thousand_issues_are_kept_and_all_counted, 10);
	ADD_TEST(s, bad_files_fail, 10);
	return s;
}
