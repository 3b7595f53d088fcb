/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_DATA_LISTING_H
#define LIB_DATA_LISTING_H

/* What the listings of snapshots (db.c) and their differences as records (delta.c) share: places in a cursor, and pairs. */

#include "data/store.h"

#include <string.h>

static inline void listing_remember(manrs_cursor *c, unsigned len, const uint8_t *addr)
{
	c->state[2] = len;
	c->state[3] = get64(addr);
	c->state[4] = get64(addr + 8);
}

static inline struct cover_from listing_from(const manrs_cursor *c)
{
	struct cover_from f = {.len = (unsigned)c->state[2]};

	put64(f.addr, c->state[3]);
	put64(f.addr + 8, c->state[4]);
	return f;
}

static inline void listing_prefix(manrs_prefix *p, unsigned family, const uint8_t *addr,
				  unsigned len, unsigned maxlen)
{
	*p = (manrs_prefix){
		.family = (uint8_t)family, .len = (uint8_t)len, .maxlen = (uint8_t)maxlen};
	memcpy(p->addr, addr, 16);
}

/* Whether a customer has the same list in both; NULL: it has none. */
static inline bool listing_same_aspa(const struct aspa_record *a, const struct aspa_record *b)
{
	uint32_t na = a ? a->n : 0, nb = b ? b->n : 0;

	return na == nb && (!na || !memcmp(a->provider, b->provider, na * sizeof *a->provider));
}

struct listing_keys {
	const manrs_router_key *key;
	bool was, is; /* in the one, in the other */
};

/* Of two arrays of keys the next one that either has: state[2] and state[3] are the places. returns: false at the end */
static inline bool listing_next_keys(manrs_cursor *c, const struct key_set *a,
				     const struct key_set *b, struct listing_keys *out)
{
	uint64_t *i = &c->state[2], *j = &c->state[3];
	const struct key_rec *ra = a && *i < a->n ? &a->rec[*i] : NULL;
	const struct key_rec *rb = b && *j < b->n ? &b->rec[*j] : NULL;
	int order;

	if (!ra && !rb)
		return false;
	order = !ra ? 1 : !rb ? -1 : key_cmp(&ra->key, &rb->key);
	*i += order <= 0;
	*j += order >= 0;
	out->key = order >= 0 ? &rb->key : &ra->key;
	out->was = order <= 0 && key_effective(ra);
	out->is = order >= 0 && key_effective(rb);
	return true;
}

#endif
