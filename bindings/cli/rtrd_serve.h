/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_RTRD_SERVE_H
#define CLI_RTRD_SERVE_H

/* Routers and the engine: the serving thread. */

#include "rtrd.h"

/* Before the loop runs. */
void rtrd_serve_open(struct rtrd *d);
/*
 * The engine is told that what it has is not too old, if it is not. Before each call on it that may answer or notify: it is set
 * to believe that for a second alone, for only we know the time of day.
 */
void rtrd_refresh(struct rtrd *d);
/* What a call on the engine left for routers goes out. */
void rtrd_serve_ready(struct rtrd *d);
/* No new connections; the routers are told (v2) and closed as soon as that is written. */
void rtrd_serve_end(struct rtrd *d);
/* returns: whether nobody is connected any more */
bool rtrd_serve_ended(const struct rtrd *d);
/* Whoever is still connected is cut off. */
void rtrd_serve_close(struct rtrd *d);

#endif
