/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The draft word by word: the path is turned round into A(1)..A(N), each ramp is a search of its own, and each hop is
 * looked for in the whole list.
 */

#include "oracle/aspa.h"

enum { NO_ATTESTATION, PROVIDER_PLUS, NOT_PROVIDER_PLUS };

static int authorized(const struct draft_pair *table, size_t pairs, uint32_t x, uint32_t y)
{
	bool attested = false;

	for (size_t i = 0; i < pairs; i++) {
		if (table[i].customer != x)
			continue;
		attested = true;
		if (table[i].provider == y && y != 0)
			return PROVIDER_PLUS;
	}
	return attested ? NOT_PROVIDER_PLUS : NO_ATTESTATION;
}

/* A(1)..A(N) in a[1..N]; returns N. */
static uint32_t reversed(uint32_t *a, const uint32_t *wire, uint32_t n)
{
	uint32_t count = 0;

	for (uint32_t i = n; i > 0; i--)
		if (count == 0 || a[count] != wire[i - 1])
			a[++count] = wire[i - 1];
	return count;
}

struct draft_ramps draft_ramps(const struct draft_pair *table, size_t pairs, const uint32_t *wire,
			       uint32_t n)
{
	static uint32_t a[DRAFT_HOPS + 1];
	struct draft_ramps r;
	uint32_t N = reversed(a, wire, n), i, j;

	for (i = 1; i < N && authorized(table, pairs, a[i], a[i + 1]) != NOT_PROVIDER_PLUS; i++)
		continue;
	r.max_up = i;
	for (i = 1; i < N && authorized(table, pairs, a[i], a[i + 1]) == PROVIDER_PLUS; i++)
		continue;
	r.min_up = i;
	for (j = N; j > 1 && authorized(table, pairs, a[j], a[j - 1]) != NOT_PROVIDER_PLUS; j--)
		continue;
	r.max_down = N - j + 1;
	for (j = N; j > 1 && authorized(table, pairs, a[j], a[j - 1]) == PROVIDER_PLUS; j--)
		continue;
	r.min_down = N - j + 1;
	r.n = N;
	return r;
}

enum draft_state draft_verify(const struct draft_pair *table, size_t pairs, const uint32_t *wire,
			      uint32_t n, bool sets, bool downstream, bool client, bool any,
			      uint32_t neighbour)
{
	struct draft_ramps r;

	if (n == 0)
		return DRAFT_INVALID;
	if (!any && !client && wire[0] != neighbour)
		return DRAFT_INVALID;
	if (sets)
		return DRAFT_INVALID;
	r = draft_ramps(table, pairs, wire, n);
	if (!downstream) {
		if (r.max_up < r.n)
			return DRAFT_INVALID;
		if (r.min_up < r.n)
			return DRAFT_UNKNOWN;
		return DRAFT_VALID;
	}
	if (r.max_up + r.max_down < r.n)
		return DRAFT_INVALID;
	if (r.min_up + r.min_down < r.n)
		return DRAFT_UNKNOWN;
	return DRAFT_VALID;
}
