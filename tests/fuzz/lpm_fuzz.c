/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A table from bytes, compiled and asked on every code path of this processor, against the linear
 * scan: 18 bytes a prefix; the first half is stored, all are asked, as they are and as addresses.
 */

#include "oracle/map.h"

#include <manrs/lpm.h>
#include <stdlib.h>
#include <string.h>

#define MOST 64

static void must(int truth)
{
	if (!truth)
		abort();
}

static manrs_prefix prefix_of(const uint8_t *in)
{
	manrs_prefix p = {.family = in[0] & 1 ? 4 : 6};

	p.len = p.maxlen = (uint8_t)(in[1] % (p.family == 4 ? 33 : 129));
	for (unsigned i = 0; i < p.len; i++)
		p.addr[i / 8] |= (uint8_t)(in[2 + i / 8] & 0x80 >> i % 8);
	return p;
}

static void same(const struct map *map, const manrs_prefix *key, int rc, const manrs_prefix *found,
		 uint64_t value)
{
	const struct map_entry *want = map_match(map, key);

	must((rc == MANRS_OK) == (want != NULL));
	must(!want || (value == want->value && map_order(found, &want->prefix) == 0));
}

/* As raw addresses: each key's first one, in one batch. */
static void ask_raw(const manrs_lpm *lpm, const struct map *map, const manrs_prefix *keys, size_t n)
{
	uint32_t four[MOST], index4[MOST], index6[MOST];
	uint8_t six[MOST][16];

	for (size_t i = 0; i < n; i++) {
		memcpy(&four[i], keys[i].addr, 4);
		memcpy(six[i], keys[i].addr, 16);
	}
	manrs_lpm_lookup4(lpm, four, n, index4);
	manrs_lpm_lookup6(lpm, six[0], n, index6);
	for (size_t i = 0; i < n; i++) {
		manrs_prefix host = keys[i], found;
		uint64_t value = 0;
		int rc = manrs_lpm_entry(lpm, host.family == 4 ? index4[i] : index6[i], &found,
					 &value);

		host.len = host.family == 4 ? 32 : 128;
		same(map, &host, rc, &found, value);
	}
}

static void ask(const manrs_trie *trie, const struct map *map, const manrs_prefix *keys, size_t n,
		uint32_t isa)
{
	manrs_prefix found[MOST];
	uint64_t values[MOST];
	int32_t rc[MOST];
	manrs_lpm_config config;
	manrs_lpm *lpm;
	int made;

	manrs_lpm_config_init(&config, sizeof config);
	config.isa = isa;
	made = manrs_lpm_new(&lpm, trie, &config);
	must(made == MANRS_OK || made == MANRS_EUNSUP);
	if (made != MANRS_OK)
		return;
	must(manrs_lpm_count(lpm) == map->n);
	manrs_lpm_match_many(lpm, keys, n, found, values, rc);
	for (size_t i = 0; i < n; i++)
		same(map, &keys[i], rc[i], &found[i], values[i]);
	ask_raw(lpm, map, keys, n);
	manrs_lpm_lookup4(lpm, NULL, 0, NULL);
	manrs_lpm_lookup6(lpm, NULL, 0, NULL);
	manrs_lpm_free(lpm);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	manrs_prefix keys[MOST];
	struct map map = {0};
	manrs_trie *trie;
	size_t n = 0;

	must(manrs_trie_new(&trie, NULL) == MANRS_OK);
	for (; n < MOST && 18 * (n + 1) <= size; n++)
		keys[n] = prefix_of(data + 18 * n);
	for (size_t i = 0; i < (n + 1) / 2; i++)
		must(manrs_trie_set(trie, &keys[i], i) == map_set(&map, &keys[i], i));
	for (uint32_t isa = MANRS_ISA_PORTABLE; isa <= MANRS_ISA_AVX512; isa++)
		ask(trie, &map, keys, n, isa);
	manrs_trie_free(trie);
	map_free(&map);
	return 0;
}
