/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_RIB_RIB_ATTRS_H
#define LIB_RIB_RIB_ATTRS_H

/*
 * What routes have besides their key, each set once: the path, the next hop, Only-to-Customer, flags. Counted by the routes
 * that have it. A set is found by the hash over its bytes, in one of 256 tables, so that none is large when it doubles: a
 * table of a million paths would stall an event loop.
 *
 *     id -> page[id / 1024] -> at[id % 1024] -> struct rib_attrs, which stays where it is
 *
 * A page also has two bits a set: marked to be judged again, in the lap of the sweep that runs and in the next one.
 */

#include "base/pool.h"
#include "base/slots.h"
#include <assert.h>
#include <manrs/announce.h>

#define RIB_ATTRS_NONE UINT32_C(0x7fffffff)
#define RIB_ATTRS_HOPS (UINT32_C(1) << 24) /* a path has less: BGP has room for 16,000 */

#define RIB_PAGE   1024u
#define RIB_SHARDS 256u

struct rib_attrs {
	uint32_t refs;
	uint32_t n; /* hops */
	uint32_t otc;
	uint8_t flags; /* of MANRS_ANNOUNCE_*: those that are not the session's */
	uint8_t learned_from;
	uint8_t hop_family; /* 4 or 16 bytes of the next hop's address come first behind the head; 0: none */
	uint8_t kinds;   /* a byte a hop comes last */
	uint32_t word[]; /* the next hop, the hops */
};

struct rib_page {
	uintptr_t at[RIB_PAGE]; /* a set, or free: the next free one << 1 | 1 */
	uint64_t marks[2][RIB_PAGE / 64];
};

struct rib_attrs_store {
	struct pool *pool;
	const manrs_alloc *mem;
	struct vec pages; /* struct rib_page * */
	struct vec words; /* uint64_t: the set that is looked for */
	uint64_t seed[2];
	uint32_t n;    /* ids given out so far */
	uint32_t live; /* sets */
	uint32_t free; /* the first free id; RIB_ATTRS_NONE */
	struct slots shard[RIB_SHARDS];
	uint32_t count[RIB_SHARDS];
};

void rib_attrs_init(struct rib_attrs_store *store, struct pool *pool, const manrs_alloc *mem,
		    const uint64_t seed[2]);
void rib_attrs_free(struct rib_attrs_store *store);

/*
 * One more that has these attributes. A record that cannot be kept as it is, for it breaks its contract, is kept as a
 * malformed one: every test fails either way.
 * returns: the id; RIB_ATTRS_NONE: refused
 */
uint32_t rib_attrs_take(struct rib_attrs_store *store, const manrs_announcement *a);
/* Whether an announcement can be kept as it is; else what makes it malformed must be taken out of it. */
bool rib_attrs_mend(manrs_announcement *a);
/* One less. */
void rib_attrs_drop(struct rib_attrs_store *store, uint32_t id);
/* Into an announcement whose other members are set; its path is that of the set. */
void rib_attrs_give(const struct rib_attrs *attrs, manrs_announcement *a);

static inline struct rib_page *rib_page_of(const struct rib_attrs_store *store, uint32_t id)
{
	assert(id < store->n);
	return ((struct rib_page **)store->pages.at)[id / RIB_PAGE];
}

static inline const struct rib_attrs *rib_attrs_at(const struct rib_attrs_store *store, uint32_t id)
{
	uintptr_t at = rib_page_of(store, id)->at[id % RIB_PAGE];

	assert(!(at & 1));
	return (const struct rib_attrs *)at;
}

/* NULL: the id is free. */
static inline const struct rib_attrs *rib_attrs_maybe(const struct rib_attrs_store *store,
						      uint32_t id)
{
	uintptr_t at = rib_page_of(store, id)->at[id % RIB_PAGE];

	return at & 1 ? NULL : (const struct rib_attrs *)at;
}

static inline bool rib_attrs_marked(const struct rib_attrs_store *store, unsigned lap, uint32_t id)
{
	const uint64_t *marks = rib_page_of(store, id)->marks[lap];

	return marks[id % RIB_PAGE / 64] >> id % 64 & 1;
}

static inline void rib_attrs_mark(struct rib_attrs_store *store, unsigned lap, uint32_t id)
{
	rib_page_of(store, id)->marks[lap][id % RIB_PAGE / 64] |= UINT64_C(1) << id % 64;
}

#endif
