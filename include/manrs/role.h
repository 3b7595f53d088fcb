/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_ROLE_H
#define MANRS_ROLE_H

/* What a BGP neighbour is to us. */

#include <manrs/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The neighbour's part, not ours: CUSTOMER means that the neighbour is our customer. NONE is no external role: refused by
 * every check, but by manrs_check of announcements on internal sessions: internal is a flag of the announcement
 * (MANRS_ANNOUNCE_INTERNAL), not a role. */
enum manrs_role {
	MANRS_ROLE_NONE = 0,      /* not told, or internal */
	MANRS_ROLE_CUSTOMER = 1,  /* our customer */
	MANRS_ROLE_PEER = 2,      /* a lateral peer */
	MANRS_ROLE_PROVIDER = 3,  /* our provider */
	MANRS_ROLE_RS = 4,        /* a route server, and we its client */
	MANRS_ROLE_RS_CLIENT = 5, /* a client of the route server that we are */
};

/*
 * What the neighbour is to a speaker whose own BGP Role is `local`: of a local Provider (0) it is a customer.
 * in:      local: the wire's value, Provider 0, RS 1, RS-Client 2, Customer 3, Peer 4
 * returns: enum manrs_role; MANRS_ROLE_NONE for any other number
 * threads: any
 * source:  RFC 9234 sections 4.1 and 4.2
 */
MANRS_API int manrs_role_from_rfc9234(int local);

/*
 * A role by its name: customer, peer, provider, rs, rs-client, in small letters.
 * in:      text[n]
 * returns: enum manrs_role, > 0; MANRS_ESYNTAX for anything else
 * threads: any
 */
MANRS_API int manrs_role_parse(const char *text, size_t n);

/* The name of a role; "" for NONE and other numbers. owns: a constant. */
MANRS_API const char *manrs_role_text(int role);

#ifdef __cplusplus
}
#endif

#endif
