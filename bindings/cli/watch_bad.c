/* SPDX-License-Identifier: BSD-2-Clause */
/* What a router's messages have that cannot be used: said, the first few of a connection, and counted. */

#include "watch_router.h"

#include <stdio.h>

#define SAID_BAD 5

enum { MIRROR_INFORMATION = 1, MIRROR_ERRORED = 0 }; /* RFC 7854 section 4.7 */

const char *router_peer_name(const struct router *r, uint32_t peer, char text[SESSION_TEXT])
{
	struct watch_session s = {0};
	manrs_bmp_peer p = {.size = sizeof p};

	manrs_bmp_peer_get(r->bmp, peer, &p);
	snprintf(s.router, sizeof s.router, "%s", r->name);
	s.address = p.address;
	s.asn = p.asn;
	return session_text(text, &s);
}

/* returns: whether it is to be said: the first few of a connection are, the rest is counted */
static bool say_bad(struct router *r)
{
	r->w->bad_messages++;
	return r->bad++ < SAID_BAD;
}

void router_lost_update(struct router *r, const manrs_bmp_event *event)
{
	char peer[SESSION_TEXT], why[LOST_TEXT];

	if (say_bad(r))
		complain("warning: %s %s: an UPDATE whose routes are lost: %s", r->peer,
			 router_peer_name(r, event->peer, peer), lost_text(why, &event->update));
}

void router_bad(struct router *r, const manrs_bmp_event *event)
{
	if (say_bad(r))
		complain("warning: %s %s: a message of type %u that cannot be read: byte %llu: %s",
			 r->peer, r->name, event->type, (unsigned long long)event->fault.at,
			 event->fault.what ? event->fault.what : "");
}

/* The router mirrors it as one that it could not use itself (RFC 7854 section 4.7, code 0). */
static bool is_errored(const manrs_bmp_event *event)
{
	manrs_bmp_tlv tlv;

	for (size_t i = 0; manrs_bmp_tlv_get(event, i, &tlv) == MANRS_OK; i++)
		if (tlv.type == MIRROR_INFORMATION && tlv.n == 2 && tlv.number == MIRROR_ERRORED)
			return true;
	return false;
}

void router_mirrored(struct router *r, const manrs_bmp_event *event)
{
	const manrs_bgp_message *m = &event->message;
	char peer[SESSION_TEXT], why[LOST_TEXT];

	if (event->update.action < MANRS_BGP_WITHDRAW && !m->notify_code && !is_errored(event))
		return;
	r->w->mirrored++;
	if (r->mirrored++ >= SAID_BAD)
		return;
	if (event->update.action >= MANRS_BGP_WITHDRAW)
		lost_text(why, &event->update);
	else if (m->notify_code)
		snprintf(why, sizeof why, "type %u, NOTIFICATION %u/%u", m->type, m->notify_code,
			 m->notify_subcode);
	else
		snprintf(why, sizeof why, "the router could not use it");
	complain("warning: %s %s: a malformed message, mirrored: %s", r->peer,
		 router_peer_name(r, event->peer, peer), why);
}

void router_bad_all(const struct router *r)
{
	if (r->bad > SAID_BAD || r->mirrored > SAID_BAD)
		complain("info: %s %s: %llu messages were bad, %llu mirrored ones malformed",
			 r->peer, r->name, (unsigned long long)r->bad,
			 (unsigned long long)r->mirrored);
}
