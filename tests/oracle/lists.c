/* SPDX-License-Identifier: BSD-2-Clause */
/* ASPAs and router keys by definition (lists.h). */

#include "lists.h"

#include <string.h>

#define WELL_SPREAD 0x01000193u

/* Small ones, large ones, neighbours, and such whose low bits agree. */
const uint32_t lists_customer[LISTS_CUSTOMERS] = {
	1,
	2,
	3,
	4,
	63,
	64,
	65,
	127,
	128,
	4095,
	4096,
	23456,
	64496,
	65535,
	65536,
	65537,
	131072,
	196608,
	262144,
	1u << 20,
	1u << 24,
	1u << 25,
	1u << 26,
	1u << 27,
	1u << 28,
	1u << 29,
	1u << 30,
	1u << 31,
	3u << 30,
	4200000000u,
	4294967280u,
	4294967290u,
	4294967292u,
	4294967293u,
	4294967294u,
	4294967295u,
	WELL_SPREAD,
	2 * WELL_SPREAD,
	3 * WELL_SPREAD,
	4 * WELL_SPREAD,
};
const uint32_t lists_provider[LISTS_PROVIDERS] = {
	0, 1, 5, 64, 174, 1299, 3356, 65536, 200000, 1u << 31, 4294967294u, 4294967295u};
const uint32_t lists_source[LISTS_SOURCES] = {0, 1, 31, 63};

manrs_router_key lists_key(unsigned k)
{
	manrs_router_key key = {.asn = k % 3 ? k % 3 : 4294967295u,
				.spki_len = k % 2 ? 91 : MANRS_SPKI_MAX};

	key.ski[19] = (uint8_t)(k / 3 % 2);
	key.spki[90] = (uint8_t)(1 + k / 6);
	return key;
}

static unsigned without_as0(uint16_t providers)
{
	unsigned n = 0;

	for (unsigned p = 1; p < LISTS_PROVIDERS; p++)
		n += providers >> p & 1;
	return n;
}

void lists_begin(struct lists *l)
{
	memset(l->fed, 0, sizeof l->fed);
}

void lists_edit(struct lists *l, unsigned source, unsigned customer, uint16_t providers,
		manrs_counts *counts)
{
	uint16_t *list = &l->list[source][customer];
	bool *fed = &l->fed[source][customer], first = !*fed, same = *list == providers;

	*fed = providers != 0;
	if (!providers) {
		counts->removed += *list != 0;
		counts->unknown += *list == 0;
		*list = 0;
		return;
	}
	*list = first ? providers : *list | providers;
	if (without_as0(*list) > l->max_providers)
		counts->refused++;
	else if (first && !same)
		counts->added++;
	else
		counts->present++;
}

uint16_t lists_effective(const struct lists *l, unsigned customer)
{
	unsigned all = l->assert_list[customer];

	for (unsigned s = 0; s < LISTS_SOURCES && !l->filter[customer]; s++)
		all |= l->list[s][customer];
	if (all & ~1u)
		all &= ~1u;
	return without_as0((uint16_t)all) > l->max_providers ? 0 : (uint16_t)all;
}

bool lists_key_effective(const struct lists *l, unsigned k)
{
	manrs_router_key key = lists_key(k);

	if (l->assert_key[k])
		return true;
	for (unsigned i = 0; i < l->key_filters; i++) {
		const struct lists_filter *f = &l->key_filter[i];

		if ((f->asn < 0 || (f->asn == 0 ? 4294967295u : (uint32_t)f->asn) == key.asn) &&
		    (f->ski < 0 || f->ski == key.ski[19]))
			return false;
	}
	return l->key[k] != 0;
}
