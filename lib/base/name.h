/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_BASE_NAME_H
#define LIB_BASE_NAME_H

/*
 * Names of members, keys and columns as people and programs write them: max_length, maxLength, "max-length". A name that
 * is passed over beside a default gives a wrong answer in silence; these two tell a near miss from a foreign name.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Whether a[0..n) is `word`, byte by byte. */
static inline bool name_is(const char *a, size_t n, const char *word)
{
	return strlen(word) == n && !memcmp(a, word, n);
}

/* Whether a[0..n) is `known` but for case, '_' and '-'. */
bool name_same(const char *a, size_t n, const char *known);

/* A name of a table, and what it stands for. */
struct name_of {
	const char *name;
	uint8_t is;
};

/* What a[0..n) stands for: that of the first name which is name_same; -1: it is none of them. */
int name_find(const char *a, size_t n, const struct name_of *table, size_t count);

/*
 * Which of known[count] is meant by a[0..n): the one that is name_same, else the nearest in inserted, deleted and replaced
 * letters (case, '_' and '-' do not count), as long as that is at most two and at most a third of its letters.
 * returns: its index; -1: none is near
 */
int name_near(const char *a, size_t n, const char *const *known, size_t count);

#endif
