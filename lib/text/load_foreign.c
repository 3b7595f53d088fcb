/* SPDX-License-Identifier: BSD-2-Clause */
/* Files that are given where text of ours is wanted, known by how they begin, so that an error can say what they are. */

#include "base/bytes.h"
#include "net/mrt_head.h"

#include <manrs/load.h>

#include <string.h>

static bool starts(const unsigned char *b, size_t n, const char *with, size_t len)
{
	return n >= len && !memcmp(b, with, len);
}

/* ustar's magic stands in the first header (POSIX.1-1988). */
static bool is_tar(const unsigned char *b, size_t n)
{
	struct bytes in = bytes_of(b, n);
	const uint8_t *magic;

	bytes_skip(&in, 257);
	magic = bytes_take(&in, 5);
	return magic && !memcmp(magic, "ustar", 5);
}

/* An attribute that starts an object of RPSL (RFC 2622, RFC 4012) or the remarks that a whois server puts before it. */
static bool is_rpsl(const unsigned char *b, size_t n)
{
	static const char *const classes[] = {
		"route",    "route6",  "aut-num",     "as-set",     "route-set",    "inetnum",
		"inet6num", "mntner",  "person",      "as-block",   "organisation", "key-cert",
		"inet-rtr", "rtr-set", "peering-set", "filter-set", "irt",
	};

	if (starts(b, n, "% ", 2) || starts(b, n, "%\n", 2))
		return true;
	for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
		size_t len = strlen(classes[i]);

		if (n > len && b[len] == ':' && !memcmp(b, classes[i], len))
			return true;
	}
	return false;
}

const char *manrs_load_foreign(const void *bytes, size_t n)
{
	static const struct {
		const char *with;
		size_t len;
		const char *what;
	} known[] = {
		{"PK\x03\x04", 4, "this is a zip archive"},
		{"\x1f\x8b", 2, "this is compressed with gzip"},
		{"BZh", 3, "this is compressed with bzip2"},
		{"\xfd\x37zXZ", 5, "this is compressed with xz"},
		{"\x28\xb5\x2f\xfd", 4, "this is compressed with zstd"},
		{"\xff\xfe", 2, "this is text in UTF-16, not UTF-8"},
		{"\xfe\xff", 2, "this is text in UTF-16, not UTF-8"},
		{"<", 1, "this is a page of HTML or XML"},
		{"SQLite format 3", 16, "this is an SQLite database"},
	};
	const unsigned char *b = bytes;

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (starts(b, n, known[i].with, known[i].len))
			return known[i].what;
	if (mrt_head_begins(b, n))
		return "this is an MRT file: manrs mrt makes lines of it";
	if (is_tar(b, n))
		return "this is a tar archive";
	return is_rpsl(b, n) ? "these are objects of RPSL" : NULL;
}
