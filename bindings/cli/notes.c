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

void note_vrp(struct vrpset *set, const struct noted *noted)
{
	set->noted = must_room(set->noted, set->n_noted, &set->cap_noted, sizeof *noted);
	set->noted[set->n_noted] = *noted;
	set->noted[set->n_noted].number = (uint32_t)set->n_noted;
	set->n_noted++;
}

void note_aspa(struct vrpset *set, uint32_t customer, uint64_t expires, uint32_t ta)
{
	set->noted_aspa = must_room(set->noted_aspa, set->n_noted_aspa, &set->cap_noted_aspa,
			       sizeof *set->noted_aspa);
	set->noted_aspa[set->n_noted_aspa] =
		(struct noted_aspa){expires, customer, ta, set->n_noted_aspa, false};
	set->n_noted_aspa++;
}

void note_no_aspa(struct vrpset *set, uint32_t customer)
{
	note_aspa(set, customer, 0, 0);
	set->noted_aspa[set->n_noted_aspa - 1].filtered = true;
}

void note_key(struct vrpset *set, const manrs_router_key *key, uint64_t expires, uint32_t ta)
{
	set->noted_key =
		must_room(set->noted_key, set->n_noted_key, &set->cap_noted_key, sizeof *set->noted_key);
	set->noted_key[set->n_noted_key] = (struct noted_key){*key, expires, ta, (uint32_t)set->n_noted_key};
	set->n_noted_key++;
}

/* ---- order ---- */

int vrp_order(const manrs_route *a, const manrs_route *b)
{
	int d = manrs_prefix_cmp(&a->prefix, &b->prefix);

	if (d)
		return d;
	if (a->asn != b->asn)
		return a->asn < b->asn ? -1 : 1;
	return a->prefix.maxlen < b->prefix.maxlen ? -1 : a->prefix.maxlen > b->prefix.maxlen;
}

static int noted_order(const void *a, const void *b)
{
	const struct noted *x = a, *y = b;
	int d = vrp_order(&x->route, &y->route);

	if (d)
		return d;
	return x->number < y->number ? -1 : x->number > y->number;
}

static int aspa_order(const void *a, const void *b)
{
	const struct noted_aspa *x = a, *y = b;

	if (x->customer != y->customer)
		return x->customer < y->customer ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

static int key_order(const void *a, const void *b)
{
	const manrs_router_key *x = &((const struct noted_key *)a)->key,
			       *y = &((const struct noted_key *)b)->key;
	int d;

	if (x->asn != y->asn)
		return x->asn < y->asn ? -1 : 1;
	d = memcmp(x->ski, y->ski, sizeof x->ski);
	if (d)
		return d;
	if (x->spki_len != y->spki_len)
		return x->spki_len < y->spki_len ? -1 : 1;
	return memcmp(x->spki, y->spki, x->spki_len);
}

static int key_then_number(const void *a, const void *b)
{
	uint32_t x = ((const struct noted_key *)a)->number, y = ((const struct noted_key *)b)->number;
	int d = key_order(a, b);

	return d ? d : x < y ? -1 : x > y;
}

/* One note a key, with the latest time. */
static void unite_keys(struct vrpset *set)
{
	struct noted_key *note = set->noted_key;
	size_t n = 0;

	for (size_t i = 0; i < set->n_noted_key; i++) {
		if (n && key_order(&note[n - 1], &note[i]) == 0) {
			if (!note[i].expires || (note[n - 1].expires &&
						 note[i].expires > note[n - 1].expires))
				note[n - 1].expires = note[i].expires;
		} else {
			note[n++] = note[i];
		}
	}
	set->n_noted_key = n;
}

/* One note a customer, with the earliest time and the trust anchor of the first. */
static void unite_aspas(struct vrpset *set)
{
	struct noted_aspa *note = set->noted_aspa;
	size_t n = 0;

	for (size_t i = 0; i < set->n_noted_aspa; i++) {
		if (n && note[n - 1].customer == note[i].customer && !note[i].filtered) {
			if (note[i].expires && (!note[n - 1].expires ||
						note[i].expires < note[n - 1].expires))
				note[n - 1].expires = note[i].expires;
		} else {
			n -= n && note[n - 1].customer == note[i].customer;
			note[n++] = note[i];
		}
	}
	set->n_noted_aspa = n;
}

void notes_sort(struct vrpset *set)
{
	if (set->n_noted)
		qsort(set->noted, set->n_noted, sizeof *set->noted, noted_order);
	if (set->n_noted_aspa)
		qsort(set->noted_aspa, set->n_noted_aspa, sizeof *set->noted_aspa, aspa_order);
	if (set->n_noted_key)
		qsort(set->noted_key, set->n_noted_key, sizeof *set->noted_key, key_then_number);
	unite_aspas(set);
	unite_keys(set);
}

/* ---- looking up ---- */

static int customer_order(const void *a, const void *b)
{
	uint32_t x = ((const struct noted_aspa *)a)->customer;
	uint32_t y = ((const struct noted_aspa *)b)->customer;

	return x < y ? -1 : x > y;
}

static const char *ta_name(const struct vrpset *set, uint32_t ta)
{
	return ta ? set->ta.at[ta - 1] : NULL;
}

struct said noted_of_aspa(const struct vrpset *set, uint32_t customer)
{
	struct noted_aspa key = {.customer = customer};
	const struct noted_aspa *note = NULL;

	if (set->n_noted_aspa)
		note = bsearch(&key, set->noted_aspa, set->n_noted_aspa, sizeof key,
			       customer_order);
	return note ? (struct said){note->expires, ta_name(set, note->ta)} : (struct said){0};
}

struct said noted_of_key(const struct vrpset *set, const manrs_router_key *key)
{
	struct noted_key wanted = {.key = *key};
	const struct noted_key *note = NULL;

	if (set->n_noted_key)
		note = bsearch(&wanted, set->noted_key, set->n_noted_key, sizeof wanted, key_order);
	return note ? (struct said){note->expires, ta_name(set, note->ta)} : (struct said){0};
}

/* ---- a listing ---- */

void listing_start(struct listing *list, const struct vrpset *set)
{
	memset(&list->cursor, 0, sizeof list->cursor);
	list->set = set;
	list->at = list->n = list->noted = 0;
	list->said = (struct said){0};
}

/* The notes of a VRP lie from list->noted on. */
static struct said noted_of_vrp(struct listing *list, const manrs_route *vrp)
{
	const struct vrpset *set = list->set;
	struct said said = {0};
	bool forever = false;

	while (list->noted < set->n_noted && vrp_order(&set->noted[list->noted].route, vrp) < 0)
		list->noted++;
	for (size_t i = list->noted; i < set->n_noted; i++) {
		const struct noted *note = &set->noted[i];

		if (vrp_order(&note->route, vrp) != 0)
			break;
		if (i == list->noted)
			said.ta = ta_name(set, note->ta);
		forever |= !note->expires;
		if (note->expires > said.expires)
			said.expires = note->expires;
	}
	if (forever)
		said.expires = 0;
	return said;
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
