/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VRPs in CSV. The forms have the names that Routinator gives them.
 *
 *     csv        ASN,IP Prefix,Max Length,Trust Anchor[,Expires]        AS13335,1.0.0.0/24,24,apnic[,1753453058]
 *     csvcompat  the same, every field in quotes
 *     csvext     URI,ASN,IP Prefix,Max Length,Not Before,Not After
 *
 * A header names the columns, in any order; a file without one has those of csv. Fields are RFC 4180's, except that none
 * goes over several lines.
 */

#include "text/load_state.h"

#include "text/lines.h"

#include <assert.h>
#include <string.h>

struct csv_field {
	size_t from, to; /* without quotes and the blanks around */
	size_t next;     /* where the next field starts */
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

	f->from = at = line_blanks(s, at, n);
	quoted = at < n && s[at] == '"';
	if (quoted) {
		f->from++;
		f->to = csv_quoted(s, at + 1, n);
		at = f->to == n ? n : line_blanks(s, f->to + 1, n);
	} else {
		while (at < n && s[at] != ',' && s[at] != '"')
			at++;
		for (f->to = at; f->to > f->from && line_blank(s[f->to - 1]);)
			f->to--;
	}
	assert(f->from <= f->to && f->to <= n && at <= n);
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
bool load_csv_header(manrs_load *l, const char *s, size_t n)
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
	assert(fields <= sizeof l->text.column);
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
bool load_csv_plain(manrs_load *l, const char *s, size_t n)
{
	static const uint8_t column[] = {FIELD_ASN, FIELD_PREFIX, FIELD_MAXLEN, FIELD_TA,
					 FIELD_EXPIRES};
	struct csv_field f;
	uint32_t asn;

	if (!csv_field(&f, s, 0, n) || f.last || !load_text_is_asn(&asn, s, f.from, f.to))
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

bool load_csv_line(manrs_load *l, const char *s, size_t n)
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
		assert(i < sizeof l->text.column);
		csv_member(l, s, &f, l->text.column[i++]);
		if (f.last)
			break;
	}
	if (l->text.fields && i < fields)
		load_text_bad(l, s, 0, n, "a field is missing");
	return !l->fault.code && load_entry_end(l, LIST_ROAS);
}
