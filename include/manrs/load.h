/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_LOAD_H
#define MANRS_LOAD_H

/*
 * Readers of VRP and ASPA files: push the bytes in any split, pull the records.
 *
 *     manrs_load_new
 *       until the file ends:  manrs_load_push(bytes)  then  pull vrps, aspas, keys, issues until each gives 0
 *       manrs_load_finish     then pull once more; only now does anything that was pulled count
 *       manrs_load_stats_get     whether the list was there that the host wants: see below
 *     manrs_load_free
 *
 * The format is told by the content, behind a byte order mark, blanks and lines of #: the JSON of rpki-client, Routinator
 * (json, jsonext), gortr and StayRTR (`roas`, `aspas`, `bgpsec_keys`, `routerKeys`, `router_keys`, and the old
 * `provider_authorizations`) or a bare array of VRPs; csv, csvcompat and csvext, with or without a header that names the
 * columns; OpenBGPD `roa-set` and `aspa-set`; BIRD 1 `roa` and BIRD 2 `route` lines; `customer provider ...` lines of
 * ASPAs with tabs or blanks between, 0 = AS0.
 *
 * A bad entry is an issue: counted, reported with its place, skipped. A bad file (not of any format, cut, nested deeper
 * than 64, a string or number of more than 65536 bytes, a line of more than 131072, the same list twice, local exceptions)
 * fails the load and nothing of it counts; so does a list that holds entries and not one that can be read, or more
 * unreadable ones than manrs_load_allow says. Entries that a rule or a limit refuses never fail a file: what one CA
 * publishes must not stop everyone's validation.
 *
 * A host must look at the stats' `lists` before it commits: JSON of anything else (an error page, {}, a list of another
 * name) loads with lists 0 and no records, and a set without VRPs makes every route not-found. "roas": null is no list;
 * null for one of the others is an empty one (Go's writers put it there). An explicit empty list is an empty set.
 * manrs_load_members says what was there instead.
 *
 * Members of entries are known by their names, by those that differ in case, '_' and '-' alone (max_length), and by the
 * names that other exports have for them (tal, maxLen, origin); the first kind counts before the second. Others are
 * skipped; one that is near to the name of a member that the entry lacks is a remark. Absent, null and an empty field
 * are one: the default. Integers may stand in quotes, AS numbers in asdot there; 24.0, 1e3 and -1 are none. An address
 * without a length is a host's, with a remark. Times are Unix seconds or ISO 8601; one that cannot be read is a remark,
 * as is a last line without its end, for the file may have been cut there.
 *
 * What records say stays as it is but for three things: a maxLength that is not there is the prefix's length; providers,
 * whose order no file promises, come ascending, each once, and an AS0 beside others is left out, for it has no effect
 * (draft-ietf-sidrops-aspa-verification section 4); provider_authorizations of a customer come as one list for both
 * families, once that member has ended, with their latest expiry alone. A customer or VRP that is there twice comes
 * twice. Expiry is reported beside the record and never applied: of several sources (jsonext) the latest, 0 when one
 * has none.
 *
 * An ASPA of more than MANRS_PROVIDERS_MAX providers is refused and yet pulled, with one more of them than that: an edit
 * that hears of it counts no other ASPA of the customer either (draft-ietf-sidrops-aspa-profile, on the relying party's bound).
 *
 * Memory is bounded whatever the input: one token or line, the nesting, a million old provider authorizations, and the
 * records not yet pulled. Those of one push take below twice its bytes in real files, at most fifteen times (four bytes
 * can be an ASPA line): push slices of 64 to 256 KiB and pull all after each.
 *
 * threads: a load is used by one thread at a time
 */

#include <manrs/record.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct manrs_load manrs_load;

enum manrs_load_format {
	MANRS_FORMAT_UNKNOWN = 0,   /* not told yet */
	MANRS_FORMAT_JSON = 1,      /* of rpki-client, Routinator, StayRTR, or a bare array */
	MANRS_FORMAT_CSV = 2,       /* with or without a header line */
	MANRS_FORMAT_OPENBGPD = 3,  /* roa-set, aspa-set */
	MANRS_FORMAT_BIRD = 4,      /* roa and route lines */
	MANRS_FORMAT_ASPA_TEXT = 5, /* customer and providers, a line each */
};

/*
 * What the file says beside a record; a frozen record of 16 bytes. It stays with the host: a database has neither expiries
 * nor trust anchors, and whatever is to be done about them takes notes. A record stands until its second has passed.
 */
typedef struct manrs_load_note {
	uint64_t expires; /* Unix seconds; 0: not said */
	uint32_t line;    /* counted from 1 */
	/* trust anchor: an index for manrs_load_ta; 0: not said, or past the 255th */
	uint16_t ta;
	uint16_t zero;
} manrs_load_note;

/* What an issue means. */
enum manrs_load_kind {
	MANRS_LOAD_BAD = 1,     /* an entry that cannot be read; it was skipped */
	MANRS_LOAD_REFUSED = 2, /* an entry that a rule or a limit refuses; it does not count */
	MANRS_LOAD_REMARK = 3,  /* nothing was skipped; the first of its kind, all are counted */
};

/* An issue with its place: "FILE:LINE: what: member "value"". */
typedef struct manrs_load_issue {
	manrs_fault fault;
	const char *member; /* a constant: "maxLength"; "": the entry or line as a whole */
	uint32_t kind;      /* enum manrs_load_kind; of a failed load 0 */
	/* what stands there in printable ASCII, "..." behind what was cut off; "": nothing */
	char value[60];
} manrs_load_issue;

/* The lists of records that a file can have: bits of manrs_load_stats.lists. */
enum manrs_load_list {
	MANRS_LOAD_VRPS = 1,  /* VRPs */
	MANRS_LOAD_ASPAS = 2, /* ASPAs */
	MANRS_LOAD_KEYS = 4,  /* router keys */
};

/* Totals so far. Grows at its end; set size before the call. */
typedef struct manrs_load_stats {
	size_t size;
	uint64_t vrps, aspas, keys; /* good entries */
	uint64_t bad;               /* entries that cannot be read */
	uint64_t bytes, lines;      /* lines: that which the reading has come to */
	uint32_t format;            /* enum manrs_load_format */
	uint32_t tas;               /* trust anchors seen: indexes 1..tas */
	/* Unix seconds when the export was made, as its metadata says; 0: not said */
	uint64_t built;
	/* entries that a rule or a limit refuses: a customer among its providers, too many of them */
	uint64_t refused;
	/* what was passed over or read in another way than it stands, and may be worth a look */
	uint64_t remarks;
	/* enum manrs_load_list: those that were there, also the explicit empty ones */
	uint32_t lists;
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
MANRS_API size_t manrs_load_vrps(manrs_load *load, manrs_route *out, manrs_load_note *notes,
				 size_t cap);
/* The provider arrays stay valid until the next call on this load but manrs_load_aspas. */
MANRS_API size_t manrs_load_aspas(manrs_load *load, manrs_aspa *out, manrs_load_note *notes,
				  size_t cap);
MANRS_API size_t manrs_load_keys(manrs_load *load, manrs_router_key *out, manrs_load_note *notes,
				 size_t cap);
/* Skipped entries, the first thousand of them (all are counted), and a remark of each kind. */
MANRS_API size_t manrs_load_issues(manrs_load *load, manrs_load_issue *out, size_t cap);
/* Why the load has failed, with member and value. returns: as the call that failed; MANRS_OK: it has not, out stays */
MANRS_API int manrs_load_failure(const manrs_load *load, manrs_load_issue *out);

/*
 * How many entries of a list may be unreadable: finish fails when a list of 100 entries or more has more of them than
 * `entries` and more than `per_mille` thousandths of all. 10 and 10 when not called; per_mille 1000 is never. Call it
 * before finish.
 */
MANRS_API void manrs_load_allow(manrs_load *load, uint64_t entries, uint32_t per_mille);

/* A trust anchor's name, "" for 0 and unknown indexes. owns: valid until manrs_load_free. */
MANRS_API const char *manrs_load_ta(const manrs_load *load, uint32_t ta);

/* JSON: the names of top-level members that are no list of records, ", " between, the first of them. owns: until free */
MANRS_API const char *manrs_load_members(const manrs_load *load);

/*
 * What a file is that begins with bytes[n], when it is a known thing that no reader of text here takes: "this is an MRT
 * file", "this is a zip archive". 262 bytes tell all. returns: a constant; NULL: nothing known
 */
MANRS_API const char *manrs_load_foreign(const void *bytes, size_t n);

/* Totals so far. in: stats->size. returns: MANRS_OK; MANRS_EINVAL when it is too small. */
MANRS_API int manrs_load_stats_get(const manrs_load *load, manrs_load_stats *stats);

#ifdef __cplusplus
}
#endif

#endif
