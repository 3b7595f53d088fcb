/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The addresses of a cache's name. No resolver of libc asks without waiting, and bgpd must neither wait nor have a thread of
 * ours: `getent ahosts NAME` asks, as a child whose answer comes through a pipe on bgpd's event loop.
 *
 *     started --answer, end of file--> reaped --> cache_found()
 *        |                               ^
 *        +--15 s, or not wanted any more-+ killed
 *
 * A child is waited for by its pid and never blocks: bgpd's own children are none of our business.
 */

#include "frr_manrs.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#define ANSWER_MS 15000 /* getent's own patience is 10 s for each of two servers */
#define REAP_MS   20
#define TEXT      4096 /* of its answer; 40 bytes a line, three lines an address */

struct lookup {
	struct lookup *next;
	struct cache *cache; /* NULL: not wanted any more */
	pid_t pid;
	int fd; /* < 0: the answer is here */
	size_t n;
	uint64_t until_ms;
	bool late;
	frr_task *t_read, *t_timer;
	char text[TEXT + 1];
};

static struct lookup *lookups;

extern char **environ;

/* ---- the child ---- */

/* Nothing of bgpd's is left open in it, and no signal is held back as bgpd's main thread holds them. */
static int start(pid_t *pid, int out, const char *name)
{
	const char *const words[] = {"getent", "ahosts", name, NULL};
	posix_spawn_file_actions_t files;
	posix_spawnattr_t how;
	sigset_t none, usual;
	int rc;

	if (posix_spawn_file_actions_init(&files))
		return ENOMEM;
	if (posix_spawnattr_init(&how)) {
		posix_spawn_file_actions_destroy(&files);
		return ENOMEM;
	}
	sigemptyset(&none);
	sigfillset(&usual);
	posix_spawnattr_setsigmask(&how, &none);
	posix_spawnattr_setsigdefault(&how, &usual);
	posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, out, 1);
	posix_spawn_file_actions_addopen(&files, 2, "/dev/null", O_WRONLY, 0);
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 34)
	posix_spawn_file_actions_addclosefrom_np(&files, 3);
#endif
	rc = posix_spawnp(pid, words[0], &files, &how, (char *const *)words, environ);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&how);
	return rc;
}

static void kill_it(struct lookup *l)
{
	TASK_OFF(l->t_read);
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
	kill(l->pid, SIGKILL);
}

/* ---- its answer ---- */

static bool is_known(const union sockunion *list, size_t n, const union sockunion *su)
{
	for (size_t i = 0; i < n; i++)
		if (sockunion_same(&list[i], su))
			return true;
	return false;
}

/* Lines of `ADDRESS STREAM|DGRAM|RAW [NAME]`, in the order of RFC 6724. */
static size_t addresses(char *text, union sockunion *list, size_t room)
{
	char *rest, *line;
	size_t n = 0;

	for (line = strtok_r(text, "\n", &rest); line && n < room;
	     line = strtok_r(NULL, "\n", &rest)) {
		union sockunion su;

		line[strcspn(line, " \t")] = 0;
		if (str2sockunion(line, &su) == 0 && !is_known(list, n, &su))
			list[n++] = su;
	}
	return n;
}

static void tell(struct lookup *l, int status)
{
	union sockunion list[CACHE_ADDRESSES];
	const char *why = NULL;
	size_t n = 0;

	while (l->n && l->text[l->n - 1] != '\n')
		l->n--; /* half a line would be another address */
	l->text[l->n] = 0;
	if (l->late)
		why = "its name is not answered for";
	else if (!WIFEXITED(status) || (WEXITSTATUS(status) && WEXITSTATUS(status) != 2))
		why = "getent has failed";
	else if (!(n = addresses(l->text, list, CACHE_ADDRESSES)))
		why = "its name has no address";
	cache_found(l->cache, list, n, why);
}

static void drop(struct lookup *l)
{
	struct lookup **at = &lookups;

	while (*at != l)
		at = &(*at)->next;
	*at = l->next;
	TASK_OFF(l->t_read);
	TASK_OFF(l->t_timer);
	if (l->fd >= 0)
		close(l->fd);
	free(l);
}

static void manrs_lookup_timer(frr_task *task);

/* returns: whether it is gone */
static bool reap(struct lookup *l)
{
	int status = 0;
	pid_t rc = waitpid(l->pid, &status, WNOHANG);

	if (rc == 0 || (rc < 0 && errno == EINTR))
		return false;
	if (rc < 0)
		status = 0; /* somebody took it; what it said counts */
	if (l->cache) {
		l->cache->lookup = NULL;
		tell(l, status);
	}
	drop(l);
	return true;
}

static void look_after(struct lookup *l)
{
	if (l->fd < 0 && reap(l))
		return;
	TASK_OFF(l->t_timer);
	TASK_LATER(frr.loop, manrs_lookup_timer, l, l->fd < 0 ? REAP_MS : ANSWER_MS, &l->t_timer);
}

static void manrs_lookup_timer(frr_task *task)
{
	struct lookup *l = TASK_ARG(task);

	if (l->fd >= 0 || (!l->late && now_ms() >= l->until_ms)) {
		l->late = true;
		kill_it(l);
	}
	look_after(l);
}

static void manrs_lookup_read(frr_task *task)
{
	struct lookup *l = TASK_ARG(task);
	char more[512];
	/* what there is no room for is read all the same: getent shall come to its end */
	size_t room = TEXT - l->n;
	ssize_t n = read(l->fd, room ? l->text + l->n : more, room ? room : sizeof more);

	if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR))) {
		l->n += room && n > 0 ? (size_t)n : 0;
		TASK_READ(frr.loop, manrs_lookup_read, l, l->fd, &l->t_read);
		return;
	}
	close(l->fd);
	l->fd = -1;
	look_after(l);
}

/* ---- for frr_cache.c ---- */

bool name_is_good(const char *name)
{
	size_t n = strlen(name);

	/* RFC 1123 section 2.1, and the underscore that people use; what starts with a hyphen would be an option of getent's */
	return n > 0 && n < 254 && *name != '-' && *name != '.' &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._") ==
		       n;
}

const char *lookup_start(struct cache *cache)
{
	struct lookup *l = calloc(1, sizeof *l);
	int ends[2], rc;

	if (!l)
		return "out of memory";
	if (pipe2(ends, O_CLOEXEC) < 0) {
		free(l);
		return strerror(errno);
	}
	rc = start(&l->pid, ends[1], cache->host);
	close(ends[1]);
	if (rc) {
		close(ends[0]);
		free(l);
		return strerror(rc);
	}
	set_nonblocking(ends[0]);
	l->fd = ends[0];
	l->cache = cache;
	l->until_ms = now_ms() + ANSWER_MS;
	l->next = lookups;
	lookups = l;
	cache->lookup = l;
	TASK_READ(frr.loop, manrs_lookup_read, l, l->fd, &l->t_read);
	TASK_LATER(frr.loop, manrs_lookup_timer, l, ANSWER_MS, &l->t_timer);
	return NULL;
}

void lookup_forget(struct cache *cache)
{
	struct lookup *l = cache->lookup;

	cache->lookup = NULL;
	if (!l)
		return;
	l->cache = NULL;
	kill_it(l);
	look_after(l);
}

/* bgpd ends: children that are not gone yet are init's. */
void lookups_stop(void)
{
	while (lookups) {
		struct lookup *l = lookups;

		if (l->cache)
			l->cache->lookup = NULL;
		l->cache = NULL;
		kill_it(l);
		waitpid(l->pid, NULL, WNOHANG);
		drop(l);
	}
}
