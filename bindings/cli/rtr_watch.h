/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_RTR_WATCH_H
#define CLI_RTR_WATCH_H

/* A cache watched: what changes in it, a row each, until SIGINT or SIGTERM. */

#include "change_rows.h"

/* Returns EXIT_DONE after a signal; before the first response as rtr_fetch. */
int rtr_watch(struct rows *rows, const char *url, const struct rtr_options *options);

#endif
