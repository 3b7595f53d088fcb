/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The cache's side of RTR against any router: bytes in any cut, connections that come and go, that read slowly or not at all, while
 * the data changes.
 *
 * What holds, whatever comes:
 *   - what is written is PDUs, whole, of one version; a record comes within a response alone, and once;
 *   - Error Reports quote what was read, and nothing comes behind one that ends the session;
 *   - memory is bounded; the deadline moves on; who has news is named once;
 *   - a router that asks at the end is given the set as it is.
 */

#include "fuzz/rtr_stream.h"

#include <manrs/manrs.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLIENTS 4
#define POOL    24 /* VRPs, ASPAs and keys that there may be: 8 of each */

struct router {
	manrs_rtrd_client *client;
	struct stream in, out;
	int version; /* of the response, -1: none yet */
	bool filling, reported;
	bool news;
	uint32_t announced, withdrawn; /* in this response, by the place in the pool */
};

struct world {
	const uint8_t *data;
	size_t n;
	struct heap heap;
	manrs_rtrd *rtrd;
	struct router routers[CLIENTS];
	uint64_t now_ms, bytes;
	uint32_t set, next; /* what is published, what is begun */
	bool begun, whole, ended;
};

static unsigned take(struct world *w)
{
	if (!w->n)
		return 0;
	w->n--;
	return *w->data++;
}

/* ---- the data: places of a pool ---- */

static void feed_place(struct world *w, unsigned at, int op)
{
	manrs_counts counts;
	manrs_route vrp = {.prefix = {4, 24, 24, 0, {10, (uint8_t)at}}, .asn = 1 + at};
	uint32_t provider = 1000 + at;
	manrs_aspa aspa = {&provider, 1 + at, 1};
	manrs_router_key key = {.asn = 1 + at, .spki_len = 1 + (uint16_t)at};
	int rc;

	if (at & 1) {
		vrp.prefix.family = 6;
		vrp.prefix.maxlen = 48;
	}
	key.ski[0] = (uint8_t)at;
	rc = at < 8    ? manrs_rtrd_vrps(w->rtrd, op, &vrp, 1, &counts, NULL)
	     : at < 16 ? manrs_rtrd_aspas(w->rtrd, op, &aspa, 1, &counts, NULL)
		       : manrs_rtrd_keys(w->rtrd, op, &key, 1, &counts, NULL);
	must(rc == (w->begun ? MANRS_OK : MANRS_ESTATE));
	if (w->begun)
		must(!counts.refused);
}

/* The place of a record that was written. */
static unsigned place_of(const uint8_t *pdu)
{
	unsigned at = pdu[1] == 11  ? long_at(pdu + 8) - 1
		      : pdu[1] == 9 ? long_at(pdu + 28) - 1
				    : pdu[13];

	must(at < POOL && (pdu[1] == 11) == (at >= 8 && at < 16) && (pdu[1] == 9) == (at >= 16));
	return at;
}

/* What a router of this version is told of. */
static uint32_t seen_by(int version, uint32_t set)
{
	return set & (version == 2 ? 0xffffffu : version == 1 ? 0xff00ffu : 0xffu);
}

/* ---- what is written ---- */

static bool found(const struct stream *s, const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; n && i + n <= s->n; i++)
		if (!memcmp(s->bytes + i, bytes, n))
			return true;
	return !n;
}

static void on_report(struct router *r, const uint8_t *pdu)
{
	uint32_t n = long_at(pdu + 4), n_pdu = long_at(pdu + 8);
	bool fatal = pdu[3] != 2 && pdu[3] != 4;

	must(n >= 16 && n_pdu <= n - 16);
	must(n == 16 + n_pdu + long_at(pdu + 12 + n_pdu) && !pdu[2]);
	must(pdu[3] <= (pdu[0] == 0 ? 7 : pdu[0] == 1 ? 8 : 13));
	must(found(&r->in, pdu + 12, n_pdu) && !r->reported);
	r->reported = fatal;
	if (fatal)
		must(manrs_rtrd_client_closing(r->client));
	else
		r->filling = false;
}

static void on_record(struct router *r, const uint8_t *pdu)
{
	unsigned at = place_of(pdu);
	bool announce = (pdu[1] == 4 || pdu[1] == 6 ? pdu[8] : pdu[2]) & 1;
	uint32_t *in = announce ? &r->announced : &r->withdrawn;

	must(r->filling && pdu[0] == r->version);
	must(!((r->announced | r->withdrawn) >> at & 1));
	*in |= 1u << at;
	must(seen_by(r->version, *in) == *in);
}

static void on_written(struct router *r)
{
	static const uint8_t lengths[12] = {12, 0, 0, 8, 20, 0, 32, 0, 8, 0, 0, 0};
	const uint8_t *pdu;

	while ((pdu = next(&r->out))) {
		unsigned type = pdu[1];
		uint32_t n = long_at(pdu + 4);

		must(pdu[0] <= 2 && type <= 11 && type != 1 && type != 2 && type != 5);
		must(!lengths[type] || n == lengths[type]);
		must(!r->reported); /* nothing behind the last word */
		if (type == 10) {
			on_report(r, pdu);
		} else if (type == 3) {
			must(!r->filling);
			r->filling = true;
			r->version = pdu[0];
			r->announced = r->withdrawn = 0;
		} else if (type == 7) {
			must(r->filling && pdu[0] == r->version && n == (pdu[0] ? 24 : 12));
			r->filling = false;
		} else if (type == 0 || type == 8) {
			must(!r->filling);
		} else {
			on_record(r, pdu);
		}
	}
	/* What is left begins a PDU, if it is more than a part of a head. */
	must(r->out.n - r->out.parsed < 8 || long_at(r->out.bytes + r->out.parsed + 4) >= 8);
}

static size_t write_some(struct world *w, struct router *r, size_t most)
{
	manrs_slice slices[3];
	size_t got = 0;

	if (!r->client)
		return 0;
	while (got < most) {
		size_t n = manrs_rtrd_client_output(r->client, slices, 1 + most % 3), step;

		if (!n)
			break;
		for (size_t i = 0; i < n; i++)
			must(slices[i].n && slices[i].bytes);
		step = slices[0].n < most - got ? slices[0].n : most - got;
		append(&r->out, slices[0].bytes, step);
		manrs_rtrd_client_sent(r->client, step, w->now_ms);
		got += step;
		on_written(r);
	}
	return got;
}

/* ---- what happens ---- */

static bool has_news(const struct router *r)
{
	manrs_slice slice;

	return r->client && (manrs_rtrd_client_output(r->client, &slice, 1) ||
			     manrs_rtrd_client_closing(r->client));
}

static void before(struct world *w)
{
	for (size_t i = 0; i < CLIENTS; i++)
		w->routers[i].news = has_news(&w->routers[i]);
}

static void after(struct world *w)
{
	manrs_rtrd_client *ready[2];
	unsigned named = 0;
	size_t n;

	do {
		n = manrs_rtrd_ready(w->rtrd, ready, 2);
		for (size_t i = 0; i < n; i++) {
			struct router *r = manrs_rtrd_client_user(ready[i]);
			unsigned bit = 1u << (r - w->routers);

			must(r->client == ready[i] && !(named & bit));
			named |= bit;
		}
	} while (n == 2);
	for (size_t i = 0; i < CLIENTS; i++)
		must(w->routers[i].news || !has_news(&w->routers[i]) || named >> i & 1);
}

static void leave(struct router *r)
{
	manrs_rtrd_client_free(r->client);
	free(r->in.bytes);
	free(r->out.bytes);
	*r = (struct router){.version = -1};
}

static void enter(struct world *w, struct router *r)
{
	int rc;

	if (r->client)
		return;
	rc = manrs_rtrd_open(w->rtrd, &r->client, r, w->now_ms);
	must(rc == MANRS_OK || rc == (w->ended ? MANRS_ESTATE : MANRS_ELIMIT));
	if (rc != MANRS_OK)
		r->client = NULL;
}

static void feed(struct world *w, struct router *r, const uint8_t *bytes, size_t n)
{
	manrs_fault fault;
	const uint8_t *pdu;
	int rc;

	if (!r->client || !n)
		return;
	append(&r->in, bytes, n);
	w->bytes += n;
	rc = manrs_rtrd_client_input(r->client, bytes, n, w->now_ms, &fault);
	must(rc == MANRS_OK || (fault.code == rc && manrs_rtrd_client_closing(r->client)));
	for (size_t left; (left = r->in.n - r->in.parsed) >= 8;) {
		pdu = r->in.bytes + r->in.parsed;
		if (long_at(pdu + 4) < 8 || long_at(pdu + 4) > left)
			break;
		r->in.parsed += long_at(pdu + 4);
	}
}

/* A query that is nearly right. */
static void feed_query(struct world *w, struct router *r, unsigned how)
{
	uint8_t pdu[12] = {(uint8_t)(how % 3), 2, 0, 0, 0, 0, 0, 8};
	size_t n = 8;

	if (how >> 2 & 1) {
		pdu[1] = 1;
		pdu[3] = (uint8_t)(10 + how % 3);
		pdu[7] = 12;
		pdu[11] = (uint8_t)(1 + (how >> 3));
		n = 12;
	}
	feed(w, r, pdu, n);
}

static void pass(struct world *w, uint64_t ms)
{
	w->now_ms += ms;
	before(w);
	manrs_rtrd_tick(w->rtrd, w->now_ms);
	after(w);
	must(manrs_rtrd_deadline(w->rtrd) > w->now_ms);
}

static void begin(struct world *w, bool whole)
{
	int rc = manrs_rtrd_begin(w->rtrd, whole);

	must(rc == (w->begun ? MANRS_ESTATE : MANRS_OK));
	if (rc != MANRS_OK)
		return;
	w->begun = true;
	w->next = whole ? 0 : w->set;
}

static void change(struct world *w, unsigned how)
{
	unsigned at = (how & 31) % POOL;
	int op = how & 128 ? MANRS_REMOVE : MANRS_ADD;

	feed_place(w, at, op);
	if (op == MANRS_ADD)
		w->next |= 1u << at;
	else
		w->next &= ~(1u << at);
}

static void publish(struct world *w)
{
	int rc;

	before(w);
	rc = manrs_rtrd_publish(w->rtrd, w->now_ms);
	after(w);
	must(w->begun ? rc == 0 || rc == 1 : rc == MANRS_ESTATE);
	if (!w->begun)
		return;
	must(rc == 1 || w->next == w->set);
	w->begun = false;
	w->set = w->next;
}

static void step(struct world *w)
{
	unsigned op = take(w), n;
	struct router *r = &w->routers[op >> 6];

	switch (op & 15) {
	case 0:
		n = take(w);
		n = n < w->n ? n : (unsigned)w->n;
		feed(w, r, w->data, n);
		w->data += n;
		w->n -= n;
		break;
	case 1:
	case 2:
	case 3:
		feed_query(w, r, take(w));
		break;
	case 4:
		enter(w, r);
		break;
	case 5:
		leave(r);
		break;
	case 6:
		pass(w, (uint64_t)take(w) << (op >> 4));
		break;
	case 7:
		if (manrs_rtrd_deadline(w->rtrd) - w->now_ms < 100000000)
			pass(w, manrs_rtrd_deadline(w->rtrd) - w->now_ms);
		break;
	case 8:
		begin(w, op >> 4 & 1);
		break;
	case 9:
	case 10:
		change(w, take(w));
		break;
	case 11:
		publish(w);
		break;
	case 12:
		if (op >> 4 == 15) {
			before(w);
			must(manrs_rtrd_shutdown(w->rtrd, 12 + (int)(take(w) & 1), w->now_ms) ==
			     MANRS_OK);
			after(w);
			w->ended = true;
		} else {
			manrs_rtrd_discard(w->rtrd);
			w->begun = false;
		}
		break;
	case 13:
		write_some(w, r, take(w));
		break;
	default:
		write_some(w, r, 100000);
		break;
	}
}

static void check(struct world *w)
{
	manrs_rtrd_status s = {.size = sizeof s};
	uint64_t open = 0;

	for (size_t i = 0; i < CLIENTS; i++)
		open += w->routers[i].client != NULL;
	must(manrs_rtrd_status_get(w->rtrd, &s) == MANRS_OK && s.clients == open);
	must(w->heap.peak < 3000000);
}

/* A router that asks now is given the set as it is. */
static void last_word(struct world *w, unsigned version)
{
	struct router *r = &w->routers[0];
	manrs_rtrd_status s = {.size = sizeof s};
	const uint8_t query[8] = {(uint8_t)version, 2, 0, 0, 0, 0, 0, 8};

	for (size_t i = 0; i < CLIENTS; i++)
		leave(&w->routers[i]);
	must(manrs_rtrd_status_get(w->rtrd, &s) == MANRS_OK);
	enter(w, r);
	if (!r->client)
		return;
	feed(w, r, query, sizeof query);
	write_some(w, r, 1000000);
	must(!r->filling && r->out.parsed == r->out.n);
	if (s.publishes)
		must(r->version == (int)version && !r->withdrawn &&
		     r->announced == seen_by(r->version, w->set));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct world w = {.data = data, .n = n, .now_ms = 1000};
	manrs_alloc alloc = {resize, &w.heap};
	manrs_rtrd_config config;
	unsigned how;

	for (size_t i = 0; i < CLIENTS; i++)
		w.routers[i].version = -1;
	must(manrs_rtrd_config_init(&config, sizeof config) == MANRS_OK);
	how = take(&w);
	config.alloc = &alloc;
	for (uint16_t v = 0; v < 3; v++)
		config.session[v] = (uint16_t)(10 + v);
	config.max_deltas = how & 1 ? 2 : 128;
	config.max_clients = how & 2 ? 2 : 1000;
	config.serial = how & 4 ? UINT32_MAX : 1;
	config.notify_ms = how & 8 ? 0 : 60000;
	must(manrs_rtrd_new(&w.rtrd, &config) == MANRS_OK);
	while (w.n) {
		step(&w);
		check(&w);
	}
	last_word(&w, how >> 4 & 3 ? (how >> 4 & 3) - 1 : 2);
	for (size_t i = 0; i < CLIENTS; i++)
		leave(&w.routers[i]);
	must(manrs_rtrd_free(w.rtrd) == MANRS_OK);
	must(!w.heap.live);
	return 0;
}
