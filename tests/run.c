/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The test runner: every suite, or those named as arguments. Prints "N passed, N failed, N skipped" last.
 * A test that lacks what it needs calls test_skip; the count is shared with the forked tests.
 */

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static int *skips;

void test_skip(const char *why)
{
	__atomic_fetch_add(skips, 1, __ATOMIC_RELAXED);
	printf("skipped: %s\n", why);
	fflush(stdout);
}

const char *test_data(const char *path)
{
	static char full[4096];
	const char *root = getenv("MANRS_DATA");
	FILE *f;

	snprintf(full, sizeof full, "%s/%s", root ? root : "../shared/data", path);
	f = fopen(full, "rb");
	if (!f)
		return NULL;
	fclose(f);
	return full;
}

manrs_prefix test_prefix(const char *text)
{
	manrs_prefix prefix;

	ck_assert_msg(manrs_prefix_parse(&prefix, text, strlen(text), NULL) == MANRS_OK, "%s",
		      text);
	return prefix;
}

manrs_prefix test_address(const char *text)
{
	manrs_prefix prefix;

	ck_assert_msg(manrs_address_parse(&prefix, text, strlen(text), NULL) == MANRS_OK, "%s",
		      text);
	return prefix;
}

manrs_route test_route(const char *text)
{
	manrs_route route;

	ck_assert_msg(manrs_route_parse(&route, text, strlen(text), NULL) == MANRS_OK, "%s", text);
	return route;
}

uint32_t test_isa(void)
{
	const char *isa = getenv("MANRS_ISA");

	if (!isa || !strcmp(isa, "auto"))
		return MANRS_ISA_AUTO;
	return !strcmp(isa, "avx512") ? MANRS_ISA_AVX512
	       : !strcmp(isa, "avx2") ? MANRS_ISA_AVX2
				      : MANRS_ISA_PORTABLE;
}

uint64_t test_random(uint64_t *seed)
{
	uint64_t z = (*seed += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

size_t test_below(uint64_t *seed, size_t n)
{
	return (size_t)(test_random(seed) % n);
}

bool test_short(void)
{
	return getenv("MANRS_SHORT") != NULL;
}

unsigned test_rounds(unsigned n)
{
	return test_short() ? (n + 3) / 4 : n;
}

static void *counting_resize(void *arg, void *ptr, size_t old_size, size_t new_size)
{
	struct test_alloc *a = arg;
	void *at;

	if (new_size == 0) {
		a->live -= old_size;
		free(ptr);
		return NULL;
	}
	if (a->fail_at && ++a->calls >= a->fail_at)
		return NULL;
	at = realloc(ptr, new_size);
	if (at)
		a->live += new_size - old_size;
	a->peak = a->live > a->peak ? a->live : a->peak;
	return at;
}

manrs_alloc test_alloc_of(struct test_alloc *a)
{
	return (manrs_alloc){counting_resize, a};
}

#define SUITE(name) Suite *name##_suite(void);
#include "suites.h"
#undef SUITE

static const struct {
	const char *name;
	Suite *(*make)(void);
} suites[] = {
#define SUITE(name) {#name, name##_suite},
#include "suites.h"
#undef SUITE
};

int main(int argc, char **argv)
{
	SRunner *runner = srunner_create(NULL);
	int failed, ran;

	skips = mmap(NULL, sizeof *skips, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	if (skips == MAP_FAILED)
		return 2;
	for (size_t i = 0; i < sizeof suites / sizeof *suites; i++) {
		bool wanted = argc < 2;

		for (int a = 1; a < argc; a++)
			wanted |= !strcmp(argv[a], suites[i].name);
		if (wanted)
			srunner_add_suite(runner, suites[i].make());
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	ran = srunner_ntests_run(runner);
	printf("%d passed, %d failed, %d skipped\n", ran - failed - *skips, failed, *skips);
	srunner_free(runner);
	return failed ? 1 : ran ? 0 : 5;
}
