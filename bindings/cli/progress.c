/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One line on a terminal's stderr while something takes over a second: a bar, the rate, the time left. Nothing where
 * stderr is no terminal, or where the data itself goes to the terminal. NO_COLOR is kept.
 *
 * The line stays within the terminal's width, for one that wraps cannot be drawn over: the name is cut first, from its
 * front, then the bar is left out, then the end is cut.
 *
 * Other threads may complain meanwhile: whether it is shown is known to who holds stderr's lock.
 */

#include "progress.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
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

#define BAR    24
#define COLUMN 80 /* where the terminal does not say */

/* The last column stays free: some terminals wrap as soon as it is written. */
static int columns(void)
{
	struct winsize size;
	int n = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : COLUMN;

	return n - 1;
}

/* How far, how fast, how long: what stands behind the bar. returns: its width. */
static int numbers(char *text, size_t cap, double spent, double part)
{
	int n = bar.total ? snprintf(text, cap, " %3.0f %%", part * 100)
			  : snprintf(text, cap, " %.1f MB", (double)bar.bytes / 1e6);

	if (bar.items)
		n += snprintf(text + n, cap - (size_t)n, ", %.2f M/s",
			      (double)bar.items / spent / 1e6);
	else
		n += snprintf(text + n, cap - (size_t)n, ", %.1f MB/s",
			      (double)bar.bytes / spent / 1e6);
	if (part > 0.01)
		n += snprintf(text + n, cap - (size_t)n, ", %.0f s left", spent / part - spent);
	return n;
}

/* A name is bytes from outside: what could move the cursor, or is not one column wide, is shown as a question mark. */
static void put_name(const char *name, int room)
{
	size_t n = strlen(name);

	if (n > (size_t)room) {
		fputs(room > 3 ? "..." : "", stderr);
		name += n - (size_t)(room > 3 ? room - 3 : room);
	}
	for (; *name; name++)
		fputc(*name >= ' ' && *name < 0x7f ? *name : '?', stderr);
}

static void put_bar(double part)
{
	const char *no_color = getenv("NO_COLOR");
	bool color = !no_color || !*no_color;

	fputs(color ? " \033[32m" : " ", stderr);
	for (int i = 0; i < BAR; i++)
		fputc(i < (int)(part * BAR) ? '#' : '.', stderr);
	fputs(color ? "\033[0m" : "", stderr);
}

static void draw(double t)
{
	double part = bar.total ? (double)bar.bytes / (double)bar.total : 0;
	char text[128];
	int n = numbers(text, sizeof text, t - bar.started, part < 1 ? part : 1),
	    room = columns() - n;
	bool drawn = bar.total && room >= BAR + 1 + 8;

	flockfile(stderr);
	fputs("\r\033[K", stderr);
	if (drawn)
		room -= BAR + 1;
	if (room > 0)
		put_name(bar.what, room);
	if (drawn)
		put_bar(part);
	if (columns() > 0)
		fprintf(stderr, "%.*s", columns(), text);
	fflush(stderr);
	bar.shown = true;
	funlockfile(stderr);
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
	flockfile(stderr);
	if (bar.shown)
		fputs("\r\033[K", stderr);
	bar.shown = false;
	funlockfile(stderr);
}

void progress_end(void)
{
	progress_clear();
	bar.on = false;
}
