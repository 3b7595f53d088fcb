/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The router's side of RTR: one engine a cache. Bytes and times come in, bytes and a deadline go out.
 *
 *     IDLE ----time----> WANTED --opened--> ASKED --Cache Response--> FILLING --End of Data--> SYNCED
 *       ^                                    ^ |  \                                              |
 *       |                                    | |   `--Cache Reset: ask for all                    |
 *       |                                    `-+------------- Serial Notify, refresh ------------'
 *       `------- closed <--- CLOSING <--- an error, ours or the cache's
 *
 * What holds:
 *   - A response is the host's to take only after its End of Data; until then it can be thrown away without a trace.
 *   - session and serial are those of what the host has committed, under data_version; they move in delta_done alone.
 *   - Nothing is asked while a response waits for the host, so there is one response at most.
 *   - Each connection is asked for a bounded number of queries, and each failure makes the wait for the next one longer.
 *
 * source: RFC 8210 sections 5, 6, 7, 8, 12; draft-ietf-sidrops-8210bis sections 5, 7, 8, 12; RFC 1982
 */

#include "wire/rtr_response.h"

#include "base/grow.h"
#include "net/bits.h"

enum state { IDLE, WANTED, ASKED, FILLING, SYNCED, CLOSING, STATES };

/* RFC 8210 section 6, 8210bis section 6: least and most of each timer, in seconds. */
#define REFRESH_MAX 86400u
#define RETRY_MAX   7200u
#define EXPIRE_MIN  600u
#define EXPIRE_MAX  172800u
#define QUOTE       512  /* bytes of a PDU that an Error Report quotes */
#define FIRST_MS    1000 /* the wait after the first failure; doubled each time, up to Retry */
#define ROUND_MAX   8    /* queries without an End of Data on one connection: reset loops end */

struct manrs_rtr {
	manrs_alloc mem;
	manrs_rtr_config config;
	enum state state;
	/* this connection */
	uint8_t version;        /* what we speak, or try */
	bool negotiated, heard; /* a PDU settled it; any PDU came */
	bool whole;             /* everything was asked for */
	bool again;             /* a notify came meanwhile: ask when this is done */
	unsigned queries;       /* since the last End of Data */
	uint16_t answer;        /* the session of the response */
	struct vec in,
		out; /* bytes: of a PDU that is not whole yet; to be written, from `sent` on */
	size_t sent;
	uint64_t stream; /* bytes of this connection before in[0] */
	/* what the host has */
	bool usable, has_session;
	uint8_t data_version;
	uint16_t session;
	uint32_t serial;
	uint64_t records;
	/* what waits for the host */
	bool waits, held, drop;
	struct rtr_response response;
	struct rtr_end end;
	/* time */
	uint64_t now_ms, next_ms, stall_ms, last_ms, expires_ms, serial_ms;
	uint32_t refresh_s, retry_s, expire_s;
	uint8_t try_version;
	unsigned failures;
	uint64_t responses, errors, connects, bytes_in;
	int code;
	char text[128];
};

int manrs_rtr_config_init(manrs_rtr_config *config, size_t size)
{
	static const manrs_rtr_config defaults = {
		.max_version = RTR_VERSION_MAX,
		.guard_percent = 50,
		.guard_floor = 1000,
		.refresh_s = 3600,
		.retry_s = 600,
		.expire_s = 7200,
		.max_expire_s = EXPIRE_MAX,
		.frozen_s = 21600,
		.max_vrps = 4000000,
		.max_aspas = 500000,
		.max_keys = 100000,
		.max_providers = MANRS_PROVIDERS_MAX,
		.max_bytes = UINT64_C(512) << 20,
	};

	return grow_init(config, size, GROW_LEAST(manrs_rtr_config, seed), &defaults,
			 sizeof defaults)
		       ? MANRS_OK
		       : MANRS_EINVAL;
}

static bool timers_fit(const manrs_rtr_config *c)
{
	return c->refresh_s && c->refresh_s <= REFRESH_MAX && c->retry_s &&
	       c->retry_s <= RETRY_MAX && c->expire_s >= EXPIRE_MIN && c->expire_s <= EXPIRE_MAX &&
	       c->max_expire_s >= EXPIRE_MIN && c->expire_s > c->refresh_s &&
	       c->expire_s > c->retry_s;
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
	    c.flags & ~(MANRS_RTR_HOST_BITS_OK | MANRS_RTR_CHECK_ORDER) || !timers_fit(&c))
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
	vec_free(&mem, &r->out, 1);
	mem_free(&mem, r, sizeof *r);
}

/* ---- time ---- */

static uint64_t after_s(const manrs_rtr *r, uint64_t s)
{
	return r->now_ms + 1000 * s;
}

/* The wait before the next connection: a second, then twice as long each time up to Retry, a quarter of it spread by the seed. */
static uint64_t backoff_ms(manrs_rtr *r)
{
	uint64_t ms = FIRST_MS, most = UINT64_C(1000) * r->retry_s;

	for (unsigned i = 0; i < r->failures && ms < most; i++)
		ms *= 2;
	if (ms > most)
		ms = most;
	r->failures++;
	return ms - ms / 4 *
			    ((r->config.seed ^ r->failures * UINT64_C(0x9e3779b97f4a7c15)) >> 32 &
			     0xff) /
			    256;
}

/* ---- what is written ---- */

static bool write(manrs_rtr *r, const uint8_t *bytes, size_t n)
{
	if (r->sent == r->out.n)
		r->sent = r->out.n = 0;
	if (!vec_reserve(&r->mem, &r->out, n, 1))
		return false;
	memcpy((uint8_t *)r->out.at + r->out.n, bytes, n);
	r->out.n += n;
	return true;
}

/* Ask: with a Serial Query where what we have is of this version's session, else for everything. */
static void ask(manrs_rtr *r, bool whole)
{
	uint8_t out[12];
	size_t n;

	r->whole = whole || !r->has_session || r->data_version != r->version;
	n = r->whole ? rtr_head_encode(out, r->version, RTR_RESET_QUERY, 0, RTR_HEAD)
		     : rtr_serial_encode(out, r->version, RTR_SERIAL_QUERY, r->session, r->serial);
	r->state = write(r, out, n) ? ASKED : CLOSING;
	r->queries++;
	r->again = false;
	r->stall_ms = after_s(r, UINT64_C(3) * r->retry_s);
}

/* What the host has of this cache goes, in its next delta. */
static void flush(manrs_rtr *r)
{
	rtr_response_clear(&r->mem, &r->response);
	r->has_session = r->held = false;
	r->drop = r->waits = r->drop || r->usable || r->waits;
	r->usable = false;
	r->expires_ms = UINT64_MAX;
}

/* The connection is at its end: no more is read, what is in out may still be written. */
static void end_connection(manrs_rtr *r)
{
	if (!r->waits)
		rtr_response_clear(&r->mem, &r->response);
	r->in.n = 0;
	r->state = CLOSING;
}

static void note(manrs_rtr *r, int code, const void *text, size_t n)
{
	const uint8_t *from = text;

	r->code = code;
	r->errors++;
	if (n >= sizeof r->text)
		n = sizeof r->text - 1;
	for (size_t i = 0; i < n; i++)
		r->text[i] = from[i] >= ' ' && from[i] < 127 ? (char)from[i] : '?';
	r->text[n] = 0;
}

/* The enum manrs_error of what a cache did. */
static int error_of(int code)
{
	switch (code) {
	case MANRS_RTR_UNSUPPORTED_VERSION:
	case MANRS_RTR_UNSUPPORTED_PDU:
		return MANRS_EUNSUP;
	case MANRS_RTR_UNEXPECTED_VERSION:
	case MANRS_RTR_INVALID_REQUEST:
	case MANRS_RTR_ORDERING:
		return MANRS_EINVAL;
	case MANRS_RTR_TRANSPORT:
		return MANRS_ERANGE;
	default:
		return MANRS_ESYNTAX;
	}
}

/*
 * The cache was wrong: an Error Report that quotes the PDU, if the session's version has the code, and the end. In version 2
 * what it gave us goes too (8210bis section 12).
 */
static int fatal(manrs_rtr *r, int code, const uint8_t *pdu, size_t n, const char *why,
		 manrs_fault *fault)
{
	uint8_t out[QUOTE + 128];

	note(r, code, why, strlen(why));
	if (rtr_code_known(r->version, code))
		write(r, out,
		      rtr_error_encode(out, sizeof out, r->version, (unsigned)code, pdu,
				       n < QUOTE ? n : QUOTE, why));
	if (r->version == 2 && r->negotiated && code != MANRS_RTR_INTERNAL &&
	    code != MANRS_RTR_TRANSPORT)
		flush(r);
	end_connection(r);
	return fault_set(fault, error_of(code), r->stream, why);
}

/* ---- what the cache says: a function a PDU ---- */

/* The response is the host's: what is applied moves on, and the timers begin. */
static void applied(manrs_rtr *r, uint64_t records)
{
	if (!r->usable || r->serial != r->end.serial || r->session != r->answer)
		r->serial_ms = r->now_ms;
	r->usable = r->has_session = true;
	r->session = r->answer;
	r->serial = r->end.serial;
	r->data_version = r->version;
	r->records = records;
	r->refresh_s = r->end.refresh_s;
	r->retry_s = r->end.retry_s;
	r->expire_s = r->end.expire_s;
	r->last_ms = r->now_ms;
	r->expires_ms = after_s(r, r->expire_s < r->config.max_expire_s ? r->expire_s
									: r->config.max_expire_s);
	r->next_ms = after_s(r, r->refresh_s);
	r->failures = r->queries = 0;
	r->responses++;
}

static uint32_t within(uint32_t x, uint32_t least, uint32_t most)
{
	return x < least ? least : x > most ? most : x;
}

/* Whether a whole response leaves, or a difference takes away, so much that the host shall look at it first. */
static bool guarded(const manrs_rtr *r)
{
	uint64_t gone = r->response.removed, percent = r->config.guard_percent;

	if (r->whole)
		gone = r->records > r->response.added ? r->records - r->response.added : 0;
	return percent && r->usable && r->records >= r->config.guard_floor &&
	       gone * 100 > r->records * percent;
}

static int on_end(manrs_rtr *r, const struct rtr_head *head, const uint8_t *bytes,
		  manrs_fault *fault)
{
	struct rtr_end *e = &r->end;

	if (r->state != FILLING || head->session != r->answer)
		return fatal(r, MANRS_RTR_CORRUPT_DATA, bytes, head->length,
			     "an End of Data that ends no response", fault);
	rtr_end_decode(head, bytes, e);
	if (head->version == 0)
		*e = (struct rtr_end){e->serial, r->config.refresh_s, r->config.retry_s,
				      r->config.expire_s};
	e->refresh_s = within(e->refresh_s, 1, REFRESH_MAX);
	e->retry_s = within(e->retry_s, 1, RETRY_MAX);
	e->expire_s = within(e->expire_s, EXPIRE_MIN, EXPIRE_MAX);
	if (e->expire_s <= e->refresh_s)
		e->refresh_s = e->expire_s - 1;
	r->state = SYNCED;
	rtr_response_close(&r->response);
	if (!r->whole && !r->response.runs.n) {
		applied(r, r->records);
		return MANRS_OK;
	}
	r->waits = true;
	r->held = guarded(r);
	return MANRS_OK;
}

static int on_response(manrs_rtr *r, const struct rtr_head *head, const uint8_t *bytes,
		       manrs_fault *fault)
{
	if (r->state != ASKED)
		return fatal(r, MANRS_RTR_CORRUPT_DATA, bytes, head->length,
			     "a Cache Response to no query", fault);
	if (!r->whole && head->session != r->session) {
		flush(r); /* RFC 8210 section 5.1, in every version */
		return fatal(r, MANRS_RTR_CORRUPT_DATA, bytes, head->length, "another session",
			     fault);
	}
	rtr_response_clear(&r->mem, &r->response);
	r->answer = head->session;
	r->state = FILLING;
	return MANRS_OK;
}

static int on_payload(manrs_rtr *r, const struct rtr_head *head, const uint8_t *bytes,
		      manrs_fault *fault)
{
	int limit = 0, code;

	if (r->state != FILLING)
		return fatal(r, MANRS_RTR_CORRUPT_DATA, bytes, head->length,
			     "a record outside a response", fault);
	code = rtr_response_take(&r->mem, &r->response, &r->config, head, bytes, &limit);
	if (code == RTR_GOOD)
		return MANRS_OK;
	fatal(r, code, bytes, head->length,
	      limit ? "more than the router takes" : "a record that breaks its rules", fault);
	return limit ? fault_set(fault, limit, r->stream, "more than the router takes")
		     : error_of(code);
}

/* Its answer to a Serial Query that it cannot serve: all is asked for, what we have stays. To a Reset Query it makes no sense. */
static int on_reset(manrs_rtr *r, const struct rtr_head *head, const uint8_t *bytes,
		    manrs_fault *fault)
{
	if (r->state != ASKED || r->whole || r->queries >= ROUND_MAX)
		return fatal(r, MANRS_RTR_CORRUPT_DATA, bytes, head->length,
			     "a Cache Reset to no Serial Query", fault);
	ask(r, true);
	return MANRS_OK;
}

static int on_notify(manrs_rtr *r, const struct rtr_head *head, const uint8_t *bytes,
		     manrs_fault *fault)
{
	if (r->has_session && r->data_version == r->version && head->session != r->session &&
	    r->state == SYNCED && !r->waits) {
		flush(r);
		return fatal(r, MANRS_RTR_CORRUPT_DATA, bytes, head->length, "another session",
			     fault);
	}
	if (r->state == SYNCED && !r->waits && r->has_session &&
	    !rtr_serial_after(rtr_serial_decode(bytes), r->serial))
		return MANRS_OK;
	if (r->state == SYNCED && !r->waits)
		ask(r, false);
	else
		r->again = true;
	return MANRS_OK;
}

/* Another version is spoken from here on, on this connection or the next. */
static void lower(manrs_rtr *r, unsigned version)
{
	r->try_version = (uint8_t)version;
}

/* Unsupported Version, before anything else: in the version that the cache has, or in ours, which says nothing. */
static void on_unsupported(manrs_rtr *r, const struct rtr_head *head)
{
	if (head->version < r->version && head->version >= r->config.min_version) {
		lower(r, head->version);
		r->version = head->version;
		ask(r, false); /* a cache of version 2 goes on; one of version 1 closes */
		return;
	}
	if (r->version > r->config.min_version)
		lower(r, r->version - 1u);
	end_connection(r);
}

static int on_error(manrs_rtr *r, const struct rtr_head *head, const uint8_t *bytes)
{
	struct rtr_error e;

	if (rtr_error_decode(head, bytes, &e) != RTR_GOOD) {
		note(r, MANRS_RTR_CORRUPT_DATA, "an Error Report that breaks its rules", 37);
		end_connection(r); /* it is never answered with one */
		return MANRS_ESYNTAX;
	}
	note(r, e.code, e.text, e.n_text);
	if (e.code == MANRS_RTR_UNSUPPORTED_VERSION && !r->negotiated) {
		on_unsupported(r, head);
	} else if (e.code == MANRS_RTR_NO_DATA) {
		rtr_response_clear(&r->mem, &r->response);
		r->state = SYNCED;
		r->next_ms = after_s(r, r->retry_s);
	} else {
		if (e.code == MANRS_RTR_CORRUPT_DATA && r->state == ASKED && !r->whole)
			r->has_session =
				false; /* a cache that does not know our session: all is asked for, nothing goes */
		else if (e.code == MANRS_RTR_CACHE_SHUTDOWN ||
			 (r->version == 2 && e.code != MANRS_RTR_CACHE_RESTART))
			flush(r);
		end_connection(r);
	}
	return MANRS_OK;
}

/* ---- bytes in ---- */

/*
 * The version of a PDU. Before the first answer a Serial Notify says nothing (RFC 8210 section 7), a lower version that we
 * speak is taken where everything was asked for; a difference between two versions' sets is not, so then all is asked for.
 */
static int settle(manrs_rtr *r, const struct rtr_head *head, const uint8_t *bytes,
		  manrs_fault *fault)
{
	if (head->version == r->version) {
		r->negotiated = true;
		return MANRS_OK;
	}
	if (r->negotiated)
		return fatal(r, MANRS_RTR_UNEXPECTED_VERSION, bytes, RTR_HEAD,
			     "another version than before", fault);
	if (head->version > r->version || head->version < r->config.min_version)
		return fatal(r, MANRS_RTR_UNSUPPORTED_VERSION, bytes, RTR_HEAD,
			     "a version that was not asked for", fault);
	r->version = head->version;
	lower(r, head->version);
	r->negotiated = true;
	if (!r->whole && head->type == RTR_CACHE_RESPONSE) {
		end_connection(r);
		return MANRS_OK;
	}
	return MANRS_OK;
}

static int on_pdu(manrs_rtr *r, const struct rtr_head *head, const uint8_t *bytes,
		  manrs_fault *fault)
{
	int rc;

	r->heard = true;
	if (head->type == RTR_SERIAL_NOTIFY && !r->negotiated)
		return MANRS_OK;
	if (head->type == RTR_ERROR_REPORT)
		return on_error(r, head, bytes);
	rc = settle(r, head, bytes, fault);
	if (rc < 0 || r->state == CLOSING)
		return rc;
	switch (head->type) {
	case RTR_SERIAL_NOTIFY:
		return on_notify(r, head, bytes, fault);
	case RTR_CACHE_RESPONSE:
		return on_response(r, head, bytes, fault);
	case RTR_IPV4_PREFIX:
	case RTR_IPV6_PREFIX:
	case RTR_ROUTER_KEY:
	case RTR_ASPA:
		return on_payload(r, head, bytes, fault);
	case RTR_END_OF_DATA:
		return on_end(r, head, bytes, fault);
	case RTR_CACHE_RESET:
		return on_reset(r, head, bytes, fault);
	default:
		return fatal(r, MANRS_RTR_INVALID_REQUEST, bytes, head->length,
			     "a query from a cache", fault);
	}
}

/* One PDU at bytes[n], if it is whole. returns: its length, 0: more is needed, *need in all; below zero: the end. */
static int64_t step(manrs_rtr *r, const uint8_t *bytes, size_t n, size_t *need, manrs_fault *fault)
{
	struct rtr_head head;
	int code, rc;

	*need = RTR_HEAD;
	if (n < RTR_HEAD)
		return 0;
	code = rtr_head_decode(&head, bytes);
	if (code != RTR_GOOD && head.type == RTR_ERROR_REPORT) {
		note(r, code, "an Error Report of a wrong length", 33);
		end_connection(r);
		return fault_set(fault, MANRS_ESYNTAX, r->stream,
				 "an Error Report of a wrong length");
	}
	if (code != RTR_GOOD && head.version != r->version &&
	    !(head.version < r->version && !r->negotiated))
		code = r->negotiated ? MANRS_RTR_UNEXPECTED_VERSION : MANRS_RTR_UNSUPPORTED_VERSION;
	if (code != RTR_GOOD)
		return fatal(r, code, bytes, RTR_HEAD,
			     code == MANRS_RTR_CORRUPT_DATA ? "a length that this PDU cannot have"
			     : code == MANRS_RTR_UNSUPPORTED_PDU ? "an unknown PDU"
								 : "another version",
			     fault);
	*need = head.length;
	if (n < head.length)
		return 0;
	rc = on_pdu(r, &head, bytes, fault);
	return rc < 0 ? rc : (int64_t)head.length;
}

static void now(manrs_rtr *r, uint64_t now_ms)
{
	if (now_ms > r->now_ms)
		r->now_ms = now_ms;
}

/* Bytes of a PDU that is not whole: kept until the rest comes. */
static int64_t step_kept(manrs_rtr *r, const uint8_t **bytes, size_t *n, manrs_fault *fault)
{
	size_t need, more;
	int64_t used;

	for (;;) {
		used = step(r, r->in.at, r->in.n, &need, fault);
		if (used || !*n)
			break;
		more = need - r->in.n < *n ? need - r->in.n : *n;
		if (!vec_reserve(&r->mem, &r->in, more, 1))
			return fatal(r, MANRS_RTR_INTERNAL, NULL, 0, "out of memory", NULL),
			       fault_set(fault, MANRS_ENOMEM, r->stream, "out of memory");
		memcpy((uint8_t *)r->in.at + r->in.n, *bytes, more);
		r->in.n += more;
		*bytes += more;
		*n -= more;
	}
	if (used > 0)
		r->in.n = 0;
	return used;
}

int manrs_rtr_input(manrs_rtr *r, const void *input, size_t n, uint64_t now_ms, manrs_fault *fault)
{
	const uint8_t *bytes = input;
	size_t need;
	int64_t used;

	now(r, now_ms);
	r->bytes_in += n;
	if (r->state == ASKED || r->state == FILLING)
		r->stall_ms = after_s(r, UINT64_C(3) * r->retry_s);
	while (n && r->state >= ASKED && r->state != CLOSING) {
		if (r->in.n) {
			used = step_kept(r, &bytes, &n, fault);
		} else {
			used = step(r, bytes, n, &need, fault);
			if (used > 0) {
				bytes += used;
				n -= (size_t)used;
			} else if (!used) {
				/* begin to keep it: step_kept takes the rest */
				if (!vec_reserve(&r->mem, &r->in, n, 1))
					return fatal(r, MANRS_RTR_INTERNAL, NULL, 0,
						     "out of memory", NULL),
					       fault_set(fault, MANRS_ENOMEM, r->stream,
							 "out of memory");
				memcpy(r->in.at, bytes, n);
				r->in.n = n;
				return MANRS_OK;
			}
		}
		if (used < 0)
			return (int)used;
		if (!used)
			break;
		r->stream += (uint64_t)used;
	}
	return MANRS_OK;
}

/* ---- the host's calls ---- */

int manrs_rtr_want(const manrs_rtr *r)
{
	return r->state == WANTED    ? MANRS_RTR_WANT_CONNECT
	       : r->state == CLOSING ? MANRS_RTR_WANT_CLOSE
				     : MANRS_RTR_WANT_NOTHING;
}

uint64_t manrs_rtr_deadline(const manrs_rtr *r)
{
	uint64_t next = UINT64_MAX;

	if (r->state == IDLE || (r->state == SYNCED && !r->waits))
		next = r->next_ms;
	else if (r->state == ASKED || r->state == FILLING)
		next = r->stall_ms;
	return r->usable && r->expires_ms < next ? r->expires_ms : next;
}

void manrs_rtr_tick(manrs_rtr *r, uint64_t now_ms)
{
	now(r, now_ms);
	if (r->usable && r->now_ms >= r->expires_ms)
		flush(r);
	if (r->state == IDLE && r->now_ms >= r->next_ms)
		r->state = WANTED;
	else if (r->state == SYNCED && !r->waits && r->now_ms >= r->next_ms)
		ask(r, false);
	else if ((r->state == ASKED || r->state == FILLING) && r->now_ms >= r->stall_ms)
		fatal(r, MANRS_RTR_TRANSPORT, NULL, 0, "the response does not go on", NULL);
}

void manrs_rtr_opened(manrs_rtr *r, uint64_t now_ms)
{
	now(r, now_ms);
	if (r->state != WANTED)
		return;
	r->connects++;
	r->version = r->try_version;
	r->negotiated = r->heard = r->again = false;
	r->queries = 0;
	r->stream = 0;
	r->in.n = r->out.n = r->sent = 0;
	if (r->waits)
		r->state = SYNCED; /* the host first */
	else
		ask(r, false);
}

void manrs_rtr_closed(manrs_rtr *r, uint64_t now_ms)
{
	bool silent = r->state == ASKED && !r->heard;

	now(r, now_ms);
	if (silent)
		lower(r,
		      r->version > r->config.min_version ? r->version - 1u : r->config.max_version);
	if (!r->waits)
		rtr_response_clear(&r->mem, &r->response);
	r->in.n = r->out.n = r->sent = 0;
	if (r->state != IDLE)
		r->next_ms = r->now_ms + backoff_ms(r);
	r->state = IDLE;
}

size_t manrs_rtr_output(const manrs_rtr *r, const uint8_t **bytes)
{
	*bytes = r->out.n > r->sent ? (const uint8_t *)r->out.at + r->sent : NULL;
	return r->out.n - r->sent;
}

void manrs_rtr_sent(manrs_rtr *r, size_t n)
{
	r->sent += n < r->out.n - r->sent ? n : r->out.n - r->sent;
}

int manrs_rtr_delta_get(const manrs_rtr *r, manrs_rtr_delta *delta)
{
	if (!r->waits || r->held)
		return 0;
	*delta = (manrs_rtr_delta){.source = r->config.source, .version = r->version};
	if (r->drop) {
		delta->flags = MANRS_RTR_DROP;
		return 1;
	}
	delta->flags = r->whole ? MANRS_RTR_WHOLE : 0;
	delta->serial = r->end.serial;
	delta->session = r->answer;
	delta->added = r->response.added;
	delta->removed = r->response.removed;
	return 1;
}

int manrs_rtr_delta_run(const manrs_rtr *r, size_t at, manrs_rtr_run *run)
{
	return r->waits && !r->held && !r->drop && rtr_response_run(&r->response, at, run);
}

/* What waited is done with: what was put off meanwhile is asked for. */
static void resume(manrs_rtr *r)
{
	rtr_response_clear(&r->mem, &r->response);
	r->waits = r->held = r->drop = false;
	if (r->state == SYNCED && (r->again || !r->usable))
		ask(r, false);
}

int manrs_rtr_delta_done(manrs_rtr *r, int code, size_t run, size_t record, uint64_t records,
			 uint64_t now_ms)
{
	uint8_t *quote;
	size_t n = 0;

	now(r, now_ms);
	if (!r->waits || r->held)
		return MANRS_ESTATE;
	if (code == MANRS_OK) {
		if (!r->drop)
			applied(r, records);
		resume(r);
		return MANRS_OK;
	}
	if ((code != MANRS_RTR_DUPLICATE && code != MANRS_RTR_WITHDRAWAL_OF_UNKNOWN) || r->drop)
		return MANRS_EINVAL;
	quote = mem_alloc(&r->mem, RTR_PDU_MAX);
	if (quote)
		n = rtr_response_quote(&r->response, r->version, run, record, quote);
	r->waits = false;
	rtr_response_clear(&r->mem, &r->response);
	if (r->state == SYNCED)
		fatal(r, code, quote, n,
		      code == MANRS_RTR_DUPLICATE ? "announced twice" : "withdrawn, and not there",
		      NULL);
	mem_free(&r->mem, quote, RTR_PDU_MAX);
	return MANRS_OK;
}

int manrs_rtr_release(manrs_rtr *r, int accept, uint64_t now_ms)
{
	now(r, now_ms);
	if (!r->held)
		return MANRS_ESTATE;
	r->held = false;
	if (accept)
		return MANRS_OK;
	r->has_session = false; /* everything is asked for again, after Retry */
	r->waits = false;
	rtr_response_clear(&r->mem, &r->response);
	r->next_ms = after_s(r, r->retry_s);
	return MANRS_OK;
}

void manrs_rtr_refresh(manrs_rtr *r, int whole, uint64_t now_ms)
{
	now(r, now_ms);
	if (whole)
		r->has_session = false;
	if (r->state == SYNCED && !r->waits)
		ask(r, whole != 0);
	else
		r->again = true;
}

/* ---- how it stands ---- */

static uint32_t standing(const manrs_rtr *r)
{
	uint32_t flags = r->state >= ASKED && r->state != CLOSING ? MANRS_RTR_CONNECTED : 0;

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
		.version = r->state >= ASKED ? r->version : r->try_version,
		.code = (int8_t)r->code,
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
