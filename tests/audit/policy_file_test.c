/* SPDX-License-Identifier: BSD-2-Clause */
/* Policy files: every key as manrs/policy_file.h says, every refusal with its line. */

#include "test.h"

static manrs_policy policy_of(const manrs_policy_file *file)
{
	manrs_policy policy = {.size = sizeof policy};

	ck_assert_int_eq(manrs_policy_file_policy(file, &policy), MANRS_OK);
	ck_assert_int_eq(manrs_policy_check(&policy, NULL), MANRS_OK);
	return policy;
}

static manrs_policy_file *file_of(const char *text)
{
	manrs_policy_file *file = NULL;
	manrs_fault fault = {0};
	int rc = manrs_policy_file_read(&file, text, strlen(text), NULL, &fault);

	ck_assert_msg(rc == MANRS_OK, "%s: line %u: %s", text, fault.line, fault.what);
	policy_of(file);
	return file;
}

static const char whole[] = "# our customer\n"
			    "[policy]\n"
			    "role = customer\r\n"
			    "local-as=AS64500 # us\n"
			    "tests = default -irr, +deny-list\n"
			    "strict = rov aspa\n"
			    "families = 4\n"
			    "prefix-length-4 = 9-25\n"
			    "prefix-length-6 = 16-64\n"
			    "max-path = 20\n"
			    "max-repeat = 5\n"
			    "options = irr-covering next-hop-private\n"
			    "\n"
			    "transit-free = 701 174\n"
			    "transit-free = 174\n"
			    "origins = 64503, 64502\n"
			    "peerlock = AS64504: 64506 64505\n"
			    "peerlock = 64503:\n"
			    "address = 192.0.2.1 2001:db8::1\n"
			    "allow = 198.51.100.0/24 le 26 203.0.113.0/24\n"
			    "allow = 2001:db8::/32\n"
			    "deny = 203.0.113.128/25\n"
			    "bogon = 192.0.0.0/8";

START_TEST(every_key)
{
	static const manrs_peerlock locks[] = {
		{64503, 64503}, {64504, 64504}, {64504, 64505}, {64504, 64506}};
	manrs_policy_file *file = file_of(whole);
	manrs_policy of = policy_of(file), *p = &of, init;
	manrs_prefix prefix;
	uint64_t value;

	manrs_policy_init(&init, sizeof init, MANRS_ROLE_CUSTOMER);
	ck_assert_uint_eq(p->role, MANRS_ROLE_CUSTOMER);
	ck_assert_uint_eq(p->local_as, 64500);
	ck_assert_uint_eq(p->tests, (init.tests | MANRS_TEST_BIT(MANRS_TEST_DENY_LIST) |
				     MANRS_TEST_BIT(MANRS_TEST_ORIGIN_SET) |
				     MANRS_TEST_BIT(MANRS_TEST_PEERLOCK) |
				     MANRS_TEST_BIT(MANRS_TEST_PREFIX_LIST)) &
					    ~MANRS_TEST_BIT(MANRS_TEST_IRR));
	ck_assert_uint_eq(p->strict,
			  MANRS_TEST_BIT(MANRS_TEST_ROV) | MANRS_TEST_BIT(MANRS_TEST_ASPA));
	ck_assert_uint_eq(p->flags, MANRS_POLICY_FAMILY4 | MANRS_POLICY_IRR_COVERING |
					    MANRS_POLICY_NEXT_HOP_PRIVATE);
	ck_assert_uint_eq(p->min_len4, 9);
	ck_assert_uint_eq(p->max_len4, 25);
	ck_assert_uint_eq(p->min_len6, 16);
	ck_assert_uint_eq(p->max_len6, 64);
	ck_assert_uint_eq(p->max_path, 20);
	ck_assert_uint_eq(p->max_repeat, 5);
	ck_assert_uint_eq(p->n_transit_free, 2);
	ck_assert_uint_eq(p->transit_free[0], 174);
	ck_assert_uint_eq(p->n_origins, 2);
	ck_assert_uint_eq(p->origins[1], 64503);
	ck_assert_uint_eq(p->n_peerlocks, 4);
	ck_assert_mem_eq(p->peerlocks, locks, sizeof locks);
	ck_assert_uint_eq(p->n_addresses, 2);
	ck_assert_uint_eq(manrs_trie_count(p->allowed), 3);
	manrs_prefix_parse(&prefix, "198.51.100.0/24", 15, NULL);
	ck_assert_int_eq(manrs_trie_get(p->allowed, &prefix, &value), MANRS_OK);
	ck_assert_uint_eq(value, 26);
	ck_assert_uint_eq(manrs_trie_count(p->denied), 1);
	ck_assert_uint_eq(manrs_trie_count(p->bogons), 1);
	manrs_policy_file_free(file);
	manrs_policy_file_free(NULL);
}
END_TEST

START_TEST(defaults_are_those_of_the_role)
{
	for (int role = MANRS_ROLE_CUSTOMER; role <= MANRS_ROLE_RS_CLIENT; role++) {
		char text[64];
		manrs_policy init, p;
		manrs_policy_file *file;

		snprintf(text, sizeof text, "role = %s", manrs_role_text(role));
		file = file_of(text);
		manrs_policy_init(&init, sizeof init, role);
		p = policy_of(file);
		ck_assert_mem_eq(&p, &init, sizeof init);
		manrs_policy_file_free(file);
	}
}
END_TEST

START_TEST(tests_start_from_default_all_or_none)
{
	static const struct {
		const char *line;
		uint64_t tests;
	} cases[] = {
		{"tests = all", MANRS_TESTS_ALL},
		{"tests = none", 0},
		{"tests = rov aspa", 3},
		{"tests = none +rov", 1},
		{"tests = all -rov", MANRS_TESTS_ALL - 1},
		{"tests = rov -rov", 0},
		{"tests = -rov +rov aspa -aspa irr bogon-prefix", 0},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char text[128];
		manrs_policy_file *file;
		manrs_policy init;
		uint64_t wanted = cases[i].tests;

		snprintf(text, sizeof text, "role = peer\n%s", cases[i].line);
		file = file_of(text);
		manrs_policy_init(&init, sizeof init, MANRS_ROLE_PEER);
		if (i == 6)
			wanted = init.tests & ~UINT64_C(2);
		ck_assert_uint_eq(policy_of(file).tests, wanted);
		manrs_policy_file_free(file);
	}
}
END_TEST

START_TEST(what_was_asked_for_in_so_many_words)
{
	static const struct {
		const char *lines;
		uint64_t named;
	} cases[] = {
		{"", 0},
		{"tests = default", 0},
		{"tests = all -aspa", MANRS_TESTS_ALL - 2},
		{"tests = rov irr", 5},
		{"tests = +irr -rov", 4},
		{"strict = irr", 4},
		{"strict = deny-list", 0}, /* not asked for at all */
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char text[128];
		manrs_policy_file *file;

		snprintf(text, sizeof text, "role = peer\n%s", cases[i].lines);
		file = file_of(text);
		ck_assert_msg(manrs_policy_file_named(file) == cases[i].named, "%s",
			      cases[i].lines);
		manrs_policy_file_free(file);
	}
}
END_TEST

START_TEST(internal_is_no_external_role)
{
	manrs_policy_file *file = file_of("role = internal\nlocal-as = 64500");

	ck_assert_uint_eq(policy_of(file).role, MANRS_ROLE_NONE);
	manrs_policy_file_free(file);
}
END_TEST

START_TEST(an_empty_set_of_origins_lets_nobody_in)
{
	manrs_policy_file *file = file_of("role = peer\norigins =\n");
	manrs_policy of = policy_of(file), *p = &of;

	ck_assert_ptr_nonnull(p->origins);
	ck_assert_uint_eq(p->n_origins, 0);
	ck_assert(p->tests & MANRS_TEST_BIT(MANRS_TEST_ORIGIN_SET));
	manrs_policy_file_free(file);
}
END_TEST

/* Keys as people type them; the near misses by hand. */
START_TEST(keys_in_other_spelling_and_near_misses)
{
	static const char *const refused[][2] = {
		{"role = peer\nmaxpaths = 5\n",
		 "not a key of a policy: max-path is meant?: maxpaths"},
		{"role = peer\norigin = 5\n", "not a key of a policy: origins is meant?: origin"},
		{"rolle = peer\n", "not a key of a policy: role is meant?: rolle"},
		{"role = peer\ncolour = red\n", "not a key of a policy: colour"},
		{"role = peer\ntests = rov aspb\n", "not the name of a test: tests = aspb"},
		{"role = peer\nmax-path = many\n", "max-path = many"},
	};
	manrs_policy_file *file = file_of(
		"\xef\xbb\xbf\r\n  \r\n# a comment\r\n[policy]\r\nRole = peer\r\nlocal_as = 64500\r\nMaxPath = 7\r\n"
		"never_via_RS = 64501");
	manrs_policy of = policy_of(file), *p = &of;

	ck_assert_uint_eq(p->local_as, 64500);
	ck_assert_uint_eq(p->max_path, 7);
	ck_assert_uint_eq(p->n_never_via_rs, 1);
	manrs_policy_file_free(file);
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		char out[MANRS_FAULT_TEXT];
		manrs_fault fault = {0};

		ck_assert_int_eq(manrs_policy_file_read(&file, refused[i][0], strlen(refused[i][0]),
							NULL, &fault),
				 MANRS_ESYNTAX);
		manrs_fault_text(&fault, refused[i][0], strlen(refused[i][0]), out, sizeof out);
		ck_assert_msg(strstr(out, refused[i][1]), "%s", out);
	}
}
END_TEST

START_TEST(refusals_have_their_line)
{
	static const struct {
		const char *text;
		int code;
		uint32_t line;
		uint64_t at;
	} cases[] = {
		{"", MANRS_ESYNTAX, 0, 0},
		{"# nothing\n", MANRS_ESYNTAX, 0, 10},
		{"local-as = 1\nrole = peer\n", MANRS_ESYNTAX, 1, 0},
		{"role = peer\nrole = peer\n", MANRS_ESYNTAX, 2, 12},
		{"role = neighbour\n", MANRS_ESYNTAX, 1, 7},
		{"role = peer customer\n", MANRS_ESYNTAX, 1, 7},
		{"role\n", MANRS_ESYNTAX, 1, 4},
		{"role peer\n", MANRS_ESYNTAX, 1, 5},
		{"\n\nrole = peer\ncolour = red\n", MANRS_ESYNTAX, 4, 14},
		{"role = peer\n[policy]\n", MANRS_ESYNTAX, 2, 12},
		{"[neighbour]\nrole = peer\n", MANRS_ESYNTAX, 1, 0},
		{"role = peer\ntests = rov aspb\n", MANRS_ESYNTAX, 2, 24},
		{"role = peer\ntests = rov default\n", MANRS_ESYNTAX, 2, 24},
		{"role = peer\ntests =\n", MANRS_ESYNTAX, 2, 19},
		{"role = peer\nfamilies = 5\n", MANRS_ESYNTAX, 2, 23},
		{"role = peer\nprefix-length-4 = 8-33\n", MANRS_ERANGE, 2, 32},
		{"role = peer\nprefix-length-4 = 24-8\n", MANRS_ERANGE, 2, 34},
		{"role = peer\nprefix-length-4 = 24\n", MANRS_ESYNTAX, 2, 32},
		{"role = peer\nmax-path = many\n", MANRS_ESYNTAX, 2, 23},
		{"role = peer\nmax-path = 1 2\n", MANRS_ESYNTAX, 2, 24},
		{"role = peer\noptions = irr-roas\n", MANRS_ESYNTAX, 2, 22},
		{"role = peer\norigins = 1 4294967296\n", MANRS_ERANGE, 2, 24},
		{"role = peer\npeerlock = 1 2\n", MANRS_ESYNTAX, 2, 23},
		{"role = peer\naddress = 192.0.2.0/24\n", MANRS_ESYNTAX, 2, 31},
		{"role = peer\nallow = 192.0.2.1/24\n", MANRS_EINVAL, 2, 20},
		{"role = peer\nallow = 192.0.2.0/24 le 23\n", MANRS_ERANGE, 2, 36},
		{"role = peer\nallow = 192.0.2.0/24 le\n", MANRS_ESYNTAX, 2, 35},
		{"role = peer\ndeny = 192.0.2.0/24 le 25\n", MANRS_ESYNTAX, 2, 32},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		manrs_policy_file *file = NULL;
		manrs_fault f = {0};
		int rc = manrs_policy_file_read(&file, cases[i].text, strlen(cases[i].text), NULL,
						&f);

		ck_assert_msg(rc == cases[i].code && f.line == cases[i].line && f.at == cases[i].at,
			      "%s: %d, line %u, at %u: %s", cases[i].text, rc, f.line,
			      (unsigned)f.at, f.what);
		ck_assert_ptr_null(file);
	}
}
END_TEST

START_TEST(memory_refused_at_every_call_leaves_nothing)
{
	for (size_t k = 1;; k++) {
		struct test_alloc a = {.fail_at = k};
		manrs_alloc alloc = test_alloc_of(&a);
		manrs_policy_file *file = NULL;
		manrs_fault fault;
		int rc = manrs_policy_file_read(&file, whole, sizeof whole - 1, &alloc, &fault);

		if (rc == MANRS_OK) {
			manrs_policy_file_free(file);
			ck_assert_uint_eq(a.live, 0);
			ck_assert_uint_gt(k, 6);
			return;
		}
		ck_assert_int_eq(rc, MANRS_ENOMEM);
		ck_assert_ptr_null(file);
		ck_assert_uint_eq(a.live, 0);
	}
}
END_TEST

Suite *policy_file_suite(void)
{
	Suite *s = suite_create("policy_file");

	ADD_TEST(s, every_key, 1);
	ADD_TEST(s, defaults_are_those_of_the_role, 1);
	ADD_TEST(s, tests_start_from_default_all_or_none, 1);
	ADD_TEST(s, what_was_asked_for_in_so_many_words, 1);
	ADD_TEST(s, internal_is_no_external_role, 1);
	ADD_TEST(s, an_empty_set_of_origins_lets_nobody_in, 1);
	ADD_TEST(s, keys_in_other_spelling_and_near_misses, 1);
	ADD_TEST(s, refusals_have_their_line, 1);
	ADD_TEST(s, memory_refused_at_every_call_leaves_nothing, 1);
	return s;
}
