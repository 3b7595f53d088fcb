/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BMP's TLVs: information, statistics, and what a router's texts become before they are shown.
 *
 * source: RFC 7854 sections 4.4 (information), 4.8 (statistics); RFC 8671 section 6.2; RFC 9972 section 3
 */

#include "wire/bmp_reader.h"

#include "base/utf8.h"

#define MOST_TLVS 1024 /* of a message: tlv_get counts from its first one each time */

bool bmp_tlv_next(struct bytes *in, manrs_bmp_tlv *tlv)
{
	*tlv = (manrs_bmp_tlv){0};
	if (!bytes_left(in))
		return false;
	tlv->type = bytes_get16(in);
	tlv->n = bytes_get16(in);
	tlv->bytes = bytes_take(in, tlv->n);
	return !in->bad;
}

/* Counters have 4 octets, gauges 8, reasons and mirroring's information 2; a gauge by family has AFI and SAFI before it. */
static void read_number(manrs_bmp_tlv *tlv, bool statistic)
{
	struct bytes in = bytes_of(tlv->bytes, tlv->n);

	if (statistic && tlv->n == 11) {
		tlv->afi = (uint16_t)bytes_get16(&in);
		tlv->safi = (uint8_t)bytes_get8(&in);
	}
	switch (bytes_left(&in)) {
	case 2:
		tlv->number = bytes_get16(&in);
		break;
	case 4:
		tlv->number = bytes_get32(&in);
		break;
	case 8:
		tlv->number = bytes_get64(&in);
		break;
	}
}

int manrs_bmp_tlv_get(const manrs_bmp_event *event, size_t at, manrs_bmp_tlv *tlv)
{
	struct bytes in = bytes_of(event->tlvs, event->n_tlvs);

	if (at >= MOST_TLVS)
		return MANRS_ENOENT;
	do
		if (!bmp_tlv_next(&in, tlv))
			return MANRS_ENOENT;
	while (at--);
	read_number(tlv, event->kind == MANRS_BMP_STATS);
	return MANRS_OK;
}

/* No byte of it moves the cursor of a terminal: C0, DEL and, in UTF-8, C1. */
static bool is_control(const char *s, size_t len)
{
	unsigned char first = (unsigned char)s[0], second = (unsigned char)s[len - 1];

	return len == 1 ? first < ' ' || first == 0x7f : first == 0xc2 && second < 0xa0;
}

void bmp_name(char *out, size_t cap, const uint8_t *text, size_t n)
{
	const char *s = (const char *)text;
	size_t used = 0;

	for (size_t i = 0, len; i < n; i += len) {
		bool good;

		len = utf8_len(s + i, n - i);
		good = len && !is_control(s + i, len);
		if (!len)
			len = 1;
		if ((good ? len : 1) > cap - 1 - used)
			break;
		if (good)
			memcpy(out + used, s + i, len);
		else
			out[used] = '?';
		used += good ? len : 1;
	}
	memset(out + used, 0, cap - used);
}
