/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tests of manrs_check that ask about the prefix, its origin and its next hop. Each answers with its code; where a
 * code speaks of a list entry or a bound, the finding holds it.
 */

#include "check/look.h"
#include "check/irr_why.h"

#include "data/snapshot.h"
#include "net/bits.h"

static manrs_route route_of(const struct look *l)
{
	return (manrs_route){l->a->prefix, l->origin};
}

int test_rov(const struct look *l, manrs_finding *f)
{
	manrs_route route = route_of(l);

	f->asn[0] = l->origin;
	switch (l->rov) {
	case MANRS_ROV_VALID:
		return MANRS_CODE_ROV_VALID;
	case MANRS_ROV_NOT_FOUND:
		return MANRS_CODE_ROV_NOT_FOUND;
	case MANRS_ROV_INVALID:
		break;
	default:
		return MANRS_CODE_MALFORMED;
	}
	if (l->origin == 0)
		return MANRS_CODE_ROV_INVALID_NO_ORIGIN;
	if (!l->exact && !(l->tests & MANRS_TEST_BIT(MANRS_TEST_LEAK)))
		return MANRS_CODE_ROV_INVALID_AS;
	return manrs_rov_reason(l->db, &route) == MANRS_ROV_REASON_LENGTH
		       ? MANRS_CODE_ROV_INVALID_LENGTH
		       : MANRS_CODE_ROV_INVALID_AS;
}

int test_irr(const struct look *l, manrs_finding *f)
{
	static const uint8_t codes[] = {
		[IRR_NOT_FOUND] = MANRS_CODE_IRR_NOT_FOUND,
		[IRR_REGISTERED] = MANRS_CODE_IRR_REGISTERED,
		[IRR_BY_ROA] = MANRS_CODE_IRR_BY_ROA,
		[IRR_MISMATCH_AS] = MANRS_CODE_IRR_MISMATCH_AS,
		[IRR_MISMATCH_LENGTH] = MANRS_CODE_IRR_MISMATCH_LENGTH,
		[IRR_MALFORMED] = MANRS_CODE_MALFORMED,
	};
	uint32_t flags = (l->policy->flags & MANRS_POLICY_IRR_COVERING ? MANRS_IRR_COVERING : 0) |
			 (l->policy->flags & MANRS_POLICY_IRR_ROA ? MANRS_IRR_ROA : 0);
	manrs_route route = route_of(l);

	f->asn[0] = l->origin;
	if (!db_has(l->db,
		    DB_IRR)) /* nobody was asked whether it is registered: a ROA does not answer that */
		return MANRS_CODE_NO_LIST;
	return codes[irr_reason(l->db, &route, flags)];
}

int test_bogon_prefix(const struct look *l, manrs_finding *f)
{
	static const uint8_t codes[] = {
		[MANRS_BOGON_MALFORMED] = MANRS_CODE_MALFORMED,
		[MANRS_BOGON_NONE] = MANRS_CODE_BOGON_PREFIX_NONE,
		[MANRS_BOGON_SPECIAL] = MANRS_CODE_BOGON_PREFIX_SPECIAL,
		[MANRS_BOGON_MULTICAST] = MANRS_CODE_BOGON_PREFIX_MULTICAST,
		[MANRS_BOGON_FORMER] = MANRS_CODE_BOGON_PREFIX_FORMER,
		[MANRS_BOGON_OUTSIDE] = MANRS_CODE_BOGON_PREFIX_OUTSIDE,
		[MANRS_BOGON_LISTED] = MANRS_CODE_BOGON_PREFIX_LISTED,
	};
	manrs_bogon_entry entry;
	int kind = manrs_bogon_prefix(&l->a->prefix, l->policy->bogons, l->why ? &entry : NULL);

	if (l->why)
		f->prefix = entry.prefix;
	return codes[kind];
}

int test_prefix_len(const struct look *l, manrs_finding *f)
{
	const manrs_policy *p = l->policy;
	bool v4 = l->a->prefix.family == 4;
	uint8_t min = v4 ? p->min_len4 : p->min_len6, max = v4 ? p->max_len4 : p->max_len6;
	uint8_t len = l->a->prefix.len;

	if (len > max) {
		f->limit = max;
		return MANRS_CODE_PREFIX_LEN_LONG;
	}
	if (len < min) {
		f->limit = min;
		return MANRS_CODE_PREFIX_LEN_SHORT;
	}
	return MANRS_CODE_PREFIX_LEN_OK;
}

static bool same_address(const manrs_prefix *a, const manrs_prefix *b)
{
	return a->family == b->family && !memcmp(a->addr, b->addr, sizeof a->addr);
}

static bool own_address(const manrs_policy *p, const manrs_prefix *address)
{
	for (size_t i = 0; i < p->n_addresses; i++)
		if (same_address(&p->addresses[i], address))
			return true;
	return false;
}

/* RFC 1918, 6598, 4193 and link-local: what a private interconnection may number itself with. */
static bool private_address(const manrs_prefix *a)
{
	uint32_t high = get32(a->addr);

	if (a->family == 6)
		return high >> 25 == 0xfc >> 1 || high >> 22 == 0xfe80 >> 6;
	return high >> 24 == 10 || high >> 20 == 0xac1 || high >> 16 == 0xc0a8 ||
	       high >> 22 == 0x6440 >> 6;
}

int test_next_hop(const struct look *l, manrs_finding *f)
{
	const manrs_policy *p = l->policy;
	const manrs_prefix *hop = &l->a->next_hop, *neighbour = &l->a->neighbour_address;
	manrs_bogon_entry entry;

	if (hop->family == 0)
		return MANRS_CODE_NEXT_HOP_UNKNOWN;
	if (l->egress ? same_address(hop, neighbour) : own_address(p, hop))
		return MANRS_CODE_NEXT_HOP_OWN;
	if (manrs_bogon_prefix(hop, NULL, &entry) != MANRS_BOGON_NONE &&
	    !((p->flags & MANRS_POLICY_NEXT_HOP_PRIVATE) && private_address(hop))) {
		f->prefix = entry.prefix;
		return MANRS_CODE_NEXT_HOP_BOGON;
	}
	if (!l->egress && !(p->flags & MANRS_POLICY_NEXT_HOP_NEIGHBOUR))
		return MANRS_CODE_NEXT_HOP_OK;
	if (neighbour->family == 0)
		return MANRS_CODE_NEXT_HOP_UNKNOWN;
	if (l->egress)
		return MANRS_CODE_NEXT_HOP_OK;
	return same_address(hop, neighbour) ? MANRS_CODE_NEXT_HOP_OK : MANRS_CODE_NEXT_HOP_OTHER;
}

int test_prefix_list(const struct look *l, manrs_finding *f)
{
	manrs_prefix found[129];
	uint64_t longest[129];
	size_t n;

	if (!l->policy->allowed)
		return MANRS_CODE_NO_LIST;
	n = manrs_trie_covering(l->policy->allowed, &l->a->prefix, found, longest, 129);
	for (size_t i = 0; i < n; i++) {
		f->prefix = found[i];
		if (l->a->prefix.len == found[i].len || l->a->prefix.len <= longest[i])
			return MANRS_CODE_PREFIX_LIST_IN;
	}
	return MANRS_CODE_PREFIX_LIST_OUT;
}

int test_deny_list(const struct look *l, manrs_finding *f)
{
	if (!l->policy->denied)
		return MANRS_CODE_NO_LIST;
	return manrs_trie_match(l->policy->denied, &l->a->prefix, &f->prefix, NULL) == MANRS_OK
		       ? MANRS_CODE_DENY_LIST_IN
		       : MANRS_CODE_DENY_LIST_OUT;
}

int test_family(const struct look *l, manrs_finding *f)
{
	uint32_t flag = l->a->prefix.family == 4 ? MANRS_POLICY_FAMILY4 : MANRS_POLICY_FAMILY6;

	f->limit = l->a->prefix.family == 4 ? 6 : 4;
	return l->policy->flags & flag ? MANRS_CODE_FAMILY_OK : MANRS_CODE_FAMILY_OTHER;
}

int test_origin_set(const struct look *l, manrs_finding *f)
{
	f->asn[0] = l->origin;
	if (!l->policy->origins)
		return MANRS_CODE_NO_LIST;
	return l->origin && manrs_asn_in(l->policy->origins, l->policy->n_origins, l->origin)
		       ? MANRS_CODE_ORIGIN_SET_IN
		       : MANRS_CODE_ORIGIN_SET_OUT;
}
