/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_CHECK_LOOK_H
#define LIB_CHECK_LOOK_H

/* What the tests of manrs_check share: one announcement being looked at, and the table of all codes. */

#include <manrs/aspa.h>
#include <manrs/explain.h>
#include <manrs/irr.h>
#include <manrs/rov.h>
#include <stdbool.h>

enum check_state { CHECK_NOT_ASKED = 0, CHECK_PASS = 1, CHECK_FAIL = 2, CHECK_UNKNOWN = 3 };

/* One code: its name, what it means for the verdict, the numbers of others, and the rule. */
struct code {
	const char *text;
	uint8_t state;        /* enum check_state */
	uint8_t arouteserver; /* reject_cause; 0: none */
	uint8_t euroix;       /* y of RS:1101:y; 0: none */
	const char *source;   /* "RFC 6811 section 2"; "" */
};
extern const struct code check_codes[MANRS_CODES];
/* What it says, with places for the details (sentences.c). */
extern const char *const check_sentences[MANRS_CODES];

/* One bit for each AS of the lists that are asked about every hop: a path without a hit needs no search. */
struct filter {
	uint64_t bits[64];
	bool on; /* else every path counts as a hit */
};

/* Of the tests that have run: the others of them fail. */
struct tally {
	uint64_t pass, unknown;
	uint64_t no_list; /* unknown for want of a list */
};

struct look {
	const manrs_db *db;
	const manrs_policy *policy;
	const manrs_announcement *a;
	/* What was said of all but the prefix is of this one; NULL: of none. */
	const manrs_announcement *known;
	struct tally path; /* of the tests that look at the path alone */
	struct tally rest; /* of those that look at all but the prefix */
	/* Of LEAK, of a route that ROV said leak_rov of. */
	struct tally leaks;
	bool leak_known;
	uint8_t leak_rov;
	uint64_t no_list; /* tests of the prefix that have no list to look it up in */
	struct filter filter;
	manrs_path_report report;
	uint64_t tests;  /* asked for and applying to this direction */
	uint32_t origin; /* 0: none */
	uint8_t rov;     /* enum manrs_rov */
	uint8_t rel;     /* enum manrs_leak_state by relationships */
	bool egress;
	bool listed;               /* a hop may be on one of the lists */
	bool exact;                /* the exact code is wanted, not just the state */
	bool why;                  /* and all details */
	manrs_leak leak;           /* by relationships, where rel is FOUND */
	uint8_t code[MANRS_TESTS]; /* enum manrs_code of the tests that have run */
};

/* A test: its code, and into the finding what the code speaks of. */
typedef int check_test(const struct look *l, manrs_finding *f);

check_test test_rov, test_irr, test_bogon_prefix, test_prefix_len, test_next_hop, test_prefix_list,
	test_deny_list, test_family, test_origin_set;
check_test test_aspa, test_bogon_asn, test_path_loop, test_path_set, test_path_len,
	test_path_reserved, test_first_as, test_peerlock, test_transit_free, test_never_via_rs;
check_test test_otc, test_leak;

static inline bool look_found(const struct look *l, int finding)
{
	return l->report.findings >> finding & 1;
}

/* Point the finding at a hop. */
static inline int look_hop(const struct look *l, manrs_finding *f, uint32_t hop, int code)
{
	f->hop = hop;
	f->asn[0] = l->a->path.asn[hop];
	return code;
}

static inline uint32_t look_aspa_flags(const struct look *l)
{
	return (l->a->flags & MANRS_ANNOUNCE_ANY_NEIGHBOUR ? MANRS_ASPA_ANY_NEIGHBOUR : 0) |
	       (l->policy->flags & MANRS_POLICY_CONFED ? MANRS_ASPA_CONFED : 0);
}

/* An external neighbour with our own AS number: an AS migration (RFC 7705). */
static inline bool look_same_as(const struct look *l)
{
	return !l->egress && l->policy->local_as && l->a->neighbour_asn == l->policy->local_as &&
	       !(l->a->flags & (MANRS_ANNOUNCE_ANY_NEIGHBOUR | MANRS_ANNOUNCE_INTERNAL));
}

/* The part of manrs_policy_check that costs nothing. */
bool policy_usable(const manrs_policy *policy);
/* The policy as this library has it: given itself, or own, made of it. One that cannot be taken over asks for all and fails. */
const manrs_policy *policy_of(manrs_policy *own, const manrs_policy *given);

#endif
