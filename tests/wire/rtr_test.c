/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The router's side of RTR, call by call: states, timers, misuse, and what whole sessions do not show. What the cache sends is
 * made by the encoders, whose bytes rtr_pdu_test.c holds against the RFCs; whole sessions are tests/scenario/rtr.
 */

#include "../test.h"

#include "base/bytes.h"
#include "wire/rtr_pdu.h"

#define SESSION 0x1234
#define HOUR    UINT64_C(3600000)

/* ---- the cache ---- */

struct cache {
	manrs_rtr *rtr;
	unsigned version;
	uint64_t now_ms;
	int rc;
};

static void say(struct cache *c, const uint8_t *bytes, size_t n)
{
	c->rc = manrs_rtr_input(c->rtr, bytes, n, c->now_ms, NULL);
}

static void say_head(struct cache *c, unsigned type, unsigned session)
{
	uint8_t out[8];

	say(c, out, rtr_head_encode(out, c->version, type, session, 8));
}

static void say_notify(struct cache *c, uint32_t serial)
{
	uint8_t out[12];

	say(c, out, rtr_serial_encode(out, c->version, RTR_SERIAL_NOTIFY, SESSION, serial));
}

/* " PREFIX AS", or with a max length before it. */
static void say_vrp(struct cache *c, bool announce, const char *text)
{
	char *rest = (char *)text;
	unsigned long maxlen = *text == ' ' ? 0 : strtoul(text, &rest, 10);
	manrs_route vrp = test_route(rest + 1);
	uint8_t out[32];

	if (maxlen)
		vrp.prefix.maxlen = (uint8_t)maxlen;
	say(c, out, rtr_prefix_encode(out, c->version, &vrp, announce));
}

/* n VRPs: 10.0.0.0/24 and the next ones, of AS64500. */
static void say_vrps(struct cache *c, bool announce, unsigned n)
{
	manrs_route vrp = test_route("10.0.0.0/24 AS64500");
	uint8_t out[32];

	for (unsigned i = 0; i < n; i++) {
		vrp.prefix.addr[1] = (uint8_t)(i >> 8);
		vrp.prefix.addr[2] = (uint8_t)i;
		say(c, out, rtr_prefix_encode(out, c->version, &vrp, announce));
	}
}

static void say_aspa(struct cache *c, bool announce, uint32_t customer, uint32_t provider)
{
	const manrs_aspa aspa = {&provider, customer, 1};
	uint8_t out[16];

	say(c, out, rtr_aspa_encode(out, &aspa, announce));
}

static void say_end(struct cache *c, uint32_t serial)
{
	uint8_t out[24];

	rtr_head_encode(out, c->version, RTR_END_OF_DATA, SESSION, c->version ? 24 : 12);
	put32(out + 8, serial);
	put32(out + 12, 3600);
	put32(out + 16, 600);
	put32(out + 20, 7200);
	say(c, out, c->version ? 24 : 12);
}

static void say_error(struct cache *c, unsigned code)
{
	uint8_t out[64];

	say(c, out, rtr_error_encode(out, sizeof out, c->version, code, NULL, 0, "so it is"));
}

/* ---- the host ---- */

static struct cache cache_of(const manrs_rtr_config *config, unsigned version)
{
	struct cache c = {NULL, version, 1000, 0};

	pass(manrs_rtr_new(&c.rtr, config));
	return c;
}

static manrs_rtr_config config_of(unsigned max_version)
{
	manrs_rtr_config config;

	pass(manrs_rtr_config_init(&config, sizeof config));
	config.max_version = (uint8_t)max_version;
	return config;
}

/* It wants a connection now, and gets it. */
static void opens(struct cache *c)
{
	manrs_rtr_tick(c->rtr, c->now_ms);
	ck_assert_int_eq(manrs_rtr_want(c->rtr), MANRS_RTR_WANT_CONNECT);
	manrs_rtr_opened(c->rtr, c->now_ms);
}

/* Time goes on to its deadline, and it wants a connection. */
static void opens_later(struct cache *c)
{
	ck_assert_uint_ne(manrs_rtr_deadline(c->rtr), UINT64_MAX);
	c->now_ms = manrs_rtr_deadline(c->rtr);
	opens(c);
}

static void closes(struct cache *c)
{
	ck_assert_int_eq(manrs_rtr_want(c->rtr), MANRS_RTR_WANT_CLOSE);
	manrs_rtr_closed(c->rtr, c->now_ms);
}

/* What it writes is one query of that version and type. */
static void asks(struct cache *c, unsigned version, unsigned type)
{
	const uint8_t *out;
	size_t n = manrs_rtr_output(c->rtr, &out);

	ck_assert_uint_eq(n, type == RTR_RESET_QUERY ? 8 : 12);
	ck_assert_uint_eq(out[0], version);
	ck_assert_uint_eq(out[1], type);
	manrs_rtr_sent(c->rtr, n);
	ck_assert_uint_eq(manrs_rtr_output(c->rtr, &out), 0);
	ck_assert_ptr_null(out);
}

static void asks_nothing(struct cache *c)
{
	const uint8_t *out;

	ck_assert_uint_eq(manrs_rtr_output(c->rtr, &out), 0);
}

/* What it writes is an Error Report of that code, quoting n bytes, and it wants to close. */
static const uint8_t *reports(struct cache *c, int code, size_t n)
{
	const uint8_t *out;
	size_t n_out = manrs_rtr_output(c->rtr, &out);

	ck_assert_uint_ge(n_out, 16 + n);
	ck_assert_uint_eq(out[1], RTR_ERROR_REPORT);
	ck_assert_int_eq(out[3], code);
	ck_assert_uint_eq((size_t)out[10] << 8 | out[11], n);
	ck_assert_uint_eq((size_t)out[6] << 8 | out[7], n_out);
	ck_assert_int_eq(manrs_rtr_want(c->rtr), MANRS_RTR_WANT_CLOSE);
	return out + 12;
}

static uint32_t flags(const struct cache *c)
{
	manrs_rtr_status status = {.size = sizeof status};

	pass(manrs_rtr_status_get(c->rtr, &status));
	return status.flags;
}

static void waits(struct cache *c, uint32_t what)
{
	manrs_rtr_delta delta;

	ck_assert_int_eq(manrs_rtr_delta_get(c->rtr, &delta), 1);
	ck_assert_uint_eq(delta.flags, what);
}

static void waits_not(struct cache *c)
{
	manrs_rtr_delta delta;
	manrs_rtr_run run;

	ck_assert_int_eq(manrs_rtr_delta_get(c->rtr, &delta), 0);
	ck_assert_int_eq(manrs_rtr_delta_run(c->rtr, 0, &run), 0);
}

static void takes(struct cache *c, uint32_t what, uint64_t records)
{
	waits(c, what);
	pass(manrs_rtr_delta_done(c->rtr, MANRS_OK, 0, 0, records, c->now_ms));
	waits_not(c);
}

/* Connected, with n VRPs applied. */
static void synced(struct cache *c, unsigned n)
{
	opens(c);
	asks(c, c->version, RTR_RESET_QUERY);
	say_head(c, RTR_CACHE_RESPONSE, SESSION);
	say_vrps(c, true, n);
	say_end(c, 1);
	takes(c, MANRS_RTR_WHOLE, n);
	ck_assert_uint_eq(flags(c), MANRS_RTR_CONNECTED | MANRS_RTR_USABLE);
}

/* ---- misuse ---- */

START_TEST(configs_that_are_none)
{
	static const struct {
		size_t at;
		uint32_t value;
		size_t bytes;
	} bad[] = {
		{offsetof(manrs_rtr_config, source), 64, 4},
		{offsetof(manrs_rtr_config, min_version), 3, 1},
		{offsetof(manrs_rtr_config, max_version), 3, 1},
		{offsetof(manrs_rtr_config, guard_percent), 101, 1},
		{offsetof(manrs_rtr_config, zero), 1, 1},
		{offsetof(manrs_rtr_config, flags), 4, 4},
		{offsetof(manrs_rtr_config, refresh_s), 0, 4},
		{offsetof(manrs_rtr_config, refresh_s), 86401, 4},
		{offsetof(manrs_rtr_config, refresh_s), 7200, 4}, /* not below expire */
		{offsetof(manrs_rtr_config, retry_s), 0, 4},
		{offsetof(manrs_rtr_config, retry_s), 7201, 4},
		{offsetof(manrs_rtr_config, expire_s), 599, 4},
		{offsetof(manrs_rtr_config, expire_s), 172801, 4},
		{offsetof(manrs_rtr_config, max_expire_s), 599, 4},
	};
	manrs_rtr *rtr;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		manrs_rtr_config config = config_of(2);
		uint8_t byte = (uint8_t)bad[i].value;

		memcpy((char *)&config + bad[i].at,
		       bad[i].bytes == 1 ? (void *)&byte : (void *)&bad[i].value, bad[i].bytes);
		ck_assert_int_eq(manrs_rtr_new(&rtr, &config), MANRS_EINVAL);
		ck_assert_ptr_null(rtr);
	}
	ck_assert_int_eq(manrs_rtr_config_init(&(manrs_rtr_config){0}, 8), MANRS_EINVAL);
	pass(manrs_rtr_new(&rtr, NULL));
	manrs_rtr_free(rtr);
	manrs_rtr_free(NULL);
}
END_TEST

START_TEST(calls_in_the_wrong_state)
{
	manrs_rtr_config config = config_of(1);
	struct cache c = cache_of(&config, 1);
	manrs_rtr_status status = {.size = 8};

	ck_assert_int_eq(manrs_rtr_delta_done(c.rtr, MANRS_OK, 0, 0, 0, 1000), MANRS_ESTATE);
	ck_assert_int_eq(manrs_rtr_release(c.rtr, 1, 1000), MANRS_ESTATE);
	ck_assert_int_eq(manrs_rtr_status_get(c.rtr, &status), MANRS_EINVAL);
	manrs_rtr_closed(c.rtr, 1000); /* nothing stood */
	manrs_rtr_opened(c.rtr, 1000); /* nothing was wanted */
	ck_assert_int_eq(manrs_rtr_want(c.rtr), MANRS_RTR_WANT_NOTHING);
	asks_nothing(&c);
	say_notify(&c, 5); /* bytes of no connection */
	pass(c.rc);
	asks_nothing(&c);
	manrs_rtr_sent(c.rtr, 100);
	asks_nothing(&c);
	opens(&c);
	asks(&c, 1, RTR_RESET_QUERY);
	say_head(&c, RTR_CACHE_RESPONSE, SESSION);
	say_vrps(&c, true, 1);
	say_end(&c, 1);
	waits(&c, MANRS_RTR_WHOLE);
	ck_assert_int_eq(manrs_rtr_delta_done(c.rtr, MANRS_RTR_ORDERING, 0, 0, 0, 1000),
			 MANRS_EINVAL);
	waits(&c, MANRS_RTR_WHOLE);
	/* a record that is not there: reported without one */
	pass(manrs_rtr_delta_done(c.rtr, MANRS_RTR_DUPLICATE, 7, 7, 0, 1000));
	reports(&c, 7, 0);
	manrs_rtr_free(c.rtr);
}
END_TEST

START_TEST(a_clock_that_goes_back)
{
	manrs_rtr_config config = config_of(1);
	struct cache c = cache_of(&config, 1);

	c.now_ms = 10 * HOUR;
	synced(&c, 1);
	ck_assert_uint_eq(manrs_rtr_deadline(c.rtr), 11 * HOUR);
	manrs_rtr_tick(c.rtr, 5);
	manrs_rtr_refresh(c.rtr, 0, 0);
	asks(&c, 1, RTR_SERIAL_QUERY);
	c.now_ms = 7;
	say_head(&c, RTR_CACHE_RESPONSE, SESSION);
	say_end(&c, 2);
	ck_assert_uint_eq(manrs_rtr_deadline(c.rtr), 11 * HOUR);
	manrs_rtr_free(c.rtr);
}
END_TEST

/* ---- what a response may be bounded by ---- */

START_TEST(one_byte_a_second)
{
	manrs_rtr_config config = config_of(1);
	struct cache c = cache_of(&config, 1);
	uint8_t pdu[20];
	manrs_route vrp = test_route("10.0.0.0/24 AS64500");
	unsigned s = 0;

	opens(&c);
	asks(&c, 1, RTR_RESET_QUERY);
	say_head(&c, RTR_CACHE_RESPONSE, SESSION);
	rtr_prefix_encode(pdu, 1, &vrp, true);
	while (manrs_rtr_want(c.rtr) == MANRS_RTR_WANT_NOTHING && s < 10000) {
		c.now_ms += 1000;
		manrs_rtr_tick(c.rtr, c.now_ms);
		say(&c, pdu + s % 20, 1);
		s++;
	}
	ck_assert_uint_eq(c.now_ms, 1000 + HOUR); /* response_s */
	closes(&c);
	manrs_rtr_free(c.rtr);
}
END_TEST

/* 8210bis section 8: three times Retry without a byte. Version 1 does not have code 10: it only closes. */
START_TEST(a_response_that_stalls)
{
	for (unsigned version = 1; version <= 2; version++) {
		manrs_rtr_config config = config_of(version);
		struct cache c = cache_of(&config, version);

		synced(&c, 1);
		c.now_ms = 2000;
		manrs_rtr_refresh(c.rtr, 0, c.now_ms);
		asks(&c, version, RTR_SERIAL_QUERY);
		say_head(&c, RTR_CACHE_RESPONSE, SESSION);
		ck_assert_uint_eq(manrs_rtr_deadline(c.rtr), 2000 + 1800000);
		manrs_rtr_tick(c.rtr, 1801999);
		ck_assert_int_eq(manrs_rtr_want(c.rtr), MANRS_RTR_WANT_NOTHING);
		c.now_ms = 1802000;
		manrs_rtr_tick(c.rtr, c.now_ms);
		if (version == 2)
			reports(&c, 10, 0);
		else
			asks_nothing(&c);
		ck_assert_uint_eq(flags(&c), MANRS_RTR_USABLE); /* a connection lost, and no more */
		waits_not(&c);
		closes(&c);
		opens_later(&c);
		asks(&c, version, RTR_SERIAL_QUERY);
		manrs_rtr_free(c.rtr);
	}
}
END_TEST

START_TEST(limits)
{
	struct test_alloc a = {0};
	manrs_alloc alloc = test_alloc_of(&a);
	manrs_rtr_config config = config_of(2);
	static const uint8_t huge[8] = {2, 4, 0, 0, 0xff, 0xff, 0xff, 0xff};
	manrs_router_key key = {.asn = 1, .spki_len = 1};
	struct cache c;
	uint8_t out[64];
	size_t before;

	config.alloc = &alloc;
	config.max_keys = 3;
	config.max_vrps = 100;
	c = cache_of(&config, 2);
	opens(&c);
	asks(&c, 2, RTR_RESET_QUERY);
	say_head(&c, RTR_CACHE_RESPONSE, SESSION);
	before = a.live;
	say(&c, huge, 8); /* refused by its head, before anything is allocated for it */
	ck_assert_int_eq(c.rc, MANRS_ESYNTAX);
	ck_assert_uint_eq(a.live, before);
	reports(&c, 0, 8);
	closes(&c);
	for (int kind = 0; kind < 2; kind++) {
		opens_later(&c);
		asks(&c, 2, RTR_RESET_QUERY);
		say_head(&c, RTR_CACHE_RESPONSE, SESSION);
		for (int i = 0; i < 4 && kind == 0; i++)
			say(&c, out, rtr_key_encode(out, 2, &key, true));
		if (kind)
			say_vrps(&c, true, 101);
		ck_assert_int_eq(c.rc, MANRS_ELIMIT);
		reports(&c, 1, kind ? 20 : 33);
		closes(&c);
	}
	manrs_rtr_free(c.rtr);
	ck_assert_uint_eq(a.live, 0);
	config.max_bytes = 40; /* two prefixes */
	c = cache_of(&config, 2);
	opens(&c);
	asks(&c, 2, RTR_RESET_QUERY);
	say_head(&c, RTR_CACHE_RESPONSE, SESSION);
	say_vrps(&c, true, 2);
	pass(c.rc);
	say_vrps(&c, true, 1);
	ck_assert_int_eq(c.rc, MANRS_ELIMIT);
	manrs_rtr_free(c.rtr);
	ck_assert_uint_eq(a.live, 0);
}
END_TEST

/* As many providers as a PDU holds come to the host: what to judge of them is the database's. */
START_TEST(bis_s5_12_an_aspa_of_65532_bytes)
{
	static uint32_t providers[RTR_PROVIDERS];
	static uint8_t out[RTR_PDU_MAX];
	const manrs_aspa aspa = {providers, 7, RTR_PROVIDERS};
	manrs_rtr_config config = config_of(2);
	struct cache c = cache_of(&config, 2);
	manrs_rtr_run run;
	size_t n;

	for (uint32_t i = 0; i < RTR_PROVIDERS; i++)
		providers[i] = 100 + i;
	opens(&c);
	asks(&c, 2, RTR_RESET_QUERY);
	say_head(&c, RTR_CACHE_RESPONSE, SESSION);
	n = rtr_aspa_encode(out, &aspa, true);
	ck_assert_uint_eq(n, 65532);
	say(&c, out, 1000); /* in two pieces: it is kept */
	say(&c, out + 1000, n - 1000);
	say_end(&c, 1);
	pass(c.rc);
	ck_assert_int_eq(manrs_rtr_delta_run(c.rtr, 0, &run), 1);
	ck_assert_uint_eq(run.aspas[0].n, RTR_PROVIDERS);
	ck_assert_uint_eq(run.aspas[0].provider[RTR_PROVIDERS - 1], 100 + RTR_PROVIDERS - 1);
	/* quoted as far as a report goes, with its own length */
	pass(manrs_rtr_delta_done(c.rtr, MANRS_RTR_DUPLICATE, 0, 0, 0, c.now_ms));
	ck_assert_mem_eq(reports(&c, 7, 512), out, 512);
	manrs_rtr_free(c.rtr);
}
END_TEST

/* ---- how often a cache is asked ---- */

START_TEST(a_flood_of_notifies)
{
	manrs_rtr_config config = config_of(1);
	struct cache c = cache_of(&config, 1);
	unsigned queries = 1, in_3_s[4] = {0};
	uint32_t serial = 1;
	const uint8_t *out;

	synced(&c, 1);
	while (c.now_ms < 13000) {
		c.now_ms += 10;
		manrs_rtr_tick(c.rtr, c.now_ms);
		if (manrs_rtr_output(c.rtr, &out)) {
			asks(&c, 1, RTR_SERIAL_QUERY);
			queries++;
			in_3_s[(c.now_ms - 1001) / 3000]++;
			say_head(&c, RTR_CACHE_RESPONSE, SESSION);
			say_end(&c, ++serial);
		}
		say_notify(&c, serial + 1);
		pass(c.rc);
	}
	ck_assert_uint_ge(queries, 12); /* one a second at least */
	for (int i = 0; i < 4; i++)
		ck_assert_uint_le(in_3_s[i] + (i == 0), 10);
	manrs_rtr_free(c.rtr);
}
END_TEST

/* A host that never writes: what is to be written stays bounded, and the connection ends. */
START_TEST(a_host_that_does_not_write)
{
	manrs_rtr_config config = config_of(1);
	struct cache c = cache_of(&config, 1);
	const uint8_t *out;

	synced(&c, 1);
	for (uint32_t serial = 2; serial < 500 && manrs_rtr_want(c.rtr) == 0; serial++) {
		c.now_ms += 2000;
		say_notify(&c, serial);
		say_head(&c, RTR_CACHE_RESPONSE, SESSION);
		say_end(&c, serial);
	}
	closes(&c);
	ck_assert_uint_eq(manrs_rtr_output(c.rtr, &out), 0);
	ck_assert_uint_eq(flags(&c), MANRS_RTR_USABLE);
	manrs_rtr_free(c.rtr);
}
END_TEST

/* ---- versions ---- */

START_TEST(b_silent_closes_go_down_and_come_up)
{
	static const unsigned versions[] = {2, 1, 0, 2, 1};
	manrs_rtr_config config = config_of(2);
	struct cache c = cache_of(&config, 2);

	opens(&c);
	for (size_t i = 0; i < 5; i++) {
		asks(&c, versions[i], RTR_RESET_QUERY);
		c.version = 1;
		if (i == 0)
			say_notify(
				&c,
				1); /* ignored before the version is settled, and says nothing of it */
		manrs_rtr_closed(c.rtr, c.now_ms);
		opens_later(&c);
	}
	asks(&c, 0, RTR_RESET_QUERY);
	manrs_rtr_free(c.rtr);
}
END_TEST

/* Version 1 answers a Serial Query of version 2: no difference between two versions' sets is taken. */
START_TEST(s7_a_lower_answer_to_a_serial_query)
{
	manrs_rtr_config config = config_of(2);
	struct cache c = cache_of(&config, 2);

	synced(&c, 1);
	manrs_rtr_refresh(c.rtr, 0, c.now_ms);
	asks(&c, 2, RTR_SERIAL_QUERY);
	manrs_rtr_closed(c.rtr, c.now_ms);
	opens_later(&c);
	asks(&c, 2, RTR_SERIAL_QUERY);
	c.version = 1;
	say_head(&c, RTR_CACHE_RESPONSE, SESSION);
	pass(c.rc);
	asks_nothing(&c);
	closes(&c);
	ck_assert_uint_eq(flags(&c), MANRS_RTR_USABLE);
	opens_later(&c);
	asks(&c, 1, RTR_RESET_QUERY);
	say_head(&c, RTR_CACHE_RESPONSE, 9);
	manrs_rtr_free(c.rtr);
}
END_TEST

/* After a connection in a lower version: that again, so that differences go on; an hour later the highest is tried. */
START_TEST(s7_the_highest_version_is_tried_again)
{
	manrs_rtr_config config = config_of(2);
	struct cache c = cache_of(&config, 2);

	opens(&c);
	asks(&c, 2, RTR_RESET_QUERY);
	c.version = 1;
	say_head(&c, RTR_CACHE_RESPONSE, SESSION);
	say_end(&c, 1);
	takes(&c, MANRS_RTR_WHOLE, 0);
	manrs_rtr_closed(c.rtr, c.now_ms);
	opens_later(&c);
	asks(&c, 1, RTR_SERIAL_QUERY);
	say_head(&c, RTR_CACHE_RESPONSE, SESSION);
	say_end(&c, 1);
	c.now_ms = 1000 + HOUR;
	manrs_rtr_closed(c.rtr, c.now_ms);
	opens_later(&c);
	asks(&c, 2, RTR_RESET_QUERY);
	manrs_rtr_free(c.rtr);
}
END_TEST

/* ---- serials, order, repeats ---- */

START_TEST(rfc1982_a_difference_that_leads_back)
{
	manrs_rtr_config config = config_of(2);
	struct cache c = cache_of(&config, 2);

	synced(&c, 1);
	manrs_rtr_refresh(c.rtr, 0, c.now_ms);
	asks(&c, 2, RTR_SERIAL_QUERY);
	say_head(&c, RTR_CACHE_RESPONSE, SESSION);
	say_vrps(&c, false, 1);
	say_end(&c, 0);
	waits_not(&c);
	ck_assert_uint_eq(flags(&c), MANRS_RTR_CONNECTED | MANRS_RTR_USABLE);
	asks(&c, 2, RTR_RESET_QUERY);
	say_head(&c, RTR_CACHE_RESPONSE, SESSION);
	say_end(&c, 0);
	takes(&c, MANRS_RTR_WHOLE, 0);
	manrs_rtr_free(c.rtr);
}
END_TEST

static void asked_whole(struct cache *c)
{
	c->now_ms += 60000;
	manrs_rtr_refresh(c->rtr, 1, c->now_ms);
	asks(c, 2, RTR_RESET_QUERY);
	say_head(c, RTR_CACHE_RESPONSE, SESSION);
}

START_TEST(bis_s12_an_aspa_twice_in_one_response)
{
	/* customers as they come; 0 ends them */
	static const struct {
		uint32_t customers[6];
		int repeat; /* which one is quoted; -1: none */
	} rows[] = {
		{{1, 2, 3, 0}, -1}, {{3, 1, 2, 0}, -1},      {{1, 1, 0}, 1},
		{{1, 2, 1, 0}, 2},  {{5, 4, 3, 4, 5, 0}, 3}, {{4294967295, 7, 4294967295, 0}, 2},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		manrs_rtr_config config = config_of(2);
		struct cache c = cache_of(&config, 2);
		const uint32_t *customer = rows[i].customers;

		synced(&c, 1);
		asked_whole(&c);
		for (size_t k = 0; customer[k]; k++) {
			say_vrps(&c, true, k % 2); /* so that there are several runs */
			say_aspa(&c, true, customer[k], 900 + (uint32_t)k);
		}
		say_end(&c, 2);
		if (rows[i].repeat < 0) {
			pass(c.rc);
			waits(&c, MANRS_RTR_WHOLE);
		} else {
			const uint8_t *quoted = reports(&c, 7, 16);

			ck_assert_uint_eq(get32(quoted + 12), 900 + (uint32_t)rows[i].repeat);
			waits(&c, MANRS_RTR_DROP); /* a fatal error of version 2 */
		}
		manrs_rtr_free(c.rtr);
	}
}
END_TEST

/* Withdrawn between: the second announcement is no repeat. */
START_TEST(bis_s12_an_aspa_that_goes_and_comes)
{
	manrs_rtr_config config = config_of(2);
	struct cache c = cache_of(&config, 2);
	manrs_rtr_run run;

	synced(&c, 1);
	manrs_rtr_refresh(c.rtr, 0, c.now_ms);
	asks(&c, 2, RTR_SERIAL_QUERY);
	say_head(&c, RTR_CACHE_RESPONSE, SESSION);
	say_aspa(&c, true, 5, 1);
	say_aspa(&c, false, 5, 1);
	say_aspa(&c, true, 5, 2);
	say_end(&c, 2);
	pass(c.rc);
	ck_assert_int_eq(manrs_rtr_delta_run(c.rtr, 2, &run), 1);
	ck_assert_int_eq(run.op, MANRS_ADD);
	ck_assert_uint_eq(run.aspas[0].provider[0], 2);
	ck_assert_int_eq(manrs_rtr_delta_run(c.rtr, 1, &run), 1);
	ck_assert_int_eq(run.op, MANRS_REMOVE);
	ck_assert_ptr_null(run.aspas[0].provider);
	manrs_rtr_free(c.rtr);
}
END_TEST

/* 8210bis section 11.2: announcements descending by address, max length, length; then withdrawals ascending; a family each. */
START_TEST(bis_s11_order)
{
	static const struct {
		const char *vrps[6]; /* "+ ..." announced, "- ..." withdrawn */
		int wrong;           /* which one; -1: none */
	} rows[] = {
		{{"+ 10.1.0.0/16 AS1", "+ 10.0.0.0/16 AS1", "+ 10.0.0.0/8 AS1", "+ 10.0.0.0/8 AS2",
		  "- 9.0.0.0/8 AS1", "- 11.0.0.0/8 AS1"},
		 -1},
		{{"+ 10.0.0.0/8 AS1", "+ 2001:db8::/32 AS1", "+ 9.0.0.0/8 AS1",
		  "+ 2001:db7::/32 AS1"},
		 -1},
		{{"- 9.0.0.0/8 AS1", "+ 2001:db8::/32 AS1"}, -1},
		{{"+24 10.0.0.0/8 AS1", "+16 10.0.0.0/16 AS1", "+16 10.0.0.0/8 AS1"}, -1},
		{{"+16 10.0.0.0/16 AS1", "+24 10.0.0.0/8 AS1"}, 1},
		{{"+ 9.0.0.0/8 AS1", "+ 10.0.0.0/8 AS1"}, 1},
		{{"+ 10.0.0.0/8 AS1", "+ 10.0.0.0/16 AS1"}, 1}, /* the shorter prefix first */
		{{"- 9.0.0.0/8 AS1", "+ 8.0.0.0/8 AS1"}, 1},    /* break before make */
		{{"+ 8.0.0.0/8 AS1", "- 9.0.0.0/8 AS1", "- 8.0.0.0/8 AS2"}, 2},
		{{"+ 2001:db8::/32 AS1", "+ 2001:db8::/48 AS1"}, 1},
	};

	for (size_t i = 0; i < 2 * sizeof rows / sizeof *rows; i++) {
		bool check = i % 2;
		manrs_rtr_config config = config_of(2);
		struct cache c;
		int at = 0;

		config.flags = check ? MANRS_RTR_CHECK_ORDER : 0;
		c = cache_of(&config, 2);
		synced(&c, 1);
		manrs_rtr_refresh(c.rtr, 0, c.now_ms);
		asks(&c, 2, RTR_SERIAL_QUERY);
		say_head(&c, RTR_CACHE_RESPONSE, SESSION);
		for (; at < 6 && rows[i / 2].vrps[at]; at++) {
			say_vrp(&c, rows[i / 2].vrps[at][0] == '+', rows[i / 2].vrps[at] + 1);
			if (c.rc < 0)
				break;
		}
		if (check && rows[i / 2].wrong >= 0) {
			ck_assert_int_eq(at, rows[i / 2].wrong);
			reports(&c, 11, strchr(rows[i / 2].vrps[at], ':') ? 32 : 20);
		} else {
			pass(c.rc);
		}
		manrs_rtr_free(c.rtr);
	}
}
END_TEST

/* ---- flushes, and what waits meanwhile ---- */

/* The host is at the records of a response when the cache shuts down: they stay, and all goes after them. */
START_TEST(a_flush_while_the_host_has_a_response)
{
	manrs_rtr_config config = config_of(2);
	struct cache c = cache_of(&config, 2);
	manrs_rtr_run run;

	opens(&c);
	asks(&c, 2, RTR_RESET_QUERY);
	say_head(&c, RTR_CACHE_RESPONSE, SESSION);
	say_vrps(&c, true, 100);
	say_end(&c, 1);
	waits(&c, MANRS_RTR_WHOLE);
	ck_assert_int_eq(manrs_rtr_delta_run(c.rtr, 0, &run), 1);
	say_error(&c, MANRS_RTR_CACHE_SHUTDOWN);
	closes(&c);
	c.now_ms += 100 * HOUR; /* and nothing expires */
	manrs_rtr_tick(c.rtr, c.now_ms);
	ck_assert_uint_eq(run.n, 100);
	ck_assert_uint_eq(run.vrps[99].asn, 64500);
	pass(manrs_rtr_delta_done(c.rtr, MANRS_OK, 0, 0, 100, c.now_ms));
	takes(&c, MANRS_RTR_DROP, 0);
	ck_assert_uint_eq(flags(&c), 0);
	manrs_rtr_free(c.rtr);
}
END_TEST

/* What is there expires between a query and its answer: the host hears of it at once, and of the new set after that. */
START_TEST(an_expiry_before_the_answer)
{
	for (int reset = 0; reset < 2; reset++) {
		manrs_rtr_config config = config_of(2);
		struct cache c = cache_of(&config, 2);

		synced(&c, 3);
		c.now_ms = 1000 + 2 * HOUR - 1;
		manrs_rtr_refresh(c.rtr, 1 - reset, c.now_ms);
		asks(&c, 2, reset ? RTR_SERIAL_QUERY : RTR_RESET_QUERY);
		c.now_ms++;
		manrs_rtr_tick(c.rtr, c.now_ms);
		waits(&c, MANRS_RTR_DROP);
		if (reset) {
			say_head(&c, RTR_CACHE_RESET, 0);
			asks(&c, 2, RTR_RESET_QUERY);
		}
		say_head(&c, RTR_CACHE_RESPONSE, SESSION);
		say_vrps(&c, true, 2);
		say_end(&c, 2);
		pass(c.rc);
		waits(&c, MANRS_RTR_DROP);
		pass(manrs_rtr_delta_done(c.rtr, MANRS_OK, 0, 0, 0, c.now_ms));
		takes(&c, MANRS_RTR_WHOLE, 2);
		ck_assert_uint_eq(flags(&c), MANRS_RTR_CONNECTED | MANRS_RTR_USABLE);
		manrs_rtr_free(c.rtr);
	}
}
END_TEST

/* The host finds a response wrong when its connection is gone: nobody is told, and all is asked for. */
START_TEST(a_fault_that_is_found_too_late)
{
	for (unsigned version = 1; version <= 2; version++) {
		manrs_rtr_config config = config_of(version);
		struct cache c = cache_of(&config, version);

		synced(&c, 3);
		manrs_rtr_refresh(c.rtr, 0, c.now_ms);
		asks(&c, version, RTR_SERIAL_QUERY);
		say_head(&c, RTR_CACHE_RESPONSE, SESSION);
		say_vrps(&c, false, 1);
		say_end(&c, 2);
		waits(&c, 0);
		manrs_rtr_closed(c.rtr, c.now_ms);
		opens_later(&c);
		asks_nothing(&c);
		pass(manrs_rtr_delta_done(c.rtr, MANRS_RTR_WITHDRAWAL_OF_UNKNOWN, 0, 0, 0,
					  c.now_ms));
		if (version == 2)
			takes(&c, MANRS_RTR_DROP, 0);
		ck_assert_uint_eq(flags(&c) & MANRS_RTR_USABLE,
				  version == 1 ? MANRS_RTR_USABLE : 0);
		asks(&c, version, RTR_RESET_QUERY);
		manrs_rtr_free(c.rtr);
	}
}
END_TEST

/* In time it is told, with the PDU that was received. */
/* The text that an Error Report carries, and people read. */
static void says(const struct cache *c, const char *text)
{
	manrs_rtr_status s = {.size = sizeof s};

	pass(manrs_rtr_status_get(c->rtr, &s));
	ck_assert_str_eq(s.text, text);
}

/* Codes 6, 7 and 11 are about where a record stands: the text does not say that the record is broken. */
START_TEST(s12_the_text_says_which_rule)
{
	manrs_rtr_config config = config_of(2);

	config.flags = MANRS_RTR_CHECK_ORDER;
	for (unsigned i = 0; i < 3; i++) {
		struct cache c = cache_of(&config, 2);

		opens(&c);
		asks(&c, 2, RTR_RESET_QUERY);
		say_head(&c, RTR_CACHE_RESPONSE, SESSION);
		if (i == 0) {
			say_vrp(&c, false, " 10.0.0.0/8 AS1");
			reports(&c, 6, 20);
			says(&c, "a withdrawal in the answer to a Reset Query: nothing is there");
		} else if (i == 1) {
			say_aspa(&c, true, 1, 2);
			say_aspa(&c, true, 1, 3);
			say_end(&c, 1);
			reports(&c, 7, 16);
			says(&c, "a customer's ASPA twice in one response");
		} else {
			say_vrp(&c, true, " 9.0.0.0/8 AS1");
			say_vrp(&c, true, " 10.0.0.0/8 AS1");
			reports(&c, 11, 20);
			says(&c, "a record out of order");
		}
		manrs_rtr_free(c.rtr);
	}
}
END_TEST

START_TEST(s12_a_withdrawal_of_unknown)
{
	static const uint8_t pdu[] = {1,  4, 0,  0, 0, 0, 0, 20, 0,    24,
				      24, 0, 10, 0, 1, 0, 0, 0,  0xfb, 0xf4};
	manrs_rtr_config config = config_of(1);
	struct cache c = cache_of(&config, 1);

	synced(&c, 3);
	manrs_rtr_refresh(c.rtr, 0, c.now_ms);
	asks(&c, 1, RTR_SERIAL_QUERY);
	say_head(&c, RTR_CACHE_RESPONSE, SESSION);
	say_vrps(&c, false, 2);
	say_end(&c, 2);
	pass(manrs_rtr_delta_done(c.rtr, MANRS_RTR_WITHDRAWAL_OF_UNKNOWN, 0, 1, 0, c.now_ms));
	ck_assert_mem_eq(reports(&c, 6, sizeof pdu), pdu, sizeof pdu);
	ck_assert_uint_eq(flags(&c), MANRS_RTR_USABLE);
	closes(&c);
	opens_later(&c);
	asks(&c, 1, RTR_RESET_QUERY);
	manrs_rtr_free(c.rtr);
}
END_TEST

/* ---- the guard ---- */

/* A cache of 1,000 VRPs, of which a whole response leaves 400: the guard holds it. */
static struct cache held(void)
{
	manrs_rtr_config config = config_of(2);
	struct cache c = cache_of(&config, 2);
	manrs_rtr_status status = {.size = sizeof status};

	synced(&c, 1000);
	asked_whole(&c);
	say_vrps(&c, true, 400);
	say_end(&c, 2);
	waits_not(&c);
	pass(manrs_rtr_status_get(c.rtr, &status));
	ck_assert_uint_eq(status.flags, MANRS_RTR_CONNECTED | MANRS_RTR_USABLE | MANRS_RTR_HELD);
	ck_assert_uint_eq(status.held_added, 400);
	ck_assert_uint_eq(status.serial, 1);
	ck_assert_int_eq(manrs_rtr_delta_done(c.rtr, MANRS_OK, 0, 0, 0, c.now_ms), MANRS_ESTATE);
	return c;
}

START_TEST(guard_exactly_its_share)
{
	for (unsigned left = 499; left <= 500; left++) {
		manrs_rtr_config config = config_of(2);
		struct cache c = cache_of(&config, 2);

		synced(&c, 1000);
		asked_whole(&c);
		say_vrps(&c, true, left);
		say_end(&c, 2);
		ck_assert_uint_eq(flags(&c) & MANRS_RTR_HELD, left == 500 ? 0 : MANRS_RTR_HELD);
		manrs_rtr_free(c.rtr);
	}
}
END_TEST

START_TEST(guard_accepts)
{
	struct cache c = held();

	say_notify(&c, 3); /* asked for when it is done */
	manrs_rtr_refresh(c.rtr, 0, c.now_ms);
	asks_nothing(&c);
	pass(manrs_rtr_release(c.rtr, 1, c.now_ms));
	takes(&c, MANRS_RTR_WHOLE, 400);
	asks(&c, 2, RTR_SERIAL_QUERY);
	manrs_rtr_free(c.rtr);
}
END_TEST

START_TEST(guard_throws_away)
{
	struct cache c = held();

	pass(manrs_rtr_release(c.rtr, 0, c.now_ms));
	waits_not(&c);
	ck_assert_uint_eq(flags(&c), MANRS_RTR_CONNECTED | MANRS_RTR_USABLE);
	ck_assert_uint_eq(manrs_rtr_deadline(c.rtr), c.now_ms + 600000);
	c.now_ms += 600000;
	manrs_rtr_tick(c.rtr, c.now_ms);
	asks(&c, 2, RTR_RESET_QUERY);
	manrs_rtr_free(c.rtr);
}
END_TEST

START_TEST(guard_over_a_lost_connection)
{
	struct cache c = held();

	manrs_rtr_closed(c.rtr, c.now_ms);
	opens_later(&c);
	asks_nothing(&c);
	ck_assert_uint_eq(flags(&c), MANRS_RTR_CONNECTED | MANRS_RTR_USABLE | MANRS_RTR_HELD);
	pass(manrs_rtr_release(c.rtr, 1, c.now_ms));
	takes(&c, MANRS_RTR_WHOLE, 400);
	manrs_rtr_free(c.rtr);
}
END_TEST

/* What it would change expires: it goes too, and the next response is taken, whatever it leaves. */
START_TEST(guard_until_expiry)
{
	struct cache c = held();

	ck_assert_uint_eq(manrs_rtr_deadline(c.rtr), 1000 + 2 * HOUR);
	c.now_ms = 1000 + 2 * HOUR;
	manrs_rtr_tick(c.rtr, c.now_ms);
	ck_assert_uint_eq(flags(&c), MANRS_RTR_CONNECTED);
	ck_assert_int_eq(manrs_rtr_release(c.rtr, 1, c.now_ms), MANRS_ESTATE);
	takes(&c, MANRS_RTR_DROP, 0);
	asks(&c, 2, RTR_RESET_QUERY);
	say_head(&c, RTR_CACHE_RESPONSE, SESSION);
	say_vrps(&c, true, 400);
	say_end(&c, 2);
	takes(&c, MANRS_RTR_WHOLE, 400);
	manrs_rtr_free(c.rtr);
}
END_TEST

/* ---- memory ---- */

/* Error 1 goes out without any, and what is applied stays. */
START_TEST(no_memory)
{
	struct test_alloc a = {0};
	manrs_alloc alloc = test_alloc_of(&a);
	manrs_rtr_config config = config_of(2);
	size_t calls;
	struct cache c;

	config.alloc = &alloc;
	a.fail_at = 1;
	ck_assert_int_eq(manrs_rtr_new(&c.rtr, &config), MANRS_ENOMEM);
	a = (struct test_alloc){0};
	c = cache_of(&config, 2);
	synced(&c, 3);
	for (size_t k = 1;; k++) {
		asked_whole(&c);
		calls = a.calls;
		a.fail_at = calls + k;
		for (unsigned i = 0; i < 20 && c.rc == MANRS_OK; i++)
			say_aspa(&c, true, 40 - i, 1);
		if (c.rc == MANRS_OK)
			say_end(&c, 2);
		a.fail_at = 0;
		if (c.rc == MANRS_OK)
			break;
		ck_assert_int_eq(c.rc, MANRS_ENOMEM);
		manrs_rtr_closed(c.rtr, c.now_ms);
		ck_assert_uint_eq(flags(&c), MANRS_RTR_USABLE);
		c.rc = MANRS_OK;
		opens_later(&c);
		asks(&c, 2, RTR_RESET_QUERY);
		say_head(&c, RTR_CACHE_RESPONSE, SESSION);
		say_end(&c, 1);
		takes(&c, MANRS_RTR_WHOLE, 3);
	}
	takes(&c, MANRS_RTR_WHOLE, 20);
	manrs_rtr_free(c.rtr);
	ck_assert_uint_eq(a.live, 0);
}
END_TEST

Suite *rtr_suite(void)
{
	Suite *s = suite_create("rtr");

	ADD_TEST(s, configs_that_are_none, 10);
	ADD_TEST(s, calls_in_the_wrong_state, 10);
	ADD_TEST(s, a_clock_that_goes_back, 10);
	ADD_TEST(s, one_byte_a_second, 10);
	ADD_TEST(s, a_response_that_stalls, 10);
	ADD_TEST(s, limits, 10);
	ADD_TEST(s, bis_s5_12_an_aspa_of_65532_bytes, 10);
	ADD_TEST(s, a_flood_of_notifies, 10);
	ADD_TEST(s, a_host_that_does_not_write, 10);
	ADD_TEST(s, b_silent_closes_go_down_and_come_up, 10);
	ADD_TEST(s, s7_a_lower_answer_to_a_serial_query, 10);
	ADD_TEST(s, s7_the_highest_version_is_tried_again, 10);
	ADD_TEST(s, rfc1982_a_difference_that_leads_back, 10);
	ADD_TEST(s, bis_s12_an_aspa_twice_in_one_response, 10);
	ADD_TEST(s, bis_s12_an_aspa_that_goes_and_comes, 10);
	ADD_TEST(s, bis_s11_order, 10);
	ADD_TEST(s, a_flush_while_the_host_has_a_response, 10);
	ADD_TEST(s, an_expiry_before_the_answer, 10);
	ADD_TEST(s, a_fault_that_is_found_too_late, 10);
	ADD_TEST(s, s12_the_text_says_which_rule, 10);
	ADD_TEST(s, s12_a_withdrawal_of_unknown, 10);
	ADD_TEST(s, guard_exactly_its_share, 10);
	ADD_TEST(s, guard_accepts, 10);
	ADD_TEST(s, guard_throws_away, 10);
	ADD_TEST(s, guard_over_a_lost_connection, 10);
	ADD_TEST(s, guard_until_expiry, 10);
	ADD_TEST(s, no_memory, 10);
	return s;
}
