/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What each PDU of the cache does, as a table of states and PDUs:
 *
 *              Notify     Response   record    End of Data   Cache Reset   query
 *     ASKED    put off    begin      stray     stray         ask for all   refuse
 *     FILLING  put off    stray      take      end           stray         refuse
 *     SYNCED   ask        stray      stray     stray         stray         refuse
 *
 * Before that the version is settled, and an Error Report stands beside it: it may come in every state.
 *
 * source: RFC 8210 sections 5, 6, 7, 8, 12; draft-ietf-sidrops-8210bis sections 5, 7, 8, 12; RFC 1982
 */

#include "wire/rtr_engine.h"

#include <assert.h>
#include <string.h>

/* ---- what the cache says: a function a cell of the table ---- */

struct pdu {
	const struct rtr_head *head;
	const uint8_t *bytes; /* head->length of them */
	manrs_fault *fault;
};

static int refuse(manrs_rtr *r, const struct pdu *p, int code, const char *why)
{
	return rtr_fatal(r, code, p->bytes, p->head->length, why, p->fault);
}

/* RFC 8210 section 5.1, in every version: what was learned in the other session goes. */
static int other_session(manrs_rtr *r, const struct pdu *p)
{
	rtr_flush(r);
	return refuse(r, p, MANRS_RTR_CORRUPT_DATA, "another session");
}

static int on_stray(manrs_rtr *r, const struct pdu *p)
{
	switch (p->head->type) {
	case RTR_CACHE_RESPONSE:
		return refuse(r, p, MANRS_RTR_CORRUPT_DATA, "a Cache Response to no query");
	case RTR_END_OF_DATA:
		return refuse(r, p, MANRS_RTR_CORRUPT_DATA, "an End of Data that ends no response");
	case RTR_CACHE_RESET:
		return refuse(r, p, MANRS_RTR_CORRUPT_DATA, "a Cache Reset to no Serial Query");
	default:
		return refuse(r, p, MANRS_RTR_CORRUPT_DATA, "a record outside a response");
	}
}

static int on_query(manrs_rtr *r, const struct pdu *p)
{
	return refuse(r, p, MANRS_RTR_INVALID_REQUEST, "a query from a cache");
}

/* Asked for when what is on its way or waits is done with. */
static int on_notify_later(manrs_rtr *r, const struct pdu *p)
{
	(void)p;
	r->again = true;
	return MANRS_OK;
}

static int on_notify(manrs_rtr *r, const struct pdu *p)
{
	if (r->waits)
		return on_notify_later(r, p);
	if (r->has_session && r->data_version == r->version) {
		if (p->head->session != r->session)
			return other_session(r, p);
		if (!rtr_serial_after(rtr_serial_decode(p->bytes), r->serial))
			return MANRS_OK;
	}
	rtr_ask(r, false);
	return MANRS_OK;
}

static int on_response(manrs_rtr *r, const struct pdu *p)
{
	if (!r->whole && p->head->session != r->session)
		return other_session(r, p);
	rtr_response_clear(&r->mem, &r->response);
	r->answer = p->head->session;
	r->answer_version = p->head->version;
	r->state = RTR_FILLING;
	return MANRS_OK;
}

/* For the Error Report's text: StayRTR 0.5.1 sends ASPAs of a draft that was withdrawn, and its operator shall read that. */
static const char *broken(int code, unsigned type)
{
	if (code == MANRS_RTR_WITHDRAWAL_OF_UNKNOWN)
		return "a withdrawal in the answer to a Reset Query: nothing is there";
	if (code == MANRS_RTR_ORDERING)
		return "a record out of order";
	switch (type) {
	case RTR_ASPA:
		return "an ASPA that breaks its rules, or has the form of an older draft";
	case RTR_ROUTER_KEY:
		return "a router key that breaks its rules";
	default:
		return "a prefix that breaks its rules";
	}
}

static int on_record(manrs_rtr *r, const struct pdu *p)
{
	int limit = 0, code;

	code = rtr_response_take(&r->mem, &r->response, &r->config, p->head, p->bytes, &limit);
	if (code == RTR_GOOD && r->whole && r->response.removed)
		code = MANRS_RTR_WITHDRAWAL_OF_UNKNOWN; /* of all there is, nothing can go */
	if (code == RTR_GOOD)
		return MANRS_OK;
	if (!limit)
		return refuse(r, p, code, broken(code, p->head->type));
	refuse(r, p, code, "more than the router takes");
	return fault_set(p->fault, limit, r->stream, r->text);
}

/* A timer of the cache's: 0 is none, and the host's stands; others are brought within bounds. */
static uint32_t within(uint32_t x, uint32_t ours, uint32_t least, uint32_t most)
{
	return !x ? ours : x < least ? least : x > most ? most : x;
}

static void timers(const manrs_rtr_config *c, unsigned version, struct rtr_end *e)
{
	if (version == 0)
		*e = (struct rtr_end){e->serial, 0, 0, 0};
	e->refresh_s = within(e->refresh_s, c->refresh_s, 1, RTR_REFRESH_MAX);
	e->retry_s = within(e->retry_s, c->retry_s, 1, RTR_RETRY_MAX);
	e->expire_s = within(e->expire_s, c->expire_s, RTR_EXPIRE_MIN, RTR_EXPIRE_MAX);
	if (e->expire_s <= e->refresh_s)
		e->refresh_s = e->expire_s - 1;
	if (e->expire_s <= e->retry_s)
		e->retry_s = e->expire_s - 1;
}

void rtr_applied(manrs_rtr *r, uint64_t records)
{
	uint32_t most = r->config.max_expire_s;

	if (!r->usable || r->serial != r->end.serial || r->session != r->answer)
		r->serial_ms = r->end_ms;
	r->usable = r->has_session = true;
	r->session = r->answer;
	r->data_version = r->answer_version;
	r->serial = r->end.serial;
	r->records = records;
	r->refresh_s = r->end.refresh_s;
	r->retry_s = r->end.retry_s;
	r->expire_s = r->end.expire_s;
	r->last_ms = r->end_ms;
	r->expires_ms = r->end_ms + UINT64_C(1000) * (r->expire_s < most ? r->expire_s : most);
	if (r->state != RTR_IDLE) /* where it is the next connection's */
		r->next_ms = r->end_ms + UINT64_C(1000) * r->refresh_s;
	r->failures = 0;
	r->responses++;
}

/* Whether so much is taken away that the host shall look at it first. */
static bool guarded(const manrs_rtr *r)
{
	uint64_t gone = r->response.removed, percent = r->config.guard_percent;

	if (r->whole)
		gone = r->records > r->response.added ? r->records - r->response.added : 0;
	return percent && r->usable && r->records >= r->config.guard_floor &&
	       gone > r->records / 100 * percent + r->records % 100 * percent / 100;
}

static int on_end(manrs_rtr *r, const struct pdu *p)
{
	uint8_t quote[RTR_QUOTE];
	size_t n;
	int code;

	if (p->head->session != r->answer)
		return other_session(r, p);
	code = rtr_response_close(&r->mem, &r->response, quote, sizeof quote, &n);
	if (code == MANRS_RTR_INTERNAL) {
		refuse(r, p, code, "out of memory");
		return fault_set(p->fault, MANRS_ENOMEM, r->stream, "out of memory");
	}
	if (code != RTR_GOOD)
		return rtr_fatal(r, code, quote, n, "a customer's ASPA twice in one response",
				 p->fault);
	rtr_end_decode(p->head, p->bytes, &r->end);
	timers(&r->config, p->head->version, &r->end);
	r->end_ms = r->now_ms;
	r->state = RTR_SYNCED;
	if (!r->whole && !r->usable) {
		/* what it would change has expired meanwhile */
		rtr_response_clear(&r->mem, &r->response);
		if (!r->waits)
			rtr_ask(r, true);
		return MANRS_OK;
	}
	if (!r->whole && r->end.serial != r->serial &&
	    !rtr_serial_after(r->end.serial, r->serial)) {
		/* no difference leads back (RFC 1982): the cache has lost its count */
		rtr_response_clear(&r->mem, &r->response);
		rtr_ask(r, true);
		return MANRS_OK;
	}
	if (!r->whole && !r->response.runs.n) {
		rtr_applied(r, r->records);
		if (r->again)
			rtr_ask(r, false);
		return MANRS_OK;
	}
	r->behind = r->drop;
	r->waits = r->here = true;
	r->held = guarded(r);
	return MANRS_OK;
}

/* To a Serial Query that it cannot serve: all is asked for, what we have stays. To a Reset Query it makes no sense. */
static int on_reset(manrs_rtr *r, const struct pdu *p)
{
	if (r->whole)
		return on_stray(r, p);
	rtr_ask(r, true);
	return MANRS_OK;
}

enum event { NOTIFY, RESPONSE, RECORD, END, RESET, QUERY, EVENTS };

typedef int cell(manrs_rtr *r, const struct pdu *p);

static cell *const table[RTR_STATES][EVENTS] = {
	[RTR_ASKED] = {on_notify_later, on_response, on_stray, on_stray, on_reset, on_query},
	[RTR_FILLING] = {on_notify_later, on_stray, on_record, on_end, on_stray, on_query},
	[RTR_SYNCED] = {on_notify, on_stray, on_stray, on_stray, on_stray, on_query},
};

static const uint8_t event_of[RTR_TYPES] = {
	[RTR_SERIAL_NOTIFY] = NOTIFY,    [RTR_SERIAL_QUERY] = QUERY, [RTR_RESET_QUERY] = QUERY,
	[RTR_CACHE_RESPONSE] = RESPONSE, [RTR_IPV4_PREFIX] = RECORD, [RTR_IPV6_PREFIX] = RECORD,
	[RTR_END_OF_DATA] = END,         [RTR_CACHE_RESET] = RESET,  [RTR_ROUTER_KEY] = RECORD,
	[RTR_ERROR_REPORT] = QUERY,      [RTR_ASPA] = RECORD,
};

/* ---- Error Reports ---- */

/* Whether a version below the one that was tried is one of ours. */
static bool lower(const manrs_rtr *r, unsigned version)
{
	return version < r->version && version >= r->config.min_version;
}

/*
 * Unsupported Version, before anything else, in the version that the cache has: one of version 2 goes on in it, one of
 * version 1 closes, and the next connection begins with it. In our own it says no more than a connection that ends.
 */
static void on_unsupported(manrs_rtr *r, const struct rtr_head *head)
{
	if (!lower(r, head->version)) {
		rtr_end(r);
		return;
	}
	r->version = r->next_version = head->version;
	rtr_ask(r, false);
}

/* It stays connected and is asked again after Retry (RFC 8210 section 8.4). */
static void on_no_data(manrs_rtr *r, const struct rtr_head *head)
{
	if (!r->negotiated && lower(r, head->version))
		r->version = head->version;
	r->negotiated |= head->version == r->version;
	if (r->waits)
		return;
	rtr_response_clear(&r->mem, &r->response);
	r->state = RTR_SYNCED;
	r->again = false;
	r->next_ms = rtr_after_s(r, r->retry_s);
}

/*
 * The cache ends it. Of what version 2 knows each code flushes (8210bis section 12) but RESTART and UNSUPPORTED_VERSION; and
 * Error 0 in answer to a Serial Query is what some caches give for a session that they do not know: nothing goes.
 */
static void on_fatal_report(manrs_rtr *r, const struct rtr_head *head, unsigned code)
{
	bool ours = head->version == r->version;
	bool unknown = code == MANRS_RTR_CORRUPT_DATA && r->state == RTR_ASKED && !r->whole;

	if (!r->negotiated && lower(r, head->version))
		r->next_version = head->version;
	r->negotiated |= ours && code != MANRS_RTR_UNSUPPORTED_VERSION;
	if (unknown)
		r->has_session = false;
	else if (ours && r->version == 2 && code != MANRS_RTR_CACHE_RESTART &&
		 code != MANRS_RTR_UNSUPPORTED_VERSION)
		rtr_flush(r);
	rtr_end(r);
}

/* Never answered with another. */
static int on_error(manrs_rtr *r, const struct pdu *p)
{
	static const char why[] = "an Error Report that breaks its rules";
	struct rtr_error e;

	if (rtr_error_decode(p->head, p->bytes, &e) != RTR_GOOD) {
		rtr_note(r, MANRS_RTR_CORRUPT_DATA, why, strlen(why));
		rtr_end(r);
		return fault_set(p->fault, MANRS_ESYNTAX, r->stream, why);
	}
	rtr_note(r, e.code, e.text, e.n_text);
	if (e.code == MANRS_RTR_UNSUPPORTED_VERSION && !r->negotiated)
		on_unsupported(r, p->head);
	else if (e.code == MANRS_RTR_NO_DATA)
		on_no_data(r, p->head);
	else
		on_fatal_report(r, p->head, e.code);
	return MANRS_OK;
}

/* ---- bytes in ---- */

/*
 * The version of an answer: ours, or before anything else a lower one that we speak. A difference between two versions' sets
 * is none: to a Serial Query the answer is not taken, and the next connection begins with the lower version.
 */
static int settle(manrs_rtr *r, const struct pdu *p)
{
	const struct rtr_head *head = p->head;

	if (head->version == r->version) {
		r->negotiated = true;
		return MANRS_OK;
	}
	if (r->negotiated)
		return rtr_fatal(r, MANRS_RTR_UNEXPECTED_VERSION, p->bytes, RTR_HEAD,
				 "another version than before", p->fault);
	if (!lower(r, head->version))
		return rtr_fatal(r, MANRS_RTR_UNSUPPORTED_VERSION, p->bytes, RTR_HEAD,
				 "a version that was not asked for", p->fault);
	if (!r->whole && head->type == RTR_CACHE_RESPONSE) {
		r->next_version = head->version;
		rtr_end(r);
		return MANRS_OK;
	}
	r->version = head->version;
	r->negotiated = true;
	return MANRS_OK;
}

static int on_pdu(manrs_rtr *r, const struct pdu *p)
{
	cell *does;
	int rc;

	assert(r->state >= RTR_ASKED && r->state <= RTR_SYNCED);
	if (p->head->type == RTR_SERIAL_NOTIFY && !r->negotiated)
		return MANRS_OK; /* RFC 8210 section 7 */
	if (p->head->type == RTR_ERROR_REPORT)
		return on_error(r, p);
	rc = settle(r, p);
	if (rc < 0 || r->state == RTR_CLOSING)
		return rc;
	does = table[r->state][event_of[p->head->type]];
	assert(does);
	return does(r, p);
}

/* A head whose length or type cannot be: what is wrong first is its version. */
static int bad_head(manrs_rtr *r, const struct rtr_head *head, int code, const uint8_t *bytes,
		    manrs_fault *fault)
{
	static const char why[] = "an Error Report of a wrong length";

	if (head->type == RTR_ERROR_REPORT) {
		rtr_note(r, code, why, strlen(why));
		rtr_end(r);
		return fault_set(fault, MANRS_ESYNTAX, r->stream, why);
	}
	if (head->version == r->version)
		r->negotiated = true;
	else if (r->negotiated)
		code = MANRS_RTR_UNEXPECTED_VERSION;
	else if (!lower(r, head->version))
		code = MANRS_RTR_UNSUPPORTED_VERSION;
	return rtr_fatal(r, code, bytes, RTR_HEAD,
			 code == MANRS_RTR_CORRUPT_DATA      ? "a length that this PDU cannot have"
			 : code == MANRS_RTR_UNSUPPORTED_PDU ? "an unknown PDU"
							     : "another version",
			 fault);
}

/* One PDU at bytes[n], if it is whole. returns: its length, 0: more is needed, *need in all; below zero: the end. */
static int step(manrs_rtr *r, const uint8_t *bytes, size_t n, size_t *need, manrs_fault *fault)
{
	struct rtr_head head;
	int code, rc;

	*need = RTR_HEAD;
	if (n < RTR_HEAD)
		return 0;
	code = rtr_head_decode(&head, bytes);
	if (code != RTR_GOOD)
		return bad_head(r, &head, code, bytes, fault);
	assert(head.length >= RTR_HEAD && head.length <= RTR_PDU_MAX);
	*need = head.length;
	if (n < head.length)
		return 0;
	rc = on_pdu(r, &(struct pdu){&head, bytes, fault});
	return rc < 0 ? rc : (int)head.length;
}

/* Keep bytes of a PDU that is not whole, up to `need` of it. */
static int keep(manrs_rtr *r, const uint8_t **bytes, size_t *n, size_t need, manrs_fault *fault)
{
	size_t more = need - r->in.n < *n ? need - r->in.n : *n;

	assert(need > r->in.n && need <= RTR_PDU_MAX);
	if (!vec_reserve(&r->mem, &r->in, more, 1)) {
		rtr_fatal(r, MANRS_RTR_INTERNAL, NULL, 0, "out of memory", NULL);
		return fault_set(fault, MANRS_ENOMEM, r->stream, "out of memory");
	}
	memcpy((uint8_t *)r->in.at + r->in.n, *bytes, more);
	r->in.n += more;
	*bytes += more;
	*n -= more;
	return MANRS_OK;
}

int manrs_rtr_input(manrs_rtr *r, const void *input, size_t n, uint64_t now_ms, manrs_fault *fault)
{
	const uint8_t *bytes = input;
	size_t need;
	int used, rc;

	rtr_now(r, now_ms);
	r->bytes_in += n;
	if (n)
		r->stall_ms = rtr_after_s(r, UINT64_C(3) * r->retry_s);
	while (r->state >= RTR_ASKED && r->state != RTR_CLOSING) {
		bool kept = r->in.n != 0;

		used = kept ? step(r, r->in.at, r->in.n, &need, fault)
			    : step(r, bytes, n, &need, fault);
		if (used < 0 || (!used && !n))
			return used;
		if (!used) {
			rc = keep(r, &bytes, &n, need, fault);
			if (rc < 0)
				return rc;
			continue;
		}
		if (kept) {
			r->in.n = 0;
		} else {
			bytes += used;
			n -= (size_t)used;
		}
		r->stream += (uint64_t)used;
	}
	return MANRS_OK;
}
