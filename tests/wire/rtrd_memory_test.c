/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The cache's side of RTR: sets of many blocks, what slow routers hold, and memory that is refused. What a set looks like on
 * the wire is kept here as an array of PDUs in the order of 8210bis section 11.2.
 */

#include "../test.h"

/* VRP i of many: /24s of 10.0.0.0/8 upwards, so that the order of the set is the descending order of i. */
#define MANY 30000

static manrs_route vrp_of(uint32_t i)
{
	manrs_route r = {.prefix = {.family = 4, .len = 24, .maxlen = 24}, .asn = 64500 + i % 7};

	r.prefix.addr[0] = (uint8_t)(10 + (i >> 16));
	r.prefix.addr[1] = (uint8_t)(i >> 8);
	r.prefix.addr[2] = (uint8_t)i;
	return r;
}

static manrs_rtrd_config config_of(const manrs_alloc *alloc)
{
	manrs_rtrd_config config;

	pass(manrs_rtrd_config_init(&config, sizeof config));
	config.alloc = alloc;
	for (unsigned v = 0; v < 3; v++)
		config.session[v] = (uint16_t)(v + 1);
	return config;
}

static void ask(manrs_rtrd_client *client, uint8_t version, int serial, uint64_t now_ms)
{
	const uint8_t all[8] = {version, 2, 0, 0, 0, 0, 0, 8};
	const uint8_t since[12] = {version, 1, 0, (uint8_t)(version + 1), 0, 0, 0, 12,
				   0,       0, 0, (uint8_t)serial};

	pass(manrs_rtrd_client_input(client, serial < 0 ? all : since,
				     serial < 0 ? sizeof all : sizeof since, now_ms, NULL));
}

/* All that is there to read. */
static size_t drain(manrs_rtrd_client *client, uint8_t *out, size_t cap, uint64_t now_ms)
{
	manrs_slice slice[8];
	size_t n = 0, slices;

	while ((slices = manrs_rtrd_client_output(client, slice, 8))) {
		size_t sent = 0;

		for (size_t i = 0; i < slices; i++) {
			ck_assert_uint_le(n + slice[i].n, cap);
			memcpy(out + n, slice[i].bytes, slice[i].n);
			n += slice[i].n;
			sent += slice[i].n;
		}
		manrs_rtrd_client_sent(client, sent, now_ms);
	}
	return n;
}

static uint8_t wire[MANY * 20 + 64];

static uint32_t address_of(const uint8_t *pdu)
{
	return (uint32_t)(pdu[12] - 10) << 16 | (uint32_t)pdu[13] << 8 | pdu[14];
}

/* A response: the VRPs that are to be in it, announced from the highest on, then withdrawn from the lowest on. */
static void expect(manrs_rtrd_client *client, unsigned version, const uint8_t *announced,
		   const uint8_t *withdrawn, uint32_t serial)
{
	size_t n = drain(client, wire, sizeof wire, 0), at = 8;

	ck_assert_uint_ge(n, 8);
	ck_assert_uint_eq(wire[1], 3);
	for (uint32_t i = MANY; announced && i-- > 0;)
		if (announced[i]) {
			ck_assert_uint_eq(wire[at], version);
			ck_assert_uint_eq(wire[at + 8], 1);
			ck_assert_uint_eq(address_of(wire + at), i);
			at += 20;
		}
	for (uint32_t i = 0; withdrawn && i < MANY; i++)
		if (withdrawn[i]) {
			ck_assert_uint_eq(wire[at], version);
			ck_assert_uint_eq(wire[at + 8], 0);
			ck_assert_uint_eq(address_of(wire + at), i);
			at += 20;
		}
	ck_assert_uint_eq(wire[at + 1], 7);
	ck_assert_uint_eq(wire[at + 11], serial);
	ck_assert_uint_eq(n, at + (version ? 24 : 12));
}

/* Blocks that grow, are split, shrink, are joined and end, at random places; the whole set and each difference is right. */
START_TEST(blocks_change)
{
	static uint8_t set[MANY], old[MANY], came[MANY], went[MANY];
	struct test_alloc counting = {0};
	manrs_alloc alloc = test_alloc_of(&counting);
	manrs_rtrd_config config = config_of(&alloc);
	manrs_rtrd_client *one, *two;
	manrs_rtrd_status status = {.size = sizeof status};
	manrs_rtrd *rtrd;
	uint32_t rounds = test_rounds(60);
	uint64_t seed = 5;

	pass(manrs_rtrd_new(&rtrd, &config));
	pass(manrs_rtrd_open(rtrd, &one, NULL, 0));
	pass(manrs_rtrd_open(rtrd, &two, NULL, 0));
	for (uint32_t serial = 1; serial < rounds; serial++) {
		size_t n =
			test_below(&seed, 4) ? test_below(&seed, 40) : 1 + test_below(&seed, MANY);
		uint32_t from = (uint32_t)test_below(&seed, MANY - n);
		size_t share = 1 + test_below(&seed, 4);
		bool add = test_below(&seed, 3) > 0;

		memcpy(old, set, sizeof set);
		if (serial == rounds / 2)
			memset(set, 0, sizeof set);
		pass(manrs_rtrd_begin(rtrd, serial == rounds / 2));
		for (uint32_t i = from; i < from + n; i++)
			if (!test_below(&seed, share)) {
				manrs_route r = vrp_of(i);

				set[i] = add;
				pass(manrs_rtrd_vrps(rtrd, add ? MANRS_ADD : MANRS_REMOVE, &r, 1,
						     NULL, NULL));
			}
		/* One more that changes for sure. */
		set[MANY - 1] = !old[MANY - 1];
		pass(manrs_rtrd_vrps(rtrd, set[MANY - 1] ? MANRS_ADD : MANRS_REMOVE,
				     &(manrs_route){vrp_of(MANY - 1).prefix, vrp_of(MANY - 1).asn},
				     1, NULL, NULL));
		ck_assert_int_eq(manrs_rtrd_publish(rtrd, 0), 1);
		drain(one, wire, sizeof wire, 0);
		drain(two, wire, sizeof wire, 0);
		ask(one, 1, -1, 0);
		expect(one, 1, set, NULL, serial);
		if (serial == 1)
			continue;
		for (size_t i = 0; i < MANY; i++) {
			came[i] = set[i] && !old[i];
			went[i] = !set[i] && old[i];
		}
		ask(two, 2, (int)serial - 1, 0);
		expect(two, 2, came, went, serial);
	}
	pass(manrs_rtrd_status_get(rtrd, &status));
	ck_assert_uint_eq(status.bytes_old, 0);
	manrs_rtrd_client_free(one);
	manrs_rtrd_client_free(two);
	pass(manrs_rtrd_free(rtrd));
	ck_assert_uint_eq(counting.live, 0);
}
END_TEST

static void publish_range(manrs_rtrd *rtrd, int op, uint32_t from, uint32_t to, uint64_t now_ms)
{
	pass(manrs_rtrd_begin(rtrd, 0));
	for (uint32_t i = from; i < to; i++) {
		manrs_route r = vrp_of(i);

		pass(manrs_rtrd_vrps(rtrd, op, &r, 1, NULL, NULL));
	}
	ck_assert_int_eq(manrs_rtrd_publish(rtrd, now_ms), 1);
}

/*
 * A router that does not read holds the blocks that changed since, and no others; when that is too much it is closed, the one
 * that is furthest behind first. What the others are sent is as it was.
 */
START_TEST(slow_routers)
{
	static uint8_t set[MANY];
	manrs_rtrd_config config = config_of(NULL);
	manrs_rtrd_client *first, *second, *good, *ready[8];
	manrs_rtrd_status status = {.size = sizeof status};
	manrs_rtrd_client_status its = {.size = sizeof its};
	manrs_rtrd *rtrd;
	size_t n;

	config.max_old_bytes = 300000;
	pass(manrs_rtrd_new(&rtrd, &config));
	publish_range(rtrd, MANRS_ADD, 0, 20000, 0);
	pass(manrs_rtrd_open(rtrd, &first, NULL, 0));
	pass(manrs_rtrd_open(rtrd, &second, NULL, 0));
	pass(manrs_rtrd_open(rtrd, &good, NULL, 0));
	ask(first, 1, -1, 0);
	publish_range(rtrd, MANRS_ADD, 20000, 20001, 1);
	ask(second, 1, -1, 1);
	pass(manrs_rtrd_status_get(rtrd, &status));
	/* One block, and the answer's list of blocks. */
	ck_assert_uint_gt(status.bytes_old, 40000);
	ck_assert_uint_lt(status.bytes_old, 70000);
	ck_assert_uint_eq(status.bytes_sets, 20001 * 20);
	/* 200 kB of blocks are other ones now: the first holds them and more, then there is room. */
	publish_range(rtrd, MANRS_REMOVE, 0, 10000, 2);
	pass(manrs_rtrd_status_get(rtrd, &status));
	ck_assert_uint_le(status.bytes_old, 300000);
	ck_assert_int_eq(manrs_rtrd_client_closing(first), 0);
	publish_range(rtrd, MANRS_ADD, 0, 10000, 3);
	publish_range(rtrd, MANRS_REMOVE, 10000, 20001, 4);
	ck_assert_int_eq(manrs_rtrd_client_closing(first), 1);
	ck_assert_uint_eq(manrs_rtrd_client_output(first, &(manrs_slice){0}, 1), 0);
	n = manrs_rtrd_ready(rtrd, ready, 8);
	ck_assert_uint_ge(n, 1);
	ck_assert_ptr_eq(ready[0], first);
	pass(manrs_rtrd_client_get(first, &its));
	ck_assert_ptr_nonnull(its.why);
	pass(manrs_rtrd_status_get(rtrd, &status));
	ck_assert_uint_le(status.bytes_old, 300000);
	for (uint32_t i = 0; i < 10000; i++)
		set[i] = 1;
	ask(good, 1, -1, 5);
	expect(good, 1, set, NULL, 5);
	manrs_rtrd_client_free(first);
	manrs_rtrd_client_free(second);
	manrs_rtrd_client_free(good);
	pass(manrs_rtrd_status_get(rtrd, &status));
	ck_assert_uint_eq(status.bytes_old, 0);
	pass(manrs_rtrd_free(rtrd));
}
END_TEST

/* What a slow router was being sent stays as it was, whatever is published. */
START_TEST(what_is_being_sent_stays)
{
	static uint8_t set[MANY];
	manrs_rtrd_config config = config_of(NULL);
	manrs_rtrd_client *client;
	manrs_rtrd *rtrd;
	const uint8_t notify[] = {1, 0, 0, 2, 0, 0, 0, 12, 0, 0, 0, 4};

	config.notify_ms = 1000;
	pass(manrs_rtrd_new(&rtrd, &config));
	publish_range(rtrd, MANRS_ADD, 0, 20000, 0);
	pass(manrs_rtrd_open(rtrd, &client, NULL, 0));
	ask(client, 1, -1, 0);
	publish_range(rtrd, MANRS_REMOVE, 100, 15000, 0);
	publish_range(rtrd, MANRS_ADD, 20000, MANY, 0);
	publish_range(rtrd, MANRS_REMOVE, 0, 50, 0);
	memset(set, 1, 20000);
	/* ... and the change is told after it. */
	{
		size_t n = drain(client, wire, sizeof wire, 0);

		ck_assert_uint_eq(n, 8 + 20000 * 20 + 24 + 12);
		for (uint32_t i = 0; i < 20000; i++)
			ck_assert_uint_eq(address_of(wire + 8 + i * 20), 19999 - i);
		ck_assert_mem_eq(wire + n - 12, notify, 12);
	}
	manrs_rtrd_client_free(client);
	pass(manrs_rtrd_free(rtrd));
}
END_TEST

/* Where all routers speak one version the set is there once, whichever it is; for each more in use once more. */
START_TEST(a_form_a_version_in_use)
{
	static uint8_t set[MANY];
	manrs_rtrd_config config = config_of(NULL);
	manrs_rtrd_client *client[3];
	manrs_rtrd_status status = {.size = sizeof status};
	manrs_rtrd *rtrd;
	static const unsigned order[] = {2, 0, 1};

	pass(manrs_rtrd_new(&rtrd, &config));
	publish_range(rtrd, MANRS_ADD, 0, 10000, 0);
	memset(set, 1, 10000);
	for (unsigned i = 0; i < 3; i++) {
		pass(manrs_rtrd_open(rtrd, &client[i], NULL, 0));
		ask(client[i], (uint8_t)order[i], -1, 0);
		expect(client[i], order[i], set, NULL, 1);
		pass(manrs_rtrd_status_get(rtrd, &status));
		ck_assert_uint_eq(status.bytes_sets, 200000 * (i + 1));
	}
	for (unsigned i = 0; i < 3; i++)
		manrs_rtrd_client_free(client[i]);
	pass(manrs_rtrd_free(rtrd));
}
END_TEST

/* An idle client is small, whatever it was sent before. */
START_TEST(idle_clients)
{
	enum { CLIENTS = 1000 };
	static manrs_rtrd_client *client[CLIENTS];
	struct test_alloc counting = {0};
	manrs_alloc alloc = test_alloc_of(&counting);
	manrs_rtrd_config config = config_of(&alloc);
	manrs_rtrd_status status = {.size = sizeof status};
	manrs_rtrd *rtrd;
	size_t before;

	config.max_clients = CLIENTS;
	pass(manrs_rtrd_new(&rtrd, &config));
	publish_range(rtrd, MANRS_ADD, 0, 3000, 0);
	pass(manrs_rtrd_open(rtrd, &client[0], NULL, 0));
	ask(client[0], 1, -1, 0);
	drain(client[0], wire, sizeof wire, 0);
	before = counting.live;
	for (size_t i = 1; i < CLIENTS; i++) {
		pass(manrs_rtrd_open(rtrd, &client[i], NULL, 0));
		ask(client[i], 1, -1, 0);
	}
	ck_assert_uint_le(counting.live - before, 300 * (CLIENTS - 1));
	for (size_t i = 1; i < CLIENTS; i++)
		ck_assert_uint_eq(drain(client[i], wire, sizeof wire, 0), 8 + 3000 * 20 + 24);
	ck_assert_uint_le(counting.live - before, 300 * (CLIENTS - 1));
	ck_assert_int_eq(manrs_rtrd_open(rtrd, &(manrs_rtrd_client *){0}, NULL, 0), MANRS_ELIMIT);
	pass(manrs_rtrd_status_get(rtrd, &status));
	ck_assert_uint_eq(status.clients_by_version[1], CLIENTS);
	ck_assert_uint_eq(status.resets, CLIENTS);
	for (size_t i = 0; i < CLIENTS; i++)
		manrs_rtrd_client_free(client[i]);
	pass(manrs_rtrd_free(rtrd));
	ck_assert_uint_eq(counting.live, 0);
}
END_TEST

/* ---- memory that is refused ---- */

/* Do it; if memory was refused, it is there again, and it is done once more. */
#define AGAIN(counting, refused, call)           \
	do {                                     \
		int code_ = (call);              \
		if (code_ == MANRS_ENOMEM) {     \
			(refused)++;             \
			(counting)->fail_at = 0; \
			code_ = (call);          \
		}                                \
		ck_assert_int_ge(code_, 0);      \
	} while (0)

/* A router that is not answered for want of memory comes again. */
static size_t query_again(manrs_rtrd *rtrd, struct test_alloc *counting, size_t *refused,
			  uint8_t version, int serial, uint8_t *out, size_t cap)
{
	manrs_rtrd_client *client;
	manrs_fault fault = {0};
	const uint8_t all[8] = {version, 2, 0, 0, 0, 0, 0, 8};
	const uint8_t since[12] = {version, 1, 0, (uint8_t)(version + 1), 0, 0, 0, 12,
				   0,       0, 0, (uint8_t)serial};
	const uint8_t report[20] = {version, 10, 0, 0, 0, 0, 0, 20, 0, 0, 0, 0, 0, 0, 0, 4};
	size_t n;
	int code;

	AGAIN(counting, *refused, manrs_rtrd_open(rtrd, &client, NULL, 0));
	code = manrs_rtrd_client_input(client, serial < 0 ? all : since,
				       serial < 0 ? sizeof all : sizeof since, 0, &fault);
	if (code == MANRS_ENOMEM) {
		++*refused;
		ck_assert_uint_eq(fault.at, 0);
		counting->fail_at = 0;
		ck_assert_int_eq(manrs_rtrd_client_closing(client), 1);
		ck_assert_uint_eq(manrs_rtrd_client_output(client, &(manrs_slice){0}, 1), 0);
		manrs_rtrd_client_free(client);
		return query_again(rtrd, counting, refused, version, serial, out, cap);
	}
	pass(code);
	n = drain(client, out, cap, 0);
	/* An Error Report in two parts needs a place to wait. */
	code = manrs_rtrd_client_input(client, report, 15, 0, &fault);
	if (code == MANRS_ENOMEM) {
		++*refused;
		ck_assert_uint_eq(fault.at, serial < 0 ? sizeof all : sizeof since);
		counting->fail_at = 0;
	}
	ck_assert_int_eq(manrs_rtrd_client_closing(client), code != MANRS_OK);
	manrs_rtrd_client_input(client, report + 15, 5, 0, NULL);
	ck_assert_int_eq(manrs_rtrd_client_closing(client), 1);
	manrs_rtrd_client_free(client);
	return n;
}

static size_t whole_life(size_t fail_at, uint8_t *out, size_t cap, size_t *refused)
{
	static const uint32_t providers[] = {1, 2, 3};
	struct test_alloc counting = {.fail_at = fail_at};
	manrs_alloc alloc = test_alloc_of(&counting);
	manrs_rtrd_config config = config_of(&alloc);
	manrs_route vrp[40];
	manrs_router_key key = {.asn = 7, .spki_len = 3};
	manrs_rtrd *rtrd;
	size_t n = 0;

	for (uint32_t i = 0; i < 40; i++)
		vrp[i] = vrp_of(i * 7 % 40); /* in no order, so that it is sorted */
	vrp[3].prefix = test_prefix("2001:db8::/32");
	AGAIN(&counting, *refused, manrs_rtrd_new(&rtrd, &config));
	n += query_again(rtrd, &counting, refused, 2, -1, out + n, cap - n);
	for (size_t serial = 1; serial < 4; serial++) {
		manrs_aspa aspa = {providers, 9, (uint32_t)serial};

		key.ski[0] = (uint8_t)serial;
		AGAIN(&counting, *refused, manrs_rtrd_begin(rtrd, serial == 2));
		AGAIN(&counting, *refused,
		      manrs_rtrd_vrps(rtrd, MANRS_ADD, vrp, 10 * serial, NULL, NULL));
		AGAIN(&counting, *refused,
		      manrs_rtrd_vrps(rtrd, MANRS_REMOVE, vrp, serial, NULL, NULL));
		AGAIN(&counting, *refused, manrs_rtrd_aspas(rtrd, MANRS_ADD, &aspa, 1, NULL, NULL));
		AGAIN(&counting, *refused, manrs_rtrd_keys(rtrd, MANRS_ADD, &key, 1, NULL, NULL));
		AGAIN(&counting, *refused, manrs_rtrd_publish(rtrd, 0));
		n += query_again(rtrd, &counting, refused, 2, -1, out + n, cap - n);
		n += query_again(rtrd, &counting, refused, 1, -1, out + n, cap - n);
		n += query_again(rtrd, &counting, refused, 2, 1, out + n, cap - n);
		n += query_again(rtrd, &counting, refused, 0, 1, out + n, cap - n);
		n += query_again(rtrd, &counting, refused, 2, 77, out + n, cap - n);
	}
	pass(manrs_rtrd_free(rtrd));
	ck_assert_uint_eq(counting.live, 0);
	return n;
}

/* Whatever allocation fails: what routers are sent in the end is the same, byte for byte. */
START_TEST(every_allocation_fails_once)
{
	static uint8_t plain[1 << 16], out[1 << 16];
	size_t refused = 0, n = whole_life(0, plain, sizeof plain, &refused), k = 0;

	ck_assert_uint_eq(refused, 0);
	do {
		refused = 0;
		ck_assert_uint_eq(whole_life(++k, out, sizeof out, &refused), n);
		ck_assert_mem_eq(out, plain, n);
	} while (refused);
	ck_assert_uint_gt(k, 100);
}
END_TEST

Suite *rtrd_memory_suite(void)
{
	Suite *s = suite_create("rtrd_memory");

	ADD_TEST(s, blocks_change, 20);
	ADD_TEST(s, slow_routers, 10);
	ADD_TEST(s, what_is_being_sent_stays, 10);
	ADD_TEST(s, a_form_a_version_in_use, 10);
	ADD_LONG_TEST(s, idle_clients, 10);
	ADD_LONG_TEST(s, every_allocation_fails_once, 20);
	return s;
}
