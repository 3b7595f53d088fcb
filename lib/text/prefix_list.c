/* SPDX-License-Identifier: BSD-2-Clause */
/* Plain lists of prefixes, one a line, with # comments: Team Cymru's full bogons and their kind. */

#include "base/mem.h"
#include "base/utf8.h"
#include "net/text.h"
#include "text/lines.h"
#include <manrs/prefix.h>

static size_t skip_blanks(const char *text, size_t at, size_t n)
{
	while (at < n && (line_blank(text[at]) || text[at] == '\r'))
		at++;
	return at;
}

int manrs_prefix_list_parse(manrs_prefix *prefix, const char *text, size_t n, manrs_fault *fault)
{
	manrs_fault inner = {0};
	size_t at = skip_blanks(text, utf8_mark(text, n), n);
	manrs_prefix p;

	if (at == n || text[at] == '#')
		return 0;
	at = text_prefix(&p, text, at, n, &inner);
	if (!at) {
		if (fault)
			*fault = inner;
		return inner.code;
	}
	at = skip_blanks(text, at, n);
	if (at < n && text[at] != '#')
		return fault_set(fault, MANRS_ESYNTAX, at, "unexpected text after the prefix");
	*prefix = p;
	return 1;
}
