/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A line of bgpdump that tells of an update: what announces is announce.c's, the rest, withdrawals and states, is read here.
 */

#include "base/utf8.h"
#include "text/dump_line.h"
#include "text/update_form.h"

#include <string.h>

uint64_t update_micros(const char *text, size_t n)
{
	uint64_t us = 0, unit = 1000000;
	bool fraction = false;

	for (size_t i = 0; i < n; i++) {
		unsigned digit = (unsigned)(text[i] - '0');

		if (text[i] == '.' && !fraction && i > 0)
			fraction = true;
		else if (digit > 9 || us > UINT64_MAX / 100)
			return 0;
		else if (fraction)
			us += digit * (unit /= 10);
		else
			us = us * 10 + digit * unit;
	}
	return us;
}

int update_moved(int rc, uint64_t at, manrs_fault *fault)
{
	if (rc < 0 && fault)
		fault->at += at;
	return rc;
}

static int dump_address(manrs_prefix *out, const char *text, struct dump_field f,
			manrs_fault *fault)
{
	return update_moved(manrs_address_parse(out, text + f.at, f.n, fault), f.at, fault);
}

static int dump_number(uint32_t *out, const char *text, struct dump_field f, manrs_fault *fault)
{
	return update_moved(manrs_asn_parse(out, text + f.at, f.n, fault), f.at, fault);
}

/* The prefix of a line and its path identifier. */
static int dump_route(manrs_prefix *prefix, uint32_t *id, const struct dump_line *d,
		      const char *text, manrs_fault *fault)
{
	struct dump_field f = d->field[DUMP_PREFIX];
	int rc = update_moved(manrs_prefix_parse(prefix, text + f.at, f.n, fault), f.at, fault);

	*id = 0;
	if (rc == MANRS_OK && d->path_id)
		rc = dump_number(id, text, d->field[DUMP_PATH_ID], fault);
	return rc;
}

/* Who it is from, of a withdrawal and a state. */
static int dump_peer(manrs_announcement *a, const struct dump_line *d, const char *text,
		     manrs_fault *fault)
{
	int rc = dump_address(&a->neighbour_address, text, d->field[DUMP_PEER], fault);

	if (rc == MANRS_OK)
		rc = dump_number(&a->neighbour_asn, text, d->field[DUMP_ASN], fault);
	a->flags = a->neighbour_asn ? 0 : MANRS_ANNOUNCE_ANY_NEIGHBOUR;
	return rc;
}

/* A session is up in state 6, Established (RFC 4271 section 8.2.2); MRT's are 1 to 6, Quagga's up to 8. */
static int dump_state(manrs_update_line *line, const struct dump_line *d, const char *text,
		      manrs_fault *fault)
{
	uint32_t state;
	int rc = dump_number(&state, text, d->field[DUMP_NEW_STATE], fault);

	line->what = state == 6 ? MANRS_UPDATE_UP : MANRS_UPDATE_DOWN;
	return rc;
}

int update_dump_read(manrs_update_line *line, uint32_t *asn, uint8_t *kind, size_t cap,
		     size_t start, manrs_fault *fault)
{
	const char *text = line->text;
	struct dump_line d;
	manrs_prefix prefix;
	uint32_t id;
	int what = dump_split(&d, text, start, line->n_text, fault), rc;

	if (what < 0)
		return what;
	if (what != DUMP_ROUTE && d.count < 6)
		return fault_set(fault, MANRS_ESYNTAX, line->n_text, "the line of bgpdump is cut");
	line->form = MANRS_UPDATE_BGPDUMP;
	line->time_us = update_micros(text + d.field[DUMP_TIME].at, d.field[DUMP_TIME].n);
	if (what == DUMP_ROUTE)
		rc = manrs_announce_parse(&line->announcement, asn, kind, cap, text, line->n_text,
					  fault);
	else
		rc = dump_peer(&line->announcement, &d, text, fault);
	if (rc >= 0)
		rc = what == DUMP_STATE ? dump_state(line, &d, text, fault)
					: dump_route(&prefix, &id, &d, text, fault);
	if (rc < 0)
		return rc;
	if (what != DUMP_STATE)
		line->what = MANRS_UPDATE_ROUTES;
	line->n_announced = what == DUMP_ROUTE;
	line->n_withdrawn = what == DUMP_WITHDRAWAL;
	if (d.local)
		line->n_announced = line->n_withdrawn = line->what = MANRS_UPDATE_NOTHING;
	memset(&line->announcement.prefix, 0, sizeof line->announcement.prefix);
	return line->what != MANRS_UPDATE_NOTHING;
}

bool update_dump_next(const manrs_update_line *line, manrs_cursor *cursor, manrs_prefix *prefix,
		      uint32_t *id)
{
	struct dump_line d;

	if (cursor->state[0])
		return false;
	cursor->state[0] = 1;
	return dump_split(&d, line->text, utf8_mark(line->text, line->n_text), line->n_text, NULL) >
		       0 &&
	       dump_route(prefix, id, &d, line->text, NULL) == MANRS_OK;
}
