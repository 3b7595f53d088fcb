/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RTR's scenarios (tests/scenario/rtr/), each played whole, cut in two at every byte, byte by byte, and with every allocation
 * failing. Their expectations come from RFC 8210 and 8210bis, as each says.
 */

#include "../scenario/rtr_play.h"
#include "../test.h"

#include <dirent.h>

#define FOLDER    "tests/scenario/rtr/"
#define SCENARIOS 400
#define CUTS      1500 /* of one scenario at most: one that reads more is cut at every n-th byte */

static struct scenario scenarios[SCENARIOS];
static int n_scenarios;

static char *contents(const char *file, size_t *n)
{
	FILE *f = fopen(file, "rb");
	char *text = calloc(1, 1 << 20);

	*n = f && text ? fread(text, 1, (1 << 20) - 1, f) : 0;
	if (f)
		fclose(f);
	return text;
}

/* Each "== NAME" of a file. Their text is kept until the end. */
static void read_file(const char *name)
{
	char *file = malloc(300);
	const char *at;
	struct scenario *s = NULL;
	unsigned line = 1;
	size_t n;

	snprintf(file, 300, FOLDER "%s", name);
	at = contents(file, &n);
	for (; *at; line++) {
		size_t length = strcspn(at, "\n");

		if (!strncmp(at, "== ", 3) && n_scenarios < SCENARIOS) {
			s = &scenarios[n_scenarios++];
			*s = (struct scenario){.file = file, .line = line + 1};
			snprintf(s->name, sizeof s->name, "%.*s", (int)length - 3, at + 3);
			s->text = at + length + 1;
		} else if (s) {
			s->n = (size_t)(at + length - s->text);
		}
		at += length + (at[length] != 0);
	}
}

static int by_name(const void *a, const void *b)
{
	const struct scenario *x = a, *y = b;
	int order = strcmp(x->file, y->file);

	return order ? order : (x->line > y->line) - (x->line < y->line);
}

static void read_files(void)
{
	DIR *folder = opendir(FOLDER);
	struct dirent *entry;

	if (n_scenarios || !folder)
		return;
	while ((entry = readdir(folder)))
		if (strlen(entry->d_name) > 4 &&
		    !strcmp(entry->d_name + strlen(entry->d_name) - 4, ".txt"))
			read_file(entry->d_name);
	closedir(folder);
	qsort(scenarios, (size_t)n_scenarios, sizeof *scenarios, by_name);
}

static void play(const struct scenario *s, const struct how *how, size_t *read, size_t *calls)
{
	char why[600];
	unsigned line = rtr_play(s, how, why, read, calls);

	ck_assert_msg(!line, "%s:%u (%s)%s: cut at %zu, failing at %zu: %s", s->file, line, s->name,
		      how->bytewise ? " byte by byte" : "", how->cut, how->fail_at, why);
}

START_TEST(as_it_says)
{
	size_t read, calls;

	play(&scenarios[_i], &(struct how){0}, &read, &calls);
}
END_TEST

START_TEST(cut_at_every_byte)
{
	size_t read, all, calls, step;

	play(&scenarios[_i], &(struct how){.bytewise = true}, &all, &calls);
	step = all / CUTS + 1;
	for (size_t cut = 1; cut < all; cut += step)
		play(&scenarios[_i], &(struct how){.cut = cut}, &read, &calls);
}
END_TEST

/* The failure of an allocation is answered or survived: no leak, nothing half applied, and the engine goes on afterwards. */
START_TEST(every_allocation_fails)
{
	size_t read, all, calls;

	play(&scenarios[_i], &(struct how){0}, &read, &all);
	for (size_t k = 1; k <= all; k++)
		play(&scenarios[_i], &(struct how){.fail_at = k}, &read, &calls);
}
END_TEST

START_TEST(they_are_there)
{
	ck_assert_int_gt(n_scenarios, 10);
	ck_assert_int_lt(n_scenarios, SCENARIOS);
}
END_TEST

#define ADD_EACH(suite, test, seconds)                          \
	do {                                                    \
		TCase *tc_ = tcase_create(#test);               \
		tcase_set_timeout(tc_, (seconds)*TEST_SLOW);    \
		tcase_add_loop_test(tc_, test, 0, n_scenarios); \
		suite_add_tcase((suite), tc_);                  \
	} while (0)

Suite *rtr_scenario_suite(void)
{
	Suite *s = suite_create("rtr_scenario");

	read_files();
	ADD_TEST(s, they_are_there, 5);
	ADD_EACH(s, as_it_says, 5);
	ADD_EACH(s, cut_at_every_byte, 10);
	ADD_EACH(s, every_allocation_fails, 10);
	return s;
}
