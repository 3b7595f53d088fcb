/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * manrs watch: routes as routers and archives tell of them, and what becomes of their verdicts, a row a change, at once. This
 * file starts the parts (watch.h), and its task in the loop does a slice of each of them a turn.
 */

#include "notify.h"
#include "progress.h"
#include "watch.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	TURN_MS = 1000,
	STEP = 128, /* routes that are looked at a turn: each may become a row */
	MAX_CHANGES = 4096,
	STATE_SILENT = 0, /* enum of the state's printing: none, */
	STATE_PRINTS,     /* it is under way */
};

struct station {
	struct watch w; /* the first member */
	struct loop_task task;
	struct loop_watch out; /* stdout, while it takes no more */
	struct http *http;     /* NULL: none */
	manrs_cursor cursor;   /* of the state that is printed */
	uint64_t second_ms;    /* when the next second's work is due */
	int state;
	bool waits;  /* for stdout */
	bool ending; /* nothing more is read; what is left is told */
	bool last;   /* the state at the end has begun */
	bool started, failed, late;
};

/* ---- data ---- */

static void expire(struct watch *w)
{
	bool expired = w->expires && (uint64_t)time(NULL) > w->expires;

	if (expired && !w->expired) {
		complain("error: the data is too old: nothing is judged by it any more");
		sessions_follow(w, NULL);
	}
	w->expired = expired;
}

static bool start_reading(struct station *m)
{
	struct watch *w = &m->w;

	m->started = true;
	listen_start(&w->listening);
	return !w->options->inputs.n || input_start(w);
}

/* The first reading has ended, and there is nothing to judge by: the sources have said why. */
static void no_data(struct station *m)
{
	const struct words *files = &m->w.options->session.s.load.files;

	for (size_t i = 0; i < files->n; i++)
		m->late |= rtr_url_is(files->at[i]);
	m->failed = true;
	complain("error: there is no data to judge by");
	loop_end(&m->w.loop);
}

static void posted(struct feed *feed)
{
	struct watch *w = (struct watch *)(void *)((char *)feed - offsetof(struct watch, feed));
	struct station *m = (struct station *)(void *)w;
	struct feed_start start;
	struct feed_set *set = feed_take(feed, &start), *next;

	for (; set; set = next) {
		next = set->next;
		w->expires = set->expires;
		if (!next && !m->ending && (set->db != w->db || !w->followed)) {
			sessions_follow(w, set->db);
			w->followed = true;
		}
		feed_set_free(set);
	}
	if (!w->followed)
		no_data(m);
	else if (!m->started && !start_reading(m)) {
		m->failed = true;
		loop_end(&w->loop);
	}
}

/* Of how it stands, the line for a service manager. */
static bool stands(void *arg, char text[NOTIFY_TEXT])
{
	const struct station *m = arg;
	manrs_rib_stats s = {.size = sizeof s};

	if (!m->started || m->ending)
		return false;
	manrs_rib_stats_get(m->w.rib, &s);
	snprintf(text, NOTIFY_TEXT, "%s: %llu routers, %llu sessions, %llu routes",
		 watch_health(&m->w), (unsigned long long)m->w.n_routers,
		 (unsigned long long)s.sessions, (unsigned long long)s.routes);
	return true;
}

/* Nothing more is read; what is left is told. */
static void end(struct station *m)
{
	m->ending = true;
	notify_stopping();
}

/* ---- a turn ---- */

static void look_at_work(struct watch *w)
{
	int rc;

	if (!w->working || rows_wait(w) || w->loop.now_ms < w->rest_ms)
		return;
	rc = manrs_rib_work(w->rib, STEP);
	w->working = rc != 0;
	if (rc == MANRS_ENOMEM) { /* what is judged waits for memory, a second at a time */
		complain("error: verdicts wait: %s", manrs_strerror(rc));
		w->rest_ms = w->loop.now_ms + TURN_MS;
	}
	if (rc == MANRS_OK && w->followed_ms) {
		w->lag_ms = loop_clock() - w->followed_ms;
		w->followed_ms = 0;
	}
}

/* returns: whether there is more to print at once */
static bool look_at_state(struct station *m)
{
	if (m->state != STATE_PRINTS)
		return false;
	if (rows_state(&m->w, &m->cursor))
		return !rows_wait(&m->w);
	m->state = STATE_SILENT;
	return false;
}

static void print_state(struct station *m)
{
	m->cursor = (manrs_cursor){0};
	m->state = STATE_PRINTS;
}

static void out_ready(struct loop_watch *watch, uint32_t events)
{
	struct station *m =
		(struct station *)(void *)((char *)watch - offsetof(struct station, out));

	(void)events; /* the turn writes */
	loop_del(&m->w.loop, watch);
	m->waits = false;
}

static void look_at_out(struct station *m)
{
	bool more = rows_write(&m->w);

	if (m->w.rows.out.failed) {
		m->failed = true;
		loop_end(&m->w.loop);
	}
	if (more && !m->waits)
		m->waits = loop_add(&m->w.loop, &m->out, EPOLLOUT);
}

/* All that was read is judged and told: the state, where it is asked for, then the end. */
static void look_at_end(struct station *m)
{
	struct watch *w = &m->w;

	if (!m->ending || w->working || m->state == STATE_PRINTS || w->rows.out.n)
		return;
	if (w->options->state && !m->last) {
		m->last = true;
		print_state(m);
		return;
	}
	loop_end(&w->loop);
}

static bool look_at_input(struct station *m)
{
	struct watch *w = &m->w;

	if (!w->input || m->ending || rows_wait(w))
		return false;
	if (input_go_on(w))
		return true;
	if (input_ended(w) && !w->listening.first)
		end(m);
	return m->ending;
}

static uint64_t turn(struct loop_task *task, uint64_t now_ms)
{
	struct station *m =
		(struct station *)(void *)((char *)task - offsetof(struct station, task));
	struct watch *w = &m->w;
	bool more;

	if (now_ms >= m->second_ms) {
		expire(w);
		bmp_turn(w, now_ms);
		m->second_ms = now_ms + TURN_MS;
	}
	look_at_work(w);
	more = rows_changes(w, false);
	more |= look_at_input(m);
	more |= look_at_state(m);
	look_at_out(m);
	if (!rows_wait(w) && !m->ending)
		bmp_go_on(w);
	more = !rows_wait(w) && (more || (w->working && now_ms >= w->rest_ms));
	look_at_end(m);
	if (m->state == STATE_PRINTS && !rows_wait(w))
		more = true;
	return more ? now_ms : m->second_ms;
}

static void signalled(struct loop *loop, int number)
{
	struct station *m = (struct station *)(void *)loop;

	if (number == SIGHUP) {
		complain("info: SIGHUP: the policies and all files are read again");
		notify_reloading();
		if (m->started)
			sessions_reread(&m->w);
		feed_reload(&m->w.feed);
	} else if (number == SIGUSR1) {
		print_state(m);
	} else if (m->ending || !m->started) { /* a second one does not wait for stdout */
		loop_end(loop);
	} else {
		end(m);
		listen_stop(&m->w.listening);
	}
}

/* ---- the run ---- */

static bool rib_open(struct watch *w)
{
	manrs_rib_config config;
	int rc;

	manrs_rib_config_init(&config, sizeof config);
	config.max_bytes = w->options->max_mib << 20;
	config.max_routes = w->options->max_routes;
	config.max_sessions = 65535;
	config.max_changes = MAX_CHANGES;
	random_seed(config.hash_seed);
	rc = manrs_rib_new(&w->rib, &config);
	if (rc < 0)
		complain_error(rc);
	return rc >= 0;
}

static bool policies_open(struct watch *w)
{
	struct session *s = &w->options->session;

	if ((s->policy_path || s->role) && !session_policy(s))
		return false;
	if (!session_lists(s))
		return false;
	w->policies = must_resize(NULL, 1, sizeof *w->policies);
	if (policies_read(w->policies, s, w->options->sessions))
		return true;
	free(w->policies);
	w->policies = NULL;
	return false;
}

static bool listening_open(struct station *m)
{
	struct watch *w = &m->w;

	w->listening.loop = &w->loop;
	w->listening.what = "BMP";
	w->listening.take = bmp_take;
	if (!listen_open(&w->listening, &w->options->listen))
		return false;
	listen_descriptors(&w->listening, w->options->max_routers, "--max-routers");
	if (w->listening.n_http)
		m->http = http_open(&w->loop, w->listening.http, w->listening.n_http, watch_answer,
				    w);
	return !w->listening.n_http || m->http;
}

static bool start(struct station *m)
{
	static const int numbers[] = {SIGHUP, SIGUSR1, SIGTERM, SIGINT};
	struct watch *w = &m->w;

	signal(SIGPIPE, SIG_IGN);
	progress_off();
	out_memory(&w->rows.out);
	w->rows.format = w->options->session.s.format;
	if (!policies_open(w) || !rib_open(w))
		return false;
	m->task.turn = turn;
	m->out = (struct loop_watch){.fd = STDOUT_FILENO, .ready = out_ready};
	loop_task_add(&w->loop, &m->task);
	notify_open(&w->loop, &w->feed, stands, m);
	if (!loop_signals(&w->loop, numbers, sizeof numbers / sizeof *numbers, signalled) ||
	    !listening_open(m))
		return false;
	w->feed.loop = &w->loop;
	w->feed.options = &w->options->feed;
	w->feed.posted = posted;
	return feed_open(&w->feed);
}

static int status_of(const struct station *m)
{
	const struct watch *w = &m->w;
	uint64_t unjudged = 0;

	if (m->failed)
		return m->late ? EXIT_STALE : EXIT_ERROR;
	for (const struct watch_session *s = w->sessions; s; s = s->next)
		unjudged += s->unjudged;
	if (unjudged)
		complain("%llu routes were not judged: no policy names their session",
			 (unsigned long long)unjudged);
	if (w->bad || w->full || unjudged)
		return EXIT_ERROR;
	if (w->expired)
		return EXIT_STALE;
	return w->findings ? EXIT_FINDINGS : EXIT_DONE;
}

/* In the order in which nothing is used that is gone. */
static void stop(struct station *m)
{
	struct watch *w = &m->w;

	w->options->hold_s = 0;
	bmp_close(w);
	http_close(m->http);
	listen_close(&w->listening);
	manrs_rib_free(w->rib);
	sessions_close(w);
	if (w->db)
		manrs_db_unref(w->db);
	free(w->rows.out.buf);
	feed_close(&w->feed);
	manrs_policy_file_free(w->options->session.file);
	manrs_trie_free(w->options->session.own_bogons);
	manrs_rel_free(w->options->session.rel);
	loop_close(&w->loop);
}

static int run(struct station *m)
{
	struct watch *w = &m->w;
	bool opened = loop_open(&w->loop), whole;
	int status;

	if (!opened)
		return EXIT_ERROR;
	w->started = (uint64_t)time(NULL);
	m->failed = !start(m) || !loop_run(&w->loop) || m->failed;
	whole = input_close_all(w);
	status = status_of(m);
	/* A thread that waits for others is not waited for. */
	if (w->feed.reading)
		feed_end(&w->feed);
	if (!whole || (w->feed.reading && !feed_ended(&w->feed) && m->late))
		_exit(status);
	stop(m);
	return status;
}

/* ---- options ---- */

static int check_stdin(struct watch_options *o)
{
	size_t inputs = 0;

	for (size_t i = 0; i < o->inputs.n; i++)
		inputs += !strcmp(o->inputs.at[i], "-");
	if (stdins(&o->session.s) > inputs)
		return usage_error(o->session.s.verb,
				   "stdin is for routes: it cannot be read again");
	return inputs > 1 ? usage_error(o->session.s.verb, STDIN_ONCE) : EXIT_DONE;
}

static int check_options(struct watch_options *o)
{
	struct session *s = &o->session;
	const struct verb *verb = s->s.verb;

	if (s->s.argc)
		return usage_error(verb, "%s: unexpected: routes come by -i FILE, --bmp or stdin",
				   s->s.argv[0]);
	if (!s->s.load.files.n)
		return usage_error(verb, "--vrps FILE is missing");
	if (s->policy_path && s->role)
		return usage_error(verb, "--policy FILE or --role ROLE, one of them");
	if (!s->policy_path && !s->role && !o->sessions)
		return usage_error(verb, "--sessions FILE, --policy FILE or --role ROLE");
	if (!s->role && (s->local_as || s->tests))
		return usage_error(verb, "--local-as and --tests belong into the policy");
	if (s->s.load.files.n + s->s.load.aspas.n + s->irr.n > MANRS_SOURCES)
		return usage_error(verb, "at most %d files to judge by", MANRS_SOURCES);
	if (!o->inputs.n && !o->listen.plain.n)
		words_add(&o->inputs, "-");
	return check_stdin(o);
}

static int watch(void *self)
{
	struct watch_options *o = self;
	struct station *m;
	int status = check_options(o);

	if (status != EXIT_DONE)
		return status;
	o->feed.load = &o->session.s.load;
	o->feed.irr = o->session.irr;
	o->feed.guard = 100;
	m = must_resize(NULL, 1, sizeof *m);
	*m = (struct station){.w.options = o};
	status = run(m);
	free(m);
	return status;
}

static const char *view_text(int view)
{
	return watch_view_names[view];
}

static bool take_views(void *self, const char *list)
{
	return states_parse(&((struct watch_options *)self)->views, list, view_text, VIEWS);
}

static bool take_watch_fail_on(void *self, const char *list)
{
	return wanted_parse(&((struct watch_options *)self)->fail_on, list);
}

static int show_parse(const char *text, size_t n)
{
	static const char *const names[] = {
		[SHOW_FAILING] = "failing", [SHOW_CHANGES] = "changes", [SHOW_ALL] = "all"};

	for (int i = 0; i < 3; i++)
		if (strlen(names[i]) == n && !memcmp(names[i], text, n))
			return i;
	return -1;
}

#define IN(member) .at = offsetof(struct watch_options, member)
/* clang-format off */
static const struct option_row options[] = {
	SESSION_ROWS,
	{"sessions", .kind = OPTION_FILE, IN(sessions), .value = "FILE",
	 .help = "policies of many sessions: sections under [PEER], [GROUP]\n"
		 "or [default]; read again on SIGHUP"},
	{"slurm", .kind = OPTION_FILES, IN(feed.slurm), .value = "FILE",
	 .help = "local exceptions (RFC 8416); may be repeated"},
	{"bmp", .kind = OPTION_LIST, IN(listen.plain), .value = "ADDR:PORT",
	 .help = "where routers connect with BMP; [ADDR]:PORT for IPv6; may\n"
		 "be repeated"},
	{"allow", .kind = OPTION_LIST, IN(listen.allow), .value = "PREFIX",
	 .help = "routers of these prefixes alone; may be repeated"},
	{"tcp-md5", .kind = OPTION_FILES, IN(listen.md5), .value = "FILE",
	 .help = "TCP MD5 keys of routers: lines of PREFIX KEY"},
	{"view", .kind = OPTION_CALL, .call = take_views, .value = "LIST",
	 .help = "of each peer: pre, post, out, out-post, loc (the first that\n"
		 "there is)",
	 .wrong = "%s: --view takes pre, post, out, out-post, loc"},
	{"hold", .kind = OPTION_NUMBER, IN(hold_s), .most = 86400, .value = "SECONDS",
	 .help = "the routes of a router that has gone stay so long (0)",
	 .wrong = "%s: --hold takes seconds"},
	{"show", .kind = OPTION_WORD, IN(show), .parse = show_parse, .value = "WHAT",
	 .help = "failing (default): routes that come or go and fail, and\n"
		 "verdicts that change; changes: these alone; all",
	 .wrong = "%s: --show takes failing, changes or all"},
	{"explain", .kind = OPTION_FLAG, IN(explain), .help = "say why, with each change"},
	{"state", .kind = OPTION_FLAG, IN(state),
	 .help = "print the standing routes at the end, as SIGUSR1 does at\n"
		 "any time"},
	{"fail-on", .kind = OPTION_CALL, .call = take_watch_fail_on, .value = "LIST",
	 .help = "exit with 1 where one of LIST fails: names of tests, of\n"
		 "findings (rov-invalid-as), or any",
	 .wrong = "%s: --fail-on takes names of tests or findings, or any"},
	{"http", .kind = OPTION_STRING, IN(listen.http), .value = "ADDR:PORT",
	 .help = "/metrics, /health, /state"},
	{"max-routes", .kind = OPTION_NUMBER, IN(max_routes), .otherwise = 40000000, .least = 1,
	 .most = UINT64_C(1) << 32, .value = "N", .help = "routes at a time (40000000)",
	 .wrong = "%s: --max-routes takes a number"},
	{"max-mib", .kind = OPTION_NUMBER, IN(max_mib), .otherwise = 2048, .least = 1,
	 .most = 1u << 20, .value = "MIB", .help = "what they may take (2048)",
	 .wrong = "%s: --max-mib takes MiB, from 1 to 1048576"},
	{"max-routers", .kind = OPTION_NUMBER, IN(max_routers), .otherwise = 1000, .least = 1,
	 .most = 60000, .value = "N", .help = "routers at a time (1000)",
	 .wrong = "%s: --max-routers takes a number from 1 to 60000"},
	FORMAT_ROW("plain (default), jsonl"),
	{"input", .letter = 'i', .rank = 1, .kind = OPTION_FILES, IN(inputs), .value = "FILE",
	 .help = "routes and updates: MRT, bgpdump -m, RIS Live's or ExaBGP's\n"
		 "JSON; may be repeated; - or neither this nor --bmp: stdin"},
	ASDOT_ROW,
	{"drop-expired", .rank = 1, .kind = OPTION_FLAG, IN_SETTINGS(load.expiry.drop),
	 .help = "leave out what has expired"},
	{"max-age", .rank = 1, .kind = OPTION_CALL, .call = take_max_age, .value = "SECONDS",
	 .help = "after the time of building, data is not judged by any more",
	 .wrong = "%s: --max-age takes seconds"},
	MEMORY_ROW,
	{"allow-bad", .rank = 1, .kind = OPTION_NUMBER, .to = &load_allow_bad, .most = 100, .value = "N",
	 .help = "percent of a list's entries that may be unreadable (1)",
	 .wrong = "%s: --allow-bad takes a percentage"},
	{"message-timeout", .rank = 2, .kind = OPTION_NUMBER, IN(message_s), .otherwise = 60, .least = 1,
	 .most = 3600, .value = "SECONDS", .help = "a router whose message has not ended by then is closed (60)",
	 .wrong = "%s: --message-timeout takes seconds, from 1 to 3600"},
	{"timeout", .rank = 2, .kind = OPTION_NUMBER, IN_SETTINGS(load.rtr.timeout_s), .least = 1, .most = 86400,
	 .value = "SECONDS", .help = "exit 3 if a cache (rtr://HOST[:PORT] or rtrs:// for a\nFILE) has not given its data by then (30)",
	 .wrong = "%s: --timeout takes seconds, from 1 to 86400"},
	{"ca", .rank = 2, .kind = OPTION_STRING, IN_SETTINGS(load.rtr.ca), .value = "FILE",
	 .help = "who signs the certificates of caches, PEM"},
	{"cert", .rank = 2, .kind = OPTION_STRING, IN_SETTINGS(load.rtr.cert), .value = "FILE",
	 .help = "our certificate for them, PEM"},
	{"key", .rank = 2, .kind = OPTION_STRING, IN_SETTINGS(load.rtr.key), .value = "FILE", .help = "its key"},
	{"connect", .rank = 2, .kind = OPTION_STRING, IN_SETTINGS(load.rtr.connect), .value = "COMMAND",
	 .help = "speaks to a cache by its stdin and stdout, as for the other\nverbs"},
	HELP_ROW,
	{0},
};
/* clang-format on */

const struct verb verb_watch = {
	.name = "watch",
	.summary = "routes as they come, and each change of their verdicts",
	.usage =
		"watch --vrps FILE... (--sessions FILE | --policy FILE | --role ROLE)\n"
		"             [--bmp ADDR:PORT]... [-i FILE]... [options]\n\n"
		"A row a change of verdict: of routes that routers send (BMP), of archives (MRT),\n"
		"of lines (bgpdump -m, RIS Live, ExaBGP); and when the published data changes.\n"
		"Files to judge by are read again when they change and on SIGHUP.\n",
	.options = options,
	.size = sizeof(struct watch_options),
	.formats = 1u << FORMAT_PLAIN | 1u << FORMAT_JSONL,
	.asdot = 1u << FORMAT_PLAIN,
	.format = FORMAT_PLAIN,
	.run = watch,
};
