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

/* A JSON list of good, unreadable and refused entries. */
static size_t a_list(char *text, const char *list, const char *good, size_t n_good, size_t n_bad,
		     size_t n_refused)
{
	size_t n = (size_t)sprintf(text, "{\"%s\":[", list);

	for (size_t i = 0; i < n_good + n_bad + n_refused; i++)
		n += (size_t)sprintf(text + n, "%s%s", i ? "," : "",
				     i < n_bad               ? "{\"x\":1}"
				     : i < n_bad + n_refused ? "{\"customer\":1,\"providers\":[1]}"
							     : good);
	return n + (size_t)sprintf(text + n, "]}");
}

/* More than 1 % and more than 10, from 100 entries on; below that only "no good entry". Refused ones never. */
START_TEST(too_many_unreadable_entries_fail_the_file)
{
	static const char aspa[] = "{\"customer\":1,\"providers\":[2]}";
	static const struct {
		const char *list, *good;
		size_t n_good, n_bad, n_refused;
		bool ok;
	} cases[] = {
		{"roas", GOOD, 0, 0, 0, true},      {"roas", GOOD, 0, 1, 0, false},
		{"roas", GOOD, 1, 98, 0, true},     {"roas", GOOD, 1, 99, 0, false},
		{"roas", GOOD, 90, 10, 0, true},    {"roas", GOOD, 89, 11, 0, false},
		{"roas", GOOD, 1089, 11, 0, true}, /* exactly 1 % */
		{"roas", GOOD, 1088, 11, 0, false}, {"aspas", aspa, 0, 0, 1, true},
		{"aspas", aspa, 0, 0, 500, true},   {"aspas", aspa, 0, 1, 500, false},
		{"aspas", aspa, 200, 0, 500, true}, {"aspas", aspa, 1, 20, 79, false},
	};
	static char text[200000];
	static struct result r;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t n = a_list(text, cases[i].list, cases[i].good, cases[i].n_good,
				  cases[i].n_bad, cases[i].n_refused);

		load(&r, text, n, 1000);
		ck_assert_msg(r.rc == (cases[i].ok ? MANRS_OK : MANRS_ESYNTAX), "case %zu: %d %s",
			      i, r.rc, r.fault.what);
		ck_assert_uint_eq(r.stats.bad, cases[i].n_bad);
		ck_assert_uint_eq(r.stats.refused, cases[i].n_refused);
		if (!cases[i].ok)
			ck_assert_str_eq(r.failure.member, cases[i].list);
	}
	ck_assert_str_eq(r.failure.value, "20 of 100");
	ck_assert_str_eq(r.fault.what, "too many entries cannot be read");
}
END_TEST

/* One list's damage is not made good by another's size. */
START_TEST(every_list_is_judged_alone)
{
	static const char text[] =
		"{\"roas\":[" GOOD "," GOOD "],\"aspas\":[{\"customer\":\"x\",\"providers\":[2]}]}";
	static struct result r;

	load(&r, text, sizeof text - 1, 0);
	ck_assert_int_eq(r.rc, MANRS_ESYNTAX);
	ck_assert_str_eq(r.failure.member, "aspas");
	ck_assert_str_eq(r.failure.value, "1 of 1");
	ck_assert_ptr_nonnull(
		strstr(r.text, "issue at=123 line=1 code=-4 not an AS number: customer \"x\"\n"));
}
END_TEST

START_TEST(the_bound_can_be_set)
{
	static char text[20000];
	manrs_load *l;

	for (int set = 0; set < 4; set++) {
		size_t n = a_list(text, "roas", GOOD, 80, 20, 0);

		ck_assert_int_eq(manrs_load_new(&l, NULL), MANRS_OK);
		if (set == 1)
			manrs_load_allow(l, 20, 0);
		if (set == 2)
			manrs_load_allow(l, 0, 200);
		if (set == 3)
			manrs_load_allow(l, 0, 199);
		ck_assert_int_eq(manrs_load_push(l, text, n, NULL), MANRS_OK);
		ck_assert_int_eq(manrs_load_finish(l, NULL),
				 set == 1 || set == 2 ? MANRS_OK : MANRS_ESYNTAX);
		manrs_load_free(l);
	}
}
END_TEST

/* A text is judged as one: a line that is not understood belongs to no list. */
START_TEST(a_text_is_judged_as_a_whole)
{
	static char text[20000];
	static struct result r;
	size_t n = 0;

	for (int i = 0; i < 100; i++)
		n += (size_t)sprintf(text + n, i < 11 ? "foo;\n" : "route aspa 1 providers 2;\n");
	memcpy(text, "roa;\n", 5);
	load(&r, text, n, 100);
	ck_assert_int_eq(r.rc, MANRS_ESYNTAX);
	ck_assert_uint_eq(r.fault.line, 1);
	load(&r, "1\t1\n", 4, 0);
	ck_assert_int_eq(r.rc, MANRS_OK);
	ck_assert_uint_eq(r.stats.refused, 1);
	load(&r, "1\t1\n2\tx\n", 8, 0);
	ck_assert_int_eq(r.rc, MANRS_ESYNTAX);
	ck_assert_str_eq(r.fault.what, "a text without one good entry");
	ck_assert_uint_eq(r.fault.line, 2);
}
END_TEST

START_TEST(what_was_there_in_place_of_a_list)
{
	static const struct {
		const char *text, *members;
	} cases[] = {
		{"{}", ""},
		{"{\"roas\":[]}", ""},
		{"{\"vrps\":[],\"metadata\":{\"x\":1},\"\":0,\"a\\u0007\":{}}",
		 "vrps, metadata, a?"},
	};
	manrs_load *l;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		ck_assert_int_eq(manrs_load_new(&l, NULL), MANRS_OK);
		ck_assert_int_eq(manrs_load_push(l, cases[i].text, strlen(cases[i].text), NULL),
				 MANRS_OK);
		ck_assert_str_eq(manrs_load_members(l), cases[i].members);
		manrs_load_free(l);
	}
}
END_TEST

/* Magic numbers: RFC 6396 section 2 for MRT, APPNOTE.TXT 4.3.7 for zip, POSIX ustar; RPSL is RFC 2622. */
START_TEST(files_of_other_kinds_are_named)
{
	static const struct {
		const char *bytes;
		size_t n;
		const char *what; /* its beginning; NULL: not named */
	} cases[] = {
		{"\x5e\x0b\xe1\x00\x00\x0d\x00\x01\x00\x00\x01\x02\n", 13, "this is an MRT file"},
		{"\x4c\x2c\x3d\x3f\x00\x10\x00\x04\x00\x00\x00\x5b\n", 13, "this is an MRT file"},
		{"PK\x03\x04\x14\n", 6, "this is a zip"},
		{"\x1f\x8b\x08\n", 4, "this is compressed with gzip"},
		{"<!doctype html>\n", 16, "this is a page"},
		{"\xff\xfe"
		 "1\0,\0\n",
		 7, "this is text in UTF-16"},
		{"route:          192.0.2.0/24\norigin: AS1\n", 41, "these are objects of RPSL"},
		{"% This is the RIPE Database query service.\n", 43, "these are objects of RPSL"},
		{"aut-num: AS1\n", 13, "these are objects of RPSL"},
		{"hello, world\n", 13, NULL},
		{"routes: many\n", 13, NULL},
		{"192.0.2.0/24 1\n", 15, NULL},
	};
	static char tar[512];
	static struct result r;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *what = manrs_load_foreign(cases[i].bytes, cases[i].n);

		ck_assert_msg(cases[i].what
				      ? what && !strncmp(what, cases[i].what, strlen(cases[i].what))
				      : !what,
			      "%zu: %s", i, what ? what : "-");
		load(&r, cases[i].bytes, cases[i].n, 0);
		ck_assert_int_eq(r.rc, MANRS_ESYNTAX);
		ck_assert(!what || !strcmp(r.fault.what, what));
	}
	memcpy(tar, "vrps.csv", 8);
	memcpy(tar + 257, "ustar", 5);
	ck_assert_str_eq(manrs_load_foreign(tar, sizeof tar), "this is a tar archive");
	ck_assert_ptr_null(manrs_load_foreign(tar, 261));
}
END_TEST

Suite *load_lists_suite(void)
{
	Suite *s = suite_create("load_lists");

	ADD_TEST(s, the_lists_that_were_there, 10);
	ADD_TEST(s, when_the_export_was_made, 10);
	ADD_TEST(s, too_many_unreadable_entries_fail_the_file, 10);
	ADD_TEST(s, every_list_is_judged_alone, 10);
	ADD_TEST(s, the_bound_can_be_set, 10);
	ADD_TEST(s, a_text_is_judged_as_a_whole, 10);
	ADD_TEST(s, what_was_there_in_place_of_a_list, 10);
	ADD_TEST(s, files_of_other_kinds_are_named, 10);
	return s;
}
