/* SPDX-License-Identifier: BSD-2-Clause */
/* Base64 and hex (RFC 4648), times (the common forms of ISO 8601, UTC) and provider lists of text files, strict. */

#include "text/text_values.h"

#include "base/order.h"

#include <assert.h>
#include <string.h>

enum {
	BAD = 255,
	PLAIN = 64,
	URL = 128
}; /* what a character says about the alphabet, beside its value */

static unsigned sextet(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (unsigned)(c - 'A');
	if (c >= 'a' && c <= 'z')
		return (unsigned)(c - 'a') + 26;
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0') + 52;
	return c == '+'   ? PLAIN + 62
	       : c == '/' ? PLAIN + 63
	       : c == '-' ? URL + 62
	       : c == '_' ? URL + 63
			  : BAD;
}

long value_base64(uint8_t *out, size_t cap, const char *text, size_t n, enum base64_kind kind)
{
	size_t padded = n, used = 0;
	uint32_t bits = 0, held = 0, alphabet = kind == BASE64_URL ? URL : 0;

	if (kind == BASE64_ANY && n % 4 == 0)
		for (int i = 0; i < 2 && n && text[n - 1] == '='; i++)
			n--;
	if (n % 4 == 1 || (padded != n && padded - n != 4 - n % 4))
		return -1;
	for (size_t i = 0; i < n; i++) {
		unsigned v = sextet(text[i]);

		if (v == BAD)
			return -1;
		alphabet |= v & (PLAIN | URL);
		bits = bits << 6 | (v & 63);
		held += 6;
		if (held >= 8) {
			if (used == cap)
				return -1;
			assert(held < 16 && used < cap);
			held -= 8;
			out[used++] = (uint8_t)(bits >> held);
			bits &= (1u << held) - 1;
		}
	}
	return bits || alphabet == (PLAIN | URL) ? -1 : (long)used;
}

static int nibble(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool value_hex(uint8_t *out, size_t bytes, const char *text, size_t n)
{
	if (n != 2 * bytes)
		return false;
	for (size_t i = 0; i < bytes; i++) {
		int high = nibble(text[2 * i]), low = nibble(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static bool leap(uint32_t year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static const uint16_t days_before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365};

static bool date_ok(uint32_t year, uint32_t month, uint32_t day)
{
	return year >= 1970 && month >= 1 && month <= 12 && day >= 1 &&
	       day <= (uint32_t)days_before[month] - days_before[month - 1] +
			       (leap(year) && month == 2);
}

/* Days from 1970-01-01 to a date of the Gregorian calendar. */
static uint64_t days(uint32_t year, uint32_t month, uint32_t day)
{
	uint32_t y = year - 1;

	assert(date_ok(year, month, day));
	return (uint64_t)y * 365 + y / 4 - y / 100 + y / 400 - 719162 + days_before[month - 1] +
	       (leap(year) && month > 2) + day - 1;
}

/* The fields of text[0..n) as they stand in form, which has 'd' for a digit. */
static bool fields(uint32_t *v, const char *form, const char *text, size_t n)
{
	uint32_t field = 0;

	for (size_t i = 0; i < n; i++) {
		if (form[i] == 'd') {
			if (text[i] < '0' || text[i] > '9')
				return false;
			v[field] = v[field] * 10 + (uint32_t)(text[i] - '0');
		} else if (text[i] != form[i] && !(form[i] == 'T' && text[i] == ' ')) {
			return false;
		} else {
			field++;
		}
	}
	return true;
}

/* Behind the seconds: Z, or [.fraction] and Z or an offset. Returns whether it is one; minutes east of UTC. */
static bool zone(int *east, const char *text, size_t n)
{
	uint32_t v[2] = {0};
	size_t at = 0;

	if (n > 2 && text[0] == '.')
		for (at = 1; at < n && text[at] >= '0' && text[at] <= '9';)
			at++;
	*east = 0;
	if (n - at == 1 && at != 1)
		return text[at] == 'Z';
	if (at == 1 || n - at != 6 || (text[at] != '+' && text[at] != '-') ||
	    !fields(v, "dd:dd", text + at + 1, 5) || v[0] > 23 || v[1] > 59)
		return false;
	*east = (int)(v[0] * 60 + v[1]) * (text[at] == '-' ? -1 : 1);
	return true;
}

bool value_time(uint64_t *seconds, const char *text, size_t n)
{
	uint32_t v[6] = {0};
	int64_t at;
	int east = 0;

	if (n < 19 || !fields(v, "dddd-dd-ddTdd:dd:dd", text, 19))
		return false;
	if (!(n == 19 && text[10] == ' ') && !zone(&east, text + 19, n - 19))
		return false;
	if (!date_ok(v[0], v[1], v[2]) || v[3] > 23 || v[4] > 59 || v[5] > 60)
		return false;
	at = (int64_t)(days(v[0], v[1], v[2]) * 86400 + v[3] * 3600u + v[4] * 60u + v[5]) -
	     east * 60;
	if (at < 0)
		return false;
	*seconds = (uint64_t)at;
	return true;
}

bool value_date(uint64_t *seconds, const char *text, size_t n)
{
	uint32_t v[3] = {0};

	if (n != 10 || !fields(v, "dddd-dd-dd", text, n) || !date_ok(v[0], v[1], v[2]))
		return false;
	*seconds = days(v[0], v[1], v[2]) * 86400;
	return true;
}

size_t value_without_as0(uint32_t *provider, size_t n)
{
	if (n < 2 || provider[0] != 0)
		return n;
	memmove(provider, provider + 1, (n - 1) * sizeof *provider);
	return n - 1;
}

const char *value_providers(uint32_t customer, uint32_t *provider, size_t *n)
{
	if (customer == 0)
		return "customer AS0";
	if (*n == 0)
		return "an empty list of providers";
	*n = value_without_as0(provider, order_u32(provider, *n));
	for (size_t i = 0; i < *n; i++)
		if (provider[i] == customer)
			return "the customer among its providers";
	return NULL;
}
