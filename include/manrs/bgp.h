/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_BGP_H
#define MANRS_BGP_H

/*
 * PROVISIONAL. BGP messages as bytes -> announcements and withdrawals as records, with what is to be done about their errors.
 *
 *     manrs_bgp_decode          one message: its type, and for an UPDATE where its parts lie
 *       manrs_bgp_update_decode   an UPDATE seen whole, its attributes through a store
 *         manrs_bgp_announced     -> manrs_announcement, many at a time; equal paths share their arrays
 *         manrs_bgp_withdrawn     -> manrs_prefix
 *
 * IPv4 and IPv6 unicast come out as records; other families are passed over, with MANRS_BGP_NOTE_FAMILY.
 *
 * threads: decoding any; a store and what it lent by one thread at a time
 * source:  RFC 4271, 4724, 4760, 5492, 6793, 7606, 7911, 8654, 8950, 9072, 9234
 */

#include <manrs/bgp_attrs.h>
#include <manrs/record.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Types of messages. */
enum manrs_bgp_type {
	MANRS_BGP_OPEN = 1,         /* manrs_bgp_open_decode */
	MANRS_BGP_UPDATE = 2,       /* manrs_bgp_update_decode */
	MANRS_BGP_NOTIFICATION = 3, /* the session ends */
	MANRS_BGP_KEEPALIVE = 4,    /* a header alone */
	MANRS_BGP_REFRESH = 5,      /* RFC 2918, 7313 */
};

/* A message: slices of the caller's bytes, valid as long as those. */
typedef struct manrs_bgp_message {
	uint32_t type; /* enum manrs_bgp_type */
	uint32_t n;    /* bytes, header and all */
	const uint8_t *body;
	/* An UPDATE's parts, and in its attributes the values of the first MP_REACH and MP_UNREACH. */
	const uint8_t *withdrawn, *attributes, *nlri, *reach, *unreach;
	uint32_t n_body, n_withdrawn, n_attributes, n_nlri, n_reach, n_unreach;
	/* MANRS_BGP_HAS-like bits 1 (MP_REACH), 2 (MP_UNREACH): it is there again */
	uint32_t mp_twice;
	uint8_t notify_code,
		notify_subcode; /* of the NOTIFICATION to be sent, after an error; else 0 */
	uint8_t zero[2];
} manrs_bgp_message;

#define MANRS_BGP_MESSAGE_MAX  4096  /* bytes of a message, RFC 4271 */
#define MANRS_BGP_EXTENDED_MAX 65535 /* with MANRS_BGP_EXTENDED, RFC 8654 */

/*
 * Take one message from the front.
 * in:      need: NULL: bytes[n] is all that will come
 * out:     *need: when 0 is returned: bytes that are wanted in all
 * returns: bytes used; 0: not all there yet; MANRS_ESYNTAX (marker, the lengths inside an UPDATE; without a need one that is
 *          cut short, which no NOTIFICATION answers), MANRS_EUNSUP (type),
 *          MANRS_ERANGE (length below the type's least or above the session's most): message->notify_code and _subcode,
 *          fault->at = the byte
 * source:  RFC 4271 sections 4.1, 6.1; RFC 7606 section 5.3; RFC 8654 section 4
 */
MANRS_API int manrs_bgp_decode(manrs_bgp_message *message, const manrs_bgp_session *session,
			       const void *bytes, size_t n, size_t *need, manrs_fault *fault);

/* ---- OPEN ---- */

/* What one OPEN says. A frozen record of 32 bytes. */
typedef struct manrs_bgp_open {
	uint32_t asn;    /* of the 4-octet capability, else My Autonomous System */
	uint32_t bgp_id; /* host order */
	uint32_t caps;   /* MANRS_BGP_CAP_* */
	int32_t role; /* RFC 9234: 0 provider, 1 RS, 2 RS-client, 3 customer, 4 peer, others as they came; -1: none */
	uint16_t hold_s;
	uint8_t paths4, paths6; /* RFC 7911: 1 receive, 2 send, 3 both; 0: not said */
	uint8_t version;
	uint8_t zero[11];
} manrs_bgp_open;

/* manrs_bgp_open.caps */
#define MANRS_BGP_CAP_AS4      1u   /* RFC 6793 */
#define MANRS_BGP_CAP_EXTENDED 2u   /* RFC 8654 */
#define MANRS_BGP_CAP_IPV4     4u   /* IPv4 unicast, also without any RFC 4760 */
#define MANRS_BGP_CAP_IPV6     8u   /* multiprotocol IPv6 unicast */
#define MANRS_BGP_CAP_REFRESH  16u  /* RFC 2918 */
#define MANRS_BGP_CAP_NH6      32u  /* IPv4 over IPv6 next hops, RFC 8950 */
#define MANRS_BGP_CAP_GRACEFUL 64u  /* RFC 4724 */
#define MANRS_BGP_CAP_ROLES    128u /* several roles that differ: NOTIFICATION 2/11 */

/*
 * Read an OPEN, all of it that can be.
 * returns: MANRS_OK; MANRS_EINVAL: the message is none; else of its first error MANRS_ESYNTAX, MANRS_ERANGE (version, AS 0,
 *          hold time 1 or 2, id 0) or MANRS_EUNSUP (a parameter that is not known): fault->code = the subcode of
 *          NOTIFICATION 2, at = byte of the body
 * source:  RFC 4271 sections 4.2, 6.2; RFC 5492; RFC 9072
 */
MANRS_API int manrs_bgp_open_decode(manrs_bgp_open *open, const manrs_bgp_message *message,
				    manrs_fault *fault);

/*
 * What the two OPENs of a session mean together: the flags under which what the neighbour sends is read, and who he is.
 * in:      sent, received: as seen by the router whose session it is
 * out:     session: all but its neighbour_address
 * source:  RFC 6793 section 3, RFC 7911 section 4, RFC 8654 section 3
 */
MANRS_API void manrs_bgp_session_of(manrs_bgp_session *session, const manrs_bgp_open *sent,
				    const manrs_bgp_open *received);

/* ---- UPDATE ---- */

/*
 * An UPDATE seen whole. Borrows the bytes of its message and a set of the store. A frozen record but for its pointers.
 */
typedef struct manrs_bgp_update {
	manrs_bgp_message message;
	manrs_bgp_session session;
	const manrs_bgp_attrs *attrs;        /* NULL: it has no attributes, or none were read */
	uint32_t action;                     /* enum manrs_bgp_action: the strongest of all */
	uint32_t end_of_rib;                 /* 4 or 6 (RFC 4724 section 2), else 0 */
	uint32_t notes;                      /* MANRS_BGP_NOTE_* */
	uint8_t notify_code, notify_subcode; /* of the NOTIFICATION, for DISABLE and RESET */
	uint8_t zero[2];
	/* the error that made the action; code: the attribute's type, 0: NLRI; at: byte of the body */
	manrs_fault fault;
} manrs_bgp_update;

/*
 * Read an UPDATE: its attributes, what is missing, whether its prefixes can be read, and what is to be done. With
 * MANRS_BGP_GUESS path identifiers are taken as they fit better; update->session then says how, with MANRS_BGP_NOTE_GUESSED.
 * out:     update, also of a malformed one: update->action
 * returns: MANRS_OK; MANRS_EINVAL: no UPDATE; MANRS_ENOMEM; MANRS_ELIMIT: the store is full, clear it and come again
 * source:  RFC 7606 sections 3, 4, 5, 7; RFC 4271 section 6.3; RFC 4760 section 7
 */
MANRS_API int manrs_bgp_update_decode(manrs_bgp_update *update, manrs_bgp_store *store,
				      const manrs_bgp_session *session,
				      const manrs_bgp_message *message);

/*
 * List its announcements, those of MP_REACH after the others; none where the action is stronger than DISCARD. Host bits are
 * cleared, as every daemon does.
 * in:      cursor: all zero at the start
 * out:     out[cap]: neighbour, next hop, path and OTC of update; flags OTC, ANY_NEIGHBOUR (neighbour_asn 0), INTERNAL;
 *          path_ids[cap] (may be NULL): RFC 7911's, else 0
 * returns: how many were written; fewer than cap: the end
 */
MANRS_API size_t manrs_bgp_announced(const manrs_bgp_update *update, manrs_cursor *cursor,
				     manrs_announcement *out, uint32_t *path_ids, size_t cap);
/*
 * List what it withdraws; where the action is WITHDRAW also what it would have announced; nothing for DISABLE and RESET.
 * To be done before its announcements: what is in both is announced (RFC 4271 section 4.3).
 * returns, in, out: as manrs_bgp_announced
 */
MANRS_API size_t manrs_bgp_withdrawn(const manrs_bgp_update *update, manrs_cursor *cursor,
				     manrs_prefix *out, uint32_t *path_ids, size_t cap);

#ifdef __cplusplus
}
#endif

#endif
