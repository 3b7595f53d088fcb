/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The router's side of RTR against any cache, any network and any host: bytes in any cut, ticks, ends of connections, codes of
 * deltas, releases. Each step is also done on a twin that is fed byte by byte, and is asked the same.
 *
 * What holds, whatever comes:
 *   - memory is bounded by what was read;
 *   - nothing is shown before an End of Data, and what is shown keeps the records' contracts;
 *   - what is written is queries and Error Reports, whole; these quote what was read, and there is one a connection;
 *   - queries and connections are bounded by time;
 *   - the deadline moves on.
 */

#include "fuzz/rtr_stream.h"

#include <manrs/manrs.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct world {
	const uint8_t *data;
	size_t n;
	struct heap heap, twin_heap;
	manrs_rtr *rtr, *twin;
	struct stream in, out;
	uint64_t now_ms, connected_ms, ends, bytes;
	uint64_t queries, connects;                  /* so far */
	bool open, connected, reported, waits, held; /* waits: a response is known to */
};

static unsigned take(struct world *w)
{
	if (!w->n)
		return 0;
	w->n--;
	return *w->data++;
}

/* ---- what must hold ---- */

static bool found(const struct stream *s, const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; n && i + n <= s->n; i++)
		if (!memcmp(s->bytes + i, bytes, n))
			return true;
	return !n;
}

static void check_report(struct world *w, const uint8_t *pdu)
{
	uint32_t n = long_at(pdu + 4), n_pdu, n_text;

	must(n >= 16 && !w->reported);
	w->reported = true;
	n_pdu = long_at(pdu + 8);
	must(n_pdu <= n - 16);
	n_text = long_at(pdu + 12 + n_pdu);
	must(n == 16 + n_pdu + n_text && !pdu[2] && pdu[3] <= (pdu[0] ? pdu[0] == 1 ? 8 : 13 : 7));
	/* a record that the host did not take is written again from its values */
	must(pdu[3] == 6 || pdu[3] == 7 || found(&w->in, pdu + 12, n_pdu));
	for (uint32_t i = 0; i < n_text; i++)
		must(pdu[16 + n_pdu + i] >= ' ' && pdu[16 + n_pdu + i] < 127);
	must(manrs_rtr_want(w->rtr) == MANRS_RTR_WANT_CLOSE);
}

static void check_written(struct world *w)
{
	const uint8_t *pdu;

	while ((pdu = next(&w->out))) {
		must(pdu[0] <= 2);
		if (pdu[1] == 10) {
			check_report(w, pdu);
			continue;
		}
		must((pdu[1] == 1 && long_at(pdu + 4) == 12) ||
		     (pdu[1] == 2 && long_at(pdu + 4) == 8 && !pdu[2] && !pdu[3]));
		w->queries++;
	}
	/* a first query each connection, 6 at once, then one a second */
	must(w->queries <= 6 + w->connects + w->now_ms / 1000);
}

/* Both write the same, some of it now: at least one byte. */
static void write_some(struct world *w, size_t most)
{
	const uint8_t *a, *b;
	size_t n = manrs_rtr_output(w->rtr, &a), m = manrs_rtr_output(w->twin, &b);

	must(n == m && (!n || !memcmp(a, b, n)));
	n = n < most ? n : most;
	append(&w->out, a, n);
	manrs_rtr_sent(w->rtr, n);
	manrs_rtr_sent(w->twin, n);
	check_written(w);
}

static void check_run(const manrs_rtr_run *run, uint64_t *sums, uint32_t flags)
{
	must(run->n && (run->op == MANRS_ADD || run->op == MANRS_REMOVE));
	must((run->vrps != NULL) + (run->aspas != NULL) + (run->keys != NULL) == 1);
	must(run->op == MANRS_ADD || !(flags & MANRS_RTR_WHOLE));
	sums[run->op == MANRS_REMOVE] += run->n;
	for (size_t i = 0; i < run->n; i++) {
		if (run->vrps) {
			const manrs_prefix *p = &run->vrps[i].prefix;

			must(manrs_prefix_check(p) == MANRS_OK && p->maxlen >= p->len &&
			     p->maxlen <= (p->family == 4 ? 32 : 128));
		} else if (run->aspas) {
			const manrs_aspa *a = &run->aspas[i];

			must(a->customer && (run->op == MANRS_ADD ? a->n > 0 : a->n == 0));
			for (uint32_t k = 0; k < a->n; k++)
				must(a->provider[k] != a->customer &&
				     (a->n == 1 || a->provider[k]) &&
				     (k == 0 || a->provider[k - 1] < a->provider[k]));
		} else {
			must(run->keys[i].spki_len && run->keys[i].spki_len <= MANRS_SPKI_MAX);
		}
	}
}

static void check_delta(struct world *w)
{
	manrs_rtr_delta a, b;
	manrs_rtr_run run;
	uint64_t sums[2] = {0};
	int waits = manrs_rtr_delta_get(w->rtr, &a);

	must(waits == manrs_rtr_delta_get(w->twin, &b));
	if (!waits) {
		w->waits = false;
		must(!manrs_rtr_delta_run(w->rtr, 0, &run));
		return;
	}
	must(a.flags == b.flags && a.serial == b.serial && a.session == b.session &&
	     a.added == b.added && a.removed == b.removed && a.version == b.version);
	must(a.flags & MANRS_RTR_DROP || w->ends || w->waits);
	w->waits = true;
	for (size_t i = 0; manrs_rtr_delta_run(w->rtr, i, &run); i++)
		check_run(&run, sums, a.flags);
	must(sums[0] == a.added && sums[1] == a.removed);
}

static void check_status(struct world *w)
{
	manrs_rtr_status a, b;

	memset(&a, 0, sizeof a);
	memset(&b, 0, sizeof b);
	a.size = b.size = sizeof a;
	must(manrs_rtr_status_get(w->rtr, &a) == MANRS_OK &&
	     manrs_rtr_status_get(w->twin, &b) == MANRS_OK && !memcmp(&a, &b, sizeof a));
	must(memchr(a.text, 0, sizeof a.text) != NULL);
	w->held = a.flags & MANRS_RTR_HELD;
	for (const char *c = a.text; *c; c++)
		must(*c >= ' ' && *c < 127);
	must(a.expire_s > a.refresh_s && a.refresh_s >= 1 && a.retry_s >= 1);
}

static void check(struct world *w)
{
	must(manrs_rtr_want(w->rtr) == manrs_rtr_want(w->twin) &&
	     manrs_rtr_deadline(w->rtr) == manrs_rtr_deadline(w->twin));
	check_delta(w);
	check_status(w);
	must(w->heap.peak < 200000 + 24 * w->bytes && w->twin_heap.peak < 200000 + 24 * w->bytes);
	if (manrs_rtr_want(w->rtr) == MANRS_RTR_WANT_CONNECT)
		must(!w->open);
}

/* ---- what happens ---- */

static void feed(struct world *w, const uint8_t *bytes, size_t n)
{
	manrs_fault fault;
	const uint8_t *pdu;
	int a, b = MANRS_OK;

	if (!w->open || !n)
		return;
	append(&w->in, bytes, n);
	w->bytes += n;
	while ((pdu = next(&w->in)))
		w->ends += pdu[1] == 7;
	a = manrs_rtr_input(w->rtr, bytes, n, w->now_ms, &fault);
	must(a == MANRS_OK || (fault.code == a && manrs_rtr_want(w->rtr) == MANRS_RTR_WANT_CLOSE));
	for (size_t i = 0; i < n; i++) {
		int rc = manrs_rtr_input(w->twin, bytes + i, 1, w->now_ms, NULL);

		b = b == MANRS_OK ? rc : b;
	}
	must(a == b);
}

static size_t put(uint8_t *out, unsigned version, unsigned type, unsigned session, size_t n)
{
	out[0] = (uint8_t)version;
	out[1] = (uint8_t)type;
	out[2] = (uint8_t)(session >> 8);
	out[3] = (uint8_t)session;
	out[4] = out[5] = 0;
	out[6] = (uint8_t)(n >> 8);
	out[7] = (uint8_t)n;
	return n;
}

/* A PDU that is nearly right: of this version and session. */
static void feed_typed(struct world *w)
{
	static const uint8_t lengths[] = {12, 12, 8, 8, 20, 0, 32, 24, 8, 40, 16, 20};
	manrs_rtr_status s = {.size = sizeof s};
	unsigned type = take(w) % 12, x = take(w), n = lengths[type];
	uint8_t pdu[64] = {0};

	manrs_rtr_status_get(w->rtr, &s);
	if (type == 7 && !s.version)
		n = 12;
	if (!n)
		return;
	put(pdu, s.version, type,
	    type == 9 || type == 11 ? (x & 1) << 8
	    : type == 10            ? x % 14
				    : 7,
	    n);
	if (type == 4 || type == 6) {
		pdu[3] = 0;
		pdu[8] = x & 1;
		pdu[9] = pdu[10] = 24;
		pdu[12] = 10;
		pdu[13] = (uint8_t)(x >> 1);
		pdu[n - 1] = 1;
	} else if (type == 0 || type == 1 || type == 7) {
		pdu[11] = (uint8_t)x;
		if (n == 24) {
			pdu[14] = (uint8_t)(x >> 4);
			pdu[15] = 100;
			pdu[19] = 60;
			pdu[22] = 4;
		}
	} else if (type == 11) {
		pdu[11] = (uint8_t)(1 + x / 16);
		pdu[15] = 100;
		pdu[19] = (uint8_t)(101 + x);
		if (!(x & 1))
			put(pdu, s.version, type, 0, n = 12);
	}
	feed(w, pdu, n);
}

static void pass(struct world *w, uint64_t ms)
{
	w->now_ms += ms;
	manrs_rtr_tick(w->rtr, w->now_ms);
	manrs_rtr_tick(w->twin, w->now_ms);
}

/* Up to the deadline, if the engine waits for nothing else: then it does something, or has a later one. */
static void pass_deadline(struct world *w)
{
	uint64_t at = manrs_rtr_deadline(w->rtr);
	const uint8_t *out;
	manrs_rtr_delta delta;

	if (at == UINT64_MAX || at > w->now_ms + (UINT64_C(1) << 32))
		return;
	pass(w, at > w->now_ms ? at - w->now_ms : 0);
	must(manrs_rtr_deadline(w->rtr) > w->now_ms || manrs_rtr_want(w->rtr) ||
	     manrs_rtr_output(w->rtr, &out) || manrs_rtr_delta_get(w->rtr, &delta));
}

static void closed(struct world *w)
{
	if (!w->open)
		return;
	w->open = false;
	manrs_rtr_closed(w->rtr, w->now_ms);
	manrs_rtr_closed(w->twin, w->now_ms);
}

static void connect(struct world *w, bool stands)
{
	if (manrs_rtr_want(w->rtr) == MANRS_RTR_WANT_CLOSE) {
		write_some(w, 1000);
		closed(w);
		return;
	}
	if (manrs_rtr_want(w->rtr) != MANRS_RTR_WANT_CONNECT)
		return;
	must(!w->connected || w->now_ms - w->connected_ms >= 750);
	w->connected = true;
	w->connected_ms = w->now_ms;
	w->connects++;
	w->open = stands;
	w->reported = false;
	w->in.n = w->in.parsed = w->out.n = w->out.parsed = 0;
	if (!w->waits && !w->held)
		w->ends = 0;
	if (stands) {
		manrs_rtr_opened(w->rtr, w->now_ms);
		manrs_rtr_opened(w->twin, w->now_ms);
	} else {
		manrs_rtr_closed(w->rtr, w->now_ms);
		manrs_rtr_closed(w->twin, w->now_ms);
	}
}

static void done(struct world *w, unsigned how)
{
	static const int codes[] = {
		MANRS_OK, MANRS_OK, MANRS_OK, MANRS_RTR_DUPLICATE, MANRS_RTR_WITHDRAWAL_OF_UNKNOWN,
		3,        -1,       12};
	size_t run = how >> 3 & 3, record = how >> 5;
	manrs_rtr_delta delta;
	int waits = manrs_rtr_delta_get(w->rtr, &delta), code = codes[how & 7];
	uint64_t records = waits && !(delta.flags & MANRS_RTR_DROP) ? delta.added : 0;
	int a = manrs_rtr_delta_done(w->rtr, code, run, record, records, w->now_ms),
	    b = manrs_rtr_delta_done(w->twin, code, run, record, records, w->now_ms);

	must(a == b && (waits || a == MANRS_ESTATE));
	if (a == MANRS_OK) {
		/* a response may wait behind the news that all goes */
		if (!(delta.flags & MANRS_RTR_DROP))
			w->ends = 0;
		w->waits = false;
	}
}

static void step(struct world *w)
{
	unsigned op = take(w), n;

	switch (op & 15) {
	case 0:
	case 1:
		n = op >> 4 ? op >> 4 : take(w);
		n = n < w->n ? n : (unsigned)w->n;
		feed(w, w->data, n);
		w->data += n;
		w->n -= n;
		break;
	case 2:
	case 3:
	case 4:
		for (unsigned i = 0; i <= op >> 4; i++)
			feed_typed(w);
		break;
	case 5:
		pass(w, (uint64_t)take(w) << (op >> 4));
		break;
	case 6:
		pass_deadline(w);
		break;
	case 7:
		closed(w);
		break;
	case 8:
		connect(w, op >> 4);
		break;
	case 9:
		done(w, take(w));
		break;
	case 10:
		must(manrs_rtr_release(w->rtr, op >> 4 & 1, w->now_ms) ==
		     manrs_rtr_release(w->twin, op >> 4 & 1, w->now_ms));
		break;
	case 11:
		manrs_rtr_refresh(w->rtr, op >> 4 & 1, w->now_ms);
		manrs_rtr_refresh(w->twin, op >> 4 & 1, w->now_ms);
		w->connected = false; /* the host may want it at once */
		break;
	case 12:
		write_some(w, op >> 4);
		break;
	default:
		write_some(w, 10000);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct world w = {.data = data, .n = n, .now_ms = 1000};
	manrs_alloc alloc = {resize, &w.heap}, twin_alloc = {resize, &w.twin_heap};
	manrs_rtr_config config;
	unsigned how;

	must(manrs_rtr_config_init(&config, sizeof config) == MANRS_OK);
	how = take(&w);
	config.alloc = &alloc;
	config.max_version = (uint8_t)(how % 3);
	config.flags = how >> 2 & 3;
	config.guard_floor = how >> 4 & 1 ? 1 : 1000;
	config.max_vrps = how >> 5 & 1 ? 5 : 1000;
	config.frozen_s = how >> 6 & 1 ? 60 : 0;
	config.seed = how;
	must(manrs_rtr_new(&w.rtr, &config) == MANRS_OK);
	config.alloc = &twin_alloc;
	must(manrs_rtr_new(&w.twin, &config) == MANRS_OK);
	pass(&w, 0);
	connect(&w, true);
	while (w.n) {
		step(&w);
		check(&w);
	}
	manrs_rtr_free(w.rtr);
	manrs_rtr_free(w.twin);
	must(!w.heap.live && !w.twin_heap.live);
	free(w.in.bytes);
	free(w.out.bytes);
	return 0;
}
