/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Routes as text, a line each: PREFIX ASN or PREFIX => ASN, or what the library reads as an announcement (lines of
 * bgpdump, JSON objects), told by content; and the announcements of MRT archives.
 */

#include "routes.h"

#include "mrt_read.h"

#include <string.h>

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

/* An object, or a bar behind the type of a line of bgpdump, which no comment holds. */
static bool announcement(const char *text, size_t n)
{
	size_t at = 0;
	const char *bar;

	while (at < n && blank(text[at]))
		at++;
	if (at < n && text[at] == '{')
		return true;
	bar = memchr(text, '|', n < 24 ? n : 24);
	return bar && !memchr(text, '#', (size_t)(bar - text));
}

enum line_kind route_of_line(manrs_route *route, uint32_t local_as, const struct line *line,
			     manrs_fault *fault)
{
	const char *text = line->text, *hash;
	size_t n = line->n;

	if (announcement(text, n)) {
		int rc = manrs_announce_route(route, local_as, text, n, fault);

		return rc == 1 ? LINE_TAKEN : rc == 0 ? LINE_NOTHING : LINE_BAD;
	}
	hash = memchr(text, '#', n);
	if (hash)
		n = (size_t)(hash - text);
	while (n && blank(*text)) {
		text++;
		n--;
	}
	while (n && blank(text[n - 1]))
		n--;
	if (!n)
		return LINE_NOTHING;
	if (manrs_route_parse(route, text, n, fault) == MANRS_OK)
		return LINE_TAKEN;
	fault->at += (uint64_t)(text - line->text);
	return LINE_BAD;
}

/* ---- batches ---- */

static void flush(void *arg)
{
	struct routes *routes = arg;

	routes->take(routes->arg, routes->route, routes->n);
	routes->n = 0;
}

static enum line_kind take(void *arg, const struct line *line, manrs_fault *fault)
{
	struct routes *routes = arg;
	enum line_kind kind;

	kind = route_of_line(&routes->route[routes->n], routes->local_as, line, fault);
	routes->n += kind == LINE_TAKEN;
	if (routes->n == BATCH)
		flush(routes);
	return kind;
}

static void take_batch(void *arg, const struct mrt_batch *batch)
{
	struct routes *routes = arg;

	for (size_t i = 0; i < batch->n; i++) {
		const manrs_announcement *a = &batch->at[i];
		manrs_route *route = &routes->route[routes->n];

		if (a->flags & MANRS_ANNOUNCE_MALFORMED) {
			routes->bad++;
			continue;
		}
		*route = (manrs_route){.prefix = a->prefix};
		manrs_path_origin(&a->path, routes->local_as, &route->asn);
		if (++routes->n == BATCH)
			flush(routes);
	}
	flush(routes);
}

static bool archive_each(struct routes *routes, struct input *in)
{
	struct mrt_read read = {.take = take_batch, .arg = routes, .out = routes->out};
	bool whole = mrt_each(&read, in);

	if (routes->bad)
		complain_at(read.name, 0, "%llu announcements are malformed",
			    (unsigned long long)routes->bad);
	routes->bad += read.bad + read.lost;
	return whole;
}

bool routes_each(struct routes *routes, struct input *in)
{
	struct lines lines = {.rule = take, .arg = routes, .out = routes->out, .idle = flush};
	bool whole;

	if (in && input_is_mrt(in))
		return archive_each(routes, in);
	whole = lines_each(&lines, in);
	flush(routes);
	routes->bad = lines.bad;
	return whole;
}
