/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reading thread: a look every few seconds, files that changed into an edit each, and what is asked of it by the serving
 * thread. A bad file is an edit that is aborted, and its last data stays. What has been read goes to set_consider.
 */

#include "feed.h"

#include "feed_reading.h"
#include "feed_upstream.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_MS = 2000 };
enum { ASK_RELOAD = 1, ASK_RELEASE = 2, ASK_END = 4 };

static uint64_t wall(void)
{
	return (uint64_t)time(NULL);
}

/* ---- a look at the files ---- */

static bool commit(struct feed_reading *x, manrs_edit *edit)
{
	manrs_db *db;
	int rc = manrs_edit_commit(edit, &db);

	if (rc < 0) {
		complain_error(rc);
		manrs_edit_abort(edit);
		return false;
	}
	manrs_db_unref(x->raw);
	x->raw = db;
	return true;
}

static manrs_edit *begin(struct feed_reading *x)
{
	manrs_edit *edit = NULL;
	int rc = manrs_edit_begin(&edit, x->owner, x->raw);

	if (rc < 0)
		complain_error(rc);
	return edit;
}

static void read_records(struct feed_reading *x, struct source *s)
{
	struct feed_source before = s->said;
	manrs_edit *edit = begin(x);

	x->tell = true;
	if (!edit)
		return;
	if (!source_read(s, edit, x->options, wall())) {
		manrs_edit_abort(edit);
	} else if (commit(x, edit)) {
		s->fed = true;
	} else {
		s->said = before;
		source_problem(s, complained());
	}
}

static void read_slurm(struct feed_reading *x, bool at_once)
{
	struct source *slurm = x->sources + x->n_records;
	size_t n = x->n - x->n_records;
	bool read = false, taken = false;
	manrs_edit *edit;

	for (size_t i = 0; i < n; i++)
		if (source_due(&slurm[i], at_once)) {
			read |= source_read_slurm(&slurm[i]);
			x->tell = true;
		}
	if (!read || !(edit = begin(x)))
		return;
	if (sources_slurm(slurm, n, edit))
		taken = commit(x, edit);
	else
		manrs_edit_abort(edit);
	sources_slurm_done(slurm, n, taken, wall());
}

static void look_at_files(struct feed_reading *x, bool at_once)
{
	if (!at_once && loop_clock() < x->looked_ms + LOOK_MS)
		return;
	x->looked_ms = loop_clock();
	for (size_t i = 0; i < x->n_records; i++)
		if (x->sources[i].kind != SOURCE_CACHE && source_due(&x->sources[i], at_once))
			read_records(x, &x->sources[i]);
	read_slurm(x, at_once);
}

static void read_upstream(struct feed_reading *x, struct source *s)
{
	manrs_edit *edit = begin(x);
	enum upstream_result result;

	if (!edit)
		return;
	x->tell = true;
	result = upstream_read(s, edit, loop_clock());
	if (result != UPSTREAM_TAKEN)
		manrs_edit_abort(edit);
	else if (commit(x, edit))
		upstream_done(s, x->raw, loop_clock());
	if (result == UPSTREAM_GONE)
		set_serve_no_more(x);
}

static void look_at_caches(struct feed_reading *x, bool at_once)
{
	for (size_t i = 0; i < x->n_records; i++) {
		struct source *s = &x->sources[i];

		if (s->kind != SOURCE_CACHE)
			continue;
		if (at_once && x->open)
			manrs_rtr_refresh(rtr_session_engine(s->session), 0, loop_clock());
		if (upstream_waits(s))
			read_upstream(x, s);
		upstream_look(s, loop_clock(), wall());
	}
}

/* ---- the thread ---- */

/* Until somebody asks, a cache says something, or the next look is due. */
static void wait_for_events(struct feed_reading *x)
{
	struct pollfd fds[1 + MANRS_SOURCES] = {{.fd = x->asked, .events = POLLIN}};
	uint64_t now = loop_clock(), at = x->looked_ms + LOOK_MS, count;

	if (x->held_ms && now + set_hold_left_ms(x) + 1 < at)
		at = now + set_hold_left_ms(x) + 1;
	for (size_t i = 0; i < x->n_records; i++) {
		const struct rtr_session *session = x->sources[i].session;

		fds[1 + i].fd = session ? rtr_session_fd(session, &fds[1 + i].events) : -1;
		if (session && rtr_session_deadline(session) < at)
			at = rtr_session_deadline(session);
	}
	poll(fds, (nfds_t)(1 + x->n_records), at > now ? (int)(at - now) : 0);
	for (size_t i = 0; i < x->n_records; i++)
		if (x->sources[i].session)
			rtr_session_turn(x->sources[i].session, fds[1 + i].revents, loop_clock());
	(void)!read(x->asked, &count, sizeof count);
}

static unsigned wait_for(struct feed_reading *x)
{
	unsigned asks;

	wait_for_events(x);
	pthread_mutex_lock(&x->lock);
	asks = x->asks;
	x->asks = 0;
	pthread_mutex_unlock(&x->lock);
	return asks;
}

/* The set that was kept, and the numbers that go with it. */
static void load_kept(struct feed_reading *x)
{
	manrs_edit *edit = begin(x);

	if (!edit)
		exit(EXIT_ERROR);
	if (!state_load(&x->state, edit)) {
		manrs_edit_abort(edit);
	} else if (manrs_edit_commit(edit, &x->kept) < 0) {
		complain_error(MANRS_ENOMEM);
		exit(EXIT_ERROR);
	}
	x->kept_fits = x->kept && x->state.made_of == set_made_of(x);
	pthread_mutex_lock(&x->lock);
	x->start.serial = x->state.serial;
	memcpy(x->start.session, x->state.session, sizeof x->start.session);
	pthread_mutex_unlock(&x->lock);
}

/* Whether routers are let in: caches get some time to answer first, for an error 2 would keep routers away for long. */
static bool opens(const struct feed_reading *x, uint64_t began_ms)
{
	uint64_t timeout_s = x->options->load->rtr.timeout_s;

	return !x->n_caches || set_whole(x) ||
	       loop_clock() >= began_ms + (timeout_s ? timeout_s : RTR_TIMEOUT) * 1000;
}

/* Of glibc; others give memory back by themselves, or not at all. */
extern int malloc_trim(size_t keep) __attribute__((weak));

/* What a reading took, up to as much as the set itself, goes back to the system: the next one may be hours away. */
static void give_back(struct feed_reading *x, bool trim)
{
	manrs_db_reclaim(x->owner, 0);
	if (trim && malloc_trim)
		malloc_trim(0);
}

static void *reading(void *arg)
{
	struct feed_reading *x = arg;
	uint64_t began_ms = loop_clock();
	unsigned asks = ASK_RELOAD;
	bool told = false;

	load_kept(x);
	while (!(asks & ASK_END)) {
		x->tell = asks != 0;
		look_at_files(x, asks & ASK_RELOAD);
		look_at_caches(x, asks & ASK_RELOAD);
		x->said.rounds += x->tell;
		set_consider(x, asks & ASK_RELEASE);
		if (!x->open && opens(x, began_ms)) {
			set_stand_in(x);
			x->open = x->tell = true;
		}
		if (x->tell && x->open) {
			set_post(x, NULL);
			loop_wake(&x->wake);
		}
		/* A turn later, when the loop's thread has taken over what was told. */
		give_back(x, told && !x->tell);
		told = x->tell;
		asks = wait_for(x);
	}
	pthread_mutex_lock(&x->lock);
	x->ended = true;
	pthread_mutex_unlock(&x->lock);
	loop_wake(&x->wake);
	return NULL;
}

/* ---- for the loop's thread ---- */

void feed_set_free(struct feed_set *set)
{
	change_free(&set->change);
	manrs_db_unref(set->db);
	free(set);
}

static void woken(struct loop_wake *wake)
{
	struct feed_reading *x =
		(struct feed_reading *)(void *)((char *)wake - offsetof(struct feed_reading, wake));

	x->feed->posted(x->feed);
}

static void make_sources(struct feed_reading *x)
{
	const struct vrpset_options *load = x->options->load;
	const struct feed_options *o = x->options;
	const struct words *words[] = {&load->files, &load->aspas, &o->irr, &o->slurm};
	const enum source_kind kinds[] = {SOURCE_VRPS, SOURCE_ASPAS, SOURCE_IRR, SOURCE_SLURM};

	x->n_records = load->files.n + load->aspas.n + o->irr.n;
	x->sources = must_resize(NULL, x->n_records + o->slurm.n, sizeof *x->sources);
	for (size_t kind = 0; kind < 4; kind++)
		for (size_t i = 0; i < words[kind]->n; i++, x->n++)
			source_init(&x->sources[x->n], kinds[kind], words[kind]->at[i],
				    (uint32_t)x->n);
}

static bool open_caches(struct feed_reading *x)
{
	x->caches.options = &x->options->load->rtr;
	for (size_t i = 0; i < x->n_records; i++) {
		if (!rtr_url_is(x->sources[i].said.name))
			continue;
		if (!upstream_open(&x->sources[i], &x->caches))
			return false;
		x->n_caches++;
	}
	return true;
}

bool feed_open(struct feed *feed)
{
	struct feed_reading *x = must_resize(NULL, 1, sizeof *x);
	int rc;

	*x = (struct feed_reading){.feed = feed, .options = feed->options};
	x->sets_end = &x->sets;
	x->wake.woken = woken;
	x->wake.watch.fd = -1;
	x->state.folder = -1;
	feed->reading = x;
	make_sources(x);
	pthread_mutex_init(&x->lock, NULL);
	x->asked = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (x->asked < 0) {
		complain("eventfd: %s", strerror(errno));
		return false;
	}
	if (!state_open(&x->state, feed->options->state) || !loop_wake_open(feed->loop, &x->wake))
		return false;
	if (db_owner_new(&x->owner) < 0) {
		complain_error(MANRS_ENOMEM);
		return false;
	}
	if (!open_caches(x))
		return false;
	rc = pthread_create(&x->thread, NULL, reading, x);
	x->started = rc == 0;
	if (rc)
		complain("thread: %s", strerror(rc));
	return x->started;
}

struct feed_set *feed_take(struct feed *feed, struct feed_start *start)
{
	struct feed_reading *x = feed->reading;
	struct feed_set *sets;

	pthread_mutex_lock(&x->lock);
	sets = x->sets;
	x->sets = NULL;
	x->sets_end = &x->sets;
	*start = x->start;
	if (x->news.source) {
		free(feed->news.source);
		feed->news = x->news;
		x->news.source = NULL;
	}
	pthread_mutex_unlock(&x->lock);
	return sets;
}

static void ask(struct feed_reading *x, unsigned what)
{
	uint64_t one = 1;

	pthread_mutex_lock(&x->lock);
	x->asks |= what;
	pthread_mutex_unlock(&x->lock);
	(void)!write(x->asked, &one, sizeof one);
}

void feed_reload(struct feed *feed)
{
	ask(feed->reading, ASK_RELOAD);
}

void feed_release(struct feed *feed)
{
	ask(feed->reading, ASK_RELEASE);
}

void feed_end(struct feed *feed)
{
	ask(feed->reading, ASK_END);
}

bool feed_ended(const struct feed *feed)
{
	struct feed_reading *x = feed->reading;
	bool ended;

	pthread_mutex_lock(&x->lock);
	ended = x->ended;
	pthread_mutex_unlock(&x->lock);
	return ended;
}

void feed_close(struct feed *feed)
{
	struct feed_reading *x = feed->reading;

	if (!x)
		return;
	if (x->started)
		pthread_join(x->thread, NULL);
	while (x->sets) {
		struct feed_set *next = x->sets->next;

		feed_set_free(x->sets);
		x->sets = next;
	}
	manrs_db_unref(x->raw);
	manrs_db_unref(x->served);
	manrs_db_unref(x->kept);
	manrs_db_owner_free(x->owner);
	for (size_t i = 0; i < x->n; i++) {
		upstream_free(&x->sources[i]);
		source_free(&x->sources[i]);
	}
	rtr_fetch_end(&x->caches);
	free(x->sources);
	free(x->news.source);
	free(feed->news.source);
	feed->news = (struct feed_news){0};
	state_close(&x->state);
	loop_wake_close(feed->loop, &x->wake);
	if (x->asked >= 0)
		close(x->asked);
	pthread_mutex_destroy(&x->lock);
	free(x);
	feed->reading = NULL;
}
