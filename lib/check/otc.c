/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Only-to-Customer (RFC 9234 section 5) as two tables by what the neighbour is to us.
 *
 *     ingress from    OTC absent   OTC present            egress to    OTC absent   OTC present
 *     customer        keep         leak                   customer     add ours     keep
 *     peer            add theirs   leak unless theirs     peer         add ours     leak
 *     provider        add theirs   keep                   provider     keep         leak
 *     rs              add theirs   keep                   rs           keep         leak
 *     rs-client       keep         leak                   rs-client    add ours     keep
 */

#include <assert.h>
#include <manrs/otc.h>
#include <stdbool.h>

#define ROLES        6
#define UNLESS_EQUAL 100 /* a cell of ours: a leak unless the value is the neighbour's AS */

/* [role][OTC present] */
static const uint8_t ingress[ROLES][2] = {
	[MANRS_ROLE_CUSTOMER] = {MANRS_OTC_KEEP, MANRS_OTC_LEAK},
	[MANRS_ROLE_PEER] = {MANRS_OTC_ADD, UNLESS_EQUAL},
	[MANRS_ROLE_PROVIDER] = {MANRS_OTC_ADD, MANRS_OTC_KEEP},
	[MANRS_ROLE_RS] = {MANRS_OTC_ADD, MANRS_OTC_KEEP},
	[MANRS_ROLE_RS_CLIENT] = {MANRS_OTC_KEEP, MANRS_OTC_LEAK},
};

static const uint8_t egress[ROLES][2] = {
	[MANRS_ROLE_CUSTOMER] = {MANRS_OTC_ADD, MANRS_OTC_KEEP},
	[MANRS_ROLE_PEER] = {MANRS_OTC_ADD, MANRS_OTC_LEAK},
	[MANRS_ROLE_PROVIDER] = {MANRS_OTC_KEEP, MANRS_OTC_LEAK},
	[MANRS_ROLE_RS] = {MANRS_OTC_KEEP, MANRS_OTC_LEAK},
	[MANRS_ROLE_RS_CLIENT] = {MANRS_OTC_ADD, MANRS_OTC_KEEP},
};

static int decide(const uint8_t table[ROLES][2], int role, uint32_t asn, const uint32_t *otc,
		  uint32_t *value)
{
	int action = role > 0 && role < ROLES ? table[role][otc != NULL] : MANRS_OTC_MALFORMED;

	/* AS 0 is nobody's (RFC 7607): never compared with, never added */
	if (asn == 0 && (action == UNLESS_EQUAL || action == MANRS_OTC_ADD))
		action = MANRS_OTC_MALFORMED;
	if (action == UNLESS_EQUAL)
		action = otc && *otc == asn ? MANRS_OTC_KEEP : MANRS_OTC_LEAK;
	assert(action >= MANRS_OTC_KEEP && action <= MANRS_OTC_LEAK);
	if (value)
		*value = action == MANRS_OTC_ADD ? asn : 0;
	return action;
}

int manrs_otc_ingress(int role, uint32_t neighbour_asn, const uint32_t *otc, uint32_t *value)
{
	return decide(ingress, role, neighbour_asn, otc, value);
}

int manrs_otc_egress(int role, uint32_t local_as, const uint32_t *otc, uint32_t *value)
{
	return decide(egress, role, local_as, otc, value);
}

int manrs_otc_ingress_many(const uint8_t *role, const uint32_t *neighbour_asn,
			   const uint8_t *has_otc, const uint32_t *otc, size_t n, uint8_t *actions,
			   uint32_t *values)
{
	int rc = MANRS_OK;

	for (size_t i = 0; i < n; i++) {
		actions[i] =
			(uint8_t)decide(ingress, role[i], neighbour_asn[i],
					has_otc[i] ? &otc[i] : NULL, values ? &values[i] : NULL);
		if (actions[i] == MANRS_OTC_MALFORMED)
			rc = MANRS_EINVAL;
	}
	return rc;
}

int manrs_otc_egress_many(const uint8_t *role, uint32_t local_as, const uint8_t *has_otc,
			  const uint32_t *otc, size_t n, uint8_t *actions, uint32_t *values)
{
	int rc = MANRS_OK;

	for (size_t i = 0; i < n; i++) {
		actions[i] = (uint8_t)decide(egress, role[i], local_as, has_otc[i] ? &otc[i] : NULL,
					     values ? &values[i] : NULL);
		if (actions[i] == MANRS_OTC_MALFORMED)
			rc = MANRS_EINVAL;
	}
	return rc;
}

int manrs_role_pair(int local, int remote)
{
	static const int8_t fits[] = {3, 2, 1, 0,
				      4}; /* Provider-Customer, RS-RS-Client, Peer-Peer */

	return local >= 0 && local < (int)sizeof fits && fits[local] == remote;
}
