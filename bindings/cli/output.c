/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Buffered output to a file or to stdout. The first write that fails is reported once; what follows is thrown away, and
 * out_close says so.
 *
 *     a regular file, or none yet:  a new file beside it --> written --> renamed over it by out_close
 *     a pipe, a device, /dev/fd/N:  written as it comes
 *
 * So an input may be the output, a reader never meets half a file, and after a failure the old file is as it was. A
 * symbolic link stays one: what it points to is replaced. Of several hard links the one that is named is replaced.
 */

#include "output.h"

#include "progress.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define OUT_CAP (256u << 10)

/* ---- the file beside: gone however the process ends ---- */

static char beside[PATH_MAX]; /* "": none */

static void forget_beside(void)
{
	if (*beside)
		unlink(beside);
	*beside = '\0';
}

static void interrupted(int number)
{
	forget_beside();
	signal(number, SIG_DFL);
	raise(number);
}

static void watch_beside(void)
{
	static const int ends[] = {SIGHUP, SIGINT, SIGTERM, SIGPIPE};
	static bool watched;

	if (watched)
		return;
	watched = true;
	atexit(forget_beside);
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (signal(ends[i], interrupted) == SIG_IGN)
			signal(ends[i], SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a write past the limit fails instead */
}

/* A new file in the folder of `target`. returns: -1: errno. */
static int open_beside(const char *target)
{
	const char *slash = strrchr(target, '/');
	int folder = slash ? (int)(slash + 1 - target) : 0, fd = -1;
	char name[PATH_MAX];

	watch_beside();
	for (unsigned i = 0; i < 100 && fd < 0; i++) {
		if ((size_t)snprintf(name, sizeof name, "%.*s.manrs-%ld-%u", folder, target,
				     (long)getpid(), i) >= sizeof name) {
			errno = ENAMETOOLONG;
			return -1;
		}
		fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (fd < 0 && errno != EEXIST)
			return -1;
	}
	if (fd >= 0)
		memcpy(beside, name, sizeof name);
	return fd;
}

/* Owner and mode of the file that is replaced. */
static bool same_mode(const struct out *out)
{
	struct stat st;

	if (stat(out->target, &st) < 0)
		return errno == ENOENT;
	/* Who may not give a file away keeps it, in the group that it had where he is of it. */
	if (fchown(out->fd, st.st_uid, st.st_gid) < 0 &&
	    fchown(out->fd, (uid_t)-1, st.st_gid) < 0 && errno != EPERM && errno != EINVAL)
		return false;
	return fchmod(out->fd, st.st_mode & 0777) == 0;
}

/* ---- where it goes ---- */

/* "/dev/stdout" and its like name a descriptor that is open. returns: the number, -1: it is none of these. */
static int named_descriptor(const char *path)
{
	static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};

	if (!strcmp(path, "/dev/stdout"))
		return STDOUT_FILENO;
	if (!strcmp(path, "/dev/stderr"))
		return STDERR_FILENO;
	for (size_t i = 0; i < 2; i++) {
		size_t n = strlen(folders[i]),
		       digits = strspn(path + (strlen(path) > n ? n : 0), "0123456789");

		if (!strncmp(path, folders[i], n) && digits && digits < 6 && !path[n + digits])
			return atoi(path + n);
	}
	return -1;
}

/* The file behind symbolic links, even one that is not there yet. returns: to be freed; NULL: errno. */
static char *behind_links(const char *path)
{
	char *real = realpath(path, NULL), *at = must_resize(NULL, PATH_MAX, 1);
	ssize_t n;

	if (real || errno != ENOENT || strlen(path) >= PATH_MAX) {
		free(at);
		return real;
	}
	memcpy(at, path, strlen(path) + 1);
	errno = ELOOP;
	for (int hops = 0; hops < 40; hops++) {
		char link[PATH_MAX], next[PATH_MAX];
		const char *slash = strrchr(at, '/');

		n = readlink(at, link, sizeof link - 1);
		if (n < 0)
			return at;
		link[n] = '\0';
		if (snprintf(next, sizeof next, "%.*s%s",
			     *link == '/' || !slash ? 0 : (int)(slash + 1 - at), at,
			     link) >= PATH_MAX) {
			errno = ENAMETOOLONG;
			break;
		}
		memcpy(at, next, sizeof next);
	}
	free(at);
	return NULL;
}

static int open_file(struct out *out, const char *path)
{
	struct stat st;
	bool there = stat(path, &st) == 0;

	if (there && !S_ISREG(st.st_mode))
		return open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (there && eaccess(path, W_OK) < 0)
		return -1;
	out->target = behind_links(path);
	return out->target ? open_beside(out->target) : -1;
}

bool out_open(struct out *out, const char *path)
{
	bool to_stdout = !path || !strcmp(path, "-");
	int named = to_stdout ? STDOUT_FILENO : named_descriptor(path);

	*out = (struct out){.fd = named, .path = to_stdout ? "stdout" : path, .cap = OUT_CAP};
	if (named != STDOUT_FILENO)
		out->fd = named >= 0 ? dup(named) : open_file(out, path);
	if (out->fd < 0) {
		complain_at(path, 0, "%s%s", strerror(errno),
			    out->target ? ": no new file can be made beside it" : "");
		free(out->target);
		return false;
	}
	if (isatty(out->fd))
		progress_off();
	out->buf = must_resize(NULL, OUT_CAP, 1);
	return true;
}

static void out_failed(struct out *out)
{
	if (!out->failed)
		complain_at(out->path, 0, "%s", strerror(errno));
	out->failed = true;
}

void out_flush(struct out *out)
{
	size_t at = 0;

	while (at < out->n && !out->failed) {
		size_t part = out->n - at;
		ssize_t n;

		if (out->ready && part > PIPE_BUF)
			part = PIPE_BUF;
		if (out->ready && !out->ready(out->fd)) {
			errno = EINTR;
			out_failed(out);
			break;
		}
		n = write(out->fd, out->buf + at, part);
		if (n >= 0)
			at += (size_t)n;
		else if (errno != EINTR)
			out_failed(out);
	}
	out->n = 0;
}

void out_spoil(struct out *out)
{
	out_flush(out);
	out->failed = true;
}

bool out_close(struct out *out)
{
	out_flush(out);
	if (out->target && !out->failed && !same_mode(out))
		out_failed(out);
	if (out->fd != STDOUT_FILENO && close(out->fd) < 0)
		out_failed(out);
	if (out->target && !out->failed) {
		if (rename(beside, out->target) < 0)
			out_failed(out);
		else
			*beside = '\0';
	}
	if (out->target)
		forget_beside();
	free(out->target);
	free(out->buf);
	out->buf = NULL;
	return !out->failed;
}

void out_memory(struct out *out)
{
	*out = (struct out){.fd = -1};
}

char *out_room(struct out *out, size_t n)
{
	while (out->cap - out->n < n && out->fd < 0) {
		out->cap = out->cap ? 2 * out->cap : 8192;
		out->buf = must_resize(out->buf, out->cap, 1);
	}
	if (out->cap - out->n < n)
		out_flush(out);
	return out->buf + out->n;
}

void out_much(struct out *out, const char *bytes, size_t n)
{
	while (n) {
		size_t part = n < 4096 ? n : 4096;

		memcpy(out_room(out, part), bytes, part);
		out->n += part;
		bytes += part;
		n -= part;
	}
}

void out_number(struct out *out, uint64_t number)
{
	char digits[20], *at = digits + sizeof digits;

	if (number < 10) {
		*--at = (char)('0' + number);
		out_bytes(out, at, 1);
		return;
	}
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

void out_address(struct out *out, const manrs_prefix *address)
{
	char *to = out_room(out, MANRS_PREFIX_TEXT);

	int n = manrs_prefix_format(address, to, MANRS_PREFIX_TEXT);

	while (n > 0 && to[n] != '/')
		n--;
	out->n += n > 0 ? (size_t)n : 0;
}

bool out_asdot;

void out_as_number(struct out *out, uint32_t asn)
{
	if (out_asdot && asn >> 16) {
		out_number(out, asn >> 16);
		out_text(out, ".");
		asn &= 0xffff;
	}
	out_number(out, asn);
}

void out_asn(struct out *out, uint32_t asn)
{
	out_bytes(out, "AS", 2);
	out_as_number(out, asn);
}

void out_path(struct out *out, const char *text, size_t n)
{
	if (!out_asdot) {
		out_bytes(out, text, n);
		return;
	}
	for (size_t i = 0; i < n;) {
		uint64_t asn = 0;

		if (text[i] < '0' || text[i] > '9') {
			out_bytes(out, text + i++, 1);
			continue;
		}
		for (; i < n && text[i] >= '0' && text[i] <= '9'; i++)
			asn = asn * 10 + (uint64_t)(text[i] - '0');
		out_as_number(out, (uint32_t)asn);
	}
}

/* The only thing in a path that CSV must quote is the comma of a set. */
void out_csv_path(struct out *out, const char *text, size_t n)
{
	const char *quote = n && memchr(text, ',', n) ? "\"" : "";

	out_text(out, quote);
	out_path(out, text, n);
	out_text(out, quote);
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

void out_hex(struct out *out, const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		out_bytes(out, &"0123456789ABCDEF"[bytes[i] >> 4], 1);
		out_bytes(out, &"0123456789ABCDEF"[bytes[i] & 15], 1);
	}
}

void out_base64(struct out *out, const uint8_t *bytes, size_t n, bool url)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

	for (size_t i = 0; i < n; i += 3) {
		size_t left = n - i < 3 ? n - i : 3;
		uint32_t word = (uint32_t)bytes[i] << 16 |
				(left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
				(left > 2 ? bytes[i + 2] : 0);

		for (size_t k = 0; k <= left; k++) {
			unsigned digit = word >> (18 - 6 * k) & 63;

			out_bytes(out,
				  digit < 62 ? &letters[digit] : &(url ? "-_" : "+/")[digit - 62],
				  1);
		}
	}
}
