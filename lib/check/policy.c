/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a session's routes are held to: the defaults by role (the table of manrs/policy.h), whether a policy keeps its
 * contract, and which tests have what they rest on. IRR is by exact object or a Valid ROA; the next hop of a route
 * server's client is its own address (RFC 7948 section 4.8). ORIGIN_SET, PREFIX_LIST, DENY_LIST, PEERLOCK and
 * NEVER_VIA_RS wait for their lists.
 */

#include "base/grow.h"
#include "base/mem.h"
#include "check/look.h"
#include "data/snapshot.h"

#define BIT MANRS_TEST_BIT

#define EVERYWHERE                                                                             \
	(BIT(MANRS_TEST_ROV) | BIT(MANRS_TEST_ASPA) | BIT(MANRS_TEST_BOGON_PREFIX) |           \
	 BIT(MANRS_TEST_BOGON_ASN) | BIT(MANRS_TEST_PREFIX_LEN) | BIT(MANRS_TEST_PATH_LOOP) |  \
	 BIT(MANRS_TEST_PATH_SET) | BIT(MANRS_TEST_PATH_LEN) | BIT(MANRS_TEST_PATH_RESERVED) | \
	 BIT(MANRS_TEST_FIRST_AS) | BIT(MANRS_TEST_NEXT_HOP) | BIT(MANRS_TEST_OTC) |           \
	 BIT(MANRS_TEST_LEAK) | BIT(MANRS_TEST_FAMILY))

#define FLAGS                                                                                 \
	(MANRS_POLICY_IRR_COVERING | MANRS_POLICY_IRR_ROA | MANRS_POLICY_NEXT_HOP_NEIGHBOUR | \
	 MANRS_POLICY_NEXT_HOP_PRIVATE | MANRS_POLICY_CONFED | MANRS_POLICY_PRIVATE_ASN |     \
	 MANRS_POLICY_FAMILY4 | MANRS_POLICY_FAMILY6)

static bool role_ok(uint32_t role)
{
	return role <= MANRS_ROLE_RS_CLIENT; /* NONE: what is not internal is refused */
}

int manrs_policy_init(manrs_policy *policy, size_t size, int role)
{
	bool ok = role >= 0 && role_ok((uint32_t)role);
	manrs_policy p = {
		.tests = EVERYWHERE,
		.role = ok ? (uint32_t)role : UINT32_MAX,
		.flags = MANRS_POLICY_IRR_ROA | MANRS_POLICY_FAMILY4 | MANRS_POLICY_FAMILY6,
		.min_len4 = 8,
		.max_len4 = 24,
		.min_len6 = 12,
		.max_len6 = 48,
		.max_path = 32,
	};
	p.transit_free = manrs_transit_free(&p.n_transit_free);
	if (role != MANRS_ROLE_PROVIDER)
		p.tests |= BIT(MANRS_TEST_TRANSIT_FREE);
	if (role == MANRS_ROLE_CUSTOMER || role == MANRS_ROLE_PEER || role == MANRS_ROLE_RS_CLIENT)
		p.tests |= BIT(MANRS_TEST_IRR);
	if (role == MANRS_ROLE_RS_CLIENT)
		p.flags |= MANRS_POLICY_NEXT_HOP_NEIGHBOUR;
	return grow_init(policy, size, GROW_LEAST(manrs_policy, denied), &p, sizeof p) && ok
		       ? MANRS_OK
		       : MANRS_EINVAL;
}

const manrs_policy *policy_of(manrs_policy *own, const manrs_policy *given)
{
	if (given->size == sizeof *own)
		return given;
	if (!grow_take(own, sizeof *own, GROW_LEAST(manrs_policy, denied), given))
		*own = (manrs_policy){.tests = MANRS_TESTS_ALL, .role = UINT32_MAX};
	return own;
}

bool policy_usable(const manrs_policy *p)
{
	return p->size == sizeof *p && role_ok(p->role) && !(p->tests & ~MANRS_TESTS_ALL) &&
	       !(p->strict & ~MANRS_TESTS_ALL) && !(p->flags & ~FLAGS) &&
	       p->min_len4 <= p->max_len4 && p->max_len4 <= 32 && p->min_len6 <= p->max_len6 &&
	       p->max_len6 <= 128 && (p->transit_free || !p->n_transit_free) &&
	       (p->never_via_rs || !p->n_never_via_rs) && (p->origins || !p->n_origins) &&
	       (p->peerlocks || !p->n_peerlocks) && (p->addresses || !p->n_addresses);
}

uint64_t manrs_tests_with_data(const manrs_db *db, const manrs_policy *policy)
{
	manrs_policy own;
	const manrs_policy *p = policy_of(&own, policy);
	uint64_t without = 0;

	if (!policy_usable(p))
		return 0;
	without |= db_has(db, DB_VRPS) ? 0 : BIT(MANRS_TEST_ROV);
	without |= db_has(db, DB_ASPAS) ? 0 : BIT(MANRS_TEST_ASPA);
	without |= db_has(db, DB_IRR) ? 0 : BIT(MANRS_TEST_IRR);
	without |= p->n_peerlocks ? 0 : BIT(MANRS_TEST_PEERLOCK);
	without |= p->n_transit_free ? 0 : BIT(MANRS_TEST_TRANSIT_FREE);
	without |= p->n_never_via_rs ? 0 : BIT(MANRS_TEST_NEVER_VIA_RS);
	without |= p->origins ? 0 : BIT(MANRS_TEST_ORIGIN_SET);
	without |= p->allowed ? 0 : BIT(MANRS_TEST_PREFIX_LIST);
	without |= p->denied ? 0 : BIT(MANRS_TEST_DENY_LIST);
	return MANRS_TESTS_ALL & ~without;
}

/* The first element that is not above the one before it; n: none. */
static size_t unsorted(const uint32_t *set, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (set[i - 1] >= set[i])
			return i;
	return n;
}

static bool above(const manrs_peerlock *a, const manrs_peerlock *b)
{
	return a->asn != b->asn ? a->asn > b->asn : a->neighbour > b->neighbour;
}

static int check_set(const uint32_t *set, size_t n, const char *what, manrs_fault *fault)
{
	size_t at = unsorted(set, n);

	return at < n ? fault_set(fault, MANRS_EINVAL, at, what) : MANRS_OK;
}

int manrs_policy_check(const manrs_policy *policy, manrs_fault *fault)
{
	manrs_policy own;
	const manrs_policy *p = policy_of(&own, policy);
	int rc;

	if (!policy_usable(p))
		return fault_set(fault, MANRS_EINVAL, 0,
				 "size, role, tests, flags, lengths or an array of the policy");
	rc = check_set(p->transit_free, p->n_transit_free, "transit_free is not ascending", fault);
	if (rc == MANRS_OK)
		rc = check_set(p->never_via_rs, p->n_never_via_rs, "never_via_rs is not ascending",
			       fault);
	if (rc == MANRS_OK)
		rc = check_set(p->origins, p->n_origins, "origins are not ascending", fault);
	if (rc != MANRS_OK)
		return rc;
	for (size_t i = 1; i < p->n_peerlocks; i++)
		if (!above(&p->peerlocks[i], &p->peerlocks[i - 1]))
			return fault_set(fault, MANRS_EINVAL, i, "peerlocks are not ascending");
	for (size_t i = 0; i < p->n_addresses; i++)
		if (manrs_prefix_check(&p->addresses[i]) != MANRS_OK ||
		    p->addresses[i].len != (p->addresses[i].family == 4 ? 32 : 128))
			return fault_set(fault, MANRS_EINVAL, i, "not an address");
	return MANRS_OK;
}
