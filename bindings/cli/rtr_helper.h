/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_RTR_HELPER_H
#define CLI_RTR_HELPER_H

/* A command whose stdin and stdout are the connection to a cache. */

#include "rtr_url.h"

#include <sys/types.h>

/* The command with %h, %p and %% replaced. returns: NULL: no memory. owns: free */
char *helper_command(const char *connect, const struct rtr_url *url);
/* Run it by sh -c; *fd is our end, which does not wait. returns: 0; an errno: nothing was started */
int helper_start(pid_t *helper, int *fd, char *command);
/*
 * Whether it has ended. What it left behind in its group goes too, while its number still stands for the group.
 * returns: 1: *status, and it is reaped; 0: not yet
 */
int helper_ended(pid_t helper, int *status);

#endif
