/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VRP and ASPA files that are lines of text: the lines, which format they are of, and lines of ASPAs.
 *
 *     load_csv.c             ASN,IP Prefix,Max Length,Trust Anchor[,Expires]
 *     load_bird_openbgpd.c   what routing daemons have in their configuration
 *     here                   945 TAB 13213 150369
 *
 * A line that the end of the slice cuts waits in `line`, which is bounded. The first line with content tells the format.
 */

#include "text/load_state.h"

#include "base/cc.h"
#include "base/utf8.h"
#include "net/text.h"
#include "text/lines.h"

#include <assert.h>
#include <string.h>

#define LINE_MAX_BYTES 131072 /* MANRS_PROVIDERS_MAX of ten digits, ", " between */

/* ---- members of an entry, from s[from..to) of a line ---- */

static struct load_place load_text_place(const manrs_load *l, const char *member, const char *s,
					 size_t from, size_t to)
{
	assert(from <= to);
	return (struct load_place){l->text.at + from, l->text.number, member, s + from, to - from};
}

/* Of a member, or with "" of the line. */
static void member_bad(manrs_load *l, const char *member, const char *s, size_t from, size_t to,
		       const char *what)
{
	struct load_place p = load_text_place(l, member, s, from, to);

	load_entry_bad(l, &p, MANRS_ESYNTAX, what);
}

void load_text_bad(manrs_load *l, const char *s, size_t from, size_t to, const char *what)
{
	member_bad(l, "", s, from, to, what);
}

void load_text_start(manrs_load *l, size_t at)
{
	load_entry_start(l, l->text.at + at, l->text.number);
}

static cc_inline void see(manrs_load *l, enum load_field field, const char *s, size_t from,
			  size_t to)
{
	if (l->entry.seen >> field & 1)
		member_bad(l, load_field_name(field), s, from, to, "a member twice");
	l->entry.seen |= 1u << field;
}

bool load_text_is_asn(uint32_t *asn, const char *s, size_t from, size_t to)
{
	manrs_fault fault;

	return from < to && text_asn(asn, s, from, to, &fault) == to;
}

void load_text_asn(manrs_load *l, const char *s, size_t from, size_t to, enum load_field field)
{
	see(l, field, s, from, to);
	if (!load_text_is_asn(field == FIELD_CUSTOMER ? &l->entry.customer : &l->entry.route.asn, s,
			      from, to))
		member_bad(l, load_field_name(field), s, from, to, "not an AS number");
}

void load_text_prefix(manrs_load *l, const char *s, size_t from, size_t to)
{
	struct load_place p = load_text_place(l, "prefix", s, from, to);

	see(l, FIELD_PREFIX, s, from, to);
	load_entry_prefix(l, &p);
}

void load_text_maxlen(manrs_load *l, const char *s, size_t from, size_t to)
{
	manrs_fault fault;

	see(l, FIELD_MAXLEN, s, from, to);
	l->entry.maxlen_at = l->text.at + from;
	if (from == to)
		load_entry_absent(l, FIELD_MAXLEN);
	else if (text_number(&l->entry.maxlen, 999, s, from, to, &fault) != to)
		member_bad(l, "maxLength", s, from, to, "not a maxLength");
}

void load_text_expires(manrs_load *l, const char *s, size_t from, size_t to)
{
	struct load_place p = load_text_place(l, "expires", s, from, to);

	see(l, FIELD_EXPIRES, s, from, to);
	if (from < to && (to - from != 3 || memcmp(s + from, "N/A", 3) != 0))
		load_entry_expires(l, &p);
}

bool load_text_provider(manrs_load *l, const char *s, size_t from, size_t to)
{
	struct load_place p = load_text_place(l, "providers", s, from, to);
	uint32_t asn;

	l->entry.seen |= 1u << FIELD_PROVIDERS;
	if (load_text_is_asn(&asn, s, from, to))
		return load_entry_provider(l, asn);
	load_entry_bad(l, &p, MANRS_ESYNTAX, "a provider is not an AS number");
	return true;
}

static size_t word(const char *s, size_t at, size_t n)
{
	while (at < n && !line_blank(s[at]))
		at++;
	return at;
}

/* ---- ASPA lines ---- */

static bool aspa_line(manrs_load *l, const char *s, size_t n)
{
	const char *comment = memchr(s, '#', n);
	size_t at = 0, end;

	n = comment ? (size_t)(comment - s) : n;
	load_text_start(l, 0);
	end = word(s, at, n);
	load_text_asn(l, s, at, end, FIELD_CUSTOMER);
	for (at = line_blanks(s, end, n); at < n; at = line_blanks(s, end, n)) {
		end = word(s, at, n);
		if (!load_text_provider(l, s, at, end))
			return false;
	}
	return load_entry_end(l, LIST_ASPAS);
}

/* ---- lines ---- */

static bool starts(const char *s, size_t n, const char *with)
{
	size_t len = strlen(with);

	return n >= len && !memcmp(s, with, len);
}

static enum manrs_load_format format_of(manrs_load *l, const char *s, size_t n)
{
	static const char *const bird[] = {"roa ",      "roa\t", "route ", "route\t", "define ",
					   "protocol ", "roa4 ", "roa6 ",  "aspa "};
	uint32_t asn;

	if (starts(s, n, "roa-set") || starts(s, n, "aspa-set"))
		return MANRS_FORMAT_OPENBGPD;
	for (size_t i = 0; i < sizeof bird / sizeof *bird; i++)
		if (starts(s, n, bird[i]))
			return MANRS_FORMAT_BIRD;
	if (load_csv_header(l, s, n) || load_csv_plain(l, s, n))
		return MANRS_FORMAT_CSV;
	return word(s, 0, n) < n && load_text_is_asn(&asn, s, 0, word(s, 0, n))
		       ? MANRS_FORMAT_ASPA_TEXT
		       : MANRS_FORMAT_UNKNOWN;
}

/* Nothing that is read here; what begins as something known is named. */
static bool unknown(manrs_load *l, const char *s, size_t n, int code, const char *what)
{
	const char *foreign =
		l->stats.format == MANRS_FORMAT_UNKNOWN ? manrs_load_foreign(s, n) : NULL;
	struct load_place p = load_text_place(l, "", s, 0, foreign ? 0 : n);

	return load_fail_at(l, &p, foreign ? MANRS_ESYNTAX : code, foreign ? foreign : what);
}

static bool too_long(manrs_load *l, const char *s, size_t n)
{
	return unknown(l, s, n, MANRS_ELIMIT, "a line of more than 131072 bytes");
}

/* The first line with content: what format it is of. Sets whether it is a header. */
static bool first_line(manrs_load *l, const char *s, size_t n, bool *header)
{
	l->stats.format = format_of(l, s, n);
	if (l->stats.format == MANRS_FORMAT_UNKNOWN)
		return unknown(l, s, n, MANRS_ESYNTAX, "not a VRP or ASPA file of a known format");
	if (l->stats.format == MANRS_FORMAT_CSV || l->stats.format == MANRS_FORMAT_ASPA_TEXT)
		load_has(l, l->stats.format == MANRS_FORMAT_CSV ? LIST_ROAS : LIST_ASPAS);
	*header = l->stats.format == MANRS_FORMAT_CSV && l->text.fields != 0;
	if (*header)
		load_field_lacks(l);
	return !*header || load_entry_tell(l);
}

/* A line without its end. */
static bool line(manrs_load *l, const char *s, size_t n)
{
	static bool (*const take[])(manrs_load *, const char *, size_t) = {
		[MANRS_FORMAT_CSV] = load_csv_line,
		[MANRS_FORMAT_OPENBGPD] = load_openbgpd_line,
		[MANRS_FORMAT_BIRD] = load_bird_line,
		[MANRS_FORMAT_ASPA_TEXT] = aspa_line,
	};
	bool header = false;
	size_t skip;

	n = line_without_cr(s, n);
	while (n && line_blank(s[n - 1]))
		n--;
	skip = line_blanks(s, utf8_mark(s, n), n); /* files put together have marks inside */
	if (skip == n || s[skip] == '#')
		return true;
	l->text.at += skip;
	if (l->stats.format == MANRS_FORMAT_UNKNOWN && !first_line(l, s + skip, n - skip, &header))
		return false;
	assert(l->stats.format < sizeof take / sizeof *take && take[l->stats.format]);
	return header || take[l->stats.format](l, s + skip, n - skip);
}

/* Of a line that is too long as much is kept as a line may have, so that what it is does not depend on the slices. */
static bool keep(manrs_load *l, const char *bytes, size_t n)
{
	size_t room = LINE_MAX_BYTES - l->text.line.n, fits = n < room ? n : room;

	assert(l->text.line.n <= LINE_MAX_BYTES);
	if (!vec_reserve(&l->mem, &l->text.line, fits, 1))
		return load_fail(l, MANRS_ENOMEM, l->text.at, l->text.number, "out of memory");
	memcpy((char *)l->text.line.at + l->text.line.n, bytes, fits);
	l->text.line.n += fits;
	return fits == n || too_long(l, l->text.line.at, l->text.line.n);
}

/* The line that ends with these bytes. */
static bool end_line(manrs_load *l, const char *bytes, size_t n)
{
	if (l->text.line.n) {
		if (!keep(l, bytes, n))
			return false;
		bytes = l->text.line.at;
		n = l->text.line.n;
		l->text.line.n = 0;
	} else if (n > LINE_MAX_BYTES) {
		return too_long(l, bytes, LINE_MAX_BYTES);
	}
	return line(l, bytes, n);
}

bool load_text_push(manrs_load *l, const char *bytes, size_t n)
{
	uint64_t offset = l->stats.bytes;
	struct lines cut;

	lines_start(&cut, bytes, 0, n, l->text.number);
	while (lines_next(&cut)) {
		const char *from = bytes + cut.from;
		size_t size = cut.to - cut.from;

		assert(cut.number == l->text.number);
		assert(l->text.line.n == 0 ||
		       cut.from == 0); /* what waits is the start of the first line */
		l->text.at = offset + cut.from - l->text.line.n;
		if (!cut.ended)
			return keep(l, from, size);
		if (!end_line(l, from, size))
			return false;
		l->text.number = cut.number + 1;
	}
	return true;
}

bool load_text_finish(manrs_load *l)
{
	size_t n = l->text.line.n;

	l->text.at = l->stats.bytes - n;
	if (n) {
		struct load_place p = load_text_place(l, "", l->text.line.at, 0, n);

		if (!end_line(l, "", 0))
			return false;
		if (!load_remark(l, &p, "the last line has no end: the file may have been cut"))
			return false;
	}
	return l->stats.format != MANRS_FORMAT_OPENBGPD || load_openbgpd_finish(l);
}
