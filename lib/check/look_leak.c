/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tests of manrs_check that ask about leaks: Only-to-Customer by itself, and all the evidence together. The first
 * that speaks names the leak, the surest one first:
 *
 *     OTC       the attribute says so (RFC 9234)
 *     roles     egress: from a provider or peer to a provider or peer (RFC 7908 3.1-3.4)
 *     relations a triple on the path is not valley-free, by loaded relationships (RFC 7908 3.1-3.4)
 *     ASPA      the path is Invalid by its hops: a leak or a forged path, ASPA cannot tell
 *     lists     a transit-free AS behind a customer or peer; an AS heard from whom peerlock forbids
 *     ROV       Invalid: maybe type 5 (other origin) or 6 (longer than allowed), never sure: unknown
 *
 * Types 5 and 6 ask what lies behind an announcement: whether the origin that is not authorised has a way to the true
 * one, whether a prefix is internal. One announcement cannot tell.
 *
 * Only evidence of tests that were asked for counts. LEAK runs after all others.
 */

#include "check/look.h"
#include "check/leak_kind.h"

/* Without the AS number that is compared or added it is not known whether a value is a leak; none is not one. */
int test_otc(const struct look *l, manrs_finding *f)
{
	const uint32_t *otc = l->a->flags & MANRS_ANNOUNCE_OTC ? &l->a->otc : NULL;
	bool any = l->a->flags & MANRS_ANNOUNCE_ANY_NEIGHBOUR;
	uint32_t asn = l->egress ? l->policy->local_as : any ? 0 : l->a->neighbour_asn;
	uint32_t value = 0;
	int role = (int)l->policy->role;
	int action = l->egress ? manrs_otc_egress(role, asn, otc, &value)
			       : manrs_otc_ingress(role, asn, otc, &value);

	f->asn[0] = otc ? *otc : value;
	switch (action) {
	case MANRS_OTC_KEEP:
		return MANRS_CODE_OTC_OK;
	case MANRS_OTC_ADD:
		return MANRS_CODE_OTC_ADD;
	case MANRS_OTC_LEAK:
		return MANRS_CODE_OTC_LEAK;
	}
	if (asn)
		return MANRS_CODE_MALFORMED;
	return otc ? MANRS_CODE_OTC_UNKNOWN : MANRS_CODE_OTC_ADD;
}

static uint32_t second_as(const manrs_path *path)
{
	for (uint32_t i = 1; i < path->n; i++)
		if (path->asn[i] != path->asn[0])
			return path->asn[i];
	return 0;
}

/* What the one that we have the route from is to us; CUSTOMER for our own. */
static int learned_from(const struct look *l)
{
	static const uint8_t is[] = {
		[MANRS_ROLE_NONE] = MANRS_REL_UNKNOWN, [MANRS_ROLE_CUSTOMER] = MANRS_REL_CUSTOMER,
		[MANRS_ROLE_PEER] = MANRS_REL_PEER,    [MANRS_ROLE_PROVIDER] = MANRS_REL_PROVIDER,
		[MANRS_ROLE_RS] = MANRS_REL_PEER,      [MANRS_ROLE_RS_CLIENT] = MANRS_REL_CUSTOMER,
	};
	uint32_t from = second_as(&l->a->path);

	if (l->a->flags & MANRS_ANNOUNCE_OWN)
		return MANRS_REL_CUSTOMER;
	if (l->a->learned_from) /* said by the host, also of a path that others were taken out of */
		return is[l->a->learned_from];
	if (!from)
		return MANRS_REL_CUSTOMER;
	return l->policy->rel ? manrs_rel_get(l->policy->rel, l->policy->local_as, from)
			      : MANRS_REL_UNKNOWN;
}

static int leak_out(const struct look *l, manrs_finding *f)
{
	static const uint8_t to[] = {
		[MANRS_ROLE_CUSTOMER] = MANRS_REL_CUSTOMER,  [MANRS_ROLE_PEER] = MANRS_REL_PEER,
		[MANRS_ROLE_PROVIDER] = MANRS_REL_PROVIDER,  [MANRS_ROLE_RS] = MANRS_REL_PEER,
		[MANRS_ROLE_RS_CLIENT] = MANRS_REL_CUSTOMER,
	};
	int from_is = learned_from(l), to_is = to[l->policy->role];

	f->leak_type = (uint32_t)leak_type(from_is, to_is);
	if (f->leak_type) {
		f->asn[0] = second_as(&l->a->path);
		f->asn[1] = l->policy->local_as;
		f->asn[2] = l->a->neighbour_asn;
		return MANRS_CODE_LEAK_BY_ROLE;
	}
	if (from_is == MANRS_REL_CUSTOMER || to_is == MANRS_REL_CUSTOMER)
		return MANRS_CODE_LEAK_NONE;
	return MANRS_CODE_LEAK_UNKNOWN;
}

static int leak_in(const struct look *l, manrs_finding *f)
{
	if (l->rel == MANRS_LEAK_FOUND) {
		f->hop = l->leak.at;
		f->asn[0] = l->leak.from;
		f->asn[1] = l->leak.leaker;
		f->asn[2] = l->leak.to;
		f->leak_type = l->leak.type;
		return MANRS_CODE_LEAK_BY_RELATIONSHIP;
	}
	if (l->code[MANRS_TEST_ASPA] == MANRS_CODE_ASPA_INVALID_HOPS)
		return MANRS_CODE_LEAK_BY_ASPA;
	if (l->rel == MANRS_LEAK_NONE || l->code[MANRS_TEST_ASPA] == MANRS_CODE_ASPA_VALID)
		return MANRS_CODE_LEAK_NONE;
	return MANRS_CODE_LEAK_UNKNOWN;
}

int test_leak(const struct look *l, manrs_finding *f)
{
	int code;

	if (l->code[MANRS_TEST_OTC] == MANRS_CODE_OTC_LEAK)
		return MANRS_CODE_LEAK_BY_OTC;
	code = l->egress ? leak_out(l, f) : leak_in(l, f);
	if (check_codes[code].state == CHECK_FAIL)
		return code;
	if (l->code[MANRS_TEST_TRANSIT_FREE] == MANRS_CODE_TRANSIT_FREE_FOUND) {
		test_transit_free(l, f);
		return MANRS_CODE_LEAK_BY_TRANSIT_FREE;
	}
	if (l->code[MANRS_TEST_PEERLOCK] == MANRS_CODE_PEERLOCK_BROKEN) {
		test_peerlock(l, f);
		return MANRS_CODE_LEAK_BY_PEERLOCK;
	}
	f->asn[0] = l->origin;
	if (l->code[MANRS_TEST_ROV] == MANRS_CODE_ROV_INVALID_AS) {
		f->leak_type = MANRS_LEAK_REORIGINATION;
		return MANRS_CODE_LEAK_MAYBE_REORIGINATION;
	}
	if (l->code[MANRS_TEST_ROV] == MANRS_CODE_ROV_INVALID_LENGTH) {
		f->leak_type = MANRS_LEAK_INTERNAL;
		return MANRS_CODE_LEAK_MAYBE_INTERNAL;
	}
	return code;
}
