/* SPDX-License-Identifier: BSD-2-Clause */
/* The stupid twin of the prefix tables: nothing here is shared with the library but the record. */

#include "oracle/map.h"

#include <stdlib.h>

static int bit(const manrs_prefix *p, int i)
{
	return p->addr[i >> 3] & (0x80 >> (i & 7)) ? 1 : 0;
}

bool map_covers(const manrs_prefix *outer, const manrs_prefix *inner)
{
	if (outer->family != inner->family || outer->len > inner->len)
		return false;
	for (int i = 0; i < outer->len; i++)
		if (bit(outer, i) != bit(inner, i))
			return false;
	return true;
}

int map_order(const manrs_prefix *a, const manrs_prefix *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	for (int i = 0; i < 128; i++)
		if (bit(a, i) != bit(b, i))
			return bit(a, i) < bit(b, i) ? -1 : 1;
	return a->len < b->len ? -1 : a->len > b->len ? 1 : 0;
}

static struct map_entry *find(const struct map *map, const manrs_prefix *prefix)
{
	for (size_t i = 0; i < map->n; i++)
		if (map_order(&map->at[i].prefix, prefix) == 0)
			return &map->at[i];
	return NULL;
}

void map_free(struct map *map)
{
	free(map->at);
	*map = (struct map){0};
}

bool map_set(struct map *map, const manrs_prefix *prefix, uint64_t value)
{
	struct map_entry *entry = find(map, prefix);
	bool added = !entry;

	if (added) {
		if (map->n == map->cap) {
			map->cap = map->cap ? 2 * map->cap : 64;
			map->at = realloc(map->at, map->cap * sizeof *map->at);
			if (!map->at)
				abort();
		}
		entry = &map->at[map->n++];
	}
	entry->prefix = *prefix;
	entry->prefix.maxlen = prefix->len;
	entry->value = value;
	return added;
}

bool map_del(struct map *map, const manrs_prefix *prefix)
{
	struct map_entry *entry = find(map, prefix);

	if (entry)
		*entry = map->at[--map->n];
	return entry != NULL;
}

const struct map_entry *map_get(const struct map *map, const manrs_prefix *prefix)
{
	return find(map, prefix);
}

const struct map_entry *map_match(const struct map *map, const manrs_prefix *prefix)
{
	const struct map_entry *best = NULL;

	for (size_t i = 0; i < map->n; i++)
		if (map_covers(&map->at[i].prefix, prefix) &&
		    (!best || map->at[i].prefix.len > best->prefix.len))
			best = &map->at[i];
	return best;
}

static int entry_order(const void *a, const void *b)
{
	return map_order(&((const struct map_entry *)a)->prefix,
			 &((const struct map_entry *)b)->prefix);
}

size_t map_related(const struct map *map, const manrs_prefix *prefix, bool down,
		   struct map_entry *out)
{
	size_t n = 0;

	for (size_t i = 0; i < map->n; i++) {
		const manrs_prefix *p = &map->at[i].prefix;

		if (down ? map_covers(prefix, p) : map_covers(p, prefix))
			out[n++] = map->at[i];
	}
	if (n)
		qsort(out, n, sizeof *out, entry_order);
	return n;
}

const struct map_entry *map_next(const struct map *map, const manrs_prefix *after)
{
	const struct map_entry *best = NULL;

	for (size_t i = 0; i < map->n; i++) {
		const manrs_prefix *p = &map->at[i].prefix;

		if ((!after || map_order(p, after) > 0) &&
		    (!best || map_order(p, &best->prefix) < 0))
			best = &map->at[i];
	}
	return best;
}
