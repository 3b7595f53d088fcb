/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_PATH_H
#define MANRS_PATH_H

/* AS paths: the record, its readers and writer, its origin and its own checks. */

#include <manrs/prefix.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Segment types (RFC 4271 section 4.3, RFC 5065 section 3), in the low 3 bits of a hop's kind byte. */
enum manrs_segment {
	MANRS_SEGMENT_SET = 1,             /* AS_SET */
	MANRS_SEGMENT_SEQUENCE = 2,        /* AS_SEQUENCE */
	MANRS_SEGMENT_CONFED_SEQUENCE = 3, /* AS_CONFED_SEQUENCE */
	MANRS_SEGMENT_CONFED_SET = 4,      /* AS_CONFED_SET */
};

#define MANRS_SEGMENT_START 0x80 /* this hop opens a segment */

/*
 * An AS path in wire order: asn[0] is the neighbour, asn[n - 1] the origin. kind is NULL when all hops are one
 * AS_SEQUENCE, else kind[n]: enum manrs_segment, with MANRS_SEGMENT_START at each segment's first hop.
 * n 0 is the empty path. flags is 0. The arrays are borrowed. A path that breaks this is malformed.
 */
typedef struct manrs_path {
	const uint32_t *asn; /* host order */
	const uint8_t *kind;
	uint32_t n;
	uint32_t flags;
} manrs_path;

/*
 * n paths one behind the other, for the batch calls: path i is hops start[i] .. start[i + 1] - 1. start[n + 1] never
 * falls. kind is NULL when every path is one AS_SEQUENCE, else there is a byte for each hop.
 */
typedef struct manrs_paths {
	const uint32_t *asn;
	const uint8_t *kind;
	const uint32_t *start;
	size_t n;
} manrs_paths;

/*
 * Read an AS_PATH or AS4_PATH from the bytes of the attribute's value. Neighbouring AS_SEQUENCE segments are one.
 * in:      asn[cap], kind[cap]: where the hops go, of the caller; n / octets hops are always enough
 *          octets: 4, or 2 for the AS_PATH of a speaker without 4-octet AS numbers
 * out:     path: asn and kind are those arrays, but kind is NULL for one AS_SEQUENCE (its bytes are written all the same)
 * returns: MANRS_OK; MANRS_ESYNTAX: unknown segment type, segment of length 0, overrun, one byte left over;
 *          MANRS_ELIMIT: cap is too small, fault->at = the hops needed; MANRS_EINVAL for octets.
 *          fault->at else: the byte. A failed call leaves path as it was; the arrays may have changed
 * threads: any
 * source:  RFC 4271 section 4.3; RFC 5065 section 3; RFC 7606 section 7.2
 */
MANRS_API int manrs_path_decode(manrs_path *path, uint32_t *asn, uint8_t *kind, size_t cap,
				const uint8_t *bytes, size_t n, int octets, manrs_fault *fault);

/*
 * The path that an AS_PATH of 2-octet numbers and an AS4_PATH mean together. AS_CONFED_SEQUENCE segments of the
 * AS4_PATH are left out; an AS_CONFED_SET stays, for RFC 9774's sake. The caller drops the AS4_PATH beforehand when it
 * came from a 4-octet speaker, or when both AGGREGATOR, not from AS_TRANS, and AS4_AGGREGATOR came with it.
 * in:      asn[cap], kind[cap] as for manrs_path_decode, apart from those of as_path and as4_path; the sum of both
 *          n is always enough
 * returns: MANRS_OK; MANRS_ELIMIT with fault->at = the hops needed; MANRS_EINVAL for a malformed path
 * threads: any
 * source:  RFC 6793 sections 4.2.3 and 6
 */
MANRS_API int manrs_path_merge(manrs_path *path, uint32_t *asn, uint8_t *kind, size_t cap,
			       const manrs_path *as_path, const manrs_path *as4_path,
			       manrs_fault *fault);

/*
 * Read a path as text, neighbour first: `64496 64497 {64498,64499} (65001 65002) [65003,65004]`: AS_SEQUENCE, AS_SET,
 * AS_CONFED_SEQUENCE, AS_CONFED_SET, as bgpdump, FRR and OpenBGPD print them. Members of a set are parted by a comma
 * or blanks; an AS number may begin with "AS". Only blanks, or nothing: the empty path.
 * in:      asn[cap], kind[cap] as for manrs_path_decode; (n + 1) / 2 hops are always enough
 * returns: MANRS_OK; MANRS_ESYNTAX, MANRS_ERANGE with fault->at = the offset; MANRS_ELIMIT with fault->at = the hops
 *          needed, at least
 * threads: any
 */
MANRS_API int manrs_path_parse(manrs_path *path, uint32_t *asn, uint8_t *kind, size_t cap,
			       const char *text, size_t n, manrs_fault *fault);

/*
 * Write a path as manrs_path_parse reads it, with a closing NUL; 13 bytes a hop and one more are always enough.
 * returns: the length without the NUL; MANRS_ELIMIT (nothing written), MANRS_EINVAL for a malformed path
 * threads: any
 */
MANRS_API int manrs_path_format(const manrs_path *path, char *text, size_t cap);

/*
 * The origin that route origin validation asks about, by the final segment alone: of an AS_SEQUENCE its last AS, of a
 * confederation segment or an empty path the speaker's own, of an AS_SET none.
 * in:      local_as: the speaker's own AS
 * out:     origin: 0 = NONE
 * returns: MANRS_OK; MANRS_EINVAL for a malformed path (origin 0)
 * threads: any
 * source:  RFC 6811 section 2
 */
MANRS_API int manrs_path_origin(const manrs_path *path, uint32_t local_as, uint32_t *origin);

/* The origins of n paths: origins[i] answers path i. returns: MANRS_OK; MANRS_EINVAL if any was malformed. */
MANRS_API int manrs_path_origin_many(const manrs_paths *paths, uint32_t local_as,
				     uint32_t *origins);

/* What an AS number is reserved for. AS112 (RFC 7534) is an ordinary one. */
enum manrs_asn_class {
	MANRS_ASN_ZERO = 0,          /* RFC 7607 */
	MANRS_ASN_PUBLIC = 1,        /* for nothing: any network may have it */
	MANRS_ASN_TRANS = 2,         /* 23456, RFC 6793 */
	MANRS_ASN_PRIVATE = 3,       /* 64512-65534, 4200000000-4294967294, RFC 6996 */
	MANRS_ASN_RESERVED = 4,      /* 65535, 4294967295, RFC 7300; 65552-131071, IANA */
	MANRS_ASN_DOCUMENTATION = 5, /* 64496-64511, 65536-65551, RFC 5398 */
};

/* returns: enum manrs_asn_class. threads: any */
MANRS_API int manrs_asn_class(uint32_t asn);

/* The findings of manrs_path_check, as bit numbers; never reused. */
enum manrs_path_finding {
	MANRS_PATH_LOOP = 0,            /* an AS comes again after another; the second place */
	MANRS_PATH_SET = 1,             /* an AS_SET, RFC 9774 */
	MANRS_PATH_CONFED_SET = 2,      /* an AS_CONFED_SET, RFC 9774 */
	MANRS_PATH_CONFED_SEQUENCE = 3, /* from outside the confederation: malformed, RFC 5065 5 */
	MANRS_PATH_ZERO = 4,            /* AS 0, RFC 7607 */
	MANRS_PATH_TRANS = 5,    /* AS_TRANS, RFC 6793; this and the next, outside confederations */
	MANRS_PATH_PRIVATE = 6,  /* a private AS number, RFC 6996 */
	MANRS_PATH_RESERVED = 7, /* a reserved one, as manrs_asn_class says */
	MANRS_PATH_DOCUMENTATION = 8, /* one for documentation, RFC 5398 */
	MANRS_PATH_LENGTH = 9,        /* longer than max_length; the first hop beyond it */
	MANRS_PATH_PREPEND = 10,  /* one AS more than max_repeat times in a row: the first beyond */
	MANRS_PATH_FIRST_AS = 11, /* the first hop is not the neighbour */
	MANRS_PATH_LOCAL_AS = 12, /* our own AS */
	MANRS_PATH_EMPTY = 13,    /* no hop */
	MANRS_PATH_MALFORMED = 14, /* the record breaks its contract; all bits are set then */
};

#define MANRS_PATH_FINDINGS 16 /* room for findings in a report */

/* manrs_path_rules.flags */
#define MANRS_PATH_ANY_NEIGHBOUR 1u /* any first AS: a route server, RFC 7947 2.2.2.1; iBGP */

/* Grows at its end: size is set by manrs_path_rules_init, bytes past what the library knows must be zero. */
typedef struct manrs_path_rules {
	size_t size;
	uint32_t neighbour_asn;
	uint32_t local_as; /* 0: not known */
	/* RFC 4271 section 9.1.2.2: a set counts 1, a confederation segment 0; 0: any; init: 0 */
	uint32_t max_length;
	uint32_t max_repeat; /* of one AS in a row; 0: any; init: 0 */
	uint32_t flags;      /* MANRS_PATH_ANY_NEIGHBOUR */
	uint32_t zero;
} manrs_path_rules;

/* Every finding there is, and for each the first offending hop. */
typedef struct manrs_path_report {
	uint32_t findings;                /* bit b: enum manrs_path_finding b */
	uint32_t length;                  /* RFC 4271 section 9.1.2.2 */
	uint32_t at[MANRS_PATH_FINDINGS]; /* index of the hop by finding; 0 where there is none */
} manrs_path_report;

/* Set size, and every member to its default. returns: MANRS_OK; MANRS_EINVAL: no such size. */
MANRS_API int manrs_path_rules_init(manrs_path_rules *rules, size_t size);

/*
 * Look a path over: all findings at once. What is harmless is the caller's to say, by the bits he masks out.
 * returns: MANRS_OK; MANRS_EINVAL: the path or the rules break their contract (all bits are set)
 * threads: any
 * cost:    no allocation; one pass over the hops, more for paths of over 64 hops
 * source:  RFC 4271 sections 6.3 and 9.1.2.2; RFC 5065 section 5; RFC 9774 section 3; the AS numbers above
 */
MANRS_API int manrs_path_check(const manrs_path *path, const manrs_path_rules *rules,
			       manrs_path_report *report);

/* The same for n paths under one set of rules. out: reports[n]. returns: MANRS_OK; MANRS_EINVAL if any path was malformed. */
MANRS_API int manrs_path_check_many(const manrs_paths *paths, const manrs_path_rules *rules,
				    manrs_path_report *reports);

/* A finding in one word: "loop", "as-set"; "" for other numbers. owns: a constant. */
MANRS_API const char *manrs_path_finding_text(int finding);

#ifdef __cplusplus
}
#endif

#endif
