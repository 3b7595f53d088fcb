/* SPDX-License-Identifier: BSD-2-Clause */
/* AS paths as text: what is read comes back from its canonical text, whatever the room it is given. */

#include <manrs/path.h>
#include <stdlib.h>
#include <string.h>

static void must(int truth)
{
	if (!truth)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t cap = (size + 1) / 2, room;
	uint32_t *asn = malloc(4 * cap + 4), *a = malloc(4 * cap + 4);
	uint8_t *kind = malloc(cap + 1), *k = malloc(cap + 1);
	manrs_path path, again;
	manrs_fault fault = {0};
	int rc = manrs_path_parse(&path, asn, kind, cap, (const char *)data, size, &fault), n;
	char *text;

	if (rc != MANRS_OK) {
		must((rc == MANRS_ESYNTAX || rc == MANRS_ERANGE) && fault.code == rc &&
		     fault.what && fault.at <= size);
		goto out;
	}
	room = 13 * (size_t)path.n + 1;
	text = malloc(room);
	n = manrs_path_format(&path, text, room);
	must(n >= 0 && strlen(text) == (size_t)n);
	must(manrs_path_format(&path, text, (size_t)n) == MANRS_ELIMIT);
	must(manrs_path_parse(&again, a, k, path.n, text, (size_t)n, NULL) == MANRS_OK);
	must(again.n == path.n && !again.kind == !path.kind);
	must(!path.n || (!memcmp(a, asn, 4 * (size_t)path.n) && !memcmp(k, kind, path.n)));
	if (path.n) {
		must(manrs_path_parse(&again, a, k, path.n - 1, text, (size_t)n, &fault) ==
		     MANRS_ELIMIT);
		must(fault.at == path.n);
	}
	free(text);
out:
	free(asn);
	free(a);
	free(kind);
	free(k);
	return 0;
}
