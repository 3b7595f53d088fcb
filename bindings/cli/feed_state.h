/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_FEED_STATE_H
#define CLI_FEED_STATE_H

/*
 * What a restart of the cache needs: sessions, serial, and the set that routers have under them. With the set in it a changed
 * file is a difference after a restart too; with a digest alone it would be a Cache Reset.
 *
 * A serial is on disk before a router hears of it: else one that has it would be told, after a crash, that nothing changed
 * when another set has got the same number.
 *
 * threads: the reading one, but for state_open
 */

#include "cli.h"

struct feed_state {
	int folder; /* -1: no --state */
	uint16_t session[3];
	uint32_t serial;
	uint64_t built;   /* the oldest build time of the set; 0: none says it */
	uint64_t made_of; /* a digest of the names of the files that it was made of */
	bool saved;       /* all of this is on disk */
};

/* Open the folder, and keep others out. dir NULL: none is kept. returns: false: said why */
bool state_open(struct feed_state *state, const char *dir);
void state_close(struct feed_state *state);

/*
 * What was kept, its set into an edit. returns: true: state is set; false: there is none that can be used and replaced, said why unless
 * there is no file; the edit is to be aborted, and the sessions are new random ones
 */
bool state_load(struct feed_state *state, manrs_edit *edit);
/* Keep all of it with this set, at once or not at all. returns: false: said why, and none is kept */
bool state_save(struct feed_state *state, const manrs_db *db);

/* Of strings one after the other; begin with 0. */
uint64_t state_digest(uint64_t digest, const char *text);

#endif
