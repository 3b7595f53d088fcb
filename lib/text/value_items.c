/* SPDX-License-Identifier: BSD-2-Clause */
/* Items of a value: text[at..end), parted by blanks or commas. Every refusal tells its offset in the whole text. */

#include "text/value_items.h"

#include "base/mem.h"
#include "base/name.h"
#include "net/text.h"
#include "text/lines.h"

#include <assert.h>

int items_refuse(struct items *v, int code, size_t at, const char *what)
{
	return fault_set(v->fault, code, at, what);
}

bool items_blank(char c)
{
	return line_blank(c) || c == '\r' || c == ',';
}

/* The next item, up to a blank or a comma. false: no more. */
bool items_next(struct items *v, size_t *start, size_t *n)
{
	while (v->at < v->end && items_blank(v->text[v->at]))
		v->at++;
	*start = v->at;
	while (v->at < v->end && !items_blank(v->text[v->at]))
		v->at++;
	assert(v->at <= v->end);
	*n = v->at - *start;
	return *n > 0;
}

bool items_is(const struct items *v, size_t start, size_t n, const char *word)
{
	return name_is(v->text + start, n, word);
}

int items_fault(struct items *v, const manrs_fault *inner, size_t start)
{
	return items_refuse(v, inner->code, start + (size_t)inner->at, inner->what);
}

int items_asn(struct items *v, size_t start, size_t n, uint32_t *asn)
{
	manrs_fault inner;

	return manrs_asn_parse(asn, v->text + start, n, &inner) == MANRS_OK
		       ? MANRS_OK
		       : items_fault(v, &inner, start);
}

int items_prefix(struct items *v, size_t start, size_t n, manrs_prefix *prefix)
{
	manrs_fault inner;

	return manrs_prefix_parse(prefix, v->text + start, n, &inner) == MANRS_OK
		       ? MANRS_OK
		       : items_fault(v, &inner, start);
}

/* The only item, as a number up to max. */
int items_number(struct items *v, uint64_t max, uint64_t *number)
{
	manrs_fault inner = {0};
	size_t start, n, more, at;

	if (!items_next(v, &start, &n))
		return items_refuse(v, MANRS_ESYNTAX, v->at, "a number is missing");
	at = text_number(number, max, v->text, start, start + n, &inner);
	if (!at)
		return items_fault(v, &inner, 0);
	if (at < start + n || items_next(v, &more, &n))
		return items_refuse(v, MANRS_ESYNTAX, at, "one number is enough");
	return MANRS_OK;
}
