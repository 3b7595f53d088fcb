/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files: of VRPs and ASPAs, and of exceptions, which are looked at every ten seconds and read again when they have changed;
 * and small ones that are read whole.
 */

#include "frr_manrs.h"

#include <fcntl.h>

#define LOOK_MS     10000
#define WHOLE_LIMIT (16 << 20)

static frr_task *t_look;

char *file_whole(const char *path, size_t *n, struct as_read *as_read, const char **why)
{
	int fd = open(path,
		      O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe is refused, not waited for */
	struct stat stat;
	char *text = NULL;
	ssize_t got = 0;

	*n = 0;
	*why = NULL;
	if (fd < 0 || fstat(fd, &stat) < 0)
		*why = strerror(errno);
	else if (!S_ISREG(stat.st_mode) || stat.st_size > WHOLE_LIMIT)
		*why = "not a file, or too large";
	else if (!(text = malloc((size_t)stat.st_size + 1)))
		*why = "out of memory";
	while (!*why && *n < (size_t)stat.st_size &&
	       (got = read(fd, text + *n, (size_t)stat.st_size - *n)) > 0)
		*n += (size_t)got;
	if (!*why && got < 0)
		*why = strerror(errno);
	if (fd >= 0 && as_read)
		*as_read = (struct as_read){stat.st_mtim, stat.st_size};
	if (fd >= 0)
		close(fd);
	if (*why) {
		free(text);
		return NULL;
	}
	return text;
}

static bool is_free(uint32_t number)
{
	for (const struct file *f = frr.files; f; f = f->next)
		if (f->number == number)
			return false;
	return true;
}

/* returns: NULL: there are too many */
struct file *file_add(const char *path)
{
	struct file *file, **at = &frr.files;
	uint32_t number = FIRST_FILE;

	while (number < MANRS_SOURCES && !is_free(number))
		number++;
	file = number < MANRS_SOURCES ? calloc(1, sizeof *file) : NULL;
	if (!file)
		return NULL;
	file->path = text_copy(path);
	file->number = number;
	file->due = true;
	while (*at)
		at = &(*at)->next;
	*at = file;
	data_kick();
	return file;
}

static void file_free(struct file *file)
{
	free(file->path);
	free(file);
}

void file_remove(struct file *file)
{
	struct file **at = &frr.files;

	while (*at != file)
		at = &(*at)->next;
	*at = file->next;
	data_drop_source(file->number);
	file_free(file);
}

static bool is_another(const char *path, const struct as_read *was)
{
	struct stat now;

	return stat(path, &now) == 0 &&
	       (now.st_mtim.tv_sec != was->changed.tv_sec ||
		now.st_mtim.tv_nsec != was->changed.tv_nsec || now.st_size != was->length);
}

void files_look(void)
{
	bool any = false;

	for (struct file *f = frr.files; f; f = f->next)
		if (is_another(f->path, &f->as_read))
			f->due = any = true;
	if (frr.slurm && is_another(frr.slurm, &frr.slurm_as_read))
		frr.slurm_due = any = true;
	if (any)
		data_kick();
}

static void manrs_files(frr_task *task)
{
	uint64_t began = now_us();

	(void)task;
	files_look();
	task_took("files", began);
	TASK_LATER(frr.loop, manrs_files, NULL, LOOK_MS, &t_look);
}

void files_start(void)
{
	TASK_LATER(frr.loop, manrs_files, NULL, LOOK_MS, &t_look);
}

void files_stop(void)
{
	TASK_OFF(t_look);
	while (frr.files) {
		struct file *file = frr.files;

		frr.files = file->next;
		file_free(file);
	}
}
