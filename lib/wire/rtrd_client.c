/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One router of a cache.
 *
 *     bytes -> head, judged at once -> the whole PDU -> a query -> an answer that is shared, or an Error Report
 *
 * What holds:
 *   - What it keeps of its input is a query, or an Error Report of at most REPORT bytes.
 *   - Output is a notify, then one answer. A query that comes before the end of it waits, one at most.
 *   - The version is that of the first query that is answered.
 *   - A closing client reads nothing more. An Error Report that closes takes the place of what was being sent, at the next
 *     PDU.
 *
 * source: RFC 8210 sections 5, 7, 8, 12; 8210bis sections 5, 7, 8, 12
 */

#include "wire/rtrd_engine.h"

#include "base/grow.h"
#include <assert.h>

#define REPORT \
	2048 /* bytes of an Error Report that are kept for its text; of longer ones the code is */
#define QUOTE 64 /* bytes of a PDU that are quoted */

/* ---- output ---- */

static bool has_output(const manrs_rtrd_client *c)
{
	return c->small_at < c->small_n || c->now;
}

/* It has something to write, or nothing any more. */
static void sending(manrs_rtrd_client *c)
{
	manrs_rtrd *r = c->rtrd;
	bool on = has_output(c);

	if (on == (c->sending.next != NULL))
		return;
	r->count.clients_sending += on ? 1 : (uint64_t)-1;
	if (!on) {
		rtrd_link_cut(&c->sending);
		return;
	}
	c->moved_ms = r->now_ms;
	rtrd_link_add(&r->sending, &c->sending);
}

static void put(manrs_rtrd_client *c, struct rtrd_answer *answer)
{
	assert(!c->now);
	c->now = answer;
	c->piece = c->off = 0;
	sending(c);
}

static void drop_now(manrs_rtrd_client *c)
{
	rtrd_answer_drop(c->rtrd, c->now);
	c->now = NULL;
}

void rtrd_client_end(manrs_rtrd_client *c, const char *why, bool drop)
{
	if (drop) {
		drop_now(c);
		c->small_n = c->small_at = 0;
		sending(c);
	}
	c->waits = false;
	rtrd_link_cut(&c->wait);
	c->cool = false;
	if (!c->closing)
		c->why = why;
	c->closing = true;
}

/* The part of the PDU that is being written which is not written yet. */
static size_t rest_of_pdu(const manrs_rtrd_client *c, const uint8_t **rest)
{
	const uint8_t *pdu;
	size_t at = 0;

	*rest = NULL;
	if (!c->now)
		return 0;
	pdu = c->now->piece[c->piece].bytes;
	while (at < c->off)
		at += rtrd_length(pdu + at);
	*rest = pdu + c->off;
	return at - c->off;
}

/* An Error Report at the next PDU, instead of what was to follow. false: refused */
static bool put_error(manrs_rtrd_client *c, unsigned version, int code, const uint8_t *pdu,
		      size_t n, const char *text)
{
	const uint8_t *rest;
	size_t n_rest = rest_of_pdu(c, &rest);
	struct rtrd_answer *answer;

	answer = rtrd_answer_error(c->rtrd, rest, n_rest, version, code, pdu, n, text);
	if (!answer)
		return false;
	drop_now(c);
	put(c, answer);
	c->code = (int8_t)code;
	c->rtrd->count.errors_out++;
	return true;
}

void rtrd_client_shutdown(manrs_rtrd_client *c, int code)
{
	bool told = c->negotiated && c->version == 2 &&
		    put_error(c, 2, code, NULL, 0,
			      code == MANRS_RTR_CACHE_RESTART ? "back soon" : "shut down");

	rtrd_client_end(c, "the cache ends", !told);
}

bool rtrd_client_notify(manrs_rtrd_client *c)
{
	manrs_rtrd *r = c->rtrd;

	if (!c->negotiated || c->closing || c->now || c->small_at || c->must_reset ||
	    !rtrd_has_data(r) || (c->told_any && c->told == r->serial))
		return false;
	/* One that was not begun to be written tells the newer serial instead. */
	if (!c->small_n) {
		if (c->cool)
			return false;
		r->count.notifies++;
		c->notified_ms = r->now_ms;
		c->cool = true;
		rtrd_link_add(&r->cooling, &c->wait);
	}
	c->small_n = (uint8_t)rtr_serial_encode(c->small, c->version, RTR_SERIAL_NOTIFY,
						r->config.session[c->version], r->serial);
	c->told = r->serial;
	c->told_any = true;
	sending(c);
	return true;
}

size_t manrs_rtrd_client_output(const manrs_rtrd_client *c, manrs_slice *slices, size_t cap)
{
	size_t n = 0, off = c->off;

	if (n < cap && c->small_at < c->small_n)
		slices[n++] =
			(manrs_slice){c->small + c->small_at, (size_t)(c->small_n - c->small_at)};
	for (size_t i = c->piece; c->now && n < cap && i < c->now->n; i++, off = 0)
		slices[n++] = (manrs_slice){(const uint8_t *)c->now->piece[i].bytes + off,
					    c->now->piece[i].n - off};
	return n;
}

/* ---- queries ---- */

static int refused_memory(manrs_rtrd_client *c, manrs_fault *fault)
{
	fault_set(fault, MANRS_ENOMEM, c->bytes_in - c->in_n, "no memory");
	rtrd_client_end(c, "no memory", true);
	return MANRS_ENOMEM;
}

/* The answer says what a notify would have said that was not begun to be written: it is none, nor does it delay the next. */
static void take_back_notify(manrs_rtrd_client *c)
{
	if (!c->small_n || c->small_at)
		return;
	c->small_n = 0;
	c->rtrd->count.notifies--;
	rtrd_link_cut(&c->wait);
	c->cool = false;
}

static bool answer_query(manrs_rtrd_client *c, bool whole, uint16_t session, uint32_t serial)
{
	manrs_rtrd *r = c->rtrd;
	struct rtrd_answer *answer = NULL;
	/* Also without data: to a router that holds on to another session our first notify would be a fault. */
	bool reset = !whole && session != r->config.session[c->version];

	take_back_notify(c);
	c->must_reset = false;
	if (!rtrd_has_data(r) && !reset) {
		r->count.no_data++;
		c->told_any = false; /* once there is data it is told */
		return put_error(c, c->version, MANRS_RTR_NO_DATA, NULL, 0, "no data yet");
	}
	if (whole)
		answer = rtrd_answer_whole(r, c->version);
	else if (!reset)
		answer = rtrd_answer_since(r, c->version, serial, &reset);
	if (reset)
		answer = rtrd_answer_reset(r, c->version);
	if (!answer)
		return false;
	c->must_reset = reset;
	r->count.resets += whole;
	r->count.cache_resets += reset;
	r->count.deltas += !whole && !reset;
	put(c, answer);
	return true;
}

/* A query that is well formed and of our version. */
static int query(manrs_rtrd_client *c, manrs_fault *fault)
{
	bool whole = c->in[1] == RTR_RESET_QUERY;
	uint16_t session = (uint16_t)get16(c->in + 2);
	uint32_t serial = whole ? 0 : rtr_serial_decode(c->in);

	c->query_ms = c->rtrd->now_ms;
	if (!c->now)
		return answer_query(c, whole, session, serial) ? MANRS_OK
							       : refused_memory(c, fault);
	c->waits = true;
	c->waits_whole = whole;
	c->waits_session = session;
	c->waits_serial = serial;
	return MANRS_OK;
}

/* An answer was written whole. */
static void written(manrs_rtrd_client *c)
{
	if (c->now->ends) {
		c->serial = c->told = c->now->serial;
		c->has_serial = c->told_any = true;
	}
	drop_now(c);
}

/* Nothing is being sent: what waited for that. */
static void go_on(manrs_rtrd_client *c)
{
	if (c->waits) {
		c->waits = false;
		if (!answer_query(c, c->waits_whole, c->waits_session, c->waits_serial))
			rtrd_client_end(c, "no memory", true);
		return;
	}
	rtrd_client_notify(c);
}

/* ---- input ---- */

/* The router was wrong: one Error Report, if its version has a code for it, and the end. */
static int wrong(manrs_rtrd_client *c, int error, int code, const char *what, manrs_fault *fault)
{
	unsigned version = c->negotiated ? c->version : c->in[0];

	/* Before a version is settled, what is above ours is told in ours. */
	if (version > c->rtrd->config.max_version || version < c->rtrd->config.min_version)
		version = c->rtrd->config.max_version;
	fault_set(fault, error, c->bytes_in - c->in_n, what);
	if (!rtr_code_known(version, code)) {
		rtrd_client_end(c, what, true);
		return error;
	}
	if (!put_error(c, version, code, c->in, c->in_n < QUOTE ? c->in_n : QUOTE, what))
		return refused_memory(c, fault);
	rtrd_client_end(c, what, false);
	return error;
}

/* What the router has against us: kept for who looks, never answered. */
static void error_report(manrs_rtrd_client *c, const struct rtr_head *head, const uint8_t *bytes)
{
	struct rtr_error e;

	c->rtrd->count.errors_in++;
	c->code = head->session < 128 ? (int8_t)head->session : -1;
	rtrd_client_end(c, NULL, true);
	if (!bytes || rtr_error_decode(head, bytes, &e) != RTR_GOOD)
		return;
	c->text = mem_zalloc(&c->rtrd->mem, RTRD_TEXT);
	if (!c->text)
		return; /* it is for who looks, and nobody need look */
	c->rtrd->bytes_clients += RTRD_TEXT;
	for (size_t i = 0; i < e.n_text && i < RTRD_TEXT - 1; i++)
		c->text[i] = e.text[i] >= ' ' && e.text[i] < 127 ? (char)e.text[i] : '?';
}

static bool from_router(unsigned type)
{
	return type == RTR_SERIAL_QUERY || type == RTR_RESET_QUERY || type == RTR_ERROR_REPORT;
}

/*
 * Of a version that is not spoken here. Above ours: Error 4 in our highest, after which the router may ask once more on this
 * connection (8210bis section 7), if it is a query, so that we know where it ends.
 */
static int other_version(manrs_rtrd_client *c, const struct rtr_head *head, int good,
			 manrs_fault *fault)
{
	manrs_rtrd *r = c->rtrd;
	const char *what = "a version that this cache does not speak";

	if (c->negotiated)
		return wrong(c, MANRS_EINVAL, MANRS_RTR_UNEXPECTED_VERSION,
			     "another version than before", fault);
	if (head->version < r->config.min_version || c->refused || good != RTR_GOOD ||
	    !from_router(head->type))
		return wrong(c, MANRS_EUNSUP, MANRS_RTR_UNSUPPORTED_VERSION, what, fault);
	c->refused = true;
	return MANRS_OK;
}

/* As much as the head says; it is judged before anything waits for the rest. */
static int judge_head(manrs_rtrd_client *c, manrs_fault *fault)
{
	const manrs_rtrd *r = c->rtrd;
	struct rtr_head head;
	int good = rtr_head_decode(&head, c->in);
	bool ours = c->negotiated ? head.version == c->version
				  : head.version >= r->config.min_version &&
					    head.version <= r->config.max_version;

	c->want = (uint16_t)head.length;
	if (head.type == RTR_ERROR_REPORT) {
		if (good != RTR_GOOD || head.length > REPORT)
			error_report(c, &head, NULL);
		return MANRS_OK;
	}
	if (!ours)
		return other_version(c, &head, good, fault);
	if (good == MANRS_RTR_UNSUPPORTED_PDU)
		return wrong(c, MANRS_EUNSUP, MANRS_RTR_UNSUPPORTED_PDU, "no such PDU", fault);
	if (!from_router(head.type))
		return wrong(c, MANRS_EINVAL, MANRS_RTR_INVALID_REQUEST,
			     "a PDU that only caches send", fault);
	if (good != RTR_GOOD)
		return wrong(c, MANRS_ESYNTAX, MANRS_RTR_CORRUPT_DATA, "a wrong length", fault);
	if (c->waits)
		return wrong(c, MANRS_EINVAL, MANRS_RTR_INVALID_REQUEST,
			     "a third query before the first was answered", fault);
	return MANRS_OK;
}

static void negotiated(manrs_rtrd_client *c)
{
	c->version = c->in[0];
	c->negotiated = true;
	c->rtrd->count.clients_by_version[c->version]++;
	rtrd_link_cut(&c->wait); /* hello */
}

/* A whole PDU that its head did not rule out. */
static int whole_pdu(manrs_rtrd_client *c, manrs_fault *fault)
{
	const uint8_t *bytes = c->big ? c->big : c->in;
	struct rtr_head head;

	rtr_head_decode(&head, bytes);
	if (head.type == RTR_ERROR_REPORT) {
		error_report(c, &head, bytes);
		return MANRS_OK;
	}
	if (head.version > c->rtrd->config.max_version)
		return put_error(c, c->rtrd->config.max_version, MANRS_RTR_UNSUPPORTED_VERSION,
				 c->in, c->in_n, "a version above ours")
			       ? MANRS_OK
			       : refused_memory(c, fault);
	if (!c->negotiated)
		negotiated(c);
	return query(c, fault);
}

static void next_pdu(manrs_rtrd_client *c)
{
	if (c->big) {
		mem_free(&c->rtrd->mem, c->big, c->want);
		c->rtrd->bytes_clients -= c->want;
		c->big = NULL;
	}
	c->in_n = c->want = 0;
}

/* Bytes up to `to` of this PDU. returns: how many of n */
static size_t gather(manrs_rtrd_client *c, const uint8_t *bytes, size_t n, size_t to)
{
	size_t take = to - c->in_n < n ? to - c->in_n : n;

	memcpy((c->big ? c->big : c->in) + c->in_n, bytes, take);
	c->in_n = (uint16_t)(c->in_n + take);
	c->bytes_in += take;
	c->rtrd->count.bytes_in += take;
	return take;
}

/* Where the rest of this PDU goes. */
static bool make_room(manrs_rtrd_client *c)
{
	if (c->want <= sizeof c->in)
		return true;
	c->big = mem_alloc(&c->rtrd->mem, c->want);
	if (!c->big)
		return false;
	c->rtrd->bytes_clients += c->want;
	memcpy(c->big, c->in, c->in_n);
	return true;
}

int manrs_rtrd_client_input(manrs_rtrd_client *c, const void *bytes, size_t n, uint64_t now_ms,
			    manrs_fault *fault)
{
	const uint8_t *at = bytes;
	int code = MANRS_OK;

	rtrd_now(c->rtrd, now_ms);
	while (n && !c->closing) {
		size_t took = gather(c, at, n, c->want ? c->want : RTR_HEAD);

		at += took;
		n -= took;
		if (!c->want && c->in_n == RTR_HEAD) {
			code = judge_head(c, fault);
			if (!c->closing && !make_room(c))
				code = refused_memory(c, fault);
		}
		if (!c->closing && c->want && c->in_n == c->want) {
			code = whole_pdu(c, fault);
			next_pdu(c);
		}
	}
	return code;
}

void manrs_rtrd_client_sent(manrs_rtrd_client *c, size_t n, uint64_t now_ms)
{
	manrs_rtrd *r = c->rtrd;
	size_t take = (size_t)(c->small_n - c->small_at);

	rtrd_now(r, now_ms);
	if (!n || !c->sending.next)
		return;
	c->bytes_out += n;
	r->count.bytes_out += n;
	c->moved_ms = r->now_ms;
	rtrd_link_cut(&c->sending);
	rtrd_link_add(&r->sending, &c->sending);
	take = take < n ? take : n;
	n -= take;
	c->small_at = (uint8_t)(c->small_at + take);
	if (c->small_at == c->small_n)
		c->small_n = c->small_at = 0;
	while (n && c->now) {
		take = c->now->piece[c->piece].n - c->off;
		take = take < n ? take : n;
		n -= take;
		c->off += take;
		if (c->off == c->now->piece[c->piece].n) {
			c->off = 0;
			if (++c->piece == c->now->n)
				written(c);
		}
	}
	if (!c->closing && !c->now)
		go_on(c);
	sending(c);
}

int manrs_rtrd_client_closing(const manrs_rtrd_client *c)
{
	return c->closing;
}

/* ---- beginning and end ---- */

int manrs_rtrd_open(manrs_rtrd *r, manrs_rtrd_client **client, void *user, uint64_t now_ms)
{
	manrs_rtrd_client *c;

	*client = NULL;
	if (r->ended)
		return MANRS_ESTATE;
	if (r->count.clients >= r->config.max_clients)
		return MANRS_ELIMIT;
	c = mem_zalloc(&r->mem, sizeof *c);
	if (!c)
		return MANRS_ENOMEM;
	rtrd_now(r, now_ms);
	c->rtrd = r;
	c->user = user;
	c->opened_ms = r->now_ms;
	c->code = -1;
	rtrd_link_add(&r->all, &c->all);
	rtrd_link_add(&r->hello, &c->wait);
	r->count.clients++;
	r->count.opened++;
	r->bytes_clients += sizeof *c;
	*client = c;
	return MANRS_OK;
}

void *manrs_rtrd_client_user(const manrs_rtrd_client *c)
{
	return c->user;
}

void manrs_rtrd_client_free(manrs_rtrd_client *c)
{
	manrs_rtrd *r;

	if (!c)
		return;
	r = c->rtrd;
	rtrd_client_end(c, NULL, true);
	next_pdu(c);
	rtrd_link_cut(&c->all);
	rtrd_link_cut(&c->ready);
	if (c->text) {
		mem_free(&r->mem, c->text, RTRD_TEXT);
		r->bytes_clients -= RTRD_TEXT;
	}
	r->count.clients--;
	if (c->negotiated)
		r->count.clients_by_version[c->version]--;
	r->bytes_clients -= sizeof *c;
	mem_free(&r->mem, c, sizeof *c);
}

int manrs_rtrd_client_get(const manrs_rtrd_client *c, manrs_rtrd_client_status *status)
{
	manrs_rtrd_client_status s = {
		.why = c->why,
		.opened_ms = c->opened_ms,
		.query_ms = c->query_ms,
		.bytes_in = c->bytes_in,
		.bytes_out = c->bytes_out,
		.serial = c->serial,
		.version = c->negotiated ? (int8_t)c->version : -1,
		.code = c->code,
		.sending = has_output(c),
		.has_serial = c->has_serial,
	};

	if (c->text)
		memcpy(s.text, c->text, sizeof s.text);
	return grow_give(status, GROW_LEAST(manrs_rtrd_client_status, text), &s, sizeof s)
		       ? MANRS_OK
		       : MANRS_EINVAL;
}
