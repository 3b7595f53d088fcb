/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_RTRD_NOTIFY_H
#define CLI_RTRD_NOTIFY_H

/*
 * What a service manager is told: datagrams of NAME=VALUE lines to the socket that NOTIFY_SOCKET names (sd_notify(3)). Without
 * one every call does nothing. None waits: a manager that does not read misses a line.
 */

#include "rtrd.h"

/*
 * From now on the loop says when the cache is ready, in a line how it stands, and that it is alive, twice as often as
 * WATCHDOG_USEC asks. Takes the variables out of the environment.
 */
void notify_open(struct rtrd *d);
/* The files are read again, until the next reading has ended. */
void notify_reloading(void);
void notify_stopping(void);

#endif
