/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The client engine and a database on bytes that real caches sent (StayRTR 0.5.1, APNIC's demo of version 2), with the sets that
 * were put into those caches as the expectation; and on wrong answers to a Reset Query. What is right for each of those was
 * read in RFC 8210: the section stands beside it.
 */

#include "../test.h"

#include <jansson.h>

/* ---- the host ---- */

struct host {
	manrs_rtr *rtr;
	manrs_db_owner *owner;
	manrs_db *db;
	uint64_t records;
};

static void open_host(struct host *h, unsigned max_version)
{
	manrs_rtr_config config;
	manrs_edit *edit;

	memset(h, 0, sizeof *h);
	pass(manrs_rtr_config_init(&config, sizeof config));
	config.max_version = (uint8_t)max_version;
	pass(manrs_rtr_new(&h->rtr, &config));
	pass(manrs_db_owner_new(&h->owner, NULL));
	pass(manrs_edit_begin(&edit, h->owner, NULL));
	pass(manrs_edit_commit(edit, &h->db));
}

static void close_host(struct host *h)
{
	manrs_rtr_free(h->rtr);
	manrs_db_unref(h->db);
	pass(manrs_db_owner_free(h->owner));
}

static int feed(manrs_edit *edit, const manrs_rtr_run *run, manrs_counts *counts)
{
	if (run->vrps)
		return manrs_edit_vrps(edit, 0, (int)run->op, run->vrps, run->n, counts, NULL);
	if (run->aspas)
		return manrs_edit_aspas(edit, 0, (int)run->op, run->aspas, run->n, counts, NULL);
	return manrs_edit_keys(edit, 0, (int)run->op, run->keys, run->n, counts, NULL);
}

/* The response that waits becomes a snapshot. returns: 0, or what was wrong with its last record */
static int take(struct host *h, const manrs_rtr_delta *delta)
{
	uint64_t records = delta->flags & MANRS_RTR_WHOLE ? 0 : h->records;
	manrs_counts counts;
	manrs_rtr_run run;
	manrs_edit *edit;
	manrs_db *db;
	size_t at;
	int code = 0;

	pass(manrs_edit_begin(&edit, h->owner, h->db));
	if (delta->flags)
		pass(manrs_edit_drop(edit, 0, NULL));
	for (at = 0; !code && manrs_rtr_delta_run(h->rtr, at, &run); at++) {
		pass(feed(edit, &run, &counts));
		ck_assert_uint_eq(counts.refused, 0);
		records += counts.added - counts.removed;
		if (counts.unknown)
			code = MANRS_RTR_WITHDRAWAL_OF_UNKNOWN;
		else if (counts.present && !run.aspas)
			code = MANRS_RTR_DUPLICATE;
	}
	if (code) {
		manrs_edit_abort(edit);
		pass(manrs_rtr_delta_done(h->rtr, code, at - 1, run.n - 1, 0, 0));
		return code;
	}
	pass(manrs_edit_commit(edit, &db));
	manrs_db_unref(h->db);
	h->db = db;
	h->records = records;
	pass(manrs_rtr_delta_done(h->rtr, MANRS_OK, 0, 0, records, 0));
	return 0;
}

/* ---- the recorded sessions ---- */

struct bytes_of_file {
	uint8_t *at;
	size_t n;
};

static struct bytes_of_file slurp(const char *dir, const char *name)
{
	struct bytes_of_file b = {malloc(1 << 20), 0};
	char path[128];
	FILE *f;

	snprintf(path, sizeof path, "rtr/%s/%s", dir, name);
	ck_assert_ptr_nonnull(test_data(path));
	f = fopen(test_data(path), "rb");
	ck_assert_ptr_nonnull(f);
	b.n = fread(b.at, 1, 1 << 20, f);
	fclose(f);
	return b;
}

/* What the engine writes is what was sent to the cache then. */
static void expect_query(struct host *h, const char *dir, const char *name)
{
	struct bytes_of_file want = slurp(dir, name);
	const uint8_t *out;

	ck_assert_uint_eq(manrs_rtr_output(h->rtr, &out), want.n);
	ck_assert_mem_eq(out, want.at, want.n);
	manrs_rtr_sent(h->rtr, want.n);
	free(want.at);
}

static int answer(struct host *h, const char *dir, const char *name, uint64_t now_ms)
{
	struct bytes_of_file b = slurp(dir, name);
	int rc = manrs_rtr_input(h->rtr, b.at, b.n, now_ms, NULL);

	free(b.at);
	return rc;
}

static void connect_to(struct host *h, uint64_t now_ms)
{
	manrs_rtr_tick(h->rtr, now_ms);
	ck_assert_int_eq(manrs_rtr_want(h->rtr), MANRS_RTR_WANT_CONNECT);
	manrs_rtr_opened(h->rtr, now_ms);
}

static void expect_taken(struct host *h, uint32_t flags)
{
	manrs_rtr_delta delta;

	ck_assert_int_eq(manrs_rtr_delta_get(h->rtr, &delta), 1);
	ck_assert_uint_eq(delta.flags, flags);
	ck_assert_int_eq(take(h, &delta), 0);
	ck_assert_int_eq(manrs_rtr_delta_get(h->rtr, &delta), 0);
}

/* The set that the cache had been given: {"roas": [[prefix, max length, asn]], "aspas": [[customer, [provider]]]}. */
static manrs_db *state(manrs_db_owner *owner, const char *dir, const char *name, bool aspas)
{
	struct bytes_of_file b = slurp(dir, name);
	json_t *root = json_loadb((const char *)b.at, b.n, 0, NULL), *row;
	manrs_edit *edit;
	manrs_db *db;
	size_t i, p;

	pass(manrs_edit_begin(&edit, owner, NULL));
	json_array_foreach(json_object_get(root, "roas"), i, row)
	{
		manrs_route vrp = {.prefix =
					   test_prefix(json_string_value(json_array_get(row, 0)))};

		vrp.prefix.maxlen = (uint8_t)json_integer_value(json_array_get(row, 1));
		vrp.asn = (uint32_t)json_integer_value(json_array_get(row, 2));
		pass(manrs_edit_vrps(edit, 0, MANRS_ADD, &vrp, 1, NULL, NULL));
	}
	json_array_foreach(json_object_get(root, "aspas"), i, row)
	{
		const json_t *list = json_array_get(row, 1);
		uint32_t providers[512];
		manrs_aspa aspa = {providers, (uint32_t)json_integer_value(json_array_get(row, 0)),
				   (uint32_t)json_array_size(list)};

		for (p = 0; p < aspa.n; p++)
			providers[p] = (uint32_t)json_integer_value(json_array_get(list, p));
		if (aspas)
			pass(manrs_edit_aspas(edit, 0, MANRS_ADD, &aspa, 1, NULL, NULL));
	}
	pass(manrs_edit_commit(edit, &db));
	json_decref(root);
	free(b.at);
	return db;
}

/* The database has that set, and so many router keys, of which the set says nothing. */
static void expect_state(struct host *h, const char *dir, const char *name, bool aspas,
			 unsigned keys)
{
	manrs_db_stats stats = {.size = sizeof stats};
	manrs_cursor cursor = {{0}};
	manrs_db_owner *owner;
	manrs_change change;
	manrs_db *want;

	pass(manrs_db_owner_new(&owner, NULL));
	want = state(owner, dir, name, aspas);
	while (manrs_db_diff(h->db, want, &cursor, &change, 1))
		ck_assert_uint_eq(change.kind, MANRS_CHANGE_KEY);
	pass(manrs_db_stats_get(h->db, &stats));
	ck_assert_uint_eq(stats.keys, keys);
	manrs_db_unref(want);
	pass(manrs_db_owner_free(owner));
}

static bool data_is_there(void)
{
	if (test_data("rtr/stayrtr-0.5.1/state1.json"))
		return true;
	test_skip("no shared data");
	return false;
}

/* A reset, then a delta; then on an engine of its own a reset of what the delta led to. */
static void session(const char *dir, unsigned version, bool aspas, unsigned keys, bool after)
{
	char name[64];
	struct host h;

	open_host(&h, version);
	connect_to(&h, 1000);
	snprintf(name, sizeof name, "v%u_reset.tx.bin", version);
	expect_query(&h, dir, name);
	snprintf(name, sizeof name, "v%u_reset.rx.bin", version);
	pass(answer(&h, dir, name, 1000));
	expect_taken(&h, MANRS_RTR_WHOLE);
	expect_state(&h, dir, "state1.json", aspas, keys);
	manrs_rtr_refresh(h.rtr, 0, 2000);
	snprintf(name, sizeof name, "v%u_serial_delta.tx.bin", version);
	expect_query(&h, dir, name);
	snprintf(name, sizeof name, "v%u_serial_delta.rx.bin", version);
	pass(answer(&h, dir, name, 2000));
	expect_taken(&h, 0);
	expect_state(&h, dir, "state2.json", aspas, keys);
	close_host(&h);
	if (!after)
		return;
	open_host(&h, version);
	connect_to(&h, 1000);
	snprintf(name, sizeof name, "v%u_reset_after.tx.bin", version);
	expect_query(&h, dir, name);
	snprintf(name, sizeof name, "v%u_reset_after.rx.bin", version);
	pass(answer(&h, dir, name, 1000));
	expect_taken(&h, MANRS_RTR_WHOLE);
	expect_state(&h, dir, "state2.json", aspas, keys);
	close_host(&h);
}

START_TEST(stayrtr_in_three_versions)
{
	if (!data_is_there())
		return;
	session("stayrtr-0.5.1", 0, false, 0, false);
	session("stayrtr-0.5.1", 1, false, 2, true);
	session("stayrtr-0.5.1", 2, false, 2, true);
}
END_TEST

START_TEST(apnic_with_aspas)
{
	if (!data_is_there())
		return;
	session("apnic-rtr-demo-v2-aspa-draft26", 1, false, 0, false);
	session("apnic-rtr-demo-v2-aspa-draft26", 2, true, 0, true);
}
END_TEST

/* Nothing has changed; a serial that it does not have any more: Cache Reset; a session it does not know: Error 0. */
START_TEST(stayrtr_without_a_delta)
{
	static const char dir[] = "stayrtr-0.5.1";
	manrs_rtr_status status = {.size = sizeof status};
	manrs_rtr_delta delta;
	struct host h;

	if (!data_is_there())
		return;
	open_host(&h, 1);
	connect_to(&h, 1000);
	expect_query(&h, dir, "v1_reset.tx.bin");
	pass(answer(&h, dir, "v1_reset.rx.bin", 1000));
	expect_taken(&h, MANRS_RTR_WHOLE);
	manrs_rtr_refresh(h.rtr, 0, 2000);
	expect_query(&h, dir, "v1_serial_uptodate.tx.bin");
	pass(answer(&h, dir, "v1_serial_uptodate.rx.bin", 2000));
	ck_assert_int_eq(manrs_rtr_delta_get(h.rtr, &delta), 0);
	pass(manrs_rtr_status_get(h.rtr, &status));
	ck_assert_uint_eq(status.responses, 2);
	ck_assert_uint_eq(status.last_ms, 2000);
	manrs_rtr_refresh(h.rtr, 0, 3000);
	manrs_rtr_sent(h.rtr, 12);
	pass(answer(&h, dir, "v1_serial_unknown.rx.bin", 3000));
	expect_query(&h, dir, "v1_reset.tx.bin");
	pass(answer(&h, dir, "v1_reset_after.rx.bin", 3000));
	expect_taken(&h, MANRS_RTR_WHOLE);
	expect_state(&h, dir, "state2.json", false, 2);
	manrs_rtr_refresh(h.rtr, 0, 4000);
	manrs_rtr_sent(h.rtr, 12);
	pass(answer(&h, dir, "v1_serial_badsession.rx.bin", 4000));
	ck_assert_int_eq(manrs_rtr_want(h.rtr), MANRS_RTR_WANT_CLOSE);
	ck_assert_int_eq(manrs_rtr_delta_get(h.rtr, &delta), 0);
	pass(manrs_rtr_status_get(h.rtr, &status));
	ck_assert_uint_eq(status.flags, MANRS_RTR_USABLE);
	manrs_rtr_closed(h.rtr, 4000);
	connect_to(&h, 6000);
	expect_query(&h, dir, "v1_reset.tx.bin");
	close_host(&h);
}
END_TEST

/* To a version that it does not have StayRTR answers Error 4 in version 0: it is asked in that. */
START_TEST(stayrtr_unsupported_version)
{
	struct host h;

	if (!data_is_there())
		return;
	open_host(&h, 2);
	connect_to(&h, 1000);
	expect_query(&h, "stayrtr-0.5.1", "v2_reset.tx.bin");
	pass(answer(&h, "stayrtr-0.5.1", "v3_reset_unsupported.rx.bin", 1000));
	expect_query(&h, "stayrtr-0.5.1", "v0_reset.tx.bin");
	close_host(&h);
}
END_TEST

/* A withdrawn draft's ASPA PDU reads as a withdrawal with providers: Corrupt Data, and nothing is taken. */
START_TEST(aspas_of_draft_10_are_refused)
{
	static const char *const streams[] = {"v2_reset.rx.bin", "v2_reset_after.rx.bin"};
	static const uint8_t report[] = {2, 10, 0, 0};
	const uint8_t *out;
	manrs_rtr_delta delta;
	struct host h;

	if (!data_is_there())
		return;
	for (size_t i = 0; i < 2; i++) {
		open_host(&h, 2);
		connect_to(&h, 1000);
		expect_query(&h, "stayrtr-0.5.1-v2-aspa-draft10", "v2_reset.tx.bin");
		ck_assert_int_eq(answer(&h, "stayrtr-0.5.1-v2-aspa-draft10", streams[i], 1000),
				 MANRS_ESYNTAX);
		ck_assert_uint_gt(manrs_rtr_output(h.rtr, &out), 16);
		ck_assert_mem_eq(out, report, sizeof report);
		ck_assert_int_eq(manrs_rtr_want(h.rtr), MANRS_RTR_WANT_CLOSE);
		ck_assert_int_eq(manrs_rtr_delta_get(h.rtr, &delta), 0);
		close_host(&h);
	}
}
END_TEST

/* ---- wrong answers to a Reset Query of version 1 ---- */

#define NONE (-1) /* no Error Report */

/* By the case's number: the code of the one Error Report, whether the connection stays, and how many VRPs are applied. */
static const struct {
	int code;
	bool stays;
	unsigned vrps;
} right[] = {
	{NONE, true, 1},  /* 0: as it should be */
	{0, false, 0},    /* 1: max length 255 (5.6) */
	{0, false, 0},    /* 2: max length below the length (5.6) */
	{0, false, 0},    /* 3: host bits: no rule in version 1; we refuse unless told otherwise */
	{0, false, 0},    /* 4: End of Data of another session (5.1, 5.8) */
	{0, false, 0},    /* 5: End of Data of version 0's length (5.8) */
	{7, false, 0},    /* 6: announced twice (12) */
	{6, false, 0},    /* 7: withdrawn, of all there is (12) */
	{0, false, 0},    /* 8: a prefix of 24 bytes (5.6) */
	{0, false, 0},    /* 9: length 4 (5.1) */
	{0, false, 0},    /* 10: length 2^31 - 1, of which no more comes */
	{5, false, 0},    /* 11: type 99 (12) */
	{0, false, 0},    /* 12: a record before a Cache Response */
	{8, false, 0},    /* 13: version 0 in a session of version 1 (7) */
	{NONE, false, 0}, /* 14: an Error Report whose text passes its end: never answered (5.11) */
	{0, false, 0},    /* 15: IPv6 of length 129 */
	{0, false, 0},    /* 16: a Cache Response in a response */
	{NONE, true, 1},  /* 17: expire below its least (6): the least is used, refresh below it */
	{NONE, true, 1},  /* 18: a Serial Notify in a response (5.2): asked afterwards */
	{0, false, 0},    /* 19: a router key without a key (5.10) */
	{NONE, true, 2},  /* 20: reserved bits of the flags */
	{5, false, 0},    /* 21: an ASPA PDU, which version 1 does not have */
	{NONE, true, 1},  /* 22: refresh 0 (6): our own is used */
	{NONE, true, 0},  /* 23: Error 2: it is asked again after Retry (8.4) */
	{NONE, false, 0}, /* 24: an Error Report is never answered (5.11) */
	{0, false, 0},    /* 25: a Cache Reset to a Reset Query: no loop */
};

/* What is written: an Error Report with that code, which quotes bytes that were received; or none of them. */
static void expect_report(struct host *h, int code, const uint8_t *answer, size_t n)
{
	const uint8_t *out;
	size_t n_out = manrs_rtr_output(h->rtr, &out), quoted;

	if (code == NONE) {
		ck_assert(!n_out || out[1] == 1 || out[1] == 2);
		return;
	}
	ck_assert_uint_ge(n_out, 16);
	ck_assert_uint_eq(out[1], 10);
	ck_assert_int_eq(out[2] << 8 | out[3], code);
	ck_assert_uint_eq((size_t)out[6] << 8 | out[7], n_out); /* it is the only one */
	quoted = (size_t)out[10] << 8 | out[11];
	ck_assert_uint_ge(quoted, 8);
	ck_assert_uint_le(quoted + 16, n_out);
	ck_assert_ptr_nonnull(memmem(answer, n, out + 12, quoted));
}

static unsigned applied(const struct host *h)
{
	manrs_db_stats stats = {.size = sizeof stats};

	pass(manrs_db_stats_get(h->db, &stats));
	return (unsigned)(stats.vrps4 + stats.vrps6 + stats.aspas + stats.keys);
}

/* Fifteen seconds of a cache that answers every query so: how many there are, and never more than 10 in 3 s. */
static void count_queries(struct host *h, const uint8_t *bytes, size_t n)
{
	unsigned queries = 0, in_second[16] = {0};
	manrs_rtr_delta delta;
	const uint8_t *out;

	for (uint64_t now_ms = 0; now_ms < 15000; now_ms += 50) {
		size_t n_out;

		manrs_rtr_tick(h->rtr, now_ms);
		if (manrs_rtr_want(h->rtr) == MANRS_RTR_WANT_CONNECT)
			manrs_rtr_opened(h->rtr, now_ms);
		n_out = manrs_rtr_output(h->rtr, &out);
		while (n_out && (out[1] == 1 || out[1] == 2)) {
			manrs_rtr_sent(h->rtr, out[7]);
			queries++;
			in_second[now_ms / 1000]++;
			manrs_rtr_input(h->rtr, bytes, n, now_ms, NULL);
			if (manrs_rtr_delta_get(h->rtr, &delta))
				take(h, &delta);
			n_out = manrs_rtr_output(h->rtr, &out);
		}
		if (manrs_rtr_want(h->rtr) == MANRS_RTR_WANT_CLOSE)
			manrs_rtr_closed(h->rtr, now_ms);
	}
	ck_assert_uint_ge(queries, 1);
	for (unsigned s = 2; s < 15; s++)
		ck_assert_uint_le(in_second[s - 2] + in_second[s - 1] + in_second[s], 10);
}

static size_t unhex(uint8_t *out, size_t cap, const char *hex)
{
	unsigned byte;
	size_t n = 0;

	while (n < cap && sscanf(hex + 2 * n, "%2x", &byte) == 1)
		out[n++] = (uint8_t)byte;
	return n;
}

static void misbehave(unsigned at, const uint8_t *bytes, size_t n)
{
	manrs_rtr_delta delta;
	const uint8_t *out;
	struct host h;

	open_host(&h, 1);
	connect_to(&h, 1000);
	manrs_rtr_sent(h.rtr, manrs_rtr_output(h.rtr, &out));
	manrs_rtr_input(h.rtr, bytes, n, 1000, NULL);
	if (manrs_rtr_delta_get(h.rtr, &delta))
		take(&h, &delta);
	expect_report(&h, right[at].code, bytes, n);
	ck_assert_uint_eq(applied(&h), right[at].vrps);
	ck_assert_int_eq(manrs_rtr_want(h.rtr),
			 right[at].stays ? MANRS_RTR_WANT_NOTHING : MANRS_RTR_WANT_CLOSE);
	close_host(&h);
	open_host(&h, 1);
	count_queries(&h, bytes, n);
	close_host(&h);
}

START_TEST(misbehaviour)
{
	static char line[4096], hex[2048];
	uint8_t bytes[1024];
	unsigned at, seen = 0;
	FILE *f;

	if (!data_is_there())
		return;
	f = fopen(test_data("rtr/lab-2026-11/misbehaviour.tsv"), "r");
	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof line, f)) {
		if (*line == '#')
			continue;
		ck_assert_int_eq(sscanf(line, "%u\t%*[^\t]\t%2047[0-9a-f]", &at, hex), 2);
		ck_assert_uint_lt(at, sizeof right / sizeof *right);
		misbehave(at, bytes, unhex(bytes, sizeof bytes, hex));
		seen++;
	}
	fclose(f);
	ck_assert_uint_eq(seen, sizeof right / sizeof *right);
}
END_TEST

Suite *rtr_data_suite(void)
{
	Suite *s = suite_create("rtr_data");

	ADD_TEST(s, stayrtr_in_three_versions, 20);
	ADD_TEST(s, apnic_with_aspas, 20);
	ADD_TEST(s, stayrtr_without_a_delta, 20);
	ADD_TEST(s, stayrtr_unsupported_version, 20);
	ADD_TEST(s, aspas_of_draft_10_are_refused, 20);
	ADD_TEST(s, misbehaviour, 20);
	return s;
}
