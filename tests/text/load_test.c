/* SPDX-License-Identifier: BSD-2-Clause */
/* VRP and ASPA files: every format, whole and cut anywhere; pulling; memory. Expectations are typed. */

#include "loading.h"

static const struct sample {
	const char *name, *text, *want;
	uint32_t format;
} samples[] = {
	{
		"rpki-client",
		"{\n\t\"metadata\": { \"roas\": 1, \"tals\": [ \"a\", { \"b\": [] } ] },\n"
		"\t\"roas\": [\n"
		"\t\t{ \"asn\": 64496, \"prefix\": \"192.0.2.0/24\", \"maxLength\": 25, \"ta\": "
		"\"ripe\", \"expires\": 1753453058 },\n"
		"\t\t{ \"asn\": 0, \"prefix\": \"2001:db8::/32\", \"maxLength\": 32, \"ta\": "
		"\"arin\", \"expires\": 5 }\n"
		"\t],\n"
		"\t\"bgpsec_keys\": [\n\t\t{ \"asn\": 15562,\n\t\t\"ski\": "
		"\"5D4250E2D81D4448D8A29EFCE91D29FF075EC9E2\",\n"
		"\t\t\"pubkey\": \"MFkwEw==\", \"ta\": \"ripe\", \"expires\": 7 }\n\t],\n"
		"\t\"aspas\": [ { \"customer_asid\": 970, \"expires\": 9, \"providers\": [ 54874, "
		"3, 54874 ] } ]\n}\n",
		"vrp 192.0.2.0/24 25 64496 ta=ripe expires=1753453058 line=4\n"
		"vrp 2001:db8::/32 32 0 ta=arin expires=5 line=5\n"
		"key 15562 5d..e2 4:30..13 line=8\n"
		"aspa 970: 3 54874 ta= expires=9 line=12\n",
		MANRS_FORMAT_JSON,
	},
	{
		"routinator json, the metadata behind",
		"{\"roas\":[{\"maxLength\":24,\"ta\":\"ripe\",\"prefix\":\"192.0.2.0/"
		"24\",\"asn\":\"AS64496\"}],"
		"\"routerKeys\":[{\"asn\":\"AS1\",\"SKI\":"
		"\"00000000000000000000000000000000000000ff\",\"routerPublicKey\":\"-_8\",\"ta\":"
		"\"N/A\"}],"
		"\"aspas\":[{\"customer\":\"AS970\",\"providers\":[\"AS2\",\"AS1\"],\"ta\":"
		"\"ripe\"}],\"metadata\":{\"generated\":1.5e3}}",
		"vrp 192.0.2.0/24 24 64496 ta=ripe expires=0 line=1\n"
		"key 1 00..ff 2:fb..ff line=1\n"
		"aspa 970: 1 2 ta=ripe expires=0 line=1\n",
		MANRS_FORMAT_JSON,
	},
	{
		"routinator jsonext",
		"{\"roas\":[\n"
		"{\"asn\":\"AS1\",\"prefix\":\"10.0.0.0/"
		"8\",\"maxLength\":8,\"source\":[{\"type\":\"exception\",\"path\":null}]},\n"
		"{\"asn\":\"AS2\",\"prefix\":\"10.0.0.0/"
		"8\",\"maxLength\":8,\"source\":[{\"type\":\"roa\",\"uri\":\"rsync://a/"
		"\",\"tal\":\"ripe\","
		"\"validity\":{\"notBefore\":\"1970-01-01T00:00:00Z\",\"notAfter\":\"1970-01-03T00:"
		"00:01Z\"},"
		"\"chainValidity\":{\"notBefore\":\"1970-01-01T00:00:00Z\",\"notAfter\":\"1970-01-"
		"02T00:00:01Z\"}},"
		"{\"type\":\"roa\",\"tal\":\"arin\",\"validity\":{\"notAfter\":\"2000-03-01T12:00:"
		"00Z\"}}]}]}",
		"vrp 10.0.0.0/8 8 1 ta= expires=0 line=2\n"
		"vrp 10.0.0.0/8 8 2 ta=ripe expires=951912000 line=3\n", /* date -d 2000-03-01T12:00:00Z +%s */
		MANRS_FORMAT_JSON,
	},
	{
		"provider_authorizations: one union of both families",
		"{\"roas\":null,\"provider_authorizations\":{\"ipv4\":[{\"customer_asid\":7,"
		"\"providers\":[9,8]},"
		"{\"customer_asid\":5,\"providers\":[0]}],\"other\":[{}],"
		"\"ipv6\":[{\"customer_asid\":7,\"providers\":[8,10]},{\"customer_asid\":5,"
		"\"providers\":[6]}]}}",
		"aspa 5: 6 ta= expires=0 line=0\naspa 7: 8 9 10 ta= expires=0 line=0\n",
		MANRS_FORMAT_JSON,
	},
	{
		"no maxLength, escapes in names, a mark and a comment before",
		"\xef\xbb\xbf# made by hand\n "
		"\t\r\n{\"ro\\u0061s\":[{\"prefix\":\"2001:db8::\\/32\",\"asn\":\"as1\"}]}",
		"vrp 2001:db8::/32 32 1 ta= expires=0 line=3\n",
		MANRS_FORMAT_JSON,
	},
	{
		"csv",
		"ASN,IP Prefix,Max Length,Trust Anchor\n"
		"AS64496,192.0.2.0/24,24,ripe\r\n"
		"AS64497,2001:db8::/32,48,arin\n",
		"vrp 192.0.2.0/24 24 64496 ta=ripe expires=0 line=2\n"
		"vrp 2001:db8::/32 48 64497 ta=arin expires=0 line=3\n",
		MANRS_FORMAT_CSV,
	},
	{
		"csvcompat",
		"\"ASN\",\"IP Prefix\",\"Max Length\",\"Trust "
		"Anchor\"\n\"AS1\",\"192.0.2.0/24\",\"24\",\"a,b\"\n",
		"vrp 192.0.2.0/24 24 1 ta=a,b expires=0 line=2\n",
		MANRS_FORMAT_CSV,
	},
	{
		"csvext",
		"URI,ASN,IP Prefix,Max Length,Not Before,Not After\n"
		"rsync://a/b,AS1,192.0.2.0/24,24,1970-01-01 00:00:00,1970-01-02 "
		"00:00:00\nN/A,AS2,::/0,0,N/A,N/A\n",
		"vrp 192.0.2.0/24 24 1 ta= expires=86400 line=2\nvrp ::/0 0 2 ta= expires=0 "
		"line=3\n",
		MANRS_FORMAT_CSV,
	},
	{
		"rpki-client csv",
		"ASN,IP Prefix,Max Length,Trust "
		"Anchor,Expires\nAS13335,1.0.0.0/24,24,apnic,1753453058\n",
		"vrp 1.0.0.0/24 24 13335 ta=apnic expires=1753453058 line=2\n",
		MANRS_FORMAT_CSV,
	},
	{
		"csv without a header",
		"AS13335,1.0.0.0/24,24,apnic\n13335,1.0.1.0/24\n",
		"vrp 1.0.0.0/24 24 13335 ta=apnic expires=0 line=1\nvrp 1.0.1.0/24 24 13335 ta= "
		"expires=0 line=2\n",
		MANRS_FORMAT_CSV,
	},
	{
		"openbgpd",
		"# by hand\nroa-set {\n    192.0.2.0/24 source-as 1\n\t10.0.0.0/8 maxlen 24 "
		"source-as 2 expires 77\n"
		"2001:db8::/32 source-as 3, 2001:db9::/32 source-as 4 # two\n}\n"
		"aspa-set {\n\tcustomer-as 970 expires 5 provider-as { 3, 2 }\n\tcustomer-as 971 "
		"provider-as { 0 }\n}\n",
		"vrp 192.0.2.0/24 24 1 ta= expires=0 line=3\nvrp 10.0.0.0/8 24 2 ta= expires=77 "
		"line=4\n"
		"vrp 2001:db8::/32 32 3 ta= expires=0 line=5\nvrp 2001:db9::/32 32 4 ta= expires=0 "
		"line=5\n"
		"aspa 970: 2 3 ta= expires=5 line=8\naspa 971: 0 ta= expires=0 line=9\n",
		MANRS_FORMAT_OPENBGPD,
	},
	{
		"bird 1",
		"roa 192.0.2.0/24 max 25 as 1; # remark\n\n  roa 2001:db8::/32 max 48 as 0;\n",
		"vrp 192.0.2.0/24 25 1 ta= expires=0 line=1\nvrp 2001:db8::/32 48 0 ta= expires=0 "
		"line=3\n",
		MANRS_FORMAT_BIRD,
	},
	{
		"bird 2 with what is around",
		"define force_roa_table_update = 0;\nroa4 table ROAS4;\nprotocol static {\n\troa4 "
		"{ table ROAS4; };\n"
		"\troute 192.0.2.0/24 max 24 as 1;\n\troute aspa 970 providers 4, 3;\n\troute aspa "
		"971 transit;\n}\n",
		"vrp 192.0.2.0/24 24 1 ta= expires=0 line=5\naspa 970: 3 4 ta= expires=0 line=6\n"
		"aspa 971: 0 ta= expires=0 line=7\n",
		MANRS_FORMAT_BIRD,
	},
	{
		"aspa lines",
		"# customer providers\n945\t13213 150369\n970 54874\nAS971\t0 # none\n972\t3\t0 "
		"1\n",
		"aspa 945: 13213 150369 ta= expires=0 line=2\naspa 970: 54874 ta= expires=0 "
		"line=3\n"
		"aspa 971: 0 ta= expires=0 line=4\naspa 972: 1 3 ta= expires=0 line=5\n",
		MANRS_FORMAT_ASPA_TEXT,
	},
};

static bool same_lines(const char *a, const char *b)
{
	/* Kinds are pulled one after the other, so their order depends on the cuts: compare as sets of lines. */
	size_t lines = 0;

	if (strlen(a) != strlen(b))
		return false;
	for (const char *p = a; *p; p = strchr(p, '\n') + 1) {
		size_t n = (size_t)(strchr(p, '\n') - p) + 1;
		char one[512];

		memcpy(one, p, n);
		one[n] = '\0';
		if (!strstr(b, one))
			return false;
		lines++;
	}
	return lines > 0;
}

START_TEST(every_format_whole_and_cut_anywhere)
{
	static struct result r;

	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
		const struct sample *s = &samples[i];
		size_t n = strlen(s->text);

		for (size_t cut = 0; cut <= n; cut++) {
			load(&r, s->text, n, cut);
			ck_assert_msg(r.rc == MANRS_OK, "%s cut %zu: %s at %llu", s->name, cut,
				      r.fault.what, (unsigned long long)r.fault.at);
			ck_assert_msg(same_lines(r.text, s->want), "%s cut %zu:\n%s", s->name, cut,
				      r.text);
			ck_assert_uint_eq(r.stats.format, s->format);
			ck_assert_uint_eq(r.stats.bytes, n);
		}
	}
}
END_TEST

START_TEST(json_without_vrps_is_fine)
{
	static const char *const texts[] = {"{}", "{\"roas\":[]}", "{\"roas\":null}",
					    "{\"metadata\":{\"roas\":[" GOOD "]},\"x\":[1]}\n",
					    NULL};
	static struct result r;

	for (size_t i = 0; texts[i]; i++) {
		load(&r, texts[i], strlen(texts[i]), 0);
		ck_assert_int_eq(r.rc, MANRS_OK);
		ck_assert_uint_eq(r.stats.vrps + r.stats.bad, 0);
	}
}
END_TEST

START_TEST(every_cut_short_json_fails)
{
	static struct result r;

	for (size_t i = 0; i < 3; i++)
		for (size_t n = 0; n + 1 < strlen(samples[i].text); n++) {
			load(&r, samples[i].text, n, n / 2 + 1);
			ck_assert_int_eq(r.rc, MANRS_ESYNTAX);
		}
}
END_TEST

/* Whether every record line of `part` is one of `whole`. */
static bool are_some_of(const char *part, const char *whole)
{
	for (const char *p = part; *p; p = strchr(p, '\n') + 1) {
		size_t n = (size_t)(strchr(p, '\n') - p) + 1;
		char one[512];

		memcpy(one, p, n);
		one[n] = '\0';
		if (!strncmp(one, "issue", 5) || !strncmp(one, "remark", 6))
			continue;
		if (!strstr(whole, one))
			return false;
	}
	return true;
}

/*
 * A file that was cut anywhere is an error, or says so with a remark, or was cut behind a line, where no format of lines can
 * tell: then it holds fewer records, and none that the whole file has not.
 */
START_TEST(every_cut_short_file_is_told)
{
	static struct result r, whole;

	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
		const char *text = samples[i].text;
		bool json = samples[i].format == MANRS_FORMAT_JSON;

		load(&whole, text, strlen(text), 0);
		ck_assert_uint_eq(whole.stats.remarks, 0);
		for (size_t n = 0; n < strlen(text); n++) {
			bool line = n && text[n - 1] == '\n';

			load(&r, text, n, n / 2 + 1);
			if (r.rc != MANRS_OK) {
				ck_assert_int_eq(r.rc, MANRS_ESYNTAX);
				continue;
			}
			if (json) /* only the last line feed is missing */
				ck_assert_msg(n + 1 == strlen(text) &&
						      same_lines(r.text, whole.text),
					      "%s cut at %zu", samples[i].name, n);
			else if (line)
				ck_assert_msg(r.stats.remarks == 0 &&
						      are_some_of(r.text, whole.text),
					      "%s cut at %zu:\n%s", samples[i].name, n, r.text);
			else
				ck_assert_msg(strstr(r.text, "the last line has no end: the file "
							     "may have been cut") ||
						      text[n] == '\r',
					      "%s cut at %zu:\n%s", samples[i].name, n, r.text);
		}
	}
}
END_TEST

START_TEST(a_failed_load_stays_failed)
{
	manrs_load_issue why = {.kind = 7};
	manrs_fault fault = {0};
	manrs_load *l;

	ck_assert_int_eq(manrs_load_new(&l, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_load_push(l, "{x", 2, &fault), MANRS_ESYNTAX);
	ck_assert_int_eq(manrs_load_push(l, "}", 1, &fault), MANRS_ESYNTAX);
	ck_assert_uint_eq(fault.at, 1);
	ck_assert_int_eq(manrs_load_finish(l, &fault), MANRS_ESYNTAX);
	ck_assert_int_eq(manrs_load_failure(l, &why), MANRS_ESYNTAX);
	ck_assert_uint_eq(why.fault.at, 1);
	ck_assert_uint_eq(why.kind, 0);
	ck_assert_str_eq(why.member, "");
	manrs_load_free(l);
	manrs_load_free(NULL);
	ck_assert_int_eq(manrs_load_new(&l, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_load_push(l, "{}", 2, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_load_finish(l, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_load_finish(l, NULL), MANRS_OK);
	why.kind = 7;
	ck_assert_int_eq(manrs_load_failure(l, &why), MANRS_OK);
	ck_assert_uint_eq(why.kind, 7);
	ck_assert_int_eq(manrs_load_push(l, " ", 1, NULL), MANRS_ESTATE);
	manrs_load_free(l);
}
END_TEST

START_TEST(lines_are_bounded)
{
	static char text[140000];
	static struct result r;

	for (int over = 0; over < 2; over++) {
		size_t n = 131072 + (size_t)over;

		memset(text, ' ', sizeof text);
		memcpy(text, "1 2\n#", 5);
		text[4 + n] = '\n';
		for (size_t cut = 0; cut < 3; cut++) {
			load(&r, text, n + 5, cut ? cut * 30000 : n + 5);
			ck_assert_int_eq(r.rc, over ? MANRS_ELIMIT : MANRS_OK);
		}
	}
}
END_TEST

START_TEST(providers_are_bounded)
{
	static char text[200000];
	static struct result r;

	for (unsigned over = 0; over < 2; over++) {
		size_t n = (size_t)sprintf(text, "{\"aspas\":[{\"customer\":1,\"providers\":[2");

		for (unsigned i = 1; i < 10000 + over; i++)
			n += (size_t)sprintf(text + n, ",%u", 2 + i);
		n += (size_t)sprintf(text + n, "]},{\"customer\":1,\"providers\":[2]}]}");
		load(&r, text, n, 100);
		ck_assert_int_eq(r.rc, MANRS_OK);
		ck_assert_uint_eq(r.stats.aspas, 2 - over);
		ck_assert_uint_eq(r.stats.bad, 0);
		ck_assert_uint_eq(r.stats.refused, over);
	}
}
END_TEST

/* Feed all ASPAs of a text to an edit. returns: how many the database counts. */
static uint64_t aspas_counted(const char *text, size_t n)
{
	manrs_db_stats stats = {.size = sizeof stats};
	manrs_db_owner *owner;
	manrs_edit *edit;
	manrs_load *l;
	manrs_aspa aspa;
	manrs_db *db;

	ck_assert_int_eq(manrs_db_owner_new(&owner, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_edit_begin(&edit, owner, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_load_new(&l, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_load_push(l, text, n, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_load_finish(l, NULL), MANRS_OK);
	while (manrs_load_aspas(l, &aspa, NULL, 1))
		ck_assert_int_eq(manrs_edit_aspas(edit, 0, MANRS_ADD, &aspa, 1, NULL, NULL),
				 MANRS_OK);
	manrs_load_free(l);
	ck_assert_int_eq(manrs_edit_commit(edit, &db), MANRS_OK);
	manrs_db_stats_get(db, &stats);
	manrs_db_unref(db);
	manrs_db_owner_free(owner);
	return stats.aspas;
}

/* What one CA may publish fits into a line: 10,000 providers of ten digits, as OpenBGPD has them. */
START_TEST(a_line_holds_as_many_providers_as_are_allowed)
{
	static char text[140000];
	size_t n = (size_t)sprintf(
		text,
		"aspa-set {\n\tcustomer-as 4200000000 expires 1753453058 provider-as { 4200000001");

	for (unsigned i = 2; i <= 10000; i++)
		n += (size_t)sprintf(text + n, ", %u", 4200000000u + i);
	n += (size_t)sprintf(text + n, " }\n\tcustomer-as 70000 provider-as { 2 }\n}\n");
	ck_assert_uint_eq(aspas_counted(text, n), 2);
}
END_TEST

/*
 * draft-ietf-sidrops-aspa-profile: above the relying party's bound all ASPAs of the customer are as invalid. So a
 * short one before or behind the one that is too long does not count; the same provider many times over is one provider.
 */
START_TEST(a_customer_over_the_bound_has_none)
{
	static char text[1000000];
	const struct {
		unsigned n, step;
		bool as0;
		uint64_t counted; /* of this customer and another */
	} cases[] = {
		{10000, 1, false, 2}, {10001, 1, false, 1}, {10000, 1, true, 2},
		{10001, 1, true, 1},  {40000, 1, false, 1}, {40000, 1, true, 1},
		{60000, 0, false, 2},
	};

	for (unsigned c = 0; c < sizeof cases / sizeof *cases; c++)
		for (unsigned old = 0; old < 2; old++) {
			size_t n = (size_t)sprintf(
				text,
				"%s{\"customer%s\":1,\"providers\":[2]},"
				"{\"customer%s\":1,\"providers\":[%s2",
				old ? "{\"provider_authorizations\":{\"ipv4\":[" : "{\"aspas\":[",
				old ? "_asid" : "", old ? "_asid" : "", cases[c].as0 ? "0," : "");

			for (unsigned i = 1; i < cases[c].n; i++)
				n += (size_t)sprintf(text + n, ",%u", 2 + i * cases[c].step);
			n += (size_t)sprintf(text + n,
					     "]},{\"customer\":1,\"providers\":[3]},"
					     "{\"customer\":70000,\"providers\":[2]}]}%s",
					     old ? "}" : "");
			ck_assert_uint_eq(aspas_counted(text, n), cases[c].counted);
		}
}
END_TEST

/* ---- pulling ---- */

START_TEST(what_is_not_pulled_stays)
{
	manrs_aspa aspas[4];
	manrs_route route;
	manrs_load *l;
	const char *a = "1\t2 3\n4\t5", *b = " 6\n7\t8 9\n";

	ck_assert_int_eq(manrs_load_new(&l, NULL), MANRS_OK);
	ck_assert_int_eq(manrs_load_push(l, a, strlen(a), NULL), MANRS_OK);
	ck_assert_uint_eq(manrs_load_vrps(l, &route, NULL, 1), 0);
	ck_assert_int_eq(manrs_load_push(l, b, strlen(b), NULL), MANRS_OK);
	ck_assert_uint_eq(manrs_load_aspas(l, aspas, NULL, 1), 1);
	ck_assert_uint_eq(aspas[0].customer, 1);
	ck_assert_int_eq(manrs_load_push(l, b + 3, strlen(b) - 3, NULL), MANRS_OK);
	ck_assert_uint_eq(manrs_load_aspas(l, aspas, NULL, 4), 3);
	ck_assert_uint_eq(aspas[0].customer, 4);
	ck_assert_uint_eq(aspas[0].n, 2);
	ck_assert_uint_eq(aspas[0].provider[1], 6);
	ck_assert_uint_eq(aspas[2].customer, 7);
	ck_assert_uint_eq(aspas[2].provider[0], 8);
	ck_assert_uint_eq(aspas[2].provider[1], 9);
	ck_assert_uint_eq(manrs_load_aspas(l, aspas, NULL, 4), 0);
	manrs_load_free(l);
}
END_TEST

/* Memory follows what a push holds, not what the file holds. */
START_TEST(memory_is_bounded_by_a_push)
{
	static char text[1 << 16];
	struct test_alloc a = {0};
	manrs_alloc alloc = test_alloc_of(&a);
	manrs_route routes[512];
	manrs_load *l;
	size_t n = 0, most = 0;

	while (n + 64 < sizeof text)
		n += (size_t)sprintf(text + n, GOOD ",");
	ck_assert_int_eq(manrs_load_new(&l, &alloc), MANRS_OK);
	ck_assert_int_eq(manrs_load_push(l, "{\"roas\":[", 9, NULL), MANRS_OK);
	for (int i = 0; i < 200; i++) {
		ck_assert_int_eq(manrs_load_push(l, text, n, NULL), MANRS_OK);
		while (manrs_load_vrps(l, routes, NULL, 512) == 512)
			;
		most = a.live > most ? a.live : most;
	}
	ck_assert_int_eq(manrs_load_push(l, GOOD "]}", strlen(GOOD "]}"), NULL), MANRS_OK);
	ck_assert_int_eq(manrs_load_finish(l, NULL), MANRS_OK);
	ck_assert_uint_lt(most, 3 * sizeof text);
	manrs_load_free(l);
	ck_assert_uint_eq(a.live, 0);
}
END_TEST

/* Load text in steps with every allocation failing once, until it passes. */
static void refuse_memory(const char *text, size_t n, size_t step)
{
	manrs_load_note note;
	manrs_route route;
	int rc = MANRS_ENOMEM;

	for (size_t k = 1; rc != MANRS_OK; k++) {
		struct test_alloc a = {.fail_at = k};
		manrs_alloc alloc = test_alloc_of(&a);
		manrs_load *l = NULL;

		rc = manrs_load_new(&l, &alloc);
		for (size_t at = 0; rc == MANRS_OK && at < n; at += step)
			rc = manrs_load_push(l, text + at, n - at < step ? n - at : step, NULL);
		if (rc == MANRS_OK)
			rc = manrs_load_finish(l, NULL);
		if (l)
			manrs_load_vrps(l, &route, &note, 1);
		manrs_load_free(l);
		ck_assert_uint_eq(a.live, 0);
		ck_assert(rc == MANRS_OK || rc == MANRS_ENOMEM);
	}
}

START_TEST(memory_refused_fails_the_load)
{
	static char list[8192];
	size_t n = 0;

	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
		refuse_memory(samples[i].text, strlen(samples[i].text), 5);
		refuse_memory(samples[i].text, strlen(samples[i].text), SIZE_MAX);
	}
	n += (size_t)sprintf(list, "{\"roas\":[{\"asn\":1,\"prefix\":\"::/0\",\"ta\":\"a\"}");
	for (int i = 0; i < 60; i++)
		n += (size_t)sprintf(list + n, ",{\"asn\":1,\"prefix\":\"::/0\",\"ta\":\"%d\"}", i);
	n += (size_t)sprintf(list + n, "]}");
	refuse_memory(list, n, SIZE_MAX);
}
END_TEST

/* Names past the 255th are not kept: index 0. */
START_TEST(trust_anchors_are_bounded)
{
	static struct result r;
	static char text[20000];
	size_t n = (size_t)sprintf(text, "1,::/0,0,ta0");

	for (int i = 1; i < 300; i++)
		n += (size_t)sprintf(text + n, "\n1,::/0,0,ta%d", i);
	load(&r, text, n, n);
	ck_assert_int_eq(r.rc, MANRS_OK);
	ck_assert_uint_eq(r.stats.vrps, 300);
	ck_assert_uint_eq(r.stats.tas, 255);
	ck_assert_ptr_nonnull(strstr(r.text, " ta=ta254 expires=0 line=255\n"));
	ck_assert_ptr_nonnull(strstr(r.text, " ta= expires=0 line=256\n"));
}
END_TEST

Suite *load_suite(void)
{
	Suite *s = suite_create("load");

	ADD_TEST(s, every_format_whole_and_cut_anywhere, 10);
	ADD_TEST(s, json_without_vrps_is_fine, 10);
	ADD_TEST(s, every_cut_short_json_fails, 10);
	ADD_TEST(s, every_cut_short_file_is_told, 20);
	ADD_TEST(s, a_failed_load_stays_failed, 10);
	ADD_TEST(s, lines_are_bounded, 10);
	ADD_TEST(s, providers_are_bounded, 10);
	ADD_TEST(s, a_line_holds_as_many_providers_as_are_allowed, 10);
	ADD_TEST(s, a_customer_over_the_bound_has_none, 30);
	ADD_TEST(s, what_is_not_pulled_stays, 10);
	ADD_TEST(s, memory_is_bounded_by_a_push, 10);
	ADD_TEST(s, memory_refused_fails_the_load, 10);
	ADD_TEST(s, trust_anchors_are_bounded, 10);
	return s;
}
