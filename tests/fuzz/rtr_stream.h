/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_FUZZ_RTR_STREAM_H
#define TESTS_FUZZ_RTR_STREAM_H

/* What the fuzz targets of RTR's two sides share: what must hold, memory that is counted, streams of PDUs. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline void fail(int line)
{
	fprintf(stderr, "line %d does not hold\n", line);
	abort();
}
#define must(truth) ((truth) ? (void)0 : fail(__LINE__))

struct heap {
	size_t live, peak;
};

static inline void *resize(void *arg, void *ptr, size_t old_size, size_t new_size)
{
	struct heap *h = arg;

	h->live += new_size - old_size;
	h->peak = h->live > h->peak ? h->live : h->peak;
	if (!new_size) {
		free(ptr);
		return NULL;
	}
	return realloc(ptr, new_size);
}

/* A stream of PDUs as they were read or written on this connection. */
struct stream {
	uint8_t *bytes;
	size_t n, parsed;
};

static inline void append(struct stream *s, const uint8_t *bytes, size_t n)
{
	if (!n)
		return;
	s->bytes = realloc(s->bytes, s->n + n);
	must(s->bytes != NULL);
	memcpy(s->bytes + s->n, bytes, n);
	s->n += n;
}

static inline uint32_t long_at(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* The next whole PDU of it; NULL: none. */
static inline const uint8_t *next(struct stream *s)
{
	size_t left = s->n - s->parsed;
	const uint8_t *pdu = left ? s->bytes + s->parsed : NULL;

	if (left < 8 || long_at(pdu + 4) < 8 || long_at(pdu + 4) > left)
		return NULL;
	s->parsed += long_at(pdu + 4);
	return pdu;
}

#endif
