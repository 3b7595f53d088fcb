/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Several files of local exceptions as one: the union, unless two of them speak of the same resources, for then "the whole set
 * MUST be rejected" (RFC 8416 section 4.2): who wrote one of them does not know of the other.
 */

#include "feed_source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One list of all the files' lists: n items of `size` more behind it. */
static void join(const void **list, size_t *n, const void *more, size_t n_more, size_t size)
{
	char *all = must_resize((void *)(uintptr_t)*list, *n + n_more, size);

	if (n_more)
		memcpy(all + *n * size, more, n_more * size);
	*list = all;
	*n += n_more;
}
#define JOIN(all, part, list, n)                                                         \
	do {                                                                             \
		const void *joined = (all)->list;                                        \
		join(&joined, &(all)->n, (part)->list, (part)->n, sizeof *(part)->list); \
		(all)->list = joined;                                                    \
	} while (0)

static void join_file(manrs_slurm *all, const manrs_slurm *part)
{
	JOIN(all, part, prefix_filters, n_prefix_filters);
	JOIN(all, part, key_filters, n_key_filters);
	JOIN(all, part, aspa_filters, n_aspa_filters);
	JOIN(all, part, vrps, n_vrps);
	JOIN(all, part, keys, n_keys);
	JOIN(all, part, aspas, n_aspas);
}

/* ---- what files speak of ---- */

/* Prefixes, and AS numbers of router keys and of ASPAs, as prefixes of a family each that tries know apart by their first bit. */
struct spoken {
	manrs_trie *prefixes, *keys, *aspas;
	char text[80]; /* what two files speak of */
};

static bool spoken_new(struct spoken *s)
{
	*s = (struct spoken){.text = ""};
	return manrs_trie_new(&s->prefixes, NULL) >= 0 && manrs_trie_new(&s->keys, NULL) >= 0 &&
	       manrs_trie_new(&s->aspas, NULL) >= 0;
}

static void spoken_free(struct spoken *s)
{
	manrs_trie_free(s->prefixes);
	manrs_trie_free(s->keys);
	manrs_trie_free(s->aspas);
}

static manrs_prefix of_asn(uint32_t asn)
{
	manrs_prefix p = {.family = 4, .len = 32, .maxlen = 32};

	for (int i = 0; i < 4; i++)
		p.addr[i] = (uint8_t)(asn >> (24 - 8 * i));
	return p;
}

/* The number of a file that spoke of a part of it, or of more than it; SIZE_MAX: none but `file` did. */
static size_t other(const manrs_trie *trie, const manrs_prefix *key, size_t file)
{
	manrs_cursor cursor = {0};
	uint64_t by[129];
	size_t n = manrs_trie_covering(trie, key, NULL, by, 129);

	for (size_t i = 0; i < n; i++)
		if (by[i] != file)
			return (size_t)by[i];
	do {
		n = manrs_trie_covered(trie, key, &cursor, NULL, by, 129);
		for (size_t i = 0; i < n; i++)
			if (by[i] != file)
				return (size_t)by[i];
	} while (n == 129);
	return SIZE_MAX;
}

/* returns: the other file, SIZE_MAX: none */
static size_t speak(struct spoken *s, manrs_trie *trie, const manrs_prefix *key, size_t file,
		    const char *what)
{
	size_t by = other(trie, key, file);
	size_t n = (size_t)snprintf(s->text, sizeof s->text, "%s", what);

	if (by == SIZE_MAX)
		manrs_trie_set(trie, key, file);
	else if (trie == s->prefixes)
		manrs_prefix_format(key, s->text + n, sizeof s->text - n);
	else
		snprintf(s->text + n, sizeof s->text - n, "AS%u",
			 (uint32_t)key->addr[0] << 24 | (uint32_t)key->addr[1] << 16 |
				 (uint32_t)key->addr[2] << 8 | key->addr[3]);
	return by;
}

static size_t speak_prefixes(struct spoken *s, const manrs_slurm *slurm, size_t file)
{
	size_t by = SIZE_MAX;

	for (size_t i = 0; i < slurm->n_prefix_filters && by == SIZE_MAX; i++)
		if (slurm->prefix_filters[i].prefix.family)
			by = speak(s, s->prefixes, &slurm->prefix_filters[i].prefix, file, "");
	for (size_t i = 0; i < slurm->n_vrps && by == SIZE_MAX; i++)
		by = speak(s, s->prefixes, &slurm->vrps[i].prefix, file, "");
	return by;
}

static size_t speak_asns(struct spoken *s, const manrs_slurm *slurm, size_t file)
{
	static const char keys[] = "router keys of ", aspas[] = "ASPAs of ";
	size_t by = SIZE_MAX;
	manrs_prefix p;

	for (size_t i = 0; i < slurm->n_key_filters && by == SIZE_MAX; i++)
		if (slurm->key_filters[i].has_asn) {
			p = of_asn(slurm->key_filters[i].asn);
			by = speak(s, s->keys, &p, file, keys);
		}
	for (size_t i = 0; i < slurm->n_keys && by == SIZE_MAX; i++) {
		p = of_asn(slurm->keys[i].asn);
		by = speak(s, s->keys, &p, file, keys);
	}
	for (size_t i = 0; i < slurm->n_aspa_filters && by == SIZE_MAX; i++) {
		p = of_asn(slurm->aspa_filters[i].asn);
		by = speak(s, s->aspas, &p, file, aspas);
	}
	for (size_t i = 0; i < slurm->n_aspas && by == SIZE_MAX; i++) {
		p = of_asn(slurm->aspas[i].customer);
		by = speak(s, s->aspas, &p, file, aspas);
	}
	return by;
}

static const manrs_slurm *slurm_of(const struct source *s)
{
	const manrs_slurm_file *file = s->slurm_read ? s->slurm_read : s->slurm;

	return file ? manrs_slurm_file_slurm(file) : NULL;
}

/* returns: whether no two files speak of the same; else said, of the latter */
static bool agree(struct source *sources, size_t n)
{
	struct spoken spoken;
	bool good = spoken_new(&spoken);

	for (size_t i = 0; i < n && good; i++) {
		const manrs_slurm *slurm = slurm_of(&sources[i]);
		size_t by = SIZE_MAX;

		if (slurm && (by = speak_prefixes(&spoken, slurm, i)) == SIZE_MAX)
			by = speak_asns(&spoken, slurm, i);
		good = by == SIZE_MAX;
		if (!good)
			complain_at(
				sources[i].said.name, 0,
				"%s: exceptions of it are in %s too: none of the files is taken",
				spoken.text, sources[by].said.name);
	}
	spoken_free(&spoken);
	return good;
}

/* ---- in the database ---- */

bool source_read_slurm(struct source *s)
{
	manrs_slurm_file *file;

	s->seen = s->looked;
	s->said.reads++;
	file = slurm_read(s->said.name);
	if (file && !source_stands(s)) {
		manrs_slurm_file_free(file);
		file = NULL;
	}
	manrs_slurm_file_free(s->slurm_read);
	s->slurm_read = file;
	if (!file) {
		s->said.failures++;
		source_problem(s, complained());
		return false;
	}
	return true;
}

static bool apply(const struct source *sources, size_t n, manrs_edit *edit)
{
	manrs_slurm all;
	manrs_fault fault = {0};
	int rc;

	manrs_slurm_init(&all, sizeof all);
	for (size_t i = 0; i < n; i++)
		if (slurm_of(&sources[i]))
			join_file(&all, slurm_of(&sources[i]));
	rc = manrs_edit_slurm(edit, &all, &fault);
	free((void *)(uintptr_t)all.prefix_filters);
	free((void *)(uintptr_t)all.key_filters);
	free((void *)(uintptr_t)all.aspa_filters);
	free((void *)(uintptr_t)all.vrps);
	free((void *)(uintptr_t)all.keys);
	free((void *)(uintptr_t)all.aspas);
	if (rc < 0)
		complain("local exceptions: %s", fault.what ? fault.what : manrs_strerror(rc));
	return rc == MANRS_OK;
}

bool sources_slurm(struct source *sources, size_t n, manrs_edit *edit)
{
	return agree(sources, n) && apply(sources, n, edit);
}

static void take(struct source *s, uint64_t now)
{
	const manrs_slurm *slurm = manrs_slurm_file_slurm(s->slurm_read);

	manrs_slurm_file_free(s->slurm);
	s->slurm = s->slurm_read;
	s->slurm_read = NULL;
	source_problem(s, "");
	s->said.good = true;
	s->said.read_at = now;
	s->said.vrps = slurm->n_vrps;
	s->said.aspas = slurm->n_aspas;
	s->said.keys = slurm->n_keys;
}

void sources_slurm_done(struct source *sources, size_t n, bool taken, uint64_t now)
{
	for (size_t i = 0; i < n; i++) {
		struct source *s = &sources[i];

		if (!s->slurm_read)
			continue;
		if (taken) {
			take(s, now);
			continue;
		}
		s->said.failures++;
		source_problem(s, complained());
	}
}
