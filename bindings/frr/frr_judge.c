/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bgpd's route as an announcement of the library, and what the library says of it.
 *
 *     in       as it came from the neighbour, under the policy of its role
 *     out      as the neighbour will see it: our AS in front, who it came from
 *     else     network, redistribute, aggregate: our own, as internal ones are
 *
 * An external neighbour without a role is judged as a peer where the role says nothing, and the tests that need one (ASPA,
 * OTC, leaks) are unknown.
 */

#include "frr_manrs.h"

/* Those whose answer is the role's. */
#define NEED_ROLE                                                                    \
	(MANRS_TEST_BIT(MANRS_TEST_ASPA) | MANRS_TEST_BIT(MANRS_TEST_OTC) |          \
	 MANRS_TEST_BIT(MANRS_TEST_LEAK) | MANRS_TEST_BIT(MANRS_TEST_TRANSIT_FREE) | \
	 MANRS_TEST_BIT(MANRS_TEST_NEVER_VIA_RS))

static uint32_t *hops;
static uint8_t *kinds;
static size_t room;
static manrs_prefix own_address;

bool prefix_of(manrs_prefix *to, const struct prefix *from)
{
	*to = (manrs_prefix){0};
	if (from->family != AF_INET && from->family != AF_INET6)
		return false;
	to->family = from->family == AF_INET ? 4 : 6;
	to->len = to->maxlen = (uint8_t)from->prefixlen;
	memcpy(to->addr, &from->u.prefix, from->family == AF_INET ? 4 : 16);
	return true;
}

static void address_of(manrs_prefix *to, int family, const void *bytes)
{
	*to = (manrs_prefix){.family = family == AF_INET ? 4 : 6};
	to->len = to->maxlen = family == AF_INET ? 32 : 128;
	memcpy(to->addr, bytes, to->len / 8u);
}

static void address_of_su(manrs_prefix *to, const union sockunion *su)
{
	*to = (manrs_prefix){0};
	if (su && su->sa.sa_family == AF_INET)
		address_of(to, AF_INET, &su->sin.sin_addr);
	else if (su && su->sa.sa_family == AF_INET6)
		address_of(to, AF_INET6, &su->sin6.sin6_addr);
}

/* In a confederation we are to all but its members what the world sees (RFC 5065 section 4.1), also as an origin. */
uint32_t local_as_of(const struct peer *peer)
{
	const struct bgp *bgp = peer->bgp;

	if (!frr.local_as && peer->sort != BGP_PEER_EBGP && bgp->confed_id &&
	    CHECK_FLAG(bgp->config, BGP_CONFIG_CONFEDERATION))
		return bgp->confed_id;
	return frr.local_as ? frr.local_as : peer->local_as ? peer->local_as : peer->bgp->as;
}

/* Segments of our confederation stay in it: with `front` before the path it goes out of it. */
static bool is_left_out(const struct assegment *s, uint32_t front)
{
	return front && (s->type == AS_CONFED_SEQUENCE || s->type == AS_CONFED_SET);
}

/* The segments, with `front` before them if it is not 0. returns: whether there was room */
static bool path_of(manrs_path *path, const struct aspath *aspath, uint32_t front)
{
	size_t n = front != 0, at = 0;
	bool plain = true;

	for (const struct assegment *s = aspath ? aspath->segments : NULL; s; s = s->next) {
		n += s->length;
		plain = plain && s->type == AS_SEQUENCE;
	}
	if (n > room) {
		free(hops);
		free(kinds);
		room = n * 2;
		hops = malloc(room * sizeof *hops);
		kinds = malloc(room);
		if (!hops || !kinds) {
			room = 0;
			return false;
		}
	}
	if (front) {
		hops[at] = front;
		kinds[at++] = MANRS_SEGMENT_SEQUENCE | MANRS_SEGMENT_START;
	}
	for (const struct assegment *s = aspath ? aspath->segments : NULL; s; s = s->next)
		for (unsigned i = 0; i < s->length && !is_left_out(s, front); i++) {
			hops[at] = s->as[i];
			kinds[at++] = (uint8_t)(s->type | (i ? 0 : MANRS_SEGMENT_START));
		}
	*path = (manrs_path){hops, plain ? NULL : kinds, (uint32_t)at, 0};
	return true;
}

static uint32_t origin_of(const struct attr *attr, uint32_t local_as)
{
	manrs_path path;
	uint32_t origin = 0;

	if (path_of(&path, attr->aspath, 0))
		manrs_path_origin(&path, local_as, &origin);
	return origin;
}

/* The answer of origin validation alone: enum manrs_rov, < 0: there is no data, or not of this family. */
int judge_rov(const manrs_db *db, const struct peer *peer, const struct attr *attr,
	      const struct prefix *prefix)
{
	manrs_route route = {.asn = 0};

	if (!frr.loaded || !prefix_of(&route.prefix, prefix))
		return -1;
	route.asn = origin_of(attr, local_as_of(peer));
	return manrs_rov_check(db, &route);
}

int judge_hook(struct peer *peer, struct attr *attr, const struct prefix *prefix)
{
	switch (judge_rov(frr.db, peer, attr, prefix)) {
	case MANRS_ROV_VALID:
		return RPKI_VALID;
	case MANRS_ROV_NOT_FOUND:
		return RPKI_NOTFOUND;
	case MANRS_ROV_INVALID:
	case MANRS_ROV_MALFORMED:
		return RPKI_INVALID;
	default:
		return RPKI_NOT_BEING_USED;
	}
}

static void next_hop_of(manrs_prefix *to, const struct attr *attr, const struct prefix *prefix)
{
	static const struct in6_addr none;

	*to = (manrs_prefix){0};
	if (attr->mp_nexthop_len == BGP_ATTR_NHLEN_IPV6_GLOBAL ||
	    attr->mp_nexthop_len == BGP_ATTR_NHLEN_IPV6_GLOBAL_AND_LL) {
		if (memcmp(&attr->mp_nexthop_global, &none, sizeof none))
			address_of(to, AF_INET6, &attr->mp_nexthop_global);
	} else if (prefix->family == AF_INET && attr->nexthop.s_addr) {
		address_of(to, AF_INET, &attr->nexthop);
	}
}

static void ask_path(struct question *q, const struct attr *attr, uint32_t front)
{
	if (!path_of(&q->announcement.path, attr->aspath, front))
		q->announcement.flags |= MANRS_ANNOUNCE_MALFORMED;
}

/* What bgpd gives a route map on the way out is a copy: of the best path, or with ADD-PATH of another. */
static bool is_copy_of(const struct bgp_path_info *out, const struct bgp_path_info *path)
{
	if (CHECK_FLAG(out->flags, BGP_PATH_SELECTED))
		return CHECK_FLAG(path->flags, BGP_PATH_SELECTED);
	return path->flags == out->flags && path->type == out->type &&
	       path->sub_type == out->sub_type && path->attr->aspath == out->attr->aspath;
}

/* Who sent what goes out. A map that has changed the AS path leaves the best one's to be taken. */
static const struct peer *learned_from(const struct bgp_path_info *out)
{
	const struct peer *best = PATH_FROM(out);

	if (best || !out->net)
		return best;
	for (struct bgp_path_info *p = bgp_dest_get_bgp_path_info(out->net); p; p = p->next) {
		if (is_copy_of(out, p))
			return p->peer;
		if (CHECK_FLAG(p->flags, BGP_PATH_SELECTED))
			best = p->peer;
	}
	return best;
}

static void ask_out(struct question *q, const struct bgp_path_info *path)
{
	const struct peer *from = learned_from(path);

	q->announcement.flags |= MANRS_ANNOUNCE_EGRESS;
	if (from && from == path->peer->bgp->peer_self)
		q->announcement.flags |= MANRS_ANNOUNCE_OWN;
	else if (from && from->sort == BGP_PEER_EBGP)
		q->announcement.learned_from = (uint32_t)neighbor_role(from);
}

static bool is_internal(const struct peer *peer)
{
	return peer->sort != BGP_PEER_EBGP || peer == peer->bgp->peer_self;
}

static void ask_policy(struct question *q, const struct peer *peer, bool internal)
{
	int role = internal ? MANRS_ROLE_NONE : neighbor_role(peer);
	bool none = !internal && role == MANRS_ROLE_NONE;

	q->policy = *policy_of(none ? MANRS_ROLE_PEER : role);
	q->tests = none ? ~NEED_ROLE : UINT64_MAX;
	if (frr.local_as || !q->policy.local_as)
		q->policy.local_as = local_as_of(peer);
	if (peer->sort == BGP_PEER_CONFED)
		q->policy.flags |= MANRS_POLICY_CONFED;
	address_of_su(&own_address, PEER_SU_LOCAL(peer));
	if (!q->policy.n_addresses && own_address.family) {
		q->policy.addresses = &own_address;
		q->policy.n_addresses = 1;
	}
	q->tests &= policy_named(none ? MANRS_ROLE_PEER : role) |
		    manrs_tests_with_data(frr.db, &q->policy);
}

void judge_ask(struct question *q, const struct bgp_path_info *path, const struct prefix *prefix)
{
	const struct peer *peer = path->peer;
	bool internal = is_internal(peer), out = CHECK_FLAG(peer->rmap_type, PEER_RMAP_TYPE_OUT);
	uint32_t otc = ATTR_OTC(path->attr);

	memset(q, 0, sizeof *q);
	ask_policy(q, peer, internal);
	/* EVPN, flowspec: nothing is known of those, and nothing failed */
	if (!prefix_of(&q->announcement.prefix, prefix))
		q->tests = 0;
	if (peer != peer->bgp->peer_self) {
		q->announcement.neighbour_asn = peer->as;
		address_of_su(&q->announcement.neighbour_address, PEER_SU(peer));
	}
	if (!q->announcement.neighbour_asn)
		q->announcement.flags |= MANRS_ANNOUNCE_ANY_NEIGHBOUR;
	if (!out)
		next_hop_of(&q->announcement.next_hop, path->attr, prefix);
	if (internal)
		q->announcement.flags |= MANRS_ANNOUNCE_INTERNAL;
	if (otc) {
		q->announcement.flags |= MANRS_ANNOUNCE_OTC;
		q->announcement.otc = otc;
	}
	if (out) {
		neighbor_alone(peer);
		ask_out(q, path);
	}
	ask_path(q, path->attr, out && !internal ? q->policy.local_as : 0);
}

int judge_test(const struct bgp_path_info *path, const struct prefix *prefix, int test)
{
	struct question q;
	manrs_verdict verdict;

	frr.count.judged++;
	judge_ask(&q, path, prefix);
	if (!(q.tests & MANRS_TEST_BIT(test)))
		return 3;
	/* a leak is told by what the other tests find */
	if (test == MANRS_TEST_LEAK)
		q.policy.tests = (q.policy.tests & q.tests) | MANRS_TEST_BIT(test);
	else
		q.policy.tests = MANRS_TEST_BIT(test);
	q.policy.strict &= q.policy.tests;
	manrs_check(frr.db, &q.policy, &q.announcement, 1, &verdict);
	return verdict.fail >> test & 1 ? 2 : verdict.pass >> test & 1 ? 1 : 3;
}

uint64_t judge_failed(const struct bgp_path_info *path, const struct prefix *prefix)
{
	struct question q;
	manrs_verdict verdict;

	frr.count.judged++;
	judge_ask(&q, path, prefix);
	q.policy.tests &= q.tests;
	if (!q.policy.tests)
		return 0;
	q.policy.strict &= q.policy.tests;
	manrs_check(frr.db, &q.policy, &q.announcement, 1, &verdict);
	return verdict.fail;
}
