/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_RTRD_HTTP_H
#define CLI_RTRD_HTTP_H

/*
 * What a cache says over HTTP, by libmicrohttpd where the build found it, in the loop of the routers:
 *
 *     /metrics                             for Prometheus: rtrd_metrics
 *     /health                              200: what is served is current; 503: why it is not
 *     /json                                what is served, as rpki-client's JSON: rtrd_json
 *     /api/v1/validity/ASN/PREFIX          Routinator's; 400: no ASN, no prefix; 503: nothing is served
 *     /validity?asn=ASN&prefix=PREFIX      the same
 *
 * GET and HEAD alone. Connections are bounded in number, memory and time, so that none takes much of the routers' process.
 */

#include "rtrd.h"

/* "libmicrohttpd 0.9.75"; NULL: not built in. */
const char *http_library(void);

struct http;
/*
 * Answer on sockets that listen; they stay the caller's, and stand until http_close.
 * returns: NULL: said why
 */
struct http *http_open(struct rtrd *d, const int *fds, size_t n);
/* After the loop has ended. NULL is allowed. */
void http_close(struct http *http);

#endif
