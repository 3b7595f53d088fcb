/* SPDX-License-Identifier: BSD-2-Clause */
/* Route origin validation, RFC 6811 section 2: one route, and why (rov_list.h judges, rov_batch.h goes over many). */

#include "check/rov_list.h"

int manrs_rov_match(const manrs_route *route, const manrs_route *vrp)
{
	if (vrp->asn == 0 || vrp->asn != route->asn)
		return MANRS_ROV_UNMATCHED_AS;
	return route->prefix.len <= vrp->prefix.maxlen ? MANRS_ROV_MATCHED
						       : MANRS_ROV_UNMATCHED_LENGTH;
}

/* The words of each prefix are sorted by asn and maxlen, so the last of an AS allows the most. */
unsigned rov_many_here(const struct cover_many *m, unsigned len, uint32_t asn)
{
	const uint64_t *own = m->word + m->few;
	uint64_t origin = rov_origin(asn);
	uint32_t lo = 0, hi = m->own;
	unsigned said = 0;

	assert(m->own && m->few <= COVER_FEW);
	for (uint32_t i = 0; i < m->few; i++)
		said |= rov_word(m->word[i], len, origin);
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (cover_word_asn(own[mid]) <= asn)
			lo = mid + 1;
		else
			hi = mid;
	}
	assert((!lo || cover_word_asn(own[lo - 1]) <= asn) &&
	       (lo == m->own || cover_word_asn(own[lo]) > asn));
	return said | rov_word(own[lo ? lo - 1 : 0], len, origin);
}

unsigned rov_many(const struct cover_many *m, unsigned len, uint32_t asn)
{
	unsigned said = rov_many_here(m, len, asn);

	while (m->up) {
		m = cover_at(m->up);
		said |= rov_many_here(m, len, asn);
	}
	return said;
}

int manrs_rov_check(const manrs_db *db, const manrs_route *route)
{
	return prefix_ok(&route->prefix) ? rov_choose(db_isa(db))->check(db, route)
					 : MANRS_ROV_MALFORMED;
}

int manrs_rov_reason(const manrs_db *db, const manrs_route *route)
{
	const manrs_prefix *p = &route->prefix;
	unsigned said = 0;

	if (prefix_ok(p))
		said = rov_entry(cover_find(db_vrp_index(db, p->family), p->addr), p->len,
				 route->asn);
	assert(said & ROV_COVERED || !said);
	if (!said || said & ROV_MATCHED)
		return MANRS_ROV_REASON_NONE;
	return said & ROV_TOO_LONG ? MANRS_ROV_REASON_LENGTH : MANRS_ROV_REASON_AS;
}

int manrs_rov_check_many(const manrs_db *db, const manrs_route *routes, size_t n, uint8_t *states)
{
	return rov_choose(db_isa(db))->many(db, routes, n, states);
}

size_t manrs_rov_covering(const manrs_db *db, const manrs_prefix *prefix, manrs_route *vrps,
			  size_t cap)
{
	return db_vrp_covering(db, prefix, vrps, cap);
}

const char *manrs_rov_text(int state)
{
	static const char *const text[] = {"not-found", "valid", "invalid", "malformed"};

	return state >= 0 && state <= MANRS_ROV_MALFORMED ? text[state] : "";
}
