/* SPDX-License-Identifier: BSD-2-Clause */
/* What the command says on stderr: always one line, and never into a line of progress. */

#include "cli.h"

#include "progress.h"

#include <stdarg.h>
#include <stdio.h>

static _Thread_local char last[COMPLAINED];

const char *complained(void)
{
	return last;
}

static void say(const char *file, uint64_t line, const char *format, va_list args)
{
	char text[1024];

	vsnprintf(text, sizeof text, format, args);
	snprintf(last, sizeof last, "%.*s", COMPLAINED - 1, text);
	flockfile(stderr); /* nothing is drawn in between */
	progress_clear();
	if (!file)
		fprintf(stderr, "manrs: %s\n", text);
	else if (line)
		fprintf(stderr, "manrs: %s:%llu: %s\n", file, (unsigned long long)line, text);
	else
		fprintf(stderr, "manrs: %s: %s\n", file, text);
	funlockfile(stderr);
}

void complain(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(NULL, 0, format, args);
	va_end(args);
}

void complain_at(const char *file, uint64_t line, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(file, line, format, args);
	va_end(args);
}

void complain_text(const char *file, uint64_t line, const manrs_fault *fault, const char *text,
		   size_t n)
{
	char what[MANRS_FAULT_TEXT];

	manrs_fault_text(fault, text, n, what, sizeof what);
	complain_at(file, line, "byte %llu: %s", (unsigned long long)fault->at + 1, what);
}

void complain_file(const char *file, const manrs_fault *fault, const char *bytes, size_t n)
{
	char what[MANRS_FAULT_TEXT];

	manrs_fault_text(fault, bytes, n, what, sizeof what);
	complain_at(file, fault->line, "%s", what);
}

int complain_error(int rc)
{
	complain("%s", manrs_strerror(rc));
	return EXIT_ERROR;
}
