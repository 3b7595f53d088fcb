/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_RTRD_RELAY_H
#define CLI_RTRD_RELAY_H

/*
 * `manrs rtrd --stdio --to unix:PATH`: what sshd starts as its subsystem rpki-rtr (RFC 8210 section 9.1). Bytes go between stdin
 * and stdout and the socket of the cache that runs, unread, until either side has ended.
 * returns: EXIT_DONE; EXIT_ERROR: said why
 */

#include "cli.h"

int relay_run(const char *to);

#endif
