/* SPDX-License-Identifier: BSD-2-Clause */
/* Plays scenarios of RTR: what both sides have in common. The language is in rtr_play.h. */

#include "rtr_play.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- sets ---- */

/* An ASPA is its customer's: 8210bis section 5.12. */
static bool same(const struct record *a, const uint8_t *bytes, size_t n)
{
	if (bytes[1] == 11)
		return a->bytes[1] == 11 && !memcmp(a->bytes + 8, bytes + 8, 4);
	return a->n == n && !memcmp(a->bytes, bytes, n);
}

size_t records_find(const struct records *set, const uint8_t *bytes, size_t n)
{
	size_t i = 0;

	while (i < set->n && !same(&set->at[i], bytes, n))
		i++;
	return i;
}

static uint8_t *copy_of(const void *from, size_t n)
{
	uint8_t *to = malloc(n + !n);

	if (!to)
		abort();
	if (n)
		memcpy(to, from, n);
	return to;
}

bool records_add(struct records *set, const uint8_t *bytes, size_t n)
{
	if (records_find(set, bytes, n) < set->n)
		return false;
	set->at = realloc(set->at, (set->n + 1) * sizeof *set->at);
	if (!set->at)
		abort();
	set->at[set->n++] = (struct record){copy_of(bytes, n), n};
	return true;
}

bool records_remove(struct records *set, const uint8_t *bytes, size_t n)
{
	size_t i = records_find(set, bytes, n);

	if (i == set->n)
		return false;
	free(set->at[i].bytes);
	set->at[i] = set->at[--set->n];
	return true;
}

void records_free(struct records *set)
{
	while (set->n)
		free(set->at[--set->n].bytes);
	free(set->at);
	*set = (struct records){0};
}

void records_copy(struct records *to, const struct records *from)
{
	*to = (struct records){0};
	for (size_t i = 0; i < from->n; i++)
		records_add(to, from->at[i].bytes, from->at[i].n);
}

bool records_equal(const struct records *a, const struct records *b)
{
	for (size_t i = 0; i < a->n; i++) {
		size_t at = records_find(b, a->at[i].bytes, a->at[i].n);

		if (at == b->n || b->at[at].n != a->at[i].n ||
		    memcmp(b->at[at].bytes, a->at[i].bytes, a->at[i].n) != 0)
			return false;
	}
	return a->n == b->n;
}

/* ---- faults ---- */

bool play_fault(struct play *p, const char *form, ...)
{
	va_list args;

	va_start(args, form);
	vsnprintf(p->why, sizeof p->why, form, args);
	va_end(args);
	p->soft = false;
	return false;
}

bool play_miss(struct play *p, const char *form, ...)
{
	va_list args;

	va_start(args, form);
	vsnprintf(p->why, sizeof p->why, form, args);
	va_end(args);
	p->soft = true;
	return false;
}

/* Up to 48 bytes in hex. Static: for one message. */
static const char *hex_of(const uint8_t *bytes, size_t n)
{
	static char text[2][128];
	static unsigned turn;
	char *to = text[turn++ & 1];
	size_t at = 0;

	for (size_t i = 0; i < n && i < 48; i++)
		at += (size_t)snprintf(to + at, 128 - at, "%02x", bytes[i]);
	snprintf(to + at, 128 - at, "%s", n > 48 ? "..." : n ? "" : "nothing");
	return to;
}

/* ---- memory ---- */

static void *resize(void *arg, void *ptr, size_t old_size, size_t new_size)
{
	struct heap *h = arg;
	void *at;

	if (!new_size) {
		h->live -= old_size;
		free(ptr);
		return NULL;
	}
	h->calls++;
	if (h->fail_at && h->calls >= h->fail_at)
		return NULL;
	at = realloc(ptr, new_size);
	if (at)
		h->live += new_size - old_size;
	h->peak = h->live > h->peak ? h->live : h->peak;
	return at;
}

static bool starved(const struct play *p)
{
	return p->how.fail_at && p->heap.calls >= p->how.fail_at;
}

/* ---- time ---- */

const char *play_restless(struct play *p, struct peer *peer)
{
	static char text[200];
	const uint8_t *bytes;
	const char *wants = p->side->restless(p, peer);
	size_t n;

	if (wants)
		return wants;
	n = peer->asleep ? 0 : p->side->output(p, peer, &bytes);
	if (!n)
		return NULL;
	snprintf(text, sizeof text, "it writes %s", hex_of(bytes, n));
	return text;
}

static const char *any_restless(struct play *p)
{
	for (size_t i = 0; i < p->n_peers; i++) {
		const char *why = play_restless(p, &p->peers[i]);

		if (why)
			return why;
	}
	return NULL;
}

bool play_until(struct play *p, uint64_t to, bool *restless)
{
	*restless = any_restless(p) != NULL;
	for (unsigned turns = 0; !*restless && p->now_ms < to; turns++) {
		uint64_t next = p->side->deadline(p);

		if (turns == 10000)
			return play_fault(p, "its deadline stands still");
		p->now_ms = next > to ? to : next > p->now_ms ? next : p->now_ms;
		p->side->tick(p);
		*restless = any_restless(p) != NULL;
	}
	return true;
}

/* "60 s", "5 ms" */
static bool span(const char **words, uint64_t *ms)
{
	if (!rtr_word_number(words, ms))
		return false;
	if (rtr_word_is(words, "s"))
		*ms *= 1000;
	else if (!rtr_word_is(words, "ms"))
		return false;
	return true;
}

static bool wait_for(struct play *p, const char *words)
{
	uint64_t ms, to;
	bool restless;

	if (!span(&words, &ms) || *words)
		return play_fault(p, "wait NUMBER s");
	to = p->now_ms + ms;
	if (any_restless(p))
		return play_miss(p, "expected nothing, but %s", any_restless(p));
	if (!play_until(p, to, &restless))
		return false;
	if (p->now_ms < to)
		return play_miss(p, "expected nothing, but %llu ms later %s",
				 (unsigned long long)(ms - (to - p->now_ms)), any_restless(p));
	return true;
}

bool play_within(struct play *p, const char *words)
{
	unsigned long long least, most;
	uint64_t begin = p->now_ms;
	bool restless;
	char unit[3];

	if (!words[strspn(words, " ")])
		return true;
	if (sscanf(words, " within %llu..%llu %2s", &least, &most, unit) != 3)
		return play_fault(p, "within A..B s");
	if (!strcmp(unit, "s")) {
		least *= 1000;
		most *= 1000;
	}
	if (!play_until(p, begin + most, &restless))
		return false;
	if (!restless)
		return play_miss(p, "nothing happens in %llu ms", most);
	if (p->now_ms - begin < least)
		return play_miss(p, "after %llu ms already %s",
				 (unsigned long long)(p->now_ms - begin), any_restless(p));
	return true;
}

/* ---- what the engine reads ---- */

static bool read_line(struct play *p, struct peer *peer, const char *words)
{
	struct reads *r = &peer->reads;
	const char *why;
	size_t n;

	r->bytes = realloc(r->bytes, r->n + RTR_WORDS_MAX);
	if (!r->bytes)
		abort();
	if (r->pdus == READS)
		return play_fault(p, "more PDUs than may be in one piece");
	n = rtr_words(r->bytes + r->n, p->version, words, &why);
	if (!n)
		return play_fault(p, "%s", why);
	r->from[r->pdus] = r->n;
	r->n += n;
	r->to[r->pdus++] = r->n;
	return true;
}

/* All that was said is read: in pieces, as the scenario is played. The bytes are a copy that ends where they end. */
static bool flush(struct play *p, struct peer *peer)
{
	struct reads *r = &peer->reads;
	size_t at = 0, step;

	while (at < r->n) {
		uint8_t *piece;
		bool good;

		step = p->how.bytewise ? 1 : r->n - at;
		if (p->how.cut > p->read && p->how.cut < p->read + step)
			step = p->how.cut - p->read;
		piece = copy_of(r->bytes + at, step);
		good = p->side->input(p, peer, piece, step);
		free(piece);
		if (!good)
			return false;
		at += step;
		p->read += step;
		for (size_t i = 0; i < r->pdus; i++)
			peer->ends += r->to[i] > at - step && r->to[i] <= at &&
				      r->bytes[r->from[i] + 1] == 7;
	}
	return true;
}

/* ---- what it writes ---- */

size_t play_take(struct play *p, struct peer *peer, uint8_t *out, size_t n)
{
	const uint8_t *bytes;
	size_t got = 0, step;

	while (got < n && (step = p->side->output(p, peer, &bytes))) {
		step = step < n - got ? step : n - got;
		if (p->how.bytewise)
			step = 1;
		memcpy(out + got, bytes, step);
		p->side->sent(p, peer, step);
		got += step;
	}
	return got;
}

static uint32_t long_at(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
	       bytes[3];
}

size_t play_take_pdu(struct play *p, struct peer *peer, uint8_t *out)
{
	size_t n = play_take(p, peer, out, 8), length;

	if (n < 8)
		return n;
	length = long_at(out + 4);
	if (length < 8 || length > RTR_WORDS_MAX)
		return 8;
	return 8 + play_take(p, peer, out + 8, length - 8);
}

/* "> error 0 v1 quoting 2 8": the code, and what it quotes; the text is the engine's to choose. */
static bool expect_error(struct play *p, struct peer *peer, const char *words, const uint8_t *pdu,
			 size_t n)
{
	const struct reads *r = &peer->reads;
	uint64_t code = 0, version = p->version, which = 0, most = 0;
	uint32_t n_pdu, n_text;
	size_t whole;

	if (!rtr_word_number(&words, &code))
		return play_fault(p, "> error CODE");
	for (unsigned v = 0; v < 3; v++)
		if (rtr_word_is(&words, (const char *[]){"v0", "v1", "v2"}[v]))
			version = v;
	if (n < 16 || pdu[1] != 10 || pdu[0] != version || pdu[2] || pdu[3] != code)
		return play_miss(p, "it writes %s", hex_of(pdu, n));
	n_pdu = long_at(pdu + 8);
	if (n_pdu > n - 16)
		return play_fault(p, "an Error Report without its PDU: %s", hex_of(pdu, n));
	n_text = long_at(pdu + 12 + n_pdu);
	if (n != 16 + n_pdu + n_text)
		return play_fault(p, "an Error Report without its text: %s", hex_of(pdu, n));
	if (!rtr_word_is(&words, "quoting")) {
		if (words[strspn(words, " ")])
			return play_fault(p, "> error CODE [vN] [quoting N [M]]");
		return !n_pdu || play_fault(p, "quotes %s", hex_of(pdu + 12, n_pdu));
	}
	if (!rtr_word_number(&words, &which) || !which || which > r->pdus)
		return play_fault(p, "quoting: the number of a PDU read in the last piece");
	whole = r->to[which - 1] - r->from[which - 1];
	if (!rtr_word_number(&words, &most))
		most = whole;
	if (n_pdu != most || memcmp(pdu + 12, r->bytes + r->from[which - 1], n_pdu) != 0)
		return play_miss(p, "quotes %s, expected %s", hex_of(pdu + 12, n_pdu),
				 hex_of(r->bytes + r->from[which - 1], (size_t)most));
	return true;
}

static bool expect_pdu(struct play *p, struct peer *peer, const char *words)
{
	static uint8_t want[RTR_WORDS_MAX], got[RTR_WORDS_MAX];
	const char *within = strstr(words, " within "), *why;
	char line[400];
	size_t n, n_got;

	snprintf(line, sizeof line, "%.*s", within ? (int)(within - words) : (int)strlen(words),
		 words);
	if (within && !play_within(p, within))
		return false;
	n_got = play_take_pdu(p, peer, got);
	if (!n_got)
		return play_miss(p, "it writes nothing%s%s", p->side->restless(p, peer) ? ": " : "",
				 p->side->restless(p, peer) ? p->side->restless(p, peer) : "");
	words = line;
	if (rtr_word_is(&words, "error"))
		return expect_error(p, peer, words, got, n_got);
	n = rtr_words(want, p->version, line, &why);
	if (!n)
		return play_fault(p, "%s", why);
	if (n != n_got || memcmp(want, got, n) != 0)
		return play_miss(p, "it writes %s, expected %s", hex_of(got, n_got),
				 hex_of(want, n));
	return true;
}

/* ---- lines ---- */

bool play_fault_line(struct play *p, struct peer *peer, const char *words)
{
	static const struct {
		const char *name;
		int code;
	} names[] = {
		{"none", MANRS_OK},       {"syntax", MANRS_ESYNTAX}, {"range", MANRS_ERANGE},
		{"value", MANRS_EINVAL},  {"limit", MANRS_ELIMIT},   {"support", MANRS_EUNSUP},
		{"memory", MANRS_ENOMEM},
	};
	uint64_t at;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (rtr_word_is(&words, names[i].name)) {
			if (peer->rc != names[i].code)
				return play_miss(p, "input returned %d: %s", peer->rc,
						 manrs_strerror(peer->rc));
			if (rtr_word_is(&words, "at") && rtr_word_number(&words, &at) &&
			    at != peer->fault.at)
				return play_miss(p, "its fault is at %llu",
						 (unsigned long long)peer->fault.at);
			return true;
		}
	return play_fault(p, "fault none|syntax|range|value|limit|support|memory [at N]");
}

static bool memory_below(struct play *p, const char *words)
{
	uint64_t n;

	if (!rtr_word_is(&words, "below") || !rtr_word_number(&words, &n) ||
	    !rtr_word_is(&words, "kB"))
		return play_fault(p, "memory below N kB");
	return p->heap.peak < n * 1000 ||
	       play_fault(p, "%llu bytes were held", (unsigned long long)p->heap.peak);
}

static struct peer *peer_of(struct play *p, const char *name)
{
	for (size_t i = 0; i < p->n_peers; i++)
		if (!strcmp(p->peers[i].name, name))
			return &p->peers[i];
	if (!*name && p->n_peers)
		return &p->peers[0]; /* a line about all of them */
	if (p->n_peers == PEERS)
		return NULL;
	snprintf(p->peers[p->n_peers].name, sizeof p->peers[0].name, "%s", name);
	return &p->peers[p->n_peers++];
}

static bool set_line(struct play *p, struct peer *peer, const char *words)
{
	uint64_t value;
	char name[32];

	if (!rtr_word(&words, name, sizeof name) || !rtr_word_number(&words, &value))
		return play_fault(p, "set NAME NUMBER");
	return p->side->set(p, peer, name, value);
}

/* What was read before is answered before anything else is said. */
static bool play_words(struct play *p, struct peer *peer, const char *words)
{
	int done;

	if (rtr_word_is(&words, "set"))
		return set_line(p, peer, words);
	if (!p->side->begin(p, peer))
		return false;
	if (rtr_word_is(&words, "<"))
		return read_line(p, peer, words);
	if (rtr_word_is(&words, ">"))
		return expect_pdu(p, peer, words);
	if (rtr_word_is(&words, "wait"))
		return wait_for(p, words);
	if (rtr_word_is(&words, "memory"))
		return memory_below(p, words);
	if (rtr_word_is(&words, "asleep")) {
		peer->asleep = true;
		return true;
	}
	done = p->side->line(p, peer, words);
	return done ? done > 0 : play_fault(p, "no such line: %s", words);
}

static bool play_line(struct play *p, char *text, struct peer **reader)
{
	struct peer *peer;
	uint64_t version;
	const char *words = text;
	char name[16] = "";
	size_t n;

	for (char *hash = text; (hash = strchr(hash, '#')); hash++)
		if (hash == text || hash[-1] == ' ' || hash[-1] == '\t')
			*hash-- = 0;
	for (n = strlen(text); n && strchr(" \t", text[n - 1]); n--)
		text[n - 1] = 0;
	if (!words[strspn(words, " \t")])
		return true;
	if (rtr_word_is(&words, "client") || rtr_word_is(&words, "cache")) {
		p->side = text[1] == 'l' ? &rtr_client_side : &rtr_cache_side;
		return true;
	}
	if (!p->side)
		return play_fault(p, "client or cache is the first line");
	if (rtr_word_is(&words, "version")) {
		if (!rtr_word_number(&words, &version))
			return play_fault(p, "version NUMBER");
		p->version = (unsigned)version;
		return true;
	}
	n = strcspn(words, ": ");
	if (words[n] == ':' && n < sizeof name) {
		memcpy(name, words, n);
		name[n] = 0;
		words += n + 1;
	}
	peer = peer_of(p, name);
	if (!peer)
		return play_fault(p, "too many names");
	text = (char *)words;
	if (*reader && (peer != *reader || !rtr_word_is(&words, "<"))) {
		struct peer *before = *reader;

		*reader = NULL;
		if (!flush(p, before))
			return false;
	}
	words = text;
	if (rtr_word_is(&words, "<")) {
		if (!*reader)
			peer->reads.n = peer->reads.pdus = 0;
		*reader = peer;
	}
	return play_words(p, peer, text);
}

static bool play_end(struct play *p, struct peer *reader)
{
	const char *why;

	if (reader && !flush(p, reader))
		return false;
	why = any_restless(p);
	return !why || play_miss(p, "at the end %s", why);
}

/* An allocation failed, and something is not as it says: the engine must have kept its state and find its way back. */
static bool after_starving(struct play *p)
{
	char before[sizeof p->why];

	if (!starved(p) || !p->soft)
		return false;
	memcpy(before, p->why, sizeof before);
	p->heap.fail_at = 0;
	if (p->side->starved(p))
		return true;
	memcpy(p->why + strlen(p->why), " <- ", 5);
	strncat(p->why, before, sizeof p->why - strlen(p->why) - 1);
	return false;
}

unsigned rtr_play(const struct scenario *s, const struct how *how, char *why, size_t *read,
		  size_t *calls)
{
	struct play p = {.how = *how, .version = 1, .now_ms = 1000000};
	struct peer *reader = NULL;
	const char *at = s->text, *end = s->text + s->n;
	unsigned line = s->line;
	bool good = true;
	char text[400];

	manrs_rtrd_config_init(&p.cache, sizeof p.cache);
	for (uint16_t v = 0; v < 3; v++)
		p.cache.session[v] = (uint16_t)(10 + v);
	p.heap.fail_at = how->fail_at;
	p.alloc = (manrs_alloc){resize, &p.heap};
	for (; good && at < end; line++) {
		size_t n = strcspn(at, "\n");

		snprintf(text, sizeof text, "%.*s", (int)n, at);
		at += n + 1;
		good = n < sizeof text ? play_line(&p, text, &reader)
				       : play_fault(&p, "the line is too long");
	}
	if (good) {
		good = p.side ? play_end(&p, reader) : play_fault(&p, "an empty scenario");
		line++;
	}
	if (!good && p.side)
		good = after_starving(&p);
	*read = p.read;
	*calls = p.heap.calls;
	if (p.side)
		p.side->end(&p);
	for (size_t i = 0; i < p.n_peers; i++) {
		free(p.peers[i].reads.bytes);
		records_free(&p.peers[i].set);
	}
	if (good && p.heap.live)
		good = play_fault(&p, "%zu bytes are not given back", p.heap.live);
	memcpy(why, p.why, sizeof p.why);
	return good ? 0 : line - 1;
}
