/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * provider_authorizations, the ASPAs of old rpki-client exports: a list for each family, of which one customer may be in
 * both. An ASPA is one list for both, so they wait for each other as pairs and are united when the member has ended.
 */

#include "text/load_state.h"

#include "base/order.h"
#include "text/text_values.h"

#include <assert.h>

bool load_pairs_add(manrs_load *l)
{
	size_t n = l->providers.n - l->entry.providers;
	uint64_t *pair;

	assert(l->pairs.n <= LOAD_PAIRS && l->providers.n >= l->entry.providers);
	if (n > LOAD_PAIRS - l->pairs.n)
		return load_fail(l, MANRS_ELIMIT, l->entry.at, l->entry.line,
				 "more than 1048576 provider authorizations");
	if (!vec_reserve(&l->mem, &l->pairs, n, sizeof *pair))
		return load_no_memory(l);
	pair = (uint64_t *)l->pairs.at + l->pairs.n;
	for (size_t i = 0; i < n; i++)
		pair[i] = (uint64_t)l->entry.customer << 32 |
			  ((uint32_t *)l->providers.at)[l->entry.providers + i];
	l->pairs.n += n;
	l->providers.n = l->entry.providers;
	l->pair_entries++;
	pair = vec_push(&l->mem, &l->pair_times, sizeof *pair);
	if (!pair)
		return load_no_memory(l);
	*pair = (uint64_t)l->entry.customer << 32 |
		(l->entry.expires < UINT32_MAX ? (uint32_t)l->entry.expires : UINT32_MAX);
	return true;
}

/* The latest expiry of the customer, 0 when one of its lists has none; times[at] is the first of its. */
static uint64_t pair_expires(const uint64_t *times, size_t n, size_t *at, uint32_t customer)
{
	bool forever = (uint32_t)times[*at] == 0;
	uint32_t last = 0;

	assert(*at < n && times[*at] >> 32 == customer); /* whoever has pairs has a time */
	for (; *at < n && times[*at] >> 32 == customer; ++*at)
		last = (uint32_t)times[*at];
	return forever ? 0 : last;
}

bool load_pairs_end(manrs_load *l)
{
	const uint64_t *pair = l->pairs.at, *times = l->pair_times.at;
	size_t n = order_u64(l->pairs.at, l->pairs.n), i = 0, at = 0,
	       n_times = order_u64(l->pair_times.at, l->pair_times.n);

	while (i < n) {
		uint32_t customer = (uint32_t)(pair[i] >> 32);
		size_t first = l->providers.n;
		manrs_load_note note = {.expires = pair_expires(times, n_times, &at, customer)};

		for (; i < n && pair[i] >> 32 == customer; i++) {
			uint32_t *provider = vec_push(&l->mem, &l->providers, sizeof *provider);

			if (!provider)
				return load_no_memory(l);
			*provider = (uint32_t)pair[i];
		}
		l->providers.n = first + value_without_as0((uint32_t *)l->providers.at + first,
							   l->providers.n - first);
		load_entry_start(l, l->entry.at, l->entry.line);
		if (load_entry_bounded(l, first, customer))
			l->stats.aspas++;
		else if (!load_issue(l, LIST_PAIRS))
			return false;
		if (!load_queue_aspa(l, customer, first, &note))
			return false;
	}
	vec_free(&l->mem, &l->pairs, sizeof *pair);
	vec_free(&l->mem, &l->pair_times, sizeof *times);
	l->entry.providers = l->providers.n;
	return true;
}
