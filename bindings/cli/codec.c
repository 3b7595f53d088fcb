/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * gzip, bzip2, xz and zstd, each only where the build found its library (compress.sh). Files of several streams one
 * behind the other (pbzip2, cat a.gz b.gz) are read whole.
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

static bool gzip_pump(struct input *in, size_t *n)
{
	z_stream *z = in->state;
	int rc;

	if (idle(in, n))
		return true;
	if (!in->inside && inflateReset(z) != Z_OK)
		return false;
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
	return rc == Z_OK || rc == Z_STREAM_END || rc == Z_BUF_ERROR;
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

static bool bzip2_pump(struct input *in, size_t *n)
{
	bz_stream *z = in->state;
	int rc;

	if (idle(in, n))
		return true;
	if (!in->inside && BZ2_bzDecompressInit(z, 0, 0) != BZ_OK)
		return false;
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
	return rc == BZ_OK || rc == BZ_STREAM_END;
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
	return z && lzma_stream_decoder(z, UINT64_MAX, LZMA_CONCATENATED) == LZMA_OK;
}

/* LZMA_CONCATENATED: the end of the file is the end of the streams, and only then is it known to be whole. */
static bool xz_pump(struct input *in, size_t *n)
{
	lzma_stream *z = in->state;
	lzma_ret rc;

	if (!in->inside && z->total_in) {
		*n = 0;
		return true;
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
	return rc == LZMA_OK || rc == LZMA_STREAM_END || rc == LZMA_BUF_ERROR;
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

static bool zstd_open(struct input *in)
{
	in->state = ZSTD_createDStream();
	return in->state != NULL;
}

static bool zstd_pump(struct input *in, size_t *n)
{
	ZSTD_inBuffer from = {in->raw + in->at, in->n - in->at, 0};
	ZSTD_outBuffer to = {in->out, *n, 0};
	size_t rc;

	if (idle(in, n))
		return true;
	rc = ZSTD_decompressStream(in->state, &to, &from);
	in->at += from.pos;
	*n = to.pos;
	in->inside = rc != 0;
	return !ZSTD_isError(rc);
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
