/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Buffered output to a file or to stdout. The first write that fails is reported once; what follows is thrown away, and
 * out_close says so.
 */

#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <stdlib.h>
#include <unistd.h>

#define OUT_CAP (256u << 10)

bool out_open(struct out *out, const char *path)
{
	bool to_stdout = !path || !strcmp(path, "-");

	*out = (struct out){
		.fd = STDOUT_FILENO, .path = to_stdout ? "stdout" : path, .cap = OUT_CAP};
	if (!to_stdout)
		out->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (out->fd < 0) {
		complain_at(path, 0, "%s", strerror(errno));
		return false;
	}
	if (isatty(out->fd))
		progress_off();
	out->buf = must_resize(NULL, OUT_CAP, 1);
	return true;
}

static void out_flush(struct out *out)
{
	size_t at = 0;

	while (at < out->n && !out->failed) {
		ssize_t n = write(out->fd, out->buf + at, out->n - at);

		if (n >= 0) {
			at += (size_t)n;
		} else if (errno != EINTR) {
			complain_at(out->path, 0, "%s", strerror(errno));
			out->failed = true;
		}
	}
	out->n = 0;
}

bool out_close(struct out *out)
{
	out_flush(out);
	if (out->fd != STDOUT_FILENO && close(out->fd) < 0 && !out->failed) {
		complain_at(out->path, 0, "%s", strerror(errno));
		out->failed = true;
	}
	free(out->buf);
	out->buf = NULL;
	return !out->failed;
}

char *out_room(struct out *out, size_t n)
{
	if (out->cap - out->n < n)
		out_flush(out);
	return out->buf + out->n;
}

void out_bytes(struct out *out, const char *bytes, size_t n)
{
	while (n) {
		size_t part = n < 4096 ? n : 4096;

		memcpy(out_room(out, part), bytes, part);
		out->n += part;
		bytes += part;
		n -= part;
	}
}

void out_text(struct out *out, const char *text)
{
	out_bytes(out, text, strlen(text));
}

void out_number(struct out *out, uint64_t number)
{
	char digits[20], *at = digits + sizeof digits;

	do
		*--at = (char)('0' + number % 10);
	while (number /= 10);
	out_bytes(out, at, (size_t)(digits + sizeof digits - at));
}

void out_prefix(struct out *out, const manrs_prefix *prefix)
{
	int n = manrs_prefix_format(prefix, out_room(out, MANRS_PREFIX_TEXT), MANRS_PREFIX_TEXT);

	if (n > 0)
		out->n += (size_t)n;
}

void out_asn(struct out *out, uint32_t asn)
{
	out_bytes(out, "AS", 2);
	out_number(out, asn);
}

void out_csv(struct out *out, const char *text, size_t n)
{
	bool quote = false;

	for (size_t i = 0; i < n && !quote; i++)
		quote = text[i] == ',' || text[i] == '"' || text[i] == '\n' || text[i] == '\r';
	if (!quote) {
		out_bytes(out, text, n);
		return;
	}
	out_text(out, "\"");
	for (size_t i = 0; i < n; i++) {
		if (text[i] == '"')
			out_text(out, "\"");
		out_bytes(out, text + i, 1);
	}
	out_text(out, "\"");
}

void out_json(struct out *out, const char *text, size_t n)
{
	out_text(out, "\"");
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '"' || c == '\\') {
			out_text(out, "\\");
			out_bytes(out, text + i, 1);
		} else if (c < 0x20 || c == 0x7f) {
			out_text(out, "\\u00");
			out_bytes(out, &"0123456789abcdef"[c >> 4], 1);
			out_bytes(out, &"0123456789abcdef"[c & 15], 1);
		} else {
			out_bytes(out, text + i, 1);
		}
	}
	out_text(out, "\"");
}
