/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The frame of BGP's messages, and where the parts of an UPDATE lie.
 *
 *     | marker: 16 times 255 | length, header and all: 2 | type: 1 | body |
 *
 *     UPDATE's body   | length: 2 | withdrawn | length: 2 | attributes | NLRI |
 *
 * source: RFC 4271 sections 4, 6.1, 6.3; RFC 2918 section 3; RFC 7606 sections 3 b, 3 g; RFC 8654 section 4
 */

#include "wire/bgp_wire.h"

#include "base/mem.h"

#define HEAD 19

/* Codes and subcodes of NOTIFICATIONs. */
enum { HEADER_ERROR = 1, NOT_SYNCHRONIZED = 1, BAD_LENGTH = 2, BAD_TYPE = 3 };
enum { UPDATE_ERROR = 3, ATTRIBUTE_LIST = 1 };

/* The least and the most bytes of each type; most 0: the session's. */
static const struct {
	uint16_t least, most;
} lengths[] = {
	[MANRS_BGP_OPEN] = {29, MANRS_BGP_MESSAGE_MAX}, /* RFC 8654 section 3: not extended */
	[MANRS_BGP_UPDATE] = {23, 0},
	[MANRS_BGP_NOTIFICATION] = {21, 0},
	[MANRS_BGP_KEEPALIVE] = {HEAD, HEAD},
	[MANRS_BGP_REFRESH] = {23, 0},
};

/* What is to be sent. returns: error, with the fault */
static int refuse(manrs_bgp_message *message, unsigned code, unsigned subcode, manrs_fault *fault,
		  int error, size_t at, const char *what)
{
	message->notify_code = (uint8_t)code;
	message->notify_subcode = (uint8_t)subcode;
	return fault_set(fault, error, at, what);
}

/* The values of MP_REACH and MP_UNREACH. What is wrong with the attributes is said by who reads them. */
static void find_mp(manrs_bgp_message *message)
{
	struct bytes in = bytes_of(message->attributes, message->n_attributes);
	struct bgp_attr attr;

	while (bgp_attr_next(&in, &attr)) {
		bool reach = attr.type == MANRS_BGP_MP_REACH;

		if (!reach && attr.type != MANRS_BGP_MP_UNREACH)
			continue;
		if (reach ? message->reach : message->unreach) {
			message->mp_twice |= reach ? 1 : 2;
		} else if (reach) {
			message->reach = attr.value;
			message->n_reach = (uint32_t)attr.n;
		} else {
			message->unreach = attr.value;
			message->n_unreach = (uint32_t)attr.n;
		}
	}
}

/* RFC 7606 section 3 b: lengths that overrun the message are a NOTIFICATION still. */
static int update_body(manrs_bgp_message *message, manrs_fault *fault)
{
	struct bytes in = bytes_of(message->body, message->n_body), withdrawn, attributes;
	size_t at;

	withdrawn = bytes_part(&in, bytes_get16(&in));
	at = in.bad ? 0 : bytes_at(&in);
	attributes = bytes_part(&in, bytes_get16(&in));
	if (in.bad)
		return refuse(message, UPDATE_ERROR, ATTRIBUTE_LIST, fault, MANRS_ESYNTAX, at,
			      "a length inside the UPDATE overruns it");
	message->withdrawn = in.from + withdrawn.at;
	message->n_withdrawn = (uint32_t)bytes_left(&withdrawn);
	message->attributes = in.from + attributes.at;
	message->n_attributes = (uint32_t)bytes_left(&attributes);
	message->nlri = in.from + in.at;
	message->n_nlri = (uint32_t)bytes_left(&in);
	find_mp(message);
	return MANRS_OK;
}

/* Type and length of a message, before its body is looked at. */
static int head_ok(manrs_bgp_message *message, size_t most, manrs_fault *fault)
{
	unsigned type = message->type;

	if (type >= sizeof lengths / sizeof *lengths || !lengths[type].least)
		return refuse(message, HEADER_ERROR, BAD_TYPE, fault, MANRS_EUNSUP, 18,
			      "an unknown type of message");
	if (lengths[type].most)
		most = lengths[type].most;
	if (message->n < lengths[type].least || message->n > most)
		return refuse(message, HEADER_ERROR, BAD_LENGTH, fault, MANRS_ERANGE, 16,
			      "a length that no message of this type has here");
	return MANRS_OK;
}

int bgp_body(manrs_bgp_message *message, unsigned type, const uint8_t *body, size_t n,
	     manrs_fault *fault)
{
	int rc;

	*message = (manrs_bgp_message){
		.type = type, .n = (uint32_t)(HEAD + n), .body = body, .n_body = (uint32_t)n};
	rc = head_ok(message, SIZE_MAX, fault);
	if (rc < 0)
		return rc;
	return type == MANRS_BGP_UPDATE ? update_body(message, fault) : MANRS_OK;
}

/* Not all there. returns: 0; where no more will come, the error */
static int cut(size_t n, const size_t *need, manrs_fault *fault)
{
	if (need || !n)
		return 0;
	return fault_set(fault, MANRS_ESYNTAX, n, "the message is cut short");
}

static size_t most_of(const manrs_bgp_session *session)
{
	return session->flags & MANRS_BGP_EXTENDED ? MANRS_BGP_EXTENDED_MAX : MANRS_BGP_MESSAGE_MAX;
}

int manrs_bgp_decode(manrs_bgp_message *message, const manrs_bgp_session *session,
		     const void *bytes, size_t n, size_t *need, manrs_fault *fault)
{
	struct bytes in = bytes_of(bytes, n);
	const uint8_t *marker = bytes_take(&in, 16);
	int rc;

	*message = (manrs_bgp_message){.n = bytes_get16(&in)};
	message->type = bytes_get8(&in);
	if (need)
		*need = HEAD;
	if (in.bad)
		return cut(n, need, fault);
	for (unsigned i = 0; i < 16; i++)
		if (marker[i] != 0xff)
			return refuse(message, HEADER_ERROR, NOT_SYNCHRONIZED, fault, MANRS_ESYNTAX,
				      i, "the marker is not all ones");
	rc = head_ok(message, most_of(session), fault);
	if (rc < 0)
		return rc;
	if (need)
		*need = message->n;
	if (n < message->n)
		return cut(n, need, fault);
	rc = bgp_body(message, message->type, in.from + HEAD, message->n - HEAD, fault);
	if (rc < 0) {
		if (fault)
			fault->at += HEAD;
		return rc;
	}
	return (int)message->n;
}
