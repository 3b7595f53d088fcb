/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A connection to a cache, as the engine wants it.
 *
 *     REST --wanted--> LOOKING_UP --> CONNECTING, an address at a time --> SHAKING --> OPEN --> LINGERING --> REST
 *       `---------------- a helper command instead -----------------------------------> OPEN --> REAPING ---> REST
 *
 * Each stage but REST and OPEN has a limit of its own; how long an OPEN one may be silent is the engine's. LINGERING: our
 * last words are sent and our side is shut, what still comes is thrown away, for bytes that nobody read would make the kernel
 * reset the connection and take the Error Report with it.
 */

#include "rtr_session.h"

#include "loop.h"

#include "rtr_helper.h"
#include "rtr_lookup.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum stage { REST, LOOKING_UP, CONNECTING, SHAKING, OPEN, LINGERING, REAPING };

#define LOOKUP_MS  20000
#define CONNECT_MS 10000 /* of one address; less where there is another one */
#define ANOTHER_MS 4000
#define SHAKE_MS   10000
#define LAST_MS    2000 /* for our last words */
#define LINGER_MS  500
#define HELPER_MS  500 /* a helper has no more input: then it is told to end, then it is ended */
#define READS      32  /* of one turn */

struct rtr_session {
	struct rtr_session_config config;
	char *connect; /* the command, with the host in it; NULL: none */
	manrs_rtr *engine;
	enum stage stage;
	int fd;
	uint64_t limit_ms; /* of the stage; UINT64_MAX: none */
	struct addrinfo *found, *next;
	struct tls *tls;
	short read_on, write_on; /* what a TLS read and write wait for */
	pid_t helper;
	bool told; /* the helper, to end */
	bool heard, more;
	unsigned refused, wrong;
	uint64_t errors; /* of the engine's status, as far as they were said */
};

static void say(struct rtr_session *s, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void say(struct rtr_session *s, const char *format, ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (s->config.say)
		s->config.say(s->config.arg, text);
}

/* ---- the end of a connection ---- */

static void let_go(struct rtr_session *s)
{
	tls_free(s->tls);
	s->tls = NULL;
	if (s->stage == LOOKING_UP && s->fd >= 0)
		rtr_lookup_end(s->fd);
	else if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	if (s->found)
		freeaddrinfo(s->found);
	s->found = s->next = NULL;
	s->more = false;
}

static void rest(struct rtr_session *s, uint64_t now_ms)
{
	let_go(s);
	s->stage = REST;
	s->limit_ms = UINT64_MAX;
	manrs_rtr_closed(s->engine, now_ms);
}

static void hang_up(struct rtr_session *s, uint64_t now_ms)
{
	if (s->helper <= 0) {
		rest(s, now_ms);
		return;
	}
	let_go(s);
	s->stage = REAPING;
	s->told = false;
	s->limit_ms = now_ms + HELPER_MS;
}

/* It came to no connection. */
static void refused(struct rtr_session *s, uint64_t now_ms)
{
	s->refused++;
	hang_up(s, now_ms);
}

/* ---- a helper command ---- */

static void helper_gone(struct rtr_session *s, int status, uint64_t now_ms)
{
	bool failed = !s->told && !(WIFEXITED(status) && WEXITSTATUS(status) == 0);

	s->helper = 0;
	if (failed && !s->heard) {
		s->refused++;
		say(s, "the helper command ended with %s %d",
		    WIFEXITED(status) ? "status" : "signal",
		    WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	}
	rest(s, now_ms);
}

static void reap(struct rtr_session *s, uint64_t now_ms)
{
	int status;

	if (helper_ended(s->helper, &status)) {
		helper_gone(s, status, now_ms);
	} else if (now_ms >= s->limit_ms) {
		kill(-s->helper, s->told ? SIGKILL : SIGTERM);
		s->told = true;
		s->limit_ms = now_ms + HELPER_MS;
	}
}

/* ---- a connection of our own ---- */

static void opened(struct rtr_session *s, uint64_t now_ms)
{
	s->stage = OPEN;
	s->limit_ms = UINT64_MAX;
	s->heard = false;
	s->read_on = POLLIN;
	s->write_on = POLLOUT;
	manrs_rtr_opened(s->engine, now_ms);
}

static void start_tls(struct rtr_session *s, uint64_t now_ms)
{
	if (!s->config.url.tls) {
		opened(s, now_ms);
		return;
	}
	s->tls = s->config.tls ? tls_client(s->config.tls, s->fd, s->config.url.host) : NULL;
	if (!s->tls) {
		say(s, "no TLS: %s", s->config.tls ? strerror(ENOMEM) : "it was not set up");
		refused(s, now_ms);
		return;
	}
	s->stage = SHAKING;
	s->limit_ms = now_ms + SHAKE_MS;
	s->read_on = POLLOUT;
}

static void shake(struct rtr_session *s, uint64_t now_ms)
{
	int rc = tls_handshake(s->tls);

	if (rc == 1) {
		opened(s, now_ms);
		return;
	}
	s->read_on = rc == TLS_WANT_WRITE ? POLLOUT : POLLIN;
	if (rc == TLS_WANT_READ || rc == TLS_WANT_WRITE) {
		if (now_ms < s->limit_ms)
			return;
		say(s, "TLS: no answer");
	} else {
		say(s, "TLS: %s", rc == TLS_CLOSED ? "the connection was cut" : tls_why(s->tls));
	}
	refused(s, now_ms);
}

static void connected(struct rtr_session *s, uint64_t now_ms)
{
	int on = 1;

	setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	setsockopt(s->fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	freeaddrinfo(s->found);
	s->found = s->next = NULL;
	start_tls(s, now_ms);
}

/* The next address, until one takes a connection up; error: why the last one did not. */
static void connect_next(struct rtr_session *s, int error, uint64_t now_ms)
{
	for (; s->next; s->next = s->next->ai_next) {
		const struct addrinfo *a = s->next;

		s->fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		if (s->fd >= 0 && connect(s->fd, a->ai_addr, a->ai_addrlen) == 0) {
			connected(s, now_ms);
			return;
		}
		error = errno;
		if (s->fd >= 0 && error == EINPROGRESS) {
			s->next = a->ai_next;
			s->stage = CONNECTING;
			s->limit_ms = now_ms + (s->next ? ANOTHER_MS : CONNECT_MS);
			return;
		}
		if (s->fd >= 0)
			close(s->fd);
		s->fd = -1;
	}
	say(s, "no connection: %s", strerror(error));
	refused(s, now_ms);
}

static void go_on_connecting(struct rtr_session *s, short revents, uint64_t now_ms)
{
	int error = ETIMEDOUT;
	socklen_t n = sizeof error;

	if (!revents && now_ms < s->limit_ms)
		return;
	if (revents && getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &n) < 0)
		error = errno;
	if (!error) {
		connected(s, now_ms);
		return;
	}
	close(s->fd);
	s->fd = -1;
	connect_next(s, error, now_ms);
}

static void looked_up(struct rtr_session *s, int rc, uint64_t now_ms)
{
	if (rc == 0) {
		s->next = s->found;
		connect_next(s, EADDRNOTAVAIL, now_ms);
		return;
	}
	say(s, "%s: %s", s->config.url.host, gai_strerror(rc));
	refused(s, now_ms);
}

static void go_on_looking(struct rtr_session *s, short revents, uint64_t now_ms)
{
	int rc = EAI_AGAIN;

	if (!revents && now_ms < s->limit_ms)
		return;
	if (revents)
		rc = rtr_lookup_take(s->fd, &s->found);
	rtr_lookup_end(s->fd);
	s->fd = -1;
	s->stage = CONNECTING;
	looked_up(s, rc, now_ms);
}

static void start(struct rtr_session *s, uint64_t now_ms)
{
	const struct rtr_url *url = &s->config.url;
	int error, rc;

	if (s->connect) {
		error = helper_start(&s->helper, &s->fd, s->connect);
		if (error) {
			say(s, "no helper command: %s", strerror(error));
			refused(s, now_ms);
		} else {
			start_tls(s, now_ms);
		}
		return;
	}
	rc = rtr_lookup_address(url->host, url->port, &s->found);
	if (rc != EAI_NONAME) {
		looked_up(s, rc, now_ms);
		return;
	}
	s->fd = rtr_lookup_start(url->host, url->port);
	if (s->fd < 0) {
		say(s, "%s: %s", url->host, strerror(errno));
		refused(s, now_ms);
		return;
	}
	s->stage = LOOKING_UP;
	s->limit_ms = now_ms + LOOKUP_MS;
}

/* ---- an open connection ---- */

/*
 * It has ended. In TLS 1.3 the cache judges our certificate when the handshake stands for us; what it says of it is no
 * answer to a query.
 */
static void ended_by_cache(struct rtr_session *s, uint64_t now_ms)
{
	if (s->tls && !s->heard && tls_refused(s->tls)) {
		say(s, "TLS: %s", tls_why(s->tls));
		refused(s, now_ms);
	} else {
		hang_up(s, now_ms);
	}
}

static ptrdiff_t read_some(struct rtr_session *s, void *bytes, size_t n)
{
	ptrdiff_t got;

	if (!s->tls) {
		got = recv(s->fd, bytes, n, 0);
		if (got >= 0)
			return got;
		return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? TLS_WANT_READ
										 : TLS_FAILED;
	}
	got = tls_read(s->tls, bytes, n);
	s->read_on = got == TLS_WANT_WRITE ? POLLOUT : POLLIN;
	return got;
}

static ptrdiff_t write_some(struct rtr_session *s, const void *bytes, size_t n)
{
	ptrdiff_t sent;

	if (!s->tls) {
		sent = send(s->fd, bytes, n, MSG_NOSIGNAL);
		if (sent >= 0)
			return sent;
		return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? TLS_WANT_WRITE
										 : TLS_FAILED;
	}
	sent = tls_write(s->tls, bytes, n);
	s->write_on = sent == TLS_WANT_READ ? POLLIN : POLLOUT;
	return sent;
}

/* What the cache reports of us, or what (ours) was found to be wrong in it, if it is news. */
static void say_errors(struct rtr_session *s, bool ours)
{
	manrs_rtr_status status = {.size = sizeof status};

	if (manrs_rtr_status_get(s->engine, &status) < 0 || status.errors == s->errors)
		return;
	s->errors = status.errors;
	/* How versions are negotiated: nothing to read for people unless it leads to nothing. */
	if (status.code == MANRS_RTR_UNSUPPORTED_VERSION &&
	    manrs_rtr_want(s->engine) != MANRS_RTR_WANT_CLOSE)
		return;
	say(s, "%s error %d: %s", ours ? "the cache is wrong," : "the cache reports", status.code,
	    status.text);
}

/* returns: false: the connection has ended */
static bool receive(struct rtr_session *s, uint64_t now_ms)
{
	uint8_t bytes[32768];
	ptrdiff_t n = 0;
	int rc;

	s->more = false;
	for (int i = 0; i < READS && manrs_rtr_want(s->engine) != MANRS_RTR_WANT_CLOSE; i++) {
		n = read_some(s, bytes, sizeof bytes);
		if (n <= 0)
			break;
		s->heard = true;
		rc = manrs_rtr_input(s->engine, bytes, (size_t)n, now_ms, NULL);
		s->wrong += rc < 0;
		say_errors(s, rc < 0);
	}
	s->more = n > 0;
	return n > 0 || n == TLS_WANT_READ || n == TLS_WANT_WRITE ||
	       manrs_rtr_want(s->engine) == MANRS_RTR_WANT_CLOSE;
}

/* returns: false: it cannot be written to */
static bool transmit(struct rtr_session *s)
{
	const uint8_t *bytes;
	size_t n;

	while ((n = manrs_rtr_output(s->engine, &bytes)) > 0) {
		ptrdiff_t sent = write_some(s, bytes, n);

		if (sent == TLS_WANT_READ || sent == TLS_WANT_WRITE)
			return true;
		if (sent <= 0)
			return false;
		manrs_rtr_sent(s->engine, (size_t)sent);
	}
	return true;
}

static void linger(struct rtr_session *s, uint64_t now_ms)
{
	uint8_t bytes[32768];
	ptrdiff_t n = TLS_CLOSED;

	for (int i = 0; i < READS; i++) {
		n = recv(s->fd, bytes, sizeof bytes, 0);
		if (n <= 0)
			break;
	}
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR) || now_ms >= s->limit_ms)
		hang_up(s, now_ms);
}

/* The engine is done with this connection: our last words, then its end. */
static void finish(struct rtr_session *s, bool writable, uint64_t now_ms)
{
	const uint8_t *bytes;

	if (s->limit_ms == UINT64_MAX)
		s->limit_ms = now_ms + LAST_MS;
	if (!writable) {
		hang_up(s, now_ms);
	} else if (!manrs_rtr_output(s->engine, &bytes) || now_ms >= s->limit_ms) {
		if (s->tls)
			tls_end(s->tls);
		shutdown(s->fd, SHUT_WR);
		s->stage = LINGERING;
		s->limit_ms = now_ms + LINGER_MS;
		linger(s, now_ms);
	}
}

static void go_on(struct rtr_session *s, short revents, uint64_t now_ms)
{
	bool readable = true, writable;

	if (revents || s->more)
		readable = receive(s, now_ms);
	writable = transmit(s);
	say_errors(s, true);
	if (manrs_rtr_want(s->engine) == MANRS_RTR_WANT_CLOSE)
		finish(s, writable, now_ms);
	else if (!readable || !writable)
		ended_by_cache(s, now_ms);
}

/* ---- the outside ---- */

int rtr_session_new(struct rtr_session **session, const struct rtr_session_config *config)
{
	struct rtr_session *s = calloc(1, sizeof *s);
	int rc;

	*session = NULL;
	if (!s)
		return MANRS_ENOMEM;
	s->config = *config;
	s->config.engine = NULL;
	s->config.connect = NULL;
	s->fd = -1;
	s->limit_ms = UINT64_MAX;
	rc = manrs_rtr_new(&s->engine, config->engine);
	if (rc == MANRS_OK && config->connect) {
		s->connect = helper_command(config->connect, &config->url);
		rc = s->connect ? MANRS_OK : MANRS_ENOMEM;
	}
	if (rc != MANRS_OK) {
		rtr_session_free(s);
		return rc;
	}
	*session = s;
	return MANRS_OK;
}

void rtr_session_free(struct rtr_session *s)
{
	if (!s)
		return;
	if (s->stage == OPEN)
		transmit(s);
	if (s->tls && s->stage == OPEN)
		tls_end(s->tls);
	let_go(s);
	for (int i = 0, status; s->helper > 0 && !helper_ended(s->helper, &status); i++) {
		if (i >= 20)
			kill(-s->helper, i < 40 ? SIGTERM : SIGKILL);
		poll(NULL, 0, 20);
	}
	manrs_rtr_free(s->engine);
	free(s->connect);
	free(s);
}

manrs_rtr *rtr_session_engine(const struct rtr_session *s)
{
	return s->engine;
}

const struct rtr_url *rtr_session_url(const struct rtr_session *s)
{
	return &s->config.url;
}

int rtr_session_fd(const struct rtr_session *s, short *events)
{
	const uint8_t *bytes;

	*events = POLLIN;
	if (s->stage == CONNECTING)
		*events = POLLOUT;
	if (s->stage == SHAKING)
		*events = s->read_on;
	if (s->stage == OPEN) {
		/* What it still sends is not read when we are to close. */
		*events = manrs_rtr_want(s->engine) == MANRS_RTR_WANT_CLOSE ? 0 : s->read_on;
		if (manrs_rtr_output(s->engine, &bytes))
			*events |= s->write_on;
	}
	return s->fd;
}

uint64_t rtr_session_deadline(const struct rtr_session *s)
{
	uint64_t at = manrs_rtr_deadline(s->engine);
	const uint8_t *bytes;
	int want = manrs_rtr_want(s->engine);

	if (s->limit_ms < at)
		at = s->limit_ms;
	if (s->stage == REAPING)
		return loop_clock() + 20;
	if (s->stage == REST && want == MANRS_RTR_WANT_CONNECT)
		return 0;
	if (s->stage == OPEN &&
	    (s->more || (want == MANRS_RTR_WANT_CLOSE && !manrs_rtr_output(s->engine, &bytes))))
		return 0;
	return at;
}

void rtr_session_turn(struct rtr_session *s, short revents, uint64_t now_ms)
{
	manrs_rtr_tick(s->engine, now_ms);
	switch (s->stage) {
	case LOOKING_UP:
		go_on_looking(s, revents, now_ms);
		break;
	case CONNECTING:
		go_on_connecting(s, revents, now_ms);
		break;
	case SHAKING:
		if (revents || now_ms >= s->limit_ms)
			shake(s, now_ms);
		break;
	case OPEN:
		go_on(s, revents, now_ms);
		break;
	case LINGERING:
		linger(s, now_ms);
		break;
	case REAPING:
		reap(s, now_ms);
		break;
	case REST:
		if (manrs_rtr_want(s->engine) == MANRS_RTR_WANT_CONNECT)
			start(s, now_ms);
		break;
	}
}

unsigned rtr_session_refused(const struct rtr_session *s)
{
	return s->refused;
}

unsigned rtr_session_wrong(const struct rtr_session *s)
{
	return s->wrong;
}
