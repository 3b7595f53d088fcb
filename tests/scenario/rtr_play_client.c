/* SPDX-License-Identifier: BSD-2-Clause */
/* The router's side of a scenario: the engine, and a host that keeps the set as a database would. */

#include "rtr_play.h"

#include <stdio.h>
#include <string.h>

static bool client_set(struct play *p, struct peer *peer, const char *name, uint64_t value)
{
	static const struct {
		const char *name;
		size_t at, size;
	} members[] = {
#define MEMBER(m) {#m, offsetof(manrs_rtr_config, m), sizeof((manrs_rtr_config *)0)->m}
		MEMBER(source),      MEMBER(preference),    MEMBER(min_version),
		MEMBER(max_version), MEMBER(guard_percent), MEMBER(flags),
		MEMBER(guard_floor), MEMBER(refresh_s),     MEMBER(retry_s),
		MEMBER(expire_s),    MEMBER(max_expire_s),  MEMBER(frozen_s),
		MEMBER(max_vrps),    MEMBER(max_aspas),     MEMBER(max_keys),
		MEMBER(response_s),  MEMBER(max_bytes),     MEMBER(seed),
#undef MEMBER
	};
	uint8_t v8 = (uint8_t)value;
	uint32_t v32 = (uint32_t)value;

	if (!peer->config.size)
		manrs_rtr_config_init(&peer->config, sizeof peer->config);
	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		if (!strcmp(name, members[i].name)) {
			const void *from = members[i].size == 1   ? (const void *)&v8
					   : members[i].size == 4 ? (const void *)&v32
								  : &value;

			memcpy((char *)&peer->config + members[i].at, from, members[i].size);
			return true;
		}
	return play_fault(p, "no member %s of the config", name);
}

static bool client_begin(struct play *p, struct peer *peer)
{
	int rc;

	if (peer->rtr)
		return true;
	if (!peer->config.size)
		manrs_rtr_config_init(&peer->config, sizeof peer->config);
	peer->config.alloc = &p->alloc;
	rc = manrs_rtr_new(&peer->rtr, &peer->config);
	if (rc == MANRS_ENOMEM)
		return play_miss(p, "no memory for the engine");
	if (rc != MANRS_OK)
		return play_fault(p, "manrs_rtr_new: %s", manrs_strerror(rc));
	manrs_rtr_tick(peer->rtr, p->now_ms);
	return true;
}

/* Nothing of a response may be shown before its End of Data. */
static bool nothing_early(struct play *p, struct peer *peer)
{
	manrs_rtr_delta delta;

	if (manrs_rtr_delta_get(peer->rtr, &delta) && !(delta.flags & MANRS_RTR_DROP) &&
	    !peer->ends)
		return play_fault(p, "a response is shown before its End of Data");
	return true;
}

static bool client_input(struct play *p, struct peer *peer, const uint8_t *bytes, size_t n)
{
	bool early;
	int rc;

	early = nothing_early(p, peer);
	rc = manrs_rtr_input(peer->rtr, bytes, n, p->now_ms, &peer->fault);
	if (rc != MANRS_OK && peer->rc == MANRS_OK) {
		peer->rc = rc;
		if (peer->fault.code != rc)
			return play_fault(p, "input returns %d, its fault says %d", rc,
					  peer->fault.code);
	}
	if (rc != MANRS_OK && manrs_rtr_want(peer->rtr) != MANRS_RTR_WANT_CLOSE)
		return play_fault(p, "input returns %d and does not close", rc);
	return early;
}

static size_t client_output(struct play *p, struct peer *peer, const uint8_t **bytes)
{
	(void)p;
	return peer->rtr ? manrs_rtr_output(peer->rtr, bytes) : 0;
}

static void client_sent(struct play *p, struct peer *peer, size_t n)
{
	(void)p;
	manrs_rtr_sent(peer->rtr, n);
}

static uint64_t client_deadline(struct play *p)
{
	uint64_t least = UINT64_MAX;

	for (size_t i = 0; i < p->n_peers; i++)
		if (p->peers[i].rtr && manrs_rtr_deadline(p->peers[i].rtr) < least)
			least = manrs_rtr_deadline(p->peers[i].rtr);
	return least;
}

static void client_tick(struct play *p)
{
	for (size_t i = 0; i < p->n_peers; i++)
		if (p->peers[i].rtr)
			manrs_rtr_tick(p->peers[i].rtr, p->now_ms);
}

static const char *client_restless(struct play *p, struct peer *peer)
{
	manrs_rtr_delta delta;

	(void)p;
	if (!peer->rtr)
		return NULL;
	if (!peer->left && manrs_rtr_want(peer->rtr) == MANRS_RTR_WANT_CONNECT)
		return "it wants to connect";
	if (manrs_rtr_want(peer->rtr) == MANRS_RTR_WANT_CLOSE)
		return "it wants to close";
	if (!peer->pending && manrs_rtr_delta_get(peer->rtr, &delta))
		return delta.flags & MANRS_RTR_DROP ? "it drops the data" : "a response waits";
	return NULL;
}

/* ---- the connection ---- */

static bool connect_line(struct play *p, struct peer *peer, const char *words, bool stands)
{
	if (!play_within(p, words))
		return false;
	if (manrs_rtr_want(peer->rtr) != MANRS_RTR_WANT_CONNECT)
		return play_miss(p, "it does not want to connect%s%s",
				 play_restless(p, peer) ? ", but " : "",
				 play_restless(p, peer) ? play_restless(p, peer) : "");
	peer->ends = 0;
	peer->rc = MANRS_OK;
	peer->open = stands;
	if (stands)
		manrs_rtr_opened(peer->rtr, p->now_ms);
	else
		manrs_rtr_closed(peer->rtr, p->now_ms);
	return true;
}

static bool close_line(struct play *p, struct peer *peer, const char *words)
{
	const uint8_t *bytes;

	if (!play_within(p, words))
		return false;
	if (manrs_rtr_want(peer->rtr) != MANRS_RTR_WANT_CLOSE)
		return play_miss(p, "it does not want to close%s%s",
				 play_restless(p, peer) ? ", but " : "",
				 play_restless(p, peer) ? play_restless(p, peer) : "");
	if (manrs_rtr_output(peer->rtr, &bytes))
		return play_miss(p, "it has more to write: type %d, code %d", bytes[1], bytes[3]);
	peer->open = false;
	manrs_rtr_closed(peer->rtr, p->now_ms);
	return true;
}

/* ---- responses ---- */

static void long_to(uint8_t *to, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		to[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* A record as rtr_words_record has it. returns: its bytes */
static size_t record_of(const manrs_rtr_run *run, size_t i, uint8_t *out)
{
	size_t n, addr;

	memset(out, 0, 32);
	out[0] = 2;
	if (run->vrps) {
		const manrs_prefix *x = &run->vrps[i].prefix;

		addr = x->family == 4 ? 4 : 16;
		out[1] = x->family;
		out[8] = 1;
		out[9] = x->len;
		out[10] = x->maxlen;
		memcpy(out + 12, x->addr, addr);
		long_to(out + 12 + addr, run->vrps[i].asn);
		n = 16 + addr;
	} else if (run->aspas) {
		out[1] = 11;
		out[2] = 1;
		long_to(out + 8, run->aspas[i].customer);
		for (size_t k = 0; k < run->aspas[i].n; k++)
			long_to(out + 12 + 4 * k, run->aspas[i].provider[k]);
		n = 12 + 4 * run->aspas[i].n;
	} else {
		out[1] = 9;
		out[2] = 1;
		memcpy(out + 8, run->keys[i].ski, 20);
		long_to(out + 28, run->keys[i].asn);
		memcpy(out + 32, run->keys[i].spki, run->keys[i].spki_len);
		n = 32 + run->keys[i].spki_len;
	}
	long_to(out + 4, (uint32_t)n);
	return n;
}

struct counts {
	uint64_t added, removed;
	size_t run, record; /* where it went wrong */
};

/*
 * What a host does with a response: RFC 8210 section 5.6 on withdrawals and announcements, 8210bis section 5.12 on ASPAs, which
 * replace. returns: MANRS_OK, or the code of what is wrong with it
 */
static int take_in(manrs_rtr *rtr, struct records *set, struct counts *c)
{
	static uint8_t out[RTR_WORDS_MAX];
	struct records seen = {0}; /* customers announced in this response: once each */
	manrs_rtr_run run;
	int code = MANRS_OK;

	for (c->run = 0; code == MANRS_OK && manrs_rtr_delta_run(rtr, c->run, &run); c->run++) {
		for (c->record = 0; code == MANRS_OK && c->record < run.n; c->record++) {
			size_t n = record_of(&run, c->record, out);

			if (run.op == MANRS_REMOVE) {
				c->removed++;
				if (!records_remove(set, out, n))
					code = MANRS_RTR_WITHDRAWAL_OF_UNKNOWN;
				continue;
			}
			c->added++;
			if (run.aspas && records_add(&seen, out, n))
				records_remove(set, out, n);
			if (!records_add(set, out, n))
				code = MANRS_RTR_DUPLICATE;
		}
	}
	c->run -= code != MANRS_OK;
	c->record -= code != MANRS_OK;
	records_free(&seen);
	return code;
}

static bool apply_drop(struct play *p, struct peer *peer)
{
	records_free(&peer->set);
	if (manrs_rtr_delta_done(peer->rtr, MANRS_OK, 0, 0, 0, p->now_ms) != MANRS_OK)
		return play_fault(p, "manrs_rtr_delta_done fails");
	return true;
}

/* "serial 5 +3 -0": what is there of the delta is as it says. */
static bool delta_is(struct play *p, const manrs_rtr_delta *delta, const char *words,
		     const struct counts *c)
{
	uint64_t number;
	char word[32];

	if (delta->added != c->added || delta->removed != c->removed)
		return play_fault(p, "the delta says +%llu -%llu and holds +%llu -%llu",
				  (unsigned long long)delta->added,
				  (unsigned long long)delta->removed, (unsigned long long)c->added,
				  (unsigned long long)c->removed);
	if (rtr_word_is(&words, "serial") && rtr_word_number(&words, &number) &&
	    delta->serial != number)
		return play_fault(p, "its serial is %lu", (unsigned long)delta->serial);
	while (rtr_word(&words, word, sizeof word)) {
		uint64_t is = *word == '+' ? delta->added : delta->removed;
		unsigned long long said;

		if (sscanf(word, "+%llu", &said) != 1 && sscanf(word, "-%llu", &said) != 1)
			return play_fault(p, "apply KIND [serial N] [+N] [-N]");
		if (said != is)
			return play_fault(p, "it holds +%llu -%llu",
					  (unsigned long long)delta->added,
					  (unsigned long long)delta->removed);
	}
	return true;
}

static bool apply_line(struct play *p, struct peer *peer, const char *words)
{
	static const char *const kinds[] = {"whole", "delta", "duplicate", "unknown", "drop"};
	manrs_rtr_delta delta;
	struct records set = {0};
	struct counts c = {0};
	size_t kind = 0, is;
	int code, rc;

	while (kind < 5 && !rtr_word_is(&words, kinds[kind]))
		kind++;
	if (kind == 5)
		return play_fault(p, "apply whole|delta|duplicate|unknown|drop");
	if (!manrs_rtr_delta_get(peer->rtr, &delta))
		return play_miss(p, "nothing waits for the host");
	if (delta.source != peer->config.source)
		return play_fault(p, "it is of source %lu", (unsigned long)delta.source);
	peer->pending = false;
	if (delta.flags & MANRS_RTR_DROP)
		return kind == 4 ? apply_drop(p, peer) : play_miss(p, "it says that all goes");
	peer->ends = 0;
	if (!(delta.flags & MANRS_RTR_WHOLE))
		records_copy(&set, &peer->set);
	code = take_in(peer->rtr, &set, &c);
	is = code == MANRS_RTR_DUPLICATE               ? 2
	     : code == MANRS_RTR_WITHDRAWAL_OF_UNKNOWN ? 3
	     : delta.flags & MANRS_RTR_WHOLE           ? 0
						       : 1;
	if (is != kind) {
		records_free(&set);
		return play_fault(p, "it is %s, of serial %lu", kinds[is],
				  (unsigned long)delta.serial);
	}
	if (code == MANRS_OK) {
		if (!delta_is(p, &delta, words, &c)) {
			records_free(&set);
			return false;
		}
		records_free(&peer->set);
		peer->set = set;
	} else {
		records_free(&set);
	}
	rc = manrs_rtr_delta_done(peer->rtr, code, c.run, c.record, peer->set.n, p->now_ms);
	return rc == MANRS_OK || play_fault(p, "manrs_rtr_delta_done: %s", manrs_strerror(rc));
}

static bool data_line(struct play *p, struct peer *peer, const char *words)
{
	static uint8_t out[RTR_WORDS_MAX];
	struct records set = {0};
	const char *why = NULL;
	char one[400];
	bool good;

	words += strspn(words, " ");
	while (*words && strcmp(words, "none") != 0 && !why) {
		size_t n = strcspn(words, ";"), bytes;

		snprintf(one, sizeof one, "%.*s", (int)n, words);
		words += n + (words[n] == ';');
		bytes = rtr_words_record(out, one, &why);
		if (bytes)
			records_add(&set, out, bytes);
	}
	good = why ? play_fault(p, "%s", why)
	       : records_equal(&set, &peer->set)
		       ? true
		       : play_fault(p, "the host has %zu records, other ones", peer->set.n);
	records_free(&set);
	return good;
}

/* ---- how it stands ---- */

static bool status_is(struct play *p, const manrs_rtr_status *s, const char *words)
{
	static const char *const flags[] = {"connected", "usable", "held", "frozen"};
	const struct {
		const char *name;
		uint64_t is;
	} numbers[] = {
		{"serial", s->serial},
		{"session", s->session},
		{"version", s->version},
		{"code", (uint64_t)s->code},
		{"refresh", s->refresh_s},
		{"retry", s->retry_s},
		{"expire", s->expire_s},
		{"records", s->records},
		{"errors", s->errors},
		{"responses", s->responses},
		{"connects", s->connects},
		{"held_added", s->held_added},
		{"held_removed", s->held_removed},
	};
	uint32_t want = 0;
	uint64_t number;

	for (size_t i = 0; i < 4; i++)
		if (rtr_word_is(&words, flags[i]))
			want |= 1u << i;
	if (s->flags != want)
		return play_miss(p, "it is%s%s%s%s", s->flags & 1 ? " connected" : "",
				 s->flags & 2 ? " usable" : "", s->flags & 4 ? " held" : "",
				 s->flags & 8 ? " frozen" : "");
	while (*words) {
		size_t i = 0;

		while (i < sizeof numbers / sizeof *numbers &&
		       !rtr_word_is(&words, numbers[i].name))
			i++;
		if (i == sizeof numbers / sizeof *numbers)
			return play_fault(p, "status has no %s", words);
		if (rtr_word_is(&words, "none"))
			number = (uint64_t)(int8_t)-1;
		else if (!rtr_word_number(&words, &number))
			return play_fault(p, "a number is missing");
		if (numbers[i].is != number)
			return play_miss(p, "%s is %lld", numbers[i].name,
					 (long long)numbers[i].is);
	}
	return true;
}

static bool status_line(struct play *p, struct peer *peer, const char *words)
{
	manrs_rtr_status status = {.size = sizeof status};

	if (manrs_rtr_status_get(peer->rtr, &status) != MANRS_OK)
		return play_fault(p, "manrs_rtr_status_get fails");
	return status_is(p, &status, words);
}

static bool release_line(struct play *p, struct peer *peer, const char *words)
{
	bool accept = rtr_word_is(&words, "accept");

	if (!accept && !rtr_word_is(&words, "refuse"))
		return play_fault(p, "release accept|refuse");
	return manrs_rtr_release(peer->rtr, accept, p->now_ms) == MANRS_OK ||
	       play_miss(p, "nothing is held");
}

static bool pending_line(struct play *p, struct peer *peer)
{
	manrs_rtr_delta delta;

	if (!manrs_rtr_delta_get(peer->rtr, &delta))
		return play_miss(p, "nothing waits for the host");
	peer->pending = true;
	return true;
}

/* The bits of the caches named, up to a word that is no name. */
static bool bits_of(struct play *p, const char **words, uint64_t *bits)
{
	char word[16];
	const char *rest = *words;

	for (*bits = 0; rtr_word(&rest, word, sizeof word) && strcmp(word, "use") != 0;
	     *words = rest) {
		size_t i = 0;

		while (i < p->n_peers && strcmp(p->peers[i].name, word) != 0)
			i++;
		if (i == p->n_peers && strcmp(word, "none") != 0)
			return play_fault(p, "no cache %s", word);
		if (i < p->n_peers)
			*bits |= UINT64_C(1) << p->peers[i].config.source;
	}
	return true;
}

/* "plan union|preference connect NAME... use NAME...": manrs_rtr_plan of all caches so far. */
static bool plan_line(struct play *p, const char *words)
{
	int mode = rtr_word_is(&words, "union")        ? MANRS_RTR_UNION
		   : rtr_word_is(&words, "preference") ? MANRS_RTR_PREFERENCE
						       : 0;
	const manrs_rtr *caches[PEERS];
	uint64_t connect, use, want_connect, want_use;

	if (!mode || !rtr_word_is(&words, "connect") || !bits_of(p, &words, &want_connect) ||
	    !rtr_word_is(&words, "use") || !bits_of(p, &words, &want_use))
		return play_fault(p, "plan union|preference connect NAME... use NAME...");
	for (size_t i = 0; i < p->n_peers; i++)
		caches[i] = p->peers[i].rtr;
	if (manrs_rtr_plan(caches, p->n_peers, mode, &connect, &use) != MANRS_OK)
		return play_fault(p, "manrs_rtr_plan fails");
	for (size_t i = 0; i < p->n_peers; i++)
		p->peers[i].left = !(connect >> p->peers[i].config.source & 1);
	return (connect == want_connect && use == want_use) ||
	       play_miss(p, "sources to connect to %#llx, to use %#llx",
			 (unsigned long long)connect, (unsigned long long)use);
}

static int client_line(struct play *p, struct peer *peer, const char *words)
{
	bool good;

	if (rtr_word_is(&words, "connect"))
		good = connect_line(p, peer, words, true);
	else if (rtr_word_is(&words, "refused"))
		good = connect_line(p, peer, words, false);
	else if (rtr_word_is(&words, "close"))
		good = close_line(p, peer, words);
	else if (rtr_word_is(&words, "closed"))
		good = (peer->open = false, manrs_rtr_closed(peer->rtr, p->now_ms), true);
	else if (rtr_word_is(&words, "fault"))
		good = play_fault_line(p, peer, words);
	else if (rtr_word_is(&words, "apply"))
		good = apply_line(p, peer, words);
	else if (rtr_word_is(&words, "pending"))
		good = pending_line(p, peer);
	else if (rtr_word_is(&words, "data"))
		good = data_line(p, peer, words);
	else if (rtr_word_is(&words, "status"))
		good = status_line(p, peer, words);
	else if (rtr_word_is(&words, "release"))
		good = release_line(p, peer, words);
	else if (rtr_word_is(&words, "refresh"))
		good = (manrs_rtr_refresh(peer->rtr, rtr_word_is(&words, "whole"), p->now_ms),
			true);
	else if (rtr_word_is(&words, "plan"))
		good = plan_line(p, words);
	else
		return 0;
	return good ? 1 : -1;
}

/* ---- after an allocation that failed ---- */

/* It closes or goes on, and within Retry and its spread it asks again. Nothing it has given out is taken back for it. */
static bool client_starved(struct play *p)
{
	static uint8_t out[RTR_WORDS_MAX];

	for (size_t i = 0; i < p->n_peers; i++) {
		struct peer *peer = &p->peers[i];
		manrs_rtr_delta delta;
		bool restless;

		if (!peer->rtr)
			continue; /* it could not be made */
		play_take(p, peer, out, sizeof out);
		if (manrs_rtr_delta_get(peer->rtr, &delta))
			continue; /* it goes on */
		if (manrs_rtr_want(peer->rtr) == MANRS_RTR_WANT_CLOSE)
			manrs_rtr_closed(peer->rtr, p->now_ms);
		peer->pending = false;
		if (!play_until(p, p->now_ms + 100000000, &restless))
			return false;
		if (!restless)
			return play_fault(p, "it does nothing any more");
		if (manrs_rtr_want(peer->rtr) != MANRS_RTR_WANT_CONNECT)
			continue;
		manrs_rtr_opened(peer->rtr, p->now_ms);
		if (!play_take(p, peer, out, sizeof out) && !manrs_rtr_delta_get(peer->rtr, &delta))
			return play_fault(p, "it asks nothing any more");
	}
	return true;
}

static void client_end(struct play *p)
{
	for (size_t i = 0; i < p->n_peers; i++)
		manrs_rtr_free(p->peers[i].rtr);
}

const struct side rtr_client_side = {
	client_set,  client_begin,    client_input, client_output,  client_sent, client_deadline,
	client_tick, client_restless, client_line,  client_starved, client_end,
};
