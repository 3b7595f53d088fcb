/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The state of a cache as one file, DIR/rtrd.state, numbers in network order:
 *
 *     "manrs rtrd set 1", session of v0, v1, v2 (2 bytes each), 0 (2), serial (4), built (8), made of (8),
 *     records: VRPs, pairs of ASPAs, router keys (8 each)
 *     a VRP: len, maxlen, family (1 each), ASN (4), address (4 or 16)
 *     a pair: customer, provider (4 each)
 *     a key: ASN (4), SKI (20), bytes of its SPKI (2), SPKI
 *     FNV-1a of all before (8)
 *
 * It is written beside, brought to the disk, and renamed: a crash leaves the one or the other whole.
 */

#include "feed_state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME  "rtrd.state"
#define FRESH "rtrd.state.new"

enum { MAGIC = 16, HEAD = 52, SUM = 8, RUN = 1024 };
static const char magic[MAGIC + 1] = "manrs rtrd set 1";

#define FNV_START UINT64_C(0xcbf29ce484222325)

static uint64_t fnv(uint64_t sum, const void *bytes, size_t n)
{
	const unsigned char *b = bytes;

	for (size_t i = 0; i < n; i++)
		sum = (sum ^ b[i]) * UINT64_C(0x100000001b3);
	return sum;
}

uint64_t state_digest(uint64_t digest, const char *text)
{
	return fnv(digest ? digest : FNV_START, text, strlen(text) + 1);
}

static bool fail(const char *what)
{
	complain_at(what, 0, "%s", strerror(errno));
	return false;
}

bool state_open(struct feed_state *state, const char *dir)
{
	*state = (struct feed_state){.folder = -1};
	if (!dir)
		return true;
	if (mkdir(dir, 0755) < 0 && errno != EEXIST)
		return fail(dir);
	state->folder = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (state->folder < 0)
		return fail(dir);
	if (flock(state->folder, LOCK_EX | LOCK_NB) < 0) {
		complain_at(dir, 0, "%s",
			    errno == EWOULDBLOCK ? "another cache keeps its state here"
						 : strerror(errno));
		state_close(state);
		return false;
	}
	return true;
}

void state_close(struct feed_state *state)
{
	if (state->folder >= 0)
		close(state->folder);
	state->folder = -1;
}

/* ---- new sessions ---- */

/* RFC 8210 section 5.1 wants none that an earlier run may have had; those of the versions must not be taken for each other. */
static void new_sessions(struct feed_state *state)
{
	uint16_t *s = state->session;

	*state = (struct feed_state){.folder = state->folder, .serial = 1};
	do
		if (getentropy(s, sizeof state->session) < 0) {
			complain("no random numbers: %s", strerror(errno));
			exit(EXIT_ERROR);
		}
	while (s[0] == s[1] || s[1] == s[2] || s[0] == s[2] || !s[0] || !s[1] || !s[2]);
}

/* ---- reading ---- */

struct reader {
	const unsigned char *at;
	size_t n;
	bool bad;
};

static const unsigned char *take(struct reader *r, size_t n)
{
	const unsigned char *at = r->at;

	if (r->bad || r->n < n) {
		r->bad = true;
		return NULL;
	}
	r->at += n;
	r->n -= n;
	return at;
}

static uint64_t number(struct reader *r, size_t bytes)
{
	const unsigned char *at = take(r, bytes);
	uint64_t n = 0;

	for (size_t i = 0; at && i < bytes; i++)
		n = n << 8 | at[i];
	return n;
}

static void read_vrp(struct reader *r, manrs_route *vrp)
{
	const unsigned char *address;

	*vrp = (manrs_route){0};
	vrp->prefix.len = (uint8_t)number(r, 1);
	vrp->prefix.maxlen = (uint8_t)number(r, 1);
	vrp->prefix.family = (uint8_t)number(r, 1);
	vrp->asn = (uint32_t)number(r, 4);
	address = take(r, vrp->prefix.family == 4 ? 4 : 16);
	if (address)
		memcpy(vrp->prefix.addr, address, vrp->prefix.family == 4 ? 4 : 16);
}

static bool fed(int rc, const manrs_counts *counts)
{
	return rc >= 0 && !counts->refused;
}

static bool load_vrps(struct reader *r, manrs_edit *edit, uint64_t n)
{
	manrs_route run[RUN];
	manrs_counts counts = {0};

	while (n && !r->bad) {
		size_t some = n < RUN ? (size_t)n : RUN;

		for (size_t i = 0; i < some; i++)
			read_vrp(r, &run[i]);
		if (r->bad ||
		    !fed(manrs_edit_vrps(edit, 0, MANRS_ADD, run, some, &counts, NULL), &counts))
			return false;
		n -= some;
	}
	return !r->bad;
}

/* The pairs of a customer stand together. */
static bool load_aspas(struct reader *r, manrs_edit *edit, uint64_t n)
{
	uint32_t *providers = must_resize(NULL, MANRS_PROVIDERS_MAX, sizeof *providers);
	manrs_aspa aspa = {.provider = providers};
	manrs_counts counts = {0};
	bool good = true;

	for (uint64_t i = 0; i <= n && good; i++) {
		uint32_t customer = i < n ? (uint32_t)number(r, 4) : 0;
		uint32_t provider = i < n ? (uint32_t)number(r, 4) : 0;

		if (aspa.n && (i == n || customer != aspa.customer)) {
			good = fed(manrs_edit_aspas(edit, 0, MANRS_ADD, &aspa, 1, &counts, NULL),
				   &counts);
			aspa.n = 0;
		}
		good = good && !r->bad && aspa.n < MANRS_PROVIDERS_MAX;
		aspa.customer = customer;
		if (good && i < n)
			providers[aspa.n++] = provider;
	}
	free(providers);
	return good;
}

static bool load_keys(struct reader *r, manrs_edit *edit, uint64_t n)
{
	manrs_counts counts = {0};
	bool good = true;

	for (; n && good; n--) {
		manrs_router_key key = {.asn = (uint32_t)number(r, 4)};
		const unsigned char *ski = take(r, sizeof key.ski), *spki;

		key.spki_len = (uint16_t)number(r, 2);
		spki = take(r, key.spki_len);
		if (!spki || key.spki_len > MANRS_SPKI_MAX)
			return false;
		memcpy(key.ski, ski, sizeof key.ski);
		memcpy(key.spki, spki, key.spki_len);
		good = fed(manrs_edit_keys(edit, 0, MANRS_ADD, &key, 1, &counts, NULL), &counts);
	}
	return good;
}

static bool decode(struct feed_state *state, manrs_edit *edit, const unsigned char *bytes, size_t n)
{
	struct reader r = {bytes + MAGIC, n - MAGIC - SUM, false},
		      sum = {bytes + n - SUM, SUM, false};
	uint64_t vrps, pairs, keys;

	if (number(&sum, SUM) != fnv(FNV_START, bytes, n - SUM))
		return false;
	for (int v = 0; v < 3; v++)
		state->session[v] = (uint16_t)number(&r, 2);
	number(&r, 2);
	state->serial = (uint32_t)number(&r, 4);
	state->built = number(&r, 8);
	state->made_of = number(&r, 8);
	vrps = number(&r, 8);
	pairs = number(&r, 8);
	keys = number(&r, 8);
	return load_vrps(&r, edit, vrps) && load_aspas(&r, edit, pairs) &&
	       load_keys(&r, edit, keys) && !r.n;
}

/* All of a file. returns: NULL: errno says why, 0: it is too short */
static unsigned char *read_whole(int fd, size_t *n)
{
	unsigned char *bytes;
	struct stat st;
	size_t at = 0;
	ssize_t got;

	if (fstat(fd, &st) < 0)
		return NULL;
	*n = (size_t)st.st_size;
	bytes = must_resize(NULL, *n + 1, 1);
	while ((got = read(fd, bytes + at, *n - at)) > 0)
		at += (size_t)got;
	if (got == 0 && at == *n)
		return bytes;
	errno = got < 0 ? errno : EIO;
	free(bytes);
	return NULL;
}

/* Whoever can write in the folder could put sets into routers: only what we or root made is believed, and no link followed. */
static bool ours(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return fail(NAME);
	if (S_ISREG(st.st_mode) && (st.st_uid == geteuid() || st.st_uid == 0))
		return true;
	complain("warning: %s: %s: it is left aside, the sessions are new", NAME,
		 S_ISREG(st.st_mode) ? "another user made it" : "no file");
	return false;
}

static bool load(struct feed_state *state, manrs_edit *edit)
{
	int fd = openat(state->folder, NAME, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	unsigned char *bytes;
	size_t n = 0;
	bool good;

	if (fd < 0)
		return errno == ENOENT ? false : fail(NAME);
	if (!ours(fd)) {
		close(fd);
		return false;
	}
	bytes = read_whole(fd, &n);
	close(fd);
	if (!bytes)
		return fail(NAME);
	good = n >= MAGIC + HEAD + SUM && !memcmp(bytes, magic, MAGIC) &&
	       decode(state, edit, bytes, n);
	if (!good)
		complain(
			"warning: %s: not the whole state of a cache: it is left aside, the sessions are new",
			NAME);
	free(bytes);
	return good;
}

/* A file that is new: what stood there, a link above all, is taken away and not written through. */
static int fresh(const struct feed_state *state)
{
	unlinkat(state->folder, FRESH, 0);
	return openat(state->folder, FRESH, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		      0644);
}

/* What can be read and never replaced would be the same old serial at each start, with another set under it in routers. */
static bool writable(const struct feed_state *state)
{
	int fd = fresh(state);

	if (fd < 0)
		return fail(FRESH);
	close(fd);
	return unlinkat(state->folder, FRESH, 0) == 0 || fail(FRESH);
}

bool state_load(struct feed_state *state, manrs_edit *edit)
{
	state->saved = state->folder >= 0 && load(state, edit) && writable(state);
	if (state->saved)
		return true;
	new_sessions(state);
	return false;
}

/* ---- writing ---- */

struct writer {
	FILE *file;
	uint64_t sum;
};

static void put(struct writer *w, const void *bytes, size_t n)
{
	w->sum = fnv(w->sum, bytes, n);
	fwrite(bytes, 1, n, w->file);
}

static void put_number(struct writer *w, uint64_t n, size_t bytes)
{
	unsigned char at[8];

	for (size_t i = bytes; i-- > 0; n >>= 8)
		at[i] = (unsigned char)n;
	put(w, at, bytes);
}

static uint64_t count_pairs(const manrs_db *db)
{
	manrs_db_stats stats = {.size = sizeof stats};

	manrs_db_stats_get(db, &stats);
	return stats.aspa_providers;
}

static void put_head(struct writer *w, const struct feed_state *state, const manrs_db *db)
{
	manrs_db_stats stats = {.size = sizeof stats};

	manrs_db_stats_get(db, &stats);
	put(w, magic, MAGIC);
	for (int v = 0; v < 3; v++)
		put_number(w, state->session[v], 2);
	put_number(w, 0, 2);
	put_number(w, state->serial, 4);
	put_number(w, state->built, 8);
	put_number(w, state->made_of, 8);
	put_number(w, stats.vrps4 + stats.vrps6, 8);
	put_number(w, count_pairs(db), 8);
	put_number(w, stats.keys, 8);
}

static void put_vrps(struct writer *w, const manrs_db *db)
{
	manrs_cursor cursor = {0};
	manrs_route run[RUN];
	size_t n;

	do {
		n = manrs_db_vrps(db, &cursor, run, RUN);
		for (size_t i = 0; i < n; i++) {
			const manrs_prefix *p = &run[i].prefix;

			put_number(w, p->len, 1);
			put_number(w, p->maxlen, 1);
			put_number(w, p->family, 1);
			put_number(w, run[i].asn, 4);
			put(w, p->addr, p->family == 4 ? 4 : 16);
		}
	} while (n == RUN);
}

static void put_aspas(struct writer *w, const manrs_db *db)
{
	manrs_cursor cursor = {0};
	manrs_aspa_pair run[RUN];
	size_t n;

	do {
		n = manrs_db_aspas(db, &cursor, run, RUN);
		for (size_t i = 0; i < n; i++) {
			put_number(w, run[i].customer, 4);
			put_number(w, run[i].provider, 4);
		}
	} while (n == RUN);
}

static void put_keys(struct writer *w, const manrs_db *db)
{
	manrs_cursor cursor = {0};
	manrs_router_key run[64];
	size_t n;

	do {
		n = manrs_db_keys(db, &cursor, run, 64);
		for (size_t i = 0; i < n; i++) {
			put_number(w, run[i].asn, 4);
			put(w, run[i].ski, sizeof run[i].ski);
			put_number(w, run[i].spki_len, 2);
			put(w, run[i].spki, run[i].spki_len);
		}
	} while (n == 64);
}

static bool write_all(const struct feed_state *state, const manrs_db *db, FILE *file)
{
	struct writer w = {file, FNV_START};

	put_head(&w, state, db);
	put_vrps(&w, db);
	put_aspas(&w, db);
	put_keys(&w, db);
	put_number(&w, w.sum, SUM);
	return !ferror(file) && fflush(file) == 0 && fsync(fileno(file)) == 0;
}

static bool save(const struct feed_state *state, const manrs_db *db)
{
	int fd = fresh(state);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
	bool good;

	if (!file) {
		if (fd >= 0)
			close(fd);
		return fail(FRESH);
	}
	good = write_all(state, db, file);
	if (fclose(file) != 0 || !good) {
		fail(FRESH);
		unlinkat(state->folder, FRESH, 0);
		return false;
	}
	if (renameat(state->folder, FRESH, state->folder, NAME) < 0 || fsync(state->folder) < 0)
		return fail(NAME);
	return true;
}

bool state_save(struct feed_state *state, const manrs_db *db)
{
	if (state->folder < 0)
		return true;
	state->saved = save(state, db);
	/* An older state would be wrong once routers have the newer serial: new sessions are better. */
	if (!state->saved && unlinkat(state->folder, NAME, 0) < 0 && errno != ENOENT)
		fail(NAME);
	return state->saved;
}
