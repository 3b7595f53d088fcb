/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Routes as text, a line each: PREFIX ASN or PREFIX => ASN, or what the library reads as an announcement (lines of
 * bgpdump, JSON objects), told by content.
 */

#include "cli.h"

#include <stdlib.h>
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

enum line_kind route_of_line(manrs_route *route, uint32_t local_as, const char *text, size_t n,
			     manrs_fault *fault)
{
	const char *start = text;
	const char *hash;
	int rc;

	if (announcement(text, n)) {
		rc = manrs_announce_route(route, local_as, text, n, fault);
		return rc == 1 ? LINE_ROUTE : rc == 0 ? LINE_NOTHING : LINE_BAD;
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
		return LINE_ROUTE;
	fault->at += (uint64_t)(text - start);
	return LINE_BAD;
}

/* ---- batches ---- */

bool route_reader_open(struct route_reader *reader, const char *path, uint32_t local_as)
{
	struct input *in = input_open(path);

	reader->local_as = local_as;
	reader->n = 0;
	reader->total = reader->bad = 0;
	reader->failed = !in;
	lines_open(&reader->lines, in);
	return in;
}

bool route_reader_next(struct route_reader *reader)
{
	manrs_fault fault;
	const char *text;
	size_t n;
	int rc = 0;

	reader->n = 0;
	while (reader->n < BATCH && (rc = lines_next(&reader->lines, &text, &n)) > 0) {
		enum line_kind kind = LINE_BAD;

		fault = (manrs_fault){.what = "the line is too long"};
		if (text)
			kind = route_of_line(&reader->route[reader->n], reader->local_as, text, n,
					     &fault);
		if (kind == LINE_ROUTE) {
			reader->n++;
		} else if (kind == LINE_BAD) {
			reader->bad++;
			complain_text(input_name(reader->lines.in), reader->lines.number, &fault,
				      text, n);
		}
	}
	reader->failed |= rc < 0;
	reader->total += reader->n;
	progress_items(reader->total);
	return reader->n > 0;
}

void route_reader_close(struct route_reader *reader)
{
	lines_close(&reader->lines);
}
