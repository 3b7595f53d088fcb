/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prefix sets, built from the trie as a host would, against OpenBGPD's regression vectors 1 to 4
 * (rde_trie_test.*: rules "PREFIX MIN MAX", prefixes to check, and what its own trie answers).
 */

#include "net/bits.h"
#include "test.h"

/* A rule's range of lengths; several rules of one prefix form a chain through next. */
struct rule {
	uint8_t min, max;
	uint64_t next; /* index + 1, 0 ends */
};

struct set {
	manrs_trie *trie;
	struct rule rules[512];
	size_t n;
	bool or_longer; /* what a rule matches, it matches with all more-specifics */
};

static FILE *open_part(int number, const char *part)
{
	char name[64];
	const char *path;

	snprintf(name, sizeof name, "rov/openbgpd-trie/rde_trie_test.%d.%s", number, part);
	path = test_data(name);
	return path ? fopen(path, "r") : NULL;
}

/* The vectors have one prefix with host bits, which OpenBGPD clears. */
static manrs_prefix parse(const char *text)
{
	size_t slash = strcspn(text, "/");
	manrs_prefix p;

	ck_assert_int_eq(manrs_address_parse(&p, text, slash, NULL), MANRS_OK);
	p.len = p.maxlen = (uint8_t)atoi(text + slash + 1);
	addr_mask(p.addr, p.len);
	return p;
}

static void add_rule(struct set *set, const char *text, unsigned min, unsigned max)
{
	manrs_prefix p = parse(text);
	uint64_t first = 0;

	manrs_trie_get(set->trie, &p, &first);
	ck_assert_uint_lt(set->n, 512);
	set->rules[set->n++] = (struct rule){(uint8_t)min, (uint8_t)max, first};
	ck_assert_int_ge(manrs_trie_set(set->trie, &p, set->n), 0);
}

static bool matches(const struct set *set, const manrs_prefix *p)
{
	uint64_t chain[129];
	size_t n = manrs_trie_covering(set->trie, p, NULL, chain, 129);

	for (size_t i = 0; i < n; i++)
		for (uint64_t r = chain[i]; r; r = set->rules[r - 1].next)
			if (set->rules[r - 1].min <= p->len &&
			    (set->or_longer || p->len <= set->rules[r - 1].max))
				return true;
	return false;
}

static void run_set(int number, bool or_longer)
{
	static struct set set;
	FILE *in = open_part(number, "in"), *out = open_part(number, "out");
	char prefix[64], answer[16];
	unsigned min, max, checked = 0;

	if (!in || !out) {
		test_skip("rov/openbgpd-trie is not there");
		if (in)
			fclose(in);
		return;
	}
	set.n = 0; /* another set was here, where tests do not fork */
	set.or_longer = or_longer;
	ck_assert_int_eq(manrs_trie_new(&set.trie, NULL), MANRS_OK);
	while (fscanf(in, "%63s %u %u", prefix, &min, &max) == 3)
		add_rule(&set, prefix, min, max);
	while (fscanf(out, "%63s %15s", prefix, answer) == 2) {
		manrs_prefix p = parse(prefix);

		ck_assert_msg(matches(&set, &p) == !strcmp(answer, "MATCH"), "%s: not %s", prefix,
			      answer);
		checked++;
	}
	ck_assert_uint_gt(checked, 10);
	manrs_trie_free(set.trie);
	fclose(in);
	fclose(out);
}

START_TEST(openbgpd_set_1_ranges)
{
	run_set(1, false);
}
END_TEST
START_TEST(openbgpd_set_2_exact)
{
	run_set(2, false);
}
END_TEST
START_TEST(openbgpd_set_3_many)
{
	run_set(3, false);
}
END_TEST
START_TEST(openbgpd_set_4_or_longer)
{
	run_set(4, true);
}
END_TEST

Suite *prefixset_suite(void)
{
	Suite *s = suite_create("prefixset");

	ADD_TEST(s, openbgpd_set_1_ranges, 1);
	ADD_TEST(s, openbgpd_set_2_exact, 1);
	ADD_TEST(s, openbgpd_set_3_many, 1);
	ADD_TEST(s, openbgpd_set_4_or_longer, 1);
	return s;
}
