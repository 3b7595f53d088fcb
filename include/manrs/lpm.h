/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_LPM_H
#define MANRS_LPM_H

/*
 * The compiled longest-prefix match: an immutable form of a manrs_trie, exact for every length of both families, for
 * tables that are read millions of times a second. Entries have dense indexes, 1..n, in manrs_prefix_cmp order;
 * 0 is "no entry".
 *
 * threads: any number of readers
 * memory:  what lookups touch of the whole Internet is about 4 MB for IPv4 and 3 MB for IPv6 (tests/bench/lpm_bench.c);
 *          the least is 1 MB and 256 KB for a family that has prefixes. The entries take 17 bytes an IPv4 and 29 an
 *          IPv6 prefix. No table takes more than 220 bytes an entry.
 */

#include <manrs/trie.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct manrs_lpm manrs_lpm;

/* Grows at its end: size is set by manrs_lpm_config_init, bytes past what the library knows must be zero. */
typedef struct manrs_lpm_config {
	size_t size;
	const manrs_alloc *alloc; /* NULL: the C library's */
	uint32_t isa;             /* enum manrs_isa */
	uint32_t zero;
} manrs_lpm_config;

/* Set size, and every member to its default. returns: MANRS_OK; MANRS_EINVAL: no such size. */
MANRS_API int manrs_lpm_config_init(manrs_lpm_config *config, size_t size);

/*
 * Compile a trie. config may be NULL. The trie may change or go afterwards.
 * returns: MANRS_OK; MANRS_ENOMEM; MANRS_EINVAL for the config; MANRS_EUNSUP if this processor has no such isa;
 *          MANRS_ELIMIT for 2^27 entries and more
 * cost:    in proportion to the table: under half a second a million prefixes (tests/bench/growth_bench.c)
 */
MANRS_API int manrs_lpm_new(manrs_lpm **lpm, const manrs_trie *trie,
			    const manrs_lpm_config *config);

/* NULL is allowed. */
MANRS_API void manrs_lpm_free(manrs_lpm *lpm);

/* How many entries it holds. */
MANRS_API size_t manrs_lpm_count(const manrs_lpm *lpm);

/*
 * The longest entry that covers the prefix key (key itself included), as manrs_trie_match.
 * out:     found, value; each may be NULL
 * returns: MANRS_OK, MANRS_ENOENT, MANRS_EINVAL
 */
MANRS_API int manrs_lpm_match(const manrs_lpm *lpm, const manrs_prefix *key, manrs_prefix *found,
			      uint64_t *value);

/* manrs_lpm_match for n keys, as manrs_trie_match_many. */
MANRS_API int manrs_lpm_match_many(const manrs_lpm *lpm, const manrs_prefix *keys, size_t n,
				   manrs_prefix *found, uint64_t *values, int32_t *results);

/*
 * The longest match of n IPv4 addresses, for data planes.
 * in:      addr[n], each in network order as in a packet
 * out:     index[n]: entries, 0 = none
 * cost:    no allocation, no lock; two or three loads an address; batches of 64 and more are faster than single calls
 */
MANRS_API void manrs_lpm_lookup4(const manrs_lpm *lpm, const uint32_t *addr, size_t n,
				 uint32_t *index);

/* The same for n IPv6 addresses of 16 bytes each, one behind the other; any alignment. */
MANRS_API void manrs_lpm_lookup6(const manrs_lpm *lpm, const uint8_t *addr, size_t n,
				 uint32_t *index);

/* What an index stands for; prefix and value may be NULL. returns: MANRS_OK, MANRS_ENOENT for 0 and past the last. */
MANRS_API int manrs_lpm_entry(const manrs_lpm *lpm, uint32_t index, manrs_prefix *prefix,
			      uint64_t *value);

/*
 * The memory of it all, in bytes.
 * out:     index4, index6: what lookups of a family touch, without the entries; each may be NULL
 */
MANRS_API size_t manrs_lpm_memory(const manrs_lpm *lpm, size_t *index4, size_t *index6);

#ifdef __cplusplus
}
#endif

#endif
