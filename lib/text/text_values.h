/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_TEXT_TEXT_VALUES_H
#define LIB_TEXT_TEXT_VALUES_H

/* Bytes, times and provider lists as they stand in text files. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum base64_kind {
	BASE64_ANY, /* either alphabet of RFC 4648 (one of them within a text), with or without padding */
	BASE64_URL, /* section 5, no padding: RFC 8416 section 3.3.2 */
};

/* Decode text[n] into out[cap]. Returns how many bytes, -1 for bad text, unused bits set or more than cap. */
long value_base64(uint8_t *out, size_t cap, const char *text, size_t n, enum base64_kind kind);
/* Exactly `bytes` bytes as hex digits of any case. */
bool value_hex(uint8_t *out, size_t bytes, const char *text, size_t n);
/*
 * "2025-07-20T09:31:33Z" or "2025-07-20 09:31:33", UTC, from 1970 on: Unix seconds. The T form may have a fraction, which
 * is dropped, and an offset like +02:00 in place of the Z.
 */
bool value_time(uint64_t *seconds, const char *text, size_t n);
/* "2025-07-20", the start of that day in UTC. */
bool value_date(uint64_t *seconds, const char *text, size_t n);
/*
 * Of providers in ascending order take AS0 out if there are others, beside which it has no effect
 * (draft-ietf-sidrops-aspa-verification section 4). Returns how many are left.
 */
size_t value_without_as0(uint32_t *provider, size_t n);
/*
 * Bring the providers of a customer into the order of manrs_aspa: ascending, each once, AS0 alone or not at all. Returns NULL, or what is wrong with them.
 */
const char *value_providers(uint32_t customer, uint32_t *provider, size_t *n);

#endif
