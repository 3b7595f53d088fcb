/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_NET_TEXT_H
#define LIB_NET_TEXT_H

/*
 * Text readers that stop at what they cannot use, for parsers of whole texts: each reads from text[at..n) and
 * returns the offset after what it read, or 0 with the fault set (offsets count from text[0]; nothing valid is empty).
 */

#include <manrs/prefix.h>

/* ADDRESS/LEN with host bits zero. */
size_t text_prefix(manrs_prefix *prefix, const char *text, size_t at, size_t n, manrs_fault *fault);
/* A decimal number up to max, no sign, no leading zero. */
size_t text_number(uint64_t *number, uint64_t max, const char *text, size_t at, size_t n,
		   manrs_fault *fault);
/* An AS number in asplain or asdot (RFC 5396), with or without "AS". */
size_t text_asn(uint32_t *asn, const char *text, size_t at, size_t n, manrs_fault *fault);

/* Behind blanks and tabs. */
size_t text_skip_blanks(const char *text, size_t at, size_t n);

#endif
