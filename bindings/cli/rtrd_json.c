/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rpki-client's JSON: metadata, roas, bgpsec_keys, aspas. A step writes what a few hundred records are into a buffer, from which
 * the caller takes; the next step waits until it is empty. ASPAs come in the order of the database, each customer once.
 */

#include "rtrd_json.h"

#include "expiry.h"

#include <stdlib.h>
#include <string.h>

enum { STEP = 512 };

enum part { PART_HEAD, PART_ROAS, PART_KEYS, PART_ASPAS, PART_END };

struct json_stream {
	const manrs_db *db;
	uint64_t built;
	enum part part;
	manrs_cursor cursor;
	bool any;          /* a record of this part was written */
	uint32_t customer; /* whose list of providers is open; 0: none */
	struct out out;
	size_t at; /* out.buf[at..out.n) is to be taken */
	manrs_route routes[STEP];
	manrs_aspa_pair pairs[STEP];
};

struct json_stream *json_stream_new(const manrs_db *db, uint64_t built)
{
	struct json_stream *s = must_resize(NULL, 1, sizeof *s);

	memset(s, 0, sizeof *s);
	manrs_db_ref(db);
	s->db = db;
	s->built = built;
	out_memory(&s->out);
	return s;
}

void json_stream_free(struct json_stream *s)
{
	manrs_db_unref(s->db);
	free(s->out.buf);
	free(s);
}

/* ---- the parts: each returns whether there may be more of it ---- */

static bool head(struct json_stream *s)
{
	manrs_db_stats stats = {.size = sizeof stats};
	char text[TIME_TEXT];

	manrs_db_stats_get(s->db, &stats);
	out_text(&s->out, "{\n\t\"metadata\": {\n");
	if (s->built) {
		out_text(&s->out, "\t\t\"buildtime\": \"");
		out_text(&s->out, time_text(text, s->built));
		out_text(&s->out, "\",\n");
	}
	out_text(&s->out, "\t\t\"vrps\": ");
	out_number(&s->out, stats.vrps4 + stats.vrps6);
	out_text(&s->out, ",\n\t\t\"bgpsec_pubkeys\": ");
	out_number(&s->out, stats.keys);
	out_text(&s->out, ",\n\t\t\"aspas\": ");
	out_number(&s->out, stats.aspas);
	out_text(&s->out, "\n\t},\n\n\t\"roas\": [\n");
	return false;
}

static void next_record(struct json_stream *s)
{
	out_text(&s->out, s->any ? ",\n\t\t{ " : "\t\t{ ");
	s->any = true;
}

static bool roas(struct json_stream *s)
{
	size_t n = manrs_db_vrps(s->db, &s->cursor, s->routes, STEP);

	for (size_t i = 0; i < n; i++) {
		next_record(s);
		out_text(&s->out, "\"asn\": ");
		out_number(&s->out, s->routes[i].asn);
		out_text(&s->out, ", \"prefix\": \"");
		out_prefix(&s->out, &s->routes[i].prefix);
		out_text(&s->out, "\", \"maxLength\": ");
		out_number(&s->out, s->routes[i].prefix.maxlen);
		out_text(&s->out, ", \"ta\": \"N/A\" }");
	}
	if (n < STEP)
		out_text(&s->out, "\n\t],\n\n\t\"bgpsec_keys\": [\n");
	return n == STEP;
}

static bool keys(struct json_stream *s)
{
	manrs_router_key key;

	if (manrs_db_keys(s->db, &s->cursor, &key, 1) != 1) {
		out_text(&s->out, "\n\t],\n\n\t\"aspas\": [\n");
		return false;
	}
	next_record(s);
	out_text(&s->out, "\"asn\": ");
	out_number(&s->out, key.asn);
	out_text(&s->out, ", \"ski\": \"");
	out_hex(&s->out, key.ski, sizeof key.ski);
	out_text(&s->out, "\", \"pubkey\": \"");
	out_base64(&s->out, key.spki, key.spki_len, false);
	out_text(&s->out, "\", \"ta\": \"N/A\" }");
	return true;
}

static bool aspas(struct json_stream *s)
{
	size_t n = manrs_db_aspas(s->db, &s->cursor, s->pairs, STEP);

	for (size_t i = 0; i < n; i++) {
		bool same = s->pairs[i].customer == s->customer;

		if (!same) {
			out_text(&s->out, s->customer ? "] }" : "");
			next_record(s);
			out_text(&s->out, "\"customer_asid\": ");
			out_number(&s->out, s->pairs[i].customer);
			out_text(&s->out, ", \"providers\": [");
		}
		out_text(&s->out, same ? ", " : "");
		out_number(&s->out, s->pairs[i].provider);
		s->customer = s->pairs[i].customer;
	}
	if (n < STEP) {
		out_text(&s->out, s->customer ? "] }" : "");
		out_text(&s->out, "\n\t]\n}\n");
	}
	return n == STEP;
}

static void step(struct json_stream *s)
{
	static bool (*const parts[])(struct json_stream * s) = {
		[PART_HEAD] = head, [PART_ROAS] = roas, [PART_KEYS] = keys, [PART_ASPAS] = aspas};

	if (parts[s->part](s))
		return;
	s->part++;
	s->cursor = (manrs_cursor){0};
	s->any = false;
}

size_t json_stream_next(struct json_stream *s, char *bytes, size_t cap)
{
	size_t n = 0;

	while (n < cap) {
		size_t part = s->out.n - s->at;

		if (!part && s->part == PART_END)
			break;
		if (!part) {
			s->at = s->out.n = 0;
			step(s);
			continue;
		}
		if (part > cap - n)
			part = cap - n;
		memcpy(bytes + n, s->out.buf + s->at, part);
		s->at += part;
		n += part;
	}
	return n;
}
