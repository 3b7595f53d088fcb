/* SPDX-License-Identifier: BSD-2-Clause */
/* What a VRP file is said to hold: which lists, when it was made, what a rule refused. Expectations are typed. */

#include "loading.h"

#define V MANRS_LOAD_VRPS
#define A MANRS_LOAD_ASPAS
#define K MANRS_LOAD_KEYS

/* An absent list is not an empty one: a set without VRPs makes every route not-found, so the file must say that it is meant. */
START_TEST(the_lists_that_were_there)
{
	static const struct {
		const char *text;
		uint32_t lists;
	} cases[] = {
		{"{}", 0},
		{"{\"roas\":null}", 0},
		{"{\"vrps\":[]}", 0},
		{"{\"vrps\":[" GOOD "]}", 0},
		{"{\"ROAS\":[" GOOD "]}", 0},
		{"{\"data\":{\"roas\":[" GOOD "]}}", 0},
		{"{\"data\":[" GOOD "],\"metadata\":{\"roas\":[]}}", 0},
		{"{\"error\":\"Not Found\",\"status\":404}", 0},
		{"{\"roas\":[]}", V},
		{"{\"roas\":[" GOOD "]}", V},
		{"{\"roas\":[" GOOD "],\"aspas\":null,\"router_keys\":null}", V | A | K},
		{"{\"aspas\":[]}", A},
		{"{\"aspas\":[{\"customer\":1,\"providers\":[2]}]}", A},
		{"{\"provider_authorizations\":{\"ipv4\":[],\"ipv6\":[]}}", A},
		{"{\"bgpsec_keys\":[]}", K},
		{"{\"roas\":[],\"routerKeys\":[],\"aspas\":[]}", V | A | K},
		{"1,10.0.0.0/8\n", V},
		{"ASN,IP Prefix\n1,10.0.0.0/8\n", V},
		{"1\t2\n", A},
		{"roa 10.0.0.0/8 max 8 as 1;\n", V},
		{"route aspa 1 providers 2;\n", A},
		{"route 10.0.0.0/8 max 8 as 1;\nroute aspa 1 providers 2;\n", V | A},
		{"roa-set {\n10.0.0.0/8 source-as 1\n}\n", V},
		{"aspa-set {\ncustomer-as 1 provider-as { 2 }\n}\n", A},
		{"roa-set {\n}\naspa-set {\ncustomer-as 1 provider-as { 2 }\n}\n", V | A},
	};
	static struct result r;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		load(&r, cases[i].text, strlen(cases[i].text), 7);
		ck_assert_msg(r.rc == MANRS_OK, "%s: %s", cases[i].text, r.fault.what);
		ck_assert_msg(r.stats.lists == cases[i].lists, "%s: %u", cases[i].text,
			      r.stats.lists);
	}
}
END_TEST

/* date -u -d 2025-07-20T09:31:33Z +%s gives 1753003893. */
START_TEST(when_the_export_was_made)
{
	static const struct {
		const char *text;
		uint64_t built;
	} cases[] = {
		{"{\"roas\":[]}", 0},
		/* rpki-client */
		{"{\"metadata\":{\"buildmachine\":\"x\",\"buildtime\":\"2025-07-20T09:31:33Z\","
		 "\"talfiles\":[{\"generated\":7}]},\"roas\":[]}",
		 1753003893},
		/* Routinator */
		{"{\"metadata\":{\"generated\":1753003893,\"generatedTime\":\"2025-07-20T09:31:"
		 "33Z\"},\"roas\":[]}",
		 1753003893},
		{"{\"metadata\":{\"generatedTime\":\"2025-07-20T09:31:33Z\"},\"roas\":[]}",
		 1753003893},
		/* gortr and StayRTR */
		{"{\"metadata\":{\"counts\":5,\"generated\":1753003893,\"valid\":1753090293},"
		 "\"roas\":[]}",
		 1753003893},
		{"{\"roas\":[],\"metadata\":{\"vrps\":5,\"buildtime\":\"2025-07-20T09:31:33Z\"}}",
		 1753003893},
		/* what is no time says nothing */
		{"{\"metadata\":{\"buildtime\":\"soon\",\"generated\":null},\"roas\":[]}", 0},
		{"{\"metadata\":{\"buildtime\":[\"2025-07-20T09:31:33Z\"],\"generated\":-5},"
		 "\"roas\":[]}",
		 0},
		{"{\"metadata\":null,\"roas\":[]}", 0},
		{"{\"metadata\":[{\"generated\":7}],\"roas\":[]}", 0},
		{"{\"other\":{\"generated\":7},\"generated\":8,\"roas\":[]}", 0},
	};
	static struct result r;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		for (size_t cut = 0; cut < strlen(cases[i].text); cut++) {
			load(&r, cases[i].text, strlen(cases[i].text), cut);
			ck_assert_msg(r.rc == MANRS_OK, "%s: %s", cases[i].text, r.fault.what);
			ck_assert_msg(r.stats.built == cases[i].built, "%s: %llu", cases[i].text,
				      (unsigned long long)r.stats.built);
		}
}
END_TEST

Suite *load_lists_suite(void)
{
	Suite *s = suite_create("load_lists");

	ADD_TEST(s, the_lists_that_were_there, 10);
	ADD_TEST(s, when_the_export_was_made, 10);
	return s;
}
