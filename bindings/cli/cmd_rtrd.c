/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * manrs rtrd: the cache that routers ask (RPKI-to-Router, versions 0 to 2). Files come in on one side, read by a thread of
 * their own, and routers are served on the other; this file starts both, hands finished sets from one to the other, and
 * says in the log and by `health` how it stands.
 */

#include "notify.h"
#include "progress.h"
#include "rtrd_pages.h"
#include "rtrd_relay.h"
#include "rtrd_serve.h"

#include <manrs/rtrd_status.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	TURN_MS = 1000,
	STALE_S = 1, /* of the engine: rtrd_refresh */
	/* Routers get so long to take their last bytes; SIGTERM ends it within five seconds. */
	GRACE_MS = 2000,
	END_MS = 4000,
	/* A small set may well change by half; who names a percentage means it for every set. */
	GUARD_NOT_GIVEN = 101,
	GUARD_PERCENT = 50,
	GUARD_LEAST = 1000,
};

struct daemon {
	struct rtrd d; /* the first member */
	struct loop_task task;
	struct http *http; /* NULL: none */
	uint64_t end_ms;   /* when the end was asked for; 0: not yet */
	uint64_t retry_ms; /* a set could not be published for want of memory; 0: none */
	bool started, failed;
};

const char *rtrd_health_text(enum rtrd_health health)
{
	static const char *const texts[] = {"starting", "serving", "held",
					    "old",      "expired", "no-data"};

	return texts[health];
}

bool rtrd_current(const struct rtrd *d)
{
	return d->db && (!d->expires || (uint64_t)time(NULL) <= d->expires);
}

void rtrd_refresh(struct rtrd *d)
{
	if (rtrd_current(d))
		manrs_rtrd_fresh(d->engine, d->loop.now_ms);
}

/* ---- how it stands ---- */

static enum rtrd_health health_of(const struct daemon *m)
{
	const struct rtrd *d = &m->d;

	if (!m->started)
		return RTRD_STARTING;
	if (!d->db)
		return RTRD_NO_DATA;
	if (!rtrd_current(d))
		return RTRD_EXPIRED;
	if (d->feed.news.held_of)
		return RTRD_HELD;
	for (size_t i = 0; i < d->feed.news.n_sources; i++)
		if (*d->feed.news.source[i].problem)
			return RTRD_OLD;
	return RTRD_SERVING;
}

static void look_at_health(struct daemon *m)
{
	static const char *const said[] = {
		[RTRD_STARTING] = "info: the files are read",
		[RTRD_SERVING] = "info: all is current",
		[RTRD_HELD] = "warning: the guard holds newer data back; older data is served",
		[RTRD_OLD] =
			"warning: not all files are good; what was last good of them is served",
		[RTRD_EXPIRED] = "error: the data is too old: queries get error 2",
		[RTRD_NO_DATA] = "error: there is no data to serve: queries get error 2",
	};
	enum rtrd_health health = health_of(m);

	if (health == m->d.health)
		return;
	m->d.health = health;
	complain("%s", said[health]);
}

/* ---- sets ---- */

static bool engine_new(struct daemon *m, const struct feed_start *start)
{
	const struct rtrd_options *o = m->d.options;
	manrs_rtrd_config config;
	int rc;

	manrs_rtrd_config_init(&config, sizeof config);
	memcpy(config.session, start->session, sizeof config.session);
	memcpy(m->d.session, start->session, sizeof m->d.session);
	config.serial = start->serial;
	config.refresh_s = (uint32_t)o->refresh_s;
	config.retry_s = (uint32_t)o->retry_s;
	config.expire_s = (uint32_t)o->expire_s;
	config.notify_ms = (uint32_t)(o->notify_s * 1000);
	config.max_clients = (uint32_t)o->max_clients;
	config.stale_s = STALE_S;
	rc = manrs_rtrd_new(&m->d.engine, &config);
	if (rc < 0)
		complain_error(rc);
	return rc >= 0;
}

static void tell_set(const struct daemon *m, const struct feed_set *set)
{
	manrs_rtrd_status status = {.size = sizeof status};

	manrs_rtrd_status_get(m->d.engine, &status);
	complain(
		"info: serving %llu IPv4 and %llu IPv6 VRPs, %llu ASPAs, %llu router keys: %zu came, %zu went; serial %u",
		(unsigned long long)status.vrps4, (unsigned long long)status.vrps6,
		(unsigned long long)status.aspas, (unsigned long long)status.keys,
		set->change.of[CHANGE_ADD].n_vrps + set->change.of[CHANGE_ADD].n_aspas +
			set->change.of[CHANGE_ADD].n_keys,
		set->change.of[CHANGE_REMOVE].n_vrps + set->change.of[CHANGE_REMOVE].n_aspas +
			set->change.of[CHANGE_REMOVE].n_keys,
		status.serial);
	if (status.serial != set->serial)
		complain("error: serial %u, where %u was kept", status.serial, set->serial);
}

/* Without memory the newest set is tried as a whole, each second; said once, and when it is over. */
static void publish_whole(struct daemon *m)
{
	bool again = m->retry_ms != 0;
	struct feed_change change;
	int rc;

	change_make(&change, NULL, m->d.db);
	rc = change_publish(&change, m->d.engine, true, m->d.loop.now_ms);
	m->retry_ms = rc < 0 ? m->d.loop.now_ms + TURN_MS : 0;
	if (rc < 0 && !again)
		complain(
			"error: the newest set: %s: routers get the one before until there is memory",
			manrs_strerror(rc));
	else if (rc >= 0)
		complain("info: serving the newest set, as a whole");
	change_free(&change);
}

static void publish(struct daemon *m, struct feed_set *set)
{
	bool first = !m->d.db;
	int rc;

	if (!first)
		manrs_db_unref(m->d.db);
	m->d.db = set->db;
	m->d.expires = set->expires;
	manrs_db_ref(set->db);
	rtrd_refresh(&m->d);
	rc = m->retry_ms ? MANRS_ENOMEM
			 : change_publish(&set->change, m->d.engine, first, m->d.loop.now_ms);
	if (rc < 0)
		publish_whole(m);
	if (rc > 0)
		tell_set(m, set);
}

static void posted(struct feed *feed)
{
	struct rtrd *d = (struct rtrd *)(void *)((char *)feed - offsetof(struct rtrd, feed));
	struct daemon *m = (struct daemon *)(void *)d;
	struct feed_start start;
	struct feed_set *sets = feed_take(feed, &start);

	if (!d->engine && !engine_new(m, &start)) {
		m->failed = true;
		loop_end(&d->loop);
	}
	while (sets) {
		struct feed_set *set = sets;

		sets = set->next;
		if (d->engine && !m->end_ms)
			publish(m, set);
		feed_set_free(set);
	}
	if (d->engine && !m->started && !m->end_ms) {
		m->started = true;
		listen_start(&d->listening);
	}
	if (m->started)
		look_at_health(m);
}

/* ---- time and signals ---- */

static uint64_t turn(struct loop_task *task, uint64_t now_ms)
{
	struct daemon *m = (struct daemon *)(void *)((char *)task - offsetof(struct daemon, task));
	struct rtrd *d = &m->d;

	if (m->end_ms) {
		bool late = now_ms >= m->end_ms + GRACE_MS;

		if ((rtrd_serve_ended(d) || late) &&
		    (feed_ended(&d->feed) || now_ms >= m->end_ms + END_MS))
			loop_end(&d->loop);
		return now_ms + 50;
	}
	if (!m->started)
		return LOOP_NEVER;
	if (m->retry_ms && now_ms >= m->retry_ms)
		publish_whole(m);
	rtrd_refresh(d);
	look_at_health(m);
	return now_ms + TURN_MS;
}

static void signalled(struct loop *loop, int number)
{
	struct daemon *m = (struct daemon *)(void *)loop;
	struct rtrd *d = &m->d;

	if (number == SIGHUP) {
		complain("info: SIGHUP: all files are read again");
		notify_reloading();
		feed_reload(&d->feed);
	} else if (number == SIGUSR1) {
		complain("info: SIGUSR1: what the guard holds is let through");
		feed_release(&d->feed);
	} else if (!m->end_ms) {
		complain("info: %s: the end", number == SIGINT ? "SIGINT" : "SIGTERM");
		m->end_ms = loop_clock();
		d->ending = true;
		notify_stopping();
		feed_end(&d->feed);
		rtrd_serve_end(d);
	}
}

/* Of how it stands, the line for a service manager. */
static bool stands(void *arg, char text[NOTIFY_TEXT])
{
	manrs_rtrd_status s = {.size = sizeof s};
	const struct rtrd *d = arg;

	if (d->health == RTRD_STARTING || d->ending)
		return false;
	if (d->engine)
		manrs_rtrd_status_get(d->engine, &s);
	snprintf(text, NOTIFY_TEXT,
		 "%s: %llu VRPs, %llu ASPAs, %llu router keys, serial %u; %llu routers",
		 rtrd_health_text(d->health), (unsigned long long)(s.vrps4 + s.vrps6),
		 (unsigned long long)s.aspas, (unsigned long long)s.keys, s.serial,
		 (unsigned long long)s.clients);
	return true;
}

/* ---- the run ---- */

static bool take(struct listening *l, int fd, const char *name, const struct wire *wire)
{
	struct rtrd *d = (struct rtrd *)(void *)((char *)l - offsetof(struct rtrd, listening));

	return rtrd_accept(d, fd, name, wire);
}

static bool start(struct daemon *m)
{
	static const int numbers[] = {SIGHUP, SIGUSR1, SIGTERM, SIGINT};
	struct rtrd *d = &m->d;

	signal(SIGPIPE, SIG_IGN);
	progress_off();
	m->task.turn = turn;
	loop_task_add(&d->loop, &m->task);
	rtrd_serve_open(d);
	notify_open(&d->loop, &d->feed, stands, d);
	/* From here on a signal waits for the loop: a reload that comes early does not end us. */
	if (!loop_signals(&d->loop, numbers, sizeof numbers / sizeof *numbers, signalled))
		return false;
	d->listening.loop = d->feed.loop = &d->loop;
	d->listening.what = "RTR";
	d->listening.take = take;
	if (!listen_open(&d->listening, &d->options->listen))
		return false;
	if (!d->listening.first) {
		complain("nothing to listen on: --listen ADDR:PORT is missing");
		return false;
	}
	if (d->listening.n_http)
		m->http = http_open(&d->loop, d->listening.http, d->listening.n_http, pages_answer,
				    d);
	if (d->listening.n_http && !m->http)
		return false;
	listen_descriptors(&d->listening, d->options->max_clients, "--max-clients");
	d->feed.options = &d->options->feed;
	d->feed.posted = posted;
	return feed_open(&d->feed);
}

static int run(struct daemon *m)
{
	struct rtrd *d = &m->d;
	bool good;

	d->started = (uint64_t)time(NULL);
	if (!loop_open(&d->loop))
		return EXIT_ERROR;
	if (!start(m)) {
		http_close(m->http);
		listen_close(&d->listening);
		feed_close(&d->feed);
		loop_close(&d->loop);
		return EXIT_ERROR;
	}
	good = loop_run(&d->loop) && !m->failed;
	/* In the midst of a large file, which nobody needs any more; its thread is not waited for. */
	if (!feed_ended(&d->feed) && m->end_ms) {
		listen_close(&d->listening);
		_exit(good ? EXIT_DONE : EXIT_ERROR);
	}
	feed_end(&d->feed);
	rtrd_serve_close(d);
	http_close(m->http);
	listen_close(&d->listening);
	manrs_db_unref(d->db);
	manrs_rtrd_free(d->engine);
	feed_close(&d->feed);
	loop_close(&d->loop);
	return good ? EXIT_DONE : EXIT_ERROR;
}

/* returns: a word that is there twice; NULL: none */
static const char *twice(const struct words *words)
{
	for (size_t i = 0; i < words->n; i++)
		for (size_t k = 0; k < i; k++)
			if (!strcmp(words->at[i], words->at[k]))
				return words->at[i];
	return NULL;
}

/* A file of local exceptions would disagree with itself, and two lines of metrics would have one name. */
static int check_files(const struct rtrd_options *o)
{
	const struct words *lists[] = {&o->s.load.files, &o->s.load.aspas, &o->feed.slurm};

	for (size_t i = 0; i < 3; i++)
		if (twice(lists[i]))
			return usage_error(o->s.verb, "%s: it is given twice", twice(lists[i]));
	return EXIT_DONE;
}

static int check_options(struct rtrd_options *o)
{
	if (o->s.argc)
		return usage_error(o->s.verb, "%s: unexpected", o->s.argv[0]);
	if (o->stdio != (o->relay_to != NULL))
		return usage_error(o->s.verb, "--stdio and --to unix:PATH go together");
	if (o->stdio)
		return EXIT_DONE;
	if (!o->s.load.files.n)
		return usage_error(o->s.verb, "--vrps FILE is missing");
	if (stdins(&o->s))
		return usage_error(o->s.verb, "stdin cannot be read again: a cache needs files");
	if (o->s.load.files.n + o->s.load.aspas.n > MANRS_SOURCES)
		return usage_error(o->s.verb, "at most %d VRP and ASPA files", MANRS_SOURCES);
	if (o->feed.guard == GUARD_NOT_GIVEN) {
		o->feed.guard = GUARD_PERCENT;
		o->feed.guard_least = GUARD_LEAST;
	}
	if (o->expire_s <= o->refresh_s || o->expire_s <= o->retry_s)
		return usage_error(o->s.verb, "--expire must be above --refresh and --retry");
	return check_files(o);
}

static int rtrd(void *self)
{
	struct rtrd_options *o = self;
	struct daemon *m;
	int status = check_options(o);

	if (status != EXIT_DONE)
		return status;
	if (o->stdio)
		return relay_run(o->relay_to);
	m = must_resize(NULL, 1, sizeof *m);
	o->feed.load = &o->s.load;
	*m = (struct daemon){.d.options = o};
	status = run(m);
	free(m);
	return status;
}

#define IN(member) .at = offsetof(struct rtrd_options, member)
/* clang-format off */
static const struct option_row options[] = {
	VRPS_ROW("VRPs, ASPAs and router keys of any format; may be repeated"),
	{"aspas", .kind = OPTION_FILES, IN_SETTINGS(load.aspas), .value = "FILE",
	 .help = "ASPAs beside those of the VRP files; may be repeated"},
	{"slurm", .kind = OPTION_FILES, IN(feed.slurm), .value = "FILE",
	 .help = "local exceptions (RFC 8416); may be repeated"},
	{"listen", .kind = OPTION_LIST, IN(listen.plain), .value = "ADDR:PORT",
	 .help = "where routers connect; [ADDR]:PORT for IPv6, unix:PATH for\n"
		 "--stdio; may be repeated"},
	{"state", .kind = OPTION_STRING, IN(feed.state), .value = "DIR",
	 .help = "keep session, serial and set there: routers go on with a\n"
		 "difference after a restart"},
	{"guard", .kind = OPTION_NUMBER, IN(feed.guard), .otherwise = GUARD_NOT_GIVEN, .most = 100,
	 .value = "PERCENT",
	 .help = "hold back a set that takes away more of the VRPs, the ASPAs or\n"
		 "the router keys (50, where there are 1000; 100: none)",
	 .wrong = "%s: --guard takes a percentage"},
	{"guard-hold", .kind = OPTION_NUMBER, IN(feed.guard_hold_s), .otherwise = 3600, .most = 31536000,
	 .value = "SECONDS", .help = "for so long (3600), or until SIGUSR1",
	 .wrong = "%s: --guard-hold takes seconds"},
	{"max-age", .rank = 1, .kind = OPTION_CALL, .call = take_max_age, .value = "SECONDS",
	 .help = "after the time of building, data is not served any more:\n"
		 "routers get error 2; a file that does not say it is taken",
	 .wrong = "%s: --max-age takes seconds"},
	{"notify-interval", .kind = OPTION_NUMBER, IN(notify_s), .otherwise = 60, .most = 86400,
	 .value = "SECONDS", .help = "between two Serial Notifies to a router, at least (60)",
	 .wrong = "%s: --notify-interval takes seconds"},
	{"refresh", .kind = OPTION_NUMBER, IN(refresh_s), .otherwise = 3600, .least = 1, .most = 86400,
	 .value = "SECONDS", .help = "what routers are told (3600, 600, 7200)",
	 .wrong = "%s: --refresh takes seconds, from 1 to 86400"},
	{"retry", .kind = OPTION_NUMBER, IN(retry_s), .otherwise = 600, .least = 1, .most = 7200,
	 .value = "SECONDS", .help = "", .wrong = "%s: --retry takes seconds, from 1 to 7200"},
	{"expire", .kind = OPTION_NUMBER, IN(expire_s), .otherwise = 7200, .least = 600, .most = 172800,
	 .value = "SECONDS", .help = "", .wrong = "%s: --expire takes seconds, from 600 to 172800"},
	{"max-clients", .kind = OPTION_NUMBER, IN(max_clients), .otherwise = 10000, .least = 1,
	 .most = 1000000, .value = "N", .help = "routers at a time (10000)",
	 .wrong = "%s: --max-clients takes a number from 1 to 1000000"},
	{"shutdown", .kind = OPTION_FLAG, IN(shutdown),
	 .help = "at the end tell routers to flush what they have (v2, error 13)"},
	{"tls-listen", .kind = OPTION_LIST, IN(listen.tls), .value = "ADDR:PORT",
	 .help = "the same over TLS; may be repeated"},
	{"tls-cert", .kind = OPTION_STRING, IN(listen.tls_cert), .value = "FILE",
	 .help = "our certificate with its chain, PEM"},
	{"tls-key", .kind = OPTION_STRING, IN(listen.tls_key), .value = "FILE", .help = "its key, PEM"},
	{"tls-client-ca", .kind = OPTION_STRING, IN(listen.tls_ca), .value = "FILE",
	 .help = "who signs the certificates of routers, which must name\n"
		 "their address"},
	{"tcp-md5", .kind = OPTION_FILES, IN(listen.md5), .value = "FILE",
	 .help = "TCP MD5 keys of routers: lines of PREFIX KEY"},
	{"allow", .kind = OPTION_LIST, IN(listen.allow), .value = "PREFIX",
	 .help = "routers of these prefixes alone; may be repeated"},
	{"http", .kind = OPTION_STRING, IN(listen.http), .value = "ADDR:PORT",
	 .help = "/metrics, /health, /json and Routinator's /api/v1/validity"},
	{"stdio", .kind = OPTION_FLAG, IN(stdio),
	 .help = "an sshd subsystem: stdin and stdout go..."},
	{"to", .kind = OPTION_STRING, IN(relay_to), .value = "unix:PATH",
	 .help = "...to the cache that listens there"},
	{"timeout", .kind = OPTION_NUMBER, IN_SETTINGS(load.rtr.timeout_s), .least = 1, .most = 86400,
	 .value = "SECONDS", .help = "routers wait so long for caches that feed us (30)",
	 .wrong = "%s: --timeout takes seconds, from 1 to 86400"},
	{"ca", .kind = OPTION_STRING, IN_SETTINGS(load.rtr.ca), .value = "FILE",
	 .help = "of rtrs://: who signs the certificates of caches, PEM"},
	{"cert", .kind = OPTION_STRING, IN_SETTINGS(load.rtr.cert), .value = "FILE",
	 .help = "our certificate for them, PEM"},
	{"key", .kind = OPTION_STRING, IN_SETTINGS(load.rtr.key), .value = "FILE", .help = "its key"},
	{"connect", .kind = OPTION_STRING, IN_SETTINGS(load.rtr.connect), .value = "COMMAND",
	 .help = "speaks to a cache by its stdin and stdout, as for the other\nverbs"},
	MEMORY_ROW,
	{"allow-bad", .rank = 1, .kind = OPTION_NUMBER, .to = &load_allow_bad, .most = 100, .value = "N",
	 .help = "percent of a list's entries that may be unreadable (1)",
	 .wrong = "%s: --allow-bad takes a percentage"},
	HELP_ROW,
	{0},
};
/* clang-format on */

const struct verb verb_rtrd = {
	.name = "rtrd",
	.summary = "the cache that routers ask, over RPKI-to-Router",
	.usage =
		"rtrd --vrps FILE... --listen ADDR:PORT... [options]\n"
		"       manrs rtrd --stdio --to unix:PATH\n\n"
		"Files are read again when they change and on SIGHUP. What is broken, empty or too\n"
		"old is not served: what was last good is.\n",
	.options = options,
	.size = sizeof(struct rtrd_options),
	.run = rtrd,
};
