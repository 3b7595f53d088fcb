/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * New sets of a cache.
 *
 *     fed as they come -> in order, the last word on each record -> what differs from the newest set -> the next set
 *
 * Until the last step nothing but what was fed is kept, so a publish that is refused memory can be tried once more. What
 * differs is kept for the routers that have the serial before.
 */

#include "wire/rtrd_engine.h"

#include "base/sort.h"
#include "net/bits.h"
#include <assert.h>

/* ---- feeding ---- */

static void staged_free(manrs_rtrd *r)
{
	for (unsigned kind = 0; kind < RTRD_KINDS; kind++) {
		vec_free(&r->mem, &r->staged[kind], 1);
		r->n_staged[kind] = 0;
	}
	r->begun = false;
}

int manrs_rtrd_begin(manrs_rtrd *r, int whole)
{
	if (r->begun)
		return MANRS_ESTATE;
	r->begun = true;
	r->whole_begun = whole;
	return MANRS_OK;
}

void manrs_rtrd_discard(manrs_rtrd *r)
{
	staged_free(r);
}

static int feed_check(const manrs_rtrd *r, int op)
{
	if (op != MANRS_ADD && op != MANRS_REMOVE)
		return MANRS_EINVAL;
	return r->begun ? MANRS_OK : MANRS_ESTATE;
}

static uint8_t *room(manrs_rtrd *r, unsigned kind, size_t bytes)
{
	struct vec *v = &r->staged[kind];

	return vec_reserve(&r->mem, v, bytes, 1) ? (uint8_t *)v->at + v->n : NULL;
}

static void took(manrs_rtrd *r, unsigned kind, size_t bytes, int op, manrs_counts *counts)
{
	r->staged[kind].n += bytes;
	r->n_staged[kind]++;
	counts->added += op == MANRS_ADD;
	counts->removed += op == MANRS_REMOVE;
}

/* The first one that is refused is told. */
static void refuse(manrs_counts *counts, manrs_fault *fault, size_t at, const char *what)
{
	if (!counts->refused++)
		fault_set(fault, MANRS_EINVAL, at, what);
}

static bool vrp_ok(const manrs_route *vrp)
{
	const manrs_prefix *p = &vrp->prefix;

	return prefix_ok(p) && p->maxlen >= p->len && p->maxlen <= family_bits(p->family);
}

int manrs_rtrd_vrps(manrs_rtrd *r, int op, const manrs_route *vrps, size_t n, manrs_counts *counts,
		    manrs_fault *fault)
{
	manrs_counts c = {0};
	size_t n4 = 0;
	int code = feed_check(r, op);

	if (code != MANRS_OK)
		return code;
	for (size_t i = 0; i < n; i++)
		n4 += vrps[i].prefix.family == 4;
	if (n > SIZE_MAX / 32 || (n4 && !room(r, RTRD_V4, n4 * 20)) ||
	    (n > n4 && !room(r, RTRD_V6, (n - n4) * 32)))
		return MANRS_ENOMEM;
	for (size_t i = 0; i < n; i++) {
		unsigned kind = vrps[i].prefix.family == 4 ? RTRD_V4 : RTRD_V6;
		struct vec *v = &r->staged[kind];

		if (!vrp_ok(&vrps[i])) {
			refuse(&c, fault, i, "not a VRP: host bits, or a max length out of range");
			continue;
		}
		took(r, kind,
		     rtr_prefix_encode((uint8_t *)v->at + v->n, RTR_VERSION_MAX, &vrps[i],
				       op == MANRS_ADD),
		     op, &c);
	}
	if (counts)
		*counts = c;
	return MANRS_OK;
}

/* What is wrong with an ASPA that is announced: what its receiver would call so; NULL: nothing. */
static const char *aspa_wrong(const manrs_aspa *a, int op)
{
	if (!a->customer)
		return "customer is AS0";
	if (op == MANRS_REMOVE)
		return NULL;
	if (!a->n || a->n > RTR_PROVIDERS)
		return "no provider, or more than a PDU holds";
	if (a->n > 1 && !a->provider[0])
		return "AS0 beside other providers";
	for (uint32_t i = 0; i < a->n; i++)
		if (a->provider[i] == a->customer || (i && a->provider[i - 1] >= a->provider[i]))
			return "providers not strictly ascending, or the customer among them";
	return NULL;
}

int manrs_rtrd_aspas(manrs_rtrd *r, int op, const manrs_aspa *aspas, size_t n, manrs_counts *counts,
		     manrs_fault *fault)
{
	manrs_counts c = {0};
	size_t bytes = 0;
	int code = feed_check(r, op);

	if (code != MANRS_OK)
		return code;
	for (size_t i = 0; i < n; i++) {
		if (!aspa_wrong(&aspas[i], op))
			bytes += 12 + 4 * (size_t)(op == MANRS_ADD ? aspas[i].n : 0);
		if (bytes > SIZE_MAX / 2)
			return MANRS_ENOMEM;
	}
	if (bytes && !room(r, RTRD_ASPA, bytes))
		return MANRS_ENOMEM;
	for (size_t i = 0; i < n; i++) {
		const char *wrong = aspa_wrong(&aspas[i], op);
		struct vec *v = &r->staged[RTRD_ASPA];

		if (wrong) {
			refuse(&c, fault, i, wrong);
			continue;
		}
		took(r, RTRD_ASPA,
		     rtr_aspa_encode((uint8_t *)v->at + v->n, &aspas[i], op == MANRS_ADD), op, &c);
	}
	if (counts)
		*counts = c;
	return MANRS_OK;
}

int manrs_rtrd_keys(manrs_rtrd *r, int op, const manrs_router_key *keys, size_t n,
		    manrs_counts *counts, manrs_fault *fault)
{
	manrs_counts c = {0};
	int code = feed_check(r, op);

	if (code != MANRS_OK)
		return code;
	if (n > SIZE_MAX / (32 + MANRS_SPKI_MAX) ||
	    (n && !room(r, RTRD_KEY, n * (32 + MANRS_SPKI_MAX))))
		return MANRS_ENOMEM;
	for (size_t i = 0; i < n; i++) {
		struct vec *v = &r->staged[RTRD_KEY];

		if (!keys[i].spki_len || keys[i].spki_len > MANRS_SPKI_MAX || keys[i].zero) {
			refuse(&c, fault, i, "a key of no bytes, or too many");
			continue;
		}
		took(r, RTRD_KEY,
		     rtr_key_encode((uint8_t *)v->at + v->n, RTR_VERSION_MAX, &keys[i],
				    op == MANRS_ADD),
		     op, &c);
	}
	if (counts)
		*counts = c;
	return MANRS_OK;
}

/* ---- what differs ---- */

struct staged {
	unsigned kind;
	const uint8_t *bytes;
	struct sort_item *item;
	size_t n;
};

static const uint8_t *staged_pdu(const struct staged *s, size_t i)
{
	return s->bytes + s->item[i].at;
}

static int cmp_staged(const void *arg, uint64_t a, uint64_t b)
{
	const struct staged *s = arg;
	int c = rtrd_cmp_key(s->kind, s->bytes + a, s->bytes + b);

	return c ? c : a < b ? -1 : 1;
}

/* In order already: then each record is there once. */
static bool in_order(const struct staged *s)
{
	for (size_t i = 1; i < s->n; i++)
		if (rtrd_cmp_key(s->kind, staged_pdu(s, i - 1), staged_pdu(s, i)) >= 0)
			return false;
	return true;
}

/* The last word on each record, in order. */
static bool staged_sort(manrs_rtrd *r, struct staged *s, size_t n)
{
	struct sort_item *tmp;
	size_t kept = 0;

	for (size_t i = 0, at = 0; i < n; i++, at += rtrd_length(s->bytes + at))
		s->item[s->n++] = (struct sort_item){rtrd_sort_key(s->kind, s->bytes + at), at};
	if (in_order(s))
		return true;
	tmp = mem_alloc(&r->mem, n * sizeof *tmp);
	if (!tmp)
		return false;
	sort_items(s->item, tmp, n, cmp_staged, s);
	mem_free(&r->mem, tmp, n * sizeof *tmp);
	for (size_t i = 0; i < n; i++)
		if (i + 1 == n ||
		    rtrd_cmp_key(s->kind, staged_pdu(s, i), staged_pdu(s, i + 1)) != 0)
			s->item[kept++] = s->item[i];
	s->n = kept;
	return true;
}

static bool push(manrs_rtrd *r, struct vec *changes, const uint8_t *pdu, bool add)
{
	struct rtrd_change *c = vec_push(&r->mem, changes, sizeof *c);

	if (c)
		*c = (struct rtrd_change){pdu, add};
	return c;
}

/* Against all that there is: one pass through both. What was fed and removed at last is as if it had not been fed. */
static bool differ_whole(manrs_rtrd *r, const struct staged *s, struct vec *changes)
{
	struct rtrd_walk walk = rtrd_walk_of(r->set, s->kind);
	const uint8_t *old = rtrd_walk_next(&walk), *new;
	size_t i = 0;

	while (old || i < s->n) {
		int c;

		new = i < s->n ? staged_pdu(s, i) : NULL;
		if (new && !rtrd_adds(s->kind, new)) {
			i++;
			continue;
		}
		c = !old ? 1 : !new ? -1 : rtrd_cmp(s->kind, old, new);
		if (c && !push(r, changes, c < 0 ? old : new, c > 0))
			return false;
		if (c <= 0)
			old = rtrd_walk_next(&walk);
		i += c >= 0;
	}
	return true;
}

/* Record by record. */
static bool differ_some(manrs_rtrd *r, const struct staged *s, struct vec *changes)
{
	for (size_t i = 0; i < s->n; i++) {
		const uint8_t *new = staged_pdu(s, i), *old = rtrd_set_find(r->set, s->kind, new);
		bool add = rtrd_adds(s->kind, new);
		int c = old && add ? rtrd_cmp(s->kind, old, new) : old ? -1 : 1;

		/* An ASPA that is replaced is two changes, in order. */
		if (old && c < 0 && !push(r, changes, old, false))
			return false;
		if (add && c && !push(r, changes, new, true))
			return false;
		if (old && c > 0 && !push(r, changes, old, false))
			return false;
	}
	return true;
}

static bool differ(manrs_rtrd *r, unsigned kind, struct vec *changes)
{
	size_t n = r->n_staged[kind];
	struct staged s = {.kind = kind, .bytes = r->staged[kind].at};
	bool good;

	if (n > SIZE_MAX / sizeof *s.item)
		return false;
	s.item = mem_alloc(&r->mem, n * sizeof *s.item);
	good = s.item && staged_sort(r, &s, n) &&
	       (r->whole_begun ? differ_whole : differ_some)(r, &s, changes);
	mem_free(&r->mem, s.item, n * sizeof *s.item);
	return good;
}

/* ---- the next set ---- */

/* Changes that are kept, or none where they are more than is kept: diff->bytes is NULL then. false: refused */
static bool diff_make(manrs_rtrd *r, const struct rtrd_change *changes, const size_t *from,
		      struct rtrd_diff *diff)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < from[RTRD_KINDS]; i++)
		bytes += rtrd_length(changes[i].pdu);
	if (!r->config.max_deltas || bytes > r->config.max_delta_bytes || bytes > UINT32_MAX)
		return true;
	diff->bytes = mem_alloc(&r->mem, (size_t)bytes);
	if (!diff->bytes || !vec_reserve(&r->mem, &r->diffs, 1, sizeof *diff)) {
		mem_free(&r->mem, diff->bytes, (size_t)bytes);
		return false;
	}
	diff->count = from[RTRD_KINDS];
	for (unsigned kind = 0; kind < RTRD_KINDS; kind++) {
		for (size_t i = from[kind]; i < from[kind + 1]; i++) {
			size_t n = rtrd_length(changes[i].pdu);
			uint8_t *to = diff->bytes + diff->n, *flag = rtrd_flag(kind, to);

			memcpy(to, changes[i].pdu, n);
			*flag = changes[i].add;
			diff->n += n;
		}
		diff->from[kind + 1] = diff->n;
	}
	return true;
}

static void diffs_drop(manrs_rtrd *r, size_t n)
{
	struct rtrd_diff *diff = r->diffs.at;

	for (size_t i = 0; i < n; i++)
		rtrd_diff_free(r, &diff[i]);
	r->diffs.n -= n;
	if (n && r->diffs.n)
		memmove(diff, diff + n, r->diffs.n * sizeof *diff);
}

/* Without a diff to the next serial those before lead nowhere. */
static void diff_keep(manrs_rtrd *r, const struct rtrd_diff *diff)
{
	const struct rtrd_diff *old = r->diffs.at;
	uint64_t bytes = r->bytes_diffs + diff->n;
	size_t n = 0;

	if (!diff->bytes) {
		diffs_drop(r, r->diffs.n);
		return;
	}
	while (n < r->diffs.n &&
	       (bytes > r->config.max_delta_bytes || r->diffs.n - n >= r->config.max_deltas))
		bytes -= old[n++].n;
	diffs_drop(r, n);
	((struct rtrd_diff *)r->diffs.at)[r->diffs.n++] = *diff;
	r->bytes_diffs += diff->n;
}

/* The version with the most routers; 1, the most common one, while there is none. */
static unsigned main_version(const manrs_rtrd *r)
{
	const uint64_t *n = r->count.clients_by_version;
	unsigned most = r->config.max_version ? 1 : 0;

	for (unsigned v = 0; v <= RTR_VERSION_MAX; v++)
		if (n[v] > n[most])
			most = v;
	return most;
}

/* Blocks that only slow routers hold. */
static uint64_t old_bytes(const manrs_rtrd *r)
{
	return r->bytes_old + r->bytes_forms - rtrd_set_bytes(r->set);
}

/* What is furthest behind holds back the most: it goes with all who are sent it, or nothing would come free. */
static void bound_old(manrs_rtrd *r)
{
	while (old_bytes(r) > r->config.max_old_bytes) {
		const struct rtrd_answer *worst = NULL;
		struct rtrd_link *at, *next;

		for (at = r->sending.next; at != &r->sending; at = at->next) {
			const struct rtrd_answer *a = RTRD_OF(at, sending)->now;

			if (a && a->old &&
			    (!worst || r->serial - a->serial > r->serial - worst->serial))
				worst = a;
		}
		if (!worst)
			return;
		for (at = r->sending.next; at != &r->sending; at = next) {
			manrs_rtrd_client *c = RTRD_OF(at, sending);

			next = at->next;
			if (c->now != worst)
				continue;
			r->count.timeouts++;
			rtrd_client_end(c, "it holds back too much old data", true);
			rtrd_ready(c);
		}
	}
}

static void notify_all(manrs_rtrd *r)
{
	for (struct rtrd_link *at = r->all.next; at != &r->all; at = at->next) {
		manrs_rtrd_client *c = RTRD_OF(at, all);

		if (rtrd_client_notify(c))
			rtrd_ready(c);
	}
}

static void commit(manrs_rtrd *r, struct rtrd_set *set, const struct rtrd_diff *diff)
{
	bool first = !r->set;

	rtrd_answers_forget(r);
	rtrd_set_drop(&r->mem, r->set, &r->bytes_forms);
	r->set = set;
	if (!first) {
		r->serial++;
		diff_keep(r, diff);
	}
	r->count.publishes++;
	r->count.published_ms = r->count.fresh_ms = r->now_ms;
	bound_old(r);
	notify_all(r);
}

/* What there is, is right. Who was told that there is no data was told of no serial since. */
static void vouch(manrs_rtrd *r)
{
	bool stale = !rtrd_has_data(r);

	r->count.fresh_ms = r->now_ms;
	if (stale)
		notify_all(r);
}

int manrs_rtrd_publish(manrs_rtrd *r, uint64_t now_ms)
{
	struct vec changes = {0};
	size_t from[RTRD_KINDS + 1] = {0};
	struct rtrd_diff diff = {0};
	struct rtrd_set *set = NULL;
	int answer = MANRS_ENOMEM;

	if (!r->begun)
		return MANRS_ESTATE;
	rtrd_now(r, now_ms);
	for (unsigned kind = 0; kind < RTRD_KINDS; kind++) {
		if (!differ(r, kind, &changes))
			goto out;
		from[kind + 1] = changes.n;
	}
	answer = 0;
	if (changes.n || !r->set) {
		answer = MANRS_ENOMEM;
		if (r->set && !diff_make(r, changes.at, from, &diff))
			goto out;
		set = rtrd_set_change(&r->mem, r->set, changes.at, from, main_version(r),
				      &r->bytes_forms);
		if (!set) {
			mem_free(&r->mem, diff.bytes, diff.n);
			goto out;
		}
		commit(r, set, &diff);
		answer = 1;
	} else {
		vouch(r);
	}
	staged_free(r);
out:
	vec_free(&r->mem, &changes, sizeof(struct rtrd_change));
	return answer;
}

void manrs_rtrd_fresh(manrs_rtrd *r, uint64_t now_ms)
{
	rtrd_now(r, now_ms);
	if (r->set)
		vouch(r);
}
