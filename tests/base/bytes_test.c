/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The view of input. What is read of a message is told by hand from its bytes, most significant first (RFC 1700, "Data
 * Notation"); the message is cut at every length, in memory of just that size, so that a sanitizer sees a read too far.
 */

#include "../test.h"
#include "base/bytes.h"

static const uint8_t message[] = {0xa1, 0xb1, 0xb2, 0xc1, 0xc2, 0xc3, 0xc4, 0xd1, 0xd2, 0xd3,
				  0xd4, 0xd5, 0xd6, 0xd7, 0xd8, 0xe1, 0xe2, 0xe3, 0xf1, 0xf2};

/* What the message says, read by read, and where each begins. */
static const struct {
	size_t at;
	uint64_t value;
} said[] = {{0, 0xa1},      {1, 0xb1b2}, {3, 0xc1c2c3c4}, {7, UINT64_C(0xd1d2d3d4d5d6d7d8)},
	    {15, 0xe1e2e3}, {18, 0xf1f2}};
#define READS (sizeof said / sizeof *said)

static uint64_t read_next(struct bytes *in, size_t i)
{
	uint8_t three[3];
	struct bytes part;

	switch (i) {
	case 0:
		return bytes_get8(in);
	case 1:
		return bytes_get16(in);
	case 2:
		return bytes_get32(in);
	case 3:
		return bytes_get64(in);
	case 4:
		memset(three, 0xff, sizeof three);
		bytes_copy(in, three, sizeof three);
		return (uint64_t)three[0] << 16 | (uint64_t)three[1] << 8 | three[2];
	default:
		part = bytes_part(in, 2);
		return bytes_get16(&part);
	}
}

START_TEST(the_first_read_past_the_end_and_all_later_ones_give_zeros)
{
	for (size_t n = 0; n <= sizeof message; n++) {
		uint8_t *cut = malloc(n ? n : 1);
		struct bytes in = bytes_of(cut, n);
		bool whole = true;

		memcpy(cut, message, n);
		for (size_t i = 0; i < READS; i++) {
			size_t end = i + 1 < READS ? said[i + 1].at : sizeof message,
			       at = bytes_at(&in);

			whole = whole && end <= n;
			ck_assert_uint_eq(read_next(&in, i), whole ? said[i].value : 0);
			ck_assert_int_eq(in.bad, !whole);
			ck_assert_uint_eq(bytes_at(&in), whole ? end : at);
			ck_assert_uint_eq(bytes_left(&in), whole ? n - end : 0);
		}
		ck_assert_ptr_null(bytes_take(&in, 1));
		ck_assert(in.bad);
		free(cut);
	}
}
END_TEST

START_TEST(what_is_bad_once_stays_bad_for_what_would_fit)
{
	struct bytes in = bytes_of(message, 3);

	ck_assert_uint_eq(bytes_get16(&in), 0xa1b1);
	ck_assert_uint_eq(bytes_get32(&in), 0);
	ck_assert_uint_eq(bytes_get8(&in), 0);
	ck_assert(!bytes_skip(&in, 1));
	ck_assert(in.bad);
	ck_assert_uint_eq(bytes_at(&in), 2);
}
END_TEST

START_TEST(no_length_wraps)
{
	struct bytes in = bytes_of(message, sizeof message);

	ck_assert(bytes_skip(&in, 5));
	ck_assert(!bytes_skip(&in, SIZE_MAX - 4));
	ck_assert_uint_eq(bytes_at(&in), 5);
	in = bytes_of(message, sizeof message);
	ck_assert(bytes_skip(&in, 5));
	ck_assert_ptr_null(bytes_take(&in, SIZE_MAX));
	ck_assert(in.bad);
}
END_TEST

START_TEST(a_part_ends_where_it_was_said_to_and_counts_from_the_message)
{
	struct bytes in = bytes_of(message, sizeof message), part, inner;

	bytes_skip(&in, 3);
	part = bytes_part(&in, 5);
	ck_assert_uint_eq(bytes_at(&in), 8);
	ck_assert_uint_eq(bytes_at(&part), 3);
	ck_assert_uint_eq(bytes_left(&part), 5);
	ck_assert_ptr_eq(bytes_take(&part, 1), message + 3);
	inner = bytes_part(&part, 2);
	ck_assert_uint_eq(bytes_get16(&inner), 0xc2c3);
	ck_assert_uint_eq(bytes_at(&inner), 6);
	ck_assert_uint_eq(bytes_left(&inner), 0);
	ck_assert(!inner.bad);
	ck_assert_uint_eq(bytes_get32(&part), 0); /* two are left, though the message goes on */
	ck_assert(part.bad);
	ck_assert(!in.bad);
	ck_assert_uint_eq(bytes_get8(&in), 0xd2);
}
END_TEST

START_TEST(a_part_that_overruns_is_bad_and_empty_and_so_is_the_rest)
{
	struct bytes in = bytes_of(message, 4), part;

	bytes_skip(&in, 1);
	part = bytes_part(&in, 4);
	ck_assert(part.bad);
	ck_assert(in.bad);
	ck_assert_uint_eq(bytes_left(&part), 0);
	ck_assert_uint_eq(bytes_at(&part), 1);
	ck_assert_uint_eq(bytes_get8(&part), 0);
}
END_TEST

START_TEST(nothing_can_be_read_of_nothing)
{
	struct bytes in = bytes_of(NULL, 0), part;

	ck_assert_uint_eq(bytes_left(&in), 0);
	part = bytes_part(&in, 0);
	ck_assert(bytes_skip(&in, 0));
	ck_assert(!in.bad);
	ck_assert(!part.bad);
	ck_assert_uint_eq(bytes_get8(&part), 0);
	ck_assert(part.bad);
}
END_TEST

START_TEST(numbers_are_written_as_they_are_read)
{
	uint8_t to[12];

	put32(to, 0xc1c2c3c4);
	put64(to + 4, UINT64_C(0xd1d2d3d4d5d6d7d8));
	ck_assert_mem_eq(to, message + 3, sizeof to);
}
END_TEST

Suite *bytes_suite(void)
{
	Suite *s = suite_create("base/bytes");

	ADD_TEST(s, the_first_read_past_the_end_and_all_later_ones_give_zeros, 5);
	ADD_TEST(s, what_is_bad_once_stays_bad_for_what_would_fit, 5);
	ADD_TEST(s, no_length_wraps, 5);
	ADD_TEST(s, a_part_ends_where_it_was_said_to_and_counts_from_the_message, 5);
	ADD_TEST(s, a_part_that_overruns_is_bad_and_empty_and_so_is_the_rest, 5);
	ADD_TEST(s, nothing_can_be_read_of_nothing, 5);
	ADD_TEST(s, numbers_are_written_as_they_are_read, 5);
	return s;
}
