/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_ORACLE_MAP_H
#define TESTS_ORACLE_MAP_H

/* The stupid twin of the prefix tables: an unsorted array, searched from end to end, prefixes compared bit by bit. */

#include <manrs/prefix.h>
#include <stdbool.h>
#include <stddef.h>

struct map_entry {
	manrs_prefix prefix;
	uint64_t value;
};

struct map {
	struct map_entry *at;
	size_t n, cap;
};

void map_free(struct map *map);
bool map_set(struct map *map, const manrs_prefix *prefix, uint64_t value); /* whether it is new */
bool map_del(struct map *map, const manrs_prefix *prefix); /* whether it was there */
const struct map_entry *map_get(const struct map *map, const manrs_prefix *prefix);
const struct map_entry *map_match(const struct map *map, const manrs_prefix *prefix);
/* Those that cover prefix (down = false) or are covered by it (down = true), in order; out has room for map->n. */
size_t map_related(const struct map *map, const manrs_prefix *prefix, bool down,
		   struct map_entry *out);
/* The first in order behind `after` (NULL: of all). */
const struct map_entry *map_next(const struct map *map, const manrs_prefix *after);

bool map_covers(const manrs_prefix *outer, const manrs_prefix *inner);
int map_order(const manrs_prefix *a, const manrs_prefix *b);

#endif
