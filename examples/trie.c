/* SPDX-License-Identifier: BSD-2-Clause */
/* The trie as a map from prefixes to anything: here the customers of a small network. */

#include <manrs/trie.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *prefix, *name;
} customers[] = {
	{"198.51.100.0/24", "a hospital"},
	{"198.51.0.0/16", "a carrier"},
	{"198.51.100.128/25", "its laboratory"},
	{"2001:db8::/32", "a university"},
};

static manrs_prefix parse(const char *text)
{
	manrs_prefix prefix = {0};

	if (manrs_prefix_parse(&prefix, text, strlen(text), NULL) < 0)
		manrs_address_parse(&prefix, text, strlen(text), NULL);
	return prefix;
}

static void whose(const manrs_trie *trie, const char *text)
{
	manrs_prefix key = parse(text), found;
	char name[MANRS_PREFIX_TEXT];
	uint64_t value;

	if (manrs_trie_match(trie, &key, &found, &value) != MANRS_OK) {
		printf("%s: nobody's\n", text);
		return;
	}
	manrs_prefix_format(&found, name, sizeof name);
	printf("%s: %s (%s)\n", text, customers[value].name, name);
}

int main(void)
{
	manrs_trie *trie;
	manrs_cursor cursor = {{0}};
	manrs_prefix at;
	uint64_t value;

	if (manrs_trie_new(&trie, NULL) < 0)
		return 1;
	for (size_t i = 0; i < sizeof customers / sizeof *customers; i++) {
		manrs_prefix key = parse(customers[i].prefix);

		if (manrs_trie_set(trie, &key, i) < 0)
			return 1;
	}
	whose(trie, "198.51.100.200");
	whose(trie, "198.51.7.0/24");
	whose(trie, "2001:db8:1::1");
	whose(trie, "203.0.113.1");

	/* In order, here one by one: the trie may change between two steps. */
	while (manrs_trie_covered(trie, NULL, &cursor, &at, &value, 1)) {
		char name[MANRS_PREFIX_TEXT];

		manrs_prefix_format(&at, name, sizeof name);
		printf("%s is %s\n", name, customers[value].name);
	}
	manrs_trie_free(trie);
	return 0;
}
