/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One line on a terminal's stderr while something takes over a second: a bar, the rate, the time left. Nothing where
 * stderr is no terminal, or where the data itself goes to the terminal. NO_COLOR is kept.
 */

#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct {
	const char *what;
	uint64_t total, bytes, items;
	double started, drawn;
	bool on, off, shown;
} bar;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool wanted(void)
{
	const char *term = getenv("TERM");

	return !bar.off && isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
}

void progress_start(const char *what, uint64_t total)
{
	progress_end();
	if (!wanted())
		return;
	bar.what = what;
	bar.total = total;
	bar.bytes = bar.items = 0;
	bar.started = bar.drawn = now();
	bar.on = true;
}

static void draw(double t)
{
	const char *no_color = getenv("NO_COLOR");
	bool color = !no_color || !*no_color;
	double spent = t - bar.started,
	       part = bar.total ? (double)bar.bytes / (double)bar.total : 0;
	int full = (int)(part * 24);

	fprintf(stderr, "\r\033[K%s ", bar.what);
	if (bar.total) {
		fprintf(stderr, "%s", color ? "\033[32m" : "");
		for (int i = 0; i < 24; i++)
			fputc(i < full ? '#' : '.', stderr);
		fprintf(stderr, "%s %3.0f %%", color ? "\033[0m" : "", part * 100);
	} else {
		fprintf(stderr, "%.1f MB", (double)bar.bytes / 1e6);
	}
	if (bar.items)
		fprintf(stderr, ", %.2f M/s", (double)bar.items / spent / 1e6);
	else
		fprintf(stderr, ", %.1f MB/s", (double)bar.bytes / spent / 1e6);
	if (part > 0.01)
		fprintf(stderr, ", %.0f s left", spent / part - spent);
	fflush(stderr);
	bar.shown = true;
}

void progress_at(uint64_t bytes)
{
	double t;

	if (!bar.on)
		return;
	bar.bytes = bytes;
	t = now();
	if (t - bar.started < 1 || t - bar.drawn < 0.1)
		return;
	bar.drawn = t;
	draw(t);
}

void progress_items(uint64_t items)
{
	bar.items = items;
}

void progress_off(void)
{
	progress_end();
	bar.off = true;
}

void progress_clear(void)
{
	if (bar.shown)
		fputs("\r\033[K", stderr);
	bar.shown = false;
}

void progress_end(void)
{
	progress_clear();
	bar.on = false;
}
