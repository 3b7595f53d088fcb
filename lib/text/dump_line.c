/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines of bgpdump, parted into their fields: all the readers of such lines share. */

#include "text/dump_line.h"

#include "base/mem.h"
#include "base/name.h"

#include <assert.h>
#include <string.h>

static size_t split(struct dump_field *fields, const char *text, size_t start, size_t n)
{
	size_t count = 0;

	while (count < DUMP_FIELDS) {
		const char *bar = memchr(text + start, '|', n - start);
		size_t end = bar ? (size_t)(bar - text) : n;

		assert(start <= end && end <= n);
		fields[count++] = (struct dump_field){start, end - start};
		if (!bar)
			break;
		start = end + 1;
	}
	return count;
}

static bool is(const char *text, struct dump_field f, const char *word)
{
	return name_is(text + f.at, f.n, word);
}

/* Take a word off the end of a field. */
static bool cut_off(const char *text, struct dump_field *f, const char *word)
{
	size_t n = strlen(word);

	if (f->n <= n || memcmp(text + f->at + f->n - n, word, n) != 0)
		return false;
	f->n -= n;
	return true;
}

/* A route has its fields up to the next hop, of -M up to the origin attribute, which is a whole word then. */
static int whole(const struct dump_line *l, const char *text, size_t n, manrs_fault *fault)
{
	struct dump_field time = l->field[DUMP_TIME], origin = l->field[DUMP_ORIGIN + l->path_id];
	bool brief = memchr(text + time.at, '/', time.n) != NULL;

	if (l->count < (brief ? 8u : 9u) + l->path_id)
		return fault_set(fault, MANRS_ESYNTAX, n, "the line of bgpdump is cut");
	if (brief && !is(text, origin, "IGP") && !is(text, origin, "EGP") &&
	    !is(text, origin, "INCOMPLETE"))
		return fault_set(fault, MANRS_ESYNTAX, origin.at, "the line of bgpdump is cut");
	return DUMP_ROUTE;
}

int dump_split(struct dump_line *l, const char *text, size_t start, size_t n, manrs_fault *fault)
{
	struct dump_field type, kind;
	bool rib, update;

	memset(l->field, 0, sizeof l->field);
	l->count = split(l->field, text, start, n);
	if (l->count < 3)
		return fault_set(fault, MANRS_ESYNTAX, start,
				 "neither a line of bgpdump -m nor a JSON object");
	type = l->field[DUMP_TYPE];
	kind = l->field[DUMP_KIND];
	l->path_id = cut_off(text, &type, "_AP");
	l->local = cut_off(text, &type, "_LOCAL");
	rib = is(text, type, "TABLE_DUMP2") || is(text, type, "TABLE_DUMP");
	update = is(text, type, "BGP4MP") || is(text, type, "BGP4MP_ET") || is(text, type, "BGP");
	if (!update && (!rib || l->local))
		return fault_set(fault, MANRS_ESYNTAX, start, "no type of a line of bgpdump");
	if (update && is(text, kind, "W"))
		return DUMP_WITHDRAWAL;
	if (update && is(text, kind, "STATE"))
		return DUMP_STATE;
	if (!is(text, kind, rib ? "B" : "A"))
		return fault_set(fault, MANRS_ESYNTAX, kind.at, "no kind of a line of bgpdump");
	return whole(l, text, n, fault);
}
