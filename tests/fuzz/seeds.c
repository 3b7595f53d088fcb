/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs a fuzz target on the files named as arguments: for compilers without libFuzzer. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static int run(const char *name)
{
	FILE *file = fopen(name, "rb");
	uint8_t *bytes = NULL;
	size_t n = 0, got;

	if (!file) {
		perror(name);
		return 1;
	}
	do {
		uint8_t *more = realloc(bytes, n + 65536);

		if (!more)
			abort();
		bytes = more;
		got = fread(bytes + n, 1, 65536, file);
		n += got;
	} while (got);
	fclose(file);
	LLVMFuzzerTestOneInput(bytes, n);
	free(bytes);
	return 0;
}

int main(int argc, char **argv)
{
	int failed = 0;

	for (int i = 1; i < argc; i++)
		failed |= run(argv[i]);
	return failed;
}
