/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prefixes and AS numbers as text, strict in and canonical out.
 *
 * Each reader goes left to right over text[at..n) and returns the offset behind what it took, or 0 with the fault set
 * at the first byte that it refuses. IPv6 text is RFC 4291 section 2.2 in, RFC 5952 section 4 out (an address in
 * ::ffff:0:0/96 ends in dotted form, section 5).
 */

#include "net/bits.h"
#include "net/text.h"

#include "base/emit.h"
#include "base/mem.h"

#include <assert.h>
#include <string.h>

static size_t refuse(manrs_fault *fault, int code, size_t at, const char *what)
{
	fault_set(fault, code, at, what);
	return 0;
}

static bool is_digit(char c)
{
	return (unsigned char)(c - '0') <= 9;
}

static int hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

size_t text_number(uint64_t *number, uint64_t max, const char *text, size_t at, size_t n,
		   manrs_fault *fault)
{
	size_t start = at;
	uint64_t value = 0;
	bool large = false;

	assert(at <= n);
	for (; at < n && is_digit(text[at]); at++) {
		uint64_t digit = (uint64_t)(text[at] - '0');

		/* 19 digits fit in any case, so most numbers never come to the division. */
		if (at - start >= 19 && value > (UINT64_MAX - digit) / 10)
			large = true;
		value = value * 10 + digit;
	}
	if (at == start)
		return refuse(fault, MANRS_ESYNTAX, at, "a decimal number is missing");
	if (text[start] == '0' && at - start > 1)
		return refuse(fault, MANRS_ESYNTAX, start, "leading zero in a number");
	if (large || value > max)
		return refuse(fault, MANRS_ERANGE, start, "number too large");
	*number = value;
	return at;
}

/*
 * Behind the first number of HIGH.LOW, at the dot: RFC 5396 section 2, asdot and asdot+. Both are 16 bits. Programs that
 * hold AS numbers as floats write AS13335 as 13335.0, which is another AS in asdot: with .0 it must be `named` by "AS".
 */
static size_t text_asdot(uint32_t *asn, uint64_t high, bool named, const char *text, size_t dot,
			 size_t n, manrs_fault *fault)
{
	uint64_t low;
	size_t at = text_number(&low, UINT16_MAX, text, dot + 1, n, fault);

	if (at && high > UINT16_MAX)
		return refuse(fault, MANRS_ERANGE, dot,
			      "number too large before the dot of an AS number");
	if (at && low == 0 && !named)
		return refuse(fault, MANRS_ESYNTAX, dot,
			      "a number with .0 may be a fraction: AS1.0 is an AS number");
	if (at)
		*asn = (uint32_t)(high << 16 | low);
	return at;
}

size_t text_asn(uint32_t *asn, const char *text, size_t at, size_t n, manrs_fault *fault)
{
	bool named = n - at >= 2 && (text[at] | 0x20) == 'a' && (text[at + 1] | 0x20) == 's';
	uint64_t number;

	if (named)
		at += 2;
	at = text_number(&number, UINT32_MAX, text, at, n, fault);
	if (at && at < n && text[at] == '.')
		return text_asdot(asn, number, named, text, at, n, fault);
	if (at)
		*asn = (uint32_t)number;
	return at;
}

/* One to three digits up to 255; text_number says what is wrong with anything else. */
static size_t read_octet(uint8_t *octet, const char *text, size_t at, size_t n, manrs_fault *fault)
{
	size_t start = at;
	unsigned value = 0;
	uint64_t number;

	for (; at < n && at - start < 3 && is_digit(text[at]); at++)
		value = value * 10 + (unsigned)(text[at] - '0');
	if (at == start || value > 255 || (text[start] == '0' && at - start > 1) ||
	    (at < n && is_digit(text[at])))
		return text_number(&number, 255, text, start, n, fault);
	*octet = (uint8_t)value;
	return at;
}

/* Four octets that are as they should be, which most are; 0: read_octet says what is wrong. */
static size_t plain_ipv4(uint8_t *addr, const char *text, size_t at, size_t n)
{
	const char *p = text + at, *end = text + n;

	for (int i = 0; i < 4; i++) {
		unsigned value = 0, digit;
		const char *start;

		if (i > 0 && (p == end || *p++ != '.'))
			return 0;
		for (start = p; p < end && (digit = (unsigned)(*p - '0')) <= 9; p++)
			value = value * 10 + digit;
		if (p == start || p - start > 3 || value > 255 || (*start == '0' && p - start > 1))
			return 0;
		addr[i] = (uint8_t)value;
	}
	return (size_t)(p - text);
}

static size_t read_ipv4(uint8_t *addr, const char *text, size_t at, size_t n, manrs_fault *fault)
{
	size_t plain = plain_ipv4(addr, text, at, n);

	if (plain)
		return plain;
	for (int i = 0; i < 4; i++) {
		if (i > 0 && (at == n || text[at++] != '.'))
			return refuse(fault, MANRS_ESYNTAX, at == n ? at : at - 1,
				      "an IPv4 address has four octets");
		at = read_octet(&addr[i], text, at, n, fault);
		if (!at)
			return 0;
	}
	return at;
}

/* Whether the group at `at` is the first octet of an embedded IPv4 address. */
static bool starts_ipv4(const char *text, size_t at, size_t n)
{
	while (at < n && is_digit(text[at]))
		at++;
	return at < n && text[at] == '.';
}

static size_t read_group(uint8_t *group, const char *text, size_t at, size_t n, manrs_fault *fault)
{
	size_t start = at;
	unsigned value = 0;

	for (; at < n && at - start < 4 && hex_value(text[at]) >= 0; at++)
		value = value << 4 | (unsigned)hex_value(text[at]);
	if (at == start || (at < n && hex_value(text[at]) >= 0))
		return refuse(fault, MANRS_ESYNTAX, at,
			      "a group of an IPv6 address has one to four hex digits");
	group[0] = (uint8_t)(value >> 8);
	group[1] = (uint8_t)value;
	return at;
}

/* Groups fill addr from its start; behind a "::" they are moved to its end. */
static size_t read_ipv6(uint8_t *addr, const char *text, size_t at, size_t n, manrs_fault *fault)
{
	size_t used = 0, gap = SIZE_MAX, start = at;

	if (at + 1 < n && text[at] == ':' && text[at + 1] == ':') {
		gap = 0;
		at += 2;
	}
	while (used < 16 && at < n &&
	       (hex_value(text[at]) >= 0 || (gap != used && text[at] == ':'))) {
		if (used <= 12 && starts_ipv4(text, at, n)) {
			at = read_ipv4(addr + used, text, at, n, fault);
			if (!at)
				return 0;
			used += 4;
			break;
		}
		at = read_group(addr + used, text, at, n, fault);
		if (!at)
			return 0;
		used += 2;
		if (used == 16 || at == n || text[at] != ':')
			break;
		if (at + 1 < n && text[at + 1] == ':') {
			if (gap != SIZE_MAX)
				return refuse(fault, MANRS_ESYNTAX, at,
					      "a second :: in an IPv6 address");
			gap = used;
			at++;
		} else if (at + 1 == n || hex_value(text[at + 1]) < 0) {
			return refuse(fault, MANRS_ESYNTAX, at + 1,
				      "a group of an IPv6 address is missing");
		}
		at++;
	}
	if ((used < 16) != (gap != SIZE_MAX) || at == start)
		return refuse(fault, MANRS_ESYNTAX, at,
			      used == 16 ? "nothing left for :: to stand for"
					 : "an IPv6 address has eight groups");
	assert(used <= 16 && (gap == SIZE_MAX || gap <= used));
	if (gap != SIZE_MAX) {
		memmove(addr + 16 - (used - gap), addr + gap, used - gap);
		memset(addr + gap, 0, 16 - used);
	}
	return at;
}

size_t text_skip_blanks(const char *text, size_t at, size_t n)
{
	while (at < n && (text[at] == ' ' || text[at] == '\t'))
		at++;
	return at;
}

static size_t text_address(manrs_prefix *prefix, const char *text, size_t at, size_t n,
			   manrs_fault *fault)
{
	manrs_prefix p = {0};
	size_t i = at;

	while (i < n && hex_value(text[i]) >= 0)
		i++;
	p.family = i < n && text[i] == ':' ? 6 : 4;
	p.len = p.maxlen = p.family == 6 ? 128 : 32;
	at = p.family == 6 ? read_ipv6(p.addr, text, at, n, fault)
			   : read_ipv4(p.addr, text, at, n, fault);
	if (at)
		*prefix = p;
	return at;
}

size_t text_prefix(manrs_prefix *prefix, const char *text, size_t at, size_t n, manrs_fault *fault)
{
	manrs_prefix p;
	uint64_t len;
	size_t start = at, slash;

	at = text_address(&p, text, at, n, fault);
	if (!at)
		return 0;
	if (at == n || text[at] != '/')
		return refuse(fault, MANRS_ESYNTAX, at, "a prefix has a length: /N");
	slash = at;
	at = text_number(&len, 999, text, at + 1, n, fault);
	if (!at)
		return 0;
	if (len > family_bits(p.family))
		return refuse(fault, MANRS_ERANGE, slash + 1,
			      "prefix length longer than the address");
	p.len = p.maxlen = (uint8_t)len;
	if (!prefix_ok(&p))
		return refuse(fault, MANRS_EINVAL, start, "host bits set");
	*prefix = p;
	return at;
}

/* The whole text must have been used; `at` 0 means that a reader refused. */
static int whole(size_t at, size_t n, manrs_fault *fault, manrs_fault *inner)
{
	if (at == 0) {
		if (fault)
			*fault = *inner;
		return inner->code;
	}
	if (at < n)
		return fault_set(fault, MANRS_ESYNTAX, at, "unexpected text after the end");
	return MANRS_OK;
}

int manrs_prefix_parse(manrs_prefix *prefix, const char *text, size_t n, manrs_fault *fault)
{
	manrs_fault inner = {0};
	manrs_prefix p;
	int rc = whole(text_prefix(&p, text, 0, n, &inner), n, fault, &inner);

	if (rc == MANRS_OK)
		*prefix = p;
	return rc;
}

int manrs_address_parse(manrs_prefix *prefix, const char *text, size_t n, manrs_fault *fault)
{
	manrs_fault inner = {0};
	manrs_prefix p;
	int rc = whole(text_address(&p, text, 0, n, &inner), n, fault, &inner);

	if (rc == MANRS_OK)
		*prefix = p;
	return rc;
}

int manrs_asn_parse(uint32_t *asn, const char *text, size_t n, manrs_fault *fault)
{
	manrs_fault inner = {0};
	uint32_t number;
	int rc = whole(text_asn(&number, text, 0, n, &inner), n, fault, &inner);

	if (rc == MANRS_OK)
		*asn = number;
	return rc;
}

int manrs_route_parse(manrs_route *route, const char *text, size_t n, manrs_fault *fault)
{
	manrs_fault inner = {0};
	manrs_route r;
	size_t at = text_prefix(&r.prefix, text, 0, n, &inner), blank = at;
	int rc;

	if (at) {
		at = text_skip_blanks(text, at, n);
		if (at == blank)
			return fault_set(fault, MANRS_ESYNTAX, at, "an AS number is missing");
		if (n - at >= 2 && text[at] == '=' && text[at + 1] == '>')
			at = text_skip_blanks(text, at + 2, n);
		at = text_asn(&r.asn, text, at, n, &inner);
	}
	rc = whole(at, n, fault, &inner);
	if (rc == MANRS_OK)
		*route = r;
	return rc;
}

/* ---- writing ---- */

static size_t put_ipv4(char *out, const uint8_t *addr)
{
	size_t at = 0;

	for (int i = 0; i < 4; i++) {
		if (i)
			out[at++] = '.';
		at += emit_digits(out + at, addr[i]);
	}
	return at;
}

static size_t put_hex16(char *out, const uint8_t *group)
{
	unsigned value = (unsigned)group[0] << 8 | group[1];
	size_t n = 0;
	bool on = false;

	for (int shift = 12; shift >= 0; shift -= 4) {
		unsigned digit = value >> shift & 15;

		on = on || digit || shift == 0;
		if (on)
			out[n++] = "0123456789abcdef"[digit];
	}
	return n;
}

/* RFC 5952 section 4.2: the longest run of two or more zero groups, the first of equals, becomes "::". */
static size_t zero_run(const uint8_t *addr, size_t *length)
{
	size_t best = 8, best_n = 1;

	for (size_t i = 0; i < 8; i++) {
		size_t n = 0;

		while (i + n < 8 && addr[2 * (i + n)] == 0 && addr[2 * (i + n) + 1] == 0)
			n++;
		if (n > best_n) {
			best = i;
			best_n = n;
		}
		if (n)
			i += n - 1;
	}
	assert(best == 8 || best + best_n <= 8);
	*length = best < 8 ? best_n : 0;
	return best;
}

static size_t put_ipv6(char *out, const uint8_t *addr)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	size_t length, run = zero_run(addr, &length), at = 0;

	if (!memcmp(addr, mapped, sizeof mapped)) {
		memcpy(out, "::ffff:", 7);
		return 7 + put_ipv4(out + 7, addr + 12);
	}
	for (size_t i = 0; i < 8; i++) {
		if (i == run) {
			out[at++] = ':';
			out[at++] = ':';
			i += length - 1;
			continue;
		}
		if (i && i != run + length)
			out[at++] = ':';
		at += put_hex16(out + at, addr + 2 * i);
	}
	return at;
}

static int put_out(char *text, size_t cap, const char *from, size_t n)
{
	assert(n > 0 && n < MANRS_ROUTE_TEXT);
	if (n >= cap)
		return MANRS_ELIMIT;
	memcpy(text, from, n);
	text[n] = '\0';
	return (int)n;
}

static size_t put_prefix(char *out, const manrs_prefix *prefix)
{
	size_t n = prefix->family == 4 ? put_ipv4(out, prefix->addr) : put_ipv6(out, prefix->addr);

	out[n++] = '/';
	return n + emit_digits(out + n, prefix->len);
}

static size_t put_asn(char *out, uint32_t asn)
{
	out[0] = 'A';
	out[1] = 'S';
	return 2 + emit_digits(out + 2, asn);
}

int manrs_prefix_format(const manrs_prefix *prefix, char *text, size_t cap)
{
	char out[64];

	if (!prefix_ok(prefix))
		return MANRS_EINVAL;
	return put_out(text, cap, out, put_prefix(out, prefix));
}

int manrs_asn_format(uint32_t asn, char *text, size_t cap)
{
	char out[16];

	return put_out(text, cap, out, put_asn(out, asn));
}

int manrs_route_format(const manrs_route *route, char *text, size_t cap)
{
	char out[80];
	size_t n;

	if (!prefix_ok(&route->prefix))
		return MANRS_EINVAL;
	n = put_prefix(out, &route->prefix);
	out[n++] = ' ';
	return put_out(text, cap, out, n + put_asn(out + n, route->asn));
}

/* ---- order ---- */

int manrs_prefix_set(manrs_prefix *prefix, int family, const void *bytes, uint32_t len,
		     uint32_t flags)
{
	unsigned bits = family == 4 || family == 6 ? family_bits((unsigned)family) : 0;
	manrs_prefix p;

	if (!bits || flags & ~MANRS_PREFIX_CLEAR)
		return MANRS_EINVAL;
	if (len > bits)
		return MANRS_ERANGE;
	p = (manrs_prefix){.family = (uint8_t)family, .len = (uint8_t)len, .maxlen = (uint8_t)len};
	memcpy(p.addr, bytes, bits / 8);
	if (flags & MANRS_PREFIX_CLEAR)
		addr_mask(p.addr, len);
	else if (!prefix_ok(&p))
		return MANRS_EINVAL;
	*prefix = p;
	return MANRS_OK;
}

int manrs_prefix_get(const manrs_prefix *prefix, void *bytes, uint32_t *len)
{
	if (!prefix_ok(prefix))
		return MANRS_EINVAL;
	if (bytes)
		memcpy(bytes, prefix->addr, family_bits(prefix->family) / 8);
	if (len)
		*len = prefix->len;
	return prefix->family;
}

int manrs_prefix_check(const manrs_prefix *prefix)
{
	return prefix_ok(prefix) ? MANRS_OK : MANRS_EINVAL;
}

int manrs_prefix_cmp(const manrs_prefix *a, const manrs_prefix *b)
{
	int d;

	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	d = memcmp(a->addr, b->addr, sizeof a->addr);
	if (d)
		return d < 0 ? -1 : 1;
	return a->len < b->len ? -1 : a->len > b->len;
}

int manrs_prefix_covers(const manrs_prefix *outer, const manrs_prefix *inner)
{
	return prefix_ok(outer) && prefix_ok(inner) && outer->family == inner->family &&
	       outer->len <= inner->len &&
	       addr_common(outer->addr, inner->addr, outer->len) == outer->len;
}
