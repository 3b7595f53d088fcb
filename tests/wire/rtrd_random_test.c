/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The cache's side of RTR against routers that believe nothing: random sets, one after the other; routers of every version
 * that ask, read a few bytes, go away and come back with an old serial. Each response is replayed on what the router had, and
 * must lead to what was published under its serial.
 *
 * The sets are kept here as flags over a world of records, and the bytes are read here: nothing of the library is asked what
 * they mean. Order: 8210bis section 11.2; PDUs: RFC 8210 section 5, 8210bis section 5.12.
 */

#include "../test.h"

#define PREFIXES  90 /* of both families */
#define KEYS      12
#define CUSTOMERS 12
#define LISTS     4 /* a customer's, from 1 on; 0: no ASPA */
#define WORLD     (PREFIXES + KEYS + CUSTOMERS)
#define SERIALS   400
#define ROUTERS   12
#define DELTAS    5

struct world {
	uint8_t pdu[PREFIXES + KEYS][64]; /* what announces it */
	manrs_route vrp[PREFIXES];
	manrs_router_key key[KEYS];
	uint32_t customer[CUSTOMERS];
	uint32_t list[LISTS + 1][LISTS];
};

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void put_be32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* Prefixes that nest and repeat: few addresses, several lengths, max lengths and ASes of each. */
static void make_prefix(struct world *w, size_t i)
{
	manrs_route *r = &w->vrp[i];
	bool four = i % 3 != 0;
	unsigned bytes = four ? 4 : 16;
	uint8_t *p = w->pdu[i];

	r->prefix.family = four ? 4 : 6;
	r->prefix.addr[0] = four ? 10 : 0x20;
	r->prefix.addr[1] = (uint8_t)(i / 40);
	r->prefix.len = (uint8_t)(16 + i % 4);
	r->prefix.maxlen = (uint8_t)(r->prefix.len + i / 4 % 5);
	r->asn = (uint32_t)(i / 20 % 5) << 20 | (uint32_t)i;
	p[1] = four ? 4 : 6;
	p[7] = (uint8_t)(16 + bytes);
	p[8] = 1;
	p[9] = r->prefix.len;
	p[10] = r->prefix.maxlen;
	memcpy(p + 12, r->prefix.addr, bytes);
	put_be32(p + 12 + bytes, r->asn);
}

static void make_key(struct world *w, size_t i)
{
	manrs_router_key *k = &w->key[i];
	uint8_t *p = w->pdu[PREFIXES + i];

	k->asn = (uint32_t)(70000 + i % 3);
	k->ski[0] = (uint8_t)(i % 2);
	k->spki_len = (uint16_t)(3 + i % 2);
	k->spki[0] = (uint8_t)(200 + i / 4);
	k->spki[1] = (uint8_t)i;
	p[1] = 9;
	p[2] = 1;
	p[7] = (uint8_t)(32 + k->spki_len);
	memcpy(p + 8, k->ski, 20);
	put_be32(p + 28, k->asn);
	memcpy(p + 32, k->spki, k->spki_len);
}

static void make_world(struct world *w)
{
	memset(w, 0, sizeof *w);
	for (size_t i = 0; i < PREFIXES; i++)
		make_prefix(w, i);
	for (size_t i = 0; i < KEYS; i++)
		make_key(w, i);
	for (size_t i = 0; i < CUSTOMERS; i++)
		w->customer[i] = (uint32_t)(65000 + 7919 * i % 1000);
	for (size_t l = 1; l <= LISTS; l++)
		for (size_t i = 0; i < l; i++)
			w->list[l][i] = (uint32_t)(10 * l + i);
}

/* ---- a router ---- */

struct router {
	manrs_rtrd_client *client;
	unsigned version;
	bool has; /* a set, of this serial */
	uint32_t serial;
	uint8_t set[WORLD];
	/* the response that is coming in */
	uint8_t in[1 << 16];
	size_t n;
	bool asked, whole, open;
	uint8_t next[WORLD];
	bool named[WORLD];
	uint8_t last[64]; /* the PDU before; its type 255: none */
	size_t resets, deltas, notifies, no_deltas;
};

struct walk {
	struct world w;
	manrs_rtrd *rtrd;
	uint64_t seed, now_ms;
	uint32_t serial, first; /* of the newest set, of the first */
	size_t published;
	uint8_t set[SERIALS][WORLD]; /* by serial - first */
	struct router router[ROUTERS];
	bool wide; /* deltas are never too old */
};

static unsigned session_of(unsigned version)
{
	return 0x4000 + version * 17;
}

static int cmp_numbers(uint32_t a, uint32_t b)
{
	return a < b ? -1 : a > b;
}

/* Whether b may come after a: section 11.2, rule by rule. */
static bool follows(const uint8_t *a, const uint8_t *b)
{
	unsigned type = a[1], bytes = type == 4 ? 4 : 16;
	bool prefix = type == 4 || type == 6;
	int add_a = a[prefix ? 8 : 2], add_b = b[prefix ? 8 : 2], c;

	if (a[1] == 255)
		return true;
	if (a[1] != b[1])
		return a[1] < b[1];
	if (add_a != add_b)
		return add_a > add_b;
	if (type == 11)
		return be32(a + 8) < be32(b + 8);
	if (type == 9) {
		c = memcmp(a + 8, b + 8, 20);
		if (!c)
			c = a[7] - b[7];
		if (!c)
			c = memcmp(a + 32, b + 32, (size_t)a[7] - 32);
		if (!c)
			c = cmp_numbers(be32(a + 28), be32(b + 28));
		return c < 0;
	}
	c = memcmp(a + 12, b + 12, bytes);
	if (!c)
		c = cmp_numbers(a[10], b[10]); /* the max length before the length */
	if (!c)
		c = cmp_numbers(a[9], b[9]);
	if (!c)
		c = cmp_numbers(be32(a + 12 + bytes), be32(b + 12 + bytes));
	return add_a ? c > 0 : c < 0;
}

static void take_record(struct walk *walk, struct router *r, const uint8_t *pdu, size_t n)
{
	const struct world *w = &walk->w;
	uint8_t plain[64];
	size_t flag = pdu[1] <= 6 ? 8 : 2, i;
	bool add = pdu[flag] == 1;

	ck_assert_uint_le(n, sizeof plain);
	ck_assert_uint_le(pdu[flag], 1);
	ck_assert(follows(r->last, pdu));
	memset(r->last, 0, sizeof r->last);
	memcpy(r->last, pdu, n);
	if (pdu[1] == 11) {
		unsigned list = (unsigned)(n - 12) / 4;

		ck_assert_uint_eq(r->version, 2);
		for (i = 0; i < CUSTOMERS && w->customer[i] != be32(pdu + 8); i++)
			;
		ck_assert_uint_lt(i, CUSTOMERS);
		i += PREFIXES + KEYS;
		ck_assert_uint_eq(list != 0, add);
		for (unsigned p = 0; p < list; p++)
			ck_assert_uint_eq(be32(pdu + 12 + 4 * p), w->list[list][p]);
		ck_assert_uint_ne(r->next[i], list); /* nothing that it knows */
		r->next[i] = (uint8_t)list;
	} else {
		memset(plain, 0, sizeof plain);
		memcpy(plain, pdu, n);
		plain[0] = 0;
		plain[flag] = 1;
		for (i = 0; i < PREFIXES + KEYS && memcmp(plain, w->pdu[i], sizeof plain); i++)
			;
		ck_assert_uint_lt(i, PREFIXES + KEYS);
		ck_assert(r->version > 0 || i < PREFIXES);
		ck_assert_uint_ne(r->next[i], add);
		r->next[i] = add;
	}
	ck_assert(!r->named[i]);
	r->named[i] = true;
	ck_assert(add || !r->whole);
}

static void take_end(struct walk *walk, struct router *r, const uint8_t *pdu, size_t n)
{
	const uint8_t *want = walk->set[be32(pdu + 8) - walk->first];
	size_t seen = r->version == 0 ? PREFIXES : r->version == 1 ? PREFIXES + KEYS : WORLD;

	ck_assert(r->open);
	ck_assert_uint_eq(n, r->version ? 24 : 12);
	ck_assert_uint_lt(be32(pdu + 8) - walk->first, walk->published);
	if (r->version) {
		ck_assert_uint_eq(be32(pdu + 12), 3600);
		ck_assert_uint_eq(be32(pdu + 16), 600);
		ck_assert_uint_eq(be32(pdu + 20), 7200);
	}
	ck_assert_mem_eq(r->next, want, seen);
	memcpy(r->set, r->next, sizeof r->set);
	r->serial = be32(pdu + 8);
	r->has = true;
	r->asked = r->open = false;
	r->resets += r->whole;
	r->deltas += !r->whole;
}

static void take_pdu(struct walk *walk, struct router *r, const uint8_t *pdu, size_t n)
{
	unsigned session = (unsigned)pdu[2] << 8 | pdu[3];
	uint32_t behind = walk->serial - r->serial;

	ck_assert_uint_eq(pdu[0], r->version);
	switch (pdu[1]) {
	case 0:
		ck_assert_uint_eq(n, 12);
		ck_assert(!r->open);
		ck_assert_uint_eq(session, session_of(r->version));
		ck_assert_uint_lt(be32(pdu + 8) - walk->first, walk->published);
		r->notifies++;
		return;
	case 3:
		ck_assert(r->asked && !r->open);
		ck_assert_uint_eq(n, 8);
		ck_assert_uint_eq(session, session_of(r->version));
		r->open = true;
		memset(r->named, 0, sizeof r->named);
		r->last[1] = 255;
		memcpy(r->next, r->set, sizeof r->next);
		if (r->whole)
			memset(r->next, 0, sizeof r->next);
		return;
	case 7:
		ck_assert_uint_eq(session, session_of(r->version));
		take_end(walk, r, pdu, n);
		return;
	case 8:
		/* Only a serial that is further back than is kept. */
		ck_assert(r->asked && !r->open && !r->whole);
		ck_assert(!walk->wide && behind > DELTAS);
		r->asked = r->has = false;
		r->no_deltas++;
		return;
	default:
		ck_assert(r->open);
		take_record(walk, r, pdu, n);
	}
}

/* Read n bytes, in slices as a writev would, and what is whole of them. */
static void read_some(struct walk *walk, struct router *r, size_t n)
{
	manrs_slice slice[4];
	size_t slices = manrs_rtrd_client_output(r->client, slice, 1 + test_below(&walk->seed, 4)),
	       sent = 0, at = 0;

	for (size_t i = 0; i < slices && sent < n; i++) {
		size_t take = slice[i].n < n - sent ? slice[i].n : n - sent;

		ck_assert_uint_gt(slice[i].n, 0);
		ck_assert_uint_le(r->n + take, sizeof r->in);
		memcpy(r->in + r->n, slice[i].bytes, take);
		r->n += take;
		sent += take;
	}
	manrs_rtrd_client_sent(r->client, sent, walk->now_ms);
	while (r->n - at >= 8 && r->n - at >= be32(r->in + at + 4)) {
		take_pdu(walk, r, r->in + at, be32(r->in + at + 4));
		at += be32(r->in + at + 4);
	}
	memmove(r->in, r->in + at, r->n - at);
	r->n -= at;
}

static void ask(struct walk *walk, struct router *r)
{
	uint8_t query[12] = {(uint8_t)r->version, 2, 0, 0, 0, 0, 0, 8};
	unsigned session = session_of(r->version);
	size_t n = 8, cut;

	if (r->asked || !walk->published)
		return;
	r->whole = !r->has || !test_below(&walk->seed, 8);
	if (!r->whole) {
		query[1] = 1;
		query[2] = (uint8_t)(session >> 8);
		query[3] = (uint8_t)session;
		query[7] = 12;
		put_be32(query + 8, r->serial);
		n = 12;
	}
	r->asked = true;
	cut = test_below(&walk->seed, n);
	pass(manrs_rtrd_client_input(r->client, query, cut, walk->now_ms, NULL));
	pass(manrs_rtrd_client_input(r->client, query + cut, n - cut, walk->now_ms, NULL));
}

static void go_away(struct router *r)
{
	manrs_rtrd_client_free(r->client);
	r->client = NULL;
	r->n = 0;
	r->asked = r->open = false;
}

/* ---- publishing ---- */

static void feed(struct walk *walk, size_t i, int value)
{
	const struct world *w = &walk->w;
	int op = value ? MANRS_ADD : MANRS_REMOVE;

	if (i < PREFIXES) {
		pass(manrs_rtrd_vrps(walk->rtrd, op, &w->vrp[i], 1, NULL, NULL));
	} else if (i < PREFIXES + KEYS) {
		pass(manrs_rtrd_keys(walk->rtrd, op, &w->key[i - PREFIXES], 1, NULL, NULL));
	} else {
		manrs_aspa aspa = {w->list[value], w->customer[i - PREFIXES - KEYS],
				   (uint32_t)value};

		pass(manrs_rtrd_aspas(walk->rtrd, op, &aspa, 1, NULL, NULL));
	}
}

static int any_value(struct walk *walk, size_t i)
{
	return (int)test_below(&walk->seed, i < PREFIXES + KEYS ? 2 : LISTS + 1);
}

static void publish(struct walk *walk)
{
	uint8_t next[WORLD] = {0};
	bool whole = test_below(&walk->seed, 3) == 0;
	size_t changes = test_below(&walk->seed, 8);
	bool first = !walk->published, differs;

	if (walk->published == SERIALS)
		return;
	if (!first)
		memcpy(next, walk->set[walk->published - 1], sizeof next);
	pass(manrs_rtrd_begin(walk->rtrd, whole));
	/* What was said before the last word does not count. */
	for (size_t i = 0; i < changes; i++) {
		size_t at = test_below(&walk->seed, WORLD);
		int value = any_value(walk, at);

		if (!whole)
			feed(walk, at, any_value(walk, at));
		next[at] = (uint8_t)value;
		if (!whole)
			feed(walk, at, value);
	}
	/* In an order that is none. */
	for (size_t i = 0, at = test_below(&walk->seed, WORLD); whole && i < WORLD; i++) {
		at = (at + 37) % WORLD;
		if (!test_below(&walk->seed, 10))
			feed(walk, at, any_value(walk, at));
		if (next[at] || test_below(&walk->seed, 2))
			feed(walk, at, next[at]);
		else
			feed(walk, at, 0);
	}
	differs = first || memcmp(next, walk->set[walk->published - 1], sizeof next);
	ck_assert_int_eq(manrs_rtrd_publish(walk->rtrd, walk->now_ms), differs);
	if (differs) {
		walk->serial = walk->first + (uint32_t)walk->published;
		memcpy(walk->set[walk->published++], next, sizeof next);
	}
}

static void step(struct walk *walk)
{
	struct router *r = &walk->router[test_below(&walk->seed, ROUTERS)];
	manrs_rtrd_client *ready[ROUTERS];
	size_t what = test_below(&walk->seed, 100);

	walk->now_ms += test_below(&walk->seed, 20);
	manrs_rtrd_tick(walk->rtrd, walk->now_ms);
	ck_assert_uint_le(manrs_rtrd_ready(walk->rtrd, ready, ROUTERS), ROUTERS);
	if (what < 6)
		publish(walk);
	else if (!r->client)
		pass(manrs_rtrd_open(walk->rtrd, &r->client, r, walk->now_ms));
	else if (what < 8)
		go_away(r);
	else if (what < 40)
		ask(walk, r);
	else
		read_some(walk, r, 1 + test_below(&walk->seed, what < 60 ? 50 : 5000));
}

static void random_walk(uint64_t seed, uint32_t first, bool wide)
{
	static struct walk walk;
	struct test_alloc counting = {0};
	manrs_alloc alloc = test_alloc_of(&counting);
	manrs_rtrd_config config;
	manrs_rtrd_status status = {.size = sizeof status};
	size_t resets[3] = {0}, deltas[3] = {0}, notifies[3] = {0}, no_deltas = 0;

	memset(&walk, 0, sizeof walk);
	make_world(&walk.w);
	walk.seed = seed;
	walk.first = first;
	walk.wide = wide;
	pass(manrs_rtrd_config_init(&config, sizeof config));
	config.alloc = &alloc;
	config.serial = first;
	config.notify_ms = 500;
	config.max_deltas = wide ? SERIALS : DELTAS;
	config.hello_s = 0;
	for (unsigned v = 0; v < 3; v++)
		config.session[v] = (uint16_t)session_of(v);
	pass(manrs_rtrd_new(&walk.rtrd, &config));
	for (size_t i = 0; i < ROUTERS; i++)
		walk.router[i].version = (unsigned)i % 3;
	for (size_t i = 0; i < 8000; i++)
		step(&walk);
	for (size_t i = 0; i < ROUTERS; i++) {
		struct router *r = &walk.router[i];

		resets[r->version] += r->resets;
		deltas[r->version] += r->deltas;
		notifies[r->version] += r->notifies;
		no_deltas += r->no_deltas;
		if (r->client)
			go_away(r);
	}
	/* It was all there. */
	for (unsigned v = 0; v < 3; v++) {
		ck_assert_uint_gt(resets[v], 20);
		ck_assert_uint_gt(deltas[v], 100);
		ck_assert_uint_gt(notifies[v], 20);
	}
	ck_assert_uint_eq(no_deltas > 0, !wide);
	ck_assert_uint_gt(walk.published, 200);
	pass(manrs_rtrd_status_get(walk.rtrd, &status));
	ck_assert_uint_eq(status.clients, 0);
	ck_assert_uint_eq(status.clients_sending, 0);
	ck_assert_uint_eq(status.bytes_clients, 0);
	ck_assert_uint_eq(status.bytes_old, 0);
	ck_assert_uint_eq(status.serial, walk.serial);
	ck_assert_uint_eq(status.oldest_serial, walk.serial - (wide ? walk.published - 1 : DELTAS));
	pass(manrs_rtrd_free(walk.rtrd));
	ck_assert_uint_eq(counting.live, 0);
}

START_TEST(few_deltas)
{
	random_walk(1, 1, false);
}
END_TEST

START_TEST(over_the_end_of_serials)
{
	random_walk(2, UINT32_MAX - 100, false);
}
END_TEST

START_TEST(all_deltas)
{
	random_walk(3, UINT32_MAX / 2, true);
}
END_TEST

Suite *rtrd_random_suite(void)
{
	Suite *s = suite_create("rtrd_random");

	ADD_TEST(s, few_deltas, 10);
	ADD_TEST(s, over_the_end_of_serials, 10);
	ADD_TEST(s, all_deltas, 10);
	return s;
}
