/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AS paths from the wire. Byte 0 bit 0: 4-octet numbers; byte 1: length of a second attribute, the AS4_PATH, taken from
 * the end. What is read keeps the record's contract, comes back from its text, and every check takes it.
 */

#include <manrs/path.h>
#include <stdlib.h>
#include <string.h>

#define CAP 40000

static uint32_t asn[3][CAP];
static uint8_t kind[3][CAP];
static char text[13 * CAP + 1];

static void must(int truth)
{
	if (!truth)
		abort();
}

static int in_order(const manrs_path *path, uint32_t i)
{
	unsigned type = path->kind ? path->kind[i] & 7u : MANRS_SEGMENT_SEQUENCE;

	return type == MANRS_SEGMENT_SEQUENCE || type == MANRS_SEGMENT_CONFED_SEQUENCE;
}

/* The first hop whose AS stands in order before it, but not just before it; n: none. */
static uint32_t loop_of(const manrs_path *path)
{
	for (uint32_t i = 1; i < path->n; i++) {
		if (!in_order(path, i) ||
		    (path->asn[i - 1] == path->asn[i] && in_order(path, i - 1)))
			continue;
		for (uint32_t j = 0; j < i; j++)
			if (path->asn[j] == path->asn[i] && in_order(path, j))
				return i;
	}
	return path->n;
}

/* The findings that can be told from the kinds alone agree with them, and the text reads back as the path. */
static void look(const manrs_path *path)
{
	manrs_path_rules rules;
	manrs_path_report report;
	manrs_path again;
	static uint32_t a[CAP];
	static uint8_t k[CAP];
	uint32_t origin, kinds = 0;
	int n = manrs_path_format(path, text, sizeof text);

	must(n >= 0);
	must(manrs_path_parse(&again, a, k, CAP, text, (size_t)n, NULL) == MANRS_OK);
	must(again.n == path->n && !again.kind == !path->kind);
	must(!path->n || !memcmp(a, path->asn, 4 * (size_t)path->n));
	must(!path->kind || !memcmp(k, path->kind, path->n));
	must(manrs_path_origin(path, 64500, &origin) == MANRS_OK);
	manrs_path_rules_init(&rules, sizeof rules);
	rules.max_repeat = rules.max_length = 5;
	must(manrs_path_check(path, &rules, &report) == MANRS_OK);
	for (uint32_t i = 0; i < path->n; i++)
		kinds |= 1u << (path->kind ? path->kind[i] & 7 : 2);
	must(!!(report.findings >> MANRS_PATH_SET & 1) == !!(kinds & 2));
	must(!!(report.findings >> MANRS_PATH_CONFED_SET & 1) == !!(kinds & 16));
	if (path->n < 2000) {
		uint32_t loop = loop_of(path);

		must((report.findings >> MANRS_PATH_LOOP & 1) == (loop < path->n));
		must(loop == path->n || report.at[MANRS_PATH_LOOP] == loop);
	}
	for (int f = 0; f < MANRS_PATH_FINDINGS; f++)
		must(report.at[f] == 0 || ((report.findings >> f & 1) && report.at[f] < path->n));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	manrs_path path, as4, merged;
	manrs_fault fault = {0};
	size_t tail;
	int octets, rc;

	if (size < 2 || size > CAP)
		return 0;
	octets = data[0] & 1 ? 4 : 2;
	tail = data[1] < size - 2 ? data[1] : size - 2;
	rc = manrs_path_decode(&path, asn[0], kind[0], CAP, data + 2, size - 2 - tail, octets,
			       &fault);
	if (rc != MANRS_OK) {
		must(rc == MANRS_ESYNTAX && fault.what && fault.at < size);
		return 0;
	}
	look(&path);
	if (manrs_path_decode(&as4, asn[1], kind[1], CAP, data + size - tail, tail, 4, NULL) !=
	    MANRS_OK)
		return 0;
	look(&as4);
	must(manrs_path_merge(&merged, asn[2], kind[2], CAP, &path, &as4, &fault) == MANRS_OK);
	must(merged.n <= path.n + as4.n);
	look(&merged);
	return 0;
}
