/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_WIRE_MRT_FILES_H
#define TESTS_WIRE_MRT_FILES_H

/* Archives of the shared data, unpacked by their names' ends. */

#include "../test.h"

#include <bzlib.h>
#include <lzma.h>
#include <zlib.h>

struct mrt_file {
	uint8_t *at;
	size_t n;
};

static inline void mrt_file_room(struct mrt_file *f, size_t *cap)
{
	if (f->n < *cap)
		return;
	*cap = 2 * *cap + (1 << 20);
	f->at = realloc(f->at, *cap);
	ck_assert_ptr_nonnull(f->at);
}

/* gzip, and what is not packed. */
static inline struct mrt_file mrt_file_gz(const char *path)
{
	gzFile in = gzopen(path, "rb");
	struct mrt_file f = {NULL, 0};
	size_t cap = 0;
	int got;

	ck_assert_ptr_nonnull(in);
	do {
		mrt_file_room(&f, &cap);
		got = gzread(in, f.at + f.n, (unsigned)(cap - f.n));
		ck_assert_int_ge(got, 0);
		f.n += (size_t)got;
	} while (got);
	gzclose(in);
	return f;
}

static inline struct mrt_file mrt_file_bz2(const struct mrt_file *packed)
{
	struct mrt_file f = {malloc(16 << 20), 0};
	unsigned n = 16 << 20;

	ck_assert_int_eq(BZ2_bzBuffToBuffDecompress((char *)f.at, &n, (char *)packed->at,
						    (unsigned)packed->n, 0, 0),
			 BZ_OK);
	f.n = n;
	return f;
}

static inline struct mrt_file mrt_file_xz(const struct mrt_file *packed)
{
	struct mrt_file f = {NULL, 0};
	size_t cap = 0, before = 0;
	lzma_stream s = LZMA_STREAM_INIT;
	lzma_ret rc = lzma_stream_decoder(&s, UINT64_MAX, 0);

	s.next_in = packed->at;
	s.avail_in = packed->n;
	while (rc == LZMA_OK) {
		mrt_file_room(&f, &cap);
		before = cap - f.n;
		s.next_out = f.at + f.n;
		s.avail_out = before;
		rc = lzma_code(&s, LZMA_FINISH);
		f.n += before - s.avail_out;
	}
	ck_assert_int_eq(rc, LZMA_STREAM_END);
	lzma_end(&s);
	return f;
}

/* at NULL: it is not there. */
static inline struct mrt_file mrt_file(const char *name)
{
	const char *path = test_data(name);
	struct mrt_file f = {NULL, 0}, packed;
	size_t n = strlen(name);

	if (!path)
		return f;
	f = mrt_file_gz(path);
	packed = f;
	if (n > 4 && !strcmp(name + n - 4, ".bz2"))
		f = mrt_file_bz2(&packed);
	else if (n > 3 && !strcmp(name + n - 3, ".xz"))
		f = mrt_file_xz(&packed);
	if (f.at != packed.at)
		free(packed.at);
	return f;
}

#endif
