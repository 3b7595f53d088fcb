/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_ORACLE_DB_ORACLE_H
#define TESTS_ORACLE_DB_ORACLE_H

/* The database as an unsorted array: every answer is a linear scan. */

#include <manrs/manrs.h>
#include <stdbool.h>

struct db_oracle_rec {
	int kind; /* 0 VRP, 1 IRR */
	manrs_route route;
	uint64_t sources;
};

struct db_oracle {
	struct db_oracle_rec *rec;
	size_t n, cap;
	/* SLURM, as given; NULL: none */
	const manrs_slurm *slurm;
	uint64_t unused; /* sources that are not judged */
};

void db_oracle_edit(struct db_oracle *o, int kind, uint32_t source, int op,
		    const manrs_route *routes, size_t n, manrs_counts *counts);
size_t db_oracle_drop(struct db_oracle *o, uint32_t source);
/* What counts, sorted as manrs_db_vrps lists it; the caller frees it. */
manrs_route *db_oracle_list(const struct db_oracle *o, int kind, size_t *n);
/* RFC 6811 over a list. */
int db_oracle_rov(const manrs_route *vrps, size_t n, const manrs_route *route);
bool db_oracle_route_eq(const manrs_route *a, const manrs_route *b);
struct db_oracle db_oracle_copy(const struct db_oracle *o);

#endif
