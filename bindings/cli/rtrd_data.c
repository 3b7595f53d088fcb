/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reading thread.
 *
 *     a look every few seconds: files that changed -> an edit each -> raw          (a bad file: aborted, its last data stays)
 *     raw -> is it whole? is anything in it? the guard? -> state on disk -> post   (no: what is served stays)
 *
 * raw is all that was read last of each source with the local exceptions that were read last; served is what routers have.
 * Until every source was good once there is nothing to serve: a set with a file missing would turn routes from valid to
 * not-found or invalid. After a restart what was kept may stand in for it, if it was made of the same files.
 */

#include "rtrd_data.h"

#include "rtrd_source.h"
#include "rtrd_state.h"
#include "rtrd_upstream.h"

#include <manrs/db_source.h>

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

struct rtrd_data {
	struct rtrd *d;
	const struct rtrd_options *options;
	void (*posted)(struct rtrd *d);
	pthread_t thread;
	int asked;             /* an eventfd: look at asks */
	struct loop_wake wake; /* look at the posts */

	pthread_mutex_t lock; /* of these: */
	unsigned asks;
	bool ended;
	struct rtrd_set *sets, **sets_end;
	struct rtrd_news news;
	struct rtrd_start start;

	/* of the reading thread alone: */
	manrs_db_owner *owner;
	manrs_db *raw, *served;
	manrs_db *kept; /* the set of the state file, until another is served */
	bool kept_fits; /* it was made of the same files */
	struct source *sources;
	size_t n, n_records; /* records first, then SLURM */
	struct rtrd_state state;
	struct rtrd_news said;
	const manrs_db *considered; /* the raw that was looked at last; only compared */
	uint64_t considered_built;
	uint64_t held_ms;        /* since when the guard holds; 0: it does not */
	bool tell;               /* there is something to tell the serving thread */
	bool open;               /* the first looks are over: it may serve */
	bool gone;               /* what is served must not be used any more */
	uint64_t looked_ms;      /* at files */
	struct rtr_fetch caches; /* what their sessions share */
	size_t n_caches;
};

static uint64_t wall(void)
{
	return (uint64_t)time(NULL);
}

/* ---- posts ---- */

/* A copy for the other thread; its array is its own. */
static void copy_news(struct rtrd_data *x)
{
	struct rtrd_source *to = must_resize(x->news.source, x->n, sizeof *to);

	for (size_t i = 0; i < x->n; i++)
		to[i] = x->sources[i].said;
	x->news = x->said;
	x->news.source = to;
	x->news.n_sources = x->n;
	x->news.state_good = x->state.saved;
}

static void post(struct rtrd_data *x, struct rtrd_set *set)
{
	x->tell = true;
	pthread_mutex_lock(&x->lock);
	copy_news(x);
	if (set) {
		*x->sets_end = set;
		x->sets_end = &set->next;
	}
	pthread_mutex_unlock(&x->lock);
}

static uint64_t expires_of(const struct rtrd_data *x, uint64_t built)
{
	const struct expiry *rule = &x->options->s.load.expiry;

	if (x->gone)
		return 1;
	return rule->limited && built ? built + rule->max_age : 0;
}

static struct rtrd_set *set_new(const struct rtrd_data *x, const manrs_db *db)
{
	struct rtrd_set *set = must_resize(NULL, 1, sizeof *set);

	manrs_db_ref(db);
	*set = (struct rtrd_set){
		.db = db, .serial = x->state.serial, .expires = expires_of(x, x->state.built)};
	return set;
}

void data_set_free(struct rtrd_set *set)
{
	change_free(&set->change);
	manrs_db_unref(set->db);
	free(set);
}

/* What routers had before the restart, with its serial. */
static void post_kept(struct rtrd_data *x)
{
	struct rtrd_set *set = set_new(x, x->kept);

	change_make(&set->change, NULL, x->kept);
	x->served = x->kept;
	x->kept = NULL;
	x->said.built = x->state.built;
	post(x, set);
}

/* ---- is it to be served? ---- */

static bool whole(const struct rtrd_data *x)
{
	for (size_t i = 0; i < x->n; i++)
		if (!x->sources[i].said.good)
			return false;
	return x->raw != NULL;
}

static uint64_t oldest(const struct rtrd_data *x)
{
	uint64_t built = 0;

	for (size_t i = 0; i < x->n; i++) {
		uint64_t b = x->sources[i].said.built;

		if (b && (!built || b < built))
			built = b;
	}
	return built;
}

static bool empty(const manrs_db *db)
{
	manrs_db_stats stats = {.size = sizeof stats};

	manrs_db_stats_get(db, &stats);
	return !(stats.vrps4 + stats.vrps6);
}

static void hold(struct rtrd_data *x, const struct change_loss *loss, uint64_t left_s)
{
	x->tell = true;
	complain("warning: held back: %llu of %llu %s would go, more than --guard %llu percent; "
		 "SIGUSR1 lets it through, and so do %llu seconds",
		 (unsigned long long)loss->gone, (unsigned long long)loss->had, loss->what,
		 (unsigned long long)x->options->guard, (unsigned long long)left_s);
	if (!x->held_ms) {
		x->held_ms = loop_clock();
		x->said.held_since = wall();
	}
	x->said.guarded++;
	x->said.held_removed = loss->gone;
	x->said.held_of = loss->had;
}

static uint64_t hold_left_ms(const struct rtrd_data *x)
{
	uint64_t ms = x->options->guard_hold_s * 1000, now = loop_clock();

	if (!x->held_ms)
		return ms;
	return x->held_ms + ms > now ? x->held_ms + ms - now : 0;
}

/* returns: whether the guard lets it through */
static bool guard(struct rtrd_data *x, const manrs_db *base, const struct rtrd_change *change,
		  bool release)
{
	struct change_loss loss;
	bool held = base &&
		    change_loses(change, base, x->options->guard, x->options->guard_least, &loss);

	if (held && !release && hold_left_ms(x)) {
		hold(x, &loss, (hold_left_ms(x) + 999) / 1000);
		return false;
	}
	if (held)
		complain("warning: let through, %s: %llu of %llu %s go",
			 release ? "as asked" : "for it was held long enough",
			 (unsigned long long)loss.gone, (unsigned long long)loss.had, loss.what);
	x->held_ms = 0;
	x->said.held_removed = x->said.held_of = x->said.held_since = 0;
	return true;
}

/* A set that was made of other files is no stand-in for that of these. */
static uint64_t made_of(const struct rtrd_data *x)
{
	uint64_t digest = 0;

	for (size_t i = 0; i < x->n; i++)
		digest = state_digest(state_digest(digest, x->sources[i].said.kind),
				      x->sources[i].said.name);
	return digest;
}

/* On disk before it is served; takes change. */
static void serve(struct rtrd_data *x, struct rtrd_change *change)
{
	uint64_t built = oldest(x), old_built = x->state.built;
	bool first = !x->served && !x->kept, none = change_none(change) && !first;
	struct rtrd_set *set;

	if (x->kept)
		post_kept(x);
	if (!none && !first)
		x->state.serial++;
	x->state.built = x->said.built = built;
	if (!none || built != old_built || !x->kept_fits) {
		x->state.made_of = made_of(x);
		x->kept_fits = state_save(&x->state, x->raw);
	}
	set = set_new(x, x->raw);
	set->change = *change;
	manrs_db_unref(x->served);
	manrs_db_ref(x->raw);
	x->served = x->raw;
	post(x, set);
}

/* What was read last, if it is to be served. */
static void consider(struct rtrd_data *x, bool release)
{
	const manrs_db *base = x->kept ? x->kept : x->served;
	struct rtrd_change change;

	if (!whole(x))
		return;
	/* A set that was read since then is another than that which the log told of. */
	release = release && x->held_ms && x->raw == x->considered;
	x->gone = false;
	if (x->raw == x->considered && !(x->held_ms && (release || !hold_left_ms(x))) &&
	    (x->held_ms || oldest(x) == x->considered_built))
		return;
	x->considered = x->raw;
	x->considered_built = oldest(x);
	if (empty(x->raw)) {
		complain("warning: nothing is left of all files: not taken");
		return;
	}
	change_make(&change, base, x->raw);
	if (guard(x, x->kept && !x->kept_fits ? NULL : base, &change, release))
		serve(x, &change);
	else
		change_free(&change);
}

/* ---- a look at the files ---- */

static bool commit(struct rtrd_data *x, manrs_edit *edit)
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

static manrs_edit *begin(struct rtrd_data *x)
{
	manrs_edit *edit = NULL;
	int rc = manrs_edit_begin(&edit, x->owner, x->raw);

	if (rc < 0)
		complain_error(rc);
	return edit;
}

static void read_records(struct rtrd_data *x, struct source *s)
{
	struct rtrd_source before = s->said;
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

static void read_slurm(struct rtrd_data *x, bool at_once)
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

static void look_at_files(struct rtrd_data *x, bool at_once)
{
	if (!at_once && loop_clock() < x->looked_ms + LOOK_MS)
		return;
	x->looked_ms = loop_clock();
	for (size_t i = 0; i < x->n_records; i++)
		if (x->sources[i].kind != SOURCE_CACHE && source_due(&x->sources[i], at_once))
			read_records(x, &x->sources[i]);
	read_slurm(x, at_once);
}

/* What came of a cache is not served any more; what other sources have has nothing to do with it. */
static void serve_no_more(struct rtrd_data *x)
{
	struct rtrd_set *set;

	x->considered = NULL;
	x->gone = true;
	if (!x->served)
		return;
	set = set_new(x, x->served);
	post(x, set);
}

static void read_upstream(struct rtrd_data *x, struct source *s)
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
		serve_no_more(x);
}

static void look_at_caches(struct rtrd_data *x, bool at_once)
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
static void wait_for_events(struct rtrd_data *x)
{
	struct pollfd fds[1 + MANRS_SOURCES] = {{.fd = x->asked, .events = POLLIN}};
	uint64_t now = loop_clock(), at = x->looked_ms + LOOK_MS, count;

	if (x->held_ms && now + hold_left_ms(x) + 1 < at)
		at = now + hold_left_ms(x) + 1;
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

static unsigned wait_for(struct rtrd_data *x)
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
static void load_kept(struct rtrd_data *x)
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
	x->kept_fits = x->kept && x->state.made_of == made_of(x);
	pthread_mutex_lock(&x->lock);
	x->start.serial = x->state.serial;
	memcpy(x->start.session, x->state.session, sizeof x->start.session);
	pthread_mutex_unlock(&x->lock);
}

/* After the first look: what was kept serves where nothing else does. */
static void stand_in(struct rtrd_data *x)
{
	if (x->served || !x->kept || !x->kept_fits)
		return;
	if (source_stale(x->options, x->state.built, wall()))
		return;
	complain("warning: what was served before the restart is served until all files are good");
	post_kept(x);
}

/* Whether routers are let in: caches get some time to answer first, for an error 2 would keep routers away for long. */
static bool opens(const struct rtrd_data *x, uint64_t began_ms)
{
	uint64_t timeout_s = x->options->s.load.rtr.timeout_s;

	return !x->n_caches || whole(x) ||
	       loop_clock() >= began_ms + (timeout_s ? timeout_s : RTR_TIMEOUT) * 1000;
}

/* Of glibc; others give memory back by themselves, or not at all. */
extern int malloc_trim(size_t keep) __attribute__((weak));

/* What a reading took, up to as much as the set itself, goes back to the system: the next one may be hours away. */
static void give_back(struct rtrd_data *x, bool trim)
{
	manrs_db_reclaim(x->owner, 0);
	if (trim && malloc_trim)
		malloc_trim(0);
}

static void *reading(void *arg)
{
	struct rtrd_data *x = arg;
	uint64_t began_ms = loop_clock();
	unsigned asks = ASK_RELOAD;
	bool told = false;

	load_kept(x);
	while (!(asks & ASK_END)) {
		x->tell = asks != 0;
		look_at_files(x, asks & ASK_RELOAD);
		look_at_caches(x, asks & ASK_RELOAD);
		x->said.rounds += x->tell;
		consider(x, asks & ASK_RELEASE);
		if (!x->open && opens(x, began_ms)) {
			stand_in(x);
			x->open = x->tell = true;
		}
		if (x->tell && x->open) {
			post(x, NULL);
			loop_wake(&x->wake);
		}
		/* A turn later, when the serving thread has taken over what was told. */
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

/* ---- for the serving thread ---- */

static void woken(struct loop_wake *wake)
{
	struct rtrd_data *x =
		(struct rtrd_data *)(void *)((char *)wake - offsetof(struct rtrd_data, wake));

	x->posted(x->d);
}

static void make_sources(struct rtrd_data *x)
{
	const struct vrpset_options *load = &x->options->s.load;
	const struct words *words[] = {&load->files, &load->aspas, &x->options->slurm};
	const enum source_kind kinds[] = {SOURCE_VRPS, SOURCE_ASPAS, SOURCE_SLURM};

	x->n_records = load->files.n + load->aspas.n;
	x->sources = must_resize(NULL, x->n_records + x->options->slurm.n, sizeof *x->sources);
	for (size_t kind = 0; kind < 3; kind++)
		for (size_t i = 0; i < words[kind]->n; i++, x->n++)
			source_init(&x->sources[x->n], kinds[kind], words[kind]->at[i],
				    (uint32_t)x->n);
}

static bool open_caches(struct rtrd_data *x)
{
	x->caches.options = &x->options->s.load.rtr;
	for (size_t i = 0; i < x->n_records; i++) {
		if (!rtr_url_is(x->sources[i].said.name))
			continue;
		if (!upstream_open(&x->sources[i], &x->caches))
			return false;
		x->n_caches++;
	}
	return true;
}

bool data_open(struct rtrd *d, void (*posted)(struct rtrd *d))
{
	struct rtrd_data *x = must_resize(NULL, 1, sizeof *x);
	int rc;

	*x = (struct rtrd_data){.d = d, .options = d->options, .posted = posted};
	x->sets_end = &x->sets;
	x->wake.woken = woken;
	x->wake.watch.fd = -1;
	d->data = x;
	make_sources(x);
	pthread_mutex_init(&x->lock, NULL);
	x->asked = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (x->asked < 0) {
		complain("eventfd: %s", strerror(errno));
		return false;
	}
	if (!state_open(&x->state, d->options->state) || !loop_wake_open(&d->loop, &x->wake))
		return false;
	if (db_owner_new(&x->owner) < 0) {
		complain_error(MANRS_ENOMEM);
		return false;
	}
	if (!open_caches(x))
		return false;
	rc = pthread_create(&x->thread, NULL, reading, x);
	if (rc)
		complain("thread: %s", strerror(rc));
	return rc == 0;
}

struct rtrd_set *data_take(struct rtrd *d, struct rtrd_start *start)
{
	struct rtrd_data *x = d->data;
	struct rtrd_set *sets;

	pthread_mutex_lock(&x->lock);
	sets = x->sets;
	x->sets = NULL;
	x->sets_end = &x->sets;
	*start = x->start;
	if (x->news.source) {
		free(d->news.source);
		d->news = x->news;
		x->news.source = NULL;
	}
	pthread_mutex_unlock(&x->lock);
	return sets;
}

static void ask(struct rtrd_data *x, unsigned what)
{
	uint64_t one = 1;

	pthread_mutex_lock(&x->lock);
	x->asks |= what;
	pthread_mutex_unlock(&x->lock);
	(void)!write(x->asked, &one, sizeof one);
}

void data_reload(struct rtrd *d)
{
	ask(d->data, ASK_RELOAD);
}

void data_release(struct rtrd *d)
{
	ask(d->data, ASK_RELEASE);
}

void data_end(struct rtrd *d)
{
	ask(d->data, ASK_END);
}

bool data_ended(const struct rtrd *d)
{
	struct rtrd_data *x = d->data;
	bool ended;

	pthread_mutex_lock(&x->lock);
	ended = x->ended;
	pthread_mutex_unlock(&x->lock);
	return ended;
}

void data_close(struct rtrd *d)
{
	struct rtrd_data *x = d->data;

	pthread_join(x->thread, NULL);
	while (x->sets) {
		struct rtrd_set *next = x->sets->next;

		data_set_free(x->sets);
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
	free(d->news.source);
	d->news = (struct rtrd_news){0};
	state_close(&x->state);
	loop_wake_close(&d->loop, &x->wake);
	close(x->asked);
	pthread_mutex_destroy(&x->lock);
	free(x);
	d->data = NULL;
}
