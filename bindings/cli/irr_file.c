/* SPDX-License-Identifier: BSD-2-Clause */
/* Route objects of a file. */

#include "irr_file.h"

#include "routes.h"

#include <stdlib.h>

static enum line_kind take_object(void *arg, const struct line *line, manrs_fault *fault)
{
	struct irr_file *file = arg;
	enum line_kind kind;

	file->at = must_room(file->at, file->n, &file->cap, sizeof *file->at);
	kind = route_of_line(&file->at[file->n], 0, line, fault);
	file->n += kind == LINE_TAKEN;
	return kind;
}

bool irr_file_read(struct irr_file *file, const char *path)
{
	*file = (struct irr_file){0};
	return lines_list(path, take_object, file);
}

void irr_file_free(struct irr_file *file)
{
	free(file->at);
}
