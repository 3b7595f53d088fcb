/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RIBs of real archives with bytes of them changed at random, against a second reader that knows RFC 6396 section 4.3.2 and RFC
 * 8050 section 4 alone, byte by byte: the same records are good, with the same prefix and entries. And messages and the old
 * types changed likewise: whatever they say, it is said and the next record is read.
 */

#include "mrt_files.h"

struct naive {
	bool good;
	uint8_t len, addr[16];
	uint32_t n, peer[4096], time[4096], id[4096];
};

static uint32_t number(const uint8_t **p, const uint8_t *end, size_t n, bool *good)
{
	uint32_t v = 0;

	while (n--) {
		if (*p >= end) {
			*good = false;
			return 0;
		}
		v = v << 8 | *(*p)++;
	}
	return v;
}

static void read_naively(struct naive *out, const uint8_t *p, const uint8_t *end, unsigned subtype,
			 uint32_t peers)
{
	unsigned width = subtype == 2 || subtype == 8 ? 32 : 128;
	bool *good = &out->good;
	uint32_t n;

	memset(out, 0, sizeof *out);
	*good = true;
	number(&p, end, 4, good);
	out->len = (uint8_t)number(&p, end, 1, good);
	if (out->len > width)
		*good = false;
	for (unsigned bit = 0; *good && bit < out->len; bit++) {
		if (bit % 8 == 0)
			out->addr[bit / 8] = (uint8_t)number(&p, end, 1, good);
		if (bit + 1 == out->len)
			out->addr[bit / 8] &= (uint8_t)(0xff << (7 - bit % 8));
	}
	n = number(&p, end, 2, good);
	while (*good && out->n < n) {
		uint32_t length;

		if (out->n == 4096) {
			*good = false;
			return;
		}
		out->peer[out->n] = number(&p, end, 2, good);
		out->time[out->n] = number(&p, end, 4, good);
		out->id[out->n] = subtype >= 8 ? number(&p, end, 4, good) : 0;
		length = number(&p, end, 2, good);
		while (length--)
			number(&p, end, 1, good);
		if (out->peer[out->n] >= peers)
			*good = false;
		out->n++;
	}
	if (p != end)
		*good = false;
}

static manrs_announcement a[4096];
static manrs_mrt_note notes[4096];

static void compare(manrs_mrt *mrt, const manrs_mrt_record *r, const struct naive *want)
{
	size_t n;

	ck_assert_int_eq(r->kind == MANRS_MRT_RIB, want->good);
	ck_assert_int_eq(r->kind == MANRS_MRT_BAD, !want->good);
	if (!want->good)
		return;
	n = manrs_mrt_announced(mrt, a, notes, 4096);
	ck_assert_uint_eq(n, want->n);
	ck_assert_uint_eq(r->prefix.len, want->len);
	ck_assert_mem_eq(r->prefix.addr, want->addr, 16);
	for (size_t i = 0; i < n; i++) {
		ck_assert_uint_eq(notes[i].peer, want->peer[i]);
		ck_assert_uint_eq(notes[i].time_s, want->time[i]);
		ck_assert_uint_eq(notes[i].path_id, want->id[i]);
		ck_assert_mem_eq(a[i].prefix.addr, want->addr, 16);
	}
}

static size_t length_at(const uint8_t *p)
{
	return 12 + ((size_t)p[8] << 24 | (size_t)p[9] << 16 | (size_t)p[10] << 8 | p[11]);
}

/* Some bytes behind the head of a record; half of them near its front, where lengths are. */
static void spoil(uint8_t *record, size_t n, uint64_t *seed)
{
	for (size_t k = test_below(seed, 3); n > 12 && k < 3; k++) {
		size_t most = test_below(seed, 2) && n > 32 ? 32 : n;

		record[12 + test_below(seed, most - 12)] = (uint8_t)test_random(seed);
	}
}

START_TEST(spoilt_records_of_real_archives)
{
	static const char *const files[] = {
		"mrt/bview.ipv4_unicast_add_path.gz",  "mrt/bview.ipv6_unicast_add_path.gz",
		"mrt/sample-quagga_rib.mrt",           "mrt/sample-openbgpd_rib_table-v2.mrt",
		"mrt/lab-2026-11/bird-2.0.12-rib.mrt", "mrt/lab-2026-11/bird-2.0.12-updates.mrt",
		"mrt/sample-openbgpd_rib_table.mrt",   "mrt/lab-2026-11/openbgpd-7.7-updates.mrt",
	};
	struct mrt_file file = mrt_file(files[_i]);
	uint64_t seed = 8050 + (uint64_t)_i;
	const manrs_mrt_record *r;
	static struct naive want;
	manrs_fault fault;
	size_t compared = 0;
	manrs_mrt *mrt;

	if (!file.at) {
		test_skip(files[_i]);
		return;
	}
	pass(manrs_mrt_new(&mrt, NULL));
	for (int round = 0; round < 40; round++)
		for (size_t at = 0, n; at < file.n; at += n) {
			unsigned type = file.at[at + 5], subtype = file.at[at + 7];
			uint8_t *copy;

			n = length_at(file.at + at);
			copy = malloc(n);
			ck_assert_ptr_nonnull(copy);
			memcpy(copy, file.at + at, n);
			if (type != 13 || subtype != 1)
				spoil(copy, n, &seed);
			ck_assert_int_eq(manrs_mrt_decode(mrt, &r, copy, n, NULL, &fault), (int)n);
			if (type == 13 &&
			    (subtype == 2 || subtype == 4 || subtype == 8 || subtype == 10)) {
				read_naively(&want, copy + 12, copy + n, subtype,
					     manrs_mrt_peers(mrt, NULL, NULL, NULL));
				compare(mrt, r, &want);
				compared++;
			}
			free(copy);
		}
	ck_assert(_i > 4 || compared > 0);
	manrs_mrt_free(mrt);
	free(file.at);
}
END_TEST

Suite *mrt_naive_suite(void)
{
	Suite *s = suite_create("mrt_naive");
	TCase *tc = tcase_create("spoilt_records_of_real_archives");

	tcase_set_timeout(tc, 10 * TEST_SLOW);
	tcase_add_loop_test(tc, spoilt_records_of_real_archives, 0, 8);
	suite_add_tcase(s, tc);
	return s;
}
