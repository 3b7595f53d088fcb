/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines of AS relationships and of prefix lists; the relationships of all lines go into one set and are found there. */

#include <manrs/bogon.h>
#include <manrs/leak.h>
#include <stdlib.h>
#include <string.h>

static void must(int truth)
{
	if (!truth)
		abort();
}

static void look_up(const manrs_as_rel *rows, size_t n)
{
	manrs_rel *rel = NULL;

	if (manrs_rel_new(&rel, rows, n, NULL, NULL) != MANRS_OK)
		return;
	for (size_t i = 0; i < n; i++) {
		int kind = manrs_rel_get(rel, rows[i].a, rows[i].b),
		    back = manrs_rel_get(rel, rows[i].b, rows[i].a);

		must(kind == (int)rows[i].kind);
		must(kind + back == 4);
	}
	manrs_rel_free(rel);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *end = text + size;
	manrs_as_rel rows[64];
	size_t n = 0;

	while (text && text < end) {
		const char *nl = memchr(text, '\n', (size_t)(end - text));
		size_t length = (size_t)((nl ? nl : end) - text);
		manrs_fault fault = {0};
		manrs_prefix prefix;
		int rc = manrs_rel_parse(&rows[n], text, length, &fault);

		must(rc == 0 || rc == 1 || (rc < 0 && fault.code == rc && fault.at <= length));
		n += rc == 1 && n < 63;
		rc = manrs_prefix_list_parse(&prefix, text, length, &fault);
		must(rc == 0 || rc == 1 || (rc < 0 && fault.code == rc && fault.at <= length));
		must(rc != 1 || manrs_prefix_check(&prefix) == MANRS_OK);
		text = nl ? nl + 1 : NULL;
	}
	look_up(rows, n);
	return 0;
}
