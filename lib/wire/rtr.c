/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The router's side of RTR as the host calls it: times and the ends of a connection in, a deadline, bytes and whole responses
 * out. What the cache says is rtr_talk.c's; the states and what holds of them stand in rtr_engine.h.
 *
 * source: RFC 8210 sections 6, 7, 8; draft-ietf-sidrops-8210bis sections 6, 7, 8
 */

#include "wire/rtr_engine.h"

#include "base/grow.h"
#include <assert.h>
#include <string.h>

#define FIRST_MS 1000 /* the wait after the first failure; doubled each time, up to Retry */
#define TOP_MS   (UINT64_C(3600) * 1000) /* a cache that spoke a lower version is asked again */

int manrs_rtr_config_init(manrs_rtr_config *config, size_t size)
{
	static const manrs_rtr_config defaults = {
		.max_version = RTR_VERSION_MAX,
		.guard_percent = 50,
		.guard_floor = 1000,
		.refresh_s = 3600,
		.retry_s = 600,
		.expire_s = 7200,
		.max_expire_s = RTR_EXPIRE_MAX,
		.frozen_s = 21600,
		.response_s = 3600,
		.max_vrps = 4000000,
		.max_aspas = 500000,
		.max_keys = 100000,
		.max_bytes = UINT64_C(512) << 20,
	};

	return grow_init(config, size, GROW_LEAST(manrs_rtr_config, seed), &defaults,
			 sizeof defaults)
		       ? MANRS_OK
		       : MANRS_EINVAL;
}

int manrs_rtr_new(manrs_rtr **rtr, const manrs_rtr_config *config)
{
	manrs_rtr_config c;
	manrs_alloc mem;
	manrs_rtr *r;

	*rtr = NULL;
	manrs_rtr_config_init(&c, sizeof c);
	if (config && !grow_take(&c, sizeof c, GROW_LEAST(manrs_rtr_config, seed), config))
		return MANRS_EINVAL;
	if (c.source > 63 || c.zero || c.min_version > c.max_version ||
	    c.max_version > RTR_VERSION_MAX || c.guard_percent > 100 ||
	    c.flags & ~(MANRS_RTR_HOST_BITS_OK | MANRS_RTR_CHECK_ORDER) ||
	    c.max_expire_s < RTR_EXPIRE_MIN || !rtr_timers_fit(c.refresh_s, c.retry_s, c.expire_s))
		return MANRS_EINVAL;
	mem = mem_of(c.alloc);
	r = mem_zalloc(&mem, sizeof *r);
	if (!r)
		return MANRS_ENOMEM;
	r->mem = mem;
	r->config = c;
	r->config.alloc = NULL;
	r->try_version = c.max_version;
	r->refresh_s = c.refresh_s;
	r->retry_s = c.retry_s;
	r->expire_s = c.expire_s;
	r->code = -1;
	*rtr = r;
	return MANRS_OK;
}

void manrs_rtr_free(manrs_rtr *r)
{
	manrs_alloc mem;

	if (!r)
		return;
	mem = r->mem;
	rtr_response_free(&mem, &r->response);
	vec_free(&mem, &r->in, 1);
	mem_free(&mem, r, sizeof *r);
}

/* ---- the connection ---- */

int manrs_rtr_want(const manrs_rtr *r)
{
	return r->state == RTR_WANTED    ? MANRS_RTR_WANT_CONNECT
	       : r->state == RTR_CLOSING ? MANRS_RTR_WANT_CLOSE
					 : MANRS_RTR_WANT_NOTHING;
}

/* The host may be at the records of a response: until it is done with them, they stand for what they replace. */
static bool lent(const manrs_rtr *r)
{
	return r->waits && !r->held && !r->drop;
}

uint64_t manrs_rtr_deadline(const manrs_rtr *r)
{
	uint64_t next = UINT64_MAX;

	if (r->state == RTR_IDLE || (r->state == RTR_SYNCED && !r->waits))
		next = r->next_ms;
	else if (r->state == RTR_ASKED || r->state == RTR_FILLING)
		next = r->stall_ms < r->limit_ms ? r->stall_ms : r->limit_ms;
	return r->usable && !lent(r) && r->expires_ms < next ? r->expires_ms : next;
}

void manrs_rtr_tick(manrs_rtr *r, uint64_t now_ms)
{
	rtr_now(r, now_ms);
	if (r->usable && !lent(r) && r->now_ms >= r->expires_ms)
		rtr_flush(r);
	if (r->state == RTR_IDLE && r->now_ms >= r->next_ms)
		r->state = RTR_WANTED;
	else if (r->state == RTR_SYNCED && !r->waits && r->now_ms >= r->next_ms)
		rtr_ask(r, false);
	else if ((r->state == RTR_ASKED || r->state == RTR_FILLING) && r->now_ms >= r->limit_ms)
		rtr_fatal(r, MANRS_RTR_TRANSPORT, NULL, 0, "the response does not end", NULL);
	else if ((r->state == RTR_ASKED || r->state == RTR_FILLING) && r->now_ms >= r->stall_ms)
		rtr_fatal(r, MANRS_RTR_TRANSPORT, NULL, 0, "the response does not go on", NULL);
}

void manrs_rtr_opened(manrs_rtr *r, uint64_t now_ms)
{
	rtr_now(r, now_ms);
	if (r->state != RTR_WANTED)
		return;
	r->connects++;
	r->version = r->try_version;
	if (r->version == r->config.max_version)
		r->top_ms = r->now_ms;
	r->next_version = RTR_NO_VERSION;
	r->negotiated = r->again = false;
	r->stream = 0;
	assert(!r->in.n && !r->n_out && !r->sent && !r->here);
	if (!r->waits) {
		rtr_ask(r, false);
		return;
	}
	r->state = RTR_SYNCED; /* the host first */
	r->again = true;
}

/* The version to begin the next connection with. */
static uint8_t next_version(const manrs_rtr *r)
{
	if (r->next_version != RTR_NO_VERSION)
		return r->next_version;
	if (!r->negotiated)
		return r->version > r->config.min_version ? (uint8_t)(r->version - 1)
							  : r->config.max_version;
	return r->has_session && r->now_ms - r->top_ms < TOP_MS ? r->data_version
								: r->config.max_version;
}

/* The wait before the next connection: a second, then twice as long each time up to Retry, a quarter of it spread by the seed. */
static uint64_t backoff_ms(manrs_rtr *r)
{
	uint64_t ms = FIRST_MS, most = UINT64_C(1000) * r->retry_s;
	uint64_t mixed = (r->config.seed ^ r->failures) * UINT64_C(0x9e3779b97f4a7c15);

	for (unsigned i = 0; i < r->failures && ms < most; i++)
		ms *= 2;
	if (ms > most)
		ms = most;
	if (r->failures < UINT32_MAX)
		r->failures++;
	return ms - ms / 4 * (mixed >> 56) / 256;
}

void manrs_rtr_closed(manrs_rtr *r, uint64_t now_ms)
{
	rtr_now(r, now_ms);
	if (r->state == RTR_IDLE)
		return;
	/* one that never stood, or on which nothing was asked, says nothing of versions */
	if (r->state != RTR_WANTED && (r->state != RTR_SYNCED || r->negotiated))
		r->try_version = next_version(r);
	if (!r->waits)
		rtr_response_clear(&r->mem, &r->response);
	r->in.n = r->n_out = r->sent = 0;
	r->here = false;
	r->next_ms = r->now_ms + backoff_ms(r);
	r->state = RTR_IDLE;
}

size_t manrs_rtr_output(const manrs_rtr *r, const uint8_t **bytes)
{
	*bytes = r->n_out > r->sent ? r->out + r->sent : NULL;
	return r->n_out - r->sent;
}

void manrs_rtr_sent(manrs_rtr *r, size_t n)
{
	r->sent += n < r->n_out - r->sent ? n : r->n_out - r->sent;
}

/* ---- responses ---- */

int manrs_rtr_delta_get(const manrs_rtr *r, manrs_rtr_delta *delta)
{
	if (!r->waits || r->held)
		return 0;
	*delta = (manrs_rtr_delta){.source = r->config.source, .flags = MANRS_RTR_DROP};
	if (r->drop)
		return 1;
	delta->flags = r->whole ? MANRS_RTR_WHOLE : 0;
	delta->version = r->answer_version;
	delta->serial = r->end.serial;
	delta->session = r->answer;
	delta->added = r->response.added;
	delta->removed = r->response.removed;
	return 1;
}

int manrs_rtr_delta_run(const manrs_rtr *r, size_t at, manrs_rtr_run *run)
{
	return lent(r) && rtr_response_run(&r->response, at, run);
}

/* What waited is gone: what came up meanwhile is done, and asked for what was put off. */
static void resume(manrs_rtr *r)
{
	if (r->state != RTR_FILLING)
		rtr_response_clear(&r->mem, &r->response);
	r->waits = r->held = r->drop = r->here = false;
	if (r->flush_next) {
		r->flush_next = false;
		rtr_flush(r);
	}
	if (r->state == RTR_SYNCED && !r->waits && (r->again || !r->has_session))
		rtr_ask(r, false);
}

/* The host found the response wrong: the cache hears of it if it is still there. */
static void refused(manrs_rtr *r, int code, size_t run, size_t record)
{
	const char *why =
		code == MANRS_RTR_DUPLICATE ? "announced twice" : "withdrawn, and not there";
	unsigned version = r->answer_version;
	bool here = r->here && r->state == RTR_SYNCED;
	uint8_t quote[RTR_QUOTE];
	size_t n = rtr_response_quote(&r->response, version, run, record, quote, sizeof quote);

	r->waits = false;
	if (here)
		rtr_fatal(r, code, quote, n, why, NULL);
	else
		rtr_fault(r, version, code, why);
	if (!r->waits)
		resume(r);
}

/* How many records there are now, by what came. */
static uint64_t counted(const manrs_rtr *r)
{
	uint64_t n = r->response.added + (r->whole ? 0 : r->records);

	return n > r->response.removed ? n - r->response.removed : 0;
}

int manrs_rtr_delta_done(manrs_rtr *r, int code, size_t run, size_t record, uint64_t records,
			 uint64_t now_ms)
{
	rtr_now(r, now_ms);
	if (!r->waits || r->held)
		return MANRS_ESTATE;
	if (code == MANRS_OK) {
		if (records == UINT64_MAX)
			records = counted(r);
		if (!r->drop)
			rtr_applied(r, records);
		else
			r->records = 0;
		if (r->behind)
			r->drop = r->behind = false;
		else
			resume(r);
		return MANRS_OK;
	}
	if ((code != MANRS_RTR_DUPLICATE && code != MANRS_RTR_WITHDRAWAL_OF_UNKNOWN) || r->drop)
		return MANRS_EINVAL;
	refused(r, code, run, record);
	return MANRS_OK;
}

int manrs_rtr_release(manrs_rtr *r, int accept, uint64_t now_ms)
{
	rtr_now(r, now_ms);
	if (!r->held)
		return MANRS_ESTATE;
	r->held = false;
	if (accept)
		return MANRS_OK;
	r->has_session = r->waits = r->here = false;
	rtr_response_clear(&r->mem, &r->response);
	if (r->state == RTR_SYNCED)
		r->next_ms = rtr_after_s(r, r->retry_s);
	return MANRS_OK;
}

void manrs_rtr_refresh(manrs_rtr *r, int whole, uint64_t now_ms)
{
	rtr_now(r, now_ms);
	if (whole)
		r->all = true;
	if (r->state == RTR_SYNCED && !r->waits)
		rtr_ask(r, false);
	else
		r->again = true;
	if (r->state == RTR_IDLE && r->next_ms > r->now_ms)
		r->next_ms = r->now_ms;
}

/* ---- how it stands ---- */

static uint32_t standing(const manrs_rtr *r)
{
	uint32_t flags = r->state >= RTR_ASKED && r->state != RTR_CLOSING ? MANRS_RTR_CONNECTED : 0;

	if (r->usable)
		flags |= MANRS_RTR_USABLE;
	if (r->held)
		flags |= MANRS_RTR_HELD;
	if (r->usable && r->config.frozen_s &&
	    r->now_ms - r->serial_ms >= UINT64_C(1000) * r->config.frozen_s)
		flags |= MANRS_RTR_FROZEN;
	return flags;
}

int manrs_rtr_status_get(const manrs_rtr *r, manrs_rtr_status *status)
{
	manrs_rtr_status s = {
		.flags = standing(r),
		.serial = r->serial,
		.session = r->session,
		.version = r->state >= RTR_ASKED ? r->version : r->try_version,
		.code = (int8_t)(r->code > INT8_MAX ? INT8_MAX : r->code),
		.refresh_s = r->refresh_s,
		.retry_s = r->retry_s,
		.expire_s = r->expire_s,
		.records = r->records,
		.held_added = r->held ? r->response.added : 0,
		.held_removed = r->held ? r->response.removed : 0,
		.last_ms = r->last_ms,
		.expires_ms = r->usable ? r->expires_ms : 0,
		.serial_ms = r->serial_ms,
		.responses = r->responses,
		.errors = r->errors,
		.connects = r->connects,
		.bytes_in = r->bytes_in,
	};

	memcpy(s.text, r->text, sizeof s.text);
	return grow_give(status, GROW_LEAST(manrs_rtr_status, text), &s, sizeof s) ? MANRS_OK
										   : MANRS_EINVAL;
}
