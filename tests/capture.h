/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_CAPTURE_H
#define TESTS_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What one side of a TCP connection sent, as far as no segment is missing. */
struct capture_stream {
	uint8_t *bytes;
	size_t n;
	uint8_t from[16], to[16]; /* IPv4: the first four */
	uint16_t from_port, to_port;
};

/* The streams with data of a pcap or pcapng file, in the order of their first segments. */
struct capture {
	struct capture_stream *stream;
	size_t n;
};

/* returns: false: it is no such file */
bool capture_read(struct capture *capture, const char *path);
void capture_free(struct capture *capture);

#endif
