/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_TEXT_UPDATE_LIST_H
#define LIB_TEXT_UPDATE_LIST_H

/*
 * The prefixes in a JSON message that tells of updates, an item at a time, from any place where it was left:
 *
 *     RIS_ANNOUNCED      [{"next_hop": "..", "prefixes": [ITEM, ..]}, ..]
 *     RIS_WITHDRAWN      [ITEM, ..]
 *     EXABGP_ANNOUNCED   {"ipv4 unicast": {"NEXT HOP": [ITEM, ..], ..}, ..}
 *     EXABGP_WITHDRAWN   {"ipv4 unicast": [ITEM, ..], ..}
 *
 *     ITEM               "192.0.2.0/24", or {"nlri": "192.0.2.0/24", "path-information": "0.0.0.7"}
 */

#include "base/json.h"

#include <manrs/record.h>

/* Room for the strings of a scanner that never allocates: those with escapes, which no value here needs. */
struct update_room {
	char bytes[1024];
};
manrs_alloc update_room(struct update_room *room);

/* What is wrong with a text that is no JSON, or cut. returns: MANRS_ESYNTAX */
int update_bad_json(const struct js *scan, manrs_fault *fault);

/* Pass over the value whose first token was of this kind. false: it is no JSON, or cut. */
bool update_skip(struct js *scan, int kind);

enum update_shape { RIS_ANNOUNCED, RIS_WITHDRAWN, EXABGP_ANNOUNCED, EXABGP_WITHDRAWN };

struct update_list {
	struct js scan;
	struct update_room room;
	const char *text;
	size_t n;
	enum update_shape shape;
	manrs_cursor *cursor;
	manrs_fault *fault;
	bool open;             /* scan stands in a list of items */
	manrs_prefix next_hop; /* of the list at hand; family 0: none */
	uint32_t end_of_rib;   /* an item said so: its family */
	bool foreign;          /* lists of other families were passed over */
};

/* Go on where the cursor is; all zero: at the value that starts at text[at]. fault may be NULL. */
void update_list_open(struct update_list *list, enum update_shape shape, const char *text, size_t n,
		      uint64_t at, manrs_cursor *cursor, manrs_fault *fault);
/* The next prefix. returns: 1; 0: there is no more; MANRS_ESYNTAX, MANRS_ERANGE, MANRS_EINVAL with the fault */
int update_list_next(struct update_list *list, manrs_prefix *prefix, uint32_t *path_id);

#endif
