/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines of text that tell of updates: the form by the first character, and the prefixes as they are pulled. */

#include "base/utf8.h"
#include "text/lines.h"
#include "text/update_form.h"

#include <string.h>

int manrs_update_line_parse(manrs_update_line *line, uint32_t *asn, uint8_t *kind, size_t cap,
			    const char *text, size_t n, manrs_fault *fault)
{
	size_t start = utf8_mark(text, n), at;
	int rc;

	memset(line, 0, sizeof *line);
	line->text = text;
	line->n_text = n = line_without_cr(text, n);
	at = line_blanks(text, start, n);
	if (at == n || text[at] == '#')
		return 0;
	rc = text[at] == '{' ? update_json_read(line, asn, kind, cap, at, fault)
			     : update_dump_read(line, asn, kind, cap, start, fault);
	if (rc < 0)
		memset(line, 0, sizeof *line);
	return rc;
}

size_t manrs_update_line_announced(const manrs_update_line *line, manrs_cursor *cursor,
				   manrs_announcement *out, uint32_t *path_ids, size_t cap)
{
	const bool dump = line->form == MANRS_UPDATE_BGPDUMP;
	struct update_list list;
	manrs_prefix prefix;
	uint32_t id;
	size_t n = 0;

	if (!line->n_announced || cap == 0)
		return 0;
	if (!dump)
		update_list_open(&list, update_shape_of(line, true), line->text, line->n_text,
				 line->at_announced, cursor, NULL);
	while (n < cap && (dump ? update_dump_next(line, cursor, &prefix, &id)
				: update_list_next(&list, &prefix, &id) > 0)) {
		out[n] = line->announcement;
		out[n].prefix = prefix;
		if (!dump)
			out[n].next_hop = list.next_hop;
		if (path_ids)
			path_ids[n] = id;
		n++;
	}
	return n;
}

size_t manrs_update_line_withdrawn(const manrs_update_line *line, manrs_cursor *cursor,
				   manrs_prefix *out, uint32_t *path_ids, size_t cap)
{
	const bool dump = line->form == MANRS_UPDATE_BGPDUMP;
	struct update_list list;
	uint32_t id;
	size_t n = 0;

	if (!line->n_withdrawn || cap == 0)
		return 0;
	if (!dump)
		update_list_open(&list, update_shape_of(line, false), line->text, line->n_text,
				 line->at_withdrawn, cursor, NULL);
	while (n < cap && (dump ? update_dump_next(line, cursor, &out[n], &id)
				: update_list_next(&list, &out[n], &id) > 0)) {
		if (path_ids)
			path_ids[n] = id;
		n++;
	}
	return n;
}
