/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_FEED_CHANGE_H
#define CLI_FEED_CHANGE_H

/*
 * What makes one set of another: made by the reading thread, fed to the engine by the serving one. It borrows nothing, so
 * neither waits for the other.
 */

#include <manrs/db_delta.h>
#include <manrs/rtrd.h>

#include <stdbool.h>

enum { CHANGE_ADD, CHANGE_REMOVE, CHANGE_OPS };

struct feed_change {
	struct change_records {
		manrs_route *vrps;
		manrs_aspa *aspas;
		uint32_t *providers; /* of all aspas, one after the other */
		manrs_router_key *keys;
		size_t n_vrps, n_aspas, n_providers, n_keys;
		size_t cap_vrps, cap_aspas, cap_providers, cap_keys;
	} of[CHANGE_OPS];
};

/* from NULL: nothing, so that all of `to` is added. owns: freed with change_free */
void change_make(struct feed_change *change, const manrs_db *from, const manrs_db *to);
void change_free(struct feed_change *change);
bool change_none(const struct feed_change *change);

/* The kind of record of which the largest share goes. */
struct change_loss {
	const char *what; /* "VRPs" */
	uint64_t gone, had;
};
/*
 * How much of `from` is not in the other set any more, however much came for it. An ASPA with another list is still there.
 * returns: whether it is more than that many percent of the VRPs, of the ASPAs or of the router keys, where there were `least`
 */
bool change_loses(const struct feed_change *change, const manrs_db *from, uint64_t percent,
		  uint64_t least, struct change_loss *loss);

/* Fed and published. returns: as manrs_rtrd_publish; MANRS_ENOMEM: nothing happened */
int change_publish(const struct feed_change *change, manrs_rtrd *engine, bool whole,
		   uint64_t now_ms);

#endif
