/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rows of manrs mrt.
 *
 *     TYPE|time|B or A|peer|AS|prefix|[path id|]path|origin|next hop|local pref|MED|communities|AG or NAG|aggregator|
 *     TYPE|time|W|peer|AS|prefix[|path id]
 *     TYPE|time|STATE|peer|AS|old|new
 *
 * These are the fields of bgpdump 1.6.2, but for the empty one that it leaves out in lines of type BGP. Where there is no
 * NEXT_HOP it writes 255.255.255.255, and so do we.
 */

#include "mrt_rows.h"

#include <string.h>

enum { TABLE_DUMP = 12, TABLE_DUMP_V2 = 13, BGP4MP = 16, BGP4MP_ET = 17 }; /* RFC 6396 section 4 */

/* ---- what both kinds of rows share ---- */

/* RFC 8050 section 4: subtypes with path identifiers. */
static bool has_path_ids(const manrs_mrt_record *record)
{
	if (record->type == TABLE_DUMP_V2)
		return record->subtype >= 8 && record->subtype <= 12;
	return record->type >= BGP4MP && record->subtype >= 8 && record->subtype <= 11;
}

static const char *type_name(const manrs_mrt_record *record, bool path_ids)
{
	static const char *const bgp4mp[2][2][2] = {
		{{"BGP4MP", "BGP4MP_AP"}, {"BGP4MP_LOCAL", "BGP4MP_LOCAL_AP"}},
		{{"BGP4MP_ET", "BGP4MP_ET_AP"}, {"BGP4MP_ET_LOCAL", "BGP4MP_ET_LOCAL_AP"}},
	};

	if (record->type == TABLE_DUMP)
		return "TABLE_DUMP";
	if (record->type == TABLE_DUMP_V2)
		return path_ids ? "TABLE_DUMP2_AP" : "TABLE_DUMP2";
	if (record->type < TABLE_DUMP)
		return "BGP";
	return bgp4mp[record->type == BGP4MP_ET][record->local != 0][path_ids];
}

static void put_time(struct out *out, const manrs_mrt_record *record)
{
	uint32_t us = record->time_us;
	char digits[7] = ".";

	out_number(out, record->time_s);
	if (record->type != BGP4MP_ET)
		return;
	for (size_t i = 6; i; i--, us /= 10)
		digits[i] = (char)('0' + us % 10);
	out_bytes(out, digits, sizeof digits);
}

/* Whose session it is: of what a collector sent, who got it. */
static void peer_of(const manrs_mrt_record *record, const manrs_prefix **address, uint32_t *asn)
{
	*address = record->local ? &record->local_address : &record->session.neighbour_address;
	*asn = record->local ? record->local_asn : record->session.neighbour_asn;
}

static const char *const origins[] = {"IGP", "EGP", "INCOMPLETE"};

static const char *origin_of(const manrs_bgp_attrs *attrs)
{
	bool known = attrs && attrs->has & MANRS_BGP_HAS(MANRS_BGP_ORIGIN) && attrs->origin < 2;

	return origins[known ? attrs->origin : 2];
}

/* In place in the output where it is sure to fit, as nearly always. */
static void put_path(struct rows *rows, const manrs_path *path)
{
	static char big[13 * 65536];
	size_t most = 13 * (size_t)path->n + 1;
	bool fits = most <= 4096 && !out_asdot;
	char *to = fits ? out_room(&rows->out, most) : big;
	int n = manrs_path_format(path, to, fits ? most : sizeof big);

	if (n < 0)
		return;
	if (fits)
		out_used(&rows->out, (size_t)n);
	else
		out_path(&rows->out, big, (size_t)n);
}

static uint32_t number_at(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
	       bytes[3];
}

static void put_id(struct out *out, uint32_t id)
{
	for (int shift = 24; shift >= 0; shift -= 8) {
		out_number(out, id >> shift & 255);
		if (shift)
			out_bytes(out, ".", 1);
	}
}

/* RFC 1997 by name, as bgpdump has them. */
static void put_community(struct out *out, uint32_t community)
{
	static const char *const names[] = {"no-export", "no-advertise", "local-AS"};

	if (community >= 0xffffff01 && community <= 0xffffff03) {
		out_text(out, names[community - 0xffffff01]);
		return;
	}
	out_number(out, community >> 16);
	out_bytes(out, ":", 1);
	out_number(out, community & 0xffff);
}

/* ---- lines of bgpdump ---- */

static void line_head(struct rows *rows, const manrs_mrt_record *record, bool path_ids,
		      const char *what, const manrs_prefix *peer, uint32_t asn)
{
	struct out *out = &rows->out;

	out_text(out, type_name(record, path_ids));
	out_bytes(out, "|", 1);
	put_time(out, record);
	out_text(out, what);
	if (peer->family)
		out_address(out, peer);
	else
		out_text(out, "0.0.0.0");
	out_bytes(out, "|", 1);
	out_as_number(out, asn);
	out_bytes(out, "|", 1);
}

static void line_attributes(struct rows *rows, const manrs_bgp_attrs *attrs)
{
	struct out *out = &rows->out;

	for (uint32_t i = 0; i < attrs->n_communities; i++) {
		out_bytes(out, " ", i > 0);
		put_community(out, number_at(attrs->communities + 4 * i));
	}
	out_text(out, attrs->has & MANRS_BGP_HAS(MANRS_BGP_ATOMIC_AGGREGATE) ? "|AG|" : "|NAG|");
	if (attrs->has & MANRS_BGP_HAS(MANRS_BGP_AGGREGATOR)) {
		out_as_number(out, attrs->more->aggregator_asn);
		out_bytes(out, " ", 1);
		put_id(out, attrs->more->aggregator_id);
	}
	out_bytes(out, "|", 1);
}

static void line_announced(struct rows *rows, const manrs_mrt_record *record,
			   const manrs_announcement *a, const manrs_mrt_note *note,
			   const manrs_bgp_attrs *attrs)
{
	bool path_ids = has_path_ids(record) || note->flags & MANRS_MRT_NOTE_PATH_ID;
	const manrs_prefix *peer = record->local ? &record->local_address : &a->neighbour_address;
	struct out *out = &rows->out;

	line_head(rows, record, path_ids, record->kind == MANRS_MRT_RIB ? "|B|" : "|A|", peer,
		  record->local ? record->local_asn : a->neighbour_asn);
	out_prefix(out, &a->prefix);
	out_bytes(out, "|", 1);
	if (path_ids) {
		out_number(out, note->path_id);
		out_bytes(out, "|", 1);
	}
	put_path(rows, &a->path);
	out_bytes(out, "|", 1);
	out_text(out, origin_of(attrs));
	out_bytes(out, "|", 1);
	if (a->next_hop.family)
		out_address(out, &a->next_hop);
	else
		out_text(out, "255.255.255.255");
	out_bytes(out, "|", 1);
	out_number(out, attrs ? attrs->local_pref : 0);
	out_bytes(out, "|", 1);
	out_number(out, attrs ? attrs->med : 0);
	out_bytes(out, "|", 1);
	if (attrs)
		line_attributes(rows, attrs);
	else
		out_text(out, "|NAG||");
}

/* ---- objects ---- */

static void member_address(struct rows *rows, const char *name, const manrs_prefix *address)
{
	if (!address->family)
		return;
	member(rows, name, "");
	out_bytes(&rows->out, "\"", 1);
	out_address(&rows->out, address);
	out_bytes(&rows->out, "\"", 1);
}

static void object_head(struct rows *rows, const manrs_mrt_record *record, bool path_ids,
			const char *kind, const manrs_prefix *peer, uint32_t asn)
{
	member_word(rows, "type", "", type_name(record, path_ids));
	member(rows, "time", "");
	put_time(&rows->out, record);
	member_word(rows, "kind", "", kind);
	member_address(rows, "neighbour_address", peer);
	member_number(rows, "neighbour", "", asn);
}

/* The n numbers of 4 octets of an item with `between` them. */
static void put_numbers(struct out *out, const uint8_t *at, size_t n, const char *between)
{
	for (size_t i = 0; i < n; i++) {
		out_text(out, i ? between : "");
		out_number(out, number_at(at + 4 * i));
	}
}

static void put_item(struct out *out, const uint8_t *at, size_t size)
{
	if (size == 8)
		out_hex(out, at, 8);
	else
		put_numbers(out, at, 3, ":");
}

/* Communities of 8 octets, in hexadecimal, or of 12. */
static void member_items(struct rows *rows, const char *name, const uint8_t *at, size_t n,
			 size_t size)
{
	if (!n)
		return;
	member(rows, name, "");
	for (size_t i = 0; i < n; i++) {
		out_text(&rows->out, i ? "\",\"" : "[\"");
		put_item(&rows->out, at + size * i, size);
	}
	out_text(&rows->out, "\"]");
}

/* Of 4 octets: communities, or the identifiers of clusters. */
static void member_small(struct rows *rows, const char *name, const uint8_t *at, size_t n,
			 void (*put)(struct out *out, uint32_t number))
{
	if (!n)
		return;
	member(rows, name, "");
	for (size_t i = 0; i < n; i++) {
		out_text(&rows->out, i ? "\",\"" : "[\"");
		put(&rows->out, number_at(at + 4 * i));
	}
	out_text(&rows->out, "\"]");
}

static void member_id(struct rows *rows, const char *name, uint32_t id)
{
	member(rows, name, "");
	out_bytes(&rows->out, "\"", 1);
	put_id(&rows->out, id);
	out_bytes(&rows->out, "\"", 1);
}

static void object_numbers(struct rows *rows, const manrs_bgp_attrs *attrs)
{
	const struct {
		uint64_t has;
		const char *name;
		uint32_t number;
	} numbers[] = {
		{MANRS_BGP_HAS(MANRS_BGP_MED), "med", attrs->med},
		{MANRS_BGP_HAS(MANRS_BGP_LOCAL_PREF), "local_pref", attrs->local_pref},
		{MANRS_BGP_HAS(MANRS_BGP_OTC), "otc", attrs->otc},
	};

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (attrs->has & numbers[i].has)
			member_number(rows, numbers[i].name, "", numbers[i].number);
	if (attrs->has & MANRS_BGP_HAS(MANRS_BGP_ATOMIC_AGGREGATE)) {
		member(rows, "atomic_aggregate", "");
		out_text(&rows->out, "true");
	}
	if (attrs->has & MANRS_BGP_HAS(MANRS_BGP_AGGREGATOR)) {
		member_number(rows, "aggregator", "", attrs->more->aggregator_asn);
		member_id(rows, "aggregator_id", attrs->more->aggregator_id);
	}
	if (attrs->has & MANRS_BGP_HAS(MANRS_BGP_ORIGINATOR_ID))
		member_id(rows, "originator_id", attrs->more->originator_id);
}

static void object_fault(struct rows *rows, const manrs_bgp_attrs *attrs)
{
	if (attrs->action <= MANRS_BGP_KEEP)
		return;
	member_word(rows, "error", "", attrs->more->fault.what ? attrs->more->fault.what : "");
	member_number(rows, "error_attribute", "", (uint64_t)attrs->more->fault.code);
	member_word(rows, "action", "", manrs_bgp_action_text((int)attrs->action));
}

static void object_attributes(struct rows *rows, const manrs_bgp_attrs *attrs)
{
	member_address(rows, "next_hop_local", &attrs->more->next_hop_local);
	object_numbers(rows, attrs);
	member_small(rows, "communities", attrs->communities, attrs->n_communities, put_community);
	member_items(rows, "extended_communities", attrs->more->extended, attrs->more->n_extended,
		     8);
	member_items(rows, "large_communities", attrs->more->large, attrs->more->n_large, 12);
	member_small(rows, "cluster_list", attrs->more->clusters, attrs->more->n_clusters, put_id);
	object_fault(rows, attrs);
}

static void object_announced(struct rows *rows, const manrs_mrt_record *record,
			     const manrs_announcement *a, const manrs_mrt_note *note,
			     const manrs_bgp_attrs *attrs)
{
	bool path_ids = has_path_ids(record) || note->flags & MANRS_MRT_NOTE_PATH_ID;
	bool rib = record->kind == MANRS_MRT_RIB;

	object_head(rows, record, path_ids, rib ? "rib" : "announce",
		    record->local ? &record->local_address : &a->neighbour_address,
		    record->local ? record->local_asn : a->neighbour_asn);
	member_prefix(rows, "prefix", "", &a->prefix);
	if (path_ids)
		member_number(rows, "path_id", "", note->path_id);
	if (rib)
		member_number(rows, "originated", "", note->time_s);
	member(rows, "as_path", "");
	out_bytes(&rows->out, "\"", 1);
	put_path(rows, &a->path);
	out_bytes(&rows->out, "\"", 1);
	member_word(rows, "origin", "", origin_of(attrs));
	member_address(rows, "next_hop", &a->next_hop);
	if (attrs)
		object_attributes(rows, attrs);
	if (a->flags & MANRS_ANNOUNCE_MALFORMED) {
		member(rows, "malformed", "");
		out_text(&rows->out, "true");
	}
}

/* ---- rows ---- */

void mrt_row_state(struct mrt_rows *r, const manrs_mrt_record *record)
{
	struct rows *rows = &r->rows;
	const manrs_prefix *peer;
	uint32_t asn;

	if (rows->format == FORMAT_SUMMARY)
		return;
	peer_of(record, &peer, &asn);
	row_start(rows);
	if (in_json(rows)) {
		object_head(rows, record, false, "state", peer, asn);
		member_number(rows, "old_state", "", record->old_state);
		member_number(rows, "new_state", "", record->new_state);
	} else {
		line_head(rows, record, false, "|STATE|", peer, asn);
		out_number(&rows->out, record->old_state);
		out_bytes(&rows->out, "|", 1);
		out_number(&rows->out, record->new_state);
	}
	row_end(rows);
}

void mrt_row_withdrawn(struct mrt_rows *r, const manrs_mrt_record *record,
		       const manrs_prefix *prefix, uint32_t path_id)
{
	struct rows *rows = &r->rows;
	bool path_ids = has_path_ids(record);
	const manrs_prefix *peer;
	uint32_t asn;

	if (rows->format == FORMAT_SUMMARY)
		return;
	peer_of(record, &peer, &asn);
	row_start(rows);
	if (in_json(rows)) {
		object_head(rows, record, path_ids, "withdraw", peer, asn);
		member_prefix(rows, "prefix", "", prefix);
		if (path_ids)
			member_number(rows, "path_id", "", path_id);
	} else {
		line_head(rows, record, path_ids, "|W|", peer, asn);
		out_prefix(&rows->out, prefix);
		out_text(&rows->out, path_ids ? "|" : "");
		if (path_ids)
			out_number(&rows->out, path_id);
	}
	row_end(rows);
}

void mrt_row_announced(struct mrt_rows *r, const manrs_mrt_record *record,
		       const manrs_announcement *a, const manrs_mrt_note *note,
		       const manrs_bgp_attrs *attrs)
{
	struct rows *rows = &r->rows;

	if (rows->format == FORMAT_SUMMARY)
		return;
	row_start(rows);
	if (in_json(rows))
		object_announced(rows, record, a, note, attrs);
	else
		line_announced(rows, record, a, note, attrs);
	row_end(rows);
}

/* ---- the summary ---- */

struct count {
	const char *name, *member;
	uint64_t n;
};

static void put_counts(struct rows *rows, const struct count *counts, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (in_json(rows)) {
			member_number(rows, counts[i].member, "", counts[i].n);
			continue;
		}
		out_text(&rows->out, counts[i].name);
		out_text(&rows->out, ": ");
		out_number(&rows->out, counts[i].n);
		out_text(&rows->out, "\n");
	}
}

static void put_peer(struct rows *rows, const manrs_mrt_peer *peer)
{
	out_text(&rows->out, "peer: ");
	out_address(&rows->out, &peer->address);
	out_text(&rows->out, " ");
	out_asn(&rows->out, peer->asn);
	out_text(&rows->out, "\n");
}

/* An object of the array of peers: rows of its own. */
static void object_peer(struct rows *rows, const manrs_mrt_peer *peer)
{
	unsigned members = rows->members;

	rows->members = 0;
	member_address(rows, "neighbour_address", &peer->address);
	member_number(rows, "neighbour", "", peer->asn);
	out_text(&rows->out, "}");
	rows->members = members;
}

static void put_peers(struct rows *rows, const manrs_mrt *mrt)
{
	bool json = in_json(rows);
	manrs_mrt_peer peer;

	if (json)
		member(rows, "peers", "");
	out_text(&rows->out, json ? "[" : "");
	for (uint32_t i = 0; manrs_mrt_peer_get(mrt, i, &peer) == MANRS_OK; i++) {
		out_text(&rows->out, json && i ? "," : "");
		if (json)
			object_peer(rows, &peer);
		else
			put_peer(rows, &peer);
	}
	out_text(&rows->out, json ? "]" : "");
}

void mrt_summary(struct mrt_rows *r, const manrs_mrt *mrt)
{
	manrs_mrt_stats s = {.size = sizeof s};

	manrs_mrt_stats_get(mrt, &s);
	const struct count counts[] = {
		{"bytes", "bytes", s.bytes},
		{"records", "records", s.records},
		{"peer tables", "peer_tables", s.peers},
		{"RIB records", "rib_records", s.rib},
		{"updates", "updates", s.updates},
		{"states", "states", s.states},
		{"messages", "messages", s.messages},
		{"other", "other", s.other},
		{"bad", "bad", s.bad},
		{"announced", "announced", s.announced},
		{"withdrawn", "withdrawn", s.withdrawn},
		{"malformed", "malformed", s.malformed},
		{"bytes skipped", "bytes_skipped", s.skipped},
	};

	if (r->json)
		r->rows.format = FORMAT_JSONL;
	if (r->json)
		row_start(&r->rows);
	put_counts(&r->rows, counts, sizeof counts / sizeof *counts);
	put_peers(&r->rows, mrt);
	if (r->json)
		row_end(&r->rows);
}
