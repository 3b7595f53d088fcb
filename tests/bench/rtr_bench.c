/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RTR (P14), over loopback with the whole set. The cache is a process of its own, this program again with "cache", so that its
 * processor time and memory are its own: the cache engine in an epoll loop.
 *
 *     router   a cache's full table to a committed snapshot, beside RTRlib at the same cache
 *     cache    a full table to many routers, beside StayRTR; a change to a thousand routers; ten thousand that are idle
 */

#include "base/bytes.h"
#include "bench.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef HAVE_RTRLIB
#include <rtrlib/rtrlib.h>
#endif

#define RUN 4096 /* records of a feed call */

static struct bench_routes vrps;

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "rtr bench: %s: %s\n", what, strerror(errno));
	exit(1);
}

static double clock_of(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Of this process, in seconds. */
static double cpu_now(void)
{
	return clock_of(CLOCK_PROCESS_CPUTIME_ID);
}

static uint64_t ms_now(void)
{
	return (uint64_t)(1000 * bench_now());
}

static struct sockaddr_in loopback(unsigned port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return a;
}

/* A listening socket on a port that the system chooses. */
static int listen_any(unsigned *port)
{
	struct sockaddr_in a = loopback(0);
	socklen_t len = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (void *)&a, sizeof a) || listen(fd, 4096) ||
	    getsockname(fd, (void *)&a, &len))
		fail("listen");
	*port = ntohs(a.sin_port);
	return fd;
}

static void all_files(void)
{
	struct rlimit r;

	getrlimit(RLIMIT_NOFILE, &r);
	r.rlim_cur = r.rlim_max;
	setrlimit(RLIMIT_NOFILE, &r);
}

/* ---- the cache, in its own process ---- */

/* What is told to it through its standard input, a byte each; it answers with one when it is done. */
enum { CHANGE = 'c', END = 'e' };

struct router {
	int fd;
	bool waits; /* for room in its socket */
	manrs_rtrd_client *client;
};

static manrs_rtrd *cache;
static int poll_fd;

static void router_close(struct router *r)
{
	manrs_rtrd_client_free(r->client);
	close(r->fd);
	free(r);
}

static void router_write(struct router *r)
{
	struct epoll_event ev = {.events = EPOLLIN, .data.ptr = r};
	manrs_slice slice[16];
	size_t n;

	while ((n = manrs_rtrd_client_output(r->client, slice, 16)) > 0) {
		struct iovec io[16];
		ssize_t done;

		for (size_t i = 0; i < n; i++)
			io[i] = (struct iovec){(void *)(uintptr_t)slice[i].bytes, slice[i].n};
		done = writev(r->fd, io, (int)n);
		if (done < 0)
			break;
		manrs_rtrd_client_sent(r->client, (size_t)done, ms_now());
	}
	if ((n && errno != EAGAIN) || (!n && manrs_rtrd_client_closing(r->client))) {
		router_close(r);
		return;
	}
	if (r->waits == (n > 0))
		return;
	r->waits = n > 0;
	ev.events |= r->waits ? EPOLLOUT : 0;
	epoll_ctl(poll_fd, EPOLL_CTL_MOD, r->fd, &ev);
}

static void router_accept(int listener)
{
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
		struct router *r = calloc(1, sizeof *r);
		struct epoll_event ev = {.events = EPOLLIN, .data.ptr = r};

		r->fd = fd;
		if (manrs_rtrd_open(cache, &r->client, r, ms_now()) ||
		    epoll_ctl(poll_fd, EPOLL_CTL_ADD, fd, &ev))
			fail("a router");
	}
}

static void router_event(struct router *r, uint32_t events)
{
	char in[4096];
	ssize_t n;

	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
		n = read(r->fd, in, sizeof in);
		if (n == 0 || (n < 0 && errno != EAGAIN)) {
			router_close(r);
			return;
		}
		if (n > 0)
			manrs_rtrd_client_input(r->client, in, (size_t)n, ms_now(), NULL);
	}
	router_write(r);
}

/* Nine VRPs come and six go, others each time. */
static void cache_change(const manrs_route *some)
{
	static uint32_t turn;
	manrs_route r[15];

	for (size_t i = 0; i < 15; i++) {
		r[i] = some[i];
		r[i].asn = (i < 9 ? 4200000000u : 4200000000u - 1) + turn;
	}
	turn++;
	if (manrs_rtrd_begin(cache, 0) || manrs_rtrd_vrps(cache, MANRS_ADD, r, 9, NULL, NULL) ||
	    manrs_rtrd_vrps(cache, MANRS_REMOVE, some + turn * 6, 6, NULL, NULL) ||
	    manrs_rtrd_publish(cache, ms_now()) != 1)
		fail("a change");
}

static void cache_news(void)
{
	manrs_rtrd_client *c[64];
	size_t n;

	do {
		n = manrs_rtrd_ready(cache, c, 64);
		for (size_t i = 0; i < n; i++)
			router_write(manrs_rtrd_client_user(c[i]));
	} while (n == 64);
}

/* returns: false at the end */
static bool cache_told(const manrs_route *some)
{
	char byte = END;

	if (read(0, &byte, 1) != 1 || byte == END)
		return false;
	cache_change(some);
	return write(1, &byte, 1) == 1;
}

/* The set from a file descriptor: what it takes to read a file is not the cache's. */
static void cache_load(int fd, manrs_route *some)
{
	static manrs_route r[RUN];
	size_t have = 0, n = 0;
	ssize_t got;

	if (manrs_rtrd_begin(cache, 1))
		fail("the cache's set");
	while ((got = read(fd, (char *)r + have, sizeof r - have)) > 0 || have) {
		have += got > 0 ? (size_t)got : 0;
		if (have < sizeof r && got > 0)
			continue;
		if (!n++)
			memcpy(some, r, 1024 * sizeof *some);
		if (manrs_rtrd_vrps(cache, MANRS_ADD, r, have / sizeof *r, NULL, NULL))
			fail("the cache's set");
		have = 0;
	}
	close(fd);
	if (manrs_rtrd_publish(cache, ms_now()) != 1)
		fail("the cache's set");
}

static int cache_main(int fd)
{
	static manrs_route some[1024];
	struct epoll_event ev[256], one = {.events = EPOLLIN};
	manrs_rtrd_config config;
	unsigned port;
	int listener = listen_any(&port);
	bool on = true;

	all_files();
	manrs_rtrd_config_init(&config, sizeof config);
	for (uint16_t v = 0; v < 3; v++)
		config.session[v] = (uint16_t)(1000 + v);
	config.max_clients = 20000;
	config.notify_ms = 1000;
	if (manrs_rtrd_new(&cache, &config))
		fail("the cache");
	cache_load(fd, some);
	poll_fd = epoll_create1(0);
	epoll_ctl(poll_fd, EPOLL_CTL_ADD, listener, &one);
	one.data.ptr = &one;
	epoll_ctl(poll_fd, EPOLL_CTL_ADD, 0, &one);
	if (write(1, &port, sizeof port) != sizeof port)
		fail("the cache's port");
	while (on) {
		uint64_t now = ms_now(), until = manrs_rtrd_deadline(cache);
		int wait = until <= now ? 0 : until - now < 1000 ? (int)(until - now) : 1000;
		int n = epoll_wait(poll_fd, ev, 256, wait);

		for (int i = 0; i < n; i++)
			if (ev[i].data.ptr == &one)
				on = cache_told(some);
			else if (ev[i].data.ptr)
				router_event(ev[i].data.ptr, ev[i].events);
			else
				router_accept(listener);
		manrs_rtrd_tick(cache, ms_now());
		cache_news();
	}
	return 0;
}

/* ---- the cache, seen from here ---- */

struct peer {
	pid_t pid;
	unsigned port;
	int in, out; /* its standard input and output */
};

static double peer_cpu(const struct peer *p)
{
	clockid_t clock;

	return clock_getcpuclockid(p->pid, &clock) ? 0 : clock_of(clock);
}

/* A line of its status, in MB: VmRSS, VmHWM. */
static double peer_memory(const struct peer *p, const char *name)
{
	char path[64], line[256];
	double kb = 0;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/status", (int)p->pid);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof line, f))
		if (!strncmp(line, name, strlen(name)))
			kb = atof(line + strlen(name) + 1);
	if (f)
		fclose(f);
	return kb / 1024;
}

/* The most it had is from now on. */
static void peer_forget(const struct peer *p)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/clear_refs", (int)p->pid);
	f = fopen(path, "w");
	if (f) {
		fputs("5", f);
		fclose(f);
	}
}

static void peer_end(struct peer *p)
{
	close(p->in);
	close(p->out);
	kill(p->pid, SIGTERM);
	waitpid(p->pid, NULL, 0);
}

static struct peer cache_start(void)
{
	FILE *set = tmpfile();
	int in[2], out[2];
	struct peer p;
	char fd[16];

	fwrite(vrps.at, sizeof *vrps.at, vrps.n, set);
	rewind(set);
	snprintf(fd, sizeof fd, "%d", fileno(set));
	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC))
		fail("pipe");
	p.pid = fork();
	if (p.pid == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		fcntl(fileno(set), F_SETFD, 0);
		bench_unpin();
		execl("/proc/self/exe", "rtr", "cache", fd, (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	p.in = in[1];
	p.out = out[0];
	if (p.pid < 0 || read(p.out, &p.port, sizeof p.port) != sizeof p.port)
		fail("the cache");
	fclose(set);
	return p;
}

static int dial(unsigned port)
{
	struct sockaddr_in a = loopback(port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (void *)&a, sizeof a)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* ---- many routers, as little as they can be: version 1 ---- */

struct head {
	int fd;
	unsigned kept; /* the last bytes that came, at most an End of Data's */
	uint8_t last[24];
};

static uint8_t end_of_data[24];

static void ask(const struct head *h, bool serial)
{
	static const uint8_t reset[8] = {1, 2, 0, 0, 0, 0, 0, 8};
	uint8_t query[12] = {1, 1, end_of_data[2], end_of_data[3], 0, 0, 0, 12};

	memcpy(query + 8, end_of_data + 8, 4);
	if (write(h->fd, serial ? query : reset, serial ? 12 : 8) < 8)
		fail("a query");
}

/* Keep the end of what came. returns: whether it is an End of Data */
static bool ended(struct head *h, const uint8_t *in, size_t n)
{
	static const uint8_t length[4] = {0, 0, 0, 24};
	size_t keep = n >= 24 ? 0 : h->kept < 24 - n ? h->kept : 24 - n;

	memmove(h->last, h->last + h->kept - keep, keep);
	in += n > 24 ? n - 24 : 0;
	n = n > 24 ? 24 : n;
	memcpy(h->last + keep, in, n);
	h->kept = (unsigned)(keep + n);
	return h->kept == 24 && h->last[0] == 1 && h->last[1] == 7 &&
	       !memcmp(h->last + 4, length, 4);
}

static bool notified(const struct head *h, const uint8_t *in, size_t n)
{
	return n == 12 && in[0] == 1 && in[1] == 0 && h->fd >= 0;
}

/* Read until all have an End of Data. follow: who is notified asks with his serial. returns: false after 60 seconds */
static bool until_end(struct head *heads, size_t n, bool follow)
{
	static uint8_t in[1 << 18];
	struct epoll_event ev[256];
	int poll = epoll_create1(EPOLL_CLOEXEC);
	double start = bench_now();
	size_t left = n;

	for (size_t i = 0; i < n; i++) {
		ev[0] = (struct epoll_event){.events = EPOLLIN, .data.ptr = &heads[i]};
		epoll_ctl(poll, EPOLL_CTL_ADD, heads[i].fd, &ev[0]);
	}
	while (left && bench_now() - start < 60) {
		int got = epoll_wait(poll, ev, 256, 1000);

		for (int i = 0; i < got; i++) {
			struct head *h = ev[i].data.ptr;
			ssize_t have = read(h->fd, in, sizeof in);

			if (have <= 0)
				fail("a router's connection");
			if (follow && notified(h, in, (size_t)have)) {
				h->kept = 0;
				ask(h, true);
			} else if (ended(h, in, (size_t)have)) {
				memcpy(end_of_data, h->last, 24);
				left--;
			}
		}
	}
	close(poll);
	return !left;
}

static struct head *dial_many(unsigned port, size_t n)
{
	struct head *heads = calloc(n, sizeof *heads);

	for (size_t i = 0; i < n; i++) {
		heads[i].fd = dial(port);
		if (heads[i].fd < 0)
			fail("connect");
	}
	return heads;
}

static void hang_up(struct head *heads, size_t n)
{
	for (size_t i = 0; i < n; i++)
		close(heads[i].fd);
	free(heads);
}

/* returns: the peer's processor time for a full table to each of n routers, 0: it did not come */
static double full_tables(const struct peer *p, size_t n)
{
	struct head *heads = dial_many(p->port, n);
	double start = peer_cpu(p);
	bool all;

	for (size_t i = 0; i < n; i++)
		ask(&heads[i], false);
	all = until_end(heads, n, false);
	start = peer_cpu(p) - start;
	hang_up(heads, n);
	usleep(50000);
	return all ? start : 0;
}

/* ---- StayRTR with the same set ---- */

/* It serves what has not expired. */
static void write_json(FILE *f)
{
	char prefix[MANRS_PREFIX_TEXT];

	fputs("{\"metadata\":{},\"roas\":[\n", f);
	for (size_t i = 0; i < vrps.n; i++) {
		manrs_prefix_format(&vrps.at[i].prefix, prefix, sizeof prefix);
		fprintf(f,
			"{\"asn\":%u,\"prefix\":\"%s\",\"maxLength\":%u,\"ta\":\"x\","
			"\"expires\":4102444800}%s\n",
			vrps.at[i].asn, prefix, vrps.at[i].prefix.maxlen,
			i + 1 < vrps.n ? "," : "");
	}
	fputs("]}\n", f);
}

static bool stayrtr_start(struct peer *p)
{
	char file[] = P_tmpdir "/manrs-bench-XXXXXX", bind[32];
	FILE *f = fdopen(mkstemp(file), "w");
	struct head probe = {0};

	close(listen_any(&p->port));
	snprintf(bind, sizeof bind, "127.0.0.1:%u", p->port);
	write_json(f);
	fclose(f);
	p->in = p->out = -1;
	p->pid = fork();
	if (p->pid == 0) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, 1);
		dup2(null, 2);
		bench_unpin();
		execlp("stayrtr", "stayrtr", "-bind", bind, "-cache", file, "-checktime=false",
		       "-metrics.addr", "127.0.0.1:0", "-protocol", "1", (char *)NULL);
		_exit(127);
	}
	for (unsigned i = 0; i < 300 && waitpid(p->pid, NULL, WNOHANG) == 0; i++) {
		usleep(100000);
		probe.fd = dial(p->port);
		if (probe.fd < 0)
			continue;
		sleep(1);
		close(probe.fd);
		unlink(file);
		return true;
	}
	unlink(file);
	return false;
}

/* ---- rows of the cache ---- */

static void tables(const struct peer *ours)
{
	static const size_t many[] = {1, 10, 100};
	double theirs = 0, before = peer_memory(ours, "VmRSS"), wire = 0;
	struct peer stayrtr;
	bool there = stayrtr_start(&stayrtr);
	char what[80];

	for (size_t i = 0; i < vrps.n; i++)
		wire += vrps.at[i].prefix.family == 4 ? 20e-6 : 32e-6;
	if (there)
		full_tables(&stayrtr, 1);
	for (size_t i = 0; i < 3; i++) {
		double took;

		peer_forget(ours);
		took = full_tables(ours, many[i]);
		if (took <= 0)
			fail("a full table");
		/* Of a peer that takes seconds for one, ten are not asked. */
		theirs = there && (!i || (theirs > 0 && theirs < 1))
				 ? full_tables(&stayrtr, many[i])
				 : 0;
		snprintf(what, sizeof what, "full table to %zu, cache's s CPU (StayRTR)", many[i]);
		bench_most(many[i] == 100 ? "P14" : "", what, took, theirs, many[i] == 100 ? 3 : 0);
		snprintf(what, sizeof what, "its memory at most, MB%s",
			 i || !there ? "" : " (StayRTR, now)");
		bench_most("P14", what, peer_memory(ours, "VmHWM"),
			   i || !there ? 0 : peer_memory(&stayrtr, "VmRSS"), wire + 20);
	}
	printf("one table is %.1f MB on the wire; the cache had %.1f MB before\n", wire, before);
	if (there)
		peer_end(&stayrtr);
	else
		bench_skip("P14", "full table beside StayRTR", "no stayrtr here");
}

static void changes(const struct peer *ours)
{
	struct head *heads = dial_many(ours->port, 1000);
	uint32_t serial;
	double took[5];
	char byte = CHANGE;

	full_tables(ours, 1); /* for the session and the serial */
	for (size_t i = 0; i < 1000; i++)
		ask(&heads[i], true);
	if (!until_end(heads, 1000, true))
		fail("a thousand routers");
	serial = get32(end_of_data + 8);
	for (size_t i = 0; i < 5; i++) {
		double start;

		usleep(1100000);
		for (size_t h = 0; h < 1000; h++)
			heads[h].kept = 0;
		start = bench_now();
		if (write(ours->in, &byte, 1) != 1 || !until_end(heads, 1000, true) ||
		    read(ours->out, &byte, 1) != 1)
			fail("a change");
		took[i] = bench_now() - start;
		if (get32(end_of_data + 8) != serial + i + 1)
			fail("a serial");
	}
	bench_most("P14", "15 changes notified and delivered to 1,000 routers, s",
		   bench_median(took, 5), 0, 1);
	hang_up(heads, 1000);
	usleep(100000);
}

static void idle(const struct peer *ours)
{
	double before = peer_memory(ours, "VmRSS");
	struct rlimit r;
	struct head *heads;

	getrlimit(RLIMIT_NOFILE, &r);
	if (r.rlim_cur < 10100) {
		bench_skip("P14", "10,000 idle routers, MB", "not so many files may be open here");
		return;
	}
	heads = dial_many(ours->port, 10000);
	for (size_t i = 0; i < 10000; i++)
		ask(&heads[i], true);
	if (!until_end(heads, 10000, true))
		fail("ten thousand routers");
	bench_most("P14", "10,000 idle routers, MB", peer_memory(ours, "VmRSS") - before, 0, 100);
	hang_up(heads, 10000);
}

/* ---- rows of the router ---- */

/* One connection until a whole response is committed. returns: processor time */
static double our_table(unsigned port)
{
	static uint8_t in[1 << 16];
	double start = cpu_now();
	manrs_db_owner *own;
	manrs_db *first;
	manrs_edit *e;
	manrs_rtr_config config;
	manrs_rtr_delta delta;
	manrs_rtr_run run;
	manrs_counts c;
	manrs_rtr *rtr = NULL;
	const uint8_t *out;
	int fd = dial(port);
	ssize_t got;
	size_t n;

	manrs_rtr_config_init(&config, sizeof config);
	if (fd < 0 || manrs_rtr_new(&rtr, &config) || manrs_db_owner_new(&own, NULL))
		fail("a router");
	manrs_rtr_tick(rtr, ms_now());
	if (manrs_rtr_want(rtr) != MANRS_RTR_WANT_CONNECT)
		fail("a router that wants no connection");
	manrs_rtr_opened(rtr, ms_now());
	while (!manrs_rtr_delta_get(rtr, &delta)) {
		manrs_rtr_tick(rtr, ms_now());
		while ((n = manrs_rtr_output(rtr, &out)) > 0 && write(fd, out, n) == (ssize_t)n)
			manrs_rtr_sent(rtr, n);
		got = read(fd, in, sizeof in);
		if (got <= 0 || manrs_rtr_input(rtr, in, (size_t)got, ms_now(), NULL))
			fail("a response");
	}
	if (manrs_edit_begin(&e, own, NULL) || manrs_edit_replace(e, 0))
		fail("edit");
	for (size_t i = 0; manrs_rtr_delta_run(rtr, i, &run); i++)
		if (manrs_edit_vrps(e, 0, (int)run.op, run.vrps, run.n, &c, NULL) ||
		    c.added != run.n)
			fail("feed");
	if (manrs_edit_commit(e, &first) ||
	    manrs_rtr_delta_done(rtr, MANRS_OK, 0, 0, delta.added, ms_now()))
		fail("commit");
	start = cpu_now() - start;
	if (delta.added != vrps.n)
		fail("records are missing");
	manrs_rtr_free(rtr);
	close(fd);
	manrs_db_unref(first);
	manrs_db_owner_free(own);
	return start;
}

#ifdef HAVE_RTRLIB
static double rtrlib_table(unsigned port)
{
	char host[] = "127.0.0.1", service[8];
	struct tr_tcp_config tcp = {.host = host, .port = service};
	struct tr_socket tr;
	struct rtr_socket socket = {.tr_socket = &tr}, *sockets = &socket;
	struct rtr_mgr_group group = {.sockets = &sockets, .sockets_len = 1, .preference = 1};
	struct rtr_mgr_config *config;
	double start = cpu_now();
	int terminal = dup(2);

	freopen("/dev/null", "w", stderr); /* it tells every step */
	snprintf(service, sizeof service, "%u", port);
	if (tr_tcp_init(&tcp, &tr) ||
	    rtr_mgr_init(&config, &group, 1, 3600, 7200, 600, NULL, NULL, NULL, NULL) ||
	    rtr_mgr_start(config))
		fail("RTRlib");
	while (!rtr_mgr_conf_in_sync(config))
		usleep(2000);
	start = cpu_now() - start;
	rtr_mgr_stop(config);
	rtr_mgr_free(config);
	fflush(stderr);
	dup2(terminal, 2);
	close(terminal);
	return start;
}
#endif

static void router_rows(const struct peer *ours)
{
	double took[5], theirs[5] = {0};

	for (size_t i = 0; i < 5; i++) {
		took[i] = our_table(ours->port);
#ifdef HAVE_RTRLIB
		theirs[i] = rtrlib_table(ours->port);
#endif
	}
	bench_most("P14", "full table to a snapshot, s CPU (RTRlib)", bench_median(took, 5),
		   bench_median(theirs, 5), 0.15);
}

/* A set has a record once; the file may have it twice. */
static void load_set(void)
{
	size_t n = 0;

	bench_vrps(&vrps);
	qsort(vrps.at, vrps.n, sizeof *vrps.at, bench_route_cmp);
	for (size_t i = 0; i < vrps.n; i++)
		if (!n || bench_route_cmp(&vrps.at[n - 1], &vrps.at[i]))
			vrps.at[n++] = vrps.at[i];
	vrps.n = n;
}

int main(int argc, char **argv)
{
	struct peer ours;

	if (argc == 3 && !strcmp(argv[1], "cache"))
		return cache_main(atoi(argv[2]));
	signal(SIGPIPE, SIG_IGN);
	bench_pin();
	load_set();
	all_files();
	ours = cache_start();
	router_rows(&ours);
	tables(&ours);
	changes(&ours);
	idle(&ours);
	peer_end(&ours);
	return 0;
}
