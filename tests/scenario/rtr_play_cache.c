/* SPDX-License-Identifier: BSD-2-Clause */
/* The cache's side of a scenario: the engine, and the routers at its clients. The lines are in rtr_play.h. */

#include "rtr_play.h"

#include <stdio.h>
#include <string.h>

static bool cache_set(struct play *p, struct peer *peer, const char *name, uint64_t value)
{
	static const struct {
		const char *name;
		size_t at, size;
	} members[] = {
#define MEMBER(m) {#m, offsetof(manrs_rtrd_config, m), sizeof((manrs_rtrd_config *)0)->m}
		MEMBER(min_version),   MEMBER(max_version),     MEMBER(serial),
		MEMBER(refresh_s),     MEMBER(retry_s),         MEMBER(expire_s),
		MEMBER(notify_ms),     MEMBER(stale_s),         MEMBER(max_clients),
		MEMBER(max_deltas),    MEMBER(hello_s),         MEMBER(stall_s),
		MEMBER(max_old_bytes), MEMBER(max_delta_bytes),
#undef MEMBER
	};
	uint8_t v8 = (uint8_t)value;
	uint32_t v32 = (uint32_t)value;

	(void)peer;
	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		if (!strcmp(name, members[i].name)) {
			const void *from = members[i].size == 1   ? (const void *)&v8
					   : members[i].size == 4 ? (const void *)&v32
								  : &value;

			memcpy((char *)&p->cache + members[i].at, from, members[i].size);
			return true;
		}
	return play_fault(p, "no member %s of the config", name);
}

static bool cache_begin(struct play *p, struct peer *peer)
{
	int rc;

	(void)peer;
	if (p->engine)
		return true;
	p->cache.alloc = &p->alloc;
	rc = manrs_rtrd_new(&p->engine, &p->cache);
	if (rc == MANRS_ENOMEM)
		return play_miss(p, "no memory for the engine");
	if (rc != MANRS_OK)
		return play_fault(p, "manrs_rtrd_new: %s", manrs_strerror(rc));
	manrs_rtrd_tick(p->engine, p->now_ms);
	return true;
}

static size_t cache_output(struct play *p, struct peer *peer, const uint8_t **bytes)
{
	manrs_slice slice[3];
	size_t n = peer->client
			   ? manrs_rtrd_client_output(peer->client, slice, p->how.bytewise ? 1 : 3)
			   : 0;

	*bytes = n ? slice[0].bytes : NULL;
	return n ? slice[0].n : 0;
}

static void cache_sent(struct play *p, struct peer *peer, size_t n)
{
	manrs_rtrd_client_sent(peer->client, n, p->now_ms);
}

static bool cache_input(struct play *p, struct peer *peer, const uint8_t *bytes, size_t n)
{
	int rc;

	if (!peer->client)
		return play_fault(p, "it is not open");
	rc = manrs_rtrd_client_input(peer->client, bytes, n, p->now_ms, &peer->fault);
	if (rc != MANRS_OK && peer->rc == MANRS_OK) {
		peer->rc = rc;
		if (peer->fault.code != rc)
			return play_fault(p, "input returns %d, its fault says %d", rc,
					  peer->fault.code);
	}
	if (rc != MANRS_OK && !manrs_rtrd_client_closing(peer->client))
		return play_fault(p, "input returns %d and does not close", rc);
	return true;
}

static uint64_t cache_deadline(struct play *p)
{
	return p->engine ? manrs_rtrd_deadline(p->engine) : UINT64_MAX;
}

/* ---- clients with news ---- */

static bool has_news(struct play *p, struct peer *peer)
{
	const uint8_t *bytes;

	return peer->client &&
	       (cache_output(p, peer, &bytes) || manrs_rtrd_client_closing(peer->client));
}

static void before_call(struct play *p)
{
	for (size_t i = 0; i < p->n_peers; i++)
		p->peers[i].ready = has_news(p, &p->peers[i]);
}

/* After a call that was on no client: who has news now and had none is in manrs_rtrd_ready, once; two at a time. */
static bool after_call(struct play *p)
{
	manrs_rtrd_client *clients[2];
	bool seen[PEERS] = {false};
	size_t n;

	do {
		n = manrs_rtrd_ready(p->engine, clients, 2);
		for (size_t i = 0; i < n; i++) {
			struct peer *peer = manrs_rtrd_client_user(clients[i]);

			if (peer->client != clients[i] || seen[peer - p->peers])
				return play_fault(p, "ready names a client twice, or a wrong one");
			seen[peer - p->peers] = true;
		}
	} while (n == 2);
	for (size_t i = 0; i < p->n_peers; i++)
		if (!p->peers[i].ready && !seen[i] && has_news(p, &p->peers[i]))
			return play_fault(p, "%s has news and is not ready", p->peers[i].name);
	return true;
}

static void cache_tick(struct play *p)
{
	if (!p->engine)
		return;
	before_call(p);
	manrs_rtrd_tick(p->engine, p->now_ms);
	if (!after_call(p))
		p->broken = true;
}

static const char *cache_restless(struct play *p, struct peer *peer)
{
	if (p->broken)
		return p->why;
	return peer->client && manrs_rtrd_client_closing(peer->client) && !peer->asleep
		       ? "it wants to close"
		       : NULL;
}

/* ---- the data ---- */

static uint32_t long_at(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
	       bytes[3];
}

static int feed_vrp(struct play *p, int op, const uint8_t *b, size_t n, manrs_counts *counts)
{
	manrs_route vrp = {.prefix = {.family = b[1], .len = b[9], .maxlen = b[10]},
			   .asn = long_at(b + n - 4)};

	memcpy(vrp.prefix.addr, b + 12, b[1] == 4 ? 4 : 16);
	return manrs_rtrd_vrps(p->engine, op, &vrp, 1, counts, NULL);
}

static int feed_aspa(struct play *p, int op, const uint8_t *b, size_t n, manrs_counts *counts)
{
	static uint32_t providers[RTR_WORDS_MAX / 4];
	manrs_aspa aspa = {providers, long_at(b + 8), (uint32_t)(n - 12) / 4};

	for (uint32_t i = 0; i < aspa.n; i++)
		providers[i] = long_at(b + 12 + 4 * (size_t)i);
	return manrs_rtrd_aspas(p->engine, op, &aspa, 1, counts, NULL);
}

static int feed_key(struct play *p, int op, const uint8_t *b, size_t n, manrs_counts *counts)
{
	manrs_router_key key = {.asn = long_at(b + 28), .spki_len = (uint16_t)(n - 32)};

	memcpy(key.ski, b + 8, 20);
	memcpy(key.spki, b + 32, n - 32);
	return manrs_rtrd_keys(p->engine, op, &key, 1, counts, NULL);
}

static bool feed_line(struct play *p, const char *words, int op, bool refused)
{
	static uint8_t bytes[RTR_WORDS_MAX];
	manrs_counts counts = {0};
	const char *why;
	size_t n = rtr_words_record(bytes, words, &why);
	int rc;

	if (!n)
		return play_fault(p, "%s", why);
	rc = bytes[1] == 11  ? feed_aspa(p, op, bytes, n, &counts)
	     : bytes[1] == 9 ? feed_key(p, op, bytes, n, &counts)
			     : feed_vrp(p, op, bytes, n, &counts);
	if (rc == MANRS_ENOMEM)
		return play_miss(p, "no memory for the record");
	if (rc != MANRS_OK || counts.refused != refused)
		return play_fault(p, "it returns %d, refused %d", rc, (int)counts.refused);
	if (refused)
		return true;
	records_remove(&p->next, bytes, n);
	if (op == MANRS_ADD)
		records_add(&p->next, bytes, n);
	return true;
}

static bool begin_line(struct play *p, const char *words)
{
	bool whole = rtr_word_is(&words, "whole");
	int rc;

	if (!whole && !rtr_word_is(&words, "change"))
		return play_fault(p, "begin whole|change");
	rc = manrs_rtrd_begin(p->engine, whole);
	if (rc == MANRS_ENOMEM)
		return play_miss(p, "no memory to begin");
	if (rc != MANRS_OK)
		return play_fault(p, "manrs_rtrd_begin: %s", manrs_strerror(rc));
	records_free(&p->next);
	if (!whole)
		records_copy(&p->next, &p->published);
	return true;
}

static bool publish_line(struct play *p, const char *words)
{
	bool new = rtr_word_is(&words, "new");
	int rc;

	if (!new && !rtr_word_is(&words, "same"))
		return play_fault(p, "publish new|same");
	before_call(p);
	rc = manrs_rtrd_publish(p->engine, p->now_ms);
	if (!after_call(p))
		return false;
	if (rc == MANRS_ENOMEM)
		return play_miss(p, "no memory to publish");
	if (rc != new)
		return play_fault(p, "manrs_rtrd_publish returns %d", rc);
	p->has_data = true;
	records_free(&p->published);
	p->published = p->next;
	p->next = (struct records){0};
	return true;
}

/* ---- the network ---- */

static bool open_line(struct play *p, struct peer *peer, const char *words)
{
	manrs_rtrd_client *client = NULL;
	int want = rtr_word_is(&words, "limit")   ? MANRS_ELIMIT
		   : rtr_word_is(&words, "state") ? MANRS_ESTATE
						  : MANRS_OK,
	    rc = manrs_rtrd_open(p->engine, &client, peer, p->now_ms);

	if (rc == MANRS_ENOMEM)
		return play_miss(p, "no memory for a client");
	if (rc != want || peer->client)
		return play_fault(p, "manrs_rtrd_open: %s", manrs_strerror(rc));
	peer->rc = MANRS_OK;
	peer->asleep = false;
	peer->client = rc == MANRS_OK ? client : NULL;
	return true;
}

static void shut(struct peer *peer)
{
	manrs_rtrd_client_free(peer->client);
	peer->client = NULL;
}

static bool close_line(struct play *p, struct peer *peer, const char *words)
{
	const uint8_t *bytes;

	if (!peer->client || !play_within(p, words))
		return peer->client ? false : play_fault(p, "it is not open");
	if (!manrs_rtrd_client_closing(peer->client))
		return play_miss(p, "it does not want to close%s%s",
				 play_restless(p, peer) ? ", but " : "",
				 play_restless(p, peer) ? play_restless(p, peer) : "");
	if (!peer->asleep && cache_output(p, peer, &bytes))
		return play_miss(p, "it has more to write: type %d, code %d", bytes[1], bytes[3]);
	shut(peer);
	return true;
}

static bool shutdown_line(struct play *p, const char *words)
{
	uint64_t code;

	if (!rtr_word_number(&words, &code))
		return play_fault(p, "shutdown CODE");
	before_call(p);
	if (manrs_rtrd_shutdown(p->engine, (int)code, p->now_ms) != MANRS_OK)
		return play_fault(p, "manrs_rtrd_shutdown fails");
	return after_call(p);
}

static bool status_line(struct play *p, const char *words)
{
	manrs_rtrd_status s = {.size = sizeof s};
	uint64_t number;

	if (manrs_rtrd_status_get(p->engine, &s) != MANRS_OK)
		return play_fault(p, "manrs_rtrd_status_get fails");
	while (*words) {
		const struct {
			const char *name;
			uint64_t is;
		} numbers[] = {
			{"vrps4", s.vrps4},          {"vrps6", s.vrps6},
			{"aspas", s.aspas},          {"keys", s.keys},
			{"clients", s.clients},      {"serial", s.serial},
			{"oldest", s.oldest_serial}, {"resets", s.resets},
			{"deltas", s.deltas},        {"notifies", s.notifies},
			{"errors_in", s.errors_in},  {"errors_out", s.errors_out},
			{"no_data", s.no_data},      {"timeouts", s.timeouts},
			{"old", s.bytes_old},
		};
		size_t i = 0;

		while (i < sizeof numbers / sizeof *numbers &&
		       !rtr_word_is(&words, numbers[i].name))
			i++;
		if (i == sizeof numbers / sizeof *numbers || !rtr_word_number(&words, &number))
			return play_fault(p, "status has no %s", words);
		if (numbers[i].is != number)
			return play_miss(p, "%s is %llu", numbers[i].name,
					 (unsigned long long)numbers[i].is);
	}
	return true;
}

static int cache_line(struct play *p, struct peer *peer, const char *words)
{
	bool good;

	if (rtr_word_is(&words, "open"))
		good = open_line(p, peer, words);
	else if (rtr_word_is(&words, "close"))
		good = close_line(p, peer, words);
	else if (rtr_word_is(&words, "closed"))
		good = (shut(peer), true);
	else if (rtr_word_is(&words, "begin"))
		good = begin_line(p, words);
	else if (rtr_word_is(&words, "+"))
		good = feed_line(p, words, MANRS_ADD, false);
	else if (rtr_word_is(&words, "-"))
		good = feed_line(p, words, MANRS_REMOVE, false);
	else if (rtr_word_is(&words, "refuses"))
		good = feed_line(p, words, MANRS_ADD, true);
	else if (rtr_word_is(&words, "publish"))
		good = publish_line(p, words);
	else if (rtr_word_is(&words, "abort"))
		good = (manrs_rtrd_discard(p->engine), true);
	else if (rtr_word_is(&words, "fresh"))
		good = (manrs_rtrd_fresh(p->engine, p->now_ms), true);
	else if (rtr_word_is(&words, "shutdown"))
		good = shutdown_line(p, words);
	else if (rtr_word_is(&words, "status"))
		good = status_line(p, words);
	else if (rtr_word_is(&words, "fault"))
		good = play_fault_line(p, peer, words);
	else
		return 0;
	return good ? 1 : -1;
}

/* ---- after an allocation that failed ---- */

/* What a new router of version 2 is given is what was published last, whole. */
static bool given_is_published(struct play *p, struct peer *peer)
{
	static uint8_t pdu[RTR_WORDS_MAX];
	struct records given = {0};
	size_t n;
	bool good;

	n = play_take_pdu(p, peer, pdu);
	if (!p->has_data)
		return (n >= 16 && pdu[1] == 10 && pdu[3] == 2) ||
		       play_fault(p, "without data it answers type %d", pdu[1]);
	if (n != 8 || pdu[1] != 3)
		return play_fault(p, "its answer is %zu bytes of type %d", n, pdu[1]);
	while ((n = play_take_pdu(p, peer, pdu)) >= 8 && pdu[1] != 7) {
		if (pdu[1] == 4 || pdu[1] == 6)
			pdu[8] &= 1;
		if (!records_add(&given, pdu, n))
			break;
	}
	good = n == 24 && pdu[1] == 7 && records_equal(&given, &p->published);
	records_free(&given);
	return good || play_fault(p, "a router is not given what was published");
}

static bool cache_starved(struct play *p)
{
	static const uint8_t query[] = {2, 2, 0, 0, 0, 0, 0, 8};
	struct peer *peer = &p->peers[0];
	int rc;

	if (!p->engine)
		return true; /* it could not be made */
	for (size_t i = 0; i < p->n_peers; i++)
		shut(&p->peers[i]);
	manrs_rtrd_discard(p->engine);
	rc = manrs_rtrd_open(p->engine, (manrs_rtrd_client **)&peer->client, peer, p->now_ms);
	if (rc == MANRS_ESTATE || p->cache.max_version < 2 || p->cache.stale_s)
		return true;
	if (rc != MANRS_OK)
		return play_fault(p, "it takes no client any more");
	peer->asleep = false;
	rc = manrs_rtrd_client_input(peer->client, query, sizeof query, p->now_ms, NULL);
	if (rc != MANRS_OK)
		return play_fault(p, "it takes no query any more");
	return given_is_published(p, peer);
}

static void cache_end(struct play *p)
{
	for (size_t i = 0; i < p->n_peers; i++)
		shut(&p->peers[i]);
	manrs_rtrd_free(p->engine);
	records_free(&p->published);
	records_free(&p->next);
}

const struct side rtr_cache_side = {
	cache_set,  cache_begin,    cache_input, cache_output,  cache_sent, cache_deadline,
	cache_tick, cache_restless, cache_line,  cache_starved, cache_end,
};
