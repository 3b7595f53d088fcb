/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VRP and ASPA files that are lines of text: the lines, which format they are of, CSV and ASPA lines.
 *
 *     csv        ASN,IP Prefix,Max Length,Trust Anchor[,Expires]        AS13335,1.0.0.0/24,24,apnic[,1753453058]
 *     csvcompat  the same, every field in quotes
 *     csvext     URI,ASN,IP Prefix,Max Length,Not Before,Not After
 *     aspa       945 TAB 13213 150369
 *
 * A line that the end of the slice cuts waits in `line`, which is bounded. The first line with content tells the format.
 * A CSV header names its columns, in any order; a file without one has those of csv. Fields are RFC 4180's, except that
 * none goes over several lines.
 */

#include "text/load_state.h"

#include "base/cc.h"
#include "net/text.h"
#include "text/text_values.h"

#include <string.h>

#define LINE_MAX_BYTES 131072 /* MANRS_PROVIDERS_MAX of ten digits, ", " between */

/* ---- members of an entry, from s[from..to) of a line ---- */

struct load_place load_text_place(const manrs_load *l, const char *member, const char *s,
				  size_t from, size_t to)
{
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

static void see(manrs_load *l, enum load_field field, const char *s, size_t from, size_t to)
{
	if (l->entry.seen >> field & 1)
		member_bad(l, load_field_name(field), s, from, to, "a member twice");
	l->entry.seen |= 1u << field;
}

static bool read_asn(uint32_t *asn, const char *s, size_t from, size_t to)
{
	manrs_fault fault;

	return from < to && text_asn(asn, s, from, to, &fault) == to;
}

void load_text_asn(manrs_load *l, const char *s, size_t from, size_t to, enum load_field field)
{
	see(l, field, s, from, to);
	if (!read_asn(field == FIELD_CUSTOMER ? &l->entry.customer : &l->entry.route.asn, s, from,
		      to))
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
	if (read_asn(&asn, s, from, to))
		return load_entry_provider(l, asn);
	load_entry_bad(l, &p, MANRS_ESYNTAX, "a provider is not an AS number");
	return true;
}

/* ---- lines of words ---- */

static size_t blanks(const char *s, size_t at, size_t n)
{
	while (at < n && (s[at] == ' ' || s[at] == '\t'))
		at++;
	return at;
}

static size_t word(const char *s, size_t at, size_t n)
{
	while (at < n && s[at] != ' ' && s[at] != '\t')
		at++;
	return at;
}

/* ---- CSV ---- */

struct csv_field {
	size_t from, to; /* without quotes and the blanks around */
	size_t next;	 /* where the next field starts */
	bool last;
};

/* From behind the opening quote to the closing one. */
static size_t csv_quoted(const char *s, size_t at, size_t n)
{
	while (at < n && (s[at] != '"' || (at + 1 < n && s[at + 1] == '"')))
		at += s[at] == '"' ? 2 : 1;
	return at;
}

/* The field that starts at `at`. False: quotes that RFC 4180 does not know. Blanks around a field are none of it. */
static bool csv_field(struct csv_field *f, const char *s, size_t at, size_t n)
{
	bool quoted;

	f->from = at = blanks(s, at, n);
	quoted = at < n && s[at] == '"';
	if (quoted) {
		f->from++;
		f->to = csv_quoted(s, at + 1, n);
		at = f->to == n ? n : blanks(s, f->to + 1, n);
	} else {
		while (at < n && s[at] != ',' && s[at] != '"')
			at++;
		for (f->to = at; f->to > f->from && blanks(s, f->to - 1, f->to) == f->to;)
			f->to--;
	}
	f->last = at == n;
	f->next = at + 1;
	return at == n ? !quoted || f->to < n : s[at] == ',';
}

/* A column by its name, in which blanks do not count either; of one that is not known the near miss is noted. */
static enum load_field column_of(manrs_load *l, const char *name, size_t n)
{
	enum load_field column;
	char plain[32];
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		if (name[i] == ' ')
			continue;
		if (used == sizeof plain)
			return FIELD_OTHER;
		plain[used++] = name[i];
	}
	column = load_field_known(plain, used);
	if (column == FIELD_OTHER)
		load_field_skip(l, LIST_ROAS, plain, used);
	return column;
}

/* Another name for a column that is there: of what only comes along the first counts; else it is no header. */
static bool column_again(enum load_field *column, uint32_t found)
{
	if (!(found >> *column & 1))
		return true;
	if (*column != FIELD_TA && *column != FIELD_EXPIRES)
		return *column == FIELD_OTHER;
	*column = FIELD_OTHER;
	return true;
}

/* Learn the columns from a first line. Returns whether it is a header. */
static bool csv_header(manrs_load *l, const char *s, size_t n)
{
	struct csv_field f = {0};
	uint32_t fields = 0, found = 0;

	load_text_start(l, 0);
	for (size_t at = 0; fields < sizeof l->text.column; at = f.next) {
		enum load_field column;

		if (!csv_field(&f, s, at, n))
			return false;
		column = column_of(l, s + f.from, f.to - f.from);
		if (!column_again(&column, found))
			return false;
		found |= 1u << column;
		l->text.column[fields++] = (uint8_t)column;
		if (f.last)
			break;
	}
	l->text.fields = fields;
	l->entry.seen = found;
	return f.last && found >> FIELD_ASN & 1 && found >> FIELD_PREFIX & 1;
}

static bool is_prefix(const char *s, const struct csv_field *f)
{
	manrs_prefix p;

	return memchr(s + f->from, '/', f->to - f->from) ||
	       manrs_address_parse(&p, s + f->from, f->to - f->from, NULL) == MANRS_OK;
}

/* Whether a first line without a header begins with an AS number and a prefix. */
static bool csv_plain(manrs_load *l, const char *s, size_t n)
{
	static const uint8_t column[] = {FIELD_ASN, FIELD_PREFIX, FIELD_MAXLEN, FIELD_TA,
					 FIELD_EXPIRES};
	struct csv_field f;
	uint32_t asn;

	if (!csv_field(&f, s, 0, n) || f.last || !read_asn(&asn, s, f.from, f.to))
		return false;
	if (!csv_field(&f, s, f.next, n) || !is_prefix(s, &f))
		return false;
	l->text.fields = 0;
	memcpy(l->text.column, column, sizeof column);
	return true;
}

static void csv_member(manrs_load *l, const char *s, const struct csv_field *f, uint8_t column)
{
	switch (column) {
	case FIELD_ASN:
		load_text_asn(l, s, f->from, f->to, FIELD_ASN);
		break;
	case FIELD_PREFIX:
		load_text_prefix(l, s, f->from, f->to);
		break;
	case FIELD_MAXLEN:
		load_text_maxlen(l, s, f->from, f->to);
		break;
	case FIELD_TA:
		l->entry.ta = load_ta_index(l, s + f->from, f->to - f->from);
		break;
	case FIELD_EXPIRES:
		load_text_expires(l, s, f->from, f->to);
		break;
	default:
		break;
	}
}

static bool csv_line(manrs_load *l, const char *s, size_t n)
{
	uint32_t fields = l->text.fields ? l->text.fields : 5, i = 0;
	struct csv_field f = {0};

	load_text_start(l, 0);
	for (size_t at = 0;; at = f.next) {
		if (!csv_field(&f, s, at, n)) {
			load_text_bad(l, s, at, n, "quotes out of place");
			break;
		}
		if (i == fields) {
			load_text_bad(l, s, f.from, n, "a field too many");
			break;
		}
		csv_member(l, s, &f, l->text.column[i++]);
		if (f.last)
			break;
	}
	if (l->text.fields && i < fields)
		load_text_bad(l, s, 0, n, "a field is missing");
	return !l->fault.code && load_entry_end(l, LIST_ROAS);
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
	for (at = blanks(s, end, n); at < n; at = blanks(s, end, n)) {
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
	static const char *const bird[] = {"roa ",	"roa\t", "route ", "route\t", "define ",
					   "protocol ", "roa4 ", "roa6 ",  "aspa "};
	uint32_t asn;

	if (starts(s, n, "roa-set") || starts(s, n, "aspa-set"))
		return MANRS_FORMAT_OPENBGPD;
	for (size_t i = 0; i < sizeof bird / sizeof *bird; i++)
		if (starts(s, n, bird[i]))
			return MANRS_FORMAT_BIRD;
	if (csv_header(l, s, n) || csv_plain(l, s, n))
		return MANRS_FORMAT_CSV;
	return word(s, 0, n) < n && read_asn(&asn, s, 0, word(s, 0, n)) ? MANRS_FORMAT_ASPA_TEXT
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
		[MANRS_FORMAT_CSV] = csv_line,
		[MANRS_FORMAT_OPENBGPD] = load_openbgpd_line,
		[MANRS_FORMAT_BIRD] = load_bird_line,
		[MANRS_FORMAT_ASPA_TEXT] = aspa_line,
	};
	bool header = false;
	size_t skip;

	if (n && s[n - 1] == '\r')
		n--;
	while (n && (s[n - 1] == ' ' || s[n - 1] == '\t'))
		n--;
	skip = n >= 3 && !memcmp(s, "\xef\xbb\xbf", 3)
		       ? 3
		       : 0; /* files put together have marks inside */
	skip = blanks(s, skip, n);
	if (skip == n || s[skip] == '#')
		return true;
	l->text.at += skip;
	if (l->stats.format == MANRS_FORMAT_UNKNOWN && !first_line(l, s + skip, n - skip, &header))
		return false;
	return header || take[l->stats.format](l, s + skip, n - skip);
}

/* Of a line that is too long as much is kept as a line may have, so that what it is does not depend on the slices. */
static bool keep(manrs_load *l, const char *bytes, size_t n)
{
	size_t room = LINE_MAX_BYTES - l->text.line.n, fits = n < room ? n : room;

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
	size_t at = 0;

	while (at < n) {
		const char *end = memchr(bytes + at, '\n', n - at);
		size_t size = end ? (size_t)(end - bytes) - at : n - at;

		l->text.at = offset + at - l->text.line.n;
		if (!end)
			return keep(l, bytes + at, size);
		if (!end_line(l, bytes + at, size))
			return false;
		at += size + 1;
		l->text.number++;
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
