/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A fault with what stood at its place. A fault's phrase is a constant and cannot hold the value; the text can:
 *
 *     {"prefix": "10.0.0.0/33", ...}        a string, with the member that it is the value of
 *                          ^ at
 *     TABLE_DUMP2|1|B|192.0.2.1|64496|...   a field, or a word of it
 *     max-path = many                       a word, with the key of its line
 */

#include "base/emit.h"

#include <manrs/base.h>
#include <stdbool.h>
#include <string.h>

#define VALUE_MAX  60
#define MEMBER_MAX 40

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool parts(char c)
{
	return blank(c) || strchr("|,=\"{}[]", c);
}

static size_t string_end(const char *text, size_t at, size_t n)
{
	for (at++; at < n && text[at] != '"'; at++)
		at += text[at] == '\\' && at + 1 < n;
	return at < n ? at + 1 : n;
}

/* Behind the bracket that closes text[at], or all that is shown of it. */
static size_t group_end(const char *text, size_t at, size_t n)
{
	size_t depth = 0;

	for (size_t i = at; i < n && i - at < VALUE_MAX; i++) {
		depth += text[i] == '{' || text[i] == '[';
		depth -= text[i] == '}' || text[i] == ']';
		if (depth == 0)
			return i + 1;
	}
	return n - at < VALUE_MAX ? n : at + VALUE_MAX;
}

/* The value that holds text[at]. */
static void find_value(size_t *from, size_t *to, const char *text, size_t at, size_t n)
{
	size_t start = at, end = at;

	if (at < n && text[at] == '"' &&
	    (at == 0 || blank(text[at - 1]) || strchr(":,[{", text[at - 1]))) {
		end = string_end(text, at, n);
	} else if (at < n && (text[at] == '{' || text[at] == '[')) {
		end = group_end(text, at, n);
	} else {
		while (start > 0 && !parts(text[start - 1]))
			start--;
		while (end < n && !parts(text[end]))
			end++;
		if (start > 0 && start < end && text[start] == ':' && text[start - 1] == '"')
			start++; /* {"asn":5} */
		if (start > 0 && end < n && text[start - 1] == '"' && text[end] == '"') {
			start--;
			end++;
		}
	}
	*from = start;
	*to = end;
}

/* Where `"member": ` before a JSON value begins; `from` if there is none. */
static size_t find_member(const char *text, size_t from)
{
	size_t i = from, end;

	while (i > 0 && blank(text[i - 1]))
		i--;
	if (i == 0 || text[i - 1] != ':')
		return from;
	for (i--; i > 0 && blank(text[i - 1]);)
		i--;
	if (i == 0 || text[i - 1] != '"')
		return from;
	for (end = i--; i > 0 && end - i < MEMBER_MAX; i--)
		if (text[i - 1] == '"')
			return i - 1;
	return from;
}

/* The length of the key of a line `key = value` whose value begins at `from`, 0 if it is none; *key is where it begins. */
static size_t find_key(const char *text, size_t from, size_t *key)
{
	size_t start = from, end, at;

	while (start > 0 && text[start - 1] != '\n')
		start--;
	while (start < from && blank(text[start]))
		start++;
	for (end = start;
	     end < from && ((text[end] >= 'a' && text[end] <= 'z') ||
			    (text[end] >= '0' && text[end] <= '9') || text[end] == '-');)
		end++;
	for (at = end; at < from && blank(text[at]);)
		at++;
	*key = start;
	return at < from && text[at] == '=' ? end - start : 0;
}

/* At most so many bytes of text[n], which may hold anything. */
static void put(struct emit *out, const char *text, size_t n, size_t most)
{
	for (size_t i = 0; i < n && i < most; i++)
		emit_bytes(out, text[i] >= ' ' && text[i] <= '~' ? text + i : "?", 1);
	if (n > most)
		emit_text(out, "...");
}

static void put_value(struct emit *out, const char *text, size_t n, size_t at)
{
	size_t from, to, key, n_key, member;

	find_value(&from, &to, text, at, n);
	n_key = find_key(text, from, &key);
	if (from == to && !n_key)
		return;
	emit_text(out, ": ");
	member = find_member(text, from);
	put(out, text + member, from - member, VALUE_MAX);
	if (n_key) {
		put(out, text + key, n_key, MEMBER_MAX);
		emit_text(out, " = ");
	}
	put(out, text + from, to - from, VALUE_MAX);
}

size_t manrs_fault_text(const manrs_fault *fault, const char *text, size_t n, char *out, size_t cap)
{
	struct emit part = {out, cap ? cap - 1 : 0, 0};
	const char *what = fault->what ? fault->what : manrs_strerror(fault->code);

	put(&part, what, strlen(what), SIZE_MAX);
	if (text && fault->at <= n)
		put_value(&part, text, n, (size_t)fault->at);
	n = part.n < part.cap ? part.n : part.cap; /* what does not fit is cut off */
	if (cap)
		out[n] = '\0';
	return n;
}
