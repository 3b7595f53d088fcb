/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_RTR_URL_H
#define CLI_RTR_URL_H

/* Where a cache is: rtr://HOST[:PORT], rtrs://HOST[:PORT] for TLS; an IPv6 address stands in brackets. */

#include <manrs/base.h>

#include <stdbool.h>

struct rtr_url {
	bool tls;
	char host[256]; /* a name or an address, without brackets */
	char port[6];   /* "323" and, for TLS, "324" where it has none: RFC 8210 section 14 */
	char text[288]; /* all of it, with rtr:// where it was bare */
};

/* It begins as one does: what a file would be named otherwise. */
bool rtr_url_is(const char *text);
/* bare: HOST[:PORT] too, and an IPv6 address without a port. returns: false: fault, with its place in the text */
bool rtr_url_parse(struct rtr_url *url, const char *text, bool bare, manrs_fault *fault);

#endif
