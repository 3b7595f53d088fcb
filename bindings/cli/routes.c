/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Routes as text, a line each, told by content:
 *
 *     PREFIX ASN            PREFIX => ASN            as the library reads them
 *     TABLE_DUMP2|time|B|peer|peer AS|prefix|path|...         bgpdump -m; in *_AP a path identifier before the path
 *     BGP4MP|time|A|peer|peer AS|prefix|path|...              (W and STATE announce nothing)
 *
 * The origin is RFC 6811 section 2's: the last AS of the path; the peer's own where the path is empty or ends in a
 * confederation segment; NONE (0) where it ends in an AS_SET.
 */

#include "cli.h"

#include <stdlib.h>
#include <string.h>

struct field {
	const char *at;
	size_t n;
};

/* Split text at '|' into at most max fields. */
static size_t split(struct field *fields, size_t max, const char *text, size_t n)
{
	size_t count = 0;

	while (count < max) {
		const char *bar = memchr(text, '|', n);
		size_t len = bar ? (size_t)(bar - text) : n;

		fields[count++] = (struct field){text, len};
		if (!bar)
			break;
		text += len + 1;
		n -= len + 1;
	}
	return count;
}

static enum line_kind bad(manrs_fault *fault, const char *what, const char *text,
			  const struct field *field)
{
	*fault = (manrs_fault){
		.at = (uint64_t)(field->at - text), .what = what, .code = MANRS_ESYNTAX};
	return LINE_BAD;
}

static bool is(const struct field *field, const char *word)
{
	return field->n == strlen(word) && !memcmp(field->at, word, field->n);
}

static int origin(uint32_t *asn, struct field path, const struct field *peer_as)
{
	size_t start;

	while (path.n && path.at[path.n - 1] == ' ')
		path.n--;
	if (path.n && path.at[path.n - 1] == '}') {
		*asn = 0;
		return MANRS_OK;
	}
	if (!path.n || path.at[path.n - 1] == ')' || path.at[path.n - 1] == ']')
		return manrs_asn_parse(asn, peer_as->at, peer_as->n, NULL);
	for (start = path.n; start > 0 && path.at[start - 1] != ' ';)
		start--;
	return manrs_asn_parse(asn, path.at + start, path.n - start, NULL);
}

static enum line_kind bgpdump_line(manrs_route *route, const char *text, size_t n,
				   manrs_fault *fault)
{
	struct field f[8];
	size_t count = split(f, 8, text, n), path;

	if (count < 3)
		return bad(fault, "a bgpdump line has more fields", text, &f[0]);
	if (is(&f[2], "W") || is(&f[2], "STATE"))
		return LINE_NOTHING;
	if (!is(&f[2], "A") && !is(&f[2], "B"))
		return bad(fault, "a bgpdump line is A, B, W or STATE", text, &f[2]);
	path = f[0].n > 3 && !memcmp(f[0].at + f[0].n - 3, "_AP", 3) ? 7 : 6;
	if (count <= path)
		return bad(fault, "a bgpdump line without an AS path", text, &f[0]);
	if (manrs_prefix_parse(&route->prefix, f[5].at, f[5].n, fault) < 0) {
		fault->at += (uint64_t)(f[5].at - text);
		return LINE_BAD;
	}
	if (origin(&route->asn, f[path], &f[4]) < 0)
		return bad(fault, "the AS path ends in no AS number", text, &f[path]);
	return LINE_ROUTE;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

enum line_kind route_of_line(manrs_route *route, const char *text, size_t n, manrs_fault *fault)
{
	const char *start = text;
	const char *hash;

	if (n && memchr(text, '|', n < 24 ? n : 24))
		return bgpdump_line(route, text, n, fault);
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

bool route_reader_open(struct route_reader *reader, const char *path)
{
	struct input *in = input_open(path);

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
			kind = route_of_line(&reader->route[reader->n], text, n, &fault);
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
