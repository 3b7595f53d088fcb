/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sockets of a daemon; see listen.h. What connections inherit (keepalive, no delay, MD5 keys) is set once, on the socket
 * that listens.
 */

#include "listen.h"

#include "listen_md5.h"
#include "listen_tls.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define UNIX_SCHEME "unix:"

enum listen_kind { LISTEN_PLAIN, LISTEN_TLS, LISTEN_HTTP };

enum {
	BURST = 64,      /* connections of a socket a turn */
	REST_MS = 1000,  /* without descriptors */
	SPARE = 64,      /* descriptors beside those of connections */
	HTTP_SPARE = 66, /* and for a socket of HTTP */
};

struct listen_socket {
	struct loop_watch watch; /* the first member; bound and non-blocking */
	struct listening *all;
	struct listen_socket *next;
	char name[120]; /* "127.0.0.1:323", "unix:/run/manrs/rtr", for the log */
	bool tls, paused;
	char *path; /* of a Unix socket that we made, and take away again */
};

/* ---- who may connect ---- */

bool peer_prefix(manrs_prefix *prefix, const struct sockaddr *address)
{
	const struct sockaddr_in *in4 = (const void *)address;
	const struct sockaddr_in6 *in6 = (const void *)address;

	if (address->sa_family == AF_INET)
		return manrs_prefix_set(prefix, 4, &in4->sin_addr, 32, 0) == MANRS_OK;
	if (address->sa_family != AF_INET6)
		return false;
	if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr))
		return manrs_prefix_set(prefix, 4, in6->sin6_addr.s6_addr + 12, 32, 0) == MANRS_OK;
	return manrs_prefix_set(prefix, 6, &in6->sin6_addr, 128, 0) == MANRS_OK;
}

/* Whoever reaches a Unix socket has been let in by its permissions. A line a second is said of those who are not. */
static bool allowed(struct listening *all, const struct sockaddr *from, socklen_t n)
{
	uint64_t now_ms = all->loop->now_ms;
	char text[PEER_TEXT];
	manrs_prefix prefix;

	if (!all->allow || from->sa_family == AF_UNIX || !n)
		return true;
	if (peer_prefix(&prefix, from) &&
	    manrs_trie_match(all->allow, &prefix, NULL, NULL) == MANRS_OK)
		return true;
	if (!all->complained_ms || now_ms - all->complained_ms >= 1000) {
		complain("warning: %s: refused: in no prefix of --allow", peer_text(text, from, n));
		all->complained_ms = now_ms;
	}
	return false;
}

static bool allow_add(struct listening *l, const char *text)
{
	manrs_fault fault = {0};
	manrs_prefix prefix;
	int rc = MANRS_OK;

	if (manrs_address_parse(&prefix, text, strlen(text), NULL) < 0 &&
	    manrs_prefix_parse(&prefix, text, strlen(text), &fault) < 0) {
		complain_text("--allow", 0, &fault, text, strlen(text));
		return false;
	}
	if (!l->allow)
		rc = manrs_trie_new(&l->allow, NULL);
	if (rc == MANRS_OK)
		rc = manrs_trie_set(l->allow, &prefix, 1);
	if (rc < 0)
		complain_error(rc);
	return rc >= 0;
}

/* ---- sockets by their options: each gives a descriptor, bound; -1: said why ---- */

static int failed(const char *where, int fd)
{
	complain_at(where, 0, "%s", strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof value) == 0;
}

/* getaddrinfo takes 65536 for 0. */
static bool is_port(const char *text)
{
	size_t n = strspn(text, "0123456789");

	return n > 0 && n <= 5 && !text[n] && atoi(text) <= 65535;
}

/* ADDR:PORT in digits. returns: to be freed with freeaddrinfo; NULL: said why. */
static struct addrinfo *address_of(const char *text)
{
	const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
				       .ai_socktype = SOCK_STREAM};
	const char *colon = strrchr(text, ':');
	struct addrinfo *found = NULL;
	char host[96];
	size_t n = colon ? (size_t)(colon - text) : 0;
	bool brackets = n >= 2 && *text == '[' && text[n - 1] == ']';

	if (brackets)
		n -= 2;
	if (n && n < sizeof host && is_port(colon + 1) && (brackets || !memchr(text, ':', n))) {
		memcpy(host, text + brackets, n);
		host[n] = '\0';
		if (getaddrinfo(host, colon + 1, &hints, &found) != 0)
			found = NULL;
	}
	if (!found)
		complain_at(text, 0,
			    "not to listen on: ADDR:PORT or [ADDR]:PORT in digits, or unix:PATH");
	return found;
}

static int bind_inet(const char *text)
{
	struct addrinfo *a = address_of(text);
	bool good;
	int fd;

	if (!a)
		return -1;
	fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	good = fd >= 0 && set(fd, SOL_SOCKET, SO_REUSEADDR, 1) &&
	       (a->ai_family != AF_INET6 || set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1)) &&
	       bind(fd, a->ai_addr, a->ai_addrlen) == 0;
	freeaddrinfo(a);
	return good ? fd : failed(text, fd);
}

static bool is_unix(const char *text)
{
	return !strncmp(text, UNIX_SCHEME, strlen(UNIX_SCHEME));
}

static bool unix_address(struct sockaddr_un *address, const char *text)
{
	const char *path = text + strlen(UNIX_SCHEME);

	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (!is_unix(text) || !*path || strlen(path) >= sizeof address->sun_path) {
		complain_at(text, 0, "no Unix socket: unix:PATH, of less than %zu bytes",
			    sizeof address->sun_path);
		return false;
	}
	memcpy(address->sun_path, path, strlen(path) + 1);
	return true;
}

int unix_connect(const char *to)
{
	struct sockaddr_un address;
	int fd;

	if (!unix_address(&address, to))
		return -1;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
		return failed(to, fd);
	return fd;
}

/* A socket that an earlier run left behind, and on which nobody listens, makes room. */
static void remove_dead(const struct sockaddr_un *address)
{
	struct stat st;
	int fd;

	if (lstat(address->sun_path, &st) < 0 || !S_ISSOCK(st.st_mode))
		return;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof *address) < 0 &&
	    errno == ECONNREFUSED)
		unlink(address->sun_path);
	if (fd >= 0)
		close(fd);
}

static int bind_unix(const char *text)
{
	struct sockaddr_un address;
	int fd;

	if (!unix_address(&address, text))
		return -1;
	remove_dead(&address);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
		return failed(text, fd);
	return fd;
}

/* ---- connections ---- */

const char *peer_text(char text[PEER_TEXT], const struct sockaddr *from, socklen_t n)
{
	char host[INET6_ADDRSTRLEN + 20], port[8];

	if (!from || (from->sa_family != AF_INET && from->sa_family != AF_INET6) ||
	    getnameinfo(from, n, host, sizeof host, port, sizeof port,
			NI_NUMERICHOST | NI_NUMERICSERV))
		snprintf(text, PEER_TEXT, "%s", from && from->sa_family == AF_UNIX ? "unix" : "?");
	else
		snprintf(text, PEER_TEXT, from->sa_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host,
			 port);
	return text;
}

static void rest(struct listening *l)
{
	l->rest_until = l->loop->now_ms + REST_MS;
	for (struct listen_socket *s = l->first; s; s = s->next)
		if (!s->paused) {
			loop_del(l->loop, &s->watch);
			s->paused = true;
		}
}

static void wake_up(struct listening *l)
{
	l->rest_until = 0;
	for (struct listen_socket *s = l->first; s; s = s->next)
		if (s->paused && loop_add(l->loop, &s->watch, EPOLLIN))
			s->paused = false;
}

static uint64_t turn(struct loop_task *task, uint64_t now_ms)
{
	struct listening *l =
		(struct listening *)(void *)((char *)task - offsetof(struct listening, task));

	if (l->rest_until && now_ms >= l->rest_until)
		wake_up(l);
	return l->rest_until ? l->rest_until : LOOP_NEVER;
}

static void take_connection(struct listening *l, const struct listen_socket *s, int fd,
			    const struct sockaddr *from, socklen_t n)
{
	struct wire wire = {0};
	char name[PEER_TEXT];

	peer_text(name, from, n);
	if (allowed(l, from, n) && (!s->tls || tls_wire_open(&wire, l->tls, fd))) {
		l->take(l, fd, name, s->tls ? &wire : NULL);
		return;
	}
	l->refused++;
	close(fd);
}

/* returns: false: nothing more now */
static bool accept_one(struct listen_socket *s)
{
	struct sockaddr_storage from = {0};
	struct listening *l = s->all;
	socklen_t n = sizeof from;
	int fd = -1;

	errno = EMFILE;
	if (l->accepted - l->closed < l->most)
		fd = accept4(s->watch.fd, (struct sockaddr *)&from, &n,
			     SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)) {
		complain("warning: %s: %s: new connections wait", s->name, strerror(errno));
		rest(l);
		return false;
	}
	if (fd < 0) /* one that went away while it waited is no reason to stop */
		return errno == ECONNABORTED || errno == EINTR || errno == EPROTO;
	take_connection(l, s, fd, (struct sockaddr *)&from, n);
	return true;
}

static void ready(struct loop_watch *watch, uint32_t events)
{
	struct listen_socket *s = (struct listen_socket *)(void *)watch;

	(void)events;
	for (int i = 0; i < BURST && accept_one(s); i++)
		continue;
}

/* ---- what listens ---- */

/* A peer that has gone without a word is noticed after some two minutes. Keys before the first connection may come. */
static bool prepare(int fd, const struct md5_keys *keys)
{
	return set(fd, SOL_SOCKET, SO_KEEPALIVE, 1) && set(fd, IPPROTO_TCP, TCP_KEEPIDLE, 60) &&
	       set(fd, IPPROTO_TCP, TCP_KEEPINTVL, 15) && set(fd, IPPROTO_TCP, TCP_KEEPCNT, 4) &&
	       set(fd, IPPROTO_TCP, TCP_NODELAY, 1) && md5_apply(keys, fd);
}

/* Where a socket really listens, of port 0 the number that it got. returns: its family; -1: errno */
static int name_of(char *name, size_t cap, int fd)
{
	struct sockaddr_storage own = {0};
	socklen_t n = sizeof own;
	const struct sockaddr_un *un = (const void *)&own;
	char text[PEER_TEXT];

	if (getsockname(fd, (struct sockaddr *)&own, &n) < 0)
		return -1;
	if (own.ss_family == AF_UNIX)
		snprintf(name, cap, UNIX_SCHEME "%.*s",
			 (int)(n - offsetof(struct sockaddr_un, sun_path)), un->sun_path);
	else
		snprintf(name, cap, "%s", peer_text(text, (struct sockaddr *)&own, n));
	return own.ss_family;
}

static void add(struct listening *l, int fd, enum listen_kind kind, const char *name)
{
	struct listen_socket *s = must_resize(NULL, 1, sizeof *s);

	*s = (struct listen_socket){.all = l,
				    .next = l->first,
				    .watch = {.fd = fd, .ready = ready},
				    .tls = kind == LISTEN_TLS,
				    .paused = true};
	snprintf(s->name, sizeof s->name, "%s", name);
	l->first = s;
}

static void add_http(struct listening *l, int fd)
{
	l->http = must_resize(l->http, l->n_http + 1, sizeof *l->http);
	l->http[l->n_http++] = fd;
}

/* A bound socket, ours from now on. returns: false: said why */
static bool take(struct listening *l, int fd, enum listen_kind kind, const struct md5_keys *keys)
{
	static const char *const over[] = {"", " over TLS", ""};
	char name[sizeof l->first->name] = "socket";
	int family = name_of(name, sizeof name, fd);

	if (family < 0 || (family != AF_UNIX && !prepare(fd, kind == LISTEN_HTTP ? NULL : keys)) ||
	    listen(fd, SOMAXCONN) < 0)
		return failed(name, fd) >= 0;
	complain("info: %s: listening: %s%s", name, kind == LISTEN_HTTP ? "HTTP" : l->what,
		 over[kind]);
	if (kind == LISTEN_HTTP)
		add_http(l, fd);
	else
		add(l, fd, kind, name);
	return true;
}

static bool take_all(struct listening *l, const struct words *words, enum listen_kind kind,
		     const struct md5_keys *keys)
{
	for (size_t i = 0; i < words->n; i++) {
		bool local = kind == LISTEN_PLAIN && is_unix(words->at[i]);
		int fd = local ? bind_unix(words->at[i]) : bind_inet(words->at[i]);

		if (fd < 0 || !take(l, fd, kind, keys))
			return false;
		if (local)
			l->first->path = strdup(words->at[i] + strlen(UNIX_SCHEME));
	}
	return true;
}

/* ---- sockets of the service manager ---- */

enum { FIRST_HANDED = 3 }; /* SD_LISTEN_FDS_START */

/* The name of socket i in LISTEN_FDNAMES, which has a colon between two. */
static enum listen_kind handed_kind(const char *names, int i)
{
	size_t n;

	while (names && i-- > 0) {
		names = strchr(names, ':');
		if (names)
			names++;
	}
	n = names ? strcspn(names, ":") : 0;
	if (n == 3 && !memcmp(names, "tls", n))
		return LISTEN_TLS;
	return n == 4 && !memcmp(names, "http", n) ? LISTEN_HTTP : LISTEN_PLAIN;
}

static bool is_listening(int fd)
{
	int listens = 0, type = 0;
	socklen_t n = sizeof listens, m = sizeof type;

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &n) == 0 && listens &&
	       getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &m) == 0 && type == SOCK_STREAM;
}

static bool take_handed(struct listening *l, int fd, enum listen_kind kind,
			const struct md5_keys *keys)
{
	if (!is_listening(fd)) {
		complain("LISTEN_FDS: descriptor %d is no stream socket that listens", fd);
		return false;
	}
	if (kind == LISTEN_TLS && !l->tls) {
		complain(
			"LISTEN_FDS: a socket for TLS without --tls-cert, --tls-key and --tls-client-ca");
		return false;
	}
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ||
	    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0)
		return failed("LISTEN_FDS", -1) >= 0;
	return take(l, fd, kind, keys);
}

static bool take_all_handed(struct listening *l, const struct md5_keys *keys)
{
	const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS"),
		   *names = getenv("LISTEN_FDNAMES");
	bool good = true;
	int n = 0;

	if (pid && count && strtoll(pid, NULL, 10) == (long long)getpid())
		n = atoi(count);
	for (int i = 0; i < n && good; i++)
		good = take_handed(l, FIRST_HANDED + i, handed_kind(names, i), keys);
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	return good;
}

/* ---- all of it ---- */

static bool open_tls(struct listening *l, const struct listen_options *o)
{
	const struct tls_files files = {
		.server = true, .ca = o->tls_ca, .cert = o->tls_cert, .key = o->tls_key};
	char why[TLS_WHY];

	if (!o->tls_cert && !o->tls_key && !o->tls_ca && !o->tls.n)
		return true;
	if (!o->tls_cert || !o->tls_key || !o->tls_ca) {
		complain("TLS takes --tls-cert, --tls-key and --tls-client-ca");
		return false;
	}
	l->tls = tls_context_new(&files, why);
	if (!l->tls)
		complain("%s", why);
	return l->tls != NULL;
}

bool listen_open(struct listening *l, const struct listen_options *o)
{
	const struct words http = {.at = (const char **)(uintptr_t)&o->http, .n = o->http != NULL};
	struct md5_keys keys = {0};
	bool good = true;

	l->most = UINT64_MAX;
	l->task.turn = turn;
	for (size_t i = 0; i < o->allow.n && good; i++)
		good = allow_add(l, o->allow.at[i]);
	for (size_t i = 0; i < o->md5.n && good; i++)
		good = md5_read(&keys, o->md5.at[i]);
	good = good && open_tls(l, o) && take_all_handed(l, &keys) &&
	       take_all(l, &o->plain, LISTEN_PLAIN, &keys) &&
	       take_all(l, &o->tls, LISTEN_TLS, &keys) && take_all(l, &http, LISTEN_HTTP, NULL);
	md5_free(&keys);
	if (good)
		loop_task_add(l->loop, &l->task);
	else
		listen_close(l);
	return good;
}

void listen_descriptors(struct listening *l, uint64_t connections, const char *option)
{
	rlim_t spare = SPARE + HTTP_SPARE * (rlim_t)l->n_http, want = (rlim_t)connections + spare;
	struct rlimit limit, more;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= want)
		return;
	more = limit;
	more.rlim_cur = limit.rlim_max < want ? limit.rlim_max : want;
	if (setrlimit(RLIMIT_NOFILE, &more) == 0)
		limit = more;
	if (limit.rlim_cur >= want)
		return;
	l->most = limit.rlim_cur > 2 * spare ? limit.rlim_cur - spare : limit.rlim_cur / 2;
	complain("warning: descriptors for %llu routers at a time, %s are more",
		 (unsigned long long)l->most, option);
}

void listen_start(struct listening *l)
{
	wake_up(l);
}

void listen_stop(struct listening *l)
{
	rest(l);
	l->rest_until = 0;
}

void listen_close(struct listening *l)
{
	struct listen_socket *s;

	while ((s = l->first)) {
		l->first = s->next;
		close(s->watch.fd);
		if (s->path)
			unlink(s->path);
		free(s->path);
		free(s);
	}
	for (size_t i = 0; i < l->n_http; i++)
		close(l->http[i]);
	free(l->http);
	manrs_trie_free(l->allow);
	tls_context_free(l->tls);
	*l = (struct listening){0};
}
