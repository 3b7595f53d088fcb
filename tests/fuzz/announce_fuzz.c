/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines of announcements: what is read is a record in order, and the check of it answers every test that it was asked. */

#include <manrs/explain.h>
#include <stdlib.h>
#include <string.h>

static void must(int truth)
{
	if (!truth)
		abort();
}

static const manrs_db *empty_db(void)
{
	static manrs_db *db;
	manrs_db_owner *owner;
	manrs_edit *edit;

	if (!db && (manrs_db_owner_new(&owner, NULL) || manrs_edit_begin(&edit, owner, NULL) ||
		    manrs_edit_commit(edit, &db)))
		abort();
	return db;
}

static void judge(const manrs_announcement *a, int role, int good)
{
	manrs_policy policy;
	manrs_verdict v;
	int rc;

	manrs_policy_init(&policy, sizeof policy, role);
	policy.local_as = 64500;
	rc = manrs_check(empty_db(), &policy, a, 1, &v);
	must(!(v.pass & v.fail) && !(v.pass & v.unknown) && !(v.fail & v.unknown));
	must(!((v.pass | v.fail | v.unknown) & ~policy.tests));
	must(good || (rc == MANRS_EINVAL && !v.pass && !v.unknown));
	for (int test = 0; test < MANRS_TESTS; test++) {
		char text[MANRS_EXPLAIN_MAX];

		must(manrs_explain(empty_db(), &policy, a, test, text, sizeof text) >= 0);
		must(manrs_explain_json(empty_db(), &policy, a, test, text, sizeof text) >= 0);
	}
}

/* The reader without a path takes the same lines, with the origin that the path has. */
static void same_route(const manrs_announcement *a, int rc, const char *text, size_t n)
{
	manrs_fault fault = {0};
	manrs_route route;
	char out[MANRS_FAULT_TEXT];
	uint32_t origin;

	must(manrs_announce_route(&route, 64500, text, n, &fault) == rc);
	if (rc < 0)
		must(manrs_fault_text(&fault, text, n, out, sizeof out) >= strlen(fault.what));
	if (rc != 1)
		return;
	must(manrs_path_origin(&a->path, 64500, &origin) == MANRS_OK && origin == route.asn);
	must(!memcmp(&route.prefix, &a->prefix, sizeof route.prefix));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t cap = (size + 1) / 2 + 1;
	uint32_t *asn = malloc(cap * sizeof *asn);
	uint8_t *kind = malloc(cap);
	manrs_fault fault = {0};
	manrs_announcement a;
	int rc = manrs_announce_parse(&a, asn, kind, cap, (const char *)data, size, &fault);

	must(rc == 0 || rc == 1 || (rc < 0 && fault.code == rc && fault.what && fault.at <= size));
	must((rc < 0) == !!(a.flags & MANRS_ANNOUNCE_MALFORMED));
	if (rc == 1)
		must(manrs_prefix_check(&a.prefix) == MANRS_OK && a.path.n <= cap);
	same_route(&a, rc, (const char *)data, size);
	if (rc)
		judge(&a, MANRS_ROLE_CUSTOMER + (int)(size % 5), rc == 1);
	free(asn);
	free(kind);
	return 0;
}
