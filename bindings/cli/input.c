/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes of a file or of stdin, uncompressed on the way when they begin as gzip, bzip2, xz or zstd does.
 *
 *     fd -> raw[at..n) -> codec->pump -> out[]        (no codec: raw itself)
 *
 * A codec takes what it can of raw and says whether it stands inside a stream; a file that ends there was cut.
 */

#include "codec.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct codec *const codecs[] = {&codec_gzip, &codec_bzip2, &codec_xz, &codec_zstd};

uint64_t input_memory = INPUT_MEMORY;

const char *const *input_codecs(void)
{
	static const char *names[sizeof codecs / sizeof *codecs + 1];
	size_t n = 0;

	for (size_t i = 0; i < sizeof codecs / sizeof *codecs; i++)
		if (codecs[i]->open)
			names[n++] = codecs[i]->name;
	names[n] = NULL;
	return names;
}

static int fail(struct input *in, const char *what)
{
	complain_at(in->name, 0, "%s", what);
	in->failed = true;
	return -1;
}

/* Read more behind what is left of raw. returns: -1: said why. */
static int refill(struct input *in)
{
	ssize_t n;

	memmove(in->raw, in->raw + in->at, in->n - in->at);
	in->n -= in->at;
	in->at = 0;
	do
		n = read(in->fd, in->raw + in->n, INPUT_CAP - in->n);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return fail(in, strerror(errno));
	in->n += (size_t)n;
	in->taken += (size_t)n;
	in->eof = n == 0;
	progress_at(in->taken);
	return 0;
}

static bool begins(const struct input *in, const struct codec *c)
{
	if (c == &codec_zstd && in->n >= 4 && (in->raw[0] & 0xf0) == 0x50 && !memcmp(in->raw + 1, "\x2a\x4d\x18", 3))
		return true; /* a skippable frame, RFC 8878 3.1.2: pzstd writes one first */
	return in->n >= c->n_magic && !memcmp(in->raw, c->magic, c->n_magic);
}

/* Enough bytes to know a compressed file by; pipes may give them one at a time. */
static int look_inside(struct input *in)
{
	while (in->n < 6 && !in->eof)
		if (refill(in) < 0)
			return -1;
	for (size_t i = 0; i < sizeof codecs / sizeof *codecs; i++) {
		const struct codec *c = codecs[i];

		if (!begins(in, c))
			continue;
		if (!c->open) {
			complain_at(in->name, 0, "%s compression is not built into this command",
				    c->name);
			return -1;
		}
		if (!c->open(in))
			return fail(in, strerror(ENOMEM));
		in->codec = c;
		in->out = must_resize(NULL, INPUT_CAP, 1);
	}
	return 0;
}

struct input *input_open(const char *path)
{
	struct input *in = must_resize(NULL, 1, sizeof *in);
	bool is_stdin = !strcmp(path, "-");
	struct stat st;

	*in = (struct input){.name = is_stdin ? "stdin" : path};
	in->fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	in->raw = must_resize(NULL, INPUT_CAP, 1);
	if (in->fd < 0) {
		fail(in, strerror(errno));
	} else {
		progress_start(in->name, fstat(in->fd, &st) == 0 && S_ISREG(st.st_mode)
						 ? (uint64_t)st.st_size
						 : 0);
		look_inside(in);
	}
	if (in->fd >= 0 && !in->failed)
		return in;
	input_close(in);
	return NULL;
}

static int fail_pump(struct input *in, enum pumped why)
{
	unsigned long long needs = (in->needs + (1u << 20) - 1) >> 20, limit = input_memory;

	if (why == PUMPED_DAMAGED)
		return fail(in, "damaged compressed data");
	if (why == PUMPED_NO_MEMORY)
		return fail(in, strerror(ENOMEM));
	in->failed = true;
	if (needs)
		complain_at(in->name, 0,
			    "to uncompress it takes %llu MiB of memory, more than the %llu MiB "
			    "allowed (--memory)",
			    needs, limit);
	else
		complain_at(
			in->name, 0,
			"to uncompress it takes more memory than the %llu MiB allowed (--memory)",
			limit);
	return -1;
}

static ptrdiff_t read_plain(struct input *in, const char **bytes)
{
	size_t n;

	if (in->at == in->n && !in->eof && refill(in) < 0)
		return -1;
	n = in->n - in->at;
	*bytes = in->raw + in->at;
	in->at = in->n;
	return (ptrdiff_t)n;
}

static ptrdiff_t read_packed(struct input *in, const char **bytes)
{
	for (;;) {
		size_t at = in->at, n = INPUT_CAP;
		enum pumped pumped = in->codec->pump(in, &n);

		if (pumped != PUMPED)
			return fail_pump(in, pumped);
		if (n) {
			*bytes = in->out;
			return (ptrdiff_t)n;
		}
		if (in->eof && in->at == at) {
			if (in->inside || in->at < in->n)
				return fail(in, "the compressed data is cut off");
			return 0;
		}
		if (!in->eof && refill(in) < 0)
			return -1;
	}
}

/* Every input is text of some kind: what begins as something else is named, once for all its readers. */
ptrdiff_t input_read(struct input *in, const char **bytes)
{
	const char *foreign;
	ptrdiff_t n;

	if (in->failed)
		return -1;
	n = in->codec ? read_packed(in, bytes) : read_plain(in, bytes);
	if (n <= 0 || in->known)
		return n;
	in->known = true;
	foreign = manrs_load_foreign(*bytes, (size_t)n);
	return foreign ? fail(in, foreign) : n;
}

const char *input_name(const struct input *in)
{
	return in->name;
}

void input_close(struct input *in)
{
	if (!in)
		return;
	progress_end();
	if (in->codec)
		in->codec->close(in);
	if (in->fd > STDERR_FILENO)
		close(in->fd);
	free(in->raw);
	free(in->out);
	free(in);
}

/* ---- lines ---- */

void lines_open(struct lines *lines, struct input *in)
{
	*lines = (struct lines){.in = in};
}

/* Keep part of a line until its end comes; past the limit it is only skipped. */
static void hold(struct lines *lines, const char *text, size_t n)
{
	if (lines->skipping || n > LINE_LIMIT - lines->n_held) {
		lines->skipping = true;
		lines->n_held = 0;
		return;
	}
	if (lines->cap_held - lines->n_held < n) {
		lines->cap_held = 2 * (lines->n_held + n);
		lines->held = must_resize(lines->held, lines->cap_held, 1);
	}
	if (n)
		memcpy(lines->held + lines->n_held, text, n);
	lines->n_held += n;
}

static int give(struct lines *lines, const char **text, size_t *n)
{
	lines->number++;
	if (lines->number == 1 && !lines->skipping && *n >= 3 &&
	    !memcmp(*text, "\xef\xbb\xbf", 3)) {
		*text += 3; /* a byte order mark */
		*n -= 3;
	}
	if (lines->skipping) {
		*text = NULL;
		*n = 0;
	} else if (*n && (*text)[*n - 1] == '\r') {
		--*n;
	}
	lines->skipping = false;
	lines->n_held = 0;
	return 1;
}

int lines_next(struct lines *lines, const char **text, size_t *n)
{
	for (;;) {
		size_t left = (size_t)(lines->end - lines->at);
		const char *end = left ? memchr(lines->at, '\n', left) : NULL;
		ptrdiff_t got;

		if (end) {
			*text = lines->at;
			*n = (size_t)(end - lines->at);
			lines->at = end + 1;
			if (lines->n_held || lines->skipping) {
				hold(lines, *text, *n);
				*text = lines->held;
				*n = lines->n_held;
			}
			return give(lines, text, n);
		}
		hold(lines, lines->at, left);
		got = lines->ended ? 0 : input_read(lines->in, &lines->at);
		if (got < 0)
			return -1;
		lines->end = got ? lines->at + got : lines->at;
		if (got)
			continue;
		lines->ended = true;
		lines->at = lines->end = NULL;
		if (!lines->n_held && !lines->skipping)
			return 0;
		complain_at(input_name(lines->in), lines->number + 1,
			    "warning: the last line has no end: the file may have been cut");
		*text = lines->held;
		*n = lines->n_held;
		return give(lines, text, n);
	}
}

void lines_close(struct lines *lines)
{
	free(lines->held);
	input_close(lines->in);
	*lines = (struct lines){0};
}

bool lines_each(struct input *in,
		bool (*take)(void *arg, const struct lines *at, const char *text, size_t n),
		void *arg)
{
	struct lines lines;
	const char *text;
	bool more = true;
	size_t n;
	int rc = 0;

	if (!in)
		return false;
	lines_open(&lines, in);
	while (more && (rc = lines_next(&lines, &text, &n)) > 0)
		more = take(arg, &lines, text, n);
	lines_close(&lines);
	return rc >= 0;
}

bool line_whole(const struct lines *at, const char *text, uint64_t *bad)
{
	if (text)
		return true;
	complain_at(input_name(at->in), at->number, "line too long");
	++*bad;
	return false;
}
