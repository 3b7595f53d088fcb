/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RTR's PDUs one by one: what the decoders take is as RFC 8210 section 5 and 8210bis section 5 draw it, told here once more; and
 * what is encoded of it is the PDU again, but for the bits that are reserved.
 */

#include "wire/rtr_pdu.h"

#include <manrs/manrs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fail(int line)
{
	fprintf(stderr, "line %d does not hold\n", line);
	abort();
}
#define must(truth) ((truth) ? (void)0 : fail(__LINE__))

static uint32_t long_at(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Whether a PDU of this version and type may have this length; -1: there is no such PDU. */
static int length_fits(unsigned version, unsigned type, uint32_t n)
{
	switch (type) {
	case 0:
	case 1:
		return n == 12;
	case 2:
	case 3:
	case 8:
		return n == 8;
	case 4:
		return n == 20;
	case 6:
		return n == 32;
	case 7:
		return n == (version ? 24 : 12);
	case 9:
		return version ? n >= 33 && n <= 32 + 228 : -1;
	case 10:
		return n >= 16 && n <= 65535;
	case 11:
		return version >= 2 ? n >= 12 && n <= 65535 && n % 4 == 0 : -1;
	default:
		return -1;
	}
}

/* What was encoded is the PDU that was decoded, but for the bits that say nothing. */
static void same(const uint8_t *made, size_t n, const uint8_t *pdu, const struct rtr_head *head)
{
	uint8_t *was = malloc(n);

	must(was && n == head->length);
	memcpy(was, pdu, n);
	if (head->type == 4 || head->type == 6) {
		was[2] = was[3] = was[11] = 0;
		was[8] &= 1;
	} else {
		was[2] &= 1;
		was[3] = 0;
	}
	must(!memcmp(made, was, n));
	free(was);
}

static void try_prefix(const struct rtr_head *head, const uint8_t *pdu)
{
	unsigned width = head->type == 4 ? 32 : 128, rest = 0;
	uint8_t out[64];
	manrs_route vrp;
	bool announce, cleared;
	int code = rtr_prefix_decode(head, pdu, false, &vrp, &announce);

	for (unsigned i = pdu[9]; i < width; i++)
		rest |= pdu[12 + i / 8] >> (7 - i % 8) & 1;
	must((code == RTR_GOOD) == (pdu[9] <= pdu[10] && pdu[10] <= width && !rest));
	if (code == RTR_GOOD) {
		must(announce == (pdu[8] & 1) && manrs_prefix_check(&vrp.prefix) == MANRS_OK);
		same(out, rtr_prefix_encode(out, head->version, &vrp, announce), pdu, head);
	}
	code = rtr_prefix_decode(head, pdu, true, &vrp, &cleared);
	must((code == RTR_GOOD) ==
	     (pdu[9] <= pdu[10] && pdu[10] <= width && (!rest || head->version < 2)));
	must(code != RTR_GOOD || manrs_prefix_check(&vrp.prefix) == MANRS_OK);
}

static void try_key(const struct rtr_head *head, const uint8_t *pdu)
{
	uint8_t out[32 + MANRS_SPKI_MAX];
	manrs_router_key key;
	bool announce;

	must(rtr_key_decode(head, pdu, &key, &announce) == RTR_GOOD);
	for (size_t i = key.spki_len; i < MANRS_SPKI_MAX; i++)
		must(!key.spki[i]);
	same(out, rtr_key_encode(out, head->version, &key, announce), pdu, head);
}

static void try_aspa(const struct rtr_head *head, const uint8_t *pdu)
{
	uint32_t customer = long_at(pdu + 8), n = (head->length - 12) / 4;
	uint32_t *providers = malloc(4 * (size_t)n + 1);
	uint8_t *out = malloc(head->length);
	struct rtr_aspa a;
	int code = rtr_aspa_decode(head, pdu, &a);
	bool good = customer && (pdu[2] & 1 ? n > 0 : n == 0);

	must(providers && out);
	for (uint32_t i = 0; i < n; i++) {
		providers[i] = long_at(pdu + 12 + 4 * (size_t)i);
		good = good && providers[i] != customer && (n == 1 || providers[i]) &&
		       (i == 0 || providers[i - 1] < providers[i]);
	}
	must((code == RTR_GOOD) == good);
	if (good) {
		manrs_aspa aspa = {providers, customer, n};

		must(a.customer == customer && a.n == n && a.announce == (pdu[2] & 1));
		same(out, rtr_aspa_encode(out, &aspa, a.announce), pdu, head);
	}
	free(providers);
	free(out);
}

/* The parts of an Error Report are in it, one behind the other, and so are those of one that quotes it. */
static void try_error(const struct rtr_head *head, const uint8_t *pdu)
{
	static const char text[] = "what is wrong with it";
	uint8_t out[300];
	struct rtr_head again;
	struct rtr_error e;
	int code = rtr_error_decode(head, pdu, &e);
	uint64_t n_pdu = long_at(pdu + 8);
	bool good = n_pdu <= head->length - 16;
	size_t n;

	good = good && long_at(pdu + 12 + n_pdu) + n_pdu + 16 == head->length;
	must((code == RTR_GOOD) == good);
	if (good)
		must(e.pdu == pdu + 12 && e.pdu + e.n_pdu + 4 == e.text &&
		     e.text + e.n_text == pdu + head->length);
	n = rtr_error_encode(out, sizeof out, head->version, 0, pdu, head->length, text);
	must(n <= sizeof out && rtr_head_decode(&again, out) == RTR_GOOD && again.length == n);
	must(rtr_error_decode(&again, out, &e) == RTR_GOOD && !memcmp(e.pdu, pdu, e.n_pdu) &&
	     !memcmp(e.text, text, e.n_text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct rtr_head head;
	struct rtr_end end;
	uint8_t *pdu;
	int code, fits;

	if (n < 8)
		return 0;
	code = rtr_head_decode(&head, data);
	must(head.version == data[0] && head.type == data[1] && head.length == long_at(data + 4));
	if (data[0] > 2)
		return 0;
	fits = length_fits(data[0], data[1], head.length);
	must((code == RTR_GOOD) == (fits > 0) && (code == MANRS_RTR_UNSUPPORTED_PDU) == (fits < 0));
	if (code != RTR_GOOD || n < head.length)
		return 0;
	pdu = malloc(head.length); /* nothing is read behind it */
	must(pdu != NULL);
	memcpy(pdu, data, head.length);
	switch (head.type) {
	case 4:
	case 6:
		try_prefix(&head, pdu);
		break;
	case 7:
		must(rtr_end_decode(&head, pdu, &end) == RTR_GOOD &&
		     end.serial == long_at(pdu + 8));
		break;
	case 9:
		try_key(&head, pdu);
		break;
	case 10:
		try_error(&head, pdu);
		break;
	case 11:
		try_aspa(&head, pdu);
		break;
	default:
		break;
	}
	free(pdu);
	return 0;
}
