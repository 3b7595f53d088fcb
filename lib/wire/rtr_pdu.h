/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_WIRE_RTR_PDU_H
#define LIB_WIRE_RTR_PDU_H

/*
 * The PDUs of RPKI-to-Router, versions 0 (RFC 6810), 1 (RFC 8210) and 2 (draft-ietf-sidrops-8210bis), as bytes and back.
 *
 *     0          8          16         24        31
 *     | version  | type     | session, code, flags |
 *     | length of the whole PDU, these 8 included  |
 *     | what the type has ...                      |
 *
 * A head is read first and its length held to what its version and type allow, before anything waits for the body or is
 * allocated for it. What a PDU means in a session is the engine's (rtr.c): here is what may stand in it.
 */

#include <manrs/rtr.h>
#include <stdbool.h>

enum rtr_type {
	RTR_SERIAL_NOTIFY = 0,
	RTR_SERIAL_QUERY = 1,
	RTR_RESET_QUERY = 2,
	RTR_CACHE_RESPONSE = 3,
	RTR_IPV4_PREFIX = 4,
	RTR_IPV6_PREFIX = 6,
	RTR_END_OF_DATA = 7,
	RTR_CACHE_RESET = 8,
	RTR_ROUTER_KEY = 9,
	RTR_ERROR_REPORT = 10,
	RTR_ASPA = 11,
	RTR_TYPES = 12,
};

#define RTR_VERSION_MAX 2
#define RTR_HEAD        8     /* bytes */
#define RTR_PDU_MAX     65535 /* of one PDU, 8210bis section 5.12; RFC 8210 has none: ours for all */
#define RTR_PROVIDERS   16380 /* what fits into one */
#define RTR_GOOD        (-1)  /* beside enum manrs_rtr_code, which begins with 0 */

struct rtr_head {
	uint8_t version, type;
	/* the session, or the code of an error, or the flags of an ASPA or a key */
	uint16_t session;
	uint32_t length;
};

/* RFC 8210 section 6, 8210bis section 6: least and most of each timer, in seconds. */
#define RTR_REFRESH_MAX 86400u
#define RTR_RETRY_MAX   7200u
#define RTR_EXPIRE_MIN  600u
#define RTR_EXPIRE_MAX  172800u

/* What a PDU of this type says beside its head. */
struct rtr_end {
	uint32_t serial, refresh_s, retry_s, expire_s; /* v0: the serial alone, the rest 0 */
};

struct rtr_error {
	uint16_t code;
	const uint8_t *pdu, *text; /* in the bytes that were read */
	uint32_t n_pdu, n_text;
};

struct rtr_aspa {
	uint32_t customer, n;
	bool announce;
	/* n numbers in network order, in the bytes that were read: ascending, as they must be */
	const uint8_t *providers;
};

/* bytes[8]. returns: RTR_GOOD; CORRUPT_DATA: a length that this PDU cannot have; UNSUPPORTED_PDU: no such type in its version */
int rtr_head_decode(struct rtr_head *head, const uint8_t *bytes);

/*
 * The whole PDU that a good head began: bytes[head->length].
 * returns: RTR_GOOD, or the code of what is wrong with it: CORRUPT_DATA, ASPA_PROVIDERS
 */
int rtr_prefix_decode(const struct rtr_head *head, const uint8_t *bytes, bool clear_host_bits,
		      manrs_route *vrp, bool *announce);
int rtr_key_decode(const struct rtr_head *head, const uint8_t *bytes, manrs_router_key *key,
		   bool *announce);
int rtr_aspa_decode(const struct rtr_head *head, const uint8_t *bytes, struct rtr_aspa *aspa);
int rtr_end_decode(const struct rtr_head *head, const uint8_t *bytes, struct rtr_end *end);
int rtr_error_decode(const struct rtr_head *head, const uint8_t *bytes, struct rtr_error *error);
uint32_t rtr_serial_decode(const uint8_t *bytes); /* of a query or a notify */

/* Encoders write to out, which has room, and return the bytes: those of the type. */
size_t rtr_head_encode(uint8_t *out, unsigned version, unsigned type, unsigned session,
		       uint32_t length);
size_t rtr_serial_encode(uint8_t *out, unsigned version, unsigned type, unsigned session,
			 uint32_t serial);
size_t rtr_prefix_encode(uint8_t *out, unsigned version, const manrs_route *vrp, bool announce);
size_t rtr_key_encode(uint8_t *out, unsigned version, const manrs_router_key *key, bool announce);
size_t rtr_aspa_encode(uint8_t *out, const manrs_aspa *aspa, bool announce);
size_t rtr_end_encode(uint8_t *out, unsigned version, unsigned session, const struct rtr_end *end);
/* text is cut, and the PDU that is quoted too, so that the whole is at most cap >= 64 bytes. */
size_t rtr_error_encode(uint8_t *out, size_t cap, unsigned version, unsigned code,
			const uint8_t *pdu, size_t n_pdu, const char *text);

/* Whether a config may have these timers: each within its bounds, and expire above both others. Seconds. */
bool rtr_timers_fit(uint32_t refresh_s, uint32_t retry_s, uint32_t expire_s);

/* RFC 1982: whether serial a comes after b. Two that are 2^31 apart are neither. */
static inline bool rtr_serial_after(uint32_t a, uint32_t b)
{
	return a != b && a - b < UINT32_C(0x80000000);
}

/* Whether an Error Report of a session of this version may have the code. */
bool rtr_code_known(unsigned version, int code);

#endif
