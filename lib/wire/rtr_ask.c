/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the router's side of RTR writes and when: queries within a budget, one Error Report a fault; and what a fault takes away.
 *
 * source: RFC 8210 sections 5.3, 5.4, 5.11, 12; draft-ietf-sidrops-8210bis section 12
 */

#include "wire/rtr_engine.h"

#include <assert.h>
#include <string.h>

#define BURST_MS 5000 /* queries at once: one and as many as seconds are in it */
#define QUERY_MS 1000 /* then one in so long */

/* ---- time ---- */

void rtr_now(manrs_rtr *r, uint64_t now_ms)
{
	if (!r->now_ms)
		r->bare_ms = now_ms;
	if (now_ms > r->now_ms)
		r->now_ms = now_ms;
}

uint64_t rtr_after_s(const manrs_rtr *r, uint64_t s)
{
	return r->now_ms > UINT64_MAX - 1000 * s ? UINT64_MAX : r->now_ms + 1000 * s;
}

/* ---- what is written ---- */

static bool put(manrs_rtr *r, const uint8_t *bytes, size_t n)
{
	assert(r->sent <= r->n_out && r->n_out <= RTR_OUT);
	if (r->sent) {
		memmove(r->out, r->out + r->sent, r->n_out - r->sent);
		r->n_out -= r->sent;
		r->sent = 0;
	}
	if (n > RTR_OUT - r->n_out)
		return false;
	memcpy(r->out + r->n_out, bytes, n);
	r->n_out += n;
	return true;
}

/* The connection is at its end: no more is read, what is in out may still be written. */
void rtr_end(manrs_rtr *r)
{
	if (!r->waits)
		rtr_response_clear(&r->mem, &r->response);
	r->in.n = 0;
	r->state = RTR_CLOSING;
}

/* With a Serial Query where what we have is of this version's session, else for everything (RFC 8210 section 5.1). */
static void query(manrs_rtr *r)
{
	uint8_t out[12];
	size_t n;

	assert(!r->waits || (r->drop && !r->behind));
	if (r->all)
		r->has_session = false; /* until it is there, however often it takes */
	r->whole = !r->has_session || r->data_version != r->version;
	n = r->whole ? rtr_head_encode(out, r->version, RTR_RESET_QUERY, 0, RTR_HEAD)
		     : rtr_serial_encode(out, r->version, RTR_SERIAL_QUERY, r->session, r->serial);
	r->again = r->all = false;
	r->stall_ms = rtr_after_s(r, UINT64_C(3) * r->retry_s);
	r->limit_ms = r->config.response_s ? rtr_after_s(r, r->config.response_s) : UINT64_MAX;
	r->state = RTR_ASKED;
	if (!put(r, out, n))
		rtr_end(r); /* the host writes nothing */
}

void rtr_ask(manrs_rtr *r, bool whole)
{
	if (whole)
		r->has_session = false;
	if (r->paid_ms < r->now_ms)
		r->paid_ms = r->now_ms;
	if (r->paid_ms - r->now_ms > BURST_MS) {
		r->state = RTR_SYNCED;
		r->next_ms = r->paid_ms - BURST_MS;
		return;
	}
	r->paid_ms += QUERY_MS;
	query(r);
}

/* ---- faults ---- */

void rtr_flush(manrs_rtr *r)
{
	r->has_session = false;
	if (r->waits && !r->held && !r->drop) {
		r->flush_next = true; /* the host may be at its records */
		return;
	}
	if (r->state != RTR_FILLING || !r->whole) /* else it stands for what goes */
		rtr_response_clear(&r->mem, &r->response);
	r->behind = false;
	r->drop = r->waits = r->usable || r->drop;
	if (r->usable)
		r->bare_ms = r->now_ms;
	r->held = r->usable = false;
}

void rtr_note(manrs_rtr *r, int code, const void *text, size_t n)
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
 * 8210bis section 12 flushes in version 2. Not for what we lack ourselves, and not for a response that stalls: that is a lost
 * connection, found by a timer. A difference that was wrong would be so again: all is asked for.
 */
void rtr_fault(manrs_rtr *r, unsigned version, int code, const char *why)
{
	rtr_note(r, code, why, strlen(why));
	if (code == MANRS_RTR_INTERNAL || code == MANRS_RTR_TRANSPORT)
		return;
	if (!r->whole)
		r->has_session = false;
	if (version == 2)
		rtr_flush(r);
}

int rtr_fatal(manrs_rtr *r, int code, const uint8_t *pdu, size_t n, const char *why,
	      manrs_fault *fault)
{
	uint8_t out[RTR_QUOTE + 128];

	assert(r->state >= RTR_ASKED && r->state <= RTR_SYNCED);
	rtr_fault(r, r->negotiated ? r->version : 0, code, why);
	if (rtr_code_known(r->version, code))
		put(r, out,
		    rtr_error_encode(out, sizeof out, r->version, (unsigned)code, pdu,
				     n < RTR_QUOTE ? n : RTR_QUOTE, why));
	rtr_end(r);
	return fault_set(fault, error_of(code), r->stream, why);
}
