/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The last whole set that a cache gave stays what the next one is compared with, through lost connections and restarts, also
 * where a router would have to forget it: what is told are changes of the cache's data.
 *
 * Both signals are blocked but while we wait, for the cache or for whoever reads our rows.
 */

#include "rtr_watch.h"

#include "loop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>

struct watch {
	struct rows *rows;
	struct rtr_fetch fetch;
	struct rtr_session *session;
	manrs_db_owner *owner;
	manrs_db *db; /* NULL: nothing came yet */
	uint64_t end_ms;
};

static volatile sig_atomic_t ended;
static sigset_t sleeping; /* what is blocked while we wait */

static void end(int number)
{
	(void)number;
	ended = 1;
}

/* Both signals come in while we sleep, and not between the look at `ended` and that. */
static void catch_ends(void)
{
	struct sigaction action = {.sa_handler = end};
	sigset_t both;

	sigemptyset(&both);
	sigaddset(&both, SIGINT);
	sigaddset(&both, SIGTERM);
	sigprocmask(SIG_BLOCK, &both, &sleeping);
	sigdelset(&sleeping, SIGINT);
	sigdelset(&sleeping, SIGTERM);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

/* A reader that is slow is waited for, until a signal comes; then only what it takes at once goes out. */
static bool ready(int fd)
{
	const struct timespec at_once = {0};
	struct pollfd reader = {.fd = fd, .events = POLLOUT};
	int n;

	do
		n = ppoll(&reader, 1, ended ? &at_once : NULL, &sleeping);
	while (n < 0 && errno == EINTR);
	return n != 0;
}

/* ---- a response ---- */

/* returns: of the source, all that it has */
static uint64_t records(const manrs_db *db)
{
	manrs_db_stats stats = {.size = sizeof stats};

	manrs_db_stats_get(db, &stats);
	return stats.vrps4 + stats.vrps6 + stats.aspas + stats.keys;
}

static void say_start(const struct watch *w, const manrs_rtr_delta *delta)
{
	manrs_db_stats stats = {.size = sizeof stats};

	manrs_db_stats_get(w->db, &stats);
	complain_at(rtr_session_url(w->session)->text, 0,
		    "version %u, session %u, serial %u: %llu VRPs, %llu ASPAs, %llu router keys",
		    delta->version, delta->session, delta->serial,
		    (unsigned long long)(stats.vrps4 + stats.vrps6),
		    (unsigned long long)stats.aspas, (unsigned long long)stats.keys);
}

static void show(struct watch *w, manrs_db *db, const manrs_rtr_delta *delta)
{
	manrs_db *before = w->db;

	w->db = db;
	if (before)
		changes_write(w->rows, before, db, UINT32_MAX);
	else
		say_start(w, delta);
	out_flush(&w->rows->out);
	manrs_db_unref(before);
	manrs_db_reclaim(w->owner, 0);
}

/* returns: < 0: an error of the library; else the response is done with */
static int take(struct watch *w, const manrs_rtr_delta *delta)
{
	manrs_rtr *engine = rtr_session_engine(w->session);
	struct rtr_applied applied;
	manrs_edit *edit = NULL;
	manrs_db *db = NULL;
	int rc = manrs_edit_begin(&edit, w->owner, w->db);

	if (rc < 0)
		return rc;
	rc = rtr_apply(edit, engine, delta, UINT32_MAX, !w->db, &applied);
	if (rc >= 0 && !applied.code)
		rc = manrs_edit_commit(edit, &db);
	if (!db)
		manrs_edit_abort(edit);
	else
		show(w, db, delta);
	if (rc >= 0)
		manrs_rtr_delta_done(engine, applied.code, applied.run, applied.record,
				     db ? records(db) : 0, loop_clock());
	return rc;
}

static int take_all(struct watch *w)
{
	manrs_rtr *engine = rtr_session_engine(w->session);
	manrs_rtr_delta delta;
	int rc = MANRS_OK;

	while (rc >= 0 && manrs_rtr_delta_get(engine, &delta)) {
		if (delta.flags & MANRS_RTR_DROP)
			manrs_rtr_delta_done(engine, MANRS_OK, 0, 0, 0, loop_clock());
		else
			rc = take(w, &delta);
	}
	return rc;
}

/* ---- the loop ---- */

/* Who read our rows has gone: we go as with the next row, which may be long in coming. */
static void reader_gone(struct watch *w)
{
	raise(SIGPIPE);
	complain_at(w->rows->out.path, 0, "%s", strerror(EPIPE));
	w->rows->out.failed = true;
}

static void sleep_and_turn(struct watch *w)
{
	struct pollfd fd[2] = {{0}, {.fd = w->rows->out.fd}};
	uint64_t now = loop_clock(), until = rtr_session_deadline(w->session), ms = 60000;
	struct timespec wait;

	fd[0].fd = rtr_session_fd(w->session, &fd[0].events);
	if (!w->db && w->end_ms < until)
		until = w->end_ms;
	if (until <= now)
		ms = 0;
	else if (until - now < ms)
		ms = until - now;
	wait = (struct timespec){(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};
	if (ppoll(fd, 2, &wait, &sleeping) < 0)
		fd[0].revents = fd[1].revents = 0;
	if (fd[1].revents)
		reader_gone(w);
	else if (!ended)
		rtr_session_turn(w->session, fd[0].revents, loop_clock());
}

/* Before the first response: what ends it. returns: EXIT_DONE: nothing does */
static int judge_start(struct watch *w)
{
	if (w->db)
		return EXIT_DONE;
	if (rtr_session_refused(w->session) || rtr_session_wrong(w->session))
		return EXIT_ERROR;
	if (loop_clock() < w->end_ms)
		return EXIT_DONE;
	rtr_complain_late(w->session, w->fetch.options);
	return EXIT_STALE;
}

static int run(struct watch *w)
{
	int status = EXIT_DONE, rc;

	w->end_ms = loop_clock() + rtr_timeout_ms(w->fetch.options);
	while (!ended && status == EXIT_DONE) {
		sleep_and_turn(w);
		rc = take_all(w);
		status = rc < 0 ? complain_error(rc) : judge_start(w);
		if (w->rows->out.failed)
			status = EXIT_ERROR;
	}
	return status;
}

int rtr_watch(struct rows *rows, const char *url, const struct rtr_options *options)
{
	struct watch w = {.rows = rows, .fetch = {.options = options}};
	int rc = db_owner_new(&w.owner), status = EXIT_ERROR;

	if (rc < 0)
		return complain_error(rc);
	w.session = rtr_open(&w.fetch, url, 0);
	if (w.session && out_open(&rows->out, NULL)) {
		catch_ends();
		rows->out.ready = ready;
		changes_head(rows);
		out_flush(&rows->out);
		status = run(&w);
		if (!out_close(&rows->out))
			status = EXIT_ERROR;
	}
	rtr_session_free(w.session);
	tls_context_free(w.fetch.tls);
	manrs_db_unref(w.db);
	manrs_db_owner_free(w.owner);
	return status;
}
