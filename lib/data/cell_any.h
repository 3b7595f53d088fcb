/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_DATA_CELL_ANY_H
#define LIB_DATA_CELL_ANY_H

/*
 * The hand-over cell for snapshots of any kind, on which each floor that has snapshots puts its typed calls. Here a kind is
 * but a number, which says whose calls may use a cell.
 */

#include "base/counted.h"
#include <manrs/cell.h>

enum cell_kind { CELL_DATABASES = 1, CELL_FORWARDING };

int cell_new(manrs_cell **cell, const manrs_alloc *alloc, uint32_t readers, enum cell_kind kind);
/* NULL also when the cell is of another kind. */
const struct counted *cell_enter(manrs_cell *cell, uint32_t reader, enum cell_kind kind);
int cell_publish(manrs_cell *cell, const struct counted *snapshot, enum cell_kind kind);

#endif
