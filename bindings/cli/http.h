/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_HTTP_H
#define CLI_HTTP_H

/*
 * Pages over HTTP, by libmicrohttpd where the build found it, in the loop of a daemon. GET and HEAD alone. Connections are
 * bounded in number, memory and time, so that none takes much of the process.
 */

#include "loop.h"
#include "output.h"

/* "libmicrohttpd 0.9.75"; NULL: not built in. */
const char *http_library(void);

struct http;
struct http_request;
/* Answer a request for a path, by one of the calls below. */
typedef void http_answer(void *arg, struct http_request *request, const char *path);
/*
 * Answer on sockets that listen; they stay the caller's, and stand until http_close.
 * returns: NULL: said why
 */
struct http *http_open(struct loop *loop, const int *fds, size_t n, http_answer *answer, void *arg);
/* After the loop has ended. NULL is allowed. */
void http_close(struct http *http);

#define HTTP_TEXT        "text/plain; charset=utf-8"
#define HTTP_METRICS     "text/plain; version=0.0.4; charset=utf-8"
#define HTTP_OK          200u
#define HTTP_BAD_REQUEST 400u
#define HTTP_NOT_FOUND   404u
#define HTTP_UNAVAILABLE 503u

/* The argument of this name, behind the question mark; NULL: none. */
const char *http_argument(const struct http_request *request, const char *name);
/* What stands in out (out_memory), which is spent. */
void http_respond(struct http_request *request, unsigned status, struct out *out, const char *type);
/* A line. */
void http_respond_text(struct http_request *request, unsigned status, const char *text);
/*
 * A document in slices, made while it is sent. next: the next bytes, at most cap, 0: that was all; end: in any case, when it
 * is over.
 */
void http_respond_stream(struct http_request *request, const char *type,
			 size_t (*next)(void *stream, char *bytes, size_t cap),
			 void (*end)(void *stream), void *stream);

#endif
