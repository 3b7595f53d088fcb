/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_NOTIFY_H
#define CLI_NOTIFY_H

/*
 * What a service manager is told: datagrams of NAME=VALUE lines to the socket that NOTIFY_SOCKET names (sd_notify(3)). Without
 * one every call does nothing. None waits: a manager that does not read misses a line.
 */

#include "feed.h"

enum { NOTIFY_TEXT = 256 };

/* How it stands, in a line. returns: false: it has not begun, or ends */
typedef bool notify_stands(void *arg, char text[NOTIFY_TEXT]);

/*
 * From now on the loop says when it has begun, in a line how it stands, and that it is alive, twice as often as WATCHDOG_USEC
 * asks. Takes the variables out of the environment.
 */
void notify_open(struct loop *loop, const struct feed *feed, notify_stands *stands, void *arg);
/* The files are read again, until the next reading of the feed has ended. */
void notify_reloading(void);
void notify_stopping(void);

#endif
