/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CLI_CODEC_H
#define CLI_CODEC_H

/* The inside of an input, for input.c and the codecs. */

#include "input.h"

#define INPUT_CAP  (256u << 10)
#define INPUT_HEAD 12 /* as many as the header of an MRT record has */

struct input {
	const char *name;
	int fd;
	bool eof, failed;
	bool regular; /* a file, which nobody waits for */
	bool known;   /* looked at what it is */
	bool inside;  /* the codec stands in the middle of a stream */
	char *raw;    /* raw[at..n) is read and not yet used */
	size_t at, n;
	uint64_t taken; /* bytes read of the file */
	const struct codec *codec;
	void *state; /* of the codec */
	char *out;   /* what the codec made */
	uint64_t needs;
	/* Looked at before it was asked for: the first bytes, and what came behind them. */
	char head[INPUT_HEAD];
	const char *rest;
	size_t n_head, n_rest;
	/* Called before a read that may wait; NULL: nobody. */
	void (*idle)(void *arg);
	void *idle_arg;
	/* Called before a fault is said; NULL: nobody. */
	void (*before_fault)(void *arg);
	void *fault_arg;
};

enum pumped {
	PUMPED,
	PUMPED_DAMAGED,
	PUMPED_NO_MEMORY,
	PUMPED_LIMIT, /* it asks for more memory than input_memory; in->needs says how much where that is known */
};

struct codec {
	const char *name, *magic;
	size_t n_magic;
	bool (*open)(struct input *in); /* NULL: not built in; false: no memory */
	/* Use raw, write at most *n bytes to out, set *n to what came. */
	enum pumped (*pump)(struct input *in, size_t *n);
	void (*close)(struct input *in);
};

extern const struct codec codec_gzip, codec_bzip2, codec_xz, codec_zstd;

#endif
