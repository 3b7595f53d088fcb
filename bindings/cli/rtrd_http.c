/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libmicrohttpd without threads: each socket is a daemon of it with an epoll of its own, which the loop watches; it works in
 * MHD_run, when that is ready or its time-out has come. It takes no more than a slice of an answer a turn.
 *
 * It times out who is silent, not who sends a byte now and then, so every connection has an end of its own as well.
 */

#include "rtrd_http.h"

#ifdef HAVE_MICROHTTPD

#include "rtrd_json.h"
#include "rtrd_metrics.h"
#include "validity.h"

#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

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
	struct rtrd *d;
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

static enum MHD_Result respond(struct MHD_Connection *c, unsigned status,
			       struct MHD_Response *answer, const char *type)
{
	enum MHD_Result rc;

	if (!answer)
		return MHD_NO;
	MHD_add_response_header(answer, "Content-Type", type);
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(answer, "Allow", "GET, HEAD");
	rc = MHD_queue_response(c, status, answer);
	MHD_destroy_response(answer);
	return rc;
}

/* What stands in out, which is spent. */
static enum MHD_Result respond_out(struct MHD_Connection *c, unsigned status, struct out *out,
				   const char *type)
{
	return respond(c, status,
		       MHD_create_response_from_buffer(out->n, out->buf, MHD_RESPMEM_MUST_FREE),
		       type);
}

static enum MHD_Result respond_text(struct MHD_Connection *c, unsigned status, const char *text)
{
	struct out out;

	out_memory(&out);
	out_text(&out, text);
	out_text(&out, "\n");
	return respond_out(c, status, &out, "text/plain; charset=utf-8");
}

/* Why there is nothing to answer from. */
static enum MHD_Result respond_unserved(struct MHD_Connection *c, const struct rtrd *d)
{
	return respond_text(c, MHD_HTTP_SERVICE_UNAVAILABLE, rtrd_health_text(d->health));
}

static bool serves(const struct rtrd *d)
{
	return d->db &&
	       (d->health == RTRD_SERVING || d->health == RTRD_HELD || d->health == RTRD_OLD);
}

static enum MHD_Result answer_metrics(struct MHD_Connection *c, const struct rtrd *d)
{
	struct out out;

	out_memory(&out);
	metrics_write(&out, d, (uint64_t)time(NULL));
	return respond_out(c, MHD_HTTP_OK, &out, "text/plain; version=0.0.4; charset=utf-8");
}

/* The state, and what is wrong with each source. */
static enum MHD_Result answer_health(struct MHD_Connection *c, const struct rtrd *d)
{
	bool good = d->health == RTRD_SERVING;
	struct out out;

	out_memory(&out);
	out_text(&out, rtrd_health_text(d->health));
	for (size_t i = 0; i < d->news.n_sources; i++) {
		if (!*d->news.source[i].problem)
			continue;
		out_text(&out, "\n");
		out_text(&out, d->news.source[i].name);
		out_text(&out, ": ");
		out_text(&out, d->news.source[i].problem);
	}
	out_text(&out, "\n");
	return respond_out(c, good ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE, &out,
			   "text/plain; charset=utf-8");
}

static ssize_t json_read(void *stream, uint64_t at, char *bytes, size_t cap)
{
	size_t n = json_stream_next(stream, bytes, cap);

	(void)at;
	return n ? (ssize_t)n : MHD_CONTENT_READER_END_OF_STREAM;
}

static void json_free(void *stream)
{
	json_stream_free(stream);
}

static enum MHD_Result answer_json(struct MHD_Connection *c, const struct rtrd *d)
{
	struct json_stream *stream;
	struct MHD_Response *answer;

	if (!serves(d))
		return respond_unserved(c, d);
	stream = json_stream_new(d->db, d->news.built);
	answer = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, SLICE, json_read, stream,
						   json_free);
	if (!answer)
		json_stream_free(stream);
	return respond(c, MHD_HTTP_OK, answer, "application/json");
}

static void validity_document(struct out *out, const struct rtrd *d, const manrs_route *route)
{
	struct validity validity = {.out = out, .db = d->db};
	char text[TIME_TEXT];

	out_text(out, "{\"validated_route\":");
	validity_write(&validity, route, manrs_rov_check(d->db, route));
	validity_free(&validity);
	out_text(out, ",\"generatedTime\":");
	out_text(out, d->news.built ? "\"" : "null");
	out_text(out, d->news.built ? time_text(text, d->news.built) : "");
	out_text(out, d->news.built ? "\"}\n" : "}\n");
}

static enum MHD_Result answer_validity(struct MHD_Connection *c, const struct rtrd *d,
				       const char *asn, size_t n_asn, const char *prefix)
{
	manrs_route route = {0};
	struct out out;

	if (!prefix || !asn || manrs_asn_parse(&route.asn, asn, n_asn, NULL) < 0)
		return respond_text(c, MHD_HTTP_BAD_REQUEST,
				    "an AS number and a prefix are asked for");
	if (manrs_prefix_parse(&route.prefix, prefix, strlen(prefix), NULL) < 0)
		return respond_text(c, MHD_HTTP_BAD_REQUEST,
				    "no prefix: an address without host bits, and its length");
	if (!serves(d))
		return respond_unserved(c, d);
	out_memory(&out);
	validity_document(&out, d, &route);
	return respond_out(c, MHD_HTTP_OK, &out, "application/json");
}

/* /ASN/PREFIX, what follows the name. */
static enum MHD_Result answer_validity_path(struct MHD_Connection *c, const struct rtrd *d,
					    const char *path)
{
	const char *slash = strchr(path, '/');

	return answer_validity(c, d, slash ? path : NULL, slash ? (size_t)(slash - path) : 0,
			       slash ? slash + 1 : NULL);
}

static enum MHD_Result answer_validity_query(struct MHD_Connection *c, const struct rtrd *d)
{
	const char *asn = MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, "asn"),
		   *prefix = MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, "prefix");

	return answer_validity(c, d, asn, asn ? strlen(asn) : 0, prefix);
}

static enum MHD_Result answer(struct MHD_Connection *c, const struct rtrd *d, const char *path)
{
	static const char validity[] = "/api/v1/validity/";

	if (!strcmp(path, "/metrics"))
		return answer_metrics(c, d);
	if (!strcmp(path, "/health"))
		return answer_health(c, d);
	if (!strcmp(path, "/json"))
		return answer_json(c, d);
	if (!strcmp(path, "/validity"))
		return answer_validity_query(c, d);
	if (!strncmp(path, validity, sizeof validity - 1))
		return answer_validity_path(c, d, path + sizeof validity - 1);
	return respond_text(c, MHD_HTTP_NOT_FOUND,
			    "no such page: /metrics, /health, /json, /api/v1/validity/ASN/PREFIX");
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

	(void)version;
	(void)upload;
	(void)n_upload;
	(void)request;
	if (connection)
		connection->until_ms = loop_clock() + ANSWER_MS;
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return respond_text(c, MHD_HTTP_METHOD_NOT_ALLOWED, "GET and HEAD alone");
	return answer(c, http->d, path);
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
	run(s, s->all->d->loop.now_ms);
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
	if (s->watch.fd >= 0 && loop_add(&http->d->loop, &s->watch, EPOLLIN))
		return true;
	complain("--http: libmicrohttpd does not start");
	if (s->daemon) {
		MHD_quiesce_daemon(s->daemon);
		MHD_stop_daemon(s->daemon);
	}
	return false;
}

struct http *http_open(struct rtrd *d, const int *fds, size_t n)
{
	struct http *http = must_resize(NULL, 1, sizeof *http);

	*http = (struct http){.d = d, .task.turn = turn};
	http->at = must_resize(NULL, n, sizeof *http->at);
	for (size_t i = 0; i < n; i++, http->n++)
		if (!socket_open(&http->at[i], http, fds[i])) {
			http_close(http);
			return NULL;
		}
	loop_task_add(&d->loop, &http->task);
	return http;
}

void http_close(struct http *http)
{
	for (size_t i = 0; http && i < http->n; i++) {
		loop_del(&http->d->loop, &http->at[i].watch);
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

struct http *http_open(struct rtrd *d, const int *fds, size_t n)
{
	(void)d;
	(void)fds;
	(void)n;
	complain("--http: libmicrohttpd is not built into this command");
	return NULL;
}

void http_close(struct http *http)
{
	(void)http;
}

#endif
