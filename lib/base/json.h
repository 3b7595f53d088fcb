/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LIB_BASE_JSON_H
#define LIB_BASE_JSON_H

/*
 * A push scanner of JSON (RFC 8259): bytes in any split in, tokens out, no document tree.
 *
 *     js_init
 *       for each slice:  js_feed, then js_next until it gives JS_MORE
 *       js_eof, then js_next until it gives JS_END
 *     js_free
 *
 * Strict: one value in UTF-8, nothing but blanks around it; no BOM, comments, trailing commas, leading zeros, lone
 * surrogates. Nesting is bounded by JS_DEPTH, a string or number by JS_TOKEN bytes as they stand in the text. The
 * first failure is the last: js_next gives JS_BAD from then on, and the fault has the offset and the line. The
 * tokens and the fault do not depend on where the slices were cut.
 */

#include "base/mem.h"

#define JS_DEPTH 64
#define JS_TOKEN 65536

enum js_kind {
	JS_BAD = -1,
	JS_MORE = 0, /* the slice is used up */
	JS_END,      /* after js_eof: the text is complete */
	JS_OBJECT,
	JS_OBJECT_END,
	JS_ARRAY,
	JS_ARRAY_END,
	JS_KEY,
	JS_STRING,
	JS_NUMBER,
	JS_TRUE,
	JS_FALSE,
	JS_NULL,
};

struct js_token {
	/* KEY, STRING: decoded, n bytes, NULs possible; NUMBER: as written. Until the next call */
	const char *text;
	size_t n;
	uint64_t at;     /* its offset in the text */
	uint64_t number; /* NUMBER that is an integer */
	bool integer;    /* NUMBER without sign, fraction and exponent that fits in `number` */
};

struct js {
	manrs_alloc mem;
	const char *from, *p, *end; /* the slice, and the next byte of it */
	uint64_t offset;            /* of `from` in the text */
	uint32_t line;              /* of p, from 1: also of the last token */
	uint8_t state;              /* what may come next */
	uint8_t part;               /* the kind of the token that the last slice cut, else 0 */
	uint8_t escaped;            /* it was cut behind a backslash */
	uint8_t escapes;            /* it has escapes */
	uint8_t key;                /* it is a member's name */
	uint8_t matched;            /* bytes seen of a literal that was cut */
	uint8_t eof;
	uint32_t depth;
	uint64_t objects; /* bit i: the container at depth i is an object */
	uint64_t high;    /* the string has bytes past ASCII */
	uint64_t part_at; /* offset of the token that was cut */
	struct vec text;  /* what of it came before, or a decoded string */
	manrs_fault fault;
};

void js_init(struct js *json, const manrs_alloc *mem); /* mem is copied */
void js_free(struct js *json);
/* Give the next slice, borrowed until js_next has given JS_MORE. */
void js_feed(struct js *json, const char *bytes, size_t n);
void js_eof(struct js *json);
int js_next(struct js *json, struct js_token *token); /* enum js_kind */

/* The offset behind the last token. */
static inline uint64_t js_at(const struct js *json)
{
	return json->offset + (uint64_t)(json->p - json->from);
}

/*
 * For a reader that knows what comes: whether the last token ended a value in an array, and what of the slice is left
 * (js_rest). Bytes of it that are whole tokens and end with another value of that array may be passed over (js_skip),
 * `lines` of them line feeds.
 */
bool js_rest(const struct js *json, const char **from, const char **end);
void js_skip(struct js *json, const char *to, uint32_t lines);

#endif
