/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A trie driven by bytes, against the linear scan: 20 bytes a step, the operation in the byte of `zero`, few address
 * bytes so that prefixes meet. Half of the steps keep their host bits and are refused.
 */

#include "oracle/map.h"

#include <manrs/trie.h>
#include <stdlib.h>
#include <string.h>

static void must(int truth)
{
	if (!truth)
		abort();
}

static manrs_prefix prefix_of(const uint8_t *in, unsigned *op)
{
	manrs_prefix p;

	memcpy(&p, in, sizeof p);
	*op = p.zero & 7;
	if (p.zero & 8) { /* make it well-formed */
		p.family = p.family & 1 ? 4 : 6;
		p.len = (uint8_t)(p.len % (p.family == 4 ? 33 : 129));
		for (unsigned i = p.len; i < 128; i++)
			p.addr[i / 8] &= (uint8_t) ~(0x80 >> i % 8);
	}
	p.zero = 0;
	return p;
}

static void ask(const manrs_trie *trie, const struct map *map, const manrs_prefix *p)
{
	const struct map_entry *want = map_match(map, p);
	manrs_cursor behind = {{0}};
	manrs_prefix found;
	uint64_t value;

	must((manrs_trie_match(trie, p, &found, &value) == MANRS_OK) == (want != NULL));
	must(!want || (value == want->value && map_order(&found, &want->prefix) == 0));
	want = map_next(map, p);
	memcpy(&behind, p, sizeof *p);
	must(manrs_trie_covered(trie, NULL, &behind, &found, &value, 1) == (want != NULL));
	must(!want || (value == want->value && map_order(&found, &want->prefix) == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct map map = {0};
	manrs_trie *trie, *copy;

	must(manrs_trie_new(&trie, NULL) == MANRS_OK);
	for (size_t i = 0; i + 20 <= size && i < 4000; i += 20) {
		unsigned op;
		manrs_prefix p = prefix_of(data + i, &op);

		if (manrs_prefix_check(&p) != MANRS_OK) {
			must(manrs_trie_set(trie, &p, i) == MANRS_EINVAL);
			must(manrs_trie_match(trie, &p, NULL, NULL) == MANRS_EINVAL);
		} else if (op < 4) {
			must(manrs_trie_set(trie, &p, i) == map_set(&map, &p, i));
		} else if (op < 6) {
			must((manrs_trie_del(trie, &p) == MANRS_OK) == map_del(&map, &p));
		} else if (op == 6) {
			must(manrs_trie_clone(&copy, trie, NULL) == MANRS_OK);
			manrs_trie_free(trie);
			trie = copy;
		} else {
			ask(trie, &map, &p);
		}
		must(manrs_trie_count(trie) == map.n);
	}
	manrs_trie_free(trie);
	map_free(&map);
	return 0;
}
