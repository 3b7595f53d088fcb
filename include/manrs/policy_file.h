/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_POLICY_FILE_H
#define MANRS_POLICY_FILE_H

/*
 * A policy for manrs_check as a text file. Lines `key = value`; `#` to the end of a line is a comment; a line
 * `[policy]` may open it. Errors name their line. Keys are also known with other case, and with '_' or nothing for '-';
 * an unknown one is an error that says which may be meant. A byte order mark is passed over. AS numbers may begin with "AS"; items are parted by blanks or commas.
 *
 *     role = customer                    what the neighbour is to us: required, and before all others; internal: iBGP,
 *                                        MANRS_ROLE_NONE
 *     local-as = 64500                   ours
 *     tests = default -irr +deny-list    default, all or none, then names of tests (manrs_test_text), + or -;
 *                                        default is meant when the first has a sign, else none
 *     strict = irr                       tests whose unknown counts as failed
 *     families = 4 6                     what the session carries
 *     prefix-length-4 = 8-24             shortest and longest
 *     prefix-length-6 = 12-48
 *     max-path = 32                      ASes, prepends included; 0: any
 *     max-repeat = 0                     of one AS in a row; 0: any
 *     options = irr-roa irr-covering next-hop-neighbour next-hop-private confederation private-asn
 *                                        exactly these; none: an empty list
 *     transit-free = 174 701             these instead of the usual ones
 *     never-via-rs = 64501
 *     origins = 64502 64503              the expanded AS-SET of the neighbour
 *     peerlock = 64504: 64505 64506      AS64504 is heard from itself and these alone
 *     address = 192.0.2.1                our own
 *     allow = 198.51.100.0/24 le 26      prefixes allowed; le: and longer ones up to this length
 *     deny = 203.0.113.0/24              prefixes refused, with all under them
 *     bogon = 203.0.113.0/24             besides the special-purpose blocks, likewise
 *
 * Keys from transit-free on may come again and add up; the others may not. `default` holds the tests of
 * manrs_policy_init for the role and those whose lists the file gives.
 *
 * threads: a file is only read once it is made, by any thread
 */

#include <manrs/policy.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct manrs_policy_file manrs_policy_file;

/*
 * Read a policy. The text is not kept.
 * returns: MANRS_OK; MANRS_ESYNTAX, MANRS_ERANGE, MANRS_EINVAL, MANRS_ENOMEM with fault->line, fault->at = byte of
 *          the text; fault may be NULL
 * owns:    the caller frees it with manrs_policy_file_free
 */
MANRS_API int manrs_policy_file_read(manrs_policy_file **file, const char *text, size_t n,
				     const manrs_alloc *alloc, manrs_fault *fault);

/*
 * The policy, for the caller to keep and change.
 * in:      policy->size
 * owns:    its lists live as long as the file
 * returns: MANRS_OK; MANRS_EINVAL for the size
 */
MANRS_API int manrs_policy_file_policy(const manrs_policy_file *file, manrs_policy *policy);

/*
 * The tests that the file asks for in so many words: by name, by `all`, or as strict. A host that takes out those without
 * data (manrs_tests_with_data) leaves these in, so that they answer unknown.
 * returns: a mask of MANRS_TEST_BIT
 */
MANRS_API uint64_t manrs_policy_file_named(const manrs_policy_file *file);

MANRS_API void manrs_policy_file_free(manrs_policy_file *file); /* NULL is allowed */

#ifdef __cplusplus
}
#endif

#endif
