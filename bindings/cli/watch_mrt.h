/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_WATCH_MRT_H
#define CLI_WATCH_MRT_H

/* Archives as input of a watch: RIBs and updates, a session a peer. */

#include "mrt_read.h"
#include "watch.h"

struct watch_mrt {
	struct watch *w;
	struct mrt_read read;
	bool open, broken; /* broken: the rest of the file is not read */
	uint64_t lost;     /* UPDATEs whose routes cannot be used */
	uint64_t counted;  /* as bad of the watch, so far */
};

/* Bytes of a file as they come; zeros before the first. What is wrong is said, and counted as bad. */
void mrt_take(struct watch *w, struct watch_mrt *m, const char *file, const char *bytes, size_t n);
/* The end of a file, of whatever kind it was. */
void mrt_end(struct watch *w, struct watch_mrt *m);

#endif
