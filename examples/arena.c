/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The library inside a host's own memory: a fixed arena, given out in blocks of powers of two, every byte accounted for,
 * and no malloc. When it is full a call fails with MANRS_ENOMEM, the edit stays as it was, and the host goes on.
 */

#include <manrs/rov.h>
#include <stdio.h>
#include <string.h>

#define ARENA   ((size_t)4 << 20)
#define CLASSES 23 /* blocks of 1 << 0 .. 1 << 22 bytes */

struct block {
	struct block *next;
};

struct arena {
	_Alignas(64) unsigned char bytes[ARENA];
	size_t used;
	struct block *free[CLASSES];
	size_t live, peak, refused;
};

static unsigned class_of(size_t n)
{
	unsigned c = 6; /* at least a cache line: whatever the library asks for is aligned */

	while (((size_t)1 << c) < n)
		c++;
	return c;
}

static void *take(struct arena *a, size_t n)
{
	unsigned c = class_of(n);
	void *at = c < CLASSES ? (void *)a->free[c] : NULL;

	if (at) {
		a->free[c] = a->free[c]->next;
	} else if (c < CLASSES && (size_t)1 << c <= ARENA - a->used) {
		at = a->bytes + a->used;
		a->used += (size_t)1 << c;
	}
	return at;
}

/* The one function that the library calls: allocate, move or free, always with the old size. */
static void *resize(void *arg, void *ptr, size_t old_size, size_t new_size)
{
	struct arena *a = arg;
	void *at = ptr;

	if (new_size && (!ptr || class_of(new_size) != class_of(old_size))) {
		at = take(a, new_size);
		if (!at) {
			a->refused++;
			return NULL;
		}
		if (ptr)
			memcpy(at, ptr, old_size < new_size ? old_size : new_size);
	}
	if (ptr && (at != ptr || !new_size)) {
		struct block *block = ptr;

		block->next = a->free[class_of(old_size)];
		a->free[class_of(old_size)] = block;
	}
	a->live += new_size - old_size;
	if (a->live > a->peak)
		a->peak = a->live;
	return new_size ? at : NULL;
}

static struct arena arena;

/* VRPs 10.0.0.0/24 AS1, 10.0.1.0/24 AS2 and so on, until the arena is full. */
static uint32_t fill(manrs_edit *edit)
{
	uint32_t n = 0;

	for (; n < 65536; n++) {
		uint8_t bytes[4] = {10, (uint8_t)(n >> 8), (uint8_t)n, 0};
		manrs_route vrp = {.asn = n + 1};

		manrs_prefix_set(&vrp.prefix, 4, bytes, 24, 0);
		if (manrs_edit_vrps(edit, 0, MANRS_ADD, &vrp, 1, NULL, NULL) == MANRS_ENOMEM)
			break;
	}
	return n;
}

int main(void)
{
	manrs_alloc alloc = {resize, &arena};
	manrs_db_config config;
	manrs_db_owner *owner;
	manrs_edit *edit;
	manrs_db *small, *db;
	manrs_route route;
	int rc;

	manrs_db_config_init(&config, sizeof config);
	config.alloc = &alloc;
	manrs_route_parse(&route, "10.0.0.0/24 AS1", 15, NULL);
	if (manrs_db_owner_new(&owner, &config) < 0 || manrs_edit_begin(&edit, owner, NULL) < 0)
		return 1;
	manrs_edit_vrps(edit, 0, MANRS_ADD, &route, 1, NULL, NULL);
	if (manrs_edit_commit(edit, &small) < 0)
		return 1;
	printf("one VRP: %s\n", manrs_rov_text(manrs_rov_check(small, &route)));

	if (manrs_edit_begin(&edit, owner, small) < 0)
		return 1;
	printf("the arena was filled: %s\n", fill(edit) > 1000 && arena.refused ? "yes" : "no");
	rc = manrs_edit_commit(edit, &db);
	if (rc < 0) {
		printf("the commit said: %s\n", manrs_strerror(rc));
		manrs_edit_abort(edit);
	} else {
		manrs_db_unref(db);
	}
	printf("what was there still answers: %s\n",
	       manrs_rov_text(manrs_rov_check(small, &route)));
	manrs_db_unref(small);
	rc = manrs_db_owner_free(owner);
	printf("bytes not given back: %zu\n", arena.live);
	return rc < 0 || arena.live || arena.peak > ARENA;
}
