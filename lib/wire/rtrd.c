/* SPDX-License-Identifier: BSD-2-Clause */
/* A cache for routers: its limits, its lists and its time. What a list is for stands in rtrd_engine.h. */

#include "wire/rtrd_engine.h"

#include "base/grow.h"

/* ---- lists ---- */

static void list_init(struct rtrd_link *list)
{
	list->prev = list->next = list;
}

void rtrd_link_add(struct rtrd_link *list, struct rtrd_link *link)
{
	link->prev = list->prev;
	link->next = list;
	list->prev->next = link;
	list->prev = link;
}

void rtrd_link_cut(struct rtrd_link *link)
{
	if (!link->next)
		return;
	link->prev->next = link->next;
	link->next->prev = link->prev;
	link->prev = link->next = NULL;
}

void rtrd_ready(manrs_rtrd_client *c)
{
	if (!c->ready.next)
		rtrd_link_add(&c->rtrd->ready, &c->ready);
}

size_t manrs_rtrd_ready(manrs_rtrd *r, manrs_rtrd_client **clients, size_t cap)
{
	size_t n = 0;

	while (n < cap && r->ready.next != &r->ready) {
		manrs_rtrd_client *c = RTRD_OF(r->ready.next, ready);

		rtrd_link_cut(&c->ready);
		clients[n++] = c;
	}
	return n;
}

/* ---- beginning and end ---- */

int manrs_rtrd_config_init(manrs_rtrd_config *config, size_t size)
{
	static const manrs_rtrd_config defaults = {
		.max_version = RTR_VERSION_MAX,
		.serial = 1,
		.refresh_s = 3600,
		.retry_s = 600,
		.expire_s = 7200,
		.notify_ms = 60000,
		.max_clients = 10000,
		.max_deltas = 128,
		.hello_s = 30,
		.stall_s = 300,
		.max_delta_bytes = UINT64_C(64) << 20,
		.max_old_bytes = UINT64_C(256) << 20,
	};

	return grow_init(config, size, GROW_LEAST(manrs_rtrd_config, max_old_bytes), &defaults,
			 sizeof defaults)
		       ? MANRS_OK
		       : MANRS_EINVAL;
}

static bool sessions_fit(const manrs_rtrd_config *c)
{
	for (unsigned v = c->min_version; v <= c->max_version; v++)
		for (unsigned w = c->min_version; w < v; w++)
			if (c->session[v] == c->session[w])
				return false;
	return true;
}

static bool config_fits(const manrs_rtrd_config *c)
{
	return c->min_version <= c->max_version && c->max_version <= RTR_VERSION_MAX &&
	       rtr_timers_fit(c->refresh_s, c->retry_s, c->expire_s) && sessions_fit(c);
}

int manrs_rtrd_new(manrs_rtrd **rtrd, const manrs_rtrd_config *config)
{
	manrs_rtrd_config c;
	manrs_alloc mem;
	manrs_rtrd *r;

	*rtrd = NULL;
	if (!grow_take(&c, sizeof c, GROW_LEAST(manrs_rtrd_config, max_old_bytes), config) ||
	    !config_fits(&c))
		return MANRS_EINVAL;
	mem = mem_of(c.alloc);
	r = mem_zalloc(&mem, sizeof *r);
	if (!r)
		return MANRS_ENOMEM;
	r->mem = mem;
	r->config = c;
	r->config.alloc = NULL;
	r->serial = c.serial;
	list_init(&r->all);
	list_init(&r->hello);
	list_init(&r->cooling);
	list_init(&r->sending);
	list_init(&r->ready);
	*rtrd = r;
	return MANRS_OK;
}

int manrs_rtrd_free(manrs_rtrd *r)
{
	struct rtrd_diff *diff;
	manrs_alloc mem;

	if (!r)
		return MANRS_OK;
	if (r->count.clients)
		return MANRS_EBUSY;
	manrs_rtrd_discard(r);
	rtrd_answers_forget(r);
	for (unsigned v = 0; v <= RTR_VERSION_MAX; v++)
		rtrd_answer_drop(r, r->reset[v]);
	rtrd_set_drop(&r->mem, r->set, &r->bytes_forms);
	diff = r->diffs.at;
	for (size_t i = 0; i < r->diffs.n; i++)
		rtrd_diff_free(r, &diff[i]);
	vec_free(&r->mem, &r->diffs, sizeof *diff);
	mem = r->mem;
	mem_free(&mem, r, sizeof *r);
	return MANRS_OK;
}

int manrs_rtrd_shutdown(manrs_rtrd *r, int code, uint64_t now_ms)
{
	if (code != MANRS_RTR_CACHE_RESTART && code != MANRS_RTR_CACHE_SHUTDOWN)
		return MANRS_EINVAL;
	rtrd_now(r, now_ms);
	r->ended = true;
	for (struct rtrd_link *at = r->all.next; at != &r->all; at = at->next) {
		manrs_rtrd_client *c = RTRD_OF(at, all);

		if (!c->closing)
			rtrd_client_shutdown(c, code);
		rtrd_ready(c);
	}
	return MANRS_OK;
}

/* ---- time ---- */

void rtrd_now(manrs_rtrd *r, uint64_t now_ms)
{
	if (now_ms > r->now_ms)
		r->now_ms = now_ms;
}

bool rtrd_has_data(const manrs_rtrd *r)
{
	return r->set && (!r->config.stale_s ||
			  r->now_ms - r->count.fresh_ms < UINT64_C(1000) * r->config.stale_s);
}

/* When the head of a list is due, UINT64_MAX: never. wait 0: the list has no time. */
static uint64_t hello_due(const manrs_rtrd *r)
{
	return r->hello.next == &r->hello || !r->config.hello_s
		       ? UINT64_MAX
		       : RTRD_OF(r->hello.next, wait)->opened_ms +
				 UINT64_C(1000) * r->config.hello_s;
}

static uint64_t cooling_due(const manrs_rtrd *r)
{
	return r->cooling.next == &r->cooling
		       ? UINT64_MAX
		       : RTRD_OF(r->cooling.next, wait)->notified_ms + r->config.notify_ms;
}

static uint64_t sending_due(const manrs_rtrd *r)
{
	return r->sending.next == &r->sending || !r->config.stall_s
		       ? UINT64_MAX
		       : RTRD_OF(r->sending.next, sending)->moved_ms +
				 UINT64_C(1000) * r->config.stall_s;
}

uint64_t manrs_rtrd_deadline(const manrs_rtrd *r)
{
	uint64_t hello = hello_due(r), cooling = cooling_due(r), sending = sending_due(r);
	uint64_t first = hello < cooling ? hello : cooling;

	return first < sending ? first : sending;
}

static void time_out(manrs_rtrd_client *c, const char *why)
{
	c->rtrd->count.timeouts++;
	rtrd_client_end(c, why, true);
	rtrd_ready(c);
}

void manrs_rtrd_tick(manrs_rtrd *r, uint64_t now_ms)
{
	rtrd_now(r, now_ms);
	while (hello_due(r) <= r->now_ms)
		time_out(RTRD_OF(r->hello.next, wait), "no query came");
	while (sending_due(r) <= r->now_ms)
		time_out(RTRD_OF(r->sending.next, sending), "it does not read");
	while (cooling_due(r) <= r->now_ms) {
		manrs_rtrd_client *c = RTRD_OF(r->cooling.next, wait);

		rtrd_link_cut(&c->wait);
		c->cool = false;
		if (rtrd_client_notify(c))
			rtrd_ready(c);
	}
}

/* ---- how it stands ---- */

int manrs_rtrd_status_get(const manrs_rtrd *r, manrs_rtrd_status *status)
{
	manrs_rtrd_status s = r->count;

	if (r->set) {
		s.vrps4 = r->set->count[RTRD_V4];
		s.vrps6 = r->set->count[RTRD_V6];
		s.keys = r->set->count[RTRD_KEY];
		s.aspas = r->set->count[RTRD_ASPA];
	}
	s.serial = r->serial;
	s.oldest_serial = r->serial - (uint32_t)r->diffs.n;
	s.bytes_sets = rtrd_set_bytes(r->set);
	s.bytes_old = r->bytes_old + r->bytes_forms - s.bytes_sets;
	s.bytes_deltas = r->bytes_diffs + r->bytes_answers;
	s.bytes_clients = r->bytes_clients;
	return grow_give(status, GROW_LEAST(manrs_rtrd_status, oldest_serial), &s, sizeof s)
		       ? MANRS_OK
		       : MANRS_EINVAL;
}
