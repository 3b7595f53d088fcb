/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_CHECK_ASPA_WHY_H
#define LIB_CHECK_ASPA_WHY_H

/* Why a path is what it is, for manrs_check: the rules of manrs_aspa_check and manrs_aspa_hops themselves. */

#include <manrs/aspa.h>
#include <stdbool.h>

/* enum manrs_aspa_reason for what ends a procedure before the ramps; NONE: the ramps decide. */
int aspa_reason_before(const manrs_path *path, uint32_t neighbour_asn, int role, uint32_t flags);

/* The first hop, in wire order, of those manrs_aspa_hops tells, whose customer denies the other. false: none. */
bool aspa_denied(const manrs_db *db, const manrs_path *path, int role, manrs_aspa_hop *hop);

#endif
