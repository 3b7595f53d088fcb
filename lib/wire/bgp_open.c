/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * OPEN, and what the two OPENs of a session mean together.
 *
 *     | version: 1 | My AS: 2 | hold time: 2 | BGP identifier: 4 | length: 1 | parameters |
 *
 *     a parameter      | type: 1 | length: 1 | value |            type 2: capabilities, one behind the other (RFC 5492)
 *     a capability     | code: 1 | length: 1 | value |
 *
 * Where the first parameter's type is 255, two bytes of length follow it, and each parameter's length is of two bytes
 * (RFC 9072). All is read that can be, and the first error is told.
 *
 * source: RFC 4271 sections 4.2, 6.2; RFC 4724, 4760, 5492, 6793, 7607, 7911, 8654, 8950, 9072, 9234
 */

#include "wire/bgp_wire.h"

#include "base/mem.h"

/* Subcodes of NOTIFICATION 2. */
enum {
	UNSPECIFIC = 0,
	BAD_VERSION = 1,
	BAD_AS = 2,
	BAD_ID = 3,
	UNKNOWN_PARAMETER = 4,
	BAD_HOLD_TIME = 6,
};

/* What is read, and the first error. */
struct opening {
	manrs_bgp_open *open;
	manrs_fault *fault;
	int error;
	bool has_mp; /* a multiprotocol capability of any family */
};

static void complain(struct opening *o, int error, int subcode, size_t at, const char *what)
{
	if (o->error)
		return;
	o->error = fault_set(o->fault, error, at, what);
	if (o->fault)
		o->fault->code = subcode;
}

/* 4 or 6 for the unicast families that come out, else 0. */
static int unicast(unsigned afi, unsigned safi)
{
	return safi != 1 ? 0 : afi == 1 ? 4 : afi == 2 ? 6 : 0;
}

/* ---- capabilities: each reads values of one length ---- */

static void multiprotocol(struct opening *o, struct bytes *in)
{
	unsigned afi = bytes_get16(in);
	int family = unicast(afi, bytes_get16(in) & 0xff); /* the first byte is reserved */

	o->has_mp = true;
	if (family)
		o->open->caps |= family == 4 ? MANRS_BGP_CAP_IPV4 : MANRS_BGP_CAP_IPV6;
}

static void refresh(struct opening *o, struct bytes *in)
{
	(void)in;
	o->open->caps |= MANRS_BGP_CAP_REFRESH;
}

static void next_hop6(struct opening *o, struct bytes *in)
{
	unsigned afi = bytes_get16(in), safi = bytes_get16(in), hop_afi = bytes_get16(in);

	if (unicast(afi, safi) == 4 && hop_afi == 2)
		o->open->caps |= MANRS_BGP_CAP_NH6;
}

static void extended(struct opening *o, struct bytes *in)
{
	(void)in;
	o->open->caps |= MANRS_BGP_CAP_EXTENDED;
}

/* RFC 9234 section 4.2: the same role twice is one, others are a mismatch. */
static void role(struct opening *o, struct bytes *in)
{
	int said = (int)bytes_get8(in);

	if (o->open->role >= 0 && o->open->role != said)
		o->open->caps |= MANRS_BGP_CAP_ROLES;
	else
		o->open->role = said;
}

static void graceful(struct opening *o, struct bytes *in)
{
	(void)in;
	o->open->caps |= MANRS_BGP_CAP_GRACEFUL;
}

static void as4(struct opening *o, struct bytes *in)
{
	size_t at = bytes_at(in);

	o->open->asn = bytes_get32(in);
	o->open->caps |= MANRS_BGP_CAP_AS4;
	if (!o->open->asn)
		complain(o, MANRS_ERANGE, BAD_AS, at, "AS 0 (RFC 7607)");
}

static void paths(struct opening *o, struct bytes *in)
{
	unsigned afi = bytes_get16(in), safi = bytes_get8(in), how = bytes_get8(in);
	int family = unicast(afi, safi);

	if (family)
		*(family == 4 ? &o->open->paths4 : &o->open->paths6) = (uint8_t)how;
}

/* RFC 7911 section 4: with any other way than to receive, to send or both, the capability counts as not understood. */
static bool paths_known(struct bytes in)
{
	while (bytes_left(&in)) {
		unsigned how;

		bytes_skip(&in, 3);
		how = bytes_get8(&in);
		if (how < 1 || how > 3)
			return false;
	}
	return true;
}

/* A capability's value: at least `head` bytes, then as many items of `item` bytes as come. */
static const struct capability {
	uint8_t code, head, item;
	void (*read)(struct opening *o, struct bytes *in);
} capabilities[] = {
	{1, 4, 0, multiprotocol}, {2, 0, 0, refresh},   {5, 0, 6, next_hop6}, {6, 0, 0, extended},
	{9, 1, 0, role},          {64, 2, 4, graceful}, {65, 4, 0, as4},      {69, 0, 4, paths},
};

static bool length_fits(const struct capability *c, size_t n)
{
	return n >= c->head && (c->item ? (n - c->head) % c->item == 0 : n == c->head);
}

static void capability(struct opening *o, unsigned code, struct bytes in)
{
	const struct capability *c = capabilities;
	const struct capability *end = c + sizeof capabilities / sizeof *capabilities;

	while (c < end && c->code != code)
		c++;
	if (c == end)
		return; /* RFC 5492 section 3: what is not known is ignored */
	if (!length_fits(c, bytes_left(&in)))
		complain(o, MANRS_ESYNTAX, UNSPECIFIC, bytes_at(&in),
			 "a length that this capability has not");
	else if (c->read == paths && !paths_known(in))
		return;
	else if (c->head || !c->item)
		c->read(o, &in);
	else
		while (bytes_left(&in))
			c->read(o, &in);
}

static void read_capabilities(struct opening *o, struct bytes in)
{
	while (bytes_left(&in)) {
		unsigned code = bytes_get8(&in);
		struct bytes value = bytes_part(&in, bytes_get8(&in));

		if (in.bad) {
			complain(o, MANRS_ESYNTAX, UNSPECIFIC, bytes_at(&in),
				 "a capability overruns its parameter");
			return;
		}
		capability(o, code, value);
	}
}

/* ---- the message ---- */

static void read_parameters(struct opening *o, struct bytes in, bool long_lengths)
{
	while (bytes_left(&in)) {
		size_t at = bytes_at(&in);
		unsigned type = bytes_get8(&in);
		struct bytes value =
			bytes_part(&in, long_lengths ? bytes_get16(&in) : bytes_get8(&in));

		if (in.bad) {
			complain(o, MANRS_ESYNTAX, UNSPECIFIC, bytes_at(&in),
				 "an optional parameter overruns the OPEN");
			return;
		}
		if (type == 2)
			read_capabilities(o, value);
		else
			complain(o, MANRS_EUNSUP, UNKNOWN_PARAMETER, at,
				 "an unknown optional parameter");
	}
}

/* The optional parameters, in whichever of both forms, and that nothing follows them. */
static void read_options(struct opening *o, struct bytes in)
{
	size_t at = bytes_at(&in), n = bytes_get8(&in);
	bool long_lengths = n && bytes_left(&in) && in.from[in.at] == 255;
	struct bytes part;

	if (long_lengths) {
		bytes_skip(&in, 1);
		at = bytes_at(&in);
		n = bytes_get16(&in);
	}
	part = bytes_part(&in, n);
	if (in.bad || bytes_left(&in))
		complain(o, MANRS_ESYNTAX, UNSPECIFIC, at,
			 "the length of the optional parameters is not what is left");
	read_parameters(o, part, long_lengths);
}

static void read_fixed(struct opening *o, struct bytes *in)
{
	manrs_bgp_open *open = o->open;

	open->version = (uint8_t)bytes_get8(in);
	open->asn = bytes_get16(in);
	open->hold_s = (uint16_t)bytes_get16(in);
	open->bgp_id = bytes_get32(in);
	if (open->version != 4)
		complain(o, MANRS_ERANGE, BAD_VERSION, 0, "a version that is not 4");
	if (!open->asn)
		complain(o, MANRS_ERANGE, BAD_AS, 1, "AS 0 (RFC 7607)");
	if (open->hold_s == 1 || open->hold_s == 2)
		complain(o, MANRS_ERANGE, BAD_HOLD_TIME, 3, "a hold time of 1 or 2 seconds");
	if (!open->bgp_id)
		complain(o, MANRS_ERANGE, BAD_ID, 5, "a BGP identifier of 0");
}

int manrs_bgp_open_decode(manrs_bgp_open *open, const manrs_bgp_message *message,
			  manrs_fault *fault)
{
	struct opening o = {open, fault, MANRS_OK, false};
	struct bytes in = bytes_of(message->body, message->n_body);

	if (message->type != MANRS_BGP_OPEN || message->n_body < 10)
		return fault_set(fault, MANRS_EINVAL, 0, "not an OPEN");
	*open = (manrs_bgp_open){.role = -1};
	read_fixed(&o, &in);
	read_options(&o, in);
	if (!o.has_mp)
		open->caps |= MANRS_BGP_CAP_IPV4;
	return o.error;
}

void manrs_bgp_session_of(manrs_bgp_session *session, const manrs_bgp_open *sent,
			  const manrs_bgp_open *received)
{
	uint32_t both = sent->caps & received->caps;

	session->zero = 0;
	session->neighbour_asn = received->asn;
	session->flags = both & MANRS_BGP_CAP_AS4 ? MANRS_BGP_AS4 : 0;
	/* he may send path identifiers where he says that he sends and we that we receive */
	if (sent->paths4 & 1 && received->paths4 & 2)
		session->flags |= MANRS_BGP_PATHS4;
	if (sent->paths6 & 1 && received->paths6 & 2)
		session->flags |= MANRS_BGP_PATHS6;
	/* RFC 8654 section 4: who said that he takes long messages gets them */
	if (sent->caps & MANRS_BGP_CAP_EXTENDED)
		session->flags |= MANRS_BGP_EXTENDED;
	if (sent->asn == received->asn)
		session->flags |= MANRS_BGP_INTERNAL;
}
