/* SPDX-License-Identifier: BSD-2-Clause */
/* JSON tokens: the first byte says how the rest is cut; tokens and fault must be those of the text in one slice. */

#include "base/json.h"

#include <stdlib.h>
#include <string.h>

static void must(int truth)
{
	if (!truth)
		abort();
}

/* What came out, as one number. */
static uint64_t mix(uint64_t h, const void *bytes, size_t n)
{
	const unsigned char *b = bytes;

	for (size_t i = 0; i < n; i++)
		h = (h ^ b[i]) * UINT64_C(0x100000001b3);
	return h;
}

static uint64_t drain(struct js *j, uint64_t h)
{
	struct js_token t;
	int kind;

	while ((kind = js_next(j, &t)) > JS_END) {
		h = mix(h, &kind, sizeof kind);
		h = mix(h, &t.at, sizeof t.at);
		h = mix(h, &j->line, sizeof j->line);
		if (kind == JS_KEY || kind == JS_STRING || kind == JS_NUMBER)
			h = mix(h, t.text, t.n);
		if (kind == JS_NUMBER && t.integer)
			h = mix(h, &t.number, sizeof t.number);
	}
	return h;
}

static uint64_t scan(const char *text, size_t n, size_t step)
{
	manrs_alloc mem = mem_of(NULL);
	uint64_t h = 0;
	struct js j;

	js_init(&j, &mem);
	for (size_t at = 0; at < n; at += step) {
		size_t size = n - at < step ? n - at : step;
		char *copy = malloc(size);

		must(copy != NULL);
		memcpy(copy, text + at, size);
		js_feed(&j, copy, size);
		h = drain(&j, h);
		free(copy);
	}
	js_eof(&j);
	h = drain(&j, h);
	h = mix(h, &j.fault.code, sizeof j.fault.code);
	h = mix(h, &j.fault.at, sizeof j.fault.at);
	must(j.fault.at <= n);
	js_free(&j);
	return h;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const char *text = (const char *)data + 1;

	if (n < 2)
		return 0;
	must(scan(text, n - 1, n) == scan(text, n - 1, 1 + data[0] % 16));
	return 0;
}
