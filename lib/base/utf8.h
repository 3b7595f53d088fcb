/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_BASE_UTF8_H
#define LIB_BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* The bytes of the character at s[0], n >= 1; 0 if s[n] does not begin with one (RFC 3629 section 4). */
size_t utf8_len(const char *s, size_t n);
/* Write a character that is no surrogate, up to 10ffff: its bytes, 1 to 4. */
size_t utf8_put(char *out, uint32_t c);
/* The bytes of the byte order mark that s[n] begins with: 3 or 0. */
size_t utf8_mark(const char *s, size_t n);

#endif
