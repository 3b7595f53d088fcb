/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AS paths on the wire and as text. The bytes are laid out by hand from RFC 4271 section 4.3 and RFC 5065 section 3
 * (type, count, AS numbers); the errors are those that RFC 7606 section 7.2 lists; the merges are the cases that
 * RFC 6793 section 4.2.3 describes in words; the text is as bgpdump and Quagga's family print it.
 */

#include "test.h"

#include "net/path_walk.h"

#include <lzma.h>

#define CAP 600

static uint32_t asn[CAP];
static uint8_t kind[CAP];

/* The text of a decoded path; "!code@at" for a refused one. */
static const char *wire(const uint8_t *bytes, size_t n, int octets)
{
	static char text[13 * CAP + 1];
	manrs_fault fault = {0};
	manrs_path path;
	int rc = manrs_path_decode(&path, asn, kind, CAP, bytes, n, octets, &fault);

	if (rc == MANRS_OK)
		ck_assert_int_ge(manrs_path_format(&path, text, sizeof text), 0);
	else
		snprintf(text, sizeof text, "!%d@%d", rc, (int)fault.at);
	return text;
}
#define WIRE(octets, ...) \
	wire((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}), octets)

/* The same of a parsed one. */
static const char *text_of(const char *from)
{
	static char text[13 * CAP + 1];
	manrs_fault fault = {0};
	manrs_path path;
	int rc = manrs_path_parse(&path, asn, kind, CAP, from, strlen(from), &fault);

	if (rc == MANRS_OK)
		ck_assert_int_ge(manrs_path_format(&path, text, sizeof text), 0);
	else
		snprintf(text, sizeof text, "!%d@%d", rc, (int)fault.at);
	return text;
}

START_TEST(rfc4271_s4_3_segments_of_two_and_four_octets)
{
	ck_assert_str_eq(WIRE(4, 2, 2, 0, 0, 0xfb, 0xf0, 0, 1, 0, 0), "64496 65536");
	ck_assert_str_eq(WIRE(2, 2, 3, 0xfb, 0xf0, 0xfb, 0xf1, 0, 1), "64496 64497 1");
	ck_assert_str_eq(WIRE(2, 2, 1, 0, 1, 1, 2, 0, 2, 0, 3), "1 {2,3}");
	ck_assert_str_eq(WIRE(4, 2, 1, 0xff, 0xff, 0xff, 0xff), "4294967295");
	ck_assert_str_eq(wire(NULL, 0, 4), "");
}
END_TEST

START_TEST(rfc5065_s3_confederation_segments)
{
	ck_assert_str_eq(WIRE(2, 3, 2, 0, 1, 0, 2, 4, 2, 0, 3, 0, 4, 2, 1, 0, 5), "(1 2) [3,4] 5");
	ck_assert_str_eq(WIRE(2, 3, 1, 0, 1, 3, 1, 0, 2), "(1) (2)");
}
END_TEST

START_TEST(kind_is_null_for_one_sequence_only)
{
	static const uint8_t two[] = {2, 1, 0, 1, 2, 2, 0, 2, 0, 3},
			     set[] = {2, 1, 0, 1, 1, 1, 0, 2};
	manrs_path path;

	ck_assert_int_eq(manrs_path_decode(&path, asn, kind, CAP, two, sizeof two, 2, NULL),
			 MANRS_OK);
	ck_assert_uint_eq(path.n, 3);
	ck_assert_ptr_null(path.kind);
	ck_assert_ptr_eq(path.asn, asn);
	ck_assert_int_eq(kind[0], 0x82);
	ck_assert_int_eq(kind[1], 2);
	ck_assert_int_eq(kind[2], 2);
	ck_assert_int_eq(manrs_path_decode(&path, asn, kind, CAP, set, sizeof set, 2, NULL),
			 MANRS_OK);
	ck_assert_ptr_eq(path.kind, kind);
	ck_assert_int_eq(kind[1], 0x81);
	ck_assert_uint_eq(path.flags, 0);
}
END_TEST

START_TEST(rfc7606_s7_2_malformed_as_path)
{
	ck_assert_str_eq(WIRE(2, 5, 1, 0, 1), "!-4@0");                /* unknown type */
	ck_assert_str_eq(WIRE(2, 0, 1, 0, 1), "!-4@0");                /* unknown type */
	ck_assert_str_eq(WIRE(2, 0x82, 1, 0, 1), "!-4@0");             /* unknown type */
	ck_assert_str_eq(WIRE(2, 2, 1, 0, 1, 2, 0), "!-4@4");          /* segment length 0 */
	ck_assert_str_eq(WIRE(2, 2, 2, 0, 1), "!-4@0");                /* overrun */
	ck_assert_str_eq(WIRE(2, 2, 1, 0, 1, 2, 2, 0, 2, 0), "!-4@4"); /* overrun */
	ck_assert_str_eq(WIRE(2, 2, 1, 0, 1, 2), "!-4@4");             /* one octet left over */
	ck_assert_str_eq(WIRE(4, 2, 2, 0, 1, 0, 2), "!-4@0"); /* two octets taken for four */
	ck_assert_str_eq(WIRE(3, 2, 1, 0, 0, 1), "!-1@0");
}
END_TEST

START_TEST(rfc7606_s7_2_every_truncation_is_whole_segments_or_refused)
{
	static const uint8_t bytes[] = {2, 2, 0, 0, 0, 1, 0, 0, 0, 2, 1,
					1, 0, 0, 0, 3, 3, 1, 0, 0, 0, 4};
	static const struct {
		size_t n;
		const char *text;
	} whole[] = {{0, ""}, {10, "1 2"}, {16, "1 2 {3}"}, {22, "1 2 {3} (4)"}};

	for (size_t n = 0, w = 0; n <= sizeof bytes; n++) {
		uint8_t *copy = malloc(n ? n : 1); /* so that a sanitizer sees a read too far */

		memcpy(copy, bytes, n);
		if (whole[w].n == n)
			ck_assert_str_eq(wire(copy, n, 4), whole[w++].text);
		else
			ck_assert_int_eq(wire(copy, n, 4)[0], '!');
		free(copy);
	}
}
END_TEST

START_TEST(a_small_buffer_tells_the_hops_needed_and_changes_nothing)
{
	static const uint8_t bytes[] = {2, 3, 0, 1, 0, 2, 0, 3, 1, 1, 0, 4};
	manrs_path path = {.n = 77}, from;
	manrs_fault fault;
	char text[13];

	for (size_t cap = 0; cap < 4; cap++) {
		uint32_t *a = malloc(cap * 4 + 1);
		uint8_t *k = malloc(cap + 1);

		ck_assert_int_eq(
			manrs_path_decode(&path, a, k, cap, bytes, sizeof bytes, 2, &fault),
			MANRS_ELIMIT);
		ck_assert_uint_eq(fault.at, 4);
		ck_assert_int_eq(manrs_path_parse(&path, a, k, cap, "1 2 3 {4}", 9, &fault),
				 MANRS_ELIMIT);
		ck_assert_uint_eq(fault.at, 4);
		ck_assert_int_eq(
			manrs_path_decode(&from, asn, kind, CAP, bytes, sizeof bytes, 2, NULL),
			MANRS_OK);
		ck_assert_int_eq(
			manrs_path_merge(&path, a, k, cap, &from, &(manrs_path){0}, &fault),
			MANRS_ELIMIT);
		ck_assert_uint_eq(fault.at, 4);
		ck_assert_uint_eq(path.n, 77);
		free(a);
		free(k);
	}
	memset(text, 'x', sizeof text);
	for (size_t cap = 0; cap <= 9; cap++)
		ck_assert_int_eq(manrs_path_format(&from, text, cap), MANRS_ELIMIT);
	ck_assert_int_eq(text[0], 'x');
	ck_assert_int_eq(manrs_path_format(&from, text, 10), 9);
	ck_assert_str_eq(text, "1 2 3 {4}");
}
END_TEST

START_TEST(text_as_daemons_print_it)
{
	ck_assert_str_eq(text_of("64496 64497 {64498,64499} (65001 65002)"),
			 "64496 64497 {64498,64499} (65001 65002)");
	ck_assert_str_eq(text_of("  AS1\t as2  {3, 4 ,5} [6,7] "), "1 2 {3,4,5} [6,7]");
	ck_assert_str_eq(text_of("{3 4} [6 7]"), "{3,4} [6,7]");
	ck_assert_str_eq(text_of("( 1 2 ) { 3 }"), "(1 2) {3}");
	ck_assert_str_eq(text_of("{1} {1}"), "{1} {1}");
	ck_assert_str_eq(text_of("(1) (2) 3"), "(1) (2) 3");
	ck_assert_str_eq(text_of(""), "");
	ck_assert_str_eq(text_of(" \t "), "");
	ck_assert_str_eq(text_of("0 4294967295"), "0 4294967295");
}
END_TEST

START_TEST(text_that_is_refused)
{
	ck_assert_str_eq(text_of("1 4294967296"), "!-5@2");
	ck_assert_str_eq(text_of("1 x"), "!-4@2");
	ck_assert_str_eq(text_of("1,2"), "!-4@1");
	ck_assert_str_eq(text_of("1x"), "!-4@1");
	ck_assert_str_eq(text_of("1 {}"), "!-4@2");
	ck_assert_str_eq(text_of("{1"), "!-4@0");
	ck_assert_str_eq(text_of("{1,"), "!-4@0");
	ck_assert_str_eq(text_of("{1,}"), "!-4@3");
	ck_assert_str_eq(text_of("{,1}"), "!-4@1");
	ck_assert_str_eq(text_of("{1,,2}"), "!-4@3");
	ck_assert_str_eq(text_of("(1,2)"), "!-4@2");
	ck_assert_str_eq(text_of("{1)"), "!-4@2");
	ck_assert_str_eq(text_of("{1 {2}}"), "!-4@3");
	ck_assert_str_eq(text_of("1}"), "!-4@1");
	ck_assert_str_eq(text_of("1 }"), "!-4@2");
	ck_assert_str_eq(text_of("{1}{2}"), "!-4@3");
	ck_assert_str_eq(text_of("1{2}"), "!-4@1");
	ck_assert_str_eq(text_of("-1"), "!-4@0");
	ck_assert_str_eq(text_of("01"), "!-4@0");
}
END_TEST

static manrs_path parsed(const char *text, uint32_t *a, uint8_t *k, size_t cap)
{
	manrs_path path;

	ck_assert_int_eq(manrs_path_parse(&path, a, k, cap, text, strlen(text), NULL), MANRS_OK);
	return path;
}

static const char *merged(const char *as_path, const char *as4_path)
{
	static char text[1024];
	uint32_t a[2][64];
	uint8_t k[2][64];
	manrs_path path, old = parsed(as_path, a[0], k[0], 64),
			 new = parsed(as4_path, a[1], k[1], 64);

	ck_assert_int_eq(manrs_path_merge(&path, asn, kind, CAP, &old, &new, NULL), MANRS_OK);
	ck_assert_int_ge(manrs_path_format(&path, text, sizeof text), 0);
	return text;
}

START_TEST(rfc6793_s4_2_3_as4_path_replaces_the_tail)
{
	ck_assert_str_eq(merged("23456 23456 3", "70000 80000 3"), "70000 80000 3");
	ck_assert_str_eq(merged("1 2 23456 3", "70000 3"), "1 2 70000 3");
	ck_assert_str_eq(merged("1 2", ""), "1 2");
	ck_assert_str_eq(merged("", ""), "");
}
END_TEST

START_TEST(rfc6793_s4_2_3_a_longer_as4_path_is_ignored)
{
	ck_assert_str_eq(merged("1 23456", "7 8 70000"), "1 23456");
	ck_assert_str_eq(merged("", "70000"), "");
}
END_TEST

START_TEST(rfc6793_s4_2_3_a_set_counts_one)
{
	ck_assert_str_eq(merged("1 {2,3,23456}", "{2,3,70000}"), "1 {2,3,70000}");
	ck_assert_str_eq(merged("1 23456 {4,5}", "70000 {4,5}"), "1 70000 {4,5}");
	ck_assert_str_eq(merged("{4,5} 6 23456", "70000"), "{4,5} 6 70000");
	ck_assert_str_eq(merged("{1,2} {23456}", "{70000,80000}"), "{1,2} {70000,80000}");
	ck_assert_str_eq(merged("{1,2,3}", "70000 80000"), "{1,2,3}");
}
END_TEST

START_TEST(rfc6793_s4_2_3_confederations_count_nothing_and_stay_at_the_front)
{
	ck_assert_str_eq(merged("(65001 65002) 1 23456", "70000"), "(65001 65002) 1 70000");
	ck_assert_str_eq(merged("(65001) 23456 23456", "70000 80000"), "(65001) 70000 80000");
	ck_assert_str_eq(merged("1 (65001) 23456", "70000"), "1 (65001) 70000");
	ck_assert_str_eq(merged("(65001) [65002] 23456", "70000"), "(65001) [65002] 70000");
	/* the sequence was cut: the segment behind it is not next to what was taken */
	ck_assert_str_eq(merged("1 23456 (65001) 23456", "70000 80000"), "1 70000 80000");
}
END_TEST

START_TEST(rfc6793_s6_confederation_segments_of_as4_path_are_discarded)
{
	ck_assert_str_eq(merged("1 23456", "(65001) 70000"), "1 70000");
	ck_assert_str_eq(merged("1 23456 23456", "70000 (65001) 80000"), "1 70000 80000");
	/* but RFC 9774 section 3 wants to see an AS_CONFED_SET */
	ck_assert_str_eq(merged("1 23456", "[65001] 70000"), "1 [65001] 70000");
}
END_TEST

START_TEST(rfc6811_s2_origin_is_of_the_final_segment)
{
	static const struct {
		const char *text;
		uint32_t origin;
	} want[] = {
		{"1 2 3", 3},     {"3", 3},           {"", 64500},  {"(65001 65002)", 64500},
		{"1 {2,3}", 0},   {"1 2 {3}", 0},     {"{1} 2", 2}, {"1 (65001)", 64500},
		{"1 [2]", 64500}, {"(65001) 1 2", 2}, {"1 0", 0},
	};
	uint32_t a[16], origin;
	uint8_t k[16];

	for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
		manrs_path path = parsed(want[i].text, a, k, 16);

		origin = 99;
		ck_assert_int_eq(manrs_path_origin(&path, 64500, &origin), MANRS_OK);
		ck_assert_msg(origin == want[i].origin, "%s: %u", want[i].text, origin);
	}
}
END_TEST

START_TEST(malformed_records_are_refused_by_every_call)
{
	static const uint32_t hops[] = {1, 2, 3};
	static const uint8_t bad[][3] = {
		{0x02, 0x02, 0x02}, {0x82, 0x01, 0x01}, {0x80, 0, 0},       {0x85, 0x05, 0x05},
		{0x87, 0x07, 0x07}, {0x8a, 0x0a, 0x0a}, {0x82, 0x02, 0x42}, {0x82, 0x02, 0x03},
		{0x82, 0x82, 0x00}, {0xc2, 0x42, 0x42},
	};
	static const uint8_t good[][3] = {
		{0x82, 2, 2}, {0x82, 0x82, 2}, {0x81, 1, 0x81}, {0x83, 0x84, 4}};
	static const uint32_t start[] = {0, 3, 2};
	uint32_t origin = 9, origins[2];
	manrs_path empty = {0};
	char text[64];

	for (size_t i = 0; i < sizeof bad / sizeof *bad + 2; i++) {
		manrs_path path = {hops, bad[i % 10], 3, 0};

		if (i == 10)
			path = (manrs_path){hops, NULL, 3, 1};
		if (i == 11)
			path = (manrs_path){NULL, NULL, 3, 0};
		ck_assert_int_eq(manrs_path_origin(&path, 1, &origin), MANRS_EINVAL);
		ck_assert_uint_eq(origin, 0);
		ck_assert_int_eq(manrs_path_format(&path, text, sizeof text), MANRS_EINVAL);
		ck_assert_int_eq(manrs_path_merge(&path, asn, kind, CAP, &path, &empty, NULL),
				 MANRS_EINVAL);
		ck_assert_int_eq(manrs_path_merge(&path, asn, kind, CAP, &empty, &path, NULL),
				 MANRS_EINVAL);
	}
	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		ck_assert_int_eq(manrs_path_origin(&(manrs_path){hops, good[i], 3, 0}, 1, &origin),
				 MANRS_OK);
	ck_assert_int_eq(manrs_path_origin_many(&(manrs_paths){hops, NULL, start, 2}, 1, origins),
			 MANRS_EINVAL);
	ck_assert_uint_eq(origins[0], 3);
	ck_assert_uint_eq(origins[1], 0);
}
END_TEST

/* Segments as an attribute's bytes and as text. */
struct telling {
	uint8_t bytes[2048];
	char text[4096];
	size_t n, n_text, hops;
};

static void tell_segment(struct telling *w, int octets, uint64_t *seed)
{
	unsigned type = (unsigned)test_below(seed, 4) + 1,
		 count = (unsigned)test_below(seed, 4) + 1;

	if (test_below(seed, 2))
		type = MANRS_SEGMENT_SEQUENCE;
	w->bytes[w->n++] = (uint8_t)type;
	w->bytes[w->n++] = (uint8_t)count;
	w->hops += count;
	if (w->n_text)
		w->text[w->n_text++] = ' ';
	if (type != MANRS_SEGMENT_SEQUENCE)
		w->text[w->n_text++] = " { (["[type];
	for (unsigned i = 0; i < count; i++) {
		uint32_t as = (uint32_t)test_random(seed);

		as >>= octets == 2 ? 16 : test_below(seed, 32);
		for (int o = octets - 1; o >= 0; o--)
			w->bytes[w->n++] = (uint8_t)(as >> 8 * o);
		if (i)
			w->text[w->n_text++] = type == 1 || type == 4 ? ',' : ' ';
		w->n_text += (size_t)sprintf(w->text + w->n_text, "%u", as);
	}
	if (type != MANRS_SEGMENT_SEQUENCE)
		w->text[w->n_text++] = " } )]"[type];
	w->text[w->n_text] = 0;
}

/* Encode by hand what the text oracle below knows: a random list of segments. */
START_TEST(random_segments_read_alike_from_the_wire_and_from_text)
{
	uint64_t seed = 20260001;

	for (int round = 0; round < 20000; round++) {
		int octets = test_below(&seed, 2) ? 4 : 2;
		struct telling w = {.n = 0};
		manrs_path path, again;
		char back[4096];
		uint32_t a[CAP];
		uint8_t k[CAP];

		for (size_t s = test_below(&seed, 5); s > 0; s--)
			tell_segment(&w, octets, &seed);
		ck_assert_int_eq(
			manrs_path_decode(&path, asn, kind, CAP, w.bytes, w.n, octets, NULL),
			MANRS_OK);
		ck_assert_uint_eq(path.n, w.hops);
		ck_assert_int_eq(manrs_path_format(&path, back, sizeof back), (int)w.n_text);
		ck_assert_str_eq(back, w.text);
		again = parsed(w.text, a, k, CAP);
		ck_assert_uint_eq(again.n, path.n);
		ck_assert_int_eq(again.kind == NULL, path.kind == NULL);
		ck_assert(!memcmp(a, asn, w.hops * sizeof *a));
		ck_assert(!memcmp(k, kind, w.hops));
	}
}
END_TEST

/* The text of a file in xz form; NULL if it is not there. */
static char *unpack(const char *name)
{
	const char *path = test_data(name);
	size_t cap = 1 << 24, in_pos = 0, out_pos = 0, n;
	uint8_t *in = malloc(cap);
	char *out = malloc(cap);
	uint64_t limit = UINT64_MAX;
	FILE *f = path ? fopen(path, "rb") : NULL;

	if (f) {
		n = fread(in, 1, cap, f);
		fclose(f);
		ck_assert_int_eq(lzma_stream_buffer_decode(&limit, 0, NULL, in, &in_pos, n,
							   (uint8_t *)out, &out_pos, cap - 1),
				 LZMA_OK);
		out[out_pos] = '\0';
	}
	free(in);
	if (f)
		return out;
	free(out);
	return NULL;
}

START_TEST(forty_thousand_real_paths_read_back_as_they_were)
{
	char *all = unpack("aspa/paths-40000.txt.xz"), text[4096];
	size_t lines = 0;

	if (!all) {
		test_skip("no aspa/paths-40000.txt.xz");
		return;
	}
	for (char *line = all, *end; (end = strchr(line, '\n')); line = end + 1, lines++) {
		manrs_path path;

		*end = '\0';
		ck_assert_int_eq(
			manrs_path_parse(&path, asn, kind, CAP, line, (size_t)(end - line), NULL),
			MANRS_OK);
		ck_assert_int_eq(manrs_path_format(&path, text, sizeof text), (int)(end - line));
		ck_assert_str_eq(text, line);
	}
	ck_assert_uint_eq(lines, 40000);
	free(all);
}
END_TEST

Suite *path_suite(void)
{
	Suite *s = suite_create("path");

	ADD_TEST(s, rfc4271_s4_3_segments_of_two_and_four_octets, 1);
	ADD_TEST(s, rfc5065_s3_confederation_segments, 1);
	ADD_TEST(s, kind_is_null_for_one_sequence_only, 1);
	ADD_TEST(s, rfc7606_s7_2_malformed_as_path, 1);
	ADD_TEST(s, rfc7606_s7_2_every_truncation_is_whole_segments_or_refused, 1);
	ADD_TEST(s, a_small_buffer_tells_the_hops_needed_and_changes_nothing, 1);
	ADD_TEST(s, text_as_daemons_print_it, 1);
	ADD_TEST(s, text_that_is_refused, 1);
	ADD_TEST(s, rfc6793_s4_2_3_as4_path_replaces_the_tail, 1);
	ADD_TEST(s, rfc6793_s4_2_3_a_longer_as4_path_is_ignored, 1);
	ADD_TEST(s, rfc6793_s4_2_3_a_set_counts_one, 1);
	ADD_TEST(s, rfc6793_s4_2_3_confederations_count_nothing_and_stay_at_the_front, 1);
	ADD_TEST(s, rfc6793_s6_confederation_segments_of_as4_path_are_discarded, 1);
	ADD_TEST(s, rfc6811_s2_origin_is_of_the_final_segment, 1);
	ADD_TEST(s, malformed_records_are_refused_by_every_call, 1);
	ADD_TEST(s, random_segments_read_alike_from_the_wire_and_from_text, 5);
	ADD_TEST(s, forty_thousand_real_paths_read_back_as_they_were, 5);
	return s;
}
