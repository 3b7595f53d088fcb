/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_TEXT_JSON_HOPS_H
#define LIB_TEXT_JSON_HOPS_H

/* AS numbers of a path in JSON. */

#include "base/json.h"
#include "net/path_walk.h"

/*
 * Put the hops of an array, whose [ was the last token, as one segment of this kind; in an AS_SEQUENCE an array is an
 * AS_SET of its own. returns: MANRS_OK; MANRS_ESYNTAX with the fault
 */
int json_hops(struct path_out *path, struct js *scan, unsigned kind, manrs_fault *fault);

#endif
