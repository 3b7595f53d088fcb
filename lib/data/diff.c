/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The difference of two snapshots as places to look again, whole (db.h) or in slices (db_delta.h). It goes over both trees side
 * by side and passes what they share. Where they share nothing, since one was built from its files again, that is all of both: a
 * slice stops when what it may cost is used up, at a node or within the records of one prefix.
 *
 * The cursor says where:
 *
 *     state[0]     the part: TREE_VRP4 to TREE_IRR6, then ASPAs, then keys
 *     state[1]     of a tree: WRITTEN: the prefix in state[2..4] (listing.h) was the last to be listed
 *                  INSIDE: so far was looked, and within that prefix, if it is one, state[5] and [6] records
 *     state[2..3]  of ASPAs the map's order; of keys the places in the two arrays
 */

#include "data/listing.h"
#include "data/store.h"

#include <manrs/db_delta.h>
#include <string.h>

enum { WRITTEN = 1, INSIDE };

struct diff {
	manrs_cursor *cursor;
	manrs_change *out;
	size_t n, cap;
	size_t *left; /* NULL: no bound */
	unsigned kind, family;
	uint64_t resumed; /* state[1] at the start, of `last` */
	struct cover_from last;
	bool moved;   /* a prefix was looked at */
	bool stopped; /* the slice is used up, or out is full: the cursor says where */
};

static bool used_up(const struct diff *d)
{
	return d->left && *d->left == 0;
}

static void pay(struct diff *d, size_t cost)
{
	if (d->left)
		*d->left -= cost < *d->left ? cost : *d->left;
}

/* Two arrays of one prefix's records, sorted by asn and maxlen, and the places reached in them. */
struct pair {
	const struct cover_rec *a, *b;
	size_t na, nb, i, j;
};

enum { DIFFER, ALIKE, UNFINISHED };

/* Whether the records that count are the same. most: how many to look at */
static int alike(struct pair *p, size_t most)
{
	for (;;) {
		if (most-- == 0)
			return UNFINISHED;
		if (p->i < p->na && !cover_effective(&p->a[p->i])) {
			p->i++;
		} else if (p->j < p->nb && !cover_effective(&p->b[p->j])) {
			p->j++;
		} else if (p->i == p->na || p->j == p->nb) {
			return p->i == p->na && p->j == p->nb ? ALIKE : DIFFER;
		} else {
			if (p->a[p->i].asn != p->b[p->j].asn ||
			    p->a[p->i].maxlen != p->b[p->j].maxlen)
				return DIFFER;
			p->i++;
			p->j++;
		}
	}
}

/* So many records of the first prefix of a slice are looked at, whatever is left of it: so each comes further. */
#define FIRST 16u

static bool diff_prefix(void *arg, const uint8_t *addr, unsigned len, const struct cover_rec *a,
			size_t na, const struct cover_rec *b, size_t nb)
{
	struct diff *d = arg;
	bool here = d->resumed && d->last.len == len && !memcmp(d->last.addr, addr, 16);
	struct pair p = {a, b, na, nb, 0, 0};
	int is = UNFINISHED;

	if (here && d->resumed == WRITTEN)
		return true;
	if (here) {
		p.i = (size_t)d->cursor->state[5];
		p.j = (size_t)d->cursor->state[6];
	}
	if (!d->moved || !used_up(d)) {
		size_t most = d->left && *d->left < SIZE_MAX - FIRST ? *d->left + FIRST : SIZE_MAX;
		size_t from = p.i + p.j;

		is = alike(&p, most);
		pay(d, 1 + (p.i + p.j - from));
		d->moved = true;
	}
	if (is == ALIKE)
		return true;
	listing_remember(d->cursor, len, addr);
	d->cursor->state[1] = is == DIFFER ? WRITTEN : INSIDE;
	d->cursor->state[5] = p.i;
	d->cursor->state[6] = p.j;
	if (is == DIFFER) {
		d->out[d->n] = (manrs_change){.kind = d->kind};
		listing_prefix(&d->out[d->n++].prefix, d->family, addr, len, len);
	}
	d->stopped = is == UNFINISHED || d->n == d->cap;
	return !d->stopped;
}

static void diff_tree(struct diff *d, unsigned part, uint64_t a, uint64_t b)
{
	static const uint8_t kinds[TREES] = {MANRS_CHANGE_VRP4, MANRS_CHANGE_VRP6, MANRS_CHANGE_IRR,
					     MANRS_CHANGE_IRR};
	struct cover_from stop;

	d->kind = kinds[part];
	d->family = part % 2 ? 6 : 4;
	d->resumed = d->cursor->state[1];
	d->last = listing_from(d->cursor);
	d->moved = false;
	if (!cover_walk_some(a, b, d->resumed ? &d->last : NULL, diff_prefix, d, d->left, &stop))
		return;
	listing_remember(d->cursor, stop.len, stop.addr);
	d->cursor->state[1] = INSIDE;
	d->cursor->state[5] = d->cursor->state[6] = 0;
	d->stopped = true;
}

static bool diff_aspa(void *arg, uint64_t order, const void *va, const void *vb)
{
	const struct aspa_record *a = va, *b = vb;
	struct diff *d = arg;

	pay(d, 1 + (a ? a->n : 0) / 16);
	if (!listing_same_aspa(a, b))
		d->out[d->n++] = (manrs_change){.kind = MANRS_CHANGE_ASPA,
						.asn = a ? a->customer : b->customer};
	d->cursor->state[2] = order;
	d->stopped = d->n == d->cap || used_up(d);
	return !d->stopped;
}

static void diff_keys(struct diff *d, const struct key_set *a, const struct key_set *b)
{
	struct listing_keys k;

	while (a != b && listing_next_keys(d->cursor, a, b, &k)) {
		pay(d, 1);
		if (k.was != k.is)
			d->out[d->n++] =
				(manrs_change){.kind = MANRS_CHANGE_KEY, .asn = k.key->asn};
		d->stopped = d->n == d->cap || used_up(d);
		if (d->stopped)
			return;
	}
}

static size_t diff(const struct content *a, const struct content *b, struct diff *d)
{
	manrs_cursor *cursor = d->cursor;

	while (d->n < d->cap && cursor->state[0] <= TREES + 1) {
		unsigned part = (unsigned)cursor->state[0];

		if (part < TREES)
			diff_tree(d, part, a->root[part], b->root[part]);
		else if (part == TREES)
			asnmap_walk(a->aspas, b->aspas, cursor->state[2], diff_aspa, d);
		else
			diff_keys(d, a->keys, b->keys);
		if (d->stopped)
			break;
		*cursor = (manrs_cursor){.state = {part + 1}};
	}
	return d->n;
}

size_t manrs_db_diff(const manrs_db *from, const manrs_db *to, manrs_cursor *cursor,
		     manrs_change *out, size_t cap)
{
	struct diff d = {.cursor = cursor, .out = out, .cap = cap};

	return diff(&from->view.c, &to->view.c, &d);
}

size_t manrs_db_diff_some(const manrs_db *from, const manrs_db *to, manrs_cursor *cursor,
			  manrs_change *out, size_t *budget, size_t cap)
{
	struct diff d = {.cursor = cursor, .out = out, .cap = cap, .left = budget};

	return *budget ? diff(&from->view.c, &to->view.c, &d) : 0;
}
