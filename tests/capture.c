/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TCP streams out of a capture: pcap (both byte orders) and pcapng's enhanced packets; Ethernet with tags, Linux's cooked
 * captures, raw IP and BSD's loopback.
 */

#include "capture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct segment {
	size_t stream, n;
	uint32_t seq;
	const uint8_t *bytes;
};

struct reading {
	struct capture *capture;
	struct segment *segment;
	size_t n;
};

static uint32_t number(const uint8_t *p, size_t n, bool little)
{
	uint32_t v = 0;

	for (size_t i = 0; i < n; i++)
		v = v << 8 | p[little ? n - 1 - i : i];
	return v;
}

static size_t stream_of(struct capture *c, const struct capture_stream *key)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct capture_stream *s = &c->stream[i];

		if (!memcmp(s->from, key->from, 16) && !memcmp(s->to, key->to, 16) &&
		    s->from_port == key->from_port && s->to_port == key->to_port)
			return i;
	}
	c->stream = realloc(c->stream, (c->n + 1) * sizeof *c->stream);
	c->stream[c->n] = *key;
	return c->n++;
}

static void read_tcp(struct reading *r, struct capture_stream *key, const uint8_t *p, size_t n)
{
	size_t head = n < 20 ? n : (size_t)(p[12] >> 4) * 4;

	if (n < 20 || head > n || head == n)
		return;
	key->from_port = (uint16_t)number(p, 2, false);
	key->to_port = (uint16_t)number(p + 2, 2, false);
	r->segment = realloc(r->segment, (r->n + 1) * sizeof *r->segment);
	r->segment[r->n++] = (struct segment){stream_of(r->capture, key), n - head,
					      number(p + 4, 4, false), p + head};
}

static void read_ip(struct reading *r, const uint8_t *p, size_t n)
{
	struct capture_stream key = {0};
	size_t head, whole;

	if (n >= 20 && p[0] >> 4 == 4 && p[9] == 6) {
		head = (size_t)(p[0] & 15) * 4;
		whole = number(p + 2, 2, false);
		memcpy(key.from, p + 12, 4);
		memcpy(key.to, p + 16, 4);
	} else if (n >= 40 && p[0] >> 4 == 6 && p[6] == 6) {
		head = 40;
		whole = 40 + number(p + 4, 2, false);
		memcpy(key.from, p + 8, 16);
		memcpy(key.to, p + 24, 16);
	} else {
		return;
	}
	if (whole == 0 || whole > n) /* 0: left to the network card */
		whole = n;
	if (head <= whole)
		read_tcp(r, &key, p + head, whole - head);
}

static void read_frame(struct reading *r, uint32_t link, const uint8_t *p, size_t n)
{
	size_t at = link == 1 ? 14 : link == 113 ? 16 : link == 276 ? 20 : link == 0 ? 4 : 0;

	while (link == 1 && at + 4 <= n &&
	       (number(p + at - 2, 2, false) == 0x8100 || number(p + at - 2, 2, false) == 0x88a8))
		at += 4;
	if (at <= n)
		read_ip(r, p + at, n - at);
}

static bool read_pcap(struct reading *r, const uint8_t *p, size_t n)
{
	bool little = p[0] != 0xa1;
	uint32_t link = number(p + 20, 4, little) & 0xffff;

	for (size_t at = 24; at + 16 <= n;) {
		size_t taken = number(p + at + 8, 4, little);

		at += 16;
		if (taken > n - at)
			return false;
		read_frame(r, link, p + at, taken);
		at += taken;
	}
	return true;
}

static bool read_pcapng(struct reading *r, const uint8_t *p, size_t n)
{
	bool little = p[8] == 0x4d;
	uint32_t link[8] = {0}, links = 0;

	for (size_t at = 0; at + 12 <= n;) {
		uint32_t type = number(p + at, 4, little), size = number(p + at + 4, 4, little);

		if (size < 12 || size > n - at)
			return false;
		if (type == 1 && links < 8)
			link[links++] = number(p + at + 8, 2, little);
		if (type == 6 && size >= 32) {
			uint32_t i = number(p + at + 8, 4, little);
			uint32_t taken = number(p + at + 20, 4, little);

			if (i >= links || taken > size - 32)
				return false;
			read_frame(r, link[i], p + at + 28, taken);
		}
		at += size;
	}
	return true;
}

/* What is sent again is kept once; behind a gap nothing is. */
static void assemble(struct reading *r)
{
	for (size_t s = 0; s < r->capture->n; s++) {
		struct capture_stream *stream = &r->capture->stream[s];
		uint32_t next = 0;
		bool begun = false, more = true;

		for (size_t i = 0; i < r->n; i++)
			if (r->segment[i].stream == s &&
			    (!begun || (int32_t)(r->segment[i].seq - next) < 0)) {
				next = r->segment[i].seq;
				begun = true;
			}
		while (more) {
			more = false;
			for (size_t i = 0; i < r->n; i++) {
				const struct segment *g = &r->segment[i];
				uint32_t known = next - g->seq;

				if (g->stream != s || known >= g->n)
					continue;
				stream->bytes = realloc(stream->bytes, stream->n + g->n - known);
				memcpy(stream->bytes + stream->n, g->bytes + known, g->n - known);
				stream->n += g->n - known;
				next += (uint32_t)(g->n - known);
				more = true;
			}
		}
	}
}

static uint8_t *whole_file(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	uint8_t *bytes = NULL;
	long size;

	if (!f)
		return NULL;
	if (!fseek(f, 0, SEEK_END) && (size = ftell(f)) > 0 && !fseek(f, 0, SEEK_SET)) {
		bytes = malloc((size_t)size);
		*n = fread(bytes, 1, (size_t)size, f);
	}
	fclose(f);
	return bytes;
}

bool capture_read(struct capture *capture, const char *path)
{
	struct reading r = {.capture = capture};
	size_t n = 0;
	uint8_t *bytes = whole_file(path, &n);
	bool good = false;

	*capture = (struct capture){0};
	if (bytes && n >= 28)
		good = number(bytes, 4, false) == 0x0a0d0d0a ? read_pcapng(&r, bytes, n)
							     : read_pcap(&r, bytes, n);
	assemble(&r);
	free(r.segment);
	free(bytes);
	return good;
}

void capture_free(struct capture *capture)
{
	for (size_t i = 0; i < capture->n; i++)
		free(capture->stream[i].bytes);
	free(capture->stream);
	*capture = (struct capture){0};
}
