/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libmicrohttpd without threads: each socket is a daemon of it with an epoll of its own, which the loop watches; it works in
 * MHD_run, when that is ready or its time-out has come. It takes no more than a slice of an answer a turn.
 *
 * It times out who is silent, not who sends a byte now and then, so every connection has an end of its own as well.
 */

#include "http.h"

#include <stdlib.h>

#ifdef HAVE_MICROHTTPD

#include <microhttpd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

enum {
	CONNECTIONS = 64,          /* at once, of each socket */
	CONNECTIONS_OF_ONE = 32,   /* address */
	CONNECTION_MEMORY = 16384, /* the request's line and headers must fit */
	SILENT_S = 10,
	REQUEST_MS = 30000, /* for a request, from the end of the last answer on */
	ANSWER_MS = 600000, /* the whole set over a slow line */
	SLICE = 64 << 10,
};

struct http_connection {
	struct http_connection *next;
	int fd;
	uint64_t until_ms;
};

struct http_socket {
	struct loop_watch watch; /* the first member */
	struct http *all;
	struct MHD_Daemon *daemon;
	uint64_t due_ms;
};

struct http {
	struct loop_task task; /* the first member */
	struct loop *loop;
	http_answer *answer;
	void *arg;
	struct http_socket *at;
	size_t n;
	struct http_connection *connections;
};

const char *http_library(void)
{
	static char text[64];

	snprintf(text, sizeof text, "libmicrohttpd %s", MHD_get_version());
	return text;
}

/* ---- answers ---- */

struct http_request {
	struct MHD_Connection *connection;
	enum MHD_Result rc;
};

/* A document that is made while it is sent. */
struct http_stream {
	size_t (*next)(void *stream, char *bytes, size_t cap);
	void (*end)(void *stream);
	void *stream;
};

static ssize_t stream_read(void *arg, uint64_t at, char *bytes, size_t cap)
{
	struct http_stream *s = arg;
	size_t n = s->next(s->stream, bytes, cap);

	(void)at;
	return n ? (ssize_t)n : MHD_CONTENT_READER_END_OF_STREAM;
}

static void stream_free(void *arg)
{
	struct http_stream *s = arg;

	s->end(s->stream);
	free(s);
}

static void respond(struct http_request *request, unsigned status, struct MHD_Response *answer,
		    const char *type)
{
	if (!answer)
		return;
	MHD_add_response_header(answer, "Content-Type", type);
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(answer, "Allow", "GET, HEAD");
	request->rc = MHD_queue_response(request->connection, status, answer);
	MHD_destroy_response(answer);
}

void http_respond(struct http_request *request, unsigned status, struct out *out, const char *type)
{
	respond(request, status,
		MHD_create_response_from_buffer(out->n, out->buf, MHD_RESPMEM_MUST_FREE), type);
}

void http_respond_text(struct http_request *request, unsigned status, const char *text)
{
	struct out out;

	out_memory(&out);
	out_text(&out, text);
	out_text(&out, "\n");
	http_respond(request, status, &out, HTTP_TEXT);
}

const char *http_argument(const struct http_request *request, const char *name)
{
	return MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, name);
}

void http_respond_stream(struct http_request *request, const char *type,
			 size_t (*next)(void *stream, char *bytes, size_t cap),
			 void (*end)(void *stream), void *stream)
{
	struct http_stream *s = must_resize(NULL, 1, sizeof *s);
	struct MHD_Response *answer;

	*s = (struct http_stream){next, end, stream};
	answer = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, SLICE, stream_read, s,
						   stream_free);
	if (!answer)
		stream_free(s);
	respond(request, MHD_HTTP_OK, answer, type);
}

/* ---- connections ---- */

static struct http_connection *connection_of(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info ? info->socket_context : NULL;
}

/* A request's headers are there. What it sends behind them is not read: an answer at once ends the connection then. */
static enum MHD_Result requested(void *arg, struct MHD_Connection *c, const char *path,
				 const char *method, const char *version, const char *upload,
				 size_t *n_upload, void **request)
{
	const struct http *http = arg;
	struct http_connection *connection = connection_of(c);
	struct http_request asked = {.connection = c, .rc = MHD_NO};

	(void)version;
	(void)upload;
	(void)n_upload;
	(void)request;
	if (connection)
		connection->until_ms = loop_clock() + ANSWER_MS;
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		http_respond_text(&asked, MHD_HTTP_METHOD_NOT_ALLOWED, "GET and HEAD alone");
	else
		http->answer(http->arg, &asked, path);
	return asked.rc;
}

static void answered(void *arg, struct MHD_Connection *c, void **request,
		     enum MHD_RequestTerminationCode how)
{
	struct http_connection *connection = connection_of(c);

	(void)arg;
	(void)request;
	(void)how;
	if (connection)
		connection->until_ms = loop_clock() + REQUEST_MS;
}

static void connection_start(struct http *http, struct MHD_Connection *c, void **context)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct http_connection *connection = info ? malloc(sizeof *connection) : NULL;

	*context = connection;
	if (!connection)
		return;
	*connection = (struct http_connection){.next = http->connections,
					       .fd = info->connect_fd,
					       .until_ms = loop_clock() + REQUEST_MS};
	http->connections = connection;
}

static void connection_end(struct http *http, struct http_connection *gone)
{
	struct http_connection **at = &http->connections;

	while (*at && *at != gone)
		at = &(*at)->next;
	if (*at)
		*at = gone->next;
	free(gone);
}

static void connected(void *arg, struct MHD_Connection *c, void **context,
		      enum MHD_ConnectionNotificationCode what)
{
	if (what == MHD_CONNECTION_NOTIFY_STARTED)
		connection_start(arg, c, context);
	else
		connection_end(arg, *context);
}

/* Their sockets end, and libmicrohttpd sees it. returns: when the next is due. */
static uint64_t connections_expire(struct http *http, uint64_t now_ms)
{
	uint64_t first = LOOP_NEVER;

	for (struct http_connection *c = http->connections; c; c = c->next) {
		if (c->until_ms <= now_ms) {
			shutdown(c->fd, SHUT_RDWR);
			c->until_ms = now_ms + REQUEST_MS;
		}
		if (c->until_ms < first)
			first = c->until_ms;
	}
	return first;
}

/* ---- in the loop ---- */

static void run(struct http_socket *s, uint64_t now_ms)
{
	MHD_UNSIGNED_LONG_LONG wait_ms = 0;

	MHD_run(s->daemon);
	s->due_ms = MHD_get_timeout(s->daemon, &wait_ms) == MHD_YES ? now_ms + wait_ms : LOOP_NEVER;
}

static void ready(struct loop_watch *watch, uint32_t events)
{
	struct http_socket *s = (struct http_socket *)watch;

	(void)events;
	run(s, s->all->loop->now_ms);
}

static uint64_t turn(struct loop_task *task, uint64_t now_ms)
{
	struct http *http = (struct http *)task;
	uint64_t first = connections_expire(http, now_ms);

	for (size_t i = 0; i < http->n; i++) {
		if (http->at[i].due_ms <= now_ms)
			run(&http->at[i], now_ms);
		if (http->at[i].due_ms < first)
			first = http->at[i].due_ms;
	}
	return first;
}

/* Nothing of what strangers send goes into the log. */
static void silent(void *arg, const char *format, va_list args)
{
	(void)arg;
	(void)format;
	(void)args;
}

static bool socket_open(struct http_socket *s, struct http *http, int fd)
{
	const union MHD_DaemonInfo *info;

	*s = (struct http_socket){.all = http};
	s->daemon = MHD_start_daemon(
		MHD_USE_EPOLL | MHD_USE_ERROR_LOG, 0, NULL, NULL, requested, http,
		MHD_OPTION_EXTERNAL_LOGGER, silent, NULL, MHD_OPTION_LISTEN_SOCKET, fd,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS,
		MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)CONNECTIONS_OF_ONE,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)SILENT_S, MHD_OPTION_STRICT_FOR_CLIENT, 1,
		MHD_OPTION_NOTIFY_CONNECTION, connected, http, MHD_OPTION_NOTIFY_COMPLETED,
		answered, http, MHD_OPTION_END);
	info = s->daemon ? MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_EPOLL_FD) : NULL;
	s->watch = (struct loop_watch){.fd = info ? info->epoll_fd : -1, .ready = ready};
	if (s->watch.fd >= 0 && loop_add(http->loop, &s->watch, EPOLLIN))
		return true;
	complain("--http: libmicrohttpd does not start");
	if (s->daemon) {
		MHD_quiesce_daemon(s->daemon);
		MHD_stop_daemon(s->daemon);
	}
	return false;
}

struct http *http_open(struct loop *loop, const int *fds, size_t n, http_answer *answer, void *arg)
{
	struct http *http = must_resize(NULL, 1, sizeof *http);

	*http = (struct http){.loop = loop, .answer = answer, .arg = arg, .task.turn = turn};
	http->at = must_resize(NULL, n, sizeof *http->at);
	for (size_t i = 0; i < n; i++, http->n++)
		if (!socket_open(&http->at[i], http, fds[i])) {
			http_close(http);
			return NULL;
		}
	loop_task_add(loop, &http->task);
	return http;
}

void http_close(struct http *http)
{
	for (size_t i = 0; http && i < http->n; i++) {
		loop_del(http->loop, &http->at[i].watch);
		MHD_quiesce_daemon(http->at[i].daemon); /* else it closes the socket that listens */
		MHD_stop_daemon(http->at[i].daemon);
	}
	if (http)
		free(http->at);
	free(http);
}

#else

const char *http_library(void)
{
	return NULL;
}

struct http *http_open(struct loop *loop, const int *fds, size_t n, http_answer *answer, void *arg)
{
	(void)loop;
	(void)fds;
	(void)n;
	(void)answer;
	(void)arg;
	complain("--http: libmicrohttpd is not built into this command");
	return NULL;
}

void http_close(struct http *http)
{
	(void)http;
}

void http_respond(struct http_request *request, unsigned status, struct out *out, const char *type)
{
	(void)request;
	(void)status;
	(void)type;
	free(out->buf);
}

void http_respond_text(struct http_request *request, unsigned status, const char *text)
{
	(void)request;
	(void)status;
	(void)text;
}

void http_respond_stream(struct http_request *request, const char *type,
			 size_t (*next)(void *stream, char *bytes, size_t cap),
			 void (*end)(void *stream), void *stream)
{
	(void)request;
	(void)type;
	(void)next;
	end(stream);
}

const char *http_argument(const struct http_request *request, const char *name)
{
	(void)request;
	(void)name;
	return NULL;
}

#endif
