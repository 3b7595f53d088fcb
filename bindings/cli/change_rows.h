/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_CHANGE_ROWS_H
#define CLI_CHANGE_ROWS_H

/* What changed between two snapshots, as rows: VRPs, ASPAs, router keys. */

#include "rows.h"

void changes_head(struct rows *rows);
void changes_foot(struct rows *rows);
/*
 * A row a record that came or went; of an ASPA with other providers than before, one with those of now.
 * in: kinds: enum manrs_load_list, those that count. returns: how many rows
 */
uint64_t changes_write(struct rows *rows, const manrs_db *from, const manrs_db *to, uint32_t kinds);
/* "+ 192.0.2.0/24 max 24 AS64496" */
void change_vrp_plain(struct out *out, bool added, const manrs_route *vrp);
void change_vrp_members(struct rows *rows, bool added, const manrs_route *vrp);

#endif
