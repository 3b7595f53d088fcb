/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Both sides of RTR with each other: a cache and two routers, and what the fuzzer does to the data, to the time and to the bytes
 * between them: any cut, delays, connections that are lost, a cache that starts over.
 *
 * What holds: neither side ever finds the other wrong, no response has a record too much or too few for the host, and
 * when nothing more happens, each router has the set of the cache.
 */

#include "fuzz/rtr_stream.h"

#include <manrs/manrs.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUTERS 2
#define POOL    24 /* 8 VRPs, 8 customers with ASPAs, 8 keys */

/* Bytes under way. */
struct pipe {
	uint8_t *bytes;
	size_t n;
};

static void push(struct pipe *p, const void *bytes, size_t n)
{
	p->bytes = realloc(p->bytes, p->n + n + 1);
	must(p->bytes != NULL);
	memcpy(p->bytes + p->n, bytes, n);
	p->n += n;
}

static void pull(struct pipe *p, size_t n)
{
	memmove(p->bytes, p->bytes + n, p->n - n);
	p->n -= n;
}

/* What is in a set: 0 or, for a customer, which of its lists. */
struct set {
	uint8_t has[POOL];
};

struct router {
	manrs_rtr *rtr;
	manrs_rtrd_client *client;
	struct pipe up, down;
	struct set set;
	bool open;
	int max_version;
};

struct world {
	const uint8_t *data;
	size_t n;
	manrs_rtrd *rtrd;
	struct router routers[ROUTERS];
	struct set set, next;
	bool begun, published;
	uint64_t now_ms;
	unsigned starts, how;
};

static unsigned take(struct world *w)
{
	if (!w->n)
		return 0;
	w->n--;
	return *w->data++;
}

/* ---- the cache ---- */

static void feed_place(manrs_rtrd *rtrd, unsigned at, unsigned value)
{
	manrs_route vrp = {.prefix = {4, 24, 24, 0, {10, (uint8_t)at}}, .asn = 1 + at};
	uint32_t providers[3] = {100, 200, 300};
	manrs_aspa aspa = {providers, 1 + at, value};
	manrs_router_key key = {.asn = 1 + at, .spki_len = 1 + (uint16_t)at};
	int op = value ? MANRS_ADD : MANRS_REMOVE;

	if (at & 1) {
		vrp.prefix.family = 6;
		vrp.prefix.maxlen = 48;
	}
	must((at < 8    ? manrs_rtrd_vrps(rtrd, op, &vrp, 1, NULL, NULL)
	      : at < 16 ? manrs_rtrd_aspas(rtrd, op, &aspa, 1, NULL, NULL)
			: manrs_rtrd_keys(rtrd, op, &key, 1, NULL, NULL)) == MANRS_OK);
}

static void begin(struct world *w, bool whole)
{
	if (w->begun)
		return;
	must(manrs_rtrd_begin(w->rtrd, whole) == MANRS_OK);
	w->begun = true;
	w->next = whole ? (struct set){{0}} : w->set;
}

static void change(struct world *w, unsigned how)
{
	unsigned at = (how & 31) % POOL, value = how >> 5 & 3;

	if (at < 8 || at >= 16)
		value = value > 0;
	if (!w->begun)
		begin(w, false);
	feed_place(w->rtrd, at, value);
	w->next.has[at] = (uint8_t)value;
}

static void publish(struct world *w)
{
	int rc;

	if (!w->begun)
		begin(w, false);
	rc = manrs_rtrd_publish(w->rtrd, w->now_ms);
	must(rc == 0 || rc == 1);
	must(!w->published || (rc == 1) == (memcmp(&w->set, &w->next, sizeof w->set) != 0));
	w->begun = false;
	w->published = true;
	w->set = w->next;
}

static void lose(struct world *w, struct router *r)
{
	if (!r->open)
		return;
	manrs_rtrd_client_free(r->client);
	r->client = NULL;
	manrs_rtr_closed(r->rtr, w->now_ms);
	r->up.n = r->down.n = 0;
	r->open = false;
}

static void start(struct world *w, unsigned first, uint32_t serial)
{
	manrs_rtrd_config config;

	must(manrs_rtrd_config_init(&config, sizeof config) == MANRS_OK);
	for (unsigned v = 0; v < 3; v++)
		config.session[v] = (uint16_t)(first + v);
	config.serial = serial;
	config.max_version = w->how & 1 ? 1 : 2;
	config.max_deltas = w->how & 2 ? 1 : 128;
	config.notify_ms = w->how & 4 ? 0 : 60000;
	must(manrs_rtrd_new(&w->rtrd, &config) == MANRS_OK);
}

/* The cache starts over: as another, or with the session, serial and set of before. */
static void restart(struct world *w, bool kept)
{
	manrs_rtrd_status s = {.size = sizeof s};

	for (size_t i = 0; i < ROUTERS; i++)
		lose(w, &w->routers[i]);
	must(manrs_rtrd_status_get(w->rtrd, &s) == MANRS_OK &&
	     manrs_rtrd_free(w->rtrd) == MANRS_OK);
	w->begun = false;
	if (!w->published)
		kept = false;
	if (!kept)
		w->starts++;
	start(w, 10 * (w->starts + 1), kept ? s.serial : w->how & 8 ? UINT32_MAX - 1 : 1);
	if (!kept) {
		w->published = false;
		memset(&w->set, 0, sizeof w->set);
		return;
	}
	must(manrs_rtrd_begin(w->rtrd, 1) == MANRS_OK);
	for (unsigned at = 0; at < POOL; at++)
		if (w->set.has[at])
			feed_place(w->rtrd, at, w->set.has[at]);
	must(manrs_rtrd_publish(w->rtrd, w->now_ms) >= 0);
}

/* ---- the bytes ---- */

static bool connect(struct world *w, struct router *r)
{
	if (manrs_rtr_want(r->rtr) == MANRS_RTR_WANT_CLOSE)
		lose(w, r);
	if (manrs_rtr_want(r->rtr) != MANRS_RTR_WANT_CONNECT)
		return false;
	must(!r->open);
	r->open = true;
	must(manrs_rtrd_open(w->rtrd, &r->client, r, w->now_ms) == MANRS_OK);
	manrs_rtr_opened(r->rtr, w->now_ms);
	return true;
}

/* What both have to say is under way; then n bytes of it arrive. */
static bool carry(struct world *w, struct router *r, bool up, size_t n)
{
	struct pipe *p = up ? &r->up : &r->down;
	manrs_slice slice;
	const uint8_t *out;
	size_t m;

	if (!r->open)
		return false;
	if (up && (m = manrs_rtr_output(r->rtr, &out))) {
		push(p, out, m);
		manrs_rtr_sent(r->rtr, m);
	}
	while (!up && p->n < n && manrs_rtrd_client_output(r->client, &slice, 1)) {
		m = slice.n < n - p->n ? slice.n : n - p->n;
		push(p, slice.bytes, m);
		manrs_rtrd_client_sent(r->client, m, w->now_ms);
	}
	n = n < p->n ? n : p->n;
	if (!n)
		return false;
	/* neither finds the other wrong, but for a version that is not spoken: that is no fault */
	if (up)
		must(manrs_rtrd_client_input(r->client, p->bytes, n, w->now_ms, NULL) == MANRS_OK);
	else
		must(manrs_rtr_input(r->rtr, p->bytes, n, w->now_ms, NULL) == MANRS_OK);
	pull(p, n);
	return true;
}

static unsigned place_of(const manrs_rtr_run *run, size_t i, unsigned *value)
{
	*value = 1;
	if (run->vrps)
		return run->vrps[i].prefix.addr[1];
	if (run->keys)
		return run->keys[i].asn - 1;
	*value = run->aspas[i].n;
	return run->aspas[i].customer - 1;
}

static bool apply(struct world *w, struct router *r)
{
	manrs_rtr_delta delta;
	manrs_rtr_run run;
	uint64_t records = 0;

	manrs_rtr_release(r->rtr, 1, w->now_ms);
	if (!manrs_rtr_delta_get(r->rtr, &delta))
		return false;
	if (delta.flags)
		memset(&r->set, 0, sizeof r->set);
	for (size_t k = 0; manrs_rtr_delta_run(r->rtr, k, &run); k++)
		for (size_t i = 0; i < run.n; i++) {
			unsigned value, at = place_of(&run, i, &value);

			must(at < POOL);
			if (run.op == MANRS_ADD)
				must(r->set.has[at] != value);
			else
				must(r->set.has[at]);
			r->set.has[at] = run.op == MANRS_ADD ? (uint8_t)value : 0;
		}
	for (unsigned at = 0; at < POOL; at++)
		records += r->set.has[at] > 0;
	must(manrs_rtr_delta_done(r->rtr, MANRS_OK, 0, 0, records, w->now_ms) == MANRS_OK);
	return true;
}

static void pass(struct world *w, uint64_t ms)
{
	manrs_rtrd_client *ready[4];

	w->now_ms += ms;
	manrs_rtrd_tick(w->rtrd, w->now_ms);
	while (manrs_rtrd_ready(w->rtrd, ready, 4) == 4) {
	}
	for (size_t i = 0; i < ROUTERS; i++) {
		struct router *r = &w->routers[i];

		manrs_rtr_tick(r->rtr, w->now_ms);
		/* the cache has closed: what it wrote before arrives first */
		if (r->open && manrs_rtrd_client_closing(r->client)) {
			carry(w, r, false, 1000000);
			lose(w, r);
		}
	}
}

/* ---- the end ---- */

static bool equal(const struct world *w, const struct router *r)
{
	manrs_rtrd_status c = {.size = sizeof c};
	manrs_rtr_status s = {.size = sizeof s};

	must(manrs_rtr_status_get(r->rtr, &s) == MANRS_OK);
	must(manrs_rtrd_status_get(w->rtrd, &c) == MANRS_OK);
	if (!(s.flags & MANRS_RTR_USABLE) || s.serial != c.serial)
		return false;
	for (unsigned at = 0; at < POOL; at++) {
		bool told = at < 8 || (at >= 16 && s.version >= 1) || (at < 16 && s.version >= 2);

		if (r->set.has[at] != (told ? w->set.has[at] : 0))
			return false;
	}
	return true;
}

/* Everything arrives and is taken, until nothing does any more. */
static void calm(struct world *w)
{
	bool busy = true;

	for (unsigned turns = 0; busy; turns++) {
		must(turns < 10000);
		busy = false;
		for (size_t i = 0; i < ROUTERS; i++) {
			struct router *r = &w->routers[i];

			busy |= connect(w, r);
			busy |= carry(w, r, true, 1000000);
			busy |= carry(w, r, false, 1000000);
			busy |= apply(w, r);
		}
	}
}

/* Within an hour and Retry, a quiet cache is equalled by its routers. */
static void settle(struct world *w)
{
	uint64_t end = w->now_ms + 5000000;

	publish(w);
	calm(w);
	while (w->now_ms < end && !(equal(w, &w->routers[0]) && equal(w, &w->routers[1]))) {
		uint64_t next = manrs_rtrd_deadline(w->rtrd);

		for (size_t i = 0; i < ROUTERS; i++)
			if (manrs_rtr_deadline(w->routers[i].rtr) < next)
				next = manrs_rtr_deadline(w->routers[i].rtr);
		must(next != UINT64_MAX);
		pass(w, next > w->now_ms ? next - w->now_ms : 1);
		calm(w);
	}
	for (size_t i = 0; i < ROUTERS; i++) {
		manrs_rtr_status s = {.size = sizeof s};

		must(equal(w, &w->routers[i]));
		must(manrs_rtr_status_get(w->routers[i].rtr, &s) == MANRS_OK);
		must(s.code == -1 || s.code == MANRS_RTR_NO_DATA ||
		     s.code == MANRS_RTR_UNSUPPORTED_VERSION || s.code == MANRS_RTR_TRANSPORT);
		must(s.version == (w->routers[i].max_version < (w->how & 1 ? 1 : 2)
					   ? w->routers[i].max_version
					   : (w->how & 1 ? 1 : 2)) ||
		     s.code == MANRS_RTR_TRANSPORT || s.connects > 1);
	}
}

static void step(struct world *w)
{
	unsigned op = take(w);
	struct router *r = &w->routers[op >> 7];

	switch (op & 15) {
	case 0:
		lose(w, r);
		break;
	case 1:
	case 2:
		connect(w, r);
		break;
	case 3:
	case 4:
		carry(w, r, true, 1 + (op >> 4 & 7) * 2);
		break;
	case 5:
	case 6:
		carry(w, r, false, 1 + take(w));
		break;
	case 7:
		apply(w, r);
		break;
	case 8:
		pass(w, (uint64_t)take(w) << (op >> 4));
		break;
	case 9:
	case 10:
		change(w, take(w));
		break;
	case 11:
		publish(w);
		break;
	case 12:
		begin(w, op >> 4 & 1);
		break;
	case 13:
		manrs_rtr_refresh(r->rtr, op >> 4 & 1, w->now_ms);
		break;
	case 14:
		if (op >> 4 == 15)
			restart(w, take(w) & 1);
		else
			change(w, take(w));
		break;
	default:
		calm(w);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct world w = {.data = data, .n = n, .now_ms = 1000};
	manrs_rtr_config config;

	w.how = take(&w);
	start(&w, 10, w.how & 8 ? UINT32_MAX - 1 : 1);
	for (unsigned i = 0; i < ROUTERS; i++) {
		must(manrs_rtr_config_init(&config, sizeof config) == MANRS_OK);
		config.source = i;
		config.flags = MANRS_RTR_CHECK_ORDER;
		config.max_version = (uint8_t)((w.how >> (4 + 2 * i) & 3) % 3);
		config.guard_floor = 1;
		w.routers[i].max_version = config.max_version;
		must(manrs_rtr_new(&w.routers[i].rtr, &config) == MANRS_OK);
	}
	pass(&w, 0);
	while (w.n)
		step(&w);
	settle(&w);
	for (size_t i = 0; i < ROUTERS; i++) {
		lose(&w, &w.routers[i]);
		manrs_rtr_free(w.routers[i].rtr);
		free(w.routers[i].up.bytes);
		free(w.routers[i].down.bytes);
	}
	must(manrs_rtrd_free(w.rtrd) == MANRS_OK);
	return 0;
}
