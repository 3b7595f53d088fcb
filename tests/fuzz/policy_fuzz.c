/* SPDX-License-Identifier: BSD-2-Clause */
/* Policy files: what is read is a policy in order; what is refused has its place. */

#include <manrs/policy_file.h>
#include <stdlib.h>

static void must(int truth)
{
	if (!truth)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	manrs_policy_file *file = NULL;
	manrs_fault fault = {0};
	int rc = manrs_policy_file_read(&file, (const char *)data, size, NULL, &fault);

	if (rc == MANRS_OK) {
		manrs_policy policy = {.size = sizeof policy};

		must(manrs_policy_file_policy(file, &policy) == MANRS_OK);
		must(manrs_policy_check(&policy, NULL) == MANRS_OK);
		manrs_policy_file_free(file);
		return 0;
	}
	must(!file && fault.code == rc && fault.what && fault.at <= size);
	return 0;
}
