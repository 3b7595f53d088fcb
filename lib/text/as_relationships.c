/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CAIDA's AS relationships as text: serial-1 `provider|customer|-1` and `peer|peer|0`; serial-2 adds a field that names
 * the source. Comments begin with #.
 */

#include "base/mem.h"
#include "base/utf8.h"
#include "net/text.h"
#include "text/lines.h"
#include <manrs/leak.h>

static int give(manrs_fault *fault, const manrs_fault *inner)
{
	if (fault)
		*fault = *inner;
	return inner->code;
}

static size_t read_asn(uint32_t *asn, const char *text, size_t at, size_t n, manrs_fault *fault)
{
	uint64_t number;

	at = text_number(&number, UINT32_MAX, text, at, n, fault);
	if (!at)
		return 0;
	if (at == n || text[at] != '|') {
		fault_set(fault, MANRS_ESYNTAX, at, "a bar is missing");
		return 0;
	}
	*asn = (uint32_t)number;
	return at + 1;
}

int manrs_rel_parse(manrs_as_rel *row, const char *text, size_t n, manrs_fault *fault)
{
	manrs_fault inner = {0};
	manrs_as_rel r = {0};
	size_t at = utf8_mark(text, n);

	n = line_without_cr(text, n);
	if (n == at || text[at] == '#')
		return 0;
	at = read_asn(&r.a, text, at, n, &inner);
	if (at)
		at = read_asn(&r.b, text, at, n, &inner);
	if (!at)
		return give(fault, &inner);
	if (n - at >= 2 && text[at] == '-' && text[at + 1] == '1')
		r.kind = MANRS_REL_CUSTOMER;
	else if (n - at >= 1 && text[at] == '0')
		r.kind = MANRS_REL_PEER;
	else
		return fault_set(fault, MANRS_ESYNTAX, at, "a relationship is -1 or 0");
	at += r.kind == MANRS_REL_CUSTOMER ? 2 : 1;
	if (at < n && text[at] != '|')
		return fault_set(fault, MANRS_ESYNTAX, at,
				 "unexpected text after the relationship");
	if (r.a == 0 || r.b == 0 || r.a == r.b)
		return fault_set(fault, MANRS_EINVAL, 0, "not two ASes");
	*row = r;
	return 1;
}
