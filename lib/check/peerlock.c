/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lists of ASes against a path: transit-free ("peerlock lite"), never via a route server, and peerlock rules, which
 * say from whom alone an AS is heard.
 */

#include "net/path_walk.h"
#include <manrs/irr.h>
#include <manrs/leak.h>
#include <stdbool.h>

const uint32_t *manrs_transit_free(size_t *n)
{
	static const uint32_t list[] = {174,  701,  1299, 2914, 3257, 3320, 3356,
					5511, 6453, 6461, 6762, 6830, 7018, 12956};

	*n = sizeof list / sizeof *list;
	return list;
}

int64_t manrs_path_find(const manrs_path *path, uint32_t skip, const uint32_t *set, size_t n)
{
	if (!path_ok(path))
		return MANRS_EINVAL;
	for (uint32_t i = skip; i < path->n; i++)
		if (manrs_asn_in(set, n, path->asn[i]))
			return i;
	return MANRS_ENOENT;
}

/* The first rule of an AS or what comes after it. */
static size_t first_rule(uint32_t asn, const manrs_peerlock *rules, size_t n)
{
	size_t low = 0;

	while (n > 0) {
		size_t half = n / 2;

		if (rules[low + half].asn < asn) {
			low += half + 1;
			n -= half + 1;
		} else {
			n = half;
		}
	}
	return low;
}

static bool allowed(uint32_t asn, uint32_t neighbour_asn, const manrs_peerlock *rules, size_t n)
{
	size_t i = first_rule(asn, rules, n);

	if (i == n || rules[i].asn != asn || asn == neighbour_asn)
		return true;
	for (; i < n && rules[i].asn == asn; i++)
		if (rules[i].neighbour == neighbour_asn)
			return true;
	return false;
}

int64_t manrs_peerlock_check(const manrs_path *path, uint32_t neighbour_asn,
			     const manrs_peerlock *rules, size_t n)
{
	if (!path_ok(path))
		return MANRS_EINVAL;
	for (uint32_t i = 0; i < path->n; i++)
		if (!allowed(path->asn[i], neighbour_asn, rules, n))
			return i;
	return MANRS_ENOENT;
}
