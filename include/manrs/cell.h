/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_CELL_H
#define MANRS_CELL_H

/*
 * The hand-over of snapshots from one writer to reader threads, without a lock and without a loop on the readers' side.
 *
 *     writer                                          reader r
 *       manrs_edit_commit(edit, &db)                    db = manrs_cell_enter(cell, r)
 *       manrs_cell_publish(cell, db)                    manrs_rov_check_many(db, ...)
 *       manrs_cell_reclaim(cell)                        manrs_cell_leave(cell, r)
 *       manrs_db_reclaim(owner, budget)
 *
 * A reader has a seat of its own, in a cache line of its own, where it notes that it is inside and since when; so
 * readers write nothing that another thread writes. The writer gives up a published snapshot once nobody is inside since
 * before its successor came. A reader that stays inside holds back memory, never the writer.
 *
 * threads: enter and leave by the one thread that has the seat; all else by the writer.
 */

#include <manrs/db.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct manrs_cell manrs_cell;
typedef struct manrs_urpf manrs_urpf; /* of urpf.h */

#define MANRS_CELL_READERS 65536 /* the most seats of a cell */

/*
 * Make an empty cell with seats 0..readers-1; for databases, or for forwarding tables.
 * returns: MANRS_OK, MANRS_ENOMEM; MANRS_EINVAL unless readers is 1..MANRS_CELL_READERS
 * owns:    the caller frees it with manrs_cell_free
 */
MANRS_API int manrs_cell_new(manrs_cell **cell, uint32_t readers, const manrs_alloc *alloc);
MANRS_API int manrs_cell_new_urpf(manrs_cell **cell, uint32_t readers, const manrs_alloc *alloc);

/*
 * Give back every snapshot and the cell; NULL is allowed.
 * returns: MANRS_OK; MANRS_EBUSY if a reader is inside (nothing is freed then)
 */
MANRS_API int manrs_cell_free(manrs_cell *cell);

/*
 * Go inside: the newest snapshot, which stays as it is until this reader leaves. A seat is entered once at a time. Who
 * wants a snapshot for longer takes a reference of his own before he leaves.
 * returns: the snapshot; NULL if none is published, there is no such seat, or the cell is for the other kind
 * cost:    a load, a store and a load; no loop, no lock, whatever the other threads do
 */
MANRS_API const manrs_db *manrs_cell_enter(manrs_cell *cell, uint32_t reader);
MANRS_API const manrs_urpf *manrs_cell_enter_urpf(manrs_cell *cell, uint32_t reader);
MANRS_API void manrs_cell_leave(manrs_cell *cell, uint32_t reader);

/*
 * Publish a snapshot (NULL: none): whoever enters from now on gets it. The earlier one waits for manrs_cell_reclaim.
 * owns:    takes over the caller's reference, when it returns MANRS_OK
 * returns: MANRS_OK; MANRS_ENOMEM (nothing happened); MANRS_EINVAL (a cell for the other kind)
 * cost:    in proportion to nothing; does not wait for readers
 */
MANRS_API int manrs_cell_publish(manrs_cell *cell, const manrs_db *db);
MANRS_API int manrs_cell_publish_urpf(manrs_cell *cell, const manrs_urpf *urpf);

/*
 * Give back the references of earlier snapshots that no reader can still see. Their memory goes with manrs_db_reclaim.
 * returns: how many snapshots still wait for a reader to leave
 */
MANRS_API size_t manrs_cell_reclaim(manrs_cell *cell);

#ifdef __cplusplus
}
#endif

#endif
