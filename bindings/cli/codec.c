/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gzip, bzip2, xz and zstd, each only where the build found its library (libraries.sh). Files of several streams one
 * behind the other (pbzip2, cat a.gz b.gz) are read whole. gzip and bzip2 have small fixed windows; those of xz and zstd
 * are as large as the file says, up to 4 GB, so input_memory bounds them.
 */

#include "codec.h"

#include <stdlib.h>

/* What every pump does first: nothing to do outside a stream when there are no bytes. */
static bool idle(struct input *in, size_t *n)
{
	if (in->inside || in->at < in->n)
		return false;
	*n = 0;
	return true;
}

#ifdef HAVE_ZLIB
#include <zlib.h>

static bool gzip_open(struct input *in)
{
	z_stream *z = calloc(1, sizeof *z);

	in->state = z;
	return z && inflateInit2(z, 15 + 16) == Z_OK;
}

/* Blocks of tapes are filled with zeros behind a member; gzip passes over them. */
static void skip_padding(struct input *in)
{
	const z_stream *z = in->state;

	if (!in->inside && z->total_in)
		while (in->at < in->n && !in->raw[in->at])
			in->at++;
}

static enum pumped gzip_pump(struct input *in, size_t *n)
{
	z_stream *z = in->state;
	int rc;

	skip_padding(in);
	if (idle(in, n))
		return PUMPED;
	if (!in->inside && inflateReset(z) != Z_OK)
		return PUMPED_DAMAGED;
	in->inside = true;
	z->next_in = (unsigned char *)in->raw + in->at;
	z->avail_in = (unsigned)(in->n - in->at);
	z->next_out = (unsigned char *)in->out;
	z->avail_out = (unsigned)*n;
	rc = inflate(z, Z_NO_FLUSH);
	in->at = in->n - z->avail_in;
	*n -= z->avail_out;
	if (rc == Z_STREAM_END)
		in->inside = false;
	return rc == Z_OK || rc == Z_STREAM_END || rc == Z_BUF_ERROR ? PUMPED
	       : rc == Z_MEM_ERROR                                   ? PUMPED_NO_MEMORY
								     : PUMPED_DAMAGED;
}

static void gzip_close(struct input *in)
{
	if (in->state)
		inflateEnd(in->state);
	free(in->state);
}
#define GZIP gzip_open, gzip_pump, gzip_close
#else
#define GZIP NULL, NULL, NULL
#endif

#ifdef HAVE_BZIP2
#include <bzlib.h>

static bool bzip2_open(struct input *in)
{
	in->state = calloc(1, sizeof(bz_stream));
	return in->state != NULL;
}

static enum pumped bzip2_pump(struct input *in, size_t *n)
{
	bz_stream *z = in->state;
	int rc;

	if (idle(in, n))
		return PUMPED;
	if (!in->inside && BZ2_bzDecompressInit(z, 0, 0) != BZ_OK)
		return PUMPED_NO_MEMORY;
	in->inside = true;
	z->next_in = in->raw + in->at;
	z->avail_in = (unsigned)(in->n - in->at);
	z->next_out = in->out;
	z->avail_out = (unsigned)*n;
	rc = BZ2_bzDecompress(z);
	in->at = in->n - z->avail_in;
	*n -= z->avail_out;
	if (rc == BZ_STREAM_END) {
		BZ2_bzDecompressEnd(z);
		in->inside = false;
	}
	return rc == BZ_OK || rc == BZ_STREAM_END ? PUMPED
	       : rc == BZ_MEM_ERROR               ? PUMPED_NO_MEMORY
						  : PUMPED_DAMAGED;
}

static void bzip2_close(struct input *in)
{
	if (in->state && in->inside)
		BZ2_bzDecompressEnd(in->state);
	free(in->state);
}
#define BZIP2 bzip2_open, bzip2_pump, bzip2_close
#else
#define BZIP2 NULL, NULL, NULL
#endif

#ifdef HAVE_LZMA
#include <lzma.h>

static bool xz_open(struct input *in)
{
	lzma_stream *z = calloc(1, sizeof *z);

	in->state = z;
	return z && lzma_stream_decoder(z, input_memory << 20, LZMA_CONCATENATED) == LZMA_OK;
}

/* LZMA_CONCATENATED: the end of the file is the end of the streams, and only then is it known to be whole. */
static enum pumped xz_pump(struct input *in, size_t *n)
{
	lzma_stream *z = in->state;
	lzma_ret rc;

	if (!in->inside && z->total_in) {
		*n = 0;
		return PUMPED;
	}
	in->inside = true;
	z->next_in = (const uint8_t *)in->raw + in->at;
	z->avail_in = in->n - in->at;
	z->next_out = (uint8_t *)in->out;
	z->avail_out = *n;
	rc = lzma_code(z, in->eof ? LZMA_FINISH : LZMA_RUN);
	in->at = in->n - z->avail_in;
	*n -= z->avail_out;
	if (rc == LZMA_STREAM_END)
		in->inside = false;
	if (rc == LZMA_MEMLIMIT_ERROR)
		in->needs = lzma_memusage(z);
	return rc == LZMA_OK || rc == LZMA_STREAM_END || rc == LZMA_BUF_ERROR ? PUMPED
	       : rc == LZMA_MEMLIMIT_ERROR                                    ? PUMPED_LIMIT
	       : rc == LZMA_MEM_ERROR                                         ? PUMPED_NO_MEMORY
									      : PUMPED_DAMAGED;
}

static void xz_close(struct input *in)
{
	if (in->state)
		lzma_end(in->state);
	free(in->state);
}
#define XZ xz_open, xz_pump, xz_close
#else
#define XZ NULL, NULL, NULL
#endif

#ifdef HAVE_ZSTD
#include <zstd.h>
#include <zstd_errors.h>

/* The largest window is below the limit, for there are buffers beside it. */
static int window_log(void)
{
	int log = 10;

	while (log < 31 && UINT64_C(2) << log < input_memory << 20)
		log++;
	return log;
}

static bool zstd_open(struct input *in)
{
	in->state = ZSTD_createDStream();
	return in->state &&
	       !ZSTD_isError(ZSTD_DCtx_setParameter(in->state, ZSTD_d_windowLogMax, window_log()));
}

static enum pumped zstd_pump(struct input *in, size_t *n)
{
	ZSTD_inBuffer from = {in->raw + in->at, in->n - in->at, 0};
	ZSTD_outBuffer to = {in->out, *n, 0};
	size_t rc;

	if (idle(in, n))
		return PUMPED;
	rc = ZSTD_decompressStream(in->state, &to, &from);
	in->at += from.pos;
	*n = to.pos;
	in->inside = rc != 0;
	switch (ZSTD_getErrorCode(rc)) {
	case ZSTD_error_no_error:
		return PUMPED;
	case ZSTD_error_frameParameter_windowTooLarge:
		return PUMPED_LIMIT;
	case ZSTD_error_memory_allocation:
		return PUMPED_NO_MEMORY;
	default:
		return PUMPED_DAMAGED;
	}
}

static void zstd_close(struct input *in)
{
	ZSTD_freeDStream(in->state);
}
#define ZSTD zstd_open, zstd_pump, zstd_close
#else
#define ZSTD NULL, NULL, NULL
#endif

const struct codec codec_gzip = {"gzip", "\x1f\x8b", 2, GZIP};
const struct codec codec_bzip2 = {"bzip2", "BZh", 3, BZIP2};
const struct codec codec_xz = {"xz",
			       "\xfd"
			       "7zXZ",
			       5, XZ};
const struct codec codec_zstd = {"zstd", "\x28\xb5\x2f\xfd", 4, ZSTD};
