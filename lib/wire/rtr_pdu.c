/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RTR's PDUs: each type's decoder and encoder side by side. Lengths come from one table, so that a decoder reads what is
 * there.
 *
 * source: RFC 6810 section 5; RFC 8210 section 5; draft-ietf-sidrops-8210bis section 5
 */

#include "wire/rtr_pdu.h"

#include "base/bytes.h"
#include "net/bits.h"
#include <assert.h>
#include <string.h>

/* The lengths that a type may have: least, most, and what the rest beyond least is a multiple of. */
struct lengths {
	uint32_t least, most, step;
	uint8_t since; /* version */
};

static const struct lengths lengths[RTR_TYPES] = {
	[RTR_SERIAL_NOTIFY] = {12, 12, 1, 0},
	[RTR_SERIAL_QUERY] = {12, 12, 1, 0},
	[RTR_RESET_QUERY] = {8, 8, 1, 0},
	[RTR_CACHE_RESPONSE] = {8, 8, 1, 0},
	[RTR_IPV4_PREFIX] = {20, 20, 1, 0},
	[RTR_IPV6_PREFIX] = {32, 32, 1, 0},
	[RTR_END_OF_DATA] = {24, 24, 1, 0}, /* 12 in version 0 */
	[RTR_CACHE_RESET] = {8, 8, 1, 0},
	[RTR_ROUTER_KEY] = {33, 32 + MANRS_SPKI_MAX, 1, 1},
	[RTR_ERROR_REPORT] = {16, RTR_PDU_MAX, 1, 0},
	[RTR_ASPA] = {12, 12 + 4 * RTR_PROVIDERS, 4, 2},
};

int rtr_head_decode(struct rtr_head *head, const uint8_t *bytes)
{
	struct bytes in = bytes_of(bytes, RTR_HEAD);
	const struct lengths *l;
	uint32_t least, most;

	head->version = (uint8_t)bytes_get8(&in);
	head->type = (uint8_t)bytes_get8(&in);
	head->session = (uint16_t)bytes_get16(&in);
	head->length = bytes_get32(&in);
	assert(!in.bad && !bytes_left(&in));
	l = head->type < RTR_TYPES ? &lengths[head->type] : &lengths[5]; /* 5 was never given out */
	if (!l->least || head->version < l->since)
		return MANRS_RTR_UNSUPPORTED_PDU;
	least = l->least;
	most = l->most;
	if (head->type == RTR_END_OF_DATA && head->version == 0)
		least = most = 12;
	return head->length >= least && head->length <= most &&
			       (head->length - least) % l->step == 0
		       ? RTR_GOOD
		       : MANRS_RTR_CORRUPT_DATA;
}

/* What stands behind the head of a PDU. */
static struct bytes body(const struct rtr_head *head, const uint8_t *bytes)
{
	struct bytes in = bytes_of(bytes, head->length);

	bytes_skip(&in, RTR_HEAD);
	return in;
}

/* All of it was read, and no more: what lengths[] sees to. */
static int all_read(const struct bytes *in)
{
	return in->bad || bytes_left(in) ? MANRS_RTR_CORRUPT_DATA : RTR_GOOD;
}

static void put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

size_t rtr_head_encode(uint8_t *out, unsigned version, unsigned type, unsigned session,
		       uint32_t length)
{
	out[0] = (uint8_t)version;
	out[1] = (uint8_t)type;
	put16(out + 2, session);
	put32(out + 4, length);
	return RTR_HEAD;
}

/* ---- Serial Notify, Serial Query: a serial behind the head ---- */

uint32_t rtr_serial_decode(const uint8_t *bytes)
{
	struct bytes in = bytes_of(bytes, 12);

	bytes_skip(&in, RTR_HEAD);
	return bytes_get32(&in);
}

size_t rtr_serial_encode(uint8_t *out, unsigned version, unsigned type, unsigned session,
			 uint32_t serial)
{
	rtr_head_encode(out, version, type, session, 12);
	put32(out + 8, serial);
	return 12;
}

/*
 * ---- prefixes ----
 *
 *     | flags: 1 announce | prefix length | max length | zero |
 *     | prefix: 4 or 16 bytes                                 |
 *     | AS number                                             |
 *
 * Reserved bits of the flags are ignored, as is the byte that is zero.
 */
int rtr_prefix_decode(const struct rtr_head *head, const uint8_t *bytes, bool clear_host_bits,
		      manrs_route *vrp, bool *announce)
{
	unsigned width = head->type == RTR_IPV4_PREFIX ? 32 : 128, flags, len, maxlen;
	struct bytes in = body(head, bytes);
	manrs_prefix *p = &vrp->prefix;

	flags = bytes_get8(&in);
	len = bytes_get8(&in);
	maxlen = bytes_get8(&in);
	bytes_skip(&in, 1);
	if (len > maxlen || maxlen > width)
		return MANRS_RTR_CORRUPT_DATA;
	*vrp = (manrs_route){.prefix = {.family = width == 32 ? 4 : 6,
					.len = (uint8_t)len,
					.maxlen = (uint8_t)maxlen}};
	bytes_copy(&in, p->addr, width / 8);
	vrp->asn = bytes_get32(&in);
	if (!prefix_ok(p)) {
		if (!clear_host_bits || head->version == 2)
			return MANRS_RTR_CORRUPT_DATA; /* 8210bis sections 5.6, 5.7: zero */
		addr_mask(p->addr, len);
	}
	*announce = flags & 1;
	return all_read(&in);
}

size_t rtr_prefix_encode(uint8_t *out, unsigned version, const manrs_route *vrp, bool announce)
{
	const manrs_prefix *p = &vrp->prefix;
	size_t bytes = p->family == 4 ? 4 : 16;

	rtr_head_encode(out, version, p->family == 4 ? RTR_IPV4_PREFIX : RTR_IPV6_PREFIX, 0,
			(uint32_t)(16 + bytes));
	out[8] = announce;
	out[9] = p->len;
	out[10] = p->maxlen;
	out[11] = 0;
	memcpy(out + 12, p->addr, bytes);
	put32(out + 12 + bytes, vrp->asn);
	return 16 + bytes;
}

/*
 * ---- router keys ----
 *
 *     flags in the first byte of the session's place
 *     | subject key identifier: 20 bytes | AS number | SubjectPublicKeyInfo |
 */
int rtr_key_decode(const struct rtr_head *head, const uint8_t *bytes, manrs_router_key *key,
		   bool *announce)
{
	struct bytes in = body(head, bytes);
	size_t n;

	memset(key, 0, sizeof *key);
	bytes_copy(&in, key->ski, sizeof key->ski);
	key->asn = bytes_get32(&in);
	n = bytes_left(&in);
	assert(n > 0 && n <= sizeof key->spki);
	key->spki_len = (uint16_t)n;
	bytes_copy(&in, key->spki, n);
	*announce = head->session >> 8 & 1;
	return all_read(&in);
}

size_t rtr_key_encode(uint8_t *out, unsigned version, const manrs_router_key *key, bool announce)
{
	rtr_head_encode(out, version, RTR_ROUTER_KEY, announce ? 0x100 : 0, 32u + key->spki_len);
	memcpy(out + 8, key->ski, sizeof key->ski);
	put32(out + 28, key->asn);
	memcpy(out + 32, key->spki, key->spki_len);
	return 32u + key->spki_len;
}

/*
 * ---- ASPAs, 8210bis section 5.12 ----
 *
 *     flags in the first byte of the session's place
 *     | customer AS | provider ASes, ascending |
 *
 * An announcement has providers, AS0 only alone; a withdrawal has none. The form of earlier drafts, with a count and a family
 * before the customer, has its flags elsewhere: it reads as a withdrawal that goes on, and is refused.
 */
int rtr_aspa_decode(const struct rtr_head *head, const uint8_t *bytes, struct rtr_aspa *aspa)
{
	struct bytes in = body(head, bytes);
	uint32_t last = 0, asn;

	aspa->announce = head->session >> 8 & 1;
	aspa->customer = bytes_get32(&in);
	aspa->n = (uint32_t)(bytes_left(&in) / 4);
	aspa->providers = bytes + bytes_at(&in);
	if (!aspa->announce)
		return aspa->n || !aspa->customer ? MANRS_RTR_CORRUPT_DATA : all_read(&in);
	if (!aspa->customer || !aspa->n)
		return MANRS_RTR_ASPA_PROVIDERS;
	for (uint32_t i = 0; i < aspa->n; i++, last = asn) {
		asn = bytes_get32(&in);
		if (asn == aspa->customer || (i && asn <= last) || (!asn && aspa->n > 1))
			return MANRS_RTR_ASPA_PROVIDERS;
	}
	return all_read(&in);
}

size_t rtr_aspa_encode(uint8_t *out, const manrs_aspa *aspa, bool announce)
{
	size_t n = announce ? aspa->n : 0;

	rtr_head_encode(out, 2, RTR_ASPA, announce ? 0x100 : 0, (uint32_t)(12 + 4 * n));
	put32(out + 8, aspa->customer);
	for (size_t i = 0; i < n; i++)
		put32(out + 12 + 4 * i, aspa->provider[i]);
	return 12 + 4 * n;
}

/* ---- End of Data ---- */

int rtr_end_decode(const struct rtr_head *head, const uint8_t *bytes, struct rtr_end *end)
{
	struct bytes in = body(head, bytes);

	*end = (struct rtr_end){.serial = bytes_get32(&in)};
	if (head->version) {
		end->refresh_s = bytes_get32(&in);
		end->retry_s = bytes_get32(&in);
		end->expire_s = bytes_get32(&in);
	}
	return all_read(&in);
}

size_t rtr_end_encode(uint8_t *out, unsigned version, unsigned session, const struct rtr_end *end)
{
	uint32_t length = version ? 24 : 12;

	rtr_head_encode(out, version, RTR_END_OF_DATA, session, length);
	put32(out + 8, end->serial);
	if (version) {
		put32(out + 12, end->refresh_s);
		put32(out + 16, end->retry_s);
		put32(out + 20, end->expire_s);
	}
	return length;
}

bool rtr_timers_fit(uint32_t refresh_s, uint32_t retry_s, uint32_t expire_s)
{
	return refresh_s && refresh_s <= RTR_REFRESH_MAX && retry_s && retry_s <= RTR_RETRY_MAX &&
	       expire_s >= RTR_EXPIRE_MIN && expire_s <= RTR_EXPIRE_MAX && expire_s > refresh_s &&
	       expire_s > retry_s;
}

/*
 * ---- Error Report ----
 *
 *     code in the session's place
 *     | length of the PDU | the PDU that was wrong | length of the text | text |
 */
int rtr_error_decode(const struct rtr_head *head, const uint8_t *bytes, struct rtr_error *error)
{
	struct bytes in = body(head, bytes);

	error->code = head->session;
	error->n_pdu = bytes_get32(&in);
	error->pdu = bytes_take(&in, error->n_pdu);
	error->n_text = bytes_get32(&in);
	error->text = bytes_take(&in, error->n_text);
	return all_read(&in);
}

size_t rtr_error_encode(uint8_t *out, size_t cap, unsigned version, unsigned code,
			const uint8_t *pdu, size_t n_pdu, const char *text)
{
	size_t n_text = strlen(text), room = cap - 16;

	if (n_text > room)
		n_text = room;
	if (n_pdu > room - n_text)
		n_pdu = room - n_text;
	rtr_head_encode(out, version, RTR_ERROR_REPORT, code, (uint32_t)(16 + n_pdu + n_text));
	put32(out + 8, (uint32_t)n_pdu);
	if (n_pdu)
		memcpy(out + 12, pdu, n_pdu);
	put32(out + 12 + n_pdu, (uint32_t)n_text);
	memcpy(out + 16 + n_pdu, text, n_text);
	return 16 + n_pdu + n_text;
}

bool rtr_code_known(unsigned version, int code)
{
	static const int most[] = {MANRS_RTR_DUPLICATE, MANRS_RTR_UNEXPECTED_VERSION,
				   MANRS_RTR_CACHE_SHUTDOWN};

	return version <= RTR_VERSION_MAX && code >= 0 && code <= most[version];
}
