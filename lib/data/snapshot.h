/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_DATA_SNAPSHOT_H
#define LIB_DATA_SNAPSHOT_H

/*
 * The door to a snapshot: all that the floors above lib/data know of one. How it is written, kept and given back is store.h,
 * which is lib/data's own.
 *
 *     manrs_db = struct db_view, which readers look at | what the writer keeps behind it
 */

#include "base/counted.h"
#include <manrs/db.h>
#include <stdbool.h>

enum tree { TREE_VRP4, TREE_VRP6, TREE_IRR4, TREE_IRR6, TREES };

/* What a snapshot says. */
struct content {
	uint64_t root[TREES];          /* covering indexes (table/cover.h) */
	uint64_t aspas;                /* asnmap of struct aspa_record */
	const struct key_set *keys;    /* NULL: none */
	const struct slurm_set *slurm; /* NULL: none */
	uint64_t unused;               /* sources that are not judged */
	uint64_t count[TREES];         /* records that count */
	uint64_t aspa_count, aspa_providers, key_count;
};

/* To be read through the calls below: another floor does not look into it. */
struct db_view {
	struct counted counted; /* first: base/counted.h */
	uint32_t isa;           /* the code path for checks: isa_choose */
	struct content c;
};

static inline const struct db_view *db_view(const manrs_db *db)
{
	return (const void *)db;
}

static inline uint32_t db_isa(const manrs_db *db)
{
	return db_view(db)->isa;
}

/* The covering index of the VRPs or the IRR routes of a family, 4 or 6. */
static inline uint64_t db_vrp_index(const manrs_db *db, unsigned family)
{
	return db_view(db)->c.root[TREE_VRP4 + (family == 6)];
}

static inline uint64_t db_irr_index(const manrs_db *db, unsigned family)
{
	return db_view(db)->c.root[TREE_IRR4 + (family == 6)];
}

/* What counts of one customer's ASPAs over all sources: providers ascending; {0} alone says "none". */
struct aspa_record {
	uint32_t customer; /* first: the key of the map */
	uint32_t n;        /* 0: nothing counts */
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
