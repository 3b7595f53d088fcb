/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_BASE_EMIT_H
#define LIB_BASE_EMIT_H

/* Text into a bounded buffer: counts on past the end, so that one check at the end is enough. */

#include <manrs/base.h>
#include <stdbool.h>

struct emit {
	char *text; /* [cap] */
	size_t cap;
	size_t n; /* wanted so far, which may be more than cap */
};

void emit_bytes(struct emit *out, const char *bytes, size_t n);
void emit_text(struct emit *out, const char *text);
void emit_number(struct emit *out, uint64_t number);
/* A JSON string with its quotes (RFC 8259 section 7). */
void emit_json_string(struct emit *out, const char *text, size_t n);

#define EMIT_DIGITS 20 /* of the greatest number */

/* Write a decimal number without a NUL, where there is room for it. returns: its digits, at most 10 for 32 bits. */
size_t emit_digits(char *out, uint64_t number);

/* Close with a NUL. returns: the length; MANRS_ELIMIT when it did not fit (the text is then empty, if cap > 0). */
int emit_done(struct emit *out);

#endif
