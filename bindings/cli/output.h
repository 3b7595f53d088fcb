/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

/* Buffered bytes to a file or stdout; one at a time. */

#include "cli.h"

#include <string.h>

struct out {
	int fd;
	const char *path;
	char *target; /* the file that is replaced in the end; NULL: written as it comes */
	char *buf;
	size_t n, cap;
	bool failed;
	/* Wait until fd takes PIPE_BUF bytes. returns: false: it does not, and shall not be waited for. NULL: write waits */
	bool (*ready)(int fd);
};
bool out_open(struct out *out, const char *path); /* NULL or "-": stdout */
/* Only now does a file take the new content. false: something was not written, said so. */
bool out_close(struct out *out);
void out_spoil(struct out *out); /* the input failed, said so: a file shall stay as it was */
/* Into buf[n], which grows and is to be freed, and nowhere else: neither out_spoil nor out_close. */
void out_memory(struct out *out);
void out_flush(struct out *out);           /* what is written as it comes is there now */
char *out_room(struct out *out, size_t n); /* n free bytes, n <= 4096; then out_used */
static inline void out_used(struct out *out, size_t n)
{
	out->n += n;
}
void out_much(struct out *out, const char *bytes, size_t n); /* out_bytes where there is no room */
static inline void out_bytes(struct out *out, const char *bytes, size_t n)
{
	if (n >= out->cap - out->n) {
		out_much(out, bytes, n);
		return;
	}
	memcpy(out->buf + out->n, bytes, n);
	out->n += n;
}
static inline void out_text(struct out *out, const char *text)
{
	out_bytes(out, text, strlen(text));
}
void out_number(struct out *out, uint64_t number);
void out_prefix(struct out *out, const manrs_prefix *prefix);
void out_address(struct out *out, const manrs_prefix *address); /* without its length */
/* AS numbers of four octets as RFC 5396's asdot, "1.10" for 65546; options_read lets it be with plain and csv only. */
extern bool out_asdot;
void out_as_number(struct out *out, uint32_t asn);
void out_asn(struct out *out, uint32_t asn);                /* "AS13335" */
void out_path(struct out *out, const char *text, size_t n); /* of manrs_path_format */
void out_csv_path(struct out *out, const char *text, size_t n);
void out_csv(struct out *out, const char *text, size_t n);  /* RFC 4180: quoted where it must be */
void out_json(struct out *out, const char *text, size_t n); /* quoted and escaped */
void out_hex(struct out *out, const uint8_t *bytes, size_t n);
/* Not padded. url: with - and _ for + and / (RFC 4648 section 5). */
void out_base64(struct out *out, const uint8_t *bytes, size_t n, bool url);

#endif
