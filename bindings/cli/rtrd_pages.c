/* SPDX-License-Identifier: BSD-2-Clause */
/* The pages of a cache: see rtrd_pages.h. */

#include "rtrd_pages.h"

#include "rtrd_json.h"
#include "rtrd_metrics.h"
#include "validity.h"

#include <string.h>
#include <time.h>

/* Why there is nothing to answer from. */
static void respond_unserved(struct http_request *q, const struct rtrd *d)
{
	http_respond_text(q, HTTP_UNAVAILABLE, rtrd_health_text(d->health));
}

static bool serves(const struct rtrd *d)
{
	return d->db &&
	       (d->health == RTRD_SERVING || d->health == RTRD_HELD || d->health == RTRD_OLD);
}

static void answer_metrics(struct http_request *q, const struct rtrd *d)
{
	struct out out;

	out_memory(&out);
	metrics_write(&out, d, (uint64_t)time(NULL));
	http_respond(q, HTTP_OK, &out, HTTP_METRICS);
}

/* The state, and what is wrong with each source. */
static void answer_health(struct http_request *q, const struct rtrd *d)
{
	bool good = d->health == RTRD_SERVING;
	struct out out;

	out_memory(&out);
	out_text(&out, rtrd_health_text(d->health));
	for (size_t i = 0; i < d->feed.news.n_sources; i++) {
		if (!*d->feed.news.source[i].problem)
			continue;
		out_text(&out, "\n");
		out_text(&out, d->feed.news.source[i].name);
		out_text(&out, ": ");
		out_text(&out, d->feed.news.source[i].problem);
	}
	out_text(&out, "\n");
	http_respond(q, good ? HTTP_OK : HTTP_UNAVAILABLE, &out, HTTP_TEXT);
}

static size_t json_next(void *stream, char *bytes, size_t cap)
{
	return json_stream_next(stream, bytes, cap);
}

static void json_end(void *stream)
{
	json_stream_free(stream);
}

static void answer_json(struct http_request *q, const struct rtrd *d)
{
	if (!serves(d))
		respond_unserved(q, d);
	else
		http_respond_stream(q, "application/json", json_next, json_end,
				    json_stream_new(d->db, d->feed.news.built));
}

static void validity_document(struct out *out, const struct rtrd *d, const manrs_route *route)
{
	struct validity validity = {.out = out, .db = d->db};
	char text[TIME_TEXT];

	out_text(out, "{\"validated_route\":");
	validity_write(&validity, route, manrs_rov_check(d->db, route));
	validity_free(&validity);
	out_text(out, ",\"generatedTime\":");
	out_text(out, d->feed.news.built ? "\"" : "null");
	out_text(out, d->feed.news.built ? time_text(text, d->feed.news.built) : "");
	out_text(out, d->feed.news.built ? "\"}\n" : "}\n");
}

static void answer_validity(struct http_request *q, const struct rtrd *d, const char *asn,
			    size_t n_asn, const char *prefix)
{
	manrs_route route = {0};
	struct out out;

	if (!prefix || !asn || manrs_asn_parse(&route.asn, asn, n_asn, NULL) < 0) {
		http_respond_text(q, HTTP_BAD_REQUEST, "an AS number and a prefix are asked for");
	} else if (manrs_prefix_parse(&route.prefix, prefix, strlen(prefix), NULL) < 0) {
		http_respond_text(q, HTTP_BAD_REQUEST,
				  "no prefix: an address without host bits, and its length");
	} else if (!serves(d)) {
		respond_unserved(q, d);
	} else {
		out_memory(&out);
		validity_document(&out, d, &route);
		http_respond(q, HTTP_OK, &out, "application/json");
	}
}

/* /ASN/PREFIX, what follows the name. */
static void answer_validity_path(struct http_request *q, const struct rtrd *d, const char *path)
{
	const char *slash = strchr(path, '/');

	answer_validity(q, d, slash ? path : NULL, slash ? (size_t)(slash - path) : 0,
			slash ? slash + 1 : NULL);
}

static void answer_validity_query(struct http_request *q, const struct rtrd *d)
{
	const char *asn = http_argument(q, "asn"), *prefix = http_argument(q, "prefix");

	answer_validity(q, d, asn, asn ? strlen(asn) : 0, prefix);
}

void pages_answer(void *arg, struct http_request *q, const char *path)
{
	static const char validity[] = "/api/v1/validity/";
	const struct rtrd *d = arg;

	if (!strcmp(path, "/metrics"))
		answer_metrics(q, d);
	else if (!strcmp(path, "/health"))
		answer_health(q, d);
	else if (!strcmp(path, "/json"))
		answer_json(q, d);
	else if (!strcmp(path, "/validity"))
		answer_validity_query(q, d);
	else if (!strncmp(path, validity, sizeof validity - 1))
		answer_validity_path(q, d, path + sizeof validity - 1);
	else
		http_respond_text(
			q, HTTP_NOT_FOUND,
			"no such page: /metrics, /health, /json, /api/v1/validity/ASN/PREFIX");
}
