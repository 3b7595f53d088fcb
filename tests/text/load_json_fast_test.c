/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lists whose entries are all of one form are read without tokens; pushed byte by byte they never are. Both ways must give
 * the same, whatever is wrong in the middle of the list.
 */

#include "loading.h"

struct text {
	char at[32768];
	size_t n;
};

static void add(struct text *t, const char *s)
{
	size_t n = strlen(s);

	ck_assert_uint_lt(t->n + n, sizeof t->at);
	memcpy(t->at + t->n, s, n + 1);
	t->n += n;
}

/* One entry in one of several writers' forms. */
static void add_entry(struct text *t, unsigned form, uint64_t *seed)
{
	/* Every form names every argument, as POSIX asks of numbered ones: %.0s prints nothing. */
	static const char *const forms[] = {
		"\t\t{ \"asn\": %1$s, \"prefix\": \"%2$s\", \"maxLength\": %3$s, \"ta\": \"%4$s\", \"expires\": %5$s }",
		"{\"prefix\":\"%2$s\",\"asn\":\"AS%1$s\",\"maxLength\":%3$s}%4$.0s%5$.0s",
		"    {\n      \"asn\": \"AS%1$s\",\n      \"prefix\": \"%2$s\",\n      \"maxLength\": %3$s,\n      "
		"\"ta\": \"%4$s\",\n      \"mnt-by\": \"X-%5$s\"\n    }",
		"{\"x\":%5$s,\"asn\":%1$s,\"prefix\":\"%2$s\"}%3$.0s%4$.0s",
		"{\"asn\":\"AS%1$s\",\"prefix\":\"%2$s\",\"maxLength\":%3$s,\"source\":[{\"tal\":\"%4$s\",\"validity\":"
		"{\"notAfter\":\"2025-01-01T00:00:00Z\"}}]}%5$.0s",
	};
	static const char *const prefixes[] = {
		"10.0.0.0/8",    "192.0.2.0/24", "255.255.255.255/32",       "0.0.0.0/0",
		"2001:db8::/32", "::/0",         "2001:db8:1:2:3:4:5:6/128", "::ffff:1.2.3.4/128"};
	static const char *const tas[] = {"ripe", "arin", "apnic", "x"};
	const char *prefix = prefixes[test_random(seed) % 8];
	uint64_t asn = test_random(seed);
	const char *ta;
	char entry[512], asn_text[11], number[11];

	asn >>= 32 + test_random(seed) % 32;
	ta = tas[test_random(seed) % 4];
	snprintf(asn_text, sizeof asn_text, "%u", (unsigned)asn);
	snprintf(number, sizeof number, "%u", (unsigned)(test_random(seed) % 2000000000));
	snprintf(entry, sizeof entry, forms[form], asn_text, prefix, strchr(prefix, '/') + 1, ta,
		 number);
	add(t, entry);
}

/* Both ways of one text. Returns the outcome. */
static int agree(const struct text *t, size_t cut)
{
	static struct result whole, bytes;

	load(&whole, t->at, t->n, cut);
	load(&bytes, t->at, t->n, 0);
	ck_assert_msg(whole.rc == bytes.rc && whole.fault.at == bytes.fault.at &&
			      whole.fault.line == bytes.fault.line &&
			      whole.fault.what == bytes.fault.what,
		      "%d at %llu line %u, %d at %llu line %u: %s", whole.rc,
		      (unsigned long long)whole.fault.at, whole.fault.line, bytes.rc,
		      (unsigned long long)bytes.fault.at, bytes.fault.line, t->at);
	ck_assert_msg(whole.n_text < sizeof whole.text && strlen(whole.text) == strlen(bytes.text),
		      "%.300s\n%.1000s\n%.1000s", t->at, whole.text, bytes.text);
	ck_assert(whole.stats.bad == bytes.stats.bad && whole.stats.vrps == bytes.stats.vrps &&
		  whole.stats.lines == bytes.stats.lines);
	if (whole.stats.bad + whole.stats.remarks == 0)
		ck_assert_str_eq(whole.text,
				 bytes.text); /* no issues among them: in the file's order */
	return whole.rc;
}

START_TEST(lists_of_every_form)
{
	uint64_t seed = 1;

	for (unsigned form = 0; form < 5; form++)
		for (int round = 0; round < 20; round++) {
			struct text t = {.n = 0};

			add(&t, "{\"roas\": [\n");
			for (int i = 0; i < 40; i++) {
				add(&t, i ? ",\n" : "");
				add_entry(&t, form, &seed);
			}
			add(&t, "\n]}\n");
			ck_assert_int_eq(agree(&t, 1 + test_below(&seed, t.n)), MANRS_OK);
			ck_assert_int_eq(agree(&t, t.n), MANRS_OK);
		}
}
END_TEST

START_TEST(odd_entries_within_a_form)
{
	static const char *const odd[] = {
		"null",
		"[]",
		"{}",
		"5",
		"{\"asn\":1}",
		"{ \"asn\": 1, \"prefix\": null, \"maxLength\": 24, \"ta\": \"ripe\", \"expires\": "
		"5 }",
		"\t\t{ \"asn\": 1, \"prefix\": \"10.0.0.1/8\", \"maxLength\": 24, \"ta\": "
		"\"ripe\", \"expires\": 5 }",
		"\t\t{ \"asn\": 1, \"prefix\": \"10.0.0.0/8\", \"maxLength\": 255, \"ta\": "
		"\"ripe\", \"expires\": 5 }",
		"\t\t{ \"asn\": 1, \"prefix\": \"10.0.0.0/8\", \"maxLength\": 024, \"ta\": "
		"\"ripe\", \"expires\": 5 }",
		"\t\t{ \"asn\": 1, \"prefix\": \"10.0.0.0/8\", \"maxLength\": 2.4, \"ta\": "
		"\"ripe\", \"expires\": 5 }",
		"\t\t{ \"asn\": 4294967296, \"prefix\": \"10.0.0.0/8\", \"maxLength\": 24, \"ta\": "
		"\"ripe\", \"expires\": 5 }",
		"\t\t{ \"asn\": 1, \"prefix\": \"10.0.0.0/8\", \"maxLength\": 24, \"ta\": "
		"\"r\\u0069pe\", \"expires\": 5 }",
		"\t\t{ \"asn\": 1, \"prefix\": \"10.0.0.0/8\", \"maxLength\": 24, \"ta\": "
		"\"\xc3\xa9\", \"expires\": 5 }",
		"\t\t{ \"asn\": 1, \"prefix\": \"10.0.0.0/8\", \"maxLength\": 24, \"ta\": "
		"\"\xff\", \"expires\": 5 }",
		"\t\t{ \"asn\": 1, \"prefix\": \"10.0.0.0/8\", \"maxLength\": 24, \"ta\": "
		"\"ripe\", \"expires\": 18446744073709551615 }",
		"\t\t{ \"asn\": 1, \"prefix\": \"10.0.0.0/8\", \"maxLength\": 24, \"ta\": "
		"\"ripe\", \"expires\": 18446744073709551616 }",
		"\t\t{ \"asn\": , \"prefix\": \"10.0.0.0/8\", \"maxLength\": 24, \"ta\": \"ripe\", "
		"\"expires\": 5 }",
		"\t\t{ \"asn\": 1, \"prefix\": \"10.0.0.0/8\", \"maxLength\": 24, \"ta\": "
		"\"ripe\", \"expires\": 5, }",
		"\t\t{ \"asn\": 1, \"prefix\": \"10.0.0.0/8\", \"maxLength\": 24, \"ta\": "
		"\"ripe\", \"expires\": 5 ]",
		"\t\t{ \"asn\": 1, \"prefix\": \"10.0.0.0/8\", \"ski\": \"x\", \"ta\": \"ripe\", "
		"\"expires\": 5 }",
	};
	uint64_t seed = 2;

	for (size_t o = 0; o < sizeof odd / sizeof *odd; o++)
		for (unsigned before = 0; before < 6; before++) {
			struct text t = {.n = 0};

			add(&t, "{\"roas\": [\n");
			for (unsigned i = 0; i < 24; i++) {
				add(&t, i ? ",\n" : "");
				if (i % 8 == before) {
					add(&t, odd[o]);
					add(&t, ",\n");
				}
				add_entry(&t, 0, &seed);
			}
			add(&t, "\n]}\n");
			agree(&t, t.n);
		}
}
END_TEST

/* All entries have a member that the reader looks at and the form must not pass over. */
START_TEST(other_members_of_known_names)
{
	struct text t = {.n = 0};

	add(&t, "{\"roas\":[");
	for (int i = 0; i < 30; i++)
		add(&t, i % 4 == 3 ? "{\"asn\":1,\"prefix\":\"::/0\",\"SKI\":\"0\"},"
				   : "{\"asn\":1,\"prefix\":\"::/"
				     "0\",\"SKI\":\"0000000000000000000000000000000000000000\"},");
	add(&t, "{}]}");
	ck_assert_int_eq(agree(&t, t.n), MANRS_OK);
}
END_TEST

START_TEST(random_damage)
{
	static const char bytes[] = "\"\\{}[]:,0123456789.-eE/AS \n\t\x01\x80\xc3";
	uint64_t seed = 3;
	unsigned good = 0, refused = 0;

	for (unsigned round = 0; round < test_rounds(3000); round++) {
		struct text t = {.n = 0};
		unsigned form = (unsigned)(test_random(&seed) % 5);

		add(&t, "{\"roas\": [\n");
		for (int i = 0; i < 16; i++) {
			add(&t, i ? ",\n" : "");
			add_entry(&t,
				  test_random(&seed) % 16 ? form
							  : (unsigned)(test_random(&seed) % 5),
				  &seed);
		}
		add(&t, "\n]}\n");
		for (uint64_t m = test_random(&seed) % 3; m > 0; m--) {
			char byte = bytes[test_random(&seed) % (sizeof bytes - 1)];

			t.at[11 + test_random(&seed) % (t.n - 11)] = byte;
		}
		if (agree(&t, test_below(&seed, 2) ? t.n : 1 + test_below(&seed, t.n)) == MANRS_OK)
			good++;
		else
			refused++;
	}
	ck_assert_uint_gt(good, test_rounds(1000));
	ck_assert_uint_gt(refused, test_rounds(300));
}
END_TEST

Suite *load_json_fast_suite(void)
{
	Suite *s = suite_create("load_json_fast");

	ADD_TEST(s, lists_of_every_form, 10);
	ADD_TEST(s, odd_entries_within_a_form, 10);
	ADD_TEST(s, other_members_of_known_names, 10);
	ADD_TEST(s, random_damage, 10);
	return s;
}
