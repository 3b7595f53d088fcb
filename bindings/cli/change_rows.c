/* SPDX-License-Identifier: BSD-2-Clause */
/* Changes as rows. The first columns of CSV and the members of a VRP are those of manrs diff. */

#include "change_rows.h"

#include <manrs/db_delta.h>

void changes_head(struct rows *rows)
{
	rows_head(rows, "change,prefix,maxlen,asn,providers,ski,key\n", "{\"changes\":[\n");
}

void changes_foot(struct rows *rows)
{
	rows_foot(rows, "]}\n");
}

static void sign(struct out *out, bool added)
{
	out_text(out, added ? "+ " : "- ");
}

static void change_member(struct rows *rows, bool added)
{
	member_word(rows, "change", "", added ? "added" : "removed");
}

/* ---- VRPs ---- */

void change_vrp_plain(struct out *out, bool added, const manrs_route *vrp)
{
	sign(out, added);
	out_prefix(out, &vrp->prefix);
	out_text(out, " max ");
	out_number(out, vrp->prefix.maxlen);
	out_text(out, " ");
	out_asn(out, vrp->asn);
}

void change_vrp_members(struct rows *rows, bool added, const manrs_route *vrp)
{
	change_member(rows, added);
	member_prefix(rows, "prefix", "", &vrp->prefix);
	member_number(rows, "maxlen", "", vrp->prefix.maxlen);
	member_as_number(rows, "asn", "", vrp->asn);
}

static void vrp_row(struct rows *rows, bool added, const manrs_route *vrp)
{
	if (rows->format == FORMAT_PLAIN) {
		change_vrp_plain(&rows->out, added, vrp);
		return;
	}
	change_vrp_members(rows, added, vrp);
	if (rows->format == FORMAT_CSV)
		out_text(&rows->out, ",,,");
}

/* ---- ASPAs ---- */

static void providers(struct out *out, const manrs_aspa *aspa, const char *gap)
{
	for (uint32_t i = 0; i < aspa->n; i++) {
		out_text(out, i ? gap : "");
		out_as_number(out, aspa->provider[i]);
	}
}

static void aspa_plain(struct out *out, bool added, const manrs_aspa *aspa)
{
	sign(out, added);
	out_text(out, "aspa ");
	out_asn(out, aspa->customer);
	out_text(out, " providers");
	for (uint32_t i = 0; i < aspa->n; i++) {
		out_text(out, " ");
		out_asn(out, aspa->provider[i]);
	}
}

static void aspa_row(struct rows *rows, bool added, const manrs_aspa *aspa)
{
	if (rows->format == FORMAT_PLAIN) {
		aspa_plain(&rows->out, added, aspa);
		return;
	}
	change_member(rows, added);
	if (rows->format == FORMAT_CSV) {
		out_text(&rows->out, ",,");
		member_as_number(rows, "customer", "", aspa->customer);
		out_text(&rows->out, ",");
		providers(&rows->out, aspa, " ");
		out_text(&rows->out, ",,");
		return;
	}
	member_as_number(rows, "customer", "", aspa->customer);
	member(rows, "providers", "");
	out_text(&rows->out, "[");
	providers(&rows->out, aspa, ",");
	out_text(&rows->out, "]");
}

/* ---- router keys ---- */

static void key_row(struct rows *rows, bool added, const manrs_router_key *key)
{
	const char *quote = in_json(rows) ? "\"" : "";

	if (rows->format == FORMAT_PLAIN) {
		sign(&rows->out, added);
		out_text(&rows->out, "key ");
		out_asn(&rows->out, key->asn);
		out_text(&rows->out, " ");
		out_hex(&rows->out, key->ski, sizeof key->ski);
		return;
	}
	change_member(rows, added);
	if (rows->format == FORMAT_CSV)
		out_text(&rows->out, ",,");
	member_as_number(rows, "asn", "", key->asn);
	if (rows->format == FORMAT_CSV)
		out_text(&rows->out, ",");
	member(rows, "ski", "");
	out_text(&rows->out, quote);
	out_hex(&rows->out, key->ski, sizeof key->ski);
	out_text(&rows->out, quote);
	member(rows, "key", "");
	out_text(&rows->out, quote);
	out_base64(&rows->out, key->spki, key->spki_len, false);
	out_text(&rows->out, quote);
}

/* ---- all ---- */

static uint32_t list_of(uint32_t kind)
{
	return kind == MANRS_CHANGE_ASPA  ? MANRS_LOAD_ASPAS
	       : kind == MANRS_CHANGE_KEY ? MANRS_LOAD_KEYS
					  : MANRS_LOAD_VRPS;
}

static void change_row(struct rows *rows, const manrs_delta *d)
{
	bool added = d->op == MANRS_ADD;

	row_start(rows);
	if (d->kind == MANRS_CHANGE_ASPA)
		aspa_row(rows, added, &d->aspa);
	else if (d->kind == MANRS_CHANGE_KEY)
		key_row(rows, added, d->key);
	else
		vrp_row(rows, added, &d->vrp);
	row_end(rows);
}

uint64_t changes_write(struct rows *rows, const manrs_db *from, const manrs_db *to, uint32_t kinds)
{
	manrs_cursor cursor = {0};
	manrs_delta d[256];
	uint64_t written = 0;
	size_t n;

	do {
		n = manrs_db_delta(from, to, &cursor, d, 256);
		for (size_t i = 0; i < n; i++) {
			if (!(kinds & list_of(d[i].kind)))
				continue;
			change_row(rows, &d[i]);
			written++;
		}
	} while (n == 256);
	return written;
}
