/* SPDX-License-Identifier: BSD-2-Clause */
/* The hand-over cell (lib/data/cell.c) for forwarding tables. */

#include "data/cell_any.h"
#include "urpf/urpf_state.h"

int manrs_cell_new_urpf(manrs_cell **cell, uint32_t readers, const manrs_alloc *alloc)
{
	return cell_new(cell, alloc, readers, CELL_FORWARDING);
}

const manrs_urpf *manrs_cell_enter_urpf(manrs_cell *cell, uint32_t reader)
{
	return (const void *)cell_enter(cell, reader, CELL_FORWARDING);
}

int manrs_cell_publish_urpf(manrs_cell *cell, const manrs_urpf *urpf)
{
	return cell_publish(cell, (const void *)urpf, CELL_FORWARDING);
}
