/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a cache sends, made once a version and held by all who are sent it.
 *
 *     whole      Cache Response | blocks of the set ... | End of Data
 *     since      Cache Response | what is different | End of Data         the diffs from a serial on, united
 *     same       Cache Response | End of Data
 *     reset      Cache Reset
 *
 * Differences are united by looking at what became of each record: the first change says whether the router has it, the last
 * one whether we do. What is the same in the end is not named. An ASPA that changed is a record that goes and one that comes;
 * the router is told of the one that comes, which replaces the other (8210bis section 5.12).
 *
 * source: RFC 8210 sections 5.4-5.8, 8; 8210bis section 11.2
 */

#include "wire/rtrd_engine.h"

#include "base/sort.h"
#include <assert.h>

#define WORTH (UINT64_C(1) << 20) /* bytes of diffs that are united whatever the set's size */

/* An answer of n pieces with `own` bytes behind them, *at. */
static struct rtrd_answer *answer_new(manrs_rtrd *r, size_t n, size_t own, uint8_t **at)
{
	struct rtrd_answer *a;
	size_t pieces = n * sizeof(manrs_slice);

	if (own > SIZE_MAX - sizeof *a - pieces)
		return NULL;
	a = mem_alloc(&r->mem, sizeof *a + pieces + own);
	if (!a)
		return NULL;
	memset(a, 0, sizeof *a);
	a->refs = 1;
	a->n = n;
	a->bytes = sizeof *a + pieces + own;
	a->serial = r->serial;
	*at = (uint8_t *)(a->piece + n);
	return a;
}

static struct rtrd_answer *answer_ref(struct rtrd_answer *a)
{
	a->refs++;
	return a;
}

void rtrd_answer_drop(manrs_rtrd *r, struct rtrd_answer *a)
{
	if (!a || --a->refs)
		return;
	if (a->old)
		r->bytes_old -= a->bytes;
	else if (!a->shared)
		r->bytes_clients -= a->bytes;
	rtrd_set_drop(&r->mem, a->set, &r->bytes_forms);
	mem_free(&r->mem, a, a->bytes);
}

static void piece_set(struct rtrd_answer *a, size_t i, const uint8_t *bytes, size_t n)
{
	a->piece[i] = (manrs_slice){bytes, n};
	a->total += n;
}

static size_t put_response(const manrs_rtrd *r, unsigned version, uint8_t *out)
{
	return rtr_head_encode(out, version, RTR_CACHE_RESPONSE, r->config.session[version],
			       RTR_HEAD);
}

static size_t put_end(const manrs_rtrd *r, unsigned version, uint8_t *out)
{
	struct rtr_end end = {r->serial, r->config.refresh_s, r->config.retry_s,
			      r->config.expire_s};

	return rtr_end_encode(out, version, r->config.session[version], &end);
}

#define END_MOST 24

/* ---- the whole set ---- */

/* Versions in which nobody is sent anything: who could be has a client, or is given the answer that is kept. */
static unsigned spare_versions(const manrs_rtrd *r)
{
	unsigned spare = 0;

	for (unsigned v = 0; v <= RTR_VERSION_MAX; v++)
		if (!r->count.clients_by_version[v] && !r->whole[v])
			spare |= 1u << v;
	return spare;
}

static struct rtrd_answer *make_whole(manrs_rtrd *r, unsigned version)
{
	uint32_t blocks = r->set->from[rtrd_kinds(version)];
	unsigned spare = spare_versions(r);
	struct rtrd_answer *a;
	uint8_t *own;

	a = answer_new(r, (size_t)blocks + 2, RTR_HEAD + END_MOST, &own);
	if (!a)
		return NULL;
	a->shared = a->ends = true;
	piece_set(a, 0, own, put_response(r, version, own));
	for (uint32_t i = 0; i < blocks; i++) {
		const uint8_t *form =
			rtrd_block_form(&r->mem, r->set->block[i], version, spare, &r->bytes_forms);

		if (!form) {
			rtrd_answer_drop(r, a);
			return NULL;
		}
		piece_set(a, i + 1, form, r->set->block[i]->n);
	}
	piece_set(a, (size_t)blocks + 1, own + RTR_HEAD, put_end(r, version, own + RTR_HEAD));
	a->set = r->set;
	a->set->refs++;
	return a;
}

struct rtrd_answer *rtrd_answer_whole(manrs_rtrd *r, unsigned version)
{
	if (!r->whole[version])
		r->whole[version] = make_whole(r, version);
	return r->whole[version] ? answer_ref(r->whole[version]) : NULL;
}

/* ---- what is different ---- */

/* Records that changed: `at` is the diff, counted from the first that is looked at, and the place in it. */
struct net {
	const struct rtrd_diff *diff;
	struct sort_item *item, *tmp;
	size_t n, room;
	size_t from[RTRD_KINDS + 1];
	unsigned kind;
};

static const uint8_t *pdu_of(const struct net *net, uint64_t at)
{
	return net->diff[at >> 32].bytes + (uint32_t)at;
}

static int cmp_change(const void *arg, uint64_t a, uint64_t b)
{
	const struct net *net = arg;
	int c = rtrd_cmp(net->kind, pdu_of(net, a), pdu_of(net, b));

	return c ? c : a < b ? -1 : 1;
}

/* Of the changes of each record, in order: the last one, if the first one went the same way. */
static size_t settle(const struct net *net, struct sort_item *item, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0, end; i < n; i = end) {
		const uint8_t *first = pdu_of(net, item[i].at);

		for (end = i + 1; end < n; end++)
			if (rtrd_cmp(net->kind, first, pdu_of(net, item[end].at)))
				break;
		if (rtrd_adds(net->kind, first) ==
		    rtrd_adds(net->kind, pdu_of(net, item[end - 1].at)))
			item[kept++] = item[end - 1];
	}
	return kept;
}

static bool unite(manrs_rtrd *r, struct net *net, size_t diffs, unsigned version)
{
	for (size_t i = 0; i < diffs; i++)
		net->room += net->diff[i].count;
	net->item = mem_alloc(&r->mem, net->room * sizeof *net->item);
	net->tmp = mem_alloc(&r->mem, net->room * sizeof *net->tmp);
	if (!net->item || !net->tmp)
		return false;
	for (net->kind = 0; net->kind < rtrd_kinds(version); net->kind++) {
		struct sort_item *item = net->item + net->n;
		size_t n = 0;

		for (size_t i = 0; i < diffs; i++) {
			const struct rtrd_diff *d = &net->diff[i];

			for (size_t at = d->from[net->kind]; at < d->from[net->kind + 1];
			     at += rtrd_length(d->bytes + at))
				item[n++] =
					(struct sort_item){rtrd_sort_key(net->kind, d->bytes + at),
							   (uint64_t)i << 32 | at};
		}
		sort_items(item, net->tmp, n, cmp_change, net);
		net->from[net->kind] = net->n;
		net->n += settle(net, item, n);
	}
	for (unsigned kind = net->kind; kind <= RTRD_KINDS; kind++)
		net->from[kind] = net->n;
	return true;
}

/* Whether this ASPA that goes is replaced by one that comes: its neighbour then. */
static bool replaced(const struct net *net, size_t i)
{
	const uint8_t *pdu = pdu_of(net, net->item[i].at), *other;

	if (i > net->from[RTRD_ASPA]) {
		other = pdu_of(net, net->item[i - 1].at);
		if (!rtrd_cmp_key(RTRD_ASPA, pdu, other))
			return true;
	}
	if (i + 1 < net->from[RTRD_ASPA + 1]) {
		other = pdu_of(net, net->item[i + 1].at);
		if (!rtrd_cmp_key(RTRD_ASPA, pdu, other))
			return true;
	}
	return false;
}

/* One change as PDU; out NULL: its length alone. */
static size_t put_change(const struct net *net, unsigned kind, size_t i, bool add, unsigned version,
			 uint8_t *out)
{
	const uint8_t *pdu = pdu_of(net, net->item[i].at);
	size_t n = rtrd_length(pdu);

	if (rtrd_adds(kind, pdu) != add)
		return 0;
	if (kind == RTRD_ASPA && !add) {
		manrs_aspa aspa = {.customer = get32(pdu + 8)};

		if (replaced(net, i))
			return 0;
		return out ? rtr_aspa_encode(out, &aspa, false) : 12;
	}
	if (out) {
		memcpy(out, pdu, n);
		out[0] = (uint8_t)version;
	}
	return n;
}

/* All of them in the order of section 11.2. returns: bytes */
static size_t put_changes(const struct net *net, unsigned version, uint8_t *out)
{
	size_t n = 0;

	for (unsigned kind = 0; kind < rtrd_kinds(version); kind++) {
		size_t from = net->from[kind], to = net->from[kind + 1];

		for (size_t i = from; i < to; i++)
			n += put_change(net, kind, i, true, version, out ? out + n : NULL);
		for (size_t i = from; i < to; i++)
			n += put_change(net, kind, kind <= RTRD_V6 ? to - 1 - (i - from) : i, false,
					version, out ? out + n : NULL);
	}
	return n;
}

static struct rtrd_answer *make_since(manrs_rtrd *r, unsigned version, const struct net *net)
{
	size_t n = put_changes(net, version, NULL);
	struct rtrd_answer *a;
	uint8_t *own;

	a = answer_new(r, 1, RTR_HEAD + n + END_MOST, &own);
	if (!a)
		return NULL;
	a->shared = a->ends = true;
	put_response(r, version, own);
	put_changes(net, version, own + RTR_HEAD);
	piece_set(a, 0, own, RTR_HEAD + n + put_end(r, version, own + RTR_HEAD + n));
	return a;
}

/* Uniting costs as much as the diffs have; a router that would need more than the set is better served with that. */
static bool worth(const manrs_rtrd *r, const struct rtrd_diff *diff, size_t n)
{
	uint64_t most = 0, bytes = 0;

	for (uint32_t i = 0; i < r->set->n; i++)
		most += r->set->block[i]->n;
	for (size_t i = 0; i < n; i++)
		bytes += diff[i].n;
	return bytes <= (most > WORTH ? most : WORTH) &&
	       bytes + r->bytes_answers <= r->config.max_delta_bytes;
}

struct rtrd_answer *rtrd_answer_since(manrs_rtrd *r, unsigned version, uint32_t serial, bool *reset)
{
	uint32_t behind = r->serial - serial;
	struct rtrd_diff *diff = r->diffs.at; /* NULL until the second set */
	struct net net = {0};
	struct rtrd_answer **keep = &r->same[version];

	*reset = behind > r->diffs.n;
	if (*reset)
		return NULL;
	if (behind) {
		diff += r->diffs.n - behind;
		keep = &diff->answer[version];
	}
	if (*keep)
		return answer_ref(*keep);
	if (behind && !worth(r, diff, behind)) {
		*reset = true;
		return NULL;
	}
	net.diff = diff;
	if (!behind || unite(r, &net, behind, version))
		*keep = make_since(r, version, &net);
	mem_free(&r->mem, net.item, net.room * sizeof *net.item);
	mem_free(&r->mem, net.tmp, net.room * sizeof *net.tmp);
	if (!*keep)
		return NULL;
	r->bytes_answers += (*keep)->bytes;
	return answer_ref(*keep);
}

/* ---- small ones ---- */

struct rtrd_answer *rtrd_answer_reset(manrs_rtrd *r, unsigned version)
{
	uint8_t *own;

	if (!r->reset[version]) {
		struct rtrd_answer *a = answer_new(r, 1, RTR_HEAD, &own);

		if (!a)
			return NULL;
		a->shared = true;
		piece_set(a, 0, own, rtr_head_encode(own, version, RTR_CACHE_RESET, 0, RTR_HEAD));
		r->reset[version] = a;
	}
	return answer_ref(r->reset[version]);
}

struct rtrd_answer *rtrd_answer_error(manrs_rtrd *r, const uint8_t *rest, size_t n_rest,
				      unsigned version, int code, const uint8_t *pdu, size_t n_pdu,
				      const char *text)
{
	size_t most = 16 + n_pdu + strlen(text);
	struct rtrd_answer *a;
	uint8_t *own;

	most = most < 64 ? 64 : most;
	a = answer_new(r, 1, n_rest + most, &own);
	if (!a)
		return NULL;
	if (n_rest)
		memcpy(own, rest, n_rest);
	piece_set(a, 0, own,
		  n_rest + rtr_error_encode(own + n_rest, most, version, (unsigned)code, pdu, n_pdu,
					    text));
	r->bytes_clients += a->bytes;
	return a;
}

/* ---- forgetting ---- */

static void forget(manrs_rtrd *r, struct rtrd_answer **kept)
{
	struct rtrd_answer *a = *kept;

	*kept = NULL;
	if (!a)
		return;
	a->old = true;
	r->bytes_old += a->bytes;
	rtrd_answer_drop(r, a);
}

void rtrd_answers_forget(manrs_rtrd *r)
{
	struct rtrd_diff *diff = r->diffs.at;

	for (unsigned v = 0; v <= RTR_VERSION_MAX; v++) {
		forget(r, &r->whole[v]);
		forget(r, &r->same[v]);
		for (size_t i = 0; i < r->diffs.n; i++)
			forget(r, &diff[i].answer[v]);
	}
	r->bytes_answers = 0;
}

void rtrd_diff_free(manrs_rtrd *r, struct rtrd_diff *diff)
{
	r->bytes_diffs -= diff->n;
	mem_free(&r->mem, diff->bytes, diff->n);
}
