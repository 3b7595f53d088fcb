/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The cache's side of RTR, call by call. The bytes are written down from RFC 8210 section 5 and 8210bis section 5; the order
 * of PDUs from 8210bis section 11.2.
 */

#include "../test.h"

static manrs_rtrd *cache_of(const manrs_alloc *alloc, uint32_t notify_ms)
{
	manrs_rtrd_config config;
	manrs_rtrd *rtrd;

	pass(manrs_rtrd_config_init(&config, sizeof config));
	config.alloc = alloc;
	config.session[0] = 0x1000;
	config.session[1] = 0x1001;
	config.session[2] = 0x1002;
	config.serial = 7;
	config.notify_ms = notify_ms;
	pass(manrs_rtrd_new(&rtrd, &config));
	return rtrd;
}

static manrs_rtrd *cache(void)
{
	return cache_of(NULL, 60000);
}

static void feed(manrs_rtrd *rtrd, int op, const char *vrp)
{
	manrs_route route = test_route(vrp);

	route.prefix.maxlen = route.prefix.len;
	pass(manrs_rtrd_vrps(rtrd, op, &route, 1, NULL, NULL));
}

/* Publish a change of one VRP. */
static void change(manrs_rtrd *rtrd, int op, const char *vrp, uint64_t now_ms)
{
	pass(manrs_rtrd_begin(rtrd, 0));
	feed(rtrd, op, vrp);
	ck_assert_int_eq(manrs_rtrd_publish(rtrd, now_ms), 1);
}

static manrs_rtrd_client *router(manrs_rtrd *rtrd, uint64_t now_ms)
{
	manrs_rtrd_client *client;

	pass(manrs_rtrd_open(rtrd, &client, NULL, now_ms));
	return client;
}

/* All that it is sent, byte by byte. */
static size_t drain(manrs_rtrd_client *client, uint8_t *out, size_t cap, uint64_t now_ms)
{
	manrs_slice slice[3];
	size_t n = 0;

	while (manrs_rtrd_client_output(client, slice, 3)) {
		ck_assert_uint_lt(n, cap);
		out[n++] = *(const uint8_t *)slice[0].bytes;
		manrs_rtrd_client_sent(client, 1, now_ms);
	}
	return n;
}

#define EXPECT(client, now, ...)                                                        \
	do {                                                                            \
		static const uint8_t want_[] = {__VA_ARGS__};                           \
		uint8_t got_[4096];                                                     \
		ck_assert_uint_eq(drain(client, got_, sizeof got_, now), sizeof want_); \
		ck_assert_mem_eq(got_, want_, sizeof want_);                            \
	} while (0)

#define NOTHING(client)                                                             \
	do {                                                                        \
		manrs_slice slice_;                                                 \
		ck_assert_uint_eq(manrs_rtrd_client_output(client, &slice_, 1), 0); \
	} while (0)

/* An Error Report of this version and code, and nothing else. */
static void expect_error(manrs_rtrd_client *client, unsigned version, int code, int closing)
{
	uint8_t out[4096];
	size_t n = drain(client, out, sizeof out, 0);

	ck_assert_uint_ge(n, 16);
	ck_assert_uint_eq(out[0], version);
	ck_assert_uint_eq(out[1], 10);
	ck_assert_int_eq(out[2] << 8 | out[3], code);
	ck_assert_uint_eq((unsigned)out[6] << 8 | out[7], n);
	ck_assert_int_eq(manrs_rtrd_client_closing(client), closing);
}

static const uint8_t reset0[] = {0, 2, 0, 0, 0, 0, 0, 8}, reset1[] = {1, 2, 0, 0, 0, 0, 0, 8},
		     reset2[] = {2, 2, 0, 0, 0, 0, 0, 8}, reset3[] = {3, 2, 0, 0, 0, 0, 0, 8};

static int ask(manrs_rtrd_client *client, const uint8_t *bytes, size_t n, uint64_t now_ms)
{
	return manrs_rtrd_client_input(client, bytes, n, now_ms, NULL);
}

static int ask_since(manrs_rtrd_client *client, uint8_t version, uint16_t session, uint8_t serial,
		     uint64_t now_ms)
{
	uint8_t query[] = {
		version, 1,     (uint8_t)(session >> 8), (uint8_t)session, 0, 0, 0, 12, 0, 0,
		0,       serial};

	return ask(client, query, sizeof query, now_ms);
}

/* A router starts, is notified, asks for the difference, and is up to date. */
START_TEST(one_session)
{
	manrs_rtrd *rtrd = cache();
	manrs_rtrd_client *client, *ready[2];

	pass(manrs_rtrd_begin(rtrd, 1));
	feed(rtrd, MANRS_ADD, "10.0.0.0/24 64500");
	feed(rtrd, MANRS_ADD, "10.0.0.0/8 64500");
	feed(rtrd, MANRS_ADD, "2001:db8::/32 64501");
	ck_assert_int_eq(manrs_rtrd_publish(rtrd, 1000), 1);
	client = router(rtrd, 1000);
	pass(ask(client, reset1, sizeof reset1, 1000));
	EXPECT(client, 1000, 1, 3, 0x10, 0x01, 0, 0, 0, 8,                           /* */
	       1, 4, 0, 0, 0, 0, 0, 20, 1, 24, 24, 0, 10, 0, 0, 0, 0, 0, 0xfb, 0xf4, /* */
	       1, 4, 0, 0, 0, 0, 0, 20, 1, 8, 8, 0, 10, 0, 0, 0, 0, 0, 0xfb, 0xf4,   /* */
	       1, 6, 0, 0, 0, 0, 0, 32, 1, 32, 32, 0, 0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0,
	       0, 0, 0, 0, 0, 0, 0xfb, 0xf5, /* */
	       1, 7, 0x10, 0x01, 0, 0, 0, 24, 0, 0, 0, 7, 0, 0, 14, 16, 0, 0, 2, 88, 0, 0, 28, 32);
	ck_assert_uint_eq(manrs_rtrd_ready(rtrd, ready, 2), 0);
	change(rtrd, MANRS_REMOVE, "10.0.0.0/24 64500", 2000);
	ck_assert_uint_eq(manrs_rtrd_ready(rtrd, ready, 2), 1);
	ck_assert_ptr_eq(ready[0], client);
	EXPECT(client, 2000, 1, 0, 0x10, 0x01, 0, 0, 0, 12, 0, 0, 0, 8);
	pass(ask_since(client, 1, 0x1001, 7, 2000));
	EXPECT(client, 2000, 1, 3, 0x10, 0x01, 0, 0, 0, 8,                           /* */
	       1, 4, 0, 0, 0, 0, 0, 20, 0, 24, 24, 0, 10, 0, 0, 0, 0, 0, 0xfb, 0xf4, /* */
	       1, 7, 0x10, 0x01, 0, 0, 0, 24, 0, 0, 0, 8, 0, 0, 14, 16, 0, 0, 2, 88, 0, 0, 28, 32);
	pass(ask_since(client, 1, 0x1001, 8, 2000));
	EXPECT(client, 2000, 1, 3, 0x10, 0x01, 0, 0, 0, 8, /* */
	       1, 7, 0x10, 0x01, 0, 0, 0, 24, 0, 0, 0, 8, 0, 0, 14, 16, 0, 0, 2, 88, 0, 0, 28, 32);
	ck_assert_int_eq(manrs_rtrd_free(rtrd), MANRS_EBUSY);
	manrs_rtrd_client_free(client);
	pass(manrs_rtrd_free(rtrd));
}
END_TEST

/* Version 0 has a short End of Data and no keys; 1 no ASPAs; each its session. */
START_TEST(what_each_version_has)
{
	static const uint32_t providers[] = {64501, 64502};
	static const manrs_aspa aspa = {providers, 64500, 2};
	manrs_router_key key = {.asn = 64500, .ski = {1}, .spki_len = 1, .spki = {0xaa}};
	manrs_rtrd *rtrd = cache();
	manrs_rtrd_client *client;

	pass(manrs_rtrd_begin(rtrd, 1));
	pass(manrs_rtrd_aspas(rtrd, MANRS_ADD, &aspa, 1, NULL, NULL));
	pass(manrs_rtrd_keys(rtrd, MANRS_ADD, &key, 1, NULL, NULL));
	ck_assert_int_eq(manrs_rtrd_publish(rtrd, 0), 1);
	client = router(rtrd, 0);
	pass(ask(client, reset0, sizeof reset0, 0));
	EXPECT(client, 0, 0, 3, 0x10, 0, 0, 0, 0, 8, 0, 7, 0x10, 0, 0, 0, 0, 12, 0, 0, 0, 7);
	manrs_rtrd_client_free(client);
	client = router(rtrd, 0);
	pass(ask(client, reset1, sizeof reset1, 0));
	EXPECT(client, 0, 1, 3, 0x10, 1, 0, 0, 0, 8, /* */
	       1, 9, 1, 0, 0, 0, 0, 33, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	       0, 0, 0xfb, 0xf4, 0xaa, /* */
	       1, 7, 0x10, 1, 0, 0, 0, 24, 0, 0, 0, 7, 0, 0, 14, 16, 0, 0, 2, 88, 0, 0, 28, 32);
	manrs_rtrd_client_free(client);
	client = router(rtrd, 0);
	pass(ask(client, reset2, sizeof reset2, 0));
	EXPECT(client, 0, 2, 3, 0x10, 2, 0, 0, 0, 8, /* */
	       2, 9, 1, 0, 0, 0, 0, 33, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	       0, 0, 0xfb, 0xf4, 0xaa,                                                         /* */
	       2, 11, 1, 0, 0, 0, 0, 20, 0, 0, 0xfb, 0xf4, 0, 0, 0xfb, 0xf5, 0, 0, 0xfb, 0xf6, /* */
	       2, 7, 0x10, 2, 0, 0, 0, 24, 0, 0, 0, 7, 0, 0, 14, 16, 0, 0, 2, 88, 0, 0, 28, 32);
	/* An ASPA that changes is announced once, one that goes is withdrawn by its customer; version 0 sees nothing of it. */
	pass(manrs_rtrd_begin(rtrd, 0));
	pass(manrs_rtrd_aspas(rtrd, MANRS_ADD, &(manrs_aspa){providers, 64500, 1}, 1, NULL, NULL));
	ck_assert_int_eq(manrs_rtrd_publish(rtrd, 0), 1);
	EXPECT(client, 0, 2, 0, 0x10, 2, 0, 0, 0, 12, 0, 0, 0, 8);
	pass(ask_since(client, 2, 0x1002, 7, 0));
	EXPECT(client, 0, 2, 3, 0x10, 2, 0, 0, 0, 8,                         /* */
	       2, 11, 1, 0, 0, 0, 0, 16, 0, 0, 0xfb, 0xf4, 0, 0, 0xfb, 0xf5, /* */
	       2, 7, 0x10, 2, 0, 0, 0, 24, 0, 0, 0, 8, 0, 0, 14, 16, 0, 0, 2, 88, 0, 0, 28, 32);
	pass(manrs_rtrd_begin(rtrd, 0));
	pass(manrs_rtrd_aspas(rtrd, MANRS_REMOVE, &(manrs_aspa){.customer = 64500}, 1, NULL, NULL));
	ck_assert_int_eq(manrs_rtrd_publish(rtrd, 0), 1);
	pass(ask_since(client, 2, 0x1002, 7, 0));
	EXPECT(client, 0, 2, 3, 0x10, 2, 0, 0, 0, 8,       /* */
	       2, 11, 0, 0, 0, 0, 0, 12, 0, 0, 0xfb, 0xf4, /* */
	       2, 7, 0x10, 2, 0, 0, 0, 24, 0, 0, 0, 9, 0, 0, 14, 16, 0, 0, 2, 88, 0, 0, 28, 32);
	manrs_rtrd_client_free(client);
	client = router(rtrd, 0);
	pass(ask_since(client, 0, 0x1000, 7, 0));
	EXPECT(client, 0, 0, 3, 0x10, 0, 0, 0, 0, 8, 0, 7, 0x10, 0, 0, 0, 0, 12, 0, 0, 0, 9);
	manrs_rtrd_client_free(client);
	pass(manrs_rtrd_free(rtrd));
}
END_TEST

/* RFC 8210 sections 5.2, 8.4, 8.2: what cannot be answered with data. */
START_TEST(no_data_and_cache_reset)
{
	manrs_rtrd *rtrd = cache();
	manrs_rtrd_client *client = router(rtrd, 0), *ready;

	pass(ask(client, reset1, sizeof reset1, 0));
	expect_error(client, 1, MANRS_RTR_NO_DATA, 0);
	pass(manrs_rtrd_begin(rtrd, 1));
	feed(rtrd, MANRS_ADD, "10.0.0.0/24 64500");
	ck_assert_int_eq(manrs_rtrd_publish(rtrd, 0), 1);
	ck_assert_uint_eq(manrs_rtrd_ready(rtrd, &ready, 1), 1);
	EXPECT(client, 0, 1, 0, 0x10, 1, 0, 0, 0, 12, 0, 0, 0, 7);
	pass(ask_since(client, 1, 0x1001, 6, 0)); /* before the first */
	EXPECT(client, 0, 1, 8, 0, 0, 0, 0, 0, 8);
	pass(ask_since(client, 1, 0x1001, 8, 0)); /* to come */
	EXPECT(client, 0, 1, 8, 0, 0, 0, 0, 0, 8);
	pass(ask_since(client, 1, 0x1002, 7, 0)); /* another version's session */
	EXPECT(client, 0, 1, 8, 0, 0, 0, 0, 0, 8);
	manrs_rtrd_client_free(client);
	pass(manrs_rtrd_free(rtrd));
}
END_TEST

static void expect_wrong(const void *bytes, size_t n, int error, unsigned version, int code)
{
	manrs_rtrd *rtrd = cache();
	manrs_rtrd_client *client = router(rtrd, 0);

	ck_assert_int_eq(ask(client, bytes, n, 0), error);
	expect_error(client, version, code, 1);
	manrs_rtrd_client_free(client);
	pass(manrs_rtrd_free(rtrd));
}
#define WRONG(error, version, code, ...)                                   \
	do {                                                               \
		static const uint8_t bytes_[] = {__VA_ARGS__};             \
		expect_wrong(bytes_, sizeof bytes_, error, version, code); \
	} while (0)

/* RFC 8210 section 12: the codes. */
START_TEST(wrong_routers)
{
	WRONG(MANRS_ESYNTAX, 1, MANRS_RTR_CORRUPT_DATA, 1, 2, 0, 0, 0, 0, 0, 9);
	WRONG(MANRS_ESYNTAX, 0, MANRS_RTR_CORRUPT_DATA, 0, 1, 0, 0, 0xff, 0xff, 0xff, 0xff);
	WRONG(MANRS_EINVAL, 1, MANRS_RTR_INVALID_REQUEST, 1, 3, 0, 0, 0, 0, 0, 8);
	WRONG(MANRS_EINVAL, 2, MANRS_RTR_INVALID_REQUEST, 2, 0, 0, 0, 0, 0, 0, 12);
	WRONG(MANRS_EUNSUP, 1, MANRS_RTR_UNSUPPORTED_PDU, 1, 11, 0, 0, 0, 0, 0, 12);
	WRONG(MANRS_EUNSUP, 2, MANRS_RTR_UNSUPPORTED_PDU, 2, 5, 0, 0, 0, 0, 0, 8);
	WRONG(MANRS_EUNSUP, 2, MANRS_RTR_UNSUPPORTED_PDU, 2, 255, 0, 0, 0, 0, 0, 8);
	WRONG(MANRS_EUNSUP, 2, MANRS_RTR_UNSUPPORTED_VERSION, 3, 77, 0, 0, 0, 0, 0, 8);
}
END_TEST

/* 8210bis section 7. */
START_TEST(versions)
{
	manrs_rtrd *rtrd = cache();
	manrs_rtrd_client *client = router(rtrd, 0);
	uint8_t out[256];
	size_t n;

	pass(ask(client, reset3, sizeof reset3, 0));
	expect_error(client, 2, MANRS_RTR_UNSUPPORTED_VERSION, 0);
	pass(ask(client, reset2, sizeof reset2, 0));
	expect_error(client, 2, MANRS_RTR_NO_DATA, 0);
	ck_assert_int_eq(ask(client, reset1, sizeof reset1, 0), MANRS_EINVAL);
	expect_error(client, 2, MANRS_RTR_UNEXPECTED_VERSION, 1);
	manrs_rtrd_client_free(client);
	client = router(rtrd, 0);
	pass(ask(client, reset3, sizeof reset3, 0));
	ck_assert_int_eq(ask(client, reset3, sizeof reset3, 0), MANRS_EUNSUP);
	n = drain(client, out, sizeof out, 0);
	ck_assert_uint_ge(n, 16);
	ck_assert_int_eq(manrs_rtrd_client_closing(client), 1);
	manrs_rtrd_client_free(client);
	/* Version 0 has no code 8. */
	client = router(rtrd, 0);
	pass(ask(client, reset0, sizeof reset0, 0));
	expect_error(client, 0, MANRS_RTR_NO_DATA, 0);
	ck_assert_int_eq(ask(client, reset1, sizeof reset1, 0), MANRS_EINVAL);
	NOTHING(client);
	ck_assert_int_eq(manrs_rtrd_client_closing(client), 1);
	manrs_rtrd_client_free(client);
	pass(manrs_rtrd_free(rtrd));
}
END_TEST

/* RFC 8210 section 5.11: an Error Report is never answered. */
START_TEST(error_reports_end_it)
{
	static const uint8_t report[] = {1, 10, 0, 3, 0, 0, 0, 18, 0, 0, 0, 0, 0, 0, 0, 2, 'n', 7};
	manrs_rtrd *rtrd = cache();

	for (size_t cut = 0; cut <= sizeof report; cut++) {
		manrs_rtrd_client *client = router(rtrd, 0);
		manrs_rtrd_client_status status = {.size = sizeof status};

		pass(ask(client, report, cut, 0));
		pass(ask(client, report + cut, sizeof report - cut, 0));
		NOTHING(client);
		ck_assert_int_eq(manrs_rtrd_client_closing(client), 1);
		pass(manrs_rtrd_client_get(client, &status));
		ck_assert_int_eq(status.code, 3);
		ck_assert_str_eq(status.text, "n?");
		manrs_rtrd_client_free(client);
	}
	pass(manrs_rtrd_free(rtrd));
}
END_TEST

/* A second query waits for the end of the answer, a third is one too many. */
START_TEST(queries_in_a_row)
{
	manrs_rtrd *rtrd = cache();
	manrs_rtrd_client *client = router(rtrd, 0);
	uint8_t out[4096];
	size_t n;

	pass(manrs_rtrd_begin(rtrd, 1));
	feed(rtrd, MANRS_ADD, "10.0.0.0/24 64500");
	ck_assert_int_eq(manrs_rtrd_publish(rtrd, 0), 1);
	pass(ask(client, reset1, sizeof reset1, 0));
	pass(ask(client, reset1, sizeof reset1, 0));
	ck_assert_uint_eq(drain(client, out, sizeof out, 0), 2 * (8 + 20 + 24));
	ck_assert_mem_eq(out, out + 52, 52);
	pass(ask(client, reset1, sizeof reset1, 0));
	pass(ask(client, reset1, sizeof reset1, 0));
	manrs_rtrd_client_sent(client, 8 + 3, 0);
	ck_assert_int_eq(ask(client, reset1, sizeof reset1, 0), MANRS_EINVAL);
	/* The rest of the prefix, then the error. */
	n = drain(client, out, sizeof out, 0);
	ck_assert_uint_gt(n, 17 + 16);
	ck_assert_uint_eq(out[17], 1);
	ck_assert_uint_eq(out[18], 10);
	ck_assert_uint_eq(out[20], MANRS_RTR_INVALID_REQUEST);
	ck_assert_int_eq(manrs_rtrd_client_closing(client), 1);
	manrs_rtrd_client_free(client);
	pass(manrs_rtrd_free(rtrd));
}
END_TEST

/* 8210bis section 8.2: no more than one a minute; after a quiet one at once. */
START_TEST(notifies)
{
	manrs_rtrd *rtrd = cache();
	manrs_rtrd_client *client = router(rtrd, 0), *ready;

	pass(manrs_rtrd_begin(rtrd, 1));
	feed(rtrd, MANRS_ADD, "10.0.0.0/24 64500");
	ck_assert_int_eq(manrs_rtrd_publish(rtrd, 0), 1);
	NOTHING(client); /* before its version is known */
	pass(ask_since(client, 1, 0x1001, 7, 0));
	drain(client, (uint8_t[64]){0}, 64, 0);
	change(rtrd, MANRS_ADD, "10.0.1.0/24 64500", 100000);
	EXPECT(client, 100000, 1, 0, 0x10, 1, 0, 0, 0, 12, 0, 0, 0, 8);
	change(rtrd, MANRS_ADD, "10.0.2.0/24 64500", 100001);
	change(rtrd, MANRS_ADD, "10.0.3.0/24 64500", 159999);
	while (manrs_rtrd_ready(rtrd, &ready, 1))
		;
	manrs_rtrd_tick(rtrd, 159999);
	NOTHING(client);
	ck_assert_uint_eq(manrs_rtrd_deadline(rtrd), 160000);
	manrs_rtrd_tick(rtrd, 160000);
	ck_assert_uint_eq(manrs_rtrd_ready(rtrd, &ready, 1), 1);
	EXPECT(client, 160000, 1, 0, 0x10, 1, 0, 0, 0, 12, 0, 0, 0, 10);
	manrs_rtrd_tick(rtrd, 220000);
	NOTHING(client);
	ck_assert_uint_eq(manrs_rtrd_deadline(rtrd), UINT64_MAX);
	/* One that changed nothing is not told. */
	pass(manrs_rtrd_begin(rtrd, 0));
	feed(rtrd, MANRS_ADD, "10.0.3.0/24 64500");
	ck_assert_int_eq(manrs_rtrd_publish(rtrd, 300000), 0);
	NOTHING(client);
	manrs_rtrd_client_free(client);
	pass(manrs_rtrd_free(rtrd));
}
END_TEST

/* 8210bis sections 8.5, 8.6: version 2 is told, at the next PDU. */
START_TEST(the_end)
{
	manrs_rtrd *rtrd = cache();
	manrs_rtrd_client *two = router(rtrd, 0), *one = router(rtrd, 0), *none = router(rtrd, 0);
	manrs_rtrd_client *ready[4];
	uint8_t out[4096];
	size_t n;

	pass(manrs_rtrd_begin(rtrd, 1));
	feed(rtrd, MANRS_ADD, "10.0.0.0/24 64500");
	ck_assert_int_eq(manrs_rtrd_publish(rtrd, 0), 1);
	pass(ask(two, reset2, sizeof reset2, 0));
	pass(ask(one, reset1, sizeof reset1, 0));
	manrs_rtrd_client_sent(two, 3, 0);
	ck_assert_int_eq(manrs_rtrd_shutdown(rtrd, 11, 0), MANRS_EINVAL);
	pass(manrs_rtrd_shutdown(rtrd, MANRS_RTR_CACHE_SHUTDOWN, 0));
	ck_assert_uint_eq(manrs_rtrd_ready(rtrd, ready, 4), 3);
	n = drain(two, out, sizeof out, 0);
	ck_assert_uint_ge(n, 5 + 16);
	ck_assert_uint_eq(out[5], 2);
	ck_assert_uint_eq(out[6], 10);
	ck_assert_uint_eq(out[8], MANRS_RTR_CACHE_SHUTDOWN);
	NOTHING(one);
	NOTHING(none);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_int_eq(manrs_rtrd_client_closing(ready[i]), 1);
		manrs_rtrd_client_free(ready[i]);
	}
	ck_assert_int_eq(manrs_rtrd_open(rtrd, &one, NULL, 0), MANRS_ESTATE);
	pass(manrs_rtrd_free(rtrd));
}
END_TEST

/* Data that nobody vouches for any more is not sent, and is again when somebody does. */
START_TEST(stale_data)
{
	manrs_rtrd_config config;
	manrs_rtrd *rtrd;
	manrs_rtrd_client *client;
	manrs_rtrd_status status = {.size = sizeof status};

	pass(manrs_rtrd_config_init(&config, sizeof config));
	ck_assert_int_eq(manrs_rtrd_new(&rtrd, &config), MANRS_EINVAL); /* sessions */
	config.session[1] = 1;
	config.session[2] = 2;
	config.stale_s = 10;
	pass(manrs_rtrd_new(&rtrd, &config));
	ck_assert_int_eq(manrs_rtrd_publish(rtrd, 0), MANRS_ESTATE);
	pass(manrs_rtrd_begin(rtrd, 1));
	ck_assert_int_eq(manrs_rtrd_begin(rtrd, 1), MANRS_ESTATE);
	feed(rtrd, MANRS_ADD, "10.0.0.0/24 64500");
	manrs_rtrd_discard(rtrd);
	pass(manrs_rtrd_begin(rtrd, 1));
	feed(rtrd, MANRS_ADD, "10.0.0.0/24 64501");
	ck_assert_int_eq(manrs_rtrd_publish(rtrd, 1000), 1);
	pass(manrs_rtrd_open(rtrd, &client, &config, 1000));
	ck_assert_ptr_eq(manrs_rtrd_client_user(client), &config);
	pass(ask(client, reset1, sizeof reset1, 10999));
	ck_assert_uint_eq(drain(client, (uint8_t[64]){0}, 64, 0), 52);
	pass(ask(client, reset1, sizeof reset1, 11000));
	expect_error(client, 1, MANRS_RTR_NO_DATA, 0);
	manrs_rtrd_fresh(rtrd, 12000);
	pass(ask(client, reset1, sizeof reset1, 21999));
	ck_assert_uint_eq(drain(client, (uint8_t[64]){0}, 64, 0), 52);
	pass(manrs_rtrd_status_get(rtrd, &status));
	ck_assert_uint_eq(status.vrps4, 1);
	ck_assert_uint_eq(status.publishes, 1);
	ck_assert_uint_eq(status.clients_by_version[1], 1);
	ck_assert_uint_eq(status.resets, 2);
	ck_assert_uint_eq(status.no_data, 1);
	ck_assert_uint_eq(status.fresh_ms, 12000);
	ck_assert_uint_eq(status.bytes_sets, 20);
	ck_assert_uint_eq(status.serial, 1);
	manrs_rtrd_client_free(client);
	pass(manrs_rtrd_free(rtrd));
}
END_TEST

/*
 * Routers that got No Data Available are told once there is data (RFC 8210 section 8.4 has them wait for it): of the first set
 * and of a new one, whatever time it is, and of the old one that is right again without a new serial; once each, and nobody
 * else is.
 */
START_TEST(data_comes_back)
{
	manrs_rtrd_config config;
	manrs_rtrd *rtrd;
	manrs_rtrd_client *client, *other, *ready;

	pass(manrs_rtrd_config_init(&config, sizeof config));
	config.session[1] = 0x1001;
	config.session[2] = 2;
	config.stale_s = 10;
	config.notify_ms = 1000;
	pass(manrs_rtrd_new(&rtrd, &config));
	client = router(rtrd, 100000);
	pass(ask(client, reset1, sizeof reset1, 100000));
	expect_error(client, 1, MANRS_RTR_NO_DATA, 0);
	/* The clock is far beyond stale_s when the first set comes. */
	change(rtrd, MANRS_ADD, "10.0.0.0/24 64500", 100000);
	ck_assert_uint_eq(manrs_rtrd_ready(rtrd, &ready, 1), 1);
	EXPECT(client, 100000, 1, 0, 0x10, 1, 0, 0, 0, 12, 0, 0, 0, 1);
	pass(ask(client, reset1, sizeof reset1, 100000));
	drain(client, (uint8_t[64]){0}, 64, 100000);
	/* A new one when the old one is stale: also to who did not ask meanwhile. */
	other = router(rtrd, 105000);
	pass(ask(other, reset1, sizeof reset1, 105000));
	drain(other, (uint8_t[64]){0}, 64, 105000);
	pass(ask(client, reset1, sizeof reset1, 120000));
	expect_error(client, 1, MANRS_RTR_NO_DATA, 0);
	manrs_rtrd_tick(rtrd, 120000);
	change(rtrd, MANRS_ADD, "10.0.1.0/24 64500", 130000);
	EXPECT(client, 130000, 1, 0, 0x10, 1, 0, 0, 0, 12, 0, 0, 0, 2);
	EXPECT(other, 130000, 1, 0, 0x10, 1, 0, 0, 0, 12, 0, 0, 0, 2);
	/* The same one again: to who was refused it. By _fresh, ... */
	for (int i = 0; i < 2; i++) {
		uint64_t now = 150000 + 50000 * (uint64_t)i;

		pass(ask_since(client, 1, 0x1001, 2, now));
		expect_error(client, 1, MANRS_RTR_NO_DATA, 0);
		manrs_rtrd_tick(rtrd, now);
		while (manrs_rtrd_ready(rtrd, &ready, 1))
			;
		NOTHING(client);
		if (i == 0) {
			manrs_rtrd_fresh(rtrd, now + 10000);
		} else { /* ... and by a publish that changes nothing */
			pass(manrs_rtrd_begin(rtrd, 0));
			ck_assert_int_eq(manrs_rtrd_publish(rtrd, now + 10000), 0);
		}
		ck_assert_uint_eq(manrs_rtrd_ready(rtrd, &ready, 1), 1);
		ck_assert_ptr_eq(ready, client);
		EXPECT(client, now + 10000, 1, 0, 0x10, 1, 0, 0, 0, 12, 0, 0, 0, 2);
		NOTHING(other);
		manrs_rtrd_fresh(rtrd, now + 11000);
		manrs_rtrd_tick(rtrd, now + 12000);
		NOTHING(client);
	}
	manrs_rtrd_client_free(client);
	manrs_rtrd_client_free(other);
	pass(manrs_rtrd_free(rtrd));
}
END_TEST

/*
 * After a Cache Reset nothing comes until the router asks again (RFC 8210 section 8.3): a notify would name a session that is
 * not the router's, which section 5.1 has it take for a fault.
 */
START_TEST(no_notify_after_a_cache_reset)
{
	manrs_rtrd *rtrd = cache();
	manrs_rtrd_client *client = router(rtrd, 0), *ready;

	pass(manrs_rtrd_begin(rtrd, 1));
	feed(rtrd, MANRS_ADD, "10.0.0.0/24 64500");
	ck_assert_int_eq(manrs_rtrd_publish(rtrd, 0), 1);
	pass(ask_since(client, 1, 0x7777, 7, 0));
	EXPECT(client, 0, 1, 8, 0, 0, 0, 0, 0, 8);
	change(rtrd, MANRS_ADD, "10.0.1.0/24 64500", 100000);
	ck_assert_uint_eq(manrs_rtrd_ready(rtrd, &ready, 1), 0);
	NOTHING(client);
	pass(ask(client, reset1, sizeof reset1, 100000));
	ck_assert_uint_eq(drain(client, (uint8_t[128]){0}, 128, 100000), 8 + 2 * 20 + 24);
	change(rtrd, MANRS_ADD, "10.0.2.0/24 64500", 100001);
	EXPECT(client, 100001, 1, 0, 0x10, 1, 0, 0, 0, 12, 0, 0, 0, 9);
	manrs_rtrd_client_free(client);
	pass(manrs_rtrd_free(rtrd));
}
END_TEST

/* A notify that was not sent, because a query came before it, is none: the next change is told at once (8210bis 8.2). */
START_TEST(a_notify_that_was_not_sent)
{
	manrs_rtrd *rtrd = cache();
	manrs_rtrd_client *client = router(rtrd, 0);
	manrs_rtrd_status status = {.size = sizeof status};
	uint8_t out[256];

	pass(manrs_rtrd_begin(rtrd, 1));
	feed(rtrd, MANRS_ADD, "10.0.0.0/24 64500");
	ck_assert_int_eq(manrs_rtrd_publish(rtrd, 0), 1);
	pass(ask_since(client, 1, 0x1001, 7, 0));
	drain(client, out, sizeof out, 0);
	change(rtrd, MANRS_ADD, "10.0.1.0/24 64500", 100000);
	pass(ask_since(client, 1, 0x1001, 7, 100000));
	ck_assert_uint_eq(drain(client, out, sizeof out, 100000), 8 + 20 + 24);
	change(rtrd, MANRS_ADD, "10.0.2.0/24 64500", 110000);
	EXPECT(client, 110000, 1, 0, 0x10, 1, 0, 0, 0, 12, 0, 0, 0, 9);
	/* That one was: the minute begins with it. */
	change(rtrd, MANRS_ADD, "10.0.3.0/24 64500", 169999);
	NOTHING(client);
	ck_assert_uint_eq(manrs_rtrd_deadline(rtrd), 170000);
	/* A query in the midst of a notify gets its end first. */
	manrs_rtrd_tick(rtrd, 170000);
	manrs_rtrd_client_sent(client, 5, 170000);
	pass(ask_since(client, 1, 0x1001, 10, 170000));
	ck_assert_uint_eq(drain(client, out, sizeof out, 170000), 7 + 8 + 24);
	ck_assert_uint_eq(out[6], 10);
	ck_assert_uint_eq(out[7 + 1], 3);
	pass(manrs_rtrd_status_get(rtrd, &status));
	ck_assert_uint_eq(status.notifies, 2);
	manrs_rtrd_client_free(client);
	pass(manrs_rtrd_free(rtrd));
}
END_TEST

/* Who does not ask, and who does not read, is closed. */
START_TEST(silent_routers)
{
	manrs_rtrd *rtrd = cache();
	manrs_rtrd_client *silent = router(rtrd, 0), *deaf = router(rtrd, 5000), *ready[3];

	ck_assert_uint_eq(manrs_rtrd_deadline(rtrd), 30000);
	pass(ask(deaf, reset1, sizeof reset1, 6000));
	pass(ask(silent, reset1, 7, 20000)); /* all but one byte of a query */
	manrs_rtrd_tick(rtrd, 29999);
	ck_assert_uint_eq(manrs_rtrd_ready(rtrd, ready, 3), 0);
	manrs_rtrd_tick(rtrd, 30000);
	ck_assert_uint_eq(manrs_rtrd_ready(rtrd, ready, 3), 1);
	ck_assert_ptr_eq(ready[0], silent);
	ck_assert_int_eq(manrs_rtrd_client_closing(silent), 1);
	ck_assert_uint_eq(manrs_rtrd_deadline(rtrd), 306000);
	manrs_rtrd_client_sent(deaf, 1, 10000);
	manrs_rtrd_tick(rtrd,
			329999); /* its time began with the byte, at 30 s: time does not go back */
	NOTHING(silent);
	ck_assert_int_eq(manrs_rtrd_client_closing(deaf), 0);
	manrs_rtrd_tick(rtrd, 330000);
	ck_assert_int_eq(manrs_rtrd_client_closing(deaf), 1);
	NOTHING(deaf);
	manrs_rtrd_client_free(deaf);
	manrs_rtrd_client_free(silent);
	ck_assert_uint_eq(manrs_rtrd_ready(rtrd, ready, 3), 0);
	pass(manrs_rtrd_free(rtrd));
}
END_TEST

Suite *rtrd_suite(void)
{
	Suite *s = suite_create("rtrd");

	ADD_TEST(s, one_session, 10);
	ADD_TEST(s, what_each_version_has, 10);
	ADD_TEST(s, no_data_and_cache_reset, 10);
	ADD_TEST(s, wrong_routers, 10);
	ADD_TEST(s, versions, 10);
	ADD_TEST(s, error_reports_end_it, 10);
	ADD_TEST(s, queries_in_a_row, 10);
	ADD_TEST(s, notifies, 10);
	ADD_TEST(s, the_end, 10);
	ADD_TEST(s, stale_data, 10);
	ADD_TEST(s, data_comes_back, 10);
	ADD_TEST(s, no_notify_after_a_cache_reset, 10);
	ADD_TEST(s, a_notify_that_was_not_sent, 10);
	ADD_TEST(s, silent_routers, 10);
	return s;
}
