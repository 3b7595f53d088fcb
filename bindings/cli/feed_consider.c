/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whether what was read is served, and the way of a set to the serving thread.
 *
 *     raw -> is it whole? is anything in it? the guard? -> state on disk -> post   (no: what is served stays)
 *
 * Until every source was good once there is nothing to serve: a set with a file missing would turn routes from valid to
 * not-found or invalid. After a restart what was kept may stand in for it, if it was made of the same files.
 */

#include "feed_reading.h"

#include <time.h>

/* What a cache has fed us is kept without its own expire interval: the one that RFC 8210 section 6 recommends. */
enum { CACHE_EXPIRES_S = 7200 };

/* ---- posts ---- */

/* A copy for the other thread; its array is its own. */
static void copy_news(struct feed_reading *x)
{
	struct feed_source *to = must_resize(x->news.source, x->n, sizeof *to);

	for (size_t i = 0; i < x->n; i++)
		to[i] = x->sources[i].said;
	x->news = x->said;
	x->news.source = to;
	x->news.n_sources = x->n;
	x->news.state_good = x->state.saved;
}

void set_post(struct feed_reading *x, struct feed_set *set)
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

static uint64_t expires_of(const struct feed_reading *x, uint64_t built)
{
	const struct expiry *rule = &x->options->load->expiry;

	if (x->gone)
		return 1;
	return rule->limited && built ? built + rule->max_age : 0;
}

static struct feed_set *set_new(const struct feed_reading *x, const manrs_db *db)
{
	struct feed_set *set = must_resize(NULL, 1, sizeof *set);

	manrs_db_ref(db);
	*set = (struct feed_set){
		.db = db, .serial = x->state.serial, .expires = expires_of(x, x->state.built)};
	return set;
}

/* What routers had before the restart, with its serial. */
static void post_kept(struct feed_reading *x)
{
	struct feed_set *set = set_new(x, x->kept);

	if (x->n_caches && (!set->expires || set->expires > x->state.built + CACHE_EXPIRES_S))
		set->expires = x->state.built + CACHE_EXPIRES_S;
	change_make(&set->change, NULL, x->kept);
	x->served = x->kept;
	x->kept = NULL;
	x->said.built = x->state.built;
	set_post(x, set);
}

/* ---- is it to be served? ---- */

bool set_whole(const struct feed_reading *x)
{
	for (size_t i = 0; i < x->n; i++)
		if (!x->sources[i].said.good)
			return false;
	return x->raw != NULL;
}

static uint64_t oldest(const struct feed_reading *x)
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

static void hold(struct feed_reading *x, const struct change_loss *loss, uint64_t left_s)
{
	x->tell = true;
	complain("warning: held back: %llu of %llu %s would go, more than --guard %llu percent; "
		 "SIGUSR1 lets it through, and so do %llu seconds",
		 (unsigned long long)loss->gone, (unsigned long long)loss->had, loss->what,
		 (unsigned long long)x->options->guard, (unsigned long long)left_s);
	if (!x->held_ms) {
		x->held_ms = loop_clock();
		x->said.held_since = (uint64_t)time(NULL);
	}
	x->said.guarded++;
	x->said.held_removed = loss->gone;
	x->said.held_of = loss->had;
}

uint64_t set_hold_left_ms(const struct feed_reading *x)
{
	uint64_t ms = x->options->guard_hold_s * 1000, now = loop_clock();

	if (!x->held_ms)
		return ms;
	return x->held_ms + ms > now ? x->held_ms + ms - now : 0;
}

/* returns: whether the guard lets it through */
static bool guard(struct feed_reading *x, const manrs_db *base, const struct feed_change *change,
		  bool release)
{
	struct change_loss loss;
	bool held = base &&
		    change_loses(change, base, x->options->guard, x->options->guard_least, &loss);

	if (held && !release && set_hold_left_ms(x)) {
		hold(x, &loss, (set_hold_left_ms(x) + 999) / 1000);
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
uint64_t set_made_of(const struct feed_reading *x)
{
	uint64_t digest = 0;

	for (size_t i = 0; i < x->n; i++)
		digest = state_digest(state_digest(digest, x->sources[i].said.kind),
				      x->sources[i].said.name);
	return digest;
}

/* On disk before it is served; takes change. */
static void serve(struct feed_reading *x, struct feed_change *change)
{
	uint64_t built = oldest(x), old_built = x->state.built;
	bool first = !x->served && !x->kept, none = change_none(change) && !first;
	struct feed_set *set;

	if (x->kept)
		post_kept(x);
	if (!none && !first)
		x->state.serial++;
	x->state.built = x->said.built = built;
	if (!none || built != old_built || !x->kept_fits) {
		x->state.made_of = set_made_of(x);
		x->kept_fits = state_save(&x->state, x->raw);
	}
	set = set_new(x, x->raw);
	set->change = *change;
	manrs_db_unref(x->served);
	manrs_db_ref(x->raw);
	x->served = x->raw;
	set_post(x, set);
}

/* What was read last, if it is to be served. */
void set_consider(struct feed_reading *x, bool release)
{
	const manrs_db *base = x->kept ? x->kept : x->served;
	struct feed_change change;

	if (!set_whole(x))
		return;
	/* A set that was read since then is another than that which the log told of. */
	release = release && x->held_ms && x->raw == x->considered;
	x->gone = false;
	if (x->raw == x->considered && !(x->held_ms && (release || !set_hold_left_ms(x))) &&
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

void set_serve_no_more(struct feed_reading *x)
{
	struct feed_set *set;

	x->considered = NULL;
	x->gone = true;
	if (!x->served)
		return;
	set = set_new(x, x->served);
	set_post(x, set);
}

/* After the first look: what was kept serves where nothing else does. */
void set_stand_in(struct feed_reading *x)
{
	uint64_t now = (uint64_t)time(NULL);

	if (x->served || !x->kept || !x->kept_fits)
		return;
	if (source_stale(x->options, x->state.built, now) ||
	    (x->n_caches && x->state.built + CACHE_EXPIRES_S < now))
		return;
	complain("warning: what was served before the restart is served until all files are good");
	post_kept(x);
}
