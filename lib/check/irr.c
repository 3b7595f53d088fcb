/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Is a route registered? The route objects that cover it answer as VRPs do, but that each speaks for its own prefix
 * alone, unless the caller lets a covering one do:
 *
 *     objects that cover the route    exact asked          covering allowed
 *     none                            NOT_FOUND            NOT_FOUND
 *     same prefix, same origin        REGISTERED           REGISTERED
 *     shorter, same origin            MISMATCH (length)    REGISTERED
 *     other origins only              MISMATCH (as)        MISMATCH (as)
 *
 * So an object is judged as a VRP is whose maxLength is its length, by the same code and as exactly in a list of any
 * length: MATCHED is the same prefix, TOO_LONG a shorter one.
 */

#include "check/irr_why.h"

#include "check/rov_list.h"

#define FLAGS (MANRS_IRR_COVERING | MANRS_IRR_ROA)

static enum irr_reason judge(const manrs_db *db, const manrs_route *route, uint32_t flags)
{
	uint64_t root = db_irr_index(db, route->prefix.family);
	unsigned said =
		rov_entry(cover_find(root, route->prefix.addr), route->prefix.len, route->asn);

	assert(said & ROV_COVERED || !said);
	if (said & ROV_MATCHED || (said & ROV_TOO_LONG && flags & MANRS_IRR_COVERING))
		return IRR_REGISTERED;
	if (said & ROV_TOO_LONG)
		return IRR_MISMATCH_LENGTH;
	return said & ROV_COVERED ? IRR_MISMATCH_AS : IRR_NOT_FOUND;
}

enum irr_reason irr_reason(const manrs_db *db, const manrs_route *route, uint32_t flags)
{
	enum irr_reason reason;

	if (!prefix_ok(&route->prefix) || (flags & ~FLAGS))
		return IRR_MALFORMED;
	reason = judge(db, route, flags);
	if (reason != IRR_REGISTERED && (flags & MANRS_IRR_ROA) &&
	    manrs_rov_check(db, route) == MANRS_ROV_VALID)
		return IRR_BY_ROA;
	return reason;
}

int manrs_irr_check(const manrs_db *db, const manrs_route *route, uint32_t flags)
{
	static const uint8_t states[] = {
		[IRR_NOT_FOUND] = MANRS_IRR_NOT_FOUND,      [IRR_REGISTERED] = MANRS_IRR_REGISTERED,
		[IRR_BY_ROA] = MANRS_IRR_REGISTERED,        [IRR_MISMATCH_AS] = MANRS_IRR_MISMATCH,
		[IRR_MISMATCH_LENGTH] = MANRS_IRR_MISMATCH, [IRR_MALFORMED] = MANRS_IRR_MALFORMED,
	};

	return states[irr_reason(db, route, flags)];
}

int manrs_irr_check_many(const manrs_db *db, const manrs_route *routes, size_t n, uint32_t flags,
			 uint8_t *states)
{
	int rc = MANRS_OK;

	for (size_t i = 0; i < n; i++) {
		states[i] = (uint8_t)manrs_irr_check(db, &routes[i], flags);
		if (states[i] == MANRS_IRR_MALFORMED)
			rc = MANRS_EINVAL;
	}
	return rc;
}

size_t manrs_irr_covering(const manrs_db *db, const manrs_prefix *prefix, manrs_route *out,
			  size_t cap)
{
	return prefix_ok(prefix) ? db_irr_covering(db, prefix, out, cap) : 0;
}

int manrs_asn_in(const uint32_t *set, size_t n, uint32_t asn)
{
	size_t low = 0;

	while (n > 0) {
		size_t half = n / 2;

		if (set[low + half] == asn)
			return 1;
		if (set[low + half] < asn) {
			low += half + 1;
			n -= half + 1;
		} else {
			n = half;
		}
	}
	return 0;
}

const char *manrs_irr_text(int state)
{
	static const char *const texts[] = {"not-found", "registered", "mismatch", "malformed"};

	return state >= 0 && state < 4 ? texts[state] : "";
}
