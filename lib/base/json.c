/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A push scanner of JSON (RFC 8259).
 *
 * A token that lies whole in the slice is read where it lies. One that the end of the slice cuts is collected in
 * `text` and finished from the next slice: the search for its end goes on where it stopped, so that a text pushed byte
 * by byte costs no more than its length.
 *
 *     text    { "asn" : "AS1" , ...            state = what may come next; `part` != 0 while a token is cut
 *     slice     [--from---p---------end)       offset of p in the text = offset + (p - from)
 *
 * Strings (section 7) are searched eight bytes at a time for a quote, a backslash or a control character; UTF-8 and
 * escapes are looked at once, when the whole string is there, and only if the search met any. Raw line feeds cannot
 * stand inside a token, so lines are counted in the blanks alone. After a failure p == end for good.
 */

#include "base/json.h"

#include "base/cc.h"
#include "base/utf8.h"

#include <assert.h>
#include <string.h>

enum state {
	VALUE,        /* a value */
	VALUE_OR_END, /* after [ */
	KEY_OR_END,   /* after { */
	KEY,          /* after , in an object */
	COLON,        /* after a member's name */
	COMMA,        /* after a value inside something: , or the closing bracket */
	DONE,         /* after the only value */
};

static uint64_t where(const struct js *j, const char *p)
{
	return j->offset + (uint64_t)(p - j->from);
}

static int fail_at(struct js *j, int code, uint64_t at, const char *what)
{
	j->fault = (manrs_fault){.at = at, .what = what, .code = code, .line = j->line};
	j->from = j->p = j->end;
	j->part = 0;
	return JS_BAD;
}

static int fail(struct js *j, const char *p, const char *what)
{
	return fail_at(j, MANRS_ESYNTAX, where(j, p), what);
}

/* Eight bytes, the first one lowest. */
static uint64_t load8(const char *p)
{
	uint8_t b[8];

	memcpy(b, p, 8);
	return (uint64_t)b[0] | (uint64_t)b[1] << 8 | (uint64_t)b[2] << 16 | (uint64_t)b[3] << 24 |
	       (uint64_t)b[4] << 32 | (uint64_t)b[5] << 40 | (uint64_t)b[6] << 48 |
	       (uint64_t)b[7] << 56;
}

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/*
 * The first quote, backslash or control character in p..end. A subtraction borrows only past a byte that was hit, so
 * the lowest hit is always a true one.
 */
static cc_inline const char *search(const char *p, const char *end, uint64_t *high)
{
	uint64_t all = 0;

	while (end - p >= 8) {
		uint64_t v = load8(p), quote = v ^ EACH('"'), slash = v ^ EACH('\\');
		uint64_t hit = ((quote - EACH(1)) & ~quote) | ((slash - EACH(1)) & ~slash) |
			       ((v - EACH(0x20)) & ~v);

		all |= v;
		hit &= EACH(0x80);
		if (hit) {
			*high |= all & EACH(0x80);
			return p + cc_ctz64(hit) / 8;
		}
		p += 8;
	}
	for (; p < end && *p != '"' && *p != '\\' && (unsigned char)*p >= 0x20; p++)
		all |= (unsigned char)*p;
	*high |= all & EACH(0x80);
	return p;
}

/* ---- what a string means ---- */

/* The four hex digits of \uXXXX at s, or -1. */
static int32_t hex4(const char *s, size_t n)
{
	int32_t value = 0;

	if (n < 4)
		return -1;
	for (size_t i = 0; i < 4; i++) {
		int c = s[i], digit;

		if (c >= '0' && c <= '9')
			digit = c - '0';
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			digit = (c | 0x20) - 'a' + 10;
		else
			return -1;
		value = value << 4 | digit;
	}
	return value;
}

/* The escape at s[0] == '\\': what it stands for goes to out. Returns its bytes, 0 if it is none. */
static size_t unescape(char *out, size_t *made, const char *s, size_t n)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *simple;
	int32_t c, low;

	if (n < 2)
		return 0;
	simple = s[1] ? strchr(from, s[1]) : NULL;
	if (simple) {
		*out = to[simple - from];
		*made = 1;
		return 2;
	}
	c = s[1] == 'u' ? hex4(s + 2, n - 2) : -1;
	if (c < 0 || (c >= 0xdc00 && c <= 0xdfff))
		return 0;
	if (c < 0xd800 || c > 0xdbff) {
		*made = utf8_put(out, (uint32_t)c);
		return 6;
	}
	low = n >= 12 && s[6] == '\\' && s[7] == 'u' ? hex4(s + 8, n - 8) : -1;
	if (low < 0xdc00 || low > 0xdfff)
		return 0;
	*made = utf8_put(out, 0x10000 + ((uint32_t)(c - 0xd800) << 10) + (uint32_t)(low - 0xdc00));
	return 12;
}

/*
 * Decode raw[n] into out, which may be raw: nothing grows. Returns its length, or SIZE_MAX with *bad = the offset of
 * what is no UTF-8 or no escape.
 */
static size_t decode(char *out, const char *raw, size_t n, size_t *bad)
{
	size_t at = 0, to = 0;

	while (at < n) {
		size_t made, used;

		if (raw[at] == '\\') {
			char c[4];

			used = unescape(c, &made, raw + at, n - at);
			memcpy(out + to, c, used ? made : 0);
		} else {
			used = made = utf8_len(raw + at, n - at);
			memmove(out + to, raw + at, used);
		}
		if (!used) {
			*bad = at;
			return SIZE_MAX;
		}
		assert(made <= used && used <= n - at);
		at += used;
		to += made;
	}
	assert(to <= n);
	return to;
}

/* ---- tokens that may be cut ---- */

/* Add from..to to what there is of a token that was cut. */
static bool keep(struct js *j, const char *from, const char *to)
{
	size_t n = (size_t)(to - from);

	assert(from <= to && to <= j->end);
	if (n == 0)
		return true;
	if (!vec_reserve(&j->mem, &j->text, n, 1)) {
		fail_at(j, MANRS_ENOMEM, j->part_at, "out of memory");
		return false;
	}
	memcpy((char *)j->text.at + j->text.n, from, n);
	j->text.n += n;
	return true;
}

/* The slice ends inside the token that started at `at`; from..end is what the slice has of it. */
static int cut(struct js *j, const char *from, uint64_t at, int kind)
{
	if (!j->part) {
		j->part = (uint8_t)kind;
		j->part_at = at;
		j->text.n = 0;
	}
	if (!keep(j, from, j->end))
		return JS_BAD;
	j->p = j->end;
	return JS_MORE;
}

/* The token from..to of this slice is whole: point at it, or behind what there is of it already. */
static bool whole(struct js *j, struct js_token *t, const char *from, const char *to, uint64_t at)
{
	t->text = from;
	t->n = (size_t)(to - from);
	t->at = at;
	if (cc_unlikely(j->part)) {
		if (!keep(j, from, to))
			return false;
		t->text = j->text.n ? j->text.at : "";
		t->n = j->text.n;
		j->part = 0;
	}
	return true;
}

static int value_done(struct js *j, int kind)
{
	assert(j->depth <= JS_DEPTH);
	j->state = j->depth ? COMMA : DONE;
	return kind;
}

static cc_inline int string_done(struct js *j)
{
	if (!j->key)
		return value_done(j, JS_STRING);
	j->state = COLON;
	if (cc_likely(j->p < j->end && *j->p == ':')) {
		j->p++;
		j->state = VALUE;
	}
	return JS_KEY;
}

static cc_noinline int string_decode(struct js *j, struct js_token *t)
{
	size_t bad = 0, n;

	if (t->text != j->text.at) {
		j->text.n = 0;
		if (!vec_reserve(&j->mem, &j->text, t->n + 1, 1))
			return fail_at(j, MANRS_ENOMEM, t->at, "out of memory");
	}
	n = decode(j->text.at, t->text, t->n, &bad);
	if (n == SIZE_MAX)
		return fail_at(j, MANRS_ESYNTAX, t->at + 1 + bad,
			       t->text[bad] == '\\' ? "not an escape of JSON" : "not UTF-8");
	t->text = j->text.at;
	t->n = n;
	return string_done(j);
}

/*
 * Go on with a string at p; its quote is at offset `at`. The search sees JS_TOKEN bytes of the string and the quote
 * behind them, never more.
 */
static cc_inline int string(struct js *j, struct js_token *t, const char *p, uint64_t at)
{
	const char *from = p, *end = j->end;
	size_t before = j->part ? j->text.n : 0;

	assert(p <= end && before <= JS_TOKEN);
	if (cc_unlikely((size_t)(end - p) > JS_TOKEN + 1 - before))
		end = p + (JS_TOKEN + 1 - before);
	if (cc_unlikely(j->escaped) && p < end) {
		j->escaped = 0;
		p++;
	}
	for (;;) {
		p = search(p, end, &j->high);
		if (cc_unlikely(p == end))
			break;
		if (cc_likely(*p == '"')) {
			if (!whole(j, t, from, p, at))
				return JS_BAD;
			j->p = p + 1;
			return cc_unlikely(j->high || j->escapes) ? string_decode(j, t)
								  : string_done(j);
		}
		if (*p != '\\')
			return fail(j, p, "a control character in a string");
		j->escapes = 1;
		if (end - p < 2) {
			j->escaped = 1;
			break;
		}
		p += 2;
	}
	if (before + (size_t)(end - from) > JS_TOKEN)
		return fail_at(j, MANRS_ELIMIT, at, "a string of more than 65536 bytes");
	return cut(j, from, at, JS_STRING);
}

static bool is_digit(char c)
{
	return (unsigned char)(c - '0') <= 9;
}

static size_t digits(const char *s, size_t at, size_t n)
{
	while (at < n && is_digit(s[at]))
		at++;
	return at;
}

/* RFC 8259 section 6 over the whole text of a number: n, or where it goes wrong. */
static size_t number_syntax(const char *s, size_t n, bool *integer)
{
	size_t at = n && s[0] == '-', from = at;

	*integer = at == 0;
	at = digits(s, at, n);
	if (at == from || (s[from] == '0' && at > from + 1))
		return from;
	if (at < n && s[at] == '.') {
		*integer = false;
		from = ++at;
		at = digits(s, at, n);
		if (at == from)
			return at;
	}
	if (at < n && (s[at] | 0x20) == 'e') {
		*integer = false;
		at++;
		if (at < n && (s[at] == '+' || s[at] == '-'))
			at++;
		from = at;
		at = digits(s, at, n);
	}
	return at;
}

static int number_done(struct js *j, struct js_token *t)
{
	size_t at = number_syntax(t->text, t->n, &t->integer);

	/* A number cut short is wrong behind its last byte, in whatever slice that stands. */
	if (at < t->n || !is_digit(t->text[t->n - 1]))
		return fail_at(j, MANRS_ESYNTAX, t->at + at, "not a number of JSON");
	t->number = 0;
	for (size_t i = 0; t->integer && i < t->n; i++) {
		uint64_t digit = (uint64_t)(t->text[i] - '0');

		if (t->number > (UINT64_MAX - digit) / 10)
			t->integer = false;
		t->number = t->number * 10 + digit;
	}
	return value_done(j, JS_NUMBER);
}

static bool in_number(char c)
{
	return is_digit(c) || c == '-' || c == '+' || c == '.' || (c | 0x20) == 'e';
}

static cc_noinline int number(struct js *j, struct js_token *t, const char *p, uint64_t at)
{
	const char *from = p;
	size_t before = j->part ? j->text.n : 0;

	while (p < j->end && in_number(*p) && before + (size_t)(p - from) <= JS_TOKEN)
		p++;
	if (before + (size_t)(p - from) > JS_TOKEN)
		return fail_at(j, MANRS_ELIMIT, at, "a number of more than 65536 bytes");
	if (p == j->end && !j->eof)
		return cut(j, from, at, JS_NUMBER);
	if (!whole(j, t, from, p, at))
		return JS_BAD;
	j->p = p;
	return number_done(j, t);
}

/* The number that most numbers are: up to 18 digits with something else behind them in the slice. */
static cc_inline int number_quick(struct js *j, struct js_token *t, const char *p, uint64_t at)
{
	const char *from = p;
	uint64_t value = 0;

	for (; p < j->end && is_digit(*p); p++)
		value = value * 10 + (uint64_t)(*p - '0');
	if (cc_unlikely(p == j->end || p - from > 18 || p == from ||
			(*from == '0' && p - from > 1) || in_number(*p)))
		return number(j, t, from, at);
	*t = (struct js_token){from, (size_t)(p - from), at, value, true};
	j->p = p;
	return value_done(j, JS_NUMBER);
}

static int literal(struct js *j, struct js_token *t, const char *p, uint64_t at, int kind)
{
	const char *want = kind == JS_TRUE ? "true" : kind == JS_FALSE ? "false" : "null";

	for (; want[j->matched]; p++, j->matched++) {
		if (p == j->end) {
			j->part = (uint8_t)kind;
			j->part_at = at;
			j->p = p;
			return JS_MORE;
		}
		if (*p != want[j->matched])
			return fail(j, p, "not a value of JSON");
	}
	j->part = j->matched = 0;
	t->at = at;
	j->p = p;
	return value_done(j, kind);
}

/* ---- structure ---- */

static int open_container(struct js *j, const char *p, int kind)
{
	if (j->depth == JS_DEPTH)
		return fail_at(j, MANRS_ELIMIT, where(j, p), "nested deeper than 64");
	j->objects = (j->objects & ~(UINT64_C(1) << j->depth)) | (uint64_t)(kind == JS_OBJECT)
									 << j->depth;
	j->depth++;
	j->state = kind == JS_OBJECT ? KEY_OR_END : VALUE_OR_END;
	j->p = p + 1;
	return kind;
}

static bool in_object(const struct js *j)
{
	return j->objects >> (j->depth - 1) & 1;
}

static int close_container(struct js *j, const char *p, int kind)
{
	bool object = kind == JS_OBJECT_END;

	if (j->state != (object ? KEY_OR_END : VALUE_OR_END) &&
	    (j->state != COMMA || in_object(j) != object))
		return fail(j, p, "a closing bracket out of place");
	j->depth--;
	j->p = p + 1;
	return value_done(j, kind);
}

static int unexpected(struct js *j, const char *p)
{
	static const char *const missing[] = {
		[VALUE] = "a value is missing",
		[VALUE_OR_END] = "a value or ] is missing",
		[KEY_OR_END] = "a member's name or } is missing",
		[KEY] = "a member's name is missing",
		[COLON] = "a colon is missing",
		[COMMA] = "a comma or a closing bracket is missing",
		[DONE] = "text behind the end of the JSON value",
	};

	return fail(j, p, missing[j->state]);
}

/* The slice is used up. */
static int at_end(struct js *j)
{
	if (j->fault.code)
		return JS_BAD;
	j->p = j->end;
	if (!j->eof)
		return JS_MORE;
	if (j->part || j->state != DONE)
		return fail(j, j->end, "the text ends too early");
	return JS_END;
}

static int resume(struct js *j, struct js_token *t)
{
	if (j->part == JS_NUMBER && (j->p < j->end || j->eof))
		return number(j, t, j->p, j->part_at);
	if (j->p == j->end)
		return at_end(j);
	if (j->part == JS_STRING)
		return string(j, t, j->p, j->part_at);
	return literal(j, t, j->p, j->part_at, j->part);
}

static cc_inline int start_string(struct js *j, struct js_token *t, const char *p)
{
	if (j->state == KEY || j->state == KEY_OR_END)
		j->key = 1;
	else if (j->state == VALUE || j->state == VALUE_OR_END)
		j->key = 0;
	else
		return unexpected(j, p);
	j->high = 0;
	j->escapes = 0;
	return string(j, t, p + 1, where(j, p));
}

static int start_value(struct js *j, struct js_token *t, const char *p)
{
	if (j->state != VALUE && j->state != VALUE_OR_END)
		return unexpected(j, p);
	t->at = where(j, p);
	switch (*p) {
	case '{':
		return open_container(j, p, JS_OBJECT);
	case '[':
		return open_container(j, p, JS_ARRAY);
	case 't':
		return literal(j, t, p, t->at, JS_TRUE);
	case 'f':
		return literal(j, t, p, t->at, JS_FALSE);
	case 'n':
		return literal(j, t, p, t->at, JS_NULL);
	default:
		return *p == '-' || is_digit(*p) ? number_quick(j, t, p, t->at)
						 : fail(j, p, "not a value of JSON");
	}
}

int js_next(struct js *j, struct js_token *t)
{
	const char *p = j->p;

	if (cc_unlikely(j->part))
		return resume(j, t);
	for (;; p++) {
		if (cc_unlikely(p == j->end))
			return at_end(j);
		switch (*p) {
		case '\n':
			j->line++;
			continue;
		case ' ':
		case '\t':
		case '\r':
			continue;
		case ',':
			if (j->state != COMMA)
				return unexpected(j, p);
			j->state = in_object(j) ? KEY : VALUE;
			continue;
		case ':':
			if (j->state != COLON)
				return unexpected(j, p);
			j->state = VALUE;
			continue;
		case '"':
			return start_string(j, t, p);
		case '}':
			t->at = where(j, p);
			return close_container(j, p, JS_OBJECT_END);
		case ']':
			t->at = where(j, p);
			return close_container(j, p, JS_ARRAY_END);
		default:
			return start_value(j, t, p);
		}
	}
}

void js_init(struct js *j, const manrs_alloc *mem)
{
	*j = (struct js){.mem = *mem, .from = "", .line = 1};
	j->p = j->end = j->from;
}

void js_free(struct js *j)
{
	vec_free(&j->mem, &j->text, 1);
}

void js_feed(struct js *j, const char *bytes, size_t n)
{
	if (j->fault.code || n == 0)
		return;
	j->offset = where(j, j->end);
	j->from = j->p = bytes;
	j->end = bytes + n;
}

void js_eof(struct js *j)
{
	j->eof = 1;
}

bool js_rest(const struct js *j, const char **from, const char **end)
{
	*from = j->p;
	*end = j->end;
	return j->state == COMMA && !j->part && !in_object(j);
}

void js_skip(struct js *j, const char *to, uint32_t lines)
{
	j->p = to;
	j->line += lines;
}
