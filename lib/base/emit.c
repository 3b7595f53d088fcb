/* SPDX-License-Identifier: BSD-2-Clause */
/* Text into a bounded buffer. Nothing is written past cap; n counts what was asked for. */

#include "base/emit.h"

#include <limits.h>
#include <string.h>

void emit_bytes(struct emit *out, const char *bytes, size_t n)
{
	size_t room = out->n < out->cap ? out->cap - out->n : 0;

	if (room)
		memcpy(out->text + out->n, bytes, n < room ? n : room);
	out->n += n;
}

void emit_text(struct emit *out, const char *text)
{
	emit_bytes(out, text, strlen(text));
}

static size_t digits_of(uint64_t number)
{
	size_t n = 1;

	for (; number >= 10000; number /= 10000)
		n += 4;
	return n + (number >= 10) + (number >= 100) + (number >= 1000);
}

size_t emit_digits(char *out, uint64_t number)
{
	static const char pairs[] = "00010203040506070809101112131415161718192021222324"
				    "25262728293031323334353637383940414243444546474849"
				    "50515253545556575859606162636465666768697071727374"
				    "75767778798081828384858687888990919293949596979899";
	size_t n = digits_of(number), at = n;

	for (; number >= 100; number /= 100)
		memcpy(out + (at -= 2), pairs + 2 * (number % 100), 2);
	if (at == 2)
		memcpy(out, pairs + 2 * number, 2);
	else
		*out = (char)('0' + number);
	return n;
}

void emit_number(struct emit *out, uint64_t number)
{
	char digits[EMIT_DIGITS];

	emit_bytes(out, digits, emit_digits(digits, number));
}

void emit_json_string(struct emit *out, const char *text, size_t n)
{
	static const char hex[] = "0123456789abcdef";

	emit_bytes(out, "\"", 1);
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)text[i];
		char escape[] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};

		if (c < 0x20 || c == 0x7f) {
			emit_bytes(out, escape, sizeof escape);
			continue;
		}
		if (c == '"' || c == '\\')
			emit_bytes(out, "\\", 1);
		emit_bytes(out, text + i, 1);
	}
	emit_bytes(out, "\"", 1);
}

int emit_done(struct emit *out)
{
	if (out->n < out->cap && out->n <= INT_MAX) {
		out->text[out->n] = '\0';
		return (int)out->n;
	}
	if (out->cap)
		out->text[0] = '\0';
	return MANRS_ELIMIT;
}
