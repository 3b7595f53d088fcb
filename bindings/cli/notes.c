/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What files said beside the records of a set: trust anchors, and until when. The database does not keep it, so it waits
 * here, sorted as the database lists, and is stepped through beside a listing.
 *
 * Of a VRP from several files it is the latest time, and none where one says none: it stands as long as one of them. Of
 * the ASPAs of a customer, which are united, it is the earliest: then the union is another. A local exception has no time:
 * what it asserts stands, and an ASPA that it filters has no say.
 */

#include "vrpset.h"

#include <stdlib.h>
#include <string.h>

void note_vrp(struct vrpset *set, const manrs_route *vrp, uint64_t expires, uint32_t ta)
{
	size_t n = set->n_noted++;

	set->noted = must_room(set->noted, n, &set->cap_noted, sizeof *set->noted);
	set->noted[n] = (struct noted){{expires, ta, (uint32_t)n}, *vrp};
}

void note_aspa(struct vrpset *set, uint32_t customer, uint64_t expires, uint32_t ta)
{
	size_t n = set->n_noted_aspa++;

	set->noted_aspa =
		must_room(set->noted_aspa, n, &set->cap_noted_aspa, sizeof *set->noted_aspa);
	set->noted_aspa[n] = (struct noted_aspa){{expires, ta, (uint32_t)n}, customer, false};
}

void note_no_aspa(struct vrpset *set, uint32_t customer)
{
	note_aspa(set, customer, 0, 0);
	set->noted_aspa[set->n_noted_aspa - 1].filtered = true;
}

void note_key(struct vrpset *set, const manrs_router_key *key, uint64_t expires, uint32_t ta)
{
	size_t n = set->n_noted_key++;

	set->noted_key = must_room(set->noted_key, n, &set->cap_noted_key, sizeof *set->noted_key);
	set->noted_key[n] = (struct noted_key){{expires, ta, (uint32_t)n}, *key};
}

/* ---- order: by record, and of one record as they were read ---- */

static int order(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

int vrp_order(const manrs_route *a, const manrs_route *b)
{
	int d = manrs_prefix_cmp(&a->prefix, &b->prefix);

	d = d ? d : order(a->asn, b->asn);
	return d ? d : order(a->prefix.maxlen, b->prefix.maxlen);
}

static int by_vrp(const void *a, const void *b)
{
	return vrp_order(&((const struct noted *)a)->route, &((const struct noted *)b)->route);
}

static int by_customer(const void *a, const void *b)
{
	return order(((const struct noted_aspa *)a)->customer,
		     ((const struct noted_aspa *)b)->customer);
}

static int by_key(const void *a, const void *b)
{
	const manrs_router_key *x = &((const struct noted_key *)a)->key,
			       *y = &((const struct noted_key *)b)->key;
	int d = order(x->asn, y->asn);

	d = d ? d : memcmp(x->ski, y->ski, sizeof x->ski);
	d = d ? d : order(x->spki_len, y->spki_len);
	return d ? d : memcmp(x->spki, y->spki, x->spki_len);
}

static int by_number(const void *a, const void *b)
{
	return order(((const struct note *)a)->number, ((const struct note *)b)->number);
}

static int by_vrp_number(const void *a, const void *b)
{
	int d = by_vrp(a, b);

	return d ? d : by_number(a, b);
}

static int by_customer_number(const void *a, const void *b)
{
	int d = by_customer(a, b);

	return d ? d : by_number(a, b);
}

static int by_key_number(const void *a, const void *b)
{
	int d = by_key(a, b);

	return d ? d : by_number(a, b);
}

/* One note a record, with the latest time and the trust anchor of the first. returns: how many. */
static size_t unite(void *noted, size_t n, size_t size, int (*by)(const void *, const void *))
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		struct note *last =
			(struct note *)(void *)((char *)noted + (kept ? kept - 1 : 0) * size);
		struct note *next = (struct note *)(void *)((char *)noted + i * size);

		if (!kept || by(last, next) != 0)
			memmove((char *)noted + kept++ * size, next, size);
		else if (!next->expires || (last->expires && next->expires > last->expires))
			last->expires = next->expires;
	}
	return kept;
}

/* One note a customer, with the earliest time and the trust anchor of the first. */
static void unite_aspas(struct vrpset *set)
{
	struct noted_aspa *noted = set->noted_aspa;
	size_t n = 0;

	for (size_t i = 0; i < set->n_noted_aspa; i++) {
		struct note *last = n && !by_customer(&noted[n - 1], &noted[i]) ? &noted[n - 1].note
										: NULL,
			    *next = &noted[i].note;

		if (!last || noted[i].filtered) {
			n -= last != NULL;
			noted[n++] = noted[i];
		} else if (next->expires && (!last->expires || next->expires < last->expires)) {
			last->expires = next->expires;
		}
	}
	set->n_noted_aspa = n;
}

static void sort(void *noted, size_t n, size_t size, int (*by)(const void *, const void *))
{
	if (n)
		qsort(noted, n, size, by);
}

void notes_sort(struct vrpset *set)
{
	sort(set->noted, set->n_noted, sizeof *set->noted, by_vrp_number);
	sort(set->noted_aspa, set->n_noted_aspa, sizeof *set->noted_aspa, by_customer_number);
	sort(set->noted_key, set->n_noted_key, sizeof *set->noted_key, by_key_number);
	set->n_noted = unite(set->noted, set->n_noted, sizeof *set->noted, by_vrp);
	set->n_noted_key = unite(set->noted_key, set->n_noted_key, sizeof *set->noted_key, by_key);
	unite_aspas(set);
}

/* ---- looking up ---- */

static struct said said_of(const struct vrpset *set, const struct note *note)
{
	if (!note)
		return (struct said){0};
	return (struct said){note->expires, note->ta ? set->ta.at[note->ta - 1] : NULL};
}

struct said noted_of_aspa(const struct vrpset *set, uint32_t customer)
{
	struct noted_aspa wanted = {.customer = customer}, *found = NULL;

	if (set->n_noted_aspa)
		found = bsearch(&wanted, set->noted_aspa, set->n_noted_aspa, sizeof wanted,
				by_customer);
	return said_of(set, found ? &found->note : NULL);
}

struct said noted_of_key(const struct vrpset *set, const manrs_router_key *key)
{
	struct noted_key wanted = {.key = *key}, *found = NULL;

	if (set->n_noted_key)
		found = bsearch(&wanted, set->noted_key, set->n_noted_key, sizeof wanted, by_key);
	return said_of(set, found ? &found->note : NULL);
}

/* ---- a listing ---- */

void listing_start(struct listing *list, const struct vrpset *set)
{
	memset(&list->cursor, 0, sizeof list->cursor);
	list->set = set;
	list->at = list->n = list->noted = 0;
	list->said = (struct said){0};
}

/* Notes are in the order of the listing. */
static struct said noted_of_vrp(struct listing *list, const manrs_route *vrp)
{
	const struct vrpset *set = list->set;
	size_t *at = &list->noted;
	bool found;

	while (*at < set->n_noted && vrp_order(&set->noted[*at].route, vrp) < 0)
		++*at;
	found = *at < set->n_noted && vrp_order(&set->noted[*at].route, vrp) == 0;
	return said_of(set, found ? &set->noted[*at].note : NULL);
}

const manrs_route *listing_next(struct listing *list)
{
	const manrs_route *vrp;

	if (list->at == list->n) {
		list->at = 0;
		list->n = manrs_db_vrps(list->set->db, &list->cursor, list->route, 1024);
		if (!list->n)
			return NULL;
	}
	vrp = &list->route[list->at++];
	list->said = noted_of_vrp(list, vrp);
	return vrp;
}
