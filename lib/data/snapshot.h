/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_DATA_SNAPSHOT_H
#define LIB_DATA_SNAPSHOT_H

/* What the check floor asks of a snapshot. */

#include <manrs/db.h>
#include <stdbool.h>

/* What counts of one customer's ASPAs over all sources: providers ascending; {0} alone says "none". */
struct aspa_record {
	uint32_t customer; /* first: the key of the map */
	uint32_t n;	   /* 0: nothing counts */
	const struct aspa_raw *raw;
	uint32_t provider[];
};

/* Whether a snapshot has any record of a kind that counts. */
enum db_kind { DB_VRPS, DB_IRR, DB_ASPAS };
bool db_has(const manrs_db *db, enum db_kind kind);

/* NULL: the customer has no ASPA. */
const struct aspa_record *db_aspa(const manrs_db *db, uint32_t customer);

/* VRPs or IRR routes whose prefix covers this one, shortest first, then by asn and maxlen; as manrs_rov_covering. */
size_t db_vrp_covering(const manrs_db *db, const manrs_prefix *prefix, manrs_route *out,
		       size_t cap);
size_t db_irr_covering(const manrs_db *db, const manrs_prefix *prefix, manrs_route *out,
		       size_t cap);

#endif
