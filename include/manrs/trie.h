/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_TRIE_H
#define MANRS_TRIE_H

/*
 * A radix trie: a map from prefixes of both families to 64-bit values, path-compressed, for the writer's side of
 * a program. What it holds does not depend on the order in which it came. For a table that is read by many threads,
 * or millions of times a second, build a manrs_lpm from it.
 *
 * threads: any number of readers, or one writer; the caller keeps them apart.
 * keys:    manrs_prefix, maxlen ignored; a found prefix has maxlen = len. A key that breaks its contract
 *          (manrs_prefix_check) is MANRS_EINVAL and matches nothing.
 * cost:    set, get, del, match: O(len of key) steps at worst, usually about log2(count); memory at most two
 *          nodes of 48 bytes a key, and a quarter for growth. No call recurses.
 */

#include <manrs/record.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct manrs_trie manrs_trie;

/* Make an empty trie. returns: MANRS_OK or MANRS_ENOMEM. owns: the caller frees it with manrs_trie_free. */
MANRS_API int manrs_trie_new(manrs_trie **trie, const manrs_alloc *alloc);

/* Free a trie and all in it; NULL is allowed. */
MANRS_API void manrs_trie_free(manrs_trie *trie);

/* Copy a trie, with the same allocator or another. returns: MANRS_OK or MANRS_ENOMEM. */
MANRS_API int manrs_trie_clone(manrs_trie **copy, const manrs_trie *trie, const manrs_alloc *alloc);

/* Put value at key. returns: 1 if the key is new, 0 if its value was replaced, MANRS_EINVAL, MANRS_ENOMEM. */
MANRS_API int manrs_trie_set(manrs_trie *trie, const manrs_prefix *key, uint64_t value);

/* The value at exactly this key. out: value, may be NULL. returns: MANRS_OK, MANRS_ENOENT, MANRS_EINVAL. */
MANRS_API int manrs_trie_get(const manrs_trie *trie, const manrs_prefix *key, uint64_t *value);

/* Take the key out. returns: MANRS_OK, MANRS_ENOENT, MANRS_EINVAL. Never allocates. */
MANRS_API int manrs_trie_del(manrs_trie *trie, const manrs_prefix *key);

/*
 * The longest prefix in the trie that covers key (key itself included), and its value.
 * out:     found, value; each may be NULL
 * returns: MANRS_OK, MANRS_ENOENT, MANRS_EINVAL
 */
MANRS_API int manrs_trie_match(const manrs_trie *trie, const manrs_prefix *key, manrs_prefix *found,
			       uint64_t *value);

/* How many keys it holds. */
MANRS_API size_t manrs_trie_count(const manrs_trie *trie);

/*
 * manrs_trie_get for n keys: results[i] is MANRS_OK, MANRS_ENOENT or MANRS_EINVAL for keys[i], values[i] is set
 * where it is MANRS_OK and 0 elsewhere.
 * returns: MANRS_OK; MANRS_EINVAL if any key was malformed
 */
MANRS_API int manrs_trie_get_many(const manrs_trie *trie, const manrs_prefix *keys, size_t n,
				  uint64_t *values, int32_t *results);

/* manrs_trie_match for n keys, as manrs_trie_get_many; found may be NULL, else found[i] is zero where nothing matched. */
MANRS_API int manrs_trie_match_many(const manrs_trie *trie, const manrs_prefix *keys, size_t n,
				    manrs_prefix *found, uint64_t *values, int32_t *results);

/*
 * All keys that cover key, key itself included, shortest first.
 * out:     found[cap], values[cap], each may be NULL; filled up to cap
 * returns: how many there are (at most 129), even where cap is less; 0 for a malformed key
 */
MANRS_API size_t manrs_trie_covering(const manrs_trie *trie, const manrs_prefix *key,
				     manrs_prefix *found, uint64_t *values, size_t cap);

/*
 * List the keys that key covers, key itself included, in manrs_prefix_cmp order. The trie may change between two slices:
 * the next one has the keys that come after the last one listed, which need not be there any more.
 * in:      key: NULL: all keys of both families
 *          cursor: the last key listed (record.h)
 * out:     found[cap], values[cap], each may be NULL
 * returns: how many were written; fewer than cap means the end
 * cost:    O(len) a slice, O(1) a key
 */
MANRS_API size_t manrs_trie_covered(const manrs_trie *trie, const manrs_prefix *key,
				    manrs_cursor *cursor, manrs_prefix *found, uint64_t *values,
				    size_t cap);

#ifdef __cplusplus
}
#endif

#endif
