/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_RTR_LOOKUP_H
#define CLI_RTR_LOOKUP_H

/* Names looked up without waiting: getaddrinfo in a thread, which gives its answer through a socket. */

#include <netdb.h>

/* The addresses of an address: at once. returns: as getaddrinfo; EAI_NONAME: it is a name */
int rtr_lookup_address(const char *host, const char *port, struct addrinfo **found);
/* Begin. returns: a descriptor to poll, which can be read when the answer is there; -1: errno */
int rtr_lookup_start(const char *host, const char *port);
/* The answer. returns: as getaddrinfo; EAI_AGAIN also while there is none. owns: freeaddrinfo; the descriptor stays open */
int rtr_lookup_take(int fd, struct addrinfo **found);
/* Whether the answer came or not. */
void rtr_lookup_end(int fd);

#endif
