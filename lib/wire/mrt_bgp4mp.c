/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages and states of sessions: BGP4MP, and the old type 5.
 *
 *     BGP4MP   AS(2, 4) AS(2, 4) interface(2) AFI(2) address(4, 16) address | message, with its header
 *                                                                           | old(2) new(2) state
 *     type 5   AS(2) address(4) AS(2) address(4) | message, without a header
 *              AS(2) address(4)                  | old(2) new(2) state
 *
 * The peer is named first, the collector behind it. In *_LOCAL subtypes the collector sent the message: there the two change
 * places, so that the session is always that of who sent it.
 *
 * source: RFC 6396 section 4.4 and appendix B.2; RFC 8050 section 3
 */

#include "wire/mrt_reader.h"

enum subtype {
	STATE_CHANGE = 0,
	MESSAGE = 1,
	ENTRY = 2, /* of OpenBGPD's table-mp, and 3, SNAPSHOT: never of any use */
	SNAPSHOT = 3,
	MESSAGE_AS4 = 4,
	STATE_CHANGE_AS4 = 5,
	MESSAGE_LOCAL = 6,
	MESSAGE_AS4_LOCAL = 7,
	MESSAGE_ADDPATH = 8,
	MESSAGE_AS4_ADDPATH = 9,
	MESSAGE_LOCAL_ADDPATH = 10,
	MESSAGE_AS4_LOCAL_ADDPATH = 11,
	SUBTYPES,
};

/* What a subtype is. */
static const struct form {
	bool known, state, as4, local, ids;
} forms[SUBTYPES] = {
	[STATE_CHANGE] = {.known = true, .state = true},
	[STATE_CHANGE_AS4] = {.known = true, .state = true, .as4 = true},
	[MESSAGE] = {.known = true},
	[MESSAGE_AS4] = {.known = true, .as4 = true},
	[MESSAGE_LOCAL] = {.known = true, .local = true},
	[MESSAGE_AS4_LOCAL] = {.known = true, .as4 = true, .local = true},
	[MESSAGE_ADDPATH] = {.known = true, .ids = true},
	[MESSAGE_AS4_ADDPATH] = {.known = true, .as4 = true, .ids = true},
	[MESSAGE_LOCAL_ADDPATH] = {.known = true, .local = true, .ids = true},
	[MESSAGE_AS4_LOCAL_ADDPATH] = {.known = true, .as4 = true, .local = true, .ids = true},
};

static int too_short(manrs_mrt *mrt, const struct bytes *in)
{
	return mrt_bad(mrt, MANRS_ESYNTAX, bytes_at(in), "the record is too short");
}

static int nothing_left(manrs_mrt *mrt, const struct bytes *in)
{
	if (in->bad)
		return too_short(mrt, in);
	if (bytes_left(in))
		return mrt_bad(mrt, MANRS_ESYNTAX, bytes_at(in),
			       "bytes behind what the record holds");
	return MANRS_OK;
}

static uint32_t get_asn(struct bytes *in, bool as4)
{
	return as4 ? bytes_get32(in) : bytes_get16(in);
}

/* ---- states and messages ---- */

/* 1 to 6 are RFC 4271's; 7 and 8 Quagga's Clearing and Deleted. */
static int read_states(manrs_mrt *mrt, struct bytes *in)
{
	manrs_mrt_record *r = &mrt->record;

	r->old_state = (uint16_t)bytes_get16(in);
	r->new_state = (uint16_t)bytes_get16(in);
	r->kind = MANRS_MRT_STATE;
	return nothing_left(mrt, in);
}

/* A message that was read is an UPDATE or not. */
static int take_message(manrs_mrt *mrt, size_t at)
{
	manrs_mrt_record *r = &mrt->record;
	int rc;

	if (r->message.type != MANRS_BGP_UPDATE) {
		r->kind = MANRS_MRT_MESSAGE;
		return MANRS_OK;
	}
	rc = manrs_bgp_update_decode(&r->update, mrt->store, &r->session, &r->message);
	if (rc != MANRS_OK)
		return mrt_store_said(mrt, rc, at);
	r->kind = MANRS_MRT_UPDATE;
	return MANRS_OK;
}

static int read_message(manrs_mrt *mrt, struct bytes *in)
{
	manrs_mrt_record *r = &mrt->record;
	size_t at = bytes_at(in), need;
	manrs_fault fault;
	int rc;

	if (in->bad)
		return too_short(mrt, in);
	rc = manrs_bgp_decode(&r->message, &r->session, in->from + at, bytes_left(in), &need,
			      &fault);
	if (rc < 0)
		return mrt_bad(mrt, rc, at + (size_t)fault.at, fault.what);
	if (rc == 0)
		return mrt_bad(mrt, MANRS_ESYNTAX, bytes_at(in), "the message is cut short");
	bytes_skip(in, (size_t)rc);
	rc = nothing_left(mrt, in);
	return rc == MANRS_OK ? take_message(mrt, at) : rc;
}

/* ---- BGP4MP ---- */

/*
 * Two ends of a session. Zebra left out interface and addresses where it had no session yet: what stands in their place are the
 * states, or the marker of an OPEN (bgpdump's note on such files of 2000).
 */
static int read_ends(manrs_mrt *mrt, struct bytes *in, const struct form *form)
{
	manrs_mrt_record *r = &mrt->record;
	struct bytes ahead;
	unsigned interface, afi;

	r->session.neighbour_asn = get_asn(in, form->as4);
	r->local_asn = get_asn(in, form->as4);
	ahead = *in;
	interface = bytes_get16(in);
	afi = bytes_get16(in);
	if (in->bad)
		return too_short(mrt, in);
	if ((form->state && !bytes_left(in)) || (interface == 0xffff && afi == 0xffff)) {
		*in = ahead;
		return MANRS_OK;
	}
	if (afi != 1 && afi != 2)
		return mrt_bad(mrt, MANRS_ERANGE, bytes_at(in) - 2,
			       "no address family of a session");
	r->session.neighbour_address = mrt_address(in, afi == 1 ? 4 : 6);
	r->local_address = mrt_address(in, afi == 1 ? 4 : 6);
	return MANRS_OK;
}

/* In *_LOCAL subtypes the collector is who sent it. */
static void change_places(manrs_mrt_record *r)
{
	manrs_prefix address = r->local_address;
	uint32_t asn = r->local_asn;

	r->local = 1;
	r->local_address = r->session.neighbour_address;
	r->local_asn = r->session.neighbour_asn;
	r->session.neighbour_address = address;
	r->session.neighbour_asn = asn;
}

/*
 * How messages are read. Archives have them of any length; the ones of our own AS come from within, but AS_TRANS is nobody's
 * own; confederations are judged by who knows whose it is.
 */
static uint32_t session_flags(const manrs_mrt *mrt, const manrs_mrt_record *r,
			      const struct form *form)
{
	uint32_t flags = mrt->config.flags | MANRS_BGP_EXTENDED | MANRS_BGP_CONFED;

	if (form->as4)
		flags |= MANRS_BGP_AS4;
	if (form->ids)
		flags |= MANRS_BGP_PATHS4 | MANRS_BGP_PATHS6;
	if (r->local_asn && r->local_asn != AS_TRANS && r->local_asn == r->session.neighbour_asn)
		flags |= MANRS_BGP_INTERNAL;
	return flags;
}

int mrt_bgp4mp(manrs_mrt *mrt, struct bytes *in)
{
	manrs_mrt_record *r = &mrt->record;
	const struct form *form = &forms[r->subtype < SUBTYPES ? r->subtype : ENTRY];
	int rc;

	if (!form->known)
		return MANRS_OK;
	rc = read_ends(mrt, in, form);
	if (rc != MANRS_OK)
		return rc;
	if (form->local)
		change_places(r);
	r->session.flags = session_flags(mrt, r, form);
	return form->state ? read_states(mrt, in) : read_message(mrt, in);
}

/* ---- the old type 5 ---- */

/* By its subtypes, of which 0 (NULL), 2 (PREF_UPDATE) and 4 (SYNC) were never in use. */
int mrt_bgp(manrs_mrt *mrt, struct bytes *in)
{
	static const uint8_t types[] = {
		[1] = MANRS_BGP_UPDATE,
		[5] = MANRS_BGP_OPEN,
		[6] = MANRS_BGP_NOTIFICATION,
		[7] = MANRS_BGP_KEEPALIVE,
	};
	static const struct form plain = {.known = true};
	manrs_mrt_record *r = &mrt->record;
	manrs_fault fault;
	size_t at;
	int rc;

	if (r->subtype >= sizeof types || (r->subtype != 3 && !types[r->subtype]))
		return MANRS_OK;
	r->session.neighbour_asn = bytes_get16(in);
	r->session.neighbour_address = mrt_address(in, 4);
	if (r->subtype == 3)
		return read_states(mrt, in);
	r->local_asn = bytes_get16(in);
	r->local_address = mrt_address(in, 4);
	if (in->bad)
		return too_short(mrt, in);
	r->session.flags = session_flags(mrt, r, &plain);
	at = bytes_at(in);
	rc = bgp_body(&r->message, types[r->subtype], in->from + at, bytes_left(in), &fault);
	if (rc != MANRS_OK)
		return mrt_bad(mrt, rc, at + (size_t)fault.at, fault.what);
	return take_message(mrt, at);
}

/* ---- what comes out ---- */

size_t mrt_update_announced(manrs_mrt *mrt, manrs_announcement *out, manrs_mrt_note *notes,
			    size_t cap)
{
	const manrs_bgp_update *u = &mrt->record.update;
	const manrs_bgp_attrs *attrs = u->attrs;
	uint32_t ids[64];
	size_t n = 0, got, want;

	do {
		want = cap - n < 64 ? cap - n : 64;
		got = manrs_bgp_announced(u, &mrt->announced, out + n, ids, want);
		for (size_t i = 0; notes && i < got; i++)
			notes[n + i] = (manrs_mrt_note){
				.peer = UINT32_MAX,
				.attrs = attrs ? attrs->id : UINT32_MAX,
				.path = attrs ? attrs->path_id : UINT32_MAX,
				.time_s = mrt->record.time_s,
				.path_id = ids[i],
				.action = u->action,
				.flags = bgp_has_path_ids(&u->session, out[n + i].prefix.family)
						 ? MANRS_MRT_NOTE_PATH_ID
						 : 0,
			};
		n += got;
	} while (want && got == want);
	return n;
}
