/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_OTC_H
#define MANRS_OTC_H

/*
 * Only-to-Customer (RFC 9234): what to do with a route by what the neighbour is to us and the OTC attribute on it.
 * IPv4 and IPv6 unicast only. Once set, the value is never changed. An attribute that is not 4 octets long is
 * treat-as-withdraw before these calls (section 5).
 *
 * threads: all calls: any thread
 */

#include <manrs/role.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MANRS_OTC_ATTRIBUTE   35 /* path attribute type */
#define MANRS_ROLE_CAPABILITY 9  /* the BGP Role capability */

enum manrs_otc_action {
	MANRS_OTC_KEEP = 1,      /* accept or send; the attribute stays as it is */
	MANRS_OTC_ADD = 2,       /* accept or send with the attribute added */
	MANRS_OTC_MALFORMED = 3, /* no such role; AS 0 where a number is compared or added */
	MANRS_OTC_LEAK = 4,      /* a leak: ineligible on ingress, not to be sent on egress */
};

/*
 * A route comes in.
 * in:      role: enum manrs_role, what the neighbour is to us; neighbour_asn; otc: NULL when absent
 * out:     value: the attribute after it, for ADD; may be NULL
 * returns: enum manrs_otc_action
 * source:  RFC 9234 section 5, ingress 1-3
 */
MANRS_API int manrs_otc_ingress(int role, uint32_t neighbour_asn, const uint32_t *otc,
				uint32_t *value);

/*
 * A route is about to go out.
 * in:      role, otc as above; local_as: ours; inside a confederation its identifier
 * out:     value as above
 * returns: enum manrs_otc_action
 * source:  RFC 9234 section 5, egress 1-2
 */
MANRS_API int manrs_otc_egress(int role, uint32_t local_as, const uint32_t *otc, uint32_t *value);

/*
 * The batch twins: has_otc[i] 0 or 1.
 * out:     actions[n]; values[n] as above, 0 where nothing is added; may be NULL
 * returns: MANRS_OK; MANRS_EINVAL if any was malformed
 */
MANRS_API int manrs_otc_ingress_many(const uint8_t *role, const uint32_t *neighbour_asn,
				     const uint8_t *has_otc, const uint32_t *otc, size_t n,
				     uint8_t *actions, uint32_t *values);
MANRS_API int manrs_otc_egress_many(const uint8_t *role, uint32_t local_as, const uint8_t *has_otc,
				    const uint32_t *otc, size_t n, uint8_t *actions,
				    uint32_t *values);

/*
 * Whether two speakers' BGP Roles fit, as the capability carries them (the sender's own role).
 * in:      local, remote: Provider 0, RS 1, RS-Client 2, Customer 3, Peer 4
 * returns: 1; 0: Role Mismatch, NOTIFICATION 2/11
 * source:  RFC 9234 sections 4.1 and 4.2
 */
MANRS_API int manrs_role_pair(int local, int remote);

#ifdef __cplusplus
}
#endif

#endif
