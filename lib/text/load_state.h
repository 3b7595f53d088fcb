/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_TEXT_LOAD_STATE_H
#define LIB_TEXT_LOAD_STATE_H

/* The inside of manrs/load.h: what its readers share. Each returns false when the load has failed. */

#include "base/json.h"
#include "base/mem.h"

#include <manrs/load.h>

#define LOAD_REMARKS   32 /* kinds of them that are told */
#define LOAD_PROVIDERS MANRS_PROVIDERS_MAX
#define LOAD_ISSUES    1000       /* kept; all are counted */
#define LOAD_TAS       255        /* trust anchors with a name */
#define LOAD_PAIRS     (1u << 20) /* of provider_authorizations */

/* Records that wait to be pulled, and their notes; those before `head` have been. */
struct load_queue {
	struct vec items, notes;
	size_t head;
};

/* An ASPA whose providers lie in manrs_load.providers. */
struct load_aspa {
	size_t first;
	uint32_t customer, n;
};

enum load_list { LIST_ROAS, LIST_ASPAS, LIST_KEYS, LIST_PAIRS };

enum load_field {
	FIELD_ASN,
	FIELD_PREFIX,
	FIELD_MAXLEN,
	FIELD_TA,
	FIELD_EXPIRES,
	FIELD_CUSTOMER,
	FIELD_PROVIDERS,
	FIELD_SKI,
	FIELD_SPKI,
	FIELD_SOURCE,
	FIELD_OTHER,
};

/* Where something is, of which member ("": the whole), and what stands there. */
struct load_place {
	uint64_t at;
	uint32_t line;
	const char *member;
	const char *value;
	size_t n;
};

/*
 * An entry as far as it has been read. A member under the name that other exports have for it is a synonym: its own name
 * counts before it, also when what the synonym holds cannot be read, so that is a doubt until the entry has ended.
 */
struct load_entry {
	uint64_t at; /* where it starts */
	uint32_t line;
	uint32_t seen;          /* bit per enum load_field */
	uint32_t synonyms;      /* those of `seen` that are */
	uint32_t doubtful;      /* those of them that cannot be read */
	uint32_t near;          /* members that a skipped name is near to */
	bool odd;               /* load_json_fast.c must not learn from it */
	manrs_load_issue bad;   /* fault.code: the first thing wrong with it */
	manrs_load_issue doubt; /* the first of `doubtful` */
	manrs_load_issue remark[4];
	uint32_t remarks;
	manrs_route route;
	uint64_t maxlen, maxlen_at;
	uint64_t expires;
	uint32_t customer;
	uint16_t ta;
	uint16_t spki_len;
	size_t providers; /* the first of its providers */
	char near_name[FIELD_OTHER][24];
	uint8_t ski[20];
	uint8_t spki[MANRS_SPKI_MAX];
};

/* Entries of a list that were not taken; the first unreadable one. */
struct load_tally {
	uint64_t bad, refused;
	uint64_t at;
	uint32_t line;
};

struct load_remark {
	const char *what, *member;
};

struct load_ta {
	char *name;
	size_t n; /* without the NUL */
};

#define FORM_VALUES 8
#define FORM_BYTES  256
#define FORM_TRIES  64

/* The form of the entries of a list: see load_json_fast.c. */
struct load_form {
	const char *lead; /* where what is being learned starts in the slice, or NULL */
	const char *from[FORM_VALUES], *to[FORM_VALUES]; /* the values met since */
	uint32_t n;
	uint32_t lines; /* line feeds in the literals up to the entry, and in all */
	uint32_t all_lines;
	uint32_t seen;  /* the members that it has: load_entry.seen */
	uint32_t tries; /* forms learned */
	bool known;
	uint8_t field[FORM_VALUES];
	bool string[FORM_VALUES];
	uint16_t literal[FORM_VALUES + 2]; /* literal i is bytes[literal[i]..literal[i + 1]) */
	char bytes[FORM_BYTES];
};

/* The JSON reader's place: see load_json.c. */
struct load_json {
	struct js scan;
	uint8_t where, back; /* enum where */
	uint8_t list;        /* enum load_list */
	uint8_t field;       /* of the value that comes */
	bool synonym;        /* which its name is */
	bool bare;           /* the list is the whole file */
	uint32_t skip;       /* depth of what is skipped */
	uint32_t lists;      /* bit per list that was met */
	uint64_t source_expires, this_expires;
	bool source_forever;
};

/* The text readers' place: see load_text.c. */
struct load_text {
	struct vec line;    /* a line that the last slice cut */
	uint64_t at;        /* offset of the line's start */
	uint32_t number;    /* of the line, from 1 */
	uint32_t fields;    /* CSV: columns, see load_csv.c */
	uint8_t column[16]; /* CSV: enum load_field of each */
	uint8_t block;      /* OpenBGPD: see load_bird_openbgpd.c */
};

struct manrs_load {
	manrs_alloc mem;
	manrs_fault fault; /* code != 0: failed for good */
	manrs_load_stats stats;
	struct load_queue vrps, aspas, keys;
	struct vec providers, pairs, pair_times, issues, tas;
	size_t issues_head;
	uint64_t issues_made;
	manrs_load_issue failure;   /* its member and value; the rest is in `fault` */
	struct load_tally tally[3]; /* VRPs, ASPAs, keys */
	struct load_remark remarks[LOAD_REMARKS];
	uint32_t remark_kinds;
	uint32_t allow_per_mille;
	uint64_t allow;
	uint64_t pair_entries; /* good ones of provider_authorizations */
	char members[128];     /* of JSON's top, those that are no lists of records */
	uint8_t mark;          /* bytes of a byte order mark seen */
	bool comment;          /* inside a comment before the content */
	bool finished;
	struct load_entry entry;
	struct load_json json;
	struct load_form form;
	struct load_text text;
};

/* load_issue.c: what is wrong, and what fails the load */
bool load_fail(manrs_load *l, int code, uint64_t at, uint32_t line, const char *what);
bool load_fail_at(manrs_load *l, const struct load_place *p, int code, const char *what);
bool load_no_memory(manrs_load *l);
/* Note the first thing wrong with the entry. */
void load_entry_bad(manrs_load *l, const struct load_place *p, int code, const char *what);
/* The same, by a rule or a limit. */
void load_entry_refuse(manrs_load *l, const struct load_place *p, int code, const char *what);
/* The entry is not taken: count it, keep why. */
bool load_issue(manrs_load *l, enum load_list list);
/* Something to look at: count it, keep the first of its kind. */
bool load_remark(manrs_load *l, const struct load_place *p, const char *what);
/* The same about an entry, told once it has turned out good. */
void load_entry_remark(manrs_load *l, const struct load_place *p, const char *what);
bool load_entry_tell(manrs_load *l);
/* At the end: whether enough of every list could be read. */
bool load_judge(manrs_load *l);

/* load_member_names.c: names of members and columns */
const char *load_field_name(unsigned field);
enum load_field load_field_exact(const char *name, size_t n);
enum load_field load_field_known(const char *name, size_t n);
/* A name that is skipped: the entry's member that it is near to is noted. */
void load_field_skip(manrs_load *l, enum load_list list, const char *name, size_t n);
/* A remark of each near name whose member the entry lacks. */
void load_field_lacks(manrs_load *l);

/* load.c: what readers report */
/* The file has this list. */
void load_has(manrs_load *l, enum load_list list);
uint16_t load_ta_index(manrs_load *l, const char *name, size_t n);
void load_entry_start(manrs_load *l, uint64_t at, uint32_t line);
/* The member is given as absent. */
void load_entry_absent(manrs_load *l, enum load_field field);
/* One provider more. */
bool load_entry_provider(manrs_load *l, uint32_t asn);
/* A member's text: ADDRESS/LEN, or an address alone with a remark. An error makes the entry bad. */
void load_entry_prefix(manrs_load *l, const struct load_place *p);
/* A time: Unix seconds or ISO 8601; what is neither is a remark. */
void load_entry_expires(manrs_load *l, const struct load_place *p);
/* Whether a customer's providers from `first` on are within the bound; else one over it is left, and the entry is refused. */
bool load_entry_bounded(manrs_load *l, size_t first, uint32_t customer);
/* The entry is complete: queue it, or make it an issue. */
bool load_entry_end(manrs_load *l, enum load_list list);
/* An ASPA of the providers from `first` on. */
bool load_queue_aspa(manrs_load *l, uint32_t customer, size_t first, const manrs_load_note *with);

/* load_authorizations.c: provider_authorizations, an entry and the end */
bool load_pairs_add(manrs_load *l);
bool load_pairs_end(manrs_load *l);

/* load_json.c */
bool load_json_push(manrs_load *l, const char *bytes, size_t n, uint64_t offset, uint32_t line);
bool load_json_finish(manrs_load *l);

/* load_json_fast.c: learning the form of an entry, and entries of that form */
void load_fast_start(manrs_load *l);
void load_fast_value(manrs_load *l, int kind, const struct js_token *t);
void load_fast_end(manrs_load *l);
bool load_fast_run(manrs_load *l);

/* load_text.c */
bool load_text_push(manrs_load *l, const char *bytes, size_t n);
bool load_text_finish(manrs_load *l);
/* What the text readers do with s[from..to) of the line s, setting the entry's member or making it bad. */
void load_text_bad(manrs_load *l, const char *s, size_t from, size_t to, const char *what);
void load_text_start(manrs_load *l, size_t at);
void load_text_asn(manrs_load *l, const char *s, size_t from, size_t to, enum load_field field);
void load_text_prefix(manrs_load *l, const char *s, size_t from, size_t to);
void load_text_maxlen(manrs_load *l, const char *s, size_t from, size_t to);
void load_text_expires(manrs_load *l, const char *s, size_t from, size_t to);
bool load_text_provider(manrs_load *l, const char *s, size_t from, size_t to);
/* Whether all of it is an AS number. */
bool load_text_is_asn(uint32_t *asn, const char *s, size_t from, size_t to);

/* load_csv.c: whether a first line is a header, or a VRP of a file without one; and a line of VRPs */
bool load_csv_header(manrs_load *l, const char *s, size_t n);
bool load_csv_plain(manrs_load *l, const char *s, size_t n);
bool load_csv_line(manrs_load *l, const char *s, size_t n);

/* load_bird_openbgpd.c: a line of BIRD or OpenBGPD, without its end */
bool load_bird_line(manrs_load *l, const char *s, size_t n);
bool load_openbgpd_line(manrs_load *l, const char *s, size_t n);
bool load_openbgpd_finish(manrs_load *l);

#endif
