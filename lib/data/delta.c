/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The difference of two snapshots as records (db_delta.h). As manrs_db_diff (db.c) it goes over both trees side by side and
 * passes what they share; within a prefix both sorted arrays are merged. The cursor says where:
 *
 *     state[0]  the part: TREE_VRP4, TREE_VRP6, then ASPAs, then keys
 *     state[1]  1: a prefix was begun;  state[2..4] it (listing.h);  state[5], state[6] the places in its two arrays
 *     state[2]  of ASPAs the map's order; of keys, with state[3], the places in the two arrays
 */

#include "data/listing.h"
#include "data/store.h"

#include <manrs/db_delta.h>
#include <string.h>

enum { PART_ASPA = TREE_IRR4, PART_KEYS, PARTS };

struct delta {
	manrs_cursor *cursor;
	manrs_delta *out;
	size_t n, cap;
	unsigned family;
	struct cover_from first; /* where an earlier call stopped */
	bool resumed;
};

static manrs_delta *put(struct delta *d, enum manrs_op op, uint32_t kind)
{
	d->out[d->n] = (manrs_delta){.op = op, .kind = kind};
	return &d->out[d->n++];
}

static int rec_order(const struct cover_rec *a, const struct cover_rec *b)
{
	if (!a || !b)
		return a ? -1 : 1;
	if (a->asn != b->asn)
		return a->asn < b->asn ? -1 : 1;
	return (int)a->maxlen - (int)b->maxlen;
}

static bool delta_prefix(void *arg, const uint8_t *addr, unsigned len, const struct cover_rec *a,
			 size_t na, const struct cover_rec *b, size_t nb)
{
	struct delta *d = arg;
	bool first = d->resumed && d->first.len == len && !memcmp(d->first.addr, addr, 16);
	size_t i = first ? (size_t)d->cursor->state[5] : 0;
	size_t j = first ? (size_t)d->cursor->state[6] : 0;

	while ((i < na || j < nb) && d->n < d->cap) {
		const struct cover_rec *ra = i < na ? &a[i] : NULL, *rb = j < nb ? &b[j] : NULL;
		int order = rec_order(ra, rb);
		bool was = order <= 0 && cover_effective(ra),
		     is = order >= 0 && cover_effective(rb);
		manrs_delta *one;

		i += order <= 0;
		j += order >= 0;
		if (was == is)
			continue;
		one = put(d, is ? MANRS_ADD : MANRS_REMOVE,
			  d->family == 4 ? MANRS_CHANGE_VRP4 : MANRS_CHANGE_VRP6);
		listing_prefix(&one->vrp.prefix, d->family, addr, len, (is ? rb : ra)->maxlen);
		one->vrp.asn = (is ? rb : ra)->asn;
	}
	if (d->n < d->cap)
		return true;
	listing_remember(d->cursor, len, addr);
	d->cursor->state[1] = 1;
	d->cursor->state[5] = i;
	d->cursor->state[6] = j;
	return false;
}

static bool delta_aspa(void *arg, uint64_t order, const void *va, const void *vb)
{
	const struct aspa_record *a = va, *b = vb, *of;
	struct delta *d = arg;

	if (listing_same_aspa(a, b))
		return true;
	of = b && b->n ? b : a;
	put(d, of == b ? MANRS_ADD : MANRS_REMOVE, MANRS_CHANGE_ASPA)->aspa =
		(manrs_aspa){of->provider, of->customer, of->n};
	d->cursor->state[2] = order;
	return d->n < d->cap;
}

static void delta_keys(struct delta *d, const struct key_set *a, const struct key_set *b)
{
	struct listing_keys k;

	while (d->n < d->cap && listing_next_keys(d->cursor, a, b, &k))
		if (k.was != k.is)
			put(d, k.is ? MANRS_ADD : MANRS_REMOVE, MANRS_CHANGE_KEY)->key = k.key;
}

size_t manrs_db_delta(const manrs_db *from, const manrs_db *to, manrs_cursor *cursor,
		      manrs_delta *out, size_t cap)
{
	static const struct content empty;
	const struct content *a = from ? &from->view.c : &empty, *b = to ? &to->view.c : &empty;
	struct delta d = {.cursor = cursor, .out = out, .cap = cap};

	while (d.n < cap && cursor->state[0] < PARTS) {
		uint64_t part = cursor->state[0];

		d.resumed = cursor->state[1];
		d.first = listing_from(cursor);
		d.family = part == TREE_VRP6 ? 6 : 4;
		if (part < PART_ASPA)
			cover_walk(a->root[part], b->root[part], d.resumed ? &d.first : NULL,
				   delta_prefix, &d);
		else if (part == PART_ASPA)
			asnmap_walk(a->aspas, b->aspas, cursor->state[2], delta_aspa, &d);
		else
			delta_keys(&d, a->keys, b->keys);
		if (d.n < cap)
			*cursor = (manrs_cursor){.state = {part + 1}};
	}
	return d.n;
}
