// SPDX-License-Identifier: BSD-2-Clause
/*
 * Preloaded into a daemon (LATER=FILE): its monotonic clock is ahead by as many seconds as the 8 bytes of FILE say, which may
 * grow while it runs. Ten minutes until a cache's data expires need not be waited for.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static volatile int64_t *ahead;

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("LATER");
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *at = fd < 0 ? MAP_FAILED : mmap(NULL, 8, PROT_READ, MAP_SHARED, fd, 0);

	if (at != MAP_FAILED)
		ahead = at;
	if (fd >= 0)
		close(fd);
}

int clock_gettime(clockid_t clock, struct timespec *at)
{
	long rc = syscall(SYS_clock_gettime, clock, at);

	if (rc == 0 && clock == CLOCK_MONOTONIC && ahead)
		at->tv_sec += *ahead;
	return (int)rc;
}
