/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_LOAD_H
#define MANRS_LOAD_H

/*
 * Readers of VRP and ASPA files: push the bytes in any split, pull the records.
 *
 *     manrs_load_new
 *       until the file ends:  manrs_load_push(bytes)  then  pull vrps, aspas, keys, issues until each gives 0
 *       manrs_load_finish     then pull once more; only now does anything that was pulled count
 *     manrs_load_free
 *
 * The format is told by the content, behind a byte order mark, blanks and lines of #: the JSON of rpki-client, Routinator
 * (json, jsonext), gortr and StayRTR (`roas`, `aspas`, `bgpsec_keys`, `routerKeys`, `router_keys`, and the old
 * `provider_authorizations`); csv, csvcompat and csvext, with or without a header that names the columns; OpenBGPD
 * `roa-set` and `aspa-set`; BIRD 1 `roa` and BIRD 2 `route` lines; `customer TAB provider ...` lines of ASPAs, 0 = AS0.
 *
 * A bad entry is an issue: counted, reported with its place, skipped. A bad file (not of any format, cut, nested deeper
 * than 64, a string, number or line of more than 65536 bytes, the same list twice, a text without one good entry, local
 * exceptions in place of records) fails the load and nothing of it counts. Members of other names are skipped. Integers
 * are plain ones: 24.0, 1e3 and -1 are no maxLength and no AS number.
 *
 * A host must look at the stats' `lists` before it commits: JSON of anything else (an error page, {}, a list of another
 * name) loads with lists 0 and no records, and a set without VRPs makes every route not-found. "roas": null is no list;
 * null for one of the others is an empty one (Go's writers put it there).
 *
 * What records say stays as it is but for three things: a maxLength that is not there is the prefix's length; providers,
 * whose order no file promises, come ascending, each once, and an AS0 beside others is left out, for it has no effect
 * (draft-ietf-sidrops-aspa-verification section 4); provider_authorizations of a customer come as one list for both
 * families, once that member has ended, and without notes. A customer or VRP that is there twice comes twice. Expiry is
 * reported beside the record and never applied: of several sources (jsonext) the latest, 0 when one has none.
 *
 * Memory is bounded whatever the input: one token or line, the nesting, a million old provider authorizations, and the
 * records not yet pulled. Those of one push take below twice its bytes in real files, at most fifteen times (four bytes
 * can be an ASPA line): push slices of 64 to 256 KiB and pull all after each.
 */

#include <manrs/db.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct manrs_load manrs_load;

enum manrs_load_format {
	MANRS_FORMAT_UNKNOWN = 0, /* not told yet */
	MANRS_FORMAT_JSON = 1,
	MANRS_FORMAT_CSV = 2,
	MANRS_FORMAT_OPENBGPD = 3,
	MANRS_FORMAT_BIRD = 4,
	MANRS_FORMAT_ASPA_TEXT = 5,
};

/* What the file says beside a record; a frozen record of 16 bytes. */
typedef struct manrs_load_note {
	uint64_t expires; /* Unix seconds; 0: not said */
	uint32_t line;    /* counted from 1 */
	uint16_t ta;      /* trust anchor: an index for manrs_load_ta; 0: not said, or past the 255th */
	uint16_t zero;
} manrs_load_note;

/* The lists of records that a file can have: bits of manrs_load_stats.lists. */
enum manrs_load_list {
	MANRS_LOAD_VRPS = 1,
	MANRS_LOAD_ASPAS = 2,
	MANRS_LOAD_KEYS = 4,
};

/* Totals so far. Grows at its end; set size before the call. */
typedef struct manrs_load_stats {
	size_t size;
	uint64_t vrps, aspas, keys; /* good entries */
	uint64_t bad;               /* entries that cannot be read */
	uint64_t bytes, lines;      /* lines: that which the reading has come to */
	uint32_t format;  /* enum manrs_load_format */
	uint32_t tas;     /* trust anchors seen: indexes 1..tas */
	uint64_t built;   /* Unix seconds when the export was made, as its metadata says; 0: not said */
	uint64_t refused; /* entries that a rule or a limit refuses: a customer among its providers, too many of them */
	uint64_t remarks; /* what was passed over or read in another way than it stands, and may be worth a look */
	uint32_t lists;   /* enum manrs_load_list: those that were there, also the explicit empty ones */
	uint32_t zero;
} manrs_load_stats;

/* returns: MANRS_OK, MANRS_ENOMEM. owns: the caller frees it with manrs_load_free. */
MANRS_API int manrs_load_new(manrs_load **load, const manrs_alloc *alloc);
MANRS_API void manrs_load_free(manrs_load *load); /* NULL is allowed */

/*
 * Feed bytes[n]. All are used, none are kept by reference. What was pulled is forgotten.
 * returns: MANRS_OK; MANRS_ESYNTAX, MANRS_ELIMIT, MANRS_ENOMEM: the load has failed for good, as every later call says;
 *          fault->at = offset in the file, fault->line
 */
MANRS_API int manrs_load_push(manrs_load *load, const void *bytes, size_t n, manrs_fault *fault);

/*
 * Say that the file has ended.
 * returns: MANRS_OK; MANRS_ESYNTAX when it ended too early, is empty, or is a text without one good entry
 */
MANRS_API int manrs_load_finish(manrs_load *load, manrs_fault *fault);

/* Pull what has been read, up to cap. notes may be NULL. returns: how many were written. */
MANRS_API size_t manrs_load_vrps(manrs_load *load, manrs_route *out, manrs_load_note *notes, size_t cap);
/* The provider arrays stay valid until the next call on this load but manrs_load_aspas. */
MANRS_API size_t manrs_load_aspas(manrs_load *load, manrs_aspa *out, manrs_load_note *notes, size_t cap);
MANRS_API size_t manrs_load_keys(manrs_load *load, manrs_router_key *out, manrs_load_note *notes, size_t cap);
/* Bad entries, the first thousand of them (all are counted): at, line, what, code. */
MANRS_API size_t manrs_load_issues(manrs_load *load, manrs_fault *out, size_t cap);

/* A trust anchor's name, "" for 0 and unknown indexes. owns: valid until manrs_load_free. */
MANRS_API const char *manrs_load_ta(const manrs_load *load, uint32_t ta);

/* Totals so far. in: stats->size */
MANRS_API void manrs_load_counts(const manrs_load *load, manrs_load_stats *stats);

#ifdef __cplusplus
}
#endif

#endif
