/* SPDX-License-Identifier: BSD-2-Clause */
/* One response of each of several caches. Who refuses or is wrong ends it at once, as a file would that is not there or broken. */

#include "rtr_fetch.h"

#include "loop.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>

/* Until there is data, a cache that has none, or went away, is asked again after so long. */
#define RETRY_S       10
#define LAST_WORDS_MS 3000

static void said(void *arg, const char *what)
{
	complain_at(arg, 0, "%s", what);
}

static bool open_tls(struct rtr_fetch *f, const char *text)
{
	const struct tls_files files = {
		.ca = f->options->ca, .cert = f->options->cert, .key = f->options->key};
	char why[TLS_WHY];

	if (!f->tls)
		f->tls = tls_context_new(&files, why);
	if (!f->tls)
		complain_at(text, 0, "%s", why);
	return f->tls != NULL;
}

static bool bad_url(const char *text, const manrs_fault *fault)
{
	complain_text(text, 0, fault, NULL, 0);
	return false;
}

static bool configure(struct rtr_fetch *f, struct rtr_session_config *config, const char *text)
{
	manrs_fault fault = {0};

	if (!rtr_url_parse(&config->url, text, false, &fault))
		return bad_url(text, &fault);
	if (config->url.tls && !open_tls(f, text))
		return false;
	if (!config->url.tls && (f->options->ca || f->options->cert || f->options->key))
		complain_at(text, 0,
			    "warning: not rtrs://, so --ca, --cert and --key do nothing for it");
	config->tls = config->url.tls ? f->tls : NULL;
	config->connect = f->options->connect;
	config->say = said;
	config->arg = (void *)(uintptr_t)text;
	return true;
}

struct rtr_session *rtr_open(struct rtr_fetch *f, const char *url, uint32_t source)
{
	struct rtr_session_config config = {.url = {.text = ""}};
	struct rtr_session *session;
	manrs_rtr_config engine;
	uint64_t seed[2];
	int rc;

	if (!configure(f, &config, url))
		return NULL;
	manrs_rtr_config_init(&engine, sizeof engine);
	random_seed(seed);
	engine.seed = seed[0];
	engine.source = source;
	engine.retry_s = RETRY_S;
	engine.guard_percent = 0; /* what a cache says is what is asked for */
	engine.min_version = (uint8_t)f->options->min_version;
	if (f->options->max_version)
		engine.max_version = (uint8_t)(f->options->max_version - 1);
	config.engine = &engine;
	rc = rtr_session_new(&session, &config);
	if (rc < 0)
		complain_error(rc);
	return session;
}

/* Wait for what one of sessions[n] can do, until end_ms at the latest, and let each do it. */
static void turn(struct rtr_session *const *session, size_t n, uint64_t end_ms)
{
	struct pollfd fds[MANRS_SOURCES];
	uint64_t until = end_ms, now = loop_clock();

	for (size_t i = 0; i < n; i++) {
		fds[i] = (struct pollfd){.fd = -1};
		if (!session[i])
			continue;
		fds[i].fd = rtr_session_fd(session[i], &fds[i].events);
		if (rtr_session_deadline(session[i]) < until)
			until = rtr_session_deadline(session[i]);
	}
	if (poll(fds, n, until > now ? (int)(until - now < 60000 ? until - now : 60000) : 0) < 0)
		for (size_t i = 0; i < n; i++)
			fds[i].revents = 0;
	now = loop_clock();
	for (size_t i = 0; i < n; i++)
		if (session[i])
			rtr_session_turn(session[i], fds[i].revents, now);
}

/* What is left to be written goes out, for a moment: an Error Report. */
static void last_words(struct rtr_session *session)
{
	uint64_t end_ms = loop_clock() + LAST_WORDS_MS;
	short events;

	while (rtr_session_fd(session, &events) >= 0 && loop_clock() < end_ms)
		turn(&session, 1, end_ms);
}

void rtr_fetch_wrong(struct rtr_session *session, const struct rtr_applied *wrong)
{
	manrs_rtr_delta_done(rtr_session_engine(session), wrong->code, wrong->run, wrong->record, 0,
			     loop_clock());
	last_words(session);
}

/* How many have no response yet. */
static size_t waiting(struct rtr_fetch *f)
{
	manrs_rtr_delta delta;
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++) {
		if (!f->session[i] || f->built[i])
			continue;
		if (manrs_rtr_delta_get(rtr_session_engine(f->session[i]), &delta))
			f->built[i] = (uint64_t)time(NULL);
		n += !f->built[i];
	}
	return n;
}

/* One that can not be read, or is wrong, also behind its response while others are waited for: its reason was said. */
static bool failed(struct rtr_fetch *f)
{
	for (size_t i = 0; i < f->n; i++) {
		if (!f->session[i])
			continue;
		if (rtr_session_wrong(f->session[i]))
			last_words(f->session[i]);
		if (rtr_session_wrong(f->session[i]) ||
		    (!f->built[i] && rtr_session_refused(f->session[i])))
			return true;
	}
	return false;
}

uint64_t rtr_timeout_ms(const struct rtr_options *options)
{
	return 1000 * (options->timeout_s ? options->timeout_s : RTR_TIMEOUT);
}

void rtr_complain_late(const struct rtr_session *session, const struct rtr_options *options)
{
	unsigned long long seconds = rtr_timeout_ms(options) / 1000;

	complain_at(rtr_session_url(session)->text, 0,
		    "no whole response within %llu second%s (--timeout)", seconds,
		    seconds == 1 ? "" : "s");
}

static int wait_all(struct rtr_fetch *f)
{
	uint64_t end_ms = loop_clock() + rtr_timeout_ms(f->options);

	while (waiting(f)) {
		if (failed(f))
			return EXIT_ERROR;
		if (loop_clock() >= end_ms) {
			for (size_t i = 0; i < f->n; i++)
				if (f->session[i] && !f->built[i])
					rtr_complain_late(f->session[i], f->options);
			return EXIT_STALE;
		}
		turn(f->session, f->n, end_ms);
	}
	return EXIT_DONE;
}

int rtr_fetch(struct rtr_fetch *f, const struct rtr_options *options, const char *const *names,
	      size_t n)
{
	int status = EXIT_DONE;

	*f = (struct rtr_fetch){.options = options, .n = n};
	for (size_t i = 0; i < n && status == EXIT_DONE; i++) {
		if (!rtr_url_is(names[i]))
			continue;
		f->session[i] = rtr_open(f, names[i], (uint32_t)i);
		if (!f->session[i])
			status = EXIT_ERROR;
	}
	if (status == EXIT_DONE)
		status = wait_all(f);
	if (status != EXIT_DONE)
		rtr_fetch_end(f);
	return status;
}

void rtr_fetch_end(struct rtr_fetch *f)
{
	for (size_t i = 0; i < f->n; i++)
		rtr_session_free(f->session[i]);
	tls_context_free(f->tls);
	*f = (struct rtr_fetch){0};
}
