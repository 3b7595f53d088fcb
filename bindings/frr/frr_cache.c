/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * RTR caches: a socket and an engine of the library each, on bgpd's event loop. The engine says when to connect and what to
 * write; which of several caches to be connected to, and whose data to judge by, is manrs_rtr_plan's to say.
 */

#include "frr_manrs.h"

#define QUIET_MS 20000 /* an answer that is waited for, and not a byte of it comes */
#define NEXT_MS  5000  /* until the next address of a name is tried */
#define LOST_MS  3000  /* until the next preference's data counts */
#define LOOK_MS  5000  /* how a cache stands, at the latest */

struct cache *cache_find(const char *host, uint16_t port)
{
	for (struct cache *c = frr.caches; c; c = c->next)
		if (c->port == port && !strcmp(c->host, host))
			return c;
	return NULL;
}

static bool is_free(uint32_t number)
{
	for (const struct cache *c = frr.caches; c; c = c->next)
		if (c->number == number)
			return false;
	return true;
}

/* returns: NULL: there are too many */
struct cache *cache_add(const char *host, uint16_t port)
{
	struct cache *cache, **at = &frr.caches;
	uint32_t number = 0;

	while (number < FIRST_FILE && !is_free(number))
		number++;
	cache = number < FIRST_FILE ? calloc(1, sizeof *cache) : NULL;
	if (!cache)
		return NULL;
	cache->host = text_copy(host);
	cache->port = port;
	cache->number = number;
	cache->fd = -1;
	cache->preference = 1;
	while (*at)
		at = &(*at)->next;
	*at = cache;
	return cache;
}

/* ---- the connection ---- */

static void close_socket(struct cache *cache)
{
	TASK_OFF(cache->t_read);
	TASK_OFF(cache->t_write);
	if (cache->fd >= 0)
		close(cache->fd);
	cache->fd = -1;
	cache->connecting = false;
	cache->quiet_ms = 0;
}

static void hang_up(struct cache *cache)
{
	close_socket(cache);
	lookup_forget(cache);
	manrs_rtr_closed(cache->rtr, now_ms());
}

/* Told when it is another than before: a cache that is away is called again and again. */
static void note_trouble(struct cache *cache, const char *why)
{
	if (!strcmp(cache->trouble, why))
		return;
	snprintf(cache->trouble, sizeof cache->trouble, "%s", why);
	zlog_warn("manrs: cache %s port %u: %s", cache->host, cache->port, why);
}

static void manrs_cache_read(frr_task *task);
static void manrs_cache_write(frr_task *task);
static void manrs_cache_timer(frr_task *task);

static const char *bind_to(int fd, const char *source, int family)
{
	union sockunion from;

	if (str2sockunion(source, &from) < 0 || from.sa.sa_family != family)
		return "the source address is of another family";
	if (bind(fd, &from.sa, family == AF_INET ? sizeof from.sin : sizeof from.sin6) < 0)
		return strerror(errno);
	return NULL;
}

static const char *prepare(struct cache *cache)
{
	int on = 1;

	if (set_nonblocking(cache->fd) < 0 || set_cloexec(cache->fd) < 0)
		return strerror(errno);
	setsockopt(cache->fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	if (cache->password &&
	    sockopt_tcp_signature(cache->fd, &cache->address, cache->password) < 0)
		return "TCP-MD5 cannot be set";
	return cache->source ? bind_to(cache->fd, cache->source, cache->address.sa.sa_family)
			     : NULL;
}

/* returns: whether it is under way */
static bool dial_one(struct cache *cache)
{
	union sockunion *to = &cache->address;
	bool four = to->sa.sa_family == AF_INET;
	const char *why;

	cache->fd = socket(to->sa.sa_family, SOCK_STREAM, 0);
	why = cache->fd < 0 ? strerror(errno) : prepare(cache);
	if (!why) {
		(four ? &to->sin.sin_port : &to->sin6.sin6_port)[0] = htons(cache->port);
		if (connect(cache->fd, &to->sa, four ? sizeof to->sin : sizeof to->sin6) < 0 &&
		    errno != EINPROGRESS)
			why = strerror(errno);
	}
	if (why) {
		note_trouble(cache, why);
		close_socket(cache);
		return false;
	}
	cache->connecting = true;
	cache->dialled_ms = now_ms();
	TASK_WRITE(frr.loop, manrs_cache_write, cache, cache->fd, &cache->t_write);
	return true;
}

/* The next of its addresses; after the last one the engine is told, and says when to begin again. */
static void dial_next(struct cache *cache)
{
	close_socket(cache);
	while (cache->tried < cache->n_found) {
		cache->address = cache->found[cache->tried++];
		if (dial_one(cache))
			return;
	}
	hang_up(cache);
}

/* A name is looked up each time: the cache may have moved. */
static void dial(struct cache *cache)
{
	const char *why;

	cache->tried = 0;
	if (!cache->by_name) {
		dial_next(cache);
		return;
	}
	cache->n_found = 0;
	why = lookup_start(cache);
	if (why) {
		note_trouble(cache, why);
		hang_up(cache);
	}
}

void cache_found(struct cache *cache, const union sockunion *list, size_t n, const char *why)
{
	union sockunion from;
	bool bound = cache->source && str2sockunion(cache->source, &from) == 0;

	for (size_t i = 0; i < n; i++)
		if (!bound || list[i].sa.sa_family == from.sa.sa_family)
			cache->found[cache->n_found++] = list[i];
	if (!why && !cache->n_found)
		why = "its name has no address of the source's family";
	if (why)
		note_trouble(cache, why);
	dial_next(cache);
	cache_serve(cache);
}

static manrs_rtr_status status_of(const struct cache *cache)
{
	manrs_rtr_status status = {.size = sizeof status};

	manrs_rtr_status_get(cache->rtr, &status);
	return status;
}

/* Whole responses, and faults: either ends the waiting. */
static uint64_t answers_of(const struct cache *cache)
{
	manrs_rtr_status status = status_of(cache);

	return status.responses + status.errors;
}

/* The engine bounds a whole response, an hour for a slow line; one that says nothing at all needs no such patience. */
static bool is_deaf(struct cache *cache)
{
	manrs_rtr_delta delta;

	if (!cache->quiet_ms || cache->fd < 0 || cache->connecting)
		return false;
	if (answers_of(cache) != cache->answers || manrs_rtr_delta_get(cache->rtr, &delta))
		cache->quiet_ms = 0;
	return cache->quiet_ms && now_ms() - cache->quiet_ms >= QUIET_MS;
}

/* returns: whether the connection stands */
static bool flush(struct cache *cache)
{
	const uint8_t *bytes;
	size_t left = manrs_rtr_output(cache->rtr, &bytes);
	ssize_t n = left ? send(cache->fd, bytes, left, MSG_NOSIGNAL | MSG_DONTWAIT) : 0;

	if (n < 0 && errno != EAGAIN && errno != EINTR)
		return false;
	if (n > 0) {
		manrs_rtr_sent(cache->rtr, (size_t)n);
		cache->answers = answers_of(cache);
		cache->quiet_ms = now_ms();
	}
	if ((size_t)(n > 0 ? n : 0) < left)
		TASK_WRITE(frr.loop, manrs_cache_write, cache, cache->fd, &cache->t_write);
	return true;
}

static void set_timer(struct cache *cache)
{
	uint64_t at = manrs_rtr_deadline(cache->rtr), now = now_ms();
	uint64_t wait = at > now ? at - now : 0;

	TASK_OFF(cache->t_timer);
	TASK_LATER(frr.loop, manrs_cache_timer, cache, (long)(wait < LOOK_MS ? wait : LOOK_MS),
		   &cache->t_timer);
}

void cache_serve(struct cache *cache)
{
	const uint8_t *bytes;
	manrs_rtr_delta delta;
	int want;

	if (!cache->rtr)
		return;
	caches_plan();
	want = manrs_rtr_want(cache->rtr);
	if (want == MANRS_RTR_WANT_CONNECT && cache->fd < 0 && !cache->lookup && cache->allowed)
		dial(cache);
	if (cache->fd >= 0 && !cache->connecting && !flush(cache))
		hang_up(cache);
	want = manrs_rtr_want(cache->rtr);
	if (cache->fd >= 0 && want == MANRS_RTR_WANT_CLOSE && !manrs_rtr_output(cache->rtr, &bytes))
		hang_up(cache);
	if (manrs_rtr_delta_get(cache->rtr, &delta))
		data_kick();
	set_timer(cache);
}

static void tell_fault(struct cache *cache, const manrs_fault *fault)
{
	zlog_warn("manrs: cache %s port %u: %s", cache->host, cache->port,
		  fault->what ? fault->what : "wrong");
}

static void manrs_cache_read(frr_task *task)
{
	static uint8_t bytes[65536];
	struct cache *cache = TASK_ARG(task);
	uint64_t began = now_us();
	manrs_fault fault = {0};
	ssize_t n = recv(cache->fd, bytes, sizeof bytes, MSG_DONTWAIT);

	if (n > 0) {
		if (cache->quiet_ms)
			cache->quiet_ms = now_ms();
		if (manrs_rtr_input(cache->rtr, bytes, (size_t)n, now_ms(), &fault) < 0)
			tell_fault(cache, &fault);
		TASK_READ(frr.loop, manrs_cache_read, cache, cache->fd, &cache->t_read);
	} else if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		TASK_READ(frr.loop, manrs_cache_read, cache, cache->fd, &cache->t_read);
	} else {
		DEBUG("cache %s port %u: the connection has ended", cache->host, cache->port);
		snprintf(cache->trouble, sizeof cache->trouble, "the connection has ended");
		hang_up(cache);
	}
	cache_serve(cache);
	task_took("cache", began);
}

static void manrs_cache_write(frr_task *task)
{
	struct cache *cache = TASK_ARG(task);
	socklen_t n = sizeof(int);
	int error = 0;

	if (cache->connecting) {
		if (getsockopt(cache->fd, SOL_SOCKET, SO_ERROR, &error, &n) < 0 || error) {
			note_trouble(cache, strerror(error));
			dial_next(cache);
		} else {
			cache->connecting = false;
			*cache->trouble = 0;
			DEBUG("cache %s port %u: connected", cache->host, cache->port);
			manrs_rtr_opened(cache->rtr, now_ms());
			TASK_READ(frr.loop, manrs_cache_read, cache, cache->fd, &cache->t_read);
		}
	}
	cache_serve(cache);
}

/* The kernel's own with a connection that does not come is minutes. Less where there is another address. */
static uint64_t patience(const struct cache *cache)
{
	return cache->tried < cache->n_found ? NEXT_MS : QUIET_MS;
}

/* What it had before a new engine began, which knows nothing of it, is replaced by the first response, or expires here. */
static void look_at_left(struct cache *cache)
{
	if (cache->left_ms && status_of(cache).flags & MANRS_RTR_USABLE)
		cache->left_ms = 0;
	if (!cache->left_ms || now_ms() < cache->left_ms)
		return;
	cache->left_ms = 0;
	zlog_warn("manrs: cache %s port %u: what it said has expired, and is %s", cache->host,
		  cache->port, frr.keep ? "kept" : "dropped");
	cache->stale = frr.keep;
	if (!frr.keep)
		data_drop_source(cache->number);
}

static void manrs_cache_timer(frr_task *task)
{
	struct cache *cache = TASK_ARG(task);

	manrs_rtr_tick(cache->rtr, now_ms());
	look_at_left(cache);
	if (is_deaf(cache)) {
		note_trouble(cache, "it does not answer");
		hang_up(cache);
	} else if (cache->connecting && now_ms() - cache->dialled_ms >= patience(cache)) {
		note_trouble(cache, "it does not answer");
		dial_next(cache);
	}
	cache_serve(cache);
}

/* ---- several ---- */

static bool is_lost(struct cache *cache, uint32_t flags)
{
	if (flags & MANRS_RTR_CONNECTED)
		cache->lost_ms = 0;
	else if (!cache->lost_ms)
		cache->lost_ms = now_ms();
	return cache->lost_ms && now_ms() - cache->lost_ms >= LOST_MS;
}

/*
 * What a cache said that is lost stands until it expires, by the engine; but where the next preference is there and has data,
 * that is the newer word (RFC 8210 section 10: the router moves on to the next).
 */
static uint64_t prefer_the_living(uint64_t use)
{
	uint64_t living = 0;
	unsigned best = 256;

	for (struct cache *c = frr.caches; c; c = c->next) {
		uint32_t flags = c->rtr ? status_of(c).flags : 0;
		bool lost = is_lost(c, flags);

		if (use >> c->number & 1 && !lost)
			return use;
		if (!(flags & MANRS_RTR_CONNECTED) || !(flags & MANRS_RTR_USABLE) ||
		    c->preference > best)
			continue;
		living = c->preference < best ? 0 : living;
		best = c->preference;
		living |= UINT64_C(1) << c->number;
	}
	return living ? living : use;
}

/* returns: how many engines there are; *use: whose data to judge by */
static size_t plan(uint64_t *connect, uint64_t *use)
{
	const manrs_rtr *engines[FIRST_FILE];
	size_t n = 0;

	for (const struct cache *c = frr.caches; c; c = c->next)
		if (c->rtr)
			engines[n++] = c->rtr;
	*connect = *use = 0;
	manrs_rtr_plan(engines, n, frr.mode, connect, use);
	if (frr.mode == MANRS_RTR_PREFERENCE)
		*use = prefer_the_living(*use);
	return n;
}

static void manrs_cache_allowed(frr_task *task)
{
	cache_serve(TASK_ARG(task));
}

void caches_plan(void)
{
	uint64_t connect, use;

	plan(&connect, &use);
	for (struct cache *c = frr.caches; c; c = c->next) {
		bool allowed = connect >> c->number & 1;

		if (allowed && !c->allowed && c->rtr) {
			TASK_OFF(c->t_timer);
			TASK_LATER(frr.loop, manrs_cache_allowed, c, 0, &c->t_timer);
		}
		c->allowed = allowed;
	}
	if (caches_in_use() != frr.in_use)
		data_kick();
}

/*
 * A cache without data counts as one to be judged by only while none has any: the first set is then judged by its own commit,
 * and a later one takes over in one. What is kept of caches that have gone stays, until another has data.
 */
uint64_t caches_in_use(void)
{
	uint64_t connect, use, wanted = frr.in_use;

	if (!plan(&connect, &use))
		return frr.in_use;
	for (const struct cache *c = frr.caches; c && use; c = c->next) {
		uint64_t bit = UINT64_C(1) << c->number;

		wanted = use & bit ? wanted | bit : wanted & ~bit;
	}
	return wanted;
}

void cache_redial(struct cache *cache)
{
	hang_up(cache);
	*cache->trouble = 0;
	manrs_rtr_refresh(cache->rtr, 0, now_ms());
	manrs_rtr_tick(cache->rtr, now_ms());
	cache_serve(cache);
}

const char *cache_restart(struct cache *cache)
{
	manrs_rtr_config config;

	data_forget_cache(cache);
	if (cache->rtr) {
		manrs_rtr_status status = status_of(cache);

		if (status.flags & MANRS_RTR_USABLE)
			cache->left_ms = status.expires_ms;
		hang_up(cache);
	}
	TASK_OFF(cache->t_timer);
	cache->by_name = str2sockunion(cache->host, &cache->found[0]) < 0;
	cache->n_found = !cache->by_name;
	*cache->trouble = 0;
	manrs_rtr_config_init(&config, sizeof config);
	config.source = cache->number;
	config.preference = cache->preference;
	config.guard_percent = (uint8_t)frr.guard;
	config.seed = now_us() ^ ((uint64_t)getpid() << 32);
	manrs_rtr_free(cache->rtr);
	cache->rtr = NULL;
	cache->allowed = false;
	if (manrs_rtr_new(&cache->rtr, &config) < 0)
		return "out of memory";
	manrs_rtr_tick(cache->rtr, now_ms());
	cache_serve(cache);
	return NULL;
}

static void cache_free(struct cache *cache)
{
	data_forget_cache(cache);
	if (cache->rtr)
		hang_up(cache);
	lookup_forget(cache);
	TASK_OFF(cache->t_timer);
	manrs_rtr_free(cache->rtr);
	free(cache->host);
	free(cache->source);
	free(cache->password);
	free(cache);
}

void cache_remove(struct cache *cache)
{
	struct cache **at = &frr.caches;
	uint32_t number = cache->number;

	while (*at != cache)
		at = &(*at)->next;
	*at = cache->next;
	cache_free(cache);
	data_drop_source(number);
	caches_plan();
}

void caches_stop(void)
{
	while (frr.caches) {
		struct cache *cache = frr.caches;

		frr.caches = cache->next;
		cache_free(cache);
	}
}
