/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MANRS_EXPLAIN_H
#define MANRS_EXPLAIN_H

/*
 * Why a verdict is what it is: the finding of each test as a record, as a sentence and as JSON.
 *
 * threads: all calls: any thread, on one snapshot
 */

#include <manrs/check.h>
#include <manrs/code.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a test found on an announcement. Fields that the code does not speak of are 0. */
typedef struct manrs_finding {
	uint32_t test;   /* enum manrs_test */
	uint32_t state;  /* 1 pass, 2 fail, 3 unknown */
	uint32_t code;   /* enum manrs_code */
	uint32_t hop;    /* index in path->asn */
	uint32_t asn[3]; /* the ASes it speaks of: origin, offending hop, or the three of a leak */
	uint32_t limit;  /* the bound that was broken */
	manrs_prefix prefix;   /* the list entry, the covering object */
	uint32_t arouteserver; /* reject code (reject_cause); 0: none */
	uint32_t euroix;       /* y of the large community RS:1101:y; 0: none */
	uint32_t leak_type;    /* enum manrs_leak_type */
} manrs_finding;

/*
 * One test again, for what it found.
 * returns: 1 pass, 2 fail, 3 unknown; 0: not asked for, or does not apply; MANRS_EINVAL: no such test (else a
 *          malformed announcement fails)
 */
MANRS_API int manrs_finding_get(const manrs_db *db, const manrs_policy *policy,
				const manrs_announcement *announcement, int test,
				manrs_finding *finding);

/*
 * What these tests found, in the order of their bits, at the cost of one look at the announcement: what manrs_finding_get
 * tells of each.
 * in:      tests: a mask, such as the fail of a verdict; those that were not asked for or do not apply are left out
 * out:     findings[cap] is filled up to cap; MANRS_TESTS always suffices
 * returns: how many there are, even where cap is less
 */
MANRS_API size_t manrs_findings(const manrs_db *db, const manrs_policy *policy,
				const manrs_announcement *announcement, uint64_t tests,
				manrs_finding *findings, size_t cap);

/*
 * manrs_check that also keeps what each test found: for who writes a row or counts findings of many announcements. What a
 * finding has besides its code is asked for by manrs_findings.
 * out:     verdicts as manrs_check's; codes[i * stride + test] for test < stride (enum manrs_code; 0: not asked for, or does
 *          not apply), apart from all else; stride: MANRS_TESTS as you were compiled, or more
 * returns: as manrs_check
 * cost:    of manrs_check, and a lookup for each ROV-Invalid
 */
MANRS_API int manrs_check_codes(const manrs_db *db, const manrs_policy *policy,
				const manrs_announcement *announcements, size_t n,
				manrs_verdict *verdicts, uint8_t *codes, size_t stride);

/*
 * Say in one English sentence what a test found, with the VRPs, hops or entries it rests on and the RFC; and the same
 * as a JSON object. A list that is too long for its bound is cut with its count.
 * out:     text[cap], closed with a NUL; MANRS_EXPLAIN_MAX always suffices
 * returns: the length without the NUL, 0 when the test was not asked for or does not apply; MANRS_ELIMIT (nothing
 *          written but the NUL), MANRS_EINVAL: no such test
 */
#define MANRS_EXPLAIN_MAX 4096 /* bytes that always suffice, the NUL included */
MANRS_API int manrs_explain(const manrs_db *db, const manrs_policy *policy,
			    const manrs_announcement *announcement, int test, char *text,
			    size_t cap);
MANRS_API int manrs_explain_json(const manrs_db *db, const manrs_policy *policy,
				 const manrs_announcement *announcement, int test, char *text,
				 size_t cap);

/* A code's stable name, "rov-invalid-as"; "" for other numbers. owns: a constant. */
MANRS_API const char *manrs_code_text(int code);

/* What a code means for a verdict. returns: 1 pass, 2 fail, 3 unknown; 0 for other numbers. */
MANRS_API int manrs_code_state(int code);

/*
 * What manrs_explain says for a code, with PREFIX, ASN, PATH and the like in place of the details, and without its source.
 * out:     text[cap], closed with a NUL; MANRS_EXPLAIN_MAX always suffices
 * returns: the length without the NUL, 0 for other numbers; MANRS_ELIMIT (nothing written but the NUL)
 */
MANRS_API int manrs_code_about(int code, char *text, size_t cap);

#ifdef __cplusplus
}
#endif

#endif
