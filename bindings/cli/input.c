/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes of a file or of stdin, uncompressed on the way when they begin as gzip, bzip2, xz or zstd does.
 *
 *     fd -> raw[at..n) -> codec->pump -> out[]        (no codec: raw itself)
 *
 * A codec takes what it can of raw and says whether it stands inside a stream; a file that ends there was cut.
 */

#include "codec.h"

#include "progress.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
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

/* What others had to say comes first. */
static void before_fault(struct input *in)
{
	in->failed = true;
	if (in->before_fault)
		in->before_fault(in->fault_arg);
}

static int fail(struct input *in, const char *what)
{
	before_fault(in);
	complain_at(in->name, 0, "%s", what);
	return -1;
}

/* Whether there are bytes, or the end of them, within `ms` milliseconds. */
static bool ready(const struct input *in, int ms)
{
	struct pollfd wait = {.fd = in->fd, .events = POLLIN};

	return poll(&wait, 1, ms) != 0;
}

/* Read more behind what is left of raw. returns: -1: said why. */
static int refill(struct input *in)
{
	ssize_t n;

	if (in->idle && !in->regular && !ready(in, 0))
		in->idle(in->idle_arg);
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
	if (c == &codec_zstd && in->n >= 4 && (in->raw[0] & 0xf0) == 0x50 &&
	    !memcmp(in->raw + 1, "\x2a\x4d\x18", 3))
		return true; /* a skippable frame, RFC 8878 3.1.2: pzstd writes one first */
	return in->n >= c->n_magic && !memcmp(in->raw, c->magic, c->n_magic);
}

/*
 * Whether more bytes are wanted to know what begins here; pipes may give them one at a time. Not where a line stands that
 * somebody waits to be answered, which is short of `least` where it is an AS path: a time in binary may look like one, but
 * its writer goes on.
 */
static bool too_few(const struct input *in, size_t least)
{
	if (in->n >= least || in->eof)
		return false;
	return !in->n || in->raw[in->n - 1] != '\n' || ready(in, 200);
}

/* Enough bytes to know a compressed file by. */
static int look_inside(struct input *in)
{
	while (too_few(in, 6))
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
		in->regular = fstat(in->fd, &st) == 0 && S_ISREG(st.st_mode);
		progress_start(in->name, in->regular ? (uint64_t)st.st_size : 0);
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
	before_fault(in);
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

/* What was looked at before it was asked for. returns: 0: nothing was. */
static size_t looked_at(struct input *in, const char **bytes)
{
	size_t n = in->n_head ? in->n_head : in->n_rest;

	*bytes = in->n_head ? in->head : in->rest;
	if (!in->n_head)
		in->n_rest = 0;
	in->n_head = 0;
	return n;
}

static ptrdiff_t read_some(struct input *in, const char **bytes)
{
	size_t n = looked_at(in, bytes);

	if (n)
		return (ptrdiff_t)n;
	return in->codec ? read_packed(in, bytes) : read_plain(in, bytes);
}

/* Every input is text of some kind, or MRT: what begins as something else is named, once for all its readers. */
ptrdiff_t input_read(struct input *in, const char **bytes)
{
	const char *foreign;
	ptrdiff_t n;

	if (in->failed)
		return -1;
	n = read_some(in, bytes);
	if (n <= 0 || in->known)
		return n;
	in->known = true;
	foreign = manrs_load_foreign(*bytes, (size_t)n);
	return foreign ? fail(in, foreign) : n;
}

/*
 * The first bytes of what was uncompressed, into head. Where a chunk is shorter than that it is kept in in->head and the next
 * one is looked at too. returns: how many there are.
 */
static size_t look_unpacked(struct input *in, uint8_t head[INPUT_HEAD])
{
	size_t part;

	while (in->n_head + in->n_rest < INPUT_HEAD) {
		ptrdiff_t n;

		if (in->n_rest)
			memcpy(in->head + in->n_head, in->rest, in->n_rest);
		in->n_head += in->n_rest;
		n = in->failed ? -1 : read_packed(in, &in->rest);
		in->n_rest = n > 0 ? (size_t)n : 0;
		if (n <= 0)
			break;
	}
	part = INPUT_HEAD - in->n_head < in->n_rest ? INPUT_HEAD - in->n_head : in->n_rest;
	memcpy(head, in->head, in->n_head);
	if (part)
		memcpy(head + in->n_head, in->rest, part);
	return in->n_head + part;
}

/* The first bytes of what is not compressed: they stay where they are. */
static size_t look_plain(struct input *in, uint8_t head[INPUT_HEAD])
{
	size_t n;

	while (!in->failed && too_few(in, INPUT_HEAD))
		refill(in);
	n = in->n < INPUT_HEAD ? in->n : INPUT_HEAD;
	memcpy(head, in->raw, n);
	return n;
}

bool input_is_mrt(struct input *in)
{
	uint8_t head[INPUT_HEAD];
	size_t n = in->codec ? look_unpacked(in, head) : look_plain(in, head);
	bool answer = manrs_mrt_is(head, n) != 0;

	in->known |= answer;
	return answer;
}

void input_idle(struct input *in, void (*idle)(void *arg), void *arg)
{
	in->idle = idle;
	in->idle_arg = arg;
}

void input_before_fault(struct input *in, void (*before)(void *arg), void *arg)
{
	in->before_fault = before;
	in->fault_arg = arg;
}

bool input_whole(struct input *in, size_t limit, const char *too_long, char **bytes, size_t *n)
{
	const char *part;
	ptrdiff_t got;
	size_t cap = 0;

	*bytes = NULL;
	*n = 0;
	while ((got = input_read(in, &part)) > 0) {
		if ((size_t)got > limit - *n) {
			fail(in, too_long);
			return false;
		}
		if (cap - *n < (size_t)got) {
			cap = 2 * (*n + (size_t)got);
			*bytes = must_resize(*bytes, cap, 1);
		}
		memcpy(*bytes + *n, part, (size_t)got);
		*n += (size_t)got;
	}
	return got == 0;
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
