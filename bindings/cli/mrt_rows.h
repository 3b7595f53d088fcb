/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_MRT_ROWS_H
#define CLI_MRT_ROWS_H

/* Rows of manrs mrt. */

#include "rows.h"

struct mrt_rows {
	struct rows rows;
	bool json; /* the summary is an object */
};

void mrt_row_state(struct mrt_rows *r, const manrs_mrt_record *record);
void mrt_row_withdrawn(struct mrt_rows *r, const manrs_mrt_record *record,
		       const manrs_prefix *prefix, uint32_t path_id);
/* attrs NULL: none could be read. */
void mrt_row_announced(struct mrt_rows *r, const manrs_mrt_record *record,
		       const manrs_announcement *a, const manrs_mrt_note *note,
		       const manrs_bgp_attrs *attrs);
/* Of the whole archive, in the end. */
void mrt_summary(struct mrt_rows *r, const manrs_mrt *mrt);

#endif
