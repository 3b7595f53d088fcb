/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_DB_DELTA_H
#define MANRS_DB_DELTA_H

/*
 * PROVISIONAL. The difference of two snapshots as the records that came and went, as a cache hands them to its clients.
 * manrs_db_diff (db.h) tells a router where to look again; this tells another database how to become the same. For who may
 * not stop for long, manrs_db_diff_some is manrs_db_diff in slices.
 */

#include <manrs/db.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One record that came or went. Arrays are borrowed. */
typedef struct manrs_delta {
	uint32_t op;                 /* enum manrs_op */
	uint32_t kind;               /* enum manrs_change_kind: VRP4, VRP6, ASPA, KEY */
	manrs_route vrp;             /* VRP4, VRP6; else all zero */
	manrs_aspa aspa;             /* ASPA; else all zero */
	const manrs_router_key *key; /* KEY; else NULL */
} manrs_delta;

/*
 * List the effective difference of two snapshots (sources united, SLURM applied) but for IRR routes: each VRP, router key and
 * ASPA that one has and the other has not, once. VRPs come in manrs_prefix_cmp order, then by asn and maxlen; then
 * ASPAs, then keys by AS number. An ASPA is a customer with all its providers: ADD with the new list, also where it stands in
 * the place of another; REMOVE with the list that it had.
 * in:      from or to NULL: an empty snapshot, so that from NULL lists everything; cursor all zero at the start
 * out:     out[cap]; its arrays are valid while `to` (of a REMOVE: `from`) is held
 * returns: how many were written; fewer than cap means the end
 * cost:    as manrs_db_diff; nothing is copied twice, however many records a prefix has
 */
MANRS_API size_t manrs_db_delta(const manrs_db *from, const manrs_db *to, manrs_cursor *cursor,
				manrs_delta *out, size_t cap);

/*
 * As manrs_db_diff, in slices: what all calls list is what it lists in one, whatever the budgets. Between two snapshots that
 * share nothing, one built from its files again, even a short list costs a look at all of both.
 * in:      cursor all zero at the start; of this call alone; both snapshots are held until the end
 *          *budget: records to look at, about
 * out:     out[cap]; *budget: so many less; 0: used up, come again. Each call comes further
 * returns: how many were written; fewer than cap while *budget is not 0 means the end
 * cost:    O(*budget + cap) and some thousand records at most; no allocation
 */
MANRS_API size_t manrs_db_diff_some(const manrs_db *from, const manrs_db *to, manrs_cursor *cursor,
				    manrs_change *out, size_t *budget, size_t cap);

#ifdef __cplusplus
}
#endif

#endif
